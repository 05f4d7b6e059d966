"""A facilitator sets up the programme, once, and may put it into better words later."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, permitted, reader
from commissioning import actions, rules
from commissioning.models import Programme
from commissioning.programme_forms import ProgrammeForm
from ledger import clock


@permitted(Permission.SET_UP)
@require_http_methods(["GET", "HEAD", "POST"])
def set_up_programme(request: HttpRequest) -> HttpResponse:
    """The fund's name, who gives the money, and whom people phone."""
    rules.may_set_up_programme(reader(request)).require()
    form = ProgrammeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.set_up_programme(**form.cleaned_data, by=reader(request), at=clock.now())
        messages.success(request, _("The programme is set up. Now you can set up a round."))
        return redirect("set_up_round")
    status = 422 if form.errors else 200
    return render(request, "commissioning/set_up_programme.html", {"form": form}, status=status)


@permitted(Permission.SET_UP)
@require_http_methods(["GET", "HEAD", "POST"])
def change_programme(request: HttpRequest, programme: str) -> HttpResponse:
    """Put the programme into better words."""
    found = get_object_or_404(Programme, slug=programme)
    form = ProgrammeForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        found.refresh_from_db()
        actions.change_programme(
            programme=found, **form.cleaned_data, by=reader(request), at=clock.now()
        )
        messages.success(request, _("Saved."))
        return redirect("round_list")
    page = {"form": form, "changing": found}
    return render(
        request, "commissioning/change_programme.html", page, status=422 if form.errors else 200
    )
