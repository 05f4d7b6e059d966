"""Forms about coming together, and about buddies."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm, WhenForm
from commissioning.models import Member, Round
from support.models import Gathering, TrainingTopic

WHEN = ("day", "time", "minutes_long", "place", "link", "notes")


def _notes() -> forms.CharField:
    return forms.CharField(
        label=_("Food and drink, travel, and getting in"),
        help_text=_("Everybody in the round reads this."),
        widget=forms.Textarea({"rows": 4}),
        required=False,
    )


class GatheringForm(WhenForm):
    """A new time together: what for, when, and where."""

    field_order = ("kind", "topics", *WHEN)
    kind = forms.ChoiceField(
        label=_("What is it for?"),
        choices=Gathering.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is for.")},
    )
    topics = forms.ModelMultipleChoiceField(
        label=_("Which topics do you go through?"),
        help_text=_("Only for learning together. Who comes has then done them."),
        queryset=TrainingTopic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    notes = _notes()

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics: Any = self.fields["topics"]
        topics.queryset = round.training_topics.all()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        learning = data.get("kind") == Gathering.Kind.TRAINING
        if learning and not data.get("topics") and "topics" not in self.errors:
            self.add_error("topics", _("Tick the topics you go through."))
        if data.get("kind") == Gathering.Kind.READING:
            data["topics"] = []
        return data


class MoveGatheringForm(WhenForm):
    """Another time or place."""

    field_order = WHEN
    notes = _notes()


class ComingForm(PlainForm):
    """Whether somebody comes, and what they need for it."""

    coming = forms.ChoiceField(
        label=_("Will you come?"),
        choices=(("yes", _("Yes, I will come")), ("no", _("No, not this time"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    needs = forms.CharField(
        label=_("What would make it easier?"),
        help_text=_("A lift, a ramp, a hearing loop. Only facilitators see this."),
        widget=forms.Textarea({"rows": 3}),
        required=False,
    )


class TypeComingForm(ComingForm):
    """The same, told by phone or on paper, and typed by a facilitator."""

    field_order = ("member", "coming", "needs")
    member = forms.ModelChoiceField(
        label=_("Who told you?"),
        queryset=Member.objects.none(),
        empty_label=_("Choose a person"),
        error_messages={"required": _("Choose who told you.")},
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["member"]
        field.queryset = members
        self.fields["coming"].label = _("Will they come?")
        self.fields["needs"].label = _("What would make it easier for them?")
        choices: Any = self.fields["coming"]
        choices.choices = (("yes", _("Yes, they will come")), ("no", _("No, not this time")))


class CameForm(PlainForm):
    """Who came."""

    mark_optional = False
    members = forms.ModelMultipleChoiceField(
        label=_("Who came?"),
        queryset=Member.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick the people who came.")},
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["members"]
        field.queryset = members


class CallOffForm(PlainForm):
    """One box to tick before a gathering is called off."""

    sure = forms.BooleanField(
        label=_("Yes, call it off and tell everybody"),
        error_messages={"required": _("Tick the box to call it off.")},
    )


class AskBuddyForm(PlainForm):
    """Whom to ask to be a buddy."""

    asked = forms.ModelChoiceField(
        label=_("Whom would you like to ask?"),
        queryset=Member.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Choose a person.")},
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["asked"]
        field.queryset = members


class TypeBuddyForm(AskBuddyForm):
    """Two who told a facilitator: who asks, and whom."""

    field_order = ("asker", "asked")
    asker = forms.ModelChoiceField(
        label=_("Who would like a buddy?"),
        queryset=Member.objects.none(),
        empty_label=_("Choose a person"),
        error_messages={"required": _("Choose a person.")},
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, members=members, **kwargs)
        asker: Any = self.fields["asker"]
        asker.queryset = members
        self.fields["asked"] = forms.ModelChoiceField(
            label=_("Whom do they ask?"),
            queryset=members,
            empty_label=_("Choose a person"),
            error_messages={"required": _("Choose a person.")},
        )
