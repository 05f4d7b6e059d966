"""How money, days and hours are said, and what the form templates draw."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from crispy_forms.templatetags.crispy_forms_filters import as_crispy_form
from django import forms

from accounts.fields import DayField, WordedChoices
from accounts.forms import PlainForm
from accounts.templatetags import purse


@pytest.mark.parametrize(
    ("sum_", "said"),
    [
        (Decimal("12500.00"), "£12,500"),
        (Decimal("12500.50"), "£12,500.50"),
        (Decimal("0.05"), "£0.05"),
        (Decimal("-3"), "−£3"),
        (0, "£0"),
        (None, ""),
        ("", ""),
    ],
)
def test_money(sum_, said):
    assert purse.money(sum_) == said


@pytest.fixture
def in_leeds(settings):
    """An hour ahead of Greenwich in summer, wherever tests run."""
    settings.TIME_ZONE = "Europe/London"


@pytest.mark.usefixtures("in_leeds")
def test_day_is_the_day_it_is_here():
    assert purse.day(date(2026, 3, 3)) == "Tuesday 3 March 2026"
    assert purse.day(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "Wednesday 1 July 2026"
    assert purse.day(None) == ""


@pytest.mark.usefixtures("in_leeds")
def test_moment_is_on_the_clock_here():
    assert purse.moment(datetime(2026, 7, 1, 13, 5, tzinfo=UTC)) == (
        "Wednesday 1 July 2026 at 2:05 pm"
    )


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        (time(14, 5), "2:05 pm"),
        (time(9), "9 am"),
        (time(12), "midday"),
        (time(0), "midnight"),
        (time(12, 30), "12:30 pm"),
        (None, ""),
    ],
)
def test_time_of_day(clock, said):
    assert purse.time_of_day(clock) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (Decimal("0.33"), "about 20 minutes"),
        (0.01, "about 5 minutes"),
        (0.97, "about 1 hour"),
        (timedelta(minutes=95), "about 1 and a half hours"),
        (3, "about 3 hours"),
        (11.5, "about 12 hours"),
        (None, ""),
    ],
)
def test_hours(length, said):
    assert purse.hours(length) == said


def test_dial_keeps_figures_and_plus():
    assert purse.dial("+44 113 496 0000") == "+441134960000"


def test_bar_parts_never_run_past_the_end():
    parts = purse.bar_parts([{"value": 60}, {"value": 70}], 100)
    assert [(part["start"], part["width"]) for part in parts] == [
        ("0.0", "600.0"),
        ("600.0", "400.0"),
    ]


def test_bar_of_nothing():
    assert purse.bar_parts([{"value": 0}], 0)[0]["width"] == "0.0"


def test_span_parts_lie_between_the_first_and_the_last_day():
    stages = [
        {"opens": date(2026, 3, 1), "closes": date(2026, 3, 5)},
        {"opens": None, "closes": None},
        {"opens": date(2026, 3, 6), "closes": date(2026, 3, 10)},
    ]
    assert [(part["start"], part["width"]) for part in purse.span_parts(stages)] == [
        ("0.0", "500.0"),
        ("500.0", "500.0"),
    ]
    assert purse.span_parts([]) == []


class Example(PlainForm):
    name = forms.CharField(label="Your name")
    why = forms.CharField(label="Why?", required=False, widget=forms.Textarea({"data-words": "20"}))
    score = forms.ChoiceField(
        label="Score",
        choices=[("0", "None"), ("1", "Some")],
        widget=WordedChoices(choice_hints={"1": "A plan with gaps."}),
    )
    starts = DayField(label="First day", help_text="For example, 3 3 2026.")
    key = forms.CharField(widget=forms.HiddenInput)


def test_nothing_is_chosen_beforehand_and_nothing_is_blocked_by_the_browser():
    drawn = as_crispy_form(Example())
    assert " checked" not in drawn
    assert " required" not in drawn


def test_limit_of_words_is_said_before_the_box_and_tied_to_it():
    drawn = as_crispy_form(Example())
    assert drawn.index("You can write up to 20 words.") < drawn.index("<textarea")
    assert 'aria-describedby="id_why_helptext"' in drawn


def test_only_what_may_be_left_says_so():
    assert as_crispy_form(Example()).count("(optional)") == 1


def test_optional_can_be_left_out():
    form = Example()
    form.mark_optional = False
    assert "(optional)" not in as_crispy_form(form)


def test_choice_has_its_sentence():
    assert "A plan with gaps." in as_crispy_form(Example())


def test_mistakes_have_ids_that_the_summary_can_reach():
    form = Example({})
    drawn = as_crispy_form(form)
    targets = [purse.first_control(form[name]) for name in ("name", "why", "score", "starts")]
    assert targets == ["id_name", "id_why", "id_score_0", "id_starts_0"]
    for target in targets:
        assert drawn.count(f'id="{target}"') == 1
    assert form.errors["name"] == ["Fill in “Your name”"]
    assert form.errors["score"] == ["Choose an answer to “Score”"]
    assert 'aria-describedby="id_starts_helptext id_starts_error"' in drawn


def test_boxes_of_a_day_have_labels_and_keep_what_was_typed():
    form = Example({"starts_0": "31", "starts_1": "2", "starts_2": "2026"})
    assert [box["label"] for box in purse.boxes(form["starts"])] == ["Day", "Month", "Year"]
    assert 'value="31"' in as_crispy_form(form)


@pytest.mark.parametrize(
    ("number", "rest", "address"),
    [(1, "", "./"), (1, "q=tea&", "?q=tea"), (2, "", "?page=2"), (3, "q=tea&", "?q=tea&page=3")],
)
def test_page_address_gives_the_first_page_one_address_only(number, rest, address):
    assert purse.page_address(number, rest) == address


@pytest.mark.parametrize(
    ("kept", "said"),
    [("2027-04-05", "5 April 2027"), ("2027-13-05", "2027-13-05"), ("In spring", "In spring")],
)
def test_answer_says_a_day_in_words(kept, said):
    assert purse.answer(kept) == said
