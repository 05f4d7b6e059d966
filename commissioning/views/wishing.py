"""A volunteer's pages about how they like to read: hours, days away, and what about.

Each is one question, none has to be answered, and each answer can be changed at any time.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from commissioning import actions, forms, rules
from commissioning.models import Member, StageKind
from commissioning.views.finding import find_place, find_round
from ledger import clock


def _own(request: HttpRequest, round: str) -> Member:
    """The reader's place, where it is theirs to change."""
    found = find_round(request, round)
    member = find_place(request, found)
    rules.may_change_promise(member, by=reader(request)).require()
    return member


def _page(request: HttpRequest, name: str, member: Member, form: Any, **more: Any) -> HttpResponse:
    context = {"round": member.round, "member": member, "form": form, **more}
    status = 422 if form.errors else 200
    return render(request, f"commissioning/{name}.html", context, status=status)


@permitted(Permission.TAKE_PART)
def say_reading_hours(request: HttpRequest, round: str) -> HttpResponse:
    """How many hours somebody has for reading, if they want to set a limit."""
    member = _own(request, round)
    form = forms.ReadingHours(posted(request), initial={"reading_hours": member.reading_hours})
    if form.is_valid():
        hours = form.cleaned_data["reading_hours"]
        actions.change_promise(
            member=member, reading_hours=hours, by=reader(request), at=clock.now()
        )
        messages.success(request, _("Saved. You will not be given more than that."))
        return redirect("my_promise", round)
    return _page(request, "say_reading_hours", member, form)


@permitted(Permission.TAKE_PART)
def say_away_days(request: HttpRequest, round: str) -> HttpResponse:
    """The days somebody is away, each first to last, and one more."""
    member = _own(request, round)
    form = forms.OneTimeAway(posted(request))
    if form.is_valid():
        actions.add_away_days(
            member=member, **form.cleaned_data, by=reader(request), at=clock.now()
        )
        messages.success(request, _("Saved. We plan round those days."))
        return redirect("say_away_days", round)
    asks = (StageKind.SCORING, StageKind.INTERVIEWS)
    stages = member.round.stages.filter(kind__in=asks, closed_at=None)
    return _page(request, "say_away_days", member, form, rows=member.days_gone.all(), stages=stages)


@permitted(Permission.TAKE_PART)
@require_POST
def drop_away_days(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Say that one is there after all."""
    member = _own(request, round)
    days = get_object_or_404(member.days_gone, pk=pk)
    actions.drop_away_days(days=days, by=reader(request), at=clock.now())
    messages.success(request, _("It is taken out."))
    return redirect("say_away_days", round)


@permitted(Permission.TAKE_PART)
def say_wishes(request: HttpRequest, round: str) -> HttpResponse:
    """What somebody would like to read about, and what they would rather not."""
    member = _own(request, round)
    form = forms.Wishes(posted(request), member=member, lots=member.round.lots.all())
    if form.is_valid():
        actions.say_wishes(member=member, wishes=form.wishes, by=reader(request), at=clock.now())
        messages.success(request, _("Saved. We will try."))
        return redirect("my_promise", round)
    return _page(request, "say_wishes", member, form)
