"""F10 in full: 50 people with 100 saves each; the figures are printed."""

import time
from pathlib import Path

import pytest
from django.db import connection

from tests.faults.crowd import make_crowd
from tests.faults.test_autosaving import check, plain_copy
from tests.faults.webserver import web

PEOPLE, SAVES = 50, 100
MOST_SECONDS = 1.0  # 95 in a hundred saves are answered within this, on a machine with nothing else


@pytest.mark.django_db(transaction=True)
def test_fifty_people_save_a_hundred_times_each(tmp_path: Path) -> None:
    crowd = make_crowd(PEOPLE)
    before = len(crowd.entries())
    with web(tmp_path) as site:
        began = time.monotonic()
        crowd.write(site, SAVES)
        took = time.monotonic() - began
        sent = crowd.send(site, crowd.writers)
    slowest = max(second for writer in crowd.writers for second in writer.seconds)
    print(
        f"\nF10 {connection.vendor}: {len(crowd.answers)} saves in {took:.1f} s"
        f" ({len(crowd.answers) / took:.0f}/s), p95 {crowd.p95():.3f} s, longest {slowest:.3f} s,"
        f" not 200: {sum(status != 200 for status, _body in crowd.answers)}"
    )
    check(crowd, PEOPLE, SAVES, before, sent)
    assert crowd.p95() < MOST_SECONDS


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_sqlite_as_django_sets_it_up_locks_often(tmp_path: Path) -> None:
    crowd = make_crowd(PEOPLE)
    address = f"sqlite:///{plain_copy(tmp_path)}"
    with web(tmp_path, settings="tests.faults.plain_sqlite", database=address) as site:
        crowd.write(site, SAVES // 10)
    wrong = sum(status != 200 for status, _body in crowd.answers)
    print(f"\nF11: {wrong} of {len(crowd.answers)} saves refused")
    assert wrong
