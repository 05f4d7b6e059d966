"""What somebody offered, in words: for their own page, for a letter, and for whoever checks it."""

from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commissioning.models import StageKind, TypedAnswer

EXPERIENCES = [
    ("lonely", gettext_lazy("I have been lonely")),
    ("carer", gettext_lazy("I care, or have cared, for someone at home")),
    ("bereaved", gettext_lazy("I have lost someone close to me")),
    ("disabled", gettext_lazy("I am disabled, or have a long illness")),
    ("bame", gettext_lazy("I am from a Black, Asian or other minority community")),
    ("lgbt", gettext_lazy("I am lesbian, gay, bisexual or trans")),
    ("area", gettext_lazy("I live in a part of town that is often left out")),
]
"""What volunteers may offer from their own lives, by name and by consent, for sharing out."""


def away(first: date, last: date) -> str:
    """One time away: a day, or from one to another."""
    if first == last:
        return date_format(first, "j F Y")
    days = {"first": date_format(first, "j F Y"), "last": date_format(last, "j F Y")}
    return _("%(first)s to %(last)s") % days


def wish(lot: str, *, likes: bool) -> str:
    """One wish, about what a lot is for."""
    said = _("Would like: %(lot)s") if likes else _("Would rather not: %(lot)s")
    return said % {"lot": lot}


def told(typed: TypedAnswer) -> list[dict[str, str]]:
    """What was typed, as rows of a label and a value; none once it was dealt with."""
    said = typed.said
    if not said:
        return []
    if typed.about == TypedAnswer.About.HOURS:
        return [
            {
                "label": str(StageKind(said["stage"]).label),
                "value": _("about %(hours)s hours")
                % {"hours": number_format(Decimal(said["hours"]).normalize())},
            }
        ]
    lots = {lot.pk: lot.name for lot in typed.member.round.lots.all()}
    times = [away(*map(date.fromisoformat, days)) for days in said["away"]]
    wishes = [
        wish(lots[int(lot)], likes=likes)
        for lot, likes in said["wishes"].items()
        if int(lot) in lots
    ]
    offered = [str(label) for slug, label in EXPERIENCES if slug in said["experience"]]
    hours = said["reading_hours"]
    rows = (
        (_("Bids to read"), _("Up to %(n)s") % {"n": said["bids_wanted"]}),
        (_("Hours for reading"), "" if hours is None else _("Up to %(n)s") % {"n": hours}),
        (_("Days away"), "; ".join(times)),
        (_("What to read about"), "; ".join(wishes)),
        (_("From one’s own life"), "; ".join(offered)),
    )
    return [{"label": label, "value": value or _("Nothing said")} for label, value in rows]
