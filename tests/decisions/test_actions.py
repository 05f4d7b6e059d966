"""Each action of the decision: what it allows, and what it refuses with which sentence."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Refused
from accounts.templatetags.purse import day
from accounts.versions import Stale
from applications.actions import withdraw_application
from applications.models import Application, AskBack, Eligibility
from applications.rules import ask_back_until
from commissioning.actions import change_programme, close_stage
from commissioning.models import FunderRule, Programme, Round, StageKind
from decisions import actions, gates, rules
from decisions.actions.letters import send_letter
from decisions.models import (
    BoardChange,
    CheckKind,
    Decision,
    DueDiligence,
    Outcome,
    OutcomeLetter,
)
from decisions.next_steps import next_steps
from decisions.reading import report_of
from decisions.reminders import owed
from decisions.report import outcomes_text
from decisions.tasks import ask_who_is_owed
from ledger import clock
from ledger.checking import first_trouble
from ledger.models import Chain, Entry, Letter
from panels.models import Interest, Proposal, Shortlisting, StandingAside
from tests.factories import decisions as build
from tests.factories.commissioning import moment
from tests.factories.panels import agreed, make_bid
from tests.factories.unguarded import unguarded

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(once):
    return once(lambda cast: build.deciding_round(cast.joan, cast.harold, cast.priya, by=cast.sam))


@pytest.fixture
def deciding(begun, db):
    return deepcopy(begun)


def stand_aside(deciding, person, bid=None):
    member = deciding.seat(person).member
    interest = Interest.objects.create(
        member=member,
        application=bid or deciding.bids[0],
        kind="direct",
        made_at=timezone.now(),
    )
    return StandingAside.objects.create(
        member=member,
        lot=deciding.panel.lot,
        application=bid,
        interest=interest,
        began_at=timezone.now(),
    )


def verbs(deciding):
    return list(Entry.objects.filter(chain=deciding.round.chain).values_list("verb", flat=True))


# ---- Boards -----------------------------------------------------------------------------------
def test_start_board_up_to_three(deciding, joan):
    for name in ("One", "Two", "Three"):
        build.make_board(deciding, name)
    with pytest.raises(Refused, match="three boards already"):
        build.make_board(deciding, "Four")
    assert verbs(deciding).count("started_money_board") == 3


def test_start_board_copies_another(deciding):
    first = build.full_board(deciding)
    second = build.make_board(deciding, "What if", copy_of=first)
    assert [row.amount for row in second.lines.order_by("pk")] == [
        Decimal("1000.00"),
        Decimal("600.50"),
        Decimal("0.00"),
    ]


def test_start_board_needs_a_name_of_its_own(deciding):
    build.make_board(deciding, "One")
    with pytest.raises(Refused, match="this name"):
        build.make_board(deciding, "One")


@pytest.mark.parametrize("who", ["sam", "margaret", "administrator", "superuser", "amina"])
def test_start_board_is_for_seats_only(deciding, who, request):
    by = request.getfixturevalue(who)
    with pytest.raises(Refused):
        actions.start_board(panel=deciding.panel, name="Ours", by=by, at=timezone.now())


def test_start_board_refuses_who_stands_aside(deciding, priya):
    stand_aside(deciding, priya)
    with pytest.raises(Refused, match="You are standing aside"):
        actions.start_board(panel=deciding.panel, name="Mine", by=priya, at=timezone.now())


def test_start_board_waits_for_the_stage(deciding):
    build.move_to(deciding.round, StageKind.LETTERS, by=deciding.staff)
    with pytest.raises(Refused, match="closed on"):
        build.make_board(deciding)


def test_set_line_gives_what_was_asked_in_full(deciding):
    board = build.put_line(deciding, build.make_board(deciding), deciding.bids[0], "award")
    assert board.lines.get().amount == Decimal("1000.00")
    assert board.version == 2


def test_set_line_keeps_pence(deciding):
    board = build.put_line(
        deciding,
        build.make_board(deciding),
        deciding.bids[0],
        "less",
        amount=Decimal("999.99"),
        less_what="A chair",
    )
    assert board.lines.get().amount == Decimal("999.99")


def test_set_line_refuses_more_than_was_asked(deciding):
    with pytest.raises(Refused, match="£1 more than this bid asked for"):
        build.put_line(
            deciding,
            build.make_board(deciding),
            deciding.bids[0],
            "less",
            amount=Decimal("1001.00"),
            less_what="x",
        )


@pytest.mark.parametrize("missing", [{"reason": " "}, {"criterion": None}])
def test_set_line_refuses_a_no_without_reason_or_criterion(deciding, missing):
    with pytest.raises(Refused, match="reason"):
        build.put_line(deciding, build.make_board(deciding), deciding.bids[0], "no", **missing)


def test_set_line_refuses_to_overspend_the_lot(deciding):
    build.ask_for(deciding.bids[0], 39_500)
    board = build.put_line(deciding, build.make_board(deciding), deciding.bids[0])
    with pytest.raises(Refused, match="£500 more than this lot has"):
        build.put_line(deciding, board, deciding.bids[1])
    board.refresh_from_db()
    assert board.lines.count() == 1
    assert board.version == 2


def test_set_line_may_take_off_what_is_too_much(deciding):
    board = build.put_line(deciding, build.make_board(deciding), deciding.bids[0])
    board = build.put_line(deciding, board, deciding.bids[0], "")
    assert not board.lines.exists()


def test_set_line_says_when_somebody_was_faster(deciding):
    board = build.make_board(deciding)
    build.put_line(deciding, board, deciding.bids[0], version=1)
    with pytest.raises(Stale) as error:
        build.put_line(deciding, board, deciding.bids[0], "no", version=1)
    assert error.value.version == 2
    assert error.value.theirs["amount"] == "1000.00"


def test_set_line_is_not_held_up_by_what_others_set_for_other_bids(deciding):
    board, (one, two, _three) = build.make_board(deciding), deciding.bids
    build.put_line(deciding, board, one, version=1)
    build.put_line(deciding, board, two, version=1)
    actions.undo_line(board=board, by=deciding.by, at=timezone.now())  # what was said of the second
    build.put_line(deciding, board, one, "no", version=2)
    with pytest.raises(Stale) as error:
        build.put_line(deciding, board, two, version=2)
    assert error.value.version == 3


def test_set_line_refuses_a_bid_that_is_not_on_the_table(deciding):
    other = make_bid(deciding.panel.lot)
    with pytest.raises(Refused, match="not among those you decide on"):
        build.put_line(deciding, build.make_board(deciding), other)


def test_set_line_refuses_the_bid_somebody_stands_aside_from(deciding, priya):
    board = build.make_board(deciding)
    stand_aside(deciding, priya, deciding.bids[0])
    with pytest.raises(Refused, match="standing aside from this bid"):
        actions.set_line(
            board=board,
            application=deciding.bids[0],
            outcome="award",
            by=priya,
            at=timezone.now(),
        )


def test_undo_line_goes_back_step_by_step(deciding):
    board = build.make_board(deciding)
    build.put_line(deciding, board, deciding.bids[0])
    build.put_line(deciding, board, deciding.bids[0], "no")
    actions.undo_line(board=board, by=deciding.by, at=timezone.now())
    assert board.lines.get().outcome == "award"
    actions.undo_line(board=board, by=deciding.by, at=timezone.now())
    assert not board.lines.exists()
    with pytest.raises(Refused, match="no step to take back"):
        actions.undo_line(board=board, by=deciding.by, at=timezone.now())
    assert BoardChange.objects.filter(undone_at=None).count() == 0


def each(deciding, *words):
    """Words for each criterion, in the criteria's order."""
    deciding.about_each = words
    return deciding.by_criterion


