"""Who may say how they feel before and after, count it, and write letters and lessons."""

from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from commissioning.around import was_closed, was_opened
from commissioning.models import Member, Round, StageKind
from support.models import Lesson, Look
from support.suppression import FEWEST_PEOPLE


def look_asked_now(round: Round) -> Look.When | None:
    """Which look is asked for today: before reading begins, or after the decision; else none."""
    if was_closed(round, StageKind.DECISION):
        return None if is_counted(round) else Look.When.AFTER
    return None if was_opened(round, StageKind.SCORING) else Look.When.BEFORE


def is_counted(round: Round) -> bool:
    """Whether the answers of a round have been counted. From then on they stay as they are."""
    return bool(round.look_tables.exists())


def may_say_look(member: Member, when: str, by: Person) -> Verdict:
    """Whether this answer may be given: by the member, or typed by whoever has their paper."""
    own = member.person_id == by.pk
    if not (verdict := may(by, Permission.TAKE_PART if own else Permission.TYPE_FOR)):
        return verdict
    if not member.joined_at or member.ended_at:
        return Verdict.no(_("You are not taking part in this round."))
    if look_asked_now(member.round) == when:
        return Verdict.yes()
    if when == Look.When.BEFORE:
        return Verdict.no(_("Reading has begun. These questions are about the time before."))
    if is_counted(member.round):
        return Verdict.no(_("The answers have been counted. They stay as they are."))
    return Verdict.no(_("We ask this once the panel has decided."))


def may_count_looks(round: Round, by: Person) -> Verdict:
    """Whether the answers may be counted: once, after the decision, and only of enough people."""
    if not (verdict := may(by, Permission.LOOK_AFTER)):
        return verdict
    if is_counted(round):
        return Verdict.no(_("The answers have been counted already."))
    if not was_closed(round, StageKind.DECISION):
        return Verdict.no(_("The answers are counted once the panel has decided."))
    if Member.objects.said_yes().filter(round=round).count() < FEWEST_PEOPLE:
        return Verdict.no(_("Fewer than ten people took part. Nothing is shown about so few."))
    return Verdict.yes()


def took_part(member: Member) -> Verdict:
    """Whether there is a certificate for this member: they counted, and the panel has decided."""
    if not member.confirmed_at:
        return Verdict.no(_("You are not taking part in this round."))
    if not was_closed(member.round, StageKind.DECISION):
        return Verdict.no(_("Your certificate is here once the panel has decided."))
    return Verdict.yes()


def may_write_reference(member: Member, by: Person) -> Verdict:
    """Whether this person may write a letter about a member."""
    if not (verdict := may(by, Permission.LOOK_AFTER)):
        return verdict
    if not member.confirmed_at or member.person_id == by.pk:
        return Verdict.no(_("A letter is about somebody who took part in the round."))
    return Verdict.yes()


def may_write_lesson(round: Round, by: Person) -> Verdict:
    """Whether this person may write what they learned: the round's volunteers and facilitators."""
    if Member.objects.here().filter(round=round, person=by).exists():
        return may(by, Permission.TAKE_PART)
    return may(by, Permission.LOOK_AFTER)


def may_drop_lesson(lesson: Lesson, by: Person) -> Verdict:
    """Whether this person may take a lesson out: nobody but its writer."""
    if lesson.dropped_at or lesson.written_by_id != by.pk:
        return Verdict.no(_("Only its writer takes a lesson out."))
    return Verdict.yes()
