"""What may be put to a panel, who answers, and who may see the scores."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, holds, may
from applications.models import Application
from commissioning.models import StageKind
from commissioning.rules import stage_open
from panels.models import (
    Abstention,
    Assignment,
    Panel,
    Proposal,
    ProposalVote,
    ScoreSheet,
    Seat,
    StandingAside,
)

Kind = Proposal.Kind

STAFF_MAY_PUT = {
    Kind.LETTERS: Permission.SEND_LETTERS,
    Kind.REPORT: Permission.SEND_LETTERS,
    Kind.SHORTEN_REST: Permission.SET_UP,
    Kind.CLOSE_EARLY: Permission.SET_UP,
    Kind.ADD_MEMBER: Permission.INVITE_VOLUNTEERS,
    Kind.INTEREST: Permission.LOOK_AFTER,
}
"""What staff may ask a panel. All the rest only a member of the panel may put."""

NEEDS_STAGE = {
    Kind.OPEN_SCORES: StageKind.SHORTLIST,
    Kind.SHORTLIST: StageKind.SHORTLIST,
    Kind.OPEN_INTERVIEWS: StageKind.DECISION,
    Kind.REPORT: StageKind.REPORT,
}
"""The stage that must be open. A stage opens only after the rest before it, so rest is kept."""


def seat_of(panel: Panel, person: Person) -> Seat | None:
    """The seat this person holds on the panel today."""
    return Seat.objects.held().filter(panel=panel, member__person=person).first()


def stands_aside_from_lot(panel: Panel, person: Person) -> bool:
    """Whether the person takes no part in anything of this panel's lot."""
    return StandingAside.objects.filter(
        member__person=person, lot=panel.lot_id, application=None
    ).exists()


def takes_part(panel: Panel, person: Person) -> Verdict:
    """Whether a person sits on this panel and does not stand aside from its lot."""
    if seat_of(panel, person) is None:
        return Verdict.no(_("You do not sit on this panel."))
    if stands_aside_from_lot(panel, person):
        return Verdict.no(_("You are standing aside from this part of the money."))
    return Verdict.yes()


def entitled(panel: Panel, application: Application | None = None) -> QuerySet[Seat]:
    """The seats that may answer: held today, and not standing aside from the lot or the bid."""
    aside = StandingAside.objects.filter(
        Q(application=None) | Q(application=application),
        member=OuterRef("member"),
        lot=panel.lot_id,
    )
    return Seat.objects.held().filter(~Exists(aside), panel=panel)


def may_put(
    panel: Panel, kind: str, by: Person, *, on: date, application: Application | None = None
) -> Verdict:
    """Whether this person may put this kind of thing to the panel now."""
    staff = STAFF_MAY_PUT.get(Kind(kind))
    if not (staff and holds(by, staff)):
        allowed = may(by, Permission.VOTE)
        part = takes_part(panel, by)
        if not allowed or not part:
            return part if allowed else allowed
    if kind in NEEDS_STAGE:
        stage = stage_open(panel.round, NEEDS_STAGE[Kind(kind)], on=on)
        if not stage:
            return stage
    if kind == Kind.SHORTLIST and not panel.scores_opened_at:
        return Verdict.no(_("First the panel opens its scores. Then you can choose who to meet."))
    if kind == Kind.OPEN_SCORES and panel.scores_opened_at:
        return Verdict.no(_("The scores are open already."))
    if kind == Kind.OPEN_INTERVIEWS and panel.interviews_opened_at:
        return Verdict.no(_("The interview scores are open already."))
    if (
        Proposal.objects.filter(panel=panel, kind=kind, application=application, settled_at=None)
        .exclude(kind=Kind.OTHER)
        .exists()
    ):
        return Verdict.no(_("This is in front of the panel already. Answer that one first."))
    return Verdict.yes()


def may_vote(proposal: Proposal, seat: Seat, by: Person) -> Verdict:
    """Whether this seat may answer now: its own member, or staff who type for them."""
    own = seat.member.person_id == by.pk
    allowed = may(by, Permission.VOTE if own else Permission.TYPE_FOR)
    if not allowed:
        return allowed
    if proposal.settled_at:
        return Verdict.no(_("The panel has settled this already."))
    if not entitled(proposal.panel, proposal.application).filter(pk=seat.pk).exists():
        return Verdict.no(_("Only panel members who do not stand aside can answer this."))
    if ProposalVote.objects.filter(proposal=proposal, seat=seat).exists():
        return Verdict.no(_("You have answered this already."))
    return Verdict.yes()


def may_confirm_vote(vote: ProposalVote, by: Person) -> Verdict:
    """Whether this person may confirm a vote that was typed for them."""
    if vote.seat.member.person_id != by.pk:
        return Verdict.no(_("Only the panel member can confirm their own answer."))
    if vote.typed_by_id is None or vote.confirmed_at:
        return Verdict.no(_("There is nothing to confirm here."))
    return Verdict.yes()


def has_finished_reading(panel: Panel, person: Person) -> bool:
    """Whether none of this person's bids in the lot still waits for their scores."""
    waiting = Assignment.objects.current().filter(
        member__person=person, application__lot=panel.lot_id, application__withdrawn_at=None
    )
    sent = ScoreSheet.objects.counting().filter(
        member=OuterRef("member"), application=OuterRef("application"), phase="reading"
    )
    return (
        not waiting.filter(~Exists(sent))
        .exclude(Exists(Abstention.objects.filter(assignment=OuterRef("pk"))))
        .exists()
    )


def may_see_scores(panel: Panel, person: Person) -> Verdict:
    """Whether a person may see the panel's scores: never before the panel opens them, then its
    members who do not stand aside and have sent their own, and the facilitators."""
    if not panel.scores_opened_at:
        return Verdict.no(_("The panel has not opened its scores yet. Nobody can see them."))
    if holds(person, Permission.RUN_MEETINGS):
        return Verdict.yes()
    part = takes_part(panel, person)
    if not part:
        return part
    if not has_finished_reading(panel, person):
        return Verdict.no(
            _("You still have scores to send. You will see the others' after you send yours.")
        )
    return Verdict.yes()
