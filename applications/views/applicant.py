"""Pages for people who bid. Everything is fetched through what a person may see."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Person
from accounts.permissions import Permission, permitted
from accounts.templatetags.purse import money, time_of_day
from accounts.versions import Stale
from applications import actions, content, documents, registers, rules
from applications.forms import (
    NEW,
    AnswerForm,
    BudgetForm,
    ChooseLotForm,
    ChooseOrganisationForm,
    ColleagueForm,
    DetailsForm,
    DocumentForm,
    HelpForm,
    NameBidForm,
    OrganisationForm,
    SendForm,
    VersionForm,
)
from applications.models import Application, Colleague, Document, Organisation
from commissioning.forms import Sure
from commissioning.models import Round, StageKind
from ledger import clock
from ledger.models import Entry

page = require_http_methods(["GET", "HEAD", "POST"])


def _reader(request: HttpRequest) -> Person:
    """Who is reading. Only behind `permitted` or `login_required`."""
    assert isinstance(request.user, Person)  # noqa: S101  # tells mypy what the decorators ensure
    return request.user


def _posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, be it nothing at all; None while the page is only looked at."""
    return request.POST if request.method == "POST" else None


def _status(bad: bool) -> int:
    return 422 if bad else 200


# ---- My bids ---------------------------------------------------------------------------------
@permitted(Permission.APPLY)
@require_safe
def my_applications(request: HttpRequest) -> HttpResponse:
    """All bids of the organisations a person acts for, each with its state in words."""
    bids = (
        Application.objects.visible_to(request.user)
        .filter(organisation__colleagues__person=_reader(request))
        .select_related("round__programme", "organisation", "lot")
        .prefetch_related("round__stages", "extensions")
        .order_by("-made_at")
    )
    now = clock.now()
    rows = [
        {"bid": bid, "deadline": rules.deadline_of(bid), "state": _state(bid, now)} for bid in bids
    ]
    organisations = Organisation.objects.visible_to(request.user)
    return render(
        request,
        "applications/my_applications.html",
        {"rows": rows, "organisations": organisations},
    )


def _state(bid: Application, now: Any) -> tuple[str, str]:
    """A bid's state as a word and the kind of sign beside it."""
    if bid.withdrawn_at:
        return _("Taken back"), "wait"
    if bid.submitted_at:
        return _("Sent"), "done"
    if rules.in_time(bid, at=now):
        return _("Not sent yet"), "now"
    return _("Not sent in time"), "wait"


# ---- Starting --------------------------------------------------------------------------------
def _open_round(slug: str) -> Round:
    return get_object_or_404(
        Round.objects.select_related("programme", "chain").prefetch_related("stages"),
        slug=slug,
        stages__kind=StageKind.OPEN,
        stages__opened_at__isnull=False,
    )


@login_required
@page
def start_application(request: HttpRequest, slug: str) -> HttpResponse:
    """First step: who the bid is for. Somebody new goes straight to telling us about it."""
    round = _open_round(slug)
    rules.may_start_organisation(_reader(request)).require()
    rules.call_open(round, at=clock.now()).require()
    own = list(Organisation.objects.visible_to(request.user))
    if not own:
        return redirect("start_organisation", slug)
    form = ChooseOrganisationForm(_posted(request), organisations=own)
    if form.is_valid():
        chosen = form.cleaned_data["organisation"]
        if chosen == NEW:
            return redirect("start_organisation", slug)
        return redirect("choose_lot", slug, int(chosen))
    return render(
        request,
        "applications/start_application.html",
        {"form": form, "round": round, "programme": round.programme},
        status=_status(form.is_bound),
    )


@login_required
@page
def start_organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """Who the organisation is. Asked once; later bids only choose it."""
    round = _open_round(slug)
    rules.may_start_organisation(_reader(request)).require()
    form = OrganisationForm(_posted(request))
    if form.is_valid():
        made = actions.start_organisation(by=_reader(request), at=clock.now(), **form.cleaned_data)
        if _odd_numbers(made):
            messages.info(request, _("One of your numbers looks odd. You can put it right later."))
        return redirect("choose_lot", slug, made.pk)
    return render(
        request,
        "applications/start_organisation.html",
        {"form": form, "round": round, "programme": round.programme},
        status=_status(form.is_bound),
    )


