"""The usual training topics, one TOML file each, in the order of their file names."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def read_topics() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each topic as (slug, facts for `TrainingTopic`)."""
    for path in sorted(HERE.glob("[0-9][0-9]-*.toml")):
        number, slug = path.stem.split("-", 1)
        yield slug, {**tomllib.loads(path.read_text("utf-8")), "order": int(number)}


def read_practice_bid() -> dict[str, Any]:
    """The practice bid, with how five people scored it."""
    return tomllib.loads((HERE / "practice-bid.toml").read_text("utf-8"))


def read_about_questions() -> Iterator[tuple[str, dict[str, Any]]]:
    """The usual questions about all of us, as (slug, facts for `AboutQuestion`), in order."""
    rows = tomllib.loads((HERE / "about-us.toml").read_text("utf-8"))["questions"]
    for order, row in enumerate(rows, start=1):
        facts = {key: row[key] for key in ("text", "options")}
        yield row["slug"], {**facts, "order": order, "shares": [None] * len(row["options"])}


def read_before_after() -> dict[str, Any]:
    """The plain questions asked before and after: `ask`, `answers`, and `questions` in order."""
    return tomllib.loads((HERE / "before-after.toml").read_text("utf-8"))
