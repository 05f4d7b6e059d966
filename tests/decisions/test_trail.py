"""The trail as those who take part read it: every verb has its sentence, and nothing leaks."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from decisions.trail_words import ABOUT_SCORES, PRIVATE, SENTENCES
from panels.models import Interest, StandingAside
from tests.factories.panels import open_scores, reading_round, send
from tests.test_conventions import APPS, ROOT


def _texts(node: ast.expr | None, named: dict[str, ast.expr]) -> Iterator[str]:
    """The texts an expression may come to: itself, both sides of an if, the values of a dict."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, named)
        yield from _texts(node.orelse, named)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _texts(value, named)
    elif isinstance(node, ast.Subscript):
        yield from _texts(node.value, named)
    elif isinstance(node, ast.Name):
        yield from _texts(named.get(node.id), {})


def verbs_in(path: Path) -> set[str]:
    """Every verb a file records: given to `record`, or to a helper that has a `verb` of its own."""
    tree = ast.parse(path.read_text())
    named = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    places = {
        node.name: [one.arg for one in node.args.args].index("verb")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and "verb" in [one.arg for one in node.args.args]
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "verb":
                    found |= set(_texts(keyword.value, named))
            called = getattr(node.func, "id", "")
            if called in places and len(node.args) > places[called]:
                found |= set(_texts(node.args[places[called]], named))
    return found


def test_every_verb_has_a_sentence_and_every_sentence_a_verb() -> None:
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    recorded = set().union(*(verbs_in(path) for path in files))
    assert len(recorded) > 100
    assert recorded - set(SENTENCES) == set(), "verbs without a sentence"
    assert set(SENTENCES) - recorded == set(), "sentences nobody records"


@pytest.mark.django_db
def test_trail_list_says_who_did_what_and_hides_scores_until_all_is_opened(
    client: Client, joan: Person, harold: Person, sam: Person
) -> None:
    reading = reading_round(joan, harold, by=sam)
    send(reading, reading.assignments(harold)[0])
    client.force_login(joan)
    url = reverse("trail_list", args=[reading.round.slug])
    page = client.get(url).content.decode()
    assert "Sam Okafor" in page
    assert str(SENTENCES["sharing_confirmed"]) in page
    for verb in ABOUT_SCORES:
        assert str(SENTENCES[verb]) not in page
    open_scores(reading)
    reading.panel.refresh_from_db()
    assert str(SENTENCES["scores_sent"]) not in client.get(url).content.decode(), "nor half-way"


@pytest.mark.django_db
def test_trail_list_shows_nothing_of_the_panel_to_who_stands_aside(
    client: Client, joan: Person, priya: Person, sam: Person
) -> None:
    reading = reading_round(joan, priya, by=sam)
    member, now = reading.member(priya), timezone.now()
    tie = Interest.objects.create(
        member=member, application=reading.bids[0], kind="direct", made_at=now
    )
    StandingAside.objects.create(member=member, lot=reading.lot, interest=tie, began_at=now)
    client.force_login(priya)
    page = client.get(reverse("trail_list", args=[reading.round.slug])).content.decode()
    assert str(SENTENCES["joined_round"]) in page
    assert str(SENTENCES["sharing_confirmed"]) not in page
    assert str(SENTENCES["interests_declared"]) not in page


@pytest.mark.django_db
def test_trail_list_is_for_those_of_the_round(
    client: Client, joan: Person, harold: Person, sam: Person
) -> None:
    url = reverse("trail_list", args=[reading_round(joan, by=sam).round.slug])
    for person in (harold, sam):
        client.force_login(person)
        assert client.get(url).status_code == 404


def test_what_is_somebodys_own_is_on_no_page() -> None:
    assert {"asked_for_adjustment", "encouraged", "break_taken"} <= set(PRIVATE)
