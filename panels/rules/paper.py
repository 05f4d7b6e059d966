"""Sheets on paper: which one a printed code means, and what is to be done with it now."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery, prefetch_related_objects
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Refused, Verdict, holds, may
from commissioning.models import Criterion, Lot, Member, Round
from ledger.models import Channel, Entry
from ledger.trail import digest
from panels import sheet_code
from panels.models import (
    Abstention,
    Assignment,
    Declaration,
    Phase,
    ScoreSheet,
    StandingAside,
)
from panels.rules.desk import minutes_to_read
from panels.rules.interests import digests
from panels.rules.parts import parts_of
from panels.rules.scoring import (
    Reading,
    find_reading,
    may_confirm_typed,
    may_print,
    may_type_scores,
    readings_of,
)
from support.models import Format, FormatNeed


@dataclass(frozen=True, slots=True)
class SheetFound:
    """What a code on paper leads to: a sheet to type, or a typed one to be checked."""

    assignment: int
    to_check: int | None = None
    """The typed sheet that waits for a second person of the staff, this one."""


def find_sheet(typed: str, by: Person, *, on: date) -> SheetFound:
    """The sheet a code means. Refused, with a sentence, when there is nothing to do for it here."""
    may(by, Permission.TYPE_FOR).require()
    code = sheet_code.plain(typed)
    if strange := sorted(set(code) - set(sheet_code.LETTERS)):
        words = _("There is no %(letter)s in our codes. Please look at the paper again.")
        raise Refused(words % {"letter": strange[0]})
    if len(code) != sheet_code.LENGTH:
        words = _("A code has %(length)s letters and numbers. This one has %(count)s.")
        raise Refused(words % {"length": sheet_code.LENGTH, "count": len(code)})
    if not sheet_code.is_whole(code):
        raise Refused(
            _("One letter or number is wrong. Please compare the code with the paper once more.")
        )
    rows = Assignment.objects.select_related("member__person", "application")
    meant = sheet_code.assignment_of(code)
    row = rows.filter(pk=meant).first() if meant else None
    if row is None:
        raise Refused(
            _("We do not know this code. Please look the sheet up by the name that is on it.")
        )
    return _next_for(row, by, on)


def _next_for(row: Assignment, by: Person, on: date) -> SheetFound:
    facts = {"name": row.member.person.name, "reference": row.application.reference}
    reading = find_reading(row.member.person, row.pk)
    if reading is None:
        raise Refused(_("%(reference)s is no longer in the share of %(name)s.") % facts)
    if reading.done:
        raise Refused(_("%(name)s is done with %(reference)s. Nothing is left to type.") % facts)
    if reading.waiting_sheet:
        sheets = ScoreSheet.objects.select_related(
            "member__person", "application__round__chain", "application__lot"
        )
        sheet = sheets.get(pk=reading.waiting_sheet)
        if sheet.typed_by_id == by.pk:
            words = _("You typed the sheet of %(name)s for %(reference)s. It waits for a yes.")
            raise Refused(words % facts)
        may_confirm_typed(sheet, by, on=on).require()
        return SheetFound(row.pk, sheet.pk)
    may_type_scores(reading, by, on=on).require()
    return SheetFound(row.pk)


# ---- Who works on paper -----------------------------------------------------------------------
GONE = "pack_given"
"""The entry of a facilitator who gave or posted a pack: whose, which bids, and how."""


@dataclass(slots=True)
class PaperWork:
    """One reader who works on paper or by phone, and where each of their sheets is."""

    member: Member
    gone_at: datetime | None = None
    """When the newest pack went to them."""
    by_post: bool = False
    to_go: int = 0
    """Bids they may read whose sheets have not gone to them."""
    out: int = 0
    """Sheets that went and are not typed yet."""
    back: int = 0
    """Sheets that were typed, whether they count already or wait."""
    for_second: int = 0
    """Typed sheets that a second person, this one, can compare with the signed paper."""
    mine: int = 0
    """Sheets typed by whoever looks: somebody else must check them."""
    undeclared: int = 0
    """Bids that wait until they have said whom they know."""
    done: int = 0
    """Bids they are done with, on paper or not."""

    @property
    def waiting(self) -> int:
        """Typed sheets that count once somebody has said yes."""
        return self.for_second + self.mine

    @property
    def signs_in(self) -> bool:
        """Whether they can also say yes themselves, at a screen."""
        return bool(self.member.person.sign_in_email)

    @property
    def next_step(self) -> str:
        """What staff do next: check, post, declare, wait, ask another person, or nothing."""
        steps = (
            ("check", self.for_second),
            ("give", self.to_go),
            ("declare", self.undeclared),
            ("other", self.mine),
            ("type", self.out),
        )
        return next((step for step, count in steps if count), "none")


def paper_work(round: Round, by: Person, *, lot: int | None = None) -> list[PaperWork]:
    """Everybody of a round who reads on paper or by phone, by name (5 queries, however many).

    With `lot`, only the bids of that lot are looked at.
    """
    given: dict[int, tuple[set[int], datetime, bool]] = {}
    for data, at in Entry.objects.filter(chain=round.chain_id, verb=GONE).values_list("data", "at"):
        before = given.get(data["member"], (set(), at, False))[0]
        given[data["member"]] = (before | set(data["assignments"]), at, data["posted"])
    sheets = ScoreSheet.objects.filter(phase=Phase.READING, typed_by__isnull=False)
    away_from_screen = (
        Q(person__channel__in=[Channel.POST, Channel.PHONE])
        | Q(person__sign_in_email=None)
        | Q(pk__in=list(given))
        | Exists(FormatNeed.objects.filter(member=OuterRef("pk"), format=Format.LARGE_PRINT))
        | Exists(sheets.filter(member=OuterRef("pk"), assignment__ended_at=None))
    )
    members = Member.objects.here().filter(away_from_screen, round=round)
    found = {
        row.pk: PaperWork(row)
        for row in members.select_related("person").order_by("person__name", "pk")
    }
    rows = [
        row
        for row in _facts_of_sheets(list(found))
        if lot is None or row["application__lot"] == lot
    ]
    marks = digests({row["application__lot"] for row in rows})
    for row in rows:
        work = found[row["member"]]
        gone = given.get(row["member"], (set(), None, False))[0]
        _count(work, row, gone=row["pk"] in gone, mark=marks[row["application__lot"]], by=by)
    for pk, (_ids, at, posted) in given.items():
        if pk in found:
            found[pk].gone_at, found[pk].by_post = at, posted
    return [
        work
        for work in found.values()
        if work.to_go or work.out or work.back or work.undeclared or work.done
    ]


def _facts_of_sheets(members: list[int]) -> Iterable[Mapping[str, Any]]:
    """Each bid in these hands, and what became of its sheet."""
    sheets = ScoreSheet.objects.filter(
        member=OuterRef("member"), application=OuterRef("application"), phase=Phase.READING
    )
    waiting = sheets.filter(typed_by__isnull=False, confirmed_at=None, taken_back=None, void=None)
    declared = Declaration.objects.filter(
        member=OuterRef("member"), lot=OuterRef("application__lot")
    )
    aside = StandingAside.objects.filter(
        Q(application=OuterRef("application")) | Q(application=None),
        member=OuterRef("member"),
        lot=OuterRef("application__lot"),
    )
    return (
        Assignment.objects.current()
        .filter(~Exists(aside), member__in=members, application__withdrawn_at=None)
        .values("pk", "member", "application__lot")
        .annotate(
            sent=Exists(sheets.counting()),
            sent_typed=Exists(sheets.counting().filter(typed_by__isnull=False)),
            abstained=Exists(Abstention.objects.filter(assignment=OuterRef("pk"))),
            typist=Subquery(waiting.values("typed_by")[:1]),
            mark=Subquery(declared.values("list_digest")[:1]),
        )
    )


def _count(work: PaperWork, row: Mapping[str, Any], *, gone: bool, mark: str, by: Person) -> None:
    if row["sent"] or row["abstained"]:
        work.done += 1
        work.back += row["sent_typed"]
    elif row["typist"]:
        work.back += 1
        if row["typist"] == by.pk:
            work.mine += 1
        else:
            work.for_second += 1
    elif row["mark"] != mark:
        work.undeclared += 1
    elif gone:
        work.out += 1
    else:
        work.to_go += 1


def to_give(member: Member, by: Person) -> list[Reading]:
    """The bids that a pack printed now holds: those that may be read and are not done with."""
    rows = readings_of(member.person, member.round)
    return [row for row in rows if may_print(row, by) and not row.done and not row.waiting_sheet]


def may_note_pack(member: Member, by: Person) -> Verdict:
    """Whether somebody may write down that a pack went to this reader."""
    allowed = may(by, Permission.TYPE_FOR)
    if not allowed:
        return allowed
    if member.person_id == by.pk:
        return Verdict.no(_("A pack is given by somebody else."))
    if not to_give(member, by):
        words = _("There is no sheet to give to %(name)s now.")
        return Verdict.no(words % {"name": member.person.name})
    return Verdict.yes()


# ---- Packs to print ---------------------------------------------------------------------------
def may_have_pack(member: Member, by: Person) -> bool:
    """Whether this reader's pack is there at all for somebody: their own, or they type for them."""
    return member.person_id == by.pk or holds(by, Permission.TYPE_FOR)


