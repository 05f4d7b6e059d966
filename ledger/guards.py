"""Guards in the database: what not even a bug, an admin page or a raw query may write.

Each app lists its guards in `guards.py`; this module turns them into triggers for PostgreSQL and
SQLite. All are taken off before a migration and put back after it, from that one list, because
SQLite drops a table's triggers when it remakes the table, without a word.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections
from django.utils.module_loading import import_string, module_has_submodule

PREFIX = "guard_"


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuse a write to `table` when `bad` is true.

    `bad` is SQL over NEW and OLD, the same on both vendors. `on` is INSERT, UPDATE or DELETE.
    `sentence` says in plain words what was refused.
    """

    name: str
    table: str
    on: str
    sentence: str
    bad: str = "1 = 1"

    @property
    def trigger(self) -> str:
        return f"{PREFIX}{self.name}"


def append_only(table: str) -> Iterator[Guard]:
    """No row of this table is ever changed or taken away."""
    for on in ("UPDATE", "DELETE"):
        yield Guard(f"{table}_{on.lower()}", table, on, f"{table} is append-only")
    # SQLite's INSERT OR REPLACE deletes without firing delete triggers.
    yield Guard(
        f"{table}_replace",
        table,
        "INSERT",
        f"{table} is append-only",
        f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)",
    )


def guards() -> list[Guard]:
    """The one list: every app's guards, in app order."""
    found: list[Guard] = []
    for config in apps.get_app_configs():
        if config.module is None or config.name == "ledger":
            continue
        if module_has_submodule(config.module, "guards"):
            found += import_string(f"{config.name}.guards.GUARDS")
    return [*LEDGER_GUARDS, *found]


LEDGER_GUARDS: list[Guard] = [
    *append_only("ledger_entry"),
    *append_only("ledger_letter"),
    Guard("chain_delete", "ledger_chain", "DELETE", "a chain is never deleted"),
    Guard(
        "chain_back",
        "ledger_chain",
        "UPDATE",
        "a chain only grows",
        "NEW.head_seq < OLD.head_seq OR NEW.key <> OLD.key",
    ),
]


def _sqlite(guard: Guard) -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {guard.trigger} BEFORE {guard.on} ON {guard.table} "
        f"WHEN {guard.bad} BEGIN SELECT RAISE(ABORT, '{guard.sentence}'); END"
    )


def _postgres(guard: Guard) -> Iterator[str]:
    give = "OLD" if guard.on == "DELETE" else "NEW"
    yield (
        f"CREATE OR REPLACE FUNCTION {guard.trigger}() RETURNS trigger LANGUAGE plpgsql AS $body$ "
        f"BEGIN IF {guard.bad} THEN "
        f"RAISE EXCEPTION '{guard.sentence}' USING ERRCODE = '23514'; END IF; RETURN {give}; END "
        f"$body$"
    )
    yield (
        f"CREATE OR REPLACE TRIGGER {guard.trigger} BEFORE {guard.on} ON {guard.table} "
        f"FOR EACH ROW EXECUTE FUNCTION {guard.trigger}()"
    )
    if guard.on == "DELETE":
        yield (
            f"CREATE OR REPLACE TRIGGER {guard.trigger}_truncate BEFORE TRUNCATE ON {guard.table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {guard.trigger}()"
        )


def install(using: str = "default") -> None:
    """Put every guard whose table exists in place. Safe to run again."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in guards():
            if guard.table not in tables:
                continue
            statements = [_sqlite(guard)] if connection.vendor == "sqlite" else _postgres(guard)
            for statement in statements:
                cursor.execute(statement)


def take_off(using: str = "default") -> None:
    """Remove every guard: before a migration, and to empty a test database."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for trigger, table in _installed(cursor, connection.vendor):
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER {trigger}")
            else:
                cursor.execute(f"DROP TRIGGER {trigger} ON {table}")


def _installed(cursor: Any, vendor: str) -> list[tuple[str, str]]:
    if vendor == "sqlite":
        cursor.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
            [f"{PREFIX}%"],
        )
    else:
        cursor.execute(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgname LIKE %s",
            [f"{PREFIX}%"],
        )
    return list(cursor.fetchall())


def missing(using: str = "default") -> list[str]:
    """Names of guards that should stand and do not."""
    connection = connections[using]
    with connection.cursor() as cursor:
        there = {name for name, _table in _installed(cursor, connection.vendor)}
    return sorted(_expected(guards(), connection.vendor) - there)


def _expected(listed: Iterable[Guard], vendor: str) -> set[str]:
    names = {guard.trigger for guard in listed}
    if vendor != "sqlite":
        names |= {f"{guard.trigger}_truncate" for guard in listed if guard.on == "DELETE"}
    return names


def take_off_before_migrating(**kwargs: Any) -> None:
    """Django's pre_migrate: guards off, so that a table can be remade."""
    take_off(kwargs["using"])


def install_after_migrating(**kwargs: Any) -> None:
    """Django's post_migrate: guards back, once the last app has migrated."""
    install(kwargs["using"])
