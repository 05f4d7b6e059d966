"""Checks on the organisations that were chosen. A failed one goes back to the panel, in words."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from decisions import rules
from decisions.models import CheckKind, DueDiligence, Outcome
from ledger.actions import record
from ledger.trail import digest


@transaction.atomic
def check_organisation(
    *, outcome: Outcome, kind: str, passed: bool, by: Person, at: datetime, words: str = ""
) -> DueDiligence:
    """Note one check. A later check of the same kind takes the place of an earlier one.

    A failed check changes no award: the panel reads why, and puts a new decision if it chooses.
    """
    outcome = (
        Outcome.objects.select_related(
            "application__organisation", "decision__panel__round__chain", "decision__panel__lot"
        )
        .select_for_update(of=("self",))
        .get(pk=outcome.pk)
    )
    rules.may_check(by, outcome, on=timezone.localdate(at)).require()
    if not passed and not words.strip():
        raise Refused(_("Write what is wrong. The panel will read it."))
    check = DueDiligence.objects.create(
        outcome=outcome,
        kind=CheckKind(kind),
        passed=passed,
        words=words.strip(),
        checked_at=at,
        checked_by=by,
    )
    panel = outcome.decision.panel
    if not passed:
        for seat in rules.entitled_seats(panel):
            write_to(
                seat.member.person,
                "check_failed",
                key=f"check_failed:{check.pk}:{seat.pk}",
                by=by,
                at=at,
                context={"check": check, "bid": outcome.application, "panel": panel},
                chain=panel.round.chain,
            )
    record(
        chain=panel.round.chain,
        verb="checked_organisation",
        by=by,
        at=at,
        check=check.pk,
        outcome=outcome.pk,
        kind=str(check.kind),
        passed=passed,
        words_digest=digest(check.words),
    )
    return check
