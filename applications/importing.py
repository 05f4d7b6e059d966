"""Bids from another system: a CSV file and a mapping become plain rows and plain troubles. Pure.

Every trouble says the line of the file and what to do. Sums keep their pence; texts are never cut.
"""

import csv
import hashlib
import io
import re
import tomllib
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from applications import content
from applications.models import FormQuestion
from applications.registers import read_charity_number, read_company_number

# One cell may hold a whole essay: Python's own limit of 131,072 is too small to rely on.
csv.field_size_limit(4 * 1024 * 1024)
MOST_WHOLE = Decimal(10) ** 10

# What a row may give, and the longest text each place holds.
FIELDS: dict[str, int | None] = {
    "outside_id": 120,
    "organisation": 200,
    "organisation_id": 110,
    "organisation_kind": None,
    "organisation_about": None,
    "charity_number": 20,
    "company_number": 20,
    "address": None,
    "postcode": 10,
    "title": 160,
    "area": 160,
    "partners": None,
    "asked": None,
    "smallest_useful": None,
    "awarded": None,
    "contact_name": 160,
    "received": None,
}
NEEDED = ("outside_id", "organisation", "title", "asked")
SUMS = ("asked", "smallest_useful", "awarded")
NUMBERS = {"charity_number": read_charity_number, "company_number": read_company_number}
KINDS = ("charity", "cic", "group", "company", "coop", "faith", "council")


class BadFile(Exception):
    """The file or the mapping as a whole cannot be read. Its text says what to do."""


@dataclass(frozen=True, slots=True)
class Extra:
    """A column that answers no question of the form but is shown to readers under this label."""

    column: str
    label: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column gives what: fields of a bid, answers by the question's key, and extras."""

    fields: Mapping[str, str]
    answers: Mapping[str, str] = field(default_factory=dict)
    extras: tuple[Extra, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One bid of the file, with the line it begins on."""

    line: int
    outside_id: str
    organisation: str
    title: str
    asked: Decimal
    texts: Mapping[str, str]
    answers: Mapping[str, str]
    extras: tuple[tuple[str, str], ...]
    smallest_useful: Decimal | None = None
    awarded: Decimal | None = None
    received: date | None = None
    """The day it reached the other system."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with one line, and what to do."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read: its good rows, its troubles, the digest of its bytes, and what looks
    odd in a good row. What is odd comes in as it stands: a person looks it up later."""

    rows: tuple[Row, ...]
    troubles: tuple[Trouble, ...]
    digest: str
    odd: tuple[Trouble, ...] = ()


DEFAULT_MAPPING = ColumnMap({name: name for name in FIELDS})


def mapping_from_toml(text: str) -> ColumnMap:
    """A mapping file. Raises BadFile when it names something a bid does not have."""
    try:
        said = tomllib.loads(text)
        extras = tuple(Extra(**row) for row in said.get("extras", []))
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise BadFile(_("The mapping cannot be read: %(why)s") % {"why": error}) from None
    fields: dict[str, Any] = said.get("fields", {})
    answers: dict[str, Any] = said.get("answers", {})
    if unknown := sorted(set(fields) - set(FIELDS)):
        raise BadFile(
            _("The mapping has unknown fields: %(names)s") % {"names": ", ".join(unknown)}
        )
    if missing := [name for name in NEEDED if name not in fields]:
        raise BadFile(_("The mapping must give: %(names)s") % {"names": ", ".join(missing)})
    if any(extra.kind not in ("text", "date") for extra in extras):
        raise BadFile(_("The kind of an extra is text or date."))
    return ColumnMap(fields, answers, extras)


def decode(data: bytes) -> str:
    """Bytes as text: UTF-8 with or without a mark, else the old Windows code page. Raises BadFile
    for UTF-16 that is cut short."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            words = _("The file breaks off, or has signs that cannot be read. Save it as UTF-8.")
            raise BadFile(words) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # cp1252 leaves five bytes without a meaning; those become a visible mark, and are reported.
        return data.decode("cp1252", errors="replace")


def read(data: bytes, mapping: ColumnMap, *, question_keys: Iterable[str]) -> Reading:
    """Every row of the file, good or in trouble. Raises BadFile when there is no table to read.

    With the default mapping, columns named `answer_KEY` hold answers.
    """
    text = decode(data)
    if not text.strip():
        raise BadFile(_("The file is empty."))
    table = csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text), strict=True)
    try:
        header = [name.strip() for name in next(table)]
        chosen = _with_answers(mapping, header, list(question_keys))
        _each_once(header, chosen)
        rows, troubles = _read_rows(table, header, chosen)
    except csv.Error as error:
        raise BadFile(
            _("The file is not a proper CSV near line %(line)s: %(why)s")
            % {"line": table.line_num, "why": error}
        ) from None
    odd = tuple(said for row in rows for said in _odd_numbers(row, chosen))
    return Reading(tuple(rows), tuple(troubles), hashlib.sha256(data).hexdigest(), odd)


