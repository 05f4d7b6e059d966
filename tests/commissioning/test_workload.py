from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissioning.workload import estimate, minutes_for


def test_minutes_for_reads_three_times_at_150_words_a_minute_and_scores():
    assert minutes_for(1500) == 50


def test_estimate_of_eight_bids_is_about_seven_hours_of_reading():
    load = estimate(8)
    assert load.bids.low == Decimal("6.7")
    assert load.total.low == Decimal("28.7")


def test_estimate_takes_the_real_words_where_they_are_known():
    assert estimate(6, words=[750, 2250]).bids.low == estimate(6).bids.low
    assert estimate(6, words=[3000]).bids.low == Decimal("8.0")


def test_estimate_refuses_fewer_bids_than_none():
    with pytest.raises(ValueError, match="fewer bids than none"):
        estimate(-1)


@given(st.integers(0, 40), st.integers(1, 40))
def test_estimate_grows_with_each_bid(bids, more):
    assert estimate(bids).total.low < estimate(bids + more).total.low
    assert estimate(bids).total.low <= estimate(bids).total.high
