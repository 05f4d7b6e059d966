"""Stages never open inside a rest, and a rest is never cut short by lateness."""

import ast
import inspect
from dataclasses import replace
from datetime import date, timedelta
from itertools import cycle, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissioning import timetable
from commissioning.timetable import (
    ALONGSIDE,
    ASKS_VOLUNTEERS,
    DEFAULT_RECOVERY_DAYS,
    KINDS,
    PANELS_OWN,
    StagePlan,
    Status,
    for_panel,
    for_person,
    in_order,
    laid_out,
    longer,
    may_close,
    may_open,
    moved,
    own_last_day,
    problems,
    rest_until,
    resting,
    rests,
    rests_on,
    status,
    worth_a_look,
)

JUNE = date(2026, 6, 1)
DAY = timedelta(days=1)


def june(day: int) -> date:
    return date(2026, 6, day)


SCORING = StagePlan("scoring", june(1), june(10), 7)
SHORTLIST = StagePlan("shortlist", june(18), june(18), 3)
INTERVIEWS = StagePlan("interviews", june(22), june(24), 7)


def opened(stage: StagePlan) -> StagePlan:
    return replace(stage, opened_on=stage.opens_on)


def closed(stage: StagePlan, on: date) -> StagePlan:
    return replace(opened(stage), closed_on=on)


# ------------------------------------------------------------------------------ worked by hand


def test_the_rest_after_each_kind_of_stage():
    assert len(KINDS) == 14
    assert KINDS[0] == "setup" and KINDS[-1] == "learn"
    assert set(KINDS) - {"open"} == ASKS_VOLUNTEERS
    assert {k for k, days in DEFAULT_RECOVERY_DAYS.items() if days == 7} == {
        "scoring",
        "interviews",
        "decision",
    }
    assert DEFAULT_RECOVERY_DAYS["open"] == 0
    assert DEFAULT_RECOVERY_DAYS["training"] == 3


def test_status_day_by_day():
    stage = closed(SCORING, june(12))
    by_day = {day: status(stage, on=june(day)) for day in (1, 9, 10, 11, 12, 19, 20)}
    assert by_day == {
        1: Status.OPEN,
        9: Status.OPEN,
        10: Status.DUE_TO_CLOSE,
        11: Status.DUE_TO_CLOSE,
        12: Status.RESTING,
        19: Status.RESTING,
        20: Status.DONE,
    }
    assert status(stage, on=date(2026, 5, 31)) is Status.WAITING
    assert status(SCORING, on=june(5)) is Status.WAITING
    assert status(stage, on=june(16), rest_until=june(15)) is Status.DONE
    assert status(replace(stage, recovery_days=0), on=june(12)) is Status.DONE


def test_rest_is_counted_from_the_real_close():
    assert rest_until(SCORING) is None
    assert rest_until(closed(SCORING, june(12))) == june(19)
    assert rest_until(closed(SCORING, june(8))) == june(15)
    assert rest_until(replace(closed(SCORING, june(8)), recovery_days=0)) is None


def test_the_closing_day_is_not_yet_rest_but_nothing_opens_on_it():
    stages = [closed(SCORING, june(10)), replace(SHORTLIST, opens_on=june(10))]
    assert resting(stages, june(10)) is None
    assert resting(stages, june(11)) == stages[0]
    assert resting(stages, june(17)) == stages[0]
    assert resting(stages, june(18)) is None
    assert may_open(stages, "shortlist", june(10)) == (
        "This is a time of rest. The next stage can open on Thursday 18 June 2026."
    )


def test_without_rest_the_next_stage_opens_the_day_after():
    stages = [
        closed(StagePlan("open", june(1), june(10), 0), june(10)),
        StagePlan("eligibility", june(10), june(12), 3),
    ]
    assert may_open(stages, "eligibility", june(10)) == (
        "“Open for bids” closed today. The next stage can open on Thursday 11 June 2026."
    )
    assert may_open(stages, "eligibility", june(11)) is None


def test_of_two_rests_that_meet_the_later_end_is_given():
    report = closed(StagePlan("report", june(1), june(2), 3), june(5))
    learn = closed(StagePlan("learn", june(1), june(2), 3), june(4))
    assert resting([learn, report], june(6)) == report


