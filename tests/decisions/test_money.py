"""The money board's sums: by hand, and for any numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions import money
from decisions.money import Line, Pot, Wrong

POT = Pot(envelope=Decimal(100_000), limit=Decimal(40_000))


def line(bid=1, outcome="award", asked=1000, amount=None, **more):
    amount = {"award": asked}.get(outcome, 0) if amount is None else amount
    facts = {"reason": "A good bid", "has_criterion": True, **more}
    return Line(bid, Decimal(asked), outcome, Decimal(amount), **facts)


def wrongs(lines, pot=POT):
    return [problem.wrong for problem in money.problems(lines, pot)]


def test_pot_gives_at_most_what_other_panels_left():
    assert Pot(Decimal(100), Decimal(80)).most == 80
    assert Pot(Decimal(100), Decimal(80), Decimal(50)).most == 50
    assert Pot(Decimal(100), Decimal(80), Decimal(120)).most == 0


def test_sums_count_only_awards():
    rows = [line(1), line(2, "less", amount="250.50"), line(3, "reserve"), line(4, "")]
    added = money.sums(rows, POT)
    assert added.given == Decimal("1250.50")
    assert added.left == Decimal("38749.50")
    assert added.undecided == 1
    assert added.asked == 4000


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (line(outcome="award"), None),
        (line(outcome="less", amount=999), None),
        (line(outcome="no"), None),
        (line(outcome="less", amount=0), Wrong.NOTHING_GIVEN),
        (line(outcome="less", amount=1000), Wrong.NOT_LESS),
        (line(outcome="less", amount=1001), Wrong.MORE_THAN_ASKED),
        (line(outcome="award", amount=500), Wrong.NOT_IN_FULL),
    ],
)
def test_wrong_sum(row, wrong):
    found = money.wrong_sum(row)
    assert (found.wrong if found else None) == wrong


def test_problems_of_a_board_that_is_ready():
    rows = [
        line(1),
        line(2, "less", amount=500, less_what="The van"),
        line(3, "reserve", reserve_order=1),
        line(4, "reserve", reserve_order=2),
        line(5, "no"),
    ]
    assert wrongs(rows) == []


def test_problems_name_what_is_missing():
    assert wrongs([line(outcome="")]) == [Wrong.NOT_CHOSEN]
    assert wrongs([line(reason=" ")]) == [Wrong.NO_REASON]
    assert wrongs([line(reason=". . .")]) == [Wrong.NO_REASON]
    assert wrongs([line(has_criterion=False)]) == [Wrong.NO_CRITERION]
    assert wrongs([line(outcome="less", amount=500)]) == [Wrong.LESS_OF_WHAT]


@pytest.mark.parametrize("places", [(2,), (1, 1), (1, 3), (None,), (0, 1)])
def test_problems_with_the_order_of_reserves(places):
    rows = [line(n, "reserve", reserve_order=place) for n, place in enumerate(places)]
    assert wrongs(rows) == [Wrong.RESERVE_PLACE]


def test_overspent_says_by_how_much():
    rows = [line(1, asked=30_000), line(2, asked=20_000)]
    (lot,) = money.overspent(rows, POT)
    assert (lot.wrong, lot.over) == (Wrong.OVER_LOT, 10_000)
    (shared,) = money.overspent([line(asked=30_000)], Pot(POT.envelope, POT.limit, Decimal(80_000)))
    assert (shared.wrong, shared.over) == (Wrong.OVER_ENVELOPE, 10_000)


def test_below_useful_is_only_a_warning():
    little = line(outcome="less", amount=300, less_what="x", smallest_useful=Decimal(500))
    assert money.below_useful(little)
    assert wrongs([little]) == []
    assert not money.below_useful(line(outcome="no", smallest_useful=Decimal(500)))


pence = st.integers(0, 5_000_000).map(lambda number: Decimal(number) / 100)
outcomes = st.sampled_from(["", "award", "less", "reserve", "no"])
lines = st.lists(
    st.builds(Line, bid=st.integers(1, 99), asked=pence, outcome=outcomes, amount=pence),
    max_size=12,
)
pots = st.builds(Pot, envelope=pence, limit=pence, elsewhere=pence)


@given(lines, pots)
def test_sums_fit_exactly_when_nothing_is_overspent(rows, pot):
    added = money.sums(rows, pot)
    assert added.fits == (not money.overspent(rows, pot))
    assert added.given == sum(row.amount for row in rows if row.outcome in ("award", "less"))
    if added.fits:
        assert added.given <= pot.limit
        assert added.given + pot.elsewhere <= pot.envelope


@given(lines, pots)
def test_problems_never_pass_an_overspent_board(rows, pot):
    if money.overspent(rows, pot):
        assert money.problems(rows, pot)


def test_left_out_is_what_no_bid_with_money_bears():
    names = {1: ["Armley", "Beeston"], 2: [" beeston "], 3: ["", "Holbeck  Moor"]}
    assert money.left_out(names, {2}) == ["Armley", "Holbeck Moor"]
    assert money.left_out(names, {1, 3}) == []
    assert money.left_out(names, ()) == ["Armley", "Beeston", "Holbeck Moor"]
    assert money.left_out({}, {1}) == []


@given(
    st.dictionaries(st.integers(0, 9), st.lists(st.sampled_from("abc"), max_size=3)),
    st.sets(st.integers(0, 9)),
)
def test_whatever_a_bid_with_money_bears_is_not_left_out(names, given_to):
    out = set(money.left_out(names, given_to))
    reached = {name for bid in given_to & names.keys() for name in names[bid]}
    assert out == {name for own in names.values() for name in own} - reached
    assert money.left_out(names, names.keys()) == []
