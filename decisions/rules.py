"""What may and may not be done with the money, the letters and the report. Reads, never writes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import (
    Count,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    prefetch_related_objects,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person, PersonQuerySet, Role, RoleHolding
from accounts.permissions import Permission, Verdict, holds, may
from accounts.rules import may_change_details, may_forget_person
from accounts.templatetags.purse import day
from accounts.templatetags.purse import money as pounds
from applications.content import SUMMARY, count_words
from applications.models import Application, ApplicationQuerySet, Colleague, Eligibility
from applications.redaction import found_in
from applications.rules import (
    ASK_BACK_WORKING_DAYS,
    acts_for,
    ask_back_until,
    has_no_bid_in,
    working_days_after,
)
from commissioning import agreement
from commissioning.models import Member, Round, StageKind
from commissioning.rules import days_given, resting, stage_open
from decisions import money
from decisions.models import (
    BoardChange,
    BoardLine,
    CheckKind,
    Clearing,
    Complaint,
    Decision,
    Description,
    DueDiligence,
    Errand,
    Forgetting,
    MoneyBoard,
    Outcome,
    OutcomeKind,
    OutcomeLetter,
    Ratification,
    RetentionRule,
    Signature,
)
from ledger.models import Letter, Sending
from panels.models import Panel, Proposal, Seat, StandingAside
from panels.rules import paper
from panels.rules.proposals import entitled, may_type_for, stands_aside_from_lot
from panels.rules.timing import to_decide
from panels.rules.visits import Visit, waiting_for_scores
from support.models import Helper

MOST_BOARDS = 3
LATER = (StageKind.LETTERS, StageKind.REPORT)
"""The stages in which a panel may still decide anew, and so in which groups are told of it."""


# ---- Who is at the table ----------------------------------------------------------------------
def entitled_seats(panel: Panel) -> list[Seat]:
    """The seats held today by members who do not stand aside from the panel's lot."""
    return list(entitled(panel).select_related("member__person", "panel"))


@dataclass(frozen=True, slots=True)
class Place:
    """A person's place at a panel's table: their seat, and what they stand aside from."""

    seat: Seat | None
    aside: bool
    """From the whole lot."""
    hidden: frozenset[int]
    """Ids of single bids of the lot that they stand aside from."""
    reading_left: bool = False
    """Has bids in the lot that wait for their scores."""
    decisions: Sequence[Decision] | None = None
    """What `decisions_in_round` gave, where a page read it once for all that follows."""

    def visit(self, panel: Panel, person: Person) -> Visit:
        """The same as the panel's own pages know it: they say who sees the scores."""
        seat = self.seat
        return Visit(
            panel=panel,
            person=person,
            seat=seat.pk if seat else None,
            member=seat.member_id if seat else None,
            aside=self.aside,
            reading_left=self.reading_left,
        )


def place_of(panel: Panel, person: Person) -> Place:
    """The person's place at the table today (one query)."""
    left = waiting_for_scores(person).filter(application__lot=OuterRef("panel__lot"))
    rows = list(
        Seat.objects.held()
        .filter(panel=panel, member__person=person)
        .select_related("member")
        .annotate(
            out=FilteredRelation(
                "member__stands_aside", condition=Q(member__stands_aside__lot=F("panel__lot"))
            ),
            out_id=F("out__pk"),
            out_of=F("out__application"),
            reading_left=Exists(left),
        )
    )
    if not rows:
        return Place(None, aside=False, hidden=frozenset())
    asides = {vars(row)["out_of"] for row in rows if vars(row)["out_id"]}
    return Place(
        seat=rows[0],
        aside=None in asides,
        hidden=frozenset(bid for bid in asides if bid is not None),
        reading_left=vars(rows[0])["reading_left"],
    )


def hidden_bids(panel: Panel, person: Person) -> frozenset[int]:
    """Ids of single bids of the lot that this person stands aside from."""
    return place_of(panel, person).hidden


def at_the_table(panel: Panel, person: Person, place: Place | None = None) -> Verdict:
    """Whether the person decides in this panel: a volunteer with a seat, not standing aside."""
    if not holds(person, Permission.DECIDE):
        return may(person, Permission.DECIDE)
    place = place or place_of(panel, person)
    if place.seat is None:
        return Verdict.no(_("Only members of this panel can do this."))
    if place.aside:
        return Verdict.no(_("You are standing aside."))
    return Verdict.yes()


# ---- The money board --------------------------------------------------------------------------
def bids_to_decide(panel: Panel) -> ApplicationQuerySet:
    """The bids that the panel decides on: those it chose to meet, or all that meet the rules where
    the round has no shortlist."""
    return to_decide(panel).distinct().with_asked().order_by("reference")


def decisions_in_round(panel: Panel) -> list[Decision]:
    """Every decision of the panel's round, with the sum it gives, and whether an award of it is in
    doubt (one query)."""
    rows = Decision.objects.filter(panel__round=panel.round_id).annotate(in_doubt=in_doubt())
    given = Sum("outcomes__amount", default=Decimal(0))
    return list(rows.annotate(given=given).order_by("panel", "number"))


def pot(panel: Panel, decisions: Iterable[Decision] | None = None) -> money.Pot:
    """The money this panel may give, with what other panels have given or put forward."""
    rows = list(decisions_in_round(panel) if decisions is None else decisions)
    replaced = {row.replaces_id for row in rows if row.stands_at}
    largest: dict[int, Decimal] = {}
    for row in rows:
        if row.panel_id != panel.pk and not row.dropped_at and row.pk not in replaced:
            given = vars(row)["given"]
            largest[row.panel_id] = max(largest.get(row.panel_id, Decimal(0)), given)
    return money.Pot(
        envelope=panel.round.envelope,
        limit=panel.lot.limit,
        elsewhere=sum(largest.values(), Decimal(0)),
    )


def line_of(row: BoardLine | None, bid: Application) -> money.Line:
    """A board's line on one bid as the plain value the sums work with."""
    if row is None:
        return money.Line(bid.pk, bid.asked, smallest_useful=bid.smallest_useful)
    return money.Line(
        bid=bid.pk,
        asked=bid.asked,
        outcome=row.outcome,
        amount=row.amount,
        smallest_useful=bid.smallest_useful,
        less_what=row.less_what,
        reason=row.reason,
        has_criterion=row.criterion_id is not None,
        reserve_order=row.reserve_order,
    )


def lines_of(board: MoneyBoard) -> list[money.Line]:
    """A board's lines, one for each bid that the panel decides on."""
    rows = {row.application_id: row for row in board.lines.all()}
    return [line_of(rows.get(bid.pk), bid) for bid in bids_to_decide(board.panel)]


