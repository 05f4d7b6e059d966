"""F20: a round that anybody does anything in, in any order, and what must hold all the same.

Steps go through the actions alone. What a rule refuses is a step too. The short run is in
`test_state_machine.py`, the long one in `bench/`.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

import accounts.actions
import decisions.actions
import panels.actions
from accounts.models import Person, Role
from accounts.permissions import Refused
from commissioning import agreement
from commissioning.models import Choice, Stage, StageKind
from decisions.models import Decision, MoneyBoard, Signature
from decisions.report import outcomes_text
from ledger import trail
from ledger.checking import first_trouble
from panels.actions.meeting import ask_to_open, propose_shortlisting
from panels.actions.proposals import vote_on_proposal
from panels.models import (
    Assignment,
    Interest,
    Proposal,
    ProposalVote,
    Score,
    ScoreSheet,
    StandingAside,
)
from panels.rules.proposals import may_see_scores
from tests.factories.commissioning import make_person
from tests.factories.meeting import choose_to_meet, move_to, read_round, send_all
from tests.factories.panels import Reading, full_answers, open_scores

PLACES = st.integers(min_value=0, max_value=4)
BIDS = st.integers(min_value=0, max_value=1)
VALUES = st.integers(min_value=0, max_value=5)
CHOICES = st.sampled_from(Choice.values)
STAGES = (StageKind.SCORING, StageKind.SHORTLIST, StageKind.DECISION)


def make_reading() -> Reading:
    """Five volunteers, two bids, everything in everybody's hands, and no rest to wait for."""
    people = [make_person(f"Reader {number}", Role.VOLUNTEER) for number in range(5)]
    return read_round(*people, bids=2)


