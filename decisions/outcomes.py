"""What follows here when a panel has settled a proposal: its letters, or the report."""

from datetime import datetime

from accounts.models import Person
from decisions.models import OutcomeLetter, ReportApproval
from panels.models import Proposal


def settled(proposal: Proposal, *, by: Person, at: datetime) -> None:
    """Called in the transaction that settled a proposal. Only agreement has an effect."""
    if proposal.outcome != Proposal.Outcome.AGREED:
        return
    if proposal.kind == Proposal.Kind.LETTERS:
        _letters_agreed(proposal)
    elif proposal.kind == Proposal.Kind.REPORT:
        _report_agreed(proposal, at=at)


def _letters_agreed(proposal: Proposal) -> None:
    """Mark each letter whose words are still those the panel read."""
    for pk, digest in proposal.data.get("letters", {}).items():
        OutcomeLetter.objects.filter(
            pk=pk,
            digest=digest,
            approved_by_proposal=None,
            application__lot=proposal.panel.lot_id,
        ).update(approved_by_proposal=proposal)


def _report_agreed(proposal: Proposal, *, at: datetime) -> None:
    ReportApproval.objects.create(
        round_id=proposal.panel.round_id,
        panel=proposal.panel,
        proposal=proposal,
        digest=proposal.data["digest"],
        approved_at=at,
    )
