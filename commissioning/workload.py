"""How many hours a volunteer is asked for, said honestly before they say yes.

Reading is counted at 150 words a minute, three times over: lay readers go back and forth. To that
come scoring, training, meetings and the way there. The lower figure is what most people need; the
higher one is for those who like to read again and talk it over, and for one long day of interviews.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

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
TRAVEL_HOURS = Decimal(1)


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
    travel: Hours

    @property
    def total(self) -> Hours:
        """All the parts together."""
        return self.bids + self.training + self.meetings + self.travel


def minutes_for(words: int) -> Decimal:
    """Minutes to read and score one bid of so many words."""
    return Decimal(words * TIMES_READ) / WORDS_A_MINUTE + SCORING_MINUTES


def estimate(bids: int, *, words: Sequence[int] = ()) -> Workload:
    """The hours for reading so many bids, and for all that goes with it.

    ``words`` holds the real word counts of the bids there are, where they are known; their mean
    stands for each bid. ValueError for fewer bids than none.
    """
    if bids < 0:
        raise ValueError("Nobody can read fewer bids than none.")
    usual = Decimal(sum(words)) / len(words) if words else Decimal(USUAL_WORDS)
    reading = _tenths(bids * minutes_for(int(usual)) / 60)
    few, many = MEETINGS
    return Workload(
        bids=Hours(reading, _tenths(reading * SLOWER)),
        training=Hours(*TRAINING_HOURS),
        meetings=Hours(few * MEETING_HOURS, many * MEETING_HOURS + INTERVIEW_DAY_HOURS),
        travel=Hours(few * TRAVEL_HOURS, (many + 1) * TRAVEL_HOURS),
    )


def _tenths(hours: Decimal) -> Decimal:
    return hours.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
