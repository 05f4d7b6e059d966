"""The front door: home sends each reader to what to do next; health says whether all is well."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.next_steps import NextStep
from accounts.permissions import Permission, holds
from commissioning.models import Round
from config.next_steps import next_steps_for
from ledger import clock
from ledger.health import health_report


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """One sentence saying what to do next and how long it takes; below it, all the rest."""
    steps: list[NextStep] = next_steps_for(request.user, on=clock.today())
    rounds = Round.objects.visible_to(request.user) if _sees_rounds(request) else []
    return render(
        request,
        "config/home.html",
        {"first": steps[0] if steps else None, "others": steps[1:], "rounds": rounds},
    )


def _sees_rounds(request: HttpRequest) -> bool:
    """Whether the timeline of a round is a page of this reader's role."""
    needed = (Permission.TAKE_PART, Permission.SET_UP, Permission.READ_REPORTS)
    return any(holds(request.user, permission) for permission in needed)


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Database, guards, heartbeat age, backlog and letters in doubt; 503 when anything is red."""
    report = health_report(tick_seconds=settings.TICK_SECONDS)
    return JsonResponse(report, status=200 if report["ok"] else 503)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came back too late or from elsewhere: say so, and how to go on."""
    return render(request, "403.html", {"form_was_old": True}, status=403)
