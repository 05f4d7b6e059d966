"""A temperature check with dots: begin one, put one's dots, and have them shown to all at once."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from applications.models import Application
from decisions import dots as rules
from decisions.models import DotCard, DotCheck
from decisions.rules import Place, bids_to_decide, place_of
from ledger.actions import record
from ledger.models import Letter
from panels.models import Panel, Seat


@transaction.atomic
def begin_dots(*, panel: Panel, by: Person, at: datetime) -> DotCheck:
    """A member begins a check. Everybody has the same number of dots."""
    panel = Panel.objects.select_for_update().select_related("round__chain").get(pk=panel.pk)
    place = place_of(panel, by)
    rules.may_begin(by, panel, on=timezone.localdate(at), place=place).require()
    number = bids_to_decide(panel).count()
    if not number:
        raise Refused(_("There are no bids to decide on."))
    try:
        with transaction.atomic():
            check = DotCheck.objects.create(
                panel=panel, dots=rules.dots_for(number), begun_at=at, begun_by=by
            )
    except IntegrityError:
        raise Refused(_("A check with dots is going on already. Put your dots there.")) from None
    _note(check, "began_dots", by=by, at=at, dots=check.dots)
    return check


@transaction.atomic
def place_dots(
    *, check: DotCheck, seat: Seat, dots: Mapping[int, int], by: Person, at: datetime
) -> DotCard:
    """Put a seat's dots, in place of those it put before, with a receipt by letter."""
    check = _locked(check)
    bids = bids_for(check.panel, place_of(check.panel, seat.member.person))
    rules.may_place(by, check, seat, dots, bids).require()
    put = {bid: count for bid, count in dots.items() if count}
    own = seat.member.person_id == by.pk
    card, _new = DotCard.objects.update_or_create(
        dot_check=check,
        seat=seat,
        defaults={
            "dots": {str(bid): count for bid, count in sorted(put.items())},
            "put_at": at,
            "put_by": by,
        },
    )
    write_to(
        seat.member.person,
        "dots_put",
        key=f"dots-put-{card.pk}-{at.isoformat()}",
        by=by,
        at=at,
        chain=check.panel.round.chain,
        when=Letter.When.ANSWER,
        context={
            "panel": check.panel,
            "rows": [(bid, put[bid.pk]) for bid in bids if bid.pk in put],
            "typed_by": None if own else by,
        },
    )
    _note(check, "put_dots", by=by, at=at, card=card.pk, seat=seat.pk, typed=not own)
    return card


@transaction.atomic
def show_dots(*, check: DotCheck, by: Person, at: datetime) -> None:
    """Show all the dots to the whole panel at once. Nothing follows from them."""
    check = _locked(check)
    rules.may_show(by, check).require()
    check.shown_at, check.shown_by = at, by
    check.save(update_fields=["shown_at", "shown_by"])
    _note(check, "showed_dots", by=by, at=at, cards=check.cards.count())


def bids_for(panel: Panel, place: Place) -> list[Application]:
    """The bids that somebody at this place may put dots on."""
    bids = bids_to_decide(panel).with_sent_name().select_related("organisation")
    return [bid for bid in bids if bid.pk not in place.hidden]


def _locked(check: DotCheck) -> DotCheck:
    return (
        DotCheck.objects.select_for_update(of=("self",))
        .select_related("panel__round__chain", "panel__round__programme", "panel__lot")
        .get(pk=check.pk)
    )


def _note(check: DotCheck, verb: str, *, by: Person, at: datetime, **facts: object) -> None:
    record(
        chain=check.panel.round.chain,
        verb=verb,
        by=by,
        at=at,
        check=check.pk,
        panel=check.panel_id,
        **facts,
    )
