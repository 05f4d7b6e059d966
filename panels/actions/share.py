"""Sharing out the bids: a proposal, changes by hand, and making it real."""

import random
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.letters import write_to
from accounts.models import Person
from accounts.permissions import Refused
from applications.models import Application
from commissioning.actions import promise_again
from commissioning.hours import pace_for
from commissioning.models import Member
from commissioning.workload import estimate
from ledger.actions import record
from ledger.models import Letter
from ledger.trail import digest
from panels.actions.working_out import pairs_digest
from panels.models import Assignment, FormatGap, ShareChange, ShareReply, ShareRun, ShareUndo
from panels.rules import scoring as scoring_rules
from panels.rules import share as rules


@transaction.atomic
def change_share(
    *,
    run: ShareRun,
    application: Application,
    taken_from: Member | None = None,
    given_to: Member | None = None,
    reason: str,
    by: Person,
    at: datetime,
) -> ShareChange:
    """Change one reading by hand, with a reason that the panel sees.

    On a confirmed share-out it takes effect at once.
    """
    run = ShareRun.objects.select_for_update().select_related("round__chain").get(pk=run.pk)
    rules.may_change_share(
        run,
        application,
        taken_from=taken_from,
        given_to=given_to,
        reason=reason,
        by=by,
        on=timezone.localdate(at),
    ).require()
    change = ShareChange.objects.create(
        run=run,
        application=application,
        taken_from=taken_from,
        given_to=given_to,
        reason=reason.strip(),
        made_at=at,
        made_by=by,
    )
    if run.confirmed_at:
        if taken_from:
            Assignment.objects.current().filter(member=taken_from, application=application).update(
                ended_at=at, ended_by=by, ended_why=Assignment.Ended.HANDED_BACK
            )
        if given_to:
            given = _give(run, {(application.pk, given_to.pk)}, by=by, at=at, salt=change.pk)
            _write_shares(run, given, by=by, at=at, salt=f"change-{change.pk}")
    record(
        chain=run.round.chain,
        verb="share_changed",
        by=by,
        at=at,
        run=run.pk,
        change=change.pk,
        application=application.pk,
        taken_from=taken_from.pk if taken_from else None,
        given_to=given_to.pk if given_to else None,
        reason=digest(change.reason),
    )
    return change


@transaction.atomic
def note_formats(
    *, application: Application, without: Collection[str], reason: str, by: Person, at: datetime
) -> None:
    """Note in which forms a bid cannot be had, with a reason that the panel sees.

    It decides who can be asked to read it. Nobody who has it loses it.
    """
    round = application.round
    rules.may_note_formats(round, without, reason, by, on=timezone.localdate(at)).require()
    application.format_gaps.exclude(format__in=without).delete()
    for one in sorted(without):
        FormatGap.objects.update_or_create(
            application=application,
            format=one,
            defaults={"reason": reason.strip(), "noted_at": at, "noted_by": by},
        )
    record(
        chain=round.chain,
        verb="formats_noted",
        by=by,
        at=at,
        application=application.pk,
        without=sorted(without),
        reason=digest(reason.strip()),
    )


@transaction.atomic
def confirm_sharing(*, run: ShareRun, by: Person, at: datetime) -> list[Assignment]:
    """Make a proposal real: each reader is given their bids, in an order of chance made once.

    Those who asked for fewer, or are away, give up what they have not opened. Nobody else does.
    """
    run = ShareRun.objects.select_for_update().select_related("round__chain").get(pk=run.pk)
    on = timezone.localdate(at)
    waits = rules.may_look_at_confirming(run, by, on=on)
    waits.require()
    plan = rules.plan_of(run, on=on)
    plan.verdict.require()
    ended = _end(run, plan, by=by, at=at)
    given = _give(run, plan.new, by=by, at=at, salt=0)
    run.confirmed_at, run.confirmed_by = at, by
    run.save(update_fields=["confirmed_at", "confirmed_by"])
    _write_shares(run, given, by=by, at=at, salt=f"run-{run.pk}")
    record(
        chain=run.round.chain,
        verb="sharing_confirmed",
        by=by,
        at=at,
        run=run.pk,
        seed=run.seed,
        aim=run.aim,
        pairs=len(plan.pairs),
        given=len(given),
        ended=ended,
        changes=run.changes.count(),
        digest=pairs_digest(plan.pairs),
    )
    return given


