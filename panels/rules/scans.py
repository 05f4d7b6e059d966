"""Pictures of paper score sheets: who may add them, and who may see them.

Staff see one only while there is something to do with it: while they may type the sheet, or check
what a colleague typed. Its own reader sees it for as long as the bid is theirs. Nobody else ever.
"""

from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from commissioning.models import Member
from panels.models import Assignment, Phase, ScoreSheet, SheetScan
from panels.rules.scoring import find_reading, may_confirm_typed, may_type_scores

MOST_SCANS = 20
"""Of one sheet: a page for each question in the largest print, and some to spare."""


def scans_of(assignment: int | None) -> list[SheetScan]:
    """The pictures of one sheet, as they were added (one query). Ask first who looks."""
    rows = SheetScan.objects.here().filter(assignment=assignment)
    return list(rows.select_related("added_by"))


def scans_with(sheet: ScoreSheet) -> list[SheetScan]:
    """The pictures beside a typed sheet. Only what was scored after reading has any."""
    return scans_of(sheet.assignment_id) if sheet.phase == Phase.READING else []


def with_scans(member: Member) -> frozenset[int]:
    """Which of a reader's sheets (assignments, by id) have a picture (one query)."""
    rows = SheetScan.objects.here().filter(assignment__member=member)
    return frozenset(rows.values_list("assignment", flat=True))


def may_add_scan(assignment: Assignment, by: Person, *, on: date) -> Verdict:
    """Whether somebody may add a picture of this sheet: who may type it now, or check it."""
    allowed = may(by, Permission.TYPE_FOR)
    if not allowed:
        return allowed
    reading = find_reading(assignment.member.person, assignment.pk)
    if reading is None:
        return Verdict.no(_("This bid is no longer in this person’s share."))
    if not reading.waiting_sheet:
        return may_type_scores(reading, by, on=on)
    sheets = ScoreSheet.objects.select_related(
        "member__person", "application__round__chain", "application__lot"
    )
    return may_confirm_typed(sheets.get(pk=reading.waiting_sheet), by, on=on)


def may_see_scan(assignment: Assignment, by: Person, *, on: date) -> Verdict:
    """Whether somebody may look at the pictures of this sheet, or take one away."""
    if assignment.member.person_id != by.pk:
        return may_add_scan(assignment, by, on=on)
    allowed = may(by, Permission.SCORE)
    if allowed and find_reading(by, assignment.pk) is None:
        return Verdict.no(_("This bid is no longer in your share."))
    return allowed
