"""Stages, and the days of rest between them.

A stage's state is worked out from its dates each time it is asked for, and never stored.
Rest is counted from the day a stage really closed. It is whole days: a stage that closes on
1 June with 7 days of rest rests from 2 to 8 June, and the next stage may open on 9 June.
Closing late never shortens the rest. It moves the later dates on.

A panel may have days of its own for the stages that are a panel's own. Its rows carry its lot;
where it has none, the round's rows hold. Somebody who sits on two panels rests after each.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise

DAY = timedelta(days=1)


class Sentence(str):
    """A plain English sentence that can still be put into another language.

    It reads as an ordinary ``str``. ``msgid`` is the sentence as the catalogue knows it and
    ``values`` are the things it names: text, numbers, days, or other sentences.
    """

    msgid: str
    values: Mapping[str, object]

    def __new__(cls, msgid: str, **values: object) -> "Sentence":
        sentence = super().__new__(cls, _filled(msgid, values, str, in_english))
        sentence.msgid, sentence.values = msgid, values
        return sentence

    def translated(self, gettext: Callable[[str], str], day: Callable[[date], str]) -> str:
        """The sentence by way of ``gettext``, with ``day`` writing out each date."""
        return _filled(self.msgid, self.values, gettext, day)


def _filled(
    msgid: str,
    values: Mapping[str, object],
    gettext: Callable[[str], str],
    day: Callable[[date], str],
) -> str:
    def put(value: object) -> object:
        if isinstance(value, Sentence):
            return value.translated(gettext, day)
        return day(value) if isinstance(value, date) else value

    text = gettext(msgid)
    return text % {name: put(value) for name, value in values.items()} if values else text


def in_english(day: date) -> str:
    """``Tuesday 9 June 2026``."""
    return f"{day:%A} {day.day} {day:%B %Y}"


# Named as gettext is, so that the catalogue tool finds the sentences below.
_ = Sentence

NAMES: Mapping[str, Sentence] = {
    "setup": _("Setting up"),
    "join": _("Joining"),
    "training": _("Getting ready"),
    "criteria": _("Agreeing the criteria"),
    "open": _("Open for bids"),
    "eligibility": _("Checking the rules"),
    "sharing": _("Sharing out the bids"),
    "scoring": _("Reading and scoring"),
    "shortlist": _("Choosing who to meet"),
    "interviews": _("Meeting the organisations"),
    "decision": _("Deciding"),
    "letters": _("Checks and letters"),
    "report": _("The report"),
    "learn": _("Looking back"),
}
"""What each kind of stage is called on screen, in the order the stages come."""

KINDS: tuple[str, ...] = tuple(NAMES)
"""Every kind of stage, in order. A round may leave some out. It may not change the order."""

ASKS_VOLUNTEERS: frozenset[str] = frozenset(KINDS) - {"open"}
"""The stages that ask work of volunteers, so each is followed by rest."""

HEAVY: frozenset[str] = frozenset({"scoring", "interviews", "decision"})
"""The stages that ask most of them, so the rest is longer."""

PANELS_OWN: frozenset[str] = frozenset({"scoring", "shortlist", "interviews", "decision"})
"""The stages that a panel may go through at its own pace. All later ones wait for every panel."""

ALONGSIDE: Mapping[str, frozenset[str]] = {"learn": frozenset({"report"})}
"""A stage on the left need not wait for those on the right: people can look back while the
board reads the report. It still may not open on a day of rest."""

DEFAULT_RECOVERY_DAYS: Mapping[str, int] = {
    kind: 7 if kind in HEAVY else 3 if kind in ASKS_VOLUNTEERS else 0 for kind in KINDS
}
"""Days of rest after each kind of stage, unless the panel agrees others."""


USUAL_DAYS: Mapping[str, int] = {
    "setup": 14,
    "join": 21,
    "training": 28,
    "criteria": 21,
    "open": 42,
    "eligibility": 10,
    "sharing": 7,
    "scoring": 28,
    "shortlist": 7,
    "interviews": 10,
    "decision": 7,
    "letters": 21,
    "report": 21,
    "learn": 14,
}
"""How many days each stage lasts, first and last included, until somebody sets other dates."""


class Status(Enum):
    """Where a stage stands on a day."""

    WAITING = "waiting"
    OPEN = "open"
    DUE_TO_CLOSE = "due_to_close"
    """Still open, and its planned last day has come or gone."""
    RESTING = "resting"
    """Closed, with its rest still ahead or under way."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage: the days planned, and the days it really opened and closed.

    ``opens_on`` and ``closes_on`` are the first and last planned days, both included. ``lot`` and
    ``lot_name`` are those of the panel whose own stage it is; the round's own have none.
    """

    kind: str
    opens_on: date
    closes_on: date
    recovery_days: int
    opened_on: date | None = None
    closed_on: date | None = None
    lot: int = 0
    lot_name: str = ""

    def __post_init__(self) -> None:
        if self.kind not in NAMES:
            raise ValueError(f"There is no kind of stage called {self.kind!r}.")
        if self.lot and self.kind not in PANELS_OWN:
            raise ValueError(f"No panel has a stage {self.kind!r} of its own.")
        if self.recovery_days < 0:
            raise ValueError("Days of rest cannot be fewer than none.")

    @property
    def name(self) -> Sentence:
        """What the stage is called on screen."""
        if not self.lot:
            return NAMES[self.kind]
        return _("%(stage)s: %(lot)s", stage=NAMES[self.kind], lot=self.lot_name)

    @property
    def free_from(self) -> date:
        """The first day another stage may open: after the close, real or planned, and the rest."""
        return (self.closed_on or self.closes_on) + (self.recovery_days + 1) * DAY


def status(stage: StagePlan, *, on: date, rest_until: date | None = None) -> Status:
    """Where ``stage`` stands on a day.

    ``rest_until`` is its last day of rest, where that is not what its own days would give.
    """
    if stage.closed_on is not None and on >= stage.closed_on:
        last = rest_until or stage.closed_on + stage.recovery_days * DAY
        resting = stage.recovery_days > 0 or rest_until is not None
        return Status.RESTING if resting and on <= last else Status.DONE
    if stage.opened_on is None or on < stage.opened_on:
        return Status.WAITING
    return Status.DUE_TO_CLOSE if on >= stage.closes_on else Status.OPEN


def rest_until(stage: StagePlan) -> date | None:
    """The last day of rest after ``stage``. None if it is not closed, or has no rest."""
    if stage.closed_on is None or not stage.recovery_days:
        return None
    return stage.closed_on + stage.recovery_days * DAY


def resting(stages: Iterable[StagePlan], on: date) -> StagePlan | None:
    """The stage that people are resting from on this day, or None.

    The day of closing is not yet rest, so that the letter that says "it is closed" can go. Where
    two rests meet, the one that ends last is given.
    """
    rests = [(last, s) for s in stages if s.closed_on and (last := rest_until(s))]
    under_way = [(last, s) for last, s in rests if s.closed_on and s.closed_on < on <= last]
    return max(under_way, key=lambda rest: rest[0])[1] if under_way else None


MOST_MORE_REST = 14
"""By how many days the rests agreed with one person may be longer than everybody's."""


