"""What everybody may read: who was given money. Groups that were not are never named."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from commissioning.models import Round
from decisions import exports, rules
from decisions.kept_report import with_heads
from decisions.models import ReportFile
from decisions.report import for_public, mark_of
from decisions.showing import lots_of_report
from decisions.views.doing import as_file
from decisions.views.waiting import report_for


@require_safe
def awards_public(request: HttpRequest, round: str) -> HttpResponse:
    """The awards of a round as every panel has agreed them. Nothing that came later, until they
    have agreed that too."""
    rounds = with_heads(Round.objects.all())
    rounds = rounds.prefetch_related("panels__decisions", "report_approvals")
    row = get_object_or_404(rounds, slug=round)
    now = report_for(request, row) if rules.is_agreed_by_all(row) else None
    ready = rules.report_is_public(row, digest=mark_of(now) if now else "")
    report = for_public(now) if now and ready else None
    context = {
        "round": row,
        "ready": ready,
        "report": report,
        "agreed_on": rules.agreed_on(row),
        "by_lot": lots_of_report(report, request.GET.get("lot", "")) if report else None,
        "data": _data(row),
    }
    return render(request, "decisions/awards_public.html", context)


def _data(round: Round) -> ReportFile | None:
    return ReportFile.objects.filter(round=round, format=ReportFile.Format.GIVING).first()


@require_safe
def awards_open_data(request: HttpRequest, round: str) -> HttpResponse:
    """The newest open data file, as it was made."""
    row = get_object_or_404(Round, slug=round)
    made = _data(row)
    if made is None:
        raise Http404
    return as_file(made, f"{row.slug}-360giving.json")


@require_safe
def awards_open_table(request: HttpRequest, round: str) -> HttpResponse:
    """The same open data as a table (CSV), for a spreadsheet."""
    row = get_object_or_404(Round, slug=round)
    made = _data(row)
    if made is None:
        raise Http404
    with made.file.open("rb") as stored:
        table = exports.giving_table(json.load(stored))
    response = HttpResponse("\ufeff" + table, content_type="text/csv; charset=utf-8")
    name = f"{row.slug}-360giving.csv"
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    return response
