"""Bringing in bids from another system: all or none, only new ones, always through eligibility."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Person
from applications import content, rules
from applications.importing import Row, Trouble, content_of
from applications.looking_rules import group_of
from applications.models import Answer, Application, BidVersion, FormQuestion, Organisation
from commissioning.models import Lot, Round
from ledger import trail
from ledger.actions import record

# An organisation without an id of its own is known by its name, within what was imported.
BY_NAME = "name:"


@dataclass(slots=True)
class Imported:
    """What an import did, or would do: references made, rows already here, rows that differ, and
    rows that came too late."""

    made: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    differing: list[tuple[int, str, str]] = field(default_factory=list)
    late: list[Trouble] = field(default_factory=list)


def new_bids(*, lot: Lot, rows: Sequence[Row], on: date) -> tuple[list[Row], Imported]:
    """The rows whose bids are not here yet and came in time, and what is to be said of the others.

    A row that does not say when it came, comes on the day it is brought in. Reads only.
    """
    questions = list(lot.round.form_questions.prefetch_related("criteria"))
    done = Imported()
    known = {
        bid.outside_id: bid
        for bid in Application.objects.filter(
            round=lot.round, outside_id__in=[row.outside_id for row in rows]
        ).prefetch_related("versions")
    }
    for row in rows:
        if row.outside_id in known:
            _compare(row, known[row.outside_id], questions, lot, done)
    fresh = [row for row in rows if row.outside_id not in known]
    last = rules.last_days(lot.round) if fresh else {}
    done.late = [one for row in fresh if (one := _too_late(row, last, on=on))]
    late = {trouble.line for trouble in done.late}
    return [row for row in fresh if row.line not in late], done


def _too_late(row: Row, last: dict[str, date], *, on: date) -> Trouble | None:
    verdict = rules.came_in_time(row.organisation, row.received or on, last=last, on=on)
    if verdict:
        return None
    if row.received:
        return Trouble(row.line, verdict.sentence)
    until = {"day": date_format(last[""], "l j F")}
    words = _("Bids could come in until %(day)s. Say under “received” which day this one came.")
    return Trouble(row.line, words % until)


@transaction.atomic
def import_bids(
    *, lot: Lot, rows: Sequence[Row], file_digest: str, by: Person, at: datetime
) -> Imported:
    """Add the bids that are not here yet, as sent, with one entry for them all.

    Known by their outside id: a bid that is here is never changed, and one that differs is told of
    (line, reference, what differs). One that came too late stays out, and is told of. Makes no
    score, vote or member. Raises Refused when `by` may not bring in bids, or the stage is not open.
    """
    round = lot.round
    rules.may_bring_bids(round, by, at=at).require()
    # Held still before we look who is here: two workers at the same file add each bid once.
    Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    questions = list(round.form_questions.prefetch_related("criteria"))
    fresh, done = new_bids(lot=lot, rows=rows, on=timezone.localdate(at))
    if not fresh:
        return done
    organisations = _organisations(fresh, by=by, at=at)
    bids = _applications(fresh, organisations, lot, by=by, at=at)
    versions = _versions(fresh, bids, questions, by=by, at=at)
    done.made = [bid.reference for bid in bids]
    record(
        chain=round.chain,
        verb="applications_imported",
        by=by,
        at=at,
        lot=lot.pk,
        made=len(bids),
        same=len(done.same),
        differing=len(done.differing),
        file=file_digest,
        received=sorted({bid.received_on.isoformat() for bid in bids if bid.received_on}),
        digest=trail.digest("\n".join(version.digest for version in versions)),
    )
    return done


def _compare(
    row: Row, bid: Application, questions: list[FormQuestion], lot: Lot, done: Imported
) -> None:
    # Files come in while bids are open, before a part can be put right: the newest copy is theirs.
    newest = bid.newest_version
    told = content_of(row, questions)
    differs = [name for name in told if newest is None or newest.content.get(name) != told[name]]
    if newest is None or newest.asked != row.asked:
        differs.append("asked")
    if bid.outside_awarded != row.awarded:
        differs.append("awarded")
    if bid.lot_id != lot.pk:
        differs.append("lot")
    if row.received and bid.received_on != row.received:
        differs.append("received")
    if differs:
        done.differing.append((row.line, bid.reference, ", ".join(differs)))
    else:
        done.same.append(bid.reference)


def _outside_id(row: Row) -> str:
    given = row.texts.get("organisation_id", "")
    return given or f"{BY_NAME}{row.organisation.casefold()}"[:120]


def _organisations(rows: Sequence[Row], *, by: Person, at: datetime) -> dict[str, Organisation]:
    wanted = {_outside_id(row): row for row in reversed(rows)}
    found = {
        row.outside_id: row for row in Organisation.objects.filter(outside_id__in=list(wanted))
    }
    fresh = [
        Organisation(
            name=row.organisation,
            kind=row.texts.get("organisation_kind", "").lower(),
            about=row.texts.get("organisation_about", ""),
            charity_number=row.texts.get("charity_number", ""),
            company_number=row.texts.get("company_number", ""),
            address=row.texts.get("address", ""),
            postcode=row.texts.get("postcode", ""),
            outside_id=outside_id,
            made_at=at,
            made_by=by,
        )
        for outside_id, row in wanted.items()
        if outside_id not in found
    ]
    return found | {row.outside_id: row for row in Organisation.objects.bulk_create(fresh)}


def _applications(
    rows: Sequence[Row],
    organisations: dict[str, Organisation],
    lot: Lot,
    *,
    by: Person,
    at: datetime,
) -> list[Application]:
    references = Application.objects.next_references(lot.round, len(rows))
    return Application.objects.bulk_create(
        Application(
            round=lot.round,
            lot=lot,
            organisation=organisations[_outside_id(row)],
            reference=reference,
            title=row.title,
            area=row.texts.get("area", ""),
            partners_named=row.texts.get("partners", ""),
            contact_name=row.texts.get("contact_name", ""),
            smallest_useful=row.smallest_useful,
            came_by=Application.CameBy.IMPORT,
            received_on=row.received or timezone.localdate(at),
            outside_id=row.outside_id,
            outside_awarded=row.awarded,
            made_at=at,
            made_by=by,
            submitted_at=at,
            submitted_by=by,
        )
        for reference, row in zip(references, rows, strict=True)
    )


def _versions(
    rows: Sequence[Row],
    bids: Sequence[Application],
    questions: list[FormQuestion],
    *,
    by: Person,
    at: datetime,
) -> list[BidVersion]:
    by_key = {question.key: question for question in questions}
    Answer.objects.bulk_create(
        Answer(application=bid, question=by_key[key], text=text, saved_at=at, saved_by=by)
        for bid, row in zip(bids, rows, strict=True)
        for key, text in row.answers.items()
    )
    frozen = [content_of(row, questions) for row in rows]
    return BidVersion.objects.bulk_create(
        BidVersion(
            application=bid,
            number=1,
            content=told,
            asked=row.asked.quantize(Decimal("0.01")),
            words=content.words(told),
            digest=content.digest(told),
            group=group_of(bid.organisation),
            sent_at=at,
            sent_by=by,
        )
        for bid, row, told in zip(bids, rows, frozen, strict=True)
    )
