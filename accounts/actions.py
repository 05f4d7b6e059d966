"""The only place that writes people, roles, details and breaks. Entries go to the house chain."""

from base64 import b64encode
from datetime import date, datetime, timedelta
from secrets import token_bytes
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import rules
from accounts.letters import CAN_BE_FEWER, render_words, write_to
from accounts.models import (
    Break,
    DraftKey,
    KeptWork,
    NewEmail,
    Person,
    Role,
    RoleHolding,
    SignIn,
)
from accounts.permissions import Refused
from ledger.actions import Address, keep_in_inbox, record, write_letter
from ledger.models import Channel, Letter

# What the person, or a facilitator for them, may change about how to reach them.
DETAILS = frozenset(
    {"name", "contact_email", "phone", "postal_address", "channel", "text_size", "fewer_letters"}
)
WORK_IS_KEPT = timedelta(hours=24)
DRAFT_KEY_BYTES = 32


@transaction.atomic
def invite_person(
    *,
    name: str,
    role: Role,
    by: Person,
    at: datetime,
    email: str = "",
    phone: str = "",
    postal_address: str = "",
    channel: Channel = Channel.EMAIL,
) -> Person:
    """Make a person with one role and write them an invitation; it holds no secret.

    Without an email they take part on paper or by phone. Somebody whose email is known keeps their
    own details and is given the role. Raises Refused.
    """
    rules.may_hand_out(by, role).require()
    known = Person.objects.filter(sign_in_email=email.lower()).first() if email else None
    if known:
        give_role(person=known, role=role, by=by, at=at)
        return known
    person = Person.objects.create_user(
        email or None, name=name, phone=phone, postal_address=postal_address, channel=channel
    )
    rules.may_give_role(by, person, role).require()
    holding = _hold(person, role, by=by, at=at)
    _write_invitation(person, role, by=by, at=at, key=f"{holding.pk}")
    record(chain=None, verb="person_invited", by=by, at=at, person=person.pk, role=role.value)
    return person


@transaction.atomic
def give_role(*, person: Person, role: Role, by: Person, at: datetime) -> RoleHolding:
    """Give somebody a role and tell them. Raises Refused."""
    _fresh(person)
    rules.may_give_role(by, person, role).require()
    holding = _hold(person, role, by=by, at=at)
    if by != person:
        write_to(
            person,
            "role_given",
            key=f"role_given:{holding.pk}",
            by=by,
            at=at,
            when=Letter.When.ANSWER,
            context={"role": role.label},
        )
    _tell_rounds(holding, by=by, at=at)
    record(chain=None, verb="role_given", by=by, at=at, person=person.pk, role=role.value)
    return holding


@transaction.atomic
def end_role(*, person: Person, role: Role, by: Person, at: datetime) -> None:
    """End a role somebody holds, and tell them. The past stays asked for. Raises Refused."""
    _fresh(person)
    rules.may_end_role(by, person, role).require()
    holding = person.roles.get(role=role, ended_at=None)
    holding.ended_at, holding.ended_by = at, by
    holding.save(update_fields=["ended_at", "ended_by"])
    _fresh(person)
    if by != person:
        write_to(
            person,
            "role_ended",
            key=f"role_ended:{holding.pk}",
            by=by,
            at=at,
            when=Letter.When.ANSWER,
            context={"role": role.label},
        )
    _tell_rounds(holding, by=by, at=at)
    record(chain=None, verb="role_ended", by=by, at=at, person=person.pk, role=role.value)


@transaction.atomic
def change_details(
    *,
    person: Person,
    by: Person,
    at: datetime,
    sign_in_email: str | None = None,
    **details: Any,
) -> list[str]:
    """Change how to reach a person, and how they like to read; returns the fields that changed.

    `details` may be name, contact_email, phone, postal_address, channel, text_size and
    fewer_letters; the last holds for letters that wait already, too.
    `sign_in_email` only while it was never used. Raises Refused.
    """
    if unknown := set(details) - DETAILS:
        raise TypeError(f"These are not details of a person: {', '.join(sorted(unknown))}")
    rules.may_change_details(by, person).require()
    changed = [name for name, value in details.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, details[name])
    if sign_in_email is not None and sign_in_email.lower() != (person.sign_in_email or ""):
        _put_sign_in_email_right(person, sign_in_email.lower(), by=by)
        changed.append("sign_in_email")
    if not changed:
        return []
    person.save(update_fields=changed)
    if person.fewer_letters and person.sign_in_email:
        keep_in_inbox(reader=person, kinds=CAN_BE_FEWER)
    if "sign_in_email" in changed and person.sign_in_email:
        for role in sorted(person.held_roles)[:1]:
            _write_invitation(person, Role(role), by=by, at=at, key=f"{person.pk}:{at.timestamp()}")
    record(
        chain=None, verb="details_changed", by=by, at=at, person=person.pk, fields=sorted(changed)
    )
    return changed


