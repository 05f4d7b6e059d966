"""What a person could do next about the panel's agreements, choosing, meeting and inviting."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Person
from accounts.next_steps import NextStep, Pressing
from accounts.permissions import Permission, holds
from commissioning.around import Around, is_in, look_around, was_closed
from commissioning.models import Round, StageKind
from commissioning.pace import stage_is
from panels import proposal_words
from panels.models import (
    InterviewQuestion,
    InterviewSlot,
    Panel,
    Phase,
    Proposal,
    ProposalVote,
    ScoreSheet,
    Shortlisting,
    StandingAside,
)
from panels.rules.meeting import to_be_met, typed_and_waiting, undecided
from panels.rules.proposals import put_about_counting
from panels.rules.visits import Visit, visits

MINUTES_FOR_ONE_BID = 10
ELSEWHERE = (Proposal.Kind.LETTERS, Proposal.Kind.REPORT)
"""Kinds whose pages, and so whose steps, are another app's."""


def next_steps(person: Person, *, on: date, around: Around | None = None) -> Iterator[NextStep]:
    """Steps for one person on one day: on a panel, as a facilitator, as an applicant."""
    around = around or look_around(person, on=on)
    rounds = {place.round_id: place.round for place in around.awake(on=on)}
    if rounds and holds(person, Permission.VOTE):
        seen = Panel.objects.visible_to(person).filter(round__in=rounds)
        for visit in visits(person, _with_facts(seen, person)):
            if not visit.aside:
                yield from _on_panel(visit, rounds[visit.panel.round_id], on)
    if holds(person, Permission.RUN_MEETINGS) and any(map(_may_invite_in, around.rounds)):
        yield from _to_invite()
    if holds(person, Permission.APPLY):
        yield from _to_choose_a_time(person)


def _with_facts(panels: QuerySet[Panel], person: Person) -> QuerySet[Panel]:
    """With what the steps below ask of every panel, in the same query."""
    counted = ProposalVote.objects.counting().filter(
        proposal=OuterRef("proposal"), seat=OuterRef("seat")
    )
    typed = ProposalVote.objects.filter(
        ~Exists(counted),
        seat__member__person=person,
        seat__ended_at=None,
        proposal__panel=OuterRef("pk"),
        proposal__settled_at=None,
        typed_by__isnull=False,
    )
    asked = Proposal.objects.filter(panel=OuterRef("pk"), settled_at=None).exclude(
        kind__in=ELSEWHERE
    )
    questions = InterviewQuestion.objects.filter(panel=OuterRef("pk"), dropped_at=None)
    changes = typed_and_waiting().filter(
        application__lot=OuterRef("lot"), member__person=person, phase=Phase.TALK
    )
    return panels.annotate(
        fact_change=Subquery(changes.order_by("-pk").values("pk")[:1]),
        fact_typed=Subquery(typed.order_by("-pk").values("pk")[:1]),
        fact_asked=Exists(asked),
        fact_meets=Exists(to_be_met().filter(panel=OuterRef("pk"))),
        fact_questions=Exists(questions),
        fact_counting=Exists(put_about_counting().filter(panel=OuterRef("pk"))),
    )


# ---- On a panel -----------------------------------------------------------------------------
def _on_panel(visit: Visit, round: Round, on: date) -> Iterator[NextStep]:
    facts = vars(visit.panel)
    if facts["fact_typed"]:
        yield _to_confirm(facts["fact_typed"])
    if facts["fact_asked"]:
        yield from _to_answer(visit)
    name, pk = {"panel": visit.panel}, [visit.panel.pk]
    lot = visit.panel.lot_id
    if is_in(round, StageKind.SHORTLIST, lot):
        if not visit.panel.scores_opened_at:
            yield NextStep(
                _("“%(panel)s” can open its scores now.") % name,
                _("Look at it"),
                reverse("panel_detail", args=pk),
                5,
                Pressing.WHEN_YOU_LIKE,
            )
        elif visit.reading_left:
            yield NextStep(
                _("You have not scored all your bids, so you do not see the scores yet."),
                _("See what you can do"),
                reverse("agenda", args=pk),
                5,
            )
        else:
            if facts["fact_change"]:
                yield _to_check_change(facts["fact_change"])
            yield from _to_settle(visit)
    if is_in(round, StageKind.INTERVIEWS, lot):
        yield from _to_score(visit, on)
    if (
        is_in(round, StageKind.DECISION, lot)
        and not visit.panel.interviews_opened_at
        and facts["fact_meets"]
    ):
        yield NextStep(
            _("“%(panel)s” can open its interview scores now.") % name,
            _("Look at it"),
            reverse("open_interview_scores", args=pk),
            5,
            Pressing.WHEN_YOU_LIKE,
        )


def _to_confirm(vote: int) -> NextStep:
    return NextStep(
        _("An answer was typed for you. Please check it."),
        _("Check it"),
        reverse("confirm_vote", args=[vote]),
        2,
        Pressing.NOW,
    )


