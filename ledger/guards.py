"""Guards in the database: what not even a bug, an admin page or a raw query may write.

Each app lists its guards in `guards.py`; this module turns them into triggers for PostgreSQL and
SQLite. All are taken off before a migration and put back after it, from that one list, because
SQLite drops a table's triggers when it remakes the table, without a word.

Every table in the list is also kept in three ways that need no line of their own: no row ever
changes its id, no table is emptied at once, and on SQLite no row is pushed out by REPLACE.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import Any

from django.apps import apps
from django.db import connections, transaction
from django.db.models import Model, UniqueConstraint
from django.utils.module_loading import module_has_submodule

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


@dataclass(frozen=True, slots=True)
class Emptied:
    """Words that retention may take away from rows which otherwise never change.

    An update is let through when each column of `blank` stays as it was or becomes its blank value
    (SQL), every other column stays, and `when` is true (SQL over OLD).
    """

    table: str
    blank: Mapping[str, str]
    when: str

    @property
    def lawful(self) -> str:
        """SQL that is true when an update does only that."""
        model = next(row for row in apps.get_models() if row._meta.db_table == self.table)
        same = {
            field.column: f'NEW."{field.column}" IS NOT DISTINCT FROM OLD."{field.column}"'
            for field in model._meta.local_fields
        }
        stay = [sql for name, sql in same.items() if name not in self.blank]
        go = [
            f'({same[name]} OR NEW."{name}" IS NOT DISTINCT FROM {sql})'
            for name, sql in self.blank.items()
        ]
        return " AND ".join([*stay, *go, self.when])


def emptied() -> list[Emptied]:
    """What every app says may be emptied (`emptied` in its guards)."""
    return [row for module in _modules() for row in getattr(module, "emptied", list)()]


def append_only(table: str) -> Iterator[Guard]:
    """No row of this table is ever changed or taken away."""
    for on in ("UPDATE", "DELETE"):
        yield Guard(f"{table}_{on.lower()}", table, on, f"{table} is append-only")


def _modules() -> list[ModuleType]:
    """The guards of every other app, in app order."""
    return [
        import_module(f"{config.name}.guards")
        for config in apps.get_app_configs()
        if config.module and config.name != "ledger"
        if module_has_submodule(config.module, "guards")
    ]


def listed() -> list[Guard]:
    """Every app's guards as they are written down, in app order."""
    return [*LEDGER_GUARDS, *(guard for module in _modules() for guard in module.GUARDS)]


def guards() -> list[Guard]:
    """The one list, in which guards of changes let through what retention may take away."""
    lawful: defaultdict[str, list[str]] = defaultdict(list)
    for row in emptied():
        lawful[row.table].append(f"NOT ({row.lawful})")
    return [
        replace(guard, bad=" AND ".join([f"({guard.bad})", *lawful[guard.table]]))
        if guard.on == "UPDATE" and guard.table in lawful
        else guard
        for guard in listed()
    ]


LEDGER_GUARDS: list[Guard] = [
    *append_only("ledger_entry"),
    Guard(
        "entry_insert",
        "ledger_entry",
        "INSERT",
        "an entry comes after all that are there",
        "NEW.seq <= COALESCE((SELECT c.head_seq FROM ledger_chain c WHERE c.id = NEW.chain_id), 0)",
    ),
    *append_only("ledger_letter"),
    Guard("chain_delete", "ledger_chain", "DELETE", "a chain is never deleted"),
    Guard("chain_insert", "ledger_chain", "INSERT", "a chain starts empty", "NEW.head_seq <> 0"),
    Guard(
        "chain_back",
        "ledger_chain",
        "UPDATE",
        "a chain only grows",
        "NEW.head_seq < OLD.head_seq OR NEW.key <> OLD.key "
        "OR (NEW.head_seq = OLD.head_seq AND NEW.head_hash <> OLD.head_hash)",
    ),
    Guard("sending_delete", "ledger_sending", "DELETE", "what is to be sent is never taken away"),
    Guard(
        "sending_back",
        "ledger_sending",
        "UPDATE",
        "a letter that went stays sent, and a sending keeps its letter",
        "NEW.letter_id <> OLD.letter_id OR (OLD.state = 'sent' AND NEW.state <> 'sent')",
    ),
]


# ---- What every guarded table has -------------------------------------------------------------
def kept(vendor: str) -> Iterator[Guard]:
    """For each guarded table: ids stay, and SQLite's REPLACE pushes no row out."""
    models = {model._meta.db_table: model for model in apps.get_models()}
    for table in sorted({guard.table for guard in listed()}):
        key = models[table]._meta.pk.column
        yield Guard(
            f"{table}_id",
            table,
            "UPDATE",
            f"a row of {table} keeps its id",
            f"NEW.{key} <> OLD.{key}",
        )
        if vendor == "sqlite":
            for on, other in (("INSERT", ""), ("UPDATE", f" AND o.{key} <> OLD.{key}")):
                yield Guard(
                    f"{table}_pushed_out_by_{on.lower()}",
                    table,
                    on,
                    f"a row of {table} is never pushed out by another",
                    " OR ".join(
                        f"EXISTS (SELECT 1 FROM {table} o WHERE {same}{other})"
                        for same in _same_key(models[table])
                    ),
                )


