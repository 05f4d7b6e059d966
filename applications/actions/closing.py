"""When bidding closes: what was changed in a bid and not sent is put by, out of readers' way."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import Person
from applications import parts, rules, ways
from applications.models import Application
from commissioning.models import StageKind
from commissioning.pace import AnyStage
from ledger.actions import record
from ledger.trail import digest

PUT_BACK = ("title", "area", "partners_named", "smallest_useful", "other_ways")
"""What lists, declarations and money boards take from the bid's own row."""


@transaction.atomic
def stage_closed(stage: AnyStage, *, by: Person, at: datetime) -> None:
    """Bidding has closed: every bid stands as it was sent, wherever it is shown.

    What its group had changed since and not sent is kept in `unsent`, for the group to read. The
    answers and costs as they were being written stay where they are: nobody else reads them.
    """
    if stage.kind != StageKind.OPEN:
        return
    bids = Application.objects.sent().filter(round=stage.round_id).order_by("pk")
    changed = [bid for bid in bids.whole().select_for_update(of=("self",)) if _put_back(bid)]
    if not changed:
        return
    Application.objects.bulk_update(changed, [*PUT_BACK, "unsent"])
    record(
        chain=stage.round.chain,
        verb="unsent_put_back",
        by=by,
        at=at,
        bids=len(changed),
        digest=digest(",".join(bid.reference for bid in changed)),
    )


def _put_back(bid: Application) -> bool:
    """Whether anything was changed since the newest copy; then the row says what the copy does."""
    newest = bid.newest_version
    bid.unsent = rules.unsent_of(bid)
    if newest is None or bid.unsent is None:
        return False
    sent = newest.content
    bid.title, bid.area = sent["title"], sent["area"]
    bid.partners_named = "\n".join(sent["partners"])
    low = sent[parts.SMALLEST]
    bid.smallest_useful = Decimal(low) if low else None
    bid.other_ways = sent.get(ways.KEY, [])
    return True
