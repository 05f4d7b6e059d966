"""Reading and scoring: what is being written, what is sent, and taking it back."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from accounts.versions import Stale
from commissioning.models import Criterion
from ledger.actions import record
from ledger.models import Letter
from ledger.trail import digest
from panels.models import (
    Abstention,
    Assignment,
    BidDraft,
    Phase,
    Score,
    ScoreDraft,
    ScoreSheet,
    TakeBack,
)
from panels.rules import scoring as rules


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader says on one criterion: a score from 0 to 5, or that they cannot judge it."""

    value: int | None = None
    cannot_judge: bool = False
    reason: str = ""


def _locked(assignment: Assignment) -> rules.Reading:
    """The bid in its reader's hands, held still until the transaction ends."""
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("member__person")
    return rules.reading_of(rows.get(pk=assignment.pk))


# ---- Reading --------------------------------------------------------------------------------
@transaction.atomic
def start_reading(*, assignment: Assignment, by: Person, at: datetime) -> Assignment:
    """Open a bid for the first time, in its newest copy. A second time changes nothing.

    Before it is opened nobody has seen any copy, so the newest one is the fair one. Afterwards the
    copy only moves on when its reader asks to see what was put right (`take_new_copy`).
    """
    reading = _locked(assignment)
    rules.may_read(reading, by, on=timezone.localdate(at)).require()
    row = reading.assignment
    if row.started_at is None and not reading.begun:
        row.version = row.application.versions.latest("number")
    if row.started_at is None or row.later_at is not None:
        row.started_at, row.later_at = row.started_at or at, None
        row.save(update_fields=["started_at", "later_at", "version"])
    return row


@transaction.atomic
def take_new_copy(*, assignment: Assignment, by: Person, at: datetime) -> Assignment:
    """Look at what was put right in a bid; from now on the copy that shows it is in their hands.

    Looking and taking are one act, so that a sheet always names the copy its reader last saw. What
    they have written stays. Raises Refused.
    """
    reading = _locked(assignment)
    rules.may_take_new_copy(reading, by, on=timezone.localdate(at)).require()
    row = reading.assignment
    before, row.version = row.version, row.application.versions.latest("number")
    row.save(update_fields=["version"])
    record(
        chain=reading.round.chain,
        verb="new_copy_read",
        by=by,
        at=at,
        assignment=row.pk,
        member=row.member_id,
        application=row.application_id,
        before=before.pk,
        version=row.version_id,
    )
    return row


@transaction.atomic
def leave_for_later(*, assignment: Assignment, by: Person, at: datetime) -> Assignment:
    """Put a bid at the end of the reader's own pile. It comes back."""
    reading = _locked(assignment)
    rules.may_read(reading, by, on=timezone.localdate(at)).require()
    if reading.done:
        raise Refused(_("You are done with this bid."))
    reading.assignment.later_at = at
    reading.assignment.save(update_fields=["later_at"])
    return reading.assignment


# ---- Writing --------------------------------------------------------------------------------
def _as_found(assignment: Assignment, reading: rules.Reading | None) -> rules.Reading:
    """The bid as its reader has it: found in this request already, or asked for now."""
    if reading and reading.assignment.pk == assignment.pk:
        return reading
    return rules.reading_of(assignment)


# What is only being written counts for nothing yet, so the rule is asked before the transaction:
# fifty people who write at once wait for each other's writing alone.
def save_score_draft(
    *,
    assignment: Assignment,
    criterion: Criterion,
    answer: Answer,
    version: int,
    client_id: str = "",
    by: Person,
    at: datetime,
    reading: rules.Reading | None = None,
) -> ScoreDraft:
    """Keep what a reader has written on one criterion. Not sent, and no entry is made.

    `version` is the one they started from (0: none yet). Stale when another save came first and
    said something else; the same `client_id` again is the same save. `reading` may bring the bid
    as its reader has it in this request, where it was found already.
    """
    reading = _as_found(assignment, reading)
    rules.may_score(reading, by, on=timezone.localdate(at)).require()
    with transaction.atomic():
        _save(assignment, criterion, answer, version, client_id, by, at)
    return ScoreDraft.objects.get(assignment=assignment, criterion=criterion)


