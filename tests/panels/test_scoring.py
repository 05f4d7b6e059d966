"""Reading and scoring: what is written is kept, what is sent stays, and nobody else sees it."""

from copy import deepcopy

import pytest
from django.utils import timezone

from accounts.models import Break
from accounts.permissions import Refused
from accounts.versions import Stale
from commissioning.models import Round
from ledger.models import Letter
from panels import actions
from panels.actions import Answer
from panels.models import (
    Abstention,
    Assignment,
    BidDraft,
    Interest,
    Score,
    ScoreDraft,
    ScoreSheet,
    TakeBack,
)
from panels.rules import scoring as rules
from panels.rules.scoring import Marked
from support.models import TrainingDone, TrainingTopic
from tests.factories.panels import (
    close_scoring,
    declare_all,
    full_answers,
    make_bid,
    open_scores,
    reading_round,
    send,
    share_out,
    sharing_round,
    write_scores,
)

pytestmark = pytest.mark.django_db


def now():
    return timezone.now()


def today():
    return timezone.localdate()


@pytest.fixture(scope="module")
def begun(once):
    return once(lambda cast: reading_round(cast.joan))


@pytest.fixture
def reading(begun, db):
    return deepcopy(begun)


@pytest.fixture
def assignment(reading, joan):
    return reading.assignments(joan)[0]


def find(assignment):
    return rules.find_reading(assignment.member.person, assignment.pk)


def save(assignment, criterion, *, version=0, client_id="", by=None, **answer):
    return actions.save_score_draft(
        assignment=assignment,
        criterion=criterion,
        answer=Answer(**answer),
        version=version,
        client_id=client_id,
        by=by or assignment.member.person,
        at=now(),
    )


# ---- Who may read and score -----------------------------------------------------------------
def test_may_read_when_declared_and_open(assignment, joan):
    assert rules.may_read(find(assignment), joan, on=today())


def test_may_read_refuses_before_reading_opens(joan):
    reading = sharing_round(joan, readers_per_bid=4)
    declare_all(reading)
    share_out(reading)
    verdict = rules.may_read(find(reading.assignments(joan)[0]), joan, on=today())
    assert not verdict
    assert "has not opened yet" in verdict.sentence


def test_may_read_refuses_until_a_longer_list_is_declared_on(reading, assignment, joan):
    make_bid(reading.lot)
    verdict = rules.may_read(find(assignment), joan, on=today())
    assert verdict.sentence.startswith("Please first say who you know")
    assert not rules.may_print(find(assignment), reading.by)


def test_may_read_refuses_a_bid_that_was_withdrawn(reading, assignment, joan):
    bid = assignment.application
    bid.withdrawn_at, bid.withdrawn_by = now(), reading.by
    bid.save()
    assert "taken back" in rules.may_read(find(assignment), joan, on=today()).sentence


@pytest.mark.parametrize("who", ["harold", "sam", "amina", "margaret", "superuser", "outsider"])
def test_may_read_and_may_score_refuse_everybody_else(who, assignment, request):
    other = request.getfixturevalue(who)
    assert not rules.may_read(find(assignment), other, on=today())
    assert not rules.may_score(find(assignment), other, on=today())
    assert rules.find_reading(other, assignment.pk) is None


def test_may_score_needs_required_training(reading, assignment, joan):
    topic = TrainingTopic.objects.create(round=reading.round, slug="fair", title="Fair minds")
    TrainingTopic.objects.create(
        round=reading.round, slug="more", title="More", required=False, order=2
    )
    verdict = rules.may_score(find(assignment), joan, on=today())
    assert verdict.sentence == "Please finish getting ready first. Then you can score."
    assert rules.may_read(find(assignment), joan, on=today())
    TrainingDone.objects.create(
        member=assignment.member, topic=topic, how="session", done_at=now(), done_by=reading.by
    )
    assert rules.may_score(find(assignment), joan, on=today())


def test_may_score_refuses_once_reading_is_closed(reading, assignment, joan):
    close_scoring(reading)
    assert "closed on" in rules.may_score(find(assignment), joan, on=today()).sentence
    assert rules.may_read(find(assignment), joan, on=today())


def test_may_score_lets_somebody_on_a_break_finish_if_they_wish(assignment, joan):
    Break.objects.create(person=joan, starts_on=today(), asked_at=now(), asked_by=joan)
    assert rules.may_score(find(assignment), joan, on=today())