def test_a_late_close_moves_the_later_dates_on():
    late = closed(SCORING, june(13))
    assert moved([late, SHORTLIST, INTERVIEWS]) == [
        late,
        replace(SHORTLIST, opens_on=june(21), closes_on=june(21)),
        replace(INTERVIEWS, opens_on=june(25), closes_on=june(27)),
    ]


def test_an_early_close_moves_nothing():
    plan = [closed(SCORING, june(5)), SHORTLIST, INTERVIEWS]
    assert moved(plan) == plan


def test_what_is_late_today_moves_dates_on_when_the_day_is_given():
    plan = [opened(SCORING), SHORTLIST]
    assert moved(plan) == plan
    assert moved(plan, on=june(12)) == [
        opened(SCORING),
        replace(SHORTLIST, opens_on=june(20), closes_on=june(20)),
    ]
    waiting = [closed(SCORING, june(10)), SHORTLIST]
    assert moved(waiting, on=june(20))[1].opens_on == june(20)


def test_looking_back_need_not_wait_for_the_report_but_keeps_out_of_its_rest():
    report = StagePlan("report", june(1), june(10), 3)
    learn = StagePlan("learn", june(5), june(8), 3)
    assert moved([report, learn]) == [report, learn]
    assert problems([report, learn]) == []
    assert may_open([opened(report), learn], "learn", june(5)) is None
    early = closed(report, june(4))
    assert moved([early, learn])[1].opens_on == june(8)
    assert problems([early, learn]) == [
        "“Looking back” opens in the days of rest after “The report”."
    ]


def test_why_a_stage_may_not_open():
    plan = [opened(SCORING), SHORTLIST]
    assert may_open(plan, "scoring", june(3)) == "“Reading and scoring” is already open."
    assert may_open(plan, "shortlist", june(18)) == "“Reading and scoring” must close first."
    done = [closed(SCORING, june(8)), SHORTLIST]
    assert may_open(done, "scoring", june(20)) == (
        "“Reading and scoring” has closed. It cannot open again."
    )
    assert may_open(done, "shortlist", june(17)) == (
        "“Choosing who to meet” opens on Thursday 18 June 2026."
    )
    assert may_open(done, "shortlist", june(18)) is None
    with pytest.raises(KeyError):
        may_open(done, "decision", june(18))


def test_why_a_stage_may_not_close():
    assert may_close([SCORING], "scoring", june(10)) == "“Reading and scoring” is not open yet."
    plan = [opened(SCORING)]
    assert may_close(plan, "scoring", june(9)) == (
        "“Reading and scoring” closes on Wednesday 10 June 2026. "
        "To close it sooner, the panel must agree."
    )
    assert may_close(plan, "scoring", june(9), agreed=True) is None
    assert may_close(plan, "scoring", june(10)) is None
    assert may_close([closed(SCORING, june(10))], "scoring", june(11)) == (
        "“Reading and scoring” has already closed."
    )


def test_problems_are_everyday_sentences():
    assert problems([SCORING, SHORTLIST, INTERVIEWS]) == []
    assert problems([replace(SCORING, closes_on=date(2026, 5, 30))]) == [
        "“Reading and scoring” closes before it opens."
    ]
    assert problems([replace(SCORING, recovery_days=2)]) == [
        "The rest after “Reading and scoring” is too short. Days planned: 2. Days agreed: 7."
    ]
    assert problems([replace(SCORING, recovery_days=2)], recovery={"scoring": 2}) == []
    assert problems([SCORING, replace(SHORTLIST, opens_on=june(12))]) == [
        "“Choosing who to meet” opens in the days of rest after “Reading and scoring”."
    ]
    assert problems([SCORING, replace(SHORTLIST, opens_on=june(9))]) == [
        "“Choosing who to meet” opens before “Reading and scoring” has closed."
    ]
    assert problems([SCORING, replace(SHORTLIST, opens_on=date(2026, 5, 20))]) == [
        "“Choosing who to meet” opens before “Reading and scoring”, but comes after it."
    ]
    assert problems([SCORING, SCORING]) == ["“Reading and scoring” is there twice."]
    assert problems([replace(SCORING, closed_on=june(10))]) == [
        "“Reading and scoring” was closed before it was opened."
    ]


