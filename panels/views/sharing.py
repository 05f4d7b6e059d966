"""A facilitator's pages about sharing out: the proposal, changes by hand, and who is done."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from applications.models import Application
from commissioning.models import Member
from commissioning.views.finding import find_round
from ledger import clock
from panels import actions
from panels.forms import NOBODY, ChangeShareForm, SureForm
from panels.models import ShareRun
from panels.rules import scoring, share
from panels.rules.share import Offer, Pair


@permitted(Permission.SHARE_OUT)
@require_safe
def sharing_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Who offers what, who has declared, and the newest proposal with its effect."""
    round = find_round(request, slug)
    bids = share.bids_of(round)
    offers = share.offers(round, bids, on=clock.today())
    run = share.newest_run(round)
    pairs: frozenset[Pair] = frozenset()
    if run:
        pairs = share.standing(round) if run.confirmed_at else share.pairs_of(run)
    live = [bid for bid in bids if not bid.withdrawn_at]
    people = _people(offers, live, pairs)
    rows = _bids(live, offers, pairs, round.readers_per_bid)
    return render(
        request,
        "panels/sharing_detail.html",
        {
            "round": round,
            "people": people,
            "bids": rows,
            "run": run,
            "changes": _changes(run, offers, bids) if run else [],
            "may": share.may_share_out(round, reader(request), on=clock.today()),
            "short": sum(row["short"] for row in rows),
            "undeclared": sum(bool(row["to_declare"]) for row in people),
        },
    )


def _people(
    offers: Sequence[Offer], bids: Sequence[Application], pairs: frozenset[Pair]
) -> list[dict[str, Any]]:
    """Each volunteer: what they offered, whether they have declared, and what they would read."""
    lengths = {bid.pk: share.hours_for(bid) for bid in bids}
    counts = Counter(member for bid, member in pairs if bid in lengths)
    return [
        {
            "member": offer.member,
            "limit": offer.limit,
            "asked": offer.asked,
            "to_declare": sorted(offer.still_to_declare),
            "trained": offer.trained,
            "away": offer.away,
            "count": counts[offer.member.pk],
            "hours": sum(
                lengths[bid] for bid, who in pairs if who == offer.member.pk and bid in lengths
            ),
            "over": counts[offer.member.pk] > offer.limit,
        }
        for offer in offers
    ]


def _bids(
    bids: Sequence[Application], offers: Sequence[Offer], pairs: frozenset[Pair], wanted: int
) -> list[dict[str, Any]]:
    """Each bid with its readers, and how many are missing."""
    names = {offer.member.pk: str(offer.member) for offer in offers}
    rows = []
    for bid in bids:
        readers = sorted(names[who] for pk, who in pairs if pk == bid.pk and who in names)
        rows.append({"bid": bid, "readers": readers, "short": max(0, wanted - len(readers))})
    return rows


def _changes(
    run: ShareRun, offers: Sequence[Offer], bids: Sequence[Application]
) -> list[dict[str, Any]]:
    """Every change made by hand, in order, with its reason."""
    names = {offer.member.pk: str(offer.member) for offer in offers}
    known = {bid.pk: bid for bid in bids}
    gone = _("somebody who has left")
    return [
        {
            "bid": known.get(change.application_id),
            "giver": names.get(change.taken_from_id, gone) if change.taken_from_id else "",
            "taker": names.get(change.given_to_id, gone) if change.given_to_id else "",
            "reason": change.reason,
            "at": change.made_at,
        }
        for change in sorted(run.changes.all(), key=lambda row: row.pk)
    ]


@permitted(Permission.SHARE_OUT)
@require_POST
def propose_sharing(request: HttpRequest, slug: str) -> HttpResponse:
    """Work out who could read what."""
    round = find_round(request, slug)
    actions.propose_sharing(round=round, by=reader(request), at=clock.now())
    messages.success(request, _("Here is the proposal. It is not real until you confirm it."))
    return redirect("sharing_detail", slug)


@permitted(Permission.SHARE_OUT)
def confirm_sharing(request: HttpRequest, slug: str) -> HttpResponse:
    """Make the newest proposal real, after a check."""
    round = find_round(request, slug)
    run = share.newest_run(round)
    if run is None:
        raise Http404
    share.may_look_at_confirming(run, reader(request), on=clock.today()).require()
    form = SureForm(
        posted(request),
        label=_("Yes, give these bids to these people."),
        mistake=_("Tick the box to say that these bids go to these people."),
    )
    if form.is_valid():
        given = actions.confirm_sharing(run=run, by=reader(request), at=clock.now())
        messages.success(
            request, _("Done. %(count)s readings are given out.") % {"count": len(given)}
        )
        return redirect("sharing_detail", slug)
    pairs = share.pairs_of(run)
    context = {
        "round": round,
        "form": form,
        "run": run,
        "bids": len({bid for bid, _member in pairs}),
        "people": len({member for _bid, member in pairs}),
        "changes": len(run.changes.all()),
    }
    return render(
        request, "panels/confirm_sharing.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.SHARE_OUT)
def change_share(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change by hand who reads one bid, with a reason that the panel can read."""
    round = find_round(request, slug)
    run = share.newest_run(round)
    bids = share.bids_of(round)
    bid = next((row for row in bids if row.pk == pk and not row.withdrawn_at), None)
    if run is None or bid is None:
        raise Http404
    share.may_share_out(round, reader(request), on=clock.today()).require()
    offers = share.offers(round, bids, on=clock.today())
    problem = share.problem_for(round, on=clock.today(), seed=run.seed, bids=bids, offered=offers)
    pairs = problem.kept if run.confirmed_at else share.pairs_of(run)
    members = {offer.member.pk: offer.member for offer in offers}
    form = ChangeShareForm(
        posted(request),
        readers=[members[who] for row, who in sorted(pairs) if row == pk and who in members],
        others=[
            (members[who], share.why_not_words(code))
            for who, code in share.by_load(problem, pairs, pk)
            if code.startswith("load")
        ],
    )
    if form.is_valid():
        data = form.cleaned_data
        chosen = {
            name: None if data[name] == NOBODY else members[int(data[name])]
            for name in ("taken_from", "given_to")
        }
        actions.change_share(
            run=run,
            application=bid,
            **chosen,
            reason=data["reason"],
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("The share is changed. Your reason is on the record."))
        return redirect("sharing_detail", slug)
    context = {
        "round": round,
        "bid": bid,
        "run": run,
        "form": form,
        "cannot": _cannot(problem, pairs, pk, members),
        "programme": round.programme,
    }
    return render(request, "panels/change_share.html", context, status=422 if form.errors else 200)


def _cannot(
    problem: Any, pairs: frozenset[Pair], bid: int, members: dict[int, Member]
) -> list[dict[str, Any]]:
    """Those who cannot take the bid, each with the rule that keeps them from it."""
    return [
        {"member": members[who], "why": share.why_not_words(code)}
        for who, code in share.by_load(problem, pairs, bid)
        if not code.startswith("load")
    ]


@permitted(Permission.SHARE_OUT)
@require_safe
def reading_progress(request: HttpRequest, slug: str) -> HttpResponse:
    """Who is done and who is not yet: never how many, never a score."""
    round = find_round(request, slug)
    rows = scoring.members_done(round)
    done = [member for member, finished in rows if finished]
    not_yet = [member for member, finished in rows if not finished]
    context = {"round": round, "done": done, "not_yet": not_yet}
    return render(request, "panels/reading_progress.html", context)
