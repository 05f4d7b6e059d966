"""Whether a reason says something: asked the same of every "no" that a panel gives to a group."""

FEWEST_WORDS = 3
FEWEST_LETTERS = 10


def says_why(text: str) -> bool:
    """Whether there are words in it: three, or ten letters. A full stop alone is no reason."""
    letters = [sum(map(str.isalpha, word)) for word in text.split()]
    return sum(map(bool, letters)) >= FEWEST_WORDS or sum(letters) >= FEWEST_LETTERS
