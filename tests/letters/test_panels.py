"""Letters of a panel's work: seats, shares, scores, what is put to it, meetings, interviews."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Person, Role
from applications.models import Application
from commissioning.models import StageKind
from panels import actions
from panels.actions import NewScore
from panels.actions.beside import let_read_beside
from panels.actions.interests import Knows
from panels.models import Interest, Panel, Proposal, ProposalVote, ScoreSheet
from panels.rules import share as rules
from support.actions import name_helper, sign_conduct
from tests.conftest import Cast, Once
from tests.factories.commissioning import (
    join,
    make_lot,
    make_person,
    make_round,
    make_volunteers,
)
from tests.factories.meeting import (
    act_for,
    choose_to_meet,
    move_to,
    offer,
    opened_round,
    propose,
    put,
    seat_of,
    seats_of,
    write_questions,
)
from tests.factories.panels import (
    Reading,
    agreed,
    declare_all,
    full_answers,
    open_scoring,
    reading_round,
    send,
    share_out,
    sharing_round,
)
from tests.letters.reading import Build, Letters, read_through

LETTERS = Letters()
now = timezone.now


def quiet(cast: Cast) -> Panel:
    """A panel without seats, before anybody has looked at a bid."""
    round = make_round(by=cast.sam, name="Warm rooms")
    join(round, cast.joan, cast.harold, by=cast.sam)
    return actions.make_panel(
        lot=make_lot(round), name="Getting about panel", by=cast.sam, at=now()
    )


def sharing(cast: Cast) -> Reading:
    """Bids are about to be shared out; nobody has said yet whom they know."""
    return sharing_round(cast.joan, cast.harold, bids=2, by=cast.sam, name="Warm rooms")


def shared(cast: Cast) -> Reading:
    """Seven people read five bids, three to a bid: some could read another."""
    people = [cast.joan, cast.harold, *make_volunteers(5)]
    reading = sharing_round(*people, by=cast.sam, bids=5, readers_per_bid=3, name="Warm rooms")
    declare_all(reading)
    share_out(reading)
    return reading


def reading_bids(cast: Cast) -> Reading:
    """Everybody reads every bid."""
    return reading_round(cast.joan, cast.harold, by=cast.sam, bids=2, name="Warm rooms")


def opened(cast: Cast) -> Reading:
    """The scores are open, and nothing is settled."""
    return opened_round(cast.joan, cast.harold, by=cast.sam, name="Warm rooms")


def invited(cast: Cast) -> Reading:
    """Amina's group may choose a time to meet the panel."""
    reading = opened(cast)
    act_for(reading.bids[0], cast.amina)
    choose_to_meet(reading.panel, reading.bids[0])
    write_questions(reading.panel)
    move_to(reading, StageKind.INTERVIEWS)
    offer(reading.panel, by=cast.sam)
    return reading


def sitting(panel: Panel, *but: Person) -> list[Person]:
    """Who has a seat, but those named."""
    return [row.member.person for row in seats_of(panel) if row.member.person not in but]


# ---- Seats -----------------------------------------------------------------------------------
@LETTERS.scene(
    "You have a seat on the panel Getting about panel",
    "If you would rather not, please ring us. Nobody will mind.",
    begins=quiet,
)
def seat_given(panel: Panel, cast: Cast) -> Person:
    member = panel.round.members.get(person=cast.joan)
    actions.seat_member(panel=panel, member=member, by=cast.sam, at=now())
    return cast.joan


@LETTERS.scene(
    "Meet a new member of Getting about panel", "Your panel agreed to this.", begins=shared
)
def seat_taken(reading: Reading, cast: Cast) -> list[Person]:
    """The seventh who reads had no seat until the panel agreed to it."""
    new = reading.members[6]
    leaving = seats_of(reading.panel)[-1]
    actions.end_seat(seat=leaving, by=leaving.member.person, at=now())
    before = sitting(reading.panel)
    assert new.person not in before
    agreed(reading.panel, Proposal.Kind.ADD_MEMBER, member=new.pk)
    actions.seat_member(panel=reading.panel, member=new, by=cast.sam, at=now())
    return before