@permitted(Permission.APPLY)
@page
def choose_lot(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Second step: which part of the money."""
    round = _open_round(slug)
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    form = ChooseLotForm(_posted(request), round=round)
    if form.is_valid():
        return redirect("name_bid", slug, pk, form.cleaned_data["lot"].slug)
    return render(
        request,
        "applications/choose_lot.html",
        {
            "form": form,
            "round": round,
            "programme": round.programme,
            "organisation": organisation,
        },
        status=_status(form.is_bound),
    )


@permitted(Permission.APPLY)
@page
def name_bid(request: HttpRequest, slug: str, pk: int, lot: str) -> HttpResponse:
    """Third step: what the project is called. Then the bid is there."""
    round = _open_round(slug)
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    chosen = get_object_or_404(round.lots.all(), slug=lot)
    form = NameBidForm(_posted(request))
    if form.is_valid():
        made = actions.start_application(
            round=round,
            organisation=organisation,
            lot=chosen,
            title=form.cleaned_data["title"],
            by=_reader(request),
            at=clock.now(),
        )
        return redirect("application_detail", made.pk)
    return render(
        request,
        "applications/name_bid.html",
        {
            "form": form,
            "round": round,
            "programme": round.programme,
            "organisation": organisation,
            "lot": chosen,
        },
        status=_status(form.is_bound),
    )


# ---- One bid ---------------------------------------------------------------------------------
def _bid(request: HttpRequest, pk: int, *more: str) -> Application:
    """A bid this person works on, with its round's stages and its extensions. Else 404."""
    return get_object_or_404(
        Application.objects.visible_to(request.user)
        .filter(
            organisation__colleagues__person=_reader(request),
            organisation__colleagues__ended_at=None,
        )
        .select_related("round__programme", "round__chain", "lot", "organisation")
        .prefetch_related("round__stages", "extensions", *more),
        pk=pk,
    )


WHOLE_BID = ("round__form_questions", "answers", "budget_lines", "documents", "versions")


@permitted(Permission.APPLY)
@require_safe
def application_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The bid as a list of tasks, each with its state in words."""
    bid = _bid(request, pk, *WHOLE_BID)
    found = rules.gaps(bid)
    return render(
        request,
        "applications/application_detail.html",
        {
            "bid": bid,
            "programme": bid.round.programme,
            "tasks": _tasks(bid, found),
            "missing": len(found),
            "may_send": rules.in_time(bid, at=clock.now()),
            "deadline": rules.deadline_of(bid),
            "newest": bid.newest_version,
            "changed": rules.changed_since_sent(bid),
            "may_confirm": rules.may_confirm_typed(bid, _reader(request)),
        },
    )


def _tasks(bid: Application, found: list[rules.Gap]) -> list[dict[str, str]]:
    """The rows of the task list: details, each question, money, files."""
    gap_keys = {(gap.place, gap.key) for gap in found}
    places = {gap.place for gap in found}
    written = {answer.question_id for answer in bid.answers.all() if answer.text.strip()}
    rows = [
        _task(
            _("Say what your project is called and where it happens"),
            reverse("change_details", args=[bid.pk]),
            begun=bool(bid.area or bid.contact_name),
            gap=rules.Place.DETAILS in places,
        )
    ]
    for question in bid.round.form_questions.all():
        rows.append(
            _task(
                _("Answer: %(label)s") % {"label": question.label},
                reverse("answer_question", args=[bid.pk, question.key]),
                begun=question.pk in written,
                gap=(rules.Place.QUESTION, question.key) in gap_keys,
                optional=not question.required,
            )
        )
    files = [row for row in bid.documents.all() if not row.removed_at]
    rows += [
        _task(
            _("Say what the money is for"),
            reverse("change_budget", args=[bid.pk]),
            begun=bool(bid.budget_lines.all()),
            gap=rules.Place.BUDGET in places,
            hint=_so_far(bid),
        ),
        _task(
            _("Add files"),
            reverse("add_document", args=[bid.pk]),
            begun=bool(files),
            gap=False,
            optional=True,
        ),
    ]
    return rows


def _so_far(bid: Application) -> str:
    asked = content.total(rules.budget_of(bid))
    return _("You ask for %(sum)s so far.") % {"sum": money(asked)} if asked else ""


def _task(
    label: str, url: str, *, begun: bool, gap: bool, optional: bool = False, hint: str = ""
) -> dict[str, str]:
    row = {"label": label, "url": url, "hint": hint}
    if begun and not gap:
        return row | {"status": _("Completed"), "kind": "done"}
    if begun:
        return row | {"status": _("Not finished yet"), "kind": "now"}
    if optional:
        return row | {"status": _("Optional"), "kind": "wait"}
    return row | {"status": _("Not yet started"), "kind": "todo"}


# ---- Saving while typing ---------------------------------------------------------------------
def _by_itself(request: HttpRequest) -> bool:
    """Whether the page saves by itself, and wants a short answer."""
    return request.headers.get("X-Autosave") == "1"


def _saved(version: int) -> JsonResponse:
    return JsonResponse({"version": version, "saved_at_words": time_of_day(clock.now())})


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


def _changed_elsewhere(version: int, texts: list[dict[str, str]]) -> JsonResponse:
    return JsonResponse({"version": version, "texts": texts}, status=409)


def _refused_as_typed(errors: Iterable[str]) -> JsonResponse:
    return JsonResponse({"sentences": list(errors)}, status=422)


@permitted(Permission.APPLY)
@page
def answer_question(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One question a page. It is saved first, and then said what is still wrong with it."""
    bid = _bid(request, pk, "round__form_questions")
    questions = list(bid.round.form_questions.all())
    question = get_object_or_404(bid.round.form_questions.all(), key=key)
    stored = bid.answers.filter(question=question).first()
    first = {"text": stored.text if stored else "", "version": stored.version if stored else 0}
    form = AnswerForm(_posted(request), question=question, initial=first)
    around = _around(bid, questions, question)
    if form.is_valid():
        try:
            saved = actions.save_answer(
                application=bid,
                question=question,
                text=form.cleaned_data["text"],
                version=form.cleaned_data["version"],
                by=_reader(request),
                at=clock.now(),
            )
        except Stale as error:
            return _stale_answer(request, form, error, around)
        if _by_itself(request):
            return _saved(saved.version)
        trouble = rules.trouble_with(question, saved.text) if saved.text else ""
        if not trouble or "later" in request.POST:
            messages.success(request, _("Your answer is saved."))
            return redirect(around["back_url"] if "later" in request.POST else around["next_url"])
        form = _with_version(form, saved.version)
        form.add_error("text", trouble)
    elif form.is_bound and _by_itself(request):
        return _refused_as_typed(form.errors)
    return render(
        request, "applications/answer_question.html", {"form": form, **around},
        status=_status(form.is_bound),
    )  # fmt: skip


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
    if _by_itself(request):
        return _changed_elsewhere(error.version, texts)
    context = {"form": _with_version(form, error.version), "texts": texts, **around}
    return render(request, "applications/answer_question.html", context, status=409)


def _around(bid: Application, questions: list[Any], question: Any) -> dict[str, Any]:
    """Where Back and Save and go on lead, and the place among the questions."""
    place = [row.pk for row in questions].index(question.pk)
    following = questions[place + 1] if place + 1 < len(questions) else None
    return {
        "bid": bid,
        "programme": bid.round.programme,
        "question": question,
        "place": place + 1,
        "of": len(questions),
        "back_url": reverse("application_detail", args=[bid.pk]),
        "next_url": reverse("answer_question", args=[bid.pk, following.key])
        if following
        else reverse("change_budget", args=[bid.pk]),
    }


@permitted(Permission.APPLY)
@page
def change_details(request: HttpRequest, pk: int) -> HttpResponse:
    """The project in short. Half of it may be saved."""
    bid = _bid(request, pk)
    names = actions.DETAILS
    form = DetailsForm(
        _posted(request),
        initial={"version": bid.version, **{name: getattr(bid, name) for name in names}},
    )
    context = {"form": form, "bid": bid, "programme": bid.round.programme}
    if form.is_bound and (form.is_valid() or not _by_itself(request)):
        form.is_valid()
        good = {name: form.cleaned_data[name] for name in names if name in form.cleaned_data}
        try:
            version = actions.save_details(
                application=bid,
                version=form.cleaned_data.get("version", 0),
                by=_reader(request),
                at=clock.now(),
                **good,
            )
        except Stale as error:
            return _stale_details(request, form, error, context)
        if _by_itself(request):
            return _saved(version)
        if form.is_valid():
            messages.success(request, _("Your project is saved."))
            return redirect("application_detail", pk)
        context["form"] = _with_version(form, version)
    elif form.is_bound:
        return _refused_as_typed(form.errors)
    return render(
        request, "applications/change_details.html", context, status=_status(form.is_bound)
    )


def _stale_details(
    request: HttpRequest, form: DetailsForm, error: Stale, context: dict[str, Any]
) -> HttpResponse:
    labels = {name: field.label for name, field in form.fields.items()}
    yours = {name: _typed(form.cleaned_data.get(name)) for name in error.theirs}
    texts = _both(error, labels, yours)
    if _by_itself(request):
        return _changed_elsewhere(error.version, texts)
    context |= {"form": _with_version(form, error.version), "texts": texts}
    return render(request, "applications/change_details.html", context, status=409)


def _typed(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(value)
    return "" if value is None else str(value)


@permitted(Permission.APPLY)
@page
def change_budget(request: HttpRequest, pk: int) -> HttpResponse:
    """What the money is for, line by line. The server adds the sums up, without JavaScript too."""
    bid = _bid(request, pk, "budget_lines")
    if request.method != "POST":
        return _budget_page(request, bid, *_budget_forms(bid))
    if "more" in request.POST and not _by_itself(request):
        return _budget_page(request, bid, *_with_more_lines(request))
    form, formset = VersionForm(request.POST), BudgetForm(request.POST, prefix="lines")
    if not (form.is_valid() and formset.is_valid()):
        if _by_itself(request):
            return _refused_as_typed(formset.non_form_errors())
        return _budget_page(request, bid, form, formset, status=422)
    try:
        version = actions.save_budget(
            application=bid,
            lines=formset.lines,
            version=form.cleaned_data["version"],
            by=_reader(request),
            at=clock.now(),
        )
    except Stale as error:
        return _stale_budget(request, bid, form, formset, error)
    if _by_itself(request):
        return _saved(version)
    asked = content.total(formset.lines)
    messages.success(
        request, _("Your costs are saved. You ask for %(sum)s.") % {"sum": money(asked)}
    )
    if "add_up" in request.POST:
        return redirect("change_budget", pk)
    return redirect("application_detail", pk)


SPARE_LINES = 3


def _budget_forms(bid: Application) -> tuple[VersionForm, Any]:
    rows = [
        {"item": row.item, "cost": row.cost, "asked": row.asked} for row in bid.budget_lines.all()
    ]
    formset = BudgetForm(prefix="lines", initial=list(rows))
    formset.extra = SPARE_LINES
    return VersionForm(initial={"version": bid.version}), formset


def _with_more_lines(request: HttpRequest) -> tuple[VersionForm, Any]:
    """The page again with all that was typed and empty lines below it. Nothing is checked yet."""
    data = request.POST.copy()
    there = data.get("lines-TOTAL_FORMS", "0")
    count = int(there) if there.isdecimal() else 0
    rows = [
        {name: data.get(f"lines-{place}-{name}", "") for name in ("item", "cost", "asked")}
        for place in range(min(count, 40))
    ]
    formset = BudgetForm(prefix="lines", initial=rows)
    formset.extra = SPARE_LINES
    return VersionForm(initial={"version": data.get("version", "")}), formset


def _budget_page(
    request: HttpRequest,
    bid: Application,
    form: VersionForm,
    formset: Any,
    *,
    status: int = 200,
    texts: list[dict[str, str]] | None = None,
) -> HttpResponse:
    lines = rules.budget_of(bid)
    context = {
        "bid": bid,
        "programme": bid.round.programme,
        "form": form,
        "formset": formset,
        "asked": content.total(lines),
        "cost": sum(line.cost for line in lines),
        "texts": texts,
    }
    return render(request, "applications/change_budget.html", context, status=status)


def _stale_budget(
    request: HttpRequest, bid: Application, form: VersionForm, formset: Any, error: Stale
) -> HttpResponse:
    yours = {"budget": actions.budget_as_text(formset.lines)}
    texts = _both(error, {"budget": _("What the money is for")}, yours)
    if _by_itself(request):
        return _changed_elsewhere(error.version, texts)
    form = _with_version(form, error.version)
    return _budget_page(request, bid, form, formset, status=409, texts=texts)


# ---- Files -----------------------------------------------------------------------------------
@permitted(Permission.APPLY)
@page
def add_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a file, and see those that are there."""
    bid = _bid(request, pk, "documents")
    sent = request.method == "POST"
    form = DocumentForm(request.POST, request.FILES) if sent else DocumentForm()
    if form.is_valid():
        try:
            actions.add_document(
                application=bid, upload=form.upload, by=_reader(request), at=clock.now()
            )
            messages.success(request, _("Your file is added."))
            return redirect("add_document", pk)
        except documents.BadFile as error:
            form.add_error("file", str(error))
    return render(
        request,
        "applications/add_document.html",
        {
            "form": form,
            "bid": bid,
            "programme": bid.round.programme,
            "files": [row for row in bid.documents.all() if not row.removed_at],
            "scanned": documents.scanner_is_set(),
        },
        status=_status(form.is_bound),
    )


@permitted(Permission.APPLY)
@require_POST
def remove_document(request: HttpRequest, pk: int, uuid: str) -> HttpResponse:
    """Take a file out of the bid."""
    bid = _bid(request, pk)
    document = get_object_or_404(bid.documents.here(), uuid=uuid)
    actions.remove_document(document=document, by=_reader(request), at=clock.now())
    messages.success(request, _("Your file is taken away."))
    return redirect("add_document", pk)


@permitted(Permission.APPLY, Permission.CHECK_RULES)
@require_safe
def document_file(request: HttpRequest, uuid: str) -> FileResponse:
    """A file to save, for those who wrote the bid and those who check its rules."""
    document = get_object_or_404(Document.objects.visible_to(request.user), uuid=uuid)
    return documents.as_download(document)


# ---- Looking and sending ---------------------------------------------------------------------
@permitted(Permission.APPLY)
@require_safe
def preview_application(request: HttpRequest, pk: int) -> HttpResponse:
    """The bid as volunteers will see it, for the screen and for paper."""
    bid = _bid(request, pk, *WHOLE_BID)
    return render(
        request,
        "applications/preview_application.html",
        {
            "bid": bid,
            "programme": bid.round.programme,
            "content": content.as_content(rules.bid_of(bid, with_criteria=False)),
            "asked": content.total(rules.budget_of(bid)),
        },
    )


@permitted(Permission.APPLY)
@page
def check_application(request: HttpRequest, pk: int) -> HttpResponse:
    """All answers with their Change links, what is missing, and the box before sending."""
    bid = _bid(request, pk, *WHOLE_BID)
    found = rules.gaps(bid)
    form = SendForm(_posted(request)) if not found else SendForm()
    if request.method == "POST" and not found and form.is_valid():
        actions.send_application(
            application=bid,
            declared_true=form.cleaned_data["declared"],
            by=_reader(request),
            at=clock.now(),
        )
        return redirect("application_sent", pk)
    return render(
        request,
        "applications/check_application.html",
        {
            "form": form,
            "bid": bid,
            "programme": bid.round.programme,
            "rows": _check_rows(bid),
            "gaps": [(gap.sentence, _where(bid, gap)) for gap in found],
            "asked": content.total(rules.budget_of(bid)),
            "may_send": rules.in_time(bid, at=clock.now()),
            "deadline": rules.deadline_of(bid),
        },
        status=_status(request.method == "POST"),
    )


def _where(bid: Application, gap: rules.Gap) -> str:
    if gap.place == rules.Place.QUESTION:
        return reverse("answer_question", args=[bid.pk, gap.key])
    if gap.place == rules.Place.BUDGET:
        return reverse("change_budget", args=[bid.pk])
    return reverse("change_details", args=[bid.pk]) + f"#id_{gap.key}"


def _check_rows(bid: Application) -> list[dict[str, Any]]:
    """Every answer as a row with its Change link."""
    details = reverse("change_details", args=[bid.pk])
    written = {answer.question_id: answer.text for answer in bid.answers.all()}
    rows = [
        _row(_("Project"), bid.title, details),
        _row(_("Where"), bid.area, details),
        _row(_("People and partners"), bid.partners_named, details),
        _row(_("Smallest sum that helps"), money(bid.smallest_useful), details),
        _row(_("Whom to talk to"), bid.contact_name, details),
    ]
    rows += [
        _row(
            question.label,
            written.get(question.pk, ""),
            reverse("answer_question", args=[bid.pk, question.key]),
        )
        for question in bid.round.form_questions.all()
    ]
    files = [row.name for row in bid.documents.all() if not row.removed_at]
    costs = [
        _("%(item)s: %(asked)s of %(cost)s")
        % {"item": line.item, "asked": money(line.asked), "cost": money(line.cost)}
        for line in rules.budget_of(bid)
    ]
    rows += [
        _row(_("Costs"), "\n".join(costs), reverse("change_budget", args=[bid.pk])),
        _row(_("Files"), "\n".join(files), reverse("add_document", args=[bid.pk])),
    ]
    return rows


def _row(label: str, value: str, url: str) -> dict[str, Any]:
    return {"label": label, "value": value or "–", "change_url": url, "user_text": True}


@permitted(Permission.APPLY)
@require_safe
def application_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt: what was sent, when, and the marks that prove it later."""
    bid = _bid(request, pk, "versions")
    newest = bid.newest_version
    if newest is None:
        return redirect("application_detail", pk)
    entry = Entry.objects.filter(
        chain=bid.round.chain, verb="bid_sent", data__bid_version=newest.pk
    ).first()
    return render(
        request,
        "applications/application_sent.html",
        {
            "bid": bid,
            "programme": bid.round.programme,
            "version": newest,
            "content": newest.content,
            "receipt": _receipt(bid, newest),
            "head": entry.hash if entry else bid.round.chain.head_hash,
            "deadline": rules.deadline_of(bid),
            "may_send": rules.in_time(bid, at=clock.now()),
        },
    )


def _receipt(bid: Application, version: Any) -> list[dict[str, str]]:
    answers = sum(1 for row in version.content["answers"] if row["text"])
    files = len(version.content["documents"])
    return [
        {"label": _("Number of your bid"), "value": bid.reference},
        {"label": _("Copy"), "value": str(version.number)},
        {"label": _("Project"), "value": version.content["title"]},
        {"label": _("Organisation"), "value": version.content["organisation"]},
        {"label": _("Part of the fund"), "value": bid.lot.name},
        {"label": _("You ask for"), "value": money(version.asked)},
        {
            "label": _("Answers"),
            "value": ngettext("%(count)s answer", "%(count)s answers", answers)
            % {"count": answers},
        },
        {
            "label": _("Files"),
            "value": ngettext("%(count)s file", "%(count)s files", files) % {"count": files},
        },
    ]


@permitted(Permission.APPLY)
@page
def withdraw_application(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a bid back, after ticking a box."""
    bid = _bid(request, pk)
    rules.may_withdraw(bid, _reader(request)).require()
    form = Sure(_posted(request), label=_("Yes, take this bid back"))
    if form.is_valid():
        actions.withdraw_application(application=bid, by=_reader(request), at=clock.now())
        messages.success(request, _("Your bid is taken back. We have written to you."))
        return redirect("my_applications")
    return render(
        request,
        "applications/withdraw_application.html",
        {"form": form, "bid": bid, "programme": bid.round.programme},
        status=_status(form.is_bound),
    )


@permitted(Permission.APPLY)
@page
def confirm_typed_bid(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a bid somebody typed for you is right."""
    bid = _bid(request, pk, "versions")
    rules.may_confirm_typed(bid, _reader(request)).require()
    form = Sure(_posted(request), label=_("This is our bid, and what it says is true"))
    if form.is_valid():
        actions.confirm_typed_bid(application=bid, by=_reader(request), at=clock.now())
        messages.success(request, _("Thank you. We have noted that this is your bid."))
        return redirect("application_detail", pk)
    newest = bid.newest_version
    return render(
        request,
        "applications/confirm_typed_bid.html",
        {
            "form": form,
            "bid": bid,
            "programme": bid.round.programme,
            "content": newest.content if newest else {},
            "asked": newest.asked if newest else None,
        },
        status=_status(form.is_bound),
    )


# ---- The organisation ------------------------------------------------------------------------
def _odd_numbers(organisation: Organisation) -> list[dict[str, str]]:
    """Each register number whose form looks wrong, with what to put instead where it is known."""
    readings = {
        "charity_number": registers.read_charity_number(organisation.charity_number),
        "company_number": registers.read_company_number(organisation.company_number),
    }
    return [
        {"field": name, "sentence": reading.sentence, "fix": reading.fix}
        for name, reading in readings.items()
        if reading.sentence
    ]


@permitted(Permission.APPLY)
@page
def change_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """What we know of the organisation. Odd register numbers are said, with the fix."""
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    stored = Organisation.objects.get(pk=pk)
    by, now = _reader(request), clock.now()
    odd = _odd_numbers(stored)
    if "use" in request.POST:
        fixes = {row["field"]: row["fix"] for row in odd if row["fix"] == request.POST["use"]}
        actions.change_organisation(organisation=stored, by=by, at=now, **fixes)
        messages.success(request, _("The number is put right."))
        return redirect("change_organisation", pk)
    form = OrganisationForm(_posted(request), instance=organisation)
    if form.is_valid():
        actions.change_organisation(organisation=stored, by=by, at=now, **form.cleaned_data)
        messages.success(request, _("Your organisation is saved."))
        again = bool(_odd_numbers(stored))
        return redirect("change_organisation", pk) if again else redirect("my_applications")
    return render(
        request,
        "applications/change_organisation.html",
        {"form": form, "organisation": stored, "odd": odd},
        status=_status(form.is_bound),
    )


@permitted(Permission.APPLY)
@page
def add_colleague(request: HttpRequest, pk: int) -> HttpResponse:
    """Who acts for the organisation, and one more."""
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    form = ColleagueForm(_posted(request))
    if form.is_valid():
        actions.add_colleague(
            organisation=organisation, by=_reader(request), at=clock.now(), **form.cleaned_data
        )
        messages.success(request, _("They can work on your bids now. We have written to them."))
        return redirect("add_colleague", pk)
    here = organisation.colleagues.filter(ended_at=None).select_related("person")
    return render(
        request,
        "applications/add_colleague.html",
        {"form": form, "organisation": organisation, "here": here},
        status=_status(form.is_bound),
    )


@permitted(Permission.APPLY)
@require_POST
def end_colleague(request: HttpRequest, pk: int, colleague: int) -> HttpResponse:
    """Somebody works on the bids no more."""
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    row = get_object_or_404(
        Colleague.objects.filter(ended_at=None, organisation=organisation), pk=colleague
    )
    actions.end_colleague(colleague=row, by=_reader(request), at=clock.now())
    messages.success(request, _("They can no longer work on your bids."))
    if row.person_id == _reader(request).pk:
        return redirect("my_applications")
    return redirect("add_colleague", pk)


# ---- Asking ----------------------------------------------------------------------------------
@login_required
@page
def ask_for_help(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask something about applying."""
    round = _open_round(slug)
    rules.may_ask_for_help(round, _reader(request)).require()
    form = HelpForm(_posted(request))
    if form.is_valid():
        actions.ask_for_help(
            round=round, text=form.cleaned_data["text"], by=_reader(request), at=clock.now()
        )
        messages.success(request, _("We have your question. We write to you with the answer."))
        return redirect("help_list", slug)
    return render(
        request,
        "applications/ask_for_help.html",
        {"form": form, "round": round, "programme": round.programme},
        status=_status(form.is_bound),
    )
