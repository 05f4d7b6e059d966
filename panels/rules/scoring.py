"""Reading and scoring: what a reader may do with one bid today, and what is still missing."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Refused, Verdict, may
from applications import ways
from applications.models import Correction
from applications.redaction import for_readers
from commissioning.models import Criterion, LevelWord, Member, Round, StageKind
from commissioning.pace import stage_value
from commissioning.rules import stage_open
from ledger.prepared import Prepared
from ledger.trail import digest
from panels.models import (
    Abstention,
    Assignment,
    BidDraft,
    Declaration,
    Panel,
    Phase,
    ScoreDraft,
    ScoreSheet,
)
from panels.rules.interests import digests
from panels.rules.share import needs_training

HIGHEST = 5


# ---- One bid in one reader's hands ----------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Reading:
    """An assignment with the facts the rules ask about."""

    assignment: Assignment
    sent_sheet: int | None
    """The sheet that counts, if scores were sent."""
    waiting_sheet: int | None
    """A sheet typed for the reader that waits for a yes."""
    abstained: bool
    declared: bool
    trained: bool
    scoring_opened: bool
    scoring_closed: bool
    scoring_closes: date | None
    panel_opened: datetime | None
    put_right: int | None = None
    """The number of the newest copy with one part put right since the bid was first sent."""

    @property
    def new_copy(self) -> bool:
        """Whether a part was put right after this reader began, and they have not looked yet."""
        opened, number = self.assignment.started_at, self.assignment.version.number
        return bool(opened and not self.done and self.put_right and self.put_right > number)

    @property
    def mended(self) -> bool:
        """Whether the copy in this reader's hands is one with a part put right."""
        return self.put_right is not None and self.put_right <= self.assignment.version.number

    @property
    def content(self) -> dict[str, Any]:
        """The copy in this reader's hands, as they see it: the one way to a bid's words here."""
        row = self.assignment
        words = row.application.plain_words.all()  # asked for only where a bid needs them
        return for_readers(ways.laid_out(row.version.content, words))

    @property
    def group(self) -> str:
        """The name of the group in the copy in this reader's hands."""
        row = self.assignment
        return row.version.content["organisation"] or row.application.organisation.name

    @property
    def withdrawn(self) -> bool:
        """Whether the bid was taken back by those who sent it."""
        return self.assignment.application.withdrawn_at is not None

    @property
    def done(self) -> bool:
        """Whether the reader has said all they will: scores, or that they cannot score."""
        return self.sent_sheet is not None or self.abstained

    @property
    def begun(self) -> bool:
        """Whether anything was opened or written."""
        return self.assignment.started_at is not None or self.scored_in_part

    @property
    def scored_in_part(self) -> bool:
        """Whether a score, or a reason for one, is written that may not be sent yet."""
        return bool(vars(self.assignment)["fact_begun"])

    @property
    def round(self) -> Round:
        """The round the bid belongs to."""
        return self.assignment.application.round


def assignments_with_facts(person: int) -> QuerySet[Assignment]:
    """What the volunteer with this id may read, each row carrying the facts of `Reading`."""
    sheets = ScoreSheet.objects.filter(
        member=OuterRef("member"), application=OuterRef("application"), phase=Phase.READING
    )
    waiting = sheets.filter(typed_by__isnull=False, confirmed_at=None, taken_back=None, void=None)
    of_bid = {"round": "application__round", "lot": "application__lot"}
    declarations = Declaration.objects.filter(
        member=OuterRef("member"), lot=OuterRef("application__lot")
    )
    panels = Panel.objects.filter(lot=OuterRef("application__lot")).order_by()
    mended = Correction.objects.filter(
        application=OuterRef("application"), version__isnull=False
    ).order_by("-version__number")
    return (
        Assignment.objects.in_hands_of(person)
        .select_related(
            "application__organisation",
            "application__lot",
            "application__round",
            "application__round__chain",
            "member__person",
            "version",
            "bid_draft",
        )
        .annotate(
            fact_sent=Subquery(sheets.counting().values("pk")[:1]),
            fact_waiting=Subquery(waiting.values("pk")[:1]),
            fact_abstained=Exists(Abstention.objects.filter(assignment=OuterRef("pk"))),
            fact_begun=Exists(ScoreDraft.objects.filter(assignment=OuterRef("pk"))),
            fact_mark=Subquery(declarations.values("list_digest")[:1]),
            fact_untrained=needs_training("member"),
            fact_opened=stage_value("opened_at", StageKind.SCORING, **of_bid),
            fact_closed=stage_value("closed_at", StageKind.SCORING, **of_bid),
            fact_closes=stage_value("closes_on", StageKind.SCORING, **of_bid),
            fact_put_right=Subquery(mended.values("version__number")[:1]),
            fact_panel_opened=Subquery(panels.values("scores_opened_at")[:1]),
        )
    )


