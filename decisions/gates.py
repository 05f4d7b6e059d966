"""What must be done here before a stage of the round may open or close."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.permissions import Verdict
from commissioning.models import Round, Stage, StageKind
from decisions import rules
from decisions.models import OutcomeLetter
from panels.models import Panel, Proposal


def gate(stage: Stage, move: str, *, on: date) -> Verdict:
    """Yes, or why the stage may not "open" or "close" on this day."""
    check = {
        ("close", StageKind.DECISION): _every_panel_decided,
        ("close", StageKind.LETTERS): _letters_have_gone,
        ("close", StageKind.REPORT): _report_agreed,
    }.get((move, StageKind(stage.kind)))
    return check(stage.round) if check else Verdict.yes()


def _every_panel_decided(round: Round) -> Verdict:
    waiting = rules.undecided_panels(round)
    if not waiting:
        return Verdict.yes()
    names = ", ".join(panel.name for panel in waiting)
    return Verdict.no(_("These panels have not decided yet: %(names)s.") % {"names": names})


def _letters_have_gone(round: Round) -> Verdict:
    """Every outcome that stands has its letter, and none waits. An award on hold may wait."""
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


def _report_agreed(round: Round) -> Verdict:
    panels = Panel.objects.filter(round=round)
    agreed = panels.filter(
        proposals__kind=Proposal.Kind.REPORT, proposals__outcome=Proposal.Outcome.AGREED
    )
    if panels.exclude(pk__in=agreed.values("pk")).exists():
        return Verdict.no(_("Not every panel has agreed the report yet."))
    return Verdict.yes()
