"""Personal contact details, hidden in what readers see once they have said whom they know. Pure.

Hidden when shown; what is stored stays whole, for its applicant and for those who check it. Email
addresses, telephone numbers, pages and names on social sites are taken for personal. A group's own
web site, its register numbers, sums and days are not.
"""

import copy
import re
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

Content = dict[str, Any]

AT, DOT = r"(?:@|\s?[(\[{]at[)\]}]\s?)", r"(?:\.|\s?[(\[{]dot[)\]}]\s?)"

EMAIL = re.compile(
    rf"(?<![\w.+'-])[\w.+'-]+(?:{DOT}[\w+'-]+){{0,3}}{AT}[\w-]+(?:{DOT}[\w-]+)+", re.I
)

LINK = re.compile(
    r"(?<![\w.@-])(?:https?://)?(?:[\w-]+\.)*"
    r"(?:(?:facebook|instagram|linkedin|twitter|tiktok|youtube|threads|snapchat|pinterest|whatsapp"
    r"|telegram|messenger)\.(?:com|net|org|co\.uk)"
    r"|fb\.(?:com|me)|x\.com|t\.me|wa\.me|m\.me|youtu\.be|linktr\.ee|bsky\.app)"
    r"(?![\w-])(?:/(?:[^\s)\]]*[^\s)\].,;:!?])?)?"
    r"|https?://[^\s)\]]*/(?:~|people/|profile/|user/|in/)(?:[^\s)\]]*[^\s)\].,;:!?])?",
    re.I,
)

HANDLE = re.compile(r"(?<![\w@/.])@[a-z_][\w.]{2,}", re.I)

SPACE = r"[^\S\r\n]"
DASH = r"\-\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
"""Every hyphen and dash, and the minus: word processors put them where a hyphen was typed."""
BETWEEN = rf"(?:[().·/{DASH}\u200b-\u200f\u2044\u2060]|{SPACE})"

YEAR = r"(?:19|20)\d\d"
NO_PHONE = (
    r"(?!\(?(?:"
    rf"(?:0?[1-9]|[12]\d|3[01])(?P<part>[./{DASH}])(?:0?[1-9]|1[0-2])(?P=part)(?:{YEAR}|\d\d)\b"
    rf"|(?<=\d[/{DASH}])0\d[./{DASH}]"  # a month that follows its year or its day
    rf"|(?<=\d[./{DASH}]\d\d[./{DASH}])\d\d?\b"  # a day that follows its month
    rf"|(?:0?[1-9]|1[0-2])[./{DASH}]{YEAR}\b"
    rf"|{YEAR}{SPACE}?[/{DASH}]{SPACE}?(?:{YEAR}|\d\d)\b"
    rf"|\d\d[./]\d\d{SPACE}?[{DASH}]{SPACE}?\d\d[./]\d\d\b"  # from one hour to another
    r"|0\.\d\d?\b"
    rf"|0{SPACE}?[/{DASH}]{SPACE}?\d{{1,3}}(?:{BETWEEN}{{1,3}}\d{{1,3}}\b){{2}}"  # 0-5, 6-11
    rf"|0\d{{7}}{BETWEEN}{{1,3}}\d{{6}}\b"  # a company's number, and a charity's
    r"))"
)
"""Days, months, years, hours, ages and register numbers, some of which begin as a number to ring
does."""

PHONE = re.compile(rf"(?<![\w£€$.]){NO_PHONE}(?:\+\s?\d|\(?0)(?:{BETWEEN}{{0,3}}\d){{8,13}}(?!\w)")

AFTER_TEL = re.compile(
    r"(?P<said>\b(?:tel|telephone|phone|mobile|mob|ring|call|text|whatsapp|fax)\b"
    rf"(?:[:.{DASH}]|{SPACE}){{0,3}}"
    rf"(?:(?:us|me|her|him|them|on|at|no|number)\b(?:[:.]|{SPACE}){{1,2}}){{0,3}})"
    rf"(?P<number>{NO_PHONE}\+?\d(?:{BETWEEN}{{0,2}}\d){{5,13}})(?!\w)",
    re.I,
)


def marker() -> str:
    """What stands where something is hidden."""
    return _("(contact details are hidden while reading)")


def left_out() -> str:
    """What stands there in a report, which is read once the reading is over."""
    return _("(contact details are left out)")


def hide(text: str, *, mark: str = "") -> str:
    """The text as a reader sees it. A text without contact details comes back as it is."""
    return _hide(text, mark or marker())


def found_in(text: str) -> list[str]:
    """What `hide` would hide in this text, as it stands there."""
    found: list[str] = []

    def take(match: re.Match[str]) -> str:
        parts = match.groupdict()
        found.append((parts.get("number") or match[0]).strip())
        return parts.get("said") or ""

    for pattern in (EMAIL, LINK, HANDLE, AFTER_TEL, PHONE):
        text = pattern.sub(take, text)
    return found


@lru_cache(maxsize=4096)
def _hide(text: str, mark: str) -> str:
    # Again until nothing more is found: what is taken out may bring two halves together.
    while (done := _once(text, mark)) != text:
        text = done
    return text


def _once(text: str, mark: str) -> str:
    for pattern in (EMAIL, LINK, HANDLE):
        text = pattern.sub(lambda _found: mark, text)
    text = AFTER_TEL.sub(lambda found: found["said"] + mark, text)
    return PHONE.sub(mark, text)


def for_readers(bid: Content) -> Content:
    """A sent copy as readers see it: every text that a person wrote, with nothing to reach them by.

    The names of people and partners stay: readers have gone by them.
    """
    made = copy.copy(bid)
    for part in ("title", "organisation", "summary", "area"):
        if part in bid:
            made[part] = hide(bid[part])
    made["partners"] = [hide(row) for row in bid.get("partners", [])]
    for part in ("whole_told", "summary_told"):
        if made.get(part):
            made[part] = _told(made[part])
    for part, key in (("answers", "text"), ("budget", "item"), ("documents", "name")):
        made[part] = [{**row, key: hide(row[key])} for row in bid.get(part, [])]
    made["answers"] = [
        {**row, "told": _told(row["told"])} if row.get("told") else row for row in made["answers"]
    ]
    return made


def _told(told: dict[str, Any]) -> dict[str, Any]:
    """What stands beside a part given in another way. Its link stays: it is the answer itself."""
    plain = told["plain"]
    return {
        **told,
        "language": hide(told["language"]),
        "plain": plain and {**plain, "text": hide(plain["text"])},
    }
