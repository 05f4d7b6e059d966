"""F17: every way to write × everybody × every guarded table, refused by the database itself.

`python -m tests.faults.table` prints what this finds, for the database given.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, models, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import NewEmail
from commissioning.models import (
    Agreement,
    AgreementVote,
    Confirmation,
    Criterion,
    HoursGiven,
    Member,
    StageKind,
    TypedAnswer,
    TypedVote,
)
from decisions.models import BoardNote, Decision, Outcome, OutcomeLetter, Ratification, Signature
from ledger import checks, guards
from ledger.grants import append_only_tables
from ledger.models import Heartbeat
from panels.models import (
    Abstention,
    Assignment,
    Declaration,
    Phase,
    Proposal,
    ProposalVote,
    Score,
    ScoreSheet,
    Seat,
    SeatChange,
    SeatRun,
    SheetScan,
    Shortlisting,
    StandingAside,
    TakeBack,
    Void,
)
from support.models import Conduct, Expense
from tests.factories.unguarded import unguarded
from tests.faults import cells
from tests.faults.cells import EVERYBODY, VOLUNTEERS, Cell, World, attempt

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for the whole file: every try is taken back. On PostgreSQL, as the app's role."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = cells.make_world()
        if connection.vendor == "postgresql":
            cells.run("SET CONSTRAINTS ALL IMMEDIATE")
            cells.run("SET CONSTRAINTS ALL DEFERRED")
            cells.run(f"SET LOCAL ROLE {settings.DATABASE_APP_ROLE}")
        yield made
        if connection.vendor == "postgresql":
            cells.run("RESET ROLE")
        transaction.set_rollback(True)


# ---- Who may add a row ------------------------------------------------------------------------
Build = Callable[[World, str], models.Model]
NOW = timezone.now
IN_THIS_ROUND = (*VOLUNTEERS, "standing aside")


def _member(world: World, who: str) -> models.Model:
    return Member(
        round=world.more["new round"],
        person=world.people[who],
        invited_at=NOW(),
        invited_by=world.people["facilitator"],
    )


def _member_who_counts(world: World, who: str) -> models.Model:
    """In a round where something was put to the vote, by somebody who has no place in it yet."""
    return Member(
        round=world.more["elsewhere voted"],
        person=world.people[who],
        invited_at=NOW(),
        invited_by=world.people["facilitator"],
        joined_at=NOW(),
        joined_by=world.people[who],
        confirmed_at=NOW(),
        confirmed_by=world.people[who],
    )


def _confirmation(world: World, who: str) -> models.Model:
    return Confirmation(
        member=world.members["newcomer, not confirmed"],
        confirmer=world.members[who],
        made_at=NOW(),
    )


def _vote_on_criteria(world: World, who: str) -> models.Model:
    return AgreementVote(
        agreement=world.more["vote_on"], member=world.members[who], choice="agree", voted_at=NOW()
    )


def _typed_vote(world: World, who: str) -> models.Model:
    """Typed for the volunteer, by whoever tries."""
    return TypedVote(
        agreement=world.more["vote_on"],
        member=world.members["volunteer"],
        choice="agree",
        typed_at=NOW(),
        typed_by=world.people[who],
    )


def _seat(world: World, who: str) -> models.Model:
    return Seat(
        panel=world.more["empty panel"],
        member=world.members[who],
        began_at=NOW(),
        began_by=world.people["facilitator"],
    )


def _assignment(world: World, who: str) -> models.Model:
    bid = world.more["loose"]
    return Assignment(
        member=world.members[who],
        application=bid,
        version=bid.versions.get(),
        order_key=0.1,
        given_at=NOW(),
        given_by=world.people["facilitator"],
    )


def _declaration(world: World, who: str) -> models.Model:
    return Declaration(
        member=world.members[who], lot=world.reading.lot, list_digest="0" * 64, made_at=NOW()
    )


def _sheet(world: World, who: str, **more: Any) -> models.Model:
    given = world.assignments[who]
    facts = {
        "member": world.members[who],
        "application": given.application,
        "assignment": given,
        "version": given.version,
        "phase": Phase.READING,
        "sent_at": NOW(),
        "sent_by": world.people[who],
        **more,
    }
    return ScoreSheet(**facts)


def _sheet_in_anothers_name(world: World, who: str) -> models.Model:
    return _sheet(world, "volunteer", sent_by=world.people[who])


def _sheet_typed(world: World, who: str) -> models.Model:
    person = world.people[who]
    return _sheet(world, "volunteer", sent_by=person, typed_by=person)


def _sheet_typed_and_confirmed(world: World, who: str) -> models.Model:
    other = "facilitator" if who != "facilitator" else "second facilitator"
    facts = {"confirmed_at": NOW(), "confirmed_by": world.people[other]}
    return _sheet(
        world, "volunteer", sent_by=world.people[who], typed_by=world.people[who], **facts
    )


def _sheet_after_talk(world: World, who: str) -> models.Model:
    return _sheet(world, who, phase=Phase.TALK)


def _sheet_after_interview(world: World, who: str) -> models.Model:
    return _sheet(world, who, phase=Phase.INTERVIEW, assignment=None)


def _picture_of_a_sheet(world: World, who: str) -> models.Model:
    """Of the volunteer's paper sheet, added by whoever tries."""
    return SheetScan(
        assignment=world.assignments["volunteer"],
        file="sheets/page.jpg",
        kind="jpg",
        sha256="0" * 64,
        added_at=NOW(),
        added_by=world.people[who],
    )


