"""The report as a PDF, a spreadsheet, a CSV file and open data: all from the one structure."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from accounts import pdf
from accounts.permissions import Refused
from applications.registers import read_charity_number, read_company_number
from commissioning.places import kind_of_place
from decisions.models import ReportFile
from decisions.report import Bid, Organisation, Report, for_public

SUFFIXES = {
    ReportFile.Format.PDF: "pdf",
    ReportFile.Format.XLSX: "xlsx",
    ReportFile.Format.CSV: "csv",
    ReportFile.Format.GIVING: "json",
}
TYPES = {
    ReportFile.Format.PDF: "application/pdf",
    ReportFile.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportFile.Format.CSV: "text/csv; charset=utf-8",
    ReportFile.Format.GIVING: "application/json",
}
Cell = str | int | float | Decimal | date | None
"""In a spreadsheet a Decimal is a sum in pounds, and a float a number of hours."""


def made(
    report: Report,
    wanted: ReportFile.Format,
    *,
    public: bool = False,
    large_print: bool = False,
    tell: Callable[[int], object] | None = None,
) -> bytes:
    """The report in one format. Open data holds awards only, whoever asks. Raises Refused where a
    format cannot be made, with a sentence saying why. `tell` hears how many pages are laid out."""
    if wanted == ReportFile.Format.GIVING:
        return giving(report)
    shown = for_public(report) if public else report
    if wanted == ReportFile.Format.PDF:
        context = {"report": shown, "large": large_print, "programme": {"name": shown.programme}}
        return pdf.made("decisions/report_print.html", context, tell=tell)
    return sheets(shown) if wanted == ReportFile.Format.XLSX else comma_separated(shown)


# ---- Tables -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Table:
    """A table with a name, its headings, and its rows."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables(report: Report) -> list[Table]:
    """All that the report says, as tables."""
    found = [_summary(report), bids_table(report), _money(report), _people(report)]
    found += [_criteria(report), _stages(report)]
    if not report.public:
        found += [_scores(report), _decisions(report), _interests(report), _checks(report)]
    if report.people:
        found.append(_who_took_part(report))
    if report.outreach:
        found.append(_outreach(report))
    if report.changes:
        found.append(_changes(report))
    return [*found, _record(report)]


def bids_table(report: Report) -> Table:
    """One row for each bid (each award, in the public report)."""
    return Table(
        _("Bids"),
        (
            _("Reference"),
            _("Group"),
            _("Project"),
            _("Lot"),
            _("What the panel decided"),
            _("Asked, in pounds"),
            _("Given, in pounds"),
            _("Reserve place"),
            _("Conditions"),
            _("Left out"),
            _("Reason"),
            _("Criterion"),
            _("About each criterion"),
            _("Noted by those who did not agree"),
            _("The group's answer"),
            _("Decided on"),
        ),
        tuple(
            (
                bid.reference,
                bid.organisation.name,
                bid.title,
                bid.lot,
                bid.result,
                bid.asked,
                bid.amount,
                bid.reserve_order,
                bid.conditions,
                bid.less_what,
                bid.reason,
                bid.criterion,
                "\n".join(f"{title}: {words}" for title, words in bid.by_criterion),
                "\n".join(bid.dissent),
                bid.answer,
                bid.decided_on,
            )
            for bid in report.bids
        ),
    )


def _summary(report: Report) -> Table:
    numbers = report.numbers
    rows: list[tuple[Cell, ...]] = [
        (_("Programme"), report.programme),
        (_("Round"), report.round),
        (_("Funder"), report.funder),
        (_("Money to give, in pounds"), report.envelope),
        (_("Given, in pounds"), report.awarded),
        (_("Left, in pounds"), report.left),
        (_("Not taken by groups, in pounds"), report.turned_down),
        (_("Bids that came"), numbers.received),
        (_("Taken back"), numbers.withdrawn),
        (_("Not within the funder's rules"), numbers.not_eligible),
        (_("Scored"), numbers.scored),
        (_("Not this time, after reading"), numbers.not_met),
        (_("Chosen to meet"), numbers.met),
        (_("Given all they asked for"), numbers.awarded),
        (_("Given less than they asked for"), numbers.awarded_less),
        (_("Reserve"), numbers.reserve),
        (_("Not this time"), numbers.not_this_time),
    ]
    rows += [(rule, count) for rule, count in report.rules_broken]
    return Table(_("In short"), (_("What"), _("How many or how much")), tuple(rows))


