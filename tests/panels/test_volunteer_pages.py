"""A reader's pages: nothing before its time, nothing lost, nothing of anybody else's."""

from copy import deepcopy

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Break, Role
from applications.models import Document
from ledger.models import Letter
from panels import actions
from panels.actions import Answer
from panels.models import Abstention, BidDraft, ScoreDraft, ScoreSheet
from panels.next_steps import next_steps
from panels.rules.desk import desks
from support.models import TrainingTopic
from tests.factories.commissioning import make_person
from tests.factories.panels import (
    NEED_TEXT,
    SECRET,
    close_scoring,
    declare_all,
    full_answers,
    make_bid,
    open_scores,
    reading_round,
    send,
    send_copy,
    share_out,
    sharing_round,
    write_scores,
)

pytestmark = pytest.mark.django_db
OTHERS = ["outsider", "harold", "sam", "amina", "margaret", "administrator", "superuser"]


def now():
    return timezone.now()


@pytest.fixture(scope="module")
def begun(once):
    return once(lambda cast: reading_round(cast.joan))


@pytest.fixture
def reading(begun, db):
    return deepcopy(begun)


@pytest.fixture
def assignment(reading, joan):
    """The first bid of Joan's pile, opened."""
    first = reading.assignments(joan)[0]
    return actions.start_reading(assignment=first, by=joan, at=now())


@pytest.fixture
def as_joan(client, joan):
    client.force_login(joan)
    return client


def address(assignment, page=""):
    return f"/my/reading/{assignment.pk}/{page}"


def read_copy(assignment, **content):
    """Put another copy of the bid in the reader's hands."""
    assignment.version = send_copy(assignment.application, [], **content)
    assignment.save()


def text(answer):
    return answer.content.decode()


# ---- Who may come in ------------------------------------------------------------------------
@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize(
    "page",
    ["", "score/", "score/criterion-1/", "why/", "check/", "sent/", "take-back/", "cannot-score/"],
)
def test_a_readers_pages_are_not_there_for_others(page, who, client, assignment, request):
    client.force_login(request.getfixturevalue(who))
    assert client.get(address(assignment, page)).status_code == 404


@pytest.mark.parametrize("who", ["harold", "sam"])
@pytest.mark.parametrize("page", ["start/", "later/", "score/criterion-1/", "check/", "take-back/"])
def test_nobody_else_can_post_to_a_readers_pages(page, who, client, assignment, request):
    client.force_login(request.getfixturevalue(who))
    assert client.post(address(assignment, page), {"score": "5", "sure": "on"}).status_code == 404
    assert not ScoreDraft.objects.exists()


@pytest.mark.parametrize("page", ["", "score/criterion-1/", "check/"])
def test_a_readers_pages_send_strangers_to_sign_in(page, client, assignment):
    assert client.get(address(assignment, page)).status_code == 302


# ---- my_bids --------------------------------------------------------------------------------
def test_my_bids_says_in_words_what_is_left(as_joan, reading, joan):
    first, second, third = reading.assignments(joan)
    send(reading, first)
    actions.start_reading(assignment=second, by=joan, at=now())
    page = text(as_joan.get("/my/reading/"))
    assert "You have sent 1 of 3." in page
    assert "The next one takes about 40 minutes." in page
    assert page.index("Sent") < page.index("Not sent yet") < page.index("Not started")
    assert f'href="{address(second)}"' in page


def test_my_bids_asks_first_who_they_know(as_joan, joan):
    sharing_round(joan)
    page = text(as_joan.get("/my/reading/"))
    assert "Say who you know in “Getting about”." in page
    assert SECRET not in page


def test_my_bids_with_nothing_yet_and_all_done(client, priya):
    client.force_login(priya)
    assert "You are not taking part" in text(client.get("/my/reading/"))
    reading = reading_round(priya, bids=1)
    send(reading, reading.assignments(priya)[0])
    assert "You have sent everything." in text(client.get("/my/reading/"))


