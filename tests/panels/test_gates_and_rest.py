"""When stages may open and close for the panel's sake, and when a letter may go."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.models import Break
from commissioning.models import StageKind
from ledger.actions import Address, Words, write_letter
from ledger.models import Channel, Letter
from panels import actions
from panels.gates import gate
from panels.models import Proposal
from panels.rest import held, may_send
from tests.factories.commissioning import close
from tests.factories.panels import (
    agreed,
    close_scoring,
    declare_all,
    make_bid,
    open_scoring,
    reading_round,
    send,
    share_out,
    sharing_round,
)

pytestmark = pytest.mark.django_db


def now():
    return timezone.now()


def ask(reading, kind, move):
    stage = reading.round.stages.get(kind=kind)
    return gate(stage, move, on=timezone.localdate())


# ---- gate -----------------------------------------------------------------------------------
def test_gate_sharing_opens_when_each_lot_has_its_panel(joan):
    reading = sharing_round(joan, seat=False)
    verdict = ask(reading, StageKind.SHARING, "open")
    assert verdict.sentence == "The lot “Getting about” needs a panel with at least 4 seats first."
    assert ask(sharing_round(), StageKind.SHARING, "open")


def test_gate_sharing_asks_nothing_of_a_lot_without_bids(joan):
    reading = sharing_round(joan, seat=False, bids=0)
    assert ask(reading, StageKind.SHARING, "open")


def test_gate_scoring_opens_when_all_is_shared_within_limits(joan):
    reading = sharing_round(joan, bids=2, readers_per_bid=3, wanted=5)
    assert "shared out first" in ask(reading, StageKind.SCORING, "open").sentence
    declare_all(reading)
    share_out(reading)
    assert ask(reading, StageKind.SCORING, "open")
    actions.reply_to_share(
        member=reading.member(joan), answer="fewer", bids_wanted=0, by=joan, at=now()
    )
    count = reading.member(joan).assignments.count()
    verdict = ask(reading, StageKind.SCORING, "open")
    assert bool(verdict) == (count == 0)
    if count:
        assert "Joan Ibbotson asked for fewer bids" in verdict.sentence


def test_gate_scoring_wants_readers_for_every_bid(joan):
    reading = sharing_round(joan, bids=1, readers_per_bid=3, wanted=5)
    declare_all(reading)
    share_out(reading)
    late = make_bid(reading.lot)
    verdict = ask(reading, StageKind.SCORING, "open")
    assert verdict.sentence == f"The bid {late.reference} needs 3 readers first."


def test_gate_scoring_closes_when_all_is_sent_or_the_panel_agrees(joan):
    reading = reading_round(joan, bids=1)
    verdict = ask(reading, StageKind.SCORING, "close")
    assert "must agree to go on without them" in verdict.sentence
    agreed(reading.panel, Proposal.Kind.CLOSE_EARLY, stage=StageKind.LETTERS)
    assert not ask(reading, StageKind.SCORING, "close")
    agreed(reading.panel, Proposal.Kind.CLOSE_EARLY, stage=StageKind.SCORING)
    assert ask(reading, StageKind.SCORING, "close")


def test_gate_scoring_closes_when_all_is_sent(joan):
    reading = reading_round(joan, bids=1)
    for member in reading.members:
        for assignment in reading.assignments(member.person):
            send(reading, assignment)
    assert ask(reading, StageKind.SCORING, "close")


def test_gate_leaves_other_stages_alone(joan):
    assert ask(sharing_round(joan), StageKind.OPEN, "close")


# ---- may_send -------------------------------------------------------------------------------
def at(hour, *, days=0):
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(hour)))


def letter(person, *, when=Letter.When.NOTICE, channel=Channel.EMAIL):
    return write_letter(
        key=f"{person}-{when}-{channel}",
        kind="test",
        to=Address("A reader", channel, "a@example.org", person),
        words=Words("Subject", "Text"),
        by=person,
        at=now(),
        when=when,
    )


def test_may_send_an_answer_always(joan):
    Break.objects.create(person=joan, starts_on=timezone.localdate(), asked_at=now(), asked_by=joan)
    assert may_send(letter(joan, when=Letter.When.ANSWER), at(3))


@pytest.mark.parametrize(("hour", "goes"), [(8, False), (9, True), (19, True), (20, False)])
def test_may_send_a_notice_in_the_daytime(hour, goes, joan):
    assert may_send(letter(joan), at(hour)) is goes


def test_may_send_leaves_posted_letters_to_people(joan):
    assert may_send(letter(joan, channel=Channel.POST), at(3))


def test_may_send_waits_for_a_break(joan):
    today = timezone.localdate()
    Break.objects.create(person=joan, starts_on=today, ends_on=today, asked_at=now(), asked_by=joan)
    assert not may_send(letter(joan), at(12))
    assert may_send(letter(joan), at(12, days=1))


def test_may_send_waits_for_a_round_at_rest_but_not_on_closing_day(joan, sam):
    reading = reading_round(joan, by=sam, bids=1)
    scoring = reading.round.stages.get(kind=StageKind.SCORING)
    close_scoring(reading)
    assert may_send(letter(joan), at(12))
    assert not may_send(letter(joan), at(12, days=1))
    assert may_send(letter(joan), at(12, days=scoring.recovery_days + 1))
    assert may_send(letter(sam), at(12, days=1))


def test_held_asks_as_much_for_one_letter_as_for_three(joan, harold, sam, priya):
    reading = sharing_round(joan, harold, by=sam)
    declare_all(reading)
    share_out(reading)
    open_scoring(reading)
    close(reading.round.stages.get(kind=StageKind.SCORING), by=sam)
    letters = [letter(joan), letter(harold), letter(sam), letter(priya)]
    waiting = held(letters, at(12, days=1))
    assert waiting == {letters[0].pk, letters[1].pk}


def test_held_in_four_queries(joan, harold, sam, django_assert_max_num_queries):
    reading_round(joan, harold, by=sam, bids=1)
    letters = [letter(joan), letter(harold), letter(sam)]
    with django_assert_max_num_queries(4):
        held(letters, at(12))
