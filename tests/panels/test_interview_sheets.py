"""Interviews on paper: printed, typed for a member, confirmed by them or by a second person."""

from copy import deepcopy

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Role
from accounts.permissions import Refused
from commissioning.models import StageKind
from ledger.models import Letter
from panels import actions
from panels.actions import Answer
from panels.models import Phase, Proposal, ScoreSheet, Seat
from panels.next_steps import next_steps
from panels.rules import meeting as rules
from tests.conftest import Once
from tests.factories.commissioning import make_person
from tests.factories.meeting import agree, invited_round, move_to, seat_of, send_interview
from tests.factories.panels import Reading

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    return once(lambda cast: invited_round(cast.joan, cast.harold, by=cast.sam))


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    """The panel meets two organisations; nobody has chosen a time, so it may be scored today."""
    return deepcopy(begun)


@pytest.fixture
def seat(reading: Reading, harold: Person) -> Seat:
    return seat_of(reading.panel, harold)


def type_it(
    reading: Reading, seat: Seat, *, value: int = 4, by: Person | None = None
) -> ScoreSheet:
    return actions.type_interview_scores(
        seat=seat,
        application=reading.bids[0],
        answers={
            question: Answer(value, reason="He told us how.")
            for question in rules.open_questions(reading.panel)
        },
        by=by or reading.by,
        at=timezone.now(),
    )


def test_typed_scores_count_once_their_member_has_said_yes(
    reading: Reading, seat: Seat, harold: Person
) -> None:
    sheet = type_it(reading, seat)
    assert sheet.phase == Phase.INTERVIEW
    assert rules.sent_interview(seat, reading.bids[0]) is None
    letter = Letter.objects.get(kind="scores_typed")
    question = rules.open_questions(reading.panel).first()
    assert question
    assert letter.to == harold
    assert question.text in letter.body_text
    assert reverse("confirm_typed_scores", args=[sheet.pk]) in letter.body_text
    actions.confirm_typed_scores(sheet=sheet, by=harold, at=timezone.now())
    assert rules.sent_interview(seat, reading.bids[0]) == sheet


def test_nothing_is_typed_for_one_who_is_no_volunteer_now(
    reading: Reading, seat: Seat, harold: Person
) -> None:
    harold.roles.update(ended_at=timezone.now(), ended_by=reading.by)
    with pytest.raises(Refused, match="Harold Whitaker is not a volunteer now"):
        type_it(reading, seat_of(reading.panel, harold))


def test_the_typist_never_confirms_and_a_second_person_may(reading: Reading, seat: Seat) -> None:
    sheet = type_it(reading, seat)
    with pytest.raises(Refused, match="somebody else must check it"):
        actions.confirm_typed_scores(sheet=sheet, by=reading.by, at=timezone.now())
    ruth = make_person("Ruth Bentley", Role.FACILITATOR)
    actions.confirm_typed_scores(sheet=sheet, by=ruth, at=timezone.now())
    assert Letter.objects.filter(kind="scores_receipt", to=seat.member.person).exists()


def test_what_is_refused_can_be_typed_again(reading: Reading, seat: Seat, harold: Person) -> None:
    first = type_it(reading, seat)
    with pytest.raises(Refused, match="waits for a yes"):
        type_it(reading, seat)
    actions.refuse_typed_scores(sheet=first, words="I said 2.", by=harold, at=timezone.now())
    second = type_it(reading, seat, value=2)
    actions.confirm_typed_scores(sheet=second, by=harold, at=timezone.now())
    assert rules.sent_interview(seat, reading.bids[0]) == second


def test_an_objection_undoes_what_staff_checked(
    reading: Reading, seat: Seat, harold: Person
) -> None:
    sheet = type_it(reading, seat)
    ruth = make_person("Ruth Bentley", Role.FACILITATOR)
    actions.confirm_typed_scores(sheet=sheet, by=ruth, at=timezone.now())
    actions.object_to_typed_scores(sheet=sheet, words="No.", by=harold, at=timezone.now())
    assert rules.sent_interview(seat, reading.bids[0]) is None


