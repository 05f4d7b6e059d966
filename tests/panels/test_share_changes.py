"""When life changes: only what is vacated is shared out again, and nobody loses what they have."""

from collections import Counter
from copy import deepcopy
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import take_break
from accounts.models import Person, Role
from accounts.permissions import Refused
from commissioning.actions import leave_round
from ledger.models import Letter
from panels import actions
from panels.models import Assignment, Interest, ScoreSheet, ShareReply, ShareRun
from panels.rules import share as rules
from panels.tasks import share_out_asked
from tests.conftest import Cast, Once
from tests.factories.commissioning import make_person
from tests.factories.panels import (
    Reading,
    declare_all,
    make_bid,
    open_scoring,
    send,
    share_out,
    sharing_round,
)

pytestmark = pytest.mark.django_db
Ended = Assignment.Ended


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    """Seven people read five bids. An eighth has joined, and has not said yet whom they know."""

    def build(cast: Cast) -> Reading:
        more = [make_person(f"Reader {letter}", Role.VOLUNTEER) for letter in "ABCDEN"]
        reading = sharing_round(
            cast.joan,
            cast.harold,
            *more,
            by=cast.sam,
            bids=5,
            readers_per_bid=3,
        )
        declare_all(reading, more[-1])
        share_out(reading)
        open_scoring(reading)
        return reading

    return once(build)


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    return deepcopy(begun)


@pytest.fixture
def busiest(reading: Reading) -> Person:
    """Whoever has most to read: three bids at least. The draw says who it is."""
    (most, _count), *_others = Counter(who for _bid, who in who_reads(reading)).most_common()
    return next(member.person for member in reading.members if member.pk == most)


def who_reads(reading: Reading) -> frozenset[rules.Pair]:
    return rules.standing(reading.round)


def fill_the_empty_places(client: Client, reading: Reading) -> ShareRun:
    """A facilitator sees the empty places, presses the button, and gives the bids out."""
    client.force_login(reading.by)
    slug = reading.round.slug
    client.post(reverse("propose_sharing", args=[slug]))
    share_out_asked()
    run = rules.newest_run(reading.round)
    assert run is not None
    assert not run.confirmed_at
    client.post(reverse("confirm_sharing", args=[slug]), {"sure": "on"})
    run.refresh_from_db()
    assert run.confirmed_at
    return run


def empty_places(client: Client, reading: Reading) -> str:
    client.force_login(reading.by)
    return client.get(reverse("sharing_detail", args=[reading.round.slug])).content.decode()


def only_what_was_vacated(
    before: frozenset[rules.Pair], after: frozenset[rules.Pair], vacated: int
) -> frozenset[rules.Pair]:
    """Nobody who stayed lost anything, and there are as many new readings as were vacated."""
    assert before <= after
    assert len(after - before) == vacated
    return after - before


def asks_for(reading: Reading, person: Person, bids: int) -> None:
    actions.reply_to_share(
        member=reading.member(person),
        answer=ShareReply.Answer.FEWER,
        bids_wanted=bids,
        by=person,
        at=timezone.now(),
    )


def test_somebody_leaves(client: Client, reading: Reading, busiest: Person) -> None:
    own = {bid for bid, who in who_reads(reading) if who == reading.member(busiest).pk}
    leave_round(member=reading.member(busiest), by=busiest, at=timezone.now(), agreed=True)
    page = empty_places(client, reading)
    assert f"There are {len(own)} places without a reader." in page
    assert "Propose for the empty places" in page
    before = who_reads(reading)
    letters = set(Letter.objects.filter(kind="share_given").values_list("pk", flat=True))
    run = fill_the_empty_places(client, reading)
    new = only_what_was_vacated(before, who_reads(reading), len(own))
    assert {bid for bid, _who in new} == own
    told = Letter.objects.filter(kind="share_given").exclude(pk__in=letters)
    assert told.count() == len({who for _bid, who in new}), "only those with new bids get a letter"
    assert Assignment.objects.filter(run=run).count() == len(own)
    assert "Propose for the empty places" not in empty_places(client, reading)


def test_what_somebody_sent_before_they_left_still_counts(
    client: Client, reading: Reading, busiest: Person
) -> None:
    first, *rest = reading.assignments(busiest)
    send(reading, first)
    leave_round(member=reading.member(busiest), by=busiest, at=timezone.now(), agreed=True)
    page = empty_places(client, reading)
    assert (f"{len(rest)} place" in page) == bool(rest)
    before = who_reads(reading)
    fill_the_empty_places(client, reading)
    new = only_what_was_vacated(before, who_reads(reading), len(rest))
    assert first.application_id not in {bid for bid, _who in new}
    assert ScoreSheet.objects.counting().filter(assignment=first).exists()


def test_somebody_lowers_their_limit(client: Client, reading: Reading, busiest: Person) -> None:
    opened, *others = reading.assignments(busiest)
    assert others, "whoever has most has more than one"
    actions.start_reading(assignment=opened, by=busiest, at=timezone.now())
    asks_for(reading, busiest, 1)
    before = who_reads(reading)
    page = empty_places(client, reading)
    assert "1 person has more than they can read." in page
    assert "Propose again for those with too much" in page
    fill_the_empty_places(client, reading)
    assert [row.pk for row in reading.assignments(busiest)] == [opened.pk]
    given_up = {(row.application_id, row.member_id) for row in others}
    only_what_was_vacated(before - given_up, who_reads(reading), len(others))
    rows = Assignment.objects.filter(pk__in=[row.pk for row in others])
    assert {row.ended_why for row in rows} == {Ended.FEWER}
    letter = Letter.objects.get(kind="share_lighter")
    assert letter.to == busiest
    entry = reading.round.chain.entries.filter(verb="sharing_confirmed").last()
    assert entry is not None
    assert entry.data["ended"] == sorted(row.pk for row in others)


