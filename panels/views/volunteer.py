"""A volunteer's start page, their share, and reading one bid."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.documents import as_download
from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from accounts.versions import Stale
from applications import parts
from applications.models import Correction, Document
from applications.redaction import for_readers, hide
from commissioning.hours import pace_for
from commissioning.models import Criterion, Member
from commissioning.workload import estimate
from ledger import clock
from panels import actions
from panels.forms import FindForm, NotesForm, ReplyForm
from panels.milestones import milestone
from panels.models import ShareReply
from panels.rules import scoring as rules
from panels.rules import share
from panels.rules.desk import Desk, desks, minutes_to_read
from panels.rules.own_scores import own_scores
from panels.rules.parts import map_of, parts_of
from panels.rules.scoring import Reading
from panels.views import saving

OTHERS_AT_ONCE = 25


def own_reading(request: HttpRequest, pk: int) -> Reading:
    """A bid in this reader's hands; for anybody else it is not there."""
    reading = rules.find_reading(reader(request), pk)
    if reading is None:
        raise Http404
    return reading


# ---- The start page -------------------------------------------------------------------------
@permitted(Permission.READ_BIDS)
@require_safe
def my_bids(request: HttpRequest) -> HttpResponse:
    """What is left to read, in words, and the one thing to do next."""
    rows = [
        {
            "desk": desk,
            "tasks": [_task(row) for row in desk.readings],
            "begun": any(row.begun or row.sent_sheet for row in desk.readings),
            **_next(desk),
        }
        for desk in desks(reader(request))
    ]
    return render(request, "panels/my_bids.html", {"rows": rows})


def _task(reading: Reading) -> dict[str, str]:
    """One bid in the list, with how far it has got in words."""
    bid = reading.assignment.application
    word, kind = _status(reading)
    task = {"label": f"{bid.reference}: {bid}", "status": word, "kind": kind}
    task["hint"] = _("From %(group)s.") % {"group": reading.group}
    if reading.sent_sheet:
        task["url"] = reverse("scores_sent", args=[reading.assignment.pk])
    elif reading.waiting_sheet:
        task["url"] = reverse("confirm_typed_scores", args=[reading.waiting_sheet])
    elif reading.declared and reading.scoring_opened and not reading.withdrawn:
        task["url"] = reverse("read_bid", args=[reading.assignment.pk])
    return task


def _status(reading: Reading) -> tuple[str, str]:
    if reading.withdrawn:
        return _("Taken back by the group"), "rest"
    if reading.sent_sheet:
        return _("Sent"), "done"
    if reading.abstained:
        return _("You cannot score this"), "done"
    if reading.waiting_sheet:
        return _("Please check"), "now"
    if not reading.declared:
        return _("Say who you know first"), "wait"
    if reading.scoring_closed:
        return _("Not sent, so not counted"), "care"
    return (_("Not sent yet"), "now") if reading.begun else (_("Not started"), "todo")


def _next(desk: Desk) -> dict[str, Any]:
    """The one thing to do next in a round: a sentence, a button, where it leads, the minutes."""
    if desk.may_declare:
        lot = desk.may_declare[0]
        return {
            "sentence": _("Say who you know in “%(lot)s”.") % {"lot": lot},
            "button": _("Look at the names"),
            "url": reverse("declare_interests", args=[lot.pk]),
            "minutes": 10,
        }
    if desk.waiting:
        return {
            "sentence": _("Check the scores that were typed for you."),
            "button": _("Check them"),
            "url": reverse("confirm_typed_scores", args=[desk.waiting[0].waiting_sheet]),
            "minutes": 5,
        }
    if desk.to_read:
        following = desk.to_read[0]
        return {
            "sentence": _("You have sent %(sent)s of %(all)s.")
            % {"sent": desk.sent, "all": len(desk.live)},
            "button": _("Go on with the next bid") if desk.sent else _("Go to your first bid"),
            "url": reverse("read_bid", args=[following.assignment.pk]),
            "minutes": minutes_to_read(following),
            "next_bid": True,
            "milestone": milestone(sent=desk.sent, of=len(desk.live)),
        }
    return {"sentence": "", "all_sent": bool(desk.live) and desk.sent == len(desk.live)}


def _why(desk: Desk, mates: dict[int, Any]) -> list[Any]:
    """Why each bid came to this reader, in words."""
    own = f"load:{len(desk.live)}/{desk.limit}"  # as it is today, whatever it was when given
    return [
        share.reason_words(
            [own if code.startswith("load") else code for code in row.assignment.reasons],
            mates.get(row.assignment.application_id, {}),
        )
        for row in desk.live
    ]


