"""Letters to those who bid, until the panel has their bid: receipts, help, what to put right."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Person
from applications import actions, rules, ways
from applications.models import Application, Colleague
from commissioning.models import Round, StageKind
from tests.conftest import Cast, Once
from tests.factories.applications import (
    answer,
    fill,
    make_draft_bid,
    make_open_round,
    make_organisation,
    make_sent_bid,
    settle,
)
from tests.factories.commissioning import join, moment
from tests.letters.reading import Build, Letters, ask_each_day, read_through

LETTERS = Letters()
now = timezone.now


def open_round(cast: Cast) -> Round:
    """A round open for bids, which Joan takes part in."""
    round = make_open_round(by=cast.sam, name="Warm rooms")
    join(round, cast.joan, by=cast.sam)
    return round


def drafted(cast: Cast) -> Application:
    """Amina's bid, all filled in and not sent."""
    round = open_round(cast)
    group = make_organisation(cast.amina, "Tea and Talk")
    bid = make_draft_bid(round, cast.amina, organisation=group, title="Tea at four")
    fill(bid)
    return Application.objects.get(pk=bid.pk)


def sent(cast: Cast) -> Application:
    """The same, sent."""
    bid = drafted(cast)
    actions.send_application(application=bid, declared_true=True, by=cast.amina, at=now())
    return Application.objects.get(pk=bid.pk)


def checking(cast: Cast) -> Application:
    """The same, and bids are being checked."""
    return close_bidding(sent(cast), cast)


def close_bidding(bid: Application, cast: Cast) -> Application:
    for stage in bid.round.stages.filter(kind__in=[StageKind.OPEN, StageKind.ELIGIBILITY]):
        if stage.kind == StageKind.OPEN:
            stage.closed_at, stage.closed_by = now(), cast.sam
        else:
            stage.opened_at, stage.opened_by = now(), cast.sam
        stage.save()
    return Application.objects.get(pk=bid.pk)


@LETTERS.scene(
    "Sign in to work on bids for Tea and Talk",
    "If you do not know this organisation, please ring us.",
    leads=["my_applications"],
    begins=drafted,
)
def colleague_added(bid: Application, cast: Cast) -> Person:
    row = actions.add_colleague(
        organisation=bid.organisation, email="new.one@example.org", by=cast.amina, at=now()
    )
    return row.person


def let_sign_in(round: Round, cast: Cast) -> Colleague:
    group = actions.start_organisation(by=cast.sam, at=now(), name="Paper People")
    actions.type_bid(
        round=round,
        organisation=group,
        lot=round.lots.get(),
        answers={},
        lines=[],
        received_on=timezone.localdate(),
        title="Tea at four",
        contact_name="Mo Ali",
        by=cast.sam,
        at=now(),
    )
    return actions.add_first_colleague(
        organisation=group,
        email="pat@example.org",
        name="Pat Paper",
        address="2 Our Road, Leeds",
        by=cast.ruth,
        at=now(),
    )


@LETTERS.scene(
    "Somebody can now sign in for Paper People",
    "They can now sign in on our site for Paper People.",
    begins=open_round,
    words=("Paper People", "Pat Paper"),
    hides=("pat@example.org",),
)
def first_colleague(round: Round, cast: Cast) -> None:
    let_sign_in(round, cast)


@LETTERS.scene(
    "Somebody can no longer sign in for Paper People",
    "They can no longer sign in for Paper People.",
    begins=open_round,
    words=("Paper People", "Pat Paper", "They do not know Pat."),
)
def first_colleague_ended(round: Round, cast: Cast) -> list[Person | None]:
    row = let_sign_in(round, cast)
    said = "They do not know Pat."
    actions.end_first_colleague(colleague=row, reason=said, by=cast.sam, at=now())
    return [None, row.person]