def test_opened_interview_scores_stay(reading: Reading, seat: Seat, harold: Person) -> None:
    sheet = type_it(reading, seat)
    move_to(reading, StageKind.DECISION)
    agree(
        reading.panel, Proposal.Kind.OPEN_INTERVIEWS, seat_of(reading.panel, harold).member.person
    )
    reading.panel.refresh_from_db()
    assert reading.panel.interviews_opened_at
    with pytest.raises(Refused, match="opened the scores"):
        actions.confirm_typed_scores(sheet=sheet, by=harold, at=timezone.now())


def test_every_question_needs_an_answer(reading: Reading, seat: Seat) -> None:
    with pytest.raises(Refused, match="Choose a score for"):
        actions.type_interview_scores(
            seat=seat, application=reading.bids[0], answers={}, by=reading.by, at=timezone.now()
        )


def test_not_for_somebody_who_has_sent_their_own(reading: Reading, seat: Seat) -> None:
    send_interview(seat, reading.bids[0])
    with pytest.raises(Refused, match="has sent their scores"):
        type_it(reading, seat)


def test_volunteers_never_type_for_each_other(reading: Reading, seat: Seat, joan: Person) -> None:
    with pytest.raises(Refused, match="Your role here does not include this"):
        type_it(reading, seat, by=joan)


# ---- Pages ----------------------------------------------------------------------------------
def test_type_interview_scores_page(
    client: Client, reading: Reading, seat: Seat, harold: Person
) -> None:
    client.force_login(reading.by)
    page = reverse("type_interview_scores", args=[reading.panel.pk, reading.bids[0].pk, seat.pk])
    assert "Type a sheet for" in client.get(page).content.decode()
    questions = list(rules.open_questions(reading.panel))
    half = {f"score_{questions[0].pk}": "4", f"reason_{questions[0].pk}": "They told us."}
    refused = client.post(page, half)
    assert refused.status_code == 422
    assert "Choose what the paper says" in refused.content.decode()
    assert "They told us." in refused.content.decode(), "nothing typed is lost"
    answer = client.post(page, half | {f"score_{row.pk}": "cannot" for row in questions[1:]})
    assert answer.status_code == 302
    shown = client.get(answer["Location"]).content.decode()
    assert "It waits for a yes" in shown
    client.force_login(harold)
    sheet = ScoreSheet.objects.get(typed_by=reading.by)
    confirm = reverse("confirm_typed_scores", args=[sheet.pk])
    assert (
        confirm in client.get(reverse("interview_list", args=[reading.panel.pk])).content.decode()
    )
    said = client.post(confirm, {"right": "yes"})
    assert said["Location"] == reverse("interview_list", args=[reading.panel.pk])
    sheet.refresh_from_db()
    assert sheet.confirmed_by == harold


def test_home_asks_the_member_to_check(reading: Reading, seat: Seat, harold: Person) -> None:
    sheet = type_it(reading, seat)
    steps = list(next_steps(harold, on=timezone.localdate()))
    assert reverse("confirm_typed_scores", args=[sheet.pk]) in {step.url for step in steps}


def test_interview_sheet_list_never_shows_what_was_said(
    client: Client, reading: Reading, seat: Seat
) -> None:
    send_interview(seat, reading.bids[0], value=5)
    client.force_login(reading.by)
    shown = client.get(reverse("interview_sheet_list", args=[reading.panel.pk])).content.decode()
    assert "Done" in shown
    assert "They told us how" not in shown


def test_interview_paper_has_each_question(client: Client, reading: Reading, joan: Person) -> None:
    client.force_login(joan)
    shown = client.get(reverse("interview_paper", args=[reading.panel.pk])).content.decode()
    for question in rules.open_questions(reading.panel):
        assert question.text in shown
    assert "I cannot judge this." in shown
