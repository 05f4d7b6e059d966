"""Putting something to the panel, answering it, and what follows once it is settled."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from applications.models import Application
from commissioning import agreement
from commissioning.actions import close_stage, set_stage_dates
from commissioning.models import Choice
from commissioning.pace import AnyStage, stage_of
from commissioning.rules import StageDays
from ledger.actions import record
from ledger.models import Letter
from ledger.trail import digest
from panels.models import Panel, Proposal, ProposalVote, Seat
from panels.rules import proposals as rules

MANY_A_DAY = frozenset({Proposal.Kind.SHORTLIST, Proposal.Kind.INTEREST})
"""Kinds of which a panel has many in one meeting: told of by one letter a day, not one each."""

NEEDS_WORDS = frozenset({Proposal.Kind.OTHER, Proposal.Kind.RETURN_BID})
"""Kinds whose words are the matter itself, or the reason that is kept."""

TOLD_ELSEWHERE = frozenset({Proposal.Kind.LETTERS, Proposal.Kind.REPORT})
"""Kinds that whoever puts them writes about, with pages of their own."""


# ---- Putting ---------------------------------------------------------------------------------
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
    panel = (
        Panel.objects.select_for_update(of=("self",))
        .select_related("round__chain")
        .get(pk=panel.pk)
    )
    on = timezone.localdate(at)
    rules.may_put(panel, kind, by, on=on, application=application).require()
    if kind in NEEDS_WORDS and not words.strip():
        raise Refused(_("Write what you put to the panel."))
    proposal = Proposal.objects.create(
        panel=panel,
        kind=kind,
        application=application,
        words=words.strip(),
        data=dict(data or {}),
        put_at=at,
        put_by=by,
    )
    tell_panel(proposal, by=by, at=at)
    record(
        chain=panel.round.chain,
        verb="put_to_panel",
        by=by,
        at=at,
        proposal=proposal.pk,
        panel=panel.pk,
        kind=str(kind),
        bid=application.pk if application else None,
        words=digest(proposal.words) if proposal.words else "",
        **_mark_of_more(proposal.data.get("by_criterion")),
    )
    return proposal


def _mark_of_more(by_criterion: Mapping[str, str] | None) -> dict[str, str]:
    if not by_criterion:
        return {}
    return {"by_criterion": digest(json.dumps(by_criterion, sort_keys=True))}


def tell_panel(proposal: Proposal, *, by: Person, at: datetime) -> None:
    """Write to each seat that may answer, once. Whoever put it knows. Runs in a transaction."""
    if proposal.kind in TOLD_ELSEWHERE:
        return
    panel = proposal.panel
    what = (
        f"{panel.pk}-{timezone.localdate(at)}-many"
        if proposal.kind in MANY_A_DAY
        else f"{panel.pk}-{proposal.pk}"
    )
    for seat in rules.entitled_to(proposal).select_related("member__person"):
        if seat.member.person_id != by.pk:
            write_to(
                seat.member.person,
                "put_to_panel",
                key=f"put-to-panel-{what}-{seat.pk}",
                by=by,
                at=at,
                chain=panel.round.chain,
                context={
                    "proposal": proposal,
                    "panel": panel,
                    "many": proposal.kind in MANY_A_DAY,
                },
            )


@transaction.atomic
def drop_proposal(*, proposal: Proposal, by: Person, at: datetime) -> None:
    """Whoever put it takes it off the table before it is settled."""
    proposal = _locked(proposal)
    rules.may_drop(proposal, by).require()
    _finish(proposal, Proposal.Outcome.DROPPED, by=by, at=at)
    record(
        chain=proposal.panel.round.chain,
        verb="dropped_proposal",
        by=by,
        at=at,
        proposal=proposal.pk,
    )


def drop_proposals_about(application: Application, *, by: Person, at: datetime) -> None:
    """Take off the table whatever is put to the panel about a bid that was taken back."""
    open_now = Proposal.objects.filter(application=application, settled_at=None)
    for proposal in open_now.order_by("pk"):
        proposal = _locked(proposal)
        if proposal.settled_at is None:
            _finish(proposal, Proposal.Outcome.DROPPED, by=by, at=at)
            record(
                chain=proposal.panel.round.chain,
                verb="dropped_proposal_with_bid",
                by=by,
                at=at,
                proposal=proposal.pk,
                application=application.pk,
            )


# ---- Answering -------------------------------------------------------------------------------
@transaction.atomic
def vote_on_proposal(
    *, proposal: Proposal, seat: Seat, choice: str, by: Person, at: datetime, words: str = ""
) -> ProposalVote:
    """One seat answers. Typed by staff it is kept, and counts once it is confirmed."""
    proposal = _locked(proposal)
    rules.may_vote(proposal, seat, by, on=timezone.localdate(at)).require()
    if choice not in Choice.values:
        raise Refused(_("Choose one of the three answers."))
    typed = seat.member.person_id != by.pk
    vote = ProposalVote.objects.create(
        proposal=proposal,
        seat=seat,
        choice=choice,
        words=words.strip(),
        voted_at=at,
        typed_by=by if typed else None,
    )
    if typed:
        _ask_to_confirm(vote, by=by, at=at)
    else:
        _settle(proposal, by=by, at=at)
    record(
        chain=proposal.panel.round.chain,
        verb="typed_vote" if typed else "voted",
        by=by,
        at=at,
        proposal=proposal.pk,
        seat=seat.pk,
        vote=vote.pk,
        choice=str(choice),
        settled=proposal.outcome or None,
    )
    return vote


def _ask_to_confirm(vote: ProposalVote, *, by: Person, at: datetime) -> None:
    write_to(
        vote.seat.member.person,
        "panel_vote_typed",
        key=f"panel-vote-typed-{vote.pk}",
        by=by,
        at=at,
        chain=vote.proposal.panel.round.chain,
        when=Letter.When.ANSWER,
        context={"vote": vote, "proposal": vote.proposal, "typist": by},
    )


@transaction.atomic
def confirm_vote(*, vote: ProposalVote, by: Person, at: datetime) -> None:
    """The member, or a second person with the signed sheet, says that a typed vote is right."""
    proposal = _locked(vote.proposal)
    vote = ProposalVote.objects.select_related("seat__member__person").get(pk=vote.pk)
    vote.proposal = proposal
    rules.may_confirm_vote(vote, by, on=timezone.localdate(at)).require()
    vote.confirmed_at, vote.confirmed_by = at, by
    vote.save(update_fields=["confirmed_at", "confirmed_by"])
    own = vote.seat.member.person_id == by.pk
    if not own:
        write_to(
            vote.seat.member.person,
            "panel_vote_confirmed",
            key=f"panel-vote-confirmed-{vote.pk}",
            by=by,
            at=at,
            chain=proposal.panel.round.chain,
            when=Letter.When.ANSWER,
            context={"vote": vote, "proposal": proposal, "checker": by},
        )
    _settle(proposal, by=by, at=at)
    record(
        chain=proposal.panel.round.chain,
        verb="confirmed_vote",
        by=by,
        at=at,
        proposal=proposal.pk,
        seat=vote.seat_id,
        vote=vote.pk,
        own=own,
        settled=proposal.outcome or None,
    )


@transaction.atomic
def count_answers(*, proposal: Proposal, by: Person, at: datetime) -> Proposal:
    """A member has the answers counted that are there: the rest did not come, or left the panel."""
    proposal = _locked(proposal)
    rules.may_count(proposal, by, on=timezone.localdate(at)).require()
    _settle(proposal, by=by, at=at, without_the_rest=True)
    record(
        chain=proposal.panel.round.chain,
        verb="counted_answers",
        by=by,
        at=at,
        proposal=proposal.pk,
        settled=proposal.outcome or None,
    )
    return proposal


def _locked(proposal: Proposal) -> Proposal:
    """The proposal under its panel's lock, so that the last votes are counted one by one."""
    Panel.objects.select_for_update().get(pk=proposal.panel_id)
    return Proposal.objects.select_related("panel__round__chain", "application").get(pk=proposal.pk)