def _money(report: Report) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (lot.name, lot.bids, lot.limit, lot.asked, lot.awarded, lot.left) for lot in report.lots
    ]
    return Table(
        _("Money"),
        (
            _("Lot"),
            _("Bids"),
            _("Most it may give"),
            _("Asked for"),
            _("Given"),
            _("Left"),
        ),
        tuple(rows),
    )


def _people(report: Report) -> Table:
    return Table(
        _("Who decided"),
        (
            _("Panel"),
            _("Lot"),
            _("Members"),
            _("Stood aside"),
            _("How many must sign"),
            _("Finished the training"),
            _("Hours promised, at least"),
            _("Hours promised, at most"),
            _("Hours recorded"),
            _("Hours given, as members say"),
            _("Members who say so"),
            _("Names of those who asked to be named"),
            _("How reading and meeting the groups counted together"),
        ),
        tuple(
            (
                row.name,
                row.lot,
                row.seats,
                row.stood_aside,
                row.needed,
                row.trained,
                float(row.hours_low),
                float(row.hours_high),
                float(row.hours_recorded),
                float(row.hours_said) if row.said_shown else None,
                row.people_said if row.said_shown else None,
                ", ".join(row.names),
                row.combine_words,
            )
            for row in report.panels
        ),
    )


def _who_took_part(report: Report) -> Table:
    return Table(
        _("Who took part"),
        (
            _("Question"),
            _("Answer"),
            _("People counted"),
            _("Gave this answer"),
            _("Of every 100 people the programme is for"),
        ),
        tuple(
            (
                table.text,
                line.label,
                line.people,
                _("Not shown") if line.count is None else line.count,
                None if line.share is None else float(line.share),
            )
            for table in report.people
            for line in table.lines
        ),
    )


def _changes(report: Report) -> Table:
    def shown(count: int | None) -> Cell:
        return _("Not shown") if count is None else count

    return Table(
        _("What it did for people"),
        (
            _("About"),
            _("People who took part"),
            _("Surer than before"),
            _("The same"),
            _("Less sure"),
            _("Not said both times"),
        ),
        tuple(
            (row.text, row.people, *map(shown, (row.surer, row.same, row.less, row.unsaid)))
            for row in report.changes
        ),
    )


def _outreach(report: Report) -> Table:
    return Table(
        _("Asking more widely"),
        (_("Who was missing"), _("Whom staff would ask"), _("By"), _("Done"), _("What came of it")),
        tuple((row.label, row.who, row.due_on, row.done_on, row.result) for row in report.outreach),
    )


def _criteria(report: Report) -> Table:
    return Table(
        _("Criteria"),
        (
            _("Criterion"),
            _("Question"),
            _("Weight"),
            _("Agreed on"),
            _("Suggestions it grew from"),
            _("Volunteers who made them"),
        ),
        tuple(
            (
                row.title,
                row.question,
                row.weight,
                report.criteria.agreed_on,
                row.suggestions,
                row.people,
            )
            for row in report.criteria.rows
        ),
    )


def _stages(report: Report) -> Table:
    kept = {True: _("Yes"), False: _("No"), None: ""}
    return Table(
        _("Stages"),
        (_("Stage"), _("Opened"), _("Closed"), _("Days of rest"), _("Rest until"), _("Rest kept")),
        tuple(
            (
                row.name,
                row.opened_on or row.opens_on,
                row.closed_on or row.closes_on,
                row.rest_days,
                row.rest_until,
                kept[row.rest_kept],
            )
            for row in report.stages
        ),
    )


def _scores(report: Report) -> Table:
    whens = (_("After reading"), _("After talking"))
    return Table(
        _("Scores"),
        (
            _("Reference"),
            _("Criterion"),
            _("When"),
            "0",
            "1",
            "2",
            "3",
            "4",
            "5",
            _("Cannot judge"),
        ),
        tuple(
            (bid.reference, row.criterion, when, *counts, cannot)
            for bid in report.bids
            for row in bid.spreads
            for when, counts, cannot in (
                (whens[0], row.first, row.cannot_first),
                (whens[1], row.after, row.cannot_after),
            )
        ),
    )


