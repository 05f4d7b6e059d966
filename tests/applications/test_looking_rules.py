"""What the program finds: by the copy that was sent, kept in the trail, and deciding nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from applications import actions, looking_rules
from applications.models import Application, BidVersion, Eligibility, RuleCheck
from commissioning.models import FunderRule
from ledger.models import Entry
from tests.applications.test_eligibility import go_to_eligibility
from tests.factories.applications import (
    PLANNED,
    answer,
    fill,
    make_draft_bid,
    make_open_round,
    make_organisation,
    make_sent_bid,
    send,
)

NOW = timezone.now
pytestmark = pytest.mark.django_db


@pytest.fixture
def round(db):
    return make_open_round()


def rule_of(round, looks_for, **limits) -> FunderRule:
    return FunderRule.objects.create(
        round=round,
        text=f"The rule of the {looks_for}.",
        looks_for=looks_for,
        limits=limits,
        order=9,
    )


def found(bid, rule):
    fresh = Application.objects.get(pk=bid.pk)
    made = looking_rules.found_for(fresh, fresh.round.funder_rules.all())
    return made[rule.pk].look.value


def test_rules_for_the_eye_alone_are_left_alone(round, amina):
    bid = make_sent_bid(round, amina)
    assert looking_rules.found_for(bid, round.funder_rules.all()) == {}
    assert looking_rules.warnings_for(bid) == []


def test_nothing_is_found_in_what_was_not_sent(round, amina):
    rule = rule_of(round, "amount", most="1000")
    assert looking_rules.found_for(make_draft_bid(round, amina), [rule]) == {}


def test_the_sum_is_the_one_that_was_sent(round, amina):
    rule = rule_of(round, "amount", most="1000")
    bid = make_sent_bid(round, amina, asked=4000)
    assert found(bid, rule) == "wrong"
    bid = Application.objects.get(pk=bid.pk)
    fill(bid, asked=1000)
    assert found(bid, rule) == "wrong", "written, and not sent yet"
    send(bid)
    assert found(bid, rule) == "right"


def test_the_place_is_the_one_that_was_sent(round, amina):
    rule = rule_of(round, "area", places=["Armley"])
    bid = make_sent_bid(round, amina)
    Application.objects.filter(pk=bid.pk).update(area="York")
    assert found(bid, rule) == "right"


def test_the_days_are_the_answers_to_their_own_questions(round, amina):
    bid = make_sent_bid(round, amina)
    rule = rule_of(round, "days", first=PLANNED["starts"], last=PLANNED["ends"])
    assert found(bid, rule) == "right"
    answer(bid, round.form_questions.get(kind="ends").key, "2031-01-01")
    assert found(bid, rule) == "right"
    send(bid)
    assert found(bid, rule) == "wrong"


def test_the_days_of_a_form_that_does_not_ask_for_them(round, amina):
    round.form_questions.filter(kind__in=PLANNED).delete()
    rule = rule_of(round, "days", last="2028-03-31")
    assert found(make_sent_bid(round, amina), rule) == "unsure"


def test_the_group_is_as_it_was_when_it_sent_its_bid(round, amina):
    rule = rule_of(round, "kind", kinds=["charity"])
    group = make_organisation(amina, "Tea Club", kind="company", postcode="LS12 3AB")
    bid = make_sent_bid(round, amina, organisation=group)
    assert BidVersion.objects.get().group == {
        "kind": "company",
        "charity_number": "",
        "company_number": "",
        "postcode": "LS12 3AB",
    }
    actions.change_organisation(organisation=group, kind="charity", by=amina, at=NOW())
    assert found(bid, rule) == "wrong"
    send(Application.objects.get(pk=bid.pk))
    assert found(bid, rule) == "right"


def test_the_group_is_no_part_of_what_is_read_or_marked(round, amina):
    make_sent_bid(round, amina, organisation=make_organisation(amina, kind="charity"))
    copy = BidVersion.objects.get()
    assert "group" not in copy.content
    assert "charity" not in str(copy.content)


def test_a_part_put_right_keeps_what_the_group_was(round, amina, sam):
    rule = rule_of(round, "kind", kinds=["charity"])
    group = make_organisation(amina, kind="company")
    bid = make_sent_bid(round, amina, organisation=group)
    go_to_eligibility(round, sam)
    actions.change_organisation(organisation=group, kind="charity", by=amina, at=NOW())
    asked = actions.ask_correction(
        application=bid,
        part="area",
        rule=rule,
        words="Where is it?",
        until=timezone.localdate() + timedelta(days=5),
        by=sam,
        at=NOW(),
    )
    actions.answer_correction(correction=asked, value="Bramley", by=amina, at=NOW())
    first, second = BidVersion.objects.order_by("number")
    assert second.content["area"] == "Bramley"
    assert second.group == first.group
    assert found(bid, rule) == "wrong"


# ---- One bid from each group -----------------------------------------------------------------
def test_one_bid_from_each_group(round, amina, rival):
    rule = rule_of(round, "once")
    group = make_organisation(amina, "The Tea Club", charity_number="1234567")
    bid = make_sent_bid(round, amina, organisation=group)
    alone = make_sent_bid(round, rival)
    elsewhere = make_sent_bid(make_open_round(), amina, organisation=group)
    draft = make_draft_bid(round, amina, organisation=group)
    assert found(bid, rule) == found(alone, rule) == "right"
    theirs = make_organisation(rival, "Tea Club Ltd")
    twin = make_sent_bid(round, rival, organisation=theirs)
    assert found(bid, rule) == found(twin, rule) == "wrong"
    actions.withdraw_application(application=twin, by=rival, at=NOW())
    assert found(bid, rule) == "right"
    fill(draft)
    send(draft)
    assert found(bid, rule) == "wrong"
    assert elsewhere.round != round


def test_one_bid_from_each_group_goes_by_names_that_were_sent(round, amina, rival):
    rule = rule_of(round, "once")
    bid = make_sent_bid(round, amina, organisation=make_organisation(amina, "Tea Club"))
    theirs = make_organisation(rival, "Tea Club")
    make_sent_bid(round, rival, organisation=theirs)
    actions.change_organisation(organisation=theirs, name="Coffee Club", by=rival, at=NOW())
    assert found(bid, rule) == "wrong"


# ---- Kept beside a person's answer -----------------------------------------------------------
@pytest.mark.parametrize("said", ["yes", "no", "unsure"])
def test_check_rule_keeps_what_was_found_and_the_person_answers(round, amina, sam, said):
    rule = rule_of(round, "amount", most="1000")
    bid = make_sent_bid(round, amina, asked=4000)
    go_to_eligibility(round, sam)
    actions.check_rule(application=bid, rule=rule, answer=said, by=sam, at=NOW())
    assert RuleCheck.objects.get().answer == said
    assert not Eligibility.objects.exists()
    entry = Entry.objects.get(verb="rule_checked")
    assert (entry.data["answer"], entry.data["program_found"]) == (said, "wrong")


def test_check_rule_by_eye_alone_found_nothing(round, amina, sam):
    bid = make_sent_bid(round, amina)
    go_to_eligibility(round, sam)
    rule = round.funder_rules.first()
    actions.check_rule(application=bid, rule=rule, answer="yes", by=sam, at=NOW())
    assert Entry.objects.get(verb="rule_checked").data["program_found"] is None


# ---- Before it is sent -----------------------------------------------------------------------
def test_an_applicant_is_warned_by_what_is_written_and_not_stopped(round, amina):
    rule = rule_of(round, "amount", most="1000")
    rule_of(round, "kind", kinds=["charity"])  # the group has not said what it is
    bid = make_draft_bid(round, amina)
    fill(bid, asked=4000)
    bid = Application.objects.get(pk=bid.pk)
    assert looking_rules.warnings_for(bid) == [
        (rule.text, "This bid asks for £4,000. The most is £1,000.")
    ]
    send(bid)
    assert BidVersion.objects.get().asked == Decimal(4000)


def test_an_applicant_hears_of_their_own_groups_other_bid_alone(round, amina, rival):
    rule = rule_of(round, "once")
    group = make_organisation(amina, "Tea Club")
    make_sent_bid(round, rival, organisation=make_organisation(rival, "Tea Club"))
    bid = make_draft_bid(round, amina, organisation=group)
    assert looking_rules.warnings_for(bid) == []
    mine = make_sent_bid(round, amina, organisation=group)
    assert looking_rules.warnings_for(bid) == [
        (rule.text, f"This group sent {mine.reference} too.")
    ]