# ---- start_reading, leave_for_later ---------------------------------------------------------
def test_start_reading_remembers_the_first_time(assignment, joan):
    first = actions.start_reading(assignment=assignment, by=joan, at=now())
    again = actions.start_reading(assignment=assignment, by=joan, at=now())
    assert first.started_at == again.started_at


def test_start_reading_refuses_a_facilitator(assignment, sam):
    with pytest.raises(Refused, match="somebody else’s share"):
        actions.start_reading(assignment=assignment, by=sam, at=now())


def test_leave_for_later_puts_a_bid_last_and_opening_it_brings_it_back(reading, assignment, joan):
    actions.leave_for_later(assignment=assignment, by=joan, at=now())
    assert Assignment.objects.get(pk=assignment.pk).later_at
    actions.start_reading(assignment=assignment, by=joan, at=now())
    assert not Assignment.objects.get(pk=assignment.pk).later_at


def test_leave_for_later_refuses_what_is_done(reading, assignment, joan):
    send(reading, assignment)
    with pytest.raises(Refused, match="done with this bid"):
        actions.leave_for_later(assignment=assignment, by=joan, at=now())


# ---- save_score_draft -----------------------------------------------------------------------
def test_save_score_draft_keeps_what_is_unfinished_and_makes_no_entry(reading, assignment):
    before = reading.round.chain.entries.count()
    draft = save(assignment, reading.criteria[0], reason="Half a thought")
    assert (draft.value, draft.reason, draft.version) == (None, "Half a thought", 1)
    draft = save(assignment, reading.criteria[0], value=4, version=1)
    assert (draft.value, draft.version) == (4, 2)
    assert reading.round.chain.entries.count() == before


def test_save_score_draft_cannot_judge_is_no_number(reading, assignment):
    draft = save(assignment, reading.criteria[0], value=3, cannot_judge=True)
    assert (draft.value, draft.cannot_judge) == (None, True)


def test_save_score_draft_tells_the_second_of_two_saves(reading, assignment):
    criterion = reading.criteria[0]
    save(assignment, criterion, value=4, reason="First")
    with pytest.raises(Stale) as caught:
        save(assignment, criterion, value=2, reason="Second")
    assert caught.value.theirs == {"score": "4", "reason": "First"}
    assert caught.value.version == 1
    save(assignment, criterion, value=5, version=1)
    with pytest.raises(Stale):
        save(assignment, criterion, value=2, version=1)
    assert ScoreDraft.objects.get().value == 5


def test_save_score_draft_tried_twice_is_one_save(reading, assignment):
    criterion = reading.criteria[0]
    save(assignment, criterion, value=4, client_id="one")
    again = save(assignment, criterion, value=4, client_id="one")
    assert again.version == 1


@pytest.mark.parametrize("value", [6, -1, 99])
def test_save_score_draft_refuses_a_number_that_is_no_score(value, reading, assignment):
    with pytest.raises(Refused, match="from 0 to 5"):
        save(assignment, reading.criteria[0], value=value)


@pytest.mark.parametrize("who", ["harold", "sam", "superuser"])
def test_save_score_draft_refuses_everybody_else(who, reading, assignment, request):
    with pytest.raises(Refused):
        save(assignment, reading.criteria[0], value=5, by=request.getfixturevalue(who))
    assert not ScoreDraft.objects.exists()


def test_save_score_drafts_saves_all_or_nothing(reading, assignment, joan):
    version = actions.save_score_drafts(
        assignment=assignment, answers=full_answers(reading), why="Because", by=joan, at=now()
    )
    assert version == 3
    with pytest.raises(Stale) as caught:
        actions.save_score_drafts(
            assignment=assignment,
            answers=full_answers(reading, 1),
            why="Other",
            version=1,
            by=joan,
            at=now(),
        )
    assert caught.value.version == 3
    assert caught.value.theirs["why"] == "Because"
    assert set(ScoreDraft.objects.values_list("value", flat=True)) == {3}
    version = actions.save_score_drafts(
        assignment=assignment,
        answers=full_answers(reading, 1),
        why="Other",
        version=3,
        client_id="x",
        by=joan,
        at=now(),
    )
    again = actions.save_score_drafts(
        assignment=assignment,
        answers=full_answers(reading, 1),
        version=3,
        client_id="x",
        by=joan,
        at=now(),
    )
    assert again == version == 6