def save_score_drafts(
    *,
    assignment: Assignment,
    answers: Mapping[Criterion, Answer],
    why: str | None = None,
    version: int | None = None,
    client_id: str = "",
    by: Person,
    at: datetime,
    reading: rules.Reading | None = None,
    written: rules.Written | None = None,
) -> int:
    """Keep all of a bid's answers at once, and give the new version of the whole.

    `version` is the one of the whole they started from (`rules.Written`); None starts from what is
    there. All or nothing: Stale when another save came first. `reading` and `written` may bring
    what this request has found already.
    """
    reading = _as_found(assignment, reading)
    rules.may_score(reading, by, on=timezone.localdate(at)).require()
    found = written or rules.written(reading)
    if version in (None, found.version):
        with suppress(Stale), transaction.atomic():
            # Sending holds the same row: it sees all of this save, or none of it.
            Assignment.objects.select_for_update().only("pk").get(pk=assignment.pk)
            return _save_whole(assignment, found, answers, why, client_id, by, at)
    found = rules.written(rules.reading_of(assignment))
    theirs = _as_typed({mark.criterion: mark for mark in found.marks}, found.why)
    if theirs == theirs | _as_typed(answers, found.why if why is None else why):
        return found.version  # a second try, or the same words came from another place
    raise Stale(theirs=theirs, version=found.version)


def _save_whole(
    assignment: Assignment,
    found: rules.Written,
    answers: Mapping[Criterion, Answer],
    why: str | None,
    client_id: str,
    by: Person,
    at: datetime,
) -> int:
    """Write what differs from what was found; Stale when another save came in between."""
    now = found.version
    for mark in found.marks:
        answer = answers.get(mark.criterion)
        if answer and (_said(answer), answer.reason) != (_said(mark), mark.reason):
            _save(assignment, mark.criterion, answer, mark.version, client_id, by, at)
            now += 1
    if why is not None and why != found.why:
        _save_bid(assignment, {"why": why}, found.why_version, client_id, by, at)
        now += 1
    return now


def _as_typed(
    answers: Mapping[Criterion, rules.Marked] | Mapping[Criterion, Answer], why: str
) -> dict[str, str]:
    """What is said of a whole bid, by the names of the page's boxes."""
    typed = {"why": why}
    for criterion, answer in answers.items():
        typed[f"score_{criterion.slug}"] = _said(answer)
        typed[f"reason_{criterion.slug}"] = answer.reason
    return typed


def _said(draft: ScoreDraft | Answer | rules.Marked) -> str:
    """A score as words."""
    if draft.cannot_judge:
        return _("I cannot judge this")
    return "" if draft.value is None else str(draft.value)


def _save(
    assignment: Assignment,
    criterion: Criterion,
    answer: Answer,
    version: int,
    client_id: str,
    by: Person,
    at: datetime,
) -> None:
    """Keep one answer; Stale when another save came first and said something else."""
    if answer.value is not None and not 0 <= answer.value <= rules.HIGHEST:
        raise Refused(_("A score is a number from 0 to 5."))
    fields = {
        "value": None if answer.cannot_judge else answer.value,
        "cannot_judge": answer.cannot_judge,
        "reason": answer.reason,
        **_saved(client_id, by, at),
    }
    drafts = ScoreDraft.objects.filter(assignment=assignment, criterion=criterion)
    if _written(drafts, version, fields, assignment=assignment, criterion=criterion):
        return
    there = drafts.get()
    if client_id and there.client_id == client_id:
        return
    if _said(there) == _said(answer) and there.reason == answer.reason:
        return  # the same words came from another place, or from this one by another way
    raise Stale(theirs={"score": _said(there), "reason": there.reason}, version=there.version)


