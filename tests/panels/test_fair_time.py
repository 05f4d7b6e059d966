"""How a meeting's time is shared: each sum done by hand, and what a reader who steps out learns."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from panels.fair_time import MORE_MINUTES, Account, Press, Sitting, What, account, share
from panels.timing import about, had_words, length

TEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
TWO_HOURS = Sitting(TEN, 120, rests=15)


def after(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


def turn(bid: int, minutes: float) -> Press:
    return Press(What.TURN, bid, after(minutes))


def more(bid: int, minutes: float) -> Press:
    return Press(What.MORE, bid, after(minutes))


def stop(bid: int, minutes: float) -> Press:
    return Press(What.STOP, bid, after(minutes))


def minutes(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds() / 60, 2)


def had(found: Account) -> dict[int, float | None]:
    return {bid: minutes(span) for bid, span in found.had.items()}


# ---- The plan ----------------------------------------------------------------------------------
def test_the_plan_keeps_the_breaks() -> None:
    assert TWO_HOURS.for_talk == 105
    assert share(105, 14) == 7.5
    assert about(timedelta(minutes=7.5)) == "about 7 minutes"  # no more than there is


def test_the_plan_for_one_bid_is_all_of_it() -> None:
    assert share(Sitting(TEN, 60).for_talk, 1) == 60


def test_no_sum_without_bids_or_without_an_end() -> None:
    assert share(105, 0) is None
    assert Sitting(TEN, 0, later=120).for_talk == 0
    assert share(0, 14) is None


def test_the_plan_counts_meetings_to_come() -> None:
    assert Sitting(TEN, 120, rests=15, later=90).for_talk == 195


# ---- As it goes ----------------------------------------------------------------------------------
def test_what_a_bid_has_had_and_a_fair_share_now() -> None:
    """10 bids. The first began at 10:00 and has had 6 minutes; 120 − 6 − 15 = 99 are left.
    (6 + 99) ÷ 10 = 10.5."""
    found = account(TWO_HOURS, [turn(1, 0)], range(1, 11), at=after(6))
    assert (found.on, found.to_go, had(found)) == (1, 9, {1: 6})
    assert minutes(found.left) == 99
    assert minutes(found.fair) == 10.5


def test_a_fair_share_stands_still_while_a_bid_is_talked_about() -> None:
    shares = {
        account(TWO_HOURS, [turn(1, 0)], range(1, 11), at=after(at)).fair for at in (1, 6, 14, 40)
    }
    assert shares == {timedelta(minutes=10.5)}


def test_time_that_others_took_is_shared_by_those_to_go() -> None:
    """The first took 24 of 105. 81 left for 9: 9 each, at the first moment of the second."""
    found = account(TWO_HOURS, [turn(1, 0), turn(2, 24)], range(1, 11), at=after(24))
    assert (found.on, found.to_go, had(found)) == (2, 8, {1: 24, 2: 0})
    assert minutes(found.fair) == 9


def test_more_time_and_what_it_leaves_for_each_of_the_others() -> None:
    """Fair is 10.5, with 5 more 15.5. After 10 minutes, 95 are left, 5.5 of them for this bid:
    89.5 ÷ 9 = 9.94."""
    found = account(TWO_HOURS, [turn(1, 0), more(1, 9)], range(1, 11), at=after(10))
    assert found.added == 1
    assert minutes(found.given) == 10.5 + MORE_MINUTES
    assert minutes(found.leaves) == 9.94


def test_more_time_leaves_the_others_nothing_when_there_is_none() -> None:
    presses = [turn(1, 0), *(more(1, 1) for _press in range(30))]
    found = account(TWO_HOURS, presses, range(1, 11), at=after(2))
    assert minutes(found.leaves) == 0


def test_more_time_for_one_bid_is_not_another_ones() -> None:
    found = account(TWO_HOURS, [turn(1, 0), more(1, 5), turn(2, 20)], (1, 2, 3), at=after(21))
    assert found.added == 0


def test_a_break_that_was_taken_is_no_more_to_come() -> None:
    """15 planned, 10 taken: 5 are kept. At 10:40, 80 minutes to the end: 75 left."""
    presses = [turn(1, 0), stop(1, 20), turn(2, 30)]
    found = account(TWO_HOURS, presses, (1, 2, 3), at=after(40))
    assert minutes(found.rested) == 10
    assert minutes(found.left) == 75
    assert had(found) == {1: 20, 2: 10}


def test_a_longer_break_than_planned_takes_no_more_off() -> None:
    found = account(TWO_HOURS, [turn(1, 0), stop(1, 20)], (1, 2), at=after(60))
    assert minutes(found.left) == 60
    assert found.on is None
    assert found.to_go == 1
    assert found.fair is found.leaves is None


def test_one_bid_has_all_of_it() -> None:
    found = account(Sitting(TEN, 60), [turn(1, 0)], [1], at=after(10))
    assert (found.to_go, minutes(found.fair), found.leaves) == (0, 60, None)


def test_without_a_known_end_nothing_is_said_to_be_left() -> None:
    found = account(Sitting(TEN, 0), [turn(1, 0)], (1, 2), at=after(6))
    assert had(found) == {1: 6}
    assert found.left is found.fair is found.given is found.leaves is None
    assert found.to_go == 1


def test_a_meeting_longer_than_planned_has_nothing_left_and_goes_on() -> None:
    found = account(TWO_HOURS, [turn(1, 0), turn(2, 100)], (1, 2, 3), at=after(140))
    assert found.on == 2
    assert (had(found), minutes(found.left), found.to_go) == ({1: 100, 2: 40}, 0, 1)
    assert minutes(found.fair) == 20  # what it had, shared with the one to go


def test_a_second_turn_to_a_bid_adds_to_the_first() -> None:
    presses = [turn(1, 0), turn(2, 10), turn(1, 15)]
    found = account(TWO_HOURS, presses, (1, 2, 3), at=after(20))
    assert (found.on, had(found), found.to_go) == (1, {1: 15, 2: 5}, 1)


def test_a_slip_of_the_hand_is_no_turn() -> None:
    presses = [turn(1, 0), turn(9, 10), turn(2, 10.3)]
    found = account(TWO_HOURS, presses, (1, 2, 9), at=after(12))
    assert set(found.had) == {1, 2}
    assert found.to_go == 1


def test_a_bid_settled_without_a_turn_is_not_to_go() -> None:
    assert account(TWO_HOURS, [turn(1, 0)], [2], at=after(1)).to_go == 1


def test_stopping_another_bid_than_the_one_on_the_table_does_nothing() -> None:
    found = account(TWO_HOURS, [turn(1, 0), stop(2, 5)], (1, 2), at=after(10))
    assert (found.on, had(found)) == (1, {1: 10})


# ---- Too little ----------------------------------------------------------------------------------
def test_less_than_half_of_a_fair_share_is_seen_while_there_is_time() -> None:
    """3 bids, 60 minutes: 20 each. 9 is less than half of it, 10 is not."""
    sitting = Sitting(TEN, 60)
    assert account(sitting, [turn(1, 0), turn(2, 9)], (1, 2, 3), at=after(12)).short == [1]
    assert account(sitting, [turn(1, 0), turn(2, 10)], (1, 2, 3), at=after(12)).short == []


def test_the_bid_on_the_table_is_never_called_short() -> None:
    assert account(Sitting(TEN, 60), [turn(1, 0)], (1, 2, 3), at=after(1)).short == []


def test_in_the_record_it_is_measured_by_the_time_that_was_used() -> None:
    """30, 20 and 4 minutes: 18 each. Only 4 is less than half."""
    presses = [turn(1, 0), turn(2, 30), turn(3, 50), stop(3, 54)]
    found = account(TWO_HOURS, presses, (4, 5), at=after(60 * 24))
    assert (minutes(found.each), found.short, found.to_go, found.on) == (18, [3], 0, None)


def test_a_turn_that_nobody_stopped_counts_to_the_planned_end() -> None:
    found = account(TWO_HOURS, [turn(1, 0), turn(2, 100)], (), at=after(60 * 24))
    assert had(found) == {1: 100, 2: 20}
    late = account(TWO_HOURS, [turn(1, 0), turn(2, 130)], (), at=after(60 * 24))
    assert had(late) == {1: 130}  # when it ended is not known, so nothing is made up


# ---- When it goes on -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("at", "goes_on"), [(-61, False), (-60, True), (0, True), (240, True), (241, False)]
)
def test_when_a_meeting_goes_on(at: float, goes_on: bool) -> None:
    assert TWO_HOURS.goes_on(after(at)) is goes_on
    assert TWO_HOURS.is_over(after(at)) is (at > 240)


# ---- Words ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 minute"),
        (60, "1 hour"),
        (65, "65 minutes"),
        (119, "119 minutes"),
        (120, "2 hours"),
        (121, "2 hours and 1 minute"),
        (185, "3 hours and 5 minutes"),
    ],
)
def test_lengths_in_words(count: int, words: str) -> None:
    assert length(count) == words


def test_under_a_minute_has_its_own_words() -> None:
    assert about(timedelta(seconds=59)) == "under a minute"
    assert had_words(timedelta(seconds=29)) == "under a minute"
    assert had_words(timedelta(seconds=90)) == "2 minutes"


# ---- Whoever steps out learns nothing ------------------------------------------------------------
STEPS = st.lists(
    st.tuples(st.sampled_from(What), st.integers(1, 4), st.integers(0, 40)), max_size=14
)


@given(STEPS, st.integers(0, 300))
@example([(What.TURN, 1, 0), (What.TURN, 4, 0), (What.TURN, 4, 1)], 0)
def test_what_is_done_about_a_bid_and_a_break_look_the_same_to_who_steps_out(
    steps: list[tuple[What, int, int]], at: int
) -> None:
    """Bid 4 is hidden. Once the panel talks about it; once it takes a break instead; and more
    presses about it change nothing."""
    now, talked, paused = 0, [], []
    on = 0
    for what, bid, later in steps:
        now += later
        talked.append(Press(what, bid, after(now)))
        if bid != 4:
            paused.append(Press(what, bid, after(now)))
        elif what == What.TURN:
            paused.append(Press(What.STOP, on, after(now)))
        if bid != 4 and what == What.TURN:
            on = bid
    looks = [
        account(TWO_HOURS, presses, (1, 2, 3), at=after(at), steps_out=[4], unseen=1)
        for presses in (talked, paused)
    ]
    assert looks[0] == looks[1]
    assert 4 not in looks[0].had


@given(STEPS, st.integers(0, 300))
def test_no_time_is_made_up_and_none_is_lost(steps: list[tuple[What, int, int]], at: int) -> None:
    now, presses = 0, []
    for what, bid, later in steps:
        now += later
        presses.append(Press(what, bid, after(now)))
    found = account(TWO_HOURS, presses, (1, 2, 3, 4), at=after(max(at, now)))
    first = next((press.at for press in presses if press.what == What.TURN), None)
    whole = max([after(max(at, now)), TWO_HOURS.ends_at]) - first if first else timedelta()
    assert sum(found.had.values(), found.rested) <= whole
    assert all(span >= timedelta() for span in found.had.values())
    assert found.to_go >= 0
    assert found.left is not None
    assert found.left >= timedelta()
