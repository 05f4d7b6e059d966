"""Writing a bid: a question a page, the project, the costs, the files. Every save is kept."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import documents
from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from accounts.templatetags.purse import money, time_of_day
from accounts.versions import Stale
from applications import actions, content, parts, rules, way_rules, ways
from applications.forms import (
    AnswerForm,
    BudgetForm,
    DetailsForm,
    DocumentForm,
    VersionForm,
    with_more_lines,
)
from applications.models import Application, Document, FormQuestion, SetAside
from applications.views.finding import (
    back_to_check,
    find_bid,
    find_bid_alone,
    home_of,
    page,
    saved,
    status,
    still_to_check,
)
from ledger import clock


# ---- Saving while typing ---------------------------------------------------------------------
def _by_itself(request: HttpRequest) -> bool:
    """Whether the page saves by itself, and wants a short answer."""
    return request.headers.get("X-Autosave") == "1"


def _saved(version: int, at: datetime) -> JsonResponse:
    return JsonResponse({"version": version, "saved_at_words": time_of_day(at)})


def _both(error: Stale, labels: dict[str, Any], yours: dict[str, str]) -> list[dict[str, str]]:
    """What stands here and what was saved elsewhere, side by side, where the two differ."""
    return [
        {
            "name": name,
            "label": str(labels.get(name, "")),
            "yours": yours.get(name, ""),
            "theirs": theirs,
        }
        for name, theirs in error.theirs.items()
        if yours.get(name, "") != theirs
    ]


def _changed_elsewhere(
    request: HttpRequest, error: Stale, texts: list[dict[str, str]]
) -> JsonResponse:
    said = error.said_to(reader(request), now=clock.now())
    return JsonResponse({"version": error.version, "said": said, "texts": texts}, status=409)


# ---- Two people at one place -----------------------------------------------------------------
def _chosen(request: HttpRequest) -> actions.Keep | None:
    """What the writer chose, having seen that other words were saved meanwhile."""
    try:
        return actions.Keep(request.POST.get("keep", ""))
    except ValueError:
        return None


def _settled(request: HttpRequest, bid: Application, keep: actions.Keep) -> HttpResponse:
    """The same page again, with what was chosen in its boxes and the rest to read below."""
    said = {
        keep.MINE: _("What you wrote is saved. What was there before is kept below."),
        keep.THEIRS: _("What was saved stays. What you wrote is kept below."),
        keep.BOTH: _("Both are in the box now. Make one text of them."),
    }
    messages.success(request, saved(bid, said[keep]))
    return redirect(request.get_full_path())


def _to_choose(
    request: HttpRequest, form: Any, error: Stale, texts: list[dict[str, str]], button: str
) -> dict[str, Any]:
    """Both texts on the page, which saves nothing over the other before the writer has chosen."""
    form.data = form.data.copy()
    asked_already = bool(form.data.get("over"))
    form.data["over"] = str(error.version)
    return {
        "form": form,
        "texts": texts,
        "said": error.said_to(reader(request), now=clock.now()),
        "chooses": True,
        "unchosen": asked_already,
        "button": button,
    }


def _set_aside(bid: Application, part: str) -> list[SetAside]:
    """What made way for other words here."""
    return [row for row in bid.made_way if row.part == part]


def _refused_as_typed(errors: Iterable[str]) -> JsonResponse:
    return JsonResponse({"sentences": list(errors)}, status=422)


@permitted(Permission.APPLY)
@page
def answer_question(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One question a page. It is saved first, and then said what is still wrong with it."""
    if request.method == "POST" and _by_itself(request):
        return _answer_by_itself(request, pk, key)
    bid = find_bid(request, pk, "round__form_questions")
    questions = list(bid.round.form_questions.all())
    question = get_object_or_404(bid.round.form_questions.all(), key=key)
    stored = bid.answers.filter(question=question).first()
    first = {"text": stored.text if stored else "", "version": stored.version if stored else 0}
    form = AnswerForm(posted(request), question=question, initial=first)
    around = _around(request, bid, questions, question)
    if form.is_valid():
        said = {"application": bid, "question": question, "text": form.cleaned_data["text"]}
        by, now, keep = reader(request), clock.now(), _chosen(request)
        try:
            if keep:
                over = form.cleaned_data["over"] or 0
                actions.settle_answer(**said, over=over, keep=keep, by=by, at=now)
                return _settled(request, bid, keep)
            version = form.cleaned_data["version"]
            kept = actions.save_answer(**said, version=version, by=by, at=now)
        except Stale as error:
            return _stale_answer(request, form, error, around)
        trouble = rules.trouble_with(question, kept.text) if kept.text else ""
        if not trouble or "later" in request.POST:
            messages.success(request, saved(bid, _("Your answer is saved.")))
            return redirect(around["later_url"] if "later" in request.POST else around["next_url"])
        form = _with_version(form, kept.version)
        form.add_error("text", trouble)
    return render(
        request, "applications/answer_question.html", {"form": form, **around},
        status=status(form.is_bound),
    )  # fmt: skip


