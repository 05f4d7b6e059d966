"""Starting a bid: for which organisation, for which part of the money. And the organisation."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.forms import posted
from accounts.permissions import Permission, Refused, permitted, reader
from applications import actions, registers, rules
from applications.forms import (
    NEW,
    ChooseLotForm,
    ChooseOrganisationForm,
    ColleagueForm,
    NameBidForm,
    OrganisationForm,
    StartFromForm,
)
from applications.models import Colleague, Organisation
from applications.views.finding import find_bid, find_open_round, page, status
from commissioning.forms import Sure
from ledger import clock


# ---- Starting --------------------------------------------------------------------------------
@login_required
@page
def start_application(request: HttpRequest, slug: str) -> HttpResponse:
    """First step: who the bid is for. Somebody new goes straight to telling us about it."""
    round = find_open_round(slug)
    rules.may_start_organisation(reader(request)).require()
    rules.call_open(round, at=clock.now()).require()
    own = list(Organisation.objects.visible_to(request.user))
    if not own:
        return redirect("start_organisation", slug)
    form = ChooseOrganisationForm(posted(request), organisations=own)
    if form.is_valid():
        chosen = form.cleaned_data["organisation"]
        if chosen == NEW:
            return redirect("start_organisation", slug)
        return redirect("choose_lot", slug, int(chosen))
    return render(
        request,
        "applications/start_application.html",
        {"form": form, "round": round, "programme": round.programme},
        status=status(form.is_bound),
    )


@login_required
@page
def start_organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """Who the organisation is. Asked once; later bids only choose it."""
    round = find_open_round(slug)
    rules.may_start_organisation(reader(request)).require()
    form = OrganisationForm(posted(request))
    if form.is_valid():
        made = actions.start_organisation(by=reader(request), at=clock.now(), **form.cleaned_data)
        for odd in odd_numbers(made):
            later = _("You can put it right later, under “My bids”, “Change its details”.")
            messages.info(request, f"{odd['sentence']} {later}")
        return redirect("choose_lot", slug, made.pk)
    return render(
        request,
        "applications/start_organisation.html",
        {"form": form, "round": round, "programme": round.programme},
        status=status(form.is_bound),
    )


@permitted(Permission.APPLY)
@page
def choose_lot(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Second step: which part of the money."""
    round = find_open_round(slug)
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    form = ChooseLotForm(posted(request), round=round)
    if form.is_valid():
        return redirect("name_bid", slug, pk, form.cleaned_data["lot"].slug)
    return render(
        request,
        "applications/choose_lot.html",
        {
            "form": form,
            "round": round,
            "programme": round.programme,
            "organisation": organisation,
        },
        status=status(form.is_bound),
    )


@permitted(Permission.APPLY)
@page
def name_bid(request: HttpRequest, slug: str, pk: int, lot: str) -> HttpResponse:
    """Third step: what the project is called. Then the bid is there."""
    round = find_open_round(slug)
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    chosen = get_object_or_404(round.lots.all(), slug=lot)
    form = NameBidForm(posted(request))
    if form.is_valid():
        made = actions.start_application(
            round=round,
            organisation=organisation,
            lot=chosen,
            title=form.cleaned_data["title"],
            by=reader(request),
            at=clock.now(),
        )
        return redirect("application_detail", made.pk)
    return render(
        request,
        "applications/name_bid.html",
        {
            "form": form,
            "round": round,
            "programme": round.programme,
            "organisation": organisation,
            "lot": chosen,
        },
        status=status(form.is_bound),
    )


