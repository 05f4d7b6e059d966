from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Person, Role, RoleHolding
from accounts.permissions import Refused, Verdict
from commissioning import actions, rules, timetable
from commissioning.models import (
    Agreement,
    AgreementVote,
    Choice,
    Member,
    Round,
    StageKind,
    Suggestion,
    TypedVote,
)
from commissioning.rules import StageDays
from ledger.models import Entry, Letter
from tests.factories import commissioning as make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = timezone.now
PRIORITIES, CRITERIA = Suggestion.About.PRIORITIES, Suggestion.About.CRITERIA


def refusal(call, **kwargs) -> str:
    with pytest.raises(Refused) as refused:
        call(**kwargs)
    return str(refused.value)


def verbs(round: Round) -> list[str]:
    return list(Entry.objects.filter(chain=round.chain).values_list("verb", flat=True))


def letters(kind: str) -> list[str]:
    return list(Letter.objects.filter(kind=kind).values_list("to_name", flat=True))


@pytest.fixture
def round(sam) -> Round:
    return make.make_round(by=sam)


@pytest.fixture
def members(round, joan, harold, priya) -> list[Member]:
    return make.join(round, joan, harold, priya)


# ---- set_up_round ----------------------------------------------------------------------------
def test_set_up_round_lays_out_every_stage_with_its_rest_and_its_own_trail(round):
    assert [stage.kind for stage in round.stages.all()] == list(timetable.KINDS)
    assert round.chain.key == f"round:{round.slug}"
    assert verbs(round) == ["set_up_round"]
    assert [s.recovery_days for s in round.stages.all()] == list(
        timetable.DEFAULT_RECOVERY_DAYS.values()
    )
    assert timetable.problems(rules.plans(round)) == []


def test_set_up_round_begins_on_the_first_day(sam):
    day = timezone.localdate() + 20 * DAY
    assert make.make_round(by=sam, first_day=day).stages.first().opens_on == day


def test_set_up_round_gives_each_round_an_address_of_its_own(sam):
    long = "A very long name for a round of asking that goes on and on and on"
    one, two = make.make_round(by=sam, name=long), make.make_round(by=sam, name=long)
    assert two.slug == f"{one.slug}-2"
    assert len(two.chain.key) <= 60


def test_set_up_round_is_refused_to_a_volunteer(joan):
    said = refusal(make.make_round, by=joan)
    assert said == "Your role here does not include this."


# ---- change_round ----------------------------------------------------------------------------
def test_change_round_changes_words_and_money(round, sam):
    actions.change_round(
        round=round, about="For lonely people", envelope=Decimal(5), by=sam, at=NOW()
    )
    round.refresh_from_db()
    assert (round.about, round.envelope) == ("For lonely people", Decimal(5))
    assert verbs(round)[-1] == "changed_round"


def test_change_round_leaves_no_entry_when_nothing_changed(round, sam):
    actions.change_round(round=round, name=round.name, by=sam, at=NOW())
    assert verbs(round) == ["set_up_round"]


def test_change_round_keeps_the_money_once_bids_have_opened(round, sam):
    make.open_to(round, StageKind.OPEN)
    said = refusal(actions.change_round, round=round, envelope=Decimal(9), by=sam, at=NOW())
    assert said.startswith("Money, lots and the funder’s rules were fixed when bids opened.")
    actions.change_round(round=round, about="Better words", by=sam, at=NOW())


def test_change_round_keeps_the_money_above_the_lots(round, sam):
    make.make_lot(round, limit=40_000)
    said = refusal(actions.change_round, round=round, envelope=Decimal(39_999), by=sam, at=NOW())
    assert said == "The lots come to £1.00 more than the money there is."


def test_change_round_knows_no_other_field(round, sam):
    with pytest.raises(TypeError):
        actions.change_round(round=round, frozen_at=None, by=sam, at=NOW())


# ---- rules and lots --------------------------------------------------------------------------
def test_add_funder_rule_change_and_remove(round, sam):
    rule = actions.add_funder_rule(round=round, text="For Leeds", by=sam, at=NOW())
    actions.change_funder_rule(rule=rule, text="It is for Leeds.", by=sam, at=NOW())
    actions.remove_funder_rule(rule=rule, by=sam, at=NOW())
    assert verbs(round)[1:] == ["added_funder_rule", "changed_funder_rule", "removed_funder_rule"]
    assert not round.funder_rules.exists()


def test_change_funder_rule_says_whether_a_bid_can_break_it_until_bids_open(round, sam):
    rule = actions.add_funder_rule(round=round, text="New groups may bid.", by=sam, at=NOW())
    assert round.funder_rules.breakable().get() == rule
    for _again in range(2):
        actions.change_funder_rule(rule=rule, text=rule.text, only_tells=True, by=sam, at=NOW())
    actions.change_funder_rule(rule=rule, text="New groups are welcome.", by=sam, at=NOW())
    assert verbs(round)[1:] == ["added_funder_rule", "changed_funder_rule", "changed_funder_rule"]
    assert not round.funder_rules.breakable().exists()
    make.open_to(round, StageKind.OPEN)
    with pytest.raises(IntegrityError, match="fixed once bids have opened"), transaction.atomic():
        round.funder_rules.update(only_tells=False)