def _saved(client_id: str, by: Person, at: datetime) -> dict[str, Any]:
    """What every draft says of its last save."""
    return {"client_id": client_id, "saved_at": at, "saved_by": by}


def _written(
    drafts: QuerySet[ScoreDraft] | QuerySet[BidDraft],
    version: int,
    fields: Mapping[str, Any],
    **of_what: object,
) -> bool:
    """Write over the version they started from, or for the first time (1 query when all is well).

    False, and nothing written, when another save came first.
    """
    if version and drafts.filter(version=version).update(version=version + 1, **fields):
        return True
    if version and drafts.exists():
        return False
    try:
        with transaction.atomic():
            drafts.create(**of_what, **fields)
    except IntegrityError:
        return False
    return True


def save_bid_draft(
    *,
    assignment: Assignment,
    why: str | None = None,
    notes: str | None = None,
    version: int,
    client_id: str = "",
    by: Person,
    at: datetime,
    reading: rules.Reading | None = None,
) -> BidDraft:
    """Keep "What made you choose this?", or a reader's private notes, or both (None: untouched)."""
    reading = _as_found(assignment, reading)
    on = timezone.localdate(at)
    if why is not None:
        rules.may_score(reading, by, on=on).require()
    rules.may_keep_notes(reading, by, on=on).require()
    typed = {"why": why, "notes": notes}
    texts = {name: text for name, text in typed.items() if text is not None}
    with transaction.atomic():
        _save_bid(assignment, texts, version, client_id, by, at)
    return BidDraft.objects.get(assignment=assignment)


def _save_bid(
    assignment: Assignment,
    texts: Mapping[str, str],
    version: int,
    client_id: str,
    by: Person,
    at: datetime,
) -> None:
    """Keep words about a whole bid; Stale when another save came first and said something else."""
    drafts = BidDraft.objects.filter(assignment=assignment)
    fields = {**texts, **_saved(client_id, by, at)}
    if _written(drafts, version, fields, assignment=assignment):
        return
    there = drafts.get()
    if client_id and there.client_id == client_id:
        return
    if all(getattr(there, name) == text for name, text in texts.items()):
        return  # the same words came from another place, or from this one by another way
    raise Stale(theirs={"why": there.why, "notes": there.notes}, version=there.version)


# ---- Sending --------------------------------------------------------------------------------
@transaction.atomic
def send_scores(*, assignment: Assignment, by: Person, at: datetime) -> ScoreSheet:
    """Send what a reader has written on a bid. Pressed twice, it is one sheet and one receipt."""
    reading = _locked(assignment)
    if reading.sent_sheet and reading.assignment.member.person_id == by.pk:
        return ScoreSheet.objects.get(pk=reading.sent_sheet)
    row = reading.assignment
    marks = rules.marked(row, reading.round)
    why = bid_draft(row).why
    missing = rules.gaps(marks, why, reason_for=reading.round.reason_for, bid=str(row.application))
    rules.may_send(reading, missing, by, on=timezone.localdate(at)).require()
    sheet = ScoreSheet.objects.create(
        member=row.member,
        application=row.application,
        assignment=row,
        version=row.version,
        phase=Phase.READING,
        why=why,
        sent_at=at,
        sent_by=by,
    )
    scores = Score.objects.bulk_create(
        Score(sheet=sheet, criterion=mark.criterion, value=mark.value, reason=mark.reason)
        for mark in marks
    )
    write_receipt(sheet, scores, by=by, at=at)
    record(
        chain=reading.round.chain,
        verb="scores_sent",
        by=by,
        at=at,
        sheet=sheet.pk,
        assignment=row.pk,
        member=row.member_id,
        application=row.application_id,
        version=row.version_id,
        digest=digest_of(sheet, scores),
    )
    return sheet


