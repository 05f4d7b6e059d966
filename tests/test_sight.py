"""Before the panel opens its scores, nobody learns anything of another's: swept over everything.

The same round twice, and what others wrote and scored is different (as many sheets, other values
and words). Whatever a reader can reach must then be the same to the last byte, apart from tokens:
pages, titles, orders, answers to empty forms, files, searches, letters, log lines, the trail. Who
stands aside and who bids may not even learn how many were sent. Which pages a reader reaches is in
`tests/permissions.csv`, so a new page is swept as soon as it is there.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from difflib import unified_diff
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import Person, Role
from accounts.permissions import Verdict
from commissioning.models import StageKind
from decisions.models import Decision, ReportApproval
from decisions.tasks import ask_who_is_owed
from ledger.actions import record
from ledger.models import Entry, Letter
from panels import actions
from panels.actions import Answer
from panels.models import Assignment
from panels.rules.visits import Visit
from support.models import TrainingTopic
from tests import matrix
from tests.conftest import Once
from tests.factories.applications import photo, upload
from tests.factories.commissioning import make_person
from tests.factories.meeting import move_to
from tests.factories.unguarded import unguarded
from tests.matrix import OWN, Pages

# What a page says does not hang on the database: read on one of them.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

ADDRESSES = dict(matrix.addresses())
REACHED = matrix.expected()
READERS = tuple(who for who in matrix.EVERYBODY if who not in ("nobody", "superuser"))
MEMBERS = ("volunteer", "standing aside")
TOLD_NO_COUNT = ("standing aside", "applicant", "rival", "outsider", "administrator")
"""Who may not learn how many have sent: the same bytes, however many did."""
SEARCHED = {
    "person_list": "?q=quagga",
    "trail_list": "?page=1",
    "letter_list": "?page=1",
    "round_report": "?for=public",
}
ALL = re.compile("")
OF_LATER = re.compile(r"panels/|boards/|decisions/|readers/|rounds/|my/|proposals/|reports?/")
"""Addresses that may say something new once scoring has closed."""
NEVER_THE_SAME = (
    re.compile(r'(?:name="csrfmiddlewaretoken" value|nonce|data-csrf|data-token)="[^"]*"'),
    re.compile(r"nonce-[\w+/=-]+"),
    re.compile(r"\b[0-9a-f]{64}\b"),  # marks of the trail, which tell nothing by themselves
    re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}\b"),  # a code drawn by lot, used once
    re.compile(r"Expires: [^\n]+"),  # of a page that is never kept: the moment it was asked for
    # How the machine is: all letters that wait to go, to anybody, are counted there for a minute.
    re.compile(r'"(?:heartbeat_age_seconds|disk_free_mb|letters_waiting)": [\d.]+'),
    # A piece of work in the log has a number of its own, and takes its time.
    re.compile(r"\[[0-9a-f-]{36}\]|(?:succeeded in|raised in) [\d.]+s"),
)


@dataclass(frozen=True)
class Variant:
    """What the others did: how they scored and what words they used."""

    mark: str
    first: int
    second: int
    sheets: int = 2

    def why(self, name: str) -> str:
        return f"{self.mark}{name} made me choose this."

    def answers(self, criteria: list[Any], value: int) -> dict[Any, Answer]:
        """Different on each criterion, so that orders and means differ too."""
        return {
            row: Answer(value=(value + place) % 6, reason=f"{self.mark}reason{place}")
            for place, row in enumerate(criteria)
        }


LOW = Variant("quagga", first=0, second=1)
HIGH = Variant("axolotl", first=3, second=5)
MORE = Variant("quagga", first=0, second=1, sheets=4)
MARKS = re.compile("quagga|axolotl")


@dataclass
class Seen:
    """What one reader got: text by surface."""

    by_surface: dict[str, str] = field(default_factory=dict)

    def differs(self, other: "Seen") -> list[str]:
        """Surfaces that are not the same, each with its first lines that differ."""
        found = []
        for name in self.by_surface.keys() | other.by_surface.keys():
            mine, theirs = self.by_surface.get(name, ""), other.by_surface.get(name, "")
            if mine != theirs:
                lines = unified_diff(mine.splitlines(), theirs.splitlines(), lineterm="", n=0)
                found.append("\n".join([name, *list(lines)[2:8]]))
        return sorted(found)

    def marked(self) -> list[str]:
        """Surfaces on which a word stands that only another's sheet holds."""
        return sorted(name for name, text in self.by_surface.items() if MARKS.search(text))


# ---- The round, and what the others do in it ---------------------------------------------------
@dataclass
class Table:
    """The round, and the moment at which all happens, so that no time of day differs."""

    pages: Pages
    now: datetime
    third: Person
    fourth: Person
    typist: Person


