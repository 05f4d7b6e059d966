"""The last minutes in full: 1,000 applicants write, 300 of them send within a minute.

The same people then do the same at the same moments at minimal Django pages, with the same web
server, so that the two figures were made by the same machine at the same time of day.
"""

import time
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from bench.housekeeping import look_over_tables
from bench.minimal_settings import MIDDLEWARE, ROOT_URLCONF
from bench.test_reading_pages import beside
from ledger.checking import first_trouble
from tests.faults.applicants import Applicant, Rush, check_what_is_stored, make_rush, p95
from tests.faults.webserver import Visitor, web

PEOPLE, SENDERS = 1_000, 300
SECONDS, EVERY = 60, 20  # each saves every 20 seconds: 50 saves a second


class AtMinimalPages(Applicant):
    """The same person at pages that are the least Django can do (`bench.minimal`)."""

    def address(self, key: str) -> str:
        return f"/minimal/bids/{self.bid}/{key}/"

    def sends_it(self, visitor: Visitor) -> None:
        """As many steps as sending has: a page, a button, and the page that it leads to."""
        address = self.address(self.keys[0])
        steps = (
            (200, lambda: visitor.get(address)),
            (302, lambda: visitor.post(address, {"text": "Sent."}, by_itself=False)),
            (200, lambda: visitor.get(address)),
        )
        self.takes(steps)


@pytest.mark.django_db(transaction=True)
def test_a_thousand_write_and_three_hundred_send_within_a_minute(tmp_path: Path) -> None:
    began = time.monotonic()
    rush = make_rush(PEOPLE)
    look_over_tables()
    print(f"\n{connection.vendor}: made in {time.monotonic() - began:.0f} s")
    with web(tmp_path) as site:
        took = rush.work(site, seconds=SECONDS, every=EVERY, senders=SENDERS)
    tell("ours", rush, took)
    assert rush.wrong == []
    assert len(rush.senders) == SENDERS
    check_what_is_stored(rush)
    rush.round.chain.refresh_from_db()
    assert first_trouble(rush.round.chain) is None
    least = Rush(rush.round, [at_minimal(one) for one in rush.applicants])
    with web(tmp_path, settings="bench.minimal_settings") as site:
        took = least.work(site, seconds=SECONDS, every=EVERY, senders=SENDERS)
    tell("minimal", least, took)
    assert least.wrong == []
    print(f"p95 of a save: {p95(rush.saves) / p95(least.saves):.2f} times the minimal page's")


@pytest.mark.django_db(transaction=True)
def test_a_save_beside_a_minimal_one() -> None:
    """CPU time of one process, in turns, so that other work on the machine blurs neither."""
    one = make_rush(2).applicants[0]
    ours, least, (key, other) = Client(), Client(), one.keys[:2]
    turn = iter(range(10_000))

    def save() -> None:
        form = {"text": f"We asked {next(turn)} people.", "version": one.versions[key]}
        answer = ours.post(one.address(key), form, headers={"X-Autosave": "1"})
        assert answer.status_code == 200
        one.versions[key] = answer.json()["version"]

    def save_least() -> None:
        form = {"text": f"We asked {next(turn)} people."}
        with override_settings(ROOT_URLCONF=ROOT_URLCONF, MIDDLEWARE=MIDDLEWARE):
            answer = least.post(at_minimal(one).address(other), form, headers={"X-Autosave": "1"})
        assert answer.status_code == 200

    for client in (ours, least):
        client.cookies["sessionid"] = one.session
    with CaptureQueriesContext(connection) as asked:
        save()
    queries = len(asked)
    mine, minimal = beside(save, save_least)
    print(
        f"\n{connection.vendor}: a save takes {mine:.2f} ms of CPU and {queries} questions,"
        f" a minimal one {minimal:.2f} ms: {mine / minimal:.2f} times"
    )


def at_minimal(one: Applicant) -> AtMinimalPages:
    """This person again, with nothing measured yet."""
    return AtMinimalPages(one.bid, one.reference, one.session, one.keys, one.versions, one.last)


def tell(what: str, rush: Rush, took: float) -> None:
    asked = len(rush.saves) + len(rush.sends)
    print(
        f"{what}: {len(rush.saves)} saves and {len(rush.sends) // 3} sendings"
        f" in {took:.1f} s ({asked / took:.0f} requests a second);"
        f" p95 of a save {p95(rush.saves):.3f} s, of a step of sending {p95(rush.sends):.3f} s,"
        f" longest {max(rush.saves + rush.sends):.3f} s; errors {len(rush.wrong)}"
    )
