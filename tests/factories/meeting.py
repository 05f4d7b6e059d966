"""Builders for the panel's meetings: scores opened by a vote, who to meet settled, interviews held.

Everything goes through the real actions; only stages are moved by their rows, so that no days of
rest need pass in between.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Person, Role
from applications.models import Application, Colleague
from commissioning.models import Choice, Criterion, StageKind
from ledger.actions import record
from panels import actions
from panels.models import (
    Assignment,
    InterviewQuestion,
    InterviewSlot,
    Panel,
    Phase,
    Proposal,
    Score,
    ScoreSheet,
    Seat,
)
from panels.rules import proposals as rules
from tests.factories.commissioning import make_person
from tests.factories.panels import (
    Reading,
    declare_all,
    open_scoring,
    share_out,
    sharing_round,
)


def seats_of(panel: Panel) -> list[Seat]:
    """The seats held, in the order they were given."""
    held = panel.seats.held().select_related("member__person", "panel__round__chain")
    return list(held.order_by("pk"))


def seat_of(panel: Panel, person: Person) -> Seat:
    return next(seat for seat in seats_of(panel) if seat.member.person_id == person.pk)


def move_to(reading: Reading, kind: str) -> None:
    """Close what is open and open this stage, all today: there is no rest in these rounds."""
    now = timezone.now()
    today = timezone.localdate(now)
    for stage in reading.round.stages.filter(opened_at__isnull=False, closed_at=None):
        stage.closed_at, stage.closed_by = now, reading.by
        stage.save()
    stage = reading.round.stages.get(kind=kind)
    stage.opens_on, stage.closes_on = today, today + timedelta(days=14)
    stage.opened_at, stage.opened_by = now, reading.by
    stage.save()


def close_all(reading: Reading, *, rest: int = 0) -> None:
    """Close whatever is open; then so many days of rest follow."""
    now = timezone.now()
    for stage in reading.round.stages.filter(opened_at__isnull=False, closed_at=None):
        stage.closed_at, stage.closed_by, stage.recovery_days = now, reading.by, rest
        stage.save()


def read_round(*people: Person, bids: int = 2, **fields: Any) -> Reading:
    """Every bid is in everybody's hands, scoring is open, and no stage is followed by rest."""
    readers = max(4, len(people))
    reading = sharing_round(*people, bids=bids, readers_per_bid=readers, wanted=19, **fields)
    reading.round.stages.filter(closed_at=None).update(recovery_days=0)
    declare_all(reading)
    share_out(reading)
    open_scoring(reading)
    return reading


def send_all(reading: Reading, values: dict[int, int] | None = None) -> None:
    """Everybody has sent their scores; `values` by bid (id), else 3 throughout.

    Sheets are written straight, with what the trail tells of them: the pages that send are tested
    elsewhere.
    """
    now, criteria = timezone.now(), reading.criteria
    rows = Assignment.objects.current().filter(application__round=reading.round)
    with transaction.atomic():
        for row in rows.select_related("member__person").order_by("pk"):
            sheet = ScoreSheet.objects.create(
                member=row.member,
                application_id=row.application_id,
                assignment=row,
                version_id=row.version_id,
                phase=Phase.READING,
                why=f"I believed them. ({row.pk})",
                sent_at=now,
                sent_by=row.member.person,
            )
            value = (values or {}).get(row.application_id, 3)
            Score.objects.bulk_create(
                Score(sheet=sheet, criterion=criterion, value=value, reason="They asked.")
                for criterion in criteria
            )
            record(
                chain=reading.round.chain,
                verb="scores_sent",
                by=row.member.person,
                at=now,
                sheet=sheet.pk,
            )


def scored_round(*people: Person, bids: int = 2, **fields: Any) -> Reading:
    """Everybody has sent, and the panel may open its scores."""
    reading = read_round(*people, bids=bids, **fields)
    send_all(reading)
    move_to(reading, StageKind.SHORTLIST)
    return reading


def vote(proposal: Proposal, seat: Seat, choice: str = Choice.AGREE, words: str = "") -> None:
    """One seat answers for itself."""
    actions.vote_on_proposal(
        proposal=proposal,
        seat=seat,
        choice=choice,
        words=words,
        by=seat.member.person,
        at=timezone.now(),
    )


def everyone_says(proposal: Proposal, choice: str = Choice.AGREE) -> Proposal:
    """Every seat that still may answers the same, until it is settled."""
    seats = rules.entitled_to(proposal).exclude(votes__proposal=proposal)
    for seat in seats.select_related("member__person"):
        proposal.refresh_from_db()
        if not proposal.settled_at:
            vote(proposal, seat, choice)
    proposal.refresh_from_db()
    return proposal


