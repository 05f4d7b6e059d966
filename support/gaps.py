"""Who is here and who is missing: the people a programme is for beside those who have answered.

Only counts that may be shown to everybody come in here, so nothing that comes out can tell more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from support.suppression import FEWEST, Shown

FAR_APART = 5
"""So many in a hundred fewer than there should be is a gap."""


@dataclass(frozen=True, slots=True)
class Line:
    """One answer to one question. `option`: 0 is "Prefer not to say".

    `share`: in every hundred people the programme is for, or None if nobody has said. `count`: of
    those who answered, or None where it is not shown. `people`: all who answered.
    """

    question: int
    option: int
    label: str
    share: Decimal | None
    count: int | None
    people: int

    @property
    def here(self) -> int | None:
        """In every hundred who answered, or None where the count is not shown."""
        if self.count is None or not self.people:
            return None
        return _whole(Decimal(self.count * 100) / self.people)

    @property
    def expected(self) -> int | None:
        """How many there would be, if those who answered were like those the programme is for."""
        return None if self.share is None else _whole(self.share * self.people / 100)

    @property
    def is_gap(self) -> bool:
        """Whether people are missing here: clearly fewer than the share, or too few to show."""
        if self.share is None or self.expected is None or not self.option or not self.people:
            return False
        if self.here is None:
            return self.expected >= 2 * FEWEST
        return self.here + FAR_APART <= self.share


@dataclass(frozen=True, slots=True)
class Table:
    """One question with its lines, the keeper last."""

    question: int
    text: str
    shares_from: str
    people: int
    lines: tuple[Line, ...]

    @property
    def hides(self) -> bool:
        """Whether some of its counts are not shown."""
        return any(line.count is None for line in self.lines)


def table(
    *,
    question: int,
    text: str,
    shares_from: str,
    labels: Sequence[str],
    shares: Sequence[Decimal | None],
    counts: Shown,
    people: int,
) -> Table:
    """One question's table. `labels`, `shares` and `counts` begin with "Prefer not to say"."""
    lines = [
        Line(question, option, label, share, count, people)
        for option, (label, share, count) in enumerate(zip(labels, shares, counts, strict=True))
    ]
    return Table(question, text, shares_from, people, (*lines[1:], lines[0]))


def gaps(tables: Sequence[Table]) -> Iterator[Line]:
    """The lines where people are missing, in the order of the tables."""
    for each in tables:
        yield from (line for line in each.lines if line.is_gap)


def _whole(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
