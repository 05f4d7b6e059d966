"""Who could sit on the panels: a proposal, changes by hand, and asking each panel."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from commissioning.models import Member, Round
from ledger.actions import record
from ledger.trail import digest
from panels.actions.proposals import put_to_panel
from panels.actions.seats import seat_member
from panels.models import Panel, Proposal, SeatChange, SeatRun
from panels.rules import proposals
from panels.rules import seating as rules
from panels.rules.seats import declarations_opened
from panels.sharing.seating import seating


@transaction.atomic
def propose_seats(*, round: Round, by: Person, at: datetime) -> SeatRun:
    """Work out who could sit where. The same facts give the same answer. It gives no seat."""
    rules.may_propose_seats(round, by).require()
    panels = rules.panels_of(round)
    held = rules.sitting_on(round)
    problem = rules.problem_for_seats(round, panels, on=timezone.localdate(at))
    sitting = {
        panel.lot_id: frozenset(seat.member_id for seat in held.get(panel.pk, ()))
        for panel in panels
    }
    found = seating(problem, sitting)
    panel_of = {panel.lot_id: panel.pk for panel in panels}
    seats = [
        [panel_of[lot], member]
        for lot, members in sorted(found.seats.items())
        if lot in panel_of
        for member in members
    ]
    reasons = {
        f"{panel_of[lot]}:{member}": list(codes)
        for (lot, member), codes in sorted(found.reasons.items())
        if lot in panel_of
    }
    run = SeatRun.objects.create(
        round=round,
        seed=problem.seed,
        answer={"seats": seats, "reasons": reasons},
        proposed_at=at,
        proposed_by=by,
    )
    record(
        chain=round.chain,
        verb="seats_proposed",
        by=by,
        at=at,
        run=run.pk,
        seed=run.seed,
        seats=len(seats),
        digest=digest(";".join(f"{panel}:{member}" for panel, member in seats)),
    )
    return run


@transaction.atomic
def change_seating(
    *,
    run: SeatRun,
    panel: Panel,
    taken_out: Member | None = None,
    put_in: Member | None = None,
    reason: str,
    by: Person,
    at: datetime,
) -> SeatChange:
    """Change by hand who is proposed for a panel, with a reason that the panel sees."""
    run = SeatRun.objects.select_for_update().select_related("round__chain").get(pk=run.pk)
    rules.may_change_seats(
        run,
        panel,
        taken_out=taken_out,
        put_in=put_in,
        reason=reason,
        by=by,
        on=timezone.localdate(at),
    ).require()
    change = SeatChange.objects.create(
        run=run,
        panel=panel,
        taken_out=taken_out,
        put_in=put_in,
        reason=reason.strip(),
        made_at=at,
        made_by=by,
    )
    record(
        chain=run.round.chain,
        verb="seats_changed",
        by=by,
        at=at,
        run=run.pk,
        change=change.pk,
        panel=panel.pk,
        taken_out=taken_out.pk if taken_out else None,
        put_in=put_in.pk if put_in else None,
        reason=digest(change.reason),
    )
    return change


@transaction.atomic
def confirm_seating(*, run: SeatRun, by: Person, at: datetime) -> tuple[int, int]:
    """Give the seats that may be given; ask the panel about each of the others.

    From the day declarations open a seat is the panel's to give. Gives how many seats were given,
    and how many the panels were asked about: one at a time, so that each is looked at alone.
    """
    run = SeatRun.objects.select_for_update().select_related("round__chain").get(pk=run.pk)
    rules.may_confirm_seats(run, by).require()
    rules.still_right(run, on=timezone.localdate(at)).require()
    panels = {panel.pk: panel for panel in rules.panels_of(run.round)}
    members = Member.objects.select_related("person").in_bulk(
        [who for _, who in rules.seats_of(run)]
    )
    asked, panel_decides = rules.asked_for(run.round), declarations_opened(run.round)
    busy = {panel for (panel, _member), outcome in asked.items() if not outcome}
    given = put = 0
    for place in rules.seats_of(run):
        panel, member = panels[place[0]], members[place[1]]
        panel.round = run.round
        if not panel_decides or asked.get(place) == Proposal.Outcome.AGREED:
            seat_member(panel=panel, member=member, by=by, at=at)
            given += 1
        elif place not in asked and panel.pk not in busy and proposals.entitled(panel).exists():
            busy.add(panel.pk)
            kind, facts = Proposal.Kind.ADD_MEMBER, {"member": member.pk}
            put_to_panel(panel=panel, kind=kind, data=facts, by=by, at=at)
            put += 1
    run.confirmed_at, run.confirmed_by = at, by
    run.save(update_fields=["confirmed_at", "confirmed_by"])
    record(
        chain=run.round.chain,
        verb="seats_confirmed",
        by=by,
        at=at,
        run=run.pk,
        given=given,
        put=put,
        changes=run.changes.count(),
    )
    return given, put
