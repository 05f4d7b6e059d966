"""Facilitators look after people, and see to letters that machines cannot send."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import actions, rules
from accounts.forms import (
    AgreeNewEmailForm,
    BreakForm,
    ContactDetailsForm,
    InvitationForm,
    NewEmailForm,
    SearchForm,
    posted,
)
from accounts.letters import restricted_readers, sendings_seen_by
from accounts.models import NewEmail, Person, Role, RoleHolding
from accounts.permissions import Permission, Refused, holds, permitted, reader
from accounts.views.person import summary_of
from ledger import clock, sending
from ledger.models import Channel, Letter, Sending, SendingQuerySet

AT_ONCE = 25
MAYBE_TWICE_FOR = timedelta(days=14)


# ---- People ---------------------------------------------------------------------------------
@permitted(Permission.LOOK_AFTER)
@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """Everybody the programme knows, to look somebody up."""
    form = SearchForm(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    current = RoleHolding.objects.filter(ended_at=None)
    people = (
        _matching(Person.objects.visible_to(request.user), asked)
        .prefetch_related(Prefetch("roles", current, to_attr="roles_now"))
        .order_by("name", "pk")
    )
    page = Paginator(people, AT_ONCE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "accounts/people_list.html",
        {
            "search": form,
            "page": page,
            "query": f"{query.urlencode()}&" if query else "",
            "looking": any(asked.values()),
            "filtered": bool(asked.get("role") or asked.get("channel")),
        },
    )


def _matching(people: QuerySet[Person], asked: dict[str, str]) -> QuerySet[Person]:
    if words := asked.get("q"):
        people = people.filter(
            Q(name__icontains=words)
            | Q(sign_in_email__icontains=words)
            | Q(contact_email__icontains=words)
        )
    if role := asked.get("role"):
        people = people.filter(roles__role=role, roles__ended_at=None)
    if channel := asked.get("channel"):
        people = people.filter(channel=channel)
    return people


@permitted(Permission.INVITE_VOLUNTEERS)
def invite_person(request: HttpRequest) -> HttpResponse:
    """Invite a volunteer: by email, or without one by post or phone."""
    form = InvitationForm(posted(request))
    if form.is_valid():
        try:
            person = actions.invite_person(
                role=Role.VOLUNTEER, by=reader(request), at=clock.now(), **form.cleaned_data
            )
        except Refused as refused:
            form.add_error("email" if form.cleaned_data["email"] else None, str(refused))
        else:
            messages.success(
                request, _("%(name)s is invited. A letter is on its way.") % {"name": person.name}
            )
            return redirect("person_detail", pk=person.pk)
    return _page(request, "accounts/invite_person.html", form)


@permitted(Permission.LOOK_AFTER)
@require_safe
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How to reach one person, their roles with dates, and what was written to them."""
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    holdings = [
        {"holding": holding, "may_end": _may_end(reader(request), holding)}
        for holding in person.roles.order_by("-began_at")
    ]
    letters = _letters_seen_by(reader(request)).filter(to=person).select_related("sending")
    new_email = person.new_emails.waiting().select_related("asked_by").first()
    return render(
        request,
        "accounts/person_detail.html",
        {
            "person": person,
            "rows": summary_of(person),
            "may_change": rules.may_change_details(reader(request), person),
            "lost_email": rules.may_ask_for_new_email(reader(request), person),
            "new_email": new_email,
            "may_agree": new_email and rules.may_settle_new_email(reader(request), new_email),
            "holdings": holdings,
            "breaks": person.breaks.unfinished(clock.today()).order_by("starts_on"),
            "letters": letters.only("subject", "channel", "written_at", "to", "sending__state")[
                :25
            ],
        },
    )


def _may_end(by: Person, holding: RoleHolding) -> bool:
    return holding.ended_at is None and bool(rules.may_hand_out(by, Role(holding.role)))


def _letters_seen_by(seer: Person) -> QuerySet[Letter]:
    """Letters whose envelope a facilitator may see: not those about worries and complaints."""
    letters = Letter.objects.all()
    if holds(seer, Permission.KEEP_SITE):
        return letters
    return letters.exclude(to__in=restricted_readers())


def _person_in_care(request: HttpRequest, pk: int) -> Person:
    """A person whose details this facilitator may change; Refused says why not."""
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    rules.may_change_details(reader(request), person).require()
    return person


