"""Looking after people: worries, the agreement, helpers, what was spent, and the private log."""

from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.documents import BadFile, as_download
from accounts.forms import posted
from accounts.models import Person, Role
from accounts.paper import on_paper, wants_paper
from accounts.permissions import Permission, Refused, permitted, reader
from commissioning.models import Member, Round
from ledger import clock
from support import actions, rules
from support.conduct_words import conduct
from support.forms import (
    ExpenseForm,
    HeardForm,
    HelperForm,
    KnowsForm,
    NoteForm,
    SettleForm,
    SignForm,
    TakeBackForm,
    TypeExpenseForm,
    WorryForm,
)
from support.models import Conduct, Expense, Helper, Worry
from support.views.volunteer import own_place

FORM = ["GET", "HEAD", "POST"]


def _page(request: HttpRequest, template: str, form: Any, **facts: Any) -> HttpResponse:
    status = 422 if form is not None and form.errors else 200
    return render(request, f"support/{template}.html", {"form": form, **facts}, status=status)


# ---- Worries ------------------------------------------------------------------------------------
@require_http_methods(FORM)
def report_worry(request: HttpRequest) -> HttpResponse:
    """I am worried about someone: whom to ring, and a form for whoever is signed in."""
    me = request.user if isinstance(request.user, Person) else None
    can = bool(me and rules.may_tell_worry(me))
    if request.method == "POST" and not can:
        raise Http404
    form = WorryForm(posted(request)) if can else None
    if form and me and form.is_valid():
        actions.tell_worry(by=me, at=clock.now(), **form.cleaned_data)
        messages.success(request, _("Thank you for telling us. Somebody will read it soon."))
        return redirect("home")
    return _page(request, "report_worry", form, can=can)


@permitted(Permission.HEAR_WORRIES)
@require_safe
def worry_list(request: HttpRequest) -> HttpResponse:
    """What people told, what waits first."""
    rows = Worry.objects.select_related("told_by")
    waiting = list(rows.filter(heard_at=None))
    page = Paginator(rows.exclude(heard_at=None).order_by("-told_at"), 25).get_page(
        request.GET.get("page")
    )
    return render(request, "support/worry_list.html", {"waiting": waiting, "page": page})


@permitted(Permission.HEAR_WORRIES)
@require_http_methods(FORM)
def hear_worry(request: HttpRequest, pk: int) -> HttpResponse:
    """Read one, and write what was done."""
    worry = get_object_or_404(Worry.objects.select_related("told_by", "heard_by"), pk=pk)
    form = HeardForm(posted(request), initial={"done": worry.done})
    if form.is_valid():
        actions.hear_worry(
            worry=worry, done=form.cleaned_data["done"], by=reader(request), at=clock.now()
        )
        messages.success(request, _("Written down."))
        return redirect("worry_list")
    return _page(request, "hear_worry", form, worry=worry)


# ---- A volunteer's own --------------------------------------------------------------------------
@permitted(Permission.TAKE_PART)
@require_safe
def my_care(request: HttpRequest, round: str) -> HttpResponse:
    """My agreement, who helps me, and what I asked to have paid back."""
    member = own_place(request, round)
    facts = {
        "member": member,
        "signed": member.round.conduct.filter(person=member.person, taken_back_at=None).first(),
        "helpers": member.helpers.filter(ended_at=None).select_related("supporter"),
        "expenses": member.expenses.all()[:100],
    }
    return render(request, "support/my_care.html", facts)


def _round_of(request: HttpRequest, slug: str) -> Round:
    """A round where the reader takes part, or helps somebody who does; 404 elsewhere."""
    found = get_object_or_404(Round.objects.select_related("chain"), slug=slug)
    if not rules.place_in(found, reader(request)):
        raise Http404
    return found


@permitted(Permission.TAKE_PART, Permission.HELP_ONE)
@require_http_methods(FORM)
def sign_conduct(request: HttpRequest, round: str) -> HttpResponse:
    """Read the agreement, and sign it; once signed, the words stay here to read."""
    found, me = _round_of(request, round), reader(request)
    signed = Conduct.objects.filter(round=found, person=me, taken_back_at=None).first()
    form = None if signed else SignForm(posted(request))
    if form and form.is_valid():
        actions.sign_conduct(round=found, person=me, by=me, at=clock.now())
        messages.success(request, _("Thank you. Your agreement is kept."))
        return redirect("sign_conduct", round=round)
    return _page(request, "sign_conduct", form, round=found, signed=signed, words=conduct())


