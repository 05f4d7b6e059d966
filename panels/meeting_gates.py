"""Choosing, meeting and deciding: what must be done before these stages may open or close."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.permissions import Verdict
from applications.models import Application
from commissioning.models import StageKind
from commissioning.pace import AnyStage, lots_under
from panels.models import Proposal
from panels.rules.meeting import FEWEST_AT_INTERVIEW, met_by_too_few


def gate(stage: AnyStage, move: str, *, on: date) -> Verdict:
    """Yes, or why one of these stages may not "open" or "close" on this day."""
    match (move, stage.kind):
        case ("close", StageKind.SHORTLIST):
            return every_bid_is_settled(stage)
        case ("close", StageKind.INTERVIEWS):
            return enough_have_scored(stage)
        case ("open", StageKind.DECISION):
            settled = every_bid_is_settled(stage)
            return enough_have_scored(stage) if settled else settled
    return Verdict.yes()


def every_bid_is_settled(stage: AnyStage) -> Verdict:
    """Every bid that goes on has a settled choice: meet them, or not this time."""
    left = Application.objects.eligible().filter(
        round=stage.round_id, lot__in=lots_under(stage), shortlistings=None
    )
    first = left.select_related("lot").first()
    if first is None:
        return Verdict.yes()
    return Verdict.no(
        _("The panel for “%(lot)s” has not settled yet whether to meet %(bid)s.")
        % {"lot": first.lot, "bid": first.reference}
    )


def enough_have_scored(stage: AnyStage) -> Verdict:
    """Every organisation the panel meets has enough members' scores, or the panel goes on
    without, by an agreed proposal."""
    agreed = {
        proposal.panel_id
        for proposal in Proposal.objects.filter(
            panel__lot__in=lots_under(stage),
            kind=Proposal.Kind.CLOSE_EARLY,
            outcome=Proposal.Outcome.AGREED,
        )
        if proposal.data.get("stage") == StageKind.INTERVIEWS
    }
    lots = set(lots_under(stage).values_list("pk", flat=True))
    for row in met_by_too_few(stage.round):
        if row.panel_id not in agreed and row.panel.lot_id in lots:
            facts = {"count": FEWEST_AT_INTERVIEW, "bid": row.application.reference}
            return Verdict.no(
                _("At least %(count)s panel members must score the meeting about %(bid)s.") % facts
            )
    return Verdict.yes()
