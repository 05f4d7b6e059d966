"""Twelve weeks of a round with thirty people, day by day: every letter, and every promise."""

import sys
from datetime import datetime
from typing import Any

import pytest

from accounts import reminders
from commissioning.models import Member
from ledger.models import Sending
from tests.faults.twelve_weeks import TwelveWeeks, chances

pytestmark = pytest.mark.django_db
PEOPLE = 30


def all_go(letters: Any, at: datetime) -> set[int]:
    """A sender that forgets rests and breaks."""
    return set()


def test_twelve_weeks_of_thirty_people() -> None:
    walk = TwelveWeeks(PEOPLE)
    log = walk.walk()
    sys.stdout.write(f"{log.table()}\n{chances(log)}\n")
    for what, number in chances(log).items():
        assert number > 0, f"the walk has no {what}"
    assert log.in_a_rest() == []
    assert log.by_night() == []
    assert log.over_the_cap() == []
    assert log.letters_too_many() == []
    assert log.wrongly_written() == set()
    assert log.doubled() == []
    assert log.not_told() == set()
    assert log.surprises() == set()
    assert log.fortnight_went() == log.fortnight
    assert not Sending.objects.exclude(state=Sending.State.SENT).exists(), "all have gone"


# ---- Controls: were a promise broken, the walk would show it ----------------------------------
def test_the_walk_shows_a_letter_in_a_rest(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.LETTERS_HELD = f"{__name__}.all_go"
    settings.LETTER_GATE = "builtins.bool"
    monkeypatch.setattr("ledger.sending._may_go", lambda letter, on: True)
    log = TwelveWeeks(8).walk(15, then=0)
    assert log.in_a_rest()


def test_the_walk_shows_a_note_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "notes_gone", lambda tasks: set())
    log = TwelveWeeks(8).walk(14, then=0)
    assert log.letters_too_many()


class AllOnABreak(TwelveWeeks):
    """Everybody is on a break on the last day of getting ready."""

    def _live(self, number: int, place: int, member: Member) -> None:
        if number == 20:
            self.on_break(member.person, self.day(22), self.day(24))


def test_the_walk_shows_breaks_that_reminders_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    assert AllOnABreak(10).walk(25, then=0).wrongly_written() == set()
    monkeypatch.setattr(reminders, "is_away", lambda breaks, day: False)
    assert AllOnABreak(10).walk(25, then=0).wrongly_written()
