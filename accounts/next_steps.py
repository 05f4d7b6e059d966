"""What a person could do next, in one sentence, with how long it takes.

Each app's `next_steps.py` has `next_steps(person, *, on)`; home gathers them, most pressing first.
"""

from dataclasses import dataclass
from enum import IntEnum


class Pressing(IntEnum):
    """How much a step presses. Lower comes first."""

    NOW = 1
    SOON = 2
    WHEN_YOU_LIKE = 3
    WAITING = 4


@dataclass(frozen=True, slots=True)
class NextStep:
    """One thing to do: a sentence, a button, where it leads, and the minutes it takes (0: none)."""

    sentence: str
    button: str
    url: str
    minutes: int = 0
    pressing: Pressing = Pressing.SOON