def reading_from(row: Assignment, marks: Mapping[int, str]) -> Reading:
    """The facts of one annotated row; `marks` are the digests of the lots' lists."""
    facts = vars(row)
    return Reading(
        assignment=row,
        sent_sheet=facts["fact_sent"],
        waiting_sheet=facts["fact_waiting"],
        abstained=facts["fact_abstained"],
        declared=facts["fact_mark"] == marks[row.application.lot_id],
        trained=not facts["fact_untrained"],
        scoring_opened=facts["fact_opened"] is not None,
        scoring_closed=facts["fact_closed"] is not None,
        scoring_closes=facts["fact_closes"],
        panel_opened=facts["fact_panel_opened"],
        put_right=facts["fact_put_right"],
    )


SHARE = Prepared(
    lambda person: assignments_with_facts(person).order_by(
        F("later_at").asc(nulls_first=True), "order_key", "pk"
    )
)
ONE = Prepared(lambda person, row: assignments_with_facts(person).filter(pk=row))


def share_of(person: Person) -> list[Assignment]:
    """Everything a volunteer has to read with its facts, what was left for later last (one query).
    Nothing for anybody else."""
    return SHARE.rows(person.pk) if "volunteer" in person.held_roles else []


def readings_of(person: Person, round: Round) -> list[Reading]:
    """All that a volunteer has to read in one round, in their own fixed order (2 queries)."""
    found = [row for row in share_of(person) if row.application.round_id == round.pk]
    found.sort(key=lambda row: (row.order_key, row.pk))
    marks = digests({row.application.lot_id for row in found})
    return [reading_from(row, marks) for row in found]


def find_reading(person: Person, assignment_id: int) -> Reading | None:
    """One bid in a volunteer's hands, or None when it is not theirs (2 queries)."""
    if "volunteer" not in person.held_roles:
        return None
    for row in ONE.rows(person.pk, assignment_id):
        return reading_from(row, digests([row.application.lot_id]))
    return None


def reading_of(assignment: Assignment) -> Reading:
    """The same for an action that holds the assignment. Refused when it is no longer theirs."""
    found = find_reading(assignment.member.person, assignment.pk)
    if found is None:
        raise Refused(_("This bid is no longer in this person’s share."))
    return found


# ---- What may be done -----------------------------------------------------------------------
def _own(reading: Reading, by: Person, permission: Permission) -> Verdict:
    if reading.assignment.member.person_id != by.pk:
        return Verdict.no(_("This bid is in somebody else’s share."))
    return may(by, permission)


def _scoring_open(reading: Reading, on: date) -> Verdict:
    """Yes without a query while it is open; else the timetable's own sentence."""
    if reading.scoring_opened and not reading.scoring_closed:
        return Verdict.yes()
    return stage_open(
        reading.round, StageKind.SCORING, on=on, lot=reading.assignment.application.lot_id
    )


def _about_content(reading: Reading) -> Verdict:
    """Whether anything of the bid may be shown to this reader."""
    if not reading.declared:
        return Verdict.no(
            _("Please first say who you know in these bids. Then you can read this one.")
        )
    if reading.withdrawn:
        return Verdict.no(_("This bid was taken back by the people who sent it."))
    return Verdict.yes()


def may_read(reading: Reading, by: Person, *, on: date) -> Verdict:
    """Whether a reader may see the bid: it is theirs, they declared, and reading has opened."""
    allowed = _own(reading, by, Permission.READ_BIDS)
    if not allowed:
        return allowed
    shown = _about_content(reading)
    if not shown:
        return shown
    return Verdict.yes() if reading.scoring_opened else _scoring_open(reading, on)


def may_take_new_copy(reading: Reading, by: Person, *, on: date) -> Verdict:
    """Whether a reader may look at what was put right, and read that copy from then on."""
    allowed = may_read(reading, by, on=on)
    if allowed and not reading.new_copy:
        return Verdict.no(_("Nothing in this bid was put right since you opened it."))
    return allowed


