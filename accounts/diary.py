"""Appointments and days as a file that calendars read (iCalendar, RFC 5545). Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LONGEST = 73
"""Bytes on one line, with the space that begins a folded line and the line's end to spare."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """What goes into the diary. `uid` stays the same when the time moves."""

    uid: str
    starts_at: datetime
    minutes_long: int
    title: str
    written_at: datetime
    place: str = ""
    link: str = ""
    called_off: bool = False


@dataclass(frozen=True, slots=True)
class WholeDays:
    """Days that something lasts, from the first to the last, both included."""

    uid: str
    first: date
    last: date
    title: str
    written_at: datetime


def as_file(one: Appointment) -> str:
    """One appointment as a file, for a diary to take in."""
    return _calendar([*_appointment(one)])


def as_feed(title: str, events: Iterable[Appointment | WholeDays]) -> str:
    """A whole diary, for a calendar that looks again by itself a few times a day."""
    head = [
        f"X-WR-CALNAME:{_escaped(title)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    ]
    lines = [
        line
        for event in events
        for line in (_appointment(event) if isinstance(event, Appointment) else _days(event))
    ]
    return _calendar([*head, *lines])


def _calendar(lines: Iterable[str]) -> str:
    """The text of a file, its lines folded and ended as the standard asks."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Common Purse//EN", "METHOD:PUBLISH"]
    return "".join(f"{_folded(line)}\r\n" for line in [*head, *lines, "END:VCALENDAR"])


def _appointment(one: Appointment) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{one.uid}"
    yield f"DTSTAMP:{_instant(one.written_at)}"
    yield f"DTSTART:{_instant(one.starts_at)}"
    yield f"DTEND:{_instant(one.starts_at + timedelta(minutes=one.minutes_long))}"
    yield f"SUMMARY:{_escaped(one.title)}"
    if one.place:
        yield f"LOCATION:{_escaped(one.place)}"
    if one.link:
        yield f"URL:{one.link}"
        yield f"DESCRIPTION:{_escaped(one.link)}"
    yield f"STATUS:{'CANCELLED' if one.called_off else 'CONFIRMED'}"
    yield "END:VEVENT"


def _days(one: WholeDays) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{one.uid}"
    yield f"DTSTAMP:{_instant(one.written_at)}"
    yield f"DTSTART;VALUE=DATE:{one.first:%Y%m%d}"
    # The standard's last day is the first that is no longer in it.
    yield f"DTEND;VALUE=DATE:{one.last + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(one.title)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """Text with the signs that mean something to a calendar made harmless."""
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return "\\n".join(text.splitlines())


def _folded(line: str) -> str:
    """A long line broken before a letter would pass the limit; the next begins with a space."""
    parts, size = [""], 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LONGEST:
            parts.append("")
            size = 0
        parts[-1] += letter
        size += width
    return "\r\n ".join(parts)