def version_of_line(bid: int) -> Combinable:
    """How often what a board says of this bid (id) has moved, and one: to annotate a board with.

    What others set for other bids does not stand in the way: five people may fill one board.
    """
    steps = BoardChange.objects.filter(board=OuterRef("pk"), application=bid).order_by()
    moved = steps.values("board").annotate(moved=Count("pk") + Count("undone_at")).values("moved")
    return Coalesce(Subquery(moved, output_field=IntegerField()), 0) + 1


def in_words(problem: money.Problem, names: dict[int, str] | None = None) -> str:
    """A problem of the sums as a plain sentence; `names` says what each bid is called."""
    bid = (names or {}).get(problem.bid or 0, _("this bid"))
    sentence = {
        money.Wrong.NOT_CHOSEN: _("Choose yes, less, reserve or no for %(bid)s."),
        money.Wrong.NO_REASON: _("Write the reason for %(bid)s, in three words or more."),
        money.Wrong.NO_CRITERION: _("Choose the criterion that the reason for %(bid)s rests on."),
        money.Wrong.NOTHING_GIVEN: _("Type how much money %(bid)s gets."),
        money.Wrong.MORE_THAN_ASKED: _("This is %(over)s more than %(bid)s asked for."),
        money.Wrong.NOT_LESS: _("This is all that %(bid)s asked for. Type a smaller sum."),
        money.Wrong.NOT_IN_FULL: _("“Yes, in full” gives %(bid)s all that was asked for."),
        money.Wrong.LESS_OF_WHAT: _("Say which costs are left out for %(bid)s."),
        money.Wrong.RESERVE_PLACE: _("Put the reserves in order: 1, 2, 3, with no place twice."),
        money.Wrong.OVER_LOT: _("This is %(over)s more than this lot has. Take some off first."),
        money.Wrong.OVER_ENVELOPE: _(
            "This is %(over)s more than is left for all lots. Take some off first."
        ),
    }[problem.wrong]
    return sentence % {"bid": bid, "over": pounds(problem.over)}


def _own(panel: Panel, decisions: Iterable[Decision] | None) -> Iterable[Decision]:
    """The panel's decisions: those handed over, or else prefetched, or else asked for."""
    if decisions is None:
        return panel.decisions.all()
    return [row for row in decisions if row.panel_id == panel.pk]


def waiting_decision(panel: Panel, decisions: Iterable[Decision] | None = None) -> Decision | None:
    """The decision that waits for signatures, if there is one."""
    rows = [row for row in _own(panel, decisions) if not row.stands_at and not row.dropped_at]
    return max(rows, key=lambda row: row.number, default=None)


def standing_decision(panel: Panel, decisions: Iterable[Decision] | None = None) -> Decision | None:
    """The decision that stands today, if there is one."""
    stood = [row for row in _own(panel, decisions) if row.stands_at]
    replaced = {row.replaces_id for row in stood}
    rows = [row for row in stood if row.pk not in replaced]
    return max(rows, key=lambda row: row.number, default=None)


def split_again(panel: Panel, decisions: Iterable[Decision] | None = None) -> bool:
    """Whether the panel put two decisions or more since one stood, and none was agreed."""
    dropped = 0
    for row in sorted(_own(panel, decisions), key=lambda row: row.number):
        dropped = 0 if row.stands_at else dropped + bool(row.dropped_at)
    return dropped > 1 and waiting_decision(panel, decisions) is None


def deciding_now(panel: Panel, *, on: date, decisions: Iterable[Decision] | None = None) -> Verdict:
    """Whether the panel decides on this day: the stage is open, or an earlier decision can be put
    right while checks, letters and the report are under way. Never on a day of rest."""
    rest = resting(panel.round, on=on, lots=[panel.lot_id])
    if rest:
        return Verdict.no(rest.sentence)
    verdict = stage_open(panel.round, StageKind.DECISION, on=on, lot=panel.lot_id)
    if verdict or standing_decision(panel, decisions) is None:
        return verdict
    return Verdict.yes() if telling_now(panel.round, on=on) else verdict


def telling_now(round: Round, *, on: date) -> Verdict:
    """Whether groups are checked and told on this day: as long as a panel may decide anew, so that
    no decision stays untold."""
    if any(stage_open(round, kind, on=on) for kind in LATER):
        return Verdict.yes()
    return stage_open(round, StageKind.LETTERS, on=on)


def may_see_board(person: Person, panel: Panel, *, place: Place | None = None) -> Verdict:
    """Whether the person may look at the panel's money boards."""
    verdict = at_the_table(panel, person, place)
    if not verdict:
        return verdict
    if panel.scores_opened_at is None:
        return Verdict.no(_("The money board opens once the panel has opened its scores."))
    return Verdict.yes()


def may_show_boards(visit: Visit) -> Verdict:
    """Whether somebody who runs the panel's meetings may put its money boards on a screen, or print
    them. They can look, and change nothing."""
    if not visit.staff:
        return Verdict.no(_("This page is for whoever runs the meeting."))
    if visit.aside:
        return Verdict.no(_("You are standing aside from this part of the money."))
    if visit.panel.scores_opened_at is None:
        return Verdict.no(_("The money board opens once the panel has opened its scores."))
    return Verdict.yes()


def may_use_board(person: Person, panel: Panel, *, on: date, place: Place | None = None) -> Verdict:
    """Whether the person may change a money board today."""
    verdict = may_see_board(person, panel, place=place)
    if not verdict:
        return verdict
    decisions = place.decisions if place else None
    if waiting_decision(panel, decisions):
        return Verdict.no(
            _("A decision waits to be signed. The board can change if it is not agreed.")
        )
    return deciding_now(panel, on=on, decisions=decisions)


def may_start_board(
    person: Person, panel: Panel, *, on: date, place: Place | None = None
) -> Verdict:
    """Whether another board may be laid beside those there are."""
    verdict = may_use_board(person, panel, on=on, place=place)
    if verdict and len(panel.boards.all()) >= MOST_BOARDS:
        return Verdict.no(_("There are three boards already. Change one of them."))
    return verdict


def may_set_line(
    person: Person, board: MoneyBoard, bid: Application, *, on: date, place: Place | None = None
) -> Verdict:
    """Whether the person may say on this board what a bid gets."""
    place = place or place_of(board.panel, person)
    verdict = may_use_board(person, board.panel, on=on, place=place)
    if not verdict:
        return verdict
    if bid.pk in place.hidden:
        return Verdict.no(_("You are standing aside from this bid."))
    if not bids_to_decide(board.panel).filter(pk=bid.pk).exists():
        return Verdict.no(_("This bid is not among those you decide on."))
    return Verdict.yes()


