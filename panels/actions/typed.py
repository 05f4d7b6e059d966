"""Paper counts the same: typing a sheet for a volunteer, who then says whether it is right."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from applications.models import Application
from commissioning.models import Criterion, Member
from ledger.actions import record
from ledger.models import Letter
from panels.actions.meeting import NewScore, changed_sheet
from panels.actions.scoring import Answer, digest_of, write_receipt
from panels.models import Assignment, InterviewQuestion, Phase, Score, ScoreSheet, Seat, Void
from panels.rules import meeting, paper
from panels.rules import scoring as rules


@transaction.atomic
def note_pack_given(*, member: Member, posted: bool, by: Person, at: datetime) -> list[int]:
    """Write down that a volunteer's bids and score sheets went to them on paper, and how."""
    member = Member.objects.select_related("round__chain", "person").get(pk=member.pk)
    paper.may_note_pack(member, by).require()
    sheets = [row.assignment.pk for row in paper.to_give(member, by)]
    record(
        chain=member.round.chain,
        verb=paper.GONE,
        by=by,
        at=at,
        member=member.pk,
        assignments=sheets,
        posted=posted,
    )
    return sheets


@transaction.atomic
def type_scores(
    *,
    assignment: Assignment,
    answers: Mapping[Criterion, Answer],
    why: str,
    by: Person,
    at: datetime,
) -> ScoreSheet:
    """Type a volunteer's paper sheet for them. It does not count until they have said yes."""
    row = Assignment.objects.select_for_update().get(pk=assignment.pk)
    reading = rules.reading_of(row)
    rules.may_type_scores(reading, by, on=timezone.localdate(at)).require()
    asked = [mark.criterion for mark in rules.marked(row, reading.round)]
    marks = [
        rules.Marked(criterion, given.value, given.cannot_judge, given.reason)
        for criterion in asked
        for given in [answers.get(criterion, Answer())]
    ]
    missing = rules.gaps(
        marks,
        why,
        reason_for=reading.round.reason_for,
        bid=str(row.application),
        reasons_needed=False,
    )
    if missing:
        raise Refused(missing[0].sentence)
    if any(mark.value is not None and not 0 <= mark.value <= rules.HIGHEST for mark in marks):
        raise Refused(_("A score is a number from 0 to 5."))
    sheet = ScoreSheet.objects.create(
        member=row.member,
        application=row.application,
        assignment=row,
        version=row.version,
        phase=Phase.READING,
        why=why,
        sent_at=at,
        sent_by=by,
        typed_by=by,
    )
    scores = Score.objects.bulk_create(
        Score(sheet=sheet, criterion=mark.criterion, value=mark.value, reason=mark.reason)
        for mark in marks
    )
    _tell_and_record(sheet, scores, by=by, at=at, verb="scores_typed")
    return sheet


@transaction.atomic
def type_interview_scores(
    *,
    seat: Seat,
    application: Application,
    answers: Mapping[InterviewQuestion, Answer],
    why: str = "",
    by: Person,
    at: datetime,
) -> ScoreSheet:
    """Type a member's paper sheet about an interview. It does not count until they have said yes.

    Every question needs a score or "I cannot judge"."""
    Seat.objects.select_for_update().get(pk=seat.pk)
    meeting.may_type_interview(seat, application, by, on=timezone.localdate(at)).require()
    questions = list(meeting.open_questions(seat.panel).select_for_update())
    if not questions:
        raise Refused(_("The panel has no questions to score yet."))
    given = [(question, answers.get(question, Answer())) for question in questions]
    for question, answer in given:
        if answer.value is None and not answer.cannot_judge:
            raise Refused(_("Choose a score for “%(question)s”.") % {"question": question.text})
        if answer.value is not None and not 0 <= answer.value <= rules.HIGHEST:
            raise Refused(_("A score is a number from 0 to 5."))
    sheet = ScoreSheet.objects.create(
        member_id=seat.member_id,
        application=application,
        version=application.versions.latest("number"),
        phase=Phase.INTERVIEW,
        why=why.strip(),
        sent_at=at,
        sent_by=by,
        typed_by=by,
    )
    scores = Score.objects.bulk_create(
        Score(sheet=sheet, question=question, value=answer.value, reason=answer.reason)
        for question, answer in given
    )
    _tell_and_record(sheet, scores, by=by, at=at, verb="scores_typed")
    return sheet


