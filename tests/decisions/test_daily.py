"""Reminders, the daily question, next steps and gates."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Break
from accounts.reminders import breaks_from, notes_gone, notes_on
from commissioning.models import FunderRule, StageKind
from commissioning.reminders import rounds_under_way
from decisions import actions, gates, reminders
from decisions.next_steps import next_steps
from decisions.tasks import ask_who_is_owed
from ledger import clock
from ledger.models import Letter
from panels.models import Interest, StandingAside
from tests.factories import decisions as build
from tests.factories.applications import settle
from tests.factories.panels import make_bid

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture(scope="module")
def begun(once):
    return once(lambda cast: build.deciding_round(cast.joan, cast.harold, cast.priya, by=cast.sam))


@pytest.fixture
def deciding(begun, db):
    return deepcopy(begun)


def last_day(deciding, days):
    """Stages before it closed today, so a rest of 7 days comes first in these tests."""
    stage = deciding.round.stages.get(kind=StageKind.DECISION)
    stage.closes_on = TODAY() + timedelta(days=days)
    stage.save()


def notes_in(days):
    tasks = list(reminders.tasks(rounds_under_way()))
    day = TODAY() + timedelta(days=days)
    return notes_on(day, tasks, done=notes_gone(tasks), breaks=breaks_from(TODAY()))


# ---- Reminders --------------------------------------------------------------------------------
def test_tasks_remind_those_who_have_not_signed(deciding, joan):
    decision = build.put(deciding)
    build.sign(deciding, decision, choices=["agree"])
    last_day(deciding, 10)
    notes = notes_in(8)
    assert len(notes) == 3
    assert joan.pk not in notes
    assert len(notes_in(10)) == 3
    assert notes_in(6) == notes_in(11) == {}


def test_tasks_leave_breaks_and_the_signed_alone(deciding, harold):
    decision = build.put(deciding)
    last_day(deciding, 10)
    Break.objects.create(person=harold, starts_on=TODAY(), asked_at=timezone.now(), asked_by=harold)
    assert len(notes_in(8)) == 3
    assert harold.pk not in notes_in(8)
    build.sign(deciding, decision)
    assert notes_in(8) == {}


def test_tasks_end_once_the_stage_is_closed(deciding):
    build.put(deciding)
    last_day(deciding, 10)
    assert notes_in(8)
    build.move_to(deciding.round, StageKind.LETTERS, by=deciding.staff)
    assert notes_in(8) == {}


def test_tasks_say_nothing_in_a_rest(deciding):
    build.put(deciding)
    last_day(deciding, 3)
    assert notes_in(1) == notes_in(3) == {}


def test_ask_who_is_owed_writes_each_letter_once(deciding):
    build.put(deciding)
    last_day(deciding, 10)
    clock.move(days=8)
    assert ask_who_is_owed() >= 4
    letters = Letter.objects.filter(kind="tasks_due")
    assert letters.count() == 4
    assert "Read the decision of your panel" in letters[0].body_text
    assert ask_who_is_owed() == 0
    assert letters.count() == 4


# ---- Next steps -------------------------------------------------------------------------------
def sentences(person, on=None):
    return [step.sentence for step in next_steps(person, on=on or TODAY())]


def test_next_steps_lead_a_member_through_deciding(deciding, joan):
    assert "Your panel decides who gets money" in sentences(joan)[0]
    decision = build.put(deciding)
    assert "waits for your signature" in sentences(joan)[0]
    build.sign(deciding, decision, choices=["agree"])
    assert sentences(joan) == []


def stands_aside(deciding, person, bid=None):
    interest = Interest.objects.create(
        member=deciding.seat(person).member,
        application=bid or deciding.bids[0],
        kind="direct",
        made_at=timezone.now(),
    )
    StandingAside.objects.create(
        member=interest.member,
        lot=deciding.panel.lot,
        application=bid,
        interest=interest,
        began_at=timezone.now(),
    )


def failed(award, sam, words="A private account."):
    facts = {"outcome": award, "kind": "bank", "words": words, "by": sam, "at": timezone.now()}
    return actions.check_organisation(passed=False, **facts)


def test_next_steps_bring_a_failed_check_back_to_the_panel(deciding, joan, harold, sam):
    decision = build.decided(deciding)
    award = decision.outcomes.awards()[0]
    assert sentences(joan) == []
    failed(award, sam)
    stands_aside(deciding, harold, award.application)
    asked = f"A check did not go well for {award.application.reference}."
    assert [said for said in sentences(joan) if said.startswith(asked)]
    assert sentences(harold) == []
    again = build.put(deciding, decision.board, reason="We know them, and they open an account.")
    assert "waits for your signature" in sentences(joan)[0]
    build.sign(deciding, again)
    assert sentences(joan) == []


def test_next_steps_bring_money_that_a_group_does_not_take_back_to_the_panel(deciding, joan, amina):
    award = build.decided(deciding).outcomes.awards()[0]
    award.application.organisation.colleagues.create(
        person=amina, added_at=timezone.now(), added_by=deciding.staff
    )
    build.sent_letters(deciding)
    answer = {"outcome": award, "by": amina, "at": timezone.now(), "words": "Our hall is gone."}
    actions.accept_award(accepted=False, **answer)
    assert f"The group of {award.application.reference} does not take" in sentences(joan)[0]


def test_next_steps_ask_to_confirm_what_was_typed(deciding, joan, sam):
    decision = build.put(deciding)
    actions.sign_decision(
        decision=decision, seat=deciding.seat(joan), choice="agree", by=sam, at=timezone.now()
    )
    assert "typed your signature" in sentences(joan)[0]


def test_next_steps_are_nothing_for_one_who_stands_aside_or_rests(deciding, priya, joan):
    stands_aside(deciding, priya)
    assert sentences(priya) == []
    build.put(deciding)
    Break.objects.create(person=joan, starts_on=TODAY(), asked_at=timezone.now(), asked_by=joan)
    assert sentences(joan) == []


def test_next_steps_for_applicant_board_and_facilitator(deciding, amina, margaret, sam):
    deciding.bids[0].organisation.colleagues.create(
        person=amina, added_at=timezone.now(), added_by=sam
    )
    build.decided(deciding)
    build.sent_letters(deciding)
    assert "has an award" in sentences(amina)[0]
    assert sentences(margaret) == []
    actions.ask_board_question(round=deciding.round, text="Why?", by=margaret, at=timezone.now())
    assert "The board asks a question" in sentences(sam)[0]
    build.agreed_report(deciding)
    assert "is ready for the board" in sentences(margaret)[0]


# ---- Gates ------------------------------------------------------------------------------------
def stage(deciding, kind):
    return deciding.round.stages.get(kind=kind)


def test_gate_keeps_deciding_open_until_every_panel_decided(deciding):
    row = stage(deciding, StageKind.DECISION)
    verdict = gates.gate(row, "close", on=TODAY())
    assert "have not decided yet: Getting about panel" in verdict.sentence
    build.sign(deciding, build.put(deciding))
    assert gates.gate(row, "close", on=TODAY())
    assert gates.gate(row, "open", on=TODAY())


def test_gate_keeps_letters_open_until_they_have_gone(deciding):
    build.decided(deciding)
    row = stage(deciding, StageKind.LETTERS)
    verdict = gates.gate(row, "close", on=TODAY())
    assert "have not gone yet" in verdict.sentence
    for bid in deciding.bids:
        assert f"{bid.organisation.name} ({bid.reference})" in verdict.sentence
    build.sent_letters(deciding)
    assert gates.gate(row, "close", on=TODAY())


def decide_again(deciding):
    """The first group's award becomes a no."""
    board = deciding.panel.boards.get()
    build.put_line(deciding, board, deciding.bids[0], "no")
    build.sign(deciding, build.put(deciding, board, reason="A check failed."))


