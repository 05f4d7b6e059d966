"""What may and may not be done in a round: facts about stages and rests, never writing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import FilteredRelation, Max, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts import workdays
from accounts.models import Person, Role, RoleHolding
from accounts.permissions import Permission, Verdict, holds, may
from commissioning import agreement as sums
from commissioning import timetable
from commissioning.models import (
    Agreement,
    Criterion,
    Enquiry,
    Lot,
    LotStage,
    Member,
    MemberQuerySet,
    Priority,
    Programme,
    Round,
    Stage,
    StageKind,
    Suggestion,
    TypedAnswer,
    TypedVote,
)
from commissioning.pace import (
    AnyStage,
    Lots,
    all_plans,
    lots_apart,
    plans,
    stage_of,
    stages_of,
)
from ledger.actions import HOUSE
from ledger.models import Entry

LEVELS = range(6)
"""A criterion has a word and a sentence for each of these scores."""

OPEN_FOR: Mapping[str, tuple[str, ...]] = {
    Suggestion.About.PRIORITIES: (
        StageKind.SETUP,
        StageKind.JOIN,
        StageKind.TRAINING,
        StageKind.CRITERIA,
    ),
    Suggestion.About.CRITERIA: (StageKind.CRITERIA,),
}
"""The stages in which volunteers suggest, word and vote on each kind of agreement."""


@dataclass(frozen=True, slots=True)
class StageDays:
    """The planned days of one stage: first and last, both included, and days of rest after it."""

    opens_on: date
    closes_on: date
    recovery_days: int


# ---- Stages and rest -------------------------------------------------------------------------


def resting(round: Round, *, on: date, more: int = 0, lots: Collection[int] = ()) -> Verdict:
    """Whether the round's volunteers rest on this day; the sentence says until when.

    `lots` are those that somebody reads or sits for: their panels may have days of their own.
    `more` is for one of them, whose agreed rests are longer by so many days.
    """
    stage = timetable.resting(_gone_through(round, lots, more), on)
    if stage is None:
        return Verdict.no(_("This is not a time of rest."))
    until = timetable.rest_until(stage)
    return Verdict(
        True,
        _("This is a time of rest, until %(day)s. Nothing is due.")
        % {"day": date_format(until, "l j F") if until else ""},
    )


def _gone_through(round: Round, lots: Collection[int], more: int) -> list[timetable.StagePlan]:
    """The stages as somebody with these lots goes through them, with their longer rests."""
    rows = all_plans(round) if lots and round.has_own_days else plans(round)
    return timetable.longer(timetable.for_person(rows, lots), more)


def rests(round: Round, *, more: int = 0, lots: Collection[int] = ()) -> tuple[timetable.Rest, ...]:
    """The days of rest that have been set off by a close, each from the first to the last."""
    return timetable.rests(_gone_through(round, lots, more))


Longer = Mapping[tuple[int, int], int]
"""Days by which the rests agreed with some people are longer, by round and person (ids)."""


def longer_rests(rounds: Collection[Round], *, on: date | None = None) -> Longer:
    """Whose agreed rests are longer in these rounds (one query).

    With `on`, only as far as it may matter on that day: mostly nothing, and no query.
    """
    if on is not None:
        most = timetable.MOST_MORE_REST
        rounds = [
            row for row in rounds if timetable.resting(timetable.longer(all_plans(row), most), on)
        ]
    found: dict[tuple[int, int], int] = {}
    if rounds:
        agreed = Member.objects.filter(
            round__in=[row.pk for row in rounds],
            ended_at=None,
            adjustments__ended_at=None,
            adjustments__more_rest_days__gt=0,
        )
        for round, person, days in agreed.values_list(
            "round", "person", "adjustments__more_rest_days"
        ):
            found[round, person] = max(days, found.get((round, person), 0))
    return found


def more_rest_days(of: str = "") -> Max:
    """The same for each row of a query, whose members are found by `of`."""
    still = Q(**{f"{of}adjustments__ended_at": None})
    return Max(f"{of}adjustments__more_rest_days", filter=still, default=0)


def back_on(round: Round, *, on: date, longer: Longer, lots: Lots | None = None) -> dict[int, date]:
    """Who still rests while the others do not (ids), each with the day they are back."""
    if resting(round, on=on):
        return {}
    found: dict[int, date] = {}
    theirs = lots or {}
    for pk, person in {*longer, *theirs}:
        key = (pk, person)
        own = _gone_through(round, theirs.get(key, ()), longer.get(key, 0))
        stage = timetable.resting(own, on) if pk == round.pk else None
        if stage:
            found[person] = stage.free_from
    return found


def own_last_day(
    round: Round,
    first: date,
    last: date,
    *,
    more: int,
    lots: Collection[int] = (),
    lot: int = 0,
) -> date:
    """The last day of something asked from `first` to `last`, for one who rests longer, or who
    also rests with another panel. `lots` are theirs; `lot` is the one whose stage it is."""
    others = set(lots) - {lot} if round.has_own_days else ()
    if not more and not others:
        return last
    return timetable.own_last_day(
        first,
        last,
        rests=rests(round, lots=[lot] if lot else ()),
        own=rests(round, more=more, lots={*lots, lot} if lot else lots),
    )


def stage_open(round: Round, kind: str, *, on: date, lot: int = 0) -> Verdict:
    """Whether a stage is open now: it was opened, it is not closed. Dates alone close nothing.

    `lot` asks about the stage as it stands for the panel of that lot.
    """
    stage = stage_of(round, kind, lot)
    name = StageKind(kind).label
    if stage is None:
        return Verdict.no(_("This round has no stage called “%(name)s”.") % {"name": name})
    if stage.closed_at:
        return Verdict.no(
            _("“%(name)s” closed on %(day)s.")
            % {"name": name, "day": date_format(timezone.localdate(stage.closed_at), "l j F")}
        )
    if not stage.opened_at:
        return Verdict.no(
            _("“%(name)s” has not opened yet. It is planned for %(day)s.")
            % {"name": name, "day": date_format(stage.opens_on, "l j F")}
        )
    return Verdict.yes()


def is_member(round: Round, person: Person) -> Verdict:
    """Whether a person takes part in this round: a volunteer who said yes and has not left."""
    if Member.objects.here().filter(round=round, person=person).exists():
        return Verdict.yes()
    if Member.objects.waiting().filter(round=round, person=person).exists():
        return Verdict.no(
            _("Two volunteers of this round must confirm you first. Then you can take part.")
        )
    return Verdict.no(_("You are not taking part in this round."))


def _gates(stage: AnyStage, move: str, on: date) -> Verdict:
    for name in settings.STAGE_GATES:
        verdict: Verdict = import_string(name)(stage, move, on=on)
        if not verdict:
            return verdict
    return Verdict.yes()


def may_open_stage(stage: AnyStage, *, on: date) -> Verdict:
    """Whether a stage may open: order and rests are kept, and every app says it is ready."""
    refusal = timetable.may_open(all_plans(stage.round), stage.kind, on, lot=stage.for_lot)
    if refusal:
        return Verdict.no(in_words(refusal))
    if stage.kind == StageKind.OPEN:
        ready = ready_for_bids(stage.round)
        if not ready:
            return ready
    return _gates(stage, "open", on)


def may_close_stage(stage: AnyStage, *, on: date, agreed: bool = False) -> Verdict:
    """Whether a stage may close. Before its last day only with the panel's agreement."""
    refusal = timetable.may_close(
        all_plans(stage.round), stage.kind, on, agreed=agreed, lot=stage.for_lot
    )
    if refusal:
        return Verdict.no(in_words(refusal))
    if stage.kind == StageKind.CRITERIA and not criteria_agreed(stage.round):
        return Verdict.no(
            _("The volunteers have not agreed the criteria yet. This stage stays open until then.")
        )
    return _gates(stage, "close", on)


