"""The board reads, notes and asks. It may confirm or hold a decision; it never chooses."""

from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import pdf
from accounts.confirming import confirmed_lately
from accounts.forms import posted
from accounts.permissions import Permission, holds, permitted, reader
from applications.rules import has_no_bid_in
from commissioning.models import Round
from decisions import actions, exports, rules
from decisions.forms import BoardQuestionForm, ExportForm, HoldForm, NoteForm, SureForm
from decisions.kept_report import with_heads
from decisions.models import Decision, Errand, ReportFile
from decisions.progress import panels_so_far, stages_shown
from decisions.reading import scores_told
from decisions.report import Report, for_public, mark_of
from decisions.showing import decision_rows, lots_of_report
from decisions.views.doing import as_file, done, status_of
from decisions.views.waiting import report_for
from ledger import clock
from panels.models import Panel

FEW_BIDS = 100
"""Tables of so many bids are made while the page waits."""


def _round(request: HttpRequest, slug: str) -> Round:
    rounds = Round.objects.visible_to(reader(request)).select_related("programme", "chain")
    return get_object_or_404(rounds.prefetch_related("stages"), slug=slug)


def _reported(request: HttpRequest, slug: str) -> Round:
    """The round with all that the report's pages and rules ask of it (five queries)."""
    copies = Errand.objects.unfinished().filter(kind=Errand.Kind.COPY, round=OuterRef("pk"))
    seen = rules.with_what_came_since(Round.objects.visible_to(reader(request)))
    rounds = with_heads(seen).annotate(errand=Subquery(copies.values("pk")[:1]))
    panels = Prefetch("panels", Panel.objects.select_related("lot"))
    return get_object_or_404(
        rounds.prefetch_related("stages", panels, "panels__decisions", "report_approvals"),
        slug=slug,
    )


@permitted(Permission.READ_REPORTS)
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """Every round, and how far its report is."""
    rounds = list(
        rules.with_what_came_since(Round.objects.visible_to(reader(request)))
        .select_related("programme")
        .prefetch_related("stages", "panels__decisions", "report_approvals")
    )
    rows = [
        {
            "round": round,
            "agreed": rules.report_as_agreed(round),
            "ready": rules.have_all_decided(round),
        }
        for round in rounds
    ]
    return render(request, "decisions/report_list.html", {"rows": rows})


@permitted(Permission.READ_REPORTS)
@require_safe
def round_progress_board(request: HttpRequest, round: str) -> HttpResponse:
    """Where a round stands: stages, counts of bids, which panels have decided. No scores."""
    row = _round(request, round)
    panels, by, on = panels_so_far(row), reader(request), clock.today()
    may_check = has_no_bid_in(row, by) and rules.telling_now(row, on=on)
    context = {
        "round": row,
        "stages": stages_shown(row, on=on),
        "panels": panels,
        "failed": rules.failed_awards(row) if may_check else (),
        "ready": bool(panels) and all(panel.standing for panel in panels),
        "may_ask": holds(by, Permission.NOTE_REPORT),
    }
    return render(request, "decisions/round_progress_board.html", context)


@permitted(Permission.READ_REPORTS)
@require_safe
def report_detail(request: HttpRequest, round: str) -> HttpResponse:
    """The report on screen, the files made of it, and the board's questions."""
    row, by = _reported(request, round), reader(request)
    rules.may_read_report(by, row).require()
    report = report_for(request, row)
    mark = mark_of(report)
    standing = [rules.standing_decision(panel) for panel in row.panels.all()]
    files = list(row.report_files.select_related("made_by"))
    return render(
        request,
        "decisions/report_detail.html",
        {
            "round": row,
            "programme": row.programme,
            "report": report,
            "by_lot": lots_of_report(report, request.GET.get("lot", "")),
            "agreed": rules.report_agreed(row, digest=mark),
            "as_agreed": rules.report_as_agreed(row),
            "may_put": rules.may_put_report(by, row, on=clock.today()),
            "may_note": rules.may_note_report(by, row, digest=mark),
            "may_ask": holds(by, Permission.NOTE_REPORT),
            "decisions": standing,
            "files": files,
            "has_data": any(made.format == ReportFile.Format.GIVING for made in files),
            "notes": row.board_notes.all(),
            "errand": vars(row)["errand"],
        },
    )


@permitted(Permission.READ_REPORTS)
@require_safe
def report_print(request: HttpRequest, round: str) -> HttpResponse:
    """The report made for paper, for a machine that can make no PDF. Add ?for=public for all.

    A long one is printed lot by lot, as it is read; or all of it, with ?lot=all."""
    row = _reported(request, round)
    rules.may_read_report(reader(request), row).require()
    report = report_for(request, row)
    shown = for_public(report) if request.GET.get("for") == "public" else report
    lot = request.GET.get("lot", "")
    context = {
        "report": shown,
        "by_lot": None if lot == "all" else lots_of_report(shown, lot),
        "large": True,
        "on_screen": True,
    }
    return render(request, "decisions/report_print.html", context)


@permitted(Permission.READ_REPORTS)
def export_report(request: HttpRequest, round: str) -> HttpResponse:
    """Make a copy of the report to keep or send on."""
    row, by = _reported(request, round), reader(request)
    report = report_for(request, row)
    rules.may_export(by, row, digest=mark_of(report)).require()
    form = ExportForm(posted(request))
    asked: list[Errand] = []

    def export() -> None:
        facts = {"round": row, "by": by, "at": clock.now(), **form.cleaned_data}
        if _takes_long(report, facts["format"]):
            asked.append(actions.ask_for_copy(digest=mark_of(report), **facts))
        else:
            actions.export_report(**facts)

    if request.method == "POST" and done(form, export):
        if asked:
            return redirect("errand_progress", asked[0].pk)
        messages.success(request, _("The file is ready."))
        return redirect("report_detail", row.slug)
    context = {"form": form, "round": row, "pdf": pdf.available()}
    return render(request, "decisions/export_report.html", context, status=status_of(form))


