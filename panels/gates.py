"""What must be done here before a stage of the round may open or close."""

from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.permissions import Verdict
from applications.models import Application
from commissioning.models import Round, StageKind
from commissioning.pace import AnyStage, lots_under
from panels import meeting_gates
from panels.models import Panel, Proposal
from panels.rules.scoring import unsent
from panels.rules.seats import FEWEST_SEATS
from panels.rules.share import over_their_limit, share_is_confirmed, without_enough_readers


def gate(stage: AnyStage, move: str, *, on: date) -> Verdict:
    """Yes, or why the stage may not "open" or "close" on this day."""
    if move == "open" and stage.kind == StageKind.SHARING:
        return _panels_are_there(stage.round)
    if move == "open" and stage.kind == StageKind.SCORING:
        return _bids_are_shared(stage.round)
    if move == "close" and stage.kind == StageKind.SCORING:
        return _scores_are_in(stage)
    return meeting_gates.gate(stage, move, on=on)


def _panels_are_there(round: Round) -> Verdict:
    """Every lot with bids has a panel with enough seats."""
    lots = round.lots.filter(applications__in=Application.objects.eligible()).distinct()
    held = Count("panel__seats", filter=Q(panel__seats__ended_at=None), distinct=True)
    for lot in lots.annotate(held=held).order_by("order", "pk"):
        if vars(lot)["held"] < FEWEST_SEATS:
            return Verdict.no(
                _("The lot “%(lot)s” needs a panel with at least 4 seats first.") % {"lot": lot}
            )
    return Verdict.yes()


def _bids_are_shared(round: Round) -> Verdict:
    """Every bid has its readers, and nobody has more than they said they could read."""
    if not share_is_confirmed(round):
        return Verdict.no(_("The bids must be shared out first."))
    missing = without_enough_readers(round)
    if missing:
        return Verdict.no(
            _("The bid %(bid)s needs %(count)s readers first.")
            % {"bid": missing[0].reference, "count": round.readers_per_bid}
        )
    over = over_their_limit(round)
    if over:
        return Verdict.no(
            _("%(name)s asked for fewer bids. Please change their share first.") % {"name": over[0]}
        )
    return Verdict.yes()


def _scores_are_in(stage: AnyStage) -> Verdict:
    """Nothing is unsent, or each panel concerned has agreed to go on without it."""
    left = unsent(stage.round).filter(application__lot__in=lots_under(stage))
    lots = set(left.values_list("application__lot", flat=True))
    for panel in Panel.objects.filter(lot__in=lots):
        agreed = Proposal.objects.filter(
            panel=panel, kind=Proposal.Kind.CLOSE_EARLY, outcome=Proposal.Outcome.AGREED
        )
        if not any(proposal.data.get("stage") == StageKind.SCORING for proposal in agreed):
            return Verdict.no(
                _("Some scores are not sent yet. “%(panel)s” must agree to go on without them.")
                % {"panel": panel}
            )
        lots.discard(panel.lot_id)
    if lots:
        return Verdict.no(_("Some scores are not sent yet, in a lot that has no panel."))
    return Verdict.yes()
