"""A panel member's pages about interviews: questions, times, scoring each answer, and sending."""

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.db.models import F, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, permitted
from accounts.versions import Stale
from applications.models import Application
from commissioning.models import Criterion, LevelWord
from ledger import clock
from panels import actions, sight, talk, together
from panels.actions.interviews import score_words
from panels.meeting_forms import (
    InterviewQuestionForm,
    InterviewScoreForm,
    SendInterviewForm,
    plain_levels,
)
from panels.models import (
    InterviewDraft,
    InterviewQuestion,
    Phase,
    ScoreSheet,
    Seat,
)
from panels.rules import meeting as rules
from panels.rules.proposals import combine_rule, counting_to_agree, entitled
from panels.rules.visits import Visit
from panels.views import saving
from panels.views.entering import enter, for_panel, own_seat, typed
from panels.views.volunteer import both_texts


# ---- Questions ------------------------------------------------------------------------------
@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def interview_question_list(request: HttpRequest, pk: int) -> HttpResponse:
    """What the panel asks every organisation, and who asks it."""
    visit = enter(request, pk=pk)
    questions = rules.open_questions(visit.panel)
    context = {
        "visit": visit,
        "panel": visit.panel,
        "questions": questions.select_related("criterion", "asked_by__member__person"),
        "may_write": not visit.staff
        and bool(rules.may_prepare_interviews(visit.panel, visit.person)),
    }
    return render(request, "panels/interview_question_list.html", context)


@permitted(Permission.VOTE)
@for_panel
def write_interview_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a question for every organisation."""
    return _write_question(request, enter(request, pk=pk), None)


@permitted(Permission.VOTE)
@for_panel
def change_interview_question(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    """Change a question, or who asks it."""
    visit = enter(request, pk=pk)
    row = get_object_or_404(rules.open_questions(visit.panel), pk=question)
    return _write_question(request, visit, row)


def _write_question(
    request: HttpRequest, visit: Visit, question: InterviewQuestion | None
) -> HttpResponse:
    panel = visit.panel
    rules.may_prepare_interviews(panel, visit.person).require()
    form = InterviewQuestionForm(
        typed(request),
        criteria=Criterion.objects.agreed_for(panel.round),
        seats=entitled(panel).select_related("member__person"),
        question=question,
    )
    if request.method == "POST" and form.is_valid():
        actions.write_interview_question(
            panel=panel, question=question, **form.facts(), by=visit.person, at=clock.now()
        )
        messages.success(request, _("The question is on the list."))
        return redirect("interview_question_list", panel.pk)
    page = "change" if question else "write"
    context = {"panel": panel, "form": form}
    return render(
        request,
        f"panels/{page}_interview_question.html",
        context,
        status=422 if form.errors else 200,
    )


@permitted(Permission.VOTE)
@require_POST
@for_panel
def drop_interview_question(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question off the list."""
    visit = enter(request, interview_questions=pk)
    question = get_object_or_404(InterviewQuestion, pk=pk)
    actions.drop_interview_question(question=question, by=visit.person, at=clock.now())
    messages.success(request, _("The question is off the list."))
    return redirect("interview_question_list", visit.panel.pk)


