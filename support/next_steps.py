"""What a person could do next here: finish getting ready, or answer what was asked for."""

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
from support.models import Adjustment, Look, Worry
from support.rules import look_asked_now, training_left

FROM_TRAINING_ON = (StageKind.TRAINING, StageKind.CRITERIA, StageKind.SHARING, StageKind.SCORING)


def next_steps(person: Person, *, on: date, around: Around | None = None) -> Iterator[NextStep]:
    """Steps of this app for one person on one day."""
    if holds(person, Permission.TAKE_PART):
        around = around or look_around(person, on=on)
        yield from _get_ready(around, on)
        yield from _look_back(around, on)
    if holds(person, Permission.LOOK_AFTER):
        yield from _answer_adjustments()
    if holds(person, Permission.HEAR_WORRIES):
        yield _hear()
    if holds(person, Permission.HELP_ONE):
        yield NextStep(
            sentence=_("Here is whom you help, and what you sign first."),
            button=_("See whom I help"),
            url=reverse("helping_list"),
            pressing=Pressing.WHEN_YOU_LIKE,
        )


def _hear() -> NextStep:
    """Worries that wait for the safeguarding lead; or the way to those that were looked into."""
    if Worry.objects.filter(heard_at=None).exists():
        return NextStep(
            sentence=_("Somebody is worried about a person, and waits for you."),
            button=_("Read it"),
            url=reverse("worry_list"),
            minutes=20,
            pressing=Pressing.NOW,
        )
    return NextStep(
        sentence=_("Here is what people told you of their worries."),
        button=_("See it"),
        url=reverse("worry_list"),
        pressing=Pressing.WHEN_YOU_LIKE,
    )


def _get_ready(around: Around, on: date) -> Iterator[NextStep]:
    for member in around.awake(on=on):
        asked = any(was_opened(member.round, kind) for kind in FROM_TRAINING_ON)
        if not asked or was_closed(member.round, StageKind.SCORING):
            continue
        # Whoever looked around may know already that nothing is left.
        left = training_left(member) if vars(member).get("untrained", True) else []
        if left:
            words = ngettext(
                "Get ready: there is %(left)s short topic to read.",
                "Get ready: there are %(left)s short topics to read.",
                len(left),
            )
            yield NextStep(
                sentence=words % {"left": len(left)},
                button=_("Get ready"),
                url=reverse("training_list", args=[member.round.slug]),
                minutes=sum(topic.minutes for topic in left),
                pressing=Pressing.SOON,
            )


def _look_back(around: Around, on: date) -> Iterator[NextStep]:
    """The short questions before and after, while they are asked and not answered. Optional."""
    asked = {row: when for row in around.awake(on=on) if (when := look_asked_now(row.round))}
    said = set(Look.objects.filter(member__in=asked).values_list("member", "when")) if asked else ()
    for member, when in asked.items():
        if (member.pk, when) in said:
            continue
        before = when == Look.When.BEFORE
        yield NextStep(
            sentence=_("You may say how sure you feel before we begin.")
            if before
            else _("You may say what taking part did for you."),
            button=_("Answer 8 short questions"),
            url=reverse("my_look", args=[member.round.slug]),
            minutes=5,
            pressing=Pressing.WHEN_YOU_LIKE,
        )


def _answer_adjustments() -> Iterator[NextStep]:
    waiting = Adjustment.objects.filter(agreed_at=None, ended_at=None)
    first = waiting.select_related("member__round").first()
    if first:
        yield NextStep(
            sentence=_("Somebody has asked for something that would help them."),
            button=_("Read and answer"),
            url=reverse("adjustment_list", args=[first.member.round.slug]),
            minutes=5,
            pressing=Pressing.SOON,
        )
