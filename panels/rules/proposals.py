"""What may be put to a panel, who answers, and who may see the scores."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Person
from accounts.permissions import Permission, Verdict, holds, may
from applications.models import Application
from applications.rules import may_return, newest_ruling
from commissioning import agreement
from commissioning.models import Member, StageKind
from commissioning.pace import lots_under, stage_of
from commissioning.rules import stage_open
from panels.models import CombineRule, Meeting, Panel, Proposal, ProposalVote, Seat, StandingAside
from panels.rules.share import share_is_confirmed
from panels.rules.visits import visit_of, waiting_for_scores

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
    Kind.RETURN_BID: StageKind.ELIGIBILITY,
    Kind.SHARE_AIM: StageKind.SHARING,
    Kind.OPEN_SCORES: StageKind.SHORTLIST,
    Kind.SHORTLIST: StageKind.SHORTLIST,
    Kind.OPEN_INTERVIEWS: StageKind.DECISION,
    Kind.REPORT: StageKind.REPORT,
}
"""The stage that must be open. A stage opens only after the rest before it, so rest is kept."""

TOO_LATE_TO_COMBINE = gettext_lazy(
    "The interview scores are open. How they count had to be agreed before anybody saw them."
)

DAYS_TO_ANSWER = 3
"""How long something lies in front of a panel before its members may count without the last few."""


# ---- Who takes part -------------------------------------------------------------------------
def seat_of(panel: Panel, person: Person) -> Seat | None:
    """The seat this person holds on the panel today."""
    return (
        Seat.objects.held().filter(panel=panel, member__person=person).select_related("member")
    ).first()


def stands_aside_from_lot(panel: Panel, person: Person) -> bool:
    """Whether the person takes no part in anything of this panel's lot."""
    return StandingAside.objects.filter(
        member__person=person, lot=panel.lot_id, application=None
    ).exists()


def takes_part(panel: Panel, person: Person) -> Verdict:
    """Whether a person sits on this panel and does not stand aside from its lot."""
    return visit_of(panel, person).takes_part


def entitled(panel: Panel, application: Application | None = None) -> QuerySet[Seat]:
    """The seats that may answer: held today, and not standing aside from the lot or the bid."""
    aside = StandingAside.objects.filter(
        Q(application=None) | Q(application=application),
        member=OuterRef("member"),
        lot=panel.lot_id,
    )
    return Seat.objects.held().filter(~Exists(aside), panel=panel)


def entitled_to(proposal: Proposal) -> QuerySet[Seat]:
    """The seats that may answer this. Nobody answers on their own interest."""
    seats = entitled(proposal.panel, proposal.application)
    if proposal.kind == Kind.INTEREST:
        return seats.exclude(member=proposal.data.get("member"))
    return seats


@dataclass(frozen=True, slots=True)
class Tables:
    """Who sits at several panels' tables, and who stands aside from what."""

    seats: Mapping[int, Sequence[Seat]]
    aside: frozenset[tuple[int, int, int | None]]
    """Member, lot, and the bid; no bid: the whole lot."""

    def entitled(self, panel: Panel, application: int | None = None) -> list[Seat]:
        """The same seats as `entitled` finds for one panel."""
        return [
            seat
            for seat in self.seats.get(panel.pk, ())
            if (seat.member_id, panel.lot_id, None) not in self.aside
            and (seat.member_id, panel.lot_id, application) not in self.aside
        ]

    def entitled_to(self, proposal: Proposal) -> list[Seat]:
        """The same seats as `entitled_to` finds for one proposal."""
        seats = self.entitled(proposal.panel, proposal.application_id)
        if proposal.kind == Kind.INTEREST:
            return [seat for seat in seats if seat.member_id != proposal.data.get("member")]
        return seats


def tables(panels: Collection[Panel]) -> Tables:
    """The tables of these panels, for pages and letters about many at once (two queries)."""
    seats: defaultdict[int, list[Seat]] = defaultdict(list)
    for seat in Seat.objects.held().filter(panel__in=panels).select_related("member__person"):
        seats[seat.panel_id].append(seat)
    aside = StandingAside.objects.filter(lot__in={panel.lot_id for panel in panels})
    return Tables(seats, frozenset(aside.values_list("member", "lot", "application")))


