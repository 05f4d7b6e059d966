"""A list of three asks the database exactly as often as a list of one, and never over twelve times.

Lists whose rows need a panel, scores or a meeting are held to the same in `panels` and `decisions`.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Role
from applications.models import FormQuestion, HelpQuestion
from commissioning.models import Round, StageKind, Suggestion
from ledger.models import Channel, Sending
from support.models import Adjustment, Encouragement, TrainingTopic
from tests.factories import applications as bids
from tests.factories import commissioning as make
from tests.factories.accounts import a_letter

pytestmark = pytest.mark.django_db
Row = Callable[[], Any]
MOST_QUERIES = 12


@pytest.fixture
def round(sam: Person) -> Round:
    return make.make_round(by=sam)


@pytest.fixture
def numbers() -> Iterator[int]:
    return iter(range(1, 100))


def held(reader: Person, name: str, add: Row, *args: str) -> None:
    """Count with one row and with three; the first look pays for what is kept in memory."""
    client = Client()
    client.force_login(reader)
    address = reverse(name, args=args)
    add()
    assert client.get(address).status_code == 200
    counts, pages = [], []
    for more in (0, 2):
        for _again in range(more):
            add()
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address)
        assert page.status_code == 200
        counts.append(len(asked))
        pages.append(len(page.content))
    assert pages[1] > pages[0], "the rows that were added are not on the page"
    assert counts[0] == counts[1] <= MOST_QUERIES


# ---- Staff and board --------------------------------------------------------------------------
def test_round_list(sam: Person) -> None:
    held(sam, "round_list", lambda: make.make_round(by=sam))


def test_report_list(margaret: Person, sam: Person) -> None:
    held(margaret, "report_list", lambda: make.make_round(by=sam))


def test_home_of_a_facilitator(sam: Person) -> None:
    held(sam, "home", lambda: make.open_to(make.make_round(by=sam), StageKind.JOIN))


def test_people_list(sam: Person) -> None:
    held(sam, "people_list", lambda: make.make_volunteers(1))


def test_staff_list(administrator: Person, numbers: Iterator[int]) -> None:
    held(
        administrator,
        "staff_list",
        lambda: make.make_person(f"Fay {next(numbers)}", Role.FACILITATOR),
    )


def test_member_list(sam: Person, round: Round) -> None:
    held(sam, "member_list", lambda: make.join(round, *make.make_volunteers(1)), round.slug)


def test_outbox(sam: Person, joan: Person) -> None:
    held(sam, "outbox", lambda: a_letter(joan, channel=Channel.POST))


def test_call_list(sam: Person, joan: Person) -> None:
    held(sam, "call_list", lambda: a_letter(joan, channel=Channel.PHONE))


@pytest.mark.parametrize("name", ["form_question_list", "preview_form", "form_paper"])
def test_questions_of_the_bid_form(
    name: str, sam: Person, round: Round, numbers: Iterator[int]
) -> None:
    def add() -> None:
        number = next(numbers)
        FormQuestion.objects.create(
            round=round, key=f"q{number}", label=f"Question {number}", order=number
        )

    held(sam, name, add, round.slug)


@pytest.mark.parametrize("name", ["bid_list", "eligibility_list"])
def test_bids_of_a_round(name: str, sam: Person) -> None:
    open_round = bids.make_open_round(by=sam)
    held(sam, name, lambda: bids.make_sent_bid(open_round), open_round.slug)


@pytest.mark.parametrize("name", ["help_desk", "help_list"])
def test_questions_about_bidding(name: str, sam: Person, amina: Person) -> None:
    open_round = bids.make_open_round(by=sam)
    now = timezone.now()

    def add() -> None:
        HelpQuestion.objects.create(
            round=open_round,
            text="May we bid twice?",
            asked_at=now,
            asked_by=amina,
            answer="Yes.",
            answered_at=now,
            answered_by=sam,
        )

    held(sam, name, add, open_round.slug)


@pytest.mark.parametrize("name", ["training_progress", "adjustment_list"])
def test_looking_after(name: str, sam: Person, round: Round) -> None:
    TrainingTopic.objects.create(round=round, slug="bias", title="Bias")

    def add() -> None:
        (member,) = make.join(round, *make.make_volunteers(1))
        Adjustment.objects.create(
            member=member, asked="Big print", asked_at=timezone.now(), asked_by=member.person
        )

    held(sam, name, add, round.slug)


# ---- Volunteers -------------------------------------------------------------------------------
def test_letter_list(joan: Person) -> None:
    held(joan, "letter_list", lambda: a_letter(joan, state=Sending.State.SENT))


def test_suggestion_list(joan: Person, round: Round) -> None:
    (member,) = make.join(round, joan)
    make.open_to(round, StageKind.CRITERIA)

    def add() -> None:
        Suggestion.objects.create(
            round=round,
            about=Suggestion.About.CRITERIA,
            text="Ask the neighbours.",
            member=member,
            made_at=timezone.now(),
        )

    held(joan, "suggestion_list", add, round.slug)


def test_agreement_list(joan: Person, round: Round) -> None:
    (member,) = make.join(round, joan)
    make.open_to(round, StageKind.CRITERIA)
    held(joan, "agreement_list", lambda: make.agree_criteria(round, member), round.slug)


def test_training_list(joan: Person, round: Round, numbers: Iterator[int]) -> None:
    make.join(round, joan)
    make.open_to(round, StageKind.TRAINING)

    def add() -> None:
        number = next(numbers)
        TrainingTopic.objects.create(
            round=round, slug=f"topic-{number}", title=f"Topic {number}", order=number
        )

    held(joan, "training_list", add, round.slug)


def test_encouragement_list(joan: Person, sam: Person, round: Round) -> None:
    (member,) = make.join(round, joan)
    held(
        joan,
        "encouragement_list",
        lambda: Encouragement.objects.create(
            member=member, text="Well done.", given_at=timezone.now(), given_by=sam
        ),
        round.slug,
    )


def test_home_of_a_volunteer(joan: Person, sam: Person) -> None:
    held(joan, "home", lambda: make.join(make.make_round(by=sam), joan))


# ---- Applicants -------------------------------------------------------------------------------
def test_my_applications(amina: Person, sam: Person) -> None:
    open_round = bids.make_open_round(by=sam)
    held(amina, "my_applications", lambda: bids.make_draft_bid(open_round, amina))


def test_open_rounds(amina: Person, sam: Person) -> None:
    held(amina, "open_rounds", lambda: bids.make_open_round(by=sam))
