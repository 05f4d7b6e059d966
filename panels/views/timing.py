"""Pressing what the panel does with the time of a meeting. Nothing here ends a talk by itself."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import Permission, permitted
from applications.models import Application
from ledger import clock
from panels import actions, timing
from panels.fair_time import MORE_MINUTES
from panels.models import Meeting
from panels.rules.visits import Visit
from panels.views.entering import enter, for_panel


def _meeting_and_bid(
    request: HttpRequest, pk: int, application: int
) -> tuple[Visit, Meeting, Application]:
    visit = enter(request, meetings=pk)
    meeting = get_object_or_404(Meeting, pk=pk)
    meeting.panel = visit.panel
    bids = Application.objects.filter(lot=visit.panel.lot_id)
    return visit, meeting, get_object_or_404(bids, pk=application)


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_POST
@for_panel
def turn_to_bid(request: HttpRequest, pk: int, application: int) -> HttpResponse:
    """The panel begins to talk about a bid."""
    visit, meeting, bid = _meeting_and_bid(request, pk, application)
    actions.turn_to_bid(meeting=meeting, application=bid, by=visit.person, at=clock.now())
    messages.success(request, _("You talk about %(bid)s now.") % {"bid": bid.reference})
    if meeting.kind == Meeting.Kind.SHORTLIST:
        return redirect("talk_about_bid", visit.panel.pk, bid.pk)
    return redirect("meeting_detail", meeting.pk)


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_POST
@for_panel
def want_more_time(request: HttpRequest, pk: int, application: int) -> HttpResponse:
    """The panel wants more time for the bid it talks about."""
    visit, meeting, bid = _meeting_and_bid(request, pk, application)
    seen = request.POST.get("seen", "")
    added = actions.want_more_time(
        meeting=meeting,
        application=bid,
        seen=int(seen) if seen.isdecimal() else 0,
        by=visit.person,
        at=clock.now(),
    )
    if added:
        more = timing.length(MORE_MINUTES)
        messages.success(request, _("This bid has %(more)s more.") % {"more": more})
    else:
        messages.info(request, _("Somebody pressed just before you. Here is how it stands now."))
    return redirect("meeting_detail", meeting.pk)


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_POST
@for_panel
def stop_talking(request: HttpRequest, pk: int, application: int) -> HttpResponse:
    """The panel leaves a bid, for a break or for good."""
    visit, meeting, bid = _meeting_and_bid(request, pk, application)
    actions.stop_talking(meeting=meeting, application=bid, by=visit.person, at=clock.now())
    messages.success(request, _("The time of %(bid)s stands still.") % {"bid": bid.reference})
    return redirect("meeting_detail", meeting.pk)
