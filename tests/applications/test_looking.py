"""What the program can tell about a funder's rule from a bid as it was sent."""

from dataclasses import replace
from decimal import Decimal

import pytest

from applications.looking import Group, Other, Sent, districts, look, plain_name

HERE = ["Leeds", "LS12", "EC1"]
ONLY_DISTRICTS = ["LS12", "LS13"]


def found(looks_for, limits, others=(), **sent):
    made = look(looks_for, limits, Sent(**sent), others)
    return made.look.value, made.facts


@pytest.mark.parametrize(
    ("limits", "asked", "looks"),
    [
        ({"most": "10000"}, "12000", "wrong"),
        ({"most": "10000"}, "10000", "right"),
        ({"most": "10000"}, "10000.01", "wrong"),
        ({"least": "500"}, "499.99", "wrong"),
        ({"least": "500"}, "500", "right"),
        ({"least": "500", "most": "10000"}, "0", "wrong"),
        ({"least": "500", "most": "10000"}, "4000", "right"),
    ],
)
def test_the_sum(limits, asked, looks):
    assert found("amount", limits, asked=Decimal(asked))[0] == looks


def test_what_was_found_is_said_in_plain_words():
    made = look("amount", {"most": "10000"}, Sent(asked=Decimal(12000)))
    assert made.words == ("This bid asks for £12,000. The most is £10,000. It looks like a no.")
    made = look("amount", {"least": "500.00"}, Sent(asked=Decimal(4000)))
    assert made.words == "This bid asks for £4,000. The least is £500. It looks all right."
    made = look("area", {"places": ["LS12"]}, Sent(area="The park"))
    assert made.words == (
        "The bid says it happens here: “The park”. No postcode is given. We could not tell."
    )


@pytest.mark.parametrize(
    ("places", "area", "postcode", "looks"),
    [
        (HERE, "Armley, Leeds", "", "right"),
        (HERE, "across LEEDS", "", "right"),
        (HERE, "Leedstown", "", "unsure"),
        (HERE, "The hall, LS12 3AB", "", "right"),
        (HERE, "The hall, ls123ab", "", "right"),
        (HERE, "all of LS12", "", "right"),
        (HERE, "EC1A 1BB", "", "right"),
        (HERE, "The hall, OL14 5AA", "", "wrong"),
        (HERE, "The hall, M1 1AA", "", "wrong"),
        (HERE, "near the M62", "", "unsure"),
        (HERE, "LS12 and BD3", "", "unsure"),
        (HERE, "Leeds and BD3", "", "unsure"),
        (HERE, "Armley", "LS12 3AB", "unsure"),
        (HERE, "Armley", "OL14 5AA", "unsure"),
        (["Leeds"], "York, YO1 7HH", "", "unsure"),
        (["Leeds"], "Armley", "LS12 3AB", "unsure"),
        (ONLY_DISTRICTS, "Armley", "LS12 3AB", "right"),
        (ONLY_DISTRICTS, "Armley", "ls12", "right"),
        (ONLY_DISTRICTS, "Armley", "LS1 3AB", "unsure"),
        (ONLY_DISTRICTS, "Armley", "", "unsure"),
        (ONLY_DISTRICTS, "Armley", "not known", "unsure"),
        (ONLY_DISTRICTS, "", "", "unsure"),
    ],
)
def test_the_place(places, area, postcode, looks):
    said = {"area": area, "group": Group(postcode=postcode)}
    assert found("area", {"places": places}, **said)[0] == looks


def test_the_place_says_what_it_goes_by():
    limits = {"places": HERE}
    assert found("area", limits, area="Leeds")[1] == (
        "The bid says it happens here: “Leeds”. Leeds is on the list."
    )
    assert found("area", limits, area="OL14 5AA")[1].endswith("OL14 is not on the list.")
    assert found("area", limits)[1] == (
        "The bid does not say where it happens. No postcode is given."
    )
    away = found("area", limits, area="Armley", group=Group(postcode="OL14 5AA"))
    assert away[1].endswith("The group’s own postcode, OL14 5AA, is not on the list.")