def address_of_move(stage: AnyStage, what: str) -> str:
    """The page where a stage is opened or closed; a panel's own is named by its lot."""
    page = reverse(f"{what}_stage", args=[stage.round.slug, stage.kind])
    return f"{page}?lot={stage.lot.slug}" if isinstance(stage, LotStage) else page


@dataclass(frozen=True, slots=True)
class Move:
    """The next thing to do with a stage: "open" or "close" it, and whether that may be done now.

    `due` from its planned day on; `late` after it.
    """

    stage: AnyStage
    what: str
    verdict: Verdict
    due: bool
    late: bool = False

    @property
    def url(self) -> str:
        """The page where it is done."""
        return address_of_move(self.stage, self.what)


def moves(round: Round, *, on: date) -> list[Move]:
    """What comes next in a round: to close what is open, else to open what follows. The same for
    each panel with days of its own."""
    found: dict[AnyStage, Move] = {}
    whole = all_plans(round)
    for lot in (0, *(row.pk for row in lots_apart(round))):
        stages = stages_of(round, lot)
        open_now = [row for row in stages if row.opened_at and not row.closed_at]
        for row in open_now:
            if row not in found:
                verdict = may_close_stage(row, on=on)
                due, late = on >= row.closes_on, on > row.closes_on
                found[row] = Move(row, "close", verdict, due=due, late=late)
        waiting = next((row for row in stages if not row.opened_at), None)
        if waiting is None or waiting in found:
            continue
        kept = timetable.may_open(whole, waiting.kind, on, lot=waiting.for_lot)
        if not open_now or not kept:
            verdict = may_open_stage(waiting, on=on)
            found[waiting] = Move(waiting, "open", verdict, due=on >= waiting.opens_on)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class AfterClose:
    """What closing a stage today leads to."""

    rest_until: date | None
    following: timetable.StagePlan | None
    moved: list[timetable.StagePlan]
    days_late: int


