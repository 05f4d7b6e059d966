"""What a person may see of a panel's scores. Every page, count and export of scores starts here.

The score that counts is the newest one on a sheet that counts: sent by its own reader, or typed
and confirmed; not taken back, not void. The first one, from before the talk, is kept beside it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import QuerySet

from accounts.models import Person
from accounts.permissions import Verdict
from commissioning.models import Criterion
from panels import shortlist
from panels.models import Abstention, Panel, Phase, Score, ScoreSheet, StandingAside
from panels.rules.visits import Visit, visit_of


@dataclass(frozen=True, slots=True)
class Said:
    """What one reader (a member's id) says of one bid on one criterion, first and as it counts.

    A value of None is "I cannot judge this".
    """

    application: int
    reader: int
    criterion: int
    first: int | None
    first_reason: str
    value: int | None
    reason: str
    changed: bool
    """After talking. Then `reason` says what changed it."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A panel's scores as far as one person may see them: nothing at all when `verdict` is no."""

    verdict: Verdict
    criteria: Sequence[Criterion] = ()
    said: Sequence[Said] = ()
    whys: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """What made a reader choose, by bid and reader (ids)."""
    stood_back: Sequence[tuple[int, int]] = ()
    """Bid and reader (ids) where the reader said that they cannot score it."""
    out: Mapping[int | None, Sequence[tuple[int, str]]] = field(default_factory=dict)
    """Who steps out for a bid (None: for the whole lot): members' ids and names."""
    hidden: frozenset[int] = frozenset()
    """Bids (ids) that this person steps out for. Nothing here says anything of them."""
    middle: shortlist.Middle = shortlist.Middle.MEAN

    @property
    def weights(self) -> dict[int, int]:
        """The weight of each criterion (id), in order."""
        return {row.pk: row.weight for row in self.criteria}

    def scores(self, *, first: bool = False) -> dict[int, list[shortlist.Score]]:
        """The scores of each bid (id), as they count now or as they were first."""
        found: defaultdict[int, list[shortlist.Score]] = defaultdict(list)
        for row in self.said:
            value = row.first if first else row.value
            found[row.application].append(shortlist.Score(row.reader, row.criterion, value))
        for bid, reader in self.stood_back:
            found[bid] += [
                shortlist.Score(reader, criterion, None, abstained=True)
                for criterion in self.weights
            ]
        return dict(found)

    def pictures(self, *, first: bool = False) -> dict[int, shortlist.Picture]:
        """Each bid (id) as its readers scored it."""
        return {
            bid: shortlist.picture(rows, self.weights, self.middle)
            for bid, rows in self.scores(first=first).items()
        }


def look(visit: Visit, *, application: int | None = None) -> Sight:
    """What this visitor may see: of one bid (id), or of the panel's whole lot (4 queries)."""
    verdict = visit.sees_scores
    if not verdict:
        return Sight(verdict)
    out = steps_out(visit.panel)
    hidden = hidden_from(visit, out)
    criteria = list(Criterion.objects.agreed_for(visit.panel.round))
    sheets = ScoreSheet.objects.counting().filter(application__lot=visit.panel.lot_id)
    back = Abstention.objects.filter(
        assignment__application__lot=visit.panel.lot_id, assignment__ended_at=None
    )
    if application is not None:
        sheets = sheets.filter(application=application)
        back = back.filter(assignment__application=application)
    rows = [row for row in _sent(sheets) if row.application not in hidden]
    pairs = back.values_list("assignment__application", "assignment__member")
    return Sight(
        verdict=verdict,
        criteria=criteria,
        said=_said(rows, {criterion.pk for criterion in criteria}),
        whys={(row.application, row.reader): row.why for row in rows if row.why},
        stood_back=[pair for pair in pairs if pair[0] not in hidden],
        out=out,
        hidden=hidden,
        middle=shortlist.Middle(visit.panel.round.middle),
    )


def said_of(visit: Visit, application: int, criteria: Collection[int]) -> list[Said]:
    """What readers said of one bid on these criteria (ids), as far as this visitor may see it (one
    query). Whoever asks has seen to it that the visitor does not step out for the bid."""
    if not visit.sees_scores:
        return []
    sheets = ScoreSheet.objects.counting().filter(
        application=application, application__lot=visit.panel.lot_id
    )
    return _said(_sent(sheets), set(criteria))


def scores_in_sight(panel: Panel, person: Person) -> dict[int, list[shortlist.Score]]:
    """The scores that count, by bid (id), as far as this person may see them now."""
    return look(visit_of(panel, person)).scores()


def pictures(panel: Panel, person: Person) -> dict[int, shortlist.Picture]:
    """Each bid (id) as its readers scored it, as far as this person may see it now."""
    return look(visit_of(panel, person)).pictures()


def hidden_from(
    visit: Visit, out: Mapping[int | None, Sequence[tuple[int, str]]]
) -> frozenset[int]:
    """The single bids (ids) of a lot that this visitor steps out for, by what `steps_out` gave."""
    return frozenset(
        bid for bid, rows in out.items() if bid and visit.member in {pk for pk, _name in rows}
    )


def steps_out(panel: Panel) -> dict[int | None, list[tuple[int, str]]]:
    """Who of the panel stands aside from each bid (id; None: the whole lot): ids and names."""
    rows = (
        StandingAside.objects.filter(
            lot=panel.lot_id,
            member__ended_at=None,
            member__seats__panel=panel,
            member__seats__ended_at=None,
        )
        .order_by("member__person__name")
        .values_list("application", "member", "member__person__name")
        .distinct()
    )
    found: defaultdict[int | None, list[tuple[int, str]]] = defaultdict(list)
    for bid, member, name in rows:
        found[bid].append((member, name))
    return dict(found)


# ---- The score that counts ------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Sent:
    """One score as it was sent."""

    application: int
    reader: int
    criterion: int
    phase: str
    value: int | None
    reason: str
    why: str


def _sent(sheets: QuerySet[ScoreSheet]) -> list[_Sent]:
    """The scores of these sheets from reading and talking, oldest first (one query)."""
    rows = Score.objects.filter(
        sheet__in=sheets, sheet__phase__in=[Phase.READING, Phase.TALK], criterion__isnull=False
    ).order_by("sheet__sent_at", "sheet", "pk")
    return [
        _Sent(*row)
        for row in rows.values_list(
            "sheet__application",
            "sheet__member",
            "criterion",
            "sheet__phase",
            "value",
            "reason",
            "sheet__why",
        )
    ]


def _said(rows: Iterable[_Sent], criteria: set[int]) -> list[Said]:
    """For each bid, reader and criterion: the first score, and the newest, which counts."""
    found: dict[tuple[int, int, int], Said] = {}
    for row in rows:
        key = (row.application, row.reader, row.criterion)
        if row.criterion not in criteria:
            continue
        if row.phase == Phase.READING:
            found[key] = Said(*key, row.value, row.reason, row.value, row.reason, changed=False)
        elif key in found:
            found[key] = replace(found[key], value=row.value, reason=row.reason, changed=True)
    return list(found.values())


# ---- Interviews -----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class InterviewSaid:
    """What one member (id) said after meeting an organisation, on one question."""

    application: int
    reader: int
    question: int
    value: int | None
    reason: str


def interviews_in_sight(
    visit: Visit, out: Mapping[int | None, Sequence[tuple[int, str]]] | None = None
) -> list[InterviewSaid]:
    """What members scored after the interviews, as far as this visitor may see it now. `out`: what
    `steps_out` gave, where it is known."""
    if not visit.sees_interview_scores:
        return []
    own = hidden_from(visit, steps_out(visit.panel) if out is None else out)
    sheets = ScoreSheet.objects.counting().filter(
        application__lot=visit.panel.lot_id, phase=Phase.INTERVIEW
    )
    rows = Score.objects.filter(sheet__in=sheets, question__isnull=False)
    rows = rows.exclude(sheet__application__in=own).order_by("sheet__sent_at", "pk")
    return [
        InterviewSaid(*row)
        for row in rows.values_list(
            "sheet__application", "sheet__member", "question", "value", "reason"
        )
    ]
