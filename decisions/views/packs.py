"""Packs for readers on paper: asked for, and fetched once a worker has made them."""

from pathlib import PurePath

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from commissioning.models import Member
from commissioning.views.finding import find_round
from decisions import actions, rules
from decisions.forms import PacksForm
from decisions.models import Errand
from decisions.views.doing import done, status_of
from ledger import clock
from panels.models import Panel
from panels.rules import paper

TYPES = {".pdf": "application/pdf", ".zip": "application/zip"}


def _errands(request: HttpRequest) -> QuerySet[Errand]:
    found = Errand.objects.visible_to(reader(request)).filter(kind=Errand.Kind.PACKS)
    return found.select_related("panel__lot", "asked_by")


@permitted(Permission.TYPE_FOR)
def make_packs(request: HttpRequest, slug: str) -> HttpResponse:
    """Have the packs of all made to whom some of their bids have not gone."""
    round, by = find_round(request, slug), reader(request)
    panels = Panel.objects.filter(round=round).select_related("lot").order_by("lot__name", "pk")
    form = PacksForm(posted(request), panels=panels)
    asked: list[Errand] = []

    def ask() -> None:
        now = clock.now()
        asked.append(actions.ask_for_packs(round=round, panel=form.chosen, by=by, at=now))

    if request.method == "POST" and done(form, ask):
        return redirect("errand_progress", asked[0].pk)
    rows = list(_errands(request).filter(round=round, member=None))
    context = {
        "round": round,
        "form": form,
        "waiting": len(paper.waiting_for_packs(round, by)),
        "made": [row for row in rows if row.kept],
        "under_way": [row for row in rows if not row.done_at],
    }
    return render(request, "decisions/make_packs.html", context, status=status_of(form))


@permitted(Permission.TYPE_FOR, Permission.READ_BIDS)
def make_pack(request: HttpRequest, pk: int) -> HttpResponse:
    """Have one reader's pack made: by a worker, as several bids take longer than a page may."""
    by = reader(request)
    members = Member.objects.here().select_related("round__programme", "person")
    member = get_object_or_404(members, pk=pk)
    if not paper.may_have_pack(member, by):
        raise Http404
    if request.method == "POST":
        errand = actions.ask_for_packs(round=member.round, member=member, by=by, at=clock.now())
        return redirect("errand_progress", errand.pk)
    rows = list(_errands(request).filter(member=member))
    context = {
        "member": member,
        "own": member.person_id == by.pk,
        "bids": len(paper.in_pack(member, by)),
        "made": [row for row in rows if row.kept],
        "under_way": [row for row in rows if not row.done_at],
    }
    return render(request, "decisions/make_pack.html", context)


@permitted(Permission.TYPE_FOR, Permission.READ_BIDS)
@require_safe
def download_packs(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The packs that were made, if each bid in them may still be read by the reader it is for."""
    errand = get_object_or_404(_errands(request).select_related("round", "member__person"), pk=pk)
    rules.may_take_packs(reader(request), errand).require()
    name = f"{errand.member} bids" if errand.member else f"{errand.round.slug} packs"
    ending = PurePath(str(errand.kept.name)).suffix
    response = FileResponse(
        errand.kept.open("rb"),
        as_attachment=True,
        filename=f"{slugify(name) or _('packs')}{ending}",
        content_type=TYPES[ending],
    )
    response["Cache-Control"] = "no-store, private"
    return response