@pytest.fixture(scope="module")
def table(once: Once[Table]) -> Table:
    def build(_cast: Any) -> Table:
        pages = matrix.make_pages()
        reading = pages.sides[OWN].reading
        with unguarded():  # everybody is ready to score, and nothing is decided yet
            TrainingTopic.objects.filter(round=reading.round).update(required=False)
            Decision.objects.filter(panel__round=reading.round).update(stands_at=None)
            ReportApproval.objects.filter(round=reading.round).delete()
        third = next(row.person for row in reading.members if row.person.name == "Third Reader")
        typist = make_person("Ruth Bentley", Role.FACILITATOR)
        return Table(pages, timezone.now(), third, reading.members[-1].person, typist)

    return once(build)


def others_score(table: Table, variant: Variant) -> None:
    """Sent, taken back, half written, noted, and typed from paper: by others than our readers."""
    reading, at = table.pages.sides[OWN].reading, table.now
    criteria = reading.criteria
    hands = {
        person: {row.application_id: row for row in reading.assignments(person)}
        for person in (table.third, table.fourth)
    }
    one, two, last = (bid.pk for bid in reading.bids)

    def write(row: Assignment, value: int) -> None:
        by = row.member.person
        actions.start_reading(assignment=row, by=by, at=at)
        answers = variant.answers(criteria, value)
        actions.save_score_drafts(assignment=row, answers=answers, by=by, at=at)
        why, notes = variant.why(by.name.split()[0]), f"{variant.mark}notes"
        actions.save_bid_draft(assignment=row, why=why, notes=notes, version=0, by=by, at=at)

    def sent(row: Assignment, value: int) -> None:
        write(row, value)
        actions.send_scores(assignment=row, by=row.member.person, at=at)

    sent(hands[table.third][one], variant.first)
    sent(hands[table.third][two], variant.second)
    actions.take_back_scores(assignment=hands[table.third][two], by=table.third, at=at)
    if variant.sheets > 2:
        sent(hands[table.fourth][one], variant.second)
        actions.send_scores(assignment=hands[table.third][two], by=table.third, at=at)
    actions.add_scan(
        assignment=hands[table.fourth][two],
        upload=upload(f"{variant.mark}.jpg", photo(shade=40 * variant.second)),
        by=table.typist,
        at=at,
    )
    actions.type_scores(
        assignment=hands[table.fourth][two],
        answers=variant.answers(criteria, variant.second),
        why=variant.why("typed"),
        by=table.typist,
        at=at,
    )
    assert last in hands[table.third]
    # Something that all may read of comes after it in the trail.
    record(chain=reading.round.chain, verb="set_stage_dates", by=reading.by, at=at)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is as if it had never been, numbers of rows included."""
    block = transaction.atomic()
    block._from_testcase = True  # of the tests, not of the program: as Django marks its own
    with block:
        yield
        transaction.set_rollback(True)


# ---- Looking -----------------------------------------------------------------------------------
def plain(text: str) -> str:
    """Without what is never the same twice."""
    for pattern in NEVER_THE_SAME:
        text = pattern.sub("*", text)
    return text


def _told(answer: Any) -> str:
    body = answer.getvalue() if answer.streaming else answer.content
    heads = sorted(
        (name, text) for name, text in answer.headers.items() if name != "Content-Length"
    )
    text = body.decode("utf-8", "backslashreplace")
    return plain("\n".join([str(answer.status_code), *(f"{a}: {b}" for a, b in heads), text]))


def reached(who: str, *statuses: str) -> list[str]:
    """The addresses that answer this reader so, of what is theirs. A PDF says what its page for
    printing says, which is among them."""
    return [
        name
        for name in sorted(ADDRESSES.keys() & REACHED.keys())  # test_matrix finds what is missing
        if REACHED[name][who].split()[0] in statuses and not ADDRESSES[name].endswith(".pdf")
    ]


def pages_of(table: Table, who: str, only: re.Pattern[str] = ALL) -> Seen:
    """Every page, file and page that says why not; and a few that are not there."""
    seen, client = Seen(), table.pages.clients[who]
    names = reached(who, "200", "403") + reached(who, "404")[::12]
    for name in names:
        if not only.match(ADDRESSES[name]):
            continue
        url = matrix.filled(table.pages, ADDRESSES[name], OWN, who)
        for query in ("", SEARCHED[name]) if name in SEARCHED else ("",):
            seen.by_surface[f"{name}{query}"] = _told(client.get(url + query))
    return seen


def forms_of(table: Table, who: str) -> Seen:
    """What an empty form is answered: errors, refusals, ways onward."""
    seen, client = Seen(), table.pages.clients[who]
    kept = client.cookies.copy()
    for name in reached(who, "200", "403", "405"):
        url = matrix.filled(table.pages, ADDRESSES[name], OWN, who)
        with undone():
            seen.by_surface[f"POST {name}"] = _told(client.post(url, {"sure": ""}))
        client.cookies = kept.copy()
    return seen


def letters_of(person: Person) -> Seen:
    """Every letter to a person: that it is there, and all its words."""
    rows = Letter.objects.filter(to=person).order_by("pk")
    return Seen(
        {
            f"letter {row.key}": plain(f"{row.subject}\n{row.body_text}\n{row.body_html}")
            for row in rows
        }
    )


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, line: logging.LogRecord) -> None:
        self.lines.append(f"{line.levelname} {line.name} {line.getMessage()}")
        if line.exc_info:
            self.lines.append(str(line.exc_info[1]))


@contextmanager
def log_lines() -> Iterator[list[str]]:
    """All that is logged, but for the database's own statements."""
    heard, root = _Lines(), logging.getLogger()
    before = root.level
    root.addHandler(heard)
    root.setLevel(logging.DEBUG)
    try:
        yield heard.lines
    finally:
        root.setLevel(before)
        root.removeHandler(heard)


