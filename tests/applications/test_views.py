"""Each page: for its reader, not for others, and what it says to mistakes."""

import io
from datetime import timedelta
from decimal import Decimal

import pikepdf
import pytest
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.permissions import Refused
from applications import actions, looking_rules, rules
from applications.forms import ForYouForm
from applications.models import (
    Application,
    AskBack,
    BidVersion,
    Colleague,
    Document,
    Eligibility,
    FormQuestion,
    HelpQuestion,
    Organisation,
    RuleCheck,
)
from commissioning.models import FunderRule, MustHave, StageKind
from ledger import clock
from ledger.models import Entry
from tests.applications.test_eligibility import go_to_eligibility
from tests.factories.applications import (
    answer,
    day_boxes,
    docx,
    fill,
    look_at_rules,
    make_applicant,
    make_draft_bid,
    make_open_round,
    make_organisation,
    make_sent_bid,
    pdf,
    photo,
    png,
    settle,
    upload,
)
from tests.factories.commissioning import close, join, make_facilitator, make_round

NOW = timezone.now
AUTOSAVE = {"X-Autosave": "1"}


@pytest.fixture
def round(db):
    return make_open_round()


@pytest.fixture
def bid(round, amina):
    return make_draft_bid(round, amina, title="Tea at four")


@pytest.fixture
def checked(amina):
    """A round whose rules are being checked, with one sent bid."""
    round = make_open_round()
    bid = make_sent_bid(round, amina, title="Tea at four")
    for stage in round.stages.all():
        if stage.kind == StageKind.OPEN:
            stage.closed_at, stage.closed_by = NOW(), amina
        if stage.kind == StageKind.ELIGIBILITY:
            stage.opened_at, stage.opened_by = NOW(), amina
        stage.save()
    return Application.objects.select_related("round").get(pk=bid.pk)


def text(response) -> str:
    return " ".join(response.content.decode().split())


def get(client, person, name, *args, status=200):
    if person:
        client.force_login(person)
    response = client.get(reverse(name, args=args))
    assert response.status_code == status
    return response


def post(client, person, name, *args, status=302, headers=None, data=None):
    client.force_login(person)
    response = client.post(reverse(name, args=args), data or {}, headers=headers or {})
    assert response.status_code == status, text(response)[:600]
    return response


# ---- Who may see what ------------------------------------------------------------------------
BID_PAGES = [
    "application_detail",
    "change_details",
    "change_budget",
    "add_document",
    "preview_application",
    "check_application",
    "withdraw_application",
]
ROUND_PAGES = ["form_question_list", "bid_list", "eligibility_list", "help_desk", "give_extension"]


@pytest.mark.parametrize("name", BID_PAGES)
def test_bid_pages_are_for_those_who_act_for_it(client, bid, amina, rival, sam, joan, name):
    assert "<h1" in text(get(client, amina, name, bid.pk))
    for person in (rival, sam, joan):
        get(client, person, name, bid.pk, status=404)


@pytest.mark.parametrize("name", ROUND_PAGES)
def test_round_pages_are_for_facilitators(client, round, sam, amina, joan, outsider, name):
    assert "<h1" in text(get(client, sam, name, round.slug))
    for person in (amina, joan, outsider):
        get(client, person, name, round.slug, status=404)


@pytest.mark.parametrize("name", [*BID_PAGES, "confirm_typed_bid", "application_sent"])
def test_bid_pages_ask_to_sign_in(client, bid, name):
    response = get(client, None, name, bid.pk, status=302)
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["check_rules", "settle_eligibility", "bid_detail"])
def test_checking_pages_are_for_facilitators(client, checked, sam, amina, joan, margaret, name):
    get(client, sam, name, checked.round.slug, checked.pk)
    for person in (amina, joan, margaret):
        get(client, person, name, checked.round.slug, checked.pk, status=404)


def test_bid_detail_shows_no_draft(client, bid, round, sam):
    get(client, sam, "bid_detail", round.slug, bid.pk, status=404)


# ---- Public ----------------------------------------------------------------------------------
def test_open_rounds_lists_what_is_open(client, round):
    make_round(name="Not yet")
    page = text(get(client, None, "open_rounds"))
    assert round.name in page
    assert "Not yet: opens on" in page


def test_round_public_says_what_volunteers_look_for(client, round, amina, sam):
    question = actions.ask_for_help(round=round, text="May we pay rent?", by=amina, at=NOW())
    actions.answer_help(question=question, answer="Yes, you may.", by=sam, at=NOW())
    page = text(get(client, None, "round_public", round.slug))
    for words in ("Criterion 1", "The work is in Leeds.", "Getting about", "May we pay rent?"):
        assert words in page
    assert amina.name not in page
    assert f"{reverse('account_signup')}?next=" in page
    assert "I am new here" in page


def test_round_public_is_not_there_before_bids_open(client, db):
    get(client, None, "round_public", make_round().slug, status=404)


def test_round_public_keeps_what_is_said_to_volunteers_from_applicants(client, round):
    round.if_not = "It is quite all right to say no to reading."
    round.save()
    page = text(get(client, None, "round_public", round.slug))
    assert "quite all right" not in page
    assert "You get a letter with the panel’s reasons." in page


def test_open_rounds_leads_to_the_awards_of_rounds_that_are_over(client, round):
    awards = reverse("awards_public", args=[round.slug])
    assert awards not in get(client, None, "open_rounds").content.decode()
    stage = round.stages.get(kind="open")
    stage.closed_at, stage.closed_by = NOW(), stage.opened_by
    stage.save()
    assert awards in get(client, None, "open_rounds").content.decode()


def test_round_public_says_when_bids_are_over(client, round):
    clock.move(days=60)
    assert "The time for bids ended on" in text(get(client, None, "round_public", round.slug))


def fits(round, **answers):
    """A post of the questions, yes to each that is not named."""
    number = round.funder_rules.count() + MustHave.objects.count()
    return {f"fits_{place}": "yes" for place in range(number)} | answers


def test_is_this_for_you_says_what_stands_in_the_way(client, round):
    address = reverse("is_this_for_you", args=[round.slug])
    assert "We keep none of your answers." in text(get(client, None, "is_this_for_you", round.slug))
    assert address in get(client, None, "round_public", round.slug).content.decode()
    assert "It looks right for you" in text(client.post(address, fits(round)))
    not_new = text(client.post(address, fits(round, fits_0="not_us")))
    assert "It looks right for you" in not_new
    page = text(client.post(address, fits(round, fits_0="no", fits_1="unsure", pounds="9,000,000")))
    assert "A bid that breaks this cannot go on." in page
    assert "Ask us about this one first." in page
    assert "You cannot ask for more than £" in page
    assert "Talk to us before you write" in page


def test_is_this_for_you_asks_for_every_answer(client, round):
    FunderRule.objects.create(round=round, text="Word " * 20, order=9)
    response = client.post(reverse("is_this_for_you", args=[round.slug]), {"fits_0": "yes"})
    assert response.status_code == 422
    for rule in ("The group is not for profit.", "Word Word Word Word Word Word Word …"):
        assert text(response).count(f"“{rule}” Choose an answer.") == 2, (
            "in the list and beside the question"
        )
    assert "“The work is in Leeds.” Choose" not in text(response)
    assert "“I am not sure” is an answer too." in text(response)


@pytest.mark.parametrize(
    ("typed", "pounds"),
    [
        ("12k", 12000), ("£12K", 12000), ("about 12,000", 12000), ("About £1.5k", 1500),
        ("12 thousand pounds", 12000), ("£250.50", Decimal("250.50")), ("", None),
    ],
)  # fmt: skip
def test_is_this_for_you_takes_a_guess_as_it_is_said(client, round, typed, pounds):
    form = ForYouForm({"pounds": typed}, asked=[])
    assert form.is_valid()
    assert form.cleaned_data["pounds"] == pounds
    url = reverse("is_this_for_you", args=[round.slug])
    page = client.post(url, fits(round, pounds="a lot"))
    assert page.status_code == 422
    assert "Type a sum in pounds, like 12,000 or 12k." in text(page)
    assert 'value="a lot"' in text(page)


def test_is_this_for_you_leaves_out_rules_that_no_bid_can_break(client, round):
    told = "New groups may bid."
    FunderRule.objects.create(round=round, text=told, order=9, only_tells=True)
    assert told in text(get(client, None, "round_public", round.slug))
    page = text(get(client, None, "is_this_for_you", round.slug))
    assert "The work is in Leeds." in page
    assert told not in page


def test_end_colleague_says_what_it_means_for_oneself_and_keeps_the_last(client, amina):
    made = make_organisation(amina, "Tea and Talk")
    mine = made.colleagues.get()
    page = text(get(client, amina, "end_colleague", made.pk, mine.pk, status=403))
    assert "Somebody must act for the organisation." in page
    data = {"name": "Bo", "email": "bo@example.org"}
    post(client, amina, "add_colleague", made.pk, data=data)
    page = text(get(client, amina, "end_colleague", made.pk, mine.pk))
    assert "You can then no longer see, change or send the bids of Tea and Talk." in page
    url = reverse("end_colleague", args=[made.pk, mine.pk])
    page = text(client.post(url, {"sure": "on"}, follow=True))
    assert "You can no longer work on the bids of Tea and Talk." in page


def test_questions_and_answers_show_the_world_no_contact_details(client, round, amina, sam):
    question = actions.ask_for_help(
        round=round, text="Ring me on 07700 900123. May we pay rent?", by=amina, at=NOW()
    )
    actions.answer_help(question=question, answer="Yes, mo@example.org.", by=sam, at=NOW())
    for name in ("round_public", "help_list"):
        page = text(get(client, None, name, round.slug))
        assert "May we pay rent?" in page
        assert "07700 900123" not in page
        assert "mo@example.org" not in page
    page = text(get(client, amina, "ask_for_help", round.slug))
    assert "Everybody can read your question and our answer." in page
    assert "We hide emails and phone numbers." in page


def test_help_list_shows_answers_only(client, round, amina):
    actions.ask_for_help(round=round, text="Still waiting?", by=amina, at=NOW())
    assert "Still waiting?" not in text(get(client, None, "help_list", round.slug))