def longer(stages: Iterable[StagePlan], more: int) -> list[StagePlan]:
    """The stages as one person goes through them whose agreed rests are longer by ``more`` days.

    Only their own rests end later. When stages open and close is the same for everybody.
    """
    return [
        replace(one, recovery_days=one.recovery_days + more) if one.recovery_days else one
        for one in stages
    ]


Rest = tuple[date, date]
"""Days of rest, from the first to the last, both included."""


def rests(stages: Iterable[StagePlan], *, planned: bool = False) -> tuple[Rest, ...]:
    """The rests that a close has set off; with ``planned``, those still to come as well."""
    return tuple(
        (closes + DAY, closes + one.recovery_days * DAY)
        for one in stages
        if one.recovery_days and (closes := one.closed_on or (one.closes_on if planned else None))
    )


def rests_on(day: date, rests: Iterable[Rest]) -> bool:
    """Whether one of these rests covers the day."""
    return any(first <= day <= last for first, last in rests)


def own_last_day(first: date, last: date, *, rests: Sequence[Rest], own: Sequence[Rest]) -> date:
    """The last day of something asked from ``first`` to ``last``, for one with rests of their own.

    It moves on so that they have as many days without rest for it as everybody has.
    """
    wanted = sum(not rests_on(day, rests) for day in _days_of(first, last))
    day = first - DAY
    while wanted > 0:
        day += DAY
        wanted -= not rests_on(day, own)
    return max(day, last)