def _end(run: ShareRun, plan: rules.Plan, *, by: Person, at: datetime) -> list[int]:
    """Take off a share what its reader asked to be free of, or what was changed by hand."""
    rows = Assignment.objects.current().filter(
        application__round=run.round_id, application__in={bid for bid, _member in plan.ended}
    )
    ended: dict[str, list[int]] = {}
    lighter: dict[int, int] = {}
    for pk, bid, who in rows.values_list("pk", "application", "member"):
        why = plan.ended.get((bid, who))
        if why:
            ended.setdefault(why, []).append(pk)
            if why == Assignment.Ended.FEWER:
                lighter[who] = lighter.get(who, 0) + 1
    for why, pks in ended.items():
        Assignment.objects.filter(pk__in=pks).update(ended_at=at, ended_by=by, ended_why=why)
    for member in Member.objects.filter(pk__in=lighter).select_related("person"):
        write_to(
            member.person,
            "share_lighter",
            key=f"share-lighter-{run.pk}-{member.pk}",
            by=by,
            at=at,
            context={"round": run.round, "count": lighter[member.pk]},
            chain=run.round.chain,
        )
    return sorted(pk for pks in ended.values() for pk in pks)


@transaction.atomic
def undo_sharing(*, run: ShareRun, reason: str, by: Person, at: datetime) -> ShareRun:
    """Take a share-out back before anybody has opened a bid. It is a proposal again.

    Gives the proposal: who reads what just as it stood, to change and confirm.
    """
    run = ShareRun.objects.select_for_update().select_related("round__chain").get(pk=run.pk)
    rules.may_undo_sharing(run, reason, by, on=timezone.localdate(at)).require()
    undo = ShareUndo.objects.create(run=run, reason=reason.strip(), undone_at=at, undone_by=by)
    had = rules.standing(run.round) | rules.done_by_gone(run.round)
    rows = Assignment.objects.current().filter(run=run)
    members = set(rows.values_list("member", flat=True))
    ended = rows.update(ended_at=at, ended_by=by, ended_why=Assignment.Ended.UNDONE)
    again = ShareRun.objects.create(
        round=run.round,
        seed=run.seed,
        aim=run.aim,
        again=run,
        answer={**run.answer, "pairs": sorted(list(pair) for pair in had)},
        proposed_at=at,
        proposed_by=by,
    )
    for member in Member.objects.here().filter(pk__in=members).select_related("person"):
        write_to(
            member.person,
            "share_undone",
            key=f"share-undone-{run.pk}-{member.pk}",
            by=by,
            at=at,
            context={"round": run.round},
            chain=run.round.chain,
        )
    record(
        chain=run.round.chain,
        verb="sharing_undone",
        by=by,
        at=at,
        run=run.pk,
        again=again.pk,
        ended=ended,
        reason=digest(undo.reason),
    )
    return again


def _give(
    run: ShareRun,
    pairs: set[rules.Pair] | frozenset[rules.Pair],
    *,
    by: Person,
    at: datetime,
    salt: int,
) -> list[Assignment]:
    """Put these bids in these readers' hands, each with its place in their own order."""
    bids = {
        bid.pk: bid
        for bid in Application.objects.filter(pk__in={bid for bid, _ in pairs}).prefetch_related(
            "versions"
        )
    }
    order = random.Random(f"{run.seed}/{salt}")  # noqa: S311  anybody may work it out again
    rows = []
    for bid, member in sorted(pairs):
        # The newest copy as it is given; opening it may still move it on, nothing after that does.
        version = bids[bid].newest_version
        if version is None:
            raise Refused(_("A bid that was never sent cannot be read."))
        rows.append(
            Assignment(
                member_id=member,
                application_id=bid,
                version=version,
                run=run,
                reasons=run.answer["reasons"].get(f"{bid}:{member}", ["by_hand"]),
                order_key=order.random(),
                given_at=at,
                given_by=by,
            )
        )
    return Assignment.objects.bulk_create(rows)


