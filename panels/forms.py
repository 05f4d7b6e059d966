"""What people type and choose in the panel's pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.documents import ACCEPT_TO_LOOK_AT
from accounts.fields import DayField, WordedChoices
from accounts.forms import PlainForm
from applications.models import Application
from commissioning.models import Criterion, LevelWord, Lot, Member
from panels.actions import Answer, Knows
from panels.models import Abstention, Interest, Phase, ScoreSheet, ShareReply
from panels.rules.scoring import Marked, Written, day_of_call
from panels.rules.share import MOST_BIDS
from support.models import Format

CANNOT = "cannot"
NOBODY = "nobody"


def _area(**attrs: Any) -> forms.Textarea:
    return forms.Textarea({"rows": 4, **attrs})


class SureForm(PlainForm):
    """One box to tick before something grave. Its words say what is being done."""

    sure = forms.BooleanField(required=True)

    def __init__(self, *args: Any, label: str, mistake: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sure"].label = label
        self.fields["sure"].error_messages["required"] = mistake


# ---- Panels and seats -----------------------------------------------------------------------
class MakePanelForm(PlainForm):
    """Which lot the panel is for, and what it is called."""

    lot = forms.ModelChoiceField(
        queryset=Lot.objects.none(),
        label=gettext_lazy("Which lot is it for?"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose a lot.")},
    )
    name = forms.CharField(
        label=gettext_lazy("What is the panel called?"),
        max_length=120,
        error_messages={"required": gettext_lazy("Type a name for the panel.")},
    )

    def __init__(self, *args: Any, lots: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _among(self.fields["lot"], lots)


class SeatForm(PlainForm):
    """Who takes a seat."""

    member = forms.ModelChoiceField(
        queryset=Member.objects.none(),
        label=gettext_lazy("Who takes a seat?"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose a volunteer.")},
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _among(self.fields["member"], members)


def _among(field: forms.Field, rows: Any) -> None:
    """Let a field choose among these rows."""
    if isinstance(field, forms.ModelChoiceField):
        field.queryset = rows


# ---- Sharing out ----------------------------------------------------------------------------
class ChangeShareForm(PlainForm):
    """Who gives up a bid, who takes it, and why."""

    taken_from = forms.TypedChoiceField(
        label=gettext_lazy("Who gives it up?"), widget=forms.RadioSelect, coerce=str
    )
    given_to = forms.TypedChoiceField(
        label=gettext_lazy("Who takes it?"), widget=WordedChoices, coerce=str
    )
    reason = forms.CharField(
        label=gettext_lazy("What is your reason?"),
        help_text=gettext_lazy("The panel can read this."),
        widget=_area(),
        error_messages={"required": gettext_lazy("Give a reason. The panel will see it.")},
    )

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        readers: Sequence[Member],
        others: Sequence[tuple[Member, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        nobody = (NOBODY, _("Nobody"))
        givers: Any = self.fields["taken_from"]
        takers: Any = self.fields["given_to"]
        givers.choices = [*((str(row.pk), str(row)) for row in readers), nobody]
        takers.choices = [*((str(row.pk), str(row)) for row, _why in others), nobody]
        takers.widget.choice_hints = {str(row.pk): why for row, why in others}
        givers.error_messages["required"] = _("Choose who gives the bid up, or “Nobody”.")
        takers.error_messages["required"] = _("Choose who takes the bid, or “Nobody”.")

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        if data.get("taken_from") == data.get("given_to") == NOBODY:
            self.add_error("given_to", _("Choose who gives the bid up, or who takes it."))
        return data

    def _choice(self) -> str:
        return f"{self.cleaned_data['taken_from']}>{self.cleaned_data['given_to']}"

    def was_seen(self) -> bool:
        """Whether the effect of this very choice was on the page that the form came from."""
        return bool(self.cleaned_data["seen"] == self._choice())

    def once_seen(self) -> dict[str, str]:
        """What the page of the effect sends, so that its button does it."""
        names = ("taken_from", "given_to", "reason")
        return {**{name: self.cleaned_data[name] for name in names}, "seen": self._choice()}


class ChangeSeatingForm(PlainForm):
    """Who is taken out of what was proposed for a panel, who comes, and why."""

    taken_out = forms.TypedChoiceField(
        label=gettext_lazy("Who is taken out?"), widget=forms.RadioSelect, coerce=str
    )
    put_in = forms.TypedChoiceField(
        label=gettext_lazy("Who comes?"), widget=forms.Select, coerce=str
    )
    reason = forms.CharField(
        label=gettext_lazy("What is your reason?"),
        help_text=gettext_lazy("The panel can read this."),
        widget=_area(),
        error_messages={"required": gettext_lazy("Give a reason. The panel will see it.")},
    )

    def __init__(
        self, *args: Any, proposed: Sequence[Member], others: Sequence[Member], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        nobody = (NOBODY, _("Nobody"))
        out: Any = self.fields["taken_out"]
        into: Any = self.fields["put_in"]
        out.choices = [*((str(row.pk), str(row)) for row in proposed), nobody]
        into.choices = [nobody, *((str(row.pk), str(row)) for row in others)]


class FormatGapsForm(PlainForm):
    """In which forms a bid cannot be had, and why."""

    without = forms.MultipleChoiceField(
        label=gettext_lazy("It cannot be had in"),
        help_text=gettext_lazy("Untick one as soon as it is there."),
        choices=Format,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=gettext_lazy("What is your reason?"),
        help_text=gettext_lazy("The panel can read this."),
        required=False,
        widget=_area(),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("without") and not given.get("reason", "").strip():
            self.add_error("reason", _("Give a reason. The panel will see it."))
        return given


class UndoSharingForm(PlainForm):
    """Why a share-out is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("What is your reason?"),
        help_text=gettext_lazy("The panel can read this."),
        widget=_area(),
        error_messages={"required": gettext_lazy("Give a reason. The panel will see it.")},
    )
    sure = forms.BooleanField(
        label=gettext_lazy("Yes, take these bids back."),
        error_messages={"required": gettext_lazy("Tick the box to take these bids back.")},
    )


