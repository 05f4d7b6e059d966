"""What people type and choose about meetings, the panel's agreements and interviews."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.fields import WordedChoices
from accounts.forms import PlainForm, WhenForm
from accounts.templatetags.purse import minutes, moment
from commissioning.models import Choice, Criterion, LevelWord, Member, Round, StageKind
from commissioning.reasons import says_why
from panels.actions import Answer, NewScore
from panels.models import (
    CombineRule,
    InterviewDraft,
    InterviewQuestion,
    InterviewSlot,
    Meeting,
    Proposal,
    Seat,
    ShareAim,
    Shortlisting,
)
from panels.rules.meeting import MOST_SLOTS_AT_ONCE
from panels.rules.timing import breaks_fit

CANNOT = "cannot"
NONE = "none"
ABOUT = "about_"
Kind = Proposal.Kind


def _area(rows: int = 4) -> forms.Textarea:
    return forms.Textarea({"rows": rows})


def _number(width: str = "w-4") -> forms.TextInput:
    return forms.TextInput({"inputmode": "numeric", "class": width, "autocomplete": "off"})


# ---- Agreements -----------------------------------------------------------------------------
class VoteForm(PlainForm):
    """How a member answers what was put to the panel."""

    choice = forms.ChoiceField(
        label=gettext_lazy("What do you say?"),
        choices=Choice.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the three answers.")},
    )
    words = forms.CharField(
        label=gettext_lazy("Anything you would like noted"),
        help_text=gettext_lazy("The panel can read it, without your name."),
        widget=_area(3),
        required=False,
    )


class ProposalForm(PlainForm):
    """Something a member puts to the panel, in their own words."""

    words = forms.CharField(
        label=gettext_lazy("What should the panel agree?"),
        help_text=gettext_lazy("Write it so that people can say yes or no to it."),
        widget=_area(),
        error_messages={"required": gettext_lazy("Write what the panel should agree.")},
    )


class BidBackForm(PlainForm):
    """Why the panel should have a bid back that staff found outside the funder's rules."""

    words = forms.CharField(
        label=gettext_lazy("Why should this bid go on?"),
        help_text=gettext_lazy("Say how you read the rule. Your words are kept."),
        widget=_area(),
        error_messages={"required": gettext_lazy("Write why this bid should go on.")},
    )


