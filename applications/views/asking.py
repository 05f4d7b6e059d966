"""Staff ask for one named part of a bid to be put right, and answer what applicants wish."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from applications import actions, parts
from applications import correction_rules as rules
from applications.forms import AskCorrectionForm, SettleCorrectionForm
from applications.models import Correction
from applications.views.correcting import both_sides, part_choices
from applications.views.facilitator import find_round, sent_bid
from applications.views.finding import page, status
from ledger import clock


@permitted(Permission.CHECK_RULES)
@page
def ask_correction(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask the applicant for one thing, for a rule of the funder, until a day."""
    bid = sent_bid(request, slug, pk)
    by, today = reader(request), clock.today()
    rules.may_ask(bid, by, on=today).require()
    newest = bid.newest_version
    form = AskCorrectionForm(
        posted(request), round=bid.round, choices=part_choices(bid, newest) if newest else []
    )
    if form.is_valid():
        said = form.cleaned_data
        verdict = rules.may_ask_for(
            bid, by, part=said["part"], rule=said["rule"], until=said["until"], on=today
        )
        if verdict:
            actions.ask_correction(application=bid, **said, by=by, at=clock.now())
            messages.success(request, _("The group is asked. We have written to them."))
            return redirect("correction_list", slug)
        form.add_error(None, verdict.sentence)
    return render(
        request,
        "applications/ask_correction.html",
        {"form": form, "bid": bid, "round": bid.round, "programme": bid.round.programme},
        status=status(form.is_bound),
    )


@permitted(Permission.CHECK_RULES)
@require_safe
def correction_list(request: HttpRequest, slug: str) -> HttpResponse:
    """All that was asked of applicants, or wished by them, and what came of it."""
    round = find_round(request, slug)
    rows = (
        Correction.objects.filter(application__round=round)
        .select_related("application__organisation", "rule", "version")
        .prefetch_related("application__versions")
        .order_by("-asked_at", "-pk")
    )
    return render(
        request,
        "applications/correction_list.html",
        {
            "round": round,
            "programme": round.programme,
            "rows": [_listed(row) for row in rows],
        },
    )


def _listed(row: Correction) -> dict[str, Any]:
    """What was asked or wished, with how it stands as a word and a sign."""
    newest = row.application.newest_version
    shown = {"row": row, "part": parts.label_of(newest.content, row.part) if newest else row.part}
    if row.kind == Correction.Kind.WISHED and not row.settled_at:
        return shown | {"word": _("Wished for. Say yes or no"), "kind": "now"}
    if row.version_id:
        return shown | {"word": _("Put right"), "kind": "done"}
    if row.granted is False:
        return shown | {"word": _("Stays as it was"), "kind": "done"}
    if rules.late(row, on=clock.today()):
        return shown | {"word": _("No answer in time"), "kind": "care"}
    return shown | {"word": _("Waiting for an answer"), "kind": "wait"}


@permitted(Permission.CHECK_RULES)
@page
def settle_correction(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say yes or no to what an applicant wishes: what was sent and what they wish, side by side."""
    round = find_round(request, slug)
    rows = Correction.objects.filter(application__round=round, kind=Correction.Kind.WISHED)
    row = get_object_or_404(
        rows.select_related(
            "application__organisation", "application__round__chain"
        ).prefetch_related("application__versions", "application__round__stages"),
        pk=pk,
    )
    by = reader(request)
    rules.may_settle_wish(row, by, granted=False).require()
    form = SettleCorrectionForm(posted(request))
    if form.is_valid():
        granted = form.cleaned_data["granted"] == "yes"
        verdict = rules.may_settle_wish(row, by, granted=granted)
        if verdict:
            reason = form.cleaned_data["reason"]
            actions.settle_correction(
                correction=row, granted=granted, reason=reason, by=by, at=clock.now()
            )
            messages.success(request, _("Your answer is kept. We have written to the group."))
            return redirect("correction_list", slug)
        form.add_error("granted", verdict.sentence)
    newest = row.application.newest_version
    context = {"form": form, "correction": row, "round": round, "programme": round.programme}
    if newest:
        context |= both_sides(newest, row.part, row.value)
    return render(
        request, "applications/settle_correction.html", context, status=status(form.is_bound)
    )