def test_set_line_keeps_words_for_each_criterion_and_undo_brings_them_back(deciding):
    board, bid = build.make_board(deciding), deciding.bids[0]
    words = each(deciding, "The need is plain.", "  ")
    build.put_line(deciding, board, bid)
    first = str(deciding.criterion.pk)
    assert board.lines.get().by_criterion == {first: "The need is plain."}
    build.put_line(deciding, board, bid, by_criterion={**words, first: "We doubt it."})
    actions.undo_line(board=board, by=deciding.by, at=timezone.now())
    assert board.lines.get().by_criterion == {first: "The need is plain."}
    copy = build.make_board(deciding, "What if", copy_of=board)
    assert copy.lines.get().by_criterion == {first: "The need is plain."}


def test_undo_line_of_a_step_from_before_there_were_words_for_each_criterion(deciding):
    board, bid = build.make_board(deciding), deciding.bids[0]
    build.put_line(deciding, board, bid)
    each(deciding, "The need is plain.")
    build.put_line(deciding, board, bid, "no")
    step = board.changes.latest("pk")
    del step.before["by_criterion"]
    with unguarded():
        step.save(update_fields=["before"])
    actions.undo_line(board=board, by=deciding.by, at=timezone.now())
    line = board.lines.get()
    assert (line.outcome, line.by_criterion) == ("award", {})


def test_set_line_refuses_words_for_a_criterion_that_was_not_agreed(deciding):
    board = build.make_board(deciding)
    for key in ("999999", "need"):
        with pytest.raises(Refused, match="Choose one of the criteria"):
            build.put_line(deciding, board, deciding.bids[0], by_criterion={key: "So."})


def test_set_line_says_what_words_for_each_criterion_stand_now(deciding):
    board = build.make_board(deciding)
    each(deciding, "The need is plain.")
    build.put_line(deciding, board, deciding.bids[0])
    with pytest.raises(Stale) as found:
        build.put_line(deciding, board, deciding.bids[0], version=1)
    assert found.value.theirs["Criterion 1"] == "The need is plain."


def test_outcomes_text_is_as_before_where_there_are_no_words_for_each_criterion(deciding):
    plain = list(build.put(deciding).outcomes.all())
    assert "by_criterion" not in outcomes_text(plain)
    told = deepcopy(plain)
    told[0].by_criterion = each(deciding, "The need is plain.")
    assert "The need is plain." in outcomes_text(told)
    assert outcomes_text(told) != outcomes_text(plain)


def test_set_line_counts_what_other_panels_gave(joan, sam):
    """The other panel of the round has put forward most of the envelope."""
    deciding = build.deciding_round(joan, by=sam)
    other = build.another_panel(deciding)
    build.ask_for(deciding.bids[0], 30_000)
    decision = build.put(deciding)
    assert rules.pot(deciding.panel).elsewhere == 0
    assert rules.pot(other).elsewhere == Decimal("30600.50")
    build.sign(deciding, decision, choices=["disagree"] * 3)
    assert rules.pot(other).elsewhere == 0


@pytest.mark.pg
def test_set_line_locks_the_round_then_its_lots_and_only_then_adds_up(deciding):
    board = build.make_board(deciding)
    with CaptureQueriesContext(connection) as asked:
        build.put_line(deciding, board, deciding.bids[0])
    said = [row["sql"] for row in asked]
    locks = [place for place, sql in enumerate(said) if "FOR UPDATE" in sql]
    tables = [said[place].split("FROM ")[1].split(" ")[0].strip('"') for place in locks]
    assert tables[:3] == ["commissioning_round", "commissioning_lot", "decisions_moneyboard"]
    assert tables[-1] == "ledger_chain"
    added_up = next(place for place, sql in enumerate(said) if "SUM(" in sql)
    assert locks[1] < added_up


# ---- Signing ----------------------------------------------------------------------------------
def test_put_decision_needs_every_bid(deciding):
    board = build.put_line(deciding, build.make_board(deciding), deciding.bids[0])
    with pytest.raises(Refused, match="Choose yes, less, reserve or no for GC-"):
        build.put(deciding, board)


def test_put_decision_needs_a_reason_and_criterion_for_each(deciding):
    board = build.full_board(deciding)
    build.put_line(deciding, board, deciding.bids[0], reason="")
    with pytest.raises(Refused, match="Write the reason for GC-"):
        build.put(deciding, board)
    build.put_line(deciding, board, deciding.bids[0], criterion=None)
    with pytest.raises(Refused, match="criterion"):
        build.put(deciding, board)


def test_put_decision_needs_reserves_in_order(deciding):
    board = build.full_board(deciding)
    build.put_line(deciding, board, deciding.bids[2], "reserve", reserve_order=2)
    with pytest.raises(Refused, match="reserves in order"):
        build.put(deciding, board)


def test_put_decision_refuses_a_board_that_moved_on(deciding):
    board = build.full_board(deciding)
    with pytest.raises(Refused, match="changed since you looked"):
        build.put(deciding, board, version=board.version - 1)


def test_put_decision_writes_to_each_seat(deciding):
    decision = build.put(deciding)
    letters = Letter.objects.filter(kind="decision_to_sign")
    assert letters.count() == len(deciding.seats)
    assert f"/decisions/{decision.pk}/sign/" in letters[0].body_text
    assert not decision.stands_at


def test_put_decision_fixes_the_board_until_it_is_settled(deciding):
    board = build.full_board(deciding)
    build.put(deciding, board)
    with pytest.raises(Refused, match="waits to be signed"):
        build.put_line(deciding, board, deciding.bids[0], "no")


def test_sign_decision_stands_with_a_quorum_that_agrees(deciding):
    decision = build.put(deciding)
    build.sign(deciding, decision, choices=["agree", "live_with"])
    assert decision.stands_at is None
    seat = deciding.seats[2]
    actions.sign_decision(
        decision=decision, seat=seat, choice="agree", by=seat.member.person, at=timezone.now()
    )
    decision.refresh_from_db()
    assert decision.stands_at
    assert "let_decision_stand" in verbs(deciding)
    assert first_trouble(Chain.objects.get(pk=deciding.round.chain_id)) is None


def test_sign_decision_waits_for_the_last_where_somebody_disagrees(deciding):
    decision = build.sign(deciding, build.put(deciding), choices=["agree", "agree", "disagree"])
    assert decision.stands_at is None
    seat = deciding.seats[3]
    actions.sign_decision(
        decision=decision, seat=seat, choice="agree", by=seat.member.person, at=timezone.now()
    )
    decision.refresh_from_db()
    assert decision.stands_at


def test_sign_decision_takes_a_tie_off_the_table(deciding):
    decision = build.sign(
        deciding, build.put(deciding), choices=["agree", "agree", "disagree", "disagree"]
    )
    assert decision.dropped_at
    assert not Decision.objects.standing().exists()
    assert rules.may_use_board(deciding.by, deciding.panel, on=timezone.localdate())