def _write_shares(
    run: ShareRun, given: list[Assignment], *, by: Person, at: datetime, salt: str
) -> None:
    """One letter to each reader, however many bids they were given."""
    counts: dict[int, int] = {}
    for row in given:
        counts[row.member_id] = counts.get(row.member_id, 0) + 1
    for member in Member.objects.filter(pk__in=counts).select_related("person"):
        write_to(
            member.person,
            "share_given",
            key=f"share-given-{salt}-{member.pk}",
            by=by,
            at=at,
            context={"round": run.round, "count": counts[member.pk]},
            chain=run.round.chain,
        )


def share_words(member: Member) -> list[int]:
    """How many words each bid has that this member has to read, in their order."""
    rows = Assignment.objects.current().filter(member=member).order_by("order_key", "pk")
    return list(rows.values_list("version__words", flat=True))


@transaction.atomic
def reply_to_share(
    *, member: Member, answer: ShareReply.Answer, bids_wanted: int, by: Person, at: datetime
) -> ShareReply:
    """Say that a share is right, or ask for fewer or more. It is what counts from now on.

    Where staff type it from paper or the phone, its volunteer gets a letter with what was typed.
    """
    rules.may_reply_to_share(member, by).require()
    rules.may_want(answer, bids_wanted).require()
    reply = ShareReply.objects.create(
        member=member,
        answer=answer,
        bids_wanted=bids_wanted,
        replied_at=at,
        typed_by=None if by == member.person else by,
    )
    lengths = share_words(member)
    bids = len(lengths) if answer == ShareReply.Answer.FINE else bids_wanted
    load = estimate(bids, words=lengths, share=lengths, pace=pace_for(member.round))
    promise_again(member=member, load=load, bids=bids, by=by, at=at)
    record(
        chain=member.round.chain,
        verb="share_replied",
        by=by,
        at=at,
        member=member.pk,
        answer=str(answer),
        bids=bids_wanted,
    )
    if reply.typed_by:
        write_to(
            member.person,
            "share_typed",
            key=f"share-typed-{reply.pk}",
            by=by,
            at=at,
            context={"reply": reply, "round": member.round, "typist": by},
            chain=member.round.chain,
            when=Letter.When.ANSWER,
        )
    return reply


def _tell_of_hand_back(assignment: Assignment, *, by: Person, at: datetime) -> None:
    """A bid that staff handed back for a volunteer: what was written down, to the volunteer."""
    round = assignment.member.round
    write_to(
        assignment.member.person,
        "hand_back_typed",
        key=f"hand-back-typed-{assignment.pk}",
        by=by,
        at=at,
        context={"bid": assignment.application, "round": round, "typist": by},
        chain=round.chain,
        when=Letter.When.ANSWER,
    )


@transaction.atomic
def hand_back(
    *,
    assignment: Assignment,
    by: Person,
    at: datetime,
    why: Assignment.Ended = Assignment.Ended.HANDED_BACK,
) -> Assignment:
    """Give a bid back, with no reason asked and no blame. What was written stays kept."""
    row = Assignment.objects.select_for_update().get(pk=assignment.pk)
    reading = scoring_rules.reading_of(row)
    scoring_rules.may_hand_back(reading, by).require()
    row.ended_at, row.ended_by, row.ended_why = at, by, why
    row.save(update_fields=["ended_at", "ended_by", "ended_why"])
    record(
        chain=reading.round.chain,
        verb="bid_handed_back",
        by=by,
        at=at,
        assignment=row.pk,
        member=row.member_id,
        application=row.application_id,
    )
    if by.pk != row.member.person_id and why == Assignment.Ended.HANDED_BACK:
        _tell_of_hand_back(row, by=by, at=at)
    return row
