"""Reading with a helper: the volunteer's yes, and the helper's pages. Nothing of scores."""

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from applications import ways
from applications.models import Application
from applications.redaction import for_readers
from commissioning.models import Round
from ledger import clock
from panels.actions import beside as actions
from panels.forms import BesideForm
from panels.models import Assignment, ReadBeside
from panels.rules import beside as rules
from support.models import Helper


@permitted(Permission.TAKE_PART, Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def let_read_beside(request: HttpRequest, pk: int) -> HttpResponse:
    """A volunteer says whether their helper may read with them, or takes it back; a facilitator
    writes down what they were told."""
    rows = Helper.objects.select_related("member__person", "member__round__chain", "supporter")
    me, at = reader(request), clock.now()
    near = Q(member__person=me) | Q(member__round__in=Round.objects.visible_to(me))
    helper = get_object_or_404(rows, near, pk=pk, ended_at=None)
    if not rules.may_let_beside(helper, me):
        raise Http404
    if request.POST.get("say") == "yes":
        actions.let_read_beside(helper=helper, by=me, at=at)
        messages.success(request, _("Written down. It can be taken back at any time."))
        return redirect("let_read_beside", pk)
    if request.POST.get("say") == "no":
        actions.end_beside(helper=helper, by=me, at=at)
        messages.success(request, _("Taken back. Nobody asks why."))
        return redirect("let_read_beside", pk)
    facts = {
        "helper": helper,
        "own": helper.member.person_id == me.pk,
        "leave": helper.leaves.filter(taken_back_at=None).select_related("given_by").first(),
        "read": helper.read.select_related("assignment__application__organisation").order_by("pk"),
    }
    return render(request, "panels/let_read_beside.html", facts)


@permitted(Permission.HELP_ONE)
@require_safe
def beside_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The bids of the volunteer I help: names, and which I may read with them today."""
    rows = Helper.objects.filter(supporter=reader(request), ended_at=None)
    helper = get_object_or_404(rows.select_related("member__person", "member__round"), pk=pk)
    bids = Application.objects.with_sent_name().select_related("organisation")
    given = (
        Assignment.objects.visible_to(helper.member.person)
        .filter(member=helper.member)
        .prefetch_related(Prefetch("application", bids))
        .order_by("order_key", "pk")
    )
    facts = {"helper": helper, "given": given, "may": rules.lets(helper)}
    return render(request, "panels/beside_list.html", facts)


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
        actions.begin_beside(assignment=given, knows_nobody=True, by=me, at=clock.now())
        return redirect("read_beside", pk)
    facts = {"helper": helper, "given": given, "bid": given.application, "form": form}
    if ReadBeside.objects.filter(helper=helper, assignment=given).exists():
        words = given.application.plain_words.all()
        content = for_readers(ways.laid_out(given.version.content, words))
        facts |= {"content": content, "answers": content.get("answers", [])}
        facts |= {"asked": given.version.asked}
    return render(request, "panels/read_beside.html", facts, status=422 if form.errors else 200)