def test_add_funder_rule_is_refused_once_bids_have_opened(round, sam):
    make.open_to(round, StageKind.OPEN)
    assert "fixed when bids opened" in refusal(
        actions.add_funder_rule, round=Round.objects.get(), text="Late", by=sam, at=NOW()
    )


def test_set_rule_limits_until_bids_open(round, sam):
    rule = actions.add_funder_rule(round=round, text="Up to £10,000.", by=sam, at=NOW())
    given = {"rule": rule, "looks_for": "amount", "by": sam, "at": NOW()}
    for _again in range(2):
        actions.set_rule_limits(**given, limits={"most": "10000.00"})
    assert verbs(round)[1:] == ["added_funder_rule", "set_rule_limits"]
    rule.refresh_from_db()
    assert (rule.looks_for, rule.limits) == ("amount", {"most": "10000.00"})
    said = refusal(actions.set_rule_limits, **given, limits={})
    assert said == "Type the least or the most a bid may ask for."
    make.open_to(round, StageKind.OPEN)
    rule = round.funder_rules.get()
    said = refusal(actions.set_rule_limits, **given | {"rule": rule}, limits={"most": "20000.00"})
    assert "fixed when bids opened" in said
    with pytest.raises(IntegrityError, match="fixed once bids have opened"), transaction.atomic():
        round.funder_rules.update(limits={"most": "20000.00"})


def test_set_rule_limits_is_for_those_who_set_up(round, sam, joan):
    rule = actions.add_funder_rule(round=round, text="One bid each.", by=sam, at=NOW())
    said = refusal(
        actions.set_rule_limits, rule=rule, looks_for="once", limits={}, by=joan, at=NOW()
    )
    assert said == "Your role here does not include this."


def test_remove_funder_rule_keeps_one_that_an_objection_cites(round, members, sam):
    rule = actions.add_funder_rule(round=round, text="For Leeds", by=sam, at=NOW())
    actions.object_to_agreement(
        agreement=make.make_draft(round), funder_rule=rule, text="It is not.", by=sam, at=NOW()
    )
    assert refusal(actions.remove_funder_rule, rule=rule, by=sam, at=NOW()) == (
        "Somebody has already referred to this rule. It must stay."
    )


def test_add_lot_stays_within_the_money(round, sam):
    make.make_lot(round, limit=60_000)
    said = refusal(
        actions.add_lot, round=round, name="At home", limit=Decimal("40000.50"), by=sam, at=NOW()
    )
    assert said == "The lots come to £0.50 more than the money there is."


def test_add_lot_refuses_a_second_one_of_the_same_name(round, sam):
    make.make_lot(round, "At home", 10)
    assert "this name already" in refusal(
        actions.add_lot, round=round, name="At home", limit=Decimal(1), by=sam, at=NOW()
    )


def test_change_lot_and_remove_lot(round, sam):
    lot = make.make_lot(round)
    actions.change_lot(lot=lot, limit=Decimal(70_000), by=sam, at=NOW())
    assert round.lots.get().limit == 70_000
    assert "more than the money" in refusal(
        actions.change_lot, lot=lot, limit=Decimal(100_001), by=sam, at=NOW()
    )
    actions.remove_lot(lot=lot, by=sam, at=NOW())
    assert not round.lots.exists()


def test_change_lot_is_refused_once_bids_have_opened(round, sam):
    make.open_to(round, StageKind.OPEN)
    lot = round.lots.get()
    assert "fixed when bids opened" in refusal(
        actions.change_lot, lot=lot, limit=Decimal(1), by=sam, at=NOW()
    )


# ---- dates -----------------------------------------------------------------------------------
def _days(round: Round, kind: str) -> StageDays:
    stage = round.stages.get(kind=kind)
    return StageDays(stage.opens_on, stage.closes_on, stage.recovery_days)


def _later(days: StageDays, by: int, rest: int = 0) -> StageDays:
    return StageDays(days.opens_on + by * DAY, days.closes_on + by * DAY, days.recovery_days + rest)


def test_set_stage_dates_moves_a_stage(round, sam):
    wanted = _later(_days(round, "learn"), 3)
    changed = actions.set_stage_dates(round=round, days={"learn": wanted}, by=sam, at=NOW())
    assert [stage.kind for stage in changed] == ["learn"]
    assert _days(round, "learn") == wanted
    assert verbs(round)[-1] == "set_stage_dates"


def test_set_stage_dates_leaves_no_entry_when_nothing_changed(round, sam):
    days = {"learn": _days(round, "learn")}
    assert actions.set_stage_dates(round=round, days=days, by=sam, at=NOW()) == []
    assert verbs(round) == ["set_up_round"]


def test_set_stage_dates_refuses_a_stage_inside_a_rest(round, sam):
    days = {"criteria": _later(_days(round, "criteria"), -1)}
    assert refusal(actions.set_stage_dates, round=round, days=days, by=sam, at=NOW()) == (
        "“Agreeing the criteria” opens in the days of rest after “Getting ready”."
    )


