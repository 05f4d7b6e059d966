"""Beat that was off, a clock put wrong, and the two nights on which the clocks change."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Person
from commissioning.models import Member, StageKind
from commissioning.rules import resting
from decisions.tasks import ask_who_is_owed
from ledger import clock
from ledger.models import Sending
from ledger.tasks import send_due
from tests.factories import commissioning as make
from tests.factories.accounts import a_letter

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NIGHTS = [date(2027, 3, 28), date(2027, 10, 31)]  # on, and back, in Europe/London


@pytest.fixture(autouse=True)
def in_leeds(settings: Settings) -> None:
    """The nights on which the clocks change are those of Europe/London, wherever tests run."""
    settings.TIME_ZONE = "Europe/London"


def set_clock(to: datetime) -> None:
    clock.put_right()
    clock.move(days=(to - timezone.now()) / DAY)


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def tick() -> None:
    """What the two beats ring for."""
    ask_who_is_owed()
    send_due()


def mails() -> list[str]:
    """Who got what, in order."""
    return [f"{one.to[0]}: {one.subject}" for one in mail.outbox]


@pytest.fixture
def invited(joan: Person, sam: Person) -> Callable[[date], Member]:
    """Joan is asked to join a round by a day; she was asked weeks before."""

    def invite(by: date) -> Member:
        round = make.make_round(by=sam)
        (member,) = make.invite(round, joan)
        stage = make.open_to(round, StageKind.JOIN)
        stage.closes_on = by
        stage.save()
        Member.objects.update(invited_at=noon(by) - 30 * DAY)
        # The invitation itself is long since read.
        Sending.objects.filter(letter__to=joan).update(state="sent", sent_at=noon(by) - 30 * DAY)
        return member

    return invite


def test_beat_off_for_three_due_dates(joan: Person, harold: Person, invited: object) -> None:
    """F7: one letter each when it is on again, none twice, and rest is kept all the same."""
    today = timezone.localdate()
    set_clock(noon(today))
    for days in (1, 2, 3):
        a_letter(
            harold,
            subject=f"Due on day {days}",
            at=clock.now(),
            not_before=noon(today + days * DAY),
        )
    invited(today + 4 * DAY)  # type: ignore[operator]
    tick()
    assert mails() == []
    set_clock(noon(today + 3 * DAY) + HOUR)  # nothing ran in between
    for _turn in range(3):
        tick()
    joans = "joan@example.org: A gentle note"
    harolds = [f"harold@example.org: Due on day {days}" for days in (1, 2, 3)]
    assert [words for words in mails() if not words.startswith(joans)] == harolds
    assert len(mails()) == 4


def test_beat_off_until_a_time_of_rest(
    joan: Person, invited: Callable[[date], Member], sam: Person
) -> None:
    """F7: what fell due before the rest waits until it is over, counted from the real close."""
    today = timezone.localdate()
    member = invited(today)
    a_letter(joan, subject="Fell due", at=noon(today))
    stage = member.round.stages.get(kind=StageKind.JOIN)
    stage.closed_at, stage.closed_by, stage.recovery_days = noon(today + 2 * DAY), sam, 3
    stage.save()
    member.joined_at, member.joined_by = noon(today), joan
    member.confirmed_at, member.confirmed_by = noon(today), joan
    member.save()
    rested = 0
    for days in range(2, 9):
        set_clock(noon(today + days * DAY) + HOUR)
        tick()
        member.round.refresh_from_db()
        rested += bool(resting(type(member.round).objects.get(), on=clock.today()))
        assert mails() == ([] if rested == days - 1 else ["joan@example.org: Fell due"])
    assert rested == 3


@pytest.mark.parametrize("night", NIGHTS)
def test_the_night_the_clocks_change(night: date, invited: Callable[[date], Member]) -> None:
    """F9: the reminder of the last day goes at nine in the morning here, once."""
    invited(night)
    at = noon(night - 2 * DAY).astimezone(UTC)
    came: list[str] = []
    while at < noon(night + DAY):
        set_clock(at)
        before = len(mail.outbox)
        tick()
        came += [f"{timezone.localtime(clock.now()):%A %H:%M}"] * (len(mail.outbox) - before)
        at += HOUR
    assert came == ["Friday 12:00", "Sunday 09:00"]


def test_a_clock_put_forward_and_back(invited: Callable[[date], Member]) -> None:
    """F9: an hour forward and back again, in the morning and over midnight: once each."""
    night = date(2027, 6, 16)
    invited(night)
    nine = noon(night) - 3 * HOUR
    midnight = noon(night) - 12 * HOUR
    set_clock(noon(night - DAY))
    tick()  # the one before the last day
    sent = []
    for at in (
        midnight - HOUR / 2,
        midnight + HOUR / 2,  # forward
        midnight - HOUR / 2,  # and back
        nine - HOUR / 2,
        nine + HOUR / 2,  # forward: it goes
        nine - HOUR / 2,  # and back
        nine,
        nine + HOUR,
    ):
        set_clock(at)
        tick()
        sent.append(len(mail.outbox))
    assert sent == [1, 1, 1, 1, 2, 2, 2, 2]