@LETTERS.scene(
    "Keep this: we have your bid",
    "We have your bid “Tea at four” from “Tea and Talk”. Thank you.",
    leads=["application_sent"],
    begins=drafted,
)
def bid_sent(bid: Application, cast: Cast) -> Person:
    actions.send_application(application=bid, declared_true=True, by=cast.amina, at=now())
    return cast.amina


@LETTERS.scene(
    "Send your bid",
    "This is still to do:",
    leads=["application_detail", "ask_for_fewer_letters"],
    begins=drafted,
)
def bid_unsent(bid: Application, cast: Cast) -> Person:
    """Seven days before the end, by the day's own question. One part was emptied again."""
    answer(bid, bid.round.form_questions.filter(required=True)[0].key, "")
    make_sent_bid(bid.round, cast.rival)
    last = timezone.localdate(rules.published_deadline(bid.round))
    ask_each_day(moment(last - timedelta(days=7), 9))
    return cast.amina


@LETTERS.scene(
    "Send your changed bid",
    "Did you not mean to change it? Then there is nothing to do.",
    leads=["application_detail", "ask_for_fewer_letters"],
    begins=sent,
)
def bid_changed(bid: Application, cast: Cast) -> Person:
    """Seven days before the end, by the day's own question."""
    answer(bid, "need", "More is needed than we thought.")
    last = timezone.localdate(rules.published_deadline(bid.round))
    ask_each_day(moment(last - timedelta(days=7), 9))
    return cast.amina


@LETTERS.scene(
    "you took back bid",
    "Is this a mistake? Please ring us as soon as you can.",
    words=["You took back the bid"],
    begins=sent,
)
def bid_withdrawn(bid: Application, cast: Cast) -> Person:
    actions.withdraw_application(application=bid, by=cast.amina, at=now())
    return cast.amina


@LETTERS.scene(
    "Read the answer to your question: May we pay rent?",
    "Everybody who bids can read this answer. Your name is not shown.",
    leads=["help_list"],
    words=["May we pay rent?", "Yes, you may."],
    begins=drafted,
)
def help_answered(bid: Application, cast: Cast) -> Person:
    asked = actions.ask_for_help(round=bid.round, text="May we pay rent?", by=cast.amina, at=now())
    actions.answer_help(question=asked, answer="Yes, you may.", by=cast.sam, at=now())
    return cast.amina


@LETTERS.scene(
    "you have more time",
    "You now have until",
    leads=["application_detail"],
    words=["Our post office burned."],
    begins=drafted,
)
def more_time(bid: Application, cast: Cast) -> Person:
    until = rules.published_deadline(bid.round) + timedelta(days=2)
    actions.give_extension(
        application=bid, until=until, reason="Our post office burned.", by=cast.sam, at=now()
    )
    return cast.amina


WHICH = "Say which part of Leeds."


def ask(bid: Application, cast: Cast) -> Any:
    return actions.ask_correction(
        application=bid,
        part="area",
        rule=bid.round.funder_rules.first(),
        words=WHICH,
        until=timezone.localdate() + timedelta(days=5),
        by=cast.sam,
        at=now(),
    )


@LETTERS.scene(
    "put one thing right by",
    "You can change this part only. All the rest stays as you sent it.",
    leads=["answer_correction"],
    words=[WHICH, "The work is in Leeds."],
    begins=checking,
)
def correction_asked(bid: Application, cast: Cast) -> Person:
    ask(bid, cast)
    return cast.amina


@LETTERS.scene(
    "we have what you put right",
    "All the rest is as you sent it.",
    leads=["correction_sent"],
    words=["Armley, Leeds"],
    begins=checking,
)
def correction_received(bid: Application, cast: Cast) -> Person:
    actions.answer_correction(
        correction=ask(bid, cast), value="Armley, Leeds", by=cast.amina, at=now()
    )
    return cast.amina


