"""Pages for anybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """What our words mean, on one page."""
    return render(request, "commissioning/glossary.html")
