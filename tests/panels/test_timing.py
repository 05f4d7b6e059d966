"""The time of the panel's meetings: who presses, what is recorded, what each page says, and what
somebody who stands aside does not learn."""

import re
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from decisions.views.trail import entries_seen_by
from ledger.models import Entry
from panels import actions
from panels.models import Meeting
from tests.conftest import Once
from tests.factories.decisions import deciding_round
from tests.factories.meeting import (
    choose_to_meet,
    close_all,
    open_scores,
    opened_round,
    scored_round,
)
from tests.factories.panels import Reading
from tests.panels.test_proposals import aside_from

pytestmark = pytest.mark.django_db

VERBS = ["turned_to_bid", "wanted_more_time", "stopped_talking"]
PAGES = ("agenda", "meeting_detail", "big_screen", "talk_about_bid")


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    return once(lambda cast: opened_round(cast.joan, cast.harold, by=cast.sam, bids=4))


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    """Four bids to talk about, at the shortlist meeting."""
    return deepcopy(begun)


@pytest.fixture
def meeting(reading: Reading, sam: Person) -> Meeting:
    """An hour and a half, 10 minutes of it for breaks: 80 for four bids, 20 each."""
    return arranged(reading, sam)


def arranged(reading: Reading, sam: Person, **facts: Any) -> Meeting:
    now = timezone.now()
    return actions.arrange_meeting(
        **{
            "panel": reading.panel,
            "kind": "shortlist",
            "starts_at": now + timedelta(minutes=1),
            "minutes_long": 90,
            "break_minutes": 10,
            "place": "Mill Hill Hall",
            "by": sam,
            "at": now,
            **facts,
        }
    )


class Table:
    """The panel at its meeting, minute by minute from its planned start."""

    def __init__(self, reading: Reading, meeting: Meeting, patch: pytest.MonkeyPatch) -> None:
        self.reading, self.meeting, self.patch = reading, meeting, patch

    def at(self, minutes: float) -> datetime:
        """Move every clock of a page there."""
        now = self.meeting.starts_at + timedelta(minutes=minutes)
        self.patch.setattr("ledger.clock.now", lambda: now)
        return now

    def turn(self, bid: int, minutes: float, by: Person) -> bool:
        return actions.turn_to_bid(**self._facts(bid, minutes, by))

    def stop(self, bid: int, minutes: float, by: Person) -> bool:
        return actions.stop_talking(**self._facts(bid, minutes, by))

    def more(self, bid: int, minutes: float, by: Person, seen: int = 0) -> bool:
        return actions.want_more_time(**self._facts(bid, minutes, by), seen=seen)

    def _facts(self, bid: int, minutes: float, by: Person) -> dict[str, Any]:
        return {
            "meeting": self.meeting,
            "application": self.reading.bids[bid],
            "by": by,
            "at": self.at(minutes),
        }

    def page(self, name: str, bid: int = 0) -> str:
        panel = self.reading.panel.pk
        ids = {
            "meeting_detail": [self.meeting.pk],
            "talk_about_bid": [panel, self.reading.bids[bid].pk],
        }
        return reverse(name, args=ids.get(name, [panel]))


@pytest.fixture
def table(reading: Reading, meeting: Meeting, monkeypatch: pytest.MonkeyPatch) -> Table:
    return Table(reading, meeting, monkeypatch)


def text_of(client: Client, url: str) -> str:
    page = client.get(url)
    assert page.status_code == 200, url
    return re.sub(r"\s+", " ", page.content.decode())


# ---- Who may press -------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["joan", "sam"])
def test_a_member_or_a_facilitator_turns_to_a_bid(
    table: Table, who: str, request: pytest.FixtureRequest
) -> None:
    by = request.getfixturevalue(who)
    assert table.turn(0, 5, by) is True
    entry = Entry.objects.get(verb="turned_to_bid")
    assert (entry.by, entry.data) == (
        by,
        {
            "panel": table.reading.panel.pk,
            "meeting": table.meeting.pk,
            "application": table.reading.bids[0].pk,
        },
    )


