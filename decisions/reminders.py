"""What this app asks people to do by a day: to sign their panel's decision."""

from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.reminders import Task
from commissioning.models import StageKind
from commissioning.reminders import UnderWay
from decisions.models import Decision, Signature
from panels.rules.proposals import tables


def tasks(rounds: Iterable[UnderWay]) -> Iterator[Task]:
    """Each member who has not signed a decision that is put to their panel."""
    for here in rounds:
        stage = here.open_stage(StageKind.DECISION)
        if not stage:
            continue
        waiting = Decision.objects.filter(
            stands_at=None, dropped_at=None, panel__round=here.round
        ).select_related("panel")
        rows = list(waiting)
        places = tables([row.panel for row in rows])
        signatures = Signature.objects.counting().filter(decision__in=rows)
        signed = set(signatures.values_list("decision", "seat"))
        for row in rows:
            for seat in places.entitled(row.panel):
                if (row.pk, seat.pk) not in signed:
                    yield here.task(
                        seat.member.person,
                        key=f"sign:{row.pk}:{seat.pk}",
                        words=_("Read the decision of your panel in “%(round)s”, and sign."),
                        path=reverse("sign_decision", args=[row.pk]),
                        asked_at=row.put_at,
                        last_day=stage.closes_on,
                    )
