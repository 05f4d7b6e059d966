"""The share-out from beginning to end: fair loads, circles, mending, and the search for company."""

from collections.abc import Sequence
from random import Random

from panels.sharing.circles import fill_by_circles
from panels.sharing.fair import fair_by_bid, fair_by_lot
from panels.sharing.mend import Mender
from panels.sharing.moves import Moves, Weights
from panels.sharing.search import STEPS_A_SECOND, Search
from panels.sharing.share import Share
from panels.sharing.table import NEARLY, Table
from panels.sharing.values import Aim, Problem

SMALL = 25_000
"""People times bids up to which every person and bid is looked at in the fair flow."""

COVERAGE_FIRST = Weights(lived=40.0)


def share_out(problem: Problem) -> Share:
    """Who reads what. The same problem and seed give the same answer, in whatever order listed."""
    table = Table(problem)
    share = Share(table, problem.kept)
    fill_fairly(share, problem.seed, problem.aim)
    weights = COVERAGE_FIRST if problem.aim is Aim.LIVED else Weights()
    moves = Moves(share, weights)
    mender = Mender(moves, problem.seed)
    mend_within(mender, problem.aim)
    find_company(moves, mender, problem)
    return share


def fill_fairly(share: Share, seed: int | str, aim: Aim) -> None:
    """Fill the places by a fair flow and set the ceilings that follow from it."""
    table = share.table
    people = len(table.readers)
    caps = likely_caps(share)
    lacking = sum(1 for bid in range(len(table.bids)) if share.lacks(bid))
    if people * lacking <= SMALL:
        fair = fair_by_bid(share, caps)
        set_ceilings(share, fair.load, aim)
        for who, bid in sorted(fair.given):
            share.give(bid, who)
    elif share.fixed:
        # Much stands already: what is vacated is filled place by place, near those who stay.
        set_ceilings(share, [0] * people, aim)
    else:
        dice = Random(f"{seed}/luck")  # noqa: S311  anyone may draw the same lots again
        fair = fair_by_lot(share, caps, [dice.random() for _ in range(people)])
        set_ceilings(share, fair.load, aim)
        fill_by_circles(share, fair.given)


def likely_caps(share: Share) -> list[int]:
    """Most bids each could have: their limit, or what their hours allow for bids of mean length."""
    table = share.table
    mean = sum(table.length) / max(1, len(table.length))
    shortest = min(table.length, default=0.0)
    caps = []
    for who, limit in enumerate(table.limit):
        left = table.budget[who] - share.hours[who]
        if left == float("inf") or not mean:
            caps.append(limit)
        else:
            caps.append(min(limit, len(share.reads[who]) + max(left >= shortest, int(0.97 * left / mean))))
    return caps


def set_ceilings(share: Share, loads: Sequence[int], aim: Aim) -> None:
    """Nobody is to go above the fullest share of these loads; or above their own (``EVEN``)."""
    limits = share.table.limit
    total = [len(own) + more for own, more in zip(share.reads, loads, strict=True)]
    if aim is Aim.EVEN:
        share.cap = total
    elif aim is Aim.SHARE:
        fullest = max((n / top for n, top in zip(total, limits, strict=True) if top), default=0)
        share.cap = ceilings(limits, fullest)


def ceilings(limits: Sequence[int], fullest: float) -> list[int]:
    """Most bids each may have so that no share is above this one."""
    return [min(limit, int(fullest * limit + NEARLY)) for limit in limits]


def mend_within(mender: Mender, aim: Aim) -> None:
    """Mend, and raise the ceilings step by step where places would stay empty."""
    share = mender.share
    mender.mend()
    limits = share.table.limit
    steps = sorted({n / limit for limit in set(limits) for n in range(1, limit + 1)})
    for fullest in steps:
        if not any(share.lacks(bid) for bid in range(len(share.team))):
            return
        caps = [max(*pair) for pair in zip(share.cap, ceilings(limits, fullest), strict=True)]
        if caps != share.cap:
            share.cap = caps
            mender.mend()
    if aim is Aim.EVEN:
        share.cap = [len(own) for own in share.reads]


def find_company(moves: Moves, mender: Mender, problem: Problem) -> None:
    """Search for better company in the time there is, then mend what it left."""
    share = moves.share
    places = sum(len(team) for team in share.team) - len(share.fixed)
    steps = min(int(problem.seconds * STEPS_A_SECOND), 10 * places * places)
    if steps:
        hot = 0.5 if places < 1000 else 0.25
        Search(moves, problem.seed).run(steps, hot, 0.08 if places < 1000 else 0.06)
        mender.cover()
    mender.befriend()
