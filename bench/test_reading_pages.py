"""The reader's pages beside minimal Django pages of the same kind, on the same 2,000 bids.

CPU time of the process, page by page in turn, so that other work on the machine blurs neither.
300 readers have six bids each to read. Requests a second are of 16 people at once, each site with
the same web server, in turns.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Person
from applications.models import Application, BidVersion
from bench.housekeeping import look_over_tables
from bench.minimal_settings import MIDDLEWARE, ROOT_URLCONF
from commissioning.models import Criterion
from panels.models import Assignment
from tests.faults.webserver import Site, Visitor, session_of, web

pytestmark = pytest.mark.django_db(transaction=True)
BIDS = 2_000
TIMES = 60
AT_ONCE, SECONDS, TURNS = 16, 6, 3
MOST = {"score page": 1.6, "save": 2.5, "my bids": 3.0}
"""CPU time against the minimal page."""
LEAST_AT_ONCE = 0.6


def load() -> Person:
    """300 readers and 600 bids in their stage of reading, 1,400 more bids; one of the readers."""
    call_command("load_example", stage="scoring", size="medium")
    model = BidVersion.objects.select_related("application").first()
    assert model
    rows = []
    for number in range(BIDS - Application.objects.count()):
        bid = Application(
            **{
                field.attname: getattr(model.application, field.attname)
                for field in Application._meta.concrete_fields
                if field.name != "id"
            }
        )
        bid.reference = f"XX-{number}"
        rows.append(bid)
    made = Application.objects.bulk_create(rows)
    BidVersion.objects.bulk_create(
        BidVersion(
            application=bid,
            **{
                field.attname: getattr(model, field.attname)
                for field in BidVersion._meta.concrete_fields
                if field.name not in ("id", "application")
            },
        )
        for bid in made
    )
    busy = (
        Assignment.objects.current()
        .values("member__person")
        .annotate(count=Count("pk"))
        .order_by("-count", "member__person")
    )
    return Person.objects.get(pk=busy[0]["member__person"])


def begun_at(row: Assignment, slug: str) -> int:
    """The version that the form of this score shows now."""
    draft = row.drafts.filter(criterion__slug=slug).first()
    return draft.version if draft else 0


def cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def beside(ours: Callable[[], object], minimal: Callable[[], object]) -> tuple[float, float]:
    """Median CPU milliseconds of both, in turns, once they are warm."""
    for _ in range(3):
        ours(), minimal()
    pairs = [(cpu(ours), cpu(minimal)) for _ in range(TIMES)]
    return median(a for a, _ in pairs) * 1000, median(b for _, b in pairs) * 1000


def test_reading_pages_beside_minimal_ones(tmp_path: Path) -> None:
    person = load()
    look_over_tables()
    assert Application.objects.count() == BIDS
    row = Assignment.objects.current().filter(member__person=person, started_at=None).first()
    row = row or Assignment.objects.current().filter(member__person=person).first()
    assert row
    slug = Criterion.objects.agreed_for(row.application.round).first().slug
    own = Client()
    own.force_login(person)
    own.post(reverse("start_reading", args=[row.pk]))
    page, mine = reverse("score_criterion", args=[row.pk, slug]), reverse("my_bids")
    with override_settings(ROOT_URLCONF=ROOT_URLCONF, MIDDLEWARE=MIDDLEWARE):
        least = Client()
        least.force_login(person)
        assert least.get(f"/minimal/{row.pk}/{slug}/").status_code == 200
        work = {
            "score page": (page, f"/minimal/{row.pk}/{slug}/"),
            "my bids": (mine, "/minimal/"),
        }
        figures = {}
        for name, (one, other) in work.items():
            with CaptureQueriesContext(connection) as queries:
                answer = own.get(one)
            assert answer.status_code == 200, (name, answer.status_code)
            asked = len(queries)
            took = beside(lambda one=one: own.get(one), lambda other=other: least.get(other))
            figures[name] = (*took, asked)
        turn, kept = iter(range(10_000)), iter(range(begun_at(row, slug), 10_000))

        def save() -> None:
            value = next(turn) % 6
            fields = {"score": value, "reason": "They asked at every door.", "version": next(kept)}
            answer = own.post(page, fields)
            assert answer.status_code == 302, answer.content.decode()[:3000]

        def save_least() -> None:
            value = next(turn) % 6
            answer = least.post(
                f"/minimal/{row.pk}/{slug}/",
                {"value": value, "reason": "They asked at every door."},
            )
            assert answer.status_code == 302

        with CaptureQueriesContext(connection) as queries:
            save()
        asked = len(queries)
        figures["save"] = (*beside(save, save_least), asked)
    print("\npage, our CPU ms, the minimal page's, times, our queries")
    for name, (ours, minimal, count) in figures.items():
        print(f"{name:12} {ours:7.2f} {minimal:7.2f} {ours / minimal:6.2f} {count:4}")
    at_once(person, page, f"/minimal/{row.pk}/{slug}/", tmp_path)
    for name, (ours, minimal, count) in figures.items():
        assert name == "save" or count <= 8, name
        assert ours <= MOST[name] * minimal, name


def at_once(person: Person, page: str, minimal: str, folder: Path) -> None:
    """Requests a second of 16 people, each at their own connection, in turns."""
    session = session_of(person)
    with web(folder) as ours, web(folder, settings="bench.minimal_settings") as least:
        rates = [(rate(ours, session, page), rate(least, session, minimal)) for _ in range(TURNS)]
    a, b = median(one for one, _ in rates), median(other for _, other in rates)
    print(f"{AT_ONCE} at once: {a:.0f} and {b:.0f} requests a second, {a / b:.2f}")
    assert a >= LEAST_AT_ONCE * b


def rate(site: Site, session: str, path: str) -> float:
    """Answers a second."""
    end = time.monotonic() + SECONDS

    def visit(_number: int) -> int:
        count = 0
        with Visitor(site, session) as visitor:
            while time.monotonic() < end:
                status, _body = visitor.get(path)
                assert status == 200, status
                count += 1
        return count

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        return sum(crowd.map(visit, range(AT_ONCE))) / SECONDS
