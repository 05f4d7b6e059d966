"""Agreement first, then a majority, then talk again."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.agreement import Choice, Outcome, Tally, certain, needed, settle, tally

YES, FINE, NO = Choice.AGREE, Choice.LIVE_WITH, Choice.DISAGREE


def seats(*choices: Choice) -> dict[int, Choice]:
    return dict(enumerate(choices, start=1))


def test_quorum_is_more_than_half_and_at_least_three():
    assert [needed(n) for n in range(9)] == [3, 3, 3, 3, 3, 3, 4, 4, 5]
    assert needed(30) == 16


@pytest.mark.parametrize(
    ("choices", "entitled", "outcome"),
    [
        (seats(), 5, Outcome.NOT_ENOUGH_YET),
        (seats(YES, YES), 5, Outcome.NOT_ENOUGH_YET),
        (seats(YES, YES), 2, Outcome.NOT_ENOUGH_YET),
        (seats(YES, FINE, YES), 5, Outcome.AGREED),
        (seats(FINE, FINE, FINE), 3, Outcome.AGREED),
        (seats(YES, FINE, NO), 5, Outcome.AGREED),
        (seats(YES, NO, NO), 5, Outcome.NOT_AGREED),
        (seats(NO, NO, NO), 5, Outcome.NOT_AGREED),
        (seats(YES, FINE, NO, NO), 5, Outcome.TIE),
        (seats(YES, YES, YES), 6, Outcome.NOT_ENOUGH_YET),
    ],
)
def test_worked_examples(choices, entitled, outcome):
    assert settle(choices, entitled) is outcome


def test_a_quorum_may_be_given():
    assert settle(seats(YES, YES, YES), 6, quorum=3) is Outcome.AGREED
    assert settle(seats(YES, YES, YES), 6, quorum=6) is Outcome.NOT_ENOUGH_YET
    assert settle({}, 6, quorum=0) is Outcome.NOT_ENOUGH_YET


def test_more_choices_than_seats_is_refused():
    with pytest.raises(ValueError):
        settle(seats(YES, YES, YES, YES), 3)


def test_a_tally_says_whether_anyone_was_against():
    assert tally(seats(YES, FINE, NO)) == Tally(1, 1, 1)
    assert Tally(2, 1, 0).consensus
    assert not Tally(2, 1, 1).consensus
    assert not Tally(0, 0, 0).consensus


def test_certain_once_nobody_left_can_change_it():
    assert not certain(seats(YES, YES), 5)
    assert not certain(seats(YES, YES, NO), 5)
    assert certain(seats(YES, YES, YES), 5)
    assert certain(seats(NO, NO, NO, NO), 6)
    assert not certain(seats(YES, YES, NO, NO), 5)
    assert certain(seats(YES, YES, NO, NO), 4)


choice_lists = st.lists(st.sampled_from(Choice), max_size=8)


@given(choice_lists, st.integers(0, 8))
def test_the_order_and_the_seats_do_not_matter(choices, extra):
    entitled = len(choices) + extra
    assert settle(seats(*choices), entitled) is settle(seats(*reversed(choices)), entitled)


@given(choice_lists, st.integers(0, 8))
def test_turning_one_person_round_never_hurts_the_side_they_join(choices, extra):
    entitled = len(choices) + extra
    rank = {Outcome.NOT_AGREED: 0, Outcome.TIE: 1, Outcome.AGREED: 2}
    before = settle(seats(*choices), entitled)
    for place, choice in enumerate(choices):
        if choice is NO:
            after = settle(seats(*choices[:place], FINE, *choices[place + 1 :]), entitled)
            assert rank.get(after, 3) >= rank.get(before, 3)


@given(choice_lists, st.integers(0, 8))
def test_nothing_is_settled_below_the_quorum(choices, extra):
    entitled = len(choices) + extra
    few = len(choices) < needed(entitled)
    assert (settle(seats(*choices), entitled) is Outcome.NOT_ENOUGH_YET) == few


@given(choice_lists, st.integers(0, 3))
def test_certain_means_every_way_the_rest_could_choose(choices, extra):
    entitled = len(choices) + extra
    now = settle(seats(*choices), entitled)
    ways = [way for n in range(extra + 1) for way in product((YES, NO), repeat=n)]
    ends = {settle(seats(*choices, *way), entitled) for way in ways}
    assert certain(seats(*choices), entitled) == (ends == {now})