def _put_sign_in_email_right(person: Person, email: str, *, by: Person) -> None:
    rules.may_set_sign_in_email(by, person).require()
    EmailAddress.objects.filter(user=person).delete()
    person.sign_in_email = email or None


@transaction.atomic
def note_sign_in_email(*, person: Person, by: Person, at: datetime) -> None:
    """Record that the owner changed the email they sign in with, which a code has proved."""
    record(chain=None, verb="sign_in_email_changed", by=by, at=at, person=person.pk)


@transaction.atomic
def ask_for_new_email(
    *, person: Person, email: str, why: str, by: Person, at: datetime
) -> NewEmail:
    """Ask that somebody who lost their email signs in with another. A second person must agree."""
    rules.may_ask_for_new_email(by, person).require()
    _nobody_else_has(email, person)
    new = NewEmail.objects.create(
        person=person, email=email.lower(), why=why, asked_at=at, asked_by=by
    )
    record(chain=None, verb="new_email_asked", by=by, at=at, person=person.pk, new_email=new.pk)
    return new


@transaction.atomic
def agree_new_email(*, new: NewEmail, by: Person, at: datetime) -> Person:
    """The second person agrees: from now on the owner signs in with the new email alone.

    They are signed out everywhere. They, at the old address too, and everybody who sits or takes
    part with them get a letter.
    """
    new = NewEmail.objects.select_for_update(of=("self",)).get(pk=new.pk)
    rules.may_settle_new_email(by, new).require()
    person = Person.objects.select_for_update().get(pk=new.person_id)
    _nobody_else_has(new.email, person)
    old, person.sign_in_email = person.sign_in_email, new.email
    if person.contact_email.lower() == old:
        person.contact_email = ""
    person.save(update_fields=["sign_in_email", "contact_email"])
    EmailAddress.objects.filter(user=person).delete()
    _sign_out_everywhere(person)
    new.email, new.agreed_at, new.agreed_by = "", at, by
    new.save(update_fields=["email", "agreed_at", "agreed_by"])
    facts = {"owner": person, "asked": new.asked_by, "agreed": by}
    write_to(
        person,
        "new_email",
        key=f"new_email:{new.pk}",
        by=by,
        at=at,
        when=Letter.When.ANSWER,
        context=facts,
    )
    if old:
        write_letter(
            key=f"new_email:{new.pk}:old",
            kind="new_email",
            to=Address(person.name, Channel.EMAIL, old, person),
            words=render_words("new_email", {"person": person, "fewer_url": "", **facts}),
            by=by,
            at=at,
            when=Letter.When.ANSWER,
        )
    _tell_of_new_email(new, facts, by=by, at=at)
    record(chain=None, verb="new_email_agreed", by=by, at=at, person=person.pk, new_email=new.pk)
    return person


def _tell_of_new_email(new: NewEmail, facts: dict[str, Any], *, by: Person, at: datetime) -> None:
    """A letter to all who sit or take part with the owner, and an entry in each open round."""
    for place, readers in _with_them_in_open_rounds(new.person):
        for reader in readers:
            write_to(
                reader,
                "new_email_of_another",
                key=f"new_email:{new.pk}:{place.pk}:{reader.pk}",
                by=by,
                at=at,
                context={**facts, "round": place.round},
                chain=place.round.chain,
            )
        record(
            chain=place.round.chain,
            verb="new_email_here",
            by=by,
            at=at,
            member=place.pk,
            asked_by=new.asked_by_id,
        )


