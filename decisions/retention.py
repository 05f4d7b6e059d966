"""What is kept for a time, and from which day it may go. Reads, never writes."""

import calendar
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, F, Max, Model, OuterRef, QuerySet, Subquery, Value
from django.utils import timezone

from accounts.models import Person
from applications.models import (
    EMPTIED,
    Application,
    BidVersion,
    Correction,
    Document,
    PlainWords,
)
from commissioning.models import AwayDays, Member, Programme, Round, StageKind, TypedAnswer
from decisions.models import (
    Complaint,
    Decision,
    Description,
    Kept,
    Outcome,
    OutcomeKind,
    Ratification,
    RetentionRule,
)
from ledger.models import Letter
from ledger.trail import digest
from panels.models import (
    Abstention,
    BidDraft,
    Interest,
    InterviewDraft,
    InterviewSlot,
    Meeting,
    Question,
    Reflection,
    Said,
    Score,
    ScoreDraft,
    ScoreSheet,
    SheetScan,
    Steered,
    Void,
)
from support.models import (
    Adjustment,
    Encouragement,
    Expense,
    FormatNeed,
    GatheringReply,
    Helper,
    Look,
    PracticeSheet,
    Reference,
    SupportNote,
)

USUAL_MONTHS = {
    Kept.DRAFTS: 3,
    Kept.NEEDS: 6,
    Kept.CARE: 6,
    Kept.COSTS: 84,
    Kept.BIDS: 24,
    Kept.DECISIONS: 84,
}
"""Where the programme has no rule of its own."""

HELD_BACK = (Kept.BIDS, Kept.DECISIONS)
"""What a legal hold, or a complaint without an answer, keeps from going."""


@dataclass(frozen=True, slots=True)
class Part:
    """Words of one model, which go some time after their round: blanked, or the whole rows."""

    model: type[Model]
    round: str
    """The way from a row to its round."""
    blank: dict[str, Any] = field(default_factory=dict)
    """What stands in the row afterwards; nothing here: the row itself goes."""
    file: str = ""
    person: str = ""
    """The way to whom the words are about, where they go with that person's details too."""

    def about(self, person: Person) -> QuerySet[Any]:
        """The rows about this person that still have something to delete."""
        return self._full(**{self.person: person})

    def left(self, rounds: Iterable[Round]) -> QuerySet[Any]:
        """The rows of these rounds that still have something to delete."""
        return self._full(**{f"{self.round}__in": rounds})

    def _full(self, **where: Any) -> QuerySet[Any]:
        found = self.model._default_manager.filter(**where)
        return (found.exclude(**self.blank) if self.blank else found).order_by()


MEMBER = "member__person"
LETTER_WORDS: dict[str, Any] = {"to_name": "", "to_address": "", "body_text": "", "body_html": ""}

SCANS = Part(
    SheetScan,
    "assignment__member__round",
    {"file": ""},
    file="file",
    person=f"assignment__{MEMBER}",
)
"""Somebody's own hand, and their name: it goes with the words of scores, and when they ask."""

PARTS: dict[str, tuple[Part, ...]] = {
    Kept.CARE: (
        Part(SupportNote, "member__round", person=MEMBER),
        Part(PracticeSheet, "member__round", person=MEMBER),
        Part(FormatNeed, "member__round", person=MEMBER),
        Part(AwayDays, "member__round", person=MEMBER),
        Part(TypedAnswer, "member__round", {"said": {}}, person=MEMBER),
        Part(Helper, "member__round", {"knows": ""}, person=MEMBER),
        Part(GatheringReply, "gathering__round", {"needs": ""}, person=MEMBER),
        Part(Look, "member__round", {"answers": {}, "words": ""}, person=MEMBER),
        Part(
            Member,
            "round",
            {"days_away": "", "hopes": "", "experience": []},
            person="person",
        ),
        Part(InterviewSlot, "panel__round", {"access_needs": "", "agreed": ""}),
    ),
    Kept.COSTS: (
        Part(
            Expense,
            "member__round",
            {"what": "–", "receipt": "", "receipt_name": "", "refused_why": "–"},
            file="receipt",
        ),
    ),
    Kept.DECISIONS: (
        Part(Score, "sheet__member__round", {"reason": ""}),
        Part(ScoreSheet, "member__round", {"why": ""}),
        SCANS,
        Part(Abstention, "assignment__member__round", {"words": ""}),
        Part(Void, "sheet__member__round", {"words": ""}),
        Part(ScoreDraft, "assignment__member__round", {"reason": ""}),
        Part(BidDraft, "assignment__member__round", {"why": "", "notes": ""}),
        Part(InterviewDraft, "seat__member__round", {"reason": ""}),
        Part(Interest, "member__round", {"words": ""}),
        Part(Question, "panel__round", {"text": "", "answer": ""}),
        Part(Said, "panel__round", {"text": ""}),
        Part(Meeting, "panel__round", {"notes": "", "minutes": ""}),
        Part(Reflection, "meeting__panel__round", {"text": ""}),
        Part(Steered, "panel__round", {"text": "", "words": ""}),
        Part(Letter, "chain__round", LETTER_WORDS),
    ),
}
"""What goes when a round has been over for so many months, model by model.

Of a decision its sums, outcomes, agreed reasons, noted dissent and signatures stay, and so does
every score: the report's figures, and the marks that panels agreed to, can be worked out for good.
"""

