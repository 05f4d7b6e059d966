"""Letters and people for tests, made as the program makes them."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Person
from ledger.actions import Address, Words, write_letter
from ledger.models import Channel, Letter, Sending


def a_letter(
    person: Person,
    *,
    subject: str = "Read your bids by Friday",
    channel: Channel = Channel.EMAIL,
    when: Letter.When = Letter.When.NOTICE,
    state: str | None = None,
    at: datetime | None = None,
    **more: Any,
) -> Letter:
    """A letter to somebody; `state` moves its sending on."""
    at = at or timezone.now()
    email = channel == Channel.EMAIL
    line = person.sign_in_email if email else person.postal_address or person.phone
    letter = write_letter(
        key=f"test:{Letter.objects.count()}",
        kind="test",
        to=Address(person.name, channel, line or "", person),
        words=Words(subject, f"Dear {person.name},\n\nthese are the words.\n"),
        by=Person.objects.machine(),
        at=at,
        when=when,
        **more,
    )
    if state:
        sent_at = at if state == Sending.State.SENT else None
        Sending.objects.filter(letter=letter).update(state=state, sent_at=sent_at, claimed_at=at)
    return letter