def test_my_bids_leads_to_scores_typed_for_them(as_joan, reading, assignment, sam):
    actions.type_scores(
        assignment=assignment, answers=full_answers(reading), why="Yes", by=sam, at=now()
    )
    page = text(as_joan.get("/my/reading/"))
    assert "Check the scores that were typed for you." in page
    assert "Please check" in page


def test_my_bids_says_what_was_withdrawn_and_what_came_too_late(as_joan, reading, assignment):
    other = reading.bids[0] if reading.bids[0] != assignment.application else reading.bids[1]
    other.withdrawn_at, other.withdrawn_by = now(), reading.by
    other.save()
    write_scores(reading, assignment)
    close_scoring(reading)
    page = text(as_joan.get("/my/reading/"))
    assert "Taken back by the group" in page
    assert "Not sent, so not counted" in page


@pytest.mark.parametrize("who", ["sam", "amina", "outsider", "superuser"])
def test_my_bids_is_not_there_for_others(who, client, request):
    client.force_login(request.getfixturevalue(who))
    assert client.get("/my/reading/").status_code == 404


@pytest.mark.parametrize("bids", [1, 7])
def test_my_bids_asks_little_at_any_size(bids, as_joan, joan, django_assert_max_num_queries):
    reading = reading_round(joan, bids=bids)
    send(reading, reading.assignments(joan)[0])
    with django_assert_max_num_queries(8):
        as_joan.get("/my/reading/")


# ---- read_bid -------------------------------------------------------------------------------
def test_read_bid_opens_through_a_button(as_joan, reading, joan):
    assignment = reading.assignments(joan)[0]
    page = text(as_joan.get(address(assignment)))
    assert "Reading and scoring it takes about 40 minutes." in page
    assert SECRET not in page
    assignment.refresh_from_db()
    assert assignment.started_at is None
    assert as_joan.get(address(assignment, "start/")).status_code == 405
    assert as_joan.post(address(assignment, "start/")).url == address(assignment)
    assignment.refresh_from_db()
    assert assignment.started_at is not None