@pytest.mark.parametrize("who", ["priya", "margaret", "amina", "administrator", "superuser"])
def test_nobody_else_turns_to_a_bid(table: Table, who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Refused):
        table.turn(0, 5, request.getfixturevalue(who))
    assert not Entry.objects.filter(verb__in=VERBS).exists()


def test_who_stands_aside_from_the_bid_does_not_turn_to_it(table: Table, harold: Person) -> None:
    aside_from(table.reading, harold, bid=True)
    with pytest.raises(Refused, match="standing aside from this bid"):
        table.turn(0, 5, harold)
    assert table.turn(1, 5, harold) is True


def test_who_stands_aside_from_the_lot_presses_nothing(table: Table, harold: Person) -> None:
    aside_from(table.reading, harold)
    with pytest.raises(Refused, match="standing aside from this part"):
        table.turn(1, 5, harold)


def test_nothing_is_pressed_before_the_scores_are_open(
    joan: Person, harold: Person, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = scored_round(joan, harold, by=sam)
    table = Table(closed, arranged(closed, sam), monkeypatch)
    with pytest.raises(Refused, match="has not opened its scores"):
        table.turn(0, 5, joan)
    open_scores(closed.panel)
    assert table.turn(0, 5, joan) is True


@pytest.mark.parametrize("minutes", [-61, 90 + 121])
def test_nothing_is_pressed_when_the_panel_does_not_meet(
    table: Table, joan: Person, minutes: float
) -> None:
    with pytest.raises(Refused, match="while the panel meets"):
        table.turn(0, minutes, joan)


def test_nothing_is_pressed_in_a_meeting_called_off_or_of_another_kind(
    table: Table, joan: Person, sam: Person
) -> None:
    other = arranged(table.reading, sam, kind="reading")
    with pytest.raises(Refused, match="does not go from bid to bid"):
        Table(table.reading, other, table.patch).turn(0, 5, joan)
    actions.call_off_meeting(meeting=table.meeting, by=sam, at=timezone.now())
    with pytest.raises(Refused, match="called off"):
        table.turn(0, 5, joan)


def test_a_bid_that_does_not_go_on_cannot_be_turned_to(table: Table, joan: Person) -> None:
    bid = table.reading.bids[0]
    bid.withdrawn_at, bid.withdrawn_by = timezone.now(), joan
    bid.save(update_fields=["withdrawn_at", "withdrawn_by"])
    with pytest.raises(Refused, match="Choose one of the bids"):
        table.turn(0, 5, joan)


# ---- What is recorded ----------------------------------------------------------------------------
def test_turning_twice_to_the_same_bid_is_one_entry(
    table: Table, joan: Person, sam: Person
) -> None:
    assert [table.turn(0, 5, joan), table.turn(0, 6, sam)] == [True, False]
    assert table.stop(0, 7, sam) is True
    assert table.turn(0, 8, joan) is True
    assert Entry.objects.filter(verb="turned_to_bid").count() == 2


def test_two_who_want_more_time_at_once_mean_the_same(
    table: Table, joan: Person, harold: Person
) -> None:
    table.turn(0, 5, joan)
    assert [table.more(0, 9, joan), table.more(0, 9, harold)] == [True, False]
    assert table.more(0, 12, harold, seen=1) is True
    assert Entry.objects.filter(verb="wanted_more_time").count() == 2


def test_more_time_and_stopping_are_for_the_bid_on_the_table(table: Table, joan: Person) -> None:
    assert [table.more(0, 5, joan), table.stop(0, 5, joan)] == [False, False]
    table.turn(0, 6, joan)
    assert [table.more(1, 7, joan), table.stop(1, 7, joan)] == [False, False]
    assert [table.more(0, 7, joan), table.stop(0, 8, joan)] == [True, True]
    assert table.more(0, 9, joan, seen=1) is False


def test_the_trail_says_each_press_in_words(table: Table, joan: Person, harold: Person) -> None:
    table.turn(0, 5, joan)
    table.more(0, 9, joan)
    table.stop(0, 12, joan)
    told = entries_seen_by(joan, table.reading.round).filter(verb__in=VERBS)
    assert [entry.verb for entry in told] == VERBS[::-1]
    aside_from(table.reading, harold, bid=True)
    assert not entries_seen_by(harold, table.reading.round).filter(verb__in=VERBS).exists()


# ---- Arranging -----------------------------------------------------------------------------------
@pytest.mark.parametrize(("breaks", "fits"), [(0, True), (89, True), (90, False), (-1, False)])
def test_breaks_are_shorter_than_the_meeting(
    reading: Reading, sam: Person, breaks: int, fits: bool
) -> None:
    if fits:
        assert arranged(reading, sam, break_minutes=breaks).break_minutes == breaks
    else:
        with pytest.raises(Refused, match="shorter than the meeting"):
            arranged(reading, sam, break_minutes=breaks)


@pytest.mark.parametrize(
    ("breaks", "status", "kept"),
    [("", 302, 0), ("15", 302, 15), ("90", 422, None), ("x", 422, None)],
)
def test_arrange_meeting_page_asks_for_breaks(
    client: Client, reading: Reading, sam: Person, breaks: str, status: int, kept: int | None
) -> None:
    client.force_login(sam)
    day = timezone.localdate() + timedelta(days=3)
    typed = {
        "kind": "shortlist",
        "day_0": day.day,
        "day_1": day.month,
        "day_2": day.year,
        "time": "2.30pm",
        "minutes_long": "90",
        "break_minutes": breaks,
        "place": "Mill Hill Hall",
    }
    page = client.post(reverse("arrange_meeting", args=[reading.panel.pk]), typed)
    assert page.status_code == status
    found = Meeting.objects.first()
    assert (found.break_minutes if found else None) == kept
    if status == 422:
        assert f'value="{breaks}"' in page.content.decode()


# ---- Before --------------------------------------------------------------------------------------
PLAN = "4 bids and 90 minutes, with 10 minutes for breaks: about 20 minutes each."


@pytest.mark.parametrize("name", ["agenda", "meeting_detail", "big_screen"])
def test_before_the_pages_say_what_each_bid_gets(
    client: Client, table: Table, sam: Person, name: str
) -> None:
    client.force_login(sam)
    table.at(-30)
    assert PLAN in text_of(client, table.page(name))


def test_the_plan_counts_bids_to_settle_and_meetings_to_come(
    client: Client, table: Table, joan: Person, sam: Person
) -> None:
    client.force_login(joan)
    choose_to_meet(table.reading.panel, table.reading.bids[3])
    table.at(-30)
    three = "3 bids and 90 minutes, with 10 minutes for breaks: about 26 minutes each."
    assert three in text_of(client, table.page("agenda"))
    arranged(table.reading, sam, starts_at=timezone.now() + timedelta(days=1), minutes_long=40)
    longer = "3 bids and 2 hours, with 10 minutes for breaks: about 36 minutes each."
    assert f"{longer} That counts the meetings to come." in text_of(client, table.page("agenda"))


def test_one_bid_and_no_meeting(client: Client, joan: Person, harold: Person, sam: Person) -> None:
    one = opened_round(joan, harold, by=sam, bids=1)
    client.force_login(joan)
    agenda = reverse("agenda", args=[one.panel.pk])
    assert "Time for each bid" not in text_of(client, agenda)
    arranged(one, sam, break_minutes=0, minutes_long=60)
    assert "1 bid and 1 hour: about 1 hour each." in text_of(client, agenda)
    choose_to_meet(one.panel, one.bids[0])
    assert "Time for each bid" not in text_of(client, agenda)


def test_on_paper_each_bid_has_its_minutes_and_a_box(
    client: Client, table: Table, joan: Person
) -> None:
    client.force_login(joan)
    page = text_of(client, table.page("agenda"))
    assert page.count("A fair share is about 20 minutes. It took:") == 4
    assert page.count('<span class="to-fill"></span> minutes') == 4


# ---- During --------------------------------------------------------------------------------------
def test_during_each_page_says_what_this_bid_has_had(
    client: Client, table: Table, joan: Person, sam: Person
) -> None:
    """5 minutes late. At 11: 6 had, 90 − 11 − 10 = 69 left, (6 + 69) ÷ 4 = 18."""
    table.turn(0, 5, joan)
    table.at(11)
    said = (
        "This bid has had 6 minutes. A fair share is about 18 minutes. "
        "There are 3 bids to go and about 65 minutes."
    )
    for person, names in ((joan, PAGES[:2]), (sam, PAGES[:3])):
        client.force_login(person)
        for name in names:
            page = text_of(client, table.page(name))
            assert said in page, (person, name)
            assert PLAN not in page
    assert table.page("talk_about_bid") in text_of(client, table.page("meeting_detail"))
    assert 'aria-live="' not in page
    assert f"<div data-quiet><p>{said}" in page


def test_more_time_by_one_press_says_what_it_leaves(
    client: Client, table: Table, joan: Person
) -> None:
    """18.75 + 5: about 23. At 12, 68 left, 16.75 of it for this bid: 51.25 ÷ 3 = 17."""
    client.force_login(joan)
    table.turn(0, 5, joan)
    table.at(12)
    bid = table.reading.bids[0].pk
    assert "We want more time for this one" in text_of(client, table.page("meeting_detail"))
    address = reverse("want_more_time", args=[table.meeting.pk, bid])
    page = client.post(address, {"seen": "0"}, follow=True).content.decode()
    assert "This bid has 5 minutes more." in page
    assert "With the time you added it has about 23 minutes." in page
    assert "That leaves about 17 minutes for each of them." in page
    page = client.post(address, {"seen": "0"}, follow=True).content.decode()
    assert "Somebody pressed just before you." in page
    assert "it has about 23 minutes." in page


def test_nothing_ends_a_talk_by_itself(client: Client, table: Table, joan: Person) -> None:
    client.force_login(joan)
    table.turn(0, 0, joan)
    table.at(100)
    page = text_of(client, table.page("meeting_detail"))
    assert "This bid has had 100 minutes." in page
    assert "The planned time is used. How long you go on is for you to say." in page
    assert Entry.objects.filter(verb__in=VERBS).count() == 1


def test_turn_to_bid_and_stop_talking_by_the_buttons(
    client: Client, table: Table, joan: Person
) -> None:
    client.force_login(joan)
    table.at(2)
    talk, bid = table.page("talk_about_bid"), table.reading.bids[0].pk
    address = reverse("turn_to_bid", args=[table.meeting.pk, bid])
    assert f'action="{address}"' in text_of(client, talk)
    assert client.get(address).status_code == 405
    shown = client.post(address, follow=True)
    assert shown.redirect_chain == [(talk, 302)]
    assert "The panel talks about this bid now." in shown.content.decode()
    assert "We talk about this bid now" in text_of(client, table.page("talk_about_bid", bid=1))
    table.at(20)
    stop = reverse("stop_talking", args=[table.meeting.pk, bid])
    page = client.post(stop, follow=True).content.decode()
    assert "The panel is not on a bid just now." in page
    assert f'action="{address}"' in text_of(client, talk)


def test_a_bids_page_has_no_button_while_nobody_meets(
    client: Client, table: Table, joan: Person
) -> None:
    client.force_login(joan)
    for minutes in (-61, 90 + 121):
        table.at(minutes)
        assert "We talk about this bid now" not in text_of(client, table.page("talk_about_bid"))


@pytest.mark.parametrize("name", ["turn_to_bid", "want_more_time", "stop_talking"])
def test_presses_are_not_there_for_others(
    client: Client, table: Table, margaret: Person, outsider: Person, name: str
) -> None:
    table.at(5)
    address = reverse(name, args=[table.meeting.pk, table.reading.bids[0].pk])
    for person in (margaret, outsider):
        client.force_login(person)
        assert client.post(address).status_code == 404


def test_the_decision_meeting_turns_to_bids_from_its_own_page(
    client: Client, joan: Person, harold: Person, sam: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    deciding = deciding_round(joan, harold, bids=2, not_met=1, by=sam)
    reading = deciding.reading
    first, second = (
        arranged(reading, sam, kind="decision", starts_at=timezone.now() + timedelta(days=days))
        for days in (60, 61)
    )
    table = Table(reading, first, monkeypatch)
    table.at(1)
    client.force_login(joan)
    page = text_of(client, table.page("meeting_detail"))
    plan = "2 bids and 2 hours and 50 minutes, with 10 minutes for breaks: about 80 minutes each."
    assert plan in page
    assert page.count("We talk about it now") == 2
    with pytest.raises(Refused, match="Choose one of the bids"):
        table.turn(2, 2, joan)
    address = reverse("turn_to_bid", args=[first.pk, deciding.bids[0].pk])
    page = client.post(address, follow=True).content.decode()
    assert "You have just begun with this bid." in page
    assert page.count("We talk about it now") == 1
    # What the first meeting talked about does not come again in the second.
    later = Table(reading, second, monkeypatch)
    later.at(-10)
    assert "1 bid and 90 minutes" in text_of(client, later.page("meeting_detail"))


# ---- After ---------------------------------------------------------------------------------------
def talked(table: Table, joan: Person) -> None:
    """30, 20, 4 and 0 minutes, then a stop."""
    for bid, minutes in ((0, 0), (1, 30), (2, 50)):
        table.turn(bid, minutes, joan)
    table.stop(2, 54, joan)


def test_too_little_time_is_seen_before_the_meeting_is_over(
    client: Client, table: Table, joan: Person, sam: Person
) -> None:
    """54 used, 26 left, four bids: 20 each."""
    client.force_login(joan)
    talked(table, joan)
    short = table.reading.bids[2].reference
    said = f"{short} had 4 minutes; a fair share was 20 minutes. You can come back to it."
    assert said in text_of(client, table.page("meeting_detail"))
    assert said in text_of(client, table.page("agenda"))
    client.force_login(sam)
    assert said in text_of(client, table.page("big_screen"))


def test_the_record_lists_how_long_each_bid_was_talked_about(
    client: Client, table: Table, joan: Person, sam: Person
) -> None:
    client.force_login(joan)
    talked(table, joan)
    table.at(60 * 24)
    close_all(table.reading)
    for person in (joan, sam):
        client.force_login(person)
        page = text_of(client, table.page("meeting_detail"))
        assert "How long you talked about each bid" in page
        for bid, said in zip(
            table.reading.bids, ("30 minutes", "20 minutes", "4 minutes"), strict=False
        ):
            assert re.search(
                rf"<li>{bid.reference}: <span data-user-text>[^<]*</span>, {said}</li>", page
            )
        assert (
            f"{table.reading.bids[2].reference} had 4 minutes; a fair share was 18 minutes." in page
        )
        assert "You can come back to it." not in page
        assert "We want more time" not in page


def test_the_record_is_not_changed_by_what_comes_later(
    client: Client, table: Table, joan: Person, sam: Person
) -> None:
    client.force_login(joan)
    talked(table, joan)
    table.at(60 * 24)
    page = client.get(table.page("meeting_detail")).context["time"]
    for bid in table.reading.bids[2:]:
        choose_to_meet(table.reading.panel, bid)
    arranged(table.reading, sam, starts_at=timezone.now() + timedelta(days=3))
    after = client.get(table.page("meeting_detail")).context["time"]
    assert (page.record, page.short) == (after.record, after.short)


# ---- Whoever stands aside ------------------------------------------------------------------------
TIME = re.compile(r"csrfmiddlewaretoken\" value=\"[^\"]*\"|nonce=\"[^\"]*\"")


def all_pages(client: Client, table: Table) -> dict[str, str]:
    urls = [table.page(name) for name in ("agenda", "meeting_detail", "talk_about_bid")]
    urls += [table.page("talk_about_bid", bid=bid) for bid in (1, 2)]
    return {url: TIME.sub("", text_of(client, url)) for url in urls}


@pytest.mark.parametrize("how_far", [12, 20, 40, 60 * 24])
def test_who_stands_aside_cannot_tell_a_talk_about_that_bid_from_a_break(
    client: Client, table: Table, joan: Person, harold: Person, how_far: float
) -> None:
    """In the one world the panel turns to the bid and wants more time for it twice; in the other it
    takes a break. Each page is the same to the last byte, at each moment."""
    aside_from(table.reading, harold, bid=True)
    client.force_login(harold)

    def world(*, talks: bool) -> dict[str, str]:
        with transaction.atomic():
            table.turn(1, 0, joan)
            if talks:
                table.turn(0, 10, joan)
                table.more(0, 11, joan)
                table.more(0, 12, joan, seen=1)
            else:
                table.stop(1, 10, joan)
            if how_far > 20:
                table.turn(2, 30, joan)
                table.stop(2, 50 if how_far > 50 else how_far, joan)
            table.at(how_far)
            pages = all_pages(client, table)
            transaction.set_rollback(True)
        return pages

    one, other = world(talks=True), world(talks=False)
    assert one == other
    hidden = table.reading.bids[0].reference
    meeting = one[table.page("meeting_detail")]
    assert hidden not in meeting
    if how_far < 60:
        assert "That counts 1 bid that you step out for." in meeting
    # Joan's own pages do differ, so that this test could fail.
    client.force_login(joan)
    assert world(talks=True) != world(talks=False)


def test_settling_the_bid_somebody_stands_aside_from_changes_nothing_for_them(
    client: Client, table: Table, joan: Person, harold: Person
) -> None:
    aside_from(table.reading, harold, bid=True)
    client.force_login(harold)
    table.turn(1, 0, joan)
    table.at(10)
    before = client.get(table.page("meeting_detail")).context["time"].now
    assert "There are 3 bids to go" in before
    choose_to_meet(table.reading.panel, table.reading.bids[0])
    assert client.get(table.page("meeting_detail")).context["time"].now == before
    client.force_login(joan)
    assert "There are 2 bids to go" in client.get(table.page("meeting_detail")).context["time"].now


def test_the_big_screen_looks_back_on_no_bid_that_somebody_steps_out_for(
    client: Client, table: Table, joan: Person, harold: Person, sam: Person
) -> None:
    aside_from(table.reading, harold, bid=True)
    for bid, minutes in ((0, 0), (1, 2), (2, 30)):
        table.turn(bid, minutes, joan)
    table.at(33)
    client.force_login(sam)
    short = f"{table.reading.bids[0].reference} had 2 minutes"
    assert short not in text_of(client, table.page("big_screen"))
    assert short in text_of(client, table.page("meeting_detail"))


# ---- How much a page asks the database -----------------------------------------------------------
def test_no_page_asks_more_than_twelve_times_while_the_panel_meets(
    client: Client, table: Table, joan: Person, harold: Person, sam: Person
) -> None:
    aside_from(table.reading, harold, bid=True)
    table.turn(1, 0, joan)
    table.more(1, 5, joan)
    table.turn(2, 10, joan)
    table.at(15)
    asked = {}
    for person, names in ((joan, PAGES[:2]), (harold, PAGES[:2]), (sam, PAGES[:3])):
        client.force_login(person)
        for name in names:
            with CaptureQueriesContext(connection) as queries:
                client.get(table.page(name))
            asked[person.name, name] = len(queries)
        if person != sam:
            with CaptureQueriesContext(connection) as queries:
                client.get(table.page("talk_about_bid", bid=1))
            asked[person.name, "talk_about_bid"] = len(queries)
    assert {key: count for key, count in asked.items() if count > 12} == {}
