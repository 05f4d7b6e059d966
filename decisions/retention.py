"""What is kept for a time, and from which day it may go. Reads, never writes."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, Max, Model, QuerySet, Value
from django.utils import timezone

from applications.models import Application
from commissioning.models import AwayDays, Member, Programme, Round, StageKind
from decisions.models import Kept, RetentionRule
from ledger.trail import digest
from panels.models import InterviewSlot
from support.models import (
    Adjustment,
    Expense,
    FormatNeed,
    GatheringReply,
    Helper,
    Look,
    PracticeSheet,
    SupportNote,
)

USUAL_MONTHS = {Kept.DRAFTS: 3, Kept.NEEDS: 6, Kept.CARE: 6, Kept.COSTS: 84}
"""Where the programme has no rule of its own."""


@dataclass(frozen=True, slots=True)
class Part:
    """Words of one model, which go some time after their round: blanked, or the whole rows."""

    model: type[Model]
    round: str
    """The way from a row to its round."""
    blank: dict[str, Any] = field(default_factory=dict)
    """What stands in the row afterwards; nothing here: the row itself goes."""
    file: str = ""

    def left(self, rounds: Iterable[Round]) -> QuerySet[Any]:
        """The rows of these rounds that still have something to delete."""
        found = self.model._default_manager.filter(**{f"{self.round}__in": rounds})
        return (found.exclude(**self.blank) if self.blank else found).order_by()


PARTS: dict[str, tuple[Part, ...]] = {
    Kept.CARE: (
        Part(SupportNote, "member__round"),
        Part(PracticeSheet, "member__round"),
        Part(FormatNeed, "member__round"),
        Part(AwayDays, "member__round"),
        Part(Helper, "member__round", {"knows": ""}),
        Part(GatheringReply, "gathering__round", {"needs": ""}),
        Part(Look, "member__round", {"answers": {}, "words": ""}),
        Part(Member, "round", {"days_away": "", "hopes": "", "experience": []}),
        Part(InterviewSlot, "panel__round", {"access_needs": ""}),
    ),
    Kept.COSTS: (
        Part(
            Expense,
            "member__round",
            {"what": "–", "receipt": "", "receipt_name": "", "refused_why": "–"},
            file="receipt",
        ),
    ),
}
"""What goes when a round has been over for so many months, model by model."""


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_of_all() -> dict[tuple[int, str], int]:
    """The months of every rule there is, by programme and what is kept."""
    rules = RetentionRule.objects.values_list("programme", "what", "months")
    return {(programme, what): months for programme, what, months in rules}


def months_of(programme: Programme, what: str) -> int:
    """How many months the programme keeps this."""
    rule = RetentionRule.objects.filter(programme=programme, what=what).first()
    return rule.months if rule else USUAL_MONTHS[Kept(what)]


@dataclass(frozen=True, slots=True)
class Due:
    """What may be deleted on a day: the rows' ids, and each as the preview names it."""

    ids: tuple[int, ...]
    names: tuple[str, ...]
    marks: tuple[str, ...] = ()
    """Where rows of several models go: of which each is, beside its id."""

    @property
    def digest(self) -> str:
        """The mark of exactly these rows."""
        return digest(",".join(self.marks or map(str, self.ids)))

    def ids_of(self, part: int) -> list[int]:
        """The rows of one of the parts."""
        return [pk for pk, mark in zip(self.ids, self.marks, strict=True) if mark == f"{part}:{pk}"]


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
    if what in PARTS:
        return _due_parts(programme, what, months, on)
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


def _due_parts(programme: Programme, what: str, months: int, on: date) -> Due:
    """The rows of several models, of rounds that have been over for long enough."""
    over = (
        Round.objects.filter(programme=programme)
        .exclude(stages__closed_at=None)
        .annotate(over_at=Max("stages__closed_at"))
        .filter(over_at__isnull=False)
    )
    rounds = {
        row.pk: row
        for row in over
        if months_later(timezone.localdate(vars(row)["over_at"]), months) <= on
    }
    if not rounds:
        return Due((), ())
    first, *rest = (
        part.left(rounds.values())
        .annotate(part=Value(number), of=F(part.round))
        .values_list("part", "of", "pk")
        for number, part in enumerate(PARTS[what])
    )
    rows = sorted(first.union(*rest, all=True))
    return Due(
        tuple(pk for _part, _of, pk in rows),
        tuple(
            f"{rounds[of].name}: {PARTS[what][number].model._meta.verbose_name}"
            for number, of, _pk in rows
        ),
        tuple(f"{number}:{pk}" for number, _of, pk in rows),
    )