@transaction.atomic
def type_change_after_talk(
    *,
    seat: Seat,
    application: Application,
    changes: Mapping[Criterion, NewScore],
    by: Person,
    at: datetime,
) -> ScoreSheet:
    """Type what a member changed on paper after the talk. Their first scores count until a yes."""
    Seat.objects.select_for_update().get(pk=seat.pk)
    meeting.may_type_change(seat, application, by, on=timezone.localdate(at)).require()
    sheet, scores = changed_sheet(seat, application, changes, by=by, at=at, typed=True)
    _tell_and_record(sheet, scores, by=by, at=at, verb="typed_change_after_talk")
    return sheet


def _tell_and_record(
    sheet: ScoreSheet, scores: list[Score], *, by: Person, at: datetime, verb: str
) -> None:
    """The letter that asks the volunteer for a yes, and the entry."""
    chain = sheet.application.round.chain
    write_to(
        sheet.member.person,
        "scores_typed",
        key=f"scores-typed-{sheet.pk}",
        by=by,
        at=at,
        context={"sheet": sheet, "scores": scores, "typist": by},
        chain=chain,
        when=Letter.When.ANSWER,
    )
    record(
        chain=chain,
        verb=verb,
        by=by,
        at=at,
        sheet=sheet.pk,
        member=sheet.member_id,
        application=sheet.application_id,
        digest=digest_of(sheet, scores),
    )


@transaction.atomic
def confirm_typed_scores(
    *, sheet: ScoreSheet, by: Person, at: datetime, rang_on: date | None = None
) -> ScoreSheet:
    """Say that a typed sheet is right, so that it counts; a receipt goes to its volunteer.

    `by` is the volunteer, or a second person of the staff: they hold the signed paper, or they
    read it back to the volunteer by phone on the day `rang_on`, and heard a yes.
    """
    sheet = _locked(sheet)
    own = by.pk == sheet.member.person_id
    rules.may_confirm_typed(sheet, by, on=timezone.localdate(at)).require()
    if rang_on and own:
        raise Refused(_("Only somebody else can read it back to you."))
    if rang_on:
        rules.day_of_call(sheet, rang_on, on=timezone.localdate(at)).require()
    sheet.confirmed_at, sheet.confirmed_by = at, by
    sheet.save(update_fields=["confirmed_at", "confirmed_by"])
    scores = list(sheet.scores.select_related("criterion", "question"))
    write_receipt(sheet, scores, by=by, at=at, rang_on=rang_on)
    called = {"read_back_on": rang_on.isoformat()} if rang_on else {}
    record(
        chain=sheet.application.round.chain,
        verb="typed_scores_confirmed",
        by=by,
        at=at,
        sheet=sheet.pk,
        member=sheet.member_id,
        application=sheet.application_id,
        own=own,
        **called,
    )
    return sheet


@transaction.atomic
def refuse_typed_scores(*, sheet: ScoreSheet, words: str = "", by: Person, at: datetime) -> Void:
    """Say that a typed sheet is not right. It never counts; it can be typed again."""
    sheet = _locked(sheet)
    rules.may_confirm_typed(sheet, by, on=timezone.localdate(at)).require()
    void = Void.objects.create(
        sheet=sheet, why=Void.Why.TYPED_WRONG, words=words, voided_at=at, voided_by=by
    )
    record(
        chain=sheet.application.round.chain,
        verb="typed_scores_refused",
        by=by,
        at=at,
        sheet=sheet.pk,
        member=sheet.member_id,
        application=sheet.application_id,
    )
    return void


@transaction.atomic
def object_to_typed_scores(*, sheet: ScoreSheet, words: str, by: Person, at: datetime) -> Void:
    """Say, in the days after the receipt, that a sheet which staff typed and checked is wrong.

    It counts no more and can be given again. The volunteer gets a letter, whoever wrote it down.
    """
    sheet = _locked(sheet)
    rules.may_object(sheet, by, on=timezone.localdate(at)).require()
    void = Void.objects.create(
        sheet=sheet, why=Void.Why.TYPED_WRONG, words=words, voided_at=at, voided_by=by
    )
    chain = sheet.application.round.chain
    write_to(
        sheet.member.person,
        "scores_objected",
        key=f"scores-objected-{sheet.pk}",
        by=by,
        at=at,
        context={"sheet": sheet, "own": by.pk == sheet.member.person_id, "by": by},
        chain=chain,
        when=Letter.When.ANSWER,
    )
    record(
        chain=chain,
        verb="objected_to_typed_scores",
        by=by,
        at=at,
        sheet=sheet.pk,
        member=sheet.member_id,
        application=sheet.application_id,
        own=by.pk == sheet.member.person_id,
    )
    return void


def _locked(sheet: ScoreSheet) -> ScoreSheet:
    """The sheet with what the rules ask of it, held still until the transaction ends."""
    rows = ScoreSheet.objects.select_for_update(of=("self",))
    return rows.select_related("member__person", "application__round__chain").get(pk=sheet.pk)