def may_print(reading: Reading, by: Person) -> Verdict:
    """Whether the bid may be printed for its reader, by themselves or by a facilitator."""
    if by.pk != reading.assignment.member.person_id:
        allowed = may(by, Permission.TYPE_FOR)
        if not allowed:
            return allowed
    return _about_content(reading)


def _ready_to_score(reading: Reading, on: date) -> Verdict:
    """What must be true of a bid and its reader, whoever types."""
    shown = _about_content(reading)
    if not shown:
        return shown
    open_now = _scoring_open(reading, on)
    if not open_now:
        return open_now
    if not reading.trained:
        return Verdict.no(_("Please finish getting ready first. Then you can score."))
    if reading.abstained:
        return Verdict.no(_("You said that you cannot score this bid."))
    if reading.sent_sheet:
        return Verdict.no(
            _("You have sent your scores for this bid. You can still take them back.")
        )
    return Verdict.yes()


def may_score(reading: Reading, by: Person, *, on: date) -> Verdict:
    """Whether a reader may write scores for the bid now."""
    allowed = _own(reading, by, Permission.SCORE)
    if not allowed:
        return allowed
    ready = _ready_to_score(reading, on)
    if ready and reading.waiting_sheet:
        return Verdict.no(_("Scores were typed for you. Please look at those first."))
    return ready


def may_keep_notes(reading: Reading, by: Person, *, on: date) -> Verdict:
    """Whether a reader may write private notes: as long as they may read."""
    return may_read(reading, by, on=on)


def may_send(reading: Reading, gaps: Iterable[Gap], by: Person, *, on: date) -> Verdict:
    """Whether the scores may go: everything is answered, by the reader in person."""
    allowed = may_score(reading, by, on=on)
    if not allowed:
        return allowed
    first = next(iter(gaps), None)
    return Verdict.no(first.sentence) if first else Verdict.yes()


def may_take_back(reading: Reading, by: Person, *, on: date) -> Verdict:
    """Whether sent scores may be taken back: until the panel opens them or scoring closes."""
    allowed = _own(reading, by, Permission.SCORE)
    if not allowed:
        return allowed
    if not reading.sent_sheet:
        return Verdict.no(_("You have not sent scores for this bid."))
    if reading.panel_opened:
        return Verdict.no(_("The panel has opened the scores. They stay as they were sent."))
    return _scoring_open(reading, on)


def may_abstain(reading: Reading, by: Person, *, on: date) -> Verdict:
    """Whether a reader may say that they cannot score a bid."""
    allowed = _own(reading, by, Permission.SCORE)
    if not allowed:
        return allowed
    if reading.abstained:
        return Verdict.no(_("You have said so already."))
    if reading.sent_sheet:
        return Verdict.no(_("You have sent scores for this bid. Take them back first."))
    shown = _about_content(reading)
    return _scoring_open(reading, on) if shown else shown


def may_hand_back(reading: Reading, by: Person) -> Verdict:
    """Whether a reader may hand a bid back: any time before sending, with no reason asked."""
    if by.pk != reading.assignment.member.person_id:
        allowed = may(by, Permission.TYPE_FOR)
        if not allowed:
            return allowed
    if reading.sent_sheet:
        return Verdict.no(_("You have sent scores for this bid, so there is nothing to hand back."))
    if reading.scoring_closed:
        return Verdict.no(_("Reading has closed. There is nothing to hand back."))
    return Verdict.yes()


# ---- Typed from paper -----------------------------------------------------------------------
def may_type_scores(reading: Reading, by: Person, *, on: date) -> Verdict:
    """Whether somebody may type this reader's paper sheet."""
    allowed = may(by, Permission.TYPE_FOR)
    if not allowed:
        return allowed
    if by.pk == reading.assignment.member.person_id:
        return Verdict.no(_("You can send your own scores yourself."))
    if reading.waiting_sheet:
        return Verdict.no(_("A sheet was typed for this bid. It waits for a yes."))
    ready = _ready_to_score(reading, on)
    if reading.sent_sheet or reading.abstained:
        return Verdict.no(_("This reader is done with this bid."))
    return ready


