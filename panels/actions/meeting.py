"""Meetings, the talk about scores, choosing who to meet, and the interviews."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Permission, Refused, may
from accounts.versions import Stale
from applications.models import Application
from commissioning.models import Criterion, Member
from ledger.actions import record
from ledger.models import Letter
from panels.actions.proposals import put_to_panel
from panels.models import (
    Attendance,
    InterviewDraft,
    InterviewQuestion,
    InterviewSlot,
    Meeting,
    Panel,
    Phase,
    Proposal,
    Score,
    ScoreSheet,
    Seat,
)
from panels.rules import meeting as rules


@dataclass(frozen=True, slots=True)
class NewScore:
    """A score to send: 0 to 5, or None for "I cannot judge this", with its reason."""

    value: int | None
    reason: str


# ---- Meetings -------------------------------------------------------------------------------


@transaction.atomic
def arrange_meeting(
    *,
    panel: Panel,
    kind: str,
    starts_at: datetime,
    by: Person,
    at: datetime,
    minutes_long: int = 120,
    place: str = "",
    link: str = "",
    notes: str = "",
) -> Meeting:
    """A facilitator arranges a meeting; every seat is told by letter."""
    may(by, Permission.RUN_MEETINGS).require()
    meeting = Meeting.objects.create(
        panel=panel,
        kind=kind,
        starts_at=starts_at,
        minutes_long=minutes_long,
        place=place,
        link=link,
        notes=notes,
        arranged_at=at,
        arranged_by=by,
    )
    for seat in panel.seats.held().select_related("member__person"):
        write_to(
            seat.member.person,
            "meeting_arranged",
            key=f"meeting_arranged:{meeting.pk}:{seat.pk}",
            by=by,
            at=at,
            chain=panel.round.chain,
            context={"meeting": meeting, "panel": panel},
        )
    record(
        chain=panel.round.chain,
        verb="arranged_meeting",
        by=by,
        at=at,
        meeting=meeting.pk,
        panel=panel.pk,
        kind=kind,
    )
    return meeting


@transaction.atomic
def call_off_meeting(*, meeting: Meeting, by: Person, at: datetime) -> None:
    """A meeting will not happen. A cancelled meeting is told even to those who rest."""
    may(by, Permission.RUN_MEETINGS).require()
    if not Meeting.objects.filter(pk=meeting.pk, called_off_at=None).update(
        called_off_at=at, called_off_by=by
    ):
        return
    for seat in meeting.panel.seats.held().select_related("member__person"):
        write_to(
            seat.member.person,
            "meeting_called_off",
            key=f"meeting_called_off:{meeting.pk}:{seat.pk}",
            by=by,
            at=at,
            chain=meeting.panel.round.chain,
            when=Letter.When.ANSWER,
            context={"meeting": meeting, "panel": meeting.panel},
        )
    record(
        chain=meeting.panel.round.chain,
        verb="called_off_meeting",
        by=by,
        at=at,
        meeting=meeting.pk,
    )


@transaction.atomic
def note_attendance(*, meeting: Meeting, members: list[Member], by: Person, at: datetime) -> None:
    """Who was at a meeting, as the facilitator noted it."""
    may(by, Permission.RUN_MEETINGS).require()
    for member in members:
        Attendance.objects.get_or_create(
            meeting=meeting, member=member, defaults={"noted_at": at, "noted_by": by}
        )
    record(
        chain=meeting.panel.round.chain,
        verb="noted_attendance",
        by=by,
        at=at,
        meeting=meeting.pk,
        members=[member.pk for member in members],
    )


@transaction.atomic
def write_minutes(*, meeting: Meeting, minutes: str, by: Person, at: datetime) -> None:
    """The facilitator's minutes of how things were done; the panel reads them too."""
    may(by, Permission.RUN_MEETINGS).require()
    meeting.minutes = minutes
    meeting.save(update_fields=["minutes"])
    record(
        chain=meeting.panel.round.chain,
        verb="wrote_minutes",
        by=by,
        at=at,
        meeting=meeting.pk,
        letters=len(minutes),
    )


