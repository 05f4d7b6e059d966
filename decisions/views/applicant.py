"""An applicant reads what the panel decided, and answers an award."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms import posted
from accounts.permissions import Permission, Verdict, permitted, reader
from accounts.templatetags.purse import under_titles
from applications.models import Application
from applications.rules import told_no
from commissioning.models import Criterion
from decisions import actions, rules
from decisions.forms import AcceptForm, ComplaintForm, DescriptionForm
from decisions.models import Outcome, OutcomeLetter
from decisions.views.doing import done, status_of
from ledger import clock


def own_bid(request: HttpRequest, pk: int) -> Application:
    """A bid of an organisation this reader acts for."""
    bids = Application.objects.filter(
        organisation__colleagues__person=reader(request), organisation__colleagues__ended_at=None
    )
    return get_object_or_404(bids.select_related("organisation", "round__programme", "lot"), pk=pk)


def _told(bid: Application) -> OutcomeLetter | None:
    """The newest letter about this bid that has gone."""
    return (
        bid.outcome_letters.filter(letter__isnull=False)
        .select_related(
            "outcome__criterion",
            "shortlisting__criterion",
            "eligibility__rule",
            "outcome__acceptance__made_by",
            "outcome__decision__panel__round",
            "outcome__decision__panel__lot",
            "letter",
        )
        .order_by("-letter__written_at", "-pk")
        .first()
    )


@permitted(Permission.APPLY)
@require_safe
def outcome_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What the panel decided, why, and what it asks, once the letter has gone; or why the bid does
    not go on."""
    bid = own_bid(request, pk)
    letter = _told(bid)
    ruling = letter.eligibility if letter else told_no([bid]).get(bid.pk)
    if letter is None and ruling is None:
        Verdict.no(
            _("Nothing has been decided about this bid yet. We will write to you.")
        ).require()
    outcome = letter.outcome if letter else None
    if outcome:
        outcome.application = bid
    said = letter and (outcome or letter.shortlisting)
    kept = said.by_criterion if said else {}
    gone_on = timezone.localdate(letter.letter.written_at) if letter and letter.letter else None
    until = rules.complain_until(bid, letter)
    return render(
        request,
        "decisions/outcome_detail.html",
        {
            "bid": bid,
            "letter": letter,
            "outcome": outcome,
            "said": said,
            "told": under_titles(kept, Criterion.objects.titles_of(kept)),
            "ruling": ruling,
            "answer": getattr(outcome, "acceptance", None),
            "answer_by": rules.answer_by(letter),
            "today": clock.today(),
            "complain_until": until,
            "in_time": until is not None and clock.today() <= until,
            "complaint": bid.complaints.order_by("-pk").first(),
            "may_answer": bool(outcome and rules.may_accept(reader(request), outcome)),
            "may_describe": rules.may_change_description(reader(request), bid, gone_on),
        },
    )


@permitted(Permission.APPLY)
def accept_award(request: HttpRequest, pk: int) -> HttpResponse:
    """Say yes or no to the award."""
    bid, by = own_bid(request, pk), reader(request)
    outcome = Outcome.objects.standing().awards().filter(application=bid).first()
    if outcome is None:
        Verdict.no(_("There is no award to answer here.")).require()
        return redirect("outcome_detail", bid.pk)
    rules.may_accept(by, outcome).require()
    form = AcceptForm(posted(request))

    def answer() -> None:
        given = form.cleaned_data
        actions.accept_award(
            outcome=outcome,
            accepted=given["accepted"],
            words=given["words"],
            by=by,
            at=clock.now(),
        )

    if request.method == "POST" and done(form, answer):
        messages.success(request, _("We have your answer. Thank you."))
        return redirect("outcome_detail", bid.pk)
    context = {"form": form, "bid": bid, "outcome": outcome}
    return render(request, "decisions/accept_award.html", context, status=status_of(form))


@permitted(Permission.APPLY)
def change_description(request: HttpRequest, pk: int) -> HttpResponse:
    """Put right what the report says the bid is about."""
    bid, by = own_bid(request, pk), reader(request)
    rules.may_change_description(by, bid).require()
    said, sent = bid.descriptions.last(), bid.newest_version
    now = said.text if said else sent.content.get("summary", "") if sent else ""
    limit = rules.description_limit(bid)
    form = DescriptionForm(posted(request), initial={"text": now}, limit=limit)

    def act() -> None:
        actions.change_description(bid=bid, by=by, at=clock.now(), **form.cleaned_data)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("The report says it in your words now."))
        return redirect("outcome_detail", bid.pk)
    context = {"form": form, "bid": bid}
    return render(request, "decisions/change_description.html", context, status=status_of(form))


@permitted(Permission.APPLY)
def complain(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that something was not done fairly, and read where an earlier complaint stands."""
    bid, by, on = own_bid(request, pk), reader(request), clock.today()
    verdict = rules.may_complain(by, bid, on=on)
    made = list(bid.complaints.select_related("taken_by", "answered_by").order_by("-pk"))
    if not made or request.method == "POST":
        verdict.require()
    form = ComplaintForm(posted(request))

    def act() -> None:
        actions.complain(bid=bid, by=by, at=clock.now(), **form.cleaned_data)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("We have your complaint. No facilitator can read it."))
        return redirect("complain", bid.pk)
    context = {
        "bid": bid,
        "form": form,
        "made": made,
        "verdict": verdict,
        "until": rules.complain_until(bid),
        "who_hears": rules.who_hears_complaint(bid),
    }
    return render(request, "decisions/complain.html", context, status=status_of(form))
