"""What the sum of the share-out found, as it is stored: ids, codes and numbers. Pure."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from panels.sharing import Aim, Problem, Proposal, share_out
from panels.sharing.share import Share
from panels.sharing.shortage import Shortage, shortage
from panels.sharing.told import Telling

TRIED_UP_TO = 200_000
"""People times bids up to which ways out of a shortage are tried. Each try shares out anew."""

MOST_NAMED = 12
"""How many people an aim's price is shown for, those who pay most first."""

Tell = Callable[[str], None]
"""Called with the stage of the work that begins now."""


def work_out(problem: Problem, tell: Tell) -> tuple[Proposal, dict[str, Any]]:
    """Share out, and say what is short and what would help. Stages: sharing, helping, writing."""
    tell("sharing")
    share = share_out(problem)
    tell("helping")
    small = len(problem.readers) * len(problem.bids) <= TRIED_UP_TO
    short = shortage(problem, share) if small else None
    price = _price(problem, share) if problem.aim is Aim.LIVED else None
    tell("writing")
    proposal = Telling(problem, share.pairs() | problem.kept).proposal()
    readers = share.table.readers
    alone = [readers[who].id for who in range(len(readers)) if share.alone(who)]
    return proposal, _stored(proposal, short, alone, price)


def _stored(
    proposal: Proposal, short: Shortage | None, alone: list[int], price: dict[str, Any] | None
) -> dict[str, Any]:
    """A proposal as it is stored."""
    return {
        "pairs": sorted(list(pair) for pair in proposal.pairs),
        "reasons": {
            f"{bid}:{member}": list(codes)
            for (bid, member), codes in sorted(proposal.reasons.items())
        },
        "shortfalls": [
            {"bid": row.bid, "wanted": row.wanted, "placed": row.placed, "why": list(row.why)}
            for row in proposal.shortfalls
        ],
        "no_experienced": list(proposal.no_experienced),
        "no_lived": list(proposal.no_lived),
        "alone": sorted(alone),
        "remedies": [
            {"kind": row.kind, "count": row.count, "bids": row.bids, "who": list(row.who)}
            for row in (short.remedies if short else ())
        ],
        "price": price,
    }


def _price(problem: Problem, share: Share) -> dict[str, Any]:
    """What lived experience first costs, and whom: beside the same with the fullest share first."""
    other = share_out(replace(problem, aim=Aim.SHARE))
    now, before = _loads(share), _loads(other)
    limits = {reader.id: reader.limit for reader in problem.readers}
    more = [
        [who, count, before[who], limits[who]]
        for who, count in now.items()
        if count > before[who] and limits[who]
    ]
    more.sort(key=lambda row: (before[row[0]] - row[1], row[0]))
    return {
        "fullest": [_fullest(now, limits), _fullest(before, limits)],
        "no_lived": [_uncovered(share), _uncovered(other)],
        "more": more[:MOST_NAMED],
        "people": len(more),
    }


def _loads(share: Share) -> Counter[int]:
    return Counter(who for _bid, who in share.pairs())


def _fullest(loads: Counter[int], limits: dict[int, int]) -> list[int]:
    """The fullest share there is: how many bids, of how many."""
    shares = [(n / limits[who], n, limits[who]) for who, n in loads.items() if limits.get(who)]
    _part, count, limit = max(shares, default=(0.0, 0, 0))
    return [count, limit]


def _uncovered(share: Share) -> int:
    return sum(not share.covered(bid) for bid in range(len(share.team)))