def _score(world: World, who: str) -> models.Model:
    criterion = Criterion.objects.agreed_for(world.reading.round).last()
    return Score(sheet=world.sheets[who], criterion=criterion, value=5)


def _take_back(world: World, who: str) -> models.Model:
    return TakeBack(sheet=world.sheets["volunteer"], taken_at=NOW(), taken_by=world.people[who])


def _void(world: World, who: str) -> models.Model:
    return Void(
        sheet=world.sheets["volunteer"],
        why="interest",
        voided_at=NOW(),
        voided_by=world.people[who],
    )


def _abstention(world: World, who: str) -> models.Model:
    return Abstention(
        assignment=world.assignments["volunteer"],
        why="not_well",
        made_at=NOW(),
        made_by=world.people[who],
    )


def _proposal_vote(world: World, who: str) -> models.Model:
    return ProposalVote(
        proposal=world.more["open_proposal"],
        seat=world.seats[who],
        choice="agree",
        voted_at=NOW(),
    )


def _proposal_vote_confirmed(world: World, who: str) -> models.Model:
    vote = _proposal_vote(world, "volunteer")
    vote.typed_by = world.people["facilitator"]  # type: ignore[attr-defined]
    vote.confirmed_at, vote.confirmed_by = NOW(), world.people[who]  # type: ignore[attr-defined]
    return vote


def _signature(world: World, who: str) -> models.Model:
    return Signature(
        decision=world.more["waiting"], seat=world.seats[who], choice="agree", signed_at=NOW()
    )


def _signature_confirmed(world: World, who: str) -> models.Model:
    return Signature(
        decision=world.more["waiting"],
        seat=world.seats["volunteer"],
        choice="agree",
        signed_at=NOW(),
        typed_by=world.people["facilitator"],
        confirmed_at=NOW(),
        confirmed_by=world.people[who],
    )


def _decision(world: World, who: str) -> models.Model:
    return Decision(
        panel=world.reading.panel,
        number=3,
        board=world.more["board"],
        digest="0" * 64,
        put_at=NOW(),
        put_by=world.people[who],
    )


def _decision_that_stands(world: World, who: str) -> models.Model:
    decision = _decision(world, who)
    decision.stands_at = NOW()  # type: ignore[attr-defined]
    return decision


def _outcome(world: World, who: str) -> models.Model:
    """One more winner in a decision that somebody has signed."""
    return Outcome(
        decision=world.more["standing"],
        application=world.reading.bids[1],
        kind="award",
        asked=10,
        amount=10,
        reason=who,
        criterion=world.reading.criteria[0],
    )


