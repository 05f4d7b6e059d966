"""python manage.py backup FILE: the database and the private files in one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.backup import back_up


class Command(BaseCommand):
    help = "Write the database and the private files into one file, to be kept somewhere else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        back_up(options["file"])
        self.stdout.write(f"Everything is in {options['file']}. Keep it safe and elsewhere.")