def test_an_unknown_kind_or_negative_rest_is_refused():
    with pytest.raises(ValueError):
        StagePlan("party", june(1), june(2), 0)
    with pytest.raises(ValueError):
        StagePlan("setup", june(1), june(2), -1)


def test_a_sentence_can_be_put_into_another_language():
    welsh = {
        "“%(stage)s” opens on %(day)s.": "Mae “%(stage)s” yn agor ar %(day)s.",
        "Choosing who to meet": "Cyfarfod rhestr fer",
    }
    sentence = may_open([SHORTLIST], "shortlist", june(17))
    assert sentence is not None
    assert sentence.translated(lambda text: welsh[text], date.isoformat) == (
        "Mae “Cyfarfod rhestr fer” yn agor ar 2026-06-18."
    )


# ---------------------------------------------------------------------------------- properties


@st.composite
def plans(draw: st.DrawFn) -> list[StagePlan]:
    """Any plan, well made or not: stages in any order, some open, some closed, some late."""
    kinds = draw(st.lists(st.sampled_from(KINDS), unique=True, min_size=1))
    stages = []
    for kind in kinds:
        opens = JUNE + draw(st.integers(0, 90)) * DAY
        stage = StagePlan(
            kind, opens, opens + draw(st.integers(0, 20)) * DAY, draw(st.integers(0, 10))
        )
        if draw(st.booleans()):
            stage = replace(stage, opened_on=opens + draw(st.integers(-3, 9)) * DAY)
            if draw(st.booleans()):
                stage = replace(stage, closed_on=stage.opened_on + draw(st.integers(0, 30)) * DAY)
        stages.append(stage)
    return stages


days = st.integers(-10, 200).map(lambda n: JUNE + n * DAY)


@given(plans(), st.none() | days)
def test_moving_keeps_order_and_length_and_only_waits_longer(stages, on):
    after = moved(stages, on=on)
    before = {stage.kind: stage for stage in stages}
    assert [s.kind for s in after] == [k for k in KINDS if k in before]
    for stage in after:
        was = before[stage.kind]
        assert stage.closes_on - stage.opens_on == was.closes_on - was.opens_on
        assert stage.opens_on >= was.opens_on
        if was.opened_on:
            assert stage == was
    assert moved(after, on=on) == after


@given(plans(), st.none() | days)
def test_after_moving_nothing_waiting_opens_before_its_time(stages, on):
    after = moved(stages, on=on)
    for place, stage in enumerate(after):
        if stage.opened_on:
            continue
        assert on is None or stage.opens_on >= on
        for other in after[:place]:
            if other.kind in ALONGSIDE.get(stage.kind, ()):
                closes = other.closed_on or other.closes_on
                assert not closes < stage.opens_on < other.free_from or on is not None
            else:
                assert stage.opens_on >= other.free_from


@given(plans())
def test_a_moved_plan_of_waiting_stages_has_no_problem_but_too_little_rest(stages):
    waiting = [replace(s, opened_on=None, closed_on=None) for s in stages]
    assert problems(moved(waiting), recovery={}) == []


@given(plans(), days)
def test_nothing_may_open_in_a_rest(stages, on):
    if resting(stages, on):
        assert all(may_open(stages, stage.kind, on) for stage in stages)


@given(plans(), days)
def test_status_only_moves_forward(stages, on):
    order = list(Status)
    for stage in stages:
        today, tomorrow = status(stage, on=on), status(stage, on=on + DAY)
        assert order.index(today) <= order.index(tomorrow)
        assert status(stage, on=on) is not Status.DONE or resting([stage], on) is None
        if may_open(stages, stage.kind, on) is None:
            assert today is Status.WAITING


