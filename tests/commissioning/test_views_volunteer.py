from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from commissioning import actions
from commissioning.models import Agreement, Member, Round, StageKind, Suggestion
from ledger import clock
from tests.factories import commissioning as make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PRIORITIES, CRITERIA = Suggestion.About.PRIORITIES, Suggestion.About.CRITERIA


@pytest.fixture
def round(sam) -> Round:
    return make.make_round(by=sam, name="First round", about="It is about company.")


@pytest.fixture
def invited(round, joan) -> Member:
    return make.invite(round, joan)[0]


@pytest.fixture
def members(round, joan, harold, priya) -> list[Member]:
    return make.join(round, joan, harold, priya)


@pytest.fixture
def as_joan(client, joan):
    client.force_login(joan)
    return client


@pytest.fixture
def draft(round, members) -> Agreement:
    make.open_to(round, StageKind.CRITERIA)
    return make.make_draft(round)


@pytest.fixture
def put(draft, members, joan) -> Agreement:
    make.make_criterion(draft, members[0])
    return actions.put_agreement(agreement=draft, by=joan, at=timezone.now())


def url(name: str, round: Round, *args: object) -> str:
    return reverse(name, args=[round.slug, *args])


def queries(client, address: str, captured) -> int:
    with captured as context:
        assert client.get(address).status_code == 200
    return len(context)


# ---- everybody else --------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name",
    ["round_welcome", "join_round", "my_promise", "leave_round", "round_timeline",
     "suggestion_list", "agreement_list"],
)  # fmt: skip
def test_pages_are_not_there_for_outsiders(name, client, round, members, outsider, amina):
    other = make.make_volunteers(1)[0]
    for person in (outsider, amina, other):
        client.force_login(person)
        assert client.get(url(name, round)).status_code == 404
    client.logout()
    assert client.get(url(name, round)).status_code == 302


def test_pages_of_an_agreement_are_not_there_for_outsiders(client, put, outsider, superuser):
    names = ("agreement_detail", "word_criterion", "add_must_have", "put_agreement",
             "vote_on_agreement")  # fmt: skip
    pages = [url(name, put.round, put.pk) for name in names]
    pages += [url("write_level_words", put.round, put.criteria.get().pk)]
    for person in (outsider, superuser, make.make_volunteers(1)[0]):
        client.force_login(person)
        assert [client.get(page).status_code for page in pages] == [404] * 6


# ---- the round -------------------------------------------------------------------------------
def test_round_welcome_says_what_it_is_and_who_takes_part(as_joan, round, members):
    page = as_joan.get(url("round_welcome", round)).text
    assert "It is about company." in page
    assert "£100,000" in page
    assert "Joan Ibbotson (you)" in page
    assert "Harold Whitaker" in page
    assert "invited by" in page


def test_round_welcome_names_somebody_to_tell_who_is_not_staff(as_joan, round, members):
    assert "who is not one of the staff" not in as_joan.get(url("round_welcome", round)).text
    make.make_person("Hattie Hearer", Role.COMPLAINTS)
    page = as_joan.get(url("round_welcome", round)).text
    assert "You can also tell Hattie Hearer, who is not one of the staff." in page


def test_round_welcome_asks_the_invited_to_look_first(as_joan, round, invited):
    page = as_joan.get(url("round_welcome", round)).text
    assert "You are invited to take part" in page
    assert url("join_round", round) in page


def test_round_welcome_asks_the_same_for_one_member_and_three(
    as_joan, round, joan, harold, priya, django_assert_max_num_queries
):
    make.join(round, joan)
    one = queries(as_joan, url("round_welcome", round), django_assert_max_num_queries(12))
    make.join(round, harold, priya)
    three = queries(as_joan, url("round_welcome", round), django_assert_max_num_queries(12))
    assert three == one


def test_round_timeline_shows_rests_as_real_things(as_joan, round, members):
    make.open_to(round, StageKind.TRAINING)
    page = as_joan.get(url("round_timeline", round)).text
    assert page.count("rest-box") == 13
    assert "“Getting ready” is open until" in page
    assert "Short topics help you get ready." in page


def test_round_timeline_in_a_rest_says_until_when(as_joan, round, members):
    make.close(make.open_to(round, StageKind.TRAINING))
    clock.move(days=2)
    page = as_joan.get(url("round_timeline", round)).text
    assert "This is a time of rest, until" in page
    assert "Resting now" in page


