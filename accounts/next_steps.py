"""What a person could do next, in one sentence, with how long it takes.

Each app's `next_steps.py` has `next_steps(person, *, on)`; home gathers them, most pressing first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.letters import sendings_seen_by
from accounts.models import Person
from accounts.permissions import Permission, holds

MINUTES_A_LETTER = 5


class Pressing(IntEnum):
    """How much a step presses. Lower comes first."""

    NOW = 1
    SOON = 2
    WHEN_YOU_LIKE = 3
    WAITING = 4


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do: a sentence, a button, where it leads, and the minutes it takes (0: none)."""

    sentence: str
    button: str
    url: str
    minutes: int = 0
    pressing: Pressing = Pressing.SOON


def next_steps(person: Person, *, on: date) -> Iterator[NextStep]:
    """Letters that a machine cannot settle: somebody asks the reader."""
    if not holds(person, Permission.SEND_LETTERS):
        return
    if count := sendings_seen_by(person).in_trouble().count():
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