# ---- Starting --------------------------------------------------------------------------------
def test_start_application_by_somebody_new(client, round, outsider):
    response = get(client, outsider, "start_application", round.slug, status=302)
    assert response.url == reverse("start_organisation", args=[round.slug])
    response = post(
        client,
        outsider,
        "start_organisation",
        round.slug,
        data={
            "name": "Tea and Talk",
            "kind": "group",
            "address": "1 High Street",
            "postcode": "LS1 1AA",
            "income_band": "under 10000",
        },
    )
    made = Organisation.objects.get()
    assert response.url == reverse("choose_lot", args=[round.slug, made.pk])
    lot = round.lots.first()
    response = post(client, outsider, "choose_lot", round.slug, made.pk, data={"lot": lot.pk})
    assert response.url == reverse("name_bid", args=[round.slug, made.pk, lot.slug])
    response = post(
        client, outsider, "name_bid", round.slug, made.pk, lot.slug, data={"title": "Tea at four"}
    )
    bid = Application.objects.get()
    assert response.url == reverse("application_detail", args=[bid.pk])
    assert (bid.title, bid.reference) == ("Tea at four", "GC-001")


def test_start_application_offers_own_organisations(client, round, amina):
    made = make_organisation(amina, "Tea and Talk")
    assert "Tea and Talk" in text(get(client, amina, "start_application", round.slug))
    response = post(client, amina, "start_application", round.slug, data={"organisation": made.pk})
    assert response.url == reverse("choose_lot", args=[round.slug, made.pk])
    response = post(client, amina, "start_application", round.slug, data={"organisation": "new"})
    assert response.url == reverse("start_organisation", args=[round.slug])
    page = text(post(client, amina, "start_application", round.slug, status=422))
    assert "Choose who this bid is for." in page


def test_start_application_is_refused_to_staff_and_after_the_end(client, round, sam, outsider):
    page = text(get(client, sam, "start_application", round.slug, status=403))
    assert "People who work for the fund cannot bid to it." in page
    clock.move(days=60)
    page = text(get(client, outsider, "start_application", round.slug, status=403))
    assert "The time for bids ended on" in page


def test_start_organisation_keeps_what_was_typed(client, round, outsider):
    page = text(
        post(client, outsider, "start_organisation", round.slug, status=422,
             data={"name": "Tea and Talk"})
    )  # fmt: skip
    assert 'value="Tea and Talk"' in page
    assert "There is a problem" in page
    assert not outsider.holds(Role.APPLICANT)


def test_start_organisation_says_which_number_looks_odd_and_where_to_mend_it(
    client, round, outsider
):
    data = {
        "name": "Tea and Talk",
        "kind": "charity",
        "charity_number": "12345",
        "address": "1 High Street",
        "postcode": "LS1 1AA",
        "income_band": "under 10000",
    }
    client.force_login(outsider)
    page = client.post(reverse("start_organisation", args=[round.slug]), data, follow=True)
    assert "A charity number has 6 or 7 figures." in text(page)
    assert "under “My bids”" in text(page)


def test_choose_lot_and_name_bid_are_for_own_organisations(client, round, amina, rival):
    made = make_organisation(amina)
    get(client, rival, "choose_lot", round.slug, made.pk, status=404)
    get(client, rival, "name_bid", round.slug, made.pk, round.lots.first().slug, status=404)
    post(client, amina, "choose_lot", round.slug, made.pk, status=422)
    post(client, amina, "name_bid", round.slug, made.pk, round.lots.first().slug, status=422)


# ---- My bids ---------------------------------------------------------------------------------
def test_my_applications_shows_states(client, round, amina, rival):
    make_draft_bid(round, amina, title="Draft one")
    make_sent_bid(round, amina, title="Sent one")
    make_draft_bid(round, rival, title="Theirs")
    page = text(get(client, amina, "my_applications"))
    assert "Draft one" in page
    assert "Not sent yet" in page
    assert "Sent one" in page
    assert "Theirs" not in page


def test_application_detail_is_a_task_list(client, bid, amina):
    answer(bid, "need", "Word " * 300)
    answer(bid, "plan", "Tea every day.")
    page = text(get(client, amina, "application_detail", bid.pk))
    for words in ("Not finished yet", "Completed", "Not yet started", "Optional", "GC-001"):
        assert words in page


def test_application_detail_says_when_it_changed_since_it_was_sent(client, round, amina):
    bid = make_sent_bid(round, amina)
    assert "We have your bid." in text(get(client, amina, "application_detail", bid.pk))
    answer(bid, "need", "More than we thought.")
    page = text(get(client, amina, "application_detail", bid.pk))
    assert "You have changed your bid since you sent it" in page


# ---- Writing ---------------------------------------------------------------------------------
def test_answer_question_saves_and_goes_on(client, bid, amina):
    response = post(
        client, amina, "answer_question", bid.pk, "summary", data={"text": "Tea.", "version": 0}
    )
    assert response.url == reverse("answer_question", args=[bid.pk, "need"])
    assert bid.answers.get().text == "Tea."
    response = post(
        client, amina, "answer_question", bid.pk, "summary",
        data={"text": "Tea!", "version": 1, "later": "1"},
    )  # fmt: skip
    assert response.url == reverse("application_detail", args=[bid.pk])


def test_answer_question_keeps_what_is_too_long(client, bid, amina):
    words = "word " * 90
    page = text(
        post(client, amina, "answer_question", bid.pk, "summary", status=422,
             data={"text": words, "version": 0})
    )  # fmt: skip
    assert "take out 10 words" in page
    assert words.strip() in page
    assert bid.answers.get().text == words.strip()
    assert 'name="version" value="1"' in page


def test_answer_question_saves_by_itself(client, bid, amina):
    response = post(
        client, amina, "answer_question", bid.pk, "need", status=200, headers=AUTOSAVE,
        data={"text": "One", "version": 0, "client_id": "a"},
    )  # fmt: skip
    assert response.json()["version"] == 1
    assert response.json()["saved_at_words"]
    # The same edit sent again is answered the same way.
    again = post(
        client, amina, "answer_question", bid.pk, "need", status=200, headers=AUTOSAVE,
        data={"text": "One", "version": 0, "client_id": "a"},
    )  # fmt: skip
    assert again.json()["version"] == 1
    stale = post(
        client, amina, "answer_question", bid.pk, "need", status=409, headers=AUTOSAVE,
        data={"text": "Two", "version": 0, "client_id": "b"},
    )  # fmt: skip
    assert stale.json()["texts"][0]["yours"] == "Two"
    assert stale.json()["texts"][0]["theirs"] == "One"
    assert stale.json()["version"] == 1


def test_answer_question_shows_both_texts_without_javascript(client, bid, amina):
    answer(bid, "need", "Saved elsewhere")
    page = text(
        post(client, amina, "answer_question", bid.pk, "need", status=409,
             data={"text": "Typed here", "version": 0})
    )  # fmt: skip
    assert "Saved elsewhere" in page
    assert "Typed here" in page
    response = post(
        client, amina, "answer_question", bid.pk, "need", data={"text": "Typed here", "version": 1}
    )
    assert response.status_code == 302


def colleague_of(bid, name="Rose Okafor"):
    rose = make_applicant(name)
    Colleague.objects.create(
        organisation=bid.organisation, person=rose, added_at=NOW(), added_by=bid.made_by
    )
    return rose


def test_answer_question_says_who_saved_and_saves_over_it_only_as_chosen(client, bid, amina):
    rose = colleague_of(bid)
    answer(bid, "need", "Rose's words.", by=rose)
    data = {"text": "My words.\nTwo lines.", "version": 0}
    page = post(client, amina, "answer_question", bid.pk, "need", status=409, data=data)
    assert f"{rose.name} saved this at" in text(page)
    assert "<blockquote data-user-text>Rose&#x27;s words.</blockquote>" in page.content.decode()
    assert "Then press “Save and go on” below." in text(page)
    # The button alone, with what the page holds, changes nothing: it asks again.
    data |= {"over": 1}
    page = post(client, amina, "answer_question", bid.pk, "need", status=409, data=data)
    words = "Nothing is saved yet. Choose what should stay."
    for told in ("Error:", "There is a problem", f'<a href="#keep-theirs">{words}</a>'):
        assert told in text(page)
    assert f'id="keep-error">{words}' in text(page)
    assert bid.answers.get().text == "Rose's words."
    here = post(client, amina, "answer_question", bid.pk, "need", data=data | {"keep": "mine"})
    assert here.url == reverse("answer_question", args=[bid.pk, "need"])
    assert bid.answers.get().text == "My words.\nTwo lines."
    page = text(get(client, rose, "answer_question", bid.pk, "need"))
    assert f"{rose.name} saved this on" in page
    assert f"{amina.name} chose other words on" in page
    assert "Rose&#x27;s words." in page
    assert "Two of you wrote here." in text(get(client, rose, "application_detail", bid.pk))
    assert "Rose&#x27;s words." not in text(get(client, rose, "answer_question", bid.pk, "plan"))


def test_answer_question_keeps_what_was_saved_or_both_as_chosen(client, bid, amina):
    answer(bid, "need", "Theirs.", by=colleague_of(bid))
    data = {"text": "Mine.", "version": 0, "over": 1, "keep": "theirs"}
    post(client, amina, "answer_question", bid.pk, "need", data=data)
    assert bid.answers.get().text == "Theirs."
    assert [(row.text, row.written_by) for row in bid.set_aside.all()] == [("Mine.", amina)]
    post(client, amina, "answer_question", bid.pk, "need", data=data | {"keep": "both"})
    assert bid.answers.get().text == "Theirs.\n\nMine."
    # Words that came in since were not seen: it asks again.
    data |= {"text": "Late.", "keep": "mine"}
    page = post(client, amina, "answer_question", bid.pk, "need", status=409, data=data)
    assert "Theirs." in text(page)
    assert bid.answers.get().text == "Theirs.\n\nMine."


def test_change_details_and_change_budget_say_who_saved_and_keep_what_makes_way(client, bid, amina):
    rose = colleague_of(bid)
    theirs = {"version": 1, "title": "Rose's title", "communities": ["lonely"]}
    post(client, rose, "change_details", bid.pk, data=theirs)
    mine = {"version": 1, "title": "My title", "communities": ["carer"]}
    page = text(post(client, amina, "change_details", bid.pk, status=409, data=mine))
    assert f"{rose.name} saved this at" in page
    assert "People who are lonely" in page
    post(client, amina, "change_details", bid.pk, data=mine | {"over": 2, "keep": "mine"})
    bid.refresh_from_db()
    assert (bid.title, bid.saved_by) == ("My title", amina)
    assert "Project: Rose&#x27;s title" in text(get(client, rose, "change_details", bid.pk))
    post(client, rose, "change_budget", bid.pk, data=lines(("Room", "300100", "400"), version=3))
    other = lines(("Tea", "4", "4"), version=3)
    page = text(post(client, amina, "change_budget", bid.pk, status=409, data=other))
    assert f"{rose.name} saved this at" in page
    assert "Room: costs £300,100, asked £400" in page
    post(client, amina, "change_budget", bid.pk, data=other | {"over": 4, "keep": "mine"})
    assert [row.item for row in bid.budget_lines.all()] == ["Tea"]
    assert "Room: costs £300,100" in text(get(client, rose, "change_budget", bid.pk))


