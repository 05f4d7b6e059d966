"""Whether all is well: asked by /health, by the supervisor, and by people on call."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from ledger import guards
from ledger.models import Heartbeat, Sending

WORKER = "worker"
PROBE = "probe"
LEAST_FREE_MB = 100
PATIENCE = 3000  # milliseconds to wait for a lock that somebody holds: a health page must answer


def health_report(*, oldest_beat: int) -> dict[str, Any]:
    """Facts for /health. Red ("ok": false) when the database cannot be read or written, a guard is
    missing, the disk is nearly full, or the worker has shown no heartbeat for so many seconds."""
    try:
        return _report(now=timezone.now(), oldest_beat=oldest_beat)
    except DatabaseError as error:
        return {"ok": False, "database": False, "trouble": type(error).__name__}


def _report(*, now: datetime, oldest_beat: int) -> dict[str, Any]:
    beat = Heartbeat.objects.filter(name=WORKER).first()
    age = round((now - beat.at).total_seconds(), 1) if beat else None
    waiting = Sending.objects.filter(state=Sending.State.PENDING, not_before__lte=now)
    in_doubt = Sending.objects.filter(state=Sending.State.IN_DOUBT).order_by("claimed_at").first()
    missing = guards.missing()
    alive = age is not None and age <= oldest_beat
    trouble = _trouble_with_writing(now)
    free = _free_mb(settings.VAR_DIR)
    return {
        "ok": alive and not missing and not trouble and free >= LEAST_FREE_MB,
        "database": True,
        "cannot_write": trouble,
        "disk_free_mb": free,
        "vendor": connection.vendor,
        "guards_missing": missing,
        "heartbeat_age_seconds": age,
        "letters_waiting": waiting.count(),
        "letters_in_doubt": Sending.objects.filter(state=Sending.State.IN_DOUBT).count(),
        "oldest_in_doubt": in_doubt.claimed_at if in_doubt else None,
    }


def _free_mb(folder: Path) -> int:
    """Room left where private files go; the folder itself may not have been needed yet."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    return shutil.disk_usage(there).free // 1024**2


def _trouble_with_writing(now: datetime) -> str:
    """Write a row and take it back; gives the name of what went wrong, or nothing.

    On SQLite the row is too long for the room left in any page, so that a full file is noticed;
    and a worker that is stuck with the file in its hands makes this short, not all who ask wait.
    """
    name = PROBE * (4000 if connection.vendor == "sqlite" else 1)
    try:
        with _patience(), transaction.atomic():
            Heartbeat.objects.create(name=name, at=now)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return type(error).__name__
    return ""


@contextmanager
def _patience() -> Iterator[None]:
    """On SQLite, wait for somebody else's lock for a moment only."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
