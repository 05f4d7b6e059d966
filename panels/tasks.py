"""The tick of the share-out: Celery rings, the database says what was asked for."""

from contextlib import AbstractContextManager

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from ledger import clock
from ledger.tasks import kept_up
from panels import actions
from panels.models import ShareRequest


@shared_task
def share_out_asked() -> int:
    """Work out each share-out that was asked for, one after another; gives how many."""
    done = 0
    while request := actions.take_up_sharing(now=timezone.now()):
        with held(request):
            actions.work_out_sharing(request=request, by=request.asked_by, at=clock.now())
        done += 1
    return done


def held(request: ShareRequest) -> AbstractContextManager[None]:
    """Hold a request while it is worked on. A killed worker holds nothing: another takes over."""
    return kept_up(
        lambda: actions.hold_sharing(request=request, now=timezone.now()),
        lasts=settings.SHARE_CLAIM_SECONDS,
    )
