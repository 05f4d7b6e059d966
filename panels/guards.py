"""Guards of the panel: who may sit, read, score and vote. Staff cannot, whatever page or command
they use, and nobody can who stands aside."""

from commissioning.guards import (
    AGAINST,
    IN_FAVOUR,
    changed,
    confirmed_by_two,
    list_closed,
    no_typist,
    not_a_volunteer,
    not_its_person,
    staff_in_its_life,
    stage_not_open,
    volunteer,
)
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
    """True unless this seat is held today, on this panel, by a volunteer who was no staff in it."""
    held = (
        "SELECT 1 FROM panels_seat t JOIN commissioning_member m ON m.id = t.member_id "
        "JOIN accounts_person p ON p.id = m.person_id "
        "JOIN commissioning_round d ON d.id = m.round_id "
        f"WHERE t.id = {seat} AND t.panel_id = {panel} AND t.ended_at IS NULL "
        "AND m.ended_at IS NULL AND m.confirmed_at IS NOT NULL "
        f"AND {volunteer('p')} AND NOT {staff_in_its_life('p.id', 'd.made_at')}"
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


def no_seat_for(member: str, application: str) -> str:
    """True unless this member holds a seat today on the panel that this bid lies before."""
    return (
        "NOT EXISTS (SELECT 1 FROM panels_seat t JOIN panels_panel q ON q.id = t.panel_id "
        "JOIN applications_application b ON b.lot_id = q.lot_id "
        f"WHERE t.member_id = {member} AND b.id = {application} AND t.ended_at IS NULL)"
    )


def bid_opened(application: str, opened_at: str = "q.scores_opened_at") -> str:
    """True when the panel of this bid has opened its scores."""
    return (
        "EXISTS (SELECT 1 FROM panels_panel q JOIN applications_application b "
        f"ON b.lot_id = q.lot_id WHERE b.id = {application} AND {opened_at} IS NOT NULL)"
    )


OPENED_FOR_SHEET = (
    "CASE WHEN h.phase = 'interview' THEN q.interviews_opened_at ELSE q.scores_opened_at END"
)


ROUND_OF_BID = "(SELECT b.round_id FROM applications_application b WHERE b.id = NEW.application_id)"
LOT_OF_BID = ROUND_OF_BID.replace("b.round_id", "b.lot_id")


def stage_of(phase: str) -> str:
    """The stage in which sheets of this phase are sent."""
    return (
        f"CASE {phase} WHEN 'reading' THEN 'scoring' WHEN 'talk' THEN 'shortlist' "
        "ELSE 'interviews' END"
    )


TALK_STAGE = "'shortlist'"
PANEL_OF_PROPOSAL = "(SELECT o.panel_id FROM panels_proposal o WHERE o.id = NEW.proposal_id)"
ENTITLED = (
    "FROM panels_seat t JOIN commissioning_member m ON m.id = t.member_id "
    "JOIN panels_panel q ON q.id = t.panel_id "
    "WHERE t.panel_id = NEW.panel_id AND t.ended_at IS NULL AND m.ended_at IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM panels_standingaside s WHERE s.member_id = m.id "
    "AND s.lot_id = q.lot_id AND (s.application_id IS NULL "
    "OR s.application_id = NEW.application_id)) "
    "AND NOT (NEW.kind = 'interest' AND CAST(m.id AS TEXT) = CAST(NEW.data ->> 'member' AS TEXT))"
)
"""The seats that may answer a proposal, which is the row NEW. Nobody answers on their own tie."""


def answers(which: str = "1 = 1") -> str:
    """How many entitled seats have answered the proposal NEW in this way, so that it counts."""
    return (
        "(SELECT COUNT(*) FROM panels_proposalvote v WHERE v.proposal_id = NEW.id "
        "AND (v.typed_by_id IS NULL OR v.confirmed_at IS NOT NULL) "
        f"AND {which} AND v.seat_id IN (SELECT t.id {ENTITLED}))"
    )


QUORUM = (
    "COALESCE((SELECT d.quorum FROM panels_panel q JOIN commissioning_round d "
    "ON d.id = q.round_id WHERE q.id = NEW.panel_id), "
    f"(SELECT CASE WHEN COUNT(*) / 2 + 1 > 3 THEN COUNT(*) / 2 + 1 ELSE 3 END {ENTITLED}))"
)
SHEET = "(SELECT h.{} FROM panels_scoresheet h WHERE h.id = NEW.sheet_id)"
SHEET_MEMBER, SHEET_BID = SHEET.format("member_id"), SHEET.format("application_id")
ROUND_OF_SHEET = (
    "(SELECT b.round_id FROM panels_scoresheet h JOIN applications_application b "
    "ON b.id = h.application_id WHERE h.id = NEW.sheet_id)"
)
LOT_OF_SHEET = ROUND_OF_SHEET.replace("b.round_id", "b.lot_id")
BIDS_WERE_SEEN = (
    "EXISTS (SELECT 1 FROM panels_panel q JOIN commissioning_stage g ON g.round_id = q.round_id "
    "WHERE q.id = {} AND g.kind = 'sharing' AND g.opened_at IS NOT NULL)"
)
"""From then on, who sits on a panel is the panel's own to say."""

VERSION_OF_OTHER_BID = (
    "NOT EXISTS (SELECT 1 FROM applications_bidversion n "
    "WHERE n.id = NEW.version_id AND n.application_id = NEW.application_id)"
)

GUARDS = [
    Guard(
        "member_confirmed",
        "commissioning_member",
        "UPDATE",
        "a newcomer counts when two volunteers of the round, or a panel of it, have confirmed them",
        "NEW.confirmed_at IS NOT NULL AND OLD.confirmed_at IS NULL "
        f"AND {list_closed('NEW.round_id')} AND NOT {confirmed_by_two('NEW.id')} "
        "AND NOT EXISTS (SELECT 1 FROM panels_proposal o JOIN panels_panel q ON q.id = o.panel_id "
        "WHERE q.round_id = NEW.round_id AND o.kind = 'add_member' AND o.outcome = 'agreed' "
        "AND CAST(o.data ->> 'member' AS TEXT) = CAST(NEW.id AS TEXT))",
    ),
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
        "seat_agreed",
        "panels_seat",
        "INSERT",
        "once the bids have been looked at, the panel must agree to a new member",
        f"{BIDS_WERE_SEEN.format('NEW.panel_id')} AND NOT "
        + agreed_by(
            "NEW.panel_id",
            "add_member",
            "CAST(o.data ->> 'member' AS TEXT) = CAST(NEW.member_id AS TEXT)",
        ),
    ),
    Guard(
        "seat_update",
        "panels_seat",
        "UPDATE",
        "a seat stays with its member and panel, and an ended seat stays ended",
        f"{changed('member_id', 'panel_id', 'began_at', 'began_by_id')} "
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
        f"OR {other_round('NEW.member_id', 'NEW.application_id')} "
        f"OR {VERSION_OF_OTHER_BID}",
    ),
    Guard(
        "assignment_update",
        "panels_assignment",
        "UPDATE",
        "an assignment stays with its reader and bid, its copy only moves on, an ended one stays",
        f"{changed('member_id', 'application_id', 'given_at', 'given_by_id')} "
        f"OR ({changed('version_id')} AND NOT EXISTS (SELECT 1 FROM applications_bidversion n "
        "JOIN applications_bidversion o ON o.application_id = n.application_id "
        "WHERE n.id = NEW.version_id AND o.id = OLD.version_id AND n.number > o.number)) "
        "OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL)",
    ),
    Guard(
        "assignment_delete", "panels_assignment", "DELETE", "assignments are ended, never deleted"
    ),
    Guard(
        "copy_insert",
        "applications_bidversion",
        "INSERT",
        "no new copy of a bid is kept once scores for it were sent",
        "EXISTS (SELECT 1 FROM panels_scoresheet s WHERE s.application_id = NEW.application_id)",
    ),
    Guard(
        "sheet_insert",
        "panels_scoresheet",
        "INSERT",
        "only a volunteer of this round who does not stand aside can score, while it is open",
        f"{not_a_volunteer('NEW.member_id')} "
        f"OR {stands_aside('NEW.member_id', 'NEW.application_id')} "
        f"OR {other_round('NEW.member_id', 'NEW.application_id')} "
        f"OR {stage_not_open(ROUND_OF_BID, stage_of('NEW.phase'), LOT_OF_BID)}",
    ),
    Guard(
        "sheet_is_ones_own",
        "panels_scoresheet",
        "INSERT",
        "scores are sent by their member, or typed by a facilitator and confirmed later",
        f"NEW.confirmed_at IS NOT NULL OR {no_typist('NEW.typed_by_id')} "
        "OR (NEW.typed_by_id IS NOT NULL AND NEW.typed_by_id <> NEW.sent_by_id) "
        "OR (NEW.typed_by_id IS NULL AND "
        f"{not_its_person('NEW.sent_by_id', 'NEW.member_id')})",
    ),
    Guard(
        "sheet_is_of_its_bid",
        "panels_scoresheet",
        "INSERT",
        "scores are for a bid that was given to be read, in the copy of that bid",
        f"{VERSION_OF_OTHER_BID} OR (NEW.phase = 'reading' AND NEW.assignment_id IS NULL) "
        "OR (NEW.assignment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM panels_assignment a "
        "WHERE a.id = NEW.assignment_id AND a.member_id = NEW.member_id "
        "AND a.application_id = NEW.application_id AND (NEW.phase <> 'reading' "
        "OR a.version_id = NEW.version_id))) "
        "OR (NEW.phase <> 'reading' AND "
        f"{no_seat_for('NEW.member_id', 'NEW.application_id')}) "
        f"OR (NEW.phase = 'talk' AND NOT {bid_opened('NEW.application_id')})",
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
        "sheet_confirmed",
        "panels_scoresheet",
        "UPDATE",
        "typed scores are confirmed by their member, or by a second facilitator",
        "NEW.confirmed_at IS NOT NULL AND (NEW.confirmed_by_id = OLD.typed_by_id OR ("
        f"{no_typist('NEW.confirmed_by_id')} AND "
        f"{not_its_person('NEW.confirmed_by_id', 'OLD.member_id')}))",
    ),
    Guard(
        "change_confirmed_in_time",
        "panels_scoresheet",
        "UPDATE",
        "a change after the talk is confirmed while the panel still chooses whom to meet",
        "NEW.confirmed_at IS NOT NULL AND OLD.phase = 'talk' "
        f"AND {stage_not_open(ROUND_OF_BID, TALK_STAGE, LOT_OF_BID)}",
    ),
    Guard(
        "scan_insert",
        "panels_sheetscan",
        "INSERT",
        "a picture of a paper sheet is added by a facilitator, for a reader who is somebody else",
        f"NEW.removed_at IS NOT NULL OR {no_typist('NEW.added_by_id')} "
        "OR NOT EXISTS (SELECT 1 FROM panels_assignment a JOIN commissioning_member w "
        "ON w.id = a.member_id WHERE a.id = NEW.assignment_id AND a.ended_at IS NULL "
        "AND w.person_id <> NEW.added_by_id)",
    ),
    Guard(
        "scan_update",
        "panels_sheetscan",
        "UPDATE",
        "a picture of a paper sheet stays as it was added, and is taken away once",
        changed("assignment_id", "uuid", "kind", "sha256", "added_at", "added_by_id")
        + " OR OLD.removed_at IS NOT NULL OR NEW.removed_at IS NULL",
    ),
    Guard(
        "scan_delete",
        "panels_sheetscan",
        "DELETE",
        "that there was a picture of a paper sheet is kept",
    ),
    Guard(
        "score_insert",
        "panels_score",
        "INSERT",
        "only a volunteer of this round who does not stand aside can score, while it is open",
        f"{not_a_volunteer(SHEET_MEMBER)} OR {stands_aside(SHEET_MEMBER, SHEET_BID)} "
        f"OR {other_round(SHEET_MEMBER, SHEET_BID)} "
        f"OR {stage_not_open(ROUND_OF_SHEET, stage_of(SHEET.format('phase')), LOT_OF_SHEET)}",
    ),
    Guard(
        "score_on_its_sheet",
        "panels_score",
        "INSERT",
        "nothing is added to scores that have their receipt, or do not count",
        # The receipt is written last, in the same transaction as the sheet and its scores.
        "EXISTS (SELECT 1 FROM ledger_letter l WHERE l.key IN ('scores-receipt-' || NEW.sheet_id, "
        "'scores-typed-' || NEW.sheet_id)) "
        "OR EXISTS (SELECT 1 FROM panels_takeback k WHERE k.sheet_id = NEW.sheet_id) "
        "OR EXISTS (SELECT 1 FROM panels_void x WHERE x.sheet_id = NEW.sheet_id)",
    ),
    *append_only("panels_score"),
    *append_only("panels_takeback"),
    Guard(
        "takeback_insert",
        "panels_takeback",
        "INSERT",
        "only the member takes their scores back, before the panel opens them",
        f"{not_its_person('NEW.taken_by_id', SHEET_MEMBER)} OR {bid_opened(SHEET_BID)}",
    ),
    *append_only("panels_void"),
    Guard(
        "void_insert",
        "panels_void",
        "INSERT",
        "scores are void for a tie that was declared, or for typing their member never confirmed",
        "NOT ((NEW.why = 'interest' AND EXISTS (SELECT 1 FROM panels_interest i "
        "JOIN applications_application b ON b.id = i.application_id "
        "JOIN panels_scoresheet h ON h.member_id = i.member_id "
        "JOIN applications_application c ON c.id = h.application_id "
        "WHERE h.id = NEW.sheet_id AND (b.id = c.id OR (b.lot_id = c.lot_id "
        "AND i.kind = 'direct')))) "
        "OR (NEW.why = 'typed_wrong' AND EXISTS (SELECT 1 FROM panels_scoresheet h "
        "WHERE h.id = NEW.sheet_id AND h.typed_by_id IS NOT NULL AND (h.confirmed_at IS NULL "
        f"OR ({not_its_person('h.confirmed_by_id', 'h.member_id')} "
        f"AND NOT {bid_opened('h.application_id', OPENED_FOR_SHEET)}) "
        # What was changed after the talk is all seen at once, so its stage is what still is open.
        f"OR (h.phase = 'talk' AND {not_its_person('h.confirmed_by_id', 'h.member_id')} "
        f"AND NOT {stage_not_open(ROUND_OF_SHEET, TALK_STAGE, LOT_OF_SHEET)})))))",
    ),
    *append_only("panels_abstention"),
    Guard(
        "abstention_insert",
        "panels_abstention",
        "INSERT",
        "only its reader says that they will not score a bid",
        "NOT EXISTS (SELECT 1 FROM panels_assignment a JOIN commissioning_member w "
        "ON w.id = a.member_id WHERE a.id = NEW.assignment_id AND w.person_id = NEW.made_by_id)",
    ),
    *append_only("panels_declaration"),
    Guard(
        "declaration_insert",
        "panels_declaration",
        "INSERT",
        "a volunteer of the round says whom they know, or a facilitator types it for them",
        f"{not_a_volunteer('NEW.member_id')} OR {no_typist('NEW.typed_by_id')} "
        "OR NOT EXISTS (SELECT 1 FROM commissioning_member m JOIN commissioning_lot l "
        "ON l.round_id = m.round_id WHERE m.id = NEW.member_id AND l.id = NEW.lot_id)",
    ),
    *append_only("panels_interest"),
    Guard(
        "interest_insert",
        "panels_interest",
        "INSERT",
        "a tie is between a volunteer and a bid of one round",
        f"{other_round('NEW.member_id', 'NEW.application_id')} OR {no_typist('NEW.typed_by_id')}",
    ),
    *append_only("panels_standingaside"),
    Guard(
        "standing_aside_insert",
        "panels_standingaside",
        "INSERT",
        "nobody is made to stand aside but for their own declared tie",
        "NOT EXISTS (SELECT 1 FROM panels_interest i "
        "JOIN applications_application b ON b.id = i.application_id "
        "WHERE i.id = NEW.interest_id AND i.member_id = NEW.member_id AND b.lot_id = NEW.lot_id "
        "AND ((NEW.application_id IS NULL AND i.kind = 'direct') OR NEW.application_id = b.id))",
    ),
    *append_only("panels_sharechange"),
    *append_only("panels_sharereply"),
    Guard(
        "share_run_update",
        "panels_sharerun",
        "UPDATE",
        "a confirmed share-out stays as it was, and keeps its seed",
        f"{changed('round_id', 'seed', 'aim', 'again_id', 'proposed_at', 'proposed_by_id')} "
        "OR OLD.confirmed_at IS NOT NULL",
    ),
    Guard("share_run_delete", "panels_sharerun", "DELETE", "every share-out is kept"),
    Guard(
        "seat_run_update",
        "panels_seatrun",
        "UPDATE",
        "who was proposed for the panels stays as it was worked out, and is confirmed once",
        f"({changed('round_id', 'seed', 'answer', 'proposed_at', 'proposed_by_id')}) "
        "OR OLD.confirmed_at IS NOT NULL",
    ),
    Guard("seat_run_delete", "panels_seatrun", "DELETE", "every proposal of seats is kept"),
    *append_only("panels_seatchange"),
    Guard(
        "seat_change_insert",
        "panels_seatchange",
        "INSERT",
        "who was proposed for the panels is not changed after it was confirmed",
        "EXISTS (SELECT 1 FROM panels_seatrun r "
        "WHERE r.id = NEW.run_id AND r.confirmed_at IS NOT NULL)",
    ),
    *append_only("panels_shareundo"),
    Guard(
        "share_undo_insert",
        "panels_shareundo",
        "INSERT",
        "a share-out is undone only by staff, and before anybody has opened a bid of it",
        f"{no_typist('NEW.undone_by_id')} "
        "OR NOT EXISTS (SELECT 1 FROM panels_sharerun r "
        "WHERE r.id = NEW.run_id AND r.confirmed_at IS NOT NULL) "
        "OR EXISTS (SELECT 1 FROM panels_assignment a "
        "WHERE a.run_id = NEW.run_id AND a.started_at IS NOT NULL)",
    ),
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
    Guard("panel_delete", "panels_panel", "DELETE", "a panel is never deleted"),
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
        f"OR NEW.confirmed_at IS NOT NULL OR {no_typist('NEW.typed_by_id')}",
    ),
    Guard(
        "proposal_vote_on_own_tie",
        "panels_proposalvote",
        "INSERT",
        "nobody answers on their own tie",
        "EXISTS (SELECT 1 FROM panels_proposal o JOIN panels_seat t ON t.id = NEW.seat_id "
        "WHERE o.id = NEW.proposal_id AND o.kind = 'interest' "
        "AND CAST(t.member_id AS TEXT) = CAST(o.data ->> 'member' AS TEXT))",
    ),
    Guard(
        "proposal_vote_confirmed",
        "panels_proposalvote",
        "UPDATE",
        "a typed answer is confirmed by its member, or by a second facilitator, while it is open",
        "NEW.confirmed_at IS NOT NULL AND (("
        f"{no_typist('NEW.confirmed_by_id')} AND NOT EXISTS (SELECT 1 FROM panels_seat t "
        "JOIN commissioning_member w ON w.id = t.member_id "
        "WHERE t.id = OLD.seat_id AND w.person_id = NEW.confirmed_by_id)) "
        "OR EXISTS (SELECT 1 FROM panels_proposal o "
        "WHERE o.id = OLD.proposal_id AND o.settled_at IS NOT NULL))",
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
        "nothing is agreed before enough of the panel have answered, and more for than against",
        f"NEW.outcome = 'agreed' AND ({answers()} < {QUORUM} "
        f"OR {answers(IN_FAVOUR)} <= {answers(AGAINST)})",
    ),
    Guard("proposal_delete", "panels_proposal", "DELETE", "what was put to a panel is kept"),
    Guard(
        "question_update",
        "panels_question",
        "UPDATE",
        "what a member asked stays as they asked it",
        changed("panel_id", "member_id", "text", "asked_at"),
    ),
    Guard("question_delete", "panels_question", "DELETE", "questions and answers are kept"),
    *append_only("panels_reflection"),
    Guard(
        "steered_update",
        "panels_steered",
        "UPDATE",
        "what a member said stays as they said it, and its outcome stays once it is written",
        f"({changed('panel_id', 'text', 'said_at', 'said_by_id')}) OR OLD.heard_at IS NOT NULL",
    ),
    Guard("steered_delete", "panels_steered", "DELETE", "that a member felt steered is kept"),
    Guard("meeting_delete", "panels_meeting", "DELETE", "meetings and their minutes are kept"),
    Guard(
        "interview_question_update",
        "panels_interviewquestion",
        "UPDATE",
        "a question that was scored stays as it was",
        f"({changed('text', 'panel_id', 'criterion_id', 'dropped_at')}) "
        "AND EXISTS (SELECT 1 FROM panels_score c WHERE c.question_id = OLD.id)",
    ),
    Guard("interview_question_delete", "panels_interviewquestion", "DELETE", "questions are kept"),
]
