"""The queries that fill the report's one plain structure, and the scores beside the money board.

The number of queries does not grow with the round.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person, RoleHolding
from accounts.templatetags.purse import under_titles
from applications.models import Application, Correction, Eligibility, FormQuestion
from applications.redaction import hide, left_out
from commissioning import timetable
from commissioning.hours import given_by
from commissioning.models import (
    Agreement,
    AgreementVote,
    Choice,
    Criterion,
    MustHave,
    Round,
    Suggestion,
)
from commissioning.pace import all_plans
from commissioning.rules import in_words
from decisions import report as facts
from decisions import rules
from decisions.models import (
    BoardNote,
    Complaint,
    Decision,
    DueDiligence,
    Outcome,
    OutcomeKind,
    Ratification,
    Signature,
)
from ledger import trail
from ledger.checking import first_trouble
from ledger.models import Chain, Entry
from panels import shortlist
from panels.models import (
    Attendance,
    Interest,
    Meeting,
    Panel,
    Phase,
    Proposal,
    ProposalVote,
    Question,
    Reflection,
    Score,
    ScoreSheet,
    Seat,
    ShareChange,
    ShareRun,
    Shortlisting,
    StandingAside,
    Steered,
    Void,
)
from panels.rules.proposals import combine_rules
from support.about_us import label_of, tables_of
from support.looking_back import lessons_of
from support.models import LookTable, Outreach, TrainingDone, TrainingTopic

COUNTING_SHEET = Q(sheet__taken_back=None, sheet__void=None) & (
    Q(sheet__typed_by=None) | Q(sheet__confirmed_at__isnull=False)
)


SCORES_AT_ONCE = 500
"""How many scores come from the database at a time for a file of them."""


# ---- Scores -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Given:
    """One number that counts: who gave it to which bid on which criterion, and when."""

    bid: int
    member: int
    criterion: int
    talked: bool
    value: int | None


def _counting(round: Round) -> QuerySet[Score]:
    """All counting scores of a round on criteria, after reading and after talking."""
    return Score.objects.filter(
        COUNTING_SHEET,
        sheet__application__round=round,
        sheet__phase__in=[Phase.READING, Phase.TALK],
        criterion__isnull=False,
    )


def _as_given(row: tuple[Any, ...]) -> Given:
    bid, member, criterion, phase, value = row
    return Given(bid, member, criterion or 0, phase == Phase.TALK, value)


GIVEN = ("sheet__application_id", "sheet__member_id", "criterion_id", "sheet__phase", "value")


def scores_given(round: Round, bids: Iterable[int] | None = None) -> list[Given]:
    """All counting scores on criteria, after reading and after talking, oldest first."""
    rows = _counting(round)
    if bids is not None:
        rows = rows.filter(sheet__application__in=list(bids))
    found = rows.order_by("sheet__sent_at", "pk").values_list(*GIVEN)
    return [_as_given(row) for row in found]


Values = dict[tuple[int, int], int | None]
"""What was given, by criterion and member."""


def newest(given: Iterable[Given], *, with_talk: bool) -> dict[int, Values]:
    """By bid, each member's newest value on each criterion: before talking, or after it."""
    found: defaultdict[int, Values] = defaultdict(dict)
    for row in given:
        if with_talk or not row.talked:
            found[row.bid][row.criterion, row.member] = row.value
    return found


def pictures(
    round: Round, bids: Iterable[int], weights: Mapping[int, int]
) -> dict[int, shortlist.Picture]:
    """Each bid’s scores after talking, as the panel’s own sums show them. Weights by criterion."""
    wanted = list(bids)
    middle = shortlist.Middle(round.middle)
    now = newest(scores_given(round, wanted), with_talk=True)
    return {
        bid: shortlist.picture(
            [
                shortlist.Score(member, criterion, value)
                for (criterion, member), value in now.get(bid, {}).items()
                if criterion in weights
            ],
            weights,
            middle,
        )
        for bid in wanted
    }