# ---- Whom they know, and the share -----------------------------------------------------------
@LETTERS.scene(
    "Whom you know among the bids: Getting about",
    "You know nobody in the other bids of this list.",
    begins=sharing,
)
def declaration_typed(reading: Reading, cast: Cast) -> Person:
    actions.declare(
        member=reading.member(cast.joan),
        lot=reading.lot,
        knows=[Knows(reading.bids[0], Interest.Kind.INDIRECT)],
        by=cast.sam,
        at=now(),
    )
    return cast.joan


@LETTERS.scene(
    "Look at the bids you have been given to read",
    "See which they are, and why they came to you.",
    leads=["my_bids"],
    begins=sharing,
)
def share_given(reading: Reading, cast: Cast) -> list[Person]:
    declare_all(reading)
    run = share_out(reading)
    readers = {member for _bid, member in rules.pairs_of(run)}
    return [row.person for row in reading.members if row.pk in readers]


@LETTERS.scene(
    "Your share of bids is smaller, as you asked",
    "There is nothing you need to do. Thank you for saying so.",
    leads=["my_bids"],
    begins=shared,
)
def share_lighter(reading: Reading, cast: Cast) -> Person:
    open_scoring(reading)
    busy = max(reading.members, key=lambda row: len(reading.assignments(row.person)))
    actions.reply_to_share(member=busy, answer="fewer", bids_wanted=2, by=busy.person, at=now())
    share_out(reading)
    return busy.person


@LETTERS.scene(
    "What you said of your share in Warm rooms",
    "You would like fewer: 2 bids in all.",
    begins=reading_bids,
)
def share_typed(reading: Reading, cast: Cast) -> Person:
    actions.reply_to_share(
        member=reading.member(cast.joan), answer="fewer", bids_wanted=2, by=cast.sam, at=now()
    )
    return cast.joan


@LETTERS.scene(
    "Please wait before you read your bids",
    "We write to you again when your bids are ready.",
    hides=["Too soon"],
    begins=shared,
)
def share_undone(reading: Reading, cast: Cast) -> list[Person]:
    assert reading.run
    actions.undo_sharing(run=reading.run, reason="Too soon", by=cast.sam, at=now())
    readers = {member for _bid, member in rules.pairs_of(reading.run)}
    return [row.person for row in reading.members if row.pk in readers]


@LETTERS.scene(
    "You handed back bid", "Somebody else will read it. That is quite all right.",
    begins=reading_bids,
)  # fmt: skip
def hand_back_typed(reading: Reading, cast: Cast) -> Person:
    actions.hand_back(assignment=reading.assignments(cast.joan)[0], by=cast.sam, at=now())
    return cast.joan


@LETTERS.scene(
    "Find a new reader in Warm rooms",
    "Please ask a new reader, and then change the share here:",
    leads=["sharing_detail"],
    begins=shared,
    hides=["My sister works there."],
)
def reader_wanted(reading: Reading, cast: Cast) -> list[Person]:
    open_scoring(reading)
    leaving = reading.bids[0].assignments.first()
    assert leaving
    actions.declare_late(
        member=leaving.member,
        application=reading.bids[0],
        kind=Interest.Kind.INDIRECT,
        words="My sister works there.",
        by=leaving.member.person,
        at=now(),
    )
    return list(Person.objects.holding(Role.FACILITATOR))


@LETTERS.scene(
    "Mair Ibbotson may read your bids with you",
    "You can take this back at any time, and nobody asks why.",
    begins=reading_bids,
)
def beside_let(reading: Reading, cast: Cast) -> Person:
    mair = make_person("Mair Ibbotson", Role.SUPPORTER)
    helper = name_helper(member=reading.member(cast.joan), supporter=mair, by=cast.sam, at=now())
    sign_conduct(round=reading.round, person=mair, by=mair, at=now())
    let_read_beside(helper=helper, by=cast.sam, at=now())
    return cast.joan


# ---- Scores ----------------------------------------------------------------------------------
REASONS = ["They asked at every door.", "She told me so on paper"]


def typed(reading: Reading, cast: Cast) -> ScoreSheet:
    given = reading.assignments(cast.joan)[0]
    return actions.type_scores(
        assignment=given,
        answers=full_answers(reading, 2),
        why=REASONS[1],
        by=cast.sam,
        at=now(),
    )


@LETTERS.scene(
    "Keep this: your scores for",
    "Nobody else can see your scores before the panel opens them all.",
    words=["They asked at every door.", "I believed them."],
    own_scores=True,
    begins=reading_bids,
)
def scores_receipt(reading: Reading, cast: Cast) -> Person:
    send(reading, reading.assignments(cast.joan)[0], value=2)
    return cast.joan


