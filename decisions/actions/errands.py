"""Errands: a copy of the report, letters to write or send, packs to print, bids out of a file. They
are asked for on a page and done by a worker.

An errand is a row; whoever holds it may be killed at any moment, and the next tick takes it up
again. A copy and packs are kept in the transaction that ends their errand. Letters are written, and
bids brought in, in handfuls, and letters are sent one by one, each counted in its own transaction,
so what is counted is there, and nothing is there twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import documents, pdf
from accounts.models import Person
from accounts.permissions import Permission, Refused, may
from applications import importing
from applications import rules as bids
from applications.actions import import_bids, new_bids
from commissioning.models import Lot, Member, Round
from decisions import rules
from decisions.actions.letters import send_letter, sort_letters, untold, write_letters
from decisions.actions.reports import export_report
from decisions.exports import SUFFIXES
from decisions.models import Errand, OutcomeLetter, ReportFile
from ledger.actions import record
from panels.actions import make_pack, make_packs
from panels.models import Panel
from panels.rules import paper

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

logger = logging.getLogger(__name__)
Kind, Stage = Errand.Kind, Errand.Stage

AT_ONCE = 10
"""How many letters are written in one transaction."""
BIDS_AT_ONCE = 25
"""How many bids are brought in in one transaction."""
MOST_LISTED = 1000
"""How many lines of a file are told of one by one. All of them are counted."""
KEPT_FOR = timedelta(days=14)
"""How long packs, and files of bids, are kept: long enough to print them, or to mend the file."""
MOST_TRIES = 3
"""How often an errand is begun before we say that it does not work."""


class Superseded(Exception):
    """Somebody else has taken the errand up since, or it was stopped."""


@transaction.atomic
def ask_for_copy(
    *,
    round: Round,
    format: str,
    audience: str,
    digest: str,
    by: Person,
    at: datetime,
    large_print: bool = False,
) -> Errand:
    """Ask for a copy of the report as it was read (`digest`). Asking twice is asking once."""
    rules.may_export(by, round, digest=digest).require()
    wanted = {
        "round": round,
        "format": ReportFile.Format(format),
        "audience": ReportFile.Audience(audience),
        "large_print": large_print,
    }
    return _asked(Errand(kind=Errand.Kind.COPY, asked_at=at, asked_by=by, **wanted), wanted)


@transaction.atomic
def ask_for_letters(*, panel: Panel, by: Person, at: datetime) -> Errand:
    """Ask for all letters that this panel's bids lack. Asking twice is asking once."""
    on = timezone.localdate(at)
    rules.may_write_letters(by, panel, on=on).require()
    many = sum(1 for _facts in untold(panel, on=on))
    errand = Errand(
        kind=Errand.Kind.LETTERS,
        round=panel.round,
        panel=panel,
        of=many,
        asked_at=at,
        asked_by=by,
    )
    return _asked(errand, {"panel": panel})


@transaction.atomic
def ask_to_send(*, panel: Panel, by: Person, at: datetime) -> Errand:
    """Ask that every letter goes that the panel agreed and that may go today; the others stay, and
    are told of. Asking twice is asking once."""
    may(by, Permission.SEND_LETTERS).require()
    going, staying = sort_letters(panel, on=timezone.localdate(at))
    errand = Errand(
        kind=Kind.SEND,
        round=panel.round,
        panel=panel,
        of=len(going),
        told={
            "going": [letter.pk for letter in going],
            "staying": [_stays(letter, why) for letter, why in staying],
        },
        asked_at=at,
        asked_by=by,
    )
    return _asked(errand, {"panel": panel})


def _stays(letter: OutcomeLetter, why: str) -> list[str]:
    bid = letter.application
    return [bid.reference, bid.organisation.name, why]


@transaction.atomic
def ask_for_packs(
    *,
    round: Round,
    by: Person,
    at: datetime,
    panel: Panel | None = None,
    member: Member | None = None,
) -> Errand:
    """Ask for the packs of all who wait for one (in one panel), or for the pack of one reader.

    Asking twice is asking once.
    """
    pdf.available().require()
    many = None
    if member:
        rules.may_ask_for_pack(by, member).require()
    else:
        lot = panel.lot if panel else None
        waiting = paper.waiting_for_packs(round, by, lot=lot)
        paper.may_make_packs(waiting, by).require()
        many = len(waiting)
    wanted = {"round": round, "panel": panel, "member": member}
    return _asked(Errand(kind=Kind.PACKS, of=many, asked_at=at, asked_by=by, **wanted), wanted)