def test_districts():
    assert districts("LS12 3AB, ls12 4CD, LS13 and W1A 0AX") == ["LS12", "W1A", "LS13"]
    assert districts("the M62 and the A1, 12 High Street") == []


BETWEEN = {"first": "2027-04-01", "last": "2028-03-31"}


@pytest.mark.parametrize(
    ("limits", "starts", "ends", "looks"),
    [
        (BETWEEN, "2027-04-01", "2028-03-31", "right"),
        (BETWEEN, "2027-03-31", "2028-03-31", "wrong"),
        (BETWEEN, "2027-04-01", "2028-04-01", "wrong"),
        (BETWEEN, "2027-04-01", "", "unsure"),
        (BETWEEN, "", "2028-04-01", "wrong"),
        (BETWEEN, "Not answered.", "Not answered.", "unsure"),
        ({"first": "2027-04-01"}, "2027-05-01", "", "right"),
        ({"last": "2028-03-31"}, "", "2028-01-01", "right"),
        ({"last": "2028-03-31"}, "2020-01-01", "soon", "unsure"),
    ],
)
def test_the_days(limits, starts, ends, looks):
    assert found("days", limits, starts=starts, ends=ends)[0] == looks


def test_the_days_in_words():
    assert found("days", BETWEEN, starts="2027-03-31", ends="")[1] == (
        "The work would start on 31 March 2027. It may start from 1 April 2027 on. "
        "The bid does not say when the work would end."
    )


@pytest.mark.parametrize(
    ("kind", "looks"),
    [("charity", "right"), ("company", "wrong"), ("", "unsure"), ("trust", "unsure")],
)
def test_the_kind(kind, looks):
    limits = {"kinds": ["charity", "coop"]}
    assert found("kind", limits, group=Group(kind=kind))[0] == looks


def test_the_kind_in_words():
    limits = {"kinds": ["charity", "coop"]}
    assert found("kind", limits, group=Group(kind="company"))[1] == (
        "The group says it is this: Company. The rule allows: Registered charity, Co-operative."
    )


TEA = Group(name="The Tea Club Ltd", charity_number="1234567", company_number="01234567")


@pytest.mark.parametrize(
    ("other", "looks"),
    [
        (Group(name="Coffee"), "right"),
        (Group(name="Coffee", charity_number="1234567"), "wrong"),
        (Group(), "right"),
        (Group(name="Coffee", charity_number="CHC 1234567"), "wrong"),
        (Group(name="Coffee", company_number="1234567"), "wrong"),
        (Group(name="Coffee", charity_number="7654321"), "right"),
        (Group(name="TEA  club, limited"), "wrong"),
        (Group(name="Tea Club", charity_number="7654321"), "unsure"),
        (Group(name="Tea Club", charity_number="7654321", company_number="1234567"), "wrong"),
    ],
)
def test_one_bid_from_each_group(other, looks):
    assert found("once", {}, [Other("GC-003", other)], group=TEA)[0] == looks
    same = found("once", {}, [Other("GC-003", other, same=True)], group=TEA)
    assert same == ("wrong", "This group sent GC-003 too.")


def test_one_bid_from_each_group_among_many():
    others = [
        Other("GC-002", Group(name="Coffee")),
        Other("GC-003", replace(TEA, charity_number="7654321", company_number="")),
        Other("GC-004", Group(name="Coffee", company_number="01234567")),
    ]
    assert found("once", {}, others, group=TEA) == (
        "wrong",
        "GC-003 has the same name, but another number. GC-004 has the same register number.",
    )
    assert found("once", {}, [Other("GC-002", Group())], group=Group())[0] == "right"
    assert found("once", {}, group=TEA) == ("right", "We see no other bid from this group.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Tea Club", "tea club"),
        ("Tea Club C.I.C.", "Tea Club CIC"),
        ("Tea & Cake", "Tea and Cake"),
        ("St. Mary's", "St Marys"),
        ("Café Ré", "Cafe Re"),
        ("Tea-Club", "Tea Club"),
    ],
)
def test_plain_name(one, other):
    assert plain_name(one) == plain_name(other)


def test_plain_name_keeps_what_differs():
    assert plain_name("Friends of Armley Park") != plain_name("Friends of Bramley Park")
