"""Proposing who sits on the panels: the facts the sum works on, and what a proposal may become."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from commissioning.models import Member, Round, StageKind
from commissioning.pace import stage_of
from panels import sharing
from panels.models import InterviewSlot, Panel, Proposal, Seat, SeatRun
from panels.rules import share
from panels.rules.interests import conflicts
from panels.rules.seats import FEWEST_SEATS, MOST_SEATS
from panels.sharing.seating import may_sit

Placed = tuple[int, int]
"""A panel's id and a member's id."""


def panels_of(round: Round) -> list[Panel]:
    """The round's panels with their lots (one query)."""
    return list(Panel.objects.filter(round=round).select_related("lot"))


def sitting_on(round: Round) -> dict[int, list[Seat]]:
    """Who sits on each panel today, by panel (one query)."""
    found: defaultdict[int, list[Seat]] = defaultdict(list)
    for seat in Seat.objects.held().filter(panel__round=round).select_related("member__person"):
        found[seat.panel_id].append(seat)
    return dict(found)


def days_to_meet(round: Round, panels: Iterable[Panel]) -> dict[int, list[date]]:
    """The days on which each lot's panel meets organisations: its times, else the whole stage
    (2 queries). Empty where nothing is known."""

    def whole(lot: int) -> list[date]:
        stage = stage_of(round, StageKind.INTERVIEWS, lot)
        if stage is None:
            return []
        long = (stage.closes_on - stage.opens_on).days + 1
        return [stage.opens_on + timedelta(days=n) for n in range(long)]

    slots: defaultdict[int, set[date]] = defaultdict(set)
    rows = InterviewSlot.objects.filter(panel__round=round).values_list("panel", "starts_at")
    for panel, starts_at in rows:
        slots[panel].add(timezone.localdate(starts_at))
    return {panel.lot_id: sorted(slots[panel.pk]) or whole(panel.lot_id) for panel in panels}


def free_to_meet(
    gone_on: Sequence[tuple[date, date]], days: Mapping[int, Sequence[date]]
) -> frozenset[int]:
    """The lots on whose interview days somebody is there: on half of them at the least."""

    def there(day: date) -> bool:
        return not any(first <= day <= last for first, last in gone_on)

    return frozenset(lot for lot, own in days.items() if 2 * sum(map(there, own)) >= len(own))


def problem_for_seats(round: Round, panels: Sequence[Panel], *, on: date) -> sharing.Problem:
    """Who could sit and what each has read so far, as plain values."""
    bids = share.bids_of(round)
    days = days_to_meet(round, panels)
    ties = conflicts(round.pk)
    known = {bid.pk for bid in bids if not bid.withdrawn_at}
    empty = {panel.lot_id for panel in panels} - {bid.lot_id for bid in bids}
    readers = []
    for offer in share.offers(round, bids, on=on):
        reader = share.as_reader(offer, ties.get(offer.member.pk, ()))
        lots = frozenset() if offer.away else offer.lots | empty
        readers.append(replace(reader, lots=lots, meets=free_to_meet(offer.gone_on, days)))
    return sharing.Problem(
        readers=tuple(readers),
        bids=tuple(share.as_bid(bid, round.readers_per_bid) for bid in bids if bid.pk in known),
        seed=share.seed_for(round),
        kept=frozenset(pair for pair in share.counting(round) if pair[0] in known),
    )


def newest_seats(round: Round) -> SeatRun | None:
    """The latest proposal of who sits, with its changes by hand (two queries)."""
    return SeatRun.objects.filter(round=round).prefetch_related("changes").first()


def seats_of(run: SeatRun) -> list[Placed]:
    """Who is proposed for which panel, with the changes made by hand (one query)."""
    placed = [(panel, member) for panel, member in run.answer["seats"]]
    for change in run.changes.all():
        placed = [row for row in placed if row != (change.panel_id, change.taken_out_id)]
        if change.put_in_id:
            placed.append((change.panel_id, change.put_in_id))
    return placed


def asked_for(round: Round) -> dict[Placed, str]:
    """Whom panels were asked about already, and what came of it: nothing, or an outcome."""
    rows = Proposal.objects.filter(panel__round=round, kind=Proposal.Kind.ADD_MEMBER)
    return {
        (panel, data.get("member", 0)): outcome
        for panel, data, outcome in rows.order_by("pk").values_list("panel", "data", "outcome")
    }


# ---- What may be done -----------------------------------------------------------------------
def may_propose_seats(
    round: Round,
    by: Person,
    *,
    panels: Sequence[Panel] | None = None,
    held: Mapping[int, Sequence[Seat]] | None = None,
) -> Verdict:
    """Whether staff may ask who could sit on the panels: there are panels with room.

    `panels` and `held` save asking for them again, where a page has read them already.
    """
    allowed = may(by, Permission.SHARE_OUT)
    if not allowed:
        return allowed
    panels = panels_of(round) if panels is None else panels
    if not panels:
        return Verdict.no(_("Make a panel for each lot first. Then ask who could sit on it."))
    held = sitting_on(round) if held is None else held
    if all(len(held.get(panel.pk, ())) >= MOST_SEATS for panel in panels):
        return Verdict.no(_("Every panel is full."))
    return Verdict.yes()


