"""What counts as a reason: words, and not a full stop."""

import pytest

from commissioning.reasons import says_why


@pytest.mark.parametrize(
    "text", ["It is dear", "Nothing was costed.", "Unaffordable", "Too far off"]
)
def test_words_say_why(text: str) -> None:
    assert says_why(text)


@pytest.mark.parametrize("text", ["", " ", ".", ". . .", "No.", "1 2 3", "-- -- -- --", "Not now"])
def test_signs_and_a_word_do_not(text: str) -> None:
    assert not says_why(text)
