"""Pictures of paper score sheets: added to type from, and taken away again."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.documents import BadFile, inspect_to_look_at, stored
from accounts.models import Person
from ledger.actions import record
from panels.models import Assignment, SheetScan
from panels.rules import scans as rules

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


def add_scan(
    *, assignment: Assignment, upload: "UploadedFile[bytes]", by: Person, at: datetime
) -> SheetScan:
    """Keep a scan or photo of a reader's paper sheet, to type from and to check against.

    Raises BadFile (a Refused) with what to do when the file cannot be taken.
    """
    rules.may_add_scan(assignment, by, on=timezone.localdate(at)).require()
    checked = inspect_to_look_at(upload, most_bytes=settings.DOCUMENT_MAX_BYTES)
    name, data = uuid4(), ContentFile(checked.data)
    with stored(f"sheets/{name}.{checked.kind}", data) as file, transaction.atomic():
        held = Assignment.objects.select_for_update().get(pk=assignment.pk)
        here = held.scans.filter(removed_at=None)
        if here.filter(sha256=checked.sha256).exists():
            raise BadFile(_("This picture is here already."))
        if here.count() >= rules.MOST_SCANS:
            words = _("A sheet can have %(count)s pictures. Take one away first.")
            raise BadFile(words % {"count": rules.MOST_SCANS})
        row = SheetScan.objects.create(
            assignment=held,
            uuid=name,
            file=file,
            kind=checked.kind,
            sha256=checked.sha256,
            added_at=at,
            added_by=by,
        )
        _enter(row, verb="scan_added", by=by, at=at)
    return row


@transaction.atomic
def remove_scan(*, scan: SheetScan, by: Person, at: datetime) -> None:
    """Take a picture away for good: its file goes, and the entry says that it was there."""
    rows = SheetScan.objects.select_for_update(of=("self",))
    row = rows.select_related("assignment__member__person").get(pk=scan.pk)
    rules.may_see_scan(row.assignment, by, on=timezone.localdate(at)).require()
    if row.removed_at:
        return
    name = row.file.name
    row.removed_at, row.removed_by, row.file = at, by, ""
    row.save(update_fields=["removed_at", "removed_by", "file"])
    if name:
        transaction.on_commit(partial(default_storage.delete, name))
    _enter(row, verb="scan_removed", by=by, at=at)


def _enter(row: SheetScan, *, verb: str, by: Person, at: datetime) -> None:
    record(
        chain=row.assignment.application.round.chain,
        verb=verb,
        by=by,
        at=at,
        scan=row.pk,
        assignment=row.assignment_id,
        sha256=row.sha256,
    )
