"""Letters about decisions: to sign, what trustees said, the report, the board, what is deleted."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Person
from applications.actions import withdraw_application
from commissioning.models import StageKind
from decisions import actions, retention
from decisions.models import CheckKind, Decision, Kept, Outcome
from tests.conftest import Cast, Once
from tests.factories import decisions as build
from tests.factories.applications import make_draft_bid, make_open_round
from tests.factories.commissioning import moment
from tests.factories.decisions import Deciding
from tests.factories.unguarded import unguarded
from tests.letters.reading import Build, Letters, ask_each_day, read_through

LETTERS = Letters()
now = timezone.now


def deciding(cast: Cast) -> Deciding:
    """A panel at its money board; Amina acts for the first group."""
    made = build.deciding_round(cast.joan, cast.harold, cast.priya, by=cast.sam, name="Warm rooms")
    made.bids[0].organisation.colleagues.create(
        person=cast.amina, added_at=now(), added_by=cast.sam
    )
    return made


def decided(cast: Cast) -> Deciding:
    """The decision stands, and letters are next."""
    made = deciding(cast)
    build.decided(made)
    return made


def told(cast: Cast) -> Deciding:
    """The letters have gone."""
    made = decided(cast)
    build.sent_letters(made)
    return made


def standing(of: Deciding) -> Decision:
    return of.panel.decisions.get(stands_at__isnull=False)


def first_award(of: Deciding) -> Outcome:
    return standing(of).outcomes.get(application=of.bids[0])


def panel(of: Deciding, *but: Person) -> list[Person]:
    return [row.member.person for row in of.seats if row.member.person not in but]


# ---- Signing ---------------------------------------------------------------------------------
@LETTERS.scene(
    "Sign the decision about “Getting about”",
    "Then say if you agree, can live with it, or disagree.",
    leads=["sign_decision"],
    begins=deciding,
)
def decision_to_sign(of: Deciding, cast: Cast) -> list[Person]:
    build.put(of)
    return panel(of)


@LETTERS.scene(
    "Check the signature we typed for you",
    "It counts once you say that it is right.",
    leads=["confirm_signature"],
    words=["Well done, all."],
    begins=deciding,
)
def signature_to_confirm(of: Deciding, cast: Cast) -> Person:
    actions.sign_decision(
        decision=build.put(of),
        seat=of.seat(cast.joan),
        choice="agree",
        words="Well done, all.",
        by=cast.sam,
        at=now(),
    )
    return cast.joan


@LETTERS.scene(
    "is off the table for now",
    "Nobody did anything wrong.",
    leads=["decision_detail"],
    begins=deciding,
)
def decision_off_the_table(of: Deciding, cast: Cast) -> list[Person]:
    build.put(of)
    withdraw_application(application=of.bids[0], by=cast.amina, at=now())
    return panel(of)


@LETTERS.scene(
    "Your dots are put",
    "Nobody else sees them before the panel shows all dots at once.",
    leads=["dot_check"],
    begins=deciding,
)
def dots_put(of: Deciding, cast: Cast) -> Person:
    check = actions.begin_dots(panel=of.panel, by=of.by, at=now())
    actions.place_dots(
        check=check,
        seat=of.seat(cast.joan),
        dots={of.bids[0].pk: 1},
        by=cast.joan,
        at=now(),
    )
    return cast.joan


# ---- What trustees said ----------------------------------------------------------------------
COURT = "A court has asked us to wait."


@LETTERS.scene(
    "Read why the decision about “Getting about” is on hold",
    "Your decision has not been changed. Nobody can choose another group in its place.",
    leads=["decision_detail"],
    words=[COURT],
    begins=decided,
)
def decision_on_hold(of: Deciding, cast: Cast) -> list[Person]:
    actions.hold(decision=standing(of), reason=COURT, by=cast.margaret, at=now())
    return panel(of)


@LETTERS.scene(
    "is no longer on hold",
    "The trustees have taken the hold off the decision about “Getting about”.",
    leads=["decision_detail"],
    words=["The court is content."],
    begins=decided,
)
def hold_lifted(of: Deciding, cast: Cast) -> list[Person]:
    actions.hold(decision=standing(of), reason=COURT, by=cast.margaret, at=now())
    actions.lift_hold(
        decision=standing(of), reason="The court is content.", by=cast.margaret, at=now()
    )
    return panel(of)


@LETTERS.scene(
    "The trustees have confirmed your decision about “Getting about”",
    "There is nothing you need to do.",
    leads=["decision_detail"],
    words=["We thank the panel."],
    begins=decided,
)
def decision_confirmed(of: Deciding, cast: Cast) -> list[Person]:
    with unguarded():  # a round that says so from the beginning
        type(of.round).objects.filter(pk=of.round.pk).update(trustees_ratify=True)
    actions.ratify(decision=standing(of), words="We thank the panel.", by=cast.margaret, at=now())
    return panel(of)


# ---- After it --------------------------------------------------------------------------------
@LETTERS.scene(
    "Read about a check on",
    "Staff never pick the next group.",
    leads=["board_list"],
    words=["The account is a private one."],
    begins=decided,
)
def check_failed(of: Deciding, cast: Cast) -> list[Person]:
    actions.check_organisation(
        outcome=first_award(of),
        kind=CheckKind.BANK,
        passed=False,
        words="The account is a private one.",
        by=cast.sam,
        at=now(),
    )
    return panel(of)


@LETTERS.scene(
    "went well the second time",
    "You need do nothing.",
    leads=["board_list"],
    words=["The account is a private one.", "They opened an account of their own."],
    begins=decided,
)
def check_put_right(of: Deciding, cast: Cast) -> list[Person]:
    check_failed(of, cast)
    actions.check_organisation(
        outcome=first_award(of),
        kind=CheckKind.BANK,
        passed=True,
        words="They opened an account of their own.",
        by=cast.ruth,
        at=now(),
    )
    return panel(of)


@LETTERS.scene(
    "Read the letters to the groups in “Getting about”",
    "None goes before your panel has agreed it.",
    leads=["letters_to_read"],
    begins=decided,
)
def letters_to_read(of: Deciding, cast: Cast) -> list[Person]:
    actions.write_letters(panel=of.panel, by=cast.sam, at=now())
    actions.put_letters(panel=of.panel, by=cast.sam, at=now())
    return panel(of)


NO = "We lost our hall."


def answered(of: Deciding, cast: Cast) -> None:
    actions.accept_award(outcome=first_award(of), accepted=False, words=NO, by=cast.amina, at=now())


@LETTERS.scene(
    "said no to its award",
    "does not take its award.",
    leads=["due_diligence"],
    words=[NO],
    begins=told,
)
def award_answered(of: Deciding, cast: Cast) -> list[Person]:
    answered(of, cast)
    return list(Person.objects.filter(roles__role="facilitator", roles__ended_at=None))


@LETTERS.scene(
    "is free again",
    "Your choice was not wrong, and nobody is to blame.",
    leads=["board_list"],
    words=[NO],
    begins=told,
)
def money_came_back(of: Deciding, cast: Cast) -> list[Person]:
    answered(of, cast)
    return panel(of)


@LETTERS.scene(
    "Do you take the money for your bid",
    "If you need more time, ring us. That is no trouble.",
    leads=["outcome_detail"],
    begins=told,
)
def offer_waits(of: Deciding, cast: Cast) -> Person:
    """A day before the last one, by the day's own question."""
    days = of.round.programme.offer_days - 1
    ask_each_day(moment(timezone.localdate() + timedelta(days=days), 9))
    return cast.amina


