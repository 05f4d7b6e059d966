"""What is kept for a time, and from which day it may go. Reads, never writes."""

import calendar
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, QuerySet
from django.utils import timezone

from applications.models import Application
from commissioning.models import Programme, StageKind
from decisions.models import Kept, RetentionRule
from ledger.trail import digest
from support.models import Adjustment

USUAL_MONTHS = {Kept.DRAFTS: 3, Kept.NEEDS: 6}
"""Where the programme has no rule of its own."""


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_of(programme: Programme, what: str) -> int:
    """How many months the programme keeps this."""
    rule = RetentionRule.objects.filter(programme=programme, what=what).first()
    return rule.months if rule else USUAL_MONTHS[Kept(what)]


@dataclass(frozen=True, slots=True)
class Due:
    """What may be deleted on a day: the rows' ids, and each as the preview names it."""

    ids: tuple[int, ...]
    names: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The mark of exactly these rows."""
        return digest(",".join(map(str, self.ids)))


def drafts(programme: Programme) -> QuerySet[Application]:
    """Bids that were never sent, of rounds where bidding is over, and that still have words."""
    return (
        Application.objects.filter(
            round__programme=programme,
            submitted_at=None,
            erasure=None,
            round__stages__kind=StageKind.OPEN,
            round__stages__closed_at__isnull=False,
        )
        .annotate(over_at=Max("round__stages__closed_at"))
        .order_by("pk")
    )


def needs(programme: Programme) -> QuerySet[Adjustment]:
    """What was asked for to make taking part easier, of rounds whose every stage is over."""
    return (
        Adjustment.objects.filter(member__round__programme=programme, erasure=None)
        .exclude(member__round__stages__closed_at=None)
        .annotate(over_at=Max("member__round__stages__closed_at"))
        .select_related("member__round")
        .order_by("pk")
    )


def goes_on(row: Application, months: int) -> date:
    """The first day on which a row (of `drafts` or `needs`) may be deleted."""
    return months_later(timezone.localdate(vars(row)["over_at"]), months)


def due(programme: Programme, what: str, *, on: date, months: int | None = None) -> Due:
    """All that may be deleted on this day. The names give away no words and no person."""
    months = months or months_of(programme, what)
    if what == Kept.DRAFTS:
        rows = [
            (row.pk, row.reference)
            for row in drafts(programme).only("pk", "reference")
            if goes_on(row, months) <= on
        ]
    else:
        rows = [
            (row.pk, row.member.round.name)
            for row in needs(programme)
            if months_later(timezone.localdate(vars(row)["over_at"]), months) <= on
        ]
    return Due(tuple(pk for pk, _name in rows), tuple(name for _pk, name in rows))
