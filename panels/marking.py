"""How readers mark, said gently: higher or lower than others, and how sure the order of bids is.

Nothing here changes a score. A reader may see alone how they mark beside others; the panel sees
how far the order of its bids can be trusted. Shares are parts of the most points, from 0 to 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from math import sqrt
from statistics import fmean, mean

from panels.shortlist import Bid, Picture

FEWEST_TOGETHER = 3
"""Bids read with others before anything is said of how somebody marks."""

CLEARLY = 0.05
"""How far apart two ways of marking must lie on average to be spoken of: 5 points of 100."""

MOSTLY = 2 / 3
"""On how large a part of the bids the difference must go the same way."""

SURE = 1.96
"""Standard errors either side that hold 19 of 20 such differences, if errors are normal."""


class Tendency(Enum):
    """How one reader marks beside the others who read the same bids."""

    HIGHER = "higher"
    LOWER = "lower"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class Marking:
    """One reader beside the others. ``apart`` is theirs less the others', on average, 0 to 1."""

    bids: int
    apart: float
    tendency: Tendency

    @property
    def points(self) -> int:
        """How far apart, in points of 100, whichever way."""
        return round(abs(self.apart) * 100)


@dataclass(frozen=True, slots=True)
class Sureness:
    """How much of what differs between scores is the bids themselves.

    Source: one-way analysis of variance with random readers (Shrout and Fleiss 1979, case 1),
    and the Spearman-Brown formula for the mean of several readers.
    """

    alone: float
    """Reliability of one reader's total alone, from 0 to 1."""
    together: float
    """The same for the middle of as many readers as a bid has on average."""
    readers: float
    """How many readers a bid has on average, as the formulas count it."""
    within: float
    """Mean square between readers of the same bid."""

    def too_close(self, one: float, two: float) -> float:
        """Middles this near, of bids with so many readers each, may as well stand the other way
        round: 19 of 20 differences that come from readers alone are smaller."""
        return SURE * sqrt(self.within * (1 / one + 1 / two))


def marking_of(reader: int, pictures: Mapping[Bid, Picture]) -> Marking | None:
    """How a reader (an id, as in the pictures) marks beside others on the bids both read.

    None where they read fewer than three bids with somebody else."""
    apart = [mine - others for _bid, mine, others in beside_others(reader, pictures)]
    if len(apart) < FEWEST_TOGETHER:
        return None
    usual = fmean(apart)
    return Marking(len(apart), usual, _tendency(apart, usual))


def beside_others(reader: int, pictures: Mapping[Bid, Picture]) -> list[tuple[Bid, float, float]]:
    """For each bid they read with somebody else: the bid, their share, and the others' mean."""
    return [
        (
            bid,
            float(picture.totals[reader].share),
            fmean(float(row.share) for other, row in picture.totals.items() if other != reader),
        )
        for bid, picture in pictures.items()
        if reader in picture.totals and len(picture.totals) > 1
    ]


def _tendency(apart: Sequence[float], usual: float) -> Tendency:
    same_way = sum(one * usual > 0 for one in apart) / len(apart)
    if abs(usual) < CLEARLY or same_way < MOSTLY:
        return Tendency.ALIKE
    return Tendency.HIGHER if usual > 0 else Tendency.LOWER


def sureness_of(pictures: Mapping[Bid, Picture]) -> Sureness | None:
    """How sure the order of these bids is. None where there is too little to tell by: fewer than
    two bids, or nobody reads beside somebody else."""
    groups = [
        [total.share for total in picture.totals.values()]
        for picture in pictures.values()
        if picture.totals
    ]
    scores = sum(len(group) for group in groups)
    if len(groups) < 2 or scores == len(groups):
        return None
    whole = mean([share for group in groups for share in group])
    middles = [mean(group) for group in groups]
    between = _sum(
        len(group) * (middle - whole) ** 2 for group, middle in zip(groups, middles, strict=True)
    ) / (len(groups) - 1)
    within = _sum(
        (share - middle) ** 2
        for group, middle in zip(groups, middles, strict=True)
        for share in group
    ) / (scores - len(groups))
    squares = Fraction(sum(len(group) ** 2 for group in groups), scores)
    readers = (scores - squares) / (len(groups) - 1)
    return Sureness(
        alone=_part(between - within, between + (readers - 1) * within),
        together=_part(between - within, between),
        readers=float(readers),
        within=float(within),
    )


def _sum(parts: Iterable[Fraction]) -> Fraction:
    return sum(parts, Fraction(0))


def _part(much: Fraction, of: Fraction) -> float:
    """A part from 0 to 1. Below 0 it says that the bids do not differ; then it is 0."""
    return float(max(Fraction(0), much / of)) if of > 0 else 0.0


def nearly_level(pictures: Mapping[Bid, Picture], sure: Sureness) -> dict[Bid, tuple[Bid, ...]]:
    """For each bid those whose middles are too close to its own to tell them apart by."""
    known = {
        bid: (float(picture.middle), len(picture.totals))
        for bid, picture in pictures.items()
        if picture.middle is not None
    }
    return {
        bid: tuple(
            other
            for other, (there, beside) in known.items()
            if other != bid and abs(here - there) < sure.too_close(readers, beside)
        )
        for bid, (here, readers) in known.items()
    }
