"""Builders for organisations and their bids: drafts, sent bids, and rulings on them."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts.models import Person, Role
from applications import actions
from applications.content import Line
from applications.models import Application, Eligibility, FormQuestion, Organisation
from commissioning.models import FunderRule, Lot, Round, StageKind
from tests.factories.commissioning import (
    make_facilitator,
    make_lot,
    make_person,
    make_round,
    open_to,
)

_numbers = count(1)


def make_open_round(*, by: Person | None = None, **fields: Any) -> Round:
    """A round with a lot, two funder rules and the usual questions, open for bids today."""
    round = make_round(by=by, **fields)
    for order, text in enumerate(("The work is in Leeds.", "The group is not for profit."), 1):
        FunderRule.objects.create(round=round, text=text, order=order)
    make_lot(round)
    actions.start_form(round=round, by=by or make_facilitator(), at=timezone.now())
    open_to(round, StageKind.OPEN, by=by)
    round.refresh_from_db()
    return round


def make_applicant(name: str = "") -> Person:
    return make_person(name or f"Applicant {next(_numbers)}", Role.APPLICANT)


def make_organisation(person: Person, name: str = "", **fields: Any) -> Organisation:
    """An organisation this person acts for."""
    return actions.start_organisation(
        by=person, at=timezone.now(), name=name or f"Friends of {next(_numbers)}", **fields
    )


def day_boxes(name: str, day: date) -> dict[str, int]:
    """A day as it is typed in three boxes."""
    return {f"{name}_0": day.day, f"{name}_1": day.month, f"{name}_2": day.year}


PLANNED = {FormQuestion.Kind.STARTS: "2027-04-05", FormQuestion.Kind.ENDS: "2028-03-31"}


def make_draft_bid(
    round: Round,
    person: Person | None = None,
    *,
    organisation: Organisation | None = None,
    lot: Lot | None = None,
    title: str = "",
) -> Application:
    """A bid with a name and nothing else yet."""
    person = person or make_applicant()
    return actions.start_application(
        round=round,
        organisation=organisation or make_organisation(person),
        lot=lot or round.lots.first(),
        title=title or f"Project {next(_numbers)}",
        by=person,
        at=timezone.now(),
    )


def answer(application: Application, key: str, text: str, *, by: Person | None = None) -> None:
    """Write under one question, over what is there."""
    question = application.round.form_questions.get(key=key)
    stored = application.answers.filter(question=question).first()
    actions.save_answer(
        application=application,
        question=question,
        text=text,
        version=stored.version if stored else 0,
        by=by or application.made_by,
        at=timezone.now(),
    )


def fill(application: Application, *, asked: int | str = 4000, skip: Iterable[str] = ()) -> None:
    """Everything a bid needs before it can be sent."""
    by, now = application.made_by, timezone.now()
    actions.save_details(
        application=application,
        version=application.version,
        area="Armley",
        contact_name=by.name,
        partners_named="Armley Library\nMr Khan's bakery",
        smallest_useful=Decimal(1000),
        by=by,
        at=now,
    )
    for question in FormQuestion.objects.filter(round=application.round).exclude(key__in=skip):
        if not application.answers.filter(question=question).exists():
            words = f"We will do our best about {question.key}."
            answer(application, question.key, PLANNED.get(question.kind, words))
    actions.save_budget(
        application=application,
        lines=[Line("Room hire", Decimal(asked) + 500, Decimal(asked))],
        version=application.version,
        by=by,
        at=now,
    )


def send(application: Application, *, at: datetime | None = None) -> Application:
    actions.send_application(
        application=application,
        declared_true=True,
        by=application.made_by,
        at=at or timezone.now(),
    )
    return application


def make_sent_bid(round: Round, person: Person | None = None, **fields: Any) -> Application:
    """A bid sent by its applicant through the real actions. `asked` is in pounds."""
    asked = fields.pop("asked", 4000)
    application = make_draft_bid(round, person, **fields)
    fill(application, asked=asked)
    return send(application)


def look_at_rules(application: Application, by: Person, *, answer: str = "yes") -> None:
    """A facilitator says the same of each of the funder's rules for this bid."""
    for rule in application.round.funder_rules.all():
        actions.check_rule(
            application=application, rule=rule, answer=answer, by=by, at=timezone.now()
        )


def settle(
    application: Application,
    *,
    eligible: bool = True,
    by: Person | None = None,
    final: bool = True,
    at: datetime | None = None,
) -> Eligibility:
    """A ruling written straight, so that a test of a later stage need not open this one.

    A "no" that is `final` has its second person.
    """
    now = at or timezone.now()
    second = not eligible and final
    return Eligibility.objects.create(
        application=application,
        eligible=eligible,
        rule=None if eligible else application.round.funder_rules.first(),
        reason="" if eligible else "The work is in York.",
        decided_at=now,
        decided_by=by or make_facilitator(),
        seconded_at=now if second else None,
        seconded_by=make_facilitator("Second Facilitator") if second else None,
    )


# ---- Files -----------------------------------------------------------------------------------
def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def pdf() -> bytes:
    return b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def png(*, width: int = 1, height: int = 1) -> bytes:
    def part(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", header)
        + part(b"IDAT", zlib.compress(b"\0\0"))
        + part(b"IEND", b"")
    )


def jpg() -> bytes:
    frame = b"\x08" + struct.pack(">HH", 1, 1) + b"\x01\x01\x11\x00"
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
        + b"\xff\xc0"
        + struct.pack(">H", len(frame) + 2)
        + frame
        + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00\xff\xd9"
    )


def photo(*, shade: int = 200, size: tuple[int, int] = (60, 80), **how: Any) -> bytes:
    """A real picture, as a phone takes one; `how` goes to the writer: format, exif."""
    held = io.BytesIO()
    Image.new("RGB", size, (shade, shade, 255)).save(held, **{"format": "JPEG", **how})
    return held.getvalue()


def archive(parts: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in parts.items():
            packed.writestr(name, body)
    return held.getvalue()


DOCX_TYPES = (
    b"<Types><Override ContentType='application/vnd.openxmlformats-officedocument."
    b"wordprocessingml.document.main+xml'/></Types>"
)


def docx(**more: bytes) -> bytes:
    """A small Word file; more parts by name, with "/" written "__"."""
    extra = {name.replace("__", "/"): body for name, body in more.items()}
    parts = {"[Content_Types].xml": DOCX_TYPES, "word/document.xml": b"<w:document/>"}
    return archive(parts | extra)


def odt(**more: bytes) -> bytes:
    extra = {name.replace("__", "/"): body for name, body in more.items()}
    parts = {
        "mimetype": b"application/vnd.oasis.opendocument.text",
        "content.xml": b"<office:document-content/>",
    }
    return archive(parts | extra)
