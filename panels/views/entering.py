"""How every page of a panel finds it and its visitor. Not yours is not there; somebody who stands
aside from its money sees only when to step out."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render

from accounts.permissions import reader
from applications.models import Application
from ledger import clock
from panels.models import Meeting, Panel, Seat
from panels.rules.proposals import entitled
from panels.rules.visits import Visit, visits

View = Callable[..., HttpResponse]


class StepsOut(Exception):
    """The visitor stands aside from the panel's whole lot."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit.takes_part.sentence)
        self.visit = visit


def enter(request: HttpRequest, **which: Any) -> Visit:
    """The panel this lookup finds, if it is there for the reader."""
    found = visits(reader(request), Panel.objects.visible_to(request.user).filter(**which))
    if not found:
        raise Http404
    if found[0].aside and not found[0].staff:
        raise StepsOut(found[0])
    return found[0]


def typed(request: HttpRequest) -> QueryDict | None:
    """What was sent with a form, be it empty; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def own_seat(visit: Visit) -> Seat:
    """The visitor's own seat; staff have none."""
    if visit.seat is None:
        raise Http404
    seat = Seat.objects.select_related("member__person").get(pk=visit.seat)
    seat.panel = visit.panel
    return seat


def bid_and_seat(visit: Visit, application: int, seat: int) -> tuple[Application, Seat]:
    """A bid of the panel, and a seat that may have its say on it: for typing what is on paper."""
    bids = Application.objects.filter(lot=visit.panel.lot_id).with_sent_name()
    bids = bids.select_related("organisation")
    bid = get_object_or_404(bids, pk=application)
    held = entitled(visit.panel, bid).select_related("member__person", "panel__round__chain")
    return bid, get_object_or_404(held, pk=seat)


def for_panel(view: View) -> View:
    """A page of a panel: whoever stands aside gets the times to step out, and nothing else."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except StepsOut as error:
            panel = error.visit.panel
            coming = Meeting.objects.filter(
                panel=panel, called_off_at=None, starts_at__gte=clock.now()
            )
            context = {"panel": panel, "sentence": str(error), "meetings": coming}
            return render(request, "panels/_standing_aside.html", context, status=403)

    return inner
