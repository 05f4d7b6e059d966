"""Interviews on paper: sheets to print, and typing one that came back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, permitted
from applications.models import Application
from commissioning.models import LevelWord, StageKind
from commissioning.rules import stage_open
from ledger import clock
from panels import actions
from panels.meeting_forms import TypeInterviewForm, plain_levels
from panels.models import InterviewQuestion, Panel, Phase, ScoreSheet
from panels.rules import meeting as rules
from panels.rules.proposals import tables
from panels.views.entering import bid_and_seat, enter, for_panel, typed


@permitted(Permission.TYPE_FOR)
@require_safe
@for_panel
def interview_sheet_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Each meeting and each member: who has scored, and whose paper sheet can be typed."""
    visit = enter(request, pk=pk)
    met = rules.to_be_met().filter(panel=visit.panel).values("application")
    bids = Application.objects.filter(pk__in=met).with_sent_name()
    bids = bids.select_related("organisation", "slot")
    sheets = ScoreSheet.objects.filter(
        application__in=met, phase=Phase.INTERVIEW, taken_back=None, void=None
    )
    there = {(row.application_id, row.member_id): row for row in sheets}
    seats = tables([visit.panel])
    rows = [
        {
            "bid": bid,
            "members": [
                _said(seat, there.get((bid.pk, seat.member_id)), visit.person.pk)
                for seat in seats.entitled(visit.panel, bid.pk)
            ],
        }
        for bid in bids.order_by("reference")
    ]
    still = stage_open(
        visit.panel.round, StageKind.INTERVIEWS, on=clock.today(), lot=visit.panel.lot_id
    )
    context = {"panel": visit.panel, "rows": rows, "open": still}
    return render(request, "panels/interview_sheet_list.html", context)


def _said(seat: Any, sheet: ScoreSheet | None, reader: int) -> dict[str, Any]:
    """How far one member is with one meeting. Never what they said."""
    waits = bool(sheet and sheet.typed_by_id and not sheet.confirmed_at)
    return {
        "seat": seat,
        "sheet": sheet,
        "waits": waits,
        "may_check": waits and sheet and sheet.typed_by_id != reader,
    }


@permitted(Permission.TYPE_FOR)
@for_panel
def type_interview_scores(
    request: HttpRequest, pk: int, application: int, seat: int
) -> HttpResponse:
    """Type one member's paper sheet about one meeting; they must then say that it is right."""
    visit = enter(request, pk=pk)
    bid, own = bid_and_seat(visit, application, seat)
    rules.may_type_interview(own, bid, visit.person, on=clock.today()).require()
    questions = _with_levels(visit.panel)
    form = TypeInterviewForm(typed(request), questions=questions)
    if request.method == "POST" and form.is_valid():
        actions.type_interview_scores(
            seat=own,
            application=bid,
            answers=form.answers(),
            why=form.cleaned_data["why"],
            by=visit.person,
            at=clock.now(),
        )
        name = own.member.person.name
        messages.success(request, _("Typed. It counts once %s has said that it is right.") % name)
        return redirect("interview_sheet_list", pk)
    context = {"panel": visit.panel, "bid": bid, "member": own.member, "form": form}
    return render(
        request, "panels/type_interview_scores.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.TYPE_FOR, Permission.VOTE)
@require_safe
@for_panel
def interview_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A blank score sheet in large print, the same for every meeting."""
    visit = enter(request, pk=pk)
    if not visit.staff:
        visit.takes_part.require()
    questions = _with_levels(visit.panel)
    if not questions:
        raise Http404
    context = {
        "panel": visit.panel,
        "programme": visit.panel.round.programme,
        "questions": questions,
    }
    return render(request, "panels/interview_paper.html", context)


def _with_levels(panel: Panel) -> list[tuple[InterviewQuestion, list[LevelWord]]]:
    """The panel's questions in order, each with the words for 0 to 5 (2 queries)."""
    questions = list(rules.open_questions(panel).select_related("criterion"))
    words: dict[int, list[LevelWord]] = {}
    for level in LevelWord.objects.filter(criterion__in=[row.criterion_id for row in questions]):
        words.setdefault(level.criterion_id, []).append(level)
    return [(row, words.get(row.criterion_id or 0) or plain_levels()) for row in questions]