@pytest.mark.parametrize("kind", [StageKind.LETTERS, StageKind.REPORT])
def test_gate_waits_for_who_was_told_something_else(deciding, kind):
    """An old letter is not enough, and neither is one that is written and has not gone."""
    build.decided(deciding)
    build.sent_letters(deciding)
    if kind == StageKind.REPORT:
        build.agreed_report(deciding)
    row = stage(deciding, kind)
    assert gates.gate(row, "close", on=TODAY())
    decide_again(deciding)
    if kind == StageKind.REPORT:
        assert "put it to them again" in gates.gate(row, "close", on=TODAY()).sentence
        facts = {"round": deciding.round, "by": deciding.staff, "at": timezone.now()}
        for proposal in actions.put_report(**facts):
            build.vote(deciding, proposal)
    first = deciding.bids[0]
    only = f"to: {first.organisation.name} ({first.reference})."
    assert gates.gate(row, "close", on=TODAY()).sentence.endswith(only)
    build.agreed_letters(deciding)
    assert gates.gate(row, "close", on=TODAY()).sentence.endswith(only)
    actions.send_letters(panel=deciding.panel, by=deciding.staff, at=timezone.now())
    assert gates.gate(row, "close", on=TODAY())


def test_gate_waits_for_who_was_not_met_and_for_who_is_told_on_paper_of_a_rule(joan, amina, sam):
    deciding = build.deciding_round(joan, by=sam, bids=1, not_met=1)
    FunderRule.objects.create(round=deciding.round, text="The work is in Leeds.")
    told_by_post, signs_in = make_bid(deciding.panel.lot), make_bid(deciding.panel.lot)
    signs_in.organisation.colleagues.create(person=amina, added_at=timezone.now(), added_by=sam)
    for bid in (told_by_post, signs_in):
        ruling = settle(bid, eligible=False, by=sam, at=timezone.now() - timedelta(days=21))
        bid.eligibility.exclude(pk=ruling.pk).update(replaced_by=ruling)
    build.decided(deciding)
    row = stage(deciding, StageKind.LETTERS)
    said = gates.gate(row, "close", on=TODAY()).sentence
    for bid in (*deciding.bids, *deciding.not_met, told_by_post):
        assert f"({bid.reference})" in said
    assert f"({signs_in.reference})" not in said, "they hear of it by email"
    build.sent_letters(deciding)
    assert gates.gate(row, "close", on=TODAY())


def test_gate_names_ten_groups_and_counts_the_others(deciding, monkeypatch):
    build.decided(deciding)
    monkeypatch.setattr(gates, "MOST_NAMED", 1)
    said = gates.gate(stage(deciding, StageKind.LETTERS), "close", on=TODAY()).sentence
    assert said.endswith(", 2 more.")
    assert deciding.bids[1].reference not in said


def test_gate_keeps_the_report_open_until_it_is_agreed(deciding):
    build.decided(deciding)
    row = stage(deciding, StageKind.REPORT)
    assert "agreed the report" in gates.gate(row, "close", on=TODAY()).sentence
    build.sent_letters(deciding)
    build.agreed_report(deciding)
    assert gates.gate(row, "close", on=TODAY())
