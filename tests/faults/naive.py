"""The control: the sender that everybody writes first. All else is as in the real worker.

It sends each letter and marks it, in one transaction over the lot, with no claim before it.
"""

from typing import Any

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from config.celery import app

NAME = "tests.faults.naive.send_all"


@shared_task(name=NAME)
def send_all() -> None:
    """Send what is not marked as sent, and mark it."""
    from ledger.models import Sending
    from ledger.sending import email_of

    with transaction.atomic():
        for row in Sending.objects.filter(state="pending").select_related("letter"):
            email_of(row.letter).send()
            row.state, row.sent_at = "sent", timezone.now()
            row.save()


@app.on_after_finalize.connect
def _ring_it(sender: Any, **_kwargs: Any) -> None:
    sender.conf.beat_schedule = {"naive": {"task": NAME, "schedule": 1.0}}
