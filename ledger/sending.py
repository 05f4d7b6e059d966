"""The postman: claims a letter, sends it, marks it. Each step is committed before the next.

Claim and mark are counted updates, so a second worker or a crash neither loses nor repeats a
letter. The one gap left is a crash between the mail server's "250" and our mark: such a letter is
in doubt; reminders go again, letters that must not come twice wait for a person. A transport that
can be asked afterwards (`ledger.transport`) closes that gap too.
"""

from __future__ import annotations

import smtplib
import uuid
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.module_loading import import_string

from ledger import transport
from ledger.models import Channel, Letter, Sending

if TYPE_CHECKING:
    from accounts.models import Person

State = Sending.State
AT_ONCE = 200
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=3)
# A server that always hangs up must not bring a reader the same reminder for three days.
MOST_DOUBTS = 3
# So many in a row that did not reach the server: it is down, and the tick ends.
UNREACHED_IN_A_ROW = 3


class Unreached(Exception):
    """The mail server could not be reached, or will take nothing from us."""


def send_due(
    *, on: datetime, most: int = AT_ONCE, after_each: Callable[[], object] = lambda: None
) -> int:
    """Send what is due by email; returns how many letters went.

    `on` is the round's clock (a test may move it); claims and waits use the real one. Posted and
    phoned letters stay pending until a person marks them done. `after_each` is called after every
    letter, so that a long tick can show that it is alive.
    """
    release_old_claims()
    sent = unreached = 0
    for sending in _due(on):
        if sent == most or unreached == UNREACHED_IN_A_ROW:
            break
        if _may_go(sending.letter, on) and (claim := _claim(sending)):
            try:
                sent += _send(sending.letter, claim)
                unreached = 0
            except Unreached:
                unreached += 1
            after_each()
    return sent


def _due(on: datetime) -> Iterator[Sending]:
    """What is due and may go, oldest first. All of it is looked at: letters that wait for a rest to
    end must not keep the others behind them. Whole handfuls are asked about at once, for thousands
    may wait."""
    due = Sending.objects.filter(
        state=State.PENDING,
        not_before__lte=max(on, timezone.now()),
        letter__channel=Channel.EMAIL,
    )
    ids = list(due.order_by("not_before", "pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        some = due.filter(pk__in=ids[start : start + AT_ONCE])
        rows = list(
            some.select_related("letter", "letter__to", "letter__chain").order_by(
                "not_before", "pk"
            )
        )
        waiting = held([row.letter for row in rows], on)
        yield from (row for row in rows if row.letter_id not in waiting)


def _may_go(letter: Letter, on: datetime) -> bool:
    """Asked again when a letter is claimed: its reader may have begun to rest meanwhile."""
    return bool(import_string(settings.LETTER_GATE)(letter, on))


def held(letters: Collection[Letter], on: datetime) -> set[int]:
    """The ids of those letters that wait now, asked of the app above in one go."""
    ids: set[int] = import_string(settings.LETTERS_HELD)(letters, on)
    return ids


def _claim(sending: Sending) -> str:
    """Take the letter for ourselves; empty when another worker was first."""
    claim, now = uuid.uuid4().hex, timezone.now()
    won = Sending.objects.filter(pk=sending.pk, state=State.PENDING).update(
        state=State.SENDING,
        claim=claim,
        claimed_at=now,
        attempts=F("attempts") + 1,
        first_tried_at=Coalesce("first_tried_at", now),
    )
    return claim if won else ""


def _move(claim: str, state: str, **fields: object) -> bool:
    moved = Sending.objects.filter(claim=claim, state=State.SENDING).update(state=state, **fields)
    return bool(moved)


def _send(letter: Letter, claim: str) -> bool:
    """Hand one claimed letter to the mail server, and mark how that went."""
    connection = get_connection()
    not_sent = partial(_not_sent, letter, claim)
    if not letter.to_address:
        not_sent(True, "no address")
        return False
    try:
        email_of(letter, connection).send()
    except (ValueError, smtplib.SMTPNotSupportedError) as error:
        not_sent(True, type(error).__name__)  # an address no mail server would take
    except smtplib.SMTPResponseException as error:
        ours = transport.our_side(error)
        not_sent(error.smtp_code >= 500 and not ours, str(error.smtp_code))
        if ours:
            raise Unreached from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _words in error.recipients.values()]
        not_sent(all(code >= 500 for code in codes), f"refused {codes}")
    except OSError as error:
        if _words_went(connection):
            # The line fell after the words went out: nobody can know whether they arrived.
            _unsure(letter, claim, "the mail server hung up")
        else:
            not_sent(False, type(error).__name__)
            raise Unreached from error
    else:
        return _move(claim, State.SENT, sent_at=timezone.now(), trouble="")
    return False


def _words_went(connection: Any) -> bool:
    return bool(getattr(connection, "words_went", True))


def wait_after(attempts: int) -> timedelta:
    """How long until the next try: ten seconds, then longer and longer, four hours at most."""
    doublings: int = 2 ** min(attempts - 1, 20)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)


