"""F16: the disk is full, or the database may only be read: said plainly, nothing half saved."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from ledger.checking import first_trouble
from ledger.health import WORKER
from ledger.models import Entry, Heartbeat
from panels.models import ScoreDraft, ScoreSheet
from tests.faults.crowd import make_crowd
from tests.faults.webserver import Visitor, database_url, web
from tests.services import ROOT

BROKEN = "tests.faults.broken_database"
WORDS = "These are the words that were typed just now. "


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["read_only", pytest.param("full", marks=pytest.mark.sqlite)])
def test_a_database_that_cannot_be_written(fault: str, tmp_path: Path) -> None:
    crowd = make_crowd(4)
    writer, other = crowd.writers[:2]
    Heartbeat.objects.create(name=WORKER, at=timezone.now())
    with web(tmp_path, workers=1) as site:
        crowd.write(site, 1)
        Heartbeat.objects.update(at=timezone.now())
        status, report = site.health()
        assert (status, report["cannot_write"]) == (200, ""), report
    before = facts(), writer.stored(), other.stored()
    if fault == "full":
        leave_no_room()
    with web(tmp_path, settings=BROKEN, workers=1, PURSE_FAULT=fault) as site:
        visitor = Visitor(site, writer.session)
        # Reading goes on; saving is refused in plain words, by itself and by the button.
        assert visitor.get(writer.address)[0] == 200
        much = WORDS * 200
        assert writer.saves(visitor, much) == 503
        status, page = visitor.post(writer.address, writer.form(much), by_itself=False)
        visitor.leave()
        assert status == 503
        assert "We cannot save just now" in page and "It is our fault, not yours." in page
        assert WORDS.strip() in page, "what was typed is shown, to copy"
        assert "Traceback" not in page and "sqlite" not in page.lower()
        if fault == "read_only":
            assert other.sends(site) == 503
        Heartbeat.objects.update(at=timezone.now())
        status, report = site.health()
        assert status == 503 and not report["ok"] and report["cannot_write"], report
    assert (facts(), writer.stored(), other.stored()) == before, "no half save"
    crowd.reading.round.chain.refresh_from_db()
    assert first_trouble(crowd.reading.round.chain) is None


def leave_no_room() -> None:
    """Tests before this one emptied tables, and SQLite keeps such pages to use them again."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")


def facts() -> tuple[int, int, int]:
    return (
        ScoreDraft.objects.count(),
        ScoreSheet.objects.count(),
        Entry.objects.count(),
    )


@pytest.mark.django_db(transaction=True)
def test_the_worker_says_that_it_cannot_write(tmp_path: Path) -> None:
    """A tick that cannot write ends with an error, and leaves the heartbeat to grow old."""
    said = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": BROKEN,
        "PURSE_FAULT": "read_only",
    }
    tick = "import django; django.setup(); from ledger.tasks import send_due; send_due()"
    done = subprocess.run(
        [sys.executable, "-c", tick], env=said, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode
    assert "read" in done.stderr.lower()
    assert not Heartbeat.objects.exists()
