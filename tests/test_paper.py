"""docs/paper.md, walked: each act has its paper form and its typing page, and what must be
confirmed is in no count before that."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import pdf
from accounts.adapters import CONFIRMED_AT
from accounts.models import Person
from commissioning import actions as commissioning
from commissioning.hours import given_by
from commissioning.models import Agreement, Member, StageKind
from decisions.actions import begin_dots, put_letters, write_letters
from decisions.tasks import do_errands
from panels.models import Proposal, ProposalVote, ScoreSheet
from panels.rules import meeting
from support.actions import arrange_gathering, start_training
from support.models import AboutQuestion, Adjustment, FormatNeed, Gathering
from tests.conftest import Cast, Once
from tests.factories import commissioning as make
from tests.factories import decisions as deciding
from tests.factories.meeting import invited_round, opened_round, put, seat_of
from tests.factories.panels import Reading, reading_round, sharing_round
from tests.matrix import addresses

PAGE = Path(__file__).parent.parent / "docs" / "paper.md"
NAME = re.compile(r"`(\w+)(\?paper)?`")
CONFIRMED = "once confirmed: "


@dataclass(frozen=True)
class Act:
    """A row of the table: what is printed, where it is typed, and where it is confirmed."""

    words: str
    forms: tuple[tuple[str, bool], ...]
    typed: str
    counts: str

    @property
    def confirmed(self) -> str:
        found = NAME.search(self.counts)
        return found[1] if found and self.counts.startswith(CONFIRMED) else ""


def acts() -> list[Act]:
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 4 and "`" in line:
            forms = tuple((name, bool(paper)) for name, paper in NAME.findall(cells[1]))
            typed = NAME.findall(cells[2])[0][0]
            found.append(Act(cells[0].strip("| "), forms, typed, cells[3].strip(" |")))
    return found


ACTS = acts()
OF_APPLICANTS = {"type_bid", "type_complaint"}
THEY = re.compile(r"\b(they|them|their)\b", re.IGNORECASE)
CONFIRMING = {
    "type_vote",
    "type_scores",
    "type_change_after_talk",
    "type_vote_on_proposal",
    "type_interview_scores",
    "type_signature",
    "type_promise",
    "type_hours",
}
"""What counts only once it is confirmed: scores, votes, signatures, offers and hours."""


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    session = client.session
    session[CONFIRMED_AT] = time.time()
    session.save()
    return client


# ---- The table itself -----------------------------------------------------------------------
def test_the_table_names_every_page_where_something_is_typed_for_people() -> None:
    ours = {name for name, _route in addresses()}
    named = {name for act in ACTS for name, _paper in act.forms} | {act.typed for act in ACTS}
    assert len(ACTS) >= 20
    assert named <= ours
    assert {name for name in ours if name.startswith("type_")} <= named | OF_APPLICANTS
    said = set(NAME.findall(PAGE.read_text("utf-8")))
    assert {name for name, _paper in said} <= ours, "and no address that is not there"


def test_scores_votes_signatures_offers_and_hours_are_those_that_wait() -> None:
    assert {act.typed for act in ACTS if act.confirmed} == CONFIRMING


# ---- Five scenes, in which each row of the table is tried ------------------------------------
@dataclass
class Scene:
    """Where each address of the table leads in one round."""

    sam: Person
    at: dict[str, tuple[str | int, ...]]


def joining(cast: Cast) -> Scene:
    round = make.make_round(by=cast.sam)
    member = make.invite(round, cast.joan)[0]
    make.open_to(round, StageKind.JOIN)
    here = round.slug
    return Scene(
        cast.sam,
        {"joining_paper": (here,), "type_enquiry": (here,), "type_yes": (here, member.pk)},
    )


def agreeing(cast: Cast) -> Scene:
    agreement = put_to_vote(cast)
    here = agreement.round.slug
    start_training(round=agreement.round, by=cast.sam, at=timezone.now())
    member = agreement.round.members.get(person=cast.joan)
    return Scene(
        cast.sam,
        {
            "training_pack": (here,),
            "practice_pack": (here,),
            "note_attendance_at_training": (here, "fair-minds"),
            "type_what_helps": (here, member.pk),
            "type_suggestion": (here, "criteria"),
            "type_vote": (here, agreement.pk),
        },
    )


def put_to_vote(cast: Cast) -> Agreement:
    round = make.make_round(by=cast.sam)
    members = make.join(round, cast.joan, cast.harold, cast.priya)
    make.open_to(round, StageKind.CRITERIA)
    draft = make.make_draft(round)
    make.make_criterion(draft, members[0])
    at = timezone.now()
    return commissioning.put_agreement(agreement=draft, by=cast.joan, at=at)


def declaring(cast: Cast) -> Scene:
    reading = sharing_round(cast.joan, bids=2, by=cast.sam)
    member = reading.member(cast.joan).pk
    return Scene(cast.sam, {"type_declaration": (member, reading.lot.pk)})


def scoring(cast: Cast) -> Scene:
    reading = reading_round(cast.joan, by=cast.sam)
    member, here = reading.member(cast.joan), reading.round.slug
    given = reading.assignments(cast.joan)[0].pk
    gathering = sit_together(reading)
    AboutQuestion.objects.create(
        programme=reading.round.programme,
        slug="pet",
        text="A pet?",
        options=["Yes", "No"],
        shares=[None] * 2,
    )
    one = (here, member.pk)
    return Scene(
        cast.sam,
        {
            "conduct_paper": (here,),
            "member_care": one,
            "print_about_us": (here,),
            "answer_about_us": (here,),
            "type_share_reply": (member.pk,),
            "type_hand_back": (given,),
            "reading_pack": (member.pk,),
            "reading_pack_pdf": (member.pk,),
            "type_scores": (given,),
            "type_gathering_reply": (here, gathering.pk),
            "type_promise": one,
            "type_hours": (*one, "scoring"),
            "type_expense": (here,),
            "look_paper": (here, "before"),
            "type_look": (*one, "before"),
            "lesson_paper": (here,),
            "write_lesson": (here,),
        },
    )


def sit_together(reading: Reading) -> Gathering:
    at = timezone.now()
    return arrange_gathering(
        round=reading.round,
        kind=Gathering.Kind.READING,
        starts_at=at + timedelta(hours=2),
        place="The library",
        by=reading.by,
        at=at,
    )


def meeting_up(cast: Cast) -> Scene:
    reading = invited_round(cast.joan, cast.harold, by=cast.sam)
    seat = seat_of(reading.panel, cast.joan)
    proposal = put(reading.panel, Proposal.Kind.OTHER, words="Tea?")
    panel = reading.panel.pk
    return Scene(
        cast.sam,
        {
            "type_vote_on_proposal": (proposal.pk, seat.pk),
            "interview_paper": (panel,),
            "type_interview_scores": (panel, reading.bids[0].pk, seat.pk),
        },
    )


def talking(cast: Cast) -> Scene:
    reading = opened_round(cast.joan, cast.harold, by=cast.sam)
    seat = seat_of(reading.panel, cast.joan)
    return Scene(
        cast.sam,
        {"type_change_after_talk": (reading.panel.pk, reading.bids[0].pk, seat.pk)},
    )


def signing(cast: Cast) -> Scene:
    facts = deciding.deciding_round(cast.joan, cast.harold, cast.priya, by=cast.sam)
    seat, panel = facts.seat(cast.joan), facts.panel
    begin_dots(panel=panel, by=facts.by, at=timezone.now())
    return Scene(
        cast.sam,
        {
            "type_dots": (panel.pk, seat.pk),
            "type_signature": (deciding.put(facts).pk, seat.pk),
        },
    )


def telling(cast: Cast) -> Scene:
    facts = deciding.deciding_round(cast.joan, cast.harold, cast.priya, by=cast.sam)
    deciding.decided(facts)
    write_letters(panel=facts.panel, by=cast.sam, at=timezone.now())
    proposal = put_letters(panel=facts.panel, by=cast.sam, at=timezone.now())
    return Scene(cast.sam, {"letters_on_paper": (proposal.pk, facts.seat(cast.joan).pk)})


SCENES: tuple[Callable[[Cast], Scene], ...] = (
    joining,
    agreeing,
    declaring,
    scoring,
    talking,
    meeting_up,
    signing,
    telling,
)


@pytest.fixture(scope="module")
def scenes(once: Once[list[Scene]]) -> list[Scene]:
    return once(lambda cast: [scene(cast) for scene in SCENES])


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.typed)
def test_each_form_prints_and_each_typing_page_is_there(act: Act, scenes: list[Scene]) -> None:
    at = {name: where for scene in scenes for name, where in scene.at.items()}
    client = as_(scenes[0].sam)
    for name, paper in act.forms:
        printed(client, reverse(name, args=at[name]), paper=paper)
    page = client.get(reverse(act.typed, args=at[act.typed]))
    assert page.status_code == 200
    assert "<form" in page.text
    if (act.typed, True) in act.forms:
        assert 'href="?paper=1"' in page.text, "no way from the page to the form"


def printed(client: Client, url: str, *, paper: bool) -> None:
    """A form for a pen, or a PDF."""
    if url.endswith(".pdf") and not pdf.available():
        return
    page = client.get(url, {"paper": "1"} if paper else {})
    if url.endswith("/forms/"):  # each has its own code, so they are made, and then printed
        page = client.post(url, {"number": "2"})
    if page.status_code == 302:  # a pack of several bids: a worker makes it
        here = client.post(page.headers["Location"]).headers["Location"]
        assert do_errands() == 1
        page = client.get(f"{here}packs/")
    assert page.status_code == 200, url
    if url.endswith(".pdf"):
        assert (
            b"".join(page).startswith(b"%PDF-") if page.streaming else page.content[:5] == b"%PDF-"
        )
        return
    text = page.text
    assert "css/print.css" in text, url
    assert "Ring " in text, f"{url}: whom to ring"
    assert not re.search(r"<(input|textarea|select)\b", text), (
        f"{url}: for a pen, nothing to type in"
    )
    if paper:
        assert "Signed:" in text and "Your name:" in text, url
        asked = re.findall(r"<h2>(.*?)</h2>|</span>(.*?)</p>", text)
        wrong = [words for words in map("".join, asked) if THEY.search(words)]
        assert wrong == [], f"{url}: speaks of whoever holds the pen as somebody else"


# ---- What must be confirmed is in no count before --------------------------------------------
@dataclass
class Typed:
    """Something typed for Joan: where, what, how it is counted, and where it is confirmed."""

    url: str
    data: dict[str, str | int]
    counted: Callable[[], int]
    waiting: Callable[[], int]
    """The row that waits."""


def criteria_vote(cast: Cast) -> Typed:
    agreement = put_to_vote(cast)
    member = agreement.round.members.get(person=cast.joan)
    return Typed(
        reverse("type_vote", args=[agreement.round.slug, agreement.pk]),
        {"member": member.pk, "choice": "agree"},
        agreement.votes.count,
        lambda: agreement.typed_votes.get().pk,
    )


def reading_scores(cast: Cast) -> Typed:
    reading = reading_round(cast.joan, by=cast.sam)
    data: dict[str, str | int] = {"why": "She wrote that she liked it."}
    for row in reading.criteria:
        data |= {f"score_{row.slug}": "2", f"reason_{row.slug}": "On paper"}
    sheets = ScoreSheet.objects.filter(member=reading.member(cast.joan))
    return Typed(
        reverse("type_scores", args=[reading.assignments(cast.joan)[0].pk]),
        data,
        sheets.counting().count,
        lambda: sheets.get().pk,
    )


def change_after_talk(cast: Cast) -> Typed:
    reading = opened_round(cast.joan, cast.harold, by=cast.sam)
    seat, bid = seat_of(reading.panel, cast.joan), reading.bids[0]
    slug = reading.criteria[0].slug
    sheets = ScoreSheet.objects.filter(phase="talk")
    return Typed(
        reverse("type_change_after_talk", args=[reading.panel.pk, bid.pk, seat.pk]),
        {f"score_{slug}": "5", f"reason_{slug}": "I had missed the map."},
        sheets.counting().count,
        lambda: sheets.get().pk,
    )


def meeting_vote(cast: Cast) -> Typed:
    reading = invited_round(cast.joan, cast.harold, by=cast.sam)
    proposal = put(reading.panel, Proposal.Kind.OTHER, words="Tea?")
    return Typed(
        reverse("type_vote_on_proposal", args=[proposal.pk, seat_of(reading.panel, cast.joan).pk]),
        {"choice": "agree", "words": "On the phone"},
        lambda: ProposalVote.objects.counting().filter(proposal=proposal).count(),
        lambda: proposal.votes.get().pk,
    )


def interview_scores(cast: Cast) -> Typed:
    reading = invited_round(cast.joan, cast.harold, by=cast.sam)
    seat = seat_of(reading.panel, cast.joan)
    data: dict[str, str | int] = {}
    for question in meeting.open_questions(reading.panel):
        data |= {f"score_{question.pk}": "4", f"reason_{question.pk}": "They told us."}
    typed = ScoreSheet.objects.filter(phase="interview")
    return Typed(
        reverse("type_interview_scores", args=[reading.panel.pk, reading.bids[0].pk, seat.pk]),
        data,
        typed.counting().count,
        lambda: typed.get().pk,
    )


def offer(cast: Cast) -> Typed:
    reading = sharing_round(cast.joan, bids=2, by=cast.sam)
    member = reading.member(cast.joan)
    data: dict[str, str | int] = {"bids_wanted": 9, f"lot_{reading.lot.pk}": "rather-not"}
    return Typed(
        reverse("type_promise", args=[reading.round.slug, member.pk]),
        data,
        member.lot_wishes.count,
        lambda: member.typed_answers.get().pk,
    )


def hours_given(cast: Cast) -> Typed:
    reading = reading_round(cast.joan, by=cast.sam)
    member = reading.member(cast.joan)
    return Typed(
        reverse("type_hours", args=[reading.round.slug, member.pk, "scoring"]),
        {"hours": "7"},
        lambda: len(given_by([member])[member.pk].by_stage),
        lambda: member.typed_answers.get().pk,
    )


def signature(cast: Cast) -> Typed:
    facts = deciding.deciding_round(cast.joan, cast.harold, cast.priya, by=cast.sam)
    decision = deciding.put(facts)
    return Typed(
        reverse("type_signature", args=[decision.pk, facts.seat(cast.joan).pk]),
        {"choice": "agree", "sure": "on"},
        lambda: decision.signatures.exclude(confirmed_at=None, typed_by__isnull=False).count(),
        lambda: decision.signatures.get().pk,
    )


TYPED = {
    "type_vote": criteria_vote,
    "type_scores": reading_scores,
    "type_change_after_talk": change_after_talk,
    "type_vote_on_proposal": meeting_vote,
    "type_interview_scores": interview_scores,
    "type_signature": signature,
    "type_promise": offer,
    "type_hours": hours_given,
}


@pytest.mark.django_db
@pytest.mark.parametrize("act", [act for act in ACTS if act.confirmed], ids=lambda act: act.typed)
def test_what_is_typed_counts_only_once_a_second_person_confirms(act: Act) -> None:
    cast = Cast()
    found = TYPED[act.typed](cast)
    typist, second = as_(cast.sam), as_(cast.ruth)
    assert typist.post(found.url, found.data).status_code == 302
    assert found.counted() == 0, "typed, and in no count"
    here = reverse(act.confirmed, args=[found.waiting()])
    assert typist.post(here, {"right": "yes", "sure": "on"}).status_code in (403, 404)
    assert found.counted() == 0, "never confirmed by whoever typed it"
    if act.typed != "type_vote_on_proposal":  # there, one button beside what was typed
        assert second.post(here, {}).status_code == 422, "nothing is chosen beforehand"
    assert second.post(here, {"right": "yes", "sure": "on"}).status_code == 302
    assert found.counted() == 1


# ---- What would help, and the topics, for somebody without email -----------------------------
@pytest.mark.django_db
def test_what_helps_is_typed_with_both_names_and_is_for_facilitators_only() -> None:
    cast = Cast()
    found = agreeing(cast)
    here = reverse("type_what_helps", args=found.at["type_what_helps"])
    member = Member.objects.get(pk=found.at["type_what_helps"][1])
    assert as_(cast.joan).get(here).status_code == 404
    client = as_(cast.sam)
    assert client.post(here, {"formats": "made-up"}).status_code == 422
    assert not Adjustment.objects.exists()
    asked = {"asked": "Bigger print, please.", "formats": "largeprint"}
    assert client.post(here, asked).status_code == 302
    row = Adjustment.objects.get()
    assert (row.member, row.asked, row.asked_by) == (member, "Bigger print, please.", cast.sam)
    assert [need.format for need in FormatNeed.objects.all()] == ["largeprint"]
    client.post(here, {"asked": "", "formats": "largeprint"})
    assert Adjustment.objects.count() == 1, "nothing said, nothing kept"


@pytest.mark.django_db
def test_the_training_pack_holds_every_page_and_question_and_its_answers_last() -> None:
    found = agreeing(Cast())
    page = as_(found.sam).get(reverse("training_pack", args=found.at["training_pack"]))
    text = unescape(page.text)
    topics = Member.objects.first().round.training_topics.filter(required=True)
    assert len(topics) >= 7
    last = text.index("The last sheet")
    for topic in topics:
        assert all(page["heading"] in text for page in topic.pages)
        for question in topic.questions:
            assert text.index(question["text"]) < last < text.index(question["because"])