def test_read_bid_lays_the_bid_out(as_joan, assignment, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page = text(as_joan.get(address(assignment)))
    assert NEED_TEXT in page
    assert "This helps you score:" in page
    assert "Criterion 1" in page
    assert "£1,200.50" in page
    assert "The smallest sum that would still help: £800." in page


def test_read_bid_shows_nothing_before_the_declaration(as_joan, reading, assignment):
    make_bid(reading.lot)
    answer = as_joan.get(address(assignment))
    assert answer.status_code == 403
    assert "Please first say who you know" in text(answer)
    assert SECRET not in text(answer)


def test_read_bid_shows_nothing_before_reading_opens(as_joan, joan):
    reading = sharing_round(joan, readers_per_bid=4)
    declare_all(reading)
    share_out(reading)
    answer = as_joan.get(address(reading.assignments(joan)[0]))
    assert answer.status_code == 403
    assert "has not opened yet" in text(answer)


def test_read_bid_shows_the_copy_that_was_given(as_joan, reading, assignment):
    bid = assignment.application
    bid.title = "A new name"
    bid.save()
    page = text(as_joan.get(address(assignment)))
    assert f"<span data-user-text>{assignment.version.content['title']}</span></h1>" in page


def test_reading_and_scoring_lead_to_what_our_words_mean(as_joan, assignment):
    for page in (address(assignment), address(assignment, "score/criterion-1/")):
        assert 'href="/what-words-mean/"' in text(as_joan.get(page))


def test_read_bid_leads_to_what_is_scored_and_not_sent(as_joan, reading, assignment):
    check = f'href="{address(assignment, "check/")}"'
    assert check not in text(as_joan.get(address(assignment)))
    as_joan.post(address(assignment, "score/criterion-1/"), {"score": "3", "version": "0"})
    assert check in text(as_joan.get(address(assignment)))
    write_scores(reading, assignment)
    as_joan.post(address(assignment, "check/"), {"sure": "on"})
    assert check not in text(as_joan.get(address(assignment)))


def test_read_bid_keeps_private_notes(as_joan, assignment):
    answer = as_joan.post(address(assignment), {"notes": "Ask about Fridays", "version": "0"})
    assert answer.url == address(assignment)
    assert BidDraft.objects.get().notes == "Ask about Fridays"
    assert "Ask about Fridays" in text(as_joan.get(address(assignment)))


def test_read_bid_shows_a_late_list_of_costs_as_not_asked(as_joan, assignment):
    read_copy(assignment, budget=[], answers=[], summary="")
    page = text(as_joan.get(address(assignment)))
    assert "They ask for £1,000." in page


def test_bid_document_is_served_to_its_reader_alone(
    client, joan, harold, sam, reading, assignment, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    document = Document(
        application=assignment.application,
        name="rules.pdf",
        kind="pdf",
        size=4,
        sha256="0" * 64,
        added_at=now(),
        added_by=sam,
    )
    document.file.save("x.pdf", ContentFile(b"%PDF"))
    here = address(assignment, f"documents/{document.uuid}/")
    client.force_login(joan)
    assert client.get(here).status_code == 404
    listed = [{"uuid": str(document.uuid), "name": "rules.pdf"}]
    read_copy(assignment, documents=listed)
    assert "rules.pdf" in text(client.get(address(assignment)))
    answer = client.get(here)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert b"".join(answer) == b"%PDF"
    for other in (harold, sam):
        client.force_login(other)
        assert client.get(here).status_code == 404
    make_bid(reading.lot)
    client.force_login(joan)
    assert client.get(here).status_code == 403


# ---- score_criterion ------------------------------------------------------------------------
def test_score_criterion_shows_one_question_beside_its_part(
    as_joan, assignment, django_assert_max_num_queries
):
    with django_assert_max_num_queries(8):
        page = text(as_joan.get(address(assignment, "score/criterion-1/")))
    assert "Question 1 of 2" in page
    assert "4 Strong" in page
    assert "They show it clearly." in page
    assert "I cannot judge this" in page
    assert NEED_TEXT in page
    assert " checked" not in page
    assert page.count('type="radio"') == 7
    assert 'autocomplete="off"' in page


def test_score_criterion_saves_and_goes_on_to_the_next_and_then_why(as_joan, assignment):
    here = address(assignment, "score/criterion-1/")
    answer = as_joan.post(here, {"score": "4", "reason": "They asked", "version": "0"})
    assert answer.url == address(assignment, "score/criterion-2/")
    draft = ScoreDraft.objects.get()
    assert (draft.value, draft.reason) == (4, "They asked")
    answer = as_joan.post(
        address(assignment, "score/criterion-2/"), {"score": "cannot", "version": "0"}
    )
    assert answer.url == address(assignment, "why/")
    assert ScoreDraft.objects.get(criterion__slug="criterion-2").cannot_judge
    assert "checked" in text(as_joan.get(here))


def test_score_criterion_keeps_what_is_unfinished(as_joan, assignment):
    here = address(assignment, "score/criterion-1/")
    assert as_joan.post(here, {"reason": "Half a thought", "version": "0"}).status_code == 302
    assert ScoreDraft.objects.get().value is None


def test_score_criterion_refuses_a_number_that_is_no_score_and_keeps_the_words(as_joan, assignment):
    here = address(assignment, "score/criterion-1/")
    answer = as_joan.post(here, {"score": "9", "reason": "Kept here", "version": "0"})
    assert answer.status_code == 422
    assert "Choose one of the scores from 0 to 5." in text(answer)
    assert "Kept here" in text(answer)


def test_score_criterion_takes_over_the_words_of_the_score(as_joan, assignment):
    here = address(assignment, "score/criterion-1/")
    answer = as_joan.post(here, {"score": "3", "reason": "", "version": "0", "take_over": "1"})
    assert answer.url == f"{here}#id_reason"
    assert ScoreDraft.objects.get().reason == "It gives me some good reasons."
    typed = {"score": "3", "reason": "I agree.", "version": "1", "take_over": "1"}
    as_joan.post(here, typed)
    assert ScoreDraft.objects.get().reason == "I agree. It gives me some good reasons."
    answer = as_joan.post(here, {"score": "", "version": "2", "take_over": "1"})
    assert answer.status_code == 422
    assert "Choose a score first." in text(answer)


def test_score_criterion_goes_back_to_the_check_page_it_came_from(as_joan, assignment):
    here = address(assignment, "score/criterion-1/?check=1")
    assert "Save and go back to check" in text(as_joan.get(here))
    answer = as_joan.post(here, {"score": "4", "version": "0"})
    assert answer.url == address(assignment, "check/")


def test_score_criterion_keeps_its_place_where_the_words_were_taken_over(as_joan, assignment):
    here = address(assignment, "score/criterion-1/")
    # A form without an address would carry "#id_reason" on, and the next question would open
    # below its own scores.
    assert f'<form method="post" action="{here}" ' in text(as_joan.get(here))
    assert f'<form method="post" action="{here}?check=1" ' in text(as_joan.get(f"{here}?check=1"))
    typed = {"score": "3", "reason": "", "version": "0", "take_over": "1"}
    assert as_joan.post(f"{here}?check=1", typed).url == f"{here}?check=1#id_reason"


def test_score_criterion_saves_by_itself(as_joan, assignment):
    here = address(assignment, "score/criterion-1/")
    typed = {"score": "4", "reason": "They", "version": "0", "client_id": "a1"}
    answer = as_joan.post(here, typed, headers={"X-Autosave": "1"})
    assert answer.json()["version"] == 1
    assert answer.json()["saved_at_words"]
    again = as_joan.post(here, typed, headers={"X-Autosave": "1"})
    assert again.json()["version"] == 1
    other = {"score": "2", "reason": "Elsewhere", "version": "0", "client_id": "b2"}
    answer = as_joan.post(here, other, headers={"X-Autosave": "1"})
    assert answer.status_code == 409
    assert answer.json()["version"] == 1
    reason = next(row for row in answer.json()["texts"] if row["name"] == "reason")
    assert (reason["yours"], reason["theirs"]) == ("Elsewhere", "They")
    answer = as_joan.post(here, {"score": "12"}, headers={"X-Autosave": "1"})
    assert answer.status_code == 422


def test_score_criterion_shows_both_texts_and_lets_the_reader_choose(as_joan, assignment):
    here = address(assignment, "score/criterion-1/")
    as_joan.post(here, {"score": "4", "reason": "First", "version": "0"})
    answer = as_joan.post(here, {"score": "2", "reason": "Second", "version": "0"})
    assert answer.status_code == 409
    assert "First" in text(answer)
    assert "Second" in text(answer)
    assert 'name="version" value="1"' in text(answer)
    as_joan.post(here, {"score": "2", "reason": "Second", "version": "1"})
    assert ScoreDraft.objects.get().reason == "Second"


def test_score_criterion_waits_for_training(as_joan, reading, assignment):
    TrainingTopic.objects.create(round=reading.round, slug="fair", title="Fair minds")
    answer = as_joan.get(address(assignment, "score/criterion-1/"))
    assert answer.status_code == 403
    assert "Please finish getting ready first." in text(answer)


def test_score_criterion_goes_first_to_an_unread_bid(as_joan, reading, joan, assignment):
    unread = reading.assignments(joan)[1]
    for page in ("score/criterion-1/", "score/"):
        assert as_joan.get(address(unread, page)).url == address(unread)


def test_score_criterion_knows_only_agreed_criteria(as_joan, assignment):
    assert as_joan.get(address(assignment, "score/colour/")).status_code == 404


# ---- score_all, say_why ---------------------------------------------------------------------
def everything(reading, score="3", **more):
    data = {"why": "I believed them", "version": "0", **more}
    for row in reading.criteria:
        data |= {f"score_{row.slug}": score, f"reason_{row.slug}": "A reason"}
    return data


def test_score_all_saves_everything_on_one_page(
    as_joan, reading, assignment, django_assert_max_num_queries
):
    here = address(assignment, "score/")
    with django_assert_max_num_queries(12):
        assert " checked" not in text(as_joan.get(here))
    assert as_joan.post(here, everything(reading)).url == address(assignment, "check/")
    assert ScoreDraft.objects.count() == 2
    assert BidDraft.objects.get().why == "I believed them"
    assert 'name="version" value="3"' in text(as_joan.get(here))


def test_score_all_refuses_no_score_and_tells_of_another_save(as_joan, reading, assignment):
    here = address(assignment, "score/")
    answer = as_joan.post(here, everything(reading, score="8"))
    assert answer.status_code == 422
    assert "I believed them" in text(answer)
    as_joan.post(here, everything(reading))
    answer = as_joan.post(here, everything(reading, score="1"))
    assert answer.status_code == 409
    answer = as_joan.post(here, everything(reading, score="2"), headers={"X-Autosave": "1"})
    assert answer.status_code == 409
    auto = {"X-Autosave": "1"}
    same = as_joan.post(here, everything(reading, version="3"), headers=auto)
    assert same.json()["version"] == 3, "what has not changed is not written again"
    other = as_joan.post(here, everything(reading, score="2", version="3"), headers=auto)
    assert other.json()["version"] == 5, "two scores; the words stayed"
    bad = as_joan.post(here, everything(reading, score="8"), headers={"X-Autosave": "1"})
    assert bad.status_code == 422


def test_say_why_keeps_own_words(as_joan, assignment):
    here = address(assignment, "why/")
    assert as_joan.get(here).status_code == 200
    answer = as_joan.post(here, {"why": "They made me laugh", "version": "0"})
    assert answer.url == address(assignment, "check/")
    answer = as_joan.post(here, {"why": "Another", "version": "0"})
    assert answer.status_code == 409
    assert "They made me laugh" in text(answer)
    saved = as_joan.post(here, {"why": "More", "version": "1"}, headers={"X-Autosave": "1"})
    assert saved.json()["version"] == 2


def test_say_why_with_a_version_that_is_no_number(as_joan, assignment):
    answer = as_joan.post(address(assignment, "why/"), {"why": "Kept", "version": "x"})
    assert answer.status_code == 422
    assert "Kept" in text(answer)


# ---- check_scores, scores_sent --------------------------------------------------------------
def test_check_scores_names_every_gap_with_a_way_to_fill_it(
    as_joan, reading, joan, assignment, django_assert_max_num_queries
):
    actions.save_score_draft(
        assignment=assignment,
        criterion=reading.criteria[0],
        answer=Answer(value=3),
        version=0,
        by=joan,
        at=now(),
    )
    with django_assert_max_num_queries(12):
        page = text(as_joan.get(address(assignment, "check/")))
    name = assignment.application.title
    assert f"{name}: give a reason for “Criterion 1”." in page
    assert f"{name}: choose a score for “Criterion 2”." in page
    assert f"{name}: say what made you choose this." in page
    assert f'href="{address(assignment, "score/criterion-2/")}?check=1"' in page
    assert "Send your scores" not in page
    assert "Not sent yet" in page
    answer = as_joan.post(address(assignment, "check/"), {"sure": "on"})
    assert answer.status_code == 422
    assert not ScoreSheet.objects.exists()


def test_check_scores_sends_after_a_tick(as_joan, reading, assignment):
    write_scores(reading, assignment)
    here = address(assignment, "check/")
    page = text(as_joan.get(here))
    assert "Change<span" in page
    assert "Not sent yet" in page
    assert " checked" not in page
    answer = as_joan.post(here, {})
    assert answer.status_code == 422
    assert "Tick the box to say that these are your own scores." in text(answer)
    assert as_joan.post(here, {"sure": "on"}).url == address(assignment, "sent/")
    assert as_joan.post(here, {"sure": "on"}).url == address(assignment, "sent/")
    assert ScoreSheet.objects.count() == 1
    assert Letter.objects.filter(kind="scores_receipt").count() == 1


def test_scores_sent_is_an_itemised_receipt(
    as_joan, reading, assignment, django_assert_max_num_queries
):
    assert as_joan.get(address(assignment, "sent/")).status_code == 403
    sheet = send(reading, assignment, value=4)
    with django_assert_max_num_queries(12):
        page = text(as_joan.get(address(assignment, "sent/")))
    reading.round.chain.refresh_from_db()
    assert "4 out of 5" in page
    assert f"Number {sheet.pk}, sent on" in page
    assert reading.round.chain.head_hash in page
    assert "You have sent 1 of 3." in page
    assert "Take these scores back" in page
    open_scores(reading)
    assert "Take these scores back" not in text(as_joan.get(address(assignment, "sent/")))


def test_take_back_scores_page(as_joan, reading, assignment):
    here = address(assignment, "take-back/")
    assert as_joan.get(here).status_code == 403
    send(reading, assignment)
    assert as_joan.get(here).status_code == 200
    assert as_joan.post(here).url == address(assignment, "check/")
    assert not ScoreSheet.objects.counting().exists()
    assert "Send your scores" in text(as_joan.get(address(assignment, "check/")))


def test_take_back_scores_page_refuses_once_opened(as_joan, reading, assignment):
    send(reading, assignment)
    open_scores(reading)
    answer = as_joan.post(address(assignment, "take-back/"))
    assert answer.status_code == 403
    assert "The panel has opened the scores" in text(answer)


# ---- Not this one ---------------------------------------------------------------------------
def test_abstain_page(as_joan, assignment):
    here = address(assignment, "cannot-score/")
    assert as_joan.get(here).status_code == 200
    answer = as_joan.post(here, {"words": "Typed words"})
    assert answer.status_code == 422
    assert "Typed words" in text(answer)
    assert as_joan.post(here, {"why": "conflict"}).url == address(assignment, "know/")
    assert as_joan.post(here, {"why": "not_well"}).url == "/my/reading/"
    assert Abstention.objects.get().why == "not_well"
    assert as_joan.get(here).status_code == 403


def test_leave_for_later_puts_it_last(as_joan, reading, joan, assignment):
    assert as_joan.get(address(assignment, "later/")).status_code == 405
    assert as_joan.post(address(assignment, "later/")).url == "/my/reading/"
    page = text(as_joan.get("/my/reading/"))
    second = reading.assignments(joan)[1]
    assert page.index(address(second)) < page.index(address(assignment))


# ---- next_steps -----------------------------------------------------------------------------
def test_next_steps_of_a_reader(reading, joan, django_assert_max_num_queries):
    assert joan.held_roles  # home reads them once, for every app
    with django_assert_max_num_queries(4):
        desks(joan)
    steps = list(next_steps(joan, on=timezone.localdate()))
    assert [step.sentence for step in steps] == [
        "Read your next bid. You have 3 left to read.",
        "Say if your share of bids is right for you.",
    ]
    assert steps[0].minutes == 38


def test_next_steps_leave_somebody_on_a_break_alone(reading, joan):
    Break.objects.create(person=joan, starts_on=timezone.localdate(), asked_at=now(), asked_by=joan)
    assert list(next_steps(joan, on=timezone.localdate())) == []


def test_next_steps_stop_when_reading_is_closed(reading, joan):
    send(reading, reading.assignments(joan)[0])
    close_scoring(reading)
    assert list(next_steps(joan, on=timezone.localdate())) == []


def test_next_steps_of_a_facilitator(reading, joan, sam):
    make_person("Hilda Hears", Role.COMPLAINTS)  # or they are asked to have somebody named
    assert list(next_steps(sam, on=timezone.localdate())) == []
    actions.ask_question(panel=reading.panel, text="When?", by=joan, at=now())
    (step,) = next_steps(sam, on=timezone.localdate())
    assert step.sentence == "1 question of a panel waits for an answer."


@pytest.mark.parametrize("page", ["", "score/", "know/", "cannot-score/"])
def test_pages_about_two_bids_never_have_one_title(page, reading, joan, as_joan):
    titles = set()
    for row in reading.assignments(joan)[:2]:
        actions.start_reading(assignment=row, by=joan, at=now())
        body = as_joan.get(address(row, page)).content.decode()
        title = body.partition("<title>")[2].partition("</title>")[0]
        assert title.count(row.application.reference) == 1, title
        titles.add(title)
    assert len(titles) == 2
