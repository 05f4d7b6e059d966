"""What volunteers say about how they like to read reaches the share-out, and stays private."""

import io
import json
from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from commissioning import actions as round_actions
from commissioning.models import LotWish, StageKind
from panels import actions, sharing
from panels.models import FormatGap
from panels.rules import share as rules
from support import actions as support
from support.models import FormatNeed
from tests.conftest import Cast, Once
from tests.factories.commissioning import join, make_lot, make_round, make_volunteers, open_to
from tests.factories.panels import Reading, declare_all, make_bid, sharing_round

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    """Four people, two lots, six bids in the first; each bid takes an hour to read and score."""

    def build(cast: Cast) -> Reading:
        people = [cast.joan, cast.harold, cast.priya]
        reading = sharing_round(*people, by=cast.sam, bids=0, readers_per_bid=2, wanted=6)
        reading.bids += [make_bid(reading.lot, words=2000) for _ in range(6)]
        declare_all(reading)
        return reading

    return once(build)


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    return deepcopy(begun)


@pytest.fixture
def two_lots(joan: Person, harold: Person, sam: Person) -> Reading:
    """Four people without seats, who have declared in both of two lots with three bids each."""
    round = make_round(by=sam, readers_per_bid=2)
    members = join(round, joan, harold, *make_volunteers(2), by=sam, bids=6)
    lots = [make_lot(round, name=name) for name in ("Getting about", "Telephone friends")]
    panel = actions.make_panel(lot=lots[0], name="A panel", by=sam, at=now())
    open_to(round, StageKind.SHARING, by=sam)
    bids = [make_bid(lot) for lot in lots for _ in range(3)]
    for member in members:
        for lot in lots:
            actions.declare(member=member, lot=lot, by=member.person, at=now())
    return Reading(round, lots[0], panel, members, bids, sam)


def now():
    return timezone.now()


def reader_of(reading: Reading, person: Person):
    problem = rules.problem_for(reading.round, on=timezone.localdate(), seed=1)
    pk = reading.member(person).pk
    return next(row for row in problem.readers if row.id == pk), problem


def proposed(reading: Reading, person: Person) -> list[int]:
    run = actions.propose_sharing(round=reading.round, by=reading.by, at=now())
    pk = reading.member(person).pk
    return sorted(bid for bid, member in rules.pairs_of(run) if member == pk)


# ---- Hours ----------------------------------------------------------------------------------
def test_say_reading_hours_is_the_most_that_is_given(reading, joan, client):
    client.force_login(joan)
    page = reverse("say_reading_hours", args=[reading.round.slug])
    assert client.post(page, {"reading_hours": "one"}).status_code == 422
    assert client.post(page, {"reading_hours": "1"}).status_code == 422
    assert client.post(page, {"reading_hours": "2"}).status_code == 302
    row, problem = reader_of(reading, joan)
    assert (row.hours, problem.bids[0].hours) == (2, pytest.approx(1.0))
    assert len(proposed(reading, joan)) <= 2
    assert "Up to 2" in client.get(reverse("my_promise", args=[reading.round.slug])).text
    assert client.post(page, {"reading_hours": ""}).status_code == 302
    assert reader_of(reading, joan)[0].hours is None


def test_hours_hold_for_a_change_by_hand_and_for_why_not(reading, joan, client):
    member = reading.member(joan)
    round_actions.change_promise(member=member, reading_hours=2, by=joan, at=now())
    run = actions.propose_sharing(round=reading.round, by=reading.by, at=now())
    bids = {bid.pk: bid for bid in reading.bids}
    while True:
        own = {bid for bid, who in rules.pairs_of(run) if who == member.pk}
        if len(own) == 2:
            break
        free = next(bid for pk, bid in bids.items() if pk not in own)
        actions.change_share(
            run=run, application=free, given_to=member, reason="Room", by=reading.by, at=now()
        )
        run.refresh_from_db()
    free = next(bid for pk, bid in bids.items() if pk not in own)
    with pytest.raises(Refused, match="hours"):
        actions.change_share(
            run=run, application=free, given_to=member, reason="More", by=reading.by, at=now()
        )
    actions.confirm_sharing(run=run, by=reading.by, at=now())
    client.force_login(joan)
    why = client.get(reverse("other_bids", args=[member.pk])).text
    assert "It would take more hours than you said you have." in why


