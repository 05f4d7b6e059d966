"""A facilitator sets up the programme once; nobody else can."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from commissioning.models import Programme
from ledger.models import Entry
from tests.factories.commissioning import make_programme

WORDS = {
    "name": "Good Company",
    "about": "It is for people who are lonely.",
    "funder": "The Fund",
    "help_name": "Sam",
    "help_phone": "0113 496 0100",
}


def test_set_up_programme_then_leads_to_the_first_round(client: Client, sam: Person) -> None:
    client.force_login(sam)
    assert client.get(reverse("set_up_round")).url == reverse("set_up_programme")  # type: ignore[attr-defined]
    assert client.get(reverse("set_up_programme")).status_code == 200
    answer = client.post(reverse("set_up_programme"), WORDS)
    assert answer.url == reverse("set_up_round")  # type: ignore[attr-defined]
    programme = Programme.objects.get()
    assert (programme.slug, programme.funder) == ("good-company", "The Fund")
    assert Entry.objects.get(verb="set_up_programme").by == sam


def test_set_up_programme_keeps_what_was_typed(client: Client, sam: Person) -> None:
    client.force_login(sam)
    answer = client.post(reverse("set_up_programme"), {**WORDS, "name": "", "funder": "The Fund"})
    assert answer.status_code == 422
    assert "The Fund" in answer.content.decode()
    assert not Programme.objects.exists()


def test_a_site_is_for_one_programme_so_that_staff_never_see_anothers(
    client: Client, sam: Person
) -> None:
    client.force_login(sam)
    client.post(reverse("set_up_programme"), WORDS)
    another = {**WORDS, "name": "Quite another"}
    for answer in (
        client.get(reverse("set_up_programme")),
        client.post("/programmes/new/", another),
    ):
        assert answer.status_code == 403
        assert "Another programme needs a site of its own." in answer.content.decode()
    assert Programme.objects.get().name == WORDS["name"]


def test_change_programme_says_what_changed(client: Client, sam: Person) -> None:
    programme = make_programme()
    client.force_login(sam)
    url = reverse("change_programme", args=[programme.slug])
    assert client.get(url).status_code == 200
    client.post(url, {**WORDS, "name": programme.name, "prefix_360giving": "360G-good"})
    programme.refresh_from_db()
    assert programme.prefix_360giving == "360G-good"
    assert "prefix_360giving" in Entry.objects.get(verb="changed_programme").data["fields"]


@pytest.mark.parametrize("name", ["joan", "amina", "margaret", "administrator", "outsider"])
def test_set_up_programme_is_not_there_for_others(
    name: str, client: Client, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(name))
    assert client.get(reverse("set_up_programme")).status_code == 404


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" e08000035 ", "E08000035"),
        ("W06000015", "W06000015"),
        ("Leeds", None),
        ("E0800003", None),
        ("E99000001", None),
    ],
)
def test_change_programme_takes_the_code_of_a_place(
    typed: str, kept: str | None, client: Client, sam: Person
) -> None:
    programme = make_programme()
    client.force_login(sam)
    url = reverse("change_programme", args=[programme.slug])
    answer = client.post(url, {**WORDS, "name": programme.name, "place_code": typed})
    programme.refresh_from_db()
    if kept is None:
        assert "Type one letter and eight figures" in answer.content.decode()
        assert programme.place_code == ""
    else:
        assert programme.place_code == kept
