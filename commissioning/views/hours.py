"""About how long a stage took: said by a volunteer, or typed for them by a facilitator."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.paper import on_paper, wants_paper
from accounts.permissions import Permission, permitted
from commissioning import actions
from commissioning.forms import HoursForm
from commissioning.hours import given_by, stages_asked
from commissioning.models import Member, Stage
from commissioning.views.finding import find_place, find_round, posted, reader
from ledger import clock


@permitted(Permission.TAKE_PART)
@require_http_methods(["GET", "HEAD", "POST"])
def say_hours(request: HttpRequest, round: str, kind: str) -> HttpResponse:
    """About how long did it take you? Nobody must say."""
    found = find_round(request, round)
    member = find_place(request, found)
    if not member.joined_at:
        raise Http404
    return _ask(request, member, kind, "my_promise", "say_hours")


@permitted(Permission.TYPE_FOR)
@require_http_methods(["GET", "HEAD", "POST"])
def type_hours(request: HttpRequest, round: str, pk: int, kind: str) -> HttpResponse:
    """A facilitator types what a volunteer said on the phone or on paper."""
    found = find_round(request, round)
    members = Member.objects.here().select_related("person")
    member = get_object_or_404(members, round=found, pk=pk)
    member.round = found
    return _ask(request, member, kind, "hours_list", "type_hours")


def _ask(request: HttpRequest, member: Member, kind: str, back: str, page: str) -> HttpResponse:
    stage = _stage(member, kind)
    said = given_by([member])[member.pk].by_stage.get(stage.kind)
    form = HoursForm(posted(request), initial={"hours": said})
    if wants_paper(request):
        title = _("Hours I gave: %(stage)s") % {"stage": stage.get_kind_display()}
        return on_paper(request, form, title=title, facts={"round": member.round})
    if form.is_valid():
        actions.say_hours(
            member=member,
            stage=stage.kind,
            hours=form.cleaned_data["hours"],
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("Thank you. It helps us to tell the next people the truth."))
        return redirect(back, member.round.slug)
    facts = {"round": member.round, "member": member, "stage": stage, "form": form, "back": back}
    status = 422 if form.errors else 200
    return render(request, f"commissioning/{page}.html", facts, status=status)


def _stage(member: Member, kind: str) -> Stage:
    for stage in stages_asked(member.round):
        if stage.kind == kind:
            return stage
    raise Http404
