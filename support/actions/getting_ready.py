"""Writing what keeps people well and ready."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Member, Round
from commissioning.timetable import MOST_MORE_REST
from ledger.actions import record
from support import rules
from support.content import read_topics
from support.models import (
    Adjustment,
    Encouragement,
    Format,
    FormatNeed,
    PracticeSheet,
    TrainingDone,
    TrainingTopic,
)
from support.practice import PRACTICE, practice_bid, what_is_missing


@transaction.atomic
def start_training(*, round: Round, by: Person, at: datetime) -> list[TrainingTopic]:
    """Put the usual topics in place for a round. Topics it has already stay as they are."""
    rules.may_look_after(by).require()
    topics = [
        TrainingTopic.objects.get_or_create(round=round, slug=slug, defaults=dict(facts))[0]
        for slug, facts in (*read_topics(), (PRACTICE, practice_topic()))
    ]
    record(chain=round.chain, verb="started_training", by=by, at=at, topics=len(topics))
    return topics


def practice_topic() -> dict[str, Any]:
    """The facts of the topic that is finished by scoring the practice bid; it comes last."""
    return {**practice_bid()["topic"], "order": 99}


@transaction.atomic
def save_practice(
    *, member: Member, scores: Mapping[str, Mapping[str, Any]], by: Person, at: datetime
) -> PracticeSheet:
    """A member keeps their practice scores, finished or not. Once sent they stay as they were."""
    rules.may_practise(member, by).require()
    sheet, made = PracticeSheet.objects.get_or_create(member=member, defaults={"saved_at": at})
    if not made and sheet.sent_at:
        raise Refused(_("You have sent your practice scores already."))
    sheet.scores, sheet.saved_at = dict(scores), at
    sheet.save(update_fields=["scores", "saved_at"])
    return sheet


@transaction.atomic
def send_practice(*, sheet: PracticeSheet, by: Person, at: datetime) -> None:
    """A member sends their practice scores, which finishes the topic. Sending twice is once.

    The trail learns that they practised, and nothing of how.
    """
    member = sheet.member
    rules.may_practise(member, by).require()
    if missing := what_is_missing(sheet.scores):
        raise Refused(_("Choose a score for “%(point)s” first.") % {"point": missing[0]})
    if sheet.sent_at is None:
        sheet.sent_at = at
        sheet.save(update_fields=["sent_at"])
    topic = TrainingTopic.objects.filter(round=member.round_id, slug=PRACTICE).first()
    if topic:
        finish_topic(topic=topic, member=member, by=by, at=at)


@transaction.atomic
def change_topic(
    *, topic: TrainingTopic, changes: Mapping[str, Any], by: Person, at: datetime
) -> TrainingTopic:
    """A facilitator changes a topic's title, sentence, minutes or whether it is required."""
    rules.may_look_after(by).require()
    for field in changes:
        setattr(topic, field, changes[field])
    topic.save(update_fields=list(changes))
    record(
        chain=topic.round.chain,
        verb="changed_training_topic",
        by=by,
        at=at,
        topic=topic.pk,
        fields=sorted(changes),
    )
    return topic


@transaction.atomic
def finish_topic(
    *,
    topic: TrainingTopic,
    member: Member,
    by: Person,
    at: datetime,
    how: str = TrainingDone.How.READ,
) -> TrainingDone:
    """A member has finished a topic. Finishing it twice is the same as once."""
    rules.may_finish(topic, member, by).require()
    done, new = TrainingDone.objects.get_or_create(
        topic=topic, member=member, defaults={"how": how, "done_at": at, "done_by": by}
    )
    if new:
        record(
            chain=topic.round.chain,
            verb="finished_training",
            by=by,
            at=at,
            topic=topic.pk,
            member=member.pk,
            how=how,
        )
    return done


@transaction.atomic
def note_attendance_at_training(
    *, topic: TrainingTopic, members: Iterable[Member], by: Person, at: datetime
) -> int:
    """A facilitator notes who came to a session. Returns how many were new."""
    rules.may_look_after(by).require()
    chosen = [member for member in members if rules.may_finish(topic, member, by)]
    here = set(
        TrainingDone.objects.filter(topic=topic, member__in=chosen).values_list("member", flat=True)
    )
    new = [member for member in chosen if member.pk not in here]
    TrainingDone.objects.bulk_create(
        TrainingDone(
            topic=topic, member=member, how=TrainingDone.How.SESSION, done_at=at, done_by=by
        )
        for member in new
    )
    record(
        chain=topic.round.chain,
        verb="noted_training_attendance",
        by=by,
        at=at,
        topic=topic.pk,
        members=[member.pk for member in new],
    )
    return len(new)


