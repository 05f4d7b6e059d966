"""About how long a stage took: said by a volunteer, or typed for them by a facilitator."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.forms import posted
from accounts.paper import on_paper, wants_paper
from accounts.permissions import Permission, permitted, reader
from commissioning import actions
from commissioning.forms import HoursForm
from commissioning.hours import given_by, stages_asked
from commissioning.models import Member, Stage
from commissioning.views.finding import find_place, find_round
from ledger import clock


@permitted(Permission.TAKE_PART)
@require_http_methods(["GET", "HEAD", "POST"])
def say_hours(request: HttpRequest, round: str, kind: str) -> HttpResponse:
    """About how long did it take you? Nobody must say."""
    found = find_round(request, round)
    member = find_place(request, found)
    if not member.joined_at:
        raise Http404
    stage, form = _asked(request, member, kind)
    if form.is_valid():
        given = {"hours": form.cleaned_data["hours"], "by": reader(request), "at": clock.now()}
        actions.say_hours(member=member, stage=stage.kind, **given)
        messages.success(request, _("Thank you. It helps us to tell the next people the truth."))
        return redirect("my_promise", found.slug)
    return _page(request, "say_hours", member=member, stage=stage, form=form, back="my_promise")


@permitted(Permission.TYPE_FOR)
@require_http_methods(["GET", "HEAD", "POST"])
def type_hours(request: HttpRequest, round: str, pk: int, kind: str) -> HttpResponse:
    """A facilitator types what a volunteer said on the phone or on paper. It waits for a yes."""
    found = find_round(request, round)
    members = Member.objects.here().select_related("person")
    member = get_object_or_404(members, round=found, pk=pk)
    member.round = found
    stage, form = _asked(request, member, kind)
    if wants_paper(request):
        title = _("Hours I gave: %(stage)s") % {"stage": stage.get_kind_display()}
        facts = {"round": found, "whose": member.person.name}
        return on_paper(request, form, title=title, facts=facts)
    if form.is_valid():
        given = {"hours": form.cleaned_data["hours"], "by": reader(request), "at": clock.now()}
        actions.type_hours(member=member, stage=stage.kind, **given)
        messages.success(
            request,
            _("Typed for %(name)s. It counts once they, or a second person, confirm it.")
            % {"name": member.person.name},
        )
        return redirect("hours_list", found.slug)
    return _page(request, "type_hours", member=member, stage=stage, form=form, back="hours_list")


def _asked(request: HttpRequest, member: Member, kind: str) -> tuple[Stage, HoursForm]:
    stage = _stage(member, kind)
    said = given_by([member])[member.pk].by_stage.get(stage.kind)
    return stage, HoursForm(posted(request), initial={"hours": said})


def _page(request: HttpRequest, name: str, *, member: Member, **facts: Any) -> HttpResponse:
    context = {"round": member.round, "member": member, **facts}
    status = 422 if facts["form"].errors else 200
    return render(request, f"commissioning/{name}.html", context, status=status)


def _stage(member: Member, kind: str) -> Stage:
    for stage in stages_asked(member.round):
        if stage.kind == kind:
            return stage
    raise Http404
