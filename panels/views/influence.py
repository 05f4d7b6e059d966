"""Staff's influence on the record: their few lines after a meeting, and "I felt steered"."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, permitted, reader
from ledger import clock
from panels import actions
from panels.meeting_forms import OutcomeForm, ReflectionForm, SteeredForm
from panels.models import Meeting, Panel, Steered
from panels.rules import influence as rules
from panels.views.entering import typed


@permitted(Permission.RUN_MEETINGS)
def reflect_on_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """A few lines after a meeting: my own part in it."""
    by, panels = reader(request), Panel.objects.visible_to(request.user)
    meetings = Meeting.objects.filter(panel__in=panels).select_related("panel__round__chain")
    meeting = get_object_or_404(meetings, pk=pk)
    rules.may_reflect(meeting, by, on=clock.today()).require()
    form = ReflectionForm(typed(request))
    if request.method == "POST" and form.is_valid():
        actions.reflect_on_meeting(meeting=meeting, **form.cleaned_data, by=by, at=clock.now())
        messages.success(request, _("Thank you. The panel can read what you wrote."))
        return redirect("meeting_detail", pk)
    context = {"meeting": meeting, "form": form}
    return render(
        request, "panels/reflect_on_meeting.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.VOTE)
def say_felt_steered(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that I felt steered, with my name or without; and what came of it before."""
    by = reader(request)
    panels = Panel.objects.visible_to(by).select_related("round__chain")
    panel = get_object_or_404(panels, pk=pk)
    rules.may_say_steered(panel, by).require()
    form, hears = SteeredForm(typed(request)), list(rules.who_hears())
    if request.method == "POST" and form.is_valid():
        said, named = form.cleaned_data["text"], form.cleaned_data["named"] == "yes"
        actions.say_felt_steered(panel=panel, text=said, named=named, by=by, at=clock.now())
        messages.success(
            request,
            _("Thank you. It is with them now, and not with the staff.")
            if hears
            else _("Thank you. It is kept, and not shown to the staff."),
        )
        return redirect("panel_detail", pk)
    context = {
        "panel": panel,
        "form": form,
        "who_hears": hears,
        "meanwhile": [] if hears else rules.who_helps_meanwhile(),
        "settled": panel.steered.filter(heard_at__isnull=False).select_related("heard_by"),
    }
    return render(
        request, "panels/say_felt_steered.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.HEAR_COMPLAINTS)
@require_safe
def steered_list(request: HttpRequest) -> HttpResponse:
    """What members said of being steered: what waits first."""
    rules.may_hear(reader(request)).require()
    rows = Steered.objects.select_related("panel", "said_by")
    context = {
        "waiting": rows.filter(heard_at=None),
        "settled": rows.filter(heard_at__isnull=False)[:50],
    }
    return render(request, "panels/steered_list.html", context)


@permitted(Permission.HEAR_COMPLAINTS)
def settle_steered(request: HttpRequest, pk: int) -> HttpResponse:
    """Read what a member said, and write down what came of it."""
    by = reader(request)
    rules.may_hear(by).require()
    rows = Steered.objects.select_related("panel__round__chain", "said_by", "heard_by")
    row = get_object_or_404(rows, pk=pk)
    form = OutcomeForm(
        typed(request),
        asked=(_("What came of it?"), Steered.Outcome.choices),
        told=(
            _("What shall the panel know?"),
            _("The whole panel reads this. Give nobody away."),
        ),
    )
    if request.method == "POST":
        rules.may_settle_steered(row, by).require()
        if form.is_valid():
            actions.settle_steered(steered=row, **form.cleaned_data, by=by, at=clock.now())
            messages.success(request, _("It is written down. The panel can read it."))
            return redirect("steered_list")
    context = {"steered": row, "form": form}
    return render(
        request, "panels/settle_steered.html", context, status=422 if form.errors else 200
    )
