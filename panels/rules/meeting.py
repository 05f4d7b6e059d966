"""Choosing who to meet, and meeting them: what may be done and by whom."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, holds, may
from accounts.templatetags.purse import moment
from applications.models import Application, Colleague, Organisation
from commissioning.models import Criterion, Round, StageKind
from commissioning.pace import lots_of, stage_of, stages_of
from commissioning.reasons import says_why
from commissioning.rules import resting, stage_open
from panels.models import (
    InterviewQuestion,
    InterviewSlot,
    Meeting,
    Panel,
    Phase,
    Score,
    ScoreSheet,
    Seat,
    Shortlisting,
)
from panels.rules.proposals import entitled, may_type_for, takes_part

FEWEST_AT_INTERVIEW = 3
"""How many members must score each organisation the panel meets."""

MOST_SLOTS_AT_ONCE = 20


# ---- Meetings -------------------------------------------------------------------------------
def may_arrange(panel: Panel, starts_at: datetime, by: Person, *, at: datetime) -> Verdict:
    """Whether staff may arrange a meeting or interview for this time: to come, and not in rest."""
    allowed = may(by, Permission.RUN_MEETINGS)
    if not allowed:
        return allowed
    if starts_at <= at:
        return Verdict.no(_("Choose a day and time that are still to come."))
    day = timezone.localdate(starts_at)
    if resting(panel.round, on=day, lots=[panel.lot_id]):
        return Verdict.no(
            _("The panel rests on %(day)s. Choose a later day.")
            % {"day": format_date(day, "l j F")}
        )
    if panel.round.has_own_days:
        people = panel.seats.held().values_list("member__person", flat=True)
        lots = set().union(*lots_of([panel.round], people=people).values())
        if resting(panel.round, on=day, lots=lots):
            return Verdict.no(
                _("Somebody here sits on another panel too, and rests on %(day)s. Choose another.")
                % {"day": format_date(day, "l j F")}
            )
    return Verdict.yes()


def may_note_attendance(meeting: Meeting, by: Person, *, on: date) -> Verdict:
    """Whether staff may note who came: on the day or later."""
    allowed = may(by, Permission.RUN_MEETINGS)
    if not allowed:
        return allowed
    if meeting.called_off_at:
        return Verdict.no(_("This meeting was called off."))
    if on < timezone.localdate(meeting.starts_at):
        return Verdict.no(_("You can note who came on the day of the meeting, or after it."))
    return Verdict.yes()


def may_call_off(meeting: Meeting, by: Person, *, at: datetime) -> Verdict:
    """Whether staff may call a meeting off: before it begins."""
    allowed = may(by, Permission.RUN_MEETINGS)
    if not allowed:
        return allowed
    if meeting.called_off_at:
        return Verdict.no(_("This meeting was called off already."))
    if at >= meeting.starts_at:
        return Verdict.no(_("This meeting has begun, so it cannot be called off."))
    return Verdict.yes()


# ---- After the talk -------------------------------------------------------------------------
def may_change_after_talk(seat: Seat, application: Application, by: Person, *, on: date) -> Verdict:
    """Whether a member may change their own scores of a bid after the panel has talked."""
    allowed = may(by, Permission.SCORE)
    if not allowed:
        return allowed
    if seat.member.person_id != by.pk:
        return Verdict.no(_("You can only score for yourself."))
    if waiting_change(seat, application):
        return Verdict.no(_("A change was typed for you. Please look at that first."))
    return _change_ready(seat, application, on)


def may_type_change(seat: Seat, application: Application, by: Person, *, on: date) -> Verdict:
    """Whether somebody may type, from paper, what a member changed after the panel has talked."""
    allowed = may_type_for(seat, by)
    if not allowed:
        return allowed
    if waiting_change(seat, application):
        return Verdict.no(_("A change was typed for this member. It waits for a yes."))
    return _change_ready(seat, application, on)


def _change_ready(seat: Seat, application: Application, on: date) -> Verdict:
    """What must be true of a member and a bid before a score changes, whoever types."""
    if not entitled(seat.panel, application).filter(pk=seat.pk).exists():
        return Verdict.no(_("Only panel members who do not stand aside can do this."))
    if not seat.panel.scores_opened_at:
        return Verdict.no(_("The panel has not opened its scores yet."))
    stage = stage_open(seat.panel.round, StageKind.SHORTLIST, on=on, lot=seat.panel.lot_id)
    if not stage:
        return stage
    own = ScoreSheet.objects.counting().filter(
        member=seat.member, application=application, phase=Phase.READING
    )
    if not own.exists():
        return Verdict.no(_("You did not score this bid, so there is nothing to change."))
    return Verdict.yes()


def waiting_change(seat: Seat, application: Application) -> ScoreSheet | None:
    """A change after the talk that was typed for a member and waits for a yes."""
    rows = typed_and_waiting().filter(member=seat.member_id, application=application)
    return rows.filter(phase=Phase.TALK).first()


def checked_by_staff() -> QuerySet[ScoreSheet]:
    """Changes after the talk that were typed and checked by staff, and count; the newest first."""
    rows = ScoreSheet.objects.counting().filter(phase=Phase.TALK, typed_by__isnull=False)
    return rows.exclude(confirmed_by=F("member__person")).order_by("-sent_at", "-pk")


def changes_on_paper(panel: Panel, application: Application) -> QuerySet[Seat]:
    """The seats that may change a score of this bid, each with a typed change that waits for a
    yes (`change`), who typed it (`typist`), and the newest one that staff checked (`checked`)."""
    own = ScoreSheet.objects.filter(member=OuterRef("member"), application=application)
    waiting = typed_and_waiting().filter(
        member=OuterRef("member"), application=application, phase=Phase.TALK
    )
    return (
        entitled(panel, application)
        .filter(Exists(own.counting().filter(phase=Phase.READING)))
        .annotate(
            change=Subquery(waiting.values("pk")[:1]),
            typist=Subquery(waiting.values("typed_by")[:1]),
            checked=Subquery(
                checked_by_staff()
                .filter(member=OuterRef("member"), application=application)
                .values("pk")[:1]
            ),
        )
        .select_related("member__person")
        .order_by("member__person__name", "pk")
    )


def changes_complete(round: Round, changes: Iterable[tuple[Criterion, int | None, str]]) -> Verdict:
    """A change is to one of the round's criteria, from 0 to 5, with a reason."""
    rows = list(changes)
    if not rows or not all(reason.strip() for _criterion, _value, reason in rows):
        return Verdict.no(_("Say in a sentence what made you change your score."))
    if any(value is not None and not 0 <= value <= 5 for _criterion, value, _reason in rows):
        return Verdict.no(_("A score is a number from 0 to 5."))
    agreed = set(Criterion.objects.agreed_for(round).values_list("pk", flat=True))
    if not {criterion.pk for criterion, _value, _reason in rows} <= agreed:
        return Verdict.no(_("Choose one of the agreed questions."))
    return Verdict.yes()


