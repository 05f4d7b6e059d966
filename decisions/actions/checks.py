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
from panels.rules.proposals import entitled


@transaction.atomic
def check_organisation(
    *, outcome: Outcome, kind: str, passed: bool, by: Person, at: datetime, words: str = ""
) -> DueDiligence:
    """Note one check. A later check of the same kind takes the place of an earlier one.

    A failed check changes no award: the panel reads why, and puts a new decision if it chooses.
    That it is well after all is noted by a second person, a facilitator or a board member, and the
    panel reads that too.
    """
    outcome = (
        Outcome.objects.select_related(
            "application__organisation", "decision__panel__round__chain", "decision__panel__lot"
        )
        .select_for_update(of=("application",))  # outcomes never change: the app may lock none
        .get(pk=outcome.pk)
    )
    rules.may_check(by, outcome, on=timezone.localdate(at)).require()
    if not passed and not words.strip():
        raise Refused(_("Write what is wrong. The panel will read it."))
    failed = next(
        (row for row in rules.failed_checks(outcome.application) if row.kind == kind), None
    )
    rules.may_note_check(by, failed, passed=passed, words=words).require()
    check = DueDiligence.objects.create(
        outcome=outcome,
        kind=CheckKind(kind),
        passed=passed,
        words=words.strip(),
        checked_at=at,
        checked_by=by,
    )
    panel, bid = outcome.decision.panel, outcome.application
    letter = "check_put_right" if passed else "check_failed"
    if failed or not passed:
        for seat in entitled(panel, bid).select_related("member__person"):
            write_to(
                seat.member.person,
                letter,
                key=f"{letter}:{check.pk}:{seat.pk}",
                by=by,
                at=at,
                context={"check": check, "failed": failed, "bid": bid, "panel": panel},
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
