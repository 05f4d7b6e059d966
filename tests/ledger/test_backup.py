"""A backup brings everything back on an empty machine, and the trail still holds (F23)."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from decisions.actions import export_report
from ledger.backup import back_up, bring_back
from ledger.models import Entry
from tests.factories.decisions import agreed_report, decided, deciding_round, sent_letters
from tests.faults import counted


@pytest.mark.django_db(transaction=True)
def test_backup_and_restore_on_an_empty_machine(tmp_path: Path, settings: Any) -> None:
    """A round that is decided and reported, brought back elsewhere: every table has as many rows,
    the trail holds, and the report is the same to the byte."""
    settings.MEDIA_ROOT = tmp_path / "private"
    (tmp_path / "private" / "documents").mkdir(parents=True)
    (tmp_path / "private" / "documents" / "paper").write_bytes(b"kept")
    deciding = deciding_round()
    decided(deciding)
    sent_letters(deciding)
    agreed_report(deciding)
    copy = export_report(round=deciding.round, format="csv", by=deciding.staff, at=timezone.now())
    at = timezone.now()
    here = counted.facts(at)
    archive = tmp_path / "backup.tar.gz"
    call_command("backup", str(archive))
    assert oct(archive.stat().st_mode)[-3:] == "600"

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with EmptyDatabase(elsewhere) as url:

        def there(*command: str) -> str:
            done = subprocess.run(  # a machine of its own: another process, another database
                [sys.executable, "manage.py", *command],
                env={
                    **os.environ,
                    "DATABASE_URL": url,
                    "PURSE_VAR": str(elsewhere),
                    "TESTING": "1",
                },
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        entries = Entry.objects.count()
        assert f"All {entries} entries hold." in there("restore", str(archive))
        told = f"from tests.faults import counted; counted.show({at.isoformat()!r})"
        brought_back = json.loads(there("shell", "--verbosity", "0", "-c", told))
    assert brought_back["rows"] == here["rows"]
    assert brought_back["reports"] == here["reports"]
    assert here["reports"][f"{deciding.round.slug} proved"] is True
    assert len(here["reports"]) == 6
    assert sum(count > 0 for count in here["rows"].values()) > 40
    private = elsewhere / "private"
    assert (private / "documents" / "paper").read_bytes() == b"kept"
    assert hashlib.sha256((private / copy.file.name).read_bytes()).hexdigest() == copy.sha256


class EmptyDatabase:
    """The address of a new database of the vendor under test, gone afterwards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> str:
        if connection.vendor == "sqlite":
            return f"sqlite:///{self.folder / 'restored.sqlite3'}"
        self.name = f"{connection.settings_dict['NAME']}_restored"
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.name}"')
            cursor.execute(f'CREATE DATABASE "{self.name}"')
        facts = connection.settings_dict
        who = facts["USER"] + (f":{facts['PASSWORD']}" if facts["PASSWORD"] else "")
        return f"postgres://{who}@{facts['HOST']}:{facts['PORT']}/{self.name}"

    def __exit__(self, *error: object) -> None:
        if connection.vendor != "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{self.name}" WITH (FORCE)')


@pytest.mark.django_db
def test_restore_goes_into_an_empty_database_only(tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    archive.write_bytes(b"")
    with pytest.raises(CommandError, match="not empty"):
        bring_back(archive)


def test_backup_never_writes_over_a_file(tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.write_text("mine")
    with pytest.raises(CommandError, match="there already"):
        back_up(there)
    assert there.read_text() == "mine"
