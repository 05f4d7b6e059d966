"""python manage.py export_sharing ROUND: the sharing-out problem as JSON, ids only."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from commissioning.models import Round, StageKind
from commissioning.pace import by_lot
from ledger import clock
from panels.exporting import LotDays, as_instance
from panels.rules.seats import FEWEST_SEATS, MOST_SEATS
from panels.rules.share import problem_for, seed_for


class Command(BaseCommand):
    help = "Print who could read what in a round (ROUND is an id or a slug) as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("round")
        parser.add_argument(
            "--experience",
            action="store_true",
            help="with what volunteers offered from their own lives, and the forms they need: "
            "keep such a file to yourself",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        named = options["round"]
        wanted = Q(pk=named) if named.isdigit() else Q(slug=named)
        round = Round.objects.filter(wanted).prefetch_related("stages", "lots").first()
        if round is None:
            raise CommandError(f"There is no round “{named}”.")
        reading, meeting = by_lot(round, StageKind.SCORING), by_lot(round, StageKind.INTERVIEWS)

        def days(lot: int) -> LotDays:
            read, met = reading.get(lot, reading[0]), meeting.get(lot, meeting[0])
            return LotDays(read.opens_on, read.closes_on, met.opens_on, FEWEST_SEATS, MOST_SEATS)

        instance = as_instance(
            problem_for(round, on=clock.today(), seed=seed_for(round)),
            lots={lot.pk: days(lot.pk) for lot in round.lots.all()},
            first_day=by_lot(round, StageKind.SETUP)[0].opens_on,
            experience=options["experience"],
        )
        self.stdout.write(json.dumps(instance, separators=(",", ":"), sort_keys=True))
