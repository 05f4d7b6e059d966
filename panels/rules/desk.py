"""What lies on one volunteer's desk: lots to declare on, bids to read, and what is next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import Person
from commissioning.models import Lot, Member, Round, Stage, StageKind
from commissioning.workload import minutes_for
from ledger.prepared import Prepared
from panels.models import Declaration, Seat, ShareReply, StandingAside
from panels.rules.interests import digests, list_digest
from panels.rules.scoring import Reading, reading_from, share_of
from panels.rules.share import needs_training, reading_limit


def minutes_to_read(reading: Reading) -> int:
    """Minutes to read and score a bid, from its real count of words."""
    return int(minutes_for(reading.assignment.version.words))


@dataclass(slots=True)
class Desk:
    """One round, as one of its readers finds it today."""

    member: Member
    trained: bool
    sharing_open: bool
    round_scores: bool
    """Whether the round's own stage of scoring is open."""
    round_closes: date | None
    replied: str
    """Their newest answer about their share, or nothing."""
    limit: int
    to_declare: list[Lot] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    """In their own order: what was left for later comes last."""

    @property
    def round(self) -> Round:
        """The round this desk is for."""
        return self.member.round

    @property
    def _scored_now(self) -> list[Reading]:
        return [row for row in self.readings if row.scoring_opened and not row.scoring_closed]

    @property
    def scoring_open(self) -> bool:
        """Whether scoring is open for any bid in their hands, or for the round before they have
        any."""
        return bool(self._scored_now) if self.readings else self.round_scores

    @property
    def scoring_closes(self) -> date | None:
        """The first day on which scoring is planned to close for bids in their hands."""
        return min(
            (row.scoring_closes for row in self._scored_now if row.scoring_closes),
            default=self.round_closes,
        )

    @property
    def over(self) -> bool:
        """Whether scoring has closed for every bid in their hands."""
        return bool(self.readings) and all(row.scoring_closed for row in self.readings)

    @property
    def may_declare(self) -> list[Lot]:
        """Lots to declare on, while that can be done."""
        return self.to_declare if self.sharing_open or self.scoring_open else []

    @property
    def live(self) -> list[Reading]:
        """Bids that were not withdrawn."""
        return [row for row in self.readings if not row.withdrawn]

    @property
    def sent(self) -> int:
        """Bids that are done with."""
        return sum(row.done for row in self.live)

    @property
    def waiting(self) -> list[Reading]:
        """Bids whose scores were typed and wait for a yes."""
        return [row for row in self.live if row.waiting_sheet and not row.done]

    @property
    def to_read(self) -> list[Reading]:
        """Bids that can be read now and are not done with, next one first."""
        now = [row for row in self._scored_now if not row.withdrawn]
        return [row for row in now if row.declared and not row.done and not row.waiting_sheet]


def desks(person: Person, members: Iterable[Member] | None = None) -> list[Desk]:
    """Every round a volunteer takes part in, newest first (4 queries, however many bids).

    `members` are the person's places with `facts_of_member`, where they are known (3 queries).
    """
    places = MEMBERS.rows(person.pk) if members is None else members
    found = {member.round_id: _desk(member) for member in places}
    lots = LOTS.rows(person.pk)
    marks = digests({lot.pk for lot in lots})
    has_seat = {lot.round_id for lot in lots if vars(lot)["seated"]}
    for lot in lots:
        if lot.round_id not in found:
            continue
        facts = vars(lot)
        theirs = facts["seated"] or lot.round_id not in has_seat
        said = facts["aside"] or facts["mark"] == marks[lot.pk]
        if theirs and not said and marks[lot.pk] != list_digest([]):
            found[lot.round_id].to_declare.append(lot)
    for row in share_of(person):
        if row.application.round_id in found:
            found[row.application.round_id].readings.append(reading_from(row, marks))
    return list(found.values())


def facts_of_member() -> dict[str, Any]:
    """What a desk needs to know of a place in a round, as annotations on members."""
    stages = Stage.objects.filter(round=OuterRef("round"))
    open_now = stages.filter(opened_at__isnull=False, closed_at=None)
    scoring = stages.filter(kind=StageKind.SCORING)
    replies = ShareReply.objects.filter(member=OuterRef("pk"))
    return {
        "untrained": needs_training("pk"),
        "sharing_open": Exists(open_now.filter(kind=StageKind.SHARING)),
        "scoring_open": Exists(open_now.filter(kind=StageKind.SCORING)),
        "scoring_closes": Subquery(scoring.values("closes_on")[:1]),
        "reply": Subquery(replies.values("answer")[:1]),
        "reply_bids": Subquery(replies.values("bids_wanted")[:1]),
    }


def _members(person: int) -> QuerySet[Member]:
    """The person's places in rounds, with what the round is open for."""
    return (
        Member.objects.here()
        .filter(person=person)
        .select_related("round__programme", "person")
        .annotate(**facts_of_member())
        .order_by("-round__made_at", "-pk")
    )


def _lots(person: int) -> QuerySet[Lot]:
    """Every lot of the person's rounds, with their seat there and what they last declared."""
    own = {"member__person": person, "member__ended_at": None}
    declared = Declaration.objects.filter(member__person=person, lot=OuterRef("pk"))
    return Lot.objects.filter(
        round__in=Member.objects.here().filter(person=person).values("round")
    ).annotate(
        seated=Exists(Seat.objects.filter(ended_at=None, panel__lot=OuterRef("pk"), **own)),
        aside=Exists(StandingAside.objects.filter(lot=OuterRef("pk"), application=None, **own)),
        mark=Subquery(declared.values("list_digest")[:1]),
    )


MEMBERS, LOTS = Prepared(_members), Prepared(_lots)


def _desk(member: Member) -> Desk:
    facts = vars(member)
    return Desk(
        member=member,
        trained=not facts["untrained"],
        sharing_open=facts["sharing_open"],
        round_scores=facts["scoring_open"],
        round_closes=facts["scoring_closes"],
        replied=facts["reply"] or "",
        limit=reading_limit(member),
    )
