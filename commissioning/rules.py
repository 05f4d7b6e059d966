"""What may and may not be done in a round: facts about stages and rests, never writing."""

from datetime import date

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Verdict
from commissioning import timetable
from commissioning.models import Member, Round, Stage, StageKind


def plan(stage: Stage) -> timetable.StagePlan:
    """A stage row as the plain value the timetable works with."""
    return timetable.StagePlan(
        kind=stage.kind,
        opens_on=stage.opens_on,
        closes_on=stage.closes_on,
        recovery_days=stage.recovery_days,
        opened_on=timezone.localdate(stage.opened_at) if stage.opened_at else None,
        closed_on=timezone.localdate(stage.closed_at) if stage.closed_at else None,
    )


def plans(round: Round) -> list[timetable.StagePlan]:
    """All of a round's stages, in order (one query, or none where stages are prefetched)."""
    return [plan(stage) for stage in sorted(round.stages.all(), key=lambda row: row.order)]


def resting(round: Round, *, on: date) -> Verdict:
    """Whether the round's volunteers rest on this day; the sentence says until when."""
    stage = timetable.resting(plans(round), on)
    if stage is None:
        return Verdict.no(_("This is not a time of rest."))
    until = timetable.rest_until(stage)
    return Verdict(
        True,
        _("This is a time of rest, until %(day)s. Nothing is due.")
        % {"day": date_format(until, "l j F") if until else ""},
    )


def stage_open(round: Round, kind: str, *, on: date) -> Verdict:
    """Whether a stage is open now: it was opened, it is not closed. Dates alone close nothing."""
    stage = next((row for row in round.stages.all() if row.kind == kind), None)
    name = StageKind(kind).label
    if stage is None:
        return Verdict.no(_("This round has no stage called “%(name)s”.") % {"name": name})
    if stage.closed_at:
        return Verdict.no(
            _("“%(name)s” closed on %(day)s.")
            % {"name": name, "day": date_format(timezone.localdate(stage.closed_at), "l j F")}
        )
    if not stage.opened_at:
        return Verdict.no(
            _("“%(name)s” has not opened yet. It is planned for %(day)s.")
            % {"name": name, "day": date_format(stage.opens_on, "l j F")}
        )
    return Verdict.yes()


def is_member(round: Round, person: Person) -> Verdict:
    """Whether a person takes part in this round: a volunteer who said yes and has not left."""
    if Member.objects.here().filter(round=round, person=person).exists():
        return Verdict.yes()
    return Verdict.no(_("You are not taking part in this round."))


def _gates(stage: Stage, move: str, on: date) -> Verdict:
    for name in settings.STAGE_GATES:
        verdict: Verdict = import_string(name)(stage, move, on=on)
        if not verdict:
            return verdict
    return Verdict.yes()


def may_open_stage(stage: Stage, *, on: date) -> Verdict:
    """Whether a stage may open: order and rests are kept, and every app says it is ready."""
    refusal = timetable.may_open(plans(stage.round), stage.kind, on)
    return Verdict.no(in_words(refusal)) if refusal else _gates(stage, "open", on)


def may_close_stage(stage: Stage, *, on: date, agreed: bool = False) -> Verdict:
    """Whether a stage may close. Before its last day only with the panel's agreement."""
    refusal = timetable.may_close(plans(stage.round), stage.kind, on, agreed=agreed)
    return Verdict.no(in_words(refusal)) if refusal else _gates(stage, "close", on)


def in_words(sentence: timetable.Sentence) -> str:
    """A sentence of the timetable in the reader's language, with its days written out."""
    return sentence.translated(_, lambda day: date_format(day, "l j F Y"))
