"""The decision report: one plain structure for the screen, PDF, spreadsheet, CSV and open data.

Nothing here asks the database or the clock: `reading.report_of` fills it from stored rows. Sums are
pounds as Decimals, days are dates in the programme's time zone.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.templatetags.purse import money as pounds
from decisions import charts
from decisions.models import Outcome
from panels.models import CombineRule
from support import gaps

GIVES_MONEY = frozenset({"award", "less"})
NOT_TAKEN = frozenset({"declined", "withdrawn"})
STAFF_ROLES = frozenset({"facilitator", "administrator"})
FEWEST_SAID = 3
LEVELS = 6
"""Scores are 0 to 5."""


# ---- What happened ----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Lot:
    """One lot's money. ``limit``, ``asked``, ``awarded``: pounds."""

    name: str
    about: str
    limit: Decimal
    bids: int
    asked: Decimal
    awarded: Decimal

    @property
    def left(self) -> Decimal:
        """Pounds of the limit that were not given."""
        return self.limit - self.awarded


@dataclass(frozen=True, slots=True)
class Panel:
    """Who decided in one lot. ``names`` are of those who said they may be named, and of no other.

    ``trained`` counts members who finished all required topics. Hours: promised from low to high,
    and those that the records show (meetings they were at, and training).
    """

    name: str
    lot: str
    seats: int
    stood_aside: int
    needed: int
    names: tuple[str, ...]
    trained: int
    topics: int
    hours_low: Decimal
    hours_high: Decimal
    hours_recorded: Decimal
    hours_said: Decimal = Decimal(0)
    people_said: int = 0
    """Members who said what they gave. Fewer than three are not shown: it would be personal."""
    combine: str = ""
    """How what it read and its meetings with groups counted together (a value of `CombineRule`);
    empty where it opened no interview scores."""

    @property
    def combine_words(self) -> str:
        """That rule as the panel agreed it; nothing where there was none to use."""
        return str(CombineRule(self.combine).label) if self.combine else ""

    @property
    def said_shown(self) -> bool:
        """Whether enough members said what they gave for the sum to be shown."""
        return self.people_said >= FEWEST_SAID

    @property
    def unnamed(self) -> int:
        """Members who did not ask to be named."""
        return self.seats - len(self.names)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What bids were scored on. ``weight`` is a whole number. It grew from so many suggestions, of
    so many volunteers."""

    title: str
    question: str
    weight: int
    suggestions: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria as volunteers agreed them, and their vote."""

    version: int
    agreed_on: date | None
    rows: tuple[Criterion, ...]
    must_haves: tuple[str, ...]
    agree: int
    live_with: int
    disagree: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as planned and as it was. ``rest_kept`` None: no rest, or it is not over."""

    name: str
    opens_on: date
    closes_on: date
    opened_on: date | None
    closed_on: date | None
    rest_days: int
    rest_until: date | None
    rest_kept: bool | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many bids there were, and what became of them. A bid withdrawn before it was decided is
    counted once, there; one withdrawn later, as it was decided."""

    received: int
    withdrawn: int
    not_eligible: int
    scored: int
    not_met: int
    met: int
    awarded: int
    awarded_less: int
    reserve: int
    not_this_time: int


@dataclass(frozen=True, slots=True)
class Strip:
    """A picture of one spread: a dot for each person over the score they gave, 24 apart."""

    counts: tuple[int, ...]
    cannot: int

    @property
    def values(self) -> str:
        """Every score given, lowest first: 2, 3, 3, 5."""
        given = (value for value, count in enumerate(self.counts) for _again in range(count))
        return ", ".join(str(value) for value in given)

    @property
    def height(self) -> int:
        """How high the picture is."""
        return 24 * max(1, *self.counts)

    @property
    def points(self) -> list[tuple[int, int]]:
        """The middle of each dot."""
        return [
            (12 + 24 * value, self.height - 12 - 24 * place)
            for value, count in enumerate(self.counts)
            for place in range(count)
        ]


