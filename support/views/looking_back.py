"""Before and after, lessons for the next time, and the short document they go into."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import pdf
from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from commissioning.models import Criterion, Member, Round
from commissioning.pace import plans
from ledger import clock
from support import actions, rules
from support.before_after import questions, side_by_side
from support.forms import CountForm, LessonForm, LookForm
from support.looking_back import change_tables, lessons_of, quotes_of
from support.models import Lesson, Look
from support.views.volunteer import own_place

FORM = ["GET", "HEAD", "POST"]
IN_ROUND = (Permission.TAKE_PART, Permission.LOOK_AFTER)
READS = (*IN_ROUND, Permission.READ_REPORTS)


def _round(request: HttpRequest, slug: str) -> Round:
    rounds = Round.objects.visible_to(request.user).select_related("programme", "chain")
    return get_object_or_404(rounds.prefetch_related("stages"), slug=slug)


def _page(request: HttpRequest, template: str, form: Any, **facts: Any) -> HttpResponse:
    status = 422 if form is not None and form.errors else 200
    return render(request, f"support/{template}.html", {"form": form, **facts}, status=status)


def _when(word: str) -> Look.When:
    if word not in Look.When.values:
        raise Http404
    return Look.When(word)


# ---- Before and after -------------------------------------------------------------------------
@permitted(Permission.TAKE_PART)
@require_safe
def my_look(request: HttpRequest, round: str) -> HttpResponse:
    """What I said before and after, side by side, and what I can take home."""
    member = own_place(request, round)
    said = {row.when: row for row in member.looks.all()}
    before, after = said.get(Look.When.BEFORE), said.get(Look.When.AFTER)
    asked = rules.look_asked_now(member.round)
    facts = {
        "member": member,
        "round": member.round,
        "before": before,
        "after": after,
        "hoped": before.words if before else member.hopes,
        "asked": asked,
        "asked_said": said.get(asked) if asked else None,
        "pairs": side_by_side(before.answers if before else {}, after.answers if after else {}),
        "certificate": rules.took_part(member),
        "reference": member.reference_letters.first(),
    }
    return render(request, "support/my_look.html", facts)


@permitted(Permission.TAKE_PART)
@require_http_methods(FORM)
def say_look(request: HttpRequest, round: str, when: str) -> HttpResponse:
    """A few plain questions, before or after. Nobody must answer, and nobody else reads it."""
    member, asked = own_place(request, round), _when(when)
    verdict = rules.may_say_look(member, asked, member.person)
    if request.method == "POST":
        verdict.require()
    said = member.looks.filter(when=asked).first()
    if said is None and asked == Look.When.BEFORE and member.hopes:
        said = Look(words=member.hopes)  # what they hope for was asked when they joined
    form = LookForm(posted(request), when=asked, said=said)
    if form.is_valid():
        facts = form.said()
        actions.say_look(member=member, when=asked, by=member.person, at=clock.now(), **facts)
        messages.success(request, _("Thank you. Nobody else reads this with your name."))
        return redirect("my_look", round=round)
    facts = {"member": member, "round": member.round, "when": asked, "verdict": verdict}
    return _page(request, "say_look", form, ask=questions()["ask"], **facts)


@permitted(Permission.TYPE_FOR)
@require_http_methods(FORM)
def type_look(request: HttpRequest, round: str, member: int, when: str) -> HttpResponse:
    """Type a volunteer's paper. What they said before is not shown, and cannot be read again."""
    found, asked = _round(request, round), _when(when)
    people = Member.objects.here().filter(round=found).select_related("person")
    place = get_object_or_404(people, pk=member)
    place.round = found
    verdict = rules.may_say_look(place, asked, reader(request))
    if request.method == "POST":
        verdict.require()
    form = LookForm(posted(request), when=asked)
    if form.is_valid():
        facts = form.said()
        actions.say_look(member=place, when=asked, by=reader(request), at=clock.now(), **facts)
        messages.success(request, _("Kept. Give the paper back, or tear it up."))
        return redirect("look_list", round=round)
    facts = {"member": place, "round": found, "when": asked, "verdict": verdict}
    return _page(request, "type_look", form, ask=questions()["ask"], **facts)


