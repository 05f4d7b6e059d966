"""What is kept for how long, what would be deleted today, and the two people who delete it."""

from collections import Counter

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from commissioning.models import Programme
from decisions import actions, retention, rules
from decisions.forms import MonthsForm, ShorterForm, SureForm
from decisions.models import Clearing, Forgetting, Kept, RetentionRule
from decisions.views.doing import done, status_of
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
    ruled = retention.rules_of_all()
    over = retention.over_rounds()
    rows = []
    for programme in Programme.objects.annotate(rounds_made=Count("rounds")):
        for what in Kept:
            rule = ruled.get((programme.pk, what))
            months = rule.months if rule else retention.USUAL_MONTHS[what]
            found = retention.due(programme, what, on=clock.today(), months=months, over=over)
            rows.append(
                {
                    "programme": programme,
                    "what": what,
                    "months": months,
                    "rule": rule,
                    "may_agree": rule and bool(rules.may_agree_shorter(reader(request), rule)),
                    "due": len(found.ids),
                    "held": retention.held_back(programme, what, over),
                    "waiting": (programme.pk, what) in waiting,
                }
            )
    forgettings = Forgetting.objects.waiting().select_related("person")
    context = {"rows": rows, "forgettings": forgettings}
    return render(request, "decisions/retention_list.html", context)


@permitted(Permission.SET_UP, Permission.KEEP_SITE)
def set_retention(request: HttpRequest, programme: str, kept: str) -> HttpResponse:
    """Change for how many months something is kept."""
    found, kind = _found(programme, kept)
    months = retention.months_of(found, kind)
    form = MonthsForm(posted(request), initial={"months": months})

    def act() -> None:
        facts = {"by": reader(request), "at": clock.now(), **form.cleaned_data}
        actions.set_retention(programme=found, what=kind, **facts)

    if request.method == "POST" and done(form, act):
        shorter = form.cleaned_data["months"] < months
        said = _("Now a second person must agree.") if shorter else _("It is written down.")
        messages.success(request, said)
        return redirect("retention_list")
    context = {"form": form, "programme": found, "what": kind}
    return render(request, "decisions/set_retention.html", context, status=status_of(form))


@permitted(Permission.SET_UP, Permission.KEEP_SITE)
def answer_shorter_keeping(request: HttpRequest, programme: str, kept: str) -> HttpResponse:
    """A second person says yes or no to keeping something for a shorter time."""
    found, kind = _found(programme, kept)
    rows = RetentionRule.objects.select_related("asked_by")
    rule = get_object_or_404(rows, programme=found, what=kind, shorter__isnull=False)
    by = reader(request)
    rules.may_agree_shorter(by, rule).require()
    form = ShorterForm(posted(request), months=rule.shorter)

    def act() -> None:
        actions.answer_shorter_keeping(
            programme=found,
            what=kind,
            agree=form.cleaned_data["answer"] == ShorterForm.YES,
            months=form.cleaned_data["months"],
            by=by,
            at=clock.now(),
        )

    if request.method == "POST" and done(form, act):
        messages.success(request, _("It is written down."))
        return redirect("retention_list")
    context = {"form": form, "programme": found, "what": kind, "rule": rule}
    return render(request, "decisions/answer_shorter_keeping.html", context, status=status_of(form))


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
    form = SureForm(posted(request), label=label)

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
        "names": list(Counter(due.names).items())[:SHOWN],
        "held": retention.held_back(found, kind),
        "waiting": waiting,
        "verdict": verdict,
    }
    return render(request, "decisions/clear_kept.html", context, status=status_of(form))
