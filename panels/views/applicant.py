"""An applicant's pages about meeting the panel: choosing a time, and a file for the diary."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.diary import Appointment
from accounts.permissions import Permission, Refused, permitted, reader
from applications.models import Application
from ledger import clock
from panels import actions
from panels.meeting_forms import SlotForm
from panels.models import InterviewSlot, Panel
from panels.rules import meeting as rules
from panels.views.arranging import diary_file
from panels.views.entering import typed


def _bid(request: HttpRequest, pk: int) -> Application:
    """A bid the reader works on (or may look after), when there are times to choose for it."""
    bids = Application.objects.visible_to(request.user).select_related("organisation", "round")
    bid = get_object_or_404(bids, pk=pk)
    rules.may_see_slots(bid, reader(request)).require()
    return bid


@permitted(Permission.APPLY, Permission.RUN_MEETINGS)
def choose_slot(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a time to meet the panel, with its questions to read beforehand."""
    bid = _bid(request, pk)
    panel = get_object_or_404(Panel, lot=bid.lot_id)
    now = clock.now()
    offered = panel.slots.filter(Q(application=None) | Q(application=bid))
    slots = list(offered.select_related("panel__round__chain"))
    mine = next((slot for slot in slots if slot.application_id), None)
    to_come = [slot for slot in slots if slot.starts_at > now]
    there = {"slot": mine.pk, "access_needs": mine.access_needs} if mine else {}
    form = SlotForm(typed(request), slots=to_come, initial=there)
    if request.method == "POST" and form.is_valid():
        needs = form.cleaned_data["access_needs"]
        try:
            actions.choose_slot(
                slot=form.chosen(), application=bid, access_needs=needs, by=reader(request), at=now
            )
        except Refused as error:
            form.add_error("slot", str(error))
        else:
            messages.success(request, _("Your time is kept. We have sent you a letter about it."))
            return redirect("choose_slot", pk)
    context = {
        "bid": bid,
        "form": form,
        "mine": mine,
        "questions": rules.open_questions(panel),
        "any_times": bool(to_come),
    }
    return render(request, "panels/choose_slot.html", context, status=422 if form.errors else 200)


@permitted(Permission.APPLY, Permission.RUN_MEETINGS)
@require_safe
def slot_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The time chosen, as a file for one's own diary."""
    bid = _bid(request, pk)
    slot = get_object_or_404(InterviewSlot.objects.select_related("panel__round"), application=bid)
    one = Appointment(
        uid=f"interview-{bid.pk}@{request.get_host()}",
        starts_at=slot.starts_at,
        minutes_long=slot.minutes_in_all,
        title=_("Meeting the panel: %(round)s") % {"round": slot.panel.round},
        written_at=slot.chosen_at or slot.offered_at,
        place=slot.place,
        link=slot.link,
    )
    return diary_file(one, "meeting-the-panel.ics")
