"""F15: the web worker is killed in the middle of a save. A row and its entry are there, or neither.

The long version, with more kills, is bench/test_killed_worker.py.
"""

import json
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg2
import pytest
from django.db import connection

from ledger.checking import first_trouble
from panels.models import ScoreSheet
from tests.faults.crowd import Crowd, Writer, make_crowd
from tests.faults.webserver import BROKEN, PATIENCE, Site, Visitor, database_url, web
from tests.services import wait_until

PEOPLE, KILLS = 12, 6


def until_answered(act: Callable[[], int]) -> tuple[int, int]:
    """Do it until the server answers, as a person would; gives the answer and the broken tries."""
    end, broken = time.monotonic() + PATIENCE, 0
    while True:
        try:
            return act(), broken
        except BROKEN:
            broken += 1
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def kill_while_they_send(crowd: Crowd, site: Site, kills: int) -> int:
    """Everybody writes and sends, over and over, while workers are killed; gives tries broken."""
    broken: list[int] = []
    done = threading.Event()

    def works(writer: Writer) -> None:
        visitor = Visitor(site, writer.session)
        turn = 0
        while not done.is_set() or turn == 0:
            turn += 1
            words = f"Turn {turn} of mine."
            status, tries = until_answered(partial(writer.saves, visitor, words))
            broken.append(tries)
            if status == 409:  # the answer to the last save was lost, the save was not
                _status, body = writer.answers[-1]
                writer.version = json.loads(body)["version"]
        status, tries = until_answered(lambda: writer.sends(site))
        broken.append(tries)
        visitor.leave()

    threads = [threading.Thread(target=works, args=(writer,)) for writer in crowd.writers]
    for thread in threads:
        thread.start()
    killed = 0
    end = time.monotonic() + PATIENCE
    while killed < kills and time.monotonic() < end:
        time.sleep(0.3)
        killed += site.kill_a_worker(killed)
    done.set()
    # And once more while all of them press the button.
    time.sleep(0.2)
    killed += site.kill_a_worker()
    for thread in threads:
        thread.join(PATIENCE * 2)
        assert not thread.is_alive()
    assert killed >= kills
    return sum(broken)


def sheets_and_entries(crowd: Crowd) -> tuple[list[int], list[int]]:
    """Which sheets there are, and which the trail tells of."""
    connection.close()
    sheets = sorted(ScoreSheet.objects.values_list("pk", flat=True))
    return sheets, sorted(entry.data["sheet"] for entry in crowd.entries("scores_sent"))


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_a_row_with_its_entry_or_neither(tmp_path: Path) -> None:
    crowd = make_crowd(PEOPLE)
    with web(tmp_path) as site:
        broken = kill_while_they_send(crowd, site, KILLS)
    sheets, told = sheets_and_entries(crowd)
    assert sheets == told
    assert len(sheets) == PEOPLE, "everybody's scores arrived in the end, once"
    assert broken, "no request was cut off, so this run proves nothing"
    crowd.reading.round.chain.refresh_from_db()
    assert first_trouble(crowd.reading.round.chain) is None


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_killed_between_the_row_and_its_entry_leaves_neither(tmp_path: Path) -> None:
    """The moment itself: the sheet is written, its entry waits for the chain, the worker dies."""
    crowd = make_crowd(4)
    writer = crowd.writers[0]
    chain = crowd.reading.round.chain.pk
    with web(tmp_path, workers=1) as site:
        crowd.write(site, 1)
        with psycopg2.connect(database_url()) as other:
            cursor = other.cursor()
            cursor.execute("SELECT 1 FROM ledger_chain WHERE id = %s FOR UPDATE", [chain])
            ends: list[str] = []
            thread = threading.Thread(target=lambda: ends.append(cut_off(writer, site)))
            thread.start()
            wait_until(waits_for_the_chain, PATIENCE, "the entry's turn")
            assert site.kill_a_worker()
            thread.join(PATIENCE)
            other.rollback()
        assert ends == ["cut off"]
        wait_until(lambda: not open_transactions(), PATIENCE, "the end of the dead transaction")
        assert sheets_and_entries(crowd) == ([], [])
        assert until_answered(lambda: writer.sends(site))[0] == 302
    sheets, told = sheets_and_entries(crowd)
    assert sheets == told and len(sheets) == 1


def cut_off(writer: Writer, site: Site) -> str:
    try:
        return str(writer.sends(site))
    except BROKEN:
        return "cut off"


def ask(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def waits_for_the_chain() -> bool:
    return bool(
        ask(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE '%ledger_chain%'"
        )
    )


def open_transactions() -> int:
    return ask(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend'"
        " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
    )
