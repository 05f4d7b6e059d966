from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Break
from accounts.next_steps import Pressing
from commissioning import actions
from commissioning.models import StageKind
from commissioning.next_steps import next_steps
from tests.factories import commissioning as make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def round(sam):
    return make.make_round(by=sam)


def steps(person, on=None):
    return list(next_steps(person, on=on or timezone.localdate()))


def test_next_steps_ask_the_invited_to_look(round, joan):
    make.invite(round, joan)
    [step] = steps(joan)
    assert step.button == "See what is involved"
    assert step.pressing == Pressing.NOW
    assert step.minutes == 10


def test_next_steps_in_a_rest_say_so_and_ask_nothing(round, joan):
    make.join(round, joan)
    make.close(make.open_to(round, StageKind.TRAINING))
    [step] = steps(joan, timezone.localdate() + DAY)
    assert step.sentence.startswith("This is a time of rest, until")
    assert (step.button, step.url, step.pressing) == ("", "", Pressing.WAITING)


def test_next_steps_on_a_break_are_none(round, joan):
    make.invite(round, joan)
    Break.objects.create(
        person=joan, starts_on=timezone.localdate(), asked_at=timezone.now(), asked_by=joan
    )
    assert steps(joan) == []


def test_next_steps_ask_for_suggestions_and_then_for_the_vote(round, joan, sam):
    member = make.join(round, joan)[0]
    stage = make.open_to(round, StageKind.CRITERIA)
    assert [step.sentence for step in steps(joan)] == [
        "Say what you think the money should be for.",
        "Say what you think makes a good bid.",
    ]
    draft = make.make_draft(round)
    make.make_criterion(draft, member)
    actions.put_agreement(agreement=draft, by=joan, at=timezone.now())
    assert "Vote on what makes a good bid." in [step.sentence for step in steps(joan)]
    assert steps(joan, stage.closes_on)[0].pressing == Pressing.NOW


def test_next_steps_say_that_there_is_nothing_to_do_while_bids_are_written(round, joan):
    make.join(round, joan)
    make.open_to(round, StageKind.OPEN)
    [step] = steps(joan)
    assert step.sentence == "Groups are writing their bids. There is nothing for you to do now."
    assert step.pressing == Pressing.WAITING


def test_next_steps_ask_a_typed_vote_to_be_checked(round, joan, sam, ruth):
    member = make.join(round, joan, *make.make_volunteers(2))[0]
    make.open_to(round, StageKind.CRITERIA)
    draft = make.make_draft(round)
    make.make_criterion(draft, member)
    actions.put_agreement(agreement=draft, by=joan, at=timezone.now())
    actions.type_vote(agreement=draft, member=member, choice="agree", by=sam, at=timezone.now())
    assert "Check the vote that was typed for you." in [one.sentence for one in steps(joan)]
    assert "Check a vote that was typed for somebody." in [one.sentence for one in steps(ruth)]
    assert "Check a vote that was typed for somebody." not in [one.sentence for one in steps(sam)]


def test_next_steps_tell_staff_what_is_due_to_open_and_to_close(round, sam):
    assert steps(sam)[0].sentence == f"“Setting up” can open in “{round.name}”."
    stage = make.open_to(round, StageKind.TRAINING)
    assert steps(sam) == []
    assert steps(sam, stage.closes_on)[0].button == "Close this stage"
    assert steps(sam, stage.closes_on + DAY)[0].pressing == Pressing.NOW


def test_next_steps_are_none_for_others(round, amina, outsider, margaret):
    for person in (amina, outsider, margaret):
        assert steps(person) == []


def test_next_steps_tell_staff_that_somebody_would_like_to_take_part(round, sam, outsider):
    make.open_to(round, StageKind.JOIN)
    facts = {"name": "Nell New", "channel": "post", "postal_address": "1 Mill Lane"}
    found = actions.ask_to_join(round=round, by=outsider, at=timezone.now(), **facts)
    url = reverse("enquiry_list", args=[round.slug])
    assert url in [step.url for step in steps(sam)]
    actions.invite_enquirer(enquiry=found, by=sam, at=timezone.now())
    assert url not in [step.url for step in steps(sam)]