def in_order(stages: Iterable[StagePlan]) -> list[StagePlan]:
    """The stages as they follow one another."""
    return sorted(stages, key=lambda stage: (KINDS.index(stage.kind), stage.lot))


# ---- Panels with days of their own -----------------------------------------------------------
def for_panel(stages: Iterable[StagePlan], lot: int = 0) -> list[StagePlan]:
    """The stages as one panel goes through them: its own where it has them, else the round's."""
    plan = in_order(stages)
    own = {one.kind for one in plan if one.lot == lot}
    return [one for one in plan if one.lot == lot or (not one.lot and one.kind not in own)]


def for_person(stages: Iterable[StagePlan], lots: Collection[int] = ()) -> list[StagePlan]:
    """The stages as somebody goes through them who reads or sits for these lots, or for none."""
    plan = in_order(stages)
    theirs = {one for lot in lots or (0,) for one in for_panel(plan, lot)}
    return [one for one in plan if one in theirs]


def of_panel(stages: Iterable[StagePlan], kind: str, lot: int = 0) -> StagePlan:
    """The stage of this kind as it stands for one panel. KeyError if there is none."""
    return {one.kind: one for one in for_panel(stages, lot)}[kind]


def _line(stage: StagePlan, stages: Iterable[StagePlan]) -> list[StagePlan]:
    """The stages that ``stage`` stands in one line with: those of its panel, or of all panels."""
    return for_panel(stages, stage.lot) if stage.kind in PANELS_OWN else in_order(stages)


def _before(stage: StagePlan, stages: Iterable[StagePlan]) -> list[StagePlan]:
    """Those of its line that come before it."""
    place = KINDS.index(stage.kind)
    return [one for one in _line(stage, stages) if KINDS.index(one.kind) < place]


def laid_out(first_day: date) -> list[StagePlan]:
    """All stages in order from a first day, at their usual lengths and with their usual rests."""
    return moved(
        StagePlan(
            kind=kind,
            opens_on=first_day,
            closes_on=first_day + (USUAL_DAYS[kind] - 1) * DAY,
            recovery_days=DEFAULT_RECOVERY_DAYS[kind],
        )
        for kind in KINDS
    )


def moved(stages: Iterable[StagePlan], *, on: date | None = None) -> list[StagePlan]:
    """The stages in order, with dates moved on so that none opens before its time.

    Only stages that have not opened move, and only later. Each keeps its planned length. With
    ``on``, what is late today counts too: an open stage closes today at the soonest, and a
    waiting one opens today at the soonest.
    """
    plan: list[StagePlan] = []
    expected: list[StagePlan] = []
    for planned in in_order(stages):
        stage = planned
        if stage.opened_on is None:
            wanted = max(stage.opens_on, on) if on else stage.opens_on
            before = _before(stage, expected)
            stage = _shifted(stage, _first_free(stage, before, wanted) - stage.opens_on)
        plan.append(stage)
        late = on and stage.closed_on is None and on > stage.closes_on
        expected.append(replace(stage, closes_on=on) if on and late else stage)
    return plan


