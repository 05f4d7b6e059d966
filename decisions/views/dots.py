"""The panel's temperature check: put dots alone, then see where all lie. Nothing is decided."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import posted
from accounts.paper import on_paper, wants_paper
from accounts.permissions import Permission, permitted, reader
from decisions import actions, rules
from decisions import dots as dot_rules
from decisions.actions.dots import bids_for
from decisions.forms import DotsForm
from decisions.models import DotCheck
from decisions.views.doing import done, status_of
from decisions.views.volunteer import own_panel
from ledger import clock
from panels.models import Panel, Seat
from panels.rules.proposals import may_type_for


def _at_dots(request: HttpRequest, pk: int) -> tuple[Panel, rules.Place]:
    panel, place = own_panel(request, pk)
    rules.may_see_board(reader(request), panel, place=place).require()
    return panel, place


def _going_on(panel: Panel) -> DotCheck:
    check = dot_rules.newest_check(panel)
    if check is None or check.shown_at:
        raise Http404
    check.panel = panel
    return check


@permitted(Permission.DECIDE)
@require_safe
def dot_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a check has got to; once it is shown, where the dots lie."""
    panel, place = _at_dots(request, pk)
    check, seat = dot_rules.newest_check(panel), place.seat
    own = seat.pk if seat else None
    bids = bids_for(panel, place)
    rows = dot_rules.shown(check, bids, own) if check and check.shown_at else []
    card = dot_rules.own_card(check, own) if check else None
    if check:
        check.panel = panel
    return render(
        request,
        "decisions/dot_check.html",
        {
            "panel": panel,
            "check": check,
            "rows": rows,
            "card": card,
            "mine": [(bid, card.dots[str(bid.pk)]) for bid in bids if str(bid.pk) in card.dots]
            if card
            else [],
            "placed": len(check.cards.all()) if check else 0,
            "seats": len(rules.entitled_seats(panel)),
            "may_show": bool(check and dot_rules.may_show(reader(request), check)),
            "may_begin": dot_rules.may_begin(reader(request), panel, on=clock.today(), place=place),
            "programme": panel.round.programme,
        },
    )


@permitted(Permission.DECIDE)
@require_POST
def begin_dots(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a temperature check."""
    panel, _place = _at_dots(request, pk)
    actions.begin_dots(panel=panel, by=reader(request), at=clock.now())
    messages.success(request, _("The check has begun. Put your own dots first."))
    return redirect("place_dots", panel.pk)


@permitted(Permission.DECIDE)
def place_dots(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one's own dots, or change them until they are shown."""
    panel, place = _at_dots(request, pk)
    check, seat = _going_on(panel), place.seat
    if seat is None:
        raise Http404
    seat.member.person = reader(request)
    return _place(request, check, seat, place, typed=False)


@permitted(Permission.TYPE_FOR)
def type_dots(request: HttpRequest, pk: int, seat: int) -> HttpResponse:
    """Type the dots of somebody who put them on paper. They get a receipt, and can change them."""
    panel = get_object_or_404(Panel.objects.select_related("round__programme", "lot"), pk=pk)
    check = _going_on(panel)
    row = get_object_or_404(
        Seat.objects.held().select_related("member__person"), pk=seat, panel=panel
    )
    may_type_for(row, reader(request)).require()
    place = rules.place_of(panel, row.member.person)
    rules.may_see_board(row.member.person, panel, place=place).require()
    if wants_paper(request):
        bids = bids_for(panel, place)
        form = DotsForm(None, bids=bids, have=check.dots, there={})
        facts: dict[str, Any] = {"panel": panel, "round": panel.round, "check": check}
        facts |= {"whose": f"{row.member.person.name}, {panel.lot.name}"}
        about = "decisions/_dots_on_paper.html"
        return on_paper(request, form, title=_("My dots"), about=about, facts=facts)
    return _place(request, check, row, place, typed=True)


def _place(
    request: HttpRequest, check: DotCheck, seat: Seat, place: rules.Place, *, typed: bool
) -> HttpResponse:
    panel, bids = check.panel, bids_for(check.panel, place)
    card = dot_rules.own_card(check, seat.pk)
    form = DotsForm(
        posted(request), bids=bids, have=check.dots, there=card.dots if card and not typed else {}
    )

    def put() -> None:
        actions.place_dots(
            check=check, seat=seat, dots=form.dots(), by=reader(request), at=clock.now()
        )

    if request.method == "POST" and done(form, put):
        messages.success(request, _("The dots are put. A letter says which."))
        return redirect("decision_progress" if typed else "dot_check", panel.pk)
    return render(
        request,
        "decisions/place_dots.html",
        {
            "panel": panel,
            "check": check,
            "form": form,
            "person": seat.member.person if typed else None,
            "programme": panel.round.programme,
        },
        status=status_of(form),
    )


@permitted(Permission.DECIDE)
@require_POST
def show_dots(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all dots to the whole panel at once."""
    panel, _place = _at_dots(request, pk)
    actions.show_dots(check=_going_on(panel), by=reader(request), at=clock.now())
    messages.success(request, _("Everybody in the panel sees the dots now."))
    return redirect("dot_check", panel.pk)
