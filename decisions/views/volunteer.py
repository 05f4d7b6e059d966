"""The panel at its money board: choosing, signing, and reading what goes out in its name."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.db.models.expressions import Combinable
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.confirming import confirmed_lately
from accounts.forms import posted
from accounts.permissions import Permission, Verdict, holds, permitted, reader
from accounts.versions import Stale
from applications.models import Application
from commissioning.models import Choice, Criterion, Round
from decisions import actions, rules
from decisions.forms import (
    AnswerPanelForm,
    BoardForm,
    LineForm,
    PutDecisionForm,
    SignForm,
    SureForm,
)
from decisions.kept_report import with_heads
from decisions.models import BoardChange, BoardLine, Decision, MoneyBoard, OutcomeLetter, Signature
from decisions.reading import for_member
from decisions.showing import (
    Table,
    Words,
    beside,
    decision_rows,
    differing,
    level_words,
    lots_of_report,
    scores_shown,
)
from decisions.views.doing import done, status_of
from decisions.views.waiting import report_for
from ledger import clock
from panels.actions.proposals import vote_on_proposal
from panels.models import Panel, Proposal, Seat
from panels.sight import Said, said_of
from panels.talk import written

PANELS = Panel.objects.select_related("round__programme", "lot").prefetch_related("round__stages")
BOARDS = (
    MoneyBoard.objects.select_related("panel__round__programme", "panel__lot")
    .prefetch_related("panel__round__stages", "lines")
    .annotate(can_undo=Exists(BoardChange.objects.filter(board=OuterRef("pk"), undone_at=None)))
)


def own_panel(request: HttpRequest, pk: int) -> tuple[Panel, rules.Place]:
    """A panel this member sits on, and their place; for anybody else it is not there."""
    panel = get_object_or_404(PANELS, pk=pk)
    place = rules.place_of(panel, reader(request))
    if place.seat is None:
        raise Http404
    return panel, place


def _at_boards(request: HttpRequest, pk: int) -> tuple[Panel, rules.Place]:
    """The same with its boards, and what the round has decided."""
    panel, place = own_panel(request, pk)
    prefetch_related_objects([panel], "boards__lines")
    return panel, replace(place, decisions=rules.decisions_in_round(panel))


def own_board(request: HttpRequest, pk: int, **more: Combinable) -> tuple[MoneyBoard, rules.Place]:
    """A board of this member's panel, once they may look at it; `more` is annotated."""
    board = get_object_or_404(BOARDS.annotate(**more), pk=pk)
    place = rules.place_of(board.panel, reader(request))
    if place.seat is None:
        raise Http404
    rules.may_see_board(reader(request), board.panel, place=place).require()
    return board, replace(place, decisions=rules.decisions_in_round(board.panel))


# ---- The money board --------------------------------------------------------------------------
@permitted(Permission.DECIDE)
@require_safe
def board_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel's boards side by side, and what has been decided so far."""
    panel, place = _at_boards(request, pk)
    rules.may_see_board(reader(request), panel, place=place).require()
    table = Table(panel, place)
    boards = [table.shown(board) for board in panel.boards.all()]
    rows = beside(boards)
    return render(
        request,
        "decisions/board_list.html",
        {
            "panel": panel,
            "boards": boards,
            "rows": rows,
            "stands_aside": bool(place.hidden),
            "differing": differing(rows) if len(boards) > 1 else "",
            "decisions": [row for row in place.decisions or () if row.panel_id == panel.pk][::-1],
            "fallen": _fallen_through(panel, place),
            "ways_on": rules.split_again(panel, place.decisions),
            "may_start": rules.may_start_board(
                reader(request), panel, on=clock.today(), place=place
            ),
        },
    )


def _fallen_through(panel: Panel, place: rules.Place) -> list[rules.FallenThrough]:
    """What the panel has to decide about again, as long as it can and nothing is being signed."""
    past = place.decisions
    standing = rules.standing_decision(panel, past)
    if rules.waiting_decision(panel, past) or not standing:
        return []
    if not rules.deciding_now(panel, on=clock.today(), decisions=past):
        return []
    rows = rules.fallen_through([standing])
    return [row for row in rows if row.outcome.application_id not in place.hidden]


