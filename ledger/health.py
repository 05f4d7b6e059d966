"""Whether all is well: asked by /health, by the supervisor, and by people on call."""

from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone

from ledger import guards
from ledger.models import Heartbeat, Sending

WORKER = "worker"


def health_report(*, oldest_beat: int) -> dict[str, Any]:
    """Facts for /health. Red ("ok": false) when the database or a guard is missing, or the worker
    has shown no heartbeat for so many seconds."""
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
    return {
        "ok": alive and not missing,
        "database": True,
        "vendor": connection.vendor,
        "guards_missing": missing,
        "heartbeat_age_seconds": age,
        "letters_waiting": waiting.count(),
        "letters_in_doubt": Sending.objects.filter(state=Sending.State.IN_DOUBT).count(),
        "oldest_in_doubt": in_doubt.claimed_at if in_doubt else None,
    }
