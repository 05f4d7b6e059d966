"""The append-only trail, and every letter sent.

The ledger stands at the bottom: it knows people only as AUTH_USER_MODEL and rounds only as chains.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Chain(models.Model):
    """One hash chain: one for each round, and one ("house") for what belongs to no round."""

    key = models.CharField(max_length=60, unique=True)
    head_seq = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return self.key


class Entry(models.Model):
    """Something that was sent, changed or decided. Never updated, never deleted.

    `payload` is the canonical text that was hashed; `data` is the same facts for looking things up.
    Entries hold ids, verbs and numbers, never names or personal text, so that erasing a person's
    words stays possible without touching the trail.
    """

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=60)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="entries"
    )
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
    payload = models.TextField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("chain", "seq")
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="entry_once_in_chain"),
        ]
        indexes = [models.Index(fields=["chain", "verb"], name="entry_by_verb")]

    def __str__(self) -> str:
        return f"{self.chain} {self.seq} {self.verb}"

    @property
    def round(self) -> Any:
        """The round whose chain this is, or None for the house chain."""
        return getattr(self.chain, "round", None)


class Channel(models.TextChoices):
    """How a letter reaches a person."""

    EMAIL = "email", _("By email")
    POST = "post", _("By post")
    PHONE = "phone", _("By phone")


class LetterQuerySet(models.QuerySet["Letter"]):
    def inbox_of(self, person: Any) -> LetterQuerySet:
        """Letters a person finds in their inbox: answers at once, notices once they were let go.

        Being let go is decided when a letter is claimed, so a notice stays out of sight as long as
        its reader rests. One that then failed is shown: here is where it still arrives.
        """
        held = Q(sending__state__in=[Sending.State.PENDING, Sending.State.SENDING])
        return self.filter(to_id=getattr(person, "pk", None)).exclude(
            held & ~Q(when=Letter.When.ANSWER)
        )


class SendingQuerySet(models.QuerySet["Sending"]):
    def by_hand(self, channel: str) -> SendingQuerySet:
        """Letters by post or phone that nobody has said are done, oldest first. Those to ring are
        joined by the emails that could not be sent."""
        to_do = Q(state=Sending.State.PENDING, letter__channel=channel)
        if channel == Channel.PHONE:
            to_do |= Q(state=Sending.State.FAILED, letter__channel=Channel.EMAIL)
        return (
            self.filter(to_do)
            .select_related("letter", "letter__to", "letter__chain")
            .order_by("not_before", "pk")
        )

    def in_trouble(self) -> SendingQuerySet:
        """Letters somebody must look at: in doubt, or not to be sent at all."""
        return self.filter(state__in=[Sending.State.IN_DOUBT, Sending.State.FAILED])

    def maybe_twice(self) -> SendingQuerySet:
        """Emails that went again after we could not be sure of them: they may have come twice."""
        return self.filter(state=Sending.State.SENT, doubts__gt=0, marked_by=None).order_by(
            "-sent_at", "-pk"
        )


class Letter(models.Model):
    """A letter as it was written, stored before it is sent. Only its sending moves on.

    A person with an account reads the same row in their inbox, so the inbox copy exists exactly
    once. `when`: an "answer" (to what you just did, or about safety) may always go; a "notice"
    waits while its reader rests or is on a break.
    """

    class When(models.TextChoices):
        ANSWER = "answer", _("An answer: may always go")
        NOTICE = "notice", _("A notice: waits through rest")

    class OnDoubt(models.TextChoices):
        RESEND = "resend", _("Send again: late is worse than twice")
        HOLD = "hold", _("Hold, and ask a person")

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    when = models.CharField(max_length=10, choices=When, default=When.NOTICE)
    on_doubt = models.CharField(max_length=10, choices=OnDoubt, default=OnDoubt.RESEND)
    chain = models.ForeignKey(Chain, null=True, on_delete=models.PROTECT, related_name="letters")
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="letters"
    )
    channel = models.CharField(max_length=10, choices=Channel)
    to_name = models.CharField(max_length=200)
    to_address = models.TextField(blank=True, help_text="Email, postal address or phone number")
    subject = models.CharField(max_length=250)
    body_text = models.TextField()
    body_html = models.TextField(blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="letters_written"
    )
    written_at = models.DateTimeField()

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ("-written_at", "-id")
        indexes = [models.Index(fields=["to", "-written_at"], name="letter_inbox")]

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return f"/letters/{self.pk}/"


class Sending(models.Model):
    """Where a letter has got to: pending → sending → sent, failed or in doubt.

    A reader who wants fewer letters finds some on their letters page only ("inbox").
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting to go")
        SENDING = "sending", _("Going now")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Could not be sent")
        IN_DOUBT = "in_doubt", _("We cannot be sure this was sent")
        INBOX = "inbox", _("Kept on their letters page only")

    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, related_name="sending")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    not_before = models.DateTimeField(help_text="The first instant it may go")
    claim = models.CharField(max_length=40, blank=True)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    first_tried_at = models.DateTimeField(null=True, help_text="When the first try began")
    doubts = models.PositiveSmallIntegerField(
        default=0, help_text="How often it may have gone without our knowing"
    )
    sent_at = models.DateTimeField(null=True)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who said a posted or phoned letter was done",
    )
    trouble = models.CharField(max_length=250, blank=True)

    objects = SendingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="sent_has_a_time"
            ),
        ]
        indexes = [models.Index(fields=["state", "not_before"], name="sending_due")]

    def __str__(self) -> str:
        return f"{self.letter}: {self.state}"

    @property
    def failed(self) -> bool:
        """Whether the email could not be sent, so that somebody rings instead."""
        return self.state == Sending.State.FAILED

    @property
    def number_to_ring(self) -> str:
        """The number this letter is told by: its own, or that of the reader of a failed email."""
        if self.letter.channel == Channel.PHONE:
            return self.letter.to_address
        return str(getattr(self.letter.to, "phone", ""))

    @property
    def went_by(self) -> Channel:
        """How it reached its reader in the end: a failed email is told by phone."""
        told = self.state == Sending.State.SENT and self.marked_by_id and self.trouble
        return Channel.PHONE if told else Channel(self.letter.channel)


class Heartbeat(models.Model):
    """The last time a worker finished a tick, so that a stopped worker is noticed."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
