"""Hard rules hold, every place that can be filled is, and shares are as even as can be."""

from collections import Counter
from dataclasses import replace
from itertools import combinations, product
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from panels.sharing import Aim, Bid, Problem, Proposal, Reader, propose, share_out, why_not
from panels.sharing.shortage import shortage

F = frozenset
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Time says nothing here: the computer may be busy."""


def teams(proposal: Proposal) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for bid, reader in proposal.pairs:
        found.setdefault(bid, set()).add(reader)
    return found


# ------------------------------------------------------------------------------ worked by hand


def test_three_readers_share_two_bids():
    readers = tuple(Reader(n, limit=2) for n in (1, 2, 3))
    proposal = propose(Problem(readers, (Bid(10, lot=1), Bid(11, lot=1))))
    assert teams(proposal) == {10: {1, 2, 3}, 11: {1, 2, 3}}
    assert proposal.shortfalls == ()
    assert proposal.no_experienced == (10, 11)
    assert proposal.reasons[10, 1] == ("with:2", "with:3", "load:2/2")


def test_a_chain_of_swaps_fills_the_last_place():
    # Only 1 may read bid 10. Only 1 and 2 may read bid 11. So 2 must have bid 11.
    readers = (Reader(1, limit=1), Reader(2, limit=1, conflicts=F({10})))
    bids = (Bid(10, 1, readers_wanted=1), Bid(11, 1, readers_wanted=1))
    for seed in range(10):
        assert propose(Problem(readers, bids, seed)).pairs == {(10, 1), (11, 2)}


def test_the_smallest_share_comes_first():
    # Four readings, limits 2 and 6: shares of 1/2 and 3/6 are even.
    readers = (Reader(1, limit=2), Reader(2, limit=6))
    bids = tuple(Bid(n, 1, readers_wanted=1) for n in range(10, 14))
    load = Counter(reader for _, reader in propose(Problem(readers, bids)).pairs)
    assert load == {1: 1, 2: 3}


def test_nobody_is_left_with_nothing_where_it_can_be_avoided():
    readers = (Reader(1, limit=19), Reader(2, limit=2), Reader(3, limit=2))
    bids = tuple(Bid(n, 1, readers_wanted=1) for n in range(10, 13))
    load = Counter(reader for _, reader in propose(Problem(readers, bids)).pairs)
    assert load == {1: 1, 2: 1, 3: 1}


def test_one_experienced_reader_for_each_bid():
    readers = tuple(Reader(n, limit=2, experienced=n < 3) for n in range(1, 7))
    bids = tuple(Bid(n, 1) for n in range(10, 14))
    proposal = propose(Problem(readers, bids))
    assert proposal.no_experienced == ()
    assert proposal.shortfalls == ()
    assert "experienced" in proposal.reasons[min((b, r) for b, r in proposal.pairs if r == 1)]


def test_lived_experience_is_found_by_an_exchange():
    readers = (Reader(1, limit=1, lived=F({"carer"})), Reader(2, limit=1))
    bids = (
        Bid(10, 1, readers_wanted=1, communities=F({"carer"})),
        Bid(11, 1, readers_wanted=1),
    )
    for seed in range(10):
        proposal = propose(Problem(readers, bids, seed))
        assert proposal.pairs == {(10, 1), (11, 2)}
        assert proposal.no_lived == ()
        assert proposal.reasons[10, 1] == ("lived:carer", "load:1/1")


def test_lived_experience_first_means_every_bid_that_can_have_it():
    # The one carer must join a bid whose two readers have no other: one of them gets another.
    readers = tuple(Reader(n, limit=4, lived=F({"carer"} if n == 1 else ())) for n in range(1, 5))
    bids = tuple(Bid(n, 1, readers_wanted=2, communities=F({"carer"})) for n in (10, 11, 12))
    for seed in range(40):
        proposal = propose(Problem(readers, bids, seed, aim=Aim.LIVED))
        assert proposal.no_lived == ()
        assert proposal.shortfalls == ()
        load = Counter(reader for _, reader in proposal.pairs)
        assert load == {1: 3, 2: 1, 3: 1, 4: 1}, "and nobody is left with nothing"


def test_wishes_are_met_where_nothing_else_is_lost():
    readers = (Reader(1, limit=1, rather_not=F({10})), Reader(2, limit=1, likes=F({10})))
    bids = (Bid(10, 1, readers_wanted=1), Bid(11, 1, readers_wanted=1))
    for seed in range(10):
        proposal = propose(Problem(readers, bids, seed))
        assert proposal.pairs == {(10, 2), (11, 1)}
        assert proposal.reasons[10, 2] == ("prefers", "load:1/1")


def test_a_shortfall_says_how_many_and_why():
    readers = (
        Reader(1, limit=2),
        Reader(2, limit=2, conflicts=F({10})),
        Reader(3, limit=2, trained=False),
        Reader(4, limit=2, lots=F({2})),
        Reader(5, limit=0),
        Reader(6, limit=2, hours=0.5),
    )
    (shortfall,) = propose(Problem(readers, (Bid(10, lot=1),))).shortfalls
    assert (shortfall.bid, shortfall.wanted, shortfall.placed, shortfall.short) == (10, 3, 1, 2)
    assert dict(shortfall.why) == {
        "conflict": 1,
        "untrained": 1,
        "other_lot": 1,
        "full": 1,
        "hours": 1,
    }


def test_where_people_are_few_no_bid_goes_without():
    readers = tuple(Reader(n, limit=2) for n in (1, 2, 3))
    bids = tuple(Bid(n, 1) for n in (10, 11, 12))
    assert {len(team) for team in teams(propose(Problem(readers, bids))).values()} == {2}


def test_nobody_is_given_a_bid_twice_where_time_is_made_for_it():
    """One exchange gave a reader the very bid that they made time for, and then it came again."""
    away = tuple(Reader(n, limit=0) for n in (3, 4, 5, 6))
    readers = (
        Reader(1, limit=0),
        Reader(2, limit=5, hours=2.0, needs=F({"audio"})),
        *away,
        Reader(7, limit=1, conflicts=F({100})),
    )
    hours = (1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5)
    wanted = (1, 1, 1, 1, 3, 3, 3, 1)
    silent = {102, 103, 105}
    bids = tuple(
        Bid(pk, 1, hours[pk - 100], wanted[pk - 100], formats=F() if pk in silent else None)
        for pk in range(100, 108)
    )
    problem = Problem(readers=readers, bids=bids, seconds=0)
    share = share_out(problem)
    assert all(len(team) == len(set(team)) for team in share.team)
    found = shortage(problem, share)
    assert found and found.places == 14 - len(share.pairs())


def test_why_not_me():
    readers = (Reader(1, limit=1), Reader(2, limit=1, conflicts=F({10})), Reader(3, limit=5))
    problem = Problem(readers, (Bid(10, 1, readers_wanted=1),))
    pairs = F({(10, 1)})
    assert why_not(problem, pairs, 10, 1) == "reads_it"
    assert why_not(problem, pairs, 10, 2) == "conflict"
    assert why_not(problem, pairs, 10, 3) == "load:0/5"
    with pytest.raises(KeyError):
        why_not(problem, pairs, 10, 4)


def test_readings_kept_stay_even_when_the_reader_has_left():
    readers = (Reader(1, limit=1), Reader(2, limit=3), Reader(3, limit=3))
    bids = (Bid(10, 1), Bid(11, 1, readers_wanted=1))
    kept = F({(10, 99), (10, 1), (11, 1)})
    proposal = propose(Problem(readers, bids, kept=kept))
    assert kept < proposal.pairs
    assert len(teams(proposal)[10]) == 3
    assert proposal.reasons[10, 99] == ("kept",)
    assert proposal.reasons[11, 1] == ("load:2/1",)


def test_a_guarded_bid_may_hand_its_experienced_reader_to_another():
    # 1 and 2 are experienced. Bid 11 can only be read by 1, so bid 10 must make do with 2.
    readers = (
        Reader(1, limit=1, experienced=True),
        Reader(2, limit=1, experienced=True, conflicts=F({11})),
        Reader(3, limit=1, conflicts=F({11})),
    )
    bids = (Bid(10, 1, readers_wanted=2), Bid(11, 1, readers_wanted=1))
    for seed in range(10):
        proposal = propose(Problem(readers, bids, seed))
        assert proposal.pairs == {(11, 1), (10, 2), (10, 3)}
        assert proposal.no_experienced == ()


def test_muddled_problems_are_refused():
    bid = Bid(10, 1)
    with pytest.raises(ValueError):
        propose(Problem((Reader(1, 2), Reader(1, 3)), (bid,)))
    with pytest.raises(ValueError):
        propose(Problem((), (bid, bid)))
    with pytest.raises(ValueError):
        propose(Problem((), (bid,), kept=F({(11, 1)})))


def test_nothing_to_share_out():
    assert propose(Problem((), ())).pairs == F()
    assert propose(Problem((Reader(1, 2),), ())).pairs == F()


# ---------------------------------------------------------------------------------- properties

TAGS = ("carer", "lonely")


@st.composite
def problems(draw: st.DrawFn, hours: bool = False, people: int = 4, papers: int = 3) -> Problem:
    """Small problems, often ones that cannot be solved."""
    bid_ids = list(range(10, 10 + draw(st.integers(0, papers))))
    some = st.frozensets(st.sampled_from(bid_ids)) if bid_ids else st.just(F())
    readers = tuple(
        Reader(
            id=n,
            limit=draw(st.integers(0, 3)),
            hours=draw(st.none() | st.sampled_from((0.5, 1.5, 2.75, 4.0))) if hours else None,
            experienced=draw(st.booleans()),
            trained=draw(st.integers(0, 5)) > 0,
            conflicts=draw(some) if draw(st.booleans()) else F(),
            lots=draw(st.none() | st.frozensets(st.sampled_from((1, 2)))),
            lived=draw(st.frozensets(st.sampled_from(TAGS))),
            likes=draw(some),
            rather_not=draw(some),
        )
        for n in range(1, 1 + draw(st.integers(0, people)))
    )
    bids = tuple(
        Bid(
            id=n,
            lot=draw(st.sampled_from((1, 2))),
            hours=draw(st.sampled_from((0.5, 1.0, 1.75))) if hours else 1.0,
            readers_wanted=draw(st.integers(1, 3)),
            communities=draw(st.frozensets(st.sampled_from(TAGS))),
        )
        for n in bid_ids
    )
    kept = (
        draw(
            st.frozensets(
                st.tuples(st.sampled_from(bid_ids), st.integers(1, people + 1)), max_size=2
            )
        )
        if bid_ids
        else F()
    )
    return Problem(readers, bids, draw(st.integers(0, 3)), kept)


def may_read(reader: Reader, bid: Bid) -> bool:
    in_lot = reader.lots is None or bid.lot in reader.lots
    return reader.trained and in_lot and bid.id not in reader.conflicts


def check_hard_rules(problem: Problem, proposal: Proposal) -> None:
    bids = {bid.id: bid for bid in problem.bids}
    readers = {reader.id: reader for reader in problem.readers}
    assert problem.kept <= proposal.pairs
    team = teams(proposal)
    for bid in problem.bids:
        fixed = sum(b == bid.id for b, _ in problem.kept)
        assert len(team.get(bid.id, ())) <= max(bid.readers_wanted, fixed)
    new = proposal.pairs - problem.kept
    assert all(may_read(readers[reader], bids[bid]) for bid, reader in new)
    for reader in {reader for _, reader in new}:
        own = [bids[b] for b, r in proposal.pairs if r == reader]
        assert len(own) <= readers[reader].limit
        budget = readers[reader].hours
        assert budget is None or sum(bid.hours for bid in own) <= budget + 1e-9


@given(problems(hours=True, people=6, papers=5))
@settings(CALM)
def test_hard_rules_always_hold(problem):
    check_hard_rules(problem, propose(problem))


@given(problems(hours=True, people=6, papers=5))
@settings(CALM)
def test_shortfalls_are_the_bids_with_too_few(problem):
    proposal = propose(problem)
    team = teams(proposal)
    short = {s.bid: s for s in proposal.shortfalls}
    for bid in problem.bids:
        placed = len(team.get(bid.id, ()))
        assert (bid.id in short) == (placed < bid.readers_wanted)
        if bid.id in short:
            assert short[bid.id].placed == placed
            others = {reader.id for reader in problem.readers} - team.get(bid.id, set())
            assert sum(count for _, count in short[bid.id].why) == len(others)


@given(problems(hours=True, people=6, papers=5), st.randoms(use_true_random=False))
@settings(CALM)
def test_the_order_things_are_listed_in_does_not_matter(problem, random):
    readers, bids = list(problem.readers), list(problem.bids)
    random.shuffle(readers)
    random.shuffle(bids)
    muddled = replace(problem, readers=tuple(readers), bids=tuple(bids))
    assert propose(muddled) == propose(problem)


@given(problems(people=6, papers=5))
@settings(CALM)
def test_every_reason_is_true(problem):
    proposal = propose(problem)
    bids = {bid.id: bid for bid in problem.bids}
    readers = {reader.id: reader for reader in problem.readers}
    load = Counter(reader for _, reader in proposal.pairs)
    own = {who: {b for b, r in proposal.pairs if r == who} for who in load}
    assert set(proposal.reasons) == proposal.pairs
    for (bid, who), codes in proposal.reasons.items():
        assert codes
        for code in codes:
            kind, _, rest = code.partition(":")
            if who not in readers:
                assert code == "kept" and (bid, who) in problem.kept
            elif kind == "lived":
                assert rest in readers[who].lived & bids[bid].communities
            elif kind == "with":
                assert int(rest) != who and len(own[int(rest)] & own[who]) >= 2
            elif kind == "load":
                assert rest == f"{load[who]}/{readers[who].limit}"
            else:
                assert {
                    "experienced": readers[who].experienced,
                    "prefers": bid in readers[who].likes,
                }[code]


def every_way(problem: Problem) -> list[F]:
    """Every set of pairs that breaks no rule, the slow way."""
    choices = []
    for bid in problem.bids:
        fixed = F(r for b, r in problem.kept if b == bid.id)
        others = [r.id for r in problem.readers if may_read(r, bid) and r.id not in fixed]
        room = max(0, bid.readers_wanted - len(fixed))
        choices.append(
            [
                [(bid.id, who) for who in (*fixed, *more)]
                for n in range(min(room, len(others)) + 1)
                for more in combinations(others, n)
            ]
        )
    kept = Counter(reader for _, reader in problem.kept)
    top = {r.id: max(r.limit, kept[r.id]) for r in problem.readers}
    ways = []
    for way in product(*choices):
        pairs = F(pair for team in way for pair in team)
        load = Counter(reader for _, reader in pairs)
        if all(load[who] <= top[who] for who in top):
            ways.append(pairs)
    return ways


def with_experience(problem: Problem, pairs: F) -> int:
    old_hands = {r.id for r in problem.readers if r.experienced}
    return len({bid for bid, reader in pairs if reader in old_hands})


def burden(problem: Problem, pairs: F) -> list[tuple[bool, float]]:
    """Each reading's weight, heaviest first: smaller is fairer."""
    load = Counter(reader for _, reader in pairs)
    kept = Counter(reader for _, reader in problem.kept)
    return sorted(
        (
            (n > 0, (n + 1) / r.limit)
            for r in problem.readers
            for n in range(kept[r.id], load[r.id])
        ),
        reverse=True,
    )