# ---- After the talk -------------------------------------------------------------------------


@transaction.atomic
def change_score_after_talk(
    *,
    seat: Seat,
    application: Application,
    changes: Mapping[Criterion, NewScore],
    by: Person,
    at: datetime,
) -> ScoreSheet:
    """A member changes scores after talking, each with a reason. The first ones are kept."""
    on = timezone.localdate(at)
    rules.may_change_after_talk(seat, application, by, on=on).require()
    if not changes or not all(new.reason.strip() for new in changes.values()):
        raise Refused(_("Say in a sentence what made you change your score."))
    first = (
        ScoreSheet.objects.counting()
        .filter(member=seat.member, application=application, phase=Phase.READING)
        .latest("sent_at")
    )
    sheet = ScoreSheet.objects.create(
        member=seat.member,
        application=application,
        assignment_id=first.assignment_id,
        version_id=first.version_id,
        phase=Phase.TALK,
        sent_at=at,
        sent_by=by,
    )
    counting = {
        score.criterion_id: score
        for score in Score.objects.filter(
            sheet__in=ScoreSheet.objects.counting().filter(
                member=seat.member,
                application=application,
                phase__in=[Phase.READING, Phase.TALK],
            )
        ).order_by("sheet__sent_at", "pk")
    }
    for criterion, new in changes.items():
        Score.objects.create(
            sheet=sheet,
            criterion=criterion,
            value=new.value,
            reason=new.reason.strip(),
            replaces=counting.get(criterion.pk),
        )
    record(
        chain=seat.panel.round.chain,
        verb="changed_scores_after_talk",
        by=by,
        at=at,
        sheet=sheet.pk,
        bid=application.pk,
        criteria=sorted(criterion.pk for criterion in changes),
    )
    return sheet


def propose_shortlisting(
    *,
    panel: Panel,
    application: Application,
    outcome: str,
    reason: str,
    by: Person,
    at: datetime,
    criterion: Criterion | None = None,
) -> Proposal:
    """A panel member proposes to meet an organisation, or not this time, with a reason."""
    rules.shortlisting_complete(outcome, reason, criterion).require()
    return put_to_panel(
        panel=panel,
        kind=Proposal.Kind.SHORTLIST,
        application=application,
        words=reason,
        data={"outcome": str(outcome), "criterion": criterion.pk if criterion else None},
        by=by,
        at=at,
    )


# ---- Interviews -----------------------------------------------------------------------------


@transaction.atomic
def write_interview_question(
    *,
    panel: Panel,
    text: str,
    by: Person,
    at: datetime,
    criterion: Criterion | None = None,
    asked_by: Seat | None = None,
    question: InterviewQuestion | None = None,
) -> InterviewQuestion:
    """A panel member writes a core question, or changes one before anyone has scored it."""
    rules.may_prepare_interviews(panel, by).require()
    if question and Score.objects.filter(question=question).exists():
        raise Refused(_("This question has scores already, so it stays as it is."))
    question = question or InterviewQuestion(
        panel=panel,
        order=panel.interview_questions.count() + 1,
        written_at=at,
        written_by=by,
    )
    question.text, question.criterion, question.asked_by = text.strip(), criterion, asked_by
    question.save()
    record(
        chain=panel.round.chain,
        verb="wrote_interview_question",
        by=by,
        at=at,
        question=question.pk,
        panel=panel.pk,
    )
    return question


@transaction.atomic
def offer_slot(
    *,
    panel: Panel,
    starts_at: datetime,
    by: Person,
    at: datetime,
    minutes_long: int = 45,
    place: str = "",
    link: str = "",
) -> InterviewSlot:
    """A facilitator offers a time and place. Every organisation is offered the same length."""
    may(by, Permission.RUN_MEETINGS).require()
    slot = InterviewSlot.objects.create(
        panel=panel,
        starts_at=starts_at,
        minutes_long=minutes_long,
        place=place,
        link=link,
        offered_at=at,
        offered_by=by,
    )
    record(
        chain=panel.round.chain,
        verb="offered_interview_time",
        by=by,
        at=at,
        slot=slot.pk,
        panel=panel.pk,
        minutes=minutes_long,
    )
    return slot


