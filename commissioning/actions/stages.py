"""Opening and closing stages, and moving their days. A late close never shortens a rest."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.letters import write_each
from accounts.models import Person
from accounts.permissions import Refused
from commissioning import pace, rules, timetable
from commissioning.models import Lot, LotStage, Round, Stage, StageKind
from commissioning.pace import AnyStage
from commissioning.stage_words import MEANS
from ledger.actions import record
from ledger.models import Letter

TOLD_WHEN_OPEN = frozenset(timetable.KINDS) - {
    StageKind.SETUP,
    StageKind.JOIN,
    StageKind.ELIGIBILITY,
    StageKind.LETTERS,
    StageKind.REPORT,
}
"""The stages whose opening volunteers are told about by letter."""


@transaction.atomic
def set_stage_dates(
    *,
    round: Round,
    days: Mapping[str, rules.StageDays],
    by: Person,
    at: datetime,
    agreed: bool = False,
    lot: int = 0,
) -> list[AnyStage]:
    """Set the planned days of some stages; gives those that changed. With `lot`, its own stages:
    what comes after every panel moves on with them, if need be.

    Refused with the first problem in words. Shortening a rest, or closing an open stage sooner,
    needs `agreed`: the panel's recorded agreement. Once a stage has opened, everybody taking part
    gets a letter, which waits until their rest is over.
    """
    rules.may_set_up(by).require()
    stages = _locked(round)
    problems = rules.problems_with_dates(round, days, agreed=agreed, lot=lot)
    if problems:
        raise Refused(problems[0])
    own = [stage for stage in stages if stage.for_lot == lot]
    changed = [stage for stage in own if stage.kind in days and days[stage.kind] != _days(stage)]
    for stage in changed:
        new = days[stage.kind]
        stage.opens_on, stage.closes_on = new.opens_on, new.closes_on
        stage.recovery_days = new.recovery_days
        stage.save(update_fields=["opens_on", "closes_on", "recovery_days"])
    if not changed:
        return []
    if lot:
        moved = _move_on(stages)
        changed += [stage for stage in stages if _key(stage) in moved and stage not in changed]
    if any(stage.opened_at for stage in stages):
        rest = timetable.resting(pace.plans(round, lot), timezone.localdate(at))
        _tell_of_new_days(round, changed, rest=rest, by=by, at=at)
    record(
        chain=round.chain,
        verb="set_stage_dates",
        by=by,
        at=at,
        round=round.pk,
        agreed=agreed,
        stages={_key(stage): _as_entry(stage) for stage in changed},
    )
    return changed


@transaction.atomic
def open_stage(*, stage: AnyStage, by: Person, at: datetime) -> AnyStage:
    """Open a stage. Opening "open" fixes the round's money, lots and rules.

    Opened late, it keeps its length: its last day and the later stages move on.
    """
    rules.may_set_up(by).require()
    round = Round.objects.select_for_update().get(pk=stage.round_id)
    stages = _locked(round)
    mine = next(row for row in stages if row == stage)
    on = timezone.localdate(at)
    rules.may_open_stage(mine, on=on).require()
    moved = _move_on(stages, on=on)
    mine.opened_at, mine.opened_by = at, by
    mine.save(update_fields=["opened_at", "opened_by"])
    if mine.kind == StageKind.OPEN:
        round.frozen_at, round.frozen_by = at, by
        round.save(update_fields=["frozen_at", "frozen_by"])
    if mine.kind in TOLD_WHEN_OPEN:
        _tell_of_opening(round, mine, by=by, at=at)
    record(
        chain=round.chain,
        verb="opened_stage",
        by=by,
        at=at,
        stage=mine.pk,
        kind=mine.kind,
        closes_on=mine.closes_on.isoformat(),
        moved=moved,
        **_whose(mine),
    )
    return mine


@transaction.atomic
def close_stage(*, stage: AnyStage, by: Person, at: datetime, agreed: bool = False) -> AnyStage:
    """Close a stage: rest begins tomorrow, later stages move on if need be, and people are told.

    That it is closed they hear today; what moves because it was late, once, after the rest.

    Sooner than planned only with `agreed`: the panel's recorded agreement.
    """
    rules.may_set_up(by).require()
    round = Round.objects.select_for_update().get(pk=stage.round_id)
    stages = _locked(round)
    mine = next(row for row in stages if row == stage)
    on = timezone.localdate(at)
    rules.may_close_stage(mine, on=on, agreed=agreed).require()
    late = max((on - mine.closes_on).days, 0)
    mine.closed_at, mine.closed_by = at, by
    mine.save(update_fields=["closed_at", "closed_by"])
    moved = _move_on(stages, on=on)
    for name in settings.STAGE_CLOSINGS:
        import_string(name)(mine, by=by, at=at)
    _tell_of_close(round, mine, stages, by=by, at=at)
    if late and moved:
        later = [row for row in stages if _key(row) in moved]
        _tell_of_new_days(round, later, rest=pace.plan(mine), by=by, at=at)
    record(
        chain=round.chain,
        verb="closed_stage",
        by=by,
        at=at,
        stage=mine.pk,
        kind=mine.kind,
        agreed=agreed,
        days_late=late,
        recovery_days=mine.recovery_days,
        moved=moved,
        **_whose(mine),
    )
    return mine


@transaction.atomic
def give_own_days(*, lot: Lot, by: Person, at: datetime) -> list[LotStage]:
    """Let the panel of a lot go at its own pace: the stages of a panel's own that have not closed
    become its own as well, with the days they have. From then on they move by themselves."""
    round = Round.objects.select_for_update().get(pk=lot.round_id)
    lot = Lot.objects.select_related("round").get(pk=lot.pk, round=round)
    rules.may_give_own_days(lot, by=by).require()
    round.has_own_days = True
    round.save(update_fields=["has_own_days"])
    rows = LotStage.objects.bulk_create(
        LotStage(
            round=round,
            lot=lot,
            kind=row.kind,
            order=row.order,
            opens_on=row.opens_on,
            closes_on=row.closes_on,
            recovery_days=row.recovery_days,
            opened_at=row.opened_at,
            opened_by=row.opened_by,
        )
        for row in rules.to_be_own(round)
    )
    record(
        chain=round.chain,
        verb="gave_own_days",
        by=by,
        at=at,
        lot=lot.pk,
        stages={row.kind: _as_entry(row) for row in rows},
    )
    return rows


# ---- Dates -----------------------------------------------------------------------------------
def _locked(round: Round) -> list[AnyStage]:
    common = Stage.objects.select_for_update(of=("self",)).filter(round=round)
    rows: list[AnyStage] = list(common.select_related("round__chain"))
    if round.has_own_days:
        own = LotStage.objects.select_for_update(of=("self",)).filter(round=round)
        rows += own.select_related("round__chain", "lot")
    return sorted(rows, key=lambda row: (row.order, row.for_lot))


def _key(stage: AnyStage) -> str:
    """How an entry names a stage: its kind, with its lot where it is a panel's own."""
    return f"{stage.kind}:{stage.for_lot}" if stage.for_lot else stage.kind