def _not_sent(letter: Letter, claim: str, for_good: bool, trouble: str) -> None:
    """Back to the queue for a later try, or failed: then a person phones instead."""
    row = Sending.objects.get(letter=letter)
    now = timezone.now()
    if for_good or now - (row.first_tried_at or now) >= GIVE_UP_AFTER:
        _move(claim, State.FAILED, trouble=trouble)
    else:
        _move(claim, State.PENDING, not_before=now + wait_after(row.attempts), trouble=trouble)


def _unsure(letter: Letter, claim: str, trouble: str) -> None:
    """Late is worse than twice for a reminder, so it goes again; the others wait for a person."""
    row = Sending.objects.get(letter=letter)
    again = letter.on_doubt == Letter.OnDoubt.RESEND and row.doubts + 1 < MOST_DOUBTS
    fields: dict[str, Any] = {"doubts": F("doubts") + 1, "trouble": trouble}
    if again:
        fields["not_before"] = timezone.now() + wait_after(row.attempts)
    _move(claim, State.PENDING if again else State.IN_DOUBT, **fields)


def release_old_claims() -> int:
    """What a dead worker left half sent: ask the transport; where it cannot tell, reminders go
    again and other letters wait for a person."""
    reconcile()
    patience = timedelta(seconds=settings.CLAIM_SECONDS)
    old = Sending.objects.filter(state=State.SENDING, claimed_at__lt=timezone.now() - patience)
    again = old.filter(letter__on_doubt=Letter.OnDoubt.RESEND, doubts__lt=MOST_DOUBTS - 1).update(
        state=State.PENDING,
        doubts=F("doubts") + 1,
        trouble="a worker stopped half-way; sent again",
    )
    held = old.update(
        state=State.IN_DOUBT, doubts=F("doubts") + 1, trouble="a worker stopped half-way"
    )
    return again + held


def reconcile() -> int:
    """Ask a transport that knows about every letter we are not sure of; returns how many.

    Letters another worker has in hand are left alone until their claim has run out.
    """
    connection = get_connection()
    if not hasattr(connection, "has_taken"):
        return 0
    patience = timedelta(seconds=settings.CLAIM_SECONDS)
    unsure = Sending.objects.filter(state=State.IN_DOUBT) | Sending.objects.filter(
        state=State.SENDING, claimed_at__lt=timezone.now() - patience
    )
    settled = 0
    for row in unsure.filter(letter__channel=Channel.EMAIL):
        same = Sending.objects.filter(pk=row.pk, claim=row.claim, state=row.state)
        if connection.has_taken(transport.message_id(row.letter_id)):
            settled += same.update(state=State.SENT, sent_at=timezone.now(), trouble="")
        else:
            settled += same.update(state=State.PENDING, trouble="it had not gone; sent again")
    return settled


def email_of(letter: Letter, connection: Any = None) -> EmailMultiAlternatives:
    """The email for a letter. Its Message-ID is made from the key, so a second copy can be told."""
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.body_text,
        to=[letter.to_address],
        headers={
            "Message-ID": transport.message_id(letter.pk),
            **import_string(settings.LETTER_HEADERS)(letter),
        },
        connection=connection,
    )
    if letter.body_html:
        message.attach_alternative(letter.body_html, "text/html")
    return message


@transaction.atomic
def mark_done(sending: Sending, *, by: Person, at: datetime) -> bool:
    """A person posted the letter or made the call. False when somebody had marked it before."""
    done = Sending.objects.filter(
        pk=sending.pk, state__in=[State.PENDING, State.IN_DOUBT, State.FAILED]
    ).update(state=State.SENT, sent_at=at, marked_by=by)
    return bool(done)


@transaction.atomic
def mark_arrived(sending: Sending, *, by: Person, at: datetime) -> bool:
    """The reader says they have the letter we were not sure of. False when it had moved on."""
    arrived = Sending.objects.filter(pk=sending.pk, state=State.IN_DOUBT).update(
        state=State.SENT, sent_at=at, marked_by=by, trouble=""
    )
    return bool(arrived)


@transaction.atomic
def send_again(sending: Sending) -> bool:
    """A person looked at a letter in doubt, or one that failed, and lets it go once more."""
    again = Sending.objects.filter(pk=sending.pk, state__in=[State.IN_DOUBT, State.FAILED]).update(
        state=State.PENDING, not_before=timezone.now(), first_tried_at=None, trouble=""
    )
    return bool(again)