def after_close(stage: AnyStage, *, on: date) -> AfterClose:
    """The rest, the next stage and the later dates, if this stage closed on this day."""
    mine = (stage.kind, stage.for_lot)
    before = {
        (old.kind, old.lot): replace(old, closed_on=on) if (old.kind, old.lot) == mine else old
        for old in all_plans(stage.round)
    }
    after = timetable.moved(before.values(), on=on)
    line = timetable.for_panel(after, stage.for_lot)
    return AfterClose(
        rest_until=timetable.rest_until(before[mine]),
        following=next((new for new in line if not new.opened_on), None),
        moved=[new for new in after if new.opens_on != before[new.kind, new.lot].opens_on],
        days_late=max((on - stage.closes_on).days, 0),
    )


def criteria_agreed(round: Round) -> bool:
    """Whether the round's volunteers have agreed criteria."""
    return Criterion.objects.agreed_for(round).exists()


def ready_for_bids(round: Round) -> Verdict:
    """Whether bids may be asked for: criteria agreed, and lots within the money there is."""
    if not criteria_agreed(round):
        return Verdict.no(_("Bids can open once the volunteers have agreed the criteria."))
    lots = round.lots.aggregate(total=Sum("limit"))["total"]
    if lots is None:
        return Verdict.no(_("Bids can open once there is at least one lot."))
    if lots > round.envelope:
        return Verdict.no(_("The lots come to more than the money there is. Put that right first."))
    return Verdict.yes()


def in_words(sentence: timetable.Sentence) -> str:
    """A sentence of the timetable in the reader's language, with its days written out."""
    return sentence.translated(_, lambda day: date_format(day, "l j F Y"))


def may_give_own_days(lot: Lot, *, by: Person) -> Verdict:
    """Whether the panel of a lot may get days of its own: somebody else keeps the round's, and
    there is a stage of a panel's own that has not closed."""
    allowed = may_set_up(by)
    if not allowed:
        return allowed
    if not lot.round.frozen_at:
        return Verdict.no(_("A panel can have days of its own once bids have opened."))
    apart = {row.pk for row in lots_apart(lot.round)}
    if lot.pk in apart:
        return Verdict.no(_("This panel has days of its own already."))
    if not to_be_own(lot.round):
        return Verdict.no(_("No stage is left for which a panel can have days of its own."))
    if lot not in could_go_apart(lot.round):
        return Verdict.no(_("One lot must keep the days of the round."))
    return Verdict.yes()


def could_go_apart(round: Round) -> list[Lot]:
    """The lots whose panels could get days of their own: all but one at the most."""
    if not round.frozen_at or not to_be_own(round):
        return []
    apart = {row.pk for row in lots_apart(round)}
    others = [lot for lot in round.lots.all() if lot.pk not in apart]
    return others if len(others) > 1 else []


def to_be_own(round: Round) -> list[Stage]:
    """The round's stages that a panel could still have for itself: those that have not closed."""
    return [
        row for row in round.stages.all() if row.kind in timetable.PANELS_OWN and not row.closed_at
    ]


# ---- Setting up ------------------------------------------------------------------------------
def may_set_up(by: Person) -> Verdict:
    """Whether somebody may set up a round and look after its money, rules and dates."""
    return may(by, Permission.SET_UP)


def may_set_up_programme(by: Person) -> Verdict:
    """Whether somebody may set up this site's programme. A site is for one programme, so that staff
    of one never see the people and bids of another."""
    allowed = may_set_up(by)
    here = Programme.objects.first() if allowed else None
    if here:
        return Verdict.no(
            _("This site is for “%(programme)s”. Another programme needs a site of its own.")
            % {"programme": here}
        )
    return allowed


