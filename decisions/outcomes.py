"""What follows here when a panel has settled a proposal, or a group takes its bid back."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.templatetags.purse import money as pounds
from applications.models import Application
from decisions.actions.awards import tell_panel_money_is_free
from decisions.actions.signing import take_off_the_table
from decisions.models import Decision, Outcome, OutcomeLetter, ReportApproval
from panels.models import Panel, Proposal


def bid_withdrawn(application: Application, *, by: Person, at: datetime) -> None:
    """A decision that waits for signatures with this bid in it goes off the table: what members
    read before they signed is true no more. One that stands is replaced by the
    panel alone, which is told that the money is free."""
    waiting = Decision.objects.filter(
        outcomes__application=application, stands_at=None, dropped_at=None
    )
    for decision in waiting.order_by("pk"):
        take_off_the_table(decision, by=by, at=at)
    standing = Outcome.objects.standing().awards().filter(application=application)
    for outcome in standing.select_related("decision__panel__round__chain", "application"):
        tell_panel_money_is_free(outcome, key=f"bid:{application.pk}", by=by, at=at)


def decided_at(panel: Panel, first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """For the minutes of a meeting about money: what became of the panel's decisions in that time,
    with the moment of each (one query). No bid is named, so that who steps out may read it."""
    rows = panel.decisions.filter(
        Q(put_at__range=(first, last))
        | Q(stands_at__range=(first, last))
        | Q(dropped_at__range=(first, last))
    ).annotate(given=Sum("outcomes__amount", default=Decimal(0)))
    found = []
    for row in rows:
        facts = {"number": row.number, "sum": pounds(vars(row)["given"])}
        said = (
            (row.put_at, _("Decision %(number)s was put for signing: %(sum)s in all.")),
            (row.stands_at, _("Decision %(number)s was agreed, and stands: %(sum)s in all.")),
            (row.dropped_at, _("Decision %(number)s went off the table.")),
        )
        found += [(at, words % facts) for at, words in said if at and first <= at <= last]
    return sorted(found)


def settled(proposal: Proposal, *, by: Person, at: datetime) -> None:
    """Called in the transaction that settled a proposal. Only agreement has an effect."""
    if proposal.outcome != Proposal.Outcome.AGREED:
        return
    if proposal.kind == Proposal.Kind.LETTERS:
        _letters_agreed(proposal)
    elif proposal.kind == Proposal.Kind.REPORT:
        _report_agreed(proposal, at=at)


def _letters_agreed(proposal: Proposal) -> None:
    """Mark each letter whose words are still those the panel read."""
    for pk, digest in proposal.data.get("letters", {}).items():
        OutcomeLetter.objects.filter(
            pk=pk,
            digest=digest,
            approved_by_proposal=None,
            application__lot=proposal.panel.lot_id,
        ).update(approved_by_proposal=proposal)


def _report_agreed(proposal: Proposal, *, at: datetime) -> None:
    ReportApproval.objects.create(
        round_id=proposal.panel.round_id,
        panel=proposal.panel,
        proposal=proposal,
        digest=proposal.data["digest"],
        approved_at=at,
    )
