"""Files of 10,000 scores: seconds, questions to the database, and the most memory of each.

Memory is what Python holds above what it held before the file was begun. It is measured in a second
making of the file, for measuring it takes time.
"""

import time
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from decisions import exports
from decisions.kept_report import keep_reports
from decisions.models import ReportFile
from decisions.reading import report_of, scores_told
from ledger import clock
from panels.models import Score
from tests.factories import decisions as build
from tests.factories.commissioning import make_person, make_volunteers

pytestmark = pytest.mark.django_db
SCORES, MOST_QUESTIONS, MOST_MB = 10_000, 20, 1


def drained(parts: Iterable[bytes]) -> int:
    """How many bytes a file has, with none of them kept."""
    return sum(len(part) for part in parts)


def measured(what: str, make: Callable[[], int]) -> tuple[int, float]:
    """Questions and megabytes of making one file; prints them with the seconds."""
    began = time.monotonic()
    with CaptureQueriesContext(connection) as asked:
        size = make()
    seconds, questions = time.monotonic() - began, len(asked)
    tracemalloc.start()
    try:
        make()
        memory = tracemalloc.get_traced_memory()[1] / 1_000_000
    finally:
        tracemalloc.stop()
    print(
        f"{what}: seconds {seconds:.2f}, questions {questions},"
        f" most memory {memory:.1f} MB, file {size / 1000:.0f} kB"
    )
    return questions, memory


def test_files_of_ten_thousand_scores(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    deciding = build.deciding_round(*make_volunteers(12), bids=4)
    each = Score.objects.count() // len(deciding.bids)
    build.more_scored_bids(deciding, SCORES // each)
    build.decided(deciding)
    build.agreed_report(deciding)
    assert Score.objects.count() >= SCORES
    print(f"\n{connection.vendor}: {Score.objects.count()} scores")
    keep_reports(at=clock.now())
    round, client = deciding.round, Client()
    client.force_login(make_person("Bo of the board", Role.BOARD))
    address = reverse("report_scores", args=[round.slug])
    questions, _memory = measured(
        "the page of the scores, with the kept report that it looks at",
        lambda: drained(client.get(address).streaming_content),
    )
    assert 2 < questions <= MOST_QUESTIONS
    lines = exports.scores_as_lines
    questions, memory = measured(
        "the scores alone", lambda: drained(row.encode() for row in lines(scores_told(round)))
    )
    assert (questions, memory < MOST_MB) == (2, True)
    with CaptureQueriesContext(connection) as asked:
        report = report_of(round, at=clock.now())
    print(f"the report's facts: questions {len(asked)}")
    for kind in (ReportFile.Format.CSV, ReportFile.Format.XLSX):
        questions, _memory = measured(
            f"report as {kind}", lambda kind=kind: len(exports.made(report, kind))
        )
        assert questions <= MOST_QUESTIONS