def test_answer_question_is_not_there_for_others_or_odd_keys(client, bid, amina, rival):
    get(client, rival, "answer_question", bid.pk, "need", status=404)
    get(client, amina, "answer_question", bid.pk, "nothing", status=404)


@pytest.mark.parametrize(
    ("kind", "more", "good", "bad", "stored"),
    [
        ("number", {}, {"text": "40"}, {"text": "forty"}, "40"),
        ("money", {}, {"text": "£1,250.50"}, {"text": "lots"}, "£1,250.50"),
        ("place", {}, {"text": "The hall"}, {"text": "Near it " * 11}, "The hall"),
        ("choice", {"choices": ["Yes", "No"]}, {"text": "Yes"}, {"text": "Maybe"}, "Yes"),
        ("short", {"word_limit": 2}, {"text": "Two words"}, {"text": "Three whole words"},
         "Two words"),
        ("date", {}, {"text_0": "3", "text_1": "3", "text_2": "2027"},
         {"text_0": "31", "text_1": "2", "text_2": "2027"}, "2027-03-03"),
    ],
)  # fmt: skip
def test_answer_question_of_each_kind(client, amina, kind, more, good, bad, stored):
    round = make_open_round()
    FormQuestion.objects.filter(round=round, key="need").update(kind=kind, **more)
    bid = make_draft_bid(round, amina)
    post(client, amina, "answer_question", bid.pk, "need", status=422, data={**bad, "version": 0})
    version = bid.answers.first().version if bid.answers.exists() else 0
    data = {**good, "version": version}
    post(client, amina, "answer_question", bid.pk, "need", data=data)
    assert bid.answers.get().text == stored
    get(client, amina, "answer_question", bid.pk, "need")


def test_answer_question_gives_back_what_was_typed_as_bidding_closed(client, round, amina):
    bid = make_sent_bid(round, amina)
    get(client, amina, "answer_question", bid.pk, "need")
    close(round.stages.get(kind=StageKind.OPEN))
    data = {"text": "Nobody here should sit alone.", "version": 1}
    page = text(post(client, amina, "answer_question", bid.pk, "need", status=403, data=data))
    assert "Nobody here should sit alone." in page


def test_change_details_saves_half(client, bid, amina):
    data = {"version": 1, "title": "Tea at five", "area": "", "smallest_useful": "lots"}
    page = text(post(client, amina, "change_details", bid.pk, status=422, data=data))
    assert "Type a sum in pounds" in page
    assert 'value="lots"' in page
    bid.refresh_from_db()
    assert (bid.title, bid.version) == ("Tea at five", 2)
    assert 'name="version" value="2"' in page
    data |= {"version": 2, "smallest_useful": "1,000.50", "communities": ["lonely"]}
    post(client, amina, "change_details", bid.pk, data=data)
    bid.refresh_from_db()
    assert (bid.smallest_useful, bid.communities) == (Decimal("1000.50"), ["lonely"])


def test_change_details_saves_by_itself(client, bid, amina):
    data = {"version": 1, "title": "Tea at five"}
    saved = post(client, amina, "change_details", bid.pk, status=200, headers=AUTOSAVE, data=data)
    assert saved.json()["version"] == 2
    data["title"] = "Tea at six"
    stale = post(client, amina, "change_details", bid.pk, status=409, headers=AUTOSAVE, data=data)
    assert [row["name"] for row in stale.json()["texts"]] == ["title"]
    page = text(post(client, amina, "change_details", bid.pk, status=409, data=data))
    assert "Tea at five" in page
    assert "Tea at six" in page
    bad = {"version": 2, "smallest_useful": "lots"}
    post(client, amina, "change_details", bid.pk, status=422, headers=AUTOSAVE, data=bad)


def lines(*rows, version=1, **more):
    data = {"version": version, "lines-TOTAL_FORMS": len(rows), "lines-INITIAL_FORMS": 0, **more}
    for place, (item, cost, asked) in enumerate(rows):
        data |= {
            f"lines-{place}-item": item,
            f"lines-{place}-cost": cost,
            f"lines-{place}-asked": asked,
        }
    return data


def test_change_budget_adds_up(client, bid, amina):
    data = lines(("Room", "500", "400.50"), ("", "", ""), ("Tea", "£1,000", "1000"), add_up="1")
    response = post(client, amina, "change_budget", bid.pk, data=data)
    assert response.url == reverse("change_budget", args=[bid.pk])
    page = text(get(client, amina, "change_budget", bid.pk))
    assert "£1,400.50" in page
    assert "£1,500" in page
    assert 'value="400.50"' in page
    assert [row.item for row in bid.budget_lines.all()] == ["Room", "Tea"]


def test_change_budget_says_what_is_wrong(client, bid, amina):
    data = lines(("Room", "400", "500"), ("", "5", ""), ("Tea", "x", "1"))
    page = text(post(client, amina, "change_budget", bid.pk, status=422, data=data))
    assert "Cost 1. You cannot ask for more than it costs." in page
    assert "Cost 2. Say what it is for." in page
    assert "Cost 2. Say what you ask from us for it." in page
    assert "Cost 3. Type a sum in pounds, like 250 or 250.50." in page
    assert 'value="Room"' in page
    assert "Your costs are not saved yet." in page
    assert not bid.budget_lines.exists()
    page = text(get(client, amina, "application_detail", bid.pk))
    assert "Costs that are not finished are not saved yet." in page
    page = text(get(client, amina, "change_budget", bid.pk))
    assert "Costs are saved once all three boxes of each are filled in." in page


def test_change_budget_adds_lines_without_javascript(client, bid, amina):
    data = lines(("Room", "400", "oops"), more="1")
    page = text(post(client, amina, "change_budget", bid.pk, status=200, data=data))
    assert 'value="oops"' in page
    assert 'name="lines-3-item"' in page
    assert not bid.budget_lines.exists()


def test_change_budget_saves_by_itself_and_shows_both(client, bid, amina):
    data = lines(("Room", "400", "400"))
    saved = post(client, amina, "change_budget", bid.pk, status=200, headers=AUTOSAVE, data=data)
    assert saved.json()["version"] == 2
    other = lines(("Tea", "4", "4"))
    stale = post(client, amina, "change_budget", bid.pk, status=409, headers=AUTOSAVE, data=other)
    assert "Room" in stale.json()["texts"][0]["theirs"]
    page = text(post(client, amina, "change_budget", bid.pk, status=409, data=other))
    assert "Room: costs £400" in page
    assert 'value="Tea"' in page
    bad = lines(("Tea", "4", "5"))
    post(client, amina, "change_budget", bid.pk, status=422, headers=AUTOSAVE, data=bad)


# ---- Files -----------------------------------------------------------------------------------
def test_add_document_and_document_file(client, round, bid, amina, rival, sam, joan):
    post(client, amina, "add_document", bid.pk, data={"file": upload("Our plan.pdf", pdf())})
    document = Document.objects.get()
    assert document.file.name == f"documents/{document.uuid}.pdf"
    assert "Our plan.pdf" in text(get(client, amina, "add_document", bid.pk))
    response = get(client, amina, "document_file", document.uuid)
    assert b"".join(response.streaming_content) == pdf()
    assert response["Content-Disposition"] == 'attachment; filename="Our plan.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store, private"
    assert "sandbox" in response["Content-Security-Policy"]
    for person in (rival, joan, sam):  # not sent yet, so not for a facilitator
        get(client, person, "document_file", document.uuid, status=404)
    fill(bid)
    actions.send_application(application=bid, declared_true=True, by=amina, at=NOW())
    assert b"".join(get(client, sam, "document_file", document.uuid).streaming_content) == pdf()
    post(client, rival, "remove_document", bid.pk, document.uuid, status=404)
    post(client, amina, "remove_document", bid.pk, document.uuid)
    document.refresh_from_db()
    assert document.removed_by == amina
    assert "Our plan.pdf" not in text(get(client, amina, "add_document", bid.pk))


def test_add_document_refuses_in_plain_words(client, bid, amina):
    data = {"file": upload("plan.pdf", b"MZ\x90\x00 program")}
    page = text(post(client, amina, "add_document", bid.pk, status=422, data=data))
    assert "This is not a proper PDF file." in page
    page = text(post(client, amina, "add_document", bid.pk, status=422))
    assert "Choose a file to add." in page
    assert not Document.objects.exists()


# ---- Sending ---------------------------------------------------------------------------------
def test_preview_application_shows_what_volunteers_will_see(client, bid, amina):
    fill(bid)
    page = text(get(client, amina, "preview_application", bid.pk))
    assert "We will do our best about need." in page
    assert "5 April 2027" in page
    assert "2027-04-05" not in page
    assert "£4,000" in page
    assert "Armley Library, Mr Khan&#x27;s bakery" in page


def test_check_application_lists_gaps_with_links(client, bid, amina):
    page = text(get(client, amina, "check_application", bid.pk))
    assert "Not ready yet." in page
    assert reverse("answer_question", args=[bid.pk, "need"]) in page
    assert f"{reverse('change_details', args=[bid.pk])}?check=1#id_area" in page
    assert "Send your bid" not in page
    post(client, amina, "check_application", bid.pk, status=422, data={"declared": "on"})
    assert not bid.versions.exists()


def test_check_application_needs_its_box_ticked(client, bid, amina):
    fill(bid)
    page = text(get(client, amina, "check_application", bid.pk))
    assert "checked" not in page.partition("<form")[2]
    page = text(post(client, amina, "check_application", bid.pk, status=422))
    assert "Tick the box to say that what you wrote is true." in page
    response = post(client, amina, "check_application", bid.pk, data={"declared": "on"})
    assert response.url == reverse("application_sent", args=[bid.pk])


def mark_in(page) -> str:
    return page.content.decode().partition('name="mark" value="')[2].partition('"')[0]