def test_a_longer_rest_of_one_person_by_hand():
    plan = [closed(SCORING, june(10)), opened(SHORTLIST), INTERVIEWS]
    own = longer(plan, 4)
    assert rests(plan) == ((june(11), june(17)),)
    assert rests(own) == ((june(11), june(21)),)
    assert rests(own, planned=True)[1:] == (
        (june(19), june(25)),
        (june(25), june(24) + 11 * DAY),
    )
    # They rest on 18 to 21 June, when the others begin: four days more at the end.
    assert own_last_day(june(18), june(24), rests=rests(plan), own=rests(own)) == june(28)
    assert own_last_day(june(22), june(24), rests=rests(plan), own=rests(own)) == june(24)
    assert own_last_day(june(18), june(24), rests=rests(plan), own=rests(plan)) == june(24)
    assert own_last_day(june(12), june(16), rests=rests(plan), own=rests(own)) == june(16)
    assert longer([StagePlan("open", june(1), june(9), 0)], 4)[0].recovery_days == 0


@given(plans(), st.integers(0, 14), days, st.integers(0, 30))
def test_nothing_is_due_in_a_longer_rest_and_no_day_is_lost(stages, more, first, length):
    own, last = longer(stages, more), first + length * DAY
    both = {"rests": rests(stages), "own": rests(own)}
    theirs = own_last_day(first, last, **both)
    assert theirs >= last
    free = sum(not rests_on(first + n * DAY, both["rests"]) for n in range(length + 1))
    span = (theirs - first).days + 1
    assert sum(not rests_on(first + n * DAY, both["own"]) for n in range(span)) >= free
    if theirs > last:
        assert not rests_on(theirs, both["own"]), "nothing falls due inside it"
    if not more:
        assert theirs == last
    for stage, longer_one in zip(stages, own, strict=True):
        mine, all_of_us = rest_until(longer_one), rest_until(stage)
        assert mine == (all_of_us + more * DAY if all_of_us else None)
        assert (stage.opens_on, stage.closes_on) == (longer_one.opens_on, longer_one.closes_on)
    for n in range(-5, 40):
        assert bool(resting(own, first + n * DAY)) == rests_on(first + n * DAY, both["own"])


@given(plans(), st.integers(0, 60))
def test_lateness_never_shortens_rest(stages, late):
    for stage in stages:
        if stage.closed_on:
            later = replace(stage, closed_on=stage.closed_on + late * DAY)
            assert later.free_from - later.closed_on == stage.free_from - stage.closed_on


def test_laid_out_is_a_plan_with_nothing_wrong_in_it():
    plan = laid_out(date(2027, 1, 4))
    assert [stage.kind for stage in plan] == list(KINDS)
    assert plan[0].opens_on == date(2027, 1, 4)
    assert problems(plan) == []
    assert all(stage.closes_on >= stage.opens_on for stage in plan)


# ------------------------------------------------------------------- weekends and public holidays

CHRISTMAS = {date(2026, 12, 25): "Christmas Day", date(2026, 12, 28): "Boxing Day (observed)"}


def december(day: int) -> date:
    return date(2026, 12, day)


def test_weekends_and_holidays_are_said_and_are_no_problem():
    shortlist = StagePlan("shortlist", december(19), december(20), 3)
    interviews = StagePlan("interviews", december(25), december(28), 2)
    plan = [shortlist, interviews]
    assert problems(plan, recovery={}) == []
    assert worth_a_look(plan, holidays=CHRISTMAS) == [
        "“Choosing who to meet” opens on Saturday 19 December 2026, at the weekend.",
        "“Choosing who to meet” closes on Sunday 20 December 2026, at the weekend.",
        "“Choosing who to meet” has no working day in it.",
        "“Meeting the organisations” opens on Friday 25 December 2026, a holiday: Christmas Day.",
        "“Meeting the organisations” closes on Monday 28 December 2026, "
        "a holiday: Boxing Day (observed).",
        "“Meeting the organisations” has no working day in it.",
    ]


def test_a_rest_of_weekend_and_holidays_alone_is_said():
    friday = StagePlan("scoring", december(14), december(24), 4)
    assert worth_a_look([friday], holidays=CHRISTMAS) == [
        "The rest after “Reading and scoring” is only weekend and holidays."
    ]
    assert worth_a_look([friday]) == []
    assert worth_a_look([replace(friday, recovery_days=5)], holidays=CHRISTMAS) == []
    assert worth_a_look([replace(friday, recovery_days=0)], holidays=CHRISTMAS) == []


