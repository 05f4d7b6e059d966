"""A score that changes after the talk, on paper: typed, confirmed, and the first one kept."""

from copy import deepcopy

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.around import look_around
from decisions.reading import newest, scores_given
from ledger.models import Letter
from panels import actions
from panels.actions import NewScore
from panels.meeting_steps import next_steps
from panels.models import Panel, Phase, ScoreSheet, Void
from panels.rules.visits import visit_of
from panels.sight import look
from tests.conftest import Once
from tests.factories.meeting import close_all, opened_round, scored_round, seat_of
from tests.factories.panels import Reading
from tests.panels.test_proposals import aside_from

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    return once(lambda cast: opened_round(cast.joan, cast.harold, by=cast.sam))


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    """The scores are open and the shortlist stage is open; everybody gave 3."""
    return deepcopy(begun)


def type_change(reading: Reading, of: Person, by: Person, value: int | None = 5) -> ScoreSheet:
    return actions.type_change_after_talk(
        seat=seat_of(reading.panel, of),
        application=reading.bids[0],
        changes={reading.criteria[0]: NewScore(value, "I had missed the map.")},
        by=by,
        at=timezone.now(),
    )


def confirm(sheet: ScoreSheet, by: Person) -> None:
    actions.confirm_typed_scores(sheet=sheet, by=by, at=timezone.now())


def counted(reading: Reading, person: Person) -> list[tuple[int | None, int | None]]:
    """What counts for this person on the first criterion: on the panel's page, in the report."""
    key = reading.criteria[0].pk, reading.member(person).pk
    bid = reading.bids[0].pk
    panel = Panel.objects.get(pk=reading.panel.pk)
    said = next(
        row
        for row in look(visit_of(panel, person), application=bid).said
        if (row.application, row.criterion, row.reader) == (bid, *key)
    )
    given = scores_given(reading.round)
    report = [newest(given, with_talk=talk)[bid][key] for talk in (False, True)]
    return [(said.first, said.value), (report[0], report[1])]


# ---- Typing, and who says that it is right ----------------------------------------------------
@pytest.mark.parametrize("who", ["joan", "ruth"])
def test_a_typed_change_counts_once_it_is_confirmed_and_the_first_is_kept(
    reading: Reading, joan: Person, sam: Person, who: str, request: pytest.FixtureRequest
) -> None:
    sheet = type_change(reading, joan, sam)
    assert counted(reading, joan) == [(3, 3), (3, 3)], "typed, and in no count"
    assert sheet.scores.get().replaces.value == 3
    letter = Letter.objects.get(kind="scores_typed", to=joan)
    assert "changed after the talk" in letter.body_text
    by = request.getfixturevalue(who)
    confirm(sheet, by)
    assert counted(reading, joan) == [(3, 5), (3, 5)], "both are kept, the new one counts"
    receipt = Letter.objects.get(kind="scores_receipt", key=f"scores-receipt-{sheet.pk}")
    assert "your first scores are kept" in receipt.body_text
    assert ("ring us by" in receipt.body_text) is (by != joan)
    assert "before the panel opens" not in receipt.body_text
    chain = reading.round.chain
    typed = chain.entries.get(verb="typed_change_after_talk")
    assert (typed.by, typed.data["sheet"]) == (sam, sheet.pk)
    assert "missed the map" not in typed.payload
    assert chain.entries.get(verb="typed_scores_confirmed").by == by


