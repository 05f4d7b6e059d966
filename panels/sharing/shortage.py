"""Where bids stay without readers: what is short, and the smallest changes that would be enough.

Each change is tried: it is named only if sharing out again with it leaves nothing short.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median_low

from panels.sharing.asks import asks_by_bid
from panels.sharing.engine import share_out
from panels.sharing.fair import fair_by_bid
from panels.sharing.share import Share
from panels.sharing.table import Table
from panels.sharing.values import Problem, Reader

SMALL = 40_000
"""People times bids up to which people who could take one bid more are looked for exactly."""

Change = Callable[[int], Problem]


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change that would be enough. Kinds: ``new_people`` and ``new_experienced`` who could each
    take ``bids`` bids in any lot, ``one_more`` bid each for those in ``who``, ``train`` those in
    ``who``, ``fewer_readers`` by one on each bid in ``who``."""

    kind: str
    count: int
    bids: int = 0
    who: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortage:
    """What is short: ``places`` without a reader, by lot, and bids with nobody experienced."""

    places: int
    by_lot: tuple[tuple[int, int], ...]
    no_experienced: tuple[int, ...]
    remedies: tuple[Remedy, ...]
    """Smallest first, by how many are asked."""


def shortage(problem: Problem, share: Share) -> Shortage | None:
    """What is short in this share-out of the problem, or None where nothing is."""
    places, unguarded = _short(share)
    if not places and not unguarded:
        return None
    table = share.table
    by_lot = dict.fromkeys(table.lot_ids, 0)
    for bid, row in enumerate(table.bids):
        by_lot[row.lot] += share.lacks(bid)
    return Shortage(
        places=places,
        by_lot=tuple((lot, count) for lot, count in by_lot.items() if count),
        no_experienced=tuple(table.bids[bid].id for bid in unguarded),
        remedies=tuple(sorted(_remedies(problem, share), key=lambda r: (r.count, r.kind))),
    )


def _short(share: Share) -> tuple[int, list[int]]:
    bids = range(len(share.team))
    # A bid that wants no readers needs nobody experienced either.
    unguarded = [b for b in bids if share.table.wanted[b] and not share.guarded(b)]
    return sum(share.lacks(bid) for bid in bids), unguarded


def _enough(problem: Problem) -> bool:
    """Whether the problem can be shared out with nothing short.

    Where even a flow that forgets hours cannot fill all places, nothing else is tried.
    """
    fresh = Share(Table(problem), problem.kept)
    limits = fresh.table.limit
    given = sum(fair_by_bid(fresh, asks_by_bid(fresh, limits), limits).load)
    if given < sum(fresh.lacks(bid) for bid in range(len(fresh.team))):
        return False
    return _short(share_out(replace(problem, seconds=0))) == (0, [])


def _remedies(problem: Problem, share: Share) -> list[Remedy]:
    """Each kind of change that would be enough, as small as it can be."""
    usual = median_low([r.limit for r in problem.readers if r.limit] or [6])
    most = len(problem.bids) * max((bid.readers_wanted for bid in problem.bids), default=0)
    found = []
    for kind, old_hand in (("new_people", False), ("new_experienced", True)):
        count = _fewest(partial(_with_new, problem, usual, old_hand), most)
        if count:
            found.append(Remedy(kind, count, bids=usual))
    untrained = [reader for reader in problem.readers if not reader.trained]
    untrained.sort(key=lambda reader: (-reader.limit, reader.id))
    count = _fewest(lambda n: _with_trained(problem, untrained[:n]), len(untrained))
    if count:
        found.append(Remedy("train", count, who=tuple(r.id for r in untrained[:count])))
    return [*found, *_one_more(problem, share), *_fewer_readers(problem, share)]


def _fewest(change: Change, most: int) -> int:
    """The smallest n up to ``most`` for which the change is enough, or 0 where none is."""
    high = 1
    while high < most and not _enough(change(high)):
        high = min(2 * high, most)
    if not most or not _enough(change(high)):
        return 0
    low = high // 2  # not enough, or 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _enough(change(middle)) else (middle, high)
    return high


def _with_new(problem: Problem, limit: int, old_hand: bool, count: int) -> Problem:
    top = max((reader.id for reader in problem.readers), default=0)
    new = (Reader(top + n, limit, experienced=old_hand) for n in range(1, count + 1))
    return replace(problem, readers=(*problem.readers, *new))


def _with_trained(problem: Problem, people: Sequence[Reader]) -> Problem:
    ready = {reader.id for reader in people}
    readers = tuple(replace(r, trained=True) if r.id in ready else r for r in problem.readers)
    return replace(problem, readers=readers)


def _one_more(problem: Problem, share: Share) -> list[Remedy]:
    """The fewest people who would each take one bid above their limit.

    In the fair flow a bid above the limit is dearer than all others, so that it takes fewest.
    """
    if len(problem.readers) * len(problem.bids) > SMALL:
        return []
    table = Table(problem)
    fresh = Share(table, problem.kept)
    caps = [limit + bool(limit) for limit in table.limit]
    fair = fair_by_bid(fresh, asks_by_bid(fresh, caps), caps)
    who = frozenset(
        table.readers[place].id
        for place, more in enumerate(fair.load)
        if len(fresh.reads[place]) + more > table.limit[place]
    )
    longest = max(table.length, default=0.0)
    readers = tuple(
        replace(r, limit=r.limit + 1, hours=None if r.hours is None else r.hours + longest)
        if r.id in who
        else r
        for r in problem.readers
    )
    if who and _enough(replace(problem, readers=readers)):
        return [Remedy("one_more", len(who), who=tuple(sorted(who)))]
    return []


def _fewer_readers(problem: Problem, share: Share) -> list[Remedy]:
    """Bids that would make do with the readers they have, if everything else is in order."""
    table = share.table
    if any(table.wanted[bid] and not share.guarded(bid) for bid in range(len(share.team))):
        return []
    short = {table.bids[bid].id: share.lacks(bid) for bid in range(len(share.team))}
    who = tuple(bid for bid, lacks in short.items() for _ in range(lacks))
    return [Remedy("fewer_readers", len(who), who=who)]


def in_words(found: Shortage) -> list[str]:
    """The shortage and its remedies, a plain sentence each."""
    said = []
    if found.places:
        said.append(f"{_many(found.places, 'place')} cannot be filled.")
    if found.no_experienced:
        bids = _many(len(found.no_experienced), "bid")
        said.append(f"{bids} would have nobody experienced.")
    for remedy in found.remedies:
        people = _many(remedy.count, "person", "people")
        each = f"who can take {_many(remedy.bids, 'bid')}"
        change = {
            "new_people": f"{people} more {each}",
            "new_experienced": f"{people} more with experience, {each}",
            "one_more": f"{people} taking one bid more",
            "train": f"{people} finishing their training",
            "fewer_readers": f"{_many(remedy.count, 'place')} fewer",
        }[remedy.kind]
        said.append(f"{change} would be enough.")
    return said


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"
