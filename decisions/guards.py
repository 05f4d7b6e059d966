"""Guards of the decision: who may sign, and that what was signed stays."""

import json
from typing import Any

from django.db.models import Model

from commissioning.guards import AGAINST, IN_FAVOUR, changed, no_typist
from decisions.models import Kept
from decisions.retention import LETTER_WORDS, PARTS, SCANS, SENT_WORDS, USUAL_MONTHS
from ledger.guards import Emptied, Guard, append_only
from ledger.models import Letter
from panels.guards import agreed_by, seat_cannot_act, seat_stands_aside

PANEL_OF_DECISION = "(SELECT d.panel_id FROM decisions_decision d WHERE d.id = NEW.decision_id)"

USUAL = (
    "(CASE NEW.what "
    + " ".join(f"WHEN '{what}' THEN {months}" for what, months in USUAL_MONTHS.items())
    + " ELSE 120 END)"
)

SIGNERS = (
    "FROM panels_seat t JOIN commissioning_member m ON m.id = t.member_id "
    "JOIN panels_panel q ON q.id = t.panel_id "
    "WHERE t.panel_id = NEW.panel_id AND t.ended_at IS NULL AND m.ended_at IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM panels_standingaside s WHERE s.member_id = m.id "
    "AND s.lot_id = q.lot_id AND s.application_id IS NULL)"
)
"""The seats that may sign the decision NEW."""

QUORUM = (
    "COALESCE((SELECT d.quorum FROM panels_panel q JOIN commissioning_round d "
    "ON d.id = q.round_id WHERE q.id = NEW.panel_id), "
    f"(SELECT CASE WHEN COUNT(*) / 2 + 1 > 3 THEN COUNT(*) / 2 + 1 ELSE 3 END {SIGNERS}))"
)


def signed(which: str = "1 = 1") -> str:
    """How many who may sign the decision NEW have signed it in this way, so that it counts."""
    return (
        "(SELECT COUNT(*) FROM decisions_signature v WHERE v.decision_id = NEW.id "
        "AND (v.typed_by_id IS NULL OR v.confirmed_at IS NOT NULL) "
        f"AND {which} AND v.seat_id IN (SELECT t.id {SIGNERS}))"
    )


TAKEN_BACK = (
    "EXISTS (SELECT 1 FROM decisions_outcome o JOIN applications_application b "
    "ON b.id = o.application_id WHERE o.decision_id = NEW.id AND b.withdrawn_at IS NOT NULL)"
)
PANEL_OF_BID = (
    "(SELECT q.id FROM panels_panel q JOIN applications_application b ON b.lot_id = q.lot_id "
    "WHERE b.id = NEW.application_id)"
)
NOT_ON_THE_BOARD = (
    "NOT EXISTS (SELECT 1 FROM accounts_roleholding r WHERE r.person_id = NEW.made_by_id "
    "AND r.role = 'board' AND r.ended_at IS NULL)"
)

HAD_A_PART = (
    "({who} IS NOT NULL AND (EXISTS (SELECT 1 FROM accounts_roleholding r "
    "WHERE r.person_id = {who} AND r.role IN ('facilitator', 'board')) "
    "OR EXISTS (SELECT 1 FROM commissioning_member m JOIN applications_application b "
    "ON b.round_id = m.round_id LEFT JOIN support_helper h ON h.member_id = m.id "
    "WHERE b.id = NEW.application_id AND (m.person_id = {who} OR h.supporter_id = {who})) "
    "OR EXISTS (SELECT 1 FROM applications_colleague c JOIN applications_application o "
    "ON o.organisation_id = c.organisation_id JOIN applications_application b "
    "ON b.round_id = o.round_id WHERE b.id = NEW.application_id AND c.person_id = {who} "
    "AND (c.organisation_id <> b.organisation_id OR c.added_at <= NEW.made_at))))"
)
"""Somebody who may not hear the complaint NEW, as `Complaint.objects.heard_by` has it."""
ACTS_FOR_A_GROUP = (
    "EXISTS (SELECT 1 FROM applications_colleague c JOIN applications_application b "
    "ON b.organisation_id = c.organisation_id JOIN panels_panel q ON q.round_id = b.round_id "
    f"WHERE q.id = {PANEL_OF_DECISION} AND c.person_id = NEW.made_by_id)"
)

