from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from commissioning import actions
from commissioning.models import Member, Round, StageKind, Suggestion
from ledger import clock
from tests.factories import commissioning as make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CRITERIA = Suggestion.About.CRITERIA


@pytest.fixture
def round(sam) -> Round:
    return make.make_round(by=sam, name="First round")


@pytest.fixture
def members(round, joan, harold, priya) -> list[Member]:
    return make.join(round, joan, harold, priya)


@pytest.fixture
def as_sam(client, sam):
    client.force_login(sam)
    return client


@pytest.fixture
def draft(round, members):
    make.open_to(round, StageKind.CRITERIA)
    draft = make.make_draft(round)
    make.make_criterion(draft, members[0])
    return draft


@pytest.fixture
def put(draft, joan):
    return actions.put_agreement(agreement=draft, by=joan, at=timezone.now())


def queries(client, url: str, captured) -> int:
    with captured as context:
        assert client.get(url).status_code == 200
    return len(context)


# ---- everybody else --------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    [
        "round_list",
        "set_up_round",
        "round_detail",
        "change_round",
        "change_funder_rules",
        "change_lots",
        "set_stage_dates",
        "member_list",
        "invite_volunteers",
    ],
)
def test_pages_are_there_for_facilitators_alone(name, client, round, members, sam):
    args = [] if name in ("round_list", "set_up_round") else [round.slug]
    for person in (members[0].person, make.make_person("Olive Outsider")):
        client.force_login(person)
        assert client.get(reverse(name, args=args)).status_code == 404
    client.logout()
    assert client.get(reverse(name, args=args)).status_code == 302
    client.force_login(sam)
    assert client.get(reverse(name, args=args)).status_code == 200


def test_pages_of_one_stage_or_person_or_agreement_are_404_for_others(
    client, round, put, joan, margaret, superuser
):
    pages = [
        reverse("open_stage", args=[round.slug, "join"]),
        reverse("close_stage", args=[round.slug, "criteria"]),
        reverse("type_suggestion", args=[round.slug, "criteria"]),
        reverse("type_vote", args=[round.slug, put.pk]),
        reverse("object_to_agreement", args=[round.slug, put.pk]),
        reverse("end_place", args=[round.slug, round.members.first().pk]),
        reverse("type_yes", args=[round.slug, round.members.first().pk]),
    ]
    for person in (joan, margaret, superuser):
        client.force_login(person)
        assert [client.get(page).status_code for page in pages] == [404] * len(pages)


def test_pages_of_a_stage_that_is_not_there_are_404(as_sam, round):
    for name in ("open_stage", "close_stage", "type_suggestion"):
        assert as_sam.get(reverse(name, args=[round.slug, "nonsense"])).status_code == 404


# ---- rounds ----------------------------------------------------------------------------------
def test_round_list_says_where_each_round_stands(as_sam, round, members):
    page = as_sam.get(reverse("round_list")).text
    assert "First round" in page
    assert "Next: Setting up" in page
    make.open_to(round, StageKind.SCORING)
    assert "Open now: Reading and scoring" in as_sam.get(reverse("round_list")).text


def test_round_list_asks_the_same_for_one_round_and_three(
    as_sam, round, members, django_assert_max_num_queries
):
    one = queries(as_sam, reverse("round_list"), django_assert_max_num_queries(12))
    for _more in range(2):
        make.join(make.make_round(), *make.make_volunteers(2))
    assert queries(as_sam, reverse("round_list"), django_assert_max_num_queries(12)) == one


def test_round_list_without_a_round(as_sam):
    assert "There is no round yet." in as_sam.get(reverse("round_list")).text


def _set_up(**changed: str) -> dict[str, str]:
    return {
        "name": "Second round",
        "envelope": "£1,700,000",
        "first_day_0": "4",
        "first_day_1": "5",
        "first_day_2": "2027",
        "about": "",
        "delegation": "",
        "award_kind": "grant",
        "trustees_ratify": "no",
        **changed,
    }


