"""What `docs/sharing.md` promises of each answer, on three made rounds of 30 people and 60 bids.

The same is asked of the published rounds of every size, by their own scorer, in `bench/`.
"""

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from panels.sharing import (
    Aim,
    Bid,
    Event,
    Pair,
    Problem,
    Reader,
    after,
    interview_panels,
    share_out,
)
from panels.sharing.bounds import fewest_uncovered, fullest, fullest_share_bound
from panels.sharing.circles import LARGEST, make_circles
from panels.sharing.engine import SMALL
from panels.sharing.moves import Moves, Weights
from panels.sharing.share import Share
from panels.sharing.table import Table
from panels.sharing.told import Telling

TAGS = ("lonely", "carer", "bame", "disabled")
SEEDS = (1, 2, 3)


def made(seed: int, aim: Aim = Aim.SHARE) -> Problem:
    """A round in which people offer a third more than is needed."""
    dice = Random(seed)
    bids = tuple(
        Bid(
            100 + n,
            lot=n % 4,
            hours=dice.choice((0.5, 1.0, 1.5)),
            communities=frozenset({dice.choice(TAGS)}),
            formats=frozenset({"largeprint", "audio"} if n % 3 else {"largeprint"}),
        )
        for n in range(60)
    )
    readers = tuple(
        Reader(
            n,
            limit=dice.choice((5, 8, 11)),
            hours=None if n % 2 else 10.0,
            experienced=dice.random() < 0.5,
            trained=n != 3,
            conflicts=frozenset(dice.sample(range(100, 160), n % 3)),
            lots=frozenset(dice.sample(range(4), 3)),
            lived=frozenset(dice.sample(TAGS, 2)),
            needs=frozenset({"audio"} if n == 5 else ()),
            like_lots=frozenset({n % 4}),
            rather_not_lots=frozenset({(n + 1) % 4}),
        )
        for n in range(30)
    )
    return Problem(readers, bids, seed=seed, aim=aim)


def assert_no_rule_is_broken(problem: Problem, pairs: frozenset[Pair]) -> None:
    readers, bids = ({row.id: row for row in rows} for rows in (problem.readers, problem.bids))
    own: defaultdict[int, list[Bid]] = defaultdict(list)
    for bid, who in pairs:
        own[who].append(bids[bid])
    for who, rows in own.items():
        reader = readers[who]
        assert len(rows) <= reader.limit
        assert reader.hours is None or sum(bid.hours for bid in rows) <= reader.hours + 1e-6
        for bid in rows:
            assert reader.trained
            assert bid.id not in reader.conflicts
            assert bid.lot in (reader.lots or ())
            assert reader.needs <= (bid.formats or frozenset())
    places = Counter(bid for bid, _who in pairs)
    assert all(places[bid] == row.readers_wanted for bid, row in bids.items())


def worst(problem: Problem, pairs: frozenset[Pair]) -> float:
    load = Counter(who for _bid, who in pairs)
    limits = [reader.limit for reader in problem.readers]
    return fullest([load[reader.id] for reader in problem.readers], limits)


def uncovered(share: Share) -> int:
    return sum(not share.covered(bid) for bid in range(len(share.team)))


@pytest.mark.parametrize("seed", SEEDS)
def test_an_answer_keeps_every_promise(seed):
    problem = made(seed)
    share = share_out(problem)
    pairs = share.pairs()
    assert_no_rule_is_broken(problem, pairs)
    bids = range(len(share.team))
    assert all(share.guarded(bid) for bid in bids)
    bound = fullest_share_bound(problem)
    assert bound is not None
    assert worst(problem, pairs) == pytest.approx(bound)
    assert uncovered(share) == fewest_uncovered(problem, bound)
    people = range(len(share.reads))
    assert not [who for who in people if share.alone(who)]
    ready = {reader.id for reader in problem.readers if reader.trained}
    assert {who for _bid, who in pairs} == ready
    met = Counter(pair for team in share.team for pair in combinations(sorted(team), 2))
    assert sum(met.values()) / len(met) >= 2.0
    table = share.table
    wishes = [table.wish(who, bid) for bid in bids for who in share.team[bid]]
    # By chance as many would be rather-nots as likes.
    assert sum(wishes) > 0.2 * len(wishes)


