"""The honest estimate, against cases worked by hand, and what must always hold."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commissioning.workload import (
    Workload,
    bids_each,
    estimate,
    example_week,
    minutes_for,
    pace_of,
    words_from_limits,
)

D = Decimal


def test_minutes_for_reads_three_times_at_150_words_a_minute_and_scores() -> None:
    assert minutes_for(1500) == 50


# Worked by hand: words × 3 ÷ 150 + 20 minutes for each bid, to a tenth of an hour; half as much
# again for the careful. Then 10 to 12 for training, 8 to 10 for meetings (4 to 5 of 2 hours), 6 for
# each day of interviews, and an hour of travel for each meeting and day.
CASES = [
    # bids, facts, reading low, high, total low, high
    (0, {}, "0.0", "0.0", "22.0", "34.0"),
    (1, {}, "0.8", "1.2", "22.8", "35.2"),  # 50 minutes
    (2, {}, "1.7", "2.6", "23.7", "36.6"),  # 100 minutes
    (8, {}, "6.7", "10.1", "28.7", "44.1"),  # 400 minutes
    (19, {}, "15.8", "23.7", "37.8", "57.7"),  # 950 minutes
    (6, {"words": [750, 2250]}, "5.0", "7.5", "27.0", "41.5"),  # mean 1500: 300 minutes
    (6, {"words": [3000]}, "8.0", "12.0", "30.0", "46.0"),  # 80 minutes each
    (2, {"share": [600, 4000]}, "2.2", "3.3", "24.2", "37.3"),  # 32 + 100 = 132 minutes
    (3, {"share": [600, 4000]}, "3.0", "4.5", "25.0", "38.5"),  # and 50 for one not known
    (1, {"share": [600, 4000]}, "0.5", "0.8", "22.5", "34.8"),  # fewer, please: 32 minutes
    (2, {"share": [600], "words": [3000]}, "1.9", "2.9", "23.9", "36.9"),  # 32 + 80 = 112
    (8, {"pace": D("1.50")}, "10.0", "15.0", "32.0", "49.0"),  # 600 minutes
    (8, {"pace": D("0.50")}, "3.3", "5.0", "25.3", "39.0"),  # 200 minutes
    (0, {"interview_days": (0, 0)}, "0.0", "0.0", "22.0", "27.0"),
    (0, {"interview_days": (1, 2)}, "0.0", "0.0", "29.0", "41.0"),
]


@pytest.mark.parametrize(("bids", "facts", "low", "high", "total_low", "total_high"), CASES)
def test_estimate_is_as_worked_by_hand(
    bids: int, facts: dict, low: str, high: str, total_low: str, total_high: str
) -> None:
    load = estimate(bids, **facts)
    assert (load.bids.low, load.bids.high) == (D(low), D(high))
    assert (load.total.low, load.total.high) == (D(total_low), D(total_high))


def test_estimate_refuses_fewer_bids_than_none() -> None:
    with pytest.raises(ValueError, match="fewer bids than none"):
        estimate(-1)


PACE = st.decimals("0.5", 2, places=2)
LENGTHS = st.lists(st.integers(0, 20_000), max_size=25)
ON_A_BUSY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@ON_A_BUSY_MACHINE
@given(st.integers(0, 40), st.integers(1, 40), LENGTHS, LENGTHS, PACE)
def test_more_bids_are_never_fewer_hours(
    bids: int, more: int, words: list[int], share: list[int], pace: Decimal
) -> None:
    facts = {"words": words, "share": share, "pace": pace}
    few, many = estimate(bids, **facts).total, estimate(bids + more, **facts).total
    assert few.low <= many.low
    assert few.high <= many.high
    assert few.low <= few.high
    # Twenty minutes to score each, at the fastest pace, shows in a tenth of an hour.
    assert few.low < many.low


@ON_A_BUSY_MACHINE
@given(st.integers(0, 40), LENGTHS, LENGTHS, PACE, st.integers(0, 3), st.integers(0, 3))
def test_the_whole_is_never_less_than_its_parts(
    bids: int, words: list[int], share: list[int], pace: Decimal, fewest: int, more: int
) -> None:
    load: Workload = estimate(
        bids, words=words, share=share, pace=pace, interview_days=(fewest, fewest + more)
    )
    parts = [load.bids, load.training, load.meetings, load.interviews, load.travel]
    assert load.total.low == sum(part.low for part in parts)
    assert load.total.high == sum(part.high for part in parts)
    assert all(D(0) <= part.low <= part.high for part in parts)


# ---- What the last round teaches ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("taken", "pace"),
    [
        ([], "1"),
        ([("6", "12")] * 4, "1"),  # four people say nothing about others
        ([("6", "9")] * 5, "1.50"),
        ([("6", "9")] * 4 + [("6", "600")], "1.50"),  # one odd answer moves nothing
        ([("6", "60")] * 5, "2"),  # bounded
        ([("6", "1")] * 5, "0.5"),
        ([("6", "0")] * 9, "1"),  # nought is no answer
        ([("0", "9")] * 9, "1"),  # nothing was told
        ([("4", "4"), ("4", "5"), ("4", "6"), ("4", "7"), ("4", "8")], "1.50"),
    ],
)
def test_pace_of_is_the_middle_within_bounds(taken: list[tuple[str, str]], pace: str) -> None:
    assert pace_of([(D(told), D(given)) for told, given in taken]) == D(pace)


@ON_A_BUSY_MACHINE
@given(st.lists(st.tuples(st.decimals(0, 99, places=1), st.decimals(0, 200, places=1))))
def test_pace_is_always_within_bounds(taken: list[tuple[Decimal, Decimal]]) -> None:
    assert D("0.5") <= pace_of(taken) <= 2


@ON_A_BUSY_MACHINE
@given(st.lists(st.tuples(st.integers(4, 9), st.integers(4, 18)), min_size=7, max_size=20))
def test_two_who_say_anything_at_all_cannot_leave_the_others_range(
    taken: list[tuple[int, int]],
) -> None:
    honest = [(D(told), D(given)) for told, given in taken]
    ratios = [given / told for told, given in honest]
    for odd in (D("0.1"), D(200)):
        pace = pace_of([*honest, (D(1), odd), (D(1), odd)])
        low, high = (min(max(edge, D("0.5")), D(2)) for edge in (min(ratios), max(ratios)))
        assert low - D("0.01") <= pace <= high + D("0.01")


# ---- Before there is a bid: word limits, how many come to each, and a week ----------------------
# Worked by hand. The limits together are the length of a bid; then as above, and times the pace.
BEFORE = [
    # limits, pace, bids, reading low, high
    ([], "1", 6, "5.0", "7.5"),  # no limits: 1500 words, 50 minutes each
    ([1000, 500], "1", 6, "5.0", "7.5"),  # 1500 words
    ([200, 300, 250], "1", 4, "2.3", "3.5"),  # 750 words: 15 + 20 = 35 minutes, 140 in all
    ([80, 220, 150, 150, 260, 160, 90, 130, 110, 90, 12], "1", 5, "4.1", "6.2"),
    # 1452 words: 29.04 + 20 = 49.04 minutes, 245.2 in all
    ([4000], "1", 2, "3.3", "5.0"),  # 80 + 20 = 100 minutes, 200 in all
    ([1500], "1.50", 8, "10.0", "15.0"),  # 400 minutes, half as much again
    ([1500], "0.50", 8, "3.3", "5.0"),  # 400 minutes, half
    ([750], "2.00", 3, "3.5", "5.3"),  # 105 minutes, twice
]


@pytest.mark.parametrize(("limits", "pace", "bids", "low", "high"), BEFORE)
def test_the_estimate_before_a_yes_is_as_worked_by_hand(
    limits: list[int], pace: str, bids: int, low: str, high: str
) -> None:
    load = estimate(bids, words=words_from_limits(limits), pace=D(pace))
    assert (load.bids.low, load.bids.high) == (D(low), D(high))


@pytest.mark.parametrize(
    ("expected", "readers_per_bid", "readers", "each"),
    [
        (40, 3, 15, 8),  # 120 readings by 15 people
        (40, 3, 16, 8),  # 7.5, and nobody reads half a bid
        (10, 3, 2, 10),  # two people cannot be three readers: each reads all
        (1, 3, 30, 1),
        (0, 3, 15, None),
        (40, 3, 0, None),
    ],
)
def test_bids_each_is_as_worked_by_hand(
    expected: int, readers_per_bid: int, readers: int, each: int | None
) -> None:
    assert bids_each(expected, readers_per_bid=readers_per_bid, readers=readers) == each


MONDAY = date(2026, 6, 1)


def week(bids: int, first: date, last: date, **facts: object) -> list[tuple[str, int, int]]:
    found = example_week(bids, opens_on=first, closes_on=last, **facts)
    return [(day.on.strftime("%a %d"), day.bids, day.minutes) for day in found]


def test_example_week_is_as_worked_by_hand() -> None:
    """Three whole weeks, 15 workdays. A bid of 1500 words takes 50 minutes."""
    last = MONDAY + timedelta(days=20)
    # 5 bids in 15 workdays: 5 of them in this week, so 1.67 bids, and nobody reads a part of one.
    assert week(5, MONDAY, last) == [("Mon 01", 1, 50), ("Wed 03", 1, 50)]
    # 12 bids: 4 in this week, a day off between as long as there is room. 18 bids: 6.
    assert [row[:2] for row in week(12, MONDAY, last)] == [
        ("Mon 01", 1),
        ("Tue 02", 1),
        ("Wed 03", 1),
        ("Fri 05", 1),
    ]
    assert week(18, MONDAY, last)[0] == ("Mon 01", 2, 100)
    # Opened on a Wednesday: the first whole week begins the Monday after.
    assert week(5, MONDAY + timedelta(days=2), last)[0] == ("Mon 08", 1, 50)
    # 3000 words: 80 minutes; a pace of a half: 40.
    assert week(5, MONDAY, last, words=(3000,))[0] == ("Mon 01", 1, 80)
    assert week(5, MONDAY, last, words=(3000,), pace=D("0.5"))[0] == ("Mon 01", 1, 40)
    # Two days only, and a weekend: what there is, and nothing.
    assert week(2, MONDAY, MONDAY + timedelta(days=1)) == [("Mon 01", 1, 50), ("Tue 02", 1, 50)]
    assert week(2, MONDAY + timedelta(days=5), MONDAY + timedelta(days=6)) == []
    assert week(0, MONDAY, last) == []


@ON_A_BUSY_MACHINE
@given(
    st.integers(0, 30),
    st.integers(0, 400),
    st.integers(0, 60),
    st.lists(st.integers(1, 5000)),
    PACE,
)
def test_an_example_week_never_has_more_bids_than_there_are_nor_a_weekend(
    bids: int, start: int, long: int, words: list[int], pace: Decimal
) -> None:
    first = MONDAY + timedelta(days=start)
    found = example_week(
        bids, opens_on=first, closes_on=first + timedelta(days=long), words=words, pace=pace
    )
    assert sum(day.bids for day in found) <= bids
    assert all(day.on.weekday() < 5 and day.bids and first <= day.on for day in found)
    assert all(day.on <= first + timedelta(days=long) for day in found)
    assert len({day.on.isocalendar()[:2] for day in found}) <= 2
    each = minutes_for(sum(words) // len(words)) if words else minutes_for(1500)
    assert all(day.minutes >= int(day.bids * each * pace) for day in found)
