"""What others do in a meeting shows on everybody's page, without a press of any button."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Person
from ledger import clock
from panels import actions
from panels.models import Proposal
from tests.factories.decisions import deciding_round, make_board, put_line
from tests.factories.meeting import opened_round, propose, put, seat_of, vote
from tests.journeys.conftest import Newcomer
from tests.journeys.people import PATIENCE_MS, Reader

pytestmark = pytest.mark.django_db(transaction=True)
KEEPS = "This page keeps itself up to date."


@pytest.fixture
def sits(newcomer: Newcomer) -> Any:
    def sit(person: Person, address: str) -> Reader:
        reader = newcomer(person.name, f"{person.pk}@example.org")
        reader.is_signed_in_as(person)
        reader.go(address)
        reader.sees(KEEPS)
        # What is set on the page itself is gone if it is ever loaded again.
        reader.page.evaluate("() => { globalThis.notLoadedAgain = true; }")
        return reader

    return sit


def not_loaded_again(reader: Reader) -> bool:
    return bool(reader.page.evaluate("() => globalThis.notLoadedAgain === true"))


def test_answers_of_others_show_by_themselves(
    sits: Any, joan: Person, harold: Person, priya: Person
) -> None:
    panel = opened_round(joan, harold, priya).panel
    proposal = put(panel, Proposal.Kind.OTHER, by=joan, words="Shall we meet at ten?")
    address = reverse("proposal_detail", args=[proposal.pk])
    plain = Client()
    plain.force_login(joan)
    assert "Load this page again to see what is new." in plain.get(address).text
    reader = sits(joan, address)
    waiting = reader.page.get_by_role("main").get_by_text("Not yet", exact=True)
    before = waiting.count()
    vote(proposal, seat_of(panel, harold))
    expect(waiting).to_have_count(before - 1, timeout=PATIENCE_MS)
    reader.waits_for("Something changed at")
    assert not_loaded_again(reader)

    # Whoever wants peace stops it, and takes it up again.
    reader.page.get_by_role("button", name="Stop for now").click()
    reader.sees("This page stands still now.")
    vote(proposal, seat_of(panel, priya))
    reader.page.wait_for_timeout(7_000)
    assert waiting.count() == before - 1
    reader.page.get_by_role("button", name="Keep it up to date").click()
    expect(waiting).to_have_count(before - 2, timeout=PATIENCE_MS)
    assert not_loaded_again(reader)


def test_what_is_open_on_the_page_stays_open_and_the_keyboard_keeps_its_place(
    sits: Any, joan: Person, harold: Person, priya: Person
) -> None:
    reading = opened_round(joan, harold, priya)
    bid = reading.bids[0]
    reader = sits(joan, reverse("talk_about_bid", args=[reading.panel.pk, bid.pk]))
    wrote = reader.page.locator("details").first
    wrote.locator("summary").click()
    summary = "() => document.activeElement.tagName"
    assert reader.page.evaluate(summary) == "SUMMARY"
    propose(reading.panel, bid)
    reader.page.get_by_role("heading", name="In front of the panel").wait_for(timeout=PATIENCE_MS)
    assert wrote.get_attribute("open") is not None
    assert not_loaded_again(reader)


def test_the_money_board_follows_what_others_set(sits: Any, joan: Person, harold: Person) -> None:
    deciding = deciding_round(joan, harold)
    board = make_board(deciding)
    reader = sits(joan, reverse("money_board", args=[board.pk]))
    reader.does_not_see("£777")
    put_line(deciding, board, deciding.bids[0], "less", amount=Decimal(777), less_what="The van.")
    reader.waits_for("£777")
    put_line(deciding, board, deciding.bids[1], "reserve", reserve_order=1)
    reader.waits_for("Place 1 in the list")
    assert not_loaded_again(reader)


def test_minutes_pass_on_the_page_and_nobody_is_told(
    sits: Any, joan: Person, harold: Person, sam: Person
) -> None:
    """What a bid has had is renewed without a word to a screen reader; another bid is news."""
    reading = opened_round(joan, harold, by=sam)
    now = clock.now()
    meeting = actions.arrange_meeting(
        panel=reading.panel,
        kind="shortlist",
        starts_at=now + timedelta(minutes=1),
        place="Mill Hill Hall",
        by=sam,
        at=now,
    )
    facts = {"meeting": meeting, "by": harold}
    actions.turn_to_bid(application=reading.bids[0], at=now, **facts)
    reader = sits(joan, reverse("meeting_detail", args=[meeting.pk]))
    line = reader.page.locator("[data-live]")
    reader.sees("You have just begun with this bid.")
    clock.move(days=7 / (24 * 60))
    reader.waits_for("This bid has had 7 minutes.")
    assert line.inner_text() == KEEPS
    actions.turn_to_bid(application=reading.bids[1], at=clock.now(), **facts)
    reader.waits_for("Something changed at")
    assert not_loaded_again(reader)


def test_a_page_that_its_reader_may_no_longer_see_stops(
    sits: Any, joan: Person, harold: Person, priya: Person
) -> None:
    panel = opened_round(joan, harold, priya).panel
    reader = sits(joan, reverse("agenda", args=[panel.pk]))
    reader.context.clear_cookies()
    reader.waits_for("This page has stopped looking for news. Load it again.")
    reader.faults.clear()