def _said_of_all(reasons: list[list[str]]) -> list[str]:
    """What is true of every bid, so that it is said once."""
    first = reasons[0] if len(reasons) > 1 else []
    return [words for words in first if all(words in others for others in reasons)]


@permitted(Permission.READ_BIDS)
def reply_to_share(request: HttpRequest, pk: int) -> HttpResponse:
    """A reader's share, why each bid came to them, and whether it is right for them."""
    desk = next((row for row in desks(reader(request)) if row.member.pk == pk), None)
    if desk is None:
        raise Http404
    member = desk.member
    form = ReplyForm(posted(request))
    if form.is_valid():
        wanted = form.cleaned_data["bids_wanted"]
        fine = form.cleaned_data["answer"] == ShareReply.Answer.FINE
        actions.reply_to_share(
            member=member,
            answer=form.cleaned_data["answer"],
            bids_wanted=desk.limit if fine else wanted,
            by=member.person,
            at=clock.now(),
        )
        messages.success(request, _("Thank you. A facilitator will see what you said."))
        return redirect("my_bids")
    minutes = [minutes_to_read(row) for row in desk.live]
    lengths = [row.assignment.version.words for row in desk.live]
    load = estimate(len(lengths), share=lengths, pace=pace_for(member.round))
    mates = share.mates_by_bid(member, [row.assignment.application_id for row in desk.live])
    reasons = _why(desk, mates)
    shared = _said_of_all(reasons)
    bids = [
        {
            "bid": row.assignment.application,
            "minutes": minutes_to_read(row),
            "reasons": [words for words in said if words not in shared],
            "back": rules.may_hand_back(row, member.person) and row.assignment.pk,
        }
        for row, said in zip(desk.live, reasons, strict=True)
    ]
    return render(
        request,
        "panels/reply_to_share.html",
        {
            "form": form,
            "desk": desk,
            "bids": bids,
            "shared": shared,
            "may": share.may_reply_to_share(member, member.person),
            "minutes": sum(minutes),
            "load": load,
            "told": (member.hours_low, member.hours_high),
        },
        status=422 if form.errors else 200,
    )


@permitted(Permission.READ_BIDS)
@require_safe
def other_bids(request: HttpRequest, pk: int) -> HttpResponse:
    """The bids a reader does not have, and why each one is not theirs. Names only."""
    members = Member.objects.here().select_related("round__programme")
    member = get_object_or_404(members, pk=pk, person=reader(request))
    member.person = reader(request)  # whose roles are known by now
    find = FindForm(request.GET or None, label=_("Look for a bid or a group"))
    words, _show = find.wants()
    others = share.not_mine(member, words, on=clock.today())
    page = Paginator(others.bids, OTHERS_AT_ONCE).get_page(request.GET.get("page"))
    context = {
        "round": member.round,
        "programme": member.round.programme,
        "member": member,
        "find": find,
        "looking": bool(words),
        "page": page,
        "query": f"{urlencode({'q': words})}&" if words else "",
        "rows": others.reasons(list(page.object_list)),
        "mine": others.count,
        "limit": others.offer.limit if others.offer else 0,
    }
    return render(request, "panels/other_bids.html", context)


@permitted(Permission.READ_BIDS)
@require_safe
def my_scores(request: HttpRequest, pk: int) -> HttpResponse:
    """A reader's own scores, bid beside bid. Nobody else's."""
    members = Member.objects.here().select_related("round__programme")
    member = get_object_or_404(members, pk=pk, person=reader(request))
    member.person = reader(request)
    criteria, rows = own_scores(member)
    context = {
        "round": member.round,
        "programme": member.round.programme,
        "criteria": criteria,
        "rows": [
            {
                "bid": row.reading.assignment.application,
                "status": _status(row.reading),
                "cells": list(zip(criteria, row.words, strict=True)),
                "url": _task(row.reading).get("url", ""),
            }
            for row in rows
            if row.begun
        ],
        "count": len(rows),
        "open": any(row.reading.scoring_opened and not row.reading.scoring_closed for row in rows),
    }
    return render(request, "panels/my_scores.html", context)


# ---- Reading --------------------------------------------------------------------------------
@permitted(Permission.READ_BIDS)
def read_bid(request: HttpRequest, pk: int) -> HttpResponse:
    """The bid as it was sent, laid out for reading, with the reader's own notes below."""
    reading = own_reading(request, pk)
    rules.may_read(reading, reader(request), on=clock.today()).require()
    context = {"reading": reading, "bid": reading.assignment.application}
    if not reading.assignment.started_at:
        minutes = minutes_to_read(reading)
        return render(request, "panels/read_bid_first.html", {**context, "minutes": minutes})
    draft = getattr(reading.assignment, "bid_draft", None)
    notes = {"notes": draft.notes, "version": draft.version} if draft else {"version": 0}
    form = NotesForm(posted(request), initial=notes)
    if request.method == "POST":
        answer = _save_notes(request, reading, form)
        if answer is not None:
            return answer
    criteria = list(Criterion.objects.agreed_for(reading.round))
    content = reading.content
    parts = parts_of(content, criteria)
    return render(
        request,
        "panels/read_bid.html",
        {
            **context,
            "form": form,
            "content": content,
            "answers": parts,
            "map": map_of(parts, criteria),
            "may_print": bool(rules.may_print(reading, reader(request))),
            "first": criteria[0] if criteria else None,
            "may_score": bool(rules.may_score(reading, reader(request), on=clock.today())),
        },
        status=422 if form.errors else 200,
    )


