"""The one order in which the money's rows are locked, so that two panels cannot spend it twice."""

from commissioning.models import Lot, Round
from decisions import money, rules
from decisions.models import MoneyBoard
from panels.models import Panel


def locked_pot(panel: Panel) -> money.Pot:
    """Lock the round's row, then its lots by id, and only then add up what others have given."""
    locked = Round.objects.select_for_update().get(pk=panel.round_id)
    lots = {
        lot.pk: lot for lot in Lot.objects.select_for_update().filter(round=locked).order_by("pk")
    }
    panel.round.envelope, panel.lot.limit = locked.envelope, lots[panel.lot_id].limit
    return rules.pot(panel)


def locked_board(board: MoneyBoard) -> MoneyBoard:
    """The board's row as it is now, held until the transaction ends. Lock the pot first."""
    fresh = MoneyBoard.objects.select_for_update(of=("self",))
    return fresh.select_related("panel__round__chain", "panel__lot").get(pk=board.pk)