PERSONAL: tuple[Part, ...] = (
    *(part for part in PARTS[Kept.CARE] if part.person),
    Part(Adjustment, "member__round", {"asked": ""}, person=MEMBER),
    Part(Encouragement, "member__round", person=MEMBER),
    Part(Reference, "member__round", person=MEMBER),
    SCANS,
    Part(Letter, "chain__round", LETTER_WORDS, person="to"),
)
"""What goes when somebody asks for their details to be taken away, besides what is in `accounts`.

What they did as a volunteer stays: scores with their reasons, votes, signatures. Claims stay for
the accounts, and a worry about safety stays with the safeguarding lead.
"""


def kept_about(person: Person) -> list[tuple[str, int]]:
    """What would go with this person's details: each kind of row, and how many (one query)."""
    first, *rest = (
        part.about(person).annotate(part=Value(number)).values_list("part")
        for number, part in enumerate(PERSONAL)
    )
    found = Counter(number for (number,) in first.union(*rest, all=True))
    return [(str(PERSONAL[n].model._meta.verbose_name), found[n]) for n in sorted(found)]


SENT_WORDS: dict[type[Model], dict[str, Any]] = {
    BidVersion: {"content": EMPTIED},
    Document: {"name": "", "file": ""},
    Correction: {"words": "", "value": None},
    PlainWords: {"text": "", "who": ""},
    Description: {"text": ""},
}
"""What is blank, of what was sent with a bid, once the bid was kept long enough."""


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def rules_of_all() -> dict[tuple[int, str], RetentionRule]:
    """Every rule there is, by programme and what is kept."""
    rows = RetentionRule.objects.select_related("asked_by")
    return {(row.programme_id, row.what): row for row in rows}


def months_of(programme: Programme, what: str) -> int:
    """How many months the programme keeps this."""
    rule = RetentionRule.objects.filter(programme=programme, what=what).first()
    return rule.months if rule else USUAL_MONTHS[Kept(what)]


@dataclass(frozen=True, slots=True)
class Due:
    """What may be deleted on a day: the rows' ids, and each as the preview names it."""

    ids: tuple[int, ...]
    names: tuple[str, ...]
    marks: tuple[str, ...] = ()
    """Where rows of several models go: of which each is, beside its id."""

    @property
    def digest(self) -> str:
        """The mark of exactly these rows."""
        return digest(",".join(self.marks or map(str, self.ids)))

    def ids_of(self, part: int) -> list[int]:
        """The rows of one of the parts."""
        return [pk for pk, mark in zip(self.ids, self.marks, strict=True) if mark == f"{part}:{pk}"]


def drafts(programme: Programme) -> QuerySet[Application]:
    """Bids that were never sent, of rounds where bidding is over, and that still have words."""
    return (
        Application.objects.filter(
            round__programme=programme,
            submitted_at=None,
            erasure=None,
            round__stages__kind=StageKind.OPEN,
            round__stages__closed_at__isnull=False,
        )
        .annotate(over_at=Max("round__stages__closed_at"))
        .order_by("pk")
    )


@dataclass(frozen=True, slots=True)
class Over:
    """A round whose every stage has closed: since when, and whether something holds it back."""

    round: Round
    on: date
    held: bool


def over_rounds() -> list[Over]:
    """Every round that is over (one question, for all programmes)."""
    newest = (
        Ratification.objects.filter(decision=OuterRef("pk"))
        .exclude(kind=Ratification.Kind.CONFIRMED)
        .order_by("-made_at", "-pk")
    )
    holds = (
        Decision.objects.filter(panel__round=OuterRef("pk"))
        .annotate(newest=Subquery(newest.values("kind")[:1]))
        .filter(newest=Ratification.Kind.HOLD)
    )
    complaints = Complaint.objects.filter(application__round=OuterRef("pk"), answered_at=None)
    rows = (
        Round.objects.exclude(stages__closed_at=None)
        .annotate(over_at=Max("stages__closed_at"), held=Exists(holds) | Exists(complaints))
        .filter(over_at__isnull=False)
        .order_by("pk")
    )
    return [
        Over(row, timezone.localdate(vars(row)["over_at"]), bool(vars(row)["held"])) for row in rows
    ]


