"""Every component in all its states on one page, for those who build and those who check."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.fields import DayField, WordedChoices
from accounts.forms import PlainForm

LEVELS = {
    "0": ("0: Not at all", "The bid says nothing about this."),
    "1": ("1: A little", "One idea, with no plan behind it."),
    "2": ("2: Some way", "A plan, but with large gaps."),
    "3": ("3: Good enough", "A plan that could work."),
    "4": ("4: Good", "A clear plan, and someone to carry it out."),
    "5": ("5: Very good", "A clear plan that older people helped to make."),
}


class EveryBox(PlainForm):
    """One question of each kind."""

    name = forms.CharField(
        label="What is your name?",
        error_messages={"required": "Type your name."},
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label="What is your phone number?",
        help_text="We ring between 9 am and 5 pm.",
        required=False,
        widget=forms.TextInput({"type": "tel", "class": "w-20", "autocomplete": "tel"}),
    )
    score = forms.ChoiceField(
        label="How well does the bid bring people together?",
        help_text="Choose the words that fit best.",
        choices=[(value, words) for value, (words, _hint) in LEVELS.items()]
        + [("cannot", "I cannot judge this")],
        widget=WordedChoices(
            choice_hints={value: hint for value, (_words, hint) in LEVELS.items()},
            attrs={"autocomplete": "off"},
        ),
        error_messages={"required": "Choose a score for bringing people together."},
    )
    reason = forms.CharField(
        label="What made you choose this?",
        help_text="Say it as you would to a friend.",
        widget=forms.Textarea({"rows": 5, "data-words": "40"}),
        error_messages={"required": "Give your reason in a few words."},
    )
    helps = forms.MultipleChoiceField(
        label="What would help you?",
        required=False,
        choices=[("print", "Large print on paper"), ("lift", "A lift to the meeting")],
        widget=forms.CheckboxSelectMultiple,
    )
    area = forms.ChoiceField(
        label="Which part of Leeds do you live in?",
        choices=[("", "Choose one"), ("east", "East"), ("south", "South"), ("west", "West")],
        error_messages={"required": "Choose the part of Leeds you live in."},
    )
    sum_asked = forms.DecimalField(
        label="How much money do you ask for?",
        help_text="In pounds, like 12500.",
        widget=forms.TextInput({"data-prefix": "£", "inputmode": "decimal"}),
        error_messages={"required": "Type how much money you ask for."},
    )
    people = forms.IntegerField(
        label="How many people will this reach?",
        widget=forms.TextInput({"class": "w-4", "inputmode": "numeric"}),
        error_messages={"required": "Type how many people this will reach."},
    )
    starts = DayField(
        label="When will it start?",
        help_text="For example, 3 3 2026.",
        error_messages={"required": "Type the day it will start."},
    )
    paper = forms.FileField(
        label="Add your rules or set of aims",
        help_text="A file from your computer, up to 10 MB.",
        required=False,
    )
    agreed = forms.BooleanField(
        label="I will keep what I read to myself",
        help_text="You can still talk about it in the panel.",
        error_messages={"required": "Tick the box to say you will keep it to yourself."},
    )


class BudgetLine(PlainForm):
    """One line of a budget."""

    item = forms.CharField(label="What is it for?")
    cost = forms.DecimalField(
        label="What does it cost?",
        widget=forms.TextInput({"data-prefix": "£", "inputmode": "decimal"}),
    )


BudgetLines = forms.formset_factory(BudgetLine, extra=2)


def gallery(request: HttpRequest) -> HttpResponse:
    """The page; sending its form shows the mistakes, and sending it well saves nothing."""
    sent = request.method == "POST"
    form = EveryBox(request.POST, request.FILES) if sent else EveryBox()
    wrong = sent and not form.is_valid()
    return render(
        request,
        "config/gallery.html",
        {"form": form, "lines": BudgetLines(prefix="lines"), **_examples()},
        status=422 if wrong else 200,
    )


def _examples() -> dict[str, Any]:
    """Made-up people, sums and days to show the components with."""
    at = datetime(2026, 3, 3, 14, 5, tzinfo=UTC)
    return {
        "at": at,
        "tasks": [
            {"label": "Agree to take part", "url": "#tasks", "status": "Completed", "kind": "done"},
            {
                "label": "Say who you know",
                "url": "#tasks",
                "status": "Not sent yet",
                "kind": "now",
                "hint": "About 10 minutes",
            },
            {
                "label": "Read and score your bids",
                "url": "#tasks",
                "status": "Not yet started",
                "kind": "todo",
                "hint": "6 bids, about 40 minutes each",
            },
            {"label": "Meet the panel", "status": "Cannot start yet", "kind": "wait"},
        ],
        "told": [
            ("The need is real", "You asked at every door, and it shows."),
            ("Good use of money", "We could follow every pound."),
        ],
        "answers": [
            {"label": "Name", "value": "Joan Okafor", "change_url": "#answers", "hidden": "name"},
            {"label": "How many bids", "value": "6 bids", "change_url": "#answers"},
            {
                "label": "Why I want to help",
                "value": "I have lived here all my life.\n\nI know what it is to be lonely.",
                "user_text": True,
                "change_url": "#answers",
                "hidden": "why you want to help",
            },
            {"label": "Days away", "value": "", "change_url": "#answers"},
        ],
        "sent_scores": [
            {"label": "Brings people together", "value": "4: Good"},
            {"label": "Older people shaped it", "value": "5: Very good"},
            {"label": "Good use of the money", "value": "I cannot judge this"},
        ],
        "stages": [
            {
                "kind": "stage",
                "label": "Read and score",
                "opens": date(2026, 2, 2),
                "closes": date(2026, 2, 27),
                "status": "Closed",
                "state": "done",
            },
            {
                "kind": "rest",
                "label": "Rest",
                "opens": date(2026, 2, 28),
                "closes": date(2026, 3, 6),
                "status": "Resting now",
                "state": "now",
            },
            {
                "kind": "stage",
                "label": "Shortlist meeting",
                "opens": date(2026, 3, 9),
                "closes": date(2026, 3, 13),
                "status": "Not yet open",
                "state": "ahead",
                "rest_until": date(2026, 3, 16),
            },
            {
                "kind": "rest",
                "label": "Rest",
                "opens": date(2026, 3, 14),
                "closes": date(2026, 3, 16),
                "status": "",
                "state": "ahead",
            },
            {
                "kind": "stage",
                "label": "Talk to the bidders",
                "opens": date(2026, 3, 17),
                "closes": date(2026, 4, 3),
                "status": "Not yet open",
                "state": "ahead",
            },
        ],
        "levels": [
            {"value": value, "word": word, "count": count, "mine": value == 4}
            for value, word, count in (
                (0, "Not at all", 0),
                (1, "A little", 1),
                (2, "Some way", 0),
                (3, "Good enough", 1),
                (4, "Good", 3),
                (5, "Very good", 1),
            )
        ],
        "pot": Decimal("180000.00"),
        "dear": Decimal("61000.00"),
        "left": Decimal("59499.50"),
        "pot_parts": [
            {"label": "Given", "value": Decimal("96500.50"), "fill": 1},
            {"label": "Held for the reserve list", "value": Decimal("24000"), "fill": 2},
            {"label": "Left", "value": Decimal("59499.50"), "fill": 4},
        ],
        "bids": [
            ("Lunch on Lincoln Green", Decimal("24500.00"), "Some of it", "care"),
            ("Songs we know", Decimal("8250.50"), "All of it", "done"),
            ("Shed Club South", Decimal("31000.00"), "Not this time", "wait"),
        ],
        "letter_words": (
            "Dear Joan,\n\nThank you for the six bids you read. The panel has your scores.\n\n"
            "Now it is time to rest. You will not hear from us before Monday 9 March."
        ),
        "pages": Paginator(range(60), 20).page(2),
        "nowhere": Paginator(range(3), 20).page(1),
    }
