"""What stands on the page where a panel talks about one bid. Plain values for the template."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from commissioning.models import Criterion, LevelWord
from panels.sight import Said, Sight


@dataclass(frozen=True, slots=True)
class Section:
    """One criterion of one bid: the dots as they count, those before talking where some changed,
    and what readers wrote."""

    criterion: Criterion
    levels: Sequence[dict[str, Any]]
    cannot: int
    before: Sequence[dict[str, Any]]
    cannot_before: int
    said: Sequence[dict[str, Any]]
    mine: str
    """The visitor's own score in words; empty where they gave none."""


def sections(
    seen: Sight, bid: int, levels: Iterable[LevelWord], *, mine: int | None
) -> list[Section]:
    """A section for each criterion, in order. `mine` is the visitor's own member id."""
    words: dict[int, list[LevelWord]] = {row.pk: [] for row in seen.criteria}
    for level in levels:
        words[level.criterion_id].append(level)
    return [
        _section(
            criterion,
            [row for row in seen.said if row.application == bid and row.criterion == criterion.pk],
            words[criterion.pk],
            mine,
        )
        for criterion in seen.criteria
    ]


def _section(
    criterion: Criterion, rows: Sequence[Said], words: Sequence[LevelWord], mine: int | None
) -> Section:
    own = next((row for row in rows if row.reader == mine), None)
    changed = any(row.changed for row in rows)
    return Section(
        criterion=criterion,
        levels=dots([row.value for row in rows], words, own.value if own else None),
        cannot=sum(row.value is None for row in rows),
        before=dots([row.first for row in rows], words, own.first if own else None)
        if changed
        else (),
        cannot_before=sum(row.first is None for row in rows),
        said=[
            {
                "mine": row.reader == mine,
                "score": in_words(row.value, words),
                "first": in_words(row.first, words) if row.changed else "",
                "first_reason": row.first_reason if row.changed else "",
                "reason": row.reason,
            }
            for row in sorted(rows, key=lambda row: (row.value is None, row.value or 0, row.reason))
            if row.reason or row.changed
        ],
        mine=in_words(own.value, words) if own else "",
    )


def written(said: Iterable[Said], bid: int) -> dict[int, list[str]]:
    """By criterion (id), what readers wrote on one bid as it counts: no names, and an order that
    says nothing."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for row in said:
        if row.application == bid and row.reason:
            found[row.criterion].append(row.reason)
    return {criterion: sorted(words) for criterion, words in found.items()}


def dots(
    values: Iterable[int | None], words: Iterable[LevelWord], mine: int | None
) -> list[dict[str, Any]]:
    """Each level with how many gave it, lowest first."""
    counts = Counter(values)
    return [
        {
            "value": level.level,
            "word": level.word,
            "count": counts[level.level],
            "mine": mine == level.level,
        }
        for level in sorted(words, key=lambda row: row.level)
    ]


def in_words(value: int | None, words: Iterable[LevelWord]) -> str:
    """A score with its word: 3 Fair."""
    if value is None:
        return _("I cannot judge this")
    word = next((row.word for row in words if row.level == value), "")
    return f"{value} {word}".strip()


def whys(seen: Sight, bid: int, *, mine: int | None) -> list[dict[str, Any]]:
    """What made readers choose, in their own words: no names, and an order that says nothing."""
    found = [
        {"text": text, "mine": reader == mine}
        for (about, reader), text in seen.whys.items()
        if about == bid
    ]
    return sorted(found, key=lambda row: str(row["text"]))