def scores_told(round: Round) -> Iterator[tuple[str, str, bool, int | None]]:
    """Every score that counts: the bid's reference, the criterion, whether it was after talking,
    and the number. Two queries, however many there are; they are read in pieces, and only one
    bid's are held at a time. They stand in order of size, so that none can be told to be whose."""
    criteria = list(Criterion.objects.agreed_for(round))
    of_bid = "sheet__application__"
    rows = (
        _counting(round)
        .order_by(f"{of_bid}lot__order", f"{of_bid}reference", "sheet__sent_at", "pk")
        .values_list(f"{of_bid}reference", *GIVEN)
        .iterator(chunk_size=SCORES_AT_ONCE)
    )
    for reference, group in groupby(rows, key=itemgetter(0)):
        given = [_as_given(row[1:]) for row in group]
        looks = [
            (talked, values)
            for talked in (False, True)
            for values in newest(given, with_talk=talked).values()
        ]
        for criterion in criteria:
            for talked, values in looks:
                found = [
                    value for (about, _member), value in values.items() if about == criterion.pk
                ]
                for value in sorted(found, key=lambda number: (number is None, number or 0)):
                    yield reference, criterion.title, talked, value


# ---- The report -------------------------------------------------------------------------------
def report_of(round: Round, *, at: datetime) -> facts.Report:
    """Everything the report says of a round at this instant, from stored rows and the trail."""
    return _Reader(round, at).report()


def for_member(report: facts.Report, round: Round, person: Person) -> facts.Report:
    """The report for a panel member: nothing of lots and bids that they stand aside from."""
    asides = StandingAside.objects.filter(lot__round=round, member__person=person)
    rows = list(asides.select_related("lot", "application"))
    return facts.without(
        report,
        lots={row.lot.name for row in rows if row.application is None},
        references={row.application.reference for row in rows if row.application},
    )


