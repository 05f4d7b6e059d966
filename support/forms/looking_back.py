"""Forms about before and after, letters about people, and lessons."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainForm
from support.before_after import questions
from support.models import Look

ASKED = {
    Look.When.BEFORE: _("What do you hope to get from taking part?"),
    Look.When.AFTER: _("What did you get from it?"),
}


class LookForm(PlainForm):
    """A few plain questions. Nothing is chosen beforehand, and none must be answered."""

    def __init__(self, *args: Any, when: str, said: Look | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mark_optional = False
        known = said.answers if said else {}
        for row in questions()["questions"]:
            self.fields[f"look_{row['slug']}"] = forms.TypedChoiceField(
                label=row["text"],
                choices=list(enumerate(questions()["answers"], start=1)),
                coerce=int,
                empty_value=None,
                required=False,
                initial=known.get(row["slug"]),
                widget=forms.RadioSelect(attrs={"autocomplete": "off"}),
            )
        self.fields["words"] = forms.CharField(
            label=ASKED[Look.When(when)],
            max_length=4000,
            required=False,
            initial=said.words if said else "",
            widget=forms.Textarea({"rows": 4}),
        )
        self.fields["may_quote"] = forms.BooleanField(
            label=_("You may use these words with no name"),
            help_text=_("Only if at least five people say yes to this."),
            required=False,
            initial=bool(said and said.may_quote),
        )

    def said(self) -> dict[str, Any]:
        """What `say_look` is told."""
        data = self.cleaned_data
        given = {row["slug"]: data[f"look_{row['slug']}"] for row in questions()["questions"]}
        return {
            "answers": {slug: value for slug, value in given.items() if value},
            "words": data["words"],
            "may_quote": data["may_quote"],
        }


class CountForm(PlainForm):
    """The unticked box before the answers are counted."""

    sure = forms.BooleanField(
        label=_("Yes, nobody still wants to answer"),
        error_messages={"required": _("Tick the box to count the answers.")},
    )


class ReferenceForm(PlainForm):
    """A facilitator's own words about one person."""

    text = forms.CharField(
        label=_("What did they bring, and what did they do well?"),
        help_text=_("Write it as you would to a friend. Leave bids and scores out."),
        max_length=4000,
        widget=forms.Textarea({"rows": 8}),
        error_messages={"required": _("Write a few lines in your own words.")},
    )


class LessonForm(PlainForm):
    """What was learned, and in which stage."""

    stage = forms.ChoiceField(
        label=_("Which stage is it about?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a stage.")},
    )
    text = forms.CharField(
        label=_("What should people know the next time?"),
        help_text=_("Everybody in the round reads this, and the next round too. Name nobody."),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": _("Write what you learned.")},
    )

    def __init__(self, *args: Any, stages: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stage: Any = self.fields["stage"]
        stage.choices = list(stages)
