"""An organisation answers its award."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person, Role
from accounts.permissions import Refused
from decisions import rules
from decisions.models import Acceptance, Outcome
from ledger.actions import record
from ledger.trail import digest


@transaction.atomic
def accept_award(
    *, outcome: Outcome, accepted: bool, by: Person, at: datetime, words: str = ""
) -> Acceptance:
    """Say yes or no to an award and its conditions, once, by somebody from the organisation."""
    outcome = (
        Outcome.objects.select_related(
            "application__organisation", "decision__panel__round__chain", "decision__panel__lot"
        )
        .select_for_update(of=("self",))
        .get(pk=outcome.pk)
    )
    rules.may_accept(by, outcome).require()
    if not accepted and not words.strip():
        raise Refused(_("Say in a few words why you do not take the money."))
    answer = Acceptance.objects.create(
        outcome=outcome, accepted=accepted, words=words.strip(), made_at=at, made_by=by
    )
    round = outcome.decision.panel.round
    for person in Person.objects.holding(Role.FACILITATOR):
        write_to(
            person,
            "award_answered",
            key=f"award_answered:{answer.pk}:{person.pk}",
            by=by,
            at=at,
            context={"answer": answer, "bid": outcome.application, "round": round},
            chain=round.chain,
        )
    record(
        chain=round.chain,
        verb="answered_award",
        by=by,
        at=at,
        outcome=outcome.pk,
        accepted=accepted,
        words_digest=digest(answer.words),
    )
    return answer