@LETTERS.scene(
    "said yes to its award",
    "has said yes to its award and the conditions.",
    leads=["due_diligence"],
    begins=told,
)
def award_answered__yes(of: Deciding, cast: Cast) -> list[Person]:
    actions.accept_award(outcome=first_award(of), accepted=True, by=cast.amina, at=now())
    return list(Person.objects.filter(roles__role="facilitator", roles__ended_at=None))


# ---- The same letters, with no words to go with them -----------------------------------------
@LETTERS.scene(
    "Check the signature we typed for you",
    "What was typed: I agree.",
    leads=["confirm_signature"],
    begins=deciding,
)
def signature_to_confirm__no_words(of: Deciding, cast: Cast) -> Person:
    actions.sign_decision(
        decision=build.put(of), seat=of.seat(cast.joan), choice="agree", by=cast.sam, at=now()
    )
    return cast.joan


@LETTERS.scene(
    "The trustees have confirmed your decision about “Getting about”",
    "There is nothing you need to do.",
    leads=["decision_detail"],
    begins=decided,
)
def decision_confirmed__no_words(of: Deciding, cast: Cast) -> list[Person]:
    with unguarded():
        type(of.round).objects.filter(pk=of.round.pk).update(trustees_ratify=True)
    actions.ratify(decision=standing(of), by=cast.margaret, at=now())
    return panel(of)