def test_set_up_round_makes_it(as_sam):
    make.make_programme()
    answer = as_sam.post(reverse("set_up_round"), _set_up())
    made = Round.objects.get()
    assert answer.url == reverse("round_detail", args=[made.slug])
    assert (made.envelope, made.trustees_ratify) == (Decimal(1_700_000), False)
    assert str(made.stages.first().opens_on) == "2027-05-04"


def test_set_up_round_keeps_what_was_typed(as_sam):
    make.make_programme()
    answer = as_sam.post(reverse("set_up_round"), _set_up(envelope="lots", first_day_1="14"))
    assert answer.status_code == 422
    assert "Type an amount in pounds, like 12500." in answer.text
    assert "Type a real day" in answer.text
    assert 'value="lots"' in answer.text
    assert 'value="Second round"' in answer.text
    assert "<title>Error:" in answer.text


def test_round_detail_shows_money_people_stages_and_what_comes_next(as_sam, round, members):
    make.make_lot(round, "At home", 40_000)
    page = as_sam.get(reverse("round_detail", args=[round.slug])).text
    assert "£100,000" in page
    assert "At home" in page
    assert "3 joined" in page
    assert "“Setting up” is planned to open on" in page
    assert reverse("open_stage", args=[round.slug, "setup"]) in page


def test_round_detail_says_why_nothing_may_open_in_a_rest(as_sam, round):
    make.close(make.open_to(round, StageKind.TRAINING))
    clock.move(days=1)
    page = as_sam.get(reverse("round_detail", args=[round.slug])).text
    assert "This is a time of rest. The next stage can open on" in page
    assert reverse("open_stage", args=[round.slug, "criteria"]) not in page


def test_round_detail_asks_few_questions(as_sam, round, members, django_assert_max_num_queries):
    make.open_to(round, StageKind.TRAINING)
    queries(
        as_sam,
        reverse("round_detail", args=[round.slug]),
        django_assert_max_num_queries(12),
    )


def test_change_round_saves_and_keeps_typed_text_on_a_mistake(as_sam, round):
    url = reverse("change_round", args=[round.slug])
    good = {
        "name": "First round",
        "about": "For company",
        "involved": "",
        "if_not": "",
        "envelope": "90,000",
        "delegation": "All of it",
        "award_kind": "grant",
        "middle": "mean",
        "reason_for": "bid",
        "readers_per_bid": "3",
        "quorum": "",
        "deadline_time": "17:00",
        "grace_minutes": "15",
    }
    answer = as_sam.post(url, {**good, "grace_minutes": "soon"})
    assert answer.status_code == 422
    assert "All of it" in answer.text
    assert as_sam.post(url, good).status_code == 302
    round.refresh_from_db()
    assert (round.envelope, round.reason_for) == (Decimal(90_000), "bid")


def test_change_round_after_bids_opened_offers_only_the_words(as_sam, round):
    make.open_to(round, StageKind.OPEN)
    page = as_sam.get(reverse("change_round", args=[round.slug])).text
    assert 'name="about"' in page
    assert 'name="envelope"' not in page


def _rows(*rows: dict[str, object]) -> dict[str, object]:
    data: dict[str, object] = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"form-{number}-{name}": value for name, value in row.items()}
    return data


def test_change_funder_rules_adds_changes_and_takes_out(as_sam, round, sam):
    one, two = (
        actions.add_funder_rule(round=round, text=text, by=sam, at=timezone.now())
        for text in ("One", "Two")
    )
    data = _rows(
        {"rule": one.pk, "text": "One, better"}, {"rule": two.pk, "text": ""}, {"text": "Three"}
    )
    data["form-INITIAL_FORMS"] = 2
    assert as_sam.post(reverse("change_funder_rules", args=[round.slug]), data).status_code == 302
    assert [rule.text for rule in round.funder_rules.all()] == ["One, better", "Three"]


