"""Questions for every organisation, times to choose, and what members score after meeting."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from accounts.versions import Stale
from applications.actions import withdraw_application
from applications.models import Application
from commissioning.models import StageKind
from commissioning.rules import may_close_stage
from ledger import clock
from ledger.models import Entry, Letter
from panels import actions, sight
from panels.models import InterviewDraft, InterviewSlot, Phase, Proposal, ScoreSheet, Seat
from panels.next_steps import next_steps
from panels.rules.visits import visit_of
from tests.conftest import Once
from tests.factories.commissioning import close
from tests.factories.meeting import (
    act_for,
    agree,
    choose_to_meet,
    close_all,
    draft_interview,
    invited_round,
    move_to,
    offer,
    opened_round,
    seat_of,
    seats_of,
    send_interview,
    turn_down,
    write_questions,
)
from tests.factories.panels import Reading
from tests.panels.test_proposals import aside_from

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    return once(lambda cast: invited_round(cast.joan, cast.harold, by=cast.sam))


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    """Two organisations are invited; the interviews are open; nobody has chosen a time."""
    return deepcopy(begun)


@pytest.fixture
def seat(reading: Reading, joan: Person) -> Seat:
    return seat_of(reading.panel, joan)


def choose(slot: InterviewSlot, bid: Application, by: Person, **facts: str) -> InterviewSlot:
    return actions.choose_slot(slot=slot, application=bid, by=by, at=timezone.now(), **facts)


def slots_of(reading: Reading) -> list[InterviewSlot]:
    return list(reading.panel.slots.select_related("panel__round__chain").order_by("starts_at"))


# ---- Questions ------------------------------------------------------------------------------
def test_write_interview_question_by_a_member(reading: Reading, joan: Person, seat: Seat) -> None:
    question = actions.write_interview_question(
        panel=reading.panel, text=" How? ", asked_by=seat, by=joan, at=timezone.now()
    )
    assert (question.text, question.asked_by, question.order) == ("How?", seat, 3)


def test_write_interview_question_is_refused_to_staff(reading: Reading, sam: Person) -> None:
    with pytest.raises(Refused, match="Your role here"):
        actions.write_interview_question(
            panel=reading.panel, text="How?", by=sam, at=timezone.now()
        )


def test_write_interview_question_once_one_is_scored_is_refused(
    reading: Reading, seat: Seat, joan: Person
) -> None:
    send_interview(seat, reading.bids[0])
    with pytest.raises(Refused, match="The questions stay the same for everyone"):
        actions.write_interview_question(
            panel=reading.panel, text="One more?", by=joan, at=timezone.now()
        )


def test_write_interview_question_needs_words_and_its_own_people(
    reading: Reading, joan: Person
) -> None:
    with pytest.raises(Refused, match="Write the question"):
        actions.write_interview_question(panel=reading.panel, text="", by=joan, at=timezone.now())


def test_drop_interview_question_leaves_it_out(reading: Reading, joan: Person) -> None:
    question = reading.panel.interview_questions.first()
    actions.drop_interview_question(question=question, by=joan, at=timezone.now())
    assert reading.panel.interview_questions.filter(dropped_at=None).count() == 1


def test_interview_question_list_write_change_and_drop_pages(
    client: Client, reading: Reading, joan: Person, seat: Seat, sam: Person
) -> None:
    panel = reading.panel.pk
    client.force_login(joan)
    url = reverse("write_interview_question", args=[panel])
    page = client.post(url, {"text": ""})
    assert page.status_code == 422
    client.post(url, {"text": "Who helps you?", "asked_by": seat.pk, "criterion": "none"})
    page = client.get(reverse("interview_question_list", args=[panel]))
    assert b"Who helps you?" in page.content
    assert b"Joan Ibbotson asks it." in page.content
    question = reading.panel.interview_questions.get(text="Who helps you?")
    url = reverse("change_interview_question", args=[panel, question.pk])
    assert b"Who helps you?" in client.get(url).content
    client.post(url, {"text": "Who helps?", "asked_by": "none"})
    question.refresh_from_db()
    assert (question.text, question.asked_by) == ("Who helps?", None)
    client.post(reverse("drop_interview_question", args=[question.pk]))
    question.refresh_from_db()
    assert question.dropped_at
    client.force_login(sam)
    page = client.get(reverse("interview_question_list", args=[panel]))
    assert b"Write a question" not in page.content


# ---- Offering and inviting ------------------------------------------------------------------
def test_offer_slots_one_after_another_all_as_long(reading: Reading) -> None:
    first, second, _third = slots_of(reading)
    assert second.starts_at - first.starts_at == timedelta(minutes=60)
    assert {slot.minutes_long for slot in slots_of(reading)} == {45}


def test_offer_slots_of_another_length_is_refused(reading: Reading, sam: Person) -> None:
    with pytest.raises(Refused, match="Every organisation has the same time: 45 minutes"):
        actions.offer_slot(
            panel=reading.panel,
            starts_at=timezone.now() + timedelta(days=3),
            minutes_long=30,
            by=sam,
            at=timezone.now(),
        )


def test_offer_slots_the_same_time_twice_is_refused(reading: Reading, sam: Person) -> None:
    with pytest.raises(Refused, match="One of these times is offered already"):
        offer(reading.panel, by=sam, first=slots_of(reading)[0].starts_at)


def test_offer_slots_is_refused_to_a_member(reading: Reading, joan: Person) -> None:
    with pytest.raises(Refused, match="Your role here"):
        offer(reading.panel, by=joan)


def test_offer_slot_page(client: Client, reading: Reading, sam: Person) -> None:
    client.force_login(sam)
    day = timezone.localdate() + timedelta(days=5)
    typed = {
        "day_0": day.day,
        "day_1": day.month,
        "day_2": day.year,
        "time": "10 am",
        "how_many": "2",
        "minutes_long": "45",
        "minutes_between": "15",
        "place": "The small room",
    }
    url = reverse("offer_slot", args=[reading.panel.pk])
    page = client.post(url, {**typed, "minutes_long": "30"})
    assert page.status_code == 422
    assert b"Every organisation has the same time" in page.content
    client.post(url, typed)
    assert reading.panel.slots.count() == 5


def test_remove_slot_only_while_it_is_free(client: Client, reading: Reading, sam: Person) -> None:
    first, second, _third = slots_of(reading)
    choose(first, reading.bids[0], act_for(reading.bids[0]))
    client.force_login(sam)
    assert client.post(reverse("remove_slot", args=[first.pk])).status_code == 403
    client.post(reverse("remove_slot", args=[second.pk]))
    assert first in slots_of(reading) and second not in slots_of(reading)


def test_times_are_neither_offered_nor_taken_away_once_meeting_is_over(
    client: Client, reading: Reading, sam: Person
) -> None:
    free = slots_of(reading)[0]
    client.force_login(sam)
    page = reverse("slot_list", args=[reading.panel.pk])
    assert "Offer times" in client.get(page).content.decode()
    close(reading.round.stages.get(kind=StageKind.INTERVIEWS), by=sam)
    shown = client.get(page).content.decode()
    assert "Offer times" not in shown
    assert "Take it away" not in shown
    with pytest.raises(Refused, match="Meeting the organisations is over"):
        offer(reading.panel, by=sam)
    with pytest.raises(Refused, match="Meeting the organisations is over"):
        actions.remove_slot(slot=free, by=sam, at=timezone.now())
    assert free in slots_of(reading)


def test_invite_to_interview_waits_until_choosing_is_over(joan: Person, sam: Person) -> None:
    reading = opened_round(joan, by=sam, bids=1)
    with pytest.raises(Refused, match="still choosing who to meet"):
        actions.invite_to_interview(panel=reading.panel, by=sam, at=timezone.now())
    choose_to_meet(reading.panel, reading.bids[0])
    close_all(reading)
    with pytest.raises(Refused, match="The panel writes its questions first"):
        actions.invite_to_interview(panel=reading.panel, by=sam, at=timezone.now())
    write_questions(reading.panel)
    with pytest.raises(Refused, match="There are 0 times for 1 organisations"):
        actions.invite_to_interview(panel=reading.panel, by=sam, at=timezone.now())


def test_invite_to_interview_writes_once_to_each_and_only_who_is_met(
    joan: Person, sam: Person, amina: Person, rival: Person
) -> None:
    reading = opened_round(joan, by=sam)
    act_for(reading.bids[0], amina)
    act_for(reading.bids[1], rival)
    choose_to_meet(reading.panel, reading.bids[0])
    turn_down(reading.panel, reading.bids[1])
    write_questions(reading.panel)
    move_to(reading, StageKind.INTERVIEWS)
    offer(reading.panel, by=sam)
    for _twice in range(2):
        actions.invite_to_interview(panel=reading.panel, by=sam, at=timezone.now())
    letters = Letter.objects.filter(kind="interview_invitation")
    assert [letter.to for letter in letters] == [amina]
    assert reverse("choose_slot", args=[reading.bids[0].pk]) in letters[0].body_text


def test_invite_to_interview_page_names_who_must_be_rung(
    client: Client, reading: Reading, sam: Person
) -> None:
    client.force_login(sam)
    page = client.post(reverse("invite_to_interview", args=[reading.panel.pk]), follow=True)
    assert b"please ring or write to them" in page.content
    assert reading.bids[0].organisation.name.encode() in page.content


# ---- Choosing a time ------------------------------------------------------------------------
def test_choose_slot_keeps_it_and_sends_a_receipt(reading: Reading, amina: Person) -> None:
    bid = reading.bids[0]
    act_for(bid, amina)
    slot = choose(slots_of(reading)[0], bid, amina, access_needs="A ramp")
    assert (slot.application, slot.chosen_by, slot.access_needs) == (bid, amina, "A ramp")
    letter = Letter.objects.get(kind="slot_chosen")
    assert (letter.to, letter.when) == (amina, Letter.When.ANSWER)
    assert "A ramp" in letter.body_text and "part 1?" in letter.body_text


def test_choose_slot_another_gives_the_first_back(reading: Reading, amina: Person) -> None:
    bid = reading.bids[0]
    act_for(bid, amina)
    first, second, _third = slots_of(reading)
    choose(first, bid, amina)
    choose(second, bid, amina)
    first.refresh_from_db()
    assert (first.application, first.chosen_by, first.access_needs) == (None, None, "")


def test_choose_slot_two_want_the_same_and_one_is_told(
    reading: Reading, amina: Person, rival: Person
) -> None:
    slot = slots_of(reading)[0]
    act_for(reading.bids[0], amina)
    act_for(reading.bids[1], rival)
    mine = choose(slots_of(reading)[1], reading.bids[1], rival)
    choose(slot, reading.bids[0], amina)
    with pytest.raises(Refused, match="Somebody took this time"):
        choose(slot, reading.bids[1], rival)
    mine.refresh_from_db()
    assert mine.application == reading.bids[1], "who is refused keeps what they had"
    with pytest.raises(IntegrityError), transaction.atomic():
        InterviewSlot.objects.filter(pk=mine.pk).update(application=reading.bids[0])


def test_choose_slot_for_another_organisation_is_refused(
    reading: Reading, amina: Person, joan: Person
) -> None:
    act_for(reading.bids[0], amina)
    with pytest.raises(Refused, match="You do not act for this organisation"):
        choose(slots_of(reading)[0], reading.bids[1], amina)
    with pytest.raises(Refused, match="Your role here"):
        choose(slots_of(reading)[0], reading.bids[0], joan)


def test_choose_slot_by_staff_only_where_nobody_signs_in(
    reading: Reading, amina: Person, sam: Person
) -> None:
    act_for(reading.bids[0], amina)
    with pytest.raises(Refused, match="chooses its own time"):
        choose(slots_of(reading)[0], reading.bids[0], sam)
    assert choose(slots_of(reading)[0], reading.bids[1], sam).chosen_by == sam


def test_choose_slot_that_has_passed_is_refused(reading: Reading, amina: Person) -> None:
    act_for(reading.bids[0], amina)
    first, second, _third = slots_of(reading)
    with pytest.raises(Refused, match="This time has passed"):
        actions.choose_slot(slot=first, application=reading.bids[0], by=amina, at=first.starts_at)
    choose(first, reading.bids[0], amina)
    with pytest.raises(Refused, match="has been"):
        actions.choose_slot(
            slot=second,
            application=reading.bids[0],
            by=amina,
            at=first.starts_at + timedelta(minutes=1),
        )


def test_a_bid_taken_back_gives_its_time_to_meet_back(reading: Reading, amina: Person) -> None:
    bid = reading.bids[0]
    act_for(bid, amina)
    slot = choose(slots_of(reading)[0], bid, amina, access_needs="A ramp, please.")
    withdraw_application(application=bid, by=amina, at=timezone.now())
    slot.refresh_from_db()
    assert (slot.application, slot.chosen_at, slot.chosen_by) == (None, None, None)
    assert slot.access_needs == ""
    assert Entry.objects.filter(verb="freed_interview_time", data__slot=slot.pk).count() == 1


def test_a_bid_taken_back_after_its_meeting_keeps_that_it_met(
    reading: Reading, amina: Person
) -> None:
    bid = reading.bids[0]
    act_for(bid, amina)
    slot = choose(slots_of(reading)[0], bid, amina)
    after = slot.starts_at + timedelta(hours=1)
    withdraw_application(application=bid, by=amina, at=after)
    slot.refresh_from_db()
    assert slot.application == bid
    assert not Entry.objects.filter(verb="freed_interview_time").exists()


def test_choose_slot_says_the_same_whatever_the_panel_chose(
    client: Client, joan: Person, sam: Person, amina: Person, rival: Person
) -> None:
    """Neither page tells an applicant how the panel chose before the panel's letters do."""
    reading = opened_round(joan, by=sam)
    act_for(reading.bids[0], amina)
    act_for(reading.bids[1], rival)
    choose_to_meet(reading.panel, reading.bids[0])
    turn_down(reading.panel, reading.bids[1])
    answers = set()
    for person, bid in ((amina, reading.bids[0]), (rival, reading.bids[1])):
        client.force_login(person)
        page = client.get(reverse("choose_slot", args=[bid.pk]))
        answers.add((page.status_code, page.context["sentence"]))
    assert answers == {(403, "There is nothing to choose for this bid now. We will write to you.")}


