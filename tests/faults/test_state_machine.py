"""F20, the short run: hundreds of steps in any order. Thousands: `bench/test_state_machine.py`."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.machine import RoundMachine, make_reading

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def play(*, examples: int, steps: int) -> type[RoundMachine]:
    """Run so many rounds of so many steps at most; every one is taken back."""

    class Machine(RoundMachine):
        reading = make_reading()
        stood: set[int] = set()

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=QUIET,
        ),
    )
    return Machine


@pytest.mark.django_db
def test_whatever_anybody_does_in_whatever_order() -> None:
    played = play(examples=8, steps=25)
    assert played.done >= 100, "hundreds of steps, not a handful"
    assert played.refused < played.done * 0.9, "and not all of them refused"
