"""Before the panel opens its scores: hundreds of rounds drawn at random, each seen by one reader.

What is drawn and what is held is `tests/test_sight_at_random.py`; `PURSE_SIGHT_ROUNDS` says how
many.
"""

import os
import time

import pytest

from tests.test_sight_at_random import MOMENTS, WHAT, look_at_rounds

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
ROUNDS = int(os.environ.get("PURSE_SIGHT_ROUNDS", "300"))


def test_hundreds_of_rounds_tell_whoever_watches_nothing() -> None:
    began = time.monotonic()
    counts = look_at_rounds(ROUNDS)
    print(
        f"\n{counts['rounds']} rounds twice, {counts['surfaces']} surfaces compared,"
        f" {time.monotonic() - began:.0f} s"
    )
    for what in sorted({*WHAT, "asked", "opened", "refused"}):
        print(f"{what:14} {counts[what]:6}")
    if ROUNDS >= 100:
        assert {what for what in WHAT if not counts[what]} == set(), "each is done somewhere"
        assert all(counts[f"at {moment}"] for moment in MOMENTS)