def test_set_stage_dates_shortens_no_rest_unless_the_panel_agreed(round, sam):
    days = {"scoring": _later(_days(round, "scoring"), 0, rest=-1)}
    assert refusal(actions.set_stage_dates, round=round, days=days, by=sam, at=NOW()) == (
        "The rest after “Reading and scoring” is agreed. To make it shorter, the panel must agree."
    )
    actions.set_stage_dates(round=round, days=days, by=sam, at=NOW(), agreed=True)
    assert round.stages.get(kind="scoring").recovery_days == 6


def test_set_stage_dates_brings_no_open_stage_to_a_sooner_close(round, sam):
    make.open_to(round, StageKind.TRAINING)
    days = _days(round, "training")
    sooner = {"training": StageDays(days.opens_on, days.opens_on, days.recovery_days)}
    assert refusal(actions.set_stage_dates, round=round, days=sooner, by=sam, at=NOW()) == (
        "“Getting ready” is open. To close it sooner, the panel must agree."
    )


def test_set_stage_dates_leaves_closed_stages_alone(round, sam):
    make.open_to(round, StageKind.TRAINING)
    days = {"join": _later(_days(round, "join"), 1)}
    assert refusal(actions.set_stage_dates, round=round, days=days, by=sam, at=NOW()) == (
        "“Joining” has closed. Its days cannot change."
    )


def test_set_stage_dates_writes_to_members_after_their_rest(round, members, sam):
    make.close(make.open_to(round, StageKind.TRAINING))
    tomorrow = NOW() + DAY
    days = {"learn": _later(_days(round, "learn"), 3)}
    actions.set_stage_dates(round=round, days=days, by=sam, at=tomorrow)
    rest_ends = timezone.localdate() + 3 * DAY
    sent = Letter.objects.filter(kind="dates_changed").select_related("sending")
    assert len(sent) == 3
    assert {letter.when for letter in sent} == {Letter.When.NOTICE}
    assert {timezone.localdate(one.sending.not_before) for one in sent} == {rest_ends + DAY}


def test_close_stage_late_tells_once_after_the_rest_what_moved(round, members, sam):
    stage = make.open_to(round, StageKind.TRAINING)
    at = make.moment(stage.closes_on + 5 * DAY, 16)
    actions.close_stage(stage=stage, by=sam, at=at)
    sent = Letter.objects.filter(kind="dates_changed").select_related("sending")
    assert len(sent) == 3
    first_day = stage.closes_on + (5 + 3 + 1) * DAY
    assert {timezone.localdate(one.sending.not_before) for one in sent} == {first_day}
    criteria = round.stages.get(kind="criteria")
    assert criteria.opens_on == first_day
    assert f"Agreeing the criteria: {first_day:%A} {first_day.day} {first_day:%B}" in (
        sent[0].body_text
    )


def test_close_stage_in_time_moves_nothing_and_tells_of_no_dates(round, members, sam):
    stage = make.open_to(round, StageKind.TRAINING)
    actions.close_stage(stage=stage, by=sam, at=make.moment(stage.closes_on, 16))
    assert letters("dates_changed") == []


def test_set_stage_dates_writes_nothing_before_anything_opened(round, members, sam):
    days = {"learn": _later(_days(round, "learn"), 3)}
    actions.set_stage_dates(round=round, days=days, by=sam, at=NOW())
    assert letters("dates_changed") == []


# ---- open and close --------------------------------------------------------------------------
def test_open_stage_opens_the_first(round, sam):
    stage = actions.open_stage(stage=round.stages.get(kind="setup"), by=sam, at=NOW())
    assert stage.opened_by == sam
    assert verbs(round)[-1] == "opened_stage"


def test_open_stage_waits_for_the_one_before(round, sam):
    assert (
        refusal(actions.open_stage, stage=round.stages.get(kind="join"), by=sam, at=NOW())
        == "“Setting up” must close first."
    )


def test_open_stage_is_really_blocked_by_rest(round, sam):
    stage = make.open_to(round, StageKind.TRAINING)
    make.close(stage)
    criteria = round.stages.get(kind="criteria")
    free = timezone.localdate() + 4 * DAY
    for days in range(4):
        said = refusal(actions.open_stage, stage=criteria, by=sam, at=NOW() + days * DAY)
        assert said.startswith("This is a time of rest. The next stage can open on")
    round.stages.filter(kind="criteria").update(opens_on=free)
    actions.open_stage(stage=criteria, by=sam, at=make.moment(free))


def test_open_stage_opened_late_keeps_its_length_and_moves_the_later_ones(round, sam):
    setup = round.stages.get(kind="setup")
    length = setup.closes_on - setup.opens_on
    after = round.stages.get(kind="learn").opens_on
    actions.open_stage(stage=setup, by=sam, at=NOW() + 5 * DAY)
    setup.refresh_from_db()
    assert setup.closes_on - timezone.localdate(setup.opened_at) == length
    assert round.stages.get(kind="learn").opens_on == after + 5 * DAY


def test_open_stage_tells_everyone_what_it_means(round, members, sam):
    make.close(
        make.open_to(round, StageKind.JOIN, on=timezone.localdate() - 4 * DAY),
        on=timezone.localdate() - 4 * DAY,
    )
    round.stages.filter(kind="training").update(opens_on=timezone.localdate())
    actions.open_stage(stage=round.stages.get(kind="training"), by=sam, at=NOW())
    letter = Letter.objects.filter(kind="stage_opened").first()
    assert sorted(letters("stage_opened")) == sorted(str(one) for one in members)
    assert "Short topics help you get ready." in letter.body_text
    assert letter.when == Letter.When.NOTICE


