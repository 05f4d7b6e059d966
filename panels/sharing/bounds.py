"""What no share-out can beat: proofs to set beside an answer.

The fullest share: the smallest for which a maximum flow still fills every place, with someone
experienced on each bid. It forgets hours but for how many of the shortest bids they allow, so the
true value can only be higher. Lived experience: bids that nobody who may read them can match.
"""

from collections.abc import Sequence

from panels.sharing.fair import asks_by_bid, fair_by_bid, fair_by_lot
from panels.sharing.share import Share
from panels.sharing.table import Table
from panels.sharing.values import Problem

SMALL = 400_000
"""People times bids up to which each bid is looked at, else each lot: a weaker bound."""


def fullest_share_bound(problem: Problem) -> float | None:
    """No answer's fullest share is below this. None where not every place can be filled."""
    table = Table(problem)
    share = Share(table)
    caps = [most_bids(table, who) for who in range(len(table.readers))]
    if len(table.readers) * len(table.bids) <= SMALL:
        fair = fair_by_bid(share, asks_by_bid(share), caps)
    else:
        fair = fair_by_lot(share, caps, [0.0] * len(caps))
    if fair.placed < sum(table.wanted):
        return None
    return fullest(fair.load, table.limit)


def most_bids(table: Table, who: int) -> int:
    """The most bids anyone with these hours and this limit could read: the shortest of all."""
    hours, count = 0.0, 0
    for length in sorted(table.length)[: table.limit[who]]:
        hours += length
        if hours > table.budget[who]:
            break
        count += 1
    return count


def fullest(load: Sequence[int], limit: Sequence[int]) -> float:
    """The fullest share of these loads."""
    return max((n / top for n, top in zip(load, limit, strict=True) if top), default=0.0)


def unmatched(problem: Problem) -> tuple[int, ...]:
    """Bids that serve a community which nobody who may read them shares, by id."""
    table = Table(problem)
    by_tags: dict[int, list[int]] = {}
    for who, tags in enumerate(table.tags):
        by_tags.setdefault(tags, []).append(who)

    def matched(bid: int) -> bool:
        return any(
            table.may(who, bid)
            for tags, people in by_tags.items()
            if tags & table.serves[bid]
            for who in people
        )

    return tuple(
        row.id for bid, row in enumerate(table.bids) if table.serves[bid] and not matched(bid)
    )
