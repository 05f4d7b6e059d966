"""Letters to the groups of a decision: what the panel chose, and the answer to a complaint."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Person, Role
from commissioning.models import FunderRule
from decisions import actions
from decisions.models import Complaint, OutcomeLetter
from tests.conftest import Cast, Once
from tests.factories import decisions as build
from tests.factories.applications import settle
from tests.factories.commissioning import make_person, moment
from tests.factories.decisions import Deciding
from tests.factories.panels import make_bid
from tests.factories.unguarded import unguarded
from tests.letters.reading import Build, Letters, ask_each_day, read_through

LETTERS = Letters()
now = timezone.now
RULE, NO_RULE = "The work is in Leeds.", "The work is in York."
NOT_MET = "It does not say who it is for."


def chosen(cast: Cast) -> Deciding:
    """The panel has chosen among five bids. Amina acts for each of their groups; nobody signs in
    for a sixth, whose bid does not meet a rule."""
    of = build.deciding_round(
        cast.joan, cast.harold, cast.priya, by=cast.sam, bids=4, not_met=1, name="Warm rooms"
    )
    for bid in (*of.bids, *of.not_met):
        bid.organisation.colleagues.create(person=cast.amina, added_at=now(), added_by=cast.sam)
    with unguarded():  # it was found out long before the panel chose
        FunderRule.objects.create(round=of.round, text=RULE, order=1)
        bid = make_bid(of.reading.lot, title="A hall in York")
        settle(bid, eligible=False, by=cast.sam, at=now() - timedelta(days=21))
    build.decided(of)
    return of


def agreed_on_paper(cast: Cast) -> Deciding:
    """Five letters agreed, to groups that nobody signs in for."""
    of = build.deciding_round(
        cast.joan, cast.harold, cast.priya, by=cast.sam, bids=4, not_met=1, name="Ring and ride"
    )
    build.decided(of)
    build.agreed_letters(of)
    return of


def agreed(cast: Cast) -> Deciding:
    """The same, and the panel has agreed letters to the six groups, one of each kind."""
    of = chosen(cast)
    build.agreed_letters(of)
    return of


def complained(of: Deciding, cast: Cast) -> Complaint:
    """The letters have gone, and Amina's group says that something was not done fairly. Hattie
    hears complaints."""
    send(of, cast)
    make_person(HATTIE, Role.COMPLAINTS)
    return actions.complain(bid=of.bids[0], text=SAID, by=cast.amina, at=now())


HATTIE = "Hattie Hearer"
SAID = "Our talk was half an hour. The others had an hour."
FOUND = "You are right, and we are sorry. A clock is on the table now."


def send(of: Deciding, cast: Cast) -> None:
    actions.send_letters(panel=of.panel, by=cast.sam, at=now())


@LETTERS.scene(
    "Good news about your bid",
    "That is all you asked for.",
    leads=["outcome_detail", "complain"],
    words=[build.REASON],
    begins=agreed,
)
def outcome_yes(of: Deciding, cast: Cast) -> Person:
    send(of, cast)
    return cast.amina


@LETTERS.scene(
    "Good news about your bid",
    "These costs are left out:",
    leads=["outcome_detail", "complain"],
    words=[build.REASON, "The van.", "Tell us."],
    begins=agreed,
)
def outcome_less(of: Deciding, cast: Cast) -> Person:
    send(of, cast)
    return cast.amina


@LETTERS.scene(
    "Read what the panel decided about your bid",
    "If money comes free, the panel decides again. We write to you then.",
    leads=["outcome_detail", "complain"],
    words=[build.REASON],
    begins=agreed,
)
def outcome_reserve(of: Deciding, cast: Cast) -> Person:
    send(of, cast)
    return cast.amina


@LETTERS.scene(
    "Read what the panel decided about your bid",
    "We are sorry: it gets no money this time.",
    leads=["outcome_detail", "complain"],
    words=[build.REASON],
    begins=agreed,
)
def outcome_no(of: Deciding, cast: Cast) -> Person:
    send(of, cast)
    return cast.amina


@LETTERS.scene(
    "Read what the panel decided about your bid",
    "We are sorry: the panel did not choose to meet you this time",
    leads=["outcome_detail", "complain"],
    words=[NOT_MET],
    begins=agreed,
)
def outcome_not_met(of: Deciding, cast: Cast) -> Person:
    send(of, cast)
    return cast.amina


@LETTERS.scene(
    "it cannot go on",
    "Ring us and say why. Somebody else will look at it again.",
    words=[RULE, NO_RULE],
    begins=agreed,
)
def outcome_not_eligible(of: Deciding, cast: Cast) -> None:
    """On paper, to a group that nobody signs in for."""
    send(of, cast)


RING_TO_TAKE = "Ring us, and we write it down for you."
RING_TO_COMPLAIN = "Ring us and ask for them. They write down what you say."


@LETTERS.scene(
    "Good news about your bid", RING_TO_TAKE, words=[build.REASON], begins=agreed_on_paper
)
def outcome_yes__on_paper(of: Deciding, cast: Cast) -> None:
    send(of, cast)


@LETTERS.scene(
    "Good news about your bid",
    RING_TO_TAKE,
    words=[build.REASON, "The van.", "Tell us."],
    begins=agreed_on_paper,
)
def outcome_less__on_paper(of: Deciding, cast: Cast) -> None:
    send(of, cast)


@LETTERS.scene("Read what", RING_TO_COMPLAIN, words=[build.REASON], begins=agreed_on_paper)
def outcome_reserve__on_paper(of: Deciding, cast: Cast) -> None:
    send(of, cast)


@LETTERS.scene("Read what", RING_TO_COMPLAIN, words=[build.REASON], begins=agreed_on_paper)
def outcome_no__on_paper(of: Deciding, cast: Cast) -> None:
    send(of, cast)


@LETTERS.scene("Read what", RING_TO_COMPLAIN, words=[NOT_MET], begins=agreed_on_paper)
def outcome_not_met__on_paper(of: Deciding, cast: Cast) -> None:
    send(of, cast)


EACH = ("Your need is plain to see.", "You know your neighbours. They said so.")


def told_of_each(cast: Cast) -> Deciding:
    """Five letters agreed, each with the panel's words for every criterion."""
    of = build.deciding_round(
        cast.joan,
        cast.harold,
        cast.priya,
        by=cast.sam,
        bids=4,
        not_met=1,
        about_each=EACH,
        name="Ring and ride",
    )
    for bid in (*of.bids, *of.not_met):
        bid.organisation.colleagues.create(person=cast.amina, added_at=now(), added_by=cast.sam)
    build.decided(of)
    build.agreed_letters(of)
    return of


