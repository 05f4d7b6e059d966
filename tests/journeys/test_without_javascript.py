"""With scripts switched off everything still works: a volunteer's scoring, an applicant's bid."""

from playwright.sync_api import expect

from accounts.models import Person
from ledger.tasks import send_due
from tests.factories.applications import make_open_round
from tests.factories.panels import reading_round
from tests.journeys.conftest import Newcomer
from tests.journeys.people import Reader
from tests.journeys.steps import scores_a_bid, signs_up, writes_a_bid


def runs_no_script(reader: Reader) -> None:
    """The live word count, which a script shows, stays hidden."""
    expect(reader.page.locator(".word-count").first).to_be_hidden()


def test_a_volunteer_scores_a_bid_without_javascript(
    newcomer: Newcomer, joan: Person, harold: Person, priya: Person
) -> None:
    reading = reading_round(joan, harold, priya, bids=1)
    criteria = {row.title: row.question for row in reading.criteria}
    first, *_between, last = criteria
    reader = newcomer("Joan Ibbotson", "joan@example.org", javascript=False)
    reader.signs_in()
    reader.menu("My bids to read")
    reader.follow("Go to your first bid")
    scores_a_bid(reader, "4 Strong", criteria, "They asked at every door.", one_by_one=True)
    reader.follow("Take these scores back")
    reader.press("Take my scores back")
    reader.follow("Change", beside=first)
    reader.choose("5 No doubt")
    reader.press("Save and go back to check")
    reader.sees("5 out of 5", "4 out of 5")
    reader.follow("Change", beside=last)
    reader.choose("I cannot judge this")
    reader.press("Save and go back to check")
    reader.press("Send your scores", answer=422)
    reader.sees("There is a problem", "Tick the box to say that these are your own scores.")
    reader.tick("These are my own scores")
    reader.press("Send your scores")
    reader.sees("Your scores are sent", "5 out of 5", "I cannot judge this")
    send_due()
    assert "They asked at every door." in reader.letter("Keep this: your scores").body


def test_a_volunteer_is_told_what_is_missing_without_javascript(
    newcomer: Newcomer, joan: Person, harold: Person, priya: Person
) -> None:
    reading_round(joan, harold, priya, bids=1)
    reader = newcomer("Joan Ibbotson", "joan@example.org", javascript=False)
    reader.signs_in()
    reader.menu("My bids to read")
    reader.follow("Go to your first bid")
    reader.press("Start reading")
    reader.follow("Score this bid")
    reader.press("Use the words of my score as my reason", answer=422)
    reader.sees("Choose a score first. Then you can use its words.")
    reader.fill("Why?", "The hall is round the corner.")
    reader.press("Save and go on")
    reader.press("Save and go on")
    reader.press("Save and check my scores")
    reader.sees("Still missing.", "The hall is round the corner.")
    assert not reader.offers("Send your scores")
    reader.follow("Fill the first gap")
    reader.choose("3 Fair")
    reader.press("Save and go back to check")
    reader.sees("3 out of 5", "The hall is round the corner.")


def test_an_applicant_sends_a_bid_without_javascript(newcomer: Newcomer, sam: Person) -> None:
    lot = make_open_round(by=sam).lots.get()
    reader = newcomer("Amina", "amina@example.org", javascript=False)
    signs_up(reader)
    writes_a_bid(reader, "Beeston Wheels", "Shopping bus", lot.name, "20,000", "Beeston")
    reader.menu("My bids")
    reader.follow("Shopping bus")
    reader.follow("Answer: What is your idea, in a few sentences?")
    runs_no_script(reader)
    reader.writes("word " * 90)
    reader.press("Save and go on", answer=422)
    reader.sees("take out 10 words")
    reader.writes("A bus to the shops, twice a week.")
    reader.press("Save and go on")
    reader.menu("My bids")
    reader.follow("Shopping bus")
    reader.sees("You have changed your bid since you sent it")
    reader.follow("Check and send it again")
    reader.tick("What we wrote is true")
    reader.press("Send your bid")
    reader.unfolds("Show all of it")
    reader.sees("A bus to the shops, twice a week.")
