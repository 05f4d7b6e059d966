"""The agenda on paper: for whoever has no tablet in the room, with lines to write on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, permitted
from ledger import clock
from panels import agenda as agenda_of
from panels import sight
from panels.models import Seat
from panels.rules.visits import visit_of
from panels.views.entering import enter, for_panel


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def agenda_on_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The agenda for the member who prints it, or from staff for one of them (`for`, a seat): with
    what that member may see, and nothing of a bid that they step out for."""
    visit = enter(request, pk=pk)
    if visit.staff:
        visit.sees_scores.require()
        held = Seat.objects.held().filter(panel=visit.panel).select_related("member__person")
        asked = request.GET.get("for", "")
        seat = get_object_or_404(held, pk=int(asked) if asked.isdecimal() else 0)
        visit = visit_of(visit.panel, seat.member.person)
    seen = sight.look(visit)
    seen.verdict.require()
    rows, sure = agenda_of.rows_for(visit, seen)
    return render(
        request,
        "panels/agenda_on_paper.html",
        {
            "panel": visit.panel,
            "programme": visit.panel.round.programme,
            "person": visit.person,
            "rows": rows,
            "sure": agenda_of.sure_words(sure),
            "today": clock.today(),
        },
    )
