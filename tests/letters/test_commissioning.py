"""Letters of a round to its volunteers: asked in, said yes, stages, votes, what was typed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Person, Role
from commissioning import actions
from commissioning.models import Agreement, Member, Round, StageKind, Suggestion
from commissioning.rules import StageDays
from tests.conftest import Cast, Once
from tests.factories import commissioning as make
from tests.letters.reading import Build, Letters, read_through

LETTERS = Letters()
now = timezone.now


def joined(cast: Cast) -> Round:
    """A round that three volunteers take part in."""
    round = make.make_round(by=cast.sam, name="Warm rooms")
    make.join(round, cast.joan, cast.harold, cast.priya, by=cast.sam)
    return round


def worded(cast: Cast) -> Agreement:
    """The same, with criteria that can be put to the vote."""
    round = joined(cast)
    make.open_to(round, StageKind.CRITERIA, by=cast.sam)
    draft = make.make_draft(round)
    make.make_criterion(draft, member(round, cast.joan))
    return draft


def voting(cast: Cast) -> Agreement:
    return actions.put_agreement(agreement=worded(cast), by=cast.joan, at=now())


def member(round: Round, person: Person) -> Member:
    return round.members.get(person=person)


def all_three(cast: Cast) -> list[Person]:
    return [cast.joan, cast.harold, cast.priya]


@LETTERS.scene(
    "Will you help to decide?",
    "It says honestly how many hours it takes. Then say yes or no. Both are fine.",
    leads=["join_round"],
    begins=joined,
)
def round_invitation(round: Round, cast: Cast) -> Person:
    nell = make.make_person("Nell New", Role.VOLUNTEER)
    actions.invite_volunteer(round=round, person=nell, by=cast.sam, at=now())
    return nell


@LETTERS.scene(
    "you said yes to Warm rooms",
    "You can change what you promised at any time. Nobody asks why.",
    leads=["my_promise"],
    hides=["carer"],
    begins=joined,
)
def round_joined(round: Round, cast: Cast) -> Person:
    return newcomer(round, cast).person


def newcomer(round: Round, cast: Cast) -> Member:
    nell = make.make_person("Nell New", Role.VOLUNTEER)
    (place,) = make.invite(round, nell, by=cast.sam)
    return actions.join_round(
        member=place,
        bids_wanted=5,
        keeps_confidence=True,
        experience=["carer"],
        by=nell,
        at=now(),
    )


@LETTERS.scene(
    "you have left Warm rooms",
    "The days away and the experience you told us about are deleted.",
    begins=joined,
)
def round_left(round: Round, cast: Cast) -> Person:
    actions.leave_round(member=member(round, cast.joan), by=cast.joan, at=now())
    return cast.joan


@LETTERS.scene(
    "Somebody new in Warm rooms",
    "They can vote once two volunteers who know them have said so.",
    leads=["confirm_newcomers"],
    begins=voting,
)
def newcomers(agreement: Agreement, cast: Cast) -> list[Person]:
    newcomer(agreement.round, cast)
    return all_three(cast)


@LETTERS.scene(
    "You take part in Warm rooms now",
    "The other volunteers have confirmed you.",
    leads=["round_welcome"],
    begins=voting,
)
def place_confirmed(agreement: Agreement, cast: Cast) -> Person:
    place = newcomer(agreement.round, cast)
    for person in (cast.joan, cast.harold):
        actions.confirm_newcomers(round=agreement.round, members=[place], by=person, at=now())
    return place.person


@LETTERS.scene(
    "“Getting ready” is open",
    "Your home page says what to do next, and how long it takes:",
    leads=["home"],
    begins=joined,
)
def stage_opened(round: Round, cast: Cast) -> list[Person]:
    before = timezone.localdate() - timedelta(days=4)
    make.close(make.open_to(round, StageKind.JOIN, on=before), on=before)
    round.stages.filter(kind=StageKind.TRAINING).update(opens_on=timezone.localdate())
    training = round.stages.get(kind=StageKind.TRAINING)
    actions.open_stage(stage=training, by=cast.sam, at=now())
    return all_three(cast)


@LETTERS.scene(
    "Have a rest now",
    "Nothing is due in that time, and we do not write to you.",
    leads=["round_timeline"],
    begins=joined,
)
def stage_closed(round: Round, cast: Cast) -> list[Person]:
    stage = make.open_to(round, StageKind.TRAINING)
    actions.close_stage(stage=stage, by=cast.sam, at=make.moment(stage.closes_on, 12))
    return all_three(cast)


@LETTERS.scene(
    "Look at the new dates for Warm rooms",
    "If the new dates do not suit you, please ring us.",
    leads=["round_timeline"],
    begins=joined,
)
def dates_changed(round: Round, cast: Cast) -> list[Person]:
    make.open_to(round, StageKind.TRAINING)
    learn = round.stages.get(kind=StageKind.LEARN)
    later = timedelta(days=3)
    days = StageDays(learn.opens_on + later, learn.closes_on + later, learn.recovery_days)
    actions.set_stage_dates(round=round, days={"learn": days}, by=cast.sam, at=now())
    return all_three(cast)


@LETTERS.scene(
    "Vote on what makes a good bid",
    "You can agree, say that you can live with it, or disagree.",
    leads=["vote_on_agreement"],
    begins=worded,
)
def agreement_put(draft: Agreement, cast: Cast) -> list[Person]:
    actions.put_agreement(agreement=draft, by=cast.joan, at=now())
    return all_three(cast)


@LETTERS.scene(
    "Check the vote we typed for you",
    "It counts once you confirm it",
    leads=["confirm_typed_vote"],
    words=["I like the second one most."],
    begins=voting,
)
def vote_typed(agreement: Agreement, cast: Cast) -> Person:
    actions.vote_on_agreement(agreement=agreement, choice="live_with", by=cast.harold, at=now())
    actions.type_vote(
        agreement=agreement,
        member=member(agreement.round, cast.joan),
        choice="agree",
        words="I like the second one most.",
        by=cast.sam,
        at=now(),
    )
    return cast.joan


@LETTERS.scene(
    "Check what we typed for you",
    "Getting ready: about 11 hours",
    leads=["confirm_typed_answer"],
    begins=joined,
)
def answer_typed(round: Round, cast: Cast) -> Person:
    make.open_to(round, StageKind.TRAINING, by=cast.sam)
    actions.type_hours(
        member=member(round, cast.joan),
        stage=StageKind.TRAINING,
        hours=Decimal(11),
        by=cast.sam,
        at=now(),
    )
    return cast.joan


# ---- The same letters, otherwise -------------------------------------------------------------
@LETTERS.scene(
    "you said yes to Warm rooms",
    "Sam Okafor typed your yes to “Warm rooms” for you. If that is wrong, please ring us.",
    leads=["my_promise"],
    begins=joined,
)
def round_joined__typed(round: Round, cast: Cast) -> Person:
    nell = make.make_person("Nell New", Role.VOLUNTEER)
    (place,) = make.invite(round, nell, by=cast.sam)
    actions.join_round(member=place, bids_wanted=5, keeps_confidence=True, by=cast.sam, at=now())
    return nell


@LETTERS.scene(
    "you said no to Warm rooms",
    "That is quite all right, and thank you for telling us.",
    begins=joined,
)
def round_left__said_no(round: Round, cast: Cast) -> Person:
    nell = make.make_person("Nell New", Role.VOLUNTEER)
    (place,) = make.invite(round, nell, by=cast.sam)
    actions.leave_round(member=place, by=cast.sam, at=now())
    return nell


@LETTERS.scene(
    "See what this means for you",
    "There is nothing for you to do today.",
    leads=["round_timeline"],
    begins=joined,
)
def stage_closed__no_rest(round: Round, cast: Cast) -> list[Person]:
    stage = make.open_to(round, StageKind.TRAINING)
    round.stages.filter(pk=stage.pk).update(recovery_days=0)
    stage.refresh_from_db()
    actions.close_stage(stage=stage, by=cast.sam, at=make.moment(stage.closes_on, 12))
    return all_three(cast)


@LETTERS.scene(
    "Vote on what to fund",
    "They grew from what you all said.",
    leads=["vote_on_agreement"],
    begins=joined,
)
def agreement_put__services(round: Round, cast: Cast) -> list[Person]:
    make.open_to(round, StageKind.SETUP, by=cast.sam)
    draft = make.make_draft(round, Suggestion.About.PRIORITIES)
    actions.add_priority(
        agreement=draft, title="Warm rooms", limit=Decimal(40_000), by=cast.joan, at=now()
    )
    actions.put_agreement(agreement=draft, by=cast.joan, at=now())
    return all_three(cast)


@pytest.fixture(scope="module")
def begun(once: Once[dict[Build, Any]]) -> dict[Build, Any]:
    return once(LETTERS.begun)


@pytest.mark.django_db
@pytest.mark.parametrize("name", LETTERS)
def test_each_letter_of_a_round(name: str, begun: dict[Build, Any]) -> None:
    read_through(LETTERS[name], begun)