def test_what_is_over_is_not_looked_at():
    weekend = StagePlan("shortlist", december(19), december(20), 3)
    assert worth_a_look([opened(weekend)]) == [
        "“Choosing who to meet” closes on Sunday 20 December 2026, at the weekend.",
        "“Choosing who to meet” has no working day in it.",
    ]
    assert worth_a_look([closed(weekend, december(20))]) == []


@given(plans(), st.dictionaries(days, st.just("A holiday"), max_size=20))
def test_what_is_worth_a_look_is_true(stages, holidays):
    said = worth_a_look(stages, holidays=holidays)
    assert len(said) == len(set(said))
    off = {d for s in stages for d in (s.opens_on, s.closes_on)}
    off = {day for day in off if day.weekday() >= 5 or day in holidays}
    assert {one.values["day"] for one in said if "day" in one.values} <= off
    wanted = {s.closes_on for s in stages if not s.closed_on} & off
    assert wanted <= {one.values.get("day") for one in said}


# ------------------------------------------------------------------ every sentence, every promise


def sentences_in(*functions):
    """The sentences that stand in the source of these functions."""
    tree = ast.parse("\n".join(map(inspect.getsource, functions)))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {ast.literal_eval(one.args[0]) for one in calls if getattr(one.func, "id", "") == "_"}


LATE_MAY = date(2026, 5, 20)
EACH_SENTENCE = [
    [replace(SCORING, closes_on=LATE_MAY)],
    [replace(SCORING, closed_on=june(10))],
    [replace(SCORING, recovery_days=2)],
    [SCORING, SCORING],
    [SCORING, replace(SHORTLIST, opens_on=june(12))],
    [SCORING, replace(SHORTLIST, opens_on=LATE_MAY)],
    [SCORING, replace(SHORTLIST, opens_on=june(9))],
]
"""A plan for each sentence that a plan can be told is wrong with it."""


def test_every_sentence_about_a_plan_can_come_up():
    said = {one.msgid for plan in EACH_SENTENCE for one in problems(plan)}
    assert said == sentences_in(timetable.problems, timetable._clash)
    assert len(said) == len(EACH_SENTENCE)
    weekend, holiday = december(19), december(25)
    plans_to_look_at = [
        StagePlan("shortlist", weekend, weekend, 1),
        StagePlan("interviews", holiday, holiday, 0),
    ]
    looked = {one.msgid for one in worth_a_look(plans_to_look_at, holidays=CHRISTMAS)}
    assert looked == sentences_in(timetable.worth_a_look)


def keeps_every_promise(stages, on, more):
    """A whole round lived day by day as early as the timetable lets it, and always late."""
    plan = in_order(stages)
    day = on
    for _turn in range(400):
        waiting = next((s for s in plan if not s.opened_on), None)
        open_now = next((s for s in plan if s.opened_on and not s.closed_on), None)
        if open_now and not may_close(plan, open_now.kind, day):
            done = replace(open_now, closed_on=day + DAY)  # a day late
            plan = [done if s.kind == done.kind else s for s in plan]
            day += DAY
        elif waiting and not may_open(plan, waiting.kind, day):
            assert not resting(plan, day), "nothing opens inside a rest"
            (begun,) = (
                replace(s, opened_on=day) for s in moved(plan, on=day) if s.kind == waiting.kind
            )
            plan = [begun if s.kind == begun.kind else s for s in moved(plan, on=day)]
            plan = [begun if s.kind == begun.kind else s for s in plan]
        elif not waiting and not open_now:
            break
        day += DAY
    own = longer(plan, more)
    for before, after in pairwise(plan):
        if before.closed_on and after.opened_on:
            kept = (after.opened_on - before.closed_on).days - 1
            beside = before.kind in ALONGSIDE.get(after.kind, ())
            assert kept >= before.recovery_days or beside, "no rest is shorter than agreed"
            assert before.opened_on < after.opened_on or beside, "the order is kept"
        if after.opened_on:
            last = own_last_day(after.opened_on, after.closes_on, rests=rests(plan), own=rests(own))
            assert not rests_on(last, rests([s for s in own if s.kind != after.kind])) or (
                last == after.closes_on and rests_on(last, rests(plan))
            ), "nothing is due to somebody who rests"
    return plan


