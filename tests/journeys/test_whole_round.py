"""One whole round in a real browser, by every role in turn and through nothing but pages.

It starts from an empty site on which somebody typed `manage.py invite_facilitator`, and ends when
the board has the report. Each section is one part of the story; a failure names the section, the
person, the page and what stood on it. Time passes by the site's own clock (`calendar`), and the
post goes out by the same two ticks that Celery rings.
"""

import json
import re
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.core.management import call_command

from decisions.tasks import ask_who_is_owed, do_errands
from ledger.tasks import send_due
from panels.tasks import share_out_asked
from tests.journeys.conftest import Calendar, Newcomer
from tests.journeys.people import Reader
from tests.journeys.steps import scores_a_bid, signs_up, writes_a_bid

ROUND = "Good Neighbours"
OUTINGS, COMPANY = "Getting out", "Good company"
VOLUNTEERS = {
    "joan": "Joan Ibbotson",
    "derek": "Derek Armitage",
    "maureen": "Maureen Clegg",
    "nasreen": "Nasreen Akhtar",
    "priya": "Priya Nair",
    "sheila": "Sheila Broadbent",
    "winston": "Winston Baptiste",
}
ON_PAPER = "Harold Whitaker"

# Who bids: organisation, project, lot, what they ask, where.
BIDS = {
    "amina": ("Beeston Wheels", "Shopping bus", OUTINGS, "20,000", "Beeston"),
    "leon": ("Harehills Growers", "Garden walks", OUTINGS, "14,000", "Harehills"),
    "tom": ("Holbeck Outings", "Day trips", OUTINGS, "12,000", "Holbeck"),
    "grace": ("Armley Neighbours", "Tea and talk", COMPANY, "9,000", "Armley"),
    "fay": ("Kirkstall Callers", "Phone friends", COMPANY, "7,500", "Kirkstall"),
    "nina": ("Bradford Singers", "Songs for all", COMPANY, "5,000", "Bradford"),
}
PAPER_BID = ("Otley Knitters", "Knit and natter", COMPANY, "3,000", "Otley")


def test_whole_round(newcomer: Newcomer, calendar: Calendar, tmp_path: Path) -> None:
    walk = Walk(newcomer, calendar, tmp_path)
    the_first_facilitator_comes_in(walk)
    the_programme_is_set_up(walk)
    staff_and_board_are_invited(walk)
    the_round_is_set_up(walk)
    volunteers_are_invited(walk)
    volunteers_join(walk)
    volunteers_say_what_to_fund(walk)
    rest_is_rest(walk)
    volunteers_get_ready(walk)
    volunteers_agree_the_criteria(walk)
    the_call_is_opened(walk)
    groups_send_their_bids(walk)
    a_bid_comes_on_paper(walk)
    the_rules_are_checked(walk)
    panels_are_made(walk)
    volunteers_say_whom_they_know(walk)
    bids_are_shared_out(walk)
    volunteers_read_and_score(walk)
    paper_sheets_are_typed(walk)
    scoring_closes_without_the_late_one(walk)
    nobody_sees_scores_before_the_panel_opens_them(walk)
    panels_choose_whom_to_meet(walk)
    groups_choose_a_time_and_come(walk)
    panels_decide(walk)
    a_check_fails_and_the_panel_decides_again(walk)
    letters_go_in_the_panels_words(walk)
    the_report_is_agreed_and_taken_home(walk)


class Walk:
    """The cast, each at a browser of their own, and what several sections need."""

    def __init__(self, newcomer: Newcomer, calendar: Calendar, folder: Path) -> None:
        self._newcomer, self.calendar, self.folder = newcomer, calendar, folder
        self._here: dict[str, Reader] = {}

    def comes(self, name: str) -> Reader:
        """Somebody sits down at a browser for the first time."""
        first = name.split()[0].lower()
        self._here[first] = self._newcomer(name, f"{first}@example.org")
        return self._here[first]

    def __getattr__(self, first: str) -> Reader:
        """walk.sam is Sam at his browser."""
        try:
            return self.__dict__["_here"][first]
        except KeyError:
            raise AttributeError(first) from None

    @property
    def volunteers(self) -> list[Reader]:
        """Those who take part by the site; Harold does it on paper."""
        return [self._here[first] for first in VOLUNTEERS]

    def post(self) -> int:
        """Two ticks: whoever is owed a letter gets one, and what may go now goes."""
        ask_who_is_owed()
        return send_due()

    # ---- A facilitator and the stages ---------------------------------------------------------
    def runs(self, reader: Reader, *links: str) -> Reader:
        """A facilitator opens the round from their start page, and goes on from there."""
        reader.go_home()
        for link in (ROUND, *links):
            reader.follow(link)
        return reader

    def sets_up(self, link: str) -> Reader:
        """Sam opens one of the things to get ready, from the round's own page."""
        self.sam.menu("Rounds")
        self.sam.follow(ROUND)
        self.sam.follow(link)
        return self.sam

    def for_staff(self, reader: Reader, lot: str) -> Reader:
        """A facilitator opens the page of a lot's panel."""
        self.runs(reader, "See the panels")
        reader.follow("Open this panel", beside=f"{lot} panel")
        return reader

    def at_panel(self, reader: Reader, lot: str) -> Reader:
        """A volunteer opens the page of their panel, from their own start page."""
        reader.go_home()
        reader.follow(ROUND)
        reader.follow(f"{lot} panel")
        return reader

    def answers_all(self, reader: Reader) -> None:
        """A volunteer agrees to everything that lies in front of their panel."""
        reader.go_home()
        while reader.offers("Read and answer"):
            reader.follow("Read and answer")
            if reader.offers("Put something to the panel"):  # a list, where there are several
                reader.follow_row("Not settled yet")
            reader.follow("Answer")
            reader.choose("I agree")
            reader.press("Give my answer")
            reader.go_home()

    def opens(self, stage: str) -> None:
        """Sam opens a stage on the day it may open."""
        sam = self.runs(self.sam)
        self.calendar.go_to(day_in(sam.words(), rf"“{stage}” is planned to open on "))
        sam.go(sam.page.url)
        sam.follow("Open this stage", beside=f"“{stage}”")
        sam.tick(f"Yes, open “{stage}” now")
        sam.press("Open the stage")
        sam.sees(f"“{stage}” is open.")

    def closes(self, stage: str, *, days_later: int = 0) -> None:
        """Sam closes a stage on its last day, or some days later."""
        sam = self.runs(self.sam)
        self.calendar.go_to(day_in(sam.words(), rf"“{stage}” is open until "))
        self.calendar.on(days_later)
        sam.go(sam.page.url)
        sam.follow("Close this stage", beside=f"“{stage}”")
        sam.tick(f"Yes, close “{stage}” now")
        sam.press("Close the stage")
        sam.sees(f"“{stage}” is closed.")


