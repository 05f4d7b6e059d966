"""What a person could do next, in one sentence, with how long it takes.

Each app's `next_steps.py` has `next_steps(person, *, on)`; home gathers them, most pressing first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from django.db.models import Count, Exists, Subquery, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.letters import sendings_seen_by
from accounts.models import Person
from accounts.permissions import Permission, holds
from accounts.rules import SECOND_PERSONS, new_emails_for

MINUTES_A_LETTER = 5


class Pressing(IntEnum):
    """How much a step presses. Lower comes first."""

    NOW = 1
    SOON = 2
    WHEN_YOU_LIKE = 3
    IF_YOU_WISH = 4
    WAITING = 5


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do: a sentence, a button, where it leads, and the minutes it takes (0: none)."""

    sentence: str
    button: str
    url: str
    minutes: int = 0
    pressing: Pressing = Pressing.SOON


def next_steps(person: Person, *, on: date) -> Iterator[NextStep]:
    """A new email that waits for a second person, and letters that a machine cannot settle."""
    second = any(holds(person, permission) for permission in SECOND_PERSONS)
    sends = holds(person, Permission.SEND_LETTERS)
    if not second and not sends:
        return
    waiting, troubled = _waiting_and_troubled(person)
    if second and waiting:
        yield from _new_emails(person)
    if not sends:
        return
    if count := troubled:
        words = ngettext(
            "%(count)s letter may not have arrived.",
            "%(count)s letters may not have arrived.",
            count,
        )
        yield NextStep(
            sentence=words % {"count": count},
            button=_("Look at the letters"),
            url=reverse("outbox"),
            minutes=MINUTES_A_LETTER * count,
            pressing=Pressing.SOON,
        )


def _waiting_and_troubled(person: Person) -> tuple[bool, int]:
    """Whether a new email waits for this person, and how many letters are in trouble: in one
    question, since the home page of staff asks every app."""
    new = new_emails_for(person)
    letters = sendings_seen_by(person).in_trouble().order_by()
    counted = letters.annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n")
    facts = Person.objects.filter(pk=person.pk).values_list(Exists(new), Subquery(counted))
    waiting, troubled = facts.get()
    return waiting, troubled or 0


def _new_emails(person: Person) -> Iterator[NextStep]:
    rows = new_emails_for(person)
    for new in rows.select_related("person").order_by("asked_at")[:1]:
        yield NextStep(
            sentence=_("%(name)s lost their email. A second person must look at the new one.")
            % {"name": new.person.name},
            button=_("Look at it"),
            url=reverse("agree_new_email", args=[new.pk]),
            minutes=10,
            pressing=Pressing.NOW,
        )
