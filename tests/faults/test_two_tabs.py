"""F12 and F13: the same form in two tabs, and one save that arrives five times."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse
from django.utils.html import escape

from accounts.models import Person
from panels.models import ScoreDraft
from tests.factories.panels import reading_round
from tests.faults.forms import AUTOSAVE, FORMS
from tests.journeys.conftest import Newcomer

TEMPLATES = Path(__file__).parents[2] / "templates"
MINE = "We asked at every door <b>& window</b>"
OTHER = "Somebody else's words"


def test_every_form_that_saves_while_typing_is_in_the_table() -> None:
    """A new page that autosaves must be tried here too. The same script also counts words."""
    loads = {
        path.stem: path.read_text()
        for path in TEMPLATES.rglob("*.html")
        if "js/autosave.js' %}" in path.read_text() and "block scripts" in path.read_text()
    }
    saves = {name for name, page in loads.items() if re.search("autosave_(url|words)", page)}
    assert saves == set(FORMS)
    assert set(loads) - saves == {"change_description"}, "counts words, saves with its button"


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMS)
def test_the_second_tab_is_told_and_sees_both_texts(name: str, joan: Person) -> None:
    form = FORMS[name](joan)
    client = form.signed_in()
    first, second = form.opened(client), form.opened(client)
    assert form.save(client, first, OTHER, "edit-1").status_code == 200
    version = form.stored()[1]
    answer = form.save(client, second, MINE, "edit-2")
    assert answer.status_code == 409
    said = answer.json()
    assert said["version"] == version or name == "score_all"
    assert any(MINE in row["yours"] and OTHER in row["theirs"] for row in said["texts"])
    assert form.stored() == (OTHER, version), "nothing is overwritten"
    again = form.save(client, {**second, "version": str(said["version"])}, MINE, "edit-3")
    assert again.status_code == 200
    assert form.stored()[0] == MINE, "the writer's own choice is kept"


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMS)
def test_the_second_tab_sees_both_texts_without_javascript(name: str, joan: Person) -> None:
    form = FORMS[name](joan)
    client = form.signed_in()
    first, second = form.opened(client), form.opened(client)
    assert client.post(form.url, {**first, form.box: OTHER}).status_code == 302
    answer = client.post(form.url, {**second, form.box: MINE})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert escape(MINE) in page and escape(OTHER) in page
    assert form.stored()[0] == OTHER


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMS)
def test_one_edit_sent_five_times_is_one_save(name: str, joan: Person) -> None:
    form = FORMS[name](joan)
    client = form.signed_in()
    values = form.opened(client)
    answers = [form.save(client, values, MINE, "one-edit") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len({answer.json()["version"] for answer in answers}) == 1
    before = form.stored()
    assert before[0] == MINE
    assert form.save(client, values, MINE, "one-edit").status_code == 200
    assert form.stored() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["score_criterion", "score_all", "answer_question"])
def test_one_edit_sent_five_times_at_once_is_one_save(name: str, joan: Person) -> None:
    form = FORMS[name](joan)
    client = form.signed_in()
    values = form.opened(client)
    cookies = client.cookies

    def once(_turn: int) -> tuple[int, int]:
        own = type(client)()
        own.cookies = cookies
        try:
            answer = form.save(own, values, MINE, "one-edit")
            return answer.status_code, answer.json().get("version", -1)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(once, range(5)))
    assert {status for status, _version in answers} == {200}, answers
    assert len({version for _status, version in answers}) == 1, answers
    assert form.stored() == (MINE, 1) or name == "answer_question"
    assert form.stored()[0] == MINE


@pytest.mark.django_db
def test_an_edit_without_a_version_never_overwrites(joan: Person) -> None:
    """The negative control of the table: only the version the page carries lets a save through."""
    form = FORMS["score_criterion"](joan)
    client = form.signed_in()
    values = form.opened(client)
    form.save(client, values, OTHER, "edit-1")
    bare = {"score": "3", "reason": MINE}
    assert client.post(form.url, bare, headers=AUTOSAVE).status_code == 409
    assert form.stored() == (OTHER, 1)


# ---- In a real browser ------------------------------------------------------------------------
def test_two_tabs_in_chromium(newcomer: Newcomer, joan: Person) -> None:
    reading = reading_round(joan, bids=1)
    row, slug = reading.assignments(joan)[0], reading.criteria[0].slug
    reader = newcomer("Joan Ibbotson", "joan@example.org")
    reader.signs_in()
    reader.go(reverse("read_bid", args=[row.pk]))
    reader.press("Start reading")
    here = reverse("score_criterion", args=[row.pk, slug])
    reader.go(here)
    first, second = reader.page, reader.context.new_page()
    second.goto(here)
    first.get_by_role("textbox").fill("From the first tab.")
    first.get_by_text("Saved at").wait_for()
    second.get_by_role("textbox").fill("From the second tab.")
    reader.page = second
    reader.waits_for("This was changed somewhere else. Nothing is lost.")
    assert ["409" in fault for fault in reader.faults] == [True], reader.faults
    reader.faults.clear()
    reader.sees("From the first tab.")
    reader.finds_written("Why?", "From the second tab.")
    second.get_by_role("button", name="Save and go on").click()
    assert ScoreDraft.objects.get().reason == "From the first tab.", "nobody has chosen yet"
    second.get_by_role("button", name="Keep what I have here").click()
    reader.waits_for("Saved at")
    reader.press("Save and go on")
    assert ScoreDraft.objects.get().reason == "From the second tab."
    reader.go(here)
    reader.finds_written("Why?", "From the second tab.")
    assert reader.page.evaluate("Object.keys(localStorage).length") == 0


def test_two_tabs_in_chromium_without_javascript(newcomer: Newcomer, joan: Person) -> None:
    reading = reading_round(joan, bids=1)
    row, slug = reading.assignments(joan)[0], reading.criteria[0].slug
    reader = newcomer("Joan Ibbotson", "joan@example.org", javascript=False)
    reader.signs_in()
    reader.go(reverse("read_bid", args=[row.pk]))
    reader.press("Start reading")
    here = reverse("score_criterion", args=[row.pk, slug])
    reader.go(here)
    first, second = reader.page, reader.context.new_page()
    second.goto(here)
    reader.writes("From the first tab.")
    reader.press("Save and go on")
    reader.page = second
    reader.writes("From the second tab.")
    reader.press("Save and go on", answer=409)
    reader.sees("Nothing is lost", "From the first tab.", "From the second tab.")
    assert ScoreDraft.objects.get().reason == "From the first tab."
    reader.press("Save it like this")
    assert ScoreDraft.objects.get().reason == "From the second tab."
    first.close()
