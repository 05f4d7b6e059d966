"""Odd rounds: always an answer that breaks no rule, or a true account of what is short."""

from collections import Counter
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panels.sharing import Aim, Bid, Event, Problem, Reader, after, propose, share_out
from panels.sharing.bounds import fullest_share_bound, unmatched
from panels.sharing.shortage import Remedy, in_words, shortage

F = frozenset
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Time says nothing here: the computer may be busy."""
TAGS = ("carer", "lonely", "lgbt")
FORMATS = ("audio", "easyread")
AIMS = st.sampled_from(list(Aim))

ODD = ("none", "nobody willing", "all conflicted", "one experienced", "two or nineteen", "all away",
       "a lot with one bid", "a format nobody has", "nobody trained")  # fmt: skip


@st.composite
def rounds(draw: st.DrawFn, hours: bool = True, spare: bool = False) -> Problem:
    """Rounds of up to 9 people and 8 bids with something odd about each."""
    odd = draw(st.sampled_from(("none", "two or nineteen") if spare else ODD))
    bids = [
        Bid(
            id=100 + place,
            lot=1 if odd == "a lot with one bid" and place else draw(st.sampled_from((1, 2))),
            hours=draw(st.sampled_from((0.5, 1.0, 2.5))) if hours else 1.0,
            readers_wanted=draw(st.sampled_from((1, 3))),
            communities=draw(st.frozensets(st.sampled_from(TAGS), max_size=2)),
            formats=draw(st.none() | st.frozensets(st.sampled_from(FORMATS))),
        )
        for place in range(draw(st.integers(1, 8)))
    ]
    if odd == "a lot with one bid":
        bids[0] = replace(bids[0], lot=3)
    ids = [bid.id for bid in bids]
    some = st.frozensets(st.sampled_from(ids), max_size=3)
    readers = [
        Reader(
            id=place,
            limit=draw(st.sampled_from((2, 19)))
            if odd == "two or nineteen" or spare
            else draw(st.integers(0, 6)),
            hours=draw(st.none() | st.sampled_from((0.5, 2.0, 5.25))) if hours else None,
            experienced=place == 1 if odd == "one experienced" else draw(st.booleans()),
            trained=odd != "nobody trained" and (spare or draw(st.integers(0, 6)) > 0),
            conflicts=F(ids) if odd == "all conflicted" else F() if spare else draw(some),
            lots=F() if odd == "all away" else None if spare else draw(
                st.none() | st.frozensets(st.sampled_from((1, 2, 3)))
            ),
            lived=draw(st.frozensets(st.sampled_from(TAGS))),
            likes=draw(some),
            rather_not=F(ids) if odd == "nobody willing" else draw(some),
            needs=F({"braille"}) if odd == "a format nobody has" else F() if spare else draw(
                st.frozensets(st.sampled_from(FORMATS), max_size=1)
            ),
        )
        for place in range(1, 1 + draw(st.integers(4 if spare else 0, 9)))
    ]  # fmt: skip
    if odd == "a format nobody has":
        bids = [replace(bid, formats=F(FORMATS)) for bid in bids]
    seed = draw(st.integers(0, 3))
    return Problem(tuple(readers), tuple(bids), seed, aim=draw(AIMS), seconds=0.01)


def breaches(problem: Problem, pairs: frozenset[tuple[int, int]]) -> list[str]:
    """Each hard rule that new readings break, in words."""
    bids = {bid.id: bid for bid in problem.bids}
    readers = {reader.id: reader for reader in problem.readers}
    found = []
    for bid_id, who in pairs - problem.kept:
        bid, reader = bids[bid_id], readers[who]
        formats = bid.formats is None or reader.needs <= bid.formats
        in_lot = reader.lots is None or bid.lot in reader.lots
        fit = reader.trained and in_lot and formats and bid_id not in reader.conflicts
        found += [] if fit else [f"{who} may not read {bid_id}"]
    for who in {who for _, who in pairs - problem.kept}:
        own = [bids[bid] for bid, reader in pairs if reader == who]
        reader = readers[who]
        within = reader.hours is None or sum(bid.hours for bid in own) <= reader.hours + 1e-9
        found += [] if len(own) <= reader.limit and within else [f"{who} has too much"]
    size = Counter(bid for bid, _ in pairs)
    kept = Counter(bid for bid, _ in problem.kept)
    found += [f"{b} has too many" for b in size if size[b] > max(bids[b].readers_wanted, kept[b])]
    return found


def with_remedy(problem: Problem, remedy: Remedy) -> Problem:
    """The problem after the change, put together without the engine's own words for it."""
    if remedy.kind in ("new_people", "new_experienced"):
        old_hand = remedy.kind == "new_experienced"
        new = [Reader(900 + n, remedy.bids, experienced=old_hand) for n in range(remedy.count)]
        return replace(problem, readers=(*problem.readers, *new))
    if remedy.kind == "fewer_readers":
        less = Counter(remedy.who)
        bids = (replace(b, readers_wanted=b.readers_wanted - less[b.id]) for b in problem.bids)
        return replace(problem, bids=tuple(bids))
    longest = max(bid.hours for bid in problem.bids)
    changed = {
        "train": lambda reader: replace(reader, trained=True),
        "one_more": lambda reader: replace(
            reader,
            limit=reader.limit + 1,
            hours=None if reader.hours is None else reader.hours + longest,
        ),
    }[remedy.kind]
    readers = (changed(r) if r.id in remedy.who else r for r in problem.readers)
    return replace(problem, readers=tuple(readers))


