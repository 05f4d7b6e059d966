"""What the money board's and the decision's pages show: rows and sums ready for a template."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.purse import money as pounds
from accounts.templatetags.purse import under_titles
from applications.models import COMMUNITIES, Application, Organisation, name_as_sent
from commissioning.models import Criterion
from decisions import money, rules
from decisions.models import BoardLine, Decision, MoneyBoard, Outcome, OutcomeKind
from decisions.reading import pictures
from decisions.report import Group, Report
from panels import shortlist
from panels.models import Panel
from panels.rules.visits import Visit
from panels.sight import Said

SIGNS = {
    OutcomeKind.AWARD: "done",
    OutcomeKind.LESS: "care",
    OutcomeKind.RESERVE: "now",
    OutcomeKind.NO: "wait",
}

BIDS_AT_ONCE = 20
"""A report on screen shows the bids of one lot at a time when it has more than this."""


@dataclass(frozen=True, slots=True)
class LotsOfReport:
    """The lots of a long report: which one is open on the page, and its bids."""

    names: tuple[tuple[int, str, int], ...]
    """Each lot's number in the address, its name, and how many bids it has."""
    open: int
    """The number of the lot that is shown, or 0."""
    groups: tuple[Group, ...]

    @property
    def name(self) -> str:
        """The lot that is shown."""
        return next((name for number, name, _bids in self.names if number == self.open), "")


def lots_of_report(report: Report, asked: str) -> LotsOfReport | None:
    """A long report by lot, with the lot that was asked for by its number. None: it is short."""
    if len(report.bids) <= BIDS_AT_ONCE:
        return None
    counts = Counter(bid.lot for bid in report.bids)
    names = tuple(
        (number, lot.name, counts[lot.name]) for number, lot in enumerate(report.lots, start=1)
    )
    chosen = {str(number): name for number, name, _bids in names}.get(asked, "")
    groups = tuple(
        replace(group, bids=own)
        for group in report.groups
        if (own := tuple(bid for bid in group.bids if bid.lot == chosen))
    )
    return LotsOfReport(names, int(asked) if chosen else 0, groups)


@dataclass(frozen=True, slots=True)
class Row:
    """One bid on one board. A hidden one tells only its reference."""

    bid: Application
    line: BoardLine | None
    hidden: bool
    too_little: bool
    scores: tuple[tuple[str, str], ...] = ()

    @property
    def amount(self) -> Decimal:
        """Pounds this board gives."""
        return self.line.amount if self.line else Decimal(0)

    @property
    def word(self) -> str:
        """What the bid gets, in words."""
        return str(self.line.get_outcome_display()) if self.line else _("Not chosen yet")

    @property
    def sign(self) -> str:
        """The sign that stands beside the word."""
        return SIGNS[OutcomeKind(self.line.outcome)] if self.line else "todo"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Whom a board gives nothing, of those who asked: names for people to talk about."""

    areas: tuple[str, ...]
    communities: tuple[str, ...]
    small: tuple[str, ...]
    """Organisations with a small yearly income."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A board added up, with its rows and its bar."""

    board: MoneyBoard
    rows: tuple[Row, ...]
    sums: money.Sums
    pot: money.Pot
    problems: tuple[str, ...]

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The bar's parts: given, and left."""
        return [
            {"label": _("Given"), "value": self.sums.given, "fill": 1},
            {"label": _("Left"), "value": max(self.sums.left, Decimal(0)), "fill": 4},
        ]

    @property
    def whole(self) -> Decimal:
        """What the whole bar stands for, in pounds."""
        return max(self.pot.most, self.sums.given)

    @property
    def sentence(self) -> str:
        """What the bar says, as one sentence."""
        return _("%(given)s of %(most)s is given. %(left)s is left.") % {
            "given": pounds(self.sums.given),
            "most": pounds(self.pot.most),
            "left": pounds(self.sums.left),
        }

    @property
    def left_out(self) -> LeftOut:
        """Who has no money on this board. Bids that the reader stands aside from are not told of,
        not even by a place that only they name."""
        seen = [row for row in self.rows if not row.hidden]
        given = {row.bid.pk for row in seen if row.line and row.line.outcome in money.GIVES_MONEY}
        labels = {slug: str(label) for slug, label in COMMUNITIES}
        small = {row.bid.pk: row.bid.organisation for row in seen}
        return LeftOut(
            areas=tuple(money.left_out({row.bid.pk: [row.bid.area] for row in seen}, given)),
            communities=tuple(
                money.left_out(
                    {
                        row.bid.pk: [labels.get(slug, slug) for slug in row.bid.communities]
                        for row in seen
                    },
                    given,
                )
            ),
            small=tuple(
                money.left_out(
                    {
                        bid: [group.name]
                        for bid, group in small.items()
                        if group.income_band == Organisation.Income.UNDER_10
                    },
                    given,
                )
            ),
        )

    @property
    def counted(self) -> str:
        """How many bids have no outcome yet, as a sentence."""
        count = self.sums.undecided
        if not count:
            return _("Every bid has an answer.")
        return ngettext(
            "%(count)s bid has no answer yet.", "%(count)s bids have no answer yet.", count
        ) % {"count": count}


