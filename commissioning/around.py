"""The rounds that somebody's next steps can come from, read once for all the apps that ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.expressions import BaseExpression, Combinable

from accounts.models import Break, Person
from accounts.permissions import Permission, Verdict, holds
from commissioning.models import Confirmation, Enquiry, Member, MemberQuerySet, Round, TypedAnswer
from commissioning.pace import AnyStage, Lots, all_stages, lots_of, stages_of
from commissioning.rules import Longer, longer_rests, resting

Facts = Mapping[str, BaseExpression | Combinable]


@dataclass(frozen=True, slots=True)
class Around:
    """A person's rounds with their stages, and the places they have in them as a volunteer."""

    rounds: list[Round]
    """As far as the person may see them, newest first."""
    places: list[Member]
    """None at all on a break: nothing is asked of a volunteer then."""
    longer: Longer = field(default_factory=dict)
    """By how much the person's own rests are longer, where it matters on this day."""
    lots: Lots = field(default_factory=dict)
    """For which lots the person reads or sits, in rounds where panels have days of their own."""

    def rest(self, place: Member, *, on: date) -> Verdict:
        """Whether the holder of a place rests on this day, as agreed with everybody or them."""
        key = (place.round_id, place.person_id)
        return resting(
            place.round, on=on, more=self.longer.get(key, 0), lots=self.lots.get(key, ())
        )

    def awake(self, *, on: date) -> list[Member]:
        """Places that count, in rounds that do not rest on this day."""
        return [row for row in self.places if row.confirmed_at and not self.rest(row, on=on)]

    def any_in(self, kind: str) -> bool:
        """Whether this stage is open in any of the rounds."""
        return any(is_in(round, kind) for round in self.rounds)


def _rows(round: Round, kind: str, lot: int | None) -> list[AnyStage]:
    rows = all_stages(round) if lot is None else stages_of(round, lot)
    return [row for row in rows if row.kind == kind]


def is_in(round: Round, kind: str, lot: int | None = None) -> bool:
    """Whether a stage has been opened and not closed, whatever its dates say: for the panel of a
    lot, or for any."""
    return any(row.opened_at and not row.closed_at for row in _rows(round, kind, lot))


def was_opened(round: Round, kind: str, lot: int | None = None) -> bool:
    """Whether a stage has been opened, be it closed by now or not: for this lot, or for any."""
    return any(row.opened_at for row in _rows(round, kind, lot))


def was_closed(round: Round, kind: str, lot: int | None = None) -> bool:
    """Whether a stage has been closed: for the panel of a lot, or for all."""
    rows = _rows(round, kind, lot)
    return bool(rows) and all(row.closed_at for row in rows)


def _to_confirm() -> MemberQuerySet:
    """As `rules.to_confirm`, of the place that is the outer row."""
    mine = Confirmation.objects.filter(member=OuterRef("pk"), confirmer=OuterRef(OuterRef("pk")))
    return (
        Member.objects.waiting()
        .filter(~Exists(mine), round=OuterRef("round"))
        .exclude(invited_by=OuterRef("person"))
    )


def _typed_for() -> Subquery:
    """The first answer typed for this place that waits to be checked (an id, or nothing)."""
    waiting = TypedAnswer.objects.waiting().filter(member=OuterRef("pk"))
    return Subquery(waiting.order_by("pk").values("pk")[:1])


def _typed_in(person: Person) -> Subquery:
    """The same for a round, where somebody else typed it."""
    waiting = TypedAnswer.objects.waiting().filter(member__round=OuterRef("pk"))
    return Subquery(waiting.exclude(typed_by=person).order_by("pk").values("pk")[:1])


def look_around(person: Person, *, on: date, facts: Facts | None = None) -> Around:
    """Read them (two queries, four for staff who take part, one more soon after a rest). `facts`
    are what upper apps want to know of each place, asked in the same query."""
    places: list[Member] = []
    longer: Longer = {}
    lots: Lots = {}
    rounds: list[Round] = []
    if holds(person, Permission.TAKE_PART):
        found = list(
            Member.objects.filter(person=person, ended_at=None)
            .select_related("round__programme", "person")
            .prefetch_related("round__stages")
            .annotate(
                on_break=Exists(Break.objects.on(on).filter(person=OuterRef("person"))),
                newcomers=Exists(_to_confirm()),
                typed_answer=_typed_for(),
                **(facts or {}),
            )
            .order_by("-round__made_at", "-pk")
        )
        rounds = [row.round for row in found]
        places = [row for row in found if not vars(row)["on_break"]]
        longer = longer_rests([row.round for row in places], on=on)
        lots = lots_of([row.round for row in places], people=[person.pk])
    if holds(person, Permission.READ_REPORTS) or holds(person, Permission.KEEP_SITE):
        asked = Enquiry.objects.waiting().filter(round=OuterRef("pk"))
        seen = Round.objects.visible_to(person).annotate(
            typed_answer=_typed_in(person), asked_to_join=Exists(asked)
        )
        rounds = list(seen.prefetch_related("stages"))
    return Around(rounds, places, longer, lots)
