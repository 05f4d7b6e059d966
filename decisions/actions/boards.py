"""The money board: start one, say what a bid gets, and take a step back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Refused
from accounts.templatetags.purse import under_titles
from accounts.versions import Stale
from applications.models import Application
from commissioning.models import Criterion
from commissioning.reasons import only_words
from decisions import money, rules
from decisions.actions.pot import locked_board, locked_pot
from decisions.models import BoardChange, BoardLine, MoneyBoard, OutcomeKind
from ledger.actions import record
from panels.models import Panel


@transaction.atomic
def start_board(
    *, panel: Panel, name: str, by: Person, at: datetime, copy_of: MoneyBoard | None = None
) -> MoneyBoard:
    """Lay out a named board, empty or as a copy of another. At most three, side by side."""
    panel = Panel.objects.select_for_update().select_related("round", "lot").get(pk=panel.pk)
    rules.may_start_board(by, panel, on=timezone.localdate(at)).require()
    if panel.boards.filter(name=name).exists():
        raise Refused(_("There is a board with this name. Choose another name."))
    board = MoneyBoard.objects.create(panel=panel, name=name, made_at=at, made_by=by)
    if copy_of and copy_of.panel_id == panel.pk:
        for line in copy_of.lines.order_by("pk"):
            BoardLine.objects.create(
                board=board, application_id=line.application_id, **_fields(_as_kept(line))
            )
    record(
        chain=panel.round.chain,
        verb="started_money_board",
        by=by,
        at=at,
        panel=panel.pk,
        board=board.pk,
    )
    return board


@transaction.atomic
def set_line(
    *,
    board: MoneyBoard,
    application: Application,
    outcome: str,
    by: Person,
    at: datetime,
    amount: Decimal | None = None,
    reason: str = "",
    criterion: Criterion | None = None,
    less_what: str = "",
    conditions: str = "",
    reserve_order: int | None = None,
    by_criterion: Mapping[str, str] | None = None,
    version: int | None = None,
) -> MoneyBoard:
    """Say what a bid gets on this board, or with outcome "" take it off again. Pounds.

    "Yes, in full" gives what was asked; reserves and "not this time" give nothing. Refused when the
    lot's limit or the envelope would be overspent, and when a "not this time" has no reason or
    criterion. `by_criterion` adds words for some criteria (by id) to the reason. Raises Stale when
    what the board says of this bid has moved on from `version` (`rules.version_of_line`).
    """
    pot = locked_pot(board.panel)
    board = locked_board(board)
    before = board.lines.filter(application=application).first()
    of_line = MoneyBoard.objects.annotate(of_line=rules.version_of_line(application.pk))
    now = of_line.values_list("of_line", flat=True).get(pk=board.pk)
    if version not in (None, now):
        raise Stale(theirs=_in_texts(before), version=now)
    rules.may_set_line(by, board, application, on=timezone.localdate(at)).require()
    kind = OutcomeKind(outcome) if outcome else None
    told = only_words(by_criterion)
    sums = {OutcomeKind.AWARD: application.asked, OutcomeKind.LESS: amount or Decimal(0)}
    wanted: dict[str, Any] | None = None
    if kind:
        wanted = {
            "outcome": kind,
            "amount": sums.get(kind, Decimal(0)),
            "less_what": less_what if kind == OutcomeKind.LESS else "",
            "reason": reason.strip(),
            "criterion_id": criterion.pk if criterion else None,
            "by_criterion": told,
            "conditions": conditions if kind in money.GIVES_MONEY else "",
            "reserve_order": reserve_order if kind == OutcomeKind.RESERVE else None,
        }
    stood = before.by_criterion if before else {}  # under criteria of before: it may stay
    cited = [criterion.pk] if criterion else []
    _require_agreed([*cited, *(told.keys() - stood.keys())], board)
    was = _as_kept(before) if before else None
    _write(board, application, wanted)
    _require_fits(board, application, pot)
    BoardChange.objects.create(
        board=board,
        application=application,
        before=was,
        after=_kept(wanted) if wanted else None,
        made_at=at,
        made_by=by,
    )
    return _moved_on(board, "set_money_line", by=by, at=at, application=application.pk)


@transaction.atomic
def undo_line(
    *, board: MoneyBoard, by: Person, at: datetime, version: int | None = None
) -> MoneyBoard:
    """Take back the board's last step that still stands. Never refused for money: the step before
    was within it, unless another panel has spent since, and then the sums are checked again."""
    pot = locked_pot(board.panel)
    board = locked_board(board)
    if version is not None and version != board.version:
        raise Stale(theirs={}, version=board.version)
    rules.may_use_board(by, board.panel, on=timezone.localdate(at)).require()
    step = (
        board.changes.filter(undone_at=None).select_related("application").order_by("-pk").first()
    )
    if step is None:
        raise Refused(_("There is no step to take back."))
    if step.application_id in rules.hidden_bids(board.panel, by):
        raise Refused(_("The last step was about a bid that you stand aside from."))
    _write(board, step.application, _fields(step.before) if step.before else None)
    _require_fits(board, step.application, pot, may_be_unreasoned=True)
    step.undone_at = at
    step.save(update_fields=["undone_at"])
    return _moved_on(board, "undid_money_line", by=by, at=at, application=step.application_id)


def _write(board: MoneyBoard, application: Application, wanted: dict[str, Any] | None) -> None:
    if wanted is None:
        board.lines.filter(application=application).delete()
        return
    BoardLine.objects.update_or_create(board=board, application=application, defaults=wanted)


def _require_agreed(criteria: Iterable[int | str], board: MoneyBoard) -> None:
    if not Criterion.objects.agreed_for(board.panel.round).hold(criteria):
        raise Refused(_("Choose one of the criteria that the volunteers agreed."))


def _require_fits(
    board: MoneyBoard, application: Application, pot: money.Pot, *, may_be_unreasoned: bool = False
) -> None:
    """Refuse a line whose sum is wrong, an unreasoned no, and a board that spends too much."""
    lines = rules.lines_of(board)
    line = next(row for row in lines if row.bid == application.pk)
    found = [problem for problem in [money.wrong_sum(line)] if problem]
    if line.outcome == money.NO and not may_be_unreasoned:
        found += money.unreasoned(line)
    if line.given:
        found += money.overspent(lines, pot)
    if found:
        raise Refused(rules.in_words(found[0]))


def _moved_on(
    board: MoneyBoard, verb: str, *, by: Person, at: datetime, application: int
) -> MoneyBoard:
    board.version += 1
    board.save(update_fields=["version"])
    record(
        chain=board.panel.round.chain,
        verb=verb,
        by=by,
        at=at,
        board=board.pk,
        application=application,
        version=board.version,
    )
    return board


# ---- A line as it is kept in a step -------------------------------------------------------------
def _as_kept(line: BoardLine) -> dict[str, Any]:
    return _kept(
        {
            "outcome": line.outcome,
            "amount": line.amount,
            "less_what": line.less_what,
            "reason": line.reason,
            "criterion_id": line.criterion_id,
            "by_criterion": line.by_criterion,
            "conditions": line.conditions,
            "reserve_order": line.reserve_order,
        }
    )


def _kept(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "outcome": str(fields["outcome"]), "amount": str(fields["amount"])}


def _fields(kept: dict[str, Any]) -> dict[str, Any]:
    # A step from before there were words for each criterion has none.
    return {"by_criterion": {}, **kept, "amount": Decimal(kept["amount"])}


def _in_texts(line: BoardLine | None) -> dict[str, str]:
    if line is None:
        return {}
    return {
        "outcome": line.get_outcome_display(),
        "amount": str(line.amount),
        "reason": line.reason,
        "less_what": line.less_what,
        "conditions": line.conditions,
        **dict(under_titles(line.by_criterion, Criterion.objects.titles_of(line.by_criterion))),
    }
