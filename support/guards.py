"""Guards of what looks after people: what they signed, what they were paid, how they were counted.

Words may be blanked when they were kept long enough; numbers, days and names of who did it stay.
"""

from commissioning.guards import changed, no_typist
from ledger.guards import Guard, append_only

GUARDS = [
    Guard(
        "conduct_insert",
        "support_conduct",
        "INSERT",
        "one signs for oneself, or a facilitator notes the signed paper",
        "NEW.taken_back_at IS NOT NULL OR (NEW.signed_by_id <> NEW.person_id "
        f"AND (NOT NEW.on_paper OR {no_typist('NEW.signed_by_id')}))",
    ),
    Guard(
        "conduct_update",
        "support_conduct",
        "UPDATE",
        "what was signed stays signed until its signer takes it back, once",
        f"({changed('round_id', 'person_id', 'wording', 'on_paper', 'signed_at', 'signed_by_id')}) "
        "OR OLD.taken_back_at IS NOT NULL",
    ),
    Guard("conduct_delete", "support_conduct", "DELETE", "that somebody signed is kept"),
    Guard(
        "expense_insert",
        "support_expense",
        "INSERT",
        "a claim begins with no answer",
        "NEW.paid_at IS NOT NULL OR NEW.refused_at IS NOT NULL",
    ),
    Guard(
        "expense_update",
        "support_expense",
        "UPDATE",
        "a claim stays as it was made, and is answered once, by a facilitator",
        f"({changed('member_id', 'kind', 'amount', 'spent_on', 'claimed_at', 'claimed_by_id')}) "
        "OR ((OLD.paid_at IS NOT NULL OR OLD.refused_at IS NOT NULL) "
        f"AND ({changed('paid_at', 'paid_by_id', 'refused_at', 'refused_by_id')})) "
        "OR (OLD.paid_at IS NULL AND NEW.paid_at IS NOT NULL "
        f"AND {no_typist('NEW.paid_by_id')})",
    ),
    Guard("expense_delete", "support_expense", "DELETE", "what was claimed is kept"),
    Guard(
        "count_day_update",
        "support_countday",
        "UPDATE",
        "a day of counting stays where it was fixed, and is counted once",
        f"({changed('round_id', 'count_on')}) OR OLD.counted_at IS NOT NULL",
    ),
    Guard("count_day_delete", "support_countday", "DELETE", "days of counting are kept"),
    *append_only("support_abouttable"),
    Guard(
        "about_table_insert",
        "support_abouttable",
        "INSERT",
        "nothing is added to a day that was counted",
        "EXISTS (SELECT 1 FROM support_countday d "
        "WHERE d.id = NEW.day_id AND d.counted_at IS NOT NULL)",
    ),
]