@pytest.fixture
def nearly_open(round, sam, settings) -> Round:
    """A round whose criteria stage closed; bids may open today. No other app is asked."""
    settings.STAGE_GATES = []
    then = timezone.localdate() - 4 * DAY
    make.close(make.open_to(round, StageKind.CRITERIA, on=then), on=then)
    round.stages.filter(kind="open").update(opens_on=timezone.localdate())
    return round


def test_open_stage_for_bids_needs_agreed_criteria_and_lots_within_the_money(nearly_open, sam):
    bids = nearly_open.stages.get(kind="open")
    given = {"stage": bids, "by": sam, "at": NOW()}
    assert refusal(actions.open_stage, **given) == (
        "Bids can open once the volunteers have agreed the criteria."
    )
    make.agree_criteria(nearly_open)
    assert refusal(actions.open_stage, **given) == "Bids can open once there is at least one lot."
    make.make_lot(nearly_open)
    nearly_open.lots.update(limit=Decimal(100_001))
    assert refusal(actions.open_stage, **given) == (
        "The lots come to more than the money there is. Put that right first."
    )
    nearly_open.lots.update(limit=Decimal(100_000))
    actions.open_stage(**given)
    nearly_open.refresh_from_db()
    assert nearly_open.frozen_by == sam


def shut(stage, move, *, on) -> Verdict:
    return Verdict.no(f"{stage.kind} {move}")


def test_open_stage_and_close_stage_ask_every_app(round, sam, settings):
    settings.STAGE_GATES = [f"{__name__}.shut"]
    stage = round.stages.get(kind="setup")
    assert refusal(actions.open_stage, stage=stage, by=sam, at=NOW()) == "setup open"
    open_stage = make.open_to(round, StageKind.TRAINING)
    at = make.moment(open_stage.closes_on)
    assert refusal(actions.close_stage, stage=open_stage, by=sam, at=at) == "training close"


def test_open_stage_is_refused_to_volunteers(round, joan):
    assert "does not include" in refusal(
        actions.open_stage, stage=round.stages.first(), by=joan, at=NOW()
    )


def test_close_stage_sooner_needs_the_panel(round, sam):
    stage = make.open_to(round, StageKind.TRAINING)
    said = refusal(actions.close_stage, stage=stage, by=sam, at=NOW())
    assert said.endswith("To close it sooner, the panel must agree.")
    closed = actions.close_stage(stage=stage, by=sam, at=NOW(), agreed=True)
    assert closed.closed_by == sam


def test_close_stage_late_moves_later_dates_on_and_keeps_the_rest(round, sam):
    stage = make.open_to(round, StageKind.TRAINING)
    late = stage.closes_on + 6 * DAY
    before = {one.kind: one.opens_on for one in round.stages.all()}
    actions.close_stage(stage=stage, by=sam, at=make.moment(late, 12))
    after = {one.kind: one.opens_on for one in round.stages.all()}
    assert after["criteria"] == late + 4 * DAY
    assert {after[kind] - before[kind] for kind in ("criteria", "open", "learn")} == {6 * DAY}
    assert after["join"] == before["join"]
    entry = Entry.objects.get(verb="closed_stage")
    assert entry.data["days_late"] == 6
    assert "criteria" in entry.data["moved"]


def test_close_stage_in_time_moves_nothing(round, sam):
    stage = make.open_to(round, StageKind.TRAINING)
    before = {one.kind: one.opens_on for one in round.stages.all()}
    actions.close_stage(stage=stage, by=sam, at=make.moment(stage.closes_on, 12))
    assert {one.kind: one.opens_on for one in round.stages.all()} == before


def test_close_stage_sends_one_letter_that_may_go_on_the_closing_day(round, members, sam):
    stage = make.open_to(round, StageKind.TRAINING)
    actions.close_stage(stage=stage, by=sam, at=make.moment(stage.closes_on, 12))
    sent = list(Letter.objects.filter(kind="stage_closed"))
    assert sorted(one.to_name for one in sent) == sorted(str(one) for one in members)
    assert {one.when for one in sent} == {Letter.When.ANSWER}
    assert "It is time to rest, until" in sent[0].body_text
    assert "Then comes “Agreeing the criteria”." in sent[0].body_text


def test_close_stage_criteria_waits_until_they_are_agreed(round, sam):
    stage = make.open_to(round, StageKind.CRITERIA)
    assert (
        refusal(actions.close_stage, stage=stage, by=sam, at=make.moment(stage.closes_on))
        == "The volunteers have not agreed the criteria yet. This stage stays open until then."
    )


# ---- invite_volunteer ------------------------------------------------------------------------
def test_invite_volunteer_makes_a_place_and_a_letter(round, joan, sam):
    member = actions.invite_volunteer(round=round, person=joan, by=sam, at=NOW())
    letter = Letter.objects.get(kind="round_invitation")
    assert member.joined_at is None
    assert letter.to == joan
    assert letter.when == Letter.When.ANSWER
    assert f"/rounds/{round.slug}/join/" in letter.body_text


