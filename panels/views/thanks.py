"""What a volunteer takes home: a certificate, and a letter that a facilitator writes about them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import pdf
from accounts.forms import posted
from accounts.permissions import Permission, permitted, reader
from commissioning.models import Member, Round
from ledger import clock
from panels.taken_part import facts_of
from support import actions, rules
from support.forms import ReferenceForm


def _own(request: HttpRequest, round: str) -> Member:
    """The reader's place, kept also when they have left since; 404 where they have none."""
    rows = Member.objects.filter(
        round__slug=round, person=reader(request), confirmed_at__isnull=False
    )
    return get_object_or_404(
        rows.select_related("person", "round__programme").prefetch_related("round__stages")
    )


def _file(template: str, facts: dict[str, Any], name: str) -> HttpResponse:
    return HttpResponse(
        pdf.made(template, facts),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'},
    )


def _certificate(request: HttpRequest, round: str) -> dict[str, Any]:
    member = _own(request, round)
    rules.took_part(member).require()
    facts = {"member": member, "round": member.round, "programme": member.round.programme}
    return {**facts, "facts": facts_of(member), "on": clock.today()}


@permitted(Permission.TAKE_PART)
@require_safe
def certificate_detail(request: HttpRequest, round: str) -> HttpResponse:
    """My certificate: that I took part, and what I did."""
    return render(request, "panels/certificate_detail.html", _certificate(request, round))


@permitted(Permission.TAKE_PART)
@require_safe
def certificate_pdf(request: HttpRequest, round: str) -> HttpResponse:
    """The certificate as a tagged PDF to print or send."""
    return _file("panels/_certificate.html", _certificate(request, round), "certificate")


def _reference(request: HttpRequest, round: str) -> dict[str, Any]:
    member = _own(request, round)
    letter = member.reference_letters.select_related("written_by").first()
    if letter is None:
        raise Http404
    facts = {"member": member, "round": member.round, "programme": member.round.programme}
    return {**facts, "letter": letter}


@permitted(Permission.TAKE_PART)
@require_safe
def reference_detail(request: HttpRequest, round: str) -> HttpResponse:
    """The letter that a facilitator wrote about me."""
    return render(request, "panels/reference_detail.html", _reference(request, round))


@permitted(Permission.TAKE_PART)
@require_safe
def reference_pdf(request: HttpRequest, round: str) -> HttpResponse:
    """The letter as a tagged PDF to print or send."""
    return _file("panels/_reference.html", _reference(request, round), "letter")


@permitted(Permission.LOOK_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def write_reference(request: HttpRequest, round: str, member: int) -> HttpResponse:
    """Write about one volunteer in my own words; the facts are put under them."""
    rounds = Round.objects.visible_to(request.user)
    rows = Member.objects.filter(round__in=rounds, round__slug=round, confirmed_at__isnull=False)
    found = get_object_or_404(rows.select_related("person", "round__chain"), pk=member)
    newest = found.reference_letters.first()
    form = ReferenceForm(posted(request), initial={"text": newest.text if newest else ""})
    facts = facts_of(found)
    if form.is_valid():
        text, by = form.cleaned_data["text"], reader(request)
        actions.write_reference(member=found, text=text, facts=facts, by=by, at=clock.now())
        messages.success(request, _("It is kept for them, and they are told."))
        return redirect("look_list", round=round)
    page = {"round": found.round, "member": found, "form": form, "facts": facts, "newest": newest}
    status = 422 if form.errors else 200
    return render(request, "panels/write_reference.html", page, status=status)
