"""Asking people in: what is involved, "I am interested", and what comes of it."""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import posted
from accounts.models import Person
from accounts.permissions import Permission, Refused, permitted, reader
from commissioning import actions, rules
from commissioning.actions.enquiries import KEPT_FOR
from commissioning.forms import EnquiryForm, TypeEnquiryForm
from commissioning.hours import ASKED_ABOUT, pace_for, words_before
from commissioning.models import Enquiry, Member, Round, StageKind
from commissioning.pace import plans as plans_of
from commissioning.stage_words import MEANS
from commissioning.views.finding import find_round
from commissioning.workload import bids_each, estimate, example_week
from ledger import clock

FORM = ["GET", "HEAD", "POST"]
OFTEN = {"interested": "20/h/ip"}
"""A hall full of people may share one address; a machine that floods us is stopped."""
EXAMPLES = (2, 5, 8, 12, 19)
USUAL_BIDS = 5


def _public(slug: str) -> Round:
    """A round that people are asked to join, or were; 404 for one that nobody was told of."""
    rows = Round.objects.filter(stages__kind=StageKind.JOIN, stages__opened_at__isnull=False)
    rows = rows.select_related("programme", "chain").prefetch_related("stages", "lots")
    return get_object_or_404(rows, slug=slug)


@require_safe
def joining_list(request: HttpRequest) -> HttpResponse:
    """The rounds that look for people who would like to take part."""
    rows = Round.objects.filter(
        stages__kind=StageKind.JOIN, stages__opened_at__isnull=False, stages__closed_at=None
    )
    rounds = [row for row in rows.prefetch_related("stages") if rules.taking_people(row)]
    return render(request, "commissioning/joining_list.html", {"rounds": rounds})


def _involved(round: Round) -> dict[str, Any]:
    """Hours, dates and an example week, all worked out from this round's own rows."""
    words, pace = words_before(round), pace_for(round)
    plans = [plan for plan in plans_of(round) if plan.kind in ASKED_ABOUT]
    reading = next((plan for plan in plans if plan.kind == StageKind.SCORING), None)
    readers = Member.objects.here().filter(round=round).count()
    week = (
        example_week(
            USUAL_BIDS,
            opens_on=reading.opens_on,
            closes_on=reading.closes_on,
            words=words,
            pace=pace,
        )
        if reading
        else ()
    )
    return {
        "examples": [
            {"bids": number, "load": estimate(number, words=words, pace=pace)}
            for number in EXAMPLES
        ],
        "stages": [{"plan": plan, "means": MEANS[plan.kind]} for plan in plans],
        "usual": USUAL_BIDS,
        "load": estimate(USUAL_BIDS, words=words, pace=pace),
        "week": week,
        "week_minutes": sum(day.minutes for day in week),
        "week_bids": sum(day.bids for day in week),
        "each": bids_each(
            round.bids_expected or 0, readers_per_bid=round.readers_per_bid, readers=readers
        ),
        "readers": readers,
    }


@require_safe
def joining_detail(request: HttpRequest, round: str) -> HttpResponse:
    """What taking part involves, in hours and days, before anybody says anything."""
    found = _public(round)
    facts = {"round": found, "programme": found.programme, "may": rules.taking_people(found)}
    return render(request, "commissioning/joining_detail.html", {**facts, **_involved(found)})


@require_http_methods(FORM)
def ask_to_join(request: HttpRequest, round: str) -> HttpResponse:
    """I am interested: a name and one way to reach me. No account, and no email needed."""
    found = _public(round)
    verdict = rules.taking_people(found)
    if request.method == "POST":
        if too_often := ratelimit.consume_or_429(request, action="interested", config=OFTEN):
            stopped: HttpResponse = too_often
            return stopped
        verdict.require()
    form = EnquiryForm(posted(request))
    if form.is_valid():
        actions.ask_to_join(
            round=found, by=Person.objects.machine(), at=clock.now(), **form.cleaned_data
        )
        return redirect("asked_to_join", round)
    facts = {"round": found, "may": verdict, "form": form, "days": KEPT_FOR.days}
    status = 422 if form.errors else 200
    return render(request, "commissioning/ask_to_join.html", facts, status=status)


@require_safe
def asked_to_join(request: HttpRequest, round: str) -> HttpResponse:
    """Thank you, and what comes next. It knows nothing of who asked."""
    facts = {"round": _public(round), "days": KEPT_FOR.days}
    return render(request, "commissioning/asked_to_join.html", facts)


@require_safe
def joining_paper(request: HttpRequest, round: str) -> HttpResponse:
    """The same to print: what is involved, and a form to fill in by pen and post."""
    found = _public(round)
    if not rules.taking_people(found):
        raise Http404
    facts = {"round": found, "programme": found.programme, "days": KEPT_FOR.days}
    return render(request, "commissioning/joining_paper.html", {**facts, **_involved(found)})


# ---- A facilitator's --------------------------------------------------------------------------
@permitted(Permission.INVITE_VOLUNTEERS)
@require_safe
def enquiry_list(request: HttpRequest, round: str) -> HttpResponse:
    """Who would like to take part and waits for an answer."""
    found = find_round(request, round)
    page = Paginator(Enquiry.objects.waiting().filter(round=found), 25).get_page(
        request.GET.get("page")
    )
    taking = rules.taking_people(found)
    facts = {"round": found, "page": page, "days": KEPT_FOR.days, "taking": taking}
    return render(request, "commissioning/enquiry_list.html", facts)


@permitted(Permission.INVITE_VOLUNTEERS)
@require_http_methods(FORM)
def type_enquiry(request: HttpRequest, round: str) -> HttpResponse:
    """Type what somebody said on the phone, or wrote on the paper form."""
    found = find_round(request, round)
    form = TypeEnquiryForm(posted(request))
    if form.is_valid():
        try:
            actions.ask_to_join(
                round=found, by=reader(request), at=clock.now(), **form.cleaned_data
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Written down. You can invite them from this list."))
            return redirect("enquiry_list", round)
    status = 422 if form.errors else 200
    facts = {"round": found, "form": form}
    return render(request, "commissioning/type_enquiry.html", facts, status=status)


def _waiting(request: HttpRequest, round: str, pk: int) -> Enquiry:
    rows = Enquiry.objects.waiting().filter(round=find_round(request, round))
    return get_object_or_404(rows, pk=pk)


@permitted(Permission.INVITE_VOLUNTEERS)
@require_POST
def invite_enquirer(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Invite whoever asked, by email or by letter."""
    row = _waiting(request, round, pk)
    member = actions.invite_enquirer(enquiry=row, by=reader(request), at=clock.now())
    words = _("%(name)s is invited. A letter is on its way.")
    messages.success(request, words % {"name": member.person.name})
    return redirect("enquiry_list", round)


@permitted(Permission.INVITE_VOLUNTEERS)
@require_POST
def drop_enquiry(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """It came to nothing: what they told us is deleted at once."""
    row = _waiting(request, round, pk)
    actions.drop_enquiry(enquiry=row, by=reader(request), at=clock.now())
    messages.success(request, _("It is deleted."))
    return redirect("enquiry_list", round)