def test_choose_slot_page(client: Client, reading: Reading, amina: Person, rival: Person) -> None:
    bid = reading.bids[0]
    act_for(bid, amina)
    client.force_login(amina)
    url = reverse("choose_slot", args=[bid.pk])
    page = client.get(url)
    assert b"How will you reach people, part 1?" in page.content
    assert b" checked" not in page.content
    page = client.post(url, {"access_needs": "A hearing loop"})
    assert page.status_code == 422
    assert b"A hearing loop" in page.content
    taken = slots_of(reading)[0]
    act_for(reading.bids[1], rival)
    choose(taken, reading.bids[1], rival)
    page = client.post(url, {"slot": taken.pk, "access_needs": "A hearing loop"})
    assert page.status_code == 422
    assert b"Somebody took this time" in page.content
    client.post(url, {"slot": slots_of(reading)[1].pk, "access_needs": "A hearing loop"})
    page = client.get(url)
    assert b"Your time" in page.content
    text = client.get(reverse("slot_file", args=[bid.pk])).content.decode()
    assert f"UID:interview-{bid.pk}@testserver" in text
    client.force_login(rival)
    assert client.get(url).status_code == 404


def test_choose_slot_asks_as_much_for_three_times_as_for_one(
    client: Client,
    reading: Reading,
    amina: Person,
    sam: Person,
    django_assert_max_num_queries: object,
) -> None:
    act_for(reading.bids[0], amina)
    client.force_login(amina)
    counts = []
    for number in (0, 3):
        if number:
            offer(reading.panel, by=sam, first=timezone.now() + timedelta(days=9))
        with django_assert_max_num_queries(12) as asked:
            client.get(reverse("choose_slot", args=[reading.bids[0].pk]))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_slot_list_shows_needs_to_staff_and_to_nobody_else(
    client: Client,
    reading: Reading,
    amina: Person,
    joan: Person,
    sam: Person,
    django_assert_max_num_queries: object,
) -> None:
    act_for(reading.bids[0], amina)
    choose(slots_of(reading)[0], reading.bids[0], amina, access_needs="A hearing loop")
    client.force_login(sam)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("slot_list", args=[reading.panel.pk]))
    assert b"A hearing loop" in page.content
    assert [row.application for row in page.context["waiting"]] == [reading.bids[1]]
    client.force_login(joan)
    assert client.get(reverse("slot_list", args=[reading.panel.pk])).status_code == 404
    page = client.get(reverse("interview_list", args=[reading.panel.pk]))
    assert b"A hearing loop" not in page.content
    assert reading.bids[0].organisation.name.encode() in page.content


