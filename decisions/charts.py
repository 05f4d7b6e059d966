"""Pictures of a report's numbers: bars as plain values, in thousandths of the widest.

Nothing here knows the report. A picture never stands alone: its table says the same in numbers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WIDTH = 1000
DARK, MIDDLING, PALE, EMPTY = 1, 2, 3, 4
"""How much colour a piece has; the template's `shade` knows them."""

Number = Decimal | int


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a bar, in thousandths of the picture's width."""

    start: str
    width: str
    fill: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is about, its pieces, and all of it said in words."""

    label: str
    pieces: tuple[Piece, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Bars under each other to one scale, and what each colour means."""

    bars: tuple[Bar, ...]
    legend: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What a bar is made from: pieces after each other, each with its size and colour."""

    label: str
    sizes: Sequence[tuple[Number, int]]
    words: str
    offset: Number = 0


def bars(rows: Iterable[Row], legend: Sequence[tuple[int, str]] = ()) -> Picture:
    """The rows as bars, the longest over the whole width. A piece of no size is left out."""
    found = list(rows)
    longest = max((_length(row) for row in found), default=Decimal(0))
    return Picture(tuple(_bar(row, longest) for row in found), tuple(legend))


def _length(row: Row) -> Decimal:
    return Decimal(row.offset) + sum(
        (Decimal(size) for size, _fill in row.sizes if size > 0), Decimal(0)
    )


def _bar(row: Row, longest: Decimal) -> Bar:
    pieces, start = [], Decimal(row.offset)
    for size, fill in row.sizes:
        if size > 0 and longest:
            place, width = (value * WIDTH / longest for value in (start, Decimal(size)))
            pieces.append(Piece(f"{place:.1f}", f"{width:.1f}", fill))
            start += size
    return Bar(row.label, tuple(pieces), row.words)


@dataclass(frozen=True, slots=True)
class Share:
    """How much of something went to one place, and how many it went to."""

    label: str
    count: int
    sum: Decimal


MOST_SHARES = 12


def shares(given: Iterable[tuple[str, Decimal]], *, unknown: str, others: str) -> tuple[Share, ...]:
    """Sums by their place, the largest first; past twelve places, the small ones together."""
    found: dict[str, list[Decimal]] = {}
    names: dict[str, str] = {}
    for place, pounds in given:
        name = " ".join(place.split()) or unknown
        names.setdefault(name.casefold(), name)
        found.setdefault(name.casefold(), []).append(pounds)
    rows = sorted(
        (Share(names[key], len(sums), sum(sums, Decimal(0))) for key, sums in found.items()),
        key=lambda row: (-row.sum, row.label),
    )
    if len(rows) <= MOST_SHARES:
        return tuple(rows)
    first, rest = rows[: MOST_SHARES - 1], rows[MOST_SHARES - 1 :]
    small = Share(others, sum(row.count for row in rest), sum((r.sum for r in rest), Decimal(0)))
    return (*first, small)


def days(opens: date, closes: date) -> int:
    """How many days from the first to the last, both counted."""
    return (closes - opens).days + 1
