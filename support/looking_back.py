"""Reading what a round did for people, and its lessons: counts and words with no names."""

import hashlib
from typing import Any

from commissioning.models import Member, Round
from support.before_after import FEWEST_QUOTES
from support.models import Lesson, Look


def change_tables(round: Round) -> list[dict[str, Any]]:
    """One table a question, as it may be shown: surer, the same, less sure, not said both times."""
    return [
        {"text": row.text, "people": row.people, "unsaid": unsaid, "surer": surer}
        | {"same": same, "less": less, "hides": None in row.counts}
        for row in round.look_tables.all()
        for unsaid, surer, same, less in [row.counts]
    ]


def quotes_of(round: Round) -> list[str]:
    """What people who allow it say they got, in no order that tells who. Nothing before the count,
    and nothing from fewer than five."""
    if not round.look_tables.exists():
        return []
    rows = Look.objects.filter(
        member__in=Member.objects.said_yes().filter(round=round),
        when=Look.When.AFTER,
        may_quote=True,
    )
    words = list(rows.exclude(words="").values_list("words", flat=True))
    if len(words) < FEWEST_QUOTES:
        return []
    return sorted(words, key=lambda text: hashlib.sha256(text.encode()).hexdigest())


def lessons_of(round: Round) -> list[dict[str, Any]]:
    """Each stage of the round with its lessons, in order. Two queries."""
    rows = list(Lesson.objects.filter(round=round, dropped_at=None))
    return [
        {
            "kind": stage.kind,
            "name": stage.get_kind_display(),
            "lessons": [row for row in rows if row.stage == stage.kind],
        }
        for stage in sorted(round.stages.all(), key=lambda stage: stage.order)
    ]
