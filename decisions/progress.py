"""Where a round stands, over all the apps: for the facilitator's hub and the board. No scores."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Subquery, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.models import Application, HelpQuestion
from commissioning import timetable
from commissioning.models import Agreement, Member, Round, StageKind, Suggestion
from commissioning.pace import all_plans
from commissioning.rules import in_words
from commissioning.timetable import Status
from decisions.models import Decision, OutcomeLetter, ReportApproval, Signature
from panels.models import Assignment, InterviewSlot, Panel, ScoreSheet, ShareRun, Shortlisting

KINDS = {
    Status.WAITING: "wait",
    Status.OPEN: "now",
    Status.DUE_TO_CLOSE: "care",
    Status.RESTING: "rest",
    Status.DONE: "done",
}


def in_word(status: Status) -> str:
    """A stage's state in words."""
    return {
        Status.WAITING: _("Not open yet"),
        Status.OPEN: _("Open now"),
        Status.DUE_TO_CLOSE: _("Open, and due to close"),
        Status.RESTING: _("Closed. Now people rest"),
        Status.DONE: _("Closed"),
    }[status]


@dataclass(frozen=True, slots=True)
class Link:
    """One page to go to."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """One stage on the hub: its state, what is done so far, and where to go."""

    kind: str
    name: str
    plan: timetable.StagePlan
    status: str
    sign: str
    done: tuple[str, ...]
    links: tuple[Link, ...]

    @property
    def rest_until(self) -> date | None:
        """The last day of its rest, once it has closed."""
        return timetable.rest_until(self.plan)


# ---- Counting ---------------------------------------------------------------------------------
def _count(rows: QuerySet[Any]) -> Subquery:
    one = rows.order_by().annotate(one=Value(1)).values("one")
    return Subquery(one.annotate(n=Count("pk", distinct=True)).values("n"), IntegerField())


def counts_of(round: Round) -> dict[str, int]:
    """How far the round has come, in one query: people, bids, readings, decisions, letters."""
    members = Member.objects.filter(round=round, ended_at=None)
    bids = Application.objects.filter(round=round)
    panels = Panel.objects.filter(round=round)
    letters = OutcomeLetter.objects.filter(application__round=round)
    readings = Assignment.objects.current().filter(application__round=round)
    sheets = ScoreSheet.objects.counting().filter(application__round=round, phase="reading")
    slots = InterviewSlot.objects.filter(panel__round=round)
    criteria = Agreement.objects.filter(round=round, about=Suggestion.About.CRITERIA)
    decided = Decision.objects.standing().filter(panel__round=round)
    rows: dict[str, QuerySet[Any]] = {
        "invited": members.filter(joined_at=None),
        "joined": members.here(),
        "agreed": criteria.filter(agreed_at__isnull=False),
        "sent": bids.sent(),
        "writing": bids.filter(submitted_at=None, withdrawn_at=None),
        "asked": HelpQuestion.objects.filter(round=round, answered_at=None),
        "go_on": bids.eligible(),
        "not_eligible": bids.not_eligible(),
        "panels": panels,
        "runs": ShareRun.objects.real().filter(round=round),
        "readings": readings,
        "sheets": sheets,
        "opened": panels.filter(scores_opened_at__isnull=False),
        "to_meet": Shortlisting.objects.filter(
            panel__round=round, replaced_by=None, outcome=Shortlisting.Outcome.MEET
        ),
        "slots": slots.filter(application__isnull=False),
        "decided": decided,
        "letters": letters,
        "letters_sent": letters.filter(letter__isnull=False),
        "approved": panels.filter(
            pk__in=ReportApproval.objects.filter(round=round).values("panel")
        ),
    }
    found = Round.objects.annotate(**{f"n_{name}": _count(row) for name, row in rows.items()})
    values = found.values(*(f"n_{name}" for name in rows)).get(pk=round.pk)
    return {name: values[f"n_{name}"] or 0 for name in rows}


def _of(part: int, whole: int) -> str:
    return _("%(part)s of %(whole)s") % {"part": part, "whole": whole}


def _done(kind: str, n: dict[str, int]) -> tuple[str, ...]:
    """What is done in a stage so far, as short sentences with numbers."""
    said: dict[str, tuple[tuple[str, object], ...]] = {
        StageKind.JOIN: (
            (_("Said yes: %(n)s."), n["joined"]),
            (_("Invited, with no answer yet: %(n)s."), n["invited"]),
        ),
        StageKind.TRAINING: ((_("Volunteers here: %(n)s."), n["joined"]),),
        StageKind.CRITERIA: (
            (_("The criteria are agreed: %(n)s."), _("yes") if n["agreed"] else _("not yet")),
        ),
        StageKind.OPEN: (
            (_("Bids sent: %(n)s."), n["sent"]),
            (_("Bids still being written: %(n)s."), n["writing"]),
            (_("Questions without an answer: %(n)s."), n["asked"]),
        ),
        StageKind.ELIGIBILITY: (
            (_("Bids that go on: %(n)s."), n["go_on"]),
            (_("Not within the funder's rules: %(n)s."), n["not_eligible"]),
            (_("Not checked to the end: %(n)s."), n["sent"] - n["go_on"] - n["not_eligible"]),
        ),
        StageKind.SHARING: (
            (_("Panels: %(n)s."), n["panels"]),
            (_("Shares given out: %(n)s."), n["readings"]),
        ),
        StageKind.SCORING: (
            (_("Readings with scores sent: %(n)s."), _of(n["sheets"], n["readings"])),
        ),
        StageKind.SHORTLIST: (
            (_("Panels that opened their scores: %(n)s."), _of(n["opened"], n["panels"])),
            (_("Groups to meet: %(n)s."), n["to_meet"]),
        ),
        StageKind.INTERVIEWS: (
            (_("Groups with a time to meet: %(n)s."), _of(n["slots"], n["to_meet"])),
        ),
        StageKind.DECISION: ((_("Panels that decided: %(n)s."), _of(n["decided"], n["panels"])),),
        StageKind.LETTERS: (
            (_("Letters that went: %(n)s."), _of(n["letters_sent"], n["letters"])),
        ),
        StageKind.REPORT: (
            (_("Panels that agreed the report: %(n)s."), _of(n["approved"], n["panels"])),
        ),
    }
    return tuple(sentence % {"n": value} for sentence, value in said.get(kind, ()))


# ---- The hub ----------------------------------------------------------------------------------
def _pages(kind: str) -> tuple[tuple[str, str], ...]:
    """A round's pages for a stage: what they are for, and their address's name."""
    pages: dict[str, tuple[tuple[str, str], ...]] = {
        StageKind.SETUP: (
            (_("See the round"), "round_detail"),
            (_("Set the dates"), "set_stage_dates"),
        ),
        StageKind.JOIN: (
            (_("Look after volunteers"), "member_list"),
            (_("Invite volunteers"), "invite_volunteers"),
            (_("See who is here and who is missing"), "gap_list"),
        ),
        StageKind.TRAINING: (
            (_("See who has done the training"), "training_progress"),
            (_("Agree what helps people"), "adjustment_list"),
            (_("Bring people together"), "gathering_list"),
            (_("See who may need a call"), "call_today"),
            (_("Pay back what people spent"), "expense_list"),
        ),
        StageKind.CRITERIA: ((_("See the criteria"), "agreement_list"),),
        StageKind.OPEN: (
            (_("Change the form"), "form_question_list"),
            (_("Answer questions"), "help_desk"),
            (_("See the bids"), "bid_list"),
        ),
        StageKind.ELIGIBILITY: ((_("Check the funder's rules"), "eligibility_list"),),
        StageKind.SHARING: (
            (_("See the panels"), "panel_list"),
            (_("Share out the bids"), "sharing_detail"),
        ),
        StageKind.SCORING: (
            (_("See who is done"), "reading_progress"),
            (_("See who works on paper"), "paper_list"),
        ),
        StageKind.LETTERS: ((_("Check the groups that were chosen"), "due_diligence"),),
        StageKind.REPORT: ((_("See the report"), "report_detail"),),
        StageKind.LEARN: (
            (_("See what it did for people"), "look_list"),
            (_("See what we learned"), "lesson_list"),
            (_("See hours promised and given"), "hours_list"),
        ),
    }
    return pages.get(kind, ())


def _panel_pages(kind: str) -> tuple[tuple[str, str], ...]:
    """A panel's pages for a stage, in the same way."""
    pages: dict[str, tuple[tuple[str, str], ...]] = {
        StageKind.SCORING: ((_("Questions from %(panel)s"), "question_list_facilitator"),),
        StageKind.SHORTLIST: (
            (_("See %(panel)s"), "panel_detail"),
            (_("Meetings of %(panel)s"), "meeting_list"),
        ),
        StageKind.INTERVIEWS: ((_("Times to meet, %(panel)s"), "slot_list"),),
        StageKind.DECISION: ((_("Signing in %(panel)s"), "decision_progress"),),
        StageKind.LETTERS: ((_("Letters of %(panel)s"), "letters_to_send"),),
    }
    return pages.get(kind, ())