@permitted(Permission.TAKE_PART, Permission.HELP_ONE)
@require_http_methods(FORM)
def take_back_consent(request: HttpRequest, round: str) -> HttpResponse:
    """Take my agreement back, and see what that means."""
    found, me = _round_of(request, round), reader(request)
    signed = get_object_or_404(Conduct, round=found, person=me, taken_back_at=None)
    form = TakeBackForm(posted(request))
    if form.is_valid():
        actions.take_back_consent(signed=signed, by=me, at=clock.now())
        messages.success(request, _("It is taken back. Nobody asks you why."))
        return redirect("home")
    return _page(request, "take_back_consent", form, round=found)


@permitted(Permission.TAKE_PART, Permission.HELP_ONE, Permission.LOOK_AFTER)
@require_POST
def end_helper(request: HttpRequest, pk: int) -> HttpResponse:
    """The help ends: said by the volunteer, the helper, or a facilitator they told."""
    row = get_object_or_404(Helper.objects.select_related("member__round__chain"), pk=pk)
    if not rules.may_end_helper(row, reader(request)):
        raise Http404
    actions.end_helper(helper=row, by=reader(request), at=clock.now())
    messages.success(request, _("Written down. Nobody is asked why."))
    return redirect("home")


@permitted(Permission.TAKE_PART)
@require_http_methods(FORM)
def claim_expense(request: HttpRequest, round: str) -> HttpResponse:
    """Ask for what I spent."""
    member = own_place(request, round)
    form = ExpenseForm(posted(request), request.FILES or None)
    if form.is_valid() and _claimed(request, form, member):
        messages.success(request, _("Thank you. You hear when it is paid back."))
        return redirect("my_care", round=round)
    return _page(request, "claim_expense", form, member=member)


def _claimed(request: HttpRequest, form: Any, member: Member) -> bool:
    """Keep the claim; or put the mistake beside its question and say no."""
    facts = {name: form.cleaned_data[name] for name in ("kind", "what", "amount", "spent_on")}
    receipt = form.cleaned_data["receipt"] or None
    try:
        actions.claim_expense(
            member=member, receipt=receipt, by=reader(request), at=clock.now(), **facts
        )
    except BadFile as mistake:
        form.add_error("receipt", str(mistake))
    except Refused as refused:
        form.add_error("amount", str(refused))
    return not form.errors


@permitted(Permission.TAKE_PART, Permission.LOOK_AFTER)
@require_safe
def receipt_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A receipt, for its claimer and for who pays it back."""
    row = get_object_or_404(Expense.objects.select_related("member").exclude(receipt=""), pk=pk)
    if not rules.may_see_receipt(row, reader(request)):
        raise Http404
    kind = str(row.receipt.name).rpartition(".")[2]
    return as_download(SimpleNamespace(file=row.receipt, name=row.receipt_name, kind=kind))


# ---- A supporter's ------------------------------------------------------------------------------
@permitted(Permission.HELP_ONE)
@require_safe
def helping_list(request: HttpRequest) -> HttpResponse:
    """Whom I help, what I sign first, and what I may and may not do."""
    rows = list(
        Helper.objects.filter(supporter=reader(request), ended_at=None).select_related(
            "member__person", "member__round"
        )
    )
    done = set(
        Conduct.objects.filter(person=reader(request), taken_back_at=None).values_list(
            "round", flat=True
        )
    )
    helping = [{"helper": row, "signed": row.member.round_id in done} for row in rows]
    return render(request, "support/helping_list.html", {"helping": helping})


@permitted(Permission.HELP_ONE)
@require_http_methods(FORM)
def say_whom_i_know(request: HttpRequest, pk: int) -> HttpResponse:
    """A supporter says which groups and people they have a link with."""
    rows = Helper.objects.filter(supporter=reader(request), ended_at=None)
    row = get_object_or_404(rows.select_related("member__round__chain", "member__person"), pk=pk)
    form = KnowsForm(posted(request), initial={"knows": row.knows})
    if form.is_valid():
        actions.say_whom_helper_knows(
            helper=row, knows=form.cleaned_data["knows"], by=reader(request), at=clock.now()
        )
        messages.success(request, _("Thank you. It is written down."))
        return redirect("helping_list")
    return _page(request, "say_whom_i_know", form, helper=row)


# ---- A facilitator's ----------------------------------------------------------------------------
def _looked_after(request: HttpRequest, round: str, member: int) -> Member:
    rounds = Round.objects.visible_to(request.user)
    rows = Member.objects.here().filter(round__in=rounds, round__slug=round)
    return get_object_or_404(rows.select_related("person", "round__chain"), pk=member)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(FORM)
def member_care(request: HttpRequest, round: str, member: int) -> HttpResponse:
    """One volunteer: the private log, a new line in it, their agreement, helpers and costs."""
    found = _looked_after(request, round, member)
    form = NoteForm(posted(request))
    if form.is_valid():
        actions.note_support(member=found, by=reader(request), at=clock.now(), **form.cleaned_data)
        messages.success(request, _("Kept. Only facilitators read it."))
        return redirect("member_care", round=round, member=member)
    facts = {
        "member": found,
        "notes": found.support_notes.select_related("noted_by")[:50],
        "signed": Conduct.objects.filter(
            round=found.round, person=found.person, taken_back_at=None
        ).first(),
        "helpers": found.helpers.filter(ended_at=None).select_related("supporter"),
    }
    return _page(request, "member_care", form, **facts)


@permitted(Permission.LOOK_AFTER)
@require_POST
def note_signed_paper(request: HttpRequest, round: str, member: int) -> HttpResponse:
    """The agreement came back on paper, signed."""
    found = _looked_after(request, round, member)
    actions.sign_conduct(
        round=found.round, person=found.person, by=reader(request), at=clock.now(), on_paper=True
    )
    messages.success(request, _("Written down. Keep the paper."))
    return redirect("member_care", round=round, member=member)


@permitted(Permission.LOOK_AFTER)
@require_safe
def conduct_paper(request: HttpRequest, round: str) -> HttpResponse:
    """The agreement to print and sign."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    return render(request, "support/conduct_paper.html", {"round": found, "words": conduct()})


