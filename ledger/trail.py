"""How an entry is made into text and hashed: pure, so that anybody can check a trail by hand."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FIRST_HASH = "0" * 64


def canonical(
    *, chain: str, seq: int, verb: str, by: int, at: datetime, data: Mapping[str, Any]
) -> str:
    """The one text for an entry: JSON with sorted keys and no spare spaces."""
    facts = {
        "at": at.astimezone(UTC).isoformat(),
        "by": by,
        "chain": chain,
        "data": dict(data),
        "seq": seq,
        "verb": verb,
    }
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def link(previous_hash: str, payload: str) -> str:
    """SHA-256 (hex) over the hash before and this entry's text."""
    return hashlib.sha256(f"{previous_hash}\n{payload}".encode()).hexdigest()


def digest(text: str) -> str:
    """SHA-256 (hex) of a text, to prove later that a stored row is unchanged."""
    return hashlib.sha256(text.encode()).hexdigest()