# ---- Deciding and signing ---------------------------------------------------------------------
def may_put_decision(person: Person, board: MoneyBoard, reason: str, *, on: date) -> Verdict:
    """Whether the board may be put for signing. The action checks the sums, under a lock."""
    verdict = may_use_board(person, board.panel, on=on)
    if verdict and standing_decision(board.panel) and not reason.strip():
        return Verdict.no(_("A decision stands already. Say why this one replaces it."))
    return verdict


def may_sign(person: Person, decision: Decision, seat: Seat, *, on: date) -> Verdict:
    """Whether the person may sign for this seat: its own member, or a facilitator who types."""
    own = seat.member.person_id == person.pk
    verdict = may(person, Permission.DECIDE) if own else _may_type_signature(person, seat)
    if not verdict:
        return verdict
    if seat.pk not in {row.pk for row in entitled_seats(decision.panel)}:
        if own and stands_aside_from_lot(decision.panel, person):
            return Verdict.no(_("You are standing aside."))
        return Verdict.no(_("Only members of this panel can sign, and only where they may decide."))
    signed = Signature.objects.counting().filter(decision=OuterRef("pk"), seat=seat)
    rows = decision.panel.decisions.order_by("-number").annotate(signed=Exists(signed))
    newest = rows.values_list("pk", "signed").first()
    if decision.dropped_at or newest is None or newest[0] != decision.pk:
        return Verdict.no(_("This decision is no longer on the table."))
    if newest[1]:
        return Verdict.no(_("This decision is signed for this seat already."))
    return deciding_now(decision.panel, on=on)


def _may_type_signature(person: Person, seat: Seat) -> Verdict:
    if not holds(person, Permission.TYPE_FOR):
        return Verdict.no(_("You can only sign for yourself."))
    return may_type_for(seat, person)


def may_confirm_signature(person: Person, signature: Signature, *, on: date) -> Verdict:
    """Whether the person may say that a typed signature is right: its member, or a second person
    of the staff who holds the signed paper. Never whoever typed it."""
    if signature.typed_by_id is None or signature.confirmed_at:
        return Verdict.no(_("There is nothing to confirm here."))
    if person.pk == signature.typed_by_id:
        return Verdict.no(_("You typed this signature, so somebody else must check it."))
    own = signature.seat.member.person_id == person.pk
    if not holds(person, Permission.DECIDE if own else Permission.TYPE_FOR):
        return Verdict.no(_("Only the person it was typed for can confirm it."))
    return may_sign(person, signature.decision, signature.seat, on=on)


def needed_to_sign(round: Round, entitled: int) -> int:
    """How many must sign: the round's own number, or more than half and at least three."""
    return round.quorum or agreement.needed(entitled)


def where_it_stands(decision: Decision) -> agreement.Outcome:
    """What the signatures so far make of a decision.

    It is agreed once a quorum has signed and agrees. Where somebody disagrees, it waits until those
    who have not signed could not turn it round. Each single bid needs the same among the members
    who do not stand aside from that bid.
    """
    seats = entitled_seats(decision.panel)
    members = {seat.member_id: seat.pk for seat in seats}
    signed = {
        row.seat_id: agreement.Choice(row.choice)
        for row in decision.signatures.counting()
        if row.seat_id in members.values()
    }
    groups = [frozenset(members.values())]
    aside: dict[int, set[int]] = {}
    for member, bid in StandingAside.objects.filter(
        lot=decision.panel.lot_id, member__in=members, application__outcomes__decision=decision
    ).values_list("member_id", "application_id"):
        aside.setdefault(bid or 0, set()).add(members[member])
    groups += [groups[0] - out for out in aside.values()]
    return _together([_settled(decision.panel.round, signed, group) for group in groups])


def _settled(
    round: Round, signed: dict[int, agreement.Choice], group: frozenset[int]
) -> agreement.Outcome:
    choices = {seat: choice for seat, choice in signed.items() if seat in group}
    quorum = needed_to_sign(round, len(group))
    outcome = agreement.settle(choices, len(group), quorum)
    sure = agreement.tally(choices).consensus or agreement.certain(choices, len(group), quorum)
    if outcome != agreement.Outcome.NOT_ENOUGH_YET and not sure:
        return agreement.Outcome.NOT_ENOUGH_YET
    return outcome


def _together(outcomes: Iterable[agreement.Outcome]) -> agreement.Outcome:
    found = set(outcomes)
    for outcome in (
        agreement.Outcome.NOT_AGREED,
        agreement.Outcome.TIE,
        agreement.Outcome.NOT_ENOUGH_YET,
    ):
        if outcome in found:
            return outcome
    return agreement.Outcome.AGREED


# ---- Trustees ---------------------------------------------------------------------------------
def is_confirmed(decision: Decision) -> bool:
    """Whether trustees have confirmed the decision, from prefetched rows where there are any."""
    return any(row.kind == Ratification.Kind.CONFIRMED for row in decision.ratifications.all())


def is_held(decision: Decision) -> bool:
    """Whether a legal hold lies on the decision now, from prefetched rows where there are any."""
    holds = [row for row in decision.ratifications.all() if row.kind != Ratification.Kind.CONFIRMED]
    newest = max(holds, key=lambda row: (row.made_at, row.pk), default=None)
    return newest is not None and newest.kind == Ratification.Kind.HOLD


def _may_as_board(person: Person, decision: Decision) -> Verdict:
    if not holds(person, Permission.NOTE_REPORT):
        return may(person, Permission.NOTE_REPORT)
    # Stricter than whoever checks the funder's rules: a bid taken back since still had a part in
    # what is confirmed or held here.
    round = decision.panel.round_id
    if person.acts_for.filter(organisation__applications__round=round).exists():
        return Verdict.no(
            _("You act for a group that bids in this round. Another board member must do this.")
        )
    standing = standing_decision(decision.panel)
    if standing is None or standing.pk != decision.pk:
        return Verdict.no(_("This decision does not stand."))
    return Verdict.yes()


def may_ratify(person: Person, decision: Decision) -> Verdict:
    """Whether the person may confirm the decision for the trustees."""
    verdict = _may_as_board(person, decision)
    if not verdict:
        return verdict
    if not decision.panel.round.trustees_ratify:
        return Verdict.no(_("In this round the panel's decision stands without the trustees."))
    if is_confirmed(decision):
        return Verdict.no(_("The trustees have confirmed this decision already."))
    return Verdict.yes()


def may_hold(person: Person, decision: Decision, reason: str) -> Verdict:
    """Whether the person may stop payment for a legal reason. It never changes who was chosen."""
    verdict = _may_as_board(person, decision)
    if not verdict:
        return verdict
    if is_held(decision):
        return Verdict.no(_("This decision is on hold already."))
    if not reason.strip():
        return Verdict.no(_("Write the legal reason. The panel will read it."))
    return Verdict.yes()


