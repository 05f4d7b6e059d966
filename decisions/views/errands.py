"""How far a worker is with what was asked for, and the button that stops it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, permitted, reader
from decisions import actions
from decisions.models import Errand
from ledger import clock

LOOK_AGAIN = 3
"""Seconds until the page looks again by itself."""
SLOW = 60
"""Seconds after which an errand that nobody has begun is worth telling somebody about."""


WHOSE = (
    Permission.READ_REPORTS,
    Permission.SEND_LETTERS,
    Permission.TYPE_FOR,
    Permission.READ_BIDS,
)
"""Who may have asked for something: the queryset says for what."""


def _errand(request: HttpRequest, pk: int) -> Errand:
    errands = Errand.objects.visible_to(reader(request)).select_related(
        "round__programme", "panel", "file", "look", "member__person"
    )
    return get_object_or_404(errands, pk=pk)


@permitted(*WHOSE)
@require_safe
def errand_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is. The page looks again by itself, with no script, until it is over.

    A file that is made is handed over here: the report's own page may have to be read anew first.
    """
    errand = _errand(request, pk)
    if errand.stage == Errand.Stage.DONE and errand.kind == Errand.Kind.LETTERS:
        messages.success(request, _made(errand))
        return redirect(_back(errand))
    if errand.stage == Errand.Stage.DONE and errand.kind == Errand.Kind.LOOK:
        return redirect("bring_in_bids", errand.pk)
    waited = (clock.now() - errand.asked_at).total_seconds()
    slow = errand.claimed_until is None and waited > SLOW
    behind = slow and _waits_for_other_packs(errand)
    context = {
        "errand": errand,
        "round": errand.round,
        "programme": errand.round.programme,
        "back": _back(errand),
        "so_far": _so_far(errand),
        "stays": STAYS.get(errand.kind, ""),
        "seconds": max(0, int(waited)),
        "slow": slow and not behind,
        "behind": behind,
        "lost": errand.claimed_until is not None and errand.claimed_until < timezone.now(),
        **_ended(errand),
    }
    response = render(request, "decisions/errand_progress.html", context)
    if not errand.done_at:
        # A header and not a script: it works for everybody, and nothing can be typed here.
        response.headers["Refresh"] = str(LOOK_AGAIN)
    return response


@permitted(*WHOSE)
@require_POST
def stop_errand(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop it. What is made by then stays."""
    errand = _errand(request, pk)
    actions.stop_errand(errand=errand, by=reader(request), at=clock.now())
    messages.success(request, _("It is stopped."))
    return redirect("errand_progress", errand.pk)


def _waits_for_other_packs(errand: Errand) -> bool:
    """Whether other packs are being made first, so that it is no wonder that it has not begun."""
    if errand.kind != Errand.Kind.PACKS or errand.member_id:
        return False
    others = Errand.objects.many_packs().unfinished()
    return others.filter(claimed_until__gte=timezone.now()).exists()


STAYS: dict[str, Any] = {
    Errand.Kind.COPY: gettext_lazy("Copies that were made before are still there."),
    Errand.Kind.LETTERS: gettext_lazy(
        "Letters that are written stay. You can ask for the others again."
    ),
    Errand.Kind.SEND: gettext_lazy(
        "Letters that are on their way stay so. The others wait, and you can send them later."
    ),
    Errand.Kind.PACKS: gettext_lazy("Packs that were made before are still there."),
    Errand.Kind.LOOK: gettext_lazy("No bid came in by this."),
    Errand.Kind.IMPORT: gettext_lazy(
        "Bids that came in stay. You can ask for the others again on the page before."
    ),
}
"""What is true when it ended before it was done."""


def _back(errand: Errand) -> str:
    """The page that it was asked for on."""
    match errand.kind:
        case Errand.Kind.LETTERS | Errand.Kind.SEND:
            return reverse("letters_to_send", args=[errand.panel_id])
        case Errand.Kind.PACKS if errand.member_id:
            return reverse("make_pack", args=[errand.member_id])
        case Errand.Kind.PACKS:
            return reverse("make_packs", args=[errand.round.slug])
        case Errand.Kind.LOOK:
            return reverse("import_bids", args=[errand.round.slug])
        case Errand.Kind.IMPORT:
            return reverse("bring_in_bids", args=[errand.look_id])
    return reverse("report_detail", args=[errand.round.slug])


def _ended(errand: Errand) -> dict[str, str]:
    """What is there now that it is done: a sentence, and the way to it."""
    if errand.stage != Errand.Stage.DONE:
        return {}
    if errand.kind == Errand.Kind.IMPORT:
        bids = reverse("bid_list", args=[errand.round.slug])
        return {"made": _made(errand), "made_url": bids, "made_label": _("See the bids")}
    if errand.kind == Errand.Kind.SEND:
        return {
            "made": _made(errand),
            "made_url": _back(errand),
            "made_label": _("See the letters"),
        }
    if errand.kind == Errand.Kind.PACKS and not errand.kept:
        again = _("Have it made again")
        gone = _("This file is not kept any more.")
        return {"made": gone, "made_url": _back(errand), "made_label": again}
    packs = errand.kind == Errand.Kind.PACKS
    file = (
        reverse("download_packs", args=[errand.pk])
        if packs
        else reverse("download_report", args=[errand.file_id])
    )
    return {"made": _made(errand), "made_url": file, "made_label": _("Get the file")}


def _made(errand: Errand) -> str:
    if errand.kind == Errand.Kind.LETTERS:
        words = ngettext(
            "%(count)s letter is written.", "%(count)s letters are written.", errand.made
        )
    elif errand.kind == Errand.Kind.SEND:
        words = ngettext(
            "%(count)s letter is on its way.", "%(count)s letters are on their way.", errand.made
        )
    elif errand.kind == Errand.Kind.IMPORT:
        words = ngettext("%(count)s bid is in.", "%(count)s bids are in.", errand.made)
    elif errand.kind == Errand.Kind.PACKS and not errand.member_id:
        words = ngettext(
            "%(count)s pack is in the file.", "%(count)s packs are in the file.", errand.made
        )
    else:
        return _("The file is ready.")
    return words % {"count": errand.made}


def _so_far(errand: Errand) -> str:
    """How much is made, in words; empty where nothing is."""
    facts: dict[str, Any] = {"made": errand.made, "of": errand.of}
    match errand.kind:
        case Errand.Kind.LETTERS:
            return _("%(made)s of %(of)s letters made.") % facts
        case Errand.Kind.SEND:
            return _("%(made)s of %(of)s letters sent.") % facts
        case Errand.Kind.IMPORT:
            return _("%(made)s of %(of)s bids brought in.") % facts
        case Errand.Kind.PACKS if not errand.member_id:
            return _("%(made)s of %(of)s packs made.") % facts
        case Errand.Kind.LOOK:
            working = errand.stage == Errand.Stage.WORKING
            return _("The file is being read.") if working else ""
    if not errand.made:
        return ""
    words = ngettext("%(made)s page is made.", "%(made)s pages are made.", errand.made)
    return words % facts
