"""Hours promised and hours given: read for a person, for a round, and for the next estimate."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from commissioning.models import HoursGiven, Member, Promise, Round, Stage, StageKind
from commissioning.workload import Workload, estimate, pace_of, words_from_limits

ASKED_ABOUT = (
    StageKind.TRAINING,
    StageKind.CRITERIA,
    StageKind.SCORING,
    StageKind.SHORTLIST,
    StageKind.INTERVIEWS,
    StageKind.DECISION,
)
"""Stages that ask work of volunteers."""


@dataclass(frozen=True, slots=True)
class Given:
    """What one member said: hours by stage. `told`: hours for reading, when they last said yes."""

    member: int
    by_stage: dict[str, Decimal]

    @property
    def total(self) -> Decimal:
        """All that they said, together."""
        return sum(self.by_stage.values(), Decimal(0))


def given_by(members: Iterable[Member]) -> dict[int, Given]:
    """What each member said, the newest for each stage. One query."""
    pks = [member.pk for member in members]
    found: defaultdict[int, dict[str, Decimal]] = defaultdict(dict)
    for row in HoursGiven.objects.filter(member__in=pks).order_by("said_at", "pk"):
        found[row.member_id][row.stage] = row.hours
    return {pk: Given(pk, found[pk]) for pk in pks}


def stages_asked(round: Round) -> list[Stage]:
    """The stages that are over, or under way, and asked work of volunteers."""
    opened = Stage.objects.filter(round=round, kind__in=ASKED_ABOUT, opened_at__isnull=False)
    return list(opened.order_by("order"))


def pace_for(round: Round) -> Decimal:
    """How long reading took in the programme's last round, against what was told then."""
    before = Round.objects.filter(programme=round.programme_id, made_at__lt=round.made_at)
    last = before.filter(members__hours_given__stage=StageKind.SCORING).order_by("-made_at").first()
    if last is None:
        return Decimal(1)
    told: dict[int, Decimal] = {}
    for promise in Promise.objects.filter(member__round=last).order_by("said_at", "pk"):
        told[promise.member_id] = promise.reading
    given: dict[int, Decimal] = {}
    rows = HoursGiven.objects.filter(member__round=last, stage=StageKind.SCORING)
    for row in rows.order_by("said_at", "pk"):
        given[row.member_id] = row.hours
    return pace_of([(told[pk], hours) for pk, hours in given.items() if pk in told])


def words_before(round: Round) -> tuple[int, ...]:
    """How long a bid is taken to be before bids are in: from the word limits of the questions.

    The form belongs to an app above this one, and is asked by the name of its rows.
    """
    limits = round.form_questions.values_list("word_limit", flat=True)
    return words_from_limits([limit for limit in limits if limit])


def estimates_before(round: Round, *bids: int) -> list[Workload]:
    """What is said before a yes, for each number of bids: from word limits and the last round."""
    words, pace = words_before(round), pace_for(round)
    return [estimate(number, words=words, pace=pace) for number in bids]