def day_in(words: str, before: str) -> date:
    """The day written out after these words, like Monday 3 March 2026."""
    found = re.search(before + r"\w+ (\d+ \w+ \d{4})", words)
    assert found, f"No day after “{before}” in: {words[:1500]}"
    return datetime.strptime(f"{found.group(1)} +0000", "%d %B %Y %z").date()


# ---- Setting up --------------------------------------------------------------------------------
def the_first_facilitator_comes_in(walk: Walk) -> None:
    call_command("invite_facilitator", "sam@example.org", name="Sam Okafor", verbosity=0)
    walk.post()
    sam = walk.comes("Sam Okafor")
    sam.opens_letter("Sign in to")
    sam.gets_code()
    sam.heading("Hello Sam")


def the_programme_is_set_up(walk: Walk) -> None:
    sam = walk.sam
    sam.go_home()
    sam.follow("Begin")
    sam.fill("Name of the programme", "Leeds Neighbours Fund")
    sam.fill("Who gives the money", "The Leeds Fund")
    sam.fill("Who people can phone for help", "Sam")
    sam.fill("Their phone number", "0113 496 0100")
    sam.fill(
        "What volunteers agree to about keeping things private",
        "I will keep the bids to myself. I will be kind.",
    )
    sam.fill("The funder's organisation number", "GB-CHC-1234567")
    sam.fill("The funder's 360Giving prefix", "360G-leedsfund")
    sam.press("Set up the programme")


def staff_and_board_are_invited(walk: Walk) -> None:
    for name, role in (("Ruth Bentley", "Facilitator"), ("Margaret Dunn", "Board member")):
        walk.sam.menu("Staff")
        walk.sam.follow("Invite somebody")
        walk.sam.fill("Their name", name)
        walk.sam.fill("Their email", f"{name.split()[0].lower()}@example.org")
        walk.sam.choose(role)
        walk.sam.press("Send the invitation")
        walk.sam.sees(f"{name} is invited.")
    walk.post()
    for name in ("Ruth Bentley", "Margaret Dunn"):
        reader = walk.comes(name)
        reader.opens_letter("Sign in to")
        reader.gets_code()
        reader.heading(f"Hello {name.split()[0]}")


def the_round_is_set_up(walk: Walk) -> None:
    sam = walk.sam
    sam.menu("Rounds")
    sam.follow("Set up a round")
    sam.fill("What is the round called?", ROUND)
    sam.fill("How much money is there to give?", "£60,000")
    sam.fill_day("On which day does it begin?", walk.calendar.today)
    sam.fill("What is the round for?", "So that nobody in Leeds need be lonely.")
    sam.fill("What may the volunteers decide?", "Who gets the money, and how much.")
    sam.choose("A grant")
    sam.choose("Yes", of="Do the trustees confirm")
    sam.press("Set up the round")
    sam.follow("Write what the round is for")
    sam.fill("What does taking part involve?", "Reading some bids, and a few meetings.")
    sam.press("Save the round")
    sam.follow("Write the funder’s rules in plain words")
    sam.fill("The rule, in plain words", "The work is in Leeds.", within="Rule 1")
    sam.fill("The rule, in plain words", "The group has a bank account.", within="Rule 2")
    sam.press("Save the rules")
    sam.sees("2 rules")
    walk.opens("Setting up")


# ---- Joining -----------------------------------------------------------------------------------
def volunteers_are_invited(walk: Walk) -> None:
    sam = walk.sam
    for first, name in VOLUNTEERS.items():
        sam.menu("People")
        sam.follow("Invite a volunteer")
        sam.fill("Their name", name)
        sam.choose("By email", of="How do we write to them?")
        sam.fill("Their email", f"{first}@example.org")
        sam.press("Send the invitation")
    sam.menu("People")
    sam.follow("Invite a volunteer")
    sam.fill("Their name", ON_PAPER)
    sam.choose("By post", of="How do we write to them?")
    sam.fill("Their address", "4 Beck Row, Leeds")
    sam.press("Send the invitation")
    walk.closes("Setting up")
    walk.opens("Joining")
    walk.sets_up("Look after who takes part")
    sam.follow("Invite volunteers")
    for name in [*VOLUNTEERS.values(), ON_PAPER]:
        sam.tick(name)
    sam.press("Send the invitations")
    sam.sees("Invited, with no answer yet: 8")
    walk.post()
    sam.menu("Letters out")
    sam.follow("Post letters")
    sam.sees(ON_PAPER, "4 Beck Row, Leeds", "Will you help to decide?")
    sam.press("I have posted all of these")


def volunteers_join(walk: Walk) -> None:
    for name in VOLUNTEERS.values():
        reader = walk.comes(name)
        reader.opens_letter("Will you help to decide?")
        reader.gets_code()
        reader.heading("What is involved")
        reader.follow("Go on")
        reader.fill("How many bids would you like to read?", 5)
        reader.press("Go on")
        reader.press("Go on")
        reader.choose("Yes" if reader is walk.joan else "No", of="Have you scored bids before?")
        reader.choose("Yes" if reader is walk.joan else "No", of="May your name stand")
        reader.press("Go on")
        reader.tick("I agree to this")
        reader.press("Go on")
        reader.heading("Check your answers")
        reader.sees("Up to 5")
        reader.press("Yes, I will take part")
        reader.sees("Thank you. You are taking part.")
    sam = walk.sam
    walk.sets_up("Look after who takes part")
    sam.follow("Type their yes", beside=ON_PAPER)
    sam.fill("How many bids would you like to read?", 4)
    sam.choose("No", of="Have they scored bids before?")
    sam.choose("No", of="May their name stand")
    sam.tick("They read, or heard, our agreement")
    sam.press("Keep this yes")
    sam.sees("Joined: 8")