Look = Callable[[Table], dict[str, Seen]]


def everything(table: Table, readers: tuple[str, ...] = READERS) -> dict[str, Seen]:
    """All that these readers can reach while the bids are read, with the letters that are owed."""
    ask_who_is_owed()
    found = {}
    with log_lines() as lines:
        for who in readers:
            found[who] = pages_of(table, who)
            person = table.pages.people[who]
            assert person
            found[who].by_surface |= letters_of(person).by_surface
        for who in (*MEMBERS, "facilitator"):
            if who in readers:
                found[who].by_surface |= forms_of(table, who).by_surface
        report = _command("export_report", table, "--format", "csv", "--output", "no/such/file")
        commands = {"export_report": report, "export_sharing": _command("export_sharing", table)}
    found["the log"] = Seen({"lines": plain("\n".join(lines))})
    found["commands"] = Seen(commands)
    return found


def once_closed(table: Table) -> dict[str, Seen]:
    """The panel meets next, and has opened nothing: what its members and its staff can reach."""
    move_to(table.pages.sides[OWN].reading, StageKind.SHORTLIST)
    return {who: pages_of(table, who, OF_LATER) for who in (*MEMBERS, "facilitator")}


def _command(name: str, table: Table, *more: str) -> str:
    said = StringIO()
    slug = table.pages.sides[OWN].reading.round.slug
    try:
        call_command(name, slug, *more, stdout=said, stderr=said)
    except CommandError as error:
        said.write(f"refused: {error}")
    return plain(said.getvalue())


def looked_at(table: Table, variant: Variant, look: Look) -> dict[str, Seen]:
    with undone(), pytest.MonkeyPatch.context() as still:
        still.setattr(timezone, "now", lambda: table.now)
        others_score(table, variant)
        return look(table)


@pytest.fixture(scope="module")
def low(table: Table) -> dict[str, Seen]:
    return looked_at(table, LOW, everything)


# ---- What is held ------------------------------------------------------------------------------
def test_the_round_looks_the_same_however_others_scored(table: Table, low: dict[str, Seen]) -> None:
    high = looked_at(table, HIGH, everything)
    for who, seen in low.items():
        assert seen.differs(high[who]) == [], who
        assert seen.marked() == high[who].marked() == [], who
    assert low["commands"].by_surface["export_report"].startswith("refused: ")
    assert sum(len(seen.by_surface) for seen in low.values()) > 700, (
        "far fewer pages than there are"
    )


def test_who_is_not_of_the_panel_learns_not_even_how_many_have_sent(
    table: Table, low: dict[str, Seen]
) -> None:
    more = looked_at(table, MORE, partial(everything, readers=TOLD_NO_COUNT))
    for who in TOLD_NO_COUNT:
        assert low[who].differs(more[who]) == [], who


def test_nothing_shows_between_the_close_and_the_opening(table: Table) -> None:
    low, high = (looked_at(table, variant, once_closed) for variant in (LOW, HIGH))
    for who, seen in low.items():
        assert seen.differs(high[who]) == [], who
        assert seen.marked() == [], who
        assert len(seen.by_surface) > 40


# ---- A leak that is planted is found -----------------------------------------------------------
def of_the_panel(table: Table) -> dict[str, Seen]:
    """The pages of the panel after the close, for a member and for staff."""
    move_to(table.pages.sides[OWN].reading, StageKind.SHORTLIST)
    only = re.compile("panels/<int:pk>/(agenda|bids|talk|shortlist|screen)")
    return {who: pages_of(table, who, only) for who in ("volunteer", "facilitator")}


def test_an_open_door_to_the_scores_would_be_found(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Visit, "sees_scores", Verdict.yes())
    low, high = (looked_at(table, variant, of_the_panel) for variant in (LOW, HIGH))
    for who, seen in low.items():
        assert len(seen.differs(high[who])) > 1, who
        assert len(seen.marked()) > 0, who


def test_a_count_that_shows_in_gaps_would_be_found(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries numbered as they stand in the chain tell how many are hidden between them."""

    def by_chain(rows: Iterable[Entry], first: int) -> list[dict[str, Any]]:
        return [{"number": row.seq, "who": row.by.name, "at": row.at, "what": ""} for row in rows]

    def trail(table: Table) -> dict[str, Seen]:
        return {who: pages_of(table, who, re.compile("rounds/.*trail")) for who in MEMBERS}

    monkeypatch.setattr("decisions.views.trail._told", by_chain)
    few, more = (looked_at(table, variant, trail) for variant in (LOW, MORE))
    for who, seen in few.items():
        assert len(seen.differs(more[who])) > 0, who
