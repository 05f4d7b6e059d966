"""One whole round in a real browser, by every role in turn and through nothing but pages.

It starts from an empty site on which somebody typed `manage.py invite_facilitator`, and ends when
the board has the report. Each section is one part of the story; a failure names the section, the
person, the page and what stood on it. Time passes by the site's own clock (`calendar`), and the
post goes out by the same two ticks that Celery rings.
"""

import re
from datetime import date, datetime

from django.core.management import call_command

from decisions.tasks import ask_who_is_owed
from ledger.tasks import send_due
from tests.journeys.conftest import Calendar, Newcomer
from tests.journeys.people import Reader

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


def test_whole_round(newcomer: Newcomer, calendar: Calendar) -> None:
    walk = Walk(newcomer, calendar)
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


class Walk:
    """The cast, each at a browser of their own, and what several sections need."""

    def __init__(self, newcomer: Newcomer, calendar: Calendar) -> None:
        self._newcomer, self.calendar = newcomer, calendar
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
        """A facilitator opens the round from the menu, and goes on from there."""
        reader.menu("Rounds")
        for link in (ROUND, "Run the round: every stage and its pages", *links):
            reader.follow(link)
        return reader

    def sets_up(self, link: str) -> Reader:
        """Sam opens one of the things to get ready, from the round's own page."""
        self.sam.menu("Rounds")
        self.sam.follow(ROUND)
        self.sam.follow(link)
        return self.sam

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
    return datetime.strptime(found.group(1), "%d %B %Y").date()


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
    sam.fill("What volunteers agree to about keeping things private", "I will keep the bids to myself. I will be kind.")
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
    sam.go(f"{sam.page.url}stages/training/open/")
    sam.sees("This is a time of rest. The next stage can open on")
    assert not sam.offers("Open the stage")
    walk.joan.go_home()
    walk.joan.sees("This is a time of rest", "Nothing is due.")
    before = len(walk.joan.letters())
    walk.runs(sam, "See who has done the training")
    sam.press("Put the usual topics in place")
    sam.follow("Send good words", beside=walk.joan.name)
    sam.fill("Your good words", "You wrote so clearly what the money is for.")
    sam.press("Send these words")
    walk.post()
    assert len(walk.joan.letters()) == before
    walk.opens("Getting ready")
    walk.post()
    came = walk.joan.subjects()[before:]
    assert "A few good words from Sam Okafor" in came
    assert "See what comes next: “Getting ready” is open" in came


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
        if topic != TOPICS[-1]:
            joan.follow("Read the next topic")
    joan.sees("You have done all you need before you score.")
    for topic in TOPICS:
        walk.runs(sam, "See who has done the training")
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
CRITERIA = {
    "The need is real": "Does this bid show that it is needed here?",
    "People will come": "Will people who sit at home come to this?",
}


def volunteers_agree_the_criteria(walk: Walk) -> None:
    """Maureen words them from what was said; a facilitator objects in vain; the vote carries."""
    walk.opens("Agreeing the criteria")
    walk.post()
    maureen, sam = walk.maureen, walk.sam
    maureen.go_home()
    maureen.follow("Say it in your own words")
    maureen.fill("What makes a good bid?", "That they know who needs it.")
    maureen.press("Say this")
    walk.sets_up("Read what volunteers suggest")
    sam.follow("Type what somebody says makes a good bid")
    sam.select("Whose words are these?", ON_PAPER)
    sam.fill("What makes a good bid?", "A warm welcome at the door.")
    sam.press("Keep this suggestion")
    maureen.follow("See what grows from them")
    maureen.follow("Start the first draft", beside="What makes a good bid")
    maureen.press("Start the draft")
    for title, question in CRITERIA.items():
        maureen.follow("Word a criterion")
        maureen.fill("What is it called?", title)
        maureen.fill("What does the person scoring ask?", question)
        maureen.choose("2: twice" if title == "The need is real" else "1: as much")
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
    walk.runs(walk.ruth, "See the criteria", "Version 1")
    walk.ruth.follow("Check this vote")
    walk.ruth.tick("Yes, I hold the signed sheet")
    walk.ruth.press("Confirm this vote")
    walk.priya.opens_letter("Vote on what makes a good bid")
    walk.priya.choose("I agree")
    walk.priya.press("Send my vote")
    walk.priya.sees("The volunteers agreed this on")
    walk.closes("Agreeing the criteria")
