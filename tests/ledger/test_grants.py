"""On PostgreSQL the app's own role cannot rewrite the trail, whatever the app does."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from accounts.models import Person
from ledger.actions import record
from ledger.grants import append_only_tables
from ledger.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.pg]


@pytest.fixture
def as_the_app() -> Iterator[None]:
    """Act as the role that the running site signs in as."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {settings.DATABASE_APP_ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def write() -> None:
    with transaction.atomic():
        record(chain=None, verb="did_something", by=Person.objects.machine(), at=timezone.now())


def test_the_trail_is_among_the_append_only_tables() -> None:
    assert "ledger_entry" in append_only_tables()


def test_the_app_may_read_and_add(as_the_app: None) -> None:
    before = Entry.objects.count()
    write()
    assert Entry.objects.count() == before + 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET verb = 'other'",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry CASCADE",
        "TRUNCATE ledger_heartbeat",
        "DROP TRIGGER guard_ledger_entry_update ON ledger_entry",
        "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
        "DROP TABLE ledger_entry CASCADE",
        "SET session_replication_role = replica",
        "GRANT UPDATE ON ledger_entry TO CURRENT_USER; UPDATE ledger_entry SET verb = 'other'",
        "CREATE OR REPLACE FUNCTION guard_ledger_entry_update() RETURNS trigger "
        "LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    ],
)
def test_the_app_may_not(as_the_app: None, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize("privilege", ["UPDATE", "DELETE", "TRUNCATE"])
def test_no_append_only_table_was_forgotten(privilege: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s) AS name WHERE has_table_privilege(%s, name, %s)",
            [append_only_tables(), settings.DATABASE_APP_ROLE, privilege],
        )
        assert cursor.fetchall() == []


def test_the_app_may_read_all_that_a_backup_needs(as_the_app: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND ("
            "(relkind = 'r' AND NOT has_table_privilege(oid, 'SELECT')) OR "
            "(relkind = 'S' AND NOT has_sequence_privilege(oid, 'SELECT')))"
        )
        assert cursor.fetchall() == []


def test_the_app_may_blank_what_was_kept_long_enough_and_no_other_column() -> None:
    with connection.cursor() as cursor:

        def may(table: str, column: str) -> bool:
            cursor.execute(
                "SELECT has_column_privilege(%s, %s, %s, 'UPDATE')",
                [settings.DATABASE_APP_ROLE, table, column],
            )
            return bool(cursor.fetchone()[0])

        assert may("panels_score", "reason")
        assert may("ledger_letter", "body_text")
        assert may("applications_bidversion", "content")
        assert not may("panels_score", "value")
        assert not may("ledger_letter", "key")
        assert not may("applications_bidversion", "digest")
        assert not may("ledger_entry", "data")