def _dialect(text: str) -> type[csv.Dialect]:
    class Dialect(csv.excel):
        delimiter = max(",;\t", key=text.partition("\n")[0].count)

    return Dialect


def _with_answers(mapping: ColumnMap, header: list[str], keys: list[str]) -> ColumnMap:
    if mapping is DEFAULT_MAPPING:
        fields = {name: name for name in FIELDS if name in header}
        answers = {key: f"answer_{key}" for key in keys if f"answer_{key}" in header}
        if missing := [name for name in NEEDED if name not in fields]:
            raise BadFile(
                _("The file has no column called: %(names)s. Add it, or give a mapping.")
                % {"names": ", ".join(missing)}
            )
        return ColumnMap(fields, answers)
    if unknown := sorted(set(mapping.answers) - set(keys)):
        raise BadFile(
            _("The form has no question with these keys: %(names)s") % {"names": ", ".join(unknown)}
        )
    if missing := sorted(_columns(mapping) - set(header)):
        raise BadFile(_("The file has no column called: %(names)s") % {"names": ", ".join(missing)})
    return mapping


def _columns(mapping: ColumnMap) -> set[str]:
    """The columns of the file that anything is taken from."""
    extras = {extra.column for extra in mapping.extras}
    return {*mapping.fields.values(), *mapping.answers.values(), *extras}


def _each_once(header: list[str], mapping: ColumnMap) -> None:
    if twice := sorted(name for name in _columns(mapping) if header.count(name) > 1):
        raise BadFile(
            _("The file has more than one column called: %(names)s. Give each its own name.")
            % {"names": ", ".join(twice)}
        )


def _odd_numbers(row: Row, mapping: ColumnMap) -> Iterable[Trouble]:
    for name, read_number in NUMBERS.items():
        said = read_number(row.texts.get(name, ""))
        if not said.sentence:
            continue
        sentence = _("“%(column)s” is “%(cell)s”. %(sentence)s It is kept as it is.") % {
            "column": mapping.fields[name],
            "cell": row.texts[name],
            "sentence": said.sentence,
        }
        if said.fix:
            sentence += " " + _("Perhaps it should be %(number)s.") % {"number": said.fix}
        yield Trouble(row.line, sentence)


def _read_rows(
    table: Any, header: list[str], mapping: ColumnMap
) -> tuple[list[Row], list[Trouble]]:
    rows: list[Row] = []
    troubles: list[Trouble] = []
    seen: dict[str, int] = {}
    begins = table.line_num + 1
    for cells in table:
        line, begins = begins, table.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            troubles.append(
                Trouble(
                    line,
                    _("It has %(count)s cells and the table has %(wanted)s columns.")
                    % {"count": len(cells), "wanted": len(header)},
                )
            )
            continue
        found = [*_troubles(cells, header, mapping)]
        if found:
            troubles += [Trouble(line, sentence) for sentence in found]
            continue
        row = _row(line, dict(zip(header, cells, strict=True)), mapping)
        if row.outside_id in seen:
            troubles.append(
                Trouble(
                    line,
                    _("It has the same id as line %(line)s. Give each bid its own.")
                    % {"line": seen[row.outside_id]},
                )
            )
            continue
        seen[row.outside_id] = line
        rows.append(row)
    return rows, troubles


