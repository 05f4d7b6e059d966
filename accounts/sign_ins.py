"""In which browsers a person is signed in, so that they can see it and end it."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.actions import note_sign_in
from accounts.models import Person, SignIn
from ledger import clock

SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
BROWSERS = (
    ("Edg", "Edge"),
    ("SamsungBrowser", "Samsung Internet"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""What stands in what a browser says of itself, the telling words first: what people call it."""


def device_in_words(agent: str) -> str:
    """A browser and its machine as people call them; plain words when neither is known."""
    system = next((name for word, name in SYSTEMS if word in agent), "")
    browser = next((name for word, name in BROWSERS if word in agent), "")
    if system and browser:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A device we do not know")


def remember_sign_in(request: HttpRequest, person: Person) -> None:
    """Keep that this person signed in with this browser just now."""
    key = request.session.session_key
    if key:
        device = device_in_words(request.headers.get("User-Agent", ""))
        note_sign_in(person=person, session_key=key, device=device, at=clock.now())


def still_signed_in(person: Person, *, at: datetime) -> QuerySet[SignIn]:
    """A person's browsers whose session is not over."""
    there = Session.objects.filter(expire_date__gt=at).values("session_key")
    return person.sign_ins.filter(session_key__in=there)
