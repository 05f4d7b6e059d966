"""The tick: Celery rings, the database says what is due."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from time import monotonic

from celery import shared_task
from django.db import DatabaseError, connection
from django.utils import timezone

from ledger import clock, sending
from ledger.health import WORKER
from ledger.models import Heartbeat

BEAT_EVERY = 5.0  # seconds, in a tick that has many letters to send


@shared_task
def send_due() -> int:
    """One tick: send what is due, and leave a heartbeat: at its end, and now and then before."""
    shown = monotonic()

    def show_life() -> None:
        nonlocal shown
        if monotonic() - shown > BEAT_EVERY:
            shown = monotonic()
            beat()

    sent = sending.send_due(on=clock.now(), after_each=show_life)
    beat()
    return sent


def beat() -> None:
    """Write down that a worker is alive and at work."""
    Heartbeat.objects.update_or_create(name=WORKER, defaults={"at": timezone.now()})


SIGNS = 8
"""How many signs of life a worker gives in the time for which its work is held."""


@contextmanager
def kept_up(hold: Callable[[], object], *, lasts: float) -> Iterator[None]:
    """Hold work while it is done: a hold lasts so many seconds, and is made anew several times in
    them. A killed worker holds nothing: another takes over."""
    over, every = Event(), lasts / SIGNS

    def signs() -> None:
        while not over.wait(every):
            # A sign of life that cannot be written now is written a few seconds later.
            with suppress(DatabaseError):
                hold()
                beat()
            connection.close()

    thread = Thread(target=signs, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
