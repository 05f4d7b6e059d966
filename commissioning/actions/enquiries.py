"""Somebody would like to take part: kept until they are invited or it comes to nothing."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import give_role, invite_person
from accounts.models import Person, Role
from accounts.permissions import Permission, Refused, may
from commissioning import rules
from commissioning.actions.members import invite_volunteer
from commissioning.models import Enquiry, Member, Round
from ledger.actions import record
from ledger.models import Channel

KEPT_FOR = timedelta(days=90)
"""An interest that nobody answered is blanked after so long."""
EMPTY = {"name": "", "email": "", "phone": "", "postal_address": "", "words": ""}


@transaction.atomic
def ask_to_join(
    *,
    round: Round,
    name: str,
    channel: str,
    by: Person,
    at: datetime,
    email: str = "",
    phone: str = "",
    postal_address: str = "",
    words: str = "",
    how: str = Enquiry.How.WEB,
) -> Enquiry:
    """Keep that somebody would like to take part. `by`: who typed it, or the machine for the page
    that anybody can use. The entry holds no name."""
    rules.taking_people(round).require()
    if how != Enquiry.How.WEB:
        may(by, Permission.INVITE_VOLUNTEERS).require()
    given = {Channel.EMAIL: email, Channel.PHONE: phone, Channel.POST: postal_address}
    if not name.strip() or not given[Channel(channel)]:
        raise Refused(_("Tell us your name, and how to reach you."))
    made = Enquiry.objects.create(
        round=round,
        how=how,
        name=name.strip(),
        email=email.lower(),
        phone=phone,
        postal_address=postal_address,
        channel=channel,
        words=words.strip(),
        asked_at=at,
        asked_by=by,
    )
    record(chain=round.chain, verb="noted_enquiry", by=by, at=at, enquiry=made.pk, how=str(how))
    return made


@transaction.atomic
def invite_enquirer(*, enquiry: Enquiry, by: Person, at: datetime) -> Member:
    """Invite whoever asked, into the site where they are new and into the round; by email or post
    as they wished. Their details are then their own account's, and blanked here."""
    enquiry = _locked(enquiry)
    rules.may_answer_enquiry(enquiry, by=by).require()
    known = Person.objects.filter(sign_in_email=enquiry.email).first() if enquiry.email else None
    if known is None:
        person = invite_person(
            name=enquiry.name,
            role=Role.VOLUNTEER,
            email=enquiry.email,
            phone=enquiry.phone,
            postal_address=enquiry.postal_address,
            channel=Channel(enquiry.channel),
            by=by,
            at=at,
        )
    else:
        person = known
        if not person.holds(Role.VOLUNTEER):
            give_role(person=person, role=Role.VOLUNTEER, by=by, at=at)
    member = invite_volunteer(round=enquiry.round, person=person, by=by, at=at)
    enquiry.invited_at, enquiry.invited_by = at, by
    _clear(enquiry, by=by, at=at)
    record(chain=enquiry.round.chain, verb="answered_enquiry", by=by, at=at, enquiry=enquiry.pk)
    return member


@transaction.atomic
def drop_enquiry(*, enquiry: Enquiry, by: Person, at: datetime) -> None:
    """It came to nothing, or they asked us to: what they told us is blanked at once."""
    enquiry = _locked(enquiry)
    rules.may_answer_enquiry(enquiry, by=by).require()
    _clear(enquiry, by=by, at=at)
    record(chain=enquiry.round.chain, verb="dropped_enquiry", by=by, at=at, enquiry=enquiry.pk)


@transaction.atomic
def clear_old_enquiries(*, by: Person, at: datetime) -> int:
    """Blank every interest that has waited too long, as the page promised. Gives how many."""
    old = Enquiry.objects.waiting().filter(asked_at__lte=at - KEPT_FOR)
    rows = list(old.select_for_update(of=("self",)).select_related("round__chain"))
    for row in rows:
        _clear(row, by=by, at=at)
        record(chain=row.round.chain, verb="dropped_enquiry", by=by, at=at, enquiry=row.pk)
    return len(rows)


def _locked(enquiry: Enquiry) -> Enquiry:
    rows = Enquiry.objects.select_for_update(of=("self",)).select_related("round__chain")
    return rows.get(pk=enquiry.pk)


def _clear(enquiry: Enquiry, *, by: Person, at: datetime) -> None:
    for name, empty in EMPTY.items():
        setattr(enquiry, name, empty)
    enquiry.cleared_at, enquiry.cleared_by = at, by
    enquiry.save(update_fields=[*EMPTY, "invited_at", "invited_by", "cleared_at", "cleared_by"])
