"""The last minutes before the deadline: all write, many send, and nothing fails or is lost.

The full measurement, 1,000 who write and 300 who send, is bench/test_last_ten_minutes.py.
"""

from pathlib import Path

import pytest

from ledger.checking import first_trouble
from tests.faults.applicants import check_what_is_stored, make_rush
from tests.faults.webserver import web

PEOPLE, SENDERS = 24, 8
SECONDS, EVERY = 2, 1


@pytest.mark.django_db(transaction=True)
def test_many_write_and_some_send_and_every_receipt_is_true(tmp_path: Path) -> None:
    rush = make_rush(PEOPLE)
    with web(tmp_path) as site:
        rush.work(site, seconds=SECONDS, every=EVERY, senders=SENDERS)
    assert rush.wrong == []
    assert len(rush.senders) == SENDERS
    assert len(rush.saves) == PEOPLE * SECONDS
    check_what_is_stored(rush)
    rush.round.chain.refresh_from_db()
    assert first_trouble(rush.round.chain) is None
