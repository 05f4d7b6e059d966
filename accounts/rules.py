"""What may be done to people, roles, details and breaks. Reads, never writes."""

from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import NewEmail, Person, Role, RoleHolding, SignIn
from accounts.permissions import Permission, Verdict, holds

# Who keeps a round going, or hears about it from outside the panel: never a volunteer as well.
NOT_WITH_VOLUNTEER = frozenset(
    {Role.FACILITATOR, Role.ADMINISTRATOR, Role.SAFEGUARDING, Role.COMPLAINTS}
)
# Whose details a facilitator leaves alone, because they are not in the facilitator's care.
NOT_LOOKED_AFTER = NOT_WITH_VOLUNTEER | {Role.BOARD}
STAFF_ROLES = (
    Role.FACILITATOR,
    Role.BOARD,
    Role.ADMINISTRATOR,
    Role.SAFEGUARDING,
    Role.COMPLAINTS,
)
CARE_ROLES = (Role.VOLUNTEER, Role.SUPPORTER)


def may_hand_out(by: Person, role: Role) -> Verdict:
    """Whether this person hands out (and takes back) such a role at all."""
    if role in STAFF_ROLES:
        if by.kind == Person.Kind.OPERATOR or holds(by, Permission.INVITE_STAFF):
            return Verdict.yes()
        return Verdict.no(_("Only an administrator can do this."))
    if role in CARE_ROLES:
        if holds(by, Permission.INVITE_VOLUNTEERS):
            return Verdict.yes()
        return Verdict.no(_("Only a facilitator can do this."))
    return Verdict.no(_("People become bidders by themselves, when they start a bid."))


def may_give_role(by: Person, person: Person, role: Role) -> Verdict:
    """Whether `by` may give `person` this role now."""
    if person.kind != Person.Kind.HUMAN or not person.is_active:
        return Verdict.no(_("This account is not in use, so it cannot have a role."))
    held = person.held_roles
    if role == Role.APPLICANT and by == person:
        if held & {Role.FACILITATOR, Role.ADMINISTRATOR}:
            return Verdict.no(_("People who work for the fund cannot send it a bid."))
    elif not (verdict := may_hand_out(by, role)):
        return verdict
    elif by == person:
        return Verdict.no(_("You cannot give yourself a role. Ask somebody else to do it."))
    if role in held:
        return Verdict.no(_("%(name)s has this role already.") % {"name": person.name})
    return _fits(person, role)


def _fits(person: Person, role: Role) -> Verdict:
    """Whether the role goes with those the person has: volunteers are never staff."""
    held = person.held_roles
    name = {"name": person.name}
    if role in NOT_WITH_VOLUNTEER and Role.VOLUNTEER in held:
        return Verdict.no(
            _(
                "%(name)s is a volunteer. Nobody can be a volunteer and staff at the same time. "
                "End the volunteer role first."
            )
            % name
        )
    if role == Role.VOLUNTEER and held & NOT_WITH_VOLUNTEER:
        return Verdict.no(
            _(
                "%(name)s works for the fund. Nobody can be staff and a volunteer at the same "
                "time. An administrator must end that role first."
            )
            % name
        )
    if role in (Role.FACILITATOR, Role.ADMINISTRATOR) and Role.APPLICANT in held:
        return Verdict.no(_("%(name)s sends bids to this fund, so they cannot work for it.") % name)
    return Verdict.yes()


def may_end_role(by: Person, person: Person, role: Role) -> Verdict:
    """Whether `by` may end this role of `person` now."""
    if role not in person.held_roles:
        return Verdict.no(_("%(name)s does not have this role.") % {"name": person.name})
    own = by == person and role in (*CARE_ROLES, Role.APPLICANT)
    if not own and not (verdict := may_hand_out(by, role)):
        return verdict
    if role == Role.VOLUNTEER and person.memberships.filter(ended_at=None).exists():
        return Verdict.no(
            _("%(name)s is still in a round. They leave the round first.") % {"name": person.name}
        )
    if role == Role.ADMINISTRATOR and Person.objects.holding(role).count() == 1:
        return Verdict.no(_("There must always be an administrator. Invite another one first."))
    return Verdict.yes()


def has_signed_in(person: Person) -> bool:
    """Whether the sign-in email was ever used, or shown to be theirs."""
    return (
        person.last_login is not None
        or EmailAddress.objects.filter(user=person, verified=True).exists()
    )


def may_see_details(by: Person, person: Person) -> Verdict:
    """Whether `by` may see how to reach this person."""
    if by == person or holds(by, Permission.LOOK_AFTER):
        return Verdict.yes()
    if holds(by, Permission.INVITE_STAFF) and person.held_roles & set(STAFF_ROLES):
        return Verdict.yes()
    return Verdict.no(_("Your role here does not include this."))


def may_change_details(by: Person, person: Person) -> Verdict:
    """Whether `by` may change how to reach this person, and their breaks."""
    if by == person:
        return Verdict.yes()
    if not holds(by, Permission.LOOK_AFTER):
        return Verdict.no(_("Your role here does not include this."))
    if person.held_roles & NOT_LOOKED_AFTER:
        return Verdict.no(_("Staff and board members change their own details."))
    return Verdict.yes()