# ---- Times ----------------------------------------------------------------------------------
def _to_meet(visit: Visit, hidden: Collection[int] | None = None) -> list[Application]:
    """The bids whose people this visitor meets, with the time, and what they have sent. `hidden`:
    the bids they step out for, where that is known."""
    own = ScoreSheet.objects.counting().filter(
        application=OuterRef("pk"), member=visit.member, phase=Phase.INTERVIEW
    )
    typed_for_me = rules.typed_and_waiting().filter(
        application=OuterRef("pk"), member=visit.member, phase=Phase.INTERVIEW
    )
    if hidden is None:
        hidden = sight.hidden_from(visit, sight.steps_out(visit.panel))
    met = rules.to_be_met().filter(panel=visit.panel).values("application")
    return list(
        Application.objects.filter(pk__in=met)
        .exclude(pk__in=hidden)
        .select_related("organisation", "slot")
        .with_sent_name()
        .annotate(
            own_sheet=Subquery(own.values("pk")[:1]),
            waiting_sheet=Subquery(typed_for_me.values("pk")[:1]),
        )
        .order_by(F("slot__starts_at").asc(nulls_last=True), "reference")
    )


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def interview_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom the panel meets and when, and what is still to be scored."""
    visit = enter(request, pk=pk)
    visit.sees_scores.require()
    context = {
        "visit": visit,
        "panel": visit.panel,
        "bids": _to_meet(visit),
        "questions": rules.open_questions(visit.panel).select_related("asked_by__member__person"),
        "now": clock.now(),
        "rule": combine_rule(visit.panel),
        "to_agree": counting_to_agree(visit.panel),
    }
    return render(request, "panels/interview_list.html", context)


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def both_together(request: HttpRequest, pk: int) -> HttpResponse:
    """What was read and what was said at the meeting, by the rule that the panel agreed before."""
    visit = enter(request, pk=pk)
    visit.sees_interview_scores.require()
    seen = sight.look(visit)
    seen.verdict.require()
    rows, rule, sure = together.rows_for(visit, seen, _to_meet(visit, seen.hidden))
    context = {"panel": visit.panel, "rows": rows, "rule": rule, "sure": sure}
    return render(request, "panels/both_together.html", context)


# ---- Scoring --------------------------------------------------------------------------------
def _begin(request: HttpRequest, pk: int, application: int) -> tuple[Visit, Seat, Application]:
    """An organisation the panel meets; not there for anybody else or who steps out."""
    visit = enter(request, pk=pk)
    seat = own_seat(visit)
    bids = Application.objects.filter(lot=visit.panel.lot_id).with_sent_name()
    bids = bids.select_related("organisation")
    bid = get_object_or_404(bids, pk=application)
    return visit, seat, bid


@permitted(Permission.SCORE)
@for_panel
def score_interview(request: HttpRequest, pk: int, application: int, question: int) -> HttpResponse:
    """One question: how good was the answer, and notes. Kept while one writes."""
    visit, seat, bid = _begin(request, pk, application)
    rules.may_still_score(seat, bid, visit.person, on=clock.today()).require()
    questions = list(rules.open_questions(visit.panel).select_related("criterion"))
    row = next((one for one in questions if one.pk == question), None)
    if row is None:
        raise Http404
    draft = InterviewDraft.objects.filter(seat=seat, application=bid, question=row).first()
    levels = LevelWord.objects.filter(criterion=row.criterion_id) if row.criterion_id else []
    form = InterviewScoreForm(
        typed(request), question=row, draft=draft, levels=list(levels) or plain_levels()
    )
    if request.method == "POST":
        answer = _save(request, seat, bid, questions, row, form)
        if answer is not None:
            return answer
    place = questions.index(row)
    context = {
        "panel": visit.panel,
        "bid": bid,
        "question": row,
        "form": form,
        "number": place + 1,
        "count": len(questions),
        "before": questions[place - 1].pk if place else None,
    }
    return render(
        request, "panels/score_interview.html", context, status=422 if form.errors else 200
    )


def _save(
    request: HttpRequest,
    seat: Seat,
    bid: Application,
    questions: list[InterviewQuestion],
    question: InterviewQuestion,
    form: InterviewScoreForm,
) -> HttpResponse | None:
    """Keep one answer and go on; None when the page must be shown again."""
    if not form.is_valid():
        return saving.not_kept(form) if saving.is_autosave(request) else None
    at, address = clock.now(), [seat.panel_id, bid.pk, question.pk]
    try:
        draft = actions.save_interview_draft(
            seat=seat,
            application=bid,
            question=question,
            **form.answer(),
            client_id=saving.client_id(request),
            by=seat.member.person,
            at=at,
        )
    except Stale as error:
        if saving.is_autosave(request):
            return saving.changed(error, form)
        return both_texts(request, error, form, reverse("score_interview", args=address))
    if saving.is_autosave(request):
        return saving.kept(draft.version, at)
    place = questions.index(question) + 1
    if "check" not in request.GET and place < len(questions):
        return redirect("score_interview", seat.panel_id, bid.pk, questions[place].pk)
    return redirect("check_interview_scores", seat.panel_id, bid.pk)


@permitted(Permission.SCORE)
@for_panel
def check_interview_scores(request: HttpRequest, pk: int, application: int) -> HttpResponse:
    """Everything a member is about to send about one interview, with a way to change it."""
    visit, seat, bid = _begin(request, pk, application)
    if rules.sent_interview(seat, bid):
        return redirect("interview_scores_sent", pk, application)
    rules.may_score_interview(seat, bid, visit.person, on=clock.today()).require()
    rows = _answers(seat, bid)
    form = SendInterviewForm(typed(request))
    missing = [row for row in rows if not row["said"]]
    if request.method == "POST" and form.is_valid() and not missing and rows:
        actions.send_interview_scores(
            seat=seat, application=bid, **form.cleaned_data, by=visit.person, at=clock.now()
        )
        return redirect("interview_scores_sent", pk, application)
    context = {"panel": visit.panel, "bid": bid, "rows": rows, "form": form, "missing": missing}
    tried = request.method == "POST"
    return render(
        request,
        "panels/check_interview_scores.html",
        {**context, "tried": tried},
        status=422 if tried else 200,
    )


def _answers(seat: Seat, bid: Application) -> list[dict[str, Any]]:
    """Each question with what this member has written so far."""
    drafts = {
        draft.question_id: draft
        for draft in InterviewDraft.objects.filter(seat=seat, application=bid)
    }
    return [
        {
            "question": question,
            "said": score_words(drafts.get(question.pk)),
            "reason": drafts[question.pk].reason if question.pk in drafts else "",
        }
        for question in rules.open_questions(seat.panel)
    ]


@permitted(Permission.SCORE)
@require_safe
@for_panel
def interview_scores_sent(request: HttpRequest, pk: int, application: int) -> HttpResponse:
    """The receipt: what was sent about one interview, item by item."""
    visit, seat, bid = _begin(request, pk, application)
    sheet = rules.sent_interview(seat, bid)
    if sheet is None:
        raise Http404
    rows = [
        {
            "label": score.question.text if score.question else "",
            "value": _("I cannot judge this") if score.value is None else str(score.value),
            "notes": score.reason,
        }
        for score in sheet.scores.select_related("question")
    ]
    context = {"panel": visit.panel, "bid": bid, "sheet": sheet, "rows": rows}
    return render(request, "panels/interview_scores_sent.html", context)


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def interview_detail(request: HttpRequest, pk: int, application: int) -> HttpResponse:
    """What members made of one interview, question by question, once the panel has opened it."""
    visit = enter(request, pk=pk)
    visit.sees_interview_scores.require()
    bid = next((row for row in _to_meet(visit) if row.pk == application), None)
    if bid is None:
        raise Http404
    said = [row for row in sight.interviews_in_sight(visit) if row.application == application]
    questions = rules.open_questions(visit.panel).prefetch_related("criterion__levels")
    sections = []
    for question in questions:
        rows = [row for row in said if row.question == question.pk]
        own = next((row.value for row in rows if row.reader == visit.member), None)
        words = list(question.criterion.levels.all()) if question.criterion else plain_levels()
        sections.append(
            {
                "question": question,
                "levels": talk.dots([row.value for row in rows], words, own),
                "cannot": sum(row.value is None for row in rows),
                "notes": sorted(row.reason for row in rows if row.reason),
            }
        )
    context = {"panel": visit.panel, "bid": bid, "sections": sections}
    return render(request, "panels/interview_detail.html", context)
