"""Hours promised and hours given, panel by panel: for those who look after volunteers."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, permitted
from commissioning.hours import Given, given_by, pace_for, stages_asked
from commissioning.models import Member, Round, TypedAnswer
from panels.models import Seat


@dataclass(frozen=True, slots=True)
class Panelful:
    """A panel's people with their hours. `said`: how many told about any stage."""

    name: str
    rows: list[tuple[Member, Given]]

    @property
    def low(self) -> Decimal:
        """The fewest hours they promised together."""
        return sum((member.hours_low or Decimal(0) for member, _given in self.rows), Decimal(0))

    @property
    def high(self) -> Decimal:
        """The most hours they promised together."""
        return sum((member.hours_high or Decimal(0) for member, _given in self.rows), Decimal(0))

    @property
    def given(self) -> Decimal:
        """The hours that those who told us gave."""
        return sum((given.total for _member, given in self.rows), Decimal(0))

    @property
    def said(self) -> int:
        """How many told us."""
        return sum(bool(given.by_stage) for _member, given in self.rows)


@permitted(Permission.LOOK_AFTER)
@require_safe
def hours_list(request: HttpRequest, round: str) -> HttpResponse:
    """What each panel and each member promised, and what they say they gave."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    typed = TypedAnswer.objects.waiting().filter(about=TypedAnswer.About.HOURS)
    members = list(
        Member.objects.here()
        .filter(round=found)
        .select_related("person")
        .prefetch_related(Prefetch("typed_answers", typed, to_attr="typed_waiting"))
    )
    given = given_by(members)
    seats = Seat.objects.filter(panel__round=found, ended_at=None).select_related("panel")
    panel_of = {seat.member_id: seat.panel.name for seat in seats.order_by("panel__lot__order")}
    names = [*dict.fromkeys(panel_of.values()), ""]
    panels = [Panelful(name, list(_rows(members, given, panel_of, name))) for name in names]
    facts = {
        "round": found,
        "panels": [panel for panel in panels if panel.rows],
        "stages": stages_asked(found),
        "pace": pace_for(found),
        "no_panel": _("Not on a panel"),
    }
    return render(request, "panels/hours_list.html", facts)


def _rows(
    members: Iterable[Member], given: dict[int, Given], panel_of: dict[int, str], name: str
) -> Iterable[tuple[Member, Given]]:
    return ((row, given[row.pk]) for row in members if panel_of.get(row.pk, "") == name)
