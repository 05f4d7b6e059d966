"""Pages for volunteers: bids that were found outside the funder's rules, and asking for one back.

Before anybody has declared whom they know, a volunteer sees names, the lot and the cited rule only.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import posted
from accounts.models import Person
from accounts.permissions import Permission, permitted, reader
from applications import actions, parts, redaction, rules
from applications.forms import AskBackForm
from applications.models import Application, Correction, Eligibility, EligibilityQuerySet
from commissioning.models import Member, Round
from ledger import clock


def _membership(request: HttpRequest, slug: str) -> Member:
    """The reader's own place in the round. Else 404."""
    found = (
        Member.objects.here()
        .filter(person=reader(request), round__slug=slug)
        .select_related("round__programme", "round__chain", "person")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _not_eligible(round: Round) -> EligibilityQuerySet:
    """Each "no" that a second person agreed with, asked back or not."""
    return (
        Eligibility.objects.newest()
        .filter(
            eligible=False,
            seconded_at__isnull=False,
            application__round=round,
            application__withdrawn_at=None,
        )
        .select_related("application__organisation", "application__lot", "rule")
        .select_related("application__round")
        .prefetch_related("asked_back")
        .order_by("application__reference")
    )


def _put_right(round: Round) -> list[dict[str, Any]]:
    """What staff asked groups to put right: the name, the rule and the part, and no words of it."""
    rows = (
        Correction.objects.filter(application__round=round, kind=Correction.Kind.ASKED)
        .select_related("application__organisation", "application__lot", "rule")
        .prefetch_related("application__versions")
    )
    found = []
    for row in rows:
        newest = row.application.newest_version
        label = parts.label_of(newest.content, row.part) if newest else row.part
        found.append({"row": row, "part": label})
    return found


def _typed_late(round: Round) -> list[Application]:
    """Bids on paper that were typed in after the close (one query)."""
    late = Application.objects.filter(round=round, withdrawn_at=None).typed_late()
    return list(
        late.select_related("organisation", "submitted_by", "compared_by").order_by("reference")
    )


@permitted(Permission.TAKE_PART)
@require_safe
def eligibility_list_volunteer(request: HttpRequest, slug: str) -> HttpResponse:
    """Bids that do not go on: the name, the lot and the rule; and why the board upheld one."""
    member = _membership(request, slug)
    today = clock.today()
    rows = []
    for ruling in _not_eligible(member.round):
        until = rules.ask_back_until(ruling)
        asked = bool(ruling.asked_back.all())
        rows.append(
            {
                "ruling": ruling,
                "asked": asked,
                "until": until,
                "may_ask": not (asked or ruling.upheld_because) and until and today <= until,
                "upheld_because": redaction.hide(ruling.upheld_because),
            }
        )
    return render(
        request,
        "applications/eligibility_list_volunteer.html",
        {
            "round": member.round,
            "programme": member.round.programme,
            "rows": rows,
            "asked": _put_right(member.round),
            "typed_late": _typed_late(member.round),
        },
    )


@permitted(Permission.TAKE_PART)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask for a bid that was found outside the rules."""
    member = _membership(request, slug)
    ruling = get_object_or_404(_not_eligible(member.round), pk=pk)
    by = member.person
    assert isinstance(by, Person)  # noqa: S101  # tells mypy what a member is
    rules.may_ask_back(ruling, by, on=clock.today()).require()
    form = AskBackForm(posted(request))
    if form.is_valid():
        actions.ask_back(
            eligibility=ruling,
            member=member,
            reason=form.cleaned_data["reason"],
            by=by,
            at=clock.now(),
        )
        messages.success(request, _("You have asked for this bid. It is looked at again."))
        return redirect("eligibility_list_volunteer", slug)
    return render(
        request,
        "applications/ask_back.html",
        {
            "form": form,
            "ruling": ruling,
            "round": member.round,
            "programme": member.round.programme,
        },
        status=422 if form.is_bound else 200,
    )
