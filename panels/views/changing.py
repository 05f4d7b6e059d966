"""A score that changes after the talk, on paper: a form for a pen, and typing what came back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.paper import on_paper, wants_paper
from accounts.permissions import Permission, permitted
from commissioning.models import Criterion
from ledger import clock
from panels import actions
from panels.meeting_forms import TypeChangeForm
from panels.rules import meeting as rules
from panels.views.entering import bid_and_seat, enter, for_panel, typed


@permitted(Permission.TYPE_FOR)
@for_panel
def type_change_after_talk(
    request: HttpRequest, pk: int, application: int, seat: int
) -> HttpResponse:
    """Type what a member changed on paper after the talk; they must then say that it is right."""
    visit = enter(request, pk=pk)
    bid, own = bid_and_seat(visit, application, seat)
    rules.may_type_change(own, bid, visit.person, on=clock.today()).require()
    criteria = Criterion.objects.agreed_for(visit.panel.round).prefetch_related("levels")
    form = TypeChangeForm(typed(request), criteria=criteria)
    if wants_paper(request):
        title = _("Changing my scores after the talk: %(bid)s") % {"bid": bid.reference}
        facts = {"round": visit.panel.round, "bid": bid, "whose": own.member.person.name}
        words = _("What made you change “%(criterion)s”?")
        mine = {f"reason_{row.slug}": words % {"criterion": row.title} for row in form.criteria}
        about = "panels/_paper_change.html"
        return on_paper(request, form, title=title, about=about, facts=facts, mine=mine)
    if request.method == "POST" and form.is_valid():
        actions.type_change_after_talk(
            seat=own, application=bid, changes=form.changes(), by=visit.person, at=clock.now()
        )
        name = own.member.person.name
        messages.success(request, _("Typed. It counts once %s has said that it is right.") % name)
        return redirect("talk_about_bid", pk, application)
    context = {"panel": visit.panel, "bid": bid, "member": own.member, "form": form}
    return render(
        request, "panels/type_change_after_talk.html", context, status=422 if form.errors else 200
    )
