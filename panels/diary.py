"""One appointment as a file that calendars read (iCalendar, RFC 5545). Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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


def as_file(one: Appointment) -> str:
    """The text of the file, its lines folded and ended as the standard asks."""
    ends_at = one.starts_at + timedelta(minutes=one.minutes_long)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Common Purse//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{one.uid}",
        f"DTSTAMP:{_instant(one.written_at)}",
        f"DTSTART:{_instant(one.starts_at)}",
        f"DTEND:{_instant(ends_at)}",
        f"SUMMARY:{_escaped(one.title)}",
    ]
    if one.place:
        lines.append(f"LOCATION:{_escaped(one.place)}")
    if one.link:
        lines += [f"URL:{one.link}", f"DESCRIPTION:{_escaped(one.link)}"]
    lines += [
        f"STATUS:{'CANCELLED' if one.called_off else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


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
