"""An applicant's bids: where each one stands, looking at it, sending it, asking about it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts import pdf
from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from accounts.templatetags.purse import answer as answer_in_words
from accounts.templatetags.purse import money
from applications import (
    actions,
    content,
    correction_rules,
    looking_rules,
    parts,
    redaction,
    rules,
    way_rules,
    ways,
)
from applications.forms import (
    HelpForm,
    SendForm,
)
from applications.models import Application, Organisation
from applications.views.finding import WHOLE_BID, find_bid, find_open_round, page, status
from applications.views.starting import odd_numbers
from commissioning.forms import Sure
from ledger import clock
from ledger.models import Channel, Entry

MADE_A_COPY = ("bid_sent", "correction_answered", "correction_settled")
"""The entries that say a copy of a bid was kept."""


def what_was_told() -> "Prefetch[str]":
    """Bids' letters about what became of them, with what was answered (one query)."""
    letters = Application.outcome_letters.rel.related_model._default_manager
    rows = letters.select_related("letter", "outcome__acceptance")
    return Prefetch("outcome_letters", rows)


# ---- My bids ---------------------------------------------------------------------------------
@permitted(Permission.APPLY)
@require_safe
def my_applications(request: HttpRequest) -> HttpResponse:
    """All bids of the organisations a person acts for, each with its state in words."""
    bids = (
        Application.objects.visible_to(request.user)
        .filter(organisation__colleagues__person=reader(request))
        .select_related("round__programme", "organisation", "lot")
        .prefetch_related("round__stages", "extensions", what_was_told())
        .order_by("-made_at")
    )
    now, ruled_out = clock.now(), rules.told_no(bids)
    rows = [
        {
            "bid": bid,
            "deadline": rules.deadline_of(bid),
            "state": _state(bid, now, ruled_out=bid.pk in ruled_out),
        }
        for bid in bids
    ]
    organisations = Organisation.objects.visible_to(request.user)
    return render(
        request,
        "applications/my_applications.html",
        {"rows": rows, "organisations": organisations},
    )


def _state(bid: Application, now: Any, *, ruled_out: bool) -> tuple[str, str]:
    """A bid's state as a word and the kind of sign beside it."""
    if bid.withdrawn_at:
        return _("Taken back"), "wait"
    if told := _told(bid):
        return told
    if ruled_out:
        return _("It cannot go on"), "wait"
    if bid.submitted_at:
        return _("Sent"), "done"
    if rules.in_time(bid, at=now):
        return _("Not sent yet"), "now"
    return _("Not sent in time"), "wait"


def _told(bid: Application) -> tuple[str, str] | None:
    """What the panel decided, once the letter about it has gone, and what the group answered."""
    gone = {(row.letter.written_at, row.pk): row for row in bid.outcome_letters.all() if row.letter}
    if not gone:
        return None
    newest = gone[max(gone)]
    word = str(newest.get_kind_display())
    if newest.outcome is None or not newest.outcome.amount:
        return word, "wait"
    answer = getattr(newest.outcome, "acceptance", None)
    if answer is None:
        return _("%(outcome)s: say if you take it") % {"outcome": word}, "now"
    if answer.accepted:
        return _("%(outcome)s: you said yes") % {"outcome": word}, "done"
    return _("%(outcome)s: you said no") % {"outcome": word}, "wait"