def test_invite_volunteer_invites_volunteers_only(round, amina, sam):
    assert refusal(actions.invite_volunteer, round=round, person=amina, by=sam, at=NOW()) == (
        "Only a volunteer can be invited into a round."
    )


def test_invite_volunteer_refuses_whoever_was_staff_in_the_rounds_life(round, joan, sam):
    RoleHolding.objects.filter(person=joan).update(ended_at=NOW(), ended_by=sam)
    RoleHolding.objects.create(
        person=joan,
        role=Role.FACILITATOR,
        began_at=NOW(),
        began_by=sam,
        ended_at=NOW() + DAY,
        ended_by=sam,
    )
    RoleHolding.objects.create(person=joan, role=Role.VOLUNTEER, began_at=NOW(), began_by=sam)
    joan = Person.objects.get(pk=joan.pk)
    assert refusal(actions.invite_volunteer, round=round, person=joan, by=sam, at=NOW()) == (
        "This person has been staff since the round began. They cannot take part in it."
    )


def test_invite_volunteer_refuses_a_superuser(round, joan, sam):
    joan.is_superuser = True
    joan.save()
    assert "has been staff" in refusal(
        actions.invite_volunteer, round=round, person=joan, by=sam, at=NOW()
    )


def test_invite_volunteer_after_sharing_began_needs_the_panel(round, members, sam):
    late = make.make_volunteers(1)[0]
    make.open_to(round, StageKind.SHARING)
    said = refusal(actions.invite_volunteer, round=round, person=late, by=sam, at=NOW())
    assert said == "Sharing out the bids has begun. To add a person now, the panel must agree."


def test_invite_volunteer_once_only(round, joan, sam):
    make.invite(round, joan)
    assert refusal(actions.invite_volunteer, round=round, person=joan, by=sam, at=NOW()) == (
        "This person has been invited already."
    )


def test_invite_volunteer_is_refused_to_volunteers(round, joan, harold):
    assert "does not include" in refusal(
        actions.invite_volunteer, round=round, person=harold, by=joan, at=NOW()
    )


# ---- join, promise, leave --------------------------------------------------------------------
def test_join_round_keeps_the_promise_and_its_honest_hours(round, joan):
    member = make.invite(round, joan)[0]
    actions.join_round(
        member=member,
        bids_wanted=8,
        keeps_confidence=True,
        experience=["carer"],
        by=joan,
        at=NOW(),
    )
    member.refresh_from_db()
    assert member.joined_by == joan
    assert (member.bids_wanted, member.experience) == (8, ["carer"])
    assert member.hours_low == Decimal("28.7")
    assert member.hours_high > member.hours_low
    assert letters("round_joined") == ["Joan Ibbotson"]
    entry = Entry.objects.get(verb="joined_round")
    assert "carer" not in entry.payload


@pytest.mark.parametrize("bids", [1, 20])
def test_join_round_takes_2_to_19_bids(round, joan, bids):
    member = make.invite(round, joan)[0]
    assert (
        refusal(
            actions.join_round,
            member=member,
            bids_wanted=bids,
            keeps_confidence=True,
            by=joan,
            at=NOW(),
        )
        == "Choose a number of bids from 2 to 19."
    )


def test_join_round_needs_the_agreement_on_confidence(round, joan):
    member = make.invite(round, joan)[0]
    said = refusal(
        actions.join_round, member=member, bids_wanted=5, keeps_confidence=False, by=joan, at=NOW()
    )
    assert said == "To take part, please agree to keep the bids to yourself."


def test_join_round_is_said_by_oneself_or_typed_by_a_facilitator(round, joan, harold, sam):
    member = make.invite(round, joan)[0]
    given = {"member": member, "bids_wanted": 5, "keeps_confidence": True, "at": NOW()}
    assert refusal(actions.join_round, by=harold, **given) == "Only you can say yes for yourself."
    actions.join_round(by=sam, **given)
    assert "Sam Okafor typed your yes" in Letter.objects.get(kind="round_joined").body_text


def test_join_round_only_once(round, members, joan):
    assert (
        refusal(
            actions.join_round,
            member=members[0],
            bids_wanted=5,
            keeps_confidence=True,
            by=joan,
            at=NOW(),
        )
        == "You have said yes already."
    )


def test_change_promise_at_any_time_by_oneself(round, members, joan, harold, sam):
    make.open_to(round, StageKind.SCORING)
    actions.change_promise(member=members[0], bids_wanted=2, days_away="May", by=joan, at=NOW())
    members[0].refresh_from_db()
    assert (members[0].bids_wanted, members[0].days_away) == (2, "May")
    assert members[0].hours_low == Decimal("23.7")
    for other in (harold, sam):
        assert (
            refusal(actions.change_promise, member=members[0], bids_wanted=3, by=other, at=NOW())
            == "Only you can change what you promised."
        )


def test_leave_round_ends_the_place_and_lets_go_of_what_was_offered(round, members, joan):
    actions.change_promise(member=members[0], experience=["lonely"], by=joan, at=NOW())
    actions.leave_round(member=members[0], by=joan, at=NOW())
    members[0].refresh_from_db()
    assert members[0].ended_by == joan
    assert members[0].experience == []
    assert verbs(round)[-1] == "left_round"
    assert letters("round_left") == ["Joan Ibbotson"]