def may_change_money(round: Round, *, by: Person) -> Verdict:
    """Whether money, lots and the funder's rules may still change: until bids open."""
    if round.frozen_at:
        return Verdict.no(
            _("Money, lots and the funder’s rules were fixed when bids opened. They cannot change.")
        )
    return may_set_up(by)


def may_change_lot(lot: Lot, *, by: Person) -> Verdict:
    """Whether staff may change a lot. One that volunteers agreed by vote is theirs alone."""
    if lot.slug in agreed_lots(lot.round):
        return Verdict.no(_("The volunteers agreed this lot by a vote. Only they can change it."))
    return may_change_money(lot.round, by=by)


def agreed_lots(round: Round) -> frozenset[str]:
    """The slugs of the lots that volunteers agreed by vote."""
    titles = Priority.objects.filter(
        agreement__round=round, agreement__agreed_at__isnull=False
    ).values_list("title", flat=True)
    return frozenset(lot_slug(title) for title in titles)


def lot_slug(title: str) -> str:
    """The short name of a lot in addresses, from its title."""
    return slugify(title)[:60] or "lot"


def fits_the_money(
    round: Round, *, limits: Mapping[str, Decimal], dropping: Iterable[str] = ()
) -> Verdict:
    """Whether the lots, with these limits by slug put in, stay within the money there is."""
    stored = dict(round.lots.values_list("slug", "limit"))
    lots = {slug: limit for slug, limit in stored.items() if slug not in set(dropping)}
    lots.update(limits)
    if any(limit <= 0 for limit in lots.values()):
        return Verdict.no(_("Each lot needs some money."))
    over = sum(lots.values(), Decimal(0)) - round.envelope
    if over > 0:
        return Verdict.no(
            _("The lots come to £%(sum)s more than the money there is.") % {"sum": f"{over:,.2f}"}
        )
    return Verdict.yes()


def problems_with_dates(
    round: Round, days: Mapping[str, StageDays], *, agreed: bool = False, lot: int = 0
) -> list[str]:
    """What is wrong with new days for a round's stages, in sentences; none where all is well.

    `days` holds the stages to change, by kind: the round's, or with `lot` that lot's own.
    `agreed` says the panel agreed to a shorter rest or a sooner close.
    """
    found: list[str] = []
    wanted: list[timetable.StagePlan] = []
    for old in all_plans(round):
        new = days.get(old.kind) if old.lot == lot else None
        if new is None:
            wanted.append(old)
            continue
        found += _not_to_be_moved(old, new, agreed=agreed)
        wanted.append(
            replace(
                old,
                opens_on=new.opens_on,
                closes_on=new.closes_on,
                recovery_days=new.recovery_days,
            )
        )
    if lot:  # what comes after every panel moves on by itself
        wanted = [one for one in timetable.for_panel(wanted, lot) if not _after_panels(one.kind)]
    return found or [in_words(one) for one in timetable.problems(wanted, recovery={})]


def _after_panels(kind: str) -> bool:
    order = timetable.KINDS.index
    return order(kind) > max(order(own) for own in timetable.PANELS_OWN)


def worth_a_look(round: Round, *, kinds: Collection[str] | None = None) -> list[str]:
    """Weekends and public holidays in the days of a round's stages (of these kinds, or of all)."""
    wanted = [one for one in all_plans(round) if kinds is None or one.kind in kinds]
    if not wanted:
        return []
    first = min(one.opens_on for one in wanted)
    holidays = workdays.holidays_between(first, max(one.free_from for one in wanted))
    return [in_words(one) for one in timetable.worth_a_look(wanted, holidays=holidays)]


def _not_to_be_moved(old: timetable.StagePlan, new: StageDays, *, agreed: bool) -> Sequence[str]:
    name = {"stage": in_words(old.name)}
    if old.closed_on and new != StageDays(old.opens_on, old.closes_on, old.recovery_days):
        return [_("“%(stage)s” has closed. Its days cannot change.") % name]
    if old.opened_on and new.opens_on != old.opens_on:
        return [_("“%(stage)s” is open. Its first day cannot change.") % name]
    if agreed:
        return []
    if old.opened_on and new.closes_on < old.closes_on:
        return [_("“%(stage)s” is open. To close it sooner, the panel must agree.") % name]
    if new.recovery_days < old.recovery_days:
        return [
            _("The rest after “%(stage)s” is agreed. To make it shorter, the panel must agree.")
            % name
        ]
    return []


