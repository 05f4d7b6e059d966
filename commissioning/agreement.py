"""How a group settles something: agreement if it can be had, else a majority, else talk again.

The same sum serves a panel and, before there are panels, all the volunteers of a round. Those who
stand aside are not among the entitled, and their choices are not to be handed in.
"""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

FEWEST = 3
"""No group, however small, settles anything with fewer than this."""

Seat = TypeVar("Seat", bound=Hashable)


class Choice(Enum):
    """What one person says."""

    AGREE = "agree"
    LIVE_WITH = "live_with"
    DISAGREE = "disagree"


class Outcome(Enum):
    """Where the group has come to."""

    NOT_ENOUGH_YET = "not_enough_yet"
    AGREED = "agreed"
    NOT_AGREED = "not_agreed"
    TIE = "tie"
    """Talk again, then carry over. Nobody has a casting vote."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many said each thing."""

    agree: int
    live_with: int
    disagree: int

    @property
    def in_favour(self) -> int:
        """Those who agree and those who can live with it."""
        return self.agree + self.live_with

    @property
    def chosen(self) -> int:
        """Everyone who has chosen."""
        return self.in_favour + self.disagree

    @property
    def consensus(self) -> bool:
        """Whether someone has chosen and nobody disagrees."""
        return self.in_favour > 0 and not self.disagree


def needed(entitled: int) -> int:
    """The quorum: more than half of those entitled, and at least three.

    Where fewer than three are entitled it cannot be met. Others must be found first.
    """
    return max(FEWEST, entitled // 2 + 1)


def tally(choices: Mapping[Seat, Choice]) -> Tally:
    """The choices counted."""
    said = Counter(choices.values())
    return Tally(said[Choice.AGREE], said[Choice.LIVE_WITH], said[Choice.DISAGREE])


def settle(choices: Mapping[Seat, Choice], entitled: int, quorum: int | None = None) -> Outcome:
    """Where the choices made so far leave the group.

    ``choices`` holds those who have chosen, by seat. ``entitled`` is how many may choose, and
    ``quorum`` how many must (``needed(entitled)`` unless given). With no one against it is
    agreed. Otherwise the larger side of those who chose carries it.
    ValueError if more have chosen than may.
    """
    return _outcome(tally(choices), entitled, quorum)


def certain(choices: Mapping[Seat, Choice], entitled: int, quorum: int | None = None) -> bool:
    """Whether the outcome stands whatever the others say, and whether or not they say it."""
    said = tally(choices)
    now = _outcome(said, entitled, quorum)
    rest = entitled - said.chosen
    most = Tally(said.agree + rest, said.live_with, said.disagree)
    least = Tally(said.agree, said.live_with, said.disagree + rest)
    return now == _outcome(most, entitled, quorum) == _outcome(least, entitled, quorum)


def _outcome(said: Tally, entitled: int, quorum: int | None) -> Outcome:
    if said.chosen > entitled:
        raise ValueError(f"{said.chosen} have chosen, but only {entitled} may.")
    if not said.chosen or said.chosen < (needed(entitled) if quorum is None else quorum):
        return Outcome.NOT_ENOUGH_YET
    if said.in_favour == said.disagree:
        return Outcome.TIE
    return Outcome.AGREED if said.in_favour > said.disagree else Outcome.NOT_AGREED