def may_confirm_typed(sheet: ScoreSheet, by: Person, *, on: date) -> Verdict:
    """Whether a person may say that a typed sheet is right: its volunteer, or a second person of
    the staff who holds the signed paper. Never whoever typed it."""
    if sheet.typed_by_id is None:
        return Verdict.no(_("Nobody typed these scores for you. You sent them yourself."))
    if by.pk == sheet.typed_by_id:
        return Verdict.no(_("You typed this sheet, so somebody else must check it."))
    if by.pk != sheet.member.person_id:
        allowed = may(by, Permission.TYPE_FOR)
        if not allowed:
            return allowed
    if sheet.confirmed_at:
        return Verdict.no(_("This sheet is confirmed already."))
    if hasattr(sheet, "void") or hasattr(sheet, "taken_back"):
        return Verdict.no(_("This sheet does not count any more."))
    bid = sheet.application
    if sheet.phase == Phase.TALK:
        return stage_open(bid.round, StageKind.SHORTLIST, on=on, lot=bid.lot_id)
    others = ScoreSheet.objects.counting().filter(
        member=sheet.member_id, application=sheet.application_id, phase=sheet.phase
    )
    if others.exists():
        return Verdict.no(_("There are scores for this bid already. They count."))
    stage = StageKind.INTERVIEWS if sheet.phase == Phase.INTERVIEW else StageKind.SCORING
    if not stage_open(bid.round, stage, on=on, lot=bid.lot_id) and _are_opened(sheet):
        return Verdict.no(_("The panel has opened the scores. No more can be added."))
    return Verdict.yes()


def day_of_call(sheet: ScoreSheet, rang_on: date, *, on: date) -> Verdict:
    """Whether a sheet can have been read back on this day: typed by then, and not to come."""
    if rang_on > on:
        return Verdict.no(_("That day is still to come. Type the day you rang them."))
    if rang_on < timezone.localdate(sheet.sent_at):
        return Verdict.no(_("The sheet was typed after that day. Please read it back to them now."))
    return Verdict.yes()


def _are_opened(sheet: ScoreSheet) -> bool:
    """Whether the panel has opened the scores that this sheet is among."""
    opened = "interviews_opened_at" if sheet.phase == Phase.INTERVIEW else "scores_opened_at"
    return Panel.objects.filter(lot=sheet.application.lot_id).exclude(**{opened: None}).exists()


DAYS_TO_OBJECT = 7


def last_day_to_object(sheet: ScoreSheet) -> date | None:
    """Until when a volunteer may say that a sheet which staff confirmed for them is wrong."""
    if sheet.confirmed_at is None or sheet.confirmed_by_id == sheet.member.person_id:
        return None
    return timezone.localdate(sheet.confirmed_at) + timedelta(days=DAYS_TO_OBJECT)


def may_object(sheet: ScoreSheet, by: Person, *, on: date) -> Verdict:
    """Whether a person may say that a sheet confirmed by staff is not what its volunteer wrote:
    the volunteer, or staff they told, never whoever typed it. Nothing is undone once it is open."""
    last = last_day_to_object(sheet)
    if last is None:
        return Verdict.no(_("These scores were not typed and checked by staff."))
    if by.pk != sheet.member.person_id:
        allowed = may(by, Permission.TYPE_FOR)
        if not allowed:
            return allowed
        if by.pk == sheet.typed_by_id:
            return Verdict.no(_("You typed this sheet, so somebody else must write this down."))
    if hasattr(sheet, "void") or hasattr(sheet, "taken_back"):
        return Verdict.no(_("This sheet does not count any more."))
    if on > last:
        return Verdict.no(_("The days to say that it is wrong are over. Please ring us."))
    if sheet.phase == Phase.TALK:
        bid = sheet.application
        return stage_open(bid.round, StageKind.SHORTLIST, on=on, lot=bid.lot_id)
    if _are_opened(sheet):
        return Verdict.no(_("The panel has opened the scores. They stay as they were sent."))
    return Verdict.yes()


# ---- What is missing ------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Marked:
    """A reader's answer for one criterion, sent or not."""

    criterion: Criterion
    value: int | None = None
    cannot_judge: bool = False
    reason: str = ""
    version: int = 0

    @property
    def answered(self) -> bool:
        """Whether there is a score, or "I cannot judge this"."""
        return self.value is not None or self.cannot_judge


@dataclass(frozen=True, slots=True)
class Gap:
    """Something still missing before scores can go. `slug` is the criterion's; empty: the bid's."""

    slug: str
    sentence: str


