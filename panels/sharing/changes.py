"""When life changes: what stays of a share-out, so that only what is vacated is solved again."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from panels.sharing.values import Bid, Pair, Problem, Reader


@dataclass(frozen=True, slots=True)
class Event:
    """What has happened since bids were shared out. Readings that are ``done`` still count."""

    done: frozenset[Pair] = frozenset()
    left: frozenset[int] = frozenset()
    """Readers who have left."""
    limits: Mapping[int, int] = field(default_factory=dict)
    """New limits, by reader."""
    interests: frozenset[Pair] = frozenset()
    """Interests declared late. Their reader stands aside from the whole lot."""
    withdrawn: frozenset[int] = frozenset()
    """Bids taken back."""
    joined: tuple[Reader, ...] = ()
    back: tuple[Bid, ...] = ()
    """Bids that came back, or came in late."""


def after(problem: Problem, pairs: frozenset[Pair], event: Event) -> Problem:
    """The problem as it stands now, with every reading kept that need not move."""
    gone = {bid.id for bid in problem.bids} & event.withdrawn
    bids = (*(bid for bid in problem.bids if bid.id not in gone), *event.back)
    lot_of = {bid.id: bid.lot for bid in bids}
    aside: defaultdict[int, set[int]] = defaultdict(set)
    for bid, who in event.interests:
        if bid in lot_of:
            aside[who].add(lot_of[bid])
    readers = tuple(
        _now(reader, event, aside.get(reader.id, set()), bids)
        for reader in (*problem.readers, *event.joined)
    )
    kept = {
        (bid, who)
        for bid, who in pairs
        if bid in lot_of and _stays(bid, who, lot_of[bid], event, aside)
    }
    for who, limit in sorted(event.limits.items()):
        kept -= _given_up(who, limit, kept, event.done)
    return replace(problem, readers=readers, bids=bids, kept=frozenset(kept))


def _now(reader: Reader, event: Event, aside: set[int], bids: tuple[Bid, ...]) -> Reader:
    """The reader as they are after the event."""
    if reader.id in event.left:
        return replace(reader, lots=frozenset())
    if aside:
        own = {bid.lot for bid in bids} if reader.lots is None else reader.lots
        declared = {bid for bid, who in event.interests if who == reader.id}
        reader = replace(reader, lots=frozenset(own - aside), conflicts=reader.conflicts | declared)
    limit = event.limits.get(reader.id, reader.limit)
    return reader if limit == reader.limit else replace(reader, limit=limit)


def _stays(bid: int, who: int, lot: int, event: Event, aside: Mapping[int, set[int]]) -> bool:
    """Whether a reading stays: a late interest ends it, else a done one always does."""
    if (bid, who) in event.interests:
        return False
    if (bid, who) in event.done:
        return True
    return who not in event.left and lot not in aside.get(who, ())


def _given_up(who: int, limit: int, kept: set[Pair], done: frozenset[Pair]) -> set[Pair]:
    """What someone with a lower limit gives up: nothing done, and first what fewest others
    who stay with them would miss."""
    own = sorted(pair for pair in kept if pair[1] == who)
    crowd = {bid: sum(1 for b, _ in kept if b == bid) for bid, _ in own}
    free = sorted((pair for pair in own if pair not in done), key=lambda pair: -crowd[pair[0]])
    return set(free[: max(0, len(own) - limit)])
