"""Who is owed a reminder to sign: once before the last day, once on it. Then people ring."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils import timezone

from accounts.models import Break
from accounts.reminders import Owed
from commissioning.models import StageKind
from commissioning.rules import resting
from decisions import rules
from decisions.models import Decision

DAYS_BEFORE = (2, 0)


def owed(on: date) -> Iterator[Owed]:
    """A gentle note to each member who has not signed. Nothing in a rest or on a break."""
    away = set(Break.objects.on(on).values_list("person", flat=True))
    waiting = Decision.objects.filter(stands_at=None, dropped_at=None).select_related(
        "panel__round__chain", "panel__round__programme", "panel__lot"
    )
    for decision in waiting.prefetch_related("panel__round__stages"):
        round = decision.panel.round
        stages = {stage.kind: stage for stage in round.stages.all()}
        stage = stages.get(StageKind.DECISION)
        if stage is None or stage.closed_at or resting(round, on=on):
            continue
        left = stage.closes_on - on
        late_put = timezone.localdate(decision.put_at) >= on
        if late_put or left not in [timedelta(days=days) for days in DAYS_BEFORE]:
            continue
        signed = set(decision.signatures.counting().values_list("seat", flat=True))
        for seat in rules.entitled_seats(decision.panel):
            if seat.pk not in signed and seat.member.person_id not in away:
                yield Owed(
                    person=seat.member.person,
                    chain=round.chain,
                    name="sign_reminder",
                    key=f"sign_reminder:{decision.pk}:{seat.pk}:{left.days}",
                    context={"decision": decision, "panel": decision.panel},
                )
