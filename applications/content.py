"""A bid as it is sent: one plain structure, the words in it, and its digest. Pure.

The structure is the one `BidVersion.content` describes. `summary` stands by itself, so it is left
out of `answers`, and nobody reads it twice.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.templatetags.purse import money
from ledger import trail

PENNY = Decimal("0.01")
SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class AnswerText:
    """One question with what was written under it, and the criteria it serves (slugs)."""

    key: str
    label: str
    text: str
    criteria: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a budget, in pounds."""

    item: str
    cost: Decimal
    asked: Decimal


@dataclass(frozen=True, slots=True)
class Bid:
    """Everything a reader is given about one bid."""

    title: str
    organisation: str
    summary: str = ""
    area: str = ""
    partners: tuple[str, ...] = ()
    answers: tuple[AnswerText, ...] = ()
    budget: tuple[Line, ...] = ()
    documents: tuple[tuple[str, str], ...] = ()
    smallest_useful: Decimal | None = None
    other_ways: tuple[dict[str, str], ...] = ()
    """What is in another language or in a link, as `applications.ways` describes it."""


def not_answered() -> str:
    """What readers see under a question that could be left out and was."""
    return _("Not answered.")


def not_asked() -> str:
    """What readers see under a question that the other system of an imported bid did not ask."""
    return _("Not asked")


def pounds(value: Decimal) -> str:
    """A sum as a text of pounds with pence: 1200.50."""
    return str(value.quantize(PENNY))


def as_content(bid: Bid) -> dict[str, Any]:
    """The bid as JSON, exactly as `BidVersion.content` describes it."""
    ways = {"other_ways": list(bid.other_ways)} if bid.other_ways else {}
    return ways | {
        "title": bid.title,
        "organisation": bid.organisation,
        "summary": bid.summary,
        "area": bid.area,
        "partners": list(bid.partners),
        "answers": [
            {
                "key": answer.key,
                "label": answer.label,
                "text": answer.text,
                "criteria": list(answer.criteria),
            }
            for answer in bid.answers
        ],
        "budget": [
            {"item": line.item, "cost": pounds(line.cost), "asked": pounds(line.asked)}
            for line in bid.budget
        ],
        "documents": [{"uuid": uuid, "name": name} for uuid, name in bid.documents],
        "smallest_useful": "" if bid.smallest_useful is None else pounds(bid.smallest_useful),
    }


def digest(content: dict[str, Any]) -> str:
    """SHA-256 (hex) of the content's one canonical text."""
    return trail.digest(
        json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    )


def count_words(text: str) -> int:
    """How many words a text has, counted as the page counts them: runs without spaces."""
    return len(text.split())


def words(content: dict[str, Any]) -> int:
    """The words a reader has before them: title, summary, answers and budget lines."""
    texts = [content["title"], content["summary"]]
    texts += [answer["text"] for answer in content["answers"]]
    texts += [line["item"] for line in content["budget"]]
    return sum(count_words(text) for text in texts)


def total(lines: Iterable[Line]) -> Decimal:
    """What a budget asks for, in pounds."""
    return sum((line.asked for line in lines), Decimal(0))


def lines_of(text: str) -> tuple[str, ...]:
    """The filled lines of a text, each trimmed: one name a line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def tidy(text: str) -> str:
    """What a person typed, with plain line ends and nothing after the last word."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()


def budget_as_text(lines: Sequence[Line]) -> str:
    """A budget as plain lines, to be shown beside another."""
    return "\n".join(
        _("%(item)s: costs %(cost)s, asked %(asked)s")
        % {"item": line.item, "cost": money(line.cost), "asked": money(line.asked)}
        for line in lines
    )
