"""What a volunteer tells on paper or by phone: typed by a facilitator, counted once confirmed."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from commissioning import rules
from commissioning.actions.members import (
    check_hours_given,
    check_reading_hours,
    checked_bids,
    keep_promise,
    keep_wishes,
)
from commissioning.models import AwayDays, HoursGiven, Lot, Member, TypedAnswer
from commissioning.told import told
from ledger.actions import record
from ledger.models import Letter


@transaction.atomic
def type_promise(
    *,
    member: Member,
    bids_wanted: int,
    reading_hours: int | None,
    away: Collection[tuple[date, date]],
    wishes: Mapping[Lot, bool],
    experience: Collection[str],
    by: Person,
    at: datetime,
) -> TypedAnswer:
    """Type what a volunteer offers: how much, when they are away, what they wish to read.

    It takes the place of all they said about these before, once it is confirmed.
    """
    rules.may_type_answer(member, by=by).require()
    checked_bids(bids_wanted)
    if reading_hours is not None:
        check_reading_hours(reading_hours)
    if any(last < first for first, last in away):
        raise Refused(_("The last day is before the first."))
    if any(lot.round_id != member.round_id for lot in wishes):
        raise Refused(_("Choose among what this round is for."))
    said = {
        "bids_wanted": bids_wanted,
        "reading_hours": reading_hours,
        "experience": list(experience),
        "away": [[first.isoformat(), last.isoformat()] for first, last in sorted(away)],
        "wishes": {str(lot.pk): likes for lot, likes in wishes.items()},
    }
    return _type(member, TypedAnswer.About.PROMISE, said, by=by, at=at)


@transaction.atomic
def type_hours(
    *, member: Member, stage: str, hours: Decimal, by: Person, at: datetime
) -> TypedAnswer:
    """Type about how long a stage took a volunteer."""
    rules.may_type_hours(member, stage=stage, by=by).require()
    check_hours_given(stage, hours)
    said = {"stage": str(stage), "hours": str(hours)}
    return _type(member, TypedAnswer.About.HOURS, said, by=by, at=at)


def _type(
    member: Member, about: TypedAnswer.About, said: dict[str, Any], *, by: Person, at: datetime
) -> TypedAnswer:
    """Keep it until it is confirmed. What waits of the same goes: the newest is what they said."""
    waiting = TypedAnswer.objects.select_for_update(of=("self",)).waiting()
    for row in waiting.filter(member=member, about=about):
        if row.said.get("stage") == said.get("stage"):
            _drop(row, by=by, at=at)
    typed = TypedAnswer.objects.create(
        member=member, about=about, said=said, typed_at=at, typed_by=by
    )
    write_to(
        member.person,
        "answer_typed",
        key=f"typed-answer:{typed.pk}",
        by=by,
        at=at,
        chain=member.round.chain,
        when=Letter.When.ANSWER,
        context={
            "rows": told(typed),
            "round": member.round,
            "programme": member.round.programme,
            "by": by,
            "link": f"{settings.BASE_URL}{reverse('confirm_typed_answer', args=[typed.pk])}",
        },
    )
    _record("typed_answer", typed, by=by, at=at)
    return typed


@transaction.atomic
def confirm_typed_answer(*, typed: TypedAnswer, by: Person, at: datetime) -> TypedAnswer:
    """Say that it was typed right; now it counts. By its owner, or by a second facilitator."""
    row = _locked(typed)
    rules.may_confirm_typed_answer(row, by=by).require()
    said, row.said = row.said, {}
    row.confirmed_at, row.confirmed_by = at, by
    row.save(update_fields=["said", "confirmed_at", "confirmed_by"])
    if row.about == TypedAnswer.About.HOURS:
        HoursGiven.objects.create(
            member=row.member,
            stage=said["stage"],
            hours=Decimal(said["hours"]),
            said_at=at,
            said_by=row.typed_by,
        )
    else:
        _keep(row, said, at=at)
    _record("confirmed_typed_answer", row, by=by, at=at)
    return row


def _keep(typed: TypedAnswer, said: dict[str, Any], *, at: datetime) -> None:
    """Put an offer where the volunteer's own answers stand. A lot that is gone is left out."""
    member = typed.member
    fields = {name: said[name] for name in ("bids_wanted", "reading_hours", "experience")}
    keep_promise(member=member, by=typed.typed_by, at=at, **fields)
    lots = set(member.round.lots.values_list("pk", flat=True))
    keep_wishes(
        member, {int(lot): likes for lot, likes in said["wishes"].items() if int(lot) in lots}
    )
    member.days_gone.all().delete()
    for first, last in said["away"]:
        AwayDays.objects.create(
            member=member, first_on=date.fromisoformat(first), last_on=date.fromisoformat(last)
        )


@transaction.atomic
def drop_typed_answer(*, typed: TypedAnswer, by: Person, at: datetime) -> TypedAnswer:
    """Take back what was typed wrongly, before it counted. It can be typed again."""
    row = _locked(typed)
    rules.may_drop_typed_answer(row, by=by).require()
    _drop(row, by=by, at=at)
    return row


def _drop(row: TypedAnswer, *, by: Person, at: datetime) -> None:
    row.said, row.dropped_at, row.dropped_by = {}, at, by
    row.save(update_fields=["said", "dropped_at", "dropped_by"])
    _record("dropped_typed_answer", row, by=by, at=at)


def _locked(typed: TypedAnswer) -> TypedAnswer:
    rows = TypedAnswer.objects.select_for_update(of=("self",))
    return rows.select_related("member__person", "member__round__chain", "typed_by").get(
        pk=typed.pk
    )


def _record(verb: str, typed: TypedAnswer, *, by: Person, at: datetime) -> None:
    """The entry: whose, typed by whom, about what. What was said stays out of it."""
    record(
        chain=typed.member.round.chain,
        verb=verb,
        by=by,
        at=at,
        member=typed.member_id,
        typed_answer=typed.pk,
        about=str(typed.about),
    )