def test_leave_round_says_no_to_an_invitation(round, joan):
    member = make.invite(round, joan)[0]
    actions.leave_round(member=member, by=joan, at=NOW())
    assert verbs(round)[-1] == "said_no_to_round"


def test_leave_round_by_a_facilitator_only_until_sharing_begins(round, members, sam):
    actions.leave_round(member=members[0], by=sam, at=NOW())
    make.open_to(round, StageKind.SHARING)
    member = Member.objects.get(pk=members[1].pk)
    assert refusal(actions.leave_round, member=member, by=sam, at=NOW()).endswith(
        "the panel must agree."
    )
    assert "does not include" in refusal(
        actions.leave_round, member=members[2], by=members[1].person, at=NOW(), agreed=True
    )


# ---- suggest ---------------------------------------------------------------------------------
def test_suggest_keeps_own_words(round, members, joan):
    make.open_to(round, StageKind.CRITERIA)
    row = actions.suggest(round=round, about=CRITERIA, text="Do they know us?", by=joan, at=NOW())
    assert (row.member, row.typed_by) == (members[0], None)
    assert "Do they know us?" not in Entry.objects.get(verb="suggested").payload


def test_suggest_typed_for_a_member_names_both(round, members, sam):
    make.open_to(round, StageKind.CRITERIA)
    row = actions.suggest(
        round=round, about=CRITERIA, text="A lift home", member=members[1], by=sam, at=NOW()
    )
    assert (row.member, row.typed_by) == (members[1], sam)


def test_suggest_is_refused_to_facilitators_in_their_own_name(round, members, sam):
    make.open_to(round, StageKind.CRITERIA)
    assert refusal(actions.suggest, round=round, about=CRITERIA, text="x", by=sam, at=NOW()) == (
        "You are not taking part in this round."
    )


def test_suggest_for_another_is_refused_to_volunteers(round, members, joan):
    make.open_to(round, StageKind.CRITERIA)
    assert (
        refusal(
            actions.suggest,
            round=round,
            about=CRITERIA,
            text="x",
            member=members[1],
            by=joan,
            at=NOW(),
        )
        == "Only people taking part in this round can make a suggestion."
    )


def test_suggest_waits_for_its_stage_and_for_rest(round, members, joan):
    stage = make.open_to(round, StageKind.TRAINING)
    assert "has not opened yet" in refusal(
        actions.suggest, round=round, about=CRITERIA, text="x", by=joan, at=NOW()
    )
    actions.suggest(round=round, about=PRIORITIES, text="x", by=joan, at=NOW())
    make.close(stage)
    assert refusal(
        actions.suggest, round=round, about=PRIORITIES, text="x", by=joan, at=NOW() + DAY
    ).startswith("This is a time of rest")


# ---- wording ---------------------------------------------------------------------------------
@pytest.fixture
def draft(round, members, sam) -> Agreement:
    make.open_to(round, StageKind.CRITERIA)
    return actions.start_agreement(round=round, about=CRITERIA, by=sam, at=NOW())


def _criterion(draft: Agreement, by: Person, **fields):
    given = {"title": "The need is real", "question": "Is it needed?", **fields}
    return actions.word_criterion(agreement=draft, by=by, at=NOW(), **given)


def test_start_agreement_only_one_at_a_time(round, draft, joan):
    assert (
        refusal(actions.start_agreement, round=round, about=CRITERIA, by=joan, at=NOW())
        == "There is already one being worked on. Finish that one first."
    )


def test_start_agreement_of_a_later_version_copies_it_and_needs_a_reason(round, members, joan):
    make.open_to(round, StageKind.CRITERIA)
    first = make.agree_criteria(round, members[0])
    assert (
        refusal(actions.start_agreement, round=round, about=CRITERIA, by=joan, at=NOW())
        == "Say why a new version is needed."
    )
    second = actions.start_agreement(
        round=round, about=CRITERIA, reason="We forgot rest", by=joan, at=NOW()
    )
    assert second.version == 2
    assert [row.title for row in second.criteria.all()] == [
        row.title for row in first.criteria.all()
    ]
    assert second.criteria.first().levels.count() == 6
    assert first.criteria.count() == 2


def test_word_criterion_keeps_where_it_came_from(round, members, draft, joan):
    said = actions.suggest(round=round, about=CRITERIA, text="Is it real?", by=joan, at=NOW())
    row = _criterion(draft, joan, weight=3, suggestions=[said])
    assert (row.slug, row.weight, row.worded_by) == ("the-need-is-real", 3, members[0])
    assert list(row.suggestions.all()) == [said]
    again = _criterion(draft, members[1].person, criterion=row, title="Needed here")
    assert (again.pk, again.title, again.worded_by) == (row.pk, "Needed here", members[1])


def test_word_criterion_is_refused_to_facilitators(draft, sam):
    assert refusal(_criterion, draft=draft, by=sam) == (
        "Only volunteers of this round choose the words."
    )


def test_write_level_words_wants_all_six(draft, joan):
    row = _criterion(draft, joan)
    some = {level: words for level, words in make.LEVELS.items() if level < 5}
    assert (
        refusal(actions.write_level_words, criterion=row, words=some, by=joan, at=NOW())
        == "Write a word and a sentence for each score from 0 to 5."
    )
    actions.write_level_words(criterion=row, words=make.LEVELS, by=joan, at=NOW())
    actions.write_level_words(criterion=row, words=make.LEVELS, by=joan, at=NOW())
    assert row.levels.count() == 6