def shortlisting_complete(
    outcome: str,
    reason: str,
    criterion: Criterion | None,
    *,
    round: Round,
    by_criterion: Collection[str] = (),
) -> Verdict:
    """A choice needs a reason, and a "not this time" one that rests on a criterion. `by_criterion`:
    the criteria (ids) that it has words of their own for."""
    if outcome not in Shortlisting.Outcome.values:
        return Verdict.no(_("Choose to meet them, or not this time."))
    if outcome == Shortlisting.Outcome.NO and criterion is None:
        return Verdict.no(_("Choose the criterion that the reason rests on."))
    if not says_why(reason):
        return Verdict.no(_("Say why, in a sentence or two."))
    if not Criterion.objects.agreed_for(round).hold(
        {*by_criterion, *([str(criterion.pk)] if criterion else [])}
    ):
        return Verdict.no(_("Choose one of the agreed questions."))
    return Verdict.yes()


# ---- Who is met -----------------------------------------------------------------------------
def is_to_be_met(application: Application) -> bool:
    """Whether the panel's newest choice is to meet this organisation, and the bid still stands."""
    return to_be_met().filter(application=application).exists()


def to_be_met() -> QuerySet[Shortlisting]:
    """The choices to meet an organisation that no later choice replaced."""
    return Shortlisting.objects.filter(
        outcome=Shortlisting.Outcome.MEET, replaced_by=None, application__withdrawn_at=None
    )


def undecided(panel: Panel) -> QuerySet[Application]:
    """Bids of the panel's lot that go on and have no settled choice yet."""
    return Application.objects.eligible().filter(lot=panel.lot_id, shortlistings=None)


def met_by_too_few(round: Round) -> list[Shortlisting]:
    """Organisations to be met that fewer than three members have scored after the interview."""
    sheets = (
        ScoreSheet.objects.counting()
        .filter(application__round=round, phase=Phase.INTERVIEW)
        .values_list("application")
        .annotate(said=Count("member", distinct=True))
    )
    counts: dict[int, int] = dict(sheets)
    met = to_be_met().filter(panel__round=round).select_related("panel", "application")
    return [row for row in met if counts.get(row.application_id, 0) < FEWEST_AT_INTERVIEW]


