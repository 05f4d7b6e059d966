"""F20: a round that anybody does anything in, in any order, and what must hold all the same.

Steps go through the actions alone. What a rule refuses is a step too. The short run is in
`test_state_machine.py`, the long one in `bench/`.

One round is brought to reading, then to talking, then to deciding; at each of these it is played
many times, and each time is taken back. Most tries come at their time, so that they get somewhere;
one in `RARELY` comes whenever it likes. After every step what was touched is looked at, and after
every `LOOK`-th, and at the end, everything.
"""

import sys
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

import accounts.actions
import applications.actions
import decisions.actions
import panels.actions
from accounts.models import Person, Role
from accounts.permissions import Refused
from commissioning.models import Choice, Stage, StageKind
from decisions.models import CheckKind, Decision, MoneyBoard, Outcome, Signature
from decisions.report import outcomes_text
from ledger import trail
from ledger.checking import first_trouble
from ledger.models import Entry
from panels.actions.meeting import ask_to_open, propose_shortlisting
from panels.actions.proposals import confirm_vote, vote_on_proposal
from panels.models import (
    Abstention,
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
from tests.factories.meeting import act_for, choose_to_meet, move_to, read_round, send_all
from tests.factories.panels import Reading, full_answers, open_scores

PLACES = st.integers(min_value=0, max_value=4)
BIDS = st.integers(min_value=0, max_value=1)
VALUES = st.integers(min_value=0, max_value=5)
CHOICES = st.sampled_from(Choice.values)
RARELY, LOOK = 8, 10
STRAY = st.integers(min_value=0, max_value=RARELY - 1)
STAGES = (StageKind.SCORING, StageKind.SHORTLIST, StageKind.DECISION, StageKind.LETTERS)
BEGUN = ("reading", "talking", "deciding")
FEWEST, MOST_OUT = 3, 2
"""No panel settles anything with fewer; and how many may leave it before it is mostly refused."""


def make_reading() -> Reading:
    """Five volunteers, two bids, everything in everybody's hands, and no rest to wait for."""
    people = [make_person(f"Reader {number}", Role.VOLUNTEER) for number in range(5)]
    return read_round(*people, bids=2)


def bring_to(reading: Reading, begun: str) -> dict[tuple[int, int], int]:
    """Bring the round on, from where it was; gives the values that were sent by then."""
    if begun == "reading":
        return {}
    if begun == "talking":
        send_all(reading)
        move_to(reading, StageKind.SHORTLIST)
    else:
        reading.panel.refresh_from_db()
        open_scores(reading)
        for bid in reading.bids:
            choose_to_meet(reading.panel, bid)
        move_to(reading, StageKind.DECISION)
    return {(place, bid): 3 for place in range(len(reading.members)) for bid in (0, 1)}


class RoundMachine(RuleBasedStateMachine):
    """One round, from where it was brought to. The upper names are set on a subclass."""

    reading: Reading
    begun = "reading"
    roles_change = True
    sent_before: dict[tuple[int, int], int]
    counts: Counter[str]
    """How many steps were done, refused by a rule, stopped by a guard, and looks at everything."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.stage = BEGUN.index(self.begun)
        self.staff: dict[int, int] = {}
        self.kept: dict[int, str] = {}
        self.sent = dict(self.sent_before)
        self.steps = self.seen = self.looked = self.ties = 0
        self.touched: set[int] = set()
        chain = self.reading.round.chain
        chain.refresh_from_db()
        self.chain_seen = (chain.head_seq, chain.head_hash)
        self.facilitator = self.reading.by
        self.taken_back: set[int] = set()
        self.applicant = Person.objects.holding(Role.APPLICANT).first() or make_person(
            "Ada Bidder", Role.APPLICANT
        )
        self.administrator = Person.objects.holding(Role.ADMINISTRATOR).first() or make_person(
            "Adele Keeper", Role.ADMINISTRATOR
        )

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:  # nothing was found on the way
                self.look_at_everything()
        finally:
            transaction.savepoint_rollback(self.savepoint)
            super().teardown()

    # ---- Helpers ----
    def act(self, step: Callable[[], Any]) -> Any:
        """Do a step; None when a rule or a guard refuses it."""
        self.counts["done"] += 1
        self.steps += 1
        try:
            with transaction.atomic():
                return step()
        except Refused:
            self.counts["refused"] += 1
        except IntegrityError as error:
            # Somebody who was staff in this round: the rules ask today's role, the guards the past.
            if not any(words in str(error) for words in ("volunteer", "member")):
                raise
            self.counts["guarded"] += 1
        return None

    def comes(self, stray: int, *, fits: bool) -> bool:
        """Whether a try is made now: at its time always, at another rarely."""
        return fits or stray == 0

    def person(self, place: int) -> Person:
        """Read afresh, as every request does."""
        self.touched.add(place)
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

    # ---- Reading ----
    @rule(place=PLACES, bid=BIDS, value=VALUES, stray=STRAY)
    def send(self, place: int, bid: int, value: int, stray: int) -> None:
        if not self.comes(stray, fits=self.stage == 0 and (place, bid) not in self.sent):
            return
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

    @rule(place=PLACES, bid=BIDS, stray=STRAY)
    def take_back(self, place: int, bid: int, stray: int) -> None:
        if not self.comes(stray, fits=self.stage == 0 and (place, bid) in self.sent):
            return
        given = self.assignment(place, bid)
        if given and self.act(
            lambda: panels.actions.take_back_scores(
                assignment=given, by=self.person(place), at=timezone.now()
            )
        ):
            del self.sent[place, bid]

    @rule(place=PLACES, bid=BIDS, stray=STRAY)
    def staff_send_for(self, place: int, bid: int, stray: int) -> None:
        """A facilitator presses a volunteer's own button."""
        if not self.comes(stray, fits=self.stage == 0 and stray < RARELY // 2):
            return
        given = self.assignment(place, bid)
        if given:
            done = self.act(
                lambda: panels.actions.send_scores(
                    assignment=given, by=self.facilitator, at=timezone.now()
                )
            )
            assert done is None, "staff cannot send scores"

    @rule(place=PLACES, bid=BIDS, direct=st.booleans(), stray=STRAY)
    def find_a_tie(self, place: int, bid: int, direct: bool, stray: int) -> None:
        if not self.comes(stray, fits=stray < 3 and self.ties < 2 * MOST_OUT):
            return
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
            self.ties += 1
            for lost in (0, 1) if direct else (bid,):
                self.sent.pop((place, lost), None)

    @rule(place=PLACES, back=st.booleans(), stray=STRAY)
    def rest(self, place: int, back: bool, stray: int) -> None:
        if not self.comes(stray, fits=stray < RARELY // 2):
            return
        person, at = self.person(place), timezone.now()
        if back:
            self.act(lambda: accounts.actions.come_back(person=person, by=person, at=at))
        else:
            self.act(
                lambda: accounts.actions.take_break(
                    person=person, starts_on=timezone.localdate(at), by=person, at=at
                )
            )

    @precondition(lambda self: self.roles_change)
    @rule(place=PLACES, volunteer_again=st.booleans(), stray=STRAY)
    def change_role(self, place: int, volunteer_again: bool, stray: int) -> None:
        """A volunteer becomes staff, or is one again: by the rows, as a shell could do it.

        The action refuses it to anybody in a round that is under way.
        """
        if not self.comes(stray, fits=volunteer_again or len(self.staff) < MOST_OUT):
            return
        person, at = self.person(place), timezone.now()
        old, new = Role.VOLUNTEER, Role.FACILITATOR
        if volunteer_again:
            old, new = new, old
        if not person.holds(old):
            return
        self.counts["done"] += 1
        self.steps += 1
        person.roles.filter(role=old, ended_at=None).update(
            ended_at=at, ended_by=self.administrator
        )
        person.roles.create(role=new, began_at=at, began_by=self.administrator)
        self.staff.setdefault(person.pk, self.rows_of(person.pk))

    @precondition(lambda self: self.stage == 0)
    @rule(place=PLACES, bid=BIDS, stray=STRAY)
    def not_well(self, place: int, bid: int, stray: int) -> None:
        """Somebody is not well, and does not score a bid."""
        fits = stray < 2 and (place, bid) not in self.sent
        given = self.assignment(place, bid)
        if given and self.comes(stray, fits=fits):
            by = self.person(place)
            self.act(
                lambda: panels.actions.abstain(
                    assignment=given, why=Abstention.Why.NOT_WELL, by=by, at=timezone.now()
                )
            )

    @precondition(lambda self: not self.taken_back)
    @rule(bid=BIDS, stray=STRAY)
    def take_bid_back(self, bid: int, stray: int) -> None:
        """A group takes its bid back: by its own people, and one of the two at most."""
        row = self.reading.bids[bid]
        waits = Decision.objects.filter(stands_at=None, dropped_at=None).exists()
        if not self.comes(stray, fits=waits):
            return
        if not row.organisation.colleagues.filter(person=self.applicant).exists():
            act_for(row, self.applicant)
        row.refresh_from_db()
        self.act(
            lambda: applications.actions.withdraw_application(
                application=row, by=self.applicant, at=timezone.now()
            )
        )
        row.refresh_from_db()
        if row.withdrawn_at:
            self.taken_back.add(row.pk)

    # ---- Together ----
    @precondition(lambda self: self.stage < len(STAGES) - 1)
    @rule(really=st.integers(min_value=0, max_value=3))
    def move_on(self, really: int) -> None:
        if really:
            return  # a stage lasts longer than a step
        self.stage += 1
        self.counts["done"] += 1
        self.steps += 1
        move_to(self.reading, STAGES[self.stage])

    @rule(place=PLACES, stray=STRAY)
    def ask_to_open(self, place: int, stray: int) -> None:
        if not self.comes(stray, fits=self.stage == 1 and not self.panel().scores_opened_at):
            return
        by = self.person(place)
        self.act(
            lambda: ask_to_open(seat=self.seat(place), kind="open_scores", by=by, at=timezone.now())
        )

    @rule(place=PLACES, bid=BIDS, stray=STRAY)
    def propose_to_meet(self, place: int, bid: int, stray: int) -> None:
        if not self.comes(stray, fits=self.stage == 1 and bool(self.panel().scores_opened_at)):
            return
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

    @rule(place=PLACES, own=st.booleans())
    def confirm_typed_answer(self, place: int, own: bool) -> None:
        """What was typed for a member is confirmed: by the member, or by who typed it."""
        typed = ProposalVote.objects.filter(typed_by__isnull=False, confirmed_at=None)
        vote = typed.order_by("-pk").first()
        if vote:
            person = vote.seat.member.person_id if own else self.facilitator.pk
            by = Person.objects.get(pk=person)
            done = self.act(lambda: confirm_vote(vote=vote, by=by, at=timezone.now()))
            assert own or done is None
            assert own or not ProposalVote.objects.get(pk=vote.pk).confirmed_at

    # ---- Deciding ----
    @rule(place=PLACES, kind=st.sampled_from(["award", "no"]), stray=STRAY)
    def put_decision(self, place: int, kind: str, stray: int) -> None:
        """A board with a line for each bid, put for signing."""
        waits = Decision.objects.filter(stands_at=None, dropped_at=None).exists()
        if not self.comes(stray, fits=self.stage == 2 and not waits):
            return
        by, at = self.person(place), timezone.now()

        def step() -> Decision:
            number = MoneyBoard.objects.count()
            board = MoneyBoard.objects.first() or decisions.actions.start_board(
                panel=self.panel(), name=f"Board {number}", by=by, at=at
            )
            for bid in self.reading.bids:
                if bid.pk in self.taken_back:
                    continue
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

    @precondition(lambda self: self.stage == len(STAGES) - 1)
    @rule(passed=st.booleans(), kind=st.sampled_from(CheckKind.values))
    def check_group(self, passed: bool, kind: str) -> None:
        """A facilitator notes a check on a group that was chosen. It changes no award."""
        award = Outcome.objects.standing().awards().order_by("pk").first()
        if award:
            self.act(
                lambda: decisions.actions.check_organisation(
                    outcome=award,
                    kind=kind,
                    passed=passed,
                    words="" if passed else "The account is a private one.",
                    by=self.facilitator,
                    at=timezone.now(),
                )
            )

    # ---- What always holds ----
    @invariant()
    def what_always_holds(self) -> None:
        """After each step; a try that was not made changed nothing."""
        if self.steps == self.seen:
            return
        self.seen = self.steps
        self.staff_have_no_say()
        self.typed_is_not_counted_unconfirmed()
        self.who_just_acted_sees_no_more_than_they_may()
        self.totals_are_those_of_what_was_sent()
        self.what_is_agreed_was_voted()
        self.decided_is_frozen()
        self.nothing_waits_for_a_bid_that_was_taken_back()
        self.the_chain_goes_on()
        if self.steps - self.looked >= LOOK:
            self.look_at_everything()

    def staff_have_no_say(self) -> None:
        """Nothing is added in the name of somebody who has become staff, ever again."""
        for person, rows in self.staff.items():
            assert self.rows_of(person) == rows, "staff have no say"
        assert not ScoreSheet.objects.filter(member__person=self.facilitator).exists()

    def typed_is_not_counted_unconfirmed(self) -> None:
        for rows in (ProposalVote.objects.counting(), Signature.objects.counting()):
            unsure = rows.filter(typed_by__isnull=False, confirmed_at=None)
            assert not unsure.exists(), "what was typed counts once its member confirmed it"

    def who_just_acted_sees_no_more_than_they_may(self) -> None:
        """Whoever was touched, and one of the others in turn; everybody in `look_at_everything`."""
        for place in {*self.touched, self.steps % len(self.reading.members)}:
            self.sees_no_more(place)
        self.touched.clear()

    def sees_no_more(self, place: int) -> None:
        member, panel = self.reading.members[place], self.panel()
        person = Person.objects.get(pk=member.person_id)
        aside = StandingAside.objects.filter(application=None, member=member).exists()
        sees = bool(may_see_scores(panel, person))
        assert not (sees and panel.scores_opened_at is None), "nobody sees scores too early"
        assert not (sees and aside), "who stands aside sees no scores, not even once they are staff"
        if aside:
            assert not Assignment.objects.visible_to(person).exists()

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
        assert found == wanted, "what counts is what was sent"

    def what_is_agreed_was_voted(self) -> None:
        said: dict[int, dict[int, str]] = {
            pk: {} for pk in Proposal.objects.filter(outcome="agreed").values_list("pk", flat=True)
        }
        for vote in ProposalVote.objects.counting().filter(proposal__in=said):
            said[vote.proposal_id][vote.seat_id] = vote.choice
        for choices in said.values():
            against = sum(choice == Choice.DISAGREE for choice in choices.values())
            assert len(choices) >= FEWEST, "three at least have answered"
            assert len(choices) - against > against, "more are in favour"
        opened = self.panel().scores_opened_at is not None
        agreed = Proposal.objects.filter(kind="open_scores", outcome="agreed").exists()
        assert opened == agreed

    def decided_is_frozen(self) -> None:
        standing = Decision.objects.filter(stands_at__isnull=False)
        for decision in standing:
            rows = list(decision.outcomes.order_by("application__reference"))
            text = trail.digest(outcomes_text(rows))
            assert text == decision.digest == self.kept.setdefault(decision.pk, text)
            given = sum((row.amount for row in rows), Decimal(0))
            assert given <= self.reading.lot.limit, "no more than there is"
            signed = [sign.choice for sign in decision.signatures.counting()]
            against = signed.count(Choice.DISAGREE)
            assert len(signed) >= FEWEST, "three at least have signed"
            assert len(signed) - against > against
        assert set(self.kept) <= {decision.pk for decision in standing}, "it stands for good"

    def nothing_waits_for_a_bid_that_was_taken_back(self) -> None:
        """Not a proposal and not a decision. And one that was split or dropped stands never."""
        about = {"application__in": self.taken_back}
        assert not Proposal.objects.filter(**about, settled_at=None).exists()
        outcomes = Outcome.objects.filter(**about)
        waiting = Decision.objects.filter(stands_at=None, dropped_at=None)
        assert not waiting.filter(outcomes__in=outcomes).exists(), "nothing waits for a bid gone"
        assert not Decision.objects.exclude(stands_at=None).exclude(dropped_at=None).exists()
        for outcome in outcomes.filter(decision__stands_at__isnull=False):
            assert outcome.decision.stands_at is not None
            assert outcome.decision.stands_at <= outcome.application.withdrawn_at

    def the_chain_goes_on(self) -> None:
        """Each new entry follows from the last one seen, and the head is the newest."""
        chain = self.reading.round.chain
        chain.refresh_from_db()
        seq, mark = self.chain_seen
        for entry in Entry.objects.filter(chain=chain, seq__gt=seq).order_by("seq"):
            assert (entry.seq, entry.previous_hash) == (seq + 1, mark)
            assert entry.hash == trail.link(mark, entry.payload)
            seq, mark = entry.seq, entry.hash
        assert (chain.head_seq, chain.head_hash) == (seq, mark), "the head is the newest entry"
        self.chain_seen = (seq, mark)

    def look_at_everything(self) -> None:
        """The whole chain from its first entry, everybody's sight, and what hangs together."""
        self.looked = self.steps
        self.counts["looks"] += 1
        chain = self.reading.round.chain
        chain.refresh_from_db()
        assert first_trouble(chain) is None
        for place in range(len(self.reading.members)):
            self.sees_no_more(place)
        if self.panel().scores_opened_at is None:
            assert not may_see_scores(self.panel(), self.facilitator), "staff see no scores"
        assert Score.objects.filter(value__gt=5).count() == 0
        assert Stage.objects.filter(opened_at=None, closed_at__isnull=False).count() == 0
