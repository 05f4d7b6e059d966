"""Questions of the panel: asked by a seat, answered once, read by all who take part."""

from copy import deepcopy

import pytest
from django.utils import timezone

from accounts.permissions import Refused
from ledger.models import Letter
from panels import actions
from panels.models import Interest, Question
from tests.factories.panels import open_scores, reading_round

pytestmark = pytest.mark.django_db


def now():
    return timezone.now()


@pytest.fixture(scope="module")
def begun(once):
    return once(lambda cast: reading_round(cast.joan, cast.harold, by=cast.sam, bids=2))


@pytest.fixture
def reading(begun, db):
    return deepcopy(begun)


def ask(reading, person, text="What does a reserve mean?"):
    return actions.ask_question(panel=reading.panel, text=text, by=person, at=now())


def stand_aside(reading, person):
    actions.declare_late(
        member=reading.member(person),
        application=reading.bids[0],
        kind=Interest.Kind.DIRECT,
        by=person,
        at=now(),
    )


def test_ask_question_is_recorded_without_its_words(reading, joan):
    question = ask(reading, joan)
    data = reading.round.chain.entries.get(verb="question_asked").data
    assert data["question"] == question.pk
    assert "reserve" not in str(data)


@pytest.mark.parametrize("who", ["priya", "sam", "amina", "margaret"])
def test_ask_question_refuses_all_but_seats(who, reading, request):
    with pytest.raises(Refused):
        ask(reading, request.getfixturevalue(who))


def test_ask_question_refuses_those_who_stand_aside(reading, joan):
    stand_aside(reading, joan)
    with pytest.raises(Refused, match="You stand aside from this lot"):
        ask(reading, joan)


def test_ask_question_refuses_nothing(reading, joan):
    with pytest.raises(Refused, match="Write something first"):
        ask(reading, joan, "   ")


def test_answer_question_writes_to_the_whole_panel_but_those_aside(reading, joan, harold, sam):
    question = ask(reading, joan)
    stand_aside(reading, harold)
    actions.answer_question(question=question, answer="It waits in line.", by=sam, at=now())
    letters = Letter.objects.filter(kind="question_answered")
    assert letters.count() == 3
    assert letters.get(to=joan).subject.startswith("Read the answer to your question: ")
    assert not letters.filter(to=harold).exists()
    assert "It waits in line." in letters.get(to=joan).body_text
    with pytest.raises(Refused, match="has its answer already"):
        actions.answer_question(question=question, answer="Again", by=sam, at=now())


def test_answer_question_refuses_a_volunteer(reading, joan, harold):
    question = ask(reading, joan)
    with pytest.raises(Refused, match="Your role here"):
        actions.answer_question(question=question, answer="I think", by=harold, at=now())


# ---- Pages ----------------------------------------------------------------------------------
def test_question_list_shows_the_panel_its_questions(
    client, reading, joan, harold, django_assert_max_num_queries
):
    here = f"/panels/{reading.panel.pk}/questions/"
    client.force_login(harold)
    counts = []
    for _more in range(2):
        ask(reading, joan)
        with django_assert_max_num_queries(12) as asked:
            page = client.get(here).content.decode()
        counts.append(len(asked))
        ask(reading, harold)
    assert counts[0] == counts[1]
    assert "Joan Ibbotson asked on" in page
    assert "do not talk about a single bid here" in page
    open_scores(reading)
    assert "do not talk about a single bid" not in client.get(here).content.decode()


def test_question_list_says_why_to_those_who_stand_aside(client, reading, joan):
    stand_aside(reading, joan)
    client.force_login(joan)
    answer = client.get(f"/panels/{reading.panel.pk}/questions/")
    assert answer.status_code == 403
    assert "You stand aside from this lot" in answer.content.decode()


@pytest.mark.parametrize("who", ["outsider", "priya", "sam", "amina"])
@pytest.mark.parametrize("page", ["", "ask/"])
def test_question_list_is_not_there_for_others(page, who, client, reading, request):
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"/panels/{reading.panel.pk}/questions/{page}").status_code == 404


def test_ask_question_page(client, reading, joan):
    here = f"/panels/{reading.panel.pk}/questions/"
    client.force_login(joan)
    assert client.get(f"{here}ask/").status_code == 200
    assert client.post(f"{here}ask/", {"text": " "}).status_code == 422
    assert client.post(f"{here}ask/", {"text": "How long is a talk?"}).url == here
    assert Question.objects.get().text == "How long is a talk?"


def test_question_list_facilitator_and_answering(
    client, reading, joan, sam, django_assert_max_num_queries
):
    question = ask(reading, joan)
    here = f"/panels/{reading.panel.pk}/questions/answers/"
    client.force_login(sam)
    with django_assert_max_num_queries(12):
        assert "What does a reserve mean?" in client.get(here).content.decode()
    answer = f"/panels/questions/{question.pk}/answer/"
    assert client.get(answer).status_code == 200
    assert client.post(answer, {"answer": ""}).status_code == 422
    assert client.post(answer, {"answer": "It waits in line."}).url == here
    assert client.get(answer).status_code == 403
    assert "It waits in line." in client.get(here).content.decode()


@pytest.mark.parametrize("who", ["outsider", "joan", "margaret"])
def test_answer_panel_question_is_not_there_for_others(who, client, reading, joan, request):
    question = ask(reading, joan)
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"/panels/questions/{question.pk}/answer/").status_code == 404
    address = f"/panels/{reading.panel.pk}/questions/answers/"
    assert client.get(address).status_code == 404
