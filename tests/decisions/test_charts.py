"""The report's pictures: nothing sticks out or is lost, and each says its numbers too."""

import re
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decisions import charts
from decisions.reading import report_of
from decisions.report import for_public
from tests.factories import decisions as build

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
SIZES = st.lists(st.integers(-5, 10_000), max_size=4)


@CALM
@given(st.lists(st.tuples(st.integers(0, 500), SIZES), max_size=12))
def test_bars_stay_within_the_picture_and_keep_their_proportions(rows):
    picture = charts.bars(
        charts.Row(str(place), [(size, charts.DARK) for size in sizes], "", offset)
        for place, (offset, sizes) in enumerate(rows)
    )
    assert [bar.label for bar in picture.bars] == [str(place) for place in range(len(rows))]
    longest = max(
        (offset + sum(size for size in sizes if size > 0) for offset, sizes in rows), default=0
    )
    for bar, (offset, sizes) in zip(picture.bars, rows, strict=True):
        kept = [size for size in sizes if size > 0]
        if longest > 0:
            assert len(bar.pieces) == len(kept)
            end = Decimal(offset) * 1000 / longest
            for piece, size in zip(bar.pieces, kept, strict=True):
                assert abs(Decimal(piece.start) - end) < Decimal("0.11")
                assert abs(Decimal(piece.width) - Decimal(size) * 1000 / longest) < Decimal("0.11")
                end += Decimal(size) * 1000 / longest
            assert end <= Decimal("1000.1")


@CALM
@given(st.lists(st.tuples(st.text("abc ", max_size=3), st.integers(0, 10**6)), max_size=60))
def test_shares_lose_no_pound_and_no_group(given_to):
    rows = charts.shares(
        ((place, Decimal(pounds)) for place, pounds in given_to), unknown="?", others="Others"
    )
    assert sum(row.sum for row in rows) == sum(pounds for _place, pounds in given_to)
    assert sum(row.count for row in rows) == len(given_to)
    assert len(rows) <= charts.MOST_SHARES
    ordered = [row.sum for row in rows if row.label != "Others"]
    assert ordered == sorted(ordered, reverse=True)


def test_shares_of_one_place_however_it_is_typed_are_one():
    rows = charts.shares(
        [("Leeds", Decimal(5)), (" leeds ", Decimal(7)), ("", Decimal(1))],
        unknown="No place named",
        others="Others",
    )
    assert rows == (
        charts.Share("Leeds", 2, Decimal(12)),
        charts.Share("No place named", 1, Decimal(1)),
    )


@pytest.fixture(scope="module")
def begun(once):
    def build_it(cast):
        deciding = build.deciding_round(cast.joan, cast.harold, cast.priya, by=cast.sam, bids=4)
        build.decided(deciding)
        return deciding

    return once(build_it)


@pytest.fixture
def report(begun, db):
    return report_of(deepcopy(begun).round, at=timezone.now())


@pytest.mark.django_db
def test_pictures_say_the_same_as_the_tables(report):
    (lot,) = report.lots
    (bar,) = report.money_picture.bars
    assert bar.words == (
        f"{lot.name}: given £1,600.50, left £{lot.left:,.2f}, asked for £{lot.asked:,.0f}."
    )
    assert sum(row.sum for row in report.places) == report.awarded
    assert len(report.places_picture.bars) == len(report.places)
    firsts = [sum(spread.first) for bid in report.bids for spread in bid.spreads]
    assert sum(first for _value, first, _after in report.scores_given) == sum(firsts) > 0
    labels = [bar.label for bar in report.scores_picture.bars]
    assert labels == [f"Score {value}" for value in range(6)]
    assert len(report.hours_picture.bars) == 2 * len(report.panels)
    opened = [row for row in report.stages if row.opened_on]
    assert [bar.label for bar in report.time_picture.bars] == [row.name for row in opened]


@pytest.mark.django_db
def test_pictures_tell_the_public_no_scores_and_nothing_that_was_not_taken(report):
    declined = replace(report.awards[0], answer="declined", area="Nowhere at all")
    bids = tuple(declined if bid is report.awards[0] else bid for bid in report.bids)
    public = for_public(replace(report, bids=bids))
    assert public.scores_given == ()
    assert public.scores_picture.bars == ()
    assert "Nowhere at all" not in [row.label for row in public.places]


@pytest.mark.django_db
def test_time_picture_shows_rest_after_the_stage(report):
    stage = replace(
        report.stages[0],
        name="Reading",
        opened_on=date(2026, 3, 2),
        closed_on=date(2026, 3, 11),
        rest_until=date(2026, 3, 18),
    )
    later = replace(stage, name="Meeting", opened_on=date(2026, 3, 19), closed_on=None)
    at = datetime(2026, 3, 21, 12, tzinfo=timezone.get_current_timezone())
    picture = replace(report, stages=(stage, later), made_at=at).time_picture
    first, second = picture.bars
    assert first.words == "Reading: open for 10 days, then 7 days of rest."
    assert second.words == "Meeting: open for 3 days."
    assert [piece.fill for piece in first.pieces] == [charts.DARK, charts.EMPTY]
    assert first.pieces[0].start == "0.0"
    assert second.pieces[0].start == "850.0"


@pytest.mark.django_db
def test_each_bar_is_a_picture_with_its_words(report):
    page = render_to_string("decisions/_report.html", {"report": report})
    pictures = re.findall(r"<figure class=\"bar\">.*?</figure>", page, re.S)
    assert len(pictures) == 5
    for picture in pictures:
        svgs = re.findall(r"<svg [^>]*role=\"img\">(.*?)</svg>", picture, re.S)
        assert svgs
        assert all(re.match(r"<title>[^<]+</title>", svg) for svg in svgs)
    assert page.count("How often each score was given") == 2
