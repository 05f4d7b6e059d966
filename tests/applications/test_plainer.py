"""What could be plainer in a question: said kindly, with what to say instead."""

import tomllib

import pytest

from applications import plainer
from applications.actions.form import USUAL_QUESTIONS
from applications.models import FormQuestion

RUN_ON = "Tell us " + "who is to do it and how and when, " * 3 + "and why."
WHOLE = "All in all this is hard to read. Use short words and sentences."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("What will you do?", []),
        (
            "How will you utilise the money?",
            ["“utilise” is hard for many people. You could say: use."],
        ),
        (
            RUN_ON,
            [
                "“Tell us who is to do…” is one sentence of 31 words. Could it be two sentences?",
                WHOLE,
            ],
        ),
        ("What is your KPI?", ["“KPI” is a short form. Write out what it stands for."]),
    ],
)
def test_in_words(words: str, said: list[str]) -> None:
    assert plainer.in_words(words) == said


def test_in_words_says_a_thing_once_and_counts_each_text_by_itself() -> None:
    """A label, a hint and choices have no full stops between them, and are no one sentence."""
    said = plainer.in_words("How will you utilise it", "Say how you utilise it", *["Yes"] * 40)
    assert said == ["“utilise” is hard for many people. You could say: use."]


def test_in_words_sees_a_hard_whole_though_no_word_of_it_is_listed() -> None:
    assert plainer.in_words("Grandmothers everywhere remember unforgettable holidays. " * 7) == [
        WHOLE
    ]


def test_the_usual_questions_are_plain() -> None:
    rows = tomllib.loads(USUAL_QUESTIONS.read_text("utf-8"))["questions"]
    questions = [FormQuestion(label=row["label"], hint=row["hint"]) for row in rows]
    assert {row.label: plainer.in_question(row) for row in questions} == {
        row.label: [] for row in questions
    }
