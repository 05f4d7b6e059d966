"""Coming together: times to learn or to read in company, who is here now, and buddies."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.diary import Appointment, as_file
from accounts.forms import posted
from accounts.paper import on_paper, wants_paper
from accounts.permissions import Permission, Refused, holds, permitted, reader
from commissioning.models import Member, Round
from ledger import clock
from support import actions, rules
from support.forms import (
    AskBuddyForm,
    CallOffForm,
    CameForm,
    ComingForm,
    GatheringForm,
    MoveGatheringForm,
    TypeBuddyForm,
    TypeComingForm,
)
from support.models import Buddies, BuddiesQuerySet, Gathering, GatheringReply
from support.views.volunteer import own_place

FORM = ["GET", "HEAD", "POST"]


def _round(request: HttpRequest, slug: str) -> Round:
    return get_object_or_404(
        Round.objects.visible_to(request.user).select_related("chain"), slug=slug
    )


def _gathering(request: HttpRequest, round: str, pk: int) -> Gathering:
    """A gathering of a round where the reader has a place, or which they run."""
    if not holds(request.user, Permission.LOOK_AFTER):
        own_place(request, round)
    found = Gathering.objects.filter(round__in=Round.objects.visible_to(request.user))
    return get_object_or_404(found.select_related("round__chain"), round__slug=round, pk=pk)


def _of_round(member: Member, pk: int) -> Gathering:
    rows = Gathering.objects.filter(round=member.round).select_related("round__chain")
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, template: str, form: Any, **facts: Any) -> HttpResponse:
    status = 422 if form is not None and form.errors else 200
    return render(request, f"support/{template}.html", {"form": form, **facts}, status=status)


@permitted(Permission.TAKE_PART, Permission.LOOK_AFTER)
@require_safe
def gathering_list(request: HttpRequest, round: str) -> HttpResponse:
    """What is to come first, then what is over."""
    staff = holds(request.user, Permission.LOOK_AFTER)
    found = _round(request, round) if staff else own_place(request, round).round
    now = clock.now()
    rows = Gathering.objects.filter(round=found).annotate(
        coming=Count("replies", filter=Q(replies__coming=True))
    )
    ahead = [row for row in rows if rules.ends_at(row) >= now]
    over = [row for row in reversed(rows) if rules.ends_at(row) < now][:25]
    facts = {"round": found, "staff": staff, "ahead": ahead, "over": over}
    return render(request, "support/gathering_list.html", facts)


@permitted(Permission.TAKE_PART, Permission.LOOK_AFTER)
@require_safe
def gathering_detail(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """When and where, who comes, and while it is on, who is here. Nothing of anybody's reading."""
    found = _gathering(request, round, pk)
    now = clock.now()
    staff = holds(request.user, Permission.LOOK_AFTER)
    replies = list(
        found.replies.filter(member__ended_at=None)
        .select_related("member__person")
        .order_by("member__person__name")
    )
    mine = next((row for row in replies if row.member.person_id == reader(request).pk), None)
    facts = {
        "round": found.round,
        "gathering": found,
        "topics": found.topics.all(),
        "staff": staff,
        "coming": [row for row in replies if row.coming],
        "here": [row for row in replies if _is_here(row, now)],
        "hands": [row for row in replies if row.hand_up_at and _is_here(row, now)] if staff else [],
        "came": [row for row in replies if row.came_at] if staff else [],
        "mine": mine,
        "i_am_here": mine is not None and _is_here(mine, now),
        "is_on": rules.is_on(found, at=now),
        "is_over": rules.is_over(found, at=now),
        "may_move": staff and rules.may_move(found, reader(request), at=now),
        "begun": found.starts_at <= now,
    }
    return render(request, "support/gathering_detail.html", facts)


def _is_here(reply: GatheringReply, now: datetime) -> bool:
    return reply.here_at is not None and now - reply.here_at <= rules.HERE_FOR