def _hold(world: World, who: str) -> models.Model:
    return Ratification(
        decision=world.more["standing"],
        kind="hold",
        reason="Wait.",
        made_at=NOW(),
        made_by=world.people[who],
    )


def _shortlisting(world: World, who: str) -> models.Model:
    """Meet them, on the strength of something the panel has not agreed."""
    return Shortlisting(
        panel=world.reading.panel,
        application=world.reading.bids[1],
        outcome="meet",
        reason=who,
        proposal=world.more["open_proposal"],
        settled_at=NOW(),
    )


def _agreed_proposal(world: World, who: str) -> models.Model:
    return Proposal(
        panel=world.reading.panel,
        kind="open_scores",
        put_at=NOW(),
        put_by=world.people[who],
        outcome="agreed",
        settled_at=NOW(),
    )


def _agreed_criteria(world: World, who: str) -> models.Model:
    return Agreement(
        round=world.reading.round,
        about="criteria",
        version=11,
        put_at=NOW(),
        put_by=world.people[who],
        agreed_at=NOW(),
    )


def _one_more_criterion(world: World, who: str) -> models.Model:
    return Criterion(
        agreement=world.more["vote_on"],
        slug="one-more",
        title=who,
        question="?",
        worded_by=world.members["volunteer"],
    )


def _agreed_letter(world: World, who: str) -> models.Model:
    return OutcomeLetter(
        kind="no",
        application=world.reading.bids[1],
        outcome=world.more["a no"],
        subject="No",
        body=who,
        digest="0" * 64,
        written_at=NOW(),
        written_by=world.people[who],
        approved_by_proposal=world.more["report"],
    )


def _standing_aside(world: World, who: str) -> models.Model:
    """Put the volunteer out of the lot, on the strength of somebody else's tie."""
    return StandingAside(
        member=world.members["volunteer"],
        lot=world.reading.lot,
        interest=world.rows["panels_interest"],
        began_at=NOW(),
    )


def _answer_on_a_tie(world: World, who: str) -> models.Model:
    """The volunteer's own tie is put to the panel."""
    return ProposalVote(
        proposal=world.more["a tie"], seat=world.seats[who], choice="agree", voted_at=NOW()
    )


def _one_more_score(world: World, who: str) -> models.Model:
    """Onto a sheet that its member has sent, and has the receipt of."""
    return Score(sheet=world.more["sent"], question=world.more["question"], value=5, reason=who)


def _hours_given(world: World, who: str) -> models.Model:
    return HoursGiven(
        member=world.members["volunteer"],
        stage=StageKind.TRAINING,
        hours=3,
        said_at=NOW(),
        said_by=world.people[who],
    )


def _typed_answer(world: World, who: str) -> models.Model:
    """Typed for the volunteer, by whoever tries."""
    return TypedAnswer(
        member=world.members["volunteer"],
        about=TypedAnswer.About.HOURS,
        said={"stage": "training", "hours": "3"},
        typed_at=NOW(),
        typed_by=world.people[who],
    )


def _typed_answer_confirmed(world: World, who: str) -> models.Model:
    typed = _typed_answer(world, "facilitator")
    assert isinstance(typed, TypedAnswer)
    typed.confirmed_at, typed.confirmed_by = NOW(), world.people[who]
    return typed


def _agreed_email(world: World, who: str) -> models.Model:
    asker = "facilitator" if who != "facilitator" else "second facilitator"
    return NewEmail(
        person=world.people["volunteer"],
        email="other@example.org",
        why="They rang.",
        asked_at=NOW(),
        asked_by=world.people[asker],
        agreed_at=NOW(),
        agreed_by=world.people[who],
    )


def _board_question(world: World, who: str) -> models.Model:
    facts = {"kind": BoardNote.Kind.QUESTION, "text": "Why?", "made_at": NOW()}
    return BoardNote(round=world.reading.round, made_by=world.people[who], **facts)


