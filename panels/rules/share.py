"""Sharing out the bids: the facts that `panels.sharing` works on, and what a share may become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Break, Person
from accounts.permissions import Permission, Verdict, may
from applications.models import Application, BidVersion
from commissioning.models import Member, Round, Stage, StageKind
from commissioning.rules import stage_open
from commissioning.workload import minutes_for
from ledger.models import Entry
from panels import sharing
from panels.models import (
    Assignment,
    Declaration,
    Seat,
    ShareReply,
    ShareRun,
    StandingAside,
)
from panels.rules.interests import conflicts, list_digest, on_a_list
from support.models import TrainingDone, TrainingTopic

MOST_BIDS = 19

Pair = tuple[int, int]
"""A bid's id and a member's id."""


# ---- Who can read how much ------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Offer:
    """What one member brings to the share-out."""

    member: Member
    limit: int
    lots: frozenset[int]
    """Lots they may read in, whether they have declared there or not."""
    declared: frozenset[int]
    trained: bool
    away: bool
    asked: str
    """Their newest answer about their share: fine, fewer, more, or nothing."""

    @property
    def open_lots(self) -> frozenset[int]:
        """Lots they may be given bids in now."""
        return frozenset() if self.away else self.lots & self.declared

    @property
    def still_to_declare(self) -> frozenset[int]:
        """Lots where they have not said yet whom they know."""
        return self.lots - self.declared


def needs_training(member: str) -> Exists:
    """Whether a required topic of the round is not done; `member` is the path to the member."""
    done = TrainingDone.objects.filter(topic=OuterRef("pk"), member=OuterRef(OuterRef(member)))
    round_path = "round" if member == "pk" else f"{member}__round"
    topics = TrainingTopic.objects.filter(round=OuterRef(round_path), required=True)
    return Exists(topics.filter(~Exists(done)))


def offers(round: Round, bids: Sequence[Application], *, on: date) -> list[Offer]:
    """Every member of the round with what they can take on this day (2 queries).

    `bids` is `bids_of(round)`: a declaration covers a lot when it was made on that very list.
    """
    replies = ShareReply.objects.filter(member=OuterRef("pk"))
    scoring = Stage.objects.filter(round=round, kind=StageKind.SCORING).values("closes_on")[:1]
    # A few days off end before the reading does; only a longer break stops new bids.
    breaks = Break.objects.on(on).filter(person=OuterRef("person"))
    long_breaks = breaks.filter(Q(ends_on=None) | Q(ends_on__gte=Subquery(scoring)))
    members = (
        Member.objects.here()
        .filter(round=round)
        .select_related("person")
        .annotate(
            untrained=needs_training("pk"),
            away=Exists(long_breaks),
            reply=Subquery(replies.values("answer")[:1]),
            reply_bids=Subquery(replies.values("bids_wanted")[:1]),
        )
    )
    marks = {
        lot: list_digest(bid.pk for bid in bids if bid.lot_id == lot)
        for lot in {bid.lot_id for bid in bids}
    }
    seats, aside, declared = _places(round)
    found = []
    for member in members:
        facts = vars(member)
        own = {lot for who, lot in seats if who == member.pk} or set(marks)
        found.append(
            Offer(
                member=member,
                limit=reading_limit(member),
                lots=frozenset(
                    lot for lot in own if lot in marks and (member.pk, lot) not in aside
                ),
                declared=frozenset(
                    lot for lot, mark in marks.items() if declared.get((member.pk, lot)) == mark
                ),
                trained=not facts["untrained"],
                away=facts["away"],
                asked=facts["reply"] or "",
            )
        )
    return found


def reading_limit(member: Member) -> int:
    """How many bids a member can read: their newest answer (annotated), else their promise."""
    replied: int | None = vars(member)["reply_bids"]
    return member.bids_wanted if replied is None else replied


def _places(round: Round) -> tuple[set[Pair], set[Pair], dict[Pair, str]]:
    """Who has a seat, who stands aside, and each newest declaration's mark, by (member, lot).

    One query for the three, so that the facilitator's page stays quick.
    """
    newer = Declaration.objects.filter(
        member=OuterRef("member"), lot=OuterRef("lot"), pk__gt=OuterRef("pk")
    )
    declarations = Declaration.objects.filter(~Exists(newer), lot__round=round).order_by()
    seats = Seat.objects.held().filter(panel__round=round).order_by()
    aside = StandingAside.objects.filter(lot__round=round, application=None)
    rows = declarations.values_list("member", "lot", "list_digest").union(
        seats.values_list("member", "panel__lot", Value("seat")),
        aside.values_list("member", "lot", Value("aside")),
        all=True,
    )
    facts = [(member, lot, mark) for member, lot, mark in rows]
    return (
        {(member, lot) for member, lot, mark in facts if mark == "seat"},
        {(member, lot) for member, lot, mark in facts if mark == "aside"},
        {(member, lot): mark for member, lot, mark in facts if mark not in ("seat", "aside")},
    )


# ---- The problem ----------------------------------------------------------------------------
def bids_of(round: Round) -> list[Application]:
    """Every bid on the round's lists, with the length of its newest copy (one query)."""
    lengths = BidVersion.objects.filter(application=OuterRef("pk")).order_by("-number")
    return list(
        on_a_list()
        .filter(round=round)
        .select_related("organisation", "lot")
        .annotate(length=Subquery(lengths.values("words")[:1]))
        .order_by("lot__order", "lot", "reference", "pk")
    )


