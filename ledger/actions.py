"""Writing entries and letters. Called last inside an app's own transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from ledger import trail
from ledger.models import Chain, Channel, Entry, Letter, Sending

if TYPE_CHECKING:
    from accounts.models import Person

HOUSE = "house"
AT_ONCE = 500
"""How many letters are stored in one go."""


def chain_for(key: str) -> Chain:
    """The chain with this key, made if it is new."""
    return Chain.objects.get_or_create(key=key)[0]


def record(*, chain: Chain | None, verb: str, by: Person, at: datetime, **data: Any) -> Entry:
    """Add one entry to a chain (None: the house chain). Must run inside a transaction.

    Call it as the last statement: it holds the chain's lock until the transaction ends.
    """
    return record_many(chain=chain, entries=[(verb, data)], by=by, at=at)[0]


def record_many(
    *,
    chain: Chain | None,
    entries: Iterable[tuple[str, dict[str, Any]]],
    by: Person,
    at: datetime,
) -> list[Entry]:
    """Add several entries in one go, under one lock of the chain's head."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An entry is recorded in the same transaction as what it tells of.")
    key = chain.key if chain else chain_for(HOUSE).key
    head = Chain.objects.select_for_update().get(key=key)
    made = list(_links(head, entries, by=by, at=at))
    Entry.objects.bulk_create(made)
    Chain.objects.filter(pk=head.pk).update(head_seq=head.head_seq, head_hash=head.head_hash)
    return made


def _links(
    head: Chain,
    entries: Iterable[tuple[str, dict[str, Any]]],
    *,
    by: Person,
    at: datetime,
) -> Iterator[Entry]:
    for verb, data in entries:
        seq, previous = head.head_seq + 1, head.head_hash
        payload = trail.canonical(chain=head.key, seq=seq, verb=verb, by=by.pk, at=at, data=data)
        head.head_seq, head.head_hash = seq, trail.link(previous, payload)
        yield Entry(
            chain=head,
            seq=seq,
            verb=verb,
            by_id=by.pk,
            at=at,
            data=data,
            payload=payload,
            previous_hash=previous,
            hash=head.head_hash,
        )


@dataclass(frozen=True, slots=True)
class Words:
    """A letter's rendered words."""

    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a letter goes: a person with an account or a name alone, and a channel."""

    name: str
    channel: Channel
    line: str
    person: Person | None = None


def write_letter(
    *,
    key: str,
    kind: str,
    to: Address,
    words: Words,
    by: Person,
    at: datetime,
    chain: Chain | None = None,
    when: Letter.When = Letter.When.NOTICE,
    on_doubt: Letter.OnDoubt = Letter.OnDoubt.RESEND,
    not_before: datetime | None = None,
    inbox_only: bool = False,
) -> Letter:
    """Store a rendered letter and put it in the queue. The same key twice makes one letter.

    The tick sends it; nothing is sent inside the transaction that wrote it. With `inbox_only` it is
    not sent at all: its reader finds it among their letters.
    """
    found = Letter.objects.filter(key=key).first()
    if found:
        return found
    try:
        with transaction.atomic():
            letter = Letter.objects.create(
                key=key,
                kind=kind,
                when=when,
                on_doubt=on_doubt,
                chain=chain,
                to=to.person,
                channel=to.channel,
                to_name=to.name,
                to_address=to.line,
                subject=" ".join(words.subject.split()),
                body_text=words.text,
                body_html=words.html,
                written_by=by,
                written_at=at,
            )
            state = Sending.State.INBOX if inbox_only else Sending.State.PENDING
            Sending.objects.create(letter=letter, state=state, not_before=not_before or at)
    except IntegrityError:
        return Letter.objects.get(key=key)
    return letter


def keep_in_inbox(*, reader: Person, kinds: Collection[str]) -> int:
    """Emails of these kinds that have not gone yet stay on their reader's letters page."""
    return Sending.objects.filter(
        state=Sending.State.PENDING,
        letter__to=reader,
        letter__kind__in=kinds,
        letter__channel=Channel.EMAIL,
    ).update(state=Sending.State.INBOX)


@dataclass(frozen=True, slots=True)
class Draft:
    """A rendered letter that is not stored yet, with its key."""

    key: str
    to: Address
    words: Words
    inbox_only: bool = False


def write_letters(
    drafts: Iterable[Draft],
    *,
    kind: str,
    by: Person,
    at: datetime,
    chain: Chain | None = None,
    when: Letter.When = Letter.When.NOTICE,
    not_before: datetime | None = None,
) -> int:
    """Store many letters of one kind, and put them in the queue. Gives how many are new.

    For thousands of readers: it asks the database a few times for each 500 letters, where
    `write_letter` asks for each. A key that is there already makes no second letter.
    """
    rows = iter(drafts)
    new = 0
    while some := list(islice(rows, AT_ONCE)):
        new += _stored(some, kind, when=when, chain=chain, by=by, at=at, not_before=not_before)
    return new


def _stored(
    drafts: Sequence[Draft],
    kind: str,
    *,
    when: Letter.When,
    chain: Chain | None,
    by: Person,
    at: datetime,
    not_before: datetime | None,
) -> int:
    keys = [draft.key for draft in drafts]
    there = set(Letter.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = {draft.key: draft for draft in drafts if draft.key not in there}
    letters = [
        Letter(
            key=key,
            kind=kind,
            when=when,
            chain=chain,
            to=draft.to.person,
            channel=draft.to.channel,
            to_name=draft.to.name,
            to_address=draft.to.line,
            subject=" ".join(draft.words.subject.split()),
            body_text=draft.words.text,
            body_html=draft.words.html,
            written_by=by,
            written_at=at,
        )
        for key, draft in fresh.items()
    ]
    with transaction.atomic():
        # One that another worker wrote a moment ago has no row of ours to queue, so ask again.
        Letter.objects.bulk_create(letters, ignore_conflicts=True)
        queued = Letter.objects.filter(key__in=list(fresh), sending=None)
        states = {True: Sending.State.INBOX, False: Sending.State.PENDING}
        sendings = [
            Sending(
                letter=letter,
                state=states[fresh[letter.key].inbox_only],
                not_before=not_before or at,
            )
            for letter in queued
        ]
        Sending.objects.bulk_create(sendings, ignore_conflicts=True)
    return len(sendings)
