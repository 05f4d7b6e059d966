"""A round's stages as the timeline shows them, with rest as a real thing between them."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from commissioning import pace, timetable
from commissioning.models import Round
from commissioning.rules import in_words
from commissioning.timetable import Status

DAY = timedelta(days=1)


def timeline_of(round: Round, *, on: date, lot: int = 0) -> list[dict[str, Any]]:
    """Rows for components/timeline.html: each stage, and the rest that follows it, as they stand
    for the panel of a lot."""
    return _rows(pace.plans(round, lot), on=on)


def own_timelines(round: Round, *, on: date, but: int = 0) -> list[dict[str, Any]]:
    """The stages of each panel that has days of its own (`but` of this lot), with its rests."""
    whole = pace.all_plans(round)
    return [
        {"lot": lot, "stages": _rows([one for one in whole if one.lot == lot.pk], on=on)}
        for lot in pace.lots_apart(round)
        if lot.pk != but
    ]


def _rows(plans: Iterable[timetable.StagePlan], *, on: date) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for plan in plans:
        status = timetable.status(plan, on=on)
        words = {
            Status.OPEN: (_("Open now"), "now"),
            Status.DUE_TO_CLOSE: (_("Open now, and about to close"), "now"),
            Status.RESTING: (_("Closed"), "done"),
            Status.DONE: (_("Closed"), "done"),
            Status.WAITING: (_("Still to come"), "ahead"),
        }
        word, state = words[status]
        closes = plan.closed_on or plan.closes_on
        rows.append(
            {
                "kind": "stage",
                "label": in_words(plan.name),
                "opens": plan.opened_on or plan.opens_on,
                "closes": closes,
                "status": word,
                "state": state,
            }
        )
        if plan.recovery_days:
            rows.append(_rest(plan, closes, on=on))
    return rows


def _rest(plan: timetable.StagePlan, closes: date, *, on: date) -> dict[str, Any]:
    last = closes + plan.recovery_days * DAY
    now = plan.closed_on is not None and plan.closed_on < on <= last
    over = plan.closed_on is not None and on > last
    return {
        "kind": "rest",
        "label": _("Rest"),
        "opens": closes + DAY,
        "closes": last,
        "status": _("Resting now") if now else "",
        "state": "now" if now else "done" if over else "ahead",
    }
