"""The last minutes in full: 1,000 applicants write, 300 of them send within a minute.

The same people then do the same at the same moments at minimal Django pages, with the same web
server, so that the two figures were made by the same machine at the same time of day.
"""

import time
from pathlib import Path

import pytest
from django.db import connection

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
    print(f"\n{connection.vendor}: made in {time.monotonic() - began:.0f} s")
    with web(tmp_path) as site:
        took = rush.work(site, seconds=SECONDS, every=EVERY, senders=SENDERS)
    tell("ours", rush, took)
    check_what_is_stored(rush)
    assert len(rush.senders) == SENDERS
    rush.round.chain.refresh_from_db()
    assert first_trouble(rush.round.chain) is None
    least = Rush(rush.round, [at_minimal(one) for one in rush.applicants])
    with web(tmp_path, settings="bench.minimal_settings") as site:
        took = least.work(site, seconds=SECONDS, every=EVERY, senders=SENDERS)
    tell("minimal", least, took)
    assert (rush.wrong, least.wrong) == ([], [])
    print(f"p95 of a save: {p95(rush.saves) / p95(least.saves):.2f} times the minimal page's")


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
