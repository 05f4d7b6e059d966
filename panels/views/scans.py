"""Pictures of paper score sheets: the file, and what a form that is being filled in does with them.

Whoever types presses one button to add a picture and another to save. Both send the same form, so
that nothing typed is lost without JavaScript either.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ParamSpec, cast

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.documents import clean_name, to_look_at
from accounts.forms import PlainForm
from accounts.permissions import Permission, Refused, permitted, reader
from ledger import clock
from panels import actions
from panels.models import Assignment, SheetScan
from panels.rules import scans as rules

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

ADD, TAKE_AWAY = "add_scan", "take_scan_away"
Asked = ParamSpec("Asked")


def shows_scans(view: Callable[Asked, HttpResponse]) -> Callable[Asked, HttpResponse]:
    """For a page that shows them: a browser puts a PDF into a frame."""
    framing: Any = csp_update({"frame-src": [SELF]})
    return cast("Callable[Asked, HttpResponse]", framing(view))


@permitted(Permission.TYPE_FOR, Permission.SCORE)
@require_safe
def scan_file(request: HttpRequest, uuid: str) -> HttpResponseBase:
    """One picture of a paper sheet, for its reader and for whoever types or checks it now."""
    rows = SheetScan.objects.here().select_related("assignment__member__person")
    scan = get_object_or_404(rows, uuid=uuid)
    if not rules.may_see_scan(scan.assignment, reader(request), on=clock.today()):
        raise Http404
    return to_look_at(scan)


def scans_changed(request: HttpRequest, assignment: Assignment | None, form: PlainForm) -> bool:
    """Whether the form was sent only to add a picture or to take one away, which is done here.

    Then it is shown again as it was typed, and nothing else in it is judged yet. A picture that was
    chosen, and left for the main button, is added too.
    """
    if request.method != "POST" or assignment is None:
        return False
    form.is_valid()
    if TAKE_AWAY in request.POST:
        form.errors.clear()
        _take_away(request, assignment)
        return True
    asked = ADD in request.POST and "scan" in form.fields
    if asked:
        form.errors.clear()
    uploads = form.cleaned_data.get("scan", [])
    if asked and not uploads:
        form.add_error("scan", _("Choose a file to add."))
    _add(request, assignment, form, uploads)
    return asked


def _add(
    request: HttpRequest,
    assignment: Assignment,
    form: PlainForm,
    uploads: "Iterable[UploadedFile[bytes]]",
) -> None:
    """Each picture that can be taken. What is wrong with another is said beside the box."""
    by, at, added = reader(request), clock.now(), 0
    for upload in uploads:
        try:
            actions.add_scan(assignment=assignment, upload=upload, by=by, at=at)
            added += 1
        except Refused as refused:
            form.add_error("scan", f"{clean_name(upload.name or '')}: {refused}")
    if added:
        words = ngettext("%(count)s picture is added.", "%(count)s pictures are added.", added)
        still = _("What you typed is still here.")
        messages.success(request, f"{words % {'count': added}} {still}")


def _take_away(request: HttpRequest, assignment: Assignment) -> None:
    chosen = request.POST[TAKE_AWAY]
    scan = next((row for row in rules.scans_of(assignment.pk) if str(row.uuid) == chosen), None)
    if scan:
        actions.remove_scan(scan=scan, by=reader(request), at=clock.now())
        messages.success(request, _("The picture is taken away. What you typed is still here."))