@permitted(Permission.LOOK_AFTER)
def change_contact_details(request: HttpRequest, pk: int) -> HttpResponse:
    """Put right how to reach somebody. The email to sign in with only until it was used."""
    person = _person_in_care(request, pk)
    may_set_email = bool(rules.may_set_sign_in_email(reader(request), person))
    form = ContactDetailsForm(posted(request), person=person, may_set_email=may_set_email)
    if form.is_valid():
        actions.change_details(
            person=person, by=reader(request), at=clock.now(), **form.cleaned_data
        )
        messages.success(request, _("The details are saved."))
        return redirect("person_detail", pk=pk)
    return _page(request, "accounts/change_contact_details.html", form, person=person)


@permitted(Permission.LOOK_AFTER)
def ask_for_new_email(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody lost their email: ask for another. A second person must agree to it."""
    person = _person_in_care(request, pk)
    rules.may_ask_for_new_email(reader(request), person).require()
    form = NewEmailForm(posted(request))
    if form.is_valid():
        try:
            actions.ask_for_new_email(
                person=person, by=reader(request), at=clock.now(), **form.cleaned_data
            )
        except Refused as refused:
            form.add_error("email", str(refused))
        else:
            messages.success(request, _("It is written down. Ask a second person to look at it."))
            return redirect("person_detail", pk=pk)
    return _page(request, "accounts/ask_for_new_email.html", form, person=person)


@permitted(*rules.SECOND_PERSONS)
def agree_new_email(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person looks at a new email, and agrees to it or not."""
    rows = NewEmail.objects.select_related("person", "asked_by")
    new = get_object_or_404(rows, pk=pk)
    rules.may_settle_new_email(reader(request), new).require()
    form = AgreeNewEmailForm(posted(request))
    if form.is_valid():
        settle = (
            actions.agree_new_email
            if form.cleaned_data["answer"] == "yes"
            else actions.refuse_new_email
        )
        try:
            settle(new=new, by=reader(request), at=clock.now())
        except Refused as refused:
            form.add_error("answer", str(refused))
        else:
            said = (
                _("They can sign in with the new email now. They and their panel get a letter.")
                if form.cleaned_data["answer"] == "yes"
                else _("Nothing is changed.")
            )
            messages.success(request, said)
            return redirect("home")
    back = reverse("home")
    status = 422 if form.errors else 200
    return render(
        request,
        "accounts/agree_new_email.html",
        {"form": form, "new": new, "back_url": back},
        status=status,
    )


@permitted(Permission.LOOK_AFTER)
def note_break(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down a break somebody asked for by phone or letter."""
    person = _person_in_care(request, pk)
    form = BreakForm(posted(request))
    if form.is_valid():
        try:
            actions.take_break(
                person=person, by=reader(request), at=clock.now(), **form.cleaned_data
            )
        except Refused as refused:
            form.add_error("starts_on", str(refused))
        else:
            messages.success(request, _("The break is written down."))
            return redirect("person_detail", pk=pk)
    return _page(request, "accounts/note_break.html", form, person=person)


@permitted(Permission.LOOK_AFTER)
@require_POST
def note_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody said they are back from a break."""
    person = _person_in_care(request, pk)
    actions.come_back(person=person, by=reader(request), at=clock.now())
    messages.success(request, _("Their break has ended."))
    return redirect("person_detail", pk=pk)


# ---- Letters --------------------------------------------------------------------------------
@permitted(Permission.SEND_LETTERS, Permission.KEEP_SITE)
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """What waits to go, what is in doubt, and what could not be sent."""
    state = Sending.State
    seer = reader(request)
    sendings = sendings_seen_by(seer).defer("letter__body_text", "letter__body_html")
    lists = {
        "in_doubt": sendings.filter(state=state.IN_DOUBT).order_by("claimed_at", "pk"),
        "failed": sendings.filter(state=state.FAILED).order_by("claimed_at", "pk"),
        "maybe_twice": sendings.maybe_twice().filter(sent_at__gte=clock.now() - MAYBE_TWICE_FOR),
    }
    waiting = sendings.filter(state__in=[state.PENDING, state.SENDING]).order_by("not_before", "pk")
    count = _counts(
        **lists,
        waiting=waiting,
        to_post=_by_hand(seer, Channel.POST),
        to_ring=_by_hand(seer, Channel.PHONE),
    )
    pages = Paginator(waiting, AT_ONCE)
    pages.count = count["waiting"]  # known already
    page = pages.get_page(request.GET.get("page"))
    held = sending.held([row.letter for row in page.object_list], clock.now())
    return render(
        request,
        "accounts/outbox.html",
        {
            **{name: rows[:AT_ONCE] for name, rows in lists.items() if count[name]},
            "page": page,
            "held": held,
            "to_post": count["to_post"],
            "to_ring": count["to_ring"],
        },
    )


def _counts(**rows: SendingQuerySet) -> dict[str, int]:
    """How many there are of each (one query)."""
    found = {
        name: Count("pk", filter=Q(pk__in=some.order_by().values("pk")))
        for name, some in rows.items()
    }
    return Sending.objects.aggregate(**found)


def _by_hand(seer: Person, channel: Channel) -> SendingQuerySet:
    rows = Sending.objects.by_hand(channel).filter(not_before__lte=clock.now())
    return rows.filter(pk__in=sendings_seen_by(seer).values("pk"))


def _due_by_hand(seer: Person, channel: Channel) -> dict[str, Any]:
    """The first letters to post or ring about now, and how many wait through somebody's rest."""
    rows = list(_by_hand(seer, channel)[: AT_ONCE * 4])
    held = sending.held([row.letter for row in rows], clock.now())
    due = [row for row in rows if row.letter_id not in held]
    return {"sendings": due[:AT_ONCE], "more": len(due) > AT_ONCE, "held": len(held)}


@permitted(Permission.SEND_LETTERS)
@require_safe
def letters_to_post(request: HttpRequest) -> HttpResponse:
    """Letters to print, put into envelopes and post."""
    return render(
        request, "accounts/letters_to_post.html", _due_by_hand(reader(request), Channel.POST)
    )


@permitted(Permission.SEND_LETTERS)
@require_safe
def print_letters(request: HttpRequest) -> HttpResponse:
    """The same letters, each on its own page, made for paper."""
    return render(
        request, "accounts/print_letters.html", _due_by_hand(reader(request), Channel.POST)
    )


@permitted(Permission.SEND_LETTERS)
@require_safe
def call_list(request: HttpRequest) -> HttpResponse:
    """People to ring, with the words to say."""
    return render(request, "accounts/call_list.html", _due_by_hand(reader(request), Channel.PHONE))


@permitted(Permission.SEND_LETTERS)
@require_POST
def mark_letters_done(request: HttpRequest) -> HttpResponse:
    """Say that letters were posted, or calls made; each once, whoever says it first."""
    chosen = [int(pk) for pk in request.POST.getlist("sending") if pk.isdecimal()]
    failed_email = Q(letter__channel=Channel.EMAIL, state=Sending.State.FAILED)
    rows = sendings_seen_by(reader(request)).filter(
        ~Q(letter__channel=Channel.EMAIL) | failed_email, pk__in=chosen
    )
    done = [sending.mark_done(row, by=reader(request), at=clock.now()) for row in rows]
    messages.success(
        request,
        ngettext(
            "%(count)s letter is marked as done.",
            "%(count)s letters are marked as done.",
            sum(done),
        )
        % {"count": sum(done)},
    )
    return redirect("call_list" if request.POST.get("from") == "call_list" else "letters_to_post")


@permitted(Permission.SEND_LETTERS, Permission.KEEP_SITE)
@require_POST
def send_letter_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a letter go once more that failed, or that we cannot be sure of."""
    row = get_object_or_404(sendings_seen_by(reader(request)), pk=pk)
    if sending.send_again(row):
        messages.success(request, _("The letter will go again in a minute."))
    else:
        messages.info(request, _("Nothing was changed: this letter had moved on already."))
    return redirect("outbox")


@permitted(Permission.SEND_LETTERS, Permission.KEEP_SITE)
@require_POST
def mark_arrived(request: HttpRequest, pk: int) -> HttpResponse:
    """The reader says that they have the letter we could not be sure of."""
    row = get_object_or_404(sendings_seen_by(reader(request)), pk=pk)
    if sending.mark_arrived(row, by=reader(request), at=clock.now()):
        messages.success(request, _("It is marked as arrived."))
    else:
        messages.info(request, _("Nothing was changed: this letter had moved on already."))
    return redirect("outbox")


def _page(request: HttpRequest, template: str, form: Any, **more: Any) -> HttpResponse:
    person = more.get("person")
    back = reverse("person_detail", args=[person.pk]) if person else reverse("people_list")
    return render(
        request,
        template,
        {"form": form, "back_url": back, **more},
        status=422 if form.errors else 200,
    )
