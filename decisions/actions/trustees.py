"""What trustees may do: confirm a decision, or stop payment for a legal reason. Never choose."""

from datetime import datetime

from django.db import transaction

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Verdict
from decisions import rules
from decisions.models import Decision, Ratification
from ledger.actions import record
from ledger.trail import digest


@transaction.atomic
def ratify(*, decision: Decision, by: Person, at: datetime, words: str = "") -> Ratification:
    """Confirm a standing decision for the trustees, where the delegation record asks for it."""
    locked = _locked(decision)
    return _note(
        locked, Ratification.Kind.CONFIRMED, words, rules.may_ratify(by, locked), by=by, at=at
    )


@transaction.atomic
def hold(*, decision: Decision, reason: str, by: Person, at: datetime) -> Ratification:
    """Stop payment for a legal reason. The panel reads the reason; who was chosen stays."""
    locked = _locked(decision)
    verdict = rules.may_hold(by, locked, reason)
    return _note(locked, Ratification.Kind.HOLD, reason, verdict, by=by, at=at)


@transaction.atomic
def lift_hold(*, decision: Decision, reason: str, by: Person, at: datetime) -> Ratification:
    """Take the hold off again, and say why."""
    locked = _locked(decision)
    verdict = rules.may_lift_hold(by, locked, reason)
    return _note(locked, Ratification.Kind.LIFTED, reason, verdict, by=by, at=at)


def _locked(decision: Decision) -> Decision:
    return (
        Decision.objects.select_for_update(of=("self",))
        .select_related("panel__round__chain", "panel__lot")
        .get(pk=decision.pk)
    )


LETTERS = {
    Ratification.Kind.CONFIRMED: "decision_confirmed",
    Ratification.Kind.HOLD: "decision_on_hold",
    Ratification.Kind.LIFTED: "hold_lifted",
}
VERBS = {
    Ratification.Kind.CONFIRMED: "ratified_decision",
    Ratification.Kind.HOLD: "held_decision",
    Ratification.Kind.LIFTED: "lifted_hold",
}


def _note(
    decision: Decision,
    kind: Ratification.Kind,
    reason: str,
    verdict: Verdict,
    *,
    by: Person,
    at: datetime,
) -> Ratification:
    verdict.require()
    row = Ratification.objects.create(
        decision=decision, kind=kind, reason=reason.strip(), made_at=at, made_by=by
    )
    for seat in rules.entitled_seats(decision.panel):
        write_to(
            seat.member.person,
            LETTERS[kind],
            key=f"{LETTERS[kind]}:{row.pk}:{seat.pk}",
            by=by,
            at=at,
            context={"decision": decision, "panel": decision.panel, "reason": row.reason},
            chain=decision.panel.round.chain,
        )
    record(
        chain=decision.panel.round.chain,
        verb=VERBS[kind],
        by=by,
        at=at,
        decision=decision.pk,
        ratification=row.pk,
        reason_digest=digest(row.reason),
    )
    return row
