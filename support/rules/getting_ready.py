"""What is still to be learned before the first real score, and who may look after whom."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from commissioning.models import Member, Round
from support.models import AboutAsked, Adjustment, CountDay, TrainingTopic

DAYS_APART = timedelta(days=14)
"""Days of counting are never nearer than this."""


def training_left(member: Member) -> list[TrainingTopic]:
    """The required topics of the round that this member has not finished, in order."""
    needed = TrainingTopic.objects.filter(round=member.round_id, required=True)
    return list(needed.exclude(done__member=member))


def may_finish(topic: TrainingTopic, member: Member, by: Person) -> Verdict:
    """Whether this person may mark a topic as finished for this member."""
    if member.round_id != topic.round_id or not member.takes_part:
        return Verdict.no(_("You are not taking part in this round."))
    own = member.person_id == by.pk
    return may(by, Permission.TAKE_PART if own else Permission.LOOK_AFTER)


def may_practise(member: Member, by: Person) -> Verdict:
    """Whether this person may score the practice bid as this member: only the member themselves."""
    if member.person_id != by.pk:
        return Verdict.no(_("Only the volunteer scores, even in practice."))
    if not member.takes_part:
        return Verdict.no(_("You are not taking part in this round."))
    return may(by, Permission.TAKE_PART)


def may_ask_for_adjustment(member: Member, by: Person) -> Verdict:
    """Whether this person may ask for something that makes taking part easier."""
    own = member.person_id == by.pk
    return may(by, Permission.TAKE_PART if own else Permission.LOOK_AFTER)


def may_look_after(by: Person) -> Verdict:
    """Whether this person looks after volunteers: agrees adjustments, sends good words."""
    return may(by, Permission.LOOK_AFTER)


def may_end_adjustment(adjustment: Adjustment, by: Person) -> Verdict:
    """Whether this person may say that an adjustment is not needed any more."""
    return may_ask_for_adjustment(adjustment.member, by)


def may_have_code(member: Member) -> Verdict:
    """Whether this member may be given a code to answer the questions about all of us."""
    if not member.takes_part:
        return Verdict.no(_("You are not taking part in this round."))
    if AboutAsked.objects.filter(member=member).exists():
        return Verdict.no(_("You have had your code. If you have lost it, ask for a paper form."))
    return Verdict.yes()


def may_fix_count_day(round: Round, count_on: date, *, on: date) -> Verdict:
    """Whether this may be a day of counting: ahead, and two weeks from any other one."""
    if count_on <= on:
        return Verdict.no(_("Choose a day that is still to come."))
    near = (count_on - DAYS_APART, count_on + DAYS_APART)
    if CountDay.objects.filter(round=round, count_on__gt=near[0], count_on__lt=near[1]).exists():
        return Verdict.no(_("Days of counting are two weeks apart, or more. Choose another day."))
    return Verdict.yes()


def is_due(day: CountDay, *, on: date) -> Verdict:
    """Whether this day of counting has come and has not been counted yet."""
    if day.counted_at:
        return Verdict.no(_("This day has been counted already."))
    if day.count_on > on:
        return Verdict.no(_("This day has not come yet. Nobody may count sooner."))
    return Verdict.yes()
