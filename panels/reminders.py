"""What this app asks people to do by a day: to say whom they know, to score, and to answer."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db.models import F, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.reminders import Task
from commissioning import pace
from commissioning.models import LotStage, Member, StageKind
from commissioning.reminders import UnderWay
from panels.models import Proposal
from panels.rules import proposals, scoring, share


def tasks(rounds: Iterable[UnderWay]) -> Iterator[Task]:
    """Every open task of this app in these rounds, as things stand."""
    for here in rounds:
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
    """A task for each stage that is open: who reads for two panels with own days has two."""
    readers = Member.objects.here().filter(round=here.round).select_related("person")
    for stage in here.open_stages(StageKind.SCORING):
        left = scoring.unsent(here.round).filter(member=OuterRef("pk"))
        if here.round.has_own_days:
            left = left.filter(application__lot__in=pace.lots_under(stage))
        newest = Subquery(left.order_by("-given_at").values("given_at")[:1])
        for member in readers.annotate(given_at=newest).exclude(given_at=None):
            apart = isinstance(stage, LotStage)
            # Who reads for one panel keeps the task they had before it got days of its own.
            several = len(here.lots.get((here.round.pk, member.person_id), ())) > 1
            yield here.task(
                member.person,
                key=f"score:{member.pk}" + (f":{stage.for_lot}" if apart and several else ""),
                words=_("Read your bids of “%(lot)s” in “%(round)s” and send your scores.")
                if apart
                else _("Read your bids in “%(round)s” and send your scores."),
                path=reverse("my_bids"),
                asked_at=vars(member)["given_at"],
                last_day=stage.closes_on,
                lot=stage.for_lot,
                lot_name=stage.lot.name if isinstance(stage, LotStage) else "",
            )


def _to_answer(here: UnderWay) -> Iterator[Task]:
    """Members who have not answered what is put to their panel. They have some days for it."""
    waiting = Proposal.objects.filter(settled_at=None, panel__round=here.round)
    with_votes = list(waiting.select_related("panel").annotate(voter=F("votes__seat")))
    if not with_votes:
        return
    answered = {(row.pk, vars(row)["voter"]) for row in with_votes}
    rows = {row.pk: row for row in with_votes}.values()
    tables = proposals.tables([row.panel for row in rows])
    for row in rows:
        for seat in tables.entitled_to(row):
            if (row.pk, seat.pk) in answered:
                continue
            yield here.task(
                seat.member.person,
                key=f"answer:{row.pk}:{seat.pk}",
                words=_("Answer what is put to your panel, in “%(round)s”."),
                path=reverse("proposal_detail", args=[row.pk]),
                asked_at=row.put_at,
                last_day=timezone.localdate(row.put_at) + timedelta(days=proposals.DAYS_TO_ANSWER),
                lot=row.panel.lot_id,
            )
