"""The plain form every page uses, and the forms about a person."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.fields import DayField, TimeOfDayField, WordedChoices
from accounts.models import Person, Role
from ledger.models import Channel


class _Plain(forms.BaseForm):
    """Checked on the server only; an empty answer names its question and says what to do."""

    use_required_attribute = False

    def full_clean(self) -> None:
        """Django's own, once each question left with Django's words for "empty" has better ones."""
        for name, field in self.fields.items():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                label = self[name].label
                chosen = isinstance(field.widget, forms.Select | forms.RadioSelect)
                words = _("Choose an answer to “%s”") if chosen else _("Fill in “%s”")
                field.error_messages["required"] = words % label
        super().full_clean()


class PlainForm(_Plain, forms.Form):
    """A form checked on the server only, with its words in our own templates."""


class PlainModelForm(_Plain, forms.ModelForm):  # type: ignore[type-arg]  # stubs make this generic, Django does not
    """The same for a form drawn from a model."""


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, even when every box was left empty; None when the page is only read."""
    return request.POST if request.method == "POST" else None


EMAIL_WRONG = gettext_lazy("Type a whole email, like name@example.org.")


def _name_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=200,
        error_messages={"required": gettext_lazy("Type a name.")},
        widget=forms.TextInput({"autocomplete": "name"}),
    )


def _email_field(label: Any, hint: Any = "") -> forms.EmailField:
    return forms.EmailField(
        label=label,
        help_text=hint,
        required=False,
        max_length=254,
        error_messages={"invalid": EMAIL_WRONG},
        widget=forms.EmailInput({"autocomplete": "email"}),
    )


def _phone_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=40,
        widget=forms.TextInput({"type": "tel", "class": "w-20", "autocomplete": "tel"}),
    )


def _address_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 4, "autocomplete": "street-address"}),
    )


def _channel_field(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=Channel.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose by email, by post or by phone.")},
    )