UNDER_TITLES = f"They also say this: About “Criterion 1”: {EACH[0]} About “Criterion 2”: {EACH[1]}"


@LETTERS.scene(
    "Good news",
    UNDER_TITLES,
    leads=["outcome_detail", "complain"],
    words=[build.REASON, *EACH],
    begins=told_of_each,
)
def outcome_yes__each_criterion(of: Deciding, cast: Cast) -> Person:
    send(of, cast)
    return cast.amina


@LETTERS.scene(
    "Good news",
    UNDER_TITLES,
    leads=["outcome_detail", "complain"],
    words=[build.REASON, "The van.", "Tell us.", *EACH],
    begins=told_of_each,
)
def outcome_less__each_criterion(of: Deciding, cast: Cast) -> Person:
    send(of, cast)
    return cast.amina


@LETTERS.scene(
    "Read what",
    UNDER_TITLES,
    leads=["outcome_detail", "complain"],
    words=[build.REASON, *EACH],
    begins=told_of_each,
)
def outcome_reserve__each_criterion(of: Deciding, cast: Cast) -> Person:
    send(of, cast)
    return cast.amina


@LETTERS.scene(
    "Read what",
    UNDER_TITLES,
    leads=["outcome_detail", "complain"],
    words=[build.REASON, *EACH],
    begins=told_of_each,
)
def outcome_no__each_criterion(of: Deciding, cast: Cast) -> Person:
    send(of, cast)
    return cast.amina