def _whose(stage: AnyStage) -> dict[str, int]:
    return {"lot": stage.for_lot} if stage.for_lot else {}


def _days(stage: AnyStage) -> rules.StageDays:
    return rules.StageDays(stage.opens_on, stage.closes_on, stage.recovery_days)


def _as_entry(stage: AnyStage) -> list[str | int]:
    return [stage.opens_on.isoformat(), stage.closes_on.isoformat(), stage.recovery_days]


def _move_on(stages: list[AnyStage], *, on: date | None = None) -> dict[str, list[str | int]]:
    """Store the dates that what really happened leads to; gives those that changed, by stage."""
    rows = {(stage.kind, stage.for_lot): stage for stage in stages}
    changed: dict[str, list[str | int]] = {}
    for plan in timetable.moved([pace.plan(stage) for stage in stages], on=on):
        row = rows[plan.kind, plan.lot]
        if (row.opens_on, row.closes_on) != (plan.opens_on, plan.closes_on):
            row.opens_on, row.closes_on = plan.opens_on, plan.closes_on
            row.save(update_fields=["opens_on", "closes_on"])
            changed[_key(row)] = _as_entry(row)
    return changed


# ---- Letters ---------------------------------------------------------------------------------
class _People:
    """Everybody who takes part, and which stages are theirs: not those of other panels."""

    def __init__(self, round: Round) -> None:
        self.round = round
        self.longer, self.lots = rules.longer_rests([round]), pace.lots_of([round])
        self.plans = pace.all_plans(round)
        self._theirs: dict[frozenset[int], set[tuple[str, int]]] = {}

    def lots_of(self, person: Person) -> frozenset[int]:
        return self.lots.get((self.round.pk, person.pk), frozenset())

    def more(self, person: Person) -> int:
        return self.longer.get((self.round.pk, person.pk), 0)

    def goes_through(self, person: Person, stage: AnyStage) -> bool:
        lots = self.lots_of(person)
        if lots not in self._theirs:
            theirs = timetable.for_person(self.plans, lots)
            self._theirs[lots] = {(plan.kind, plan.lot) for plan in theirs}
        return (stage.kind, stage.for_lot) in self._theirs[lots]

    def readers(self, key: str, stages: Iterable[AnyStage]) -> list[tuple[str, Person]]:
        """Whoever goes through one of these stages, each with the key of their letter."""
        rows = list(stages)
        return [
            (f"{key}:{member.pk}", member.person)
            for member in self.round.members.here().select_related("person")
            if any(self.goes_through(member.person, row) for row in rows)
        ]


