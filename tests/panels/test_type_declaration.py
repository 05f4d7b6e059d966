"""Typing whom a volunteer on paper knows: both names kept, the same things follow."""

from copy import deepcopy

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from ledger.models import Letter
from panels.models import Declaration, Interest, StandingAside
from tests.conftest import Once
from tests.factories.panels import Reading, sharing_round

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    return once(lambda cast: sharing_round(cast.joan, cast.harold, bids=2, by=cast.sam))


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    return deepcopy(begun)


def address(reading: Reading, person: Person) -> str:
    return reverse("type_declaration", args=[reading.member(person).pk, reading.lot.pk])


def answers(reading: Reading, *kinds: str) -> dict[str, str]:
    return {f"kind_{bid.pk}": kind for bid, kind in zip(reading.bids, kinds, strict=True)}


def test_type_declaration_shows_names_and_nothing_of_a_bid(
    client: Client, reading: Reading, harold: Person, sam: Person
) -> None:
    client.force_login(sam)
    page = client.get(address(reading, harold))
    assert page.status_code == 200
    assert "Mrs Contact" in page.content.decode()
    assert "eat alone" not in page.content.decode()


def test_type_declaration_keeps_both_names(
    client: Client, reading: Reading, harold: Person, sam: Person
) -> None:
    client.force_login(sam)
    client.post(address(reading, harold), answers(reading, "nobody", "nobody"))
    declaration = Declaration.objects.get(member=reading.member(harold))
    assert declaration.typed_by == sam
    assert not Interest.objects.filter(member=reading.member(harold)).exists()


def test_type_declaration_of_a_direct_tie_stands_aside(
    client: Client, reading: Reading, harold: Person, sam: Person
) -> None:
    client.force_login(sam)
    client.post(address(reading, harold), answers(reading, "nobody", "direct"))
    aside = StandingAside.objects.get(member=reading.member(harold))
    assert (aside.lot, aside.application) == (reading.lot, None)


def test_type_declaration_tells_the_volunteer_what_was_typed(
    client: Client, reading: Reading, harold: Person, joan: Person, sam: Person
) -> None:
    client.force_login(sam)
    client.post(address(reading, harold), answers(reading, "nobody", "indirect"))
    client.post(address(reading, joan), answers(reading, "nobody", "nobody"))
    some, none = (
        Letter.objects.get(kind="declaration_typed", to=person).body_text
        for person in (harold, joan)
    )
    assert f"{reading.bids[1].reference}, " in some and "know people there" in some
    assert reading.bids[0].reference not in some
    assert "You know nobody in the bids of this list" in none
    assert all("Sam Okafor wrote down" in text for text in (some, none))


def test_type_declaration_needs_an_answer_for_each_bid(
    client: Client, reading: Reading, harold: Person, sam: Person
) -> None:
    client.force_login(sam)
    first, second = reading.bids
    typed = {f"kind_{first.pk}": "indirect", f"words_{first.pk}": "I sing there."}
    page = client.post(address(reading, harold), typed)
    assert page.status_code == 422
    assert f"Choose what they said about {second.reference}." in page.content.decode()
    assert "I sing there." in page.content.decode()


def test_type_declaration_is_not_there_for_others(
    client: Client, reading: Reading, harold: Person, joan: Person, outsider: Person
) -> None:
    for person in (joan, outsider):
        client.force_login(person)
        assert client.get(address(reading, harold)).status_code == 404


def test_sharing_people_links_to_type_declaration(
    client: Client, reading: Reading, harold: Person, sam: Person
) -> None:
    client.force_login(sam)
    page = client.get(reverse("sharing_people", args=[reading.round.slug]))
    assert address(reading, harold) in page.content.decode()
