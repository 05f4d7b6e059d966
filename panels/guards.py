"""Guards of the panel: who may sit, read, score and vote. Staff cannot, whatever page or command
they use, and nobody can who stands aside."""

from commissioning.guards import changed, not_a_volunteer, stage_not_open
from ledger.guards import Guard, append_only


def stands_aside(member: str, application: str) -> str:
    """True when this member stands aside from this bid, or from its whole lot."""
    return (
        "EXISTS (SELECT 1 FROM panels_standingaside s "
        f"JOIN applications_application b ON b.id = {application} "
        f"WHERE s.member_id = {member} AND s.lot_id = b.lot_id "
        "AND (s.application_id IS NULL OR s.application_id = b.id))"
    )


def other_round(member: str, application: str) -> str:
    """True unless the member and the bid belong to the same round."""
    return (
        "NOT EXISTS (SELECT 1 FROM commissioning_member m "
        "JOIN applications_application b ON b.round_id = m.round_id "
        f"WHERE m.id = {member} AND b.id = {application})"
    )


def seat_cannot_act(seat: str, panel: str) -> str:
    """True unless this seat is held today, on this panel, by a volunteer."""
    held = (
        "SELECT 1 FROM panels_seat t JOIN commissioning_member m ON m.id = t.member_id "
        "JOIN accounts_person p ON p.id = m.person_id "
        "JOIN accounts_roleholding r ON r.person_id = p.id "
        f"WHERE t.id = {seat} AND t.panel_id = {panel} AND t.ended_at IS NULL "
        "AND m.ended_at IS NULL AND r.role = 'volunteer' AND r.ended_at IS NULL "
        "AND NOT p.is_superuser AND NOT p.is_staff"
    )
    return f"NOT EXISTS ({held})"


def seat_stands_aside(seat: str) -> str:
    """True when the seat's member stands aside from the panel's whole lot."""
    return (
        "EXISTS (SELECT 1 FROM panels_seat t JOIN panels_panel q ON q.id = t.panel_id "
        "JOIN panels_standingaside s ON s.member_id = t.member_id AND s.lot_id = q.lot_id "
        f"WHERE t.id = {seat} AND s.application_id IS NULL)"
    )


def agreed_by(panel: str, kind: str, which: str = "1 = 1") -> str:
    """True when this panel has agreed to a proposal of this kind."""
    return (
        f"EXISTS (SELECT 1 FROM panels_proposal o WHERE o.panel_id = {panel} "
        f"AND o.kind = '{kind}' AND o.outcome = 'agreed' AND {which})"
    )


ROUND_OF_BID = "(SELECT b.round_id FROM applications_application b WHERE b.id = NEW.application_id)"
STAGE_OF_PHASE = (
    "CASE NEW.phase WHEN 'reading' THEN 'scoring' WHEN 'talk' THEN 'shortlist' "
    "ELSE 'interviews' END"
)
PANEL_OF_PROPOSAL = "(SELECT o.panel_id FROM panels_proposal o WHERE o.id = NEW.proposal_id)"
ANSWERS = (
    "(SELECT COUNT(*) FROM panels_proposalvote v WHERE v.proposal_id = NEW.id "
    "AND (v.typed_by_id IS NULL OR v.confirmed_at IS NOT NULL))"
)