def test_a_panel_split_twice_puts_the_bid_in_reserve_and_decides_the_rest(deciding):
    """Talk again, then carry over: its money stays in the lot, and nothing blocks the rest."""
    split = ["agree", "agree", "disagree", "disagree"]
    board = build.full_board(deciding)
    assert not rules.split_again(deciding.panel)
    build.sign(deciding, build.put(deciding, board), choices=split)
    assert not rules.split_again(deciding.panel), "once is no split that needs another way"
    build.sign(deciding, build.put(deciding, board), choices=split)
    assert rules.split_again(deciding.panel)
    bid, criterion = deciding.bids[0], deciding.criterion
    places = [row.reserve_order for row in board.lines.all() if row.reserve_order]
    actions.set_line(
        board=board,
        application=bid,
        outcome="reserve",
        reserve_order=max(places, default=0) + 1,
        reason="We are of two minds, and talk again.",
        criterion=criterion,
        by=deciding.by,
        at=timezone.now(),
    )
    decision = build.sign(deciding, build.put(deciding, board))
    assert decision.stands_at
    assert not rules.split_again(deciding.panel)
    assert decision.outcomes.get(application=bid).amount == 0
    assert first_trouble(Chain.objects.get(pk=deciding.round.chain_id)) is None


def take_back(deciding, bid, by):
    now = timezone.now()
    if not bid.organisation.colleagues.filter(person=by).exists():
        bid.organisation.colleagues.create(person=by, added_at=now, added_by=deciding.staff)
    withdraw_application(application=bid, by=by, at=now)


def test_a_bid_taken_back_takes_the_decision_that_waits_off_the_table(deciding, amina):
    """Two have signed, for money to a group that is no longer there: nobody can make it stand."""
    decision = build.sign(deciding, build.put(deciding), choices=["agree", "agree"])
    take_back(deciding, deciding.bids[0], amina)
    decision.refresh_from_db()
    assert decision.dropped_at
    assert "dropped_decision_with_bid" in verbs(deciding)
    told = Letter.objects.filter(kind="decision_off_the_table")
    assert {letter.to for letter in told} == {seat.member.person for seat in deciding.seats}
    assert deciding.bids[0].reference not in "".join(letter.body_text for letter in told)
    with pytest.raises(Refused, match="no longer on the table"):
        build.sign(deciding, decision)
    # The panel goes on: the board no longer asks about that bid, and another decision stands.
    again = build.sign(deciding, build.put(deciding, decision.board))
    assert again.stands_at
    assert not again.outcomes.filter(application=deciding.bids[0]).exists()
    assert first_trouble(Chain.objects.get(pk=deciding.round.chain_id)) is None


def test_a_bid_taken_back_later_leaves_a_decision_that_stands(deciding, amina):
    """The panel hears that the money is free; only its own new decision gives it to another."""
    standing = build.sign(deciding, build.put(deciding))
    take_back(deciding, deciding.bids[0], amina)
    told = Letter.objects.filter(kind="money_came_back")
    assert {letter.to for letter in told} == {seat.member.person for seat in deciding.seats}
    assert "This is what they said" not in told[0].body_text, "they gave no words"
    standing.refresh_from_db()
    assert standing.stands_at
    assert standing.dropped_at is None
    assert rules.standing_decision(deciding.panel) == standing


