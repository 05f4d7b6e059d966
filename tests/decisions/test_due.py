"""The page of what is due: who is late, who rests, and the notes that will go, as they then go."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Break
from commissioning.models import StageKind
from decisions.tasks import ask_who_is_owed
from decisions.views.due import DAYS_AHEAD
from ledger import clock
from ledger.models import Channel, Letter
from panels.models import Proposal, StandingAside
from panels.rules import proposals
from tests.factories import commissioning as make
from tests.factories import decisions as build
from tests.factories.panels import reading_round

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def reading(joan, harold):
    """Everybody has bids to score; the last day is ten days away."""
    reading = reading_round(joan, harold)
    stage = reading.round.stages.get(kind=StageKind.SCORING)
    stage.closes_on = timezone.localdate() + 10 * DAY
    stage.save()
    return reading


def page(person, round, **query):
    return look(signed_in(person), round, **query)


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def look(client, round, **query):
    response = client.get(reverse("what_is_due", args=[round.slug]), query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_what_is_due_says_how_many_have_not_and_never_who_scored_what(reading, sam):
    shown = page(sam, reading.round)
    assert "Read your bids in" in shown
    assert "Nobody is late." in shown
    assert "(4 letters)" in shown


def test_what_is_due_lists_a_days_letters(reading, sam, joan):
    day = timezone.localdate() + 7 * DAY
    assert "Letters on" not in page(sam, reading.round)
    assert joan.name in page(sam, reading.round, day=day.isoformat())
    for odd in ("2026-02-31", "soon", "", "0001-01-01"):
        assert "Letters on" not in page(sam, reading.round, day=odd)


def test_what_is_due_shows_the_late_with_a_number_to_ring(reading, sam, joan):
    joan.phone = "0113 496 0101"
    joan.save()
    clock.move(days=11)
    shown = page(sam, reading.round)
    assert "0113 496 0101" in shown
    assert "A call is kinder." in shown


def test_what_is_due_shows_breaks(reading, sam, joan):
    today = timezone.localdate()
    Break.objects.create(person=joan, starts_on=today, asked_at=timezone.now(), asked_by=joan)
    shown = page(sam, reading.round, day=(today + 7 * DAY).isoformat())
    assert "until they say that they are back" in shown
    assert "(3 letters)" in shown


def test_what_is_due_is_for_facilitators(reading, joan, amina, margaret, outsider):
    for person in (joan, amina, margaret, outsider):
        client = Client()
        client.force_login(person)
        assert client.get(reverse("what_is_due", args=[reading.round.slug])).status_code == 404


def test_what_is_due_asks_the_database_the_same_for_three_proposals(reading, sam, joan):
    counts, client = [], signed_in(sam)
    for _more in range(2):
        for _number in range(2):
            Proposal.objects.create(
                panel=reading.panel, kind="other", put_at=timezone.now(), put_by=joan
            )
        with CaptureQueriesContext(connection) as asked:
            look(client, reading.round)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def test_tables_find_the_seats_that_entitled_to_finds(reading, joan, harold):
    bid, member = reading.bids[0], reading.member(harold)
    build_aside(reading, harold, bid)
    rows = [
        Proposal(panel=reading.panel, kind="other"),
        Proposal(panel=reading.panel, kind="shortlist", application=bid),
        Proposal(panel=reading.panel, kind="interest", data={"member": member.pk}),
        Proposal(
            panel=reading.panel,
            kind="interest",
            application=bid,
            data={"member": reading.member(joan).pk},
        ),
    ]
    tables = proposals.tables([reading.panel])
    for row in rows:
        expected = set(proposals.entitled_to(row).values_list("pk", flat=True))
        assert {seat.pk for seat in tables.entitled_to(row)} == expected
    build_aside(reading, joan, None)
    tables = proposals.tables([reading.panel])
    for row in rows:
        expected = set(proposals.entitled_to(row).values_list("pk", flat=True))
        assert {seat.pk for seat in tables.entitled_to(row)} == expected


def build_aside(reading, person, bid):
    member = reading.member(person)
    interest = member.interests.create(
        application=bid or reading.bids[0],
        kind="indirect" if bid else "direct",
        made_at=timezone.now(),
    )
    StandingAside.objects.create(
        member=member, lot=reading.lot, application=bid, interest=interest, began_at=timezone.now()
    )


# ---- What was shown is what goes ---------------------------------------------------------------
def test_what_is_due_shows_the_very_letters_that_then_go(reading, sam, joan, harold):
    """Day by day for two weeks, with a break, a letter by post, and one who finishes."""
    joan.channel, joan.postal_address = Channel.POST, "1 Lane"
    joan.save()
    today = timezone.localdate()
    harold.breaks.create(
        starts_on=today + 8 * DAY, ends_on=today + 20 * DAY, asked_at=timezone.now(), asked_by=sam
    )
    planned = plan_of(sam, reading.round, today)
    for _day in range(DAYS_AHEAD):
        ask_who_is_owed()
        clock.move(days=1)
    went = sorted(
        (timezone.localdate(letter.written_at), letter.to_name)
        for letter in Letter.objects.filter(kind="tasks_due")
    )
    assert went == planned
    assert len(planned) == len(set(planned))
    assert (today + 10 * DAY, harold.name) not in planned


def plan_of(person, round, today):
    """Day and name of each letter that the page shows."""
    client = Client()
    client.force_login(person)
    address = reverse("what_is_due", args=[round.slug])
    found = []
    for number in range(DAYS_AHEAD):
        day = today + number * DAY
        shown = client.get(address, {"day": day.isoformat()}).context
        found += [(day, own[0].task.person.name) for own in shown["letters"]]
    return sorted(found)


def test_a_round_that_rests_shows_nothing_to_come(deciding_round_at_rest, sam):
    shown = page(sam, deciding_round_at_rest)
    assert "This is a time of rest" in shown
    assert "letters)" not in shown


@pytest.fixture
def deciding_round_at_rest(joan, harold, priya, sam):
    deciding = build.deciding_round(joan, harold, priya, by=sam)
    stage = deciding.round.stages.get(kind=StageKind.DECISION)
    make.close(stage)
    clock.move(days=1)
    return deciding.round
