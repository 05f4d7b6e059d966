"""What is kept for how long, what would be deleted today, and the two people who delete it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, permitted
from commissioning.models import Programme
from decisions import actions, retention, rules
from decisions.forms import MonthsForm, SureForm
from decisions.models import Clearing, Kept
from decisions.views.doing import done, reader, sent, status_of
from ledger import clock

SHOWN = 100
"""How many of the rows a preview names; it always says how many there are."""


def _found(slug: str, what: str) -> tuple[Programme, Kept]:
    if what not in Kept.values:
        raise Http404
    return get_object_or_404(Programme, slug=slug), Kept(what)


@permitted(Permission.SET_UP, Permission.KEEP_SITE)
@require_safe
def retention_list(request: HttpRequest) -> HttpResponse:
    """Each thing that is kept for a time, for how long, and how much of it is due."""
    waiting = set(Clearing.objects.filter(done_at=None).values_list("programme", "what"))
    ruled = retention.months_of_all()
    rows = [
        {
            "programme": programme,
            "what": what,
            "months": (months := ruled.get((programme.pk, what), retention.USUAL_MONTHS[what])),
            "due": len(retention.due(programme, what, on=clock.today(), months=months).ids),
            "waiting": (programme.pk, what) in waiting,
        }
        for programme in Programme.objects.all()
        for what in Kept
    ]
    return render(request, "decisions/retention_list.html", {"rows": rows})


@permitted(Permission.SET_UP, Permission.KEEP_SITE)
def set_retention(request: HttpRequest, programme: str, kept: str) -> HttpResponse:
    """Change for how many months something is kept."""
    found, kind = _found(programme, kept)
    months = retention.months_of(found, kind)
    form = MonthsForm(sent(request), initial={"months": months})

    def act() -> None:
        facts = {"by": reader(request), "at": clock.now(), **form.cleaned_data}
        actions.set_retention(programme=found, what=kind, **facts)

    if request.method == "POST" and done(form, act):
        messages.success(request, _("It is written down."))
        return redirect("retention_list")
    context = {"form": form, "programme": found, "what": kind}
    return render(request, "decisions/set_retention.html", context, status=status_of(form))


@permitted(Permission.SET_UP, Permission.KEEP_SITE)
def clear_kept(request: HttpRequest, programme: str, kept: str) -> HttpResponse:
    """What would be deleted today. One person puts it forward here; a second one does it here."""
    found, kind = _found(programme, kept)
    by, waiting = reader(request), None
    waiting = Clearing.objects.filter(programme=found, what=kind, done_at=None).first()
    due = retention.due(found, kind, on=clock.today())
    verdict = rules.may_do_clearing(by, waiting) if waiting else rules.may_clear(by)
    if request.method == "POST":
        verdict.require()
    label = _("Yes, delete these for ever") if waiting else _("Yes, these can go")
    form = SureForm(sent(request), label=label)

    def act() -> None:
        if waiting:
            actions.do_clearing(clearing=waiting, by=by, at=clock.now())
        else:
            actions.put_clearing(programme=found, what=kind, by=by, at=clock.now())

    if request.method == "POST" and done(form, act):
        said = _("They are deleted.") if waiting else _("Now a second person must look and do it.")
        messages.success(request, said)
        return redirect("retention_list")
    context = {
        "form": form,
        "programme": found,
        "what": kind,
        "months": retention.months_of(found, kind),
        "count": len(due.ids),
        "names": due.names[:SHOWN],
        "waiting": waiting,
        "verdict": verdict,
    }
    return render(request, "decisions/clear_kept.html", context, status=status_of(form))
