"""Putting a board for signing, and signing it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from commissioning.agreement import Outcome as Settled
from commissioning.models import Choice
from decisions import money, rules
from decisions.actions.pot import locked_board, locked_pot
from decisions.models import BoardLine, Decision, MoneyBoard, Outcome, Signature
from decisions.report import outcomes_text
from ledger import trail
from ledger.actions import record
from panels.models import Seat


@transaction.atomic
def put_decision(
    *, board: MoneyBoard, by: Person, at: datetime, reason: str = "", version: int | None = None
) -> Decision:
    """Put a board for signing. Its outcomes are fixed then; a quorum's signatures make it stand.

    Where a decision stands already, this one replaces it once signed, and `reason` says why.
    Refused while a bid lacks an outcome, reason or criterion, and when the money does not fit.
    """
    pot = locked_pot(board.panel)
    board = locked_board(board)
    if version is not None and version != board.version:
        raise Refused(_("The board has changed since you looked. Please check it again."))
    rules.may_put_decision(by, board, reason, on=timezone.localdate(at)).require()
    lines = {line.bid: line for line in rules.lines_of(board)}
    bids = rules.bids_to_decide(board.panel).in_bulk(lines)
    found = money.problems(list(lines.values()), pot)
    if found or not lines:
        names = {pk: bid.reference for pk, bid in bids.items()}
        raise Refused(
            rules.in_words(found[0], names) if found else _("There are no bids to decide on.")
        )
    panel = board.panel
    rows = [_outcome(row, lines[row.application_id]) for row in _rows(board, lines)]
    newest = panel.decisions.aggregate(newest=Max("number"))["newest"] or 0
    decision = Decision.objects.create(
        panel=panel,
        number=newest + 1,
        board=board,
        replaces=rules.standing_decision(panel),
        reason=reason.strip(),
        digest=trail.digest(outcomes_text(rows)),
        put_at=at,
        put_by=by,
    )
    for row in rows:
        row.decision = decision
    Outcome.objects.bulk_create(rows)
    for seat in rules.entitled_seats(panel):
        write_to(
            seat.member.person,
            "decision_to_sign",
            key=f"decision_to_sign:{decision.pk}:{seat.pk}",
            by=by,
            at=at,
            context={"decision": decision, "panel": panel, "round": panel.round},
            chain=panel.round.chain,
        )
    _note(decision, "put_decision", by=by, at=at, digest=decision.digest, outcomes=len(rows))
    return decision


def _rows(board: MoneyBoard, lines: dict[int, money.Line]) -> list[BoardLine]:
    rows = board.lines.filter(application__in=lines).select_related("criterion")
    return list(rows.order_by("application__reference"))


def _outcome(row: BoardLine, line: money.Line) -> Outcome:
    if row.criterion is None:
        raise Refused(rules.in_words(money.Problem(money.Wrong.NO_CRITERION, line.bid)))
    return Outcome(
        application_id=row.application_id,
        kind=row.outcome,
        asked=line.asked,
        amount=line.given,
        less_what=row.less_what,
        reason=row.reason,
        criterion=row.criterion,
        by_criterion=row.by_criterion,
        conditions=row.conditions,
        reserve_order=row.reserve_order,
    )


@transaction.atomic
def sign_decision(
    *,
    decision: Decision,
    seat: Seat,
    choice: str,
    by: Person,
    at: datetime,
    words: str = "",
) -> Signature:
    """Sign for a seat: agree, can live with it, or disagree, with words if they wish them noted.

    Signed by the seat's own member it counts at once. Typed by a facilitator it counts when the
    member confirms it. When a quorum has signed and agrees, the decision stands.
    """
    decision = _locked(decision)
    rules.may_sign(by, decision, seat, on=timezone.localdate(at)).require()
    own = seat.member.person_id == by.pk
    signature = Signature.objects.create(
        decision=decision,
        seat=seat,
        choice=Choice(choice),
        words=words.strip(),
        signed_at=at,
        typed_by=None if own else by,
    )
    if not own:
        write_to(
            seat.member.person,
            "signature_to_confirm",
            key=f"signature_to_confirm:{signature.pk}",
            by=by,
            at=at,
            context={"decision": decision, "panel": decision.panel, "signature": signature},
            chain=decision.panel.round.chain,
        )
    facts = {"signature": signature.pk, "seat": seat.pk, "choice": str(signature.choice)}
    _note(decision, "signed_decision" if own else "typed_signature", by=by, at=at, **facts)
    _settle(decision, by=by, at=at)
    return signature


@transaction.atomic
def confirm_signature(*, signature: Signature, by: Person, at: datetime) -> Signature:
    """The member says that a signature typed for them is theirs; from now on it counts."""
    decision = _locked(signature.decision)
    signature.decision = decision
    rules.may_confirm_signature(by, signature, on=timezone.localdate(at)).require()
    signature.confirmed_at, signature.confirmed_by = at, by
    signature.save(update_fields=["confirmed_at", "confirmed_by"])
    _note(decision, "confirmed_signature", by=by, at=at, signature=signature.pk)
    _settle(decision, by=by, at=at)
    return signature


def take_off_the_table(decision: Decision, *, by: Person, at: datetime) -> None:
    """A bid in a decision that waits for signatures was taken back: the panel puts another."""
    decision = _locked(decision)
    if decision.stands_at or decision.dropped_at:
        return
    decision.dropped_at = at
    decision.save(update_fields=["dropped_at"])
    for seat in rules.entitled_seats(decision.panel):
        write_to(
            seat.member.person,
            "decision_off_the_table",
            key=f"decision_off_the_table:{decision.pk}:{seat.pk}",
            by=by,
            at=at,
            context={"decision": decision, "panel": decision.panel},
            chain=decision.panel.round.chain,
        )
    _note(decision, "dropped_decision_with_bid", by=by, at=at)


def _locked(decision: Decision) -> Decision:
    """The decision's row as it is now, held until the transaction ends."""
    return (
        Decision.objects.select_for_update(of=("self",))
        .select_related("panel__round__chain", "panel__round__programme", "panel__lot")
        .get(pk=decision.pk)
    )


def _settle(decision: Decision, *, by: Person, at: datetime) -> None:
    """Let the decision stand, or take it off the table, once the signatures settle it."""
    if decision.stands_at or decision.dropped_at:
        return
    if decision.outcomes.filter(application__withdrawn_at__isnull=False).exists():
        take_off_the_table(decision, by=by, at=at)
        return
    outcome = rules.where_it_stands(decision)
    if outcome == Settled.AGREED:
        _require_money(decision)
        decision.stands_at = at
        decision.save(update_fields=["stands_at"])
        _note(decision, "let_decision_stand", by=by, at=at, digest=decision.digest)
    elif outcome in (Settled.NOT_AGREED, Settled.TIE):
        decision.dropped_at = at
        decision.save(update_fields=["dropped_at"])
        _note(decision, "dropped_decision", by=by, at=at, outcome=outcome.value)


def _require_money(decision: Decision) -> None:
    pot = locked_pot(decision.panel)
    given = sum((row.amount for row in decision.outcomes.all()), money.NOTHING)
    if given > pot.most:
        over = money.Problem(money.Wrong.OVER_ENVELOPE, over=given - pot.most)
        raise Refused(rules.in_words(over))


def _note(decision: Decision, verb: str, *, by: Person, at: datetime, **facts: Any) -> None:
    record(
        chain=decision.panel.round.chain,
        verb=verb,
        by=by,
        at=at,
        decision=decision.pk,
        panel=decision.panel_id,
        number=decision.number,
        **facts,
    )
