"""How many hours a volunteer is asked for, said honestly before they say yes.

Reading is counted at 150 words a minute, three times over: lay readers go back and forth. To that
come scoring, training, meetings and the way there. The lower figure is what most people need; the
higher one is for those who like to read again and talk it over, and for one long day of interviews.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from statistics import median

ONE = Decimal(1)
WORDS_A_MINUTE = 150
TIMES_READ = 3
SCORING_MINUTES = 20
USUAL_WORDS = 1500
"""How long a bid is taken to be, before there are real ones to count."""
SLOWER = Decimal("1.5")
"""How much longer the careful take over each bid."""

TRAINING_HOURS = (Decimal(10), Decimal(12))
MEETING_HOURS = Decimal(2)
MEETINGS = (4, 5)
INTERVIEW_DAY_HOURS = Decimal(6)
INTERVIEW_DAYS = (0, 1)
TRAVEL_HOURS = Decimal(1)

PACE_BOUNDS = (Decimal("0.5"), Decimal(2))
"""However the last round went, the next one is told no less than half, and no more than double."""
FEWEST_TO_LEARN_FROM = 5
"""Fewer people than these say nothing about the pace of others."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From so many hours to so many."""

    low: Decimal
    high: Decimal

    def __add__(self, other: "Hours") -> "Hours":
        return Hours(self.low + other.low, self.high + other.high)


@dataclass(frozen=True, slots=True)
class Workload:
    """What one volunteer's promise comes to, part by part."""

    bids: Hours
    training: Hours
    meetings: Hours
    interviews: Hours
    travel: Hours

    @property
    def total(self) -> Hours:
        """All the parts together."""
        return self.bids + self.training + self.meetings + self.interviews + self.travel


def minutes_for(words: int) -> Decimal:
    """Minutes to read and score one bid of so many words."""
    return Decimal(words * TIMES_READ) / WORDS_A_MINUTE + SCORING_MINUTES


def estimate(
    bids: int,
    *,
    words: Sequence[int] = (),
    share: Sequence[int] | None = None,
    interview_days: tuple[int, int] = INTERVIEW_DAYS,
    pace: Decimal = ONE,
) -> Workload:
    """The hours for reading so many bids, and for all that goes with it.

    `words`: real word counts of the bids there are; their mean stands for each bid. `share`: the
    words of this very person's bids, once they have them; any more bids are taken to be as usual.
    `interview_days`: fewest and most. `pace`: how long reading took in the last round, against what
    was told (`pace_of`). ValueError for fewer bids than none.
    """
    if bids < 0:
        raise ValueError("Nobody can read fewer bids than none.")
    usual = int(Decimal(sum(words)) / len(words)) if words else USUAL_WORDS
    lengths = [*(share or ())][:bids]
    minutes = sum((minutes_for(length) for length in lengths), Decimal(0))
    minutes += (bids - len(lengths)) * minutes_for(usual)
    reading = _tenths(minutes * pace / 60)
    few, many = MEETINGS
    fewest, most = interview_days
    return Workload(
        bids=Hours(reading, _tenths(reading * SLOWER)),
        training=Hours(*TRAINING_HOURS),
        meetings=Hours(few * MEETING_HOURS, many * MEETING_HOURS),
        interviews=Hours(fewest * INTERVIEW_DAY_HOURS, most * INTERVIEW_DAY_HOURS),
        travel=Hours((few + fewest) * TRAVEL_HOURS, (many + most) * TRAVEL_HOURS),
    )


def words_from_limits(limits: Sequence[int]) -> tuple[int, ...]:
    """How long a bid is taken to be before there are any: as long as its questions let it be.

    Groups fill the room they are given, and a kind guess now is a broken promise later. Without
    limits there is nothing to go by, and the usual length stands.
    """
    total = sum(limits)
    return (total,) if total else ()


def bids_each(expected: int, *, readers_per_bid: int, readers: int) -> int | None:
    """How many bids come to each reader, if so many bids come and so many people read them.

    Rounded up: nobody reads a part of a bid. None while it cannot be said.
    """
    if expected <= 0 or readers <= 0:
        return None
    return -(-expected * min(readers_per_bid, readers) // readers)


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One day of an example week: so many bids read and scored, in so many minutes."""

    on: date
    bids: int
    minutes: int


READING_DAYS = (0, 2, 4, 1, 3)
"""Monday, Wednesday and Friday first: a day off between. Nobody is asked to read at weekends."""


def example_week(
    bids: int, *, opens_on: date, closes_on: date, words: Sequence[int] = (), pace: Decimal = ONE
) -> tuple[WeekDay, ...]:
    """The first whole week of reading, for so many bids spread evenly over the weeks there are.

    A week is whole when it has all its days from Monday to Friday in the stage; a stage too short
    for one has the days it has. Empty without a bid or a day to read on.
    """
    days = [opens_on + timedelta(days=n) for n in range((closes_on - opens_on).days + 1)]
    workdays = [day for day in days if day.weekday() < 5]
    if bids <= 0 or not workdays:
        return ()
    monday = next(
        (day for day in days if day.weekday() == 0 and day + timedelta(days=4) <= closes_on), None
    )
    first = monday or workdays[0]
    week = [day for day in workdays if first <= day < first + timedelta(days=7)]
    in_week = min(bids, -(-bids * len(week) // len(workdays)))
    usual = int(Decimal(sum(words)) / len(words)) if words else USUAL_WORDS
    each = minutes_for(usual) * pace
    order = sorted(week, key=lambda day: READING_DAYS.index(day.weekday()))
    counts = dict.fromkeys(week, 0)
    for number in range(in_week):
        counts[order[number % len(order)]] += 1
    return tuple(
        WeekDay(day, count, int((count * each / 5).to_integral_value(ROUND_CEILING)) * 5)
        for day, count in counts.items()
        if count
    )


def pace_of(taken: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """How long reading really took, against what was told: 1 is as told, 2 is twice as long.

    `taken`: hours told and hours given, person by person. The middle one counts, so that one odd
    answer moves nothing, and it is kept within bounds. With fewer than five people it is 1.
    """
    ratios = [given / told for told, given in taken if told > 0 and given > 0]
    if len(ratios) < FEWEST_TO_LEARN_FROM:
        return Decimal(1)
    low, high = PACE_BOUNDS
    return min(max(median(ratios), low), high).quantize(Decimal("0.01"))


def _tenths(hours: Decimal) -> Decimal:
    return hours.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