@LETTERS.scene(
    "Check your scores for",
    "They do not count until you say that they are right.",
    leads=["confirm_typed_scores"],
    words=REASONS,
    own_scores=True,
    begins=reading_bids,
)
def scores_typed(reading: Reading, cast: Cast) -> Person:
    typed(reading, cast)
    return cast.joan


@LETTERS.scene(
    "do not count any more",
    "You can give your scores for this bid again",
    leads=["my_bids"],
    hides=[*REASONS, "I gave a 4."],
    begins=reading_bids,
)
def scores_objected(reading: Reading, cast: Cast) -> Person:
    sheet = actions.confirm_typed_scores(sheet=typed(reading, cast), by=cast.ruth, at=now())
    actions.object_to_typed_scores(sheet=sheet, words="I gave a 4.", by=cast.joan, at=now())
    return cast.joan


# ---- Questions, and what is put to the panel --------------------------------------------------
@LETTERS.scene(
    "What does a reserve mean?",
    "The whole panel can read this. There is nothing you need to do.",
    words=["What does a reserve mean?", "It waits in line."],
    begins=reading_bids,
)
def question_answered(reading: Reading, cast: Cast) -> list[Person]:
    asked = actions.ask_question(
        panel=reading.panel, text="What does a reserve mean?", by=cast.joan, at=now()
    )
    actions.answer_question(question=asked, answer="It waits in line.", by=cast.sam, at=now())
    return sitting(reading.panel)


@LETTERS.scene(
    "Please answer your panel",
    "You can agree, say that you can live with it, or disagree.",
    leads=["proposal_detail"],
    begins=opened,
)
def put_to_panel(reading: Reading, cast: Cast) -> list[Person]:
    put(reading.panel, Proposal.Kind.OTHER, words="Tea at every meeting?")
    return sitting(reading.panel, cast.joan)


SAID = "On the phone, and gladly."


def typed_vote(reading: Reading, cast: Cast) -> ProposalVote:
    proposal = put(reading.panel, Proposal.Kind.OTHER, words="Tea at every meeting?")
    return actions.vote_on_proposal(
        proposal=proposal,
        seat=seat_of(reading.panel, cast.joan),
        choice="agree",
        words=SAID,
        by=cast.sam,
        at=now(),
    )


@LETTERS.scene(
    "Check the answer we typed for you",
    "It does not count until you say that it is right.",
    leads=["confirm_vote"],
    words=[SAID],
    begins=opened,
)
def panel_vote_typed(reading: Reading, cast: Cast) -> Person:
    typed_vote(reading, cast)
    return cast.joan


@LETTERS.scene(
    "See the answer we counted for you",
    "has checked it against the sheet that you signed, and it now counts.",
    words=[SAID],
    begins=opened,
)
def panel_vote_confirmed(reading: Reading, cast: Cast) -> Person:
    actions.confirm_vote(vote=typed_vote(reading, cast), by=cast.ruth, at=now())
    return cast.joan


STEERED = "She told us twice which group she would take."


def steered(reading: Reading, cast: Cast) -> Any:
    return actions.say_felt_steered(
        panel=reading.panel, text=STEERED, named=True, by=cast.joan, at=now()
    )


@LETTERS.scene(
    "a panel member felt steered",
    "They wrote it to you, and not to the staff.",
    leads=["settle_steered"],
    hides=[STEERED, "Joan"],
    begins=reading_bids,
)
def felt_steered(reading: Reading, cast: Cast) -> Person:
    hattie = make_person("Hattie Hearer", Role.COMPLAINTS)
    steered(reading, cast)
    return hattie


@LETTERS.scene(
    "What came of it when you felt steered",
    "It does not say who felt steered.",
    words=["They will only ask from now on."],
    begins=reading_bids,
)
def steered_settled(reading: Reading, cast: Cast) -> Person:
    hattie = make_person("Hattie Hearer", Role.COMPLAINTS)
    actions.settle_steered(
        steered=steered(reading, cast),
        outcome="changed",
        words="They will only ask from now on.",
        by=hattie,
        at=now(),
    )
    return cast.joan


