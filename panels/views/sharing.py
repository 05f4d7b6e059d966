"""A facilitator's pages about sharing out: the proposal, what it does, and changes by hand.

The lists of people, bids and circles are in `shared_lists`.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from applications.models import Application
from commissioning.models import Member, Round
from commissioning.views.finding import find_round
from ledger import clock
from panels import actions
from panels.forms import (
    NOBODY,
    ChangeShareForm,
    FindForm,
    FormatGapsForm,
    SureForm,
    UndoSharingForm,
)
from panels.models import ShareAim, ShareChange, ShareRequest, ShareRun
from panels.rules import scoring, share, shared
from panels.rules.share import Offer, Pair
from panels.share_effect import Effect, effect_of

LATEST = 5
"""How many changes by hand stand on the first page."""

MOST_TO_CHOOSE = 12
"""How many people a bid can be given to are shown at once; anybody else is looked for by name."""

LOOK_AGAIN = 3
"""Seconds until the page of a share-out at work looks again by itself."""

SLOW = 60
"""Seconds after which a request that nobody has begun is worth telling somebody about."""


# ---- The proposal ---------------------------------------------------------------------------
@permitted(Permission.SHARE_OUT)
@require_safe
def sharing_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What the newest proposal does to people and to bids, and what it could not do."""
    round = find_round(request, slug)
    bids = share.listed_bids(round)
    offers = share.offers(round, bids, on=clock.today())
    run = share.newest_run(round)
    asked = shared.newest_request(round)
    facts = shared.facts_for(round, bids, offers)
    effect = effect_of(facts, shared.pairs_shown(round, run))
    changes = _changes(round, LATEST) if run else None
    context = {
        "round": round,
        "programme": round.programme,
        "run": run,
        "asked": asked if asked and not asked.done_at else None,
        "failed": _failed(asked, run),
        "effect": effect,
        "bids": len(facts.serves),
        "spread": _spread(effect),
        "spread_total": sum(effect.spread),
        "people": len(offers),
        "waiting": sum(bool(row.still_to_declare) for row in offers),
        "may": share.may_share_out(round, reader(request), on=clock.today()),
        "may_undo": run is not None and run.confirmed_at and not vars(run)["opened"],
        "aim": ShareAim(run.aim if run else share.aim_of(round)).label,
        "changes": changes,
        **_help(run, effect, offers),
    }
    return render(request, "panels/sharing_detail.html", context)


def _failed(asked: ShareRequest | None, run: ShareRun | None) -> str:
    """Why the newest request gave nothing, unless something newer worked."""
    if asked is None or not asked.sentence:
        return ""
    return "" if run and run.proposed_at > asked.asked_at else asked.sentence


def _spread(effect: Effect) -> list[dict[str, Any]]:
    """How full people's shares are, as parts of a bar."""
    labels = (
        _("Nothing"),
        _("Up to half of what they offered"),
        _("More than half"),
        _("All they offered"),
    )
    return [
        {"label": label, "value": value, "fill": fill}
        for label, value, fill in zip(labels, effect.spread, (4, 3, 2, 1), strict=True)
    ]


def _help(run: ShareRun | None, effect: Effect, offers: Sequence[Offer]) -> dict[str, Any]:
    """What would fill the empty places, and what the panel's own aim costs, if anything."""
    if run is None:
        return {}
    names = {offer.member.pk: str(offer.member) for offer in offers}
    price = run.answer.get("price")
    remedies = run.answer.get("remedies", ()) if effect.empty or effect.no_experienced else ()
    return {
        "remedies": shared.remedy_words(remedies, names),
        "price": price
        and {
            **price,
            "more": [
                {"name": names[who], "now": now, "before": before, "limit": limit}
                for who, now, before, limit in price["more"]
                if who in names
            ],
        },
    }


def _changes(round: Round, most: int | None = None) -> dict[str, Any]:
    """Every change made by hand in this round, newest first, and how many there are."""
    rows = ShareChange.objects.filter(run__round=round).select_related(
        "application", "taken_from__person", "given_to__person", "made_by"
    )
    newest = list(rows.order_by("-pk")[: most + 1 if most else None])
    count = len(newest) if most is None or len(newest) <= most else rows.count()
    return {"rows": newest[:most], "count": count, "more": count > len(newest[:most])}


