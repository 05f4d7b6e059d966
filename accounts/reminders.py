"""Who is owed a letter: what each app's `reminders.py` yields, and the daily task writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Person
from ledger.models import Chain


@dataclass(frozen=True, slots=True)
class Owed:
    """A letter a person is owed: its template's name, its unique key, and what it tells.

    `chain` is the round's chain, or None for what belongs to no round.
    """

    person: Person
    chain: Chain | None
    name: str
    key: str
    context: Mapping[str, Any] = field(default_factory=dict)
