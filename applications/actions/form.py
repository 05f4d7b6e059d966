"""The questions of a round's bid form: put in place, changed until bids open, then fixed."""

import tomllib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Refused
from accounts.versions import Stale
from applications import rules
from applications.models import FormQuestion
from commissioning.models import Criterion, Round
from ledger.actions import record
from ledger.models import Entry

USUAL_QUESTIONS = Path(__file__).resolve().parent.parent / "usual_questions.toml"
FIELDS = ("label", "hint", "kind", "choices", "word_limit", "required", "order")


def _usual_questions() -> list[dict[str, Any]]:
    """What most forms ask: key, label, hint, kind, word_limit, required, criteria (slugs)."""
    found: list[dict[str, Any]] = tomllib.loads(USUAL_QUESTIONS.read_text("utf-8"))["questions"]
    return found


@transaction.atomic
def start_form(
    *,
    round: Round,
    by: Person,
    at: datetime,
    questions: Iterable[dict[str, Any]] | None = None,
) -> list[FormQuestion]:
    """Put the usual questions (or these) into a round that has none, tied to its agreed criteria.

    Raises Refused.
    """
    rules.may_change_form(round, by).require()
    if round.form_questions.exists():
        raise Refused(_("This round has its questions already. Change them one by one."))
    criteria = {row.slug: row for row in Criterion.objects.agreed_for(round)}
    made = []
    for order, asked in enumerate(questions or _usual_questions(), start=1):
        fields = {name: asked[name] for name in FIELDS if name in asked and name != "order"}
        row = FormQuestion.objects.create(round=round, key=asked["key"], order=order, **fields)
        row.criteria.set(criteria[slug] for slug in asked.get("criteria", ()) if slug in criteria)
        made.append(row)
    record(chain=round.chain, verb="form_started", by=by, at=at, questions=len(made))
    return made


@transaction.atomic
def copy_form(
    *, round: Round, earlier: Round, by: Person, at: datetime, replaces: bool = False
) -> list[FormQuestion]:
    """Take over the questions of an earlier round, tied to criteria of the same slug or title.

    Questions that are here go, where `replaces` says so. Raises Refused.
    """
    rules.may_copy_form(round, earlier, by, replaces=replaces).require()
    dropped = round.form_questions.count()
    round.form_questions.all().delete()
    agreed = list(Criterion.objects.agreed_for(round))
    made = []
    for order, asked in enumerate(earlier.form_questions.prefetch_related("criteria"), start=1):
        fields = {name: getattr(asked, name) for name in FIELDS} | {"order": order}
        row = FormQuestion.objects.create(round=round, key=asked.key, **fields)
        row.criteria.set(_same_criteria(asked.criteria.all(), agreed))
        made.append(row)
    record(
        chain=round.chain,
        verb="form_copied",
        by=by,
        at=at,
        earlier=earlier.pk,
        questions=len(made),
        dropped=dropped,
    )
    return made


def _same_criteria(before: Iterable[Criterion], agreed: Iterable[Criterion]) -> list[Criterion]:
    """Those of the agreed criteria that an earlier round had too, by slug or by title."""
    slugs = {row.slug for row in before}
    titles = {row.title.casefold() for row in before}
    return [row for row in agreed if row.slug in slugs or row.title.casefold() in titles]


@transaction.atomic
def change_form_question(
    *,
    question: FormQuestion,
    by: Person,
    at: datetime,
    criteria: Iterable[Criterion] | None = None,
    version: int | None = None,
    **fields: Any,
) -> FormQuestion:
    """Change a question, or the criteria its answer helps to judge.

    `fields` may be label, hint, kind, choices, word_limit, required and order. `version` is the
    one they started from. Raises Refused, or Stale when another save came first and differs.
    """
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"A question has no {', '.join(sorted(unknown))}.")
    _lock(question.round)
    rules.may_change_question(question, by).require()
    rules.kind_is_free(question.round, fields.get("kind", ""), but=question).require()
    if "order" in fields:
        fields["order"] = min(fields["order"], question.round.form_questions.count())
    stored = FormQuestion.objects.select_for_update().get(pk=question.pk)
    before = _in_words(stored)
    changed = [name for name, value in fields.items() if getattr(stored, name) != value]
    if criteria is not None and set(stored.criteria.all()) != set(criteria):
        changed.append("criteria")
    if changed and version not in (None, stored.version):
        raise _stale(stored, {name: before[name] for name in changed})
    if not changed:
        return question
    question.order = stored.order  # may have moved since it was read
    for name in fields:
        setattr(question, name, fields[name])
    question.version = stored.version + 1
    question.save(update_fields=[*fields, "version"])
    if criteria is not None:
        question.criteria.set(criteria)
    _number(question.round, question)
    record(
        chain=question.round.chain,
        verb="form_question_changed",
        by=by,
        at=at,
        question=question.pk,
        fields=sorted(changed),
    )
    return question


def _stale(stored: FormQuestion, theirs: dict[str, str]) -> Stale:
    """What stands there now, and who saved it last, as the trail tells."""
    saved = Entry.objects.filter(
        chain=stored.round.chain_id, verb="form_question_changed", data__question=stored.pk
    )
    last = saved.select_related("by").order_by("seq").last()
    return Stale(
        theirs=theirs,
        version=stored.version,
        by=last.by if last else None,
        at=last.at if last else None,
    )


def _lock(round: Round) -> None:
    """One after the other: places are counted over the whole form."""
    Round.objects.select_for_update().get(pk=round.pk)


def _number(round: Round, moved: FormQuestion | None = None) -> None:
    """Places from 1 up, one each, with the moved question at the place that it has now."""
    rows = [row for row in FormQuestion.objects.filter(round=round) if row != moved]
    if moved:
        rows.insert(max(moved.order, 1) - 1, moved)
    for place, row in enumerate(rows, start=1):
        row.order = place
    FormQuestion.objects.bulk_update(rows, ["order"])


def _in_words(question: FormQuestion) -> dict[str, str]:
    """A question as it is shown beside what somebody else typed."""
    return {
        "label": question.label,
        "hint": question.hint,
        "kind": question.get_kind_display(),
        "choices": "\n".join(question.choices),
        "word_limit": str(question.word_limit or ""),
        "required": _("Yes") if question.required else _("No"),
        "order": str(question.order),
        "criteria": "\n".join(row.title for row in question.criteria.all()),
    }


@transaction.atomic
def add_form_question(
    *, round: Round, label: str, by: Person, at: datetime, **fields: Any
) -> FormQuestion:
    """Add a question at the end of the form, or at the place `order` says. Raises Refused."""
    _lock(round)
    rules.may_change_form(round, by).require()
    rules.kind_is_free(round, fields.get("kind", "")).require()
    made = FormQuestion.objects.create(
        round=round,
        key=_free_key(round, label),
        label=label,
        **{"order": round.form_questions.count() + 1, **fields},
    )
    _number(round, made)
    record(chain=round.chain, verb="form_question_added", by=by, at=at, question=made.pk)
    return made


def _free_key(round: Round, label: str) -> str:
    base = slugify(label)[:30].strip("-") or "question"
    taken = set(round.form_questions.values_list("key", flat=True))
    keys = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in keys if key not in taken)


@transaction.atomic
def drop_form_question(*, question: FormQuestion, by: Person, at: datetime) -> None:
    """Take a question off the form, before bids open. Raises Refused."""
    round, number = question.round, question.pk
    _lock(round)
    rules.may_change_question(question, by).require()
    question.delete()
    _number(round)
    record(chain=round.chain, verb="form_question_dropped", by=by, at=at, question=number)
