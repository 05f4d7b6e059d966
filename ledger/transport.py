"""How an email leaves us, and what we can know of it afterwards.

`Smtp` notices whether the words had gone out when the line fell: before that a letter is simply not
sent, after that nobody can know. `Spool` is a folder from which a mail program on the same machine
takes letters; unlike a mail server it can be asked afterwards whether it has one, so that a crash
leaves nothing in doubt.

Any email backend may offer `words_went` and `has_taken` in the same way.
"""

import os
import smtplib
import uuid
from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend


class Smtp(EmailBackend):
    """A mail server. `words_went` says whether it may have the letter, when sending failed."""

    words_went = False

    @property
    def connection_class(self) -> Any:
        """Django asks here which of the two kinds of connection to open."""
        backend = self

        class Watched(super().connection_class):  # type: ignore[misc]  # one of smtplib's two
            def data(self, msg: Any) -> tuple[int, bytes]:
                backend.words_went = True
                answer: tuple[int, bytes] = super().data(msg)
                return answer

        return Watched


class Spool(BaseEmailBackend):
    """A folder of letters to take: the mail program moves each from `new/` to `taken/`.

    A letter's file is named for its Message-ID and put there in one step, so that giving the same
    letter twice makes one file.
    """

    words_went = False  # when it fails, the letter has not gone

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently, **kwargs)
        self.folder = Path(settings.EMAIL_SPOOL)
        for name in ("new", "taken", "half"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Put each letter into the folder; one that is there, or was, is not put again."""
        for email in email_messages:
            message = email.message()
            name = _file_of(str(message["Message-ID"]))
            if not self._has(name):
                self._put(name, message.as_bytes())
        return len(email_messages)

    def has_taken(self, message_id: str) -> bool:
        """Whether this letter reached the folder. A "no" is certain too."""
        return self._has(_file_of(message_id))

    def _has(self, name: str) -> bool:
        # In this order: a letter moves from "new" to "taken", never back.
        return (self.folder / "new" / name).exists() or (self.folder / "taken" / name).exists()

    def _put(self, name: str, content: bytes) -> None:
        half = self.folder / "half" / uuid.uuid4().hex
        with half.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(half, self.folder / "new" / name)
        except FileExistsError:
            pass  # another worker gave the same letter at this instant
        finally:
            half.unlink()


def _file_of(message_id: str) -> str:
    return f"{message_id.strip('<>').replace('/', '_')}.eml"


def message_id(letter_pk: int) -> str:
    """The Message-ID of a letter: always the same, so that a second copy can be told."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<letter-{letter_pk}@{host}>"


def our_side(error: smtplib.SMTPException) -> bool:
    """Whether a refusal is about us (our password, our address), not about this one letter."""
    about_us = (
        smtplib.SMTPAuthenticationError,
        smtplib.SMTPConnectError,
        smtplib.SMTPHeloError,
        smtplib.SMTPSenderRefused,
    )
    return isinstance(error, about_us)
