"""The forms of signing in: allauth's checks, our words and boxes."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.validators import EmailValidator, MaxLengthValidator
from django.utils.translation import gettext as _


def say(field: forms.Field, label: str, *, hint: str = "", empty: str = "") -> None:
    """Give a field of allauth's our words: label, hint, and what to do when it is empty."""
    field.label, field.help_text = label, hint
    field.widget.attrs.pop("placeholder", None)
    if empty:
        field.error_messages["required"] = empty
    if isinstance(field, forms.EmailField):
        field.widget.attrs["autocomplete"] = "email"
        wrong = _("Type your whole email, like name@example.org.")
        field.error_messages["invalid"] = wrong
        field.validators = [EmailValidator(message=wrong), MaxLengthValidator(254, wrong)]


def say_code(field: forms.Field, label: str, hint: str) -> None:
    """A box for a code: figures to type or paste."""
    say(field, label, hint=hint, empty=_("Type the code."))
    field.widget.attrs.update(
        {"class": "w-10", "inputmode": "numeric", "autocomplete": "one-time-code"}
    )


def say_no_answer(field: forms.Field) -> None:
    """A device that could not be asked, or did not answer."""
    words = _("This browser could not ask your device. You can use a code by email instead.")
    field.error_messages.update({"required": words, "invalid": words})


class SignInForm(account.LoginForm):  # type: ignore[misc]  # allauth ships no types
    """The email to send a code to."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self.fields["login"], _("Your email"), empty=_("Type your email."))


class SignUpForm(account.SignupForm):  # type: ignore[misc]  # allauth ships no types
    """The email of a new account."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(
            self.fields["email"],
            _("Your email"),
            hint=_("We will send a code to it."),
            empty=_("Type your email."),
        )


class _EmailedCode:
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code: forms.Field = self.fields["code"]  # type: ignore[attr-defined]  # a mixin of forms
        say_code(code, _("The code"), _("It has 8 figures, like 1234-5678."))


class SignInCodeForm(_EmailedCode, account.ConfirmLoginCodeForm):  # type: ignore[misc]  # untyped
    """The code that was sent to sign in with."""


class EmailCodeForm(_EmailedCode, account.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]  # untyped
    """The code that was sent to a new email, to show that it is theirs."""


class NewEmailForm(account.AddEmailForm):  # type: ignore[misc]  # allauth ships no types
    """Another email to sign in with."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(
            self.fields["email"],
            _("Your new email"),
            hint=_("We will send a code to it."),
            empty=_("Type your new email."),
        )


class _AppCode:
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code: forms.Field = self.fields["code"]  # type: ignore[attr-defined]  # a mixin of forms
        say_code(code, _("The code"), _("The 6 figures your app shows, or a spare code."))


class SecondStepForm(_AppCode, mfa.AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """A code from the app, after the emailed one."""


class SecondStepAgainForm(_AppCode, mfa.ReauthenticateForm):  # type: ignore[misc]  # untyped
    """The same, before something that matters."""


class SetUpAppForm(totp.ActivateTOTPForm):  # type: ignore[misc]  # allauth ships no types
    """The first code the app shows."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_code(self.fields["code"], _("The code"), _("The 6 figures your app shows now."))


class AddPasskeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """A device that signs in by itself, by a finger, a face or a PIN."""

    use_required_attribute = False
    passwordless = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(
            self.fields["name"],
            _("What do you call this device?"),
            hint=_("For example, my tablet."),
        )
        self.initial["name"] = ""
        say_no_answer(self.fields["credential"])

    def clean(self) -> dict[str, Any]:
        """Every passkey must know its owner (finger, face, PIN), for it signs in alone."""
        self.cleaned_data["passwordless"] = True
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class _AnswerOfDevice:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_no_answer(self.fields["credential"])  # type: ignore[attr-defined]  # a mixin of forms


class UsePasskeyForm(_AnswerOfDevice, webauthn.LoginWebAuthnForm):  # type: ignore[misc]  # untyped
    """Signing in with one's own device alone."""


class PasskeyStepForm(_AnswerOfDevice, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]  # untyped
    """One's own device as the second step."""


class PasskeyAgainForm(_AnswerOfDevice, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]  # untyped
    """The same, before something that matters."""


class RenamePasskeyForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    """Another name for a device."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(
            self.fields["name"],
            _("What do you call this device?"),
            empty=_("Type a name for this device."),
        )