def test_change_funder_rules_marks_those_that_no_bid_can_break(as_sam, round, sam):
    url = reverse("change_funder_rules", args=[round.slug])
    data = _rows({"text": "New groups may bid.", "only_tells": "on"}, {"text": "In Leeds."})
    as_sam.post(url, data)
    told, held = round.funder_rules.all()
    assert (told.only_tells, held.only_tells) == (True, False)
    page = as_sam.get(url).text
    assert page.count(" checked") == 1
    assert reverse("set_rule_limits", args=[round.slug, held.pk]) in page
    limits = reverse("set_rule_limits", args=[round.slug, told.pk])
    assert limits not in page
    assert as_sam.get(limits).status_code == 404
    data = _rows({"rule": told.pk, "text": told.text}, {"rule": held.pk, "text": held.text})
    as_sam.post(url, data | {"form-INITIAL_FORMS": 2})
    assert round.funder_rules.breakable().count() == 2


def test_change_funder_rules_keeps_a_rule_that_is_too_long(as_sam, round):
    data = _rows({"text": "word " * 80})
    answer = as_sam.post(reverse("change_funder_rules", args=[round.slug]), data)
    assert answer.status_code == 422
    assert "word word" in answer.text


def test_change_funder_rules_only_shows_them_once_bids_have_opened(as_sam, round, sam):
    actions.add_funder_rule(round=round, text="It is for Leeds.", by=sam, at=timezone.now())
    told = {"text": "New groups may bid.", "only_tells": True, "by": sam, "at": timezone.now()}
    actions.add_funder_rule(round=round, **told)
    make.open_to(round, StageKind.OPEN)
    page = as_sam.get(reverse("change_funder_rules", args=[round.slug])).text
    assert "It is for Leeds." in page
    assert page.count("No bid can break it.") == 1
    assert "<textarea" not in page


@pytest.fixture
def rule(round, sam):
    return actions.add_funder_rule(round=round, text="It is for Leeds.", by=sam, at=timezone.now())


def test_set_rule_limits_is_there_for_facilitators_alone(client, round, rule, members, sam):
    url = reverse("set_rule_limits", args=[round.slug, rule.pk])
    client.force_login(members[0].person)
    assert client.get(url).status_code == 404
    client.force_login(sam)
    page = client.get(url).text
    assert "It is for Leeds." in page
    assert "checked" not in page, "nothing is picked in advance"
    elsewhere = make.make_round(by=sam)
    assert client.get(reverse("set_rule_limits", args=[elsewhere.slug, rule.pk])).status_code == 404


def test_set_rule_limits_says_what_it_looks_for_where_the_rules_are(as_sam, round, rule):
    url = reverse("set_rule_limits", args=[round.slug, rule.pk])
    rules = reverse("change_funder_rules", args=[round.slug])
    page = as_sam.get(rules).text
    assert url in page
    assert "Nothing. People look by eye." in page
    data = {"looks_for": "area", "places": " Leeds \r\n\r\nLS12", "most": "10"}
    assert as_sam.post(url, data).url == rules
    rule.refresh_from_db()
    assert (rule.looks_for, rule.limits) == ("area", {"places": ["Leeds", "LS12"]})
    assert "Where the work is: Leeds, LS12." in as_sam.get(rules).text
    page = as_sam.get(url).text
    assert "Leeds\nLS12</textarea>" in page
    as_sam.post(url, {"looks_for": "eye", "places": "Leeds"})
    rule.refresh_from_db()
    assert (rule.looks_for, rule.limits) == ("", {})


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choose what the computer should look at."),
        ({"looks_for": "amount"}, "Type the least or the most a bid may ask for."),
        ({"looks_for": "amount", "least": "9", "most": "8"}, "Type a most that is not under"),
        ({"looks_for": "amount", "most": "lots"}, "Type an amount in pounds, like 12500."),
        ({"looks_for": "area", "places": " "}, "Type at least one place."),
        ({"looks_for": "days"}, "Type the first or the last day."),
        ({"looks_for": "kind"}, "Choose at least one kind of group."),
    ],
)
def test_set_rule_limits_says_what_to_put_right(as_sam, round, rule, data, sentence):
    answer = as_sam.post(reverse("set_rule_limits", args=[round.slug, rule.pk]), data)
    assert answer.status_code == 422
    assert sentence in answer.text
    rule.refresh_from_db()
    assert rule.looks_for == ""