@permitted(Permission.APPLY)
@page
def start_from(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a bid with the words of an earlier one. What is written already stays as it is."""
    bid = find_bid(request, pk)
    earlier = list(rules.earlier_bids(bid))
    if not earlier:
        return redirect("application_detail", pk)
    rules.may_start_from(bid, earlier[0], reader(request)).require()
    form = StartFromForm(posted(request), bids=earlier)
    if form.is_valid():
        chosen = next(row for row in earlier if str(row.pk) == form.cleaned_data["earlier"])
        took = actions.start_from(
            application=bid, earlier=chosen, by=reader(request), at=clock.now()
        )
        text = ngettext("%(count)s part came over.", "%(count)s parts came over.", took)
        messages.success(request, text % {"count": took} + " " + _("Please read them again."))
        return redirect("application_detail", pk)
    return render(
        request,
        "applications/start_from.html",
        {"form": form, "bid": bid, "programme": bid.round.programme},
        status=status(form.is_bound),
    )


# ---- The organisation ------------------------------------------------------------------------
def odd_numbers(organisation: Organisation) -> list[dict[str, str]]:
    """Each register number whose form looks wrong, with what to put instead where it is known."""
    readings = {
        "charity_number": registers.read_charity_number(organisation.charity_number),
        "company_number": registers.read_company_number(organisation.company_number),
    }
    return [
        {"field": name, "sentence": reading.sentence, "fix": reading.fix}
        for name, reading in readings.items()
        if reading.sentence
    ]


def _check_page(request: HttpRequest) -> str:
    """The check page of the bid that this page was opened from; empty where it was not."""
    bid = request.GET.get("check", "")
    return reverse("check_application", args=[int(bid)]) if bid.isdecimal() else ""


@permitted(Permission.APPLY)
@page
def change_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """What we know of the organisation. Odd register numbers are said, with the fix."""
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    stored = Organisation.objects.get(pk=pk)
    by, now = reader(request), clock.now()
    odd = odd_numbers(stored)
    back_url = _check_page(request)
    if "use" in request.POST:
        fixes = {row["field"]: row["fix"] for row in odd if row["fix"] == request.POST["use"]}
        actions.change_organisation(organisation=stored, by=by, at=now, **fixes)
        messages.success(request, _("The number is put right."))
        return redirect(request.get_full_path())
    form = OrganisationForm(posted(request), instance=organisation)
    if form.is_valid():
        actions.change_organisation(organisation=stored, by=by, at=now, **form.cleaned_data)
        messages.success(request, _("Your organisation is saved."))
        again = bool(odd_numbers(stored)) and not back_url
        return (
            redirect(request.get_full_path()) if again else redirect(back_url or "my_applications")
        )
    return render(
        request,
        "applications/change_organisation.html",
        {"form": form, "organisation": stored, "odd": odd, "check_url": back_url},
        status=status(form.is_bound),
    )


@permitted(Permission.APPLY)
@page
def add_colleague(request: HttpRequest, pk: int) -> HttpResponse:
    """Who acts for the organisation, and one more."""
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    form = ColleagueForm(posted(request))
    if form.is_valid():
        now = clock.now()
        try:
            row = actions.add_colleague(
                organisation=organisation, by=reader(request), at=now, **form.cleaned_data
            )
        except Refused as error:
            form.add_error("email", str(error))
        else:
            _say_who_was_added(request, row, is_new=row.added_at == now)
            return redirect("add_colleague", pk)
    here = organisation.colleagues.filter(ended_at=None).select_related("person")
    return render(
        request,
        "applications/add_colleague.html",
        {"form": form, "organisation": organisation, "here": here},
        status=status(form.is_bound),
    )


def _say_who_was_added(request: HttpRequest, row: Colleague, *, is_new: bool) -> None:
    if is_new:
        messages.success(request, _("They can work on your bids now. We have written to them."))
        return
    text = _("%(name)s works on your bids already. We have not written to them again.")
    messages.info(request, text % {"name": row.person.name})


@permitted(Permission.APPLY)
@page
def end_colleague(request: HttpRequest, pk: int, colleague: int) -> HttpResponse:
    """Somebody works on the bids no more, after ticking a box."""
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    here = Colleague.objects.filter(ended_at=None, organisation=organisation)
    row = get_object_or_404(here.select_related("person"), pk=colleague)
    by = reader(request)
    rules.may_end_colleague(organisation, by).require()
    own, said = row.person_id == by.pk, {"name": row.person.name, "group": organisation.name}
    label = _("Yes, take me off") if own else _("Yes, take %(name)s off") % said
    form = Sure(posted(request), label=label)
    if form.is_valid():
        actions.end_colleague(colleague=row, by=by, at=clock.now())
        if own:
            text = _("You can no longer work on the bids of %(group)s.")
            messages.success(request, text % said)
            return redirect("my_applications")
        messages.success(request, _("%(name)s can no longer work on your bids.") % said)
        return redirect("add_colleague", pk)
    return render(
        request,
        "applications/end_colleague.html",
        {"form": form, "organisation": organisation, "row": row, "own": own},
        status=status(form.is_bound),
    )
