"""What is put to a panel, made for paper, for a member who has no screen."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, Verdict, permitted, reader
from decisions import rules
from decisions.forms import AnswerPanelForm
from decisions.models import OutcomeLetter
from ledger import clock
from panels.models import Proposal, Seat
from panels.rules.visits import visit_of


@permitted(Permission.DECIDE, Permission.TYPE_FOR)
@require_safe
def letters_on_paper(request: HttpRequest, pk: int, seat: int) -> HttpResponse:
    """The letters put to a panel, with a sheet for the answer: for the member of this seat, who
    prints them, or from staff. Those about bids that this member stands aside from are left out."""
    asked = Proposal.objects.select_related("panel__round__programme", "panel__lot")
    proposal = get_object_or_404(asked, pk=pk, kind=Proposal.Kind.LETTERS)
    panel = proposal.panel
    visit = visit_of(panel, reader(request))
    if not visit.staff and visit.seat != seat:
        raise Http404
    held = Seat.objects.held().filter(panel=panel).select_related("member__person")
    person = get_object_or_404(held, pk=seat).member.person
    place = rules.place_of(panel, person)
    if place.aside:
        words = _("%(name)s stands aside from all of these bids.") % {"name": person.name}
        Verdict.no(words).require()
    letters = list(OutcomeLetter.objects.put_in(proposal, hidden=place.hidden))
    return render(
        request,
        "decisions/letters_on_paper.html",
        {
            "panel": panel,
            "programme": panel.round.programme,
            "proposal": proposal,
            "person": person,
            "letters": letters,
            "waiting": rules.waiting_for_checks(letters),
            "hidden": len(place.hidden),
            "form": AnswerPanelForm(),
            "today": clock.today(),
        },
    )