def _save_notes(request: HttpRequest, reading: Reading, form: NotesForm) -> HttpResponse | None:
    """Keep a reader's own notes; None when the page must be shown again."""
    if not form.is_valid():
        return saving.not_kept(form) if saving.is_autosave(request) else None
    at = clock.now()
    try:
        draft = actions.save_bid_draft(
            assignment=reading.assignment,
            notes=form.cleaned_data["notes"],
            version=form.cleaned_data["version"] or 0,
            client_id=saving.client_id(request),
            by=reader(request),
            at=at,
        )
    except Stale as error:
        if saving.is_autosave(request):
            return saving.changed(error, form)
        return both_texts(request, error, form, reverse("read_bid", args=[reading.assignment.pk]))
    if saving.is_autosave(request):
        return saving.kept(draft.version, draft.saved_at)
    messages.success(request, _("Your notes are saved."))
    return redirect("read_bid", reading.assignment.pk)


def both_texts(request: HttpRequest, error: Stale, form: Any, back_url: str) -> HttpResponse:
    """Another save came first: both texts on one page, and the reader's own button decides."""
    texts = saving.both_texts(error, form)
    form.data = saving.with_version(form.data, error.version)
    context = {"form": form, "texts": texts, "back_url": back_url}
    return render(request, "panels/both_texts.html", context, status=409)


@permitted(Permission.READ_BIDS)
@require_POST
def start_reading(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a bid for the first time."""
    reading = own_reading(request, pk)
    actions.start_reading(assignment=reading.assignment, by=reader(request), at=clock.now())
    return redirect("read_bid", pk)


@permitted(Permission.READ_BIDS)
@require_POST
def take_new_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """See what was put right in a bid since I opened it."""
    reading = own_reading(request, pk)
    actions.take_new_copy(assignment=reading.assignment, by=reader(request), at=clock.now())
    return redirect("what_changed", pk)


@permitted(Permission.READ_BIDS)
@require_safe
def what_changed(request: HttpRequest, pk: int) -> HttpResponse:
    """Each part that was put right in the copy I read: as it was, and as it is."""
    reading = own_reading(request, pk)
    rules.may_read(reading, reader(request), on=clock.today()).require()
    if not reading.mended or not reading.assignment.started_at:
        return redirect("read_bid", pk)
    bid = reading.assignment.application
    context = {"reading": reading, "bid": bid, "changes": _changes(reading)}
    return render(request, "panels/what_changed.html", context)


def _changes(reading: Reading) -> list[dict[str, Any]]:
    """Every part put right up to the copy in the reader's hands, the newest first (2 queries)."""
    row = reading.assignment
    versions = row.application.versions.all()
    copies = {version.number: for_readers(version.content) for version in versions}
    mended = Correction.objects.filter(
        application=row.application_id, version__number__lte=row.version.number
    ).select_related("version", "rule")
    found = []
    for one in mended.order_by("-version__number"):
        number = one.version.number if one.version else 0
        before, after = copies[number - 1], copies[number]
        found.append(
            {
                "correction": one,
                "words": hide(one.words),
                "reason": hide(one.reason),
                "label": parts.label_of(after, one.part),
                "before": parts.as_text(one.part, parts.value_of(before, one.part)),
                "after": parts.as_text(one.part, parts.value_of(after, one.part)),
            }
        )
    return found


@permitted(Permission.READ_BIDS)
@require_safe
def bid_document(request: HttpRequest, pk: int, uuid: UUID) -> HttpResponse:
    """One file of a bid that is in the reader's hands, from the copy they read."""
    reading = own_reading(request, pk)
    rules.may_read(reading, reader(request), on=clock.today()).require()
    listed = {row["uuid"] for row in reading.assignment.version.content.get("documents", [])}
    if str(uuid) not in listed:
        raise Http404
    documents = Document.objects.filter(application=reading.assignment.application_id)
    file: Any = as_download(get_object_or_404(documents, uuid=uuid))
    return file  # type: ignore[no-any-return]  # a file answer is an answer, whatever stubs say