def bid_draft(assignment: Assignment) -> BidDraft:
    """What a reader is writing about a whole bid, or an empty one that is not stored."""
    found = BidDraft.objects.filter(assignment=assignment).first()
    return found or BidDraft(assignment=assignment, version=0)


def digest_of(sheet: ScoreSheet, scores: list[Score]) -> str:
    """The mark of a sheet as it stands in the trail."""
    return rules.sheet_digest(
        why=sheet.why,
        scores=[
            (
                score.criterion.slug if score.criterion else str(score.question_id),
                score.value,
                score.reason,
            )
            for score in scores
        ],
    )


def write_receipt(
    sheet: ScoreSheet,
    scores: list[Score],
    *,
    by: Person,
    at: datetime,
    rang_on: date | None = None,
) -> Letter:
    """The itemised receipt, to the volunteer whose scores they are.

    `rang_on` is the day on which a second person read them back by phone.
    """
    chain = sheet.application.round.chain
    chain.refresh_from_db(fields=["head_seq", "head_hash"])
    return write_to(
        sheet.member.person,
        "scores_receipt",
        key=f"scores-receipt-{sheet.pk}",
        by=by,
        at=at,
        context={
            "sheet": sheet,
            "scores": scores,
            "mark": digest_of(sheet, scores),
            "head": chain.head_hash,
            "object_until": rules.last_day_to_object(sheet),
            "rang_on": rang_on,
        },
        chain=chain,
        when=Letter.When.ANSWER,
    )


@transaction.atomic
def take_back_scores(*, assignment: Assignment, by: Person, at: datetime) -> TakeBack:
    """Take sent scores back to change them. What was sent stays in the trail; the draft is open."""
    reading = _locked(assignment)
    rules.may_take_back(reading, by, on=timezone.localdate(at)).require()
    sheet = ScoreSheet.objects.get(pk=reading.sent_sheet or 0)
    taken = TakeBack.objects.create(sheet=sheet, taken_at=at, taken_by=by)
    _draft_again(reading.assignment, sheet, by=by, at=at)
    record(
        chain=reading.round.chain,
        verb="scores_taken_back",
        by=by,
        at=at,
        sheet=sheet.pk,
        member=sheet.member_id,
        application=sheet.application_id,
    )
    return taken


def _draft_again(row: Assignment, sheet: ScoreSheet, *, by: Person, at: datetime) -> None:
    """A sheet that was typed from paper has no draft: make one, so that nothing is typed twice."""
    there = set(ScoreDraft.objects.filter(assignment=row).values_list("criterion", flat=True))
    ScoreDraft.objects.bulk_create(
        ScoreDraft(
            assignment=row,
            criterion_id=score.criterion_id,
            value=score.value,
            cannot_judge=score.value is None,
            reason=score.reason,
            saved_at=at,
            saved_by=by,
        )
        for score in sheet.scores.all()
        if score.criterion_id and score.criterion_id not in there
    )
    BidDraft.objects.get_or_create(
        assignment=row, defaults={"why": sheet.why, "saved_at": at, "saved_by": by}
    )


@transaction.atomic
def abstain(
    *, assignment: Assignment, why: Abstention.Why, words: str = "", by: Person, at: datetime
) -> Abstention:
    """Say that one cannot score a bid, and why. It counts as no score, never as a nought."""
    reading = _locked(assignment)
    rules.may_abstain(reading, by, on=timezone.localdate(at)).require()
    if why == Abstention.Why.CONFLICT:
        raise Refused(_("If you know the people, please tell us who. There is a page for that."))
    if why not in Abstention.Why.values:
        raise Refused(_("Choose why you cannot score this bid."))
    said = Abstention.objects.create(
        assignment=reading.assignment, why=why, words=words, made_at=at, made_by=by
    )
    record(
        chain=reading.round.chain,
        verb="abstained",
        by=by,
        at=at,
        abstention=said.pk,
        member=reading.assignment.member_id,
        application=reading.assignment.application_id,
        why=str(why),
        words=digest(words) if words else "",
    )
    return said