# ---- Taking part -----------------------------------------------------------------------------
def ever_staff(person: Person, round: Round) -> bool:
    """Whether a person is, or was in this round's life, a facilitator or keeper of the site."""
    if person.is_superuser or person.is_staff or person.kind != Person.Kind.HUMAN:
        return True
    return (
        RoleHolding.objects.filter(person=person, role__in=[Role.FACILITATOR, Role.ADMINISTRATOR])
        .filter(Q(ended_at=None) | Q(ended_at__gt=round.made_at))
        .exists()
    )


def could_take_part(round: Round) -> list[Person]:
    """Volunteers who could be invited: not in the round in any way, and never staff in its life."""
    staff = RoleHolding.objects.filter(role__in=[Role.FACILITATOR, Role.ADMINISTRATOR]).filter(
        Q(ended_at=None) | Q(ended_at__gt=round.made_at)
    )
    return list(
        Person.objects.holding(Role.VOLUNTEER)
        .filter(is_active=True, is_staff=False, is_superuser=False, kind=Person.Kind.HUMAN)
        .exclude(memberships__round=round)
        .exclude(roles__in=staff)
        .order_by("name")
    )


def _sharing_began(round: Round) -> bool:
    return any(
        stage.kind == StageKind.SHARING and stage.opened_at is not None
        for stage in round.stages.all()
    )


def may_invite(round: Round, person: Person, *, by: Person, agreed: bool = False) -> Verdict:
    """Whether somebody may be invited into the round. `agreed`: the panel agreed to a late one."""
    table = may(by, Permission.INVITE_VOLUNTEERS)
    if not table:
        return table
    if not person.holds(Role.VOLUNTEER):
        return Verdict.no(_("Only a volunteer can be invited into a round."))
    if ever_staff(person, round):
        return Verdict.no(
            _("This person has been staff since the round began. They cannot take part in it.")
        )
    if _sharing_began(round) and not agreed:
        return Verdict.no(
            _("Sharing out the bids has begun. To add a person now, the panel must agree.")
        )
    place = Member.objects.filter(round=round, person=person).first()
    if place and place.ended_at:
        return Verdict.no(_("This person left the round. A place that has ended stays ended."))
    if place:
        return Verdict.no(_("This person has been invited already."))
    return Verdict.yes()


def taking_people(round: Round) -> Verdict:
    """Whether somebody new may still say that they would like to take part in this round."""
    join = next((row for row in round.stages.all() if row.kind == StageKind.JOIN), None)
    if join is None or join.opened_at is None:
        return Verdict.no(_("Nobody is asked to join this round yet."))
    if join.closed_at or _sharing_began(round):
        return Verdict.no(_("People have joined this round already. Ring us about the next one."))
    return Verdict.yes()


def may_answer_enquiry(enquiry: Enquiry, *, by: Person) -> Verdict:
    """Whether this person may invite whoever asked, or note that it came to nothing."""
    if enquiry.cleared_at:
        return Verdict.no(_("This has been answered already."))
    return may(by, Permission.INVITE_VOLUNTEERS)


def may_join(member: Member, *, by: Person) -> Verdict:
    """Whether this yes may be said: by the volunteer, or typed for them by a facilitator."""
    if member.person_id != by.pk and not holds(by, Permission.TYPE_FOR):
        return Verdict.no(_("Only you can say yes for yourself."))
    if member.ended_at:
        return Verdict.no(_("Your place in this round has ended. Ring us if that is a mistake."))
    if member.joined_at:
        return Verdict.no(_("You have said yes already."))
    if not member.person.holds(Role.VOLUNTEER) or ever_staff(member.person, member.round):
        return Verdict.no(_("Only a volunteer who is not staff can take part."))
    if _sharing_began(member.round) and not may_join_late(member):
        return Verdict.no(_("Sharing out the bids has begun. Ring us if you still wish to join."))
    return Verdict.yes()


def may_join_late(member: Member) -> bool:
    """Whether the panel let this person in after sharing out began: they were invited after it."""
    sharing = next(
        (row for row in member.round.stages.all() if row.kind == StageKind.SHARING), None
    )
    began = sharing.opened_at if sharing else None
    return bool(began and member.invited_at >= began)


CONFIRMERS = 2
"""How many volunteers who count must confirm a newcomer."""


def first_list_closed(round: Round) -> bool:
    """Whether something was put to the vote: whoever says yes from then on must be confirmed."""
    return Agreement.objects.filter(round=round, put_at__isnull=False).exists()