def hours_for(bid: Application) -> float:
    """Hours to read and score one bid of `bids_of`, from the real count of its words."""
    return float(minutes_for(vars(bid)["length"] or 0)) / 60


def standing(round: Round) -> frozenset[Pair]:
    """Who reads what already."""
    rows = Assignment.objects.current().filter(application__round=round, member__ended_at=None)
    return frozenset(rows.values_list("application", "member"))


def problem_for(
    round: Round,
    *,
    on: date,
    seed: int,
    bids: Sequence[Application] | None = None,
    offered: Sequence[Offer] | None = None,
) -> sharing.Problem:
    """What is to be shared out today, as plain values (5 queries; 2 where the lists are given)."""
    rows = bids_of(round) if bids is None else bids
    people = offers(round, rows, on=on) if offered is None else offered
    known = {bid.pk for bid in rows if not bid.withdrawn_at}
    ties = conflicts(round.pk)
    return sharing.Problem(
        readers=tuple(
            sharing.Reader(
                id=offer.member.pk,
                limit=offer.limit,
                experienced=offer.member.has_scored_before,
                trained=offer.trained,
                conflicts=frozenset(ties.get(offer.member.pk, ())),
                lots=offer.open_lots,
                lived=frozenset(offer.member.experience),
            )
            for offer in people
        ),
        bids=tuple(
            sharing.Bid(
                id=bid.pk,
                lot=bid.lot_id,
                hours=hours_for(bid),
                readers_wanted=round.readers_per_bid,
                communities=frozenset(bid.communities),
            )
            for bid in rows
            if bid.pk in known
        ),
        seed=seed,
        kept=frozenset(pair for pair in standing(round) if pair[0] in known),
    )


def seed_for(round: Round) -> int:
    """The seed of the share-out: the hash of the last declaration's entry.

    It is settled when declarations end, so that asking again cannot fish for another answer. A
    round without any takes the head of its chain.
    """
    last = Entry.objects.filter(chain=round.chain_id, verb="interests_declared").last()
    return int((last.hash if last else round.chain.head_hash)[:15], 16)


def pairs_of(run: ShareRun) -> frozenset[Pair]:
    """Who reads what in a run, with the changes made by hand (2 queries, or prefetched)."""
    pairs = {(bid, member) for bid, member in run.answer["pairs"]}
    for change in sorted(run.changes.all(), key=lambda row: row.pk):
        if change.taken_from_id:
            pairs.discard((change.application_id, change.taken_from_id))
        if change.given_to_id:
            pairs.add((change.application_id, change.given_to_id))
    return frozenset(pairs)


def newest_run(round: Round) -> ShareRun | None:
    """The latest proposal of the round, with its changes (2 queries)."""
    run = ShareRun.objects.filter(round=round).prefetch_related("changes").first()
    if run:
        run.round = round
    return run


def by_load(problem: sharing.Problem, pairs: Collection[Pair], bid: int) -> list[tuple[int, str]]:
    """Those who do not read a bid, those with most room first: (member id, why-not code).

    The code is "load:…" for whoever could take it, else the rule that keeps them from it.
    """
    counts = Counter(member for _, member in pairs)
    rows = []
    for reader in problem.readers:
        code = sharing.why_not(problem, pairs, bid, reader.id)
        if code != "reads_it":
            share = counts[reader.id] / max(reader.limit, 1)
            rows.append((not code.startswith("load"), share, reader.id, code))
    return [(reader, code) for _, _, reader, code in sorted(rows)]