def test_check_application_sends_only_words_its_reader_has_seen(client, bid, amina):
    fill(bid)
    read = mark_in(get(client, amina, "check_application", bid.pk))
    rose = colleague_of(bid)
    answer(bid, "need", "Rose put it better.", by=rose)
    data = {"declared": "on", "mark": read}
    page = post(client, amina, "check_application", bid.pk, status=409, data=data)
    assert f"{rose.name} changed “" in text(page)
    assert "Nothing was sent. Look again, then send it." in text(page)
    assert "Rose put it better." in text(page)
    assert not bid.versions.exists()
    post(client, amina, "check_application", bid.pk, data=data | {"mark": mark_in(page)})
    assert bid.versions.get().content["answers"]


def test_check_application_shows_every_answer_and_comes_back_after_a_change(client, bid, amina):
    fill(bid, skip=["plan"])
    bid.communities, bid.contact_channel, bid.contact_phone = ["lonely"], "phone", "0113 496 0100"
    bid.save()
    group = bid.organisation
    group.charity_number = "12345"
    group.save()
    page = text(get(client, amina, "check_application", bid.pk))
    for words in (
        "Who it is for most of all", "People who are lonely", "By phone", "0113 496 0100",
        group.name, "A charity number has 6 or 7 figures.", "Not answered.", "Your costs in all",
        "we ask for £", "Smallest sum that would still help",
    ):  # fmt: skip
        assert words in page, words
    back = reverse("check_application", args=[bid.pk])
    need = reverse("answer_question", args=[bid.pk, "need"]) + "?check=1"
    assert need in page
    client.force_login(amina)
    assert "Save and go back to check" in text(client.get(need))
    assert "<title>Change: " in client.get(need).text
    assert "<title>Change: " not in client.get(need.removesuffix("?check=1")).text
    version = bid.answers.get(question__key="need").version
    assert client.post(need, {"text": "Better.", "version": version}).url == back
    details = reverse("change_details", args=[bid.pk]) + "?check=1"
    bid.refresh_from_db()
    whole = {"version": bid.version, "title": "Tea", "area": "Leeds", "contact_name": "Mo"}
    assert client.post(details, whole).url == back
    bid.refresh_from_db()
    costs = reverse("change_budget", args=[bid.pk]) + "?check=1"
    assert client.post(costs, lines(("Room", "9", "9"), version=bid.version)).url == back
    group_page = reverse("change_organisation", args=[group.pk]) + f"?check={bid.pk}"
    assert group_page in page
    assert client.post(group_page, FORM | {"charity_number": "12345"}).url == back


def test_a_bid_whose_group_likes_to_be_rung_needs_a_number(client, bid, amina):
    fill(bid)
    bid.contact_channel = "phone"
    bid.save()
    page = text(get(client, amina, "check_application", bid.pk))
    assert "Give a phone number to ring them on." in page


def test_application_detail_says_the_deadline_and_not_sent_until_it_is(client, bid, amina):
    fill(bid)
    page = text(get(client, amina, "application_detail", bid.pk))
    assert "Check your bid and send it" in page
    assert "Not sent yet. Send it by" in page
    assert page.index("Add somebody to help") < page.index("When all is done")
    assert "so far." in page


def test_change_details_says_what_is_still_missing(client, bid, amina):
    client.force_login(amina)
    url = reverse("change_details", args=[bid.pk])
    page = text(client.post(url, {"version": 1, "title": "Tea", "area": "Leeds"}, follow=True))
    assert page.count("Say whom we can talk to about this bid.") == 2, "in the message and the list"


def test_application_sent_is_a_receipt(client, round, amina, rival):
    bid = make_sent_bid(round, amina, title="Tea at four")
    page = text(get(client, amina, "application_sent", bid.pk))
    round.chain.refresh_from_db()
    for words in ("We have your bid", "GC-001", "£4,000", "Tea at four"):
        assert words in page
    assert bid.versions.get().digest[:32] in page
    assert round.chain.head_hash[:32] in page
    get(client, rival, "application_sent", bid.pk, status=404)


def test_application_sent_holds_all_that_was_sent(client, bid, amina):
    fill(bid)
    bid.contact_channel, bid.smallest_useful = "email", Decimal("1000.50")
    bid.save()
    post(client, amina, "add_document", bid.pk, data={"file": upload("Our plan.pdf", pdf())})
    actions.send_application(application=bid, declared_true=True, by=amina, at=NOW())
    page = text(get(client, amina, "application_sent", bid.pk))
    for words in (
        bid.area, "Armley Library, Mr Khan", "£1,000.50", bid.contact_name, "By email",
        "Our plan.pdf", "we ask for £", "In all: costs £",
    ):  # fmt: skip
        assert words in page, words
    assert "so far" not in text(get(client, amina, "application_detail", bid.pk))


AGAIN = "Send your bid again, or we read the copy you sent before."


def test_what_is_changed_after_sending_must_be_sent_again_and_every_save_says_so(
    client, round, bid, amina
):
    client.force_login(amina)
    url = reverse("answer_question", args=[bid.pk, "need"])
    page = client.post(url, {"text": "Some words.", "version": 0}, follow=True)
    assert AGAIN not in text(page), "it was not sent yet"
    sent = make_sent_bid(round, amina)
    there = sent.answers.get(question__key="need")
    url = reverse("answer_question", args=[sent.pk, "need"])
    page = client.post(url, {"text": there.text, "version": there.version}, follow=True)
    assert AGAIN not in text(page), "nothing is different"
    assert "You have changed your bid" not in text(get(client, amina, "application_sent", sent.pk))
    sent.refresh_from_db()
    there.refresh_from_db()
    for name, more, data in (
        ("answer_question", ["need"], {"text": "Something new.", "version": there.version}),
        ("change_budget", [], lines(("Room", "5000", "4000"), version=sent.version)),
        ("add_document", [], {"file": upload("Our plan.pdf", pdf())}),
    ):
        url = reverse(name, args=[sent.pk, *more])
        assert AGAIN in text(client.post(url, data, follow=True)), name
    page = text(get(client, amina, "application_sent", sent.pk))
    assert "You have changed your bid since you sent it" in page
    assert reverse("check_application", args=[sent.pk]) in page
    actions.send_application(application=sent, declared_true=True, by=amina, at=NOW())
    assert "You have changed your bid" not in text(get(client, amina, "application_sent", sent.pk))


def test_application_sent_says_when_a_bid_was_taken_back(client, round, amina):
    bid = make_sent_bid(round, amina, title="Tea at four")
    actions.withdraw_application(application=bid, by=amina, at=NOW())
    page = text(get(client, amina, "application_sent", bid.pk))
    assert "We have your bid" not in page
    assert "What happens next" not in page
    assert f"{amina.name} took it back on" in page
    assert reverse("application_sent", args=[bid.pk]) in text(
        get(client, amina, "application_detail", bid.pk)
    )
    assert get(client, amina, "application_sent_pdf", bid.pk)["Content-Type"] == "application/pdf"


def test_application_sent_before_sending_leads_to_the_bid(client, bid, amina):
    response = get(client, amina, "application_sent", bid.pk, status=302)
    assert response.url == reverse("application_detail", args=[bid.pk])


def test_withdraw_application_asks_first(client, round, amina):
    bid = make_sent_bid(round, amina)
    page = text(post(client, amina, "withdraw_application", bid.pk, status=422))
    assert "Tick the box" in page
    post(client, amina, "withdraw_application", bid.pk, data={"sure": "on"})
    bid.refresh_from_db()
    assert bid.withdrawn_by == amina
    assert "Nobody reads it any more." in text(get(client, amina, "application_detail", bid.pk))
    page = text(get(client, amina, "withdraw_application", bid.pk, status=403))
    assert "This bid was taken back already." in page


# ---- Organisations ---------------------------------------------------------------------------
FORM = {
    "name": "Tea and Talk",
    "kind": "charity",
    "address": "1 High Street",
    "postcode": "LS1 1AA",
    "income_band": "under 10000",
}


def test_change_organisation_offers_the_fix(client, amina, rival):
    made = make_organisation(amina, "Tea and Talk")
    data = FORM | {"company_number": "1234567"}
    response = post(client, amina, "change_organisation", made.pk, data=data)
    assert response.url == reverse("change_organisation", args=[made.pk])
    made.refresh_from_db()
    assert made.company_number == "1234567"  # warned, not blocked
    page = text(get(client, amina, "change_organisation", made.pk))
    assert "Use 01234567" in page
    post(client, amina, "change_organisation", made.pk, data={"use": "01234567"})
    made.refresh_from_db()
    assert made.company_number == "01234567"
    get(client, rival, "change_organisation", made.pk, status=404)


def test_change_organisation_takes_no_fix_of_its_own(client, amina):
    made = make_organisation(amina, "Tea and Talk", company_number="1234567")
    post(client, amina, "change_organisation", made.pk, data={"use": "99999999"})
    made.refresh_from_db()
    assert made.company_number == "1234567"


def test_change_organisation_keeps_what_was_typed(client, amina):
    made = make_organisation(amina, "Tea and Talk")
    data = FORM | {"name": "", "address": "2 Low Street"}
    page = text(post(client, amina, "change_organisation", made.pk, status=422, data=data))
    assert "2 Low Street" in page


def test_add_colleague_and_end_colleague(client, amina, rival, margaret):
    made = make_organisation(amina)
    page = text(
        post(client, amina, "add_colleague", made.pk, status=422,
             data={"name": "Bo", "email": "not an email"})
    )  # fmt: skip
    assert "Type a whole email" in page
    assert 'value="Bo"' in page
    data = {"name": "Bo", "email": margaret.sign_in_email}
    page = text(post(client, amina, "add_colleague", made.pk, status=422, data=data))
    assert "helps to run the fund" in page
    assert f'value="{margaret.sign_in_email}"' in page
    data = {"name": "Bo", "email": "bo@example.org"}
    post(client, amina, "add_colleague", made.pk, data=data)
    assert "Bo" in text(get(client, amina, "add_colleague", made.pk))
    row = made.colleagues.get(person__sign_in_email="bo@example.org")
    post(client, rival, "end_colleague", made.pk, row.pk, status=404)
    client.force_login(amina)
    again = client.post(reverse("add_colleague", args=[made.pk]), data, follow=True)
    assert "Bo works on your bids already. We have not written to them again." in text(again)
    assert "Take Bo off" in text(get(client, amina, "end_colleague", made.pk, row.pk))
    post(client, amina, "end_colleague", made.pk, row.pk, status=422)
    post(client, amina, "end_colleague", made.pk, row.pk, data={"sure": "on"})
    row.refresh_from_db()
    assert row.ended_by == amina
    get(client, rival, "add_colleague", made.pk, status=404)