@transaction.atomic
def refuse_new_email(*, new: NewEmail, by: Person, at: datetime) -> NewEmail:
    """The second person does not agree: all stays as it was."""
    new = NewEmail.objects.select_for_update(of=("self",)).get(pk=new.pk)
    rules.may_settle_new_email(by, new).require()
    new.email, new.refused_at, new.refused_by = "", at, by
    new.save(update_fields=["email", "refused_at", "refused_by"])
    record(
        chain=None, verb="new_email_refused", by=by, at=at, person=new.person_id, new_email=new.pk
    )
    return new


@transaction.atomic
def forget_second_step(*, person: Person, by: Person, at: datetime) -> None:
    """Somebody lost their device and their spare codes: they sign in with a code by email alone.

    They are signed out everywhere, get a letter, and set up a second step anew.
    """
    rules.may_forget_second_step(by, person).require()
    Authenticator.objects.filter(user=person).delete()
    _sign_out_everywhere(person)
    write_to(
        person,
        "second_step_gone",
        key=f"second_step_gone:{person.pk}:{at.isoformat()}",
        by=by,
        at=at,
        context={"owner": person},
        when=Letter.When.ANSWER,
    )
    record(chain=None, verb="second_step_forgotten", by=by, at=at, person=person.pk)


def _sign_out_everywhere(person: Person) -> None:
    keys = person.sign_ins.values("session_key")
    Session.objects.filter(session_key__in=keys).delete()
    person.sign_ins.all().delete()


def _nobody_else_has(email: str, person: Person) -> None:
    taken = Person.objects.filter(sign_in_email=email.lower()).exclude(pk=person.pk)
    if taken.exists():
        raise Refused(_("Somebody else signs in with this email."))


@transaction.atomic
def take_break(
    *,
    person: Person,
    starts_on: date,
    by: Person,
    at: datetime,
    ends_on: date | None = None,
) -> Break:
    """Write down a break, open-ended without `ends_on` (its last day). Raises Refused."""
    rules.may_take_break(
        by, person, starts_on=starts_on, ends_on=ends_on, on=timezone.localdate(at)
    ).require()
    taken = Break.objects.create(
        person=person, starts_on=starts_on, ends_on=ends_on, asked_at=at, asked_by=by
    )
    record(chain=None, verb="break_taken", by=by, at=at, person=person.pk)
    return taken


@transaction.atomic
def come_back(*, person: Person, by: Person, at: datetime) -> None:
    """End the break there is now, and call off those to come. Raises Refused."""
    today = timezone.localdate(at)
    rules.may_come_back(by, person, on=today).require()
    unfinished = person.breaks.unfinished(today)
    # A break that has not lasted a day leaves nothing behind.
    unfinished.filter(starts_on__gte=today).delete()
    unfinished.update(ends_on=today - timedelta(days=1))
    record(chain=None, verb="came_back", by=by, at=at, person=person.pk)


@transaction.atomic
def keep_work(*, person: Person, path: str, fields: dict[str, list[str]], at: datetime) -> KeptWork:
    """Put typed words aside for their writer for a day; older ones of anybody go."""
    KeptWork.objects.filter(kept_at__lt=at - WORK_IS_KEPT).delete()
    return KeptWork.objects.create(person=person, path=path[:300], fields=fields, kept_at=at)


@transaction.atomic
def drop_kept_work(*, kept: KeptWork) -> None:
    """Its writer has it back, or does not need it."""
    kept.delete()


@transaction.atomic
def give_draft_key(*, person: Person, at: datetime) -> DraftKey:
    """The person's own key for words kept in their browser, made the first time they sign in."""
    made = b64encode(token_bytes(DRAFT_KEY_BYTES)).decode()
    key, _made = DraftKey.objects.get_or_create(
        person=person, defaults={"key": made, "made_at": at}
    )
    return key


@transaction.atomic
def note_sign_in(*, person: Person, session_key: str, device: str, at: datetime) -> SignIn:
    """Keep which browser a person signed in with; those whose session is over are forgotten."""
    there = Session.objects.filter(expire_date__gt=at).values("session_key")
    person.sign_ins.exclude(session_key__in=there).delete()
    made, _new = SignIn.objects.update_or_create(
        session_key=session_key, defaults={"person": person, "device": device, "began_at": at}
    )
    return made