def volunteers_say_what_to_fund(walk: Walk) -> None:
    joan = walk.joan
    joan.go_home()
    joan.follow("Say it in your own words")
    joan.fill("What should the money be for?", "Getting people out of the house.")
    joan.press("Say this")
    joan.follow("See what grows from them")
    joan.follow("Start the first draft", beside="What kinds of services to fund")
    joan.press("Start the draft")
    for title, limit in ((OUTINGS, "35,000"), (COMPANY, "20,000")):
        joan.follow("Add a kind of service")
        joan.fill("What kind of service is it?", title)
        joan.fill("What is the most money for it?", limit)
        if title == OUTINGS:
            joan.tick("“Getting people out of the house.”")
        joan.press("Save it")
    joan.follow("Put it to the vote")
    joan.tick("Yes, ask everyone to vote")
    joan.press("Put it to the vote")
    walk.post()
    for reader in (joan, walk.derek, walk.maureen, walk.nasreen, walk.priya):
        reader.opens_letter("Vote")
        reader.choose("I agree")
        reader.press("Send my vote")
        reader.sees("Your vote is counted.")
    walk.priya.sees("The volunteers agreed this on")


# ---- Rest --------------------------------------------------------------------------------------
def rest_is_rest(walk: Walk) -> None:
    """After a stage has closed nobody can open the next, and nobody taking part is written to."""
    walk.closes("Joining")
    walk.post()
    walk.calendar.on()
    sam = walk.runs(walk.sam)
    sam.sees("This is a time of rest. The next stage can open on")
    assert not sam.offers("Open this stage")
    sam.go("/rounds/good-neighbours/stages/training/open/")
    sam.sees("This is a time of rest. The next stage can open on")
    assert not sam.offers("Open the stage")
    walk.joan.go_home()
    walk.joan.sees("This is a time of rest", "Nothing is due.")
    before = len(walk.joan.letters())
    walk.runs(sam, "See who has done the training")
    sam.press("Put the usual topics in place")
    for name in (walk.joan.name, ON_PAPER):
        sam.follow("Send good words", beside=name)
        sam.fill("Your good words", "You said so clearly what the money is for.")
        sam.press("Send these words")
    walk.post()
    assert len(walk.joan.letters()) == before
    sam.menu("Letters out")
    sam.follow("Post letters")
    sam.sees(ON_PAPER, "Have a rest now: “Joining” is closed", "They come up here by themselves.")
    sam.does_not_see("A few good words")
    walk.opens("Getting ready")
    walk.post()
    came = walk.joan.subjects()[before:]
    assert "A few good words from Sam Okafor" in came
    assert "See what comes next: “Getting ready” is open" in came


def everybody_rests(walk: Walk) -> None:
    """Two days into a rest: the next stage cannot open, and the post brings volunteers nothing."""
    walk.calendar.on(2)
    before = [len(reader.letters()) for reader in walk.volunteers]
    walk.post()
    assert [len(reader.letters()) for reader in walk.volunteers] == before
    sam = walk.runs(walk.sam)
    sam.sees("This is a time of rest. The next stage can open on")
    assert not sam.offers("Open this stage")


# ---- Getting ready -----------------------------------------------------------------------------
TOPICS = [
    "What is involved",
    "How the process works",
    "Fair minds",
    "When we disagree",
    "Asking good questions",
    "Everyone counts",
    "Loneliness",
    "Reading a bid",
]
PRACTICE = "A practice bid"


def volunteers_get_ready(walk: Walk) -> None:
    """Joan reads everything by herself; the others came to the sessions."""
    joan, sam = walk.joan, walk.sam
    joan.go_home()
    joan.follow("Get ready")
    joan.follow("Read: What is involved")
    for topic in TOPICS:
        joan.sees(topic)
        joan.chooses_the_first_of_each()
        joan.press("Finish this topic")
        joan.sees("You have finished this topic")
        joan.follow("Read the next topic")
    joan.sees(PRACTICE)
    joan.chooses_the_first_of_each()
    joan.press("Send my practice scores")
    joan.sees("How others scored it")
    joan.sees("You have done all you need before you score.")
    walk.runs(sam, "See who has done the training")
    for topic in [*TOPICS, PRACTICE]:
        sam.follow("Note who came", beside=topic)
        for name in [*VOLUNTEERS.values(), ON_PAPER]:
            if name != joan.name:
                sam.tick(name)
        sam.press("Note who came")
        sam.sees("7 people noted.")
    walk.closes("Getting ready")


# ---- Agreeing the criteria ---------------------------------------------------------------------
LEVELS = {
    "Nothing": "It says nothing about this.",
    "A guess": "It says so, but not how they know.",
    "Thin": "It tells me a little.",
    "Fair": "It gives some good reasons.",
    "Strong": "It shows this clearly.",
    "No doubt": "I am left in no doubt.",
}
NEED = "The need is real"
SAID = ("That they know who needs it.", "A warm welcome at the door.")
"""What two volunteers said, of which one criterion grew."""
CRITERIA = {
    NEED: "Does this bid show that it is needed here?",
    "People will come": "Will people who sit at home come to this?",
}


