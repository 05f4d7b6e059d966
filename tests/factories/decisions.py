"""Builders for deciding: a round whose panel has opened its scores and sits at its money board."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from applications.models import Application, BidVersion
from commissioning.models import Criterion, Lot, StageKind
from decisions import actions
from decisions.models import (
    CheckKind,
    Decision,
    MoneyBoard,
    Outcome,
    OutcomeLetter,
)
from ledger.actions import record
from panels.actions.proposals import vote_on_proposal
from panels.models import (
    Assignment,
    Panel,
    Phase,
    Proposal,
    Score,
    ScoreSheet,
    Seat,
    Shortlisting,
)
from tests.factories.panels import (
    Reading,
    agreed,
    make_bid,
    open_scores,
    reading_round,
)
from tests.factories.unguarded import unguarded

REASON = "They asked at every door, and it shows."


@dataclass
class Deciding:
    """A round at its money board, and everybody in it."""

    reading: Reading
    bids: list[Application]
    not_met: list[Application]
    about_each: tuple[str, ...] = ()
    """What the panel tells every group about each criterion, in order, beside its reason."""

    @property
    def by_criterion(self) -> dict[str, str]:
        rows = zip(self.reading.criteria, self.about_each, strict=False)
        return {str(criterion.pk): words for criterion, words in rows}

    @property
    def round(self) -> Any:
        return self.reading.round

    @property
    def panel(self) -> Any:
        return self.reading.panel

    @property
    def criterion(self) -> Criterion:
        return self.reading.criteria[0]

    @property
    def seats(self) -> list[Seat]:
        return list(self.panel.seats.held().select_related("member__person").order_by("pk"))

    def seat(self, person: Person) -> Seat:
        return next(seat for seat in self.seats if seat.member.person_id == person.pk)

    @property
    def by(self) -> Person:
        """A member of the panel."""
        return self.seats[0].member.person

    @property
    def staff(self) -> Person:
        return self.reading.by


def move_to(round: Any, kind: str, *, by: Person) -> None:
    """Close what is open and open this stage, all today, so that no rest lies between."""
    now = timezone.now()
    today = timezone.localdate(now)
    for stage in round.stages.filter(opened_at__isnull=False, closed_at=None):
        stage.closed_at, stage.closed_by = now, by
        stage.save()
    stage = round.stages.get(kind=kind)
    stage.opens_on, stage.closes_on = today, today + timedelta(days=14)
    stage.opened_at, stage.opened_by = now, by
    stage.save()


def ask_for(bid: Application, pounds: int | str) -> None:
    """The bid asks for another sum: one more copy, as if it had been sent before any scores."""
    newest = bid.versions.order_by("-number").first()
    assert newest is not None
    with unguarded():
        BidVersion.objects.create(
            application=bid,
            number=newest.number + 1,
            content=newest.content,
            asked=Decimal(pounds),
            words=newest.words,
            digest=f"{newest.digest}-again",
            sent_at=timezone.now(),
            sent_by=newest.sent_by,
        )


def traced(proposal: Proposal) -> Proposal:
    """Entries for votes that were written straight."""
    with transaction.atomic():
        for vote in proposal.votes.select_related("seat__member__person"):
            record(
                chain=proposal.panel.round.chain,
                verb="voted",
                by=vote.seat.member.person,
                at=vote.voted_at,
                proposal=proposal.pk,
                seat=vote.seat_id,
            )
    return proposal


def score_all(reading: Reading, value: int) -> None:
    """Everybody sends scores for every bid they read: straight, with what the trail tells of it."""
    now = timezone.now()
    told = []
    for assignment in Assignment.objects.current().filter(application__round=reading.round):
        sheet = ScoreSheet.objects.create(
            member=assignment.member,
            application=assignment.application,
            assignment=assignment,
            version=assignment.version,
            phase=Phase.READING,
            why="I believed them.",
            sent_at=now,
            sent_by=assignment.member.person,
        )
        for place, criterion in enumerate(reading.criteria):
            given = (value + place + assignment.pk) % 6
            Score.objects.create(sheet=sheet, criterion=criterion, value=given, reason="So.")
        told.append((assignment.member.person, {"sheet": sheet.pk}))
    with transaction.atomic():
        for person, facts in told:
            record(chain=reading.round.chain, verb="scores_sent", by=person, at=now, **facts)


def more_scored_bids(deciding: Deciding, number: int) -> int:
    """So many more bids, each scored by every member after reading; gives how many scores.

    Written straight, and told in the trail.
    """
    now, reading = timezone.now(), deciding.reading
    bids = [make_bid(reading.lot, criteria=reading.criteria) for _ in range(number)]
    versions = dict(
        BidVersion.objects.filter(application__in=bids).values_list("application", "pk")
    )
    given = Assignment.objects.bulk_create(
        Assignment(
            member=member,
            application=bid,
            version_id=versions[bid.pk],
            order_key=0.5,
            given_at=now,
            given_by=reading.by,
        )
        for bid in bids
        for member in reading.members
    )
    with unguarded():  # reading closed long ago
        sheets = ScoreSheet.objects.bulk_create(
            ScoreSheet(
                member=row.member,
                application=row.application,
                assignment=row,
                version_id=row.version_id,
                phase=Phase.READING,
                why="They asked first.",
                sent_at=now,
                sent_by=row.member.person,
            )
            for row in given
        )
        made = Score.objects.bulk_create(
            Score(sheet=sheet, criterion=criterion, value=(sheet.pk + place) % 6, reason="So.")
            for sheet in sheets
            for place, criterion in enumerate(reading.criteria)
        )
    with transaction.atomic():
        for sheet in sheets:
            record(
                chain=reading.round.chain,
                verb="scores_sent",
                by=sheet.sent_by,
                at=now,
                sheet=sheet.pk,
            )
    return len(made)


def deciding_round(
    *people: Person,
    bids: int = 3,
    not_met: int = 0,
    value: int = 3,
    at_the_talk: Callable[[Reading], None] | None = None,
    about_each: tuple[str, ...] = (),
    **fields: Any,
) -> Deciding:
    """A panel at its money board: all read and scored, scores open, groups met, stage open.

    `at_the_talk` is called while the shortlist meeting is open.
    """
    reading = reading_round(*people, bids=bids + not_met, **fields)
    score_all(reading, value)
    move_to(reading.round, StageKind.SHORTLIST, by=reading.by)
    open_scores(reading)
    traced(reading.panel.proposals.get(kind=Proposal.Kind.OPEN_SCORES))
    if at_the_talk:
        at_the_talk(reading)
    deciding = Deciding(reading, reading.bids[:bids], reading.bids[bids:], about_each)
    for bid in reading.bids:
        meet = bid in deciding.bids
        proposal = traced(agreed(reading.panel, Proposal.Kind.SHORTLIST, application=bid))
        Shortlisting.objects.create(
            panel=reading.panel,
            application=bid,
            outcome=Shortlisting.Outcome.MEET if meet else Shortlisting.Outcome.NO,
            reason="We want to hear more." if meet else "It does not say who it is for.",
            criterion=None if meet else deciding.criterion,
            by_criterion={} if meet else deciding.by_criterion,
            proposal=proposal,
            settled_at=timezone.now(),
        )
    move_to(reading.round, StageKind.DECISION, by=reading.by)
    return deciding


def another_panel(deciding: Deciding, *, limit: int = 20_000) -> Panel:
    """One more lot of the round, with a panel of the same people and no bids. Written straight."""
    now = timezone.now()
    lot = Lot.objects.create(
        round=deciding.round, name="Warm rooms", slug="warm-rooms", limit=limit, order=9
    )
    panel = Panel.objects.create(
        round=deciding.round, lot=lot, name="Warm rooms panel", made_at=now, made_by=deciding.staff
    )
    with unguarded():  # so late, the panel itself would have to agree to its first member
        Seat.objects.bulk_create(
            Seat(panel=panel, member=seat.member, began_at=now, began_by=deciding.staff)
            for seat in deciding.seats
        )
    return panel


def make_board(deciding: Deciding, name: str = "Our first try", **fields: Any) -> MoneyBoard:
    return actions.start_board(
        panel=deciding.panel, name=name, by=deciding.by, at=timezone.now(), **fields
    )


def put_line(
    deciding: Deciding, board: MoneyBoard, bid: Application, outcome: str = "award", **fields: Any
) -> MoneyBoard:
    """Say what a bid gets, with a reason and a criterion."""
    facts = {"reason": REASON, "criterion": deciding.criterion, **fields}
    facts.setdefault("by_criterion", deciding.by_criterion)
    return actions.set_line(
        board=board,
        application=bid,
        outcome=outcome,
        by=deciding.by,
        at=timezone.now(),
        **facts,
    )


def full_board(deciding: Deciding) -> MoneyBoard:
    """A board with an outcome for every bid: yes, less, and the rest reserve or no."""
    board = make_board(deciding)
    rest = ["award", "less", "reserve", "no"]
    for place, bid in enumerate(deciding.bids):
        outcome = rest[min(place, 3)]
        more: dict[str, Any] = {}
        if outcome == "less":
            more = {"amount": Decimal("600.50"), "less_what": "The van.", "conditions": "Tell us."}
        if outcome == "reserve":
            more = {"reserve_order": 1}
        put_line(deciding, board, bid, outcome, **more)
    board.refresh_from_db()
    return board


def put(deciding: Deciding, board: MoneyBoard | None = None, **fields: Any) -> Decision:
    return actions.put_decision(
        board=board or full_board(deciding), by=deciding.by, at=timezone.now(), **fields
    )


def sign(deciding: Deciding, decision: Decision, *, choices: list[str] | None = None) -> Decision:
    """So many seats sign, each for themself; all agree unless choices say otherwise."""
    said = choices or ["agree"] * len(deciding.seats)
    for seat, choice in zip(deciding.seats, said, strict=False):
        actions.sign_decision(
            decision=decision,
            seat=seat,
            choice=choice,
            words="I would have given more." if choice != "agree" else "",
            by=seat.member.person,
            at=timezone.now(),
        )
    decision.refresh_from_db()
    return decision


def decided(deciding: Deciding) -> Decision:
    """A decision that stands, and the letters stage open."""
    decision = sign(deciding, put(deciding))
    assert decision.stands_at
    move_to(deciding.round, StageKind.LETTERS, by=deciding.staff)
    return decision


def check_all(deciding: Deciding, outcome: Outcome) -> None:
    for kind in CheckKind:
        actions.check_organisation(
            outcome=outcome, kind=kind, passed=True, by=deciding.staff, at=timezone.now()
        )


def vote(deciding: Deciding, proposal: Proposal, choice: str = "agree") -> Proposal:
    """Every seat answers until it is settled."""
    for seat in deciding.seats:
        proposal.refresh_from_db()
        if proposal.settled_at:
            break
        vote_on_proposal(
            proposal=proposal,
            seat=seat,
            choice=choice,
            words="Say it more kindly." if choice == "disagree" else "",
            by=seat.member.person,
            at=timezone.now(),
        )
    proposal.refresh_from_db()
    return proposal


def agreed_letters(deciding: Deciding) -> list[OutcomeLetter]:
    """Letters written and agreed by the panel, with every check on awards done."""
    now = timezone.now()
    for outcome in Outcome.objects.standing().awards().filter(decision__panel=deciding.panel):
        check_all(deciding, outcome)
    actions.write_letters(panel=deciding.panel, by=deciding.staff, at=now)
    vote(deciding, actions.put_letters(panel=deciding.panel, by=deciding.staff, at=now))
    return list(OutcomeLetter.objects.filter(application__lot=deciding.panel.lot))


def sent_letters(deciding: Deciding) -> list[OutcomeLetter]:
    """All of them sent."""
    agreed_letters(deciding)
    return actions.send_letters(panel=deciding.panel, by=deciding.staff, at=timezone.now())


def agreed_report(deciding: Deciding) -> None:
    """The report put to the panel, and agreed."""
    move_to(deciding.round, StageKind.REPORT, by=deciding.staff)
    for proposal in actions.put_report(round=deciding.round, by=deciding.staff, at=timezone.now()):
        assert vote(deciding, proposal).outcome == Proposal.Outcome.AGREED
