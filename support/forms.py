"""Forms about training, adjustments and good words."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm, PlainModelForm
from commissioning.models import Member
from commissioning.timetable import MOST_MORE_REST
from support.models import Format, TrainingTopic


class TopicQuestions(PlainForm):
    """The few friendly questions at the end of a topic. Nobody fails: each says why."""

    def __init__(self, *args: Any, topic: TrainingTopic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, question in enumerate(topic.questions):
            self.fields[f"question_{number}"] = forms.ChoiceField(
                label=question["text"],
                choices=list(enumerate(question["options"])),
                widget=forms.RadioSelect(attrs={"autocomplete": "off"}),
                error_messages={
                    "required": _("Choose an answer to question %(number)s.")
                    % {"number": number + 1}
                },
            )

    def answers(self) -> list[int]:
        """The chosen options, in order."""
        return [int(value) for value in self.cleaned_data.values()]


class TopicForm(PlainModelForm):
    class Meta:
        model = TrainingTopic
        fields = ("title", "summary", "minutes", "required")
        labels = {
            "title": _("Name of the topic"),
            "summary": _("What it is about, in one sentence"),
            "minutes": _("How many minutes it takes"),
            "required": _("Everyone must do this before they score"),
        }


class WhoCame(PlainForm):
    """Who came to a training session."""

    members = forms.ModelMultipleChoiceField(
        label=_("Who was there?"),
        queryset=Member.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick the people who were there.")},
    )

    def __init__(self, *args: Any, members: Iterable[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = members  # type: ignore[attr-defined]  # a model choice field


class AdjustmentForm(PlainForm):
    asked = forms.CharField(
        label=_("What would help you?"),
        help_text=_("For example: more time, large print, a phone call, or reading with someone."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what would help you.")},
    )


class FormatsForm(PlainForm):
    formats = forms.MultipleChoiceField(
        label=_("Is there a form you cannot do without?"),
        help_text=_("Tick only what you need. You are given bids that can be had like this."),
        choices=Format,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class AgreedForm(PlainForm):
    agreed = forms.CharField(
        label=_("What will you do?"),
        help_text=_("The volunteer reads this."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say what you will do, so that the volunteer knows.")},
    )
    more_rest_days = forms.IntegerField(
        label=_("How many days longer is each of their rests?"),
        help_text=_(
            "Leave this empty if it is not about rest. Nothing is asked of them in these days, "
            "and their last days move on."
        ),
        required=False,
        min_value=0,
        max_value=MOST_MORE_REST,
        error_messages={
            "min_value": _("Write a number of days."),
            "max_value": _("A rest can be at most %(limit_value)s days longer."),
            "invalid": _("Write a number of days."),
        },
    )


class EncouragementForm(PlainForm):
    text = forms.CharField(
        label=_("Your good words"),
        help_text=_("Say what you noticed and what it did. Leave scores out of it."),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write a few good words first.")},
    )