def volunteers_agree_the_criteria(walk: Walk) -> None:
    """Maureen words them from what was said; a facilitator objects in vain; the vote carries."""
    walk.opens("Agreeing the criteria")
    walk.post()
    maureen, sam = walk.maureen, walk.sam
    maureen.go_home()
    maureen.follow("Say it in your own words")
    maureen.fill("What makes a good bid?", SAID[0])
    maureen.press("Say this")
    walk.sets_up("Read what volunteers suggest")
    sam.follow("Type what somebody says makes a good bid")
    sam.select("Whose words are these?", ON_PAPER)
    sam.fill("What makes a good bid?", SAID[1])
    sam.press("Keep this suggestion")
    maureen.follow("See what grows from them")
    maureen.follow("Start the first draft", beside="What makes a good bid")
    maureen.press("Start the draft")
    for title, question in CRITERIA.items():
        maureen.follow("Word a criterion")
        maureen.fill("What is it called?", title)
        maureen.fill("What does the person scoring ask?", question)
        maureen.choose("2: twice" if title == NEED else "1: as much")
        for said in SAID if title == NEED else ():
            maureen.tick(f"“{said}”")
        maureen.press("Save the criterion")
        for level, (word, sentence) in enumerate(LEVELS.items()):
            maureen.fill(f"A word for {level}", word)
            maureen.fill(f"What {level} means", sentence)
        maureen.press("Save what each score means")
    maureen.follow("Add what every bid must have")
    maureen.fill("What must every bid have?", "A person we can ring.")
    maureen.press("Add it")
    maureen.follow("Put it to the vote")
    maureen.tick("Yes, ask everyone to vote")
    maureen.press("Put it to the vote")
    walk.post()
    for reader, says in (
        (maureen, "I agree"),
        (walk.joan, "I agree"),
        (walk.derek, "I can live with it"),
        (walk.sheila, "I disagree"),
    ):
        reader.opens_letter("Vote on what makes a good bid")
        reader.choose(says)
        reader.press("Send my vote")
    walk.sets_up("See the volunteers’ work on what makes a good bid")
    sam.sees("How people voted is shown when the vote is over.")
    sam.follow("Type a vote for somebody")
    sam.select("Whose vote is it?", ON_PAPER)
    sam.choose("I agree", of="What did they say?")
    sam.press("Keep this vote")
    walk.runs(walk.ruth, "See the criteria", "Version 1: What makes a good bid")
    walk.ruth.follow("Check this vote")
    walk.ruth.tick("Yes, I hold the signed sheet")
    walk.ruth.press("Confirm this vote")
    walk.priya.opens_letter("Vote on what makes a good bid")
    walk.priya.choose("I agree")
    walk.priya.press("Send my vote")
    walk.priya.sees("The volunteers agreed this on")
    walk.priya.unfolds("It grew from 2 suggestions")
    walk.priya.sees(*SAID)
    walk.closes("Agreeing the criteria")


# ---- Bids --------------------------------------------------------------------------------------
LEFT_OUT = [
    "Who will you work with",
    "What could go wrong",
    "How will you make sure",
    "What do you hope",
]


def the_call_is_opened(walk: Walk) -> None:
    """Bids cannot open before the form has questions; once they have, the money is fixed."""
    sam = walk.runs(walk.sam)
    opens = day_in(sam.words(), "“Open for bids” is planned to open on ")
    walk.calendar.go_to(opens)
    sam.go(sam.page.url)
    sam.sees("The bid form has no questions yet.")
    sam.follow("Change the form")
    sam.press("Put the usual questions in place")
    for question in LEFT_OUT:
        sam.follow("Take off", beside=question)
        sam.tick("Yes, take this question off the form")
        sam.press("Take it off")
    sam.follow("Change", beside="What is hard for people now")
    sam.tick(NEED)
    sam.press("Save this question")
    walk.opens("Open for bids")
    sam.follow("Look at the lots")
    sam.sees("Fixed when bids opened")


def groups_send_their_bids(walk: Walk) -> None:
    for first, bid in BIDS.items():
        reader = walk.comes(first.title())
        signs_up(reader)
        writes_a_bid(reader, *bid)
    leon, sam = walk.leon, walk.sam
    leon.menu("My bids")
    leon.follow("Garden walks")
    leon.follow("Questions and answers")
    leon.follow("Ask us a question")
    leon.fill("What would you like to know?", "May we buy a greenhouse?")
    leon.press("Send your question")
    sam.go_home()
    sam.follow("Answer", beside="Answer 1 question about bidding.")
    sam.follow("Answer this")
    sam.fill("Your answer, for everybody", "Yes, if older people use it.")
    sam.press("Show this answer to everybody")
    walk.post()
    grace = walk.grace
    assert "Tea and talk" in grace.letter("Keep this").body
    grace.menu("My bids")
    grace.follow("Tea and talk")
    grace.follow("Questions and answers")
    grace.sees("May we buy a greenhouse?", "Yes, if older people use it.")
    grace.does_not_see("Leon")


def a_bid_comes_on_paper(walk: Walk) -> None:
    """Sam types what stands on the paper, on the last day; the day after, no bid comes in."""
    organisation, title, lot, asks, where = PAPER_BID
    sam = walk.runs(walk.sam, "See the bids", "Type in a bid on paper")
    sam.fill("What is the organisation called?", organisation)
    sam.fill("Address on the paper", f"2 Mill Lane, {where}")
    sam.fill_day("What day did it reach you?", walk.calendar.today)
    sam.choose(lot)
    sam.fill("What is the project called?", title)
    sam.fill("Where does it happen?", where)
    for question in ("What is your idea", "What is hard for people now"):
        sam.writes_under(question, "We knit together and talk.")
    sam.fill("What is it for?", "Wool", within="Cost 1")
    sam.fill("What does it cost?", asks, within="Cost 1")
    sam.fill("How much of it do you ask from us?", asks, within="Cost 1")
    sam.press("Send this bid in")
    walk.closes("Open for bids", days_later=1)
    walk.tom.menu("My bids")
    walk.tom.follow("Day trips")
    walk.tom.does_not_see("Check your bid")


# ---- The funder's rules ------------------------------------------------------------------------
def the_rules_are_checked(walk: Walk) -> None:
    """Sam checks; the one "no" counts only once Ruth has looked too, and volunteers may ask."""
    walk.opens("Checking the rules")
    sam, ruth = walk.sam, walk.ruth
    walk.runs(sam, "Check the funder's rules")
    for organisation, *_, where in [*BIDS.values(), PAPER_BID]:
        sam.follow("Check it", beside=organisation)
        sam.follow("Check the funder’s rules")
        sam.choose("No" if where == "Bradford" else "Yes", of="The work is in Leeds.")
        sam.choose("Yes", of="The group has a bank account.")
        sam.press("Save your checks")
        if where == "Bradford":
            sam.choose("No, it breaks", of="Does this bid go on")
            sam.choose("The work is in Leeds.", of="If no: which rule")
            sam.fill("If no: why, in words the applicant can read", "All of it is in Bradford.")
        else:
            sam.choose("Yes, it goes on", of="Does this bid go on")
        sam.press("Keep this")
    sam.sees("Waits for a second person")
    ruth.go_home()
    ruth.follow("Look at it", beside="Be the second person for 1 bid.")
    ruth.follow("Second person", beside="Bradford Singers")
    ruth.tick("I have looked at it myself")
    ruth.press("Agree with the no")
    ruth.sees("Not eligible")
    walk.joan.go_home()
    walk.joan.follow("Look at them")
    walk.joan.sees("Bradford Singers", "The work is in Leeds.")
    walk.joan.does_not_see("All of it is in Bradford.", "Songs for all")
    walk.closes("Checking the rules")


