"""The practice bid: what there is to read, the points to score, and how others scored it. Pure.

It is a file of ours and no row among the bids, so no real list, count or export can meet it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from support.content import read_practice_bid

PRACTICE = "practice-bid"
"""The slug of the training topic that is finished by sending practice scores."""
CANNOT = "cannot"
Scores = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Point:
    """One point to score: how many chose each level, and what the example people wrote."""

    slug: str
    title: str
    question: str
    levels: list[dict[str, Any]]
    cannot: int
    mine: str
    said: list[dict[str, str]]


@cache
def practice_bid() -> dict[str, Any]:
    """The practice bid's file, read once."""
    return read_practice_bid()


def questions() -> dict[str, str]:
    """What each part of the practice bid answers, in the order it is read."""
    return {
        "need": _("Why is this needed?"),
        "who": _("Who is it for?"),
        "shaped": _("How did older people shape it?"),
        "plan": _("What will you do?"),
        "difference": _("What will change?"),
        "partners": _("Who works with you?"),
        "risks": _("How do you keep people safe?"),
        "equality": _("How can everybody take part?"),
        "learning": _("What do you hope to learn?"),
    }


def answers() -> list[dict[str, str]]:
    """The parts of the bid, each with its question."""
    said = practice_bid()["bid"]["answers"]
    return [{"label": label, "text": said[key].strip()} for key, label in questions().items()]


def asked() -> Decimal:
    """What the practice bid asks for in all."""
    return Decimal(sum(line["asked"] for line in practice_bid()["bid"]["budget"]))


def what_is_missing(scores: Scores) -> list[str]:
    """The points that have no answer yet, by title."""
    return [point["title"] for point in practice_bid()["criteria"] if point["slug"] not in scores]


def beside_others(mine: Scores, others: Iterable[Scores]) -> list[Point]:
    """My practice scores among the example people's and other volunteers': no names, no order."""
    examples = [row["scores"] for row in practice_bid()["practice"]]
    everyone: list[Scores] = [*examples, *others, mine]
    return [_point(point, mine, everyone, examples) for point in practice_bid()["criteria"]]


def _point(
    point: Mapping[str, str], mine: Scores, everyone: Iterable[Scores], examples: Iterable[Scores]
) -> Point:
    slug = point["slug"]
    given = [row[slug] for row in everyone if slug in row]
    counts = Counter(row.get("score") for row in given)
    own = mine.get(slug, {}).get("score")
    return Point(
        slug=slug,
        title=point["title"],
        question=point["question"],
        levels=[
            {
                "value": level["level"],
                "word": level["word"],
                "count": counts[level["level"]],
                "mine": slug in mine and own == level["level"],
            }
            for level in practice_bid()["levels"]
        ],
        cannot=counts[None],
        mine=in_words(own) if slug in mine else "",
        said=sorted(
            (
                {"score": in_words(row[slug].get("score")), "reason": row[slug]["reason"]}
                for row in examples
            ),
            key=lambda row: (row["score"], row["reason"]),
        ),
    )


def in_words(score: int | None) -> str:
    """A practice score with its word: 3 Fair."""
    if score is None:
        return _("I cannot judge this")
    return f"{score} {practice_bid()['levels'][score]['word']}"
