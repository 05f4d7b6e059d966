"""231 real bids through a whole round: shared among 60 volunteers, scored, decided and reported.

The round is played once for all the tests here, by script through actions only; the report's files
come from the command.
"""

import csv
import io
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Sum
from django.test.utils import override_settings

from accounts.models import Person
from applications.models import Application, Eligibility
from commissioning.models import Member, Round
from decisions.models import Decision, Outcome, OutcomeLetter
from ledger import clock, guards
from ledger.models import Channel, Entry, Letter
from panels.models import (
    Abstention,
    Assignment,
    Declaration,
    Panel,
    Proposal,
    Score,
    ScoreSheet,
    ShareRun,
    Shortlisting,
    StandingAside,
)
from panels.rules.interests import conflicts
from panels.rules.scoring import unsent
from panels.rules.share import over_their_limit, without_enough_readers
from support.models import TrainingDone
from tests.real.playing import LOTS, MEETS, ROOT, RealRound

pytestmark = pytest.mark.real
SCHEMA = ROOT.parent / "shared/data/360giving/schema/360-giving-package-schema.offline.json"
FILES = {"pdf": "report.pdf", "xlsx": "report.xlsx", "csv": "report.csv", "360giving": "open.json"}


@dataclass
class Played:
    """The round as it stands in its report stage, and the four files of its report."""

    telling: RealRound
    round: Round
    folder: Path

    def file(self, kind: str) -> Path:
        return self.folder / FILES[kind]