@given(rounds())
@settings(CALM, max_examples=120)
def test_an_answer_or_a_true_account_of_what_is_short(problem):
    share = share_out(problem)
    pairs = share.pairs()
    assert breaches(problem, pairs) == []
    assert sum(map(len, share.team)) == len(pairs), "somebody is given a bid twice"
    size = Counter(bid for bid, _ in pairs)
    empty = sum(bid.readers_wanted - size[bid.id] for bid in problem.bids)
    old_hands = {reader.id for reader in problem.readers if reader.experienced}
    guarded = {bid for bid, who in pairs if who in old_hands}
    found = shortage(problem, share)
    assert (found is None) == (empty == 0 and len(guarded) == len(problem.bids))
    if found:
        assert found.places == empty == sum(count for _, count in found.by_lot)
        assert set(found.no_experienced) == {bid.id for bid in problem.bids} - guarded
        assert "new_experienced" in {remedy.kind for remedy in found.remedies}
        assert all(sentence.endswith(".") for sentence in in_words(found))


@given(rounds())
@settings(CALM, max_examples=40)
def test_each_remedy_is_enough_and_one_less_is_not(problem):
    found = shortage(problem, share_out(problem))
    for remedy in found.remedies if found else ():
        changed = with_remedy(problem, remedy)
        assert shortage(changed, share_out(changed)) is None or remedy.kind == "fewer_readers"
        if remedy.kind.startswith("new_") and remedy.count > 1:
            less = with_remedy(problem, replace(remedy, count=remedy.count - 1))
            assert shortage(less, share_out(less)) is not None


@given(rounds(), st.randoms(use_true_random=False))
@settings(CALM, max_examples=50)
def test_the_same_answer_in_whatever_order_things_are_listed(problem, dice):
    readers, bids = list(problem.readers), list(problem.bids)
    dice.shuffle(readers)
    dice.shuffle(bids)
    muddled = replace(problem, readers=tuple(readers), bids=tuple(bids))
    assert propose(muddled) == propose(problem)


def worst_share(problem: Problem) -> float:
    load = Counter(who for _, who in propose(problem).pairs)
    shares = (load[reader.id] / reader.limit for reader in problem.readers if reader.limit)
    return max(shares, default=0.0)


@given(rounds(hours=False, spare=True), st.sampled_from((2, 6, 19)), st.booleans())
@settings(CALM, max_examples=50)
def test_a_new_willing_person_never_makes_the_worst_share_worse(problem, limit, experienced):
    problem = replace(problem, aim=Aim.SHARE)
    if shortage(problem, share_out(problem)):
        return
    more = replace(problem, readers=(*problem.readers, Reader(99, limit, experienced=experienced)))
    assert worst_share(more) <= worst_share(problem) + 1e-9


@given(rounds(hours=False), st.data())
@settings(CALM, max_examples=50)
def test_more_room_never_makes_the_worst_share_worse(problem, data):
    """Someone takes one bid more, or has one interest fewer, or may read in every lot."""
    problem = replace(problem, aim=Aim.SHARE)
    if not problem.readers or shortage(problem, share_out(problem)):
        return
    chosen = data.draw(st.sampled_from(problem.readers))
    freer = data.draw(
        st.sampled_from(
            (
                replace(chosen, limit=chosen.limit + 1),
                replace(chosen, conflicts=F(sorted(chosen.conflicts)[1:])),
                replace(chosen, lots=None),
            )
        )
    )
    readers = (freer if reader is chosen else reader for reader in problem.readers)
    more = replace(problem, readers=tuple(readers))
    assert shortage(more, share_out(more)) is None
    assert worst_share(more) <= worst_share(problem) + 1e-9


@given(rounds(), st.data())
@settings(CALM, max_examples=40)
def test_the_same_answer_twice_also_when_much_is_kept(problem, data):
    first = propose(problem)
    assert propose(problem) == first
    kept = data.draw(st.frozensets(st.sampled_from(sorted(first.pairs)))) if first.pairs else F()
    again = replace(problem, kept=kept)
    assert propose(again) == propose(again)


@given(rounds(hours=False))
@settings(CALM, max_examples=50)
def test_the_worst_share_is_at_its_bound(problem):
    problem = replace(problem, aim=Aim.SHARE)
    share = share_out(problem)
    bound = fullest_share_bound(problem)
    assert (bound is None) == any(share.lacks(bid) for bid in range(len(share.team)))
    if bound is not None and shortage(problem, share) is None:
        assert abs(worst_share(problem) - bound) < 1e-9
    assert set(unmatched(problem)) <= set(propose(problem).no_lived)


@given(rounds(), st.data())
@settings(CALM, max_examples=40)
def test_what_stays_is_never_moved(problem, data):
    pairs = propose(problem).pairs
    if not pairs:
        return
    people = st.sampled_from(sorted({who for _, who in pairs}))
    bids = st.sampled_from([bid.id for bid in problem.bids])
    event = Event(
        done=data.draw(st.frozensets(st.sampled_from(sorted(pairs)), max_size=6)),
        left=F({data.draw(people)}),
        limits={data.draw(people): data.draw(st.integers(1, 3))},
        interests=data.draw(st.frozensets(st.sampled_from(sorted(pairs)), max_size=1)),
        withdrawn=data.draw(st.frozensets(bids, max_size=1)),
    )  # fmt: skip
    now = after(problem, pairs, event)
    new = propose(now).pairs
    assert now.kept <= new
    assert breaches(now, new) == []
    assert not {who for _, who in new - now.kept} & event.left
    there = {(b, w) for b, w in event.done - event.interests if b not in event.withdrawn}
    assert there <= new
    # Who has an interest in a bid that is gone has nothing left to stand aside from.
    lots = {bid.id: bid.lot for bid in now.bids}
    for bid, who in event.interests:
        later = {lots[b] for b, w in new - event.done if w == who}
        assert lots.get(bid) not in later
