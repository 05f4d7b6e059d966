"""Signing in, step by step: allauth's views with our manners round them.

A mistake answers 422, as on every page here; a code already on its way is said and not sent twice.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.internal.stagekit import clear_login, get_pending_stage
from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import change_details, note_sign_in_email
from accounts.adapters import ASK_NAME
from accounts.confirming import confirmed_lately, confirmed_now
from accounts.forms import CodeForm, NameForm, posted
from accounts.models import Person
from accounts.permissions import reader
from ledger import clock

View = Callable[..., HttpResponse]
CODE = "confirm_code"
CODE_LASTS_SECONDS = 15 * 60
CODE_TRIES = 5


def mistakes_are_422(view: View) -> View:
    """A page shown again with mistakes says so in its status too."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if request.method == "POST" and response.status_code == 200 and form and form.errors:
            response.status_code = 422
        return response

    return inner


def account_login(request: HttpRequest) -> HttpResponse:
    """Type your email. A code already on its way to it is said, and not sent again."""
    stage = None if request.user.is_authenticated else get_pending_stage(request)
    if stage:
        waiting = str(stage.state.get("email", ""))
        typed = request.POST.get("login", waiting).strip().lower()
        if typed == waiting:
            messages.info(request, _("We have already sent your code. Look in your email."))
        else:
            clear_login(request)
    response: HttpResponse = mistakes_are_422(account.login)(request)
    return response


@require_GET
def account_request_login_code(request: HttpRequest) -> HttpResponse:
    """Where allauth sends people whose code is too old or was typed wrong too often."""
    if not len(messages.get_messages(request)):
        messages.info(
            request,
            _("That code no longer works. Type your email, and we will send you a new one."),
        )
    return redirect(_with_next(request, "account_login"))


@require_POST
def use_another_email(request: HttpRequest) -> HttpResponse:
    """Forget the code on its way, to type another email."""
    clear_login(request)
    return redirect(_with_next(request, "account_login"))


def _with_next(request: HttpRequest, name: str) -> str:
    url = get_next_redirect_url(request)
    return reverse(name) + (f"?{urlencode({'next': url})}" if url else "")


account_signup = mistakes_are_422(account.signup)
account_confirm_login_code = mistakes_are_422(account.confirm_login_code)
account_email = confirmed_lately(mistakes_are_422(account.email))
mfa_authenticate = mistakes_are_422(mfa.authenticate)
mfa_reauthenticate = mistakes_are_422(mfa.reauthenticate)


def account_email_verification_sent(request: HttpRequest) -> HttpResponse:
    """The code that proves an email; a changed one is an entry in the trail."""
    person = request.user if isinstance(request.user, Person) else None
    before = person.sign_in_email if person else None
    response: HttpResponse = mistakes_are_422(account.email_verification_sent)(request)
    if person and Person.objects.get(pk=person.pk).sign_in_email != before:
        note_sign_in_email(person=person, by=person, at=clock.now())
    return response


def _safe_next(request: HttpRequest) -> str:
    url = request.GET.get("next", "")
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(url, hosts, require_https=request.is_secure()):
        return url
    return reverse("home")


# ---- Asked once, of a new account -------------------------------------------------------------
@login_required
def give_my_name(request: HttpRequest) -> HttpResponse:
    """What is your name? Asked once, when an account is new."""
    form = NameForm(posted(request))
    if form.is_valid():
        me = reader(request)
        change_details(person=me, by=me, at=clock.now(), name=form.cleaned_data["name"])
        request.session.pop(ASK_NAME, None)
        return redirect(_safe_next(request))
    return render(
        request,
        "accounts/give_my_name.html",
        {"form": form},
        status=422 if form.errors else 200,
    )


# ---- A code again, before something that matters ------------------------------------------------
@login_required
def confirm_it_is_you(request: HttpRequest) -> HttpResponse:
    """A code by email, typed here, before something that matters."""
    if "send" in request.POST:
        return _send_confirming_code(request)
    sent = _open_code(request)
    form = CodeForm(posted(request))
    if form.is_valid():
        if sent and compare_user_code(actual=form.cleaned_data["code"], expected=sent["code"]):
            del request.session[CODE]
            confirmed_now(request)
            return redirect(_safe_next(request))
        form.add_error("code", _wrong_code(request, sent))
    return render(
        request,
        "accounts/confirm_it_is_you.html",
        {
            "form": form if _open_code(request) or form.errors else None,
            "email": _code_email(request),
        },
        status=422 if form.errors else 200,
    )


