"""Bids from another system, out of a file: looked at first, then brought in by a worker."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from applications.rules import may_bring_bids
from commissioning.views.finding import find_round
from decisions import actions
from decisions.actions.errands import KEPT_FOR, MOST_LISTED
from decisions.forms import BidsFileForm, SureForm
from decisions.models import Errand
from decisions.views.doing import done, status_of
from ledger import clock


@permitted(Permission.TYPE_FOR)
def import_bids(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a file of bids. It is looked at first; nothing comes in by this."""
    round, by = find_round(request, slug), reader(request)
    may_bring_bids(round, by, at=clock.now()).require()
    form = BidsFileForm(posted(request), request.FILES or None, round=round)
    asked: list[Errand] = []

    def ask() -> None:
        said = form.cleaned_data
        facts = {"lot": said["lot"], "upload": said["file"], "mapping": said["mapping"]}
        asked.append(actions.ask_for_look(**facts, by=by, at=clock.now()))

    if request.method == "POST" and done(form, ask):
        return redirect("errand_progress", asked[0].pk)
    looks = Errand.objects.visible_to(by).filter(kind=Errand.Kind.LOOK, round=round)
    context = {
        "round": round,
        "form": form,
        "days": KEPT_FOR.days,
        "looks": list(looks.exclude(kept="").select_related("lot", "asked_by")),
    }
    return render(request, "decisions/import_bids.html", context, status=status_of(form))


@permitted(Permission.TYPE_FOR)
def bring_in_bids(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file holds, line by line where something is to be said; and the bids out of it."""
    by = reader(request)
    looks = Errand.objects.visible_to(by).filter(kind=Errand.Kind.LOOK)
    look = get_object_or_404(looks.select_related("round__programme", "lot__round__chain"), pk=pk)
    if not look.done_at:
        return redirect("errand_progress", look.pk)
    told: dict[str, Any] = look.told if look.stage == Errand.Stage.DONE else {}
    imports = list(look.imports.order_by("-pk"))
    came = sum(row.made for row in imports)
    form = SureForm(posted(request), label=_sure(told, came), mistake=_("Tick the box to go on."))
    asked: list[Errand] = []

    def ask() -> None:
        asked.append(actions.ask_for_import(look=look, leave_out=True, by=by, at=clock.now()))

    if request.method == "POST" and done(form, ask):
        return redirect("errand_progress", asked[0].pk)
    over = any(row.stage == Errand.Stage.DONE for row in imports)
    left = 0 if over else told.get("new", 0) - came
    context = {
        "round": look.round,
        "look": look,
        "told": told,
        "lines": Paginator(_lines(told), 25).get_page(request.GET.get("page")),
        "listed": MOST_LISTED,
        "came": came,
        "left": left,
        "under_way": next((row for row in imports if not row.done_at), None),
        "may": may_bring_bids(look.round, by, at=clock.now()) if left > 0 else None,
        "form": form,
    }
    return render(request, "decisions/bring_in_bids.html", context, status=status_of(form))


def _sure(told: dict[str, Any], came: int) -> str:
    """What the box says: how many come in, and how many lines stay out."""
    count = told.get("new", 0) - came
    words = ngettext("Bring in %(count)s bid.", "Bring in %(count)s bids.", count)
    said = words % {"count": count}
    bad = told.get("in_trouble", 0)
    if bad:
        words = ngettext(
            "Leave out %(count)s line in trouble.", "Leave out %(count)s lines in trouble.", bad
        )
        said = f"{said} {words % {'count': bad}}"
    return said


def _lines(told: dict[str, Any]) -> list[tuple[int, str]]:
    """Each line that something is to be said of, in the order of the file."""
    said = told.get("troubles", []) + told.get("odd_numbers", [])
    rows = [(line, sentence) for line, sentence in said]
    rows += [
        (
            line,
            _("%(reference)s is here and differs (%(what)s). It is not changed.")
            % {"reference": reference, "what": what},
        )
        for line, reference, what in told.get("differ", [])
    ]
    return sorted(rows)
