"""What nobody may see: others' scores before the panel opens them, and anything when aside."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from panels import actions, shortlist, sight
from panels.actions import NewScore
from panels.models import Assignment, Meeting, ScoreSheet, Void
from panels.rules.visits import visit_of
from tests.factories.meeting import (
    choose_to_meet,
    invited_round,
    open_scores,
    opened_round,
    propose,
    scored_round,
    seat_of,
    send_interview,
)
from tests.factories.panels import Reading, full_answers, reading_round
from tests.factories.unguarded import unguarded
from tests.panels.test_proposals import aside_from

pytestmark = pytest.mark.django_db

OF_A_PANEL = (
    "panel_detail",
    "proposal_list",
    "meeting_list",
    "interview_question_list",
    "agenda",
    "shortlist_detail",
    "interview_list",
)
OF_A_BID = ("talk_about_bid", "propose_shortlisting", "interview_detail", "check_interview_scores")
STAFF_ONLY = ("big_screen", "slot_list", "offer_slot", "arrange_meeting", "put_for_panel")
REASON = b"They asked."
WHY = b"I believed them."


@pytest.fixture
def closed(joan: Person, harold: Person, sam: Person) -> Reading:
    """Everybody has sent; the panel has opened nothing."""
    return scored_round(joan, harold, by=sam)


def pages_of(reading: Reading, client: Client) -> list[tuple[str, bytes, int]]:
    """Every page of the panel and its first bid, as this reader gets it."""
    panel, bid = reading.panel.pk, reading.bids[0].pk
    slug = reading.criteria[0].slug
    urls = [reverse(name, args=[panel]) for name in (*OF_A_PANEL, *STAFF_ONLY)]
    urls += [reverse(name, args=[panel, bid]) for name in OF_A_BID]
    urls.append(reverse("change_score_after_talk", args=[panel, bid, slug]))
    found = []
    for url in urls:
        page = client.get(url)
        found.append((url, page.content, page.status_code))
    return found


@pytest.mark.parametrize("who", ["joan", "sam"])
def test_before_opening_no_page_shows_a_score(
    client: Client, closed: Reading, who: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(who))
    for url, content, _status in pages_of(closed, client):
        assert REASON not in content, url
        assert WHY not in content, url
        assert b"out of 100" not in content, url
    for name in ("agenda", "shortlist_detail", "interview_list"):
        page = client.get(reverse(name, args=[closed.panel.pk]))
        assert page.status_code == 403
        assert "has not opened its scores yet" in page.context["sentence"]


def test_before_opening_the_sums_see_nothing(closed: Reading, joan: Person, sam: Person) -> None:
    for person in (joan, sam):
        assert sight.scores_in_sight(closed.panel, person) == {}
        assert sight.pictures(closed.panel, person) == {}


def test_after_opening_a_member_and_staff_see_every_score(
    closed: Reading, joan: Person, sam: Person
) -> None:
    open_scores(closed.panel)
    for person in (joan, sam):
        found = sight.scores_in_sight(closed.panel, person)
        assert {bid: len(rows) for bid, rows in found.items()} == {bid.pk: 8 for bid in closed.bids}


@pytest.mark.parametrize("who", ["priya", "margaret", "amina", "administrator", "outsider"])
def test_after_opening_nobody_else_sees_any(
    client: Client, closed: Reading, who: str, request: pytest.FixtureRequest
) -> None:
    open_scores(closed.panel)
    person = request.getfixturevalue(who)
    assert sight.scores_in_sight(closed.panel, person) == {}
    client.force_login(person)
    for url, _content, status in pages_of(closed, client):
        assert status == 404, url


def test_a_member_with_unsent_scores_sees_none_until_they_say_they_will_not_score(
    client: Client, closed: Reading, joan: Person
) -> None:
    open_scores(closed.panel)
    sheet = ScoreSheet.objects.filter(member__person=joan).first()
    assert sheet is not None
    with unguarded():
        Void.objects.create(sheet=sheet, why="late", voided_at=timezone.now(), voided_by=joan)
    assert sight.scores_in_sight(closed.panel, joan) == {}
    client.force_login(joan)
    page = client.get(reverse("agenda", args=[closed.panel.pk]))
    assert page.status_code == 403
    assert REASON not in page.content
    url = reverse("not_scoring", args=[closed.panel.pk])
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 422
    client.post(url, {"sure": "on"})
    ended = Assignment.objects.get(pk=sheet.assignment_id)
    assert ended.ended_why == Assignment.Ended.HANDED_BACK
    assert client.get(reverse("agenda", args=[closed.panel.pk])).status_code == 200
    with pytest.raises(Refused, match="no scores left"):
        actions.say_not_scoring(panel=closed.panel, by=joan, at=timezone.now())


def test_who_stands_aside_from_the_lot_gets_the_times_to_step_out_and_nothing_else(
    client: Client, closed: Reading, harold: Person, sam: Person
) -> None:
    open_scores(closed.panel)
    choose_to_meet(closed.panel, closed.bids[0])
    meeting = actions.arrange_meeting(
        panel=closed.panel,
        kind=Meeting.Kind.OTHER,
        starts_at=timezone.now() + timedelta(hours=30),
        place="Mill Hill Hall",
        by=sam,
        at=timezone.now(),
    )
    aside_from(closed, harold)
    client.force_login(harold)
    pages = pages_of(closed, client)
    pages += [
        (url, page.content, page.status_code)
        for url in (
            reverse("meeting_detail", args=[meeting.pk]),
            reverse("meeting_file", args=[meeting.pk]),
        )
        for page in [client.get(url)]
    ]
    for url, content, status in pages:
        assert status in (403, 404), url
        assert closed.bids[0].title.encode() not in content, url
        assert b"Mill Hill" not in content, url
        if status == 403:
            assert b"You are standing aside from this part of the money." in content, url
            assert b"When to step out" in content, url
    assert sight.pictures(closed.panel, harold) == {}


def test_who_stands_aside_from_one_bid_sees_nothing_of_it(
    client: Client, closed: Reading, harold: Person, joan: Person
) -> None:
    open_scores(closed.panel)
    bid = closed.bids[0]
    choose_to_meet(closed.panel, bid)
    aside_from(closed, harold, bid=True)
    assert set(sight.pictures(closed.panel, harold)) == {closed.bids[1].pk}
    client.force_login(harold)
    page = client.get(reverse("talk_about_bid", args=[closed.panel.pk, bid.pk]))
    assert b"Please step out" in page.content
    assert WHY not in page.content
    assert bid.pk not in [
        row["bid"].pk
        for row in client.get(reverse("shortlist_detail", args=[closed.panel.pk])).context["meet"]
    ]
    mine = client.get(reverse("agenda", args=[closed.panel.pk])).context["page"][-1]
    assert (mine.bid, mine.mine_out, mine.range, mine.status) == (bid, True, None, "You step out")
    client.force_login(joan)
    page = client.get(reverse("agenda", args=[closed.panel.pk]))
    assert b"Harold Whitaker steps out." in page.content


# ---- The score that counts ------------------------------------------------------------------
def test_the_newest_score_counts_and_the_first_is_kept(
    joan: Person, harold: Person, sam: Person
) -> None:
    reading = opened_round(joan, harold, by=sam)
    bid, criterion = reading.bids[0], reading.criteria[0]
    for value in (5, 1):
        actions.change_score_after_talk(
            seat=seat_of(reading.panel, joan),
            application=bid,
            changes={criterion: NewScore(value, "So.")},
            by=joan,
            at=timezone.now(),
        )
    seen = sight.look(visit_of(reading.panel, sam))
    now, first = seen.pictures()[bid.pk], seen.pictures(first=True)[bid.pk]
    assert now.spreads[0].dots == (1, 3, 3, 3)
    assert first.spreads[0].dots == (3, 3, 3, 3)


def test_a_void_sheet_counts_nothing(joan: Person, harold: Person, sam: Person) -> None:
    reading = opened_round(joan, harold, by=sam)
    actions.declare_late(
        member=reading.member(harold),
        application=reading.bids[0],
        kind="direct",
        by=harold,
        at=timezone.now(),
    )
    found = sight.pictures(reading.panel, sam)
    assert {bid: len(picture.totals) for bid, picture in found.items()} == {
        bid.pk: 3 for bid in reading.bids
    }


def test_a_typed_sheet_counts_only_once_confirmed(
    joan: Person, harold: Person, sam: Person, ruth: Person
) -> None:
    reading = reading_round(joan, harold, by=sam, bids=1)
    row = reading.assignments(joan)[0]
    typed = actions.type_scores(
        assignment=row, answers=full_answers(reading), why="So.", by=sam, at=timezone.now()
    )
    member, bid = typed.member_id, reading.bids[0].pk

    def readers() -> set[int]:
        visit = replace(visit_of(reading.panel, ruth))
        visit.panel.scores_opened_at = timezone.now()
        return {row.reader for row in sight.look(visit).said if row.application == bid}

    assert member not in readers()
    actions.confirm_typed_scores(sheet=typed, by=joan, at=timezone.now())
    assert member in readers()


def test_scores_in_sight_gives_the_sums_own_rows(closed: Reading, joan: Person) -> None:
    open_scores(closed.panel)
    row = sight.scores_in_sight(closed.panel, joan)[closed.bids[0].pk][0]
    assert isinstance(row, shortlist.Score)
    assert row.value == 3


# ---- Interviews -----------------------------------------------------------------------------
def test_interview_scores_are_hidden_until_the_panel_opens_them(
    client: Client, joan: Person, harold: Person, sam: Person
) -> None:
    reading = invited_round(joan, harold, by=sam, bids=1)
    send_interview(seat_of(reading.panel, joan), reading.bids[0])
    url = reverse("interview_detail", args=[reading.panel.pk, reading.bids[0].pk])
    for person in (harold, sam):
        client.force_login(person)
        page = client.get(url)
        assert page.status_code == 403
        assert "has not opened its interview scores" in page.context["sentence"]
        page = client.get(reverse("interview_list", args=[reading.panel.pk]))
        assert b"They told us how." not in page.content
        assert sight.interviews_in_sight(visit_of(reading.panel, person)) == []


def test_a_choice_about_a_bid_is_not_shown_to_who_has_reading_left(
    client: Client, closed: Reading, joan: Person
) -> None:
    open_scores(closed.panel)
    proposal = propose(closed.panel, closed.bids[0])
    with unguarded():
        for sheet in ScoreSheet.objects.filter(member__person=joan):
            Void.objects.create(sheet=sheet, why="late", voided_at=timezone.now(), voided_by=joan)
    client.force_login(joan)
    assert client.get(reverse("proposal_detail", args=[proposal.pk])).status_code == 404
    assert client.get(reverse("shortlist_detail", args=[closed.panel.pk])).status_code == 403


# ---- How much a page asks the database --------------------------------------------------------
def test_no_page_of_the_panel_asks_more_than_twelve_times(
    client: Client, joan: Person, harold: Person, sam: Person
) -> None:
    reading = invited_round(joan, harold, by=sam, bids=2)
    meeting = actions.arrange_meeting(
        panel=reading.panel,
        kind="decision",
        starts_at=timezone.now() + timedelta(days=2),
        place="Mill Hill Hall",
        by=sam,
        at=timezone.now(),
    )
    actions.put_to_panel(
        panel=reading.panel, kind="other", words="Tea?", by=joan, at=timezone.now()
    )
    too_many = []
    for person in (joan, sam):
        client.force_login(person)
        urls = [reverse(name, args=[reading.panel.pk]) for name in (*OF_A_PANEL, *STAFF_ONLY)]
        urls += [reverse(name, args=[reading.panel.pk, reading.bids[0].pk]) for name in OF_A_BID]
        urls.append(reverse("meeting_detail", args=[meeting.pk]))
        question = reading.panel.interview_questions.first()
        urls.append(
            reverse("score_interview", args=[reading.panel.pk, reading.bids[0].pk, question.pk])
        )
        for url in urls:
            with CaptureQueriesContext(connection) as asked:
                client.get(url)
            if len(asked) > 12:
                too_many.append((person.name, url, len(asked)))
    assert too_many == []