@st.composite
def rounds(draw: st.DrawFn) -> list[StagePlan]:
    """A round that has not begun, as somebody might plan it."""
    kinds = draw(st.lists(st.sampled_from(KINDS), unique=True, min_size=2, max_size=8))
    return [
        StagePlan(
            kind,
            opens := JUNE + draw(st.integers(0, 60)) * DAY,
            opens + draw(st.integers(0, 12)) * DAY,
            draw(st.integers(0, 9)),
        )
        for kind in kinds
    ]


@given(rounds(), days, st.integers(0, 14))
@settings(deadline=None)
def test_a_round_lived_through_late_keeps_every_promise(stages, on, more):
    plan = keeps_every_promise(stages, on, more)
    assert all(stage.closed_on for stage in plan), "and it comes to its end"


# ------------------------------------------------------------------- panels at their own pace
OWN = StagePlan("scoring", june(1), june(17), 7, lot=2, lot_name="Warm homes")


def test_a_panel_has_its_own_stages_and_else_those_of_the_round():
    plan = [SCORING, SHORTLIST, OWN]
    assert for_panel(plan, 1) == for_panel(plan) == [SCORING, SHORTLIST]
    assert for_panel(plan, 2) == [OWN, SHORTLIST]
    assert for_person(plan) == for_person(plan, [1]) == [SCORING, SHORTLIST]
    assert for_person(plan, [2]) == [OWN, SHORTLIST]
    assert for_person(plan, [1, 2]) == [SCORING, OWN, SHORTLIST]
    assert str(OWN.name) == "Reading and scoring: Warm homes"
    with pytest.raises(ValueError, match="of its own"):
        StagePlan("letters", june(1), june(2), 0, lot=2)


def test_a_panel_waits_for_its_own_and_all_wait_for_every_panel():
    own = replace(SHORTLIST, lot=2, lot_name="Warm homes")
    letters = StagePlan("letters", june(24), june(28), 0)
    plan = moved([SCORING, SHORTLIST, OWN, own, letters])
    opens = {(one.kind, one.lot): one.opens_on for one in plan}
    assert opens["shortlist", 0] == june(18), "the other panel does not wait"
    assert opens["shortlist", 2] == june(25), "after 17 June and a week of rest"
    assert opens["letters", 0] == june(29), "and all wait for both"
    assert "Warm homes" in may_open([closed(SCORING, june(10)), OWN, letters], "letters", june(30))
    assert may_open([closed(SCORING, june(10)), OWN, SHORTLIST], "shortlist", june(18)) is None
    assert may_open([SCORING, closed(OWN, june(8)), own], "shortlist", june(18), lot=2) is None
    assert problems([SCORING, SHORTLIST, OWN, own], recovery={})[0].startswith("“Choosing who")


def test_somebody_on_two_panels_rests_after_each_and_is_given_the_days_back():
    plan = [closed(SCORING, june(10)), closed(OWN, june(20))]
    both = rests(for_person(plan, [1, 2]))
    assert both == ((june(11), june(17)), (june(21), june(27)))
    assert resting(for_person(plan, [1]), june(22)) is None
    assert resting(for_person(plan, [1, 2]), june(22)) == plan[1]
    ahead = {"first": june(18), "last": june(24)}
    alone = rests(for_panel(plan, 1))
    assert own_last_day(**ahead, rests=alone, own=alone) == june(24)
    assert own_last_day(**ahead, rests=alone, own=both) == date(2026, 7, 1)


def test_what_if_one_panel_closes_late():
    plan = [SCORING, SHORTLIST, opened(OWN), replace(SHORTLIST, opens_on=june(25), lot=2)]
    plan[-1] = replace(plan[-1], closes_on=june(25), lot_name="Warm homes")
    said = timetable.what_if(plan, "scoring", june(19), on=june(5), lot=2)
    assert [str(one) for one in said] == [
        "People rest from Saturday 20 June 2026 to Friday 26 June 2026.",
        "“Choosing who to meet: Warm homes” moves from Thursday 25 June 2026 "
        "to Saturday 27 June 2026.",
    ]


