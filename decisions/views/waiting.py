"""A page that waits while the worker reads the report, so that no page has to read forty tables."""

import re
import time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from kombu.exceptions import OperationalError

from commissioning.models import Round
from decisions.kept_report import found_report, kept_report, mark_at
from decisions.report import Report
from decisions.tasks import read_report
from ledger import clock

HELD_SECONDS = (1.0, 4.0)
"""A page is held first, with a look after each: most readings are done by then, and nobody sees a
page change before their eyes."""

LOOK_AGAIN_SECONDS = 2
LOOKS = 15
"""After so many looks the worker is not there, and the page reads for itself."""


class NotReadYet(Exception):
    """The report is being read; the page that asked comes back for it."""

    def __init__(self, round: Round, mark: str) -> None:
        super().__init__(mark)
        self.round, self.mark = round, mark


def report_for(request: HttpRequest, round: Round) -> Report:
    """The kept report of a round that came through `with_heads`.

    A page that has waited gets the reading it waited for, even if something was done meanwhile.
    Raises NotReadYet for a page that must wait; what was typed never waits.
    """
    mark, looks = _asked(request)
    mark = mark or mark_at(round, clock.now())
    report = found_report(round, mark)
    if report is None and request.method == "GET" and looks < LOOKS:
        if looks == 0 and _rang(round, mark):
            report = found_report(round, mark) or _held(round, mark)
        if report is None:
            raise NotReadYet(round, mark)
    return report or kept_report(round, at=clock.now())


def _held(round: Round, mark: str) -> Report | None:
    """The report, if the worker has read it within the time that a page is held."""
    for seconds in HELD_SECONDS:
        time.sleep(seconds)
        if report := found_report(round, mark):
            return report
    return None


def _asked(request: HttpRequest) -> tuple[str, int]:
    """The mark that a page waits for, and how often it has looked."""
    mark, looks = request.GET.get("as_of", ""), request.GET.get("looks", "0")
    if not re.fullmatch(r"[0-9a-f]{20}", mark) or not re.fullmatch(r"\d{1,3}", looks):
        return "", 0
    return mark, int(looks)


def _rang(round: Round, mark: str) -> bool:
    """Ring for the worker. A bell that is out of order is found out by looking."""
    try:
        read_report.delay(round.pk, mark)
    except OperationalError:
        return False
    return True


def waiting_page(request: HttpRequest, not_yet: NotReadYet) -> HttpResponse:
    """Please wait; the page looks again by itself, without JavaScript too."""
    _mark, looks = _asked(request)
    query = request.GET.copy()
    query["as_of"], query["looks"] = not_yet.mark, str(looks + 1)
    again = f"{request.path}?{query.urlencode()}"
    round = not_yet.round
    context = {"round": round, "programme": round.programme, "again": again}
    response = render(request, "please_wait.html", context)
    response["Refresh"] = f"{LOOK_AGAIN_SECONDS}; url={again}"
    return response
