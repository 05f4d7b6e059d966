from datetime import timedelta

import pytest
from django.utils import timezone

from commissioning import actions, rules
from commissioning.models import Round, StageKind, Suggestion
from tests.factories import commissioning as make
from tests.factories.unguarded import unguarded

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def today():
    return timezone.localdate()


@pytest.fixture
def round(sam) -> Round:
    return make.make_round(by=sam)


def test_stage_open_says_when_it_opens_and_that_it_closed(round):
    stage = make.open_to(round, StageKind.TRAINING)
    assert rules.stage_open(round, StageKind.TRAINING, on=today())
    assert "has not opened yet" in rules.stage_open(round, "criteria", on=today()).sentence
    assert rules.stage_open(round, "join", on=today()).sentence.startswith("“Joining” closed on")
    with unguarded():
        stage.delete()
    assert "has no stage called" in rules.stage_open(round, "training", on=today()).sentence


def test_resting_from_the_day_after_the_close(round):
    make.close(make.open_to(round, StageKind.TRAINING))
    assert not rules.resting(round, on=today())
    assert rules.resting(round, on=today() + DAY)
    assert rules.resting(round, on=today() + 3 * DAY)
    assert not rules.resting(round, on=today() + 4 * DAY)


def test_is_member_needs_a_yes_that_stands(round, joan, harold, outsider):
    member = make.invite(round, harold)[0]
    make.join(round, joan)
    assert rules.is_member(round, joan)
    assert not rules.is_member(round, harold)
    assert not rules.is_member(round, outsider)
    assert not rules.is_member(make.make_round(), member.person)


def test_could_take_part_leaves_out_staff_and_those_in_the_round(round, joan, harold, sam, amina):
    make.invite(round, joan)
    assert rules.could_take_part(round) == [harold]


def test_may_join_after_sharing_began_only_for_those_the_panel_let_in(round, joan, harold, sam):
    early = make.invite(round, joan)[0]
    early.invited_at -= 2 * DAY
    make.open_to(round, StageKind.SHARING)
    assert rules.may_join(early, by=joan).sentence.startswith("Sharing out the bids has begun.")
    late = actions.invite_volunteer(
        round=round, person=harold, by=sam, at=timezone.now(), agreed=True
    )
    assert rules.may_join(late, by=harold)


def test_moves_are_to_close_what_is_open_and_then_to_open_what_follows(round, settings):
    settings.STAGE_GATES = []
    stage = make.open_to(round, StageKind.TRAINING)
    assert [(one.stage, one.what, one.due) for one in rules.moves(round, on=today())] == [
        (stage, "close", False)
    ]
    assert rules.moves(round, on=stage.closes_on)[0].due
    make.close(stage)
    [move] = rules.moves(round, on=today() + DAY)
    assert (move.stage.kind, move.what) == ("criteria", "open")
    assert "time of rest" in move.verdict.sentence


def test_moves_offer_looking_back_beside_the_report(round, settings):
    settings.STAGE_GATES = []
    make.open_to(round, StageKind.REPORT)
    round.stages.filter(kind="learn").update(opens_on=today())
    assert [(one.stage.kind, one.what) for one in rules.moves(round, on=today())] == [
        ("report", "close"),
        ("learn", "open"),
    ]


def test_after_close_says_rest_next_stage_and_new_dates(round):
    stage = make.open_to(round, StageKind.TRAINING)
    in_time = rules.after_close(stage, on=stage.closes_on)
    assert in_time.rest_until == stage.closes_on + 3 * DAY
    assert in_time.following.kind == "criteria"
    assert (in_time.moved, in_time.days_late) == ([], 0)
    late = rules.after_close(stage, on=stage.closes_on + 2 * DAY)
    assert late.days_late == 2
    assert {plan.kind for plan in late.moved} == set(list(StageKind.values)[3:])


def test_open_for_priorities_from_set_up_to_criteria(round):
    about = Suggestion.About.PRIORITIES
    for kind in ("setup", "join", "training", "criteria"):
        other = make.make_round()
        make.open_to(other, kind)
        assert rules.open_for(other, about, on=today()), kind
    make.open_to(round, StageKind.OPEN)
    assert "fixed when bids opened" in rules.open_for(round, about, on=today()).sentence


def test_problems_with_dates_speaks_in_sentences(round):
    stage = round.stages.get(kind="join")
    days = {"join": rules.StageDays(stage.closes_on, stage.opens_on, stage.recovery_days)}
    assert "“Joining” closes before it opens." in rules.problems_with_dates(round, days)


def test_in_words_writes_out_the_days(round):
    stage = round.stages.get(kind="setup")
    said = rules.may_open_stage(stage, on=stage.opens_on - DAY).sentence
    assert said == f"“Setting up” opens on {stage.opens_on:%A} {stage.opens_on.day} " + (
        f"{stage.opens_on:%B %Y}."
    )