def test_nothing_opened_is_taken_from_somebody_who_asks_for_none(
    client: Client, reading: Reading, busiest: Person
) -> None:
    rows = reading.assignments(busiest)
    for row in rows:
        actions.start_reading(assignment=row, by=busiest, at=timezone.now())
    asks_for(reading, busiest, 0)
    before = who_reads(reading)
    fill_the_empty_places(client, reading)
    assert who_reads(reading) == before


def test_a_bid_opened_while_the_proposal_lies_there_stays_with_its_reader(
    reading: Reading, busiest: Person
) -> None:
    rows = reading.assignments(busiest)
    asks_for(reading, busiest, 0)
    run = actions.propose_sharing(round=reading.round, by=reading.by, at=timezone.now())
    actions.start_reading(assignment=rows[0], by=busiest, at=timezone.now())
    with pytest.raises(Refused, match="Something has changed"):
        actions.confirm_sharing(run=run, by=reading.by, at=timezone.now())
    assert len(reading.assignments(busiest)) == len(rows)


def test_somebody_takes_a_break_until_reading_ends(
    client: Client, reading: Reading, busiest: Person
) -> None:
    rows = reading.assignments(busiest)
    at = timezone.now()
    take_break(person=busiest, starts_on=timezone.localdate(at), by=busiest, at=at)
    before = who_reads(reading)
    fill_the_empty_places(client, reading)
    gone = {(row.application_id, row.member_id) for row in rows}
    only_what_was_vacated(before - gone, who_reads(reading), len(rows))
    assert set(
        Assignment.objects.filter(pk__in=[row.pk for row in rows]).values_list(
            "ended_why", flat=True
        )
    ) == {Ended.BREAK}
    assert not Letter.objects.filter(kind="share_lighter").exists()


def test_somebody_declares_late(client: Client, reading: Reading, busiest: Person) -> None:
    own = reading.assignments(busiest)
    actions.declare_late(
        member=reading.member(busiest),
        application=own[0].application,
        kind=Interest.Kind.DIRECT,
        by=busiest,
        at=timezone.now(),
    )
    before = who_reads(reading)
    assert not [pair for pair in before if pair[1] == reading.member(busiest).pk]
    assert "without a reader" in empty_places(client, reading)
    fill_the_empty_places(client, reading)
    new = only_what_was_vacated(before, who_reads(reading), len(own))
    assert reading.member(busiest).pk not in {who for _bid, who in new}


def test_a_bid_is_withdrawn_and_nothing_else_moves(client: Client, reading: Reading) -> None:
    before = who_reads(reading)
    bid = reading.bids[0]
    bid.withdrawn_at, bid.withdrawn_by = timezone.now(), bid.made_by
    bid.save()
    page = empty_places(client, reading)
    assert "without a reader" not in page
    fill_the_empty_places(client, reading)
    assert who_reads(reading) == before
    # It comes back: its readers have it still, so nobody is asked again.
    bid.withdrawn_at = bid.withdrawn_by = None
    bid.save()
    assert "without a reader" not in empty_places(client, reading)


def test_a_bid_comes_in_late_and_only_its_places_are_empty(
    client: Client, reading: Reading
) -> None:
    before = who_reads(reading)
    late = make_bid(reading.lot)
    assert "There are 3 places without a reader." in empty_places(client, reading)
    declare_all(reading)
    fill_the_empty_places(client, reading)
    new = only_what_was_vacated(before, who_reads(reading), 3)
    assert {bid for bid, _who in new} == {late.pk}


def test_a_volunteer_comes_later_and_takes_only_what_is_empty(
    client: Client, reading: Reading, busiest: Person
) -> None:
    at, member = timezone.now(), reading.members[-1]
    before = who_reads(reading)
    assert member.pk not in {who for _bid, who in before}
    actions.declare(member=member, lot=reading.lot, by=member.person, at=at)
    fill_the_empty_places(client, reading)
    assert who_reads(reading) == before, "nothing was empty, so nobody gives anything up"
    own = reading.assignments(busiest)
    leave_round(
        member=reading.member(busiest), by=busiest, at=at + timedelta(minutes=1), agreed=True
    )
    before = who_reads(reading)
    fill_the_empty_places(client, reading)
    new = only_what_was_vacated(before, who_reads(reading), len(own))
    assert member.pk in {who for _bid, who in new}, "who has nothing yet comes first"


def test_a_bid_taken_by_hand_in_a_second_proposal_leaves_its_reader(
    reading: Reading, busiest: Person
) -> None:
    row = reading.assignments(busiest)[0]
    run = actions.propose_sharing(round=reading.round, by=reading.by, at=timezone.now())
    actions.change_share(
        run=run,
        application=row.application,
        taken_from=row.member,
        reason="She asked by phone",
        by=reading.by,
        at=timezone.now(),
    )
    actions.confirm_sharing(run=run, by=reading.by, at=timezone.now())
    row.refresh_from_db()
    assert row.ended_why == Ended.HANDED_BACK
