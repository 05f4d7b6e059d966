"""Longer pieces of a journey that more than one story walks: a whole bid, a whole scoring."""

from collections.abc import Mapping
from datetime import date

from tests.journeys.people import Reader


def signs_up(reader: Reader) -> None:
    """From the front page to an account, with a code from the mail."""
    reader.go("/")
    reader.follow("See what you can bid for now")
    reader.follow("Read about it")
    reader.follow("I am new here")
    reader.fill("Your email", reader.email)
    reader.press("Send me a code")
    reader.fill("The code", reader.code())
    reader.press("This email is mine")
    reader.fill("What is your name?", f"{reader.name} Field")
    reader.press("Save my name")
    reader.heading("Tell us about your organisation")


PLANNED = {
    "When would the work start?": date(2027, 4, 5),
    "When would it end?": date(2028, 3, 31),
}


def writes_a_bid(
    reader: Reader, organisation: str, title: str, lot: str, asks: str, where: str
) -> None:
    """A whole bid, page by page, checked and sent; then the receipt."""
    reader.fill("What is your organisation called?", organisation)
    reader.choose("Community group", of="What kind of organisation is it?")
    reader.fill("Address", f"1 High Street, {where}")
    reader.fill("Postcode", "LS1 1AA")
    reader.choose("Under £10,000", of="How much money comes in each year?")
    reader.press("Save and go on")
    reader.choose(lot)
    reader.press("Go on")
    reader.fill("What is your project called?", title)
    reader.press("Start your bid")
    reader.follow("Say what your project is called and where it happens")
    reader.fill("Where does it happen?", where)
    reader.fill("Which people and partners do you name in your bid? (optional)", f"{where} Hub")
    reader.fill("Whom can we talk to about this bid?", f"{reader.name} Field")
    reader.press("Save your project")
    reader.follow("Answer: What is your idea, in a few sentences?")
    while reader.offers("Save and stop for now"):
        asked = reader.words()
        planned = next((words for words in PLANNED if words in asked), None)
        if planned:
            reader.fill_day(planned, PLANNED[planned])
        else:
            reader.writes(f"{title}: we go to people in {where} and ask them what they need.")
        reader.press("Save and go on")
    reader.heading("What the money is for")
    reader.fill("What is it for?", "Running it for a year", within="Cost 1")
    reader.fill("What does it cost?", asks, within="Cost 1")
    reader.fill("How much of it do you ask from us?", asks, within="Cost 1")
    reader.press("Save your costs")
    reader.follow("Check and send")
    reader.tick("What we wrote is true")
    reader.press("Send your bid")
    reader.heading("We have your bid")


def scores_a_bid(
    reader: Reader, score: str, criteria: Mapping[str, str], why: str, *, one_by_one: bool
) -> None:
    """From the first look at a bid to the receipt; question by question, or all on one page.

    `score` is a level with its word, like "4 Strong"; `criteria` are titles with their questions.
    """
    reader.press("Start reading")
    if one_by_one:
        reader.follow("Score this bid")
        for criterion in criteria:
            reader.heading(criterion)
            reader.choose(score)
            reader.press("Use the words of my score as my reason")
            reader.press("Save and go on")
        reader.fill("What made you choose this?", why)
        reader.press("Save and check my scores")
    else:
        reader.follow("Score it all on one page")
        for criterion, question in criteria.items():
            reader.choose(score, of=question)
            reader.fill(f"Why? ({criterion})", "It says how they know.")
        reader.fill("What made you choose this?", why)
        reader.press("Save and check")
    reader.sees(f"{score[0]} out of 5", why)
    reader.tick("These are my own scores")
    reader.press("Send your scores")
    reader.heading("Your scores are sent")
    reader.sees("Receipt", why)
