"""What a person could do next here."""

from collections.abc import Iterator
from datetime import date

from accounts.models import Person
from accounts.next_steps import NextStep


def next_steps(person: Person, *, on: date) -> Iterator[NextStep]:
    """Steps of this app for one person on one day."""
    yield from ()
