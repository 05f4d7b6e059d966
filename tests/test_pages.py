"""Every page of every reader, in real Chromium, in the middle of the example round.

One page for each URL name that a reader can reach by links from home: no axe fault (AA, AAA, best
practice), nothing smaller than 18 px, no sideways scroll at 320 px, targets of 44 px, one h1, a
light page, nothing from elsewhere, no complaint in the console, nothing that the content policy
had to stop (the gallery of components is walked for that too), and words of ours at grade 8.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, Page, Route
from pytest_django.live_server_helper import LiveServer

from accounts.models import Person
from commissioning.plainwords import grade
from decisions.example.words import read

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
READERS = ("", "joan", "priya", "sam", "amina", "board", "admin", "outsider")
"""Slugs of the example's cast; nobody is somebody signed out."""
STAGES = ("scoring",)
HARMFUL = ("sign-out", "logout", "/account/", "/demo", "/gallery")
MOST_REQUESTS = 10
MOST_BYTES = 150_000
NOT_PAGES = re.compile(r"\.(pdf|xlsx|csv|json|ics|png|svg)$|/file/|/download/")

MEASURE = (Path(__file__).parent / "data" / "measure.js").read_text("utf-8").split("\n", 1)[1]
# Runs in each page before its own scripts, and says what the content policy stopped.
HEAR_POLICY = """document.addEventListener('securitypolicyviolation', event =>
  console.error('policy stopped ' + event.effectiveDirective + ': ' + event.blockedURI));"""
RUN_AXE = """async () => {
  const found = await axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag2aaa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: {'color-contrast-enhanced': {enabled: true}, 'target-size': {enabled: true}},
  });
  const said = v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 140)).join(' | ');
  return found.violations.map(said);
}"""


@dataclass
class Crawl:
    """One reader's walk: pages by URL name, faults as plain lines."""

    site: str
    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    console: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> Page:
        """A page that is heard: its complaints, its errors, and what the policy stops in it."""
        context.add_init_script(HEAR_POLICY)
        page = context.new_page()
        page.on("console", lambda line: self._hear(line.type, line.text))
        page.on("pageerror", lambda error: self._hear("error", str(error)))
        return page

    def walk(self, context: BrowserContext) -> None:
        page = self.listen(context)
        waiting = [f"{self.site}/"]
        while waiting:
            url = waiting.pop(0)
            name = self._name(url)
            if name and name not in self.seen:
                self.seen.add(name)
                waiting += self._check(page, url, name)

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "status of 40" not in text:
            self.console.append(text)

    def _name(self, url: str) -> str:
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self.site:
            return ""
        if any(word in parts.path for word in HARMFUL) or NOT_PAGES.search(parts.path):
            return ""
        try:
            return resolve(parts.path).url_name or ""
        except Resolver404:
            self.faults.append(f"a link leads nowhere: {parts.path}")
            return ""

    def _check(self, page: Page, url: str, name: str) -> list[str]:
        weights: list[int] = []
        page.on("response", lambda answer: weights.append(_size(answer)))
        page.set_viewport_size({"width": 1280, "height": 900})
        answer = page.goto(url)
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            return []
        where = f"{name} ({urlsplit(url).path})"
        if answer.status >= 400 and answer.status != 403:
            self.faults.append(f"{where}: answered {answer.status}")
            return []
        if page.title() in self.titles:
            self.faults.append(f"{where}: a second page with the title {page.title()!r}")
        if " :" in page.title() or " ," in page.title():
            self.faults.append(f"{where}: a gap in the title {page.title()!r}")
        self.titles.add(page.title())
        facts = page.evaluate(MEASURE)
        page.evaluate(AXE)
        wrong = [f"axe {line}" for line in page.evaluate(RUN_AXE)]
        page.set_viewport_size({"width": 320, "height": 800})
        narrow = page.evaluate(MEASURE)
        wrong += self._faults(facts, narrow, weights)
        self.faults += [f"{where}: {line}" for line in wrong]
        return list(facts["links"])

    def _faults(
        self, wide: dict[str, Any], narrow: dict[str, Any], weights: list[int]
    ) -> Iterator[str]:
        if wide["h1"] != 1:
            yield f"{wide['h1']} main headings"
        if narrow["sideways"] > 0:
            yield f"scrolls {narrow['sideways']} px sideways at 320"
        for width, facts in (("1280", wide), ("320", narrow)):
            yield from (f"text under 18 px at {width}: {html}" for html in facts["small"][:3])
            yield from (f"target under 44 px at {width}: {html}" for html in facts["tiny"][:3])
        if len(weights) > MOST_REQUESTS or sum(weights) > MOST_BYTES:
            yield f"{len(weights)} requests, {sum(weights)} bytes"
        hard = grade(wide["words"])
        # A grade from under a hundred words jumps about and says nothing.
        if hard is not None and hard > 8 and len(wide["words"].split()) >= 100:
            yield f"reads at grade {hard:.1f}"


def _size(answer: Any) -> int:
    return len(answer.body()) if answer.ok and answer.request.method == "GET" else 0


def sign_in(context: BrowserContext, site: str, person: Person) -> None:
    """A session of this person's own, as their sign-in by code makes it."""
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    context.add_cookies([{"name": "sessionid", "value": str(store.session_key), "url": site}])


@pytest.mark.django_db(transaction=True)
def test_the_gallery_gives_the_policy_nothing_to_stop(
    live_server: LiveServer, browser: Browser
) -> None:
    crawl, context = Crawl(live_server.url), browser.new_context()
    page = crawl.listen(context)
    page.goto(f"{live_server.url}/gallery/")
    page.locator("h1").first.wait_for()
    assert crawl.console == []
    context.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "inline",
    ["<script>window.ours = 1</script>", '<p style="color: red">', '<p onclick="x()">'],
)
def test_the_listener_hears_what_the_policy_stops(
    inline: str, live_server: LiveServer, browser: Browser
) -> None:
    """The control: one of our own pages, with its policy, and something inline put into it."""
    crawl, context = Crawl(live_server.url), browser.new_context()
    page = crawl.listen(context)

    def put_in(route: Route) -> None:
        answer = route.fetch()
        body = answer.text().replace("</main>", f"{inline}</main>")
        assert inline in body
        route.fulfill(response=answer, body=body)

    page.route("**/about/", put_in)
    page.goto(f"{live_server.url}/about/")
    page.locator("h1").first.wait_for()
    assert any("policy stopped" in line for line in crawl.console), crawl.console
    assert page.evaluate("window.ours") is None
    context.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stage", STAGES)
def test_every_page_of_every_reader(stage: str, live_server: LiveServer, browser: Browser) -> None:
    call_command("load_example", stage=stage)
    faults: list[str] = []
    looked_at = 0
    names = {
        row["slug"]: Person.objects.get(name=row["name"])
        for row in read("cast")["people"]
        if row["slug"] in READERS
    }
    for reader in READERS:
        crawl = Crawl(live_server.url)
        context = browser.new_context()
        if reader:
            sign_in(context, live_server.url, names[reader])
        crawl.walk(context)
        context.close()
        looked_at += len(crawl.seen)
        faults += [f"{reader or 'nobody'}: {line}" for line in crawl.faults + crawl.console]
    assert looked_at > 40, "the walk reached too few pages to mean anything"
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)
