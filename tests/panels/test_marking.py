"""How readers mark, and how sure an order is, by hand and against SciPy."""

from collections.abc import Mapping, Sequence

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import f_oneway

from accounts.models import Person
from panels.marking import Tendency, marking_of, nearly_level, sureness_of
from panels.models import ScoreSheet
from panels.shortlist import Picture, Score, picture
from tests.factories.meeting import opened_round
from tests.factories.panels import Reading, reading_round, send

Given = Mapping[int, Mapping[int, int]]
"""By bid, each reader's score on the one criterion."""


def pictures(given: Given) -> dict[int, Picture]:
    return {
        bid: picture([Score(reader, 1, value) for reader, value in scores.items()], {1: 1})
        for bid, scores in given.items()
    }


# ---- How one reader marks -------------------------------------------------------------------
def test_somebody_who_marks_one_higher_is_told_twenty_points() -> None:
    found = marking_of(1, pictures({bid: {1: 4, 2: 3, 3: 3} for bid in range(4)}))
    assert found is not None
    assert (found.bids, found.points, found.tendency) == (4, 20, Tendency.HIGHER)


def test_lower_is_said_as_well_and_two_bids_are_too_few() -> None:
    lower = {bid: {1: 1, 2: 3} for bid in range(3)}
    found = marking_of(1, pictures(lower))
    assert found is not None
    assert (found.points, found.tendency) == (40, Tendency.LOWER)
    assert marking_of(1, pictures({bid: lower[bid] for bid in range(2)})) is None
    assert marking_of(9, pictures(lower)) is None


def test_now_higher_now_lower_is_alike() -> None:
    swings = {0: {1: 5, 2: 2}, 1: {1: 5, 2: 2}, 2: {1: 2, 2: 3}, 3: {1: 2, 2: 3}}
    found = marking_of(1, pictures(swings))
    assert found is not None
    assert found.tendency is Tendency.ALIKE


def test_a_bid_read_alone_says_nothing() -> None:
    alone = pictures({0: {1: 5}, 1: {1: 5}, 2: {1: 5}})
    assert marking_of(1, alone) is None
    assert sureness_of(alone) is None


# ---- How sure the order is ------------------------------------------------------------------
GROUPS = st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=3, max_size=12)


@settings(deadline=None)
@given(groups=GROUPS)
def test_sureness_is_what_an_analysis_of_variance_says(groups: Sequence[Sequence[int]]) -> None:
    found = sureness_of(pictures({bid: dict(enumerate(row)) for bid, row in enumerate(groups)}))
    assert found is not None
    assert found.readers == pytest.approx(3)
    if not found.within or len({sum(row) for row in groups}) == 1:
        return  # SciPy gives no number for readers who never differ, nor for bids that are level
    ratio = f_oneway(*groups).statistic
    assert found.together == pytest.approx(max(0.0, 1 - 1 / ratio))
    assert found.alone == pytest.approx(max(0.0, (ratio - 1) / (ratio + 2)))


def test_readers_who_always_agree_are_sure_and_nothing_is_too_close() -> None:
    given = pictures({bid: {1: bid, 2: bid, 3: bid} for bid in range(5)})
    found = sureness_of(given)
    assert found is not None
    assert (found.alone, found.together) == (1, 1)
    assert found.too_close(3, 3) == 0
    assert not any(nearly_level(given, found).values())


def test_more_readers_bring_bids_further_apart() -> None:
    given = pictures({0: {1: 1, 2: 3}, 1: {1: 2, 2: 4}, 2: {1: 5, 2: 5}})
    found = sureness_of(given)
    assert found is not None
    assert found.too_close(8, 8) == pytest.approx(found.too_close(2, 2) / 2)
    assert nearly_level(given, found) == {0: (1,), 1: (0, 2), 2: (1,)}


# ---- The pages ------------------------------------------------------------------------------
@pytest.fixture
def opened(db: None, joan: Person, harold: Person, sam: Person) -> Reading:
    return opened_round(joan, harold, by=sam, bids=3)


def test_my_marking_is_for_the_member_alone(
    client: Client, opened: Reading, joan: Person, sam: Person
) -> None:
    page = reverse("my_marking", args=[opened.panel.pk])
    client.force_login(joan)
    shown = client.get(page).content.decode()
    assert "Only you can see this page" in shown
    assert "The others, on average" in shown
    client.force_login(sam)
    assert client.get(page).status_code == 404


def test_agenda_says_how_sure_it_is(client: Client, opened: Reading, joan: Person) -> None:
    client.force_login(joan)
    shown = client.get(reverse("agenda", args=[opened.panel.pk]))
    sure = shown.context["sure"]
    assert sure == "" or "points of 100 apart" in sure
    assert sure in shown.content.decode()


def test_my_scores_shows_ones_own_and_nobody_elses(
    client: Client, db: None, joan: Person, harold: Person, sam: Person
) -> None:
    reading = reading_round(joan, harold, by=sam)
    for person, value in ((joan, 4), (harold, 1)):
        for assignment in reading.member(person).assignments.all()[:1]:
            send(reading, assignment, value=value)
    client.force_login(joan)
    page = client.get(reverse("my_scores", args=[reading.member(joan).pk]))
    assert {word for row in page.context["rows"] for _criterion, word in row["cells"]} == {"4"}
    assert ScoreSheet.objects.count() == 2
    assert client.get(reverse("my_scores", args=[reading.member(harold).pk])).status_code == 404