# ---- Scoring --------------------------------------------------------------------------------
def test_save_interview_draft_knows_who_came_first(reading: Reading, seat: Seat) -> None:
    facts = {
        "seat": seat,
        "application": reading.bids[0],
        "question": reading.panel.interview_questions.first(),
        "cannot_judge": False,
        "by": seat.member.person,
        "at": timezone.now(),
    }
    actions.save_interview_draft(**facts, value=3, reason="One", version=0, client_id="a")
    again = actions.save_interview_draft(**facts, value=3, reason="One", version=0, client_id="a")
    assert again.version == 1
    actions.save_interview_draft(**facts, value=4, reason="Two", version=1, client_id="b")
    with pytest.raises(Stale) as told:
        actions.save_interview_draft(**facts, value=5, reason="Three", version=1, client_id="c")
    assert told.value.theirs == {"score": "4", "reason": "Two"}


def test_send_interview_scores_twice_is_one_sheet(reading: Reading, seat: Seat) -> None:
    first = send_interview(seat, reading.bids[0])
    again = actions.send_interview_scores(
        seat=seat, application=reading.bids[0], by=seat.member.person, at=timezone.now()
    )
    assert first == again
    assert [score.value for score in first.scores.all()] == [4, 4]


def test_send_interview_scores_with_a_gap_is_refused(reading: Reading, seat: Seat) -> None:
    with pytest.raises(Refused, match="Choose a score for “How will you reach people, part 1"):
        actions.send_interview_scores(
            seat=seat, application=reading.bids[0], by=seat.member.person, at=timezone.now()
        )