# ---- Panels ------------------------------------------------------------------------------------
PANELS = {
    OUTINGS: ["Joan Ibbotson", ON_PAPER, "Priya Nair", "Winston Baptiste", "Maureen Clegg"],
    COMPANY: ["Derek Armitage", "Sheila Broadbent", "Nasreen Akhtar", "Priya Nair"],
}


def panels_are_made(walk: Walk) -> None:
    sam = walk.sam
    for lot, names in PANELS.items():
        walk.runs(sam, "See the panels")
        sam.follow("Make a panel")
        sam.choose(lot)
        sam.fill("What is the panel called?", f"{lot} panel")
        sam.press("Make the panel")
        for name in names:
            sam.choose(name)
            sam.press("Give this seat")
            sam.sees(f"{name} now has a seat.")
    walk.opens("Sharing out the bids")
    walk.post()


def volunteers_say_whom_they_know(walk: Walk) -> None:
    """Priya is close to one group, so she stands aside from all of its lot. Harold rings."""
    for reader in walk.volunteers:
        reader.menu("My bids to read")
        while reader.offers("Look at the names"):
            reader.follow("Look at the names")
            knows = reader is walk.priya and "Harehills Growers" in reader.words()
            if knows:
                reader.does_not_see("we go to people in")
                reader.tick("I know people in this bid", beside="Harehills Growers")
            reader.tick("I know nobody in the rest")
            reader.press("Send my answer")
            if knows:
                reader.heading("How do you know them?")
                reader.choose("I or my close family run it")
                reader.press("Send my answers")
                reader.sees(f"You now stand aside from “{OUTINGS}”.")
    sam = walk.runs(walk.sam, "Share out the bids")
    sam.follow("See who they are")
    sam.follow("Type what they say", beside=ON_PAPER)
    for question in sam.questions():
        sam.choose("They know nobody in it", of=question)
    sam.press("Keep what they said")
    sam.sees(f"Typed for {ON_PAPER}.")


def bids_are_shared_out(walk: Walk) -> None:
    sam = walk.runs(walk.sam, "Share out the bids")
    sam.press("Propose who reads what")
    sam.heading("Working out who could read what")
    share_out_asked()
    sam.page.get_by_text("Here is the proposal.").wait_for()  # the page looks again by itself
    sam.follow("Give these bids out")
    sam.tick("Yes, give these bids to these people.")
    sam.press("Give the bids out")
    sam.sees("18 readings are given out.")
    walk.closes("Sharing out the bids")
    walk.opens("Reading and scoring")
    walk.post()


# ---- Reading and scoring -----------------------------------------------------------------------
SCORES = {
    "Shopping bus": "5 No doubt",
    "Garden walks": "4 Strong",
    "Day trips": "2 Thin",
    "Tea and talk": "4 Strong",
    "Phone friends": "4 Strong",
    "Knit and natter": "1 A guess",
}


def volunteers_read_and_score(walk: Walk) -> None:
    """Everybody but Winston, who starts and does not send, and Harold, who scores on paper."""
    for reader in walk.volunteers:
        reader.menu("My bids to read")
        reader.follow("Go to your first bid")
        if reader is walk.winston:
            is_called_away(reader)
            continue
        while True:
            title = next(title for title in SCORES if title in reader.words())
            scores_a_bid(
                reader,
                SCORES[title],
                CRITERIA,
                f"I would go to {title} myself.",
                one_by_one=reader is walk.joan,
            )
            if not reader.offers("Go on with the next bid"):
                break
            reader.follow("Go on with the next bid")
        reader.sees("There is nothing more to read just now.")
    priya = walk.priya
    priya.menu("My bids to read")
    priya.does_not_see("Garden walks", "Shopping bus")


def is_called_away(reader: Reader) -> None:
    """Half a reason is typed and no button pressed; it is there when the writer comes back."""
    reader.press("Start reading")
    reader.follow("Score this bid")
    reader.fill("Why?", "I was called away.")
    reader.waits_for("Saved at")
    reader.menu("My bids to read")
    reader.follow("Go to your first bid")
    reader.follow("Score this bid")
    reader.finds_written("Why?", "I was called away.")


def paper_sheets_are_typed(walk: Walk) -> None:
    """Sam types what Harold wrote; it counts once Ruth has compared it with the paper."""
    sam, ruth = walk.sam, walk.ruth
    walk.runs(sam, "See who is done")
    sam.does_not_see("out of 5")
    sam.follow("Paper sheets", beside=ON_PAPER)
    pack = sam.downloads("Get the pack as a PDF", walk.folder)
    assert pack.read_bytes().startswith(b"%PDF-")
    while sam.offers("Type this sheet"):
        sam.follow_first("Type this sheet")
        title = next(title for title in SCORES if title in sam.words())
        for question in CRITERIA.values():
            sam.choose(SCORES[title], of=question)
        sam.fill("What made you choose this?", "My late wife would have liked it.")
        sam.press("Save what I typed")
        sam.sees("Typed. It waits for a yes.")
    walk.runs(ruth, "See who is done")
    ruth.follow("Paper sheets", beside=ON_PAPER)
    while ruth.offers("Check what was typed"):
        ruth.follow_first("Check what was typed")
        ruth.choose("Yes. I compared it with the signed paper")
        ruth.press("Save my answer")