def test_set_rule_limits_keeps_days_and_sums_as_they_were_typed(as_sam, round, rule):
    url = reverse("set_rule_limits", args=[round.slug, rule.pk])
    days = {"first_0": 1, "first_1": 4, "first_2": 2027, "last_0": 31, "last_1": 3}
    late = days | {"looks_for": "days", "last_2": 2026}
    assert "Type a last day that comes after" in as_sam.post(url, late).text
    as_sam.post(url, late | {"last_2": 2028})
    rule.refresh_from_db()
    assert rule.limits == {"first": "2027-04-01", "last": "2028-03-31"}
    assert 'value="2028"' in as_sam.get(url).text
    page = as_sam.get(reverse("change_funder_rules", args=[round.slug])).text
    assert "When the work is: from 1 April 2027, until 31 March 2028." in page
    as_sam.post(url, {"looks_for": "amount", "least": "£500", "most": "12,000"})
    page = as_sam.get(reverse("change_funder_rules", args=[round.slug])).text
    assert "The sum a bid asks for: at least £500, at most £12,000." in page
    as_sam.post(url, {"looks_for": "kind", "kinds": ["charity", "coop"]})
    page = as_sam.get(reverse("change_funder_rules", args=[round.slug])).text
    assert "What kind of group it is: Registered charity, Co-operative." in page


def test_set_rule_limits_is_fixed_once_bids_have_opened(as_sam, round, rule):
    url = reverse("set_rule_limits", args=[round.slug, rule.pk])
    as_sam.post(url, {"looks_for": "once"})
    make.open_to(round, StageKind.OPEN)
    assert as_sam.get(url).status_code == 403
    page = as_sam.get(reverse("change_funder_rules", args=[round.slug])).text
    assert "What the computer looks at: One bid from each group." in page


def test_change_lots_moves_money_between_lots_in_one_go(as_sam, round):
    one, two = make.make_lot(round, "One", 60_000), make.make_lot(round, "Two", 40_000)
    data = _rows(
        {"lot": one.pk, "name": "One", "about": "", "limit": "70000"},
        {"lot": two.pk, "name": "Two", "about": "", "limit": "30000"},
    )
    data["form-INITIAL_FORMS"] = 2
    assert as_sam.post(reverse("change_lots", args=[round.slug]), data).status_code == 302
    assert list(round.lots.values_list("limit", flat=True)) == [70_000, 30_000]


def test_change_lots_past_the_money_says_by_how_much(as_sam, round):
    data = _rows({"name": "One", "about": "", "limit": "100,500"})
    answer = as_sam.post(reverse("change_lots", args=[round.slug]), data)
    assert answer.status_code == 422
    assert "The lots come to £500.00 more than the money there is." in answer.text
    assert 'value="100,500"' in answer.text
    assert not round.lots.exists()


def test_change_lots_of_the_same_name_is_a_mistake(as_sam, round):
    data = _rows(
        {"name": "One", "about": "", "limit": "1"}, {"name": "One", "about": "", "limit": "2"}
    )
    answer = as_sam.post(reverse("change_lots", args=[round.slug]), data)
    assert "Two lots cannot have the same name." in answer.text


def test_change_lots_wants_the_money_of_a_named_lot(as_sam, round):
    answer = as_sam.post(
        reverse("change_lots", args=[round.slug]), _rows({"name": "One", "about": "", "limit": ""})
    )
    assert answer.status_code == 422
    assert "Type the most money for this lot." in answer.text


def test_change_lots_takes_one_out(as_sam, round):
    lot = make.make_lot(round, "One", 10)
    data = _rows({"lot": lot.pk, "name": "", "about": "", "limit": ""})
    data["form-INITIAL_FORMS"] = 1
    as_sam.post(reverse("change_lots", args=[round.slug]), data)
    assert not round.lots.exists()