def test_confirm_typed_bid(client, round, sam, ruth, amina):
    made = actions.start_organisation(by=sam, at=NOW(), name="Paper People")
    bid = actions.type_bid(
        round=round, organisation=made, lot=round.lots.first(), answers={}, lines=[],
        received_on=timezone.localdate(), title="Paper bid", by=sam, at=NOW(),
    )  # fmt: skip
    actions.add_first_colleague(
        organisation=made, email=amina.sign_in_email, address="Leeds", by=ruth, at=NOW()
    )
    assert "Say if this is your bid" in text(get(client, amina, "application_detail", bid.pk))
    assert "Paper People" in text(get(client, amina, "confirm_typed_bid", bid.pk))
    post(client, amina, "confirm_typed_bid", bid.pk, status=422)
    post(client, amina, "confirm_typed_bid", bid.pk, data={"sure": "on"})
    bid.refresh_from_db()
    assert bid.declared_true
    get(client, amina, "confirm_typed_bid", bid.pk, status=403)


# ---- Help ------------------------------------------------------------------------------------
def test_ask_for_help_and_answer_help(client, round, amina, sam):
    post(client, amina, "ask_for_help", round.slug, status=422)
    post(client, amina, "ask_for_help", round.slug, data={"text": "May we pay rent?"})
    question = HelpQuestion.objects.get()
    page = text(get(client, sam, "help_desk", round.slug))
    assert "May we pay rent?" in page
    assert amina.name not in page
    get(client, amina, "answer_help", round.slug, question.pk, status=404)
    post(client, sam, "answer_help", round.slug, question.pk, status=422)
    post(client, sam, "answer_help", round.slug, question.pk, data={"answer": "Yes."})
    assert "Yes." in text(get(client, None, "help_list", round.slug))
    assert "has its answer already" in text(
        get(client, sam, "answer_help", round.slug, question.pk)
    )


def test_answer_help_gives_back_what_was_typed_when_another_was_quicker(
    client, round, amina, sam, ruth
):
    question = actions.ask_for_help(round=round, text="A van?", by=amina, at=NOW())
    get(client, sam, "answer_help", round.slug, question.pk)
    actions.answer_help(question=question, answer="No.", by=ruth, at=NOW())
    data = {"answer": "A van is fine, if you share it."}
    page = text(post(client, sam, "answer_help", round.slug, question.pk, status=403, data=data))
    assert "A van is fine, if you share it." in page
    assert "Your words were not saved." in page
    assert "Nothing is lost" not in page


def test_ask_for_help_asks_to_sign_in(client, round):
    get(client, None, "ask_for_help", round.slug, status=302)


# ---- Facilitators ----------------------------------------------------------------------------
def test_form_question_list_start_and_change(client, sam):
    round = make_round(by=sam)
    assert "has no questions yet" in text(get(client, sam, "form_question_list", round.slug))
    post(client, sam, "start_form", round.slug)
    page = text(get(client, sam, "form_question_list", round.slug))
    assert "What is your idea, in a few sentences?" in page
    data = {"label": "Your idea?", "kind": "long", "word_limit": "60", "order": "1"}
    post(client, sam, "change_form_question", round.slug, "summary", data=data)
    question = round.form_questions.get(key="summary")
    assert (question.label, question.word_limit, question.required) == ("Your idea?", 60, False)
    page = text(
        post(client, sam, "change_form_question", round.slug, "summary", status=422,
             data={**data, "label": "", "kind": "choice", "choices": "One"})
    )  # fmt: skip
    assert "Write at least two choices, one on each line." in page
    data = {"label": "When?", "kind": "date", "order": "11", "required": "on"}
    post(client, sam, "add_form_question", round.slug, data=data)
    assert round.form_questions.get(key="when").kind == "date"
    post(client, sam, "add_form_question", round.slug, status=422)
    page = text(
        post(client, sam, "add_form_question", round.slug, status=422,
             data={**data, "label": "From which day?", "kind": "starts"})
    )  # fmt: skip
    assert "The form asks for that day already." in page
    post(client, sam, "drop_form_question", round.slug, "when", data={"sure": "on"})
    assert round.form_questions.count() == 12


def test_form_question_list_is_fixed_once_bids_open(client, round, sam):
    page = text(get(client, sam, "form_question_list", round.slug))
    assert "Bids have opened. The questions stay as they are." in page
    get(client, sam, "change_form_question", round.slug, "need", status=403)
    post(client, sam, "drop_form_question", round.slug, "need", status=403)
    post(client, sam, "start_form", round.slug, status=403)


def test_bid_list_counts_drafts_and_shows_what_was_sent(client, round, sam, amina):
    make_draft_bid(round, amina, title="Secret draft")
    make_sent_bid(round, amina, title="Tea at four")
    page = text(get(client, sam, "bid_list", round.slug))
    assert "Sent: 1. Still being written: 1." in page
    assert "Part of the fund" in page
    assert "Tea at four" in page
    assert "Secret draft" not in page


def test_bid_detail_shows_the_sent_copy(client, round, sam, amina):
    bid = make_sent_bid(round, amina, title="Tea at four")
    answer(bid, "need", "Changed but not sent again")
    page = text(get(client, sam, "bid_detail", round.slug, bid.pk))
    assert "We will do our best about need." in page
    assert "Changed but not sent again" not in page


def test_check_rules_keeps_each_answer(client, checked, sam):
    first, second = checked.round.funder_rules.all()
    data = {f"answer_{first.pk}": "yes", f"note_{first.pk}": "Armley"}
    response = post(client, sam, "check_rules", checked.round.slug, checked.pk, data=data)
    assert response.url == reverse("settle_eligibility", args=[checked.round.slug, checked.pk])
    check = RuleCheck.objects.get()
    assert (check.rule, check.answer, check.note) == (first, "yes", "Armley")
    data |= {f"answer_{second.pk}": "unsure"}
    post(client, sam, "check_rules", checked.round.slug, checked.pk, data=data)
    assert RuleCheck.objects.count() == 2
    bad = {f"answer_{first.pk}": "perhaps"}
    post(client, sam, "check_rules", checked.round.slug, checked.pk, status=422, data=bad)


def test_check_rules_with_nothing_chosen_says_that_nothing_is_saved(client, checked, sam):
    slug, pk, rule = checked.round.slug, checked.pk, checked.round.funder_rules.first()
    page = text(post(client, sam, "check_rules", slug, pk, status=422, data={}))
    assert "Nothing is saved yet. Choose an answer for at least one rule" in page
    data = {f"note_{rule.pk}": "Is Armley in Leeds?"}
    page = text(post(client, sam, "check_rules", slug, pk, status=422, data=data))
    assert "Choose an answer too. Your note goes with it." in page
    assert "Is Armley in Leeds?" in page
    assert not RuleCheck.objects.exists()


def test_check_rules_again_stands_over_what_another_said_since(client, checked, sam, ruth):
    slug, pk, rule = checked.round.slug, checked.pk, checked.round.funder_rules.first()
    look_at_rules(checked, sam)
    look_at_rules(checked, ruth, answer="no")
    page = text(get(client, sam, "check_rules", slug, pk))
    assert f"{rule.text} – {ruth.name}: No, it does not" in page
    data = {f"answer_{row.pk}": "yes" for row in checked.round.funder_rules.all()}
    post(client, sam, "check_rules", slug, pk, data=data)
    post(client, sam, "settle_eligibility", slug, pk, data={"eligible": "yes"})
    assert Application.objects.eligible().get() == checked


def test_settle_eligibility_yes_is_for_a_bid_whose_rules_were_looked_at(client, checked, sam):
    slug, pk = checked.round.slug, checked.pk
    rule = checked.round.funder_rules.first()
    assert "Not ready for a yes." in text(get(client, sam, "settle_eligibility", slug, pk))
    data = {"eligible": "yes", "reason": "It fits."}
    page = text(post(client, sam, "settle_eligibility", slug, pk, status=422, data=data))
    assert f"Nobody has said yes or no yet to: “{rule.text}”" in page
    assert "It fits." in page
    look_at_rules(checked, sam)
    assert "Not ready for a yes." not in text(get(client, sam, "settle_eligibility", slug, pk))
    marked = data | {"rule": rule.pk}
    page = text(post(client, sam, "settle_eligibility", slug, pk, status=422, data=marked))
    assert "You chose yes, and marked a rule that this bid does not meet." in page
    assert "It fits." in page
    assert not Eligibility.objects.exists()
    post(client, sam, "settle_eligibility", slug, pk, data=data | {"rule": ""})
    assert Application.objects.eligible().get() == checked


def test_check_rules_says_what_the_computer_found_and_picks_no_answer(client, round, sam, amina):
    fits, breaks, unsure = (
        FunderRule.objects.create(round=round, text=f"About {what}.", looks_for=what, limits=limits)
        for what, limits in (
            ("area", {"places": ["Armley"]}),
            ("amount", {"most": "1000"}),
            ("kind", {"kinds": ["charity"]}),
        )
    )
    bid = make_sent_bid(round, amina)
    go_to_eligibility(round, sam)
    page = text(get(client, sam, "check_rules", round.slug, bid.pk))
    assert "Armley is on the list. It looks all right." in page
    assert "This bid asks for £4,000. The most is £1,000. It looks like a no." in page
    assert "did not say what kind of group it is. We could not tell." in page
    assert "You decide." in page
    assert "checked" not in page
    data = {f"answer_{rule.pk}": "yes" for rule in (fits, breaks, unsure)}
    post(client, sam, "check_rules", round.slug, bid.pk, data=data)
    kept = {
        row.data["rule"]: (row.data["answer"], row.data["program_found"])
        for row in Entry.objects.filter(verb="rule_checked")
    }
    assert kept == {
        fits.pk: ("yes", "right"),
        breaks.pk: ("yes", "wrong"),
        unsure.pk: ("yes", "unsure"),
    }


def test_check_application_warns_of_a_rule_it_may_not_fit(client, round, amina):
    FunderRule.objects.create(
        round=round, text="Up to £1,000.", looks_for="amount", limits={"most": "1000"}
    )
    bid = make_draft_bid(round, amina)
    fill(bid)
    page = text(get(client, amina, "check_application", bid.pk))
    assert "Up to £1,000. This bid asks for £4,000. The most is £1,000." in page
    assert "You can still send your bid." in page
    post(client, amina, "check_application", bid.pk, data={"declared": "on"})
    assert BidVersion.objects.get().application == bid