# Two readers of bid 11 have left: its third place is the one for somebody experienced.
HALF_READ = Problem(
    readers=(Reader(1, 1, experienced=True), Reader(2, 2, experienced=True)),
    bids=(Bid(10, 1, readers_wanted=2), Bid(11, 1, readers_wanted=3), Bid(12, 1, readers_wanted=1)),
    kept=F({(11, 3), (11, 4)}),
    seed=0,
)


@given(problems())
@example(HALF_READ)
@settings(CALM, max_examples=300)
def test_as_good_as_the_best_of_every_way(problem):
    """As many places as can be; where there can be experience on each bid, that; then fair."""
    pairs = propose(problem).pairs
    ways = every_way(problem)
    most = max(map(len, ways))
    assert len(pairs) == most
    good = [way for way in ways if len(way) == most]
    good = [way for way in good if with_experience(problem, way) == len(problem.bids)]
    if good:
        assert with_experience(problem, pairs) == len(problem.bids)
    if good and most >= sum(b.readers_wanted for b in problem.bids) and not problem.kept:
        assert burden(problem, pairs) == min(burden(problem, way) for way in good)


@given(problems(people=3, papers=3))
@settings(CALM)
def test_experience_is_spread_even_where_it_is_scarce(problem):
    """Nobody could swap a reading with an experienced person and cover one bid more."""
    pairs = propose(problem).pairs
    readers = {r.id: r for r in problem.readers}
    bids = {b.id: b for b in problem.bids}
    free = pairs - problem.kept
    for (bid, who), (other, mate) in product(free, free):
        fine = may_read(readers[mate], bids[bid]) and may_read(readers[who], bids[other])
        if fine and not {(bid, mate), (other, who)} & pairs:
            swapped = pairs - {(bid, who), (other, mate)} | {(bid, mate), (other, who)}
            assert with_experience(problem, swapped) <= with_experience(problem, pairs)


