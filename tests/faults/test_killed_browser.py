"""The browser is killed in the middle of a word; what was typed is found on another machine.

The full measurement, fifty kills at moments drawn by lot, is bench/test_killed_browser.py.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Error

from accounts.models import Person
from panels.actions import start_reading
from panels.models import Assignment, ScoreDraft
from tests.factories.applications import make_draft_bid, make_open_round
from tests.factories.panels import reading_round
from tests.journeys.conftest import Newcomer
from tests.journeys.people import Reader
from tests.services import CHROMIUM_FLAGS, find_chromium, wait_until

LONGEST = 5.0  # seconds of typing that may be lost
PATIENCE = 60
WORDS = "They go from door to door on our street, and nobody is left out of it. "


@dataclass
class Typist:
    """Somebody who types without a pause, at a browser that can be killed by itself."""

    browser: Browser
    mark: str
    reader: Reader
    typed: str = ""
    moments: list[float] = field(default_factory=list)

    def types(self, until: Callable[[], bool]) -> None:
        """One letter after the other, never a second apart, till then or till the browser dies."""
        box = self.reader.page.get_by_role("textbox", name="Why?")
        try:
            box.focus()
            while not until():
                letter = WORDS[len(self.typed) % len(WORDS)]
                self.reader.page.keyboard.type(letter, delay=40)
                self.typed += letter
                self.moments.append(time.monotonic())
        except Error:
            assert not self.browser.is_connected()

    def dies(self) -> float:
        """Kill all of this browser and nothing else; gives the moment."""
        mine = [
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and self.mark.encode() in _command_of(entry)
        ]
        assert mine
        for pid in mine:
            os.kill(pid, signal.SIGKILL)
        return time.monotonic()

    def lost(self, stored: str, died: float) -> float:
        """Seconds of typing before its death of which nothing is left: 0 when all is there."""
        assert self.typed.strip().startswith(stored.strip()), "only its end may be missing"
        kept = len(stored)
        return died - self.moments[kept] if kept < len(self.moments) else 0.0


def _command_of(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def sit_down(browser: Browser, site: str, person: Person, address: str) -> Typist:
    """At a browser of its own, signed in, on the page where this person gives a reason."""
    mark = f"--typist={uuid4().hex}"
    own = browser.browser_type.launch(executable_path=find_chromium(), args=[*CHROMIUM_FLAGS, mark])
    reader = Reader(own, site, person.name)
    reader.is_signed_in_as(person)
    reader.go(address)
    return Typist(own, mark, reader)


def stored_for(assignment: Assignment) -> str:
    """What the database has of the reason."""
    found = ScoreDraft.objects.filter(assignment=assignment).values_list("reason", flat=True)
    return found.first() or ""


def settled(assignment: Assignment) -> str:
    """The same, once no save that was on its way when the browser died can still come."""
    seen: list[str] = []

    def the_same() -> bool:
        seen.append(stored_for(assignment))
        time.sleep(0.5)
        return len(seen) > 2 and seen[-1] == seen[-3]

    wait_until(the_same, PATIENCE, "the last save")
    return seen[-1]


def bid_of(person: Person) -> tuple[Assignment, str]:
    """A bid in this person's hands, opened, and the page where they give a reason."""
    reading = reading_round(person, bids=1)
    row = start_reading(assignment=reading.assignments(person)[0], by=person, at=timezone.now())
    return row, reverse("score_criterion", args=[row.pk, reading.criteria[0].slug])


@pytest.mark.django_db(transaction=True)
def test_words_typed_without_a_pause_are_saved_before_the_browser_is_killed(
    browser: Browser, site: str, newcomer: Newcomer, joan: Person
) -> None:
    assignment, here = bid_of(joan)
    typist = sit_down(browser, site, joan, here)
    patience = time.monotonic() + PATIENCE
    typist.types(lambda: bool(stored_for(assignment)) or time.monotonic() > patience)
    saved = stored_for(assignment)
    assert saved, "somebody who never pauses is never saved"
    death = threading.Timer(1.5, typist.dies)
    death.start()
    typist.types(lambda: False)
    death.join()
    kept = settled(assignment)
    assert len(saved) <= len(kept) <= len(typist.typed)
    assert typist.typed.startswith(kept)

    elsewhere = newcomer("Joan Ibbotson", "joan@example.org")
    elsewhere.is_signed_in_as(joan)
    elsewhere.go(here)
    elsewhere.finds_written("Why?", kept)


def costs(reader: Reader) -> list[str]:
    """What stands in the boxes for the costs."""
    boxes = reader.page.locator("[name^=lines-]:not([type=hidden])")
    found: list[str] = boxes.evaluate_all("(boxes) => boxes.map((box) => box.value)")
    return [value for value in found if value]


def writes_cost(reader: Reader, line: int, *cells: str) -> None:
    for name, cell in zip(("item", "cost", "asked"), cells, strict=False):
        reader.page.locator(f"[name=lines-{line}-{name}]").fill(cell)


def draft_at_rest(reader: Reader) -> None:
    """Waits until the browser has kept what was typed, and puts nothing more into it."""
    seen: list[str] = []

    def the_same() -> bool:
        seen.append(reader.page.evaluate("() => JSON.stringify(localStorage)"))
        time.sleep(1)
        return len(seen) > 3 and "{}" != seen[-1] == seen[-4]

    wait_until(the_same, PATIENCE, "the draft that the browser keeps")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("more", [False, True])
def test_a_half_filled_cost_takes_no_other_cost_with_it(
    newcomer: Newcomer, amina: Person, more: bool
) -> None:
    bid = make_draft_bid(make_open_round(), amina)
    here = reverse("change_budget", args=[bid.pk])
    writer = newcomer(amina.name, "amina@example.org")
    writer.signs_in()
    writer.go(here)
    writer.forgives(422)
    writes_cost(writer, 0, "Room", "100", "50")
    writer.waits_for("Saved at")
    writes_cost(writer, 1, "Tea", "10", "10")
    writes_cost(writer, 2, "Bus", "5")
    writer.waits_for("Not saved yet. Fill in all three boxes of each cost.")
    if more:
        writer.press("Add more lines")
        writer.waits_for("Not saved yet. Fill in all three boxes of each cost.")
    draft_at_rest(writer)
    writer.page.goto("about:blank")
    writer.go(here)
    writer.waits_for("Not saved yet. Fill in all three boxes of each cost.")
    writer.does_not_see("This was changed somewhere else.")
    assert costs(writer) == ["Room", "100", "50", "Tea", "10", "10", "Bus", "5"]
    writes_cost(writer, 2, "Bus", "5", "5")
    writer.waits_for("Saved at")
    assert [row.item for row in bid.budget_lines.all()] == ["Room", "Tea", "Bus"]
    writer.page.wait_for_function("() => localStorage.length === 0")


@pytest.mark.django_db(transaction=True)
def test_costs_typed_just_before_more_lines_are_asked_for_are_saved(
    newcomer: Newcomer, amina: Person
) -> None:
    bid = make_draft_bid(make_open_round(), amina)
    writer = newcomer(amina.name, "amina@example.org")
    writer.signs_in()
    writer.go(reverse("change_budget", args=[bid.pk]))
    for line in range(3):
        writes_cost(writer, line, f"Cost {line}", "10", "5")
    writer.press("Add more lines")
    wait_until(lambda: bid.budget_lines.count() == 3, PATIENCE, "the save of what was typed")
