"""What the program can tell by itself about a funder's rule, from a bid as it was sent. Pure.

It says what it found and where it cannot tell. It never answers: a person does that, and may see
it otherwise.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from accounts.templatetags.purse import money
from applications import registers
from commissioning.limits import day_in_words, kinds_in_words
from commissioning.models import FunderRule, GroupKind

LooksFor = FunderRule.LooksFor

POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?)\s*\d[A-Z]{2}\b")
DISTRICT = re.compile(r"\b[A-Z]{2}\d[A-Z\d]?\b")
"""The first half of a postcode by itself. With one letter it could be a road, like the M62."""

SAYS_NOTHING = frozenset({"the", "and", "ltd", "limited", "cic", "cio", "plc", "llp"})
"""Words that one group's name may have in one bid and lack in another."""


class Look(StrEnum):
    """How it looks, for a person to decide."""

    RIGHT = "right"
    WRONG = "wrong"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Found:
    """What the program found about one rule, and the facts it goes by in plain sentences."""

    look: Look
    facts: str

    @property
    def words(self) -> str:
        """The facts, and how it looks."""
        said = {
            Look.RIGHT: _("It looks all right."),
            Look.WRONG: _("It looks like a no."),
            Look.UNSURE: _("We could not tell."),
        }
        return f"{self.facts} {said[self.look]}"


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it was when its bid was sent."""

    name: str = ""
    kind: str = ""
    charity_number: str = ""
    company_number: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a sent bid says of the things that rules can be about. Days are kept as 2027-04-01."""

    group: Group = Group()
    asked: Decimal = Decimal(0)
    area: str = ""
    starts: str = ""
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """Another bid of the round: its number and group; `same` where that is the same group here."""

    reference: str
    group: Group
    same: bool = False


def look(looks_for: str, limits: dict[str, Any], sent: Sent, others: Iterable[Other] = ()) -> Found:
    """What the program finds for one rule. `others` are the round's other bids."""
    match looks_for:
        case LooksFor.AMOUNT:
            return _amount(limits, sent.asked)
        case LooksFor.AREA:
            return _area(limits["places"], sent)
        case LooksFor.DAYS:
            return _days(limits, sent)
        case LooksFor.KIND:
            return _kind(limits["kinds"], sent.group.kind)
        case LooksFor.ONCE:
            return _once(sent.group, others)
    raise ValueError(f"Nothing looks at {looks_for!r}.")


# ---- The sum ---------------------------------------------------------------------------------
def _amount(limits: dict[str, str], asked: Decimal) -> Found:
    facts = [_("This bid asks for %(sum)s.") % {"sum": money(asked)}]
    least, most = limits.get("least"), limits.get("most")
    if least:
        facts.append(_("The least is %(sum)s.") % {"sum": money(least)})
    if most:
        facts.append(_("The most is %(sum)s.") % {"sum": money(most)})
    wrong = (least and asked < Decimal(least)) or (most and asked > Decimal(most))
    return Found(Look.WRONG if wrong else Look.RIGHT, " ".join(facts))


# ---- The place -------------------------------------------------------------------------------
def _area(places: list[str], sent: Sent) -> Found:
    """By what the bid says of its place. A group may work elsewhere than it sits: its own postcode
    is never a no, and a yes only where the list has no names that the bid could have said."""
    facts = _("The bid says it happens here: “%(area)s”.") % {"area": sent.area}
    if not sent.area:
        facts = _("The bid does not say where it happens.")
    listed = {place.upper() for place in places}
    within = [place for place in districts(sent.area) if _is_listed(place, listed)]
    named = [place for place in places if _is_named(place, sent.area)] or within
    outside = [place for place in districts(sent.area) if place not in within]
    if outside and any(map(_is_district, listed)):
        facts += " " + _("%(place)s is not on the list.") % {"place": ", ".join(outside)}
        return Found(Look.UNSURE if named else Look.WRONG, facts)
    if named:
        facts += " " + _("%(place)s is on the list.") % {"place": ", ".join(named)}
        return Found(Look.RIGHT, facts)
    return _by_postcode(facts, listed, sent.group.postcode)


def _by_postcode(facts: str, listed: set[str], postcode: str) -> Found:
    if not any(map(_is_district, listed)):
        return Found(Look.UNSURE, facts + " " + _("That names no place on the list."))
    found = districts(postcode)
    if not found:
        return Found(Look.UNSURE, facts + " " + _("No postcode is given."))
    said = {"postcode": postcode.strip()}
    if not _is_listed(found[0], listed):
        facts += " " + _("The group’s own postcode, %(postcode)s, is not on the list.") % said
        return Found(Look.UNSURE, facts)
    facts += " " + _("The group’s own postcode, %(postcode)s, is on the list.") % said
    return Found(Look.RIGHT if all(map(_is_district, listed)) else Look.UNSURE, facts)


