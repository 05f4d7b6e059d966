"""Three hundred people share two hundred bids in Chromium: the walk of `tests/journeys` at size.

Nobody has scored before, as in a charity's first round. That once took hours: a lot with nobody
experienced was one circle of all its people, and every team of it was weighed.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection

from tests.journeys.conftest import Newcomer, calendar, newcomer, site
from tests.journeys.people import Reader
from tests.journeys.sharing_walk import walk

__all__ = ["calendar", "newcomer", "site"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

MOST_QUERIES = 12
MOST_BYTES = 60_000
"""Of the page itself; the style sheet and fonts come once and are kept."""

WEIGH = """() => [
    performance.getEntriesByType("navigation")[0].decodedBodySize,
    performance.getEntriesByType("resource").reduce((sum, one) => sum + one.decodedBodySize, 0)]"""


@dataclass
class Asked:
    """How many queries each page that was asked for took, the most of each address."""

    most: dict[str, int] = field(default_factory=dict)
    here: threading.local = field(default_factory=threading.local)

    def begin(self, environ: dict[str, Any] | None = None, **_more: object) -> None:
        if environ is None:
            return
        self.here.path, self.here.count = environ["PATH_INFO"], 0
        self.here.reads = environ["REQUEST_METHOD"] == "GET"
        if self.one_more not in connection.execute_wrappers:
            connection.execute_wrappers.append(self.one_more)

    def one_more(self, execute: Callable[..., Any], *given: Any) -> Any:
        self.here.count = getattr(self.here, "count", 0) + 1
        return execute(*given)

    def end(self, **_more: object) -> None:
        path = getattr(self.here, "path", "")
        if path and self.here.reads:
            self.most[path] = max(self.most.get(path, 0), self.here.count)


@pytest.fixture
def asked() -> Iterator[Asked]:
    found = Asked()
    request_started.connect(found.begin)
    request_finished.connect(found.end)
    yield found
    request_started.disconnect(found.begin)
    request_finished.disconnect(found.end)


def test_three_hundred_people_share_the_bids_out(newcomer: Newcomer, asked: Asked) -> None:
    began = time.monotonic()
    weights: dict[str, tuple[str, int, int]] = {}
    times: dict[str, float] = {}

    def weigh(who: Reader, what: str) -> None:
        own, rest = who.page.evaluate(WEIGH)
        path = who.page.url.split("/", 3)[3].split("?")[0]
        weights[what] = (f"/{path}", own, rest)
        times[what] = time.monotonic() - began

    walk(newcomer, people=300, bids=200, look=weigh)
    whole = time.monotonic() - began
    print(f"\n300 people, 200 bids, from interests to a late one: {whole:.0f} s")
    print("   at s  queries  page KB  rest KB")
    for what, (path, own, rest) in weights.items():
        count = asked.most.get(path, 0)
        line = f"{times[what]:7.0f} {count:8} {own / 1000:8.1f} {rest / 1000:8.1f}"
        print(f"{line}  {what}  {path}")
    for what, (path, own, _rest) in weights.items():
        assert own <= MOST_BYTES, (what, own)
        assert asked.most.get(path, 0) <= MOST_QUERIES, (what, path)
