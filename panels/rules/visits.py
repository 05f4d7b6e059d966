"""Who comes to a panel's pages, with every fact those pages ask about, in one query."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, holds
from panels.models import (
    Abstention,
    Assignment,
    Panel,
    Phase,
    ScoreSheet,
    Seat,
    StandingAside,
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A person at a panel: the seat they hold there (ids), or that they are there for the staff."""

    panel: Panel
    person: Person
    seat: int | None
    member: int | None
    aside: bool
    """Stands aside from the whole lot."""
    reading_left: bool
    """Has bids in the lot that wait for their scores."""

    @property
    def staff(self) -> bool:
        """Whether the person comes to help, and not to choose."""
        return holds(self.person, Permission.RUN_MEETINGS)

    @property
    def takes_part(self) -> Verdict:
        """Whether the person sits on this panel and does not stand aside from its lot."""
        if self.seat is None:
            return Verdict.no(_("You do not sit on this panel."))
        if self.aside:
            return Verdict.no(_("You are standing aside from this part of the money."))
        return Verdict.yes()

    @property
    def sees_scores(self) -> Verdict:
        """Whether the person may see the panel's scores: never before the panel opens them, then
        its members who do not stand aside and have sent their own, and the facilitators."""
        if not self.panel.scores_opened_at:
            return Verdict.no(_("The panel has not opened its scores yet. Nobody can see them."))
        if self.staff and not self.aside:
            return Verdict.yes()
        if not self.takes_part:
            return self.takes_part
        if self.reading_left:
            return Verdict.no(
                _("You still have scores to send. You will see the others’ after you send yours.")
            )
        return Verdict.yes()

    @property
    def sees_interview_scores(self) -> Verdict:
        """The same for what was scored after the interviews."""
        if not self.panel.interviews_opened_at:
            return Verdict.no(
                _("The panel has not opened its interview scores yet. Nobody can see them.")
            )
        return Verdict.yes() if self.staff and not self.aside else self.takes_part


def visits(person: Person, panels: QuerySet[Panel]) -> list[Visit]:
    """A visit to each of these panels (one query)."""
    seats = Seat.objects.held().filter(panel=OuterRef("pk"), member__person=person)
    aside = StandingAside.objects.filter(
        member__person=person, lot=OuterRef("lot"), application=None
    )
    left = waiting_for_scores(person).filter(application__lot=OuterRef("lot"))
    rows = panels.select_related("round__chain", "round__programme", "lot").annotate(
        fact_seat=Subquery(seats.values("pk")[:1]),
        fact_member=Subquery(seats.values("member")[:1]),
        fact_aside=Exists(aside),
        fact_left=Exists(left),
    )
    return [
        Visit(
            panel=row,
            person=person,
            seat=vars(row)["fact_seat"],
            member=vars(row)["fact_member"],
            aside=vars(row)["fact_aside"],
            reading_left=vars(row)["fact_left"],
        )
        for row in rows
    ]


def visit_of(panel: Panel, person: Person) -> Visit:
    """One person's visit to one panel."""
    return visits(person, Panel.objects.filter(pk=panel.pk))[0]


def seats_with_facts(panel: Panel) -> QuerySet[Seat]:
    """Who sits on a panel, each with whether they stand aside from its whole lot (`aside`) and
    whether bids there still wait for their scores (`left`): who has no agenda, and why."""
    aside = StandingAside.objects.filter(
        member=OuterRef("member"), lot=panel.lot_id, application=None
    )
    left = _waiting().filter(member=OuterRef("member"), application__lot=panel.lot_id)
    rows = Seat.objects.held().filter(panel=panel).select_related("member__person")
    return rows.annotate(aside=Exists(aside), left=Exists(left))


def waiting_for_scores(person: Person) -> QuerySet[Assignment]:
    """A person's bids that they have neither scored nor stood back from."""
    return _waiting().filter(member__person=person)


def _waiting() -> QuerySet[Assignment]:
    sent = ScoreSheet.objects.counting().filter(
        member=OuterRef("member"), application=OuterRef("application"), phase=Phase.READING
    )
    return Assignment.objects.current().filter(
        ~Exists(sent),
        ~Exists(Abstention.objects.filter(assignment=OuterRef("pk"))),
        application__withdrawn_at=None,
    )
