"""Asking for one's name and details to be taken away, and the second person who does it."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.forms import posted
from accounts.models import Person
from accounts.permissions import Permission, permitted, reader
from decisions import actions, retention, rules
from decisions.forms import SureForm
from decisions.models import Forgetting
from decisions.views.doing import done, status_of
from ledger import clock


def _asked(person: Person) -> dict[str, object]:
    """What waits for this person, if anything, and the day by which it is done."""
    row = Forgetting.objects.waiting().filter(person=person).select_related("asked_by").first()
    until = timezone.localdate(row.asked_at) + timedelta(days=rules.DAYS_TO_DO_IT) if row else None
    return {"waiting": row, "until": until, "days": rules.DAYS_TO_DO_IT, "person": person}


@login_required
def ask_forgetting(request: HttpRequest) -> HttpResponse:
    """Somebody asks for their own name and details to be taken away."""
    by = reader(request)
    form = SureForm(posted(request), label=_("Yes, take my name and details away"))

    def act() -> None:
        actions.ask_forgetting(person=by, by=by, at=clock.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("We have your wish. A letter to you says what comes next."))
        return redirect("ask_forgetting")
    context = {**_asked(by), "form": form}
    return render(request, "decisions/ask_forgetting.html", context, status=status_of(form))


@permitted(Permission.LOOK_AFTER)
def note_forgetting(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down that somebody asked for it on paper or by phone."""
    person = get_object_or_404(Person.objects.filter(kind=Person.Kind.HUMAN), pk=pk)
    by = reader(request)
    verdict = rules.may_ask_forgetting(by, person)
    form = SureForm(posted(request), label=_("They asked for this themselves"))

    def act() -> None:
        actions.ask_forgetting(person=person, by=by, at=clock.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("It is written down. Now a second person must do it."))
        return redirect("retention_list")
    context = {**_asked(person), "form": form, "verdict": verdict}
    return render(request, "decisions/note_forgetting.html", context, status=status_of(form))


@login_required
@require_POST
def drop_forgetting(request: HttpRequest, pk: int) -> HttpResponse:
    """They changed their mind: everything stays."""
    by = reader(request)
    row = get_object_or_404(Forgetting.objects.visible_to(by).select_related("person"), pk=pk)
    actions.drop_forgetting(forgetting=row, by=by, at=clock.now())
    messages.success(request, _("Everything stays as it was."))
    return redirect("my_details" if row.person == by else "retention_list")


@permitted(Permission.SET_UP, Permission.KEEP_SITE)
def do_forgetting(request: HttpRequest, pk: int) -> HttpResponse:
    """See what goes, and take it away as the second person."""
    row = get_object_or_404(
        Forgetting.objects.waiting().select_related("person", "asked_by"), pk=pk
    )
    by = reader(request)
    in_the_way = rules.what_is_in_the_way(row.person)
    verdict = rules.may_do_forgetting(by, row, on=clock.today(), in_the_way=in_the_way)
    form = SureForm(posted(request), label=_("Yes, take these away for ever"))

    def act() -> None:
        actions.do_forgetting(forgetting=row, by=by, at=clock.now())

    if request.method == "POST" and done(form, act):
        messages.success(request, _("The name and the details are gone."))
        return redirect("retention_list")
    context = {
        **_asked(row.person),
        "form": form,
        "verdict": verdict,
        "in_the_way": in_the_way,
        "parts": retention.kept_about(row.person),
    }
    return render(request, "decisions/do_forgetting.html", context, status=status_of(form))
