"""`manage.py export_report ROUND --format pdf --output FILE`: a final copy of a round's report."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Round
from decisions import actions
from decisions.models import ReportFile
from ledger import clock


class Command(BaseCommand):
    """Make a copy of the report, as the page does. Refused before every panel has agreed it."""

    help = "Export a round's decision report, once every panel has agreed it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("round", help="The round's number or its short name in addresses")
        parser.add_argument("--format", required=True, choices=ReportFile.Format.values)
        parser.add_argument("--output", required=True, type=Path, help="The file to write")
        parser.add_argument(
            "--public", action="store_true", help="Awards only; nobody else is named"
        )
        parser.add_argument("--large-print", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        named: str = options["round"]
        found = {"pk": int(named)} if named.isdigit() else {"slug": named}
        round = Round.objects.filter(**found).first()
        if round is None:
            raise CommandError(f"There is no round called {named}.")
        audience = ReportFile.Audience.PUBLIC if options["public"] else ReportFile.Audience.BOARD
        try:
            made = actions.export_report(
                round=round,
                format=options["format"],
                by=Person.objects.operator(),
                at=clock.now(),
                audience=audience,
                large_print=options["large_print"],
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        output: Path = options["output"]
        half = output.with_name(f".{output.name}.half")
        with made.file.open("rb") as content:
            half.write_bytes(content.read())
        half.replace(output)  # whole, or not there
        self.stdout.write(f"Written to {output} (sha256 {made.sha256}).")