@dataclass(frozen=True, slots=True)
class Beside:
    """One bid on all boards, in the boards' order."""

    bid: Application
    hidden: bool
    cells: tuple[tuple[MoneyBoard, Row], ...]

    @property
    def differs(self) -> bool:
        """Whether the boards say different things of this bid."""
        said = {
            (row.line.outcome, row.amount, row.line.reserve_order) if row.line else None
            for _board, row in self.cells
        }
        return len(said) > 1


def beside(boards: Sequence[Shown]) -> list[Beside]:
    """Every bid with what each board says of it."""
    return [
        Beside(
            cells[0].bid,
            cells[0].hidden,
            tuple((shown.board, row) for shown, row in zip(boards, cells, strict=True)),
        )
        for cells in zip(*(shown.rows for shown in boards), strict=True)
    ]


def differing(rows: Sequence[Beside]) -> str:
    """On how many bids the boards differ, as a sentence."""
    seen = [row for row in rows if not row.hidden]
    count = sum(row.differs for row in seen)
    if not count:
        return _("The boards say the same of each bid.")
    return ngettext(
        "The boards differ on %(count)s of %(all)s bid.",
        "The boards differ on %(count)s of %(all)s bids.",
        len(seen),
    ) % {"count": count, "all": len(seen)}


class Table:
    """A panel's bids and pot, read once for all its boards."""

    def __init__(self, panel: Panel, place: rules.Place, *, with_scores: bool = False) -> None:
        self.panel = panel
        self.hidden = place.hidden
        self.decisions = place.decisions
        self.with_scores = with_scores

    @cached_property
    def bids(self) -> list[Application]:
        """The bids to decide on, with what they asked."""
        bids = rules.bids_to_decide(self.panel).with_sent_name()
        return list(bids.select_related("organisation"))

    @cached_property
    def pot(self) -> money.Pot:
        """What the panel may give."""
        return rules.pot(self.panel, self.decisions)

    @cached_property
    def scores(self) -> dict[int, tuple[tuple[str, str], ...]]:
        """By bid, the range of its scores on each criterion in the panel's own words."""
        if not self.with_scores:
            return {}
        words = level_words(self.panel)
        bids = [bid.pk for bid in self.bids]
        drawn = pictures(self.panel.round, bids, words.weights)
        return {
            bid: tuple(
                (words.title(spread.criterion), words.range(spread))
                for spread in picture.spreads
                if spread.dots
            )
            for bid, picture in drawn.items()
        }

    def shown(self, board: MoneyBoard) -> Shown:
        """One board, added up against the pot. One that is not kept has no lines."""
        lines = {row.application_id: row for row in board.lines.all()} if board.pk else {}
        plain = [rules.line_of(lines.get(bid.pk), bid) for bid in self.bids]
        names = {bid.pk: bid.reference for bid in self.bids}
        rows = (
            Row(
                bid=bid,
                line=None if bid.pk in self.hidden else lines.get(bid.pk),
                hidden=bid.pk in self.hidden,
                too_little=money.below_useful(line),
                scores=() if bid.pk in self.hidden else self.scores.get(bid.pk, ()),
            )
            for bid, line in zip(self.bids, plain, strict=True)
        )
        return Shown(
            board=board,
            rows=tuple(rows),
            sums=money.sums(plain, self.pot),
            pot=self.pot,
            problems=tuple(
                rules.in_words(problem, names) for problem in money.problems(plain, self.pot)
            ),
        )