@dataclass(frozen=True, slots=True)
class Spread:
    """How people scored one criterion: how many gave 0, 1, … 5, first and after talking."""

    criterion: str
    first: tuple[int, ...]
    after: tuple[int, ...]
    cannot_first: int
    cannot_after: int

    @property
    def strips(self) -> tuple[Strip, Strip]:
        """The pictures: first, and after talking."""
        return Strip(self.first, self.cannot_first), Strip(self.after, self.cannot_after)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A group as open data names it."""

    id: int
    name: str
    charity_number: str
    company_number: str
    postcode: str


@dataclass(frozen=True, slots=True)
class Bid:
    """One bid and what became of it. ``result`` is a word for people, ``kind`` a code: award, less,
    reserve, no, not_met, not_eligible, withdrawn. ``answer``, once it was decided: accepted,
    declined, or withdrawn (the group took its bid back)."""

    reference: str
    organisation: Organisation
    title: str
    lot: str
    summary: str
    area: str
    starts_on: date | None
    ends_on: date | None
    asked: Decimal
    kind: str
    result: str
    amount: Decimal
    less_what: str
    reason: str
    criterion: str
    conditions: str
    reserve_order: int | None
    decided_on: date | None
    answer: str
    spreads: tuple[Spread, ...]
    dissent: tuple[str, ...]
    described_on: date | None = None
    """When the group put the summary right for the report; the panel read other words."""
    by_criterion: tuple[tuple[str, str], ...] = ()
    """What the panel said beside its reason: the titles of criteria, each with words."""

    @property
    def gives_money(self) -> bool:
        """Whether the panel gave it money."""
        return self.kind in GIVES_MONEY

    @property
    def takes_money(self) -> bool:
        """Whether the panel gave it money that its group has not turned down."""
        return self.gives_money and self.answer not in NOT_TAKEN

    @property
    def changed(self) -> bool:
        """Whether anybody changed a score after talking."""
        return any(
            (row.first, row.cannot_first) != (row.after, row.cannot_after) for row in self.spreads
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Bids that met with the same, under its heading. ``met``: the panel met these groups."""

    title: str
    bids: tuple[Bid, ...]
    met: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """One panel's decision and how it was signed. ``replaced`` says that a later one took over."""

    lot: str
    number: int
    stands_on: date | None
    signed: int
    agree: int
    live_with: int
    disagree: int
    dissent: tuple[str, ...]
    reason: str
    replaced: bool
    confirmed_on: date | None
    holds: tuple[str, ...]
    unchanged: bool


@dataclass(frozen=True, slots=True)
class Interest:
    """Somebody knew people in a bid, and what followed. Never who."""

    lot: str
    reference: str
    kind: str
    late: bool
    followed: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check on an organisation that was chosen. ``again``: it had failed before."""

    reference: str
    kind: str
    passed: bool
    words: str
    on: date
    again: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """All the checks on one organisation, and the day of the last."""

    reference: str
    checks: tuple[Check, ...]

    @property
    def all_well(self) -> bool:
        """Whether none of them found anything."""
        return all(check.passed for check in self.checks)

    @property
    def on(self) -> date:
        """The day of the last check."""
        return max(check.on for check in self.checks)


@dataclass(frozen=True, slots=True)
class Typed:
    """What staff typed for volunteers, and how much of it its volunteer confirmed.

    Also the bids that did not come on the site, and how many of those their group has confirmed.
    """

    sheets: int
    sheets_confirmed: int
    sheets_objected: int
    votes: int
    votes_confirmed: int
    signatures: int
    signatures_confirmed: int
    bids_on_paper: int
    bids_imported: int
    bids_confirmed: int


@dataclass(frozen=True, slots=True)
class Influence:
    """Staff's influence as it was written down: their own lines, and members who felt steered."""

    meetings: int
    reflections: int
    questions: int
    answered: int
    steered: int
    steered_settled: int
    parts_asked: int
    """Parts of bids that staff asked to have put right, each for a rule of the funder."""
    parts_wished: int
    """Parts that groups asked to put right themselves, and how many staff said yes to."""
    parts_granted: int