@permitted(Permission.LOOK_AFTER)
@require_http_methods(FORM)
def name_helper(request: HttpRequest, round: str, member: int) -> HttpResponse:
    """Write down who helps a volunteer. They are invited as a supporter first."""
    found = _looked_after(request, round, member)
    supporters = Person.objects.holding(Role.SUPPORTER).filter(is_active=True).order_by("name")
    form = HelperForm(posted(request), supporters=supporters)
    if form.is_valid():
        try:
            actions.name_helper(
                member=found,
                supporter=form.cleaned_data["supporter"],
                by=reader(request),
                at=clock.now(),
            )
        except Refused as refused:
            form.add_error("supporter", str(refused))
        else:
            messages.success(request, _("Both are told."))
            return redirect("member_care", round=round, member=member)
    return _page(request, "name_helper", form, member=found)


@permitted(Permission.LOOK_AFTER)
@require_safe
def expense_list(request: HttpRequest, round: str) -> HttpResponse:
    """What people asked to have paid back, what waits first."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    rows = Expense.objects.filter(member__round=found).select_related("member__person")
    waiting = rows.filter(paid_at=None, refused_at=None).order_by("claimed_at")
    settled = Paginator(rows.exclude(pk__in=waiting.values("pk")), 25)
    page = settled.get_page(request.GET.get("page"))
    return render(
        request, "support/expense_list.html", {"round": found, "waiting": waiting, "page": page}
    )


@permitted(Permission.LOOK_AFTER)
@require_http_methods(FORM)
def settle_expense(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that it was paid back, or why it cannot be."""
    rounds = Round.objects.visible_to(request.user)
    rows = Expense.objects.filter(member__round__in=rounds)
    row = get_object_or_404(rows.select_related("member__person", "member__round"), pk=pk)
    form = SettleForm(posted(request))
    if form.is_valid():
        if form.cleaned_data["answer"] == "paid":
            actions.pay_expense(expense=row, by=reader(request), at=clock.now())
        else:
            actions.refuse_expense(
                expense=row, why=form.cleaned_data["why"], by=reader(request), at=clock.now()
            )
        messages.success(request, _("The volunteer is told."))
        return redirect("expense_list", round=row.member.round.slug)
    return _page(request, "settle_expense", form, expense=row)


@permitted(Permission.LOOK_AFTER)
@require_http_methods(FORM)
def type_expense(request: HttpRequest, round: str) -> HttpResponse:
    """Type a claim that came by post or phone."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=round)
    members = Member.objects.here().filter(round=found).select_related("person", "round__chain")
    form = TypeExpenseForm(posted(request), request.FILES or None, members=members)
    if wants_paper(request):
        title, facts = _("What I spent"), {"round": found}
        skip = ["member", "receipt"]
        return on_paper(request, form, title=title, leave_out=skip, facts=facts)
    if form.is_valid() and _claimed(request, form, form.cleaned_data["member"]):
        messages.success(request, _("Written down, with your name beside it."))
        return redirect("expense_list", round=round)
    return _page(request, "type_expense", form, round=found)
