"""Contact details hidden while reading: none is left, and nothing else is touched."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications import redaction
from applications.redaction import for_readers, hide
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
]

WORDS = st.text(alphabet="abcdefg \n,.;:!?'’£%()", max_size=60)


@pytest.mark.parametrize("contact", CONTACTS)
def test_each_kind_is_hidden(contact):
    assert hide(contact) == MARK
    assert hide(f"Please write: {contact}, or come by.") == f"Please write: {MARK}, or come by."


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_contact_stays(text):
    assert hide(text) == text


@pytest.mark.parametrize("said", ["Tel: 496 0101", "ring us on 496 0101", "Call me at 4960101"])
def test_a_short_number_is_hidden_where_the_words_say_what_it_is(said):
    assert hide(said).endswith(MARK)
    assert "0101" not in hide(said)


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
    for run in ("a" * 20_000, "a." * 10_000, "0 " * 10_000, "1" * 20_000, "@" * 20_000):
        assert redaction.hide(run + "!")
