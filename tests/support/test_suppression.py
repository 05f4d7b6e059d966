"""No count under five can be worked out from what is shown: by sums, by dates, or by the method.

Two attackers try. `bounds` solves the sums that were published (linear programming). `Knowing`
knows the method too: it goes through every table there could be and keeps those that would have
been shown in the same way. Both break methods that are less careful, which shows that they can.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from support.suppression import FEWEST, FEWEST_PEOPLE, Shown, suppress, together

Method = Callable[[Sequence[int]], Shown]


# ---- Methods that are less careful --------------------------------------------------------------
def naive(counts: Sequence[int]) -> Shown:
    """Hides what is under five, and nothing more."""
    return tuple(None if count < FEWEST else count for count in counts)


def smallest_next(counts: Sequence[int]) -> Shown:
    """Hides the smallest of the others with a count that stands alone, as many guides advise."""
    hidden = {row for row, count in enumerate(counts) if count < FEWEST}
    if len(hidden) == 1:
        rest = [row for row in range(len(counts)) if row not in hidden]
        hidden.add(min(rest, key=lambda row: counts[row]))
    return tuple(None if row in hidden else count for row, count in enumerate(counts))


# ---- The attacker who solves the sums -----------------------------------------------------------
def bounds(
    tables: Sequence[Shown], totals: Sequence[int], sums: Sequence[tuple[Sequence[int], Shown]] = ()
) -> dict[tuple[int, int], tuple[int, int]]:
    """The least and most that each hidden count can be, from all that was shown.

    `tables[t]` was shown with `totals[t]`; each of `sums` says which tables were shown added up,
    and how. A count is a variable; every shown number is an equation.
    """
    cells = [(t, row) for t, table in enumerate(tables) for row in range(len(table))]
    place = {cell: number for number, cell in enumerate(cells)}
    left: list[list[int]] = []
    right: list[int] = []

    def equation(of: Iterator[tuple[int, int]], value: int) -> None:
        line = [0] * len(cells)
        for cell in of:
            line[place[cell]] = 1
        left.append(line)
        right.append(value)

    for t, table in enumerate(tables):
        equation(iter([(t, row) for row in range(len(table))]), totals[t])
        for row, count in enumerate(table):
            if count is not None:
                equation(iter([(t, row)]), count)
    for which, table in sums:
        for row, count in enumerate(table):
            if count is not None:
                equation(iter([(t, row) for t in which]), count)
    found = {}
    for t, row in cells:
        if tables[t][row] is not None:
            continue
        edges = []
        for way in (1, -1):
            aim = [0] * len(cells)
            aim[place[t, row]] = way
            answer = linprog(aim, A_eq=left, b_eq=right, bounds=(0, None))
            assert answer.success
            edges.append(round(way * answer.fun))
        found[t, row] = (edges[0], edges[1])
    return found


# ---- The attacker who knows the method ----------------------------------------------------------
def all_tables(rows: int, people: int) -> Iterator[tuple[int, ...]]:
    """Every way to put so many people in so many rows."""
    if rows == 1:
        yield (people,)
        return
    for first in range(people + 1):
        for rest in all_tables(rows - 1, people - first):
            yield (first, *rest)


def worked_out(method: Method, rows: int, people: int) -> list[tuple[tuple[int, ...], int]]:
    """Tables, and the row of each, whose count under five has one answer only."""
    could_be: defaultdict[Shown, list[tuple[int, ...]]] = defaultdict(list)
    for counts in all_tables(rows, people):
        could_be[method(counts)].append(counts)
    return [
        (tables[0], row)
        for tables in could_be.values()
        for row in range(rows)
        if len({counts[row] for counts in tables}) == 1 and tables[0][row] < FEWEST
    ]


SIZES = [(2, 40), (3, 30), (4, 24), (5, 18), (6, 14)]


@pytest.mark.parametrize(("rows", "most"), SIZES)
def test_who_knows_the_method_works_out_no_small_count(rows: int, most: int) -> None:
    """Proved for every table there is of these sizes."""
    for people in range(FEWEST_PEOPLE, most + 1):
        assert worked_out(suppress, rows, people) == []


def test_the_attacker_who_knows_the_method_breaks_the_usual_advice() -> None:
    """Hiding the smallest of the others: which of two equal ones made way tells the small count."""
    assert worked_out(smallest_next, 3, 14)
    assert worked_out(naive, 3, 14)


COUNTS = st.lists(st.integers(0, 30), min_size=2, max_size=8).filter(
    lambda counts: sum(counts) >= FEWEST_PEOPLE
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(COUNTS)
def test_what_is_shown_is_true_and_never_small(counts: list[int]) -> None:
    shown = suppress(counts)
    assert [count for count in shown if count is not None and count < FEWEST] == []
    for count, row in zip(counts, shown, strict=True):
        assert row in (None, count)
    if min(counts) >= FEWEST:
        assert shown == tuple(counts)
    else:
        assert shown.count(None) >= 2


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(COUNTS)
def test_sums_give_no_small_count_of_one_table(counts: list[int]) -> None:
    for low, high in bounds([suppress(counts)], [sum(counts)]).values():
        assert high > low


def test_the_attacker_breaks_the_naive_method_by_taking_away() -> None:
    found = bounds([naive([20, 3, 9])], [32])
    assert found == {(0, 1): (3, 3)}
    assert bounds([suppress([20, 3, 9])], [32]) == {(0, 0): (0, 23), (0, 1): (0, 23)}


@st.composite
def dates(draw: st.DrawFn) -> list[list[int]]:
    """The counts of one table at up to three dates: those who answered since the date before."""
    rows = draw(st.integers(2, 5))
    table = st.lists(st.integers(0, 20), min_size=rows, max_size=rows)
    return draw(
        st.lists(table.filter(lambda counts: sum(counts) >= FEWEST_PEOPLE), min_size=2, max_size=3)
    )


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(dates())
def test_one_date_taken_from_another_gives_no_small_count(batches: list[list[int]]) -> None:
    """All that a reader keeps: each date's table and total, and every sum of them in between."""
    shown = [suppress(batch) for batch in batches]
    sums = [(range(t + 1), together(shown[: t + 1])) for t in range(len(shown))]
    found = bounds(shown, [sum(batch) for batch in batches], sums)
    for low, high in found.values():
        assert high > low


def test_the_attacker_breaks_counts_that_grow_by_one_person() -> None:
    """Everybody counted anew at each date: the second date less the first is the newest answer."""
    first, second = [12, 9, 7], [12, 9, 8]
    assert naive(first) == tuple(first)
    newest = [b - a for a, b in zip(first, second, strict=True)]
    assert newest == [0, 0, 1]
    with pytest.raises(ValueError, match="Too few people"):
        suppress(newest)


def test_together_hides_what_one_batch_hides() -> None:
    assert together([(None, 7, None), (6, 8, 9)]) == (None, 15, None)
    assert together([]) == ()
    with pytest.raises(ValueError, match="one table"):
        together([(5, 5), (5, 5, 5)])


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ([10], "two rows or more"),
        ([11, -1], "no count below nothing"),
        ([4, 5], "Too few people"),
        ([0, 0], "Too few people"),
    ],
)
def test_suppress_refuses_what_is_not_to_be_shown(counts: list[int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        suppress(counts)
