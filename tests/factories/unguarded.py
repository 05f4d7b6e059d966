"""Taking guards off some tables for a moment: to plant what must never be, and see it refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from ledger import guards


@contextmanager
def unguarded() -> Iterator[None]:
    """No guard stands inside this block. All of them are put back after it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table whose foreign keys wait to be checked cannot lose a trigger.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    guards.take_off()
    try:
        yield
    finally:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        guards.install()
