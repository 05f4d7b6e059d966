"""A facilitator's pages about who could sit on the panels: propose, change by hand, confirm."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from commissioning.models import Member
from commissioning.views.finding import find_round
from ledger import clock
from panels import actions
from panels.forms import NOBODY, ChangeSeatingForm, SureForm
from panels.models import Panel, SeatChange
from panels.rules import seating as rules
from panels.rules.seats import declarations_opened


@permitted(Permission.SHARE_OUT)
@require_safe
def seating_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Who sits on each panel, who could sit there too, and why."""
    round = find_round(request, slug)
    run = rules.newest_seats(round)
    placed = rules.seats_of(run) if run else []
    names = Member.objects.select_related("person").in_bulk([who for _panel, who in placed])
    held, asked = rules.sitting_on(round), rules.asked_for(round)
    by_hand = {(row.panel_id, row.put_in_id) for row in run.changes.all()} if run else set()
    reasons = run.answer["reasons"] if run else {}
    rows, panels = [], rules.panels_of(round)
    for panel in panels:
        seats = held.get(panel.pk, [])
        sits = {seat.member_id for seat in seats}
        new = [
            {
                "member": names[who],
                "why": rules.why_here_words(
                    ["by_hand"] if place in by_hand else reasons.get(f"{panel.pk}:{who}", ())
                ),
                "asked": asked.get(place),
            }
            for place in placed
            for who in [place[1]]
            if place[0] == panel.pk and who not in sits
        ]
        known = [seat.member for seat in seats] + [
            names[who] for one, who in placed if one == panel.pk
        ]
        rows.append(
            {
                "panel": panel,
                "seats": seats,
                "new": new,
                "missing": rules.missing_on(len(known)),
                "experienced": sum(member.has_scored_before for member in known),
                "people": len(known),
            }
        )
    context = {
        "round": round,
        "run": run,
        "rows": rows,
        "may": rules.may_propose_seats(round, reader(request), panels=panels, held=held),
        "panel_decides": declarations_opened(round),
        "changes": SeatChange.objects.filter(run__round=round)
        .select_related("panel", "taken_out__person", "put_in__person", "made_by")
        .order_by("-pk")[:25],
    }
    return render(request, "panels/seating_detail.html", context)


@permitted(Permission.SHARE_OUT)
@require_POST
def propose_seats(request: HttpRequest, slug: str) -> HttpResponse:
    """Work out who could sit on the panels."""
    round = find_round(request, slug)
    actions.propose_seats(round=round, by=reader(request), at=clock.now())
    messages.success(request, _("Here is the proposal. Nobody has a seat by it yet."))
    return redirect("seating_detail", slug)


@permitted(Permission.SHARE_OUT)
def change_seating(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change by hand who is proposed for one panel, with a reason."""
    round = find_round(request, slug)
    panel = get_object_or_404(Panel.objects.select_related("lot"), round=round, pk=pk)
    run, by = rules.newest_seats(round), reader(request)
    if run is None:
        raise Http404
    rules.may_confirm_seats(run, by).require()
    codes = rules.codes_against(round, panel, on=clock.today())
    members = Member.objects.here().filter(round=round).select_related("person")
    people = {member.pk: member for member in members}
    proposed = [people[who] for one, who in rules.seats_of(run) if one == pk and who in people]
    sits = {seat.member_id for seat in rules.sitting_on(round).get(pk, ())}
    taken = sits | {member.pk for member in proposed}
    others = [people[who] for who, code in codes.items() if not code and who not in taken]
    others.sort(key=str)
    form = ChangeSeatingForm(posted(request), proposed=proposed, others=others)
    if form.is_valid():
        given = form.cleaned_data
        chosen = {
            name: None if given[name] == NOBODY else people[int(given[name])]
            for name in ("taken_out", "put_in")
        }
        actions.change_seating(
            run=run, panel=panel, **chosen, reason=given["reason"], by=by, at=clock.now()
        )
        messages.success(request, _("It is changed. Your reason is on the record."))
        return redirect("seating_detail", slug)
    cannot: dict[str, list[Member]] = {}
    for who, code in codes.items():
        if code and who not in taken and who in people:
            cannot.setdefault(rules.why_not_here_words(code), []).append(people[who])
    context: dict[str, Any] = {"round": round, "panel": panel, "form": form, "cannot": cannot}
    return render(
        request, "panels/change_seating.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.SHARE_OUT)
def confirm_seating(request: HttpRequest, slug: str) -> HttpResponse:
    """Give these seats, or ask the panels about them, after a check."""
    round = find_round(request, slug)
    run = rules.newest_seats(round)
    if run is None:
        raise Http404
    rules.may_confirm_seats(run, reader(request)).require()
    panel_decides = declarations_opened(round)
    label = (
        _("Yes, ask the panels about these people.")
        if panel_decides
        else _("Yes, give these people these seats.")
    )
    form = SureForm(
        posted(request), label=label, mistake=_("Tick the box to say that this is right.")
    )
    if form.is_valid():
        given, put = actions.confirm_seating(run=run, by=reader(request), at=clock.now())
        if put:
            words = ngettext(
                "The panel is asked about %(count)s person.",
                "The panels are asked about %(count)s people.",
                put,
            )
            messages.success(request, words % {"count": put})
        if given or not put:
            words = ngettext("%(count)s seat is given.", "%(count)s seats are given.", given)
            messages.success(request, words % {"count": given})
        return redirect("seating_detail", slug)
    context = {
        "round": round,
        "form": form,
        "people": len(rules.seats_of(run)),
        "panel_decides": panel_decides,
        "changes": run.changes.count(),
    }
    return render(
        request, "panels/confirm_seating.html", context, status=422 if form.errors else 200
    )
