"""The trail: entries follow one another, cannot be changed, and a change is found."""

import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Person
from ledger import guards
from ledger.actions import chain_for, record, record_many
from ledger.checking import first_trouble
from ledger.models import Chain, Entry

pytestmark = pytest.mark.django_db


def write(count: int, key: str = "round-1") -> Chain:
    chain = chain_for(key)
    with transaction.atomic():
        record_many(
            chain=chain,
            entries=[("did_something", {"number": number}) for number in range(count)],
            by=Person.objects.machine(),
            at=timezone.now(),
        )
    chain.refresh_from_db()
    return chain


def test_entries_follow_one_another() -> None:
    chain = write(3)
    first, second, third = chain.entries.order_by("seq")
    assert (first.seq, third.seq) == (1, 3)
    assert first.previous_hash == "0" * 64
    assert second.previous_hash == first.hash
    assert chain.head_hash == third.hash
    assert first_trouble(chain) is None


def test_an_instant_told_in_summer_time_is_the_same_instant() -> None:
    summer = datetime(2026, 7, 1, 10, tzinfo=ZoneInfo("Europe/London"))
    chain = chain_for("round-1")
    with transaction.atomic():
        record(chain=chain, verb="did_something", by=Person.objects.machine(), at=summer)
    chain.refresh_from_db()
    assert first_trouble(chain) is None


def test_each_chain_has_its_own_numbers() -> None:
    write(2, "round-1")
    assert write(1, "round-2").head_seq == 1


def test_an_entry_needs_a_transaction(transactional_db: None) -> None:
    with pytest.raises(RuntimeError, match="same transaction"):
        record(chain=None, verb="did_something", by=Person.objects.machine(), at=timezone.now())


WRITES = {
    "update": "UPDATE ledger_entry SET verb = 'other'",
    "delete": "DELETE FROM ledger_entry",
    "chain_back": "UPDATE ledger_chain SET head_seq = 0",
    "chain_delete": "DELETE FROM ledger_chain",
}


@pytest.mark.parametrize("sql", WRITES.values(), ids=WRITES)
def test_the_database_refuses_raw_changes(sql: str) -> None:
    write(2)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.sqlite
def test_the_database_refuses_insert_or_replace() -> None:
    write(2)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry WHERE seq = 1"
        )


@pytest.mark.pg
def test_the_database_refuses_truncate() -> None:
    write(2)
    both = "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE ledger_entry CASCADE"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(both)


def tamper(change: str) -> None:
    guards.take_off()
    with connection.cursor() as cursor:
        cursor.execute(change)
    guards.install()


TAMPERING = {
    "a fact": ("UPDATE ledger_entry SET data = '{\"number\": 9}' WHERE seq = 3", 3),
    "the hashed text": ("UPDATE ledger_entry SET payload = '{}' WHERE seq = 2", 2),
    "one taken out": ("DELETE FROM ledger_entry WHERE seq = 3", 3),
    "the tail cut": ("DELETE FROM ledger_entry WHERE seq = 5", 5),
    "two swapped": (
        "UPDATE ledger_entry SET seq = CASE seq WHEN 2 THEN 102 WHEN 3 THEN 2 ELSE seq END "
        "WHERE seq IN (2, 3)",
        2,
    ),
}


@pytest.mark.parametrize(("change", "bad"), TAMPERING.values(), ids=TAMPERING)
def test_verify_ledger_names_the_first_bad_entry(
    change: str, bad: int, capsys: pytest.CaptureFixture[str]
) -> None:
    write(5)
    tamper(change)
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_ledger")
    assert stopped.value.code == 1
    assert f"the first bad entry is number {bad}:" in capsys.readouterr().err


def test_verify_ledger_is_content_with_a_good_trail(capsys: pytest.CaptureFixture[str]) -> None:
    write(5)
    call_command("verify_ledger")
    assert "All 5 entries hold." in capsys.readouterr().out


def test_no_guard_is_missing() -> None:
    assert guards.missing() == []


def test_a_guard_taken_off_is_noticed() -> None:
    guards.take_off()
    assert "guard_ledger_entry_update" in guards.missing()
    guards.install()
    assert guards.missing() == []


@pytest.mark.django_db(transaction=True)
def test_ten_writers_at_once_make_one_unbroken_chain() -> None:
    chain = chain_for("round-1")
    machine = Person.objects.machine()

    def work() -> None:
        for _ in range(5):
            with transaction.atomic():
                record(chain=chain, verb="did_something", by=machine, at=timezone.now())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(10)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    chain.refresh_from_db()
    assert chain.head_seq == Entry.objects.count() == 50
    assert first_trouble(chain) is None
