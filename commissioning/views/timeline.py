"""A round's stages as the timeline shows them, with rest as a real thing between them."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from commissioning import rules, timetable
from commissioning.models import Round, StageKind
from commissioning.timetable import Status

DAY = timedelta(days=1)


def timeline_of(round: Round, *, on: date) -> list[dict[str, Any]]:
    """Rows for components/timeline.html: each stage, and the rest that follows it."""
    rows: list[dict[str, Any]] = []
    for plan in timetable.in_order(rules.plans(round)):
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
                "label": StageKind(plan.kind).label,
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
