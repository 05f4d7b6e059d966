"""Fifty browsers killed at moments drawn by lot, while somebody types without a pause."""

import random
import threading
from statistics import median

import pytest
from playwright.sync_api import Browser

from accounts.models import Person
from panels.models import ScoreDraft
from tests.faults.test_killed_browser import LONGEST, bid_of, settled, sit_down

KILLS = 50
LONGEST_TYPING = 12.0  # seconds


@pytest.mark.django_db(transaction=True)
def test_fifty_killed_browsers_lose_five_seconds_at_most(
    browser: Browser, site: str, joan: Person
) -> None:
    assignment, here = bid_of(joan)
    draw, lost = random.Random(), []
    for _kill in range(KILLS):
        ScoreDraft.objects.all().delete()
        typist = sit_down(browser, site, joan, here)
        died: list[float] = []
        death = threading.Timer(
            draw.uniform(0.2, LONGEST_TYPING), lambda to=died, by=typist: to.append(by.dies())
        )
        death.start()
        typist.types(lambda: False)
        death.join()
        lost.append(typist.lost(settled(assignment), died[0]))
    print(
        f"\n{KILLS} browsers killed: seconds of typing lost: median {median(lost):.2f},"
        f" most {max(lost):.2f}, nothing at all lost: {lost.count(0)}"
    )
    assert max(lost) <= LONGEST