def test_no_decision_stands_with_a_bid_that_was_taken_back(deciding, amina):
    """However it was withdrawn: the database refuses it, and the next to sign drops it."""
    decision = build.sign(deciding, build.put(deciding), choices=["agree", "agree"])
    bid = deciding.bids[0]
    type(bid).objects.filter(pk=bid.pk).update(withdrawn_at=timezone.now(), withdrawn_by=amina)
    with pytest.raises(DatabaseError, match="taken back"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(stands_at=timezone.now())
    seat = deciding.seats[2]
    actions.sign_decision(
        decision=decision, seat=seat, choice="agree", by=seat.member.person, at=timezone.now()
    )
    decision.refresh_from_db()
    assert decision.dropped_at
    assert not decision.stands_at


def test_sign_decision_once_for_each_seat(deciding, joan):
    decision = build.put(deciding)
    build.sign(deciding, decision, choices=["agree"])
    with pytest.raises(Refused, match="signed for this seat already"):
        build.sign(deciding, decision, choices=["agree"])


@pytest.mark.parametrize("who", ["margaret", "administrator", "superuser", "amina", "harold"])
def test_sign_decision_only_for_oneself(deciding, who, request, joan):
    decision = build.put(deciding)
    by = request.getfixturevalue(who)
    with pytest.raises(Refused):
        actions.sign_decision(
            decision=decision,
            seat=deciding.seat(joan),
            choice="agree",
            by=by,
            at=timezone.now(),
        )


def test_sign_decision_is_not_typed_for_one_who_is_no_volunteer_now(deciding, joan, sam):
    decision = build.put(deciding)
    joan.roles.update(ended_at=timezone.now(), ended_by=sam)
    with pytest.raises(Refused, match="Joan Ibbotson is not a volunteer now"):
        actions.sign_decision(
            decision=decision,
            seat=deciding.seat(joan),
            choice="agree",
            by=sam,
            at=timezone.now(),
        )


def test_sign_decision_refuses_who_stands_aside(deciding, priya):
    stand_aside(deciding, priya)
    decision = build.put(deciding)
    with pytest.raises(Refused, match="You are standing aside"):
        actions.sign_decision(
            decision=decision,
            seat=deciding.seat(priya),
            choice="agree",
            by=priya,
            at=timezone.now(),
        )


def test_sign_decision_needs_a_quorum_on_each_bid(deciding, joan, harold):
    """Two of four stand aside from one bid: the two left are too few to settle it."""
    for person in (joan, harold):
        member = deciding.seat(person).member
        interest = Interest.objects.create(
            member=member, application=deciding.bids[0], kind="indirect", made_at=timezone.now()
        )
        StandingAside.objects.create(
            member=member,
            lot=deciding.panel.lot,
            application=deciding.bids[0],
            interest=interest,
            began_at=timezone.now(),
        )
    by = deciding.seats[2].member.person
    board = actions.start_board(panel=deciding.panel, name="Ours", by=by, at=timezone.now())
    for bid in deciding.bids:
        actions.set_line(
            board=board,
            application=bid,
            outcome="award",
            reason="It meets a need we know.",
            criterion=deciding.criterion,
            by=by,
            at=timezone.now(),
        )
    decision = actions.put_decision(board=board, by=by, at=timezone.now())
    build.sign(deciding, decision)
    assert decision.stands_at is None


def test_sign_decision_typed_counts_once_confirmed(deciding, sam, joan):
    decision = build.put(deciding)
    seat = deciding.seat(joan)
    typed = actions.sign_decision(
        decision=decision, seat=seat, choice="agree", by=sam, at=timezone.now(), words="Well done"
    )
    for other in deciding.seats[1:3]:
        actions.sign_decision(
            decision=decision, seat=other, choice="agree", by=other.member.person, at=timezone.now()
        )
    decision.refresh_from_db()
    assert decision.stands_at is None
    assert Letter.objects.filter(kind="signature_to_confirm", to=joan).exists()
    actions.confirm_signature(signature=typed, by=joan, at=timezone.now())
    decision.refresh_from_db()
    assert decision.stands_at


def test_confirm_signature_by_its_member_or_a_second_person(
    deciding, sam, ruth, joan, harold, margaret
):
    decision = build.put(deciding)
    typed = actions.sign_decision(
        decision=decision, seat=deciding.seat(joan), choice="agree", by=sam, at=timezone.now()
    )
    with pytest.raises(Refused, match="You typed this signature"):
        actions.confirm_signature(signature=typed, by=sam, at=timezone.now())
    for by in (harold, margaret):
        with pytest.raises(Refused, match="Only the person it was typed for"):
            actions.confirm_signature(signature=typed, by=by, at=timezone.now())
    actions.confirm_signature(signature=typed, by=ruth, at=timezone.now())
    assert typed.confirmed_by == ruth


def test_confirm_signature_typed_wrongly_leaves_the_member_free(deciding, sam, joan):
    decision = build.put(deciding)
    seat = deciding.seat(joan)
    actions.sign_decision(decision=decision, seat=seat, choice="agree", by=sam, at=timezone.now())
    own = actions.sign_decision(
        decision=decision, seat=seat, choice="disagree", by=joan, at=timezone.now()
    )
    assert list(decision.signatures.counting()) == [own]


def test_put_decision_again_replaces_with_a_reason(deciding):
    first = build.decided(deciding)
    board = first.board
    build.put_line(deciding, board, deciding.bids[1], "no")
    with pytest.raises(Refused, match="Say why this one replaces it"):
        build.put(deciding, board)
    second = build.sign(deciding, build.put(deciding, board, reason="The check failed."))
    assert list(Decision.objects.standing()) == [second]
    assert second.replaces == first
    assert Outcome.objects.standing().awards().count() == 1


def test_sign_decision_rows_cannot_be_changed_in_the_database(deciding):
    decision = build.decided(deciding)
    for write in (
        lambda: decision.outcomes.update(amount=Decimal("1")),
        lambda: decision.outcomes.update(by_criterion={"1": "Other words."}),
        lambda: Shortlisting.objects.update(by_criterion={"1": "Other words."}),
        lambda: Decision.objects.filter(pk=decision.pk).update(reason="other"),
        lambda: decision.signatures.update(choice="disagree"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


# ---- Trustees ---------------------------------------------------------------------------------
def test_ratify_only_where_the_round_asks_for_it(deciding, margaret):
    decision = build.decided(deciding)
    with pytest.raises(Refused, match="stands without the trustees"):
        actions.ratify(decision=decision, by=margaret, at=timezone.now())


def test_ratify_confirms_and_changes_nothing(deciding, margaret, sam):
    with unguarded():
        type(deciding.round).objects.filter(pk=deciding.round.pk).update(trustees_ratify=True)
    decision = build.decided(deciding)
    before = list(decision.outcomes.values_list("kind", "amount"))
    actions.ratify(decision=decision, by=margaret, at=timezone.now())
    assert rules.is_confirmed(decision)
    assert list(decision.outcomes.values_list("kind", "amount")) == before
    with pytest.raises(Refused):
        actions.ratify(decision=decision, by=sam, at=timezone.now())


def test_hold_stops_letters_until_it_is_lifted(deciding, margaret, sam):
    decision = build.decided(deciding)
    build.agreed_letters(deciding)
    with pytest.raises(Refused, match="legal reason"):
        actions.hold(decision=decision, reason=" ", by=margaret, at=timezone.now())
    actions.hold(decision=decision, reason="A court order.", by=margaret, at=timezone.now())
    assert Letter.objects.filter(kind="decision_on_hold").count() == len(deciding.seats)
    with pytest.raises(Refused, match="on hold"):
        actions.send_letters(panel=deciding.panel, by=sam, at=timezone.now())
    actions.lift_hold(decision=decision, reason="It was lifted.", by=margaret, at=timezone.now())
    assert len(actions.send_letters(panel=deciding.panel, by=sam, at=timezone.now())) == 3


@pytest.mark.parametrize("who", ["sam", "joan", "administrator", "superuser"])
def test_hold_is_for_the_board_only(deciding, who, request):
    decision = build.decided(deciding)
    with pytest.raises(Refused):
        actions.hold(
            decision=decision,
            reason="No",
            by=request.getfixturevalue(who),
            at=timezone.now(),
        )


def test_a_board_member_who_acts_for_a_group_neither_confirms_nor_holds(
    deciding, margaret, sam, client
):
    with unguarded():
        type(deciding.round).objects.filter(pk=deciding.round.pk).update(trustees_ratify=True)
    decision = build.decided(deciding)
    group = deciding.bids[1].organisation
    row = group.colleagues.create(person=margaret, added_at=clock.now(), added_by=sam)
    facts = {"decision": decision, "by": margaret, "at": clock.now()}
    for act in (
        lambda: actions.ratify(**facts),
        lambda: actions.hold(reason="The law.", **facts),
        lambda: actions.lift_hold(reason="The law.", **facts),
    ):
        with pytest.raises(Refused, match="You act for a group that bids in this round"):
            act()
    with pytest.raises(DatabaseError, match="only the board confirms"), transaction.atomic():
        decision.ratifications.create(kind="confirmed", made_at=clock.now(), made_by=margaret)
    assert not [
        step for step in next_steps(margaret, on=clock.today()) if "trustees" in step.sentence
    ]
    with unguarded():
        row.delete()
    assert [step for step in next_steps(margaret, on=clock.today()) if "trustees" in step.sentence]
    assert actions.ratify(**facts).pk


# ---- Checks -----------------------------------------------------------------------------------
def test_check_organisation_failed_tells_the_panel_in_words(deciding, sam):
    decision = build.decided(deciding)
    award = decision.outcomes.awards().first()
    with pytest.raises(Refused, match="Write what is wrong"):
        actions.check_organisation(
            outcome=award, kind=CheckKind.BANK, passed=False, by=sam, at=timezone.now()
        )
    actions.check_organisation(
        outcome=award,
        kind=CheckKind.BANK,
        passed=False,
        words="The account is a private one.",
        by=sam,
        at=timezone.now(),
    )
    letters = Letter.objects.filter(kind="check_failed")
    assert letters.count() == len(deciding.seats)
    assert "The account is a private one." in letters[0].body_text
    assert decision.outcomes.get(pk=award.pk).amount == award.amount


def test_check_organisation_is_well_after_a_fail_only_by_a_second_person_in_words(
    deciding, sam, ruth, client
):
    """The panel reads both; so does whoever reads the report."""
    award = build.decided(deciding).outcomes.awards().first()
    build.check_all(deciding, award)

    def bank(passed, words, by):
        return actions.check_organisation(
            outcome=award, kind=CheckKind.BANK, passed=passed, words=words, by=by, at=clock.now()
        )

    bank(False, "The account is a private one.", sam)
    with pytest.raises(Refused, match="Another facilitator or a board member must look"):
        bank(True, "It is theirs.", sam)
    with pytest.raises(Refused, match="Write what is different now"):
        bank(True, " ", ruth)
    for by, words in ((sam, "It is theirs."), (ruth, "")):
        with pytest.raises(DatabaseError, match="noted by somebody else"), transaction.atomic():
            DueDiligence.objects.create(
                outcome=award,
                kind="bank",
                passed=True,
                words=words,
                checked_at=clock.now(),
                checked_by=by,
            )
    assert not rules.checks_passed(award)
    client.force_login(ruth)
    form = client.get(reverse("check_organisation", args=[award.pk])).content.decode()
    assert "The account is a private one." in form
    bank(True, "They opened one of their own.", ruth)
    assert rules.checks_passed(Outcome.objects.get(pk=award.pk))
    told = Letter.objects.filter(kind="check_put_right")
    assert {letter.to for letter in told} == {seat.member.person for seat in deciding.seats}
    assert "They opened one of their own." in told[0].body_text
    report = report_of(deciding.round, at=clock.now())
    found = next(row for row in report.checked if row.reference == award.application.reference)
    assert not found.all_well
    assert [(row.passed, row.again) for row in found.checks if "Bank" in row.kind] == [
        (True, False),
        (False, False),
        (True, True),
    ]
    page = render_to_string("decisions/_report.html", {"report": report})
    assert "First not well, then well" in page
    bank(True, "", sam)
    assert told.count() == len(deciding.seats), "what is well already is no news"


def test_a_board_member_notes_only_that_a_failed_check_is_well_now(
    deciding, sam, margaret, amina, client
):
    """A charity may have one facilitator, and the second person is then a board member."""
    award = build.decided(deciding).outcomes.awards().first()
    build.check_all(deciding, award)

    def note(kind, passed, words, by):
        return actions.check_organisation(
            outcome=award, kind=kind, passed=passed, words=words, by=by, at=clock.now()
        )

    only = "A board member can only note that a check is well now"
    with pytest.raises(Refused, match=only):
        note("bank", True, "All is well.", margaret)
    note("bank", False, "The account is a private one.", sam)
    for kind, passed in (("bank", False), ("register", True)):
        with pytest.raises(Refused, match=only):
            note(kind, passed, "I looked.", margaret)
    group = deciding.bids[1].organisation
    row = group.colleagues.create(person=margaret, added_at=clock.now(), added_by=amina)
    with pytest.raises(Refused, match="You act for a group that bids in this round"):
        note("bank", True, "It is theirs.", margaret)
    with unguarded():
        row.delete()
    client.force_login(margaret)
    page = reverse("check_organisation", args=[award.pk])
    board = reverse("round_progress_board", args=[deciding.round.slug])
    assert page in client.get(board).content.decode()
    shown = client.get(page).content.decode()
    assert "The account is a private one." in shown
    assert 'value="register"' not in shown
    missing = client.post(page, {"kind": "bank"})
    assert "Write what is different now" in missing.content.decode()
    answer = client.post(page, {"kind": "bank", "words": "They opened one of their own."})
    assert answer.headers["Location"] == board
    assert rules.checks_passed(Outcome.objects.get(pk=award.pk))
    told = Letter.objects.filter(kind="check_put_right")
    assert {letter.to for letter in told} == {seat.member.person for seat in deciding.seats}
    assert "A second person has looked again" in told[0].body_text
    entry = Entry.objects.filter(verb="checked_organisation").last()
    assert (entry.by, entry.data["passed"]) == (margaret, True)
    assert page not in client.get(board).content.decode()
    assert client.get(page).status_code == 403


def test_a_check_that_failed_is_not_told_to_who_stands_aside_from_the_bid(deciding, sam):
    award = build.decided(deciding).outcomes.awards().first()
    first = deciding.seats[0]
    stand_aside(deciding, first.member.person, award.application)
    actions.check_organisation(
        outcome=award, kind="bank", passed=False, words="Private.", by=sam, at=clock.now()
    )
    told = {letter.to_id for letter in Letter.objects.filter(kind="check_failed")}
    assert told == {seat.member.person_id for seat in deciding.seats[1:]}


def test_check_organisation_only_on_awards_and_by_staff(deciding, sam, joan):
    decision = build.decided(deciding)
    reserve = decision.outcomes.get(kind="reserve")
    with pytest.raises(Refused, match="for organisations that were chosen"):
        actions.check_organisation(
            outcome=reserve, kind=CheckKind.BANK, passed=True, by=sam, at=timezone.now()
        )
    with pytest.raises(Refused):
        actions.check_organisation(
            outcome=decision.outcomes.awards().first(),
            kind=CheckKind.BANK,
            passed=True,
            by=joan,
            at=timezone.now(),
        )


# ---- Letters ----------------------------------------------------------------------------------
def test_write_letters_uses_the_panels_words(deciding, sam):
    build.decided(deciding)
    made = actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    assert sorted(letter.kind for letter in made) == ["less", "reserve", "yes"]
    less = next(letter for letter in made if letter.kind == "less")
    for words in (build.REASON, "£600.50", "The van.", "Tell us.", "Criterion 1"):
        assert words in less.body
    assert actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now()) == []


def test_write_letters_tells_who_was_not_met(joan, sam):
    deciding = build.deciding_round(joan, by=sam, bids=1, not_met=1)
    made = actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    assert [letter.kind for letter in made] == ["not_met"]
    assert "It does not say who it is for." in made[0].body


def not_eligible(bid, sam, ruth, *, days=21):
    """A rule check that said no so many days ago, with its second person, in place of the yes."""
    now = timezone.now() - timedelta(days=days)
    ruling = Eligibility.objects.create(
        application=bid,
        eligible=False,
        rule=bid.round.funder_rules.first(),
        reason="The work is in York.",
        decided_at=now,
        decided_by=sam,
        seconded_at=now,
        seconded_by=ruth,
    )
    Eligibility.objects.filter(application=bid).exclude(pk=ruling.pk).update(replaced_by=ruling)
    return ruling


def test_write_letters_to_a_group_outside_the_rules_only_where_nobody_signs_in(
    joan, sam, ruth, amina
):
    deciding = build.deciding_round(joan, by=sam, bids=1)
    FunderRule.objects.create(round=deciding.round, text="The work is in Leeds.")
    on_paper, online = make_bid(deciding.panel.lot), make_bid(deciding.panel.lot)
    online.organisation.colleagues.create(person=amina, added_at=timezone.now(), added_by=sam)
    for bid in (on_paper, online):
        not_eligible(bid, sam, ruth)
    made = actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    assert [(letter.kind, letter.application) for letter in made] == [("not_eligible", on_paper)]
    assert "The work is in Leeds." in made[0].body
    assert "The work is in York." in made[0].body


def test_write_letters_keeps_quotes_as_they_were_typed(deciding, sam):
    board = build.full_board(deciding)
    build.put_line(deciding, board, deciding.bids[0], reason='Joan\'s "tea & cake" <3')
    build.sign(deciding, build.put(deciding, board))
    build.move_to(deciding.round, StageKind.LETTERS, by=sam)
    made = actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    assert any('Joan\'s "tea & cake" <3' in letter.body for letter in made)


def test_change_staff_note_is_marked_and_changes_the_digest(deciding, sam):
    build.decided(deciding)
    letter = actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())[0]
    before = letter.digest
    changed = actions.change_staff_note(
        letter=letter, note="Bring your bank papers.", by=sam, at=timezone.now()
    )
    assert "These are not the panel’s words" in changed.body
    assert "Bring your bank papers." in changed.body
    assert changed.digest != before


def test_change_staff_note_not_while_the_panel_reads(deciding, sam):
    build.decided(deciding)
    letter = actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())[0]
    proposal = actions.put_letters(panel=deciding.panel, by=sam, at=timezone.now())
    with pytest.raises(Refused, match="reading this letter now"):
        actions.change_staff_note(letter=letter, note="x", by=sam, at=timezone.now())
    build.vote(deciding, proposal)
    with pytest.raises(Refused, match="agreed this letter"):
        actions.change_staff_note(letter=letter, note="x", by=sam, at=timezone.now())


