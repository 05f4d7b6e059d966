"""Reading and meeting together: by a rule that the panel agreed before it saw how it comes out."""

from copy import deepcopy
from fractions import Fraction

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import StageKind
from decisions.exports import tables
from decisions.reading import report_of
from panels import actions
from panels.models import CombineRule, Proposal
from panels.next_steps import next_steps
from panels.rules.proposals import combine_rule
from panels.rules.visits import visit_of
from panels.sight import look
from panels.together import Row, combined, rows_for
from tests.conftest import Once
from tests.factories.meeting import (
    agree,
    everyone_says,
    invited_round,
    move_to,
    put,
    seats_of,
    send_interview,
)
from tests.factories.panels import Reading
from tests.panels.test_proposals import aside_from

pytestmark = pytest.mark.django_db

COMBINE = Proposal.Kind.COMBINE


@pytest.fixture(scope="module")
def begun(once: Once[Reading]) -> Reading:
    return once(lambda cast: invited_round(cast.joan, cast.harold, by=cast.sam))


@pytest.fixture
def reading(begun: Reading, db: None) -> Reading:
    """Two organisations are to be met. Everybody gave each bid 3 of 5 when reading."""
    return deepcopy(begun)


def meet(reading: Reading, *values: int) -> None:
    """Everybody scores each meeting with these values, one for each bid; then the panel opens."""
    for bid, value in zip(reading.bids, values, strict=True):
        for seat in seats_of(reading.panel):
            send_interview(seat, bid, value)
    move_to(reading, StageKind.DECISION)
    agree(reading.panel, Proposal.Kind.OPEN_INTERVIEWS)
    reading.panel.refresh_from_db()


def seen_by(reading: Reading, person: Person) -> tuple[list[Row], CombineRule, str]:
    visit = visit_of(reading.panel, person)
    return rows_for(visit, look(visit), reading.bids)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (CombineRule.SAME, Fraction(7, 10)),
        (CombineRule.READING, Fraction(2, 3)),
        (CombineRule.MEETING, Fraction(11, 15)),
        (CombineRule.BESIDE, None),
    ],
)
def test_combined_as_worked_by_hand(rule: CombineRule, expected: Fraction | None) -> None:
    three_of_five, four_of_five = Fraction(3, 5), Fraction(4, 5)
    assert combined(rule, three_of_five, four_of_five) == expected
    assert combined(rule, None, four_of_five) is None, "nothing is made up for what lacks"
    assert combined(rule, three_of_five, None) is None


def test_the_rule_is_the_one_agreed_last_before_opening(reading: Reading) -> None:
    assert combine_rule(reading.panel) == CombineRule.BESIDE
    agree(reading.panel, COMBINE, data={"rule": "same"})
    everyone_says(put(reading.panel, COMBINE, data={"rule": "reading"}), "disagree")
    assert combine_rule(reading.panel) == CombineRule.SAME
    agree(reading.panel, COMBINE, data={"rule": "meeting"})
    left_open = put(reading.panel, COMBINE, data={"rule": "reading"})
    meet(reading, 4, 2)
    assert combine_rule(reading.panel) == CombineRule.MEETING
    with pytest.raises(Refused, match="before anybody saw them"):
        put(reading.panel, COMBINE, data={"rule": "same"})
    with pytest.raises(Refused, match="before anybody saw them"):
        everyone_says(left_open)


def test_the_report_says_the_rule_once_there_was_something_to_count(reading: Reading) -> None:
    def said() -> tuple[str, list[str]]:
        report = report_of(reading.round, at=timezone.now())
        [panel] = report.panels
        page = render_to_string("decisions/_report.html", {"report": report})
        sheet = next(table for table in tables(report) if panel.name in str(table.rows))
        return page, [str(row[-1]) for row in sheet.rows]

    agree(reading.panel, COMBINE, data={"rule": "reading"})
    words = str(CombineRule.READING.label)
    page, column = said()
    assert words not in page and column == [""]
    meet(reading, 4, 2)
    page, column = said()
    assert f"</span>: {words}.</li>" in page and column == [words]


def test_each_bid_stands_where_the_rule_puts_it(reading: Reading, joan: Person) -> None:
    agree(reading.panel, COMBINE, data={"rule": "meeting"})
    meet(reading, 1, 5)
    rows, rule, _sure = seen_by(reading, joan)
    first, second = reading.bids
    assert rule == CombineRule.MEETING
    assert [row.bid for row in rows] == [second, first]
    # Read: 3 of 5 is 60. Met: 100 and 20, which count twice.
    assert [row.points for row in rows] == [87, 33]
    assert rows[0].words == "Place 1: 87 out of 100."
    assert rows[0].reading.words == "Everyone’s total is 60 out of 100."


