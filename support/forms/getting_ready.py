"""Forms about training, adjustments and good words."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.fields import WordedChoices
from accounts.forms import PlainForm, PlainModelForm
from commissioning.models import Member
from commissioning.timetable import MOST_MORE_REST
from support.models import Format, TrainingTopic
from support.practice import CANNOT, Scores, practice_bid


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


class PracticeForm(PlainForm):
    """Every point of the practice bid: a score in words, and a reason. Nothing is chosen before."""

    mark_optional = False

    def __init__(self, *args: Any, scores: Scores, **kwargs: Any) -> None:
        kwargs["initial"] = {}
        super().__init__(*args, **kwargs)
        levels = practice_bid()["levels"]
        hints = {str(row["level"]): row["sentence"] for row in levels}
        hints[CANNOT] = gettext("That is a real answer. It never counts as nought.")
        choices = [(str(row["level"]), f"{row['level']} {row['word']}") for row in levels]
        for point in practice_bid()["criteria"]:
            slug, given = point["slug"], scores.get(point["slug"])
            self.fields[f"score_{slug}"] = forms.ChoiceField(
                label=point["question"],
                choices=[*choices, (CANNOT, gettext("I cannot judge this"))],
                widget=WordedChoices(choice_hints=hints, attrs={"autocomplete": "off"}),
                required=False,
                error_messages={"invalid_choice": gettext("Choose one of the scores from 0 to 5.")},
            )
            self.fields[f"reason_{slug}"] = forms.CharField(
                label=gettext("Why? (%(title)s)") % {"title": point["title"]},
                widget=forms.Textarea({"rows": 3}),
                max_length=2000,
                required=False,
            )
            if given:
                score = given.get("score")
                self.initial[f"score_{slug}"] = CANNOT if score is None else str(score)
                self.initial[f"reason_{slug}"] = given["reason"]

    def scores(self) -> dict[str, dict[str, Any]]:
        """What was chosen for each point that has an answer."""
        data, found = self.cleaned_data, {}
        for point in practice_bid()["criteria"]:
            choice = data[f"score_{point['slug']}"]
            if choice:
                found[point["slug"]] = {
                    "score": None if choice == CANNOT else int(choice),
                    "reason": data[f"reason_{point['slug']}"],
                }
        return found

    def ask_for_the_rest(self) -> bool:
        """Mark each point that has no answer yet. Says whether there were any."""
        for point in practice_bid()["criteria"]:
            if not self.cleaned_data[f"score_{point['slug']}"]:
                words = gettext("Choose a score for “%(point)s”, or “I cannot judge this”.")
                self.add_error(f"score_{point['slug']}", words % {"point": point["title"]})
        return bool(self.errors)


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


class TypeWhatHelps(FormatsForm):
    """What a volunteer on paper or the phone said would help, and the forms they need."""

    asked = forms.CharField(
        label=_("What would help you?"),
        help_text=_("For example: more time, large print, a phone call, or reading with someone."),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    field_order = ["asked", "formats"]


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