class _Reachable(PlainForm):
    """Checks that the chosen way of writing has somewhere to write to."""

    no_email = gettext_lazy("Type an email to write to, or choose another way.")

    def has_email(self) -> bool:
        """Whether letters by email would have an address."""
        return bool(self.cleaned_data.get("email") or self.cleaned_data.get("contact_email"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        box = "contact_email" if "contact_email" in self.fields else "email"
        wanted: dict[Channel, tuple[str, bool, Any]] = {
            Channel.EMAIL: (box, self.has_email(), self.no_email),
            Channel.POST: (
                "postal_address",
                bool(cleaned.get("postal_address")),
                _("Type an address to post to, or choose another way."),
            ),
            Channel.PHONE: (
                "phone",
                bool(cleaned.get("phone")),
                _("Type a phone number to ring, or choose another way."),
            ),
        }
        if channel := cleaned.get("channel"):
            field, there, words = wanted[Channel(channel)]
            if not there and field not in self.errors:
                self.add_error(field, words)
        return cleaned


class NameForm(PlainForm):
    """Asked once, of a new account."""

    name = _name_field(gettext_lazy("What is your name?"))


class CodeForm(PlainForm):
    """A code that was sent by email."""

    code = forms.CharField(
        label=gettext_lazy("The code"),
        help_text=gettext_lazy("It has 8 figures, like 1234-5678."),
        max_length=20,
        error_messages={"required": gettext_lazy("Type the code.")},
        widget=forms.TextInput(
            {"class": "w-10", "inputmode": "numeric", "autocomplete": "one-time-code"}
        ),
    )


class LettersForm(PlainForm):
    """All letters, or only those that cannot be left out."""

    fewer_letters = forms.TypedChoiceField(
        label=gettext_lazy("Which letters should come to you?"),
        choices=[
            ("no", gettext_lazy("All of them")),
            ("yes", gettext_lazy("Fewer: no reminders and no kind words by email")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose all letters, or fewer.")},
    )


class MyDetailsForm(_Reachable):
    """How to reach me, and how I like to read."""

    name = _name_field(gettext_lazy("Your name"))
    channel = _channel_field(gettext_lazy("How should we write to you?"))
    contact_email = _email_field(
        gettext_lazy("Email to write to"),
        gettext_lazy("Leave this empty to use the email you sign in with."),
    )
    postal_address = _address_field(gettext_lazy("Your address"))
    phone = _phone_field(gettext_lazy("Your phone number"))
    text_size = forms.ChoiceField(
        label=gettext_lazy("How large should words be on this site?"),
        choices=Person.TextSize.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how large words should be.")},
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self.person = person
        kwargs.setdefault("initial", {name: getattr(person, name) for name in self.base_fields})
        super().__init__(*args, **kwargs)

    def has_email(self) -> bool:
        return super().has_email() or bool(self.person.sign_in_email)


class ContactDetailsForm(_Reachable):
    """How to reach somebody in a facilitator's care. The email to sign in with only until used."""

    sign_in_email = _email_field(
        gettext_lazy("Email to sign in with"),
        gettext_lazy("You can put this right until they have used it once."),
    )
    name = _name_field(gettext_lazy("Name"))
    channel = _channel_field(gettext_lazy("How do we write to them?"))
    contact_email = _email_field(
        gettext_lazy("Email to write to"),
        gettext_lazy("Leave this empty to use the email they sign in with."),
    )
    postal_address = _address_field(gettext_lazy("Address"))
    phone = _phone_field(gettext_lazy("Phone number"))

    def __init__(self, *args: Any, person: Person, may_set_email: bool, **kwargs: Any) -> None:
        self.person = person
        initial = {name: getattr(person, name) for name in self.base_fields}
        kwargs.setdefault("initial", initial)
        super().__init__(*args, **kwargs)
        if not may_set_email:
            del self.fields["sign_in_email"]

    def has_email(self) -> bool:
        sign_in_email = self.cleaned_data.get("sign_in_email", self.person.sign_in_email)
        return super().has_email() or bool(sign_in_email)

    def clean_sign_in_email(self) -> str:
        """In small letters, and nobody else's."""
        email = str(self.cleaned_data["sign_in_email"]).lower()
        if email and Person.objects.filter(sign_in_email=email).exclude(pk=self.person.pk).exists():
            raise forms.ValidationError(_("Somebody else signs in with this email."))
        return email


class InvitationForm(_Reachable):
    """Somebody to invite as a volunteer. Without an email they take part by post or phone."""

    name = _name_field(gettext_lazy("Their name"))
    channel = _channel_field(gettext_lazy("How do we write to them?"))
    email = _email_field(
        gettext_lazy("Their email"),
        gettext_lazy("They sign in with it. Without one they take part on paper or by phone."),
    )
    postal_address = _address_field(gettext_lazy("Their address"))
    phone = _phone_field(gettext_lazy("Their phone number"))

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class StaffInvitationForm(PlainForm):
    """Somebody to invite to work here, or to the board."""

    name = _name_field(gettext_lazy("Their name"))
    email = forms.EmailField(
        label=gettext_lazy("Their email"),
        help_text=gettext_lazy("They sign in with it."),
        max_length=254,
        error_messages={"required": gettext_lazy("Type their email."), "invalid": EMAIL_WRONG},
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("What will they be?"),
        error_messages={"required": gettext_lazy("Choose what they will be.")},
    )

    def __init__(self, *args: Any, roles: Iterable[Role], hints: Mapping[str, str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        field.widget = WordedChoices(choice_hints=hints)
        field.choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]  # a ChoiceField

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class BreakForm(PlainForm):
    """From when to when. No reason is asked."""

    starts_on = DayField(
        label=gettext_lazy("The first day of your break"),
        help_text=gettext_lazy("For example, 3 3 2026."),
        error_messages={"required": gettext_lazy("Type the first day of your break.")},
    )
    ends_on = DayField(
        label=gettext_lazy("The last day"),
        help_text=gettext_lazy("Leave this empty if you do not know yet."),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("Type a last day that is not before the first day."))
        return cleaned


class EndRoleForm(PlainForm):
    """The unticked box before a role ends."""

    sure = forms.BooleanField(
        label=gettext_lazy("Yes, end this role"),
        error_messages={"required": gettext_lazy("Tick the box to end this role.")},
    )


class SearchForm(PlainForm):
    """Looking for somebody in the list of people."""

    mark_optional = False
    q = forms.CharField(
        label=gettext_lazy("Look for a name or an email"), required=False, max_length=100
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        required=False,
        choices=[("", gettext_lazy("Every role")), *Role.choices],
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("How we write to them"),
        required=False,
        choices=[("", gettext_lazy("Every way")), *Channel.choices],
    )


class NewEmailForm(PlainForm):
    """Another email for somebody who lost theirs, and how one knows that it is them."""

    email = forms.EmailField(
        label=gettext_lazy("Their new email"),
        max_length=254,
        error_messages={"required": gettext_lazy("Type their new email."), "invalid": EMAIL_WRONG},
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    why = forms.CharField(
        label=gettext_lazy("How do you know that it is them?"),
        help_text=gettext_lazy("Say how you talked with them, in a few words."),
        max_length=300,
        error_messages={"required": gettext_lazy("Say how you know that it is them.")},
        widget=forms.Textarea({"rows": 3}),
    )


class AgreeNewEmailForm(PlainForm):
    """The second person's answer. Nothing is chosen beforehand."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Did you talk with them yourself, and is it right?"),
        choices=[
            ("yes", gettext_lazy("Yes. They may sign in with the new email")),
            ("no", gettext_lazy("No, or I am not sure. Leave it as it was")),
        ],
        widget=forms.RadioSelect({"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Choose yes or no.")},
    )


# ---- Coming together ----------------------------------------------------------------------------
class WhenForm(PlainForm):
    """A day, a time, how long, and where."""

    day = DayField(
        label=gettext_lazy("Which day?"),
        help_text=gettext_lazy("For example, 3 3 2026."),
        error_messages={"required": gettext_lazy("Type the day.")},
    )
    time = TimeOfDayField(
        label=gettext_lazy("At what time does it begin?"),
        help_text=gettext_lazy("For example, 2:30 pm."),
        error_messages={"required": gettext_lazy("Type the time it begins.")},
    )
    minutes_long = forms.IntegerField(
        label=gettext_lazy("How many minutes does it take?"),
        min_value=5,
        max_value=480,
        widget=forms.TextInput({"inputmode": "numeric", "class": "w-4", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Type how many minutes it takes."),
            "invalid": gettext_lazy("Type a number of minutes, like 90."),
        },
    )
    place = forms.CharField(
        label=gettext_lazy("Where is it?"),
        help_text=gettext_lazy("The room and its address."),
        max_length=250,
        required=False,
    )
    link = forms.URLField(
        label=gettext_lazy("A link to join by video or phone"),
        assume_scheme="https",
        required=False,
        error_messages={"invalid": gettext_lazy("Type a whole link, like https://example.org.")},
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not data.get("place") and not data.get("link") and "link" not in self.errors:
            self.add_error("place", _("Say where it is, or give a link to join."))
        return data

    def starts_at(self) -> datetime:
        """The instant it begins, by the clock on the wall here."""
        day: date = self.cleaned_data["day"]
        return timezone.make_aware(datetime.combine(day, self.cleaned_data["time"]))