@transaction.atomic
def choose_slot(
    *,
    slot: InterviewSlot,
    application: Application,
    by: Person,
    at: datetime,
    access_needs: str = "",
) -> InterviewSlot:
    """An applicant takes a time, giving back the one they had. Two cannot take the same one."""
    rules.may_choose_slot(slot, application, by, on=timezone.localdate(at)).require()
    InterviewSlot.objects.filter(application=application).exclude(pk=slot.pk).update(
        application=None, chosen_at=None, chosen_by=None, access_needs=""
    )
    free = InterviewSlot.objects.filter(
        Q(application=None) | Q(application=application), pk=slot.pk
    )
    if not free.update(
        application=application, chosen_at=at, chosen_by=by, access_needs=access_needs.strip()
    ):
        raise Refused(_("Somebody took this time a moment ago. Please choose another."))
    record(
        chain=slot.panel.round.chain,
        verb="chose_interview_time",
        by=by,
        at=at,
        slot=slot.pk,
        bid=application.pk,
    )
    slot.refresh_from_db()
    return slot


@transaction.atomic
def save_interview_draft(
    *,
    seat: Seat,
    application: Application,
    question: InterviewQuestion,
    value: int | None,
    cannot_judge: bool,
    reason: str,
    version: int,
    client_id: str,
    by: Person,
    at: datetime,
) -> InterviewDraft:
    """Save a member's unsent score and notes on one question. Version 0 is the first save."""
    rules.may_score_interview(seat, application, by, on=timezone.localdate(at)).require()
    draft = (
        InterviewDraft.objects.select_for_update()
        .filter(seat=seat, application=application, question=question)
        .first()
    )
    if draft and client_id and draft.client_id == client_id:
        return draft
    if (draft.version if draft else 0) != version:
        raise Stale(
            theirs={"reason": draft.reason if draft else ""}, version=draft.version if draft else 0
        )
    return InterviewDraft.objects.update_or_create(
        seat=seat,
        application=application,
        question=question,
        defaults={
            "value": None if cannot_judge else value,
            "cannot_judge": cannot_judge,
            "reason": reason,
            "version": version + 1,
            "client_id": client_id,
            "saved_at": at,
            "saved_by": by,
        },
    )[0]


@transaction.atomic
def send_interview_scores(
    *, seat: Seat, application: Application, by: Person, at: datetime, why: str = ""
) -> ScoreSheet:
    """Send one member's interview scores. Every question needs a score or "I cannot judge"."""
    rules.may_score_interview(seat, application, by, on=timezone.localdate(at)).require()
    Seat.objects.select_for_update().get(pk=seat.pk)
    sent = (
        ScoreSheet.objects.counting()
        .filter(member=seat.member, application=application, phase=Phase.INTERVIEW)
        .first()
    )
    if sent:
        return sent
    drafts = {
        draft.question_id: draft
        for draft in InterviewDraft.objects.filter(seat=seat, application=application)
    }
    questions = list(seat.panel.interview_questions.filter(dropped_at=None))
    for question in questions:
        draft = drafts.get(question.pk)
        if draft is None or (draft.value is None and not draft.cannot_judge):
            raise Refused(
                _("Choose a score for “%(question)s”, or say that you cannot judge it.")
                % {"question": question.text}
            )
    sheet = ScoreSheet.objects.create(
        member=seat.member,
        application=application,
        version=application.versions.latest("number"),
        phase=Phase.INTERVIEW,
        why=why.strip(),
        sent_at=at,
        sent_by=by,
    )
    Score.objects.bulk_create(
        Score(
            sheet=sheet,
            question=question,
            value=drafts[question.pk].value,
            reason=drafts[question.pk].reason,
        )
        for question in questions
    )
    record(
        chain=seat.panel.round.chain,
        verb="sent_interview_scores",
        by=by,
        at=at,
        sheet=sheet.pk,
        bid=application.pk,
    )
    return sheet
