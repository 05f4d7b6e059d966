"""Contact details hidden while reading: none is left, and nothing else is touched."""

import copy
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications import redaction
from applications.redaction import for_readers, found_in, hide
from decisions import example
from tests.applications.test_corrections import CONTENT

MARK = "(contact details are hidden while reading)"

CONTACTS = [
    "amina@example.org",
    "Amina.Yusuf+bids@post.example.co.uk",
    "o'neill@example.org",
    "amina(at)example.org",
    "0113 496 0101",
    "01134960101",
    "(0113) 496 0101",
    "+44 113 496 0101",
    "07700 900 123",
    "07700-900-123",
    "0113.496.0101",
    "01.13.49.60.10",
    "07700\u00a0900123",
    "0113\u202f496\u2009 0101",
    "01632\t960001",
    "0113\u200b4960101",
    "0113\u2011496\u20110101",
    "0113\u2014496\u20140101",
    "0113\u2212496\u22120101",
    "020 \u2013 7946 0018",
    "07700/900123",
    "+44\u00a0(0)113\u00a0496\u00a00101",
    "amina[at]example[dot]org",
    "amina (at) example (dot) org",
    "amina[dot]yusuf{at}example{dot}org.uk",
    "amina@example[dot]org",
    "https://www.facebook.com/amina.yusuf",
    "facebook.com/amina",
    "https://x.com/amina",
    "instagram.com/amina",
    "https://www.linkedin.com/in/amina-yusuf",
    "wa.me/447700900123",
    "https://example.org/people/amina",
    "https://example.org/~amina",
    "@amina_yusuf",
]

HARMLESS = [
    "£12,500.50 for 40 people over 52 weeks",
    "Charity 1234567, company 01234567, SC012345",
    "From 01.02.2026 to 10.03.2026, and 01-02-2026 10-03-2026",
    "0 to 5, 10 000 hours, 1,000,000 steps, 100 200 300 400",
    "See https://www.leeds-tea.example/our-report and netflix.com",
    "Tea @ four, each Tuesday; 50% off @ 3 pm",
    "Ring the bell 3 times. We call 12 people on 4 streets.",
    "LS12 3AB, room 0.15, ratio 1:10",
    "Mr Khan's bakery and Mrs Contact of St Aidan's hall",
    "GB-CHC-1234567 and GB-COH-01234567",
    "01234567 / 207544, 01234567/1234567, SC012345 / 1234567",
    "2019-2021, 2019\u20132021, 2019/20\u20132021/22, 2019/2021",
    "01/02/2026 - 10/03/2026, 01/02/26\u201303/04/26, 14/03/26 \u2013 15/04/26, 1/2/26\u20133/4/26",
    "2026-01-02 \u2013 2026-03-04, 2026/01/02-2026/03/04, 2026.01.02 \u2013 2026.03.04",
    "01/2026 - 03/2026, 01/2026\u201312/2027",
    "09.30\u201310.30 / 11.00\u201312.00",
    "ages 0\u20135/6\u201311/12\u201316/17\u201325",
    "0-100/100-200/200-300, 0 \u2013 10 \u2013 20 \u2013 30 \u2013 40",
    "\u00a30.50/\u00a30.75, 0.50 / 0.75 / 1.25, \u00a31,000\u2013\u00a32,000 / \u00a33,000",
    "LS1\u2013LS12, LS12 3AB/LS12 3AC, 24/7/365",
    "Call us on 12/03/2026. We ring 2019\u20132021 members, by text in 2019/20",
    "05\n10\n15\n20\n25\n30",
    "Mary (at) home. Dot matrix [dot] print",
]

TRICKY = [run * 4_000 for run in ("a[dot]", "0-", "0/ ", "tel ", "tel. - ", "01/02/2026 ", "0.1")]

WORDS = st.text(alphabet="abcdefg \n,.;:!?'’£%()", max_size=60)


