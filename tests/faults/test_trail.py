"""F22: 10,000 entries, and each way to tamper is found at the first bad number."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from ledger.actions import chain_for, record_many
from ledger.checking import first_trouble
from ledger.models import Chain
from tests.factories.unguarded import unguarded
from tests.faults import cells

pytestmark = pytest.mark.django_db

MANY = 10_000


@pytest.fixture(scope="module")
def chain(django_db_setup: None, django_db_blocker: Any) -> Iterator[Chain]:
    """One long chain for the whole file. Each tampering is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = chain_for("long")
        record_many(
            chain=made,
            entries=[("did_something", {"number": number}) for number in range(MANY)],
            by=Person.objects.machine(),
            at=timezone.now(),
        )
        made.refresh_from_db()
        with unguarded():
            yield made
        transaction.set_rollback(True)


def place(chain: Chain) -> str:
    return f"chain_id = {chain.pk} AND seq"


# Two that stand side by side are swapped by way of a number that nobody has.
TAMPERING = {
    "a fact changed": (["UPDATE ledger_entry SET verb = 'other' WHERE {} = 5000"], 5000),
    "the text changed": (["UPDATE ledger_entry SET payload = '{{}}' WHERE {} = 77"], 77),
    "the hash changed": ([f"UPDATE ledger_entry SET hash = '{'f' * 64}' WHERE {{}} = 9999"], 9999),
    "one taken out": (["DELETE FROM ledger_entry WHERE {} = 5001"], 5001),
    "the first taken out": (["DELETE FROM ledger_entry WHERE {} = 1"], 1),
    "one put in": (
        [
            "UPDATE ledger_entry SET seq = seq + 100000 WHERE {} > 6000",
            "UPDATE ledger_entry SET seq = seq - 99999 WHERE {} > 100000",
            "INSERT INTO ledger_entry (chain_id, seq, verb, by_id, at, data, payload, "
            "previous_hash, hash) SELECT chain_id, 6001, verb, by_id, at, data, payload, "
            "previous_hash, hash FROM ledger_entry WHERE {} = 6000",
        ],
        6001,
    ),
    "two swapped": (
        [
            "UPDATE ledger_entry SET seq = 200000 WHERE {} = 300",
            "UPDATE ledger_entry SET seq = 300 WHERE {} = 301",
            "UPDATE ledger_entry SET seq = 301 WHERE {} = 200000",
        ],
        300,
    ),
    "the tail cut": (["DELETE FROM ledger_entry WHERE {} > 9990"], 9991),
}


@pytest.mark.parametrize(("changes", "bad"), TAMPERING.values(), ids=TAMPERING)
def test_the_first_bad_entry_is_named(chain: Chain, changes: list[str], bad: int) -> None:
    with transaction.atomic():
        for change in changes:
            cells.run(change.format(place(chain)))
        found = first_trouble(chain)
        transaction.set_rollback(True)
    assert found is not None
    assert found.seq == bad


def test_a_whole_chain_holds(chain: Chain) -> None:
    assert chain.head_seq == MANY
    assert first_trouble(chain) is None


def test_a_tail_cut_with_its_head_put_right_is_caught_by_the_printed_hash(chain: Chain) -> None:
    """Whoever owns the database can cut the tail and set the head back: the chain then holds.

    Only the mark that was printed before, on a receipt or a report, tells.
    """
    printed = chain.head_hash
    with transaction.atomic():
        cells.run(f"DELETE FROM ledger_entry WHERE {place(chain)} > 9990")
        cells.run(
            "UPDATE ledger_chain SET head_seq = 9990, head_hash = (SELECT hash FROM ledger_entry "
            f"WHERE {place(chain)} = 9990) WHERE id = {chain.pk}"
        )
        cut = Chain.objects.get(pk=chain.pk)
        assert first_trouble(cut) is None
        kept = cut.entries.filter(hash=printed).exists()
        transaction.set_rollback(True)
    assert not kept, "the printed mark is in the trail no more"
    assert Chain.objects.get(pk=chain.pk).entries.filter(hash=printed).exists()
