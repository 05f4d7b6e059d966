"""Whether all is well: asked by /health, by the supervisor, and by people on call."""

from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone

from ledger import guards
from ledger.models import Heartbeat, Sending

WORKER = "worker"


def health_report(*, tick_seconds: int) -> dict[str, Any]:
    """Facts for /health. Red ("ok": false) when the database or a guard is missing, or the worker
    has not finished a tick for three ticks (30 seconds at least)."""
    try:
        return _report(now=timezone.now(), tick_seconds=tick_seconds)
    except DatabaseError as error:
        return {"ok": False, "database": False, "trouble": type(error).__name__}


def _report(*, now: datetime, tick_seconds: int) -> dict[str, Any]:
    beat = Heartbeat.objects.filter(name=WORKER).first()
    age = round((now - beat.at).total_seconds(), 1) if beat else None
    waiting = Sending.objects.filter(state=Sending.State.PENDING, not_before__lte=now)
    in_doubt = Sending.objects.filter(state=Sending.State.IN_DOUBT).order_by("claimed_at").first()
    missing = guards.missing()
    alive = age is not None and age <= max(3 * tick_seconds, 30)
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
