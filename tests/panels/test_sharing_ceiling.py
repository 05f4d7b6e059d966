"""The lowest ceiling found by maximum flows, beside the least-cost flow and plain counting."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given

from panels.sharing import Bid, Problem, Reader
from panels.sharing.asks import asks_by_bid
from panels.sharing.bounds import fullest
from panels.sharing.ceiling import Places
from panels.sharing.fair import fair_by_bid
from panels.sharing.share import Share
from panels.sharing.table import Table
from tests.panels.test_sharing_odd import CALM, rounds

F = frozenset


def fresh(problem: Problem) -> tuple[Share, list[int]]:
    share = Share(Table(problem))
    return share, list(share.table.limit)


@given(rounds() | rounds(spare=True))
@CALM
def test_the_lowest_ceiling_is_what_the_least_cost_flow_finds(problem):
    share, caps = fresh(problem)
    table, asks = share.table, asks_by_bid(share, caps)
    fair = fair_by_bid(share, asks, caps)
    guarded = {bid for who, bid in fair.given if table.old_hand[who]}
    whole = fair.placed == sum(table.wanted) and len(guarded) == len(table.bids)
    lowest = Places(share, asks, caps).lowest()
    assert (lowest is not None) == whole
    if lowest:
        assert lowest.ceiling == pytest.approx(fullest(fair.load, table.limit))


@given(rounds(spare=True))
@CALM
def test_every_place_is_filled_under_the_ceiling_and_each_bid_has_somebody_experienced(problem):
    share, caps = fresh(problem)
    table = share.table
    places = Places(share, asks_by_bid(share, caps), caps)
    lowest = places.lowest()
    assume(lowest)
    given_out = places.filled(lowest)
    assert all(table.may(who, bid) for who, bid in given_out)
    assert len({*given_out}) == len(given_out)
    filled = Counter(bid for _, bid in given_out)
    assert [filled[bid] for bid in range(len(table.bids))] == table.wanted
    assert {bid for who, bid in given_out if table.old_hand[who]} == {*range(len(table.bids))}
    loads = Counter(who for who, _ in given_out)
    assert all(n / table.limit[who] <= lowest.ceiling + 1e-9 for who, n in loads.items())


def test_only_those_go_up_to_the_ceiling_who_must():
    # Experienced people are few: each of the two reads three of the six bids they offered to read
    # four of. The others have room to spare and stay at the share that all places need: a half.
    old = tuple(Reader(n, limit=4, experienced=True) for n in (1, 2))
    new = tuple(Reader(n, limit=4) for n in (3, 4, 5, 6))
    bids = tuple(Bid(n, lot=1, readers_wanted=2) for n in range(10, 16))
    share, caps = fresh(Problem((*old, *new), bids))
    lowest = Places(share, asks_by_bid(share, caps), caps).lowest()
    assert lowest
    assert lowest.ceiling == 0.75
    assert lowest.least.tolist() == [3, 3, 2, 2, 2, 2]
    assert lowest.most.tolist() == [3] * 6


def test_what_people_would_like_is_tried_first():
    readers = (
        Reader(1, limit=1, experienced=True, likes=F({11})),
        Reader(2, limit=1, experienced=True, likes=F({10})),
    )
    bids = tuple(Bid(n, lot=1, readers_wanted=1) for n in (10, 11))
    share, caps = fresh(Problem(readers, bids))
    places = Places(share, asks_by_bid(share, caps), caps)
    assert sorted(places.filled(places.lowest())) == [(0, 1), (1, 0)]


@given(rounds())
@CALM
def test_the_asks_are_everybody_who_may_and_has_room(problem):
    many = [replace(bid, lot=bid.lot + 70 * place) for place, bid in enumerate(problem.bids)]
    words = {f"word {n}" for n in range(70)}
    lots = F(bid.lot for bid in many)
    everywhere = tuple(
        replace(reader, lots=reader.lots and lots, lived=reader.lived | words)
        for reader in problem.readers
    )
    # The second problem has more lots and communities than a number of 64 bits holds.
    for one in (problem, Problem(everywhere, tuple(many))):
        share, caps = fresh(one)
        table, asks = share.table, asks_by_bid(share, caps)
        expected = {
            (who, bid): (2 - 2 * table.wish(who, bid), bool(table.tags[who] & table.serves[bid]))
            for bid in range(len(table.bids))
            for who in range(len(table.readers))
            if table.may(who, bid) and caps[who] and table.wanted[bid]
        }
        columns = (asks.who, asks.bid, asks.cost, asks.helps)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        assert {(who, bid): (cost, helps) for who, bid, cost, helps in rows} == expected
