"""Writing what brings people together: gatherings to learn or read in company, and buddies."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.letters import write_each, write_to, write_to_all
from accounts.models import Person
from commissioning.models import Member, Round
from ledger.actions import record
from ledger.models import Letter
from support import rules
from support.actions.getting_ready import note_attendance_at_training
from support.models import Buddies, Gathering, GatheringReply, TrainingTopic


@transaction.atomic
def arrange_gathering(
    *,
    round: Round,
    kind: str,
    starts_at: datetime,
    by: Person,
    at: datetime,
    topics: Iterable[TrainingTopic] = (),
    minutes_long: int = 120,
    place: str = "",
    link: str = "",
    notes: str = "",
) -> Gathering:
    """A facilitator arranges a time together, and everybody in the round is told."""
    rules.may_arrange(round, starts_at, by, at=at).require()
    made = Gathering.objects.create(
        round=round,
        kind=kind,
        starts_at=starts_at,
        minutes_long=minutes_long,
        place=place,
        link=link,
        notes=notes,
        arranged_at=at,
        arranged_by=by,
    )
    made.topics.set(topics)
    _tell(made, "gathering_arranged", Member.objects.here().filter(round=round), by=by, at=at)
    record(chain=round.chain, verb="arranged_gathering", by=by, at=at, gathering=made.pk, kind=kind)
    return made


@transaction.atomic
def change_gathering(
    *, gathering: Gathering, changes: Mapping[str, Any], by: Person, at: datetime
) -> None:
    """A facilitator moves a gathering or changes where it is; all who may come are told."""
    gathering = _locked(gathering)
    rules.may_move(gathering, by, at=at).require()
    if "starts_at" in changes:
        rules.may_arrange(gathering.round, changes["starts_at"], by, at=at).require()
    for field, value in changes.items():
        setattr(gathering, field, value)
    gathering.changed_at, gathering.changed_by = at, by
    gathering.save(update_fields=[*changes, "changed_at", "changed_by"])
    _tell(gathering, "gathering_changed", _who_may_come(gathering), by=by, at=at)
    record(
        chain=gathering.round.chain,
        verb="changed_gathering",
        by=by,
        at=at,
        gathering=gathering.pk,
        fields=sorted(changes),
    )


@transaction.atomic
def call_off_gathering(*, gathering: Gathering, by: Person, at: datetime) -> None:
    """It will not happen. Whoever said they come is told even while they rest."""
    gathering = _locked(gathering)
    rules.may_move(gathering, by, at=at).require()
    gathering.called_off_at, gathering.called_off_by = at, by
    gathering.save(update_fields=["called_off_at", "called_off_by"])
    people = _who_may_come(gathering)
    coming = people.filter(gathering_replies__gathering=gathering, gathering_replies__coming=True)
    name = "gathering_called_off"
    _tell(gathering, name, coming, by=by, at=at, when=Letter.When.ANSWER)
    _tell(gathering, name, people.exclude(pk__in=coming.values("pk")), by=by, at=at)
    record(
        chain=gathering.round.chain,
        verb="called_off_gathering",
        by=by,
        at=at,
        gathering=gathering.pk,
    )


def _locked(gathering: Gathering) -> Gathering:
    """The row as it stands now, held until this is done."""
    rows = Gathering.objects.select_for_update(of=("self",)).select_related("round__chain")
    return rows.get(pk=gathering.pk)


def _who_may_come(gathering: Gathering) -> Any:
    """Everybody in the round but those who said that they cannot come."""
    not_coming = GatheringReply.objects.filter(gathering=gathering, coming=False)
    return (
        Member.objects.here()
        .filter(round=gathering.round_id)
        .exclude(pk__in=not_coming.values("member"))
    )


def _tell(
    gathering: Gathering,
    name: str,
    members: Any,
    *,
    by: Person,
    at: datetime,
    when: Letter.When = Letter.When.NOTICE,
) -> None:
    stamp = at.isoformat() if name == "gathering_changed" else "once"
    write_to_all(
        (
            (f"{name}:{gathering.pk}:{member.pk}:{stamp}", member.person)
            for member in members.select_related("person")
        ),
        name,
        by=by,
        at=at,
        chain=gathering.round.chain,
        when=when,
        context={"gathering": gathering, "topics": list(gathering.topics.all())},
    )


@transaction.atomic
def reply_to_gathering(
    *,
    gathering: Gathering,
    member: Member,
    coming: bool,
    by: Person,
    at: datetime,
    needs: str = "",
) -> GatheringReply:
    """A member says whether they come and what they need; by phone or paper, a facilitator types.

    What they need is private, so the trail learns only that there was an answer.
    """
    gathering = _locked(gathering)
    rules.may_reply(gathering, member, by, at=at).require()
    reply, _made = GatheringReply.objects.update_or_create(
        gathering=gathering,
        member=member,
        defaults={"coming": coming, "needs": needs, "replied_at": at, "replied_by": by},
    )
    record(
        chain=gathering.round.chain,
        verb="replied_to_gathering",
        by=by,
        at=at,
        gathering=gathering.pk,
        member=member.pk,
        coming=coming,
    )
    return reply


@transaction.atomic
def be_here(*, gathering: Gathering, member: Member, by: Person, at: datetime) -> GatheringReply:
    """A member is here now. It is no entry of the trail: nobody looks later at who sat how long."""
    gathering = _locked(gathering)
    rules.may_be_here(gathering, member, by, at=at).require()
    reply, _made = GatheringReply.objects.get_or_create(
        gathering=gathering,
        member=member,
        defaults={"coming": True, "replied_at": at, "replied_by": by},
    )
    reply.here_at = at
    reply.save(update_fields=["here_at"])
    return reply


@transaction.atomic
def raise_hand(
    *, gathering: Gathering, member: Member, by: Person, at: datetime, up: bool = True
) -> None:
    """A member asks for a facilitator, or needs none any more."""
    reply = be_here(gathering=gathering, member=member, by=by, at=at)
    reply.hand_up_at = at if up else None
    reply.save(update_fields=["hand_up_at"])


@transaction.atomic
def come_to_hand(*, reply: GatheringReply, by: Person, at: datetime) -> None:
    """A facilitator has come to somebody who put their hand up. Idempotent; no entry is made."""
    rules.may_gather(by).require()
    reply.hand_up_at = None
    reply.save(update_fields=["hand_up_at"])


@transaction.atomic
def note_who_came(
    *, gathering: Gathering, members: Collection[Member], by: Person, at: datetime
) -> None:
    """A facilitator notes who came. At a session to learn, that finishes its topics for them."""
    rules.may_gather(by).require()
    for member in members:
        reply, _made = GatheringReply.objects.get_or_create(
            gathering=gathering,
            member=member,
            defaults={"coming": True, "replied_at": at, "replied_by": by},
        )
        if reply.came_at is None:
            reply.came_at, reply.came_by = at, by
            reply.save(update_fields=["came_at", "came_by"])
    for topic in gathering.topics.all():
        note_attendance_at_training(topic=topic, members=members, by=by, at=at)
    record(
        chain=gathering.round.chain,
        verb="noted_who_came",
        by=by,
        at=at,
        gathering=gathering.pk,
        members=[member.pk for member in members],
    )


# ---- Buddies ------------------------------------------------------------------------------------
@transaction.atomic
def ask_buddy(*, asker: Member, asked: Member, by: Person, at: datetime) -> Buddies:
    """A volunteer asks another to ring each other now and then."""
    # Both rows are held, so that two who ask at the same moment do not both get somebody.
    list(Member.objects.select_for_update().filter(pk__in=[asker.pk, asked.pk]).order_by("pk"))
    rules.may_ask_buddy(asker, asked, by).require()
    made = Buddies.objects.create(asker=asker, asked=asked, asked_at=at, asked_by=by)
    write_to(
        asked.person,
        "buddy_asked",
        key=f"buddy_asked:{made.pk}",
        by=by,
        at=at,
        chain=asker.round.chain,
        context={"asker": asker, "round": asker.round},
    )
    record(chain=asker.round.chain, verb="asked_buddy", by=by, at=at, buddies=made.pk)
    return made


@transaction.atomic
def accept_buddy(*, buddies: Buddies, by: Person, at: datetime) -> None:
    """Who was asked says yes; each now has the other's phone number."""
    buddies = _locked_pair(buddies)
    rules.may_accept_buddy(buddies, by).require()
    buddies.accepted_at, buddies.accepted_by = at, by
    buddies.save(update_fields=["accepted_at", "accepted_by"])
    asker, asked = buddies.asker, buddies.asked
    letters = [
        (
            f"buddy_agreed:{buddies.pk}:{to.pk}",
            to.person,
            {"buddy": other.person, "round": asker.round},
        )
        for to, other in ((asker, asked), (asked, asker))
    ]
    typed = by if by.pk != asked.person_id else None
    write_each(
        ((key, person, {**more, "typed": typed}) for key, person, more in letters),
        "buddy_agreed",
        by=by,
        at=at,
        chain=asker.round.chain,
    )
    record(chain=asker.round.chain, verb="agreed_buddies", by=by, at=at, buddies=buddies.pk)


@transaction.atomic
def end_buddies(*, buddies: Buddies, by: Person, at: datetime) -> None:
    """Either ends it, before or after it was agreed. No reason is asked; the other is told."""
    buddies = _locked_pair(buddies)
    rules.may_end_buddies(buddies, by).require()
    buddies.ended_at, buddies.ended_by = at, by
    buddies.save(update_fields=["ended_at", "ended_by"])
    others = [member for member in (buddies.asker, buddies.asked) if member.person_id != by.pk]
    for member in others:
        write_to(
            member.person,
            "buddy_ended",
            key=f"buddy_ended:{buddies.pk}:{member.pk}",
            by=by,
            at=at,
            chain=member.round.chain,
            context={"round": member.round},
        )
    record(chain=buddies.asker.round.chain, verb="ended_buddies", by=by, at=at, buddies=buddies.pk)


def _locked_pair(buddies: Buddies) -> Buddies:
    rows = Buddies.objects.select_for_update(of=("self",)).select_related(
        "asker__person", "asked__person", "asker__round__chain", "asked__round__chain"
    )
    return rows.get(pk=buddies.pk)
