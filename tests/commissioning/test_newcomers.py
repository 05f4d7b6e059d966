"""Nobody can be invented: who comes after the first vote is confirmed by those who know them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Role
from accounts.permissions import Refused
from commissioning import actions, rules
from commissioning.models import Agreement, AgreementVote, Member, Round
from ledger.models import Letter
from tests.factories import commissioning as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def round(sam: Person) -> Round:
    return make.make_round(by=sam, name="First round")


@pytest.fixture
def founders(round: Round, joan: Person, harold: Person, priya: Person) -> list[Member]:
    return make.join(round, joan, harold, priya)


@pytest.fixture
def put(round: Round, founders: list[Member], joan: Person) -> Agreement:
    make.open_to(round, "criteria")
    draft = make.make_draft(round)
    make.make_criterion(draft, founders[0])
    return actions.put_agreement(agreement=draft, by=joan, at=timezone.now())


@pytest.fixture
def newcomer(round: Round, put: Agreement, sam: Person) -> Member:
    nell = make.make_person("Nell Newcomer", Role.VOLUNTEER)
    (member,) = make.invite(round, nell, by=sam)
    return actions.join_round(
        member=member, bids_wanted=5, keeps_confidence=True, by=nell, at=timezone.now()
    )


def confirm(member: Member, by: Person) -> list[Member]:
    return actions.confirm_newcomers(round=member.round, members=[member], by=by, at=timezone.now())


def page(name: str, round: Round) -> str:
    return reverse(name, args=[round.slug])


# ---- The first list --------------------------------------------------------------------------
def test_join_round_before_the_first_vote_counts_at_once(founders: list[Member]) -> None:
    assert all(member.confirmed_at == member.joined_at for member in founders)
    assert all(member.confirmed_by == member.person for member in founders)


def test_put_agreement_writes_down_the_first_list_once(
    round: Round, put: Agreement, founders: list[Member], joan: Person
) -> None:
    entry = round.chain.entries.get(verb="closed_first_list")
    assert sorted(entry.data["members"]) == [member.pk for member in founders]
    again = make.make_draft(round, "priorities")
    again.priorities.create(title="Company", limit=10, worded_by=founders[0])
    actions.put_agreement(agreement=again, by=joan, at=timezone.now())
    assert round.chain.entries.filter(verb="closed_first_list").count() == 1


# ---- After it --------------------------------------------------------------------------------
def test_a_newcomer_does_not_count(
    round: Round, put: Agreement, newcomer: Member, founders: list[Member]
) -> None:
    assert newcomer.joined_at and not newcomer.confirmed_at
    assert list(round.members.here()) == sorted(founders, key=lambda row: row.person.name)
    verdict = rules.is_member(round, newcomer.person)
    assert (bool(verdict), "must confirm you first" in verdict.sentence) == (False, True)
    with pytest.raises(Refused, match="Only volunteers of this round vote"):
        actions.vote_on_agreement(
            agreement=put, choice="agree", by=newcomer.person, at=timezone.now()
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        AgreementVote.objects.create(
            agreement=put, member=newcomer, choice="agree", voted_at=timezone.now()
        )


def test_join_round_later_asks_all_who_count_once_a_day(
    round: Round, newcomer: Member, founders: list[Member], sam: Person
) -> None:
    (another,) = make.invite(round, *make.make_volunteers(1), by=sam)
    actions.join_round(
        member=another, bids_wanted=5, keeps_confidence=True, by=another.person, at=timezone.now()
    )
    told = [row.to for row in Letter.objects.filter(kind="newcomers")]
    assert sorted(told, key=str) == sorted((one.person for one in founders), key=str)


def test_confirm_newcomers_counts_from_the_second(
    put: Agreement, newcomer: Member, joan: Person, harold: Person
) -> None:
    assert confirm(newcomer, joan) == []
    newcomer.refresh_from_db()
    assert newcomer.confirmed_at is None
    assert confirm(newcomer, harold) == [newcomer]
    newcomer.refresh_from_db()
    assert newcomer.confirmed_by == harold
    entries = newcomer.round.chain.entries.filter(verb="confirmed_newcomers").order_by("seq")
    assert [(row.data["members"], row.data["counting"]) for row in entries] == [
        ([newcomer.pk], []),
        ([newcomer.pk], [newcomer.pk]),
    ]
    assert Letter.objects.get(kind="place_confirmed").to == newcomer.person
    vote = actions.vote_on_agreement(
        agreement=put, choice="agree", by=newcomer.person, at=timezone.now()
    )
    assert vote.member == newcomer


def test_confirm_newcomers_takes_one_yes_from_each(newcomer: Member, joan: Person) -> None:
    confirm(newcomer, joan)
    with pytest.raises(Refused, match="Somebody else must do so too"):
        confirm(newcomer, joan)


def test_confirm_newcomers_is_for_those_who_count(
    round: Round, newcomer: Member, sam: Person, outsider: Person, superuser: Person, joan: Person
) -> None:
    for person in (sam, outsider, superuser, newcomer.person):
        with pytest.raises(Refused, match="Only volunteers of this round"):
            confirm(newcomer, person)
    with pytest.raises(Refused, match="Tick at least one"):
        actions.confirm_newcomers(round=round, members=[], by=joan, at=timezone.now())
    actions.leave_round(member=newcomer, by=newcomer.person, at=timezone.now())
    with pytest.raises(Refused, match="not waiting to be confirmed"):
        confirm(newcomer, joan)


def test_the_database_counts_nobody_whom_two_have_not_confirmed(
    newcomer: Member, joan: Person, sam: Person
) -> None:
    def take() -> None:
        Member.objects.filter(pk=newcomer.pk).update(confirmed_at=timezone.now(), confirmed_by=sam)

    def refused(write: Callable[[], Any]) -> bool:
        try:
            with transaction.atomic():
                write()
        except (DatabaseError, IntegrityError):
            return True
        return False

    assert refused(take)
    confirm(newcomer, joan)
    assert refused(take)
    own = newcomer.confirmations.model(member=newcomer, confirmer=newcomer, made_at=timezone.now())
    assert refused(own.save)
    moved = Member.objects.filter(pk=newcomer.pk)
    assert refused(lambda: moved.update(invited_by=joan))


# ---- Pages -----------------------------------------------------------------------------------
def test_confirm_newcomers_page(
    client: Client, round: Round, newcomer: Member, joan: Person, harold: Person
) -> None:
    client.force_login(joan)
    assert "Somebody new wants to take part" in client.get("/", follow=True).text
    welcome = client.get(page("round_welcome", round)).text
    assert "Waiting to be confirmed: 1" in welcome and "Confirmed by 0 of 2." in welcome
    asked = client.get(page("confirm_newcomers", round)).text
    assert "Nell Newcomer, invited by Sam" in asked
    assert " checked" not in asked
    assert client.post(page("confirm_newcomers", round), {}).status_code == 422
    ticked = {"members": [newcomer.pk]}
    client.post(page("confirm_newcomers", round), ticked)
    assert "You have confirmed them." in client.get(page("round_welcome", round)).text
    assert "Nobody waits for you." in client.get(page("confirm_newcomers", round)).text
    assert "Somebody new wants to take part" not in client.get("/", follow=True).text
    client.force_login(harold)
    done = client.post(page("confirm_newcomers", round), ticked, follow=True).text
    assert "These people take part now: Nell Newcomer." in done
    newcomer.refresh_from_db()
    assert newcomer.confirmed_at


def test_a_newcomer_reads_that_they_wait(client: Client, round: Round, newcomer: Member) -> None:
    client.force_login(newcomer.person)
    assert "must confirm you now" in client.get("/", follow=True).text
    welcome = client.get(page("round_welcome", round)).text
    assert "You need do nothing." in welcome and "Nell Newcomer (you)" in welcome
    assert "Say whom you know" not in welcome and "Good words for me" not in welcome
    refused = client.get(page("confirm_newcomers", round))
    assert "once you take part in this round yourself" in refused.text


def test_member_list_says_who_waits(
    client: Client, round: Round, newcomer: Member, sam: Person
) -> None:
    client.force_login(sam)
    listed = client.get(page("member_list", round)).text
    assert "(not confirmed yet)" in listed and "You cannot do it for them." in listed
    assert client.get(page("confirm_newcomers", round)).status_code == 404


def test_confirm_newcomers_asks_the_same_for_one_and_for_three(
    client: Client,
    round: Round,
    newcomer: Member,
    joan: Person,
    sam: Person,
    django_assert_max_num_queries: Any,
) -> None:
    client.force_login(joan)
    with django_assert_max_num_queries(12) as one:
        client.get(page("confirm_newcomers", round))
    for person in make.make_volunteers(2):
        (member,) = make.invite(round, person, by=sam)
        actions.join_round(
            member=member, bids_wanted=5, keeps_confidence=True, by=person, at=timezone.now()
        )
    with django_assert_max_num_queries(12) as three:
        assert "Volunteer" in client.get(page("confirm_newcomers", round)).text
    assert len(one) == len(three)