def scoring_closes_without_the_late_one(walk: Walk) -> None:
    """Winston's scores are not in. Staff cannot close the stage; the panel can agree to go on."""
    sam = walk.runs(walk.sam)
    walk.calendar.go_to(day_in(sam.words(), "“Reading and scoring” is open until "))
    sam.go(sam.page.url)
    sam.sees(f"Some scores are not sent yet. “{OUTINGS} panel” must agree")
    assert not sam.offers("Close this stage")
    walk.for_staff(sam, OUTINGS)
    sam.follow("Ask the panel something")
    sam.choose("Close a stage with work unsent", of="What do you ask?")
    sam.choose("Reading and scoring", of="Which stage is it about?")
    sam.fill("Why do you ask?", "One of us has not sent all scores.")
    sam.press("Ask the panel")
    walk.post()
    for reader in (walk.joan, walk.maureen):
        reader.opens_letter("Please answer your panel")
        reader.follow("Answer")
        reader.choose("I agree")
        reader.press("Give my answer")
    sam.does_not_see("How the panel answered")
    sam.follow("Type their answer", beside=ON_PAPER)
    sam.choose("I can live with it")
    sam.press("Keep this answer")
    walk.for_staff(walk.ruth, OUTINGS)
    walk.ruth.follow("All that the panel has agreed")
    walk.ruth.follow_row("Reading and scoring")
    walk.ruth.follow("Check it against their sheet", beside=ON_PAPER)
    walk.ruth.press("Yes, this is right")
    walk.ruth.sees("Agreed")
    walk.closes("Reading and scoring")
    walk.post()
    everybody_rests(walk)


# ---- Whom to meet ------------------------------------------------------------------------------
DECIDERS = {OUTINGS: ("joan", "maureen", "winston"), COMPANY: ("derek", "sheila", "nasreen")}
MEET = {OUTINGS: ("Shopping bus", "Garden walks"), COMPANY: ("Tea and talk", "Phone friends")}
NOT_MEET = {OUTINGS: "Day trips", COMPANY: "Knit and natter"}


def nobody_sees_scores_before_the_panel_opens_them(walk: Walk) -> None:
    """Not staff, not a member; and who stands aside never sees anything of the lot."""
    walk.opens("Choosing who to meet")
    walk.post()
    sam = walk.for_staff(walk.sam, OUTINGS)
    sam.sees("The scores are not open.")
    panel = sam.page.url
    sam.is_refused(f"{panel}agenda/", answer=403, because="Nobody can see them.")
    joan = walk.at_panel(walk.joan, OUTINGS)
    joan.is_refused(f"{panel}agenda/", answer=403, because="Nobody can see them.")
    walk.priya.is_refused(panel, answer=403, because="You are standing aside")
    walk.priya.is_refused(f"{panel}questions/", answer=403)
    walk.derek.is_refused(panel)
    walk.amina.is_refused(panel)
    walk.margaret.is_refused(panel)


def panels_choose_whom_to_meet(walk: Walk) -> None:
    for lot, firsts in DECIDERS.items():
        first, *others = (getattr(walk, name) for name in firsts)
        walk.at_panel(first, lot)
        first.follow("Open the scores", beside="The panel can open its scores now.")
        first.tick("Open the scores: everyone will see them")
        first.press("Put this to the panel")
        for reader in others:
            walk.answers_all(reader)
    walk.at_panel(walk.winston, OUTINGS)
    walk.winston.follow("Go to the agenda", answer=403)
    walk.winston.follow("The time is over, and I will not score the rest")
    walk.winston.tick("I will not score the bids that are left")
    walk.winston.press("I will not score the rest")
    joan = walk.at_panel(walk.joan, OUTINGS)
    joan.follow("Go to the agenda")
    joan.sees("Priya Nair stands aside from all of these, and steps out.")
    changes_a_score_after_talking(joan)
    for lot, firsts in DECIDERS.items():
        first, *others = (getattr(walk, name) for name in firsts)
        for title in (*MEET[lot], NOT_MEET[lot]):
            walk.at_panel(first, lot)
            first.follow("The agenda: scores side by side")
            first.follow(title)
            first.follow("Propose to meet them, or not this time")
            if title == NOT_MEET[lot]:
                first.choose("Not this time", of="What do you propose?")
                first.choose(NEED, of="Which question does the reason rest on?")
                first.fill("Why?", "We did not see who needs it.")
            else:
                first.choose("Meet them", of="What do you propose?")
                first.fill("Why?", "We would like to hear more.")
            first.press("Put this to the panel")
            first.choose("I agree")
            first.press("Give my answer")
        for reader in others:
            walk.answers_all(reader)
        walk.at_panel(first, lot)
        first.follow("Who we meet, and who not")
        first.does_not_see("Still to be settled")
    walk.closes("Choosing who to meet")
    walk.post()


def changes_a_score_after_talking(reader: Reader) -> None:
    """On the agenda: find a bid of one's own reading, and change a score; the first one stays."""
    for title in (*MEET[OUTINGS], NOT_MEET[OUTINGS]):
        reader.follow(title)
        if reader.offers("Change it after talking"):
            break
        reader.follow("The agenda")
    reader.follow_first("Change it after talking")
    reader.choose("3 Fair")
    reader.fill("What made you change it?", "Maureen told us about the steps.")
    reader.press("Change my score")
    reader.unfolds("What people wrote")
    reader.sees("First", "now 3", "Maureen told us about the steps.")


