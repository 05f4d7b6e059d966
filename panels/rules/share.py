"""Sharing out the bids: the facts that `panels.sharing` works on, and what a share may become."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db.models import (
    CharField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Break, Person
from accounts.permissions import Permission, Verdict, may
from applications.models import Application, BidVersion
from commissioning.models import (
    AwayDays,
    LotStage,
    LotWish,
    Member,
    Round,
    Stage,
    StageKind,
)
from commissioning.pace import all_stages, lots_apart, own_stages
from commissioning.rules import stage_open
from commissioning.workload import minutes_for
from ledger.models import Entry
from panels import sharing
from panels.models import (
    Assignment,
    Declaration,
    FormatGap,
    Panel,
    Phase,
    Proposal,
    ScoreSheet,
    Seat,
    ShareAim,
    ShareReply,
    ShareRun,
    StandingAside,
)
from panels.rules.interests import conflicts, list_digest, on_a_list
from panels.sharing.told import rule_against
from support.models import Format, FormatNeed, TrainingDone, TrainingTopic

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
    """On a break until reading ends."""
    asked: str
    """Their newest answer about their share: fine, fewer, more, or nothing."""
    hours: int | None = None
    """Hours for reading that they offered, if they said."""
    short_of_days: bool = False
    """Away on so many of the days for reading that they are given nothing new."""
    likes: frozenset[int] = frozenset()
    """Lots they would like to read in."""
    rather_not: frozenset[int] = frozenset()
    needs: frozenset[str] = frozenset()
    """Forms without which they cannot read a bid."""
    gone_on: tuple[tuple[date, date], ...] = ()
    """Days away, each first to last."""
    out_of_time: frozenset[int] = frozenset()
    """Lots with reading days of their own on which they are away too much, or on a break."""

    @property
    def open_lots(self) -> frozenset[int]:
        """Lots they may be given bids in now."""
        return frozenset(lot for lot in self.lots & self.declared if not self.misses(lot))

    def misses(self, lot: int) -> bool:
        """Whether they are away on too many of the days on which this lot is read."""
        return self.away or self.short_of_days or lot in self.out_of_time

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


class Listed(NamedTuple):
    """A bid on the round's lists, where no more of it is needed."""

    pk: int
    lot_id: int
    withdrawn_at: datetime | None
    communities: list[str]


def listed_bids(round: Round) -> list[Listed]:
    """Every bid on the round's lists, light enough for any number of them (one query)."""
    rows = on_a_list().filter(round=round).order_by()
    return [Listed(*row) for row in rows.values_list("pk", "lot_id", "withdrawn_at", "communities")]


def offers(
    round: Round,
    bids: Sequence[Application] | Sequence[Listed],
    *,
    on: date,
    only: Collection[int] | None = None,
) -> list[Offer]:
    """Every member of the round with what they can take on this day (2 queries, 3 where panels have
    days of their own).

    `bids` is `bids_of` or `listed_bids`: a declaration covers a lot when it was made on that very
    list. `only` names members (ids) where not all are asked for.
    """
    replies = ShareReply.objects.filter(member=OuterRef("pk"))
    stage = Stage.objects.filter(round=round, kind=StageKind.SCORING)
    apart = {row.lot_id: row for row in own_stages(round) if row.kind == StageKind.SCORING}
    latest = max((row.closes_on for row in apart.values()), default=date.min)
    # A few days off end before the reading does; only a longer break stops new bids.
    breaks = Break.objects.on(on).filter(person=OuterRef("person"))
    all_of_it = Q(ends_on__gte=latest) & Q(ends_on__gte=Subquery(stage.values("closes_on")[:1]))
    members = (
        Member.objects.here()
        .filter(round=round)
        .select_related("person")
        .annotate(
            untrained=needs_training("pk"),
            away=Exists(breaks.filter(Q(ends_on=None) | all_of_it)),
            reply=Subquery(replies.values("answer")[:1]),
            reply_bids=Subquery(replies.values("bids_wanted")[:1]),
            break_ends_on=Subquery(breaks.values("ends_on")[:1]),
            reads_from=Subquery(stage.values("opens_on")[:1]),
            reads_to=Subquery(stage.values("closes_on")[:1]),
        )
    )
    if only is not None:
        members = members.filter(pk__in=only)
    in_lot: defaultdict[int, list[int]] = defaultdict(list)
    for bid in bids:
        in_lot[bid.lot_id].append(bid.pk)
    marks = {lot: list_digest(ids) for lot, ids in in_lot.items()}
    said = _places(round)
    found = []
    for member in members:
        facts, pk = vars(member), member.pk
        own = said.seats[pk] or set(marks)
        gone_on = tuple(sorted(said.away[pk]))
        first, last = facts["reads_from"] or on, facts["reads_to"] or on
        found.append(
            Offer(
                member=member,
                limit=reading_limit(member),
                lots=frozenset(lot for lot in own if lot in marks and lot not in said.aside[pk]),
                declared=frozenset(
                    lot for lot, mark in marks.items() if said.declared.get((pk, lot)) == mark
                ),
                trained=not facts["untrained"],
                away=facts["away"],
                asked=facts["reply"] or "",
                hours=member.reading_hours,
                short_of_days=short_of_days(gone_on, max(on, first), max(last, latest)),
                likes=frozenset(said.likes[pk]),
                rather_not=frozenset(said.rather_not[pk]),
                needs=frozenset(said.needs[pk]),
                gone_on=gone_on,
                out_of_time=frozenset(
                    lot
                    for lot in (marks if apart else ())
                    for opens, closes in [_days_of(apart.get(lot), first, last)]
                    if (facts["break_ends_on"] or date.min) >= closes
                    or short_of_days(gone_on, max(on, opens), closes)
                ),
            )
        )
    return found


