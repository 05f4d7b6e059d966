"""What must be done here before a stage of the round may open or close."""

from datetime import date

from accounts.permissions import Verdict
from commissioning.models import Stage


def gate(stage: Stage, move: str, *, on: date) -> Verdict:
    """Yes, or why the stage may not "open" or "close" on this day."""
    return Verdict.yes()
