"""A facilitator's pages about panels: who sits where."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from accounts.templatetags.purse import hours as in_words
from applications.models import Application
from commissioning.models import Lot, Member, Round
from commissioning.views.finding import find_round
from ledger import clock
from panels import actions
from panels.forms import MakePanelForm, SeatForm, SureForm
from panels.models import Panel, Seat
from panels.rules import seats as rules
from panels.rules import share


@permitted(Permission.SHARE_OUT)
@require_safe
def panel_list(request: HttpRequest, slug: str) -> HttpResponse:
    """A round's panels: who sits, how many bids each has to choose among, and fair hours."""
    round = find_round(request, slug)
    seats = Seat.objects.held().select_related("member__person")
    panels = Panel.objects.filter(round=round).select_related("lot")
    panels = panels.prefetch_related(Prefetch("seats", seats, to_attr="held"))
    bids = {bid.pk: bid for bid in share.bids_of(round) if not bid.withdrawn_at}
    hours = _hours(share.standing(round), bids)
    in_lot = Counter(bid.lot_id for bid in bids.values())
    rows = [
        {
            "panel": panel,
            "bids": in_lot[panel.lot_id],
            "held": vars(panel)["held"],
            "missing": max(0, rules.FEWEST_SEATS - len(vars(panel)["held"])),
            "fair": fairness([hours.get(seat.member_id, 0.0) for seat in vars(panel)["held"]]),
        }
        for panel in panels
    ]
    lots_left = Lot.objects.filter(round=round, panel=None).exists()
    context = {"round": round, "rows": rows, "lots_left": lots_left}
    return render(request, "panels/panel_list.html", context)


def _hours(pairs: frozenset[share.Pair], bids: dict[int, Application]) -> dict[int, float]:
    """Hours of reading each member (id) has been given."""
    hours: dict[int, float] = {}
    for bid, member in pairs:
        if bid in bids:
            hours[member] = hours.get(member, 0.0) + share.hours_for(bids[bid])
    return hours


def fairness(hours: list[float]) -> str:
    """How evenly reading is shared, in words. Nothing is said before it is shared."""
    if not any(hours):
        return ""
    low, high = min(hours), max(hours)
    if in_words(low) == in_words(high):
        return _("Each of them has %(time)s of reading.") % {"time": in_words(high)}
    if not low:
        return _("Each of them has %(time)s of reading at most.") % {"time": in_words(high)}
    return _("The least anybody reads is %(low)s, and the most is %(high)s.") % {
        "low": in_words(low),
        "high": in_words(high),
    }


@permitted(Permission.SHARE_OUT)
def make_panel(request: HttpRequest, slug: str) -> HttpResponse:
    """Make the panel of a lot."""
    round = find_round(request, slug)
    form = MakePanelForm(posted(request), lots=round.lots.filter(panel=None))
    if form.is_valid():
        panel = actions.make_panel(**form.cleaned_data, by=reader(request), at=clock.now())
        messages.success(request, _("The panel is made. Now choose who sits on it."))
        return redirect("seat_member", panel.pk)
    context = {"round": round, "form": form, "lots_left": form.fields["lot"].queryset.exists()}  # type: ignore[attr-defined]  # a model choice
    return render(request, "panels/make_panel.html", context, status=422 if form.errors else 200)


@permitted(Permission.SHARE_OUT)
def seat_member(request: HttpRequest, pk: int) -> HttpResponse:
    """Who sits on a panel, and giving one more volunteer a seat."""
    panels = Panel.objects.visible_to(request.user).select_related("round__chain", "lot")
    panel = get_object_or_404(panels, pk=pk)
    held = list(panel.seats.held().select_related("member__person"))
    form = SeatForm(posted(request), members=_could_sit(panel.round, held))
    if form.is_valid():
        member = form.cleaned_data["member"]
        actions.seat_member(panel=panel, member=member, by=reader(request), at=clock.now())
        messages.success(request, _("%(name)s now has a seat.") % {"name": member})
        return redirect("seat_member", pk)
    context: dict[str, Any] = {
        "panel": panel,
        "held": held,
        "may_end": rules.seats_that_may_end(panel, held, reader(request)),
        "form": form,
        "full": len(held) >= rules.MOST_SEATS,
        "missing": max(0, rules.FEWEST_SEATS - len(held)),
        "panel_decides": rules.declarations_opened(panel.round),
    }
    return render(request, "panels/seat_member.html", context, status=422 if form.errors else 200)


def _could_sit(round: Round, held: list[Seat]) -> Any:
    """Volunteers of the round without a seat on this panel."""
    sitting = [seat.member_id for seat in held]
    members = Member.objects.here().filter(round=round).exclude(pk__in=sitting)
    return members.select_related("person")


@permitted(Permission.SHARE_OUT)
def end_seat(request: HttpRequest, pk: int) -> HttpResponse:
    """End a seat, after a check."""
    seats = Seat.objects.filter(panel__in=Panel.objects.visible_to(request.user))
    rows = seats.select_related("panel__round__chain", "panel__lot", "member__person")
    seat = get_object_or_404(rows, pk=pk)
    rules.may_end_seat(seat, reader(request)).require()
    form = SureForm(
        posted(request),
        label=_("Yes, %(name)s gives up this seat.") % {"name": seat.member},
        mistake=_("Tick the box to say that the seat is given up."),
    )
    if form.is_valid():
        actions.end_seat(seat=seat, by=reader(request), at=clock.now())
        messages.success(request, _("%(name)s no longer has this seat.") % {"name": seat.member})
        return redirect("seat_member", seat.panel_id)
    context = {"seat": seat, "panel": seat.panel, "form": form}
    return render(request, "panels/end_seat.html", context, status=422 if form.errors else 200)
