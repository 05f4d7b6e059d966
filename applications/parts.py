"""The named parts of a sent bid, and the same bid with one of them put right. Pure.

A part is "title", "organisation", "summary", "area", "partners", "smallest_useful", "budget",
"answer:" with the question's key, or "file:" with a file's place from 1. Its value is what
`BidVersion.content` holds there; that of an answer is its text alone.
"""

import copy
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.templatetags.purse import money
from applications import content

ANSWER = "answer:"
FILE = "file:"
BUDGET = "budget"
DETAILS = "details"
"""The page of small boxes about the project: no part of a sent bid, but a place to write in."""
PARTNERS = "partners"
SMALLEST = "smallest_useful"

NAMES = ("title", "organisation", PARTNERS)
"""What volunteers go by when they say whom they know."""

Content = dict[str, Any]


def parts_of(bid: Content) -> list[str]:
    """The parts of this bid that can be put right, in the order of the page."""
    answers = [ANSWER + row["key"] for row in bid["answers"]]
    files = [f"{FILE}{place}" for place, _row in enumerate(bid.get("documents", ()), start=1)]
    known = ["title", "organisation", "area", PARTNERS, "summary", *answers, BUDGET, SMALLEST]
    return [*known, *files]


def is_file(part: str) -> bool:
    """Whether this part is one of the bid's files."""
    return part.startswith(FILE)


def key_of(part: str) -> str:
    """The key of the question that this part answers; empty for a part that answers none."""
    if part == content.SUMMARY:
        return part
    return part.removeprefix(ANSWER) if part.startswith(ANSWER) else ""


def label_of(bid: Content, part: str) -> str:
    """What a part is called on a page: a question's own words, or the part's plain name."""
    for row in bid["answers"]:
        if part == ANSWER + row["key"]:
            return str(row["label"])
    if is_file(part):
        return _("File %(place)s") % {"place": part.removeprefix(FILE)}
    labels = {
        "title": _("Name of the project"),
        "organisation": _("Name of the organisation"),
        "area": _("Where it happens"),
        PARTNERS: _("People and partners named"),
        content.SUMMARY: _("The idea in short"),
        BUDGET: _("What the money is for"),
        SMALLEST: _("Smallest sum that would still help"),
    }
    return labels.get(part, part)


def name_of(bid: Content, part: str) -> str:
    """What a part is called where somebody chooses one: a file with the name it came with."""
    label = label_of(bid, part)
    if is_file(part) and part in parts_of(bid):
        return f"{label}: {as_text(part, value_of(bid, part))}"
    return label


def value_of(bid: Content, part: str) -> Any:
    """What this part holds now. KeyError for a part that this bid does not have."""
    if not part.startswith(ANSWER):
        if part not in parts_of(bid):
            raise KeyError(part)
        return bid["documents"][_place(part)] if is_file(part) else bid[part]
    return next(row for row in _answers(bid, part))["text"]


def _place(part: str) -> int:
    return int(part.removeprefix(FILE)) - 1


def _answers(bid: Content, part: str) -> list[dict[str, Any]]:
    found = [row for row in bid["answers"] if part == ANSWER + row["key"]]
    if not found:
        raise KeyError(part)
    return found


def with_part(bid: Content, part: str, value: Any) -> Content:
    """A copy of the bid with this one part put right. Nothing else in it is touched."""
    value_of(bid, part)
    made = copy.deepcopy(bid)
    if part.startswith(ANSWER):
        _answers(made, part)[0]["text"] = value
    elif is_file(part):
        made["documents"][_place(part)] = copy.deepcopy(value)
    else:
        made[part] = copy.deepcopy(value)
    return made


def differing(before: Content, after: Content) -> list[str]:
    """The parts that are not the same in two copies of one bid."""
    parts = [*parts_of(before), *(row for row in parts_of(after) if row not in parts_of(before))]
    return [part for part in parts if _held(before, part) != _held(after, part)]


def _held(bid: Content, part: str) -> Any:
    try:
        return value_of(bid, part)
    except KeyError:
        return None


def asked_in(value: list[dict[str, str]]) -> Decimal:
    """What the lines of a budget ask for in all, in pounds."""
    return sum((Decimal(line["asked"]) for line in value), Decimal(0))


def as_text(part: str, value: Any) -> str:
    """A part as plain lines, to be looked at beside another."""
    if part == BUDGET:
        return content.budget_as_text(
            [
                content.Line(row["item"], Decimal(row["cost"]), Decimal(row["asked"]))
                for row in value
            ]
        )
    if is_file(part):
        return str(value["name"])
    if part == PARTNERS:
        return "\n".join(value)
    if part == SMALLEST and value:
        return money(value)
    return str(value)
