"""What was recorded of a round, and who did it, for those who take part in it."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Person
from accounts.permissions import Permission, permitted, reader
from commissioning.models import Round
from decisions.trail_words import ABOUT_SCORES, ABOUT_THE_PANELS, ABOUT_THE_ROUND, SENTENCES
from ledger.models import Entry
from panels.models import Panel, StandingAside

ON_A_PAGE = 50


def entries_seen_by(person: Person, round: Round) -> QuerySet[Entry]:
    """The entries of a round that a person who takes part may read, newest first.

    Nothing of what was scored before every panel has opened it. Somebody who stands aside sees
    what concerns the whole round, and nothing of any panel's work.
    """
    if not round.members.here().filter(person=person).exists():
        return Entry.objects.none()
    verbs: set[str] = set(ABOUT_THE_ROUND)
    if not StandingAside.objects.filter(member__person=person, lot__round=round).exists():
        verbs |= set(ABOUT_THE_PANELS)
        closed = {"scores_opened_at": None}, {"interviews_opened_at": None}
        if not any(Panel.objects.filter(round=round, **still).exists() for still in closed):
            verbs |= set(ABOUT_SCORES)
    entries = Entry.objects.filter(chain=round.chain_id, verb__in=verbs)
    return entries.select_related("by").order_by("-seq")


def _told(entries: Iterable[Entry], first: int) -> list[dict[str, Any]]:
    """Entries as sentences, numbered down from `first` among those this reader may see: their
    numbers in the chain would tell, by the gaps, how many are hidden."""
    return [
        {"number": first - place, "who": row.by.name, "at": row.at, "what": SENTENCES[row.verb]}
        for place, row in enumerate(entries)
    ]


@permitted(Permission.TAKE_PART)
@require_safe
def trail_list(request: HttpRequest, round: str) -> HttpResponse:
    """Everything that was recorded about the round's work, in plain sentences, with who did it."""
    rounds = Round.objects.visible_to(reader(request)).select_related("chain")
    found = get_object_or_404(rounds, slug=round)
    page = Paginator(entries_seen_by(reader(request), found), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    newest = page.paginator.count + 1 - page.start_index()
    return render(
        request,
        "decisions/trail_list.html",
        {"round": found, "page": page, "rows": _told(page.object_list, newest)},
    )
