"""Organisations and who acts for them. Entries go to the house chain: they belong to no round."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import give_role
from accounts.letters import render_words, write_to
from accounts.models import Person, Role, RoleHolding
from accounts.permissions import Permission, Refused, holds, may
from applications import rules
from applications.models import Colleague, Organisation
from commissioning.reasons import says_why
from ledger.actions import Address, record, write_letter
from ledger.models import Channel, Letter

# What may be changed about an organisation.
FIELDS = (
    "name",
    "kind",
    "charity_number",
    "company_number",
    "address",
    "postcode",
    "income_band",
    "about",
)


@transaction.atomic
def start_organisation(*, by: Person, at: datetime, name: str, **fields: Any) -> Organisation:
    """Make an organisation. Its maker acts for it, and becomes an applicant with the first one.

    A facilitator who types a paper bid makes one too, and does not act for it. `fields` may be
    kind, charity_number, company_number, address, postcode, income_band and about. Raises Refused.
    """
    _only_known(fields)
    typing_for_them = holds(by, Permission.TYPE_FOR)
    if not typing_for_them:
        rules.may_start_organisation(by).require()
    made = Organisation.objects.create(name=name, made_at=at, made_by=by, **fields)
    if not typing_for_them:
        if not by.holds(Role.APPLICANT):
            give_role(person=by, role=Role.APPLICANT, by=by, at=at)
        Colleague.objects.create(organisation=made, person=by, added_at=at, added_by=by)
    record(chain=None, verb="organisation_started", by=by, at=at, organisation=made.pk)
    return made


@transaction.atomic
def change_organisation(
    *, organisation: Organisation, by: Person, at: datetime, **fields: Any
) -> list[str]:
    """Change what is known of an organisation; returns the names of the fields that changed.

    Raises Refused unless `by` acts for it. Bids that were sent keep the name they were sent with.
    """
    _only_known(fields)
    rules.acts_for(by, organisation).require()
    changed = [name for name, value in fields.items() if getattr(organisation, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(organisation, name, fields[name])
    organisation.save(update_fields=changed)
    record(
        chain=None,
        verb="organisation_changed",
        by=by,
        at=at,
        organisation=organisation.pk,
        fields=sorted(changed),
    )
    return changed


@transaction.atomic
def add_colleague(
    *, organisation: Organisation, email: str, by: Person, at: datetime, name: str = ""
) -> Colleague:
    """Let somebody else act for the organisation too, and write them a letter with no secret in it.
    Somebody who acts for it already stays as they are, and gets no letter.

    A new address makes a person without a password, who signs in with a code sent there. Raises
    Refused.
    """
    verdict = rules.acts_for(by, organisation)
    (verdict and may(by, Permission.APPLY)).require()
    person = _who_signs_in_with(email, name, by=by, at=at)
    found = Colleague.objects.filter(
        organisation=organisation, person=person, ended_at=None
    ).first()
    return found or _added(organisation, person, by=by, at=at)


@transaction.atomic
def add_first_colleague(
    *,
    organisation: Organisation,
    email: str,
    by: Person,
    at: datetime,
    name: str = "",
    address: str = "",
) -> Colleague:
    """Let the first person act for a group whose bid was typed or imported, as a facilitator.

    So that nobody takes a group over unseen, its contact gets a letter by post, and the rounds it
    bids in an entry. `address` is where that letter goes, for a group that has none. Raises
    Refused.
    """
    # Locked: else two facilitators would both find nobody there.
    organisation = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    rules.may_add_first(organisation, by).require()
    if not organisation.address.strip():
        if not address.strip():
            raise Refused(_("Type the address of the group. We write to it there."))
        organisation.address = address.strip()
        organisation.save(update_fields=["address"])
    person = _who_signs_in_with(email, name, by=by, at=at)
    made = _added(organisation, person, by=by, at=at)
    _tell_its_contact(made, "first_colleague", by=by, at=at)
    _note_in_rounds(made, "first_colleague_added", by=by, at=at)
    return made


@transaction.atomic
def end_first_colleague(*, colleague: Colleague, reason: str, by: Person, at: datetime) -> None:
    """Take off, as a facilitator, whom staff let sign in for a group on paper, because the group
    says that they do not act for it. The group and they get a letter. Raises Refused."""
    organisation = Organisation.objects.select_for_update().get(pk=colleague.organisation_id)
    rules.may_end_first(colleague, by).require()
    if not says_why(reason):
        raise Refused(_("Write what the group told you. Use three words or more."))
    _end(colleague, by=by, at=at)
    said = reason.strip()
    _tell_its_contact(colleague, "first_colleague_ended", by=by, at=at, reason=said)
    write_to(
        colleague.person,
        "first_colleague_ended",
        key=f"first_colleague_ended:{colleague.pk}:own",
        by=by,
        at=at,
        context={"organisation": organisation, "colleague": colleague, "by": by, "reason": said},
        when=Letter.When.ANSWER,
    )
    _note_in_rounds(colleague, "first_colleague_ended", by=by, at=at)


def _note_in_rounds(colleague: Colleague, verb: str, *, by: Person, at: datetime) -> None:
    for bid in colleague.organisation.applications.select_related("round__chain"):
        record(
            chain=bid.round.chain,
            verb=verb,
            by=by,
            at=at,
            application=bid.pk,
            person=colleague.person_id,
        )


def _tell_its_contact(
    colleague: Colleague, kind: str, *, by: Person, at: datetime, **facts: Any
) -> None:
    organisation = colleague.organisation
    named = organisation.applications.exclude(contact_name="").order_by("made_at").last()
    name = named.contact_name if named else organisation.name
    context = {"organisation": organisation, "colleague": colleague, "by": by, **facts}
    write_letter(
        key=f"{kind}:{colleague.pk}",
        kind=kind,
        to=Address(name, Channel.POST, organisation.address),
        words=render_words(kind, {**context, "person": {"get_short_name": name}}),
        by=by,
        at=at,
        when=Letter.When.ANSWER,
    )


def _who_signs_in_with(email: str, name: str, *, by: Person, at: datetime) -> Person:
    """The person of this address, as an applicant; a new one where nobody has it."""
    address = email.strip().lower()
    person = Person.objects.filter(sign_in_email=address).first()
    if person is None:
        person = Person.objects.create_user(address, name=name.strip() or address.split("@")[0])
    _make_applicant(person, by=by, at=at)
    return person


def _added(organisation: Organisation, person: Person, *, by: Person, at: datetime) -> Colleague:
    made = Colleague.objects.create(
        organisation=organisation, person=person, added_at=at, added_by=by
    )
    write_to(
        person,
        "colleague_added",
        key=f"colleague_added:{made.pk}",
        by=by,
        at=at,
        when=Letter.When.ANSWER,
        context={"organisation": organisation, "inviter": by},
    )
    record(
        chain=None,
        verb="colleague_added",
        by=by,
        at=at,
        organisation=organisation.pk,
        person=person.pk,
    )
    return made


@transaction.atomic
def end_colleague(*, colleague: Colleague, by: Person, at: datetime) -> None:
    """Somebody acts for the organisation no more. The last one stays. Raises Refused."""
    # Locked: else two who leave at once would both find the other still there.
    organisation = Organisation.objects.select_for_update().get(pk=colleague.organisation_id)
    rules.may_end_colleague(organisation, by).require()
    _end(colleague, by=by, at=at)


def _end(colleague: Colleague, *, by: Person, at: datetime) -> None:
    colleague.ended_at, colleague.ended_by = at, by
    colleague.save(update_fields=["ended_at", "ended_by"])
    record(
        chain=None,
        verb="colleague_ended",
        by=by,
        at=at,
        organisation=colleague.organisation_id,
        person=colleague.person_id,
    )


def _make_applicant(person: Person, *, by: Person, at: datetime) -> None:
    """Give the role that working on a bid needs; those who run the fund cannot have it."""
    person.__dict__.pop("held_roles", None)
    rules.may_be_colleague(person).require()
    if not person.holds(Role.APPLICANT):
        RoleHolding.objects.create(person=person, role=Role.APPLICANT, began_at=at, began_by=by)
        person.__dict__.pop("held_roles", None)


def _only_known(fields: dict[str, Any]) -> None:
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"An organisation has no {', '.join(sorted(unknown))}.")
