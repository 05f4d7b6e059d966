"""Setting up a programme: the fund's name, who gives the money, and whom people phone."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from accounts.models import Person
from commissioning import rules
from commissioning.models import Programme
from ledger.actions import record


@transaction.atomic
def set_up_programme(*, by: Person, at: datetime, name: str, **fields: Any) -> Programme:
    """Make the site's programme. `fields` are any of its other words (funder, help_name …)."""
    rules.may_set_up_programme(by).require()
    programme = Programme.objects.create(name=name, slug=slugify(name)[:50], **fields)
    record(chain=None, verb="set_up_programme", by=by, at=at, programme=programme.pk)
    return programme


@transaction.atomic
def change_programme(*, programme: Programme, by: Person, at: datetime, **fields: Any) -> Programme:
    """Change a programme's words; the trail says which ones were changed, and what days were given
    before: letters have told people of those."""
    rules.may_set_up(by).require()
    changed = sorted(name for name in fields if getattr(programme, name) != fields[name])
    was = {name: getattr(programme, name) for name in changed if name.endswith("_days")}
    for name in changed:
        setattr(programme, name, fields[name])
    programme.save(update_fields=changed)
    record(
        chain=None,
        verb="changed_programme",
        by=by,
        at=at,
        programme=programme.pk,
        fields=changed,
        **({"was": was} if was else {}),
    )
    return programme
