"""Staff's influence on the record: who may write of it, say they felt steered, and hear it."""

from collections.abc import Collection
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person, PersonQuerySet, Role
from accounts.permissions import Permission, Verdict, holds, may
from panels.models import Meeting, Panel, Steered


def may_reflect(
    meeting: Meeting, by: Person, *, on: date, wrote: Collection[int] | None = None
) -> Verdict:
    """Whether staff may write how a meeting went: from its day on, each of them once. `wrote`: who
    has (ids), where it is known."""
    allowed = may(by, Permission.RUN_MEETINGS)
    if not allowed:
        return allowed
    if meeting.called_off_at:
        return Verdict.no(_("This meeting was called off."))
    if on < timezone.localdate(meeting.starts_at):
        return Verdict.no(_("You can write this on the day of the meeting, or after it."))
    if wrote is None:
        wrote = meeting.reflections.values_list("written_by", flat=True)
    if by.pk in wrote:
        return Verdict.no(_("You wrote about this meeting already. It stays as you wrote it."))
    return Verdict.yes()


def may_say_steered(panel: Panel, by: Person) -> Verdict:
    """Whether a person may say that they felt steered: whoever sits or sat on this panel."""
    allowed = may(by, Permission.VOTE)
    if not allowed:
        return allowed
    if not panel.seats.filter(member__person=by).exists():
        return Verdict.no(_("You do not sit on this panel."))
    return Verdict.yes()


def may_hear(by: Person) -> Verdict:
    """Whether a person may hear that somebody felt steered: never one who runs meetings."""
    allowed = may(by, Permission.HEAR_COMPLAINTS)
    if not allowed:
        return allowed
    if holds(by, Permission.RUN_MEETINGS):
        return Verdict.no(_("You run meetings yourself, so somebody else must hear this."))
    return Verdict.yes()


def may_settle_steered(steered: Steered, by: Person) -> Verdict:
    """Whether a person may write down what came of it: once."""
    allowed = may_hear(by)
    if allowed and steered.heard_at:
        return Verdict.no(_("What came of this is written down already."))
    return allowed


def who_helps_meanwhile() -> PersonQuerySet:
    """While nobody is named to hear it: people of the board who are no staff."""
    board = Person.objects.get_queryset().filter(is_active=True).holding(Role.BOARD)
    staff = Person.objects.holding(Role.FACILITATOR)
    return board.exclude(pk__in=staff.values("pk")).order_by("name", "pk")


def who_hears() -> PersonQuerySet:
    """The people outside the panels and the staff who hear it."""
    handlers = Person.objects.get_queryset().filter(is_active=True).holding(Role.COMPLAINTS)
    staff = Person.objects.holding(Role.FACILITATOR)
    return handlers.exclude(pk__in=staff.values("pk")).order_by("name", "pk")