def to_confirm(place: Member) -> MemberQuerySet:
    """The newcomers of a round whom this member could confirm and has not confirmed yet."""
    return (
        Member.objects.waiting()
        .filter(round=place.round_id)
        .exclude(confirmations__confirmer=place)
        .exclude(invited_by=place.person_id)
    )


def may_confirm_anybody(place: Member, *, by: Person) -> Verdict:
    """Whether this place lets its holder confirm newcomers: they count themselves."""
    if place.person_id == by.pk and place.confirmed_at and not place.ended_at:
        return may(by, Permission.TAKE_PART)
    return Verdict.no(_("You can confirm others once you take part in this round yourself."))


def may_confirm(member: Member, *, by: Person) -> Verdict:
    """Whether a newcomer may be confirmed by this person: a volunteer who counts in the round."""
    place = Member.objects.here().filter(round=member.round_id, person=by).first()
    if not holds(by, Permission.TAKE_PART) or place is None:
        return Verdict.no(_("Only volunteers of this round confirm somebody new."))
    if member.ended_at or not member.joined_at:
        return Verdict.no(_("This person is not waiting to be confirmed."))
    if member.confirmed_at:
        return Verdict.no(_("This person takes part already."))
    if not to_confirm(place).filter(pk=member.pk).exists():
        return Verdict.no(_("You have confirmed this person. Somebody else must do so too."))
    return Verdict.yes()


def may_change_promise(member: Member, *, by: Person) -> Verdict:
    """Whether a promise may change: by its giver, at any time."""
    if member.person_id != by.pk:
        return Verdict.no(_("Only you can change what you promised."))
    if member.ended_at or not member.joined_at:
        return Verdict.no(_("You are not taking part in this round."))
    return Verdict.yes()


def may_say_hours(member: Member, *, by: Person) -> Verdict:
    """Whether this person may say how long a stage took: for oneself only."""
    if not member.joined_at:
        return Verdict.no(_("You are not taking part in this round."))
    if member.person_id != by.pk:
        return Verdict.no(_("Only they can say it. You can type it for them."))
    return may(by, Permission.TAKE_PART)


def may_type_hours(member: Member, *, stage: str, by: Person) -> Verdict:
    """Whether a facilitator may type how long a stage took a volunteer, who has not said it."""
    if member.hours_given.filter(stage=stage, said_by=member.person_id).exists():
        return Verdict.no(_("They said it themselves. It stays as they said it."))
    return may_type_answer(member, by=by)


def may_type_answer(member: Member, *, by: Person) -> Verdict:
    """Whether a facilitator may type what this volunteer told them; it counts once confirmed."""
    if not member.takes_part:
        return Verdict.no(_("This person does not take part in the round now."))
    if member.person_id == by.pk:
        return Verdict.no(_("Say it on your own pages."))
    return may(by, Permission.TYPE_FOR)


def may_confirm_typed_answer(typed: TypedAnswer, *, by: Person) -> Verdict:
    """Whether somebody may say that it was typed right: its owner, or a second facilitator."""
    mine = _may_deal_with(typed, by=by)
    if mine and by.pk == typed.typed_by_id:
        return Verdict.no(_("Another person must check what you typed."))
    if mine and not typed.member.takes_part:
        return Verdict.no(_("This person does not take part in the round now."))
    return mine


def may_drop_typed_answer(typed: TypedAnswer, *, by: Person) -> Verdict:
    """Whether what was typed may be taken back, before it counted; whoever typed it may too."""
    return _may_deal_with(typed, by=by)


def _may_deal_with(typed: TypedAnswer, *, by: Person) -> Verdict:
    if typed.dropped_at or typed.confirmed_at or not typed.said:
        return Verdict.no(_("This has been dealt with already."))
    if by.pk != typed.member.person_id and not holds(by, Permission.TYPE_FOR):
        return Verdict.no(_("Only this person, or a facilitator, can deal with it."))
    return Verdict.yes()


def may_leave(member: Member, *, by: Person, agreed: bool = False) -> Verdict:
    """Whether a place may end: for oneself at any time; by a facilitator until sharing begins."""
    if member.ended_at:
        return Verdict.no(_("This place in the round has ended already."))
    if member.person_id == by.pk:
        return Verdict.yes()
    if _sharing_began(member.round) and not agreed:
        return Verdict.no(
            _("Sharing out the bids has begun. To end a person’s place now, the panel must agree.")
        )
    return may(by, Permission.INVITE_VOLUNTEERS)


