"""Taking somebody's name and details away, because they asked: one asks, a second person does it.

What they did as a volunteer or for a group stays, under a number: every decision must have a hand
behind it. See `retention.PERSONAL` for what goes, and `docs/keeping.md`.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actions import forget_person
from accounts.letters import write_to
from accounts.models import Person
from applications.models import Colleague
from commissioning.models import Member
from decisions import retention, rules
from decisions.actions.retention import empty_needs, empty_part
from decisions.models import Forgetting
from ledger.actions import record
from ledger.models import Letter
from support.models import Adjustment


@transaction.atomic
def ask_forgetting(*, person: Person, by: Person, at: datetime) -> Forgetting:
    """Ask for somebody's details to be taken away; they are written to. Raises Refused."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    rules.may_ask_forgetting(by, person).require()
    row = Forgetting.objects.create(person=person, asked_at=at, asked_by=by)
    write_to(
        person,
        "forgetting_asked",
        key=f"forgetting_asked:{row.pk}",
        by=by,
        at=at,
        when=Letter.When.ANSWER,
        context={"until": timezone.localdate(at) + timedelta(days=rules.DAYS_TO_DO_IT)},
    )
    record(chain=None, verb="asked_forgetting", by=by, at=at, person=person.pk)
    return row


@transaction.atomic
def drop_forgetting(*, forgetting: Forgetting, by: Person, at: datetime) -> None:
    """The person changed their mind, and everything stays. Raises Refused."""
    row = Forgetting.objects.select_for_update().get(pk=forgetting.pk)
    rules.may_drop_forgetting(by, row).require()
    row.dropped_at, row.dropped_by = at, by
    row.save(update_fields=["dropped_at", "dropped_by"])
    record(chain=None, verb="dropped_forgetting", by=by, at=at, person=row.person_id)


@transaction.atomic
def do_forgetting(*, forgetting: Forgetting, by: Person, at: datetime) -> None:
    """Take the name and details away, for good, as a second person. Raises Refused."""
    row = Forgetting.objects.select_for_update(of=("self",)).get(pk=forgetting.pk)
    person = Person.objects.select_for_update().get(pk=row.person_id)
    rules.may_do_forgetting(by, row, on=timezone.localdate(at)).require()
    # The mark comes first: guards let the words of letters go only where one says so.
    row.done_at, row.done_by = at, by
    row.save(update_fields=["done_at", "done_by"])
    for part in retention.PERSONAL:
        ids = list(part.about(person).values_list("pk", flat=True))
        if part.model is Adjustment:
            empty_needs(ids)
        else:
            empty_part(part, ids)
    Member.objects.filter(person=person).update(may_be_named=False)
    Colleague.objects.filter(person=person, ended_at=None).update(ended_at=at, ended_by=by)
    forget_person(person=person, by=by, at=at)
    record(chain=None, verb="did_forgetting", by=by, at=at, forgetting=row.pk, person=person.pk)