class RoundMachine(RuleBasedStateMachine):
    """One round, from reading to a signed decision. `reading` is set on a subclass."""

    reading: Reading
    done = 0
    refused = 0
    guarded = 0
    stood: set[int] = set()

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.stage = 0
        self.staff: dict[int, int] = {}
        self.kept: dict[int, str] = {}
        self.sent: dict[tuple[int, int], int] = {}
        self.facilitator = self.reading.by
        self.administrator = Person.objects.holding(Role.ADMINISTRATOR).first() or make_person(
            "Adele Keeper", Role.ADMINISTRATOR
        )

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)
        super().teardown()

    # ---- Helpers ----
    def act(self, step: Callable[[], Any]) -> Any:
        """Do a step; None when a rule or a guard refuses it."""
        type(self).done += 1
        try:
            with transaction.atomic():
                return step()
        except Refused:
            type(self).refused += 1
        except IntegrityError as error:
            # Somebody who was staff in this round: the rules ask today's role, the guards the past.
            if not any(words in str(error) for words in ("volunteer", "member")):
                raise
            type(self).guarded += 1
        return None

    def person(self, place: int) -> Person:
        """Read afresh, as every request does."""
        return Person.objects.get(pk=self.reading.members[place].person_id)

    def assignment(self, place: int, bid: int) -> Assignment | None:
        return Assignment.objects.filter(
            member=self.reading.members[place], application=self.reading.bids[bid]
        ).first()

    def seat(self, place: int) -> Any:
        return self.reading.panel.seats.get(member=self.reading.members[place])

    def panel(self) -> Any:
        return type(self.reading.panel).objects.get(pk=self.reading.panel.pk)

    def rows_of(self, person: int) -> int:
        """How many scores, answers and signatures stand in this person's name."""
        return (
            ScoreSheet.objects.filter(member__person=person).count()
            + ProposalVote.objects.filter(seat__member__person=person).count()
            + Signature.objects.filter(seat__member__person=person).count()
        )

    @initialize(begun=st.sampled_from(["reading", "talking", "deciding"]))
    def begin(self, begun: str) -> None:
        """Begin anywhere in the round, so that late stages are played as often as early ones."""
        if begun == "reading":
            return
        send_all(self.reading)
        places = range(len(self.reading.members))
        self.sent = {(place, bid): 3 for place in places for bid in (0, 1)}
        self.stage = 1
        move_to(self.reading, StageKind.SHORTLIST)
        if begun == "deciding":
            self.reading.panel.refresh_from_db()
            open_scores(self.reading)
            for bid in self.reading.bids:
                choose_to_meet(self.reading.panel, bid)
            self.stage = 2
            move_to(self.reading, StageKind.DECISION)

    # ---- Reading ----
    @rule(place=PLACES, bid=BIDS, value=VALUES)
    def send(self, place: int, bid: int, value: int) -> None:
        given, by, at = self.assignment(place, bid), self.person(place), timezone.now()

        def step() -> ScoreSheet:
            panels.actions.start_reading(assignment=given, by=by, at=at)
            panels.actions.save_score_drafts(
                assignment=given, answers=full_answers(self.reading, value), why="So.", by=by, at=at
            )
            return panels.actions.send_scores(assignment=given, by=by, at=at)

        if given:
            sheet = self.act(step)
            if sheet:
                self.sent.setdefault((place, bid), value)

    @rule(place=PLACES, bid=BIDS)
    def take_back(self, place: int, bid: int) -> None:
        given = self.assignment(place, bid)
        if given and self.act(
            lambda: panels.actions.take_back_scores(
                assignment=given, by=self.person(place), at=timezone.now()
            )
        ):
            del self.sent[place, bid]

    @rule(place=PLACES, bid=BIDS, value=VALUES)
    def staff_send_for(self, place: int, bid: int, value: int) -> None:
        """A facilitator presses a volunteer's own button."""
        given = self.assignment(place, bid)
        if given:
            done = self.act(
                lambda: panels.actions.send_scores(
                    assignment=given, by=self.facilitator, at=timezone.now()
                )
            )
            assert done is None, "staff cannot send scores"

    @rule(place=PLACES, bid=BIDS, direct=st.booleans())
    def find_a_tie(self, place: int, bid: int, direct: bool) -> None:
        member = self.reading.members[place]
        kind = Interest.Kind.DIRECT if direct else Interest.Kind.INDIRECT
        said = self.act(
            lambda: panels.actions.declare_late(
                member=member,
                application=self.reading.bids[bid],
                kind=kind,
                by=self.person(place),
                at=timezone.now(),
            )
        )
        if said:
            for lost in (0, 1) if direct else (bid,):
                self.sent.pop((place, lost), None)

    @rule(place=PLACES, back=st.booleans())
    def rest(self, place: int, back: bool) -> None:
        person, at = self.person(place), timezone.now()
        if back:
            self.act(lambda: accounts.actions.come_back(person=person, by=person, at=at))
        else:
            self.act(
                lambda: accounts.actions.take_break(
                    person=person, starts_on=timezone.localdate(at), by=person, at=at
                )
            )

    @rule(place=PLACES, volunteer_again=st.booleans())
    def change_role(self, place: int, volunteer_again: bool) -> None:
        """A volunteer becomes staff, or is one again: by the rows, as a shell could do it.

        The action refuses it to anybody in a round that is under way.
        """
        person, at = self.person(place), timezone.now()
        old, new = Role.VOLUNTEER, Role.FACILITATOR
        if volunteer_again:
            old, new = new, old
        if not person.holds(old):
            return
        type(self).done += 1
        person.roles.filter(role=old, ended_at=None).update(
            ended_at=at, ended_by=self.administrator
        )
        person.roles.create(role=new, began_at=at, began_by=self.administrator)
        self.staff.setdefault(person.pk, self.rows_of(person.pk))

    # ---- Together ----
    @precondition(lambda self: self.stage < len(STAGES) - 1)
    @rule(really=st.integers(min_value=0, max_value=3))
    def move_on(self, really: int) -> None:
        if really:
            return  # a stage lasts longer than a step
        self.stage += 1
        type(self).done += 1
        move_to(self.reading, STAGES[self.stage])

    @rule(place=PLACES)
    def ask_to_open(self, place: int) -> None:
        by = self.person(place)
        self.act(
            lambda: ask_to_open(seat=self.seat(place), kind="open_scores", by=by, at=timezone.now())
        )

    @rule(place=PLACES, bid=BIDS)
    def propose_to_meet(self, place: int, bid: int) -> None:
        by = self.person(place)
        self.act(
            lambda: propose_shortlisting(
                panel=self.panel(),
                application=self.reading.bids[bid],
                outcome="meet",
                reason="We want to hear more.",
                by=by,
                at=timezone.now(),
            )
        )

    @rule(place=PLACES, choice=CHOICES, own=st.booleans())
    def answer(self, place: int, choice: str, own: bool) -> None:
        """The newest thing put to the panel is answered, or typed for a member by staff."""
        self.answer_one(place, choice, own=own)

    def answer_one(self, place: int, choice: str, *, own: bool) -> None:
        proposal = Proposal.objects.filter(settled_at=None).order_by("-pk").first()
        if proposal:
            by = self.person(place) if own else self.facilitator
            self.act(
                lambda: vote_on_proposal(
                    proposal=proposal,
                    seat=self.seat(place),
                    choice=choice,
                    by=by,
                    at=timezone.now(),
                )
            )

    @rule(choices=st.lists(CHOICES, min_size=3, max_size=5))
    def several_answer(self, choices: list[str]) -> None:
        for place, choice in enumerate(choices):
            self.answer_one(place, choice, own=True)

    # ---- Deciding ----
    @rule(place=PLACES, kind=st.sampled_from(["award", "no"]))
    def put_decision(self, place: int, kind: str) -> None:
        """A board with a line for each bid, put for signing."""
        by, at = self.person(place), timezone.now()

        def step() -> Decision:
            number = MoneyBoard.objects.count()
            board = MoneyBoard.objects.first() or decisions.actions.start_board(
                panel=self.panel(), name=f"Board {number}", by=by, at=at
            )
            for bid in self.reading.bids:
                decisions.actions.set_line(
                    board=board,
                    application=bid,
                    outcome=kind,
                    reason="We believe them.",
                    criterion=self.reading.criteria[0],
                    by=by,
                    at=at,
                )
            board.refresh_from_db()
            return decisions.actions.put_decision(board=board, reason="Anew.", by=by, at=at)

        self.act(step)

    @rule(place=PLACES, choice=CHOICES, own=st.booleans())
    def sign(self, place: int, choice: str, own: bool) -> None:
        self.sign_one(place, choice, own=own)

    @rule(choices=st.lists(CHOICES, min_size=3, max_size=5))
    def several_sign(self, choices: list[str]) -> None:
        for place, choice in enumerate(choices):
            self.sign_one(place, choice, own=True)

    def sign_one(self, place: int, choice: str, *, own: bool) -> None:
        decision = Decision.objects.order_by("-number").first()
        if decision:
            by = self.person(place) if own else self.facilitator
            self.act(
                lambda: decisions.actions.sign_decision(
                    decision=decision,
                    seat=self.seat(place),
                    choice=choice,
                    by=by,
                    at=timezone.now(),
                )
            )

    # ---- What always holds ----
    @invariant()
    def staff_have_no_say(self) -> None:
        """Nothing is added in the name of somebody who has become staff, ever again."""
        for person, rows in self.staff.items():
            assert self.rows_of(person) == rows
        assert not ScoreSheet.objects.filter(member__person=self.facilitator).exists()

    @invariant()
    def typed_is_not_counted_unconfirmed(self) -> None:
        assert (
            not ProposalVote.objects.counting()
            .filter(typed_by__isnull=False, confirmed_at=None)
            .exists()
        )
        assert (
            not Signature.objects.counting()
            .filter(typed_by__isnull=False, confirmed_at=None)
            .exists()
        )

    @invariant()
    def nobody_sees_scores_too_early_or_standing_aside(self) -> None:
        panel = self.panel()
        aside = set(StandingAside.objects.filter(application=None).values_list("member", flat=True))
        for place, member in enumerate(self.reading.members):
            person = self.person(place)
            sees = bool(may_see_scores(panel, person))
            assert not (sees and panel.scores_opened_at is None)
            assert not (sees and member.pk in aside), "not even once they are staff"
            if member.pk in aside:
                assert not Assignment.objects.visible_to(person).exists()
        if panel.scores_opened_at is None:
            assert not may_see_scores(panel, self.facilitator)

    @invariant()
    def totals_are_those_of_what_was_sent(self) -> None:
        """What counts, added up from the rows, is what was sent and not taken back or void."""
        found = {
            (sheet.member_id, sheet.application_id): [score.value for score in sheet.scores.all()]
            for sheet in ScoreSheet.objects.counting().prefetch_related("scores")
        }
        wanted = {
            (self.reading.members[place].pk, self.reading.bids[bid].pk): [value]
            * len(self.reading.criteria)
            for (place, bid), value in self.sent.items()
        }
        assert found == wanted
        assert Score.objects.filter(value__gt=5).count() == 0

    @invariant()
    def what_is_agreed_was_voted(self) -> None:
        for proposal in Proposal.objects.filter(outcome="agreed"):
            said = agreement.tally(
                {
                    vote.seat_id: agreement.Choice(vote.choice)
                    for vote in ProposalVote.objects.counting().filter(proposal=proposal)
                }
            )
            assert said.chosen >= agreement.FEWEST
            assert said.in_favour > said.disagree
        opened = self.panel().scores_opened_at is not None
        agreed = Proposal.objects.filter(kind="open_scores", outcome="agreed").exists()
        assert opened == agreed

    @invariant()
    def decided_is_frozen(self) -> None:
        for decision in Decision.objects.filter(stands_at__isnull=False):
            rows = list(decision.outcomes.order_by("application__reference"))
            text = trail.digest(outcomes_text(rows))
            assert text == decision.digest == self.kept.setdefault(decision.pk, text)
            type(self).stood.add(decision.pk)
            given = sum((row.amount for row in rows), Decimal(0))
            assert given <= self.reading.lot.limit
            said = agreement.tally(
                {
                    sign.seat_id: agreement.Choice(sign.choice)
                    for sign in decision.signatures.counting()
                }
            )
            assert said.in_favour > said.disagree
            assert said.chosen >= agreement.FEWEST
        assert set(self.kept) <= set(
            Decision.objects.filter(stands_at__isnull=False).values_list("pk", flat=True)
        )

    @invariant()
    def the_chain_holds(self) -> None:
        chain = self.reading.round.chain
        chain.refresh_from_db()
        assert first_trouble(chain) is None
        assert Stage.objects.filter(opened_at=None, closed_at__isnull=False).count() == 0
