"""A bid, or one answer of it, in another language, or as a link to a video or a recording. Pure.

What was given so stands in a copy of a bid under "other_ways", and only where there is some:
[{"part", "language", "link"}]. A part is "bid" for the whole of it, or one answer as
`applications.parts` names it; a language of the whole bid is said again at each answer in words.
What the applicant wrote stays as it is; plain-English words are put beside it, and belong to
exactly what they were made from (`mark_of`).
"""

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from applications import content, parts
from ledger import trail

ALL = "bid"
KEY = "other_ways"
LONGEST_LINK = 500
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)", re.I)

CODES = {
    "albanian": "sq",
    "amharic": "am",
    "arabic": "ar",
    "bengali": "bn",
    "british sign language": "bfi",
    "bsl": "bfi",
    "bulgarian": "bg",
    "cantonese": "yue",
    "chinese": "zh",
    "czech": "cs",
    "dari": "prs",
    "farsi": "fa",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "gujarati": "gu",
    "hindi": "hi",
    "hungarian": "hu",
    "irish": "ga",
    "italian": "it",
    "kurdish": "ku",
    "latvian": "lv",
    "lithuanian": "lt",
    "mandarin": "cmn",
    "nepali": "ne",
    "pashto": "ps",
    "persian": "fa",
    "polish": "pl",
    "portuguese": "pt",
    "punjabi": "pa",
    "romanian": "ro",
    "russian": "ru",
    "scottish gaelic": "gd",
    "slovak": "sk",
    "somali": "so",
    "spanish": "es",
    "sylheti": "syl",
    "tamil": "ta",
    "tigrinya": "ti",
    "turkish": "tr",
    "ukrainian": "uk",
    "urdu": "ur",
    "vietnamese": "vi",
    "welsh": "cy",
    "yoruba": "yo",
}
"""The code of a language, so that a screen reader says its words rightly."""


class Words(Protocol):
    """Plain-English words as they are kept."""

    part: str
    mark: str
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class Way:
    """One part that is given in another language, by a link, or both."""

    part: str
    language: str = ""
    link: str = ""

    @property
    def leads_to(self) -> str:
        """The place a link leads to, as people say it."""
        return place_of(self.link)

    @property
    def code(self) -> str:
        """The code of the language; empty for one we do not know."""
        return CODES.get(self.language.strip().casefold(), "")


def place_of(link: str) -> str:
    """Where a link leads: the name of the place alone, without what stands before and behind it."""
    try:
        return (urlsplit(link).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def trouble_with_link(link: str) -> str:
    """What is wrong with a link, as what to do about it; empty when it will do."""
    if not link:
        return ""
    try:
        found = urlsplit(link)
        port = found.port
    except ValueError:
        return _("Copy the whole link, from https:// to its end.")
    if found.scheme != "https":
        return _("Type a link that begins with https://.")
    odd = found.username or found.password or port not in (None, 443)
    if odd or not HOST.fullmatch(found.hostname or "") or re.search(r"[\s<>\"\\]", link):
        return _("Copy the whole link, from https:// to its end.")
    if len(link) > LONGEST_LINK:
        return _("This link is too long. Ask whoever keeps the video for a short one.")
    return ""


def part_of(key: str) -> str:
    """What the answer to a question is called as a part."""
    return key if key == content.SUMMARY else parts.ANSWER + key


def from_rows(rows: Iterable[dict[str, str]]) -> dict[str, Way]:
    """What is kept, by part."""
    return {row["part"]: Way(row["part"], row["language"], row["link"]) for row in rows}


def given_in(bid: dict[str, Any]) -> dict[str, Way]:
    """What a copy of a bid gives in another way, by part."""
    return from_rows(bid.get(KEY, ()))


def by_link(given: dict[str, Way], part: str) -> bool:
    """Whether the answer may be said in a link: its own, or that of the whole bid."""
    return any(given[row].link for row in (part, ALL) if row in given)


def spread(given: dict[str, Way], wordy: Iterable[str]) -> tuple[Way, ...]:
    """What is given, the whole bid first, and its language at each part in words (`wordy`)."""
    whole = given.get(ALL)
    found = [whole] if whole else []
    for part in wordy:
        own = given.get(part)
        if own:
            found.append(own)
        elif whole and whole.language:
            found.append(Way(part, whole.language))
    return tuple(found)


def said_in_link() -> str:
    """What readers see under a question whose answer is in a link alone."""
    return _("Said in the video or recording.")


def own_words(bid: dict[str, Any], part: str) -> str:
    """What the applicant wrote in this part; empty where they wrote nothing."""
    if part == ALL:
        return ""
    try:
        text = str(parts.value_of(bid, part))
    except KeyError:
        return ""
    return "" if text in (said_in_link(), content.not_answered()) else text


def mark_of(bid: dict[str, Any], part: str) -> str:
    """The mark of exactly what plain words are made from: the text, its language and its link."""
    way = given_in(bid).get(part) or Way(part)
    return trail.digest("\n".join([part, way.language, way.link, own_words(bid, part)]))


def to_put_plainly(bid: dict[str, Any]) -> list[Way]:
    """What readers need in plain English, in the order of the page: a text, or what a link says."""
    return [
        way
        for part, way in given_in(bid).items()
        if way.link or (way.language and own_words(bid, part))
    ]


def missing(bid: dict[str, Any], words: Iterable[Words]) -> list[Way]:
    """What has no plain-English words yet. `words` are asked for only where some are needed."""
    needed = to_put_plainly(bid)
    there = {(row.part, row.mark) for row in words} if needed else set()
    return [way for way in needed if (way.part, mark_of(bid, way.part)) not in there]


def label_of(bid: dict[str, Any], part: str) -> str:
    """What a part is called on a page."""
    return _("The whole bid") if part == ALL else parts.label_of(bid, part)


def in_words(way: Way) -> str:
    """How a part is given, as a sentence."""
    told = {"language": way.language, "place": way.leads_to}
    if way.language and way.link:
        return _("In %(language)s, at %(place)s.") % told
    return (_("In %(language)s.") if way.language else _("At %(place)s.")) % told


def laid_out(bid: dict[str, Any], words: Iterable[Words]) -> dict[str, Any]:
    """A copy with what is beside each part: `told` in each answer, `summary_told` and `whole_told`.

    `told`: {"language", "code", "link", "leads_to", "plain": {"text", "who"} or None}. `words` are
    asked for only where the bid is given in another way; the newest come last.
    """
    needed = {way.part: way for way in to_put_plainly(bid)}
    if not needed:
        return bid
    newest = {(row.part, row.mark): row for row in words}
    made = copy.copy(bid)

    def told(part: str) -> dict[str, Any] | None:
        if part not in needed:
            return None
        way, row = needed[part], newest.get((part, mark_of(bid, part)))
        return {
            "language": way.language,
            "code": way.code,
            "link": way.link,
            "leads_to": way.leads_to,
            "plain": {"text": row.text, "who": row.who} if row else None,
        }

    made["whole_told"] = told(ALL)
    made["summary_told"] = told(content.SUMMARY)
    made["answers"] = [{**row, "told": told(parts.ANSWER + row["key"])} for row in bid["answers"]]
    return made
