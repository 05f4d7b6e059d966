"""The two small things every page that does something needs: who asks, and what was refused."""

from collections.abc import Callable

from django.forms import Form
from django.http import Http404, HttpRequest

from accounts.models import Person
from accounts.permissions import Refused


def reader(request: HttpRequest) -> Person:
    """The signed-in person who asks for the page."""
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def done(form: Form, act: Callable[[], object]) -> bool:
    """Do it if the form is right. A refusal becomes the form's own sentence, with all typed kept."""
    if not form.is_valid():
        return False
    try:
        act()
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def status_of(form: Form) -> int:
    """422 for a form that was sent with mistakes, else 200."""
    return 422 if form.is_bound and form.errors else 200
