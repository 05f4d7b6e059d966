"""F10 and F11: many people saving at once through the real web server; nothing fails or is lost.

The full measurement, 50 people with 100 saves each, is bench/test_autosaving.py.
"""

import sqlite3
from pathlib import Path

import pytest
from django.db import connection

from ledger.checking import first_trouble
from tests.faults.crowd import Crowd, make_crowd
from tests.faults.webserver import web

PEOPLE, SAVES = 20, 10


def check(crowd: Crowd, people: int, saves: int, before: int, sent: list[int]) -> None:
    """The pass criteria of F10."""
    wrong = [answer for answer in crowd.answers if answer[0] != 200]
    assert wrong == []
    assert len(crowd.answers) == people * saves
    for writer in crowd.writers:
        assert writer.stored() == writer.meant()
    assert set(sent) == {302}
    assert [entry.verb for entry in crowd.entries()[before:]] == ["scores_sent"] * len(sent)
    crowd.reading.round.chain.refresh_from_db()
    assert first_trouble(crowd.reading.round.chain) is None


@pytest.mark.django_db(transaction=True)
def test_many_people_save_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    crowd = make_crowd(PEOPLE)
    before = len(crowd.entries())
    with web(tmp_path) as site:
        crowd.write(site, SAVES)
        assert len(crowd.entries()) == before, "what is only being written is no entry"
        sent = crowd.send(site, crowd.writers[: PEOPLE // 2])
    check(crowd, PEOPLE, SAVES, before, sent)
    assert len(sent) == PEOPLE // 2


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_sqlite_as_django_sets_it_up_locks(tmp_path: Path) -> None:
    """The negative control: in the same harness, without our settings, saves are refused."""
    crowd = make_crowd(PEOPLE)
    copy = plain_copy(tmp_path)
    plain = "tests.faults.plain_sqlite"
    with web(tmp_path, settings=plain, database=f"sqlite:///{copy}") as site:
        crowd.write(site, SAVES)
        words = site.words()
    assert [status for status, _body in crowd.answers if status != 200]
    assert "database is locked" in words


def plain_copy(folder: Path) -> Path:
    """The tests' database as a file of its own, without the write-ahead log."""
    copy = folder / "plain.sqlite3"
    connection.close()
    source = sqlite3.connect(connection.settings_dict["NAME"])
    target = sqlite3.connect(copy)
    source.backup(target)
    target.execute("PRAGMA journal_mode=DELETE")
    source.close()
    target.close()
    return copy
