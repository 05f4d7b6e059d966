"""A bid that staff found outside the rules, asked for by a volunteer, comes back by a vote."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from applications.actions import ask_back, second_eligibility, settle_eligibility
from applications.models import Application
from commissioning.models import FunderRule, StageKind
from panels import actions
from panels.models import Proposal
from tests.factories.commissioning import join, make_lot, make_round, make_volunteers, open_to
from tests.factories.meeting import everyone_says
from tests.factories.panels import Reading, make_bid

pytestmark = pytest.mark.django_db


@pytest.fixture
def reading(joan: Person, harold: Person, sam: Person, ruth: Person) -> Reading:
    """The rules are still being checked; the first of two bids was found outside them."""
    now, round = timezone.now(), make_round(by=sam)
    rule = FunderRule.objects.create(round=round, text="The work is in Leeds.", order=1)
    members = join(round, joan, harold, *make_volunteers(2), by=sam)
    lot = make_lot(round)
    panel = actions.make_panel(lot=lot, name="Getting about panel", by=sam, at=now)
    seats = [actions.seat_member(panel=panel, member=row, by=sam, at=now) for row in members]
    open_to(round, StageKind.ELIGIBILITY, by=sam)
    made = Reading(round, lot, panel, members, [make_bid(lot), make_bid(lot)], sam, seats=seats)
    no = settle_eligibility(
        application=made.bids[0], eligible=False, rule=rule, reason="Armley?", by=sam, at=now
    )
    ruling = second_eligibility(eligibility=no, by=ruth, at=now)
    member = made.member(harold)
    ask_back(eligibility=ruling, member=member, reason="Armley is Leeds.", by=harold, at=now)
    return made


def address(reading: Reading, bid: Application | None = None) -> str:
    return reverse("put_bid_back", args=[reading.panel.pk, (bid or reading.bids[0]).pk])


def test_put_bid_back_and_the_panel_has_it_again(
    client: Client, reading: Reading, joan: Person
) -> None:
    client.force_login(joan)
    bid = reading.bids[0]
    assert not Application.objects.eligible().filter(pk=bid.pk).exists()
    page = client.get(reverse("panel_detail", args=[reading.panel.pk])).content.decode()
    assert address(reading) in page
    page = client.get(address(reading)).content.decode()
    assert "Armley is Leeds." in page
    assert str(bid) not in page, "nobody has declared yet, so its title is not told"
    assert client.post(address(reading), {"words": " "}).status_code == 422
    client.post(address(reading), {"words": "The rule says Leeds."})
    proposal = Proposal.objects.get(kind=Proposal.Kind.RETURN_BID)
    page = client.get(reverse("proposal_detail", args=[proposal.pk])).content.decode()
    assert str(bid) not in page
    everyone_says(proposal, "agree")
    assert Application.objects.eligible().filter(pk=bid.pk).exists()
    ruling = bid.eligibility.get(replaced_by=None)
    assert (ruling.decided_by, ruling.reason) == (joan, "The rule says Leeds.")
    assert client.get(address(reading)).status_code == 404


def test_a_panel_that_does_not_agree_leaves_it_to_the_board(reading: Reading, joan: Person) -> None:
    proposal = actions.put_to_panel(
        panel=reading.panel,
        kind=Proposal.Kind.RETURN_BID,
        application=reading.bids[0],
        words="The rule says Leeds.",
        by=joan,
        at=timezone.now(),
    )
    everyone_says(proposal, "disagree")
    assert proposal.outcome == "not_agreed"
    assert not Application.objects.eligible().filter(pk=reading.bids[0].pk).exists()


def test_one_person_who_says_no_again_does_not_stop_the_vote(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    bid, now = reading.bids[0], timezone.now()
    proposal = actions.put_to_panel(
        panel=reading.panel,
        kind=Proposal.Kind.RETURN_BID,
        application=bid,
        words="The rule says Leeds.",
        by=joan,
        at=now,
    )
    rule = reading.round.funder_rules.get()
    settle_eligibility(
        application=Application.objects.get(pk=bid.pk),
        eligible=False,
        rule=rule,
        reason="No again.",
        by=sam,
        at=now,
    )
    everyone_says(proposal, "agree")
    assert Application.objects.eligible().filter(pk=bid.pk).exists()


def test_put_bid_back_after_one_person_said_no_again(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    """The page still says who asked for it, and why."""
    rule = reading.round.funder_rules.get()
    settle_eligibility(
        application=reading.bids[0],
        eligible=False,
        rule=rule,
        reason="No again.",
        by=sam,
        at=timezone.now(),
    )
    client.force_login(joan)
    assert (
        address(reading)
        in client.get(reverse("panel_detail", args=[reading.panel.pk])).content.decode()
    )
    assert "Armley is Leeds." in client.get(address(reading)).content.decode()


def test_put_bid_back_is_for_the_panel_alone(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    def put(by: Person, bid: Application) -> None:
        actions.put_to_panel(
            panel=reading.panel,
            kind=Proposal.Kind.RETURN_BID,
            application=bid,
            words="Please.",
            by=by,
            at=timezone.now(),
        )

    with pytest.raises(Refused, match="Your role here"):
        put(sam, reading.bids[0])
    with pytest.raises(Refused, match="Nobody has asked for this bid back"):
        put(joan, reading.bids[1])
    client.force_login(sam)
    assert client.get(address(reading)).status_code == 404
    client.force_login(joan)
    assert client.get(address(reading, reading.bids[1])).status_code == 404
    reading.round.stages.filter(kind=StageKind.ELIGIBILITY).update(
        closed_at=timezone.now(), closed_by=sam
    )
    assert client.get(address(reading)).status_code == 403