@permitted(Permission.DECIDE)
def start_board(request: HttpRequest, pk: int) -> HttpResponse:
    """Lay out another board, empty or as a copy."""
    (panel, place), by = _at_boards(request, pk), reader(request)
    rules.may_start_board(by, panel, on=clock.today(), place=place).require()
    form = BoardForm(posted(request), boards=panel.boards.all())
    made: list[MoneyBoard] = []

    def start() -> None:
        given = form.cleaned_data
        made.append(
            actions.start_board(
                panel=panel,
                name=given["name"],
                copy_of=given.get("copy_of"),
                by=by,
                at=clock.now(),
            )
        )

    if request.method == "POST" and done(form, start):
        messages.success(request, _("The board is ready."))
        return redirect("money_board", made[0].pk)
    context = {"form": form, "panel": panel}
    return render(request, "decisions/start_board.html", context, status=status_of(form))


@permitted(Permission.DECIDE)
@require_safe
def money_board(request: HttpRequest, pk: int) -> HttpResponse:
    """One board: the money left, and each bid with what it gets for now."""
    board, place = own_board(request, pk)
    table = Table(board.panel, place, with_scores=True)
    return render(
        request,
        "decisions/money_board.html",
        {
            "panel": board.panel,
            "board": board,
            "shown": table.shown(board),
            "may_change": rules.may_use_board(
                reader(request), board.panel, on=clock.today(), place=place
            ),
            "can_undo": vars(board)["can_undo"],
            "waiting": rules.waiting_decision(board.panel, place.decisions),
            "fallen": _fallen_through(board.panel, place),
        },
    )


@permitted(Permission.DECIDE)
def set_line(request: HttpRequest, pk: int, bid: int) -> HttpResponse:
    """Say what one bid gets, with its scores beside the form."""
    board, place = own_board(request, pk, of_line=rules.version_of_line(bid))
    by, table = reader(request), Table(board.panel, place)
    application = _bid_on(table, bid)
    rules.may_use_board(by, board.panel, on=clock.today(), place=place).require()
    if bid in place.hidden:
        Verdict.no(_("You are standing aside from this bid.")).require()
    words = level_words(board.panel)
    row = next((line for line in board.lines.all() if line.application_id == bid), None)
    visit = place.visit(board.panel, by)
    said = said_of(visit, bid, words.titles)
    facts = _line_facts(row, application, words, said)
    form = LineForm(posted(request), initial=_as_initial(row, vars(board)["of_line"]), **facts)
    stale: Stale | None = None

    def set_it() -> None:
        actions.set_line(
            board=board, application=application, by=by, at=clock.now(), **form.cleaned_data
        )

    if request.method == "POST":
        try:
            if done(form, set_it):
                messages.success(request, _("It is on the board."))
                return redirect("money_board", board.pk)
        except Stale as error:
            stale = error
            typed = request.POST.copy()
            typed["version"] = str(error.version)
            form = LineForm(typed, **facts)
    return render(
        request,
        "decisions/set_line.html",
        {
            "form": form,
            "board": board,
            "panel": board.panel,
            "bid": application,
            "on_board": row,
            "shown": table.shown(board),
            "scores": scores_shown(visit, said, words),
            "failed": rules.failed_checks(application),
            "programme": board.panel.round.programme,
            "stale": stale,
        },
        status=409 if stale else status_of(form),
    )


def _line_facts(
    row: BoardLine | None, bid: Application, words: Words, said: list[Said]
) -> dict[str, Any]:
    """What the form of one line is drawn from. Words that stand there for criteria of before the
    newest ones keep their boxes."""
    kept = row.by_criterion if row else {}
    known = {str(pk) for pk in words.titles}
    return {
        "bid": bid,
        "criteria": Criterion.objects.agreed_for(bid.round_id),
        "titles": words.titles,
        "more_titles": Criterion.objects.titles_of({pk: kept[pk] for pk in kept.keys() - known}),
        "written": written(said, bid.pk),
        "before": row,
    }


def _bid_on(table: Table, pk: int) -> Application:
    """One of the panel's bids to decide on."""
    for row in table.bids:
        if row.pk == pk:
            return row
    raise Http404


def _as_initial(row: Any, version: int) -> dict[str, Any]:
    """The line as it stands, to be changed; a new line begins with nothing chosen."""
    if row is None:
        return {"version": version}
    names = ("outcome", "less_what", "reserve_order", "reason", "conditions")
    found = {name: getattr(row, name) for name in names}
    amount = row.amount if row.outcome == "less" else None
    return {**found, "criterion": row.criterion_id, "amount": amount, "version": version}


