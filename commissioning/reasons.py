"""Whether a reason says something: asked the same of every "no" that a panel gives to a group. And
the words that a panel may add to its reason, for each criterion."""

from collections.abc import Mapping

FEWEST_WORDS = 3
FEWEST_LETTERS = 10


def says_why(text: str) -> bool:
    """Whether there are words in it: three, or ten letters. A full stop alone is no reason."""
    letters = [sum(map(str.isalpha, word)) for word in text.split()]
    return sum(map(bool, letters)) >= FEWEST_WORDS or sum(letters) >= FEWEST_LETTERS


def only_words(given: Mapping[str, str] | None) -> dict[str, str]:
    """What was written for each criterion (by its id), without those left empty."""
    rows = {pk: words.strip() for pk, words in (given or {}).items()}
    return {pk: words for pk, words in rows.items() if words}