# ---- Meetings and interviews -----------------------------------------------------------------
def arranged(reading: Reading, cast: Cast) -> Any:
    return actions.arrange_meeting(
        panel=reading.panel,
        kind="shortlist",
        starts_at=now() + timedelta(days=2),
        place="Mill Hill Hall",
        link="https://example.org/room",
        notes="There is a ramp.",
        by=cast.sam,
        at=now(),
    )


@LETTERS.scene(
    "your panel meets on",
    "Do you need help to get there, or to take part? Please ring us.",
    leads=["meeting_detail"],
    words=["Mill Hill Hall", "There is a ramp."],
    begins=opened,
)
def meeting_arranged(reading: Reading, cast: Cast) -> list[Person]:
    arranged(reading, cast)
    return sitting(reading.panel)


@LETTERS.scene(
    "the meeting is called off",
    "Please take it out of your diary. There is nothing else you need to do.",
    begins=opened,
)
def meeting_called_off(reading: Reading, cast: Cast) -> list[Person]:
    actions.call_off_meeting(meeting=arranged(reading, cast), by=cast.sam, at=now())
    return sitting(reading.panel)


@LETTERS.scene(
    "Choose a time to meet the panel",
    "Every organisation has the same length of time, and is asked the same questions.",
    leads=["choose_slot"],
    begins=invited,
)
def interview_invitation(reading: Reading, cast: Cast) -> Person:
    actions.invite_to_interview(panel=reading.panel, by=cast.sam, at=now())
    return cast.amina


NEED = "I have a stammer."


def chosen(reading: Reading, cast: Cast) -> Any:
    actions.invite_to_interview(panel=reading.panel, by=cast.sam, at=now())
    slot = reading.panel.slots.order_by("starts_at").first()
    assert slot
    return actions.choose_slot(
        slot=slot, application=reading.bids[0], access_needs=NEED, by=cast.amina, at=now()
    )


@LETTERS.scene(
    "you meet the panel on",
    "The panel will ask you:",
    leads=["choose_slot"],
    words=["How will you reach people, part 1?", NEED],
    begins=invited,
)
def slot_chosen(reading: Reading, cast: Cast) -> Person:
    """Their own words about what they need come back to them alone, as their receipt."""
    chosen(reading, cast)
    return cast.amina


@LETTERS.scene(
    "What we agreed for your meeting on",
    "The panel knows what was agreed. It does not know why.",
    leads=["choose_slot"],
    words=["The questions on paper, a day before."],
    hides=[NEED],
    begins=invited,
)
def interview_help_agreed(reading: Reading, cast: Cast) -> Person:
    actions.agree_interview_help(
        slot=chosen(reading, cast),
        agreed="The questions on paper, a day before.",
        more_minutes=10,
        by=cast.sam,
        at=now(),
    )
    return cast.amina


# ---- The same letters, otherwise -------------------------------------------------------------
@LETTERS.scene(
    "Whom you know among the bids: Getting about",
    "You know nobody in the bids of this list.",
    begins=sharing,
)
def declaration_typed__nobody(reading: Reading, cast: Cast) -> Person:
    actions.declare(member=reading.member(cast.joan), lot=reading.lot, by=cast.sam, at=now())
    return cast.joan


@LETTERS.scene(
    "What you said of your share in Warm rooms",
    "You could read more: 9 bids in all.",
    begins=reading_bids,
)
def share_typed__more(reading: Reading, cast: Cast) -> Person:
    actions.reply_to_share(
        member=reading.member(cast.joan), answer="more", bids_wanted=9, by=cast.sam, at=now()
    )
    return cast.joan


@LETTERS.scene(
    "Keep this: your scores for",
    "Ruth Bentley checked it. If anything is wrong, please ring us by",
    words=REASONS,
    own_scores=True,
    begins=reading_bids,
)
def scores_receipt__typed(reading: Reading, cast: Cast) -> Person:
    actions.confirm_typed_scores(sheet=typed(reading, cast), by=cast.ruth, at=now())
    return cast.joan


@LETTERS.scene(
    "Keep this: your scores for",
    "and read it back to you. You said yes.",
    words=REASONS,
    own_scores=True,
    begins=reading_bids,
)
def scores_receipt__by_phone(reading: Reading, cast: Cast) -> Person:
    actions.confirm_typed_scores(
        sheet=typed(reading, cast), by=cast.ruth, at=now(), rang_on=timezone.localdate()
    )
    return cast.joan