# ---- Scores in words and dots -----------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Words:
    """The criteria's titles and the words for their levels."""

    titles: dict[int, str]
    weights: dict[int, int]
    levels: dict[int, dict[int, str]]

    def title(self, criterion: int) -> str:
        """What a criterion is called."""
        return self.titles.get(criterion, "")

    def of(self, criterion: int, level: int) -> str:
        """The volunteers' word for a level, or nothing."""
        return self.levels.get(criterion, {}).get(level, "")

    def range(self, spread: shortlist.Spread) -> str:
        """From the lowest to the highest, each with its word."""
        ends = sorted({spread.dots[0], spread.dots[-1]})
        said = [f"{level} {self.of(spread.criterion, level)}".strip() for level in ends]
        return (
            _("%(low)s to %(high)s") % {"low": said[0], "high": said[-1]} if said[1:] else said[0]
        )


def level_words(panel: Panel) -> Words:
    """The words that the round's volunteers agreed (one query)."""
    found = Words({}, {}, {})
    rows = Criterion.objects.agreed_for(panel.round).values_list(
        "pk", "title", "weight", "levels__level", "levels__word"
    )
    for criterion, title, weight, level, word in rows:
        found.titles[criterion], found.weights[criterion] = title, weight
        levels = found.levels.setdefault(criterion, {})
        if level is not None:
            levels[level] = word
    return found


def scores_shown(visit: Visit, said: Sequence[Said], words: Words) -> list[dict[str, Any]]:
    """A dot picture for each criterion of what was said of one bid (`sight.said_of`), for a visitor
    who may see the scores."""
    if not visit.sees_scores:
        return []
    return [
        _dots(visit, [row for row in said if row.criterion == pk], pk, words) for pk in words.titles
    ]


def _dots(visit: Visit, said: Sequence[Said], criterion: int, words: Words) -> dict[str, Any]:
    counts = Counter(row.value for row in said)
    mine = next((row.value for row in said if row.reader == visit.member), None)
    return {
        "caption": words.titles[criterion],
        "levels": [
            {
                "value": level,
                "word": words.of(criterion, level),
                "count": counts[level],
                "mine": level == mine,
            }
            for level in range(shortlist.TOP + 1)
        ],
        "cannot": counts[None],
    }


# ---- A decision as it was put -------------------------------------------------------------------
def decision_rows(decision: Decision, hidden: Collection[int]) -> list[Outcome]:
    """A decision's outcomes in the order people read them: awards, reserves, then the rest. `told`
    of each: what its group is told about each criterion."""
    order = {OutcomeKind.AWARD: 0, OutcomeKind.LESS: 0, OutcomeKind.RESERVE: 1, OutcomeKind.NO: 2}
    rows = list(
        decision.outcomes.exclude(application__in=hidden)
        .select_related("application__organisation", "criterion")
        .annotate(sent_name=name_as_sent("application"))
    )
    titles = Criterion.objects.titles_of(*(row.by_criterion for row in rows))
    for row in rows:
        vars(row)["told"] = under_titles(row.by_criterion, titles)
    return sorted(
        rows,
        key=lambda row: (
            order[OutcomeKind(row.kind)],
            row.reserve_order or 0,
            row.application.reference,
        ),
    )
