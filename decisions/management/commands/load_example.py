"""python manage.py load_example [--stage STAGE] [--size small|medium|large]"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import OuterRef, Subquery

from commissioning.models import Programme
from decisions.example.crowd import SIZES
from decisions.example.play import STAGES, Play, mark_as_example
from decisions.kept_report import keep_reports
from ledger import clock
from ledger.models import Letter, Sending


class Command(BaseCommand):
    help = "Load the fictional programme Good Company, played up to a stage of its round."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stage", choices=STAGES, default="scoring")
        parser.add_argument("--size", choices=SIZES, default="small")

    def handle(self, *args: Any, **options: Any) -> None:
        if Programme.objects.exists():
            raise CommandError(
                "This database has a programme already. The example goes into an empty one only."
            )
        now = clock.now()
        with transaction.atomic():
            round = Play(now=now, size=SIZES[options["size"]]).to(options["stage"])
            mark_as_example(round, at=now)
            self._as_sent_long_ago()
        keep_reports(at=now)
        self.stdout.write(f"Good Company is loaded, at the stage “{options['stage']}”.")

    def _as_sent_long_ago(self) -> None:
        """The example's old letters are stored as sent: none of them goes out now."""
        written = Letter.objects.filter(pk=OuterRef("letter")).values("written_at")
        Sending.objects.filter(state=Sending.State.PENDING).update(
            state=Sending.State.SENT, sent_at=Subquery(written)
        )
