"""Letters are neither lost nor doubled: claim, send, mark, and what happens when each fails."""

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import timezone

from accounts.models import Person
from ledger import sending
from ledger.actions import AT_ONCE, Address, Draft, Words, write_letter, write_letters
from ledger.models import Channel, Letter, Sending

pytestmark = pytest.mark.django_db

State = Sending.State


class PostOffice:
    """A real mail server on this machine that can be told how to answer."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.answer = "250 taken"
        self.hang_up = False
        self.hang_up_early = False
        self.refuse_sender = False

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hang_up_early:
            server.transport.close()
        if self.refuse_sender:
            return "550 we do not take letters from you"
        envelope.mail_from = address
        return "250 go on"

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
    settings.EMAIL_BACKEND = "ledger.transport.Smtp"  # type: ignore[attr-defined]
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


@pytest.mark.parametrize("line", ["", "joan@example.org\nBcc: all@example.org"])
def test_a_letter_with_no_real_address_fails_and_others_go(
    post_office: PostOffice, line: str
) -> None:
    one = write_letter(
        key="nowhere",
        kind="reminder",
        to=Address("Joan", Channel.EMAIL, line),
        words=Words("Read", "Dear Joan"),
        by=Person.objects.machine(),
        at=timezone.now(),
    )
    other = letter("other")
    tick()
    assert state(one) == State.FAILED
    assert state(other) == State.SENT
    assert len(post_office.received) == 1


def test_a_busy_server_means_a_later_try_with_longer_waits(post_office: PostOffice) -> None:
    one = letter()
    post_office.answer = "451 busy"
    tick()
    first = Sending.objects.get(letter=one)
    assert (first.state, first.attempts) == (State.PENDING, 1)
    assert first.not_before > timezone.now() + timedelta(seconds=5)
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


def try_now() -> int:
    Sending.objects.update(not_before=timezone.now())
    return tick()


def test_the_line_falling_after_the_words_leaves_a_grave_letter_in_doubt(
    post_office: PostOffice,
) -> None:
    one = letter(on_doubt=Letter.OnDoubt.HOLD)
    post_office.hang_up = True
    tick()
    assert state(one) == State.IN_DOUBT
    assert try_now() == 0
    assert len(post_office.received) == 1


def test_the_line_falling_after_the_words_sends_a_reminder_again_but_not_for_ever(
    post_office: PostOffice,
) -> None:
    one = letter()
    post_office.hang_up = True
    tick()
    first = Sending.objects.get(letter=one)
    assert (first.state, first.doubts) == (State.PENDING, 1)
    assert first.not_before > timezone.now()
    for _turn in range(6):
        try_now()
    assert len(post_office.received) == sending.MOST_DOUBTS
    assert state(one) == State.IN_DOUBT


def test_a_reminder_that_went_again_may_have_come_twice(post_office: PostOffice) -> None:
    one = letter()
    post_office.hang_up = True
    tick()
    assert not Sending.objects.maybe_twice().exists()
    post_office.hang_up = False
    assert try_now() == 1
    assert Sending.objects.maybe_twice().get().letter == one


def test_the_line_falling_before_the_words_is_no_doubt(post_office: PostOffice) -> None:
    one = letter(on_doubt=Letter.OnDoubt.HOLD)
    post_office.hang_up_early = True
    assert tick() == 0
    row = Sending.objects.get(letter=one)
    assert (row.state, row.doubts) == (State.PENDING, 0)
    post_office.hang_up_early = False
    assert try_now() == 1
    assert len(post_office.received) == 1


def test_no_server_at_all_loses_nothing(post_office: PostOffice, settings: object) -> None:
    letters = [letter(str(number)) for number in range(5)]
    port = settings.EMAIL_PORT  # type: ignore[attr-defined]
    settings.EMAIL_PORT = 1  # type: ignore[attr-defined]
    assert tick() == 0
    assert {state(one) for one in letters} == {State.PENDING}
    tried = Sending.objects.filter(attempts=1).count()
    assert tried == sending.UNREACHED_IN_A_ROW  # then the tick gave up
    settings.EMAIL_PORT = port  # type: ignore[attr-defined]
    assert try_now() == 5


def test_a_refusal_that_is_about_us_does_not_fail_the_letter(post_office: PostOffice) -> None:
    letters = [letter(str(number)) for number in range(5)]
    post_office.refuse_sender = True
    assert tick() == 0
    assert {state(one) for one in letters} == {State.PENDING}
    assert Sending.objects.filter(attempts=1).count() == sending.UNREACHED_IN_A_ROW


def test_waits_grow_and_a_letter_fails_after_days(post_office: PostOffice) -> None:
    one = letter()
    post_office.answer = "451 busy"
    waits = [sending.wait_after(attempts) for attempts in range(1, 40)]
    assert waits[0] == sending.FIRST_WAIT
    assert waits == sorted(waits)
    assert waits[-1] == sending.LONGEST_WAIT
    tick()
    day = timedelta(days=1)
    Sending.objects.update(first_tried_at=timezone.now() - 2 * day)
    try_now()
    assert state(one) == State.PENDING
    Sending.objects.update(first_tried_at=timezone.now() - 3 * day)
    try_now()
    assert state(one) == State.FAILED
    assert sending.send_again(Sending.objects.get(letter=one))
    try_now()
    assert state(one) == State.PENDING  # a new three days


def test_a_long_tick_shows_that_it_is_alive(post_office: PostOffice) -> None:
    for number in range(3):
        letter(str(number))
    shown: list[int] = []
    sending.send_due(on=timezone.now(), after_each=lambda: shown.append(len(post_office.received)))
    assert shown == [1, 2, 3]


@pytest.fixture
def spool(settings: object, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = "ledger.transport.Spool"  # type: ignore[attr-defined]
    settings.EMAIL_SPOOL = str(tmp_path)  # type: ignore[attr-defined]
    settings.LETTER_GATE = "tests.ledger.test_sending.gate"  # type: ignore[attr-defined]
    return tmp_path


def half_sent(one: Letter) -> None:
    long_ago = timezone.now() - timedelta(minutes=6)
    Sending.objects.filter(letter=one).update(
        state=State.SENDING, claim=f"gone {one.pk}", claimed_at=long_ago
    )


@pytest.mark.parametrize("on_doubt", Letter.OnDoubt)
def test_a_transport_that_can_be_asked_leaves_no_doubt(
    spool: Path, on_doubt: Letter.OnDoubt
) -> None:
    went, did_not = letter("went", on_doubt=on_doubt), letter("did not", on_doubt=on_doubt)
    sending.email_of(went).send()
    for one in (went, did_not):
        half_sent(one)
    for path in (spool / "new").iterdir():
        path.rename(spool / "taken" / path.name)
    assert tick() == 1
    assert (state(went), state(did_not)) == (State.SENT, State.SENT)
    assert len(list((spool / "new").iterdir())) == 1
    assert not list((spool / "half").iterdir())
    assert not Sending.objects.filter(doubts__gt=0).exists()


def test_the_same_letter_given_twice_is_one_file(spool: Path) -> None:
    one = letter()
    for _turn in range(2):
        sending.email_of(one).send()
    assert len(list((spool / "new").iterdir())) == 1


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


def test_write_letters_stores_each_once_and_queues_it(
    joan: Person, sam: Person, post_office: PostOffice
) -> None:
    """Many at once are as one at a time: no key twice, none without its place in the queue."""
    now = timezone.now()
    there = letter("many-7")
    drafts = [
        Draft(
            f"many-{number}",
            Address("Joan", Channel.EMAIL, "joan@example.org", joan),
            Words(f"Letter {number}", "Hello."),
        )
        for number in range(AT_ONCE + 3)
    ]
    made = write_letters([*drafts, drafts[0]], kind="test", by=sam, at=now)
    assert made == AT_ONCE + 2
    assert write_letters(drafts, kind="test", by=sam, at=now) == 0
    rows = Letter.objects.filter(key__startswith="many-")
    assert rows.count() == AT_ONCE + 3
    assert not rows.filter(sending=None).exists()
    assert Letter.objects.get(key="many-7") == there
    assert Letter.objects.get(key="many-2").subject == "Letter 2"
    assert sending.send_due(on=timezone.now(), most=2) == 2
    assert len(post_office.received) == 2
    kept = Draft("kept", drafts[0].to, drafts[0].words, inbox_only=True)
    assert write_letters([kept], kind="test", by=sam, at=now) == 1
    assert Sending.objects.get(letter__key="kept").state == State.INBOX