# ---- Meeting them ------------------------------------------------------------------------------
def groups_choose_a_time_and_come(walk: Walk) -> None:
    walk.opens("Meeting the organisations")
    sam = walk.sam
    for lot, firsts in DECIDERS.items():
        asks = walk.at_panel(getattr(walk, firsts[0]), lot)
        asks.follow("The questions we ask")
        asks.follow("Write a question")
        asks.fill("What will you ask?", "Who will open the door on the first day?")
        asks.choose("People will come", of="Which of our agreed questions")
        asks.choose("We decide later", of="Who asks it?")
        asks.press("Put it on the list")
        walk.at_panel(asks, lot)
        asks.follow("Say how they should count")
        asks.choose("Both count the same")
        asks.press("Put this to the panel")
        asks.choose("I agree")
        asks.press("Give my answer")
        for other in firsts[1:]:
            walk.answers_all(getattr(walk, other))
        walk.for_staff(sam, lot)
        sam.follow("Offer times and invite")
        sam.follow("Offer times")
        sam.fill_day("Which day?", walk.calendar.today + timedelta(days=1))
        sam.fill("At what time does it begin?", "10 am" if lot == OUTINGS else "2 pm")
        sam.fill("How many times one after another?", 3)
        sam.fill("How many minutes does it take?", 30)
        sam.fill("How many minutes between them?", 10)
        sam.fill("Where is it?", "The library, Beeston")
        sam.press("Offer these times")
        sam.press("Ask them to choose a time")
    walk.post()
    for first in ("amina", "leon", "grace", "fay"):
        reader = getattr(walk, first)
        reader.opens_letter("Choose a time to meet the panel")
        reader.sees("Who will open the door on the first day?")
        reader.chooses_the_first_of_each()
        reader.fill("What do you need to take part?", "A ramp, please.")
        reader.press("Keep this time")
        reader.sees("Your time is kept.")
    walk.calendar.on()
    walk.calendar.go_to(walk.calendar.today, at=time(17))
    for lot, firsts in DECIDERS.items():
        for first in firsts:
            reader = getattr(walk, first)
            reader.go_home()
            reader.follow("Score them")
            for _ in MEET[lot]:
                reader.follow_first("Score this meeting")
                reader.choose("4 Strong")
                reader.fill("Your notes", "A warm answer.")
                reader.press("Save and go on")
                reader.press("Send your scores")
                reader.heading("Your scores are sent")
                reader.follow("All organisations we meet")
    walk.closes("Meeting the organisations")
    walk.post()
    everybody_rests(walk)


# ---- Deciding ----------------------------------------------------------------------------------
def panels_decide(walk: Walk) -> None:
    """Each panel opens its interview scores, fills a money board, and signs; one disagrees."""
    walk.opens("Deciding")
    walk.post()
    for lot, firsts in DECIDERS.items():
        first, *others = (getattr(walk, name) for name in firsts)
        walk.at_panel(first, lot)
        first.follow("Open the interview scores")
        first.tick("Open the scores: everyone will see them")
        first.press("Put this to the panel")
        for reader in others:
            walk.answers_all(reader)
    joan = walk.joan
    joan.go_home()
    joan.follow("Open the money board")
    joan.follow("Start a board")
    joan.fill("What do you call this board?", "Our first try")
    joan.press("Start this board")
    sets_a_line(joan, "Shopping bus", "Yes, in full")
    sets_a_line(joan, "Garden walks", "Reserve", reserve=1)
    joan.follow("Check this board")
    joan.tick("We have talked, and this is what we want to sign")
    joan.press("Put this for signing")
    derek = walk.derek
    derek.go_home()
    derek.follow("Open the money board")
    derek.follow("Start a board")
    derek.fill("What do you call this board?", "Our first try")
    derek.press("Start this board")
    sets_a_line(derek, "Phone friends", "Yes, in full")
    sets_a_line(derek, "Tea and talk", "Yes, with less money", less="8,000")
    derek.follow("Check this board")
    derek.tick("We have talked, and this is what we want to sign")
    derek.press("Put this for signing")
    walk.post()
    for lot, firsts in DECIDERS.items():
        for first in firsts:
            signs(getattr(walk, first), lot, first)
    walk.winston.sees("This decision stands")
    harold_signs_on_paper(walk)
    walk.sheila.does_not_see("This decision stands")
    signs(walk.priya, COMPANY, "priya")
    walk.priya.sees("This decision stands", "Too little for the tea.")
    for lot in DECIDERS:
        confirms_for_the_trustees(walk.margaret, lot)
    walk.closes("Deciding")
    walk.post()
    everybody_rests(walk)


def sets_a_line(
    reader: Reader, title: str, gets: str, *, less: str = "", reserve: int | None = None
) -> None:
    """On a money board: what one bid gets, and why."""
    reader.follow_row(title)
    reader.choose(gets, of="What does this bid get?")
    if less:
        reader.fill("If less: how much?", less)
        reader.fill("If less: which costs are left out?", "The second trip.")
    if reserve:
        reader.fill("If reserve: which place in the list?", reserve)
    reader.fill("What is your reason?", f"{title}: they knew every street.")
    reader.choose(NEED, of="Which criterion does the reason rest on?")
    reader.press("Put it on the board")


def signs(reader: Reader, lot: str, first: str) -> None:
    """Read the decision from the letter, and sign it. Sheila does not agree."""
    reader.opens_letter(f"Sign the decision about “{lot}”")
    reader.shows_who_they_are()
    reader.choose("I disagree" if first == "sheila" else "I agree")
    if first == "sheila":
        reader.fill("Words you wish to have noted", "Too little for the tea.")
    reader.tick("I have read the decision, and this is my answer")
    reader.press("Sign the decision")
    reader.sees("You have signed.")


def harold_signs_on_paper(walk: Walk) -> None:
    """Sam types what Harold signed; it counts once Ruth has compared it with the paper."""
    sam = walk.runs(walk.sam, f"Signing in {OUTINGS} panel")
    sam.follow("Type it for them", beside=ON_PAPER)
    sam.choose("I agree")
    sam.tick(f"{ON_PAPER} told me this, or signed it on paper")
    sam.press("Type this signature")
    ruth = walk.runs(walk.ruth, f"Signing in {OUTINGS} panel")
    ruth.follow("Check it against the paper", beside=ON_PAPER)
    ruth.tick("I have the signed paper in front of me, and it says this")
    ruth.press("Yes, the paper says this")
    ruth.sees("The signature counts now.")


def confirms_for_the_trustees(reader: Reader, lot: str) -> None:
    """A board member confirms what a panel decided; there is nothing to choose."""
    reader.go_home()
    reader.follow("Read and confirm it", beside=f"The decision about “{lot}” waits")
    reader.shows_who_they_are()
    reader.tick("The trustees confirm this decision")
    reader.press("Confirm the decision")


# ---- Checks, and deciding again ----------------------------------------------------------------
CHECKS = [
    "The organisation is on its register",
    "Accounts looked at",
    "Safeguarding policy looked at",
    "Bank account is the organisation's",
]


