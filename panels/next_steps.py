"""What a person could do next here: a volunteer's reading, a facilitator's sharing and answers."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person
from accounts.next_steps import NextStep, Pressing
from accounts.permissions import Permission, holds
from commissioning.around import Around, look_around, was_closed, was_opened
from commissioning.models import StageKind
from panels import meeting_steps
from panels.models import Question, Steered
from panels.rules.desk import Desk, desks, facts_of_member, minutes_to_read
from panels.rules.influence import may_hear, who_hears


def next_steps(person: Person, *, on: date, around: Around | None = None) -> Iterator[NextStep]:
    """Steps of this app for one person on one day. Nothing is due to somebody who rests."""
    around = around or look_around(person, on=on, facts=facts_of_member())
    if holds(person, Permission.READ_BIDS):
        for desk in _desks(person, around, on=on):
            yield from _reading(desk)
    if holds(person, Permission.LOOK_AFTER):
        yield from _answering()
    if may_hear(person):
        yield from _hearing()
    if holds(person, Permission.RUN_MEETINGS):
        yield from _nobody_hears(around)
    yield from meeting_steps.next_steps(person, on=on, around=around)


def _desks(person: Person, around: Around, *, on: date) -> list[Desk]:
    """The desks of rounds where bids are being shared out or read, or typed scores may wait."""
    here = [
        place
        for place in around.awake(on=on)
        if was_opened(place.round, StageKind.SHARING)
        and not was_closed(place.round, StageKind.SHORTLIST)
    ]
    return desks(person, here) if here else []


def _reading(desk: Desk) -> Iterator[NextStep]:
    """What lies on a volunteer's desk, the first thing of each kind."""
    for lot in desk.may_declare[:1]:
        yield NextStep(
            _("Say who you know in “%(lot)s”.") % {"lot": lot},
            _("Look at the names"),
            reverse("declare_interests", args=[lot.pk]),
            minutes=10,
            pressing=Pressing.NOW,
        )
    for waiting in desk.waiting[:1]:
        yield NextStep(
            _("Check the scores that were typed for you."),
            _("Check them"),
            reverse("confirm_typed_scores", args=[waiting.waiting_sheet]),
            minutes=5,
            pressing=Pressing.NOW,
        )
    for following in desk.to_read[:1]:
        left = len(desk.to_read)
        yield NextStep(
            # The minutes beside it are for one bid, so the sentence speaks of one.
            ngettext(
                "Read your next bid. It is your last one.",
                "Read your next bid. You have %(count)s left to read.",
                left,
            )
            % {"count": left},
            _("Go to the next bid"),
            reverse("read_bid", args=[following.assignment.pk]),
            minutes=minutes_to_read(following),
        )
    if desk.readings and not desk.replied and not desk.sent:
        yield NextStep(
            _("Say if your share of bids is right for you."),
            _("Look at your share"),
            reverse("reply_to_share", args=[desk.member.pk]),
            minutes=5,
            pressing=Pressing.WHEN_YOU_LIKE,
        )


def _nobody_hears(around: Around) -> Iterator[NextStep]:
    """From the day bids open a round needs somebody outside the staff to hear of steering."""
    under_way = any(
        was_opened(round, StageKind.OPEN) and not was_closed(round, StageKind.REPORT)
        for round in around.rounds
    )
    if under_way and not who_hears().exists():
        yield NextStep(
            _(
                "Nobody is named who hears it when a volunteer felt steered. "
                "Ask an administrator to name somebody who is not one of the staff."
            ),
            _("See who can do what"),
            reverse("who_can_do_what"),
            minutes=5,
            pressing=Pressing.NOW,
        )


def _hearing() -> Iterator[NextStep]:
    """Members who felt steered, for whoever hears it: what waits, or the way to what was heard."""
    waiting = Steered.objects.filter(heard_at=None).order_by("said_at").first()
    if waiting:
        yield NextStep(
            _("A panel member felt steered, and waits for you."),
            _("Read it"),
            reverse("settle_steered", args=[waiting.pk]),
            minutes=20,
            pressing=Pressing.NOW,
        )
    yield NextStep(
        _("Here is all that members said of being steered."),
        _("See it"),
        reverse("steered_list"),
        pressing=Pressing.WHEN_YOU_LIKE,
    )


def _answering() -> Iterator[NextStep]:
    """Questions of panels that wait for an answer."""
    waiting = list(Question.objects.filter(answered_at=None).order_by("asked_at")[:100])
    if waiting:
        yield NextStep(
            ngettext(
                "%(count)s question of a panel waits for an answer.",
                "%(count)s questions of panels wait for an answer.",
                len(waiting),
            )
            % {"count": len(waiting)},
            _("Answer the first one"),
            reverse("answer_panel_question", args=[waiting[0].pk]),
            minutes=10,
        )