def test_put_letters_carries_each_digest(deciding, sam):
    build.decided(deciding)
    made = actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    proposal = actions.put_letters(panel=deciding.panel, by=sam, at=timezone.now())
    assert proposal.data["letters"] == {str(letter.pk): letter.digest for letter in made}
    assert Letter.objects.filter(kind="letters_to_read").count() == len(deciding.seats)
    with pytest.raises(Refused, match="reading letters now"):
        actions.put_letters(panel=deciding.panel, by=sam, at=timezone.now())


def test_put_letters_that_are_not_agreed_stay(deciding, sam):
    build.decided(deciding)
    actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    proposal = actions.put_letters(panel=deciding.panel, by=sam, at=timezone.now())
    assert build.vote(deciding, proposal, "disagree").outcome == Proposal.Outcome.NOT_AGREED
    assert not OutcomeLetter.objects.filter(approved_by_proposal__isnull=False).exists()
    with pytest.raises(Refused, match="no agreed letters"):
        actions.send_letters(panel=deciding.panel, by=sam, at=timezone.now())


def test_send_letters_refuses_words_the_panel_did_not_read(deciding, sam):
    build.decided(deciding)
    build.agreed_letters(deciding)
    letter = OutcomeLetter.objects.get(kind="yes")
    letter.body += "PS"
    verdict = rules.may_send_letter(letter, digest="other", on=timezone.localdate())
    assert not verdict
    assert verdict.sentence == "These are not the words that the panel agreed."