def test_add_must_have_and_drop_what_is_in_the_draft(draft, joan):
    must = actions.add_must_have(agreement=draft, text="A bank account", by=joan, at=NOW())
    row = _criterion(draft, joan)
    actions.write_level_words(criterion=row, words=make.LEVELS, by=joan, at=NOW())
    actions.drop_must_have(must_have=must, by=joan, at=NOW())
    actions.drop_criterion(criterion=row, by=joan, at=NOW())
    assert not draft.must_haves.exists()
    assert not draft.criteria.exists()


def test_put_agreement_needs_words_for_every_score(draft, joan):
    assert refusal(actions.put_agreement, agreement=draft, by=joan, at=NOW()) == (
        "Word at least one criterion."
    )
    row = _criterion(draft, joan)
    assert refusal(actions.put_agreement, agreement=draft, by=joan, at=NOW()) == (
        "Write what each score from 0 to 5 means for “The need is real”."
    )
    actions.write_level_words(criterion=row, words=make.LEVELS, by=joan, at=NOW())
    actions.put_agreement(agreement=draft, by=joan, at=NOW())
    assert len(letters("agreement_put")) == 3


def test_put_agreement_fixes_the_words(draft, joan, sam):
    row = _criterion(draft, joan)
    actions.write_level_words(criterion=row, words=make.LEVELS, by=joan, at=NOW())
    assert "volunteers" in refusal(actions.put_agreement, agreement=draft, by=sam, at=NOW())
    actions.put_agreement(agreement=draft, by=joan, at=NOW())
    fixed = "This has been put to the vote. Its words are fixed now."
    assert refusal(_criterion, draft=draft, by=joan, title="Another") == fixed
    assert refusal(actions.drop_criterion, criterion=row, by=joan, at=NOW()) == fixed
    assert (
        refusal(actions.write_level_words, criterion=row, words=make.LEVELS, by=joan, at=NOW())
        == fixed
    )


# ---- voting ----------------------------------------------------------------------------------
@pytest.fixture
def put(draft, joan) -> Agreement:
    row = _criterion(draft, joan)
    actions.write_level_words(criterion=row, words=make.LEVELS, by=joan, at=NOW())
    return actions.put_agreement(agreement=draft, by=joan, at=NOW())


def vote(agreement: Agreement, person: Person, choice: str = Choice.AGREE) -> AgreementVote:
    return actions.vote_on_agreement(agreement=agreement, choice=choice, by=person, at=NOW())


def test_vote_on_agreement_settles_once_nobody_can_change_it(put, joan, harold, priya):
    vote(put, joan)
    vote(put, harold, Choice.LIVE_WITH)
    put.refresh_from_db()
    assert put.agreed_at is None
    vote(put, priya, Choice.DISAGREE)
    put.refresh_from_db()
    assert put.agreed_at
    assert verbs(put.round)[-1] == "agreed"
    assert put.round.chain.entries.last().data["votes"] == [1, 1, 1]


def test_vote_on_agreement_turned_down(put, joan, harold, priya):
    vote(put, joan)
    vote(put, harold, Choice.DISAGREE)
    vote(put, priya, Choice.DISAGREE)
    put.refresh_from_db()
    assert put.turned_down_at
    assert not put.agreed_at


def test_vote_on_agreement_once_each(put, joan):
    vote(put, joan)
    assert refusal(vote, agreement=put, person=joan) == "You have voted on this already."


def test_vote_on_agreement_is_refused_to_everyone_else(put, sam, amina, superuser, outsider):
    late = make.make_volunteers(1)[0]
    for person in (sam, amina, superuser, outsider, late):
        assert refusal(vote, agreement=put, person=person) == "Only volunteers of this round vote."


def test_vote_on_agreement_only_while_it_is_put(draft, put, joan, harold, priya):
    for person in (joan, harold, priya):
        vote(put, person)
    put.refresh_from_db()
    assert "The vote is over." in refusal(vote, agreement=put, person=joan)


def test_vote_on_agreement_only_after_it_was_put(draft, joan):
    assert refusal(vote, agreement=draft, person=joan) == "This has not been put to the vote yet."


def test_agreed_priorities_become_lots(round, members, joan, harold, priya, sam):
    make.open_to(round, StageKind.JOIN)
    draft = actions.start_agreement(round=round, about=PRIORITIES, by=joan, at=NOW())
    for title, limit in (("Getting about", 60_000), ("At home", 40_000)):
        actions.add_priority(
            agreement=draft, title=title, limit=Decimal(limit), by=harold, at=NOW()
        )
    assert "this name already" in refusal(
        actions.add_priority,
        agreement=draft,
        title="At home",
        limit=Decimal(1),
        by=harold,
        at=NOW(),
    )
    put = actions.put_agreement(agreement=draft, by=joan, at=NOW())
    for person in (joan, harold, priya):
        vote(put, person)
    assert list(round.lots.values_list("slug", "limit")) == [
        ("getting-about", Decimal(60_000)),
        ("at-home", Decimal(40_000)),
    ]
    assert (
        refusal(actions.change_lot, lot=round.lots.first(), limit=Decimal(1), by=sam, at=NOW())
        == "The volunteers agreed this lot by a vote. Only they can change it."
    )


