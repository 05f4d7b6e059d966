"""How sign-in is ours: no passwords, plain words, and a second step only for staff and board."""

import smtplib
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.kept import hand_draft_key, remember_reader
from accounts.letters import letter_facts
from accounts.models import Person, Role
from accounts.sign_ins import remember_sign_in

# When this session last proved who its reader is: an instant in seconds, in the session.
CONFIRMED_AT = "confirmed_at"
# Set while a person who just made an account has not yet given a name.
ASK_NAME = "ask_name"

SIGN_IN_WORDS = {
    "account_inactive": _("This account is not in use. Please ring us."),
    "cannot_remove_primary_email": _("You need one email to sign in with."),
    "duplicate_email": _("This is the email you have now. Type the new one."),
    "email_taken": _("Somebody here uses this email already. Type another one."),
    "incorrect_code": _("This is not the code we sent. Look at the newest email and try again."),
    "invalid_login": _("Type your whole email, like name@example.org."),
    "max_email_addresses": _("You cannot have more than %d emails."),
    "too_many_login_attempts": _(
        "There were too many tries. Wait a few minutes, then ask for a new code."
    ),
    "same_as_current": _("This is the email you have now. Type the new one."),
    "rate_limited": _("That was very quick. Wait a minute, then try again."),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Emails carry the programme's name and never go through the stored letters."""

    error_messages = {**DefaultAccountAdapter.error_messages, **SIGN_IN_WORDS}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Anybody may make an account, to bid. Volunteers and staff are invited."""
        return True

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """A new account starts with its email's first part as a name; soon the person is asked."""
        user = super().save_user(request, user, form, commit=False)
        user.name = user.name or (user.sign_in_email or "").split("@")[0]
        user.set_unusable_password()
        if commit:
            user.save()
        request.session[ASK_NAME] = True
        return user

    def pre_login(self, request: HttpRequest, user: Any, **told: Any) -> HttpResponse | None:
        """Somebody invited has no proof of their email yet; the code just typed is that proof."""
        response: HttpResponse | None = super().pre_login(request, user, **told)
        proved = {
            record.get("email")
            for record in get_authentication_records(request, user)
            if record["method"] == "code"
        }
        if response is None and user.sign_in_email in proved:
            EmailAddress.objects.update_or_create(
                user=user,
                email=user.sign_in_email,
                defaults={"verified": True, "primary": True},
            )
        return response

    def post_login(self, request: HttpRequest, user: Any, **told: Any) -> HttpResponse:
        """Where to go next, by way of the one question a new account is asked."""
        response: HttpResponse = super().post_login(request, user, **told)
        request.session[CONFIRMED_AT] = time.time()
        if request.session.get(ASK_NAME):
            query = urlencode({"next": response["Location"]})
            response = redirect(f"{reverse('give_my_name')}?{query}")
        remember_reader(response, user)
        hand_draft_key(request, user)
        remember_sign_in(request, user)
        return response

    def format_email_subject(self, subject: str) -> str:
        """No prefix: the subject says what to do."""
        return subject

    def send_account_already_exists_mail(self, email: str) -> None:
        """Somebody with an account asked for one: the email says how to sign in."""
        self.send_mail("account/email/account_already_exists", email, {})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send at once. When the mail server does not answer, the page says so plainly."""
        facts = {
            **letter_facts(),
            "sign_in_url": settings.BASE_URL + reverse("account_login"),
            **context,
        }
        try:
            super().send_mail(template_prefix, email, facts)
        except (OSError, smtplib.SMTPException) as error:
            raise ImmediateHttpResponse(_mail_trouble()) from error

    def get_from_email(self) -> str:
        return str(settings.DEFAULT_FROM_EMAIL)


def _mail_trouble() -> HttpResponse:
    return render(context.request, "account/mail_trouble.html", status=503)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """A passkey must never lock a volunteer out, so the second step asks the role."""

    SECOND_STEP_ROLES = (Role.FACILITATOR, Role.BOARD, Role.ADMINISTRATOR)
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This is not the right code. Look again and type the newest one."),
        "cannot_delete_authenticator": _("You need this to sign in, so it stays."),
        "cannot_generate_recovery_codes": _("Set up an app or a passkey first."),
        "unverified_email": _("First sign in once with a code sent to your email."),
    }

    def is_mfa_enabled(self, user: Any, types: list[str] | None = None) -> bool:
        """Only for those roles; a passkey still signs anybody in by itself."""
        return self.has_second_step(user) and super().is_mfa_enabled(user, types)

    def has_second_step(self, user: Any) -> bool:
        """Whether this person's role asks for a second step at all."""
        return isinstance(user, Person) and user.holds(*self.SECOND_STEP_ROLES)

    def get_totp_issuer(self) -> str:
        return str(letter_facts()["programme"] or "Common Purse")

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # allauth's name
        return str(_("My device"))
