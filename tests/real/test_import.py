"""Real published bids, where they lie beside the project: all 231 rows come in, once."""

import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from applications.models import Application, BidVersion, Organisation
from ledger.checking import first_trouble
from ledger.models import Chain
from tests.factories.applications import make_open_round

ROOT = Path(__file__).parents[2]
FILE = ROOT.parent / "shared" / "data" / "grants" / "community_applications.csv"
MAPPING = ROOT / "docs" / "mapping-example.toml"

pytestmark = pytest.mark.real


@pytest.fixture
def lot(db):
    return make_open_round(envelope=1_000_000).lots.get()


def run(lot, *options) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(
        "import_applications", lot.round.slug, str(FILE), "--lot", lot.slug,
        "--mapping", str(MAPPING), *options, stdout=out, stderr=err,
    )  # fmt: skip
    return out.getvalue(), err.getvalue()


def told_of_odd_numbers_alone(err: str) -> None:
    """The file has lost the first 0 of many company numbers, as spreadsheets do."""
    lines = err.splitlines()
    assert len(lines) == 58
    assert all("It is kept as it is." in line for line in lines)
    assert sum("Perhaps it should be 0" in line for line in lines) == 53


def test_dry_run_takes_every_row(lot):
    out, err = run(lot, "--dry-run")
    assert out == "Would be imported: 231. Here already: 0. Differing: 0. In trouble: 0.\n"
    told_of_odd_numbers_alone(err)
    assert not Application.objects.exists()


def test_import_takes_every_row_once(lot):
    out, _err = run(lot)
    assert out == "Imported: 231. Here already: 0. Differing: 0. In trouble: 0.\n"
    assert Organisation.objects.count() == 176
    versions = BidVersion.objects.all()
    assert sum(version.asked for version in versions) > Decimal(890_000)
    assert sum(1 for version in versions if version.asked % 1) == 13
    longest = max(
        len(answer["text"]) for version in versions for answer in version.content["answers"]
    )
    assert longest > 3500
    assert not Application.objects.eligible().exists()
    assert first_trouble(Chain.objects.get(pk=lot.round.chain_id)) is None
    out, err = run(lot)
    assert out == "Imported: 0. Here already: 231. Differing: 0. In trouble: 0.\n"
    told_of_odd_numbers_alone(err)
