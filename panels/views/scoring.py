"""Scoring: one question at a time or all at once, checking, sending, and "not this one"."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import posted
from accounts.permissions import Permission, Refused, permitted, reader
from accounts.versions import Stale
from commissioning.models import Criterion, LevelWord
from ledger import clock
from panels import actions
from panels.actions.scoring import bid_draft, digest_of
from panels.forms import AbstainForm, AllScoresForm, ScoreForm, SureForm, WhyForm
from panels.models import Abstention, ScoreSheet
from panels.rules import scoring as rules
from panels.rules.desk import desks
from panels.rules.scans import scans_with
from panels.rules.scoring import Gap, Marked, Reading, Written
from panels.views import saving
from panels.views.scans import shows_scans
from panels.views.volunteer import both_texts, own_reading


# ---- Scoring --------------------------------------------------------------------------------
def _begin_scoring(request: HttpRequest, pk: int) -> Reading:
    """A bid that may be scored now; refused with the rule's own sentence otherwise."""
    reading = own_reading(request, pk)
    rules.may_score(reading, reader(request), on=clock.today()).require()
    return reading


@permitted(Permission.SCORE)
def score_criterion(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One question about one bid, with the part of the bid it asks about beside it."""
    reading = _begin_scoring(request, pk)
    if not reading.assignment.started_at:
        return redirect("read_bid", pk)
    marks = rules.marked(reading.assignment, reading.round)
    mark = next((row for row in marks if row.criterion.slug == slug), None)
    if mark is None:
        raise Http404
    levels = LevelWord.objects.filter(criterion=mark.criterion)
    form = ScoreForm(posted(request), mark=mark, levels=levels)
    if request.method == "POST":
        answer = _save_score(request, reading, marks, mark, form)
        if answer is not None:
            return answer
    place = marks.index(mark)
    return render(
        request,
        "panels/score_criterion.html",
        {
            "reading": reading,
            "bid": reading.assignment.application,
            "mark": mark,
            "form": form,
            "number": place + 1,
            "count": len(marks),
            "before": marks[place - 1].criterion.slug if place else "",
            "parts": _parts_about(reading, mark.criterion),
            "from_check": "check" in request.GET,
        },
        status=422 if form.errors else 200,
    )


def _parts_about(reading: Reading, criterion: Criterion) -> list[dict[str, Any]]:
    """The answers of the bid that serve one criterion."""
    answers = reading.content["answers"]
    return [row for row in answers if criterion.slug in row.get("criteria", ())]


def _save_score(
    request: HttpRequest, reading: Reading, marks: list[Marked], mark: Marked, form: ScoreForm
) -> HttpResponse | None:
    """Keep one answer and go on; None when the page must be shown again."""
    if not form.is_valid():
        return saving.not_kept(form) if saving.is_autosave(request) else None
    at = clock.now()
    pk, slug = reading.assignment.pk, mark.criterion.slug
    try:
        draft = actions.save_score_draft(
            assignment=reading.assignment,
            reading=reading,
            criterion=mark.criterion,
            answer=form.answer(),
            version=form.cleaned_data["version"] or 0,
            client_id=saving.client_id(request),
            by=reader(request),
            at=at,
        )
    except Stale as error:
        if saving.is_autosave(request):
            return saving.changed(error, form)
        return both_texts(request, error, form, reverse("score_criterion", args=[pk, slug]))
    if saving.is_autosave(request):
        return saving.kept(draft.version, draft.saved_at)
    if form.take_over:
        back = "?check=1" if "check" in request.GET else ""
        return redirect(reverse("score_criterion", args=[pk, slug]) + back + "#id_reason")
    if "check" in request.GET:
        return redirect("check_scores", pk)
    place = marks.index(mark) + 1
    if place < len(marks):
        return redirect("score_criterion", pk, marks[place].criterion.slug)
    return redirect("say_why", pk)


@permitted(Permission.SCORE)
def score_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Every question about one bid on one page, for those who like it so."""
    reading = _begin_scoring(request, pk)
    if not reading.assignment.started_at:
        return redirect("read_bid", pk)
    written = rules.written(reading)
    levels = rules.level_words(reading.round)
    form = AllScoresForm(posted(request), written=written, levels=levels)
    if request.method == "POST":
        answer = _save_all(request, reading, written, form)
        if answer is not None:
            return answer
    context = {"reading": reading, "bid": reading.assignment.application, "form": form}
    return render(request, "panels/score_all.html", context, status=422 if form.errors else 200)


def _save_all(
    request: HttpRequest, reading: Reading, written: Written, form: AllScoresForm
) -> HttpResponse | None:
    """Keep all answers and go on to the check page; None when the page must be shown again."""
    if not form.is_valid():
        return saving.not_kept(form) if saving.is_autosave(request) else None
    at, pk = clock.now(), reading.assignment.pk
    try:
        version = actions.save_score_drafts(
            assignment=reading.assignment,
            reading=reading,
            written=written,
            answers=form.answers(),
            why=form.cleaned_data["why"],
            version=form.cleaned_data["version"] or 0,
            client_id=saving.client_id(request),
            by=reader(request),
            at=at,
        )
    except Stale as error:
        if saving.is_autosave(request):
            return saving.changed(error, form)
        return both_texts(request, error, form, reverse("score_all", args=[pk]))
    return saving.kept(version, at) if saving.is_autosave(request) else redirect("check_scores", pk)


@permitted(Permission.SCORE)
def say_why(request: HttpRequest, pk: int) -> HttpResponse:
    """What made the reader choose, in their own words."""
    reading = _begin_scoring(request, pk)
    draft = bid_draft(reading.assignment)
    form = WhyForm(posted(request), initial={"why": draft.why, "version": draft.version})
    if request.method == "POST":
        answer = _save_why(request, reading, form)
        if answer is not None:
            return answer
    context = {"reading": reading, "bid": reading.assignment.application, "form": form}
    return render(request, "panels/say_why.html", context, status=422 if form.errors else 200)


def _save_why(request: HttpRequest, reading: Reading, form: WhyForm) -> HttpResponse | None:
    """Keep the words and go on to the check page; None when the page must be shown again."""
    if not form.is_valid():
        return saving.not_kept(form) if saving.is_autosave(request) else None
    at, pk = clock.now(), reading.assignment.pk
    try:
        draft = actions.save_bid_draft(
            assignment=reading.assignment,
            reading=reading,
            why=form.cleaned_data["why"],
            version=form.cleaned_data["version"] or 0,
            client_id=saving.client_id(request),
            by=reader(request),
            at=at,
        )
    except Stale as error:
        if saving.is_autosave(request):
            return saving.changed(error, form)
        return both_texts(request, error, form, reverse("say_why", args=[pk]))
    if saving.is_autosave(request):
        return saving.kept(draft.version, draft.saved_at)
    return redirect("check_scores", pk)


# ---- Sending --------------------------------------------------------------------------------
@permitted(Permission.SCORE)
def check_scores(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything a reader is about to send, with a way to change each answer."""
    reading = own_reading(request, pk)
    if reading.sent_sheet:
        return redirect("scores_sent", pk)
    rules.may_score(reading, reader(request), on=clock.today()).require()
    marks = rules.marked(reading.assignment, reading.round)
    why = bid_draft(reading.assignment).why
    bid = reading.assignment.application
    missing = rules.gaps(marks, why, reason_for=reading.round.reason_for, bid=str(bid))
    form = SureForm(
        posted(request),
        label=_("These are my own scores, and I am happy with them."),
        mistake=_("Tick the box to say that these are your own scores."),
    )
    if request.method == "POST" and form.is_valid() and not missing:
        actions.send_scores(assignment=reading.assignment, by=reader(request), at=clock.now())
        return redirect("scores_sent", pk)
    return render(
        request,
        "panels/check_scores.html",
        {
            "reading": reading,
            "bid": bid,
            "form": form,
            "rows": _check_rows(pk, marks, why),
            "missing": [{"gap": gap, "url": _gap_url(pk, gap)} for gap in missing],
        },
        status=422 if request.method == "POST" else 200,
    )


def _gap_url(pk: int, gap: Gap) -> str:
    if gap.slug:
        return reverse("score_criterion", args=[pk, gap.slug]) + "?check=1"
    return reverse("say_why", args=[pk])


def _check_rows(pk: int, marks: list[Marked], why: str) -> list[dict[str, Any]]:
    """Each answer as a row of the check page."""
    rows = [
        {
            "label": mark.criterion.title,
            "value": score_words(mark.value, mark.cannot_judge),
            "reason": mark.reason,
            "url": reverse("score_criterion", args=[pk, mark.criterion.slug]) + "?check=1",
        }
        for mark in marks
    ]
    words = _("What made you choose this?")
    rows.append({"label": words, "value": "", "reason": why, "url": reverse("say_why", args=[pk])})
    return rows


def score_words(value: int | None, cannot_judge: bool) -> str:
    """A score as it is said on a page."""
    if cannot_judge:
        return _("I cannot judge this")
    return _("No score yet") if value is None else _("%(value)s out of 5") % {"value": value}


@permitted(Permission.SCORE)
@shows_scans
@require_safe
def scores_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt: what was sent, item by item, and what happens next."""
    reading = own_reading(request, pk)
    if not reading.sent_sheet:
        raise Refused(_("You have not sent scores for this bid."))
    sheets = ScoreSheet.objects.select_related("typed_by", "member__person", "application")
    sheet = sheets.get(pk=reading.sent_sheet)
    scores = list(sheet.scores.select_related("criterion"))
    desk = next(row for row in desks(reader(request)) if row.round.pk == reading.round.pk)
    return render(
        request,
        "panels/scores_sent.html",
        {
            "reading": reading,
            "bid": reading.assignment.application,
            "sheet": sheet,
            "scores": scores,
            "mark": digest_of(sheet, scores),
            "scans": scans_with(sheet) if sheet.typed_by_id else [],
            "desk": desk,
            "following": desk.to_read[0] if desk.to_read else None,
            "may_take_back": bool(rules.may_take_back(reading, reader(request), on=clock.today())),
            "may_object": sheet.typed_by_id
            and bool(rules.may_object(sheet, reader(request), on=clock.today())),
        },
    )


@permitted(Permission.SCORE)
def take_back_scores(request: HttpRequest, pk: int) -> HttpResponse:
    """Take sent scores back, to change them and send them again."""
    reading = own_reading(request, pk)
    rules.may_take_back(reading, reader(request), on=clock.today()).require()
    if request.method == "POST":
        actions.take_back_scores(assignment=reading.assignment, by=reader(request), at=clock.now())
        messages.success(request, _("You have your scores back. They are not sent now."))
        return redirect("check_scores", pk)
    context = {"reading": reading, "bid": reading.assignment.application}
    return render(request, "panels/take_back_scores.html", context)


# ---- Not this one ---------------------------------------------------------------------------
@permitted(Permission.SCORE)
def abstain(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one cannot score a bid. Knowing the people has a page of its own."""
    reading = own_reading(request, pk)
    rules.may_abstain(reading, reader(request), on=clock.today()).require()
    form = AbstainForm(posted(request))
    if form.is_valid():
        if form.cleaned_data["why"] == Abstention.Why.CONFLICT:
            return redirect("declare_late", pk)
        actions.abstain(
            assignment=reading.assignment,
            why=form.cleaned_data["why"],
            words=form.cleaned_data["words"],
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("Thank you for telling us. Nothing more is asked here."))
        return redirect("my_bids")
    context = {"reading": reading, "bid": reading.assignment.application, "form": form}
    return render(request, "panels/abstain.html", context, status=422 if form.errors else 200)


@permitted(Permission.READ_BIDS)
def hand_back_bid(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a bid back, with no reason asked."""
    reading = own_reading(request, pk)
    rules.may_hand_back(reading, reader(request)).require()
    if request.method == "POST":
        actions.hand_back(assignment=reading.assignment, by=reader(request), at=clock.now())
        messages.success(request, _("The bid is handed back. Somebody else will read it."))
        return redirect("my_bids")
    context = {"reading": reading, "bid": reading.assignment.application}
    return render(request, "panels/hand_back_bid.html", context)


@permitted(Permission.READ_BIDS)
@require_POST
def leave_for_later(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a bid at the end of the pile."""
    reading = own_reading(request, pk)
    actions.leave_for_later(assignment=reading.assignment, by=reader(request), at=clock.now())
    messages.success(request, _("This bid is now at the end of your pile."))
    return redirect("my_bids")
