"""Questions about applying, and more time."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Permission, Refused, may
from applications import rules
from applications.models import Application, Extension, HelpQuestion
from commissioning.models import Round
from ledger.actions import record
from ledger.models import Letter
from ledger.trail import digest


@transaction.atomic
def ask_for_help(*, round: Round, text: str, by: Person, at: datetime) -> HelpQuestion:
    """Ask about applying. The answer goes to everybody, without a name. Raises Refused."""
    rules.may_ask_for_help(round, by).require()
    if not text.strip():
        raise Refused(_("Write your question."))
    made = HelpQuestion.objects.create(round=round, text=text.strip(), asked_at=at, asked_by=by)
    record(chain=round.chain, verb="help_asked", by=by, at=at, help_question=made.pk)
    return made


@transaction.atomic
def answer_help(*, question: HelpQuestion, answer: str, by: Person, at: datetime) -> HelpQuestion:
    """Answer a question for everybody, once, and write to who asked. Raises Refused."""
    may(by, Permission.LOOK_AFTER).require()
    if not answer.strip():
        raise Refused(_("Write the answer."))
    if question.answered_at:
        raise Refused(_("This question has its answer already. Everybody has seen it."))
    question.answer, question.answered_at, question.answered_by = answer.strip(), at, by
    question.save(update_fields=["answer", "answered_at", "answered_by"])
    round = question.round
    write_to(
        question.asked_by,
        "help_answered",
        key=f"help_answered:{question.pk}",
        by=by,
        at=at,
        chain=round.chain,
        when=Letter.When.ANSWER,
        context={"question": question, "round": round},
    )
    record(
        chain=round.chain,
        verb="help_answered",
        by=by,
        at=at,
        help_question=question.pk,
        digest=digest(question.answer),
    )
    return question


@transaction.atomic
def give_extension(
    *, application: Application, until: datetime, reason: str, by: Person, at: datetime
) -> Extension:
    """Give one organisation until a later moment, with a reason, and tell it. Raises Refused."""
    rules.may_give_more_time(application, by, until=until, at=at).require()
    if not reason.strip():
        raise Refused(_("Give the reason in words."))
    made = Extension.objects.create(
        application=application, until=until, reason=reason.strip(), given_at=at, given_by=by
    )
    round = application.round
    readers = Person.objects.get_queryset().filter(
        acts_for__organisation=application.organisation_id, acts_for__ended_at=None
    )
    for reader in readers.distinct():
        write_to(
            reader,
            "more_time",
            key=f"more_time:{made.pk}:{reader.pk}",
            by=by,
            at=at,
            chain=round.chain,
            when=Letter.When.ANSWER,
            context={"application": application, "extension": made},
        )
    record(
        chain=round.chain,
        verb="extension_given",
        by=by,
        at=at,
        application=application.pk,
        extension=made.pk,
        until=until.isoformat(),
        reason_digest=digest(made.reason),
    )
    return made