def _first_free(stage: StagePlan, before: Sequence[StagePlan], day: date) -> date:
    """The first day from ``day`` on which ``stage`` may open after the stages ``before`` it."""
    beside = ALONGSIDE.get(stage.kind, frozenset())
    day = max([day, *(other.free_from for other in before if other.kind not in beside)])
    for other in before:
        if other.kind in beside and (other.closed_on or other.closes_on) < day < other.free_from:
            day = other.free_from
    return day


def _shifted(stage: StagePlan, by: timedelta) -> StagePlan:
    return replace(stage, opens_on=stage.opens_on + by, closes_on=stage.closes_on + by)


def what_if(
    stages: Iterable[StagePlan], kind: str, closes_on: date, *, on: date, lot: int = 0
) -> list[Sentence]:
    """What follows, in everyday sentences, if a stage closed on this day. Nothing is changed.

    KeyError if there is no such stage; ValueError if it has closed, or would close before it opens.
    """
    plan = in_order(stages)
    stage = of_panel(plan, kind, lot)
    if stage.closed_on or closes_on < (stage.opened_on or stage.opens_on):
        raise ValueError("This stage cannot close on that day.")
    then = [replace(one, closes_on=closes_on) if one == stage else one for one in plan]
    found: list[Sentence] = []
    if stage.recovery_days:
        rest = {"first": closes_on + DAY, "last": closes_on + stage.recovery_days * DAY}
        found.append(_("People rest from %(first)s to %(last)s.", **rest))
    both = zip(moved(plan, on=on), moved(then, on=on), strict=True)
    moves = [
        _(
            "“%(stage)s” moves from %(old)s to %(new)s.",
            stage=new.name,
            old=old.opens_on,
            new=new.opens_on,
        )
        for old, new in both
        if (old.kind, old.lot) != (kind, stage.lot) and old.opens_on != new.opens_on
    ]
    return found + (moves or [_("No other stage moves.")])


def may_open(stages: Sequence[StagePlan], kind: str, on: date, *, lot: int = 0) -> Sentence | None:
    """Why the stage may not open on this day, or None if it may. KeyError if there is no such."""
    stage = of_panel(stages, kind, lot)
    if stage.closed_on:
        return _("“%(stage)s” has closed. It cannot open again.", stage=stage.name)
    if stage.opened_on:
        return _("“%(stage)s” is already open.", stage=stage.name)
    beside = ALONGSIDE.get(kind, frozenset())
    for other in _before(stage, stages):
        if other.closed_on is None and other.kind not in beside:
            return _("“%(stage)s” must close first.", stage=other.name)
    closed = (one for one in _line(stage, stages) if one.closed_on)
    last = max(closed, key=lambda one: one.free_from, default=stage)
    if last.closed_on and on < last.free_from:
        if not last.recovery_days:
            return _(
                "“%(stage)s” closed today. The next stage can open on %(day)s.",
                stage=last.name,
                day=last.free_from,
            )
        return _("This is a time of rest. The next stage can open on %(day)s.", day=last.free_from)
    if on < stage.opens_on:
        return _("“%(stage)s” opens on %(day)s.", stage=stage.name, day=stage.opens_on)
    return None


def may_close(
    stages: Sequence[StagePlan], kind: str, on: date, *, agreed: bool = False, lot: int = 0
) -> Sentence | None:
    """Why the stage may not close on this day, or None if it may. KeyError if there is no such.

    ``agreed`` says that the panel has agreed to close it before its planned last day.
    """
    stage = of_panel(stages, kind, lot)
    if stage.closed_on:
        return _("“%(stage)s” has already closed.", stage=stage.name)
    if stage.opened_on is None or on < stage.opened_on:
        return _("“%(stage)s” is not open yet.", stage=stage.name)
    if on < stage.closes_on and not agreed:
        return _(
            "“%(stage)s” closes on %(day)s. To close it sooner, the panel must agree.",
            stage=stage.name,
            day=stage.closes_on,
        )
    return None


