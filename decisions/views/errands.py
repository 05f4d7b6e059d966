"""How far a worker is with what was asked for, and the button that stops it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, permitted, reader
from decisions import actions
from decisions.models import Errand
from ledger import clock

LOOK_AGAIN = 3
"""Seconds until the page looks again by itself."""
SLOW = 60
"""Seconds after which an errand that nobody has begun is worth telling somebody about."""


def _errand(request: HttpRequest, pk: int) -> Errand:
    errands = Errand.objects.visible_to(reader(request))
    return get_object_or_404(errands.select_related("round__programme", "panel", "file"), pk=pk)


@permitted(Permission.READ_REPORTS, Permission.SEND_LETTERS)
@require_safe
def errand_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is. The page looks again by itself, with no script, until it is over.

    A file that is made is handed over here: the report's own page may have to be read anew first.
    """
    errand = _errand(request, pk)
    if errand.stage == Errand.Stage.DONE and not errand.file_id:
        messages.success(request, _made(errand))
        return redirect(_back(errand))
    waited = (clock.now() - errand.asked_at).total_seconds()
    context = {
        "errand": errand,
        "round": errand.round,
        "programme": errand.round.programme,
        "back": _back(errand),
        "so_far": _so_far(errand),
        "seconds": max(0, int(waited)),
        "slow": errand.claimed_until is None and waited > SLOW,
        "lost": errand.claimed_until is not None and errand.claimed_until < timezone.now(),
    }
    response = render(request, "decisions/errand_progress.html", context)
    if not errand.done_at:
        # A header and not a script: it works for everybody, and nothing can be typed here.
        response.headers["Refresh"] = str(LOOK_AGAIN)
    return response


@permitted(Permission.READ_REPORTS, Permission.SEND_LETTERS)
@require_POST
def stop_errand(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop it. What is made by then stays."""
    errand = _errand(request, pk)
    actions.stop_errand(errand=errand, by=reader(request), at=clock.now())
    messages.success(request, _("It is stopped."))
    return redirect("errand_progress", errand.pk)


def _back(errand: Errand) -> str:
    """The page that it was asked for on."""
    if errand.panel_id:
        return reverse("letters_to_send", args=[errand.panel_id])
    return reverse("report_detail", args=[errand.round.slug])


def _made(errand: Errand) -> str:
    if errand.kind == Errand.Kind.COPY:
        return _("The file is ready.")
    words = ngettext("%(count)s letter is written.", "%(count)s letters are written.", errand.made)
    return words % {"count": errand.made}


def _so_far(errand: Errand) -> str:
    """How much is made, in words; empty where nothing is."""
    facts: dict[str, Any] = {"made": errand.made, "of": errand.of}
    if errand.kind == Errand.Kind.LETTERS:
        return _("%(made)s of %(of)s letters made.") % facts
    if not errand.made:
        return ""
    words = ngettext("%(made)s page is made.", "%(made)s pages are made.", errand.made)
    return words % facts
