"""What follows in the panel when it has settled something. Runs inside the same transaction."""

from datetime import datetime

from accounts.models import Person
from applications.actions import return_bid
from applications.models import Application
from applications.rules import newest_ruling
from commissioning.actions import confirm_by_panel
from commissioning.models import Member
from panels.actions.interviews import free_slot
from panels.actions.proposals import drop_proposals_about
from panels.models import Interest, Proposal, Shortlisting, StandingAside

Kind = Proposal.Kind


def bid_withdrawn(application: Application, *, by: Person, at: datetime) -> None:
    """The bid was taken back: its time to meet the panel is free again, if it is still to come, and
    what was put to the panel about it goes off the table."""
    drop_proposals_about(application, by=by, at=at)
    free_slot(application, by=by, at=at)


def settled(proposal: Proposal, *, by: Person, at: datetime) -> None:
    """Carry out a settled proposal; kinds that other apps look after are left to them."""
    agreed = proposal.outcome == Proposal.Outcome.AGREED
    if agreed and proposal.kind == Kind.OPEN_SCORES:
        proposal.panel.scores_opened_at = at
        proposal.panel.save(update_fields=["scores_opened_at"])
    elif agreed and proposal.kind == Kind.OPEN_INTERVIEWS:
        proposal.panel.interviews_opened_at = at
        proposal.panel.save(update_fields=["interviews_opened_at"])
    elif agreed and proposal.kind == Kind.SHORTLIST:
        _shortlist(proposal, at=at)
    elif agreed and proposal.kind == Kind.RETURN_BID:
        _return_bid(proposal, at=at)
    elif agreed and proposal.kind == Kind.ADD_MEMBER:
        member = Member.objects.get(pk=proposal.data["member"])
        confirm_by_panel(member=member, by=by, at=at)
    elif proposal.kind == Kind.INTEREST and proposal.outcome == Proposal.Outcome.NOT_AGREED:
        _stand_aside(proposal, at=at)


def _shortlist(proposal: Proposal, *, at: datetime) -> None:
    if proposal.application is None:
        raise ValueError("A choice of who to meet is about one bid.")
    before = Shortlisting.objects.filter(application=proposal.application, replaced_by=None).first()
    Shortlisting.objects.create(
        panel=proposal.panel,
        application=proposal.application,
        outcome=proposal.data["outcome"],
        reason=proposal.words,
        criterion_id=proposal.data.get("criterion"),
        by_criterion=proposal.data.get("by_criterion", {}),
        proposal=proposal,
        replaces=before,
        settled_at=at,
    )


def _return_bid(proposal: Proposal, *, at: datetime) -> None:
    """The bid goes on. By the member who put it: staff may only have confirmed a typed answer."""
    ruling = newest_ruling(proposal.application) if proposal.application else None
    if ruling is None:
        raise ValueError("A bid that is asked for has a ruling.")
    return_bid(eligibility=ruling, reason=proposal.words, by=proposal.put_by, at=at)


def _stand_aside(proposal: Proposal, *, at: datetime) -> None:
    """The panel would rather the member stood aside from this one bid."""
    interest = Interest.objects.select_related("application").get(pk=proposal.data["interest"])
    StandingAside.objects.create(
        member_id=interest.member_id,
        lot_id=interest.application.lot_id,
        application=interest.application,
        interest=interest,
        began_at=at,
    )
