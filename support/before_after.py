"""How people feel before and after: one person's side by side, and counts of who feels surer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from support.content import read_before_after
from support.suppression import FEWEST_PEOPLE, Shown, suppress

Answers = Mapping[str, int]
FEWEST_QUOTES = 5
"""Fewer people's own words than these are shown to nobody: one could guess whose they are."""


@cache
def questions() -> dict[str, Any]:
    """The questions as they are asked: `ask`, `answers` in words, and `questions` in order."""
    return read_before_after()


def in_words(answer: int | None) -> str:
    """An answer from 1 to 5 as it stood on the page; nothing where it was left empty."""
    return str(questions()["answers"][answer - 1]) if answer else ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One question with what one person said, before and after; empty where they said nothing."""

    text: str
    before: str
    after: str


def side_by_side(before: Answers, after: Answers) -> list[Pair]:
    """Every question with both answers in words."""
    return [
        Pair(row["text"], in_words(before.get(row["slug"])), in_words(after.get(row["slug"])))
        for row in questions()["questions"]
    ]


def counted(both: Iterable[tuple[Answers, Answers]]) -> dict[str, Shown]:
    """For each question: not said both times, surer, the same, less sure, made safe to show.

    `both`: each person's answers before and after, one pair for everybody who took part. Every
    table is about the same people, counted once, so one taken from another tells nothing. Nothing
    at all for fewer than ten people.
    """
    people = list(both)
    if len(people) < FEWEST_PEOPLE:
        return {}
    return {row["slug"]: suppress(_change(row["slug"], people)) for row in questions()["questions"]}


def _change(slug: str, people: Iterable[tuple[Answers, Answers]]) -> list[int]:
    counts = [0, 0, 0, 0]
    for before, after in people:
        was, now = before.get(slug), after.get(slug)
        if was is None or now is None:
            counts[0] += 1
        else:
            counts[1 if now > was else 2 if now == was else 3] += 1
    return counts
