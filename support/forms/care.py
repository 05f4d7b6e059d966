"""Forms about worries, the agreement, helpers, expenses and private notes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.documents import ACCEPT
from accounts.fields import DayField
from accounts.forms import PlainForm
from accounts.models import Person
from commissioning.forms import MoneyField
from commissioning.models import Member
from support.models import Expense


def _words(label: Any, mistake: Any, hint: Any = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=forms.Textarea({"rows": rows}),
        error_messages={"required": mistake},
    )


class WorryForm(PlainForm):
    """Whom somebody is worried about, and why."""

    about = forms.CharField(
        label=_("Who are you worried about?"),
        help_text=_("A name, or how we can know them. It can be you."),
        max_length=200,
        error_messages={"required": _("Say who it is about.")},
    )
    text = _words(
        _("What worries you?"),
        _("Say what worries you."),
        _("Say what you saw or heard. You need no proof."),
        6,
    )
    told_for = forms.CharField(
        label=_("Are you typing this for somebody who told you? Who?"),
        max_length=200,
        required=False,
    )


class HeardForm(PlainForm):
    """What the safeguarding lead did."""

    done = _words(
        _("What did you do?"), _("Say what you did."), _("Only safeguarding leads read this.")
    )


class SignForm(PlainForm):
    """The unticked box under the agreement."""

    sure = forms.BooleanField(
        label=_("I have read this, and I agree"),
        error_messages={"required": _("Tick the box to sign. Ring us if you are not sure.")},
    )


class TakeBackForm(PlainForm):
    """The unticked box before an agreement is taken back."""

    sure = forms.BooleanField(
        label=_("Yes, I take my agreement back"),
        error_messages={"required": _("Tick the box to take it back.")},
    )


class KnowsForm(PlainForm):
    """Whom a supporter has a link with."""

    knows = forms.CharField(
        label=_("Which groups or people do you have a link with?"),
        help_text=_("Your own groups, family, friends, work. Leave it empty if there are none."),
        widget=forms.Textarea({"rows": 4}),
        required=False,
    )


class HelperForm(PlainForm):
    """Who helps a volunteer."""

    supporter = forms.ModelChoiceField(
        label=_("Who helps them?"),
        queryset=Person.objects.none(),
        empty_label=_("Choose a person"),
        error_messages={"required": _("Choose a supporter.")},
    )

    def __init__(self, *args: Any, supporters: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["supporter"]
        field.queryset = supporters


class ExpenseForm(PlainForm):
    """What somebody spent."""

    kind = forms.ChoiceField(
        label=_("What was it for?"),
        choices=Expense.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it was for.")},
    )
    what = forms.CharField(
        label=_("What did you pay for?"),
        help_text=_("For example: bus to the meeting and back."),
        max_length=250,
        error_messages={"required": _("Say what you paid for.")},
    )
    amount = MoneyField(
        label=_("How much was it?"), error_messages={"required": _("Type how much it was.")}
    )
    spent_on = DayField(
        label=_("Which day?"),
        help_text=_("For example, 3 3 2026."),
        error_messages={"required": _("Type the day.")},
    )
    receipt = forms.FileField(
        label=_("A picture or file of the receipt"),
        help_text=_("If you have one. It must not show a bank account."),
        widget=forms.FileInput({"accept": ACCEPT}),
        required=False,
    )


class TypeExpenseForm(ExpenseForm):
    """The same, sent by post or told by phone."""

    field_order = ("member", "kind", "what", "amount", "spent_on", "receipt")
    member = forms.ModelChoiceField(
        label=_("Who spent it?"),
        queryset=Member.objects.none(),
        empty_label=_("Choose a person"),
        error_messages={"required": _("Choose who spent it.")},
    )

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["member"]
        field.queryset = members


class SettleForm(PlainForm):
    """Paid, or why not."""

    answer = forms.ChoiceField(
        label=_("Was it paid back?"),
        choices=(("paid", _("Yes, it is paid back")), ("no", _("No, we cannot pay this"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    why = forms.CharField(
        label=_("If not, why?"),
        help_text=_("The volunteer reads this."),
        max_length=250,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("answer") == "no" and not (data.get("why") or "").strip():
            self.add_error("why", _("Say why, so that the volunteer knows."))
        return data


class NoteForm(PlainForm):
    """A private line, and when to ring again."""

    text = _words(
        _("What did you talk about, and what helped?"),
        _("Write a line first."),
        _("Only facilitators read this. Leave bids and scores out."),
        3,
    )
    again_on = DayField(
        label=_("When will you ring again?"),
        help_text=_("Leave this empty if you need not."),
        required=False,
    )
