"""Setting up a round: its money, its lots and the funder's rules. Fixed once bids open."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Refused, Verdict
from commissioning import rules, timetable
from commissioning.limits import trouble_with
from commissioning.models import FunderRule, Lot, Programme, Round, Stage
from ledger.actions import chain_for, record
from ledger.trail import digest

ALWAYS = ("name", "about", "involved", "if_not", "bids_expected")
"""What may still be put into better words after bids have opened."""

UNTIL_BIDS_OPEN = (
    "envelope",
    "delegation",
    "trustees_ratify",
    "award_kind",
    "middle",
    "reason_for",
    "readers_per_bid",
    "quorum",
    "deadline_time",
    "grace_minutes",
    "other_languages",
    "video_links",
)


@transaction.atomic
def set_up_round(
    *,
    programme: Programme,
    name: str,
    envelope: Decimal,
    first_day: date,
    by: Person,
    at: datetime,
    slug: str = "",
    **fields: Any,
) -> Round:
    """Make a round with its own trail and all its stages, laid out from a first day.

    `fields` are any of the round's other words and choices (about, delegation, award_kind …).
    """
    rules.may_set_up(by).require()
    slug = _free_slug(slug or slugify(name))
    round = Round.objects.create(
        programme=programme,
        chain=chain_for(f"round:{slug}"),
        name=name,
        slug=slug,
        envelope=envelope,
        made_at=at,
        made_by=by,
        **fields,
    )
    Stage.objects.bulk_create(
        Stage(
            round=round,
            kind=plan.kind,
            order=order,
            opens_on=plan.opens_on,
            closes_on=plan.closes_on,
            recovery_days=plan.recovery_days,
        )
        for order, plan in enumerate(timetable.laid_out(first_day), start=1)
    )
    record(
        chain=round.chain,
        verb="set_up_round",
        by=by,
        at=at,
        round=round.pk,
        envelope=str(envelope),
        first_day=first_day.isoformat(),
    )
    return round


def _free_slug(wanted: str) -> str:
    # The chain's key is "round:" and the slug, and has room for 60 letters.
    base = wanted[:48].strip("-") or "round"
    taken = set(Round.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


@transaction.atomic
def change_round(*, round: Round, by: Person, at: datetime, **fields: Any) -> Round:
    """Change a round's words, and until bids open its money and choices too."""
    rules.may_set_up(by).require()
    round = Round.objects.select_for_update().get(pk=round.pk)
    unknown = set(fields) - {*ALWAYS, *UNTIL_BIDS_OPEN}
    if unknown:
        raise TypeError(f"A round has nothing of this name to change: {sorted(unknown)}")
    changed = [name for name, value in fields.items() if getattr(round, name) != value]
    if not changed:
        return round
    if set(changed) & set(UNTIL_BIDS_OPEN):
        rules.may_change_money(round, by=by).require()
    for name in changed:
        setattr(round, name, fields[name])
    if "envelope" in changed:
        rules.fits_the_money(round, limits={}).require()
    round.save(update_fields=changed)
    record(
        chain=round.chain,
        verb="changed_round",
        by=by,
        at=at,
        round=round.pk,
        fields=sorted(changed),
        envelope=str(round.envelope),
    )
    return round


# ---- The funder's rules ----------------------------------------------------------------------
@transaction.atomic
def add_funder_rule(
    *,
    round: Round,
    text: str,
    by: Person,
    at: datetime,
    order: int | None = None,
    only_tells: bool = False,
) -> FunderRule:
    """Add a rule of the funder in plain words. Refused once bids have opened.

    `only_tells`: no bid can break it, so no bid is held against it.
    """
    rules.may_change_money(round, by=by).require()
    last = round.funder_rules.aggregate(last=Max("order"))["last"] or 0
    rule = FunderRule.objects.create(
        round=round, text=text, order=order or last + 1, only_tells=only_tells
    )
    record(
        chain=round.chain,
        verb="added_funder_rule",
        by=by,
        at=at,
        funder_rule=rule.pk,
        text=digest(text),
        only_tells=only_tells,
    )
    return rule


@transaction.atomic
def change_funder_rule(
    *, rule: FunderRule, text: str, by: Person, at: datetime, only_tells: bool | None = None
) -> FunderRule:
    """Put a rule of the funder in better words, or say whether a bid can break it; `only_tells`
    left out stays as it was. Refused once bids have opened."""
    rules.may_change_money(rule.round, by=by).require()
    only_tells = rule.only_tells if only_tells is None else only_tells
    if (rule.text, rule.only_tells) == (text, only_tells):
        return rule
    rule.text, rule.only_tells = text, only_tells
    rule.save(update_fields=["text", "only_tells"])
    record(
        chain=rule.round.chain,
        verb="changed_funder_rule",
        by=by,
        at=at,
        funder_rule=rule.pk,
        text=digest(text),
        only_tells=only_tells,
    )
    return rule


