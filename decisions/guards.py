"""Guards of the decision: who may sign, and that what was signed stays."""

from commissioning.guards import changed
from ledger.guards import Guard, append_only
from panels.guards import seat_cannot_act, seat_stands_aside

PANEL_OF_DECISION = "(SELECT d.panel_id FROM decisions_decision d WHERE d.id = NEW.decision_id)"

GUARDS = [
    *append_only("decisions_outcome"),
    *append_only("decisions_duediligence"),
    *append_only("decisions_ratification"),
    *append_only("decisions_acceptance"),
    *append_only("decisions_reportapproval"),
    *append_only("decisions_reportfile"),
    Guard(
        "agreed_letter_stays",
        "decisions_outcomeletter",
        "UPDATE",
        "a letter that the panel agreed keeps its words, and is sent once",
        "(OLD.approved_by_proposal_id IS NOT NULL AND ("
        + changed("subject", "body", "staff_note", "digest", "approved_by_proposal_id")
        + ")) OR (OLD.letter_id IS NOT NULL AND NEW.letter_id IS DISTINCT FROM OLD.letter_id)",
    ),
    Guard(
        "board_step_stays",
        "decisions_boardchange",
        "UPDATE",
        "a step on a money board can only be undone, once",
        changed("board_id", "application_id", "before", "after", "made_at", "made_by_id")
        + " OR OLD.undone_at IS NOT NULL",
    ),
    Guard(
        "outcome_insert",
        "decisions_outcome",
        "INSERT",
        "an outcome belongs to a decision that nobody has signed yet",
        "EXISTS (SELECT 1 FROM decisions_signature s WHERE s.decision_id = NEW.decision_id)",
    ),
    Guard(
        "decision_update",
        "decisions_decision",
        "UPDATE",
        "a decision that was put for signing does not change",
        changed(
            "panel_id",
            "number",
            "board_id",
            "replaces_id",
            "reason",
            "digest",
            "put_at",
            "put_by_id",
        )
        + " OR (OLD.stands_at IS NOT NULL AND NEW.stands_at IS DISTINCT FROM OLD.stands_at)"
        " OR (OLD.dropped_at IS NOT NULL AND NEW.dropped_at IS DISTINCT FROM OLD.dropped_at)",
    ),
    Guard("decision_delete", "decisions_decision", "DELETE", "a decision is never deleted"),
    Guard(
        "signature_insert",
        "decisions_signature",
        "INSERT",
        "only a panel member who does not stand aside can sign",
        f"{seat_cannot_act('NEW.seat_id', PANEL_OF_DECISION)} "
        f"OR {seat_stands_aside('NEW.seat_id')} "
        "OR EXISTS (SELECT 1 FROM decisions_decision d "
        "WHERE d.id = NEW.decision_id AND d.dropped_at IS NOT NULL)",
    ),
    Guard(
        "signature_update",
        "decisions_signature",
        "UPDATE",
        "a signature does not change; a typed one can only be confirmed, once",
        changed("decision_id", "seat_id", "choice", "words", "signed_at", "typed_by_id")
        + " OR OLD.confirmed_at IS NOT NULL OR OLD.typed_by_id IS NULL",
    ),
    Guard("signature_delete", "decisions_signature", "DELETE", "a signature is never deleted"),
]
