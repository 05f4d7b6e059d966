"""Django's `check --database default`: a guard that is gone, or was changed, is told."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

from ledger import guards


def guards_stand(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """A warning for a database whose guards are not all there.

    A warning, since `migrate` itself asks this first, and is what puts them back.
    """
    return [
        checks.Warning(
            f"{len(gone)} guards are missing or changed in {using!r}: {', '.join(gone[:5])}.",
            hint="Run: python manage.py migrate. Then find out who took them off.",
            id="ledger.W001",
        )
        for using in databases or []
        if (gone := _gone(using))
    ]


def _gone(using: str) -> list[str]:
    tables = connections[using].introspection.table_names()
    return guards.missing(using, on=tables) if "ledger_entry" in tables else []
