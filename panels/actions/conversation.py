"""Saying something in the panel's conversation."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Refused
from applications.models import Application
from commissioning.models import Criterion, Member
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


@transaction.atomic
def ask_why(
    *,
    panel: Panel,
    application: Application,
    text: str,
    member: Member,
    by: Person,
    at: datetime,
    criterion: Criterion | None = None,
    answers: Said | None = None,
) -> Said:
    """Ask the panel why about a bid's scores, or answer such a question (`answers`): a member
    themself, or staff who type what they said. Nobody has to answer."""
    rules.may_ask_why(panel, application, by, member=member).require()
    if not text.strip():
        raise Refused(_("Write something first."))
    if answers and (answers.application_id != application.pk or answers.answers_id):
        raise ValueError("An answer is to a question about the same bid.")
    said = Said.objects.create(
        panel=panel,
        member=member,
        text=text.strip(),
        said_at=at,
        said_by=by,
        application=application,
        criterion=answers.criterion if answers else criterion,
        answers=answers,
    )
    record(
        chain=panel.round.chain,
        verb="answered_why" if answers else "asked_why",
        by=by,
        at=at,
        said=said.pk,
        panel=panel.pk,
        bid=application.pk,
        typed=member.person_id != by.pk,
        text=digest(said.text),
    )
    return said
