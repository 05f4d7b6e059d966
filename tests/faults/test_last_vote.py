"""F21: many send their last vote while it is being closed. Closing sees it, or it is refused.

And two panels put forward awards from one envelope at the same moment: it cannot be overspent.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from applications.models import Application
from commissioning import agreement as sums
from commissioning.actions import agreements
from commissioning.actions.stages import close_stage
from commissioning.models import Agreement, Choice, Lot, Round, StageKind
from decisions import actions as deciding_actions
from decisions.actions import pot as pots
from decisions.models import Outcome
from ledger.checking import first_trouble
from panels.actions import send_scores
from panels.models import Panel, Proposal, ScoreSheet, Shortlisting
from tests.factories import decisions as build
from tests.factories.commissioning import (
    join,
    make_criterion,
    make_draft,
    make_facilitator,
    make_round,
    make_volunteers,
    open_to,
)
from tests.factories.panels import agreed, make_bid, reading_round, write_scores
from tests.factories.unguarded import unguarded

VOTERS = 20
PATIENCE = 60
LOCKED = 2  # seconds the other is waited for where a lock keeps it away: it never comes
CHOICES = [Choice.AGREE, Choice.DISAGREE, Choice.LIVE_WITH]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """All of these at the same moment, each on its own connection; a refusal is its sentence."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            start.wait(PATIENCE)
            return act()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


# ---- The criteria vote ------------------------------------------------------------------------
@pytest.fixture
def vote(transactional_db: None) -> Agreement:
    """Criteria that twenty volunteers vote on, on the last day of their stage."""
    by = make_facilitator()
    round = make_round(by=by)
    members = join(round, *make_volunteers(VOTERS), by=by)
    stage = open_to(round, StageKind.CRITERIA, by=by)
    draft = make_draft(round)
    make_criterion(draft, members[0])
    row = agreements.put_agreement(agreement=draft, by=members[0].person, at=timezone.now())
    stage.closes_on = timezone.localdate()
    stage.save()
    return row


def votes_for(agreement: Agreement) -> list[Callable[[], Any]]:
    """Everybody's own vote; the three answers in turn, so that it stays open for long."""
    people = [member.person for member in agreement.round.members.select_related("person")]

    def one(person: Person, choice: str) -> Callable[[], Any]:
        return lambda: agreements.vote_on_agreement(
            agreement=agreement, choice=choice, by=person, at=timezone.now()
        )

    return [one(person, CHOICES[place % 3]) for place, person in enumerate(people)]


def closing(agreement: Agreement) -> Callable[[], Any]:
    """The one who runs it counts as soon as enough have voted, and keeps trying till then."""

    def count() -> Any:
        for _turn in range(2000):
            try:
                return agreements.count_votes(
                    agreement=agreement, by=make_facilitator(), at=timezone.now()
                )
            except Refused as refused:
                agreement.refresh_from_db()
                if agreement.agreed_at or agreement.turned_down_at:
                    return refused
        raise AssertionError("It never closed.")

    return count


def counted(agreement: Agreement) -> list[int]:
    """How many votes each closing counted: one closing, if all is well."""
    found = agreement.round.chain.entries.filter(verb__in=["agreed", "turned_down"])
    return [sum(entry.data["votes"]) for entry in found if "votes" in entry.data]


def test_the_last_votes_and_the_closing_at_once(vote: Agreement) -> None:
    *voted, _closed = at_once(*votes_for(vote), closing(vote))
    stored = vote.votes.count()
    assert counted(vote) == [stored], "the closing counted every vote that is stored"
    refused = [answer for answer in voted if isinstance(answer, Refused)]
    assert stored + len(refused) == VOTERS
    assert all(str(answer).endswith(".") for answer in refused), "each with a reason"
    vote.round.chain.refresh_from_db()
    assert first_trouble(vote.round.chain) is None