def replacement_for(round: Round, bid: int, *, on: date) -> Member | None:
    """Who could best take over a bid: whoever has most room and may read it."""
    problem = problem_for(round, on=on, seed=0)
    if bid not in {row.id for row in problem.bids}:
        return None
    for reader, code in by_load(problem, problem.kept, bid):
        if code.startswith("load"):
            return Member.objects.select_related("person").get(pk=reader)
    return None


# ---- What may be done -----------------------------------------------------------------------
def may_share_out(round: Round, by: Person, *, on: date) -> Verdict:
    """Whether this person may work on the share-out now: while sharing or scoring is open."""
    allowed = may(by, Permission.SHARE_OUT)
    if not allowed:
        return allowed
    open_now = stage_open(round, StageKind.SHARING, on=on)
    return open_now if open_now else stage_open(round, StageKind.SCORING, on=on) or open_now


def may_propose_sharing(round: Round, by: Person, *, on: date) -> Verdict:
    """Whether the share-out may be worked out: there are bids, and someone to read them."""
    allowed = may_share_out(round, by, on=on)
    if not allowed:
        return allowed
    bids = bids_of(round)
    if not any(not bid.withdrawn_at for bid in bids):
        return Verdict.no(_("There are no bids to share out yet."))
    if not any(offer.open_lots for offer in offers(round, bids, on=on)):
        return Verdict.no(_("Nobody has said yet who they know. Only then can bids be shared."))
    return Verdict.yes()


def may_change_share(
    run: ShareRun,
    bid: Application,
    *,
    taken_from: Member | None,
    given_to: Member | None,
    reason: str,
    by: Person,
    on: date,
) -> Verdict:
    """Whether one change by hand keeps every hard rule of the share-out."""
    allowed = may_share_out(run.round, by, on=on)
    if not allowed:
        return allowed
    if ShareRun.objects.filter(round=run.round_id, pk__gt=run.pk).exists():
        return Verdict.no(_("There is a newer proposal. Please change that one."))
    if not reason.strip():
        return Verdict.no(_("Give a reason. The panel will see it."))
    if taken_from is None and given_to is None:
        return Verdict.no(_("Choose who gives up the bid, or who takes it."))
    problem = problem_for(run.round, on=on, seed=run.seed)
    pairs = standing(run.round) if run.confirmed_at else pairs_of(run)
    if bid.pk not in {row.id for row in problem.bids}:
        return Verdict.no(_("This bid is not being shared out."))
    if taken_from is not None:
        refusal = _may_take(bid, taken_from, pairs)
        if refusal:
            return Verdict.no(refusal)
        pairs = pairs - {(bid.pk, taken_from.pk)}
    if given_to is not None:
        if given_to.pk not in {reader.id for reader in problem.readers}:
            return Verdict.no(_("This person does not take part in the round."))
        code = sharing.why_not(problem, pairs, bid.pk, given_to.pk)
        if not code.startswith("load"):
            return Verdict.no(why_not_words(code))
    return Verdict.yes()


def _may_take(bid: Application, member: Member, pairs: Collection[Pair]) -> str:
    """Why a bid may not be taken from a reader, or nothing. Begun reading is theirs to finish."""
    if (bid.pk, member.pk) not in pairs:
        return _("This person does not have this bid.")
    begun = Assignment.objects.current().filter(member=member, application=bid)
    if begun.filter(started_at__isnull=False).exists():
        return _("This person has begun to read it. Only they can hand it back.")
    return ""


def may_look_at_confirming(run: ShareRun, by: Person, *, on: date) -> Verdict:
    """Whether the newest proposal waits to be made real."""
    allowed = may_share_out(run.round, by, on=on)
    if not allowed:
        return allowed
    if run.confirmed_at:
        return Verdict.no(_("This share-out is confirmed already."))
    return Verdict.yes()


