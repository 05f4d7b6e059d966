"""Bring in bids from a CSV file. See docs/importing.md for its columns and for mappings."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Person
from accounts.permissions import Refused
from applications import actions, importing
from commissioning.models import Lot, Round
from ledger import clock


class DryRun(Exception):
    """Ends the transaction of a try-out, so that nothing of it stays."""


def _nothing(troubles: Sequence[importing.Trouble]) -> CommandError:
    return CommandError(
        f"Nothing was imported. In trouble: {len(troubles)}. Put them right, "
        "or take the good rows alone with --some."
    )


class Command(BaseCommand):
    """`import_applications ROUND FILE.csv --lot LOT`: all good rows, or none."""

    help = "Bring in bids from a CSV file as sent bids. All rows or none, unless --some."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("round", help="the round's short name, as in its address")
        parser.add_argument("file", type=Path, help="the CSV file")
        parser.add_argument("--lot", required=True, help="the lot's short name")
        parser.add_argument(
            "--mapping", type=Path, help="a TOML file that says which column is what"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, no more"
        )
        parser.add_argument("--some", action="store_true", help="take the good rows, leave the bad")

    def handle(self, *args: Any, **options: Any) -> None:
        lot = self._lot(options["round"], options["lot"])
        reading = self._read(lot.round, options["file"], options["mapping"])
        for trouble in reading.troubles:
            self.stderr.write(f"Line {trouble.line}: {trouble.sentence}")
        if reading.troubles and not (options["some"] or options["dry_run"]):
            raise _nothing(reading.troubles)
        for odd in reading.odd:
            self.stderr.write(f"Line {odd.line}: {odd.sentence}")
        some = options["some"] or options["dry_run"]
        done = self._import(lot, reading, dry_run=options["dry_run"], some=some)
        for line, reference, what in done.differing:
            self.stderr.write(
                f"Line {line}: {reference} is here and differs ({what}). It was not changed."
            )
        verb = "Would be imported" if options["dry_run"] else "Imported"
        self.stdout.write(
            f"{verb}: {len(done.made)}. Here already: {len(done.same)}. "
            f"Differing: {len(done.differing)}. "
            f"In trouble: {len(reading.troubles) + len(done.late)}."
        )

    def _lot(self, round_slug: str, lot_slug: str) -> Lot:
        round = Round.objects.filter(slug=round_slug).first()
        if round is None:
            raise CommandError(f"There is no round called {round_slug}.")
        lot = Lot.objects.filter(round=round, slug=lot_slug).select_related("round__chain").first()
        if lot is None:
            names = ", ".join(round.lots.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no lot called {lot_slug}. This round has: {names}.")
        return lot

    def _read(self, round: Round, file: Path, mapping: Path | None) -> importing.Reading:
        keys = list(round.form_questions.values_list("key", flat=True))
        try:
            chosen = (
                importing.mapping_from_toml(mapping.read_text("utf-8"))
                if mapping
                else importing.DEFAULT_MAPPING
            )
            return importing.read(file.read_bytes(), chosen, question_keys=keys)
        except (importing.BadFile, OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error

    def _import(
        self, lot: Lot, reading: importing.Reading, *, dry_run: bool, some: bool
    ) -> actions.Imported:
        done = actions.Imported()
        try:
            with transaction.atomic():
                done = actions.import_bids(
                    lot=lot,
                    rows=reading.rows,
                    file_digest=reading.digest,
                    by=Person.objects.operator(),
                    at=clock.now(),
                )
                for trouble in done.late:
                    self.stderr.write(f"Line {trouble.line}: {trouble.sentence}")
                if done.late and not some:
                    raise _nothing(done.late)
                if dry_run:
                    raise DryRun
        except DryRun:
            pass
        except Refused as error:
            raise CommandError(str(error)) from error
        return done