# ---- Saying, wording and voting --------------------------------------------------------------
def open_for(round: Round, about: str, *, on: date) -> Verdict:
    """Whether volunteers may suggest, word and vote about this now; else the sentence says why."""
    if round.frozen_at:
        return Verdict.no(_("This was fixed when bids opened. It cannot change now."))
    if any(stage_open(round, kind, on=on) for kind in OPEN_FOR[about]):
        return Verdict.yes()
    rest = resting(round, on=on)
    if rest:
        return Verdict.no(rest.sentence)
    return stage_open(round, StageKind.CRITERIA, on=on)


def may_suggest(round: Round, about: str, *, member: Member, by: Person, on: date) -> Verdict:
    """Whether a suggestion may be made: by a member, or typed for one by a facilitator."""
    if member.round_id != round.pk or member.ended_at or not member.joined_at:
        return Verdict.no(_("Only people taking part in this round can make a suggestion."))
    if member.person_id != by.pk and not holds(by, Permission.TYPE_FOR):
        return Verdict.no(_("Only people taking part in this round can make a suggestion."))
    return open_for(round, about, on=on)


def may_start_agreement(round: Round, about: str, *, by: Person, on: date) -> Verdict:
    """Whether a new draft may be started: nothing else is being worded or voted on."""
    if not is_member(round, by) and not may_set_up(by):
        return Verdict.no(_("You are not taking part in this round."))
    if Agreement.objects.filter(
        round=round, about=about, agreed_at=None, turned_down_at=None
    ).exists():
        return Verdict.no(_("There is already one being worked on. Finish that one first."))
    return open_for(round, about, on=on)


def may_word(agreement: Agreement, *, by: Person, on: date) -> Verdict:
    """Whether somebody may word a part of it: a volunteer of the round, before the vote."""
    if not is_member(agreement.round, by):
        return Verdict.no(_("Only volunteers of this round choose the words."))
    return can_be_worded(agreement, on=on)


def can_be_worded(agreement: Agreement, *, on: date) -> Verdict:
    """Whether its words can still change, by those who may."""
    if agreement.put_at:
        return Verdict.no(_("This has been put to the vote. Its words are fixed now."))
    return open_for(agreement.round, agreement.about, on=on)


def may_put(agreement: Agreement, *, by: Person, on: date) -> Verdict:
    """Whether it may be put to the vote: a volunteer asks, and nothing is missing."""
    word = may_word(agreement, by=by, on=on)
    if not word:
        return word
    missing = what_is_missing(agreement)
    return Verdict.no(missing[0]) if missing else Verdict.yes()


def what_is_missing(agreement: Agreement) -> list[str]:
    """What must still be written before the vote, in sentences."""
    if agreement.about == Suggestion.About.PRIORITIES:
        limits = {lot_slug(row.title): row.limit for row in agreement.priorities.all()}
        if not limits:
            return [_("Write down at least one kind of service to fund.")]
        fits = fits_the_money(agreement.round, limits=limits)
        return [] if fits else [fits.sentence]
    criteria = list(agreement.criteria.all())
    if not criteria:
        return [_("Word at least one criterion.")]
    return [
        _("Write what each score from 0 to 5 means for “%(title)s”.") % {"title": one.title}
        for one in criteria
        if {level.level for level in one.levels.all()} != set(LEVELS)
    ]


def may_vote(agreement: Agreement, *, person: Person, on: date) -> Verdict:
    """Whether this volunteer may vote: taking part, once, while the vote is open."""
    if not holds(person, Permission.TAKE_PART) or not is_member(agreement.round, person):
        return Verdict.no(_("Only volunteers of this round vote."))
    under_way = vote_under_way(agreement, on=on)
    if not under_way:
        return under_way
    if agreement.votes.filter(member__person=person).exists():
        return Verdict.no(_("You have voted on this already."))
    return Verdict.yes()


def vote_under_way(agreement: Agreement, *, on: date) -> Verdict:
    """Whether votes can be given now."""
    if not agreement.put_at:
        return Verdict.no(_("This has not been put to the vote yet."))
    if agreement.agreed_at:
        return Verdict.no(_("This has been agreed. The vote is over."))
    if agreement.turned_down_at:
        return Verdict.no(_("This was not agreed. The vote is over."))
    return open_for(agreement.round, agreement.about, on=on)


def may_type_vote(agreement: Agreement, *, member: Member, by: Person, on: date) -> Verdict:
    """Whether a facilitator may type a vote for this member; it counts once it is confirmed."""
    table = may(by, Permission.TYPE_FOR)
    if not table:
        return table
    if member.round_id != agreement.round_id:
        return Verdict.no(_("Only volunteers of this round vote."))
    if agreement.typed_votes.filter(member=member, dropped_at=None).exists():
        return Verdict.no(_("A vote has been typed for this person already."))
    return may_vote(agreement, person=member.person, on=on)


