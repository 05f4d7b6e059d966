"""What must be done here before a stage of the round may open or close."""

from datetime import date

from django.db.models import prefetch_related_objects
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.permissions import Verdict
from commissioning.models import StageKind
from commissioning.pace import AnyStage, lots_under
from commissioning.reminders import as_under_way
from decisions import rules
from decisions.models import OutcomeLetter
from decisions.tasks import all_tasks
from panels.models import Panel, Proposal


def gate(stage: AnyStage, move: str, *, on: date) -> Verdict:
    """Yes, or why the stage may not "open" or "close" on this day."""
    if move == "close" and on >= stage.closes_on:
        time_for_all = _time_for_all(stage, on=on)
        if not time_for_all:
            return time_for_all
    check = {
        ("close", StageKind.DECISION): _every_panel_decided,
        ("close", StageKind.LETTERS): _letters_have_gone,
        ("close", StageKind.REPORT): _report_agreed,
    }.get((move, StageKind(stage.kind)))
    return check(stage) if check else Verdict.yes()


def _time_for_all(stage: AnyStage, *, on: date) -> Verdict:
    """Nobody whose rest is longer still has days of their own for it, or the panels go on without.

    Only the day is said: who it is and why is theirs.
    """
    here = as_under_way([stage.round])
    if not here[0].longer and not here[0].lots:
        return Verdict.yes()
    prefetch_related_objects([stage.round], "stages")
    lots = set(lots_under(stage).values_list("pk", flat=True))
    late = (
        task.last_day
        for task in all_tasks(here)
        if task.moved and (not stage.for_lot or task.lot in lots)
    )
    last = max(late, default=on)
    if last <= on:
        return Verdict.yes()
    panels = Panel.objects.filter(lot__in=lots)
    agreed = panels.filter(
        proposals__kind=Proposal.Kind.CLOSE_EARLY,
        proposals__outcome=Proposal.Outcome.AGREED,
        proposals__data__stage=stage.kind,
    )
    if panels.exists() and not panels.exclude(pk__in=agreed.values("pk")).exists():
        return Verdict.yes()
    return Verdict.no(
        _(
            "Somebody’s rest is longer, as was agreed. They have until %(day)s. "
            "To close this sooner, the panels must agree."
        )
        % {"day": date_format(last, "l j F")}
    )


def _every_panel_decided(stage: AnyStage) -> Verdict:
    lots = set(lots_under(stage).values_list("pk", flat=True))
    waiting = [row for row in rules.undecided_panels(stage.round) if row.lot_id in lots]
    if not waiting:
        return Verdict.yes()
    names = ", ".join(panel.name for panel in waiting)
    return Verdict.no(_("These panels have not decided yet: %(names)s.") % {"names": names})


def _letters_have_gone(stage: AnyStage) -> Verdict:
    """Every outcome that stands has its letter, and none waits. An award on hold may wait."""
    round = stage.round
    for panel in Panel.objects.filter(round=round).select_related("lot", "round"):
        decision = rules.standing_decision(panel)
        if decision is None or rules.is_held(decision):
            continue
        told = OutcomeLetter.objects.filter(letter__isnull=False)
        untold = decision.outcomes.filter(application__withdrawn_at=None).exclude(
            application__in=told.filter(outcome__isnull=False).values("application")
        )
        if untold.exists():
            return Verdict.no(
                _("Letters of “%(panel)s” have not gone yet.") % {"panel": panel.name}
            )
    return Verdict.yes()


def _report_agreed(stage: AnyStage) -> Verdict:
    panels = Panel.objects.filter(round=stage.round_id)
    agreed = panels.filter(
        proposals__kind=Proposal.Kind.REPORT, proposals__outcome=Proposal.Outcome.AGREED
    )
    if panels.exclude(pk__in=agreed.values("pk")).exists():
        return Verdict.no(_("Not every panel has agreed the report yet."))
    return Verdict.yes()
