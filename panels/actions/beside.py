"""A helper begins to read a bid beside the volunteer they help."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Refused
from ledger.actions import record
from panels.models import Assignment, ReadBeside
from panels.rules import beside as rules


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
    assert helper is not None  # noqa: S101 - may_read_beside has looked
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
