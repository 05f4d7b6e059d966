"""Putting something to the panel, answering it, and what follows once it is settled."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Refused
from applications.models import Application
from commissioning import agreement
from ledger.actions import record
from panels.models import Panel, Proposal, ProposalVote, Seat
from panels.rules import proposals as rules


@transaction.atomic
def put_to_panel(
    *,
    panel: Panel,
    kind: str,
    by: Person,
    at: datetime,
    application: Application | None = None,
    words: str = "",
    data: Mapping[str, Any] | None = None,
) -> Proposal:
    """Put something to the panel. Nothing follows until the panel has settled it."""
    Panel.objects.select_for_update().get(pk=panel.pk)
    on = timezone.localdate(at)
    rules.may_put(panel, kind, by, on=on, application=application).require()
    proposal = Proposal.objects.create(
        panel=panel,
        kind=kind,
        application=application,
        words=words.strip(),
        data=dict(data or {}),
        put_at=at,
        put_by=by,
    )
    record(
        chain=panel.round.chain,
        verb="put_to_panel",
        by=by,
        at=at,
        proposal=proposal.pk,
        panel=panel.pk,
        kind=kind,
        bid=application.pk if application else None,
    )
    return proposal


@transaction.atomic
def vote_on_proposal(
    *, proposal: Proposal, seat: Seat, choice: str, by: Person, at: datetime, words: str = ""
) -> ProposalVote:
    """One seat answers. Typed by staff it is kept, and counts once the member confirms it."""
    proposal = _locked(proposal)
    rules.may_vote(proposal, seat, by).require()
    typed = seat.member.person_id != by.pk
    vote = ProposalVote.objects.create(
        proposal=proposal,
        seat=seat,
        choice=choice,
        words=words.strip(),
        voted_at=at,
        typed_by=by if typed else None,
    )
    _settle(proposal, by=by, at=at)
    record(
        chain=proposal.panel.round.chain,
        verb="typed_vote" if typed else "voted",
        by=by,
        at=at,
        proposal=proposal.pk,
        seat=seat.pk,
        choice=choice,
        settled=proposal.outcome or None,
    )
    return vote


@transaction.atomic
def confirm_vote(*, vote: ProposalVote, by: Person, at: datetime) -> None:
    """The member confirms a vote that was typed for them; now it counts."""
    proposal = _locked(vote.proposal)
    rules.may_confirm_vote(vote, by).require()
    if proposal.settled_at:
        raise Refused(_("The panel has settled this already."))
    ProposalVote.objects.filter(pk=vote.pk, confirmed_at=None).update(
        confirmed_at=at, confirmed_by=by
    )
    _settle(proposal, by=by, at=at)
    record(
        chain=proposal.panel.round.chain,
        verb="confirmed_vote",
        by=by,
        at=at,
        proposal=proposal.pk,
        seat=vote.seat_id,
        settled=proposal.outcome or None,
    )


@transaction.atomic
def drop_proposal(*, proposal: Proposal, by: Person, at: datetime) -> None:
    """Whoever put it takes it off the table before it is settled."""
    proposal = _locked(proposal)
    if proposal.settled_at:
        raise Refused(_("The panel has settled this already."))
    if proposal.put_by_id != by.pk:
        raise Refused(_("Only the person who put this to the panel can take it back."))
    _finish(proposal, Proposal.Outcome.DROPPED, by=by, at=at)
    record(
        chain=proposal.panel.round.chain,
        verb="dropped_proposal",
        by=by,
        at=at,
        proposal=proposal.pk,
    )


def _locked(proposal: Proposal) -> Proposal:
    """The proposal under its panel's lock, so that the last votes are counted one by one."""
    Panel.objects.select_for_update().get(pk=proposal.panel_id)
    return Proposal.objects.select_related("panel__round__chain", "application").get(pk=proposal.pk)


def _settle(proposal: Proposal, *, by: Person, at: datetime) -> None:
    """Settle it when nothing the others could still say would change the outcome."""
    seats = set(rules.entitled(proposal.panel, proposal.application).values_list("pk", flat=True))
    choices = {
        vote.seat_id: agreement.Choice(vote.choice)
        for vote in proposal.votes.all()
        if vote.seat_id in seats and (vote.typed_by_id is None or vote.confirmed_at)
    }
    quorum = proposal.panel.round.quorum
    outcome = agreement.settle(choices, len(seats), quorum)
    done = len(choices) == len(seats) or agreement.certain(choices, len(seats), quorum)
    if outcome is not agreement.Outcome.NOT_ENOUGH_YET and done:
        _finish(proposal, Proposal.Outcome(outcome.value), by=by, at=at)


def _finish(proposal: Proposal, outcome: Proposal.Outcome, *, by: Person, at: datetime) -> None:
    proposal.outcome, proposal.settled_at = outcome, at
    proposal.save(update_fields=["outcome", "settled_at"])
    for name in settings.PROPOSAL_OUTCOMES:
        import_string(name)(proposal, by=by, at=at)