def a_check_fails_and_the_panel_decides_again(walk: Walk) -> None:
    """Staff do not move the reserve up. The panel reads what is wrong and decides anew."""
    walk.opens("Checks and letters")
    sam = walk.sam
    for title in MEET[COMPANY]:
        checks(walk, title, CHECKS)
    checks(walk, "Shopping bus", CHECKS[:3])
    checks(walk, "Shopping bus", CHECKS[3:], wrong="The account is in one person’s own name.")
    walk.runs(sam, "Check the groups that were chosen")
    sam.does_not_see("Garden walks")
    walk.post()
    joan = walk.joan
    told = "Read about a check on “Shopping bus”"
    assert "The account is in one person’s own name." in joan.letter(told).body
    joan.opens_letter(told)
    joan.follow("Start another board")
    joan.fill("What do you call this board?", "After the check")
    joan.press("Start this board")
    joan.follow_row("Shopping bus")
    joan.sees("A check did not go well", "The account is in one person’s own name.")
    joan.go_back()
    sets_a_line(joan, "Shopping bus", "Not this time")
    sets_a_line(joan, "Garden walks", "Yes, in full")
    joan.follow("Check this board")
    joan.writes_under("Why does this take the place", "The account is not the group’s own.")
    joan.tick("We have talked, and this is what we want to sign")
    joan.press("Put this for signing")
    walk.post()
    for first in DECIDERS[OUTINGS]:
        signs(getattr(walk, first), OUTINGS, first)
    walk.winston.sees("This decision stands", "The account is not the group’s own.")
    confirms_for_the_trustees(walk.margaret, OUTINGS)
    checks(walk, "Garden walks", CHECKS)


def checks(walk: Walk, title: str, kinds: list[str], *, wrong: str = "") -> None:
    """Sam notes how each check on a group went."""
    sam = walk.runs(walk.sam, "Check the groups that were chosen")
    for kind in kinds:
        sam.follow("Note a check", beside=title)
        sam.choose(kind, of="What did you check?")
        sam.choose("It did not" if wrong else "It went well", of="How did it go?")
        if wrong:
            sam.fill("What did you find?", wrong)
        sam.press("Note this check")
        sam.sees("The check is noted.")


def letters_go_in_the_panels_words(walk: Walk) -> None:
    """Written from the panel's reasons, read by the panel, and only then sent."""
    sam = walk.sam
    for lot, firsts in DECIDERS.items():
        walk.runs(sam, f"Letters of {lot} panel")
        sam.press("Write 3 letters")
        sam.sees("3 letters are written.")
        sam.press("Ask the panel to read them")
        walk.post()
        for first in firsts:
            reader = getattr(walk, first)
            reader.opens_letter(f"Read the letters to the groups in “{lot}”")
            reader.sees("We did not see who needs it.")
            reader.choose("I agree")
            reader.press("Send my answer")
            reader.sees("Your answer is in.")
        walk.runs(sam, f"Letters of {lot} panel")
        sam.tick("These letters can go. I know that they cannot be called back")
        sam.press("Send 3 letters")
        sam.sees("0 of 3 letters sent.")
        do_errands()
        sam.go(sam.page.url)
        sam.sees("3 letters are on their way.")
    walk.post()
    assert "they knew every street" in walk.leon.letter("Good news about your bid").body
    assert "they knew every street" in walk.amina.letter("Read what the panel decided").body
    refused = walk.tom.letter("Read what the panel decided").body
    assert "We did not see who needs it." in refused
    assert f"They looked most at this: {NEED}." in refused
    for first in ("leon", "grace", "fay"):
        reader = getattr(walk, first)
        reader.go_home()
        reader.follow("Read about it")
        reader.follow("Say if you take the money")
        reader.choose("Yes, we take it")
        reader.tick("This is our answer. We know that we cannot change it here")
        reader.press("Send your answer")
    walk.tom.menu("My bids")
    walk.tom.does_not_see("Shopping bus", "Garden walks")
    walk.closes("Checks and letters")
    walk.post()


# ---- The report --------------------------------------------------------------------------------
def the_report_is_agreed_and_taken_home(walk: Walk) -> None:
    """Nothing leaves before both panels agree; then the board takes it home in three forms."""
    walk.opens("The report")
    sam, margaret = walk.runs(walk.sam, "See the report"), walk.margaret
    margaret.menu("Reports")
    margaret.follow("Read the report")
    margaret.sees("A draft.")
    assert not margaret.offers("Make a copy to keep")
    sam.press("Ask the panels to read it")
    walk.post()
    for first in (*DECIDERS[OUTINGS], *DECIDERS[COMPANY]):
        reader = getattr(walk, first)
        reader.opens_letter(f"Read the report about “{ROUND}”")
        reader.choose("I agree")
        reader.press("Send my answer")
    margaret.go_home()
    margaret.follow("Read the report")
    margaret.sees("Every panel has agreed this report.", "Too little for the tea.")
    margaret.sees("It grew from 2 suggestions, of 2 volunteers.")
    for kind in ("PDF", "CSV", "360Giving"):
        margaret.follow("Make a copy to keep")
        margaret.choose(kind, of="What kind of file?")
        margaret.choose("For everyone" if kind == "360Giving" else "For the board")
        margaret.press("Make this copy")
        if kind == "PDF":
            margaret.sees("Waiting for its turn")
            do_errands()
            margaret.go(margaret.page.url)
            margaret.sees("The file is ready.")
            assert margaret.offers("Get the file")
            margaret.menu("Reports")
            margaret.follow("Read the report")
            continue
        margaret.sees("The file is ready.")
    files = {kind: margaret.downloads(kind, walk.folder) for kind in ("PDF", "CSV", "360Giving")}
    assert files["PDF"].read_bytes().startswith(b"%PDF-")
    assert "Garden walks" in files["CSV"].read_text("utf-8-sig")
    grants = json.loads(files["360Giving"].read_text("utf-8"))["grants"]
    assert sorted(grant["amountAwarded"] for grant in grants) == [7500, 8000, 14000]
    margaret.follow("Note the report")
    margaret.tick("The board has read the report")
    margaret.press("Note the report")
    margaret.sees("It is noted. Thank you.")