def _code_email(request: HttpRequest) -> str:
    return getattr(request.user, "sign_in_email", None) or ""


def _open_code(request: HttpRequest) -> dict[str, Any] | None:
    """The code sent to this session that may still be typed."""
    sent: dict[str, Any] | None = request.session.get(CODE)
    if sent and time.time() - sent["at"] < CODE_LASTS_SECONDS:
        return sent
    return None


def _send_confirming_code(request: HttpRequest) -> HttpResponse:
    email = _code_email(request)
    here = f"{request.path}?{urlencode({'next': _safe_next(request)})}"
    if not email:
        messages.error(request, _("You have no email here yet. Please ring us."))
    elif not ratelimit.consume(request, action="request_login_code", key=email):
        messages.error(request, _("We have sent several codes. Wait a few minutes."))
    else:
        code = get_adapter().generate_login_code()
        request.session[CODE] = {"code": code, "at": time.time(), "tries": 0}
        get_adapter().send_mail("account/email/confirm_it_is_you", email, {"code": code})
        messages.success(request, _("We have sent you a code. It is good for 15 minutes."))
    return redirect(here)


def _wrong_code(request: HttpRequest, sent: dict[str, Any] | None) -> str:
    """Count a wrong code; after the fifth it is good no more."""
    if not sent:
        return _("This code is too old. Ask for a new one.")
    sent["tries"] += 1
    if sent["tries"] >= CODE_TRIES:
        del request.session[CODE]
        return _("There were too many tries. Ask for a new code.")
    request.session[CODE] = sent
    return _("This is not the code we sent. Look at the newest email and try again.")


# ---- Passkeys for all; an app and spare codes for those with a second step --------------------
def for_second_step(view: View) -> View:
    """A page only for roles that have a second step; for others it is not there."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not get_mfa_adapter().has_second_step(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(inner)


def asked_again(view: View) -> View:
    """Ask for a code by email first, unless the person's own app or passkey is asked anyway."""
    guarded = confirmed_lately(view)

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        has_own_way = bool(get_reauthentication_flows(request.user))
        return (view if has_own_way else guarded)(request, *args, **kwargs)

    return login_required(inner)


def showing_spare_codes(view: View) -> View:
    """Whoever has just set up an app or a device used it to do so: that shows who they are.

    So the spare codes come next, and not the question for a code that nobody has seen yet.
    """

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        own = Authenticator.objects.filter(user=reader(request))
        before = set(own.values_list("pk", flat=True))
        response = view(request, *args, **kwargs)
        if set(own.values_list("pk", flat=True)) - before:  # else it may lead to be asked again
            record_authentication(request, reader(request), "mfa", reauthenticated=True)
        return response

    return inner


@asked_again
def mfa_add_webauthn(request: HttpRequest) -> HttpResponse:
    """Add a passkey. Spare codes are only for those with a second step."""
    response = showing_spare_codes(mistakes_are_422(webauthn.add_webauthn))(request)
    if response.status_code == 302 and not get_mfa_adapter().has_second_step(request.user):
        Authenticator.objects.filter(
            user=request.user, type=Authenticator.Type.RECOVERY_CODES
        ).delete()
        return redirect("mfa_list_webauthn")
    return response


@login_required
def mfa_list_webauthn(request: HttpRequest) -> HttpResponse:
    """One's own devices; what a lost one means depends on the role."""
    user = request.user
    spare = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES)
    facts = {"second_step": get_mfa_adapter().has_second_step(user) and spare.exists()}
    response: HttpResponse = webauthn.ListWebAuthnView.as_view(extra_context=facts)(request)
    return response


mfa_index = login_required(mfa.index)
mfa_edit_webauthn = login_required(mistakes_are_422(webauthn.edit_webauthn))
mfa_remove_webauthn = asked_again(webauthn.remove_webauthn)
mfa_activate_totp = for_second_step(
    asked_again(showing_spare_codes(mistakes_are_422(totp.activate_totp)))
)
mfa_deactivate_totp = for_second_step(totp.deactivate_totp)
mfa_view_recovery_codes = for_second_step(recovery_codes.view_recovery_codes)
mfa_generate_recovery_codes = for_second_step(asked_again(recovery_codes.generate_recovery_codes))
mfa_download_recovery_codes = for_second_step(recovery_codes.download_recovery_codes)
