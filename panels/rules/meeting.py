"""Choosing who to meet, and meeting them: what may be done and by whom."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from applications.models import Application, Organisation
from commissioning.models import Criterion, StageKind
from commissioning.rules import stage_open
from panels.models import InterviewSlot, Panel, Phase, ScoreSheet, Seat, Shortlisting
from panels.rules.proposals import entitled, takes_part


def may_change_after_talk(seat: Seat, application: Application, by: Person, *, on: date) -> Verdict:
    """Whether a member may change their own scores of a bid after the panel has talked."""
    allowed = may(by, Permission.SCORE)
    if not allowed:
        return allowed
    if seat.member.person_id != by.pk:
        return Verdict.no(_("You can only score for yourself."))
    if not entitled(seat.panel, application).filter(pk=seat.pk).exists():
        return Verdict.no(_("Only panel members who do not stand aside can do this."))
    if not seat.panel.scores_opened_at:
        return Verdict.no(_("The panel has not opened its scores yet."))
    stage = stage_open(seat.panel.round, StageKind.SHORTLIST, on=on)
    if not stage:
        return stage
    own = ScoreSheet.objects.counting().filter(
        member=seat.member, application=application, phase=Phase.READING
    )
    if not own.exists():
        return Verdict.no(_("You did not score this bid, so there is nothing to change."))
    return Verdict.yes()


def shortlisting_complete(outcome: str, reason: str, criterion: Criterion | None) -> Verdict:
    """A choice needs a reason, and a "not this time" one that rests on a criterion."""
    if not reason.strip():
        return Verdict.no(_("Say why, in a sentence or two."))
    if outcome == Shortlisting.Outcome.NO and criterion is None:
        return Verdict.no(_("Choose the criterion that the reason rests on."))
    return Verdict.yes()


def may_prepare_interviews(panel: Panel, by: Person) -> Verdict:
    """Whether a panel member may write or share out the interview questions."""
    allowed = may(by, Permission.VOTE)
    return allowed and takes_part(panel, by)


def may_choose_slot(
    slot: InterviewSlot, application: Application, by: Person, *, on: date
) -> Verdict:
    """Whether an applicant may take this time: their bid is to be met, and the time is free."""
    allowed = may(by, Permission.APPLY)
    if not allowed:
        return allowed
    if not Organisation.objects.visible_to(by).filter(pk=application.organisation_id).exists():
        return Verdict.no(_("You do not act for this organisation."))
    if slot.panel.lot_id != application.lot_id or not is_to_be_met(application):
        return Verdict.no(_("This time is not for your bid."))
    if slot.application_id not in (None, application.pk):
        return Verdict.no(_("Somebody took this time a moment ago. Please choose another."))
    if on > slot.starts_at.date():
        return Verdict.no(_("This time has passed."))
    return Verdict.yes()


def is_to_be_met(application: Application) -> bool:
    """Whether the panel's newest choice is to meet this organisation."""
    return Shortlisting.objects.filter(
        application=application, outcome=Shortlisting.Outcome.MEET, replaced_by=None
    ).exists()


def may_score_interview(seat: Seat, application: Application, by: Person, *, on: date) -> Verdict:
    """Whether a member may score an interview: own seat, not standing aside, stage open."""
    allowed = may(by, Permission.SCORE)
    if not allowed:
        return allowed
    if seat.member.person_id != by.pk:
        return Verdict.no(_("You can only score for yourself."))
    if not entitled(seat.panel, application).filter(pk=seat.pk).exists():
        return Verdict.no(_("Only panel members who do not stand aside can do this."))
    if not is_to_be_met(application):
        return Verdict.no(_("The panel did not choose to meet this organisation."))
    return stage_open(seat.panel.round, StageKind.INTERVIEWS, on=on)
