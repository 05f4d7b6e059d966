"""Staff's influence on the record: a facilitator's few lines, and "I felt steered"."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from ledger.actions import record
from ledger.models import Letter
from ledger.trail import digest
from panels.models import Meeting, Panel, Reflection, Steered
from panels.rules import influence as rules


@transaction.atomic
def reflect_on_meeting(*, meeting: Meeting, text: str, by: Person, at: datetime) -> Reflection:
    """A facilitator writes how they took part in a meeting. The panel can read it."""
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    rules.may_reflect(meeting, by, on=timezone.localdate(at)).require()
    row = Reflection.objects.create(
        meeting=meeting, text=_written(text), written_at=at, written_by=by
    )
    record(
        chain=meeting.panel.round.chain,
        verb="reflected_on_meeting",
        by=by,
        at=at,
        meeting=meeting.pk,
        reflection=row.pk,
        text=digest(row.text),
    )
    return row


@transaction.atomic
def say_felt_steered(*, panel: Panel, text: str, named: bool, by: Person, at: datetime) -> Steered:
    """A member says that they felt steered, to somebody who is no facilitator.

    The entry is the program's own, so that no page of the trail gives the member away; without
    `named` nothing that is kept knows who it was.
    """
    rules.may_say_steered(panel, by).require()
    row = Steered.objects.create(
        panel=panel, text=_written(text), said_at=at, said_by=by if named else None
    )
    machine = Person.objects.machine()
    for person in rules.who_hears():
        write_to(
            person,
            "felt_steered",
            key=f"felt-steered-{row.pk}-{person.pk}",
            by=machine,
            at=at,
            context={"steered": row, "panel": panel},
            when=Letter.When.ANSWER,
        )
    record(chain=panel.round.chain, verb="felt_steered", by=machine, at=at, steered=row.pk)
    return row


@transaction.atomic
def settle_steered(
    *, steered: Steered, outcome: str, words: str, by: Person, at: datetime
) -> Steered:
    """Write down what came of it, once, for the panel. Whoever gave their name gets a letter."""
    row = Steered.objects.select_for_update(of=("self",)).get(pk=steered.pk)
    rules.may_settle_steered(row, by).require()
    if outcome not in Steered.Outcome.values:
        raise Refused(_("Choose what came of it."))
    row.outcome, row.words, row.heard_at, row.heard_by = outcome, _written(words), at, by
    row.save(update_fields=["outcome", "words", "heard_at", "heard_by"])
    if row.said_by:
        write_to(
            row.said_by,
            "steered_settled",
            key=f"steered-settled-{row.pk}",
            by=by,
            at=at,
            context={"steered": row, "panel": row.panel},
        )
    record(
        chain=row.panel.round.chain,
        verb="settled_steered",
        by=by,
        at=at,
        steered=row.pk,
        outcome=str(outcome),
    )
    return row


def _written(text: str) -> str:
    if not text.strip():
        raise Refused(_("Write something first."))
    return text.strip()