def _decisions(report: Report) -> Table:
    return Table(
        _("Decisions"),
        (
            _("Lot"),
            _("Number"),
            _("Stands since"),
            _("Agree"),
            _("Can live with it"),
            _("Disagree"),
            _("Noted"),
            _("Why it replaced the one before"),
            _("Replaced later"),
        ),
        tuple(
            (
                row.lot,
                row.number,
                row.stands_on,
                row.agree,
                row.live_with,
                row.disagree,
                "\n".join(row.dissent),
                row.reason,
                _("Yes") if row.replaced else _("No"),
            )
            for row in report.decisions
        ),
    )


def _interests(report: Report) -> Table:
    return Table(
        _("Interests"),
        (_("Lot"), _("Reference"), _("Kind"), _("Said late"), _("What followed")),
        tuple(
            (row.lot, row.reference, row.kind, _("Yes") if row.late else _("No"), row.followed)
            for row in report.interests
        ),
    )


def _checks(report: Report) -> Table:
    again = {True: _("Yes, after it first did not"), False: _("Yes")}
    return Table(
        _("Checks"),
        (_("Reference"), _("Check"), _("Went well"), _("Words"), _("Day")),
        tuple(
            (
                row.reference,
                row.kind,
                again[row.again] if row.passed else _("No"),
                row.words,
                row.on,
            )
            for row in report.checks
        ),
    )


def _record(report: Report) -> Table:
    proof, typed = report.proof, report.typed
    rows: tuple[tuple[Cell, ...], ...] = (
        (_("Score sheets looked at"), proof.sheets),
        (_("Scores looked at"), proof.scores),
        (_("Votes looked at"), proof.votes),
        (_("Signatures looked at"), proof.signatures),
        (_("People who scored, voted or signed"), proof.people),
        (_("Of these, volunteers without a seat who only scored"), report.readers),
        (_("Places where staff scored or voted"), len(proof.found)),
        (_("Score sheets typed for people"), typed.sheets),
        (_("Of these, undone because their volunteer said so"), typed.sheets_objected),
        (_("Votes typed for people"), typed.votes),
        (_("Signatures typed for people"), typed.signatures),
        (_("Meetings held"), report.influence.meetings),
        (_("Times staff wrote how they took part"), report.influence.reflections),
        (_("Times a member felt steered"), report.influence.steered),
        (_("Of these, with what came of it"), report.influence.steered_settled),
        (_("Parts of bids that staff asked to have put right"), report.influence.parts_asked),
        (_("Parts that groups asked to put right"), report.influence.parts_wished),
        (_("Of these, staff said yes"), report.influence.parts_granted),
        (_("Complaints about how things were done"), report.complaints.made),
        (_("Of these, not answered yet"), report.complaints.waiting),
        (_("Of these, done as it should be"), report.complaints.right),
        (_("Of these, some of it not done as it should be"), report.complaints.part),
        (_("Of these, not done as it should be"), report.complaints.wrong),
        (_("Of these, about the choice itself"), report.complaints.choice),
        (_("Complaints answered late"), report.complaints.late),
        (_("Bids typed from paper"), typed.bids_on_paper),
        (_("Bids brought in from another system"), typed.bids_imported),
        (_("Of these bids, confirmed by their group"), typed.bids_confirmed),
        (_("Changes to the share-out by hand"), report.sharing.changes),
        (_("Entries in the record"), report.trail.entries),
        (_("The record is unbroken"), _("Yes") if report.trail.holds else _("No")),
        (_("Mark of the last entry"), report.trail.head_hash),
    )
    return Table(_("Record"), (_("What"), _("How many")), rows)


# ---- Spreadsheet and CSV ----------------------------------------------------------------------
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
POUNDS_FORMAT = "£#,##0.00"
HOURS_FORMAT = "0.0"
DAY_FORMAT = "d mmmm yyyy"


def harmless(text: str) -> str:
    """A text that no spreadsheet program takes for a formula, without signs that a file may not
    hold. What people typed is otherwise left as it is."""
    plain = NOT_IN_XML.sub("", text)
    return f"'{plain}" if plain.lstrip(" ").startswith(STARTS_A_FORMULA) else plain


