"""Choosing, meeting and deciding: what must be done before these stages may open or close."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.permissions import Verdict
from applications.models import Application
from commissioning.models import Round, Stage, StageKind
from panels.models import Proposal
from panels.rules.meeting import FEWEST_AT_INTERVIEW, met_by_too_few


def gate(stage: Stage, move: str, *, on: date) -> Verdict:
    """Yes, or why one of these stages may not "open" or "close" on this day."""
    round = stage.round
    match (move, stage.kind):
        case ("close", StageKind.SHORTLIST):
            return every_bid_is_settled(round)
        case ("close", StageKind.INTERVIEWS):
            return enough_have_scored(round)
        case ("open", StageKind.DECISION):
            settled = every_bid_is_settled(round)
            return enough_have_scored(round) if settled else settled
    return Verdict.yes()


def every_bid_is_settled(round: Round) -> Verdict:
    """Every bid that goes on has a settled choice: meet them, or not this time."""
    left = Application.objects.eligible().filter(round=round, shortlistings=None)
    first = left.select_related("lot").first()
    if first is None:
        return Verdict.yes()
    return Verdict.no(
        _("The panel for “%(lot)s” has not settled yet whether to meet %(bid)s.")
        % {"lot": first.lot, "bid": first.reference}
    )


def enough_have_scored(round: Round) -> Verdict:
    """Every organisation the panel meets has enough members' scores, or the panel goes on
    without, by an agreed proposal."""
    agreed = {
        proposal.panel_id
        for proposal in Proposal.objects.filter(
            panel__round=round,
            kind=Proposal.Kind.CLOSE_EARLY,
            outcome=Proposal.Outcome.AGREED,
        )
        if proposal.data.get("stage") == StageKind.INTERVIEWS
    }
    for row in met_by_too_few(round):
        if row.panel_id not in agreed:
            facts = {"count": FEWEST_AT_INTERVIEW, "bid": row.application.reference}
            return Verdict.no(
                _("At least %(count)s panel members must score the meeting about %(bid)s.") % facts
            )
    return Verdict.yes()