def test_send_interview_scores_by_staff_or_another_is_refused(
    reading: Reading, seat: Seat, harold: Person, sam: Person
) -> None:
    draft_interview(seat, reading.bids[0])
    for person, sentence in ((harold, "only score for yourself"), (sam, "Your role here")):
        with pytest.raises(Refused, match=sentence):
            actions.send_interview_scores(
                seat=seat, application=reading.bids[0], by=person, at=timezone.now()
            )


def test_send_interview_scores_standing_aside_is_refused(
    reading: Reading, seat: Seat, joan: Person
) -> None:
    aside_from(reading, joan, bid=True)
    with pytest.raises(Refused, match="do not stand aside"):
        send_interview(seat, reading.bids[0])


def test_send_interview_scores_about_who_is_not_met_is_refused(joan: Person, sam: Person) -> None:
    reading = opened_round(joan, by=sam, bids=1)
    turn_down(reading.panel, reading.bids[0])
    write_questions(reading.panel)
    move_to(reading, StageKind.INTERVIEWS)
    with pytest.raises(Refused, match="did not choose to meet"):
        send_interview(seat_of(reading.panel, joan), reading.bids[0])


def test_send_interview_scores_before_the_day_is_refused(
    reading: Reading, seat: Seat, amina: Person
) -> None:
    act_for(reading.bids[0], amina)
    choose(slots_of(reading)[0], reading.bids[0], amina)
    with pytest.raises(Refused, match="The panel meets them on"):
        send_interview(seat, reading.bids[0])