def sheets(report: Report) -> bytes:
    """The report as a workbook with one sheet for each table. Sums and counts are real numbers."""
    book = Workbook()
    book.remove(book.active)
    for table in tables(report):
        sheet = book.create_sheet(table.name[:31])
        sheet.append([harmless(heading) for heading in table.headings])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for row in table.rows:
            sheet.append([harmless(value) if isinstance(value, str) else value for value in row])
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                _dress(cell)
        sheet.freeze_panes = "A2"
        for place, heading in enumerate(table.headings, start=1):
            longest = max([len(heading), *(_length(row[place - 1]) for row in table.rows)])
            sheet.column_dimensions[get_column_letter(place)].width = min(longest + 2, 60)
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_title_rows = "1:1"
    book.properties.title = _title(report)
    return _written(book, report.made_at.date())


def _written(book: Workbook, day: date) -> bytes:
    """The workbook's file. `book.save` would write the second into it, in each of its parts: the
    same facts would never give the same bytes."""
    book.properties.created = book.properties.modified = datetime.combine(day, time.min)
    first, stream = io.BytesIO(), io.BytesIO()
    ExcelWriter(book, ZipFile(first, "w")).save()
    with ZipFile(first) as made, ZipFile(stream, "w") as dated:
        for name in made.namelist():
            part = ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            dated.writestr(part, made.read(name), ZIP_DEFLATED)
    return stream.getvalue()


def _length(value: Cell) -> int:
    """How many letters wide a value is shown."""
    if isinstance(value, Decimal):
        return len(f"£{value:,.2f}")
    return len("30 September 2026") if isinstance(value, date) else len(str(value or ""))


def _title(report: Report) -> str:
    """The programme and its round. Many rounds carry the programme's name already."""
    if report.programme in report.round:
        return report.round
    return f"{report.programme}: {report.round}"


def _dress(cell: Any) -> None:
    """Show pounds as pounds, days as days, and long texts on several lines."""
    if isinstance(cell.value, Decimal):
        cell.number_format = POUNDS_FORMAT
    elif isinstance(cell.value, float):
        cell.number_format = HOURS_FORMAT
    elif isinstance(cell.value, date):
        cell.number_format = DAY_FORMAT
    elif isinstance(cell.value, str):
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def comma_separated(report: Report) -> bytes:
    """The bids as CSV (UTF-8 with a mark, so that spreadsheets read £ and é rightly)."""
    table = bids_table(report)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([harmless(heading) for heading in table.headings])
    for row in table.rows:
        writer.writerow([_plain(value) for value in row])
    return stream.getvalue().encode("utf-8-sig")


class _Line:
    """What a CSV writer writes, given back at once instead of kept."""

    def write(self, line: str) -> str:
        return line


def scores_as_lines(told: Iterable[tuple[str, str, bool, int | None]]) -> Iterator[str]:
    """Every score that counts as CSV, a line at a time, so that nothing is held until the end."""
    writer = csv.writer(_Line())
    headings = (_("Reference"), _("Criterion"), _("When"), _("Score"))
    yield "\ufeff" + writer.writerow([harmless(heading) for heading in headings])
    whens = (_("After reading"), _("After talking"))
    for reference, criterion, talked, value in told:
        shown = _("Cannot judge") if value is None else value
        yield writer.writerow([harmless(reference), harmless(criterion), whens[talked], shown])