def test_round_timeline_of_a_late_stage_says_that_it_is_still_open(as_joan, round, members):
    stage = make.open_to(round, StageKind.TRAINING)
    clock.move(days=(stage.closes_on - clock.today()).days + 1)
    page = as_joan.get(url("round_timeline", round)).text
    assert "“Getting ready” was to close on" in page
    assert "It is still open." in page


def test_round_timeline_is_there_for_staff_and_board(client, round, sam, margaret):
    make.open_to(round, StageKind.TRAINING)
    for person in (sam, margaret):
        client.force_login(person)
        page = client.get(url("round_timeline", round)).text
        assert "What is open now" in page
        assert "“Getting ready” is open until" in page
        assert "Short topics help you" not in page, "that is said to volunteers"


# ---- joining ---------------------------------------------------------------------------------
def _answer(client, round: Round) -> None:
    for step, data in (
        ("bids", {"bids_wanted": "8"}),
        ("away", {"days_away": "Thursdays"}),
        ("you", {
            "hopes": "A good laugh",
            "experience": ["carer"],
            "has_scored_before": "no",
            "may_be_named": "yes",
        }),
        ("promise", {"keeps_confidence": "on"}),
    ):  # fmt: skip
        assert client.post(url("join_round", round, step), data).status_code == 302


def test_join_round_begins_with_honest_hours(as_joan, round, invited):
    page = as_joan.get(url("join_round", round)).text
    assert "29 to 44 hours" in page
    assert "No, thank you" in page


def test_join_round_asks_asks_and_checks_before_the_yes(as_joan, round, invited, joan):
    _answer(as_joan, round)
    page = as_joan.get(url("join_round", round, "check")).text
    assert "Up to 8" in page
    assert "Thursdays" in page
    assert "I care, or have cared" in page
    invited.refresh_from_db()
    assert invited.joined_at is None
    answer = as_joan.post(url("join_round", round, "check"))
    assert answer.url == url("my_promise", round)
    invited.refresh_from_db()
    assert (invited.bids_wanted, invited.experience, invited.joined_by) == (8, ["carer"], joan)
    assert (invited.may_be_named, invited.has_scored_before) == (True, False)


def test_join_round_goes_back_to_the_check_page_after_a_change(as_joan, round, invited):
    _answer(as_joan, round)
    assert 'value="8"' in as_joan.get(url("join_round", round, "bids")).text
    answer = as_joan.post(url("join_round", round, "bids"), {"bids_wanted": "3"})
    assert answer.url == url("join_round", round, "check")
    assert "Up to 3" in as_joan.get(answer.url).text


def test_join_round_keeps_what_was_typed_on_a_mistake(as_joan, round, invited):
    answer = as_joan.post(url("join_round", round, "bids"), {"bids_wanted": "40"})
    assert answer.status_code == 422
    assert "Choose 19 bids or fewer." in answer.text
    assert 'value="40"' in answer.text
    long = "word " * 90
    answer = as_joan.post(url("join_round", round, "away"), {"days_away": long})
    assert answer.status_code == 422
    assert "This is 10 more." in answer.text
    assert "word word word" in answer.text


def test_join_round_preselects_nothing(as_joan, round, invited):
    for step in ("bids", "you", "promise"):
        assert " checked" not in as_joan.get(url("join_round", round, step)).text
    _answer(as_joan, round)
    assert " checked" not in as_joan.get(url("join_round", round, "promise")).text


def test_join_round_sends_on_to_what_is_not_answered_yet(as_joan, round, invited):
    answer = as_joan.get(url("join_round", round, "check"))
    assert answer.url == url("join_round", round, "bids")
    assert as_joan.get(url("join_round", round, "nonsense")).status_code == 404


def test_join_round_after_the_yes_leads_to_the_promise(as_joan, round, members):
    assert as_joan.get(url("join_round", round)).url == url("my_promise", round)


def test_my_promise_can_be_changed_at_any_time(as_joan, round, members):
    make.open_to(round, StageKind.SCORING)
    page = as_joan.get(url("my_promise", round)).text
    assert reverse("ask_for_adjustment", args=[round.slug]) in page
    data = {
        "bids_wanted": "2",
        "days_away": "June",
        "hopes": "",
        "has_scored_before": "no",
        "may_be_named": "no",
    }
    answer = as_joan.post(url("my_promise", round), {**data, "bids_wanted": "none"})
    assert answer.status_code == 422
    assert "June" in answer.text
    assert as_joan.post(url("my_promise", round), data).status_code == 302
    members[0].refresh_from_db()
    assert (members[0].bids_wanted, members[0].days_away) == (2, "June")


