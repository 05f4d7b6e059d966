"""Scores are shown as they were given. What cannot be judged is never a zero."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panels.shortlist import (
    TOP,
    Middle,
    Score,
    Total,
    differ_most_first,
    level,
    middle_of,
    picture,
    range_words,
    ranks,
    reader_total,
)

NEED, IDEA, MONEY = 1, 2, 3
WEIGHTS = {NEED: 3, IDEA: 2, MONEY: 1}
JEAN, OMAR, PAT = 10, 11, 12


def scored(**readers: tuple[int | None, ...]) -> list[Score]:
    people = {"jean": JEAN, "omar": OMAR, "pat": PAT}
    return [
        Score(people[name], criterion, value)
        for name, values in readers.items()
        for criterion, value in zip(WEIGHTS, values, strict=True)
    ]


# ------------------------------------------------------------------------------ worked by hand


def test_a_total_leaves_out_the_weight_of_what_was_not_judged():
    assert reader_total(scored(jean=(4, 3, 5)), WEIGHTS) == Total(4 * 3 + 3 * 2 + 5, 30)
    assert reader_total(scored(jean=(4, None, 5)), WEIGHTS) == Total(17, 20)
    assert reader_total(scored(jean=(None, None, None)), WEIGHTS) is None
    assert reader_total(scored(jean=(0, 0, 0)), WEIGHTS) == Total(0, 30)
    assert Total(17, 20).share == Fraction(17, 20)


def test_a_bid_as_its_readers_scored_it():
    scores = scored(jean=(5, 4, None), omar=(1, 4, 2))
    scores += [Score(PAT, NEED, None, abstained=True), Score(PAT, IDEA, 3)]
    seen = picture(scores, WEIGHTS)
    need, idea, money = seen.spreads
    assert (need.dots, need.middle, need.width, need.abstained) == ((1, 5), 3, 4, 1)
    assert (idea.dots, idea.middle, idea.width) == ((3, 4, 4), Fraction(11, 3), 1)
    assert (money.dots, money.middle, money.cannot_judge) == ((2,), 2, 1)
    assert seen.totals == {JEAN: Total(23, 25), OMAR: Total(13, 30), PAT: Total(6, 10)}
    assert seen.middle == (Fraction(23, 25) + Fraction(13, 30) + Fraction(6, 10)) / 3
    assert seen.apart == Fraction(4 * 3 + 1 * 2 + 0 * 1, 30)
    assert (seen.widest, seen.cannot_judge, seen.abstained) == (4, 1, 1)
    median = picture(scores, WEIGHTS, Middle.MEDIAN)
    assert median.middle == Fraction(6, 10)
    assert median.spreads[1].middle == 4


def test_a_bid_nobody_could_judge_has_no_middle():
    seen = picture(scored(jean=(None, None, None)), WEIGHTS)
    assert seen.middle is None
    assert seen.totals == {}
    assert [spread.dots for spread in seen.spreads] == [(), (), ()]
    assert seen.apart == 0
    assert picture([], {}).middle is None


def test_the_bids_we_differ_on_most_come_first():
    agreed = picture(scored(jean=(4, 4, 4), omar=(4, 4, 4)), WEIGHTS)
    cancels_out = picture(scored(jean=(5, 0, 4), omar=(2, 5, 3)), WEIGHTS)
    a_little = picture(scored(jean=(4, 4, 4), omar=(3, 4, 4)), WEIGHTS)
    unsure = picture(scored(jean=(4, 4, None), omar=(4, 4, 4)), WEIGHTS)
    pictures = {7: agreed, 3: agreed, 5: cancels_out, 6: a_little, 9: unsure}
    assert differ_most_first(pictures) == [5, 6, 9, 3, 7]


def test_people_leave_the_room_once_for_bids_that_we_differ_on_alike():
    agreed = picture(scored(jean=(4, 4, 4), omar=(4, 4, 4)), WEIGHTS)
    cancels_out = picture(scored(jean=(5, 0, 4), omar=(2, 5, 3)), WEIGHTS)
    unsure = picture(scored(jean=(4, 4, None), omar=(4, 4, 4)), WEIGHTS)
    pictures = {1: agreed, 2: agreed, 3: unsure, 4: agreed, 5: agreed, 6: cancels_out}
    out = {1: {8}, 2: {9, 8}, 3: {9}, 4: {8}, 6: {8, 9}}
    assert differ_most_first(pictures, out) == [6, 5, 1, 4, 3, 2]
    assert differ_most_first(pictures) == [6, 3, 1, 2, 4, 5]


def test_bids_that_are_level_share_a_place():
    middles = {
        1: Fraction(2, 3),
        2: Fraction(9, 10),
        3: Fraction(4, 6),
        4: Fraction(1, 2),
        5: None,
        6: Fraction(1, 2),
    }
    assert ranks(middles) == {2: 1, 1: 2, 3: 2, 4: 4, 6: 4, 5: None}
    assert level(middles) == [(1, 3), (4, 6)]


def test_a_range_is_given_in_the_words_of_the_panel():
    words = ["nothing", "weak", "some", "fair", "good", "very good"]
    assert range_words((4, 2, 3), words) == ("some", "good")
    assert range_words((3, 3), words) == ("fair",)
    assert range_words((), words) == ()


@pytest.mark.parametrize("value", [-1, 6])
def test_a_score_outside_the_levels_is_refused(value):
    with pytest.raises(ValueError):
        Score(JEAN, NEED, value)


def test_muddled_scores_are_refused():
    with pytest.raises(ValueError):
        Score(JEAN, NEED, 3, abstained=True)
    with pytest.raises(ValueError):
        picture([Score(JEAN, NEED, 3), Score(JEAN, NEED, 4)], WEIGHTS)
    with pytest.raises(ValueError):
        picture([Score(JEAN, 99, 3)], WEIGHTS)
    with pytest.raises(ValueError):
        picture([], {NEED: -1})


# ---------------------------------------------------------------------------------- properties

values = st.none() | st.integers(0, TOP)


@st.composite
def sheets(draw: st.DrawFn) -> list[Score]:
    """Some readers' scores, in any order, with gaps."""
    pairs = draw(
        st.lists(st.tuples(st.integers(1, 5), st.sampled_from(list(WEIGHTS))), unique=True)
    )
    scores = []
    for reader, criterion in pairs:
        value = draw(values)
        scores.append(Score(reader, criterion, value, value is None and draw(st.booleans())))
    return scores