def test_save_bid_draft_keeps_notes_and_why_apart(assignment, joan):
    draft = actions.save_bid_draft(
        assignment=assignment, notes="Mine", version=0, by=joan, at=now()
    )
    draft = actions.save_bid_draft(
        assignment=assignment, why="Theirs", version=draft.version, by=joan, at=now()
    )
    assert (draft.why, draft.notes, draft.version) == ("Theirs", "Mine", 2)
    with pytest.raises(Stale):
        actions.save_bid_draft(assignment=assignment, why="Late", version=1, by=joan, at=now())


def test_save_bid_draft_keeps_notes_after_sending_but_not_the_why(reading, assignment, joan):
    send(reading, assignment)
    draft = BidDraft.objects.get()
    actions.save_bid_draft(
        assignment=assignment, notes="For the meeting", version=draft.version, by=joan, at=now()
    )
    with pytest.raises(Refused, match="You have sent your scores"):
        actions.save_bid_draft(assignment=assignment, why="No", version=2, by=joan, at=now())


# ---- gaps -----------------------------------------------------------------------------------
def test_gaps_name_bid_and_criterion(reading):
    first, second = reading.criteria
    marks = [Marked(first), Marked(second, value=3)]
    found = rules.gaps(marks, "", reason_for="criterion", bid="Saturday Pot")
    assert [(gap.slug, gap.sentence) for gap in found] == [
        (first.slug, "Saturday Pot: choose a score for “Criterion 1”."),
        (second.slug, "Saturday Pot: give a reason for “Criterion 2”."),
        ("", "Saturday Pot: say what made you choose this."),
    ]


def test_gaps_ask_one_reason_where_the_panel_chose_so(reading):
    marks = [Marked(row, value=3) for row in reading.criteria]
    assert not rules.gaps(marks, "Because", reason_for=Round.ReasonFor.BID, bid="B")
    assert len(rules.gaps(marks, "Because", reason_for=Round.ReasonFor.CRITERION, bid="B")) == 2


def test_gaps_ask_no_words_of_somebody_who_could_judge_nothing(reading):
    marks = [Marked(row, cannot_judge=True) for row in reading.criteria]
    assert not rules.gaps(marks, "", reason_for=Round.ReasonFor.CRITERION, bid="B")


def test_gaps_refuse_a_round_without_criteria():
    found = rules.gaps([], "Because", reason_for=Round.ReasonFor.BID, bid="B")
    assert found[0].sentence == "There are no agreed questions to score on yet."


# ---- send_scores ----------------------------------------------------------------------------
def test_send_scores_makes_a_sheet_an_entry_and_a_receipt(reading, assignment, joan):
    sheet = send(reading, assignment, value=4)
    assert (sheet.member.person, sheet.sent_by, sheet.typed_by) == (joan, joan, None)
    assert sheet.version == assignment.version
    assert [score.value for score in sheet.scores.all()] == [4, 4]
    assert list(ScoreSheet.objects.counting()) == [sheet]
    entry = reading.round.chain.entries.get(verb="scores_sent")
    assert entry.data["sheet"] == sheet.pk
    assert entry.data["digest"] == actions.scoring.digest_of(
        sheet, list(sheet.scores.select_related("criterion"))
    )
    assert "4" not in [str(value) for key, value in entry.data.items() if key == "value"]
    letter = Letter.objects.get(kind="scores_receipt")
    assert letter.when == Letter.When.ANSWER
    assert letter.to == joan
    assert "Score: 4 out of 5" in letter.body_text
    assert "They asked at every door." in letter.body_text
    assert "I believed them." in letter.body_text
    assert entry.previous_hash[:16] in letter.body_text


def test_send_scores_twice_is_one_sheet(reading, assignment, joan):
    sheet = send(reading, assignment)
    again = actions.send_scores(assignment=assignment, by=joan, at=now())
    assert again == sheet
    assert ScoreSheet.objects.count() == Letter.objects.filter(kind="scores_receipt").count() == 1
    assert reading.round.chain.entries.filter(verb="scores_sent").count() == 1


def test_send_scores_keeps_cannot_judge_as_no_number(reading, assignment, joan):
    first, second = reading.criteria
    save(assignment, first, cannot_judge=True)
    save(assignment, second, value=0, reason="Nothing there")
    actions.save_bid_draft(
        assignment=assignment, why="Little to go on", version=0, by=joan, at=now()
    )
    sheet = actions.send_scores(assignment=assignment, by=joan, at=now())
    assert [score.value for score in sheet.scores.order_by("pk")] == [None, 0]