def may_set_sign_in_email(by: Person, person: Person) -> Verdict:
    """Staff may put a wrong address right until it was used once; after that only its owner may."""
    if by == person:
        return Verdict.no(_("Change the email you sign in with on its own page."))
    if not (verdict := may_change_details(by, person)):
        return verdict
    if has_signed_in(person):
        return Verdict.no(
            _("%(name)s has signed in with this email. Only they can change it now.")
            % {"name": person.name}
        )
    return Verdict.yes()


def may_ask_for_new_email(by: Person, person: Person) -> Verdict:
    """Whether `by` may ask that somebody who lost their email signs in with another."""
    if by == person:
        return Verdict.no(_("Change the email you sign in with on its own page."))
    if not (verdict := may_change_details(by, person)):
        return verdict
    if not has_signed_in(person):
        return Verdict.no(_("They never signed in with it. You can change it with their details."))
    if person.new_emails.waiting().exists():
        return Verdict.no(_("A new email waits already for a second person to look at it."))
    return Verdict.yes()


def may_forget_second_step(by: Person, person: Person) -> Verdict:
    """Whether `by` may take away somebody's second step: only who runs commands on the server, so
    that no role on the site can weaken another's door."""
    if by.kind != Person.Kind.OPERATOR:
        return Verdict.no(_("Only whoever keeps the server running can do this."))
    if not person.is_active:
        return Verdict.no(_("This account is not in use."))
    return Verdict.yes()


def may_forget_person(by: Person, person: Person) -> Verdict:
    """Whether `by` may take somebody's name and details away, which they asked for."""
    if not (holds(by, Permission.SET_UP) or holds(by, Permission.KEEP_SITE)):
        return Verdict.no(_("Your role here does not include this."))
    if by == person:
        return Verdict.no(_("You cannot do this for yourself."))
    if person.kind != Person.Kind.HUMAN or not person.is_active:
        return Verdict.no(_("This account is not in use."))
    if person.is_superuser or person.held_roles & frozenset(STAFF_ROLES):
        return Verdict.no(_("They still have work to do here. Their role must end first."))
    return Verdict.yes()


KNOWN_FOR = timedelta(days=7)
"""So that nobody makes up a second person, gives them a role, and is both."""
SECOND_ROLES = (Role.FACILITATOR, Role.ADMINISTRATOR, Role.BOARD)
SECOND_PERSONS = (Permission.LOOK_AFTER, Permission.INVITE_STAFF, Permission.NOTE_REPORT)
"""Another facilitator; where there is only one, an administrator or somebody of the board."""


def new_emails_for(by: Person) -> QuerySet[NewEmail]:
    """The new emails that wait for this very person to look at them: as `may_settle_new_email`."""
    if not any(holds(by, permission) for permission in SECOND_PERSONS):
        return NewEmail.objects.none()
    known = RoleHolding.objects.filter(
        person=by,
        role__in=SECOND_ROLES,
        ended_at=None,
        began_at__lte=OuterRef("asked_at") - KNOWN_FOR,
    )
    rows = NewEmail.objects.waiting().exclude(asked_by=by).exclude(person=by)
    return rows.filter(Exists(known))


def may_settle_new_email(by: Person, new: NewEmail) -> Verdict:
    """Whether `by` may agree to another's new email, or refuse it: never whoever asked."""
    if not any(holds(by, permission) for permission in SECOND_PERSONS):
        return Verdict.no(_("Your role here does not include this."))
    if new.agreed_at or new.refused_at:
        return Verdict.no(_("Somebody has looked at this already."))
    if by.pk in (new.asked_by_id, new.person_id):
        return Verdict.no(_("You asked for this. A second person must look at it."))
    known = new.asked_at - KNOWN_FOR
    if not by.roles.filter(role__in=SECOND_ROLES, ended_at=None, began_at__lte=known).exists():
        return Verdict.no(
            _("Your role here is new. Somebody who has had theirs for a week must look at it.")
        )
    return Verdict.yes()


def may_take_break(
    by: Person, person: Person, *, starts_on: date, ends_on: date | None, on: date
) -> Verdict:
    """Whether a break on these days may be written down on this day. No reason is ever asked."""
    if not (verdict := may_change_details(by, person)):
        return verdict
    if starts_on < on:
        return Verdict.no(_("A break starts today or later."))
    if ends_on and ends_on < starts_on:
        return Verdict.no(_("The last day of a break cannot come before the first."))
    clash = person.breaks.filter(ends_on=None) | person.breaks.filter(ends_on__gte=starts_on)
    if ends_on:
        clash = clash.filter(starts_on__lte=ends_on)
    if clash.exists():
        return Verdict.no(_("There is a break on some of these days already."))
    return Verdict.yes()


def may_come_back(by: Person, person: Person, *, on: date) -> Verdict:
    """Whether there is a break, now or to come, that can end."""
    if not (verdict := may_change_details(by, person)):
        return verdict
    if not person.breaks.unfinished(on).exists():
        return Verdict.no(_("There is no break to end."))
    return Verdict.yes()


# ---- Browsers signed in -----------------------------------------------------------------------
def may_make_new_diary_address(by: Person, person: Person) -> Verdict:
    """Whether somebody may give a diary a new address: only the one whose diary it is."""
    if by.pk != person.pk:
        return Verdict.no(_("Only the person whose dates they are can do this."))
    return Verdict.yes()


def may_end_sign_in(by: Person, sign_in: SignIn) -> Verdict:
    """Whether a person may sign this browser out: only one of their own."""
    if sign_in.person_id != by.pk:
        return Verdict.no(_("This is somebody else’s device."))
    return Verdict.yes()
