"""Two people press at the very same moment: one gets it, the other is told kindly."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from applications.models import Application
from panels import actions
from panels.models import InterviewSlot
from tests.factories.meeting import act_for, invited_round


@pytest.mark.django_db(transaction=True)
def test_choose_slot_at_the_very_same_moment_goes_to_one(
    joan: Person, sam: Person, amina: Person, rival: Person
) -> None:
    reading = invited_round(joan, by=sam)
    slot, bids = reading.panel.slots.order_by("starts_at")[0], reading.bids
    act_for(bids[0], amina)
    act_for(bids[1], rival)
    start, told = Barrier(2), []

    def press(bid: Application, person: Person) -> None:
        start.wait()
        try:
            actions.choose_slot(slot=slot, application=bid, by=person, at=timezone.now())
        except Refused as refusal:
            told.append(str(refusal))
        finally:
            connection.close()

    threads = [Thread(target=press, args=pair) for pair in zip(bids, (amina, rival), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["Somebody took this time a moment ago. Please choose another."]
    slot.refresh_from_db()
    assert slot.application in bids
    assert InterviewSlot.objects.exclude(application=None).count() == 1
