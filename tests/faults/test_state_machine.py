"""F20, the short run: hundreds of steps in any order. Thousands: `bench/test_state_machine.py`."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

import panels.actions
from accounts.models import Person, Role
from accounts.permissions import MAY, Verdict
from commissioning import agreement
from panels.models import Interest, ProposalVoteQuerySet, ScoreSheetQuerySet
from panels.rules.proposals import may_see_scores
from panels.rules.visits import Visit
from tests.factories.panels import open_scores, reading_round
from tests.factories.unguarded import unguarded
from tests.faults.machine import BEGUN, RoundMachine, bring_to, make_reading

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def play(
    *,
    examples: int,
    steps: int,
    begun: tuple[str, ...] = BEGUN,
    anew: bool = False,
    **more: bool,
) -> Counter[str]:
    """Bring one round on, and play so many times from each place; everything is taken back.

    The same tries are drawn each time, unless `anew`.
    """
    counts = Counter[str]()
    with transaction.atomic():
        reading = make_reading()
        for place in BEGUN[: BEGUN.index(begun[-1]) + 1]:
            sent = bring_to(reading, place)
            facts = {"reading": reading, "begun": place, "sent_before": sent, "counts": counts}
            facts.update(more)
            if place in begun:
                run_state_machine_as_test(
                    type("Machine", (RoundMachine,), facts),
                    settings=settings(
                        max_examples=examples,
                        stateful_step_count=steps,
                        deadline=None,
                        database=None,
                        derandomize=not anew,
                        phases=[Phase.generate],  # shrinking what was found takes minutes
                        suppress_health_check=QUIET,
                    ),
                )
        transaction.set_rollback(True)
    return counts


@pytest.mark.django_db
def test_whatever_anybody_does_in_whatever_order() -> None:
    counts = play(examples=2, steps=100)
    assert counts["done"] >= 100, "hundreds of steps, not a handful"
    assert counts["refused"] < counts["done"] * 0.75, "and many of them get somewhere"
    assert counts["looks"] >= 6


# ---- Negative controls: one thing is broken, and the machine must find it -----------------------
def staff_may_vote(patch: pytest.MonkeyPatch) -> None:
    panel = MAY[Role.VOLUNTEER]
    patch.setitem(MAY, Role.FACILITATOR, MAY[Role.FACILITATOR] | panel)


def staff_see_scores_early(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Visit, "sees_scores", property(lambda visit: Verdict(visit.staff)))


def two_are_enough(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(agreement, "needed", lambda entitled: 2)


def typed_counts_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ProposalVoteQuerySet, "counting", lambda votes: votes.all())


def taken_back_still_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ScoreSheetQuerySet, "counting", lambda sheets: sheets.filter(void=None))


def a_bid_gone_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("decisions.outcomes.take_off_the_table", lambda *_given, **_facts: None)


def must_find(break_it: Callable[[], None], begun: str, words: str, **more: bool) -> None:
    """With the guards off, so that it is the machine that finds it.

    Nobody changes roles then, but where that is the point: a guard alone refuses what is typed for
    somebody who became staff.
    """
    break_it()
    with unguarded(), pytest.raises(AssertionError, match=words):
        play(examples=20, steps=100, begun=(begun,), **{"roles_change": False, **more})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("break_it", "begun", "words"),
    [
        (staff_see_scores_early, "reading", "nobody sees scores too early|staff see no scores"),
        (two_are_enough, "talking", "three at least"),
        (taken_back_still_counts, "reading", "what counts is what was sent"),
        (a_bid_gone_is_forgotten, "deciding", "nothing waits for a bid gone"),
    ],
)
def test_a_broken_rule_is_found(
    monkeypatch: pytest.MonkeyPatch,
    break_it: Callable[[pytest.MonkeyPatch], None],
    begun: str,
    words: str,
) -> None:
    """Two more: `bench/test_state_machine.py`."""
    must_find(lambda: break_it(monkeypatch), begun, words)


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