def test_my_promise_before_the_yes_leads_to_the_questions(as_joan, round, invited):
    assert as_joan.get(url("my_promise", round)).url == url("join_round", round)


def test_leave_round_after_the_tick(as_joan, round, members):
    assert as_joan.post(url("leave_round", round)).status_code == 422
    assert as_joan.post(url("leave_round", round), {"sure": "on"}).url == reverse("home")
    members[0].refresh_from_db()
    assert members[0].ended_at
    assert as_joan.get(url("round_welcome", round)).status_code == 404


def test_leave_round_says_no_to_an_invitation(as_joan, round, invited):
    assert "Say no this time" in as_joan.get(url("leave_round", round)).text
    as_joan.post(url("leave_round", round), {"sure": "on"})
    invited.refresh_from_db()
    assert invited.ended_at


# ---- suggesting ------------------------------------------------------------------------------
def test_suggest_keeps_own_words(as_joan, round, members):
    make.open_to(round, StageKind.CRITERIA)
    page = url("suggest", round, CRITERIA)
    assert as_joan.post(page, {"text": ""}).status_code == 422
    long = as_joan.post(page, {"text": "word " * 101})
    assert long.status_code == 422
    assert "This is 1 more." in long.text
    assert as_joan.post(page, {"text": "Do they know us?"}).status_code == 302
    assert "Do they know us?" in as_joan.get(url("suggestion_list", round)).text


def test_suggest_in_a_rest_is_a_page_with_one_sentence(as_joan, round, members):
    make.close(make.open_to(round, StageKind.TRAINING))
    clock.move(days=1)
    answer = as_joan.get(url("suggest", round, PRIORITIES))
    assert answer.status_code == 403
    assert "This is a time of rest, until" in answer.text


def test_suggest_about_something_else_is_404(as_joan, round, members):
    assert as_joan.get(url("suggest", round, "weather")).status_code == 404


def test_suggestion_list_can_be_narrowed_and_has_pages(as_joan, round, members):
    make.open_to(round, StageKind.CRITERIA)
    for number in range(26):
        Suggestion.objects.create(
            round=round,
            about=CRITERIA,
            text=f"Thought {number}",
            member=members[0],
            made_at=timezone.now(),
        )
    first = as_joan.get(url("suggestion_list", round)).text
    assert "Thought 25<" in first, "the newest, so that one sees one's own"
    assert "Thought 0<" not in first
    assert "Thought 0<" in as_joan.get(url("suggestion_list", round) + "?page=2").text
    narrowed = as_joan.get(url("suggestion_list", round) + "?about=priorities").text
    assert "Nobody has said anything yet." in narrowed


def test_suggestion_list_asks_the_same_for_one_and_three(
    as_joan, round, members, django_assert_max_num_queries
):
    make.open_to(round, StageKind.CRITERIA)

    def say(member: Member) -> None:
        Suggestion.objects.create(
            round=round, about=CRITERIA, text="So", member=member, made_at=timezone.now()
        )

    say(members[0])
    address = url("suggestion_list", round)
    one = queries(as_joan, address, django_assert_max_num_queries(12))
    say(members[1])
    say(members[2])
    assert queries(as_joan, address, django_assert_max_num_queries(12)) == one


# ---- agreements ------------------------------------------------------------------------------
def test_agreement_list_offers_to_start_only_when_one_may(as_joan, round, members):
    assert "Start the first draft" not in as_joan.get(url("agreement_list", round)).text
    make.open_to(round, StageKind.CRITERIA)
    page = as_joan.get(url("agreement_list", round)).text
    assert url("start_agreement", round, CRITERIA) in page
    make.make_draft(round)
    page = as_joan.get(url("agreement_list", round)).text
    assert url("start_agreement", round, CRITERIA) not in page
    assert "Being worded" in page


def test_agreement_list_asks_the_same_for_one_and_three(
    as_joan, round, members, django_assert_max_num_queries
):
    make.open_to(round, StageKind.CRITERIA)
    address = url("agreement_list", round)
    make.agree_criteria(round, members[0])
    one = queries(as_joan, address, django_assert_max_num_queries(12))
    make.agree_criteria(round, members[0])
    make.agree_criteria(round, members[0])
    assert queries(as_joan, address, django_assert_max_num_queries(12)) == one


