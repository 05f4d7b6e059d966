"""Typing what a volunteer told a facilitator, and the yes without which it does not count."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.forms import posted
from accounts.models import Person
from accounts.paper import on_paper, wants_paper
from accounts.permissions import Permission, holds, permitted, reader
from commissioning import actions, forms, rules
from commissioning.models import Member, Round, StageKind, TypedAnswer
from commissioning.told import told
from commissioning.views.finding import find_round
from ledger import clock


@permitted(Permission.TYPE_FOR)
def type_promise(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Type what somebody offers and wishes, told on paper or by phone. It waits for their yes."""
    found = find_round(request, round)
    member = get_object_or_404(
        Member.objects.here().filter(round=found).select_related("person"), pk=pk
    )
    member.round = found
    form = forms.TypePromise(posted(request), member=member, lots=found.lots.all())
    if wants_paper(request):
        mine = {
            "experience": _("Is there something from your own life you would like to offer?"),
            "experience.hint": _("Only what you want to say. Tick none to take it back."),
        }
        facts = {"round": found, "whose": member.person.name}
        return on_paper(request, form, title=_("What I offer"), facts=facts, mine=mine)
    if form.is_valid():
        given = form.cleaned_data
        actions.type_promise(
            member=member,
            bids_wanted=given["bids_wanted"],
            reading_hours=given["reading_hours"],
            away=form.away,
            wishes=form.wishes,
            experience=given["experience"],
            by=reader(request),
            at=clock.now(),
        )
        messages.success(
            request,
            _("Typed for %(name)s. It counts once they, or a second person, confirm it.")
            % {"name": member.person.name},
        )
        return redirect("member_list", found.slug)
    asks = (StageKind.SCORING, StageKind.INTERVIEWS)
    context = {
        "round": found,
        "member": member,
        "form": form,
        "stages": [row for row in found.stages.all() if row.kind in asks and not row.closed_at],
        "waiting": TypedAnswer.objects.waiting().filter(
            member=member, about=TypedAnswer.About.PROMISE
        ),
    }
    status = 422 if form.errors else 200
    return render(request, "commissioning/type_promise.html", context, status=status)


@permitted(Permission.TAKE_PART, Permission.TYPE_FOR)
def confirm_typed_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether it was typed right: whose it is, or a second person who asked them."""
    person = reader(request)
    typed = _find(request, pk)
    if request.method == "POST" and "wrong" in request.POST:
        actions.drop_typed_answer(typed=typed, by=person, at=clock.now())
        messages.success(request, _("It is taken back. Nothing was counted."))
        return _onwards(typed, person)
    if typed.typed_by_id != person.pk:
        rules.may_confirm_typed_answer(typed, by=person).require()
    own = typed.member.person_id == person.pk
    label = (
        _("Yes, this is what I said")
        if own
        else _("Yes, I hold the signed sheet or asked them myself, and it says this")
    )
    form = forms.Sure(posted(request), label=label)
    if form.is_valid():
        actions.confirm_typed_answer(typed=typed, by=person, at=clock.now())
        messages.success(request, _("Thank you. It counts now."))
        return _onwards(typed, person)
    context = {
        "round": typed.member.round,
        "typed": typed,
        "rows": told(typed),
        "own": own,
        "mine_to_check": typed.typed_by_id != person.pk,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "commissioning/confirm_typed_answer.html", context, status=status)


def _find(request: HttpRequest, pk: int) -> TypedAnswer:
    """One that waits: the reader's own, or anybody's of a round that staff who type may see."""
    rows = TypedAnswer.objects.select_related("member__person", "member__round", "typed_by")
    rows = rows.filter(member__round__in=Round.objects.visible_to(request.user))
    if not holds(request.user, Permission.TYPE_FOR):
        rows = rows.filter(member__person=reader(request))
    return get_object_or_404(rows, pk=pk)


def _onwards(typed: TypedAnswer, person: Person) -> HttpResponse:
    """Back to one's own promise; for staff to the list where it can be typed again."""
    slug = typed.member.round.slug
    if typed.member.person_id == person.pk:
        return redirect("my_promise", slug)
    hours = typed.about == TypedAnswer.About.HOURS
    return redirect("hours_list" if hours else "member_list", slug)
