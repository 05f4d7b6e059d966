"""Bids in another language or by a link: saying so, and the plain-English words beside them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from accounts.versions import Stale
from applications import actions, way_rules, ways
from applications.forms import PlainWordsForm, WayForm
from applications.models import Application
from applications.views.facilitator import find_round, sent_bid
from applications.views.finding import (
    back_to_check,
    find_bid,
    home_of,
    page,
    saved,
    status,
    still_to_check,
)
from ledger import clock


# ---- Applicants --------------------------------------------------------------------------------
@permitted(Permission.APPLY)
@require_safe
def other_ways(request: HttpRequest, pk: int) -> HttpResponse:
    """Each part that can be given in another language or by a link, and how it is given now."""
    bid = find_bid(request, pk, "round__form_questions")
    way_rules.may_give(bid, reader(request)).require()
    given = ways.from_rows(bid.other_ways)
    context = {
        "bid": bid,
        "programme": bid.round.programme,
        "round": bid.round,
        "from_check": back_to_check(request),
        "back_url": home_of(request, bid),
        "tasks": [
            _task(bid, part, label, given, still_to_check(request))
            for part, label in way_rules.parts_open(bid.round)
        ],
    }
    return render(request, "applications/other_ways.html", context)


def _task(
    bid: Application, part: str, label: str, given: dict[str, ways.Way], more: str
) -> dict[str, str]:
    way = given.get(part)
    said = {"label": label, "url": reverse("other_way", args=[bid.pk, part]) + more}
    if way is None:
        return said | {"hint": "", "status": _("Nothing here yet"), "kind": "wait"}
    return said | {"hint": ways.in_words(way), "status": _("Kept"), "kind": "done"}


@permitted(Permission.APPLY)
@page
def other_way(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """Say that one part is in another language, or where its video or recording is."""
    bid = find_bid(request, pk, "round__form_questions")
    by = reader(request)
    way_rules.may_give(bid, by).require()
    label = dict(way_rules.parts_open(bid.round)).get(part)
    if label is None:
        raise Http404
    kept = ways.from_rows(bid.other_ways).get(part, ways.Way(part))
    form = WayForm(posted(request), round=bid.round, part=part, kept=kept)
    back = reverse("other_ways", args=[pk]) + still_to_check(request)
    context = {"form": form, "bid": bid, "programme": bid.round.programme, "label": label}
    context |= {"back_url": back}
    if form.is_valid():
        try:
            actions.save_way(application=bid, way=form.way(), before=form.before(), by=by)
        except Stale as error:
            was = {f"was_{name}": value for name, value in error.theirs.items()}
            context |= _both(form, error, **was)
            return render(request, "applications/other_way.html", context, status=409)
        if form.before() == form.way() == ways.Way(part):
            messages.info(request, _("You typed nothing, so nothing is saved."))
        else:
            messages.success(request, saved(bid, _("It is saved.")))
        return redirect(home_of(request, bid) if back_to_check(request) else back)
    return render(request, "applications/other_way.html", context, status=status(form.is_bound))


def _both(form: Any, error: Stale, **hidden: Any) -> dict[str, Any]:
    """What was saved elsewhere, beside the form with all that was typed, ready to be sent again."""
    form.data = form.data.copy()
    for name, value in hidden.items():
        form.data[name] = str(value)
    texts = [
        {"label": form.fields[name].label, "theirs": theirs or _("Nothing")}
        for name, theirs in error.theirs.items()
        if name in form.fields and form.cleaned_data[name] != theirs
    ]
    return {"texts": texts}


# ---- Staff -------------------------------------------------------------------------------------
@permitted(Permission.CHECK_RULES)
@require_safe
def plain_words_list(request: HttpRequest, slug: str) -> HttpResponse:
    """All that bids give in another language or by a link, and what is still to be written."""
    round = find_round(request, slug)
    bids = (
        Application.objects.filter(round=round)
        .sent()
        .exclude(other_ways=[])
        .select_related("organisation")
        .prefetch_related("versions", "plain_words")
    )
    rows = [(bid, way_rules.to_put_plainly(bid)) for bid in bids]
    context = {
        "round": round,
        "programme": round.programme,
        "rows": [(bid, found) for bid, found in rows if found],
        "waiting": sum(not row["done"] for _bid, found in rows for row in found),
    }
    return render(request, "applications/plain_words_list.html", context)


@permitted(Permission.CHECK_RULES)
@page
def plain_words(request: HttpRequest, slug: str, pk: int, part: str) -> HttpResponse:
    """Put one part of a bid into plain English, beside the group's own words."""
    bid = sent_bid(request, slug, pk)
    by = reader(request)
    way_rules.may_put_plainly(bid, by, part).require()
    newest = bid.newest_version
    if newest is None:
        raise Http404
    there = way_rules.newest_words(bid, part)
    first: dict[str, Any] = {"seen": there.pk if there else 0}
    if there:
        first |= {"text": there.text, "who": there.who}
    form = PlainWordsForm(posted(request), initial=first)
    context = {
        "form": form,
        "bid": bid,
        "round": bid.round,
        "programme": bid.round.programme,
        "label": ways.label_of(newest.content, part),
        "way": ways.given_in(newest.content)[part],
        "own": ways.own_words(newest.content, part),
    }
    if form.is_valid():
        try:
            said = form.cleaned_data
            actions.put_plainly(application=bid, part=part, **said, by=by, at=clock.now())
        except Stale as error:
            context |= _both(form, error, seen=error.version)
            return render(request, "applications/plain_words.html", context, status=409)
        messages.success(request, _("The words are kept. Readers see them beside the bid."))
        return redirect("plain_words_list", slug)
    return render(request, "applications/plain_words.html", context, status=status(form.is_bound))
