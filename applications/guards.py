"""Guards of bids: what was sent stays as it was sent."""

from ledger.guards import Guard, append_only

GUARDS = [
    *append_only("applications_bidversion"),
    Guard(
        "application_delete",
        "applications_application",
        "DELETE",
        "a bid that was sent is never deleted",
        "OLD.submitted_at IS NOT NULL",
    ),
]
