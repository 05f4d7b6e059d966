"""Typed work is kept when its writer turns out to be signed out.

A signed cookie says who last signed in on this browser. It opens nothing; it only lets a form that
comes back after the session has ended be put aside for that person, and for nobody else.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.actions import give_draft_key, keep_work
from accounts.models import KeptWork, Person
from ledger import clock

READER = "reader"
DRAFT_KEY = "draft_key"
LASTS = 400 * 24 * 60 * 60
NOT_KEPT = frozenset({"csrfmiddlewaretoken"})
NEVER_SHOWN = frozenset(
    {"code", "credential", "mark", "password", "seen", "was_language", "was_link"}
)
"""Fields whose text is a secret, or was put there by the page and not typed."""

Answer = Callable[[HttpRequest], HttpResponse]


def remember_reader(response: HttpResponse, person: Person) -> None:
    """Note on this browser who signed in, for keeping what they type."""
    response.set_signed_cookie(
        READER,
        str(person.pk),
        salt=READER,
        max_age=LASTS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def hand_draft_key(request: HttpRequest, person: Person) -> None:
    """Let this session's pages lock what their browser keeps while it cannot reach us."""
    request.session[DRAFT_KEY] = give_draft_key(person=person, at=clock.now()).key


def last_reader(request: HttpRequest) -> Person | None:
    """Who last signed in on this browser, if the cookie is there and is ours."""
    number = request.get_signed_cookie(READER, default="", salt=READER) or ""
    if not number.isdecimal():
        return None
    return Person.objects.filter(pk=int(number), is_active=True).first()


def typed_fields(request: HttpRequest) -> dict[str, list[str]]:
    """What was typed, name by name. Files are left out: the page says so."""
    return {
        name: [str(value) for value in values]
        for name, values in request.POST.lists()
        if name not in NOT_KEPT
    }


def keep(request: HttpRequest, person: Person) -> KeptWork:
    """Put a request's typed fields aside for a person."""
    return keep_work(
        person=person,
        path=request.get_full_path(),
        fields=typed_fields(request),
        at=clock.now(),
    )


class KeepTypedWork:
    """Answers a form sent without a session: kept, said so, and a way to sign in again."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        # Django's login_required marks the views it wraps with where to sign in.
        if request.user.is_authenticated or not hasattr(view, "login_url"):
            return None
        if request.headers.get("X-Autosave") == "1":
            return JsonResponse(
                {"signed_out": True, "sentence": _("You are signed out.")}, status=401
            )
        if request.method != "POST":
            return None
        return _kept_page(request)


def _kept_page(request: HttpRequest) -> HttpResponse:
    person = last_reader(request)
    kept = keep(request, person) if person else None
    after = reverse("kept_work", args=[kept.pk]) if kept else request.path
    return render(
        request,
        "accounts/signed_out.html",
        {
            "kept": kept,
            "words": [] if kept else typed_words(request),
            "had_files": bool(request.FILES),
            "sign_in_url": f"{reverse('account_login')}?{urlencode({'next': after})}",
        },
        status=401,
    )


def typed_words(request: HttpRequest) -> list[str]:
    """The words a form came with, for a page that did not save them to give them back."""
    # Without a page of ours nothing has asked whether the form is ours: it may be anybody's words.
    if request.method != "POST" or not request.resolver_match:
        return []
    return words_in(typed_fields(request))


def words_in(fields: dict[str, list[str]]) -> list[str]:
    """The typed words worth showing: those with a space in them, longest first."""
    shown = [values for name, values in fields.items() if name not in NEVER_SHOWN]
    words = [value for values in shown for value in values if len(value.split()) > 1]
    return sorted(words, key=len, reverse=True)
