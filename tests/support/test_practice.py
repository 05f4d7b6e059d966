"""The practice bid: scored like a real one, seen beside others only after, and never counted."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Member, Round
from ledger.models import Entry
from panels.models import Score, ScoreDraft, ScoreSheet
from support import actions
from support.models import PracticeSheet
from support.practice import PRACTICE, beside_others, practice_bid, what_is_missing
from support.rules import training_left
from tests.factories.commissioning import join, make_round

SLUGS = [point["slug"] for point in practice_bid()["criteria"]]
OUR_REASON = "The seeds made me think of my own brother."


def given(score: str = "3", reason: str = OUR_REASON) -> dict[str, str]:
    """A whole practice sheet as the form sends it."""
    return {
        **{f"score_{slug}": score for slug in SLUGS},
        **{f"reason_{slug}": reason for slug in SLUGS},
    }


@pytest.fixture
def round(sam: Person, joan: Person, harold: Person) -> Round:
    made: Round = make_round(by=sam)
    actions.start_training(round=made, by=sam, at=timezone.now())
    join(made, joan, harold, by=sam)
    return made


@pytest.fixture
def member(round: Round, joan: Person) -> Member:
    return Member.objects.get(round=round, person=joan)


def test_practise_then_see_practice_beside_others(
    client: Client, round: Round, member: Member
) -> None:
    """Nothing of others before one's own is sent; then dots with a table, and no names."""
    client.force_login(member.person)
    url = reverse("practise", args=[round.slug])
    others = reverse("practice_beside_others", args=[round.slug])
    assert client.get(others).headers["Location"] == url
    page = client.get(url).content.decode()
    assert "checked" not in page, "nothing is chosen beforehand"
    assert "Bridget" not in page and "silly prizes" in page
    assert client.post(url, given()).headers["Location"] == others
    beside = client.get(others).content.decode()
    assert "That is normal" in beside and beside.count('<table class="dots">') == len(SLUGS)
    for person in practice_bid()["practice"]:
        assert person["name"] not in beside
    assert client.get(url).headers["Location"] == others
    assert PRACTICE not in {topic.slug for topic in training_left(member)}


def test_what_is_not_finished_is_kept(client: Client, round: Round, member: Member) -> None:
    client.force_login(member.person)
    url = reverse("practise", args=[round.slug])
    part = {"score_need": "5", "reason_need": OUR_REASON}
    asked = client.post(url, part)
    assert asked.status_code == 422
    assert "Choose a score for “People”" in asked.content.decode()
    client.post(url, part | {"later": "1"})
    sheet = PracticeSheet.objects.get()
    assert sheet.scores == {"need": {"score": 5, "reason": OUR_REASON}}
    assert sheet.sent_at is None
    assert OUR_REASON in client.get(url).content.decode()
    assert PRACTICE in {topic.slug for topic in training_left(member)}


def test_practice_scores_never_touch_real_ones(
    client: Client, round: Round, member: Member
) -> None:
    client.force_login(member.person)
    client.post(reverse("practise", args=[round.slug]), given("4"))
    for real in (Score, ScoreDraft, ScoreSheet):
        assert not real.objects.exists()
    told = [entry for entry in Entry.objects.all() if entry.verb == "finished_training"]
    assert len(told) == 1
    assert OUR_REASON not in told[0].payload and "score" not in told[0].payload


def test_staff_reach_no_practice(client: Client, round: Round, member: Member, sam: Person) -> None:
    """A facilitator neither practises for somebody nor sees how they did."""
    client.force_login(member.person)
    client.post(reverse("practise", args=[round.slug]), given())
    client.force_login(sam)
    for name in ("practise", "practice_beside_others"):
        assert client.get(reverse(name, args=[round.slug])).status_code == 404
    pack = client.get(reverse("practice_pack", args=[round.slug])).content.decode()
    assert OUR_REASON not in pack and "Look at this after you have scored" in pack
    with pytest.raises(Refused, match="Only the volunteer scores"):
        actions.save_practice(member=member, scores={}, by=sam, at=timezone.now())


def test_two_volunteers_see_each_other_as_dots_only(
    client: Client, round: Round, member: Member, harold: Person
) -> None:
    url = reverse("practise", args=[round.slug])
    client.force_login(harold)
    client.post(url, given("0", "Harold says it is all nonsense."))
    client.force_login(member.person)
    client.post(url, given("5"))
    page = client.get(reverse("practice_beside_others", args=[round.slug])).content.decode()
    assert "Harold" not in page and "nonsense" not in page
    assert "1 person gave 0" in " ".join(page.split())


def test_on_paper_a_facilitator_notes_that_somebody_practised(
    client: Client, round: Round, member: Member, sam: Person
) -> None:
    client.force_login(sam)
    url = reverse("note_attendance_at_training", args=[round.slug, PRACTICE])
    client.post(url, {"members": [member.pk]})
    assert PRACTICE not in {topic.slug for topic in training_left(member)}
    assert not PracticeSheet.objects.exists()


def test_beside_others_counts_everybody_once() -> None:
    mine = {slug: {"score": 2, "reason": ""} for slug in SLUGS}
    other = {slug: {"score": None, "reason": "Secret words"} for slug in SLUGS}
    for point in beside_others(mine, [other]):
        assert sum(row["count"] for row in point.levels) + point.cannot == 7
        assert [row["value"] for row in point.levels if row["mine"]] == [2]
        assert all(row["reason"] != "Secret words" for row in point.said)
    cannot = beside_others(other, [])[0]
    assert not any(row["mine"] for row in cannot.levels)
    assert cannot.mine == "I cannot judge this"


def test_what_is_missing_names_each_point_without_an_answer() -> None:
    assert what_is_missing({}) == [point["title"] for point in practice_bid()["criteria"]]
    assert what_is_missing({slug: {"score": None, "reason": ""} for slug in SLUGS}) == []


def test_a_sent_practice_sheet_stays_as_it_was(member: Member) -> None:
    now = timezone.now()
    scores = {slug: {"score": 1, "reason": ""} for slug in SLUGS}
    sheet = actions.save_practice(member=member, scores=scores, by=member.person, at=now)
    actions.send_practice(sheet=sheet, by=member.person, at=now)
    with pytest.raises(Refused, match="sent your practice scores already"):
        actions.save_practice(member=member, scores={}, by=member.person, at=now)
