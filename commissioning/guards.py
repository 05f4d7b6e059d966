"""Guards of the round: who may be a member, and who may vote on what to fund.

The SQL is the same on both vendors. Guards look at stored facts only, never at dates.
"""

from ledger.guards import Guard, append_only


def not_a_volunteer(member: str) -> str:
    """True unless this member is in the round today and is a volunteer, and no staff."""
    return (
        "NOT EXISTS (SELECT 1 FROM commissioning_member m "
        "JOIN accounts_person p ON p.id = m.person_id "
        "JOIN accounts_roleholding r ON r.person_id = p.id "
        f"WHERE m.id = {member} AND m.ended_at IS NULL AND m.joined_at IS NOT NULL "
        "AND r.role = 'volunteer' AND r.ended_at IS NULL "
        "AND NOT p.is_superuser AND NOT p.is_staff)"
    )


def stage_not_open(round_id: str, kind: str) -> str:
    """True unless this stage of the round was opened and is not closed."""
    return (
        "NOT EXISTS (SELECT 1 FROM commissioning_stage g "
        f"WHERE g.round_id = {round_id} AND g.kind = {kind} "
        "AND g.opened_at IS NOT NULL AND g.closed_at IS NULL)"
    )


def changed(*columns: str) -> str:
    """True when any of these columns differs from what is stored (empty counts as a value)."""
    # IS DISTINCT FROM needs SQLite 3.39; Debian 12 has 3.40.
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


EVER_STAFF_IN_THIS_ROUND = (
    "EXISTS (SELECT 1 FROM accounts_person p WHERE p.id = NEW.person_id "
    "AND (p.is_superuser OR p.is_staff OR p.kind <> 'human')) "
    "OR EXISTS (SELECT 1 FROM accounts_roleholding r "
    "JOIN commissioning_round d ON d.id = NEW.round_id "
    "WHERE r.person_id = NEW.person_id AND r.role IN ('facilitator', 'administrator') "
    "AND (r.ended_at IS NULL OR r.ended_at > d.made_at))"
)

NO_VOLUNTEER_ROLE = (
    "NOT EXISTS (SELECT 1 FROM accounts_roleholding r WHERE r.person_id = NEW.person_id "
    "AND r.role = 'volunteer' AND r.ended_at IS NULL)"
)

GUARDS = [
    Guard(
        "member_insert",
        "commissioning_member",
        "INSERT",
        "only a volunteer who was never staff in this round can be a member",
        f"{NO_VOLUNTEER_ROLE} OR {EVER_STAFF_IN_THIS_ROUND}",
    ),
    Guard(
        "member_update",
        "commissioning_member",
        "UPDATE",
        "a member stays the same person in the same round, and an ended place stays ended",
        f"{changed('person_id', 'round_id')} "
        "OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL)",
    ),
    Guard("member_delete", "commissioning_member", "DELETE", "a member is ended, never deleted"),
    Guard(
        "agreement_vote_insert",
        "commissioning_agreementvote",
        "INSERT",
        "only a volunteer of this round votes on what to fund",
        f"{not_a_volunteer('NEW.member_id')} OR NOT EXISTS (SELECT 1 "
        "FROM commissioning_agreement a JOIN commissioning_member m ON m.round_id = a.round_id "
        "WHERE a.id = NEW.agreement_id AND m.id = NEW.member_id "
        "AND a.put_at IS NOT NULL AND a.agreed_at IS NULL AND a.turned_down_at IS NULL)",
    ),
    *append_only("commissioning_agreementvote"),
    Guard(
        "agreed_stays",
        "commissioning_agreement",
        "UPDATE",
        "what was agreed stays as it was",
        f"OLD.agreed_at IS NOT NULL AND ({changed('agreed_at', 'put_at', 'round_id', 'version')})",
    ),
    Guard("agreement_delete", "commissioning_agreement", "DELETE", "agreements are kept"),
    Guard(
        "criterion_update",
        "commissioning_criterion",
        "UPDATE",
        "criteria that were put to the vote do not change",
        "EXISTS (SELECT 1 FROM commissioning_agreement a "
        "WHERE a.id = OLD.agreement_id AND a.put_at IS NOT NULL)",
    ),
    Guard(
        "criterion_delete",
        "commissioning_criterion",
        "DELETE",
        "criteria that were put to the vote stay",
        "EXISTS (SELECT 1 FROM commissioning_agreement a "
        "WHERE a.id = OLD.agreement_id AND a.put_at IS NOT NULL)",
    ),
    Guard(
        "closed_stage_stays",
        "commissioning_stage",
        "UPDATE",
        "a stage that closed does not open again",
        f"OLD.closed_at IS NOT NULL AND ({changed('closed_at', 'opened_at', 'recovery_days')})",
    ),
    Guard(
        "frozen_money",
        "commissioning_round",
        "UPDATE",
        "the money is fixed once bids have opened",
        f"OLD.frozen_at IS NOT NULL AND ({changed('envelope', 'frozen_at', 'chain_id')})",
    ),
]