def test_a_proposal_is_stale_once_its_hours_are_too_many(reading, joan):
    run = actions.propose_sharing(round=reading.round, by=reading.by, at=now())
    assert rules.plan_of(run, on=timezone.localdate()).verdict
    member = reading.member(joan)
    assert sum(who == member.pk for _bid, who in rules.pairs_of(run)) > 2
    round_actions.change_promise(member=member, reading_hours=2, by=joan, at=now())
    assert not rules.plan_of(run, on=timezone.localdate()).verdict


# ---- Wishes ---------------------------------------------------------------------------------
def test_say_wishes_are_heard_and_told_back(two_lots, joan, harold, client):
    reading, other = two_lots, two_lots.bids[-1].lot
    client.force_login(joan)
    page = reverse("say_wishes", args=[reading.round.slug])
    assert client.post(page, {f"lot_{reading.lot.pk}": "like"}).status_code == 422
    said = {f"lot_{reading.lot.pk}": "like", f"lot_{other.pk}": "rather-not"}
    assert client.post(page, said).status_code == 302
    row, _problem = reader_of(reading, joan)
    assert row.like_lots == {reading.lot.pk}
    assert row.rather_not_lots == {other.pk}
    told = client.get(reverse("my_promise", args=[reading.round.slug])).text
    assert "Would rather not: Telephone friends" in told
    run = actions.propose_sharing(round=reading.round, by=reading.by, at=now())
    actions.confirm_sharing(run=run, by=reading.by, at=now())
    mine = client.get(reverse("reply_to_share", args=[reading.member(joan).pk])).text
    assert "You said you would like to read about this." in mine
    client.force_login(harold)
    theirs = client.get(reverse("reply_to_share", args=[reading.member(harold).pk])).text
    assert "You said you would like" not in theirs


def test_wishes_decide_where_all_else_is_equal(two_lots, joan, harold):
    reading, other = two_lots, two_lots.bids[-1].lot
    for person, liked, not_liked in (
        (joan, reading.lot, other),
        (harold, other, reading.lot),
    ):
        round_actions.say_wishes(
            member=reading.member(person),
            wishes={liked: True, not_liked: False},
            by=person,
            at=now(),
        )
    lot_of = {bid.pk: bid.lot_id for bid in reading.bids}
    for seed in range(5):
        problem = rules.problem_for(reading.round, on=timezone.localdate(), seed=seed)
        pairs = sharing.propose(problem).pairs
        for person, lot in ((joan, reading.lot), (harold, other)):
            pk = reading.member(person).pk
            assert {lot_of[bid] for bid, who in pairs if who == pk} == {lot.pk}


# ---- Forms ----------------------------------------------------------------------------------
def test_say_formats_keeps_bids_away_that_cannot_be_had_so(reading, joan, sam, client):
    member = reading.member(joan)
    client.force_login(joan)
    page = reverse("say_formats", args=[reading.round.slug])
    assert client.post(page, {"formats": ["braille"]}).status_code == 422
    assert client.post(page, {"formats": ["audio"]}).status_code == 302
    client.force_login(sam)
    gaps = reverse("note_formats", args=[reading.round.slug, reading.bids[0].pk])
    assert client.post(gaps, {"without": ["audio"], "reason": ""}).status_code == 422
    assert client.post(gaps, {"without": ["audio"], "reason": "A film."}).status_code == 302
    row, problem = reader_of(reading, joan)
    assert row.needs == {"audio"}
    forms = {bid.id: bid.formats for bid in problem.bids}
    assert forms[reading.bids[0].pk] == {"easyread", "largeprint"}
    assert forms[reading.bids[1].pk] is None
    assert reading.bids[0].pk not in proposed(reading, joan)
    run = rules.newest_run(reading.round)
    with pytest.raises(Refused, match="format"):
        actions.change_share(
            run=run,
            application=reading.bids[0],
            given_to=member,
            reason="Try",
            by=sam,
            at=now(),
        )
    # Once it is there, it can be theirs.
    assert client.post(gaps, {"reason": ""}).status_code == 302
    assert not FormatGap.objects.exists()
    entry = reading.round.chain.entries.filter(verb="said_formats").get()
    assert "audio" not in str(entry.data)


