"""What anybody may read about a round that takes bids."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.forms import posted
from applications import redaction, rules
from applications.forms import ForYouForm
from applications.models import HelpQuestion
from applications.views.finding import find_open_round, page, status
from commissioning.models import Criterion, MustHave, Round, Stage, StageKind
from commissioning.pace import plans
from ledger import clock

OVER_SHOWN = 20
"""So many rounds that are over are listed, the newest first."""


@require_safe
def open_rounds(request: HttpRequest) -> HttpResponse:
    """The rounds that take bids now, and those that will."""
    rounds = (
        Round.objects.filter(stages__kind=StageKind.OPEN, stages__closed_at=None)
        .select_related("programme")
        .prefetch_related("stages", "lots")
        .order_by("stages__opens_on")
    )
    now = clock.now()
    rows = [
        {
            "round": round,
            "stage": rules.open_stage_of(round),
            "deadline": rules.published_deadline(round),
            "is_open": bool(rules.call_open(round, at=now)),
            "is_coming": _is_coming(rules.open_stage_of(round)),
        }
        for round in rounds
    ]
    return render(
        request,
        "applications/open_rounds.html",
        {
            "open": [row for row in rows if row["is_open"]],
            "over": Round.objects.filter(
                stages__kind=StageKind.OPEN, stages__closed_at__isnull=False
            )
            .select_related("programme")
            .order_by("-stages__closes_on")[:OVER_SHOWN],
            "coming": [row for row in rows if row["is_coming"]],
        },
    )


def _is_coming(stage: Stage | None) -> bool:
    """Whether bids are planned for and have not opened."""
    return stage is not None and stage.opened_at is None


@require_safe
def round_public(request: HttpRequest, slug: str) -> HttpResponse:
    """What volunteers look for in their own words, the money, the days, and how they decide."""
    round = find_open_round(slug)
    criteria = list(Criterion.objects.agreed_for(round).prefetch_related("levels"))
    agreement = criteria[0].agreement_id if criteria else None
    verdict = rules.call_open(round, at=clock.now())
    return render(
        request,
        "applications/round_public.html",
        {
            "round": round,
            "programme": round.programme,
            "verdict": verdict,
            "deadline": rules.published_deadline(round),
            "stages": [plan for plan in plans(round) if plan.kind in TOLD_STAGES],
            "lots": round.lots.all(),
            "criteria": criteria,
            "must_haves": MustHave.objects.filter(agreement=agreement),
            "funder_rules": round.funder_rules.all(),
            "questions": round.form_questions.all(),
            "answers": answered(round),
        },
    )


TOLD_STAGES = frozenset(
    {
        StageKind.OPEN,
        StageKind.ELIGIBILITY,
        StageKind.SCORING,
        StageKind.SHORTLIST,
        StageKind.INTERVIEWS,
        StageKind.DECISION,
        StageKind.LETTERS,
    }
)
"""The stages an applicant waits for."""


def answered(round: Round) -> list[HelpQuestion]:
    """Questions about applying with their answers, newest first, as all the world may read them."""
    rows = list(round.help_questions.exclude(answered_at=None).order_by("-answered_at"))
    for row in rows:
        row.text, row.answer = redaction.hide(row.text), redaction.hide(row.answer)
    return rows


@page
def is_this_for_you(request: HttpRequest, slug: str) -> HttpResponse:
    """A few questions before somebody spends days on a bid. Their answers are kept nowhere."""
    round = find_open_round(slug)
    agreed = Criterion.objects.agreed_for(round).values("agreement")[:1]
    needed = MustHave.objects.filter(agreement=agreed)
    asked = [row.text for rows in (round.funder_rules.breakable(), needed) for row in rows]
    form = ForYouForm(posted(request), asked=asked)
    context = {
        "round": round,
        "programme": round.programme,
        "form": form,
        "verdict": rules.call_open(round, at=clock.now()),
        "deadline": rules.published_deadline(round),
    }
    if form.is_valid():
        context["answered"] = True
        context["in_the_way"] = rules.for_you(
            round, form.answers(), pounds=form.cleaned_data["pounds"]
        )
    return render(
        request,
        "applications/is_this_for_you.html",
        context,
        status=status(bool(form.errors)),
    )


@require_safe
def help_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Every question about applying that has an answer."""
    round = find_open_round(slug)
    return render(
        request,
        "applications/help_list.html",
        {"round": round, "programme": round.programme, "answers": answered(round)},
    )