def may_lift_hold(person: Person, decision: Decision, reason: str) -> Verdict:
    """Whether the person may take the hold off again."""
    verdict = _may_as_board(person, decision)
    if not verdict:
        return verdict
    if not is_held(decision):
        return Verdict.no(_("This decision is not on hold."))
    if not reason.strip():
        return Verdict.no(_("Write why the hold can go. The panel will read it."))
    return Verdict.yes()


# ---- Checks on those who were chosen -----------------------------------------------------------
def may_check(person: Person, outcome: Outcome, *, on: date) -> Verdict:
    """Whether the person may note a check on an organisation that was chosen. A board member, only
    where a check did not go well: a charity may have one facilitator."""
    if not holds(person, Permission.CHECK_RULES):
        if not holds(person, Permission.NOTE_REPORT):
            return may(person, Permission.CHECK_RULES)
        if not failed_checks(outcome.application):
            return _only_puts_right()
    standing = standing_decision(outcome.decision.panel)
    if standing is None or standing.pk != outcome.decision_id:
        return Verdict.no(_("This decision does not stand."))
    if outcome.kind not in money.GIVES_MONEY:
        return Verdict.no(_("Checks are for organisations that were chosen."))
    round = outcome.decision.panel.round
    return has_no_bid_in(round, person) and telling_now(round, on=on)


def _only_puts_right() -> Verdict:
    return Verdict.no(
        _("A board member can only note that a check is well now which did not go well before.")
    )


DESCRIPTION_WORDS = 80
"""For what a bid is about in the report, where its question has no limit of its own."""
CHECKS_TO_MAKE = tuple(kind for kind in CheckKind if kind != CheckKind.WANTS)
"""The checks on every award. That a group still wants the money is noted only where it rang."""


def checks_of(outcome: Outcome) -> dict[str, bool]:
    """The newest answer of each kind of check made on a chosen organisation."""
    return {kind: row.passed for kind, row in newest_checks(outcome).items()}


def newest_checks(outcome: Outcome) -> dict[str, DueDiligence]:
    """The newest check of each kind made on a chosen organisation."""
    return _newest_of_each(outcome.checks.all())


def _newest_of_each(checks: Iterable[DueDiligence]) -> dict[str, DueDiligence]:
    rows = sorted(checks, key=lambda row: (row.checked_at, row.pk))
    return {row.kind: row for row in rows}


@dataclass(frozen=True, slots=True)
class FallenThrough:
    """An award that stands and cannot go on: its panel decides what follows."""

    outcome: Outcome
    failed: tuple[DueDiligence, ...]
    """The checks that did not go well, the newest of each kind."""
    not_taken: bool
    """The group said no, or took its bid back."""

    @property
    def said(self) -> str:
        """Why the group does not take the money, in its own words."""
        answer = getattr(self.outcome, "acceptance", None)
        return answer.words if answer and not answer.accepted else ""


IN_DOUBT = (
    Q(acceptance__accepted=False)
    | Q(application__withdrawn_at__isnull=False)
    | Q(checks__passed=False)
)
"""Of an award: something was said or found, ever, after which it may not go on."""


def in_doubt() -> Exists:
    """For decisions: whether an award of theirs is in doubt, so that `fallen_through` is asked
    only where it can find something."""
    return Exists(Outcome.objects.awards().filter(IN_DOUBT, decision=OuterRef("pk")))


def fallen_through(decisions: Iterable[Decision]) -> list[FallenThrough]:
    """The awards of these standing decisions that cannot go on as they are.

    The decisions come with `in_doubt`; no query where none is, else two.
    """
    doubted = [row for row in decisions if vars(row)["in_doubt"]]
    if not doubted:
        return []
    rows = (
        Outcome.objects.standing()
        .awards()
        .filter(IN_DOUBT, decision__in=doubted)
        .select_related("application", "acceptance", "decision")
        .prefetch_related("checks")
        .order_by("application__reference")
        .distinct()
    )
    found = []
    for row in rows:
        failed = tuple(check for check in newest_checks(row).values() if not check.passed)
        answer = getattr(row, "acceptance", None)
        not_taken = bool(row.application.withdrawn_at or (answer and not answer.accepted))
        if failed or not_taken:
            found.append(FallenThrough(row, failed, not_taken))
    return found


def failed_checks(bid: Application) -> list[DueDiligence]:
    """The checks on a bid's organisation whose newest answer is that it did not go well."""
    newest = _newest_of_each(DueDiligence.objects.filter(outcome__application=bid))
    return [row for row in newest.values() if not row.passed]


def waiting_for_checks(letters: Iterable[OutcomeLetter]) -> set[int]:
    """The bids, of those that a letter gives money, whose group has a check that did not go well
    (one query)."""
    given = [
        row.application_id
        for row in letters
        if row.outcome and row.outcome.kind in money.GIVES_MONEY
    ]
    made = DueDiligence.objects.filter(outcome__application__in=given).order_by("checked_at", "pk")
    newest = {
        (bid, kind): passed
        for bid, kind, passed in made.values_list("outcome__application", "kind", "passed")
    }
    return {bid for (bid, _kind), passed in newest.items() if not passed}


def failed_awards(round: Round) -> list[tuple[Outcome, list[DueDiligence]]]:
    """The awards that stand in a round with a check whose newest answer is that it did not go well,
    and these checks (three queries; one where there are none)."""
    failed = DueDiligence.objects.filter(outcome__application=OuterRef("application"), passed=False)
    awards = Outcome.objects.standing().awards().filter(Exists(failed), application__round=round)
    rows = awards.select_related("application__organisation").order_by("application__reference")
    found = []
    for award in rows.prefetch_related("application__outcomes__checks"):
        checks = [check for row in award.application.outcomes.all() for check in row.checks.all()]
        wrong = [check for check in _newest_of_each(checks).values() if not check.passed]
        if wrong:
            found.append((award, wrong))
    return found


def may_note_check(
    person: Person, failed: DueDiligence | None, *, passed: bool, words: str
) -> Verdict:
    """Whether the person may note this answer, after a check of the same kind that failed, if any.
    That it is well now is for somebody else to say, and in words."""
    if not (passed and failed):
        return Verdict.yes() if holds(person, Permission.CHECK_RULES) else _only_puts_right()
    if failed.checked_by_id == person.pk:
        return Verdict.no(
            _(
                "You wrote that this check did not go well. Another facilitator or a board member "
                "must look, and note it if it is well now."
            )
        )
    if not words.strip():
        return Verdict.no(
            _("This check did not go well before. Write what is different now. The panel reads it.")
        )
    return Verdict.yes()


