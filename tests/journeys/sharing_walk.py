"""From whom people know to confirmed shares, and on to what changes: one walk for any number."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import Person, Role
from panels import actions
from panels.models import Assignment
from panels.rules import share as rules
from panels.rules.share import Pair
from panels.tasks import share_out_asked
from tests.factories.commissioning import make_person, make_volunteers
from tests.factories.panels import Reading, open_scoring, sharing_round
from tests.journeys.conftest import Newcomer
from tests.journeys.people import Reader

Look = Callable[[Reader, str], None]
"""Called with somebody and what they look at, where a picture is wanted."""


@dataclass
class SharingWalk:
    """Sam helps; Joan, Harold and Priya are at browsers of their own; the others say by other ways
    that they know nobody."""

    reading: Reading
    sam: Reader
    joan: Reader
    harold: Reader
    priya: Reader
    look: Look

    @property
    def standing(self) -> frozenset[Pair]:
        return rules.standing(self.reading.round)

    def to_sharing(self) -> Reader:
        self.sam.go_home()
        self.sam.follow(str(self.reading.round))
        self.sam.follow("Share out the bids")
        return self.sam

    def says_whom_they_know(self, reader: Reader) -> None:
        reader.go_home()
        reader.menu("My bids to read")
        reader.follow("Look at the names")
        self.look(reader, "names")
        while reader.offers("Go on to the next page"):
            reader.press("Go on to the next page")
        reader.tick("I know nobody in the rest")
        reader.press("Send my answer")

    def asks_for_a_proposal(self, button: str) -> None:
        sam = self.to_sharing()
        self.look(sam, f"before {button}")
        sam.press(button)
        sam.heading("Working out who could read what")
        self.look(sam, "progress")
        share_out_asked()
        sam.page.get_by_text("Here is the proposal.").wait_for()  # it looks again by itself
        self.look(sam, f"after {button}")

    def gives_them_out(self) -> None:
        self.sam.follow("Give these bids out")
        self.look(self.sam, "confirm")
        self.sam.tick("Yes, give these bids to these people.")
        self.sam.press("Give the bids out")


def begin(newcomer: Newcomer, *, people: int, bids: int, look: Look) -> SharingWalk:
    """Sharing out is open; all but three have said whom they know."""
    cast = [
        make_person(name, Role.VOLUNTEER, sign_in_email=f"{name.split()[0].lower()}@example.org")
        for name in ("Joan Ibbotson", "Harold Whitaker", "Priya Nair")
    ]
    helper = make_person("Sam Okafor", Role.FACILITATOR, sign_in_email="sam@example.org")
    volunteers: list[Person] = [*cast, *make_volunteers(people - 3)]
    reading = sharing_round(*volunteers, by=helper, bids=bids, readers_per_bid=3, wanted=7)
    joan = reading.members[0]
    joan.experience = ["carer"]
    joan.save()
    for bid in reading.bids:
        bid.communities = ["carer"]
        bid.save()
    for member in reading.members[3:]:
        actions.declare(member=member, lot=reading.lot, by=member.person, at=timezone.now())
    here = [newcomer(person.name, str(person.sign_in_email)) for person in (helper, *cast)]
    for reader in here:
        reader.signs_in()
    return SharingWalk(reading, *here, look=look)


def walk(
    newcomer: Newcomer, *, people: int, bids: int, look: Look = lambda _who, _what: None
) -> None:
    """The whole way. It fails where somebody cannot go on, or the numbers do not add up."""
    walk = begin(newcomer, people=people, bids=bids, look=look)
    interests_and_a_first_proposal(walk)
    a_change_by_hand_is_seen_before_it_is_made(walk)
    bids_are_given_out_taken_back_and_given_out(walk)
    somebody_asks_why(walk)
    somebody_leaves_and_somebody_knows_a_group(walk)


def interests_and_a_first_proposal(walk: SharingWalk) -> None:
    sam = walk.to_sharing()
    sam.sees("3 people have not said yet who they know.")
    sam.follow("See who they are")
    walk.look(sam, "waiting")
    sam.sees("Joan Ibbotson", "Harold Whitaker", "Priya Nair")
    for reader in (walk.joan, walk.harold, walk.priya):
        walk.says_whom_they_know(reader)
    walk.asks_for_a_proposal("Propose who reads what")
    sam.sees("Nobody has been given anything new yet.", "Nobody reads alone.")
    sam.does_not_see("without a reader", "have not said yet")
    assert not walk.standing


def a_change_by_hand_is_seen_before_it_is_made(walk: SharingWalk) -> None:
    sam = walk.sam
    sam.follow("Each person")
    walk.look(sam, "people")
    sam.fill("Look for a name", "Joan")
    sam.press("Look")
    sam.sees("1 person", "Joan Ibbotson", "of the 7 they offered, about")
    sam.go_back()
    walk.to_sharing().follow("Who reads together")
    walk.look(sam, "circles")
    sam.sees("bids together")
    walk.to_sharing().follow("Each bid")
    bid = walk.reading.bids[0]
    sam.fill("Look for a bid or a group", bid.reference)
    sam.press("Look")
    walk.look(sam, "bids")
    sam.follow("Look or change", beside=bid.reference)
    walk.look(sam, "change")
    run = rules.newest_run(walk.reading.round)
    assert run is not None
    who = {member for one, member in rules.pairs_of(run) if one == bid.pk}
    giver = next(str(member) for member in walk.reading.members if member.pk in who)
    sam.choose(giver, of="Who gives it up?")
    sam.choose("Nobody", of="Who takes it?")
    sam.fill("What is your reason?", "They told me that they know the street")
    sam.press("See what it does")
    walk.look(sam, "effect")
    sam.sees("Nothing is changed yet.", "Places without a reader")
    sam.follow("Choose again")
    assert not run.changes.exists()


def bids_are_given_out_taken_back_and_given_out(walk: SharingWalk) -> None:
    walk.to_sharing()
    walk.gives_them_out()
    places = len(walk.reading.bids) * 3
    walk.sam.sees(f"{places} readings are given out.")
    assert len(walk.standing) == places
    before = walk.standing
    walk.sam.follow("Take this share-out back")
    walk.look(walk.sam, "undo")
    walk.sam.fill("What is your reason?", "One person rang about a wrong name")
    walk.sam.tick("Yes, take these bids back.")
    walk.sam.press("Take the share-out back")
    walk.sam.sees("It is a proposal again")
    assert not walk.standing
    walk.gives_them_out()
    assert walk.standing == before, "it is given out just as it stood"


def somebody_asks_why(walk: SharingWalk) -> None:
    joan = walk.joan
    joan.menu("My bids to read")
    joan.follow("See why you have these bids, and say if it is right for you")
    walk.look(joan, "why me")
    joan.sees("You offered your experience of caring.", "You read it with")
    joan.follow("Why not another bid?")
    walk.look(joan, "why not")
    joan.sees("It has all its readers.", "bids of the 7 you offered")
    joan.does_not_see("caring", "Harold")
    joan.follow("Ask for fewer or more")
    joan.choose("This is right for me")
    joan.press("Send my answer")
    joan.sees("Thank you.")


def somebody_leaves_and_somebody_knows_a_group(walk: SharingWalk) -> None:
    open_scoring(walk.reading)
    harold, priya = walk.harold, walk.priya
    theirs = {member.pk for member in walk.reading.members[1:3]}
    before = walk.standing
    vacated = {pair for pair in before if pair[1] in theirs}
    harold.go(f"/rounds/{walk.reading.round.slug}/leave/")
    for box in harold.page.locator("main").get_by_role("checkbox").all():
        box.check()
    harold.press("Leave this round")
    priya.menu("My bids to read")
    priya.follow("Go to your first bid")
    priya.follow("I know people in this bid")
    priya.choose("I or my close family run it")
    priya.press("Tell us, and hand the bid over")
    walk.look(priya, "late")
    assert walk.standing == before - vacated
    count = len(vacated)
    sam = walk.to_sharing()
    walk.look(sam, "empty")
    sam.sees(f"There are {count} places without a reader.", "Everybody keeps what they have.")
    letters = Assignment.objects.count()
    walk.asks_for_a_proposal("Propose for the empty places")
    walk.gives_them_out()
    sam.sees(f"{count} readings are given out.")
    assert before - vacated < walk.standing, "nobody who stayed lost anything"
    assert len(walk.standing) == len(before)
    assert Assignment.objects.count() == letters + count
    assert not {pair for pair in walk.standing if pair[1] in theirs}
