"""The share-out seen from each side: people, bids, circles, and changes by hand. All paged.

Each page looks only at the people and bids that are on it, so that thousands make it no heavier.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, permitted, reader
from commissioning.models import Member, Round
from commissioning.views.finding import find_round
from ledger import clock
from panels.forms import FindForm
from panels.models import FormatGap, ShareAim, ShareChange, ShareUndo
from panels.rules import share, shared
from panels.rules.share import Listed, Offer, Pair
from panels.share_effect import alone_in, circles_of, effect_of, mates_of, teams_of
from panels.views.entering import enter, for_panel

PER_PAGE = 25
MOST_NAMED = 6
"""How many names or numbers stand in one cell before the rest are only counted."""

PEOPLE = (
    ("", gettext_lazy("Everybody")),
    ("waiting", gettext_lazy("Those who have not said who they know")),
    ("none", gettext_lazy("Those with no bids")),
    ("over", gettext_lazy("Those with more than they can read")),
    ("alone", gettext_lazy("Those who share no two bids with anybody")),
)
BIDS = (
    ("", gettext_lazy("Every bid")),
    ("short", gettext_lazy("Those with too few readers")),
    ("new", gettext_lazy("Those with only people who are new to scoring")),
    ("apart", gettext_lazy("Those with nobody with relevant experience")),
)


def _page(request: HttpRequest, rows: Any) -> tuple[Page[Any], str]:
    """One page of the rows, and the rest of the address for the links to the others."""
    query = request.GET.copy()
    query.pop("page", None)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return page, f"{query.urlencode()}&" if query else ""


# ---- People ---------------------------------------------------------------------------------
@permitted(Permission.SHARE_OUT)
@require_safe
def sharing_people(request: HttpRequest, slug: str) -> HttpResponse:
    """Each volunteer: what they offered, what they would read, and with whom."""
    round = find_round(request, slug)
    find = FindForm(request.GET or None, label=_("Look for a name"), shows=PEOPLE)
    words, show = find.wants()
    run = share.newest_run(round)
    pairs, bids = shared.pairs_shown(round, run), share.listed_bids(round)
    live = {bid.pk for bid in bids if not bid.withdrawn_at}
    names, here = shared.names_of(round)
    wanted = [pk for pk in here if words.casefold() in names[pk].casefold()]
    counts = Counter(who for _bid, who in pairs)
    if show == "none":
        wanted = [pk for pk in wanted if not counts[pk]]
    elif show == "alone":
        alone = set(alone_in(teams_of(pairs, live)))
        wanted = [pk for pk in wanted if pk in alone]
    # Only these two must look at everybody; else the people of one page are enough.
    only = None if show in ("waiting", "over") else wanted
    if only is None:
        everybody = _offers(round, bids, None)
        wanted = [pk for pk in wanted if _is_meant(show, everybody[pk], counts)]
    page, query = _page(request, wanted)
    offers = everybody if only is None else _offers(round, bids, list(page.object_list))
    rows = [offers[pk] for pk in page.object_list]
    context = {
        "round": round,
        "programme": round.programme,
        "run": run,
        "find": find,
        "looking": bool(words or show),
        "page": page,
        "query": query,
        "rows": _people(round, rows, frozenset(p for p in pairs if p[0] in live), names),
        "may": share.may_share_out(round, reader(request), on=clock.today()),
    }
    return render(request, "panels/sharing_people.html", context)


def _offers(round: Round, bids: Sequence[Listed], only: Collection[int] | None) -> dict[int, Offer]:
    rows = share.offers(round, bids, on=clock.today(), only=only)
    return {row.member.pk: row for row in rows}


def _is_meant(show: str, offer: Offer, counts: Counter[int]) -> bool:
    if show == "waiting":
        return bool(offer.still_to_declare)
    return counts[offer.member.pk] > offer.limit


def _people(
    round: Round, offers: Sequence[Offer], pairs: Collection[Pair], names: dict[int, str]
) -> list[dict[str, Any]]:
    """The rows of one page."""
    here = {row.member.pk for row in offers}
    own: defaultdict[int, list[int]] = defaultdict(list)
    for bid, who in pairs:
        if who in here:
            own[who].append(bid)
    theirs = {bid for ids in own.values() for bid in ids}
    details = {
        bid.pk: (bid.reference, share.hours_for(bid))
        for bid in share.bids_with_length(round).filter(pk__in=theirs)
    }
    mates = mates_of(teams_of(pairs, theirs))
    rows = []
    for offer in offers:
        found = sorted(details[bid] for bid in own[offer.member.pk] if bid in details)
        close = [
            names.get(mate, "")
            for mate, times in mates.get(offer.member.pk, Counter()).most_common()
            if times > 1
        ]
        rows.append(
            {
                "member": offer.member,
                "to_declare": sorted(offer.still_to_declare),
                "trained": offer.trained,
                "away": offer.away,
                "asked": offer.asked,
                "load": shared.load_words(len(found), offer.limit),
                "count": len(found),
                "over": len(found) > offer.limit,
                "hours": sum(hours for _reference, hours in found),
                "bids": [reference for reference, _hours in found],
                "mates": share.joined(close[:MOST_NAMED], len(close)),
            }
        )
    return rows


# ---- Bids -----------------------------------------------------------------------------------
@permitted(Permission.SHARE_OUT)
@require_safe
def sharing_bids(request: HttpRequest, slug: str) -> HttpResponse:
    """Each bid with its readers, and what each of them brings."""
    round = find_round(request, slug)
    find = FindForm(request.GET or None, label=_("Look for a bid or a group"), shows=BIDS)
    words, show = find.wants()
    run = share.newest_run(round)
    pairs = shared.pairs_shown(round, run)
    bids = share.bids_with_length(round).filter(withdrawn_at=None)
    if words:
        bids = bids.filter(
            Q(reference__icontains=words)
            | Q(title__icontains=words)
            | Q(organisation__name__icontains=words)
        )
    ids = list(bids.values_list("pk", flat=True))
    if show == "short":
        counts = Counter(bid for bid, _who in pairs)
        ids = [pk for pk in ids if counts[pk] < round.readers_per_bid]
    elif show in ("new", "apart"):
        effect = effect_of(shared.facts_about_bids(round), pairs)
        meant = set(effect.no_experienced if show == "new" else effect.no_lived)
        ids = [pk for pk in ids if pk in meant]
    page, query = _page(request, ids)
    teams = teams_of(pairs, list(page.object_list))
    people = Member.objects.filter(pk__in={who for team in teams.values() for who in team})
    names = dict(people.values_list("pk", "person__name"))
    context = {
        "round": round,
        "programme": round.programme,
        "run": run,
        "find": find,
        "looking": bool(words or show),
        "page": page,
        "query": query,
        "rows": [
            {
                "bid": bid,
                "readers": [names[who] for who in teams[bid.pk]],
                "short": max(0, round.readers_per_bid - len(teams[bid.pk])),
            }
            for bid in bids.filter(pk__in=list(page.object_list))
        ],
        "may": share.may_share_out(round, reader(request), on=clock.today()),
    }
    return render(request, "panels/sharing_bids.html", context)


# ---- Circles --------------------------------------------------------------------------------
@permitted(Permission.SHARE_OUT)
@require_safe
def sharing_circles(request: HttpRequest, slug: str) -> HttpResponse:
    """Who reads together, those who share most bids first."""
    round = find_round(request, slug)
    find = FindForm(request.GET or None, label=_("Look for a name"))
    words, _show = find.wants()
    run = share.newest_run(round)
    live = [bid.pk for bid in share.listed_bids(round) if not bid.withdrawn_at]
    names, _here = shared.names_of(round)
    meant = {pk for pk, name in names.items() if words.casefold() in name.casefold()}
    circles = [
        (team, count)
        for team, count in circles_of(teams_of(shared.pairs_shown(round, run), live))
        if len(team) > 1 and meant.intersection(team)
    ]
    page, query = _page(request, circles)
    context = {
        "round": round,
        "programme": round.programme,
        "run": run,
        "find": find,
        "looking": bool(words),
        "page": page,
        "query": query,
        "rows": [
            {"names": share.joined(sorted(names.get(pk, "") for pk in team)), "count": count}
            for team, count in page.object_list
        ],
    }
    return render(request, "panels/sharing_circles.html", context)


# ---- Changes by hand ------------------------------------------------------------------------
@permitted(Permission.SHARE_OUT)
@require_safe
def sharing_changes(request: HttpRequest, slug: str) -> HttpResponse:
    """Every change made by hand in the round, newest first, with its reason."""
    round = find_round(request, slug)
    rows = ShareChange.objects.filter(run__round=round).select_related(
        "application", "taken_from__person", "given_to__person", "made_by"
    )
    page, query = _page(request, rows.order_by("-pk"))
    context = {
        "round": round,
        "programme": round.programme,
        "page": page,
        "query": query,
        "undone": ShareUndo.objects.filter(run__round=round).order_by("-pk")[:PER_PAGE],
    }
    return render(request, "panels/sharing_changes.html", context)


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def panel_sharing(request: HttpRequest, pk: int) -> HttpResponse:
    """How bids were shared out, as the panel may see it: what came first, and every change made
    by hand. Changes in other lots are counted, and not told."""
    visit = enter(request, pk=pk)
    panel = visit.panel
    changes = ShareChange.objects.filter(run__round=panel.round_id)
    own = changes.filter(application__lot=panel.lot_id).select_related(
        "application", "taken_from__person", "given_to__person", "made_by"
    )
    page, query = _page(request, own.order_by("-pk"))
    run = share.newest_run(panel.round)
    context = {
        "visit": visit,
        "panel": panel,
        "round": panel.round,
        "run": run,
        "aim": ShareAim(run.aim if run else share.aim_of(panel.round)).label,
        "page": page,
        "query": query,
        "count": changes.count(),
        "seat_changes": panel.seat_changes.select_related(
            "taken_out__person", "put_in__person", "made_by"
        ),
        "gaps": FormatGap.objects.filter(application__lot=panel.lot_id).select_related(
            "application", "noted_by"
        ),
        "undone": ShareUndo.objects.filter(run__round=panel.round_id).order_by("-pk")[:PER_PAGE],
    }
    return render(request, "panels/panel_sharing.html", context)