# ---- Putting something ----------------------------------------------------------------------
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
        stage = stage_open(panel.round, NEEDS_STAGE[Kind(kind)], on=on, lot=panel.lot_id)
        if not stage:
            return stage
    if kind == Kind.SHORTLIST:
        choosing = _may_choose_among(panel, application, by)
        if not choosing:
            return choosing
    if kind == Kind.RETURN_BID:
        asked = _may_have_back(panel, application, by)
        if not asked:
            return asked
    if kind == Kind.SHARE_AIM and share_is_confirmed(panel.round):
        return Verdict.no(_("The bids are shared out already."))
    if kind == Kind.COMBINE and panel.interviews_opened_at:
        return Verdict.no(TOO_LATE_TO_COMBINE)
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


def _may_choose_among(panel: Panel, application: Application | None, by: Person) -> Verdict:
    """Whether this bid is one the panel chooses about now, and this person one who may."""
    if application is None or application.lot_id != panel.lot_id:
        return Verdict.no(_("Choose one of this panel’s bids."))
    if not panel.scores_opened_at:
        return Verdict.no(_("First the panel opens its scores. Then you can choose who to meet."))
    if not entitled(panel, application).filter(member__person=by).exists():
        return Verdict.no(_("You are standing aside from this bid."))
    if not Application.objects.eligible().filter(pk=application.pk).exists():
        return Verdict.no(_("This bid does not go on, so there is nothing to choose."))
    return Verdict.yes()


def asked_back(panel: Panel) -> QuerySet[Application]:
    """Bids of the panel's lot that a volunteer asked to have back, with no answer yet."""
    here = Application.objects.filter(lot=panel.lot_id).asked_back()
    return here.with_sent_name().select_related("organisation")


def _may_have_back(panel: Panel, application: Application | None, by: Person) -> Verdict:
    """Whether the panel may vote on having this bid back in the round."""
    if application is None or application.lot_id != panel.lot_id:
        return Verdict.no(_("Choose one of this panel’s bids."))
    ruling = newest_ruling(application)
    if ruling is None:
        return Verdict.no(_("Nobody has asked for this bid back."))
    return may_return(ruling, by)


def could_join(panel: Panel) -> QuerySet[Member]:
    """Members of the round, newcomers too, without a seat on this panel or a tie to its lot."""
    aside = StandingAside.objects.filter(member=OuterRef("pk"), lot=panel.lot_id, application=None)
    held = Seat.objects.held().filter(panel=panel, member=OuterRef("pk"))
    return (
        Member.objects.said_yes()
        .filter(~Exists(aside), ~Exists(held), round=panel.round_id)
        .select_related("person")
    )


# ---- Answering ------------------------------------------------------------------------------
def may_vote(proposal: Proposal, seat: Seat, by: Person, *, on: date) -> Verdict:
    """Whether this seat may answer now: its own member, or staff who type for them."""
    own = seat.member.person_id == by.pk
    allowed = may(by, Permission.VOTE) if own else may_type_for(seat, by)
    if not allowed:
        return allowed
    open_now = still_open(proposal, on=on)
    if not open_now:
        return open_now
    if not entitled_to(proposal).filter(pk=seat.pk).exists():
        return Verdict.no(_("Only panel members who do not stand aside can answer this."))
    if ProposalVote.objects.counting().filter(proposal=proposal, seat=seat).exists():
        if own:
            return Verdict.no(_("You have answered this already."))
        return Verdict.no(_("They have answered this already."))
    return Verdict.yes()


def may_type_for(seat: Seat, by: Person) -> Verdict:
    """Whether staff may type what this seat's member says: only while that one is a volunteer."""
    allowed = may(by, Permission.TYPE_FOR)
    if not allowed:
        return allowed
    if not holds(seat.member.person, Permission.VOTE):
        return Verdict.no(
            _("%(name)s is not a volunteer now, so nothing can be typed for them.")
            % {"name": seat.member.person.name}
        )
    return Verdict.yes()


