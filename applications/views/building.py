"""Pages for volunteers and facilitators, who build the bid form together until bids open."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from accounts.versions import Stale
from applications import actions, plainer, rules
from applications.forms import CopyFormForm, DetailsForm, FormQuestionForm
from applications.models import COMMUNITIES, FormQuestion, Organisation
from applications.views.finding import page, status
from commissioning.forms import Sure
from commissioning.models import Criterion, Round
from commissioning.views.finding import find_round, way_up
from ledger import clock
from ledger.models import Channel

WORDS_ON_A_LINE = 10
MOST_LINES = 16


@permitted(Permission.BUILD_FORM)
@require_safe
def form_question_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The questions of the bid form, with the criteria each one serves."""
    round = find_round(request, slug)
    by = reader(request)
    may_change = rules.may_change_form(round, by)
    theirs = rules.left_to_volunteers(round, by) if may_change else frozenset()
    questions = list(round.form_questions.prefetch_related("criteria"))
    return render(
        request,
        "applications/form_question_list.html",
        {
            "round": round,
            "programme": round.programme,
            "up": way_up(request, round),
            "rows": [
                (row, may_change and plainer.in_question(row), row.pk in theirs)
                for row in questions
            ],
            "may_change": may_change,
            "may_copy": may_change
            and theirs.isdisjoint(row.pk for row in questions)
            and rules.earlier_forms(round).exists(),
        },
    )


def _whole_form(round: Round) -> dict[str, Any]:
    """The questions as applicants see them, and where a bid says more of itself."""
    return {
        "round": round,
        "programme": round.programme,
        "questions": round.form_questions.prefetch_related("criteria"),
        "lots": round.lots.all(),
        "details": [field.label for field in DetailsForm().visible_fields()],
    }


