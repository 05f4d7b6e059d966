"""python manage.py invite_facilitator EMAIL --name NAME: the first people of a new installation."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from accounts.actions import give_role, invite_person
from accounts.models import Person, Role
from accounts.permissions import Refused
from ledger import clock


class Command(BaseCommand):
    help = "Invite the first facilitator, who is the administrator too until there is another."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        email, name = options["email"].lower(), options["name"]
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} is not a whole email address.") from None
        operator, at = Person.objects.operator(), clock.now()
        try:
            with transaction.atomic():
                person = invite_person(
                    name=name, email=email, role=Role.FACILITATOR, by=operator, at=at
                )
                if not Person.objects.holding(Role.ADMINISTRATOR).exists():
                    give_role(person=person, role=Role.ADMINISTRATOR, by=operator, at=at)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        roles = ", ".join(sorted(person.held_roles))
        self.stdout.write(f"{person.name} is invited ({roles}). They sign in with {email}.")