@given(sheets(), st.sampled_from(Middle))
def test_every_score_is_counted_once_somewhere(scores, middle):
    seen = picture(scores, WEIGHTS, middle)
    counted = sum(len(s.dots) + s.cannot_judge + s.abstained for s in seen.spreads)
    assert counted == len(scores)


@given(sheets(), st.sampled_from(Middle))
def test_not_judging_changes_no_middle(scores, middle):
    with_more = [*scores, *(Score(99, criterion, None) for criterion in WEIGHTS)]
    before, after = picture(scores, WEIGHTS, middle), picture(with_more, WEIGHTS, middle)
    assert after.middle == before.middle
    assert after.totals == before.totals
    assert after.apart == before.apart
    assert [s.middle for s in after.spreads] == [s.middle for s in before.spreads]


@given(sheets(), st.sampled_from(Middle))
def test_middles_lie_between_the_lowest_and_highest(scores, middle):
    seen = picture(scores, WEIGHTS, middle)
    for spread in seen.spreads:
        if spread.middle is not None:
            assert spread.dots[0] <= spread.middle <= spread.dots[-1]
    shares = [total.share for total in seen.totals.values()]
    if seen.middle is not None:
        assert 0 <= min(shares) <= seen.middle <= max(shares) <= 1
    assert 0 <= seen.apart <= 1


@given(sheets(), st.randoms(use_true_random=False))
def test_the_order_of_scores_does_not_matter(scores, random):
    muddled = list(scores)
    random.shuffle(muddled)
    assert picture(muddled, WEIGHTS) == picture(scores, WEIGHTS)


@given(sheets(), st.integers(1, 7))
def test_only_the_proportion_of_weights_matters(scores, times):
    more = {criterion: weight * times for criterion, weight in WEIGHTS.items()}
    one, other = picture(scores, WEIGHTS), picture(scores, more)
    assert (one.middle, one.apart) == (other.middle, other.apart)


middles = st.dictionaries(
    st.integers(1, 20), st.none() | st.fractions(0, 1, max_denominator=6), max_size=10
)


@given(middles)
def test_places_follow_the_middles_and_ties_are_ties(given_middles):
    places = ranks(given_middles)
    for one, mine in given_middles.items():
        for other, theirs in given_middles.items():
            if mine is not None and theirs is not None:
                assert (places[one] < places[other]) == (mine > theirs)
                assert (places[one] == places[other]) == (mine == theirs)
    tied = {bid for group in level(given_middles) for bid in group}
    for bid, place in places.items():
        assert (bid in tied) == (place is not None and list(places.values()).count(place) > 1)


@given(st.lists(st.integers(0, TOP), min_size=1))
def test_the_middle_is_exact(dots):
    assert middle_of(dots, Middle.MEAN) * len(dots) == sum(dots)
    ordered = sorted(dots)
    half = len(dots) // 2
    expected = Fraction(ordered[half] + ordered[-half - 1], 2)
    assert middle_of(dots, Middle.MEDIAN) == expected