def _answer_by_itself(request: HttpRequest, pk: int, key: str) -> JsonResponse:
    """What a page saves while somebody types. Hundreds do so at once before a deadline, so it asks
    the database for nothing that it does not need."""
    bid = find_bid_alone(request, pk)
    question = get_object_or_404(FormQuestion, round=bid.round_id, key=key)
    form = AnswerForm(posted(request), question=question)
    if not form.is_valid():
        return _refused_as_typed(form.errors)
    text, version = form.cleaned_data["text"], form.cleaned_data["version"]
    try:
        kept = actions.save_answer(
            application=bid,
            question=question,
            text=text,
            version=version,
            by=reader(request),
            at=clock.now(),
        )
    except Stale as error:
        both = _both(error, {"text": question.label}, {"text": text})
        return _changed_elsewhere(request, error, both)
    return _saved(kept.version, kept.saved_at)


def _with_version(form: Any, version: int) -> Any:
    """The same form with all that was typed, ready to be sent over the newest version."""
    form.data = form.data.copy()
    form.data["version"] = str(version)
    return form


def _stale_answer(
    request: HttpRequest, form: AnswerForm, error: Stale, around: dict[str, Any]
) -> HttpResponse:
    yours = {"text": form.cleaned_data["text"]}
    texts = _both(error, {"text": form.question.label}, yours)
    button = _("Save and go back to check") if around["from_check"] else _("Save and go on")
    context = around | _to_choose(request, form, error, texts, button) | {"joins": form.joins}
    return render(request, "applications/answer_question.html", context, status=409)


def _around(
    request: HttpRequest, bid: Application, questions: list[Any], question: Any
) -> dict[str, Any]:
    """Where Back and Save and go on lead, and the place among the questions."""
    place = [row.pk for row in questions].index(question.pk)
    following = questions[place + 1] if place + 1 < len(questions) else None
    next_url = (
        reverse("answer_question", args=[bid.pk, following.key])
        if following
        else reverse("change_budget", args=[bid.pk])
    )
    from_check = back_to_check(request)
    return {
        "bid": bid,
        "programme": bid.round.programme,
        "question": question,
        "place": place + 1,
        "of": len(questions),
        "from_check": from_check,
        "back_url": home_of(request, bid),
        "later_url": reverse("application_detail", args=[bid.pk]),
        "other_way_url": _other_way(request, bid, question),
        "set_aside": _set_aside(bid, parts.ANSWER + question.key),
        "next_url": home_of(request, bid) if from_check else next_url,
    }


def _other_way(request: HttpRequest, bid: Application, question: Any) -> str:
    if question.kind not in FormQuestion.IN_WORDS or not way_rules.is_welcome(bid.round):
        return ""
    url = reverse("other_way", args=[bid.pk, ways.part_of(question.key)])
    return url + still_to_check(request)


