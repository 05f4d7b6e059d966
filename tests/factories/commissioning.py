"""Builders for a programme, a round with its stages, members, and agreed criteria.

`make_round` goes through the real action. `open_to` writes stage rows straight, so that a test of
a late stage need not walk the weeks before it.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import Person, Role, RoleHolding
from commissioning import actions, timetable
from commissioning.models import (
    Agreement,
    AgreementVote,
    Criterion,
    LevelWord,
    Lot,
    Member,
    Programme,
    Round,
    Stage,
    StageKind,
    Suggestion,
)
from commissioning.rules import CONFIRMERS
from tests.factories.unguarded import unguarded

LEVELS = {
    0: ("Nothing", "The bid does not tell me this."),
    1: ("A guess", "It says so, but not how they know."),
    2: ("Thin", "It tells me only a little."),
    3: ("Fair", "It gives me some good reasons."),
    4: ("Strong", "They show it clearly."),
    5: ("No doubt", "I am left in no doubt."),
}
_numbers = count(1)


def moment(day: date, hour: int = 0, minute: int = 5) -> datetime:
    """An instant on a day: early, so that it is never still to come today."""
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def make_person(name: str, role: Role | None = None, **fields: Any) -> Person:
    """A person with an email of their own and, if wanted, a role held for a long time."""
    slug = name.lower().replace(" ", ".")
    fields.setdefault("sign_in_email", f"{slug}{next(_numbers)}@example.org")
    person = Person.objects.create_user(name=name, **fields)
    if role:
        RoleHolding.objects.create(
            person=person,
            role=role,
            began_at=timezone.now() - timedelta(days=400),
            began_by=Person.objects.machine(),
        )
    return person


def make_facilitator(name: str = "Fran Facilitator") -> Person:
    return Person.objects.filter(name=name).first() or make_person(name, Role.FACILITATOR)


def make_volunteers(number: int) -> list[Person]:
    """So many volunteers with names of their own."""
    return [make_person(f"Volunteer {next(_numbers)}", Role.VOLUNTEER) for _ in range(number)]


def make_programme(**fields: Any) -> Programme:
    """The one programme of the test, made once."""
    found = Programme.objects.first()
    if found and not fields:
        return found
    number = next(_numbers)
    facts = {
        "name": "Good Company",
        "slug": f"good-company-{number}",
        "funder": "The Good Company Fund",
        "help_name": "the help line",
        "help_phone": "0113 496 0100",
        "agreement": "I will keep the bids to myself.",
    }
    return Programme.objects.create(**{**facts, **fields})


def make_round(
    *,
    by: Person | None = None,
    first_day: date | None = None,
    envelope: int = 100_000,
    name: str = "",
    programme: Programme | None = None,
    **fields: Any,
) -> Round:
    """A new round whose first stage is planned for `first_day` (today). Nothing is open."""
    first_day = first_day or timezone.localdate()
    return actions.set_up_round(
        programme=programme or make_programme(),
        name=name or f"Round {next(_numbers)}",
        envelope=Decimal(envelope),
        first_day=first_day,
        by=by or make_facilitator(),
        at=moment(first_day),
        **fields,
    )


def invite(round: Round, *people: Person, by: Person | None = None) -> list[Member]:
    """Places in the round, not yet said yes to."""
    by = by or make_facilitator()
    return [
        actions.invite_volunteer(round=round, person=person, by=by, at=timezone.now())
        for person in people
    ]


def join(round: Round, *people: Person, by: Person | None = None, bids: int = 5) -> list[Member]:
    """Members who said yes and count. Call it before the round is moved on to sharing out."""
    members = invite(round, *people, by=by)
    for member in members:
        actions.join_round(
            member=member,
            bids_wanted=bids,
            keeps_confidence=True,
            by=member.person,
            at=timezone.now(),
        )
    if not all(member.confirmed_at for member in members):
        known = [row.person for row in round.members.here().select_related("person")][:2]
        for person in known:
            actions.confirm_newcomers(round=round, members=members, by=person, at=timezone.now())
        if len(known) < CONFIRMERS:  # nobody was here before the first vote of this made-up round
            with unguarded():
                Member.objects.filter(pk__in=[member.pk for member in members]).update(
                    confirmed_at=timezone.now(), confirmed_by=F("joined_by")
                )
        for member in members:
            member.refresh_from_db()
    return members


def make_lot(round: Round, name: str = "Getting about", limit: int = 40_000) -> Lot:
    return actions.add_lot(
        round=round, name=name, limit=Decimal(limit), by=make_facilitator(), at=timezone.now()
    )


def make_draft(round: Round, about: str = Suggestion.About.CRITERIA) -> Agreement:
    """An empty draft, written straight."""
    version = round.agreements.filter(about=about).count() + 1
    return Agreement.objects.create(round=round, about=about, version=version)


def make_criterion(
    agreement: Agreement, member: Member, title: str = "The need is real", **fields: Any
) -> Criterion:
    """A criterion with its six level words."""
    number = agreement.criteria.count() + 1
    fields = {"weight": 1, "question": "Is it needed here?", **fields}
    fields.setdefault("slug", f"criterion-{number}")
    criterion = Criterion.objects.create(
        agreement=agreement, title=title, order=number, worded_by=member, **fields
    )
    LevelWord.objects.bulk_create(
        LevelWord(criterion=criterion, level=level, word=word, sentence=sentence)
        for level, (word, sentence) in LEVELS.items()
    )
    return criterion


def agree_criteria(round: Round, member: Member | None = None, number: int = 2) -> Agreement:
    """Agreed criteria, by everybody's vote; worded by this member or the round's first.

    Written straight, and so without an entry.
    """
    if not round.members.here().exists():
        join(round, *make_volunteers(1))
    member = member or round.members.first()
    assert member
    agreement = make_draft(round)
    for place in range(1, number + 1):
        make_criterion(agreement, member, f"Criterion {place}")
    now = timezone.now()
    agreement.put_at, agreement.put_by = now, member.person
    agreement.save()
    AgreementVote.objects.bulk_create(
        AgreementVote(agreement=agreement, member=one, choice="agree", voted_at=now)
        for one in round.members.here()
    )
    agreement.agreed_at = now
    agreement.save()
    return agreement


def open_to(round: Round, kind: str, *, on: date | None = None, by: Person | None = None) -> Stage:
    """Bring a round to a stage that opens on this day (today): all before it closed in good time.

    The stages are laid out anew round that day. Past "open", the round is frozen, and gets
    criteria and a lot where it has none. Gives the stage that is open.
    """
    by, on = by or make_facilitator(), on or timezone.localdate()
    usual = timetable.laid_out(on)
    shift = on - next(plan.opens_on for plan in usual if plan.kind == kind)
    place = timetable.KINDS.index(kind)
    if place >= timetable.KINDS.index(StageKind.OPEN):
        if not Criterion.objects.agreed_for(round).exists():
            agree_criteria(round)
        if not round.lots.exists():
            make_lot(round)
    opened = None
    for plan in usual:
        stage = round.stages.get(kind=plan.kind)
        stage.opens_on, stage.closes_on = plan.opens_on + shift, plan.closes_on + shift
        stage.recovery_days = plan.recovery_days
        if timetable.KINDS.index(plan.kind) <= place:
            stage.opened_at, stage.opened_by = moment(stage.opens_on), by
        if timetable.KINDS.index(plan.kind) < place:
            stage.closed_at, stage.closed_by = moment(stage.closes_on, 16), by
        if plan.kind == StageKind.OPEN and stage.opened_at:
            round.frozen_at, round.frozen_by = stage.opened_at, by
            round.save(update_fields=["frozen_at", "frozen_by"])
        stage.save()
        opened = stage if plan.kind == kind else opened
    assert opened is not None
    return opened


def close(stage: Stage, *, on: date | None = None, by: Person | None = None) -> Stage:
    """Close a stage on this day (today), written straight."""
    stage.closed_at = moment(on or timezone.localdate(), 0, 10)
    stage.closed_by = by or make_facilitator()
    stage.save()
    return stage
