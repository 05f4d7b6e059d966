"""Who sits on a panel, and when a seat may be taken or given up."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.models import Person, Role
from accounts.permissions import Permission, Verdict, may
from commissioning.models import Lot, Member, Round, Stage, StageKind
from panels.models import Panel, Proposal, Seat, StandingAside

FEWEST_SEATS = 4
MOST_SEATS = 6


def declarations_opened(round: Round) -> bool:
    """Whether volunteers have begun to say whom they know: from then on seats are the panel's."""
    return Stage.objects.filter(
        round=round, kind=StageKind.SHARING, opened_at__isnull=False
    ).exists()


def may_make_panel(lot: Lot, by: Person) -> Verdict:
    """Whether this person may make the panel of a lot: one panel for each lot."""
    allowed = may(by, Permission.SHARE_OUT)
    if not allowed:
        return allowed
    if Panel.objects.filter(lot=lot).exists():
        return Verdict.no(_("This lot has its panel already."))
    return Verdict.yes()


def may_seat(panel: Panel, member: Member, by: Person) -> Verdict:
    """Whether a member may be given a seat: a volunteer of the round, room left, panel asked."""
    allowed = may(by, Permission.SHARE_OUT)
    if not allowed:
        return allowed
    if member.round_id != panel.round_id or member.ended_at or not member.joined_at:
        return Verdict.no(_("Only a volunteer who has joined this round can have a seat."))
    if not member.confirmed_at:
        return Verdict.no(
            _("Two volunteers of the round must confirm this person first, or the panel must.")
        )
    if not member.person.holds(Role.VOLUNTEER):
        return Verdict.no(_("Only a volunteer can have a seat on a panel."))
    held = set(Seat.objects.held().filter(panel=panel).values_list("member_id", flat=True))
    if member.pk in held:
        return Verdict.no(_("This person has a seat on this panel already."))
    if len(held) >= MOST_SEATS:
        return Verdict.no(_("This panel is full. A panel has 4 to 6 seats."))
    if stands_aside(member, panel.lot):
        return Verdict.no(_("This person stands aside from this lot."))
    if declarations_opened(panel.round) and not _agreed(
        panel, Proposal.Kind.ADD_MEMBER, member=member.pk
    ):
        return Verdict.no(
            _("The bids have been looked at. Put a new member to the panel, who must agree first.")
        )
    return Verdict.yes()


def may_end_seat(seat: Seat, by: Person) -> Verdict:
    """Whether a seat may end: by its member's own wish, or by staff before bids were looked at.

    Later the panel must have agreed (a proposal with `{"end_seat": id}`), unless the member left.
    """
    if seat.ended_at:
        return Verdict.no(_("This seat has ended already."))
    if by == seat.member.person:
        return Verdict.yes()
    allowed = may(by, Permission.SHARE_OUT)
    if not allowed:
        return allowed
    if (
        declarations_opened(seat.panel.round)
        and not seat.member.ended_at
        and not _agreed(seat.panel, Proposal.Kind.OTHER, end_seat=seat.pk)
    ):
        return Verdict.no(
            _("The bids have been looked at. The panel must agree before a seat is ended.")
        )
    return Verdict.yes()


def seats_that_may_end(panel: Panel, seats: Iterable[Seat], by: Person) -> set[int]:
    """Which of a panel's seats staff may end now, so that a page offers no others."""
    if not may(by, Permission.SHARE_OUT):
        return set()
    if not declarations_opened(panel.round):
        return {seat.pk for seat in seats}
    asked = Proposal.objects.filter(
        panel=panel, kind=Proposal.Kind.OTHER, outcome=Proposal.Outcome.AGREED
    )
    agreed = {proposal.data.get("end_seat") for proposal in asked}
    return {seat.pk for seat in seats if seat.member.ended_at or seat.pk in agreed}


def stands_aside(member: Member, lot: Lot) -> bool:
    """Whether a member stands aside from a whole lot."""
    return StandingAside.objects.filter(member=member, lot=lot, application=None).exists()


def may_see_panel_talk(panel: Panel, person: Person) -> Verdict:
    """Whether a person shares in the panel's questions: a seat, and not standing aside."""
    held = Seat.objects.held().filter(panel=panel, member__person=person)
    seat = held.select_related("member").first()
    if seat is None:
        return Verdict.no(_("You do not sit on this panel."))
    if stands_aside(seat.member, panel.lot):
        return Verdict.no(_("You stand aside from this lot, so you take no part in its questions."))
    return Verdict.yes()


def _agreed(panel: Panel, kind: Proposal.Kind, **data: int) -> bool:
    """Whether the panel has agreed to a proposal of this kind about exactly these facts."""
    agreed = Proposal.objects.filter(panel=panel, kind=kind, outcome=Proposal.Outcome.AGREED)
    return any(data.items() <= proposal.data.items() for proposal in agreed)
