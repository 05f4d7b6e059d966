"""A volunteer's pages: getting ready, asking for what would help, good words."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted
from commissioning.models import Member, Round
from ledger import clock
from support import actions, rules
from support.forms import AdjustmentForm, FormatsForm, PracticeForm, TopicQuestions
from support.models import Adjustment, PracticeSheet, TrainingTopic
from support.practice import PRACTICE, answers, asked, beside_others, practice_bid


def own_place(request: HttpRequest, slug: str) -> Member:
    """The reader's place in a round; 404 where they have none."""
    rounds = Round.objects.visible_to(request.user)
    return get_object_or_404(
        Member.objects.here().select_related("round__chain", "person"),
        round__in=rounds,
        round__slug=slug,
        person=request.user,
    )


@permitted(Permission.TAKE_PART)
@require_safe
def training_list(request: HttpRequest, round: str) -> HttpResponse:
    """What there is to learn, what is done, and how long the rest takes."""
    member = own_place(request, round)
    done = set(member.training_done.values_list("topic", flat=True))
    topics = list(TrainingTopic.objects.filter(round=member.round))
    left = sum(topic.minutes for topic in topics if topic.required and topic.pk not in done)
    return render(
        request,
        "support/training_list.html",
        {"member": member, "topics": topics, "done": done, "minutes_left": left},
    )


@permitted(Permission.TAKE_PART)
@require_http_methods(["GET", "HEAD", "POST"])
def learn_topic(request: HttpRequest, round: str, topic: str) -> HttpResponse:
    """One topic: its pages, then its questions. Answering them all finishes it."""
    member = own_place(request, round)
    found = get_object_or_404(TrainingTopic, round=member.round, slug=topic)
    if topic == PRACTICE:
        return redirect("practise", round=round)
    form = TopicQuestions(request.POST or None, topic=found)
    if request.method == "POST" and form.is_valid():
        actions.finish_topic(topic=found, member=member, by=member.person, at=clock.now())
        request.session[f"answers:{found.pk}"] = form.answers()
        return redirect("topic_done", round=round, topic=topic)
    status = 422 if form.errors else 200
    page = {"member": member, "topic": found, "form": form}
    return render(request, "support/learn_topic.html", page, status=status)


@permitted(Permission.TAKE_PART)
@require_safe
def topic_done(request: HttpRequest, round: str, topic: str) -> HttpResponse:
    """What each question was about, kindly, and what is left."""
    member = own_place(request, round)
    found = get_object_or_404(TrainingTopic, round=member.round, slug=topic)
    given = request.session.get(f"answers:{found.pk}", [])
    looked_at = [
        {
            "text": question["text"],
            "answer": question["options"][question["answer"]],
            "same": answer == question["answer"],
            "because": question["because"],
        }
        for question, answer in zip(found.questions, given, strict=False)
    ]
    return render(
        request,
        "support/topic_done.html",
        {
            "member": member,
            "topic": found,
            "looked_at": looked_at,
            "left": rules.training_left(member),
        },
    )


@permitted(Permission.TAKE_PART)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_adjustment(request: HttpRequest, round: str) -> HttpResponse:
    """Ask for something that makes taking part easier, and see what was agreed."""
    member = own_place(request, round)
    form = AdjustmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data["asked"]
        actions.ask_for_adjustment(member=member, asked=asked, by=member.person, at=clock.now())
        messages.success(request, _("Thank you. A facilitator will tell you what they can do."))
        return redirect("ask_for_adjustment", round=round)
    status = 422 if form.errors else 200
    rows = member.adjustments.filter(ended_at=None)
    page = {"member": member, "form": form, "adjustments": rows}
    return render(request, "support/ask_for_adjustment.html", page, status=status)


@permitted(Permission.TAKE_PART)
@require_http_methods(["GET", "HEAD", "POST"])
def say_formats(request: HttpRequest, round: str) -> HttpResponse:
    """In which forms somebody has to have a bid."""
    member = own_place(request, round)
    had = [row.format for row in member.format_needs.all()]
    form = FormatsForm(posted(request), initial={"formats": had})
    if form.is_valid():
        formats = form.cleaned_data["formats"]
        actions.say_formats(member=member, formats=formats, by=member.person, at=clock.now())
        messages.success(request, _("Saved. Only those who support you see it."))
        return redirect("my_promise", round)
    page = {"member": member, "round": member.round, "form": form}
    return render(request, "support/say_formats.html", page, status=422 if form.errors else 200)


@permitted(Permission.TAKE_PART)
@require_POST
def end_adjustment(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Say that an adjustment is not needed any more."""
    member = own_place(request, round)
    adjustment = get_object_or_404(Adjustment, member=member, pk=pk, ended_at=None)
    actions.end_adjustment(adjustment=adjustment, by=member.person, at=clock.now())
    messages.success(request, _("You can ask again whenever you like."))
    return redirect("ask_for_adjustment", round=round)


@permitted(Permission.TAKE_PART)
@require_safe
def encouragement_list(request: HttpRequest, round: str) -> HttpResponse:
    """The good words people have sent you in this round."""
    member = own_place(request, round)
    words = member.encouragements.select_related("given_by")
    return render(
        request, "support/encouragement_list.html", {"member": member, "encouragements": words}
    )


@permitted(Permission.TAKE_PART)
@require_http_methods(["GET", "HEAD", "POST"])
def practise(request: HttpRequest, round: str) -> HttpResponse:
    """Read the practice bid and score it. What is typed is kept, even when it is not finished."""
    member = own_place(request, round)
    sheet = PracticeSheet.objects.filter(member=member).first()
    if sheet and sheet.sent_at:
        return redirect("practice_beside_others", round=round)
    form = PracticeForm(posted(request), scores=sheet.scores if sheet else {})
    if form.is_valid():
        kept = actions.save_practice(
            member=member, scores=form.scores(), by=member.person, at=clock.now()
        )
        if "later" in request.POST:
            messages.success(request, _("Saved. Come back when you like."))
            return redirect("training_list", round=round)
        if not form.ask_for_the_rest():
            actions.send_practice(sheet=kept, by=member.person, at=clock.now())
            return redirect("practice_beside_others", round=round)
    facts = {"bid": practice_bid()["bid"], "answers": answers(), "asked": asked()}
    page = {"member": member, "form": form, **facts}
    return render(request, "support/practise.html", page, status=422 if form.errors else 200)


@permitted(Permission.TAKE_PART)
@require_safe
def practice_beside_others(request: HttpRequest, round: str) -> HttpResponse:
    """My practice scores beside others', without a name: once I have sent my own."""
    member = own_place(request, round)
    sheets = PracticeSheet.objects.filter(member__round=member.round, sent_at__isnull=False)
    rows = list(sheets)
    mine = next((row for row in rows if row.member_id == member.pk), None)
    if mine is None:
        return redirect("practise", round=round)
    points = beside_others(mine.scores, [row.scores for row in rows if row != mine])
    facts = {"points": points, "left": rules.training_left(member)}
    return render(request, "support/practice_beside_others.html", {"member": member, **facts})
