"""Questions of the panel: a volunteer asks, a facilitator answers, the whole panel reads."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from ledger import clock
from panels import actions
from panels.forms import AnswerForm, QuestionForm
from panels.models import Panel, Question
from panels.rules import questions as rules


def _panel(request: HttpRequest, pk: int) -> Panel:
    panels = Panel.objects.visible_to(request.user).select_related("round__chain", "lot")
    return get_object_or_404(panels, pk=pk)


@permitted(Permission.READ_BIDS)
@require_safe
def question_list(request: HttpRequest, pk: int) -> HttpResponse:
    """What the panel has asked, and the answers."""
    panel = _panel(request, pk)
    rules.may_ask(panel, reader(request)).require()
    questions = panel.questions.select_related("member__person", "answered_by")
    return render(request, "panels/question_list.html", {"panel": panel, "questions": questions})


@permitted(Permission.READ_BIDS)
def ask_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask something in sight of the whole panel."""
    panel = _panel(request, pk)
    rules.may_ask(panel, reader(request)).require()
    form = QuestionForm(posted(request))
    if form.is_valid():
        actions.ask_question(
            panel=panel, text=form.cleaned_data["text"], by=reader(request), at=clock.now()
        )
        messages.success(request, _("Your question is in. Everyone on the panel can see it."))
        return redirect("question_list", pk)
    context = {"panel": panel, "form": form}
    return render(request, "panels/ask_question.html", context, status=422 if form.errors else 200)


@permitted(Permission.LOOK_AFTER)
@require_safe
def question_list_facilitator(request: HttpRequest, pk: int) -> HttpResponse:
    """A panel's questions, those without an answer first."""
    panel = _panel(request, pk)
    questions = panel.questions.select_related("member__person", "answered_by")
    waiting = [row for row in questions if not row.answered_at]
    answered = [row for row in questions if row.answered_at]
    context = {"panel": panel, "waiting": waiting, "answered": answered}
    return render(request, "panels/question_list_facilitator.html", context)


@permitted(Permission.LOOK_AFTER)
def answer_panel_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer one question, once."""
    questions = Question.objects.filter(panel__in=Panel.objects.visible_to(request.user))
    rows = questions.select_related("panel__round__chain", "panel__lot", "member__person")
    question = get_object_or_404(rows, pk=pk)
    rules.may_answer(question, reader(request)).require()
    form = AnswerForm(posted(request))
    if form.is_valid():
        actions.answer_question(
            question=question,
            answer=form.cleaned_data["answer"],
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("Your answer is sent to the panel."))
        return redirect("question_list_facilitator", question.panel_id)
    context = {"question": question, "panel": question.panel, "form": form}
    return render(
        request, "panels/answer_panel_question.html", context, status=422 if form.errors else 200
    )
