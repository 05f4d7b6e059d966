"""What people type and choose about the money, the letters and the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.fields import WordedChoices
from accounts.forms import PlainForm
from accounts.templatetags.purse import money as pounds
from applications.importing import BadFile, mapping_from_toml
from applications.models import Application
from applications.rules import as_pounds
from commissioning.models import Choice, Criterion, Lot, Round
from commissioning.reasons import says_why
from decisions import rules
from decisions.models import (
    BoardLine,
    CheckKind,
    Complaint,
    DueDiligence,
    MoneyBoard,
    OutcomeKind,
    ReportFile,
)
from panels.meeting_forms import ABOUT, OutcomeForm, ReasonForm
from panels.models import Panel

MORE_THAN_ONE = 2
MOST_OF_A_MAPPING = 100_000


def _area(rows: int = 4, **attrs: Any) -> forms.Textarea:
    return forms.Textarea({"rows": rows, **attrs})


class SumField(forms.Field):
    """A sum in pounds as people write it: 1250, 1,250.50 or £1,250. Gives a Decimal or None."""

    widget = forms.TextInput({"data-prefix": "£", "inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Decimal | None:
        """The sum typed, or a mistake that says what to do."""
        if value in self.empty_values:
            return None
        found = as_pounds(str(value))
        if found is None:
            raise ValidationError(_("Type a sum in pounds, like 1250 or 1250.50."), code="sum")
        return found


class SureForm(PlainForm):
    """One unticked box before something grave. Its words say what is being done."""

    sure = forms.BooleanField(required=True)

    def __init__(self, *args: Any, label: str = "", mistake: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sure"].label = label or self.fields["sure"].label
        self.fields["sure"].error_messages["required"] = mistake or _("Tick the box to go on.")


# ---- The money board --------------------------------------------------------------------------
class BoardsByName(forms.ModelChoiceField):  # type: ignore[type-arg]  # stubs make this generic
    """A choice among boards, each said by its name."""

    def label_from_instance(self, obj: Any) -> str:
        """The board's name."""
        return str(obj.name)