@permitted(Permission.APPLY)
@page
def change_details(request: HttpRequest, pk: int) -> HttpResponse:
    """The project in short. Half of it may be saved."""
    bid = find_bid(request, pk)
    names = actions.DETAILS
    form = DetailsForm(
        posted(request),
        initial={"version": bid.version, **{name: getattr(bid, name) for name in names}},
    )
    context = {
        "form": form,
        "bid": bid,
        "programme": bid.round.programme,
        "set_aside": _set_aside(bid, parts.DETAILS),
        "back_url": home_of(request, bid),
    }
    if form.is_bound and (form.is_valid() or not _by_itself(request)):
        form.is_valid()
        good = {name: form.cleaned_data[name] for name in names if name in form.cleaned_data}
        good |= {"application": bid, "by": reader(request), "at": clock.now()}
        keep = _chosen(request)
        try:
            if keep:
                over = form.cleaned_data.get("over") or 0
                actions.settle_details(over=over, keep=keep, **good)
                return _settled(request, bid, keep)
            version = actions.save_details(version=form.cleaned_data.get("version", 0), **good)
        except Stale as error:
            return _stale_details(request, form, error, context)
        if _by_itself(request):
            return _saved(version, clock.now())
        if form.is_valid():
            messages.success(request, _saved_so_far(bid))
            return redirect(home_of(request, bid))
        context["form"] = _with_version(form, version)
    elif form.is_bound:
        return _refused_as_typed(form.errors)
    return render(
        request, "applications/change_details.html", context, status=status(form.is_bound)
    )


def _saved_so_far(bid: Application) -> str:
    """That it is saved, and what is still to be said on this page before the bid can go."""
    left = [gap.sentence for gap in rules.detail_gaps(bid)]
    said = saved(bid, _("Your project is saved."))
    if not left:
        return said
    return f"{said} " + _("Before you send your bid:") + " " + " ".join(left)


def _stale_details(
    request: HttpRequest, form: DetailsForm, error: Stale, context: dict[str, Any]
) -> HttpResponse:
    labels = {name: field.label for name, field in form.fields.items()}
    typed = Application(**{name: form.cleaned_data[name] for name in error.theirs})
    yours = {name: rules.detail_as_text(typed, name) for name in error.theirs}
    texts = _both(error, labels, yours)
    if _by_itself(request):
        return _changed_elsewhere(request, error, texts)
    context |= _to_choose(request, form, error, texts, _("Save your project"))
    return render(request, "applications/change_details.html", context, status=409)


@permitted(Permission.APPLY)
@page
def change_budget(request: HttpRequest, pk: int) -> HttpResponse:
    """What the money is for, line by line. The server adds the sums up, without JavaScript too."""
    bid = find_bid(request, pk, "budget_lines")
    if request.method != "POST":
        return _budget_page(request, bid, *_budget_forms(bid))
    if "more" in request.POST and not _by_itself(request):
        return _budget_page(request, bid, *_with_more_lines(request), unsaved=True)
    form, formset = VersionForm(request.POST), BudgetForm(request.POST, prefix="lines")
    if not (form.is_valid() and formset.is_valid()):
        if _by_itself(request):
            return _refused_as_typed([str(error) for error in formset.non_form_errors()])
        return _budget_page(request, bid, form, formset, status=422)
    said: dict[str, Any] = {"application": bid, "lines": formset.lines}
    said |= {"by": reader(request), "at": clock.now()}
    keep = _chosen(request)
    try:
        if keep:
            actions.settle_budget(over=form.cleaned_data["over"] or 0, keep=keep, **said)
            return _settled(request, bid, keep)
        version = actions.save_budget(version=form.cleaned_data["version"], **said)
    except Stale as error:
        return _stale_budget(request, bid, form, formset, error)
    if _by_itself(request):
        return _saved(version, clock.now())
    asked = content.total(formset.lines)
    words = _("Your costs are saved. You ask for %(sum)s.") % {"sum": money(asked)}
    messages.success(request, saved(bid, words))
    if "add_up" in request.POST:
        return redirect(request.get_full_path())
    return redirect(home_of(request, bid))