# ---- Interview questions --------------------------------------------------------------------
def may_prepare_interviews(panel: Panel, by: Person) -> Verdict:
    """Whether a panel member may write or share out the interview questions: until one is scored.

    Every organisation is asked the same.
    """
    allowed = may(by, Permission.VOTE)
    part = takes_part(panel, by)
    if not allowed or not part:
        return part if allowed else allowed
    interviews = stage_of(panel.round, StageKind.INTERVIEWS, panel.lot_id)
    if interviews and interviews.closed_at:
        return Verdict.no(_("The interviews are over, so the questions stay as they are."))
    if Score.objects.filter(question__panel=panel).exists():
        return Verdict.no(
            _("Somebody has scored an interview. The questions stay the same for everyone.")
        )
    return Verdict.yes()


def question_complete(
    panel: Panel, text: str, criterion: Criterion | None, asked_by: Seat | None
) -> Verdict:
    """A question has words; its criterion and its asker belong to this panel."""
    if not text.strip():
        return Verdict.no(_("Write the question."))
    if criterion and not Criterion.objects.agreed_for(panel.round).filter(pk=criterion.pk).exists():
        return Verdict.no(_("Choose one of the agreed questions."))
    if asked_by and not entitled(panel).filter(pk=asked_by.pk).exists():
        return Verdict.no(_("Choose somebody who sits on this panel."))
    return Verdict.yes()


def open_questions(panel: Panel) -> QuerySet[InterviewQuestion]:
    """The questions that every organisation is asked."""
    return panel.interview_questions.filter(dropped_at=None)


# ---- Interview times ------------------------------------------------------------------------
def may_change_times(panel: Panel, by: Person) -> Verdict:
    """Whether staff may offer times to organisations, or take one away: until meeting is over."""
    allowed = may(by, Permission.RUN_MEETINGS)
    if allowed and StageKind.INTERVIEWS in _closed_for(panel):
        return Verdict.no(_("Meeting the organisations is over in this round."))
    return allowed


def may_agree_help(slot: InterviewSlot, more_minutes: int, by: Person, *, at: datetime) -> Verdict:
    """Whether staff may note what was agreed for a meeting that is still to come, and whether the
    minutes on top end before the panel meets the next organisation."""
    allowed = may_change_times(slot.panel, by)
    if not allowed:
        return allowed
    if slot.starts_at <= at:
        return Verdict.no(_("This meeting has begun. Nothing can be changed about it."))
    ends_at = slot.starts_at + timedelta(minutes=slot.minutes_long + more_minutes)
    after = slot.panel.slots.filter(starts_at__gt=slot.starts_at, starts_at__lt=ends_at)
    following = after.order_by("starts_at").first()
    if following:
        return Verdict.no(
            _("That runs into the next time, at %(when)s. Ring the other group, or take it away.")
            % {"when": moment(following.starts_at)}
        )
    return Verdict.yes()


def _closed_for(panel: Panel) -> set[str]:
    """The kinds of stage that have closed, as they stand for this panel (one query)."""
    return {row.kind for row in stages_of(panel.round, panel.lot_id) if row.closed_at}


def may_invite(panel: Panel, by: Person) -> Verdict:
    """Whether staff may write to the organisations the panel meets: once choosing is over, with
    questions written and a time for each of them."""
    allowed = may(by, Permission.RUN_MEETINGS)
    if not allowed:
        return allowed
    over = _closed_for(panel)
    if StageKind.SHORTLIST not in over:
        return Verdict.no(_("The panel is still choosing who to meet. Wait until that has closed."))
    if StageKind.INTERVIEWS in over:
        return Verdict.no(_("Meeting the organisations is over in this round."))
    met = to_be_met().filter(panel=panel).count()
    if not met:
        return Verdict.no(_("The panel did not choose to meet anybody."))
    if not open_questions(panel).exists():
        return Verdict.no(
            _("The panel writes its questions first. Organisations see them before they come.")
        )
    times = panel.slots.count()
    if times < met:
        return Verdict.no(
            _("There are %(times)s times for %(met)s organisations. Offer more times first.")
            % {"times": times, "met": met}
        )
    return Verdict.yes()


def may_see_slots(application: Application, by: Person) -> Verdict:
    """Whether there are times to choose for this bid. The same sentence whatever was chosen."""
    allowed = may_act_for(application, by)
    if not allowed:
        return allowed
    invited = Panel.objects.filter(lot=application.lot_id, invited_at__isnull=False)
    if not invited.exists() or not is_to_be_met(application):
        return Verdict.no(_("There is nothing to choose for this bid now. We will write to you."))
    return Verdict.yes()


