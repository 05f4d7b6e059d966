"""One named part of a sent bid put right, in a new copy. The copies before it stay as they were."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from applications import content, parts
from applications import correction_rules as rules
from applications.actions.sending import keep_copy
from applications.actions.writing import enter_file, stored_file
from applications.models import (
    Answer,
    Application,
    BidVersion,
    BudgetLine,
    Correction,
    Document,
)
from commissioning.models import FunderRule
from ledger.actions import record
from ledger.models import Letter
from ledger.trail import digest


def _locked(application_id: int) -> Application:
    """The bid, held still until the transaction ends."""
    Application.objects.select_for_update().get(pk=application_id)
    return Application.objects.whole().get(pk=application_id)


def _newest(bid: Application) -> BidVersion:
    newest = bid.newest_version
    if newest is None:
        raise Refused(_("This bid was not sent."))
    return newest


@transaction.atomic
def ask_correction(
    *,
    application: Application,
    part: str,
    rule: FunderRule | None,
    words: str,
    until: date,
    by: Person,
    at: datetime,
) -> Correction:
    """Ask an applicant to put one named part right, for a rule of the funder, until a day.

    The bid waits, and the group gets a letter. Raises Refused.
    """
    bid = _locked(application.pk)
    rules.may_ask_for(
        bid, by, part=part, rule=rule, until=until, on=timezone.localdate(at)
    ).require()
    if not words.strip():
        raise Refused(_("Say what should be put right."))
    made = Correction.objects.create(
        application=bid,
        kind=Correction.Kind.ASKED,
        part=part,
        rule=rule,
        words=words.strip(),
        until_on=until,
        asked_at=at,
        asked_by=by,
    )
    _tell(made, "correction_asked", by=by, at=at, version=_newest(bid))
    _enter(made, "correction_asked", by=by, at=at, rule=made.rule_id, until=until.isoformat())
    return made


@transaction.atomic
def answer_correction(
    *, correction: Correction, value: Any, by: Person, at: datetime
) -> Correction:
    """Put right what was asked for, and nothing else; the group gets a receipt. Raises Refused."""
    bid = _locked(correction.application_id)
    row = Correction.objects.select_for_update(of=("self",)).get(pk=correction.pk)
    row.application = bid
    rules.may_answer(row, by, on=timezone.localdate(at)).require()
    row.value, row.answered_at, row.answered_by = _good(bid, row.part, value), at, by
    row.version = _put_right(bid, row, by=by, at=at)
    row.save(update_fields=["value", "answered_at", "answered_by", "version"])
    _tell(row, "correction_received", by=by, at=at, version=row.version)
    _enter_copy(row, "correction_answered", row.version, by=by, at=at)
    return row


def answer_with_file(
    *, correction: Correction, upload: "UploadedFile[bytes]", by: Person, at: datetime
) -> Correction:
    """Give a new file in place of the one that was asked about. Raises Refused, or BadFile."""
    bid = Application.objects.whole().get(pk=correction.application_id)
    row = Correction.objects.get(pk=correction.pk)
    row.application = bid
    rules.may_answer(row, by, on=timezone.localdate(at)).require()
    with stored_file(bid, upload, by=by, at=at) as file, transaction.atomic():
        file.save(force_insert=True)
        row = answer_correction(correction=row, value=_as_value(file), by=by, at=at)
        enter_file(file, by=by, at=at)
    return row


def wish_with_file(
    *,
    application: Application,
    part: str,
    upload: "UploadedFile[bytes]",
    words: str,
    by: Person,
    at: datetime,
) -> Correction:
    """Ask for the group to put another file in place of one. Staff say yes or no.

    The file is kept for whoever looks at it, but is no part of the bid before that yes. Raises
    Refused, or BadFile.
    """
    bid = Application.objects.whole().get(pk=application.pk)
    rules.may_wish_for(bid, by, part=part, on=timezone.localdate(at)).require()
    with stored_file(bid, upload, by=by, at=at) as file, transaction.atomic():
        file.removed_at, file.removed_by = at, by
        file.save(force_insert=True)
        row = wish_correction(
            application=bid, part=part, value=_as_value(file), words=words, by=by, at=at
        )
        enter_file(file, by=by, at=at)
    return row


def _as_value(file: Document) -> dict[str, str]:
    return {"uuid": str(file.uuid), "name": file.name}


@transaction.atomic
def wish_correction(
    *, application: Application, part: str, value: Any, words: str, by: Person, at: datetime
) -> Correction:
    """Ask for the group to put one part right, saying why. Staff say yes or no. Raises Refused."""
    bid = _locked(application.pk)
    rules.may_wish_for(bid, by, part=part, on=timezone.localdate(at)).require()
    if not words.strip():
        raise Refused(_("Say why it should be put right."))
    made = Correction.objects.create(
        application=bid,
        kind=Correction.Kind.WISHED,
        part=part,
        words=words.strip(),
        value=_good(bid, part, value),
        asked_at=at,
        asked_by=by,
        answered_at=at,
        answered_by=by,
    )
    _tell(made, "correction_received", by=by, at=at, version=_newest(bid))
    _enter(made, "correction_wished", by=by, at=at, digest=digest(made.words))
    return made


@transaction.atomic
def settle_correction(
    *, correction: Correction, granted: bool, reason: str, by: Person, at: datetime
) -> Correction:
    """Say yes or no to what an applicant wishes, with a reason the group and its readers can read.

    A yes makes the new copy, in the name of whoever wished it. Raises Refused.
    """
    bid = _locked(correction.application_id)
    row = Correction.objects.select_for_update(of=("self",)).get(pk=correction.pk)
    row.application = bid
    rules.may_settle_wish(row, by, granted=granted).require()
    if not reason.strip():
        raise Refused(_("Give the reason in words."))
    row.granted, row.reason, row.settled_at, row.settled_by = granted, reason.strip(), at, by
    if granted:
        _good(bid, row.part, row.value)
        row.version = _put_right(bid, row, by=row.asked_by, at=at)
    row.save(update_fields=["granted", "reason", "settled_at", "settled_by", "version"])
    _tell(row, "correction_settled", by=by, at=at, version=row.version or _newest(bid))
    _enter_copy(
        row, "correction_settled", row.version, by=by, at=at, granted=granted,
        reason_digest=digest(row.reason),
    )  # fmt: skip
    return row


def _good(bid: Application, part: str, value: Any) -> Any:
    trouble = rules.trouble_with(bid, _newest(bid), part, value)
    if trouble:
        raise Refused(trouble)
    return value


def _put_right(bid: Application, row: Correction, *, by: Person, at: datetime) -> BidVersion:
    """The newest sent copy with that one part in it, as a new copy.

    Made from what was sent, never from the rows a bid is written in: whatever was typed there
    since bidding closed was not sent, and does not come in by this door.
    """
    before = _newest(bid)
    after = parts.with_part(before.content, row.part, row.value)
    value: Any = row.value
    asked = parts.asked_in(value) if row.part == parts.BUDGET else before.asked
    made = keep_copy(bid, after, group=before.group, asked=asked, by=by, at=at)
    _mend_what_is_written(bid, before, row, at=at, by=by)
    return made


def _mend_what_is_written(
    bid: Application, before: BidVersion, row: Correction, *, at: datetime, by: Person
) -> None:
    """The same in the rows the bid is written in, so that pages and next year's bid agree with it.

    The name of the organisation there is its own to change.
    """
    key, value = parts.key_of(row.part), cast("Any", row.value)
    if key:
        Answer.objects.filter(application=bid, question__key=key).update(
            text=value, saved_at=at, saved_by=by
        )
    elif row.part == parts.BUDGET:
        bid.budget_lines.all().delete()
        BudgetLine.objects.bulk_create(
            BudgetLine(
                application=bid,
                item=line["item"],
                cost=Decimal(line["cost"]),
                asked=Decimal(line["asked"]),
                order=order,
            )
            for order, line in enumerate(value, start=1)
        )
    elif parts.is_file(row.part):
        gone = parts.value_of(before.content, row.part)["uuid"]
        Document.objects.here().filter(application=bid, uuid=gone).update(
            removed_at=at, removed_by=by
        )
    elif row.part == parts.PARTNERS:
        Application.objects.filter(pk=bid.pk).update(partners_named="\n".join(value))
    elif row.part == parts.SMALLEST:
        low = Decimal(value) if value else None
        Application.objects.filter(pk=bid.pk).update(smallest_useful=low)
    elif row.part != "organisation":
        Application.objects.filter(pk=bid.pk).update(**{row.part: value})


def _tell(row: Correction, name: str, *, by: Person, at: datetime, version: BidVersion) -> None:
    """The same letter to everybody who acts for the group."""
    bid = row.application
    readers = Person.objects.get_queryset().filter(
        acts_for__organisation=bid.organisation_id, acts_for__ended_at=None
    )
    for reader in readers.distinct():
        write_to(
            reader,
            name,
            key=f"{name}:{row.pk}:{reader.pk}",
            by=by,
            at=at,
            chain=bid.round.chain,
            when=Letter.When.ANSWER,
            context={
                "application": bid,
                "correction": row,
                "part": parts.name_of(version.content, row.part),
                "version": version,
                "text": "" if row.value is None else parts.as_text(row.part, row.value),
            },
        )


def _enter(row: Correction, verb: str, *, by: Person, at: datetime, **more: Any) -> None:
    record(
        chain=row.application.round.chain,
        verb=verb,
        by=by,
        at=at,
        application=row.application_id,
        correction=row.pk,
        part=row.part,
        **more,
    )


def _enter_copy(
    row: Correction, verb: str, made: BidVersion | None, *, by: Person, at: datetime, **more: Any
) -> None:
    if made:
        more |= {
            "bid_version": made.pk,
            "number": made.number,
            "asked": content.pounds(made.asked),
            "words": made.words,
            "digest": made.digest,
        }
    _enter(row, verb, by=by, at=at, **more)
