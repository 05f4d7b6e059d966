"""What a person could do next about the money, the letters and the report."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from django.db.models import (
    CharField,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.next_steps import NextStep, Pressing
from accounts.permissions import Permission, holds
from accounts.templatetags.purse import day
from applications.models import Application
from commissioning.around import Around, look_around, was_opened
from commissioning.models import Round, StageKind
from decisions import rules
from decisions.models import (
    BoardNote,
    Clearing,
    Complaint,
    Decision,
    DueForDeletion,
    Kept,
    Outcome,
    OutcomeLetter,
    RetentionRule,
    Signature,
)
from panels.models import Panel, Proposal, Seat, StandingAside

MINUTES_TO_SIGN = 15
MINUTES_TO_READ = {Proposal.Kind.LETTERS: 20, Proposal.Kind.REPORT: 30}


def next_steps(person: Person, *, on: date, around: Around | None = None) -> Iterator[NextStep]:
    """Steps of this app for one person on one day. Nothing is due in a rest or on a break."""
    around = around or look_around(person, on=on)
    if holds(person, Permission.DECIDE):
        yield from _for_member(person, around, on)
    if holds(person, Permission.APPLY):
        yield from _for_applicant(person, on)
    if rules.may_clear(person) or holds(person, Permission.LOOK_AFTER):
        yield from _for_staff(person)
    if holds(person, Permission.HEAR_COMPLAINTS):
        yield from _for_handler(person)
    if holds(person, Permission.NOTE_REPORT):
        yield from _for_board(person, around)


def _for_member(person: Person, around: Around, on: date) -> Iterator[NextStep]:
    rounds = {
        place.round_id: place.round
        for place in around.awake(on=on)
        if was_opened(place.round, StageKind.DECISION)
    }
    if not rounds:
        return
    seats = list(_seats(person, rounds))
    waiting = list(_to_read(person, [seat.panel for seat in seats]))
    fallen = _fallen_through(person, seats, rounds)
    for seat in seats:
        panel = seat.panel
        panel.round = rounds[panel.round_id]
        decision = rules.waiting_decision(panel)
        typed = [vars(row)["typed"] for row in panel.decisions.all() if vars(row)["typed"]]
        yield from (_to_confirm(signature) for signature in typed)
        if decision and not vars(decision)["has_signed"]:
            yield _to_sign(panel, decision)
        elif decision is None and rules.standing_decision(panel) is None:
            yield from _to_decide(seat, person, on)
        elif decision is None and rules.deciding_now(panel, on=on):
            yield from (_to_decide_again(panel, row) for row in fallen.get(panel.pk, ()))
        yield from (_to_answer(panel, row) for row in waiting if row.panel_id == panel.pk)


def _seats(person: Person, rounds: Iterable[int]) -> QuerySet[Seat]:
    """The person's seats where they decide, with the decisions there (two queries)."""
    aside = StandingAside.objects.filter(
        lot=OuterRef("panel__lot"), member=OuterRef("member"), application=None
    )
    signed = Signature.objects.filter(decision=OuterRef("pk"), seat__member__person=person)
    typed = signed.filter(
        decision__stands_at=None,
        decision__dropped_at=None,
        typed_by__isnull=False,
        confirmed_at=None,
    )
    decisions = Decision.objects.annotate(
        has_signed=Exists(signed),
        typed=Subquery(typed.order_by("-pk").values("pk")[:1]),
        in_doubt=rules.in_doubt(),
    )
    return (
        Seat.objects.held()
        .filter(~Exists(aside), member__person=person, panel__round__in=rounds)
        .select_related("member", "panel__lot")
        .prefetch_related(Prefetch("panel__decisions", decisions))
        .order_by("panel__lot__order", "panel")
    )


def _to_sign(panel: Panel, decision: Decision) -> NextStep:
    return NextStep(
        _("The decision about “%(lot)s” waits for your signature.") % {"lot": panel.lot.name},
        _("Read it and sign"),
        reverse("sign_decision", args=[decision.pk]),
        MINUTES_TO_SIGN,
        Pressing.NOW,
    )