def held_back(programme: Programme, what: str, over: Iterable[Over] | None = None) -> list[Round]:
    """The rounds that a legal hold or an open complaint keeps from going."""
    if what not in HELD_BACK:
        return []
    rows = over_rounds() if over is None else over
    return [row.round for row in rows if row.held and row.round.programme_id == programme.pk]


def lost_bids(rounds: Iterable[Round]) -> QuerySet[Application]:
    """Bids of these rounds that were sent, got no money, and still have their words."""
    paid = Outcome.objects.filter(
        application=OuterRef("pk"),
        kind__in=[OutcomeKind.AWARD, OutcomeKind.LESS],
        decision__in=Decision.objects.standing(),
    )
    return Application.objects.filter(
        ~Exists(paid), round__in=rounds, submitted_at__isnull=False, erasure=None
    ).order_by("pk")


def needs(programme: Programme) -> QuerySet[Adjustment]:
    """What was asked for to make taking part easier, of rounds whose every stage is over."""
    return (
        Adjustment.objects.filter(member__round__programme=programme, erasure=None)
        .exclude(member__round__stages__closed_at=None)
        .annotate(over_at=Max("member__round__stages__closed_at"))
        .select_related("member__round")
        .order_by("pk")
    )


def goes_on(row: Application, months: int) -> date:
    """The first day on which a row (of `drafts` or `needs`) may be deleted."""
    return months_later(timezone.localdate(vars(row)["over_at"]), months)


def due(
    programme: Programme,
    what: str,
    *,
    on: date,
    months: int | None = None,
    over: Iterable[Over] | None = None,
) -> Due:
    """All that may be deleted on this day. The names give away no words and no person.

    `over` brings the rounds that are over, where they were found in this request already.
    """
    months = months or months_of(programme, what)
    if what in PARTS or what == Kept.BIDS:
        rounds = _long_over(programme, what, months, on, over_rounds() if over is None else over)
        return _due_bids(rounds) if what == Kept.BIDS else _due_parts(rounds, what)
    if what == Kept.DRAFTS:
        rows = [
            (row.pk, row.reference)
            for row in drafts(programme).only("pk", "reference")
            if goes_on(row, months) <= on
        ]
    else:
        rows = [
            (row.pk, row.member.round.name)
            for row in needs(programme)
            if months_later(timezone.localdate(vars(row)["over_at"]), months) <= on
        ]
    return Due(tuple(pk for pk, _name in rows), tuple(name for _pk, name in rows))


def _long_over(
    programme: Programme, what: str, months: int, on: date, over: Iterable[Over]
) -> dict[int, Round]:
    """The programme's rounds that have been over for long enough, by id.

    Decisions count from the end of the programme: the day when its last round was over.
    """
    rows = [row for row in over if row.round.programme_id == programme.pk]
    if what == Kept.DECISIONS:
        made = vars(programme).get("rounds_made")
        made = programme.rounds.count() if made is None else made
        if not rows or any(row.held for row in rows) or len(rows) < made:
            return {}
        last = max(row.on for row in rows)
        rows = [Over(row.round, last, row.held) for row in rows]
    return {
        row.round.pk: row.round
        for row in rows
        if months_later(row.on, months) <= on and not (row.held and what in HELD_BACK)
    }


def _due_bids(rounds: dict[int, Round]) -> Due:
    """Bids that got no money, by their numbers."""
    rows = list(lost_bids(rounds.values()).values_list("pk", "reference")) if rounds else []
    return Due(tuple(pk for pk, _name in rows), tuple(name for _pk, name in rows))


def _due_parts(rounds: dict[int, Round], what: str) -> Due:
    """The rows of several models, of these rounds."""
    if not rounds:
        return Due((), ())
    first, *rest = (
        part.left(rounds.values())
        .annotate(part=Value(number), of=F(part.round))
        .values_list("part", "of", "pk")
        for number, part in enumerate(PARTS[what])
    )
    rows = sorted(first.union(*rest, all=True))
    return Due(
        tuple(pk for _part, _of, pk in rows),
        tuple(
            f"{rounds[of].name}: {PARTS[what][number].model._meta.verbose_name}"
            for number, of, _pk in rows
        ),
        tuple(f"{number}:{pk}" for number, _of, pk in rows),
    )