def _conduct(world: World, who: str, *, on_paper: bool = False) -> models.Model:
    return Conduct(
        round=world.reading.round,
        person=world.people["volunteer"],
        wording="0" * 64,
        on_paper=on_paper,
        signed_at=NOW(),
        signed_by=world.people[who],
    )


def _conduct_on_paper(world: World, who: str) -> models.Model:
    return _conduct(world, who, on_paper=True)


def _paid_claim(world: World, who: str) -> models.Model:
    return Expense(
        member=world.members["volunteer"],
        kind="travel",
        what="Bus",
        amount=5,
        spent_on=timezone.localdate(),
        claimed_at=NOW(),
        claimed_by=world.people["volunteer"],
        paid_at=NOW(),
        paid_by=world.people[who],
    )


def _seat_change(world: World, who: str) -> models.Model:
    return SeatChange(
        run=SeatRun.objects.get(),
        panel=world.reading.panel,
        put_in=world.members["volunteer"],
        reason="Better so.",
        made_at=NOW(),
        made_by=world.people[who],
    )


NOBODY: tuple[str, ...] = ()
STAFF_WHO_TYPE = ("facilitator", "second facilitator", "became facilitator")
FREE = (
    "member of another round",
    "ended member",
    "invited, never said yes",
    "newcomer, not confirmed",
)
ADDS: dict[str, tuple[Build, tuple[str, ...]]] = {
    "a place in a round": (_member, (*IN_THIS_ROUND, *FREE)),
    "confirming a newcomer": (_confirmation, IN_THIS_ROUND),
    "a place that counts at once": (_member_who_counts, NOBODY),
    "a vote on the criteria": (_vote_on_criteria, IN_THIS_ROUND),
    "a typed vote on the criteria": (_typed_vote, STAFF_WHO_TYPE),
    "a seat on a panel": (_seat, VOLUNTEERS),
    "a bid to read": (_assignment, VOLUNTEERS),
    "a declaration": (_declaration, IN_THIS_ROUND),
    "a sheet of scores": (_sheet, VOLUNTEERS),
    "a sheet in another's name": (_sheet_in_anothers_name, ("volunteer",)),
    "a typed sheet, unconfirmed": (_sheet_typed, STAFF_WHO_TYPE),
    "a typed sheet, confirmed at once": (_sheet_typed_and_confirmed, NOBODY),
    "a picture of a paper sheet": (_picture_of_a_sheet, STAFF_WHO_TYPE),
    "a sheet after a talk not begun": (_sheet_after_talk, NOBODY),
    "a sheet after interviews not begun": (_sheet_after_interview, NOBODY),
    "a score": (_score, VOLUNTEERS),
    "taking scores back": (_take_back, ("volunteer",)),
    "making scores void": (_void, NOBODY),
    "not scoring": (_abstention, ("volunteer",)),
    "a vote in the panel": (_proposal_vote, VOLUNTEERS),
    "a typed vote, confirmed at once": (_proposal_vote_confirmed, NOBODY),
    "a signature": (_signature, VOLUNTEERS),
    "a typed signature, confirmed at once": (_signature_confirmed, NOBODY),
    "a decision put for signing": (_decision, VOLUNTEERS),
    "a decision that stands already": (_decision_that_stands, NOBODY),
    "one more winner after signing": (_outcome, NOBODY),
    "a legal hold": (_hold, ("board member",)),
    "who to meet, not agreed": (_shortlisting, NOBODY),
    "something agreed already": (_agreed_proposal, NOBODY),
    "criteria agreed already": (_agreed_criteria, NOBODY),
    "a criterion after the vote began": (_one_more_criterion, NOBODY),
    "a letter agreed already": (_agreed_letter, NOBODY),
    "making somebody stand aside": (_standing_aside, NOBODY),
    "an answer on a volunteer's tie": (_answer_on_a_tie, ("other volunteer",)),
    "a score on a sent sheet": (_one_more_score, NOBODY),
    "how long it took a volunteer": (_hours_given, ("volunteer",)),
    "what a volunteer offers, typed": (_typed_answer, STAFF_WHO_TYPE),
    "what was typed, confirmed at once": (_typed_answer_confirmed, NOBODY),
    "a new email agreed already": (_agreed_email, NOBODY),
    "a question of the board": (_board_question, ("board member",)),
    "a volunteer's agreement to the rules": (_conduct, ("volunteer",)),
    "the paper a volunteer signed": (_conduct_on_paper, ("volunteer", *STAFF_WHO_TYPE)),
    "a claim paid already": (_paid_claim, NOBODY),
    "who sits where, after it was confirmed": (_seat_change, NOBODY),
}


