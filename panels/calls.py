"""Who may need a call today, and why: from rows, in plain words, for those who look after people.

It asks who is new, alone, short of time, or just out of a meeting. It never asks how anybody
scored, and nobody but facilitators reads it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Break
from commissioning.models import Member, Round, StageKind
from commissioning.pace import AnyStage, by_lot, lots_of
from panels.models import Attendance, Meeting, Said
from panels.rules.share import needs_training
from support.models import Buddies, GatheringReply, SupportNote

NEW_FOR = timedelta(days=14)
ALONE_AFTER = timedelta(days=21)
CALLED_LATELY = timedelta(days=3)
AFTER_A_MEETING = timedelta(days=3)
HARD = (Meeting.Kind.SHORTLIST, Meeting.Kind.DECISION)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one member's company and time; nothing of their scores."""

    joined_on: date
    called_on: date | None
    """The last private note about them."""
    again_on: date | None
    in_company: bool
    """They have a buddy, said something to their panel, or came or come to a time together."""
    left: int
    given: int
    time_gone: float | None
    """How much of the reading stage is over, from 0 to 1; None when it is not open."""
    untrained: bool
    met_on: date | None
    """The last day they were at a meeting where much is decided."""


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to ring, with the reasons in words."""

    member: Member
    reasons: list[str]
    alone: bool


def reasons(facts: Facts, *, on: date) -> Iterator[str]:
    """Why somebody may need a call on a day, the most pressing first."""
    if facts.again_on and facts.again_on <= on:
        yield _("You said you would ring again.")
    if facts.called_on and on - facts.called_on <= CALLED_LATELY:
        return
    if facts.met_on and timedelta() <= on - facts.met_on <= AFTER_A_MEETING:
        yield _("Was at a meeting where much was decided. Ask how it was.")
    if slow(facts):
        yield _("Has much left to read, and the time is short.")
    if facts.called_on is None and on - facts.joined_on <= NEW_FOR:
        yield _("Is new. Say hello.")
    elif facts.untrained and facts.time_gone is not None:
        yield _("Has not got ready yet, and reading has begun.")
    if is_alone(facts, on=on):
        yield _("Has worked alone for long. Offer company.")


def slow(facts: Facts) -> bool:
    """More than half the time is gone, and more is left to read than time is left for it."""
    if facts.time_gone is None or not facts.given or facts.time_gone < 0.5:
        return False
    return facts.left / facts.given > (1 - facts.time_gone) + 0.2


def is_alone(facts: Facts, *, on: date) -> bool:
    """Somebody who has been here for long without any company."""
    return not facts.in_company and on - facts.joined_on >= ALONE_AFTER


def calls_today(round: Round, *, on: date, at: datetime) -> list[Call]:
    """Everybody who may need a call today. Nobody on a break is on the list (3 queries)."""
    gone = {lot: _time_gone(row, on) for lot, row in by_lot(round, StageKind.SCORING).items()}
    lots = lots_of([round])
    found = []
    for member in _members(round, on=on, at=at):
        reads = lots.get((round.pk, member.person_id)) or {0}
        parts = (gone.get(lot, gone.get(0)) for lot in reads)
        facts = _facts(member, max((part for part in parts if part is not None), default=None))
        why = list(reasons(facts, on=on))
        if why:
            found.append(Call(member, why, is_alone(facts, on=on)))
    return sorted(found, key=lambda call: (-len(call.reasons), call.member.person.name))


def _time_gone(stage: AnyStage, on: date) -> float | None:
    """How much of the time to read is gone, from 0 to 1; nothing while it is not open."""
    if stage.opened_at is None or stage.closed_at is not None:
        return None
    whole = max((stage.closes_on - stage.opens_on).days, 1)
    return min(max((on - stage.opens_on).days / whole, 0.0), 1.0)


def _members(round: Round, *, on: date, at: datetime) -> list[Member]:
    own = OuterRef("pk")
    notes = SupportNote.objects.filter(member=own).order_by("-noted_at", "-pk")
    pairs = Buddies.objects.agreed().filter(Q(asker=own) | Q(asked=own))
    came = GatheringReply.objects.filter(member=own, gathering__called_off_at=None).filter(
        Q(came_at__isnull=False)
        | Q(here_at__isnull=False)
        | Q(coming=True, gathering__starts_at__gte=at)
    )
    met = Attendance.objects.filter(member=own, meeting__kind__in=HARD)
    share = Q(assignments__ended_at=None)
    return list(
        Member.objects.here()
        .filter(round=round)
        .exclude(person__in=Break.objects.on(on).values("person"))
        .select_related("person")
        .annotate(
            called_at=Subquery(notes.values("noted_at")[:1]),
            again_on=Subquery(notes.values("again_on")[:1]),
            in_company=Exists(pairs) | Exists(Said.objects.filter(member=own)) | Exists(came),
            met_at=Subquery(met.order_by("-meeting__starts_at").values("meeting__starts_at")[:1]),
            untrained=needs_training("pk"),
            given=Count("assignments", filter=share, distinct=True),
            done=Count(
                "assignments",
                filter=share & Q(assignments__sheets__isnull=False),
                distinct=True,
            ),
        )
    )


def _facts(member: Member, gone: float | None) -> Facts:
    known = vars(member)
    joined = member.joined_at or member.invited_at

    def day(name: str) -> date | None:
        at = known[name]
        return timezone.localdate(at) if at else None

    return Facts(
        joined_on=timezone.localdate(joined),
        called_on=day("called_at"),
        again_on=known["again_on"],
        in_company=known["in_company"],
        left=known["given"] - known["done"],
        given=known["given"],
        time_gone=gone,
        untrained=known["untrained"],
        met_on=day("met_at"),
    )