def test_a_reader_for_each_place_counts_for_more_than_experience():
    # Reader 2 is the only experienced one, and is needed as the second reader of bid 12.
    readers = (Reader(1, limit=3), Reader(2, limit=1, experienced=True))
    bids = (
        Bid(10, 1, readers_wanted=1),
        Bid(11, 1, readers_wanted=1),
        Bid(12, 1, readers_wanted=2),
    )
    for seed in range(10):
        proposal = propose(Problem(readers, bids, seed))
        assert proposal.pairs == {(10, 1), (11, 1), (12, 1), (12, 2)}
        assert proposal.no_experienced == (10, 11)


def most_places(problem: Problem) -> int:
    """The largest number of places that can be filled: an augmenting path for each, one by one."""
    readers = {r.id: r for r in problem.readers}
    able = {b.id: [r.id for r in problem.readers if may_read(r, b)] for b in problem.bids}
    held: dict[int, set[int]] = {r: set() for r in readers}

    def found_for(bid: int, seen: set[int]) -> bool:
        for who in able[bid]:
            if who in seen or bid in held[who]:
                continue
            seen.add(who)
            if len(held[who]) < readers[who].limit:
                held[who].add(bid)
                return True
            for other in list(held[who]):
                if found_for(other, seen):
                    held[who].remove(other)
                    held[who].add(bid)
                    return True
        return False

    return sum(found_for(b.id, set()) for b in problem.bids for _ in range(b.readers_wanted))


