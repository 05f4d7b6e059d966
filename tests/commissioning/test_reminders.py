from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import reminders
from accounts.models import Break
from commissioning.models import AgreementVote, StageKind
from commissioning.reminders import rounds_under_way, tasks
from ledger.models import Letter
from tests.factories import commissioning as make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def round(sam):
    return make.make_round(by=sam)


@pytest.fixture
def joining(round, joan):
    """Joan is invited, and the stage of joining is open for three weeks."""
    make.invite(round, joan)
    return make.open_to(round, StageKind.JOIN)


@pytest.fixture
def voting(round, joan, harold, priya):
    """Three people may vote, and the stage is open for three weeks."""
    members = make.join(round, joan, harold, priya)
    stage = make.open_to(round, StageKind.CRITERIA)
    draft = make.make_draft(round)
    make.make_criterion(draft, members[0])
    draft.put_at, draft.put_by = timezone.now(), joan
    draft.save()
    return stage


def notes(on):
    open_tasks = list(tasks(rounds_under_way()))
    return reminders.notes_on(
        on,
        open_tasks,
        done=reminders.notes_gone(open_tasks),
        breaks=reminders.breaks_from(timezone.localdate()),
    )


def names(on):
    return sorted(
        (note.task.person.name, note.task.key.split(":")[0], note.kind)
        for own in notes(on).values()
        for note in own
    )


def test_tasks_remind_of_an_invitation_before_the_last_day_and_on_it(joining):
    last = joining.closes_on
    assert names(last - 4 * DAY) == []
    for days in (3, 2, 1):
        assert names(last - days * DAY) == [("Joan Ibbotson", "join", "before")]
    assert names(last) == [("Joan Ibbotson", "join", "on_day")]
    assert names(last + DAY) == []


def test_tasks_say_nothing_to_those_who_joined_or_said_no(joining, joan):
    joining.round.members.update(ended_at=timezone.now(), ended_by=joan)
    assert names(joining.closes_on) == []


def test_tasks_remind_of_a_vote_those_who_have_not_voted(voting, joan):
    member = voting.round.members.get(person=joan)
    AgreementVote.objects.create(
        agreement=voting.round.agreements.get(),
        member=member,
        choice="agree",
        voted_at=timezone.now(),
    )
    assert names(voting.closes_on - 2 * DAY) == [
        ("Harold Whitaker", "vote", "before"),
        ("Priya Nair", "vote", "before"),
    ]


def test_tasks_say_nothing_on_a_break(voting, harold):
    Break.objects.create(
        person=harold, starts_on=voting.closes_on, asked_at=timezone.now(), asked_by=harold
    )
    assert "Harold Whitaker" not in [name for name, _kind, _which in names(voting.closes_on)]


def test_tasks_end_with_their_stage(voting):
    make.close(voting)
    assert list(tasks(rounds_under_way())) == []
    assert voting.round.agreements.get().agreed_at is None


def test_write_notes_writes_each_once_however_often(voting, sam):
    last = voting.closes_on
    for _twice in range(2):
        reminders.write_notes(notes(last), on=last, by=sam, at=timezone.now())
    written = Letter.objects.filter(kind="tasks_due")
    assert len(written) == 3
    assert "Today is the last day for it." in written[0].body_text
    assert "Vote on what makes a good bid, in “" in written[0].body_text
    assert notes(last) == {}


def test_tasks_ask_the_database_the_same_for_one_and_three(voting, joan, django_assert_num_queries):
    with django_assert_num_queries(5):
        assert len(list(tasks(rounds_under_way()))) == 3
    others = voting.round.members.exclude(person=joan)
    others.update(ended_at=timezone.now(), ended_by=joan)
    with django_assert_num_queries(5):
        assert len(list(tasks(rounds_under_way()))) == 1
