"""Getting ready: topics to read, sessions to come to, and what gates the first real score."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Member, Round
from ledger.models import Entry, Letter
from support import actions
from support.content import read_practice_bid, read_topics
from support.models import Adjustment, TrainingDone, TrainingTopic
from support.rules import training_left
from tests.factories.commissioning import join, make_round

TOKEN = {"csrfmiddlewaretoken": "as every form of ours sends"}


def html(response: HttpResponse) -> str:
    """A page's text on one line."""
    return " ".join(response.content.decode().split())


@pytest.fixture
def round(sam: Person) -> Round:
    made: Round = make_round(by=sam)
    actions.start_training(round=made, by=sam, at=timezone.now())
    return made


@pytest.fixture
def member(round: Round, joan: Person, sam: Person) -> Member:
    join(round, joan, by=sam)
    return Member.objects.get(person=joan)


def first_topic(round: Round) -> TrainingTopic:
    topic = TrainingTopic.objects.filter(round=round, required=True).first()
    assert topic is not None
    return topic


def test_the_usual_topics_are_real_ones() -> None:
    topics = list(read_topics())
    assert len(topics) >= 8
    for slug, topic in topics:
        assert len(topic["questions"]) == 3, slug
        assert all(0 <= row["answer"] < len(row["options"]) for row in topic["questions"]), slug
        assert sum(len(page["text"].split()) for page in topic["pages"]) > 250, slug
    practice = read_practice_bid()
    assert len(practice["practice"]) == 5
    slugs = [row["slug"] for row in practice["criteria"]]
    assert [row["level"] for row in practice["levels"]] == list(range(6))
    assert all(set(person["scores"]) == set(slugs) for person in practice["practice"])


def test_start_training_twice_keeps_what_was_changed(round: Round, sam: Person) -> None:
    topic = first_topic(round)
    actions.change_topic(topic=topic, changes={"minutes": 45}, by=sam, at=timezone.now())
    actions.start_training(round=round, by=sam, at=timezone.now())
    topic.refresh_from_db()
    assert topic.minutes == 45
    assert TrainingTopic.objects.filter(round=round).count() == len(list(read_topics())) + 1


def test_training_left_names_the_required_topics_only(member: Member) -> None:
    optional = TrainingTopic.objects.filter(round=member.round, required=False)
    assert optional.exists()
    left = training_left(member)
    assert left
    assert not set(left) & set(optional)
    for topic in left:
        actions.finish_topic(topic=topic, member=member, by=member.person, at=timezone.now())
    assert training_left(member) == []


def test_finish_topic_twice_is_once(member: Member) -> None:
    topic = first_topic(member.round)
    for _time in range(2):
        actions.finish_topic(topic=topic, member=member, by=member.person, at=timezone.now())
    assert TrainingDone.objects.count() == 1
    assert Entry.objects.filter(verb="finished_training").count() == 1


def test_finish_topic_is_not_for_an_outsider(member: Member, outsider: Person) -> None:
    with pytest.raises(Refused, match="Your role"):
        actions.finish_topic(
            topic=first_topic(member.round), member=member, by=outsider, at=timezone.now()
        )


def test_learn_topic_by_reading_and_answering(client: Client, member: Member) -> None:
    client.force_login(member.person)
    topic = first_topic(member.round)
    url = reverse("learn_topic", args=[member.round.slug, topic.slug])
    page = client.get(url)
    assert topic.pages[0]["heading"] in page.content.decode()
    empty = client.post(url, {"question_0": "1"})
    assert empty.status_code == 422
    assert "Choose an answer to question 2." in empty.content.decode()
    assert re.search(r'<input[^>]*name="question_0"[^>]*value="1"[^>]*checked', html(empty))
    wrong = {f"question_{n}": 0 for n in range(3)}
    done = client.post(url, wrong)
    assert done.url == reverse("topic_done", args=[member.round.slug, topic.slug])  # type: ignore[attr-defined]
    words = client.get(done.url).content.decode()  # type: ignore[attr-defined]
    assert topic.questions[0]["because"].split(".")[0][:30] in words.replace("&#x27;", "'")
    assert TrainingDone.objects.filter(member=member, topic=topic, how="read").exists()


def test_training_list_says_what_is_left(client: Client, member: Member) -> None:
    client.force_login(member.person)
    url = reverse("training_list", args=[member.round.slug])
    assert "Not yet started" in client.get(url).content.decode()
    for topic in training_left(member):
        actions.finish_topic(topic=topic, member=member, by=member.person, at=timezone.now())
    assert "You have done all you need" in client.get(url).content.decode()


def test_training_list_is_only_for_those_taking_part(
    client: Client, round: Round, harold: Person
) -> None:
    client.force_login(harold)
    assert client.get(reverse("training_list", args=[round.slug])).status_code == 404


