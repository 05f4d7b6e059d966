"""Who is owed a reminder of this app's tasks on a day: to answer an invitation, and to vote.

At most two letters a task: one up to three days before its last day, one on the day. After that
the facilitator's call list takes over. Nobody is reminded in a rest or on a break.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Break
from accounts.reminders import Owed
from commissioning import rules
from commissioning.models import Agreement, Member, Round, StageKind

BEFORE = timedelta(days=3)


def owed(on: date) -> list[Owed]:
    """Every reminder owed on this day. The keys make sure that each goes once."""
    away = set(Break.objects.on(on).values_list("person", flat=True))
    rounds = Round.objects.filter(frozen_at=None).select_related("programme", "chain")
    found: list[Owed] = []
    for round in rounds.prefetch_related("stages"):
        if not rules.resting(round, on=on):
            found += [*_to_join(round, on), *_to_vote(round, on)]
    return [one for one in found if one.person.pk not in away]


def _which(last_day: date, asked_on: date, on: date) -> str:
    """The reminder for this day: "before", "on-day" or none."""
    if on == last_day:
        return "on-day" if asked_on < on else ""
    near = on < last_day <= on + BEFORE
    return "before" if near and asked_on + BEFORE <= on else ""


def _to_join(round: Round, on: date) -> Iterator[Owed]:
    stage = next((row for row in round.stages.all() if row.kind == StageKind.JOIN), None)
    if not stage or not stage.opened_at or stage.closed_at:
        return
    waiting = Member.objects.filter(round=round, joined_at=None, ended_at=None)
    for member in waiting.select_related("person"):
        which = _which(stage.closes_on, timezone.localdate(member.invited_at), on)
        if which:
            yield _owed(
                round, member, "join_reminder", which, f"member:{member.pk}", stage.closes_on
            )


def _to_vote(round: Round, on: date) -> Iterator[Owed]:
    votes = round.agreements.filter(agreed_at=None, turned_down_at=None).exclude(put_at=None)
    for agreement in votes:
        agreement.round = round
        stage = rules.last_stage_for(agreement)
        which = _which(stage.closes_on, _put_on(agreement), on) if stage else ""
        if not stage or not which:
            continue
        waiting = (
            Member.objects.here()
            .filter(round=round)
            .exclude(agreement_votes__agreement=agreement)
            .exclude(typed_votes__in=agreement.typed_votes.filter(dropped_at=None))
        )
        for member in waiting.select_related("person"):
            key = f"agreement:{agreement.pk}:member:{member.pk}"
            yield _owed(round, member, "vote_reminder", which, key, stage.closes_on, agreement)


def _put_on(agreement: Agreement) -> date:
    return timezone.localdate(agreement.put_at) if agreement.put_at else date.max


def _owed(
    round: Round,
    member: Member,
    name: str,
    which: str,
    key: str,
    closes_on: date,
    agreement: Agreement | None = None,
) -> Owed:
    page = (
        reverse("vote_on_agreement", args=[round.slug, agreement.pk])
        if agreement
        else reverse("join_round", args=[round.slug])
    )
    return Owed(
        person=member.person,
        chain=round.chain,
        name=name,
        key=f"{name}:{key}:{which}",
        context={
            "round": round,
            "programme": round.programme,
            "member": member,
            "agreement": agreement,
            "closes_on": closes_on,
            "link": f"{settings.BASE_URL}{page}",
        },
    )