class FindForm(PlainForm):
    """Looking for somebody, or for a bid, in a long list."""

    mark_optional = False
    q = forms.CharField(label=gettext_lazy("Look for a name"), required=False, max_length=100)
    show = forms.ChoiceField(label=gettext_lazy("Which ones"), required=False)

    def __init__(
        self, *args: Any, label: str = "", shows: Iterable[tuple[str, Any]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label = label or self.fields["q"].label
        show: Any = self.fields["show"]
        show.choices = list(shows)
        if not show.choices:
            del self.fields["show"]

    def wants(self) -> tuple[str, str]:
        """The words looked for, and which rows; both empty where nothing sensible was asked."""
        if not self.is_valid():
            return "", ""
        return self.cleaned_data["q"].strip(), self.cleaned_data.get("show", "")

    @property
    def shown(self) -> str:
        """Which rows are shown, in the words of the choice; empty for all of them."""
        _words, show = self.wants()
        choices: Any = getattr(self.fields.get("show"), "choices", ())
        return str(dict(choices)[show]) if show else ""


class ReplyForm(PlainForm):
    """What a reader says of their share."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Is this right for you?"),
        choices=ShareReply.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the three answers.")},
    )
    bids_wanted = forms.IntegerField(
        label=gettext_lazy("How many bids would you like in all?"),
        help_text=gettext_lazy("Only if you would like fewer or more."),
        min_value=0,
        max_value=MOST_BIDS,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "class": "w-2", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, about: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if about:  # staff type it for somebody
            said = self.fields["answer"], self.fields["bids_wanted"]
            said[0].label = _("What does %(name)s say of their share?") % {"name": about}
            said[1].label = _("How many bids would they like in all?")
            said[1].help_text = _("Only if they would like fewer or more.")

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        if (
            data.get("answer") in (ShareReply.Answer.FEWER, ShareReply.Answer.MORE)
            and data.get("bids_wanted") is None
            and "bids_wanted" not in self.errors
        ):
            self.add_error("bids_wanted", _("Type how many bids you would like, from 0 to 19."))
        return data


# ---- Interests ------------------------------------------------------------------------------
class KnowForm(PlainForm):
    """One page of a lot's bids: a box for each one where the reader knows somebody."""

    mark_optional = False

    def __init__(self, *args: Any, bids: Iterable[Application], last: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bids = list(bids)
        for bid in self.bids:
            self.fields[f"bid_{bid.pk}"] = forms.BooleanField(
                required=False, label=_("I know people in this bid")
            )
        if last:
            self.fields["rest"] = forms.BooleanField(
                label=_("I know nobody in the rest"),
                required=True,
                error_messages={
                    "required": _("Tick the box to say that you know nobody in the rest.")
                },
            )

    def rows(self) -> list[tuple[Application, forms.BoundField]]:
        """Each bid with its own box."""
        return [(bid, self[f"bid_{bid.pk}"]) for bid in self.bids]

    def known(self) -> list[int]:
        """The ids of the bids that were ticked."""
        return [bid.pk for bid in self.bids if self.cleaned_data.get(f"bid_{bid.pk}")]


def _kind_field() -> forms.ChoiceField:
    hints = {
        Interest.Kind.DIRECT.value: _("You will not take part in this lot at all."),
        Interest.Kind.INDIRECT.value: _("Your panel will be told, and will decide."),
    }
    return forms.ChoiceField(
        label=_("How do you know them?"),
        choices=[(value, f"{label}.") for value, label in Interest.Kind.choices],
        widget=WordedChoices(choice_hints=hints),
        error_messages={"required": _("Choose how you know them.")},
    )


class HowForm(PlainForm):
    """How a reader knows the people in each bid that they ticked."""

    def __init__(self, *args: Any, bids: Sequence[Application], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for bid in bids:
            kind = _kind_field()
            kind.label = _("How do you know the people in “%(bid)s”?") % {"bid": bid}
            kind.error_messages["required"] = _("Choose how you know the people in “%(bid)s”.") % {
                "bid": bid
            }
            self.fields[f"kind_{bid.pk}"] = kind
            self.fields[f"words_{bid.pk}"] = forms.CharField(
                label=_("Anything you would like to add about “%(bid)s”") % {"bid": bid},
                widget=_area(rows=2),
                required=False,
            )


class FindSheetForm(PlainForm):
    """The code that is printed on a score sheet."""

    code = forms.CharField(
        label=gettext_lazy("Code of the sheet"),
        help_text=gettext_lazy("9 letters and numbers, under the square picture."),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,  # a scanner types where the cursor is
            }
        ),
        error_messages={"required": gettext_lazy("Type the code that is on the paper.")},
    )


class PackGivenForm(PlainForm):
    """How a pack of bids and score sheets went to its reader."""

    POST, HAND = "post", "hand"
    how = forms.ChoiceField(
        label=gettext_lazy("How did it go?"),
        choices=[(POST, gettext_lazy("By post")), (HAND, gettext_lazy("I handed it over"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how the pack went.")},
    )


class TypeDeclarationForm(PlainForm):
    """Whom a volunteer knows, as they said it on paper or by phone: an answer for each bid."""

    NOBODY = "nobody"
    mark_optional = False

    def __init__(self, *args: Any, bids: Iterable[Application], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bids = list(bids)
        choices = [(self.NOBODY, _("They know nobody in it")), *Interest.Kind.choices]
        for bid in self.bids:
            names = {"bid": bid.reference, "group": bid.sent_from}
            self.fields[f"kind_{bid.pk}"] = forms.ChoiceField(
                label=_("%(bid)s, %(group)s") % names,
                choices=choices,
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose what they said about %(bid)s.") % names},
            )
            self.fields[f"words_{bid.pk}"] = forms.CharField(
                label=_("Their words about %(bid)s (optional)") % names,
                widget=_area(rows=2),
                required=False,
            )

    def knows(self) -> list[Knows]:
        """The ties that were typed."""
        data = self.cleaned_data
        return [
            Knows(bid, Interest.Kind(data[f"kind_{bid.pk}"]), data[f"words_{bid.pk}"])
            for bid in self.bids
            if data[f"kind_{bid.pk}"] != self.NOBODY
        ]


class LateForm(PlainForm):
    """A tie that a reader noticed only when reading."""

    words = forms.CharField(
        label=gettext_lazy("Anything you would like to add"), widget=_area(rows=3), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"kind": _kind_field(), **self.fields}


# ---- Scoring --------------------------------------------------------------------------------
def _score_field(label: str, levels: Iterable[LevelWord]) -> forms.ChoiceField:
    rows = sorted(levels, key=lambda row: row.level)
    hints = {str(row.level): row.sentence for row in rows}
    hints[CANNOT] = _("That is a real answer. It never counts as nought.")
    choices = [(str(row.level), f"{row.level} {row.word}") for row in rows]
    return forms.ChoiceField(
        label=label,
        choices=[*choices, (CANNOT, _("I cannot judge this"))],
        widget=WordedChoices(choice_hints=hints, attrs={"autocomplete": "off"}),
        required=False,
        error_messages={"invalid_choice": _("Choose one of the scores from 0 to 5.")},
    )


def _said(mark: Marked) -> str:
    """What was answered, as a choice of the score field."""
    if mark.cannot_judge:
        return CANNOT
    return "" if mark.value is None else str(mark.value)


def _answer(choice: str, reason: str) -> Answer:
    if choice == CANNOT:
        return Answer(cannot_judge=True, reason=reason)
    return Answer(value=int(choice) if choice else None, reason=reason)


class ScoreForm(PlainForm):
    """One criterion of one bid: a score in words, and a reason."""

    mark_optional = False
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("A few words are enough."),
        widget=_area(),
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, mark: Marked, levels: Iterable[LevelWord], **kwargs: Any
    ) -> None:
        kwargs["initial"] = {"score": _said(mark), "reason": mark.reason, "version": mark.version}
        super().__init__(*args, **kwargs)
        self.levels = {row.level: row for row in levels}
        score = _score_field(mark.criterion.question, self.levels.values())
        self.fields = {"score": score, **self.fields}

    @property
    def take_over(self) -> bool:
        """Whether the reader asked for the level's own sentence as the reason."""
        return "take_over" in self.data

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        choice = data.get("score") or ""
        if self.take_over and "score" not in self.errors:
            if choice in ("", CANNOT):
                self.add_error("score", _("Choose a score first. Then you can use its words."))
            else:
                sentence = self.levels[int(choice)].sentence
                typed = (data.get("reason") or "").strip()
                if sentence not in typed:
                    data["reason"] = f"{typed} {sentence}".strip()
        return data

    def answer(self) -> Answer:
        """What was chosen and typed."""
        return _answer(self.cleaned_data["score"], self.cleaned_data["reason"])


class AllScoresForm(PlainForm):
    """Every criterion of one bid on one page, and what made the reader choose."""

    mark_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        written: Written,
        levels: Mapping[int, Sequence[LevelWord]],
        **kwargs: Any,
    ) -> None:
        marks = written.marks
        initial: dict[str, Any] = {"why": written.why, "version": written.version}
        fields: dict[str, forms.Field] = {}
        for mark in marks:
            slug = mark.criterion.slug
            fields[f"score_{slug}"] = _score_field(
                mark.criterion.question, levels.get(mark.criterion.pk, ())
            )
            fields[f"reason_{slug}"] = forms.CharField(
                label=_("Why? (%(title)s)") % {"title": mark.criterion.title},
                widget=_area(rows=3),
                required=False,
            )
            initial |= {f"score_{slug}": _said(mark), f"reason_{slug}": mark.reason}
        fields["why"] = forms.CharField(
            label=_("What made you choose this?"),
            help_text=_("In your own words."),
            widget=_area(),
            required=False,
        )
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        self.criteria: list[Criterion] = [mark.criterion for mark in marks]
        self.fields = {**fields, **self.fields}

    def answers(self) -> dict[Criterion, Answer]:
        """What was chosen and typed for each criterion."""
        data = self.cleaned_data
        return {
            row: _answer(data[f"score_{row.slug}"], data[f"reason_{row.slug}"])
            for row in self.criteria
        }


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class ScansField(forms.FileField):
    """Photos or scans of paper, as many as one likes: a list of files."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Is there a photo or scan of the paper?"))
        kwargs.setdefault(
            "help_text", _("PDF, PNG or JPG, up to 10 MB each. You can choose several.")
        )
        kwargs.setdefault("widget", _ManyFiles({"accept": ACCEPT_TO_LOOK_AT}))
        super().__init__(required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every file that came, even an empty one: what is wrong with each is said by its name."""
        return list(data or [])


class TypeSheetForm(AllScoresForm):
    """A paper sheet, typed for its reader, with a picture of it if there is one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scan"] = ScansField()


class WhyForm(PlainForm):
    """What made a reader choose, in their own words."""

    mark_optional = False
    why = forms.CharField(
        label=gettext_lazy("What made you choose this?"),
        help_text=gettext_lazy("Say it as you would to a friend. Two or three sentences are fine."),
        widget=_area(rows=6),
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class NotesForm(PlainForm):
    """A reader's own notes on a bid. Nobody else ever sees them."""

    mark_optional = False
    notes = forms.CharField(
        label=gettext_lazy("Your own notes"),
        help_text=gettext_lazy(
            "Only you can see these. They are never sent. Words of the bid that stand here in "
            "“quotation marks” are marked in the bid, where your browser can."
        ),
        widget=_area(rows=5),
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class AbstainForm(PlainForm):
    """Why a reader cannot score a bid."""

    why = forms.ChoiceField(
        label=gettext_lazy("Why can you not score it?"),
        choices=Abstention.Why.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose why you cannot score this bid.")},
    )
    words = forms.CharField(
        label=gettext_lazy("Anything you would like to add"), widget=_area(rows=3), required=False
    )


class RefuseTypedForm(PlainForm):
    """Whether a typed sheet is right, and what is wrong with it if not."""

    YES, NO = "yes", "no"
    right = forms.ChoiceField(
        label=gettext_lazy("Is this what the paper says?"),
        choices=[
            (YES, gettext_lazy("Yes, this is right")),
            (NO, gettext_lazy("No, something is wrong")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose yes or no.")},
    )
    words = forms.CharField(
        label=gettext_lazy("What is wrong?"),
        help_text=gettext_lazy("Only if something is wrong."),
        widget=_area(rows=3),
        required=False,
    )


class CheckTypedForm(RefuseTypedForm):
    """The same for a second person: they hold the signed paper, or read each line back by phone."""

    PHONE = "phone"
    field_order = ("right", "rang_on", "words")
    rang_on = DayField(
        label=gettext_lazy("Which day did you ring them?"),
        help_text=gettext_lazy("Only if you read it back by phone."),
        required=False,
    )

    def __init__(self, *args: Any, sheet: ScoreSheet, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet, self.today = sheet, today
        if sheet.phase == Phase.READING:
            self.fields["scan"] = ScansField()
        right: Any = self.fields["right"]
        right.label = _("Is it right?")
        right.choices = [
            (self.YES, _("Yes. I compared it with the signed paper")),
            (self.PHONE, _("Yes. I rang them, read each line back, and they said yes")),
            (self.NO, _("No, something is wrong")),
        ]
        right.error_messages["required"] = _("Choose how you checked it, or no.")

    def clean(self) -> dict[str, Any]:
        """A call read back has its day."""
        given = super().clean() or {}
        if given.get("right") != self.PHONE:
            given["rang_on"] = None
        elif "rang_on" in given:
            if given["rang_on"] is None:
                self.add_error("rang_on", _("Type the day you rang them."))
            elif not (fine := day_of_call(self.sheet, given["rang_on"], on=self.today)):
                self.add_error("rang_on", fine.sentence)
        return given


class ObjectionForm(PlainForm):
    """What is wrong with a sheet that staff typed and checked."""

    words = forms.CharField(
        label=gettext_lazy("What is wrong?"),
        widget=_area(rows=3),
        error_messages={"required": gettext_lazy("Say in a few words what is wrong.")},
    )


# ---- Questions ------------------------------------------------------------------------------
class QuestionForm(PlainForm):
    """Something to ask in sight of the panel."""

    text = forms.CharField(
        label=gettext_lazy("What would you like to ask?"),
        widget=_area(),
        error_messages={"required": gettext_lazy("Type your question.")},
    )


class AnswerForm(PlainForm):
    """An answer that the whole panel reads."""

    answer = forms.CharField(
        label=gettext_lazy("Your answer"),
        help_text=gettext_lazy("The whole panel can read it. It cannot be changed later."),
        widget=_area(rows=6),
        error_messages={"required": gettext_lazy("Type your answer.")},
    )


class SayForm(PlainForm):
    """Something to say to the panel; staff say whose words they type, if they are not their own."""

    text = forms.CharField(
        label=gettext_lazy("What would you like to say?"),
        widget=_area(),
        max_length=4000,
        error_messages={"required": gettext_lazy("Write something first.")},
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if members is not None:
            self.fields["member"] = forms.ModelChoiceField(
                queryset=members,
                label=_("Are you typing for a member? Whose words are they?"),
                empty_label=_("No, these are my own words"),
                required=False,
            )


class BesideForm(PlainForm):
    """The unticked box before a helper sees a bid."""

    knows_nobody = forms.BooleanField(
        label=gettext_lazy("I know nobody in this group, and nor does my family"),
        error_messages={
            "required": gettext_lazy("Tick the box to read it, or go back and ring us.")
        },
    )