SPARE_LINES = 3


def _budget_forms(bid: Application) -> tuple[VersionForm, Any]:
    rows = [
        {"item": row.item, "cost": row.cost, "asked": row.asked} for row in bid.budget_lines.all()
    ]
    formset = BudgetForm(prefix="lines", initial=list(rows))
    formset.extra = SPARE_LINES
    return VersionForm(initial={"version": bid.version}), formset


def _with_more_lines(request: HttpRequest) -> tuple[VersionForm, Any]:
    version = VersionForm(initial={"version": request.POST.get("version", "")})
    return version, with_more_lines(request.POST, spare=SPARE_LINES)


def _budget_page(
    request: HttpRequest,
    bid: Application,
    form: VersionForm,
    formset: Any,
    *,
    status: int = 200,
    unsaved: bool = False,
    **more: Any,
) -> HttpResponse:
    lines = rules.budget_of(bid)
    context = {
        "bid": bid,
        "programme": bid.round.programme,
        "form": form,
        "formset": formset,
        "asked": content.total(lines),
        "cost": sum(line.cost for line in lines),
        "unsaved": unsaved,
        "set_aside": _set_aside(bid, parts.BUDGET),
        "back_url": home_of(request, bid),
        **more,
    }
    return render(request, "applications/change_budget.html", context, status=status)


def _stale_budget(
    request: HttpRequest, bid: Application, form: VersionForm, formset: Any, error: Stale
) -> HttpResponse:
    yours = {"budget": content.budget_as_text(formset.lines)}
    texts = _both(error, {"budget": _("What the money is for")}, yours)
    if _by_itself(request):
        return _changed_elsewhere(request, error, texts)
    more = _to_choose(request, form, error, texts, _("Save your costs"))
    return _budget_page(request, bid, formset=formset, status=409, **more)


# ---- Files -----------------------------------------------------------------------------------
@permitted(Permission.APPLY)
@page
def add_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a file, and see those that are there."""
    bid = find_bid(request, pk, "documents")
    sent = request.method == "POST"
    form = DocumentForm(request.POST, request.FILES) if sent else DocumentForm()
    if form.is_valid():
        try:
            actions.add_document(
                application=bid, upload=form.upload, by=reader(request), at=clock.now()
            )
            messages.success(request, saved(bid, _("Your file is added.")))
            return redirect(request.get_full_path())
        except documents.BadFile as error:
            form.add_error("file", str(error))
    return render(
        request,
        "applications/add_document.html",
        {
            "form": form,
            "bid": bid,
            "programme": bid.round.programme,
            "files": [row for row in bid.documents.all() if row.in_bid],
            "from_check": back_to_check(request),
            "back_url": home_of(request, bid),
            "scanned": documents.scanner_is_set(),
        },
        status=status(form.is_bound),
    )


@permitted(Permission.APPLY)
@require_POST
def remove_document(request: HttpRequest, pk: int, uuid: str) -> HttpResponse:
    """Take a file out of the bid."""
    bid = find_bid(request, pk)
    document = get_object_or_404(bid.documents.in_bid(), uuid=uuid)
    actions.remove_document(document=document, by=reader(request), at=clock.now())
    messages.success(request, saved(bid, _("Your file is taken away.")))
    return redirect(reverse("add_document", args=[pk]) + still_to_check(request))


@permitted(Permission.APPLY, Permission.CHECK_RULES)
@require_safe
def document_file(request: HttpRequest, uuid: str) -> HttpResponseBase:
    """A file to save, for those who wrote the bid and those who check its rules; a picture of its
    paper to look at."""
    document = get_object_or_404(Document.objects.visible_to(request.user), uuid=uuid)
    show = documents.to_look_at if document.of_paper else documents.as_download
    return show(document)
