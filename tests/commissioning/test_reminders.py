from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.letters import write_to
from accounts.models import Break
from commissioning.models import AgreementVote, StageKind
from commissioning.reminders import owed
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


def names(on):
    return sorted((one.person.name, one.name, one.key.rsplit(":", 1)[1]) for one in owed(on))


def test_owed_reminds_of_an_invitation_before_the_last_day_and_on_it(joining):
    last = joining.closes_on
    assert names(last - 4 * DAY) == []
    assert names(last - 3 * DAY) == [("Joan Ibbotson", "join_reminder", "before")]
    assert names(last) == [("Joan Ibbotson", "join_reminder", "on-day")]
    assert names(last + DAY) == []


def test_owed_gives_the_same_key_on_each_of_the_days_before(joining):
    last = joining.closes_on
    assert {one.key for days in (1, 2, 3) for one in owed(last - days * DAY)} == {
        f"join_reminder:member:{joining.round.members.get().pk}:before"
    }


def test_owed_says_nothing_to_those_who_joined_or_said_no(joining, joan):
    joining.round.members.update(ended_at=timezone.now(), ended_by=joan)
    assert names(joining.closes_on) == []


def test_owed_reminds_of_a_vote_those_who_have_not_voted(voting, joan):
    member = voting.round.members.get(person=joan)
    AgreementVote.objects.create(
        agreement=voting.round.agreements.get(),
        member=member,
        choice="agree",
        voted_at=timezone.now(),
    )
    assert names(voting.closes_on - 2 * DAY) == [
        ("Harold Whitaker", "vote_reminder", "before"),
        ("Priya Nair", "vote_reminder", "before"),
    ]


def test_owed_says_nothing_on_a_break(voting, harold):
    Break.objects.create(
        person=harold, starts_on=voting.closes_on, asked_at=timezone.now(), asked_by=harold
    )
    assert "Harold Whitaker" not in [name for name, _kind, _which in names(voting.closes_on)]


def test_owed_says_nothing_in_a_rest(voting):
    round = voting.round
    make.close(voting)
    assert owed(timezone.localdate() + DAY) == []
    assert round.agreements.get().agreed_at is None


def test_owed_can_be_written_once_each(voting, sam):
    for _twice in range(2):
        for one in owed(voting.closes_on):
            write_to(
                one.person,
                one.name,
                key=one.key,
                by=sam,
                at=timezone.now(),
                chain=one.chain,
                context=one.context,
            )
    written = Letter.objects.filter(kind="vote_reminder")
    assert len(written) == 3
    assert "You can vote until" in written[0].body_text


def test_owed_asks_the_database_the_same_for_one_and_three(voting, joan, django_assert_num_queries):
    with django_assert_num_queries(5):
        assert len(owed(voting.closes_on)) == 3
    others = voting.round.members.exclude(person=joan)
    others.update(ended_at=timezone.now(), ended_by=joan)
    with django_assert_num_queries(5):
        assert len(owed(voting.closes_on)) == 1
