"""Inviting volunteers, their honest yes, what they promise, and leaving without blame."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to, write_to_all
from accounts.models import Person
from accounts.permissions import Refused
from commissioning import rules
from commissioning.hours import ASKED_ABOUT, estimates_before
from commissioning.models import (
    AwayDays,
    Confirmation,
    HoursGiven,
    Lot,
    LotWish,
    Member,
    Promise,
    Round,
)
from commissioning.workload import Workload
from ledger.actions import record
from ledger.models import Letter
from ledger.trail import digest

FEWEST_BIDS, MOST_BIDS = 2, 19
FEWEST_HOURS, MOST_HOURS = 2, 200


@transaction.atomic
def invite_volunteer(
    *, round: Round, person: Person, by: Person, at: datetime, agreed: bool = False
) -> Member:
    """Invite a volunteer into a round. After sharing out began only with `agreed` by the panel."""
    rules.may_invite(round, person, by=by, agreed=agreed).require()
    member = Member.objects.create(round=round, person=person, invited_at=at, invited_by=by)
    write_to(
        person,
        "round_invitation",
        key=f"member:{member.pk}:invited",
        by=by,
        at=at,
        chain=round.chain,
        when=Letter.When.ANSWER,
        context=_letter_facts(member, by=by, page="join_round"),
    )
    record(
        chain=round.chain,
        verb="invited_volunteer",
        by=by,
        at=at,
        member=member.pk,
        person=person.pk,
        agreed=agreed,
    )
    return member


@transaction.atomic
def join_round(
    *,
    member: Member,
    bids_wanted: int,
    keeps_confidence: bool,
    by: Person,
    at: datetime,
    days_away: str = "",
    hopes: str = "",
    experience: Iterable[str] = (),
    has_scored_before: bool = False,
    may_be_named: bool = False,
) -> Member:
    """Say yes after the honest estimate. A facilitator may type it; the person gets a receipt.

    `keeps_confidence`: they agreed to keep bids to themselves; without it there is no yes. After
    the first vote of the round they count only once two others have confirmed them.
    """
    rules.may_join(member, by=by).require()
    if not keeps_confidence:
        raise Refused(_("To take part, please agree to keep the bids to yourself."))
    load = estimates_before(member.round, checked_bids(bids_wanted))[0]
    hours = load.total
    member.bids_wanted, member.hours_low, member.hours_high = bids_wanted, hours.low, hours.high
    member.days_away, member.hopes, member.experience = days_away, hopes, list(experience)
    member.has_scored_before, member.may_be_named = has_scored_before, may_be_named
    member.joined_at, member.joined_by = at, by
    counts = not rules.first_list_closed(member.round)
    if counts:
        member.confirmed_at, member.confirmed_by = at, by
    member.save(
        update_fields=[
            "bids_wanted",
            "hours_low",
            "hours_high",
            "days_away",
            "hopes",
            "experience",
            "has_scored_before",
            "may_be_named",
            "joined_at",
            "joined_by",
            "confirmed_at",
            "confirmed_by",
        ]
    )
    _keep_promise(member, load, Promise.When.JOINED, by=by, at=at)
    write_to(
        member.person,
        "round_joined",
        key=f"member:{member.pk}:joined",
        by=by,
        at=at,
        chain=member.round.chain,
        when=Letter.When.ANSWER,
        context=_letter_facts(member, by=by, page="my_promise"),
    )
    record(
        chain=member.round.chain,
        verb="joined_round",
        by=by,
        at=at,
        member=member.pk,
        bids_wanted=bids_wanted,
        hours=[str(hours.low), str(hours.high)],
        confidentiality=digest(member.round.programme.agreement),
        counts=counts,
    )
    if not counts:
        _ask_to_confirm(member.round, by=by, at=at)
    return member


def _ask_to_confirm(round: Round, *, by: Person, at: datetime) -> None:
    """Tell all who count that somebody new waits: one letter a day, however many say yes."""
    day = timezone.localdate(at)
    members = round.members.here().select_related("person")
    write_to_all(
        [(f"newcomers:{round.pk}:{day}:{member.pk}", member.person) for member in members],
        "newcomers",
        by=by,
        at=at,
        chain=round.chain,
        context={
            "round": round,
            "programme": round.programme,
            "link": f"{settings.BASE_URL}{reverse('confirm_newcomers', args=[round.slug])}",
        },
    )


@transaction.atomic
def confirm_newcomers(
    *, round: Round, members: Collection[Member], by: Person, at: datetime
) -> list[Member]:
    """Say that newcomers are real people whom one knows. Gives those who count from now on."""
    place = Member.objects.here().filter(round=round, person=by).first()
    if place is None:
        raise Refused(_("Only volunteers of this round confirm somebody new."))
    if not members:
        raise Refused(_("Tick at least one person."))
    wanted = [member.pk for member in members]
    rows = list(
        Member.objects.select_for_update(of=("self",))
        .filter(pk__in=wanted, round=round)
        .select_related("person", "round__programme", "round__chain")
        .order_by("pk")
    )
    for row in rows:
        rules.may_confirm(row, by=by).require()
        Confirmation.objects.create(member=row, confirmer=place, made_at=at)
    counting = [row for row in rows if row.confirmations.count() >= rules.CONFIRMERS]
    for row in counting:
        _now_counts(row, by=by, at=at)
    record(
        chain=round.chain,
        verb="confirmed_newcomers",
        by=by,
        at=at,
        members=[row.pk for row in rows],
        counting=[row.pk for row in counting],
    )
    return counting


@transaction.atomic
def confirm_by_panel(*, member: Member, by: Person, at: datetime) -> Member:
    """A panel agreed to this newcomer: they count from now on. The database looks for its vote."""
    row = (
        Member.objects.select_for_update(of=("self",))
        .select_related("round__chain")
        .get(pk=member.pk)
    )
    if row.confirmed_at or row.ended_at or not row.joined_at:
        return row
    _now_counts(row, by=by, at=at)
    record(chain=row.round.chain, verb="panel_confirmed_newcomer", by=by, at=at, member=row.pk)
    return row


def _now_counts(member: Member, *, by: Person, at: datetime) -> None:
    member.confirmed_at, member.confirmed_by = at, by
    member.save(update_fields=["confirmed_at", "confirmed_by"])
    write_to(
        member.person,
        "place_confirmed",
        key=f"member:{member.pk}:confirmed",
        by=by,
        at=at,
        chain=member.round.chain,
        context=_letter_facts(member, by=by, page="round_welcome"),
    )


@transaction.atomic
def change_promise(*, member: Member, by: Person, at: datetime, **fields: Any) -> Member:
    """Change what one promised (bids_wanted, reading_hours, days_away, hopes, experience,
    may_be_named, has_scored_before), at any time and with no reason asked.
    """
    rules.may_change_promise(member, by=by).require()
    if keep_promise(member=member, by=by, at=at, **fields):
        _promise_changed(member, by=by, at=at)
    return member


def keep_promise(*, member: Member, by: Person, at: datetime, **fields: Any) -> list[str]:
    """Store a promise that was changed by its giver, or typed (`by`) and confirmed. What changed.

    Whoever calls asks the rule, and records it.
    """
    known = {
        "bids_wanted",
        "reading_hours",
        "days_away",
        "hopes",
        "experience",
        "may_be_named",
        "has_scored_before",
    }
    if set(fields) - known:
        raise TypeError(f"A promise has nothing of this name: {sorted(set(fields) - known)}")
    changed = [name for name, value in fields.items() if getattr(member, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(member, name, fields[name])
    if "reading_hours" in changed and member.reading_hours is not None:
        check_reading_hours(member.reading_hours)
    if "bids_wanted" in changed:
        load = estimates_before(member.round, checked_bids(member.bids_wanted))[0]
        member.hours_low, member.hours_high = load.total.low, load.total.high
        _keep_promise(member, load, Promise.When.CHANGED, by=by, at=at)
        changed += ["hours_low", "hours_high"]
    member.save(update_fields=changed)
    return changed


def _promise_changed(member: Member, *, by: Person, at: datetime) -> None:
    """The entry. What was said about days away, hopes, wishes and experience stays out of it."""
    record(
        chain=member.round.chain,
        verb="changed_promise",
        by=by,
        at=at,
        member=member.pk,
        bids_wanted=member.bids_wanted,
    )


@transaction.atomic
def add_away_days(
    *, member: Member, first_on: date, last_on: date, by: Person, at: datetime
) -> AwayDays:
    """Say from when to when one is away. Reading and interviews are planned round it."""
    rules.may_change_promise(member, by=by).require()
    if last_on < first_on:
        raise Refused(_("The last day is before the first."))
    made, _new = AwayDays.objects.get_or_create(member=member, first_on=first_on, last_on=last_on)
    _promise_changed(member, by=by, at=at)
    return made


@transaction.atomic
def drop_away_days(*, days: AwayDays, by: Person, at: datetime) -> None:
    """Say that one is there after all."""
    rules.may_change_promise(days.member, by=by).require()
    days.delete()
    _promise_changed(days.member, by=by, at=at)


@transaction.atomic
def say_wishes(*, member: Member, wishes: Mapping[Lot, bool], by: Person, at: datetime) -> None:
    """Say what one would like to read about (true), or would rather not (false)."""
    rules.may_change_promise(member, by=by).require()
    if any(lot.round_id != member.round_id for lot in wishes):
        raise Refused(_("Choose among what this round is for."))
    if keep_wishes(member, {lot.pk: likes for lot, likes in wishes.items()}):
        _promise_changed(member, by=by, at=at)


def keep_wishes(member: Member, wishes: Mapping[int, bool]) -> bool:
    """Store wishes by lot (id). Whether they differ from before; whoever calls records it."""
    if wishes == {wish.lot_id: wish.likes for wish in member.lot_wishes.all()}:
        return False
    member.lot_wishes.all().delete()
    LotWish.objects.bulk_create(
        LotWish(member=member, lot_id=lot, likes=likes) for lot, likes in wishes.items()
    )
    return True


@transaction.atomic
def promise_again(*, member: Member, load: Workload, bids: int, by: Person, at: datetime) -> None:
    """The bids are shared out and the hours worked out from them: this is what was told now.

    Whoever calls records what the member answered.
    """
    member.hours_low, member.hours_high = load.total.low, load.total.high
    member.save(update_fields=["hours_low", "hours_high"])
    _keep_promise(member, load, Promise.When.SHARED, by=by, at=at, bids=bids)


@transaction.atomic
def say_hours(
    *, member: Member, stage: str, hours: Decimal, by: Person, at: datetime
) -> HoursGiven:
    """About how long a stage took, said by the member. To type it for them see `type_hours`."""
    rules.may_say_hours(member, by=by).require()
    check_hours_given(stage, hours)
    row = HoursGiven.objects.create(member=member, stage=stage, hours=hours, said_at=at, said_by=by)
    record(
        chain=member.round.chain,
        verb="said_hours",
        by=by,
        at=at,
        member=member.pk,
        stage=str(stage),
        hours=str(hours),
    )
    return row


def check_hours_given(stage: str, hours: Decimal) -> None:
    """Refuse hours that nobody asks about, or that cannot be."""
    if stage not in ASKED_ABOUT:
        raise Refused(_("Nobody is asked about this stage."))
    if not 0 <= hours <= MOST_HOURS:
        raise Refused(_("Type a number of hours from 0 to 200."))


def _keep_promise(
    member: Member,
    load: Workload,
    when: Promise.When,
    *,
    by: Person,
    at: datetime,
    bids: int | None = None,
) -> None:
    Promise.objects.create(
        member=member,
        when=when,
        bids=member.bids_wanted if bids is None else bids,
        reading=load.bids.low,
        hours_low=load.total.low,
        hours_high=load.total.high,
        said_at=at,
        said_by=by,
    )


@transaction.atomic
def leave_round(*, member: Member, by: Person, at: datetime, agreed: bool = False) -> Member:
    """End a place, or say no to an invitation. No reason is asked; what was offered is let go."""
    rules.may_leave(member, by=by, agreed=agreed).require()
    had_joined = member.joined_at is not None
    member.ended_at, member.ended_by = at, by
    member.days_away, member.experience, member.reading_hours = "", [], None
    member.save(update_fields=["ended_at", "ended_by", "days_away", "experience", "reading_hours"])
    member.days_gone.all().delete()
    member.lot_wishes.all().delete()
    member.format_needs.all().delete()
    for row in member.typed_answers.filter(confirmed_at=None, dropped_at=None):
        row.said, row.dropped_at, row.dropped_by = {}, at, by
        row.save(update_fields=["said", "dropped_at", "dropped_by"])
    write_to(
        member.person,
        "round_left",
        key=f"member:{member.pk}:left",
        by=by,
        at=at,
        chain=member.round.chain,
        when=Letter.When.ANSWER,
        context={**_letter_facts(member, by=by, page=""), "had_joined": had_joined},
    )
    record(
        chain=member.round.chain,
        verb="left_round" if had_joined else "said_no_to_round",
        by=by,
        at=at,
        member=member.pk,
        agreed=agreed,
    )
    return member


def checked_bids(bids: int) -> int:
    """A number of bids, refused where nobody may offer it."""
    if not FEWEST_BIDS <= bids <= MOST_BIDS:
        raise Refused(_("Choose a number of bids from 2 to 19."))
    return bids


def check_reading_hours(hours: int) -> None:
    """Refuse a limit of hours that nobody may set."""
    if not FEWEST_HOURS <= hours <= MOST_HOURS:
        raise Refused(_("Choose a number of hours from 2 to 200, or leave it empty."))


def _letter_facts(member: Member, *, by: Person, page: str) -> dict[str, Any]:
    link = f"{settings.BASE_URL}{reverse(page, args=[member.round.slug])}" if page else ""
    return {
        "member": member,
        "round": member.round,
        "programme": member.round.programme,
        "by": by,
        "typed": by.pk != member.person_id,
        "link": link,
    }