@transaction.atomic
def ask_for_adjustment(*, member: Member, asked: str, by: Person, at: datetime) -> Adjustment:
    """A volunteer asks for something that makes taking part easier. Nobody asks them why."""
    rules.may_ask_for_adjustment(member, by).require()
    if not asked.strip():
        raise Refused(_("Say what would help you."))
    adjustment = Adjustment.objects.create(
        member=member, asked=asked.strip(), asked_at=at, asked_by=by
    )
    record(
        chain=member.round.chain,
        verb="asked_for_adjustment",
        by=by,
        at=at,
        adjustment=adjustment.pk,
    )
    return adjustment


@transaction.atomic
def say_formats(*, member: Member, formats: Collection[str], by: Person, at: datetime) -> None:
    """Say in which forms one has to have a bid. Nobody asks why."""
    rules.may_ask_for_adjustment(member, by).require()
    if not set(formats) <= set(Format.values):
        raise Refused(_("Choose among the forms on the page."))
    if set(formats) == {row.format for row in member.format_needs.all()}:
        return
    member.format_needs.exclude(format__in=formats).delete()
    for one in sorted(formats):
        FormatNeed.objects.get_or_create(member=member, format=one, defaults={"asked_at": at})
    # Which forms stays out of the trail: it is between them and whoever supports them.
    record(chain=member.round.chain, verb="said_formats", by=by, at=at, member=member.pk)


@transaction.atomic
def agree_adjustment(
    *, adjustment: Adjustment, agreed: str, more_rest_days: int = 0, by: Person, at: datetime
) -> None:
    """A facilitator says what will be done, and the volunteer is told.

    With `more_rest_days` each of their rests is longer, from now until the adjustment ends: they
    are asked nothing and sent nothing in it, and their last days move on.
    """
    rules.may_look_after(by).require()
    if not 0 <= more_rest_days <= MOST_MORE_REST:
        raise Refused(_("A rest can be at most %(most)s days longer.") % {"most": MOST_MORE_REST})
    if not agreed.strip():
        raise Refused(_("Say what you will do, so that the volunteer knows."))
    adjustment.agreed, adjustment.agreed_at, adjustment.agreed_by = agreed.strip(), at, by
    adjustment.more_rest_days = more_rest_days
    adjustment.save(update_fields=["agreed", "agreed_at", "agreed_by", "more_rest_days"])
    member = adjustment.member
    write_to(
        member.person,
        "adjustment_agreed",
        key=f"adjustment_agreed:{adjustment.pk}:{at.isoformat()}",
        by=by,
        at=at,
        chain=member.round.chain,
        context={"adjustment": adjustment},
    )
    record(
        chain=member.round.chain, verb="agreed_adjustment", by=by, at=at, adjustment=adjustment.pk
    )


@transaction.atomic
def end_adjustment(*, adjustment: Adjustment, by: Person, at: datetime) -> None:
    """An adjustment is not needed any more."""
    rules.may_end_adjustment(adjustment, by).require()
    adjustment.ended_at, adjustment.ended_by = at, by
    adjustment.save(update_fields=["ended_at", "ended_by"])
    record(
        chain=adjustment.member.round.chain,
        verb="ended_adjustment",
        by=by,
        at=at,
        adjustment=adjustment.pk,
    )


@transaction.atomic
def encourage(*, member: Member, text: str, by: Person, at: datetime) -> Encouragement:
    """A facilitator sends a few good words. They are kept for the volunteer to read again."""
    rules.may_look_after(by).require()
    if not text.strip():
        raise Refused(_("Write a few good words first."))
    words = Encouragement.objects.create(member=member, text=text.strip(), given_at=at, given_by=by)
    write_to(
        member.person,
        "encouragement",
        key=f"encouragement:{words.pk}",
        by=by,
        at=at,
        chain=member.round.chain,
        context={"encouragement": words},
    )
    record(chain=member.round.chain, verb="encouraged", by=by, at=at, encouragement=words.pk)
    return words