def test_start_agreement_and_a_later_version_with_a_reason(as_joan, round, members):
    make.open_to(round, StageKind.CRITERIA)
    page = url("start_agreement", round, CRITERIA)
    assert as_joan.get(page).status_code == 200
    as_joan.post(page)
    made = round.agreements.get()
    made.put_at = made.turned_down_at = timezone.now()
    made.put_by = members[0].person
    made.save()
    assert as_joan.post(page, {"reason": ""}).status_code == 422
    assert as_joan.post(page, {"reason": "We forgot rest."}).status_code == 302
    assert round.agreements.count() == 2


def test_word_criterion_with_its_suggestions_and_levels(as_joan, round, draft, members):
    said = Suggestion.objects.create(
        round=round, about=CRITERIA, text="Is it real?", member=members[1], made_at=timezone.now()
    )
    page = url("word_criterion", round, draft.pk)
    data = {"title": "The need is real", "question": "Is it needed?", "suggestions": [said.pk]}
    answer = as_joan.post(page, data)
    assert answer.status_code == 422
    assert "Choose how much it counts." in answer.text
    assert "The need is real" in answer.text
    answer = as_joan.post(page, {**data, "weight": "2"})
    row = draft.criteria.get()
    assert answer.url == url("write_level_words", round, row.pk)
    words = {f"word_{level}": word for level, (word, _said) in make.LEVELS.items()}
    words |= {f"sentence_{level}": text for level, (_word, text) in make.LEVELS.items()}
    wrong = as_joan.post(answer.url, {**words, "word_3": ""})
    assert wrong.status_code == 422
    assert "Write a word for 3." in wrong.text
    assert "They show it clearly." in wrong.text
    as_joan.post(answer.url, words)
    page = as_joan.get(url("agreement_detail", round, draft.pk)).text
    assert "It grew from 1 suggestion" in page
    assert "Is it real?" in page
    assert "No doubt" in page
    assert "Nothing is missing." in page


def test_word_criterion_anew_begins_with_its_words(as_joan, round, draft, members):
    row = make.make_criterion(draft, members[1], "Old words")
    page = url("word_criterion", round, draft.pk, row.pk)
    assert "Old words" in as_joan.get(page).text
    as_joan.post(page, {"title": "New words", "question": "So?", "weight": "1"})
    row.refresh_from_db()
    assert (row.title, row.worded_by) == ("New words", members[0])


def test_word_criterion_of_another_draft_is_404(as_joan, round, draft, members):
    other = make.make_criterion(make.make_draft(round), members[1])
    assert as_joan.get(url("word_criterion", round, draft.pk, other.pk)).status_code == 404


def test_add_must_have_and_take_out(as_joan, round, draft):
    page = url("add_must_have", round, draft.pk)
    assert as_joan.post(page, {"text": ""}).status_code == 422
    as_joan.post(page, {"text": "A bank account"})
    row = draft.must_haves.get()
    out = url("take_out", round, draft.pk, "must-have", row.pk)
    assert as_joan.get(out).status_code == 405
    assert as_joan.post(out).status_code == 302
    assert not draft.must_haves.exists()
    assert as_joan.post(out).status_code == 404


def test_take_out_a_criterion_and_a_kind_of_service(as_joan, round, draft, members, joan):
    row = make.make_criterion(draft, members[0])
    as_joan.post(url("take_out", round, draft.pk, "criterion", row.pk))
    assert not draft.criteria.exists()
    other = make.make_draft(round, PRIORITIES)
    kind = actions.add_priority(
        agreement=other, title="At home", limit=Decimal(1), by=joan, at=timezone.now()
    )
    as_joan.post(url("take_out", round, other.pk, "kind", kind.pk))
    assert not other.priorities.exists()
    assert as_joan.post(url("take_out", round, other.pk, "moon", 1)).status_code == 404