# ---- One bid ---------------------------------------------------------------------------------
@permitted(Permission.APPLY)
@require_safe
def application_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The bid as a list of tasks, each with its state in words."""
    bid = find_bid(request, pk)
    fixed = rules.stays_as_sent(bid)
    more = ("versions", "corrections", what_was_told()) if fixed else WHOLE_BID
    prefetch_related_objects([bid], "organisation__colleagues", *more)
    found = [] if fixed else rules.gaps(bid)
    asked = fixed and correction_rules.waiting_for(bid.corrections.all(), on=clock.today())
    told = _told(bid) if fixed else None
    may_be_told_no = fixed and not (asked or told)
    return render(
        request,
        "applications/application_detail.html",
        {
            "bid": bid,
            "programme": bid.round.programme,
            "tasks": [] if fixed else _tasks(bid, found),
            "missing": len(found),
            "may_send": rules.in_time(bid, at=clock.now()),
            "deadline": rules.deadline_of(bid),
            "newest": bid.newest_version,
            "told": told,
            "ruling": rules.told_no([bid]).get(bid.pk) if may_be_told_no else None,
            "earlier": not bid.submitted_at and rules.earlier_bids(bid).exists(),
            "changed": not fixed and rules.changed_since_sent(bid),
            "unsent": _unsent(bid),
            "may_confirm": rules.may_confirm_typed(bid, reader(request)),
            "may_withdraw": rules.may_withdraw(bid, reader(request)),
            "asked": asked,
            "may_wish": correction_rules.may_wish(bid, reader(request), on=clock.today()),
        },
    )


def _unsent(bid: Application) -> list[tuple[str, str]]:
    """What the group had changed and not sent as bidding closed: each part, as they left it."""
    stage, now = rules.open_stage_of(bid.round), bid.unsent
    if now is None or stage is None or stage.closed_at is None:
        return []
    sent = [row for row in bid.versions.all() if row.sent_at <= stage.closed_at]
    then = max(sent, key=lambda row: row.number).content
    rows = [
        (parts.label_of(now, part), parts.as_text(part, parts.value_of(now, part)))
        for part in parts.differing(then, now)
        if part in parts.parts_of(now)
    ]
    gone = [part for part in parts.differing(then, now) if part not in parts.parts_of(now)]
    rows += [(parts.name_of(then, part), _("Taken away")) for part in gone]
    if then.get(ways.KEY) != now.get(ways.KEY):
        rows.append((_("Another language or a video"), _ways_in_words(now)))
    return rows


def _tasks(bid: Application, found: list[rules.Gap]) -> list[dict[str, str]]:
    """The rows of the task list: details, each question, money, files."""
    gap_keys = {(gap.place, gap.key) for gap in found}
    places = {gap.place for gap in found}
    aside = {row.part for row in bid.made_way}
    written = {answer.question_id for answer in bid.answers.all() if answer.text.strip()}
    begun = bool(bid.area or bid.contact_name)
    left = [gap for gap in found if begun and gap.place == rules.Place.DETAILS]
    rows = [
        _task(
            _("Say what your project is called and where it happens"),
            reverse("change_details", args=[bid.pk]),
            begun=begun,
            gap=rules.Place.DETAILS in places,
            hint=_hint_of(parts.DETAILS, aside, left),
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
                hint=_hint_of(parts.ANSWER + question.key, aside),
            )
        )
    return [*rows, *_last_tasks(bid, rules.Place.BUDGET in places, aside)]


def _hint_of(part: str, aside: set[str], left: Iterable[rules.Gap] = ()) -> str:
    """What is still to be said there, and that somebody chose other words than a colleague's."""
    said = [gap.sentence for gap in left]
    if part in aside:
        said.append(_("Two of you wrote here. One text was chosen, the other is kept there."))
    return " ".join(said)


def _last_tasks(bid: Application, budget_gap: bool, aside: set[str]) -> list[dict[str, str]]:
    files = [row for row in bid.documents.all() if row.in_bid]
    return [
        _task(
            _("Say what the money is for"),
            reverse("change_budget", args=[bid.pk]),
            begun=bool(bid.budget_lines.all()),
            gap=budget_gap,
            hint=" ".join(filter(None, [_so_far(bid), _hint_of(parts.BUDGET, aside)])),
        ),
        *_ways_task(bid),
        _task(
            _("Add files"),
            reverse("add_document", args=[bid.pk]),
            begun=bool(files),
            gap=False,
            optional=True,
        ),
    ]


def _ways_task(bid: Application) -> list[dict[str, str]]:
    if not (way_rules.is_welcome(bid.round) or bid.other_ways):
        return []
    return [
        _task(
            _("Use another language, or a video"),
            reverse("other_ways", args=[bid.pk]),
            begun=bool(bid.other_ways),
            gap=False,
            optional=True,
        )
    ]


def _so_far(bid: Application) -> str:
    asked = content.total(rules.budget_of(bid))
    if not asked:
        return ""
    said = _("You ask for %(sum)s.") if bid.submitted_at else _("You ask for %(sum)s so far.")
    return said % {"sum": money(asked)}


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


# ---- Looking and sending ---------------------------------------------------------------------
@permitted(Permission.APPLY)
@require_safe
def preview_application(request: HttpRequest, pk: int) -> HttpResponse:
    """The bid as volunteers will see it, for the screen and for paper.

    Once bidding has closed it is the newest copy, with the words put beside it.
    """
    bid = find_bid(request, pk, *WHOLE_BID)
    sent = bid.newest_version if rules.stays_as_sent(bid) else None
    if sent:
        told, asked = ways.laid_out(sent.content, bid.plain_words.all()), sent.asked
    else:
        told = ways.laid_out(content.as_content(rules.bid_of(bid, with_criteria=False)), ())
        asked = content.total(rules.budget_of(bid))
    return render(
        request,
        "applications/preview_application.html",
        {
            "bid": bid,
            "programme": bid.round.programme,
            "content": redaction.for_readers(told),
            "asked": asked,
        },
    )


