"""F20, the long run: thousands of steps of anything by anybody, drawn anew each time."""

import time
from collections import Counter

import pytest
from django.db import connection

from tests.faults.test_state_machine import must_find, play, staff_may_vote, typed_counts_at_once

STEPS = 3000


@pytest.mark.django_db
def test_thousands_of_steps() -> None:
    """Rounds of thirty plays until so many steps were done, each from a world of its own."""
    began, counts, worlds = time.monotonic(), Counter[str](), 0
    while counts["done"] < STEPS:
        counts += play(examples=10, steps=120, anew=True)
        worlds += 1
        print(
            f"F20 {connection.vendor}: {worlds} worlds, {counts['done']} steps,"
            f" {counts['refused']} refused by a rule, {counts['guarded']} by a guard,"
            f" {counts['looks']} looks at everything, {time.monotonic() - began:.0f} s",
            flush=True,
        )


@pytest.mark.django_db
def test_a_vote_for_staff_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_it() -> None:
        staff_may_vote(monkeypatch)

    must_find(break_it, "deciding", "staff have no say", roles_change=True)


@pytest.mark.django_db
def test_a_typed_answer_that_counts_at_once_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    must_find(lambda: typed_counts_at_once(monkeypatch), "talking", "what was typed counts once")
