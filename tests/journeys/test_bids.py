"""Those who bid, at their own screens: a first bid on a phone, two at one bid, a lost session."""

from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Person
from applications.models import Application, Colleague
from commissioning.models import Lot
from ledger.tasks import send_due
from tests.factories.applications import fill, make_applicant, make_draft_bid, make_open_round, png
from tests.journeys.conftest import Newcomer
from tests.journeys.people import Reader
from tests.journeys.steps import signs_up, writes_a_bid

pytestmark = pytest.mark.django_db(transaction=True)

IDEA = "Answer: What is your idea, in a few sentences?"


@pytest.fixture
def lot(sam: Person) -> Lot:
    """The one lot of a round that is open for bids."""
    return make_open_round(by=sam).lots.get()


@pytest.fixture
def bid(lot: Lot) -> Application:
    """A bid that wants nothing but to be sent, its words aside."""
    bid = make_draft_bid(lot.round, make_applicant("Amina Yusuf"))
    fill(bid, skip=["summary"])
    return bid


def test_a_small_group_bids_for_the_first_time_on_a_phone(
    newcomer: Newcomer, lot: Lot, tmp_path: Path
) -> None:
    amina = newcomer("Amina", "amina@example.org", phone=True)
    is_it_for_us(amina)
    signs_up(amina)
    writes_a_bid(amina, "Beeston Wheels", "Shopping bus", lot.name, "2,000", "Beeston")
    amina.sees("Shopping bus", "Beeston Wheels", "£2,000")
    copy = amina.fetches(amina.finds("link", "A copy to keep (PDF)").get_attribute("href"))
    assert copy.body().startswith(b"%PDF-")
    send_due()
    assert "Shopping bus" in amina.letter("Keep this: we have your bid").body
    changes_its_costs(amina)
    adds_a_picture(amina, tmp_path)
    asks_a_colleague(amina)
    amina.follow("See it as volunteers will")
    amina.sees("Twenty new tyres", "£2,400")
    amina.go_back()
    amina.follow("Check and send it again")
    amina.press("Send your bid", answer=422)
    amina.tick("What we wrote is true")
    amina.press("Send your bid")
    amina.heading("We have your bid")
    sent = Application.objects.get()
    assert [version.asked for version in sent.versions.order_by("number")] == [2000, 2400]
    takes_it_back(amina)
    sent.refresh_from_db()
    assert sent.withdrawn_at


def is_it_for_us(reader: Reader) -> None:
    """A few questions before anybody writes a word; and one for the funder, without an account."""
    reader.go("/")
    reader.follow("See what you can bid for now")
    reader.follow("Read about it")
    reader.follow("Is this for you? A few questions")
    for question in reader.questions():
        reader.choose("No", of=question)
    reader.press("See if it fits")
    reader.sees("Talk to us before you write")
    for question in reader.questions():
        reader.choose("Yes", of=question)
    reader.press("See if it fits")
    reader.sees("It looks right for you")


def changes_its_costs(reader: Reader) -> None:
    """One more cost, after the bid was sent: the page adds it up, and says what to do."""
    reader.menu("My bids")
    reader.follow("Shopping bus")
    reader.follow("Say what the money is for")
    reader.fill("What is it for?", "Twenty new tyres", within="Cost 2")
    reader.fill("What does it cost?", "£1,000", within="Cost 2")
    reader.fill("How much of it do you ask from us?", "lots", within="Cost 2")
    reader.press("Save and add up", answer=422)
    reader.sees("Type what you ask from us in pounds, like 250 or 250.50.")
    reader.fill("How much of it do you ask from us?", "400", within="Cost 2")
    reader.press("Save and add up")
    reader.sees("£3,000", "£2,400")
    reader.press("Save your costs")
    reader.menu("My bids")
    reader.follow("Shopping bus")
    reader.sees("You have changed your bid since you sent it")


def adds_a_picture(reader: Reader, folder: Path) -> None:
    picture = folder / "bus.png"
    picture.write_bytes(png(width=40, height=30))
    reader.follow("Add files")
    reader.attach("Choose", picture)
    reader.press("Add this file")
    reader.sees("bus.png")
    reader.menu("My bids")
    reader.follow("Shopping bus")


def asks_a_colleague(reader: Reader) -> None:
    reader.follow("Add somebody to help")
    reader.fill("What is their name?", "Leon Field")
    reader.fill("What is their email?", "leon@example.org")
    reader.press("Add this person")
    reader.sees("Leon Field")
    reader.menu("My bids")
    reader.follow("Shopping bus")


