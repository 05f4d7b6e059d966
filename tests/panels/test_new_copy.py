"""What a reader saw is never changed under them: a part put right waits until they look."""

from copy import deepcopy
from itertools import count

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.permissions import Refused
from applications.actions import settle_correction, wish_correction
from applications.models import Application, BidVersion
from commissioning.models import StageKind
from ledger.models import Entry
from panels import actions
from panels.models import Assignment, ScoreSheet
from panels.rules import scoring as rules
from tests.factories.panels import make_bid, reading_round, send, send_copy, write_scores
from tests.factories.unguarded import unguarded

pytestmark = pytest.mark.django_db
NEW = "Armley and Wortley"


def now():
    return timezone.now()


def begin(cast):
    reading = reading_round(cast.joan, cast.harold, by=cast.sam)
    said = {"opened_at": now(), "opened_by": cast.sam, "closed_at": now(), "closed_by": cast.sam}
    with unguarded():
        reading.round.stages.filter(kind=StageKind.OPEN).update(**said)
    for bid in reading.bids:
        bid.organisation.colleagues.create(person=cast.amina, added_at=now(), added_by=cast.amina)
    return reading


@pytest.fixture(scope="module")
def begun(once):
    return once(begin)


@pytest.fixture
def reading(begun, db):
    return deepcopy(begun)


@pytest.fixture
def bid(reading):
    return Application.objects.get(pk=reading.bids[0].pk)


def of(reading, person, bid) -> Assignment:
    return next(row for row in reading.assignments(person) if row.application_id == bid.pk)


def put_right(bid, amina, sam, value=NEW) -> BidVersion:
    row = wish_correction(
        application=bid, part="area", value=value, words="We left one out.", by=amina, at=now()
    )
    settled = settle_correction(
        correction=row, granted=True, reason="A plain slip.", by=sam, at=now()
    )
    return settled.version


def start(row):
    return actions.start_reading(assignment=row, by=row.member.person, at=now())


def page(client, name, row) -> str:
    return " ".join(client.get(reverse(name, args=[row.pk])).content.decode().split())


def test_start_reading_opens_the_newest_copy(reading, bid, joan, amina, sam):
    made = put_right(bid, amina, sam)
    row = of(reading, joan, bid)
    assert row.version.number == 1
    assert start(row).version == made
    assert not rules.find_reading(joan, row.pk).new_copy


def test_an_opened_bid_keeps_its_copy_until_its_reader_looks(
    reading, bid, joan, harold, amina, sam, client
):
    row = start(of(reading, joan, bid))
    first = row.version
    before = page_of(client, joan, "read_bid", row)
    assert "put one part of this bid right" not in before
    made = put_right(bid, amina, sam)
    row.refresh_from_db()
    assert row.version == first
    assert start(row).version == first
    client.force_login(joan)
    for name in ("read_bid", "score_all"):
        shown = page(client, name, row)
        assert "put one part of this bid right" in shown
        assert NEW not in shown
    assert client.get(reverse("what_changed", args=[row.pk])).url == reverse(
        "read_bid", args=[row.pk]
    )
    row.refresh_from_db()
    assert row.version == first
    looked = client.post(reverse("take_new_copy", args=[row.pk]))
    assert looked.url == reverse("what_changed", args=[row.pk])
    row.refresh_from_db()
    assert row.version == made
    shown = page(client, "what_changed", row)
    for words in (NEW, "Armley", "We left one out.", "A plain slip."):
        assert words in shown
    assert "You still read the bid as it was" not in page(client, "read_bid", row)
    entry = Entry.objects.get(verb="new_copy_read")
    assert (entry.data["before"], entry.data["version"]) == (first.pk, made.pk)
    assert of(reading, harold, bid).version == first
    client.force_login(harold)
    assert client.post(reverse("take_new_copy", args=[row.pk])).status_code == 404


def page_of(client, person, name, row) -> str:
    client.force_login(person)
    return page(client, name, row)


