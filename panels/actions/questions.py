"""Asking something in sight of the panel, and answering it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Member
from ledger.actions import record
from ledger.trail import digest
from panels.models import Panel, Question, StandingAside
from panels.rules import questions as rules


@transaction.atomic
def ask_question(*, panel: Panel, text: str, by: Person, at: datetime) -> Question:
    """Ask something; the whole panel sees it, and the answer."""
    rules.may_ask(panel, by).require()
    member = Member.objects.get(round=panel.round_id, person=by)
    question = Question.objects.create(panel=panel, member=member, text=_written(text), asked_at=at)
    record(
        chain=panel.round.chain,
        verb="question_asked",
        by=by,
        at=at,
        question=question.pk,
        panel=panel.pk,
        text=digest(question.text),
    )
    return question


@transaction.atomic
def answer_question(*, question: Question, answer: str, by: Person, at: datetime) -> Question:
    """Answer a question, once. Everyone on the panel who takes part is written to."""
    question = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
    rules.may_answer(question, by).require()
    question.answer, question.answered_at, question.answered_by = _written(answer), at, by
    question.save(update_fields=["answer", "answered_at", "answered_by"])
    panel = question.panel
    aside = StandingAside.objects.filter(lot=panel.lot_id, application=None).values("member")
    for seat in panel.seats.held().exclude(member__in=aside).select_related("member__person"):
        write_to(
            seat.member.person,
            "question_answered",
            key=f"question-answered-{question.pk}-{seat.member_id}",
            by=by,
            at=at,
            context={
                "question": question,
                "panel": panel,
                "mine": seat.member_id == question.member_id,
            },
            chain=panel.round.chain,
        )
    record(
        chain=panel.round.chain,
        verb="question_answered",
        by=by,
        at=at,
        question=question.pk,
        panel=panel.pk,
        text=digest(question.answer),
    )
    return question


def _written(text: str) -> str:
    if not text.strip():
        raise Refused(_("Write something first."))
    return text.strip()