GUARDS = [
    Guard(
        "seat_insert",
        "panels_seat",
        "INSERT",
        "only a volunteer of this round who does not stand aside can sit on a panel",
        f"{not_a_volunteer('NEW.member_id')} OR EXISTS (SELECT 1 FROM panels_panel q "
        "JOIN panels_standingaside s ON s.lot_id = q.lot_id AND s.application_id IS NULL "
        "WHERE q.id = NEW.panel_id AND s.member_id = NEW.member_id) "
        "OR NOT EXISTS (SELECT 1 FROM panels_panel q JOIN commissioning_member m "
        "ON m.round_id = q.round_id WHERE q.id = NEW.panel_id AND m.id = NEW.member_id)",
    ),
    Guard(
        "seat_update",
        "panels_seat",
        "UPDATE",
        "a seat stays with its member and panel, and an ended seat stays ended",
        f"{changed('member_id', 'panel_id')} "
        "OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL)",
    ),
    Guard("seat_delete", "panels_seat", "DELETE", "a seat is ended, never deleted"),
    Guard(
        "assignment_insert",
        "panels_assignment",
        "INSERT",
        "only a volunteer who does not stand aside can be given a bid to read",
        f"{not_a_volunteer('NEW.member_id')} "
        f"OR {stands_aside('NEW.member_id', 'NEW.application_id')} "
        f"OR {other_round('NEW.member_id', 'NEW.application_id')}",
    ),
    Guard(
        "assignment_update",
        "panels_assignment",
        "UPDATE",
        "an assignment stays with its reader and bid",
        changed("member_id", "application_id"),
    ),
    Guard(
        "assignment_delete", "panels_assignment", "DELETE", "assignments are ended, never deleted"
    ),
    Guard(
        "sheet_insert",
        "panels_scoresheet",
        "INSERT",
        "only a volunteer of this round who does not stand aside can score, while it is open",
        f"{not_a_volunteer('NEW.member_id')} "
        f"OR {stands_aside('NEW.member_id', 'NEW.application_id')} "
        f"OR {other_round('NEW.member_id', 'NEW.application_id')} "
        f"OR {stage_not_open(ROUND_OF_BID, STAGE_OF_PHASE)}",
    ),
    Guard(
        "sheet_update",
        "panels_scoresheet",
        "UPDATE",
        "scores that were sent do not change; typed ones can only be confirmed, once",
        changed(
            "member_id",
            "application_id",
            "assignment_id",
            "version_id",
            "phase",
            "why",
            "sent_at",
            "sent_by_id",
            "typed_by_id",
        )
        + " OR OLD.confirmed_at IS NOT NULL OR OLD.typed_by_id IS NULL",
    ),
    Guard("sheet_delete", "panels_scoresheet", "DELETE", "scores that were sent are never deleted"),
    Guard(
        "score_insert",
        "panels_score",
        "INSERT",
        "only a volunteer of this round can score",
        "NOT EXISTS (SELECT 1 FROM panels_scoresheet h JOIN commissioning_member m "
        "ON m.id = h.member_id JOIN accounts_roleholding r ON r.person_id = m.person_id "
        "JOIN accounts_person p ON p.id = m.person_id "
        "WHERE h.id = NEW.sheet_id AND m.ended_at IS NULL AND r.role = 'volunteer' "
        "AND r.ended_at IS NULL AND NOT p.is_superuser AND NOT p.is_staff)",
    ),
    *append_only("panels_score"),
    *append_only("panels_takeback"),
    *append_only("panels_void"),
    *append_only("panels_declaration"),
    *append_only("panels_interest"),
    *append_only("panels_standingaside"),
    *append_only("panels_shortlisting"),
    Guard(
        "shortlisting_insert",
        "panels_shortlisting",
        "INSERT",
        "only the panel chooses who to meet, by an agreed proposal about that bid",
        f"NOT {agreed_by('NEW.panel_id', 'shortlist', 'o.id = NEW.proposal_id')} "
        "OR NOT EXISTS (SELECT 1 FROM panels_proposal o WHERE o.id = NEW.proposal_id "
        "AND o.application_id = NEW.application_id)",
    ),
    Guard(
        "panel_insert",
        "panels_panel",
        "INSERT",
        "a new panel has opened nothing",
        "NEW.scores_opened_at IS NOT NULL OR NEW.interviews_opened_at IS NOT NULL",
    ),
    Guard(
        "opening_is_agreed",
        "panels_panel",
        "UPDATE",
        "only the panel opens its scores, by an agreed proposal",
        "(NEW.scores_opened_at IS NOT NULL AND OLD.scores_opened_at IS NULL "
        f"AND NOT {agreed_by('NEW.id', 'open_scores')}) "
        "OR (NEW.interviews_opened_at IS NOT NULL AND OLD.interviews_opened_at IS NULL "
        f"AND NOT {agreed_by('NEW.id', 'open_interviews')})",
    ),
    Guard(
        "opened_stays_open",
        "panels_panel",
        "UPDATE",
        "scores that were opened stay open, and a panel keeps its lot",
        "(OLD.scores_opened_at IS NOT NULL AND "
        "NEW.scores_opened_at IS DISTINCT FROM OLD.scores_opened_at) "
        "OR (OLD.interviews_opened_at IS NOT NULL AND "
        "NEW.interviews_opened_at IS DISTINCT FROM OLD.interviews_opened_at) "
        f"OR {changed('lot_id', 'round_id')}",
    ),
    Guard(
        "proposal_vote_insert",
        "panels_proposalvote",
        "INSERT",
        "only a panel member who does not stand aside can vote, while it is open",
        f"{seat_cannot_act('NEW.seat_id', PANEL_OF_PROPOSAL)} "
        f"OR {seat_stands_aside('NEW.seat_id')} "
        "OR EXISTS (SELECT 1 FROM panels_proposal o JOIN panels_seat t ON t.id = NEW.seat_id "
        "JOIN panels_standingaside s ON s.member_id = t.member_id "
        "AND s.application_id = o.application_id WHERE o.id = NEW.proposal_id) "
        "OR EXISTS (SELECT 1 FROM panels_proposal o "
        "WHERE o.id = NEW.proposal_id AND o.settled_at IS NOT NULL) "
        "OR NEW.confirmed_at IS NOT NULL",
    ),
    Guard(
        "proposal_vote_update",
        "panels_proposalvote",
        "UPDATE",
        "a vote does not change; a typed one can only be confirmed, once",
        changed("proposal_id", "seat_id", "choice", "words", "voted_at", "typed_by_id")
        + " OR OLD.confirmed_at IS NOT NULL OR OLD.typed_by_id IS NULL",
    ),
    Guard("proposal_vote_delete", "panels_proposalvote", "DELETE", "votes are never deleted"),
    Guard(
        "proposal_update",
        "panels_proposal",
        "UPDATE",
        "what was put to the panel does not change, and what is settled stays settled",
        changed("panel_id", "kind", "application_id", "words", "data", "put_at", "put_by_id")
        + " OR OLD.settled_at IS NOT NULL",
    ),
    Guard(
        "proposal_insert",
        "panels_proposal",
        "INSERT",
        "what is put to the panel is not settled yet",
        "NEW.outcome <> '' OR NEW.settled_at IS NOT NULL",
    ),
    Guard(
        "proposal_agreed",
        "panels_proposal",
        "UPDATE",
        "nothing is agreed before enough of the panel have answered",
        f"NEW.outcome = 'agreed' AND {ANSWERS} < COALESCE((SELECT d.quorum FROM panels_panel q "
        "JOIN commissioning_round d ON d.id = q.round_id WHERE q.id = NEW.panel_id), 3)",
    ),
    Guard("proposal_delete", "panels_proposal", "DELETE", "what was put to a panel is kept"),
]
