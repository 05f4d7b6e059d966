"""The bid form, built by volunteers and facilitators of a round until bids open."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Refused
from accounts.versions import Stale
from applications import actions, rules
from applications.models import FormQuestion
from applications.next_steps import next_steps
from commissioning.models import StageKind
from config.next_steps import next_steps_for, rounds_around
from ledger.models import Entry
from tests.applications.test_views import get, post, text
from tests.factories.applications import make_draft_bid, make_open_round, make_sent_bid
from tests.factories.commissioning import (
    agree_criteria,
    invite,
    join,
    make_programme,
    make_round,
    open_to,
)
from tests.factories.unguarded import unguarded

NOW = timezone.now
LAST_YEAR = date(2025, 3, 3)
IDEA = {"label": "Your idea?", "kind": "long", "word_limit": "60", "order": "1", "required": "on"}
SURE = {"sure": "on"}


@pytest.fixture
def round(sam, joan):
    """A round whose bids have not opened, with Joan in it and no questions."""
    round = make_round(by=sam)
    join(round, joan)
    return round


@pytest.fixture
def last(sam):
    """The round before it, with two questions of its own."""
    last = make_round(by=sam, first_day=LAST_YEAR, name="Last year")
    agree_criteria(last)
    actions.start_form(
        round=last,
        questions=[
            {
                "key": "need",
                "label": "What is hard now?",
                "hint": "In your own words.",
                "kind": "long",
                "word_limit": 90,
                "criteria": ["criterion-1"],
            },
            {
                "key": "day",
                "label": "Which day?",
                "kind": "choice",
                "choices": ["Monday", "Friday"],
                "required": False,
            },
        ],
        by=sam,
        at=NOW(),
    )
    return last


def trail(round):
    """Who did what to the form, in order."""
    rows = Entry.objects.filter(chain=round.chain, verb__startswith="form_").order_by("seq")
    return [(row.by.name, row.verb) for row in rows]


# ---- Volunteers ------------------------------------------------------------------------------
def test_a_volunteer_of_the_round_builds_the_form_beside_staff(client, round, sam, joan):
    page = text(get(client, joan, "agreement_list", round.slug))
    assert reverse("form_question_list", args=[round.slug]) in page
    post(client, joan, "start_form", round.slug)
    post(client, joan, "change_form_question", round.slug, "summary", data=IDEA)
    post(client, sam, "add_form_question", round.slug, data={**IDEA, "label": "Who will help?"})
    post(client, joan, "drop_form_question", round.slug, "who-will-help", data=SURE)
    assert round.form_questions.get(key="summary").label == "Your idea?"
    assert trail(round) == [
        (joan.name, "form_started"),
        (joan.name, "form_question_changed"),
        (sam.name, "form_question_added"),
        (joan.name, "form_question_dropped"),
    ]
    pages = [text(get(client, reader, "form_question_list", round.slug)) for reader in (joan, sam)]
    assert all("Put the usual questions" not in page and "Add a question" in page for page in pages)
    assert reverse("round_welcome", args=[round.slug]) in pages[0]
    assert reverse("round_detail", args=[round.slug]) in pages[1]


def test_only_volunteers_who_take_part_build_the_form(client, round, sam, joan, harold, priya):
    actions.start_form(round=round, by=sam, at=NOW())
    invite(round, harold)
    page = text(get(client, harold, "form_question_list", round.slug))
    assert "You are not taking part in this round." in page
    for name, *more in (
        ("change_form_question", "summary"),
        ("add_form_question",),
        ("copy_form",),
    ):
        get(client, harold, name, round.slug, *more, status=403)
    post(client, harold, "drop_form_question", round.slug, "summary", status=403)
    for name in ("form_question_list", "preview_form", "form_paper", "copy_form"):
        get(client, priya, name, round.slug, status=404)
    elsewhere = make_round(by=sam)
    get(client, joan, "form_question_list", elsewhere.slug, status=404)
    with pytest.raises(Refused, match="You are not taking part in this round"):
        actions.start_form(round=elsewhere, by=joan, at=NOW())
    assert round.form_questions.count() == 12


def test_a_volunteer_sees_the_form_stay_as_it_is_once_bids_open(client, joan):
    round = make_open_round()
    join(round, joan)
    page = text(get(client, joan, "form_question_list", round.slug))
    assert "Bids have opened. The questions stay as they are." in page
    assert "Could be plainer" not in page
    assert "Take off" not in page
    get(client, joan, "preview_form", round.slug)
    get(client, joan, "change_form_question", round.slug, "need", status=403)
    post(client, joan, "drop_form_question", round.slug, "need", status=403)
    post(client, joan, "start_form", round.slug, status=403)
    get(client, joan, "copy_form", round.slug, status=403)


def test_nobody_else_reaches_the_form(client, round, amina, margaret, administrator, superuser):
    for person in (amina, margaret, administrator, superuser):
        for name in ("form_question_list", "preview_form", "form_paper", "copy_form"):
            get(client, person, name, round.slug, status=404)


def test_staff_leave_alone_what_a_volunteer_wrote(client, round, last, sam, joan, harold):
    join(round, harold)
    actions.start_form(round=round, by=joan, at=NOW())
    post(client, joan, "change_form_question", round.slug, "summary", data=IDEA)
    post(client, joan, "add_form_question", round.slug, data={**IDEA, "label": "Who will help?"})
    moved = round.form_questions.get(key="need")
    actions.change_form_question(question=moved, word_limit=40, by=joan, at=NOW())
    page = text(get(client, sam, "form_question_list", round.slug))
    assert page.count("A volunteer wrote it, so volunteers change it") == 2
    assert reverse("copy_form", args=[round.slug]) not in page
    for key in ("summary", "who-will-help"):
        refused = text(get(client, sam, "change_form_question", round.slug, key, status=403))
        assert "A volunteer wrote this question." in refused
        post(client, sam, "change_form_question", round.slug, key, data=IDEA, status=403)
        post(client, sam, "drop_form_question", round.slug, key, status=403)
        get(client, harold, "change_form_question", round.slug, key)
    question = round.form_questions.get(key="summary")
    with pytest.raises(Refused, match="Only volunteers can change it"):
        actions.change_form_question(question=question, label="Mine?", by=sam, at=NOW())
    with pytest.raises(Refused, match="Only a volunteer can put others in their place"):
        actions.copy_form(round=round, earlier=last, by=sam, at=NOW(), replaces=True)
    get(client, sam, "copy_form", round.slug, status=403)
    post(client, sam, "change_form_question", round.slug, "need", data=IDEA)
    post(client, harold, "drop_form_question", round.slug, "summary", data=SURE)
    post(client, harold, "drop_form_question", round.slug, "who-will-help", data=SURE)
    get(client, sam, "copy_form", round.slug)


# ---- Two at once -----------------------------------------------------------------------------
def test_two_who_change_a_question_at_once_lose_nothing(client, round, sam, joan):
    actions.start_form(round=round, by=sam, at=NOW())
    seen = text(get(client, joan, "change_form_question", round.slug, "summary"))
    assert 'name="version" value="1"' in seen
    post(client, sam, "change_form_question", round.slug, "summary", data={**IDEA, "version": "1"})
    mine = {**IDEA, "version": "1", "label": "What do you dream of?", "word_limit": "70"}
    page = text(
        post(client, joan, "change_form_question", round.slug, "summary", status=409, data=mine)
    )
    assert "Sam Okafor saved this at " in page
    assert "Both are on this page. What you have here is not saved yet." in page
    assert "<blockquote data-user-text>Your idea?</blockquote>" in page
    assert "<blockquote data-user-text>60</blockquote>" in page
    assert "What do you dream of?" in page
    assert "Nothing is saved yet." not in page
    # One press more changes nothing: what stays is chosen.
    mine["over"] = "2"
    assert 'name="over" value="2"' in page
    page = text(
        post(client, joan, "change_form_question", round.slug, "summary", status=409, data=mine)
    )
    assert "Nothing is saved yet." in page
    assert round.form_questions.get(key="summary").label == "Your idea?"
    chosen = {**mine, "keep": "mine"}
    post(client, joan, "change_form_question", round.slug, "summary", data=chosen)
    assert round.form_questions.get(key="summary").label == "What do you dream of?"


def test_what_somebody_else_saved_can_stay(client, round, sam, joan):
    actions.start_form(round=round, by=sam, at=NOW())
    post(client, sam, "change_form_question", round.slug, "summary", data={**IDEA, "version": "1"})
    mine = {**IDEA, "version": "1", "label": "Mine?", "over": "2", "keep": "theirs"}
    post(client, joan, "change_form_question", round.slug, "summary", data=mine)
    assert round.form_questions.get(key="summary").label == "Your idea?"
    page = text(get(client, joan, "form_question_list", round.slug))
    assert "What was saved stays. Your words are not kept." in page


def test_a_choice_is_asked_again_when_a_third_save_came_between(client, round, sam, joan):
    actions.start_form(round=round, by=sam, at=NOW())
    for version, label in (("1", "Your idea?"), ("2", "Your third idea?")):
        data = {**IDEA, "label": label, "version": version}
        post(client, sam, "change_form_question", round.slug, "summary", data=data)
    mine = {**IDEA, "version": "1", "label": "Mine?", "over": "2", "keep": "mine"}
    page = text(
        post(client, joan, "change_form_question", round.slug, "summary", status=409, data=mine)
    )
    assert "<blockquote data-user-text>Your third idea?</blockquote>" in page
    assert 'name="over" value="3"' in page
    assert "Nothing is saved yet." not in page


def test_change_form_question_that_changes_nothing_is_never_stale_and_no_entry(round, sam):
    question = actions.start_form(round=round, by=sam, at=NOW())[0]
    change = {"question": question, "label": "Your idea?", "by": sam, "at": NOW()}
    actions.change_form_question(**change, version=1)
    actions.change_form_question(**change, version=1)
    assert [verb for _by, verb in trail(round)] == ["form_started", "form_question_changed"]
    with pytest.raises(Stale):
        actions.change_form_question(**{**change, "label": "Another?"}, version=1)


# ---- Places ----------------------------------------------------------------------------------
def places(round):
    """The keys of the questions in order, once their places are 1 to n."""
    rows = list(round.form_questions.values_list("key", "order"))
    assert [order for _key, order in rows] == list(range(1, len(rows) + 1))
    return [key for key, _order in rows]


def test_a_new_question_stands_at_the_place_asked_for_and_the_rest_move_on(client, round, joan):
    actions.start_form(round=round, by=joan, at=NOW())
    before = places(round)
    new = {**IDEA, "label": "Who will help?", "order": "3"}
    post(client, joan, "add_form_question", round.slug, data=new)
    assert places(round) == [*before[:2], "who-will-help", *before[2:]]
    last = actions.add_form_question(round=round, label="Last?", by=joan, at=NOW())
    far = actions.add_form_question(round=round, label="Far?", order=99, by=joan, at=NOW())
    assert places(round)[-2:] == [last.key, far.key]


def test_a_question_moves_up_and_down_and_no_place_is_left_out(client, round, joan):
    actions.start_form(round=round, by=joan, at=NOW())
    first, second, third, *rest = places(round)
    moved = round.form_questions.get(key=first)
    actions.change_form_question(question=moved, order=3, by=joan, at=NOW())
    assert places(round) == [second, third, first, *rest]
    moved = round.form_questions.get(key=rest[-1])
    actions.change_form_question(question=moved, order=1, by=joan, at=NOW())
    assert places(round) == [rest[-1], second, third, first, *rest[:-1]]
    post(client, joan, "drop_form_question", round.slug, rest[-1], data=SURE)
    assert places(round) == [second, third, first, *rest[:-1]]
    moved = round.form_questions.get(key=first)
    actions.change_form_question(question=moved, order=50, by=joan, at=NOW())
    assert places(round) == [second, third, *rest[:-1], first]


def test_other_words_leave_a_question_at_its_place(round, joan):
    actions.start_form(round=round, by=joan, at=NOW())
    question = round.form_questions.get(order=3)
    actions.add_form_question(round=round, label="New?", order=1, by=joan, at=NOW())
    actions.change_form_question(question=question, label="Other?", by=joan, at=NOW())
    assert round.form_questions.get(key=question.key).order == 4
    places(round)


# ---- The boxes of a question -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("box", "typed", "said"),
    [
        ("order", "0", "Type its place in the form as a number. 1 is the first question."),
        ("order", "first", "Type its place in the form as a number. 1 is the first question."),
        ("order", "", "Type its place in the form as a number. 1 is the first question."),
        ("word_limit", "many", "Type the most words as a number, like 150, or nothing."),
        ("word_limit", "0", "Type the most words as a number, like 150, or nothing."),
    ],
)
def test_a_wrong_number_is_told_by_the_name_of_its_box(client, round, joan, box, typed, said):
    data = {**IDEA, box: typed}
    page = text(post(client, joan, "add_form_question", round.slug, status=422, data=data))
    assert said in page
    assert "Enter a whole number" not in page
    assert not round.form_questions.exists()


def test_choices_that_differ_only_in_capitals_or_spaces_are_one(client, round, joan):
    data = {**IDEA, "kind": "choice", "choices": "Yes\nNot  now\nnot now\nyes"}
    page = text(post(client, joan, "add_form_question", round.slug, status=422, data=data))
    assert "“not now” is there more than once. Write each choice once." in page
    data["choices"] = "Yes\nNot now"
    post(client, joan, "add_form_question", round.slug, data=data)
    assert round.form_questions.get().choices == ["Yes", "Not now"]


def test_only_an_answer_in_words_has_most_words(client, round, joan):
    for kind in ("number", "place", "long"):
        data = {**IDEA, "label": f"A {kind}?", "kind": kind, "word_limit": "20", "order": "9"}
        post(client, joan, "add_form_question", round.slug, data=data)
    assert list(round.form_questions.values_list("word_limit", flat=True)) == [None, None, 20]
    # Of a question from before, a limit that makes no sense is neither shown nor held.
    round.form_questions.filter(key="a-number").update(word_limit=20)
    assert "A number, up to" not in text(get(client, joan, "preview_form", round.slug))
    page = text(get(client, joan, "form_question_list", round.slug))
    assert page.count('<td data-label="Most words" class="number">20</td>') == 1
    number = round.form_questions.get(key="a-number")
    assert "words" not in rules.trouble_with(number, "many " * 30)


def test_criteria_can_be_ticked_once_they_are_agreed(client, round, joan):
    actions.start_form(round=round, by=joan, at=NOW())
    later = "You can say which criteria it helps to judge once the criteria are agreed."
    pages = [("add_form_question",), ("change_form_question", "summary")]
    for name, *more in pages:
        page = text(get(client, joan, name, round.slug, *more))
        assert later in page
        assert "Which criteria does the answer help to judge?" not in page
    post(client, joan, "add_form_question", round.slug, data=IDEA)
    post(client, joan, "change_form_question", round.slug, "summary", data=IDEA)
    agree_criteria(round)
    for name, *more in pages:
        page = text(get(client, joan, name, round.slug, *more))
        assert later not in page
        assert "Which criteria does the answer help to judge?" in page


# ---- Taking a question off ---------------------------------------------------------------------
def test_a_question_goes_only_after_a_tick(client, round, joan):
    actions.start_form(round=round, by=joan, at=NOW())
    question = round.form_questions.get(key="summary")
    address = reverse("drop_form_question", args=[round.slug, "summary"])
    assert f'href="{address}"' in text(get(client, joan, "form_question_list", round.slug))
    page = text(get(client, joan, "drop_form_question", round.slug, "summary"))
    assert question.label in page
    assert "It then goes for everybody who writes the form." in page
    assert "Go back</a>" in page
    page = text(post(client, joan, "drop_form_question", round.slug, "summary", status=422))
    assert "Tick the box to go on." in page
    assert round.form_questions.filter(key="summary").exists()
    post(client, joan, "drop_form_question", round.slug, "summary", data=SURE)
    assert not round.form_questions.filter(key="summary").exists()


def test_the_list_says_only_what_is_there(client, round, joan):
    post(client, joan, "add_form_question", round.slug, data={**IDEA, "kind": "date"})
    page = text(get(client, joan, "form_question_list", round.slug))
    assert "–</td>" not in page
    assert 'data-label="Change"' not in page
    assert page.count("Add a question</a>") == 2
    assert page.count("See the whole form as groups see it</a>") == 2


# ---- Next steps --------------------------------------------------------------------------------
def test_a_volunteer_hears_that_the_form_is_being_written(round, joan, harold):
    invite(round, harold)
    today = timezone.localdate()
    steps = list(next_steps(joan, on=today))
    assert [step.sentence for step in steps] == [
        "You can help to write the questions for the bid form."
    ]
    assert steps[0].url == reverse("form_question_list", args=[round.slug])
    assert list(next_steps(harold, on=today)) == []
    # What the volunteers are asked to say comes before it.
    open_to(round, StageKind.CRITERIA)
    around = rounds_around(joan, on=today)
    links = [step.url for step in next_steps_for(joan, on=today, around=around)]
    assert links.index(reverse("suggest", args=[round.slug, "criteria"])) < links.index(
        reverse("form_question_list", args=[round.slug])
    )


def test_no_step_about_the_form_once_bids_are_open(joan):
    join(make_open_round(), joan)
    assert list(next_steps(joan, on=timezone.localdate())) == []


# ---- Plain words -----------------------------------------------------------------------------
def test_hard_words_are_named_kindly_and_stop_nobody(client, round, joan):
    hard = {**IDEA, "label": "How will you utilise the money?", "hint": "Say what your KPI is."}
    response = post(client, joan, "add_form_question", round.slug, data=hard)
    question = round.form_questions.get()
    assert question.label == "How will you utilise the money?"
    address = reverse("change_form_question", args=[round.slug, question.key])
    assert response.url == address
    page = text(client.get(address))
    assert "The question is added." in page
    assert "Could it be plainer?" in page
    assert "“utilise” is hard for many people. You could say: use." in page
    assert "“KPI” is a short form. Write out what it stands for." in page
    assert "Could be plainer" in text(get(client, joan, "form_question_list", round.slug))
    # Saved again as it is, the words stand, and the way on is the form.
    response = post(client, joan, "change_form_question", round.slug, question.key, data=hard)
    assert response.url == reverse("form_question_list", args=[round.slug])
    plain = {**hard, "label": "How will you use the money?", "hint": ""}
    response = post(client, joan, "change_form_question", round.slug, question.key, data=plain)
    assert response.url == reverse("form_question_list", args=[round.slug])
    page = text(client.get(address))
    assert "Could it be plainer?" not in page
    assert "Could be plainer" not in text(get(client, joan, "form_question_list", round.slug))


def test_words_that_come_back_with_a_mistake_are_looked_over_as_typed(client, round, sam):
    wrong = {**IDEA, "label": "How will you utilise it?", "kind": "choice", "choices": "One"}
    page = text(post(client, sam, "add_form_question", round.slug, status=422, data=wrong))
    assert "Write at least two choices" in page
    assert "“utilise” is hard for many people." in page


# ---- The whole form --------------------------------------------------------------------------
def test_preview_form_shows_all_that_a_bid_is_asked(client, round, last, joan):
    agree_criteria(round)
    actions.copy_form(round=round, earlier=last, by=joan, at=NOW())
    page = text(get(client, joan, "preview_form", round.slug))
    order = [
        "Where does it happen?",
        "What is hard now?",
        "In your own words.",
        "A longer answer, up to 90 words. Every bid must answer this.",
        "It helps to judge:",
        "Criterion 1",
        "Which day? (optional)",
        "<li>Monday</li><li>Friday</li>",
        "One choice from a list. This can be left out.",
        "Costs",
        "Files (optional)",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert "<form" not in page.split("<main")[1].split("</main")[0]
    paper = text(get(client, joan, "form_paper", round.slug))
    assert "What is hard now?" in paper
    assert paper.count('<div class="write">') > 30
    for asked in (
        "What kind of organisation is it?",
        "Community group, not registered",
        "Charity number",
        "Company number",
        "Postcode",
        "Under £10,000 a year",
        "By post",
        "People who are lonely",
    ):
        assert asked in paper
    assert "Costs" in text(get(client, joan, "form_question_list", round.slug))


def test_the_fixed_parts_stand_in_a_form_without_questions(client, round, joan):
    for name in ("form_question_list", "preview_form"):
        page = text(get(client, joan, name, round.slug))
        assert "Costs" in page
        assert "Files (optional)" in page


# ---- From an earlier round -------------------------------------------------------------------
def test_copy_form_takes_questions_choices_limits_and_ties(client, round, last, sam, joan):
    agree_criteria(round)
    page = text(get(client, joan, "form_question_list", round.slug))
    assert reverse("copy_form", args=[round.slug]) in page
    page = text(get(client, joan, "copy_form", round.slug))
    assert "Last year" in page
    assert "2 questions" in page
    assert "may go" not in page
    post(client, joan, "copy_form", round.slug, status=422)
    post(client, joan, "copy_form", round.slug, data={"earlier": last.pk})
    fields = ("key", "label", "hint", "kind", "choices", "word_limit", "required", "order")
    assert list(round.form_questions.values(*fields)) == list(last.form_questions.values(*fields))
    ties = [
        [row.title for row in question.criteria.all()] for question in round.form_questions.all()
    ]
    assert ties == [["Criterion 1"], []]
    tied = round.form_questions.get(key="need").criteria.get()
    assert tied.agreement.round == round
    assert trail(round) == [(joan.name, "form_copied")]
    entry = Entry.objects.get(chain=round.chain, verb="form_copied")
    assert entry.data == {"earlier": last.pk, "questions": 2, "dropped": 0}


def test_copy_form_asks_before_questions_go(client, round, last, sam):
    actions.start_form(round=round, by=sam, at=NOW())
    page = text(get(client, sam, "copy_form", round.slug))
    assert "Take off the 12 questions that are here now" in page
    page = text(post(client, sam, "copy_form", round.slug, status=422, data={"earlier": last.pk}))
    assert "Tick the box if the questions that are here may go." in page
    with pytest.raises(Refused, match="has questions now"):
        actions.copy_form(round=round, earlier=last, by=sam, at=NOW())
    assert round.form_questions.count() == 12
    post(client, sam, "copy_form", round.slug, data={"earlier": last.pk, "sure": "on"})
    assert [row.key for row in round.form_questions.all()] == ["need", "day"]


def test_copy_form_ties_by_title_where_the_slug_differs(round, last, sam):
    agreement = agree_criteria(round)
    with unguarded():
        agreement.criteria.filter(slug="criterion-1").update(slug="need")
    made = actions.copy_form(round=round, earlier=last, by=sam, at=NOW())
    assert [row.slug for row in made[0].criteria.all()] == ["need"]


def test_copy_form_offers_earlier_rounds_of_this_programme_alone(client, round, last, sam):
    other = make_programme(name="Another", slug="another")
    foreign = make_round(by=sam, programme=other, first_day=LAST_YEAR)
    later = make_round(by=sam, first_day=timezone.localdate() + timedelta(days=30))
    for strange in (foreign, later):
        actions.start_form(round=strange, by=sam, at=NOW())
    make_round(by=sam, first_day=LAST_YEAR)  # without questions
    assert list(rules.earlier_forms(round)) == [last]
    for strange in (foreign, later, round):
        with pytest.raises(Refused, match="Choose an earlier round that has questions"):
            actions.copy_form(round=round, earlier=strange, by=sam, at=NOW())
    response = get(client, sam, "copy_form", last.slug, status=302)
    assert response.url == reverse("form_question_list", args=[last.slug])


def test_copy_form_is_refused_once_bids_open(last, sam):
    opened = make_open_round(by=sam)
    with pytest.raises(Refused, match="Bids have opened"):
        actions.copy_form(round=opened, earlier=last, by=sam, at=NOW(), replaces=True)
    assert opened.form_questions.count() == 12


# ---- A place ---------------------------------------------------------------------------------
def test_a_place_is_said_in_a_few_words_and_read_as_it_was_said(client, sam, amina):
    round = make_open_round(by=sam)
    FormQuestion.objects.filter(round=round, key="need").update(kind="place", word_limit=None)
    bid = make_draft_bid(round, amina)
    data = {"text": "The hall by the old mill, Armley", "version": 0}
    page = text(get(client, amina, "answer_question", bid.pk, "need"))
    assert '<input type="text" name="text"' in page
    post(client, amina, "answer_question", bid.pk, "need", data=data)
    assert bid.answers.get().text == "The hall by the old mill, Armley"
    sent = make_sent_bid(round, amina)
    page = text(get(client, sam, "bid_detail", round.slug, sent.pk))
    assert "We will do our best about need." in page


def test_the_form_says_that_every_bid_names_its_place_already(client, round, joan):
    page = text(get(client, joan, "add_form_question", round.slug))
    assert "Every bid says where its project happens. Ask here for another place." in page
