"""python manage.py send_due: one tick by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from ledger.tasks import send_due


class Command(BaseCommand):
    help = "Send every letter that is due now, once."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Letters sent: {send_due()}.")
