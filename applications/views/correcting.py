"""An applicant puts one named part of a sent bid right: what staff asked for, or what they wish."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms import posted
from accounts.permissions import Permission, Refused, permitted, reader
from applications import actions, content, parts
from applications import correction_rules as rules
from applications.forms import BudgetForm, ChoosePartForm, PartForm
from applications.models import Application, BidVersion, Correction, FormQuestion
from applications.views.finding import find_bid, page, status
from ledger import clock

SPARE_LINES = 3


def part_choices(bid: Application, version: BidVersion) -> list[tuple[str, str]]:
    """The parts that can be put right today, with what each is called."""
    return [(part, parts.name_of(version.content, part)) for part in rules.open_parts(bid, version)]


def both_sides(version: BidVersion, part: str, value: Any) -> dict[str, str]:
    """A part as it was sent, and as it should be; of a file its name, and where to open it."""
    before = parts.value_of(version.content, part)
    sides = {
        "label": parts.label_of(version.content, part),
        "before": parts.as_text(part, before),
        "after": parts.as_text(part, value),
    }
    if parts.is_file(part):
        sides["before_url"] = reverse("document_file", args=[before["uuid"]])
        sides["after_url"] = reverse("document_file", args=[value["uuid"]])
    return sides


def _sent(bid: Application) -> BidVersion:
    newest = bid.newest_version
    if newest is None:
        raise Http404
    return newest


class Typed:
    """The form of one part, with the rows of its costs where it is the budget."""

    def __init__(
        self, request: HttpRequest, bid: Application, part: str, *, says_why: bool = False
    ) -> None:
        version = _sent(bid)
        try:
            value = parts.value_of(version.content, part)
        except KeyError:
            raise Http404 from None
        self.part = part
        self.label = parts.name_of(version.content, part)
        key = parts.key_of(part)
        question = FormQuestion.objects.filter(round=bid.round_id, key=key).first() if key else None
        sent = request.method == "POST"
        self.form = PartForm(
            posted(request),
            request.FILES if sent and parts.is_file(part) else None,
            part=part,
            value=value,
            label=self.label,
            question=question,
            says_why=says_why,
        )
        self.formset: Any = None
        if part == parts.BUDGET:
            self.formset = BudgetForm(posted(request), prefix="lines", initial=value)
            self.formset.extra = SPARE_LINES

    def context(self) -> dict[str, Any]:
        """What the page shows."""
        return {"form": self.form, "formset": self.formset, "label": self.label}

    def is_good(self) -> bool:
        """Whether all that was typed can be kept; what cannot is said beside it."""
        if not self.form.is_bound:
            return False
        rows = self.formset is None or self.formset.is_valid()
        return bool(self.form.is_valid() and rows)

    def value(self) -> Any:
        """The part as it is kept."""
        if self.formset is None:
            return self.form.value()
        return content.as_content(
            content.Bid(title="", organisation="", budget=tuple(self.formset.lines))
        )["budget"]

    def refused(self, error: Refused) -> None:
        """Say on the page what the rule said."""
        beside = next((name for name in ("text", "file") if name in self.form.fields), None)
        self.form.add_error(beside, str(error))


# ---- What staff asked for --------------------------------------------------------------------
def _asked_of(bid: Application, pk: int) -> Correction:
    rows = bid.corrections.select_related("rule", "version")
    row = get_object_or_404(rows, pk=pk)
    row.application = bid
    return row


@permitted(Permission.APPLY)
@page
def answer_correction(request: HttpRequest, pk: int, correction: int) -> HttpResponse:
    """The one part that staff asked to have put right, and nothing else."""
    bid = find_bid(request, pk, "versions")
    row = _asked_of(bid, correction)
    if row.answered_at:
        return redirect("correction_sent", pk, correction)
    by, now = reader(request), clock.now()
    rules.may_answer(row, by, on=clock.today()).require()
    typed = Typed(request, bid, row.part)
    if typed.is_good():
        try:
            if parts.is_file(row.part):
                actions.answer_with_file(correction=row, upload=typed.form.upload, by=by, at=now)
            else:
                actions.answer_correction(correction=row, value=typed.value(), by=by, at=now)
            return redirect("correction_sent", pk, correction)
        except Refused as error:
            typed.refused(error)
    return render(
        request,
        "applications/answer_correction.html",
        {"bid": bid, "programme": bid.round.programme, "correction": row, **typed.context()},
        status=status(typed.form.is_bound),
    )


@permitted(Permission.APPLY)
@require_safe
def correction_sent(request: HttpRequest, pk: int, correction: int) -> HttpResponse:
    """The receipt: which part was put right, what it said, and what it says now."""
    bid = find_bid(request, pk, "versions")
    row = _asked_of(bid, correction)
    if not row.answered_at:
        return redirect("answer_correction", pk, correction)
    made = row.version
    before = [
        copy
        for copy in bid.versions.all()
        if (copy.number < made.number if made else copy.sent_at <= row.asked_at)
    ]
    context = {
        "bid": bid,
        "programme": bid.round.programme,
        "correction": row,
        "version": made,
        **both_sides(max(before, key=lambda copy: copy.number), row.part, row.value),
    }
    return render(request, "applications/correction_sent.html", context)


# ---- What an applicant wishes ----------------------------------------------------------------
@permitted(Permission.APPLY)
@page
def choose_correction(request: HttpRequest, pk: int) -> HttpResponse:
    """Which part of a sent bid is wrong."""
    bid = find_bid(request, pk, "versions")
    rules.may_wish(bid, reader(request), on=clock.today()).require()
    form = ChoosePartForm(posted(request), choices=part_choices(bid, _sent(bid)))
    if form.is_valid():
        return redirect("wish_correction", pk, form.cleaned_data["part"])
    return render(
        request,
        "applications/choose_correction.html",
        {"bid": bid, "programme": bid.round.programme, "form": form},
        status=status(form.is_bound),
    )


@permitted(Permission.APPLY)
@page
def wish_correction(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """Say what one part should say, and why. Staff say yes or no."""
    bid = find_bid(request, pk, "versions")
    by, now = reader(request), clock.now()
    typed = Typed(request, bid, part, says_why=True)
    rules.may_wish_for(bid, by, part=part, on=clock.today()).require()
    if typed.is_good():
        try:
            said = {"application": bid, "part": part, "words": typed.form.cleaned_data["words"]}
            if parts.is_file(part):
                upload = typed.form.upload
                made = actions.wish_with_file(**said, upload=upload, by=by, at=now)
            else:
                made = actions.wish_correction(**said, value=typed.value(), by=by, at=now)
            messages.success(request, _("We have what you ask for. Staff look at it."))
            return redirect("correction_sent", pk, made.pk)
        except Refused as error:
            typed.refused(error)
    return render(
        request,
        "applications/wish_correction.html",
        {"bid": bid, "programme": bid.round.programme, **typed.context()},
        status=status(typed.form.is_bound),
    )
