"""Making a panel, and who sits on it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.letters import write_to
from accounts.models import Person
from commissioning.models import Lot, Member
from ledger.actions import record
from panels.models import Panel, Seat
from panels.rules import seats as rules


@transaction.atomic
def make_panel(*, lot: Lot, name: str, by: Person, at: datetime) -> Panel:
    """Make the panel of a lot."""
    rules.may_make_panel(lot, by).require()
    panel = Panel.objects.create(round=lot.round, lot=lot, name=name, made_at=at, made_by=by)
    record(chain=lot.round.chain, verb="panel_made", by=by, at=at, panel=panel.pk, lot=lot.pk)
    return panel


@transaction.atomic
def seat_member(*, panel: Panel, member: Member, by: Person, at: datetime) -> Seat:
    """Give a member a seat. Once bids have been looked at, the whole panel hears of it."""
    Panel.objects.select_for_update().get(pk=panel.pk)
    rules.may_seat(panel, member, by).require()
    seat = Seat.objects.create(panel=panel, member=member, began_at=at, began_by=by)
    facts = {"panel": panel, "seat": seat, "joined": member.person}
    _write(seat, member.person, "seat_given", by=by, at=at, facts=facts)
    if rules.declarations_opened(panel.round):
        for other in panel.seats.held().exclude(pk=seat.pk).select_related("member__person"):
            _write(seat, other.member.person, "seat_taken", by=by, at=at, facts=facts)
    record(
        chain=panel.round.chain,
        verb="seat_taken",
        by=by,
        at=at,
        panel=panel.pk,
        seat=seat.pk,
        member=member.pk,
    )
    return seat


def _write(
    seat: Seat, person: Person, name: str, *, by: Person, at: datetime, facts: Mapping[str, Any]
) -> None:
    write_to(
        person,
        name,
        key=f"{name}-{seat.pk}-{person.pk}",
        by=by,
        at=at,
        context=facts,
        chain=seat.panel.round.chain,
    )


@transaction.atomic
def end_seat(*, seat: Seat, by: Person, at: datetime) -> Seat:
    """End a seat. What its member has scored stays."""
    rules.may_end_seat(seat, by).require()
    seat.ended_at, seat.ended_by = at, by
    seat.save(update_fields=["ended_at", "ended_by"])
    record(
        chain=seat.panel.round.chain,
        verb="seat_ended",
        by=by,
        at=at,
        panel=seat.panel_id,
        seat=seat.pk,
        member=seat.member_id,
    )
    return seat
