"""Guards of bids: what was sent stays as it was sent, and a ruling is kept."""

from commissioning.guards import changed
from ledger.guards import Guard, append_only

SHARING_OPENED = (
    "EXISTS (SELECT 1 FROM commissioning_stage g WHERE g.round_id = OLD.round_id "
    "AND g.kind = 'sharing' AND g.opened_at IS NOT NULL)"
)

GUARDS = [
    *append_only("applications_bidversion"),
    Guard(
        "application_delete",
        "applications_application",
        "DELETE",
        "a bid that was sent is never deleted",
        "OLD.submitted_at IS NOT NULL",
    ),
    Guard(
        "application_update",
        "applications_application",
        "UPDATE",
        "a bid that was sent stays sent, and with its round, group, reference and day of arrival",
        "OLD.submitted_at IS NOT NULL AND (NEW.submitted_at IS NULL OR "
        f"{changed('round_id', 'organisation_id', 'reference', 'received_on')} OR "
        f"(OLD.compared_at IS NOT NULL AND ({changed('compared_at', 'compared_by_id')})))",
    ),
    Guard(
        "application_keeps_its_lot",
        "applications_application",
        "UPDATE",
        "a bid keeps its lot, and so its panel, once bids are shared out",
        f"({changed('lot_id')}) AND {SHARING_OPENED}",
    ),
    Guard(
        "document_update",
        "applications_document",
        "UPDATE",
        "a file stays as it came; it can only be taken away",
        changed("application_id", "uuid", "name", "kind", "file", "size", "sha256", "of_paper")
        + " OR OLD.removed_at IS NOT NULL",
    ),
    Guard("document_delete", "applications_document", "DELETE", "the row of a file is kept"),
    Guard(
        "eligibility_update",
        "applications_eligibility",
        "UPDATE",
        "a ruling does not change; it is seconded once, and replaced once",
        changed("application_id", "eligible", "rule_id", "reason", "decided_at", "decided_by_id")
        + " OR (OLD.seconded_at IS NOT NULL AND ("
        + changed("seconded_at", "seconded_by_id", "upheld_because")
        + "))"
        " OR (OLD.replaced_by_id IS NOT NULL"
        " AND NEW.replaced_by_id IS DISTINCT FROM OLD.replaced_by_id)",
    ),
    Guard("eligibility_delete", "applications_eligibility", "DELETE", "rulings are kept"),
    *append_only("applications_askback"),
    *append_only("applications_extension"),
    Guard(
        "correction_update",
        "applications_correction",
        "UPDATE",
        "what was asked to be put right stays; it is answered once, settled once, and kept once",
        changed(
            "application_id",
            "kind",
            "part",
            "rule_id",
            "words",
            "asked_at",
            "asked_by_id",
            "until_on",
        )
        + " OR (OLD.answered_at IS NOT NULL AND ("
        + changed("value", "answered_at", "answered_by_id")
        + ")) OR (OLD.settled_at IS NOT NULL AND ("
        + changed("granted", "reason", "settled_at", "settled_by_id")
        + ")) OR (OLD.version_id IS NOT NULL AND NEW.version_id IS DISTINCT FROM OLD.version_id)",
    ),
    *append_only("applications_plainwords"),
    Guard("correction_delete", "applications_correction", "DELETE", "corrections are kept"),
]
