"""Panels and seats: who may sit, how many, and from when on the panel itself must agree."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions import end_role, give_role
from accounts.models import Role
from accounts.permissions import Refused
from commissioning.actions import leave_round
from commissioning.models import Member, StageKind
from ledger.models import Letter
from panels import actions
from panels.models import Interest, Panel, Proposal, Seat, StandingAside
from tests.factories.commissioning import (
    join,
    make_lot,
    make_round,
    make_volunteers,
    open_to,
)
from tests.factories.panels import agreed, make_bid, sharing_round

pytestmark = pytest.mark.django_db


def quiet_round(sam, *people):
    """A round before anybody has looked at a bid, with one lot and its panel."""
    round = make_round(by=sam)
    members = join(round, *people, by=sam)
    lot = make_lot(round)
    panel = actions.make_panel(lot=lot, name="The panel", by=sam, at=timezone.now())
    return round, panel, members


def test_make_panel_is_recorded(sam):
    round, panel, _members = quiet_round(sam)
    entry = round.chain.entries.get(verb="panel_made")
    assert entry.data == {"panel": panel.pk, "lot": panel.lot_id}
    assert entry.by == sam


def test_make_panel_refuses_a_second_panel_for_a_lot(sam):
    _round, panel, _members = quiet_round(sam)
    with pytest.raises(Refused, match="has its panel already"):
        actions.make_panel(lot=panel.lot, name="Another", by=sam, at=timezone.now())


@pytest.mark.parametrize("who", ["joan", "amina", "margaret", "outsider", "superuser"])
def test_make_panel_refuses_all_but_facilitators(who, sam, request):
    round = make_round(by=sam)
    lot = make_lot(round)
    with pytest.raises(Refused, match="Your role here"):
        actions.make_panel(lot=lot, name="Mine", by=request.getfixturevalue(who), at=timezone.now())


def test_seat_member_gives_a_seat_and_writes_to_its_member_alone(sam, joan, harold):
    round, panel, (first, second) = quiet_round(sam, joan, harold)
    actions.seat_member(panel=panel, member=first, by=sam, at=timezone.now())
    seat = actions.seat_member(panel=panel, member=second, by=sam, at=timezone.now())
    assert Seat.objects.held().filter(panel=panel).count() == 2
    assert round.chain.entries.filter(verb="seat_taken").last().data["seat"] == seat.pk
    assert [row.to for row in Letter.objects.filter(kind="seat_given").order_by("pk")] == [
        joan,
        harold,
    ]
    assert not Letter.objects.filter(kind="seat_taken").exists()


def test_seat_member_refuses_a_second_seat_on_one_panel(sam, joan):
    _round, panel, (member,) = quiet_round(sam, joan)
    actions.seat_member(panel=panel, member=member, by=sam, at=timezone.now())
    with pytest.raises(Refused, match="has a seat on this panel already"):
        actions.seat_member(panel=panel, member=member, by=sam, at=timezone.now())


def test_seat_member_refuses_a_seventh(sam):
    _round, panel, members = quiet_round(sam, *make_volunteers(7))
    for member in members[:6]:
        actions.seat_member(panel=panel, member=member, by=sam, at=timezone.now())
    with pytest.raises(Refused, match="This panel is full"):
        actions.seat_member(panel=panel, member=members[6], by=sam, at=timezone.now())


def test_seat_member_refuses_somebody_of_another_round(sam, joan, harold):
    _round, panel, _members = quiet_round(sam, joan)
    (stranger,) = join(make_round(by=sam), harold, by=sam)
    with pytest.raises(Refused, match="Only a volunteer who has joined"):
        actions.seat_member(panel=panel, member=stranger, by=sam, at=timezone.now())


def test_seat_member_refuses_somebody_who_stands_aside(sam, joan):
    _round, panel, (member,) = quiet_round(sam, joan)
    bid = make_bid(panel.lot, criteria=[])
    interest = Interest.objects.create(
        member=member, application=bid, kind="direct", made_at=timezone.now()
    )
    StandingAside.objects.create(
        member=member, lot=panel.lot, interest=interest, began_at=timezone.now()
    )
    with pytest.raises(Refused, match="stands aside from this lot"):
        actions.seat_member(panel=panel, member=member, by=sam, at=timezone.now())


def test_seat_member_needs_the_panel_once_bids_were_looked_at(sam, joan, harold):
    round, panel, members = quiet_round(sam, joan, *make_volunteers(3), harold)
    for member in members[:4]:
        actions.seat_member(panel=panel, member=member, by=sam, at=timezone.now())
    newcomer = members[4]
    open_to(round, StageKind.SHARING, by=sam)
    with pytest.raises(Refused, match="Put a new member to the panel"):
        actions.seat_member(panel=panel, member=newcomer, by=sam, at=timezone.now())
    agreed(panel, Proposal.Kind.ADD_MEMBER, member=members[0].pk)
    with pytest.raises(Refused, match="Put a new member to the panel"):
        actions.seat_member(panel=panel, member=newcomer, by=sam, at=timezone.now())
    agreed(panel, Proposal.Kind.ADD_MEMBER, member=newcomer.pk)
    actions.seat_member(panel=panel, member=newcomer, by=sam, at=timezone.now())
    told = {row.to for row in Letter.objects.filter(kind="seat_taken")}
    assert told == {member.person for member in members[:4]}


def test_end_seat_before_bids_were_looked_at(sam, joan):
    round, panel, (member,) = quiet_round(sam, joan)
    seat = actions.seat_member(panel=panel, member=member, by=sam, at=timezone.now())
    actions.end_seat(seat=seat, by=sam, at=timezone.now())
    assert not Seat.objects.held().filter(panel=panel).exists()
    assert round.chain.entries.filter(verb="seat_ended").count() == 1
    with pytest.raises(Refused, match="ended already"):
        actions.end_seat(seat=seat, by=sam, at=timezone.now())


def test_end_seat_later_is_the_members_own_or_the_panels(sam, joan, harold):
    reading = sharing_round(joan, harold, by=sam)
    mine, his = (
        next(seat for seat in reading.seats if seat.member.person == who) for who in (joan, harold)
    )
    with pytest.raises(Refused, match="The panel must agree"):
        actions.end_seat(seat=mine, by=sam, at=timezone.now())
    agreed(reading.panel, Proposal.Kind.OTHER, end_seat=his.pk)
    actions.end_seat(seat=mine, by=joan, at=timezone.now())
    actions.end_seat(seat=his, by=sam, at=timezone.now())
    assert Seat.objects.held().filter(panel=reading.panel).count() == 2


def test_the_database_refuses_a_seat_for_a_facilitator(sam, joan, ruth):
    """Not even a row written past the rules."""
    round, panel, (member,) = quiet_round(sam, joan)
    type(member).objects.filter(pk=member.pk).update(ended_at=timezone.now(), ended_by=sam)
    with pytest.raises(IntegrityError), transaction.atomic():
        Seat.objects.create(panel=panel, member=member, began_at=timezone.now(), began_by=sam)


# ---- Pages ----------------------------------------------------------------------------------
def test_panel_list_shows_each_panel_with_its_hours_in_words(client, sam, joan):
    reading = sharing_round(joan, by=sam)
    client.force_login(sam)
    page = client.get(f"/rounds/{reading.round.slug}/panels/").content.decode()
    assert "Getting about panel" in page
    assert "which has 3 bids" in page
    assert "Joan Ibbotson" in page


@pytest.mark.parametrize("who", ["outsider", "joan", "amina", "margaret", "administrator"])
def test_panel_list_is_not_there_for_others(who, client, sam, request):
    round = make_round(by=sam)
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"/rounds/{round.slug}/panels/").status_code == 404


def test_panel_list_asks_as_much_for_one_panel_as_for_three(
    client, sam, django_assert_max_num_queries
):
    round, _panel, members = quiet_round(sam, *make_volunteers(4))
    client.force_login(sam)
    address = f"/rounds/{round.slug}/panels/"
    counts = []
    for extra in (0, 2):
        for number in range(extra):
            lot = make_lot(round, name=f"Lot {number}", limit=1000)
            panel = actions.make_panel(lot=lot, name=f"P{number}", by=sam, at=timezone.now())
            actions.seat_member(panel=panel, member=members[0], by=sam, at=timezone.now())
        with django_assert_max_num_queries(12) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_make_panel_page_makes_one_and_goes_on_to_seats(client, sam):
    round = make_round(by=sam)
    lot = make_lot(round)
    client.force_login(sam)
    address = f"/rounds/{round.slug}/panels/new/"
    assert client.get(address).status_code == 200
    answer = client.post(address, {"lot": "", "name": "Kept name"})
    assert answer.status_code == 422
    assert "Choose a lot." in answer.content.decode()
    assert "Kept name" in answer.content.decode()
    answer = client.post(address, {"lot": lot.pk, "name": "Getting about"})
    assert answer.url == f"/panels/{Panel.objects.get().pk}/seats/"
    assert "Every lot has its panel" in client.get(address).content.decode()


@pytest.mark.parametrize("who", ["outsider", "joan"])
def test_make_panel_page_is_not_there_for_others(who, client, sam, request):
    round = make_round(by=sam)
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"/rounds/{round.slug}/panels/new/").status_code == 404


def test_seat_member_page_gives_a_seat(client, sam, joan, django_assert_max_num_queries):
    _round, panel, (member,) = quiet_round(sam, joan)
    client.force_login(sam)
    address = f"/panels/{panel.pk}/seats/"
    with django_assert_max_num_queries(12):
        assert "Joan Ibbotson" in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"member": member.pk}).url == address
    assert "needs 3 more members" in client.get(address).content.decode()


def test_seat_member_page_says_when_the_panel_must_agree(client, sam, joan, harold, priya):
    reading = sharing_round(joan, harold, by=sam, seat=False)
    client.force_login(sam)
    address = f"/panels/{reading.panel.pk}/seats/"
    assert "The panel must agree" in client.get(address).content.decode()
    answer = client.post(address, {"member": reading.members[0].pk})
    assert answer.status_code == 403
    assert "Put a new member to the panel" in answer.content.decode()


@pytest.mark.parametrize("who", ["outsider", "joan"])
def test_seat_member_page_is_not_there_for_others(who, client, sam, request):
    _round, panel, _members = quiet_round(sam)
    client.force_login(request.getfixturevalue(who))
    assert client.get(f"/panels/{panel.pk}/seats/").status_code == 404


def test_end_seat_page_asks_first(client, sam, joan):
    _round, panel, (member,) = quiet_round(sam, joan)
    seat = actions.seat_member(panel=panel, member=member, by=sam, at=timezone.now())
    client.force_login(sam)
    address = f"/panels/seats/{seat.pk}/end/"
    assert "End the seat of Joan" in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"sure": "on"}).url == f"/panels/{panel.pk}/seats/"
    assert client.get(address).status_code == 403
    client.force_login(joan)
    assert client.get(address).status_code == 404


# ---- A role that changes in an open round ------------------------------------------------------
def end_volunteer(person, by):
    member = Member.objects.get(person=person)
    leave_round(member=member, by=person, at=timezone.now())
    end_role(person=person, role=Role.VOLUNTEER, by=by, at=timezone.now())


def told(kind="role_changed"):
    return {letter.to.name for letter in Letter.objects.filter(kind=kind)}


def test_a_volunteer_who_becomes_staff_loses_the_vote_and_the_panel_is_told(
    joan, harold, priya, sam, administrator
):
    round, panel, members = quiet_round(sam, joan, harold, priya)
    for member in members[:2]:
        actions.seat_member(panel=panel, member=member, by=sam, at=timezone.now())
    end_volunteer(joan, sam)
    assert told() == {"Harold Whitaker"}, "the panel, and not the whole round"
    letter = Letter.objects.get(kind="role_changed")
    assert "Joan Ibbotson" in letter.body_text
    assert "cannot score, vote or sign" in letter.body_text
    give_role(person=joan, role=Role.FACILITATOR, by=administrator, at=timezone.now())
    assert Letter.objects.filter(kind="role_changed").count() == 2
    entries = round.chain.entries.filter(verb="role_changed_here").order_by("seq")
    assert [(row.by, row.data["role"], row.data["ended"]) for row in entries] == [
        (sam, "volunteer", True),
        (administrator, "facilitator", False),
    ]


def test_before_there_are_panels_the_whole_round_is_told(joan, harold, priya, sam):
    round = make_round(by=sam)
    join(round, joan, harold, priya, by=sam)
    end_volunteer(joan, sam)
    assert told() == {"Harold Whitaker", "Priya Nair"}


def test_nobody_is_told_of_somebody_without_a_place(joan, harold, sam):
    round = make_round(by=sam)
    join(round, harold, by=sam)
    end_role(person=joan, role=Role.VOLUNTEER, by=sam, at=timezone.now())
    assert told() == set()
    assert not round.chain.entries.filter(verb="role_changed_here").exists()
