"""`manage.py clear_kept`: what is old enough to be deleted. Two people delete it, on the page."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from commissioning.models import Programme
from decisions import retention
from decisions.models import Kept
from ledger import clock


class Command(BaseCommand):
    """A preview only: whoever runs commands here could type anybody's name."""

    help = "Say what is old enough to be deleted. Two people then delete it, on the page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--what", choices=Kept.values, help="One thing only")

    def handle(self, *args: Any, **options: Any) -> None:
        for programme in Programme.objects.all():
            for what in Kept:
                if options["what"] in (None, what):
                    found = retention.due(programme, what, on=clock.today())
                    self.stdout.write(f"{programme}: {what.label}: {len(found.ids)}")
                    for name in found.names:
                        self.stdout.write(f"  {name}")
