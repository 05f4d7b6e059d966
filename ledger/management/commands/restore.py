"""python manage.py restore FILE: fill an empty installation from a backup."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from ledger.backup import bring_back


class Command(BaseCommand):
    help = "Fill an empty database and an empty folder of private files from a backup."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        bring_back(options["file"])
        call_command("migrate", verbosity=0)
        call_command("verify_ledger")
        self.stdout.write("Everything is back, and the trail holds.")
