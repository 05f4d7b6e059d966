"""The bigger examples, whole: 600 bids to the report and its files, 10,000 bids to the report."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from applications.models import Application
from commissioning.models import Member, Round
from decisions.models import Outcome
from decisions.reading import report_of
from ledger import clock
from ledger.checking import troubles

pytestmark = pytest.mark.django_db
FILES = {"csv": "report.csv", "xlsx": "report.xlsx", "360giving": "open.json", "pdf": "report.pdf"}


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long it took, and the most memory so far."""
    began = time.monotonic()
    yield
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{what}: seconds {time.monotonic() - began:.1f}, memory {memory} MB")


def holds() -> None:
    """The record is whole, and the report shows that nobody of the staff scored or voted."""
    with timed("every entry checked"):
        assert list(troubles()) == []
    with timed("the report's facts"):
        report = report_of(Round.objects.get(), at=clock.now())
    assert report.proof.holds, report.proof.found[:5]
    assert len(report.awards) == Outcome.objects.standing().awards().count() == 11


def test_medium_to_the_report_and_its_files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "private"
    with timed("medium, 300 volunteers and 600 bids, to the report"):
        call_command("load_example", stage="report", size="medium")
    assert Member.objects.here().count() == 300
    assert Application.objects.sent().count() == 600
    holds()
    slug = Round.objects.get().slug
    for kind, name in FILES.items():
        with timed(f"the report of 600 bids as {kind}"):
            call_command("export_report", slug, "--format", kind, "--output", str(tmp_path / name))
        assert (tmp_path / name).stat().st_size > 1000


def test_large_to_the_report() -> None:
    with timed("large, 3,000 volunteers and 10,000 bids, to the report"):
        call_command("load_example", stage="report", size="large")
    assert Member.objects.here().count() == 3000
    assert Application.objects.sent().count() == 10_000
    holds()
