"""Which stage holds for whom: every rule, page, letter and query asks here.

A round has one row for each stage. A lot whose panel goes at its own pace has rows of its own for
the stages that are a panel's own (`timetable.PANELS_OWN`); they hold instead of the round's.
`lot` is the id of a lot, and 0 means the round itself. In a round without such lots, nothing more
is asked of the database than its stages.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.utils import timezone

from commissioning import timetable
from commissioning.models import Lot, LotStage, Member, Round, Stage

AnyStage = Stage | LotStage

Lots = Mapping[tuple[int, int], frozenset[int]]
"""The lots that people read or sit for, by round and person (ids)."""


# ---- Rows ------------------------------------------------------------------------------------
def own_stages(round: Round) -> list[LotStage]:
    """The stages of panels with days of their own, with their lots. Mostly none, and no query."""
    return list(round.own_stages.all()) if round.has_own_days else []


def stages_of(round: Round, lot: int = 0) -> list[AnyStage]:
    """The stages in order as they stand for the panel of this lot."""
    own = {row.kind: row for row in own_stages(round) if row.lot_id == lot} if lot else {}
    rows: Iterable[AnyStage] = (own.get(row.kind, row) for row in round.stages.all())
    return sorted(rows, key=lambda row: row.order)


def all_stages(round: Round) -> list[AnyStage]:
    """The round's stages and those of its panels, in order."""
    rows: list[AnyStage] = [*round.stages.all(), *own_stages(round)]
    return sorted(rows, key=lambda row: (row.order, row.for_lot))


def stage_of(round: Round, kind: str, lot: int = 0) -> AnyStage | None:
    """The stage of this kind as it stands for the panel of this lot, if the round has it."""
    return next((row for row in stages_of(round, lot) if row.kind == kind), None)


def by_lot(round: Round, kind: str) -> dict[int, AnyStage]:
    """The stage of this kind for the round (0), and for each lot whose panel has its own of it."""
    rows = (row for row in all_stages(round) if row.kind == kind)
    return {row.for_lot: row for row in rows}


def lots_apart(round: Round) -> list[Lot]:
    """The lots whose panels have days of their own."""
    return list({row.lot_id: row.lot for row in own_stages(round)}.values())


def lots_under(stage: AnyStage) -> QuerySet[Lot]:
    """The lots that a stage holds for: its own, or all that have no such stage of their own."""
    lots = Lot.objects.filter(round=stage.round_id)
    if stage.for_lot:
        return lots.filter(pk=stage.for_lot)
    return lots.exclude(pk__in=LotStage.objects.filter(kind=stage.kind).values("lot"))


# ---- Plain values ----------------------------------------------------------------------------
def plan(stage: AnyStage) -> timetable.StagePlan:
    """A stage row as the plain value the timetable works with."""
    return timetable.StagePlan(
        kind=stage.kind,
        opens_on=stage.opens_on,
        closes_on=stage.closes_on,
        recovery_days=stage.recovery_days,
        opened_on=timezone.localdate(stage.opened_at) if stage.opened_at else None,
        closed_on=timezone.localdate(stage.closed_at) if stage.closed_at else None,
        lot=stage.for_lot,
        lot_name=stage.lot.name if isinstance(stage, LotStage) else "",
    )


def plans(round: Round, lot: int = 0) -> list[timetable.StagePlan]:
    """A round's stages, in order, as they stand for the panel of this lot (one query, or none
    where stages are prefetched)."""
    return [plan(stage) for stage in stages_of(round, lot)]


def all_plans(round: Round) -> list[timetable.StagePlan]:
    """The round's stages and those of its panels, in order."""
    return [plan(stage) for stage in all_stages(round)]


# ---- People ----------------------------------------------------------------------------------
def lots_of(rounds: Iterable[Round], *, people: Collection[int] | None = None) -> Lots:
    """For which lots people read or sit, in rounds where that makes a difference (two queries, or
    none). `people` may narrow whose."""
    apart = [row.pk for row in rounds if row.has_own_days]
    found: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    if apart:
        members = Member.objects.filter(round__in=apart, ended_at=None)
        if people is not None:
            members = members.filter(person__in=people)
        for name, lot in (("seats", "panel__lot"), ("assignments", "application__lot")):
            held = members.filter(**{f"{name}__isnull": False, f"{name}__ended_at": None})
            for round, person, of in held.values_list("round", "person", f"{name}__{lot}"):
                found[round, person].add(of)
    return {key: frozenset(lots) for key, lots in found.items()}


# ---- Queries ---------------------------------------------------------------------------------
def _rows_for(kind: str, round: str, lot: str) -> tuple[QuerySet[LotStage], QuerySet[Stage]]:
    # One row at most. In their usual order they would pull four tables more into every query.
    own = LotStage.objects.filter(lot=OuterRef(lot), kind=kind).order_by()
    return own, Stage.objects.filter(round=OuterRef(round), kind=kind).order_by()


def stage_value(field: str, kind: str, *, round: str, lot: str) -> Case:
    """In a query: this column of the stage as it stands for a lot. `round` and `lot` say where the
    outer row has them."""
    own, common = _rows_for(kind, round, lot)
    return Case(
        When(Exists(own), then=Subquery(own.values(field)[:1])),
        default=Subquery(common.values(field)[:1]),
    )


def stage_is(kind: str, *, round: str, lot: str, opened: bool, closed: bool) -> Case:
    """In a query: whether the stage was opened, and was closed, as it stands for a lot."""
    own, common = _rows_for(kind, round, lot)
    stands = Q(opened_at__isnull=not opened, closed_at__isnull=not closed)
    return Case(
        When(Exists(own), then=Exists(own.filter(stands))),
        default=Exists(common.filter(stands)),
        output_field=BooleanField(),
    )