def test_send_interview_scores_once_closed_is_refused_here_and_in_the_database(
    reading: Reading, seat: Seat
) -> None:
    close_all(reading)
    with pytest.raises(Refused, match="closed on"):
        send_interview(seat, reading.bids[0])
    with pytest.raises(IntegrityError, match="while it is open"), transaction.atomic():
        ScoreSheet.objects.create(
            member=seat.member,
            application=reading.bids[0],
            version=reading.bids[0].versions.get(),
            phase=Phase.INTERVIEW,
            sent_at=timezone.now(),
            sent_by=seat.member.person,
        )


def test_the_interviews_close_once_three_have_scored_or_the_panel_goes_on(
    joan: Person, harold: Person, sam: Person
) -> None:
    reading = invited_round(joan, harold, by=sam, bids=1)
    stage = reading.round.stages.get(kind=StageKind.INTERVIEWS)
    seats = seats_of(reading.panel)
    for seat in seats[:2]:
        send_interview(seat, reading.bids[0])
    told = may_close_stage(stage, on=stage.closes_on)
    assert "At least 3 panel members must score" in told.sentence
    with transaction.atomic():
        agree(reading.panel, Proposal.Kind.CLOSE_EARLY, sam, data={"stage": "interviews"})
        assert may_close_stage(stage, on=stage.closes_on)
        transaction.set_rollback(True)
    send_interview(seats[2], reading.bids[0])
    assert may_close_stage(stage, on=stage.closes_on)