def checks_passed(outcome: Outcome) -> Verdict:
    """Whether every check was made and the newest of each kind went well."""
    found = checks_of(outcome)
    if any(not passed for passed in found.values()):
        return Verdict.no(_("A check on this organisation failed. The panel decides what follows."))
    if set(CHECKS_TO_MAKE) - set(found):
        return Verdict.no(_("Not all checks on this organisation are done."))
    return Verdict.yes()


# ---- Letters ----------------------------------------------------------------------------------
def may_write_letters(person: Person, panel: Panel, *, on: date) -> Verdict:
    """Whether the panel's letters may be written now."""
    if not holds(person, Permission.SEND_LETTERS):
        return may(person, Permission.SEND_LETTERS)
    decision = standing_decision(panel)
    return Verdict.yes() if decision is None else telling_now(panel.round, on=on)


def letters_on_the_table(panel: Panel) -> Proposal | None:
    """The letters the panel is being asked about now, if any. From prefetched proposals where
    there are any."""
    for row in panel.proposals.all():
        if row.kind == Proposal.Kind.LETTERS and not row.settled_at:
            return row
    return None


def may_change_staff_note(person: Person, letter: OutcomeLetter) -> Verdict:
    """Whether staff may still add or change their marked note."""
    if not holds(person, Permission.SEND_LETTERS):
        return may(person, Permission.SEND_LETTERS)
    if letter.approved_by_proposal_id:
        return Verdict.no(_("The panel has agreed this letter. It does not change now."))
    panel = letter.application.lot.panel
    waiting = letters_on_the_table(panel)
    if waiting and str(letter.pk) in waiting.data.get("letters", {}):
        return Verdict.no(_("The panel is reading this letter now. It does not change now."))
    return Verdict.yes()


def may_put_letters(person: Person, panel: Panel, *, on: date) -> Verdict:
    """Whether the letters may be put to the panel to read."""
    if not holds(person, Permission.SEND_LETTERS):
        return may(person, Permission.SEND_LETTERS)
    if letters_on_the_table(panel):
        return Verdict.no(_("The panel is reading letters now. Wait for its answer."))
    rest = resting(panel.round, on=on, lots=[panel.lot_id])
    return Verdict.no(rest.sentence) if rest else Verdict.yes()


def is_still_so(letter: OutcomeLetter, *, on: date) -> Verdict:
    """Whether what a letter tells of stands on this day, so that it may be read, agreed and sent.

    From rows that are here, where `with_what_it_tells` brought them.
    """
    if letter.application.withdrawn_at:
        return Verdict.no(_("This bid was taken back."))
    if letter.outcome:
        standing = standing_decision(letter.outcome.decision.panel)
        if standing is None or standing.pk != letter.outcome.decision_id:
            return Verdict.no(_("Another decision has replaced this one."))
    if letter.shortlisting and hasattr(letter.shortlisting, "replaced_by"):
        return Verdict.no(_("The panel has looked at this bid again since then."))
    return _is_final(letter.eligibility, on=on) if letter.eligibility else Verdict.yes()


def _is_final(ruling: Eligibility, *, on: date) -> Verdict:
    """Whether a "no" by the funder's rules stands, and nobody can ask for the bid any more."""
    if ruling.replaced_by_id:
        return Verdict.no(_("Somebody has looked at the funder’s rules again for this bid."))
    if ruling.asked_back.all():
        return Verdict.no(_("A volunteer asked for this bid. That is not settled yet."))
    until = ask_back_until(ruling)
    if until is None:
        return Verdict.no(_("A second person has not looked at this bid yet."))
    if on <= until:
        return Verdict.no(
            _("Volunteers may still ask for this bid, until %(day)s.") % {"day": day(until)}
        )
    return Verdict.yes()


def last_day_of_no(*, on: date) -> date:
    """Of the days on which a second person said no, the last whose days to ask for it are over."""
    last = on - timedelta(days=ASK_BACK_WORKING_DAYS + 1)
    while working_days_after(last, ASK_BACK_WORKING_DAYS) >= on:
        last -= timedelta(days=1)
    return last


def may_send_letter(letter: OutcomeLetter, *, digest: str, on: date) -> Verdict:
    """Whether this letter may go: agreed by the panel to the last word, still so, its checks done,
    no hold.

    `digest` is taken over the words that are about to be sent.
    """
    if letter.letter_id:
        return Verdict.no(_("This letter has gone."))
    proposal = letter.approved_by_proposal
    if proposal is None or proposal.outcome != Proposal.Outcome.AGREED:
        return Verdict.no(_("The panel has not agreed this letter."))
    agreed = proposal.data.get("letters", {}).get(str(letter.pk))
    if not digest == letter.digest == agreed:
        return Verdict.no(_("These are not the words that the panel agreed."))
    verdict = is_still_so(letter, on=on)
    if not verdict or letter.outcome is None:
        return verdict
    return _may_be_told(letter.outcome, on=on)


def _may_be_told(outcome: Outcome, *, on: date) -> Verdict:
    decision = outcome.decision
    if decision.panel.round.trustees_ratify and not is_confirmed(decision):
        return Verdict.no(_("The trustees have not confirmed this decision yet."))
    if is_held(decision):
        return Verdict.no(_("This decision is on hold for a legal reason."))
    if outcome.kind in money.GIVES_MONEY:
        verdict = checks_passed(outcome)
        if not verdict:
            return verdict
    return telling_now(decision.panel.round, on=on)


# ---- The applicant's answer -------------------------------------------------------------------
def may_accept(person: Person, outcome: Outcome) -> Verdict:
    """Whether the person may say yes or no to an award for their organisation."""
    if not holds(person, Permission.APPLY) or not acts_for(
        person, outcome.application.organisation
    ):
        return Verdict.no(_("Only somebody from the organisation can answer."))
    standing = standing_decision(outcome.decision.panel)
    if outcome.kind not in money.GIVES_MONEY or not standing or standing.pk != outcome.decision_id:
        return Verdict.no(_("There is no award to answer here."))
    if not OutcomeLetter.objects.filter(outcome=outcome, letter__isnull=False).exists():
        return Verdict.no(_("The letter about this has not gone yet."))
    if hasattr(outcome, "acceptance"):
        return Verdict.no(_("You have answered already."))
    if outcome.application.withdrawn_at:
        return Verdict.no(_("You took this bid back. If you want the money after all, ring us."))
    if is_held(outcome.decision):
        return Verdict.no(_("This award is on hold for now. We will write to you."))
    return Verdict.yes()


def answer_by(letter: OutcomeLetter | None) -> date | None:
    """The day by which the group is asked to say if it takes the money, as its letter says; a later
    answer counts too. None before its letter has gone."""
    if letter is None or letter.letter is None:
        return None
    return timezone.localdate(letter.letter.written_at) + timedelta(days=letter.offer_days)