def test_change_lots_only_shows_what_volunteers_agreed(as_sam, round, members, sam):
    make.open_to(round, StageKind.JOIN)
    draft = make.make_draft(round, Suggestion.About.PRIORITIES)
    actions.add_priority(
        agreement=draft,
        title="At home",
        limit=Decimal(10),
        by=members[0].person,
        at=timezone.now(),
    )
    actions.put_agreement(agreement=draft, by=members[0].person, at=timezone.now())
    for member in members:
        actions.vote_on_agreement(
            agreement=draft, choice="agree", by=member.person, at=timezone.now()
        )
    page = as_sam.get(reverse("change_lots", args=[round.slug])).text
    assert "Only the volunteers can change these." in page
    assert 'value="At home"' not in page


def _dates(round: Round, **changed: str) -> dict[str, object]:
    rows = []
    for stage in round.stages.filter(closed_at=None):
        rows.append(
            {
                "opens_on": f"{stage.opens_on:%d %B %Y}",
                "closes_on": f"{stage.closes_on:%d/%m/%Y}",
                "recovery_days": stage.recovery_days,
            }
        )
    data = _rows(*rows)
    data["form-INITIAL_FORMS"] = len(rows)
    return {**data, **changed}


def test_set_stage_dates_saves_days_as_people_type_them(as_sam, round):
    last = round.stages.get(kind="learn")
    later = last.closes_on + 9 * DAY
    data = _dates(round, **{"form-13-closes_on": later.isoformat()})
    assert as_sam.post(reverse("set_stage_dates", args=[round.slug]), data).status_code == 302
    last.refresh_from_db()
    assert last.closes_on == later


def test_set_stage_dates_shows_each_problem_in_a_sentence(as_sam, round):
    data = _dates(round, **{"form-7-recovery_days": "2", "form-13-opens_on": "never"})
    answer = as_sam.post(reverse("set_stage_dates", args=[round.slug]), data)
    assert answer.status_code == 422
    assert "Type a real day, like 3 May 2026." in answer.text
    assert 'value="never"' in answer.text
    answer = as_sam.post(
        reverse("set_stage_dates", args=[round.slug]),
        _dates(round, **{"form-7-recovery_days": "2"}),
    )
    assert answer.status_code == 422
    assert "To make it shorter, the panel must agree." in answer.text


def test_set_stage_dates_says_weekends_and_holidays_and_saves_all_the_same(as_sam, round):
    last = round.stages.get(kind="learn")
    saturday = last.closes_on + (12 - last.closes_on.weekday()) * DAY
    url = reverse("set_stage_dates", args=[round.slug])
    data = _dates(round, **{"form-13-closes_on": saturday.isoformat()})
    saved = as_sam.post(url, data, follow=True)
    said = f"“Looking back” closes on Saturday {saturday.day} {saturday:%B %Y}"
    assert "The new dates are saved." in saved.text
    assert said in saved.text
    page = as_sam.get(url).text
    assert "Worth a look" in page
    assert said in page


def test_set_stage_dates_shows_closed_stages_as_words(as_sam, round):
    make.open_to(round, StageKind.TRAINING)
    page = as_sam.get(reverse("set_stage_dates", args=[round.slug])).text
    assert "Joining: closed on" in page
    assert page.count("<legend") == 12


# ---- stages ----------------------------------------------------------------------------------
def test_open_stage_opens_after_the_tick(as_sam, round):
    url = reverse("open_stage", args=[round.slug, "setup"])
    answer = as_sam.post(url)
    assert answer.status_code == 422
    assert "Tick the box to go on." in answer.text
    assert as_sam.post(url, {"sure": "on"}).status_code == 302
    assert round.stages.get(kind="setup").opened_at


def test_open_stage_says_in_one_sentence_why_not_yet(as_sam, round):
    url = reverse("open_stage", args=[round.slug, "scoring"])
    assert "must close first." in as_sam.get(url).text
    as_sam.post(url, {"sure": "on"})
    assert not round.stages.get(kind="scoring").opened_at


