"""Fewer letters: what can be left out, what cannot, and that we say which."""

from pathlib import Path

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import letters
from accounts.actions import change_details
from accounts.models import Person
from ledger import sending
from ledger.models import Channel, Letter, Sending

State = Sending.State
REMINDER, ALWAYS = "tasks_due", "role_ended"


def write(person: Person, name: str) -> Letter:
    """A letter of this kind with no words of its own: only what every letter says."""
    return letters.write_to(
        person,
        name,
        key=f"{name}:{Letter.objects.count()}",
        by=Person.objects.machine(),
        at=timezone.now(),
        context={},
    )


def want_fewer(person: Person) -> None:
    change_details(person=person, by=person, at=timezone.now(), fewer_letters=True)


def test_each_letter_that_can_be_left_out_exists() -> None:
    folder = Path("templates/letters")
    assert {name for name in letters.CAN_BE_FEWER if not (folder / name).is_dir()} == set()


def test_a_reminder_stays_on_the_letters_page(joan: Person) -> None:
    want_fewer(joan)
    assert write(joan, REMINDER).sending.state == State.INBOX
    assert sending.send_due(on=timezone.now()) == 0
    assert Letter.objects.inbox_of(joan).count() == 1


def test_other_letters_come_all_the_same(joan: Person) -> None:
    want_fewer(joan)
    assert write(joan, ALWAYS).sending.state == State.PENDING


def test_the_wish_holds_for_letters_that_wait_already(joan: Person, harold: Person) -> None:
    waits, always, others = write(joan, REMINDER), write(joan, ALWAYS), write(harold, REMINDER)
    want_fewer(joan)
    states = [Sending.objects.get(letter=one).state for one in (waits, always, others)]
    assert states == [State.INBOX, State.PENDING, State.PENDING]


def test_somebody_with_no_letters_page_still_gets_them(joan: Person) -> None:
    joan.sign_in_email, joan.contact_email = None, "joan@example.org"
    joan.save()
    want_fewer(joan)
    assert write(joan, REMINDER).sending.state == State.PENDING


def test_post_is_never_left_out(joan: Person) -> None:
    joan.channel, joan.postal_address = Channel.POST, "1 Lane"
    joan.save()
    want_fewer(joan)
    assert write(joan, REMINDER).sending.state == State.PENDING


def test_the_head_of_an_email_says_how_only_where_it_can_be_done(joan: Person) -> None:
    head = sending.email_of(write(joan, REMINDER)).message()["List-Unsubscribe"]
    assert head == f"<{letters.fewer_address(joan)}>"
    assert "List-Unsubscribe" not in sending.email_of(write(joan, ALWAYS)).message()


def test_its_foot_says_so_too(joan: Person) -> None:
    reminder, always = write(joan, REMINDER), write(joan, ALWAYS)
    for words in (reminder.body_text, reminder.body_html):
        assert letters.fewer_address(joan) in words
    assert "fewer" not in always.body_text


def test_ask_for_fewer_letters_needs_no_signing_in(client: Client, joan: Person) -> None:
    url = letters.fewer_address(joan).removeprefix("http://localhost:8000")
    page = client.get(url).content.decode()
    joan.refresh_from_db()
    assert not joan.fewer_letters  # reading the page changes nothing
    assert "What always comes" in page
    assert "decisions about a bid" in page
    assert joan.name not in page
    assert "You get fewer letters" in client.post(url).content.decode()
    joan.refresh_from_db()
    assert joan.fewer_letters


def test_ask_for_fewer_letters_knows_a_made_up_address(client: Client, joan: Person) -> None:
    url = reverse("ask_for_fewer_letters", args=[f"{joan.pk}:made:up"])
    assert client.get(url).status_code == 404
    assert client.post(url).status_code == 404


def test_choose_letters_both_ways(client: Client, joan: Person) -> None:
    client.force_login(joan)
    url = reverse("choose_letters")
    assert "We cannot leave these out." in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422
    for answer, fewer in (("yes", True), ("no", False)):
        assert client.post(url, {"fewer_letters": answer}).url == reverse("my_details")
        joan.refresh_from_db()
        assert joan.fewer_letters is fewer