def may_change_description(person: Person, bid: Application, told: date | None = None) -> Verdict:
    """Whether the person may put right how the report describes their group's bid: once it has
    been told, until the report is done. `told` is that day, where a page knows it already."""
    if not holds(person, Permission.APPLY) or not acts_for(person, bid.organisation):
        return Verdict.no(_("Only somebody from the organisation can change this."))
    if bid.withdrawn_at:
        return Verdict.no(_("This bid was taken back."))
    if not (told or told_on(bid)):
        return Verdict.no(_("Nothing has been decided about this bid yet. We will write to you."))
    stages = bid.round.stages.all()
    if any(row.kind == StageKind.REPORT and row.closed_at for row in stages):
        return Verdict.no(_("The report is finished. If it says something wrong, ring us."))
    return Verdict.yes()


def description_limit(bid: Application) -> int:
    """How many words the report has for what a bid is about: as many as its own question."""
    asked = bid.round.form_questions.filter(key=SUMMARY).first()
    return (asked and asked.word_limit) or DESCRIPTION_WORDS


def may_say_in_report(text: str, *, limit: int) -> Verdict:
    """Whether these words may describe a bid in the report: nothing to reach anybody by, and no
    more than so many."""
    if found := found_in(text):
        return Verdict.no(
            _("Take out %(found)s. Everybody can read this, so it has no phone, email or page.")
            % {"found": ", ".join(f"“{row}”" for row in found)}
        )
    spare = count_words(text) - limit
    if spare > 0:
        return Verdict.no(
            ngettext("Take out %(count)s word.", "Take out %(count)s words.", spare)
            % {"count": spare}
        )
    return Verdict.yes()


# ---- Complaints -------------------------------------------------------------------------------
def told_on(bid: Application) -> date | None:
    """The day of the newest letter that told the group what came of its bid."""
    told = _told(bid)
    return timezone.localdate(told[0]) if told else None


def _told(bid: Application) -> tuple[datetime, int] | None:
    """When the newest letter that told the group was written, and in how many days it may complain,
    as that letter says."""
    letters = bid.outcome_letters.filter(letter__isnull=False).order_by(
        "-letter__written_at", "-pk"
    )
    told = letters.values_list("letter__written_at", "complain_days").first()
    if told:
        return told
    ruled_out = Q(pk__in=[])
    for pk in bid.eligibility.values_list("pk", flat=True):
        ruled_out |= Q(kind="not_eligible", key__startswith=f"not_eligible:{pk}:")
    by_itself = Letter.objects.filter(ruled_out).order_by("-written_at").first()
    if by_itself is None:
        return None
    days = days_given(bid.round.programme, "complain_days", at=by_itself.written_at)
    return by_itself.written_at, days


def complain_until(bid: Application, letter: OutcomeLetter | None = None) -> date | None:
    """The last day to complain about how this bid was treated, as its letter says; None before the
    group is told. `letter` is the newest that has gone, where a page knows it already."""
    if letter and letter.letter:
        told: tuple[datetime, int] | None = (letter.letter.written_at, letter.complain_days)
    else:
        told = _told(bid)
    return timezone.localdate(told[0]) + timedelta(days=told[1]) if told else None


def may_complain(person: Person, bid: Application, *, on: date) -> Verdict:
    """Whether the person may complain, for their group, about how things were done."""
    if not holds(person, Permission.APPLY) or not acts_for(person, bid.organisation):
        return Verdict.no(_("Only somebody from the organisation can complain here."))
    if bid.complaints.filter(answered_at=None).exists():
        return Verdict.no(_("Your complaint is being looked into. It has no answer yet."))
    until = complain_until(bid)
    if until is None:
        return Verdict.no(_("Nothing has been decided about this bid yet. We will write to you."))
    if on > until:
        return Verdict.no(
            _("The last day to complain about this was %(day)s. You can still ring us.")
            % {"day": day(until)}
        )
    return Verdict.yes()


def may_type_complaint(person: Person, bid: Application) -> Verdict:
    """Whether a complaint handler may type what a group says by phone or in a letter.

    Late ones too: after the last day a group is told to ring.
    """
    if not who_hears_complaint(bid).filter(pk=person.pk).exists():
        return Verdict.no(_("You had a part in this, so somebody else must hear it."))
    if bid.complaints.filter(answered_at=None).exists():
        return Verdict.no(_("A complaint about this bid waits already. It has no answer yet."))
    if told_on(bid) is None:
        return Verdict.no(_("This group has not been told yet what became of its bid."))
    return Verdict.yes()


def who_signs_in_for(bid: Application) -> QuerySet[Person]:
    """The people who act for this bid's group now."""
    here = bid.organisation.colleagues.filter(ended_at=None)
    return Person.objects.filter(pk__in=here.values("person"))


def who_hears_complaint(bid: Application, made_at: datetime | None = None) -> PersonQuerySet:
    """The people who may hear a complaint about this bid: handlers who had no part in the round.

    `made_at`: when it was made; whom its group added afterwards may still hear it.
    """
    staff = RoleHolding.objects.filter(role__in=[Role.FACILITATOR, Role.BOARD])
    helpers = Helper.objects.filter(member__round=bid.round_id)
    act = Colleague.objects.filter(organisation__applications__round=bid.round_id)
    if made_at:
        act = act.exclude(organisation=bid.organisation_id, added_at__gt=made_at)
    return (
        Person.objects.get_queryset()
        .filter(is_active=True)
        .holding(Role.COMPLAINTS)
        .exclude(pk__in=staff.values("person"))
        .exclude(pk__in=bid.round.members.values("person"))
        .exclude(pk__in=helpers.values("supporter"))
        .exclude(pk__in=act.values("person"))
        .order_by("name", "pk")
    )


def rounds_one_may_hear(person: Person) -> QuerySet[Round]:
    """The rounds this complaint handler took no part in, the newest first."""
    return (
        Round.objects.exclude(members__person=person)
        .exclude(members__helpers__supporter=person)
        .exclude(applications__organisation__colleagues__person=person)
        .order_by("-pk")
    )


def may_hear_complaint(person: Person, complaint: Complaint) -> Verdict:
    """Whether the person may look into this complaint: a handler who had no part in it."""
    allowed = may(person, Permission.HEAR_COMPLAINTS)
    if not allowed:
        return allowed
    if not Complaint.objects.heard_by(person).filter(pk=complaint.pk).exists():
        return Verdict.no(_("You had a part in this, so somebody else must hear it."))
    return Verdict.yes()