def _to_decide(seat: Seat, person: Person, on: date) -> Iterator[NextStep]:
    place = rules.Place(seat, aside=False, hidden=frozenset())
    if rules.may_use_board(person, seat.panel, on=on, place=place):
        yield NextStep(
            _("Your panel decides who gets money in “%(lot)s”.") % {"lot": seat.panel.lot.name},
            _("Open the money board"),
            reverse("board_list", args=[seat.panel_id]),
            60,
            Pressing.NOW,
        )


def _fallen_through(
    person: Person, seats: Iterable[Seat], rounds: Mapping[int, Round]
) -> Mapping[int, list[rules.FallenThrough]]:
    """By panel, the awards that cannot go on, but for bids that the person stands aside from."""
    standing = [
        decision
        for seat in seats
        if was_opened(rounds[seat.panel.round_id], StageKind.LETTERS)
        and (decision := rules.standing_decision(seat.panel))
    ]
    found: defaultdict[int, list[rules.FallenThrough]] = defaultdict(list)
    rows = rules.fallen_through(standing)
    aside = StandingAside.objects.filter(member__person=person, application__isnull=False)
    hidden = set(aside.values_list("application", flat=True)) if rows else set()
    for row in rows:
        if row.outcome.application_id not in hidden:
            found[row.outcome.decision.panel_id].append(row)
    return found


def _to_decide_again(panel: Panel, fallen: rules.FallenThrough) -> NextStep:
    reference = fallen.outcome.application.reference
    return NextStep(
        _("The group of %(reference)s does not take its money. Decide what to do.")
        % {"reference": reference}
        if fallen.not_taken
        else _("A check did not go well for %(reference)s. Read why, and decide what to do.")
        % {"reference": reference},
        _("Read about it"),
        reverse("board_list", args=[panel.pk]),
        MINUTES_TO_SIGN,
        Pressing.NOW,
    )


def _to_confirm(signature: int) -> NextStep:
    return NextStep(
        _("A facilitator typed your signature. Say if it is right."),
        _("Check your signature"),
        reverse("confirm_signature", args=[signature]),
        5,
        Pressing.NOW,
    )


def _to_read(person: Person, panels: Iterable[Panel]) -> QuerySet[Proposal]:
    """Letters and reports that wait for this person's answer."""
    return Proposal.objects.filter(
        panel__in=panels, kind__in=list(MINUTES_TO_READ), settled_at=None
    ).exclude(votes__seat__member__person=person)


def _to_answer(panel: Panel, proposal: Proposal) -> NextStep:
    letters = proposal.kind == Proposal.Kind.LETTERS
    return NextStep(
        _("The letters in “%(lot)s” wait for your panel.") % {"lot": panel.lot.name}
        if letters
        else _("The report waits for your panel."),
        _("Read the letters") if letters else _("Read the report"),
        reverse("letters_to_read" if letters else "report_to_agree", args=[proposal.pk]),
        MINUTES_TO_READ[Proposal.Kind(proposal.kind)],
        Pressing.SOON,
    )


def _for_applicant(person: Person, on: date) -> Iterator[NextStep]:
    awards = (
        Outcome.objects.standing()
        .awards()
        .filter(
            application__in=Application.objects.visible_to(person),
            application__withdrawn_at=None,
            letter__letter__isnull=False,
            acceptance=None,
        )
    )
    awards = awards.select_related("application")
    for outcome in awards:
        yield NextStep(
            _("Your bid %(reference)s has an award. Say if you take it.")
            % {"reference": outcome.application.reference},
            _("Read about it"),
            reverse("outcome_detail", args=[outcome.application_id]),
            10,
            Pressing.NOW,
        )
    told = {}
    letters = OutcomeLetter.objects.filter(
        application__in=Application.objects.visible_to(person), letter__isnull=False
    ).select_related("application", "letter", "outcome__acceptance")
    for row in letters.order_by("letter__written_at", "pk"):
        told[row.application] = row
    waiting = {row.application_id for row in awards}
    for bid, newest in sorted(told.items(), key=lambda pair: pair[0].pk):
        days = timedelta(days=newest.complain_days)
        gone_on = timezone.localdate(newest.letter.written_at) if newest.letter else on
        if bid.pk in waiting or hasattr(newest.outcome, "acceptance") or on > gone_on + days:
            continue
        yield NextStep(
            _("The panel has written to you about your bid %(reference)s.")
            % {"reference": bid.reference},
            _("Read what it decided"),
            reverse("outcome_detail", args=[bid.pk]),
            5,
            Pressing.WHEN_YOU_LIKE,
        )


