"""The promises of the timetable over thousands of made-up rounds."""

import time
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commissioning.timetable import StagePlan
from tests.commissioning import test_timetable as short

ROUNDS = 3000
PROMISES = [
    "test_moving_keeps_order_and_length_and_only_waits_longer",
    "test_after_moving_nothing_waiting_opens_before_its_time",
    "test_a_moved_plan_of_waiting_stages_has_no_problem_but_too_little_rest",
    "test_nothing_may_open_in_a_rest",
    "test_lateness_never_shortens_rest",
    "test_nothing_is_due_in_a_longer_rest_and_no_day_is_lost",
    "test_what_is_worth_a_look_is_true",
    "test_moving_paced_plans_only_waits_longer_and_leaves_no_problem",
]


@pytest.mark.parametrize("name", PROMISES)
def test_a_promise_over_thousands_of_rounds(name: str) -> None:
    promise = getattr(short, name)
    many = settings(max_examples=ROUNDS, deadline=None, suppress_health_check=list(HealthCheck))
    began = time.monotonic()
    many(promise)()
    print(f"{name}: rounds {ROUNDS}, seconds {time.monotonic() - began:.0f}")


@given(short.rounds(), short.days, st.integers(0, 14))
@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=list(HealthCheck))
def test_thousands_of_rounds_lived_through_late(
    stages: list[StagePlan], on: date, more: int
) -> None:
    plan = short.keeps_every_promise(stages, on, more)
    assert all(stage.closed_on for stage in plan)


@given(
    short.paced(),
    short.days,
    st.lists(st.integers(0, 9), min_size=3, max_size=8),
    st.integers(0, 14),
)
@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=list(HealthCheck))
def test_thousands_of_rounds_with_panels_at_different_speeds(
    stages: list[StagePlan], on: date, lateness: list[int], more: int
) -> None:
    plan = short.keeps_every_panels_rest(stages, on, lateness, more)
    assert all(stage.closed_on for stage in plan)