def may_take_complaint(person: Person, complaint: Complaint) -> Verdict:
    """Whether the person may be the one who looks into it: nobody has it yet."""
    allowed = may_hear_complaint(person, complaint)
    if allowed and complaint.taken_at:
        return Verdict.no(_("Somebody looks into this complaint already."))
    return allowed


def may_answer_complaint(person: Person, complaint: Complaint) -> Verdict:
    """Whether the person may write the answer: whoever took it up, once."""
    allowed = may_hear_complaint(person, complaint)
    if not allowed:
        return allowed
    if complaint.answered_at:
        return Verdict.no(_("This complaint has its answer. It stays as it was written."))
    if complaint.taken_by_id != person.pk:
        return Verdict.no(_("Say first that you look into it."))
    return Verdict.yes()


# ---- The report -------------------------------------------------------------------------------
def undecided_panels(round: Round) -> list[Panel]:
    """The round's panels that have no decision standing (two queries, or none where panels and
    their decisions are prefetched)."""
    panels = list(round.panels.all())
    prefetch_related_objects(panels, "decisions")
    return [panel for panel in panels if standing_decision(panel) is None]


def report_is_ready(round: Round) -> Verdict:
    """Whether there is a report to read: each panel has a decision that stands."""
    if not round.panels.all():
        return Verdict.no(_("There are no panels in this round yet."))
    if undecided_panels(round):
        return Verdict.no(_("The report can be read once every panel has decided."))
    return Verdict.yes()


def may_read_report(person: Person, round: Round) -> Verdict:
    """Whether staff and board may read the report on screen."""
    if not holds(person, Permission.READ_REPORTS):
        return may(person, Permission.READ_REPORTS)
    return report_is_ready(round)


def may_put_report(person: Person, round: Round, *, on: date) -> Verdict:
    """Whether the report may be put to the panels."""
    if not holds(person, Permission.SEND_LETTERS):
        return may(person, Permission.SEND_LETTERS)
    ready = report_is_ready(round)
    if not ready:
        return ready
    waiting = Proposal.objects.filter(
        panel__round=round, kind=Proposal.Kind.REPORT, settled_at=None
    )
    if waiting.exists():
        return Verdict.no(_("The panels are reading the report now. Wait for their answers."))
    rest = resting(round, on=on)
    return Verdict.no(rest.sentence) if rest else stage_open(round, StageKind.REPORT, on=on)


def report_agreed(round: Round, *, digest: str) -> Verdict:
    """Whether every panel has agreed the report with just these facts."""
    ready = report_is_ready(round)
    if not ready:
        return ready
    panels = {panel.pk for panel in round.panels.all()}
    approvals = sorted(round.report_approvals.all(), key=lambda row: row.approved_at)
    agreed = {row.panel_id: row.digest for row in approvals}
    if panels - set(agreed):
        return Verdict.no(
            _("Not every panel has agreed the report yet. It cannot leave here before.")
        )
    if any(agreed[panel] != digest for panel in panels):
        return _changed_since_agreed()
    return Verdict.yes()


def _changed_since_agreed() -> Verdict:
    return Verdict.no(
        _(
            "The facts have changed since the panels agreed the report. "
            "A facilitator must put it to them again."
        )
    )


def have_all_decided(round: Round) -> bool:
    """Whether each panel has a decision that stands, from prefetched rows where there are any."""
    panels = list(round.panels.all())
    return bool(panels) and all(
        any(decision.stands_at for decision in panel.decisions.all()) for panel in panels
    )


def is_agreed_by_all(round: Round) -> bool:
    """Whether every panel has agreed a report, from prefetched rows where there are any."""
    panels = {panel.pk for panel in round.panels.all()}
    return bool(panels) and panels <= {row.panel_id for row in round.report_approvals.all()}


def agreed_on(round: Round) -> date | None:
    """The day when the last panel agreed a report, from prefetched rows where there are any."""
    last = max((row.approved_at for row in round.report_approvals.all()), default=None)
    return timezone.localdate(last) if last else None


def report_is_public(round: Round, *, digest: str) -> Verdict:
    """Whether everybody may read just these facts: every panel has agreed them."""
    if not is_agreed_by_all(round):
        return Verdict.no(_("The awards will stand here once the panels have agreed the report."))
    if not report_agreed(round, digest=digest):
        return Verdict.no(
            _(
                "Something has changed since the volunteers agreed the report. "
                "The new report will stand here once every panel has agreed it."
            )
        )
    return Verdict.yes()


def with_what_came_since(rounds: QuerySet[Round]) -> QuerySet[Round]:
    """Rounds with whether the report tells of something that was done after the panels were given
    the one they agreed to read (`came_since`), in the same query.

    A check that went well is a matter of course, but not where it had failed.
    """
    panels = Panel.objects.filter(round=OuterRef("pk"))
    put = panels.annotate(put=Max("report_approvals__proposal__put_at")).order_by("put")
    failed = DueDiligence.objects.filter(
        outcome__application=OuterRef("outcome__application"), kind=OuterRef("kind"), passed=False
    )
    since = OuterRef("agreed_as_of")
    decisions = Decision.objects.filter(panel__round=OuterRef("pk"), stands_at__gt=since)
    checks = DueDiligence.objects.filter(
        Exists(failed), outcome__application__round=OuterRef("pk"), checked_at__gt=since
    )
    described = Description.objects.filter(application__round=OuterRef("pk"), made_at__gt=since)
    return rounds.annotate(agreed_as_of=Subquery(put.values("put")[:1])).annotate(
        came_since=Exists(decisions) | Exists(checks) | Exists(described)
    )


def report_as_agreed(round: Round) -> Verdict:
    """Whether every panel has agreed a report, and no decision, check or description came after it.

    Cheap enough for pages (`with_what_came_since`). Whether each fact is as it was agreed,
    `report_agreed` says: from the whole report, which takes time to read. Checks and descriptions
    are not in what that compares.
    """
    if not is_agreed_by_all(round):
        return Verdict.no(_("Not every panel has agreed the report yet."))
    found = vars(round)
    if "came_since" not in found:
        found = vars(with_what_came_since(Round.objects.filter(pk=round.pk)).get())
    return _changed_since_agreed() if found["came_since"] else Verdict.yes()


def may_note_report(person: Person, round: Round, *, digest: str) -> Verdict:
    """Whether the board may note the report: just these facts are what every panel agreed."""
    if not holds(person, Permission.NOTE_REPORT):
        return may(person, Permission.NOTE_REPORT)
    as_agreed = report_as_agreed(round)
    return report_agreed(round, digest=digest) if as_agreed else as_agreed


def may_ask_board_question(person: Person, round: Round, text: str) -> Verdict:
    """Whether the board may ask how things were done."""
    if not holds(person, Permission.NOTE_REPORT):
        return may(person, Permission.NOTE_REPORT)
    if not text.strip():
        return Verdict.no(_("Write your question."))
    return Verdict.yes()