def ask_for_look(
    *, lot: Lot, upload: UploadedFile[bytes], mapping: str, by: Person, at: datetime
) -> Errand:
    """Keep a file of bids, and ask what would come in out of it. Nothing comes in by this.

    `mapping` is the text of a mapping file, or empty.
    """
    bids.may_bring_bids(lot.round, by, at=at).require()
    data = documents.inspect_table(upload, most_bytes=settings.DOCUMENT_MAX_BYTES)
    with documents.stored("errands/bids.csv", ContentFile(data)) as kept:
        return Errand.objects.create(
            kind=Kind.LOOK,
            round=lot.round,
            lot=lot,
            kept=kept,
            told={"mapping": mapping},
            asked_at=at,
            asked_by=by,
        )


@transaction.atomic
def ask_for_import(*, look: Errand, leave_out: bool, by: Person, at: datetime) -> Errand:
    """Ask for the bids of a file that was looked at. Asking twice is asking once.

    `leave_out` says that lines in trouble may stay out; without it one of them stops the whole.
    """
    bids.may_bring_bids(look.round, by, at=at).require()
    if look.kind != Kind.LOOK or look.stage != Stage.DONE or not look.kept:
        raise Refused(_("This file is not kept any more. Please bring it once more."))
    if look.told["in_trouble"] and not leave_out:
        raise Refused(_("Some lines are in trouble. Nothing comes in before you leave them out."))
    if not look.told["new"]:
        raise Refused(_("There is no new bid in this file."))
    errand = Errand(
        kind=Kind.IMPORT,
        round=look.round,
        lot=look.lot,
        look=look,
        of=look.told["new"],
        asked_at=at,
        asked_by=by,
    )
    return _asked(errand, {"look": look})


def _asked(errand: Errand, wanted: dict[str, Any]) -> Errand:
    """This errand, or the one that was asked for already and is not over."""
    same = Errand.objects.unfinished().filter(kind=errand.kind, **wanted)
    found = same.first()
    if found:
        return found
    try:
        with transaction.atomic():
            errand.save(force_insert=True)
    except IntegrityError:
        return same.get()
    return errand


@transaction.atomic
def stop_errand(*, errand: Errand, by: Person, at: datetime) -> None:
    """Stop what was asked for. What is made by then stays; whoever works on it finds out.

    Raises Refused when it is over already.
    """
    if not (errand.member and errand.member.person_id == by.pk):
        may(by, Errand.WORK_OF[errand.kind]).require()
    stopped = Errand.objects.unfinished().filter(pk=errand.pk)
    if not stopped.update(stage=Stage.STOPPED, done_at=at, stopped_by=by):
        raise Refused(_("It was over before you stopped it."))
    transaction.on_commit(lambda: _sweep(errand, errand.tries))


# ---- Files that were made or brought --------------------------------------------------------
@transaction.atomic
def clear_old_files(*, by: Person, at: datetime) -> int:
    """Take away packs and files of bids that were kept long enough, with what was told of them.
    Gives how many."""
    in_use = Errand.objects.unfinished().filter(kind=Kind.IMPORT).values("look")
    old = Errand.objects.filter(done_at__lt=at - KEPT_FOR).exclude(pk__in=in_use)
    count = _let_go(list(old.exclude(kept="", told={})))
    if count:
        record(chain=None, verb="cleared_old_files", by=by, at=at, count=count)
    return count


def _let_go(errands: list[Errand]) -> int:
    """Their files go once this is written down: a file cannot be brought back by a rollback."""
    for errand in errands:
        if errand.kept:
            transaction.on_commit(partial(default_storage.delete, str(errand.kept.name)))
    pks = [errand.pk for errand in errands]
    return Errand.objects.filter(pk__in=pks).update(kept="", told={})


def _packs_name(errand: Errand, attempt: int) -> str:
    """Where the packs are kept. Each attempt has its own, so that none takes another's away."""
    return f"errands/packs-{errand.pk}-{attempt}.{'pdf' if errand.member_id else 'zip'}"


def _copy_name(errand: Errand, attempt: int) -> str:
    """The file of a copy, among the reports. Each attempt has its own, as packs have."""
    return f"copy-{errand.pk}-{attempt}.{SUFFIXES[ReportFile.Format(errand.format)]}"


def _sweep(errand: Errand, attempts: int) -> None:
    """Take away what a worker left that was killed between writing its file and saying so."""
    for attempt in range(1, attempts + 1):
        if errand.kind == Kind.PACKS:
            default_storage.delete(_packs_name(errand, attempt))
        elif errand.kind == Kind.COPY:
            name = f"reports/{_copy_name(errand, attempt)}"
            # A database put back from a copy gives out numbers anew, beside files that are good.
            if not ReportFile.objects.filter(file=name).exists():
                default_storage.delete(name)


# ---- The worker's side ----------------------------------------------------------------------
def _until(now: datetime) -> datetime:
    """How far ahead a worker holds an errand. It is held anew all along (`hold_errand`)."""
    return now + timedelta(seconds=settings.SHARE_CLAIM_SECONDS)


