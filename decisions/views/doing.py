"""What several pages need: who asks, what was refused, and a file to keep."""

from collections.abc import Callable

from django.forms import Form
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from accounts.permissions import Refused
from decisions.exports import TYPES
from decisions.models import ReportFile


def done(form: Form, act: Callable[[], object]) -> bool:
    """Do it if the form is right. A refusal becomes the form's own sentence; all typed is kept."""
    if not form.is_valid():
        return False
    try:
        act()
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def as_file(made: ReportFile, name: str) -> HttpResponse:
    """A report that was made, as a file to keep and never to open in the page."""
    with made.file.open("rb") as stored:
        response = HttpResponse(stored.read(), content_type=TYPES[ReportFile.Format(made.format)])
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    return response


def status_of(form: Form) -> int:
    """422 for a form that was sent with mistakes, else 200."""
    return 422 if form.is_bound and form.errors else 200
