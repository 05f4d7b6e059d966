"""The tick of the share-out: Celery rings, the database says what was asked for."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from celery import shared_task
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from ledger import clock
from ledger.tasks import beat
from panels import actions
from panels.models import ShareRequest

HOLDS = 8
"""How many signs of life a worker gives in the time for which a request is held."""


@shared_task
def share_out_asked() -> int:
    """Work out each share-out that was asked for, one after another; gives how many."""
    done = 0
    while request := actions.take_up_sharing(now=timezone.now()):
        with held(request):
            actions.work_out_sharing(request=request, by=request.asked_by, at=clock.now())
        done += 1
    return done


@contextmanager
def held(request: ShareRequest) -> Iterator[None]:
    """Hold a request while it is worked on. A killed worker holds nothing: another takes over."""
    over = Event()

    def hold() -> None:
        while not over.wait(settings.SHARE_CLAIM_SECONDS / HOLDS):
            # A sign of life that cannot be written now is written a few seconds later.
            with suppress(DatabaseError):
                actions.hold_sharing(request=request, now=timezone.now())
                beat()
            connection.close()

    thread = Thread(target=hold, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