def takes_it_back(reader: Reader) -> None:
    reader.menu("My bids")
    reader.follow("Shopping bus")
    reader.follow("Take this bid back")
    reader.tick("Yes, take this bid back")
    reader.press("Take this bid back")
    reader.sees("Your bid is taken back. We have written to you.")


def sits_down(newcomer: Newcomer, person: Person, bid: Application, *, phone: bool) -> Reader:
    """They sign in, and open the bid and the question about its idea."""
    reader = newcomer(person.name, person.sign_in_email, phone=phone)
    reader.signs_in()
    reader.go(reverse("application_detail", args=[bid.pk]))
    reader.follow(IDEA)
    return reader


def test_two_colleagues_at_one_bid_lose_no_words(newcomer: Newcomer, bid: Application) -> None:
    amina, leon = bid.made_by, make_applicant("Leon Field")
    Colleague.objects.create(
        organisation=bid.organisation, person=leon, added_at=timezone.now(), added_by=amina
    )
    first = sits_down(newcomer, amina, bid, phone=True)
    second = sits_down(newcomer, leon, bid, phone=False)
    first.writes("A bus to the shops, twice a week.")
    first.waits_for("Saved at")
    second.writes("We drive people to the shops.")
    second.waits_for("A bus to the shops, twice a week.")
    second.forgives(409)
    second.waits_for(f"{amina.name} saved this at")
    alert = second.page.get_by_role("alert")
    expect(alert).to_be_in_viewport()
    expect(second.page.locator("textarea")).to_be_focused()
    # The button alone puts nothing over them: a choice comes first.
    second.page.get_by_role("button", name="Save and go on").click()
    expect(second.page.get_by_role("button", name="Keep what was saved")).to_be_focused()
    unsaved = second.page.get_by_text("Nothing is saved yet. Choose what should stay.")
    expect(unsaved).to_have_role("alert")
    expect(second.page.get_by_role("group", name="What should stay?")).to_contain_text(
        "Nothing is saved yet."
    )
    second.sees("What makes way is kept where you can both read it.")
    assert bid.answers.get(question__key="summary").text == "A bus to the shops, twice a week."
    second.press("Put both in the box")
    both = "A bus to the shops, twice a week.\n\nWe drive people to the shops."
    expect(second.page.locator("textarea")).to_have_value(both)
    assert bid.answers.get(question__key="summary").text == both


def test_words_that_make_way_for_a_colleagues_stay_where_both_read_them(
    newcomer: Newcomer, bid: Application
) -> None:
    amina, leon = bid.made_by, make_applicant("Leon Field")
    Colleague.objects.create(
        organisation=bid.organisation, person=leon, added_at=timezone.now(), added_by=amina
    )
    first = sits_down(newcomer, amina, bid, phone=True)
    second = sits_down(newcomer, leon, bid, phone=True)
    first.writes("A bus to the shops.")
    first.waits_for("Saved at")
    second.writes("We drive people.")
    second.waits_for("A bus to the shops.")
    second.forgives(409)
    second.writes("We drive people to the shops.")
    second.press("Keep what I have here")
    second.finds_written("What is your idea, in a few sentences?", "We drive people to the shops.")
    assert second.page.evaluate("localStorage.length") == 0
    first.go(reverse("application_detail", args=[bid.pk]))
    first.sees("Two of you wrote here.")
    first.follow(IDEA)
    first.sees(
        "Amina Yusuf saved this on", "Leon Field chose other words on", "A bus to the shops."
    )
    first.finds_written("What is your idea, in a few sentences?", "We drive people to the shops.")


def test_words_written_after_the_session_ended_are_there_again(
    newcomer: Newcomer, bid: Application
) -> None:
    reader = sits_down(newcomer, bid.made_by, bid, phone=True)
    here = reader.page.url
    reader.writes("A bus to the shops.")
    reader.waits_for("Saved at")
    Session.objects.all().delete()
    reader.writes("A bus to the shops, and back again with the bags.")
    reader.waits_for("You have been signed out. Your words are kept on this page.")
    reader.page.wait_for_function("() => localStorage.length === 1")
    reader.forgives(401)
    reader.follow("Sign in again")
    reader.gets_code()
    assert reader.page.url == here
    reader.waits_for("Saved at")
    assert bid.answers.get(question__key="summary").text == (
        "A bus to the shops, and back again with the bags."
    )
