"""Guards of the round: who may be a member, and who may vote on what to fund.

The SQL is the same on both vendors. Guards look at stored facts only, never at dates.
"""

from collections.abc import Iterator

from commissioning.timetable import PANELS_OWN
from ledger.guards import Guard, append_only


def staff_in_its_life(person: str, round_made_at: str) -> str:
    """True when this person held a staff role at any time since the round was made."""
    return (
        f"EXISTS (SELECT 1 FROM accounts_roleholding f WHERE f.person_id = {person} "
        "AND f.role IN ('facilitator', 'administrator') "
        f"AND (f.ended_at IS NULL OR f.ended_at > {round_made_at}))"
    )


def volunteer(person: str) -> str:
    """True when the row `p` of accounts_person is a volunteer today, and no staff of any kind."""
    return (
        f"EXISTS (SELECT 1 FROM accounts_roleholding v WHERE v.person_id = {person}.id "
        "AND v.role = 'volunteer' AND v.ended_at IS NULL) "
        f"AND {person}.kind = 'human' AND NOT {person}.is_superuser AND NOT {person}.is_staff"
    )


def not_a_volunteer(member: str) -> str:
    """True unless this member counts in the round today, is a volunteer, and was no staff in it."""
    return (
        "NOT EXISTS (SELECT 1 FROM commissioning_member m "
        "JOIN accounts_person p ON p.id = m.person_id "
        "JOIN commissioning_round d ON d.id = m.round_id "
        f"WHERE m.id = {member} AND m.ended_at IS NULL AND m.confirmed_at IS NOT NULL "
        f"AND {volunteer('p')} AND NOT {staff_in_its_life('p.id', 'd.made_at')})"
    )


def not_its_person(person: str, member: str) -> str:
    """True unless this person is the member."""
    return (
        "NOT EXISTS (SELECT 1 FROM commissioning_member w "
        f"WHERE w.id = {member} AND w.person_id = {person})"
    )


def no_typist(person: str) -> str:
    """True when somebody is named as having typed who is no facilitator today."""
    return (
        f"({person} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM accounts_roleholding y "
        f"WHERE y.person_id = {person} AND y.role = 'facilitator' AND y.ended_at IS NULL))"
    )


def stage_not_open(round_id: str, kind: str, lot_id: str) -> str:
    """True unless this stage, as it stands for the lot, was opened and is not closed."""
    own = f"FROM commissioning_lotstage o WHERE o.lot_id = {lot_id} AND o.kind = {kind}"
    return (
        f"(NOT EXISTS (SELECT 1 {own} AND o.opened_at IS NOT NULL AND o.closed_at IS NULL) "
        f"AND (EXISTS (SELECT 1 {own}) OR NOT EXISTS (SELECT 1 FROM commissioning_stage g "
        f"WHERE g.round_id = {round_id} AND g.kind = {kind} "
        "AND g.opened_at IS NOT NULL AND g.closed_at IS NULL)))"
    )


def changed(*columns: str) -> str:
    """True when any of these columns differs from what is stored (empty counts as a value)."""
    # IS DISTINCT FROM needs SQLite 3.39; Debian 12 has 3.40.
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


EVER_STAFF_IN_THIS_ROUND = (
    "EXISTS (SELECT 1 FROM accounts_person p WHERE p.id = NEW.person_id "
    "AND (p.is_superuser OR p.is_staff OR p.kind <> 'human')) OR "
    + staff_in_its_life(
        "NEW.person_id", "(SELECT d.made_at FROM commissioning_round d WHERE d.id = NEW.round_id)"
    )
)

NO_VOLUNTEER_ROLE = (
    "NOT EXISTS (SELECT 1 FROM accounts_roleholding r WHERE r.person_id = NEW.person_id "
    "AND r.role = 'volunteer' AND r.ended_at IS NULL)"
)

HERE = (
    "(SELECT COUNT(*) FROM commissioning_member m WHERE m.round_id = NEW.round_id "
    "AND m.confirmed_at IS NOT NULL AND m.ended_at IS NULL)"
)


IN_FAVOUR, AGAINST = "v.choice <> 'disagree'", "v.choice = 'disagree'"


def votes(which: str) -> str:
    """How many who are in the round today voted on this agreement in this way."""
    return (
        "(SELECT COUNT(*) FROM commissioning_agreementvote v "
        "JOIN commissioning_member m ON m.id = v.member_id "
        f"WHERE v.agreement_id = NEW.id AND m.ended_at IS NULL AND {which})"
    )


def was_put(agreement: str) -> str:
    """True when this agreement was put to the vote."""
    return (
        "EXISTS (SELECT 1 FROM commissioning_agreement a "
        f"WHERE a.id = {agreement} AND a.put_at IS NOT NULL)"
    )


