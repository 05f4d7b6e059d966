"""The share-out from beginning to end: fair loads, circles, mending, and the search for company."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from random import Random

from panels.sharing.asks import asks_by_bid
from panels.sharing.ceiling import Places
from panels.sharing.circles import fill_by_circles
from panels.sharing.fair import Fair, fair_by_bid, fair_by_lot
from panels.sharing.mend import Mender
from panels.sharing.moves import Moves, Weights
from panels.sharing.search import STEPS_A_SECOND, Search
from panels.sharing.share import Share
from panels.sharing.table import NEARLY, Table
from panels.sharing.values import Aim, Problem

SMALL = 25_000
"""People times bids up to which every person and bid is looked at in the fair flow."""

FEW_ASKS = 4_000
"""Pairs up to which the lowest ceiling for vacated places is found by a flow of its own."""

NEAREST = 60
"""How many people are looked at for each vacated place, those who fit best."""

MANY_PLACES = 1_000
"""Places from which the search starts cooler: circles are good by then, and heat undoes them."""

FEW_PLACES, TRIES = 400, 3
"""Up to so many places it searches hotter, and so often from the same start: the best stays. A
small round falls into good and bad company by luck, and the tries are quick there."""

STIRS, FEW_STIRS = 5, 2
"""How often to stir for somebody who reads alone; few where most readings are kept."""

MOST_STIRRED, STIRRED_A_PLACE = 10_000, 10
"""The most steps each time, in all and for each place that may move."""

COVERAGE_FIRST = Weights(lived=40.0)


def share_out(problem: Problem) -> Share:
    """Who reads what. The same problem and seed give the same answer, in whatever order listed."""
    return share_out_with(problem, COVERAGE_FIRST if problem.aim is Aim.LIVED else Weights())


def share_out_with(problem: Problem, weights: Weights) -> Share:
    """As ``share_out``, with other weights for company, lived experience and wishes."""
    table = Table(problem)
    share = Share(table, problem.kept)
    fill_fairly(share, problem.seed, problem.aim)
    moves = Moves(share, weights)
    mender = Mender(moves, problem.seed)
    mend_within(mender, problem.aim)
    find_company(moves, mender, problem)
    if problem.aim is Aim.LIVED and mender.coverable():
        cover_all(mender)
        find_company(moves, mender, problem)
    return share


def fill_fairly(share: Share, seed: int | str, aim: Aim) -> None:
    """Fill the places by a fair flow and set the ceilings that follow from it."""
    table = share.table
    people = len(table.readers)
    caps = likely_caps(share)
    lacking = sum(1 for bid in range(len(table.bids)) if share.lacks(bid))
    if people * lacking <= SMALL:
        for who, bid in sorted(_given_by_bid(share, caps, aim)):
            share.give(bid, who)
    elif share.fixed:
        # Much stands already: what is vacated is filled place by place, near those who stay.
        share.cap = roomy_ceilings(share)
    else:
        dice = Random(f"{seed}/luck")  # noqa: S311  anyone may draw the same lots again
        fair = fair_by_lot(share, caps, [dice.random() for _ in range(people)])
        set_ceilings(share, fair.load, aim)
        fill_by_circles(share, fair.given)


def _given_by_bid(share: Share, caps: Sequence[int], aim: Aim) -> Iterable[tuple[int, int]]:
    """Who gets what more when every person and bid is looked at."""
    if not share.fixed and aim is not Aim.EVEN:
        places = Places(share, asks_by_bid(share, caps), caps)
        lowest = places.lowest()
        if lowest:
            share.cap = ceilings(share.table.limit, lowest.ceiling)
            return places.filled(lowest)
    return _fair_by_bid(share, caps, aim).given


def _fair_by_bid(share: Share, caps: Sequence[int], aim: Aim) -> Fair:
    """The fair flow, and for a few vacated places also their lived experience."""
    if not share.fixed or aim is Aim.EVEN:
        fair = fair_by_bid(share, asks_by_bid(share, caps), caps, idle_first=aim is Aim.EVEN)
        set_ceilings(share, fair.load, aim)
        return fair
    empty = sum(share.lacks(bid) for bid in range(len(share.team)))
    if empty * len(caps) > FEW_ASKS:
        share.cap = roomy_ceilings(share)
    else:
        set_ceilings(share, fair_by_bid(share, asks_by_bid(share, caps), caps).load, aim)
    tops = [min(pair) for pair in zip(caps, share.cap, strict=True)]
    return fair_by_bid(share, asks_by_bid(share, tops, NEAREST), tops, lived_first=True)


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
            more = max(left >= shortest, int(0.97 * left / mean))
            caps.append(min(limit, len(share.reads[who]) + more))
    return caps


def set_ceilings(share: Share, loads: Sequence[int], aim: Aim) -> None:
    """Nobody is to go above the fullest share of these loads; or above their own (``EVEN``).

    ``LIVED`` begins there too, and lets shares rise only as far as it must (``cover_all``)."""
    limits = share.table.limit
    total = [len(own) + more for own, more in zip(share.reads, loads, strict=True)]
    if aim is Aim.EVEN:
        share.cap = total
    else:
        fullest = max((n / top for n, top in zip(total, limits, strict=True) if top), default=0)
        share.cap = ceilings(limits, fullest)


def shares(limits: Sequence[int]) -> list[float]:
    """Every share that somebody could have, smallest first."""
    return sorted({n / limit for limit in set(limits) for n in range(1, limit + 1)})


def roomy_ceilings(share: Share) -> list[int]:
    """The lowest ceilings that leave room for every empty place, and one in ten more."""
    table = share.table
    here = [who for who, lots in enumerate(table.in_lots) if lots]
    empty = sum(share.lacks(bid) for bid in range(len(table.bids)))
    found = shares(table.limit)

    def roomy(fullest: float) -> bool:
        caps = ceilings(table.limit, fullest)
        return sum(max(0, caps[who] - len(share.reads[who])) for who in here) >= 1.1 * empty

    lowest = bisect_left(found, True, key=roomy)
    caps = ceilings(table.limit, found[lowest]) if lowest < len(found) else table.limit
    return [max(top, len(own)) for top, own in zip(caps, share.reads, strict=True)]


def ceilings(limits: Sequence[int], fullest: float) -> list[int]:
    """Most bids each may have so that no share is above this one."""
    return [min(limit, int(fullest * limit + NEARLY)) for limit in limits]


def mend_within(mender: Mender, aim: Aim) -> None:
    """Mend, and raise the ceilings step by step where places would stay empty."""
    share = mender.share
    mender.mend()
    limits = share.table.limit
    filled = not any(share.lacks(bid) for bid in range(len(share.team)))
    for fullest in () if filled else shares(limits):
        caps = [max(*pair) for pair in zip(share.cap, ceilings(limits, fullest), strict=True)]
        if caps != share.cap:
            share.cap = caps
            if mender.fill():
                break
    if not filled:
        mender.mend()
    if aim is Aim.EVEN:
        share.cap = [len(own) for own in share.reads]


def cover_all(mender: Mender) -> None:
    """Raise the ceilings step by step until each bid has the lived experience that it can have.

    Where it is found, the ceilings come down again to the fullest share that it took."""
    share, limits = mender.share, mender.share.table.limit
    before, missing = share.cap, mender.coverable()
    for fullest in shares(limits) if missing else ():
        caps = [max(*pair) for pair in zip(share.cap, ceilings(limits, fullest), strict=True)]
        if caps != share.cap:
            share.cap = caps
            mender.cover_in_turn()
            missing = [bid for bid in missing if not share.covered(bid)]
            if not missing:
                break
    if not missing:
        loads = [len(own) for own in share.reads]
        fullest = max((n / top for n, top in zip(loads, limits, strict=True) if top), default=0)
        top = ceilings(limits, fullest)
        share.cap = [max(*pair) for pair in zip(before, top, strict=True)]


def find_company(moves: Moves, mender: Mender, problem: Problem) -> None:
    """Search for better company in the time there is, then mend what it left."""
    share = moves.share
    places = sum(len(team) for team in share.team) - len(share.fixed)
    steps = min(int(problem.seconds * STEPS_A_SECOND), 8 * places * places)
    much_moves = places > len(share.fixed)
    if steps and much_moves:
        if places <= FEW_PLACES:
            _best_of_tries(moves, mender, problem.seed, steps)
        else:
            hot, cold = (0.5, 0.08) if places < MANY_PLACES else (0.25, 0.06)
            Search(moves, problem.seed).run(steps, hot, cold)
            mender.cover()
    if mender.befriend():
        return
    # Stir a little where somebody still reads alone, and look again.
    stirred = min(steps // 10, MOST_STIRRED, STIRRED_A_PLACE * places)
    search = Search(moves, f"{problem.seed}/again")
    stirs = STIRS if much_moves else FEW_STIRS
    for _ in range(stirs if stirred else 0):
        search.run(stirred, 0.2, 0.08)
        mender.cover()
        if mender.befriend():
            return


def _best_of_tries(moves: Moves, mender: Mender, seed: int | str, steps: int) -> None:
    """Search from the same start with other luck each time. What comes first weighs first: bids
    without lived experience, people who read alone, and then company and wishes."""
    share = moves.share
    start = [list(team) for team in share.team]
    found = []
    for number in range(TRIES):
        share.set_teams(start)
        Search(moves, f"{seed}/{number}" if number else seed).run(steps, 1.0, 0.08)
        mender.cover()
        mender.befriend()
        bare = sum(not share.covered(bid) for bid in range(len(share.team)))
        alone = sum(share.alone(who) for who in range(len(share.reads)))
        found.append((bare, alone, round(moves.whole_cost(), 6), number, share.team))
    share.set_teams(min(found, key=lambda one: one[:4])[4])