def _same_key(model: type[Model]) -> Iterator[str]:
    """For each unique key of a table: SQL that is true when the rows `o` and NEW share it.

    REPLACE takes away the row in the way and fires no delete trigger, unless the connection asks
    for it, which whoever wants to cheat will not do.
    """
    for field in model._meta.local_fields:
        if field.unique:
            yield f"o.{field.column} = NEW.{field.column}"
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            by_name = {field.name: field.column for field in model._meta.local_fields}
            columns = [by_name[name] for name in constraint.fields]
            sides = [f"o.{column} = NEW.{column}" for column in columns]
            if constraint.condition:
                editor = connections["default"].schema_editor()
                # Django has no public way to ask for the condition's SQL.
                where = constraint._get_condition_sql(model, editor)  # type: ignore[attr-defined]
                sides += [re.sub(r'"(\w+)"', rf"{row}.\1", where) for row in ("o", "NEW")]
            yield " AND ".join(f"({side})" for side in sides)


# ---- Putting them in place --------------------------------------------------------------------
def _body(guard: Guard) -> str:
    give = "OLD" if guard.on == "DELETE" else "NEW"
    return (
        f"BEGIN IF {guard.bad} THEN "
        f"RAISE EXCEPTION '{guard.sentence}' USING ERRCODE = '23514'; END IF; RETURN {give}; END"
    )


def _wanted(vendor: str) -> dict[str, tuple[str, str, str]]:
    """Each trigger that should stand: its table, when it fires, and its text."""
    standing: dict[str, tuple[str, str, str]] = {}
    for guard in [*guards(), *kept(vendor)]:
        if vendor == "sqlite":
            when = f"BEFORE {guard.on}"
            text = (
                f"CREATE TRIGGER {guard.trigger} BEFORE {guard.on} ON {guard.table} "
                f"WHEN {guard.bad} BEGIN SELECT RAISE(ABORT, '{guard.sentence}'); END"
            )
        else:
            when, text = f"BEFORE {guard.on} ON {guard.table} FOR EACH ROW", _body(guard)
        standing[guard.trigger] = (guard.table, when, text)
    if vendor != "sqlite":
        for table in sorted({guard.table for guard in listed()}):
            never = Guard("", table, "TRUNCATE", f"{table} is never emptied")
            when = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
            standing[f"{PREFIX}{table}_truncate"] = (table, when, _body(never))
    return standing


def install(using: str = "default") -> None:
    """Put every guard whose table exists in place, over whatever has its name; all or none."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with transaction.atomic(using), connection.cursor() as cursor:
        for trigger, (table, when, text) in _wanted(connection.vendor).items():
            if table not in tables:
                continue
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}")
                cursor.execute(text)
                continue
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger "
                f"LANGUAGE plpgsql AS $body$ {text} $body$"
            )
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER {trigger} {when} EXECUTE FUNCTION {trigger}()"
            )


def take_off(using: str = "default") -> None:
    """Remove every guard: before a migration, and to empty a test database. All or none."""
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        for trigger, table, _text in _installed(cursor, connection.vendor):
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER {trigger}")
            else:
                cursor.execute(f"DROP TRIGGER {trigger} ON {table}")


def _installed(cursor: Any, vendor: str) -> list[tuple[str, str, str]]:
    """Each guard there is: its name, its table and its text."""
    if vendor == "sqlite":
        cursor.execute(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
            [f"{PREFIX}%"],
        )
    else:
        cursor.execute(
            "SELECT t.tgname, t.tgrelid::regclass::text, p.prosrc FROM pg_trigger t "
            "JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgname LIKE %s",
            [f"{PREFIX}%"],
        )
    return list(cursor.fetchall())


def missing(using: str = "default", *, on: Collection[str] | None = None) -> list[str]:
    """Names of guards that should stand and do not, or that say something else than they should.

    `on` asks of these tables alone: before a migration, those of tables to come are not missed.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        there = {name: text.strip() for name, _table, text in _installed(cursor, connection.vendor)}
    wanted = _wanted(connection.vendor)
    return sorted(
        name
        for name, (table, _when, text) in wanted.items()
        if there.get(name) != text and (on is None or table in on)
    )


def take_off_before_migrating(**kwargs: Any) -> None:
    """Django's pre_migrate: guards off, so that a table can be remade."""
    take_off(kwargs["using"])


def install_after_migrating(**kwargs: Any) -> None:
    """Django's post_migrate, of one app: it is sent when all have migrated. Guards back."""
    install(kwargs["using"])