def may_export(person: Person, round: Round, *, digest: str) -> Verdict:
    """Whether a final copy of the report may be made. The server's operator may, like the board."""
    operator = isinstance(person, Person) and person.kind == Person.Kind.OPERATOR
    if not operator and not holds(person, Permission.READ_REPORTS):
        return may(person, Permission.READ_REPORTS)
    return report_agreed(round, digest=digest)


def kind_of_letter(outcome: Outcome) -> OutcomeLetter.Kind:
    """Which letter tells of an outcome."""
    return {
        OutcomeKind.AWARD: OutcomeLetter.Kind.YES,
        OutcomeKind.LESS: OutcomeLetter.Kind.LESS,
        OutcomeKind.RESERVE: OutcomeLetter.Kind.RESERVE,
        OutcomeKind.NO: OutcomeLetter.Kind.NO,
    }[OutcomeKind(outcome.kind)]


# ---- Taking somebody's details away, as they asked ---------------------------------------------
def may_ask_forgetting(by: Person, person: Person) -> Verdict:
    """Whether `by` may ask for this person's details to be taken away: they, or who looks after
    them and was told so on paper or by phone."""
    if person.kind != Person.Kind.HUMAN or not person.is_active:
        return Verdict.no(_("This account is not in use."))
    allowed = may_change_details(by, person)
    if not allowed:
        return allowed
    if Forgetting.objects.waiting().filter(person=person).exists():
        return Verdict.no(_("This was asked for already."))
    return Verdict.yes()


def may_drop_forgetting(by: Person, forgetting: Forgetting) -> Verdict:
    """Whether `by` may say that the person changed their mind."""
    if forgetting.done_at or forgetting.dropped_at:
        return Verdict.no(_("This is settled already."))
    return may_change_details(by, forgetting.person)


DAYS_TO_DO_IT = 30
"""Days from the asking within which the law wants it done (a month)."""
DAYS_TO_SAY_NO = 7
"""Days in which somebody can say that what was written down for them is wrong."""


def may_do_forgetting(
    by: Person, forgetting: Forgetting, *, on: date, in_the_way: Sequence[str] | None = None
) -> Verdict:
    """Whether `by` may take the details away on this day, as a second person.

    What a facilitator wrote down waits a week: the letter about it must have time to arrive.
    `in_the_way` brings what `what_is_in_the_way` said, where it was asked in this request already.
    """
    person = forgetting.person
    if forgetting.done_at or forgetting.dropped_at:
        return Verdict.no(_("This is settled already."))
    allowed = may_forget_person(by, person)
    if not allowed:
        return allowed
    if forgetting.asked_by_id == by.pk:
        return Verdict.no(_("You wrote this down, so a second person must do it."))
    sure_on = timezone.localdate(forgetting.asked_at) + timedelta(days=DAYS_TO_SAY_NO)
    if forgetting.asked_by_id != person.pk and on < sure_on:
        return Verdict.no(
            _("They can still say that this is wrong. It can be done from %(day)s.")
            % {"day": day(sure_on)}
        )
    in_the_way = what_is_in_the_way(person) if in_the_way is None else in_the_way
    return Verdict.no(in_the_way[0]) if in_the_way else Verdict.yes()


def what_is_in_the_way(person: Person) -> list[str]:
    """A sentence for each thing that must end before somebody's details can be taken away."""
    open_rounds = Round.objects.filter(stages__closed_at=None)
    found = [
        _("They still take part in “%(round)s”. They must leave it first.") % {"round": row.name}
        for row in open_rounds.filter(
            members__person=person, members__joined_at__isnull=False, members__ended_at=None
        ).distinct()
    ]
    bids = Application.objects.filter(
        organisation__colleagues__person=person,
        organisation__colleagues__ended_at=None,
        withdrawn_at=None,
        round__in=open_rounds,
    ).select_related("organisation")
    found += [
        _("They act for “%(name)s”, which has bid %(bid)s. Somebody else must take over first.")
        % {"name": bid.organisation.name, "bid": bid.reference}
        for bid in bids.distinct()
    ]
    if Complaint.objects.filter(made_by=person, answered_at=None).exists():
        found.append(_("Their complaint has no answer yet."))
    waiting = (Sending.State.PENDING, Sending.State.SENDING, Sending.State.IN_DOUBT)
    if Letter.objects.filter(to=person, sending__state__in=waiting).exists():
        found.append(_("A letter to them is still on its way. Do this when it has gone."))
    return found


# ---- What is kept, and for how long -----------------------------------------------------------
def may_clear(person: Person) -> Verdict:
    """Whether the person may say what is deleted: staff who set rounds up, or keep the site."""
    if holds(person, Permission.SET_UP) or holds(person, Permission.KEEP_SITE):
        return Verdict.yes()
    return Verdict.no(_("Your role here does not include this."))


def may_agree_shorter(person: Person, rule: RetentionRule) -> Verdict:
    """Whether the person may agree that something is kept for fewer months than now."""
    allowed = may_clear(person)
    if not allowed:
        return allowed
    if rule.shorter is None:
        return Verdict.no(_("Nobody asks for fewer months."))
    if rule.asked_by_id == person.pk:
        return Verdict.no(_("You asked for this, so a second person must agree."))
    return Verdict.yes()


def may_do_clearing(person: Person, clearing: Clearing) -> Verdict:
    """Whether the person may delete what another put forward."""
    allowed = may_clear(person)
    if not allowed:
        return allowed
    if clearing.done_at:
        return Verdict.no(_("This is deleted already."))
    if clearing.put_by_id == person.pk:
        return Verdict.no(_("You put this forward, so a second person must do it."))
    return Verdict.yes()


# ---- Packs ----------------------------------------------------------------------------------
def may_ask_for_pack(person: Person, member: Member) -> Verdict:
    """Whether somebody may have this reader's pack made: their own, or they type for them."""
    if not paper.may_have_pack(member, person):
        return may(person, Permission.TYPE_FOR)
    if not paper.in_pack(member, person):
        return Verdict.no(_("There is nothing to print now."))
    return Verdict.yes()


def may_take_packs(person: Person, errand: Errand) -> Verdict:
    """Whether somebody may have the packs that were made: asked anew each time they are fetched."""
    reader = errand.member
    theirs = paper.may_have_pack(reader, person) if reader else holds(person, Permission.TYPE_FOR)
    if not theirs:
        return may(person, Permission.TYPE_FOR)
    if errand.stage != Errand.Stage.DONE or not errand.kept:
        return Verdict.no(_("This file is not kept any more. Please have it made again."))
    return paper.may_take_packs(errand.round, errand.told["held"], person)
