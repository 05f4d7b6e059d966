"""Writing who is here, so that nobody can be told from it.

An answer is not recorded in the trail: an entry has a time and a name. It adds one to rows that
were there before it, and the code that allowed it is gone. See `suppression` for what is shown.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Member, Programme, Round
from ledger.actions import record
from support import rules
from support.content import read_about_questions
from support.models import (
    AboutAsked,
    AboutCode,
    AboutQuestion,
    AboutTable,
    AboutTally,
    CountDay,
    Outreach,
)
from support.suppression import FEWEST_PEOPLE, suppress

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""No letter that looks like another on paper."""
MOST_CODES = 60


def asked_now(programme: Programme) -> list[AboutQuestion]:
    """The questions about all of us as they are asked today."""
    return list(AboutQuestion.objects.filter(programme=programme, dropped_at=None))


@transaction.atomic
def start_about_questions(*, programme: Programme, by: Person, at: datetime) -> None:
    """Put the usual questions in place. Those that are there stay as they are."""
    rules.may_look_after(by).require()
    for slug, facts in read_about_questions():
        AboutQuestion.objects.get_or_create(programme=programme, slug=slug, defaults=facts)
    record(chain=None, verb="started_about_questions", by=by, at=at, programme=programme.pk)


@transaction.atomic
def add_about_question(
    *, programme: Programme, text: str, options: Sequence[str], by: Person, at: datetime
) -> AboutQuestion:
    """Ask one more question, with two answers or more."""
    rules.may_look_after(by).require()
    if len(options) < 2:
        raise Refused(_("Write at least two answers, each on a line of its own."))
    there = AboutQuestion.objects.filter(programme=programme)
    question = AboutQuestion.objects.create(
        programme=programme,
        slug=f"{slugify(text)[:50] or 'question'}-{there.count() + 1}",
        text=text,
        options=list(options),
        shares=[None] * len(options),
        order=there.count() + 1,
    )
    record(chain=None, verb="added_about_question", by=by, at=at, question=question.pk)
    return question


@transaction.atomic
def drop_about_question(*, question: AboutQuestion, by: Person, at: datetime) -> None:
    """Ask this no more. What was counted stays."""
    rules.may_look_after(by).require()
    question.dropped_at, question.dropped_by = at, by
    question.save(update_fields=["dropped_at", "dropped_by"])
    record(chain=None, verb="dropped_about_question", by=by, at=at, question=question.pk)


@transaction.atomic
def set_shares(
    *,
    question: AboutQuestion,
    shares: Sequence[Decimal | None],
    shares_from: str,
    by: Person,
    at: datetime,
) -> None:
    """Say how many of every hundred people there are of each kind, and where that comes from."""
    rules.may_look_after(by).require()
    if len(shares) != len(question.options):
        raise ValueError("There is one share for each option.")
    known = [share for share in shares if share is not None]
    if any(share < 0 for share in known) or sum(known) > 100:
        raise Refused(_("All shares together may not be more than 100."))
    question.shares = [None if share is None else str(share) for share in shares]
    question.shares_from = shares_from
    question.save(update_fields=["shares", "shares_from"])
    record(chain=None, verb="set_shares", by=by, at=at, question=question.pk)


# ---- Codes and answers ------------------------------------------------------------------------
@transaction.atomic
def give_code(*, member: Member, by: Person) -> str:
    """Give a member their one code, to use now or later. It stands nowhere but on their page."""
    if member.person_id != by.pk:
        raise Refused(_("A code is given to the person themselves."))
    rules.may_have_code(member).require()
    AboutAsked.objects.create(member=member)
    return _codes(member.round, 1)[0]


@transaction.atomic
def print_codes(*, round: Round, number: int, by: Person, at: datetime) -> list[str]:
    """Codes for forms on paper. Nobody notes who is given which."""
    rules.may_look_after(by).require()
    if not 1 <= number <= MOST_CODES:
        raise Refused(_("Print from 1 to 60 forms at a time."))
    codes = _codes(round, number)
    record(chain=round.chain, verb="printed_about_us", by=by, at=at, forms=number)
    return codes


@transaction.atomic
def answer_about_us(*, round: Round, code: str, chosen: Mapping[int, int]) -> None:
    """Add one person's answers to the tallies and spend their code. Nobody is named, no time kept.

    `chosen`: question → option; a question that is left out counts as "Prefer not to say".
    """
    spent, _rows = AboutCode.objects.filter(digest=_digest(code), round=round).delete()
    if not spent:
        raise Refused(_("This code does not work. Look at each letter, or ask for a new form."))
    for question in asked_now(round.programme):
        option = chosen.get(question.pk, 0)
        if not 0 <= option <= len(question.options):
            raise Refused(_("Choose one of the answers."))
        row = AboutTally.objects.filter(round=round, question=question, option=option)
        if not row.update(waiting=F("waiting") + 1):
            # A question that was added after the codes were made: all its rows come at once.
            _lay_out(round)
            row.update(waiting=F("waiting") + 1)