@pytest.fixture(scope="module")
def ready(world: World) -> World:
    """What the rows above hang on."""
    if connection.vendor == "postgresql":
        cells.run("RESET ROLE")
    cells.prepare_adding(world)
    if connection.vendor == "postgresql":
        cells.run(f"SET LOCAL ROLE {settings.DATABASE_APP_ROLE}")
    return world


def tried_adding(world: World, what: str) -> dict[tuple[str, str], Cell]:
    build, _allowed = ADDS[what]
    tried = {}
    for who in EVERYBODY:
        for way, write in cells.adding(connection.vendor).items():
            row = build(world, who)
            if way in ("upsert", "INSERT OR REPLACE"):
                row.pk = 900_000
            tried[who, way] = attempt(lambda write=write, row=row: write(row))
    return tried


def ways_in(table: str) -> set[str]:
    """The ways that may add a row to a table at all: on PostgreSQL the app's role has no right to
    change a row of an append-only table, and an upsert asks for that right."""
    ways = set(cells.adding(connection.vendor))
    if connection.vendor == "postgresql" and table in append_only_tables():
        ways.remove("upsert")
    return ways


@pytest.mark.parametrize("what", ADDS)
def test_adding(ready: World, what: str) -> None:
    build, allowed = ADDS[what]
    ways = ways_in(build(ready, "volunteer")._meta.db_table)
    tried = tried_adding(ready, what)
    wrote = {cell for cell, found in tried.items() if found.wrote}
    assert wrote == {(who, way) for who in allowed for way in ways}
    others = {(way in ways, found.mark) for (_who, way), found in tried.items() if not found.wrote}
    assert others <= {(True, "guard"), (False, "grant")}, "refused by a guard, not by chance"


# ---- Moving what is somebody's to somebody else -----------------------------------------------
MOVES: dict[str, tuple[str, str]] = {
    "commissioning_member": ("person", "people"),
    "commissioning_agreementvote": ("member", "members"),
    "panels_seat": ("member", "members"),
    "panels_assignment": ("member", "members"),
    "panels_declaration": ("member", "members"),
    "panels_scoresheet": ("member", "members"),
    "panels_score": ("sheet", "sheets"),
    "panels_proposalvote": ("seat", "seats"),
    "decisions_signature": ("seat", "seats"),
    "accounts_roleholding": ("person", "people"),
}


def tried_moving(world: World, table: str) -> dict[tuple[str, str], Cell]:
    name, held = MOVES[table]
    row, tried = world.rows[table], {}
    for who in EVERYBODY:
        goal = getattr(world, held)[who]
        if goal.pk == getattr(row, f"{name}_id"):
            continue
        for way, write in cells.touching(row, {name: goal}, connection.vendor):
            if way in (
                "update()",
                "save()",
                "bulk_update",
                "UPDATE",
                "UPDATE OR REPLACE",
                "upsert",
            ):
                tried[who, way] = attempt(write)
    return tried


@pytest.mark.parametrize("table", MOVES)
def test_moving_a_row_to_other_keys(ready: World, table: str) -> None:
    found = Counter(cell.mark for cell in tried_moving(ready, table).values())
    assert set(found) <= {"guard", "grant"}
    assert found.total() >= 5 * (len(EVERYBODY) - 1)


