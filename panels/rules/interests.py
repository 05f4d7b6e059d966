"""Whom a member knows: which bids they must look through, and what follows from a tie."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, IntegerField, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, may
from applications.models import Application, ApplicationQuerySet
from commissioning.models import Lot, Member, StageKind
from commissioning.rules import stage_open
from ledger.prepared import Prepared
from ledger.trail import digest
from panels.models import Declaration, Interest, Proposal, Seat, StandingAside


def on_a_list() -> ApplicationQuerySet:
    """Bids that volunteers look through: sent, and found to meet the rules. One that was withdrawn
    later keeps its place, so that nobody must look again because of it."""
    return Application.objects.filter(
        submitted_at__isnull=False, eligibility__eligible=True, eligibility__replaced_by=None
    )


def listed(*lots: int) -> ApplicationQuerySet:
    """The list of bids of these lots (ids)."""
    return on_a_list().filter(lot__in=lots).order_by("reference", "id")


def names_only(lot: Lot) -> QuerySet[Application]:
    """What may be shown before a declaration: names, people and partners. Nothing of the bid.

    The group goes by the name it sent the bid with (`sent_from`), as in the copy that is read.
    """
    return (
        listed(lot.pk)
        .filter(withdrawn_at=None)
        .with_sent_name()
        .select_related("organisation")
        .only(
            "id",
            "reference",
            "title",
            "contact_name",
            "partners_named",
            "lot_id",
            "round_id",
            "organisation__name",
        )
    )


def list_digest(ids: Iterable[int]) -> str:
    """The mark of a list of bids: a digest over their sorted ids."""
    return digest(",".join(str(pk) for pk in sorted(ids)))


ON_LISTS = Prepared(lambda *lots: on_a_list().filter(lot__in=lots).only("pk", "lot").order_by())


def digests(lots: Iterable[int]) -> dict[int, str]:
    """The mark of each lot's list as it stands now (one query). A lot without bids has one too."""
    wanted = set(lots)
    ids: defaultdict[int, list[int]] = defaultdict(list)
    if wanted:
        for row in ON_LISTS.rows(*wanted):
            ids[row.lot_id].append(row.pk)
    return {lot: list_digest(ids[lot]) for lot in wanted}


def reading_lots(member: Member) -> list[Lot]:
    """The lots a member may read in: those of their seats; without a seat, any of the round.

    Lots they stand aside from are left out.
    """
    seats = Seat.objects.filter(ended_at=None, member=member)
    aside = StandingAside.objects.filter(member=member, application=None)
    lots = Lot.objects.filter(round=member.round_id).exclude(pk__in=aside.values("lot"))
    own = [seat.panel.lot_id for seat in seats.select_related("panel")]
    return list(lots.filter(pk__in=own) if own else lots)


def has_declared(member: Member, lot: Lot) -> bool:
    """Whether the member's newest declaration covers every bid in the lot's list."""
    newest = Declaration.objects.filter(member=member, lot=lot).first()
    return newest is not None and newest.list_digest == digests([lot.pk])[lot.pk]


def may_declare(member: Member, lot: Lot, by: Person, *, on: date) -> Verdict:
    """Whether a member may say now whom they know in a lot (or staff may type it for them)."""
    own = by.pk == member.person_id
    allowed = may(by, Permission.DECLARE if own else Permission.TYPE_FOR)
    if not allowed:
        return allowed
    if member.ended_at or not member.confirmed_at:
        return Verdict.no(_("You are not taking part in this round."))
    if lot.pk not in {row.pk for row in reading_lots(member)}:
        return Verdict.no(_("You do not read bids in this lot."))
    sharing = stage_open(member.round, StageKind.SHARING, on=on)
    if sharing:
        return sharing
    return stage_open(member.round, StageKind.SCORING, on=on, lot=lot.pk) or sharing


def may_declare_late(member: Member, application: Application, by: Person) -> Verdict:
    """Whether a member may say now that they know people in a bid. It is never too late."""
    own = by.pk == member.person_id
    allowed = may(by, Permission.DECLARE if own else Permission.TYPE_FOR)
    if not allowed:
        return allowed
    if member.round_id != application.round_id or not member.confirmed_at:
        return Verdict.no(_("You are not taking part in this round."))
    return Verdict.yes()


def conflicts(round_id: int) -> dict[int, set[int]]:
    """For each member (id), the bids (ids) they may not read: every tie that they have said,
    but an indirect one that the panel has looked at and agreed to (one query)."""
    agreed = Proposal.objects.annotate(
        about=Cast(KeyTextTransform("interest", "data"), IntegerField())
    ).filter(kind=Proposal.Kind.INTEREST, outcome=Proposal.Outcome.AGREED, about=OuterRef("pk"))
    aside = StandingAside.objects.filter(
        member=OuterRef("member"), application=OuterRef("application")
    )
    ties = Interest.objects.filter(member__round=round_id).exclude(
        Exists(agreed), ~Exists(aside), kind=Interest.Kind.INDIRECT
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for member, application in ties.values_list("member", "application"):
        found[member].add(application)
    return dict(found)