@permitted(Permission.APPLY)
@page
def check_application(request: HttpRequest, pk: int) -> HttpResponse:
    """All answers with their Change links, what is missing, and the box before sending."""
    bid = find_bid(request, pk, *WHOLE_BID)
    found = rules.gaps(bid)
    form = SendForm(posted(request)) if not found else SendForm()
    stopped = ""
    if request.method == "POST" and not found and form.is_valid():
        try:
            actions.send_application(
                application=bid,
                declared_true=form.cleaned_data["declared"],
                mark=form.cleaned_data["mark"],
                by=reader(request),
                at=clock.now(),
            )
        except (actions.ChangedSince, actions.NotReady) as error:
            stopped = str(error)
            bid = find_bid(request, pk, *WHOLE_BID)
            found = rules.gaps(bid)
            form = SendForm()
        else:
            return redirect("application_sent", pk)
    form.initial["mark"] = rules.mark_of(bid)
    return render(
        request,
        "applications/check_application.html",
        {
            "form": form,
            "bid": bid,
            "programme": bid.round.programme,
            "rows": _check_rows(bid),
            "warnings": looking_rules.warnings_for(bid),
            "gaps": [(gap.sentence, _where(bid, gap)) for gap in found],
            "asked": content.total(rules.budget_of(bid)),
            "cost": sum(line.cost for line in rules.budget_of(bid)),
            "stopped": stopped,
            "may_send": rules.in_time(bid, at=clock.now()),
            "deadline": rules.deadline_of(bid),
        },
        status=409 if stopped else status(request.method == "POST"),
    )


def _where(bid: Application, gap: rules.Gap) -> str:
    if gap.place == rules.Place.QUESTION:
        return _page(bid, "answer_question", gap.key)
    if gap.place == rules.Place.BUDGET:
        return _page(bid, "change_budget")
    return _page(bid, "change_details") + f"#id_{gap.key}"


def _page(bid: Application, name: str, *more: str) -> str:
    """A page of this bid that leads back to the check page."""
    return reverse(name, args=[bid.pk, *more]) + "?check=1"


def _check_rows(bid: Application) -> list[dict[str, Any]]:
    """Every answer as a row with its Change link."""
    details = _page(bid, "change_details")
    shown = rules.detail_labels()
    if bid.contact_channel != Channel.PHONE and not bid.contact_phone:
        del shown["contact_phone"]
    rows = [
        *_organisation_rows(bid),
        *(_row(label, rules.detail_as_text(bid, name), details) for name, label in shown.items()),
    ]
    given = content.as_content(rules.bid_of(bid, with_criteria=False))
    by_key = {row["key"]: row["text"] for row in given["answers"]}
    by_key[content.SUMMARY] = given["summary"]
    rows += [
        _row(
            question.label,
            by_key.get(question.key, ""),
            _page(bid, "answer_question", question.key),
        )
        for question in bid.round.form_questions.all()
    ]
    if bid.other_ways:
        url = _page(bid, "other_ways")
        rows.append(_row(_("Another language or a video"), _ways_in_words(given), url))
    files = [row.name for row in bid.documents.all() if row.in_bid]
    costs = _costs_in_words(given)
    rows += [
        _row(_("Costs"), costs, _page(bid, "change_budget")),
        _row(_("Files"), "\n".join(files) or _("No files."), _page(bid, "add_document")),
    ]
    return rows


def _organisation_rows(bid: Application) -> list[dict[str, Any]]:
    """The group as we know it; a register number that looks odd is said here for the last time."""
    group = bid.organisation
    url = reverse("change_organisation", args=[group.pk]) + f"?check={bid.pk}"
    odd = {row["field"]: row["sentence"] for row in odd_numbers(group)}
    rows = [_row(_("Organisation"), group.name, url)]
    for name, label in (
        ("charity_number", _("Charity number")),
        ("company_number", _("Company number")),
    ):
        if number := getattr(group, name):
            rows.append(_row(label, "\n".join(filter(None, [number, odd.get(name)])), url))
    return rows


def _costs_in_words(told: dict[str, Any]) -> str:
    """The costs of a bid, a line each."""
    return "\n".join(
        _("%(item)s: costs %(cost)s, we ask for %(asked)s")
        % {"item": row["item"], "cost": money(row["cost"]), "asked": money(row["asked"])}
        for row in told["budget"]
    )


def _row(label: str, value: str, url: str) -> dict[str, Any]:
    shown = answer_in_words(value) or rules.not_answered()
    return {"label": label, "value": shown, "change_url": url, "user_text": True}


