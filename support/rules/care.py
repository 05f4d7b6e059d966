"""Who may tell and hear a worry, sign the agreement, help somebody, and claim what they spent."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Person, Role
from accounts.permissions import Permission, Verdict, holds, may
from commissioning.models import Member, Round
from support.models import Conduct, Expense, Helper, Worry

MOST_AT_ONCE = Decimal(1000)


# ---- Worries ------------------------------------------------------------------------------------
def may_tell_worry(by: Person) -> Verdict:
    """Whether a worry can be told here: anybody signed in may, if somebody is there to hear it."""
    if not Person.objects.holding(Role.SAFEGUARDING).filter(is_active=True).exists():
        return Verdict.no(_("Nobody is named here yet to read this. Please ring us instead."))
    return Verdict.yes() if by.is_active else Verdict.no(_("This account is not in use."))


def may_hear_worry(worry: Worry, by: Person) -> Verdict:
    """Whether this person reads a worry and writes what was done: the safeguarding lead alone."""
    return may(by, Permission.HEAR_WORRIES)


# ---- The agreement on confidentiality and conduct -----------------------------------------------
def place_in(round: Round, person: Person) -> bool:
    """Whether a person takes part in a round, or helps somebody who does."""
    here = Member.objects.here().filter(round=round)
    return (
        here.filter(person=person).exists()
        or Helper.objects.filter(member__in=here, supporter=person, ended_at=None).exists()
    )


def may_sign_conduct(round: Round, person: Person, by: Person, *, on_paper: bool) -> Verdict:
    """Whether the agreement may be signed: by its signer, or noted from signed paper."""
    if not place_in(round, person):
        return Verdict.no(_("You are not taking part in this round."))
    if Conduct.objects.filter(round=round, person=person, taken_back_at=None).exists():
        return Verdict.no(_("This is signed already."))
    if person.pk == by.pk:
        return Verdict.yes()
    if not on_paper:
        return Verdict.no(_("People sign for themselves."))
    return may(by, Permission.LOOK_AFTER)


def may_take_back(signed: Conduct, by: Person) -> Verdict:
    """Whether a person takes their agreement back: their own, or noted when they told us."""
    if signed.taken_back_at:
        return Verdict.no(_("This is taken back already."))
    return Verdict.yes() if signed.person_id == by.pk else may(by, Permission.LOOK_AFTER)


# ---- Helpers of one volunteer -------------------------------------------------------------------
def may_name_helper(member: Member, supporter: Person, by: Person) -> Verdict:
    """Whether this supporter may begin to help this member."""
    if not (verdict := may(by, Permission.LOOK_AFTER)):
        return verdict
    if not member.takes_part:
        return Verdict.no(_("This volunteer is not taking part in the round."))
    if not holds(supporter, Permission.HELP_ONE) or supporter.pk == member.person_id:
        return Verdict.no(_("Invite this person as a supporter first."))
    if Member.objects.here().filter(round=member.round_id, person=supporter).exists():
        return Verdict.no(_("A volunteer of this round cannot be a supporter in it as well."))
    if Helper.objects.filter(member=member, supporter=supporter, ended_at=None).exists():
        return Verdict.no(_("%(name)s helps here already.") % {"name": supporter})
    return Verdict.yes()


def may_say_knows(helper: Helper, by: Person) -> Verdict:
    """Whether this person says whom the helper knows: only the helper."""
    if helper.ended_at or helper.supporter_id != by.pk:
        return Verdict.no(_("You do not help here."))
    return may(by, Permission.HELP_ONE)


def may_end_helper(helper: Helper, by: Person) -> Verdict:
    """Whether this person ends the help: the volunteer, the helper, or a facilitator told so."""
    if helper.ended_at:
        return Verdict.no(_("This has ended."))
    if by.pk in (helper.member.person_id, helper.supporter_id):
        return Verdict.yes()
    return may(by, Permission.LOOK_AFTER)


def signed(round: Round, person: Person) -> bool:
    """Whether a person's agreement stands in this round."""
    return Conduct.objects.filter(round=round, person=person, taken_back_at=None).exists()


# ---- Expenses -----------------------------------------------------------------------------------
def may_claim(member: Member, by: Person, *, amount: Decimal, spent_on: date, on: date) -> Verdict:
    """Whether money spent may be claimed: by the volunteer, or typed for them."""
    own = member.person_id == by.pk
    if not (verdict := may(by, Permission.TAKE_PART if own else Permission.LOOK_AFTER)):
        return verdict
    if not member.joined_at:
        return Verdict.no(_("You are not taking part in this round."))
    if not 0 < amount <= MOST_AT_ONCE:
        return Verdict.no(_("Type up to £1,000. For more than that, please ring us."))
    if spent_on > on:
        return Verdict.no(_("Type a day that has been."))
    return Verdict.yes()


def may_settle(expense: Expense, by: Person) -> Verdict:
    """Whether this person says that a claim was paid, or why it cannot be."""
    if expense.paid_at or expense.refused_at:
        return Verdict.no(_("This has an answer already."))
    if expense.member.person_id == by.pk:
        return Verdict.no(_("Somebody else answers your claim."))
    others = Person.objects.holding(Role.FACILITATOR).filter(is_active=True).exclude(pk=by.pk)
    if expense.claimed_by_id == by.pk and others.exists():
        return Verdict.no(_("You typed this claim. Another facilitator pays it back."))
    return may(by, Permission.LOOK_AFTER)


def may_see_receipt(expense: Expense, by: Person) -> bool:
    """Whether this person may open a receipt: its claimer, and who pays it back."""
    return expense.member.person_id == by.pk or holds(by, Permission.LOOK_AFTER)


# ---- The private log ----------------------------------------------------------------------------
def may_note(member: Member, by: Person) -> Verdict:
    """Whether this person reads and writes the private log about looking after a member."""
    return may(by, Permission.LOOK_AFTER)
