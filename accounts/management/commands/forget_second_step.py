"""python manage.py forget_second_step EMAIL: for somebody who lost their device and spare codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions import forget_second_step
from accounts.models import Person
from accounts.permissions import Refused
from ledger import clock


class Command(BaseCommand):
    help = "Take away the second step of somebody who lost it. Talk with them first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        person = Person.objects.filter(sign_in_email=options["email"].lower()).first()
        if person is None:
            raise CommandError(f"Nobody signs in with {options['email']}.")
        try:
            forget_second_step(person=person, by=Person.objects.operator(), at=clock.now())
        except Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"{person.name} signs in with a code by email alone now.")