@permitted(Permission.SHARE_OUT)
@require_POST
def propose_sharing(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a proposal. A worker takes it from here; pressing twice asks once."""
    round = find_round(request, slug)
    actions.ask_for_sharing(round=round, by=reader(request), at=clock.now())
    return redirect("sharing_progress", slug)


@permitted(Permission.SHARE_OUT)
@require_safe
def sharing_progress(request: HttpRequest, slug: str) -> HttpResponse:
    """How far the working out has come. The page looks again by itself, with no script."""
    round = find_round(request, slug)
    asked = shared.newest_request(round)
    if asked is None or asked.done_at:
        if asked and asked.run_id:
            messages.success(
                request, _("Here is the proposal. It is not real until you confirm it.")
            )
        return redirect("sharing_detail", slug)
    stages = list(ShareRequest.Stage)[:-2]
    at = stages.index(ShareRequest.Stage(asked.stage))
    steps = [
        {"label": stage.label, "done": place < at, "now": place == at}
        for place, stage in enumerate(stages)
    ]
    waited = (clock.now() - asked.asked_at).total_seconds()
    context = {
        "round": round,
        "programme": round.programme,
        "asked": asked,
        "steps": steps,
        "seconds": max(0, int(waited)),
        "slow": asked.claimed_until is None and waited > SLOW,
        "lost": asked.claimed_until is not None and asked.claimed_until < timezone.now(),
    }
    response = render(request, "panels/sharing_progress.html", context)
    # A header and not a script: it works for everybody, and nothing can be typed on this page.
    response.headers["Refresh"] = str(LOOK_AGAIN)
    return response


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
        words = ngettext(
            "%(count)s reading is given out.",
            "%(count)s readings are given out.",
            len(given),
        )
        messages.success(request, words % {"count": len(given)})
        return redirect("sharing_detail", slug)
    pairs = share.pairs_of(run)
    have = share.counting(round)
    context = {
        "round": round,
        "programme": round.programme,
        "form": form,
        "run": run,
        "bids": len({bid for bid, _member in pairs - have}),
        "people": len({member for _bid, member in pairs - have}),
        "kept": len(pairs & have),
        "changes": len(run.changes.all()),
    }
    return render(
        request, "panels/confirm_sharing.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.SHARE_OUT)
def undo_sharing(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the share-out back, with a reason, while nobody has opened a bid of it."""
    round = find_round(request, slug)
    run = share.newest_run(round)
    if run is None:
        raise Http404
    share.may_look_at_undoing(run, reader(request), on=clock.today()).require()
    form = UndoSharingForm(posted(request))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.undo_sharing(run=run, reason=reason, by=reader(request), at=clock.now())
        messages.success(request, _("Taken back. It is a proposal again, as it stood."))
        return redirect("sharing_detail", slug)
    people = run.assigned.filter(ended_at=None).values("member").distinct().count()
    context = {"round": round, "programme": round.programme, "form": form, "people": people}
    return render(request, "panels/undo_sharing.html", context, status=422 if form.errors else 200)


# ---- One change by hand ---------------------------------------------------------------------
@permitted(Permission.SHARE_OUT)
def change_share(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change by hand who reads one bid: first see what it does, then do it, with a reason."""
    round = find_round(request, slug)
    run = share.newest_run(round)
    bid = share.bids_with_length(round).filter(pk=pk).first()
    if run is None or bid is None or bid.withdrawn_at:
        raise Http404
    by = reader(request)
    share.may_share_out(round, by, on=clock.today()).require()
    look = _Look(round, run, bid, FindForm(request.GET))
    form = ChangeShareForm(posted(request), readers=look.readers(), others=look.takers())
    effect = None
    if form.is_valid():
        chosen = look.chosen(form.cleaned_data)
        reason = form.cleaned_data["reason"]
        if form.was_seen():
            actions.change_share(
                run=run, application=bid, **chosen, reason=reason, by=by, at=clock.now()
            )
            messages.success(request, _("The share is changed. Your reason is on the record."))
            return redirect("sharing_detail", slug)
        may = share.may_change_share(run, bid, **chosen, reason=reason, by=by, on=clock.today())
        may.require()
        effect = {**look.effect(**chosen), "send": form.once_seen()}
    context = {
        "round": round,
        "programme": round.programme,
        "bid": bid,
        "run": run,
        "form": form,
        "look": look,
        "effect": effect,
    }
    return render(request, "panels/change_share.html", context, status=422 if form.errors else 200)


@permitted(Permission.SHARE_OUT)
def note_formats(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """In which forms a bid cannot be had: who needs one of them is not asked to read it."""
    round = find_round(request, slug)
    bid = share.bids_with_length(round).filter(pk=pk, withdrawn_at=None).first()
    if bid is None:
        raise Http404
    bid.round = round
    by = reader(request)
    share.may_share_out(round, by, on=clock.today()).require()
    had = list(bid.format_gaps.all())
    initial = {
        "without": [row.format for row in had],
        "reason": had[0].reason if had else "",
    }
    form = FormatGapsForm(posted(request), initial=initial)
    if form.is_valid():
        actions.note_formats(application=bid, **form.cleaned_data, by=by, at=clock.now())
        messages.success(request, _("Saved. It counts from the next proposal on."))
        return redirect("sharing_bids", slug)
    context = {"round": round, "programme": round.programme, "bid": bid, "form": form}
    return render(request, "panels/note_formats.html", context, status=422 if form.errors else 200)


class _Look:
    """One bid, who reads it, who could, and what a change would do."""

    def __init__(self, round: Round, run: ShareRun, bid: Application, find: FindForm) -> None:
        self.round, self.run, self.bid, self.find = round, run, bid, find
        self.words = find.cleaned_data["q"].casefold() if find.is_valid() else ""
        self.bids = share.listed_bids(round)
        self.offers = share.offers(round, self.bids, on=clock.today())
        self.members = {offer.member.pk: offer.member for offer in self.offers}
        self.pairs = share.pairs_now(run)
        rows = share.by_load(round, bid, self.offers, self.pairs)
        can = [(who, code) for who, code in rows if code.startswith("load") and self._meant(who)]
        self.found = len(can)
        self.can, self.more = can[:MOST_TO_CHOOSE], max(0, len(can) - MOST_TO_CHOOSE)
        self.rest = [(who, code) for who, code in rows if not code.startswith("load")]

    def _meant(self, who: int) -> bool:
        return self.words in str(self.members[who]).casefold()

    def chosen(self, data: dict[str, Any]) -> dict[str, Member | None]:
        """Who gives the bid up and who takes it, as the form says."""
        return {
            name: None if data[name] == NOBODY else self.members[int(data[name])]
            for name in ("taken_from", "given_to")
        }

    def readers(self) -> list[Member]:
        own = sorted(who for bid, who in self.pairs if bid == self.bid.pk)
        return [self.members[who] for who in own if who in self.members]

    def takers(self) -> list[tuple[Member, str]]:
        return [(self.members[who], share.why_not_words(code)) for who, code in self.can]

    def team(self) -> list[dict[str, Any]]:
        """Who reads it now, and why, as anybody may hear it."""
        return [
            {
                "member": member,
                "why": shared.reason_words_for_others(share.codes_of(self.run, self.bid, member)),
            }
            for member in self.readers()
        ]

    def cannot(self) -> list[dict[str, Any]]:
        """Those who cannot take it: by name where they are looked for, else how many for each
        reason."""
        rows: dict[str, list[Member]] = {}
        for who, code in self.rest:
            if not self.words or self._meant(who):
                rows.setdefault(share.why_not_words(code), []).append(self.members[who])
        return [
            {
                "why": why,
                "members": found[:MOST_TO_CHOOSE],
                "count": len(found),
                "more": max(0, len(found) - MOST_TO_CHOOSE),
            }
            for why, found in sorted(rows.items())
        ]

    def effect(self, taken_from: Member | None, given_to: Member | None) -> dict[str, Any]:
        """The whole share-out before and after, and the two people's own shares."""
        facts = shared.facts_for(self.round, self.bids, self.offers)
        after = set(self.pairs)
        if taken_from:
            after.discard((self.bid.pk, taken_from.pk))
        if given_to:
            after.add((self.bid.pk, given_to.pk))
        people = [
            (str(member), self._load(member, self.pairs), self._load(member, after))
            for member in (taken_from, given_to)
            if member
        ]
        whole = shared.effect_rows(effect_of(facts, self.pairs), effect_of(facts, after))
        return {"people": people, "whole": whole}

    def _load(self, member: Member, pairs: frozenset[Pair] | set[Pair]) -> str:
        count = sum(who == member.pk for _bid, who in pairs)
        limit = next(row.limit for row in self.offers if row.member.pk == member.pk)
        return shared.load_words(count, limit)


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
