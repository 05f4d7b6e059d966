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


def test_outbox_asks_about_letters_in_doubt(desk: Client, joan: Person) -> None:
    assert "We cannot be sure this was sent" not in see(desk, "outbox")
    a_letter(joan, subject="In doubt", state=State.IN_DOUBT)
    page = see(desk, "outbox")
    for words in ("We cannot be sure this was sent", "Send again", "It did arrive"):
        assert words in page


def test_home_tells_facilitators_of_letters_in_trouble(desk: Client, joan: Person) -> None:
    assert "may not have arrived" not in see(desk, "home")
    for state in (State.IN_DOUBT, State.FAILED, State.PENDING):
        a_letter(joan, state=state)
    assert "2 letters may not have arrived." in see(desk, "home")
    desk.force_login(joan)
    assert "may not have arrived" not in see(desk, "home")


def test_outbox_lists_reminders_that_may_have_come_twice(desk: Client, joan: Person) -> None:
    for subject, doubts in (("Twice", 1), ("Once", 0)):
        letter = a_letter(joan, subject=subject, state=State.SENT)
        Sending.objects.filter(letter=letter).update(doubts=doubts)
    page = see(desk, "outbox")
    assert "These may have come twice" in page
    assert "Joan Ibbotson: Twice" in page
    assert "Once" not in page


def test_mark_arrived_settles_a_doubt_and_nothing_else(
    desk: Client, sam: Person, joan: Person
) -> None:
    doubt, failed = (a_letter(joan, state=state) for state in (State.IN_DOUBT, State.FAILED))
    page = ""
    for letter in (doubt, failed):
        url = reverse("mark_arrived", args=[letter.sending.pk])
        assert desk.get(url).status_code == 405
        page = desk.post(url, follow=True).content.decode()
        letter.sending.refresh_from_db()
    assert "Nothing was changed" in page
    assert (doubt.sending.state, doubt.sending.marked_by) == (State.SENT, sam)
    assert failed.sending.state == State.FAILED


def test_call_list_rings_those_whose_email_could_not_be_sent(
    desk: Client, sam: Person, joan: Person
) -> None:
    joan.phone = "0113 496 0000"
    joan.save(update_fields=["phone"])
    letter = a_letter(joan, state=State.FAILED)
    Sending.objects.update(trouble="550")
    assert "Ring them instead" in see(desk, "outbox")
    page = see(desk, "call_list")
    assert "The email to them could not be sent." in page
    assert 'href="tel:01134960000"' in page
    assert reverse("person_detail", args=[joan.pk]) in page
    data = {"sending": letter.sending.pk, "from": "call_list"}
    assert desk.post(reverse("mark_letters_done"), data).url == reverse("call_list")
    letter.sending.refresh_from_db()
    assert (letter.sending.state, letter.sending.marked_by) == (State.SENT, sam)
    assert letter.sending.went_by == Channel.PHONE
    assert "Nobody to ring." in see(desk, "call_list")


def test_call_list_keeps_the_rest_of_those_whose_email_failed(desk: Client, joan: Person) -> None:
    a_letter(joan, state=State.FAILED)
    rest(joan)
    assert "1 call waits, because its reader rests." in see(desk, "call_list")


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
    assert "paper-foot" not in paper
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


@pytest.mark.parametrize("name", ["mark_letters_done", "send_letter_again", "mark_arrived"])
def test_letter_buttons_are_not_there_for_others(
    name: str, joan: Person, harold: Person, superuser: Person
) -> None:
    letter = a_letter(joan, state=State.IN_DOUBT)
    args: list[Any] = [] if name == "mark_letters_done" else [letter.sending.pk]
    for person in (harold, superuser):
        client = Client()
        client.force_login(person)
        assert client.post(reverse(name, args=args)).status_code == 404
    letter.sending.refresh_from_db()
    assert letter.sending.state == State.IN_DOUBT