def may_confirm_sharing(run: ShareRun, by: Person, *, on: date) -> Verdict:
    """Whether a proposal may become real: the newest, and every rule still holds for each pair."""
    waits = may_look_at_confirming(run, by, on=on)
    if not waits:
        return waits
    if ShareRun.objects.filter(round=run.round_id, pk__gt=run.pk).exists():
        return Verdict.no(_("There is a newer proposal. Please look at that one."))
    problem = problem_for(run.round, on=on, seed=run.seed)
    readers = {reader.id: reader for reader in problem.readers}
    bids = {bid.id: bid for bid in problem.bids}
    pairs = pairs_of(run)
    counts = Counter(member for _, member in pairs)
    for bid, member in pairs - problem.kept:
        reader = readers.get(member)
        stale = (
            bid not in bids
            or reader is None
            or bid in reader.conflicts
            or not reader.trained
            or (reader.lots is not None and bids[bid].lot not in reader.lots)
            or counts[member] > reader.limit
        )
        if stale:
            return Verdict.no(
                _("Something has changed since this was worked out. Ask for a new proposal.")
            )
    return Verdict.yes()


def may_reply_to_share(member: Member, by: Person) -> Verdict:
    """Whether a member may say what they think of their share (or staff may type it)."""
    allowed = may(by, Permission.READ_BIDS if by == member.person else Permission.TYPE_FOR)
    if not allowed:
        return allowed
    if member.ended_at or not member.joined_at:
        return Verdict.no(_("You are not taking part in this round."))
    return Verdict.yes()


def may_want(answer: str, bids_wanted: int) -> Verdict:
    """Whether this many bids is something a reader can ask for."""
    if answer not in ShareReply.Answer.values:
        return Verdict.no(_("Choose one of the three answers."))
    if not 0 <= bids_wanted <= MOST_BIDS:
        return Verdict.no(_("Say how many bids you would like, from 0 to 19."))
    return Verdict.yes()


# ---- In plain words -------------------------------------------------------------------------
def reason_words(codes: Iterable[str]) -> list[str]:
    """Why somebody was given a bid, as sentences for that reader. Nobody else is named."""
    said = []
    for code in codes:
        kind, _sep, rest = code.partition(":")
        if kind == "lived":
            said.append(_("You offered what you have lived through. This bid is about that."))
        elif kind == "experienced":
            said.append(_("You have scored bids before, and each bid needs someone who has."))
        elif kind == "prefers":
            said.append(_("You said you would like to read about this."))
        elif kind == "with":
            said.append(_("Others who read it share more bids with you, so you can talk later."))
        elif kind == "load":
            count, limit = (int(part) for part in rest.split("/"))
            said.append(
                ngettext(
                    "You said up to %(limit)s bid. You have %(count)s.",
                    "You said up to %(limit)s bids. You have %(count)s.",
                    limit,
                )
                % {"limit": limit, "count": count}
            )
        elif kind == "by_hand":
            said.append(_("A facilitator gave you this one, with a reason on the record."))
    return list(dict.fromkeys(said))


def why_not_words(code: str) -> str:
    """Why somebody cannot take a bid, as one sentence for a facilitator."""
    kind, _sep, rest = code.partition(":")
    if kind == "conflict":
        return _("They cannot read this bid.")
    if kind == "untrained":
        return _("They have not finished getting ready.")
    if kind == "other_lot":
        return _("They do not read in this lot, or have not said yet who they know.")
    if kind == "full":
        return _("They have as many bids as they asked for.")
    if kind == "hours":
        return _("They do not have the hours for it.")
    if kind == "format":
        return _("It cannot be had in a format that they need.")
    if kind == "reads_it":
        return _("They read it already.")
    count, limit = rest.split("/") if rest else ("0", "0")
    return _("They have %(count)s of the %(limit)s bids they can read.") % {
        "count": count,
        "limit": limit,
    }


def without_enough_readers(round: Round) -> list[Application]:
    """Bids that go on and have fewer readers than the round wants."""
    counts = Counter(
        Assignment.objects.current()
        .filter(application__round=round, member__ended_at=None)
        .values_list("application", flat=True)
    )
    return [
        bid
        for bid in Application.objects.eligible().filter(round=round)
        if counts[bid.pk] < round.readers_per_bid
    ]


def share_is_confirmed(round: Round) -> bool:
    """Whether a share-out of this round was made real."""
    return ShareRun.objects.filter(round=round, confirmed_at__isnull=False).exists()


def over_their_limit(round: Round) -> list[Member]:
    """Members who have more bids than they said they could read."""
    replies = ShareReply.objects.filter(member=OuterRef("pk")).values("bids_wanted")[:1]
    counts = Counter(member for _bid, member in standing(round))
    members = Member.objects.here().filter(round=round, pk__in=counts).select_related("person")
    rows = members.annotate(reply_bids=Subquery(replies))
    return [row for row in rows if counts[row.pk] > reading_limit(row)]
