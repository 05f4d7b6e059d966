"""What no share-out can beat: proofs to set beside an answer.

The fullest share: the smallest for which a maximum flow still fills every place, with someone
experienced on each bid. It forgets hours but for how many of the shortest bids they allow, so the
true value can only be higher. Lived experience: bids that nobody who may read them can match,
and for small rounds the fewest that can go without at that share.
"""

from collections import defaultdict
from collections.abc import Sequence
from math import ceil

from ortools.linear_solver import pywraplp

from panels.sharing.asks import asks_by_bid
from panels.sharing.ceiling import Places
from panels.sharing.fair import fair_by_bid, fair_by_lot
from panels.sharing.share import Share
from panels.sharing.table import NEARLY, Table
from panels.sharing.values import Problem

SMALL = 400_000
"""People times bids up to which each bid is looked at, else each lot: a weaker bound."""


def fullest_share_bound(problem: Problem) -> float | None:
    """No answer's fullest share is below this. None where not every place can be filled."""
    table = Table(problem)
    share = Share(table)
    caps = [most_bids(table, who) for who in range(len(table.readers))]
    if len(table.readers) * len(table.bids) <= SMALL:
        asks = asks_by_bid(share, caps)
        lowest = Places(share, asks, caps).lowest()
        if lowest:
            return lowest.ceiling
        fair = fair_by_bid(share, asks, caps)
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


def fewest_uncovered(problem: Problem, fullest_share: float) -> int | None:
    """The fewest bids without lived experience where nobody's share is above this one.

    By the linear relaxation with hours, solved by HiGHS: readings may be split there, so no answer
    has fewer. For small rounds: it has a variable for each person and bid that fit. None where no
    answer at this share fills every place with someone experienced on each bid.
    """
    table = Table(problem)
    solver = pywraplp.Solver.CreateSolver("HIGHS")
    solver.SuppressOutput()
    by_reader: defaultdict[int, list[tuple[int, pywraplp.Variable]]] = defaultdict(list)
    uncovered = []
    for bid, wanted in enumerate(table.wanted):
        who = [who for who in range(len(table.readers)) if table.may(who, bid)]
        reads = {person: solver.NumVar(0, 1, "") for person in who}
        for person, part in reads.items():
            by_reader[person].append((bid, part))
        solver.Add(sum(reads.values()) == wanted)
        solver.Add(sum(part for person, part in reads.items() if table.old_hand[person]) >= 1)
        if table.serves[bid]:
            missing = solver.NumVar(0, 1, "")
            kin = [part for person, part in reads.items() if table.tags[person] & table.serves[bid]]
            solver.Add(sum(kin) + missing >= 1)
            uncovered.append(missing)
    for person, own in by_reader.items():
        solver.Add(
            sum(part for _, part in own) <= int(fullest_share * table.limit[person] + NEARLY)
        )
        if table.budget[person] < float("inf"):
            hours = sum(table.length[bid] * part for bid, part in own)
            solver.Add(hours <= table.budget[person])
    solver.Minimize(sum(uncovered))
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return None
    return ceil(float(solver.Objective().Value()) - 1e-6)


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
