"""Writing how people feel before and after, letters about them, and lessons for the next time.

That somebody answered is no entry: a list of who did would undo the hiding of small numbers.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Member, Round, StageKind
from ledger.actions import record
from ledger.models import Letter
from support import rules
from support.before_after import counted, questions
from support.models import Lesson, Look, LookTable, Reference


@transaction.atomic
def say_look(
    *,
    member: Member,
    when: str,
    answers: Mapping[str, int],
    words: str,
    may_quote: bool,
    by: Person,
    at: datetime,
) -> Look:
    """A member says how sure they feel, before or after; said again, the newer one stands."""
    rules.may_say_look(member, when, by).require()
    known = {row["slug"] for row in questions()["questions"]}
    if not set(answers) <= known or not all(1 <= value <= 5 for value in answers.values()):
        raise Refused(_("Choose one of the answers."))
    facts = {
        "answers": dict(answers),
        "words": words.strip(),
        "may_quote": may_quote,
        "said_at": at,
        "said_by": by,
    }
    return Look.objects.update_or_create(member=member, when=when, defaults=facts)[0]


@transaction.atomic
def count_looks(*, round: Round, by: Person, at: datetime) -> int:
    """Count once how many feel surer than before; small numbers are left out. Gives the tables."""
    round = Round.objects.select_for_update(of=("self",)).select_related("chain").get(pk=round.pk)
    rules.may_count_looks(round, by).require()
    people = Member.objects.said_yes().filter(round=round).prefetch_related("looks")
    found = counted(_both(member) for member in people)
    texts = {row["slug"]: row["text"] for row in questions()["questions"]}
    LookTable.objects.bulk_create(
        LookTable(
            round=round,
            slug=slug,
            text=texts[slug],
            order=order,
            people=len(people),
            counts=list(counts),
            counted_at=at,
            counted_by=by,
        )
        for order, (slug, counts) in enumerate(found.items(), start=1)
    )
    record(chain=round.chain, verb="counted_looks", by=by, at=at, tables=len(found))
    return len(found)


def _both(member: Member) -> tuple[Mapping[str, int], Mapping[str, int]]:
    said = {row.when: row.answers for row in member.looks.all()}
    return said.get(Look.When.BEFORE, {}), said.get(Look.When.AFTER, {})


@transaction.atomic
def write_reference(
    *, member: Member, text: str, facts: Sequence[str], by: Person, at: datetime
) -> Reference:
    """A facilitator writes about a member in their own words; it is kept for the member to fetch.

    `facts`: plain sentences worked out from what was recorded, and never a score.
    """
    rules.may_write_reference(member, by).require()
    if not text.strip():
        raise Refused(_("Write a few lines in your own words."))
    made = Reference.objects.create(
        member=member, text=text.strip(), facts=list(facts), written_at=at, written_by=by
    )
    write_to(
        member.person,
        "reference_written",
        key=f"reference:{made.pk}",
        by=by,
        at=at,
        chain=member.round.chain,
        when=Letter.When.NOTICE,
        context={"reference": made, "round": member.round},
    )
    record(chain=member.round.chain, verb="wrote_reference", by=by, at=at, reference=made.pk)
    return made


@transaction.atomic
def write_lesson(*, round: Round, stage: str, text: str, by: Person, at: datetime) -> Lesson:
    """A volunteer or facilitator writes what they learned in a stage, for the next time."""
    rules.may_write_lesson(round, by).require()
    if not text.strip():
        raise Refused(_("Write what you learned."))
    here = Member.objects.here().filter(round=round, person=by).exists()
    made = Lesson.objects.create(
        round=round,
        stage=StageKind(stage),
        text=text.strip(),
        from_staff=not here,
        written_at=at,
        written_by=by,
    )
    record(chain=round.chain, verb="wrote_lesson", by=by, at=at, lesson=made.pk, stage=stage)
    return made


@transaction.atomic
def drop_lesson(*, lesson: Lesson, by: Person, at: datetime) -> None:
    """Its writer takes a lesson out."""
    rules.may_drop_lesson(lesson, by).require()
    lesson.dropped_at, lesson.dropped_by = at, by
    lesson.save(update_fields=["dropped_at", "dropped_by"])
    record(chain=lesson.round.chain, verb="dropped_lesson", by=by, at=at, lesson=lesson.pk)