def test_send_letters_waits_for_the_checks_of_awards(deciding, sam):
    build.decided(deciding)
    now = timezone.now()
    actions.write_letters(panel=deciding.panel, by=sam, at=now)
    build.vote(deciding, actions.put_letters(panel=deciding.panel, by=sam, at=now))
    sent = actions.send_letters(panel=deciding.panel, by=sam, at=now)
    assert [letter.kind for letter in sent] == ["reserve"]
    with pytest.raises(Refused, match="Not all checks"):
        actions.send_letters(panel=deciding.panel, by=sam, at=now)


def test_send_letters_writes_what_was_agreed_and_holds_on_doubt(deciding, sam, amina):
    bid = deciding.bids[0]
    bid.organisation.colleagues.create(person=amina, added_at=timezone.now(), added_by=sam)
    build.decided(deciding)
    sent = build.sent_letters(deciding)
    assert len(sent) == 3
    letter = next(row for row in sent if row.application_id == bid.pk).letter
    own = OutcomeLetter.objects.get(application=bid)
    assert letter.to_id == amina.pk
    assert letter.body_text == own.body
    assert letter.on_doubt == Letter.OnDoubt.HOLD
    others = Letter.objects.filter(kind="outcome_letter", to=None)
    assert {row.channel for row in others} == {"post"}


def test_send_letters_is_for_staff(deciding, joan):
    build.decided(deciding)
    build.agreed_letters(deciding)
    with pytest.raises(Refused):
        actions.send_letters(panel=deciding.panel, by=joan, at=timezone.now())


def test_write_letters_again_only_where_a_new_decision_says_something_new(deciding, sam):
    build.decided(deciding)
    build.sent_letters(deciding)
    board = deciding.panel.boards.get()
    build.put_line(deciding, board, deciding.bids[2], "no")
    build.sign(deciding, build.put(deciding, board, reason="We looked again."))
    made = actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    assert [letter.application_id for letter in made] == [deciding.bids[2].pk]


def test_write_letters_again_where_only_the_words_for_each_criterion_are_new(deciding, sam):
    build.decided(deciding)
    build.sent_letters(deciding)
    board = deciding.panel.boards.get()
    build.put_line(
        deciding, board, deciding.bids[0], by_criterion=each(deciding, "The need is plain.")
    )
    build.sign(deciding, build.put(deciding, board, reason="We owe them more words."))
    made = actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    assert [letter.application_id for letter in made] == [deciding.bids[0].pk]
    assert "About “Criterion 1”:\nThe need is plain." in made[0].body


@pytest.fixture
def on_paper(joan, sam, ruth):
    """Letters the panel agreed, to groups that nobody signs in for: one was not met, another's bid
    does not meet a rule. Its ruling is `ruling`."""
    deciding = build.deciding_round(joan, by=sam, bids=1, not_met=1)
    FunderRule.objects.create(round=deciding.round, text="The work is in Leeds.")
    deciding.ruling = not_eligible(make_bid(deciding.panel.lot), sam, ruth)
    build.agreed_letters(deciding)
    return deciding


def asked_back(deciding, sam, amina):
    """A volunteer asks for the bid after all."""
    AskBack.objects.create(
        eligibility=deciding.ruling,
        member=deciding.seats[0].member,
        reason="It is in Leeds.",
        asked_at=timezone.now(),
    )


def ruled_yes(deciding, sam, amina):
    """A later ruling says yes."""
    yes = Eligibility.objects.create(
        application=deciding.ruling.application,
        eligible=True,
        reason="It is in Leeds after all.",
        decided_at=timezone.now(),
        decided_by=sam,
    )
    Eligibility.objects.filter(pk=deciding.ruling.pk).update(replaced_by=yes)


def ruled_yesterday(deciding, sam, amina):
    """The second person said no yesterday, so volunteers may still ask for the bid."""
    yesterday = timezone.now() - timedelta(days=1)
    with unguarded():
        Eligibility.objects.filter(pk=deciding.ruling.pk).update(seconded_at=yesterday)


def chosen_to_meet(deciding, sam, amina):
    """The panel talks again, and meets them."""
    before = Shortlisting.objects.get(application=deciding.not_met[0])
    proposal = build.traced(
        agreed(deciding.panel, Proposal.Kind.SHORTLIST, application=before.application)
    )
    Shortlisting.objects.create(
        panel=deciding.panel,
        application=before.application,
        outcome=Shortlisting.Outcome.MEET,
        reason="We talked again.",
        proposal=proposal,
        settled_at=timezone.now(),
        replaces=before,
    )


def taken_back(deciding, sam, amina):
    """The group takes its bid back."""
    bid = deciding.not_met[0]
    bid.organisation.colleagues.create(person=amina, added_at=timezone.now(), added_by=sam)
    withdraw_application(application=bid, by=amina, at=timezone.now())


NO_LONGER_SO = [
    (asked_back, "not_eligible", "A volunteer asked for this bid."),
    (ruled_yes, "not_eligible", "looked at the funder’s rules again"),
    (ruled_yesterday, "not_eligible", "Volunteers may still ask for this bid"),
    (chosen_to_meet, "not_met", "The panel has looked at this bid again"),
    (taken_back, "not_met", "This bid was taken back."),
]


@pytest.mark.parametrize(("changed", "kind", "why"), NO_LONGER_SO)
def test_send_letters_leaves_out_what_is_no_longer_so(on_paper, sam, amina, changed, kind, why):
    letter = OutcomeLetter.objects.get(kind=kind)
    changed(on_paper, sam, amina)
    sent = actions.send_letters(panel=on_paper.panel, by=sam, at=timezone.now())
    assert [row.kind for row in sent] == list({"not_met", "not_eligible"} - {kind})
    with pytest.raises(Refused, match=why):
        actions.send_letters(panel=on_paper.panel, by=sam, at=timezone.now())
    with pytest.raises(Refused, match=why):
        send_letter(letter=letter, by=sam, at=timezone.now())
    assert Letter.objects.filter(kind="outcome_letter").count() == 1