def put(panel: Panel, kind: str, by: Person | None = None, **facts: Any) -> Proposal:
    """Something put to the panel by its first seat, or by somebody."""
    by = by or seats_of(panel)[0].member.person
    return actions.put_to_panel(panel=panel, kind=kind, by=by, at=timezone.now(), **facts)


def agree(panel: Panel, kind: str, by: Person | None = None, **facts: Any) -> Proposal:
    """The same, and every seat that may answer agrees."""
    return everyone_says(put(panel, kind, by, **facts))


def open_scores(panel: Panel) -> Panel:
    """The panel agrees to open its scores."""
    agree(panel, Proposal.Kind.OPEN_SCORES)
    panel.refresh_from_db()
    return panel


def opened_round(*people: Person, bids: int = 2, **fields: Any) -> Reading:
    """The scores are open, and nothing is settled."""
    reading = scored_round(*people, bids=bids, **fields)
    open_scores(reading.panel)
    return reading


def propose(
    panel: Panel,
    bid: Application,
    outcome: str = "meet",
    criterion: Criterion | None = None,
    by_criterion: dict[str, str] | None = None,
) -> Proposal:
    """Meet them, or not this time, put by the first seat."""
    return actions.propose_shortlisting(
        panel=panel,
        application=bid,
        outcome=outcome,
        reason="They asked at every door.",
        criterion=criterion,
        by_criterion=by_criterion,
        by=seats_of(panel)[0].member.person,
        at=timezone.now(),
    )


def choose_to_meet(panel: Panel, bid: Application) -> Proposal:
    return everyone_says(propose(panel, bid))


def turn_down(panel: Panel, bid: Application) -> Proposal:
    first = Criterion.objects.agreed_for(panel.round)[0]
    return everyone_says(propose(panel, bid, "no", first))


def write_questions(panel: Panel, number: int = 2) -> list[InterviewQuestion]:
    """Questions the panel asks, written by its first seat."""
    seat = seats_of(panel)[0]
    return [
        actions.write_interview_question(
            panel=panel,
            text=f"How will you reach people, part {place}?",
            asked_by=seat,
            by=seat.member.person,
            at=timezone.now(),
        )
        for place in range(1, number + 1)
    ]


def offer(
    panel: Panel, *, by: Person, number: int = 3, first: datetime | None = None
) -> list[InterviewSlot]:
    """Times to meet organisations: so many, from tomorrow."""
    return actions.offer_slots(
        panel=panel,
        first=first or timezone.now() + timedelta(days=1),
        how_many=number,
        place="The small room, Mill Hill Hall",
        by=by,
        at=timezone.now(),
    )


def act_for(bid: Application, person: Person | None = None) -> Person:
    """Somebody who acts for the organisation of a bid."""
    person = person or make_person(f"Applicant for {bid.reference}", Role.APPLICANT)
    Colleague.objects.create(
        organisation=bid.organisation,
        person=person,
        added_at=timezone.now(),
        added_by=person,
    )
    return person


def invited_round(*people: Person, bids: int = 2, **fields: Any) -> Reading:
    """Every bid is to be met, questions are written, times offered, organisations invited.

    The interviews are open. Nobody acts for the organisations yet: see `act_for`.
    """
    reading = opened_round(*people, bids=bids, **fields)
    for bid in reading.bids:
        choose_to_meet(reading.panel, bid)
    write_questions(reading.panel)
    move_to(reading, StageKind.INTERVIEWS)
    offer(reading.panel, by=reading.by, number=bids + 1)
    actions.invite_to_interview(panel=reading.panel, by=reading.by, at=timezone.now())
    reading.panel.refresh_from_db()
    return reading


def draft_interview(seat: Seat, bid: Application, value: int = 4) -> None:
    """Every question answered, nothing sent."""
    for question in seat.panel.interview_questions.filter(dropped_at=None):
        actions.save_interview_draft(
            seat=seat,
            application=bid,
            question=question,
            value=value,
            cannot_judge=False,
            reason="They told us how.",
            version=0,
            by=seat.member.person,
            at=timezone.now(),
        )


def send_interview(seat: Seat, bid: Application, value: int = 4) -> ScoreSheet:
    draft_interview(seat, bid, value)
    return actions.send_interview_scores(
        seat=seat, application=bid, by=seat.member.person, at=timezone.now()
    )
