"""A temperature check with dots: put alone, shown all at once, and nothing follows from it."""

from copy import deepcopy

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Refused
from decisions import actions, dots
from decisions.models import DotCheck
from ledger.checking import first_trouble
from ledger.models import Chain, Entry, Letter
from panels.models import Interest, StandingAside
from tests.factories import decisions as build

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(once):
    """Seven bids, so three dots each."""
    return once(
        lambda cast: build.deciding_round(cast.joan, cast.harold, cast.priya, by=cast.sam, bids=7)
    )


@pytest.fixture
def deciding(begun, db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return deepcopy(begun)


def begin(deciding):
    return actions.begin_dots(panel=deciding.panel, by=deciding.by, at=timezone.now())


def put(deciding, check, seat, given, by=None):
    bids = dict(zip((bid.pk for bid in deciding.bids), given, strict=False))
    return actions.place_dots(
        check=check, seat=seat, dots=bids, by=by or seat.member.person, at=timezone.now()
    )


def aside(deciding, person, bid):
    member = deciding.seat(person).member
    interest = Interest.objects.create(
        member=member, application=bid, kind="indirect", made_at=timezone.now()
    )
    StandingAside.objects.create(
        member=member,
        lot=deciding.panel.lot,
        application=bid,
        interest=interest,
        began_at=timezone.now(),
    )


@pytest.mark.parametrize(("bids", "each"), [(1, 1), (3, 1), (4, 2), (7, 3), (20, 7), (90, 12)])
def test_everybody_has_the_same_number_of_dots(bids, each):
    assert dots.dots_for(bids) == each


def test_dots_are_counted_once_shown_and_nothing_is_decided(deciding):
    check = begin(deciding)
    for seat, given in zip(
        deciding.seats, [(3, 0, 0), (1, 2, 0), (0, 3, 0), (0, 1, 0)], strict=False
    ):
        put(deciding, check, seat, given)
    actions.show_dots(check=check, by=deciding.by, at=timezone.now())
    rows = dots.shown(dots.newest_check(deciding.panel), deciding.bids, deciding.seats[1].pk)
    first, second, third = deciding.bids[:3]
    assert [(row.bid, row.dots, row.people, row.mine) for row in rows][:3] == [
        (second, 6, 3, 2),
        (first, 4, 2, 1),
        (third, 0, 0, 0),
    ]
    assert rows[0].words == "6 dots, from 3 people."
    assert not deciding.panel.boards.exists()
    assert not deciding.panel.decisions.exists()
    assert first_trouble(Chain.objects.get(pk=deciding.round.chain_id)) is None


def test_too_many_none_or_another_panel_s_bid_is_refused(deciding):
    check, seat = begin(deciding), deciding.seats[0]
    with pytest.raises(Refused, match="You have put 5 dots, and you have 3"):
        put(deciding, check, seat, (3, 2))
    with pytest.raises(Refused, match="at least one dot"):
        put(deciding, check, seat, (0, 0))
    with pytest.raises(Refused, match="this panel’s bids"):
        actions.place_dots(
            check=check, seat=seat, dots={10**6: 1}, by=seat.member.person, at=timezone.now()
        )
    assert not check.cards.exists()


def test_dots_change_until_they_are_shown_and_each_time_there_is_a_receipt(deciding):
    check, seat = begin(deciding), deciding.seats[0]
    put(deciding, check, seat, (3,))
    put(deciding, check, seat, (0, 1))
    card = check.cards.get()
    assert card.dots == {str(deciding.bids[1].pk): 1}
    letters = Letter.objects.filter(kind="dots_put", to=seat.member.person).order_by("pk")
    assert [letter.body_text.count("- ") for letter in letters] == [1, 1]
    assert f"{deciding.bids[0].reference} {deciding.bids[0].title}: 3" in letters[0].body_text
    with pytest.raises(Refused, match="At least 3 people"):
        actions.show_dots(check=check, by=deciding.by, at=timezone.now())
    for other in deciding.seats[1:]:
        put(deciding, check, other, (1,))
    actions.show_dots(check=check, by=deciding.by, at=timezone.now())
    with pytest.raises(Refused, match="Nobody can change theirs now"):
        put(deciding, check, seat, (1,))
    entries = Entry.objects.filter(verb="put_dots")
    assert not any(deciding.bids[0].title in str(entry.data) for entry in entries)


def test_one_check_at_a_time(deciding):
    check = begin(deciding)
    with pytest.raises(Refused, match="going on already"):
        begin(deciding)
    for seat in deciding.seats:
        put(deciding, check, seat, (1,))
    actions.show_dots(check=check, by=deciding.by, at=timezone.now())
    assert begin(deciding).pk != check.pk


def page(client, person, name, *args, status=200):
    client.force_login(person)
    response = client.get(reverse(name, args=args))
    assert response.status_code == status, (name, person, response.status_code)
    return " ".join(response.content.decode().split())


def test_nobody_sees_another_s_dots_before_they_are_shown(deciding, joan, harold, sam):
    client, check = Client(), begin(deciding)
    put(deciding, check, deciding.seat(joan), (3,))
    before = page(client, harold, "dot_check", deciding.panel.pk)
    assert "1 of 4 people have put their dots." in before
    assert "You have 3 dots" in before and "dots, from" not in before
    assert "Show all dots" not in before
    mine = page(client, joan, "dot_check", deciding.panel.pk)
    assert "Your dots are put" in mine
    staff = page(client, sam, "decision_progress", deciding.panel.pk)
    assert "You do not see what others put." in staff
    assert deciding.bids[0].reference not in staff
    page(client, sam, "dot_check", deciding.panel.pk, status=404)


def test_pages_of_dots_from_beginning_to_end(deciding, joan, harold):
    client, panel = Client(), deciding.panel
    assert "Begin a check" in page(client, joan, "dot_check", panel.pk)
    client.post(reverse("begin_dots", args=[panel.pk]))
    here = reverse("place_dots", args=[panel.pk])
    names = [f"bid-{bid.pk}" for bid in deciding.bids]
    wrong = client.post(here, {names[0]: "2", names[1]: "2"})
    assert wrong.status_code == 422
    assert "Take 1 away." in wrong.content.decode() and 'value="2"' in wrong.content.decode()
    assert client.post(here, {names[0]: "two"}).status_code == 422
    assert client.post(here, {names[0]: "2", names[1]: ""}).status_code == 302
    assert 'value="2"' in page(client, joan, "place_dots", panel.pk), (
        "one's own are there to change"
    )
    check = DotCheck.objects.get()
    for seat in deciding.seats[1:]:
        put(deciding, check, seat, (1,))
    assert "Show all dots to the panel" in page(client, joan, "dot_check", panel.pk)
    client.post(reverse("show_dots", args=[panel.pk]))
    shown = page(client, harold, "dot_check", panel.pk)
    assert "5 dots, from 4 people." in shown and "1 is yours." in shown
    assert "Begin another check" in shown
    page(client, joan, "place_dots", panel.pk, status=404)


def test_who_stands_aside_from_a_bid_puts_no_dot_on_it_and_sees_none(deciding, harold):
    bid = deciding.bids[0]
    aside(deciding, harold, bid)
    client, check = Client(), begin(deciding)
    assert bid.reference not in page(client, harold, "place_dots", deciding.panel.pk)
    with pytest.raises(Refused, match="this panel’s bids"):
        put(deciding, check, deciding.seat(harold), (1,))
    for seat in deciding.seats:
        if seat.member.person != harold:
            put(deciding, check, seat, (2,))
    actions.show_dots(check=check, by=deciding.by, at=timezone.now())
    assert bid.reference not in page(client, harold, "dot_check", deciding.panel.pk)


def test_staff_type_dots_from_paper_and_their_member_hears_it(deciding, joan, sam):
    client, check = Client(), begin(deciding)
    seat = deciding.seat(joan)
    client.force_login(sam)
    here = reverse("type_dots", args=[deciding.panel.pk, seat.pk])
    assert "They have 3 dots." in client.get(here).content.decode()
    assert client.post(here, {f"bid-{deciding.bids[2].pk}": "3"}).status_code == 302
    card = check.cards.get()
    assert (card.seat, card.put_by, card.typed) == (seat, sam, True)
    letter = Letter.objects.get(kind="dots_put")
    assert letter.to == joan and f"{sam.name} has typed the dots" in letter.body_text
    assert "They were typed for you from paper." in page(
        client, joan, "dot_check", deciding.panel.pk
    )


def test_where_there_are_few_bids_one_dot_is_a_choice_and_is_asked_for_as_one(
    settings, tmp_path, joan, harold, sam
):
    settings.MEDIA_ROOT = tmp_path
    few = build.deciding_round(joan, harold, by=sam)
    client, check = Client(), begin(few)
    assert (len(few.bids), check.dots) == (3, 1)
    asked = page(client, joan, "place_dots", few.panel.pk)
    assert "You have 1 dot. Put it on the bid" in asked and "several" not in asked
    here = reverse("place_dots", args=[few.panel.pk])
    first, second = (f"bid-{bid.pk}" for bid in few.bids[:2])
    many = client.post(here, {first: "2"})
    assert many.status_code == 422 and "You have 1 dot in all." in many.content.decode()
    both = client.post(here, {first: "1", second: "1"})
    assert both.status_code == 422 and "Take 1 away." in both.content.decode()
    assert client.post(here, {first: "1"}).status_code == 302
    typed = ["type_dots", few.panel.pk, few.seat(harold).pk]
    assert "They have 1 dot." in page(client, sam, *typed)
    paper = client.get(reverse(typed[0], args=typed[1:]), {"paper": 1}).content.decode()
    assert "You have 1 dot. Write 1 beside the bid" in paper and "several" not in paper


def test_staff_never_begin_nor_show(deciding, sam, joan):
    with pytest.raises(Refused):
        actions.begin_dots(panel=deciding.panel, by=sam, at=timezone.now())
    check = begin(deciding)
    for seat in deciding.seats:
        put(deciding, check, seat, (1,))
    with pytest.raises(Refused):
        actions.show_dots(check=check, by=sam, at=timezone.now())
