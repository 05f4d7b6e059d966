"""What this app asks people to do by a day: to say whom they know, to score, and to answer."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.reminders import Task
from commissioning.models import Member, StageKind
from commissioning.reminders import UnderWay, rounds_under_way
from panels.models import Proposal
from panels.rules import proposals, scoring, share


def tasks() -> Iterator[Task]:
    """Every open task of this app, as things stand."""
    for here in rounds_under_way():
        yield from _to_declare(here)
        yield from _to_score(here)
        yield from _to_answer(here)


def _to_declare(here: UnderWay) -> Iterator[Task]:
    stage = here.open_stage(StageKind.SHARING)
    if not stage or not stage.opened_at:
        return
    opened_on = timezone.localdate(stage.opened_at)
    for offer in share.offers(here.round, share.bids_of(here.round), on=opened_on):
        lots = sorted(offer.still_to_declare)
        if lots:
            yield here.task(
                offer.member.person,
                key=f"declare:{offer.member.pk}",
                words=_("Look at the names of the groups in “%(round)s”. Say who you know."),
                path=reverse("declare_interests", args=[lots[0]]),
                asked_at=stage.opened_at,
                last_day=stage.closes_on,
            )


def _to_score(here: UnderWay) -> Iterator[Task]:
    stage = here.open_stage(StageKind.SCORING)
    if not stage:
        return
    waiting = (
        scoring.unsent(here.round).order_by().values("member").annotate(given_at=Max("given_at"))
    )
    given_at = {row["member"]: row["given_at"] for row in waiting}
    readers = Member.objects.here().filter(round=here.round, pk__in=waiting.values("member"))
    for member in readers.select_related("person"):
        yield here.task(
            member.person,
            key=f"score:{member.pk}",
            words=_("Read your bids in “%(round)s” and send your scores."),
            path=reverse("my_bids"),
            asked_at=given_at[member.pk],
            last_day=stage.closes_on,
        )


def _to_answer(here: UnderWay) -> Iterator[Task]:
    """Members who have not answered what is put to their panel. They have some days for it."""
    waiting = Proposal.objects.filter(settled_at=None, panel__round=here.round)
    for proposal in waiting.select_related("panel__lot"):
        seats = proposals.entitled_to(proposal).exclude(votes__proposal=proposal)
        for seat in seats.select_related("member__person"):
            yield here.task(
                seat.member.person,
                key=f"answer:{proposal.pk}:{seat.pk}",
                words=_("Answer what is put to your panel, in “%(round)s”."),
                path=reverse("proposal_detail", args=[proposal.pk]),
                asked_at=proposal.put_at,
                last_day=timezone.localdate(proposal.put_at)
                + timedelta(days=proposals.DAYS_TO_ANSWER),
            )