def test_bids_that_are_level_are_shown_as_level(reading: Reading, joan: Person) -> None:
    agree(reading.panel, COMBINE, data={"rule": "same"})
    meet(reading, 4, 4)
    rows, _rule, _sure = seen_by(reading, joan)
    first, second = reading.bids
    assert rows[0].words == f"Place 1, level with {second.reference}: 70 out of 100."
    assert rows[1].words == f"Place 1, level with {first.reference}: 70 out of 100."


def test_side_by_side_nothing_is_added_up(reading: Reading, joan: Person) -> None:
    meet(reading, 4, 2)
    rows, _rule, _sure = seen_by(reading, joan)
    assert [row.words for row in rows] == ["", ""]
    assert [row.bid for row in rows] == reading.bids


def test_both_together_page_waits_for_opening_and_hides_a_bid_from_who_steps_out(
    client: Client, reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    url = reverse("both_together", args=[reading.panel.pk])
    client.force_login(joan)
    assert client.get(url).status_code == 403
    agree(reading.panel, COMBINE, data={"rule": "same"})
    meet(reading, 4, 2)
    aside_from(reading, harold, bid=True)
    for person, sees in ((joan, True), (sam, True), (harold, False)):
        client.force_login(person)
        page = client.get(url).content.decode()
        assert "Both count the same." in page
        assert (reading.bids[0].reference in page) is sees
        assert ("70 out of 100" in page) is sees


def test_a_panel_is_asked_for_its_rule_until_somebody_puts_one(
    client: Client, reading: Reading, joan: Person, harold: Person, sam: Person
) -> None:
    here = reverse("put_combine_rule", args=[reading.panel.pk])
    pages = [reverse(name, args=[reading.panel.pk]) for name in ("panel_detail", "interview_list")]
    sentence, today = "Agree how reading and meeting count", timezone.localdate()

    def asked(person: Person) -> set[bool]:
        client.force_login(person)
        said = {sentence in client.get(page).content.decode() for page in pages}
        return said | {here in [step.url for step in next_steps(person, on=today)]}

    assert asked(joan) == asked(harold) == {True}
    assert asked(sam) == {False}, "nobody of the staff is to press for it"
    assert b"has not agreed yet how reading and meeting" in client.get(pages[1]).content
    proposal = put(reading.panel, COMBINE, data={"rule": "beside"})
    assert asked(joan) == asked(harold) == {False}
    actions.drop_proposal(proposal=proposal, by=proposal.put_by, at=timezone.now())
    assert asked(joan) == {True}
    everyone_says(put(reading.panel, COMBINE, data={"rule": "same"}), "disagree")
    assert asked(joan) == {False}, "it was talked about, and both stay side by side"


def test_the_last_page_before_opening_says_that_the_rule_would_be_too_late(
    client: Client, reading: Reading, joan: Person
) -> None:
    for bid in reading.bids:
        for seat in seats_of(reading.panel):
            send_interview(seat, bid, 3)
    move_to(reading, StageKind.DECISION)
    url = reverse("open_interview_scores", args=[reading.panel.pk])
    client.force_login(joan)
    assert b"Once the scores are open, it is too late." in client.get(url).content
    agree(reading.panel, COMBINE, data={"rule": "same"})
    assert b"too late" not in client.get(url).content


def test_put_combine_rule_page(client: Client, reading: Reading, joan: Person, sam: Person) -> None:
    here = reverse("put_combine_rule", args=[reading.panel.pk])
    client.force_login(sam)
    assert client.get(here).status_code == 404, "staff never say how scores count"
    client.force_login(joan)
    listed = client.get(reverse("interview_list", args=[reading.panel.pk])).content.decode()
    assert here in listed
    assert "We look at both side by side, and add nothing up." in listed
    assert client.post(here, {}).status_code == 422
    answer = client.post(here, {"rule": "reading", "words": ""})
    proposal = Proposal.objects.get(kind=COMBINE)
    assert answer.url == reverse("vote_on_proposal", args=[proposal.pk])
    page = client.get(answer.url).content.decode()
    assert "What we read counts twice as much as the meeting" in page
