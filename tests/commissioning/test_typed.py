"""What somebody offers for reading, told on paper or by phone: typed, checked, and then counted."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Role
from accounts.permissions import Refused
from commissioning import actions
from commissioning.models import Member, Promise, Round, TypedAnswer
from ledger.models import Entry, Letter
from tests.factories.commissioning import join, make_person, make_round

AWAY = (date(2026, 3, 3), date(2026, 3, 9))


@pytest.fixture
def round(sam: Person) -> Round:
    made: Round = make_round(by=sam)
    return made


@pytest.fixture
def member(round: Round, joan: Person, sam: Person) -> Member:
    join(round, joan, by=sam)
    return Member.objects.get(person=joan)


def typed_for(member: Member, by: Person, **other: Any) -> TypedAnswer:
    said: dict[str, Any] = {
        "bids_wanted": 9,
        "reading_hours": 12,
        "away": [AWAY],
        "wishes": {},
        "experience": ["carer"],
    }
    return actions.type_promise(member=member, by=by, at=timezone.now(), **(said | other))


def test_type_promise_by_page_and_a_yes_by_its_owner(
    client: Client, round: Round, member: Member, sam: Person
) -> None:
    lots = list(round.lots.all())
    page = reverse("type_promise", args=[round.slug, member.pk])
    client.force_login(sam)
    assert page in client.get(reverse("member_list", args=[round.slug])).text
    assert page in client.get(reverse("member_care", args=[round.slug, member.pk])).text
    data = {"bids_wanted": "9", "reading_hours": "12", "experience": ["carer"]}
    data |= {f"lot_{lot.pk}": "like" for lot in lots}
    data |= {"first_1_0": "3", "first_1_1": "3", "first_1_2": "2026"}
    data |= {"last_1_0": "9", "last_1_1": "3", "last_1_2": "2026"}
    assert client.post(page, data | {"bids_wanted": "99"}).status_code == 422
    assert client.post(page, data | {"last_1_0": "2"}).status_code == 422
    assert client.post(page, data | {"last_2_0": "2"}).status_code == 422
    assert client.post(page, data).status_code == 302
    member.refresh_from_db()
    assert (member.bids_wanted, member.reading_hours) == (5, None)
    assert not member.lot_wishes.exists() and not member.days_gone.exists()
    typed = member.typed_answers.get()
    letter = Letter.objects.get(kind="answer_typed", to=member.person)
    for words in ("Up to 9", "Up to 12", "3 March 2026 to 9 March 2026", sam.name):
        assert words in letter.body_text
    here = reverse("confirm_typed_answer", args=[typed.pk])
    assert "another person must check it" in client.get(here).text
    assert here in client.get(reverse("member_list", args=[round.slug])).text
    assert "it waits to be checked" in client.get(page).text
    client.force_login(member.person)
    assert here in client.get(reverse("home")).text
    assert client.post(here, {}).status_code == 422, "nothing is ticked beforehand"
    assert client.post(here, {"sure": "on"}).status_code == 302
    member.refresh_from_db()
    assert (member.bids_wanted, member.reading_hours, member.experience) == (9, 12, ["carer"])
    assert [(row.first_on, row.last_on) for row in member.days_gone.all()] == [AWAY]
    assert all(wish.likes for wish in member.lot_wishes.all())
    assert member.lot_wishes.count() == len(lots)
    assert Promise.objects.filter(member=member).latest("pk").said_by == sam
    typed.refresh_from_db()
    assert (typed.said, typed.confirmed_by) == ({}, member.person)
    assert [row.verb for row in Entry.objects.filter(data__typed_answer=typed.pk)] == [
        "typed_answer",
        "confirmed_typed_answer",
    ]
    assert client.post(here, {"sure": "on"}).status_code == 403, "once"


def test_a_second_facilitator_confirms_and_strangers_see_nothing(
    client: Client, round: Round, member: Member, sam: Person, ruth: Person, harold: Person
) -> None:
    join(round, harold, by=sam)
    here = reverse("confirm_typed_answer", args=[typed_for(member, sam).pk])
    client.force_login(harold)
    assert client.get(here).status_code == 404
    assert client.post(here, {"sure": "on"}).status_code == 404
    client.force_login(ruth)
    assert here in client.get(reverse("home")).text
    assert client.post(here, {"sure": "on"}).status_code == 302
    member.refresh_from_db()
    assert member.bids_wanted == 9


def test_what_is_wrong_is_taken_back_and_the_newest_typing_is_what_waits(
    client: Client, round: Round, member: Member, sam: Person, ruth: Person
) -> None:
    old = typed_for(member, sam)
    new = typed_for(member, ruth, bids_wanted=3)
    old.refresh_from_db()
    assert (old.said, old.dropped_by) == ({}, ruth)
    with pytest.raises(Refused, match="dealt with already"):
        actions.confirm_typed_answer(typed=old, by=member.person, at=timezone.now())
    client.force_login(member.person)
    here = reverse("confirm_typed_answer", args=[new.pk])
    assert client.post(here, {"wrong": "1"}).status_code == 302
    member.refresh_from_db()
    assert member.bids_wanted == 5
    assert not TypedAnswer.objects.waiting().exists()


def test_what_cannot_be_is_refused_and_leaving_lets_go_of_what_waits(
    member: Member, sam: Person, joan: Person
) -> None:
    for wrong in ({"bids_wanted": 20}, {"reading_hours": 1}, {"away": [AWAY[::-1]]}):
        with pytest.raises(Refused):
            typed_for(member, sam, **wrong)
    with pytest.raises(Refused):
        typed_for(member, make_person("Olive", Role.VOLUNTEER))
    with pytest.raises(Refused, match="on your own pages"):
        typed_for(member, joan)
    typed = typed_for(member, sam)
    actions.leave_round(member=member, by=joan, at=timezone.now())
    typed.refresh_from_db()
    assert typed.said == {} and typed.dropped_by == joan
    with pytest.raises(Refused, match="does not take part"):
        typed_for(Member.objects.get(pk=member.pk), sam)
