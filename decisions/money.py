"""The money board's sums: what is given, what is left, and what does not fit.

Plain values only. All sums are pounds as Decimals. Nothing here picks a winner: it adds up what
people chose and says what is wrong with it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from commissioning.reasons import says_why

AWARD, LESS, RESERVE, NO = "award", "less", "reserve", "no"
GIVES_MONEY = frozenset({AWARD, LESS})
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Pot:
    """The money a panel may give: its lot's limit, within the envelope all panels share.

    ``elsewhere`` is what the round's other panels have given or put forward.
    """

    envelope: Decimal
    limit: Decimal
    elsewhere: Decimal = NOTHING

    @property
    def most(self) -> Decimal:
        """The most this panel may give: never below nothing."""
        return max(NOTHING, min(self.limit, self.envelope - self.elsewhere))


@dataclass(frozen=True, slots=True)
class Line:
    """What is said of one bid. ``outcome`` "" means that nothing was chosen yet."""

    bid: int
    asked: Decimal
    outcome: str = ""
    amount: Decimal = NOTHING
    smallest_useful: Decimal | None = None
    less_what: str = ""
    reason: str = ""
    has_criterion: bool = False
    reserve_order: int | None = None

    @property
    def given(self) -> Decimal:
        """Pounds this line gives: nothing unless it is an award."""
        return self.amount if self.outcome in GIVES_MONEY else NOTHING


@dataclass(frozen=True, slots=True)
class Sums:
    """A board added up. ``left`` is below nothing when too much is given."""

    asked: Decimal
    given: Decimal
    most: Decimal
    left: Decimal
    left_in_lot: Decimal
    left_in_envelope: Decimal
    undecided: int

    @property
    def fits(self) -> bool:
        """Whether no more is given than there is."""
        return self.left >= 0


class Wrong(Enum):
    """What is wrong with a line, or with a board."""

    NOT_CHOSEN = "not_chosen"
    NO_REASON = "no_reason"
    NO_CRITERION = "no_criterion"
    NOTHING_GIVEN = "nothing_given"
    MORE_THAN_ASKED = "more_than_asked"
    NOT_LESS = "not_less"
    NOT_IN_FULL = "not_in_full"
    LESS_OF_WHAT = "less_of_what"
    RESERVE_PLACE = "reserve_place"
    OVER_LOT = "over_lot"
    OVER_ENVELOPE = "over_envelope"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; ``bid`` None: with the whole board. ``over``: pounds too many."""

    wrong: Wrong
    bid: int | None = None
    over: Decimal = NOTHING


def sums(lines: Iterable[Line], pot: Pot) -> Sums:
    """A board added up against its pot."""
    rows = list(lines)
    given = sum((line.given for line in rows), NOTHING)
    return Sums(
        asked=sum((line.asked for line in rows), NOTHING),
        given=given,
        most=pot.most,
        left=min(pot.limit - given, pot.envelope - pot.elsewhere - given),
        left_in_lot=pot.limit - given,
        left_in_envelope=pot.envelope - pot.elsewhere - given,
        undecided=sum(1 for line in rows if not line.outcome),
    )


def overspent(lines: Iterable[Line], pot: Pot) -> list[Problem]:
    """How far the board goes over the lot's limit, and over the envelope; empty when it fits."""
    added = sums(lines, pot)
    found = []
    if added.left_in_lot < 0:
        found.append(Problem(Wrong.OVER_LOT, over=-added.left_in_lot))
    if added.left_in_envelope < 0:
        found.append(Problem(Wrong.OVER_ENVELOPE, over=-added.left_in_envelope))
    return found


def wrong_sum(line: Line) -> Problem | None:
    """What is wrong with a line's sum, or None: this is refused as you go."""
    if line.outcome in GIVES_MONEY and line.amount <= 0:
        return Problem(Wrong.NOTHING_GIVEN, line.bid)
    if line.outcome in GIVES_MONEY and line.amount > line.asked:
        return Problem(Wrong.MORE_THAN_ASKED, line.bid, line.amount - line.asked)
    if line.outcome == LESS and line.amount == line.asked:
        return Problem(Wrong.NOT_LESS, line.bid)
    if line.outcome == AWARD and line.amount != line.asked:
        return Problem(Wrong.NOT_IN_FULL, line.bid)
    return None


def unreasoned(line: Line) -> list[Problem]:
    """What a line lacks in reasons: its words, and the criterion they rest on."""
    found = []
    if not says_why(line.reason):
        found.append(Problem(Wrong.NO_REASON, line.bid))
    if not line.has_criterion:
        found.append(Problem(Wrong.NO_CRITERION, line.bid))
    return found


def below_useful(line: Line) -> bool:
    """Whether the line gives less than the bid's smallest useful sum: a warning, not a refusal."""
    return line.smallest_useful is not None and NOTHING < line.given < line.smallest_useful


def problems(lines: Sequence[Line], pot: Pot) -> list[Problem]:
    """All that must be put right before a board can be put for signing."""
    found: list[Problem] = []
    for line in lines:
        if not line.outcome:
            found.append(Problem(Wrong.NOT_CHOSEN, line.bid))
            continue
        sum_problem = wrong_sum(line)
        if sum_problem:
            found.append(sum_problem)
        if line.outcome == LESS and not line.less_what.strip():
            found.append(Problem(Wrong.LESS_OF_WHAT, line.bid))
        found += unreasoned(line)
    reserves = [line for line in lines if line.outcome == RESERVE]
    places = {line.reserve_order for line in reserves}
    if places != set(range(1, len(reserves) + 1)):
        found.append(Problem(Wrong.RESERVE_PLACE))
    return found + overspent(lines, pot)


def left_out(names: Mapping[int, Iterable[str]], given: Collection[int]) -> list[str]:
    """Names that some bid bears and no bid with money does: places, communities, groups.

    `names` by bid. However a name is spaced or capitalised it is one, shown as it came first.
    """
    shown: dict[str, str] = {}
    reached = set()
    for bid, own in names.items():
        for name in filter(None, (" ".join(name.split()) for name in own)):
            shown.setdefault(name.casefold(), name)
            if bid in given:
                reached.add(name.casefold())
    return [shown[key] for key in sorted(shown.keys() - reached)]
