"""A complaint handler hears complaints about how things were done, and answers them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from decisions import actions, rules
from decisions.forms import AnswerComplaintForm, TypeComplaintForm
from decisions.models import Complaint, ComplaintQuerySet
from decisions.views.doing import done, status_of
from ledger import clock


def _heard(request: HttpRequest) -> ComplaintQuerySet:
    return Complaint.objects.heard_by(reader(request)).select_related(
        "application__round", "application__organisation", "made_by", "taken_by", "answered_by"
    )


@permitted(Permission.HEAR_COMPLAINTS)
@require_safe
def complaint_list(request: HttpRequest) -> HttpResponse:
    """Complaints that wait, the one that is due first on top; and those that are answered."""
    rows = _heard(request)
    context = {
        "waiting": rows.filter(answered_at=None).order_by("answer_on", "pk"),
        "answered": rows.filter(answered_at__isnull=False).order_by("-answered_at")[:50],
        "today": clock.today(),
    }
    return render(request, "decisions/complaint_list.html", context)


@permitted(Permission.HEAR_COMPLAINTS)
def type_complaint(request: HttpRequest) -> HttpResponse:
    """Type what a group said by phone or in a letter."""
    by = reader(request)
    form = TypeComplaintForm(posted(request), rounds=rules.rounds_one_may_hear(by))

    def act() -> None:
        actions.type_complaint(by=by, at=clock.now(), **form.cleaned_data)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("The complaint is kept. No facilitator can read it."))
        return redirect("complaint_list")
    return render(request, "decisions/type_complaint.html", {"form": form}, status=status_of(form))


@permitted(Permission.HEAR_COMPLAINTS)
def answer_complaint(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a complaint, and write what was found."""
    by = reader(request)
    row = get_object_or_404(_heard(request), pk=pk)
    verdict = rules.may_answer_complaint(by, row)
    if request.method == "POST":
        verdict.require()
    form = AnswerComplaintForm(posted(request))

    def act() -> None:
        found, words = form.cleaned_data["outcome"], form.cleaned_data["words"]
        actions.answer_complaint(complaint=row, outcome=found, words=words, by=by, at=clock.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("Your answer is on its way to the group."))
        return redirect("complaint_list")
    context = {
        "complaint": row,
        "form": form,
        "verdict": verdict,
        "may_take": rules.may_take_complaint(by, row),
        "tell_them": bool(row.told_by) and not rules.who_signs_in_for(row.application).exists(),
    }
    return render(request, "decisions/answer_complaint.html", context, status=status_of(form))


@permitted(Permission.HEAR_COMPLAINTS)
@require_POST
def take_complaint(request: HttpRequest, pk: int) -> HttpResponse:
    """Be the one who looks into it."""
    row = get_object_or_404(_heard(request), pk=pk)
    actions.take_complaint(complaint=row, by=reader(request), at=clock.now())
    messages.success(request, _("The group hears that you look into it."))
    return redirect("answer_complaint", row.pk)
