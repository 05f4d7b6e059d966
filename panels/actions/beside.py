"""A volunteer lets a helper read their bids with them; the helper begins to."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from ledger.actions import record
from panels.models import Assignment, BesideLeave, ReadBeside
from panels.rules import beside as rules
from support.models import Helper


@transaction.atomic
def let_read_beside(*, helper: Helper, by: Person, at: datetime) -> BesideLeave:
    """The volunteer lets their helper read their bids with them. Where a facilitator writes it
    down, the volunteer gets a letter that says so, and how to take it back."""
    helper = Helper.objects.select_for_update(of=("self",)).get(pk=helper.pk)
    rules.may_let_beside(helper, by).require()
    facts = {"given_at": at, "given_by": by}
    row, made = BesideLeave.objects.get_or_create(helper=helper, taken_back_at=None, defaults=facts)
    if not made:
        return row
    member = helper.member
    if by.pk != member.person_id:
        write_to(
            member.person,
            "beside_let",
            key=f"beside_let:{row.pk}",
            by=by,
            at=at,
            chain=member.round.chain,
            context={"helper": helper, "round": member.round, "typist": by},
        )
    record(chain=member.round.chain, verb="let_read_beside", by=by, at=at, helper=helper.pk)
    return row


@transaction.atomic
def end_beside(*, helper: Helper, by: Person, at: datetime) -> None:
    """The volunteer takes it back: from now on the helper reads no bid of theirs."""
    rules.may_let_beside(helper, by).require()
    rows = BesideLeave.objects.filter(helper=helper, taken_back_at=None)
    if rows.update(taken_back_at=at, taken_back_by=by):
        chain = helper.member.round.chain
        record(chain=chain, verb="ended_read_beside", by=by, at=at, helper=helper.pk)


@transaction.atomic
def begin_beside(
    *, assignment: Assignment, knows_nobody: bool, by: Person, at: datetime
) -> ReadBeside:
    """Begin to read beside its reader. `knows_nobody`: no link with anybody in it, said before any
    of its words are shown. The trail says that it was read in company; a second time, nothing."""
    rules.may_read_beside(assignment, by, on=timezone.localdate(at)).require()
    if not knows_nobody:
        raise Refused(_("If you know people in a bid, please do not read it. Ring us."))
    helper = rules.helping(assignment, by)
    if helper is None:
        raise Refused(_("You do not help here."))
    facts = {"began_at": at, "began_by": by}
    row, made = ReadBeside.objects.get_or_create(
        helper=helper, assignment=assignment, defaults=facts
    )
    if made:
        record(
            chain=assignment.member.round.chain,
            verb="read_beside",
            by=by,
            at=at,
            helper=helper.pk,
            assignment=assignment.pk,
        )
    return row
