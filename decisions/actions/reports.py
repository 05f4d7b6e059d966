"""The report: put to the panels, noted and asked about by the board, and exported."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person, Role
from accounts.permissions import Permission, Refused, may
from applications.models import Application
from commissioning.models import Round
from decisions import exports, rules
from decisions.models import BoardNote, Description, ReportFile
from decisions.reading import report_of
from decisions.report import mark_of
from ledger.actions import HOUSE, record
from ledger.models import Chain
from ledger.trail import digest
from panels.actions.proposals import put_to_panel
from panels.models import Panel, Proposal


@transaction.atomic
def put_report(*, round: Round, by: Person, at: datetime) -> list[Proposal]:
    """Ask every panel to read the report and agree it, all with the same facts."""
    round = Round.objects.select_for_update().get(pk=round.pk)
    rules.may_put_report(by, round, on=timezone.localdate(at)).require()
    mark = mark_of(report_of(round, at=at))
    return [
        _put(panel, mark, by=by, at=at)
        for panel in Panel.objects.filter(round=round).select_related("round__chain", "lot")
    ]


def _put(panel: Panel, mark: str, *, by: Person, at: datetime) -> Proposal:
    proposal = put_to_panel(
        panel=panel,
        kind=Proposal.Kind.REPORT,
        words=_("Read the report. Say if it may go to the board."),
        data={"round": panel.round_id, "digest": mark},
        by=by,
        at=at,
    )
    for seat in rules.entitled_seats(panel):
        write_to(
            seat.member.person,
            "report_to_agree",
            key=f"report_to_agree:{proposal.pk}:{seat.pk}",
            by=by,
            at=at,
            context={"round": panel.round, "panel": panel, "proposal": proposal},
            chain=panel.round.chain,
        )
    return proposal


@transaction.atomic
def change_description(*, bid: Application, text: str, by: Person, at: datetime) -> Description:
    """A group puts right what the report says its bid is about. What the panel read stays."""
    bids = Application.objects.select_related("round__chain", "organisation")
    bid = bids.select_for_update(of=("self",)).get(pk=bid.pk)
    rules.may_change_description(by, bid).require()
    if not text.strip():
        raise Refused(_("Write what your bid is about."))
    rules.may_say_in_report(text, limit=rules.description_limit(bid)).require()
    row = Description.objects.create(application=bid, text=text.strip(), made_at=at, made_by=by)
    record(
        chain=bid.round.chain,
        verb="changed_description",
        by=by,
        at=at,
        bid=bid.pk,
        words_digest=digest(row.text),
    )
    return row


@transaction.atomic
def note_report(*, round: Round, by: Person, at: datetime, text: str = "") -> BoardNote:
    """The board notes the report as every panel has agreed it."""
    round = Round.objects.select_for_update().get(pk=round.pk)
    rules.may_note_report(by, round, digest=mark_of(report_of(round, at=at))).require()
    note = BoardNote.objects.create(
        round=round, kind=BoardNote.Kind.NOTED, text=text.strip(), made_at=at, made_by=by
    )
    _record_note(note, "noted_report", by=by, at=at)
    return note


@transaction.atomic
def ask_board_question(*, round: Round, text: str, by: Person, at: datetime) -> BoardNote:
    """The board asks how things were done. A facilitator answers; nothing decided changes."""
    rules.may_ask_board_question(by, round, text).require()
    note = BoardNote.objects.create(
        round=round, kind=BoardNote.Kind.QUESTION, text=text.strip(), made_at=at, made_by=by
    )
    for person in Person.objects.holding(Role.FACILITATOR):
        write_to(
            person,
            "board_question",
            key=f"board_question:{note.pk}:{person.pk}",
            by=by,
            at=at,
            context={"note": note, "round": round},
            chain=round.chain,
        )
    _record_note(note, "asked_board_question", by=by, at=at)
    return note


@transaction.atomic
def answer_board_question(*, note: BoardNote, answer: str, by: Person, at: datetime) -> BoardNote:
    """A facilitator answers a question of the board, once."""
    note = (
        BoardNote.objects.select_for_update(of=("self",))
        .select_related("round__chain", "made_by")
        .get(pk=note.pk)
    )
    may(by, Permission.LOOK_AFTER).require()
    if note.kind != BoardNote.Kind.QUESTION or note.answered_at:
        raise Refused(_("There is no open question here."))
    if not answer.strip():
        raise Refused(_("Write an answer."))
    note.answer, note.answered_at, note.answered_by = answer.strip(), at, by
    note.save(update_fields=["answer", "answered_at", "answered_by"])
    write_to(
        note.made_by,
        "board_answer",
        key=f"board_answer:{note.pk}",
        by=by,
        at=at,
        context={"note": note, "round": note.round},
        chain=note.round.chain,
    )
    _record_note(note, "answered_board_question", by=by, at=at)
    return note


def _record_note(note: BoardNote, verb: str, *, by: Person, at: datetime) -> None:
    record(
        chain=note.round.chain,
        verb=verb,
        by=by,
        at=at,
        note=note.pk,
        words_digest=digest(f"{note.text}\n{note.answer}"),
    )


def export_report(
    *,
    round: Round,
    format: str,
    by: Person,
    at: datetime,
    audience: str = ReportFile.Audience.BOARD,
    large_print: bool = False,
    file_name: str = "",
    tell: Callable[[int], object] | None = None,
    finish: Callable[[ReportFile], object] = lambda _row: None,
) -> ReportFile:
    """Make a final copy of the report and keep it. Refused before every panel has agreed it, and
    when the checks behind "no member of staff scored or voted" do not hold.

    Making it takes seconds, so it is made first and kept in one short transaction: the copy is
    there whole or not at all, and nobody waits for it meanwhile. `file_name` is for whoever has to
    find the file again without its row. `tell` hears how many pages are laid out; `finish` is the
    last thing in the transaction. Whatever they raise ends the work.
    """
    wanted = ReportFile.Format(format)
    heads = _heads(round)
    report = report_of(round, at=at)
    mark = mark_of(report)
    rules.may_export(by, round, digest=mark).require()
    if not report.proof.holds:
        raise Refused(
            _("The report says that no member of staff scored or voted. The checks do not show it.")
        )
    public = audience == ReportFile.Audience.PUBLIC
    content = exports.made(report, wanted, public=public, large_print=large_print, tell=tell)
    stored = ""
    try:
        with transaction.atomic():
            # It may have changed while the copy was made. Where no entry was written meanwhile, it
            # has not, and nobody need wait for a second reading.
            Chain.objects.select_for_update().get(pk=round.chain_id)
            if _heads(round) != heads:
                mark = mark_of(report_of(round, at=at))
            rules.may_export(by, round, digest=mark).require()
            row = ReportFile(
                round=round,
                format=wanted,
                audience=ReportFile.Audience(audience),
                large_print=large_print,
                sha256=hashlib.sha256(content).hexdigest(),
                head_hash=report.trail.head_hash,
                made_at=at,
                made_by=by,
            )
            name = f"{round.slug}-{row.audience}.{exports.SUFFIXES[wanted]}"
            row.file.save(file_name or name, ContentFile(content), save=False)
            stored = str(row.file.name)
            row.save()
            record(
                chain=round.chain,
                verb="exported_report",
                by=by,
                at=at,
                file=row.pk,
                format=str(wanted),
                audience=str(row.audience),
                sha256=row.sha256,
            )
            finish(row)
    except Exception:  # whatever went wrong with the row, its file must not be left behind
        if stored:
            default_storage.delete(stored)
        raise
    return row


def _heads(round: Round) -> dict[str, str]:
    """The last mark of the round's trail and of the house's: what the report tells, they tell."""
    chains = Chain.objects.filter(Q(pk=round.chain_id) | Q(key=HOUSE))
    return dict(chains.values_list("key", "head_hash"))