def test_send_scores_refuses_a_gap_by_name(reading, assignment, joan):
    save(assignment, reading.criteria[0], value=3, reason="Good")
    with pytest.raises(Refused, match="choose a score for “Criterion 2”"):
        actions.send_scores(assignment=assignment, by=joan, at=now())
    assert not Score.objects.exists()


@pytest.mark.parametrize("who", ["harold", "sam", "superuser"])
def test_send_scores_refuses_everybody_else(who, reading, assignment, request):
    write_scores(reading, assignment)
    with pytest.raises(Refused):
        actions.send_scores(assignment=assignment, by=request.getfixturevalue(who), at=now())
    assert not ScoreSheet.objects.exists()


def test_send_scores_after_closing_keeps_the_draft_and_sends_nothing(reading, assignment, joan):
    write_scores(reading, assignment)
    close_scoring(reading)
    with pytest.raises(Refused, match="closed on"):
        actions.send_scores(assignment=assignment, by=joan, at=now())
    assert ScoreDraft.objects.count() == 2


# ---- take_back_scores -----------------------------------------------------------------------
def test_take_back_scores_gives_the_draft_again(reading, assignment, joan):
    sheet = send(reading, assignment)
    actions.take_back_scores(assignment=assignment, by=joan, at=now())
    assert TakeBack.objects.get().sheet == sheet
    assert not ScoreSheet.objects.counting().exists()
    save(assignment, reading.criteria[0], value=5, reason="On second thoughts", version=1)
    again = actions.send_scores(assignment=assignment, by=joan, at=now())
    assert again != sheet
    assert list(ScoreSheet.objects.counting()) == [again]
    assert reading.round.chain.entries.filter(verb="scores_taken_back").count() == 1


def test_take_back_scores_refuses_once_the_panel_has_opened_them(reading, assignment, joan):
    send(reading, assignment)
    open_scores(reading)
    with pytest.raises(Refused, match="The panel has opened the scores"):
        actions.take_back_scores(assignment=assignment, by=joan, at=now())


def test_take_back_scores_refuses_what_was_not_sent_and_what_is_closed(reading, assignment, joan):
    with pytest.raises(Refused, match="You have not sent scores"):
        actions.take_back_scores(assignment=assignment, by=joan, at=now())
    send(reading, assignment)
    close_scoring(reading)
    with pytest.raises(Refused, match="closed on"):
        actions.take_back_scores(assignment=assignment, by=joan, at=now())


def test_take_back_scores_refuses_a_facilitator(reading, assignment, sam):
    send(reading, assignment)
    with pytest.raises(Refused, match="somebody else’s share"):
        actions.take_back_scores(assignment=assignment, by=sam, at=now())


# ---- abstain --------------------------------------------------------------------------------
def test_abstain_is_counted_apart(reading, assignment, joan):
    actions.abstain(
        assignment=assignment, why="not_my_area", words="I know nothing of boats", by=joan, at=now()
    )
    assert find(assignment).done
    data = reading.round.chain.entries.get(verb="abstained").data
    assert data["why"] == "not_my_area"
    assert "boats" not in str(data)
    assert not Score.objects.exists()
    with pytest.raises(Refused, match="said so already"):
        actions.abstain(assignment=assignment, why="not_well", by=joan, at=now())
    with pytest.raises(Refused, match="cannot score this bid"):
        save(assignment, reading.criteria[0], value=1)


@pytest.mark.parametrize(
    ("why", "sentence"), [("conflict", "please tell us who"), ("bored", "Choose why")]
)
def test_abstain_refuses_other_reasons(why, sentence, assignment, joan):
    with pytest.raises(Refused, match=sentence):
        actions.abstain(assignment=assignment, why=why, by=joan, at=now())
    assert not Abstention.objects.exists()


def test_abstain_refuses_after_sending(reading, assignment, joan):
    send(reading, assignment)
    with pytest.raises(Refused, match="Take them back first"):
        actions.abstain(assignment=assignment, why="not_well", by=joan, at=now())


# ---- Who is done ----------------------------------------------------------------------------
def test_members_done_counts_sheets_and_abstentions(reading, joan):
    first, second, third = reading.assignments(joan)
    send(reading, first)
    actions.abstain(assignment=second, why="not_well", by=joan, at=now())
    assert not dict(rules.members_done(reading.round))[reading.member(joan)]
    actions.declare_late(
        member=third.member,
        application=third.application,
        kind=Interest.Kind.INDIRECT,
        by=joan,
        at=now(),
    )
    assert dict(rules.members_done(reading.round))[reading.member(joan)]
