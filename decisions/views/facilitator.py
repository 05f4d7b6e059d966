"""Facilitators keep the round going: they check, write, send and type. They choose nothing."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import (
    Count,
    IntegerField,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    Value,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import posted
from accounts.paper import on_paper, wants_paper
from accounts.permissions import Permission, holds, permitted, reader
from commissioning.models import Round
from commissioning.rules import moves, resting
from decisions import actions, rules
from decisions.actions.letters import (
    against_the_rules,
    may_go,
    not_met,
    says_the_same,
    told_of,
    untold,
)
from decisions.forms import (
    BoardAnswerForm,
    CheckForm,
    PutRightForm,
    SignForm,
    StaffNoteForm,
    SureForm,
)
from decisions.models import (
    BoardNote,
    CheckKind,
    Decision,
    Errand,
    Outcome,
    OutcomeLetter,
    Signature,
)
from decisions.progress import hub
from decisions.showing import decision_rows
from decisions.views.doing import done, status_of
from ledger import clock
from panels.models import Panel, Proposal, Seat

FEW_LETTERS = 20
"""So many letters are written while the page waits."""


def _round(request: HttpRequest, slug: str) -> Round:
    rounds = Round.objects.visible_to(reader(request)).select_related("programme", "chain")
    return get_object_or_404(rounds.prefetch_related("stages", "panels__lot"), slug=slug)


def _panel(request: HttpRequest, pk: int) -> Panel:
    panels = Panel.objects.visible_to(reader(request)).select_related("round__programme", "lot")
    return get_object_or_404(panels.prefetch_related("round__stages"), pk=pk)


@permitted(Permission.SET_UP)
@require_safe
def run_round(request: HttpRequest, round: str) -> HttpResponse:
    """The whole round on one page: each stage, what is done, what comes next and where to go."""
    row, on = _round(request, round), clock.today()
    context = {
        "round": row,
        "cards": hub(row, on=on),
        "moves": moves(row, on=on),
        "resting": resting(row, on=on),
    }
    return render(request, "decisions/run_round.html", context)


# ---- Signing ----------------------------------------------------------------------------------
@permitted(Permission.RUN_MEETINGS)
@require_safe
def decision_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has signed and who has not. What anybody said is on the decision's own page."""
    panel = _panel(request, pk)
    decision = rules.waiting_decision(panel) or rules.standing_decision(panel)
    signed = {row.seat_id: row for row in decision.signatures.order_by("pk")} if decision else {}
    seats = rules.entitled_seats(panel)
    return render(
        request,
        "decisions/decision_progress.html",
        {
            "panel": panel,
            "decision": decision,
            "rows": [{"seat": seat, "signature": signed.get(seat.pk)} for seat in seats],
            "needed": rules.needed_to_sign(panel.round, len(seats)),
            "dots": panel.dot_checks.filter(shown_at=None).exists(),
        },
    )


