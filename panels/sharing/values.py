"""What goes into a share-out and what comes out: plain values, ids only."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Pair = tuple[int, int]
"""A bid's id and a reader's id: this reader reads this bid."""


class Aim(StrEnum):
    """What comes first, once every place is filled and each bid has someone experienced."""

    EVEN = "even"
    """The fullest share (readings over limit), then the next fullest, and so to the last."""
    SHARE = "share"
    """The fullest share, then lived experience on each bid, then the rest of the shares."""
    LIVED = "lived"
    """Lived experience on each bid, then the fullest share."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone who reads bids, by id. ``hours`` None means that no number was given."""

    id: int
    limit: int
    hours: float | None = None
    experienced: bool = False
    trained: bool = True
    conflicts: frozenset[int] = frozenset()
    """Bids that this person has an interest in."""
    lots: frozenset[int] | None = None
    """Lots this person may read in. None means any."""
    lived: frozenset[str] = frozenset()
    """Experience this person offered to read with, such as ``carer``."""
    likes: frozenset[int] = frozenset()
    """Bids this person would like to read."""
    rather_not: frozenset[int] = frozenset()
    """Bids this person would rather not read."""
    like_lots: frozenset[int] = frozenset()
    """Lots this person would like. A wish about a bid counts for more."""
    rather_not_lots: frozenset[int] = frozenset()
    needs: frozenset[str] = frozenset()
    """Formats without which this person cannot read a bid, such as ``audio``."""
    meets: frozenset[int] | None = None
    """Lots on whose interview day this person is free. None means all."""


@dataclass(frozen=True, slots=True)
class Bid:
    """A bid to be read, by id. ``hours`` is what one reading of it is expected to take."""

    id: int
    lot: int
    hours: float = 1.0
    readers_wanted: int = 3
    communities: frozenset[str] = frozenset()
    formats: frozenset[str] | None = None
    """Formats it can be had in. None means all."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be shared out.

    ``kept`` are readings that stay as they are, done or agreed. They count towards their bids
    even where the reader has left, and towards the reader's limit and hours.
    """

    readers: tuple[Reader, ...]
    bids: tuple[Bid, ...]
    seed: int | str = 0
    kept: frozenset[Pair] = frozenset()
    aim: Aim = Aim.EVEN
    seconds: float = 1.0
    """About how long to look for better company. It is turned into a number of steps, so that
    a slow computer gives the same answer as a fast one."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A bid that has too few readers, and how many people each hard rule keeps from it."""

    bid: int
    wanted: int
    placed: int
    why: tuple[tuple[str, int], ...]
    """Code and number of people, as in ``why_not``. It covers everyone not reading the bid."""

    @property
    def short(self) -> int:
        """How many more readers the bid needs."""
        return self.wanted - self.placed


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who would read what. ``reasons`` has one or more true codes for each pair.

    Codes: ``lived:<tag>`` they share this with the people the bid serves, ``experienced``,
    ``prefers``, ``with:<reader>`` they share two or more readings, ``load:<n>/<limit>``, and
    ``kept`` for a reading of someone who is no longer among the readers.
    """

    pairs: frozenset[Pair]
    reasons: Mapping[Pair, tuple[str, ...]]
    shortfalls: tuple[Shortfall, ...]
    no_experienced: tuple[int, ...]
    """Bids where nobody who reads is experienced."""
    no_lived: tuple[int, ...]
    """Bids that serve a community that none of their readers shares."""
