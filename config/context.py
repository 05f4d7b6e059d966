"""What every page knows: the programme, the way round, and the reader's own comforts."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.kept import typed_words
from accounts.models import Person
from accounts.permissions import Permission, holds
from commissioning.models import Programme


@dataclass(frozen=True, slots=True)
class Link:
    """One place in the navigation."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Comforts:
    """What makes reading easier for this person."""

    text_size: str = Person.TextSize.NORMAL


PLACES = [
    (None, gettext_noop("Home"), "home"),
    (Permission.READ_BIDS, gettext_noop("My bids to read"), "my_bids"),
    (Permission.APPLY, gettext_noop("My bids"), "my_applications"),
    (Permission.SET_UP, gettext_noop("Rounds"), "round_list"),
    (Permission.INVITE_VOLUNTEERS, gettext_noop("People"), "people_list"),
    (Permission.SEND_LETTERS, gettext_noop("Letters out"), "outbox"),
    (Permission.NOTE_REPORT, gettext_noop("Reports"), "report_list"),
    (Permission.INVITE_STAFF, gettext_noop("Staff"), "staff_list"),
]


def navigation(request: HttpRequest) -> list[Link]:
    """The links for this reader's role, with the page they are on marked."""
    if not isinstance(request.user, Person):
        return []
    links = []
    for permission, label, name in PLACES:
        if permission is None or holds(request.user, permission):
            url = reverse(name)
            links.append(Link(_(label), url, request.path == url))
    for label, name in ((_("My letters"), "letter_list"), (_("My details"), "my_details")):
        links.append(Link(label, reverse(name), request.path == reverse(name)))
    return links


def first_programme() -> Programme | None:
    """The programme this site is for; None before it is set up."""
    return Programme.objects.order_by("id").first()


def site(request: HttpRequest) -> dict[str, Any]:
    """Context for every template; nothing is asked of the database until a page shows it."""
    user = getattr(request, "user", None)
    comforts = Comforts(user.text_size) if isinstance(user, Person) else Comforts()
    return {
        "programme": SimpleLazyObject(first_programme),
        "nav": navigation(request) if user else [],
        "comforts": comforts,
        "demo": settings.DEMO,
        "typed_words": SimpleLazyObject(lambda: typed_words(request)),
    }