def test_close_stage_says_what_follows_and_closes_after_the_tick(as_sam, round):
    stage = make.open_to(round, StageKind.TRAINING)
    url = reverse("close_stage", args=[round.slug, "training"])
    early = as_sam.get(url).text
    assert "To close it sooner, the panel must agree." in early
    assert reverse("what_is_due", args=[round.slug]) in early
    overview = reverse("round_detail", args=[round.slug])
    assert "“Getting ready” is open until" in as_sam.get(overview).text
    clock.move(days=(stage.closes_on - timezone.localdate()).days + 2)
    assert "“Getting ready” was to close on" in as_sam.get(overview).text
    page = as_sam.get(url).text
    assert "Then a rest until" in page
    assert "“Agreeing the criteria” can open on" in page
    assert "This is 2 days later than planned." in page
    assert as_sam.post(url).status_code == 422
    assert as_sam.post(url, {"sure": "on"}).status_code == 302
    assert round.stages.get(kind="training").closed_at


# ---- people ----------------------------------------------------------------------------------
def test_member_list_shows_promises_and_whom_to_ring(as_sam, round, members, amina):
    by_phone = make.make_volunteers(1)[0]
    by_phone.channel, by_phone.phone = "phone", "0113 496 0999"
    by_phone.save()
    make.invite(round, by_phone)
    page = as_sam.get(reverse("member_list", args=[round.slug])).text
    assert "Joined: 3" in page
    assert "Invited, with no answer yet: 1" in page
    assert "0113 496 0999" in page
    assert "read up to 15 bids" in page


def test_member_list_asks_the_same_for_one_member_and_three(
    as_sam, round, joan, harold, priya, django_assert_max_num_queries
):
    url = reverse("member_list", args=[round.slug])
    make.join(round, joan)
    one = queries(as_sam, url, django_assert_max_num_queries(12))
    make.join(round, harold, priya)
    assert queries(as_sam, url, django_assert_max_num_queries(12)) == one


def test_invite_volunteers_invites_those_ticked(as_sam, round, joan, harold):
    url = reverse("invite_volunteers", args=[round.slug])
    assert as_sam.post(url).status_code == 422
    assert as_sam.post(url, {"people": [joan.pk]}).status_code == 302
    assert [member.person for member in round.members.all()] == [joan]


def test_invite_volunteers_takes_nobody_who_is_not_in_the_list(as_sam, round, joan, amina):
    answer = as_sam.post(reverse("invite_volunteers", args=[round.slug]), {"people": [amina.pk]})
    assert answer.status_code == 422
    assert not round.members.exists()


def test_type_yes_keeps_both_names(as_sam, round, joan, sam):
    member = make.invite(round, joan)[0]
    url = reverse("type_yes", args=[round.slug, member.pk])
    answer = as_sam.post(url, {"bids_wanted": "4", "days_away": "Mondays"})
    assert answer.status_code == 422
    assert "Mondays" in answer.text
    data = {
        "bids_wanted": "4",
        "has_scored_before": "no",
        "may_be_named": "yes",
        "keeps_confidence": "on",
    }
    assert as_sam.post(url, data).status_code == 302
    member.refresh_from_db()
    assert (member.joined_by, member.bids_wanted) == (sam, 4)
    assert as_sam.get(url).status_code == 403


def test_end_place_after_the_tick(as_sam, round, members):
    url = reverse("end_place", args=[round.slug, members[0].pk])
    assert as_sam.post(url).status_code == 422
    assert as_sam.post(url, {"sure": "on"}).status_code == 302
    assert round.members.get(pk=members[0].pk).ended_at


# ---- typing and objecting --------------------------------------------------------------------
def test_type_suggestion_names_both(as_sam, round, members, sam):
    make.open_to(round, StageKind.CRITERIA)
    url = reverse("type_suggestion", args=[round.slug, "criteria"])
    answer = as_sam.post(url, {"text": "A lift home"})
    assert answer.status_code == 422
    assert "A lift home" in answer.text
    assert as_sam.post(url, {"text": "A lift home", "member": members[1].pk}).status_code == 302
    page = as_sam.get(reverse("suggestion_list", args=[round.slug])).text
    assert "Harold Whitaker" in page
    assert "Typed by Sam Okafor" in page


