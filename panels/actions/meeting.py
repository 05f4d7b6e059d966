"""Meetings, the talk about scores, and choosing who to meet."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Permission, Refused, may
from accounts.versions import Stale
from applications.models import Application
from commissioning.models import Choice, Criterion, Member
from commissioning.reasons import only_words
from ledger.actions import record
from ledger.models import Letter
from ledger.trail import digest
from panels.actions.proposals import put_to_panel, vote_on_proposal
from panels.actions.scoring import digest_of
from panels.models import (
    Assignment,
    Attendance,
    Meeting,
    Panel,
    Phase,
    Proposal,
    Score,
    ScoreSheet,
    Seat,
)
from panels.rules import meeting as rules
from panels.rules import proposals as proposal_rules
from panels.rules.timing import breaks_fit
from panels.rules.visits import waiting_for_scores


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
    break_minutes: int = 0,
    place: str = "",
    link: str = "",
    notes: str = "",
) -> Meeting:
    """A facilitator arranges a meeting; every seat that takes part is told by letter."""
    rules.may_arrange(panel, starts_at, by, at=at).require()
    if kind not in Meeting.Kind.values:
        raise Refused(_("Choose what the meeting is for."))
    breaks_fit(minutes_long, break_minutes).require()
    meeting = Meeting.objects.create(
        panel=panel,
        kind=kind,
        starts_at=starts_at,
        minutes_long=minutes_long,
        break_minutes=break_minutes,
        place=place,
        link=link,
        notes=notes,
        arranged_at=at,
        arranged_by=by,
    )
    _tell(meeting, "meeting_arranged", Letter.When.NOTICE, by=by, at=at)
    record(
        chain=panel.round.chain,
        verb="arranged_meeting",
        by=by,
        at=at,
        meeting=meeting.pk,
        panel=panel.pk,
        kind=str(kind),
    )
    return meeting


@transaction.atomic
def call_off_meeting(*, meeting: Meeting, by: Person, at: datetime) -> Meeting:
    """A meeting will not happen. A cancelled meeting is told even to those who rest."""
    meeting = _locked(meeting)
    rules.may_call_off(meeting, by, at=at).require()
    meeting.called_off_at, meeting.called_off_by = at, by
    meeting.save(update_fields=["called_off_at", "called_off_by"])
    _tell(meeting, "meeting_called_off", Letter.When.ANSWER, by=by, at=at)
    record(
        chain=meeting.panel.round.chain,
        verb="called_off_meeting",
        by=by,
        at=at,
        meeting=meeting.pk,
    )
    return meeting


def _locked(meeting: Meeting) -> Meeting:
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("panel__round__chain")
    return rows.get(pk=meeting.pk)


def _tell(meeting: Meeting, name: str, when: Letter.When, *, by: Person, at: datetime) -> None:
    for seat in proposal_rules.entitled(meeting.panel).select_related("member__person"):
        write_to(
            seat.member.person,
            name,
            key=f"{name.replace('_', '-')}-{meeting.pk}-{seat.pk}",
            by=by,
            at=at,
            chain=meeting.panel.round.chain,
            when=when,
            context={"meeting": meeting, "panel": meeting.panel},
        )


@transaction.atomic
def note_attendance(
    *, meeting: Meeting, members: Collection[Member], by: Person, at: datetime
) -> None:
    """Who was at a meeting, as the facilitator noted it. Noted again, the newer list stands."""
    meeting = _locked(meeting)
    rules.may_note_attendance(meeting, by, on=timezone.localdate(at)).require()
    seated = set(Seat.objects.filter(panel=meeting.panel_id).values_list("member", flat=True))
    if not {member.pk for member in members} <= seated:
        raise Refused(_("Choose only people who sit on this panel."))
    Attendance.objects.filter(meeting=meeting).exclude(member__in=list(members)).delete()
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
        members=sorted(member.pk for member in members),
    )


@transaction.atomic
def write_minutes(
    *, meeting: Meeting, minutes: str, by: Person, at: datetime, seen: str | None = None
) -> Meeting:
    """The facilitator's minutes of how things were done; the panel reads them too.

    `seen` is the digest of the words they started from: Stale when somebody wrote in between.
    """
    may(by, Permission.RUN_MEETINGS).require()
    meeting = _locked(meeting)
    if seen is not None and seen != digest(meeting.minutes) and meeting.minutes != minutes:
        raise Stale(theirs={"minutes": meeting.minutes}, version=0)
    meeting.minutes = minutes
    meeting.save(update_fields=["minutes"])
    record(
        chain=meeting.panel.round.chain,
        verb="wrote_minutes",
        by=by,
        at=at,
        meeting=meeting.pk,
        minutes=digest(minutes),
    )
    return meeting


# ---- Opening what was scored ----------------------------------------------------------------
@transaction.atomic
def ask_to_open(*, seat: Seat, kind: str, by: Person, at: datetime) -> Proposal:
    """A member puts the opening of the scores (or of the interview scores), and agrees to it."""
    if kind not in (Proposal.Kind.OPEN_SCORES, Proposal.Kind.OPEN_INTERVIEWS):
        raise Refused(_("Only scores can be opened."))
    proposal = put_to_panel(panel=seat.panel, kind=kind, by=by, at=at)
    vote_on_proposal(proposal=proposal, seat=seat, choice=Choice.AGREE, by=by, at=at)
    return proposal


@transaction.atomic
def say_not_scoring(*, panel: Panel, by: Person, at: datetime) -> list[int]:
    """A member will not score what is left, now that reading has closed. Gives the readings' ids.

    They are put down as not scoring these bids, and may then see what the others said.
    """
    proposal_rules.may_say_not_scoring(panel, by, on=timezone.localdate(at)).require()
    left = waiting_for_scores(by).filter(application__lot=panel.lot_id)
    ids = sorted(left.values_list("pk", flat=True))
    Assignment.objects.filter(pk__in=ids).update(
        ended_at=at, ended_by=by, ended_why=Assignment.Ended.HANDED_BACK
    )
    record(
        chain=panel.round.chain,
        verb="said_not_scoring",
        by=by,
        at=at,
        panel=panel.pk,
        assignments=ids,
    )
    return ids


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
    Seat.objects.select_for_update().get(pk=seat.pk)
    rules.may_change_after_talk(seat, application, by, on=timezone.localdate(at)).require()
    sheet, scores = changed_sheet(seat, application, changes, by=by, at=at)
    record(
        chain=seat.panel.round.chain,
        verb="changed_scores_after_talk",
        by=by,
        at=at,
        sheet=sheet.pk,
        member=seat.member_id,
        application=application.pk,
        criteria=sorted(criterion.pk for criterion in changes),
        digest=digest_of(sheet, scores),
    )
    return sheet


def changed_sheet(
    seat: Seat,
    application: Application,
    changes: Mapping[Criterion, NewScore],
    *,
    by: Person,
    at: datetime,
    typed: bool = False,
) -> tuple[ScoreSheet, list[Score]]:
    """A sheet of what a member changed and nothing else, each score beside the one it replaces."""
    rules.changes_complete(
        seat.panel.round, [(row, new.value, new.reason) for row, new in changes.items()]
    ).require()
    counting = ScoreSheet.objects.counting().filter(member=seat.member_id, application=application)
    first = counting.filter(phase=Phase.READING).latest("sent_at")
    before = {
        score.criterion_id: score
        for score in Score.objects.filter(
            sheet__in=counting.filter(phase__in=[Phase.READING, Phase.TALK])
        ).order_by("sheet__sent_at", "pk")
    }
    sheet = ScoreSheet.objects.create(
        member_id=seat.member_id,
        application=application,
        assignment_id=first.assignment_id,
        version_id=first.version_id,
        phase=Phase.TALK,
        sent_at=at,
        sent_by=by,
        typed_by=by if typed else None,
    )
    scores = [
        Score.objects.create(
            sheet=sheet,
            criterion=criterion,
            value=new.value,
            reason=new.reason.strip(),
            replaces=before.get(criterion.pk),
        )
        for criterion, new in changes.items()
    ]
    return sheet, scores


def propose_shortlisting(
    *,
    panel: Panel,
    application: Application,
    outcome: str,
    reason: str,
    by: Person,
    at: datetime,
    criterion: Criterion | None = None,
    by_criterion: Mapping[str, str] | None = None,
) -> Proposal:
    """A panel member proposes to meet an organisation, or not this time, with a reason, and with
    words for some criteria (by id) if they like."""
    told = only_words(by_criterion)
    rules.shortlisting_complete(
        outcome, reason, criterion, round=panel.round, by_criterion=told
    ).require()
    data = {"outcome": str(outcome), "criterion": criterion.pk if criterion else None}
    return put_to_panel(
        panel=panel,
        kind=Proposal.Kind.SHORTLIST,
        application=application,
        words=reason,
        data={**data, "by_criterion": told} if told else data,
        by=by,
        at=at,
    )
