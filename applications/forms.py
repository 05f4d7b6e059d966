"""The questions asked of applicants, and of those who check and answer them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, QuerySet
from django.forms import BaseFormSet, formset_factory
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import documents
from accounts.fields import DayField, WordedChoices
from accounts.forms import PlainForm, PlainModelForm
from applications import content, parts, plainer, rules, way_rules, ways
from applications.looking import Found
from applications.models import COMMUNITIES, Application, FormQuestion, Organisation, RuleCheck
from commissioning.forms import Sure
from commissioning.models import Criterion, FunderRule, Lot, Round, RoundQuerySet
from ledger.models import Channel

NEW = "new"
MOST_LINES = 40


class PoundsField(forms.CharField):
    """A sum as people type it: 250, 1,250.50 or £1250. Gives pounds; None when left empty."""

    default_error_messages = {"no_sum": _("Type a sum in pounds, like 250 or 250.50.")}

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            {"data-prefix": "£", "inputmode": "decimal", "class": "w-10", "autocomplete": "off"}
        )
        super().__init__(widget=widget, max_length=20, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        pounds = rules.as_pounds(text)
        if pounds is None or pounds >= Decimal(10) ** 10:
            raise ValidationError(self.error_messages["no_sum"])
        return pounds

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return f"{value:.0f}" if value == value.to_integral_value() else f"{value:.2f}"
        return value


class GuessField(PoundsField):
    """A sum that need not be exact: also about 12,000 or £12k."""

    default_error_messages = {"no_sum": _("Type a sum in pounds, like 12,000 or 12k.")}
    AS_SAID = re.compile(
        r"(?:about|around|roughly|maybe)?\s*(£?\s*[\d.,\s]+?)\s*(k|thousand)?\s*(?:pounds)?", re.I
    )

    def clean(self, value: Any) -> Any:
        said = self.AS_SAID.fullmatch(str(value or "").strip())
        pounds = super().clean(said[1] if said else value)
        return pounds * 1000 if pounds and said and said[2] else pounds


def _words(rows: int = 5, **attrs: Any) -> forms.Textarea:
    return forms.Textarea({"rows": rows, **attrs})


def _version() -> forms.IntegerField:
    return forms.IntegerField(min_value=0, widget=forms.HiddenInput)


def _over() -> forms.IntegerField:
    """The version of other words that the writer has seen and chooses about; empty without any."""
    return forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)


# ---- Organisations ---------------------------------------------------------------------------
class OrganisationForm(PlainModelForm):
    """Who is bidding."""

    class Meta:
        model = Organisation
        fields = (
            "name",
            "kind",
            "charity_number",
            "company_number",
            "address",
            "postcode",
            "income_band",
        )
        labels = {
            "name": _("What is your organisation called?"),
            "kind": _("What kind of organisation is it?"),
            "charity_number": _("Charity number"),
            "company_number": _("Company number"),
            "address": _("Address"),
            "postcode": _("Postcode"),
            "income_band": _("How much money comes in each year?"),
        }
        help_texts = {
            "name": _("The name in your rules, or the name people know."),
            "charity_number": _("If you have one. 6 or 7 figures."),
            "company_number": _("If you have one. 8 figures."),
            "address": _("Where a letter reaches you."),
        }
        widgets = {
            "name": forms.TextInput({"autocomplete": "organization"}),
            "kind": forms.RadioSelect,
            "income_band": forms.RadioSelect,
            "charity_number": forms.TextInput({"class": "w-20", "autocomplete": "off"}),
            "company_number": forms.TextInput({"class": "w-20", "autocomplete": "off"}),
            "address": forms.Textarea({"rows": 3, "autocomplete": "street-address"}),
            "postcode": forms.TextInput({"class": "w-10", "autocomplete": "postal-code"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("kind", Organisation.Kind), ("income_band", Organisation.Income)):
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label, choices=choices.choices, widget=forms.RadioSelect
            )
        self.fields["address"].required = True
        self.fields["postcode"].required = True


class ColleagueForm(PlainForm):
    """Who else works on the bids."""

    name = forms.CharField(
        label=_("What is their name?"),
        max_length=200,
        error_messages={"required": _("Type their name.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("What is their email?"),
        help_text=_("They sign in with it. We write to them there."),
        error_messages={
            "required": _("Type their email."),
            "invalid": _("Type a whole email, like name@example.org."),
        },
        widget=forms.EmailInput({"autocomplete": "off"}),
    )


class FirstColleagueForm(ColleagueForm, Sure):
    """The first person who signs in for a group that bid on paper."""

    address = forms.CharField(
        label=_("What is the address of the group?"),
        help_text=_("As it stands on the paper. We write to the group there."),
        max_length=1000,
        error_messages={"required": _("Type the address of the group. We write to it there.")},
        widget=_words(3),
    )
    field_order = ("name", "email", "address", "sure")

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        label = gettext("The group asked for this, and I know that this person acts for it")
        super().__init__(*args, label=label, **kwargs)
        if organisation.address.strip():
            del self.fields["address"]

    def details(self) -> dict[str, str]:
        """Who they are, and where the group is if nobody knew."""
        return {name: words for name, words in self.cleaned_data.items() if name != "sure"}


class EndFirstColleagueForm(Sure):
    """Take off whom staff let sign in for a group, and say what the group told."""

    reason = forms.CharField(
        label=_("What did the group tell you?"),
        error_messages={"required": _("Write what the group told you.")},
        max_length=1000,
        widget=_words(3),
    )
    field_order = ("reason", "sure")


# ---- Starting a bid --------------------------------------------------------------------------
class ChooseOrganisationForm(PlainForm):
    """For which organisation this bid is."""

    organisation = forms.ChoiceField(
        label=_("Who is this bid for?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who this bid is for.")},
    )

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # tells mypy what is declared above
        field.choices = [
            *((str(row.pk), row.name) for row in organisations),
            (NEW, _("Another organisation")),
        ]


class StartFromForm(PlainForm):
    """Which earlier bid to begin with."""

    earlier = forms.ChoiceField(
        label=_("Which bid would you like to begin with?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a bid.")},
    )

    def __init__(self, *args: Any, bids: Iterable[Application], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["earlier"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # tells mypy what is declared above
        field.choices = [
            (str(row.pk), f"{row.reference}: {row.title or row.lot.name} ({row.round.name})")
            for row in bids
        ]


def _lot_field(round: Round) -> "forms.ModelChoiceField[Lot]":
    lots = list(round.lots.all())
    return forms.ModelChoiceField(
        Lot.objects.filter(round=round),
        label=_("Which part of the fund is your idea for?"),
        empty_label=None,
        widget=WordedChoices(choice_hints={str(lot.pk): lot.about for lot in lots}),
        error_messages={
            "required": _("Choose a part of the fund."),
            "invalid_choice": _("Choose a part of the fund."),
        },
    )


class ChooseLotForm(PlainForm):
    """Which part of the money."""

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lot"] = _lot_field(round)


class NameBidForm(PlainForm):
    """What the project is called."""

    title = forms.CharField(
        label=_("What is your project called?"),
        help_text=_("A few words. You can change it later."),
        max_length=160,
        error_messages={"required": _("Give your project a name.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )


# ---- Writing a bid ---------------------------------------------------------------------------
class DetailsForm(PlainForm):
    """The project in short, and whom to talk to. All of it may be saved half done."""

    mark_optional = False
    version = _version()
    over = _over()
    title = forms.CharField(
        label=_("What is your project called?"),
        required=False,
        max_length=160,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    area = forms.CharField(
        label=_("Where does it happen?"),
        help_text=_("The part of town, or the places."),
        required=False,
        max_length=160,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    communities = forms.MultipleChoiceField(
        label=_("Is it for some people most of all? (optional)"),
        required=False,
        choices=COMMUNITIES,
        widget=forms.CheckboxSelectMultiple,
    )
    partners_named = forms.CharField(
        label=_("Which people and partners do you name in your bid? (optional)"),
        help_text=_("One on each line. Readers who know them step back."),
        required=False,
        max_length=4000,
        widget=_words(4),
    )
    smallest_useful = PoundsField(
        label=_("What is the smallest sum that would still help? (optional)"),
        help_text=_("If there is not enough for all, the panel may offer less."),
        required=False,
    )
    contact_name = forms.CharField(
        label=_("Whom can we talk to about this bid?"),
        required=False,
        max_length=160,
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    contact_channel = forms.ChoiceField(
        label=_("How do they like to hear from us? (optional)"),
        required=False,
        choices=Channel.choices,
        widget=forms.RadioSelect,
    )
    contact_phone = forms.CharField(
        label=_("What is their phone number? (optional)"),
        help_text=_("We need it if they like to hear by phone. Volunteers do not see it."),
        required=False,
        max_length=40,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel", "class": "w-20"}),
    )


class AnswerForm(PlainForm):
    """One question of the bid form. What is wrong with it is said, but never stops a save."""

    mark_optional = False
    version = _version()
    over = _over()

    def __init__(self, *args: Any, question: FormQuestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question
        self.fields["text"] = _answer_field(question)
        if self.joins:
            self.fields["over"].widget.attrs["data-both"] = "1"

    @property
    def joins(self) -> bool:
        """Whether two texts can stand in the box one after the other."""
        return self.question.kind == FormQuestion.Kind.LONG

    def clean_text(self) -> str:
        """The answer as the text that is stored; a day as 2026-03-03."""
        value = self.cleaned_data["text"]
        return value.isoformat() if isinstance(value, date) else content.tidy(value or "")


def _answer_field(question: FormQuestion) -> forms.Field:
    optional = "" if question.required else gettext(" (optional)")
    said: dict[str, Any] = {
        "label": f"{question.label}{optional}",
        "help_text": question.hint,
        "required": False,
    }
    kinds = FormQuestion.Kind
    if question.asks_a_day:
        return DayField(**said)
    if question.kind == kinds.CHOICE:
        choices = [(choice, choice) for choice in question.choices]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **said)
    attrs: dict[str, Any] = {"autocomplete": "off"}
    if question.most_words:
        attrs["data-words"] = str(question.most_words)
    if question.kind == kinds.LONG:
        rows = min(max((question.word_limit or 150) // 12, 4), 16)
        return forms.CharField(strip=False, widget=_words(rows, **attrs), **said)
    if question.kind == kinds.MONEY:
        attrs |= {"data-prefix": "£", "inputmode": "decimal", "class": "w-10"}
    if question.kind == kinds.NUMBER:
        attrs |= {"inputmode": "numeric", "class": "w-10"}
    return forms.CharField(widget=forms.TextInput(attrs), max_length=2000, **said)


class BudgetLineForm(PlainForm):
    """One cost. A line left empty is no line."""

    mark_optional = False
    item = forms.CharField(
        label=_("What is it for?"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    cost = PoundsField(label=_("What does it cost?"), required=False)
    asked = PoundsField(
        label=_("How much of it do you ask from us?"),
        required=False,
        error_messages={"no_sum": _("Type what you ask from us in pounds, like 250 or 250.50.")},
    )
    number = 1

    @property
    def legend(self) -> str:
        """What this row is called on the page."""
        return gettext("Cost %(number)s") % {"number": self.number}

    def clean(self) -> dict[str, Any]:
        """All three or none, and never more asked than it costs."""
        item, cost, asked = (self.cleaned_data.get(name) for name in ("item", "cost", "asked"))
        if not item and cost is None and asked is None:
            return self.cleaned_data
        if not item and "item" not in self.errors:
            self.add_error("item", gettext("Say what it is for."))
        if cost is None and "cost" not in self.errors:
            self.add_error("cost", gettext("Say what it comes to."))
        if asked is None and "asked" not in self.errors:
            self.add_error("asked", gettext("Say what you ask from us for it."))
        if cost is not None and asked is not None and asked > cost:
            self.add_error("asked", gettext("You cannot ask for more than it costs."))
        return self.cleaned_data

    def add_error(self, field: str | None, error: Any) -> None:
        """Every fault names its cost: the list at the top of the page stands away from the rows."""
        mistakes = ValidationError(error).messages
        super().add_error(field, [f"{self.legend}. {mistake}" for mistake in mistakes])

    @property
    def line(self) -> content.Line | None:
        """The line as it is kept, or None for an empty one. Only after a clean without mistakes."""
        data = self.cleaned_data
        if not data.get("item"):
            return None
        return content.Line(data["item"], data["cost"], data["asked"])


if TYPE_CHECKING:
    from django.http import QueryDict

    RowsOfBudgetLineForm = BaseFormSet[BudgetLineForm]
else:  # Django's own class cannot be subscripted
    RowsOfBudgetLineForm = BaseFormSet


class BaseBudget(RowsOfBudgetLineForm):
    """The lines of a budget, numbered as people read them."""

    def _construct_form(self, i: int, **kwargs: Any) -> BudgetLineForm:
        # Django's own hook for a row; its types do not know of it.
        form: BudgetLineForm = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.number = i + 1
        return form

    @property
    def lines(self) -> list[content.Line]:
        """The filled lines, in order. Only after a clean without mistakes."""
        return [form.line for form in self.forms if form.line]


BudgetForm = cast(
    type[BaseBudget],
    formset_factory(
        BudgetLineForm, formset=BaseBudget, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES
    ),
)


def with_more_lines(data: "QueryDict", *, spare: int) -> BaseBudget:
    """The rows again with all that was typed, and empty ones below. Nothing is checked yet."""
    there = data.get("lines-TOTAL_FORMS", "0")
    count = int(there) if there.isdecimal() else 0
    rows = [
        {name: data.get(f"lines-{place}-{name}", "") for name in ("item", "cost", "asked")}
        for place in range(min(count, MOST_LINES))
    ]
    formset = BudgetForm(prefix="lines", initial=rows)
    formset.extra = spare
    return formset


class VersionForm(PlainForm):
    """The version a page was made from, beside its own rows."""

    version = _version()
    over = _over()


class WayForm(PlainForm):
    """One part of a bid in another language, or as a link. Left empty, it is as all others."""

    mark_optional = False
    was_language = forms.CharField(required=False, widget=forms.HiddenInput)
    was_link = forms.CharField(required=False, widget=forms.HiddenInput)
    language = forms.CharField(
        label=_("Which language is it in, if it is not English?"),
        help_text=_("Like Welsh, Urdu or British Sign Language. Leave it empty for English."),
        required=False,
        max_length=60,
        widget=forms.TextInput({"class": "w-20", "autocomplete": "off"}),
    )
    link = forms.CharField(
        label=_("Where is the video or recording?"),
        help_text=_(
            "Paste the link here. It begins with https://. Make sure that anybody who has the link "
            "can open it. Leave it empty if you only write."
        ),
        required=False,
        max_length=2000,
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, round: Round, part: str, kept: ways.Way, **kwargs: Any) -> None:
        said = {"language": kept.language, "link": kept.link}
        was = {f"was_{name}": value for name, value in said.items()}
        kwargs["initial"] = said | was
        super().__init__(*args, **kwargs)
        self.round, self.part = round, part
        for name, welcome in (("language", round.other_languages), ("link", round.video_links)):
            if not welcome and not said[name]:
                del self.fields[name]

    def way(self) -> ways.Way:
        """What was typed."""
        data = self.cleaned_data
        return ways.Way(self.part, data.get("language", ""), data.get("link", ""))

    def before(self) -> ways.Way:
        """What stood there when the page was made."""
        data = self.cleaned_data
        return ways.Way(self.part, data["was_language"], data["was_link"])

    def clean(self) -> dict[str, Any]:
        """The round must welcome it, and the link must be one that can be opened safely."""
        if not self.errors:
            for name, sentence in way_rules.trouble_with(self.round, self.way()).items():
                self.add_error(name if name in self.fields else None, sentence)
        return self.cleaned_data


class PlainWordsForm(PlainForm):
    """One part of a bid in plain English, and who wrote it."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("What does it say, in plain English?"),
        help_text=_("Say what they say, no more and no less. Do not make the bid better."),
        max_length=20000,
        error_messages={"required": _("Write what it says, in plain English.")},
        widget=_words(12),
    )
    who = forms.CharField(
        label=_("Who wrote these words?"),
        help_text=_("Readers and the group see this. Like: your name, with an interpreter."),
        max_length=160,
        error_messages={"required": _("Say who wrote these words.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )


def _file_field(label: Any) -> forms.FileField:
    return forms.FileField(
        label=label,
        help_text=_("PDF, Word (.docx), OpenDocument (.odt), PNG or JPG. Up to 10 MB."),
        error_messages={
            "required": _("Choose a file to add."),
            "empty": _("This file is empty. Choose another."),
        },
        widget=forms.FileInput({"accept": documents.ACCEPT}),
    )


class DocumentForm(PlainForm):
    """A file to add."""

    file = _file_field(_("Choose a file"))

    @property
    def upload(self) -> "UploadedFile[bytes]":
        """The file that came; its content is checked when it is kept."""
        found: UploadedFile[bytes] = self.cleaned_data["file"]
        return found


class PaperScanForm(DocumentForm):
    """A scan or photo of the paper that a bid was typed from."""

    file = forms.FileField(
        label=_("Choose a scan or a photo of the paper"),
        help_text=_("PDF, PNG or JPG. Up to 10 MB."),
        error_messages={
            "required": _("Choose a file to add."),
            "empty": _("This file is empty. Choose another."),
        },
        widget=forms.FileInput({"accept": documents.ACCEPT_TO_LOOK_AT}),
    )


class SendForm(PlainForm):
    """The last box before a bid goes, and the mark of the words that its sender has before them."""

    mark = forms.CharField(required=False, widget=forms.HiddenInput)
    declared = forms.BooleanField(
        label=_("What we wrote is true, and our organisation agrees to this bid."),
        error_messages={"required": _("Tick the box to say that what you wrote is true.")},
    )


# ---- Helping ---------------------------------------------------------------------------------
def _begin(words: str) -> str:
    """How a long rule begins: enough to know which one is meant."""
    return Truncator(words).words(7, truncate=" …")


class ForYouForm(PlainForm):
    """What a bid must be or have, as questions somebody can answer before they begin."""

    ANSWERS = [
        ("yes", _("Yes")),
        ("no", _("No")),
        ("not_us", _("This is not about us")),
        ("unsure", _("I am not sure")),
    ]

    pounds = GuessField(
        label=_("About how much money would you ask for?"),
        help_text=_("A guess is enough, like 12,000 or 12k."),
        required=False,
    )

    def __init__(self, *args: Any, asked: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = dict(enumerate(asked))
        own = {
            f"fits_{number}": forms.ChoiceField(
                label=words,
                choices=self.ANSWERS,
                widget=forms.RadioSelect,
                error_messages={
                    "required": gettext("“%(rule)s” Choose an answer.") % {"rule": _begin(words)}
                },
            )
            for number, words in self.asked.items()
        }
        self.fields = {**own, **self.fields}

    def answers(self) -> dict[str, str]:
        """What was answered to each question, by its words."""
        return {words: self.cleaned_data[f"fits_{number}"] for number, words in self.asked.items()}


class HelpForm(PlainForm):
    """A question about applying."""

    text = forms.CharField(
        label=_("What would you like to know?"),
        help_text=_(
            "Everybody can read your question and our answer. Please leave out names. "
            "We hide emails and phone numbers."
        ),
        max_length=2000,
        error_messages={"required": _("Write your question.")},
        widget=_words(4),
    )


class AnswerHelpForm(PlainForm):
    """The answer to it, for everybody."""

    answer = forms.CharField(
        label=_("Your answer, for everybody"),
        help_text=_("It cannot be changed once it is shown."),
        max_length=4000,
        error_messages={"required": _("Write the answer.")},
        widget=_words(6),
    )


class ExtensionForm(PlainForm):
    """More time for one organisation."""

    reference = forms.CharField(
        label=_("What is the number of the bid?"),
        help_text=_("The applicant sees it on their page. For example, GC-017."),
        max_length=20,
        error_messages={"required": _("Type the number of the bid.")},
        widget=forms.TextInput({"class": "w-10", "autocomplete": "off"}),
    )
    until = DayField(
        label=_("Until which day?"), error_messages={"required": _("Type the new last day.")}
    )
    reason = forms.CharField(
        label=_("Why do they need it?"),
        help_text=_("They can read this. It stays on the record."),
        max_length=1000,
        error_messages={"required": _("Give the reason in words.")},
        widget=_words(3),
    )

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.round = round

    def clean_reference(self) -> Application:
        """The bid with this number, sent or not."""
        bids = Application.objects.select_related(
            "round__programme", "round__chain", "organisation"
        )
        found = bids.numbered(self.round, self.cleaned_data["reference"])
        if found is None:
            raise ValidationError(gettext("There is no bid with this number in this round."))
        return found

    def clean_until(self) -> datetime:
        """The last moment of that day's bidding: at the round's own hour."""
        day = self.cleaned_data["until"]
        return timezone.make_aware(datetime.combine(day, self.round.deadline_time))


# ---- The funder's rules ----------------------------------------------------------------------
class RuleChecksForm(PlainForm):
    """All the funder's rules for one bid on one page; each may be left for later."""

    mark_optional = False

    def __init__(
        self,
        *args: Any,
        funder_rules: Iterable[FunderRule],
        given: dict[int, RuleCheck],
        found: Mapping[int, Found],
        **kwargs: Any,
    ) -> None:
        """`found`: what the program found, by rule. It stands over the answers and picks none."""
        super().__init__(*args, **kwargs)
        self.funder_rules = list(funder_rules)
        for rule in self.funder_rules:
            check = given.get(rule.pk)
            self.fields[f"answer_{rule.pk}"] = forms.ChoiceField(
                label=rule.text,
                help_text=found[rule.pk].words if rule.pk in found else "",
                required=False,
                choices=RuleCheck.Answer.choices,
                initial=check.answer if check else None,
                widget=forms.RadioSelect,
            )
            self.fields[f"note_{rule.pk}"] = forms.CharField(
                label=_("A note about this rule (optional)"),
                required=False,
                max_length=1000,
                initial=check.note if check else "",
                widget=_words(2),
            )

    def clean(self) -> dict[str, Any]:
        """Something is answered, and no note is left without its answer."""
        data = self.cleaned_data
        for rule in self.funder_rules:
            if data.get(f"note_{rule.pk}") and not self.data.get(f"answer_{rule.pk}"):
                self.add_error(
                    f"answer_{rule.pk}", gettext("Choose an answer too. Your note goes with it.")
                )
        if self.funder_rules and not self.errors and not self.answers():
            raise ValidationError(
                gettext("Nothing is saved yet. Choose an answer for at least one rule, then save.")
            )
        return data

    def answers(self) -> list[tuple[FunderRule, str, str]]:
        """Each rule that was answered, with the answer and the note."""
        return [
            (
                rule,
                self.cleaned_data[f"answer_{rule.pk}"],
                self.cleaned_data[f"note_{rule.pk}"],
            )
            for rule in self.funder_rules
            if self.cleaned_data[f"answer_{rule.pk}"]
        ]


class SettleForm(PlainForm):
    """Whether a bid goes on."""

    eligible = forms.ChoiceField(
        label=_("Does this bid go on to the volunteers?"),
        choices=[("yes", _("Yes, it goes on")), ("no", _("No, it breaks a funder’s rule"))],
        widget=WordedChoices(
            choice_hints={"no": _("A second person must agree before this counts.")}
        ),
        error_messages={"required": _("Choose yes or no.")},
    )
    rule = forms.ModelChoiceField(
        FunderRule.objects.none(),
        label=_("If no: which rule does it not meet?"),
        required=False,
        empty_label=_("None. It meets them all."),
        blank=True,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("If no: why, in words the applicant can read"),
        required=False,
        max_length=2000,
        widget=_words(4),
    )
    mark_optional = False

    def __init__(self, *args: Any, round: Round, was_no: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["rule"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # tells mypy what is declared above
        field.queryset = FunderRule.objects.filter(round=round).breakable()
        listed = [(rule.pk, rule.text) for rule in rules.breakable(round)]
        field.choices = [("", field.empty_label), *listed]
        self.was_no = was_no
        if was_no:
            self.fields["reason"].label = _("Why, in words the applicant can read")

    def clean(self) -> dict[str, Any]:
        """A no has a rule and a reason; a yes has no rule, and a reason where it follows a no."""
        data = self.cleaned_data
        if data.get("eligible") == "yes" and data.get("rule"):
            self.add_error(
                "rule",
                gettext(
                    "You chose yes, and marked a rule that this bid does not meet. Choose no "
                    "above, or “None” here."
                ),
            )
        if data.get("eligible") == "no" and not data.get("rule"):
            self.add_error("rule", gettext("Choose the funder’s rule that this bid does not meet."))
        if not data.get("reason") and (data.get("eligible") == "no" or self.was_no):
            self.add_error("reason", gettext("Give the reason in words."))
        return data


class SecondForm(Sure):
    """A second person's yes to a "no". Of a bid that was asked for, the board says why in words."""

    words = forms.CharField(
        label=_("Why does the funder’s rule hold?"),
        help_text=_("Volunteers read this. Leave out what the bid says."),
        max_length=2000,
        error_messages={"required": _("Say in words why the funder’s rule holds.")},
        widget=_words(4),
    )
    field_order = ("words", "sure")

    def __init__(self, *args: Any, asked_back: bool, **kwargs: Any) -> None:
        label = gettext("I have looked at it myself, and I agree")
        super().__init__(*args, label=label, **kwargs)
        if not asked_back:
            del self.fields["words"]


class DifferForm(PlainForm):
    """Why a second person does not agree with a "no"."""

    why = forms.CharField(
        label=_("Why do you see it differently?"),
        help_text=_("Whoever said no reads this. It stays on the record."),
        max_length=1000,
        error_messages={"required": _("Say in words why you see it differently.")},
        widget=_words(4),
    )


class AskBackForm(PlainForm):
    """Why a volunteer would like a bid back."""

    reason = forms.CharField(
        label=_("Why should the panel see this bid?"),
        help_text=_("Say why you think it meets the rule. Others will read this."),
        max_length=2000,
        error_messages={"required": _("Say why the panel should see this bid.")},
        widget=_words(4),
    )


# ---- The form of a round ---------------------------------------------------------------------
class FormQuestionForm(PlainModelForm):
    """One question: its words, its limit, and what it helps to judge."""

    choices = forms.CharField(
        label=_("The choices, if it is a choice from a list (optional)"),
        help_text=_("One on each line."),
        required=False,
        max_length=4000,
        widget=_words(4),
    )
    word_limit = forms.IntegerField(
        label=_("Most words (optional)"),
        help_text=_("Only for an answer in words."),
        required=False,
        min_value=1,
        max_value=9999,
        widget=forms.TextInput({"class": "w-4", "inputmode": "numeric"}),
    )
    order = forms.IntegerField(
        label=_("Its place in the form"),
        help_text=_("1 is the first question."),
        min_value=1,
        max_value=9999,
        widget=forms.TextInput({"class": "w-4", "inputmode": "numeric"}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    over = _over()
    mark_optional = False

    class Meta:
        model = FormQuestion
        fields = (
            "version",
            "label",
            "hint",
            "kind",
            "choices",
            "word_limit",
            "required",
            "order",
            "criteria",
        )
        labels = {
            "label": _("The question"),
            "hint": _("A short hint (optional)"),
            "kind": _("What kind of answer is it?"),
            "required": _("Every bid must answer this"),
            "criteria": _("Which criteria does the answer help to judge? (optional)"),
        }
        widgets = {
            "label": _words(2),
            "hint": _words(2),
            "criteria": forms.CheckboxSelectMultiple,
        }

    def __init__(
        self, *args: Any, round: Round, criteria: QuerySet[Criterion], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.round = round
        self.fields["kind"] = forms.ChoiceField(
            label=self.fields["kind"].label,
            choices=FormQuestion.Kind.choices,
            widget=WordedChoices(
                choice_hints={
                    FormQuestion.Kind.PLACE: _(
                        "Every bid says where its project happens. Ask here for another place."
                    )
                }
            ),
        )
        ticks = self.fields["criteria"]
        assert isinstance(ticks, forms.ModelMultipleChoiceField)  # noqa: S101  # tells mypy what the model makes
        ticks.queryset = criteria
        ticks.required = False
        if not criteria:
            del self.fields["criteria"]
        for name, words in (
            ("word_limit", gettext("Type the most words as a number, like 150, or nothing.")),
            ("order", gettext("Type its place in the form as a number. 1 is the first question.")),
        ):
            messages = self.fields[name].error_messages
            messages |= dict.fromkeys(("required", "invalid", "min_value", "max_value"), words)
        self.initial["choices"] = "\n".join(self.instance.choices or [])

    @property
    def could_be_plainer(self) -> list[str]:
        """What could be plainer in the words as they stand in the boxes."""
        return plainer.in_words(
            *(str(self[name].value() or "") for name in ("label", "hint", "choices"))
        )

    def clean_choices(self) -> list[str]:
        """The filled lines."""
        return list(content.lines_of(self.cleaned_data["choices"]))

    def clean(self) -> dict[str, Any]:
        """A choice from a list needs a list; only words are counted."""
        data = super().clean() or self.cleaned_data
        if data.get("kind") == FormQuestion.Kind.CHOICE:
            self._check_choices(data.get("choices") or [])
        if "kind" in data and data["kind"] not in FormQuestion.IN_WORDS:
            data["word_limit"] = None
        free = rules.kind_is_free(self.round, data.get("kind", ""), but=self.instance)
        if not free:
            self.add_error("kind", free.sentence)
        return data

    def _check_choices(self, choices: list[str]) -> None:
        """At least two, and none that differs from another only in capitals or spaces."""
        plain = [" ".join(choice.split()).casefold() for choice in choices]
        twice = [row for place, row in enumerate(choices) if plain[place] in plain[:place]]
        if twice:
            said = gettext("“%(choice)s” is there more than once. Write each choice once.")
            self.add_error("choices", said % {"choice": twice[0]})
        elif len(choices) < 2:
            self.add_error("choices", gettext("Write at least two choices, one on each line."))


class CopyFormForm(PlainForm):
    """Which earlier round to copy, and a box to tick where questions would go for it."""

    def __init__(self, *args: Any, earlier: RoundQuerySet, here: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted = earlier.annotate(asked=Count("form_questions"))
        hints = {
            str(pk): ngettext("%(count)s question", "%(count)s questions", asked) % {"count": asked}
            for pk, asked in counted.values_list("pk", "asked")
        }
        self.fields["earlier"] = forms.ModelChoiceField(
            earlier,
            label=_("Which round do you want to copy from?"),
            empty_label=None,
            widget=WordedChoices(choice_hints=hints),
            error_messages={"required": _("Choose a round.")},
        )
        if here:
            label = ngettext(
                "Take off the %(count)s question that is here now",
                "Take off the %(count)s questions that are here now",
                here,
            )
            self.fields["sure"] = forms.BooleanField(
                label=label % {"count": here},
                error_messages={
                    "required": _("Tick the box if the questions that are here may go.")
                },
            )


# ---- A bid on paper --------------------------------------------------------------------------
def _left_out(label: Any, choices: Iterable[tuple[str, Any]]) -> forms.ChoiceField:
    """One choice from a list, or none where the paper leaves it out."""
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[("", _("The paper does not say")), *choices],
        widget=forms.RadioSelect,
    )


class TypeBidForm(PlainForm):
    """A whole bid as it stands on paper. What the paper leaves out is left out."""

    mark_optional = False
    organisation = forms.CharField(
        label=_("What is the organisation called?"),
        max_length=200,
        error_messages={"required": _("Type the name of the organisation.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    kind = _left_out(_("What kind of organisation is it?"), Organisation.Kind.choices)
    charity_number = forms.CharField(
        label=_("Charity number"),
        required=False,
        max_length=20,
        widget=forms.TextInput({"class": "w-20", "autocomplete": "off"}),
    )
    company_number = forms.CharField(
        label=_("Company number"),
        required=False,
        max_length=20,
        widget=forms.TextInput({"class": "w-20", "autocomplete": "off"}),
    )
    address = forms.CharField(
        label=_("Address on the paper"), required=False, max_length=1000, widget=_words(3)
    )
    postcode = forms.CharField(
        label=_("Postcode"),
        required=False,
        max_length=10,
        widget=forms.TextInput({"class": "w-10", "autocomplete": "off"}),
    )
    income_band = _left_out(_("How much money comes in each year?"), Organisation.Income.choices)
    received_on = DayField(
        label=_("What day did it reach you?"),
        help_text=_("The day it was handed in or came by post. That day must be in time."),
        error_messages={"required": _("Type the day the paper reached you.")},
    )
    title = forms.CharField(
        label=_("What is the project called?"),
        max_length=160,
        error_messages={"required": _("Type the name of the project.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    area = forms.CharField(label=_("Where does it happen?"), required=False, max_length=160)
    partners_named = forms.CharField(
        label=_("People and partners named, one on each line"),
        required=False,
        max_length=4000,
        widget=_words(3),
    )
    contact_name = forms.CharField(label=_("Whom can we talk to?"), required=False, max_length=160)
    contact_phone = forms.CharField(
        label=_("Their phone number"),
        help_text=_("Only staff see it."),
        required=False,
        max_length=40,
        widget=forms.TextInput({"inputmode": "tel", "class": "w-20", "autocomplete": "off"}),
    )
    contact_channel = _left_out(_("How do they like to hear from us?"), Channel.choices)
    communities = forms.MultipleChoiceField(
        label=_("Is it for some people most of all?"),
        required=False,
        choices=COMMUNITIES,
        widget=forms.CheckboxSelectMultiple,
    )
    smallest_useful = PoundsField(label=_("Smallest sum that would still help"), required=False)
    asked = PoundsField(
        label=_("What does the paper ask for, in all?"),
        help_text=_("As it stands there, even if the costs below do not add up to it."),
        required=False,
    )
    language = forms.CharField(
        label=_("Which language is the paper in, if it is not English?"),
        help_text=_("Type the words as they stand. The plain-English words come later."),
        required=False,
        max_length=60,
        widget=forms.TextInput({"class": "w-20", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, round: Round, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.round, self.today = round, today
        self.questions = list(round.form_questions.all())
        self.fields["lot"] = _lot_field(round)
        for question in self.questions:
            self.fields[f"answer_{question.key}"] = forms.CharField(
                label=question.label, required=False, strip=False, widget=_words(4)
            )

    def clean(self) -> dict[str, Any]:
        """The paper came in time, and not after today."""
        data = self.cleaned_data
        if came := data.get("received_on"):
            group, last = data.get("organisation", ""), rules.last_days(self.round)
            verdict = rules.came_in_time(group, came, last=last, on=self.today)
            if not verdict:
                self.add_error("received_on", verdict.sentence)
        return data

    def answers(self) -> dict[FormQuestion, str]:
        """What the paper says under each question."""
        return {
            question: self.cleaned_data[f"answer_{question.key}"] for question in self.questions
        }

    @classmethod
    def again(cls, data: "QueryDict", *, round: Round, today: date) -> "TypeBidForm":
        """The boxes again with what was typed in them. Nothing is checked yet."""
        boxes = cls(round=round, today=today).fields.items()
        typed = {name: box.widget.value_from_datadict(data, {}, name) for name, box in boxes}
        return cls(initial=typed, round=round, today=today)

    def group(self) -> dict[str, Any]:
        """What the paper says of the group itself."""
        names = ["kind", "charity_number", "company_number", "address", "postcode", "income_band"]
        return {name: self.cleaned_data[name] for name in names}

    def details(self) -> dict[str, Any]:
        """The rest of what a bid says of itself."""
        names = ["title", "area", "partners_named", "contact_name", "contact_phone"]
        names += ["contact_channel", "communities", "smallest_useful", "asked"]
        language = self.cleaned_data["language"]
        told = [asdict(ways.Way(ways.ALL, language))] if language else []
        return {name: self.cleaned_data[name] for name in names} | {"other_ways": told}


# ---- One part put right ----------------------------------------------------------------------
class AskCorrectionForm(PlainForm):
    """Ask an applicant to put one named part right."""

    part = forms.ChoiceField(
        label=_("Which part should they put right?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one part of this bid.")},
    )
    rule = forms.ModelChoiceField(
        FunderRule.objects.none(),
        label=_("Which of the funder’s rules is it about?"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the funder’s rule that this is about.")},
    )
    words = forms.CharField(
        label=_("What should be put right?"),
        help_text=_("The group and its readers can read this. Do not help to make the bid better."),
        max_length=1000,
        error_messages={"required": _("Say what should be put right.")},
        widget=_words(4),
    )
    until = DayField(
        label=_("Until which day can they answer?"),
        help_text=_("At most three weeks from now."),
        error_messages={"required": _("Type the last day for their answer.")},
    )

    def __init__(
        self, *args: Any, round: Round, choices: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field, rule = self.fields["part"], self.fields["rule"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # tells mypy what is declared above
        assert isinstance(rule, forms.ModelChoiceField)  # noqa: S101  # the same
        field.choices = choices
        rule.queryset = FunderRule.objects.filter(round=round).breakable()


class ChoosePartForm(PlainForm):
    """Which part of a sent bid its applicant wishes to put right."""

    part = forms.ChoiceField(
        label=_("Which part is wrong?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one part of your bid.")},
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["part"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # tells mypy what is declared above
        field.choices = choices


class PartForm(PlainForm):
    """One part of a bid, to be put right. Costs stand in rows of their own, beside this form."""

    mark_optional = False

    def __init__(
        self,
        *args: Any,
        part: str,
        value: Any,
        label: str,
        question: FormQuestion | None = None,
        says_why: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.part = part
        if parts.is_file(part):
            self.fields["file"] = _file_field(gettext("Choose the file to put in its place"))
        elif part != parts.BUDGET:
            self.fields["text"] = field = self._field(part, label, question)
            field.initial = _as_typed(part, value, question)
        if says_why:
            self.fields["words"] = forms.CharField(
                label=_("Why is it wrong now?"),
                help_text=_("Staff and your readers can read this."),
                max_length=1000,
                error_messages={"required": _("Say why it should be put right.")},
                widget=_words(3),
            )

    @staticmethod
    def _field(part: str, label: str, question: FormQuestion | None) -> forms.Field:
        if question:
            return _answer_field(question)
        if parts.key_of(part):
            return forms.CharField(label=label, required=False, strip=False, widget=_words(8))
        if part == parts.SMALLEST:
            return PoundsField(label=label, required=False)
        if part == parts.PARTNERS:
            hint = gettext("One on each line.")
            return forms.CharField(
                label=label, required=False, max_length=4000, widget=_words(4), help_text=hint
            )
        return forms.CharField(label=label, required=False, max_length=160)

    @property
    def upload(self) -> "UploadedFile[bytes]":
        """The file that came; its content is checked when it is kept."""
        found: UploadedFile[bytes] = self.cleaned_data["file"]
        return found

    def value(self) -> Any:
        """The part as it is kept. Only after a clean without mistakes."""
        typed = self.cleaned_data["text"]
        if self.part == parts.PARTNERS:
            return list(content.lines_of(typed))
        if self.part == parts.SMALLEST:
            return "" if typed is None else content.pounds(typed)
        return typed.isoformat() if isinstance(typed, date) else content.tidy(typed or "").strip()


def _as_typed(part: str, value: Any, question: FormQuestion | None) -> Any:
    """A kept part as the box of a form holds it."""
    if part == parts.PARTNERS:
        return "\n".join(value)
    if part == parts.SMALLEST:
        return Decimal(value) if value else None
    if question and value in (rules.not_answered(), ways.said_in_link()):
        return ""
    if question and question.asks_a_day:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value


class SettleCorrectionForm(PlainForm):
    """Yes or no to what an applicant wishes to put right."""

    granted = forms.ChoiceField(
        label=_("May they put this right?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=WordedChoices(
            choice_hints={
                "yes": _("Say yes to a plain mistake. Say no to a better bid."),
                "no": _("The bid stays as it was sent."),
            }
        ),
        error_messages={"required": _("Choose yes or no.")},
    )
    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("The group and its readers can read this."),
        max_length=1000,
        error_messages={"required": _("Give the reason in words.")},
        widget=_words(3),
    )
