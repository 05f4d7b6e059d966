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

EMAIL = re.compile(r"(?<![\w.+'-])[\w.+'-]+(?:@|\s?[(\[]at[)\]]\s?)[\w-]+(?:\.[\w-]+)+", re.I)

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

PHONE = re.compile(r"(?<![\w£€$.])(?:\+\s?\d|\(?0)(?:[ ().\-]{0,3}\d){8,13}(?!\w)")

AFTER_TEL = re.compile(
    r"(?P<said>\b(?:tel|telephone|phone|mobile|mob|ring|call|text|whatsapp|fax)\b[:. ]{0,2}"
    r"(?:(?:us|me|her|him|them|on|at|no|number)\b[:. ]{1,2}){0,3})"
    r"(?P<number>\+?\d(?:[ ().\-]{0,2}\d){5,13})(?!\w)",
    re.I,
)

DAY = re.compile(r"\b\d{1,2}[.\-]\d{1,2}[.\-]\d{2,4}\b")


def marker() -> str:
    """What stands where something is hidden."""
    return _("(contact details are hidden while reading)")


def hide(text: str) -> str:
    """The text as a reader sees it. A text without contact details comes back as it is."""
    return _hide(text, marker())


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
    return PHONE.sub(lambda found: found[0] if DAY.search(found[0]) else mark, text)


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