def late_vote(vote: Agreement, monkeypatch: pytest.MonkeyPatch, patience: float = LOCKED) -> Any:
    """One vote that comes exactly between the closing's counting and its writing down."""
    *early, last = votes_for(vote)
    for act in early[:11]:
        act()
    added_up, voted = threading.Event(), threading.Event()

    def slow_tally(choices: Any) -> Any:
        found = sums.tally(choices)
        if threading.current_thread().name == "closing" and not added_up.is_set():
            added_up.set()
            voted.wait(patience)  # with the lock on it never comes, and that is the point
        return found

    # Only in the closing itself: the rules that ask whether it may close add up undisturbed.
    slow = SimpleNamespace(**{**vars(sums), "tally": slow_tally})
    monkeypatch.setattr(agreements, "sums", slow)
    answers: list[Any] = []

    def close() -> None:
        try:
            closing(vote)()
        finally:
            connection.close()

    def come_late() -> None:
        added_up.wait(PATIENCE)
        try:
            answers.append(last())
        except Refused as refused:
            answers.append(refused)
        finally:
            voted.set()
            connection.close()

    threads = [
        threading.Thread(target=close, name="closing"),
        threading.Thread(target=come_late, name="late"),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    return answers[0]


def test_a_vote_that_comes_while_it_is_counted_is_refused(
    vote: Agreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = late_vote(vote, monkeypatch)
    assert isinstance(answer, Refused) and str(answer)
    assert counted(vote) == [vote.votes.count()]


@pytest.mark.pg
def test_with_the_lock_off_the_same_vote_is_lost(
    vote: Agreement, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control. On SQLite a writer has the whole file: there is no lock to lift."""
    monkeypatch.setattr(Agreement.objects, "select_for_update", Agreement.objects.all)
    answer = late_vote(vote, monkeypatch, PATIENCE)
    assert not isinstance(answer, Refused), "it was taken"
    assert vote.votes.count() not in counted(vote), "and not counted"


# ---- Sent scores ------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_the_last_scores_and_the_end_of_scoring_at_once() -> None:
    people = make_volunteers(12)
    reading = reading_round(*people, bids=1)
    rows = [reading.assignments(person)[0] for person in people]
    for row in rows:
        write_scores(reading, row)
    stage = reading.round.stages.get(kind=StageKind.SCORING)
    stage.closes_on = timezone.localdate()
    stage.opens_on = stage.closes_on - timedelta(days=7)
    stage.save()

    def sends(row: Any) -> Callable[[], Any]:
        return lambda: send_scores(assignment=row, by=row.member.person, at=timezone.now())

    def closes() -> Any:
        return close_stage(stage=stage, by=reading.by, at=timezone.now(), agreed=True)

    *sent, _closed = at_once(*(sends(row) for row in rows), closes)
    refused = [answer for answer in sent if isinstance(answer, Refused)]
    sheets = ScoreSheet.objects.count()
    assert sheets + len(refused) == len(rows)
    assert all(str(answer) for answer in refused)
    stage.refresh_from_db()
    verbs = [
        entry.verb
        for entry in reading.round.chain.entries.order_by("seq")
        if entry.verb in ("scores_sent", "closed_stage")
    ]
    last = verbs[-1]
    assert verbs.count("scores_sent") == sheets
    assert last == "closed_stage" if stage.closed_at else last == "scores_sent"
    reading.round.chain.refresh_from_db()
    assert first_trouble(reading.round.chain) is None


# ---- One envelope, two panels -----------------------------------------------------------------
def two_panels(joan: Person) -> list[tuple[Any, Any]]:
    """Two panels, each with a board that gives 60,000 of an envelope of 100,000 pounds."""
    deciding = build.deciding_round(joan, bids=1)
    with unguarded():  # a lot keeps its money once bids have opened
        Lot.objects.filter(round=deciding.round).update(limit=Decimal(90_000))
    other = build.another_panel(deciding, limit=90_000)
    bid = make_bid(other.lot)
    agreed(other, Proposal.Kind.OPEN_SCORES)
    other.scores_opened_at = timezone.now()
    other.save()
    Shortlisting.objects.create(
        panel=other,
        application=bid,
        outcome=Shortlisting.Outcome.MEET,
        reason="We want to hear more.",
        proposal=agreed(other, Proposal.Kind.SHORTLIST, application=bid),
        settled_at=timezone.now(),
    )
    boards = []
    for panel, application in ((deciding.panel, deciding.bids[0]), (other, bid)):
        build.ask_for(application, 60_000)
        panel = Panel.objects.select_related("round", "lot").get(pk=panel.pk)
        board = deciding_actions.start_board(
            panel=panel, name="Ours", by=deciding.by, at=timezone.now()
        )
        application = Application.objects.get(pk=application.pk)
        board = deciding_actions.set_line(
            board=board,
            application=application,
            outcome="award",
            reason=build.REASON,
            criterion=deciding.criterion,
            by=deciding.by,
            at=timezone.now(),
        )
        boards.append((board, deciding.by))
    return boards


def put(board: Any, by: Person) -> Callable[[], Any]:
    return lambda: deciding_actions.put_decision(board=board, by=by, at=timezone.now())


def put_forward() -> Decimal:
    return sum((row.amount for row in Outcome.objects.all()), Decimal(0))


@pytest.mark.django_db(transaction=True)
def test_two_panels_cannot_overspend_one_envelope(joan: Person) -> None:
    boards = two_panels(joan)
    answers = at_once(*(put(*board) for board in boards))
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 1, answers
    assert "envelope" in str(refused[0]) or "more" in str(refused[0]), refused
    assert put_forward() == Decimal(60_000)


def meet_in_the_middle(monkeypatch: pytest.MonkeyPatch, patience: float = LOCKED) -> None:
    """Each panel, having added up what is left, waits a little for the other to do so too."""
    both = threading.Barrier(2)
    added_up = pots.rules.pot

    def slow_pot(panel: Panel) -> Any:
        found = added_up(panel)
        with suppress(threading.BrokenBarrierError):  # the other is kept waiting by the lock
            both.wait(patience)
        return found

    monkeypatch.setattr(pots.rules, "pot", slow_pot)


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_two_panels_that_add_up_at_once_cannot_overspend(
    joan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    boards = two_panels(joan)
    meet_in_the_middle(monkeypatch)
    answers = at_once(*(put(*board) for board in boards))
    assert [isinstance(answer, Refused) for answer in answers].count(True) == 1, answers
    assert put_forward() == Decimal(60_000)


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_with_the_lock_off_two_panels_overspend(
    joan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the same moment, and nobody holds the envelope."""
    boards = two_panels(joan)
    meet_in_the_middle(monkeypatch, PATIENCE)
    monkeypatch.setattr(Round.objects, "select_for_update", Round.objects.all)
    monkeypatch.setattr(Lot.objects, "select_for_update", Lot.objects.all)
    answers = at_once(*(put(*board) for board in boards))
    assert not [answer for answer in answers if isinstance(answer, Refused)], answers
    assert put_forward() == Decimal(120_000), "of an envelope of 100,000"
