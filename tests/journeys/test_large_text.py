"""Large text: a wide table turns into cards by the size of its words, in the same window."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from panels import actions
from tests.factories.panels import reading_round
from tests.journeys.conftest import Newcomer

pytestmark = pytest.mark.django_db(transaction=True)

DISPLAY = "row => getComputedStyle(row).display"
SAYS = "cell => getComputedStyle(cell, '::before').content"
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def test_the_largest_text_turns_a_wide_table_into_cards_in_the_same_window(
    newcomer: Newcomer, joan: Person, sam: Person
) -> None:
    assignment = reading_round(joan, by=sam).assignments(joan)[0]
    actions.start_reading(assignment=assignment, by=joan, at=timezone.now())
    reader = newcomer(joan.name, "joan@example.org")
    reader.is_signed_in_as(joan)
    page = reader.page
    page.set_viewport_size({"width": 900, "height": 900})
    reader.go(reverse("read_bid", args=[assignment.pk]))
    row = page.locator("#bid table.stack tbody tr").first
    assert row.evaluate(DISPLAY) == "table-row"
    joan.text_size = Person.TextSize.LARGEST
    joan.save(update_fields=["text_size"])
    page.reload()
    assert row.evaluate(DISPLAY) == "block"
    assert row.locator("td").first.evaluate(SAYS) == '"Cost: "'
    assert page.evaluate(FITS)
