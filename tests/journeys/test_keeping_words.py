"""Words of a bid that a reader keeps: a line of their own notes, marked in the bid."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Person
from panels import actions
from panels.models import BidDraft
from tests.factories.panels import NEED_TEXT, reading_round
from tests.journeys.conftest import Newcomer
from tests.journeys.people import Reader

pytestmark = pytest.mark.django_db(transaction=True)

CHOOSE = """(words) => {
    const walker = document.createTreeWalker(document.getElementById("bid"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const at = walker.currentNode.data.indexOf(words);
        if (at < 0) continue;
        document.getSelection().setBaseAndExtent(
            walker.currentNode, at, walker.currentNode, at + words.length);
        return true;
    }
    return false;
}"""
MARKED = "() => [...(CSS.highlights.get('kept') ?? [])].map((range) => range.toString())"


def opened(newcomer: Newcomer, joan: Person, sam: Person) -> tuple[Reader, int]:
    assignment = reading_round(joan, by=sam).assignments(joan)[0]
    actions.start_reading(assignment=assignment, by=joan, at=timezone.now())
    reader = newcomer(joan.name, "joan@example.org")
    reader.is_signed_in_as(joan)
    reader.go(reverse("read_bid", args=[assignment.pk]))
    return reader, assignment.pk


def kept(page: Page) -> list[str]:
    return [str(one) for one in page.evaluate(MARKED)]


def test_words_are_kept_in_ones_own_notes_and_marked_when_one_comes_back(
    newcomer: Newcomer, joan: Person, sam: Person
) -> None:
    reader, pk = opened(newcomer, joan, sam)
    page, words = reader.page, NEED_TEXT.split(".")[0]
    button = page.get_by_role("button", name="Keep these words in my notes")
    expect(button).to_be_hidden()
    assert page.evaluate(CHOOSE, words)
    expect(button).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kept in your notes, below.")).to_be_visible()
    notes = page.get_by_label("Your own notes")
    expect(notes).to_have_value(f"“{words}”")
    assert kept(page) == [words]
    expect(page.get_by_text("Saved at")).to_be_visible(timeout=15_000)
    assert BidDraft.objects.get(assignment=pk).notes == f"“{words}”"
    reader.go(reverse("read_bid", args=[pk]))
    assert kept(page) == [words], "still marked on the next day"
    notes.fill("Nothing to keep.")
    assert kept(page) == [], "taking the line out takes the mark away"


def test_the_button_comes_with_a_choice_and_goes_with_it(
    newcomer: Newcomer, joan: Person, sam: Person
) -> None:
    reader, _pk = opened(newcomer, joan, sam)
    page = reader.page
    button = page.get_by_role("button", name="Keep these words in my notes")
    assert page.evaluate(CHOOSE, NEED_TEXT.split(".")[0])
    expect(button).to_be_visible()
    page.evaluate("() => document.getSelection().removeAllRanges()")
    expect(button).to_be_hidden()
    page.evaluate("() => document.getSelection().selectAllChildren(document.querySelector('h1'))")
    expect(button).to_be_hidden()
