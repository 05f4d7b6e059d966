"""What this app asks people to do by a day: to sign, and to answer a complaint in time."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.reminders import Owed, Task
from applications.reminders import colleagues_of
from commissioning.models import Programme, StageKind
from commissioning.reminders import UnderWay
from decisions import retention
from decisions.models import Complaint, Decision, Kept, Outcome, Signature
from decisions.rules import answer_by, is_held, who_hears_complaint
from panels.rules.proposals import tables

DAYS_BEFORE_DELETING = (30, 7, 1)
DAYS_BEFORE_ANSWER = (7, 1)


def owed(*, on: date) -> Iterator[Owed]:
    """Notes about complaints and awards that wait, and about drafts that will soon be deleted."""
    yield from _complaints(on)
    yield from _awards(on)
    yield from _drafts(on)


def _awards(on: date) -> Iterator[Owed]:
    """Seven days and one day before a group is to say if it takes the money, to those who act for
    it. Not while the award is on hold, nor once the group took its bid back: then there is nothing
    to answer."""
    waiting = (
        Outcome.objects.standing()
        .awards()
        .filter(acceptance=None, letter__letter__isnull=False, application__withdrawn_at=None)
    )
    rows = waiting.select_related(
        "letter__letter", "application__round__programme", "application__round__chain",
        "application__organisation", "decision",
    )  # fmt: skip
    for outcome in rows.prefetch_related(
        "application__organisation__colleagues__person", "decision__ratifications"
    ):
        bid = outcome.application
        last = answer_by(outcome.letter)
        before = (last - on).days if last else None
        if before not in DAYS_BEFORE_ANSWER or is_held(outcome.decision):
            continue
        for person in colleagues_of(bid):
            yield Owed(
                person=person,
                chain=bid.round.chain,
                name="offer_waits",
                key=f"offer_waits:{outcome.pk}:{person.pk}:{last}:{before}",
                context={"bid": bid, "outcome": outcome, "last": last},
            )


def _drafts(on: date) -> Iterator[Owed]:
    """Thirty, seven and one days before an unsent bid may be deleted, to those who write it."""
    for programme in Programme.objects.all():
        months = retention.months_of(programme, Kept.DRAFTS)
        rows = retention.drafts(programme).select_related("round__chain", "organisation")
        for bid in rows.prefetch_related("organisation__colleagues__person"):
            last = retention.goes_on(bid, months)
            if (last - on).days not in DAYS_BEFORE_DELETING:
                continue
            for person in colleagues_of(bid):
                yield Owed(
                    person=person,
                    chain=bid.round.chain,
                    name="draft_goes",
                    key=f"draft_goes:{bid.pk}:{person.pk}:{last}:{(last - on).days}",
                    context={"bid": bid, "last": last},
                )


def _complaints(on: date) -> Iterator[Owed]:
    """A note to whoever hears complaints, the day before a group must hear and on that day."""
    rows = Complaint.objects.filter(answered_at=None).select_related(
        "application__round__chain", "application__organisation", "taken_by"
    )
    for row in rows:
        last = row.answer_on if row.taken_at else row.hear_on
        if not last - timedelta(days=1) <= on <= last + timedelta(days=7):
            continue
        which = "late" if on > last else str(on)
        hears = who_hears_complaint(row.application, row.made_at)
        people = [row.taken_by] if row.taken_by else hears
        for person in people:
            yield Owed(
                person=person,
                chain=None,
                name="complaint_waits",
                key=f"complaint_waits:{row.pk}:{bool(row.taken_at)}:{which}:{person.pk}",
                context={"complaint": row, "bid": row.application, "last": last, "today": on},
            )


def tasks(rounds: Iterable[UnderWay]) -> Iterator[Task]:
    """Each member who has not signed a decision that is put to their panel."""
    for here in rounds:
        if not here.open_stages(StageKind.DECISION):
            continue
        waiting = Decision.objects.filter(
            stands_at=None, dropped_at=None, panel__round=here.round
        ).select_related("panel")
        rows = list(waiting)
        places = tables([row.panel for row in rows])
        signatures = Signature.objects.counting().filter(decision__in=rows)
        signed = set(signatures.values_list("decision", "seat"))
        for row in rows:
            stage = here.open_stage(StageKind.DECISION, row.panel.lot_id)
            if not stage:
                continue
            for seat in places.entitled(row.panel):
                if (row.pk, seat.pk) not in signed:
                    yield here.task(
                        seat.member.person,
                        key=f"sign:{row.pk}:{seat.pk}",
                        words=_("Read the decision of your panel in “%(round)s”, and sign."),
                        path=reverse("sign_decision", args=[row.pk]),
                        asked_at=row.put_at,
                        last_day=stage.closes_on,
                        lot=stage.for_lot,
                    )