@permitted(Permission.DECIDE)
@require_POST
def clear_line(request: HttpRequest, pk: int, bid: int) -> HttpResponse:
    """Take a bid's line off the board again."""
    board, _place = own_board(request, pk)
    application = get_object_or_404(rules.bids_to_decide(board.panel), pk=bid)
    actions.set_line(
        board=board, application=application, outcome="", by=reader(request), at=clock.now()
    )
    messages.success(request, _("It is off the board."))
    return redirect("money_board", board.pk)


@permitted(Permission.DECIDE)
@require_POST
def undo_line(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the board's last step back."""
    board, _place = own_board(request, pk)
    actions.undo_line(board=board, by=reader(request), at=clock.now())
    messages.success(request, _("The last step is taken back."))
    return redirect("money_board", board.pk)


# ---- Signing ----------------------------------------------------------------------------------
@permitted(Permission.DECIDE)
def put_decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the whole board, and put it for signing."""
    (board, place), by = own_board(request, pk), reader(request)
    rules.may_use_board(by, board.panel, on=clock.today(), place=place).require()
    prefetch_related_objects([board], "lines__criterion")
    shown = Table(board.panel, place).shown(board)
    told = [row.line.by_criterion for row in shown.rows if row.line]
    standing = rules.standing_decision(board.panel, place.decisions)
    form = PutDecisionForm(
        posted(request), replaces=standing is not None, initial={"version": board.version}
    )
    made: list[Decision] = []

    def put() -> None:
        given = form.cleaned_data
        made.append(
            actions.put_decision(
                board=board,
                by=by,
                at=clock.now(),
                reason=given.get("reason", ""),
                version=given["version"],
            )
        )

    if request.method == "POST" and done(form, put):
        messages.success(request, _("The decision can be signed now. Everybody gets a letter."))
        return redirect("sign_decision", made[0].pk)
    context = {
        "form": form,
        "board": board,
        "panel": board.panel,
        "shown": shown,
        "titles": Criterion.objects.titles_of(*told),
    }
    return render(request, "decisions/put_decision.html", context, status=status_of(form))


def _decision(pk: int) -> Decision:
    return get_object_or_404(
        Decision.objects.select_related(
            "panel__round__programme", "panel__lot", "replaces", "board"
        ).prefetch_related("panel__round__stages"),
        pk=pk,
    )


def _own_decision(request: HttpRequest, pk: int) -> tuple[Decision, Seat, rules.Place]:
    decision = _decision(pk)
    place = rules.place_of(decision.panel, reader(request))
    if place.seat is None:
        raise Http404
    if place.aside:
        Verdict.no(_("You are standing aside.")).require()
    return decision, place.seat, place


@permitted(Permission.DECIDE, Permission.RUN_MEETINGS, Permission.NOTE_REPORT)
@require_safe
def decision_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A decision as it was put, with where signing has got to. The board sees it once it stands."""
    by = reader(request)
    hidden: frozenset[int] = frozenset()
    if holds(by, Permission.DECIDE):
        decision, _seat, place = _own_decision(request, pk)
        hidden = place.hidden
    else:
        decision = _decision(pk)
        if not holds(by, Permission.RUN_MEETINGS) and not decision.stands_at:
            raise Http404
    member = holds(by, Permission.DECIDE)
    seats = rules.entitled_seats(decision.panel)
    signed = list(decision.signatures.counting().select_related("seat__member__person"))
    rows = decision_rows(decision, ())
    prefetch_related_objects([decision], "ratifications")
    return render(
        request,
        "decisions/decision_detail.html",
        {
            "decision": decision,
            "panel": decision.panel,
            "rows": [row for row in rows if row.application_id not in hidden],
            "given": sum(row.amount for row in rows),
            "taken_back": any(
                decision.dropped_at and left and left <= decision.dropped_at
                for left in (row.application.withdrawn_at for row in rows)
            ),
            "signed": len(signed),
            "entitled": len(seats),
            "needed": rules.needed_to_sign(decision.panel.round, len(seats)),
            "dissent": [row.words for row in signed if row.words and row.choice != Choice.AGREE],
            "is_member": member,
            "has_signed": any(row.seat.member.person_id == by.pk for row in signed),
            "is_held": rules.is_held(decision),
            "notes": decision.ratifications.all(),
        },
    )


@permitted(Permission.DECIDE)
@confirmed_lately
def sign_decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the decision and sign it."""
    (decision, seat, place), by = _own_decision(request, pk), reader(request)
    if decision.signatures.counting().filter(seat=seat).exists():
        return redirect("decision_detail", decision.pk)
    rules.may_sign(by, decision, seat, on=clock.today()).require()
    form = SignForm(posted(request))

    def sign() -> None:
        given = form.cleaned_data
        actions.sign_decision(
            decision=decision,
            seat=seat,
            choice=given["choice"],
            words=given["words"],
            by=by,
            at=clock.now(),
        )

    if request.method == "POST" and done(form, sign):
        messages.success(request, _("You have signed. Thank you."))
        return redirect("decision_detail", decision.pk)
    rows = decision_rows(decision, place.hidden)
    context = {"form": form, "decision": decision, "panel": decision.panel, "rows": rows}
    return render(request, "decisions/sign_decision.html", context, status=status_of(form))


@permitted(Permission.DECIDE)
@confirmed_lately
def confirm_signature(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a signature a facilitator typed is one's own."""
    by = reader(request)
    signature = get_object_or_404(
        Signature.objects.select_related("seat__member", "typed_by"), pk=pk, seat__member__person=by
    )
    decision, _seat, _place = _own_decision(request, signature.decision_id)
    rules.may_confirm_signature(by, signature, on=clock.today()).require()
    form = SureForm(
        posted(request),
        label=_("Yes, this is my answer"),
        mistake=_("Tick the box if it is your answer."),
    )

    def confirm() -> None:
        actions.confirm_signature(signature=signature, by=by, at=clock.now())

    if request.method == "POST" and done(form, confirm):
        messages.success(request, _("Your signature counts now. Thank you."))
        return redirect("decision_detail", decision.pk)
    context = {"form": form, "signature": signature, "decision": decision}
    return render(request, "decisions/confirm_signature.html", context, status=status_of(form))


# ---- What goes out in the panel's name --------------------------------------------------------
def _own_proposal(
    request: HttpRequest, pk: int, kind: str
) -> tuple[Proposal, Seat, frozenset[int]]:
    """The proposal, the reader's seat, and the bids that are hidden from them."""
    proposal = get_object_or_404(Proposal, pk=pk, kind=kind)
    proposal.panel, place = own_panel(request, proposal.panel_id)
    if place.seat is None:
        raise Http404
    if place.aside:
        Verdict.no(_("You are standing aside.")).require()
    return proposal, place.seat, place.hidden


def _answered(request: HttpRequest, proposal: Proposal, seat: Seat, form: AnswerPanelForm) -> bool:
    def vote() -> None:
        vote_on_proposal(
            proposal=proposal, seat=seat, by=reader(request), at=clock.now(), **form.cleaned_data
        )

    return request.method == "POST" and done(form, vote)


@permitted(Permission.DECIDE)
def letters_to_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read each letter before it goes, and say if they may go."""
    proposal, seat, hidden = _own_proposal(request, pk, Proposal.Kind.LETTERS)
    form = AnswerPanelForm(posted(request))
    if _answered(request, proposal, seat, form):
        messages.success(request, _("Your answer is in. Thank you."))
        return redirect("letters_to_read", proposal.pk)
    letters = list(OutcomeLetter.objects.put_in(proposal, hidden=hidden))
    return render(
        request,
        "decisions/letters_to_read.html",
        {
            "form": form,
            "proposal": proposal,
            "panel": proposal.panel,
            "letters": letters,
            "waiting": rules.waiting_for_checks(letters),
            "hidden": len(hidden),
            "seat": seat,
            "mine": proposal.votes.filter(seat=seat).first(),
        },
        status=status_of(form),
    )


@permitted(Permission.DECIDE)
def report_to_agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the report, and say if it may go to the board."""
    proposal, seat, _hidden = _own_proposal(request, pk, Proposal.Kind.REPORT)
    form = AnswerPanelForm(posted(request))
    if _answered(request, proposal, seat, form):
        messages.success(request, _("Your answer is in. Thank you."))
        return redirect("report_to_agree", proposal.pk)
    round = get_object_or_404(with_heads(Round.objects.all()), pk=proposal.panel.round_id)
    report = for_member(report_for(request, round), round, reader(request))
    return render(
        request,
        "decisions/report_to_agree.html",
        {
            "form": form,
            "proposal": proposal,
            "panel": proposal.panel,
            "report": report,
            "by_lot": lots_of_report(report, request.GET.get("lot", "")),
            "programme": round.programme,
            "mine": proposal.votes.filter(seat=seat).first(),
        },
        status=status_of(form),
    )
