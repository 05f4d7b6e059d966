"""How long it takes to check a trail of 100,000 entries."""

import time

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from ledger.actions import chain_for, record_many
from ledger.checking import first_trouble

MANY, AT_ONCE = 100_000, 5_000


@pytest.mark.django_db
def test_verify_ledger_on_a_hundred_thousand_entries() -> None:
    chain = chain_for("long")
    for first in range(0, MANY, AT_ONCE):
        with transaction.atomic():
            record_many(
                chain=chain,
                entries=[("did_something", {"n": first + place}) for place in range(AT_ONCE)],
                by=Person.objects.machine(),
                at=timezone.now(),
            )
    chain.refresh_from_db()
    began = time.monotonic()
    assert first_trouble(chain) is None
    print(f"{chain.head_seq} entries checked in {time.monotonic() - began:.2f} s")
    assert chain.head_seq == MANY
