"""Who may read a bid beside a volunteer: the helper agreed for them, and what they may read."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from panels.models import Assignment, BesideLeave
from panels.rules.scoring import may_read, reading_of
from support.models import Helper
from support.rules import signed


def helping(assignment: Assignment, by: Person) -> Helper | None:
    """The agreed help that lets somebody read this bid beside its reader; None without one."""
    rows = Helper.objects.filter(member=assignment.member_id, supporter=by, ended_at=None)
    return rows.select_related("member__person").first()


def lets(helper: Helper) -> bool:
    """Whether the volunteer lets this helper read their bids with them."""
    return BesideLeave.objects.filter(helper=helper, taken_back_at=None).exists()


def may_let_beside(helper: Helper, by: Person) -> Verdict:
    """Whether this person says that the helper may read, or takes it back: the volunteer, or a
    facilitator whom they told."""
    if helper.ended_at:
        return Verdict.no(_("This help has ended."))
    own = helper.member.person_id == by.pk
    return may(by, Permission.TAKE_PART if own else Permission.LOOK_AFTER)


def may_read_beside(assignment: Assignment, by: Person, *, on: date) -> Verdict:
    """Whether a helper may read this bid today: signed, and beside a reader who has begun it."""
    if not (verdict := may(by, Permission.HELP_ONE)):
        return verdict
    member = assignment.member
    helper = helping(assignment, by)
    if helper is None:
        return Verdict.no(_("You do not help here."))
    if not lets(helper):
        return Verdict.no(_("They have not said that you may read their bids."))
    if not signed(member.round, by):
        return Verdict.no(_("Please read the agreement and sign it first."))
    if not Assignment.objects.visible_to(member.person).filter(pk=assignment.pk).exists():
        return Verdict.no(_("This bid is not theirs to read any more."))
    own = may_read(reading_of(assignment), member.person, on=on)
    if not own:
        return own
    if assignment.started_at is None:
        return Verdict.no(_("They have not opened this bid yet. You read it together with them."))
    return Verdict.yes()
