"""Twelve weeks of a round with three thousand people: every letter, and what a tick costs."""

import time
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from decisions.tasks import ask_who_is_owed
from ledger import clock, sending
from ledger.models import Sending
from tests.faults.twelve_weeks import DAYS, Log, TwelveWeeks, chances

pytestmark = pytest.mark.django_db
PEOPLE = 3000


class Measured(TwelveWeeks):
    """The walk, with the ticks of each day counted and timed."""

    def look_and_send(self, number: int) -> None:
        began = time.monotonic()
        super().look_and_send(number)
        seconds, today = time.monotonic() - began, self.day(number)
        tasks = len(self.log.mornings[today])
        with CaptureQueriesContext(connection) as asked:
            began = time.monotonic()
            assert ask_who_is_owed() == 0
            ask_seconds = time.monotonic() - began
        waiting = Sending.objects.filter(state="pending", letter__channel="email").count()
        with CaptureQueriesContext(connection) as sent:
            began = time.monotonic()
            assert sending.send_due(on=clock.now(), most=10_000) == 0
            send_seconds = time.monotonic() - began
        gone = sum(one.at.date() == today for one in self.log.went)
        self.ticks.append((tasks, len(asked), waiting, len(sent)))
        print(
            f"day {number:2}: letters {gone:5}, morning {seconds:6.1f} s; "
            f"tasks {tasks:5}: asking again {len(asked)} queries {ask_seconds:.2f} s; "
            f"letters that wait {waiting:5}: {len(sent)} queries {send_seconds:.2f} s",
            flush=True,
        )

    def walk(self, days: int = DAYS, *, then: int = 8) -> Log:
        self.ticks: list[tuple[int, int, int, int]] = []
        return super().walk(days, then=then)


def test_twelve_weeks_of_three_thousand_people(tmp_path: Path) -> None:
    began = time.monotonic()
    walk = Measured(PEOPLE, bids=30)
    log = walk.walk()
    print(f"{log.table()}\n{chances(log)}\nletters {len(log.went)}", end=", ")
    print(f"seconds {time.monotonic() - began:.0f}")
    listing = tmp_path / "letters.txt"
    listing.write_text("\n".join(one.line() for one in log.went))
    print(f"every letter is listed in {listing}")
    assert log.in_a_rest() == []
    assert log.by_night() == []
    assert log.over_the_cap() == []
    assert log.letters_too_many() == []
    assert log.wrongly_written() == set()
    assert log.doubled() == []
    assert log.not_told() == set()
    assert log.surprises() == set()
    assert log.fortnight_went() == log.fortnight
    assert not Sending.objects.exclude(state=Sending.State.SENT).exists()
    many = [asked for tasks, asked, _waiting, _sent in walk.ticks if tasks > 1000]
    few = [asked for tasks, asked, _waiting, _sent in walk.ticks if tasks <= 10]
    print(f"queries of a tick that asks: {min(many)} to {max(many)}, few tasks {max(few)}")
    assert max(many) < 60
