"""Pages of everybody with an account: my details, my break, my letters, my kept words."""

from typing import Any

from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import actions
from accounts.forms import BreakForm, LettersForm, MyDetailsForm, posted
from accounts.kept import words_in
from accounts.letters import address_of
from accounts.models import KeptWork, Person
from accounts.permissions import Refused, reader
from accounts.sign_ins import still_signed_in
from ledger import clock
from ledger.models import Letter

AT_ONCE = 25


@login_required
@require_safe
def my_details(request: HttpRequest) -> HttpResponse:
    """My name, how to reach me, how I read, how I sign in, and whether I am on a break."""
    person = reader(request)
    address = address_of(person)
    rows = [
        {"label": _("Name"), "value": person.name},
        {"label": _("How we write to you"), "value": address.channel.label},
        {"label": _("Where we write to"), **_typed(address.line)},
        {"label": _("Address"), **_typed(person.postal_address)},
        {"label": _("Phone number"), **_typed(person.phone)},
        {
            "label": _("Letters by email"),
            "value": _("Fewer") if person.fewer_letters else _("All of them"),
        },
        {"label": _("Size of words here"), "value": person.get_text_size_display()},
    ]
    return render(
        request,
        "accounts/my_details.html",
        {
            "rows": rows,
            "breaks": person.breaks.unfinished(clock.today()).order_by("starts_on"),
            "has_second_step": get_mfa_adapter().has_second_step(person),
        },
    )


@login_required
def change_my_details(request: HttpRequest) -> HttpResponse:
    """One form for how to reach me and how I like to read."""
    me = reader(request)
    form = MyDetailsForm(posted(request), person=me)
    if form.is_valid():
        actions.change_details(person=me, by=me, at=clock.now(), **form.cleaned_data)
        messages.success(request, _("Your details are saved."))
        return redirect("my_details")
    return _form_page(request, "accounts/change_my_details.html", form)


@login_required
def choose_letters(request: HttpRequest) -> HttpResponse:
    """All letters or fewer, and plainly which cannot be left out."""
    me = reader(request)
    now = {"fewer_letters": "yes" if me.fewer_letters else "no"}
    form = LettersForm(posted(request), initial=now)
    if form.is_valid():
        actions.change_details(person=me, by=me, at=clock.now(), **form.cleaned_data)
        messages.success(request, _("Your choice is saved."))
        return redirect("my_details")
    return _form_page(request, "accounts/choose_letters.html", form)


@login_required
@require_safe
def sign_in_list(request: HttpRequest) -> HttpResponse:
    """The browsers in which I am signed in, this one first."""
    here = request.session.session_key
    rows = sorted(
        still_signed_in(reader(request), at=clock.now()), key=lambda row: row.session_key != here
    )
    return render(request, "accounts/sign_in_list.html", {"rows": rows, "here": here})


@login_required
@require_POST
def end_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one of my browsers out, wherever it stands."""
    me = reader(request)
    row = get_object_or_404(me.sign_ins, pk=pk)
    actions.end_sign_in(sign_in=row, by=me, at=clock.now())
    messages.success(request, _("That device is signed out."))
    return redirect("sign_in_list")


@login_required
def take_break(request: HttpRequest) -> HttpResponse:
    """From when to when; no reason is asked."""
    me = reader(request)
    form = BreakForm(posted(request))
    if form.is_valid():
        try:
            actions.take_break(person=me, by=me, at=clock.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error("starts_on", str(refused))
        else:
            messages.success(request, _("Your break is written down. Rest well."))
            return redirect("my_details")
    return _form_page(request, "accounts/take_break.html", form)


@login_required
@require_POST
def come_back(request: HttpRequest) -> HttpResponse:
    """End my break, or call one off."""
    me = reader(request)
    actions.come_back(person=me, by=me, at=clock.now())
    messages.success(request, _("Welcome back. Your break has ended."))
    return redirect("my_details")


@login_required
@require_safe
def letter_list(request: HttpRequest) -> HttpResponse:
    """Letters to me, newest first, however they were sent."""
    letters = Letter.objects.inbox_of(request.user).select_related("sending").defer("body_html")
    page = Paginator(letters, AT_ONCE).get_page(request.GET.get("page"))
    return render(request, "accounts/letter_list.html", {"page": page})


@login_required
@require_safe
def letter_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter to me, word for word."""
    letter = get_object_or_404(
        Letter.objects.inbox_of(request.user).select_related("sending"), pk=pk
    )
    return render(request, "accounts/letter_detail.html", {"letter": letter})


@login_required
def kept_work(request: HttpRequest, pk: int) -> HttpResponse:
    """Words I typed while signed out: put them back into their page, or let them go."""
    kept = get_object_or_404(KeptWork.objects.visible_to(request.user, at=clock.now()), pk=pk)
    if request.method == "POST":
        actions.drop_kept_work(kept=kept)
        messages.success(request, _("The words are gone, as you wished."))
        return redirect("home")
    fields = [(name, value) for name, values in kept.fields.items() for value in values]
    return render(
        request,
        "accounts/kept_work.html",
        {"kept": kept, "fields": fields, "words": words_in(kept.fields)},
    )


def _form_page(request: HttpRequest, template: str, form: Any, **more: Any) -> HttpResponse:
    """A page with one form, saying 422 when it has mistakes."""
    back = {"back_url": reverse("my_details")}
    return render(
        request, template, {"form": form, **back, **more}, status=422 if form.errors else 200
    )


def _typed(words: str) -> dict[str, Any]:
    """Words somebody typed, with their lines kept."""
    return {"value": words or _("Not given"), "user_text": bool(words)}


def summary_of(person: Person) -> list[dict[str, Any]]:
    """How to reach a person, as rows of a summary."""
    return [
        {"label": _("How we write to them"), "value": address_of(person).channel.label},
        {"label": _("Email to sign in with"), **_typed(person.sign_in_email or "")},
        {"label": _("Email to write to"), **_typed(person.contact_email)},
        {"label": _("Address"), **_typed(person.postal_address)},
        {"label": _("Phone number"), **_typed(person.phone)},
    ]