def test_type_suggestion_waits_for_its_stage(as_sam, round):
    answer = as_sam.get(reverse("type_suggestion", args=[round.slug, "criteria"]))
    assert answer.status_code == 403
    assert "has not opened yet" in answer.text


def test_type_vote_waits_to_be_confirmed(as_sam, client, put, members, ruth):
    url = reverse("type_vote", args=[put.round.slug, put.pk])
    answer = as_sam.post(url, {"words": "I like it"})
    assert answer.status_code == 422
    assert "I like it" in answer.text
    as_sam.post(url, {"member": members[0].pk, "choice": "agree"})
    typed = put.typed_votes.get()
    page = as_sam.get(reverse("agreement_detail", args=[put.round.slug, put.pk])).text
    assert "Joan Ibbotson, typed by Sam Okafor" in page
    confirm = reverse("confirm_typed_vote", args=[typed.pk])
    assert as_sam.get(confirm).status_code == 403
    client.force_login(ruth)
    assert client.post(confirm).status_code == 422
    assert client.post(confirm, {"sure": "on"}).status_code == 302
    assert put.votes.get().member == members[0]


def test_type_vote_offers_only_those_who_have_not_voted(as_sam, put, members, joan):
    actions.vote_on_agreement(agreement=put, choice="agree", by=joan, at=timezone.now())
    page = as_sam.get(reverse("type_vote", args=[put.round.slug, put.pk])).text
    assert "Joan Ibbotson" not in page
    assert "Harold Whitaker" in page


def test_object_to_agreement_stands_beside_the_words(as_sam, put, sam):
    rule = actions.add_funder_rule(
        round=put.round, text="It is for Leeds.", by=sam, at=timezone.now()
    )
    url = reverse("object_to_agreement", args=[put.round.slug, put.pk])
    answer = as_sam.post(url, {"text": "This pays for York."})
    assert answer.status_code == 422
    assert "This pays for York." in answer.text
    as_sam.post(url, {"funder_rule": rule.pk, "text": "This pays for York."})
    page = as_sam.get(reverse("agreement_detail", args=[put.round.slug, put.pk])).text
    assert "This pays for York." in page
    assert "It is for Leeds." in page


def test_agreement_detail_hides_the_votes_from_facilitators_until_it_is_over(
    as_sam, put, members, joan, harold, priya
):
    url = reverse("agreement_detail", args=[put.round.slug, put.pk])
    actions.vote_on_agreement(agreement=put, choice="agree", by=joan, at=timezone.now())
    page = as_sam.get(url).text
    assert "1 of 3 have voted." in page
    assert "I agree: 1" not in page
    assert reverse("vote_on_agreement", args=[put.round.slug, put.pk]) not in page
    for person in (harold, priya):
        actions.vote_on_agreement(agreement=put, choice="agree", by=person, at=timezone.now())
    assert "I agree: 3" in as_sam.get(url).text


def test_count_votes_by_a_facilitator_on_the_last_day(as_sam, put, members, joan, harold, priya):
    make.join(put.round, *make.make_volunteers(2))
    for person, choice in ((joan, "agree"), (harold, "agree"), (priya, "disagree")):
        actions.vote_on_agreement(agreement=put, choice=choice, by=person, at=timezone.now())
    url = reverse("count_votes", args=[put.round.slug, put.pk])
    assert as_sam.post(url).status_code == 403
    last = put.round.stages.get(kind="criteria").closes_on
    clock.move(days=(last - timezone.localdate()).days)
    page = as_sam.get(reverse("agreement_detail", args=[put.round.slug, put.pk])).text
    assert "Count the votes now" in page
    as_sam.post(url)
    put.refresh_from_db()
    assert put.agreed_at


def test_facilitators_cannot_word_or_vote(as_sam, draft):
    pages = [
        reverse(name, args=[draft.round.slug, draft.pk])
        for name in ("word_criterion", "add_must_have", "put_agreement", "vote_on_agreement")
    ]
    assert [as_sam.get(page).status_code for page in pages] == [404] * 4
    assert Person.objects.filter(name="Sam Okafor").exists()
