"""What a person could do next in a round: join, vote, say something, rest; or move it on."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.next_steps import NextStep, Pressing
from accounts.permissions import Permission, Verdict, holds
from commissioning import pace, rules, timetable
from commissioning.around import Around, look_around
from commissioning.models import (
    Agreement,
    AgreementVote,
    Member,
    Round,
    StageKind,
    Suggestion,
    TypedVote,
)

SOON = timedelta(days=3)
"""How long before its last day a task is said to press."""


def next_steps(person: Person, *, on: date, around: Around | None = None) -> Iterator[NextStep]:
    """Steps of this app for one person on one day."""
    if holds(person, Permission.SET_UP) or holds(person, Permission.TAKE_PART):
        around = around or look_around(person, on=on)
        if holds(person, Permission.SET_UP):
            yield from _for_facilitator(person, around.rounds, on=on)
        said = _said_so_far(around.places)
        for member in around.places:
            yield from _for_member(member, said, rest=around.rest(member, on=on), on=on)


# ---- Volunteers ------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Said:
    """What the rounds of a volunteer agreed so far and what the volunteer said, by round (id)."""

    typed: dict[int, list[int]]
    """Votes typed for the volunteer that wait for a yes (ids)."""
    agreements: dict[int, list[Agreement]]
    suggested: set[tuple[int, str]]


def _said_so_far(places: list[Member]) -> _Said:
    """Read once for all places where something may still be agreed (three queries, or none)."""
    said = _Said(defaultdict(list), defaultdict(list), set())
    members = [row for row in places if row.confirmed_at and not row.round.frozen_at]
    if not members:
        return said
    typed = TypedVote.objects.filter(
        member__in=members,
        confirmed_at=None,
        dropped_at=None,
        agreement__agreed_at=None,
        agreement__turned_down_at=None,
    )
    for round, vote in typed.order_by("pk").values_list("member__round", "pk"):
        said.typed[round].append(vote)
    voted = Exists(AgreementVote.objects.filter(agreement=OuterRef("pk"), member__in=members))
    rounds = [member.round_id for member in members]
    for row in Agreement.objects.filter(round__in=rounds).annotate(voted=voted):
        said.agreements[row.round_id].append(row)
    said.suggested.update(
        Suggestion.objects.filter(member__in=members).values_list("round", "about")
    )
    return said


def _for_member(member: Member, said: _Said, *, rest: Verdict, on: date) -> Iterator[NextStep]:
    round = member.round
    if rest:
        yield NextStep(rest.sentence, "", "", pressing=Pressing.WAITING)
        return
    if not member.joined_at:
        yield NextStep(
            _("You are invited to take part in “%(round)s”. See what is involved.")
            % {"round": round.name},
            _("See what is involved"),
            reverse("join_round", args=[round.slug]),
            minutes=10,
            pressing=Pressing.NOW,
        )
        return
    if not member.confirmed_at:
        yield NextStep(
            _("You said yes to “%(round)s”. Two volunteers who take part must confirm you now.")
            % {"round": round.name},
            "",
            "",
            pressing=Pressing.WAITING,
        )
        return
    if vars(member)["typed_answer"]:
        yield NextStep(
            _("Check what was typed for you. It counts once you say that it is right."),
            _("Check what was typed"),
            reverse("confirm_typed_answer", args=[vars(member)["typed_answer"]]),
            minutes=2,
        )
    if vars(member)["newcomers"]:
        yield NextStep(
            _("Somebody new wants to take part. Do you know them?"),
            _("See who it is"),
            reverse("confirm_newcomers", args=[round.slug]),
            minutes=2,
        )
    yield from _to_agree(member, said, on=on)
    yield from _waiting(round)


def _to_agree(member: Member, said: _Said, *, on: date) -> Iterator[NextStep]:
    """Typed votes to check, votes to give, and something to say."""
    round = member.round
    if round.frozen_at:
        return  # all was agreed before bids opened, and is fixed now
    for vote in said.typed[round.pk]:
        yield NextStep(
            _("Check the vote that was typed for you."),
            _("Check the vote"),
            reverse("confirm_typed_vote", args=[vote]),
            minutes=5,
        )
    agreements = said.agreements[round.pk]
    for row in agreements:
        under_way = row.put_at and not row.agreed_at and not row.turned_down_at
        if under_way and not vars(row)["voted"] and rules.open_for(round, row.about, on=on):
            yield _vote(round, row, on=on)
    settled = {row.about for row in agreements if row.put_at}
    for about in Suggestion.About:
        done = about in settled or (round.pk, about.value) in said.suggested
        if not done and rules.open_for(round, about, on=on):
            yield NextStep(
                _SAY[about](),
                _("Say it in your own words"),
                reverse("suggest", args=[round.slug, about.value]),
                minutes=5,
                pressing=Pressing.WHEN_YOU_LIKE,
            )


_SAY = {
    Suggestion.About.PRIORITIES: lambda: _("Say what you think the money should be for."),
    Suggestion.About.CRITERIA: lambda: _("Say what you think makes a good bid."),
}


def _vote(round: Round, agreement: Agreement, *, on: date) -> NextStep:
    agreement.round = round
    stage = rules.last_stage_for(agreement)
    presses = stage is not None and stage.closes_on - on <= SOON
    sentence = (
        _("Vote on what makes a good bid.")
        if agreement.about == Suggestion.About.CRITERIA
        else _("Vote on what to fund.")
    )
    return NextStep(
        sentence,
        _("Read and vote"),
        reverse("vote_on_agreement", args=[round.slug, agreement.pk]),
        minutes=15,
        pressing=Pressing.NOW if presses else Pressing.SOON,
    )


def _waiting(round: Round) -> Iterator[NextStep]:
    """While groups write their bids there is nothing to do, and that is said."""
    open_now = next(
        (
            row
            for row in round.stages.all()
            if row.kind == StageKind.OPEN and row.opened_at and not row.closed_at
        ),
        None,
    )
    if open_now:
        yield NextStep(
            _("Groups are writing their bids. There is nothing for you to do now."),
            "",
            "",
            pressing=Pressing.WAITING,
        )


# ---- Facilitators ----------------------------------------------------------------------------
def _for_facilitator(person: Person, rounds: list[Round], *, on: date) -> Iterator[NextStep]:
    if not rounds:
        yield NextStep(
            _("Set up the programme, and then its first round."),
            _("Begin"),
            reverse("set_up_round"),
            minutes=20,
            pressing=Pressing.NOW,
        )
    for round in rounds:
        for stage, what in _due(round, on=on):
            words = {"stage": stage, "round": round.name}
            yield NextStep(
                _("“%(stage)s” is due to close in “%(round)s”.") % words
                if what == "close"
                else _("“%(stage)s” can open in “%(round)s”.") % words,
                _("Close this stage") if what == "close" else _("Open this stage"),
                rules.address_of_move(stage, what),
                minutes=5,
                pressing=Pressing.NOW if on > stage.closes_on else Pressing.SOON,
            )
        if vars(round)["asked_to_join"]:
            yield NextStep(
                _("Somebody would like to take part. They wait to hear from you."),
                _("See who it is"),
                reverse("enquiry_list", args=[round.slug]),
                minutes=5,
            )
        answer = vars(round)["typed_answer"]
        if answer and holds(person, Permission.TYPE_FOR):
            yield NextStep(
                _("Check an answer that was typed for somebody in “%(round)s”.")
                % {"round": round.name},
                _("Check the answer"),
                reverse("confirm_typed_answer", args=[answer]),
                minutes=5,
            )
    if all(round.frozen_at for round in rounds):
        return
    typed = (
        TypedVote.objects.filter(
            confirmed_at=None,
            dropped_at=None,
            agreement__round__frozen_at=None,
            agreement__agreed_at=None,
            agreement__turned_down_at=None,
        )
        .exclude(typed_by=person)
        .first()
    )
    if typed:
        yield NextStep(
            _("Check a vote that was typed for somebody."),
            _("Check the vote"),
            reverse("confirm_typed_vote", args=[typed.pk]),
            minutes=5,
        )


def _due(round: Round, *, on: date) -> Iterator[tuple[pace.AnyStage, str]]:
    """Stages whose day to close or to open has come. Rest is kept; other apps are asked later."""
    whole = pace.all_plans(round)
    said: list[pace.AnyStage] = []
    for lot in (0, *(row.pk for row in pace.lots_apart(round))):
        stages = [row for row in pace.stages_of(round, lot) if row not in said]
        said += stages
        for stage in stages:
            if stage.opened_at and not stage.closed_at and on >= stage.closes_on:
                yield stage, "close"
        waiting = next((row for row in stages if not row.opened_at), None)
        if waiting and not timetable.may_open(whole, waiting.kind, on, lot=waiting.for_lot):
            yield waiting, "open"
