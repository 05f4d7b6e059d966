"""Pages for facilitators: the bids as they come in, and the funder's rules."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import posted
from accounts.models import Person, Role
from accounts.permissions import Permission, Refused, permitted, reader
from applications import actions, correction_rules, looking_rules, rules, way_rules, ways
from applications.forms import (
    AnswerHelpForm,
    BudgetForm,
    DifferForm,
    EndFirstColleagueForm,
    ExtensionForm,
    FirstColleagueForm,
    PaperScanForm,
    RuleChecksForm,
    SecondForm,
    SettleForm,
    TypeBidForm,
    with_more_lines,
)
from applications.models import Application, AskBack, Document, Eligibility, RuleCheck
from applications.views.finding import page, status
from commissioning.forms import Sure
from commissioning.models import Round
from commissioning.rules import stage_open
from ledger import clock

PAPER_LINES = 8


def find_round(request: HttpRequest, slug: str) -> Round:
    """A round this person helps with. Else 404."""
    return get_object_or_404(
        Round.objects.visible_to(request.user)
        .select_related("programme", "chain")
        .prefetch_related("stages"),
        slug=slug,
    )


# ---- Bids ------------------------------------------------------------------------------------
@permitted(Permission.CHECK_RULES)
@require_safe
def bid_list(request: HttpRequest, slug: str) -> HttpResponse:
    """How many bids are being written, and those that were sent, by title and lot."""
    round = find_round(request, slug)
    all_bids = Application.objects.filter(round=round)
    sent = (
        Application.objects.visible_to(request.user)
        .filter(round=round)
        .select_related("lot", "organisation")
        .order_by("reference")
    )
    rows = list(sent)
    return render(
        request,
        "applications/bid_list.html",
        {
            "round": round,
            "programme": round.programme,
            "rows": rows,
            "drafts": all_bids.filter(submitted_at=None, withdrawn_at=None).count(),
            "sent": sum(1 for row in rows if not row.withdrawn_at),
            "deadline": rules.published_deadline(round),
            "may_type": rules.may_type_bid(round, reader(request), at=clock.now()),
            "may_bring": rules.may_bring_bids(round, reader(request), at=clock.now()),
            "bidding": stage_open(round, "open", on=clock.today()),
            "to_compare": {
                row.pk for row in rules.to_compare(reader(request)).filter(round=round).only("pk")
            },
        },
    )


def sent_bid(request: HttpRequest, slug: str, pk: int) -> Application:
    """A bid that was sent, with its copies and its rulings. Else 404."""
    return get_object_or_404(
        Application.objects.visible_to(request.user)
        .filter(submitted_at__isnull=False)
        .select_related("round__programme", "round__chain", "lot", "organisation", "submitted_by")
        .prefetch_related(
            "round__stages",
            "versions",
            Prefetch("eligibility", Eligibility.objects.select_related("rule")),
        ),
        round__slug=slug,
        pk=pk,
    )


def _words_task(bid: Application, row: dict[str, Any]) -> dict[str, str]:
    url = reverse("plain_words", args=[bid.round.slug, bid.pk, row["part"]])
    task = {"label": row["label"], "url": url, "hint": row["how"]}
    if row["done"]:
        return task | {"status": _("Words are here"), "kind": "done"}
    return task | {"status": _("Needs words"), "kind": "now"}


def _how_to_reach(bid: Application) -> list[dict[str, Any]]:
    """Whom staff can ring or write to. Volunteers are not shown this."""
    rows = [
        (_("Person to talk to"), bid.contact_name),
        (_("Phone"), bid.contact_phone),
        (_("How they like to hear from us"), rules.detail_as_text(bid, "contact_channel")),
        (_("Address"), f"{bid.organisation.address}\n{bid.organisation.postcode}".strip()),
    ]
    return [{"label": label, "value": said, "user_text": True} for label, said in rows if said]


def _paper_of(bid: Application) -> list[Document]:
    if bid.came_by != Application.CameBy.PAPER:
        return []
    return list(bid.documents.paper())


@permitted(Permission.CHECK_RULES)
@require_safe
def bid_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What was sent, for checking it against the funder's rules."""
    bid = sent_bid(request, slug, pk)
    prefetch_related_objects([bid], "corrections", "organisation__colleagues")
    newest = bid.newest_version
    may_check = rules.may_check_rules(bid, reader(request), on=clock.today())
    people = rules.colleagues_of(bid.organisation)
    return render(
        request,
        "applications/bid_detail.html",
        {
            "bid": bid,
            "round": bid.round,
            "programme": bid.round.programme,
            "version": newest,
            "content": ways.laid_out(newest.content, bid.plain_words.all()) if newest else {},
            "to_put_plainly": [_words_task(bid, row) for row in way_rules.to_put_plainly(bid)],
            "asked": newest.asked if newest else None,
            "ruling": rules.newest_ruling(bid),
            "may_check": may_check,
            "may_ask": may_check and correction_rules.could_ask(bid, on=clock.today()),
            "waits": correction_rules.waiting_for(bid.corrections.all(), on=clock.today()),
            "may_compare": rules.may_compare(bid, reader(request)),
            "late": rules.typed_late(bid),
            "reach": _how_to_reach(bid),
            "may_add_paper": rules.may_add_paper(bid, reader(request)),
            "paper": _paper_of(bid),
            "has_people": bool(people),
            "may_add_first": not people and rules.may_add_first(bid.organisation, reader(request)),
            "may_end_first": people and rules.may_end_first(people[0], reader(request)),
        },
    )


