"""Hours promised, hours given, and what the next round learns from them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Role
from accounts.permissions import Refused
from commissioning import actions
from commissioning.hours import given_by, pace_for
from commissioning.models import HoursGiven, Member, Promise, Round, Stage, StageKind
from commissioning.workload import estimate
from ledger.models import Entry, Letter
from tests.factories.commissioning import join, make_person, make_round
from tests.factories.panels import reading_round

D = Decimal


def text_of(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def round(sam: Person) -> Round:
    made: Round = make_round(by=sam)
    return made


@pytest.fixture
def member(round: Round, joan: Person, sam: Person) -> Member:
    join(round, joan, by=sam)
    return Member.objects.get(person=joan)


def opened(round: Round, kind: str, by: Person) -> None:
    Stage.objects.filter(round=round, kind=kind).update(opened_at=timezone.now(), opened_by=by)


def test_what_was_told_is_kept_each_time(member: Member) -> None:
    actions.change_promise(member=member, bids_wanted=8, by=member.person, at=timezone.now())
    actions.change_promise(member=member, hopes="Tea", by=member.person, at=timezone.now())
    rows = [(row.when, row.bids, row.hours_low) for row in member.promises.all()]
    joined = rows[0]
    assert joined[0] == "joined"
    assert rows[1:] == [("changed", 8, estimate(8).total.low)]
    member.refresh_from_db()
    assert member.hours_low == rows[-1][2]


def test_say_hours_by_page_is_kept_and_shown(
    client: Client, round: Round, member: Member, sam: Person
) -> None:
    client.force_login(member.person)
    url = reverse("say_hours", args=[round.slug, "training"])
    assert client.get(url).status_code == 404  # it has not begun
    opened(round, StageKind.TRAINING, sam)
    assert client.post(url, {"hours": "lots"}).status_code == 422
    assert client.post(url, {"hours": "7.5"}).status_code == 302
    client.post(url, {"hours": "9"})
    assert given_by([member])[member.pk].by_stage == {"training": D(9)}
    assert HoursGiven.objects.count() == 2
    page = text_of(client.get(reverse("my_promise", args=[round.slug])))
    assert "about 9 hours" in page
    assert Entry.objects.filter(verb="said_hours").count() == 2


def test_type_hours_and_hours_list_for_a_facilitator(
    client: Client, round: Round, member: Member, sam: Person
) -> None:
    opened(round, StageKind.TRAINING, sam)
    client.force_login(sam)
    url = reverse("type_hours", args=[round.slug, member.pk, "training"])
    assert "Joan Ibbotson" in text_of(client.get(url))
    sent = client.post(url, {"hours": "11"})
    assert sent["Location"] == reverse("hours_list", args=[round.slug])
    assert not HoursGiven.objects.exists(), "it waits for a yes"
    page = text_of(client.get(sent["Location"]))
    assert "Nobody has said what they gave." in page and "Typed hours wait to be checked" in page
    typed = member.typed_answers.get()
    letter = Letter.objects.get(kind="answer_typed", to=member.person)
    assert "Getting ready: about 11 hours" in letter.body_text and sam.name in letter.body_text
    client.force_login(member.person)
    here = reverse("confirm_typed_answer", args=[typed.pk])
    assert here in client.get(reverse("home")).text
    assert "about 11 hours" in text_of(client.get(here))
    assert client.post(here, {"sure": "on"}).status_code == 302
    row = HoursGiven.objects.get()
    assert (row.hours, row.said_by) == (D(11), sam), "whoever typed it stays named"
    client.force_login(sam)
    assert "Given, as 1 of 1 say: 11 hours." in text_of(client.get(sent["Location"]))
    typed.refresh_from_db()
    assert typed.said == {}, "what was said stands in its place now"


def test_what_somebody_said_themselves_is_not_typed_over(
    round: Round, member: Member, sam: Person
) -> None:
    at = timezone.now()
    actions.say_hours(member=member, stage="training", hours=D(4), by=member.person, at=at)
    with pytest.raises(Refused, match="It stays as they said it"):
        actions.type_hours(member=member, stage="training", hours=D(9), by=sam, at=at)
    with pytest.raises(Refused, match="Only they can say it"):
        actions.say_hours(member=member, stage="training", hours=D(9), by=sam, at=at)


def test_hours_list_puts_people_under_their_panel(
    client: Client, joan: Person, harold: Person, priya: Person, sam: Person
) -> None:
    reading = reading_round(joan, harold, priya, by=sam)
    client.force_login(sam)
    page = text_of(client.get(reverse("hours_list", args=[reading.round.slug])))
    assert reading.panel.name in page
    assert "Nobody has said what they gave." in page
    seats = [seat.member for seat in reading.panel.seats.all()]
    for member, (low, high) in zip(seats, [(10, 14), (20, 30), (5, 6)], strict=False):
        Member.objects.filter(pk=member.pk).update(hours_low=low, hours_high=high)
    Member.objects.filter(pk__in=[row.pk for row in seats[3:]]).update(hours_low=1, hours_high=2)
    more = len(seats) - 3
    for member, hours in ((seats[0], D("12.5")), (seats[1], D(40))):
        HoursGiven.objects.create(
            member=member,
            stage="training",
            hours=hours,
            said_by=member.person,
            said_at=timezone.now(),
        )
    page = text_of(client.get(reverse("hours_list", args=[reading.round.slug])))
    assert f"Promised together: {35 + more} to {50 + 2 * more} hours." in page
    assert f"Given, as 2 of {len(seats)} say: 52.5 hours." in page
    assert "10 to 14 hours" in page and "12.5 hours" in page


def test_nobody_says_hours_for_a_stranger(member: Member, harold: Person) -> None:
    with pytest.raises(Refused):
        actions.say_hours(member=member, stage="training", hours=D(3), by=harold, at=timezone.now())
    with pytest.raises(Refused, match="Nobody is asked"):
        actions.say_hours(
            member=member, stage="open", hours=D(3), by=member.person, at=timezone.now()
        )
    with pytest.raises(Refused, match="0 to 200"):
        actions.say_hours(
            member=member, stage="training", hours=D(201), by=member.person, at=timezone.now()
        )


def test_the_next_round_is_told_the_last_rounds_real_pace(round: Round, sam: Person) -> None:
    now = timezone.now()
    for number in range(5):
        person = make_person(f"Reader {number}", Role.VOLUNTEER)
        join(round, person, by=sam)
        one = Member.objects.get(round=round, person=person)
        told = Promise.objects.filter(member=one).latest("pk").reading
        actions.say_hours(
            member=one,
            stage=StageKind.SCORING,
            hours=(told * D("1.5")).quantize(D("0.1")),
            by=person,
            at=now,
        )
    assert pace_for(round) == 1  # there was none before it
    after = make_round(
        by=sam,
        programme=round.programme,
        slug="next-round",
        name="The next round",
        first_day=round.made_at.date() + timedelta(days=200),
    )
    assert D("1.45") <= pace_for(after) <= D("1.55")
    person = make_person("Newly Here", Role.VOLUNTEER)
    join(after, person, by=sam)
    new = Member.objects.get(round=after, person=person)
    assert new.hours_low == estimate(new.bids_wanted, pace=pace_for(after)).total.low
    assert new.hours_low > estimate(new.bids_wanted).total.low
