"""How money, days and hours are said on a page, and the small questions our form templates ask.

A builtin of every template: no `{% load %}` is needed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from django import forms, template
from django.forms.boundfield import BoundField, BoundWidget
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.dateformat import time_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

PENNY = Decimal("0.01")
Moment = TypeVar("Moment", date, datetime)


# ---- Saying things --------------------------------------------------------------------------
@register.filter
def money(value: Decimal | int | str | None) -> str:
    """Pounds as people write them: £12,500, or £12,500.50 where there are pence; None is ""."""
    if value is None or value == "":
        return ""
    pounds = Decimal(value).quantize(PENNY, rounding=ROUND_HALF_UP)
    sign = "−" if pounds < 0 else ""
    size = abs(pounds)
    figures = f"{size:,.0f}" if size == size.to_integral_value() else f"{size:,.2f}"
    return f"{sign}£{figures}"


@register.filter
def asked_in_all(lines: Iterable[Mapping[str, Any]]) -> Decimal:
    """What the lines of a budget ask for together, in pounds."""
    return sum((Decimal(line["asked"]) for line in lines), Decimal(0))


@register.filter
def day(value: date | datetime | None) -> str:
    """Monday 3 March 2026; an instant is said as the day it falls on here."""
    if not value:
        return ""
    return format_date(_local(value), "l j F Y")


@register.filter
def under_titles(kept: Mapping[str, str], titles: Mapping[int, str]) -> list[tuple[str, str]]:
    """Words that are kept by a row's id, each with its title, in the order of the titles."""
    return [(title, kept[str(pk)]) for pk, title in titles.items() if str(pk) in kept]


@register.filter
def answer(text: str) -> str:
    """An answer as people read it: a day that is kept as 2026-03-03 is said as 3 March 2026."""
    try:
        kept = date.fromisoformat(text) if len(text) == len("2026-03-03") else None
    except ValueError:
        kept = None
    return format_date(kept, "j F Y") if kept else text


@register.filter
def time_of_day(value: datetime | time | None) -> str:
    """2:05 pm, 2 pm, midday or midnight."""
    if value is None or value == "":
        return ""
    here = _local(value) if isinstance(value, datetime) else value
    if here.minute == 0 and here.hour in (0, 12):
        return _("midday") if here.hour else _("midnight")
    clock = time_format(here, "g:i") if here.minute else time_format(here, "g")
    return f"{clock} {time_format(here, 'A').lower()}"


@register.filter
def moment(value: datetime | None) -> str:
    """Monday 3 March 2026 at 2:05 pm."""
    if not value:
        return ""
    return _("%(day)s at %(time)s") % {"day": day(value), "time": time_of_day(value)}


@register.filter
def hours(value: timedelta | Decimal | float | str | None) -> str:
    """An honest, rounded length of time from a number of hours or a timedelta: about 3 hours."""
    if value is None or value == "":
        return ""
    if isinstance(value, timedelta):
        return minutes(value.total_seconds() / 60)
    return minutes(float(value) * 60)


@register.filter
def minutes(value: float | str | None) -> str:
    """The same from a number of minutes: about 20 minutes, about 1 and a half hours."""
    if value is None or value == "":
        return ""
    length = float(value)
    fives = max(5, round(length / 5) * 5)
    if fives < 60:
        return _("about %(count)s minutes") % {"count": fives}
    halves = round(length / 30)
    whole, half = divmod(halves, 2)
    if half and whole < 10:
        return _("about %(count)s and a half hours") % {"count": whole}
    whole = round(length / 60) if half else whole
    return ngettext("about %(count)s hour", "about %(count)s hours", whole) % {"count": whole}


def _local(value: Moment) -> Moment:
    """An aware instant as the clock on the wall here shows it; anything else as it is."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


# ---- What the form templates ask ------------------------------------------------------------
@register.filter
def kind(field: BoundField) -> str:
    """Which drawing a field wants: hidden, radios, ticks, tick, boxes, file or single."""
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "ticks"
    if isinstance(widget, forms.RadioSelect):
        return "radios"
    if isinstance(widget, forms.CheckboxInput):
        return "tick"
    if isinstance(widget, forms.MultiWidget):
        return "boxes"
    if isinstance(widget, forms.FileInput):
        return "file"
    return "single"


@register.filter
def attr(field: BoundField, name: str) -> str:
    """One attribute of a field's widget, or nothing."""
    return str(field.field.widget.attrs.get(name, ""))


