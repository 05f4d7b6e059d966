"""Many letters at once: nobody is forgotten, nobody gets two, each has their own, by their own
way, and a crowd costs the database no more questions than a few."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Role
from applications.actions import send_application
from commissioning import actions
from commissioning.models import Agreement, Round, StageKind
from commissioning.rules import StageDays
from decisions.actions import send_letters
from ledger.models import Channel, Letter
from support.actions import arrange_gathering
from tests.conftest import Cast
from tests.factories import commissioning as make
from tests.factories import decisions as build
from tests.factories.applications import fill, make_draft_bid, make_open_round, make_organisation
from tests.letters.reading import ask_each_day
from tests.test_paper import as_

pytestmark = pytest.mark.django_db
now = timezone.now
DAY = timedelta(days=1)
WAYS = (
    {},
    {"channel": Channel.POST, "sign_in_email": None, "postal_address": "1 Lane\nLeeds"},
    {"channel": Channel.PHONE, "sign_in_email": None, "phone": "0113 496 0000"},
)


def crowd(number: int) -> list[Person]:
    """Volunteers who are written to by email, by post and by phone, in turn."""
    names = [f"Nell{place} New" for place in range(number)]
    return [
        make.make_person(name, Role.VOLUNTEER, **WAYS[place % 3])
        for place, name in enumerate(names)
    ]


def joined(cast: Cast, people: list[Person]) -> Round:
    round = make.make_round(by=cast.sam)
    make.join(round, *people, by=cast.sam)
    return round


def opening(round: Round, cast: Cast) -> None:
    before = timezone.localdate() - 4 * DAY
    make.close(make.open_to(round, StageKind.JOIN, on=before), on=before)
    round.stages.filter(kind=StageKind.TRAINING).update(opens_on=timezone.localdate())


def open_training(round: Round, cast: Cast) -> None:
    stage = round.stages.get(kind=StageKind.TRAINING)
    actions.open_stage(stage=stage, by=cast.sam, at=now())


def training(round: Round, cast: Cast) -> None:
    make.open_to(round, StageKind.TRAINING, by=cast.sam)


def close_training(round: Round, cast: Cast) -> None:
    stage = round.stages.get(kind=StageKind.TRAINING)
    actions.close_stage(stage=stage, by=cast.sam, at=make.moment(stage.closes_on, 12))


def move_days(round: Round, cast: Cast) -> None:
    learn = round.stages.get(kind=StageKind.LEARN)
    days = StageDays(learn.opens_on + 3 * DAY, learn.closes_on + 3 * DAY, learn.recovery_days)
    actions.set_stage_dates(round=round, days={"learn": days}, by=cast.sam, at=now())


def wording(round: Round, cast: Cast) -> None:
    make.open_to(round, StageKind.CRITERIA, by=cast.sam)
    make.make_criterion(make.make_draft(round), round.members.all()[0])


def put_to_vote(round: Round, cast: Cast) -> None:
    agreement = Agreement.objects.get(round=round)
    actions.put_agreement(agreement=agreement, by=round.members.all()[0].person, at=now())


def put_and_asked_in(round: Round, cast: Cast) -> None:
    wording(round, cast)
    put_to_vote(round, cast)
    make.invite(round, make.make_person("Last Comer", Role.VOLUNTEER), by=cast.sam)


def join_late(round: Round, cast: Cast) -> None:
    member = round.members.get(joined_at=None)
    actions.join_round(
        member=member, bids_wanted=5, keeps_confidence=True, by=member.person, at=now()
    )


def meet(round: Round, cast: Cast) -> None:
    arrange_gathering(
        round=round,
        kind="reading",
        starts_at=now() + timedelta(hours=2),
        place="The hall",
        by=cast.sam,
        at=now(),
    )


def leave_be(round: Round, cast: Cast) -> None:
    """Nothing comes before it."""


Step = Callable[[Round, Cast], None]


@dataclass(frozen=True)
class Batch:
    kind: str
    before: Step
    happens: Step


BATCHES = (
    Batch("stage_opened", opening, open_training),
    Batch("stage_closed", training, close_training),
    Batch("dates_changed", training, move_days),
    Batch("agreement_put", wording, put_to_vote),
    Batch("newcomers", put_and_asked_in, join_late),
    Batch("gathering_arranged", leave_be, meet),
)
FEW, MANY = 4, 12


def each_has_their_own(letters: Iterable[Letter], people: Iterable[Person]) -> None:
    letters = list(letters)
    assert Counter(letter.to for letter in letters) == Counter(people)
    for letter in letters:
        assert letter.to
        assert letter.body_text.startswith(f"Dear {letter.to.get_short_name()},")
        assert letter.channel == letter.to.channel
        lines = (letter.to.sign_in_email, letter.to.postal_address, letter.to.phone)
        assert letter.to_address == lines[list(Channel).index(Channel(letter.channel))]
        assert ("You do not need to be online." in letter.body_text) == (
            letter.channel == Channel.POST
        )


@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: batch.kind)
def test_a_note_to_all_who_take_part(batch: Batch) -> None:
    cast, asked = Cast(), {}
    for number in (FEW, MANY):
        people = crowd(number)
        round = joined(cast, people)
        batch.before(round, cast)
        round = Round.objects.get(pk=round.pk)
        with CaptureQueriesContext(connection) as queries:
            batch.happens(round, cast)
        asked[number] = len(queries)
        each_has_their_own(Letter.objects.filter(kind=batch.kind, chain=round.chain), people)
    assert asked[FEW] == asked[MANY], "each reader costs the database more"


def test_those_ticked_are_all_invited_and_no_others() -> None:
    cast, people = Cast(), crowd(7)
    round = make.make_round(by=cast.sam)
    page = reverse("invite_volunteers", args=[round.slug])
    as_(cast.sam).post(page, {"people": [one.pk for one in people[:6]]})
    each_has_their_own(Letter.objects.filter(kind="round_invitation"), people[:6])
    as_(cast.sam).post(page, {"people": [one.pk for one in people]})
    assert Letter.objects.filter(kind="round_invitation").count() == 6, "a tick for who is in it"
    as_(cast.sam).post(page, {"people": [people[6].pk]})
    each_has_their_own(Letter.objects.filter(kind="round_invitation"), people)


def test_reminders_of_a_day_come_in_one_letter_whatever_the_round() -> None:
    cast, people = Cast(), crowd(3)
    rounds = [joined(cast, people) for _twice in range(2)]
    for round in rounds:
        wording(round, cast)
        put_to_vote(round, cast)
    last = rounds[0].stages.get(kind=StageKind.CRITERIA).closes_on
    for before in range(8, -1, -1):
        for _twice in range(2):
            ask_each_day(make.moment(last - before * DAY, 9))
    letters = Letter.objects.filter(kind="tasks_due")
    each_has_their_own(letters, people * 2)  # one gentle note before, and one on the day
    for letter in letters:
        assert letter.subject == "A gentle note: some things wait for you"
        assert all(f"“{round.name}”" in letter.body_text for round in rounds)
    on_the_day = letters.filter(body_text__contains="Today is the last day for it.")
    assert {letter.body_text.count("Today is the last") for letter in on_the_day} == {2}


def test_the_receipt_of_a_bid_goes_to_all_who_act_for_the_group_each_day_it_is_sent() -> None:
    cast = Cast()
    round = make_open_round(by=cast.sam)
    group = make_organisation(cast.amina, "Tea and Talk")
    for person in (cast.rival, make.make_person("Nell New", Role.APPLICANT)):
        group.colleagues.create(person=person, added_at=now(), added_by=cast.amina)
    left = make.make_person("Gone Away", Role.APPLICANT)
    ended = {"ended_at": now(), "ended_by": cast.amina}
    group.colleagues.create(person=left, added_at=now(), added_by=cast.amina, **ended)
    bid = make_draft_bid(round, cast.amina, organisation=group)
    fill(bid)
    here = [row.person for row in group.colleagues.filter(ended_at=None)]
    for turn in (1, 2):
        send_application(application=bid, declared_true=True, by=cast.amina, at=now())
        each_has_their_own(Letter.objects.filter(kind="bid_sent"), here * turn)
        bid.refresh_from_db()


def test_letters_of_a_decision_go_to_each_who_acts_for_each_group() -> None:
    """Three groups: two people act for one, the same person for another, nobody for the third."""
    cast = Cast()
    of = build.deciding_round(cast.joan, by=cast.sam)
    for bid, people in zip(of.bids, ([cast.amina, cast.rival], [cast.amina], []), strict=True):
        for person in people:
            bid.organisation.colleagues.create(person=person, added_at=now(), added_by=cast.sam)
    build.decided(of)
    build.agreed_letters(of)
    send_letters(panel=of.panel, by=cast.sam, at=now())
    letters = Letter.objects.filter(kind="outcome_letter")
    assert Counter(row.to for row in letters) == {cast.amina: 2, cast.rival: 1, None: 1}
    for bid, number in zip(of.bids, (2, 1, 1), strict=True):
        own = [row for row in letters if bid.reference in row.body_text]
        assert len(own) == number
        assert len({row.body_text for row in own}) == 1, "word for word what the panel agreed"
        others = [other.reference for other in of.bids if other != bid]
        assert not [name for name in others for row in own if name in row.body_text]


def test_letters_to_post_are_printed_together_each_reader_on_a_page_of_their_own() -> None:
    cast, people = Cast(), crowd(9)
    round = joined(cast, people)
    meet(round, cast)
    on_paper = [one for one in people if one.channel == Channel.POST]
    page = as_(cast.sam).get(reverse("print_letters")).text
    pages = re.findall(r"<section.*?</section>", page, flags=re.DOTALL)
    told = [one for one in pages if "sit and read together" in one]
    assert len(told) == len(on_paper) == 3
    for person in on_paper:
        assert sum(f"Dear {person.get_short_name()}," in one for one in told) == 1
    assert not [one for one in people if one not in on_paper and f"Dear {one}," in page]