@LETTERS.scene(
    "Read what",
    UNDER_TITLES,
    leads=["outcome_detail", "complain"],
    words=[NOT_MET, *EACH],
    begins=told_of_each,
)
def outcome_not_met__each_criterion(of: Deciding, cast: Cast) -> Person:
    send(of, cast)
    return cast.amina


NOTE = "The first payment comes in May."


@LETTERS.scene(
    "Good news about your bid",
    "A note from the staff. These are not the panel’s words:",
    leads=["outcome_detail", "complain"],
    words=[build.REASON, NOTE],
    begins=chosen,
)
def outcome_yes__with_a_note(of: Deciding, cast: Cast) -> Person:
    actions.write_letters(panel=of.panel, by=cast.sam, at=now())
    letter = OutcomeLetter.objects.get(application=of.bids[0])
    actions.change_staff_note(letter=letter, note=NOTE, by=cast.sam, at=now())
    build.agreed_letters(of)
    send(of, cast)
    return cast.amina


# ---- Complaints ------------------------------------------------------------------------------
@LETTERS.scene(
    "We have your complaint about",
    "They look at how things were done. They cannot change what the panel chose.",
    leads=["complain"],
    words=[SAID],
    begins=agreed,
)
def complaint_received(of: Deciding, cast: Cast) -> Person:
    complained(of, cast)
    return cast.amina


@LETTERS.scene(
    "a group complains about how things were done",
    "They wrote it to you, and not to the staff.",
    leads=["answer_complaint"],
    hides=[SAID, "Amina"],
    begins=agreed,
)
def complaint_made(of: Deciding, cast: Cast) -> Person:
    complained(of, cast)
    return Person.objects.get(name=HATTIE)


@LETTERS.scene(
    "Who looks into your complaint about",
    "Hattie Hearer looks into your complaint",
    leads=["complain"],
    begins=agreed,
)
def complaint_taken(of: Deciding, cast: Cast) -> Person:
    take(complained(of, cast))
    return cast.amina


def take(complaint: Complaint) -> Person:
    hattie = Person.objects.get(name=HATTIE)
    actions.take_complaint(complaint=complaint, by=hattie, at=now())
    return hattie


@LETTERS.scene(
    "A complaint waits for you",
    "The group was told that it hears by",
    leads=["answer_complaint"],
    hides=[SAID],
    begins=agreed,
)
def complaint_waits(of: Deciding, cast: Cast) -> Person:
    """The day before the group must hear, by the day's own question."""
    complaint = complained(of, cast)
    ask_each_day(moment(complaint.hear_on - timedelta(days=1), 9))
    return Person.objects.get(name=HATTIE)


@LETTERS.scene(
    "The answer to your complaint about",
    "Their answer, in their own words:",
    leads=["complain"],
    words=[FOUND],
    begins=agreed,
)
def complaint_answered(of: Deciding, cast: Cast) -> Person:
    complaint = complained(of, cast)
    actions.answer_complaint(
        complaint=complaint, outcome="right", words=FOUND, by=take(complaint), at=now()
    )
    return cast.amina


@LETTERS.scene(
    "We have your complaint about",
    "This is who told us: Mr Hill, their treasurer.",
    leads=["complain"],
    words=[SAID],
    begins=agreed,
)
def complaint_received__typed(of: Deciding, cast: Cast) -> Person:
    """Said by phone to whoever hears complaints: all who sign in for the group are told."""
    send(of, cast)
    hattie = make_person(HATTIE, Role.COMPLAINTS)
    actions.type_complaint(
        bid=of.bids[0], text=SAID, told_by="Mr Hill, their treasurer", by=hattie, at=now()
    )
    return cast.amina


@pytest.fixture(scope="module")
def begun(once: Once[dict[Build, Any]]) -> dict[Build, Any]:
    return once(LETTERS.begun)


@pytest.mark.django_db
@pytest.mark.parametrize("name", LETTERS)
def test_each_letter_to_a_group(name: str, begun: dict[Build, Any]) -> None:
    read_through(LETTERS[name], begun)
