"""Meetings, the scores side by side, talking, and choosing who to meet."""

import json
from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from accounts.versions import Stale
from commissioning.models import Choice, StageKind
from commissioning.rules import may_close_stage
from ledger import clock
from ledger.models import Entry, Letter
from ledger.trail import digest
from panels import actions, meeting_gates
from panels.actions import NewScore
from panels.models import (
    Attendance,
    Meeting,
    Phase,
    Proposal,
    Score,
    ScoreSheet,
    Shortlisting,
    Void,
)
from panels.next_steps import next_steps
from tests.conftest import Once
from tests.factories.meeting import (
    choose_to_meet,
    close_all,
    everyone_says,
    move_to,
    opened_round,
    propose,
    put,
    scored_round,
    seat_of,
    seats_of,
    turn_down,
    vote,
)
from tests.factories.panels import Reading
from tests.factories.unguarded import unguarded
from tests.panels.test_proposals import aside_from

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    return once(lambda cast: opened_round(cast.joan, cast.harold, by=cast.sam))


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    """The scores are open, the shortlist stage is open, nothing is settled."""
    return deepcopy(begun)


def change(reading: Reading, person: Person, value: int | None = 5, reason: str = "I see.") -> None:
    actions.change_score_after_talk(
        seat=seat_of(reading.panel, person),
        application=reading.bids[0],
        changes={reading.criteria[0]: NewScore(value, reason)},
        by=person,
        at=timezone.now(),
    )


# ---- Meetings -------------------------------------------------------------------------------
def arrange(reading: Reading, by: Person, **facts: object) -> Meeting:
    return actions.arrange_meeting(
        **{
            "panel": reading.panel,
            "kind": "shortlist",
            "starts_at": timezone.now() + timedelta(days=2),
            "place": "Mill Hill Hall",
            "by": by,
            "at": timezone.now(),
            **facts,
        }
    )


def test_arrange_meeting_writes_to_who_takes_part(
    reading: Reading, harold: Person, sam: Person
) -> None:
    aside_from(reading, harold)
    meeting = arrange(reading, sam)
    told = Letter.objects.filter(kind="meeting_arranged")
    assert told.count() == 3
    assert not told.filter(to=harold).exists()
    assert f"/panels/meetings/{meeting.pk}/" in told[0].body_text


def test_arrange_meeting_is_refused_to_a_member(reading: Reading, joan: Person) -> None:
    with pytest.raises(Refused, match="Your role here"):
        arrange(reading, joan)


def test_arrange_meeting_in_the_past_is_refused(reading: Reading, sam: Person) -> None:
    with pytest.raises(Refused, match="still to come"):
        arrange(reading, sam, starts_at=timezone.now() - timedelta(hours=1))


def test_arrange_meeting_in_a_rest_is_refused(reading: Reading, sam: Person) -> None:
    close_all(reading, rest=7)
    with pytest.raises(Refused, match="The panel rests on"):
        arrange(reading, sam, starts_at=timezone.now() + timedelta(days=1))


def test_call_off_meeting_tells_even_those_who_rest(reading: Reading, sam: Person) -> None:
    meeting = arrange(reading, sam)
    actions.call_off_meeting(meeting=meeting, by=sam, at=timezone.now())
    letters = Letter.objects.filter(kind="meeting_called_off")
    assert {letter.when for letter in letters} == {Letter.When.ANSWER}
    with pytest.raises(Refused, match="called off already"):
        actions.call_off_meeting(meeting=meeting, by=sam, at=timezone.now())


def test_call_off_meeting_once_it_has_begun_is_refused(reading: Reading, sam: Person) -> None:
    meeting = arrange(reading, sam)
    with pytest.raises(Refused, match="has begun"):
        actions.call_off_meeting(meeting=meeting, by=sam, at=meeting.starts_at)


