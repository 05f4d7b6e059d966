"""Questions to the database that are put together once and asked many times.

The database answers a question with many parts in a fraction of a millisecond, but the ORM takes
ten to write it, each time anew, and PostgreSQL three to plan it. A `Prepared` question is written
once, and planned once on each line to PostgreSQL; then only its numbers change. For the few
questions that every page of a reader asks.
"""

from collections.abc import Callable
from copy import copy
from functools import cache
from hashlib import sha256
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=models.Model)

# Numbers that no id has: they hold the places of those that each call gives.
_PLACE = -8_675_309

# The questions that each open line to PostgreSQL has planned, by name.
_planned: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class Prepared(Generic[Row]):
    """A query that is written once. `build` gets one number for each place and gives the query.

    The numbers may only be compared with columns: what is done with them in Python is done once.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Row]]) -> None:
        self.build = build
        self._compiled = cache(self._compile)

    def rows(self, *numbers: int) -> list[Row]:
        """Its rows for these numbers, as the query itself would give them (one query)."""
        kept, sql, places = self._compiled(len(numbers))
        compiler = copy(kept)
        connection = compiler.connection = connections[DEFAULT_DB_ALIAS]
        marks = _marks(len(numbers))
        if connection.vendor == "postgresql" and settings.DATABASE_KEEPS_PLANS:
            sql, asked = f"EXECUTE {_plan(connection, sql, places, marks)}", numbers
        else:
            given = dict(zip(marks, numbers, strict=True))
            asked = tuple(given.get(value, value) for value in places)
        # This copy answers with the words that are kept: that is the whole point, and mypy forbids
        # to put a function in place of a method.
        compiler.as_sql = lambda *_more, **_also: (sql, asked)  # type: ignore[method-assign]
        # `_Asked` has all that is asked of a queryset here; the stubs want a whole one.
        return list(ModelIterable(_Asked(compiler)))  # type: ignore[arg-type]

    def _compile(self, count: int) -> tuple[SQLCompiler, str, tuple[Any, ...]]:
        query = self.build(*_marks(count)).query
        compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        sql, places = compiler.as_sql()
        return compiler, sql, tuple(places)


def _marks(count: int) -> tuple[int, ...]:
    return tuple(_PLACE - place for place in range(count))


def _plan(
    connection: BaseDatabaseWrapper, sql: str, places: tuple[Any, ...], marks: tuple[int, ...]
) -> str:
    """How to ask PostgreSQL for a question that this line has planned; planned now if need be.

    It is named by its words, so that no other question can ever be meant.
    """
    # Here, for a site that stands on SQLite need not load it. Untyped: psycopg2 has no types of its
    # own, and this one word of it does not earn a package of stubs.
    from psycopg2.extensions import AsIs  # type: ignore[import-untyped]

    name = f"purse_{sha256(repr((sql, places)).encode()).hexdigest()[:32]}"
    connection.ensure_connection()
    known = _planned.setdefault(connection.connection, set())
    if name not in known:
        numbered = {mark: AsIs(f"${place}") for place, mark in enumerate(marks, start=1)}
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            words = cursor.mogrify(sql, [numbered.get(value, value) for value in places])
            cursor.execute(f"PREPARE {name} AS {words.decode()}")
        known.add(name)
    return f"{name} ({', '.join(['%s'] * len(marks))})" if marks else name


class _Asked:
    """As much of a queryset as `ModelIterable` asks for."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, compiler: SQLCompiler) -> None:
        self.compiler = compiler

    @property
    def query(self) -> "_Asked":
        return self

    def get_compiler(self, using: str) -> SQLCompiler:
        return self.compiler