def test_put_agreement_keeps_priorities_within_the_money(round, members, joan):
    make.open_to(round, StageKind.JOIN)
    draft = actions.start_agreement(round=round, about=PRIORITIES, by=joan, at=NOW())
    assert "at least one kind" in refusal(actions.put_agreement, agreement=draft, by=joan, at=NOW())
    actions.add_priority(agreement=draft, title="All", limit=Decimal(100_001), by=joan, at=NOW())
    assert refusal(actions.put_agreement, agreement=draft, by=joan, at=NOW()) == (
        "The lots come to £1.00 more than the money there is."
    )


def test_count_votes_on_the_last_day_when_some_have_not_voted(put, joan, harold, priya, sam):
    make.join(put.round, *make.make_volunteers(2))
    vote(put, joan)
    vote(put, harold)
    assert refusal(actions.count_votes, agreement=put, by=sam, at=NOW()).startswith(
        "People can vote until"
    )
    last_day = make.moment(put.round.stages.get(kind="criteria").closes_on)
    assert refusal(actions.count_votes, agreement=put, by=sam, at=last_day).startswith(
        "Too few people have voted."
    )
    vote(put, priya, Choice.DISAGREE)
    put.refresh_from_db()
    assert put.agreed_at is None
    assert actions.count_votes(agreement=put, by=sam, at=last_day).agreed_at


def test_count_votes_takes_a_tie_as_talk_again(put, joan, harold, priya):
    other = make.join(put.round, *make.make_volunteers(1))[0].person
    for person, choice in ((joan, "agree"), (harold, "agree"), (priya, "disagree")):
        vote(put, person, choice)
    vote(put, other, Choice.DISAGREE)
    put.refresh_from_db()
    assert put.turned_down_at
    assert put.round.chain.entries.last().data["outcome"] == "tie"


def test_type_vote_counts_only_once_somebody_else_confirms_it(put, members, joan, sam, ruth):
    typed = actions.type_vote(agreement=put, member=members[0], choice="agree", by=sam, at=NOW())
    assert put.votes.count() == 0
    assert letters("vote_typed") == ["Joan Ibbotson"]
    assert refusal(actions.confirm_typed_vote, typed=typed, by=sam, at=NOW()) == (
        "Another person must check what you typed."
    )
    made = actions.confirm_typed_vote(typed=typed, by=ruth, at=NOW())
    assert (made.member, made.typed_by) == (members[0], sam)
    assert refusal(vote, agreement=put, person=joan) == "You have voted on this already."


def test_type_vote_confirmed_by_its_owner(put, members, joan, harold, sam):
    typed = actions.type_vote(agreement=put, member=members[0], choice="agree", by=sam, at=NOW())
    assert "Only this person" in refusal(
        actions.confirm_typed_vote, typed=typed, by=harold, at=NOW()
    )
    actions.confirm_typed_vote(typed=typed, by=joan, at=NOW())
    assert put.votes.get().member == members[0]


def test_type_vote_is_refused_to_volunteers_and_twice(put, members, joan, sam, ruth):
    given = {"agreement": put, "member": members[1], "choice": "agree", "at": NOW()}
    assert "does not include" in refusal(actions.type_vote, by=joan, **given)
    actions.type_vote(by=sam, **given)
    assert refusal(actions.type_vote, by=ruth, **given) == (
        "A vote has been typed for this person already."
    )


def test_drop_typed_vote_lets_it_be_typed_again(put, members, sam, joan):
    given = {"agreement": put, "member": members[0], "by": sam, "at": NOW()}
    typed = actions.type_vote(choice="disagree", **given)
    actions.drop_typed_vote(typed=typed, by=joan, at=NOW())
    actions.type_vote(choice="agree", **given)
    assert TypedVote.objects.filter(dropped_at=None).count() == 1


def test_object_to_agreement_stands_beside_the_vote_and_stops_nothing(
    put, round, joan, harold, priya, sam
):
    rule = actions.add_funder_rule(round=round, text="For Leeds", by=sam, at=NOW())
    actions.object_to_agreement(
        agreement=put, funder_rule=rule, text="It is for York.", by=sam, at=NOW()
    )
    for person in (joan, harold, priya):
        vote(put, person)
    put.refresh_from_db()
    assert put.agreed_at
    assert "The vote is over." in refusal(
        actions.object_to_agreement, agreement=put, funder_rule=rule, text="x", by=sam, at=NOW()
    )


def test_object_to_agreement_is_refused_to_volunteers_and_other_rounds(put, round, joan, sam):
    rule = actions.add_funder_rule(round=round, text="For Leeds", by=sam, at=NOW())
    given = {"agreement": put, "text": "x", "at": NOW()}
    assert "does not include" in refusal(
        actions.object_to_agreement, funder_rule=rule, by=joan, **given
    )
    other = actions.add_funder_rule(round=make.make_round(by=sam), text="Y", by=sam, at=NOW())
    assert refusal(actions.object_to_agreement, funder_rule=other, by=sam, **given) == (
        "Choose a rule of this round."
    )
