"""A crowd for the medium and large examples: generated people and bids, to see the site at size.

Their texts are put together from parts and mean little; the small example is the one to read. Rows
are made in bulk, because 10,000 bids through every action would take an hour. Guards stay on, and
each bulk act is one entry.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import cycle
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Person, Role, RoleHolding
from applications import content
from applications.looking_rules import group_of
from applications.models import Application, BidVersion, Eligibility, Organisation
from commissioning.models import Agreement, AgreementVote, Choice, Criterion, Lot, Member, Round
from decisions.example.words import read
from ledger.actions import record, record_many
from panels.models import (
    Assignment,
    Declaration,
    Panel,
    Phase,
    Proposal,
    ProposalVote,
    Score,
    ScoreSheet,
    Seat,
    ShareRun,
    Shortlisting,
    StandingAside,
)
from panels.rules.interests import conflicts, digests
from panels.rules.proposals import entitled, needed_for
from panels.rules.share import seed_for
from support.models import TrainingDone, TrainingTopic


@dataclass(frozen=True, slots=True)
class Size:
    """How many volunteers and bids an example has, the written ones among them."""

    volunteers: int
    bids: int


SIZES = {"small": Size(30, 46), "medium": Size(300, 600), "large": Size(3_000, 10_000)}

FIRST = ("Ada", "Bert", "Cora", "Desmond", "Edna", "Fergus", "Greta", "Horace", "Ivy", "Jonas")
LAST = ("Ashby", "Birkin", "Crowther", "Dale", "Ellwood", "Fenn", "Garth", "Holroyd", "Ings")
PLACES = ("Armley", "Beeston", "Bramley", "Farsley", "Gipton", "Kippax", "Morley", "Otley")
DOING = (
    "a lunch every Tuesday",
    "a walking group for slow walkers",
    "telephone friends in the evening",
    "a shed with two benches and a kettle",
    "singing from the old song sheets",
    "lifts to see a friend",
)
BECAUSE = (
    "Our members told us that the afternoons are the longest.",
    "The last bus goes at five, so people stay in.",
    "We asked at the surgery, the post office and the hairdresser.",
    "When the club closed, the card players lost touch.",
    "Several people had not spoken to anybody for three days.",
)
SAYING = (
    "A steering group of people over 60 meets each month and sets the plan.",
    "We will start small, count who comes, and ask them what to change.",
    "Two trained volunteers will be there each time.",
    "Nobody pays, and we bring people to the door.",
    "After six months we will sit down together and look at what worked.",
)


class Crowd:
    """The people and bids that make the written example bigger."""

    def __init__(self, round: Round, size: Size, random: Random) -> None:
        self.round = round
        self.random = random
        self.volunteers = size.volunteers - SIZES["small"].volunteers
        self.bids = size.bids - SIZES["small"].bids

    @transaction.atomic
    def join(self, *, by: Person, at: datetime) -> None:
        """The crowd's volunteers, with a role and a place in the round."""
        people = Person.objects.bulk_create(
            Person(
                name=f"{self.random.choice(FIRST)} {self.random.choice(LAST)} {number}",
                sign_in_email=f"volunteer{number}@example.org",
                password=make_password(None),
            )
            for number in range(1, self.volunteers + 1)
        )
        RoleHolding.objects.bulk_create(
            RoleHolding(person=person, role=Role.VOLUNTEER, began_at=at, began_by=by)
            for person in people
        )
        Member.objects.bulk_create(
            Member(
                round=self.round,
                person=person,
                invited_at=at,
                invited_by=by,
                joined_at=at,
                joined_by=person,
                confirmed_at=at,
                confirmed_by=person,
                bids_wanted=self.random.randint(11, 19),
                has_scored_before=self.random.random() < 0.45,
            )
            for person in people
        )
        record(chain=self.round.chain, verb="crowd_joined", by=by, at=at, people=len(people))

    def _members(self) -> list[Member]:
        return list(
            Member.objects.here().filter(
                round=self.round, person__sign_in_email__startswith="volunteer"
            )
        )

    @transaction.atomic
    def vote(self, agreement: Agreement, *, by: Person, at: datetime) -> None:
        """The crowd agrees with what was put to the vote; the written cast's votes settle it."""
        votes = AgreementVote.objects.bulk_create(
            AgreementVote(agreement=agreement, member=member, choice=Choice.AGREE, voted_at=at)
            for member in self._members()
        )
        record(chain=self.round.chain, verb="crowd_voted", by=by, at=at, votes=len(votes))

    @transaction.atomic
    def learn(self, *, by: Person, at: datetime) -> None:
        """The crowd has done its training."""
        topics = list(TrainingTopic.objects.filter(round=self.round))
        TrainingDone.objects.bulk_create(
            TrainingDone(
                member=member,
                topic=topic,
                how=TrainingDone.How.READ,
                done_at=at,
                done_by_id=member.person_id,
            )
            for member in self._members()
            for topic in topics
        )
        record(chain=self.round.chain, verb="crowd_trained", by=by, at=at, topics=len(topics))

    @transaction.atomic
    def bid(self, lots: list[Lot], *, by: Person, at: datetime) -> None:
        """The crowd's bids, sent."""
        organisations = Organisation.objects.bulk_create(
            Organisation(name=f"{name} {number}", kind="group", made_at=at, made_by=by)
            for number, name in zip(range(1, self.bids + 1), self._names(), strict=False)
        )
        bids = Application.objects.bulk_create(
            Application(
                round=self.round,
                lot=lot,
                organisation=organisation,
                reference=f"CR-{number:05}",
                title=f"{self.random.choice(DOING).capitalize()} in {organisation.name.split()[0]}",
                area=organisation.name.split()[0],
                contact_name=f"{self.random.choice(FIRST)} {self.random.choice(LAST)}",
                declared_true=True,
                made_at=at,
                made_by=by,
                submitted_at=at,
                submitted_by=by,
            )
            for number, (organisation, lot) in enumerate(
                zip(organisations, cycle(lots), strict=False), start=1
            )
        )
        BidVersion.objects.bulk_create((self._version(bid, by, at) for bid in bids), 500)
        record(chain=self.round.chain, verb="crowd_bid", by=by, at=at, bids=len(bids))

    def _names(self) -> Iterator[str]:
        while True:
            yield f"{self.random.choice(PLACES)} {self.random.choice(LAST)} Friends"

    def _version(self, bid: Application, by: Person, at: datetime) -> BidVersion:
        asked = Decimal(self.random.randrange(4_000, 60_000, 50))
        answers = tuple(
            content.AnswerText(
                row["key"],
                row["label"],
                " ".join(self.random.sample(BECAUSE, 3) + self.random.sample(SAYING, 4)),
                tuple(row["criteria"]),
            )
            for row in read("application_form")["questions"]
            if row["kind"] == "text" and row["key"] != content.SUMMARY
        )
        made = content.as_content(
            content.Bid(
                title=bid.title,
                organisation=bid.organisation.name,
                summary=f"We would like to offer {self.random.choice(DOING)} in {bid.area}.",
                area=bid.area,
                answers=answers,
                budget=(content.Line("People, rooms and travel", asked, asked),),
            )
        )
        return BidVersion(
            application=bid,
            number=1,
            content=made,
            asked=asked,
            words=content.words(made),
            digest=content.digest(made),
            group=group_of(bid.organisation),
            sent_at=at,
            sent_by=by,
        )

    def _bids(self) -> list[Application]:
        return list(
            Application.objects.filter(round=self.round, reference__startswith="CR-").order_by("pk")
        )

    @transaction.atomic
    def check(self, *, by: Person, at: datetime) -> None:
        """Every one of the crowd's bids meets the funder's rules."""
        rows = [
            Eligibility(application=bid, eligible=True, decided_at=at, decided_by=by)
            for bid in self._bids()
        ]
        Eligibility.objects.bulk_create(rows)
        record(chain=self.round.chain, verb="crowd_checked", by=by, at=at, bids=len(rows))

    @transaction.atomic
    def declare_and_share(self, *, by: Person, at: datetime) -> None:
        """Each of the crowd declares on one lot and is given its bids, evenly, in turn."""
        lots = list(self.round.lots.all())
        marks = digests(lot.pk for lot in lots)
        circles: dict[int, list[Member]] = {lot.pk: [] for lot in lots}
        for member, lot in zip(self._members(), cycle(lots), strict=False):
            circles[lot.pk].append(member)
        Declaration.objects.bulk_create(
            Declaration(member=member, lot_id=lot, list_digest=marks[lot], made_at=at)
            for lot, circle in circles.items()
            for member in circle
        )
        pairs = list(self._in_turn(circles))
        run = ShareRun.objects.create(
            round=self.round,
            seed=seed_for(self.round),
            answer={"pairs": [[bid.pk, member.pk] for bid, member in pairs], "reasons": {}},
            proposed_at=at,
            proposed_by=by,
            confirmed_at=at,
            confirmed_by=by,
        )
        versions = dict(
            BidVersion.objects.filter(application__round=self.round).values_list(
                "application_id", "pk"
            )
        )
        Assignment.objects.bulk_create(
            Assignment(
                member=member,
                application=bid,
                version_id=versions[bid.pk],
                run=run,
                order_key=self.random.random(),
                given_at=at,
                given_by=by,
            )
            for bid, member in pairs
        )
        record(chain=self.round.chain, verb="crowd_shared", by=by, at=at, pairs=len(pairs))

    def _in_turn(self, circles: dict[int, list[Member]]) -> Iterator[tuple[Application, Member]]:
        """The crowd reads its own bids; those who sit on a panel read the written ones."""
        crowd = {lot: cycle(circle) for lot, circle in circles.items()}
        ties = conflicts(self.round.pk)
        loads: Counter[int] = Counter()
        for bid in Application.objects.eligible().filter(round=self.round).order_by("pk"):
            if bid.reference.startswith("CR-"):
                readers = [next(crowd[bid.lot_id]) for _place in range(self.round.readers_per_bid)]
            else:
                readers = self._seated(bid, ties, loads)
            yield from ((bid, member) for member in readers)

    def _seated(
        self, bid: Application, ties: dict[int, set[int]], loads: Counter[int]
    ) -> list[Member]:
        """Those of the bid's own panel who have the most room left under what they promised."""
        seats = Seat.objects.held().filter(panel__lot=bid.lot_id).select_related("member")
        aside = StandingAside.objects.filter(lot=bid.lot_id, application=None).values("member")
        free = [
            seat.member
            for seat in seats.exclude(member__in=aside).order_by("pk")
            if bid.pk not in ties.get(seat.member_id, set())
        ]
        free.sort(key=lambda member: (loads[member.pk] + 1) / member.bids_wanted)
        readers = free[: self.round.readers_per_bid]
        loads.update(member.pk for member in readers)
        return readers

    @transaction.atomic
    def score(self, *, by: Person, at: datetime, part: float) -> None:
        """The crowd sends this part (0 to 1) of its scores, each sheet with its reader's entry."""
        criteria = list(Criterion.objects.agreed_for(self.round))
        rows = Assignment.objects.filter(
            member__round=self.round, application__reference__startswith="CR-"
        ).select_related("member__person")
        sheets = ScoreSheet.objects.bulk_create(
            ScoreSheet(
                member=row.member,
                application_id=row.application_id,
                assignment=row,
                version_id=row.version_id,
                phase=Phase.READING,
                why=self.random.choice(SAYING),
                sent_at=at,
                sent_by_id=row.member.person_id,
            )
            for row in rows
            if self.random.random() < part
        )
        Score.objects.bulk_create(
            Score(
                sheet=sheet,
                criterion=criterion,
                value=self.random.choice((1, 2, 2, 3, 3, 3, 4, 4, 5)),
                reason=self.random.choice(BECAUSE),
            )
            for sheet in sheets
            for criterion in criteria
        )
        own: defaultdict[Person, list[int]] = defaultdict(list)
        for sheet in sheets:
            own[sheet.member.person].append(sheet.pk)
        for person, ids in own.items():
            self._tell([("scores_sent", {"sheet": pk}) for pk in ids], by=person, at=at)
        record(chain=self.round.chain, verb="crowd_scored", by=by, at=at, sheets=len(sheets))

    def _tell(
        self, entries: list[tuple[str, dict[str, object]]], *, by: Person, at: datetime
    ) -> None:
        record_many(chain=self.round.chain, entries=entries, by=by, at=at)

    @transaction.atomic
    def turn_down(self, panel: Panel, criterion: Criterion, *, at: datetime) -> None:
        """The panel agrees, by the votes of a quorum, not to meet any of the crowd's groups."""
        seats = list(entitled(panel).select_related("member__person").order_by("pk"))
        seats = seats[: needed_for(panel, len(seats))]
        bids = [bid for bid in self._bids() if bid.lot_id == panel.lot_id]
        proposals = Proposal.objects.bulk_create(
            Proposal(
                panel=panel,
                kind=Proposal.Kind.SHORTLIST,
                application=bid,
                words=self.random.choice(BECAUSE),
                data={"outcome": str(Shortlisting.Outcome.NO), "criterion": criterion.pk},
                put_at=at,
                put_by_id=seats[0].member.person_id,
            )
            for bid in bids
        )
        for seat in seats:
            ProposalVote.objects.bulk_create(
                ProposalVote(proposal=proposal, seat=seat, choice=Choice.AGREE, voted_at=at)
                for proposal in proposals
            )
            entries: list[tuple[str, dict[str, object]]] = [
                ("voted", {"proposal": proposal.pk, "seat": seat.pk}) for proposal in proposals
            ]
            self._tell(entries, by=seat.member.person, at=at)
        Proposal.objects.filter(
            panel=panel, application__reference__startswith="CR-", settled_at=None
        ).update(outcome=Proposal.Outcome.AGREED, settled_at=at)
        Shortlisting.objects.bulk_create(
            Shortlisting(
                panel=panel,
                application=bid,
                outcome=Shortlisting.Outcome.NO,
                reason=proposal.words,
                criterion=criterion,
                proposal=proposal,
                settled_at=at,
            )
            for bid, proposal in zip(bids, proposals, strict=True)
        )