def test_note_attendance_the_newer_list_stands(
    reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    meeting = arrange(reading, sam)
    day = meeting.starts_at + timedelta(hours=1)
    both = [reading.member(joan), reading.member(harold)]
    actions.note_attendance(meeting=meeting, members=both, by=sam, at=day)
    actions.note_attendance(meeting=meeting, members=both[:1], by=sam, at=day)
    assert [row.member.person for row in Attendance.objects.all()] == [joan]


def test_note_attendance_before_the_day_is_refused(reading: Reading, sam: Person) -> None:
    meeting = arrange(reading, sam)
    with pytest.raises(Refused, match="on the day of the meeting"):
        actions.note_attendance(meeting=meeting, members=[], by=sam, at=timezone.now())


def test_write_minutes_is_not_a_members(reading: Reading, joan: Person, sam: Person) -> None:
    meeting = arrange(reading, sam)
    with pytest.raises(Refused, match="Your role here"):
        actions.write_minutes(meeting=meeting, minutes="Hm", by=joan, at=timezone.now())


def test_write_minutes_two_at_once_lose_nothing(
    reading: Reading, sam: Person, ruth: Person
) -> None:
    meeting = arrange(reading, sam)
    now, empty = timezone.now(), digest("")
    actions.write_minutes(meeting=meeting, minutes="Sam’s", seen=empty, by=sam, at=now)
    with pytest.raises(Stale) as told:
        actions.write_minutes(meeting=meeting, minutes="Ruth’s", seen=empty, by=ruth, at=now)
    assert told.value.theirs == {"minutes": "Sam’s"}


# ---- Changing a score after talking ---------------------------------------------------------
def test_change_score_after_talk_keeps_the_first(reading: Reading, joan: Person) -> None:
    change(reading, joan)
    sheet = ScoreSheet.objects.get(phase=Phase.TALK)
    new = sheet.scores.get()
    assert (new.value, new.replaces.value) == (5, 3)
    change(reading, joan, None, "Now I cannot say.")
    newest = Score.objects.filter(sheet__phase=Phase.TALK).latest("pk")
    assert (newest.value, newest.replaces) == (None, new)


@pytest.mark.parametrize(
    ("value", "reason", "sentence"),
    [(5, "  ", "Say in a sentence"), (6, "More", "A score is a number from 0 to 5")],
)
def test_change_score_after_talk_needs_a_reason_and_a_real_score(
    reading: Reading, joan: Person, value: int, reason: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        change(reading, joan, value, reason)


def test_change_score_after_talk_before_opening_is_refused(joan: Person, sam: Person) -> None:
    reading = scored_round(joan, by=sam)
    with pytest.raises(Refused, match="has not opened its scores"):
        change(reading, joan)
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreSheet.objects.filter(phase=Phase.READING).update(phase=Phase.TALK)


def test_change_score_after_talk_for_another_is_refused(
    reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    for somebody, sentence in ((harold, "only score for yourself"), (sam, "Your role here")):
        with pytest.raises(Refused, match=sentence):
            actions.change_score_after_talk(
                seat=seat_of(reading.panel, joan),
                application=reading.bids[0],
                changes={reading.criteria[0]: NewScore(1, "So.")},
                by=somebody,
                at=timezone.now(),
            )


def test_change_score_after_talk_standing_aside_is_refused(reading: Reading, joan: Person) -> None:
    aside_from(reading, joan, bid=True)
    with pytest.raises(Refused, match="do not stand aside"):
        change(reading, joan)


def test_change_score_after_talk_once_the_stage_closed_is_refused_here_and_in_the_database(
    reading: Reading, joan: Person
) -> None:
    close_all(reading)
    with pytest.raises(Refused, match="closed on"):
        change(reading, joan)
    first = ScoreSheet.objects.first()
    assert first is not None
    with pytest.raises(IntegrityError, match="while it is open"), transaction.atomic():
        ScoreSheet.objects.create(
            member=reading.member(joan),
            application=reading.bids[0],
            version=first.version,
            phase=Phase.TALK,
            sent_at=timezone.now(),
            sent_by=joan,
        )


def test_change_score_after_talk_of_a_bid_one_did_not_score_is_refused(
    reading: Reading, joan: Person
) -> None:
    with unguarded():
        for sheet in ScoreSheet.objects.filter(member__person=joan):
            Void.objects.create(sheet=sheet, why="late", voided_at=timezone.now(), voided_by=joan)
    with pytest.raises(Refused, match="You did not score this bid"):
        change(reading, joan)


# ---- Choosing who to meet -------------------------------------------------------------------
def test_propose_shortlisting_agreed_is_settled(reading: Reading) -> None:
    choose_to_meet(reading.panel, reading.bids[0])
    row = Shortlisting.objects.get()
    assert (row.outcome, row.reason) == ("meet", "They asked at every door.")


def test_propose_shortlisting_carries_words_for_each_criterion(reading: Reading) -> None:
    first, second = (str(criterion.pk) for criterion in reading.criteria)
    proposal = propose(
        reading.panel,
        reading.bids[0],
        "no",
        reading.criteria[0],
        by_criterion={first: " The need is plain. ", second: ""},
    )
    assert proposal.data["by_criterion"] == {first: "The need is plain."}
    everyone_says(proposal)
    assert Shortlisting.objects.get().by_criterion == {first: "The need is plain."}
    told = Entry.objects.filter(verb="put_to_panel").latest("pk").payload
    assert digest(json.dumps({first: "The need is plain."})) in told


def test_propose_shortlisting_without_more_words_is_put_as_before(reading: Reading) -> None:
    proposal = propose(reading.panel, reading.bids[0])
    assert proposal.data.keys() == {"outcome", "criterion"}
    assert "by_criterion" not in Entry.objects.filter(verb="put_to_panel").latest("pk").payload


def test_propose_shortlisting_refuses_words_for_what_is_no_criterion(reading: Reading) -> None:
    with pytest.raises(Refused, match="Choose one of the agreed questions"):
        propose(reading.panel, reading.bids[0], by_criterion={"999999": "So."})


def test_propose_shortlisting_a_later_choice_replaces_the_first(reading: Reading) -> None:
    turn_down(reading.panel, reading.bids[0])
    choose_to_meet(reading.panel, reading.bids[0])
    assert Shortlisting.objects.get(replaced_by=None).outcome == "meet"
    assert Shortlisting.objects.count() == 2


def test_propose_shortlisting_not_agreed_settles_nothing(reading: Reading) -> None:
    everyone_says(propose(reading.panel, reading.bids[0]), "disagree")
    assert not Shortlisting.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "reason", "sentence"),
    [
        ("meet", " ", "Say why"),
        ("meet", ". . .", "Say why"),
        ("no", "Too dear.", "Choose the criterion"),
        ("maybe", "Hm.", "Choose to meet them"),
    ],
)
def test_propose_shortlisting_needs_a_reason_tied_to_the_criteria(
    reading: Reading, joan: Person, outcome: str, reason: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        actions.propose_shortlisting(
            panel=reading.panel,
            application=reading.bids[0],
            outcome=outcome,
            reason=reason,
            by=joan,
            at=timezone.now(),
        )


def test_propose_shortlisting_before_opening_is_refused(joan: Person, sam: Person) -> None:
    reading = scored_round(joan, by=sam)
    with pytest.raises(Refused, match="First the panel opens its scores"):
        propose(reading.panel, reading.bids[0])


def test_propose_shortlisting_is_refused_to_staff_and_to_who_steps_out(
    reading: Reading, joan: Person, sam: Person
) -> None:
    facts = {"application": reading.bids[0], "words": "So.", "data": {"outcome": "meet"}}
    with pytest.raises(Refused, match="Your role here"):
        put(reading.panel, Proposal.Kind.SHORTLIST, sam, **facts)
    aside_from(reading, joan, bid=True)
    with pytest.raises(Refused, match="standing aside from this bid"):
        put(reading.panel, Proposal.Kind.SHORTLIST, joan, **facts)


def test_the_database_refuses_a_choice_the_panel_did_not_make(reading: Reading) -> None:
    proposal = propose(reading.panel, reading.bids[0])
    with pytest.raises(IntegrityError, match="only the panel chooses"), transaction.atomic():
        Shortlisting.objects.create(
            panel=reading.panel,
            application=reading.bids[0],
            outcome="meet",
            reason="I say so.",
            proposal=proposal,
            settled_at=timezone.now(),
        )


def test_the_shortlist_closes_only_when_every_bid_is_settled(reading: Reading) -> None:
    stage = reading.round.stages.get(kind=StageKind.SHORTLIST)
    choose_to_meet(reading.panel, reading.bids[0])
    told = may_close_stage(stage, on=stage.closes_on)
    assert reading.bids[1].reference in told.sentence
    turn_down(reading.panel, reading.bids[1])
    assert may_close_stage(stage, on=stage.closes_on)
    decision = reading.round.stages.get(kind=StageKind.DECISION)
    told = meeting_gates.gate(decision, "open", on=stage.closes_on)
    assert "At least 3 panel members" in told.sentence


# ---- Pages ----------------------------------------------------------------------------------
PAGES_WITH_SCORES = ("agenda", "shortlist_detail", "interview_list")


def test_panel_detail_for_a_member_and_for_staff(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    proposal = propose(reading.panel, reading.bids[0])
    url = reverse("panel_detail", args=[reading.panel.pk])
    client.force_login(joan)
    page = client.get(url)
    assert page.context["next"]["url"] == reverse("proposal_detail", args=[proposal.pk])
    assert b"Harold Whitaker" in page.content
    client.force_login(sam)
    page = client.get(url)
    assert page.context["next"] == {}
    assert reverse("vote_on_proposal", args=[proposal.pk]).encode() not in page.content


def test_panel_detail_leads_to_the_money_once_deciding_is_open(
    client: Client, reading: Reading, joan: Person
) -> None:
    move_to(reading, StageKind.DECISION)
    client.force_login(joan)
    page = client.get(reverse("panel_detail", args=[reading.panel.pk]))
    assert page.context["next"]["url"] == reverse("board_list", args=[reading.panel.pk])


def test_agenda_puts_what_differs_most_first(
    client: Client, reading: Reading, joan: Person
) -> None:
    change(reading, joan, 0, "Not at all.")
    change_second = reading.bids[1].reference.encode()
    client.force_login(joan)
    page = client.get(reverse("agenda", args=[reading.panel.pk]))
    assert [row.bid for row in page.context["page"]] == reading.bids
    first, second = page.context["page"]
    assert (first.range.totals, second.range.totals) == ((30, 60, 60, 60), (60, 60, 60, 60))
    assert change_second in page.content
    assert b"Totals go from 30 to 60 out of 100" in page.content


def test_agenda_shows_ties_as_ties(client: Client, reading: Reading, joan: Person) -> None:
    client.force_login(joan)
    page = client.get(reverse("agenda", args=[reading.panel.pk]))
    assert [row.level for row in page.context["page"]] == [
        [reading.bids[1].reference],
        [reading.bids[0].reference],
    ]
    assert [row.place for row in page.context["page"]] == [1, 1]


def test_agenda_comes_last_among_level_bids_to_one_that_somebody_steps_out_for(
    client: Client, reading: Reading, joan: Person, harold: Person
) -> None:
    client.force_login(joan)
    url = reverse("agenda", args=[reading.panel.pk])
    assert [row.bid for row in client.get(url).context["page"]] == reading.bids
    aside_from(reading, harold, bid=True)
    assert [row.bid for row in client.get(url).context["page"]] == reading.bids[::-1]


def test_agenda_asks_as_much_for_three_as_for_one(
    client: Client, joan: Person, sam: Person, django_assert_max_num_queries: object
) -> None:
    counts = []
    for bids in (1, 3):
        reading = opened_round(*([joan] if bids == 1 else []), by=sam, bids=bids)
        client.force_login(seats_of(reading.panel)[0].member.person)
        with django_assert_max_num_queries(12) as asked:
            client.get(reverse("agenda", args=[reading.panel.pk]))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_big_screen_is_for_staff_and_only_once_open(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    url = reverse("big_screen", args=[reading.panel.pk])
    client.force_login(joan)
    assert client.get(url).status_code == 404
    client.force_login(sam)
    page = client.get(url)
    assert reading.bids[0].title.encode() in page.content
    assert b'class="wide screen"' in page.content
    talk = reverse("talk_about_bid", args=[reading.panel.pk, reading.bids[0].pk])
    assert f'href="{talk}?screen"'.encode() in page.content


def test_big_screen_keeps_back_a_bid_while_who_steps_out_may_be_in_the_room(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    held, other = reading.bids
    url = reverse("big_screen", args=[reading.panel.pk])
    client.force_login(sam)
    assert [row.kept_back for row in client.get(url).context["page"]] == [False, False]
    aside_from(reading, joan, bid=True)
    page = client.get(url)
    first, last = page.context["page"]
    assert (first.bid, last.bid, last.kept_back) == (other, held, True)
    assert last.range is None and last.readers == 0 and first.level == []
    assert page.context["left"] == 2
    words = page.content.decode()
    assert words.count("scored it.") == 1
    assert f"{joan.name} steps out for this one." in words
    talk = reverse("talk_about_bid", args=[reading.panel.pk, held.pk])
    assert f'href="{talk}?screen">They are out of the room: show {held.reference}</a>' in words
    assert (
        "60 out of 100" in client.get(reverse("agenda", args=[reading.panel.pk])).content.decode()
    )


def test_panel_detail_offers_staff_paper_only_for_who_has_an_agenda(
    client: Client, reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    pages = ("agenda_on_paper", "board_on_paper")
    here, panel = reverse("panel_detail", args=[reading.panel.pk]), reading.panel

    def offered(person: Person) -> list[bool]:
        text = client.get(here).content.decode()
        links = [
            f"{reverse(name, args=[panel.pk])}?for={seat_of(panel, person).pk}" for name in pages
        ]
        for link in links:
            if f'href="{link}"' in text:
                assert client.get(link).status_code == 200, link
        return [f'href="{link}"' in text for link in links]

    client.force_login(sam)
    assert offered(joan) == offered(harold) == [True, True]
    sheet = ScoreSheet.objects.filter(member__person=harold).first()
    with unguarded():
        Void.objects.create(sheet=sheet, why="late", voided_at=timezone.now(), voided_by=harold)
    assert offered(harold) == [False, True]
    assert "so they have no agenda yet" in client.get(here).content.decode()
    aside_from(reading, joan)
    assert offered(joan) == [False, False]
    assert client.get(here).content.decode().count("They stand aside from all of these bids") == 1
    client.force_login(harold)
    assert "They stand aside" not in client.get(here).content.decode()


def test_agenda_on_paper_holds_what_its_own_reader_may_see(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    url, second = reverse("agenda_on_paper", args=[reading.panel.pk]), reading.bids[1]
    aside_from(reading, joan, bid=True)
    client.force_login(joan)
    own = client.get(url).content.decode()
    assert second.title in own and "What I want to say or ask:" in own
    assert own.count("Please step out while the others talk about it.") == 1
    client.force_login(sam)
    assert client.get(url).status_code == 404, "staff print it for somebody"
    theirs = client.get(url, {"for": seat_of(reading.panel, joan).pk}).content.decode()
    assert theirs.split("<main>")[1] == own.split("<main>")[1]


def test_agenda_on_paper_is_refused_to_who_still_has_scores_to_send(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    sheet = ScoreSheet.objects.filter(member__person=joan).first()
    with unguarded():
        Void.objects.create(sheet=sheet, why="late", voided_at=timezone.now(), voided_by=joan)
    client.force_login(sam)
    seat = seat_of(reading.panel, joan)
    page = client.get(reverse("agenda_on_paper", args=[reading.panel.pk]), {"for": seat.pk})
    assert page.status_code == 403 and b"scores to send" in page.content


def test_talk_about_bid_shows_ways_on_once_the_panel_was_split_twice(
    client: Client, reading: Reading, joan: Person
) -> None:
    bid = reading.bids[0]
    url = reverse("talk_about_bid", args=[reading.panel.pk, bid.pk])
    client.force_login(joan)
    for expected in (False, True):
        proposal = propose(reading.panel, bid)
        for place, seat in enumerate(seats_of(reading.panel)):
            vote(proposal, seat, Choice.AGREE if place % 2 else Choice.DISAGREE)
        proposal.refresh_from_db()
        assert proposal.outcome == Proposal.Outcome.TIE
        assert (b"You have tried twice" in client.get(url).content) is expected
    everyone_says(propose(reading.panel, bid), Choice.LIVE_WITH)
    page = client.get(url).content
    assert b"You have tried twice" not in page
    assert Shortlisting.objects.get(application=bid).outcome == Shortlisting.Outcome.MEET


def test_talk_about_bid_on_a_screen_is_large_and_leaves_out_what_staff_do(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    here = reverse("talk_about_bid", args=[reading.panel.pk, reading.bids[0].pk])
    client.force_login(sam)
    assert b"Changes on paper" in client.get(here).content
    page = client.get(f"{here}?screen").content
    assert b'class="wide screen"' in page and b"Each dot is one person" in page
    assert b"Changes on paper" not in page
    assert reverse("big_screen", args=[reading.panel.pk]).encode() in page
    client.force_login(joan)
    assert b'class="wide"' in client.get(f"{here}?screen").content


def test_talk_about_bid_shows_dots_before_and_after(
    client: Client, reading: Reading, joan: Person, django_assert_max_num_queries: object
) -> None:
    change(reading, joan, 5, "They came to my door.")
    client.force_login(joan)
    url = reverse("talk_about_bid", args=[reading.panel.pk, reading.bids[0].pk])
    with django_assert_max_num_queries(12):
        page = client.get(url)
    first, second = page.context["sections"]
    assert [row["count"] for row in first.levels] == [0, 0, 0, 3, 0, 1]
    assert [row["count"] for row in first.before] == [0, 0, 0, 4, 0, 0]
    assert second.before == ()
    assert first.levels[5]["mine"] and first.before[3]["mine"]
    assert b"They came to my door." in page.content
    assert b"I believed them." in page.content
    assert b"Joan" not in page.content, "no names beside scores"


def test_talk_about_bid_for_staff_has_nothing_to_press(
    client: Client, reading: Reading, sam: Person
) -> None:
    client.force_login(sam)
    page = client.get(reverse("talk_about_bid", args=[reading.panel.pk, reading.bids[0].pk]))
    assert page.status_code == 200
    assert b"Change it after talking" not in page.content
    assert b"Propose to meet them" not in page.content


def test_talk_about_bid_of_another_lot_is_not_there(
    client: Client, reading: Reading, joan: Person
) -> None:
    client.force_login(joan)
    url = reverse("talk_about_bid", args=[reading.panel.pk, 999])
    assert client.get(url).status_code == 404


def test_change_score_after_talk_page(client: Client, reading: Reading, joan: Person) -> None:
    client.force_login(joan)
    slug = reading.criteria[0].slug
    url = reverse("change_score_after_talk", args=[reading.panel.pk, reading.bids[0].pk, slug])
    page = client.get(url)
    assert b"3 Fair" in page.content
    assert b" checked" not in page.content
    page = client.post(url, {"reason": "They came to my door."})
    assert page.status_code == 422
    assert b"They came to my door." in page.content
    assert client.post(url, {"score": "5", "reason": "They came."}).status_code == 302
    assert Score.objects.get(sheet__phase=Phase.TALK).value == 5


def test_propose_shortlisting_page(client: Client, reading: Reading, joan: Person) -> None:
    client.force_login(joan)
    url = reverse("propose_shortlisting", args=[reading.panel.pk, reading.bids[0].pk])
    assert b" checked" not in client.get(url).content
    page = client.post(url, {"outcome": "no", "reason": "Nobody was asked."})
    assert page.status_code == 422
    assert b"Nobody was asked." in page.content
    page = client.post(url, {"outcome": "no", "reason": ".", "criterion": reading.criteria[0].pk})
    assert b"Say why, in a sentence or two." in page.content
    page = client.post(
        url, {"outcome": "no", "reason": "Nobody was asked.", "criterion": reading.criteria[0].pk}
    )
    proposal = Proposal.objects.get(kind="shortlist")
    assert page["Location"] == reverse("vote_on_proposal", args=[proposal.pk])
    page = client.post(page["Location"], {"choice": "agree"})
    assert page["Location"] == reverse(
        "talk_about_bid", args=[reading.panel.pk, reading.bids[0].pk]
    )


def test_words_for_each_criterion_are_read_before_the_vote_and_after_it(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    client.force_login(joan)
    first, second = reading.criteria
    url = reverse("propose_shortlisting", args=[reading.panel.pk, reading.bids[0].pk])
    page = client.get(url).content.decode()
    assert f"What do you want to tell them about “{second.title}”?" in page
    assert "What members wrote about this when they scored:" in page
    assert "<details open>" not in page
    typed = {f"about_{first.pk}": "The need <is> plain.", f"about_{second.pk}": ""}
    page = client.post(url, {"outcome": "no", "reason": "Nobody was asked.", **typed})
    assert page.status_code == 422
    assert b"<details open>" in page.content and b"The need &lt;is&gt; plain." in page.content
    facts = {"outcome": "no", "reason": "Nobody was asked.", "criterion": first.pk, **typed}
    client.post(url, facts)
    proposal = Proposal.objects.get(kind="shortlist")
    seat = seats_of(reading.panel)[1]
    under = f"<p><strong>{first.title}</strong><br>The need &lt;is&gt; plain.</p>"
    for name, args in (
        ("talk_about_bid", [reading.panel.pk, reading.bids[0].pk]),
        ("vote_on_proposal", [proposal.pk]),
        ("proposal_detail", [proposal.pk]),
    ):
        assert under in client.get(reverse(name, args=args)).content.decode(), name
    client.force_login(sam)
    typing = reverse("type_vote_on_proposal", args=[proposal.pk, seat.pk])
    for paper in ({}, {"paper": "1"}):
        assert under in client.get(typing, paper).content.decode()
    client.post(typing, {"choice": "agree"})
    client.force_login(seat.member.person)
    typed_vote = proposal.votes.get(seat=seat)
    page = client.get(reverse("confirm_vote", args=[typed_vote.pk]))
    assert under in page.content.decode()
    everyone_says(proposal)
    page = client.get(reverse("shortlist_detail", args=[reading.panel.pk]))
    assert under in page.content.decode()


def test_shortlist_detail_gives_reasons(client: Client, reading: Reading, joan: Person) -> None:
    choose_to_meet(reading.panel, reading.bids[0])
    client.force_login(joan)
    page = client.get(reverse("shortlist_detail", args=[reading.panel.pk]))
    assert [row["bid"] for row in page.context["meet"]] == [reading.bids[0]]
    assert [row["bid"] for row in page.context["open"]] == [reading.bids[1]]
    assert b"They asked at every door." in page.content


def test_open_scores_page_puts_it_and_agrees(client: Client, priya: Person, sam: Person) -> None:
    reading = scored_round(priya, by=sam)
    client.force_login(priya)
    url = reverse("open_scores", args=[reading.panel.pk])
    assert b" checked" not in client.get(url).content
    assert client.post(url).status_code == 422
    put = Proposal.objects.filter(panel=reading.panel)
    assert not put.exists()
    page = client.post(url, {"sure": "on"})
    proposal = put.get()
    assert page["Location"] == reverse("proposal_detail", args=[proposal.pk])
    assert proposal.votes.get().choice == "agree"
    assert client.get(url).status_code == 302, "it is on the table"
    client.force_login(sam)
    assert client.get(url).status_code == 404


def test_open_interview_scores_waits_for_its_stage(
    client: Client, reading: Reading, joan: Person
) -> None:
    client.force_login(joan)
    url = reverse("open_interview_scores", args=[reading.panel.pk])
    page = client.get(url)
    assert page.status_code == 403
    assert "has not opened yet" in page.context["sentence"]
    move_to(reading, StageKind.DECISION)
    assert client.get(url).status_code == 200
    client.post(url, {"sure": "on"})
    everyone_says(Proposal.objects.get(kind="open_interviews"))
    reading.panel.refresh_from_db()
    assert reading.panel.interviews_opened_at


def test_meeting_list_and_detail(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    meeting = arrange(reading, sam, notes="Tea from ten.")
    client.force_login(joan)
    assert (
        b"Choosing who to meet"
        in client.get(reverse("meeting_list", args=[reading.panel.pk])).content
    )
    page = client.get(reverse("meeting_detail", args=[meeting.pk]))
    assert b"Tea from ten." in page.content
    assert b"Write the minutes" not in page.content


def test_a_meeting_stays_on_the_panels_page_all_day(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    meeting = arrange(reading, sam)
    url = reverse("meeting_detail", args=[meeting.pk]).encode()
    client.force_login(joan)
    here = reverse("panel_detail", args=[reading.panel.pk])
    began = timezone.localtime(timezone.now()).replace(hour=0, minute=0, second=1)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=began)
    assert url in client.get(here).content
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=began - timedelta(days=1))
    assert url not in client.get(here).content


def test_meeting_file_is_a_calendar(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    meeting = arrange(reading, sam, place="Mill Hill Hall, the long room; up the stairs")
    client.force_login(joan)
    page = client.get(reverse("meeting_file", args=[meeting.pk]))
    assert page["Content-Type"] == "text/calendar; charset=utf-8"
    text = page.content.decode()
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert "LOCATION:Mill Hill Hall\\, the long room\\; up the stairs\r\n" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_arrange_meeting_page(client: Client, reading: Reading, sam: Person) -> None:
    client.force_login(sam)
    url = reverse("arrange_meeting", args=[reading.panel.pk])
    day = timezone.localdate() + timedelta(days=3)
    typed = {
        "kind": "shortlist",
        "day_0": day.day,
        "day_1": day.month,
        "day_2": day.year,
        "time": "2.30pm",
        "minutes_long": "90",
        "place": "Mill Hill Hall",
    }
    page = client.post(url, {**typed, "time": "tea time"})
    assert page.status_code == 422
    assert b"Mill Hill Hall" in page.content
    page = client.post(url, {**typed, "day_2": day.year - 1})
    assert page.status_code == 422
    assert b"still to come" in page.content
    client.post(url, typed)
    meeting = Meeting.objects.get()
    here = timezone.localtime(meeting.starts_at)
    assert (here.date(), here.hour, here.minute) == (day, 14, 30)


def test_call_off_meeting_note_attendance_and_write_minutes_pages(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    meeting = arrange(reading, sam)
    client.force_login(sam)
    url = reverse("note_attendance", args=[meeting.pk])
    assert client.get(url).status_code == 403
    clock.move(days=2)
    assert client.get(url).status_code == 200
    client.post(url, {"members": [reading.member(joan).pk]})
    assert Attendance.objects.get().member.person == joan
    url = reverse("write_minutes", args=[meeting.pk])
    assert client.post(url, {"minutes": " "}).status_code == 422
    client.post(url, {"minutes": "We took turns.", "seen": digest("")})
    page = client.post(url, {"minutes": "We did not.", "seen": digest("")})
    assert page.status_code == 409
    assert b"We took turns." in page.content and b"We did not." in page.content
    client.force_login(joan)
    assert b"We took turns." in client.get(reverse("meeting_detail", args=[meeting.pk])).content


def test_call_off_meeting_page_asks_first(client: Client, reading: Reading, sam: Person) -> None:
    meeting = arrange(reading, sam)
    client.force_login(sam)
    url = reverse("call_off_meeting", args=[meeting.pk])
    assert client.post(url).status_code == 422
    client.post(url, {"sure": "on"})
    meeting.refresh_from_db()
    assert meeting.called_off_by == sam


def test_meeting_list_asks_as_much_for_three_as_for_one(
    client: Client,
    reading: Reading,
    joan: Person,
    sam: Person,
    django_assert_max_num_queries: object,
) -> None:
    client.force_login(joan)
    counts = []
    for number in (1, 3):
        while Meeting.objects.count() < number:
            arrange(reading, sam)
        with django_assert_max_num_queries(12) as asked:
            client.get(reverse("meeting_list", args=[reading.panel.pk]))
        counts.append(len(asked))
    assert counts[0] == counts[1]


# ---- What comes next ------------------------------------------------------------------------
def test_next_steps_of_a_member_through_choosing(priya: Person, sam: Person) -> None:
    reading = scored_round(priya, by=sam, bids=1)
    today = timezone.localdate()

    def said() -> list[str]:
        return [step.sentence for step in next_steps(priya, on=today)]

    assert "can open its scores now" in said()[0]
    proposal = put(reading.panel, Proposal.Kind.OPEN_SCORES)
    assert "asks you 1 thing" in said()[0]
    everyone_says(proposal)
    assert said() == ["There is 1 bid to talk about and settle."]
    choose_to_meet(reading.panel, reading.bids[0])
    assert said() == []
    close_all(reading, rest=7)
    tomorrow = today + timedelta(days=1)
    assert list(next_steps(priya, on=tomorrow)) == [], "nothing is due in a rest"
    staff = [step.sentence for step in next_steps(sam, on=tomorrow)]
    assert any("has chosen who to meet" in sentence for sentence in staff)
