"""F20, the short run: hundreds of steps in any order. Thousands: `bench/test_state_machine.py`."""

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import panels.actions
from accounts.models import Person, Role
from panels.models import Interest
from panels.rules.proposals import may_see_scores
from tests.factories.panels import open_scores, reading_round
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
            phases=[Phase.generate],  # a failure is told at once; shrinking takes minutes
            suppress_health_check=QUIET,
        ),
    )
    return Machine


@pytest.mark.django_db
def test_whatever_anybody_does_in_whatever_order() -> None:
    played = play(examples=8, steps=25)
    assert played.done >= 100, "hundreds of steps, not a handful"
    assert played.refused < played.done * 0.9, "and not all of them refused"


@pytest.mark.django_db
def test_who_stood_aside_sees_no_scores_even_as_staff(joan: Person, sam: Person) -> None:
    reading = reading_round(joan, by=sam)
    panels.actions.declare_late(
        member=reading.member(joan),
        application=reading.bids[0],
        kind=Interest.Kind.DIRECT,
        by=joan,
        at=timezone.now(),
    )
    open_scores(reading)
    joan.roles.update(ended_at=timezone.now(), ended_by=sam)
    joan.roles.create(role=Role.FACILITATOR, began_at=timezone.now(), began_by=sam)
    joan = Person.objects.get(pk=joan.pk)
    reading.panel.refresh_from_db()
    assert may_see_scores(reading.panel, sam)
    assert not may_see_scores(reading.panel, joan)