def in_pack(member: Member, by: Person) -> list[Reading]:
    """What a reader's own pack holds: the bids they may read and are not done with."""
    rows = readings_of(member.person, member.round)
    return [row for row in rows if may_print(row, by) and not row.done]


def waiting_for_packs(round: Round, by: Person, *, lot: Lot | None = None) -> list[Member]:
    """Everybody on paper to whom some of their bids (of this lot) have not gone, by name."""
    work = paper_work(round, by, lot=lot.pk if lot else None)
    return [row.member for row in work if row.to_go]


def may_make_packs(waiting: Sequence[Member], by: Person) -> Verdict:
    """Whether the packs of all who wait for one (`waiting_for_packs`) may be made."""
    allowed = may(by, Permission.TYPE_FOR)
    if allowed and not waiting:
        return Verdict.no(_("Nobody waits for a pack now."))
    return allowed


def printed(member: Member, readings: Sequence[Reading]) -> dict[str, Any]:
    """What the template of a pack asks for: a reader's bids, and the questions they score on."""
    criteria = list(Criterion.objects.agreed_for(member.round).prefetch_related("levels"))
    _fetch_plain_words(readings)
    bids = [
        {
            "bid": row.assignment.application,
            "content": (content := row.content),
            "parts": parts_of(content, criteria),
            "asked": row.assignment.version.asked,
            "minutes": minutes_to_read(row),
            "done": row.done,
            "code": (code := sheet_code.code_for(row.assignment.pk)),
            "picture": sheet_code.picture_of(code),
        }
        for row in readings
    ]
    return {
        "member": member,
        "bids": bids,
        "sheets": any(not row.done for row in readings) or not readings,
        "criteria": criteria,
        "programme": member.round.programme,
    }