@permitted(Permission.LOOK_AFTER)
@require_safe
def look_list(request: HttpRequest, round: str) -> HttpResponse:
    """What it did for people, in counts; the papers; and whose paper to type. No answers."""
    found = _round(request, round)
    prefetch_related_objects([found], "look_tables")
    here = Member.objects.here().filter(round=found).select_related("person")
    facts = {
        "round": found,
        "tables": change_tables(found),
        "quotes": quotes_of(found),
        "asked": rules.look_asked_now(found),
        "may_count": rules.may_count_looks(found, reader(request)),
        "page": Paginator(here.order_by("person__name", "pk"), 25).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "support/look_list.html", facts)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(FORM)
def count_looks(request: HttpRequest, round: str) -> HttpResponse:
    """Count the answers, once. From then on they stay as they are."""
    found = _round(request, round)
    verdict = rules.may_count_looks(found, reader(request))
    form = CountForm(posted(request))
    if form.is_valid():
        actions.count_looks(round=found, by=reader(request), at=clock.now())
        messages.success(request, _("The answers are counted."))
        return redirect("look_list", round=round)
    return _page(request, "count_looks", form, round=found, verdict=verdict)


@permitted(Permission.LOOK_AFTER)
@require_safe
def look_paper(request: HttpRequest, round: str, when: str) -> HttpResponse:
    """The same questions to print and fill in by pen."""
    found, asked = _round(request, round), _when(when)
    form = LookForm(when=asked)
    facts = {"round": found, "programme": found.programme, "when": asked, "form": form}
    return render(request, "support/look_paper.html", {**facts, "look": questions()})


# ---- Lessons ----------------------------------------------------------------------------------
@permitted(*READS)
@require_safe
def lesson_list(request: HttpRequest, round: str) -> HttpResponse:
    """What we learned, stage by stage, with no names."""
    found = _round(request, round)
    facts = {
        "round": found,
        "stages": lessons_of(found),
        "me": reader(request),
        "may_write": rules.may_write_lesson(found, reader(request)),
    }
    return render(request, "support/lesson_list.html", facts)


@permitted(*IN_ROUND)
@require_http_methods(FORM)
def write_lesson(request: HttpRequest, round: str) -> HttpResponse:
    """Write what you learned in one stage."""
    found = _round(request, round)
    if not rules.may_write_lesson(found, reader(request)):
        raise Http404
    stages = [(row.kind, row.get_kind_display()) for row in found.stages.all()]
    form = LessonForm(posted(request), stages=stages)
    if form.is_valid():
        actions.write_lesson(round=found, by=reader(request), at=clock.now(), **form.cleaned_data)
        messages.success(request, _("Thank you. It is kept for the next time."))
        return redirect("lesson_list", round=round)
    return _page(request, "write_lesson", form, round=found)


@permitted(*IN_ROUND)
@require_POST
def drop_lesson(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Take your own lesson out."""
    rows = Lesson.objects.filter(round=_round(request, round), written_by=reader(request))
    row = get_object_or_404(rows.select_related("round__chain"), pk=pk, dropped_at=None)
    actions.drop_lesson(lesson=row, by=reader(request), at=clock.now())
    messages.success(request, _("It is taken out."))
    return redirect("lesson_list", round=round)


@permitted(Permission.LOOK_AFTER)
@require_safe
def lesson_paper(request: HttpRequest, round: str) -> HttpResponse:
    """A sheet for looking back together, to print and fill in by pen."""
    found = _round(request, round)
    facts = {"round": found, "programme": found.programme, "stages": found.stages.all()}
    return render(request, "support/lesson_paper.html", facts)


def _toolkit(request: HttpRequest, slug: str) -> dict[str, Any]:
    found = _round(request, slug)
    return {
        "round": found,
        "programme": found.programme,
        "plans": plans(found),
        "people": Member.objects.here().filter(round=found).count(),
        "topics": found.training_topics.all(),
        "criteria": Criterion.objects.agreed_for(found),
        "tables": change_tables(found),
        "quotes": quotes_of(found),
        "stages": [row for row in lessons_of(found) if row["lessons"]],
    }


@permitted(*READS)
@require_safe
def toolkit_detail(request: HttpRequest, round: str) -> HttpResponse:
    """What we did and what we learned, on a few pages for whoever does this next."""
    return render(request, "support/toolkit_detail.html", _toolkit(request, round))


@permitted(*READS)
@require_safe
def toolkit_pdf(request: HttpRequest, round: str) -> HttpResponse:
    """The same as a tagged PDF."""
    facts = {**_toolkit(request, round), "on_paper": True}
    content = pdf.made("support/toolkit_detail.html", facts)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="what-we-learned-{round}.pdf"'},
    )