def _codes(round: Round, number: int) -> list[str]:
    _lay_out(round)
    codes = ["".join(secrets.choice(LETTERS) for _each in range(12)) for _code in range(number)]
    AboutCode.objects.bulk_create(AboutCode(digest=_digest(code), round=round) for code in codes)
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def _lay_out(round: Round) -> None:
    """A row for each answer there could be, so that no answer makes one."""
    AboutTally.objects.bulk_create(
        (
            AboutTally(round=round, question=question, option=option)
            for question in asked_now(round.programme)
            for option in range(len(question.options) + 1)
        ),
        ignore_conflicts=True,
    )


def _digest(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


# ---- Days of counting -----------------------------------------------------------------------
@transaction.atomic
def fix_count_day(*, round: Round, count_on: date, on: date, by: Person, at: datetime) -> CountDay:
    """Fix a day of counting. It cannot be moved or brought forward."""
    rules.may_look_after(by).require()
    rules.may_fix_count_day(round, count_on, on=on).require()
    day = CountDay.objects.create(round=round, count_on=count_on)
    record(chain=round.chain, verb="fixed_count_day", by=by, at=at, day=count_on.isoformat())
    return day


@transaction.atomic
def count_about_us(*, day: CountDay, by: Person, at: datetime, on: date) -> int:
    """Count those who answered since the day before; gives how many tables can be shown.

    A question with fewer than ten new answers waits for the next day. What is counted is let go.
    """
    day = CountDay.objects.select_for_update().select_related("round__chain").get(pk=day.pk)
    rules.is_due(day, on=on).require()
    waiting: dict[AboutQuestion, list[AboutTally]] = {}
    rows = AboutTally.objects.select_for_update().filter(round=day.round).order_by("option")
    for row in rows.select_related("question"):
        waiting.setdefault(row.question, []).append(row)
    tables = []
    for question, tallies in waiting.items():
        counts = [row.waiting for row in tallies]
        if sum(counts) < FEWEST_PEOPLE:
            continue
        tables.append(
            AboutTable(
                day=day, question=question, people=sum(counts), counts=list(suppress(counts))
            )
        )
        for row in tallies:
            AboutTally.objects.filter(pk=row.pk).update(waiting=F("waiting") - row.waiting)
    AboutTable.objects.bulk_create(tables)
    day.counted_at, day.counted_by = at, by
    day.save(update_fields=["counted_at", "counted_by"])
    record(
        chain=day.round.chain, verb="counted_about_us", by=by, at=at, day=day.pk, tables=len(tables)
    )
    return len(tables)


def count_what_is_due(*, by: Person, at: datetime, on: date) -> int:
    """Count on every day of counting that has come; gives how many days there were."""
    due = list(CountDay.objects.filter(counted_at=None, count_on__lte=on).order_by("count_on"))
    for day in due:
        count_about_us(day=day, by=by, at=at, on=on)
    return len(due)


# ---- What is done about a gap -------------------------------------------------------------------
@transaction.atomic
def plan_outreach(
    *,
    round: Round,
    question: AboutQuestion,
    option: int,
    who: str,
    due_on: date,
    by: Person,
    at: datetime,
) -> Outreach:
    """Plan whom to ask, because people are missing, and by when. It is about a group, nobody."""
    rules.may_look_after(by).require()
    if not 1 <= option <= len(question.options) or question.programme_id != round.programme_id:
        raise Refused(_("Choose one of the answers."))
    if not who.strip():
        raise Refused(_("Say whom you will ask."))
    plan = Outreach.objects.create(
        round=round,
        question=question,
        option=option,
        who=who.strip(),
        due_on=due_on,
        planned_at=at,
        planned_by=by,
    )
    record(chain=round.chain, verb="planned_outreach", by=by, at=at, outreach=plan.pk)
    return plan


@transaction.atomic
def finish_outreach(*, outreach: Outreach, result: str, by: Person, at: datetime) -> None:
    """Write down what came of it. Done once."""
    rules.may_look_after(by).require()
    if not result.strip():
        raise Refused(_("Say what came of it."))
    changed = Outreach.objects.filter(pk=outreach.pk, done_at=None).update(
        result=result.strip(), done_at=at, done_by=by
    )
    if not changed:
        raise Refused(_("Somebody has written down what came of this."))
    record(chain=outreach.round.chain, verb="finished_outreach", by=by, at=at, outreach=outreach.pk)