NOT_PUT_RIGHT = (
    "EXISTS (SELECT 1 FROM decisions_duediligence f "
    "JOIN decisions_outcome o ON o.id = f.outcome_id "
    "JOIN decisions_outcome n ON n.application_id = o.application_id "
    "WHERE n.id = NEW.outcome_id AND f.kind = NEW.kind AND NOT f.passed "
    "AND (f.checked_by_id = NEW.checked_by_id OR NEW.words = '') "
    "AND NOT EXISTS (SELECT 1 FROM decisions_duediligence l JOIN decisions_outcome p "
    "ON p.id = l.outcome_id WHERE p.application_id = o.application_id "
    "AND l.kind = f.kind AND l.id > f.id))"
)
"""The newest check of NEW's kind on this bid failed; NEW is by who wrote so, or has no words."""

GUARDS = [
    *append_only("decisions_outcome"),
    *append_only("decisions_duediligence"),
    Guard(
        "check_put_right",
        "decisions_duediligence",
        "INSERT",
        "that a failed check is well now is noted by somebody else, in words",
        f"NEW.passed AND {NOT_PUT_RIGHT}",
    ),
    *append_only("decisions_ratification"),
    *append_only("decisions_acceptance"),
    *append_only("decisions_description"),
    *append_only("decisions_reportapproval"),
    *append_only("decisions_reportfile"),
    Guard(
        "board_note_insert",
        "decisions_boardnote",
        "INSERT",
        "only the board notes the report or asks about it, and nothing is answered beforehand",
        f"{NOT_ON_THE_BOARD} OR NEW.answered_at IS NOT NULL OR NEW.answer <> ''",
    ),
    Guard(
        "board_note_update",
        "decisions_boardnote",
        "UPDATE",
        "what the board asked stays as it was asked, and is answered once",
        f"({changed('round_id', 'kind', 'text', 'made_at', 'made_by_id')}) "
        "OR OLD.answered_at IS NOT NULL",
    ),
    Guard("board_note_delete", "decisions_boardnote", "DELETE", "what the board asked is kept"),
    Guard(
        "complaint_insert",
        "decisions_complaint",
        "INSERT",
        "a complaint begins with no answer",
        "NEW.taken_at IS NOT NULL OR NEW.answered_at IS NOT NULL",
    ),
    Guard(
        "complaint_update",
        "decisions_complaint",
        "UPDATE",
        "a complaint stays as it was made, and is answered once, by somebody who had no part in it",
        f"({changed('application_id', 'text', 'told_by', 'hear_on', 'answer_on')}) "
        f"OR ({changed('made_at', 'made_by_id')}) "
        "OR OLD.answered_at IS NOT NULL "
        f"OR (OLD.taken_at IS NOT NULL AND ({changed('taken_at', 'taken_by_id')})) "
        f"OR {HAD_A_PART.format(who='NEW.taken_by_id')} "
        f"OR {HAD_A_PART.format(who='NEW.answered_by_id')}",
    ),
    *append_only("decisions_erasure"),
    Guard(
        "erasure_insert",
        "decisions_erasure",
        "INSERT",
        "words are taken away by a second person, of what another put forward",
        "NOT EXISTS (SELECT 1 FROM decisions_clearing c WHERE c.id = NEW.clearing_id "
        "AND c.done_at IS NULL AND c.put_by_id <> NEW.made_by_id)",
    ),
    Guard(
        "retention_rule_insert",
        "decisions_retentionrule",
        "INSERT",
        "nothing is kept for fewer months than usual unless two people say so",
        f"NEW.months < {USUAL} OR NEW.agreed_at IS NOT NULL",
    ),
    Guard(
        "retention_rule_update",
        "decisions_retentionrule",
        "UPDATE",
        "what one person asked for is made shorter by a second one",
        f"({changed('programme_id', 'what')}) OR (NEW.months < OLD.months AND NOT "
        "(OLD.shorter IS NOT DISTINCT FROM NEW.months AND NEW.agreed_by_id IS NOT NULL "
        "AND NEW.agreed_at IS DISTINCT FROM OLD.agreed_at "
        "AND NEW.agreed_by_id <> OLD.asked_by_id "
        "AND NEW.asked_by_id IS NOT DISTINCT FROM OLD.asked_by_id))",
    ),
    Guard(
        "retention_rule_delete",
        "decisions_retentionrule",
        "DELETE",
        "how long something is kept is never taken away",
    ),
    Guard(
        "clearing_insert",
        "decisions_clearing",
        "INSERT",
        "a deletion is put forward first, and done by a second person",
        "NEW.done_at IS NOT NULL",
    ),
    Guard(
        "clearing_update",
        "decisions_clearing",
        "UPDATE",
        "what was put forward for deletion stays as it was, and is done once",
        f"({changed('programme_id', 'what', 'count', 'digest', 'put_at', 'put_by_id')}) "
        "OR OLD.done_at IS NOT NULL",
    ),
    Guard(
        "forgetting_insert",
        "decisions_forgetting",
        "INSERT",
        "taking details away is asked for first, and done by a second person",
        "NEW.done_at IS NOT NULL OR NEW.dropped_at IS NOT NULL",
    ),
    Guard(
        "forgetting_update",
        "decisions_forgetting",
        "UPDATE",
        "what somebody asked for stays as it was, and is done or taken back once",
        f"({changed('person_id', 'asked_at', 'asked_by_id')}) "
        "OR OLD.done_at IS NOT NULL OR OLD.dropped_at IS NOT NULL",
    ),
    Guard(
        "forgetting_delete",
        "decisions_forgetting",
        "DELETE",
        "that details were taken away is told for good",
    ),
    Guard("clearing_delete", "decisions_clearing", "DELETE", "what was deleted is told for good"),
    Guard("complaint_delete", "decisions_complaint", "DELETE", "complaints are kept"),
    Guard(
        "ratification_insert",
        "decisions_ratification",
        "INSERT",
        "only the board confirms a decision that stands, or holds it for a legal reason, "
        "and nobody who acts for a group in the round",
        f"{NOT_ON_THE_BOARD} OR {ACTS_FOR_A_GROUP} "
        "OR NOT EXISTS (SELECT 1 FROM decisions_decision d "
        "WHERE d.id = NEW.decision_id AND d.stands_at IS NOT NULL)",
    ),
    Guard(
        "report_approval_insert",
        "decisions_reportapproval",
        "INSERT",
        "only the panel agrees the report, by an agreed proposal",
        f"NOT {agreed_by('NEW.panel_id', 'report', 'o.id = NEW.proposal_id')}",
    ),
    Guard(
        "outcome_letter_insert",
        "decisions_outcomeletter",
        "INSERT",
        "a new letter was not agreed or sent yet",
        "NEW.approved_by_proposal_id IS NOT NULL OR NEW.letter_id IS NOT NULL",
    ),
    Guard(
        "outcome_letter_agreed",
        "decisions_outcomeletter",
        "UPDATE",
        "only the panel agrees a letter, by an agreed proposal",
        "NEW.approved_by_proposal_id IS NOT NULL AND OLD.approved_by_proposal_id IS NULL AND NOT "
        + agreed_by(PANEL_OF_BID, "letters", "o.id = NEW.approved_by_proposal_id"),
    ),
    Guard(
        "outcome_letter_tells_the_same",
        "decisions_outcomeletter",
        "UPDATE",
        "a letter stays with what it tells of",
        changed("application_id", "kind", "outcome_id", "shortlisting_id", "eligibility_id"),
    ),
    Guard("outcome_letter_delete", "decisions_outcomeletter", "DELETE", "letters are kept"),
    Guard("board_step_delete", "decisions_boardchange", "DELETE", "steps on a board are kept"),
    Guard(
        "agreed_letter_stays",
        "decisions_outcomeletter",
        "UPDATE",
        "a letter that the panel agreed keeps its words, and is sent once",
        "(OLD.approved_by_proposal_id IS NOT NULL AND ("
        + changed("subject", "body", "staff_note", "digest", "complain_days", "offer_days")
        + " OR "
        + changed("approved_by_proposal_id")
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
        "EXISTS (SELECT 1 FROM decisions_signature s WHERE s.decision_id = NEW.decision_id) "
        f"OR {PANEL_OF_DECISION} IS DISTINCT FROM {PANEL_OF_BID}",
    ),
    Guard(
        "decision_insert",
        "decisions_decision",
        "INSERT",
        "a member of the panel puts a decision, and nobody has signed it yet",
        "NEW.stands_at IS NOT NULL OR NEW.dropped_at IS NOT NULL "
        "OR NOT EXISTS (SELECT 1 FROM panels_seat e JOIN commissioning_member m "
        "ON m.id = e.member_id WHERE e.panel_id = NEW.panel_id AND m.person_id = NEW.put_by_id "
        f"AND NOT {seat_cannot_act('e.id', 'NEW.panel_id')} "
        f"AND NOT {seat_stands_aside('e.id')})",
    ),
    Guard(
        "decision_stands",
        "decisions_decision",
        "UPDATE",
        "a decision stands once enough of the panel have signed it, more for than against, and "
        "no bid in it was taken back",
        "NEW.stands_at IS NOT NULL AND OLD.stands_at IS NULL AND (OLD.dropped_at IS NOT NULL "
        f"OR {signed()} < {QUORUM} OR {signed(IN_FAVOUR)} <= {signed(AGAINST)} OR {TAKEN_BACK})",
    ),
    Guard(
        "decision_drops",
        "decisions_decision",
        "UPDATE",
        "a decision that stands is not taken off the table; one that waits is, where the panel "
        "does not agree, or a bid in it was taken back",
        "NEW.dropped_at IS NOT NULL AND OLD.dropped_at IS NULL AND (OLD.stands_at IS NOT NULL "
        f"OR ({signed(IN_FAVOUR)} > {signed(AGAINST)} AND NOT {TAKEN_BACK}))",
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
        "WHERE d.id = NEW.decision_id AND d.dropped_at IS NOT NULL) "
        f"OR NEW.confirmed_at IS NOT NULL OR {no_typist('NEW.typed_by_id')}",
    ),
    Guard(
        "signature_confirmed",
        "decisions_signature",
        "UPDATE",
        "a typed signature is confirmed by its member, or by a second facilitator",
        "NEW.confirmed_at IS NOT NULL AND (NEW.confirmed_by_id = OLD.typed_by_id OR ("
        f"{no_typist('NEW.confirmed_by_id')} AND NOT EXISTS (SELECT 1 FROM panels_seat t "
        "JOIN commissioning_member w ON w.id = t.member_id "
        "WHERE t.id = OLD.seat_id AND w.person_id = NEW.confirmed_by_id)))",
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


# ---- What may be emptied once it was kept long enough ---------------------------------------
def emptied() -> list[Emptied]:
    """Words of rows that otherwise never change: those of one bid, those said in one round, and
    letters to somebody whose details were taken away, with pictures of their paper sheets."""
    of_bid = (
        "EXISTS (SELECT 1 FROM decisions_erasure e JOIN decisions_clearing c "
        "ON c.id = e.clearing_id WHERE e.application_id = OLD.application_id "
        f"AND c.what = '{Kept.BIDS}')"
    )
    return [
        *(
            Emptied(model._meta.db_table, _columns(model, blank), of_bid)
            for model, blank in SENT_WORDS.items()
        ),
        *(
            Emptied(
                part.model._meta.db_table,
                _columns(part.model, part.blank),
                "EXISTS (SELECT 1 FROM decisions_erasure e JOIN decisions_clearing c "
                "ON c.id = e.clearing_id "
                f"WHERE c.what = '{Kept.DECISIONS}' AND e.round_id = "
                f"{_way(part.model, part.round)})",
            )
            for part in PARTS[Kept.DECISIONS]
        ),
        Emptied(
            Letter._meta.db_table,
            _columns(Letter, LETTER_WORDS),
            "EXISTS (SELECT 1 FROM decisions_forgetting f "
            "WHERE f.person_id = OLD.to_id AND f.done_at IS NOT NULL)",
        ),
        Emptied(
            SCANS.model._meta.db_table,
            _columns(SCANS.model, SCANS.blank),
            "EXISTS (SELECT 1 FROM decisions_forgetting f WHERE f.done_at IS NOT NULL "
            f"AND f.person_id = {_way(SCANS.model, SCANS.person)})",
        ),
    ]


def _columns(model: type[Model], blank: dict[str, Any]) -> dict[str, str]:
    """What each column becomes, in SQL."""
    fields: dict[str, Any] = {row.name: row for row in model._meta.local_fields}
    return {fields[name].column: _sql(value) for name, value in blank.items()}


def _sql(value: Any) -> str:
    if value is None:
        return "NULL"
    text = value if isinstance(value, str) else json.dumps(value)
    return "'" + text.replace("'", "''") + "'"


def _way(model: type[Model], path: str, row: str = "OLD", depth: int = 0) -> str:
    """SQL for the id at the end of a way like "sheet__member__round", from the row OLD."""
    first, _dot, rest = path.partition("__")
    field: Any = model._meta.get_field(first)
    table, other = field.related_model._meta.db_table, f"w{depth}"
    if field.auto_created:  # the other row points at this one
        back = f"{other}.{field.field.column}"
        return f"(SELECT {other}.id FROM {table} {other} WHERE {back} = {row}.id)"
    found = f"{row}.{field.column}"
    if not rest:
        return found
    further = _way(field.related_model, rest, other, depth + 1)
    return f"(SELECT {further} FROM {table} {other} WHERE {other}.id = {found})"
