"""F15 in full: thirty workers killed while twelve people save and send."""

from pathlib import Path

import pytest
from django.db import connection

from ledger.checking import first_trouble
from tests.faults.crowd import make_crowd
from tests.faults.test_killed_worker import PEOPLE, kill_while_they_send, sheets_and_entries
from tests.faults.webserver import web

KILLS = 30


@pytest.mark.django_db(transaction=True)
def test_thirty_killed_workers_leave_rows_with_their_entries(tmp_path: Path) -> None:
    crowd = make_crowd(PEOPLE)
    with web(tmp_path) as site:
        broken = kill_while_they_send(crowd, site, KILLS)
    sheets, told = sheets_and_entries(crowd)
    print(
        f"\nF15 {connection.vendor}: {KILLS} kills, {broken} requests cut off, {len(sheets)} sent"
    )
    assert sheets == told and len(sheets) == PEOPLE
    crowd.reading.round.chain.refresh_from_db()
    assert first_trouble(crowd.reading.round.chain) is None
