"""Sending a bid, taking it back, and typing one that came on paper."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from accounts.templatetags.purse import time_of_day
from applications import content, rules
from applications.actions.writing import make_application
from applications.looking_rules import group_of
from applications.models import (
    Answer,
    Application,
    BidVersion,
    BudgetLine,
    FormQuestion,
    Organisation,
)
from commissioning.models import Lot, Round
from ledger.actions import record
from ledger.models import Chain, Letter


class NotReady(Refused):
    """A bid has gaps, so it was not sent; all is kept. `gaps` says what to put right."""

    def __init__(self, gaps: Sequence[rules.Gap]) -> None:
        super().__init__(_("Some of your bid is not ready yet. What you wrote is kept."))
        self.gaps = list(gaps)


class ChangedSince(Refused):
    """The words are not those that their sender had read, so nothing was sent."""

    def __init__(self, application: Application) -> None:
        said = _("Your bid has changed since you opened this page.")
        newest = rules.newest_change(application)
        if newest:
            what, who, at = newest
            said = _("%(name)s changed “%(what)s” at %(time)s.") % {
                "name": who.name,
                "what": what,
                "time": time_of_day(at),
            }
        super().__init__(said + " " + _("Nothing was sent. Look again, then send it."))


@transaction.atomic
def send_application(
    *, application: Application, declared_true: bool, by: Person, at: datetime, mark: str = ""
) -> BidVersion:
    """Freeze the bid as it stands and send it. Sent again before its deadline, it makes a new copy.

    `mark` is that of the words the sender has read (`rules.mark_of`): ChangedSince where somebody
    has changed them meanwhile. Raises NotReady (with the gaps), or Refused: too late, taken back,
    not declared, not theirs.
    Nothing that was written is lost in any of these cases.
    """
    Application.objects.select_for_update().get(pk=application.pk)
    bid = Application.objects.whole().get(pk=application.pk)
    rules.may_send(bid, by, at=at).require()
    found = rules.gaps(bid)
    if found:
        raise NotReady(found)
    if mark and mark != rules.mark_of(bid):
        raise ChangedSince(bid)
    if not declared_true:
        raise Refused(_("Tick the box to say that what you wrote is true."))
    made = _freeze(bid, by=by, at=at, declared_true=True)
    head = Chain.objects.get(pk=bid.round.chain_id).head_hash
    for reader in _who_hears(bid, by):
        write_to(
            reader,
            "bid_sent",
            key=f"bid_sent:{made.pk}:{reader.pk}",
            by=by,
            at=at,
            chain=bid.round.chain,
            when=Letter.When.ANSWER,
            context={
                "application": bid,
                "version": made,
                "sender": by,
                "deadline": rules.deadline_of(bid),
                "head": head,
            },
        )
    _enter(bid, made, by=by, at=at)
    application.refresh_from_db()
    return made


def _who_hears(application: Application, by: Person) -> list[Person]:
    """The sender, and everybody else who acts for the organisation."""
    others = Person.objects.get_queryset().filter(
        acts_for__organisation=application.organisation, acts_for__ended_at=None
    )
    return [by, *others.exclude(pk=by.pk).distinct()]


def _freeze(
    bid: Application,
    *,
    by: Person,
    at: datetime,
    declared_true: bool,
    asked: Decimal | None = None,
) -> BidVersion:
    frozen = content.as_content(rules.bid_of(bid))
    if asked is None:
        asked = content.total(rules.budget_of(bid))
    made = keep_copy(bid, frozen, group=group_of(bid.organisation), asked=asked, by=by, at=at)
    changed = ["declared_true"]
    bid.declared_true = declared_true
    if bid.submitted_at is None:
        bid.submitted_at, bid.submitted_by = at, by
        changed += ["submitted_at", "submitted_by"]
    bid.save(update_fields=changed)
    return made


def keep_copy(
    bid: Application,
    frozen: dict[str, Any],
    *,
    group: dict[str, str],
    asked: Decimal,
    by: Person,
    at: datetime,
) -> BidVersion:
    """The next copy of a bid, with this content. Runs inside the sender's transaction."""
    newest = bid.newest_version
    return BidVersion.objects.create(
        application=bid,
        number=newest.number + 1 if newest else 1,
        content=frozen,
        asked=asked,
        words=content.words(frozen),
        digest=content.digest(frozen),
        group=group,
        sent_at=at,
        sent_by=by,
    )


