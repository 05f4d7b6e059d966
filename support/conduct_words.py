"""The agreement on confidentiality and conduct: its words, and the mark of what was signed."""

import hashlib
import tomllib
from functools import cache
from typing import Any

from support.content import HERE


@cache
def conduct() -> dict[str, Any]:
    """The agreement's title, what a person promises, and what we promise."""
    return tomllib.loads((HERE / "conduct.toml").read_text("utf-8"))


def mark() -> str:
    """A mark of the words as they stand. Other words have another mark."""
    words = [conduct()["title"], *conduct()["promises"], *conduct()["ours"]]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