def problems(
    stages: Iterable[StagePlan], *, recovery: Mapping[str, int] = DEFAULT_RECOVERY_DAYS
) -> list[Sentence]:
    """What is wrong with a plan, in everyday sentences, in the order of the stages.

    ``recovery`` holds the days of rest the panel has agreed for each kind of stage.
    """
    found: list[Sentence] = []
    plan = in_order(stages)
    for stage in plan:
        if stage.closes_on < stage.opens_on:
            found.append(_("“%(stage)s” closes before it opens.", stage=stage.name))
        if stage.closed_on and (stage.opened_on is None or stage.closed_on < stage.opened_on):
            found.append(_("“%(stage)s” was closed before it was opened.", stage=stage.name))
        usual = recovery.get(stage.kind, 0)
        if stage.recovery_days < usual:
            found.append(
                _(
                    "The rest after “%(stage)s” is too short. "
                    "Days planned: %(planned)s. Days agreed: %(agreed)s.",
                    stage=stage.name,
                    planned=stage.recovery_days,
                    agreed=usual,
                )
            )
    for one, two in pairwise(plan):
        if (one.kind, one.lot) == (two.kind, two.lot):
            found.append(_("“%(stage)s” is there twice.", stage=one.name))
    for stage in plan:
        wrong = _clash(stage, _before(stage, plan))
        if wrong:
            found.append(wrong)
    return found


_SATURDAY = 5


def worth_a_look(
    stages: Iterable[StagePlan], *, holidays: Mapping[date, str] | None = None
) -> list[Sentence]:
    """Weekends and public holidays in a plan, in everyday sentences. None of them is in the way.

    ``holidays`` names each public holiday. What has opened or closed already is left out.
    """
    named = holidays or {}

    def is_off(day: date) -> bool:
        return day.weekday() >= _SATURDAY or day in named

    found: list[Sentence] = []
    for stage in in_order(stages):
        if stage.closed_on:
            continue
        words = {"stage": stage.name}
        for day, opens in ((stage.opens_on, True), (stage.closes_on, False)):
            if not is_off(day) or (opens and stage.opened_on):
                continue
            facts = {**words, "day": day, "holiday": named.get(day, "")}
            if day in named and opens:
                found.append(_("“%(stage)s” opens on %(day)s, a holiday: %(holiday)s.", **facts))
            elif day in named:
                found.append(_("“%(stage)s” closes on %(day)s, a holiday: %(holiday)s.", **facts))
            elif opens:
                found.append(_("“%(stage)s” opens on %(day)s, at the weekend.", **facts))
            else:
                found.append(_("“%(stage)s” closes on %(day)s, at the weekend.", **facts))
        if all(map(is_off, _days_of(stage.opens_on, stage.closes_on))):
            found.append(_("“%(stage)s” has no working day in it.", **words))
        rest = _days_of(stage.closes_on + DAY, stage.closes_on + stage.recovery_days * DAY)
        if rest and all(map(is_off, rest)):
            found.append(_("The rest after “%(stage)s” is only weekend and holidays.", **words))
    return found


def _days_of(first: date, last: date) -> list[date]:
    """All days from the first to the last, both included."""
    return [first + number * DAY for number in range((last - first).days + 1)]


def _clash(stage: StagePlan, before: Sequence[StagePlan]) -> Sentence | None:
    """How ``stage`` runs into an earlier one, the nearest first, unless it is over already."""
    beside = ALONGSIDE.get(stage.kind, frozenset())
    opens = stage.opened_on or stage.opens_on
    for other in reversed(before):
        closes = other.closed_on or other.closes_on
        if stage.closed_on or opens >= other.free_from:
            continue
        both = {"stage": stage.name, "other": other.name}
        if opens > closes:
            return _("“%(stage)s” opens in the days of rest after “%(other)s”.", **both)
        if other.kind in beside:
            continue
        if opens < (other.opened_on or other.opens_on):
            return _("“%(stage)s” opens before “%(other)s”, but comes after it.", **both)
        return _("“%(stage)s” opens before “%(other)s” has closed.", **both)
    return None
