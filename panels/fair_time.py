"""How a meeting's time is shared among the bids it talks about. Sums only: the panel decides."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

NOTHING = timedelta()
SLIP = timedelta(seconds=30)
"""A turn to a bid that is over sooner was a slip of the hand, and counts for nothing."""

MORE_MINUTES = 5
"""What one press of "We want more time" adds."""

BEFORE = timedelta(hours=1)
AFTER = timedelta(hours=2)
"""A meeting may begin this much early, and go on this long past its planned end."""


class What(StrEnum):
    """What the panel did with its time."""

    TURN = "turn"
    MORE = "more"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Press:
    """The panel turned to a bid (id), wanted more time for it, or stopped talking about it."""

    what: What
    bid: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Sitting:
    """A meeting, as far as its time goes. Without minutes, its end is not known."""

    starts_at: datetime
    minutes: int
    rests: int = 0
    """Minutes of it that are planned for breaks."""
    later: int = 0
    """Minutes that meetings to come have for the same bids, their breaks left out."""

    @property
    def ends_at(self) -> datetime:
        """The planned end."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def for_talk(self) -> int:
        """Minutes planned for talking, in this meeting and those to come."""
        return max(0, self.minutes - self.rests) + self.later if self.minutes else 0

    def goes_on(self, at: datetime) -> bool:
        """Whether the panel may be at it now: from a little before, to well past its end."""
        return self.starts_at - BEFORE <= at <= self.ends_at + AFTER

    def is_over(self, at: datetime) -> bool:
        """Whether nobody can be at it any more."""
        return at > self.ends_at + AFTER


def share(minutes: float, bids: int) -> float | None:
    """The minutes that each bid gets if every bid gets the same; None where it cannot be told."""
    return minutes / bids if bids and minutes > 0 else None


@dataclass(frozen=True, slots=True)
class Account:
    """How the time of a meeting stands at one moment."""

    had: Mapping[int, timedelta]
    """What each bid (id) has had, in the order in which the panel came to them."""
    on: int | None
    """The bid that is talked about now."""
    added: int
    """How often the panel wanted more time for that bid."""
    rested: timedelta
    left: timedelta | None
    """What is left for talking; None where the end is not known."""
    to_go: int
    """Bids that have not had their turn."""

    @property
    def fair(self) -> timedelta | None:
        """A fair share for the bid that is talked about: what it had, and all that is left, shared
        among it and those to go."""
        if self.on is None or self.left is None:
            return None
        return (self.had[self.on] + self.left) / (self.to_go + 1)

    @property
    def given(self) -> timedelta | None:
        """The time this bid has with what the panel added."""
        if self.fair is None:
            return None
        return self.fair + timedelta(minutes=MORE_MINUTES * self.added)

    @property
    def leaves(self) -> timedelta | None:
        """What each bid to go gets when this one uses all that it has been given."""
        if self.on is None or self.left is None or self.given is None or not self.to_go:
            return None
        still = max(NOTHING, self.given - self.had[self.on])
        return max(NOTHING, self.left - still) / self.to_go

    @property
    def each(self) -> timedelta | None:
        """What every bid would have, were all time used and left shared alike. Once a meeting is
        over it is shared among those that were talked about."""
        bids = len(self.had) + self.to_go
        if not bids:
            return None
        return (sum(self.had.values(), NOTHING) + (self.left or NOTHING)) / bids

    @property
    def short(self) -> list[int]:
        """Bids (ids) that had less than half of that, but the one that is talked about now."""
        each = self.each or NOTHING
        return [bid for bid, had in self.had.items() if bid != self.on and had * 2 < each]


def account(
    sitting: Sitting,
    presses: Sequence[Press],
    waiting: Collection[int],
    *,
    at: datetime,
    steps_out: Collection[int] = (),
    unseen: int = 0,
) -> Account:
    """How the time stands at this moment.

    `waiting`: bids (ids) that the meeting is there for, but those the reader steps out for
    (`steps_out`). Nothing that was done about these counts, and so many of them (`unseen`) are
    always still to go: whatever the panel does with them, the answer is the same.
    """
    seen = [
        Press(What.STOP, 0, press.at) if press.bid in steps_out else press
        for press in presses
        if not (press.bid in steps_out and press.what != What.TURN)
    ]
    until = _until(sitting, seen, at)
    had: dict[int, timedelta] = {}
    rested, on, since = NOTHING, None, until
    for bid, began, ended in _spans(seen, until):
        if bid is None:
            rested += ended - began
        elif ended - began >= SLIP:
            had[bid] = had.get(bid, NOTHING) + (ended - began)
        on, since = bid, began
    over = sitting.is_over(at)
    if over:
        on = None
    elif on is not None:
        had[on] = had.get(on, NOTHING) + (NOTHING if until - since >= SLIP else until - since)
    to_go = len(set(waiting) - had.keys()) + unseen
    return Account(
        had=had,
        on=on,
        added=sum(press.what == What.MORE and press.bid == on for press in seen),
        rested=rested,
        left=NOTHING if over else _left(sitting, rested, at),
        to_go=0 if over else to_go,
    )


def _until(sitting: Sitting, presses: Sequence[Press], at: datetime) -> datetime:
    """Up to when the time counts. What nobody stopped is not counted past the planned end once the
    meeting must be over."""
    if not sitting.is_over(at):
        return at
    return max([sitting.ends_at, *(press.at for press in presses)])


def _spans(
    presses: Sequence[Press], until: datetime
) -> Iterator[tuple[int | None, datetime, datetime]]:
    """What was talked about (None: nothing), from when to when, since the first turn."""
    current: int | None = None
    since: datetime | None = None
    for press in presses:
        stops = current is not None and press.what == What.STOP and press.bid in (0, current)
        if press.what != What.TURN and not stops:
            continue
        if since is not None:
            yield current, since, max(since, press.at)
        if since is not None or press.what == What.TURN:
            current = press.bid if press.what == What.TURN else None
            since = press.at
    if since is not None:
        yield current, since, max(since, until)


def _left(sitting: Sitting, rested: timedelta, at: datetime) -> timedelta | None:
    """What is left for talking: breaks that are planned and not yet taken are kept."""
    if not sitting.minutes:
        return None
    to_rest = max(NOTHING, timedelta(minutes=sitting.rests) - rested)
    here = max(NOTHING, sitting.ends_at - at - to_rest)
    return here + timedelta(minutes=sitting.later)