@permitted(Permission.APPLY)
@require_safe
def application_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt: what was sent, when, and the marks that prove it later."""
    bid = find_bid(request, pk, "versions")
    newest = bid.newest_version
    if newest is None:
        return redirect("application_detail", pk)
    fixed = rules.stays_as_sent(bid)
    if not fixed:
        prefetch_related_objects([bid], *WHOLE_BID)
    context = {
        **_sent_copy(bid, newest),
        "changed": not fixed and rules.changed_since_sent(bid),
        "deadline": rules.deadline_of(bid),
        "may_send": not bid.withdrawn_at and rules.in_time(bid, at=clock.now()),
        "has_pdf": bool(pdf.available()),
    }
    return render(request, "applications/application_sent.html", context)


@permitted(Permission.APPLY)
@require_safe
def application_sent_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt and the bid as it was sent, as a tagged PDF to keep."""
    bid = find_bid(request, pk, "versions")
    newest = bid.newest_version
    if newest is None:
        raise Http404
    content = pdf.made("applications/application_sent_pdf.html", _sent_copy(bid, newest))
    name = f"{bid.reference}-{newest.number}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _sent_copy(bid: Application, newest: Any) -> dict[str, Any]:
    """What a receipt tells: the copy that was sent, and the marks that prove it later."""
    entry = Entry.objects.filter(
        chain=bid.round.chain, verb__in=MADE_A_COPY, data__bid_version=newest.pk
    ).first()
    return {
        "bid": bid,
        "programme": bid.round.programme,
        "version": newest,
        "content": ways.laid_out(newest.content, bid.plain_words.all()),
        "cost": sum(Decimal(row["cost"]) for row in newest.content["budget"]),
        "contact": [
            (label, rules.detail_as_text(bid, name))
            for name, label in rules.detail_labels().items()
            if name in ("contact_name", "contact_channel", "contact_phone") and getattr(bid, name)
        ],
        "receipt": _receipt(bid, newest),
        "head": entry.hash if entry else "",
    }


def _ways_in_words(told: dict[str, Any]) -> str:
    """What is given in another way, a line each; the language of the whole bid once."""
    given = ways.given_in(told)
    whole = given.get(ways.ALL)
    return "\n".join(
        f"{ways.label_of(told, part)}: {ways.in_words(way)}"
        for part, way in given.items()
        if way is whole or way.link or not whole or way.language != whole.language
    )


def _ways_on_receipt(told: dict[str, Any]) -> list[dict[str, str]]:
    said = _ways_in_words(told)
    return [{"label": _("Another language or a video"), "value": said}] if said else []


def _receipt(bid: Application, version: Any) -> list[dict[str, str]]:
    told = version.content
    texts = [told["summary"], *(row["text"] for row in told["answers"])]
    answers = sum(1 for text in texts if text and text != rules.not_answered())
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
        *_ways_on_receipt(version.content),
    ]


@permitted(Permission.APPLY)
@page
def withdraw_application(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a bid back, after ticking a box."""
    bid = find_bid(request, pk)
    rules.may_withdraw(bid, reader(request)).require()
    form = Sure(posted(request), label=_("Yes, take this bid back"))
    if form.is_valid():
        actions.withdraw_application(application=bid, by=reader(request), at=clock.now())
        messages.success(request, _("Your bid is taken back. We have written to you."))
        return redirect("my_applications")
    return render(
        request,
        "applications/withdraw_application.html",
        {"form": form, "bid": bid, "programme": bid.round.programme},
        status=status(form.is_bound),
    )


@permitted(Permission.APPLY)
@page
def confirm_typed_bid(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a bid somebody typed for you is right."""
    bid = find_bid(request, pk, "versions")
    rules.may_confirm_typed(bid, reader(request)).require()
    form = Sure(posted(request), label=_("This is our bid, and what it says is true"))
    if form.is_valid():
        actions.confirm_typed_bid(application=bid, by=reader(request), at=clock.now())
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
            "paper": list(bid.documents.paper()),
            "content": ways.laid_out(newest.content, bid.plain_words.all()) if newest else {},
            "asked": newest.asked if newest else None,
        },
        status=status(form.is_bound),
    )


# ---- Asking ----------------------------------------------------------------------------------
@login_required
@page
def ask_for_help(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask something about applying."""
    round = find_open_round(slug)
    rules.may_ask_for_help(round, reader(request)).require()
    form = HelpForm(posted(request))
    if form.is_valid():
        actions.ask_for_help(
            round=round, text=form.cleaned_data["text"], by=reader(request), at=clock.now()
        )
        messages.success(request, _("We have your question. We write to you with the answer."))
        return redirect("help_list", slug)
    return render(
        request,
        "applications/ask_for_help.html",
        {"form": form, "round": round, "programme": round.programme},
        status=status(form.is_bound),
    )
