"""Three hundred people share two hundred bids in Chromium: the walk of `tests/journeys` at size."""

import time

import pytest

from tests.journeys.conftest import Newcomer, calendar, newcomer, site
from tests.journeys.sharing_walk import walk

__all__ = ["calendar", "newcomer", "site"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_three_hundred_people_share_the_bids_out(newcomer: Newcomer) -> None:
    began = time.monotonic()
    walk(newcomer, people=300, bids=200)
    print(f"\n300 people, 200 bids, from interests to a late one: {time.monotonic() - began:.0f} s")