def take_up_errand(*, now: datetime) -> Errand | None:
    """Claim the oldest errand that waits, or whose holder is gone: by a counted update.

    `now` is real time, whatever day the round believes it is.
    """
    free = Errand.objects.unfinished().filter(Q(claimed_until=None) | Q(claimed_until__lt=now))
    many_packs = Errand.objects.many_packs().unfinished()
    if many_packs.filter(claimed_until__gte=now).exists():
        # The other hand of the worker is for letters, and for all the rest.
        free = free.exclude(pk__in=many_packs.values("pk"))
    for errand in free.order_by("asked_at", "pk"):
        mine = free.filter(pk=errand.pk, tries=errand.tries).update(
            claimed_until=_until(now), tries=F("tries") + 1, stage=Stage.WORKING
        )
        if mine:
            found = Errand.objects.select_related("round__chain", "round__programme", "asked_by")
            return found.get(pk=errand.pk)
    return None


def hold_errand(*, errand: Errand, now: datetime) -> bool:
    """Go on holding an errand; false when somebody else has it, or it is over."""
    return bool(_held(errand).update(claimed_until=_until(now)))


def _held(errand: Errand) -> Any:
    return Errand.objects.unfinished().filter(pk=errand.pk, tries=errand.tries)


def do_errand(*, errand: Errand, by: Person, at: datetime) -> None:
    """Do what was asked; where it does not work, say why in a sentence.

    `by` is whoever asked: what is made is theirs.
    """
    _sweep(errand, errand.tries - 1)
    if errand.tries > MOST_TRIES:
        _fail(
            errand,
            _(
                "It was begun several times and stopped each time. "
                "Please tell whoever looks after this site."
            ),
            at=at,
        )
        return
    try:
        WORK[errand.kind](errand, by=by, at=at)
    except Superseded:
        return
    except Refused as refusal:
        _fail(errand, str(refusal), at=at)
    except Exception:
        # Whatever it was, whoever asked gets a sentence and not a page that waits for ever.
        logger.exception("What was asked for in errand %s did not work.", errand.pk)
        _fail(
            errand,
            _("Something went wrong on our side. Please try it once more."),
            at=at,
        )


def _fail(errand: Errand, sentence: str, *, at: datetime) -> None:
    _held(errand).update(stage=Stage.FAILED, done_at=at, sentence=sentence)


def _copy(errand: Errand, *, by: Person, at: datetime) -> None:
    """Make the copy anew: of one that was broken off there is nothing to go on with."""
    _still(errand, made=0)
    export_report(
        round=errand.round,
        format=errand.format,
        audience=errand.audience,
        large_print=errand.large_print,
        file_name=_copy_name(errand, errand.tries),
        by=by,
        at=at,
        tell=_teller(errand),
        finish=lambda row: _still(errand, stage=Stage.DONE, done_at=at, file=row),
    )


def _teller(errand: Errand) -> Callable[[int], None]:
    def tell(pages: int) -> None:
        _still(errand, made=pages)

    return tell


def _letters(errand: Errand, *, by: Person, at: datetime) -> None:
    """Handful by handful; those written before stay."""
    panel = Panel.objects.select_related("round__chain", "lot").get(errands=errand)
    while _handful(errand, panel, by=by, at=at) == AT_ONCE:
        pass
    _still(errand, stage=Stage.DONE, done_at=at)


@transaction.atomic
def _handful(errand: Errand, panel: Panel, *, by: Person, at: datetime) -> int:
    """Some letters, counted in the transaction that writes them."""
    written = len(write_letters(panel=panel, by=by, at=at, most=AT_ONCE))
    _still(errand, made=F("made") + written)
    return written


def _send(errand: Errand, *, by: Person, at: datetime) -> None:
    """One by one. Those that went before stay gone; one that is not so any more stays here."""
    staying = list(errand.told["staying"])
    rows = OutcomeLetter.objects.filter(pk__in=errand.told["going"], letter=None)
    for letter in rows.select_related("application__organisation"):
        try:
            _one_letter(errand, letter, by=by, at=at)
        except Refused as refusal:
            staying.append(_stays(letter, str(refusal)))
    _still(errand, stage=Stage.DONE, done_at=at, told={"staying": staying} if staying else {})


@transaction.atomic
def _one_letter(errand: Errand, letter: OutcomeLetter, *, by: Person, at: datetime) -> None:
    """One letter, counted in the transaction that sends it."""
    send_letter(letter=letter, by=by, at=at)
    _still(errand, made=F("made") + 1)


