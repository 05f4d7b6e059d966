"""What must be done here before a stage of the round may open or close."""

from datetime import date

from django.db.models import prefetch_related_objects
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.permissions import Verdict
from commissioning.models import StageKind
from commissioning.pace import AnyStage, lots_under
from commissioning.reminders import as_under_way
from decisions import rules
from decisions.actions.letters import bids_that_wait
from decisions.models import Decision
from decisions.tasks import all_tasks
from panels.models import Panel, Proposal

MOST_NAMED = 10
"""How many groups that wait are named. The pages of the letters show all."""


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
    """Every group has had a letter that says what now stands. A decision on hold may wait."""
    panels = Panel.objects.filter(round=stage.round_id).select_related("lot", "round")
    bids = [bid for panel in panels for bid in bids_that_wait(panel)]
    if not bids:
        return Verdict.yes()
    names = [f"{bid.organisation.name} ({bid.reference})" for bid in bids[:MOST_NAMED]]
    more = len(bids) - len(names)
    if more:
        names.append(ngettext("%(count)s more", "%(count)s more", more) % {"count": more})
    return Verdict.no(
        _("Letters that say what now stands have not gone yet to: %(names)s.")
        % {"names": ", ".join(names)}
    )


def _report_agreed(stage: AnyStage) -> Verdict:
    """The panels agreed the report as it is. Pages ask: that each fact is the same, the close says
    (`actions.closing`)."""
    if not stage.round.panels.exists():
        return _letters_have_gone(stage)
    as_agreed = rules.report_as_agreed(stage.round)
    return as_agreed and _nothing_on_hold(stage) and _letters_have_gone(stage)


def _nothing_on_hold(stage: AnyStage) -> Verdict:
    """Else its groups would never hear: once this stage has closed, no letter goes."""
    standing = Decision.objects.standing().filter(panel__round=stage.round_id)
    rows = standing.select_related("panel").prefetch_related("ratifications")
    held = [row.panel.name for row in rows if rules.is_held(row)]
    if not held:
        return Verdict.yes()
    return Verdict.no(
        _(
            "Payment is stopped for a legal reason for: %(names)s. This stage can close when the "
            "trustees have lifted that, or when the panel has decided anew and its letters are out."
        )
        % {"names": ", ".join(held)}
    )
