"""The parts of a bid as a reader meets them, and which of them answers which criterion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from commissioning.models import Criterion


@dataclass(frozen=True, slots=True)
class Part:
    """One answer of a bid, with the criteria it helps to score."""

    number: int
    label: str
    text: str
    serves: list[str]
    told: dict[str, Any] | None = None
    """What stands beside it where it is in another language or in a link."""


def parts_of(content: dict[str, Any], criteria: Iterable[Criterion]) -> list[Part]:
    """The answers of a bid in their own order, numbered from 1."""
    titles = [(row.slug, row.title) for row in criteria]
    return [
        Part(
            number,
            answer["label"],
            answer["text"],
            [title for slug, title in titles if slug in answer.get("criteria", ())],
            answer.get("told"),
        )
        for number, answer in enumerate(content.get("answers", []), start=1)
    ]


def map_of(
    parts: Sequence[Part], criteria: Iterable[Criterion]
) -> list[tuple[Criterion, list[Part]]]:
    """Each criterion, and the parts that answer it. Empty where a bid's parts name none."""
    found = [(row, [part for part in parts if row.title in part.serves]) for row in criteria]
    return found if any(theirs for _row, theirs in found) else []
