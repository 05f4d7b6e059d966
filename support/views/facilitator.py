"""A facilitator's pages: training and who has done it, adjustments, good words."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import posted
from accounts.paper import on_paper, wants_paper
from accounts.permissions import Permission, permitted, reader
from commissioning.models import Member, Round
from ledger import clock
from support import actions
from support.forms import AgreedForm, EncouragementForm, TopicForm, TypeWhatHelps, WhoCame
from support.models import Adjustment, Format, FormatNeed, TrainingTopic
from support.practice import answers, asked, beside_others, practice_bid


@permitted(Permission.LOOK_AFTER)
@require_safe
def training_progress(request: HttpRequest, round: str) -> HttpResponse:
    """Each topic with how many have done it, and each member with what is left."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    topics = list(TrainingTopic.objects.filter(round=found).annotate(finished=Count("done")))
    members = (
        Member.objects.here()
        .filter(round=found)
        .select_related("person")
        .annotate(finished=Count("training_done", filter=Q(training_done__topic__required=True)))
        .order_by("person__name", "pk")
    )
    required = sum(topic.required for topic in topics)
    page = Paginator(members, 25).get_page(request.GET.get("page"))
    facts = {"round": found, "topics": topics, "page": page, "required": required}
    return render(request, "support/training_progress.html", facts)


@permitted(Permission.LOOK_AFTER)
@require_POST
def start_training(request: HttpRequest, round: str) -> HttpResponse:
    """Put the usual topics in place."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    actions.start_training(round=found, by=reader(request), at=clock.now())
    messages.success(request, _("The usual topics are in place. You can change them."))
    return redirect("training_progress", round=round)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def change_topic(request: HttpRequest, round: str, topic: str) -> HttpResponse:
    """Change a topic's title, sentence, minutes, or whether it must be done."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    row = get_object_or_404(TrainingTopic, round=found, slug=topic)
    form = TopicForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        if changes:
            actions.change_topic(topic=row, changes=changes, by=reader(request), at=clock.now())
        messages.success(request, _("Saved."))
        return redirect("training_progress", round=round)
    page = {"round": found, "topic": row, "form": form}
    return render(request, "support/change_topic.html", page, status=422 if form.errors else 200)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def note_attendance_at_training(request: HttpRequest, round: str, topic: str) -> HttpResponse:
    """Note who came to a training session."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    row = get_object_or_404(TrainingTopic, round=found, slug=topic)
    left = Member.objects.here().filter(round=found).exclude(training_done__topic=row)
    form = WhoCame(request.POST or None, members=left.select_related("person"))
    if request.method == "POST" and form.is_valid():
        new = actions.note_attendance_at_training(
            topic=row, members=form.cleaned_data["members"], by=reader(request), at=clock.now()
        )
        words = ngettext("%(new)s person noted.", "%(new)s people noted.", new)
        messages.success(request, words % {"new": new})
        return redirect("training_progress", round=round)
    page = {"round": found, "topic": row, "form": form, "anyone": left.exists()}
    return render(
        request,
        "support/note_attendance_at_training.html",
        page,
        status=422 if form.errors else 200,
    )


@permitted(Permission.LOOK_AFTER)
@require_safe
def training_pack(request: HttpRequest, round: str) -> HttpResponse:
    """The topics that must be done, for paper: to read, and their friendly questions."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    topics = TrainingTopic.objects.filter(round=found, required=True)
    return render(request, "support/training_pack.html", {"round": found, "topics": topics})


@permitted(Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def type_what_helps(request: HttpRequest, round: str, member: int) -> HttpResponse:
    """Type what would help a volunteer, and which forms they need, as they said it."""
    rows = Member.objects.here().filter(round__in=Round.objects.visible_to(request.user))
    rows = rows.filter(round__slug=round).select_related("person", "round__chain")
    found = get_object_or_404(rows, pk=member)
    had = [row.format for row in found.format_needs.all()]
    form = TypeWhatHelps(posted(request), initial={"formats": had})
    if wants_paper(request):
        facts = {"round": found.round, "whose": found.person.name}
        return on_paper(request, form, title=_("What helps me"), facts=facts)
    if form.is_valid():
        said, me, at = form.cleaned_data, reader(request), clock.now()
        actions.say_formats(member=found, formats=said["formats"], by=me, at=at)
        if said["asked"]:
            actions.ask_for_adjustment(member=found, asked=said["asked"], by=me, at=at)
        messages.success(request, _("Kept. Now say what we will do for them."))
        return redirect("adjustment_list", round=round)
    page = {"member": found, "form": form}
    return render(request, "support/type_what_helps.html", page, status=422 if form.errors else 200)


@permitted(Permission.LOOK_AFTER)
@require_safe
def practice_pack(request: HttpRequest, round: str) -> HttpResponse:
    """The practice bid for paper: to read, to score, and a last sheet to look at afterwards.

    It holds the made-up people's scores only; no volunteer's practice reaches staff.
    """
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    whole = practice_bid()
    facts = {"bid": whole["bid"], "criteria": whole["criteria"], "levels": whole["levels"]}
    page = {"round": found, "answers": answers(), "asked": asked(), "points": beside_others({}, [])}
    return render(request, "support/practice_pack.html", {**page, **facts})


@permitted(Permission.LOOK_AFTER)
@require_safe
def adjustment_list(request: HttpRequest, round: str) -> HttpResponse:
    """What people asked for, what was agreed, and what still waits for an answer."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    rows = Adjustment.objects.filter(member__round=found, ended_at=None)
    page = Paginator(rows.select_related("member__person"), 25).get_page(request.GET.get("page"))
    context = {"round": found, "page": page, "formats": _formats(found)}
    return render(request, "support/adjustment_list.html", context)


def _formats(round: Round) -> list[dict[str, Any]]:
    """Who needs bids in which form."""
    needs = FormatNeed.objects.filter(member__round=round, member__ended_at=None)
    names: dict[str, list[str]] = {}
    for key, name in needs.order_by("format", "member__person__name").values_list(
        "format", "member__person__name"
    ):
        names.setdefault(key, []).append(name)
    return [{"label": Format(key).label, "names": found} for key, found in names.items()]


@permitted(Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def agree_adjustment(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Say what will be done."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    row = get_object_or_404(
        Adjustment.objects.select_related("member__person", "member__round__chain"),
        member__round=found,
        pk=pk,
    )
    stands = {"agreed": row.agreed, "more_rest_days": row.more_rest_days or None}
    form = AgreedForm(request.POST or None, initial=stands)
    if request.method == "POST" and form.is_valid():
        actions.agree_adjustment(
            adjustment=row,
            agreed=form.cleaned_data["agreed"],
            more_rest_days=form.cleaned_data["more_rest_days"] or 0,
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("Saved. The volunteer is told."))
        return redirect("adjustment_list", round=round)
    page = {"round": found, "adjustment": row, "form": form}
    return render(
        request, "support/agree_adjustment.html", page, status=422 if form.errors else 200
    )


@permitted(Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def encourage(request: HttpRequest, round: str, member: int) -> HttpResponse:
    """Send a volunteer a few good words."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    reads = get_object_or_404(
        Member.objects.here().select_related("person", "round__chain"), round=found, pk=member
    )
    form = EncouragementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        actions.encourage(member=reads, text=text, by=reader(request), at=clock.now())
        messages.success(request, _("Your good words are on their way."))
        return redirect("training_progress", round=round)
    page = {"round": found, "member": reads, "form": form}
    return render(request, "support/encourage.html", page, status=422 if form.errors else 200)