MAP = "I had missed the map."


def typed_change(reading: Reading, cast: Cast) -> ScoreSheet:
    return actions.type_change_after_talk(
        seat=seat_of(reading.panel, cast.joan),
        application=reading.bids[0],
        changes={reading.criteria[0]: NewScore(5, MAP)},
        by=cast.sam,
        at=now(),
    )


@LETTERS.scene(
    "Check your scores for",
    "Until you say that it is right, your scores stay as they were.",
    leads=["confirm_typed_scores"],
    words=[MAP],
    own_scores=True,
    begins=opened,
)
def scores_typed__after_the_talk(reading: Reading, cast: Cast) -> Person:
    typed_change(reading, cast)
    return cast.joan


@LETTERS.scene(
    "Keep this: your scores for",
    "It counts, and your first scores are kept beside it.",
    words=[MAP],
    own_scores=True,
    begins=opened,
)
def scores_receipt__after_the_talk(reading: Reading, cast: Cast) -> Person:
    actions.confirm_typed_scores(sheet=typed_change(reading, cast), by=cast.joan, at=now())
    return cast.joan


@LETTERS.scene(
    "do not count any more",
    "Your scores from before the change count again.",
    hides=[MAP, "I gave a 4."],
    begins=opened,
)
def scores_objected__after_the_talk(reading: Reading, cast: Cast) -> Person:
    """Told on the phone to somebody who did not type it."""
    sheet = actions.confirm_typed_scores(sheet=typed_change(reading, cast), by=cast.ruth, at=now())
    actions.object_to_typed_scores(sheet=sheet, words="I gave a 4.", by=cast.ruth, at=now())
    return cast.joan


@LETTERS.scene(
    "Please answer your panel",
    "There may be more than one today.",
    leads=["proposal_list"],
    begins=opened,
)
def put_to_panel__many(reading: Reading, cast: Cast) -> list[Person]:
    """Whom to meet is asked of each bid, and told once."""
    for bid in reading.bids:
        propose(reading.panel, bid)
    return sitting(reading.panel, cast.joan)


@LETTERS.scene(
    "your panel meets on",
    "All about the meeting, and a file for your diary:",
    leads=["meeting_detail"],
    begins=opened,
)
def meeting_arranged__no_notes(reading: Reading, cast: Cast) -> list[Person]:
    actions.arrange_meeting(
        panel=reading.panel,
        kind="shortlist",
        starts_at=now() + timedelta(days=2),
        place="Mill Hill Hall",
        by=cast.sam,
        at=now(),
    )
    return sitting(reading.panel)


# ---- Long names: the subject is cut, the letter is not ---------------------------------------
TITLE = (
    "Tea and talk for all who eat alone in the streets of Armley, " * 2 + "and a bus to bring them"
)
ADDRESS = "www.example.org/" + "a-very-long-address/" * 15


@LETTERS.scene(
    "Keep this: your scores for Tea and talk",
    f"Your scores for “{TITLE}”",
    words=["They asked at every door.", "I believed them."],
    own_scores=True,
    begins=reading_bids,
)
def scores_receipt__a_long_title(reading: Reading, cast: Cast) -> Person:
    given = reading.assignments(cast.joan)[0]
    Application.objects.filter(pk=given.application_id).update(title=TITLE)
    send(reading, reading.assignments(cast.joan)[0], value=2)
    return cast.joan


@LETTERS.scene(
    "www.example.org/",
    "The whole panel can read this. There is nothing you need to do.",
    words=[ADDRESS],
    begins=reading_bids,
)
def question_answered__a_long_address(reading: Reading, cast: Cast) -> list[Person]:
    asked = actions.ask_question(panel=reading.panel, text=ADDRESS, by=cast.joan, at=now())
    actions.answer_question(question=asked, answer="Yes.", by=cast.sam, at=now())
    return sitting(reading.panel)


@pytest.fixture(scope="module")
def begun(once: Once[dict[Build, Any]]) -> dict[Build, Any]:
    return once(LETTERS.begun)


@pytest.mark.django_db
@pytest.mark.parametrize("name", LETTERS)
def test_each_letter_of_a_panel(name: str, begun: dict[Build, Any]) -> None:
    read_through(LETTERS[name], begun)