@dataclass(frozen=True, slots=True)
class Complaints:
    """Complaints about how things were done, by what came of them. Never whose."""

    made: int = 0
    waiting: int = 0
    right: int = 0
    part: int = 0
    wrong: int = 0
    choice: int = 0
    late: int = 0
    """Answered after the day the group was told, or still waiting after it."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """How bids were shared out: runs of the sum, changes made by hand, and the reasons given."""

    runs: int
    changes: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether no member of staff scored or voted, and what was looked at to say so."""

    people: int
    sheets: int
    scores: int
    votes: int
    signatures: int
    trail_holds: bool
    decisions_unchanged: bool
    found: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found against it."""
        return self.trail_holds and self.decisions_unchanged and not self.found


@dataclass(frozen=True, slots=True)
class Trail:
    """The round's record: how many entries, the mark of the last, and whether it holds."""

    entries: int
    head_hash: str
    holds: bool
    trouble: str


@dataclass(frozen=True, slots=True)
class BoardQuestion:
    """What the board asked about how things were done, and the answer."""

    text: str
    answer: str
    asked_on: date


@dataclass(frozen=True, slots=True)
class Change:
    """How many of all who took part feel surer of one thing than before; None: not shown."""

    text: str
    people: int
    surer: int | None
    same: int | None
    less: int | None
    unsaid: int | None


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned in one stage, with no name."""

    stage: str
    text: str
    from_staff: bool


@dataclass(frozen=True, slots=True)
class Outreach:
    """Staff planned to ask more widely because people were missing, and what came of it.

    ``label``: the answer that few gave. ``done_on`` None: not done yet.
    """

    question: str
    label: str
    who: str
    due_on: date
    done_on: date | None
    result: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the report says."""

    programme: str
    funder: str
    funder_org_id: str
    prefix_360giving: str
    place_name: str
    place_code: str
    help_name: str
    help_phone: str
    round_id: int
    round: str
    slug: str
    about: str
    award_kind: str
    delegation: str
    trustees_ratify: bool
    envelope: Decimal
    made_at: datetime
    lots: tuple[Lot, ...]
    panels: tuple[Panel, ...]
    criteria: Criteria
    stages: tuple[Stage, ...]
    numbers: Numbers
    rules_broken: tuple[tuple[str, int], ...]
    bids: tuple[Bid, ...]
    decisions: tuple[Decision, ...]
    interests: tuple[Interest, ...]
    checks: tuple[Check, ...]
    typed: Typed
    influence: Influence
    sharing: Sharing
    proof: Proof
    trail: Trail
    readers: int = 0
    """Volunteers who scored bids and had no seat on any panel."""
    board_questions: tuple[BoardQuestion, ...] = ()
    people: tuple[gaps.Table, ...] = ()
    """Who took part: counts as they may be shown to everybody, question by question."""
    outreach: tuple[Outreach, ...] = ()
    changes: tuple[Change, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    public: bool = False
    stands_aside: tuple[str, ...] = ()
    complaints: Complaints = Complaints()

    @property
    def met(self) -> tuple[Panel, ...]:
        """The panels that opened scores of their meetings with groups."""
        return tuple(panel for panel in self.panels if panel.combine)

    @property
    def awards(self) -> tuple[Bid, ...]:
        """The bids that were given money."""
        return tuple(bid for bid in self.bids if bid.gives_money)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The bids by what became of them, those with money first. Empty groups are left out."""
        kinds = (
            (_("Given money"), GIVES_MONEY, True),
            (_("On the reserve list"), {"reserve"}, True),
            (_("Not this time, after meeting the panel"), {"no"}, True),
            (_("Not this time, after reading"), {"not_met"}, False),
            (_("Not within the funder’s rules"), {"not_eligible"}, False),
            (_("Taken back by the group"), {"withdrawn"}, False),
            (_("Not decided"), {""}, False),
        )
        groups = (
            Group(title, tuple(bid for bid in self.bids if bid.kind in members), met)
            for title, members, met in kinds
        )
        return tuple(group for group in groups if group.bids)

    @property
    def checked(self) -> tuple[Checked, ...]:
        """The checks, put together by organisation, in the order of the bids' references."""
        found: dict[str, list[Check]] = {}
        for check in self.checks:
            found.setdefault(check.reference, []).append(check)
        return tuple(Checked(reference, tuple(found[reference])) for reference in sorted(found))

    @property
    def kinds_of_check(self) -> tuple[str, ...]:
        """What was looked at, each once."""
        return tuple(dict.fromkeys(check.kind for check in self.checks))

    @property
    def awarded(self) -> Decimal:
        """Pounds given in all lots."""
        return sum((lot.awarded for lot in self.lots), Decimal(0))

    @property
    def left(self) -> Decimal:
        """Pounds of the envelope that were not given."""
        return self.envelope - self.awarded

    @property
    def turned_down(self) -> Decimal:
        """Pounds that groups were given and did not take."""
        not_taken = (bid.amount for bid in self.awards if not bid.takes_money)
        return sum(not_taken, Decimal(0))

    @property
    def hours_low(self) -> Decimal:
        """The fewest hours that volunteers promised."""
        return sum((panel.hours_low for panel in self.panels), Decimal(0))

    @property
    def hours_high(self) -> Decimal:
        """The most hours that volunteers promised."""
        return sum((panel.hours_high for panel in self.panels), Decimal(0))

    # -- pictures --
    @property
    def places(self) -> tuple[charts.Share, ...]:
        """Where the money goes: pounds by the place that each bid named."""
        return charts.shares(
            ((bid.area, bid.amount) for bid in self.awards if bid.takes_money),
            unknown=_("No place named"),
            others=_("Other places, together"),
        )

    @property
    def scores_given(self) -> tuple[tuple[int, int, int], ...]:
        """Each score from 0 to 5, with how often it was given first and how often after talking."""
        first, after = [0] * LEVELS, [0] * LEVELS
        for bid in self.bids:
            for spread in bid.spreads:
                for value in range(LEVELS):
                    first[value] += spread.first[value]
                    after[value] += spread.after[value]
        if not any(first) and not any(after):
            return ()
        return tuple(zip(range(LEVELS), first, after, strict=True))

    @property
    def money_picture(self) -> charts.Picture:
        """Each lot: what was given, what is left, and what was asked for beyond that."""
        rows = (
            charts.Row(
                lot.name,
                (
                    (lot.awarded, charts.DARK),
                    (lot.left, charts.PALE),
                    (lot.asked - lot.limit, charts.EMPTY),
                ),
                _("%(lot)s: given %(given)s, left %(left)s, asked for %(asked)s.")
                % {
                    "lot": lot.name,
                    "given": pounds(lot.awarded),
                    "left": pounds(lot.left),
                    "asked": pounds(lot.asked),
                },
            )
            for lot in self.lots
        )
        legend = (
            (charts.DARK, _("Given")),
            (charts.PALE, _("Left")),
            (charts.EMPTY, _("Asked for, beyond what the lot has")),
        )
        return charts.bars(rows, legend)

    @property
    def places_picture(self) -> charts.Picture:
        """Each place with the money that goes there."""
        return charts.bars(
            charts.Row(row.label, ((row.sum, charts.DARK),), f"{row.label}: {pounds(row.sum)}.")
            for row in self.places
        )

    @property
    def scores_picture(self) -> charts.Picture:
        """How often each score was given, as it stood after talking."""
        return charts.bars(
            charts.Row(
                _("Score %(value)s") % {"value": value},
                ((after, charts.DARK),),
                _("Score %(value)s: given %(after)s times after talking, %(first)s times at first.")
                % {"value": value, "after": after, "first": first},
            )
            for value, first, after in self.scores_given
        )

    @property
    def hours_picture(self) -> charts.Picture:
        """Each panel: the hours promised, and under them those that were recorded."""
        rows = []
        for panel in self.panels:
            facts = {
                "panel": panel.name,
                "low": panel.hours_low,
                "high": panel.hours_high,
                "given": panel.hours_recorded,
            }
            promised = (
                (panel.hours_low, charts.MIDDLING),
                (panel.hours_high - panel.hours_low, charts.PALE),
            )
            rows += [
                charts.Row(
                    _("%(panel)s, promised") % facts,
                    promised,
                    _("%(panel)s promised %(low)s to %(high)s hours.") % facts,
                ),
                charts.Row(
                    _("%(panel)s, recorded") % facts,
                    ((panel.hours_recorded, charts.DARK),),
                    _("%(panel)s has %(given)s hours recorded.") % facts,
                ),
            ]
        legend = (
            (charts.MIDDLING, _("Promised, at least")),
            (charts.PALE, _("Promised, at most")),
            (charts.DARK, _("Recorded")),
        )
        return charts.bars(rows, legend)

    @property
    def time_picture(self) -> charts.Picture:
        """The stages that were opened, from the first day on, each with its rest after it."""
        opened = [(row.opened_on, row) for row in self.stages if row.opened_on]
        if not opened:
            return charts.Picture(())
        start, today = min(day for day, _row in opened), timezone.localdate(self.made_at)
        rows = []
        for day, row in opened:
            ended = row.closed_on or max(today, day)
            rest = (row.rest_until - ended).days if row.closed_on and row.rest_until else 0
            facts = {"stage": row.name, "open": charts.days(day, ended), "rest": rest}
            words = (
                _("%(stage)s: open for %(open)s days, then %(rest)s days of rest.")
                if rest > 0
                else _("%(stage)s: open for %(open)s days.")
            )
            rows.append(
                charts.Row(
                    row.name,
                    ((charts.days(day, ended), charts.DARK), (rest, charts.EMPTY)),
                    words % facts,
                    offset=(day - start).days,
                )
            )
        return charts.bars(rows, ((charts.DARK, _("Open")), (charts.EMPTY, _("Rest"))))


# ---- What everyone may read ---------------------------------------------------------------------
def for_public(report: Report) -> Report:
    """The report for everyone: awards only. A group that got or took no money is never named, and
    nobody's words about a bid, scores or checks are in it, nor whom staff would ask to join."""
    awards = tuple(
        replace(
            bid,
            reason="",
            by_criterion=(),
            conditions="",
            less_what="",
            spreads=(),
            dissent=(),
            criterion="",
        )
        for bid in report.awards
        if bid.takes_money
    )
    decisions = tuple(replace(row, dissent=(), reason="", holds=()) for row in report.decisions)
    return replace(
        report,
        bids=awards,
        decisions=decisions,
        interests=tuple(replace(row, reference="") for row in report.interests),
        checks=(),
        sharing=replace(report.sharing, reasons=()),
        outreach=tuple(replace(row, who="", result="") for row in report.outreach),
        board_questions=(),
        lessons=(),
        public=True,
    )


def without(report: Report, *, lots: set[str], references: set[str]) -> Report:
    """The report without some lots (by name) and some bids (by reference): their bids, decisions,
    interests and checks are left out. Money and counts stay: money left is for all to see."""
    bids = tuple(
        bid for bid in report.bids if bid.lot not in lots and bid.reference not in references
    )
    left_out = {bid.reference for bid in report.bids} - {bid.reference for bid in bids}
    return replace(
        report,
        bids=bids,
        decisions=tuple(row for row in report.decisions if row.lot not in lots),
        interests=tuple(row for row in report.interests if row.reference not in left_out),
        checks=tuple(row for row in report.checks if row.reference not in left_out),
        stands_aside=report.stands_aside + tuple(sorted(lots)),
    )


# ---- What the panels agreed ---------------------------------------------------------------------
def mark_of(report: Report) -> str:
    """The digest of the facts that panels agree: the money, criteria, bids, scores and decisions.

    What goes on after that (checks, answers, dates, the trail's head, a group's corrected name) is
    not in it.
    """
    facts = {
        "round": report.round_id,
        "envelope": f"{report.envelope:.2f}",
        "lots": [[lot.name, f"{lot.limit:.2f}", f"{lot.awarded:.2f}"] for lot in report.lots],
        "criteria": [[row.title, row.weight] for row in report.criteria.rows],
        "bids": [_agreed_of(bid) for bid in sorted(report.bids, key=lambda bid: bid.reference)],
        "decisions": [
            [
                row.lot,
                row.number,
                row.agree,
                row.live_with,
                row.disagree,
                *row.dissent,
                row.replaced,
            ]
            for row in report.decisions
        ],
        "interests": [[row.lot, row.reference, row.kind, row.late] for row in report.interests],
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _agreed_of(bid: Bid) -> list[object]:
    spreads = [
        [row.criterion, *row.first, *row.after, row.cannot_first, row.cannot_after]
        for row in bid.spreads
    ]
    return [
        bid.reference,
        bid.kind,
        f"{bid.asked:.2f}",
        f"{bid.amount:.2f}",
        bid.less_what,
        bid.reason,
        bid.criterion,
        bid.conditions,
        bid.reserve_order,
        spreads,
        list(bid.dissent),
        # Only where there are any: what panels agreed before this keeps its mark.
        *([bid.by_criterion] if bid.by_criterion else []),
    ]


# ---- Sums over plain values -------------------------------------------------------------------
def outcomes_text(outcomes: Iterable[Outcome]) -> str:
    """The one text of a decision's outcomes, over which its digest is taken."""
    rows = [
        {
            "bid": row.application_id,
            "kind": str(row.kind),
            "asked": f"{row.asked:.2f}",
            "amount": f"{row.amount:.2f}",
            "less_what": row.less_what,
            "reason": row.reason,
            "criterion": row.criterion_id,
            "conditions": row.conditions,
            "reserve_order": row.reserve_order,
            # Only where there are any: the marks of decisions from before this stay as they were.
            **({"by_criterion": row.by_criterion} if row.by_criterion else {}),
        }
        for row in sorted(outcomes, key=lambda row: row.application_id)
    ]
    return json.dumps(rows, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody scored, voted or signed. ``what`` is sheet, vote or signature; ``scores`` how many
    numbers a sheet holds; ``traced`` whether the trail tells that this very person did it."""

    what: str
    id: int
    person: int
    at: datetime
    scores: int = 0
    traced: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """A role somebody held, from an instant to another (None: still)."""

    person: int
    role: str
    began_at: datetime
    ended_at: datetime | None

    def at(self, instant: datetime) -> bool:
        """Whether it was held at this instant."""
        return self.began_at <= instant and (self.ended_at is None or instant < self.ended_at)


def prove(
    acts: Iterable[Act],
    held: Iterable[Held],
    *,
    superusers: frozenset[int],
    trail_holds: bool,
    decisions_unchanged: bool,
) -> Proof:
    """Look at each act: its person must have been a volunteer then, and no staff or superuser.

    What staff typed for a volunteer is that volunteer's act, once they confirmed it. The caller
    hands in only acts that count.
    """
    by_person: dict[int, list[Held]] = {}
    for row in held:
        by_person.setdefault(row.person, []).append(row)
    rows = list(acts)
    found = tuple(
        f"{act.what} {act.id}"
        for act in rows
        if not (act.traced and _by_a_volunteer(act, by_person, superusers))
    )
    return Proof(
        people=len({act.person for act in rows}),
        sheets=sum(act.what == "sheet" for act in rows),
        scores=sum(act.scores for act in rows),
        votes=sum(act.what == "vote" for act in rows),
        signatures=sum(act.what == "signature" for act in rows),
        trail_holds=trail_holds,
        decisions_unchanged=decisions_unchanged,
        found=found,
    )


def _by_a_volunteer(act: Act, held: Mapping[int, list[Held]], superusers: frozenset[int]) -> bool:
    then = {row.role for row in held.get(act.person, []) if row.at(act.at)}
    return "volunteer" in then and not then & STAFF_ROLES and act.person not in superusers


def rest_kept(
    closed_on: date | None, rest_until: date | None, opened: Iterable[date], on: date
) -> bool | None:
    """Whether no stage opened in the rest after a close. None: there is no rest, or not yet."""
    if closed_on is None or rest_until is None:
        return None
    if any(closed_on < day <= rest_until for day in opened):
        return False
    return True if on > rest_until else None


def counts(values: Iterable[int | None]) -> tuple[tuple[int, ...], int]:
    """How many gave each of 0 to 5, and how many could not judge."""
    rows = list(values)
    return tuple(sum(value == level for value in rows) for level in range(LEVELS)), rows.count(None)