# ---- Changing and taking away what is there ---------------------------------------------------
CHANGES: dict[str, dict[str, Any]] = {
    "accounts_newemail": {"why": "Other words"},
    "accounts_person": {"kind": "machine"},
    "accounts_roleholding": {"role": "facilitator"},
    "applications_application": {"submitted_at": None, "submitted_by": None},
    "applications_askback": {"reason": "Other words"},
    "applications_bidversion": {"asked": 1},
    "applications_correction": {"words": "Other words"},
    "applications_document": {"sha256": "other"},
    "applications_eligibility": {"reason": "Other words"},
    "applications_extension": {"reason": "Other words"},
    "applications_plainwords": {"text": "Other words"},
    "commissioning_agreement": {"put_at": None, "put_by": None},
    "commissioning_agreementvote": {"choice": "disagree"},
    "commissioning_confirmation": {"made_at": "now"},
    "commissioning_criterion": {"weight": 9},
    "commissioning_funderrule": {"text": "Other words"},
    "commissioning_hoursgiven": {"hours": 99},
    "commissioning_levelword": {"sentence": "Other words"},
    "commissioning_lot": {"limit": 1},
    "commissioning_lotstage": {"closed_at": None, "closed_by": None},
    "commissioning_member": {"person": "volunteer"},
    "commissioning_musthave": {"text": "Other words"},
    "commissioning_objection": {"text": "Other words"},
    "commissioning_priority": {"limit": 99},
    "commissioning_promise": {"hours_low": 1},
    "commissioning_round": {"envelope": 1},
    "commissioning_stage": {"closed_at": None, "closed_by": None},
    "commissioning_typedanswer": {"said": {"stage": "training", "hours": "200"}},
    "commissioning_typedvote": {"choice": "disagree"},
    "decisions_acceptance": {"accepted": False},
    "decisions_boardchange": {"after": {"amount": 1}},
    "decisions_boardnote": {"text": "Other words"},
    "decisions_clearing": {"digest": "other"},
    "decisions_complaint": {"text": "Other words"},
    "decisions_decision": {"digest": "other"},
    "decisions_description": {"text": "Other words"},
    "decisions_duediligence": {"passed": False, "words": "No"},
    "decisions_erasure": {"made_at": "now"},
    "decisions_forgetting": {"asked_at": "now"},
    "decisions_outcome": {"reason": "Other words"},
    "decisions_outcomeletter": {"body": "Other words"},
    "decisions_ratification": {"reason": "Other words"},
    "decisions_reportapproval": {"digest": "other"},
    "decisions_reportfile": {"sha256": "other"},
    "decisions_retentionrule": {"months": 2},
    "decisions_signature": {"choice": "disagree"},
    "ledger_chain": {"head_seq": 0},
    "ledger_entry": {"verb": "other"},
    "ledger_letter": {"body_text": "Other words"},
    "ledger_sending": {"state": "pending"},
    "panels_abstention": {"words": "Other words"},
    "panels_assignment": {"member": "volunteer"},
    "panels_declaration": {"list_digest": "other"},
    "panels_interest": {"words": "Other words"},
    "panels_interviewquestion": {"text": "Other words"},
    "panels_meeting": {},
    "panels_panel": {"scores_opened_at": "now"},
    "panels_proposal": {"words": "Other words"},
    "panels_proposalvote": {"choice": "disagree"},
    "panels_question": {"text": "Other words"},
    "panels_reflection": {"text": "Other words"},
    "panels_score": {"value": 5},
    "panels_scoresheet": {"why": "Other words"},
    "panels_seat": {"member": "volunteer"},
    "panels_seatchange": {"reason": "Other words"},
    "panels_seatrun": {"seed": 7},
    "panels_sharechange": {"reason": "Other words"},
    "panels_sharereply": {"bids_wanted": 9},
    "panels_sharerun": {"seed": 7},
    "panels_shareundo": {"reason": "Other words"},
    "panels_shortlisting": {"reason": "Other words"},
    "panels_sheetscan": {"sha256": "other"},
    "panels_standingaside": {"began_at": "now"},
    "panels_steered": {"text": "Other words"},
    "panels_takeback": {"taken_at": "now"},
    "panels_void": {"words": "Other words"},
    "support_abouttable": {"people": 99},
    "support_conduct": {"wording": "other"},
    "support_countday": {"counted_at": "now"},
    "support_expense": {"amount": 99},
}
"""What nobody may change in each table. A meeting's notes may change; the meeting is kept."""


