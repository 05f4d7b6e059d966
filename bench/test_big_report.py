"""The report of 1,000 bids: each form of it made by a program of its own, on one core.

Seconds and the most memory are of that program, from its start to its end.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Application
from commissioning.models import Round
from decisions.example.crowd import Size
from decisions.example.play import Play
from decisions.models import ReportFile
from decisions.reading import report_of
from ledger import clock
from panels.models import Score
from tests.faults.webserver import database_url
from tests.services import ROOT

SIZE = Size(volunteers=500, bids=1_000)
FILES = {"csv": "report.csv", "xlsx": "report.xlsx", "360giving": "open.json", "pdf": "report.pdf"}
MOST_SECONDS, MOST_MB = 60, 700


@pytest.mark.django_db(transaction=True)
def test_a_report_of_a_thousand_bids_within_a_minute(tmp_path: Path) -> None:
    Play(now=clock.now(), size=SIZE).to("report")
    round = Round.objects.get()
    assert Application.objects.sent().count() == SIZE.bids
    with CaptureQueriesContext(connection) as asked:
        report_of(round, at=clock.now())
    print(f"\n{connection.vendor}: {SIZE.bids} bids, {Score.objects.count()} scores;")
    print(f"the report's facts: {len(asked)} questions to the database")
    figures = {
        kind: made_on_one_core(round.slug, kind, tmp_path / name, tmp_path)
        for kind, name in FILES.items()
    }
    for kind, (seconds, memory, size) in figures.items():
        print(f"{kind}: seconds {seconds:.1f}, most memory {memory} MB, file {size / 1000:.0f} kB")
    assert ReportFile.objects.count() == len(FILES)
    for kind, (seconds, memory, _size) in figures.items():
        assert (seconds < MOST_SECONDS, memory < MOST_MB) == (True, True), kind


def made_on_one_core(slug: str, kind: str, file: Path, folder: Path) -> tuple[float, int, int]:
    """Make one file with the command; gives its CPU seconds, its most memory and its size."""
    said = {"DATABASE_URL": database_url(), "PURSE_VAR": str(folder), "TESTING": "1"}
    command: list[Any] = [sys.executable, "manage.py", "export_report", slug]
    began = time.monotonic()
    with subprocess.Popen(
        [*command, "--format", kind, "--output", file],
        cwd=ROOT,
        env={**os.environ, **said},
        preexec_fn=lambda: os.sched_setaffinity(0, {0}),
    ) as process:
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    print(f"{kind}: {time.monotonic() - began:.1f} s by the clock on a machine with other work")
    return used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, file.stat().st_size