@register.filter
def described_by(field: BoundField) -> str:
    """The ids of the hint and the mistake that belong to a field, in reading order."""
    ids = []
    if field.help_text or attr(field, "data-words"):
        ids.append(f"{field.auto_id}_helptext")
    if field.errors:
        ids.append(f"{field.auto_id}_error")
    return " ".join(ids)


@register.filter
def control(field: BoundField) -> SafeString:
    """A field's own box, tied to its hint and its mistake."""
    ids = described_by(field)
    return field.as_widget(attrs={"aria-describedby": ids} if ids else None)


@register.filter
def first_control(field: BoundField) -> str:
    """The id that a link to a field goes to: the first choice or box where there are several."""
    if kind(field) in ("radios", "ticks", "boxes"):
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


@register.filter
def boxes(field: BoundField) -> list[dict[str, Any]]:
    """Each box of a field that has several: its id, label (the widget's data-label) and drawing."""
    widget = field.field.widget
    attrs = {"id": field.auto_id}
    if field.errors:
        attrs["aria-invalid"] = "true"
    parts = widget.get_context(field.html_name, field.value(), attrs)["widget"]["subwidgets"]
    return [
        {
            "id": part["attrs"]["id"],
            "label": part["attrs"].pop("data-label", ""),
            "box": BoundWidget(inner, part, field.form.renderer).tag(),
        }
        for inner, part in zip(widget.widgets, parts, strict=True)
    ]


@register.filter
def choice_hint(option: BoundWidget, field: BoundField) -> str:
    """The sentence under one choice, from the widget's `choice_hints` ({value: sentence})."""
    hints: Mapping[str, str] = getattr(field.field.widget, "choice_hints", {})
    return hints.get(str(option.data["value"]), "")


@register.filter
def dial(number: str) -> str:
    """A phone number as a telephone wants it: the figures and a leading plus, no spaces."""
    return "".join(sign for sign in str(number) if sign.isdigit() or sign == "+")


# ---- Pictures of numbers --------------------------------------------------------------------
@register.filter
def bar_parts(parts: Iterable[Mapping[str, Any]], total: Decimal | int) -> list[dict[str, Any]]:
    """Each part of a bar with where it starts and how wide it is, in thousandths of the whole."""
    drawn, start = [], Decimal(0)
    for part in parts:
        width = Decimal(part["value"]) * 1000 / Decimal(total) if total else Decimal(0)
        width = max(Decimal(0), min(width, 1000 - start))
        drawn.append({**part, "start": f"{start:.1f}", "width": f"{width:.1f}"})
        start += width
    return drawn


@register.filter
def span_parts(stages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each stage and rest with its place between the first and the last day, in thousandths."""
    rows = [row for row in stages if row.get("opens") and row.get("closes")]
    if not rows:
        return []
    first = min(row["opens"] for row in rows)
    days = max((max(row["closes"] for row in rows) - first).days + 1, 1)
    return [
        {
            **row,
            "start": f"{1000 * (row['opens'] - first).days / days:.1f}",
            "width": f"{1000 * ((row['closes'] - row['opens']).days + 1) / days:.1f}",
        }
        for row in rows
    ]


@register.filter
def page_address(number: int, rest: str) -> str:
    """Where a page of a long list is, from any other of its pages. The first has no number, so that
    it has one address only. `rest` is what else is in the address, ending in "&"."""
    if number > 1:
        return f"?{rest}page={number}"
    return f"?{rest.removesuffix('&')}" if rest else "./"


@register.filter
def shade(fill: int) -> str:
    """How much colour a part of a picture has: 1 is all of it, 4 is none."""
    return {1: "1", 2: ".5", 3: ".2"}.get(fill, "0")


@register.filter
def dots(count: int) -> list[int]:
    """Where the middle of each of so many dots stands, 24 apart."""
    return [12 + 24 * place for place in range(count)]


@register.filter
def times(count: int, step: int) -> int:
    """A whole number multiplied, for the width of a picture."""
    return count * step


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text, or a list where each of its lines starts with "- "."""

    text: str
    bullets: tuple[str, ...] = ()


@register.filter
def paragraphs(text: str) -> list[Paragraph]:
    """Plain text parted at its empty lines, for a template to mark up."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in block.splitlines()]
        if lines and all(line.startswith("- ") for line in lines):
            found.append(Paragraph("", tuple(line[2:] for line in lines)))
        else:
            found.append(Paragraph(" ".join(lines)))
    return found
