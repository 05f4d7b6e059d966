"""Asking each other why, about one bid's scores: after opening, nameless, and never by staff."""

from copy import deepcopy

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from ledger.models import Entry
from panels.actions.conversation import ask_why
from panels.models import Said
from panels.rules.conversation import asked_why, read_by
from tests.conftest import Once
from tests.factories.meeting import opened_round, scored_round
from tests.factories.panels import Reading
from tests.panels.test_proposals import aside_from

pytestmark = pytest.mark.django_db

QUESTION = "Somebody gave a 1 here. What made you doubt?"
ANSWER = "They named no street."


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    return once(lambda cast: opened_round(cast.joan, cast.harold, by=cast.sam))


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    return deepcopy(begun)


def ask(reading: Reading, person: Person, *, by: Person | None = None, **more: object) -> Said:
    facts = {"text": QUESTION, "criterion": reading.criteria[0], **more}
    return ask_why(
        panel=reading.panel,
        application=reading.bids[0],
        member=reading.member(person),
        by=by or person,
        at=timezone.now(),
        **facts,
    )


def test_a_question_and_its_answer_stand_together_without_a_name(
    client: Client, reading: Reading, joan: Person, harold: Person
) -> None:
    question = ask(reading, joan)
    ask(reading, harold, text=ANSWER, answers=question)
    [row] = asked_why(reading.bids[0])
    assert row.question == question
    assert [answer.criterion for answer in row.answers] == [reading.criteria[0]]
    client.force_login(harold)
    talk = reverse("talk_about_bid", args=[reading.panel.pk, reading.bids[0].pk])
    page = client.get(talk).content.decode()
    assert QUESTION in page and ANSWER in page and page.index(QUESTION) < page.index(ANSWER)
    assert "by you" in page.split(ANSWER)[1].split("</blockquote>")[0]
    assert "by you" not in page.split(QUESTION)[1].split("</blockquote>")[0]
    assert joan.name not in page and harold.name not in page.split("<main")[1]
    verbs = list(Entry.objects.filter(verb__endswith="_why").order_by("pk").values_list("verb"))
    assert verbs == [("asked_why",), ("answered_why",)]
    facts = Entry.objects.get(verb="asked_why").data
    assert QUESTION not in str(facts), "the trail has a digest, not the words"


def test_before_opening_nobody_asks(joan: Person, harold: Person, sam: Person) -> None:
    reading = scored_round(joan, harold, by=sam)
    with pytest.raises(Refused, match="not opened its scores"):
        ask(reading, joan)


def test_who_stands_aside_neither_asks_nor_reads(
    client: Client, reading: Reading, joan: Person, harold: Person
) -> None:
    ask(reading, joan)
    aside_from(reading, harold, bid=True)
    with pytest.raises(Refused, match="do not stand aside"):
        ask(reading, harold)
    client.force_login(harold)
    here = [reading.panel.pk, reading.bids[0].pk]
    assert client.get(reverse("ask_why", args=here)).status_code == 404
    assert QUESTION.encode() not in client.get(reverse("talk_about_bid", args=here)).content
    assert read_by(reading.panel, joan) == [], "the panel's general talk does not repeat it"


def test_staff_only_type_for_a_member(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    client.force_login(sam)
    here = reverse("ask_why", args=[reading.panel.pk, reading.bids[0].pk])
    assert client.post(here, {"text": QUESTION}).status_code == 422, "whose words are they?"
    member = reading.member(joan)
    answer = client.post(here, {"text": QUESTION, "member": member.pk, "criterion": ""})
    said = Said.objects.get()
    assert answer.url.endswith(f"#why-{said.pk}")
    assert (said.member, said.said_by, said.criterion) == (member, sam, None)
    client.force_login(joan)
    talk = reverse("talk_about_bid", args=[reading.panel.pk, reading.bids[0].pk])
    assert "by you" in client.get(talk).content.decode()


def test_pages_keep_what_was_typed_and_answer_only_questions(
    client: Client, reading: Reading, joan: Person, harold: Person
) -> None:
    question = ask(reading, joan)
    answer = ask(reading, harold, text=ANSWER, answers=question)
    client.force_login(joan)
    here = [reading.panel.pk, reading.bids[0].pk]
    url = reverse("answer_why", args=[*here, question.pk])
    assert QUESTION in client.get(url).content.decode()
    assert client.post(url, {"text": "  "}).status_code == 422
    assert client.post(url, {"text": "It was the sums."}).status_code == 302
    assert client.get(reverse("answer_why", args=[*here, answer.pk])).status_code == 404
    other = [reading.panel.pk, reading.bids[1].pk]
    assert client.get(reverse("answer_why", args=[*other, question.pk])).status_code == 404
    assert [row.text for row in asked_why(reading.bids[0])[0].answers] == [
        ANSWER, "It was the sums.",
    ]  # fmt: skip
