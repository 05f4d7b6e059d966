"""Saying whom one knows, in time or late, and what follows at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person, Role
from accounts.permissions import Refused
from applications.models import Application
from commissioning.models import Lot, Member, Round
from ledger.actions import record
from ledger.models import Letter
from panels.actions.proposals import tell_panel
from panels.models import (
    Assignment,
    Declaration,
    Interest,
    Panel,
    Proposal,
    ScoreSheet,
    StandingAside,
    Void,
)
from panels.rules import interests as rules
from panels.rules.share import replacement_for


@dataclass(frozen=True, slots=True)
class Knows:
    """A tie to one bid: who they are to the reader, and a few words if they wish."""

    application: Application
    kind: Interest.Kind
    words: str = ""


@transaction.atomic
def declare(
    *,
    member: Member,
    lot: Lot,
    knows: Iterable[Knows] = (),
    seen: str | None = None,
    by: Person,
    at: datetime,
) -> Declaration:
    """Say whom a member knows in a lot, and that they know nobody in its other bids.

    `seen` is the mark of the list they looked at (`rules.interests.digests`): refused when the
    list has changed since. Somebody of the staff may type it (`by`); their name is kept beside it,
    and the member gets a letter with what was typed.
    """
    rules.may_declare(member, lot, by, on=timezone.localdate(at)).require()
    mark = rules.digests([lot.pk])[lot.pk]
    if seen is not None and seen != mark:
        raise Refused(_("The list of bids has changed. Please look at it again."))
    typed_by = None if by == member.person else by
    ties = list(knows)
    listed = set(rules.listed(lot.pk).values_list("pk", flat=True))
    if not {tie.application.pk for tie in ties} <= listed:
        raise Refused(_("Choose only bids from this list."))
    declaration = Declaration.objects.create(
        member=member, lot=lot, list_digest=mark, made_at=at, typed_by=typed_by
    )
    said = [_say(member, tie, late=False, typed_by=typed_by, at=at) for tie in ties]
    asked = [
        _ask_panel(interest, by=by, at=at)
        for interest in said
        if interest.kind == Interest.Kind.INDIRECT
    ]
    if any(interest.kind == Interest.Kind.DIRECT for interest in said):
        _leave(member, Q(application__lot=lot), by=by, at=at)
    record(
        chain=member.round.chain,
        verb="interests_declared",
        by=by,
        at=at,
        declaration=declaration.pk,
        member=member.pk,
        lot=lot.pk,
        list=mark,
        direct=sum(interest.kind == Interest.Kind.DIRECT for interest in said),
        indirect=sum(interest.kind == Interest.Kind.INDIRECT for interest in said),
        proposals=[proposal.pk for proposal in asked if proposal],
        typed=typed_by is not None,
    )
    if typed_by:
        write_to(
            member.person,
            "declaration_typed",
            key=f"declaration-typed-{declaration.pk}",
            by=by,
            at=at,
            context={"ties": said, "lot": lot, "round": member.round, "typist": by},
            chain=member.round.chain,
            when=Letter.When.ANSWER,
        )
    return declaration


@transaction.atomic
def declare_late(
    *,
    member: Member,
    application: Application,
    kind: Interest.Kind,
    words: str = "",
    by: Person,
    at: datetime,
) -> Interest:
    """Say, after the declaration, that a member knows people in a bid.

    Scores that counted are void (kept in the trail), the bid leaves their hands, and a direct tie
    makes them stand aside from the whole lot: there every score of theirs is void. Staff hear who
    could read in their place.
    """
    rules.may_declare_late(member, application, by).require()
    typed_by = None if by == member.person else by
    tie = Knows(application, kind, words)
    interest = _say(member, tie, late=True, typed_by=typed_by, at=at)
    direct = kind == Interest.Kind.DIRECT
    asked = None if direct else _ask_panel(interest, by=by, at=at)
    what = Q(application__lot=application.lot_id) if direct else Q(application=application)
    voided, left = _leave(member, what, by=by, at=at)
    _tell_staff(member.round, left, by=by, at=at)
    record(
        chain=member.round.chain,
        verb="late_interest_declared",
        by=by,
        at=at,
        interest=interest.pk,
        member=member.pk,
        application=application.pk,
        direct=direct,
        voided=voided,
        assignments=[row.pk for row in left],
        proposals=[asked.pk] if asked else [],
    )
    return interest


def _say(
    member: Member, tie: Knows, *, late: bool, typed_by: Person | None, at: datetime
) -> Interest:
    """Store one tie; a direct one makes the member stand aside from the lot."""
    interest, _new = Interest.objects.get_or_create(
        member=member,
        application=tie.application,
        kind=tie.kind,
        defaults={"words": tie.words, "is_late": late, "made_at": at, "typed_by": typed_by},
    )
    aside = {"member": member, "lot": tie.application.lot, "application": None}
    if tie.kind == Interest.Kind.DIRECT and not StandingAside.objects.filter(**aside).exists():
        StandingAside.objects.create(**aside, interest=interest, began_at=at)
    return interest


def _ask_panel(interest: Interest, *, by: Person, at: datetime) -> Proposal | None:
    """Put an indirect tie to the lot's panel: may this member read and score the bid?"""
    panel = Panel.objects.filter(lot=interest.application.lot_id).first()
    asked = Proposal.objects.filter(
        kind=Proposal.Kind.INTEREST, application=interest.application_id
    )
    known = any(proposal.data.get("interest") == interest.pk for proposal in asked)
    if panel is None or known:
        return None
    proposal = Proposal.objects.create(
        panel=panel,
        kind=Proposal.Kind.INTEREST,
        application=interest.application,
        words=interest.words,
        data={"interest": interest.pk, "member": interest.member_id},
        put_at=at,
        put_by=by,
    )
    tell_panel(proposal, by=by, at=at)
    return proposal


def _leave(
    member: Member, what: Q, *, by: Person, at: datetime
) -> tuple[list[int], list[Assignment]]:
    """Undo a member's part in these bids: scores that counted are void, readings are ended.

    Gives the ids of the void sheets, and the assignments ended.
    """
    sheets = ScoreSheet.objects.filter(what, taken_back=None, void=None, member=member)
    voided = [sheet.pk for sheet in sheets.order_by("pk")]
    Void.objects.bulk_create(
        Void(sheet_id=pk, why=Void.Why.INTEREST, voided_at=at, voided_by=by) for pk in voided
    )
    left = list(
        Assignment.objects.current().filter(what, member=member).select_related("application")
    )
    Assignment.objects.filter(pk__in=[row.pk for row in left]).update(
        ended_at=at, ended_by=by, ended_why=Assignment.Ended.INTEREST
    )
    return voided, left


def _tell_staff(round: Round, left: list[Assignment], *, by: Person, at: datetime) -> None:
    """Write to the facilitators which bids want a new reader, and who has most room."""
    if not left:
        return
    on = timezone.localdate(at)
    wanting = [(row, replacement_for(round, row.application_id, on=on)) for row in left]
    for person in Person.objects.holding(Role.FACILITATOR):
        write_to(
            person,
            "reader_wanted",
            key=f"reader-wanted-{left[0].pk}-{person.pk}",
            by=by,
            at=at,
            context={"round": round, "wanting": wanting},
            chain=round.chain,
        )