def test_training_progress_and_who_came(client: Client, member: Member, sam: Person) -> None:
    client.force_login(sam)
    slug, topic = member.round.slug, first_topic(member.round)
    assert "Joan" in client.get(reverse("training_progress", args=[slug])).content.decode()
    url = reverse("note_attendance_at_training", args=[slug, topic.slug])
    assert client.post(url, {"members": []} | TOKEN).status_code == 422
    assert client.post(url, {"members": [member.pk]}).status_code == 302
    assert TrainingDone.objects.get().how == TrainingDone.How.SESSION
    assert "Everybody has done this topic" in client.get(url).content.decode()


def test_start_training_and_change_topic_by_page(client: Client, sam: Person) -> None:
    made = make_round(by=sam)
    client.force_login(sam)
    page = client.get(reverse("training_progress", args=[made.slug])).content.decode()
    assert "Put the usual topics in place" in page
    client.post(reverse("start_training", args=[made.slug]))
    topic = first_topic(made)
    url = reverse("change_topic", args=[made.slug, topic.slug])
    assert client.get(url).status_code == 200
    bad = client.post(url, {"title": "", "summary": "Kept words", "minutes": 5})
    assert bad.status_code == 422
    assert "Kept words" in bad.content.decode()
    client.post(url, {"title": "New", "summary": "S", "minutes": 5, "required": "on"})
    topic.refresh_from_db()
    assert (topic.title, topic.minutes) == ("New", 5)


def test_training_progress_asks_the_same_questions_for_one_and_three(
    client: Client,
    member: Member,
    sam: Person,
    harold: Person,
    priya: Person,
    django_assert_max_num_queries: object,
) -> None:
    client.force_login(sam)
    url = reverse("training_progress", args=[member.round.slug])
    client.get(url)
    counts = []
    for people in ((), (harold, priya)):
        join(member.round, *people, by=sam)
        with django_assert_max_num_queries(12) as asked:  # type: ignore[operator]
            client.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_ask_for_adjustment_and_agree_adjustment(
    client: Client, member: Member, sam: Person
) -> None:
    slug = member.round.slug
    client.force_login(member.person)
    url = reverse("ask_for_adjustment", args=[slug])
    assert client.post(url, {"asked": ""}).status_code == 422
    client.post(url, {"asked": "Large print, please"})
    adjustment = Adjustment.objects.get()
    assert "has not answered yet" in client.get(url).content.decode()

    client.force_login(sam)
    listed = client.get(reverse("adjustment_list", args=[slug])).content.decode()
    assert "Large print, please" in listed
    answer = reverse("agree_adjustment", args=[slug, adjustment.pk])
    assert client.post(answer, {"agreed": ""}).status_code == 422
    client.post(answer, {"agreed": "Your pack comes in large print."})
    by_email = Letter.objects.get(kind="adjustment_agreed")
    assert by_email.to == member.person
    assert "You do not need to be online." not in by_email.body_text

    member.person.channel, member.person.postal_address = "post", "1 Lane, Leeds"
    member.person.save(update_fields=["channel", "postal_address"])
    client.post(answer, {"agreed": "Your pack comes in large print."})
    by_post = Letter.objects.filter(kind="adjustment_agreed").latest("pk")
    assert by_post.channel == "post"
    assert "You do not need to be online. Ring us" in by_post.body_text

    client.force_login(member.person)
    assert "Your pack comes in large print." in client.get(url).content.decode()
    client.post(reverse("end_adjustment", args=[slug, adjustment.pk]))
    adjustment.refresh_from_db()
    assert adjustment.ended_by == member.person


def test_the_trail_does_not_tell_what_was_asked(member: Member) -> None:
    actions.ask_for_adjustment(
        member=member, asked="A ramp, because of my hip", by=member.person, at=timezone.now()
    )
    assert "hip" not in Entry.objects.get(verb="asked_for_adjustment").payload


def test_another_member_cannot_end_an_adjustment(
    client: Client, member: Member, harold: Person, sam: Person
) -> None:
    adjustment = actions.ask_for_adjustment(
        member=member, asked="Help", by=member.person, at=timezone.now()
    )
    join(member.round, harold, by=sam)
    client.force_login(harold)
    url = reverse("end_adjustment", args=[member.round.slug, adjustment.pk])
    assert client.post(url).status_code == 404


def test_encourage_is_kept_for_its_reader(client: Client, member: Member, sam: Person) -> None:
    client.force_login(sam)
    url = reverse("encourage", args=[member.round.slug, member.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"text": " "}).status_code == 422
    client.post(url, {"text": "You put that so kindly."})
    letter = Letter.objects.get(kind="encouragement")
    assert "You put that so kindly." in letter.body_text
    client.force_login(member.person)
    page = client.get(reverse("encouragement_list", args=[member.round.slug])).content.decode()
    assert "You put that so kindly." in page


def test_volunteers_do_not_reach_the_private_list(client: Client, member: Member) -> None:
    client.force_login(member.person)
    assert client.get(reverse("adjustment_list", args=[member.round.slug])).status_code == 404