def test_check_rules_asks_nothing_about_a_rule_that_no_bid_can_break(client, round, sam, amina):
    told = FunderRule.objects.create(
        round=round,
        text="Small sums are fine.",
        only_tells=True,
        looks_for="amount",
        limits={"most": "1"},
    )
    bid = make_sent_bid(round, amina)
    assert told.text not in text(get(client, amina, "check_application", bid.pk))
    go_to_eligibility(round, sam)
    for name in ("check_rules", "settle_eligibility"):
        page = text(get(client, sam, name, round.slug, bid.pk))
        assert "The work is in Leeds." in page
        assert told.text not in page


def test_check_rules_is_refused_before_its_stage(client, round, sam, amina):
    bid = make_sent_bid(round, amina)
    page = text(get(client, sam, "check_rules", round.slug, bid.pk, status=403))
    assert "has not opened yet" in page


def test_settle_eligibility_yes_and_no(client, checked, sam, ruth):
    slug, pk = checked.round.slug, checked.pk
    rule = checked.round.funder_rules.first()
    page = text(post(client, sam, "settle_eligibility", slug, pk, status=422))
    assert "Choose yes or no." in page
    page = text(
        post(client, sam, "settle_eligibility", slug, pk, status=422, data={"eligible": "no"})
    )
    assert "Choose the funder’s rule that this bid does not meet." in page
    assert "Give the reason in words." in page
    data = {"eligible": "no", "rule": rule.pk, "reason": "It is in York."}
    post(client, sam, "settle_eligibility", slug, pk, data=data)
    ruling = Eligibility.objects.get()
    assert Application.objects.undecided().get() == checked
    page = text(get(client, sam, "second_eligibility", slug, ruling.pk, status=403))
    assert "You said no first." in page
    page = text(get(client, ruth, "second_eligibility", slug, ruling.pk))
    assert "It is in York." in page
    post(client, ruth, "second_eligibility", slug, ruling.pk, status=422)
    post(client, ruth, "second_eligibility", slug, ruling.pk, data={"sure": "on"})
    assert Application.objects.not_eligible().get() == checked
    page = text(get(client, sam, "eligibility_list", slug))
    assert "Not eligible" in page
    look_at_rules(checked, sam)
    data = {"eligible": "yes"}
    post(client, sam, "settle_eligibility", slug, pk, status=422, data=data)
    data["reason"] = "It is in Leeds after all."
    post(client, sam, "settle_eligibility", slug, pk, data=data)
    assert Application.objects.eligible().get() == checked


def test_second_eligibility_has_a_way_to_disagree(client, checked, sam, ruth):
    ruling = settle(checked, eligible=False, final=False, by=sam)
    slug, link = (
        checked.round.slug,
        reverse("second_eligibility", args=[checked.round.slug, ruling.pk]),
    )
    own = text(get(client, sam, "eligibility_list", slug))
    assert link not in own
    assert "Waits for somebody else than you" in own
    assert link in text(get(client, ruth, "eligibility_list", slug))
    assert "No, I see it differently" in text(
        get(client, ruth, "second_eligibility", slug, ruling.pk)
    )
    page = post(client, ruth, "second_eligibility", slug, ruling.pk, status=422, data={"why": ""})
    assert "Say in words why you see it differently." in text(page)
    assert "Tick the box" not in text(page)
    data = {"why": "Armley is in Leeds."}
    post(client, ruth, "second_eligibility", slug, ruling.pk, data=data)
    ruling.refresh_from_db()
    assert ruling.seconded_at is None
    page = text(get(client, sam, "eligibility_list", slug))
    assert "A second person sees it differently" in page
    assert f"{ruth.name}: " in page
    assert "Armley is in Leeds." in page


def test_eligibility_list_offers_a_no_that_was_asked_back_to_the_board_alone(
    client, checked, sam, ruth, joan, margaret
):
    slug = checked.round.slug
    join(checked.round, joan)
    first = settle(checked, eligible=False)
    post(client, joan, "ask_back", slug, first.pk, data={"reason": "Armley is in Leeds."})
    data = {
        "eligible": "no",
        "rule": checked.round.funder_rules.first().pk,
        "reason": "It is in York.",
    }
    post(client, sam, "settle_eligibility", slug, checked.pk, data=data)
    link = reverse("second_eligibility", args=[slug, Eligibility.objects.newest().get().pk])
    for person, offered in ((sam, False), (ruth, False), (margaret, True)):
        page = text(get(client, person, "eligibility_list", slug))
        assert (link in page) == offered
        assert ("Waits for a board member" in page) != offered


def test_type_bid_after_the_close_is_shown_to_volunteers(client, checked, sam, ruth, joan):
    slug = checked.round.slug
    join(checked.round, joan)
    page = text(get(client, sam, "bid_list", slug))
    assert reverse("type_bid", args=[slug]) in page
    assert reverse("import_bids", args=[slug]) not in page
    bid = actions.type_bid(
        round=checked.round,
        organisation=actions.start_organisation(by=sam, at=NOW(), name="Paper People"),
        lot=checked.round.lots.first(), answers={}, lines=[],
        received_on=timezone.localdate(), title="Paper bid", by=sam, at=NOW(),
    )  # fmt: skip
    page = text(get(client, joan, "eligibility_list_volunteer", slug))
    assert "Paper People" in page
    assert f"{sam.name} typed it on" in page
    assert "Nobody has compared it yet." in page
    assert "Paper bid" not in page
    assert "typed in after the close" in text(get(client, ruth, "bid_detail", slug, bid.pk))
    page = text(get(client, ruth, "compare_typed_bid", slug, bid.pk))
    assert "look at the stamp or the note of the day it came" in page
    assert "It reached us on" in page
    post(client, ruth, "compare_typed_bid", slug, bid.pk, data={"sure": "on"})
    page = text(get(client, joan, "eligibility_list_volunteer", slug))
    assert f"{ruth.name} compared it with the paper." in page


def test_second_eligibility_by_the_board(client, checked, margaret, sam, amina):
    ruling = settle(checked, eligible=False, final=False, by=sam)
    slug = checked.round.slug
    assert "Waits for a second person" in text(get(client, margaret, "eligibility_list", slug))
    get(client, amina, "second_eligibility", slug, ruling.pk, status=404)
    post(client, margaret, "second_eligibility", slug, ruling.pk, data={"sure": "on"})
    ruling.refresh_from_db()
    assert ruling.seconded_by == margaret


def test_second_eligibility_of_a_bid_asked_back_is_by_the_board_in_writing(
    client, checked, margaret, sam, joan
):
    slug, rule = checked.round.slug, checked.round.funder_rules.first()
    join(checked.round, joan)
    first = settle(checked, eligible=False)
    post(client, joan, "ask_back", slug, first.pk, data={"reason": "Armley is in Leeds."})
    data = {"eligible": "no", "rule": rule.pk, "reason": "It is in York."}
    post(client, sam, "settle_eligibility", slug, checked.pk, data=data)
    ruling = Eligibility.objects.newest().get()
    page = text(get(client, margaret, "second_eligibility", slug, ruling.pk))
    assert "Armley is in Leeds." in page
    page = text(
        post(
            client, margaret, "second_eligibility", slug, ruling.pk, status=422, data={"sure": "1"}
        )
    )
    assert "Say in words why the funder’s rule holds." in page
    data = {"sure": "on", "words": "The rule says Leeds. Ring 0113 496 0000."}
    post(client, margaret, "second_eligibility", slug, ruling.pk, data=data)
    page = text(get(client, joan, "eligibility_list_volunteer", slug))
    assert "The rule says Leeds." in page
    assert "0113 496 0000" not in page
    assert "It is in York." not in page
    assert "Ask for this bid" not in page


def test_give_extension_by_its_number(client, round, bid, sam):
    told = timezone.localtime(rules.published_deadline(round)) + timedelta(days=2)
    data = {
        "reference": "gc-001",
        "until_0": told.day,
        "until_1": told.month,
        "until_2": told.year,
        "reason": "A flood.",
    }
    odd = data | {"reference": "GC-999"}
    page = text(post(client, sam, "give_extension", round.slug, status=422, data=odd))
    assert "There is no bid with this number in this round." in page
    early = data | {"until_2": told.year - 1}
    page = text(post(client, sam, "give_extension", round.slug, status=422, data=early))
    assert "Choose a time after the end this bid has now." in page
    post(client, sam, "give_extension", round.slug, data=data)
    assert bid.extensions.get().until == told
    assert "GC-001: until" in text(get(client, sam, "give_extension", round.slug))


def test_type_bid(client, round, sam, amina):
    lot = round.lots.first()
    data = lines(("Room", "400", "300")) | {
        "organisation": "Paper People",
        "lot": lot.pk,
        "title": "Paper bid",
        "answer_need": "From the paper.",
        **day_boxes("received_on", timezone.localdate()),
    }
    odd = data | {"lines-0-asked": "900"}
    page = text(post(client, sam, "type_bid", round.slug, status=422, data=odd))
    assert "You cannot ask for more than it costs" in page
    assert "From the paper." in page
    assert not Organisation.objects.exists()
    post(client, sam, "type_bid", round.slug, data=data)
    bid = Application.objects.get()
    assert (bid.came_by, bid.asked, bid.submitted_by) == ("paper", Decimal(300), sam)
    get(client, amina, "type_bid", round.slug, status=404)
    assert "On paper, typed in" in text(get(client, sam, "bid_list", round.slug))
    assert bid.received_on == timezone.localdate()


def test_type_bid_takes_what_the_screen_asks_of_a_group(client, round, sam, ruth):
    rule = FunderRule.objects.create(
        round=round, text="Only charities.", looks_for="kind", limits={"kinds": ["charity"]}
    )
    of_group = {
        "kind": "charity",
        "charity_number": "1234567",
        "company_number": "01234567",
        "postcode": "LS12 3AB",
        "income_band": "under 10000",
    }
    of_bid = {"contact_channel": "post", "communities": ["lonely"]}
    data = lines(("Room", "400", "300")) | {
        "organisation": "Paper People",
        "lot": round.lots.first().pk,
        "title": "Paper bid",
        **of_group,
        **of_bid,
        **day_boxes("received_on", timezone.localdate()),
    }
    page = text(post(client, sam, "type_bid", round.slug, status=200, data=data | {"more": "1"}))
    for said in ("1234567", "01234567", "LS12 3AB"):
        assert said in page
    post(client, sam, "type_bid", round.slug, data=data)
    bid = Application.objects.get()
    assert {name: getattr(bid.organisation, name) for name in of_group} == of_group
    assert {name: getattr(bid, name) for name in of_bid} == of_bid
    found = looking_rules.found_for(bid, [rule])[rule.pk]
    assert found.look == "right"
    page = text(get(client, ruth, "compare_typed_bid", round.slug, bid.pk))
    for said in ("Registered charity", "1234567", "01234567", "LS12 3AB", "Under £10,000 a year"):
        assert said in page
    assert "By post" in page
    assert "People who are lonely" in page