@permitted(Permission.TAKE_PART)
@require_http_methods(FORM)
def reply_to_gathering(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Say whether I come, and what would make it easier."""
    member = own_place(request, round)
    found = _of_round(member, pk)
    rules.may_reply(found, member, member.person, at=clock.now()).require()
    mine = found.replies.filter(member=member).first()
    now = {"coming": "yes" if mine.coming else "no", "needs": mine.needs} if mine else {}
    form = ComingForm(posted(request), initial=now)
    if form.is_valid():
        said = form.cleaned_data
        actions.reply_to_gathering(
            gathering=found,
            member=member,
            coming=said["coming"] == "yes",
            needs=said["needs"],
            by=member.person,
            at=clock.now(),
        )
        messages.success(request, _("Thank you. Your answer is written down."))
        return redirect("gathering_detail", round=round, pk=pk)
    return _page(request, "reply_to_gathering", form, round=member.round, gathering=found)


@permitted(Permission.TAKE_PART, Permission.LOOK_AFTER)
@require_safe
def gathering_file(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """The time as a file for a diary; its id stays the same when the time moves."""
    found = _gathering(request, round, pk)
    one = gathering_appointment(found)
    response = HttpResponse(as_file(one), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="together.ics"'
    return response


def gathering_appointment(gathering: Gathering) -> Appointment:
    """A gathering for a diary: the same in its own file and in a person's feed."""
    return Appointment(
        uid=f"together-{gathering.pk}@{settings.BASE_URL}",
        starts_at=gathering.starts_at,
        minutes_long=gathering.minutes_long,
        title=gathering.get_kind_display(),
        written_at=gathering.called_off_at or gathering.changed_at or gathering.arranged_at,
        place=gathering.place,
        link=gathering.link,
        called_off=gathering.called_off_at is not None,
    )


@permitted(Permission.TAKE_PART)
@require_POST
def be_here(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """I am here: pressed once, and then said again by the open page."""
    member = own_place(request, round)
    found = _of_round(member, pk)
    actions.be_here(gathering=found, member=member, by=member.person, at=clock.now())
    return redirect("gathering_detail", round=round, pk=pk)


@permitted(Permission.TAKE_PART)
@require_POST
def raise_hand(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Ask for a facilitator, or say that none is needed any more."""
    member = own_place(request, round)
    found = _of_round(member, pk)
    up = request.POST.get("hand") == "up"
    actions.raise_hand(gathering=found, member=member, by=member.person, at=clock.now(), up=up)
    messages.success(request, _("Somebody will come to you.") if up else _("Your hand is down."))
    return redirect("gathering_detail", round=round, pk=pk)


# ---- A facilitator's ----------------------------------------------------------------------------
@permitted(Permission.LOOK_AFTER)
@require_POST
def come_to_hand(request: HttpRequest, round: str, pk: int, reply: int) -> HttpResponse:
    """I have come to whoever put their hand up."""
    found = _gathering(request, round, pk)
    row = get_object_or_404(found.replies, pk=reply)
    actions.come_to_hand(reply=row, by=reader(request), at=clock.now())
    return redirect("gathering_detail", round=round, pk=pk)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(FORM)
def arrange_gathering(request: HttpRequest, round: str) -> HttpResponse:
    """Set a time to learn or to read together. Everybody in the round is told."""
    found = _round(request, round)
    kind = request.GET.get("kind", "")
    form = GatheringForm(posted(request), round=found, initial={"minutes_long": 120, "kind": kind})
    if form.is_valid():
        facts = {name: form.cleaned_data[name] for name in _WHERE}
        try:
            made = actions.arrange_gathering(
                round=found,
                kind=form.cleaned_data["kind"],
                topics=form.cleaned_data["topics"],
                starts_at=form.starts_at(),
                by=reader(request),
                at=clock.now(),
                **facts,
            )
        except Refused as refused:
            form.add_error("day", str(refused))
        else:
            messages.success(request, _("Everybody in the round is told."))
            return redirect("gathering_detail", round=round, pk=made.pk)
    return _page(request, "arrange_gathering", form, round=found)


_WHERE = ("minutes_long", "place", "link", "notes")


@permitted(Permission.LOOK_AFTER)
@require_http_methods(FORM)
def change_gathering(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Another time or place. Whoever may come is told."""
    found = _gathering(request, round, pk)
    rules.may_move(found, reader(request), at=clock.now()).require()
    here = timezone.localtime(found.starts_at)
    now = {"day": here.date(), "time": f"{here:%H:%M}"}
    form = MoveGatheringForm(
        posted(request), initial={**now, **{name: getattr(found, name) for name in _WHERE}}
    )
    if form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in _WHERE}
        wanted["starts_at"] = form.starts_at()
        changes = {name: value for name, value in wanted.items() if value != getattr(found, name)}
        try:
            if changes:
                actions.change_gathering(
                    gathering=found, changes=changes, by=reader(request), at=clock.now()
                )
        except Refused as refused:
            form.add_error("day", str(refused))
        else:
            messages.success(request, _("Saved. Whoever may come is told."))
            return redirect("gathering_detail", round=round, pk=pk)
    return _page(request, "change_gathering", form, round=found.round, gathering=found)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(FORM)
def call_off_gathering(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """It will not happen."""
    found = _gathering(request, round, pk)
    rules.may_move(found, reader(request), at=clock.now()).require()
    form = CallOffForm(posted(request))
    if form.is_valid():
        actions.call_off_gathering(gathering=found, by=reader(request), at=clock.now())
        messages.success(request, _("Called off. Whoever might come is told."))
        return redirect("gathering_detail", round=round, pk=pk)
    return _page(request, "call_off_gathering", form, round=found.round, gathering=found)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(FORM)
def type_gathering_reply(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Type what somebody told by phone or on paper."""
    found = _gathering(request, round, pk)
    members = Member.objects.here().filter(round=found.round).select_related("person")
    form = TypeComingForm(posted(request), members=members)
    if wants_paper(request):
        title, facts = _("Coming together: my answer"), {"round": found.round}
        mine = {
            "coming": _("Will you come?"),
            "coming.yes": _("Yes, I will come"),
            "needs": _("What would make it easier for you?"),
        }
        return on_paper(request, form, title=title, leave_out=["member"], facts=facts, mine=mine)
    if form.is_valid():
        said = form.cleaned_data
        try:
            actions.reply_to_gathering(
                gathering=found,
                member=said["member"],
                coming=said["coming"] == "yes",
                needs=said["needs"],
                by=reader(request),
                at=clock.now(),
            )
        except Refused as refused:
            form.add_error("member", str(refused))
        else:
            messages.success(request, _("Written down."))
            return redirect("gathering_detail", round=round, pk=pk)
    return _page(request, "type_gathering_reply", form, round=found.round, gathering=found)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(FORM)
def note_who_came(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Note who came; at a session to learn, they have then done its topics."""
    found = _gathering(request, round, pk)
    members = Member.objects.here().filter(round=found.round).select_related("person")
    came = found.replies.filter(came_at__isnull=False).values_list("member", flat=True)
    form = CameForm(posted(request), members=members, initial={"members": list(came)})
    if form.is_valid():
        actions.note_who_came(
            gathering=found,
            members=list(form.cleaned_data["members"]),
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("Written down."))
        return redirect("gathering_detail", round=round, pk=pk)
    return _page(request, "note_who_came", form, round=found.round, gathering=found)


# ---- Buddies ------------------------------------------------------------------------------------
def _free(round: Round) -> Any:
    """Who in the round has no buddy, and was not asked."""
    pairs = Buddies.objects.filter(ended_at=None, asker__round=round)
    taken = Q(pk__in=pairs.values("asker")) | Q(pk__in=pairs.values("asked"))
    return Member.objects.here().filter(round=round).exclude(taken).select_related("person")


def _pairs(round: Round) -> BuddiesQuerySet:
    return Buddies.objects.filter(asker__round=round, ended_at=None).select_related(
        "asker__person", "asked__person", "asker__round__chain", "asked__round__chain"
    )


@permitted(Permission.TAKE_PART)
@require_http_methods(FORM)
def my_buddy(request: HttpRequest, round: str) -> HttpResponse:
    """My buddy and their number; or who asked me; or whom I could ask."""
    member = own_place(request, round)
    pair = _pairs(member.round).of(member).first()
    form = None
    if pair is None:
        form = AskBuddyForm(posted(request), members=_free(member.round).exclude(pk=member.pk))
        if form.is_valid():
            actions.ask_buddy(
                asker=member, asked=form.cleaned_data["asked"], by=member.person, at=clock.now()
            )
            messages.success(request, _("They are asked. You hear when they have answered."))
            return redirect("my_buddy", round=round)
    other = None
    if pair:
        other = (pair.asked if pair.asker_id == member.pk else pair.asker).person
    facts = {"member": member, "pair": pair, "other": other}
    return _page(request, "my_buddy", form, **facts)


def _own_pair(request: HttpRequest, round: str, pk: int) -> Buddies:
    """A pair the reader is in; any of a round they look after."""
    if holds(request.user, Permission.LOOK_AFTER):
        pairs = _pairs(_round(request, round))
    else:
        member = own_place(request, round)
        pairs = _pairs(member.round).of(member)
    found: Buddies = get_object_or_404(pairs, pk=pk)
    return found


def _back(request: HttpRequest, round: str) -> HttpResponse:
    staff = holds(request.user, Permission.LOOK_AFTER)
    return redirect("buddy_list" if staff else "my_buddy", round=round)


@permitted(Permission.TAKE_PART, Permission.LOOK_AFTER)
@require_POST
def accept_buddy(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Say yes to whoever asked."""
    pair = _own_pair(request, round, pk)
    actions.accept_buddy(buddies=pair, by=reader(request), at=clock.now())
    messages.success(request, _("They are buddies now. Both are told."))
    return _back(request, round)


@permitted(Permission.TAKE_PART, Permission.LOOK_AFTER)
@require_POST
def end_buddies(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """End it, with no reason asked."""
    pair = _own_pair(request, round, pk)
    actions.end_buddies(buddies=pair, by=reader(request), at=clock.now())
    messages.success(request, _("It has ended. Nobody is asked why."))
    return _back(request, round)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(FORM)
def buddy_list(request: HttpRequest, round: str) -> HttpResponse:
    """Who rings whom, who has nobody, and typing what people told by phone."""
    found = _round(request, round)
    free = _free(found)
    form = TypeBuddyForm(posted(request), members=free)
    if form.is_valid():
        try:
            actions.ask_buddy(by=reader(request), at=clock.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error("asked", str(refused))
        else:
            messages.success(request, _("Written down. Whoever is asked gets a letter."))
            return redirect("buddy_list", round=round)
    page = Paginator(_pairs(found), 25).get_page(request.GET.get("page"))
    return _page(request, "buddy_list", form, round=found, page=page, anyone=len(free) > 1)
