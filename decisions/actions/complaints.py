"""A group complains about how things were done, and hears by the days it was told.

No complaint changes a decision. Its words stay with the group and whoever hears it; the entry is
the program's own, and says only that there is one.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from applications.models import Application
from decisions import rules
from decisions.models import Complaint
from ledger.actions import record
from ledger.models import Letter
from ledger.trail import digest


@transaction.atomic
def complain(*, bid: Application, text: str, by: Person, at: datetime) -> Complaint:
    """Say for a group that something was not done fairly. It hears at once who looks, and when."""
    bid = _locked_bid(bid)
    rules.may_complain(by, bid, on=timezone.localdate(at)).require()
    return _begin(bid, text, by=by, at=at)


@transaction.atomic
def type_complaint(
    *, bid: Application, text: str, told_by: str, by: Person, at: datetime
) -> Complaint:
    """Type what a group said by phone or in a letter, as a complaint handler who had no part in it.

    Its days run from now. Whoever signs in for the group gets each letter; where nobody does, the
    handler tells the group (`told_by` says who spoke for it). Raises Refused.
    """
    bid = _locked_bid(bid)
    rules.may_type_complaint(by, bid).require()
    if not told_by.strip():
        raise Refused(_("Write who told you."))
    return _begin(bid, text, told_by=told_by.strip(), by=by, at=at)


def _locked_bid(bid: Application) -> Application:
    bids = Application.objects.select_related("round__programme", "round__chain", "organisation")
    return bids.select_for_update(of=("self",)).get(pk=bid.pk)


def _begin(
    bid: Application, text: str, *, told_by: str = "", by: Person, at: datetime
) -> Complaint:
    if not text.strip():
        raise Refused(_("Write what was not done fairly."))
    on, programme = timezone.localdate(at), bid.round.programme
    row = Complaint.objects.create(
        application=bid,
        text=text.strip(),
        told_by=told_by,
        hear_on=on + timedelta(days=programme.complaint_heard_days),
        answer_on=on + timedelta(days=programme.complaint_answered_days),
        made_at=at,
        made_by=by,
    )
    machine = Person.objects.machine()
    _tell_group("complaint_received", row, by=machine, at=at)
    for person in rules.who_hears_complaint(bid):
        if person != by:
            _tell(person, "complaint_made", row, by=machine, at=at)
    record(chain=bid.round.chain, verb="complained", by=machine, at=at, complaint=row.pk)
    return row


@transaction.atomic
def take_complaint(*, complaint: Complaint, by: Person, at: datetime) -> Complaint:
    """Be the one who looks into it. The group hears who that is."""
    row = _locked(complaint)
    rules.may_take_complaint(by, row).require()
    row.taken_at, row.taken_by = at, by
    row.save(update_fields=["taken_at", "taken_by"])
    _tell_group("complaint_taken", row, by=by, at=at)
    record(chain=row.application.round.chain, verb="took_complaint", by=by, at=at, complaint=row.pk)
    return row


@transaction.atomic
def answer_complaint(
    *, complaint: Complaint, outcome: str, words: str, by: Person, at: datetime
) -> Complaint:
    """Write what was found, once. The group gets it word for word; no decision is changed."""
    row = _locked(complaint)
    rules.may_answer_complaint(by, row).require()
    if outcome not in Complaint.Outcome.values:
        raise Refused(_("Choose what you found."))
    if not words.strip():
        raise Refused(_("Write your answer to the group."))
    row.outcome, row.words, row.answered_at, row.answered_by = outcome, words.strip(), at, by
    row.save(update_fields=["outcome", "words", "answered_at", "answered_by"])
    _tell_group("complaint_answered", row, by=by, at=at)
    record(
        chain=row.application.round.chain,
        verb="answered_complaint",
        by=by,
        at=at,
        complaint=row.pk,
        outcome=str(outcome),
        words_digest=digest(row.words),
    )
    return row


def _locked(complaint: Complaint) -> Complaint:
    rows = Complaint.objects.select_related("application__round__chain", "made_by")
    return rows.select_for_update(of=("self",)).get(pk=complaint.pk)


def _tell_group(name: str, row: Complaint, *, by: Person, at: datetime) -> None:
    """Whoever made it; of one that was typed for a group, everybody who signs in for the group."""
    typed = row.told_by
    for person in rules.who_signs_in_for(row.application) if typed else [row.made_by]:
        _tell(person, name, row, by=by, at=at)


def _tell(person: Person, name: str, row: Complaint, *, by: Person, at: datetime) -> None:
    write_to(
        person,
        name,
        key=f"{name}:{row.pk}:{person.pk}",
        by=by,
        at=at,
        context={"complaint": row, "bid": row.application},
        when=Letter.When.ANSWER,
    )
