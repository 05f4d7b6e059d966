"""Forms about who is here: questions for all of us, shares, days of counting, what is done."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.fields import DayField
from accounts.forms import PlainForm
from support.models import AboutQuestion


class AboutUsForm(PlainForm):
    """The questions about all of us. Nothing is chosen beforehand, and none must be answered."""

    code = forms.CharField(
        label=gettext_lazy("Your code"),
        help_text=gettext_lazy("It stands on your page or your form, like ABCD-2345-EFGH."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Type your code.")},
    )

    def __init__(self, *args: Any, questions: Sequence[AboutQuestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            choices = [*enumerate(question.options, start=1), (0, _("Prefer not to say"))]
            self.fields[f"about_{question.pk}"] = forms.ChoiceField(
                label=question.text,
                choices=choices,
                required=False,
                widget=forms.RadioSelect(attrs={"autocomplete": "off"}),
            )

    def chosen(self) -> dict[int, int]:
        """Question → option; what was left empty is "Prefer not to say"."""
        return {
            question.pk: int(self.cleaned_data[f"about_{question.pk}"] or 0)
            for question in self.questions
        }


class HowManyForms(PlainForm):
    number = forms.IntegerField(
        label=gettext_lazy("How many forms?"),
        min_value=1,
        max_value=60,
        error_messages={
            "required": gettext_lazy("Say how many forms you need."),
            "invalid": gettext_lazy("Type a number, like 12."),
            "min_value": gettext_lazy("Print from 1 to 60 forms at a time."),
            "max_value": gettext_lazy("Print from 1 to 60 forms at a time."),
        },
    )


class AddAboutQuestion(PlainForm):
    text = forms.CharField(
        label=gettext_lazy("The question"),
        max_length=200,
        error_messages={"required": gettext_lazy("Write the question.")},
    )
    options = forms.CharField(
        label=gettext_lazy("The answers, each on a line of its own"),
        help_text=gettext_lazy("“Prefer not to say” is always there too."),
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": gettext_lazy("Write at least two answers.")},
    )

    def clean_options(self) -> list[str]:
        """The lines that are not empty, each once."""
        lines = [line.strip() for line in self.cleaned_data["options"].splitlines()]
        found = list(dict.fromkeys(line for line in lines if line))
        if len(found) < 2:
            raise ValidationError(_("Write at least two answers, each on a line of its own."))
        return found


class SharesForm(PlainForm):
    """How many of every hundred people would choose each answer."""

    shares_from = forms.CharField(
        label=gettext_lazy("Where do these numbers come from?"),
        help_text=gettext_lazy("For example: the 2021 census, people over 50 in this city."),
        max_length=200,
        error_messages={"required": gettext_lazy("Say where these numbers come from.")},
    )

    def __init__(self, *args: Any, question: AboutQuestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        where = self.fields.pop("shares_from")
        for number, option in enumerate(question.options):
            self.fields[f"share_{number}"] = forms.DecimalField(
                label=option,
                required=False,
                min_value=0,
                max_value=100,
                max_digits=4,
                decimal_places=1,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 6}),
                error_messages={
                    "invalid": _("Type a number for “%s”, like 12 or 7.5.") % option,
                    "min_value": _("Type a number from 0 to 100 for “%s”.") % option,
                    "max_value": _("Type a number from 0 to 100 for “%s”.") % option,
                },
            )
        self.fields["shares_from"] = where
        self.initial = {
            "shares_from": question.shares_from,
            **{f"share_{number}": share for number, share in enumerate(question.shares)},
        }

    def clean(self) -> dict[str, Any]:
        """Together no more than a hundred."""
        super().clean()
        if sum(share for share in self.shares() if share is not None) > 100:
            raise ValidationError(_("All shares together may not be more than 100."))
        return self.cleaned_data

    def shares(self) -> list[Decimal | None]:
        """A share for each option, or None."""
        names = [name for name in self.fields if name.startswith("share_")]
        return [self.cleaned_data.get(name) for name in names]


class CountDayForm(PlainForm):
    count_on = DayField(
        label=gettext_lazy("A day for counting"),
        help_text=gettext_lazy("Once it is fixed, it cannot be moved."),
    )


class OutreachForm(PlainForm):
    who = forms.CharField(
        label=gettext_lazy("Whom will you ask, and how?"),
        help_text=gettext_lazy("A group or a place, like “the carers’ café on Mill Lane”."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say whom you will ask.")},
    )
    due_on = DayField(label=gettext_lazy("By when?"))


class OutreachDone(PlainForm):
    result = forms.CharField(
        label=gettext_lazy("What came of it?"),
        help_text=gettext_lazy("The report tells this. Name no volunteer."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say what came of it.")},
    )