def _to_answer(visit: Visit) -> Iterator[NextStep]:
    rows = [
        row
        for row in proposal_words.in_sight(visit)
        .filter(settled_at=None)
        .exclude(kind__in=ELSEWHERE)
        if not vars(row)["answered"]
        and not (row.kind == Proposal.Kind.INTEREST and row.data.get("member") == visit.member)
    ]
    if rows:
        words = ngettext(
            "“%(panel)s” asks you %(count)s thing.",
            "“%(panel)s” asks you %(count)s things.",
            len(rows),
        )
        yield NextStep(
            words % {"panel": visit.panel, "count": len(rows)},
            _("Read and answer"),
            reverse("proposal_detail", args=[rows[0].pk])
            if len(rows) == 1
            else reverse("proposal_list", args=[visit.panel.pk]),
            3 * len(rows),
        )


def _to_settle(visit: Visit) -> Iterator[NextStep]:
    aside = StandingAside.objects.filter(member=visit.member, application=OuterRef("pk"))
    left = undecided(visit.panel).filter(~Exists(aside)).count()
    if left:
        words = ngettext(
            "There is %(left)s bid to talk about and settle.",
            "There are %(left)s bids to talk about and settle.",
            left,
        )
        yield NextStep(
            words % {"left": left},
            _("Go to the agenda"),
            reverse("agenda", args=[visit.panel.pk]),
            MINUTES_FOR_ONE_BID * left,
            Pressing.WHEN_YOU_LIKE,
        )


def _to_check_change(sheet: int) -> NextStep:
    return NextStep(
        _("Check the change that was typed for you."),
        _("Check it"),
        reverse("confirm_typed_scores", args=[sheet]),
        5,
        Pressing.NOW,
    )


def _to_score(visit: Visit, on: date) -> Iterator[NextStep]:
    pk, facts = [visit.panel.pk], vars(visit.panel)
    if facts["fact_meets"] and not facts["fact_counting"] and not visit.panel.interviews_opened_at:
        yield NextStep(
            _("“%(panel)s” has not agreed how reading and meeting count.") % {"panel": visit.panel},
            _("Say how they should count"),
            reverse("put_combine_rule", args=pk),
            5,
        )
    if not facts["fact_questions"]:
        yield NextStep(
            _("The panel writes the questions it will ask."),
            _("Write a question"),
            reverse("interview_question_list", args=pk),
            15,
        )
        return
    sheets = ScoreSheet.objects.filter(
        member=visit.member,
        application__lot=visit.panel.lot_id,
        phase=Phase.INTERVIEW,
        taken_back=None,
        void=None,
    )
    done = {row.application_id: row for row in sheets}
    for typed in [row for row in done.values() if row.typed_by_id and not row.confirmed_at][:1]:
        yield NextStep(
            _("Check the scores that were typed for you."),
            _("Check them"),
            reverse("confirm_typed_scores", args=[typed.pk]),
            5,
            Pressing.NOW,
        )
    aside = StandingAside.objects.filter(member=visit.member, application=OuterRef("application"))
    waiting = (
        to_be_met()
        .filter(~Exists(aside), panel=visit.panel, application__slot__starts_at__date__lte=on)
        .exclude(application__in=done)
    )
    count = waiting.count()
    if count:
        words = ngettext(
            "You have met %(count)s organisation that you have not scored.",
            "You have met %(count)s organisations that you have not scored.",
            count,
        )
        yield NextStep(
            words % {"count": count},
            _("Score them"),
            reverse("interview_list", args=pk),
            MINUTES_FOR_ONE_BID * count,
        )


# ---- Inviting and choosing a time -----------------------------------------------------------
def _may_invite_in(round: Round) -> bool:
    if was_closed(round, StageKind.INTERVIEWS):
        return False
    return round.has_own_days or was_closed(round, StageKind.SHORTLIST)


def _to_invite() -> Iterator[NextStep]:
    chosen = stage_is(StageKind.SHORTLIST, round="round", lot="lot", opened=True, closed=True)
    over = _over("round", "lot")
    met = Count(
        "shortlist",
        filter=Q(shortlist__outcome=Shortlisting.Outcome.MEET, shortlist__replaced_by=None),
        distinct=True,
    )
    panels = Panel.objects.filter(chosen, ~Q(over), invited_at=None)
    for panel in panels.annotate(met=met).filter(met__gt=0):
        yield NextStep(
            _("“%(panel)s” has chosen who to meet. Offer times, and invite them.")
            % {"panel": panel},
            _("Offer times"),
            reverse("slot_list", args=[panel.pk]),
            20,
        )


def _over(round: str, lot: str) -> Case:
    """In a query: the interviews of this lot have closed."""
    return stage_is(StageKind.INTERVIEWS, round=round, lot=lot, opened=True, closed=True)


def _to_choose_a_time(person: Person) -> Iterator[NextStep]:
    slot = InterviewSlot.objects.filter(application=OuterRef("application"))
    rows = to_be_met().filter(
        ~Exists(slot),
        ~Q(_over("panel__round", "panel__lot")),
        panel__invited_at__isnull=False,
        application__organisation__colleagues__person=person,
        application__organisation__colleagues__ended_at=None,
    )
    for row in rows.select_related("application"):
        yield NextStep(
            _("The panel would like to meet you about “%(bid)s”.") % {"bid": row.application},
            _("Choose a time"),
            reverse("choose_slot", args=[row.application_id]),
            5,
            Pressing.NOW,
        )