def _name(stage: AnyStage) -> str:
    """What a letter's key calls a stage."""
    return f"lotstage:{stage.pk}" if stage.for_lot else f"stage:{stage.pk}"


def _tell_of_opening(round: Round, stage: AnyStage, *, by: Person, at: datetime) -> None:
    """Each reads until when they have time: longer for those who rest longer."""
    people = _People(round)
    facts = {
        "round": round,
        "stage": stage,
        "programme": round.programme,
        "means": MEANS[stage.kind],
    }

    def own_last_day(person: Person) -> date | None:
        day = rules.own_last_day(
            round,
            timezone.localdate(at),
            stage.closes_on,
            more=people.more(person),
            lots=people.lots_of(person),
            lot=stage.for_lot,
        )
        return day if day != stage.closes_on else None

    write_each(
        (
            (key, person, {**facts, "own_last_day": own_last_day(person)})
            for key, person in people.readers(f"{_name(stage)}:opened", [stage])
        ),
        "stage_opened",
        by=by,
        at=at,
        chain=round.chain,
    )


def _tell_of_close(
    round: Round, stage: AnyStage, stages: list[AnyStage], *, by: Person, at: datetime
) -> None:
    """What the close means for each person: until when they rest, and what comes next."""
    line = pace.stages_of(round, stage.for_lot)
    following = next((row for row in stages if row in line and not row.opened_at), None)
    people, plan = _People(round), pace.plan(stage)
    context = {
        "round": round,
        "stage": stage,
        "programme": round.programme,
        "following": following,
        "means": MEANS[following.kind] if following else "",
        "link": _timeline(round),
    }

    def rest_until(person: Person) -> date | None:
        return timetable.rest_until(timetable.longer([plan], people.more(person))[0])

    write_each(
        (
            (key, person, {**context, "rest_until": rest_until(person)})
            for key, person in people.readers(f"{_name(stage)}:closed", [stage])
        ),
        "stage_closed",
        by=by,
        at=at,
        chain=round.chain,
        when=Letter.When.ANSWER,
    )


def _tell_of_new_days(
    round: Round,
    changed: list[AnyStage],
    *,
    rest: timetable.StagePlan | None,
    by: Person,
    at: datetime,
) -> None:
    """A letter about new dates, not before the first morning after this rest. Each reads those of
    the stages that are theirs."""
    until = timetable.rest_until(rest) if rest else None
    morning = (
        timezone.make_aware(datetime.combine(until + timedelta(days=1), time(9))) if until else at
    )
    people, key = _People(round), f"round:{round.pk}:dates:{at.isoformat()}"
    facts = {"round": round, "programme": round.programme, "link": _timeline(round)}

    def theirs(person: Person) -> list[AnyStage]:
        return [row for row in changed if people.goes_through(person, row)]

    write_each(
        (
            (one, person, {**facts, "stages": theirs(person)})
            for one, person in people.readers(key, changed)
        ),
        "dates_changed",
        by=by,
        at=at,
        chain=round.chain,
        not_before=morning,
    )


def _timeline(round: Round) -> str:
    return f"{settings.BASE_URL}{reverse('round_timeline', args=[round.slug])}"
