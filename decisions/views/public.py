"""What everybody may read: who was given money. Groups that were not are never named."""

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from commissioning.models import Round
from decisions import rules
from decisions.models import ReportFile
from decisions.reading import report_of
from decisions.report import Report, for_public
from decisions.views.doing import as_file
from ledger import clock

FRESH_SECONDS = 300


@require_safe
def awards_public(request: HttpRequest, round: str) -> HttpResponse:
    """The awards of a round, once every panel has agreed the report."""
    row = get_object_or_404(Round.objects.select_related("programme", "chain"), slug=round)
    ready = rules.report_is_public(row)
    context = {
        "round": row,
        "ready": ready,
        "report": _report(row) if ready else None,
        "has_data": _data(row) is not None,
    }
    return render(request, "decisions/awards_public.html", context)


def _report(round: Round) -> Report:
    """The public report, worked out at most once in five minutes while the trail stands still."""
    key = f"awards:{round.pk}:{round.chain.head_hash}"
    report: Report | None = cache.get(key)
    if report is None:
        report = for_public(report_of(round, at=clock.now()))
        cache.set(key, report, FRESH_SECONDS)
    return report


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