class _Reader:
    """Reads a round's rows once each, and shapes them."""

    def __init__(self, round: Round, at: datetime) -> None:
        self.round = Round.objects.select_related("programme", "chain").get(pk=round.pk)
        self.at = at
        self.on = timezone.localdate(at)

    def report(self) -> facts.Report:
        round, programme = self.round, self.round.programme
        trail_facts = self._trail()
        bids = tuple(self._bid(row) for row in self.bids)
        return facts.Report(
            programme=programme.name,
            funder=programme.funder,
            funder_org_id=programme.funder_org_id,
            prefix_360giving=programme.prefix_360giving,
            place_name=programme.place_name,
            place_code=programme.place_code,
            help_name=programme.help_name,
            help_phone=programme.help_phone,
            round_id=round.pk,
            round=round.name,
            slug=round.slug,
            about=round.about,
            award_kind=round.get_award_kind_display(),
            delegation=round.delegation,
            trustees_ratify=round.trustees_ratify,
            envelope=round.envelope,
            made_at=self.at,
            lots=self._lots(bids),
            panels=tuple(self._panels()),
            criteria=self._criteria(),
            stages=tuple(self._stages()),
            numbers=self._numbers(bids),
            rules_broken=self._rules_broken(),
            bids=bids,
            decisions=tuple(self._decision(row) for row in self.decisions if row.stands_at),
            interests=tuple(self._interests()),
            checks=tuple(self._checks()),
            typed=self._typed(),
            influence=self._influence(),
            sharing=self._sharing(),
            complaints=self._complaints(),
            proof=self._proof(trail_holds=trail_facts.holds),
            trail=trail_facts,
            readers=self._readers(),
            board_questions=tuple(self._questions()),
            people=tuple(table for table in tables_of(round) if table.people),
            outreach=tuple(self._outreach()),
            changes=tuple(self._changes()),
            lessons=tuple(self._lessons()),
        )

    # -- rows, each read once --
    @cached_property
    def panels(self) -> list[Panel]:
        return list(Panel.objects.filter(round=self.round).select_related("lot"))

    @cached_property
    def seats(self) -> list[Seat]:
        return list(
            Seat.objects.filter(panel__round=self.round)
            .select_related("member__person")
            .order_by("member__person__name")
        )

    @cached_property
    def asides(self) -> list[StandingAside]:
        return list(StandingAside.objects.filter(lot__round=self.round))

    @cached_property
    def criteria(self) -> list[Criterion]:
        return list(
            Criterion.objects.agreed_for(self.round).annotate(
                voices=Count("suggestions", distinct=True),
                people=Count("suggestions__member", distinct=True),
            )
        )

    @cached_property
    def bids(self) -> list[Application]:
        return list(
            Application.objects.filter(round=self.round, submitted_at__isnull=False)
            .select_related("organisation", "lot")
            .prefetch_related("versions", "descriptions")
            .order_by("lot__order", "reference")
        )

    @cached_property
    def not_eligible(self) -> dict[int, Eligibility]:
        rows = Eligibility.objects.newest().final_no().filter(application__round=self.round)
        return {row.application_id: row for row in rows.select_related("rule")}

    @cached_property
    def shortlistings(self) -> dict[int, Shortlisting]:
        rows = Shortlisting.objects.filter(panel__round=self.round, replaced_by=None)
        return {row.application_id: row for row in rows.select_related("criterion")}

    @cached_property
    def decisions(self) -> list[Decision]:
        return list(
            Decision.objects.filter(panel__round=self.round)
            .select_related("panel__lot")
            .order_by("panel__lot__order", "number")
        )

    @cached_property
    def outcomes(self) -> dict[int, list[Outcome]]:
        rows = Outcome.objects.filter(decision__panel__round=self.round)
        found: defaultdict[int, list[Outcome]] = defaultdict(list)
        for row in rows.select_related("criterion", "acceptance"):
            found[row.decision_id].append(row)
        return found

    @cached_property
    def standing(self) -> dict[int, tuple[Decision, Outcome]]:
        """By bid, what is decided today and by which decision."""
        replaced = {row.replaces_id for row in self.decisions if row.stands_at}
        return {
            outcome.application_id: (row, outcome)
            for row in self.decisions
            if row.stands_at and row.pk not in replaced
            for outcome in self.outcomes[row.pk]
        }

    @cached_property
    def signatures(self) -> dict[int, list[Signature]]:
        rows = Signature.objects.filter(decision__panel__round=self.round)
        found: defaultdict[int, list[Signature]] = defaultdict(list)
        for row in rows.select_related("seat__member").order_by("signed_at", "pk"):
            found[row.decision_id].append(row)
        return found

    @cached_property
    def votes(self) -> list[ProposalVote]:
        rows = ProposalVote.objects.filter(proposal__panel__round=self.round)
        return list(rows.select_related("proposal", "seat__member").order_by("voted_at", "pk"))

    @cached_property
    def interests(self) -> list[Interest]:
        rows = Interest.objects.filter(application__round=self.round)
        return list(
            rows.select_related("application__lot").order_by("application__reference", "pk")
        )

    @cached_property
    def sheets(self) -> list[ScoreSheet]:
        rows = ScoreSheet.objects.filter(application__round=self.round)
        return list(rows.select_related("member", "taken_back", "void").order_by("pk"))

    @cached_property
    def given(self) -> list[Given]:
        return scores_given(self.round)

    @cached_property
    def first(self) -> dict[int, Values]:
        return newest(self.given, with_talk=False)

    @cached_property
    def after(self) -> dict[int, Values]:
        return newest(self.given, with_talk=True)

    @cached_property
    def ratifications(self) -> dict[int, list[Ratification]]:
        rows = Ratification.objects.filter(decision__panel__round=self.round)
        found: defaultdict[int, list[Ratification]] = defaultdict(list)
        for row in rows.order_by("made_at", "pk"):
            found[row.decision_id].append(row)
        return found

    # -- shapes --
    def _lots(self, bids: tuple[facts.Bid, ...]) -> tuple[facts.Lot, ...]:
        def of(name: str) -> list[facts.Bid]:
            return [bid for bid in bids if bid.lot == name]

        return tuple(
            facts.Lot(
                name=lot.name,
                about=lot.about,
                limit=lot.limit,
                bids=len(of(lot.name)),
                asked=sum((bid.asked for bid in of(lot.name)), Decimal(0)),
                awarded=sum((bid.amount for bid in of(lot.name)), Decimal(0)),
            )
            for lot in self.round.lots.all()
        )

    def _panels(self) -> Iterator[facts.Panel]:
        minutes = self._recorded_minutes()
        required = self._required_topics()
        done = self._topics_done()
        said = given_by([seat.member for seat in self.seats])
        met = combine_rules([panel for panel in self.panels if panel.interviews_opened_at])
        for panel in self.panels:
            seats = [
                seat
                for seat in self.seats
                if seat.panel_id == panel.pk and not seat.ended_at and not seat.member.ended_at
            ]
            members = [seat.member for seat in seats]
            aside = {
                row.member_id
                for row in self.asides
                if row.lot_id == panel.lot_id and row.application_id is None
            }
            yield facts.Panel(
                name=panel.name,
                lot=panel.lot.name,
                seats=len(seats),
                stood_aside=sum(member.pk in aside for member in members),
                needed=rules.needed_to_sign(
                    self.round, sum(member.pk not in aside for member in members)
                ),
                names=tuple(member.person.name for member in members if member.may_be_named),
                trained=sum(required <= done[member.pk] for member in members),
                topics=len(required),
                hours_low=sum((member.hours_low or Decimal(0) for member in members), Decimal(0)),
                hours_high=sum((member.hours_high or Decimal(0) for member in members), Decimal(0)),
                hours_recorded=Decimal(sum(minutes[member.pk] for member in members) / 60).quantize(
                    Decimal("0.1")
                ),
                hours_said=sum((said[member.pk].total for member in members), Decimal(0)),
                people_said=sum(bool(said[member.pk].by_stage) for member in members),
                combine=met.get(panel.pk, ""),
            )

    def _readers(self) -> int:
        seated = {seat.member_id for seat in self.seats}
        return len({row.member for row in self.given} - seated)

    def _required_topics(self) -> set[int]:
        rows = TrainingTopic.objects.filter(round=self.round, required=True)
        return set(rows.values_list("pk", flat=True))

    def _topics_done(self) -> defaultdict[int, set[int]]:
        found: defaultdict[int, set[int]] = defaultdict(set)
        rows = TrainingDone.objects.filter(topic__round=self.round)
        for member, topic in rows.values_list("member_id", "topic_id"):
            found[member].add(topic)
        return found

    def _recorded_minutes(self) -> Counter[int]:
        """Minutes of meetings each member was at, and of training they finished, by member."""
        minutes: Counter[int] = Counter()
        met = Attendance.objects.filter(meeting__panel__round=self.round)
        for member, long in met.values_list("member_id", "meeting__minutes_long"):
            minutes[member] += long
        learned = TrainingDone.objects.filter(topic__round=self.round)
        for member, long in learned.values_list("member_id", "topic__minutes"):
            minutes[member] += long
        return minutes

    def _criteria(self) -> facts.Criteria:
        agreed = (
            Agreement.objects.filter(
                round=self.round, about=Suggestion.About.CRITERIA, agreed_at__isnull=False
            )
            .order_by("-version")
            .first()
        )
        said = Counter(
            AgreementVote.objects.filter(agreement=agreed).values_list("choice", flat=True)
        )
        return facts.Criteria(
            version=agreed.version if agreed else 0,
            agreed_on=timezone.localdate(agreed.agreed_at) if agreed else None,
            rows=tuple(
                facts.Criterion(
                    row.title,
                    row.question,
                    row.weight,
                    suggestions=vars(row)["voices"],
                    people=vars(row)["people"],
                )
                for row in self.criteria
            ),
            must_haves=tuple(
                MustHave.objects.filter(agreement=agreed)
                .order_by("pk")
                .values_list("text", flat=True)
            ),
            agree=said[Choice.AGREE],
            live_with=said[Choice.LIVE_WITH],
            disagree=said[Choice.DISAGREE],
        )

    def _stages(self) -> Iterator[facts.Stage]:
        """Also those of panels with days of their own. A rest is kept when nothing opened in it
        for those who rested: what belongs to other panels alone is nothing to them."""
        rows = all_plans(self.round)
        for row in rows:
            until = timetable.rest_until(row)
            yield facts.Stage(
                name=in_words(row.name),
                opens_on=row.opens_on,
                closes_on=row.closes_on,
                opened_on=row.opened_on,
                closed_on=row.closed_on,
                rest_days=row.recovery_days,
                rest_until=until,
                rest_kept=facts.rest_kept(
                    row.closed_on, until, self._opened_for(row, rows), self.on
                ),
            )

    @staticmethod
    def _opened_for(row: timetable.StagePlan, rows: list[timetable.StagePlan]) -> list[date]:
        """The days on which stages opened for those who went through this one."""
        ones = timetable.for_panel(rows, row.lot)
        if not row.lot and row.kind not in timetable.PANELS_OWN:
            ones = rows
        return [one.opened_on for one in ones if one.opened_on]

    def _numbers(self, bids: tuple[facts.Bid, ...]) -> facts.Numbers:
        kinds = Counter(bid.kind for bid in bids)
        met = Shortlisting.Outcome.MEET
        return facts.Numbers(
            received=len(bids),
            withdrawn=kinds["withdrawn"],
            not_eligible=kinds["not_eligible"],
            scored=len(self.first),
            not_met=kinds["not_met"],
            met=sum(row.outcome == met for row in self.shortlistings.values()),
            awarded=kinds[OutcomeKind.AWARD.value],
            awarded_less=kinds[OutcomeKind.LESS.value],
            reserve=kinds[OutcomeKind.RESERVE.value],
            not_this_time=kinds[OutcomeKind.NO.value],
        )

    def _rules_broken(self) -> tuple[tuple[str, int], ...]:
        broken = Counter(row.rule.text for row in self.not_eligible.values() if row.rule)
        return tuple(sorted(broken.items(), key=lambda pair: (-pair[1], pair[0])))

    def _bid(self, row: Application) -> facts.Bid:
        sent = row.newest_version  # with what was put right; each sheet names the copy it judged
        content = sent.content if sent else {}
        organisation = row.organisation
        said = next((one for one in reversed(list(row.descriptions.all())) if one.text), None)
        return facts.Bid(
            reference=row.reference,
            organisation=facts.Organisation(
                id=organisation.pk,
                name=organisation.name,
                charity_number=organisation.charity_number,
                company_number=organisation.company_number,
                postcode=organisation.postcode,
            ),
            # The report is read beyond the panel: it tells nobody how to reach somebody.
            title=hide(content.get("title") or row.title, mark=left_out()),
            lot=row.lot.name,
            summary=hide(said.text if said else content.get("summary", ""), mark=left_out()),
            described_on=timezone.localdate(said.made_at) if said else None,
            area=hide(content.get("area") or row.area, mark=left_out()),
            starts_on=self._planned(content, FormQuestion.Kind.STARTS),
            ends_on=self._planned(content, FormQuestion.Kind.ENDS),
            asked=row.asked,
            spreads=tuple(self._spreads(row.pk)),
            dissent=tuple(self.dissent[row.pk]),
            **self._fate(row),
        )

    def _planned(self, content: dict[str, Any], kind: FormQuestion.Kind) -> date | None:
        """The day that the sent copy gives to the question of this kind, if it is one."""
        for answer in content.get("answers", ()):
            if answer["key"] == self.planned.get(kind):
                with suppress(ValueError):
                    return date.fromisoformat(answer["text"])
        return None

    @cached_property
    def planned(self) -> dict[str, str]:
        """Keys of the questions that ask for the planned days, by their kind."""
        asked = self.round.form_questions.filter(kind__in=FormQuestion.PLANNED)
        return dict(asked.values_list("kind", "key"))

    def _fate(self, row: Application) -> dict[str, Any]:
        """What became of a bid, in the words of whoever settled it."""
        nothing: dict[str, Any] = {
            "kind": "",
            "result": _("Not decided"),
            "amount": Decimal(0),
            "less_what": "",
            "reason": "",
            "criterion": "",
            "conditions": "",
            "reserve_order": None,
            "decided_on": None,
            "answer": "",
        }
        if row.pk in self.standing:
            left = {"answer": "withdrawn"} if row.withdrawn_at else {}
            return {**nothing, **self._decided(*self.standing[row.pk]), **left}
        if row.withdrawn_at:
            return {**nothing, "kind": "withdrawn", "result": _("Taken back by the group")}
        if row.pk in self.not_eligible:
            ruling = self.not_eligible[row.pk]
            return {
                **nothing,
                "kind": "not_eligible",
                "result": _("Not within the funder's rules"),
                "reason": ruling.reason,
            }
        said = self.shortlistings.get(row.pk)
        if said and said.outcome == Shortlisting.Outcome.NO:
            return {
                **nothing,
                "kind": "not_met",
                "result": _("Not this time, after reading"),
                "reason": said.reason,
                "criterion": said.criterion.title if said.criterion else "",
                "by_criterion": self._under_titles(said),
                "decided_on": timezone.localdate(said.settled_at),
            }
        return nothing

    def _decided(self, decision: Decision, outcome: Outcome) -> dict[str, Any]:
        answer = getattr(outcome, "acceptance", None)
        said = "" if answer is None else "accepted" if answer.accepted else "declined"
        return {
            "kind": str(outcome.kind),
            "result": outcome.get_kind_display(),
            "amount": outcome.amount,
            "less_what": outcome.less_what,
            "reason": outcome.reason,
            "criterion": outcome.criterion.title,
            "by_criterion": self._under_titles(outcome),
            "conditions": outcome.conditions,
            "reserve_order": outcome.reserve_order,
            "decided_on": timezone.localdate(decision.stands_at) if decision.stands_at else None,
            "answer": said,
        }

    def _under_titles(self, said: Outcome | Shortlisting) -> tuple[tuple[str, str], ...]:
        return tuple(under_titles(said.by_criterion, self.titles))

    @cached_property
    def titles(self) -> dict[int, str]:
        """By id, the titles of the criteria that a bid's group was told something about."""
        outcomes = [outcome.by_criterion for _decision, outcome in self.standing.values()]
        kept = [row.by_criterion for row in self.shortlistings.values()]
        return Criterion.objects.titles_of(*outcomes, *kept)

    def _spreads(self, bid: int) -> Iterator[facts.Spread]:
        if bid not in self.after:
            return
        for criterion in self.criteria:
            first, cannot_first = _on(self.first[bid], criterion.pk)
            after, cannot_after = _on(self.after[bid], criterion.pk)
            yield facts.Spread(criterion.title, first, after, cannot_first, cannot_after)

    @cached_property
    def dissent(self) -> defaultdict[int, list[str]]:
        """By bid, what members wished noted against the choice to meet its group, or not, that
        stands, without their names. What was said about a member's interest is nobody else's."""
        stands = {row.proposal_id: bid for bid, row in self.shortlistings.items()}
        found: defaultdict[int, list[str]] = defaultdict(list)
        for vote in self.votes:
            counts = vote.typed_by_id is None or vote.confirmed_at
            against = vote.choice != Choice.AGREE and vote.words
            if vote.proposal_id in stands and counts and against:
                found[stands[vote.proposal_id]].append(vote.words)
        return found

    def _decision(self, row: Decision) -> facts.Decision:
        signed = [sig for sig in self.signatures[row.pk] if not sig.typed_by_id or sig.confirmed_at]
        said = Counter(sig.choice for sig in signed)
        held = self.ratifications[row.pk]
        confirmed = [mark for mark in held if mark.kind == Ratification.Kind.CONFIRMED]
        later = [one.replaces_id for one in self.decisions if one.stands_at]
        return facts.Decision(
            lot=row.panel.lot.name,
            number=row.number,
            stands_on=timezone.localdate(row.stands_at) if row.stands_at else None,
            signed=len(signed),
            agree=said[Choice.AGREE],
            live_with=said[Choice.LIVE_WITH],
            disagree=said[Choice.DISAGREE],
            dissent=tuple(sig.words for sig in signed if sig.choice != Choice.AGREE and sig.words),
            reason=row.reason,
            replaced=row.pk in later,
            confirmed_on=timezone.localdate(confirmed[0].made_at) if confirmed else None,
            holds=tuple(
                f"{mark.get_kind_display()}: {mark.reason}"
                for mark in held
                if mark.kind != Ratification.Kind.CONFIRMED
            ),
            unchanged=self._unchanged(row),
        )

    def _unchanged(self, row: Decision) -> bool:
        return trail.digest(facts.outcomes_text(self.outcomes[row.pk])) == row.digest

    def _interests(self) -> Iterator[facts.Interest]:
        asides = {row.interest_id: row for row in self.asides}
        looked_at = {
            row.data.get("interest"): row.outcome
            for row in Proposal.objects.filter(
                panel__round=self.round, kind=Proposal.Kind.INTEREST, settled_at__isnull=False
            )
        }
        for row in self.interests:
            yield facts.Interest(
                lot=row.application.lot.name,
                reference=row.application.reference,
                kind=row.kind,
                late=row.is_late,
                followed=_followed(asides.get(row.pk), looked_at.get(row.pk)),
            )

    def _checks(self) -> Iterator[facts.Check]:
        rows = DueDiligence.objects.filter(outcome__decision__panel__round=self.round)
        failed: set[tuple[int, str]] = set()
        for row in rows.select_related("outcome__application").order_by("checked_at", "pk"):
            which = (row.outcome.application_id, row.kind)
            yield facts.Check(
                reference=row.outcome.application.reference,
                kind=row.get_kind_display(),
                passed=row.passed,
                words=row.words,
                on=timezone.localdate(row.checked_at),
                again=which in failed,
            )
            if not row.passed:
                failed.add(which)

    def _typed(self) -> facts.Typed:
        sheets = [row for row in self.sheets if row.typed_by_id]
        votes = [row for row in self.votes if row.typed_by_id]
        signed = [row for rows in self.signatures.values() for row in rows if row.typed_by_id]
        from_outside = [row for row in self.bids if row.came_by != Application.CameBy.WEB]
        imported = sum(row.came_by == Application.CameBy.IMPORT for row in from_outside)
        return facts.Typed(
            sheets=len(sheets),
            sheets_confirmed=sum(row.confirmed_at is not None for row in sheets),
            sheets_objected=Void.objects.filter(
                sheet__in=sheets, why=Void.Why.TYPED_WRONG, sheet__confirmed_at__isnull=False
            ).count(),
            votes=len(votes),
            votes_confirmed=sum(row.confirmed_at is not None for row in votes),
            signatures=len(signed),
            signatures_confirmed=sum(row.confirmed_at is not None for row in signed),
            bids_on_paper=len(from_outside) - imported,
            bids_imported=imported,
            bids_confirmed=sum(row.declared_true for row in from_outside),
        )

    def _influence(self) -> facts.Influence:
        panels = Panel.objects.filter(round=self.round)
        mended = Correction.objects.filter(application__round=self.round)
        held = Meeting.objects.filter(panel__in=panels, called_off_at=None, starts_at__lte=self.at)
        rows: dict[str, QuerySet[Any]] = {
            "meetings": held,
            "reflections": Reflection.objects.filter(meeting__panel__in=panels),
            "questions": Question.objects.filter(panel__in=panels),
            "answered": Question.objects.filter(panel__in=panels, answered_at__isnull=False),
            "steered": Steered.objects.filter(panel__in=panels),
            "steered_settled": Steered.objects.filter(panel__in=panels, heard_at__isnull=False),
            "parts_asked": mended.filter(kind=Correction.Kind.ASKED),
            "parts_wished": mended.filter(kind=Correction.Kind.WISHED),
            "parts_granted": mended.filter(granted=True),
        }
        return facts.Influence(**{name: row.count() for name, row in rows.items()})

    def _complaints(self) -> facts.Complaints:
        rows = list(Complaint.objects.filter(application__round=self.round))
        outcomes = Counter(row.outcome for row in rows)
        ended = [(row.answer_on, row.answered_at or self.at) for row in rows]
        return facts.Complaints(
            made=len(rows),
            waiting=outcomes[""],
            right=outcomes[Complaint.Outcome.RIGHT],
            part=outcomes[Complaint.Outcome.PART],
            wrong=outcomes[Complaint.Outcome.WRONG],
            choice=outcomes[Complaint.Outcome.CHOICE],
            late=sum(timezone.localdate(end) > by for by, end in ended),
        )

    def _sharing(self) -> facts.Sharing:
        changes = ShareChange.objects.filter(run__round=self.round).order_by("pk")
        reasons = tuple(changes.values_list("reason", flat=True))
        runs = ShareRun.objects.filter(round=self.round).count()
        return facts.Sharing(runs=runs, changes=len(reasons), reasons=reasons)

    def _questions(self) -> Iterator[facts.BoardQuestion]:
        rows = BoardNote.objects.filter(round=self.round, kind=BoardNote.Kind.QUESTION)
        for row in rows:
            yield facts.BoardQuestion(row.text, row.answer, timezone.localdate(row.made_at))

    def _outreach(self) -> Iterator[facts.Outreach]:
        for row in Outreach.objects.filter(round=self.round).select_related("question"):
            yield facts.Outreach(
                question=row.question.text,
                label=label_of(row),
                who=row.who,
                due_on=row.due_on,
                done_on=timezone.localdate(row.done_at) if row.done_at else None,
                result=row.result,
            )

    def _changes(self) -> Iterator[facts.Change]:
        for row in LookTable.objects.filter(round=self.round):
            unsaid, surer, same, less = row.counts
            yield facts.Change(row.text, row.people, surer, same, less, unsaid)

    def _lessons(self) -> Iterator[facts.Lesson]:
        for stage in lessons_of(self.round):
            for row in stage["lessons"]:
                yield facts.Lesson(stage["name"], row.text, row.from_staff)

    # -- proof --
    def _trail(self) -> facts.Trail:
        chain = Chain.objects.get(pk=self.round.chain_id)
        trouble = first_trouble(chain)
        return facts.Trail(
            entries=chain.head_seq,
            head_hash=chain.head_hash,
            holds=trouble is None,
            trouble=trouble.sentence if trouble else "",
        )

    def _proof(self, *, trail_holds: bool) -> facts.Proof:
        acts = list(self._acts())
        people = {act.person for act in acts}
        return facts.prove(
            acts,
            [
                facts.Held(row.person_id, row.role, row.began_at, row.ended_at)
                for row in RoleHolding.objects.filter(person__in=people)
            ],
            superusers=frozenset(
                Person.objects.filter(
                    Q(is_superuser=True) | Q(is_staff=True), pk__in=people
                ).values_list("pk", flat=True)
            ),
            trail_holds=trail_holds,
            decisions_unchanged=all(self._unchanged(row) for row in self.decisions),
        )

    def _acts(self) -> Iterator[facts.Act]:
        """Every score sheet, vote and signature that counts, with whether the trail tells of it."""
        told = self._told()
        scores = Counter(
            Score.objects.filter(sheet__application__round=self.round).values_list(
                "sheet_id", flat=True
            )
        )
        for sheet in self.sheets:
            void = hasattr(sheet, "taken_back") or hasattr(sheet, "void")
            if void or (sheet.typed_by_id and not sheet.confirmed_at):
                continue
            person = sheet.member.person_id
            # A signed paper sheet may be confirmed by a second person, never by who typed it.
            by = sheet.confirmed_by_id if sheet.typed_by_id else person
            traced = ("sheet", sheet.pk, by) in told
            yield facts.Act("sheet", sheet.pk, person, sheet.sent_at, scores[sheet.pk], traced)
        for vote in self.votes:
            if vote.typed_by_id is None or vote.confirmed_at:
                person = vote.seat.member.person_id
                by = vote.confirmed_by_id if vote.typed_by_id else person
                traced = ("seat", vote.proposal_id, vote.seat_id, by) in told
                yield facts.Act("vote", vote.pk, person, vote.voted_at, 0, traced)
        for rows in self.signatures.values():
            for sign in rows:
                if sign.typed_by_id is None or sign.confirmed_at:
                    person = sign.seat.member.person_id
                    by = sign.confirmed_by_id if sign.typed_by_id else person
                    traced = ("signature", sign.pk, by) in told
                    yield facts.Act("signature", sign.pk, person, sign.signed_at, 0, traced)

    def _told(self) -> set[tuple[object, ...]]:
        """What the trail tells of scores, votes and signatures, each with who did it."""
        told: set[tuple[object, ...]] = set()
        rows = Entry.objects.filter(chain=self.round.chain_id).values_list("data", "by_id")
        for data, by in rows.iterator(chunk_size=2000):
            if "sheet" in data:
                told.add(("sheet", data["sheet"], by))
            if "signature" in data:
                told.add(("signature", data["signature"], by))
            if "proposal" in data and "seat" in data:
                told.add(("seat", data["proposal"], data["seat"], by))
        return told


def _on(values: Values, criterion: int) -> tuple[tuple[int, ...], int]:
    return facts.counts(value for (about, _member), value in values.items() if about == criterion)


def _followed(aside: StandingAside | None, looked_at: str | None) -> str:
    if aside and aside.application_id is None:
        return _("Stood aside from the whole lot.")
    if aside:
        return _("The panel looked at it. They stood aside from this bid.")
    if looked_at == Proposal.Outcome.AGREED:
        return _("The panel looked at it and agreed they could take part.")
    return _("Said openly, before reading.")
