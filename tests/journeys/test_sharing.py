"""Thirty people share twenty bids: from whom they know to their shares, and what changes then."""

import pytest

from tests.journeys.conftest import Newcomer
from tests.journeys.sharing_walk import walk

pytestmark = pytest.mark.django_db(transaction=True)


def test_thirty_people_share_the_bids_out(newcomer: Newcomer) -> None:
    walk(newcomer, people=30, bids=20)
