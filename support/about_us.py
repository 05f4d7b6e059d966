"""Reading who is here: the counts that may be shown, as tables beside the shares."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from commissioning.models import Round
from support import gaps
from support.models import AboutQuestion, AboutTable, Outreach
from support.suppression import Shown, together


def labels_of(question: AboutQuestion) -> tuple[str, ...]:
    """Every answer in words, "Prefer not to say" first."""
    return (_("Prefer not to say"), *question.options)


def label_of(plan: Outreach) -> str:
    """The answer a plan is about, in words."""
    return labels_of(plan.question)[plan.option]


def tables_of(round: Round) -> list[gaps.Table]:
    """One table for each question that was counted or is asked now. One query for each kind."""
    shown: defaultdict[int, list[AboutTable]] = defaultdict(list)
    for row in AboutTable.objects.filter(day__round=round).order_by("day__count_on"):
        shown[row.question_id].append(row)
    questions = AboutQuestion.objects.filter(programme=round.programme_id)
    return [
        _table(question, shown[question.pk])
        for question in questions
        if shown[question.pk] or not question.dropped_at
    ]


def _table(question: AboutQuestion, rows: Sequence[AboutTable]) -> gaps.Table:
    labels = labels_of(question)
    counts: Shown = together([tuple(row.counts) for row in rows]) or (None,) * len(labels)
    shares = [None if share is None else Decimal(share) for share in question.shares]
    return gaps.table(
        question=question.pk,
        text=question.text,
        shares_from=question.shares_from,
        labels=labels,
        shares=[None, *shares],
        counts=counts,
        people=sum(row.people for row in rows),
    )