@transaction.atomic
def set_rule_limits(
    *, rule: FunderRule, looks_for: str, limits: dict[str, Any], by: Person, at: datetime
) -> FunderRule:
    """Say what the program looks at for a rule, and what it compares with; nothing when empty.

    `limits` are as `commissioning.limits` has them. Refused once bids have opened.
    """
    rules.may_change_money(rule.round, by=by).require()
    for sentence in trouble_with(looks_for, limits).values():
        raise Refused(sentence)
    if (rule.looks_for, rule.limits) == (looks_for, limits):
        return rule
    rule.looks_for, rule.limits = looks_for, limits
    rule.save(update_fields=["looks_for", "limits"])
    record(
        chain=rule.round.chain,
        verb="set_rule_limits",
        by=by,
        at=at,
        funder_rule=rule.pk,
        looks_for=str(looks_for),
        limits=digest(json.dumps(limits, sort_keys=True)),
    )
    return rule


@transaction.atomic
def remove_funder_rule(*, rule: FunderRule, by: Person, at: datetime) -> None:
    """Take a rule out. Refused once bids have opened, or when an objection cites it."""
    rules.may_change_money(rule.round, by=by).require()
    round, pk = rule.round, rule.pk
    try:
        rule.delete()
    except ProtectedError:
        Verdict.no(_("Somebody has already referred to this rule. It must stay.")).require()
    record(chain=round.chain, verb="removed_funder_rule", by=by, at=at, funder_rule=pk)


# ---- Lots ------------------------------------------------------------------------------------
@transaction.atomic
def add_lot(
    *,
    round: Round,
    name: str,
    limit: Decimal,
    by: Person,
    at: datetime,
    about: str = "",
    slug: str = "",
    order: int | None = None,
) -> Lot:
    """Add a lot with its most money in pounds. Refused past the envelope, or once bids opened."""
    rules.may_change_money(round, by=by).require()
    _lock(round)
    slug = slug or rules.lot_slug(name)
    if round.lots.filter(slug=slug).exists():
        Verdict.no(_("There is a lot with this name already. Choose another name.")).require()
    rules.fits_the_money(round, limits={slug: limit}).require()
    last = round.lots.aggregate(last=Max("order"))["last"] or 0
    lot = Lot.objects.create(
        round=round, name=name, slug=slug, about=about, limit=limit, order=order or last + 1
    )
    record(chain=round.chain, verb="added_lot", by=by, at=at, lot=lot.pk, limit=str(limit))
    return lot


@transaction.atomic
def change_lot(
    *,
    lot: Lot,
    by: Person,
    at: datetime,
    name: str | None = None,
    about: str | None = None,
    limit: Decimal | None = None,
) -> Lot:
    """Change a lot that staff made. Refused for one agreed by vote, and once bids have opened."""
    rules.may_change_lot(lot, by=by).require()
    _lock(lot.round)
    wanted = {"name": name, "about": about, "limit": limit}
    changed = [
        field
        for field, value in wanted.items()
        if value is not None and getattr(lot, field) != value
    ]
    if not changed:
        return lot
    if limit is not None:
        rules.fits_the_money(lot.round, limits={lot.slug: limit}).require()
    for field in changed:
        setattr(lot, field, wanted[field])
    lot.save(update_fields=changed)
    record(
        chain=lot.round.chain,
        verb="changed_lot",
        by=by,
        at=at,
        lot=lot.pk,
        fields=sorted(changed),
        limit=str(lot.limit),
    )
    return lot


@transaction.atomic
def remove_lot(*, lot: Lot, by: Person, at: datetime) -> None:
    """Take out a lot that nothing hangs on yet. Refused for one that volunteers agreed."""
    rules.may_change_lot(lot, by=by).require()
    round, pk = lot.round, lot.pk
    try:
        lot.delete()
    except ProtectedError:
        Verdict.no(_("This lot is already in use. It must stay.")).require()
    record(chain=round.chain, verb="removed_lot", by=by, at=at, lot=pk)


def _lock(round: Round) -> None:
    """Two people changing lots at once must not spend the same money twice."""
    Round.objects.select_for_update().get(pk=round.pk)
