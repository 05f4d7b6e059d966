"""A panel of five, each at a browser: whom to meet, then the money, while fifty others write.

All five press at the same moment. Nobody loads a page again: what others did must show by itself.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Browser

from accounts.adapters import CONFIRMED_AT
from decisions.models import Decision
from ledger.checking import first_trouble
from panels.models import Proposal, ProposalVote
from tests.factories.commissioning import make_volunteers
from tests.factories.decisions import Deciding, ask_for, deciding_round, make_board
from tests.factories.meeting import opened_round
from tests.faults.crowd import Crowd, make_crowd
from tests.faults.webserver import Site, web
from tests.journeys.people import PATIENCE_MS, Reader

WRITERS, EVERY = 50, 3.0  # people who write meanwhile, and the seconds between two of their saves
SAVES = 40
SETTLED = "The panel has settled this already."
ASKED = 9_000  # by each of five bids, of 40,000 pounds


@contextmanager
def at_their_browsers(browser: Browser, site: Site, people: list[Any]) -> Iterator[list[Reader]]:
    with ExitStack() as stack:
        readers = []
        for person in people:
            reader = Reader(browser, f"http://127.0.0.1:{site.port}", person.name)
            stack.callback(reader.leaves)
            reader.is_signed_in_as(person)
            readers.append(reader)
        yield readers


def just_signed_in(reader: Reader) -> None:
    """As if they had typed a code a moment ago: signing asks for it."""
    cookie = next(row for row in reader.context.cookies() if row["name"] == "sessionid")
    session = SessionStore(cookie["value"])
    session[CONFIRMED_AT] = time.time()
    session.save()


def all_press(readers: list[Reader]) -> None:
    """All of them at once: nobody waits for another's answer."""
    for reader in readers:
        reader.page.evaluate("() => { globalThis.here = true; }")
        button = reader.page.locator("main form").last.locator("button").last
        button.evaluate("(button) => setTimeout(() => button.click(), 50)")
    for reader in readers:
        reader.page.wait_for_function("() => !globalThis.here", timeout=PATIENCE_MS)
        reader.page.wait_for_load_state("domcontentloaded")


def seconds_until(readers: list[Reader], look: Callable[[Reader], Any]) -> float:
    """How long until all of them see it, from now; the page is never loaded again."""
    began = time.monotonic()
    for reader in readers:
        look(reader)
    return time.monotonic() - began


def they_choose_whom_to_meet(readers: list[Reader], reading: Any) -> float:
    bid, (first, *others) = reading.bids[0], readers
    for reader in readers:
        reader.go(reverse("talk_about_bid", args=[reading.panel.pk, bid.pk]))
    first.follow("Propose to meet them, or not this time")
    first.choose("Meet them", of="What do you propose?")
    first.fill("Why?", "We would like to hear more.")
    first.press("Put this to the panel")
    waited = seconds_until(
        others, lambda reader: reader.page.get_by_role("link", name="Answer").wait_for()
    )
    for reader in others:
        reader.follow("Answer")
    for reader in readers:
        reader.choose("I agree")
    all_press(readers)
    proposal = Proposal.objects.get(application=bid, kind=Proposal.Kind.SHORTLIST)
    assert proposal.outcome == Proposal.Outcome.AGREED
    counted = ProposalVote.objects.filter(proposal=proposal).count()
    told = [reader for reader in readers if SETTLED in reader.words()]
    assert counted + len(told) == len(readers), "each counts, or was told that it is settled"
    return waited


def they_share_the_money(readers: list[Reader], deciding: Deciding) -> float:
    """Each takes one bid, and all say yes at once; there is not enough for the last one."""
    board = make_board(deciding)
    for reader, bid in zip(readers, deciding.bids, strict=True):
        reader.go(reverse("set_line", args=[board.pk, bid.pk]))
        reader.choose("Yes, in full", of="What does this bid get?")
        reader.fill("What is your reason?", "They knew every street.")
        reader.page.locator("main input[type=radio][name=criterion]").first.check(force=True)
    all_press(readers)
    given = list(board.lines.filter(outcome="award"))
    told = [reader for reader in readers if not reader.page.url.endswith(f"/boards/{board.pk}/")]
    assert sum(row.amount for row in given) <= deciding.panel.lot.limit
    assert len(given) + len(told) == len(readers), "each is on the board, or its reader was told"
    for reader in told:
        reader.faults.clear()
    for reader in readers:
        reader.go(reverse("money_board", args=[board.pk]))
    left = next(bid for bid in deciding.bids if bid.pk not in {row.application_id for row in given})
    first = readers[0]
    first.go(reverse("set_line", args=[board.pk, left.pk]))
    first.choose("Reserve", of="What does this bid get?")
    first.fill("If reserve: which place in the list?", 1)
    first.fill("What is your reason?", "There is no money left.")
    first.page.locator("main input[type=radio][name=criterion]").first.check(force=True)
    first.press("Put it on the board")
    waited = seconds_until(readers[1:], lambda reader: reader.waits_for("Place 1 in the list"))
    first.go(reverse("put_decision", args=[board.pk]))
    first.tick("We have talked, and this is what we want to sign")
    first.press("Put this for signing")
    decision = Decision.objects.get(board=board)
    for reader in readers:
        just_signed_in(reader)
        reader.go(reverse("sign_decision", args=[decision.pk]))
        reader.choose("I agree")
        reader.tick("I have read the decision, and this is my answer")
    all_press(readers)
    decision.refresh_from_db()
    assert decision.stands_at
    assert decision.signatures.count() >= 3
    return waited


@pytest.mark.django_db(transaction=True)
def test_five_browsers_meet_and_decide_while_fifty_people_write(
    browser: Browser, tmp_path: Path
) -> None:
    crowd = make_crowd(WRITERS)
    talking, sharing = make_volunteers(5), make_volunteers(5)
    reading, deciding = opened_round(*talking), deciding_round(*sharing, bids=5)
    for bid in deciding.bids:
        ask_for(bid, ASKED)
    with web(tmp_path) as site, ThreadPoolExecutor(1) as aside:
        writing: Future[None] = aside.submit(crowd.write, site, SAVES, EVERY)
        with at_their_browsers(browser, site, talking) as readers:
            talked = they_choose_whom_to_meet(readers, reading)
        with at_their_browsers(browser, site, sharing) as readers:
            shared = they_share_the_money(readers, deciding)
        still = not writing.done()
        writing.result()
    check(crowd)
    for round in (reading.round, deciding.round):
        round.chain.refresh_from_db()
        assert first_trouble(round.chain) is None
    print(
        f"\n{connection.vendor}: five browsers and {WRITERS} people who write"
        f" ({'to the end' if still else 'not to the end'}): {len(crowd.answers)} saves,"
        f" p95 {crowd.p95():.3f} s, errors {sum(row[0] != 200 for row in crowd.answers)};"
        f" what others did showed within {talked:.1f} and {shared:.1f} s"
    )


def check(crowd: Crowd) -> None:
    assert [row for row in crowd.answers if row[0] != 200] == []
    for writer in crowd.writers:
        assert writer.stored() == writer.meant()
