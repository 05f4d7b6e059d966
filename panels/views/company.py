"""The panel's conversation, and a facilitator's quiet list of who may need a call."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import posted
from accounts.permissions import Permission, Refused, holds, permitted, reader
from commissioning.models import Member, Round
from ledger import clock
from panels.actions.conversation import say_to_panel
from panels.calls import calls_today
from panels.forms import SayForm
from panels.models import Panel
from panels.rules import conversation as rules

FORM = ["GET", "HEAD", "POST"]


@permitted(Permission.READ_BIDS, Permission.LOOK_AFTER)
@require_http_methods(FORM)
def panel_conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """What panel members say to each other, and a box to say something."""
    panels = Panel.objects.visible_to(request.user).select_related("round__chain", "lot")
    panel, me = get_object_or_404(panels, pk=pk), reader(request)
    rules.may_read(panel, me).require()
    staff = holds(me, Permission.LOOK_AFTER)
    seats = Member.objects.here().filter(pk__in=panel.seats.filter(ended_at=None).values("member"))
    members = seats.select_related("person").order_by("person__name")
    form = SayForm(posted(request), members=members if staff else None)
    if form.is_valid():
        member = form.cleaned_data["member"] if staff else members.get(person=me)
        try:
            say_to_panel(
                panel=panel, text=form.cleaned_data["text"], by=me, at=clock.now(), member=member
            )
        except Refused as refused:
            form.add_error("text", str(refused))
        else:
            messages.success(request, _("Your panel can read it now."))
            return redirect("panel_conversation", pk=pk)
    said = Paginator(list(reversed(rules.read_by(panel, me))), 25).get_page(request.GET.get("page"))
    facts = {"panel": panel, "form": form, "page": said, "staff": staff, "me": me}
    status = 422 if form.errors else 200
    return render(request, "panels/panel_conversation.html", facts, status=status)


@permitted(Permission.LOOK_AFTER)
@require_safe
def call_today(request: HttpRequest, slug: str) -> HttpResponse:
    """Who may need a call today, and why. Nothing on it is of bids or scores."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=slug)
    calls = calls_today(found, on=clock.today(), at=clock.now())
    page = Paginator(calls, 25).get_page(request.GET.get("page"))
    return render(request, "panels/call_today.html", {"round": found, "page": page})
