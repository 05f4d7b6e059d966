"""Letters are neither lost nor doubled: claim, send, mark, and what happens when each fails."""

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import timezone

from accounts.models import Person
from ledger import sending
from ledger.actions import Address, Words, write_letter
from ledger.models import Channel, Letter, Sending

pytestmark = pytest.mark.django_db

State = Sending.State


class PostOffice:
    """A real mail server on this machine that can be told how to answer."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.answer = "250 taken"
        self.hang_up = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.received.append(envelope)
        if self.hang_up:
            server.transport.close()
        return self.answer


@pytest.fixture
def post_office(settings: object) -> Iterator[PostOffice]:
    office = PostOffice()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST = "127.0.0.1"  # type: ignore[attr-defined]
    settings.EMAIL_PORT = port  # type: ignore[attr-defined]
    settings.LETTER_GATE = "tests.ledger.test_sending.gate"  # type: ignore[attr-defined]
    yield office
    controller.stop()


resting: set[str] = set()


def gate(letter: Letter, at: datetime) -> bool:
    return letter.key not in resting


def letter(key: str = "one", **fields: object) -> Letter:
    return write_letter(
        key=key,
        kind="reminder",
        to=Address("Joan", fields.pop("channel", Channel.EMAIL), "joan@example.org"),  # type: ignore[arg-type]
        words=Words("Read by\nFriday", "Dear Joan", "<p>Dear Joan</p>"),
        by=Person.objects.machine(),
        at=timezone.now(),
        **fields,  # type: ignore[arg-type]
    )


def state(of: Letter) -> str:
    return Sending.objects.get(letter=of).state


def tick() -> int:
    return sending.send_due(on=timezone.now())


def test_a_letter_is_sent_once_and_marked(post_office: PostOffice) -> None:
    one = letter()
    assert tick() == 1
    assert tick() == 0
    assert state(one) == State.SENT
    assert len(post_office.received) == 1
    assert b"Subject: Read by Friday" in (post_office.received[0].content or b"")


def test_the_same_key_makes_one_letter() -> None:
    assert letter("same").pk == letter("same").pk
    assert Sending.objects.count() == 1


def test_a_letter_not_due_yet_waits(post_office: PostOffice) -> None:
    letter(not_before=timezone.now() + timedelta(hours=1))
    assert tick() == 0


def test_rest_is_asked_again_when_the_letter_is_claimed(post_office: PostOffice) -> None:
    one = letter()
    resting.add(one.key)
    try:
        assert tick() == 0
        assert state(one) == State.PENDING
    finally:
        resting.clear()
    assert tick() == 1


def test_letters_that_wait_for_a_rest_do_not_hold_up_the_others(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    for number in range(5):
        resting.add(letter(f"resting-{number}").key)
    other = letter("other")
    try:
        assert tick() == 1
    finally:
        resting.clear()
    assert state(other) == State.SENT


def test_posted_and_phoned_letters_wait_for_a_person(post_office: PostOffice) -> None:
    one = letter(channel=Channel.POST)
    assert tick() == 0
    assert sending.mark_done(one.sending, by=Person.objects.operator(), at=timezone.now())
    assert state(one) == State.SENT
    assert not sending.mark_done(one.sending, by=Person.objects.operator(), at=timezone.now())


def test_a_busy_server_means_a_later_try_with_longer_waits(post_office: PostOffice) -> None:
    one = letter()
    post_office.answer = "451 busy"
    tick()
    first = Sending.objects.get(letter=one)
    assert (first.state, first.attempts) == (State.PENDING, 1)
    assert first.not_before > timezone.now() + timedelta(minutes=1)
    Sending.objects.update(not_before=timezone.now())
    post_office.answer = "250 taken"
    assert tick() == 1


def test_a_refusal_for_good_fails_and_a_person_can_let_it_go_again(
    post_office: PostOffice,
) -> None:
    one = letter()
    post_office.answer = "550 no such mailbox"
    tick()
    assert state(one) == State.FAILED
    post_office.answer = "250 taken"
    assert sending.send_again(one.sending)
    assert tick() == 1


def test_the_line_falling_after_the_words_leaves_it_in_doubt(post_office: PostOffice) -> None:
    one = letter()
    post_office.hang_up = True
    tick()
    assert state(one) == State.IN_DOUBT


def test_no_server_at_all_loses_nothing(post_office: PostOffice, settings: object) -> None:
    settings.EMAIL_PORT = 1  # type: ignore[attr-defined]
    one = letter()
    assert tick() == 0
    assert state(one) == State.PENDING


@pytest.mark.parametrize(
    ("on_doubt", "ends"),
    [(Letter.OnDoubt.RESEND, State.PENDING), (Letter.OnDoubt.HOLD, State.IN_DOUBT)],
)
def test_what_a_dead_worker_left_half_sent(on_doubt: Letter.OnDoubt, ends: str) -> None:
    one = letter(on_doubt=on_doubt)
    Sending.objects.update(
        state=State.SENDING, claim="gone", claimed_at=timezone.now() - timedelta(minutes=6)
    )
    sending.release_old_claims()
    assert state(one) == ends


def test_a_claim_is_won_by_one_worker_only() -> None:
    letter()
    waiting = Sending.objects.get()
    assert sending._claim(waiting)
    assert sending._claim(waiting) == ""


def test_two_copies_of_a_letter_carry_the_same_message_id() -> None:
    one = letter()
    first, second = sending.email_of(one), sending.email_of(one)
    assert first.message()["Message-ID"] == second.message()["Message-ID"]
