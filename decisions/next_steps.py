"""What a person could do next about the money, the letters and the report."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Break, Person
from accounts.next_steps import NextStep, Pressing
from accounts.permissions import Permission, holds
from applications.models import Application
from commissioning.models import Round
from commissioning.rules import resting
from decisions import rules
from decisions.models import BoardNote, Decision, Outcome, Signature
from panels.models import Panel, Proposal

MINUTES_TO_SIGN = 15
MINUTES_TO_READ = {Proposal.Kind.LETTERS: 20, Proposal.Kind.REPORT: 30}


def next_steps(person: Person, *, on: date) -> Iterator[NextStep]:
    """Steps of this app for one person on one day. Nothing is due in a rest or on a break."""
    if holds(person, Permission.DECIDE) and not Break.objects.on(on).filter(person=person).exists():
        yield from _for_member(person, on)
    if holds(person, Permission.APPLY):
        yield from _for_applicant(person)
    if holds(person, Permission.LOOK_AFTER):
        yield from _for_facilitator()
    if holds(person, Permission.NOTE_REPORT):
        yield from _for_board(person)


def _for_member(person: Person, on: date) -> Iterator[NextStep]:
    panels = (
        Panel.objects.filter(
            seats__member__person=person, seats__ended_at=None, seats__member__ended_at=None
        )
        .exclude(lot__standing_aside__member__person=person, lot__standing_aside__application=None)
        .select_related("round", "lot")
        .prefetch_related("round__stages")
    )
    for panel in panels:
        if resting(panel.round, on=on):
            continue
        yield from _to_confirm(panel, person)
        decision = rules.waiting_decision(panel)
        if decision and not decision.signatures.filter(seat__member__person=person).exists():
            yield NextStep(
                _("The decision about “%(lot)s” waits for your signature.")
                % {"lot": panel.lot.name},
                _("Read it and sign"),
                reverse("sign_decision", args=[decision.pk]),
                MINUTES_TO_SIGN,
                Pressing.NOW,
            )
        elif decision is None and rules.standing_decision(panel) is None:
            yield from _to_decide(panel, person, on)
        yield from _to_answer(panel, person)


def _to_decide(panel: Panel, person: Person, on: date) -> Iterator[NextStep]:
    if rules.may_use_board(person, panel, on=on):
        yield NextStep(
            _("Your panel decides who gets money in “%(lot)s”.") % {"lot": panel.lot.name},
            _("Open the money board"),
            reverse("board_list", args=[panel.pk]),
            60,
            Pressing.NOW,
        )


def _to_confirm(panel: Panel, person: Person) -> Iterator[NextStep]:
    typed = Signature.objects.filter(
        decision__panel=panel,
        decision__stands_at=None,
        decision__dropped_at=None,
        seat__member__person=person,
        typed_by__isnull=False,
        confirmed_at=None,
    )
    for signature in typed:
        yield NextStep(
            _("A facilitator typed your signature. Say if it is right."),
            _("Check your signature"),
            reverse("confirm_signature", args=[signature.pk]),
            5,
            Pressing.NOW,
        )


def _to_answer(panel: Panel, person: Person) -> Iterator[NextStep]:
    waiting = Proposal.objects.filter(
        panel=panel, kind__in=list(MINUTES_TO_READ), settled_at=None
    ).exclude(votes__seat__member__person=person)
    for proposal in waiting:
        letters = proposal.kind == Proposal.Kind.LETTERS
        yield NextStep(
            _("The letters in “%(lot)s” wait for your panel.") % {"lot": panel.lot.name}
            if letters
            else _("The report waits for your panel."),
            _("Read the letters") if letters else _("Read the report"),
            reverse("letters_to_read" if letters else "report_to_agree", args=[proposal.pk]),
            MINUTES_TO_READ[Proposal.Kind(proposal.kind)],
            Pressing.SOON,
        )


def _for_applicant(person: Person) -> Iterator[NextStep]:
    awards = (
        Outcome.objects.standing()
        .awards()
        .filter(
            application__in=Application.objects.visible_to(person),
            letter__letter__isnull=False,
            acceptance=None,
        )
    )
    for outcome in awards.select_related("application"):
        yield NextStep(
            _("Your bid %(reference)s has an award. Say if you take it.")
            % {"reference": outcome.application.reference},
            _("Read about it"),
            reverse("outcome_detail", args=[outcome.application_id]),
            10,
            Pressing.NOW,
        )


def _for_facilitator() -> Iterator[NextStep]:
    questions = BoardNote.objects.filter(kind=BoardNote.Kind.QUESTION, answered_at=None)
    for note in questions.select_related("round"):
        yield NextStep(
            _("The board asks a question about “%(round)s”.") % {"round": note.round.name},
            _("Answer the board"),
            reverse("answer_board_question", args=[note.pk]),
            10,
            Pressing.SOON,
        )


def _for_board(person: Person) -> Iterator[NextStep]:
    held = Decision.objects.standing().filter(
        panel__round__trustees_ratify=True, ratifications=None
    )
    for decision in held.select_related("panel__lot"):
        yield NextStep(
            _("The decision about “%(lot)s” waits for the trustees.")
            % {"lot": decision.panel.lot.name},
            _("Read and confirm it"),
            reverse("ratify_decision", args=[decision.pk]),
            15,
            Pressing.NOW,
        )
    agreed = Round.objects.filter(report_approvals__isnull=False).exclude(
        board_notes__kind=BoardNote.Kind.NOTED
    )
    for round in agreed.distinct():
        if rules.may_note_report(person, round):
            yield NextStep(
                _("The report about “%(round)s” is ready for the board.") % {"round": round.name},
                _("Read the report"),
                reverse("report_detail", args=[round.slug]),
                30,
                Pressing.SOON,
            )
