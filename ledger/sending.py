"""The postman: claims a letter, sends it, marks it. Each step is committed before the next.

Claim and mark are counted updates, so a second worker or a crash neither loses nor repeats a
letter. The one gap left is a crash between the mail server's "250" and our mark: such a letter is
in doubt; reminders go again, letters that must not come twice wait for a person.
"""

from __future__ import annotations

import smtplib
import uuid
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from ledger.models import Channel, Letter, Sending

if TYPE_CHECKING:
    from accounts.models import Person

State = Sending.State
AT_ONCE = 200
CLAIM_LASTS = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=2)
MOST_ATTEMPTS = 8


def send_due(*, on: datetime, most: int = AT_ONCE) -> int:
    """Send what is due by email; returns how many letters went.

    `on` is the round's clock (a test may move it); claims and waits use the real one. Posted and
    phoned letters stay pending until a person marks them done.
    """
    release_old_claims()
    sent = 0
    for sending in _due(on):
        if sent == most:
            break
        if _may_go(sending.letter, on) and (claim := _claim(sending)):
            sent += _send(sending.letter, claim)
    return sent


def _due(on: datetime) -> Iterator[Sending]:
    """What is due, oldest first. All of it is looked at: letters that wait for a rest to end must
    not keep the others behind them."""
    due = Sending.objects.filter(
        state=State.PENDING,
        not_before__lte=max(on, timezone.now()),
        letter__channel=Channel.EMAIL,
    )
    ids = list(due.order_by("not_before", "pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        rows = due.filter(pk__in=ids[start : start + AT_ONCE])
        yield from rows.select_related("letter", "letter__to", "letter__chain").order_by(
            "not_before", "pk"
        )


def _may_go(letter: Letter, on: datetime) -> bool:
    """Asked again when a letter is claimed: its reader may have begun to rest meanwhile."""
    return bool(import_string(settings.LETTER_GATE)(letter, on))


def held(letters: Collection[Letter], on: datetime) -> set[int]:
    """The ids of those letters that wait now, asked of the app above in one go."""
    ids: set[int] = import_string(settings.LETTERS_HELD)(letters, on)
    return ids


def _claim(sending: Sending) -> str:
    """Take the letter for ourselves; empty when another worker was first."""
    claim = uuid.uuid4().hex
    won = Sending.objects.filter(pk=sending.pk, state=State.PENDING).update(
        state=State.SENDING,
        claim=claim,
        claimed_at=timezone.now(),
        attempts=sending.attempts + 1,
    )
    return claim if won else ""


def _move(claim: str, state: str, **fields: object) -> bool:
    moved = Sending.objects.filter(claim=claim, state=State.SENDING).update(state=state, **fields)
    return bool(moved)


def _send(letter: Letter, claim: str) -> bool:
    """Hand one claimed letter to the mail server, and mark how that went."""
    try:
        email_of(letter).send()
    except smtplib.SMTPResponseException as error:
        _not_sent(letter, claim, error.smtp_code >= 500, str(error.smtp_code))
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _words in error.recipients.values()]
        _not_sent(letter, claim, all(code >= 500 for code in codes), f"refused {codes}")
    except smtplib.SMTPServerDisconnected:
        # The line fell after the words went out: nobody can know whether they arrived.
        _move(claim, State.IN_DOUBT, trouble="the mail server hung up")
    except OSError as error:
        _not_sent(letter, claim, False, type(error).__name__)
    else:
        return _move(claim, State.SENT, sent_at=timezone.now(), trouble="")
    return False


def _not_sent(letter: Letter, claim: str, for_good: bool, trouble: str) -> None:
    """Back to the queue for a later try, or failed: then a person phones instead."""
    attempts = Sending.objects.values_list("attempts", flat=True).get(letter=letter)
    if for_good or attempts >= MOST_ATTEMPTS:
        _move(claim, State.FAILED, trouble=trouble)
    else:
        later = timezone.now() + FIRST_WAIT * 2 ** (attempts - 1)
        _move(claim, State.PENDING, not_before=later, trouble=trouble)


def release_old_claims() -> int:
    """What a dead worker left half sent: reminders go again, other letters wait for a person."""
    old = Sending.objects.filter(state=State.SENDING, claimed_at__lt=timezone.now() - CLAIM_LASTS)
    again = old.filter(letter__on_doubt=Letter.OnDoubt.RESEND).update(
        state=State.PENDING, trouble="a worker stopped half-way; sent again"
    )
    held = old.filter(letter__on_doubt=Letter.OnDoubt.HOLD).update(
        state=State.IN_DOUBT, trouble="a worker stopped half-way"
    )
    return again + held


def email_of(letter: Letter) -> EmailMultiAlternatives:
    """The email for a letter. Its Message-ID is made from the key, so a second copy can be told."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.body_text,
        to=[letter.to_address],
        headers={"Message-ID": f"<letter-{letter.pk}@{host}>"},
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
def send_again(sending: Sending) -> bool:
    """A person looked at a letter in doubt, or one that failed, and lets it go once more."""
    again = Sending.objects.filter(pk=sending.pk, state__in=[State.IN_DOUBT, State.FAILED]).update(
        state=State.PENDING, not_before=timezone.now(), trouble=""
    )
    return bool(again)