@LETTERS.scene(
    "your bid stays as you sent it",
    "We said no. Your bid stays as you sent it.",
    leads=["correction_sent"],
    words=["It would be another project."],
    begins=checking,
)
def correction_settled(bid: Application, cast: Cast) -> Person:
    wish = actions.wish_correction(
        application=bid,
        part="area",
        value="York",
        words="We moved.",
        by=cast.amina,
        at=now(),
    )
    actions.settle_correction(
        correction=wish,
        granted=False,
        reason="It would be another project.",
        by=cast.sam,
        at=now(),
    )
    return cast.amina


PLAIN = "Forty people eat alone here."


@LETTERS.scene(
    "Read the plain-English words beside your bid",
    "What you sent stays as it is. The words beside it say that they are not by you.",
    leads=["application_sent"],
    hides=[PLAIN],
    begins=drafted,
)
def plain_words_put(bid: Application, cast: Cast) -> Person:
    """The day after, by the day's own question."""
    Round.objects.filter(pk=bid.round_id).update(other_languages=True)
    bid = Application.objects.get(pk=bid.pk)
    part = ways.part_of("need")
    way = ways.Way(part, language="Welsh")
    actions.save_way(application=bid, way=way, before=ways.Way(part), by=cast.amina)
    answer(bid, "need", "Mae angen lle cynnes.")
    actions.send_application(application=bid, declared_true=True, by=cast.amina, at=now())
    actions.put_plainly(
        application=close_bidding(bid, cast),
        part=part,
        text=PLAIN,
        who="Sam Okafor",
        seen=0,
        by=cast.sam,
        at=now(),
    )
    ask_each_day(now() + timedelta(days=1))
    return cast.amina


@LETTERS.scene(
    "it cannot go on",
    "This says nothing about how good your idea is.",
    leads=["complain", "application_detail"],
    words=["The work is in Leeds.", "The work is in York."],
    begins=sent,
)
def not_eligible(bid: Application, cast: Cast) -> Person:
    """Once the volunteers' time to ask for it is over, by the day's own question."""
    until = rules.ask_back_until(settle(bid, eligible=False))
    assert until
    ask_each_day(moment(until + timedelta(days=1), 9))
    return cast.amina


# ---- The same letters, otherwise -------------------------------------------------------------
@LETTERS.scene(
    "Send your bid",
    "All is filled in. Check it and press “Send your bid”.",
    leads=["application_detail", "ask_for_fewer_letters"],
    begins=drafted,
)
def bid_unsent__all_filled(bid: Application, cast: Cast) -> Person:
    last = timezone.localdate(rules.published_deadline(bid.round))
    ask_each_day(moment(last - timedelta(days=1), 9))
    return cast.amina


def wish(bid: Application, cast: Cast) -> Any:
    return actions.wish_correction(
        application=bid,
        part="area",
        value="Armley, Leeds",
        words="We left it out.",
        by=cast.amina,
        at=now(),
    )


@LETTERS.scene(
    "we have what you put right",
    "Staff look at it now. We write to you with a yes or a no.",
    leads=["correction_sent"],
    words=["Armley, Leeds"],
    begins=checking,
)
def correction_received__wish(bid: Application, cast: Cast) -> Person:
    wish(bid, cast)
    return cast.amina


@LETTERS.scene(
    "yes, your change is in",
    "We said yes. It is in your bid now, as copy 2.",
    leads=["correction_sent"],
    words=["A plain slip."],
    begins=checking,
)
def correction_settled__granted(bid: Application, cast: Cast) -> Person:
    actions.settle_correction(
        correction=wish(bid, cast), granted=True, reason="A plain slip.", by=cast.sam, at=now()
    )
    return cast.amina


@pytest.fixture(scope="module")
def begun(once: Once[dict[Build, Any]]) -> dict[Build, Any]:
    return once(LETTERS.begun)


@pytest.mark.django_db
@pytest.mark.parametrize("name", LETTERS)
def test_each_letter_to_those_who_bid(name: str, begun: dict[Build, Any]) -> None:
    read_through(LETTERS[name], begun)
