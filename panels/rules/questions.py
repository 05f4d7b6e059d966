"""Questions of the panel: asked by a seat, answered by staff, seen by the whole panel."""

from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from panels.models import Panel, Question
from panels.rules.seats import may_see_panel_talk


def may_ask(panel: Panel, by: Person) -> Verdict:
    """Whether a person may ask something in sight of this panel."""
    allowed = may(by, Permission.READ_BIDS)
    return may_see_panel_talk(panel, by) if allowed else allowed


def may_answer(question: Question, by: Person) -> Verdict:
    """Whether a person may answer: once, so that what the panel read stays as it was."""
    allowed = may(by, Permission.LOOK_AFTER)
    if not allowed:
        return allowed
    if question.answered_at:
        return Verdict.no(_("This question has its answer already."))
    return Verdict.yes()
