"""How sure an order is, on real scores: 72 bids, three readers each, checked with SciPy."""

import csv
from collections import defaultdict
from pathlib import Path
from statistics import mean

import pytest
from scipy.stats import f_oneway

from panels.marking import Tendency, marking_of, nearly_level, sureness_of
from panels.shortlist import Picture, Score, Total, differ_most_first, level, picture, ranks

pytestmark = pytest.mark.real
FILE = Path(__file__).parents[3] / "shared/data/scores/aibs_grant_scores.csv"
BEST, WORST = 1.0, 5.0
CRITERIA = {"innovation": 1, "approach": 2, "investigator": 3, "significance": 4}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def flipped(worst_is_high: str) -> float:
    """From 0 to 4, and more is better."""
    return WORST - float(worst_is_high)


@pytest.fixture(scope="module")
def overall(rows: list[dict[str, str]]) -> dict[int, Picture]:
    """Each bid with its readers' overall marks, to the tenth as they gave them."""
    totals: defaultdict[int, dict[int, Total]] = defaultdict(dict)
    for row in rows:
        points = round(flipped(row["overall"]) * 10)
        totals[int(row["application_id"])][int(row["assessor_id"])] = Total(points, 40)
    empty = picture([], {})
    return {
        bid: Picture(
            spreads=(),
            totals=own,
            middle=mean([total.share for total in own.values()]),
            apart=empty.apart,
        )
        for bid, own in totals.items()
    }


@pytest.fixture(scope="module")
def by_criterion(rows: list[dict[str, str]]) -> dict[int, Picture]:
    """Each bid on four criteria, in whole marks from 0 to 5 as our readers give them."""
    given: defaultdict[int, list[Score]] = defaultdict(list)
    for row in rows:
        for name, number in CRITERIA.items():
            mark = round(flipped(row[name]) * 5 / (WORST - BEST)) if row[name] else None
            given[int(row["application_id"])].append(Score(int(row["assessor_id"]), number, mark))
    return {bid: picture(own, dict.fromkeys(CRITERIA.values(), 1)) for bid, own in given.items()}


def test_one_reader_alone_says_little_and_three_say_more(overall: dict[int, Picture]) -> None:
    found = sureness_of(overall)
    assert found is not None
    assert len(overall) == 72
    assert found.readers == pytest.approx(3)
    ratio = f_oneway(
        *[[float(total.share) for total in own.totals.values()] for own in overall.values()]
    ).statistic
    assert found.alone == pytest.approx((ratio - 1) / (ratio + 2))
    assert found.together == pytest.approx(1 - 1 / ratio)
    assert round(found.alone, 2) == 0.37
    assert round(found.together, 2) == 0.64


def test_most_bids_cannot_be_told_from_many_others(overall: dict[int, Picture]) -> None:
    found = sureness_of(overall)
    assert found is not None
    near = nearly_level(overall, found)
    assert all(bid in near[other] for bid, others in near.items() for other in others)
    middles = {bid: float(own.middle or 0) for bid, own in overall.items()}
    apart = found.too_close(3, 3)
    for bid, others in near.items():
        assert set(others) == {
            other
            for other in middles
            if other != bid and abs(middles[other] - middles[bid]) < apart
        }


def test_the_agenda_has_the_widest_apart_first(
    rows: list[dict[str, str]], by_criterion: dict[int, Picture]
) -> None:
    marks: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for row in rows:
        for name in CRITERIA:
            if row[name]:
                marks[int(row["application_id"]), name].append(round(flipped(row[name]) * 5 / 4))
    widths = {
        bid: [
            max(marks[bid, name], default=0) - min(marks[bid, name], default=0) for name in CRITERIA
        ]
        for bid in by_criterion
    }
    order = differ_most_first(by_criterion)
    apart = [(sum(widths[bid]), max(widths[bid])) for bid in order]
    assert apart == sorted(apart, reverse=True)
    for bid, own in by_criterion.items():
        assert [list(spread.dots) for spread in own.spreads] == [
            sorted(marks[bid, name]) for name in CRITERIA
        ]


def test_ties_are_shown_as_ties(by_criterion: dict[int, Picture]) -> None:
    middles = {bid: own.middle for bid, own in by_criterion.items()}
    places = ranks(middles)
    groups = level(middles)
    assert groups, "real scores have ties"
    for group in groups:
        assert len({middles[bid] for bid in group}) == 1
        assert len({places[bid] for bid in group}) == 1


def test_some_readers_mark_higher_and_some_lower(overall: dict[int, Picture]) -> None:
    readers = {reader for own in overall.values() for reader in own.totals}
    found = {reader: marking_of(reader, overall) for reader in readers}
    said = {one.tendency for one in found.values() if one}
    assert said == set(Tendency)