def _enter(bid: Application, made: BidVersion, *, by: Person, at: datetime, **more: Any) -> None:
    record(
        chain=bid.round.chain,
        verb="bid_sent",
        by=by,
        at=at,
        application=bid.pk,
        bid_version=made.pk,
        number=made.number,
        asked=content.pounds(made.asked),
        words=made.words,
        digest=made.digest,
        **more,
    )


@transaction.atomic
def withdraw_application(*, application: Application, by: Person, at: datetime) -> None:
    """Take a bid back. It stays on the record and is read by nobody any more; what panels had on
    the table about it goes off the table in the same transaction. Raises Refused."""
    rules.may_withdraw(application, by).require()
    application.withdrawn_at, application.withdrawn_by = at, by
    application.save(update_fields=["withdrawn_at", "withdrawn_by"])
    for name in settings.WITHDRAWALS:
        import_string(name)(application, by=by, at=at)
    for reader in _who_hears(application, by):
        write_to(
            reader,
            "bid_withdrawn",
            key=f"bid_withdrawn:{application.pk}:{reader.pk}",
            by=by,
            at=at,
            chain=application.round.chain,
            when=Letter.When.ANSWER,
            context={"application": application, "sender": by},
        )
    record(
        chain=application.round.chain,
        verb="bid_withdrawn",
        by=by,
        at=at,
        application=application.pk,
        was_sent=application.submitted_at is not None,
    )


@transaction.atomic
def type_bid(
    *,
    round: Round,
    organisation: Organisation,
    lot: Lot,
    answers: Mapping[FormQuestion, str],
    lines: Sequence[content.Line],
    received_on: date,
    by: Person,
    at: datetime,
    asked: Decimal | None = None,
    **details: Any,
) -> Application:
    """Type in a bid that came on paper, and send it as it is: gaps on the paper stay gaps.

    The trail names who typed it, and the day the paper came, which must be in time. The applicant
    confirms it later; where nobody can, a second person does (`compare_typed_bid`). `asked` is the
    sum that stands on the paper, whatever its costs add up to. `details` are those of
    `save_details`. Raises Refused.
    """
    rules.may_type_bid(round, by, at=at).require()
    last = rules.last_days(round)
    rules.came_in_time(
        organisation.name, received_on, last=last, on=timezone.localdate(at)
    ).require()
    made = make_application(
        round=round,
        organisation=organisation,
        lot=lot,
        by=by,
        at=at,
        came_by=Application.CameBy.PAPER,
        received_on=received_on,
        **details,
    )
    Answer.objects.bulk_create(
        Answer(
            application=made,
            question=question,
            text=content.tidy(text),
            saved_at=at,
            saved_by=by,
        )
        for question, text in answers.items()
        if text.strip()
    )
    BudgetLine.objects.bulk_create(
        BudgetLine(application=made, item=line.item, cost=line.cost, asked=line.asked, order=order)
        for order, line in enumerate(lines, start=1)
    )
    bid = Application.objects.whole().get(pk=made.pk)
    made_copy = _freeze(bid, by=by, at=at, declared_true=False, asked=asked)
    _enter(bid, made_copy, by=by, at=at, typed=True, received=received_on.isoformat())
    if rules.typed_late(bid):
        record(
            chain=round.chain,
            verb="typed_bid_after_close",
            by=by,
            at=at,
            application=bid.pk,
            received=received_on.isoformat(),
        )
    return bid


@transaction.atomic
def confirm_typed_bid(*, application: Application, by: Person, at: datetime) -> None:
    """The applicant says that what was typed or imported for them is their bid. Raises Refused."""
    rules.may_confirm_typed(application, by).require()
    application.declared_true = True
    application.save(update_fields=["declared_true"])
    _enter_yes(application, "typed_bid_confirmed", by=by, at=at)


@transaction.atomic
def compare_typed_bid(*, application: Application, by: Person, at: datetime) -> None:
    """A second person says that a typed bid is what the paper says, where nobody of the group can
    sign in to say so. Raises Refused."""
    bid = Application.objects.select_for_update().get(pk=application.pk)
    rules.may_compare(bid, by).require()
    bid.compared_at, bid.compared_by = at, by
    bid.save(update_fields=["compared_at", "compared_by"])
    _enter_yes(bid, "typed_bid_compared", by=by, at=at)


def _enter_yes(application: Application, verb: str, *, by: Person, at: datetime) -> None:
    newest = application.versions.order_by("number").last()
    record(
        chain=application.round.chain,
        verb=verb,
        by=by,
        at=at,
        application=application.pk,
        digest=newest.digest if newest else "",
    )