def test_add_priority_and_change_its_words(as_joan, round, members):
    make.open_to(round, StageKind.JOIN)
    draft = make.make_draft(round, PRIORITIES)
    page = url("add_priority", round, draft.pk)
    answer = as_joan.post(page, {"title": "At home", "limit": "a lot"})
    assert answer.status_code == 422
    assert 'value="a lot"' in answer.text
    as_joan.post(page, {"title": "At home", "limit": "£40,000"})
    row = draft.priorities.get()
    page = url("add_priority", round, draft.pk, row.pk)
    assert "At home" in as_joan.get(page).text
    as_joan.post(page, {"title": "Near home", "limit": "41000"})
    row.refresh_from_db()
    assert (row.title, row.limit) == ("Near home", 41_000)


def test_put_agreement_after_the_tick(as_joan, round, draft, members):
    page = url("put_agreement", round, draft.pk)
    assert as_joan.get(page).status_code == 403
    make.make_criterion(draft, members[0])
    assert "3 people are asked to vote." in as_joan.get(page).text
    assert as_joan.post(page).status_code == 422
    assert as_joan.post(page, {"sure": "on"}).status_code == 302
    draft.refresh_from_db()
    assert draft.put_at


def test_vote_on_agreement_once_and_then_see_the_counts(as_joan, round, put, members, harold):
    actions.vote_on_agreement(agreement=put, choice="agree", by=harold, at=timezone.now())
    detail, page = url("agreement_detail", round, put.pk), url("vote_on_agreement", round, put.pk)
    before = as_joan.get(detail).text
    assert "1 of 3 have voted." in before
    assert "I agree: 1" not in before
    assert "You see how others voted once you have voted." in before
    asked = as_joan.get(page).text
    assert " checked" not in asked
    wrong = as_joan.post(page, {"words": "More about buses"})
    assert wrong.status_code == 422
    assert "More about buses" in wrong.text
    as_joan.post(page, {"choice": "live_with", "words": "More about buses"})
    after = as_joan.get(detail).text
    assert "I agree: 1" in after
    assert "I can live with it: 1" in after
    assert "More about buses" in after
    assert as_joan.get(page).status_code == 403


def test_vote_on_agreement_is_not_for_those_who_have_not_joined(client, round, put):
    late = make.make_volunteers(1)[0]
    make.invite(round, late)
    client.force_login(late)
    answer = client.get(url("vote_on_agreement", round, put.pk))
    assert answer.status_code == 403
    assert "Only volunteers of this round vote." in answer.text


def test_agreement_detail_once_agreed(as_joan, round, put, members):
    for member in members:
        actions.vote_on_agreement(
            agreement=put, choice="agree", by=member.person, at=timezone.now()
        )
    page = as_joan.get(url("agreement_detail", round, put.pk)).text
    assert "The volunteers agreed this on" in page
    assert "I agree: 3" in page


def test_agreement_detail_asks_the_same_for_one_criterion_and_three(
    as_joan, round, draft, members, django_assert_max_num_queries
):
    said = Suggestion.objects.create(
        round=round, about=CRITERIA, text="So", member=members[1], made_at=timezone.now()
    )
    make.make_criterion(draft, members[0]).suggestions.add(said)
    address = url("agreement_detail", round, draft.pk)
    one = queries(as_joan, address, django_assert_max_num_queries(12))
    make.make_criterion(draft, members[0], "Two").suggestions.add(said)
    make.make_criterion(draft, members[0], "Three").suggestions.add(said)
    assert queries(as_joan, address, django_assert_max_num_queries(12)) == one


def test_confirm_typed_vote_by_its_owner(as_joan, client, round, put, members, sam, harold):
    typed = actions.type_vote(
        agreement=put, member=members[0], choice="agree", by=sam, at=timezone.now()
    )
    page = reverse("confirm_typed_vote", args=[typed.pk])
    assert "Sam Okafor typed this vote for you." in as_joan.get(page).text
    assert as_joan.post(page).status_code == 422
    client.force_login(harold)
    assert client.get(page).status_code == 404
    client.force_login(members[0].person)
    assert client.post(page, {"sure": "on"}).status_code == 302
    assert put.votes.get().member == members[0]
    assert client.get(page).status_code == 403


def test_confirm_typed_vote_or_take_it_back(as_joan, put, members, sam):
    typed = actions.type_vote(
        agreement=put, member=members[0], choice="disagree", by=sam, at=timezone.now()
    )
    as_joan.post(reverse("confirm_typed_vote", args=[typed.pk]), {"wrong": "1"})
    typed.refresh_from_db()
    assert typed.dropped_at
    assert not put.votes.exists()