def may_act_for(application: Application, by: Person) -> Verdict:
    """Whether a person acts for the organisation: a colleague, or staff where nobody signs in."""
    if holds(by, Permission.APPLY):
        if Organisation.objects.visible_to(by).filter(pk=application.organisation_id).exists():
            return Verdict.yes()
        return Verdict.no(_("You do not act for this organisation."))
    allowed = may(by, Permission.RUN_MEETINGS)
    if not allowed:
        return allowed
    if Colleague.objects.filter(organisation=application.organisation_id, ended_at=None).exists():
        return Verdict.no(_("This organisation chooses its own time."))
    return Verdict.yes()


def may_choose_slot(
    slot: InterviewSlot, application: Application, by: Person, *, at: datetime
) -> Verdict:
    """Whether an applicant may take this time: their bid is to be met, and the time is free."""
    seen = may_see_slots(application, by)
    if not seen:
        return seen
    if slot.panel.lot_id != application.lot_id:
        return Verdict.no(_("This time is not for your bid."))
    if at >= slot.starts_at:
        return Verdict.no(_("This time has passed."))
    if InterviewSlot.objects.filter(application=application, starts_at__lte=at).exists():
        return Verdict.no(_("Your time to meet the panel has been. Please ring us."))
    if slot.application_id not in (None, application.pk):
        return Verdict.no(_("Somebody took this time a moment ago. Please choose another."))
    return Verdict.yes()


# ---- Interview scores -----------------------------------------------------------------------
def may_score_interview(seat: Seat, application: Application, by: Person, *, on: date) -> Verdict:
    """Whether a member may score an interview: own seat, not standing aside, stage open, met."""
    allowed = may(by, Permission.SCORE)
    if not allowed:
        return allowed
    if seat.member.person_id != by.pk:
        return Verdict.no(_("You can only score for yourself."))
    return _interview_ready(seat, application, on)


def may_type_interview(seat: Seat, application: Application, by: Person, *, on: date) -> Verdict:
    """Whether somebody may type a member's paper sheet about an interview."""
    allowed = may_type_for(seat, by)
    if not allowed:
        return allowed
    if waiting_interview(seat, application):
        return Verdict.no(_("A sheet was typed for this meeting. It waits for a yes."))
    if sent_interview(seat, application):
        return Verdict.no(_("This member has sent their scores for this meeting."))
    return _interview_ready(seat, application, on)


def _interview_ready(seat: Seat, application: Application, on: date) -> Verdict:
    slots = InterviewSlot.objects.filter(application=application)
    facts = (
        entitled(seat.panel, application)
        .filter(pk=seat.pk)
        .annotate(
            met=Exists(to_be_met().filter(panel=seat.panel, application=application)),
            starts_at=Subquery(slots.values("starts_at")[:1]),
        )
        .values_list("met", "starts_at")
        .first()
    )
    if facts is None:
        return Verdict.no(_("Only panel members who do not stand aside can do this."))
    met, starts_at = facts
    if not met:
        return Verdict.no(_("The panel did not choose to meet this organisation."))
    stage = stage_open(seat.panel.round, StageKind.INTERVIEWS, on=on, lot=seat.panel.lot_id)
    if not stage:
        return stage
    if starts_at and timezone.localdate(starts_at) > on:
        return Verdict.no(
            _("The panel meets them on %(day)s. Scores come after that.")
            % {"day": format_date(timezone.localtime(starts_at), "l j F")}
        )
    return Verdict.yes()


def may_still_score(seat: Seat, application: Application, by: Person, *, on: date) -> Verdict:
    """The same for what is being written: nothing was sent yet."""
    allowed = may_score_interview(seat, application, by, on=on)
    if allowed and sent_interview(seat, application):
        return Verdict.no(_("You have sent your scores for this interview."))
    return allowed


def sent_interview(seat: Seat, application: Application) -> ScoreSheet | None:
    """What a member sent about an interview."""
    return (
        ScoreSheet.objects.counting()
        .filter(member=seat.member_id, application=application, phase=Phase.INTERVIEW)
        .first()
    )


def waiting_interview(seat: Seat, application: Application) -> ScoreSheet | None:
    """A sheet about an interview that was typed for a member and waits for a yes."""
    return (
        typed_and_waiting()
        .filter(member=seat.member_id, application=application, phase=Phase.INTERVIEW)
        .first()
    )


def typed_and_waiting() -> QuerySet[ScoreSheet]:
    """Sheets that were typed for somebody and are neither confirmed nor refused."""
    return ScoreSheet.objects.filter(
        typed_by__isnull=False, confirmed_at=None, taken_back=None, void=None
    )