def still_open(proposal: Proposal, *, on: date) -> Verdict:
    """Whether answers are still taken: it is not settled, and its stage is open."""
    if proposal.settled_at:
        return Verdict.no(_("The panel has settled this already."))
    if proposal.kind == Kind.COMBINE and proposal.panel.interviews_opened_at:
        return Verdict.no(TOO_LATE_TO_COMBINE)
    needed = NEEDS_STAGE.get(Kind(proposal.kind))
    if not needed:
        return Verdict.yes()
    return stage_open(proposal.panel.round, needed, on=on, lot=proposal.panel.lot_id)


def may_confirm_vote(vote: ProposalVote, by: Person, *, on: date) -> Verdict:
    """Whether a person may say that a typed answer is right: its member, or a second person of
    the staff who holds the signed paper. Never whoever typed it."""
    if vote.typed_by_id is None or vote.confirmed_at:
        return Verdict.no(_("There is nothing to confirm here."))
    if by.pk == vote.typed_by_id:
        return Verdict.no(_("You typed this answer, so somebody else must check it."))
    own = vote.seat.member.person_id == by.pk
    allowed = may(by, Permission.VOTE) if own else may_type_for(vote.seat, by)
    if not allowed:
        return allowed
    open_now = still_open(vote.proposal, on=on)
    if not open_now:
        return open_now
    others = ProposalVote.objects.filter(proposal=vote.proposal, seat=vote.seat)
    if others.counting().exists():
        return Verdict.no(_("There is an answer already. It counts."))
    if others.filter(pk__gt=vote.pk).exists():
        return Verdict.no(_("A newer answer was typed. Please look at that one."))
    return Verdict.yes()


def may_count(proposal: Proposal, by: Person, *, on: date) -> Verdict:
    """Whether a panel member may have the answers counted although some could still come.

    Everybody has answered; or enough have, and the panel meets that day or has had a few days.
    """
    allowed = may(by, Permission.VOTE)
    if not allowed:
        return allowed
    open_now = still_open(proposal, on=on)
    if not open_now:
        return open_now
    seats = list(entitled_to(proposal).values_list("pk", "member__person"))
    if by.pk not in {person for _seat, person in seats}:
        return Verdict.no(_("Only panel members who do not stand aside can answer this."))
    ids = [seat for seat, _person in seats]
    said = ProposalVote.objects.counting().filter(proposal=proposal, seat__in=ids).count()
    quorum = needed_for(proposal.panel, len(ids))
    if said < quorum:
        return Verdict.no(_("At least %(quorum)s answers are needed first.") % {"quorum": quorum})
    if said == len(ids) or _had_time(proposal, on):
        return Verdict.yes()
    return Verdict.no(
        _(
            "Some have not answered yet. You can count on a day the panel meets, "
            "or %(days)s days after it was put."
        )
        % {"days": DAYS_TO_ANSWER}
    )


def _had_time(proposal: Proposal, on: date) -> bool:
    if on >= timezone.localdate(proposal.put_at) + timedelta(days=DAYS_TO_ANSWER):
        return True
    met = Meeting.objects.filter(panel=proposal.panel_id, called_off_at=None)
    return met.filter(starts_at__date=on).exists()


def needed_for(panel: Panel, seats: int) -> int:
    """How many of these seats must answer before anything is settled."""
    return panel.round.quorum or agreement.needed(seats)


def may_drop(proposal: Proposal, by: Person) -> Verdict:
    """Whether a person may take something off the table: only whoever put it there."""
    if proposal.settled_at:
        return Verdict.no(_("The panel has settled this already."))
    if proposal.put_by_id != by.pk:
        return Verdict.no(_("Only the person who put this to the panel can take it back."))
    return Verdict.yes()


