"""What `docs/sharing.md` promises of each answer, on three made rounds of 30 people and 60 bids.

The same is asked of the published rounds of every size, by their own scorer, in `bench/`.
"""

from collections import Counter, defaultdict
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
from panels.sharing.share import Share
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
