"""Builders for the panel's work: a round brought to reading, with bids, seats, shares and scores.

`reading_round` gives a round whose scoring is open and whose bids are shared out through the real
actions, so that a test starts where a volunteer does.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import Person
from applications.models import (
    Application,
    BidVersion,
    Eligibility,
    FormQuestion,
    Organisation,
)
from commissioning.models import Criterion, Lot, Member, Round, StageKind
from panels import actions
from panels.actions import Answer
from panels.models import Assignment, Panel, Proposal, Seat, ShareRun
from tests.factories.commissioning import (
    close,
    join,
    make_facilitator,
    make_lot,
    make_round,
    make_volunteers,
    open_to,
)

_numbers = count(1)

NEED_TEXT = "Forty people on our street told us they eat alone. We asked at every door."
SECRET = "Nobody may see these words before they have said who they know."


def make_bid(
    lot: Lot,
    *,
    title: str = "",
    organisation: str = "",
    eligible: bool = True,
    criteria: list[Criterion] | None = None,
    words: int = 900,
    **fields: Any,
) -> Application:
    """A bid that was sent, found to meet the rules, and can be read. Written straight."""
    number = next(_numbers)
    by, now = make_facilitator(), timezone.now()
    group = Organisation.objects.create(
        name=organisation or f"Group {number}", made_at=now, made_by=by
    )
    bid = Application.objects.create(
        round=lot.round,
        lot=lot,
        organisation=group,
        reference=f"GC-{number:03}",
        title=title or f"Bid {number}",
        made_at=now,
        made_by=by,
        submitted_at=now,
        submitted_by=by,
        **{"contact_name": "Mrs Contact", "partners_named": "St Aidan's hall", **fields},
    )
    criteria = list(Criterion.objects.agreed_for(lot.round)) if criteria is None else criteria
    send_copy(bid, criteria, words=words)
    Eligibility.objects.create(
        application=bid, eligible=eligible, decided_at=now, decided_by=by, reason="Looked at"
    )
    return bid


def send_copy(
    bid: Application, criteria: list[Criterion], *, words: int = 900, **content: Any
) -> BidVersion:
    """One more sent copy of a bid; `content` stands instead of the usual parts."""
    number = bid.versions.count() + 1
    answers = [
        {
            "key": f"answer-{criterion.slug}",
            "label": f"Tell us about {criterion.title.lower()}",
            "text": f"{NEED_TEXT} {SECRET}",
            "criteria": [criterion.slug],
        }
        for criterion in criteria
    ]
    return BidVersion.objects.create(
        application=bid,
        number=number,
        content={
            "title": bid.title,
            "organisation": bid.organisation.name,
            "summary": SECRET,
            "area": "Armley",
            "partners": ["St Aidan's hall"],
            "answers": answers,
            "budget": [{"item": "Room hire", "cost": "1200.50", "asked": "1000.00"}],
            "documents": [],
            "smallest_useful": "800.00",
            **content,
        },
        asked=Decimal("1000.00"),
        words=words,
        digest=f"{bid.pk}-{number}",
        sent_at=timezone.now(),
        sent_by=bid.made_by,
    )


def form_questions(round: Round) -> list[FormQuestion]:
    """One question of the bid form for each criterion."""
    made = []
    for place, criterion in enumerate(Criterion.objects.agreed_for(round), 1):
        question = FormQuestion.objects.create(
            round=round, key=f"answer-{criterion.slug}", label=criterion.title, order=place
        )
        question.criteria.add(criterion)
        made.append(question)
    return made


@dataclass
class Reading:
    """A round that is being read, and everybody in it."""

    round: Round
    lot: Lot
    panel: Panel
    members: list[Member]
    bids: list[Application]
    by: Person
    run: ShareRun | None = None
    seats: list[Seat] = field(default_factory=list)

    def member(self, person: Person) -> Member:
        return next(member for member in self.members if member.person_id == person.pk)

    def assignments(self, person: Person) -> list[Assignment]:
        return list(
            Assignment.objects.current()
            .filter(member__person=person, application__round=self.round)
            .order_by("order_key")
        )

    @property
    def criteria(self) -> list[Criterion]:
        return list(Criterion.objects.agreed_for(self.round))


def sharing_round(
    *people: Person,
    bids: int = 3,
    readers_per_bid: int = 3,
    by: Person | None = None,
    seat: bool = True,
    wanted: int = 5,
    **fields: Any,
) -> Reading:
    """A round whose sharing out is open: a lot, its panel with seats, bids, nothing declared yet.

    At least four volunteers sit; more are made where fewer are given.
    """
    by = by or make_facilitator()
    everyone = [*people, *make_volunteers(max(0, 4 - len(people)))]
    round = make_round(by=by, readers_per_bid=readers_per_bid, **fields)
    members = join(round, *everyone, by=by, bids=wanted)
    lot = make_lot(round)
    now = timezone.now()
    panel = actions.make_panel(lot=lot, name="Getting about panel", by=by, at=now)
    seats = (
        [actions.seat_member(panel=panel, member=member, by=by, at=now) for member in members[:6]]
        if seat
        else []
    )
    open_to(round, StageKind.SHARING, by=by)
    made = [make_bid(lot) for _ in range(bids)]
    return Reading(round, lot, panel, members, made, by, seats=seats)


def agreed(
    panel: Panel, kind: str, *, application: Application | None = None, **data: Any
) -> Proposal:
    """Something the panel agreed to: just enough of its seats say so. Written straight."""
    now = timezone.now()
    held = panel.seats.held().exclude(member__stands_aside__lot=panel.lot)
    seats = list(held.exclude(member=data.get("member")) if kind == "interest" else held)
    seats = seats[: max(3, len(seats) // 2 + 1)]
    proposal = Proposal.objects.create(
        panel=panel,
        kind=kind,
        application=application,
        data=data,
        put_at=now,
        put_by=seats[0].member.person,
    )
    for seat in seats:
        proposal.votes.create(seat=seat, choice="agree", voted_at=now)
    proposal.outcome, proposal.settled_at = Proposal.Outcome.AGREED, now
    proposal.save()
    return proposal


def open_scores(reading: Reading) -> None:
    """The panel has agreed to open its scores."""
    agreed(reading.panel, Proposal.Kind.OPEN_SCORES)
    reading.panel.scores_opened_at = timezone.now()
    reading.panel.save()


def declare_all(reading: Reading, *but: Person) -> None:
    """Everybody says that they know nobody, but those named."""
    for member in reading.members:
        if member.person not in but:
            actions.declare(member=member, lot=reading.lot, by=member.person, at=timezone.now())


def share_out(reading: Reading) -> ShareRun:
    """Propose and confirm."""
    now = timezone.now()
    run = actions.propose_sharing(round=reading.round, by=reading.by, at=now)
    actions.confirm_sharing(run=run, by=reading.by, at=now)
    reading.run = run
    return run


def open_scoring(reading: Reading, *, on: date | None = None) -> None:
    """Sharing is over; reading is open. Written straight, so that no days need pass."""
    day = on or timezone.localdate()
    sharing = reading.round.stages.get(kind=StageKind.SHARING)
    if sharing.closed_at is None:
        close(sharing, on=day, by=reading.by)
    scoring = reading.round.stages.get(kind=StageKind.SCORING)
    scoring.opens_on, scoring.closes_on = day, day + timedelta(days=21)
    scoring.opened_at, scoring.opened_by = timezone.now(), reading.by
    scoring.save()


def reading_round(*people: Person, bids: int = 3, **fields: Any) -> Reading:
    """A round whose scoring is open: everybody has declared, and bids are in their hands.

    With four volunteers and four readers for each bid, everyone reads every bid.
    """
    fields.setdefault("readers_per_bid", max(4, len(people)))
    reading = sharing_round(*people, bids=bids, wanted=19, **fields)
    declare_all(reading)
    share_out(reading)
    open_scoring(reading)
    return reading


def close_scoring(reading: Reading) -> None:
    close(reading.round.stages.get(kind=StageKind.SCORING), by=reading.by)


def full_answers(reading: Reading, value: int = 3) -> dict[Criterion, Answer]:
    """An answer with a reason for every criterion."""
    return {
        criterion: Answer(value=value, reason="They asked at every door.")
        for criterion in reading.criteria
    }


def write_scores(
    reading: Reading, assignment: Assignment, *, value: int = 3, why: str = "I believed them."
) -> Assignment:
    """Everything filled in, nothing sent."""
    by, now = assignment.member.person, timezone.now()
    actions.start_reading(assignment=assignment, by=by, at=now)
    actions.save_score_drafts(
        assignment=assignment, answers=full_answers(reading, value), by=by, at=now
    )
    actions.save_bid_draft(assignment=assignment, why=why, version=0, by=by, at=now)
    return assignment


def send(reading: Reading, assignment: Assignment, *, value: int = 3) -> Any:
    """Filled in and sent."""
    write_scores(reading, assignment, value=value)
    return actions.send_scores(
        assignment=assignment, by=assignment.member.person, at=timezone.now()
    )