def test_note_formats_is_told_to_the_panel_with_its_reason(reading, joan, client):
    actions.note_formats(
        application=reading.bids[0],
        without=["easyread"],
        reason="There is nobody to draw it.",
        by=reading.by,
        at=now(),
    )
    client.force_login(joan)
    told = client.get(reverse("panel_sharing", args=[reading.panel.pk])).text
    assert "There is nobody to draw it." in told
    assert reading.by.name in told
    with pytest.raises(Refused):
        actions.note_formats(
            application=reading.bids[0], without=["audio"], reason="No", by=joan, at=now()
        )


def test_what_somebody_needs_is_for_those_who_support_them_only(
    reading, joan, harold, sam, client, priya
):
    support.say_formats(member=reading.member(joan), formats=["easyread"], by=joan, at=now())
    run = actions.propose_sharing(round=reading.round, by=reading.by, at=now())
    actions.confirm_sharing(run=run, by=reading.by, at=now())
    words = "Easy read"
    client.force_login(sam)
    listed = client.get(reverse("adjustment_list", args=[reading.round.slug])).text
    assert words in listed
    assert joan.name in listed
    client.force_login(harold)
    slug, panel, own = reading.round.slug, reading.panel.pk, reading.member(harold).pk
    for name, args in (
        ("panel_sharing", [panel]),
        ("panel_detail", [panel]),
        ("reply_to_share", [own]),
        ("other_bids", [own]),
        ("round_welcome", [slug]),
        ("trail_list", [slug]),
    ):
        page = client.get(reverse(name, args=args))
        assert page.status_code == 200, name
        assert words not in page.text, name
    assert client.get(reverse("adjustment_list", args=[slug])).status_code == 404


def test_export_sharing_closes_bids_and_says_no_need(reading, joan):
    support.say_formats(member=reading.member(joan), formats=["audio"], by=joan, at=now())
    bid = reading.bids[0]
    actions.note_formats(
        application=bid, without=["audio"], reason="A film.", by=reading.by, at=now()
    )

    def volunteer(*more: str) -> dict:
        out = io.StringIO()
        call_command("export_sharing", reading.round.slug, *more, stdout=out)
        rows = json.loads(out.getvalue())["volunteers"]
        return next(row for row in rows if row["id"] == f"V{reading.member(joan).pk}")

    assert (volunteer()["needs"], volunteer()["conflicts"]) == ([], [f"O{bid.pk}"])
    assert volunteer("--experience")["needs"] == ["audio"]


# ---- Days away ------------------------------------------------------------------------------
def boxes(**days: date) -> dict[str, int]:
    """Days as a form with three boxes each sends them."""
    return {
        f"{name}_{place}": part
        for name, day in days.items()
        for place, part in enumerate((day.day, day.month, day.year))
    }


