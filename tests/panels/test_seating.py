"""Who could sit on the panels: proposed with reasons, changed on the record, asked of the panel."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Refused
from commissioning import actions as round_actions
from commissioning.models import StageKind
from panels import actions
from panels.actions import Knows
from panels.models import Interest, Proposal, Seat, SeatRun
from panels.rules import seating as rules
from panels.rules import share as share_rules
from panels.sharing import Bid, Problem, Reader
from panels.sharing.seating import FEWEST, MOST, may_sit, seating
from tests.factories.commissioning import join, make_lot, make_round, make_volunteers, open_to
from tests.factories.meeting import everyone_says
from tests.factories.panels import Reading, declare_all, make_bid, share_out

# ---- The sum --------------------------------------------------------------------------------


def made(seed: int) -> tuple[Problem, dict[int, frozenset[int]]]:
    """An odd round: some untrained, tied, away or on other lots; some have read, some sit."""
    dice = Random(seed)
    lots = range(1, dice.randint(1, 5) + 1)
    bids = tuple(Bid(100 + n, lot=dice.choice(lots)) for n in range(dice.randint(1, 20)))
    readers = tuple(
        Reader(
            n,
            limit=5,
            experienced=dice.random() < 0.4,
            trained=dice.random() < 0.9,
            conflicts=frozenset(dice.sample([bid.id for bid in bids], dice.random() < 0.2)),
            lots=frozenset(dice.sample(lots, dice.randint(1, len(lots)))),
            meets=frozenset(lot for lot in lots if dice.random() < 0.9),
            like_lots=frozenset(dice.sample(lots, 1)),
        )
        for n in range(dice.randint(0, 30))
    )
    kept = frozenset((bid.id, who.id) for bid in bids for who in readers if dice.random() < 3 / 30)
    everyone = [reader.id for reader in readers]
    dice.shuffle(everyone)
    sitting = {lot: frozenset(everyone[2 * n : 2 * n + n % 3]) for n, lot in enumerate(lots)}
    return Problem(readers, bids, seed=seed, kept=kept), sitting


@pytest.mark.parametrize("seed", range(40))
def test_seating_keeps_every_rule_of_a_panel(seed):
    problem, sitting = made(seed)
    found = seating(problem, sitting)
    readers = {reader.id: reader for reader in problem.readers}
    for lot, new in found.seats.items():
        had = sitting.get(lot, frozenset())
        bids = frozenset(bid.id for bid in problem.bids if bid.lot == lot)
        could = [r for r in problem.readers if r.id not in had and not may_sit(r, lot, bids)]
        assert not any(may_sit(readers[who], lot, bids) for who in new)
        assert len(set(new) | had) == len(new) + len(had)
        assert len(new) + len(had) <= max(MOST, len(had))
        # Never short while somebody could still sit; never nobody experienced while one could be.
        assert len(new) + len(had) >= min(FEWEST, len(had) + len(could))
        old_hands = [who for who in {*new, *had} if who in readers and readers[who].experienced]
        if new and any(reader.experienced for reader in could):
            assert old_hands
        assert (lot in found.no_experienced) == (bool(new or had) and not old_hands)
    assert found == seating(replace(problem, readers=problem.readers[::-1]), sitting)
    for (lot, who), codes in found.reasons.items():
        read = {bid for bid, one in problem.kept if one == who}
        lot_bids = {bid.id for bid in problem.bids if bid.lot == lot}
        assert (f"reads:{len(read & lot_bids)}" in codes) == bool(read & lot_bids)
        assert ("experienced" in codes) == readers[who].experienced
        assert ("new" in codes) != readers[who].experienced


def test_seating_takes_those_who_have_read_and_a_balance_of_new_and_experienced():
    bids = tuple(Bid(100 + n, lot=1) for n in range(4))
    readers = tuple(Reader(n, limit=9, experienced=n < 8) for n in range(16))
    kept = frozenset((bid.id, who) for bid in bids for who in (1, 2, 9, 10))
    for draw in range(50):
        (panel,) = seating(
            Problem(readers, bids, seed=draw, kept=kept), {1: frozenset()}
        ).seats.values()
        assert {1, 2, 9, 10} <= set(panel)
        assert len(panel) == MOST
        assert sum(readers[who].experienced for who in panel) == 3


# ---- In the round ---------------------------------------------------------------------------
pytestmark = pytest.mark.django_db


def now():
    return timezone.now()


def six_people(joan, harold, sam, seated: int = 4) -> Reading:
    """Sharing out is open. Six people take part; the first four have seats."""
    round = make_round(by=sam, readers_per_bid=2)
    members = join(round, joan, harold, *make_volunteers(4), by=sam)
    lot = make_lot(round)
    panel = actions.make_panel(lot=lot, name="A panel", by=sam, at=now())
    seats = [
        actions.seat_member(panel=panel, member=row, by=sam, at=now()) for row in members[:seated]
    ]
    open_to(round, StageKind.SHARING, by=sam)
    bids = [make_bid(lot) for _ in range(2)]
    return Reading(round, lot, panel, members, bids, sam, seats=seats)


@pytest.fixture
def early(joan, harold, sam):
    """Before anybody has looked at bids: two panels without seats, twelve people, half new."""
    round = make_round(by=sam)
    members = join(round, joan, harold, *make_volunteers(10), by=sam)
    for member in members[::2]:
        member.has_scored_before = True
        member.save()
    lots = [make_lot(round, name=name) for name in ("Getting about", "Telephone friends")]
    panels = [actions.make_panel(lot=lot, name=lot.name, by=sam, at=now()) for lot in lots]
    for lot in lots:
        make_bid(lot)
    return Reading(round, lots[0], panels[0], members, [], sam)


def test_propose_seats_then_confirm_gives_them_before_bids_are_looked_at(early, sam, client):
    client.force_login(sam)
    slug = early.round.slug
    listed = client.get(reverse("panel_list", args=[slug])).text
    assert reverse("seating_detail", args=[slug]) in listed
    assert client.post(reverse("propose_seats", args=[slug])).status_code == 302
    run = SeatRun.objects.get()
    assert len(run.answer["seats"]) == 12
    assert len({member for _panel, member in run.answer["seats"]}) == 12
    assert not Seat.objects.exists()
    page = client.get(reverse("seating_detail", args=[slug])).text
    assert "has scored bids before" in page
    assert "is new to this" in page
    assert "3 of these 6 have scored before." in page
    confirm = reverse("confirm_seating", args=[slug])
    assert client.post(confirm, {}).status_code == 422
    assert client.post(confirm, {"sure": "on"}).status_code == 302
    assert Seat.objects.held().count() == 12
    verbs = set(early.round.chain.entries.values_list("verb", flat=True))
    assert {"seats_proposed", "seats_confirmed", "seat_taken"} <= verbs
    with pytest.raises(Refused):
        actions.confirm_seating(run=run, by=sam, at=now())


def test_who_is_away_on_the_interview_days_is_not_proposed(early, joan, sam):
    stage = early.round.stages.get(kind=StageKind.INTERVIEWS)
    member = early.member(joan)
    round_actions.add_away_days(
        member=member,
        first_on=stage.opens_on,
        last_on=stage.closes_on + timedelta(days=1),
        by=joan,
        at=now(),
    )
    run = actions.propose_seats(round=early.round, by=sam, at=now())
    assert member.pk not in {who for _panel, who in rules.seats_of(run)}
    codes = rules.codes_against(early.round, early.panel, on=timezone.localdate())
    assert codes[member.pk] == "away"


def test_change_seating_needs_a_reason_and_is_told_to_the_panel(early, joan, harold, sam, client):
    run = actions.propose_seats(round=early.round, by=sam, at=now())
    panel = early.panel
    out = next(row for row in early.members if (panel.pk, row.pk) in rules.seats_of(run))
    other = next(row for row in early.members if (panel.pk, row.pk) not in rules.seats_of(run))
    client.force_login(sam)
    page = reverse("change_seating", args=[early.round.slug, panel.pk])
    assert str(out) in client.get(page).text
    data = {"taken_out": str(out.pk), "put_in": str(other.pk)}
    assert client.post(page, data).status_code == 422
    assert client.post(page, {**data, "reason": "They asked to swap."}).status_code == 302
    placed = rules.seats_of(run)
    assert (panel.pk, other.pk) in placed
    assert (panel.pk, out.pk) not in placed
    with pytest.raises(Refused, match="already"):
        actions.change_seating(run=run, panel=panel, put_in=other, reason="Again", by=sam, at=now())
    with pytest.raises(Refused):
        actions.change_seating(
            run=run, panel=panel, taken_out=other, reason="Mine", by=joan, at=now()
        )
    shown = client.get(reverse("seating_detail", args=[early.round.slug])).text
    assert "They asked to swap." in shown
    assert "was put here by hand" in shown
    actions.seat_member(panel=panel, member=other, by=sam, at=now())
    client.force_login(other.person)
    assert "They asked to swap." in client.get(reverse("panel_sharing", args=[panel.pk])).text


def test_confirm_seating_asks_the_panel_once_bids_were_looked_at(joan, harold, sam, client):
    reading = six_people(joan, harold, sam)
    run = actions.propose_seats(round=reading.round, by=sam, at=now())
    assert {who for _panel, who in rules.seats_of(run)} == {row.pk for row in reading.members[4:]}
    assert actions.confirm_seating(run=run, by=sam, at=now()) == (0, 1)
    asked = Proposal.objects.filter(kind=Proposal.Kind.ADD_MEMBER, outcome="")
    assert asked.count() == 1
    assert reading.panel.seats.held().count() == 4
    client.force_login(sam)
    shown = reverse("seating_detail", args=[reading.round.slug])
    assert "The panel is asked." in client.get(shown).text
    everyone_says(asked.get())
    page = client.get(shown).text
    assert "The panel said yes." in page
    assert reverse("seat_member", args=[reading.panel.pk]) in page
    # Proposed again: who was agreed to gets the seat, and the panel is asked about the next.
    again = actions.propose_seats(round=reading.round, by=sam, at=now())
    assert actions.confirm_seating(run=again, by=sam, at=now()) == (1, 1)
    assert reading.panel.seats.held().count() == 5


def test_those_who_have_read_come_first(joan, harold, sam):
    """Nobody has a seat; two have read: they come first, and the page says so."""
    reading = six_people(joan, harold, sam, seated=0)
    round_actions.change_promise(
        member=reading.members[0], has_scored_before=True, by=joan, at=now()
    )
    declare_all(reading)
    share_out(reading)
    reads = {who for _bid, who in share_rules.standing(reading.round)}
    run = actions.propose_seats(round=reading.round, by=sam, at=now())
    placed = [who for _panel, who in rules.seats_of(run)]
    for who in reads:
        codes = run.answer["reasons"][f"{reading.panel.pk}:{who}"]
        assert any(code.startswith("reads:") for code in codes)
    assert set(placed) >= reads


def test_a_proposal_is_stale_once_somebody_stands_aside(joan, harold, sam):
    reading = six_people(joan, harold, sam)
    member = reading.members[4]
    run = actions.propose_seats(round=reading.round, by=sam, at=now())
    assert member.pk in {who for _panel, who in rules.seats_of(run)}
    actions.declare(
        member=member,
        lot=reading.lot,
        knows=[Knows(reading.bids[0], Interest.Kind.DIRECT)],
        by=member.person,
        at=now(),
    )
    with pytest.raises(Refused, match="changed"):
        actions.confirm_seating(run=run, by=sam, at=now())


def test_propose_seats_says_what_is_missing_first(joan, sam):
    round = make_round(by=sam)
    join(round, joan, by=sam)
    with pytest.raises(Refused, match="Make a panel"):
        actions.propose_seats(round=round, by=sam, at=now())
    with pytest.raises(Refused):
        actions.propose_seats(round=round, by=joan, at=now())
    lot = make_lot(round)
    make_bid(lot)
    actions.make_panel(lot=lot, name="A panel", by=sam, at=now())
    run = actions.propose_seats(round=round, by=sam, at=now())
    assert len(rules.seats_of(run)) == 1


def test_seating_detail_says_how_many_are_missing(joan, sam, client):
    round = make_round(by=sam)
    join(round, joan, by=sam)
    lot = make_lot(round)
    actions.make_panel(lot=lot, name="A panel", by=sam, at=now())
    actions.propose_seats(round=round, by=sam, at=now())
    client.force_login(sam)
    page = client.get(reverse("seating_detail", args=[round.slug])).text
    assert "It needs 3 more members." in page
    assert "Ask more people to join" in page
