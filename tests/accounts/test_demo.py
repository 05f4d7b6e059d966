"""The demo's door: open on this machine only, in the demo only, with the example only."""

from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from commissioning.models import Programme
from tests.factories.accounts import a_letter
from tests.factories.commissioning import make_programme

URL = "/demo/"


@pytest.fixture
def example(settings: Any, db: None) -> Programme:
    settings.DEMO = True
    return make_programme(is_example=True)


def test_demo_door_shows_the_cast_and_the_letters(
    client: Client, example: Programme, joan: Person, sam: Person
) -> None:
    a_letter(joan, subject="Read your bids")
    response = client.get(URL)
    assert response.status_code == 200
    page = response.content.decode()
    for words in ('value="joan"', 'value="sam"', "Read your bids", "these are the words."):
        assert words in page
    assert 'value="harold"' not in page
    assert reverse("demo_door") == URL


def test_demo_door_signs_in(client: Client, example: Programme, joan: Person) -> None:
    response = client.post(URL, {"person": "joan"})
    assert response.url == reverse("home")
    assert client.session["_auth_user_id"] == str(joan.pk)
    assert client.get(reverse("account_email")).status_code == 200


@pytest.mark.parametrize("slug", ["", "olive", "joan@example.org", "superuser"])
def test_demo_door_knows_only_the_cast(
    client: Client, example: Programme, outsider: Person, slug: str
) -> None:
    assert client.post(URL, {"person": slug}).status_code == 404


def test_demo_door_asks_for_the_form_token(example: Programme, joan: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(URL, {"person": "joan"}).status_code == 403


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Anything",
        "X-Real-Ip",
        "Forwarded",
        "Via",
    ],
)
def test_demo_door_is_not_there_through_a_proxy(
    client: Client, example: Programme, joan: Person, header: str
) -> None:
    for answer in (
        client.get(URL, headers={header: "127.0.0.1"}),
        client.post(URL, {"person": "joan"}, headers={header: ""}),
    ):
        assert answer.status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.2", "::ffff:127.0.0.1", ""])
def test_demo_door_is_not_there_from_elsewhere(
    client: Client, example: Programme, address: str
) -> None:
    assert client.get(URL, REMOTE_ADDR=address).status_code == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("localhost.evil.example", 404),
        ("purse.example", 404),
    ],
)
def test_demo_door_is_there_on_loopback_names_only(
    client: Client, example: Programme, settings: Any, host: str, status: int
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert client.get(URL, headers={"Host": host}).status_code == status


def test_demo_door_is_not_there_outside_the_demo(client: Client, db: None, joan: Person) -> None:
    make_programme(is_example=True)
    assert client.get(URL).status_code == 404
    assert client.post(URL, {"person": "joan"}).status_code == 404


def test_demo_door_is_not_there_for_a_real_programme(
    client: Client, settings: Any, db: None
) -> None:
    settings.DEMO = True
    assert client.get(URL).status_code == 404
    make_programme(is_example=False)
    assert client.get(URL).status_code == 404


def test_demo_door_shows_sign_in_codes(
    client: Client, example: Programme, joan: Person, settings: Any, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    Client().post(reverse("account_login"), {"login": "joan@example.org"})
    mail.EmailMessage(
        "A stored letter", "x", to=["a@example.org"], headers={"Message-ID": "<letter-1@x>"}
    ).send()
    page = client.get(URL).content.decode()
    assert "Your sign-in code is" in page
    assert "(joan@example.org)" in page
    assert "A stored letter" not in page
