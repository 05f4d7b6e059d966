"""Small layers round every page."""

import logging
from collections.abc import Callable

from django.db import InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.kept import typed_words
from accounts.permissions import Refused
from decisions.views.waiting import NotReadYet, waiting_page

Answer = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)


def private_pages(get_response: Answer) -> Answer:
    """Pages of a signed-in person are kept by no cache and no shared computer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        return response

    return middleware


class RefusalPages:
    """A rule that said no becomes a page with its one sentence, never a bare error. A report that
    is being read becomes a page that waits for it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refused):
            return render(request, "refused.html", {"sentence": str(error)}, status=403)
        if isinstance(error, NotReadYet):
            return waiting_page(request, error)
        if isinstance(error, (OperationalError, InternalError)):
            log.error("The database cannot be used: %s", request.path, exc_info=error)
            return _database_trouble(request)
        return None


def _database_trouble(request: HttpRequest) -> HttpResponse:
    """Nothing was saved, and what was typed is shown again. Asks nothing of the database."""
    if request.headers.get("X-Autosave") == "1":
        return JsonResponse({"sentence": _("We cannot save anything just now.")}, status=503)
    return render(None, "503.html", {"words": typed_words(request)}, status=503)
