"""How the pages of applicants and checkers find who reads, which round, and which bid."""

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import reader
from applications import rules
from applications.models import Application, Colleague
from commissioning.models import Round, StageKind

page = require_http_methods(["GET", "HEAD", "POST"])


def status(bad: bool) -> int:
    """422 for a form that came back with mistakes, else 200."""
    return 422 if bad else 200


def back_to_check(request: HttpRequest) -> bool:
    """Whether this page was opened from the check page, and leads back there."""
    return "check" in request.GET


def still_to_check(request: HttpRequest) -> str:
    """What to add to the address of a page that leads back to the check page too, if this does."""
    return "?check=1" if back_to_check(request) else ""


def home_of(request: HttpRequest, bid: Application) -> str:
    """Where a page of the bid leads back to: the check page it was opened from, or the bid."""
    name = "check_application" if back_to_check(request) else "application_detail"
    return reverse(name, args=[bid.pk])


def find_open_round(slug: str) -> Round:
    """A round whose call for bids was opened, whether it still is or not. Else 404."""
    return get_object_or_404(
        Round.objects.select_related("programme", "chain").prefetch_related("stages"),
        slug=slug,
        stages__kind=StageKind.OPEN,
        stages__opened_at__isnull=False,
    )


def find_bid(request: HttpRequest, pk: int, *more: str) -> Application:
    """A bid this person works on, with its round's stages and its extensions. Else 404."""
    return get_object_or_404(
        Application.objects.visible_to(request.user)
        .filter(
            organisation__colleagues__person=reader(request),
            organisation__colleagues__ended_at=None,
        )
        .select_related("round__programme", "round__chain", "lot", "organisation")
        .with_set_aside()
        .prefetch_related("round__stages", "extensions", *more),
        pk=pk,
    )


def find_bid_alone(request: HttpRequest, pk: int) -> Application:
    """The same bid with little else: for a save that a page makes by itself, every few seconds."""
    return get_object_or_404(
        Application.objects.select_related("round", "organisation").filter(
            Exists(
                Colleague.objects.filter(
                    organisation=OuterRef("organisation"), person=reader(request), ended_at=None
                )
            )
        ),
        pk=pk,
    )


def saved(bid: Application, said: str) -> str:
    """That it is saved; for a bid that was sent, also that only what is sent is read."""
    if not bid.submitted_at:
        return said
    if not rules.changed_since_sent(Application.objects.whole().get(pk=bid.pk)):
        return said
    return f"{said} " + _("Send your bid again, or we read the copy you sent before.")


WHOLE_BID = ("round__form_questions", "answers", "budget_lines", "documents", "versions")