def changes_for(world: World, table: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, value in CHANGES[table].items():
        said[name] = NOW() if value == "now" else value
        if name in ("person", "member"):
            said[name] = getattr(world, "people" if name == "person" else "members")[value]
    return said


def tried_touching(world: World, table: str) -> dict[str, Cell]:
    row, changes = world.rows[table], changes_for(world, table)
    return {
        way: attempt(write)
        for way, write in cells.touching(row, changes, connection.vendor)
        if changes or "update" not in way.lower() + "save()"
        if changes or way in ("DELETE", "_raw_delete", "delete()", "another id", "TRUNCATE")
    }


def test_every_guarded_table_is_tried() -> None:
    assert {guard.table for guard in guards.guards()} == set(CHANGES)


@pytest.mark.parametrize("table", CHANGES)
def test_what_is_there_stays(ready: World, table: str) -> None:
    tried = tried_touching(ready, table)
    assert len(tried) >= 4
    marks = {way: cell.mark for way, cell in tried.items()}
    # Django follows what hangs on a row before it asks the database; the raw ways do not.
    assert {way for way, mark in marks.items() if mark == "django"} <= {"delete()"}
    assert {
        way: mark for way, mark in marks.items() if mark not in ("guard", "grant", "django")
    } == {}


# ---- A stage that is closed, a thing that is settled -------------------------------------------
def closed_for_good(world: World) -> dict[str, models.Model]:
    """What a volunteer in good standing may write, once it is over."""
    return {
        what: ADDS[what][0](world, "volunteer")
        for what in (
            "a sheet of scores",
            "a score",
            "a vote in the panel",
            "a signature",
            "a vote on the criteria",
        )
    }


def test_nobody_writes_once_it_is_over(ready: World) -> None:
    rows = closed_for_good(ready)
    before = {what: attempt(lambda row=row: cells.insert(row)).wrote for what, row in rows.items()}
    assert before == dict.fromkeys(rows, 1), "all of it may be written while it is open"
    with transaction.atomic():
        now, by = NOW(), ready.people["facilitator"]
        ready.reading.round.stages.filter(kind=StageKind.SCORING).update(
            closed_at=now, closed_by=by
        )
        Proposal.objects.filter(pk=ready.more["open_proposal"].pk).update(
            outcome="dropped", settled_at=now
        )
        Decision.objects.filter(pk=ready.more["waiting"].pk).update(dropped_at=now)
        Agreement.objects.filter(pk=ready.more["vote_on"].pk).update(turned_down_at=now)
        after = {what: attempt(lambda row=row: cells.insert(row)) for what, row in rows.items()}
        transaction.set_rollback(True)
    assert {what: cell.mark for what, cell in after.items()} == dict.fromkeys(rows, "guard")


@pytest.mark.parametrize(
    ("table", "key", "change"),
    [
        ("decisions_decision", "waiting", {"stands_at": "now"}),
        ("panels_proposal", "open_proposal", {"outcome": "agreed", "settled_at": "now"}),
        ("commissioning_agreement", "vote_on", {"agreed_at": "now"}),
    ],
)
def test_nothing_is_settled_without_its_votes(
    ready: World, table: str, key: str, change: dict[str, Any]
) -> None:
    row = ready.more[key]
    assert row._meta.db_table == table
    facts = {name: NOW() if value == "now" else value for name, value in change.items()}
    for way, write in cells.touching(row, facts, connection.vendor):
        if way in ("update()", "save()", "UPDATE", "upsert"):
            assert attempt(write).mark in ("guard", "grant"), way


# ---- F18, and a guard that is gone ------------------------------------------------------------
def test_no_guard_is_missing_after_migrating() -> None:
    assert guards.missing() == []
    assert checks.guards_stand(["default"]) == []


@pytest.mark.sqlite
def test_each_guard_is_put_back_once_for_a_migration() -> None:
    """For each of all apps anew, it took seconds after every migration and every emptied test."""
    with CaptureQueriesContext(connection) as asked:
        emit_post_migrate_signal(0, interactive=False, db="default")
    made = [row["sql"] for row in asked if re.match(r"CREATE (OR REPLACE )?TRIGGER", row["sql"])]
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger'")
        (there,) = cursor.fetchone()
    assert len(made) == there > 300


@pytest.mark.sqlite
def test_a_table_made_anew_loses_its_guards_and_this_is_noticed(client: Client) -> None:
    """What SQLite does when a column changes: a new table, the rows copied, the old one gone."""
    Heartbeat.objects.create(name="worker", at=timezone.now())
    assert client.get("/health").json()["guards_missing"] == []
    cells.run("ALTER TABLE panels_takeback RENAME TO old_takeback")
    made = "CREATE TABLE panels_takeback AS SELECT * FROM old_takeback"
    cells.run(made)
    cells.run("DROP TABLE old_takeback")
    gone = guards.missing()
    assert "guard_panels_takeback_update" in gone
    assert {"guard_takeback_insert", "guard_panels_takeback_delete"} <= set(gone)
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["guards_missing"] == gone
    [warned] = checks.guards_stand(["default"])
    assert warned.id == "ledger.W001"
    guards.install()
    assert guards.missing() == []


def as_owner() -> None:
    """The role that may change guards, until this test is taken back."""
    if connection.vendor == "postgresql":
        cells.run("RESET ROLE")


def test_a_guard_that_was_made_toothless_is_noticed() -> None:
    as_owner()
    name = "guard_sheet_delete"
    if connection.vendor == "sqlite":
        cells.run(f"DROP TRIGGER {name}")
        cells.run(
            f"CREATE TRIGGER {name} BEFORE DELETE ON panels_scoresheet WHEN 1 = 0 "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    else:
        cells.run(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN OLD; END $$"
        )
    assert guards.missing() == [name]
    guards.install()
    assert guards.missing() == []


def test_the_check_runs_with_djangos_own(capsys: pytest.CaptureFixture[str]) -> None:
    as_owner()
    with unguarded():
        call_command("check", databases=["default"])
    assert "guards are missing or changed" in capsys.readouterr().err


# ---- The table --------------------------------------------------------------------------------
def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def test_the_whole_table(ready: World) -> None:
    """How many cells there are, and how many of them were refused or allowed. Prints them."""
    tell(f"\n## Adding a row ({connection.vendor})\n")
    tell("| what | allowed | refused | who may |")
    tell("| --- | ---: | ---: | --- |")
    allowed = refused = 0
    for what in ADDS:
        found = tried_adding(ready, what)
        wrote = {who for (who, _way), cell in found.items() if cell.wrote}
        yes = sum(bool(cell.wrote) for cell in found.values())
        allowed, refused = allowed + yes, refused + len(found) - yes
        tell(f"| {what} | {yes} | {len(found) - yes} | {', '.join(sorted(wrote)) or 'nobody'} |")
    moved = sum(len(tried_moving(ready, table)) for table in MOVES)
    tell(f"\n## Changing, moving and taking away ({connection.vendor})\n")
    tell("| table | refused by | ways |")
    tell("| --- | --- | --- |")
    for table in CHANGES:
        tried = tried_touching(ready, table)
        refused += len(tried)
        by = Counter(cell.mark for cell in tried.values())
        who = ", ".join(f"{name} {number}" for name, number in sorted(by.items()))
        tell(f"| {table} | {who} | {', '.join(tried)} |")
    refused += moved
    tell(f"\nRefused: {refused} cells. Allowed, and written: {allowed} cells.")
    assert allowed >= 100
    assert refused >= 2000