def may_change_seats(
    run: SeatRun,
    panel: Panel,
    *,
    taken_out: Member | None,
    put_in: Member | None,
    reason: str,
    by: Person,
    on: date,
) -> Verdict:
    """Whether one change by hand keeps every rule of a seat."""
    waits = may_confirm_seats(run, by)
    if not waits:
        return waits
    if not reason.strip():
        return Verdict.no(_("Give a reason. The panel will see it."))
    if taken_out is None and put_in is None:
        return Verdict.no(_("Choose who comes, or who is taken out."))
    placed = seats_of(run)
    if taken_out is not None and (panel.pk, taken_out.pk) not in placed:
        return Verdict.no(_("This person is not proposed for this panel."))
    if put_in is None:
        return Verdict.yes()
    here = {member for one, member in placed if one == panel.pk}
    here |= {seat.member_id for seat in sitting_on(run.round).get(panel.pk, ())}
    if put_in.pk in here:
        return Verdict.no(_("This person is on this panel already."))
    if len(here) - (taken_out is not None) >= MOST_SEATS:
        return Verdict.no(_("This panel is full. A panel has 4 to 6 seats."))
    code = codes_against(run.round, panel, on=on).get(put_in.pk, "not_here")
    return Verdict.no(why_not_here_words(code)) if code else Verdict.yes()


def codes_against(round: Round, panel: Panel, *, on: date) -> dict[int, str]:
    """The rule that keeps each member from a panel, or nothing, by member."""
    problem = problem_for_seats(round, [panel], on=on)
    bids = frozenset(bid.id for bid in problem.bids if bid.lot == panel.lot_id)
    return {reader.id: may_sit(reader, panel.lot_id, bids) for reader in problem.readers}


def may_confirm_seats(run: SeatRun, by: Person) -> Verdict:
    """Whether a proposal waits to be confirmed."""
    allowed = may(by, Permission.SHARE_OUT)
    if not allowed:
        return allowed
    if run.confirmed_at:
        return Verdict.no(_("This proposal is confirmed already. Ask for a new one."))
    if SeatRun.objects.filter(round=run.round_id, pk__gt=run.pk).exists():
        return Verdict.no(_("There is a newer proposal. Please look at that one."))
    return Verdict.yes()


def still_right(run: SeatRun, *, on: date) -> Verdict:
    """Whether everybody proposed may still sit where they would."""
    panels = panels_of(run.round)
    problem = problem_for_seats(run.round, panels, on=on)
    readers = {reader.id: reader for reader in problem.readers}
    lots = {panel.pk: panel.lot_id for panel in panels}
    bids: defaultdict[int, set[int]] = defaultdict(set)
    for bid in problem.bids:
        bids[bid.lot].add(bid.id)
    held = Counter({panel: len(seats) for panel, seats in sitting_on(run.round).items()})
    for panel, member in seats_of(run):
        held[panel] += 1
        reader = readers.get(member)
        if (
            reader is None
            or may_sit(reader, lots[panel], frozenset(bids[lots[panel]]))
            or held[panel] > MOST_SEATS
        ):
            words = _("Something has changed since this was worked out. Ask for a new proposal.")
            return Verdict.no(words)
    return Verdict.yes()


# ---- In plain words -------------------------------------------------------------------------
def why_here_words(codes: Iterable[str]) -> list[str]:
    """Why somebody is proposed for a panel, as anybody may hear it."""
    said = []
    for code in codes:
        kind, _sep, rest = code.partition(":")
        count = int(rest or 0)
        if kind == "reads":
            words = ngettext(
                "reads %(count)s bid of this lot", "reads %(count)s bids of this lot", count
            )
            said.append(words % {"count": count})
        elif kind == "with":
            words = ngettext(
                "shares bids with %(count)s other on it",
                "shares bids with %(count)s others on it",
                count,
            )
            said.append(words % {"count": count})
        elif kind == "experienced":
            said.append(_("has scored bids before"))
        elif kind == "new":
            said.append(_("is new to this"))
        elif kind == "prefers":
            said.append(_("asked to read about this"))
        elif kind == "by_hand":
            said.append(_("was put here by hand"))
    return said


def why_not_here_words(code: str) -> str:
    """Why somebody cannot sit on a panel, as one sentence."""
    words = {
        "untrained": _("They have not finished getting ready."),
        "conflict": _("They cannot sit here: they stand aside from a bid of this lot."),
        "other_lot": _("They sit on another panel, are on a break, or stand aside here."),
        "away": _("They are away when the groups are met."),
    }
    return words.get(code, _("This person does not take part in the round."))


def missing_words(count: int) -> str:
    """How many more people a panel needs."""
    return ngettext(
        "It needs %(count)s more member.", "It needs %(count)s more members.", count
    ) % {"count": count}


def missing_on(count: int) -> int:
    """How many more than these a panel needs to decide anything."""
    return max(0, FEWEST_SEATS - count)
