"""Letters that look after people: help agreed, company, money paid back, thanks, a worry."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Person, Role
from commissioning.models import Member, Round
from support import actions
from support.models import Buddies, Expense, Gathering
from tests.conftest import Cast, Once
from tests.factories import commissioning as make
from tests.letters.reading import Build, Letters, read_through

LETTERS = Letters()
now = timezone.now


def joined(cast: Cast) -> Round:
    """A round that three volunteers take part in, with its training."""
    round = make.make_round(by=cast.sam, name="Warm rooms")
    make.join(round, cast.joan, cast.harold, cast.priya, by=cast.sam)
    actions.start_training(round=round, by=cast.sam, at=now())
    return round


def member(round: Round, person: Person) -> Member:
    return round.members.get(person=person)


def all_three(cast: Cast) -> list[Person]:
    return [cast.joan, cast.harold, cast.priya]


WHY = "My eyes are bad since the stroke."


@LETTERS.scene(
    "Read what we agreed to help you",
    "If this is not right, tell us.",
    leads=["ask_for_adjustment"],
    words=["Large print, and papers a week early."],
    hides=[WHY],
    begins=joined,
)
def adjustment_agreed(round: Round, cast: Cast) -> Person:
    asked = actions.ask_for_adjustment(
        member=member(round, cast.joan), asked=WHY, by=cast.joan, at=now()
    )
    actions.agree_adjustment(
        adjustment=asked,
        agreed="Large print, and papers a week early.",
        more_rest_days=5,
        by=cast.sam,
        at=now(),
    )
    return cast.joan


@LETTERS.scene(
    "A few good words from Sam Okafor",
    "You put that so kindly.",
    words=["You put that so kindly."],
    leads=["ask_for_fewer_letters"],
    begins=joined,
)
def encouragement(round: Round, cast: Cast) -> Person:
    actions.encourage(
        member=member(round, cast.joan), text="You put that so kindly.", by=cast.sam, at=now()
    )
    return cast.joan


# ---- Company ---------------------------------------------------------------------------------
def buddies(round: Round, cast: Cast) -> Buddies:
    return actions.ask_buddy(
        asker=member(round, cast.joan), asked=member(round, cast.harold), by=cast.joan, at=now()
    )


@LETTERS.scene(
    "Joan Ibbotson asks if you would like a buddy",
    "You can say no, and you can stop at any time. Nobody asks why.",
    leads=["my_buddy"],
    hides=["0113 496 0101"],
    begins=joined,
)
def buddy_asked(round: Round, cast: Cast) -> Person:
    Person.objects.filter(pk=cast.joan.pk).update(phone="0113 496 0101")
    buddies(round, cast)
    return cast.harold


@LETTERS.scene(
    "are buddies",
    "Please do not talk about a bid before the panel opens its scores.",
    leads=["my_buddy"],
    begins=joined,
)
def buddy_agreed(round: Round, cast: Cast) -> list[Person]:
    Person.objects.filter(pk=cast.joan.pk).update(phone="0113 496 0101")
    actions.accept_buddy(buddies=buddies(round, cast), by=cast.harold, at=now())
    return [cast.joan, cast.harold]


@LETTERS.scene(
    "You have no buddy just now",
    "This happens, and it is nobody’s fault.",
    hides=["Harold"],
    begins=joined,
)
def buddy_ended(round: Round, cast: Cast) -> Person:
    pair = buddies(round, cast)
    actions.accept_buddy(buddies=pair, by=cast.harold, at=now())
    actions.end_buddies(buddies=pair, by=cast.harold, at=now())
    return cast.joan


def gathering(round: Round, cast: Cast, **facts: Any) -> Gathering:
    return actions.arrange_gathering(
        **{
            "round": round,
            "kind": "reading",
            "starts_at": now() + timedelta(hours=2),
            "place": "The hall",
            "link": "https://example.org/room",
            "notes": "Tea at ten.",
            "by": cast.sam,
            "at": now(),
            **facts,
        }
    )


@LETTERS.scene(
    "Read in company on",
    "Or ring us. You do not have to come.",
    leads=["gathering_detail"],
    words=["The hall", "Tea at ten."],
    begins=joined,
)
def gathering_arranged(round: Round, cast: Cast) -> list[Person]:
    gathering(round, cast)
    return all_three(cast)


@LETTERS.scene(
    "Please note the change: we meet on",
    "This is how it is now.",
    leads=["gathering_detail"],
    words=["The other hall"],
    hides=["Where: The hall"],
    begins=joined,
)
def gathering_changed(round: Round, cast: Cast) -> list[Person]:
    """Whoever said that they do not come is not asked again."""
    made = gathering(round, cast, kind="training")
    priya = member(round, cast.priya)
    actions.reply_to_gathering(gathering=made, member=priya, coming=False, by=cast.priya, at=now())
    actions.change_gathering(
        gathering=made, changes={"place": "The other hall"}, by=cast.sam, at=now()
    )
    return [cast.joan, cast.harold]


@LETTERS.scene(
    "it is called off", "Please take it out of your diary.", begins=joined
)  # fmt: skip
def gathering_called_off(round: Round, cast: Cast) -> list[Person]:
    actions.call_off_gathering(gathering=gathering(round, cast), by=cast.sam, at=now())
    return all_three(cast)


@LETTERS.scene(
    "A helper: Aled Ibbotson",
    "A helper never votes and never scores.",
    begins=joined,
)
def helper_named(round: Round, cast: Cast) -> list[Person]:
    aled = make.make_person("Aled Ibbotson", Role.SUPPORTER)
    actions.name_helper(member=member(round, cast.joan), supporter=aled, by=cast.sam, at=now())
    return [cast.joan, aled]


@LETTERS.scene(
    "Learn with us on",
    "Here is a time to learn together for this round.",
    leads=["gathering_detail"],
    begins=joined,
)
def gathering_arranged__training(round: Round, cast: Cast) -> list[Person]:
    gathering(round, cast, kind="training", topics=round.training_topics.all()[:2])
    return all_three(cast)


@LETTERS.scene(
    "are buddies",
    "Sam Okafor wrote the yes down after being told. If it is not right, please ring us.",
    leads=["my_buddy"],
    begins=joined,
)
def buddy_agreed__typed(round: Round, cast: Cast) -> list[Person]:
    actions.accept_buddy(buddies=buddies(round, cast), by=cast.sam, at=now())
    return [cast.joan, cast.harold]


@LETTERS.scene(
    "Read in company on",
    "Say if you will come, and put it in your diary:",
    leads=["gathering_detail"],
    begins=joined,
)
def gathering_arranged__no_notes(round: Round, cast: Cast) -> list[Person]:
    gathering(round, cast, link="", notes="")
    return all_three(cast)


@LETTERS.scene(
    "Read what we agreed to help you",
    "This is what we will do:",
    leads=["ask_for_adjustment"],
    words=["A seat near the door."],
    begins=joined,
)
def adjustment_agreed__no_longer_rests(round: Round, cast: Cast) -> Person:
    asked = actions.ask_for_adjustment(
        member=member(round, cast.joan), asked=WHY, by=cast.joan, at=now()
    )
    actions.agree_adjustment(
        adjustment=asked, agreed="A seat near the door.", by=cast.sam, at=now()
    )
    return cast.joan


# ---- Money, thanks, a worry ------------------------------------------------------------------
def spent(round: Round, cast: Cast) -> Expense:
    return actions.claim_expense(
        member=member(round, cast.joan),
        kind="travel",
        what="Bus to the meeting",
        amount=Decimal("4.60"),
        spent_on=timezone.localdate() - timedelta(days=1),
        by=cast.joan,
        at=now(),
    )


@LETTERS.scene(
    "£4.60 is paid back to you",
    "If the money has not come, please ring us.",
    words=["Bus to the meeting"],
    begins=joined,
)
def expense_paid(round: Round, cast: Cast) -> Person:
    actions.pay_expense(expense=spent(round, cast), by=cast.sam, at=now())
    return cast.joan


@LETTERS.scene(
    "About the money you spent",
    "Please ring us if this is not right.",
    words=["Bus to the meeting", "The hall paid for the bus."],
    begins=joined,
)
def expense_refused(round: Round, cast: Cast) -> Person:
    actions.refuse_expense(
        expense=spent(round, cast), why="The hall paid for the bus.", by=cast.sam, at=now()
    )
    return cast.joan


@LETTERS.scene(
    "Sam Okafor wrote a letter about you",
    "It says nothing of your scores.",
    leads=["reference_detail"],
    hides=["Joan asks the question nobody else asks."],
    begins=joined,
)
def reference_written(round: Round, cast: Cast) -> Person:
    place = member(round, cast.joan)
    actions.write_reference(
        member=place,
        text="Joan asks the question nobody else asks.",
        facts=[],
        by=cast.sam,
        at=now(),
    )
    return cast.joan


WORRY = "He said he has not eaten since Tuesday."


@LETTERS.scene(
    "Somebody is worried about a person",
    "Please read it today:",
    leads=["worry_list"],
    hides=[WORRY, "Mr Nowhere", "Joan"],
    begins=joined,
)
def worry_told(round: Round, cast: Cast) -> Person:
    grace = make.make_person("Grace Lead", Role.SAFEGUARDING)
    actions.tell_worry(about="Mr Nowhere", text=WORRY, by=cast.joan, at=now())
    return grace


@pytest.fixture(scope="module")
def begun(once: Once[dict[Build, Any]]) -> dict[Build, Any]:
    return once(LETTERS.begun)


@pytest.mark.django_db
@pytest.mark.parametrize("name", LETTERS)
def test_each_letter_that_looks_after_people(name: str, begun: dict[Build, Any]) -> None:
    read_through(LETTERS[name], begun)
