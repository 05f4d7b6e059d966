"""What comes first in sharing out: the panels choose it, all of them, and nobody else."""

from copy import deepcopy

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import StageKind
from panels import actions
from panels.models import Panel, Proposal, ShareAim, ShareRun
from panels.rules import share as rules
from panels.sharing import Aim
from tests.conftest import Cast, Once
from tests.factories.commissioning import join, make_lot, make_round, make_volunteers, open_to
from tests.factories.meeting import agree, everyone_says, put
from tests.factories.panels import Reading, declare_all, make_bid, share_out, sharing_round

pytestmark = pytest.mark.django_db
AIM = Proposal.Kind.SHARE_AIM


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    """Four people with seats; the first bid serves carers, and only Joan has cared."""

    def build(cast: Cast) -> Reading:
        reading = sharing_round(cast.joan, by=cast.sam, bids=0, readers_per_bid=2, wanted=4)
        for number in range(3):
            reading.bids.append(make_bid(reading.lot, title=f"Caring {number}"))
            reading.bids[-1].communities = ["carer"]
            reading.bids[-1].save()
        joan = reading.members[0]
        joan.experience = ["carer"]
        joan.save()
        declare_all(reading)
        return reading

    return once(build)


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    return deepcopy(begun)


def two_panels(joan: Person, by: Person) -> list[Panel]:
    """A round with two lots, each with a panel of the same four people; sharing out is open."""
    round, at = make_round(by=by), timezone.now()
    members = join(round, joan, *make_volunteers(3), by=by)
    panels = [
        actions.make_panel(
            lot=make_lot(round, name=f"Lot {number}"), name=f"Panel {number}", by=by, at=at
        )
        for number in (1, 2)
    ]
    for panel in panels:
        for member in members:
            actions.seat_member(panel=panel, member=member, by=by, at=at)
    open_to(round, StageKind.SHARING, by=by)
    return panels


def propose(reading: Reading) -> ShareRun:
    return actions.propose_sharing(round=reading.round, by=reading.by, at=timezone.now())


def test_the_fullest_share_comes_first_until_panels_choose(reading: Reading) -> None:
    assert rules.aim_of(reading.round) == ShareAim.SHARE
    problem = rules.problem_for(reading.round, on=timezone.localdate(), seed=1)
    assert problem.aim is Aim.SHARE
    run = propose(reading)
    assert run.aim == "share"
    assert reading.round.chain.entries.get(verb="sharing_proposed").data["aim"] == "share"


def test_a_panel_chooses_lived_experience_and_the_price_is_shown(
    client: Client, reading: Reading, sam: Person, joan: Person
) -> None:
    before = propose(reading)
    assert len(before.answer["no_lived"]) == 1, "at two of four each, Joan reads two of the three"
    agree(reading.panel, AIM, joan, data={"aim": "lived"})
    run = propose(reading)
    assert (run.aim, run.seed, run.answer["no_lived"]) == ("lived", before.seed, [])
    assert run.answer["price"]["fullest"] == [[3, 4], [2, 4]]
    assert run.answer["price"]["more"] == [[reading.member(joan).pk, 3, 2, 4]]
    client.force_login(sam)
    page = client.get(reverse("sharing_detail", args=[reading.round.slug])).content.decode()
    assert "Joan Ibbotson: 3 of 4. Else it would be 2." in page
    assert "The fullest share is 3 of 4. Else it would be 2 of 4." in page


def test_a_panel_can_change_its_mind(reading: Reading, joan: Person) -> None:
    agree(reading.panel, AIM, joan, data={"aim": "lived"})
    agree(reading.panel, AIM, joan, data={"aim": "share"})
    assert rules.aim_of(reading.round) == ShareAim.SHARE


def test_it_changes_only_when_every_panel_chooses_the_same(joan: Person, sam: Person) -> None:
    first, second = two_panels(joan, sam)
    agree(first, AIM, joan, data={"aim": "lived"})
    assert rules.aim_of(first.round) == ShareAim.SHARE
    agree(second, AIM, joan, data={"aim": "lived"})
    assert rules.aim_of(first.round) == ShareAim.LIVED
    agree(second, AIM, joan, data={"aim": "share"})
    assert rules.aim_of(first.round) == ShareAim.SHARE


def test_what_is_not_agreed_changes_nothing(reading: Reading, joan: Person) -> None:
    everyone_says(put(reading.panel, AIM, joan, data={"aim": "lived"}), "disagree")
    assert rules.aim_of(reading.round) == ShareAim.SHARE


def test_staff_never_choose_it(reading: Reading, sam: Person) -> None:
    with pytest.raises(Refused, match="Your role here does not include this"):
        put(reading.panel, AIM, sam, data={"aim": "lived"})


def test_it_is_too_late_once_bids_are_given_out(reading: Reading, joan: Person) -> None:
    share_out(reading)
    with pytest.raises(Refused, match="shared out already"):
        put(reading.panel, AIM, joan, data={"aim": "lived"})


def test_put_share_aim_page(client: Client, reading: Reading, joan: Person) -> None:
    client.force_login(joan)
    here = reverse("put_share_aim", args=[reading.panel.pk])
    page = client.get(reverse("panel_detail", args=[reading.panel.pk])).content.decode()
    assert here in page
    assert "Now it is: “Nobody has too much to read”." in client.get(here).content.decode()
    assert client.post(here, {}).status_code == 422
    assert client.post(here, {"aim": "staff"}).status_code == 422
    answer = client.post(here, {"aim": "lived", "words": "It matters most."})
    proposal = Proposal.objects.get(kind=AIM)
    assert answer.url == reverse("vote_on_proposal", args=[proposal.pk])
    page = client.get(reverse("proposal_detail", args=[proposal.pk])).content.decode()
    assert "somebody who has lived through what it is about" in page
    assert client.get(here).status_code == 403, "it is in front of the panel already"


@pytest.mark.parametrize("who", ["outsider", "sam", "amina", "margaret"])
def test_put_share_aim_is_not_there_for_others(
    client: Client, reading: Reading, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("put_share_aim", args=[reading.panel.pk])).status_code == 404