@permitted(Permission.TYPE_FOR)
def check_signature(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person holds the signed paper beside what was typed and says it is the same."""
    signature = get_object_or_404(
        Signature.objects.select_related(
            "seat__member__person", "typed_by", "decision__panel__round__programme"
        ),
        pk=pk,
        typed_by__isnull=False,
    )
    by = reader(request)
    rules.may_confirm_signature(by, signature, on=clock.today()).require()
    form = SureForm(
        posted(request),
        label=_("I have the signed paper in front of me, and it says this"),
        mistake=_("Tick the box if the paper says this."),
    )

    def confirm() -> None:
        actions.confirm_signature(signature=signature, by=by, at=clock.now())

    if request.method == "POST" and done(form, confirm):
        messages.success(request, _("The signature counts now."))
        return redirect("decision_progress", signature.decision.panel_id)
    context = {"form": form, "signature": signature, "panel": signature.decision.panel}
    return render(request, "decisions/check_signature.html", context, status=status_of(form))


@permitted(Permission.TYPE_FOR)
def type_signature(request: HttpRequest, pk: int, seat: int) -> HttpResponse:
    """Type what a member said or signed on paper. It counts once the member confirms it."""
    decision = get_object_or_404(
        Decision.objects.select_related("panel__round__programme", "panel__lot").prefetch_related(
            "panel__round__stages"
        ),
        pk=pk,
    )
    row = get_object_or_404(
        Seat.objects.select_related("member__person"), pk=seat, panel=decision.panel_id
    )
    by = reader(request)
    rules.may_sign(by, decision, row, on=clock.today()).require()
    name = row.member.person.name
    form = SignForm(
        posted(request),
        label=_("%(name)s told me this, or signed it on paper") % {"name": name},
    )
    if wants_paper(request):
        facts = {"panel": decision.panel, "rows": decision_rows(decision, ())}
        facts |= {"decision": decision, "round": decision.panel.round}
        facts |= {"whose": f"{name}, {decision.panel.lot.name}"}
        about = "decisions/_decision_on_paper.html"
        return on_paper(request, form, title=_("My signature"), about=about, facts=facts)

    def sign() -> None:
        given = form.cleaned_data
        actions.sign_decision(
            decision=decision,
            seat=row,
            choice=given["choice"],
            words=given["words"],
            by=by,
            at=clock.now(),
        )

    if request.method == "POST" and done(form, sign):
        messages.success(
            request, _("It is typed. It counts once %(name)s confirms it.") % {"name": name}
        )
        return redirect("decision_progress", decision.panel_id)
    context = {
        "form": form,
        "decision": decision,
        "panel": decision.panel,
        "programme": decision.panel.round.programme,
        "seat": row,
        "rows": decision_rows(decision, ()),
    }
    return render(request, "decisions/type_signature.html", context, status=status_of(form))


# ---- Checks -----------------------------------------------------------------------------------
@permitted(Permission.CHECK_RULES)
@require_safe
def due_diligence(request: HttpRequest, round: str) -> HttpResponse:
    """Every group that was chosen, with its checks and its answer."""
    row = _round(request, round)
    awards = (
        Outcome.objects.standing()
        .awards()
        .filter(application__round=row)
        .select_related(
            "application__organisation",
            "application__lot",
            "application__round__programme",
            "acceptance",
            "letter__letter",
        )
        .prefetch_related("checks__checked_by")
        .order_by("application__lot__order", "application__reference")
    )
    rows = [
        {
            "outcome": outcome,
            "checks": [
                {"label": label, "made": made.get(kind)}
                for kind, label in CheckKind.choices
                if kind in {*rules.CHECKS_TO_MAKE, *made}
            ],
            "answer": getattr(outcome, "acceptance", None),
            "answer_by": rules.answer_by(getattr(outcome, "letter", None)),
        }
        for outcome in awards
        for made in [rules.newest_checks(outcome)]
    ]
    context = {
        "round": row,
        "rows": rows,
        "today": clock.today(),
        "open": rules.telling_now(row, on=clock.today()),
    }
    return render(request, "decisions/due_diligence.html", context)


@permitted(Permission.CHECK_RULES, Permission.NOTE_REPORT)
def check_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """Note one check on a group that was chosen; a board member, that it is well now."""
    outcome = get_object_or_404(
        Outcome.objects.standing()
        .awards()
        .select_related(
            "application__organisation", "decision__panel__round__programme", "decision__panel__lot"
        )
        .prefetch_related("checks", "decision__panel__round__stages"),
        pk=pk,
    )
    by, bid = reader(request), outcome.application
    rules.may_check(by, outcome, on=clock.today()).require()
    staff, failed = holds(by, Permission.CHECK_RULES), rules.failed_checks(bid)
    form = CheckForm(posted(request)) if staff else PutRightForm(posted(request), failed=failed)

    def check() -> None:
        given = {"passed": True, **form.cleaned_data}
        actions.check_organisation(outcome=outcome, by=by, at=clock.now(), **given)

    up = "due_diligence" if staff else "round_progress_board"
    if request.method == "POST" and done(form, check):
        messages.success(
            request,
            _("The check is noted.")
            if form.cleaned_data.get("passed", False)
            else _("The check is noted. The panel gets your words in a letter."),
        )
        return redirect(up, outcome.decision.panel.round.slug)
    context = {"form": form, "outcome": outcome, "bid": bid, "failed": failed, "up": up}
    return render(request, "decisions/check_organisation.html", context, status=status_of(form))


# ---- Letters ----------------------------------------------------------------------------------
@permitted(Permission.SEND_LETTERS)
@require_safe
def letters_to_send(request: HttpRequest, pk: int) -> HttpResponse:
    """A panel's letters: write them, put them to the panel, and send those it agreed."""
    return _letters_page(request, pk, _sure_to_send(request))


def _sure_to_send(request: HttpRequest) -> SureForm:
    return SureForm(
        posted(request),
        label=_("These letters can go. I know that they cannot be called back"),
        mistake=_("Tick the box to send the letters."),
    )


def _letters_page(request: HttpRequest, pk: int, form: SureForm) -> HttpResponse:
    panel, by, on = _panel_with_letters(request, pk), reader(request), clock.today()
    letters = list(_letters_of(panel))
    rows = [
        {
            "letter": letter,
            "why_not": None if letter.letter_id else may_go(letter, on=on).sentence,
        }
        for letter in letters
        if not _is_past(letter, on=on)
    ]
    waiting = rules.letters_on_the_table(panel)
    answered = None if waiting else _newest_answer(panel, letters)
    return render(
        request,
        "decisions/letters_to_send.html",
        {
            "panel": panel,
            "programme": panel.round.programme,
            "rows": rows,
            "past": [
                {"letter": letter, "why": rules.is_still_so(letter, on=on).sentence}
                for letter in letters
                if _is_past(letter, on=on)
            ],
            "form": form,
            "missing": _missing(panel, letters),
            "may_write": rules.may_write_letters(by, panel, on=on),
            "may_put": rules.may_put_letters(by, panel, on=on),
            "writing": vars(panel)["writing"],
            "sending": vars(panel)["sending"],
            "to_agree": sum(
                not letter.approved_by_proposal_id and bool(rules.is_still_so(letter, on=on))
                for letter in letters
            ),
            "waiting": waiting,
            "to_send": sum(1 for row in rows if row["why_not"] is not None and not row["why_not"]),
            "answered": answered,
            "panel_words": answered.votes.counting().exclude(words="") if answered else (),
        },
        status=status_of(form),
    )


def _newest_answer(panel: Panel, letters: list[OutcomeLetter]) -> Proposal | None:
    """What the panel said of its letters last, as long as any of them has not gone."""
    unsent = {str(letter.pk) for letter in letters if not letter.letter_id}
    settled = [
        row
        for row in panel.proposals.all()
        if row.kind == Proposal.Kind.LETTERS and row.outcome not in ("", Proposal.Outcome.DROPPED)
    ]
    newest = max(settled, key=lambda row: row.settled_at or row.put_at, default=None)
    return newest if newest and unsent & newest.data.get("letters", {}).keys() else None


def _panel_with_letters(request: HttpRequest, pk: int) -> Panel:
    """The panel with its decisions and what they say, how many letters are not written that tell
    of something else, and whether a worker is writing or sending them (seven queries)."""

    def count(rows: QuerySet[Any]) -> Subquery:
        one = rows.filter(application__lot=OuterRef("lot")).order_by().annotate(one=Value(1))
        return Subquery(one.values("one").annotate(n=Count("pk")).values("n"), IntegerField())

    def errand(kind: str) -> Subquery:
        unfinished = Errand.objects.unfinished().filter(panel=OuterRef("pk"), kind=kind)
        return Subquery(unfinished.values("pk")[:1])

    panels = (
        Panel.objects.visible_to(reader(request))
        .select_related("round__programme", "lot")
        .annotate(
            n_no=count(against_the_rules(clock.today()).filter(letter=None)),
            n_not_met=count(not_met().filter(letter=None)),
            writing=errand(Errand.Kind.LETTERS),
            sending=errand(Errand.Kind.SEND),
        )
        .prefetch_related(
            "round__stages",
            "proposals",
            Prefetch("decisions__outcomes", Outcome.objects.select_related("application")),
            "decisions__outcomes__checks",
            "decisions__ratifications",
        )
    )
    return get_object_or_404(panels, pk=pk)


def _letters_of(panel: Panel) -> Iterator[OutcomeLetter]:
    """The letters of a panel's lot, each with the outcome that the panel's rows already hold."""
    outcomes = {
        outcome.pk: (outcome, decision)
        for decision in panel.decisions.all()
        for outcome in decision.outcomes.all()
    }
    rows = OutcomeLetter.objects.filter(application__lot=panel.lot_id).select_related(
        "application__organisation",
        "approved_by_proposal",
        "letter__sending",
        "shortlisting__replaced_by",
        "eligibility",
    )
    rows = rows.prefetch_related("eligibility__asked_back")
    for letter in rows.order_by("application__reference", "pk"):
        if letter.outcome_id in outcomes:
            letter.outcome, decision = outcomes[letter.outcome_id]
            letter.outcome.decision, decision.panel = decision, panel
        yield letter


def _is_past(letter: OutcomeLetter, *, on: date) -> bool:
    """Whether something else is so since this letter was written, so that it never goes. A "no" by
    the funder's rules may only wait for the days to ask for the bid."""
    if letter.letter_id or rules.is_still_so(letter, on=on):
        return False
    ruling = letter.eligibility
    may_wait = ruling and not ruling.replaced_by_id and not letter.application.withdrawn_at
    return not may_wait


def _missing(panel: Panel, letters: list[OutcomeLetter]) -> int:
    """How many letters are still to be written, as `untold` finds them, from rows that are here."""
    standing = rules.standing_decision(panel)
    written, told = {letter.outcome_id for letter in letters}, told_of(letters)
    outcomes = [
        row
        for row in (standing.outcomes.all() if standing else ())
        if row.pk not in written
        and not row.application.withdrawn_at
        and not says_the_same(told.get(row.application_id), row)
    ]
    facts = vars(panel)
    return len(outcomes) + (facts["n_no"] or 0) + (facts["n_not_met"] or 0)


@permitted(Permission.SEND_LETTERS)
@require_POST
def write_letters(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the letters that are missing, from the panel's words. A worker writes many."""
    panel, by, at = _panel(request, pk), reader(request), clock.now()
    if sum(1 for _facts in untold(panel, on=clock.today())) > FEW_LETTERS:
        errand = actions.ask_for_letters(panel=panel, by=by, at=at)
        return redirect("errand_progress", errand.pk)
    made = len(actions.write_letters(panel=panel, by=by, at=at))
    said = ngettext("%(count)s letter is written.", "%(count)s letters are written.", made)
    messages.success(request, said % {"count": made})
    return redirect("letters_to_send", panel.pk)


@permitted(Permission.SEND_LETTERS)
@require_POST
def put_letters(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the panel to read the letters."""
    panel = _panel(request, pk)
    actions.put_letters(panel=panel, by=reader(request), at=clock.now())
    messages.success(request, _("The panel has been asked to read the letters."))
    return redirect("letters_to_send", panel.pk)


@permitted(Permission.SEND_LETTERS)
@require_POST
def send_letters(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the letters that the panel agreed and that may go today. A worker sends them."""
    form = _sure_to_send(request)
    if not form.is_valid():
        return _letters_page(request, pk, form)
    panel = _panel(request, pk)
    errand = actions.ask_to_send(panel=panel, by=reader(request), at=clock.now())
    return redirect("errand_progress", errand.pk)


@permitted(Permission.SEND_LETTERS)
def change_staff_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a note to a letter, marked there as the staff's. The panel reads it too."""
    letter = get_object_or_404(
        OutcomeLetter.objects.select_related(
            "application__organisation", "application__lot__panel__round__programme"
        ),
        pk=pk,
    )
    by = reader(request)
    rules.may_change_staff_note(by, letter).require()
    form = StaffNoteForm(posted(request), initial={"note": letter.staff_note})

    def change() -> None:
        note = form.cleaned_data["note"]
        actions.change_staff_note(letter=letter, note=note, by=by, at=clock.now())

    if request.method == "POST" and done(form, change):
        messages.success(request, _("The letter is changed. The panel reads it before it goes."))
        return redirect("letters_to_send", letter.application.lot.panel.pk)
    context = {"form": form, "letter": letter, "panel": letter.application.lot.panel}
    return render(request, "decisions/change_staff_note.html", context, status=status_of(form))


# ---- The report -------------------------------------------------------------------------------
@permitted(Permission.SEND_LETTERS)
@require_POST
def put_report(request: HttpRequest, round: str) -> HttpResponse:
    """Ask every panel to read the report."""
    row = _round(request, round)
    actions.put_report(round=row, by=reader(request), at=clock.now())
    messages.success(request, _("Every panel has been asked to read the report."))
    return redirect("report_detail", row.slug)


@permitted(Permission.LOOK_AFTER)
def answer_board_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a question of the board about how things were done."""
    note = get_object_or_404(
        BoardNote.objects.select_related("round__programme", "made_by"),
        pk=pk,
        kind=BoardNote.Kind.QUESTION,
        answered_at=None,
    )
    by = reader(request)
    form = BoardAnswerForm(posted(request))

    def answer() -> None:
        actions.answer_board_question(
            note=note, answer=form.cleaned_data["answer"], by=by, at=clock.now()
        )

    if request.method == "POST" and done(form, answer):
        messages.success(request, _("Your answer is sent."))
        return redirect("run_round", note.round.slug)
    context = {"form": form, "note": note, "round": note.round}
    return render(request, "decisions/answer_board_question.html", context, status=status_of(form))