@pytest.mark.parametrize("looks", [True, False])
def test_a_sheet_names_the_copy_its_reader_last_saw(reading, bid, joan, amina, sam, looks):
    row = write_scores(reading, of(reading, joan, bid))
    row.refresh_from_db()
    first, made = row.version, put_right(bid, amina, sam)
    if looks:
        actions.take_new_copy(assignment=row, by=joan, at=now())
    sheet = actions.send_scores(assignment=row, by=joan, at=now())
    assert sheet.version == (made if looks else first)
    assert sheet.scores.count() == len(reading.criteria)
    with pytest.raises(Refused, match="Nothing in this bid was put right"):
        actions.take_new_copy(assignment=row, by=joan, at=now())


def test_take_new_copy_is_refused(reading, bid, joan, harold, sam, amina):
    row = start(of(reading, joan, bid))
    with pytest.raises(Refused, match="Nothing in this bid was put right"):
        actions.take_new_copy(assignment=row, by=joan, at=now())
    put_right(bid, amina, sam)
    for person in (harold, sam, amina):
        with pytest.raises(Refused, match="somebody else’s share"):
            actions.take_new_copy(assignment=row, by=person, at=now())


def test_the_database_keeps_a_readers_copy(reading, bid, joan, amina, sam):
    row = start(of(reading, joan, bid))
    first, made = row.version, put_right(bid, amina, sam)
    other = send_copy(reading.bids[1], [])

    def try_to(version: BidVersion) -> None:
        with transaction.atomic():
            Assignment.objects.filter(pk=row.pk).update(version=version)

    with pytest.raises(DatabaseError):
        try_to(other)
    try_to(made)
    with pytest.raises(DatabaseError):
        try_to(first)
    with pytest.raises(DatabaseError), transaction.atomic():
        ScoreSheet.objects.create(
            member=row.member,
            application=bid,
            assignment=row,
            version=first,
            phase="reading",
            sent_at=now(),
            sent_by=joan,
        )


def test_two_parts_put_right_show_the_newest_first(reading, bid, joan, amina, sam, client):
    row = start(of(reading, joan, bid))
    put_right(bid, amina, sam)
    put_right(bid, amina, sam, "All of Leeds")
    actions.take_new_copy(assignment=row, by=joan, at=now())
    shown = page_of(client, joan, "what_changed", row)
    assert shown.index("All of Leeds") < shown.index("We left one out.", shown.index(NEW))
    assert make_bid(reading.lot).versions.count() == 1


def test_no_order_of_acts_changes_a_readers_copy(reading, bid, joan, amina, sam):
    """Whatever is put right and whenever: a copy moves on by its own reader's act alone."""
    numbers = count(1)

    def do(act: str, row: Assignment) -> None:
        if act == "mend":
            put_right(bid, amina, sam, f"Place {next(numbers)}")
        elif act == "open":
            start(row)
        elif act == "look":
            actions.take_new_copy(assignment=row, by=joan, at=now())
        elif row.started_at:
            send(reading, row)

    @settings(max_examples=8)
    @given(st.lists(st.sampled_from(["mend", "open", "look", "send"]), max_size=6))
    def run(acts):
        seen = None
        with transaction.atomic():
            for act in acts:
                row = of(reading, joan, bid)
                sent = ScoreSheet.objects.filter(assignment=row).first()
                newest = bid.versions.latest("number").pk
                refused = None
                try:
                    with transaction.atomic():
                        do(act, row)
                except Refused as error:
                    refused = error
                after = of(reading, joan, bid)
                if act == "mend":
                    assert bool(refused) == bool(sent)
                if act in ("open", "look") and after.started_at and seen != after.version_id:
                    assert after.version_id == newest
                    assert seen is None or act == "look"
                    seen = after.version_id
                assert after.version_id == (seen or row.version_id)
                for sheet in ScoreSheet.objects.filter(assignment=row):
                    assert sheet.version_id == seen
            transaction.set_rollback(True)

    run()