@transaction.atomic
def end_sign_in(*, sign_in: SignIn, by: Person, at: datetime) -> None:
    """Sign a browser of one's own out, at once. Raises Refused."""
    rules.may_end_sign_in(by, sign_in).require()
    Session.objects.filter(session_key=sign_in.session_key).delete()
    record(chain=None, verb="ended_sign_in", by=by, at=at, sign_in=sign_in.pk)
    sign_in.delete()


@transaction.atomic
def make_new_diary_address(*, person: Person, by: Person, at: datetime) -> None:
    """One's diary gets a new address, and the old one opens nothing any more. Raises Refused."""
    rules.may_make_new_diary_address(by, person).require()
    Person.objects.filter(pk=person.pk).update(diary_number=F("diary_number") + 1)
    record(chain=None, verb="made_new_diary_address", by=by, at=at)


@transaction.atomic
def forget_person(*, person: Person, by: Person, at: datetime) -> None:
    """Take away somebody's name, how to reach them and how they sign in, and end their roles.

    What they did stays, under a number. Raises Refused.
    """
    _fresh(person)
    rules.may_forget_person(by, person).require()
    Session.objects.filter(session_key__in=person.sign_ins.values("session_key")).delete()
    for rows in (
        person.sign_ins.all(),
        person.kept_work.all(),
        DraftKey.objects.filter(person=person),
        EmailAddress.objects.filter(user=person),
        Authenticator.objects.filter(user=person),
    ):
        rows.delete()
    person.roles.filter(ended_at=None).update(ended_at=at, ended_by=by)
    person.name = _("Person %(number)s") % {"number": person.pk}
    person.sign_in_email, person.contact_email = None, ""
    person.phone, person.postal_address = "", ""
    person.is_active = False
    person.save()
    _fresh(person)
    record(chain=None, verb="forgot_person", by=by, at=at, person=person.pk)


def _hold(person: Person, role: Role, *, by: Person, at: datetime) -> RoleHolding:
    holding = RoleHolding.objects.create(person=person, role=role, began_at=at, began_by=by)
    _fresh(person)
    return holding


def _with_them_in_open_rounds(person: Person) -> list[tuple[Any, list[Person]]]:
    """Each place in an open round somebody has or had, with those of their panels, or of the round
    where they sat on none."""
    found = []
    places = person.memberships.filter(joined_at__isnull=False, round__stages__closed_at=None)
    for place in places.select_related("round__chain").distinct():
        others = place.round.members.filter(joined_at__isnull=False, ended_at=None)
        panels = place.seats.values("panel")
        if panels:
            others = others.filter(seats__panel__in=panels, seats__ended_at=None)
        rows = others.exclude(person=person).select_related("person").distinct()
        found.append((place, [other.person for other in rows]))
    return found


def _tell_rounds(holding: RoleHolding, *, by: Person, at: datetime) -> None:
    """A role changed of somebody who takes part in an open round, or did until they left it: an
    entry in that round, and a letter to each of their panel, or of the round where they sat on
    none."""
    person, ended = holding.person, holding.ended_at is not None
    places = _with_them_in_open_rounds(person)
    told = [(place, reader) for place, readers in places for reader in readers]
    for place, reader in told:
        write_to(
            reader,
            "role_changed",
            key=f"role_changed:{holding.pk}:{ended}:{place.pk}:{reader.pk}",
            by=by,
            at=at,
            context={
                "changed": person,
                "round": place.round,
                "role": holding.get_role_display(),
                "ended": ended,
                "votes": person.holds(Role.VOLUNTEER),
                "by": by,
            },
            chain=place.round.chain,
        )
    for place, _readers in places:
        record(
            chain=place.round.chain,
            verb="role_changed_here",
            by=by,
            at=at,
            member=place.pk,
            role=holding.role,
            ended=ended,
        )


def _fresh(person: Person) -> None:
    """Forget the roles this object remembers, so that rules ask the database."""
    person.__dict__.pop("held_roles", None)


def _write_invitation(person: Person, role: Role, *, by: Person, at: datetime, key: str) -> None:
    write_to(
        person,
        "invitation",
        key=f"invitation:{key}",
        by=by,
        at=at,
        when=Letter.When.ANSWER,
        context={"role": role.label, "is_volunteer": role == Role.VOLUNTEER, "inviter": by},
    )