def may_confirm_typed_vote(typed: TypedVote, *, by: Person, on: date) -> Verdict:
    """Whether somebody may say that a typed vote is right: its owner, or a second facilitator."""
    if typed.dropped_at or typed.confirmed_at:
        return Verdict.no(_("This has been dealt with already."))
    if by.pk == typed.typed_by_id:
        return Verdict.no(_("Another person must check what you typed."))
    if by.pk != typed.member.person_id and not holds(by, Permission.TYPE_FOR):
        return Verdict.no(_("Only this person, or a second facilitator, can confirm it."))
    return may_vote(typed.agreement, person=typed.member.person, on=on)


def may_drop_typed_vote(typed: TypedVote, *, by: Person) -> Verdict:
    """Whether a typed vote may be thrown away: it is wrong, and nothing was counted yet."""
    if typed.dropped_at or typed.confirmed_at:
        return Verdict.no(_("This has been dealt with already."))
    if by.pk != typed.member.person_id and not holds(by, Permission.TYPE_FOR):
        return Verdict.no(_("Only this person, or a facilitator, can take it back."))
    return Verdict.yes()


def may_object(agreement: Agreement, *, by: Person) -> Verdict:
    """Whether a facilitator may object in writing: while it is worded or voted on."""
    if agreement.agreed_at or agreement.turned_down_at:
        return Verdict.no(_("The vote is over. A rule that is broken now goes to the board."))
    return may_set_up(by)


@dataclass(frozen=True, slots=True)
class Seat:
    """One person who may vote on an agreement, and what they said: an empty choice, if nothing."""

    pk: int
    person_id: int
    choice: str
    words: str


def seats(agreement: Agreement) -> list[Seat]:
    """Everyone taking part in the round with their vote on this agreement (one query)."""
    rows = (
        Member.objects.here()
        .filter(round_id=agreement.round_id)
        .annotate(
            vote=FilteredRelation(
                "agreement_votes", condition=Q(agreement_votes__agreement=agreement.pk)
            )
        )
        .values_list("pk", "person_id", "vote__choice", "vote__words")
    )
    return [Seat(pk, person, choice or "", words or "") for pk, person, choice, words in rows]


def choices(voters: Iterable[Seat]) -> dict[int, sums.Choice]:
    """The votes given, by member, as the sum takes them."""
    return {seat.pk: sums.Choice(seat.choice) for seat in voters if seat.choice}


def outcome(agreement: Agreement) -> tuple[sums.Outcome, bool]:
    """Where the vote stands, and whether that stands whatever the others say."""
    voters = seats(agreement)
    given = choices(voters)
    return sums.settle(given, len(voters)), sums.certain(given, len(voters))


def may_count_votes(agreement: Agreement, *, by: Person, on: date) -> Verdict:
    """Whether a vote may end before all have voted: its stage has come to its last day."""
    under_way = vote_under_way(agreement, on=on)
    if not under_way:
        return under_way
    stage = last_stage_for(agreement)
    if stage and on < stage.closes_on:
        return Verdict.no(
            _("People can vote until %(day)s.") % {"day": date_format(stage.closes_on, "l j F Y")}
        )
    if not is_member(agreement.round, by) and not may_set_up(by):
        return Verdict.no(_("You are not taking part in this round."))
    if outcome(agreement)[0] is sums.Outcome.NOT_ENOUGH_YET:
        return Verdict.no(_("Too few people have voted. More than half must, and at least three."))
    return Verdict.yes()


def last_stage_for(agreement: Agreement) -> Stage | None:
    """The open stage in which this agreement is voted on."""
    return next(
        (
            stage
            for stage in agreement.round.stages.all()
            if stage.kind in OPEN_FOR[agreement.about] and stage.opened_at and not stage.closed_at
        ),
        None,
    )


def days_given(programme: Programme, name: str, *, at: datetime) -> int:
    """How many days a letter of that instant gave, by the programme's number of this name: the one
    before its first change since, which the trail tells, or today's."""
    changes = Entry.objects.filter(
        chain__key=HOUSE, verb="changed_programme", at__gt=at, data__programme=programme.pk
    )
    for data in changes.order_by("seq").values_list("data", flat=True):
        if name in data.get("was", {}):
            return int(data["was"][name])
    return int(getattr(programme, name))