def _settle(
    proposal: Proposal, *, by: Person, at: datetime, without_the_rest: bool = False
) -> None:
    """Settle it when nothing the others could still say would change the outcome."""
    seats = set(rules.entitled_to(proposal).values_list("pk", flat=True))
    choices = {
        vote.seat_id: agreement.Choice(vote.choice)
        for vote in ProposalVote.objects.counting().filter(proposal=proposal)
        if vote.seat_id in seats
    }
    quorum = rules.needed_for(proposal.panel, len(seats))
    outcome = agreement.settle(choices, len(seats), quorum)
    done = (
        without_the_rest
        or len(choices) == len(seats)
        or agreement.certain(choices, len(seats), quorum)
    )
    if outcome is not agreement.Outcome.NOT_ENOUGH_YET and done:
        _finish(proposal, Proposal.Outcome(outcome.value), by=by, at=at)


def _finish(proposal: Proposal, outcome: Proposal.Outcome, *, by: Person, at: datetime) -> None:
    proposal.outcome, proposal.settled_at = outcome, at
    proposal.save(update_fields=["outcome", "settled_at"])
    for name in settings.PROPOSAL_OUTCOMES:
        import_string(name)(proposal, by=by, at=at)


# ---- What was agreed about dates -------------------------------------------------------------
@transaction.atomic
def carry_out_proposal(*, proposal: Proposal, by: Person, at: datetime) -> AnyStage:
    """A facilitator does what the panels agreed about a stage: its days of rest, or its end."""
    proposal = _locked(proposal)
    rules.may_carry_out(proposal, by).require()
    round = proposal.panel.round
    stage = stage_of(round, proposal.data["stage"], proposal.panel.lot_id)
    if stage is None:
        raise Refused(_("This round has no such stage."))
    if proposal.kind == Proposal.Kind.SHORTEN_REST:
        days = StageDays(stage.opens_on, stage.closes_on, int(proposal.data["recovery_days"]))
        set_stage_dates(
            round=round,
            days={stage.kind: days},
            by=by,
            at=at,
            agreed=True,
            lot=stage.for_lot,
        )
    else:
        close_stage(stage=stage, by=by, at=at, agreed=True)
    record(
        chain=round.chain,
        verb="carried_out_proposal",
        by=by,
        at=at,
        proposal=proposal.pk,
        stage=stage.pk,
    )
    return stage
