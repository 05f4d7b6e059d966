"""Letters that people see to: what waits, what is in doubt, letters to post and people to ring."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Break, Person
from ledger import clock
from ledger.models import Channel, Sending
from tests.factories.accounts import a_letter

State = Sending.State


@pytest.fixture
def desk(sam: Person) -> Client:
    client = Client()
    client.force_login(sam)
    return client


@pytest.fixture
def on_paper(joan: Person) -> Person:
    joan.postal_address, joan.phone = "1 Lane\nLeeds", "0113 496 0000"
    joan.save(update_fields=["postal_address", "phone"])
    return joan


def see(client: Client, name: str) -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200
    return response.content.decode()


def rest(person: Person) -> None:
    Break.objects.create(
        person=person, starts_on=clock.today(), asked_at=timezone.now(), asked_by=person
    )


def test_outbox_shows_what_waits_and_what_is_in_trouble(desk: Client, joan: Person) -> None:
    a_letter(joan, subject="Waits")
    a_letter(joan, subject="In doubt", state=State.IN_DOUBT)
    a_letter(joan, subject="Failed", state=State.FAILED)
    a_letter(joan, subject="Gone", state=State.SENT)
    page = see(desk, "outbox")
    for words in ("Waits", "In doubt", "Failed", "We cannot be sure this was sent"):
        assert words in page
    assert "Gone" not in page
    assert "these are the words" not in page


def test_outbox_says_what_waits_for_a_rest(desk: Client, joan: Person) -> None:
    a_letter(joan)
    assert "After their rest" not in see(desk, "outbox")
    rest(joan)
    assert "After their rest" in see(desk, "outbox")


def test_send_letter_again_only_from_trouble(desk: Client, joan: Person) -> None:
    letter = a_letter(joan, state=State.IN_DOUBT)
    url = reverse("send_letter_again", args=[letter.sending.pk])
    assert desk.get(url).status_code == 405
    assert desk.post(url).url == reverse("outbox")
    letter.sending.refresh_from_db()
    assert letter.sending.state == State.PENDING
    page = desk.post(url, follow=True).content.decode()
    assert "Nothing was changed" in page


def test_letters_to_post_prints_each_on_its_own_page(desk: Client, on_paper: Person) -> None:
    for subject in ("First letter", "Second letter"):
        a_letter(on_paper, subject=subject, channel=Channel.POST)
    page = see(desk, "letters_to_post")
    assert "1 Lane<br>Leeds" in page
    paper = see(desk, "print_letters")
    assert paper.count("<section") == 2
    assert paper.count('class="new-page"') == 1
    assert paper.count("<h1") == 1
    assert paper.count("these are the words.") == 2


def test_letters_to_post_leaves_out_those_who_rest(desk: Client, on_paper: Person) -> None:
    a_letter(on_paper, channel=Channel.POST, subject="A notice")
    a_letter(on_paper, channel=Channel.POST, subject="An answer", when="answer")
    rest(on_paper)
    for name in ("letters_to_post", "print_letters"):
        page = see(desk, name)
        assert "An answer" in page
        assert "A notice" not in page
    assert "1 letter waits, because its reader rests." in see(desk, "letters_to_post")


def test_letters_to_post_waits_for_its_day(desk: Client, on_paper: Person) -> None:
    a_letter(on_paper, channel=Channel.POST, not_before=timezone.now() + timedelta(days=3))
    assert "None to post." in see(desk, "letters_to_post")


def test_mark_letters_done(desk: Client, sam: Person, on_paper: Person) -> None:
    letters = [a_letter(on_paper, channel=Channel.POST) for _turn in range(2)]
    numbers = [letter.sending.pk for letter in letters]
    url = reverse("mark_letters_done")
    assert desk.get(url).status_code == 405
    page = desk.post(url, {"sending": [*numbers, "x"]}, follow=True).content.decode()
    assert "2 letters are marked as done." in page
    for letter in letters:
        letter.sending.refresh_from_db()
        assert letter.sending.state == State.SENT
        assert letter.sending.marked_by == sam
    page = desk.post(url, {"sending": numbers}, follow=True).content.decode()
    assert "0 letters are marked as done." in page


def test_mark_letters_done_never_touches_email(desk: Client, joan: Person) -> None:
    letter = a_letter(joan)
    desk.post(reverse("mark_letters_done"), {"sending": [letter.sending.pk]})
    letter.sending.refresh_from_db()
    assert letter.sending.state == State.PENDING


def test_call_list_has_the_words_to_say(desk: Client, on_paper: Person) -> None:
    on_paper.postal_address = ""
    on_paper.save(update_fields=["postal_address"])
    letter = a_letter(on_paper, channel=Channel.PHONE)
    page = see(desk, "call_list")
    assert 'href="tel:01134960000"' in page
    assert "these are the words." in page
    data = {"sending": letter.sending.pk, "from": "call_list"}
    assert desk.post(reverse("mark_letters_done"), data).url == reverse("call_list")
    assert "Nobody to ring." in see(desk, "call_list")


@pytest.mark.parametrize("name", ["mark_letters_done", "send_letter_again"])
def test_letter_buttons_are_not_there_for_others(
    name: str, joan: Person, harold: Person, superuser: Person
) -> None:
    letter = a_letter(joan, state=State.IN_DOUBT)
    args: list[Any] = [letter.sending.pk] if name == "send_letter_again" else []
    for person in (harold, superuser):
        client = Client()
        client.force_login(person)
        assert client.post(reverse(name, args=args)).status_code == 404
    letter.sending.refresh_from_db()
    assert letter.sending.state == State.IN_DOUBT
