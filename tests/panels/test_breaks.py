"""A break at every stage: what was done is kept, nothing is asked or sent meanwhile, and coming
back is as easy. Sharing the left work out again is in test_share_changes."""

from copy import deepcopy
from datetime import datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from commissioning.models import Member, Round
from commissioning.timetable import KINDS
from config.next_steps import next_steps_for, rounds_around
from ledger.models import Letter
from panels import actions
from panels.milestones import milestone
from panels.models import ScoreDraft
from panels.rest import held
from support import actions as training
from support.models import Buddies, GatheringReply, PracticeSheet, TrainingDone
from tests.conftest import Cast, Once
from tests.factories.commissioning import join, make_round, open_to
from tests.factories.panels import Reading, full_answers, reading_round


def noon() -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate(), time(12)))


def steps(person: Person) -> list[str]:
    """What home asks of somebody, read anew."""
    again = Person.objects.get_queryset().get(pk=person.pk)
    today = timezone.localdate()
    around = rounds_around(again, on=today)
    return [step.sentence for step in next_steps_for(again, on=today, around=around)]


def kept(member: Member) -> list[list[dict[str, object]]]:
    """Everything a member has done here, column by column."""
    return [
        list(rows.order_by("pk").values())
        for rows in (
            TrainingDone.objects.filter(member=member),
            PracticeSheet.objects.filter(member=member),
            GatheringReply.objects.filter(member=member),
            Buddies.objects.filter(asker=member),
            ScoreDraft.objects.filter(assignment__member=member),
            Member.objects.filter(pk=member.pk),
        )
    ]


def rest_and_return(client: Client, member: Member) -> None:
    """Take a break by one form, be left alone, and come back by one button."""
    person, day = member.person, timezone.localdate()
    before, work = steps(person), kept(member)
    client.force_login(person)
    form = {"starts_on_0": day.day, "starts_on_1": day.month, "starts_on_2": day.year}
    assert client.post(reverse("take_break"), form).status_code == 302
    assert steps(person) == []
    made = training.arrange_gathering(
        round=member.round,
        kind="reading",
        starts_at=noon() + timedelta(days=9),
        place="The hall",
        by=Cast().sam,
        at=timezone.now(),
    )
    letter = Letter.objects.get(kind="gathering_arranged", to=person, key__contains=f":{made.pk}:")
    assert held([letter], noon()) == {letter.pk}
    assert kept(member) == work
    assert client.post(reverse("come_back")).status_code == 302
    assert steps(person) == before
    assert held([letter], noon()) == set()
    assert kept(member) == work


@pytest.fixture(scope="module")
def built(once: Once[Round]) -> Round:
    """A round with one volunteer who has begun: a topic done, practice half-way, a buddy asked."""

    def build(cast: Cast) -> Round:
        made: Round = make_round(by=cast.sam)
        joan, harold = join(made, cast.joan, cast.harold, by=cast.sam)
        now = timezone.now()
        topics = training.start_training(round=made, by=cast.sam, at=now)
        training.finish_topic(topic=topics[0], member=joan, by=cast.joan, at=now)
        scores = {"need": {"score": 4, "reason": "They asked at the doors."}}
        training.save_practice(member=joan, scores=scores, by=cast.joan, at=now)
        training.ask_buddy(asker=joan, asked=harold, by=cast.joan, at=now)
        return made

    return once(build)


@pytest.mark.parametrize("kind", KINDS)
def test_a_break_at_every_stage(kind: str, client: Client, db: None, built: Round) -> None:
    round = deepcopy(built)
    open_to(round, kind, by=Cast().sam)
    rest_and_return(client, Member.objects.get(round=round, person=Cast().joan))


@pytest.fixture(scope="module")
def being_read(once: Once[Reading]) -> Reading:
    return once(lambda cast: reading_round(cast.joan, cast.harold, by=cast.sam))


def test_a_break_while_scoring_keeps_what_was_written(
    client: Client, db: None, being_read: Reading
) -> None:
    reading, joan = deepcopy(being_read), Cast().joan
    assignment = reading.assignments(joan)[0]
    actions.save_score_drafts(
        assignment=assignment, answers=full_answers(reading), by=joan, at=timezone.now()
    )
    assert ScoreDraft.objects.filter(assignment=assignment).exists()
    rest_and_return(client, reading.member(joan))


@pytest.mark.parametrize(
    ("sent", "of", "words"),
    [
        (0, 6, ""),
        (1, 6, "Your first one is sent. That is often the hardest."),
        (2, 6, "You are well on your way."),
        (3, 6, "You have read half."),
        (4, 6, "You have read more than half."),
        (5, 6, "Only one is left. Well done so far."),
        (6, 6, ""),
        (1, 2, "Only one is left. Well done so far."),
        (0, 0, ""),
    ],
)
def test_milestone_in_words(sent: int, of: int, words: str) -> None:
    assert milestone(sent=sent, of=of) == words