def _days_of(own: LotStage | None, first: date, last: date) -> tuple[date, date]:
    return (own.opens_on, own.closes_on) if own else (first, last)


FREE_DAYS = 10
"""Days for reading without which nobody is given a new bid, where there are that many twice."""


def short_of_days(gone_on: Iterable[tuple[date, date]], first: date, last: date) -> bool:
    """Whether somebody is away on too many of the days from first to last.

    They need ten of them, or half where there are fewer than twenty: late on, few are left for
    anybody.
    """
    days = {first + timedelta(days=n) for n in range((last - first).days + 1)}
    free = {day for day in days if not any(start <= day <= end for start, end in gone_on)}
    return len(free) < min(FREE_DAYS, (len(days) + 1) // 2)


def reading_limit(member: Member) -> int:
    """How many bids a member can read: their newest answer (annotated), else their promise."""
    replied: int | None = vars(member)["reply_bids"]
    return member.bids_wanted if replied is None else replied


class _Said:
    """What members of a round said, and where they have a seat or stand aside."""

    def __init__(self) -> None:
        self.seats: defaultdict[int, set[int]] = defaultdict(set)
        self.aside: defaultdict[int, set[int]] = defaultdict(set)
        self.likes: defaultdict[int, set[int]] = defaultdict(set)
        self.rather_not: defaultdict[int, set[int]] = defaultdict(set)
        self.needs: defaultdict[int, set[str]] = defaultdict(set)
        self.away: defaultdict[int, set[tuple[date, date]]] = defaultdict(set)
        self.declared: dict[Pair, str] = {}
        """Each newest declaration's mark, by member and lot."""

    def note(self, kind: str, who: int, lot: int, mark: str) -> None:
        """One row of `_places`."""
        if kind == "declared":
            self.declared[who, lot] = mark
        elif kind == "needs":
            self.needs[who].add(mark)
        elif kind == "away":
            first, last = mark.split("/")
            self.away[who].add((date.fromisoformat(first), date.fromisoformat(last)))
        else:
            where = {"seat": self.seats, "aside": self.aside, "like": self.likes}
            where.get(kind, self.rather_not)[who].add(lot)


def _places(round: Round) -> _Said:
    """Who has a seat, who stands aside, and what each has said.

    One query for all of them, so that the facilitator's page stays quick.
    """
    newer = Declaration.objects.filter(
        member=OuterRef("member"), lot=OuterRef("lot"), pk__gt=OuterRef("pk")
    )
    no_lot, nothing = Value(0, IntegerField()), Value("", CharField())
    declarations = Declaration.objects.filter(~Exists(newer), lot__round=round)
    seats = Seat.objects.held().filter(panel__round=round)
    aside = StandingAside.objects.filter(lot__round=round, application=None)
    wishes = LotWish.objects.filter(lot__round=round)
    needs = FormatNeed.objects.filter(member__round=round)
    away = AwayDays.objects.filter(member__round=round)
    days = Concat(
        Cast("first_on", CharField()),
        Value("/"),
        Cast("last_on", CharField()),
        output_field=CharField(),
    )
    parts = [
        _row(declarations, "declared", F("lot"), F("list_digest")),
        _row(seats, "seat", F("panel__lot"), nothing),
        _row(aside, "aside", F("lot"), nothing),
        _row(wishes.filter(likes=True), "like", F("lot"), nothing),
        _row(wishes.filter(likes=False), "rather not", F("lot"), nothing),
        _row(needs, "needs", no_lot, F("format")),
        _row(away, "away", no_lot, days),
    ]
    said = _Said()
    for row in parts[0].union(*parts[1:], all=True):
        said.note(*row)
    return said


def _row(rows: QuerySet[Any], kind: str, lot: Any, mark: Any) -> Any:
    """Rows of one kind as kind, member, lot and mark."""
    named = rows.order_by().annotate(row_kind=Value(kind, CharField()), row_lot=lot, row_mark=mark)
    return named.values_list("row_kind", "member", "row_lot", "row_mark")


# ---- The problem ----------------------------------------------------------------------------
def bids_of(round: Round) -> list[Application]:
    """Every bid on the round's lists, with the length of its newest copy (one query)."""
    return list(bids_with_length(round))


def bids_with_length(round: Round) -> QuerySet[Application]:
    """The round's lists, with the length of each bid's newest copy."""
    lengths = BidVersion.objects.filter(application=OuterRef("pk")).order_by("-number")
    return (
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


def begun(round: Round) -> frozenset[Pair]:
    """Readings that were opened or scored: nobody but their reader ends them (one query)."""
    scored = ScoreSheet.objects.filter(assignment=OuterRef("pk"))
    rows = Assignment.objects.current().filter(
        Q(started_at__isnull=False) | Exists(scored), application__round=round
    )
    return frozenset(rows.values_list("application", "member"))


def done_by_gone(round: Round) -> frozenset[Pair]:
    """Readings that count although their reader has left: the scores were sent before."""
    return frozenset(_sent_by_gone(round).values_list("application", "member"))


def _sent_by_gone(round: Round) -> QuerySet[ScoreSheet]:
    return ScoreSheet.objects.counting().filter(
        application__round=round, phase=Phase.READING, member__ended_at__isnull=False
    )


def counting(round: Round) -> frozenset[Pair]:
    """Every reading that counts towards its bid: `standing` and `done_by_gone` (one query)."""
    current = Assignment.objects.current().filter(application__round=round, member__ended_at=None)
    sent = _sent_by_gone(round)
    rows = current.order_by().values_list("application", "member")
    return frozenset(rows.union(sent.order_by().values_list("application", "member")))


def aim_of(round: Round) -> ShareAim:
    """What comes first: what every panel of the round has agreed on, newest word first.

    Bids of all lots are shared out in one go, and people's limits hold over all of them: so there
    is one aim, and without one that all panels share it is that nobody has too much to read.
    """
    chosen = {aim for _panel, aim in aims_by_panel(round)}
    return ShareAim(chosen.pop() or ShareAim.SHARE) if len(chosen) == 1 else ShareAim.SHARE


def aims_by_panel(round: Round) -> list[tuple[str, str]]:
    """Each panel's name, and the aim that it has agreed on or nothing (one query)."""
    agreed = Proposal.objects.filter(
        panel=OuterRef("pk"), kind=Proposal.Kind.SHARE_AIM, outcome=Proposal.Outcome.AGREED
    ).order_by("-settled_at", "-pk")
    newest = agreed.annotate(aim=KeyTextTransform("aim", "data")).values("aim")[:1]
    panels = Panel.objects.filter(round=round).annotate(aim=Subquery(newest))
    return [(name, aim or "") for name, aim in panels.order_by("pk").values_list("name", "aim")]


def as_reader(offer: Offer, ties: Collection[int]) -> sharing.Reader:
    """A member as the sum sees them."""
    return sharing.Reader(
        id=offer.member.pk,
        limit=offer.limit,
        experienced=offer.member.has_scored_before,
        trained=offer.trained,
        conflicts=frozenset(ties),
        lots=offer.open_lots,
        lived=frozenset(offer.member.experience),
        hours=offer.hours,
        like_lots=offer.likes,
        rather_not_lots=offer.rather_not,
        needs=offer.needs,
    )


def formats_of(bids: Iterable[int] | QuerySet[Any]) -> dict[int, frozenset[str]]:
    """In which forms a bid can be had, for those of these bids that cannot be had in every form
    (one query)."""
    gaps: defaultdict[int, set[str]] = defaultdict(set)
    rows = FormatGap.objects.filter(application__in=bids).order_by()
    for bid, one in rows.values_list("application", "format"):
        gaps[bid].add(one)
    return {bid: frozenset(Format.values) - without for bid, without in gaps.items()}


def as_bid(bid: Application, wanted: int, formats: frozenset[str] | None = None) -> sharing.Bid:
    """A bid of `bids_of` as the sum sees it."""
    return sharing.Bid(
        id=bid.pk,
        lot=bid.lot_id,
        hours=hours_for(bid),
        readers_wanted=wanted,
        communities=frozenset(bid.communities),
        formats=formats,
    )


def problem_for(
    round: Round,
    *,
    on: date,
    seed: int,
    bids: Sequence[Application] | None = None,
    offered: Sequence[Offer] | None = None,
) -> sharing.Problem:
    """What is to be shared out today, as plain values (at most 9 queries).

    Everybody keeps what they have, and so do bids whose reader left after scoring them. Only those
    who asked for fewer, or are away until reading ends, give up what they have not opened.
    """
    rows = bids_of(round) if bids is None else bids
    people = offers(round, rows, on=on) if offered is None else offered
    known = {bid.pk for bid in rows if not bid.withdrawn_at}
    ties = conflicts(round.pk)
    forms = formats_of(Application.objects.filter(round=round).values("pk"))
    kept = frozenset(pair for pair in counting(round) if pair[0] in known)
    problem = sharing.Problem(
        readers=tuple(as_reader(offer, ties.get(offer.member.pk, ())) for offer in people),
        bids=tuple(
            as_bid(bid, round.readers_per_bid, forms.get(bid.pk)) for bid in rows if bid.pk in known
        ),
        seed=seed,
        kept=kept,
        aim=sharing.Aim(aim_of(round)),
    )
    counts = Counter(member for _bid, member in kept)
    limits = {row.id: row.limit for row in problem.readers if counts[row.id] > row.limit}
    away = frozenset(row.member.pk for row in people if row.away and counts[row.member.pk])
    if not limits and not away:
        return problem
    event = sharing.Event(done=begun(round) & kept, left=away, limits=limits)
    return sharing.after(problem, kept, event)


def seed_for(round: Round) -> int:
    """The seed of the share-out: the hash of the last declaration's entry.

    It is settled when declarations end, so that asking again cannot fish for another answer. A
    round without any takes the head of its chain.
    """
    last = Entry.objects.filter(chain=round.chain_id, verb="interests_declared").last()
    return int((last.hash if last else round.chain.head_hash)[:15], 16)


def pairs_of(run: ShareRun) -> frozenset[Pair]:
    """Who reads what in a run, with the changes made by hand (1 query)."""
    pairs = {(bid, member) for bid, member in run.answer["pairs"]}
    for change in sorted(run.changes.all(), key=lambda row: row.pk):
        if change.taken_from_id:
            pairs.discard((change.application_id, change.taken_from_id))
        if change.given_to_id:
            pairs.add((change.application_id, change.given_to_id))
    return frozenset(pairs)


def newest_run(round: Round) -> ShareRun | None:
    """The latest proposal of the round, and whether anybody has `opened` a bid of it (1 query)."""
    run = ShareRun.objects.filter(round=round).annotate(opened=_opened()).first()
    if run:
        run.round = round
    return run


def codes_of(run: ShareRun, bid: Application, member: Member) -> list[str]:
    """Why somebody reads a bid, as codes."""
    codes: list[str] = run.answer.get("reasons", {}).get(f"{bid.pk}:{member.pk}", ["by_hand"])
    return codes


def pairs_now(run: ShareRun) -> frozenset[Pair]:
    """Who reads what as it is: in the proposal, or in fact once it was confirmed."""
    return standing(run.round) if run.confirmed_at else pairs_of(run)


def by_load(
    round: Round, bid: Application | Listed, offered: Iterable[Offer], pairs: Collection[Pair]
) -> list[tuple[int, str]]:
    """Those who do not read a bid, those with most room first: (member id, why-not code).

    The code is "load:…" for whoever could take it, else the rule that keeps them from it. One
    look at each pair and each person; at most 3 queries.
    """
    people = list(offered)
    ties = conflicts(round.pk)
    counts = Counter(member for _bid, member in pairs)
    lengths = _lengths(round) if any(offer.hours is not None for offer in people) else {}
    asked = sharing.Bid(
        id=bid.pk,
        lot=bid.lot_id,
        hours=lengths.get(bid.pk, 0.0),
        formats=formats_of([bid.pk]).get(bid.pk) if any(row.needs for row in people) else None,
    )
    spent: defaultdict[int, float] = defaultdict(float)
    for one, member in pairs if lengths else ():
        spent[member] += lengths.get(one, 0.0)
    rows = []
    for offer in people:
        reader = as_reader(offer, ties.get(offer.member.pk, ()))
        if (bid.pk, reader.id) not in pairs:
            code = rule_against(asked, reader, counts[reader.id], spent[reader.id])
            if code == "other_lot" and offer.misses(bid.lot_id):
                code = "away"
            share = counts[reader.id] / max(reader.limit, 1)
            rows.append((not code.startswith("load"), share, reader.id, code))
    return [(reader, code) for _, _, reader, code in sorted(rows)]


def _lengths(round: Round) -> dict[int, float]:
    """Hours to read and score each bid of the round (one query)."""
    lengths = BidVersion.objects.filter(application=OuterRef("pk")).order_by("-number")
    bids = on_a_list().filter(round=round).order_by()
    rows = bids.annotate(length=Subquery(lengths.values("words")[:1])).values_list("pk", "length")
    return {pk: float(minutes_for(words or 0)) / 60 for pk, words in rows}


def replacement_for(round: Round, bid: int, *, on: date) -> Member | None:
    """Who could best take over a bid: whoever has most room and may read it."""
    listed = listed_bids(round)
    found = next((row for row in listed if row.pk == bid and not row.withdrawn_at), None)
    if found is None:
        return None
    offered = offers(round, listed, on=on)
    for reader, code in by_load(round, found, offered, standing(round)):
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
    if open_now:
        return open_now
    lots = (0, *(lot.pk for lot in lots_apart(round)))
    reading = (stage_open(round, StageKind.SCORING, on=on, lot=lot) for lot in lots)
    return next((one for one in reading if one), open_now)


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
    listed = listed_bids(run.round)
    pairs = pairs_now(run)
    if bid.pk not in {row.pk for row in listed if not row.withdrawn_at}:
        return Verdict.no(_("This bid is not being shared out."))
    if taken_from is not None:
        refusal = _may_take(bid, taken_from, pairs)
        if refusal:
            return Verdict.no(refusal)
        pairs = pairs - {(bid.pk, taken_from.pk)}
    if given_to is not None:
        offered = offers(run.round, listed, on=on, only=[given_to.pk])
        if not offered:
            return Verdict.no(_("This person does not take part in the round."))
        ((_member, code),) = by_load(run.round, bid, offered, pairs) or [(0, "reads_it")]
        if not code.startswith("load"):
            return Verdict.no(why_not_words(code))
    return Verdict.yes()


def may_note_formats(
    round: Round, without: Collection[str], reason: str, by: Person, *, on: date
) -> Verdict:
    """Whether staff may say in which forms a bid cannot be had."""
    allowed = may_share_out(round, by, on=on)
    if not allowed:
        return allowed
    if not set(without) <= set(Format.values):
        return Verdict.no(_("Choose among the forms on the page."))
    if without and not reason.strip():
        return Verdict.no(_("Give a reason. The panel will see it."))
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


@dataclass(frozen=True, slots=True)
class Plan:
    """What confirming a proposal would do today, and whether it may still be done."""

    verdict: Verdict
    pairs: frozenset[Pair] = frozenset()
    new: frozenset[Pair] = frozenset()
    ended: Mapping[Pair, str] = field(default_factory=dict)
    """Readings that end, each with why (`Assignment.Ended`)."""


def plan_of(run: ShareRun, *, on: date) -> Plan:
    """What confirming this proposal does: it is the newest, and every rule holds for each pair."""
    if ShareRun.objects.filter(round=run.round_id, pk__gt=run.pk).exists():
        return Plan(Verdict.no(_("There is a newer proposal. Please look at that one.")))
    problem = problem_for(run.round, on=on, seed=run.seed)
    readers = {reader.id: reader for reader in problem.readers}
    bids = {bid.id: bid for bid in problem.bids}
    have = frozenset(pair for pair in standing(run.round) if pair[0] in bids)
    pairs = pairs_of(run)
    new = pairs - have - problem.kept
    stale = _breaks_a_rule(new, pairs, readers, bids)
    ended = {}
    by_hand = {(row.application_id, row.taken_from_id) for row in run.changes.all()}
    opened = begun(run.round) if have - pairs else frozenset()
    loads = Counter(member for _bid, member in have)
    for pair in have - pairs:
        if pair in opened or (pair in problem.kept and pair not in by_hand):
            stale = True
        elif pair in problem.kept:
            ended[pair] = Assignment.Ended.HANDED_BACK
        elif readers[pair[1]].lots or loads[pair[1]] > readers[pair[1]].limit:
            ended[pair] = Assignment.Ended.FEWER
        else:
            ended[pair] = Assignment.Ended.BREAK
    if stale:
        words = _("Something has changed since this was worked out. Ask for a new proposal.")
        return Plan(Verdict.no(words))
    return Plan(Verdict.yes(), pairs, new, ended)


def _breaks_a_rule(
    new: Collection[Pair],
    pairs: Collection[Pair],
    readers: Mapping[int, sharing.Reader],
    bids: Mapping[int, sharing.Bid],
) -> bool:
    """Whether any of the new readings is one that its reader may not have as things stand."""
    counts: Counter[int] = Counter()
    hours: defaultdict[int, float] = defaultdict(float)
    for bid, member in pairs:
        if bid in bids:
            counts[member] += 1
            hours[member] += bids[bid].hours
    return any(
        bid not in bids
        or member not in readers
        or not rule_against(
            bids[bid], readers[member], counts[member] - 1, hours[member] - bids[bid].hours
        ).startswith("load")
        for bid, member in new
    )


def may_undo_sharing(run: ShareRun, reason: str, by: Person, *, on: date) -> Verdict:
    """Whether a confirmed share-out may be taken back: nobody has opened a bid of it yet."""
    allowed = may_look_at_undoing(run, by, on=on)
    if allowed and not reason.strip():
        return Verdict.no(_("Give a reason. The panel will see it."))
    return allowed


def _opened() -> Exists:
    """True of a share-out when somebody has opened, or scored, a bid that it gave them."""
    scored = ScoreSheet.objects.filter(assignment=OuterRef("pk"))
    given = Assignment.objects.filter(run=OuterRef("pk"))
    return Exists(given.filter(Q(started_at__isnull=False) | Exists(scored)))


def may_look_at_undoing(run: ShareRun, by: Person, *, on: date) -> Verdict:
    """The same, before a reason is given."""
    allowed = may_share_out(run.round, by, on=on)
    if not allowed:
        return allowed
    newer = ShareRun.objects.filter(round=run.round_id, pk__gt=run.pk)
    if not run.confirmed_at or newer.exists():
        return Verdict.no(_("There is no share-out to take back."))
    if ShareRun.objects.filter(_opened(), pk=run.pk).exists():
        return Verdict.no(
            _("Somebody has opened a bid. So it stays. You can still change it by hand.")
        )
    return Verdict.yes()


def may_reply_to_share(member: Member, by: Person) -> Verdict:
    """Whether a member may say what they think of their share (or staff may type it)."""
    allowed = may(by, Permission.READ_BIDS if by == member.person else Permission.TYPE_FOR)
    if not allowed:
        return allowed
    if member.ended_at or not member.confirmed_at:
        return Verdict.no(_("You are not taking part in this round."))
    scoring = [row for row in all_stages(member.round) if row.kind == StageKind.SCORING]
    if scoring and all(row.closed_at for row in scoring):
        return Verdict.no(_("Reading is over. So your share stays as it is."))
    return Verdict.yes()


def may_want(answer: str, bids_wanted: int) -> Verdict:
    """Whether this many bids is something a reader can ask for."""
    if answer not in ShareReply.Answer.values:
        return Verdict.no(_("Choose one of the three answers."))
    if not 0 <= bids_wanted <= MOST_BIDS:
        return Verdict.no(_("Say how many bids you would like, from 0 to 19."))
    return Verdict.yes()


# ---- One reader's own share --------------------------------------------------------------
def mates_by_bid(member: Member, bids: Collection[int]) -> dict[int, dict[int, str]]:
    """The names of those who read each of these bids with a member, by bid (one query)."""
    rows = Assignment.objects.current().filter(application__in=bids, member__ended_at=None)
    found: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for bid, pk, name in rows.exclude(member=member).values_list(
        "application", "member", "member__person__name"
    ):
        found[bid][pk] = name
    return dict(found)


@dataclass(frozen=True, slots=True)
class NotMine:
    """The bids a member does not have in lots where they have said whom they know."""

    bids: QuerySet[Application]
    offer: Offer | None
    own: frozenset[int]
    """The bids they have."""
    ties: frozenset[int]
    wanted: int

    @property
    def count(self) -> int:
        """How many bids they have."""
        return len(self.own)

    def reasons(self, rows: Sequence[Application]) -> list[tuple[Application, str]]:
        """Each of these bids with why it is not theirs (at most 3 queries)."""
        if self.offer is None:
            return []
        ids = [row.pk for row in rows]
        teams: Counter[int] = Counter()
        ended: dict[int, str] = {}
        given = Assignment.objects.filter(application__in=ids).order_by("ended_at")
        for bid, who, why, gone in given.values_list(
            "application", "member", "ended_why", "member__ended_at"
        ):
            if not why and gone is None:
                teams[bid] += 1
            if who == self.offer.member.pk:
                ended[bid] = why
        reader = as_reader(self.offer, self.ties)
        lengths = _hours_of([*ids, *self.own]) if reader.hours is not None else {}
        spent = sum(lengths.get(bid, 0.0) for bid in self.own)
        forms = formats_of(ids) if reader.needs else {}
        return [
            (
                row,
                why_not_me_words(
                    rule_against(
                        sharing.Bid(
                            row.pk,
                            row.lot_id,
                            hours=lengths.get(row.pk, 0.0),
                            formats=forms.get(row.pk),
                        ),
                        reader,
                        self.count,
                        spent,
                    ),
                    missing=max(0, self.wanted - teams[row.pk]),
                    away=self.offer.away,
                    short_of_days=self.offer.misses(row.lot_id),
                    ended=ended.get(row.pk, ""),
                ),
            )
            for row in rows
        ]


def not_mine(member: Member, words: str, *, on: date) -> NotMine:
    """The bids that are not in a member's share; with `words`, those of such a name (5 queries).

    Of each only what may be seen before reading: its name and the group's. Lots they stand aside
    from, or have not declared on, are not there.
    """
    round = member.round
    offer = next(iter(offers(round, listed_bids(round), on=on, only=[member.pk])), None)
    own = Assignment.objects.current().filter(member=member, application=OuterRef("pk"))
    lots = offer.lots & offer.declared if offer else ()
    bids = (
        on_a_list()
        .filter(~Exists(own), round=round, lot__in=lots, withdrawn_at=None)
        .select_related("organisation", "lot")
        .with_sent_name()
        .only("reference", "title", "lot_id", "organisation__name", "lot__name")
        .order_by("lot__order", "lot", "reference", "pk")
    )
    if words:
        bids = bids.filter(
            Q(reference__icontains=words)
            | Q(title__icontains=words)
            | Q(organisation__name__icontains=words)
        )
    mine = Assignment.objects.visible_to(member.person).filter(
        member=member, application__withdrawn_at=None
    )
    ties = conflicts(round.pk).get(member.pk, ())
    own_bids = frozenset(mine.order_by().values_list("application", flat=True))
    return NotMine(bids, offer, own_bids, frozenset(ties), round.readers_per_bid)


def _hours_of(bids: Collection[int]) -> dict[int, float]:
    """Hours to read and score each of these bids (one query)."""
    rows = BidVersion.objects.filter(application__in=bids).order_by("number")
    newest = dict(rows.values_list("application", "words"))
    return {bid: float(minutes_for(words or 0)) / 60 for bid, words in newest.items()}


# ---- In plain words -------------------------------------------------------------------------
def _lived_words(tag: str) -> str:
    """What somebody offered from their own life, for their own eyes."""
    words = {
        "lonely": _("You offered your experience of being lonely. This bid is about that."),
        "carer": _("You offered your experience of caring. This bid is about that."),
        "bereaved": _("You offered your experience of loss. This bid is about that."),
        "disabled": _(
            "You offered your experience of illness or disability. This bid is about it."
        ),
        "bame": _("You offered to read as somebody from a minority community."),
        "lgbt": _("You offered to read as somebody who is lesbian, gay, bisexual or trans."),
        "area": _("You offered your experience of a part of town that is often left out."),
    }
    return words.get(tag, _("You offered what you have lived through. This bid is about that."))


def reason_words(
    codes: Iterable[str], mates: Mapping[int, str] = MappingProxyType({})
) -> list[str]:
    """Why somebody was given a bid, as sentences for that reader alone.

    `mates` are the names of those who read it too, by member.
    """
    said = []
    rows = [code.partition(":") for code in codes]
    friends = [
        mates[int(rest)] for kind, _sep, rest in rows if kind == "with" and int(rest) in mates
    ]
    for kind, _sep, rest in rows:
        if kind == "lived":
            said.append(_lived_words(rest))
        elif kind == "experienced":
            said.append(_("You have scored bids before, and each bid needs someone who has."))
        elif kind == "prefers":
            said.append(_("You said you would like to read about this."))
        elif kind == "with" and friends:
            words = _(
                "You read it with %(names)s. You share other bids too, so you can talk later."
            )
            said.append(words % {"names": joined(friends)})
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


def joined(names: Sequence[str], count: int | None = None) -> str:
    """Harold, Priya and Joan; with more than are named: Harold, Priya and 3 more."""
    more = (count or 0) - len(names)
    parts = list(names)
    if more > 0:
        parts.append(ngettext("%(n)s more", "%(n)s more", more) % {"n": more})
    if len(parts) < 2:
        return "".join(parts)
    return _("%(some)s and %(last)s") % {"some": ", ".join(parts[:-1]), "last": parts[-1]}


def why_not_me_words(
    code: str, *, missing: int, away: bool, ended: str, short_of_days: bool = False
) -> str:
    """Why a bid is not in somebody's own share, for them. Nobody else is named, nor what anybody
    else brings. `missing` readers it lacks; `ended` why they have it no more, if they had it."""
    kind = code.partition(":")[0]
    if kind == "conflict":
        return _("You said that you know people in it.")
    if ended == Assignment.Ended.HANDED_BACK:
        return _("You had it. It was handed back, or taken off your share by hand.")
    if ended in (Assignment.Ended.FEWER, Assignment.Ended.BREAK):
        return _("You had it, and asked for fewer bids or a break. So somebody else reads it.")
    if away:
        return _("You are on a break.")
    if short_of_days:
        return _("You said you are away on most of the days for reading.")
    if kind == "untrained":
        return _("You have not finished getting ready. Bids come after that.")
    if kind == "other_lot":
        return _("You do not read in this part of the money.")
    if kind == "full":
        return _("You have as many bids as you asked for. You can ask for more.")
    if kind == "hours":
        return _("It would take more hours than you said you have.")
    if kind == "format":
        return _("It cannot be had in a format that you need.")
    if missing:
        return _(
            "It still needs a reader, and you have room. Ring us if you would like to read it."
        )
    return _("It has all its readers. The draw gave it to others.")


def why_not_words(code: str) -> str:
    """Why somebody cannot take a bid, as one sentence for a facilitator."""
    kind, _sep, rest = code.partition(":")
    if kind == "conflict":
        return _("They cannot read this bid.")
    if kind == "untrained":
        return _("They have not finished getting ready.")
    if kind == "away":
        return _("They are away on most of the days for reading.")
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
    return ShareRun.objects.real().filter(round=round).exists()


def over_their_limit(round: Round) -> list[Member]:
    """Members who have more bids than they said they could read."""
    replies = ShareReply.objects.filter(member=OuterRef("pk")).values("bids_wanted")[:1]
    counts = Counter(member for _bid, member in standing(round))
    members = Member.objects.here().filter(round=round, pk__in=counts).select_related("person")
    rows = members.annotate(reply_bids=Subquery(replies))
    return [row for row in rows if counts[row.pk] > reading_limit(row)]