@pytest.mark.parametrize("seed", SEEDS)
def test_lived_experience_first_reaches_every_bid(seed):
    share = share_out(made(seed, Aim.LIVED))
    assert uncovered(share) == 0
    assert_no_rule_is_broken(made(seed), share.pairs())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_withdrawal_drops_nobody_and_adds_what_was_vacated(seed):
    problem = made(seed)
    pairs = share_out(problem).pairs()
    dice = Random(seed)
    gone = frozenset(dice.sample([reader.id for reader in problem.readers], 2))
    done = frozenset(dice.sample(sorted(pairs), 70))
    later = after(problem, pairs, Event(done=done, left=gone))
    now = share_out(later).pairs()
    vacated = {pair for pair in pairs if pair[1] in gone and pair not in done}
    assert pairs - now == vacated
    assert len(now - pairs) == len(vacated)
    assert not {who for _bid, who in now - pairs} & gone


@pytest.mark.parametrize("seed", SEEDS)
def test_every_reason_is_true_and_panels_break_no_rule(seed):
    problem = made(seed)
    share = share_out(problem)
    proposal = Telling(problem, share.pairs()).proposal()
    readers = {reader.id: reader for reader in problem.readers}
    load = Counter(who for _bid, who in proposal.pairs)
    own: defaultdict[int, set[int]] = defaultdict(set)
    for bid, who in proposal.pairs:
        own[who].add(bid)
    serves = {bid.id: bid.communities for bid in problem.bids}
    assert set(proposal.reasons) == proposal.pairs
    for (bid, who), codes in proposal.reasons.items():
        assert f"load:{load[who]}/{readers[who].limit}" in codes
        assert ("experienced" in codes) == readers[who].experienced
        for code in codes:
            kind, _sep, rest = code.partition(":")
            if kind == "lived":
                assert rest in readers[who].lived & serves[bid]
            elif kind == "with":
                assert len(own[who] & own[int(rest)]) > 1
                assert bid in own[int(rest)]
    for lot, panels in interview_panels(share).items():
        lot_bids = {bid.id for bid in problem.bids if bid.lot == lot}
        for panel in panels:
            assert 4 <= len(panel) <= 6
            assert any(readers[who].experienced for who in panel)
            assert all(readers[who].trained for who in panel)
            assert not any(readers[who].conflicts & lot_bids for who in panel)


@pytest.mark.parametrize("known", [0, 3, 20])
def test_a_first_round_where_few_have_scored_before_is_shared_out_in_small_circles(
    known: int,
) -> None:
    """One circle of everybody once took hours: each team of three of its people was weighed."""
    readers = tuple(Reader(n, limit=4, experienced=n < known) for n in range(230))
    problem = Problem(readers, tuple(Bid(1000 + n, lot=1) for n in range(120)), seconds=0)
    table = Table(problem)
    assert len(table.readers) * len(table.bids) > SMALL, "above this it is done by circles"
    circles = make_circles(Share(table), [(who, 2) for who in range(len(readers))])
    assert max(len(circle.left) for circle in circles) <= 2 * LARGEST
    share = share_out(problem)
    assert not any(share.lacks(bid) for bid in range(len(table.bids)))
    guarded = sum(share.guarded(bid) for bid in range(len(table.bids)))
    assert guarded >= min(known * 4, len(table.bids)) * 0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cost_of_a_share_is_what_its_moves_add_up_to(seed: int) -> None:
    """The tries of a small round are compared by the first; the search goes by the second."""
    share = share_out(replace(made(seed), seconds=0))
    moves = Moves(share, Weights(lived=0.0))
    dice, tried = Random(seed), 0
    for _ in range(3000):
        bid = dice.randrange(len(share.team))
        out, into = dice.choice(share.team[bid]), dice.randrange(len(share.reads))
        if into in share.team[bid] or not share.reads[into]:
            continue
        other = dice.choice(share.reads[into])
        if not moves.may_exchange(bid, out, other, into):
            continue
        cost, before = moves.exchange_cost(bid, out, other, into), moves.whole_cost()
        moves.exchange(bid, out, other, into)
        assert moves.whole_cost() == pytest.approx(before + cost)
        tried += 1
    assert tried > 10