@permitted(Permission.READ_REPORTS)
@require_safe
def report_scores(request: HttpRequest, round: str) -> StreamingHttpResponse:
    """Every score that counts, without names, as a file that is sent while it is read."""
    row = _reported(request, round)
    rules.may_export(reader(request), row, digest=mark_of(report_for(request, row))).require()
    response = StreamingHttpResponse(
        exports.scores_as_lines(scores_told(row)), content_type=exports.TYPES[ReportFile.Format.CSV]
    )
    name = f"{row.slug}-scores.csv"
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    return response


def _takes_long(report: Report, format: str) -> bool:
    """Whether a worker makes this copy, and not the page: tables of few bids are there at once."""
    if format == ReportFile.Format.PDF:
        return bool(pdf.available())
    return len(report.bids) > FEW_BIDS


@permitted(Permission.READ_REPORTS)
@require_safe
def download_report(request: HttpRequest, pk: int) -> HttpResponse:
    """A copy of the report as it was made."""
    files = ReportFile.objects.filter(round__in=Round.objects.visible_to(reader(request)))
    made = get_object_or_404(files.select_related("round"), pk=pk)
    kind = ReportFile.Format(made.format)
    name = f"{made.round.slug}-{made.audience}.{exports.SUFFIXES[kind]}"
    return as_file(made, name)


@permitted(Permission.NOTE_REPORT)
def note_report(request: HttpRequest, round: str) -> HttpResponse:
    """The board notes the report."""
    row, by = _reported(request, round), reader(request)
    mark = mark_of(report_for(request, row))
    rules.may_note_report(by, row, digest=mark).require()
    form = NoteForm(posted(request), label=_("The board has read the report"))

    def note() -> None:
        actions.note_report(round=row, by=by, at=clock.now(), text=form.cleaned_data["text"])

    if request.method == "POST" and done(form, note):
        messages.success(request, _("It is noted. Thank you."))
        return redirect("report_detail", row.slug)
    context = {"form": form, "round": row}
    return render(request, "decisions/note_report.html", context, status=status_of(form))


@permitted(Permission.NOTE_REPORT)
def ask_board_question(request: HttpRequest, round: str) -> HttpResponse:
    """Ask how something was done."""
    row, by = _round(request, round), reader(request)
    form = BoardQuestionForm(posted(request))

    def ask() -> None:
        actions.ask_board_question(round=row, text=form.cleaned_data["text"], by=by, at=clock.now())

    if request.method == "POST" and done(form, ask):
        messages.success(request, _("Your question is sent. The answer comes by letter."))
        return redirect("round_progress_board", row.slug)
    context = {"form": form, "round": row}
    return render(request, "decisions/ask_board_question.html", context, status=status_of(form))


# ---- Trustees ---------------------------------------------------------------------------------
def _decision(pk: int) -> Decision:
    rows = Decision.objects.filter(stands_at__isnull=False)
    return get_object_or_404(rows.select_related("panel__round__programme", "panel__lot"), pk=pk)


def _page(decision: Decision, form: SureForm, **more: Any) -> dict[str, Any]:
    return {
        "form": form,
        "decision": decision,
        "panel": decision.panel,
        "rows": decision_rows(decision, ()),
        **more,
    }


@permitted(Permission.NOTE_REPORT)
@confirmed_lately
def ratify_decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a panel's decision for the trustees."""
    decision, by = _decision(pk), reader(request)
    rules.may_ratify(by, decision).require()
    form = NoteForm(posted(request), label=_("The trustees confirm this decision"))

    def ratify() -> None:
        words = form.cleaned_data["text"]
        actions.ratify(decision=decision, by=by, at=clock.now(), words=words)

    if request.method == "POST" and done(form, ratify):
        messages.success(request, _("The decision is confirmed. The panel gets a letter."))
        return redirect("decision_detail", decision.pk)
    context = _page(decision, form)
    return render(request, "decisions/ratify_decision.html", context, status=status_of(form))


@permitted(Permission.NOTE_REPORT)
@confirmed_lately
def hold_decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop payment for a legal reason, which the panel reads."""
    decision, by = _decision(pk), reader(request)
    form = HoldForm(
        posted(request),
        question=_("What is the legal reason?"),
        label=_("Stop payment for now. The panel’s choice stays as it is"),
    )

    def hold() -> None:
        reason = form.cleaned_data["reason"]
        actions.hold(decision=decision, reason=reason, by=by, at=clock.now())

    if request.method == "POST" and done(form, hold):
        messages.success(request, _("The decision is on hold. The panel reads your reason."))
        return redirect("decision_detail", decision.pk)
    context = _page(decision, form)
    return render(request, "decisions/hold_decision.html", context, status=status_of(form))


@permitted(Permission.NOTE_REPORT)
@confirmed_lately
def lift_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the hold off again."""
    decision, by = _decision(pk), reader(request)
    form = HoldForm(
        posted(request),
        question=_("Why can the hold go?"),
        label=_("Take the hold off"),
    )

    def lift() -> None:
        reason = form.cleaned_data["reason"]
        actions.lift_hold(decision=decision, reason=reason, by=by, at=clock.now())

    if request.method == "POST" and done(form, lift):
        messages.success(request, _("The hold is off. The panel gets a letter."))
        return redirect("decision_detail", decision.pk)
    context = _page(decision, form)
    return render(request, "decisions/lift_hold.html", context, status=status_of(form))
