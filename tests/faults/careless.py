"""The controls of F6 to F8: senders without the one thing that saves ours. All else is the same.

`CARELESS` says which: "messages" puts each letter's work into a message of the queue, "moments"
sends a letter only at the moment it falls due, "unclaimed" sends what waits and claims nothing.
"""

import os
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db.models import QuerySet
from django.utils import timezone

from config.celery import app

NAME = "tests.faults.careless."
MOMENT = timedelta(seconds=2)


def _send(rows: "QuerySet[Any]") -> None:
    from ledger.sending import email_of

    for row in rows.select_related("letter"):
        email_of(row.letter).send()
        row.state, row.sent_at = "sent", timezone.now()
        row.save()


def _pending() -> "QuerySet[Any]":
    from ledger.models import Sending

    return Sending.objects.filter(state="pending").order_by("pk")


@shared_task(name=NAME + "send_one")
def send_one(pk: int) -> None:
    """Send the letter that this message is about."""
    _send(_pending().filter(pk=pk))


@shared_task(name=NAME + "messages")
def messages() -> None:
    """Nothing: all there is to do lies in the queue."""
    _alive()


@shared_task(name=NAME + "moments")
def moments() -> None:
    """Send what falls due just now."""
    now = timezone.now()
    _send(_pending().filter(not_before__lte=now, not_before__gte=now - MOMENT))
    _alive()


@shared_task(name=NAME + "unclaimed")
def unclaimed() -> None:
    """Send all that waits."""
    _send(_pending())
    _alive()


def _alive() -> None:
    from ledger.tasks import beat

    beat()


def put_messages() -> None:
    """Put one message for each letter into the queue. Run inside an installation."""
    for pk in _pending().values_list("pk", flat=True):
        send_one.delay(pk)


@app.on_after_finalize.connect
def _ring_it(sender: Any, **_kwargs: Any) -> None:
    which = os.environ.get("CARELESS", "messages")
    sender.conf.beat_schedule = {"careless": {"task": NAME + which, "schedule": 1.0}}