@st.composite
def paced(draw: st.DrawFn) -> list[StagePlan]:
    """A round that has not begun, in which one, two or three panels have days of their own."""
    plan = draw(rounds())
    kinds = {one.kind for one in plan} & PANELS_OWN
    theirs = [one for one in plan if one.kind in kinds]
    for lot in range(2, 2 + draw(st.integers(1, 3))):
        for one in theirs:
            if draw(st.integers(0, 3)):  # a panel may have some of them only
                shift, more = draw(st.integers(0, 30)), draw(st.integers(0, 9))
                plan.append(
                    replace(
                        one,
                        opens_on=one.opens_on + shift * DAY,
                        closes_on=one.closes_on + (shift + more) * DAY,
                        recovery_days=draw(st.integers(0, 9)),
                        lot=lot,
                        lot_name=f"Lot {lot}",
                    )
                )
    return plan


def lived_through(stages, on, lateness):
    """Every panel goes as early as the timetable lets it, and each close is late by its days."""
    plan, late = in_order(stages), {}
    days_late = cycle(lateness)
    for number in range(900):
        day = on + number * DAY
        for one in list(plan):
            stage = next(s for s in plan if (s.kind, s.lot) == (one.kind, one.lot))
            if stage.opened_on and not stage.closed_on:
                key = (stage.kind, stage.lot)
                if not may_close(plan, stage.kind, day, lot=stage.lot):
                    due = late.setdefault(key, day + next(days_late) * DAY)
                    if day >= due:
                        done = replace(stage, closed_on=day)
                        plan = [done if s == stage else s for s in plan]
            elif not stage.opened_on and not may_open(plan, stage.kind, day, lot=stage.lot):
                awake = for_panel(plan, stage.lot) if stage.kind in PANELS_OWN else plan
                assert not resting(awake, day), "nothing opens in a rest of those it is for"
                then = moved(plan, on=day)
                plan = [
                    replace(s, opened_on=day) if (s.kind, s.lot) == (one.kind, one.lot) else s
                    for s in then
                ]
        if all(s.closed_on for s in plan):
            break
    return plan


def keeps_every_panels_rest(stages, on, lateness, more):
    plan = lived_through(stages, on, lateness)
    lots = sorted({s.lot for s in plan} | {1})
    for lot in lots:
        for before, after in pairwise(for_panel(plan, lot)):
            if after.lot == 0 and after.kind in PANELS_OWN and before.lot:
                continue  # the round's stage does not wait for a panel's own
            kept = (after.opened_on - before.closed_on).days - 1
            beside = before.kind in ALONGSIDE.get(after.kind, ())
            assert kept >= before.recovery_days or beside, "each panel's rest is whole"
            assert before.opened_on < after.opened_on or beside, "the order is kept"
    for theirs in ([1], [2], [1, 2], lots[-2:], lots):
        own = longer(for_person(plan, theirs), more)
        for stage in for_person(plan, theirs):
            line = rests(for_panel(plan, stage.lot))
            last = own_last_day(
                stage.opened_on,
                stage.closes_on,
                rests=line,
                own=rests([*own, *for_panel(plan, stage.lot)]),
            )
            others = [s for s in own if (s.kind, s.lot) != (stage.kind, stage.lot)]
            assert not rests_on(last, rests(others)) or (
                last == stage.closes_on and rests_on(last, line)
            ), "nothing is due to somebody in a rest after any of their panels"
            assert last >= stage.closes_on
    return plan


@given(paced(), days, st.lists(st.integers(0, 9), min_size=3, max_size=8), st.integers(0, 14))
@settings(deadline=None, max_examples=30)
def test_panels_at_different_speeds_keep_every_promise(stages, on, lateness, more):
    plan = keeps_every_panels_rest(stages, on, lateness, more)
    assert all(stage.closed_on for stage in plan), "and it comes to its end"


@given(paced(), st.none() | days)
def test_moving_paced_plans_only_waits_longer_and_leaves_no_problem(stages, on):
    before = {(s.kind, s.lot): s for s in stages}
    after = moved(stages, on=on)
    assert len(after) == len(before)
    for stage in after:
        was = before[stage.kind, stage.lot]
        assert stage.closes_on - stage.opens_on == was.closes_on - was.opens_on
        assert stage.opens_on >= was.opens_on
    assert moved(after, on=on) == after
    assert problems(moved(stages), recovery={}) == []
