"""The demo's door: sign in as anybody in the example, on this machine only.

It opens only in the demo, only for a browser on this machine that came straight here, and only
while the database holds the example. Otherwise it is not there.
"""

import email
import email.policy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _

from accounts.confirming import confirmed_now
from accounts.kept import hand_draft_key, remember_reader
from accounts.letters import letter_facts
from accounts.models import Person
from accounts.sign_ins import remember_sign_in
from ledger.models import Letter

HERE = frozenset({"127.0.0.1", "::1"})
PASSED_ON = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")
LETTERS = 50
SIGN_INS = 10

CAST: dict[str, Any] = {
    "joan": _("Joan is a volunteer on the panel. She reads bids and scores them."),
    "harold": _("Harold is a volunteer who likes large print."),
    "priya": _("Priya is a volunteer who knows people in one of the bids."),
    "sam": _("Sam is a facilitator. He keeps the round going and never scores."),
    "ruth": _("Ruth is another facilitator. She checks what Sam does."),
    "amina": _("Amina writes a bid for her lunch club."),
    "board": _("A board member, who reads the report."),
    "admin": _("An administrator, who invites staff."),
    "safe": _("The safeguarding lead, who hears worries about somebody."),
    "outsider": _("Somebody with an account and no role here."),
}


@dataclass(frozen=True, slots=True)
class Mail:
    """An email as it lies in the demo's folder."""

    to: str
    subject: str
    body: str


def is_open(request: HttpRequest) -> bool:
    """Whether the door is there at all for this request."""
    if not settings.DEMO or request.META.get("REMOTE_ADDR") not in HERE:
        return False
    passed_on = any(
        name in PASSED_ON or name.startswith("HTTP_X_FORWARDED") for name in request.META
    )
    if passed_on or _host(request) not in settings.LOOPBACK_HOSTS:
        return False
    return bool(getattr(letter_facts()["programme"], "is_example", False))


def _host(request: HttpRequest) -> str:
    host = str(request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", ""))
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def demo_door(request: HttpRequest) -> HttpResponse:
    """Try it as anybody in the example; see the letters and codes that would have gone out."""
    if not is_open(request):
        raise Http404
    if request.method == "POST":
        return _sign_in_as(request, request.POST.get("person", ""))
    here = Person.objects.get_queryset().in_bulk(
        [f"{slug}@example.org" for slug in CAST], field_name="sign_in_email"
    )
    cast = [
        {"slug": slug, "person": here[f"{slug}@example.org"], "about": about}
        for slug, about in CAST.items()
        if f"{slug}@example.org" in here
    ]
    letters = Letter.objects.select_related("sending").defer("body_html")[:LETTERS]
    return render(
        request,
        "accounts/demo_door.html",
        {"cast": cast, "letters": letters, "codes": sign_in_mails()},
    )


def _sign_in_as(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in CAST:
        raise Http404
    person = get_object_or_404(Person, sign_in_email=f"{slug}@example.org", is_active=True)
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    confirmed_now(request)
    response = redirect("home")
    remember_reader(response, person)
    hand_draft_key(request, person)
    remember_sign_in(request, person)
    return response


def sign_in_mails() -> list[Mail]:
    """The newest emails that are not letters: sign-in codes and the like."""
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", None) or "")
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    found: list[Mail] = []
    for path in files[: LETTERS * 4]:
        for raw in path.read_bytes().split(b"-" * 79 + b"\n"):
            message = email.message_from_bytes(raw.strip(), policy=email.policy.default)
            is_letter = str(message.get("Message-ID", "")).startswith("<letter-")
            if message.get("Subject") and not is_letter:
                body = message.get_body(("plain",))
                words = body.get_content() if body else ""
                found.append(Mail(str(message["To"]), str(message["Subject"]), words))
        if len(found) >= SIGN_INS:
            break
    return found[:SIGN_INS]
