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
from panels.rules.proposals import entitled


@transaction.atomic
def accept_award(
    *, outcome: Outcome, accepted: bool, by: Person, at: datetime, words: str = ""
) -> Acceptance:
    """Say yes or no to an award and its conditions, once, by somebody from the organisation."""
    outcome = (
        Outcome.objects.select_related(
            "application__organisation", "decision__panel__round__chain", "decision__panel__lot"
        )
        .select_for_update(of=("application",))  # outcomes never change: the app may lock none
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
    if not accepted:
        tell_panel_money_is_free(
            outcome, key=f"answer:{answer.pk}", by=by, at=at, said=answer.words
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


def tell_panel_money_is_free(
    outcome: Outcome, *, key: str, by: Person, at: datetime, said: str = ""
) -> None:
    """A group does not take its award: the panel hears it, and decides what follows. Who stands
    aside from the bid hears nothing. `key` says once for what; within a transaction."""
    panel, bid = outcome.decision.panel, outcome.application
    for seat in entitled(panel, bid).select_related("member__person"):
        write_to(
            seat.member.person,
            "money_came_back",
            key=f"money_came_back:{key}:{seat.pk}",
            by=by,
            at=at,
            context={"bid": bid, "panel": panel, "sum": outcome.amount, "said": said},
            chain=panel.round.chain,
        )
