"""Saying whom one knows: one calm page of names for each lot, before anything of a bid is shown."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from applications.models import Application
from commissioning.models import Lot, Member
from ledger import clock
from panels import actions
from panels.actions import Knows
from panels.forms import HowForm, KnowForm, LateForm
from panels.models import Interest
from panels.rules import interests as rules
from panels.views.volunteer import own_reading

AT_ONCE = 25


def _place(request: HttpRequest, lot_id: int) -> tuple[Member, Lot, str]:
    """The reader's place, the lot, and the mark of its list; refused when it is not the time."""
    members = Member.objects.here().select_related("round__chain", "person")
    member = get_object_or_404(members, round__lots=lot_id, person=reader(request))
    lot = get_object_or_404(Lot, pk=lot_id)
    rules.may_declare(member, lot, member.person, on=clock.today()).require()
    return member, lot, rules.digests([lot.pk])[lot.pk]


def _kept(request: HttpRequest, lot: Lot, mark: str) -> dict[str, Any]:
    """What the reader has ticked so far on this very list: pages looked at, and bids they know."""
    key = f"know-{lot.pk}"
    kept: dict[str, Any] = request.session.get(key, {})
    return kept if kept.get("mark") == mark else {"mark": mark, "pages": [], "known": []}


@permitted(Permission.DECLARE)
def declare_interests(request: HttpRequest, pk: int) -> HttpResponse:
    """The names of a lot's bids, 25 a page: a box where the reader knows somebody, and one for
    "nobody in the rest" on the last page."""
    member, lot, mark = _place(request, pk)
    kept = _kept(request, lot, mark)
    pages = Paginator(list(rules.names_only(lot)), AT_ONCE)
    page = pages.get_page(request.GET.get("page"))
    first_left = next((n for n in pages.page_range if n not in kept["pages"]), page.number)
    if page.number > first_left:
        return redirect(f"{request.path}?page={first_left}")
    form = KnowForm(
        posted(request),
        bids=page.object_list,
        last=not page.has_next(),
        initial={f"bid_{known}": True for known in kept["known"]},
    )
    if request.method == "POST" and form.is_valid():
        return _go_on(request, member, lot, page, form, kept)
    return render(
        request,
        "panels/declare_interests.html",
        {"lot": lot, "page": page, "form": form, "rows": form.rows()},
        status=422 if form.errors else 200,
    )


def _go_on(
    request: HttpRequest,
    member: Member,
    lot: Lot,
    page: Page[Application],
    form: KnowForm,
    kept: dict[str, Any],
) -> HttpResponse:
    """Keep what was ticked; then the next page, or how they know them, or done."""
    here = {bid.pk for bid in form.bids}
    known = sorted({pk for pk in kept["known"] if pk not in here} | set(form.known()))
    seen = sorted({*kept["pages"], page.number})
    request.session[f"know-{lot.pk}"] = {"mark": kept["mark"], "pages": seen, "known": known}
    if page.has_next():
        return redirect(f"{request.path}?page={page.next_page_number()}")
    if known:
        return redirect("say_how_you_know", lot.pk)
    return _declare(request, member, lot, kept["mark"], [])


def _declare(
    request: HttpRequest, member: Member, lot: Lot, mark: str, knows: list[Knows]
) -> HttpResponse:
    actions.declare(
        member=member, lot=lot, knows=knows, seen=mark, by=member.person, at=clock.now()
    )
    request.session.pop(f"know-{lot.pk}", None)
    if any(tie.kind == Interest.Kind.DIRECT for tie in knows):
        messages.success(request, _("Thank you. You now stand aside from “%s”.") % lot)
    else:
        messages.success(request, _("Thank you. You have said who you know in “%s”.") % lot)
    return redirect("my_bids")


@permitted(Permission.DECLARE)
def say_how_you_know(request: HttpRequest, pk: int) -> HttpResponse:
    """How the reader knows the people in the bids they ticked, and what follows from it."""
    member, lot, mark = _place(request, pk)
    kept = _kept(request, lot, mark)
    bids = list(rules.names_only(lot).filter(pk__in=kept["known"]))
    if not bids:
        return redirect("declare_interests", pk)
    form = HowForm(posted(request), bids=bids)
    if form.is_valid():
        data = form.cleaned_data
        knows = [
            Knows(bid, Interest.Kind(data[f"kind_{bid.pk}"]), data[f"words_{bid.pk}"])
            for bid in bids
        ]
        return _declare(request, member, lot, mark, knows)
    back = reverse("declare_interests", args=[pk])
    context = {"lot": lot, "form": form, "back": back}
    return render(
        request, "panels/say_how_you_know.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.DECLARE)
def declare_late(request: HttpRequest, pk: int) -> HttpResponse:
    """A reader finds, while reading or later, that they know people in a bid."""
    reading = own_reading(request, pk)
    bid, member = reading.assignment.application, reading.assignment.member
    rules.may_declare_late(member, bid, member.person).require()
    form = LateForm(posted(request))
    if form.is_valid():
        actions.declare_late(
            member=member,
            application=bid,
            kind=Interest.Kind(form.cleaned_data["kind"]),
            words=form.cleaned_data["words"],
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("Thank you for telling us. The bid is out of your hands now."))
        return redirect("my_bids")
    context = {"reading": reading, "bid": bid, "form": form}
    return render(request, "panels/declare_late.html", context, status=422 if form.errors else 200)
