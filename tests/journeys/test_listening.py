"""A bid read aloud: its buttons are there only where a browser has a voice, and keys are enough."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Person
from panels import actions
from tests.factories.panels import NEED_TEXT, reading_round
from tests.journeys.conftest import Newcomer
from tests.journeys.people import Reader

pytestmark = pytest.mark.django_db(transaction=True)
# A voice that writes down what it is told, and ends a text when the test says so.
VOICE = """
globalThis.said = [];
globalThis.stopped = 0;
Object.defineProperty(globalThis, "speechSynthesis", { value: {
  getVoices: () => [{ name: "Ada", lang: "en-GB" }],
  speak: (text) => { globalThis.said.push(text); },
  cancel: () => { globalThis.stopped += 1; },
} });
"""
NO_VOICE = """
Object.defineProperty(globalThis, "speechSynthesis", { value: {
  getVoices: () => [], addEventListener: () => {}, speak: () => {}, cancel: () => {},
} });
"""


@pytest.fixture
def opens(newcomer: Newcomer, joan: Person, sam: Person) -> Any:
    def opened(script: str, *, javascript: bool = True) -> Reader:
        assignment = reading_round(joan, by=sam).assignments(joan)[0]
        actions.start_reading(assignment=assignment, by=joan, at=timezone.now())
        reader = newcomer(joan.name, "joan@example.org", javascript=javascript)
        reader.page.add_init_script(script)
        reader.is_signed_in_as(joan)
        reader.go(reverse("read_bid", args=[assignment.pk]))
        return reader

    return opened


def words(reader: Reader) -> list[str]:
    return [str(one) for one in reader.page.evaluate("() => said.map((one) => one.text)")]


def ends(reader: Reader) -> None:
    reader.page.evaluate("() => said.at(-1).onend()")


def test_listen_reads_heading_by_heading_and_works_by_keys(opens: Any) -> None:
    reader = opens(VOICE)
    page = reader.page
    page.get_by_role("button", name="Listen to this bid").focus()
    page.keyboard.press("Enter")
    pause = page.get_by_role("button", name="Pause")
    expect(pause).to_be_focused()
    for _piece in range(60):
        before = len(words(reader))
        ends(reader)
        if len(words(reader)) == before:
            break
    whole = " ".join(words(reader))
    for told in (NEED_TEXT, "The money.", "Asked from us in all"):
        assert told in whole, told
    headings = page.locator("#bid h2").all_inner_texts()
    places = [whole.index(heading) for heading in headings]
    assert len(places) > 2 and places == sorted(places)
    assert "This helps you score" not in whole
    expect(page.get_by_role("button", name="Listen to this bid")).to_be_focused()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)


def test_listen_pauses_goes_on_where_it_was_and_stops(opens: Any) -> None:
    reader = opens(VOICE)
    page = reader.page
    page.get_by_role("button", name="Listen to this bid").click()
    ends(reader)
    expect(page.get_by_text("Now reading:")).to_be_visible()
    second = words(reader)[-1]
    page.get_by_role("button", name="Pause").click()
    count = len(words(reader))
    ends(reader)  # what was cut off ends late, and starts nothing
    assert len(words(reader)) == count
    page.get_by_role("button", name="Go on").click()
    assert words(reader)[-1] == second and len(words(reader)) == count + 1
    page.get_by_role("button", name="Stop").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Listen to this bid")).to_be_focused()
    ends(reader)
    assert len(words(reader)) == count + 1
    page.get_by_role("button", name="Listen to this bid").click()
    assert words(reader)[-1] == words(reader)[0], "it begins again at the top"


def test_listen_is_not_offered_without_a_voice(opens: Any) -> None:
    reader = opens(NO_VOICE)
    reader.sees(NEED_TEXT)
    expect(reader.page.get_by_role("button", name="Listen to this bid")).to_have_count(0)
    expect(reader.page.locator("[data-listen]")).to_be_hidden()


def test_listen_is_not_offered_without_javascript(opens: Any) -> None:
    reader = opens("", javascript=False)
    reader.sees(NEED_TEXT)
    expect(reader.page.locator("[data-listen]")).to_be_hidden()
