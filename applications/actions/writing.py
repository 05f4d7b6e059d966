"""Writing a bid. Each save is kept, wrong or late as it may be. Saves are not entries."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import documents
from accounts.models import Person
from accounts.permissions import Refused
from accounts.versions import Stale
from applications import content, parts, rules
from applications.models import (
    Answer,
    Application,
    BudgetLine,
    Document,
    FormQuestion,
    Organisation,
    SetAside,
)
from commissioning.models import Lot, Round
from ledger.actions import record

# What `save_details` may change.
DETAILS = (
    "title",
    "area",
    "communities",
    "partners_named",
    "smallest_useful",
    "contact_name",
    "contact_channel",
    "contact_phone",
)


@transaction.atomic
def start_application(
    *, round: Round, organisation: Organisation, lot: Lot, by: Person, at: datetime, title: str = ""
) -> Application:
    """Start a bid for one lot, with the next reference of the round. Raises Refused."""
    rules.may_start(round, organisation, by, at=at).require()
    return make_application(
        round=round, organisation=organisation, lot=lot, by=by, at=at, title=title
    )


def make_application(
    *, round: Round, organisation: Organisation, lot: Lot, by: Person, at: datetime, **fields: Any
) -> Application:
    """The row of a new bid, and its entry; who may is asked before. Runs inside a transaction."""
    if lot.round_id != round.pk:
        raise Refused(_("Choose a part of this round."))
    made = Application.objects.create(
        round=round,
        lot=lot,
        organisation=organisation,
        reference=Application.objects.next_references(round, 1)[0],
        made_at=at,
        made_by=by,
        **fields,
    )
    record(
        chain=round.chain,
        verb="bid_started",
        by=by,
        at=at,
        application=made.pk,
        organisation=organisation.pk,
        lot=lot.pk,
        came_by=str(made.came_by),
    )
    return made


@transaction.atomic
def save_details(
    *, application: Application, version: int, by: Person, at: datetime, **fields: Any
) -> int:
    """Save what is being written about the project; returns the bid's new version.

    `fields` may be title, area, communities, partners_named, smallest_useful, contact_name,
    contact_channel and contact_phone. Raises Refused, or Stale when another save came first and
    said something else.
    """
    if unknown := set(fields) - set(DETAILS):
        raise TypeError(f"A bid has no {', '.join(sorted(unknown))}.")
    rules.may_write(application, by).require()
    stored = _locked(application)
    if stored.submitted_at:  # bidding may have closed while this waited for the bid
        rules.may_write(stored, by).require()
    if all(getattr(stored, name) == value for name, value in fields.items()):
        return stored.version
    if stored.version != version:
        raise _stale(stored, {name: rules.detail_as_text(stored, name) for name in fields})
    for name, value in fields.items():
        setattr(application, name, value)
    application.version = version + 1
    application.saved_at, application.saved_by = at, by
    application.save(update_fields=[*fields, "version", "saved_at", "saved_by"])
    return application.version


def _locked(application: Application) -> Application:
    found = Application.objects.select_related("saved_by").select_for_update(of=("self",))
    return found.get(pk=application.pk)


def _stale(stored: Application, theirs: dict[str, str]) -> Stale:
    return Stale(theirs=theirs, version=stored.version, by=stored.saved_by, at=stored.saved_at)


@transaction.atomic
def start_from(*, application: Application, earlier: Application, by: Person, at: datetime) -> int:
    """Begin with the words of an earlier bid of the same group; returns how many parts came over.

    Only what is still empty is filled: an answer under a question of the same key, what was said
    about the project, and the budget. Files, declarations and what was sent stay where they are.
    """
    rules.may_start_from(application, earlier, by).require()
    stored = _locked(application)
    took = 0
    fields = [name for name in DETAILS if not getattr(stored, name) and getattr(earlier, name)]
    for name in fields:
        setattr(stored, name, getattr(earlier, name))
    took += len(fields)
    texts = {row.question.key: row.text for row in earlier.answers.select_related("question")}
    here = {row.question_id: row for row in stored.answers.all()}
    for question in stored.round.form_questions.all():
        row, words = here.get(question.pk), texts.get(question.key, "").strip()
        if not words or (row and row.text.strip()):
            continue
        if question.kind == FormQuestion.Kind.CHOICE and words not in question.choices:
            continue  # the list has other choices now
        save_answer(
            application=stored,
            question=question,
            text=words,
            version=row.version if row else 0,
            by=by,
            at=at,
        )
        took += 1
    lines = rules.budget_of(earlier)
    if lines and not stored.budget_lines.exists():
        save_budget(application=stored, lines=lines, version=stored.version, by=by, at=at)
        took += 1
    if fields:
        stored.version += 1
        stored.save(update_fields=[*fields, "version"])
    return took


@transaction.atomic
def save_answer(
    *,
    application: Application,
    question: FormQuestion,
    text: str,
    version: int,
    by: Person,
    at: datetime,
) -> Answer:
    """Save what is being written under one question, however long it is. Version 0: nothing yet.

    The same words sent twice are one save. Raises Refused, or Stale (theirs: {"text": …}).
    """
    if question.round_id != application.round_id:
        raise Refused(_("This question is not part of this bid."))
    rules.may_write(application, by).require()
    Application.objects.select_for_update().only("pk").get(pk=application.pk)
    words = content.tidy(text)
    stored = _answer_to(application, question)
    if stored is None:
        return Answer.objects.create(
            application=application, question=question, text=words, saved_at=at, saved_by=by
        )
    if stored.text == words:
        return stored
    if stored.version != version:
        raise _stale_answer(stored)
    stored.text, stored.saved_at, stored.saved_by = words, at, by
    stored.version += 1
    stored.save(update_fields=["text", "version", "saved_at", "saved_by"])
    return stored


def _answer_to(application: Application, question: FormQuestion) -> Answer | None:
    found = Answer.objects.filter(application=application, question=question)
    return found.select_related("saved_by").first()


def _stale_answer(stored: Answer) -> Stale:
    return Stale(
        theirs={"text": stored.text},
        version=stored.version,
        by=stored.saved_by,
        at=stored.saved_at,
    )


@transaction.atomic
def save_budget(
    *,
    application: Application,
    lines: Sequence[content.Line],
    version: int,
    by: Person,
    at: datetime,
) -> int:
    """Put these lines in place of the budget's lines; returns the bid's new version.

    Sums are pounds; what is asked is never more than the cost. Raises Refused, or Stale (theirs:
    {"budget": one line of text for each line}).
    """
    rules.may_write(application, by).require()
    for line in lines:
        if not line.item.strip():
            raise Refused(_("Say what each line of the budget is for."))
        if line.asked < 0 or line.asked > line.cost:
            raise Refused(_("You cannot ask for more than something costs."))
    stored = _locked(application)
    before = rules.budget_of(stored)
    if before == tuple(lines):
        return stored.version
    if stored.version != version:
        raise _stale(stored, {"budget": content.budget_as_text(before)})
    application.budget_lines.all().delete()
    BudgetLine.objects.bulk_create(
        BudgetLine(
            application=application, item=line.item, cost=line.cost, asked=line.asked, order=order
        )
        for order, line in enumerate(lines, start=1)
    )
    application.version = version + 1
    application.saved_at, application.saved_by = at, by
    application.save(update_fields=["version", "saved_at", "saved_by"])
    return application.version


# ---- Two people at one place -----------------------------------------------------------------
class Keep(StrEnum):
    """What somebody chose, who has seen that other words were saved meanwhile."""

    THEIRS = "theirs"
    MINE = "mine"
    BOTH = "both"


@transaction.atomic
def settle_answer(
    *,
    application: Application,
    question: FormQuestion,
    text: str,
    over: int,
    keep: Keep,
    by: Person,
    at: datetime,
) -> None:
    """Two wrote under one question, and one of them has seen both (`over`: the version they saw).

    What does not stay is set aside. Raises Refused, or Stale when words came in since.
    """
    rules.may_write(application, by).require()
    Application.objects.select_for_update().only("pk").get(pk=application.pk)
    words, stored = content.tidy(text), _answer_to(application, question)
    if stored is not None and stored.text != words:
        if stored.version != over:
            raise _stale_answer(stored)
        part = parts.ANSWER + question.key
        if keep == Keep.THEIRS:
            _set_aside(application, part, words, by, at, by=by, at=at)
            return
        if keep == Keep.BOTH:
            words = f"{stored.text}\n\n{words}"
        else:
            _set_aside(
                application, part, stored.text, stored.saved_by, stored.saved_at, by=by, at=at
            )
    save_answer(application=application, question=question, text=words, version=over, by=by, at=at)


@transaction.atomic
def settle_details(
    *, application: Application, over: int, keep: Keep, by: Person, at: datetime, **fields: Any
) -> None:
    """The same for what is said of the project: one page, of which one side stays."""
    rules.may_write(application, by).require()
    stored = _locked(application)
    names = [name for name, value in fields.items() if getattr(stored, name) != value]
    if stored.version != over:
        raise _stale(stored, {name: rules.detail_as_text(stored, name) for name in fields})
    if keep == Keep.THEIRS:
        typed = Application(**{name: fields[name] for name in names})
        text = rules.details_as_text(typed, names)
        _set_aside(application, parts.DETAILS, text, by, at, by=by, at=at)
        return
    text = rules.details_as_text(stored, names)
    _set_aside(application, parts.DETAILS, text, stored.saved_by, stored.saved_at, by=by, at=at)
    save_details(application=application, version=over, by=by, at=at, **fields)


@transaction.atomic
def settle_budget(
    *,
    application: Application,
    lines: Sequence[content.Line],
    over: int,
    keep: Keep,
    by: Person,
    at: datetime,
) -> None:
    """The same for the costs. They are never put together: a cost must not count twice."""
    rules.may_write(application, by).require()
    stored = _locked(application)
    text = content.budget_as_text(rules.budget_of(stored))
    if stored.version != over:
        raise _stale(stored, {"budget": text})
    if keep == Keep.THEIRS:
        text = content.budget_as_text(lines)
        _set_aside(application, parts.BUDGET, text, by, at, by=by, at=at)
        return
    _set_aside(application, parts.BUDGET, text, stored.saved_by, stored.saved_at, by=by, at=at)
    save_budget(application=application, lines=lines, version=over, by=by, at=at)


def _set_aside(
    application: Application,
    part: str,
    text: str,
    wrote: Person | None,
    wrote_at: datetime | None,
    *,
    by: Person,
    at: datetime,
) -> None:
    """Keep words that make way, with who wrote them. Of an empty box there is nothing to keep."""
    if text.strip():
        SetAside.objects.create(
            application=application,
            part=part,
            text=text,
            written_by=wrote,
            written_at=wrote_at,
            chosen_by=by,
            chosen_at=at,
        )


# ---- Files -----------------------------------------------------------------------------------
def add_document(
    *, application: Application, upload: "UploadedFile[bytes]", by: Person, at: datetime
) -> Document:
    """Check a file's content and keep it in private storage under a name of our own.

    Raises documents.BadFile (a Refused) with what to do when the file cannot be taken.
    """
    rules.may_write(application, by).require()
    if application.documents.in_bid().count() >= rules.MOST_DOCUMENTS:
        raise documents.BadFile(
            _("A bid can have %(count)s files. Take one away first.")
            % {"count": rules.MOST_DOCUMENTS}
        )
    with stored_file(application, upload, by=by, at=at) as row, transaction.atomic():
        row.save(force_insert=True)
        enter_file(row, by=by, at=at)
    return row


def add_paper_scan(
    *, application: Application, upload: "UploadedFile[bytes]", by: Person, at: datetime
) -> Document:
    """Put a scan or photo of the paper with a bid that was typed from it, to compare them.

    Staff and the group can look at it. It is no part of the bid: personal details stand on it, so
    no reader of the panel ever gets it. Raises documents.BadFile (a Refused).
    """
    rules.may_add_paper(application, by).require()
    here = application.documents.paper()
    if here.count() >= rules.MOST_PAPER:
        raise documents.BadFile(
            _("A bid can have %(count)s pictures of its paper. Take one away first.")
            % {"count": rules.MOST_PAPER}
        )
    kept = stored_file(application, upload, of_paper=True, by=by, at=at)
    with kept as row, transaction.atomic():
        if here.filter(sha256=row.sha256).exists():
            raise documents.BadFile(_("This picture is here already."))
        row.save(force_insert=True)
        enter_file(row, by=by, at=at)
    return row


@transaction.atomic
def remove_paper_scan(*, document: Document, by: Person, at: datetime) -> None:
    """Take a picture of the wrong paper away: its file is gone for good. Raises Refused."""
    bid = Application.objects.select_for_update().get(pk=document.application_id)
    rules.may_take_paper_away(bid, by).require()
    if not document.of_paper:
        raise Refused(_("This file belongs to the bid. Only its group can take it away."))
    _removed(document, by=by, at=at)
    transaction.on_commit(partial(default_storage.delete, str(document.file.name)))


@contextmanager
def stored_file(
    application: Application,
    upload: "UploadedFile[bytes]",
    *,
    by: Person,
    at: datetime,
    of_paper: bool = False,
) -> Iterator[Document]:
    """A file that was checked and is in private storage, as a row that is not saved yet.

    Enter it before any transaction. Whatever goes wrong with its row takes it away again.
    """
    inspect = documents.inspect_to_look_at if of_paper else documents.inspect
    checked = inspect(upload, most_bytes=settings.DOCUMENT_MAX_BYTES)
    row = Document(
        application=application,
        name=checked.name,
        kind=checked.kind,
        size=len(checked.data),
        sha256=checked.sha256,
        of_paper=of_paper,
        added_at=at,
        added_by=by,
    )
    name = f"documents/{row.uuid}.{checked.kind}"
    with documents.stored(name, ContentFile(checked.data)) as row.file.name:
        yield row


def enter_file(row: Document, *, by: Person, at: datetime) -> None:
    """The entry of a file that came."""
    record(
        chain=row.application.round.chain,
        verb="document_added",
        by=by,
        at=at,
        application=row.application_id,
        document=row.pk,
        sha256=row.sha256,
    )


@transaction.atomic
def remove_document(*, document: Document, by: Person, at: datetime) -> None:
    """Take a file out of the bid. Copies that were sent with it keep it. Raises Refused."""
    rules.may_write(document.application, by).require()
    _removed(document, by=by, at=at)


def _removed(document: Document, *, by: Person, at: datetime) -> None:
    if document.removed_at:
        return
    document.removed_at, document.removed_by = at, by
    document.save(update_fields=["removed_at", "removed_by"])
    record(
        chain=document.application.round.chain,
        verb="document_removed",
        by=by,
        at=at,
        application=document.application_id,
        document=document.pk,
    )