@pytest.fixture(scope="module")
def played(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("real-round")
    private = override_settings(MEDIA_ROOT=str(folder / "private"))
    with django_db_blocker.unblock(), private, transaction.atomic():
        telling = RealRound(now=clock.now(), folder=folder)
        round = telling.to("report")
        for kind, name in FILES.items():
            call_command(
                "export_report", round.slug, "--format", kind, "--output", str(folder / name)
            )
        yield Played(telling, round, folder)
        transaction.set_rollback(True)


# ---- The way there -------------------------------------------------------------------------------
def test_every_row_came_in_by_the_command(played: Played) -> None:
    tried, done = played.telling.said[::2], played.telling.said[1::2]
    assert len(done) == len(LOTS)
    counts = [int(re.findall(r"\d+", line)[0]) for line in done]
    assert counts == [int(re.findall(r"\d+", line)[0]) for line in tried]
    assert sum(counts) == 231
    assert all(line.endswith("In trouble: 0.\n") for line in done)
    bids = Application.objects.filter(round=played.round)
    assert {bid.came_by for bid in bids} == {"import"}
    assert len({bid.outside_id for bid in bids}) == 231


def test_sixty_volunteers_were_invited_joined_trained_and_declared(played: Played) -> None:
    members = Member.objects.here().filter(round=played.round)
    assert members.count() == 60
    verbs = Counter(Entry.objects.filter(chain=played.round.chain).values_list("verb", flat=True))
    assert verbs["invited_volunteer"] == verbs["joined_round"] == 60
    assert verbs["interests_declared"] == Declaration.objects.count() == 60
    assert Counter(TrainingDone.objects.values_list("member", flat=True)).keys() == {
        member.pk for member in members
    }
    assert StandingAside.objects.filter(application=None).count() == 2


def test_two_facilitators_checked_the_rules(played: Played) -> None:
    rulings = Eligibility.objects.newest().filter(application__round=played.round)
    assert rulings.count() == 231
    by = Counter(rulings.values_list("decided_by__name", flat=True))
    assert len(by) == 2
    assert min(by.values()) >= 115
    refused = list(rulings.filter(eligible=False))
    assert refused
    for ruling in refused:
        assert ruling.rule is not None
        assert ruling.seconded_by_id not in (None, ruling.decided_by_id)


def test_bids_are_shared_within_everyones_own_limit(played: Played) -> None:
    run = ShareRun.objects.get()
    assert run.confirmed_at is not None
    assert run.changes.count() == 0
    assert without_enough_readers(played.round) == []
    assert over_their_limit(played.round) == []
    rows = Assignment.objects.select_related("member", "application")
    counts = Counter(row.member_id for row in rows)
    limits = {row.member_id: row.member.bids_wanted for row in rows}
    assert all(counts[member] <= limit for member, limit in limits.items())
    ties = conflicts(played.round.pk)
    assert not [row for row in rows if row.application_id in ties.get(row.member_id, set())]
    aside = set(StandingAside.objects.values_list("member", "lot"))
    assert not [row for row in rows if (row.member_id, row.application.lot_id) in aside]
    eligible = Application.objects.eligible().filter(round=played.round).count()
    assert len(rows) == 3 * eligible
    assert len(counts) == 60 - len(aside)


def test_scores_are_the_volunteers_own_and_plausible(played: Played) -> None:
    sheets = ScoreSheet.objects.filter(phase="reading")
    assert sheets.count() + Abstention.objects.count() + unsent(played.round).count() == (
        Assignment.objects.count()
    )
    assert Abstention.objects.exists()
    assert unsent(played.round).exists()
    typed = sheets.exclude(typed_by=None)
    assert typed.exists()
    assert not typed.filter(confirmed_at=None).exists()
    values = Counter(Score.objects.filter(sheet__phase="reading").values_list("value", flat=True))
    assert set(values) == {None, 0, 1, 2, 3, 4, 5}
    assert values[None] < values[3]
    assert values[3] + values[4] > values[1] + values[5]
    assert ScoreSheet.objects.filter(phase="talk").exists()
    opened = Proposal.objects.filter(kind="open_scores", outcome="agreed")
    assert set(opened.values_list("panel", flat=True)) == {
        panel.pk for panel in Panel.objects.all()
    }
    assert not Panel.objects.filter(scores_opened_at=None).exists()


def test_the_panels_decided_within_the_money(played: Played) -> None:
    chosen = Counter(Shortlisting.objects.values_list("outcome", flat=True))
    assert chosen["meet"] == MEETS * len(LOTS)
    assert sum(chosen.values()) == Application.objects.eligible().count()
    assert Decision.objects.standing().count() == len(LOTS)
    standing = Outcome.objects.standing()
    assert standing.count() == MEETS * len(LOTS)
    kinds = Counter(standing.values_list("kind", flat=True))
    # Who is met is drawn by lot and by score, so the money of every lot may reach to the last one.
    assert {"award"} <= set(kinds) <= {"award", "less", "reserve", "no"}
    given = dict(standing.values_list("application__lot__slug").annotate(total=Sum("amount")))
    for slug, (_name, limit, _readers, _panel) in LOTS.items():
        assert 0 < given[slug] <= limit
    assert sum(given.values()) <= played.round.envelope
    assert not standing.filter(reason="").exists()
    assert not standing.filter(amount__gt=0, amount__lt=1).exists()
    assert standing.exclude(amount=Decimal(0)).filter(asked__gt=0).count() == (
        kinds["award"] + kinds["less"]
    )
    awards = standing.filter(kind="award")
    assert all(row.amount == row.asked for row in awards), "a yes gives all of it, to the penny"


def test_letters_went_to_the_groups_on_paper_where_nobody_signs_in(played: Played) -> None:
    letters = OutcomeLetter.objects.all()
    assert letters.count() == 231
    assert not letters.filter(letter=None).exists()
    channels = Counter(
        Letter.objects.filter(kind="outcome_letter").values_list("channel", flat=True)
    )
    assert channels[Channel.POST] > 200
    assert channels[Channel.EMAIL] >= 2


def test_verify_ledger_and_the_guards_hold(played: Played) -> None:
    call_command("verify_ledger", stdout=io.StringIO())
    assert guards.missing() == []


def test_no_member_of_staff_scored(played: Played) -> None:
    volunteers = set(Person.objects.filter(roles__role="volunteer").values_list("pk", flat=True))
    assert set(ScoreSheet.objects.values_list("member__person", flat=True)) <= volunteers
    assert (
        set(ScoreSheet.objects.filter(typed_by=None).values_list("sent_by", flat=True))
        <= volunteers
    )


# ---- The four files --------------------------------------------------------------------------
def test_open_data_is_valid_by_the_schema(played: Played) -> None:
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "check-jsonschema"),
            "--schemafile",
            str(SCHEMA),
            str(played.file("360giving")),
        ],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode()


def test_pdf_is_tagged(played: Played) -> None:
    with pikepdf.open(played.file("pdf")) as book:
        assert book.Root.MarkInfo.Marked
        assert str(book.Root.Lang).lower().startswith("en")
        with book.open_metadata() as data:
            assert data["pdfuaid:part"] == "1"
        kinds = Counter(_kinds(book.Root.StructTreeRoot))
    assert kinds["/H1"] == 1
    assert kinds["/H3"] > len(LOTS)
    assert kinds["/H4"] == 231
    assert kinds["/TH"] > 0


def _kinds(node: Any) -> Iterator[str]:
    todo = [node]
    while todo:
        here = todo.pop()
        if isinstance(here, pikepdf.Array):
            todo.extend(here)
        elif isinstance(here, pikepdf.Dictionary):
            if "/S" in here:
                yield str(here.S)
            if "/K" in here:
                todo.append(here.K)