def _criteria_with_drafts(assignment: int, round: int) -> QuerySet[Criterion]:
    drafts = ScoreDraft.objects.filter(assignment=assignment, criterion=OuterRef("pk"))
    return Criterion.objects.agreed_for(round).annotate(
        draft_value=Subquery(drafts.values("value")[:1]),
        draft_cannot=Subquery(drafts.values("cannot_judge")[:1]),
        draft_reason=Subquery(drafts.values("reason")[:1]),
        draft_version=Subquery(drafts.values("version")[:1]),
    )


DRAFTS = Prepared(_criteria_with_drafts)


def marked(assignment: Assignment, round: Round) -> list[Marked]:
    """What a reader has written so far for each agreed criterion, in order (one query)."""
    return [
        Marked(
            criterion=row,
            value=vars(row)["draft_value"],
            cannot_judge=bool(vars(row)["draft_cannot"]),
            reason=vars(row)["draft_reason"] or "",
            version=vars(row)["draft_version"] or 0,
        )
        for row in DRAFTS.rows(assignment.pk, round.pk)
    ]


@dataclass(frozen=True, slots=True)
class Written:
    """All that a reader has written so far on one bid."""

    marks: list[Marked]
    why: str = ""
    why_version: int = 0

    @property
    def version(self) -> int:
        """The version of the whole: each save of a part moves it on by one."""
        return self.why_version + sum(mark.version for mark in self.marks)


def written(reading: Reading) -> Written:
    """What a reader has written so far on the bid in their hands (one query)."""
    marks = marked(reading.assignment, reading.round)
    draft: BidDraft | None = getattr(reading.assignment, "bid_draft", None)
    return Written(marks, draft.why, draft.version) if draft else Written(marks)


LEVELS = Prepared(
    lambda round: LevelWord.objects.filter(criterion__in=Criterion.objects.agreed_for(round))
)


def level_words(round: Round) -> dict[int, list[LevelWord]]:
    """What each score means, by the id of the agreed criterion (one query)."""
    found: defaultdict[int, list[LevelWord]] = defaultdict(list)
    for row in LEVELS.rows(round.pk):
        found[row.criterion_id].append(row)
    return found


def gaps(
    marks: Iterable[Marked],
    why: str,
    *,
    reason_for: str,
    bid: str,
    reasons_needed: bool = True,
) -> list[Gap]:
    """What is missing, each gap named by bid and criterion.

    `reason_for` is the round's choice: a reason for each score, or one for the bid.
    """
    rows = list(marks)
    found = []
    for row in rows:
        names = {"bid": bid, "criterion": row.criterion.title}
        if not row.answered:
            sentence = _("%(bid)s: choose a score for “%(criterion)s”.") % names
            found.append(Gap(row.criterion.slug, sentence))
        elif (
            reasons_needed
            and reason_for == Round.ReasonFor.CRITERION
            and row.value is not None
            and not row.reason.strip()
        ):
            sentence = _("%(bid)s: give a reason for “%(criterion)s”.") % names
            found.append(Gap(row.criterion.slug, sentence))
    if not rows:
        found.append(Gap("", _("There are no agreed questions to score on yet.")))
    elif not why.strip() and not all(row.cannot_judge for row in rows):
        found.append(Gap("", _("%(bid)s: say what made you choose this.") % {"bid": bid}))
    return found


def sheet_digest(*, why: str, scores: Iterable[tuple[str, int | None, str]]) -> str:
    """The mark of a sheet for the trail: over every (criterion, value, reason) and the why."""
    facts = {"scores": sorted([slug, value, reason] for slug, value, reason in scores), "why": why}
    return digest(json.dumps(facts, ensure_ascii=False, sort_keys=True))


# ---- Who is done ----------------------------------------------------------------------------
def unsent(round: Round) -> QuerySet[Assignment]:
    """Bids in readers' hands that are neither scored nor abstained from."""
    sheets = ScoreSheet.objects.counting().filter(
        member=OuterRef("member"), application=OuterRef("application"), phase=Phase.READING
    )
    return Assignment.objects.current().filter(
        ~Exists(sheets),
        application__round=round,
        application__withdrawn_at=None,
        member__ended_at=None,
        abstention=None,
    )


def members_done(round: Round) -> list[tuple[Member, bool]]:
    """Each reader of the round, and whether they are done. Never how many, never a value."""
    waiting = Exists(unsent(round).filter(member=OuterRef("pk")))
    readers = Exists(Assignment.objects.current().filter(member=OuterRef("pk")))
    rows = Member.objects.here().filter(readers, round=round).select_related("person")
    return [(row, not vars(row)["waits"]) for row in rows.annotate(waits=waiting)]