def test_say_away_days_gives_nothing_new_to_whoever_has_too_few_days(reading, joan, client):
    scoring = reading.round.stages.get(kind="scoring")
    client.force_login(joan)
    page = reverse("say_away_days", args=[reading.round.slug])
    first, last = scoring.opens_on, scoring.closes_on
    assert client.post(page, {"first_on_0": "soon"}).status_code == 422
    assert client.post(page, boxes(first_on=last, last_on=first)).status_code == 422
    assert client.post(page, boxes(first_on=first, last_on=last)).status_code == 302
    assert reader_of(reading, joan)[0].lots == frozenset()
    assert proposed(reading, joan) == []
    days = reading.member(joan).days_gone.get()
    drop = reverse("drop_away_days", args=[reading.round.slug, days.pk])
    assert client.post(drop).status_code == 302
    assert proposed(reading, joan)


def test_days_away_later_on_take_nothing_back(reading, joan, client):
    run = actions.propose_sharing(round=reading.round, by=reading.by, at=now())
    actions.confirm_sharing(run=run, by=reading.by, at=now())
    member = reading.member(joan)
    had = {row.application_id for row in reading.assignments(joan)}
    scoring = reading.round.stages.get(kind="scoring")
    round_actions.add_away_days(
        member=member, first_on=scoring.opens_on, last_on=scoring.closes_on, by=joan, at=now()
    )
    assert had <= set(proposed(reading, joan))
    client.force_login(joan)
    why = client.get(reverse("other_bids", args=[member.pk])).text
    assert not had or "away on most of the days" in why or "other_bids" not in why


@pytest.mark.parametrize(
    ("days", "gone", "short"),
    [
        (30, 20, False),  # ten days are left
        (30, 21, True),
        (8, 4, False),  # late on: half of what is left for anybody
        (8, 5, True),
        (0, 0, False),  # the last day, and there
        (30, 0, False),
    ],
)
def test_short_of_days_needs_ten_days_or_half(days, gone, short):
    first = date(2026, 3, 1)
    last = first + timedelta(days=max(0, days - 1))
    away = [(first, first + timedelta(days=gone - 1))] if gone else []
    assert rules.short_of_days(away, first, last) is short


def test_leaving_lets_go_of_all_of_it(reading, joan):
    member = reading.member(joan)
    support.say_formats(member=member, formats=["audio"], by=joan, at=now())
    round_actions.say_wishes(member=member, wishes={reading.lot: True}, by=joan, at=now())
    day = timezone.localdate()
    round_actions.add_away_days(member=member, first_on=day, last_on=day, by=joan, at=now())
    round_actions.change_promise(member=member, reading_hours=9, by=joan, at=now())
    round_actions.leave_round(member=member, by=joan, at=now(), agreed=True)
    member.refresh_from_db()
    assert member.reading_hours is None
    assert not member.days_gone.exists()
    assert not LotWish.objects.exists()
    assert not FormatNeed.objects.exists()


def test_nobody_says_it_for_somebody_else(reading, joan, harold, client: Client):
    member = reading.member(joan)
    for act in (
        lambda: round_actions.say_wishes(member=member, wishes={}, by=harold, at=now()),
        lambda: round_actions.change_promise(
            member=member, reading_hours=3, by=reading.by, at=now()
        ),
        lambda: support.say_formats(member=member, formats=["audio"], by=harold, at=now()),
    ):
        with pytest.raises(Refused):
            act()


def test_what_is_typed_reaches_the_share_out_once_it_is_confirmed(reading, joan, ruth):
    member, day = reading.member(joan), timezone.localdate()
    typed = round_actions.type_promise(
        member=member,
        bids_wanted=2,
        reading_hours=3,
        away=[(day, day)],
        wishes={reading.lot: False},
        experience=["carer"],
        by=reading.by,
        at=now(),
    )
    before, _problem = reader_of(reading, joan)
    assert (before.limit, before.hours, before.rather_not_lots) == (6, None, frozenset())
    round_actions.confirm_typed_answer(typed=typed, by=ruth, at=now())
    after, _problem = reader_of(reading, joan)
    assert (after.limit, after.hours) == (2, 3)
    assert after.rather_not_lots == {reading.lot.pk}
    assert after.lived == {"carer"}
    assert len(proposed(reading, joan)) <= 2
