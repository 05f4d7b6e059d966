"""Asking each other why, about one bid's scores: a question, and answers by whoever likes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.permissions import Permission, permitted
from applications.models import Application
from commissioning.models import Criterion, Member
from ledger import clock
from panels import sight
from panels.actions.conversation import ask_why as say
from panels.meeting_forms import AskWhyForm
from panels.models import Said
from panels.rules.proposals import entitled
from panels.rules.visits import Visit
from panels.views.entering import enter, for_panel, typed


def _begin(request: HttpRequest, pk: int, application: int) -> tuple[Visit, Application]:
    """A bid of the panel, for somebody who sees its scores; not there for who steps out."""
    visit = enter(request, pk=pk)
    visit.sees_scores.require()
    hidden = sight.hidden_from(visit, sight.steps_out(visit.panel))
    bids = Application.objects.eligible().filter(lot=visit.panel.lot_id)
    return visit, get_object_or_404(bids.exclude(pk__in=hidden), pk=application)


@permitted(Permission.VOTE, Permission.TYPE_FOR)
@for_panel
def ask_why(request: HttpRequest, pk: int, application: int) -> HttpResponse:
    """Ask why about a bid's scores, on one criterion or on the bid as a whole."""
    visit, bid = _begin(request, pk, application)
    return _say(request, visit, bid, None)


@permitted(Permission.VOTE, Permission.TYPE_FOR)
@for_panel
def answer_why(request: HttpRequest, pk: int, application: int, question: int) -> HttpResponse:
    """Answer a question why, if one likes."""
    visit, bid = _begin(request, pk, application)
    asked = get_object_or_404(Said, pk=question, application=bid, answers=None)
    return _say(request, visit, bid, asked)


def _say(
    request: HttpRequest, visit: Visit, bid: Application, question: Said | None
) -> HttpResponse:
    members = Member.objects.filter(pk__in=entitled(visit.panel, bid).values("member"))
    own: Member | None = None
    if not visit.staff:
        own = get_object_or_404(members.select_related("person"), person=visit.person)
    criteria = [] if question else list(Criterion.objects.agreed_for(visit.panel.round))
    form = AskWhyForm(
        typed(request),
        criteria=criteria,
        members=members.select_related("person").order_by("person__name") if visit.staff else None,
        question=_("Your answer") if question else _("What would you like to know?"),
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        said = say(
            panel=visit.panel,
            application=bid,
            text=given["text"],
            member=own or given["member"],
            by=visit.person,
            at=clock.now(),
            criterion=next(
                (row for row in criteria if str(row.pk) == given.get("criterion")), None
            ),
            answers=question,
        )
        messages.success(request, _("The panel can read it now."))
        page = redirect("talk_about_bid", visit.panel.pk, bid.pk)
        page["Location"] += f"#why-{question.pk if question else said.pk}"
        return page
    context = {"panel": visit.panel, "bid": bid, "form": form, "question": question}
    context["programme"] = visit.panel.round.programme
    return render(request, "panels/ask_why.html", context, status=422 if form.errors else 200)