def _plain(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else harmless(str(value))


# ---- 360Giving --------------------------------------------------------------------------------
def giving(report: Report) -> bytes:
    """The awards as a 360Giving package (version 1.4). Groups that took no money are left out.

    Refused without the funder's prefix, and when there is no award to publish.
    """
    if not report.prefix_360giving:
        raise Refused(
            _("The programme has no 360Giving prefix yet. Add it before you export open data.")
        )
    awards = [bid for bid in report.awards if bid.takes_money]
    if not awards:
        raise Refused(_("There are no awards to publish."))
    package = {
        "version": "1.4",
        "title": _title(report),
        "issued": report.made_at.date().isoformat(),
        "grants": [_grant(bid, report) for bid in awards],
    }
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()


def _grant(bid: Bid, report: Report) -> dict[str, Any]:
    prefix = report.prefix_360giving
    if bid.decided_on is None:
        raise Refused(_("An award without a day cannot be published."))
    grant: dict[str, Any] = {
        "id": f"{prefix}-{report.slug}-{bid.reference}",
        "title": bid.title or bid.reference,
        "description": bid.summary or bid.title or bid.reference,
        "currency": "GBP",
        "amountAppliedFor": number(bid.asked),
        "amountAwarded": number(bid.amount),
        "awardDate": bid.decided_on.isoformat(),
        "recipientOrganization": [dict(_recipient(bid.organisation, prefix))],
        "fundingOrganization": [
            {"id": report.funder_org_id or f"{prefix}-funder", "name": report.funder}
        ],
        "grantProgramme": [{"code": report.slug, "title": _title(report)}],
        "fromOpenCall": "Yes",
        "dateModified": report.made_at.isoformat(timespec="seconds"),
    }
    days = {"startDate": bid.starts_on, "endDate": bid.ends_on}
    if any(days.values()):
        grant["plannedDates"] = [{name: day.isoformat() for name, day in days.items() if day}]
    if places := list(_places(bid, report)):
        grant["beneficiaryLocation"] = places
    return grant


def _places(bid: Bid, report: Report) -> Iterator[dict[str, str]]:
    """Where it happens, in the group's words; then the place the fund is for, with its code."""
    if bid.area:
        yield {"name": bid.area, "countryCode": "GB"}
    if kind := kind_of_place(report.place_code):
        yield {
            "name": report.place_name or report.place_code,
            "countryCode": "GB",
            "geoCode": report.place_code,
            "geoCodeType": kind,
        }


def _recipient(group: Organisation, prefix: str) -> Iterator[tuple[str, str]]:
    charity = read_charity_number(group.charity_number)
    company = read_company_number(group.company_number)
    yield "id", charity.org_id or company.org_id or f"{prefix}-org-{group.id}"
    yield "name", group.name
    if charity.org_id:
        yield "charityNumber", charity.number
    if company.org_id:
        yield "companyNumber", company.number
    if group.postcode:
        yield "postalCode", group.postcode


TITLES = {
    "id": "Identifier",
    "title": "Title",
    "description": "Description",
    "currency": "Currency",
    "amountAppliedFor": "Amount Applied For",
    "amountAwarded": "Amount Awarded",
    "awardDate": "Award Date",
    "plannedDates": "Planned Dates",
    "startDate": "Start Date",
    "endDate": "End Date",
    "recipientOrganization": "Recipient Org",
    "name": "Name",
    "charityNumber": "Charity Number",
    "companyNumber": "Company Number",
    "postalCode": "Postal Code",
    "beneficiaryLocation": "Beneficiary Location",
    "countryCode": "Country Code",
    "geoCode": "Geographic Code",
    "geoCodeType": "Geographic Code Type",
    "fundingOrganization": "Funding Org",
    "grantProgramme": "Grant Programme",
    "code": "Code",
    "fromOpenCall": "From An Open Call?",
    "dateModified": "Last Modified",
}
"""What the standard's table calls each field; a heading is these in a row, like "Recipient
Org:0:Name". Not translated: other programs read them."""


def giving_table(package: dict[str, Any]) -> str:
    """The awards of a 360Giving package as the standard's table (CSV), a row for each."""
    rows = [dict(_flat(grant)) for grant in package["grants"]]
    found = {heading for row in rows for heading in row}
    headings = sorted(found, key=lambda path: [_order(part) for part in path])
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([":".join(TITLES.get(part, part) for part in path) for path in headings])
    for row in rows:
        writer.writerow([harmless(str(row.get(path, ""))) for path in headings])
    return stream.getvalue()


def _flat(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each single value, with the names and places in lists that lead to it."""
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = [(str(number), part) for number, part in enumerate(value)]
    else:
        yield path, value
        return
    for name, part in inside:
        yield from _flat(part, (*path, name))


def _order(part: str) -> int:
    return int(part) if part.isdigit() else list(TITLES).index(part)


def number(sum_of_money: Decimal) -> int | float:
    """Pounds as JSON has them: whole where there are no pence."""
    whole = sum_of_money == sum_of_money.to_integral_value()
    return int(sum_of_money) if whole else float(sum_of_money)
