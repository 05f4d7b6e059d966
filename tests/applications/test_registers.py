"""Register numbers are checked for their form, and the fix is offered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.registers import read_charity_number, read_company_number


@pytest.mark.parametrize(
    ("text", "org_id"),
    [
        ("1234567", "GB-CHC-1234567"),
        ("207544", "GB-CHC-207544"),
        ("SC012345", "GB-SC-SC012345"),
        ("NIC101234", "GB-NIC-101234"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_read_charity_number_that_is_right(text, org_id):
    reading = read_charity_number(text)
    assert (reading.org_id, reading.sentence) == (org_id, "")


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("SC12345", "SC012345"),
        ("sc012345", "SC012345"),
        ("1 234 567", "1234567"),
        ("GB-CHC-1234567", "1234567"),
        ("No. 1234567", "1234567"),
        ("12345O7", "1234507"),
        ("1234", ""),
        ("12345678", ""),
        ("none", ""),
    ],
)
def test_read_charity_number_that_looks_odd(text, fix):
    reading = read_charity_number(text)
    assert reading.sentence
    assert reading.fix == fix


@pytest.mark.parametrize("text", ["01234567", "SC123456", "OC301234", "RC000123", "IP12345R"])
def test_read_company_number_that_is_right(text):
    assert read_company_number(text).org_id == f"GB-COH-{text}"


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("1234567", "01234567"),
        ("123456", "00123456"),
        ("0123 4567", "01234567"),
        ("sc12345", "SC012345"),
        ("GB-COH-01234567", "01234567"),
        ("123", ""),
        ("123456789", ""),
    ],
)
def test_read_company_number_that_looks_odd(text, fix):
    reading = read_company_number(text)
    assert reading.sentence
    assert reading.fix == fix


@given(st.text(max_size=20))
def test_a_fix_is_always_right_itself(text):
    for read in (read_charity_number, read_company_number):
        reading = read(text)
        assert (
            bool(reading.scheme) != bool(reading.sentence) or not text.strip() or not reading.scheme
        )
        if reading.fix:
            assert read(reading.fix).scheme