@pytest.fixture(scope="module")
def figures(played: Played) -> dict[str, dict[str, tuple[Decimal, Decimal]]]:
    """By file, what each bid asked for and was given."""
    return {
        "csv": _of_csv(played.file("csv")),
        "xlsx": _of_xlsx(played.file("xlsx")),
        "json": _of_json(played.file("360giving")),
        "pdf": _of_pdf(_text(played.file("pdf"))),
    }


def _of_csv(path: Path) -> dict[str, tuple[Decimal, Decimal]]:
    rows = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig")))
    return {
        row["Reference"]: (Decimal(row["Asked, in pounds"]), Decimal(row["Given, in pounds"]))
        for row in rows
    }


def _of_xlsx(path: Path) -> dict[str, tuple[Decimal, Decimal]]:
    rows = openpyxl.load_workbook(path)["Bids"].iter_rows(min_row=2, values_only=True)
    return {str(row[0]): (_pounds(row[5]), _pounds(row[6])) for row in rows}


def _of_json(path: Path) -> dict[str, tuple[Decimal, Decimal]]:
    grants = json.loads(path.read_text())["grants"]
    return {
        "-".join(row["id"].split("-")[-2:]): (
            _pounds(row["amountAppliedFor"]),
            _pounds(row["amountAwarded"]),
        )
        for row in grants
    }


def _text(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    return done.stdout.decode()


def _of_pdf(text: str) -> dict[str, tuple[Decimal, Decimal]]:
    """The sums under each bid's own heading."""
    found = {}
    for part in re.split(r"^[ \f]*(?=[A-Z]+-\d+ )", text, flags=re.MULTILINE)[1:]:
        words = " ".join(part.split())
        asked = re.search(r"Asked for £([\d,.]*\d)", words)
        given = re.search(r"Given £([\d,.]*\d)", words)
        if asked:
            found[words.split()[0]] = (_pounds(asked[1]), _pounds(given[1] if given else 0))
    return found


def _pounds(value: Any) -> Decimal:
    return Decimal(str(value).replace(",", "")).quantize(Decimal("0.01"))


def test_figures_agree_in_all_four(
    played: Played, figures: dict[str, dict[str, tuple[Decimal, Decimal]]]
) -> None:
    bids = Application.objects.filter(round=played.round).prefetch_related("versions")
    awards = dict(Outcome.objects.standing().values_list("application__reference", "amount"))
    stored = {bid.reference: (bid.asked, awards.get(bid.reference, Decimal(0))) for bid in bids}
    assert len(stored) == 231
    assert figures["csv"] == stored
    assert figures["xlsx"] == stored
    assert figures["pdf"] == stored
    given = {reference: sums for reference, sums in stored.items() if sums[1]}
    assert figures["json"] == given
    assert len(given) == Outcome.objects.standing().awards().count()


def test_totals_agree_in_pdf_and_spreadsheet(
    played: Played, figures: dict[str, dict[str, tuple[Decimal, Decimal]]]
) -> None:
    total = sum((given for _asked, given in figures["csv"].values()), Decimal(0))
    asked = sum((asked for asked, _given in figures["csv"].values()), Decimal(0))
    awards = sum(bool(given) for _asked, given in figures["csv"].values())
    book = openpyxl.load_workbook(played.file("xlsx"))
    short = dict(book["In short"].iter_rows(min_row=2, values_only=True))
    assert _pounds(short["Given, in pounds"]) == total
    assert short["Bids that came"] == 231
    assert short["Given all they asked for"] + short["Given less than they asked for"] == awards
    money = list(book["Money"].iter_rows(min_row=2, values_only=True))
    assert sum(_pounds(row[4]) for row in money) == total
    assert sum(_pounds(row[3]) for row in money) == asked
    text = " ".join(_text(played.file("pdf")).split())
    assert f"Given £{total:,.2f}" in text or f"Given £{total:,.0f}" in text
    assert "Came in 231" in text


def test_the_report_says_where_bids_came_from(played: Played) -> None:
    text = " ".join(_text(played.file("pdf")).split())
    assert "Bids brought in from another system: 231." in text
    assert "Of these bids, confirmed by their group: 0." in text
    assert "29 more volunteers read and scored bids, and had no seat on a panel." in text


def test_cells_have_their_right_types_and_no_formulas(played: Played) -> None:
    book = openpyxl.load_workbook(played.file("xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows(min_row=2) for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    sheet = book["Bids"]
    for row in sheet.iter_rows(min_row=2):
        assert {row[5].data_type, row[6].data_type} == {"n"}
        assert row[15].value is None or isinstance(row[15].value, date | datetime)
    table = played.file("csv").read_bytes().decode("utf-8-sig")
    texts = [text for row in csv.reader(io.StringIO(table)) for text in row]
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@"))]