def invented(people: int, papers: int, seed: int, spare: float) -> Problem:
    """A round of this size, with ``spare`` times the places in limits."""
    dice = Random(seed)
    lots = range(max(1, papers // 12))
    bids = tuple(
        Bid(100 + n, dice.choice(lots), communities=F(dice.sample(TAGS, 1))) for n in range(papers)
    )
    each = max(1, round(spare * 3 * papers / people))
    readers = tuple(
        Reader(
            n,
            limit=each,
            experienced=dice.random() < 0.4,
            conflicts=F(dice.sample([b.id for b in bids], 2)),
            lots=F(dice.sample(lots, 1 + len(lots) // 2)),
            lived=F(dice.sample(TAGS, dice.randint(0, 1))),
        )
        for n in range(people)
    )
    return Problem(readers, bids, seed)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("spare", [0.9, 1.0, 1.3])
def test_as_many_places_as_a_maximum_flow(seed, spare):
    problem = invented(24, 48, seed, spare)
    proposal = propose(problem)
    check_hard_rules(problem, proposal)
    assert len(proposal.pairs) == most_places(problem)


def test_a_round_of_real_size():
    problem = invented(100, 200, seed=1, spare=1.3)
    proposal = propose(problem)
    check_hard_rules(problem, proposal)
    assert (proposal.shortfalls, proposal.no_experienced, proposal.no_lived) == ((), (), ())
    load = Counter(reader for _, reader in proposal.pairs)
    assert set(load.values()) <= {5, 6, 7}
    again = propose(replace(problem, kept=proposal.pairs))
    assert again.pairs == proposal.pairs


def test_when_someone_leaves_nobody_else_loses_a_reading():
    problem = invented(30, 60, seed=2, spare=1.3)
    before = propose(problem)
    stayed = tuple(reader for reader in problem.readers if reader.id != 0)
    kept = F(pair for pair in before.pairs if pair[1] != 0)
    after = propose(replace(problem, readers=stayed, kept=kept))
    assert kept <= after.pairs
    assert after.shortfalls == ()
