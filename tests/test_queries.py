"""No page asks the database more than twelve times, for any reader, at three moments of a round.

Walked by links from home, one page for each URL name, as test_pages does in a browser. All is
counted, the session and the reader's own row included. Files to keep are not pages. The scoring
page is held to less, and to a small weight at first view.
"""

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles.finders import find
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts.models import Person
from decisions.example.play import OPENED_DAYS_AGO, Play
from decisions.kept_report import keep_reports
from ledger import clock

MOST_QUERIES = 12
SCORING = ("score_criterion", "score_all")
MOST_QUERIES_SCORING = 8
MOST_REQUESTS_SCORING = 6
MOST_BYTES_SCORING = 60_000
READERS = ("", "joan", "priya", "sam", "amina", "board", "admin", "safe", "outsider")
"""Slugs of the example's cast; nobody is somebody signed out."""
HARMFUL = ("sign-out", "logout", "/account/", "/demo", "/gallery")
FILES = re.compile(r"\.(pdf|xlsx|csv|json|ics|png|svg)$|/file/|/download/")


class _Links(HTMLParser):
    """The addresses that a page links to, and the files that it needs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.files: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get("href") or given.get("src")
        if tag == "a" and address:
            self.found.append(address)
        elif tag in ("link", "script", "img") and address:
            self.files.append(address)


def first_view(page: str) -> tuple[int, int]:
    """Requests and bytes of a page that is looked at for the first time: itself and its files, the
    fonts of its style sheet included. Style sheets, scripts and drawings travel packed, as
    whitenoise serves them; the page itself does not."""
    files = [Path(str(find(name.removeprefix("/static/")))) for name in _Links(page).files]
    for sheet in [file for file in files if file.suffix == ".css"]:
        fonts = re.findall(r'url\("(.+?)"\)', sheet.read_text("utf-8"))
        files += [(sheet.parent / name).resolve() for name in fonts]
    weights = [
        len(file.read_bytes() if file.suffix == ".woff2" else gzip.compress(file.read_bytes()))
        for file in dict.fromkeys(files)
    ]
    return 1 + len(weights), len(page.encode()) + sum(weights)


@dataclass
class Walk:
    """One reader's walk: how often each page, by URL name, asked the database."""

    client: Client
    asked: dict[str, int] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    scoring: list[str] = field(default_factory=list)
    """The scoring pages that were met, as they came."""

    def all(self) -> "Walk":
        waiting = ["/"]
        while waiting:
            path = waiting.pop(0)
            name = self._name(path)
            if name and name not in self.asked:
                waiting += self._look(path, name)
        return self

    def _name(self, path: str) -> str:
        parts = urlsplit(path)
        if parts.scheme or parts.netloc or not parts.path.startswith("/"):
            return ""
        if any(word in parts.path for word in HARMFUL) or FILES.search(parts.path):
            return ""
        try:
            return resolve(parts.path).url_name or ""
        except Resolver404:
            return ""

    def _look(self, path: str, name: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            answer = self.client.get(path.partition("#")[0])
        self.asked[name] = len(queries)
        self.addresses[name] = path
        if "text/html" not in answer.headers.get("Content-Type", ""):
            return [answer.headers["Location"]] if "Location" in answer.headers else []
        page = answer.content.decode()
        if name in SCORING and answer.status_code == 200:
            self.scoring.append(page)
        return _Links(page).found

    def too_many(self) -> Iterator[str]:
        for name, count in self.asked.items():
            if count > (MOST_QUERIES_SCORING if name in SCORING else MOST_QUERIES):
                yield f"{name} ({self.addresses[name]}): {count} queries"
        for requests, weight in map(first_view, self.scoring):
            if requests > MOST_REQUESTS_SCORING or weight > MOST_BYTES_SCORING:
                yield f"a scoring page: {requests} requests, {weight} bytes"


class Story(Play):
    """The example round told once, with a look round half-way through two of its stages."""

    def __init__(self, *, look: Callable[[str], None], **facts: Any) -> None:
        super().__init__(**facts)
        self.look = look

    def _scoring(self, day: date, *, unfinished: bool) -> None:
        self._half_way("scoring", day)
        super()._scoring(day, unfinished=unfinished)

    def _decision(self, day: date, *, unfinished: bool) -> None:
        self._half_way("decision", day)
        super()._decision(day, unfinished=unfinished)

    def _half_way(self, kind: str, day: date) -> None:
        """Play the stage half, look at it a few days in, and take that back."""
        clock.move(days=(day - timezone.localdate(self.now)).days + OPENED_DAYS_AGO)
        with transaction.atomic():
            getattr(super(), f"_{kind}")(day, unfinished=True)
            self.look(kind)
            transaction.set_rollback(True)
        clock.put_right()
        self.panels = {slug: _again(panel) for slug, panel in self.panels.items()}


def _again(row: Any) -> Any:
    """A row as it is now, without what it remembers of the half that was taken back."""
    return type(row).objects.get(pk=row.pk)


@pytest.mark.sqlite  # how often a page asks does not hang on the database
@pytest.mark.django_db
def test_no_page_asks_more_than_twelve_times() -> None:
    too_many: list[str] = []
    pages: dict[str, int] = {}
    scoring: list[str] = []

    def look(stage: str) -> None:
        keep_reports(at=clock.now())  # as the tick does
        for reader in READERS:
            client = Client()
            if reader:
                client.force_login(Person.objects.get(pk=story.people[reader].pk))
            walk = Walk(client).all()
            who = f"{stage}, {reader or 'nobody'}"
            scoring.extend(walk.scoring)
            too_many.extend(f"{who}: {line}" for line in walk.too_many())
            pages[stage] = pages.get(stage, 0) + len(walk.asked)

    story = Story(look=look, now=clock.now())
    story.to("report")
    look("report")
    assert not too_many, f"{len(too_many)} pages:\n" + "\n".join(too_many)
    assert scoring, "nobody came to a scoring page"
    assert min(pages.values()) > 150, "the walk reached too few pages to mean anything"
