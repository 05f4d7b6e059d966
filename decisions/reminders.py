"""What this app asks people to do by a day: to sign their panel's decision."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.reminders import Task
from commissioning.models import StageKind
from commissioning.reminders import rounds_under_way
from decisions import rules
from decisions.models import Decision


def tasks() -> Iterator[Task]:
    """Each member who has not signed a decision that is put to their panel."""
    for here in rounds_under_way():
        stage = here.open_stage(StageKind.DECISION)
        waiting = Decision.objects.filter(
            stands_at=None, dropped_at=None, panel__round=here.round
        ).select_related("panel__lot")
        for decision in waiting if stage else ():
            signed = set(decision.signatures.counting().values_list("seat", flat=True))
            for seat in rules.entitled_seats(decision.panel):
                if stage and seat.pk not in signed:
                    yield here.task(
                        seat.member.person,
                        key=f"sign:{decision.pk}:{seat.pk}",
                        words=_("Read the decision of your panel in “%(round)s”, and sign."),
                        path=reverse("sign_decision", args=[decision.pk]),
                        asked_at=decision.put_at,
                        last_day=stage.closes_on,
                    )