@pytest.mark.parametrize("contact", CONTACTS)
def test_each_kind_is_hidden(contact):
    assert hide(contact) == MARK
    assert hide(f"Please write: {contact}, or come by.") == f"Please write: {MARK}, or come by."


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_contact_stays(text):
    assert hide(text) == text


@pytest.mark.parametrize(
    "said",
    [
        "Tel: 496 0101",
        "ring us on 496 0101",
        "Call me at 4960101",
        "Tel:\u00a0496\u20110101",
        "Tel \u2013 496/0101",
    ],
)
def test_a_short_number_is_hidden_where_the_words_say_what_it_is(said):
    assert hide(said).endswith(MARK)
    assert "0101" not in hide(said)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("01/02/2026 07700 900123", f"01/02/2026 {MARK}"),
        ("0113 496 0101/07700 900123", f"{MARK}/{MARK}"),
        ("Office 5/0113 496 0101", f"Office 5/{MARK}"),
    ],
)
def test_a_number_to_ring_is_found_beside_other_numbers(text, shown):
    assert hide(text) == shown


def test_the_bids_of_the_example_hold_nothing_to_hide():
    bids = [
        tomllib.loads(path.read_text())
        for path in (Path(example.__file__).parent / "bids").rglob("*.toml")
    ]
    found = [text for bid in bids for text in texts_in(bid)]
    assert len(found) > 500
    assert [text for text in found if hide(text) != text] == []


def texts_in(value):
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inside for text in texts_in(one)]


@given(WORDS, st.sampled_from(CONTACTS), WORDS, st.sampled_from(CONTACTS), WORDS)
def test_none_is_left_wherever_it_stands(first, one, middle, two, last):
    text = f"{first} {one} {middle} {two} {last}"
    shown = hide(text)
    assert one not in shown
    assert two not in shown
    assert MARK in shown
    assert hide(shown) == shown


@given(st.text(max_size=200))
def test_hiding_twice_is_hiding_once(text):
    assert hide(hide(text)) == hide(text)


@given(WORDS)
def test_a_text_without_contacts_comes_back_as_it_is(text):
    assert hide(text) == text


@given(CONTENT, st.sampled_from(CONTACTS))
def test_for_readers_hides_in_every_text_and_changes_no_other_thing(content, contact):
    content["summary"] = f"We are here. {contact}"
    content["answers"] = [{"key": "need", "label": "Need", "text": contact, "criteria": ["a"]}]
    content["documents"] = [{"uuid": "1", "name": f"From {contact}"}]
    before = copy.deepcopy(content)
    shown = for_readers(content)
    assert content == before
    assert contact not in str(shown)
    assert shown["answers"] == [{"key": "need", "label": "Need", "text": MARK, "criteria": ["a"]}]
    assert [row["uuid"] for row in shown["documents"]] == ["1"]
    assert [(row["cost"], row["asked"]) for row in shown["budget"]] == [
        (row["cost"], row["asked"]) for row in before["budget"]
    ]
    assert set(shown) == set(before)


def test_names_of_people_stay():
    content = {"partners": ["Mr Khan's bakery, 07700 900 123", "Mrs Contact"]}
    assert for_readers(content)["partners"] == [f"Mr Khan's bakery, {MARK}", "Mrs Contact"]


def test_a_long_text_without_spaces_takes_no_time_to_speak_of():
    """No pattern goes back over a long run again and again: this would take hours if one did."""
    for run in ("a" * 20_000, "a." * 10_000, "0 " * 10_000, "1" * 20_000, "@" * 20_000, *TRICKY):
        assert redaction.hide(run + "!")


@pytest.mark.parametrize("text", CONTACTS)
def test_found_in_names_what_would_be_hidden(text):
    assert found_in(f"Write to {text} please.") != []


@pytest.mark.parametrize("text", HARMLESS)
def test_found_in_names_nothing_else(text):
    assert found_in(text) == []


def test_found_in_gives_it_as_it_was_typed():
    said = "Ring me on 0113 496 0101, or write to amina@example.org."
    assert found_in(said) == ["amina@example.org", "0113 496 0101"]