def _links(kind: str, round: Round, panels: list[Panel], *, ready: bool) -> Iterator[Link]:
    for label, name in _pages(kind):
        if name == "report_detail" and not ready:
            continue  # it would only say that there is no report yet
        yield Link(label, reverse(name, args=[round.slug]))
    for label, name in _panel_pages(kind):
        for panel in panels:
            yield Link(label % {"panel": panel.name}, reverse(name, args=[panel.pk]))


def hub(round: Round, *, on: date) -> list[Card]:
    """One card for each stage of the round, in order."""
    counts = counts_of(round)
    panels = list(round.panels.all())
    ready = 0 < counts["panels"] <= counts["decided"]
    return [
        Card(
            kind=plan.kind,
            name=str(in_words(plan.name)),
            plan=plan,
            status=in_word(timetable.status(plan, on=on)),
            sign=KINDS[timetable.status(plan, on=on)],
            done=() if plan.lot else _done(plan.kind, counts),
            links=() if plan.lot else tuple(_links(plan.kind, round, panels, ready=ready)),
        )
        for plan in timetable.in_order(all_plans(round))
    ]


def stages_shown(round: Round, *, on: date) -> list[Card]:
    """The same without links, for the board."""
    counts = counts_of(round)
    return [
        Card(
            kind=plan.kind,
            name=str(in_words(plan.name)),
            plan=plan,
            status=in_word(timetable.status(plan, on=on)),
            sign=KINDS[timetable.status(plan, on=on)],
            done=() if plan.lot else _done(plan.kind, counts),
            links=(),
        )
        for plan in timetable.in_order(all_plans(round))
    ]


@dataclass(frozen=True, slots=True)
class SoFar:
    """One panel: whether it has decided, and how much it gave once the decision stands."""

    panel: Panel
    standing: Decision | None
    waiting: Decision | None
    signed: int


def panels_so_far(round: Round) -> list[SoFar]:
    """Where each panel of a round is with its decision."""
    decisions = list(
        Decision.objects.filter(panel__round=round, dropped_at=None).order_by("number")
    )
    replaced = {row.replaces_id for row in decisions if row.stands_at}
    signed = Counter(
        Signature.objects.counting()
        .filter(decision__in=decisions)
        .values_list("decision_id", flat=True)
    )
    found = []
    for panel in Panel.objects.filter(round=round).select_related("lot"):
        own = [row for row in decisions if row.panel_id == panel.pk]
        standing = [row for row in own if row.stands_at and row.pk not in replaced]
        waiting = [row for row in own if not row.stands_at]
        found.append(
            SoFar(
                panel,
                standing[-1] if standing else None,
                waiting[-1] if waiting else None,
                signed[waiting[-1].pk] if waiting else 0,
            )
        )
    return found