# ---- The report and the board ----------------------------------------------------------------
@LETTERS.scene(
    "Read the report about “Warm rooms”",
    "It goes to the board once your panel has agreed it.",
    leads=["report_to_agree"],
    begins=told,
)
def report_to_agree(of: Deciding, cast: Cast) -> list[Person]:
    build.move_to(of.round, StageKind.REPORT, by=cast.sam)
    actions.put_report(round=of.round, by=cast.sam, at=now())
    return panel(of)


WHO = "Who chose the days of rest?"


@LETTERS.scene(
    "Answer a question from the board",
    "Your answer stands beside the question, where the board and the panels can read it.",
    leads=["answer_board_question"],
    words=[WHO],
    begins=decided,
)
def board_question(of: Deciding, cast: Cast) -> list[Person]:
    actions.ask_board_question(round=of.round, text=WHO, by=cast.margaret, at=now())
    return list(Person.objects.filter(roles__role="facilitator", roles__ended_at=None))


@LETTERS.scene(
    f"Read the answer to your question: {WHO}",
    "See it with the report here:",
    leads=["report_detail"],
    words=[WHO, "The volunteers."],
    begins=decided,
)
def board_answer(of: Deciding, cast: Cast) -> Person:
    note = actions.ask_board_question(round=of.round, text=WHO, by=cast.margaret, at=now())
    actions.answer_board_question(note=note, answer="The volunteers.", by=cast.sam, at=now())
    return cast.margaret


# ---- What is taken away ----------------------------------------------------------------------
@LETTERS.scene(
    "We take your name and details away",
    "Did you not ask for this, or have you changed your mind? Please ring us before that day.",
)
def forgetting_asked(none: None, cast: Cast) -> Person:
    actions.ask_forgetting(person=cast.outsider, by=cast.outsider, at=now())
    return cast.outsider


@LETTERS.scene(
    "will be deleted",
    "Would you like to keep it? Print it or copy it from here before then:",
    leads=["preview_application"],
)
def draft_goes(none: None, cast: Cast) -> Person:
    """Seven days before, by the day's own question."""
    round = make_open_round(by=cast.sam, name="Warm rooms")
    bid = make_draft_bid(round, cast.rival, title="Never sent")
    round.stages.filter(kind=StageKind.OPEN).update(
        closed_at=now() - timedelta(days=30), closed_by=cast.sam
    )
    bid = retention.drafts(round.programme).get(pk=bid.pk)
    last = retention.goes_on(bid, retention.months_of(round.programme, Kept.DRAFTS))
    ask_each_day(moment(last - timedelta(days=7), 9))
    return cast.rival


@pytest.fixture(scope="module")
def begun(once: Once[dict[Build, Any]]) -> dict[Build, Any]:
    return once(LETTERS.begun)


@pytest.mark.django_db
@pytest.mark.parametrize("name", LETTERS)
def test_each_letter_about_a_decision(name: str, begun: dict[Build, Any]) -> None:
    read_through(LETTERS[name], begun)
