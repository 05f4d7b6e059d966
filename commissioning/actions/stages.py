"""Opening and closing stages, and moving their days. A late close never shortens a rest."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.letters import write_each, write_to_all
from accounts.models import Person
from accounts.permissions import Refused
from commissioning import rules, timetable
from commissioning.models import Round, Stage, StageKind
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
) -> list[Stage]:
    """Set the planned days of some stages; gives those that changed.

    Refused with the first problem in words. Shortening a rest, or closing an open stage sooner,
    needs `agreed`: the panel's recorded agreement. Once a stage has opened, everybody taking part
    gets a letter, which waits until their rest is over.
    """
    rules.may_set_up(by).require()
    stages = _locked(round)
    problems = rules.problems_with_dates(round, days, agreed=agreed)
    if problems:
        raise Refused(problems[0])
    changed = [stage for stage in stages if stage.kind in days and days[stage.kind] != _days(stage)]
    for stage in changed:
        new = days[stage.kind]
        stage.opens_on, stage.closes_on = new.opens_on, new.closes_on
        stage.recovery_days = new.recovery_days
        stage.save(update_fields=["opens_on", "closes_on", "recovery_days"])
    if not changed:
        return []
    if any(stage.opened_at for stage in stages):
        rest = timetable.resting(rules.plans(round), timezone.localdate(at))
        _tell_of_new_days(round, changed, rest=rest, by=by, at=at)
    record(
        chain=round.chain,
        verb="set_stage_dates",
        by=by,
        at=at,
        round=round.pk,
        agreed=agreed,
        stages={stage.kind: _as_entry(stage) for stage in changed},
    )
    return changed


@transaction.atomic
def open_stage(*, stage: Stage, by: Person, at: datetime) -> Stage:
    """Open a stage. Opening "open" fixes the round's money, lots and rules.

    Opened late, it keeps its length: its last day and the later stages move on.
    """
    rules.may_set_up(by).require()
    round = Round.objects.select_for_update().get(pk=stage.round_id)
    stages = _locked(round)
    mine = next(row for row in stages if row.pk == stage.pk)
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
    )
    return mine


@transaction.atomic
def close_stage(*, stage: Stage, by: Person, at: datetime, agreed: bool = False) -> Stage:
    """Close a stage: rest begins tomorrow, later stages move on if need be, and people are told.

    That it is closed they hear today; what moves because it was late, once, after the rest.

    Sooner than planned only with `agreed`: the panel's recorded agreement.
    """
    rules.may_set_up(by).require()
    round = Round.objects.select_for_update().get(pk=stage.round_id)
    stages = _locked(round)
    mine = next(row for row in stages if row.pk == stage.pk)
    on = timezone.localdate(at)
    rules.may_close_stage(mine, on=on, agreed=agreed).require()
    late = max((on - mine.closes_on).days, 0)
    mine.closed_at, mine.closed_by = at, by
    mine.save(update_fields=["closed_at", "closed_by"])
    moved = _move_on(stages, on=on)
    _tell_of_close(round, mine, stages, by=by, at=at)
    if late and moved:
        later = [row for row in stages if row.kind in moved]
        _tell_of_new_days(round, later, rest=rules.plan(mine), by=by, at=at)
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
    )
    return mine


# ---- Dates -----------------------------------------------------------------------------------
def _locked(round: Round) -> list[Stage]:
    return list(
        Stage.objects.select_for_update(of=("self",))
        .filter(round=round)
        .select_related("round__chain")
        .order_by("order")
    )


def _days(stage: Stage) -> rules.StageDays:
    return rules.StageDays(stage.opens_on, stage.closes_on, stage.recovery_days)


def _as_entry(stage: Stage) -> list[str | int]:
    return [stage.opens_on.isoformat(), stage.closes_on.isoformat(), stage.recovery_days]


def _move_on(stages: list[Stage], *, on: date) -> dict[str, list[str | int]]:
    """Store the dates that what really happened leads to; gives those that changed, by kind."""
    rows = {stage.kind: stage for stage in stages}
    changed: dict[str, list[str | int]] = {}
    for plan in timetable.moved([rules.plan(stage) for stage in stages], on=on):
        row = rows[plan.kind]
        if (row.opens_on, row.closes_on) != (plan.opens_on, plan.closes_on):
            row.opens_on, row.closes_on = plan.opens_on, plan.closes_on
            row.save(update_fields=["opens_on", "closes_on"])
            changed[plan.kind] = _as_entry(row)
    return changed


# ---- Letters ---------------------------------------------------------------------------------
def _tell_of_opening(round: Round, stage: Stage, *, by: Person, at: datetime) -> None:
    """Each reads until when they have time: longer for those whose agreed rests are longer."""
    longer = rules.longer_rests([round])
    facts = {
        "round": round,
        "stage": stage,
        "programme": round.programme,
        "means": MEANS[stage.kind],
    }

    def own_last_day(person: Person) -> date | None:
        more = longer.get((round.pk, person.pk), 0)
        day = rules.own_last_day(round, timezone.localdate(at), stage.closes_on, more=more)
        return day if day != stage.closes_on else None

    write_each(
        (
            (key, person, {**facts, "own_last_day": own_last_day(person)})
            for key, person in _readers(round, f"stage:{stage.pk}:opened")
        ),
        "stage_opened",
        by=by,
        at=at,
        chain=round.chain,
    )


def _readers(round: Round, key: str) -> list[tuple[str, Person]]:
    """Everybody who takes part, each with the key of their letter."""
    members = round.members.here().select_related("person")
    return [(f"{key}:{member.pk}", member.person) for member in members]


def _tell_of_close(
    round: Round, stage: Stage, stages: list[Stage], *, by: Person, at: datetime
) -> None:
    """What the close means for each person: until when they rest, and what comes next."""
    following = next((row for row in stages if not row.opened_at), None)
    longer, plan = rules.longer_rests([round]), rules.plan(stage)
    context = {
        "round": round,
        "stage": stage,
        "programme": round.programme,
        "following": following,
        "means": MEANS[following.kind] if following else "",
        "link": _timeline(round),
    }

    def rest_until(person: Person) -> date | None:
        more = longer.get((round.pk, person.pk), 0)
        return timetable.rest_until(timetable.longer([plan], more)[0])

    write_each(
        (
            (key, person, {**context, "rest_until": rest_until(person)})
            for key, person in _readers(round, f"stage:{stage.pk}:closed")
        ),
        "stage_closed",
        by=by,
        at=at,
        chain=round.chain,
        when=Letter.When.ANSWER,
    )


def _tell_of_new_days(
    round: Round,
    changed: list[Stage],
    *,
    rest: timetable.StagePlan | None,
    by: Person,
    at: datetime,
) -> None:
    """A letter about new dates, not before the first morning after this rest."""
    until = timetable.rest_until(rest) if rest else None
    morning = (
        timezone.make_aware(datetime.combine(until + timedelta(days=1), time(9))) if until else at
    )
    write_to_all(
        _readers(round, f"round:{round.pk}:dates:{at.isoformat()}"),
        "dates_changed",
        by=by,
        at=at,
        chain=round.chain,
        not_before=morning,
        context={
            "round": round,
            "stages": changed,
            "programme": round.programme,
            "link": _timeline(round),
        },
    )


def _timeline(round: Round) -> str:
    return f"{settings.BASE_URL}{reverse('round_timeline', args=[round.slug])}"
