"""A backup is one file: the database and the private files, to be kept somewhere else.

It holds everything people wrote, so keep it as carefully as the site itself. Keys (SECRET_KEY and
the mail password) are not in it: keep those apart.
"""

import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

DUMP = "database.dump"
FILES = "private"


def back_up(to: Path) -> None:
    """Write the database and the private files into one gzipped tar file."""
    if to.exists():
        raise CommandError(f"{to} is there already. Choose another name.")
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / DUMP
        _dump(dump)
        with tarfile.open(to, "w:gz") as archive:
            archive.add(dump, DUMP)
            if settings.MEDIA_ROOT.exists():
                archive.add(settings.MEDIA_ROOT, FILES)
    to.chmod(0o600)


def bring_back(source: Path) -> None:
    """Fill an empty database and an empty folder of files from a backup."""
    if not source.exists():
        raise CommandError(f"There is no file {source}.")
    if connection.introspection.table_names():
        raise CommandError("This database is not empty. A backup goes into an empty one only.")
    if settings.MEDIA_ROOT.exists() and any(settings.MEDIA_ROOT.iterdir()):
        raise CommandError(f"{settings.MEDIA_ROOT} is not empty. Move what is there first.")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        _load(Path(folder) / DUMP)
        files = Path(folder) / FILES
        if files.exists():
            _move_into(files, settings.MEDIA_ROOT)


def _move_into(source: Path, goal: Path) -> None:
    goal.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.rglob("*")):
        place = goal / path.relative_to(source)
        if path.is_dir():
            place.mkdir(exist_ok=True)
        else:
            place.write_bytes(path.read_bytes())
            place.chmod(0o600)


def _dump(to: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with sqlite3.connect(to) as copy:
            connection.connection.backup(copy)
        copy.close()
    else:
        _run(["pg_dump", "--format=custom", "--no-owner", f"--file={to}", _address()])


def _load(dump: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        copy = sqlite3.connect(dump)
        copy.backup(connection.connection)
        copy.close()
        connection.close()
    else:
        _run(["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={_address()}", str(dump)])


def _address() -> str:
    """The database for PostgreSQL's own tools; the password goes by the environment."""
    facts = connection.settings_dict
    host = f"host='{facts['HOST']}' " if facts["HOST"] else ""
    port = f"port='{facts['PORT']}' " if facts["PORT"] else ""
    user = f"user='{facts['USER']}' " if facts["USER"] else ""
    return f"{host}{port}{user}dbname='{facts['NAME']}'"


def _run(command: list[str]) -> None:
    password = connection.settings_dict.get("PASSWORD") or ""
    done = subprocess.run(
        command,
        env={"PGPASSWORD": password, "PATH": "/usr/bin:/usr/local/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{command[0]} did not work: {done.stderr.strip()}")