def test_type_bid_takes_as_many_costs_as_a_group_may_list(client, round, sam):
    rows = [(f"Cost {number}", "100", "90") for number in range(1, 9)]
    data = lines(*rows) | {
        "organisation": "Paper People",
        "lot": round.lots.get().pk,
        "title": "Paper bid",
        "answer_need": "From the paper.\nTwo lines.",
        "contact_phone": "0113 496 0100",
        "smallest_useful": "£1,0x",
        "received_on_0": "3",
    }
    page = text(post(client, sam, "type_bid", round.slug, status=200, data=data | {"more": "1"}))
    assert "There is a problem" not in page, "nothing is checked yet"
    assert page.count('name="lines-') == 3 * 16 + 4, "the rows and eight more, and how many"
    for typed in ("Paper People", "From the paper. Two lines.", "0113 496 0100", "£1,0x"):
        assert typed in page
    assert 'value="Cost 8"' in page
    assert 'name="received_on_0" value="3"' in page
    assert f'name="lot" value="{round.lots.get().pk}" id="id_lot_0" checked' in page
    assert not Organisation.objects.exists()
    rows += [(f"Cost {number}", "100", "90") for number in range(9, 41)]
    day = day_boxes("received_on", timezone.localdate())
    data |= lines(*rows) | day | {"smallest_useful": ""}
    post(client, sam, "type_bid", round.slug, data=data)
    bid = Application.objects.get()
    assert (len(bid.newest_version.content["budget"]), bid.asked) == (40, Decimal(3600))
    page = text(get(client, sam, "bid_detail", round.slug, bid.pk))
    assert "0113 496 0100" in page


def test_type_bid_keeps_the_sum_of_the_paper_and_says_what_its_costs_add_up_to(
    client, round, sam, ruth
):
    data = lines(("Room", "400", "300"), ("Tea", "100", "100")) | {
        "organisation": "Paper People",
        "lot": round.lots.get().pk,
        "title": "Paper bid",
        "asked": "£450",
        **day_boxes("received_on", timezone.localdate()),
    }
    post(client, sam, "type_bid", round.slug, data=data)
    bid = Application.objects.get()
    assert bid.asked == Decimal(450)
    said = "Their costs add up to £400 from us. In all, they ask for £450."
    for person, page in ((sam, "bid_detail"), (ruth, "compare_typed_bid")):
        assert said in text(get(client, person, page, round.slug, bid.pk))
    actions.add_first_colleague(
        organisation=bid.organisation, email="p@example.org", address="Leeds", by=ruth, at=NOW()
    )
    theirs = bid.organisation.colleagues.get().person
    assert said in text(get(client, theirs, "confirm_typed_bid", bid.pk))
    sent = make_sent_bid(round)
    assert "add up to" not in text(get(client, sam, "bid_detail", round.slug, sent.pk))


def test_how_to_reach_a_group_is_for_staff_alone(client, amina, joan):
    round = make_open_round()
    join(round, joan)
    bid = make_sent_bid(round, amina)
    Application.objects.filter(pk=bid.pk).update(contact_phone="0113 496 0100")
    sam_page = text(get(client, make_facilitator(), "bid_detail", round.slug, bid.pk))
    assert "0113 496 0100" in sam_page and bid.contact_name in sam_page
    assert "0113 496 0100" not in str(bid.newest_version.content)
    get(client, joan, "bid_detail", round.slug, bid.pk, status=404)


def test_type_bid_asks_which_day_it_came(client, round, sam):
    data = lines(("Room", "400", "300")) | {
        "organisation": "Paper People",
        "lot": round.lots.get().pk,
        "title": "Paper bid",
        "answer_need": "From the paper.",
    }
    page = text(post(client, sam, "type_bid", round.slug, status=422, data=data))
    assert "Type the day the paper reached you." in page
    late = timezone.localdate(rules.published_deadline(round)) + timedelta(days=1)
    data |= day_boxes("received_on", late)
    page = text(post(client, sam, "type_bid", round.slug, status=422, data=data))
    assert "cannot be after today" in page
    assert "From the paper." in page
    assert not Organisation.objects.exists()


def test_compare_typed_bid(client, round, sam, ruth, amina, joan):
    made = actions.start_organisation(by=sam, at=NOW(), name="Paper People")
    bid = actions.type_bid(
        round=round, organisation=made, lot=round.lots.first(), answers={}, lines=[],
        received_on=timezone.localdate(), title="Paper bid", by=sam, at=NOW(),
    )  # fmt: skip
    link = reverse("compare_typed_bid", args=[round.slug, bid.pk])
    assert link in text(get(client, ruth, "bid_list", round.slug))
    assert link in text(get(client, ruth, "bid_detail", round.slug, bid.pk))
    assert link not in text(get(client, sam, "bid_detail", round.slug, bid.pk))
    assert sam.name in text(get(client, ruth, "compare_typed_bid", round.slug, bid.pk))
    post(client, ruth, "compare_typed_bid", round.slug, bid.pk, status=422)
    post(client, ruth, "compare_typed_bid", round.slug, bid.pk, data={"sure": "on"})
    page = text(get(client, sam, "bid_detail", round.slug, bid.pk))
    assert "It reached us on" in page
    assert "A second person has compared it with the paper." in page
    for person in (amina, joan):
        get(client, person, "compare_typed_bid", round.slug, bid.pk, status=404)


