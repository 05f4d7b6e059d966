"""Who may bring people together, who may say that they come, and who may be whose buddy."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from commissioning.models import Member, Round
from commissioning.rules import resting
from support.models import Buddies, Gathering

DOORS_OPEN = timedelta(minutes=30)
"""How long before it begins, and after it ends, people may say that they are here."""
HERE_FOR = timedelta(minutes=10)
"""Somebody whose page has not been heard from for longer is no longer shown as here."""


def may_gather(by: Person) -> Verdict:
    """Whether this person arranges gatherings, moves them and calls them off."""
    return may(by, Permission.LOOK_AFTER)


def may_arrange(round: Round, starts_at: datetime, by: Person, *, at: datetime) -> Verdict:
    """Whether a gathering may be set for this instant: to come, and not in a time of rest."""
    if not (verdict := may_gather(by)):
        return verdict
    if starts_at <= at:
        return Verdict.no(_("Choose a day and time that is still to come."))
    day = timezone.localdate(starts_at)
    if resting(round, on=day):
        return Verdict.no(
            _("Everybody rests on %(day)s. Choose a later day.")
            % {"day": format_date(day, "l j F")}
        )
    return Verdict.yes()


def may_move(gathering: Gathering, by: Person, *, at: datetime) -> Verdict:
    """Whether a gathering may still be changed or called off."""
    if not (verdict := may_gather(by)):
        return verdict
    if gathering.called_off_at:
        return Verdict.no(_("This is called off already."))
    if ends_at(gathering) <= at:
        return Verdict.no(_("This is over."))
    return Verdict.yes()


def ends_at(gathering: Gathering) -> datetime:
    """When it is over."""
    return gathering.starts_at + timedelta(minutes=gathering.minutes_long)


def is_on(gathering: Gathering, *, at: datetime) -> bool:
    """Whether people may be there now: from a little before to a little after."""
    if gathering.called_off_at:
        return False
    return gathering.starts_at - DOORS_OPEN <= at <= ends_at(gathering) + DOORS_OPEN


def is_over(gathering: Gathering, *, at: datetime) -> bool:
    """Whether nobody comes any more."""
    return ends_at(gathering) + DOORS_OPEN < at


def may_reply(gathering: Gathering, member: Member, by: Person, *, at: datetime) -> Verdict:
    """Whether this person may say for this member whether they come."""
    if member.round_id != gathering.round_id or not member.takes_part:
        return Verdict.no(_("You are not taking part in this round."))
    if gathering.called_off_at:
        return Verdict.no(_("This is called off. Please do not come."))
    if is_over(gathering, at=at):
        return Verdict.no(_("This is over."))
    own = member.person_id == by.pk
    return may(by, Permission.TAKE_PART if own else Permission.LOOK_AFTER)


def may_be_here(gathering: Gathering, member: Member, by: Person, *, at: datetime) -> Verdict:
    """Whether this person may say that they are there now: only for themselves, while it is on."""
    if member.person_id != by.pk:
        return Verdict.no(_("People say for themselves that they are here."))
    if not (verdict := may_reply(gathering, member, by, at=at)):
        return verdict
    if not is_on(gathering, at=at):
        return Verdict.no(_("This has not begun yet, or it is over."))
    return Verdict.yes()


# ---- Buddies ------------------------------------------------------------------------------------
def may_ask_buddy(asker: Member, asked: Member, by: Person) -> Verdict:
    """Whether one volunteer may ask another to be buddies."""
    own = asker.person_id == by.pk
    if not (verdict := may(by, Permission.TAKE_PART if own else Permission.LOOK_AFTER)):
        return verdict
    if asker.pk == asked.pk:
        return Verdict.no(_("Choose two different people."))
    for member in (asker, asked):
        if member.round_id != asker.round_id or not member.takes_part:
            return Verdict.no(_("Both must be taking part in this round."))
    if Buddies.objects.of(asker).exists():
        return Verdict.no(_("There is a buddy, or somebody was asked already."))
    if Buddies.objects.of(asked).exists():
        return Verdict.no(_("%(name)s has a buddy already, or was asked.") % {"name": asked})
    return Verdict.yes()


def may_accept_buddy(buddies: Buddies, by: Person) -> Verdict:
    """Whether this person may say yes: who was asked, or a facilitator they told so."""
    if buddies.ended_at:
        return Verdict.no(_("This has ended."))
    if buddies.accepted_at:
        return Verdict.no(_("You are buddies already."))
    own = buddies.asked.person_id == by.pk
    return may(by, Permission.TAKE_PART if own else Permission.LOOK_AFTER)


def may_end_buddies(buddies: Buddies, by: Person) -> Verdict:
    """Whether this person may end it: either of the two, or a facilitator they told so."""
    if buddies.ended_at:
        return Verdict.no(_("This has ended."))
    own = by.pk in (buddies.asker.person_id, buddies.asked.person_id)
    return may(by, Permission.TAKE_PART if own else Permission.LOOK_AFTER)
