"""The tick: Celery rings, the database says what is due."""

from celery import shared_task
from django.utils import timezone

from ledger import clock, sending
from ledger.health import WORKER
from ledger.models import Heartbeat


@shared_task
def send_due() -> int:
    """One tick: send what is due, then leave a heartbeat."""
    sent = sending.send_due(on=clock.now())
    Heartbeat.objects.update_or_create(name=WORKER, defaults={"at": timezone.now()})
    return sent
