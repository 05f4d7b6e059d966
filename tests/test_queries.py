"""No page asks the database more than twelve times, for any reader, at three moments of a round.

Walked by links from home, one page for each URL name, as test_pages does in a browser. All is
counted, the session and the reader's own row included. Files to keep are not pages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve

MOST_QUERIES = 12
READERS = (
    "",
    "joan",
    "harold",
    "priya",
    "sam",
    "imran",
    "amina",
    "board",
    "admin",
    "safe",
    "outsider",
)
"""Slugs of the example's cast; nobody is somebody signed out."""
HARMFUL = ("sign-out", "logout", "/account/", "/demo", "/gallery")
FILES = re.compile(r"\.(pdf|xlsx|csv|json|ics|png|svg)$|/file/|/download/")


class _Links(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href")
        if tag == "a" and address:
            self.found.append(address)


@dataclass
class Walk:
    """One reader's walk: how often each page, by URL name, asked the database."""

    client: Client
    asked: dict[str, int] = field(default_factory=dict)
    said: dict[str, list[str]] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

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
        self.said[name] = [row["sql"] for row in queries.captured_queries]
        if "text/html" not in answer.headers.get("Content-Type", ""):
            return [answer.headers["Location"]] if "Location" in answer.headers else []
        return _Links(answer.content.decode()).found

    def too_many(self) -> Iterator[str]:
        for name, count in self.asked.items():
            if count > MOST_QUERIES:
                yield f"{name} ({self.addresses[name]}): {count}"
