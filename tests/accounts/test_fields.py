"""A day asked in three boxes."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts.fields import DayField


def test_day_typed_in_three_boxes():
    assert DayField().clean(["3", " 3 ", "2026"]) == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (["31", "2", "2026"], "invalid"),
        (["3", "March", "2026"], "invalid"),
        (["3", "3", ""], "invalid"),
        (["3", "3", "26"], "year"),
        (["", "", ""], "required"),
        (None, "required"),
    ],
)
def test_day_that_is_none(typed, code):
    with pytest.raises(ValidationError) as caught:
        DayField().clean(typed)
    assert caught.value.code == code


def test_day_may_be_left():
    assert DayField(required=False).clean(["", "", ""]) is None


def test_same_day_has_not_changed():
    field = DayField()
    assert not field.has_changed(date(2026, 3, 3), ["3", "3", "2026"])
    assert field.has_changed(date(2026, 3, 3), ["4", "3", "2026"])


def test_day_known_before_stands_in_its_boxes():
    assert DayField().widget.decompress(date(2026, 3, 4)) == [4, 3, 2026]
