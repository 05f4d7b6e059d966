"""The funder's rules: who settles what, who is second, and how a bid comes back."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.permissions import Refused
from applications import actions, gates, reminders, rules
from applications.models import Application, Colleague, Eligibility, RuleCheck
from applications.next_steps import next_steps
from commissioning.models import FunderRule, StageKind
from ledger.models import Entry, Letter
from tests.factories.applications import answer as write_under
from tests.factories.applications import (
    look_at_rules,
    make_draft_bid,
    make_open_round,
    make_sent_bid,
    settle,
)
from tests.factories.commissioning import join, make_facilitator, make_lot, make_round

NOW = timezone.now


def go_to_eligibility(round, by) -> None:
    for stage in round.stages.all():
        if stage.kind == StageKind.OPEN:
            stage.closed_at, stage.closed_by = NOW(), by
        if stage.kind == StageKind.ELIGIBILITY:
            stage.opened_at, stage.opened_by = NOW(), by
        stage.save()


@pytest.fixture
def round(joan):
    made = make_open_round()
    join(made, joan)
    return made


@pytest.fixture
def bid(round, amina):
    made = make_sent_bid(round, amina)
    go_to_eligibility(round, amina)
    return Application.objects.get(pk=made.pk)


@pytest.fixture
def rule(round):
    return round.funder_rules.first()


def say_no(bid, by, rule, reason="It is in York."):
    return actions.settle_eligibility(
        application=bid, eligible=False, rule=rule, reason=reason, by=by, at=NOW()
    )


def finally_no(bid, rule, sam, ruth):
    return actions.second_eligibility(eligibility=say_no(bid, sam, rule), by=ruth, at=NOW())


# ---- Checking --------------------------------------------------------------------------------
def test_check_rule_is_one_row_for_each_checker(bid, rule, sam, ruth):
    for by, answer in ((sam, "unsure"), (sam, "yes"), (ruth, "no")):
        actions.check_rule(application=bid, rule=rule, answer=answer, by=by, at=NOW())
    assert set(RuleCheck.objects.values_list("checked_by", "answer")) == {
        (sam.pk, "yes"),
        (ruth.pk, "no"),
    }
    assert Entry.objects.filter(verb="rule_checked").count() == 3


def test_check_rule_is_refused(bid, rule, sam, amina, joan, round):
    for person in (amina, joan):
        with pytest.raises(Refused, match="Your role here"):
            actions.check_rule(application=bid, rule=rule, answer="yes", by=person, at=NOW())
    with pytest.raises(Refused, match="Choose yes, no, or not sure"):
        actions.check_rule(application=bid, rule=rule, answer="perhaps", by=sam, at=NOW())
    foreign = make_open_round().funder_rules.first()
    with pytest.raises(Refused, match="not a rule of this round"):
        actions.check_rule(application=bid, rule=foreign, answer="yes", by=sam, at=NOW())


# ---- Settling --------------------------------------------------------------------------------
def test_no_bid_is_held_against_a_rule_that_only_tells(round, sam, amina):
    told = FunderRule.objects.create(round=round, text="New groups may bid.", only_tells=True)
    bid = make_sent_bid(round, amina)
    go_to_eligibility(round, amina)
    with pytest.raises(Refused, match="You need not check it"):
        actions.check_rule(application=bid, rule=told, answer="yes", by=sam, at=NOW())
    with pytest.raises(Refused, match="Choose the funder's rule"):
        say_no(Application.objects.get(pk=bid.pk), sam, told)


def test_settle_eligibility_yes_by_one(bid, sam):
    look_at_rules(bid, sam)
    actions.settle_eligibility(application=bid, eligible=True, by=sam, at=NOW())
    assert Application.objects.eligible().get() == bid
    assert not Application.objects.undecided().exists()


def say_yes(bid, by, reason=""):
    return actions.settle_eligibility(
        application=bid, eligible=True, reason=reason, by=by, at=NOW()
    )


def test_settle_eligibility_yes_needs_each_rule_looked_at(bid, sam, ruth):
    """What was said last of a rule stands, whoever said it; "not sure" leaves it open."""
    first, second = bid.round.funder_rules.all()

    def say(rule, answer, by=sam):
        actions.check_rule(application=bid, rule=rule, answer=answer, by=by, at=NOW())

    with pytest.raises(Refused, match=f"“{first.text}”, “{second.text}”"):
        say_yes(bid, sam)
    say(first, "yes")
    for answer in (None, "unsure"):
        if answer:
            say(second, answer)
        with pytest.raises(Refused, match="yes or no yet to: “" + second.text):
            say_yes(bid, sam)
    say(second, "no")
    for by in (sam, ruth):
        with pytest.raises(Refused, match="does not meet: “" + second.text):
            say_yes(bid, by)
    say(second, "unsure", ruth)
    with pytest.raises(Refused, match="does not meet"):
        say_yes(bid, ruth)
    say(second, "yes", ruth)
    say_yes(bid, ruth)
    assert Application.objects.eligible().get() == bid


def test_settle_eligibility_no_counts_once_seconded(bid, rule, sam, ruth):
    assert Application.objects.undecided().get() == bid
    ruling = say_no(bid, sam, rule)
    assert Application.objects.undecided().get() == bid
    assert not Application.objects.eligible().exists()
    actions.second_eligibility(eligibility=ruling, by=ruth, at=NOW())
    assert Application.objects.not_eligible().get() == bid
    assert not Application.objects.undecided().exists()
    entry = Entry.objects.get(verb="eligibility_settled")
    assert entry.data["rule"] == rule.pk
    assert "York" not in entry.payload


@pytest.mark.parametrize(
    ("cites", "reason", "sentence"),
    [(False, "York", "Choose the funder's rule"), (True, " ", "Give the reason in words")],
)
def test_settle_eligibility_no_needs_a_rule_and_a_reason(bid, rule, sam, cites, reason, sentence):
    with pytest.raises(Refused, match=sentence):
        say_no(bid, sam, rule if cites else None, reason)


def test_settle_eligibility_is_refused_to_others_and_out_of_its_stage(bid, rule, amina, joan, sam):
    for person in (amina, joan):
        with pytest.raises(Refused, match="Your role here"):
            say_no(bid, person, rule)
    foreign = make_open_round().funder_rules.first()
    with pytest.raises(Refused, match="Choose the funder's rule"):
        say_no(bid, sam, foreign)
    for stage in bid.round.stages.filter(kind=StageKind.ELIGIBILITY):
        stage.closed_at, stage.closed_by = NOW(), sam
        stage.save()
    with pytest.raises(Refused, match="closed on"):
        say_no(Application.objects.get(pk=bid.pk), sam, rule)


def test_settle_eligibility_again_replaces(bid, rule, sam, ruth):
    first = finally_no(bid, rule, sam, ruth)
    look_at_rules(bid, sam)
    with pytest.raises(Refused, match="Give the reason in words"):
        actions.settle_eligibility(application=bid, eligible=True, by=sam, at=NOW())
    second = actions.settle_eligibility(
        application=bid, eligible=True, reason="We misread the map.", by=sam, at=NOW()
    )
    first.refresh_from_db()
    assert first.replaced_by == second
    assert Application.objects.eligible().get() == bid


def test_settle_eligibility_is_not_for_drafts_or_withdrawn(round, rule, sam, amina):
    draft = make_draft_bid(round, amina)
    sent = make_sent_bid(round, amina)
    go_to_eligibility(round, amina)
    with pytest.raises(Refused, match="This bid was not sent"):
        say_no(Application.objects.get(pk=draft.pk), sam, rule)
    sent = Application.objects.get(pk=sent.pk)
    actions.withdraw_application(application=sent, by=amina, at=NOW())
    with pytest.raises(Refused, match="This bid was taken back"):
        say_no(sent, sam, rule)


def test_second_eligibility_is_another_person(bid, rule, sam, ruth, amina, joan, margaret):
    ruling = say_no(bid, sam, rule)
    with pytest.raises(Refused, match="You said no first"):
        actions.second_eligibility(eligibility=ruling, by=sam, at=NOW())
    for person in (amina, joan):
        with pytest.raises(Refused, match="Your role here"):
            actions.second_eligibility(eligibility=ruling, by=person, at=NOW())
    actions.second_eligibility(eligibility=ruling, by=margaret, at=NOW())
    with pytest.raises(Refused, match="does not need a second person"):
        actions.second_eligibility(eligibility=ruling, by=ruth, at=NOW())


def test_see_no_differently_keeps_the_words_and_the_no_does_not_count(bid, rule, sam, ruth):
    ruling = say_no(bid, sam, rule)

    def differ(by, words="Armley is in Leeds."):
        return actions.see_no_differently(eligibility=ruling, words=words, by=by, at=NOW())

    with pytest.raises(Refused, match="You said no first"):
        differ(sam)
    with pytest.raises(Refused, match="Say in words why you see it differently"):
        differ(ruth, " ")
    look_at_rules(bid, sam, answer="no")
    made = differ(ruth)
    assert rules.who_differs(bid) == [made]
    assert "Armley" not in Entry.objects.get(verb="eligibility_not_seconded").payload
    assert Application.objects.undecided().get() == bid
    look_at_rules(bid, ruth)
    say_yes(bid, sam, "I misread the map.")
    assert Application.objects.eligible().get() == bid
    assert rules.who_differs(Application.objects.get(pk=bid.pk)) == []


# ---- Asking back -----------------------------------------------------------------------------
def ask(ruling, member, by, at=None):
    return actions.ask_back(
        eligibility=ruling, member=member, reason="Armley is Leeds.", by=by, at=at or NOW()
    )


def uphold(ruling, by):
    return actions.second_eligibility(
        eligibility=ruling, words="York is not Leeds.", by=by, at=NOW()
    )


def test_ask_back_makes_it_undecided(bid, rule, sam, ruth, joan, round):
    ruling = finally_no(bid, rule, sam, ruth)
    member = round.members.get(person=joan)
    ask(ruling, member, joan)
    assert Application.objects.undecided().get() == bid
    assert not Application.objects.not_eligible().exists()
    with pytest.raises(Refused, match="asked for already"):
        ask(ruling, member, joan)


def test_ask_back_is_refused(bid, rule, sam, ruth, joan, harold, amina, round):
    member = round.members.get(person=joan)
    waiting = say_no(bid, sam, rule)
    with pytest.raises(Refused, match="was not found outside the rules"):
        ask(waiting, member, joan)
    ruling = actions.second_eligibility(eligibility=waiting, by=ruth, at=NOW())
    with pytest.raises(Refused, match="not taking part"):
        ask(ruling, member, harold)
    for person in (sam, amina):
        with pytest.raises(Refused, match="Your role here"):
            ask(ruling, member, person)
    other = join(make_round(), harold)[0]
    with pytest.raises(Refused, match="in your own name"):
        ask(ruling, other, joan)
    with pytest.raises(Refused, match="The time to ask for this bid ended"):
        ask(ruling, member, joan, at=NOW() + timedelta(days=7))


def test_ask_back_answered_by_the_board_alone(bid, rule, sam, ruth, joan, margaret, round):
    ruling = finally_no(bid, rule, sam, ruth)
    member = round.members.get(person=joan)
    ask(ruling, member, joan)
    again = say_no(bid, sam, rule, "The hall is in York, and the rule says Leeds.")
    with pytest.raises(Refused, match="A board member must look at it"):
        actions.second_eligibility(eligibility=again, by=ruth, at=NOW())
    with pytest.raises(Refused, match="Say in words why the funder’s rule holds"):
        actions.second_eligibility(eligibility=again, by=margaret, words=" ", at=NOW())
    upheld = uphold(again, margaret)
    assert upheld.upheld_because == "York is not Leeds."
    assert "York" not in Entry.objects.filter(verb="eligibility_seconded").last().payload
    assert Application.objects.not_eligible().get() == bid
    with pytest.raises(Refused, match="The board has looked at this"):
        ask(upheld, member, joan)


def test_return_bid_by_the_panels_vote(bid, rule, sam, ruth, joan, harold, round):
    ruling = finally_no(bid, rule, sam, ruth)

    def give_back(by, reason="The panel agreed, 4 to 1."):
        return actions.return_bid(eligibility=ruling, reason=reason, by=by, at=NOW())

    with pytest.raises(Refused, match="Nobody has asked for this bid back"):
        give_back(joan)
    ask(ruling, round.members.get(person=joan), joan)
    with pytest.raises(Refused, match="Give the reason in words"):
        give_back(joan, " ")
    for person in (sam, harold):
        with pytest.raises(Refused, match="You are not taking part in this round"):
            give_back(person)
    give_back(joan)
    assert Application.objects.eligible().get() == bid


def test_return_bid_after_one_person_said_no_again(bid, rule, sam, ruth, joan, round):
    ask(finally_no(bid, rule, sam, ruth), round.members.get(person=joan), joan)
    again = say_no(bid, sam, rule, "Again no.")
    assert Application.objects.asked_back().get() == bid
    actions.return_bid(eligibility=again, reason="The panel agreed.", by=joan, at=NOW())
    assert Application.objects.eligible().get() == bid
    assert not Application.objects.asked_back().exists()


def test_return_bid_is_refused_once_the_board_upheld_the_rule(
    bid, rule, sam, ruth, joan, margaret, round
):
    ask(finally_no(bid, rule, sam, ruth), round.members.get(person=joan), joan)
    upheld = uphold(say_no(bid, sam, rule, "Again no."), margaret)
    later = say_no(bid, sam, rule, "Still no.")
    for ruling in (upheld, later):
        ruling.refresh_from_db()
        with pytest.raises(Refused, match=r"upheld the funder's rule|Nobody has asked"):
            actions.return_bid(eligibility=ruling, reason="Agreed.", by=joan, at=NOW())
    assert not Application.objects.asked_back().exists()


def test_what_the_board_upheld_holds_nothing_up(bid, rule, sam, ruth, joan, margaret, round):
    stage, today = stage_of(round, StageKind.SHARING), timezone.localdate()
    ask(finally_no(bid, rule, sam, ruth), round.members.get(person=joan), joan)
    again = say_no(bid, sam, rule, "Again no.")
    assert "has not been settled yet" in gates.gate(stage, "open", on=today).sentence
    uphold(again, margaret)
    assert gates.gate(stage, "open", on=today), "nobody can ask for it any more"
    assert steps(joan) == []


def test_why_the_board_upheld_a_rule_stays(bid, rule, sam, ruth, joan, margaret, round):
    ask(finally_no(bid, rule, sam, ruth), round.members.get(person=joan), joan)
    upheld = uphold(say_no(bid, sam, rule, "Again no."), margaret)
    with pytest.raises(IntegrityError, match="a ruling does not change"), transaction.atomic():
        Eligibility.objects.filter(pk=upheld.pk).update(upheld_because="It may be Leeds.")


# ---- Whose own group bids --------------------------------------------------------------------
@pytest.fixture
def both():
    """A facilitator who acted for a group before they worked for the fund."""
    return make_facilitator("Bea Both")


def act_for(bid, person):
    Colleague.objects.create(
        organisation=bid.organisation, person=person, added_at=NOW(), added_by=bid.made_by
    )


def test_who_acts_for_a_group_that_bids_says_no_to_nobody(round, amina, sam, both, margaret):
    """Neither first nor second, neither facilitator nor board."""
    made, theirs = make_sent_bid(round, amina), make_sent_bid(round)
    for person in (both, margaret):
        act_for(theirs, person)
    go_to_eligibility(round, amina)
    bid, rule = Application.objects.get(pk=made.pk), round.funder_rules.first()
    with pytest.raises(Refused, match="You act for a group that bids in this round"):
        say_no(bid, both, rule)
    ruling = say_no(bid, sam, rule)
    for person in (both, margaret):
        with pytest.raises(Refused, match="You act for a group that bids in this round"):
            actions.second_eligibility(eligibility=ruling, by=person, at=NOW())
    actions.withdraw_application(
        application=Application.objects.get(pk=theirs.pk), by=theirs.made_by, at=NOW()
    )
    actions.second_eligibility(eligibility=ruling, by=margaret, at=NOW())
    assert Application.objects.not_eligible().get() == bid


def test_nobody_checks_the_bid_of_their_own_group(bid, rule, both):
    act_for(bid, both)
    with pytest.raises(Refused, match="Please ask somebody else to look"):
        actions.check_rule(application=bid, rule=rule, answer="yes", by=both, at=NOW())
    with pytest.raises(Refused, match="Please ask somebody else to look"):
        actions.settle_eligibility(application=bid, eligible=True, by=both, at=NOW())


@pytest.mark.parametrize(
    ("day", "until"),
    [
        (date(2026, 3, 2), date(2026, 3, 5)),  # Monday
        (date(2026, 3, 4), date(2026, 3, 9)),  # Wednesday: over the weekend
        (date(2026, 3, 6), date(2026, 3, 11)),  # Friday
        (date(2026, 3, 7), date(2026, 3, 11)),  # Saturday
    ],
)
def test_working_days_after(day, until):
    assert rules.working_days_after(day, 3) == until


# ---- Gates -----------------------------------------------------------------------------------
def stage_of(round, kind):
    return round.stages.get(kind=kind)


def test_gate_opening_needs_a_lot_and_a_form(sam):
    round = make_round(by=sam)
    stage, today = stage_of(round, StageKind.OPEN), timezone.localdate()
    assert "Add a lot first" in gates.gate(stage, "open", on=today).sentence
    make_lot(round)
    assert "no questions yet" in gates.gate(stage, "open", on=today).sentence
    actions.start_form(round=round, by=sam, at=NOW())
    assert gates.gate(stage, "open", on=today)


def test_gate_bids_close_the_day_after_and_never_on_an_extension(round, amina, sam):
    stage = stage_of(round, StageKind.OPEN)
    last = stage.closes_on
    said = gates.gate(stage, "close", on=last).sentence
    assert "Bids can come in until" in said
    assert "Close it the day after" in said
    assert gates.gate(stage, "close", on=last + timedelta(days=1))
    bid = make_draft_bid(round, amina)
    until = rules.published_deadline(round) + timedelta(days=3)
    actions.give_extension(application=bid, until=until, reason="Flood", by=sam, at=NOW())
    assert (
        "GC-001 has more time" in gates.gate(stage, "close", on=last + timedelta(days=3)).sentence
    )
    assert gates.gate(stage, "close", on=last + timedelta(days=4))
    actions.withdraw_application(application=bid, by=amina, at=NOW())
    assert gates.gate(stage, "close", on=last + timedelta(days=1))


def test_gate_sharing_waits_for_every_ruling(round, amina, sam, joan):
    stage, today = stage_of(round, StageKind.SHARING), timezone.localdate()
    bid = make_sent_bid(round, amina)
    assert "GC-001 has not been settled yet" in gates.gate(stage, "open", on=today).sentence
    ruling = settle(bid, eligible=False)
    assert "Volunteers may still ask for GC-001" in gates.gate(stage, "open", on=today).sentence
    assert gates.gate(stage, "open", on=today + timedelta(days=6))
    ask(ruling, round.members.get(person=joan), joan)
    later = today + timedelta(days=6)
    assert "has not been settled yet" in gates.gate(stage, "open", on=later).sentence
    actions.return_bid(eligibility=ruling, reason="Agreed.", by=joan, at=NOW())
    assert gates.gate(stage, "open", on=today)


def test_gate_leaves_other_stages_alone(round):
    for kind in (StageKind.SCORING, StageKind.SHARING):
        assert gates.gate(stage_of(round, kind), "close", on=timezone.localdate())


# ---- Reminders -------------------------------------------------------------------------------
def owed(on):
    return [(row.name, row.person, row.key) for row in reminders.owed(on=on)]


def write(row) -> Letter:
    from accounts.letters import write_to

    return write_to(
        row.person, row.name, key=row.key, by=row.person, at=NOW(), chain=row.chain,
        context=row.context,
    )  # fmt: skip


def test_owed_thirty_seven_and_one_days_before_the_end(round, amina, rival):
    draft = make_draft_bid(round, amina, title="Tea at four")
    make_sent_bid(round, rival)
    last = timezone.localdate(rules.published_deadline(round))
    told = {
        before: [row[:2] for row in owed(last - timedelta(days=before))] for before in range(-3, 40)
    }
    assert {before for before, rows in told.items() if rows} == {30, 7, 1}
    assert told[30] == told[7] == told[1] == [("bid_unsent", amina)]
    days = (last - timedelta(days=7), last - timedelta(days=1))
    letters = [write(row) for day in days for row in reminders.owed(on=day)]
    assert "Say where your project happens." in letters[0].body_text
    assert letters[1].subject.startswith(f"Send your bid {draft.reference} by ")
    assert letters[0].key != letters[1].key


def test_owed_for_a_bid_that_was_changed_and_not_sent_again(round, amina, rival, ruth):
    changed, same = make_sent_bid(round, amina), make_sent_bid(round, rival)
    write_under(changed, "need", "More is needed than we thought.")
    last = timezone.localdate(rules.published_deadline(round))
    told = {
        before: [row[:2] for row in owed(last - timedelta(days=before))] for before in range(-3, 40)
    }
    assert {before for before, rows in told.items() if rows} == {30, 7, 1}
    assert told[30] == told[7] == told[1] == [("bid_changed", amina)]
    letter = write(next(reminders.owed(on=last - timedelta(days=1))))
    assert "You changed your bid" in letter.body_text
    assert "unless you send it again" in letter.body_text
    actions.send_application(
        application=Application.objects.get(pk=changed.pk), declared_true=True, by=amina, at=NOW()
    )
    assert owed(last - timedelta(days=1)) == []
    actions.give_extension(
        application=same, until=NOW() + timedelta(days=90), reason="A flood.", by=ruth, at=NOW()
    )
    write_under(same, "need", "A flood came.")
    assert owed(last - timedelta(days=1)) == [], "its own end is later"


def test_owed_not_eligible_only_after_the_window(round, amina, joan):
    ruling = settle(make_sent_bid(round, amina), eligible=False)
    until = rules.ask_back_until(ruling)
    assert owed(until) == []
    after = until + timedelta(days=1)
    assert [row[:2] for row in owed(after)] == [("not_eligible", amina)]
    letter = write(next(reminders.owed(on=after)))
    assert "The work is in Leeds." in letter.body_text
    assert "The work is in York." in letter.body_text
    assert "Ring us, or write to us" in letter.body_text
    ask(ruling, round.members.get(person=joan), joan)
    assert owed(after) == []


# ---- Next steps ------------------------------------------------------------------------------
def steps(person, on=None):
    person.__dict__.pop("held_roles", None)
    return [step.sentence for step in next_steps(person, on=on or timezone.localdate())]


def test_next_steps_of_an_applicant(round, amina, rival):
    make_draft_bid(round, amina, title="Tea at four")
    assert len(steps(amina)) == 1
    assert steps(amina)[0].startswith("Go on with your bid “Tea at four”. Send it by")
    assert steps(rival) == []
    last = timezone.localdate(rules.published_deadline(round))
    assert steps(amina, last + timedelta(days=1)) == []


def test_next_steps_of_a_facilitator(round, amina, sam, ruth):
    actions.ask_for_help(round=round, text="May we?", by=amina, at=NOW())
    bid = make_sent_bid(round, amina)
    assert steps(sam) == ["Answer 1 question about bidding."]
    go_to_eligibility(round, amina)
    assert "Check the funder’s rules for 1 bid." in steps(sam)
    settle(bid, eligible=False, final=False, by=ruth)
    assert "Be the second person for 1 bid." in steps(sam)
    assert "Be the second person for 1 bid." not in steps(ruth)


def test_next_steps_say_that_a_typed_bid_waits_for_a_second_person(round, sam, ruth):
    group = actions.start_organisation(by=sam, at=NOW(), name="Paper People")
    actions.type_bid(
        round=round, organisation=group, lot=round.lots.get(), answers={}, lines=[],
        received_on=timezone.localdate(), title="Paper bid", by=sam, at=NOW(),
    )  # fmt: skip
    assert steps(sam) == []
    assert steps(ruth) == ["Compare 1 typed bid with the paper."]


def test_next_steps_of_a_volunteer_rest_is_kept(round, amina, joan, harold):
    bid = make_sent_bid(round, amina)
    go_to_eligibility(round, amina)
    assert steps(joan) == []
    ruling = settle(bid, eligible=False)
    assert steps(joan)[0].startswith("Look at the bids that cannot go on.")
    assert steps(harold) == []
    assert steps(joan, rules.ask_back_until(ruling) + timedelta(days=1)) == []
    joan.breaks.create(starts_on=timezone.localdate(), asked_at=NOW(), asked_by=joan)
    assert steps(joan) == []


def test_rulings_are_for_bids_of_their_own(round, amina):
    """A ruling on one bid says nothing about another."""
    first, second = make_sent_bid(round, amina), make_sent_bid(round, amina)
    settle(first)
    assert Application.objects.eligible().get() == first
    assert Application.objects.undecided().get() == second
    assert isinstance(Eligibility.objects.get().decided_at, datetime)