def _for_handler(person: Person) -> Iterator[NextStep]:
    """Complaints that wait for whoever hears them, and the way to what was answered."""
    heard = Complaint.objects.heard_by(person).filter(answered_at=None)
    waiting = heard.filter(Q(taken_by=None) | Q(taken_by=person)).order_by("answer_on").first()
    if waiting:
        last = waiting.answer_on if waiting.taken_at else waiting.hear_on
        yield NextStep(
            _("A group complains about how things were done. It must hear from you by %(day)s.")
            % {"day": day(last)},
            _("Read the complaint"),
            reverse("answer_complaint", args=[waiting.pk]),
            30,
            Pressing.NOW,
        )
    yield NextStep(
        _("Here are all complaints about how things were done."),
        _("See the complaints"),
        reverse("complaint_list"),
        pressing=Pressing.WHEN_YOU_LIKE,
    )


def _for_staff(person: Person) -> Iterator[NextStep]:
    # All in one question, since a facilitator's home asks every app.
    clearings = Clearing.objects.filter(done_at=None).order_by()
    questions = BoardNote.objects.filter(kind=BoardNote.Kind.QUESTION, answered_at=None).order_by()
    shorter = RetentionRule.objects.filter(shorter__isnull=False).order_by()
    waits = clearings.filter(programme=OuterRef("programme"), what=OuterRef("what"))
    due = DueForDeletion.objects.filter(~Exists(waits))
    rows = clearings.values_list(Value("clear"), "programme__slug", "what").union(
        questions.values_list(Value("board"), "round__name", Cast("pk", CharField())),
        shorter.values_list(Value("shorter"), "programme__slug", "what"),
        due.values_list(Value("due"), "programme__slug", "what"),
    )
    for kind, name, which in rows:
        if kind == "board":
            if not holds(person, Permission.LOOK_AFTER):
                continue
            yield NextStep(
                _("The board asks a question about “%(round)s”.") % {"round": name},
                _("Answer the board"),
                reverse("answer_board_question", args=[which]),
                10,
                Pressing.SOON,
            )
            continue
        if kind == "shorter":
            yield NextStep(
                _("Somebody asks to keep something for a shorter time. A second must agree."),
                _("Look at it"),
                reverse("retention_list"),
                5,
                Pressing.WHEN_YOU_LIKE,
            )
            continue
        if kind == "due":
            yield NextStep(
                _("Old enough to be deleted: %(what)s.") % {"what": Kept(which).label},
                _("See what would be deleted"),
                reverse("clear_kept", args=[name, which]),
                10,
                Pressing.WHEN_YOU_LIKE,
            )
            continue
        yield NextStep(
            _("Something is old enough to be deleted. A second person must look at it."),
            _("Look at the list"),
            reverse("clear_kept", args=[name, which]),
            10,
            Pressing.WHEN_YOU_LIKE,
        )


def _for_board(person: Person, around: Around) -> Iterator[NextStep]:
    held = (
        Decision.objects.standing()
        .filter(panel__round__trustees_ratify=True, ratifications=None)
        .exclude(panel__round__applications__organisation__colleagues__person=person)
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
    agreed = (
        rules.with_what_came_since(Round.objects.filter(pk__in=[row.pk for row in around.rounds]))
        .filter(report_approvals__isnull=False)
        .exclude(board_notes__kind=BoardNote.Kind.NOTED)
        .distinct()
        .prefetch_related("panels", "report_approvals")
    )
    for round in agreed:
        if rules.report_as_agreed(round):
            yield NextStep(
                _("The report about “%(round)s” is ready for the board.") % {"round": round.name},
                _("Read the report"),
                reverse("report_detail", args=[round.slug]),
                30,
                Pressing.SOON,
            )
