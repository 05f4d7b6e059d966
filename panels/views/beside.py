"""A helper's pages: the bids of the volunteer they help, to read together. Nothing of scores."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from ledger import clock
from panels.actions.beside import begin_beside
from panels.forms import BesideForm
from panels.models import Assignment, ReadBeside
from panels.rules import beside as rules
from support.models import Helper


@permitted(Permission.HELP_ONE)
@require_safe
def beside_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The bids of the volunteer I help: names, and which I may read with them today."""
    rows = Helper.objects.filter(supporter=reader(request), ended_at=None)
    helper = get_object_or_404(rows.select_related("member__person", "member__round"), pk=pk)
    given = (
        Assignment.objects.visible_to(helper.member.person)
        .filter(member=helper.member)
        .select_related("application__organisation")
        .order_by("order_key", "pk")
    )
    return render(request, "panels/beside_list.html", {"helper": helper, "given": given})


@permitted(Permission.HELP_ONE)
@require_http_methods(["GET", "HEAD", "POST"])
def read_beside(request: HttpRequest, pk: int) -> HttpResponse:
    """One bid to read together or aloud: first whom I know, then its words. No scores, no notes."""
    rows = Assignment.objects.select_related(
        "application__organisation", "version", "member__person", "member__round__chain"
    )
    given, me = get_object_or_404(rows, pk=pk), reader(request)
    helper = rules.helping(given, me)
    if helper is None:
        raise Http404
    rules.may_read_beside(given, me, on=clock.today()).require()
    form = BesideForm(posted(request))
    if form.is_valid():
        begin_beside(assignment=given, knows_nobody=True, by=me, at=clock.now())
        return redirect("read_beside", pk)
    facts = {"helper": helper, "given": given, "bid": given.application, "form": form}
    if ReadBeside.objects.filter(helper=helper, assignment=given).exists():
        content = given.version.content
        facts |= {"content": content, "answers": content.get("answers", [])}
        facts |= {"asked": given.version.asked}
    return render(request, "panels/read_beside.html", facts, status=422 if form.errors else 200)
