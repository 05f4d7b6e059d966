"""What would move if a stage closed on another day, and that asking changes nothing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning.models import Stage, StageKind
from commissioning.timetable import DAY, KINDS, laid_out, moved, what_if
from tests.factories import commissioning as make

FIRST = date(2026, 1, 5)


def test_what_if_a_stage_closes_a_week_late() -> None:
    plan = laid_out(FIRST)
    stage = {one.kind: one for one in plan}["shortlist"]
    said = what_if(plan, "shortlist", stage.closes_on + 7 * DAY, on=FIRST)
    assert said[0] == "People rest from Monday 3 August 2026 to Wednesday 5 August 2026."
    assert said[1].startswith("“Meeting the organisations” moves from ")
    assert len(said) == 1 + len(KINDS) - KINDS.index("interviews")


def test_what_if_it_closes_sooner_moves_nothing() -> None:
    plan = laid_out(FIRST)
    stage = {one.kind: one for one in plan}["scoring"]
    said = what_if(plan, "scoring", stage.closes_on - DAY, on=FIRST)
    assert said[-1] == "No other stage moves."


def test_what_if_refuses_what_cannot_be() -> None:
    plan = laid_out(FIRST)
    with pytest.raises(KeyError):
        what_if(plan, "picnic", FIRST, on=FIRST)
    with pytest.raises(ValueError, match="cannot close"):
        what_if(plan, "scoring", FIRST, on=FIRST)


@given(st.sampled_from(KINDS), st.integers(0, 120))
@settings(max_examples=200, deadline=None)
def test_what_if_says_of_every_stage_where_it_would_be(kind: str, late: int) -> None:
    plan = laid_out(FIRST)
    day = {one.kind: one for one in plan}[kind].closes_on + late * DAY
    said = " ".join(what_if(plan, kind, day, on=FIRST))

    then = moved([replace(s, closes_on=day) if s.kind == kind else s for s in plan], on=FIRST)
    for old, new in zip(plan, then, strict=True):
        moves = f"“{new.name}” moves from"
        assert (moves in said) == (old.kind != kind and old.opens_on != new.opens_on)
        # No stage opens inside a rest, wherever the close is put.
        for earlier in then[: then.index(new)]:
            if new.kind != "learn":
                assert new.opens_on >= earlier.free_from


@pytest.mark.django_db
def test_what_if_shows_what_follows_and_changes_nothing(sam) -> None:
    round = make.make_round(by=sam)
    stage = make.open_to(round, StageKind.JOIN)
    before = list(Stage.objects.values())
    client = Client()
    client.force_login(sam)
    page = reverse("what_if", args=[round.slug])
    assert client.get(page).status_code == 200
    day = stage.closes_on + timedelta(days=400)
    typed = {
        "kind": "join",
        "closes_on_0": day.day,
        "closes_on_1": day.month,
        "closes_on_2": day.year,
    }
    shown = client.post(page, typed).content.decode()
    assert "“Getting ready” moves from" in shown
    assert "People rest from" in shown
    assert list(Stage.objects.values()) == before
    past = timezone.localdate() - timedelta(days=900)
    wrong = client.post(page, typed | {"closes_on_2": past.year})
    assert wrong.status_code == 422
    assert "Type a day after this stage opens." in wrong.content.decode()
    assert client.post(page, {}).status_code == 422