@pytest.mark.parametrize(("changed", "kind", "why"), NO_LONGER_SO)
def test_put_letters_leaves_out_what_is_no_longer_so(joan, sam, ruth, amina, changed, kind, why):
    deciding = build.deciding_round(joan, by=sam, bids=1, not_met=1)
    FunderRule.objects.create(round=deciding.round, text="The work is in Leeds.")
    deciding.ruling = not_eligible(make_bid(deciding.panel.lot), sam, ruth)
    actions.write_letters(panel=deciding.panel, by=sam, at=timezone.now())
    changed(deciding, sam, amina)
    proposal = actions.put_letters(panel=deciding.panel, by=sam, at=timezone.now())
    put = OutcomeLetter.objects.filter(pk__in=proposal.data["letters"])
    assert [letter.kind for letter in put] == list({"not_met", "not_eligible"} - {kind})


def test_write_letters_waits_until_nobody_can_ask_for_the_bid(joan, sam, ruth):
    """It is written on the first day on which it may go, and not on the day before."""
    deciding = build.deciding_round(joan, by=sam, bids=1)
    FunderRule.objects.create(round=deciding.round, text="The work is in Leeds.")
    until = ask_back_until(not_eligible(make_bid(deciding.panel.lot), sam, ruth, days=9))
    assert actions.write_letters(panel=deciding.panel, by=sam, at=moment(until, 12)) == []
    after = moment(until + timedelta(days=1), 12)
    (letter,) = actions.write_letters(panel=deciding.panel, by=sam, at=after)
    assert letter.kind == "not_eligible"


# ---- Decided again while the report is read ---------------------------------------------------
def test_a_reserve_moved_up_while_the_report_is_read_is_checked_and_told(deciding, sam):
    build.decided(deciding)
    build.sent_letters(deciding)
    build.move_to(deciding.round, StageKind.REPORT, by=sam)
    board = deciding.panel.boards.get()
    build.put_line(deciding, board, deciding.bids[0], "no")
    build.put_line(deciding, board, deciding.bids[2], "award")
    build.sign(deciding, build.put(deciding, board, reason="They said no to the money."))
    sent = build.sent_letters(deciding)
    told = {letter.application: letter.kind for letter in sent}
    assert told == {deciding.bids[0]: "no", deciding.bids[2]: "yes"}


# ---- Awards -----------------------------------------------------------------------------------
@pytest.fixture
def told(deciding, sam, amina):
    deciding.bids[0].organisation.colleagues.create(
        person=amina, added_at=timezone.now(), added_by=sam
    )
    build.decided(deciding)
    build.sent_letters(deciding)
    return Outcome.objects.get(application=deciding.bids[0])


def test_a_no_to_an_award_is_told_to_the_panel_but_not_to_who_stands_aside(told, amina):
    panel = told.decision.panel
    first = panel.seats.held().order_by("pk").first()
    interest = Interest.objects.create(
        member=first.member, application=told.application, kind="indirect", made_at=timezone.now()
    )
    StandingAside.objects.create(
        member=first.member,
        lot=panel.lot,
        application=told.application,
        interest=interest,
        began_at=timezone.now(),
    )
    actions.accept_award(
        outcome=told, accepted=False, words="Our hall burnt down.", by=amina, at=timezone.now()
    )
    letters = Letter.objects.filter(kind="money_came_back")
    others = panel.seats.held().exclude(pk=first.pk)
    assert {letter.to_id for letter in letters} == {row.member.person_id for row in others}
    assert all("Our hall burnt down." in letter.body_text for letter in letters)
    assert rules.standing_decision(panel), "the panel alone puts another"


def test_that_a_group_still_wants_the_money_need_not_be_checked(deciding, sam):
    award = build.decided(deciding).outcomes.awards().first()
    for kind in rules.CHECKS_TO_MAKE:
        actions.check_organisation(outcome=award, kind=kind, passed=True, by=sam, at=timezone.now())
    assert rules.checks_passed(award)
    actions.check_organisation(
        outcome=award,
        kind=CheckKind.WANTS,
        passed=False,
        words="They rang. Plans change.",
        by=sam,
        at=timezone.now(),
    )
    assert not rules.checks_passed(award)


def test_accept_award_once_by_the_organisation(told, amina, sam):
    answer = actions.accept_award(outcome=told, accepted=True, by=amina, at=timezone.now())
    assert answer.accepted
    assert Letter.objects.filter(kind="award_answered", to=sam).exists()
    with pytest.raises(Refused, match="answered already"):
        actions.accept_award(outcome=told, accepted=False, words="No", by=amina, at=timezone.now())


def offers(days=60):
    """Whom the site reminds of an award, by how many days from today."""
    rows = [(ahead, row) for ahead in range(days) for row in owed(on=later(ahead))]
    return {ahead: row.person for ahead, row in rows if row.name == "offer_waits"}


def later(days):
    return timezone.localdate() + timedelta(days=days)


def test_a_group_is_asked_to_answer_by_a_day_and_reminded_twice(told, amina, sam, margaret):
    letter = told.letter.letter
    Programme.objects.update(offer_days=20)  # too late for what this letter says
    assert rules.answer_by(told.letter) == later(28)
    assert offers() == {21: amina, 27: amina}
    actions.hold(decision=told.decision, reason="A court.", by=margaret, at=timezone.now())
    assert offers() == {}
    actions.lift_hold(decision=told.decision, reason="Over.", by=margaret, at=timezone.now())
    assert offers() == {21: amina, 27: amina}
    with transaction.atomic():
        # Until deciding is closed a group may take its bid back, also once a decision stands.
        facts = {"withdrawn_at": timezone.now(), "withdrawn_by": amina}
        Application.objects.filter(pk=told.application_id).update(**facts)
        assert offers() == {}, "whoever took its bid back is asked for nothing"
        transaction.set_rollback(True)
    # A late answer counts like any other.
    late = timezone.now() + timedelta(days=30)
    actions.accept_award(outcome=told, accepted=True, by=amina, at=late)
    assert offers() == {}
    assert "within 28 days of this letter" in letter.body_text


def test_a_letter_gives_the_days_that_it_says_whatever_the_programme_gives_later(
    deciding, amina, sam
):
    def give(complain, offer):
        programme = Programme.objects.get()
        facts = {"complain_days": complain, "offer_days": offer, "by": sam, "at": timezone.now()}
        change_programme(programme=programme, **facts)

    give(40, 30)
    deciding.panel.refresh_from_db()
    build.decided(deciding)
    build.agreed_letters(deciding)
    give(7, 3)
    actions.send_letters(panel=deciding.panel, by=sam, at=timezone.now())
    letter = Outcome.objects.get(application=deciding.bids[0]).letter
    assert "within 30 days of this letter" in letter.body
    assert "You have 40 days from this letter" in letter.body
    assert rules.answer_by(letter) == later(30)
    assert rules.complain_until(letter.application) == later(40)
    assert rules.complain_until(letter.application, letter) == later(40)
    with pytest.raises(DatabaseError, match="keeps its words"), transaction.atomic():
        OutcomeLetter.objects.filter(pk=letter.pk).update(offer_days=3)


def test_a_letter_about_the_rules_gives_the_days_that_it_says(deciding, amina, sam, ruth):
    """It is no letter of the panel: the trail tells what the programme gave when it went."""
    bid = make_bid(deciding.panel.lot)
    bid.organisation.colleagues.create(person=amina, added_at=timezone.now(), added_by=sam)
    FunderRule.objects.create(round=deciding.round, text="The work is in Leeds.")
    not_eligible(bid, sam, ruth)
    ask_who_is_owed()
    assert "You have 28 days" in Letter.objects.get(kind="not_eligible").body_text
    for days in (7, 3):
        programme, at = Programme.objects.get(), timezone.now()
        change_programme(programme=programme, complain_days=days, by=sam, at=at)
    assert rules.complain_until(bid) == later(28)


