"""What time it is. Views, tasks and commands ask here; everything below them is told.

Tests and the demo may move the day, to walk a round of twelve weeks in minutes. Anywhere else that
is refused. Round days, stages and rests use this clock; sessions, rate limits, claims and back-off
use the real one (`django.utils.timezone.now`).
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

_moved = timedelta()


def now() -> datetime:
    """The present instant, with the test clock's shift."""
    return timezone.now() + _moved


def today() -> date:
    """Today in the programme's time zone."""
    return timezone.localdate(now())


def move(*, days: float = 0) -> None:
    """Move the clock on by so many days (tests and demo only)."""
    global _moved
    if not settings.CLOCK_MAY_MOVE:
        raise ImproperlyConfigured("The clock can only be moved in tests and in the demo.")
    _moved += timedelta(days=days)


def put_right() -> None:
    """Back to the real time."""
    global _moved
    _moved = timedelta()