def test_score_interview_pages_from_the_first_question_to_the_receipt(
    client: Client, reading: Reading, joan: Person
) -> None:
    panel, bid = reading.panel.pk, reading.bids[0].pk
    first, second = reading.panel.interview_questions.all()
    client.force_login(joan)
    assert (
        reverse("score_interview", args=[panel, bid, first.pk]).encode()
        in client.get(reverse("interview_list", args=[panel])).content
    )
    url = reverse("score_interview", args=[panel, bid, first.pk])
    assert b" checked" not in client.get(url).content
    page = client.post(url, {"score": "9", "reason": "They told us how.", "version": "0"})
    assert page.status_code == 422
    assert b"They told us how." in page.content
    page = client.post(url, {"score": "4", "reason": "They told us how.", "version": "0"})
    assert page["Location"] == reverse("score_interview", args=[panel, bid, second.pk])
    check = reverse("check_interview_scores", args=[panel, bid])
    page = client.post(check)
    assert page.status_code == 422
    assert b"Still missing" in page.content
    page = client.post(page_url(panel, bid, second.pk), {"score": "cannot", "version": "0"})
    assert page["Location"] == check
    assert b"Send your scores" in client.get(check).content
    page = client.post(check, {"why": "A good meeting."}, follow=True)
    assert b"Your scores are sent" in page.content
    assert b"I cannot judge this" in page.content
    assert b"They told us how." in page.content, "the notes are on the receipt"
    sheet = ScoreSheet.objects.get(phase=Phase.INTERVIEW)
    assert [score.value for score in sheet.scores.all()] == [4, None]
    assert client.get(check)["Location"] == reverse("interview_scores_sent", args=[panel, bid])


def page_url(panel: int, bid: int, question: int) -> str:
    return reverse("score_interview", args=[panel, bid, question])


def test_score_interview_saves_while_one_writes(
    client: Client, reading: Reading, joan: Person
) -> None:
    question = reading.panel.interview_questions.first()
    url = reverse("score_interview", args=[reading.panel.pk, reading.bids[0].pk, question.pk])
    client.force_login(joan)
    typed = {"reason": "Half a th", "version": "0", "client_id": "a" * 32}
    page = client.post(url, typed, headers={"X-Autosave": "1"})
    assert page.json()["version"] == 1
    page = client.post(
        url, {**typed, "reason": "Other", "client_id": "b" * 32}, headers={"X-Autosave": "1"}
    )
    assert page.status_code == 409
    assert page.json()["texts"][0]["theirs"] == "Half a th"
    page = client.post(url, {"reason": "Other", "version": "0"})
    assert page.status_code == 409
    assert b"Half a th" in page.content and b"Other" in page.content
    assert InterviewDraft.objects.get().reason == "Half a th"


def test_interview_list_asks_as_much_for_three_as_for_one(
    client: Client, joan: Person, sam: Person, django_assert_max_num_queries: object
) -> None:
    counts = []
    for bids in (1, 3):
        reading = invited_round(*([joan] if bids == 1 else []), by=sam, bids=bids)
        client.force_login(seats_of(reading.panel)[0].member.person)
        with django_assert_max_num_queries(12) as asked:
            client.get(reverse("interview_list", args=[reading.panel.pk]))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_interview_detail_once_the_panel_has_opened(
    client: Client, joan: Person, harold: Person, sam: Person
) -> None:
    reading = invited_round(joan, harold, by=sam, bids=1)
    for seat, value in zip(seats_of(reading.panel), (2, 4, 4, 5), strict=True):
        send_interview(seat, reading.bids[0], value)
    move_to(reading, StageKind.DECISION)
    agree(reading.panel, Proposal.Kind.OPEN_INTERVIEWS)
    client.force_login(joan)
    url = reverse("interview_detail", args=[reading.panel.pk, reading.bids[0].pk])
    page = client.get(url)
    counts = [row["count"] for row in page.context["sections"][0]["levels"]]
    assert counts == [0, 0, 1, 0, 2, 1]
    assert b"They told us how." in page.content
    reading.panel.refresh_from_db()
    assert len(sight.interviews_in_sight(visit_of(reading.panel, joan))) == 8
    aside_from(reading, harold, bid=True)
    client.force_login(harold)
    assert client.get(url).status_code == 404