def _troubles(cells: list[str], header: list[str], mapping: ColumnMap) -> Iterable[str]:
    by_name = dict(zip(header, cells, strict=True))
    for name in sorted(_columns(mapping)):
        said = {"column": name}
        cell = by_name[name].strip()
        if cell.startswith("="):
            yield _("“%(column)s” holds a formula. Put its value there instead.") % said
        if "\ufffd" in cell:
            yield _("“%(column)s” has signs that cannot be read. Save the file as UTF-8.") % said
        if "\0" in cell:
            yield _("“%(column)s” has a zero byte in it. Save the file as UTF-8.") % said
    for name, column in mapping.fields.items():
        cell = by_name[column].strip()
        said = {"column": column, "cell": cell[:40]}
        longest = FIELDS[name]
        if not cell and name in NEEDED:
            yield _("“%(column)s” is empty. Fill it in.") % said
        elif longest and len(cell) > longest:
            yield _("“%(column)s” is longer than %(most)s letters. Shorten it.") % {
                **said,
                "most": longest,
            }
        elif cell and name in SUMS and not cell.startswith("="):
            if as_sum(cell) is None or (name == "asked" and not as_sum(cell)):
                yield _("“%(column)s” is “%(cell)s”. Write a sum in pounds, like 1250.50.") % said
        elif cell and name == "organisation_kind" and cell.lower() not in KINDS:
            yield _("“%(column)s” is “%(cell)s”. Use one of: %(kinds)s.") % {
                **said,
                "kinds": ", ".join(KINDS),
            }
        elif cell and name == "received" and not cell.startswith("=") and not as_date(cell):
            yield _("“%(column)s” is “%(cell)s”. Write a whole day like 2026-03-03.") % said
    for extra in mapping.extras:
        cell = by_name[extra.column].strip()
        if extra.kind == "date" and cell and not cell.startswith("=") and not as_day(cell):
            yield _("“%(column)s” is “%(cell)s”. Write a day like 2026-03-03, or 2026-03.") % {
                "column": extra.column,
                "cell": cell[:40],
            }


def _row(line: int, cells: Mapping[str, str], mapping: ColumnMap) -> Row:
    given = {name: _tidy(cells[column]) for name, column in mapping.fields.items()}
    extras = [(extra.label, _shown(cells[extra.column], extra.kind)) for extra in mapping.extras]
    return Row(
        line=line,
        outside_id=given["outside_id"],
        organisation=given["organisation"],
        title=given["title"],
        asked=as_sum(given["asked"]) or Decimal(0),
        smallest_useful=as_sum(given.get("smallest_useful", "")),
        awarded=as_sum(given.get("awarded", "")),
        received=as_date(given.get("received", "")),
        texts={name: text for name, text in given.items() if name not in SUMS},
        answers={
            key: _tidy(cells[column])
            for key, column in mapping.answers.items()
            if cells[column].strip()
        },
        extras=tuple((label, text) for label, text in extras if text),
    )


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _shown(cell: str, kind: str) -> str:
    return (as_day(cell) or "") if kind == "date" else _tidy(cell)


def as_sum(cell: str) -> Decimal | None:
    """Pounds from a cell: 1250, 1,250.50, £1250. None when it is no sum, or has half pennies."""
    plain = re.sub(r"^(?:£|GBP)\s*", "", cell.strip())
    if not re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", plain):
        return None
    try:
        value = Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return None
    if value >= MOST_WHOLE or value != value.quantize(Decimal("0.01")):
        return None
    return value.quantize(Decimal("0.01"))


def as_date(cell: str) -> date | None:
    """A whole day from a cell: 2013-09-02 or 2/9/2013, with a time or not. None: not one."""
    text = cell.strip()[:10]
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    british = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    parts = iso.groups() if iso else british.groups()[::-1] if british else ()
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        return None


def as_day(cell: str) -> str:
    """A day or half a day in words: 2013-09-02, 2/9/2013, 2013-09, Sep-13, 2013. Empty: not one."""
    text = cell.strip()[:10]
    if whole := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        year, month, day = (int(part) for part in whole.groups())
    elif british := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        day, month, year = (int(part) for part in british.groups())
    elif half := re.fullmatch(r"(\d{4})-(\d{1,2})", text):
        year, month, day = int(half[1]), int(half[2]), 0
    elif re.fullmatch(r"(?:19|20)\d{2}", text):
        return text
    else:
        return ""
    if not 1900 <= year <= 2200 or not 1 <= month <= 12 or day > monthrange(year, month)[1]:
        return ""
    return date_format(date(year, month, day or 1), "j F Y" if day else "F Y")


def content_of(row: Row, questions: Iterable[FormQuestion]) -> dict[str, object]:
    """A row as a sent bid's content. A question the other system did not ask reads "Not asked"."""
    asked = [row_ for row_ in questions if row_.key != content.SUMMARY]
    answers = [
        content.AnswerText(
            key=question.key,
            label=question.label,
            text=row.answers.get(question.key) or content.not_asked(),
            criteria=tuple(sorted(criterion.slug for criterion in question.criteria.all())),
        )
        for question in asked
    ]
    answers += [
        content.AnswerText(key=f"extra-{number}", label=label, text=text)
        for number, (label, text) in enumerate(row.extras, start=1)
    ]
    return content.as_content(
        content.Bid(
            title=row.title,
            organisation=row.organisation,
            summary=row.answers.get(content.SUMMARY, ""),
            area=row.texts.get("area", ""),
            partners=content.lines_of(row.texts.get("partners", "")),
            answers=tuple(answers),
            smallest_useful=row.smallest_useful,
        )
    )
