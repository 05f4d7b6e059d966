"""What is still to be learned before the first real score, and who may look after whom."""

from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from commissioning.models import Member
from support.models import Adjustment, TrainingTopic


def training_left(member: Member) -> list[TrainingTopic]:
    """The required topics of the round that this member has not finished, in order."""
    needed = TrainingTopic.objects.filter(round=member.round_id, required=True)
    return list(needed.exclude(done__member=member))


def may_finish(topic: TrainingTopic, member: Member, by: Person) -> Verdict:
    """Whether this person may mark a topic as finished for this member."""
    if member.round_id != topic.round_id or member.ended_at or not member.confirmed_at:
        return Verdict.no(_("You are not taking part in this round."))
    own = member.person_id == by.pk
    return may(by, Permission.TAKE_PART if own else Permission.LOOK_AFTER)


def may_practise(member: Member, by: Person) -> Verdict:
    """Whether this person may score the practice bid as this member: only the member themselves."""
    if member.person_id != by.pk:
        return Verdict.no(_("Only the volunteer scores, even in practice."))
    if member.ended_at or not member.joined_at:
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
