"""What a panel sees of its scores before it talks: every score as a dot, widest apart first.

Nothing here decides. Middles are exact fractions, so two bids that are level are shown as level.
"I cannot judge this" and standing back are counted, and never taken for a zero.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from statistics import mean, median
from typing import TypeVar

TOP = 5
"""The highest score. The lowest is 0."""

Bid = TypeVar("Bid", int, str)


class Middle(Enum):
    """How the panel chose, beforehand, to find the middle of its scores."""

    MEAN = "mean"
    MEDIAN = "median"


@dataclass(frozen=True, slots=True)
class Score:
    """What one reader said of one bid on one criterion. The ids are the caller's own.

    ``value`` None means "I cannot judge this". ``abstained`` means that the reader stood back.
    """

    reader: int
    criterion: int
    value: int | None
    abstained: bool = False

    def __post_init__(self) -> None:
        if self.value is not None and (self.abstained or not 0 <= self.value <= TOP):
            raise ValueError(f"A score is 0 to {TOP}, or none for someone who stands back.")


@dataclass(frozen=True, slots=True)
class Spread:
    """The scores of one bid on one criterion. ``dots`` are in order, lowest first."""

    criterion: int
    dots: tuple[int, ...]
    middle: Fraction | None
    """None where nobody could judge it."""
    cannot_judge: int
    abstained: int

    @property
    def width(self) -> int:
        """How far apart the highest and lowest are."""
        return self.dots[-1] - self.dots[0] if self.dots else 0


@dataclass(frozen=True, slots=True)
class Total:
    """One reader's weighted points, out of the most they could give on what they judged."""

    points: int
    out_of: int

    @property
    def share(self) -> Fraction:
        """The points as a part of the most, from 0 to 1."""
        return Fraction(self.points, self.out_of)


@dataclass(frozen=True, slots=True)
class Picture:
    """A bid as its readers scored it. ``totals`` are by reader, for those who judged anything."""

    spreads: tuple[Spread, ...]
    totals: Mapping[int, Total]
    middle: Fraction | None
    """The middle of the readers' shares, from 0 to 1. None where nobody judged anything."""
    apart: Fraction
    """How far apart the readers are over all the criteria by weight, from 0 to 1."""

    @property
    def cannot_judge(self) -> int:
        """How many times somebody could not judge."""
        return sum(spread.cannot_judge for spread in self.spreads)

    @property
    def abstained(self) -> int:
        """How many times somebody stood back."""
        return sum(spread.abstained for spread in self.spreads)

    @property
    def widest(self) -> int:
        """The widest spread on any one criterion."""
        return max((spread.width for spread in self.spreads), default=0)


def middle_of(values: Sequence[int] | Sequence[Fraction], middle: Middle) -> Fraction | None:
    """The mean or median as an exact fraction, or None of nothing."""
    exact = [Fraction(value) for value in values]
    if not exact:
        return None
    return mean(exact) if middle is Middle.MEAN else median(exact)


def reader_total(scores: Iterable[Score], weights: Mapping[int, int]) -> Total | None:
    """One reader's total for one bid, or None if they judged nothing that carries weight.

    The weight of what they could not judge is left out of the most they could give, too.
    """
    judged = [
        (score.value, weights[score.criterion]) for score in scores if score.value is not None
    ]
    out_of = sum(TOP * weight for _, weight in judged)
    if not out_of:
        return None
    return Total(sum(value * weight for value, weight in judged), out_of)


def picture(
    scores: Iterable[Score], weights: Mapping[int, int], middle: Middle = Middle.MEAN
) -> Picture:
    """One bid's scores, with a spread for each criterion in ``weights``, in that order.

    ``weights`` are whole numbers by criterion. ValueError if a reader scored a criterion twice,
    or one that has no weight, or if a weight is below 0.
    """
    given = list(scores)
    if len({(score.reader, score.criterion) for score in given}) < len(given):
        raise ValueError("A reader scored the same criterion twice.")
    if (
        any(score.criterion not in weights for score in given)
        or min(weights.values(), default=0) < 0
    ):
        raise ValueError("Each criterion needs a weight of 0 or more.")
    by_reader: defaultdict[int, list[Score]] = defaultdict(list)
    for score in given:
        by_reader[score.reader].append(score)
    found = {reader: reader_total(own, weights) for reader, own in sorted(by_reader.items())}
    totals = {reader: total for reader, total in found.items() if total}
    spreads = tuple(_spread(criterion, given, middle) for criterion in weights)
    most = TOP * sum(weights.values())
    apart = sum(spread.width * weights[spread.criterion] for spread in spreads)
    return Picture(
        spreads=spreads,
        totals=totals,
        middle=middle_of([total.share for total in totals.values()], middle),
        apart=Fraction(apart, most) if most else Fraction(0),
    )


def _spread(criterion: int, scores: Iterable[Score], middle: Middle) -> Spread:
    own = [score for score in scores if score.criterion == criterion]
    dots = sorted(score.value for score in own if score.value is not None)
    abstained = sum(score.abstained for score in own)
    cannot_judge = len(own) - len(dots) - abstained
    return Spread(criterion, tuple(dots), middle_of(dots, middle), cannot_judge, abstained)


def differ_most_first(
    pictures: Mapping[Bid, Picture], out: Mapping[Bid, Collection[int]] | None = None
) -> list[Bid]:
    """The bids in the order to talk about them: where readers are furthest apart comes first.

    Between bids that are level those come together for which the same people (`out`, by bid) leave
    the room, so that each leaves it once: first those for which everybody stays. Then the widest
    single spread, the most "cannot judge", and the lowest id. It says nothing of how good a bid is.
    """
    out = out or {}

    def key(bid: Bid) -> tuple[Fraction, int, list[int], int, int, Bid]:
        seen, leave = pictures[bid], sorted(out.get(bid, ()))
        return -seen.apart, len(leave), leave, -seen.widest, -seen.cannot_judge, bid

    return sorted(pictures, key=key)


def ranks(middles: Mapping[Bid, Fraction | None]) -> dict[Bid, int | None]:
    """Each bid's place, 1 for the highest. Bids that are level share a place, and the next places
    are left out: 1, 2, 2, 4. None for a bid that nobody judged."""
    known = [middle for middle in middles.values() if middle is not None]
    return {
        bid: None if middle is None else 1 + sum(other > middle for other in known)
        for bid, middle in middles.items()
    }


def level(middles: Mapping[Bid, Fraction | None]) -> list[tuple[Bid, ...]]:
    """The groups of bids that share a place, highest first. A bid on its own is in none."""
    groups: defaultdict[Fraction, list[Bid]] = defaultdict(list)
    for bid, middle in middles.items():
        if middle is not None:
            groups[middle].append(bid)
    return [tuple(sorted(groups[m])) for m in sorted(groups, reverse=True) if len(groups[m]) > 1]


def range_words(dots: Sequence[int], words: Sequence[str]) -> tuple[str, ...]:
    """The panel's own level words for the lowest and highest dot, to show in place of decimals.

    ``words[n]`` is the word for a score of n. One word where all are the same, none for no dots.
    """
    return tuple(words[value] for value in sorted({min(dots), max(dots)})) if dots else ()
