"""Minutes that write themselves: what a meeting settled and changed; who steps out reads none."""

import re
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from panels import actions
from panels.actions import NewScore
from panels.actions.conversation import ask_why
from panels.models import Meeting
from tests.conftest import Once
from tests.factories.meeting import (
    everyone_says,
    opened_round,
    propose,
    seat_of,
    turn_down,
)
from tests.factories.panels import Reading
from tests.panels.test_proposals import aside_from

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    return once(lambda cast: opened_round(cast.joan, cast.harold, by=cast.sam, bids=3))


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    return deepcopy(begun)


@pytest.fixture
def meeting(reading: Reading, sam: Person) -> Meeting:
    """It begins in a moment: what is pressed from now on is pressed at it."""
    return arranged(reading, sam, 1)


def arranged(reading: Reading, sam: Person, minutes: int, **facts: Any) -> Meeting:
    now = timezone.now()
    return actions.arrange_meeting(
        panel=reading.panel,
        kind=facts.pop("kind", "shortlist"),
        starts_at=now + timedelta(minutes=minutes),
        minutes_long=60,
        place="Mill Hill Hall",
        by=sam,
        at=now,
        **facts,
    )


def page(person: Person, meeting: Meeting, name: str = "meeting_detail", after: int = 61) -> str:
    """What somebody reads so many minutes after its planned start: it was to take 60."""
    client = Client()
    client.force_login(person)
    now = meeting.starts_at + timedelta(minutes=after)
    with pytest.MonkeyPatch.context() as patch, CaptureQueriesContext(connection) as asked:
        patch.setattr("ledger.clock.now", lambda: now)
        answer = client.get(reverse(name, args=[meeting.pk]))
    assert answer.status_code == 200
    assert len(asked) <= 12, len(asked)
    return re.sub(r"\s+", " ", answer.content.decode())


def change(reading: Reading, person: Person, bid: int) -> None:
    """The person changes one score after talking, with a reason."""
    application = reading.bids[bid]
    actions.change_score_after_talk(
        seat=seat_of(reading.panel, person),
        application=application,
        changes={reading.criteria[0]: NewScore(5, "Joan told me of the bus.")},
        by=person,
        at=timezone.now(),
    )


def test_it_says_what_was_settled_and_by_how_many(
    reading: Reading, meeting: Meeting, joan: Person, sam: Person
) -> None:
    meet, no, left = reading.bids
    everyone_says(propose(reading.panel, meet), "live_with")
    turn_down(reading.panel, no)
    for person in (joan, sam):
        words = page(person, meeting)
        assert f"Meet the people of {meet.reference}" in words
        assert "<strong>Agreed.</strong> 3 can live with it."
        assert f"Say “not this time” to {no.reference}" in words
        assert f"Meet the people of {left.reference}" not in words
    # The page that renews itself while they meet says it once the meeting is over.
    assert "This writes itself" not in page(joan, meeting, after=59)
    assert "This writes itself" in page(sam, meeting, "write_minutes", after=59)


def test_it_counts_who_changed_a_score_and_names_nobody(
    reading: Reading, meeting: Meeting, joan: Person, harold: Person
) -> None:
    change(reading, harold, 0)
    words = page(joan, meeting)
    assert f"1 person changed a score of {reading.bids[0].reference}, and said why." in words
    assert "Joan told me of the bus." not in words
    assert reading.bids[1].reference not in words.partition("Scores that changed")[2]


def test_it_counts_the_questions_why_and_says_nobodys_words(
    reading: Reading, meeting: Meeting, joan: Person, harold: Person
) -> None:
    ask(reading, joan, 0, "What made you doubt?")
    question = ask(reading, joan, 1, "Why so high?")
    ask(reading, harold, 1, "The sums add up.", answers=question)
    ask(reading, joan, 1, "And the hall is dry.", answers=question)
    words = page(joan, meeting)
    first, second = (bid.reference for bid in reading.bids[:2])
    assert f"1 question why about {first}, and no answer." in words
    assert f"1 question why about {second}, and 2 answers." in words
    assert "What made you doubt?" not in words and "The sums add up." not in words
    assert "Scores that changed" not in words
    aside_from(reading, harold, bid=True)
    his = page(harold, meeting)
    assert first not in his.partition("Asking why")[2]
    assert f"1 question why about {second}, and 2 answers." in his


def test_questions_why_at_a_decision_meeting_stand_in_its_minutes(
    reading: Reading, meeting: Meeting, joan: Person, harold: Person, sam: Person
) -> None:
    deciding = arranged(reading, sam, 60 * 24, kind="decision")
    early = ask(reading, joan, 0, "What made you doubt?")
    now = deciding.starts_at + timedelta(minutes=10)
    for text, answers in (("What did you hear?", None), ("A plan.", early)):
        ask_why(
            panel=reading.panel,
            application=reading.bids[1 if answers is None else 0],
            text=text,
            member=reading.member(joan),
            by=joan,
            at=now,
            answers=answers,
        )
    first, second = (bid.reference for bid in reading.bids[:2])
    words = page(harold, deciding)
    assert f"1 question why about {second}, and no answer." in words
    assert f"1 more answer why about {first}." in words
    before = page(harold, meeting)
    assert f"1 question why about {first}, and no answer." in before and second not in before
    aside_from(reading, harold, bid=True)
    assert first not in page(harold, deciding).partition("Asking why")[2]


def ask(reading: Reading, person: Person, bid: int, text: str, **more: Any) -> Any:
    return ask_why(
        panel=reading.panel,
        application=reading.bids[bid],
        text=text,
        member=reading.member(person),
        by=person,
        at=timezone.now(),
        **more,
    )


def test_who_steps_out_reads_nothing_of_that_bid(
    reading: Reading, meeting: Meeting, joan: Person, harold: Person, sam: Person
) -> None:
    aside_from(reading, joan, bid=True)
    change(reading, harold, 0)
    everyone_says(propose_as(reading, harold, 0))
    hers, his = page(joan, meeting), page(harold, meeting)
    assert "Agreed." in his
    assert f"{joan.name} stepped out." in his
    assert reading.bids[0].reference in his
    assert reading.bids[0].reference not in hers
    assert "Meet the people of" not in hers


def propose_as(reading: Reading, person: Person, bid: int) -> Any:
    return actions.propose_shortlisting(
        panel=reading.panel,
        application=reading.bids[bid],
        outcome="meet",
        reason="They asked at every door.",
        criterion=None,
        by=person,
        at=timezone.now(),
    )


def test_each_meeting_has_its_own(reading: Reading, meeting: Meeting, sam: Person) -> None:
    """What was settled here does not stand in the minutes of the next meeting, or of none."""
    later = arranged(reading, sam, 60 * 24)
    everyone_says(propose(reading.panel, reading.bids[0]))
    assert "What the panel settled" in page(sam, meeting)
    assert "What the panel settled" not in page(sam, later)


def test_nothing_is_said_of_a_meeting_to_come(reading: Reading, joan: Person, sam: Person) -> None:
    later = arranged(reading, sam, 60 * 24)
    for person in (joan, sam):
        assert "This writes itself" not in page(person, later, after=-600)
