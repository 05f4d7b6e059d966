"""The code on a printed score sheet: one person's sheet of one bid, and nothing more.

It is the assignment's number, mixed up with the site's own key, and a check letter. So nothing has
to be stored, a made-up code leads nowhere, and one wrong letter is noticed before anybody looks.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable

import qrcode
from django.conf import settings

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 letters that are hard to confuse by eye: a prime number of them, so that the check letter
catches each single wrong letter and each two that have changed places."""
LENGTH = 9
HALF = 19
LOW = (1 << HALF) - 1
SPARE = 12
"""Bits that are nought before mixing: a code that somebody makes up hardly ever has them."""
LARGEST = (1 << (2 * HALF - SPARE)) - 1
ROUNDS = 6


def code_for(assignment: int) -> str:
    """The code of an assignment, as it is printed: three groups of three."""
    if not 0 < assignment <= LARGEST:
        raise ValueError("There is no code for this number.")
    number = _mixed(assignment << SPARE, settings.SECRET_KEY, range(ROUNDS))
    letters = ""
    for _place in range(LENGTH - 1):
        number, rest = divmod(number, len(LETTERS))
        letters += LETTERS[rest]
    return grouped(letters + _check_letter(letters))


def plain(typed: str) -> str:
    """What was typed or scanned, without spaces and strokes, in capitals."""
    return re.sub(r"[\s\-–.]+", "", typed).upper()


def grouped(code: str) -> str:
    """A code as people read it out."""
    return " ".join(code[at : at + 3] for at in range(0, len(code), 3))


def is_whole(code: str) -> bool:
    """Whether a plain code has the right letters and its check letter fits."""
    known = len(code) == LENGTH and set(code) <= set(LETTERS)
    return known and _check_letter(code[:-1]) == code[-1]


def assignment_of(code: str) -> int | None:
    """The assignment a plain code stands for, or None for one that we never printed."""
    if not is_whole(code):
        return None
    number = 0
    for letter in reversed(code[:-1]):
        number = number * len(LETTERS) + LETTERS.index(letter)
    if number >> (2 * HALF):
        return None
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        back = _mixed(_swapped(number), key, reversed(range(ROUNDS)))
        found, spare = divmod(_swapped(back), 1 << SPARE)
        if found and not spare:
            return found
    return None


def picture_of(code: str) -> tuple[int, str]:
    """The code as a QR code for a scanner: how many squares wide, and the path that draws it."""
    drawn = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_Q)
    drawn.add_data(plain(code))
    rows = drawn.get_matrix()
    path, width = "", len(rows)
    for y, row in enumerate(rows):
        line = "".join("1" if dark else "0" for dark in row)
        for run in re.finditer("1+", line):
            path += f"M{run.start()} {y}h{len(run[0])}v1h-{len(run[0])}z"
    return width, path


def _check_letter(letters: str) -> str:
    total = sum(place * LETTERS.index(letter) for place, letter in enumerate(letters, start=1))
    return LETTERS[total % len(LETTERS)]


def _swapped(number: int) -> int:
    return (number & LOW) << HALF | number >> HALF


def _mixed(number: int, key: str | bytes, rounds: Iterable[int]) -> int:
    """A Feistel network: every number becomes another one, and can be found again with the key."""
    secret = key.encode() if isinstance(key, str) else key
    left, right = number >> HALF, number & LOW
    for turn in rounds:
        said = hmac.new(secret, f"score sheet {turn} {right}".encode(), hashlib.sha256).digest()
        left, right = right, left ^ (int.from_bytes(said[:4]) & LOW)
    return left << HALF | right
