"""F20, the long run: thousands of steps of anything by anybody."""

import time

import pytest

from tests.faults.test_state_machine import play


@pytest.mark.django_db
def test_thousands_of_steps() -> None:
    began = time.monotonic()
    played = play(examples=100, steps=60)
    seconds = time.monotonic() - began
    print(f"{played.done} steps, {played.refused} refused by a rule, {seconds:.0f} s")
    assert played.done >= 3000