def _fetch_plain_words(readings: Iterable[Reading]) -> None:
    """In one question, for those bids that need them."""
    bids = [row.assignment.application for row in readings]
    prefetch_related_objects([bid for bid in bids if bid.other_ways], "plain_words")


def held_in_pack(member: Member, readings: Iterable[Reading]) -> list[list[Any]]:
    """What a kept pack holds: whose it is, and each bid with the mark of its words."""
    return [[member.pk, row.assignment.pk, _mark(row)] for row in readings]


def _mark(reading: Reading) -> str:
    told = [reading.content, str(reading.assignment.version.asked)]
    return digest(json.dumps(told, sort_keys=True, default=str))


def may_take_packs(round: Round, held: Iterable[Sequence[Any]], by: Person) -> Verdict:
    """Whether somebody may have packs that were made before: as if they were printed now.

    Each bid in them must still be that reader's to read, and its words the same. A bid that was
    handed back, taken back or put right since makes the whole file stale (2 queries a reader).
    """
    wanted: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for member, assignment, mark in held:
        wanted[member].append((assignment, mark))
    members = Member.objects.here().filter(round=round).select_related("person").in_bulk(wanted)
    changed = _("Something in these packs has changed since they were made. Make them again.")
    for pk, bids in wanted.items():
        if pk not in members:
            return Verdict.no(changed)
        members[pk].round = round
        now = {row.assignment.pk: row for row in readings_of(members[pk].person, round)}
        _fetch_plain_words(now.values())
        for assignment, mark in bids:
            row = now.get(assignment)
            if row is None or not may_print(row, by) or _mark(row) != mark:
                return Verdict.no(changed)
    return Verdict.yes()
