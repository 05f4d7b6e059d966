"""Sheets on paper: which one a printed code means, and what is to be done with it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Refused, may
from panels import sheet_code
from panels.models import Assignment, ScoreSheet
from panels.rules.scoring import find_reading, may_confirm_typed, may_type_scores


@dataclass(frozen=True, slots=True)
class SheetFound:
    """What a code on paper leads to: a sheet to type, or one that was typed and is to be checked."""

    assignment: int
    to_check: int | None = None
    """The typed sheet that waits for a second person of the staff, this one."""


def find_sheet(typed: str, by: Person, *, on: date) -> SheetFound:
    """The sheet a code means. Refused, with a sentence, when there is nothing to do for it here."""
    may(by, Permission.TYPE_FOR).require()
    code = sheet_code.plain(typed)
    if strange := sorted(set(code) - set(sheet_code.LETTERS)):
        words = _("There is no %(letter)s in our codes. Please look at the paper again.")
        raise Refused(words % {"letter": strange[0]})
    if len(code) != sheet_code.LENGTH:
        words = _("A code has %(length)s letters and numbers. This one has %(count)s.")
        raise Refused(words % {"length": sheet_code.LENGTH, "count": len(code)})
    if not sheet_code.is_whole(code):
        raise Refused(
            _("One letter or number is wrong. Please compare the code with the paper once more.")
        )
    rows = Assignment.objects.select_related("member__person", "application")
    row = rows.filter(pk=sheet_code.assignment_of(code)).first()
    if row is None:
        raise Refused(
            _("We do not know this code. Please look the sheet up by the name that is on it.")
        )
    return _next_for(row, by, on)


def _next_for(row: Assignment, by: Person, on: date) -> SheetFound:
    facts = {"name": row.member.person.name, "reference": row.application.reference}
    reading = find_reading(row.member.person, row.pk)
    if reading is None:
        raise Refused(_("%(reference)s is no longer in the share of %(name)s.") % facts)
    if reading.done:
        raise Refused(_("%(name)s is done with %(reference)s. Nothing is left to type.") % facts)
    if reading.waiting_sheet:
        sheets = ScoreSheet.objects.select_related(
            "member__person", "application__round__chain", "application__lot"
        )
        sheet = sheets.get(pk=reading.waiting_sheet)
        if sheet.typed_by_id == by.pk:
            words = _("You typed the sheet of %(name)s for %(reference)s. It waits for a yes.")
            raise Refused(words % facts)
        may_confirm_typed(sheet, by, on=on).require()
        return SheetFound(row.pk, sheet.pk)
    may_type_scores(reading, by, on=on).require()
    return SheetFound(row.pk)
