"""The least a Django page of this kind can be, to measure ours beside it.

The same rows of the same database, Django's own starting middleware, plain forms, no layout, no
rules, no trail. Addresses come after those of the product, so one process serves both.
"""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template import RequestContext, Template
from django.urls import include, path
from django.utils import timezone

from applications.models import Answer
from commissioning.models import Criterion
from panels.models import Assignment, ScoreDraft

LIST = Template("""<!doctype html><html lang="en"><title>My reviews</title><main><h1>My reviews</h1>
<ul>{% for row in rows %}<li><a href="/minimal/{{ row.pk }}/">{{ row.application }}</a>
{{ row.application.organisation }} {% if row.saved %}begun{% else %}not begun{% endif %}</li>
{% endfor %}</ul></main></html>""")

REVIEW = Template("""<!doctype html><html lang="en"><title>{{ criterion }}</title><main>
<h1>{{ criterion.title }}</h1><p>{{ bid }}</p><form method="post">{% csrf_token %}{{ form.as_div }}
<button>Save</button></form>{% for part in parts %}<h2>{{ part.label }}</h2>
{{ part.text|linebreaks }}{% endfor %}</main></html>""")


class ReviewForm(forms.ModelForm):
    """A score and a reason."""

    value = forms.TypedChoiceField(
        choices=[(n, str(n)) for n in range(6)], coerce=int, widget=forms.RadioSelect
    )

    class Meta:
        model = ScoreDraft
        fields = ("value", "reason")


@login_required
def review_list(request: HttpRequest) -> HttpResponse:
    """The bids that somebody reads."""
    rows = Assignment.objects.filter(member__person=request.user, ended_at=None).select_related(
        "application__organisation"
    )
    begun = set(
        ScoreDraft.objects.filter(assignment__in=rows).values_list("assignment_id", flat=True)
    )
    for row in rows:
        row.saved = row.pk in begun
    return HttpResponse(LIST.render(RequestContext(request, {"rows": rows})))


@login_required
def review(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One score of one bid."""
    mine = Assignment.objects.filter(member__person=request.user).select_related(
        "application__organisation", "version"
    )
    row = get_object_or_404(mine, pk=pk)
    criterion = get_object_or_404(Criterion.objects.agreed_for(row.application.round_id), slug=slug)
    draft = ScoreDraft.objects.filter(assignment=row, criterion=criterion).first()
    draft = draft or ScoreDraft(assignment=row, criterion=criterion)
    form = ReviewForm(request.POST or None, instance=draft)
    if form.is_valid():
        draft.saved_at, draft.saved_by = timezone.now(), request.user
        form.save()
        return redirect("/minimal/")
    parts = [one for one in row.version.content["answers"] if slug in one.get("criteria", ())]
    context = {"bid": row.application, "criterion": criterion, "form": form, "parts": parts}
    return HttpResponse(REVIEW.render(RequestContext(request, context)))


BID = Template("""<!doctype html><html lang="en"><title>{{ answer }}</title><main>
<h1>{{ answer.question }}</h1><form method="post">{% csrf_token %}{{ form.as_div }}
<button>Save</button></form></main></html>""")


class BidForm(forms.ModelForm):
    """What is written under one question."""

    class Meta:
        model = Answer
        fields = ("text",)


@login_required
def bid(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One answer of one bid: read, and saved by a script or by a button."""
    mine = Answer.objects.filter(application__organisation__colleagues__person=request.user)
    answer = get_object_or_404(mine.select_related("question"), application=pk, question__key=key)
    form = BidForm(request.POST or None, instance=answer)
    if form.is_valid():
        answer.version += 1
        answer.saved_at, answer.saved_by = timezone.now(), request.user
        form.save()
        if request.headers.get("X-Autosave"):
            return JsonResponse({"version": answer.version})
        return redirect(request.path)
    return HttpResponse(BID.render(RequestContext(request, {"answer": answer, "form": form})))


urlpatterns = [
    path("minimal/bids/<int:pk>/<slug:key>/", bid),
    path("minimal/", review_list),
    path("minimal/<int:pk>/<slug:slug>/", review),
    path("", include("config.urls")),
]
