"""What the program looks at for a funder's rule, and what it compares with. Pure.

`FunderRule.limits` holds, by what is looked at:
    amount  {"least": "500.00", "most": "10000.00"}      pounds; one of them, or both
    area    {"places": ["Leeds", "LS12"]}                names, or the first half of postcodes
    days    {"first": "2027-04-01", "last": "2028-03-31"}  one of them, or both
    kind    {"kinds": ["charity", "coop"]}
    once    {}
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.templatetags.purse import money
from commissioning.models import FunderRule, GroupKind

LooksFor = FunderRule.LooksFor
Limits = dict[str, Any]


def made(
    looks_for: str,
    *,
    least: Decimal | None = None,
    most: Decimal | None = None,
    places: str = "",
    first: date | None = None,
    last: date | None = None,
    kinds: Iterable[str] = (),
) -> Limits:
    """The limits for what is looked at, from what was typed. `places` has one on each line."""
    named = [line.strip() for line in places.splitlines() if line.strip()]
    given: dict[str, Limits] = {
        LooksFor.AMOUNT: {"least": least and str(least), "most": most and str(most)},
        LooksFor.AREA: {"places": named},
        LooksFor.DAYS: {"first": first and first.isoformat(), "last": last and last.isoformat()},
        LooksFor.KIND: {"kinds": list(kinds)},
    }
    return {name: value for name, value in given.get(looks_for, {}).items() if value}


def as_typed(limits: Limits) -> dict[str, Any]:
    """Limits as they stand in the boxes they were typed in."""
    days: dict[str, Any] = {
        name: date.fromisoformat(limits[name]) for name in ("first", "last") if name in limits
    }
    return {**limits, **days, "places": "\n".join(limits.get("places", []))}


def trouble_with(looks_for: str, limits: Limits) -> dict[str, str]:
    """What is wrong, by the box to put right, as what to do about it. Empty when it will do."""
    least, most = limits.get("least"), limits.get("most")
    first, last = limits.get("first"), limits.get("last")
    match looks_for:
        case LooksFor.AMOUNT if not (least or most):
            return {"most": _("Type the least or the most a bid may ask for.")}
        case LooksFor.AMOUNT if least and most and Decimal(least) > Decimal(most):
            return {"most": _("Type a most that is not under the least.")}
        case LooksFor.AREA if not limits.get("places"):
            return {"places": _("Type at least one place.")}
        case LooksFor.DAYS if not (first or last):
            return {"first": _("Type the first or the last day.")}
        case LooksFor.DAYS if first and last and first > last:
            return {"last": _("Type a last day that comes after the first day.")}
        case LooksFor.KIND if not limits.get("kinds"):
            return {"kinds": _("Choose at least one kind of group.")}
    return {}


def in_words(looks_for: str, limits: Limits) -> str:
    """What the program looks at for a rule, in a few plain words."""
    if not looks_for:
        return _("Nothing. People look by eye.")
    found = []
    if "least" in limits:
        found.append(_("at least %(sum)s") % {"sum": money(limits["least"])})
    if "most" in limits:
        found.append(_("at most %(sum)s") % {"sum": money(limits["most"])})
    if "first" in limits:
        found.append(_("from %(day)s") % {"day": day_in_words(limits["first"])})
    if "last" in limits:
        found.append(_("until %(day)s") % {"day": day_in_words(limits["last"])})
    found += limits.get("places", [])
    found += [kinds_in_words(limits["kinds"])] if "kinds" in limits else []
    label = LooksFor(looks_for).label
    return f"{label}: {', '.join(found)}." if found else f"{label}."


def day_in_words(text: str) -> str:
    """A day that is kept as 2027-04-01, as people say it: 1 April 2027."""
    return date_format(date.fromisoformat(text), "j F Y")


def kinds_in_words(kinds: Iterable[str]) -> str:
    """Kinds of group by their names."""
    return ", ".join(str(GroupKind(kind).label) for kind in kinds)
