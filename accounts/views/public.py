"""Pages anybody may read: what this site is, who may do what, privacy and accessibility."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import actions
from accounts.letters import whose_token
from accounts.models import Role
from accounts.permissions import MAY, NEVER, Permission
from ledger import clock


@require_safe
def about_site(request: HttpRequest) -> HttpResponse:
    """What this site is for, in a few sentences."""
    return render(request, "accounts/about_site.html")


@require_safe
def who_can_do_what(request: HttpRequest) -> HttpResponse:
    """The table of roles, drawn from the one the program itself asks."""
    roles = [
        {
            "label": role.label,
            "may": [permission.value for permission in Permission if permission in MAY[role]],
            "never": NEVER[role],
        }
        for role in Role
    ]
    return render(request, "accounts/who_can_do_what.html", {"roles": roles})


@require_safe
def privacy_notice(request: HttpRequest) -> HttpResponse:
    """What is kept about people, why, for how long, and whom to ask."""
    return render(request, "accounts/privacy_notice.html")


@require_safe
def accessibility_statement(request: HttpRequest) -> HttpResponse:
    """How this site is made easy to use, and what to do when it is not."""
    return render(request, "accounts/accessibility_statement.html")


def ask_for_fewer_letters(request: HttpRequest, token: str) -> HttpResponse:
    """Fewer letters, straight from a letter's foot: no signing in, one button, nothing hidden."""
    person = whose_token(token)
    if person is None:
        raise Http404
    if request.method == "POST":
        actions.change_details(person=person, by=person, at=clock.now(), fewer_letters=True)
    return render(request, "accounts/ask_for_fewer_letters.html", {"done": person.fewer_letters})