@permitted(Permission.BUILD_FORM)
@require_safe
def preview_form(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole form on one page, as applicants will be asked."""
    return render(request, "applications/preview_form.html", _whole_form(find_round(request, slug)))


def _lines(question: FormQuestion) -> range:
    """Lines for a pen: as many as the words need, within reason."""
    if question.kind != FormQuestion.Kind.LONG:
        return range(1)
    return range(min(max((question.word_limit or 0) // WORDS_ON_A_LINE, 4), MOST_LINES))


@permitted(Permission.BUILD_FORM)
@require_safe
def form_paper(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole form to print, with lines for a pen: to look over, or to bid on."""
    context = _whole_form(find_round(request, slug))
    rows = [(question, _lines(question)) for question in context["questions"]]
    choices = {
        "kinds": Organisation.Kind.labels,
        "incomes": Organisation.Income.labels,
        "channels": Channel.labels,
        "communities": [label for _slug, label in COMMUNITIES],
    }
    return render(request, "applications/form_paper.html", {**context, **choices, "rows": rows})


@permitted(Permission.BUILD_FORM)
@require_POST
def start_form(request: HttpRequest, slug: str) -> HttpResponse:
    """Put the usual questions in place."""
    round = find_round(request, slug)
    actions.start_form(round=round, by=reader(request), at=clock.now())
    messages.success(request, _("The usual questions are in place. Change them as you like."))
    return redirect("form_question_list", slug)


@permitted(Permission.BUILD_FORM)
@page
def copy_form(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the questions of an earlier round. Those that are here go only if somebody says so."""
    round = find_round(request, slug)
    rules.may_change_all(round, reader(request)).require()
    earlier = rules.earlier_forms(round)
    if not earlier:
        return redirect("form_question_list", slug)
    here = round.form_questions.count()
    form = CopyFormForm(posted(request), earlier=earlier, here=here)
    if form.is_valid():
        made = actions.copy_form(
            round=round,
            earlier=form.cleaned_data["earlier"],
            replaces=bool(here),
            by=reader(request),
            at=clock.now(),
        )
        said = ngettext(
            "%(count)s question is copied.", "%(count)s questions are copied.", len(made)
        )
        messages.success(request, said % {"count": len(made)} + " " + _("Change them as you like."))
        return redirect("form_question_list", slug)
    return render(
        request,
        "applications/copy_form.html",
        {"form": form, "round": round, "programme": round.programme, "here": here},
        status=status(form.is_bound),
    )


@permitted(Permission.BUILD_FORM)
@page
def change_form_question(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Change one question, until bids open."""
    round = find_round(request, slug)
    question = get_object_or_404(round.form_questions.all(), key=key)
    rules.may_change_question(question, reader(request)).require()
    form = FormQuestionForm(
        posted(request),
        instance=round.form_questions.get(key=key),
        round=round,
        criteria=Criterion.objects.agreed_for(round),
    )
    context = {"form": form, "round": round, "programme": round.programme, "question": question}
    keep = request.POST.get("keep", "")
    if form.is_bound and keep == actions.Keep.THEIRS:
        messages.success(request, _("What was saved stays. Your words are not kept."))
        return redirect("form_question_list", slug)
    if form.is_valid():
        before, fields = plainer.in_question(question), dict(form.cleaned_data)
        over = fields.pop("over")
        if keep == actions.Keep.MINE and over:
            fields["version"] = over
        try:
            actions.change_form_question(
                question=question, by=reader(request), at=clock.now(), **fields
            )
        except Stale as error:
            return _both(request, form, error, context)
        messages.success(request, _("The question is saved."))
        return _on_from(question, before)
    return render(
        request,
        "applications/change_form_question.html",
        context,
        status=status(form.is_bound),
    )


def _both(request: HttpRequest, form: Any, error: Stale, context: dict[str, Any]) -> HttpResponse:
    """What somebody else saved and when, beside the form with all that was typed. Nothing is saved
    over it before the writer has chosen."""
    asked_already = bool(form.cleaned_data["over"]) and not request.POST.get("keep")
    form.data = form.data.copy()
    form.data["over"] = str(error.version)
    context |= {
        "texts": [
            {"label": form.fields[name].label, "theirs": theirs or _("Nothing")}
            for name, theirs in error.theirs.items()
        ],
        "said": error.said_to(reader(request), now=clock.now()),
        "unchosen": asked_already,
    }
    return render(request, "applications/change_form_question.html", context, status=409)


def _on_from(question: FormQuestion, before: list[str]) -> HttpResponse:
    """Back to the form; or once to the question, where new words of it could be plainer."""
    found = plainer.in_question(question)
    if found and found != before:
        return redirect("change_form_question", question.round.slug, question.key)
    return redirect("form_question_list", question.round.slug)


@permitted(Permission.BUILD_FORM)
@page
def add_form_question(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a question, until bids open."""
    round = find_round(request, slug)
    rules.may_change_form(round, reader(request)).require()
    form = FormQuestionForm(
        posted(request),
        initial={"order": round.form_questions.count() + 1},
        round=round,
        criteria=Criterion.objects.agreed_for(round),
    )
    if form.is_valid():
        fields = dict(form.cleaned_data)
        criteria = fields.pop("criteria", None)
        del fields["version"], fields["over"]
        by, now = reader(request), clock.now()
        made = actions.add_form_question(round=round, by=by, at=now, **fields)
        if criteria:
            actions.change_form_question(question=made, criteria=criteria, by=by, at=now)
        messages.success(request, _("The question is added."))
        return _on_from(made, [])
    return render(
        request,
        "applications/add_form_question.html",
        {"form": form, "round": round, "programme": round.programme},
        status=status(form.is_bound),
    )


@permitted(Permission.BUILD_FORM)
@page
def drop_form_question(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Take a question off the form, until bids open, after ticking a box."""
    round = find_round(request, slug)
    question = get_object_or_404(round.form_questions.select_related("round__chain"), key=key)
    rules.may_change_question(question, reader(request)).require()
    form = Sure(posted(request), label=_("Yes, take this question off the form"))
    if form.is_valid():
        actions.drop_form_question(question=question, by=reader(request), at=clock.now())
        messages.success(request, _("The question is taken off the form."))
        return redirect("form_question_list", slug)
    return render(
        request,
        "applications/drop_form_question.html",
        {"form": form, "round": round, "programme": round.programme, "question": question},
        status=status(form.is_bound),
    )