def list_closed(round_id: str) -> str:
    """True when something was put to the vote in this round: the first list is closed then."""
    return (
        "EXISTS (SELECT 1 FROM commissioning_agreement a "
        f"WHERE a.round_id = {round_id} AND a.put_at IS NOT NULL)"
    )


def confirmed_by_two(member: str) -> str:
    """True when two volunteers of the round have said that they know this newcomer."""
    return f"(SELECT COUNT(*) FROM commissioning_confirmation c WHERE c.member_id = {member}) >= 2"


def put_to_the_vote(table: str, what: str) -> Iterator[Guard]:
    """What was put to the vote gets no more rows, and loses and changes none."""
    for on, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        yield Guard(
            f"{table}_{on.lower()}",
            f"commissioning_{table}",
            on,
            f"{what} that were put to the vote stay as they were",
            was_put(f"{row}.agreement_id"),
        )


def frozen(round_id: str) -> str:
    """True when bids have opened in this round."""
    return (
        "EXISTS (SELECT 1 FROM commissioning_round d "
        f"WHERE d.id = {round_id} AND d.frozen_at IS NOT NULL)"
    )


LEVEL_WAS_PUT = (
    "(SELECT c.agreement_id FROM commissioning_criterion c WHERE c.id = {}.criterion_id)"
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
        f"{changed('person_id', 'round_id', 'invited_by_id')} "
        "OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS NULL)",
    ),
    Guard("member_delete", "commissioning_member", "DELETE", "a member is ended, never deleted"),
    Guard(
        "member_counts_at_once",
        "commissioning_member",
        "INSERT",
        "once something was put to the vote, a new member counts only when confirmed",
        f"NEW.confirmed_at IS NOT NULL AND {list_closed('NEW.round_id')}",
    ),
    Guard(
        "member_confirmed_stays",
        "commissioning_member",
        "UPDATE",
        "a member who counts goes on counting until their place ends",
        f"OLD.confirmed_at IS NOT NULL AND ({changed('confirmed_at', 'confirmed_by_id')})",
    ),
    Guard(
        "confirmation_insert",
        "commissioning_confirmation",
        "INSERT",
        "only a volunteer who counts in the round confirms a newcomer, whom they did not invite",
        f"{not_a_volunteer('NEW.confirmer_id')} OR NOT EXISTS (SELECT 1 "
        "FROM commissioning_member m JOIN commissioning_member c ON c.round_id = m.round_id "
        "WHERE m.id = NEW.member_id AND c.id = NEW.confirmer_id AND m.id <> c.id "
        "AND m.joined_at IS NOT NULL AND m.ended_at IS NULL AND m.confirmed_at IS NULL "
        "AND m.invited_by_id <> c.person_id)",
    ),
    *append_only("commissioning_confirmation"),
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
    Guard(
        "agreement_vote_typed",
        "commissioning_agreementvote",
        "INSERT",
        "a typed vote counts once somebody who did not type it has confirmed it",
        "NEW.typed_by_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM commissioning_typedvote t "
        "WHERE t.agreement_id = NEW.agreement_id AND t.member_id = NEW.member_id "
        "AND t.typed_by_id = NEW.typed_by_id AND t.choice = NEW.choice "
        "AND t.confirmed_at IS NOT NULL AND t.dropped_at IS NULL)",
    ),
    *append_only("commissioning_agreementvote"),
    Guard(
        "typed_vote_insert",
        "commissioning_typedvote",
        "INSERT",
        "a facilitator types a vote for a volunteer, and nobody has confirmed it yet",
        f"{not_a_volunteer('NEW.member_id')} OR {no_typist('NEW.typed_by_id')} "
        "OR NEW.confirmed_at IS NOT NULL",
    ),
    Guard(
        "typed_vote_update",
        "commissioning_typedvote",
        "UPDATE",
        "a typed vote does not change; it can be confirmed or dropped, once",
        changed("agreement_id", "member_id", "choice", "words", "typed_at", "typed_by_id")
        + " OR OLD.confirmed_at IS NOT NULL OR OLD.dropped_at IS NOT NULL",
    ),
    Guard("typed_vote_delete", "commissioning_typedvote", "DELETE", "typed votes are kept"),
    Guard(
        "agreement_insert",
        "commissioning_agreement",
        "INSERT",
        "a new agreement was not voted on yet",
        "NEW.agreed_at IS NOT NULL OR NEW.turned_down_at IS NOT NULL",
    ),
    Guard(
        "agreed_by_vote",
        "commissioning_agreement",
        "UPDATE",
        "nothing is agreed before more than half have voted, and more for it than against",
        "NEW.agreed_at IS NOT NULL AND OLD.agreed_at IS NULL AND ("
        f"OLD.put_at IS NULL OR {votes('1 = 1')} * 2 <= {HERE} OR "
        f"{votes(IN_FAVOUR)} <= {votes(AGAINST)})",
    ),
    Guard(
        "agreed_stays",
        "commissioning_agreement",
        "UPDATE",
        "what was agreed or turned down stays as it was",
        "(OLD.agreed_at IS NOT NULL OR OLD.turned_down_at IS NOT NULL) AND ("
        f"{changed('agreed_at', 'turned_down_at', 'put_at', 'round_id', 'version', 'about')})",
    ),
    Guard(
        "put_stays",
        "commissioning_agreement",
        "UPDATE",
        "what was put to the vote stays put",
        f"OLD.put_at IS NOT NULL AND ({changed('put_at', 'put_by_id', 'round_id', 'about')})",
    ),
    Guard("agreement_delete", "commissioning_agreement", "DELETE", "agreements are kept"),
    *put_to_the_vote("criterion", "criteria"),
    *put_to_the_vote("priority", "priorities"),
    *put_to_the_vote("musthave", "must-haves"),
    *(
        Guard(
            f"levelword_{on.lower()}",
            "commissioning_levelword",
            on,
            "level words that were put to the vote stay as they were",
            was_put(LEVEL_WAS_PUT.format(row)),
        )
        for on, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    ),
    *append_only("commissioning_objection"),
    Guard(
        "closed_stage_stays",
        "commissioning_stage",
        "UPDATE",
        "a stage that closed does not open again",
        f"OLD.closed_at IS NOT NULL AND ({changed('closed_at', 'opened_at', 'recovery_days')})",
    ),
    Guard(
        "opened_stage_stays",
        "commissioning_stage",
        "UPDATE",
        "a stage that opened was opened, and a stage keeps its round, kind and place",
        "(OLD.opened_at IS NOT NULL AND NEW.opened_at IS NULL) "
        f"OR {changed('round_id', 'kind')} "
        'OR NEW."order" IS DISTINCT FROM OLD."order"',
    ),
    Guard(
        "stage_delete",
        "commissioning_stage",
        "DELETE",
        "a stage that opened is never deleted",
        "OLD.opened_at IS NOT NULL",
    ),
    Guard(
        "lotstage_insert",
        "commissioning_lotstage",
        "INSERT",
        "an own stage of a panel begins as the one of the round stands, which has not closed",
        "NEW.closed_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM commissioning_stage g "
        "JOIN commissioning_round d ON d.id = g.round_id "
        "JOIN commissioning_lot t ON t.round_id = g.round_id "
        "WHERE g.round_id = NEW.round_id AND g.kind = NEW.kind AND t.id = NEW.lot_id "
        "AND d.has_own_days AND g.closed_at IS NULL "
        "AND g.opened_at IS NOT DISTINCT FROM NEW.opened_at) "
        f"OR NEW.kind NOT IN ({', '.join(repr(kind) for kind in sorted(PANELS_OWN))})",
    ),
    Guard(
        "closed_lotstage_stays",
        "commissioning_lotstage",
        "UPDATE",
        "an own stage of a panel that closed does not open again",
        f"OLD.closed_at IS NOT NULL AND ({changed('closed_at', 'opened_at', 'recovery_days')})",
    ),
    Guard(
        "opened_lotstage_stays",
        "commissioning_lotstage",
        "UPDATE",
        "an own stage of a panel that opened was opened, and keeps its round, lot, kind and place",
        "(OLD.opened_at IS NOT NULL AND NEW.opened_at IS NULL) "
        f"OR {changed('round_id', 'lot_id', 'kind')} "
        'OR NEW."order" IS DISTINCT FROM OLD."order"',
    ),
    Guard(
        "lotstage_delete",
        "commissioning_lotstage",
        "DELETE",
        "own stages of panels are kept",
    ),
    Guard(
        "own_days_stay",
        "commissioning_round",
        "UPDATE",
        "once a panel has days of its own, it keeps them",
        "OLD.has_own_days AND NOT NEW.has_own_days",
    ),
    Guard(
        "frozen_money",
        "commissioning_round",
        "UPDATE",
        "the money, and how it is decided on, are fixed once bids have opened",
        "OLD.frozen_at IS NOT NULL AND ("
        + changed(
            "envelope",
            "frozen_at",
            "chain_id",
            "quorum",
            "delegation",
            "trustees_ratify",
            "award_kind",
            "middle",
            "reason_for",
        )
        + ")",
    ),
    Guard(
        "round_stays",
        "commissioning_round",
        "UPDATE",
        "a round keeps its programme and the day it was made",
        changed("programme_id", "made_at", "made_by_id"),
    ),
    Guard("round_delete", "commissioning_round", "DELETE", "a round is never deleted"),
    Guard(
        "lot_update",
        "commissioning_lot",
        "UPDATE",
        "a lot keeps its money once bids have opened",
        f"{frozen('OLD.round_id')} AND ({changed('round_id', 'slug')} "
        'OR NEW."limit" IS DISTINCT FROM OLD."limit")',
    ),
    Guard(
        "lot_delete",
        "commissioning_lot",
        "DELETE",
        "a lot stays once bids have opened",
        frozen("OLD.round_id"),
    ),
    Guard(
        "funder_rule_update",
        "commissioning_funderrule",
        "UPDATE",
        "the rules of the funder are fixed once bids have opened",
        frozen("OLD.round_id"),
    ),
    Guard(
        "funder_rule_delete",
        "commissioning_funderrule",
        "DELETE",
        "the rules of the funder stay once bids have opened",
        frozen("OLD.round_id"),
    ),
    # ---- People, whom every app above may ask about ----
    Guard(
        "role_update",
        "accounts_roleholding",
        "UPDATE",
        "what somebody was stays known: a role can only be ended, once",
        f"{changed('person_id', 'role', 'began_at', 'began_by_id')} OR OLD.ended_at IS NOT NULL",
    ),
    Guard("role_delete", "accounts_roleholding", "DELETE", "a role is ended, never deleted"),
    Guard(
        "person_update",
        "accounts_person",
        "UPDATE",
        "a person stays a person, and whoever was a superuser stays known as one",
        f"{changed('kind')} OR (OLD.is_superuser AND NOT NEW.is_superuser) "
        "OR (OLD.is_staff AND NOT NEW.is_staff)",
    ),
    Guard("person_delete", "accounts_person", "DELETE", "a person is never deleted"),
    Guard(
        "new_email_insert",
        "accounts_newemail",
        "INSERT",
        "a new email is asked for first, and settled by a second person",
        "NEW.agreed_at IS NOT NULL OR NEW.refused_at IS NOT NULL",
    ),
    Guard(
        "new_email_update",
        "accounts_newemail",
        "UPDATE",
        "what was asked for stays as it was asked, and is settled once, by staff or the board",
        f"({changed('person_id', 'why', 'asked_at', 'asked_by_id')}) "
        "OR (NEW.email <> OLD.email AND NEW.email <> '') "
        "OR OLD.agreed_at IS NOT NULL OR OLD.refused_at IS NOT NULL "
        "OR (NEW.agreed_by_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM accounts_roleholding r "
        "WHERE r.person_id = NEW.agreed_by_id AND r.ended_at IS NULL "
        "AND r.role IN ('facilitator', 'administrator', 'board')))",
    ),
    Guard("new_email_delete", "accounts_newemail", "DELETE", "that somebody asked for it stays"),
    *append_only("commissioning_promise"),
    *append_only("commissioning_hoursgiven"),
    Guard(
        "hours_given_insert",
        "commissioning_hoursgiven",
        "INSERT",
        "a member says how long it took, or a facilitator types it for them",
        f"{not_its_person('NEW.said_by_id', 'NEW.member_id')} AND {no_typist('NEW.said_by_id')}",
    ),
    Guard(
        "hours_given_typed",
        "commissioning_hoursgiven",
        "INSERT",
        "typed hours count once somebody who did not type them has confirmed them",
        f"{not_its_person('NEW.said_by_id', 'NEW.member_id')} AND NOT EXISTS (SELECT 1 "
        "FROM commissioning_typedanswer t WHERE t.member_id = NEW.member_id "
        "AND t.typed_by_id = NEW.said_by_id AND t.about = 'hours' "
        "AND t.confirmed_at IS NOT NULL AND t.dropped_at IS NULL)",
    ),
    Guard(
        "typed_answer_insert",
        "commissioning_typedanswer",
        "INSERT",
        "a facilitator types for a volunteer, and nobody has confirmed it yet",
        f"{not_a_volunteer('NEW.member_id')} OR {no_typist('NEW.typed_by_id')} "
        "OR NEW.confirmed_at IS NOT NULL OR NEW.dropped_at IS NOT NULL",
    ),
    Guard(
        "typed_answer_update",
        "commissioning_typedanswer",
        "UPDATE",
        "what was typed does not change; it is confirmed or dropped, once, and its words go",
        f"{changed('member_id', 'about', 'typed_at', 'typed_by_id')} "
        "OR (NEW.said IS DISTINCT FROM OLD.said AND NEW.said <> '{}') "
        "OR ((OLD.confirmed_at IS NOT NULL OR OLD.dropped_at IS NOT NULL) AND "
        f"({changed('confirmed_at', 'confirmed_by_id', 'dropped_at', 'dropped_by_id')}))",
    ),
    Guard("typed_answer_delete", "commissioning_typedanswer", "DELETE", "that it was typed stays"),
]