class BoardForm(PlainForm):
    """A new board: its name, and a board to begin from."""

    name = forms.CharField(
        label=gettext_lazy("What do you call this board?"),
        help_text=gettext_lazy("For example: Our first try."),
        max_length=60,
        error_messages={"required": gettext_lazy("Type a name for the board.")},
    )
    copy_of = BoardsByName(
        queryset=MoneyBoard.objects.none(),
        label=gettext_lazy("Begin with a copy of another board?"),
        widget=forms.RadioSelect,
        required=False,
        empty_label=None,
        blank=True,
    )

    def __init__(self, *args: Any, boards: Iterable[MoneyBoard], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = list(boards)
        if not rows:
            del self.fields["copy_of"]
            return
        field = self.fields["copy_of"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = MoneyBoard.objects.filter(pk__in=[row.pk for row in rows])


class LineForm(ReasonForm):
    """What one bid gets: yes, less, reserve or no, and why."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What does this bid get?"),
        widget=WordedChoices,
        error_messages={"required": gettext_lazy("Choose yes, less, reserve or no.")},
    )
    amount = SumField(
        label=gettext_lazy("If less: how much?"),
        help_text=gettext_lazy("In pounds. Leave it empty for yes, reserve or no."),
        required=False,
    )
    less_what = forms.CharField(
        label=gettext_lazy("If less: which costs are left out?"), widget=_area(3), required=False
    )
    reserve_order = forms.IntegerField(
        label=gettext_lazy("If reserve: which place in the list?"),
        help_text=gettext_lazy("1 is the first reserve."),
        widget=forms.TextInput({"class": "w-2", "inputmode": "numeric", "autocomplete": "off"}),
        min_value=1,
        required=False,
        error_messages={
            "invalid": gettext_lazy("Type a place as a whole number, like 1."),
            "min_value": gettext_lazy("The first place is 1."),
        },
    )
    reason = forms.CharField(
        label=gettext_lazy("What is your reason?"),
        help_text=gettext_lazy("The group reads these words in its letter."),
        widget=_area(5),
        required=False,
    )
    still_the_reason = forms.BooleanField(
        label=gettext_lazy("This is still the reason"), required=False
    )
    criterion = forms.ModelChoiceField(
        queryset=Criterion.objects.none(),
        label=gettext_lazy("Which criterion does the reason rest on?"),
        widget=forms.RadioSelect,
        required=False,
        empty_label=None,
        blank=True,
    )
    conditions = forms.CharField(
        label=gettext_lazy("If yes or less: what do you ask of the group in return?"),
        help_text=gettext_lazy("One thing on each line. Leave it empty if there is nothing."),
        widget=_area(3),
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    mark_optional = False  # each label says when it is wanted

    def __init__(
        self,
        *args: Any,
        bid: Application,
        criteria: QuerySet[Criterion],
        titles: Mapping[int, str],
        before: BoardLine | None = None,
        more_titles: Mapping[int, str] | None = None,
        written: Mapping[int, Sequence[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        """`more_titles`: criteria of before, for which words stand on the board still."""
        super().__init__(*args, **kwargs)
        self.bid = bid
        self.add_boxes(
            {**titles, **(more_titles or {})},
            kept=before.by_criterion if before else None,
            written=written,
        )
        asked = [name for name in self.fields if name not in self.folded]
        after = asked.index("criterion") + 1
        self.order_fields([*asked[:after], *self.folded, *asked[after:]])
        self.asks_again = self._words_for_another(before) if before else []
        if not self.asks_again:
            del self.fields["still_the_reason"]
        elif "reason" not in self.asks_again:
            self.fields["still_the_reason"].label = _("My words about each criterion still hold")
        outcome, criterion = self.fields["outcome"], self.fields["criterion"]
        if isinstance(outcome, forms.ChoiceField):
            outcome.choices = OutcomeKind.choices
            outcome.widget.choice_hints = self._hints()
        if isinstance(criterion, forms.ModelChoiceField):
            criterion.queryset = criteria
            criterion.choices = list(titles.items())  # known already; asked for only when sent

    def _words_for_another(self, before: BoardLine) -> list[str]:
        """The boxes in which the words for the outcome of before stand still, where another was
        chosen: a "no" would tell the group why it got a "yes"."""
        if self.data.get("outcome") in ("", None, before.outcome):
            return []
        about = {f"{ABOUT}{pk}": words for pk, words in before.by_criterion.items()}
        return [
            name
            for name, words in {"reason": before.reason, **about}.items()
            if self.data.get(name, "").split() == words.split() != []
        ]

    def _hints(self) -> Mapping[str, str]:
        useful = self.bid.smallest_useful
        less = _("Some of what they asked for. Say how much, and which costs are left out.")
        if useful:
            less = _("Some of it. Less than %(sum)s is too little to help, the group says.") % {
                "sum": pounds(useful)
            }
        return {
            OutcomeKind.AWARD: _("They get %(sum)s.") % {"sum": pounds(self.bid.asked)},
            OutcomeKind.LESS: less,
            OutcomeKind.RESERVE: _("No money now. First in line if money comes free."),
            OutcomeKind.NO: _("No money. Give a reason and a criterion."),
        }

    def clean(self) -> dict[str, Any]:
        """What belongs together: a sum with less, a place with reserve, a reason with no."""
        given = super().clean()
        outcome = given.get("outcome")
        if outcome == OutcomeKind.LESS and "amount" in given and given["amount"] is None:
            self.add_error("amount", _("Type how much they get."))
        if outcome == OutcomeKind.LESS and not given.get("less_what", "").strip():
            self.add_error("less_what", _("Say which costs are left out."))
        missing = given.get("reserve_order", 0) is None
        if outcome == OutcomeKind.RESERVE and missing:
            self.add_error("reserve_order", _("Type the place in the list, like 1."))
        asks_again = self.asks_again
        if asks_again and given.pop("still_the_reason"):
            asks_again = []
        for name in asks_again:
            was = _("You changed what this bid gets. Write a new reason, or tick the box below it.")
            about = _("You changed what this bid gets. Change these words, or tick the box above.")
            self.add_error(name, was if name == "reason" else about)
        no = outcome == OutcomeKind.NO and "reason" not in asks_again
        if no and not says_why(given.get("reason", "")):
            few = _("Write the reason. The group will read it. Use three words or more.")
            self.add_error("reason", few)
        if outcome == OutcomeKind.NO and not given.get("criterion"):
            self.add_error("criterion", _("Choose the criterion your reason rests on."))
        return given


class PutDecisionForm(SureForm):
    """Put the board for signing; where a decision stands, say why this one replaces it."""

    reason = forms.CharField(
        label=gettext_lazy("Why does this take the place of your decision from before?"),
        widget=_area(),
        error_messages={"required": gettext_lazy("Say why it takes the place of the other one.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("reason", "sure", "version")

    def __init__(self, *args: Any, replaces: bool, **kwargs: Any) -> None:
        super().__init__(
            *args,
            label=_("We have talked, and this is what we want to sign"),
            mistake=_("Tick the box to put this for signing."),
            **kwargs,
        )
        if not replaces:
            del self.fields["reason"]


class SignForm(SureForm):
    """One member's answer to a decision, with words if they wish them noted."""

    choice = forms.ChoiceField(
        label=gettext_lazy("What do you say?"),
        choices=Choice.choices,
        widget=WordedChoices,
        error_messages={"required": gettext_lazy("Choose one of the three answers.")},
    )
    words = forms.CharField(
        label=gettext_lazy("Words you wish to have noted"),
        help_text=gettext_lazy("They stand in the report as you write them, without your name."),
        widget=_area(),
        required=False,
    )
    field_order = ("choice", "words", "sure")

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        super().__init__(
            *args,
            label=label or _("I have read the decision, and this is my answer"),
            mistake=_("Tick the box to sign."),
            **kwargs,
        )
        self.fields["choice"].widget.choice_hints = {
            Choice.AGREE: _("This is right."),
            Choice.LIVE_WITH: _("I would have chosen otherwise. I do not stand in the way."),
            Choice.DISAGREE: _("I do not want this."),
        }


class AnswerPanelForm(PlainForm):
    """A member's answer about the letters, or about the report."""

    choice = forms.ChoiceField(
        label=gettext_lazy("What do you say?"),
        choices=Choice.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the three answers.")},
    )
    words = forms.CharField(
        label=gettext_lazy("If you disagree: what should be different?"),
        help_text=gettext_lazy("You can write here with another answer too."),
        widget=_area(),
        required=False,
    )
    mark_optional = False  # the label says when it is wanted

    def clean(self) -> dict[str, Any]:
        """A no needs a word on what should be different, so that it can be put right."""
        given = super().clean() or {}
        if given.get("choice") == Choice.DISAGREE and not given.get("words", "").strip():
            self.add_error("words", _("Say what should be different."))
        return given


# ---- Trustees and board -----------------------------------------------------------------------
class HoldForm(SureForm):
    """The legal reason for stopping payment, or for letting it go on."""

    reason = forms.CharField(
        widget=_area(), error_messages={"required": gettext_lazy("Write the reason.")}
    )
    field_order = ("reason", "sure")

    def __init__(self, *args: Any, question: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = question


class NoteForm(SureForm):
    """The board notes the report."""

    text = forms.CharField(
        label=gettext_lazy("Anything the board wants to say"), widget=_area(), required=False
    )
    field_order = ("text", "sure")


class BoardQuestionForm(PlainForm):
    """A question of the board about how things were done."""

    text = forms.CharField(
        label=gettext_lazy("What do you want to know?"),
        help_text=gettext_lazy("Ask how something was done. A decision cannot be changed here."),
        widget=_area(),
        error_messages={"required": gettext_lazy("Write your question.")},
    )


class BoardAnswerForm(PlainForm):
    """The answer to it."""

    answer = forms.CharField(
        label=gettext_lazy("Your answer"),
        widget=_area(),
        error_messages={"required": gettext_lazy("Write an answer.")},
    )


class ExportForm(PlainForm):
    """Which copy of the report to make."""

    format = forms.ChoiceField(
        label=gettext_lazy("What kind of file?"),
        choices=ReportFile.Format.choices,
        widget=WordedChoices,
        error_messages={"required": gettext_lazy("Choose a kind of file.")},
    )
    audience = forms.ChoiceField(
        label=gettext_lazy("Who will read it?"),
        choices=ReportFile.Audience.choices,
        widget=WordedChoices,
        error_messages={"required": gettext_lazy("Choose who will read it.")},
    )
    large_print = forms.BooleanField(label=gettext_lazy("Large print"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds, readers = self.fields["format"].widget, self.fields["audience"].widget
        if isinstance(kinds, WordedChoices) and isinstance(readers, WordedChoices):
            kinds.choice_hints = {
                ReportFile.Format.PDF: _("To read, print or send on."),
                ReportFile.Format.XLSX: _("All the tables, with numbers you can add up."),
                ReportFile.Format.CSV: _("The list of bids, for any program."),
                ReportFile.Format.GIVING: _("Awards only, as open data for everyone."),
            }
            readers.choice_hints = {
                ReportFile.Audience.BOARD: _("Everything, with the groups that got no money."),
                ReportFile.Audience.PUBLIC: _("Awards only. No other group is named."),
            }


# ---- Packs, and bids from a file ----------------------------------------------------------------
class PacksForm(PlainForm):
    """Whose packs to make, where there are several panels."""

    panel = forms.ChoiceField(
        label=gettext_lazy("For which panel?"),
        widget=WordedChoices,
        error_messages={"required": gettext_lazy("Choose a panel, or all of them.")},
    )

    def __init__(self, *args: Any, panels: Iterable[Panel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.panels = {str(row.pk): row for row in panels}
        if len(self.panels) < MORE_THAN_ONE:
            del self.fields["panel"]
            return
        field = self.fields["panel"]
        if isinstance(field, forms.ChoiceField):
            names = [(pk, str(row.lot.name)) for pk, row in self.panels.items()]
            field.choices = [("all", _("All panels")), *names]

    @property
    def chosen(self) -> Panel | None:
        """The panel that was chosen; nothing for all of them."""
        return self.panels.get(self.cleaned_data.get("panel", ""))


class BidsFileForm(PlainForm):
    """A file of bids from another system, and where they go."""

    lot = forms.ModelChoiceField(
        Lot.objects.none(),
        label=gettext_lazy("Which part of the fund are these bids for?"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a part of the fund.")},
    )
    file = forms.FileField(
        label=gettext_lazy("The file of bids"),
        help_text=gettext_lazy("A CSV file, with the names of its columns in the first line."),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("This file is empty. Choose another."),
        },
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
    )
    mapping = forms.FileField(
        label=gettext_lazy("A file that says which column is what"),
        help_text=gettext_lazy("Only if your columns have other names. It ends in .toml."),
        required=False,
        widget=forms.FileInput({"accept": ".toml"}),
    )

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lots = self.fields["lot"]
        if isinstance(lots, forms.ModelChoiceField):
            lots.queryset = Lot.objects.filter(round=round).select_related(
                "round__chain", "round__programme"
            )

    def clean_mapping(self) -> str:
        """The text of the mapping, which names only what a bid has; empty where there is none."""
        upload = self.cleaned_data["mapping"]
        if not upload:
            return ""
        try:
            text: str = upload.read(MOST_OF_A_MAPPING + 1).decode("utf-8-sig")
            if len(text) > MOST_OF_A_MAPPING:
                raise ValidationError(_("This file is too large. A few lines are enough."))
            mapping_from_toml(text)
        except UnicodeDecodeError:
            raise ValidationError(_("Save this file as UTF-8.")) from None
        except BadFile as bad:
            raise ValidationError(str(bad)) from None
        return text


# ---- Dots -------------------------------------------------------------------------------------
class DotsForm(PlainForm):
    """How many dots each bid gets. Together no more than one has."""

    mark_optional = False

    def __init__(
        self,
        *args: Any,
        bids: Iterable[Application],
        have: int,
        there: Mapping[str, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.have = have
        for bid in bids:
            self.fields[f"bid-{bid.pk}"] = forms.IntegerField(
                label=f"{bid.reference}: {bid.title}",
                help_text=bid.sent_from,
                min_value=0,
                max_value=have,
                required=False,
                initial=there.get(str(bid.pk)),
                widget=forms.TextInput(
                    {"class": "w-2", "inputmode": "numeric", "autocomplete": "off"}
                ),
                error_messages={
                    "invalid": _("Type a whole number of dots, or nothing."),
                    "max_value": ngettext(
                        "You have %(have)s dot in all.", "You have %(have)s dots in all.", have
                    )
                    % {"have": have},
                },
            )

    def dots(self) -> dict[int, int]:
        """The dots by bid (id)."""
        return {
            int(name.removeprefix("bid-")): count
            for name, count in self.cleaned_data.items()
            if count
        }


# ---- Checks and letters -----------------------------------------------------------------------
class CheckForm(PlainForm):
    """One check on an organisation that was chosen."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What did you check?"),
        help_text=gettext_lazy(
            "If the group rings to say that it no longer wants the money, choose the last one."
        ),
        choices=CheckKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what you checked.")},
    )
    passed = forms.TypedChoiceField(
        label=gettext_lazy("How did it go?"),
        choices=[("yes", gettext_lazy("It went well")), ("no", gettext_lazy("It did not"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how it went.")},
    )
    words = forms.CharField(
        label=gettext_lazy("What did you find?"),
        help_text=gettext_lazy("If it did not go well, the panel reads this."),
        widget=_area(),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """A check that did not go well needs words for the panel."""
        given = super().clean() or {}
        if given.get("passed") is False and not given.get("words", "").strip():
            self.add_error("words", _("Write what is wrong. The panel will read it."))
        return given


class PutRightForm(CheckForm):
    """That a check which did not go well is well now."""

    def __init__(self, *args: Any, failed: Iterable[DueDiligence], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["passed"]
        self.fields["kind"] = forms.ChoiceField(
            label=_("Which check is well now?"),
            choices=[(row.kind, row.get_kind_display()) for row in failed],
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose which check is well now.")},
        )
        words = self.fields["words"]
        words.label, words.help_text = _("What is different now?"), _("The panel reads this.")


class StaffNoteForm(PlainForm):
    """What staff add to a letter, marked there as theirs."""

    note = forms.CharField(
        label=gettext_lazy("Your note"),
        help_text=gettext_lazy("The letter says that these words are from staff."),
        widget=_area(),
        required=False,
    )


class AcceptForm(SureForm):
    """Whether a group takes its award: said once."""

    accepted = forms.TypedChoiceField(
        label=gettext_lazy("Do you take the money, and what the panel asks of you?"),
        choices=[
            ("yes", gettext_lazy("Yes, we take it")),
            ("no", gettext_lazy("No, we do not take it")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose yes or no.")},
    )
    words = forms.CharField(
        label=gettext_lazy("If no: why?"),
        help_text=gettext_lazy("With a yes, you can write here what you want to tell us."),
        widget=_area(),
        required=False,
    )
    field_order = ("accepted", "words", "sure")
    mark_optional = False  # the label says when it is wanted

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args,
            label=_("This is our answer. We know that we cannot change it here"),
            mistake=_("Tick the box to send your answer."),
            **kwargs,
        )

    def clean(self) -> dict[str, Any]:
        """A no needs a few words."""
        given = super().clean() or {}
        if given.get("accepted") is False and not given.get("words", "").strip():
            self.add_error("words", _("Say in a few words why you do not take it."))
        return given


# ---- Complaints -------------------------------------------------------------------------------
class DescriptionForm(PlainForm):
    """What a bid is about, as the report is to say it."""

    text = forms.CharField(
        label=gettext_lazy("What your bid is about"),
        help_text=gettext_lazy(
            "Everybody can read this if you get money. Write no phone or email."
        ),
        max_length=4000,
        widget=_area(8),
        error_messages={"required": gettext_lazy("Write what your bid is about.")},
    )

    def __init__(self, *args: Any, limit: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit = limit
        self.fields["text"].widget.attrs["data-words"] = str(limit)

    def clean_text(self) -> str:
        """Words that may stand in the report. What was typed stays in the box."""
        text: str = self.cleaned_data["text"]
        verdict = rules.may_say_in_report(text, limit=self.limit)
        if not verdict:
            raise ValidationError(verdict.sentence)
        return text


class ComplaintForm(PlainForm):
    """What a group says was not done fairly."""

    text = forms.CharField(
        label=gettext_lazy("What was not done fairly?"),
        help_text=gettext_lazy("Say what happened, and when. Say what you would like to happen."),
        max_length=4000,
        widget=_area(8),
        error_messages={"required": gettext_lazy("Write what was not done fairly.")},
    )


class TypeComplaintForm(ComplaintForm):
    """What a group said by phone or in a letter, typed by whoever hears complaints."""

    round = forms.ModelChoiceField(
        label=gettext_lazy("Which round was it in?"),
        queryset=Round.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose the round.")},
    )
    reference = forms.CharField(
        label=gettext_lazy("What is the number of the bid?"),
        help_text=gettext_lazy("It stands in their letter. For example, GC-017."),
        max_length=20,
        error_messages={"required": gettext_lazy("Type the number of the bid.")},
        widget=forms.TextInput({"class": "w-10", "autocomplete": "off"}),
    )
    told_by = forms.CharField(
        label=gettext_lazy("Who told you?"),
        help_text=gettext_lazy("Their name, and how you can reach them again."),
        max_length=160,
        error_messages={"required": gettext_lazy("Write who told you.")},
    )
    field_order = ("round", "reference", "told_by", "text")

    def __init__(self, *args: Any, rounds: QuerySet[Round], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["round"]
        field.queryset = rounds
        if len(rounds) == 1:
            field.initial = rounds[0]

    def clean(self) -> dict[str, Any]:
        """The bid with this number, in place of the round and the number."""
        given = super().clean() or {}
        if given.get("round") and given.get("reference"):
            bid = Application.objects.numbered(given["round"], given["reference"])
            if bid is None:
                self.add_error("reference", _("There is no bid with this number in this round."))
            else:
                return {"bid": bid, "told_by": given.get("told_by"), "text": given.get("text")}
        return given


class AnswerComplaintForm(OutcomeForm, SureForm):
    """What was found, and the answer, which the group gets word for word."""

    field_order = ("outcome", "words", "sure")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args,
            asked=(_("What did you find?"), Complaint.Outcome.choices),
            told=(
                _("Your answer to the group"),
                _("They get this word for word. Say what will be done differently."),
            ),
            label=_("I have read my answer again. It can go to the group"),
            mistake=_("Tick the box to send your answer."),
            **kwargs,
        )


# ---- What is kept -----------------------------------------------------------------------------
class ShorterForm(PlainForm):
    """A second person's yes or no to keeping something for a shorter time."""

    YES, NO = "yes", "no"
    answer = forms.ChoiceField(
        label=gettext_lazy("What do you say?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose yes or no.")},
    )
    months = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, months: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": {"months": months}})
        self.fields["answer"].choices = [  # type: ignore[attr-defined]  # it is a choice field
            (self.YES, _("Yes, keep it for %(months)s months") % {"months": months}),
            (self.NO, _("No, leave it as it is")),
        ]


class MonthsForm(PlainForm):
    """For how many months something is kept."""

    months = forms.IntegerField(
        label=gettext_lazy("For how many months?"),
        min_value=1,
        max_value=120,
        error_messages={"required": gettext_lazy("Type a number of months.")},
    )
