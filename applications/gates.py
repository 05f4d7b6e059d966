"""What must be done here before a stage of the round may open or close."""

from datetime import date

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from accounts.permissions import Verdict
from applications import rules
from applications.models import Application, Eligibility
from commissioning.models import Round, StageKind
from commissioning.pace import AnyStage


def gate(stage: AnyStage, move: str, *, on: date) -> Verdict:
    """Yes, or why the stage may not "open" or "close" on this day."""
    if (stage.kind, move) == (StageKind.OPEN, "open"):
        return _ready_for_bids(stage.round)
    if (stage.kind, move) == (StageKind.OPEN, "close"):
        return _no_more_bids(stage, on)
    if (stage.kind, move) == (StageKind.SHARING, "open"):
        return _all_settled(stage.round, on)
    return Verdict.yes()


def _ready_for_bids(round: Round) -> Verdict:
    if not round.lots.exists():
        return Verdict.no(_("Bids need a part of the money to go to. Add a lot first."))
    if not round.form_questions.exists():
        return Verdict.no(_("The bid form has no questions yet. Put the form in place first."))
    return Verdict.yes()


def _no_more_bids(stage: AnyStage, on: date) -> Verdict:
    """Nobody who still has time may find the door shut, so the closing day itself must be over."""
    if on <= stage.closes_on:
        return Verdict.no(
            _("Bids can come in until %(day)s at %(time)s. Close it the day after.")
            % {
                "day": date_format(stage.closes_on, "l j F"),
                "time": time_format(stage.round.deadline_time, "P"),
            }
        )
    running = rules.extensions_open(stage.round, on=on)
    if running:
        return Verdict.no(
            _("%(reference)s has more time until %(day)s.")
            % {
                "reference": running[0].application.reference,
                "day": date_format(timezone.localtime(running[0].until), "l j F, P"),
            }
        )
    return Verdict.yes()


def _all_settled(round: Round, on: date) -> Verdict:
    waiting = Application.objects.filter(round=round).undecided().first()
    if waiting:
        return Verdict.no(
            _("%(reference)s has not been settled yet. Check the funder's rules for it first.")
            % {"reference": waiting.reference}
        )
    rulings = Eligibility.objects.newest().final_no().filter(application__round=round)
    rulings = rulings.filter(upheld_because="")
    for ruling in rulings.filter(application__withdrawn_at=None).select_related("application"):
        until = rules.ask_back_until(ruling)
        if until and on <= until:
            return Verdict.no(
                _("Volunteers may still ask for %(reference)s, until %(day)s.")
                % {
                    "reference": ruling.application.reference,
                    "day": date_format(until, "l j F"),
                }
            )
    return Verdict.yes()
