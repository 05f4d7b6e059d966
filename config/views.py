"""The front door: home sends each reader to what to do next; health says whether all is well."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.next_steps import NextStep
from accounts.permissions import Permission, holds
from commissioning.models import Round
from config.next_steps import next_steps_for, rounds_around
from ledger import clock
from ledger.health import health_report


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """One sentence saying what to do next and how long it takes; below it, all the rest."""
    today = clock.today()
    around = rounds_around(request.user, on=today)
    steps: list[NextStep] = next_steps_for(request.user, on=today, around=around)
    rounds = [
        {"name": round.name, "url": url}
        for round in around.rounds
        if (url := _way_in(request.user, round))
    ]
    return render(
        request,
        "config/home.html",
        {"first": steps[0] if steps else None, "others": steps[1:], "rounds": rounds},
    )


def _way_in(reader: Any, round: Round) -> str:
    """Where a round begins for this reader: to run it, to follow it, or to take part in it."""
    first_pages = (
        (Permission.SET_UP, "run_round"),
        (Permission.READ_REPORTS, "round_progress_board"),
        (Permission.TAKE_PART, "round_welcome"),
    )
    names = (name for permission, name in first_pages if holds(reader, permission))
    name = next(names, "")
    return reverse(name, args=[round.slug]) if name else ""


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Database, guards, heartbeat age, backlog and letters in doubt; 503 when anything is red."""
    report = health_report(oldest_beat=settings.HEARTBEAT_SECONDS)
    return JsonResponse(report, status=200 if report["ok"] else 503)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came back too late or from elsewhere: say so, and how to go on."""
    return render(request, "403.html", {"form_was_old": True}, status=403)
