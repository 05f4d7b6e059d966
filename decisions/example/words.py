"""The example's words, read from the TOML files beside this one."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent


@cache
def read(name: str) -> dict[str, Any]:
    """One of the example's files: cast, round, criteria, reasons or application_form."""
    return tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))


def people(role: str) -> list[dict[str, Any]]:
    """The cast with this role, in the order of the file."""
    return [person for person in read("cast")["people"] if person["role"] == role]


def bids() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every bid as (lot slug, the bid's own slug, what its file says)."""
    for path in sorted((HERE / "bids").glob("*/*.toml")):
        yield path.parent.name, path.stem, tomllib.loads(path.read_text("utf-8"))


class Voices:
    """Draws people's words without repeating one until all have been used."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._left: dict[str, list[Any]] = {}

    def draw(self, key: str, words: list[Any]) -> Any:
        """The next of these words, in a shuffled order of this key's own."""
        left = self._left.get(key) or self._random.sample(words, len(words))
        self._left[key] = left
        return left.pop()