# ---- What comes next ------------------------------------------------------------------------
def test_next_steps_of_an_applicant_and_a_member(
    reading: Reading, amina: Person, joan: Person
) -> None:
    today = timezone.localdate()
    act_for(reading.bids[0], amina)
    assert [step.button for step in next_steps(amina, on=today)] == ["Choose a time"]
    slot = slots_of(reading)[0]
    choose(slot, reading.bids[0], amina)
    assert list(next_steps(amina, on=today)) == []
    agree(reading.panel, Proposal.Kind.COMBINE, data={"rule": "same"})
    assert list(next_steps(joan, on=today)) == []
    clock.move(days=1)
    steps = list(next_steps(joan, on=timezone.localdate(slot.starts_at)))
    assert steps[0].sentence == "You have met 1 organisation that you have not scored."


# ---- What was agreed, so that they can take part ---------------------------------------------
def chosen(reading: Reading, amina: Person) -> InterviewSlot:
    bid = reading.bids[0]
    act_for(bid, amina)
    slot = reading.panel.slots.order_by("starts_at")[0]
    return actions.choose_slot(
        slot=slot,
        application=bid,
        access_needs="I have a stammer.",
        by=amina,
        at=timezone.now(),
    )


def test_agree_interview_help_is_told_to_the_group_and_the_panel_but_not_why(
    client: Client, reading: Reading, joan: Person, amina: Person, sam: Person
) -> None:
    slot = chosen(reading, amina)
    here = reverse("agree_interview_help", args=[slot.pk])
    client.force_login(sam)
    assert b"I have a stammer." in client.get(here).content
    assert client.post(here, {"agreed": "", "more_minutes": "10"}).status_code == 422
    said = "10 minutes more, and the questions on paper a day before."
    assert client.post(here, {"agreed": said, "more_minutes": "10"}).status_code == 302
    slot.refresh_from_db()
    assert slot.minutes_in_all == slot.minutes_long + 10
    letter = Letter.objects.get(kind="interview_help_agreed")
    assert letter.to == amina and said in letter.body_text
    assert "stammer" not in letter.body_text, "a letter may lie about"
    client.force_login(joan)
    page = client.get(reverse("interview_list", args=[reading.panel.pk])).content.decode()
    assert said in page and "stammer" not in page
    client.force_login(amina)
    assert said in client.get(reverse("choose_slot", args=[reading.bids[0].pk])).content.decode()
    assert Entry.objects.get(verb="agreed_interview_help").data["minutes"] == 10


def test_more_minutes_may_not_run_into_the_next_time(
    reading: Reading, amina: Person, sam: Person
) -> None:
    slot = chosen(reading, amina)
    facts = {"slot": slot, "agreed": "An hour more.", "by": sam, "at": timezone.now()}
    with pytest.raises(Refused, match="runs into the next time"):
        actions.agree_interview_help(more_minutes=60, **facts)
    last = reading.panel.slots.order_by("-starts_at")[0]
    moved = actions.choose_slot(slot=last, application=reading.bids[0], by=amina, at=timezone.now())
    assert actions.agree_interview_help(more_minutes=60, **{**facts, "slot": moved})


def test_what_was_agreed_goes_along_to_another_time_and_ends_with_it(
    reading: Reading, amina: Person, sam: Person
) -> None:
    slot, now = chosen(reading, amina), timezone.now()
    actions.agree_interview_help(slot=slot, agreed="By phone.", more_minutes=5, by=sam, at=now)
    other = reading.panel.slots.order_by("starts_at")[1]
    moved = actions.choose_slot(slot=other, application=reading.bids[0], by=amina, at=now)
    slot.refresh_from_db()
    assert (slot.agreed, slot.more_minutes, slot.access_needs) == ("", 0, "")
    assert (moved.agreed, moved.more_minutes) == ("By phone.", 0), "minutes are looked at anew"
    withdraw_application(application=reading.bids[0], by=amina, at=now)
    moved.refresh_from_db()
    assert (moved.application, moved.agreed) == (None, "")


def test_only_staff_agree_help_and_only_where_somebody_comes(
    client: Client, reading: Reading, joan: Person, amina: Person, sam: Person
) -> None:
    slot = chosen(reading, amina)
    with pytest.raises(Refused):
        actions.agree_interview_help(
            slot=slot, agreed="More.", more_minutes=0, by=joan, at=timezone.now()
        )
    free = reading.panel.slots.order_by("starts_at")[1]
    client.force_login(sam)
    assert client.get(reverse("agree_interview_help", args=[free.pk])).status_code == 404
    for person in (joan, amina):
        client.force_login(person)
        assert client.get(reverse("agree_interview_help", args=[slot.pk])).status_code == 404
