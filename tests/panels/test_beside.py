"""A helper reads a bid beside the volunteer they help: what they may see, and what never."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Role
from accounts.permissions import Refused
from ledger.models import Entry, Letter
from panels import actions
from panels.actions.beside import begin_beside, end_beside, let_read_beside
from panels.models import Assignment, BesideLeave, Interest, ReadBeside, StandingAside
from support.actions import end_helper, name_helper, sign_conduct
from support.models import Helper
from tests.factories.commissioning import make_person
from tests.factories.panels import Reading, reading_round, write_scores


@pytest.fixture
def reading(joan: Person, harold: Person, sam: Person) -> Reading:
    return reading_round(joan, harold, by=sam)


@pytest.fixture
def aled(reading: Reading, joan: Person, sam: Person) -> Person:
    """Joan's son: invited as a supporter, named for her, signed."""
    found: Person = make_person("Aled Ibbotson", Role.SUPPORTER)
    now = timezone.now()
    name_helper(member=reading.member(joan), supporter=found, by=sam, at=now)
    sign_conduct(round=reading.round, person=found, by=found, at=now)
    let_read_beside(helper=found.helps.get(), by=joan, at=now)
    return found


def first_of(reading: Reading, person: Person) -> Assignment:
    given = Assignment.objects.filter(member=reading.member(person)).order_by("pk").first()
    assert given
    return given


def opened(reading: Reading, person: Person) -> Assignment:
    given = first_of(reading, person)
    actions.start_reading(assignment=given, by=person, at=timezone.now())
    return Assignment.objects.get(pk=given.pk)


def test_beside_list_and_read_beside_show_the_bid_and_nothing_of_scores(
    client: Client, reading: Reading, joan: Person, aled: Person
) -> None:
    given = opened(reading, joan)
    write_scores(reading, given, value=1, why="I doubt their sums.")
    client.force_login(aled)
    helper = Helper.objects.get()
    listed = client.get(reverse("beside_list", args=[helper.pk])).content.decode()
    assert given.application.reference in listed and "not opened it yet" in listed
    url = reverse("read_beside", args=[given.pk])
    assert reverse("helping_list") and url in listed
    words = next(row["text"] for row in given.version.content["answers"] if row["text"])
    before = client.get(url).content.decode()
    assert words not in before, "first whom they know, then the words"
    assert client.post(url, {}).status_code == 422
    assert not ReadBeside.objects.exists()
    client.post(url, {"knows_nobody": "on"})
    client.post(url, {"knows_nobody": "on"})
    page = client.get(url).content.decode()
    assert words in page
    assert "I doubt their sums." not in page and "score_criterion" not in page
    entry = Entry.objects.get(verb="read_beside")
    assert entry.by == aled, "the trail says who read it beside her, once"


def test_only_the_bids_of_the_one_they_help(
    client: Client, reading: Reading, joan: Person, harold: Person, aled: Person
) -> None:
    other = opened(reading, harold)
    client.force_login(aled)
    assert client.get(reverse("read_beside", args=[other.pk])).status_code == 404
    with pytest.raises(Refused, match="do not help here"):
        begin_beside(assignment=other, knows_nobody=True, by=aled, at=timezone.now())
    for name in ("read_bid", "score_all"):
        own = opened(reading, joan)
        assert client.get(reverse(name, args=[own.pk])).status_code == 404, "nor the reader's own"
    client.force_login(harold)
    assert client.get(reverse("read_beside", args=[other.pk])).status_code == 404


def test_not_before_the_volunteer_opened_it(reading: Reading, joan: Person, aled: Person) -> None:
    with pytest.raises(Refused, match="not opened this bid yet"):
        begin_beside(
            assignment=first_of(reading, joan), knows_nobody=True, by=aled, at=timezone.now()
        )


