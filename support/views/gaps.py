"""Who is here and who is missing: staff's pages. They show what everybody may see, no more."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import posted
from accounts.permissions import Permission, Refused, holds, permitted, reader
from commissioning.models import Round
from ledger import clock
from support import actions, gaps
from support.about_us import label_of, labels_of, tables_of
from support.forms import (
    AddAboutQuestion,
    CountDayForm,
    HowManyForms,
    OutreachDone,
    OutreachForm,
    SharesForm,
)
from support.models import AboutQuestion, CountDay, Outreach


def _round(request: HttpRequest, slug: str) -> Round:
    rounds = Round.objects.visible_to(request.user).select_related("programme", "chain")
    return get_object_or_404(rounds, slug=slug)


def _question(round: Round, pk: int) -> AboutQuestion:
    return get_object_or_404(AboutQuestion, programme=round.programme, dropped_at=None, pk=pk)


def _answered(request: HttpRequest, page: str, facts: dict[str, Any]) -> HttpResponse:
    status = 422 if facts["form"].errors else 200
    return render(request, f"support/{page}.html", facts, status=status)


@permitted(Permission.READ_REPORTS)
@require_safe
def gap_list(request: HttpRequest, round: str) -> HttpResponse:
    """Each question with those who answered beside those the programme is for, and the gaps."""
    found = _round(request, round)
    tables = tables_of(found)
    plans = list(Outreach.objects.filter(round=found).select_related("question"))
    missing = [
        {
            "line": line,
            "table": next(table for table in tables if table.question == line.question),
            "plans": [
                plan
                for plan in plans
                if (plan.question_id, plan.option) == (line.question, line.option)
            ],
        }
        for line in gaps.gaps(tables)
    ]
    return render(
        request,
        "support/gap_list.html",
        {
            "round": found,
            "tables": tables,
            "missing": missing,
            "plans": [(plan, label_of(plan)) for plan in plans],
            "days": CountDay.objects.filter(round=found),
            "may_change": holds(request.user, Permission.LOOK_AFTER),
        },
    )


@permitted(Permission.LOOK_AFTER)
@require_POST
def start_about_questions(request: HttpRequest, round: str) -> HttpResponse:
    """Put the usual questions in place."""
    found = _round(request, round)
    actions.start_about_questions(programme=found.programme, by=reader(request), at=clock.now())
    messages.success(request, _("The usual questions are in place."))
    return redirect("gap_list", round=round)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def add_about_question(request: HttpRequest, round: str) -> HttpResponse:
    """Ask one more question about all of us."""
    found = _round(request, round)
    form = AddAboutQuestion(posted(request))
    if request.method == "POST" and form.is_valid():
        actions.add_about_question(
            programme=found.programme, **form.cleaned_data, by=reader(request), at=clock.now()
        )
        messages.success(request, _("Saved."))
        return redirect("gap_list", round=round)
    return _answered(request, "add_about_question", {"round": found, "form": form})


@permitted(Permission.LOOK_AFTER)
@require_POST
def drop_about_question(request: HttpRequest, round: str, asked: int) -> HttpResponse:
    """Ask this no more."""
    row = _question(_round(request, round), asked)
    actions.drop_about_question(question=row, by=reader(request), at=clock.now())
    messages.success(request, _("This is not asked any more. What was counted stays."))
    return redirect("gap_list", round=round)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def set_shares(request: HttpRequest, round: str, asked: int) -> HttpResponse:
    """How many of every hundred people the programme is for would choose each answer."""
    found = _round(request, round)
    row = _question(found, asked)
    form = SharesForm(posted(request), question=row)
    if request.method == "POST" and form.is_valid():
        actions.set_shares(
            question=row,
            shares=form.shares(),
            shares_from=form.cleaned_data["shares_from"],
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("Saved."))
        return redirect("gap_list", round=round)
    return _answered(request, "set_shares", {"round": found, "question": row, "form": form})


@never_cache
@permitted(Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def print_about_us(request: HttpRequest, round: str) -> HttpResponse:
    """Forms on paper, each with its own code. They are made once and can be printed once."""
    found = _round(request, round)
    form = HowManyForms(posted(request))
    if request.method == "POST" and form.is_valid():
        codes = actions.print_codes(
            round=found, number=form.cleaned_data["number"], by=reader(request), at=clock.now()
        )
        asked = actions.asked_now(found.programme)
        questions = [(row.text, [*row.options, labels_of(row)[0]]) for row in asked]
        facts = {"round": found, "codes": codes, "questions": questions}
        return render(request, "support/_about_us_paper.html", facts)
    return _answered(request, "print_about_us", {"round": found, "form": form})


@permitted(Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def fix_count_day(request: HttpRequest, round: str) -> HttpResponse:
    """Fix a day on which the answers are counted."""
    found = _round(request, round)
    form = CountDayForm(posted(request))
    if request.method == "POST" and form.is_valid():
        day, now = form.cleaned_data["count_on"], clock.now()
        try:
            actions.fix_count_day(
                round=found, count_on=day, on=clock.today(), by=reader(request), at=now
            )
        except Refused as refused:
            form.add_error("count_on", str(refused))
        else:
            messages.success(request, _("The day is fixed."))
            return redirect("gap_list", round=round)
    return _answered(request, "fix_count_day", {"round": found, "form": form})


@permitted(Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_outreach(request: HttpRequest, round: str, asked: int, option: int) -> HttpResponse:
    """People are missing here: whom will you ask, and by when?"""
    found = _round(request, round)
    row = _question(found, asked)
    if not 1 <= option <= len(row.options):
        raise Http404
    form = OutreachForm(posted(request))
    if request.method == "POST" and form.is_valid():
        actions.plan_outreach(
            round=found,
            question=row,
            option=option,
            **form.cleaned_data,
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("Saved. It stands in the list of what you will do."))
        return redirect("gap_list", round=round)
    facts = {"round": found, "question": row, "label": labels_of(row)[option], "form": form}
    return _answered(request, "plan_outreach", facts)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def finish_outreach(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Write down what came of asking."""
    found = _round(request, round)
    rows = Outreach.objects.select_related("question", "round__chain")
    plan = get_object_or_404(rows, round=found, done_at=None, pk=pk)
    form = OutreachDone(posted(request))
    if request.method == "POST" and form.is_valid():
        actions.finish_outreach(
            outreach=plan, result=form.cleaned_data["result"], by=reader(request), at=clock.now()
        )
        messages.success(request, _("Saved. The report tells it too."))
        return redirect("gap_list", round=round)
    facts = {"round": found, "plan": plan, "label": label_of(plan), "form": form}
    return _answered(request, "finish_outreach", facts)