@permitted(Permission.CHECK_RULES)
@page
def check_rules(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The funder's rules for one bid on one page; what is left open can be done later."""
    bid = sent_bid(request, slug, pk)
    by = reader(request)
    rules.may_check_rules(bid, by, on=clock.today()).require()
    checks = list(bid.rule_checks.select_related("checked_by", "rule"))
    mine = {row.rule_id: row for row in checks if row.checked_by_id == by.pk}
    funder_rules = list(bid.round.funder_rules.breakable())
    found = looking_rules.found_for(bid, funder_rules)
    form = RuleChecksForm(posted(request), funder_rules=funder_rules, given=mine, found=found)
    if form.is_valid():
        for rule, answer, note in form.answers():
            before = mine.get(rule.pk)
            later = before and any(
                row.rule_id == rule.pk and row.checked_at > before.checked_at for row in checks
            )
            if before is None or later or (before.answer, before.note) != (answer, note.strip()):
                actions.check_rule(
                    application=bid, rule=rule, answer=answer, note=note, by=by, at=clock.now()
                )
        messages.success(request, _("Your checks are saved."))
        return redirect("settle_eligibility", slug, pk)
    return render(
        request,
        "applications/check_rules.html",
        {
            "form": form,
            "bid": bid,
            "round": bid.round,
            "programme": bid.round.programme,
            "looked": bool(found),
            "others": [row for row in checks if row.checked_by_id != by.pk],
        },
        status=status(form.is_bound),
    )


@permitted(Permission.CHECK_RULES)
@page
def settle_eligibility(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Whether the bid goes on. A no names the rule and why, and waits for a second person."""
    bid = sent_bid(request, slug, pk)
    by = reader(request)
    rules.may_check_rules(bid, by, on=clock.today()).require()
    looks = RuleCheck.objects.select_related("rule", "checked_by")
    prefetch_related_objects([bid], Prefetch("rule_checks", looks), "round__funder_rules")
    ruling = rules.newest_ruling(bid)
    was_no = bool(ruling and not ruling.eligible)
    form = SettleForm(posted(request), round=bid.round, was_no=was_no)
    if form.is_valid():
        eligible = form.cleaned_data["eligible"] == "yes"
        said = {
            "eligible": eligible,
            "rule": None if eligible else form.cleaned_data["rule"],
            "reason": form.cleaned_data["reason"],
        }
        verdict = rules.may_settle(bid, by, **said, on=clock.today())
        if verdict:
            actions.settle_eligibility(application=bid, **said, by=by, at=clock.now())
            messages.success(request, _settled_words(bid, eligible))
            return redirect("eligibility_list", slug)
        form.add_error("eligible", verdict.sentence)
    return render(
        request,
        "applications/settle_eligibility.html",
        {
            "form": form,
            "bid": bid,
            "round": bid.round,
            "programme": bid.round.programme,
            "ruling": ruling,
            "may_ask": correction_rules.could_ask(bid, on=clock.today()),
            "checks": bid.rule_checks.all(),
            "meets_all": rules.meets_all_rules(bid),
        },
        status=status(form.is_bound),
    )


def _settled_words(bid: Application, eligible: bool) -> str:
    said = {"reference": bid.reference}
    if eligible:
        return _("%(reference)s goes on to the volunteers.") % said
    return _("Your no to %(reference)s is kept. A second person must look at it.") % said


@permitted(Permission.CHECK_RULES, Permission.NOTE_REPORT)
@page
def second_eligibility(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A second person looks at a no: another facilitator, or a board member."""
    round = find_round(request, slug)
    ruling = get_object_or_404(
        Eligibility.objects.newest()
        .filter(application__round=round, eligible=False)
        .select_related("application__round__programme", "rule", "decided_by")
        .prefetch_related("application__round__stages", "application__versions"),
        pk=pk,
    )
    by = reader(request)
    rules.may_second(ruling, by, on=clock.today()).require()
    asked = rules.was_asked_back(ruling.application_id)
    differs = "why" in request.POST
    form = SecondForm(None if differs else posted(request), asked_back=asked)
    other = DifferForm(posted(request) if differs else None)
    if other.is_valid():
        actions.see_no_differently(
            eligibility=ruling, words=other.cleaned_data["why"], by=by, at=clock.now()
        )
        messages.success(request, _("Your words are kept. The no does not count."))
        return redirect("eligibility_list", slug)
    if form.is_valid():
        words = form.cleaned_data.get("words", "")
        actions.second_eligibility(eligibility=ruling, words=words, by=by, at=clock.now())
        messages.success(request, _upheld_words() if asked else _seconded_words())
        return redirect("eligibility_list", slug)
    newest = ruling.application.newest_version
    context: dict[str, Any] = {
        "form": form,
        "other": other,
        "ruling": ruling,
        "bid": ruling.application,
        "round": round,
        "programme": round.programme,
        "content": ways.laid_out(newest.content, ruling.application.plain_words.all())
        if newest
        else {},
        "asked": newest.asked if newest else None,
        "asked_back": AskBack.objects.filter(eligibility__application=ruling.application_id),
    }
    return render(
        request,
        "applications/second_eligibility.html",
        context,
        status=status(form.is_bound or other.is_bound),
    )


def _seconded_words() -> str:
    return _("The no counts now. Volunteers have 3 working days to ask.")


def _upheld_words() -> str:
    return _("The no counts now. Volunteers can read why you uphold the rule.")


@permitted(Permission.CHECK_RULES, Permission.NOTE_REPORT)
@require_safe
def eligibility_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Every sent bid with its ruling, and what waits for whom."""
    round = find_round(request, slug)
    bids = (
        Application.objects.filter(round=round)
        .sent()
        .select_related("lot", "organisation")
        .prefetch_related(
            "eligibility__rule",
            "eligibility__asked_back",
            Prefetch("rule_checks", RuleCheck.objects.select_related("checked_by")),
            "organisation__colleagues",
            "corrections",
        )
        .order_by("reference")
    )
    by = reader(request)
    rows = [_eligibility_row(bid, by) for bid in bids]
    may_check = stage_open(round, "eligibility", on=clock.today())
    to_second = [
        row
        for row in rows
        if row["ruling"] and not row["ruling"].eligible and not row["ruling"].seconded_at
    ]
    to_check = [row for row in rows if may_check and row["kind"] != "done"]
    return render(
        request,
        "applications/eligibility_list.html",
        {
            "round": round,
            "programme": round.programme,
            "rows": rows,
            "any_next": bool(to_second or to_check),
            "waiting": sum(1 for row in rows if row["kind"] != "done" and row["kind"] != "care"),
            "may_check": may_check,
        },
    )


def _eligibility_row(bid: Application, by: Person) -> dict[str, Any]:
    """A bid with its ruling as a word and a sign."""
    ruling = rules.newest_ruling(bid)
    row: dict[str, Any] = {"bid": bid, "ruling": ruling, "until": None}
    row["differs"] = rules.who_differs(bid)
    row["unreachable"] = not any(
        person.ended_at is None for person in bid.organisation.colleagues.all()
    )
    if ruling is None:
        return row | _not_yet_ruled_on(bid)
    if ruling.eligible:
        return row | {"word": _("Goes on"), "kind": "done"}
    if not ruling.seconded_at:
        asked = any(earlier.asked_back.all() for earlier in bid.eligibility.all())
        word = _("Waits for a second person")
        if row["differs"]:
            word = _("A second person sees it differently")
        return row | {
            "word": word,
            "kind": "now",
            "mine": ruling.decided_by_id == by.pk,
            "board_only": asked and not by.holds(Role.BOARD),
        }
    if ruling.asked_back.all():
        return row | {"word": _("Asked back by a volunteer"), "kind": "now"}
    return row | {
        "word": _("Not eligible"),
        "kind": "care",
        "until": rules.ask_back_until(ruling),
    }


def _not_yet_ruled_on(bid: Application) -> dict[str, Any]:
    """A bid nobody has said yes or no to: it may wait for the one thing its applicant was asked."""
    asked = list(bid.corrections.all())
    waits = correction_rules.waiting_for(asked, on=clock.today())
    if waits and waits.until_on:
        said = {"day": date_format(waits.until_on, "l j F")}
        return {"word": _("Waiting for an answer until %(day)s") % said, "kind": "wait"}
    if any(correction_rules.late(row, on=clock.today()) for row in asked):
        return {"word": _("No answer in time. Please decide"), "kind": "care"}
    if any(row.kind == row.Kind.ASKED for row in asked):
        return {"word": _("They have answered. Please decide"), "kind": "now"}
    return {"word": _("Not yet checked"), "kind": "todo"}


# ---- Helping ---------------------------------------------------------------------------------
@permitted(Permission.LOOK_AFTER)
@require_safe
def help_desk(request: HttpRequest, slug: str) -> HttpResponse:
    """Questions about applying that wait for an answer, and those that have one."""
    round = find_round(request, slug)
    asked = list(round.help_questions.all())
    return render(
        request,
        "applications/help_desk.html",
        {
            "round": round,
            "programme": round.programme,
            "waiting": [row for row in asked if not row.answered_at],
            "answered": [row for row in asked if row.answered_at],
        },
    )


@permitted(Permission.LOOK_AFTER)
@page
def answer_help(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Answer one question for everybody."""
    round = find_round(request, slug)
    question = get_object_or_404(
        round.help_questions.select_related("round__chain", "round__programme", "asked_by"), pk=pk
    )
    form = AnswerHelpForm(posted(request))
    if form.is_valid():
        actions.answer_help(
            question=question,
            answer=form.cleaned_data["answer"],
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("Your answer is shown to everybody now."))
        return redirect("help_desk", slug)
    return render(
        request,
        "applications/answer_help.html",
        {"form": form, "round": round, "programme": round.programme, "question": question},
        status=status(form.is_bound),
    )


@permitted(Permission.LOOK_AFTER)
@page
def give_extension(request: HttpRequest, slug: str) -> HttpResponse:
    """Give one organisation more time, by the number it tells you."""
    round = find_round(request, slug)
    form = ExtensionForm(posted(request), round=round)
    if form.is_valid():
        bid, until = form.cleaned_data["reference"], form.cleaned_data["until"]
        by, now = reader(request), clock.now()
        verdict = rules.may_give_more_time(bid, by, until=until, at=now)
        if verdict:
            actions.give_extension(
                application=bid, until=until, reason=form.cleaned_data["reason"], by=by, at=now
            )
            messages.success(request, _("They have more time. We have written to them."))
            return redirect("bid_list", slug)
        form.add_error("until", verdict.sentence)
    return render(
        request,
        "applications/give_extension.html",
        {
            "form": form,
            "round": round,
            "programme": round.programme,
            "deadline": rules.published_deadline(round),
            "running": rules.extensions_open(round, on=clock.today()),
        },
        status=status(form.is_bound),
    )


@permitted(Permission.TYPE_FOR)
@page
def type_bid(request: HttpRequest, slug: str) -> HttpResponse:
    """Type in a bid that came on paper, as it stands there."""
    round = find_round(request, slug)
    by, now = reader(request), clock.now()
    rules.may_type_bid(round, by, at=now).require()
    if "more" in request.POST:
        form = TypeBidForm.again(request.POST, round=round, today=clock.today())
        formset = with_more_lines(request.POST, spare=PAPER_LINES)
    else:
        form = TypeBidForm(posted(request), round=round, today=clock.today())
        formset = BudgetForm(posted(request), prefix="lines")
        formset.extra = PAPER_LINES
    if form.is_bound and form.is_valid() & formset.is_valid():
        organisation = actions.start_organisation(
            by=by,
            at=now,
            name=form.cleaned_data["organisation"],
            **form.group(),
        )
        bid = actions.type_bid(
            round=round,
            organisation=organisation,
            lot=form.cleaned_data["lot"],
            answers=form.answers(),
            lines=formset.lines,
            received_on=form.cleaned_data["received_on"],
            by=by,
            at=now,
            **form.details(),
        )
        messages.success(request, _("The bid is in, as %(number)s.") % {"number": bid.reference})
        return redirect("bid_detail", slug, bid.pk)
    return render(
        request,
        "applications/type_bid.html",
        {"form": form, "formset": formset, "round": round, "programme": round.programme},
        status=status(form.is_bound),
    )


@permitted(Permission.TYPE_FOR)
@page
def add_paper_scan(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Put a scan or photo of the paper with a typed bid, and see those that are there."""
    bid, by = sent_bid(request, slug, pk), reader(request)
    rules.may_add_paper(bid, by).require()
    sent = request.method == "POST"
    form = PaperScanForm(request.POST, request.FILES) if sent else PaperScanForm()
    if form.is_valid():
        try:
            actions.add_paper_scan(application=bid, upload=form.upload, by=by, at=clock.now())
        except Refused as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _("The picture is added."))
            return redirect("add_paper_scan", slug, pk)
    return render(
        request,
        "applications/add_paper_scan.html",
        {
            "form": form,
            "bid": bid,
            "round": bid.round,
            "programme": bid.round.programme,
            "paper": list(bid.documents.paper()),
            "may_take_away": rules.may_take_paper_away(bid, by),
        },
        status=status(form.is_bound),
    )


@permitted(Permission.TYPE_FOR)
@require_POST
def remove_paper_scan(request: HttpRequest, slug: str, pk: int, uuid: str) -> HttpResponse:
    """Take a picture of the wrong paper away."""
    bid = sent_bid(request, slug, pk)
    picture = get_object_or_404(bid.documents.paper(), uuid=uuid)
    actions.remove_paper_scan(document=picture, by=reader(request), at=clock.now())
    messages.success(request, _("The picture is taken away."))
    return redirect("add_paper_scan", slug, pk)


@permitted(Permission.TYPE_FOR)
@page
def add_first_colleague(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Let the first person sign in for a group that bid on paper, after ticking a box."""
    bid = sent_bid(request, slug, pk)
    organisation, by = bid.organisation, reader(request)
    rules.may_add_first(organisation, by).require()
    form = FirstColleagueForm(posted(request), organisation=organisation)
    if form.is_valid():
        try:
            row = actions.add_first_colleague(
                organisation=organisation, by=by, at=clock.now(), **form.details()
            )
        except Refused as error:
            form.add_error("email", str(error))
        else:
            text = _("%(name)s can sign in now. We have written to them, and to the group.")
            messages.success(request, text % {"name": row.person.name})
            return redirect("bid_detail", slug, pk)
    return render(
        request,
        "applications/add_first_colleague.html",
        {"form": form, "bid": bid, "round": bid.round, "programme": bid.round.programme},
        status=status(form.is_bound),
    )


@permitted(Permission.TYPE_FOR)
@page
def end_first_colleague(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take off whom staff let sign in for a group on paper, after saying why and ticking a box."""
    bid = sent_bid(request, slug, pk)
    here = bid.organisation.colleagues.filter(ended_at=None).select_related("person")
    row, by = here.first(), reader(request)
    if row is None:
        raise Http404
    rules.may_end_first(row, by).require()
    label = _("Yes, take %(name)s off") % {"name": row.person.name}
    form = EndFirstColleagueForm(posted(request), label=label)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            actions.end_first_colleague(colleague=row, reason=reason, by=by, at=clock.now())
        except Refused as error:
            form.add_error("reason", str(error))
        else:
            text = _("%(name)s can no longer sign in for this group. We have written to both.")
            messages.success(request, text % {"name": row.person.name})
            return redirect("bid_detail", slug, pk)
    return render(
        request,
        "applications/end_first_colleague.html",
        {
            "form": form,
            "bid": bid,
            "row": row,
            "round": bid.round,
            "programme": bid.round.programme,
        },
        status=status(form.is_bound),
    )


def _typed_of_group(bid: Application) -> list[dict[str, Any]]:
    """What was typed of the group and of how to reach it, which the copy for readers leaves out."""
    group = bid.organisation
    rows = [
        (_("What kind of organisation it is"), group.get_kind_display()),
        (_("Charity number"), group.charity_number),
        (_("Company number"), group.company_number),
        (_("How much money comes in each year"), group.get_income_band_display()),
        *((row["label"], row["value"]) for row in _how_to_reach(bid)),
        (_("Who it is for most of all"), rules.detail_as_text(bid, "communities")),
    ]
    return [
        {"label": label, "value": said or _("The paper does not say"), "user_text": True}
        for label, said in rows
    ]


@permitted(Permission.TYPE_FOR)
@page
def compare_typed_bid(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say, as a second person, that a typed bid is what the paper says."""
    bid = sent_bid(request, slug, pk)
    rules.may_compare(bid, reader(request)).require()
    paper = list(bid.documents.paper())
    label = _("I have the paper here. The bid says the same.")
    if paper:
        label = _("I have looked at the paper, or at all its pictures. The bid says the same.")
    if bid.received_on and rules.typed_late(bid):
        said = {"day": date_format(bid.received_on, "l j F")}
        label += " " + _("It reached us on %(day)s, as it was typed.") % said
    form = Sure(posted(request), label=label)
    if form.is_valid():
        actions.compare_typed_bid(application=bid, by=reader(request), at=clock.now())
        messages.success(request, _("Thank you. Your name is kept beside this bid."))
        return redirect("bid_detail", slug, pk)
    newest = bid.newest_version
    return render(
        request,
        "applications/compare_typed_bid.html",
        {
            "form": form,
            "paper": paper,
            "group": _typed_of_group(bid),
            "late": rules.typed_late(bid),
            "bid": bid,
            "round": bid.round,
            "programme": bid.round.programme,
            "content": ways.laid_out(newest.content, bid.plain_words.all()) if newest else {},
            "asked": newest.asked if newest else None,
        },
        status=status(form.is_bound),
    )