def test_the_reminder_of_an_award_is_written_once(told, amina):
    for _turn in range(2):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "today", lambda: later(21))
            ask_who_is_owed()
    (letter,) = Letter.objects.filter(kind="offer_waits")
    assert letter.to == amina
    assert told.application.reference in letter.subject
    assert day(later(28)) in letter.body_text
    assert reverse("outcome_detail", args=[told.application_id]) in letter.body_text


def test_accept_award_not_by_others(told, rival, sam, joan):
    for by in (rival, sam, joan):
        with pytest.raises(Refused, match="Only somebody from the organisation"):
            actions.accept_award(outcome=told, accepted=True, by=by, at=timezone.now())


def test_accept_award_not_once_the_bid_was_taken_back(told, amina, sam):
    with unguarded():
        Application.objects.filter(pk=told.application_id).update(
            withdrawn_at=timezone.now(), withdrawn_by=amina
        )
    outcome = Outcome.objects.get(pk=told.pk)
    with pytest.raises(Refused, match="You took this bid back"):
        actions.accept_award(outcome=outcome, accepted=True, by=amina, at=timezone.now())
    steps = [step.sentence for step in next_steps(amina, on=clock.today())]
    assert not any("Say if you take it" in sentence for sentence in steps)


def test_accept_award_needs_words_for_a_no(told, amina):
    with pytest.raises(Refused, match="in a few words"):
        actions.accept_award(outcome=told, accepted=False, by=amina, at=timezone.now())


def test_accept_award_not_before_the_letter(deciding, sam, amina):
    deciding.bids[0].organisation.colleagues.create(
        person=amina, added_at=timezone.now(), added_by=sam
    )
    decision = build.decided(deciding)
    outcome = decision.outcomes.get(application=deciding.bids[0])
    with pytest.raises(Refused, match="has not gone yet"):
        actions.accept_award(outcome=outcome, accepted=True, by=amina, at=timezone.now())


# ---- The report -------------------------------------------------------------------------------
def test_put_report_waits_for_every_panel(deciding, sam):
    build.move_to(deciding.round, StageKind.REPORT, by=sam)
    with pytest.raises(Refused, match="once every panel has decided"):
        actions.put_report(round=deciding.round, by=sam, at=timezone.now())


def test_put_report_is_agreed_by_the_panel(deciding, margaret):
    build.decided(deciding)
    build.agreed_report(deciding)
    approval = deciding.round.report_approvals.get()
    assert approval.panel == deciding.panel
    assert rules.is_agreed_by_all(deciding.round)
    note = actions.note_report(round=deciding.round, by=margaret, at=timezone.now())
    assert note.kind == "noted"


def test_note_report_not_before_it_is_agreed(deciding, margaret):
    build.decided(deciding)
    with pytest.raises(Refused, match="Not every panel has agreed"):
        actions.note_report(round=deciding.round, by=margaret, at=timezone.now())


def fail_a_check(deciding, amina):
    award = rules.standing_decision(deciding.panel).outcomes.filter(kind="award").first()
    facts = {"outcome": award, "kind": "bank", "by": deciding.staff, "at": timezone.now()}
    actions.check_organisation(passed=False, words="A private account.", **facts)


def decide_anew(deciding, amina):
    board = build.make_board(deciding, "Again")
    for bid in deciding.bids:
        build.put_line(deciding, board, bid, "no")
    board.refresh_from_db()
    build.sign(deciding, build.put(deciding, board, reason="A check failed."))


def change_a_description(deciding, amina):
    bid = deciding.bids[0]
    bid.organisation.colleagues.create(person=amina, added_at=timezone.now(), added_by=amina)
    actions.change_description(bid=bid, text="Lifts for all.", by=amina, at=timezone.now())


def test_report_stage_waits_for_a_decision_on_hold(deciding, margaret, sam):
    build.decided(deciding)
    build.sent_letters(deciding)
    build.agreed_report(deciding)
    stage = deciding.round.stages.get(kind=StageKind.REPORT)
    decision, today = rules.standing_decision(deciding.panel), timezone.localdate()
    facts = {"decision": decision, "by": margaret, "at": timezone.now()}
    actions.hold(reason="A court order.", **facts)
    stopped = f"stopped for a legal reason for: {deciding.panel.name}."
    assert stopped in gates.gate(stage, "close", on=today).sentence
    actions.lift_hold(reason="The court has ruled.", **facts)
    assert gates.gate(stage, "close", on=today)


@pytest.mark.parametrize("change", [fail_a_check, decide_anew, change_a_description])
def test_note_report_and_its_stage_wait_until_what_has_changed_since_is_agreed(
    deciding, amina, margaret, sam, change
):
    build.decided(deciding)
    build.sent_letters(deciding)
    build.agreed_report(deciding)
    stage = deciding.round.stages.get(kind=StageKind.REPORT)
    today = timezone.localdate()
    assert gates.gate(stage, "close", on=today)
    assert [row for row in next_steps(margaret, on=today) if "ready for the board" in row.sentence]
    change(deciding, amina)
    with pytest.raises(Refused, match="must put it to them again"):
        actions.note_report(round=deciding.round, by=margaret, at=timezone.now())
    assert "must put it to them again" in gates.gate(stage, "close", on=today).sentence
    assert not [
        row for row in next_steps(margaret, on=today) if "ready for the board" in row.sentence
    ]
    for proposal in actions.put_report(round=deciding.round, by=sam, at=timezone.now()):
        build.vote(deciding, proposal)
    assert "put it to them again" not in gates.gate(stage, "close", on=today).sentence
    assert actions.note_report(round=deciding.round, by=margaret, at=timezone.now()).pk


def test_report_stage_does_not_close_where_any_fact_is_not_as_agreed(deciding, margaret, sam):
    build.decided(deciding)
    build.sent_letters(deciding)
    build.agreed_report(deciding)
    with unguarded():
        Round.objects.filter(pk=deciding.round.pk).update(envelope=1_000_000)
    stage = deciding.round.stages.get(kind=StageKind.REPORT)
    with pytest.raises(Refused, match="must put it to them again"):
        actions.note_report(round=deciding.round, by=margaret, at=timezone.now())
    with pytest.raises(Refused, match="must put it to them again"):
        close_stage(stage=stage, by=sam, at=timezone.now(), agreed=True)
    stage.refresh_from_db()
    assert stage.closed_at is None


def test_ask_board_question_and_its_answer(deciding, margaret, sam):
    note = actions.ask_board_question(
        round=deciding.round, text="Who chose the days?", by=margaret, at=timezone.now()
    )
    assert Letter.objects.filter(kind="board_question", to=sam).exists()
    with pytest.raises(Refused):
        actions.answer_board_question(note=note, answer="I", by=margaret, at=timezone.now())
    actions.answer_board_question(note=note, answer="The volunteers.", by=sam, at=timezone.now())
    assert Letter.objects.filter(kind="board_answer", to=margaret).exists()
    with pytest.raises(Refused, match="no open question"):
        actions.answer_board_question(note=note, answer="x", by=sam, at=timezone.now())


def test_ask_board_question_is_for_the_board(deciding, sam, joan):
    for by in (sam, joan):
        with pytest.raises(Refused):
            actions.ask_board_question(round=deciding.round, text="Why?", by=by, at=timezone.now())