def _packs(errand: Errand, *, by: Person, at: datetime) -> None:
    """Make the packs anew, and keep them in one short transaction: the last good file goes only
    when the next one is there, whole."""
    _still(errand, made=0)
    if errand.member_id:
        member = Member.objects.select_related("round__programme", "person").get(
            pk=errand.member_id
        )
        content, held = make_pack(member=member, by=by, tell=_teller(errand))
        _keep_packs(errand, ContentFile(content), held, at=at)
        return
    lot = Lot.objects.filter(panel=errand.panel_id).first() if errand.panel_id else None
    members = paper.waiting_for_packs(errand.round, by, lot=lot)
    paper.may_make_packs(members, by).require()
    for member in members:
        member.round = errand.round
    _still(errand, of=len(members))
    file, held = make_packs(members=members, lot=lot, by=by, tell=_teller(errand))
    with file:
        _keep_packs(errand, File(file), held, at=at)


def _keep_packs(errand: Errand, file: File[Any], held: list[list[Any]], *, at: datetime) -> None:
    name = _packs_name(errand, errand.tries)
    with documents.stored(name, file) as kept, transaction.atomic():
        before = Errand.objects.same_packs(errand).exclude(pk=errand.pk).exclude(kept="")
        _let_go(list(before))
        _still(errand, stage=Stage.DONE, done_at=at, kept=kept, told={"held": held})


def _look(errand: Errand, *, by: Person, at: datetime) -> None:
    """Read the whole file, and say of each line what would become of it."""
    lot = _lot(errand)
    bids.may_bring_bids(lot.round, by, at=at).require()
    reading = _read(errand)
    fresh, others = new_bids(lot=lot, rows=reading.rows, on=timezone.localdate(at))
    bad_lines = len({trouble.line for trouble in reading.troubles})
    troubles = sorted([*reading.troubles, *others.late], key=lambda row: row.line)
    told = {
        **errand.told,
        "file": reading.digest,
        "new": len(fresh),
        "same": len(others.same),
        "differing": len(others.differing),
        "late": len(others.late),
        "in_trouble": bad_lines + len(others.late),
        "differ": others.differing[:MOST_LISTED],
        "troubles": [[row.line, row.sentence] for row in troubles[:MOST_LISTED]],
        "odd": len(reading.odd),
        "odd_numbers": [[row.line, row.sentence] for row in reading.odd[:MOST_LISTED]],
    }
    lines = len(reading.rows) + bad_lines
    _still(errand, stage=Stage.DONE, done_at=at, made=lines, told=told)


def _lot(errand: Errand) -> Lot:
    """Where the bids go, with all that is asked of its round."""
    return Lot.objects.select_related("round__chain", "round__programme").get(errands=errand)


def _read(look: Errand) -> importing.Reading:
    """The file as it was kept. Raises Refused, in the words of whoever cannot read it."""
    text = look.told.get("mapping")
    keys = look.round.form_questions.values_list("key", flat=True)
    try:
        mapping = importing.mapping_from_toml(text) if text else importing.DEFAULT_MAPPING
        with look.kept.open("rb") as file:
            return importing.read(file.read(), mapping, question_keys=list(keys))
    except importing.BadFile as bad:
        raise Refused(str(bad)) from None


def _import(errand: Errand, *, by: Person, at: datetime) -> None:
    """Handful by handful. What came in before is known by its id in the file, and left alone."""
    look, lot = Errand.objects.select_related("round").get(imports=errand), _lot(errand)
    if not look.kept:
        raise Refused(_("This file is not kept any more. Please bring it once more."))
    reading = _read(look)
    if reading.digest != look.told["file"]:
        raise Refused(_("This is not the file that was looked at. Please bring it once more."))
    fresh, others = new_bids(lot=lot, rows=reading.rows, on=timezone.localdate(at))
    if len(others.late) > look.told.get("late", 0):
        raise Refused(_("The time for bids has ended since. Please bring this file once more."))
    _still(errand, of=errand.made + len(fresh))
    for start in range(0, len(fresh), BIDS_AT_ONCE):
        some = fresh[start : start + BIDS_AT_ONCE]
        _some_bids(errand, lot, some, file_digest=reading.digest, by=by, at=at)
    _still(errand, stage=Stage.DONE, done_at=at)


@transaction.atomic
def _some_bids(
    errand: Errand,
    lot: Lot,
    rows: list[importing.Row],
    *,
    file_digest: str,
    by: Person,
    at: datetime,
) -> None:
    """Some bids, counted in the transaction that brings them in."""
    done = import_bids(lot=lot, rows=rows, file_digest=file_digest, by=by, at=at)
    _still(errand, made=F("made") + len(done.made))


WORK: dict[str, Callable[..., None]] = {
    Kind.COPY: _copy,
    Kind.LETTERS: _letters,
    Kind.SEND: _send,
    Kind.PACKS: _packs,
    Kind.LOOK: _look,
    Kind.IMPORT: _import,
}


def _still(errand: Errand, **fields: Any) -> None:
    """Write down how far it is. Raises Superseded when it is ours no more."""
    if not _held(errand).update(**fields):
        raise Superseded
