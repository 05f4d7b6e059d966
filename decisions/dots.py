"""A temperature check with dots: where the panel leans, shown to all at once. Nothing follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from applications.models import Application
from decisions.models import DotCard, DotCheck
from decisions.rules import Place, at_the_table, entitled_seats, may_use_board, needed_to_sign
from panels.models import Panel, Seat
from panels.rules.proposals import may_type_for

MOST = 12
"""Each member has about one dot for three bids, and no more than these: with fewer than that, each
dot is a choice."""


def dots_for(bids: int) -> int:
    """How many dots each member has where there are so many bids."""
    return min(MOST, max(1, -(-bids // 3)))


def newest_check(panel: Panel) -> DotCheck | None:
    """The panel's newest check, with its cards (two queries)."""
    rows = DotCheck.objects.filter(panel=panel).prefetch_related("cards__seat__member")
    return rows.order_by("-begun_at", "-pk").first()


def may_begin(person: Person, panel: Panel, *, on: date, place: Place) -> Verdict:
    """Whether the person may begin a check: a member at the board, while none is going on."""
    verdict = may_use_board(person, panel, on=on, place=place)
    if verdict and DotCheck.objects.filter(panel=panel, shown_at=None).exists():
        return Verdict.no(_("A check with dots is going on already. Put your dots there."))
    return verdict


def may_place(
    by: Person, check: DotCheck, seat: Seat, dots: Mapping[int, int], bids: Sequence[Application]
) -> Verdict:
    """Whether these dots (by bid id) may be put for this seat, by its member or typed for them.
    `bids` are those that the member may see."""
    own = seat.member.person_id == by.pk
    allowed = may(by, Permission.DECIDE) if own else may_type_for(seat, by)
    if not allowed:
        return allowed
    if check.shown_at:
        return Verdict.no(_("The dots are shown. Nobody can change theirs now."))
    at_table = at_the_table(check.panel, seat.member.person)
    if not at_table:
        return at_table
    if not dots.keys() <= {bid.pk for bid in bids} or min(dots.values(), default=0) < 0:
        return Verdict.no(_("Choose among this panel’s bids."))
    return enough_dots(sum(dots.values()), check.dots)


def enough_dots(put: int, have: int) -> Verdict:
    """Whether somebody who has so many dots may put so many, or how many to take away."""
    if not put:
        return Verdict.no(_("Put at least one dot."))
    if put <= have:
        return Verdict.yes()
    more = ngettext("Take %(count)s away.", "Take %(count)s away.", put - have) % {
        "count": put - have
    }
    facts = {"put": put, "have": have, "more": more}
    return Verdict.no(_("You have put %(put)s dots, and you have %(have)s. %(more)s") % facts)


def may_show(person: Person, check: DotCheck) -> Verdict:
    """Whether a member may have the dots shown to all: once enough have put theirs."""
    verdict = at_the_table(check.panel, person)
    if not verdict:
        return verdict
    if check.shown_at:
        return Verdict.no(_("The dots are shown already."))
    seats = {seat.pk for seat in entitled_seats(check.panel)}
    needed = needed_to_sign(check.panel.round, len(seats))
    if sum(card.seat_id in seats for card in check.cards.all()) < needed:
        return Verdict.no(
            _("At least %(needed)s people must put their dots first.") % {"needed": needed}
        )
    return Verdict.yes()


@dataclass(frozen=True, slots=True)
class Row:
    """One bid: all its dots, from how many people, and one's own."""

    bid: Application
    dots: int
    people: int
    mine: int

    @property
    def words(self) -> str:
        """The same as a sentence."""
        if not self.dots:
            return _("No dots.")
        dots = ngettext("%(count)s dot", "%(count)s dots", self.dots) % {"count": self.dots}
        people = ngettext("%(count)s person", "%(count)s people", self.people) % {
            "count": self.people
        }
        return _("%(dots)s, from %(people)s.") % {"dots": dots, "people": people}


def shown(check: DotCheck, bids: Sequence[Application], seat: int | None) -> list[Row]:
    """Where the dots lie, most first; bids that are level in the order of their numbers."""
    cards = [{int(bid): n for bid, n in card.dots.items()} for card in check.cards.all()]
    own = own_card(check, seat)
    rows = [
        Row(
            bid=bid,
            dots=sum(card.get(bid.pk, 0) for card in cards),
            people=sum(card.get(bid.pk, 0) > 0 for card in cards),
            mine=int(own.dots.get(str(bid.pk), 0)) if own else 0,
        )
        for bid in bids
    ]
    return sorted(rows, key=lambda row: (-row.dots, row.bid.reference))


def own_card(check: DotCheck, seat: int | None) -> DotCard | None:
    """The dots of this seat (id), once they are put."""
    return next((card for card in check.cards.all() if card.seat_id == seat), None)