def test_not_before_the_helper_has_signed(reading: Reading, joan: Person, sam: Person) -> None:
    found = make_person("Mair Ibbotson", Role.SUPPORTER)
    row = name_helper(member=reading.member(joan), supporter=found, by=sam, at=timezone.now())
    let_read_beside(helper=row, by=joan, at=timezone.now())
    with pytest.raises(Refused, match="sign it first"):
        begin_beside(
            assignment=opened(reading, joan), knows_nobody=True, by=found, at=timezone.now()
        )


def test_not_when_help_has_ended_nor_where_the_volunteer_may_not_read(
    client: Client, reading: Reading, joan: Person, aled: Person
) -> None:
    given, now = opened(reading, joan), timezone.now()
    begin_beside(assignment=given, knows_nobody=True, by=aled, at=now)
    client.force_login(aled)
    url = reverse("read_beside", args=[given.pk])
    assert client.get(url).status_code == 200
    tie = Interest.objects.create(
        member=given.member, application=given.application, kind="direct", made_at=now
    )
    StandingAside.objects.create(member=given.member, lot=reading.lot, interest=tie, began_at=now)
    assert client.get(url).status_code == 403
    end_helper(helper=Helper.objects.get(), by=joan, at=now)
    assert client.get(url).status_code == 404


def test_let_read_beside_is_the_volunteers_to_give_and_to_take_back(
    client: Client, reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    found, now = make_person("Mair Ibbotson", Role.SUPPORTER), timezone.now()
    helper = name_helper(member=reading.member(joan), supporter=found, by=sam, at=now)
    sign_conduct(round=reading.round, person=found, by=found, at=now)
    given = opened(reading, joan)
    with pytest.raises(Refused, match="not said that you may read"):
        begin_beside(assignment=given, knows_nobody=True, by=found, at=now)
    client.force_login(found)
    assert (
        "has not said yes" in client.get(reverse("beside_list", args=[helper.pk])).content.decode()
    )
    url = reverse("let_read_beside", args=[helper.pk])
    assert client.post(url, {"say": "yes"}).status_code == 404, "not the helper's to give"
    client.force_login(harold)
    assert client.post(url, {"say": "yes"}).status_code == 404, "nor another volunteer's"
    client.force_login(joan)
    assert url in client.get(reverse("my_care", args=[reading.round.slug])).content.decode()
    client.get(url)
    assert not BesideLeave.objects.exists(), "looking at the page gives nothing"
    client.post(url, {"say": "yes"})
    client.post(url, {"say": "yes"})
    leave = BesideLeave.objects.get()
    assert leave.given_by == joan
    begin_beside(assignment=given, knows_nobody=True, by=found, at=now)
    assert given.application.reference in client.get(url).content.decode(), "she sees what was read"
    client.post(url, {"say": "no"})
    client.force_login(found)
    assert client.get(reverse("read_beside", args=[given.pk])).status_code == 403
    verbs = Entry.objects.filter(verb__in=["let_read_beside", "ended_read_beside"])
    assert [(row.verb, row.by) for row in verbs.order_by("pk")] == [
        ("let_read_beside", joan),
        ("ended_read_beside", joan),
    ]
    assert not Letter.objects.filter(kind="beside_let").exists()


def test_a_yes_told_to_a_facilitator_is_named_and_the_volunteer_hears_of_it(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    found, now = make_person("Mair Ibbotson", Role.SUPPORTER), timezone.now()
    helper = name_helper(member=reading.member(joan), supporter=found, by=sam, at=now)
    client.force_login(sam)
    url = reverse("let_read_beside", args=[helper.pk])
    member = reading.member(joan)
    assert (
        url
        in client.get(reverse("member_care", args=[reading.round.slug, member.pk])).content.decode()
    )
    client.post(url, {"say": "yes"})
    assert BesideLeave.objects.get().given_by == sam
    assert Letter.objects.get(kind="beside_let").to == joan
    client.post(url, {"say": "no"})
    assert BesideLeave.objects.get().taken_back_by == sam
    end_beside(helper=helper, by=joan, at=now)
    assert BesideLeave.objects.get().taken_back_by == sam, "a second time, nothing"