def test_pictures_of_the_paper_are_for_staff_and_the_group_and_never_for_a_reader(
    client, round, sam, ruth, amina, joan, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    join(round, joan)
    made = actions.start_organisation(by=sam, at=NOW(), name="Paper People")
    bid = actions.type_bid(
        round=round, organisation=made, lot=round.lots.first(), answers={}, lines=[],
        received_on=timezone.localdate(), title="Paper bid", by=sam, at=NOW(),
    )  # fmt: skip
    here, sent = [round.slug, bid.pk], BidVersion.objects.get().content
    link = reverse("add_paper_scan", args=here)
    assert link in text(get(client, sam, "bid_detail", *here))
    for file, said in (
        (upload("bid.docx", docx()), "Choose a PDF, PNG or JPG file."),
        (upload("bid.pdf", png()), "This is not a proper PDF file."),
        (upload("bid.jpg", b"\xff\xd8not a picture"), "This is not a proper JPG file."),
    ):
        assert said in text(
            post(client, sam, "add_paper_scan", *here, status=422, data={"file": file})
        )
    assert "Choose a file to add." in text(post(client, sam, "add_paper_scan", *here, status=422))
    post(client, sam, "add_paper_scan", *here, data={"file": upload("bid.jpg", photo())})
    post(client, sam, "add_paper_scan", *here, data={"file": upload("wrong.pdf", pdf())})
    twice = {"file": upload("again.jpg", photo())}
    assert "This picture is here already." in text(
        post(client, sam, "add_paper_scan", *here, status=422, data=twice)
    )
    scan, wrong = bid.documents.order_by("pk")
    with django_capture_on_commit_callbacks(execute=True):
        post(client, sam, "remove_paper_scan", *here, wrong.uuid)
    wrong.refresh_from_db()
    assert wrong.removed_by == sam
    assert [wrong.file.storage.exists(row.file.name) for row in (scan, wrong)] == [True, False]
    get(client, sam, "document_file", wrong.uuid, status=404)
    file = reverse("document_file", args=[scan.uuid])
    for page in ("bid_detail", "compare_typed_bid"):
        assert file in text(get(client, ruth, page, *here))
    assert b"".join(get(client, ruth, "document_file", scan.uuid)).startswith(b"\xff\xd8")
    for person in (joan, amina):
        get(client, person, "document_file", scan.uuid, status=404)
    for person in (joan, amina):
        get(client, person, "add_paper_scan", *here, status=404)
    assert rules.bid_of(Application.objects.whole().get(pk=bid.pk)).documents == ()
    assert bid.versions.get().content == sent, "what readers get is as it was"
    assert "at all its pictures" in text(get(client, ruth, "compare_typed_bid", *here))
    post(client, ruth, "compare_typed_bid", *here, data={"sure": "on"})
    assert "so the pictures of its paper stay" in text(get(client, sam, "add_paper_scan", *here))
    post(client, sam, "remove_paper_scan", *here, scan.uuid, status=403)


def test_a_picture_of_the_paper_is_none_of_the_groups_own_files(
    client, round, sam, ruth, amina, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    made = actions.start_organisation(by=sam, at=NOW(), name="Paper People")
    bid = actions.type_bid(
        round=round, organisation=made, lot=round.lots.first(), answers={}, lines=[],
        received_on=timezone.localdate(), title="Paper bid", by=sam, at=NOW(),
    )  # fmt: skip
    scan = actions.add_paper_scan(
        application=bid, upload=upload("bid.jpg", photo()), by=sam, at=NOW()
    )
    actions.add_first_colleague(
        organisation=made, email=amina.sign_in_email, address="Leeds", by=ruth, at=NOW()
    )
    file = reverse("document_file", args=[scan.uuid])
    assert file in text(get(client, amina, "confirm_typed_bid", bid.pk))
    assert file not in text(get(client, amina, "add_document", bid.pk))
    post(client, amina, "remove_document", bid.pk, scan.uuid, status=404)
    own = make_sent_bid(round, amina)
    for by, words in ((sam, "did not come on paper"), (amina, "did not come on paper")):
        with pytest.raises(Refused, match=words):
            actions.add_paper_scan(
                application=own, upload=upload("a.jpg", photo()), by=by, at=NOW()
            )
    with pytest.raises(Refused, match="Your role here does not include this"):
        actions.add_paper_scan(
            application=bid, upload=upload("b.jpg", photo(shade=9)), by=amina, at=NOW()
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.filter(pk=scan.pk).update(of_paper=False)


def test_add_first_colleague(client, round, sam, ruth, amina, joan):
    made = actions.start_organisation(by=sam, at=NOW(), name="Paper People")
    bid = actions.type_bid(
        round=round, organisation=made, lot=round.lots.first(), answers={}, lines=[],
        received_on=timezone.localdate(), title="Paper bid", by=sam, at=NOW(),
    )  # fmt: skip
    here = [round.slug, bid.pk]
    link = reverse("add_first_colleague", args=here)
    assert link in text(get(client, ruth, "bid_detail", *here))
    page = text(get(client, sam, "bid_detail", *here))
    assert link not in page and "Ask another facilitator to add" in page
    get(client, sam, "add_first_colleague", *here, status=403)
    assert "Nobody can sign in for Paper People yet." in text(
        get(client, ruth, "add_first_colleague", *here)
    )
    data = {"name": "Pat Paper", "email": "pat@example.org", "address": "2 Our Road"}
    page = text(post(client, ruth, "add_first_colleague", *here, status=422, data=data))
    assert "Tick the box to go on." in page and "pat@example.org" in page
    staff = data | {"email": sam.sign_in_email, "sure": "on"}
    page = text(post(client, ruth, "add_first_colleague", *here, status=422, data=staff))
    assert "People who work for the fund cannot bid to it." in page
    for person in (amina, joan):
        get(client, person, "add_first_colleague", *here, status=404)
    post(client, ruth, "add_first_colleague", *here, data=data | {"sure": "on"})
    row = made.colleagues.get()
    assert (row.person.name, row.added_by) == ("Pat Paper", ruth)
    assert link not in text(get(client, ruth, "bid_detail", *here))
    get(client, ruth, "add_first_colleague", *here, status=403)

    link = reverse("end_first_colleague", args=here)
    assert link in text(get(client, sam, "bid_detail", *here))
    assert "Staff let Pat Paper sign in" in text(get(client, sam, "end_first_colleague", *here))
    said = {"reason": "The group does not know Pat."}
    page = text(post(client, sam, "end_first_colleague", *here, status=422, data=said))
    assert "The group does not know Pat." in page
    few = {"reason": "No.", "sure": "on"}
    page = text(post(client, sam, "end_first_colleague", *here, status=422, data=few))
    assert "Use three words or more." in page
    post(client, sam, "end_first_colleague", *here, data=said | {"sure": "on"})
    assert not made.colleagues.filter(ended_at=None).exists()
    get(client, sam, "end_first_colleague", *here, status=404)


# ---- Volunteers ------------------------------------------------------------------------------
def test_eligibility_list_volunteer_shows_name_lot_and_rule_only(client, amina, joan, harold):
    round = make_open_round()
    join(round, joan)
    bid = make_sent_bid(round, amina, title="Tea at four")
    settle(bid, eligible=False)
    page = text(get(client, joan, "eligibility_list_volunteer", round.slug))
    assert bid.organisation.name in page
    assert "The work is in Leeds." in page
    for secret in ("Tea at four", "York", "£4,000"):
        assert secret not in page
    get(client, harold, "eligibility_list_volunteer", round.slug, status=404)
    get(client, amina, "eligibility_list_volunteer", round.slug, status=404)


def test_ask_back_once_and_in_time(client, amina, joan, sam):
    round = make_open_round()
    join(round, joan)
    bid = make_sent_bid(round, amina)
    ruling = settle(bid, eligible=False)
    page = text(get(client, joan, "ask_back", round.slug, ruling.pk))
    assert bid.title not in page
    page = text(post(client, joan, "ask_back", round.slug, ruling.pk, status=422))
    assert "Why should the panel see this bid?" in page
    assert "Say why the panel should see this bid." in page
    data = {"reason": "Armley is in Leeds."}
    post(client, joan, "ask_back", round.slug, ruling.pk, data=data)
    assert AskBack.objects.get().member.person == joan
    assert Application.objects.undecided().get() == bid
    page = text(get(client, joan, "ask_back", round.slug, ruling.pk, status=403))
    assert "This bid has been asked for already." in page
    get(client, sam, "ask_back", round.slug, ruling.pk, status=404)


def test_ask_back_gives_back_what_was_typed_when_another_was_quicker(client, amina, joan, harold):
    round = make_open_round()
    join(round, joan)
    join(round, harold)
    ruling = settle(make_sent_bid(round, amina), eligible=False)
    get(client, harold, "ask_back", round.slug, ruling.pk)
    data = {"reason": "Armley is in Leeds."}
    post(client, joan, "ask_back", round.slug, ruling.pk, data=data)
    data = {"reason": "My street in Armley is in Leeds."}
    page = text(post(client, harold, "ask_back", round.slug, ruling.pk, status=403, data=data))
    assert "My street in Armley is in Leeds." in page
    page = text(get(client, harold, "ask_back", round.slug, ruling.pk, status=403))
    assert "Nothing is lost." in page
    assert "Your words were not saved." not in page


# ---- Queries ---------------------------------------------------------------------------------
MOST_QUERIES = 12


def counted(client, django_assert_max_num_queries, name, *args) -> int:
    with django_assert_max_num_queries(MOST_QUERIES) as held:
        assert client.get(reverse(name, args=args)).status_code == 200
    return len(held)


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("sam", "bid_list"),
        ("sam", "eligibility_list"),
        ("sam", "help_desk"),
        ("joan", "eligibility_list_volunteer"),
        ("amina", "my_applications"),
        ("amina", "help_list"),
        (None, "round_public"),
        (None, "is_this_for_you"),
        (None, "open_rounds"),
    ],
)
def test_lists_cost_the_same_at_one_row_and_at_three(
    client, request, django_assert_max_num_queries, who, name, amina, sam, joan
):
    cache.clear()
    round = make_open_round()
    join(round, joan)

    def add() -> None:
        bid = make_sent_bid(round, amina)
        settle(bid, eligible=False)
        question = actions.ask_for_help(round=round, text="Why?", by=amina, at=NOW())
        actions.answer_help(question=question, answer="So.", by=sam, at=NOW())

    if who:
        client.force_login(request.getfixturevalue(who))
    args = [] if name in ("my_applications", "open_rounds") else [round.slug]
    add()
    one = counted(client, django_assert_max_num_queries, name, *args)
    add()
    add()
    three = counted(client, django_assert_max_num_queries, name, *args)
    assert one == three


@pytest.mark.parametrize("name", [*BID_PAGES, "application_sent"])
def test_bid_pages_keep_within_their_queries(
    client, django_assert_max_num_queries, round, amina, name
):
    bid = make_sent_bid(round, amina)
    client.force_login(amina)
    counted(client, django_assert_max_num_queries, name, bid.pk)
    if name == "application_detail":
        counted(client, django_assert_max_num_queries, "answer_question", bid.pk, "need")


def test_round_public_keeps_within_its_queries_when_signed_in(
    client, django_assert_max_num_queries, round, amina
):
    client.force_login(amina)
    counted(client, django_assert_max_num_queries, "round_public", round.slug)


def test_looking_by_itself_keeps_within_the_queries(
    client, django_assert_max_num_queries, round, sam, amina
):
    for looks_for, limits in (("amount", {"most": "9"}), ("days", {"last": "2028-03-31"})):
        FunderRule.objects.create(round=round, text="A rule.", looks_for=looks_for, limits=limits)
    bid = make_sent_bid(round, amina)
    client.force_login(amina)
    counted(client, django_assert_max_num_queries, "check_application", bid.pk)
    FunderRule.objects.create(round=round, text="One each.", looks_for="once")
    go_to_eligibility(round, sam)
    client.force_login(sam)
    counted(client, django_assert_max_num_queries, "check_rules", round.slug, bid.pk)


@pytest.mark.parametrize("name", ["bid_detail", "check_rules", "settle_eligibility"])
def test_checking_pages_keep_within_their_queries(
    client, django_assert_max_num_queries, checked, sam, name
):
    settle(checked, eligible=False)
    client.force_login(sam)
    counted(client, django_assert_max_num_queries, name, checked.round.slug, checked.pk)


def test_facilitator_pages_keep_within_their_queries(
    client, django_assert_max_num_queries, sam, amina, joan
):
    round = make_open_round()
    join(round, joan)
    ruling = settle(make_sent_bid(round, amina), eligible=False)
    client.force_login(sam)
    for name in ("form_question_list", "give_extension", "type_bid"):
        counted(client, django_assert_max_num_queries, name, round.slug)
    client.force_login(joan)
    counted(client, django_assert_max_num_queries, "ask_back", round.slug, ruling.pk)


# ---- From an earlier bid, and a copy to keep --------------------------------------------------
def test_start_from_fills_only_what_is_empty(client, round, amina, rival):
    earlier = make_draft_bid(round, amina, title="Tea at four")
    fill(earlier, asked=3200)
    later = make_draft_bid(round, amina, organisation=earlier.organisation, title="Tea at five")
    questions = list(round.form_questions.all())
    answer(later, questions[0].key, "My own new words.", by=amina)
    page = text(get(client, amina, "application_detail", later.pk))
    assert reverse("start_from", args=[later.pk]) in page
    assert earlier.reference in text(get(client, amina, "start_from", later.pk))
    post(client, amina, "start_from", later.pk, status=422)
    get(client, rival, "start_from", later.pk, status=404)
    response = post(client, amina, "start_from", later.pk, data={"earlier": earlier.pk})
    assert response.url == reverse("application_detail", args=[later.pk])
    there = Application.objects.get(pk=later.pk)
    assert there.title == "Tea at five"
    assert there.area == Application.objects.get(pk=earlier.pk).area != ""
    words = dict(there.answers.values_list("question__key", "text"))
    before = dict(earlier.answers.values_list("question__key", "text"))
    assert words == {**before, questions[0].key: "My own new words."}
    assert there.asked == Decimal(3200)
    assert not there.documents.exists()
    assert not there.submitted_at


def test_start_from_takes_no_other_groups_words_and_changes_no_sent_bid(round, amina, rival):
    theirs = make_sent_bid(round, rival, title="A secret")
    draft, sent = make_draft_bid(round, amina), make_sent_bid(round, amina)
    with pytest.raises(Refused, match="an earlier bid of the same group"):
        actions.start_from(application=draft, earlier=theirs, by=amina, at=NOW())
    other = make_draft_bid(round, amina, organisation=sent.organisation)
    with pytest.raises(Refused, match="sent already"):
        actions.start_from(application=sent, earlier=other, by=amina, at=NOW())
    with pytest.raises(Refused):
        actions.start_from(application=other, earlier=sent, by=rival, at=NOW())


def test_application_sent_pdf_is_a_copy_to_keep(client, round, amina, rival):
    bid = make_sent_bid(round, amina, title="Tea at four")
    response = get(client, amina, "application_sent_pdf", bid.pk)
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    with pikepdf.open(io.BytesIO(response.content)) as made:
        assert made.Root.MarkInfo.Marked
    get(client, rival, "application_sent_pdf", bid.pk, status=404)
    draft = make_draft_bid(round, amina, organisation=bid.organisation)
    get(client, amina, "application_sent_pdf", draft.pk, status=404)