def test_a_change_is_never_confirmed_by_its_typist_or_somebody_else(
    reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    sheet = type_change(reading, joan, sam)
    for somebody, sentence in ((sam, "somebody else must check"), (harold, "Your role here")):
        with pytest.raises(Refused, match=sentence):
            confirm(sheet, somebody)
    for somebody in (sam, harold):
        with pytest.raises(IntegrityError), transaction.atomic():
            ScoreSheet.objects.filter(pk=sheet.pk).update(
                confirmed_at=timezone.now(), confirmed_by=somebody
            )
    assert counted(reading, joan) == [(3, 3), (3, 3)]


def test_typing_a_change_is_for_facilitators_once_the_scores_are_open(
    reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    with pytest.raises(Refused, match="Your role here"):
        type_change(reading, joan, harold)
    early = scored_round(joan, by=sam)
    with pytest.raises(Refused, match="has not opened its scores"):
        type_change(early, joan, sam)


def test_a_change_needs_its_reason(reading: Reading, joan: Person, sam: Person) -> None:
    with pytest.raises(Refused, match="Say in a sentence"):
        actions.type_change_after_talk(
            seat=seat_of(reading.panel, joan),
            application=reading.bids[0],
            changes={reading.criteria[0]: NewScore(4, " ")},
            by=sam,
            at=timezone.now(),
        )


def test_whoever_stands_aside_changes_nothing_on_paper_either(
    reading: Reading, joan: Person, sam: Person
) -> None:
    aside_from(reading, joan, bid=True)
    with pytest.raises(Refused, match="do not stand aside"):
        type_change(reading, joan, sam)


def test_one_change_waits_at_a_time_and_a_refused_one_can_be_typed_again(
    reading: Reading, joan: Person, sam: Person
) -> None:
    sheet = type_change(reading, joan, sam, value=1)
    with pytest.raises(Refused, match="waits for a yes"):
        type_change(reading, joan, sam)
    with pytest.raises(Refused, match="look at that first"):
        actions.change_score_after_talk(
            seat=seat_of(reading.panel, joan),
            application=reading.bids[0],
            changes={reading.criteria[0]: NewScore(2, "No.")},
            by=joan,
            at=timezone.now(),
        )
    actions.refuse_typed_scores(sheet=sheet, words="I said 5.", by=joan, at=timezone.now())
    assert counted(reading, joan)[0] == (3, 3)
    confirm(type_change(reading, joan, sam, value=None), joan)
    assert counted(reading, joan) == [(3, None), (3, None)]


def test_once_the_stage_closed_nothing_is_typed_or_confirmed_here_or_in_the_database(
    reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    sheet = type_change(reading, joan, sam)
    close_all(reading)
    with pytest.raises(Refused, match="closed on"):
        type_change(reading, harold, sam)
    with pytest.raises(Refused, match="closed on"):
        confirm(sheet, joan)
    with pytest.raises(IntegrityError, match="still chooses"), transaction.atomic():
        ScoreSheet.objects.filter(pk=sheet.pk).update(
            confirmed_at=timezone.now(), confirmed_by=joan
        )


# ---- "That is not what I wrote" ---------------------------------------------------------------
def test_what_staff_checked_can_be_said_to_be_wrong_until_the_stage_closes(
    client: Client, reading: Reading, joan: Person, sam: Person, ruth: Person
) -> None:
    sheet = type_change(reading, joan, sam)
    confirm(sheet, ruth)
    client.force_login(joan)
    page = client.get(reverse("talk_about_bid", args=[reading.panel.pk, reading.bids[0].pk]))
    url = reverse("object_to_typed_scores", args=[sheet.pk])
    assert url in page.text
    assert client.post(url, {"words": "I gave a 2."}).status_code == 302
    assert counted(reading, joan)[0] == (3, 3)
    assert "count again" in Letter.objects.get(kind="scores_objected").body_text


def test_what_staff_checked_stands_once_the_stage_closed_here_and_in_the_database(
    reading: Reading, joan: Person, sam: Person, ruth: Person
) -> None:
    sheet = type_change(reading, joan, sam)
    confirm(sheet, ruth)
    close_all(reading)
    with pytest.raises(Refused, match="closed on"):
        actions.object_to_typed_scores(sheet=sheet, words="No.", by=joan, at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Void.objects.create(
            sheet=sheet, why="typed_wrong", voided_at=timezone.now(), voided_by=joan
        )


def test_what_a_member_confirmed_themselves_is_not_made_void(
    reading: Reading, joan: Person, sam: Person, ruth: Person
) -> None:
    sheet = type_change(reading, joan, sam)
    confirm(sheet, joan)
    with pytest.raises(IntegrityError), transaction.atomic():
        Void.objects.create(
            sheet=sheet, why="typed_wrong", voided_at=timezone.now(), voided_by=ruth
        )


# ---- Pages ------------------------------------------------------------------------------------
def test_type_change_after_talk_page(
    client: Client, reading: Reading, joan: Person, sam: Person, ruth: Person
) -> None:
    client.force_login(sam)
    bid, panel = reading.bids[0], reading.panel
    talk = reverse("talk_about_bid", args=[panel.pk, bid.pk])
    url = reverse("type_change_after_talk", args=[panel.pk, bid.pk, seat_of(panel, joan).pk])
    assert url in client.get(talk).text
    page = client.get(url)
    assert b" checked" not in page.content
    assert "I believed them" not in page.text, "whoever types sees no score of anybody"
    first, second = reading.criteria[0].slug, reading.criteria[1].slug
    assert client.post(url, {}).status_code == 422
    alone = {f"score_{first}": "5", f"score_{second}": "same"}
    assert client.post(url, alone).status_code == 422, "a change needs its reason"
    reason = {f"score_{first}": "same", f"reason_{first}": "Because"}
    assert client.post(url, reason).status_code == 422, "a reason needs its change"
    page = client.post(url, {**alone, f"reason_{first}": "They came."})
    assert page["Location"] == talk
    sheet = ScoreSheet.objects.get(phase=Phase.TALK)
    assert [row.criterion for row in sheet.scores.all()] == [reading.criteria[0]]
    check = reverse("check_typed_scores", args=[sheet.pk])
    assert check not in client.get(talk).text, "its typist is not led to check it"
    client.force_login(ruth)
    assert check in client.get(talk).text
    assert f'href="{talk}"' in client.get(check).text
    assert client.post(check, {"right": "yes"})["Location"] == talk


def test_a_member_is_led_to_the_change_that_was_typed_for_them(
    client: Client, reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    sheet = type_change(reading, joan, sam)
    url = reverse("confirm_typed_scores", args=[sheet.pk])
    today = timezone.localdate()
    for person, theirs in ((joan, True), (harold, False)):
        steps = next_steps(person, on=today, around=look_around(person, on=today))
        assert (url in {step.url for step in steps}) is theirs
        client.force_login(person)
        talk = reverse("talk_about_bid", args=[reading.panel.pk, reading.bids[0].pk])
        assert (url in client.get(talk).text) is theirs
        assert client.get(url).status_code == (200 if theirs else 404)