def districts(text: str) -> list[str]:
    """The first halves of the postcodes in a text, each once: LS12 of "12 Town Street, LS12 3AB".

    A first half by itself counts where it has two letters.
    """
    upper = text.upper()
    whole = POSTCODE.findall(upper)
    return list(dict.fromkeys([*whole, *DISTRICT.findall(POSTCODE.sub(" ", upper))]))


def _is_district(place: str) -> bool:
    return re.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]?", place) is not None


def _is_listed(district: str, listed: set[str]) -> bool:
    """EC1A is in EC1; LS12 is not in LS1."""
    return district in listed or (district[-1].isalpha() and district[:-1] in listed)


def _is_named(place: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(place)}(?!\w)", text, re.I) is not None


# ---- The days --------------------------------------------------------------------------------
def _days(limits: dict[str, str], sent: Sent) -> Found:
    first, last = limits.get("first", ""), limits.get("last", "")
    found: list[Found] = []
    if first:
        found.append(
            _day(
                sent.starts,
                is_right=lambda day: day >= first,
                said=_("The work would start on %(day)s."),
                unsaid=_("The bid does not say when the work would start."),
                limit=_("It may start from %(day)s on.") % {"day": day_in_words(first)},
            )
        )
    if last:
        found.append(
            _day(
                sent.ends,
                is_right=lambda day: day <= last,
                said=_("The work would end on %(day)s."),
                unsaid=_("The bid does not say when the work would end."),
                limit=_("It must end by %(day)s.") % {"day": day_in_words(last)},
            )
        )
    looks = {row.look for row in found}
    worst = next(row for row in (Look.WRONG, Look.UNSURE, Look.RIGHT) if row in looks)
    return Found(worst, " ".join(row.facts for row in found))


def _day(day: str, *, is_right: Callable[[str], bool], said: str, unsaid: str, limit: str) -> Found:
    try:
        date.fromisoformat(day)
    except ValueError:
        return Found(Look.UNSURE, unsaid)
    facts = f"{said % {'day': day_in_words(day)}} {limit}"
    return Found(Look.RIGHT if is_right(day) else Look.WRONG, facts)


# ---- The group -------------------------------------------------------------------------------
def _kind(kinds: list[str], kind: str) -> Found:
    if kind not in GroupKind.values:
        return Found(Look.UNSURE, _("The group did not say what kind of group it is."))
    facts = _("The group says it is this: %(kind)s.") % {"kind": GroupKind(kind).label}
    if kind in kinds:
        return Found(Look.RIGHT, facts)
    return Found(
        Look.WRONG,
        facts + " " + _("The rule allows: %(kinds)s.") % {"kinds": kinds_in_words(kinds)},
    )


def _once(group: Group, others: Iterable[Other]) -> Found:
    found = [row for other in others if (row := _same_group(group, other))]
    if not found:
        return Found(Look.RIGHT, _("We see no other bid from this group."))
    wrong = any(row.look == Look.WRONG for row in found)
    return Found(Look.WRONG if wrong else Look.UNSURE, " ".join(row.facts for row in found))


def _same_group(group: Group, other: Other) -> Found | None:
    """Whether another bid is of the same group: here, by a number of a register, or by its name."""
    said = {"reference": other.reference}
    if other.same:
        return Found(Look.WRONG, _("This group sent %(reference)s too.") % said)
    pairs = list(_numbers(group, other.group))
    if any(mine == theirs for mine, theirs in pairs):
        return Found(Look.WRONG, _("%(reference)s has the same register number.") % said)
    name = plain_name(group.name)
    if not name or name != plain_name(other.group.name):
        return None
    if pairs:
        return Found(Look.UNSURE, _("%(reference)s has the same name, but another number.") % said)
    return Found(Look.WRONG, _("%(reference)s is from a group of the same name.") % said)


def _numbers(group: Group, other: Group) -> Iterator[tuple[str, str]]:
    """The two groups' numbers in each register where both have one, however they were typed."""
    for read, mine, theirs in (
        (registers.read_charity_number, group.charity_number, other.charity_number),
        (registers.read_company_number, group.company_number, other.company_number),
    ):
        pair = tuple(_as_id(read, text) for text in (mine, theirs))
        if all(pair):
            yield pair[0], pair[1]


def _as_id(read: Callable[[str], registers.Reading], text: str) -> str:
    reading = read(text)
    return reading.org_id or read(reading.fix).org_id


def plain_name(name: str) -> str:
    """A group's name without what people write now so, now so: case, accents, "The", "Ltd"."""
    text = unicodedata.normalize("NFKD", name.replace("&", " and ")).casefold()
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    words = re.findall(r"\w+", re.sub(r"['’.]", "", text))
    return " ".join(word for word in words if word not in SAYS_NOTHING)