# ---- What was agreed about scores -----------------------------------------------------------
def put_about_counting() -> QuerySet[Proposal]:
    """What was put to panels about how reading and meeting count, and lies there or was settled."""
    gone = (Proposal.Outcome.DROPPED, Proposal.Outcome.TIE)
    return Proposal.objects.filter(kind=Kind.COMBINE).exclude(outcome__in=gone)


def counting_to_agree(panel: Panel) -> bool:
    """Whether a panel could agree how reading and meeting count, and nobody has put it yet."""
    return not (panel.interviews_opened_at or put_about_counting().filter(panel=panel).exists())


def combine_rule(panel: Panel) -> CombineRule:
    """How reading and meeting count together: as the panel agreed before it opened the interview
    scores. Where it agreed nothing, both stand side by side."""
    return combine_rules([panel])[panel.pk]


def combine_rules(panels: Collection[Panel]) -> dict[int, CombineRule]:
    """The same for several panels (by id), in one query."""
    opened = {panel.pk: panel.interviews_opened_at for panel in panels}
    rules = dict.fromkeys(opened, CombineRule.BESIDE)
    agreed = Proposal.objects.filter(
        panel__in=opened, kind=Kind.COMBINE, outcome=Proposal.Outcome.AGREED
    )
    for row in agreed.order_by("settled_at", "pk"):
        until = opened[row.panel_id]
        if until is None or (row.settled_at and row.settled_at < until):
            rules[row.panel_id] = CombineRule(row.data["rule"])
    return rules


# ---- What was agreed about dates ------------------------------------------------------------
def may_carry_out(proposal: Proposal, by: Person) -> Verdict:
    """Whether staff may now do what was agreed about a stage: each panel that it holds for agreed.
    A panel with days of its own agrees about them alone."""
    allowed = may(by, Permission.SET_UP)
    if not allowed:
        return allowed
    if proposal.kind not in (Kind.SHORTEN_REST, Kind.CLOSE_EARLY):
        return Verdict.no(_("There is nothing to do by hand for this."))
    same = Proposal.objects.filter(
        panel__round=proposal.panel.round_id, kind=proposal.kind, outcome=Proposal.Outcome.AGREED
    )
    agreed = {row.panel_id for row in same if row.data == proposal.data}
    if proposal.panel_id not in agreed:
        return Verdict.no(_("The panel has not agreed to this."))
    stage = stage_of(proposal.panel.round, proposal.data["stage"], proposal.panel.lot_id)
    concerned = Panel.objects.filter(lot__in=lots_under(stage)) if stage else Panel.objects.none()
    missing = concerned.exclude(pk__in=agreed).first()
    if missing:
        return Verdict.no(
            _("This is for other panels too. “%(panel)s” has not agreed to it yet.")
            % {"panel": missing}
        )
    return Verdict.yes()


# ---- Sight ----------------------------------------------------------------------------------
def has_finished_reading(panel: Panel, person: Person) -> bool:
    """Whether none of this person's bids in the lot still waits for their scores."""
    return not waiting_for_scores(person).filter(application__lot=panel.lot_id).exists()


def may_see_scores(panel: Panel, person: Person) -> Verdict:
    """Whether a person may see the panel's scores (`Visit.sees_scores`)."""
    return visit_of(panel, person).sees_scores


def may_see_interview_scores(panel: Panel, person: Person) -> Verdict:
    """The same for what was scored after the interviews."""
    return visit_of(panel, person).sees_interview_scores


def may_say_not_scoring(panel: Panel, by: Person, *, on: date) -> Verdict:
    """Whether a member may say that they will not score what is left, once reading has closed."""
    allowed = may(by, Permission.SCORE)
    part = takes_part(panel, by)
    if not allowed or not part:
        return part if allowed else allowed
    if stage_open(panel.round, StageKind.SCORING, on=on, lot=panel.lot_id):
        return Verdict.no(_("You can still score these bids, or hand them back."))
    if has_finished_reading(panel, by):
        return Verdict.no(_("You have no scores left to send."))
    return Verdict.yes()
