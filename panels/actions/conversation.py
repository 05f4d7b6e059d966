"""Saying something in the panel's conversation."""

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from commissioning.models import Member
from ledger.actions import record
from ledger.trail import digest
from panels.models import Panel, Said
from panels.rules import conversation as rules


@transaction.atomic
def say_to_panel(
    *, panel: Panel, text: str, by: Person, at: datetime, member: Member | None = None
) -> Said:
    """Say something to the panel: as a member, typed for a member, or as staff (no member)."""
    rules.may_say(panel, text, by, member=member).require()
    said = Said.objects.create(
        panel=panel, member=member, text=text.strip(), said_at=at, said_by=by
    )
    record(
        chain=panel.round.chain,
        verb="said_to_panel",
        by=by,
        at=at,
        said=said.pk,
        panel=panel.pk,
        member=member.pk if member else None,
        text=digest(said.text),
    )
    return said
