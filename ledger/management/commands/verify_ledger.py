"""python manage.py verify_ledger: check every chain; exit 1 and name the first bad entry."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from ledger.checking import troubles
from ledger.models import Chain, Entry


class Command(BaseCommand):
    help = "Check that no entry of the trail was changed, added or taken away."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(troubles())
        for trouble in found:
            self.stderr.write(
                f"Chain {trouble.chain}: the first bad entry is number {trouble.seq}: "
                f"{trouble.sentence}."
            )
        if found:
            sys.exit(1)
        for chain in Chain.objects.order_by("pk"):
            self.stdout.write(f"Chain {chain.key}: {chain.head_seq} entries, {chain.head_hash}")
        self.stdout.write(f"All {Entry.objects.count()} entries hold.")