class AimForm(PlainForm):
    """What should come first when bids are shared out."""

    aim = forms.ChoiceField(
        label=gettext_lazy("What should come first?"),
        choices=ShareAim.choices,
        widget=WordedChoices,
        error_messages={"required": gettext_lazy("Choose what should come first.")},
    )
    words = forms.CharField(
        label=gettext_lazy("Anything you would like to add"), widget=_area(3), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        aim: Any = self.fields["aim"]
        aim.widget.choice_hints = {
            ShareAim.SHARE.value: _(
                "It is so until the panels choose. What bids are about comes second."
            ),
            ShareAim.LIVED.value: _("A few people may have to read more than others."),
        }


class AskWhyForm(PlainForm):
    """A question why about a bid's scores, or an answer. Staff say whose words they type."""

    def __init__(
        self,
        *args: Any,
        criteria: Sequence[Criterion],
        members: QuerySet[Member] | None,
        question: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if members is not None:
            self.fields["member"] = forms.ModelChoiceField(
                queryset=members,
                label=_("Whose words do you type?"),
                empty_label=_("Choose a member"),
                error_messages={"required": _("Choose whose words they are.")},
            )
        if criteria:
            everything = ("", _("The bid as a whole"))
            self.fields["criterion"] = forms.ChoiceField(
                label=_("What is it about?"),
                choices=[*((str(row.pk), row.title) for row in criteria), everything],
                widget=forms.RadioSelect,
                required=False,
                initial="",
            )
        self.fields["text"] = forms.CharField(
            label=question,
            widget=_area(4),
            max_length=2000,
            error_messages={"required": _("Write something first.")},
        )


class CombineForm(PlainForm):
    """How what was read and what was said at the meeting should count together."""

    rule = forms.ChoiceField(
        label=gettext_lazy("How should they count?"),
        choices=CombineRule.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how they should count.")},
    )
    words = forms.CharField(
        label=gettext_lazy("Anything you would like to add"), widget=_area(3), required=False
    )


class StaffProposalForm(PlainForm):
    """What a facilitator may ask the panel: about dates, or about a new member."""

    KINDS = (Kind.CLOSE_EARLY, Kind.SHORTEN_REST, Kind.ADD_MEMBER)
    kind = forms.ChoiceField(
        label=gettext_lazy("What do you ask?"),
        choices=[(kind.value, kind.label) for kind in KINDS],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what you ask.")},
    )
    stage = forms.ChoiceField(
        label=gettext_lazy("Which stage is it about?"),
        help_text=gettext_lazy("Only for closing a stage or days of rest."),
        widget=forms.RadioSelect,
        required=False,
    )
    recovery_days = forms.IntegerField(
        label=gettext_lazy("How many days of rest should there be?"),
        help_text=gettext_lazy("Only for days of rest."),
        min_value=0,
        max_value=60,
        required=False,
        widget=_number("w-2"),
    )
    member = forms.ModelChoiceField(
        queryset=Member.objects.none(),
        label=gettext_lazy("Who should be added?"),
        help_text=gettext_lazy("Only for adding a member."),
        widget=forms.RadioSelect,
        empty_label=None,
        required=False,
    )
    words = forms.CharField(
        label=gettext_lazy("Why do you ask?"),
        help_text=gettext_lazy("The panel reads this."),
        widget=_area(),
        error_messages={"required": gettext_lazy("Say why you ask. The panel reads it.")},
    )

    def __init__(self, *args: Any, stages: Iterable[str], members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_choices("stage", [(kind, StageKind(kind).label) for kind in stages])
        field = self.fields["member"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = members
        if not members.exists():  # nobody is left to add
            del self.fields["member"]
            kinds = [kind for kind in self.KINDS if kind != Kind.ADD_MEMBER]
            self.set_choices("kind", [(kind.value, kind.label) for kind in kinds])

    def set_choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """Let a field choose among these."""
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        kind = data.get("kind")
        if kind in (Kind.CLOSE_EARLY, Kind.SHORTEN_REST) and not data.get("stage"):
            self.add_error("stage", _("Choose the stage that it is about."))
        if (
            kind == Kind.SHORTEN_REST
            and data.get("recovery_days") is None
            and "recovery_days" not in self.errors
        ):
            self.add_error("recovery_days", _("Type how many days of rest there should be."))
        if kind == Kind.ADD_MEMBER and not data.get("member"):
            self.add_error("member", _("Choose who should be added."))
        return data

    def facts(self) -> dict[str, Any]:
        """The ids and numbers that the panel settles."""
        data = self.cleaned_data
        if data["kind"] == Kind.ADD_MEMBER:
            return {"member": data["member"].pk}
        if data["kind"] == Kind.SHORTEN_REST:
            return {"stage": data["stage"], "recovery_days": data["recovery_days"]}
        return {"stage": data["stage"]}


class AboutField(forms.CharField):
    """A box for words about one criterion, beside what members wrote on it when they scored."""

    written: Sequence[str] = ()


class ReasonForm(PlainForm):
    """A reason that a group is told, with a box for each criterion that may be left empty."""

    folded: tuple[str, ...] = ()
    """The boxes for the criteria, which stand in a part that can be opened."""
    fold = gettext_lazy("Tell them about each criterion (optional)")
    fold_hint = gettext_lazy("The group reads this too. You can leave any of these boxes empty.")

    def add_boxes(
        self,
        titles: Mapping[int, str],
        *,
        kept: Mapping[str, str] | None = None,
        written: Mapping[int, Sequence[str]] | None = None,
    ) -> None:
        """A box for each criterion (id and title), with the words that are kept for it."""
        for pk, title in titles.items():
            box = AboutField(
                label=_("What do you want to tell them about “%(criterion)s”?")
                % {"criterion": title},
                widget=_area(3),
                required=False,
                initial=(kept or {}).get(str(pk), ""),
            )
            box.written = (written or {}).get(pk, ())
            self.fields[f"{ABOUT}{pk}"] = box
            self.folded += (f"{ABOUT}{pk}",)

    @property
    def fold_is_open(self) -> bool:
        """Whether there is something in the boxes to see."""
        return any(self[name].value() or self[name].errors for name in self.folded)

    def clean(self) -> dict[str, Any]:
        """The words of the boxes together, by criterion."""
        given: dict[str, Any] = super().clean() or {}
        given["by_criterion"] = {
            name.removeprefix(ABOUT): given.pop(name, "") for name in self.folded
        }
        return given


class ShortlistingForm(ReasonForm):
    """To meet an organisation, or not this time, with the reason it will be told."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What do you propose?"),
        choices=Shortlisting.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose to meet them, or not this time.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("The organisation is told this, in these words."),
        widget=_area(),
        error_messages={"required": gettext_lazy("Say why, in a sentence or two.")},
    )
    criterion = forms.ModelChoiceField(
        queryset=Criterion.objects.none(),
        label=gettext_lazy("Which question does the reason rest on?"),
        help_text=gettext_lazy("You need this for “not this time”."),
        widget=forms.RadioSelect,
        empty_label=None,
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        criteria: Iterable[Criterion],
        written: Mapping[int, Sequence[str]],
        round: Round,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        titles = {row.pk: row.title for row in criteria}
        _among_criteria(self.fields["criterion"], round)
        self.add_boxes(titles, written=written)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("reason") and not says_why(data["reason"]):
            self.add_error("reason", self.fields["reason"].error_messages["required"])
        if data.get("outcome") == Shortlisting.Outcome.NO and not data.get("criterion"):
            self.add_error("criterion", _("Choose the question that the reason rests on."))
        return data


def _among_criteria(field: forms.Field, round: Round) -> None:
    if isinstance(field, forms.ModelChoiceField):
        field.queryset = Criterion.objects.agreed_for(round)


# ---- Scores ---------------------------------------------------------------------------------
def score_field(
    label: str,
    levels: Iterable[LevelWord],
    *,
    required: bool,
    first: Sequence[tuple[str, str]] = (),
) -> forms.ChoiceField:
    """Six levels in words, and "I cannot judge this". Nothing is chosen beforehand."""
    rows = sorted(levels, key=lambda row: row.level)
    hints = {str(row.level): row.sentence for row in rows}
    hints[CANNOT] = _("That is a real answer. It never counts as nought.")
    return forms.ChoiceField(
        label=label,
        choices=[
            *first,
            *((str(row.level), f"{row.level} {row.word}".strip()) for row in rows),
            (CANNOT, _("I cannot judge this")),
        ],
        widget=WordedChoices(choice_hints=hints, attrs={"autocomplete": "off"}),
        required=required,
        error_messages={
            "required": _("Choose a score, or “I cannot judge this”."),
            "invalid_choice": _("Choose one of the scores from 0 to 5."),
        },
    )


def plain_levels() -> list[LevelWord]:
    """Words for 0 to 5 where a question has no criterion with words of its own. Not stored."""
    words = {
        0: (_("Nothing"), _("They had no answer to this.")),
        1: (_("A little"), _("They said something, but I was not convinced.")),
        2: (_("Thin"), _("Part of an answer.")),
        3: (_("Fair"), _("A good enough answer.")),
        4: (_("Strong"), _("A clear and full answer.")),
        5: (_("No doubt"), _("I am left in no doubt.")),
    }
    return [
        LevelWord(level=level, word=word, sentence=sentence)
        for level, (word, sentence) in words.items()
    ]


class ChangeScoreForm(PlainForm):
    """A new score after talking, and what changed it."""

    reason = forms.CharField(
        label=gettext_lazy("What made you change it?"),
        help_text=gettext_lazy("One sentence is enough. Your first score is kept beside it."),
        widget=_area(),
        error_messages={
            "required": gettext_lazy("Say in a sentence what made you change your score.")
        },
    )

    def __init__(
        self, *args: Any, criterion: Criterion, levels: Iterable[LevelWord], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "score": score_field(criterion.question, levels, required=True),
            **self.fields,
        }

    def value(self) -> int | None:
        """The new score; None is "I cannot judge this"."""
        chosen = self.cleaned_data["score"]
        return None if chosen == CANNOT else int(chosen)


SAME = "same"


class TypeChangeForm(PlainForm):
    """What a member changed on paper after the talk. What they left alone stays as it is."""

    mark_optional = False

    def __init__(self, *args: Any, criteria: Iterable[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = list(criteria)
        for row in self.criteria:
            self.fields[f"score_{row.slug}"] = score_field(
                row.question, row.levels.all(), required=False, first=[(SAME, _("No change"))]
            )
            self.fields[f"reason_{row.slug}"] = forms.CharField(
                label=_("What made them change “%(criterion)s”?") % {"criterion": row.title},
                widget=_area(rows=3),
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """A change needs its reason, a reason needs its change, and one of them there must be."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not any(map(self._touched, self.criteria)):
            self.add_error(
                f"score_{self.criteria[0].slug}" if self.criteria else None,
                _("Choose the new score that the paper says."),
            )
        for row in self.criteria:
            names = {"criterion": row.title}
            if self._changed(row) and not cleaned[f"reason_{row.slug}"]:
                words = _("Type what made them change “%(criterion)s”.") % names
                self.add_error(f"reason_{row.slug}", words)
            elif self._touched(row) and not self._changed(row):
                words = _("Choose the new score for “%(criterion)s”, or take the reason away.")
                self.add_error(f"score_{row.slug}", words % names)
        return cleaned

    def _changed(self, row: Criterion) -> bool:
        return self.cleaned_data.get(f"score_{row.slug}") not in (None, "", SAME)

    def _touched(self, row: Criterion) -> bool:
        return self._changed(row) or bool(self.cleaned_data.get(f"reason_{row.slug}"))

    def changes(self) -> dict[Criterion, NewScore]:
        """Each criterion that changed, with its new score and the reason."""
        found = {}
        for row in filter(self._changed, self.criteria):
            chosen = self.cleaned_data[f"score_{row.slug}"]
            value = None if chosen == CANNOT else int(chosen)
            found[row] = NewScore(value, self.cleaned_data[f"reason_{row.slug}"])
        return found


class InterviewScoreForm(PlainForm):
    """What a member makes of one answer at an interview, and their notes. May be half finished."""

    mark_optional = False
    reason = forms.CharField(
        label=gettext_lazy("Your notes"),
        help_text=gettext_lazy("What did they say? A few words are enough."),
        widget=_area(),
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        question: InterviewQuestion,
        draft: InterviewDraft | None,
        levels: Iterable[LevelWord],
        **kwargs: Any,
    ) -> None:
        if draft:
            said = CANNOT if draft.cannot_judge else "" if draft.value is None else draft.value
            kwargs["initial"] = {
                "score": str(said),
                "reason": draft.reason,
                "version": draft.version,
            }
        else:
            kwargs["initial"] = {"version": 0}
        super().__init__(*args, **kwargs)
        self.fields = {
            "score": score_field(question.text, levels, required=False),
            **self.fields,
        }

    def answer(self) -> Mapping[str, Any]:
        """What was chosen and typed, as the action wants it."""
        chosen = self.cleaned_data["score"]
        return {
            "value": int(chosen) if chosen and chosen != CANNOT else None,
            "cannot_judge": chosen == CANNOT,
            "reason": self.cleaned_data["reason"],
            "version": self.cleaned_data["version"] or 0,
        }


class TypeInterviewForm(PlainForm):
    """A member's paper sheet about one interview, typed as it stands there."""

    mark_optional = False

    def __init__(
        self,
        *args: Any,
        questions: Sequence[tuple[InterviewQuestion, list[LevelWord]]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = [question for question, _levels in questions]
        for question, levels in questions:
            self.fields[f"score_{question.pk}"] = score_field(question.text, levels, required=False)
            self.fields[f"reason_{question.pk}"] = forms.CharField(
                label=_("Their notes on question %(number)s")
                % {"number": self.questions.index(question) + 1},
                widget=_area(rows=3),
                required=False,
            )
        self.fields["why"] = forms.CharField(
            label=_("Anything they added about the meeting"), widget=_area(), required=False
        )

    def clean(self) -> dict[str, Any]:
        """Each question needs a score, or that they cannot judge it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for question in self.questions:
            if not cleaned.get(f"score_{question.pk}"):
                self.add_error(
                    f"score_{question.pk}",
                    _("Choose what the paper says for “%(question)s”.")
                    % {"question": question.text},
                )
        return cleaned

    def answers(self) -> dict[InterviewQuestion, Answer]:
        """What the paper says of each question."""
        found = {}
        for question in self.questions:
            chosen = self.cleaned_data[f"score_{question.pk}"]
            found[question] = Answer(
                value=None if chosen == CANNOT else int(chosen),
                cannot_judge=chosen == CANNOT,
                reason=self.cleaned_data[f"reason_{question.pk}"],
            )
        return found


class SendInterviewForm(PlainForm):
    """Anything to add before the scores of an interview are sent."""

    why = forms.CharField(
        label=gettext_lazy("Anything you would like to add about the meeting"),
        widget=_area(),
        required=False,
    )


# ---- Meetings -------------------------------------------------------------------------------
class MeetingForm(WhenForm):
    """A meeting of the panel."""

    field_order = (
        *("kind", "day", "time", "minutes_long", "break_minutes"),
        *("place", "link", "notes"),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What is it for?"),
        choices=Meeting.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what the meeting is for.")},
    )
    break_minutes = forms.IntegerField(
        label=gettext_lazy("How many minutes of it are for breaks?"),
        help_text=gettext_lazy("For example, 15. All breaks together."),
        min_value=0,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "class": "w-4", "autocomplete": "off"}),
        error_messages={
            "invalid": gettext_lazy("Type a number of minutes for breaks, like 15."),
            "min_value": gettext_lazy("Type a number of minutes for breaks, like 15."),
        },
    )
    notes = forms.CharField(
        label=gettext_lazy("Food and drink, travel, and getting in"),
        help_text=gettext_lazy("Everybody on the panel reads this."),
        widget=_area(),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        data["break_minutes"] = data.get("break_minutes") or 0
        if "minutes_long" in data and "break_minutes" not in self.errors:
            fits = breaks_fit(data["minutes_long"], data["break_minutes"])
            if not fits:
                self.add_error("break_minutes", fits.sentence)
        return data


class SlotsForm(WhenForm):
    """Several times for meeting organisations, one after another."""

    field_order = (
        "day", "time", "how_many", "minutes_long", "minutes_between", "place", "link",
        "refreshments",
    )  # fmt: skip
    how_many = forms.IntegerField(
        label=gettext_lazy("How many times one after another?"),
        min_value=1,
        max_value=MOST_SLOTS_AT_ONCE,
        widget=_number("w-2"),
        error_messages={"required": gettext_lazy("Type how many times you offer.")},
    )
    minutes_between = forms.IntegerField(
        label=gettext_lazy("How many minutes between them?"),
        min_value=0,
        max_value=120,
        widget=_number(),
        error_messages={"required": gettext_lazy("Type how many minutes lie between them.")},
    )
    refreshments = forms.CharField(
        label=gettext_lazy("What is there to eat and drink?"),
        help_text=gettext_lazy("For example: tea, water and biscuits."),
        max_length=120,
        required=False,
    )


class InterviewHelpForm(PlainForm):
    """What was agreed with an organisation, so that it can take part as well as others."""

    agreed = forms.CharField(
        label=gettext_lazy("What did you agree?"),
        help_text=gettext_lazy(
            "For example: the questions on paper a day before, a break, by phone, an interpreter. "
            "The group and the panel read this. Please leave out why they need it."
        ),
        widget=_area(),
        error_messages={"required": gettext_lazy("Write what you agreed.")},
    )
    more_minutes = forms.IntegerField(
        label=gettext_lazy("How many minutes more do they have?"),
        help_text=gettext_lazy("Type 0 for none."),
        min_value=0,
        max_value=120,
        widget=_number(),
        error_messages={
            "required": gettext_lazy("Type how many minutes more. Type 0 for none."),
            "max_value": gettext_lazy("Give 120 minutes more at most."),
        },
    )


class AttendanceForm(PlainForm):
    """Who came."""

    mark_optional = False
    members = forms.ModelMultipleChoiceField(
        queryset=Member.objects.none(),
        label=gettext_lazy("Who came?"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["members"]
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.queryset = members


class MinutesForm(PlainForm):
    """What was said about how things were done."""

    minutes = forms.CharField(
        label=gettext_lazy("What was said about how things were done?"),
        help_text=gettext_lazy("Not who said what about a bid. The whole panel reads this."),
        widget=_area(12),
        error_messages={"required": gettext_lazy("Write the minutes.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class ReflectionForm(PlainForm):
    """A facilitator's few lines after a meeting."""

    text = forms.CharField(
        label=gettext_lazy("How did you take part?"),
        help_text=gettext_lazy(
            "A few lines. Did you say more than you meant to? Did anybody look to you for an "
            "answer? The whole panel reads this."
        ),
        max_length=2000,
        widget=_area(6),
        error_messages={"required": gettext_lazy("Write a few lines.")},
    )


class SteeredForm(PlainForm):
    """What made a member feel steered, and whether they give their name."""

    text = forms.CharField(
        label=gettext_lazy("What happened?"),
        help_text=gettext_lazy("Without a name, leave out what only you could know."),
        max_length=4000,
        widget=_area(8),
        error_messages={"required": gettext_lazy("Say in a few words what happened.")},
    )
    named = forms.ChoiceField(
        label=gettext_lazy("Shall they know it was you?"),
        choices=[
            ("yes", gettext_lazy("Yes. They may ring me about it")),
            ("no", gettext_lazy("No. I do not give my name")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose yes or no.")},
    )


class OutcomeForm(PlainForm):
    """What came of something that was heard, and the words for those who wait for it.

    `asked`: the question and its choices; `told`: the label of the words and who reads them.
    """

    outcome = forms.ChoiceField(widget=forms.RadioSelect)
    words = forms.CharField(max_length=4000, widget=_area(8))

    def __init__(
        self, *args: Any, asked: tuple[Any, Any], told: tuple[Any, Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        outcome: Any = self.fields["outcome"]
        outcome.label, outcome.choices = asked
        words = self.fields["words"]
        words.label, words.help_text = told


# ---- Interviews -----------------------------------------------------------------------------
class InterviewQuestionForm(PlainForm):
    """A question for every organisation, and who asks it."""

    text = forms.CharField(
        label=gettext_lazy("What will you ask?"),
        help_text=gettext_lazy("Every organisation is asked this, and sees it before it comes."),
        max_length=300,
        widget=_area(3),
        error_messages={"required": gettext_lazy("Write the question.")},
    )
    criterion = forms.ChoiceField(
        label=gettext_lazy("Which of our agreed questions does it help with?"),
        widget=forms.RadioSelect,
        required=False,
    )
    asked_by = forms.ChoiceField(
        label=gettext_lazy("Who asks it?"), widget=forms.RadioSelect, required=False
    )

    def __init__(
        self,
        *args: Any,
        criteria: Iterable[Criterion],
        seats: Iterable[Seat],
        question: InterviewQuestion | None = None,
        **kwargs: Any,
    ) -> None:
        if question:
            kwargs["initial"] = {
                "text": question.text,
                "criterion": str(question.criterion_id or NONE),
                "asked_by": str(question.asked_by_id or NONE),
            }
        super().__init__(*args, **kwargs)
        self.criteria = {str(row.pk): row for row in criteria}
        self.seats = {str(row.pk): row for row in seats}
        _among(self.fields["criterion"], self.criteria, _("None of them"))
        names = {pk: seat.member for pk, seat in self.seats.items()}
        _among(self.fields["asked_by"], names, _("We decide later"))

    def facts(self) -> dict[str, Any]:
        """The question, its criterion and who asks it, as the action wants them."""
        data = self.cleaned_data
        return {
            "text": data["text"],
            "criterion": self.criteria.get(data["criterion"]),
            "asked_by": self.seats.get(data["asked_by"]),
        }


def _among(field: forms.Field, rows: Mapping[str, Any], none: str) -> None:
    """Let a field choose among these rows, or none of them."""
    if isinstance(field, forms.ChoiceField):
        field.choices = [*((pk, str(row)) for pk, row in rows.items()), (NONE, none)]


class SlotForm(PlainForm):
    """The time an organisation chooses, and what its people need."""

    slot = forms.ChoiceField(
        label=gettext_lazy("Which time would you like?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a time."),
            "invalid_choice": gettext_lazy("Somebody took this time. Please choose another."),
        },
    )
    access_needs = forms.CharField(
        label=gettext_lazy("What do you need to take part?"),
        help_text=gettext_lazy(
            "For example a ramp, a hearing loop, or somebody with you. Only staff read this."
        ),
        widget=_area(),
        required=False,
    )

    def __init__(self, *args: Any, slots: Iterable[InterviewSlot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slots = {str(slot.pk): slot for slot in slots}
        field = self.fields["slot"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(pk, _in_words(slot)) for pk, slot in self.slots.items()]

    def chosen(self) -> InterviewSlot:
        """The time that was chosen."""
        return self.slots[self.cleaned_data["slot"]]


def _in_words(slot: InterviewSlot) -> str:
    """A time, how long it is, and where."""
    when = f"{moment(slot.starts_at)}, {minutes(slot.minutes_long)}"
    return f"{when}, {slot.place}" if slot.place else when
