"""A volunteer's pages: what the round is, saying yes, the promise, wording and voting."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.forms import posted
from accounts.models import Person, Role
from accounts.permissions import Permission, holds, permitted, reader
from commissioning import actions, forms, pace, rules, stage_words, timetable, told
from commissioning import agreement as sums
from commissioning.hours import estimates_before, given_by, stages_asked
from commissioning.models import (
    Agreement,
    Choice,
    Confirmation,
    Criterion,
    Member,
    Round,
    Suggestion,
    TypedVote,
)
from commissioning.views.finding import (
    find_agreement,
    find_place,
    find_round,
    place_or_none,
    way_up,
    with_words,
)
from commissioning.views.timeline import own_timelines, timeline_of
from ledger import clock

A_PAGE = 25


# ---- The round -------------------------------------------------------------------------------
@permitted(Permission.TAKE_PART)
def round_welcome(request: HttpRequest, round: str) -> HttpResponse:
    """What this round is, in people's words: the money, who decides, who takes part."""
    found = find_round(request, round)
    member = find_place(request, found)
    people, newcomers = _here_and_waiting(found, member)
    return render(
        request,
        "commissioning/round_welcome.html",
        {
            "round": found,
            "member": member,
            "lots": found.lots.all(),
            "rules": found.funder_rules.all(),
            "people": people,
            "newcomers": newcomers,
            "hears": Person.objects.holding(Role.COMPLAINTS),
            "seats": member.seats.filter(ended_at=None).select_related("panel"),
            "resting": rules.resting(found, on=clock.today()),
        },
    )


def _here_and_waiting(round: Round, reader: Member) -> tuple[list[Member], list[Member]]:
    """Who takes part; and who waits to be confirmed, each with how many have done so and whether
    the reader has (one query)."""
    said = Confirmation.objects.filter(member=OuterRef("pk"), confirmer=reader)
    rows = round.members.said_yes().select_related("person", "invited_by")
    found = list(rows.annotate(said=Count("confirmations"), mine=Exists(said)))
    return (
        [row for row in found if row.confirmed_at],
        [row for row in found if not row.confirmed_at],
    )


@permitted(Permission.TAKE_PART)
def confirm_newcomers(request: HttpRequest, round: str) -> HttpResponse:
    """Say which of the new people one knows. Two such yeses, and they take part."""
    found = find_round(request, round)
    place = find_place(request, found)
    rules.may_confirm_anybody(place, by=reader(request)).require()
    could = rules.to_confirm(place).select_related("person", "invited_by")
    form = forms.ConfirmNewcomers(posted(request), could=could)
    if form.is_valid():
        counting = actions.confirm_newcomers(
            round=found, members=form.cleaned_data["members"], by=reader(request), at=clock.now()
        )
        names = ", ".join(row.person.name for row in counting)
        said = (
            _("Thank you. These people take part now: %(names)s.")
            if counting
            else _("Thank you. One more volunteer must confirm them too.")
        )
        messages.success(request, said % {"names": names})
        return redirect("round_welcome", found.slug)
    context = {
        "round": found,
        "form": form,
        "could": bool(could),
        "hears": Person.objects.holding(Role.COMPLAINTS),
    }
    return _page(request, "confirm_newcomers", context)


def _goes_through(round: Round, lots: frozenset[int], stage: pace.AnyStage) -> bool:
    theirs = timetable.for_person(pace.all_plans(round), lots)
    return (stage.kind, stage.for_lot) in {(plan.kind, plan.lot) for plan in theirs}


def _open_now(
    round: Round, lots: frozenset[int], *, more: int, today: date
) -> list[dict[str, Any]]:
    """The open stages that these lots go through (none: all), what they mean, their last days."""
    rows = []
    for row in pace.all_stages(round):
        if row.opened_at and not row.closed_at and (not lots or _goes_through(round, lots, row)):
            opened = timezone.localdate(row.opened_at)
            last_day = rules.own_last_day(
                round, opened, row.closes_on, more=more, lots=lots, lot=row.for_lot
            )
            means = stage_words.MEANS[row.kind]
            late = last_day < today
            rows.append({"stage": row, "means": means, "last_day": last_day, "late": late})
    return rows


@permitted(Permission.TAKE_PART, Permission.SET_UP, Permission.READ_REPORTS)
def round_timeline(request: HttpRequest, round: str) -> HttpResponse:
    """The stages with their rests, and what the present one means for a volunteer."""
    found = find_round(request, round)
    today = clock.today()
    takes_part = holds(request.user, Permission.TAKE_PART)
    longer = rules.longer_rests([found]) if takes_part else {}
    who = (found.pk, reader(request).pk)
    more, lots = longer.get(who, 0), pace.lots_of([found], people=[who[1]]).get(who, frozenset())
    apart = {row.pk for row in pace.lots_apart(found)}
    line = min(lots) if lots and lots <= apart else 0
    return render(
        request,
        "commissioning/round_timeline.html",
        {
            "round": found,
            "takes_part": takes_part,
            "up": way_up(request, found),
            "stages": timeline_of(found, on=today, lot=line),
            "panels": own_timelines(found, on=today, but=line),
            "resting": rules.resting(found, on=today, more=more, lots=lots),
            "more_rest_days": more,
            "open_now": _open_now(found, lots, more=more, today=today),
        },
    )


# ---- Saying yes ------------------------------------------------------------------------------
STEPS: dict[str, Callable[..., Any]] = {
    "bids": forms.HowMany,
    "away": forms.DaysAway,
    "you": forms.AboutYou,
    "promise": forms.Confidence,
}
ORDER = ["start", *STEPS, "check"]


@permitted(Permission.TAKE_PART)
def join_round(request: HttpRequest, round: str, step: str = "start") -> HttpResponse:
    """A few short questions, one on a page, kept until the yes at the end."""
    found = find_round(request, round)
    member = find_place(request, found)
    if member.joined_at:
        return redirect("my_promise", found.slug)
    rules.may_join(member, by=reader(request)).require()
    if step not in ORDER:
        raise Http404
    kept = request.session.get(_kept(member), {})
    context = {"round": found, "member": member, "step": step, "back": _step_before(found, step)}
    if step in STEPS:
        return _ask(request, member, step, kept, context)
    if step == "check":
        return _say_yes(request, member, kept, context)
    return render(
        request,
        "commissioning/join_round.html",
        {**context, "examples": hours_for(found, 2, 5, 8, 12, 19)},
    )


def _kept(member: Member) -> str:
    return f"join-{member.pk}"


def _step_before(round: Round, step: str) -> str:
    place = ORDER.index(step)
    if place < 2:
        return reverse("join_round" if place else "round_welcome", args=[round.slug])
    return reverse("join_round", args=[round.slug, ORDER[place - 1]])


def hours_for(round: Round, *bids: int) -> list[dict[str, Any]]:
    """Rows of an honest table: so many bids, the hours for them, and for all together."""
    loads = estimates_before(round, *bids)
    return [{"bids": number, "load": load} for number, load in zip(bids, loads, strict=True)]


def _ask(
    request: HttpRequest,
    member: Member,
    step: str,
    kept: dict[str, Any],
    context: dict[str, Any],
) -> HttpResponse:
    form = STEPS[step](posted(request), initial=_as_initial(kept.get(step, {})))
    if form.is_valid():
        request.session[_kept(member)] = {**kept, step: form.cleaned_data}
        done = all(name in kept or name == step for name in STEPS)
        following = "check" if done else ORDER[ORDER.index(step) + 1]
        return redirect("join_round", member.round.slug, following)
    context |= {"form": form, "examples": hours_for(member.round, 2, 5, 8, 12, 19)}
    status = 422 if request.method == "POST" else 200
    return render(request, "commissioning/join_round.html", context, status=status)


def _as_initial(given: dict[str, Any]) -> dict[str, Any]:
    """Kept answers as the forms show them: yes and no are words there; a tick is given anew."""
    said = {True: "yes", False: "no"}
    return {
        name: said[value] if isinstance(value, bool) else value
        for name, value in given.items()
        if name != "keeps_confidence"
    }


def _say_yes(
    request: HttpRequest, member: Member, kept: dict[str, Any], context: dict[str, Any]
) -> HttpResponse:
    missing = next((name for name in STEPS if name not in kept), None)
    if missing:
        return redirect("join_round", member.round.slug, missing)
    answers = {name: value for step in STEPS for name, value in kept[step].items()}
    if request.method == "POST":
        actions.join_round(member=member, **answers, by=reader(request), at=clock.now())
        del request.session[_kept(member)]
        messages.success(
            request,
            _("Thank you. You are taking part.")
            if member.confirmed_at
            else _("Thank you. Two volunteers of the round will now confirm you."),
        )
        return redirect("my_promise", member.round.slug)
    context |= {
        "rows": _answer_rows(member.round, answers),
        "load": estimates_before(member.round, answers["bids_wanted"])[0],
    }
    return render(request, "commissioning/join_round.html", context)


def _answer_rows(round: Round, answers: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers as rows to check, each with the way back to its question."""
    offered = [str(label) for slug, label in told.EXPERIENCES if slug in answers["experience"]]
    yes_no = {True: _("Yes"), False: _("No")}
    bids = _("Up to %(bids)s") % {"bids": answers["bids_wanted"]}
    rows = [
        ("bids", _("Bids to read"), bids, False),
        ("away", _("Away or busy"), answers["days_away"], True),
        ("you", _("What you hope for"), answers["hopes"], True),
        ("you", _("What you offer from your own life"), "; ".join(offered), False),
        ("you", _("You have scored bids before"), yes_no[answers["has_scored_before"]], False),
        ("you", _("Your name may stand in the report"), yes_no[answers["may_be_named"]], False),
        ("promise", _("You keep the bids to yourself"), _("You agreed"), False),
    ]
    return [
        {
            "label": label,
            "value": value or _("Nothing said"),
            "user_text": own_words and bool(value),
            "change_url": reverse("join_round", args=[round.slug, step]),
        }
        for step, label, value, own_words in rows
    ]


@permitted(Permission.TAKE_PART)
def my_promise(request: HttpRequest, round: str) -> HttpResponse:
    """What one promised, to be changed at any time."""
    found = find_round(request, round)
    member = find_place(request, found)
    if not member.joined_at:
        return redirect("join_round", found.slug)
    names = forms.MyPromise.field_order
    initial = _as_initial({name: getattr(member, name) for name in names})
    form = forms.MyPromise(posted(request), initial=initial)
    if form.is_valid():
        actions.change_promise(
            member=member, **form.cleaned_data, by=reader(request), at=clock.now()
        )
        messages.success(request, _("Your promise is changed."))
        return redirect("my_promise", found.slug)
    given = given_by([member])[member.pk]
    context = {
        "form": form,
        "round": found,
        "programme": found.programme,
        "member": member,
        "rows": _reading_rows(member),
        "promises": member.promises.all(),
        "given": given,
        "stages": [(row, given.by_stage.get(row.kind)) for row in stages_asked(found)],
    }
    return _page(request, "my_promise", context)


def _reading_rows(member: Member) -> list[dict[str, Any]]:
    """How somebody likes to read, as rows, each with the way to its question."""
    wishes = [
        told.wish(row.lot.name, likes=row.likes) for row in member.lot_wishes.select_related("lot")
    ]
    away = [told.away(row.first_on, row.last_on) for row in member.days_gone.all()]
    needs = [row.get_format_display() for row in member.format_needs.all()]
    hours = member.reading_hours
    rows = [
        (
            "say_reading_hours",
            _("Hours for reading"),
            "" if hours is None else _("Up to %(n)s") % {"n": hours},
        ),
        ("say_away_days", _("Days away, with dates"), "; ".join(away)),
        ("say_wishes", _("What you would like to read about"), "; ".join(wishes)),
        ("say_formats", _("What you need a bid to be like"), "; ".join(needs)),
    ]
    return [
        {
            "label": label,
            "value": value or _("Nothing said"),
            "change_url": reverse(page, args=[member.round.slug]),
        }
        for page, label, value in rows
    ]


@permitted(Permission.TAKE_PART)
def leave_round(request: HttpRequest, round: str) -> HttpResponse:
    """Say no, or leave. No reason is asked."""
    found = find_round(request, round)
    member = find_place(request, found)
    label = (
        _("Yes, I want to leave this round") if member.joined_at else _("Yes, I say no this time")
    )
    form = forms.Sure(posted(request), label=label)
    if form.is_valid():
        actions.leave_round(member=member, by=reader(request), at=clock.now())
        messages.success(request, _("Thank you for telling us. There is nothing more to do."))
        return redirect("home")
    return _page(request, "leave_round", {"form": form, "round": found, "member": member})


# ---- Suggesting ------------------------------------------------------------------------------
@permitted(Permission.TAKE_PART, Permission.SET_UP)
def suggestion_list(request: HttpRequest, round: str) -> HttpResponse:
    """What people said, in their own words, newest first."""
    found = find_round(request, round)
    member = place_or_none(request, found)
    about = request.GET.get("about", "")
    rows = found.suggestions.select_related("member__person", "typed_by").order_by(
        "-made_at", "-pk"
    )
    if about in Suggestion.About:
        rows = rows.filter(about=about)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "commissioning/suggestion_list.html",
        {
            "round": found,
            "up": way_up(request, found),
            "member": member,
            "page": page,
            "about": about,
            "query": f"about={about}&" if about in Suggestion.About else "",
            "types": holds(request.user, Permission.TYPE_FOR),
            "open_for": [
                {"about": value, "label": label}
                for value, label in Suggestion.About.choices
                if rules.open_for(found, value, on=clock.today())
            ],
        },
    )


@permitted(Permission.TAKE_PART)
def suggest(request: HttpRequest, round: str, about: str) -> HttpResponse:
    """Say something in one's own words."""
    found = find_round(request, round)
    member = find_place(request, found)
    if about not in Suggestion.About:
        raise Http404
    rules.may_suggest(found, about, member=member, by=reader(request), on=clock.today()).require()
    form = forms.Suggest(posted(request), about=about)
    if form.is_valid():
        actions.suggest(
            round=found,
            about=about,
            text=form.cleaned_data["text"],
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("Thank you. Everybody in the round can read it now."))
        return redirect(reverse("suggestion_list", args=[found.slug]) + f"?about={about}")
    return _page(request, "suggest", {"form": form, "round": found, "about": about})


# ---- Agreements: reading ---------------------------------------------------------------------
@permitted(Permission.TAKE_PART, Permission.SET_UP)
def agreement_list(request: HttpRequest, round: str) -> HttpResponse:
    """Every version of what to fund and of the criteria, and how to start one."""
    found = find_round(request, round)
    rows = list(found.agreements.order_by("about", "-version"))
    sections = [
        {
            "about": about,
            "label": label,
            "agreements": [row for row in rows if row.about == about],
            "may_start": rules.may_start_agreement(
                found, about, by=reader(request), on=clock.today()
            ),
        }
        for about, label in Suggestion.About.choices
    ]
    context = {
        "round": found,
        "programme": found.programme,
        "up": way_up(request, found),
        "sections": sections,
    }
    return render(request, "commissioning/agreement_list.html", context)


@permitted(Permission.TAKE_PART, Permission.SET_UP)
def start_agreement(request: HttpRequest, round: str, about: str) -> HttpResponse:
    """Start a draft; a later version begins as a copy and needs a reason."""
    found = find_round(request, round)
    if about not in Suggestion.About:
        raise Http404
    rules.may_start_agreement(found, about, by=reader(request), on=clock.today()).require()
    first = not found.agreements.filter(about=about).exists()
    form = None if first else forms.NewVersion(posted(request))
    if request.method == "POST" and (form is None or form.is_valid()):
        made = actions.start_agreement(
            round=found,
            about=about,
            reason=form.cleaned_data["reason"] if form else "",
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("The draft is begun."))
        return redirect("agreement_detail", found.slug, made.pk)
    return _page(request, "start_agreement", {"form": form, "round": found, "about": about})


@permitted(Permission.TAKE_PART, Permission.SET_UP)
def agreement_detail(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """The words, what they grew from, objections, and where the vote stands."""
    agreement = with_words(find_agreement(request, round, pk))
    person, today = reader(request), clock.today()
    seats = rules.seats(agreement)
    mine = next((seat for seat in seats if seat.person_id == person.pk), None)
    may_word = mine is not None and bool(rules.can_be_worded(agreement, on=today))
    settled = bool(agreement.agreed_at or agreement.turned_down_at)
    under_way = bool(agreement.put_at) and not settled
    voted = mine is not None and bool(mine.choice)
    return render(
        request,
        "commissioning/agreement_detail.html",
        {
            **_words_of(agreement),
            "may_word": may_word,
            "wording": rules.can_be_worded(agreement, on=today),
            "missing": rules.what_is_missing(agreement) if may_word else [],
            "may_vote": under_way and mine is not None and not voted,
            "under_way": under_way,
            "vote": _vote_so_far(seats, shown=settled or voted) if agreement.put_at else None,
            "typed": _typed_waiting(agreement) if under_way else [],
            "member": mine,
            "facilitates": holds(person, Permission.SET_UP) and not settled,
            "may_count": under_way and rules.may_count_votes(agreement, by=person, on=today),
        },
    )


def _words_of(agreement: Agreement) -> dict[str, Any]:
    """Everything that is worded, for the pages that show it."""
    about_criteria = agreement.about == Suggestion.About.CRITERIA
    return {
        "agreement": agreement,
        "round": agreement.round,
        "programme": agreement.round.programme,
        "criteria": agreement.criteria.all() if about_criteria else [],
        "priorities": [] if about_criteria else agreement.priorities.all(),
        "must_haves": agreement.must_haves.all() if about_criteria else [],
        "objections": agreement.objections.all(),
    }


def _vote_so_far(seats: list[rules.Seat], *, shown: bool) -> dict[str, Any]:
    """How many have voted; how they voted only for those who have voted, and once it is settled."""
    given = rules.choices(seats)
    return {
        "count": len(given),
        "entitled": len(seats),
        "needed": sums.needed(len(seats)),
        "tally": sums.tally(given) if shown else None,
        "words": [
            {"words": seat.words, "choice": Choice(seat.choice).label}
            for seat in seats
            if seat.words and shown
        ],
    }


def _typed_waiting(agreement: Agreement) -> list[TypedVote]:
    return list(
        agreement.typed_votes.filter(dropped_at=None, confirmed_at=None).select_related(
            "member__person", "typed_by"
        )
    )


# ---- Agreements: wording ---------------------------------------------------------------------
def _draft(request: HttpRequest, round: str, pk: int, about: str) -> Agreement:
    """A draft that the reader may word now; else a page that says why not."""
    agreement = find_agreement(request, round, pk, about=about)
    rules.may_word(agreement, by=reader(request), on=clock.today()).require()
    return agreement


@permitted(Permission.TAKE_PART)
def word_criterion(
    request: HttpRequest, round: str, pk: int, criterion: int | None = None
) -> HttpResponse:
    """Word a criterion, weigh it, and say which suggestions it grew from."""
    agreement = _draft(request, round, pk, Suggestion.About.CRITERIA)
    row = get_object_or_404(agreement.criteria, pk=criterion) if criterion else None
    form = forms.WordCriterion(
        posted(request), round=agreement.round, initial=forms.told(row) if row else {}
    )
    if form.is_valid():
        saved = actions.word_criterion(
            agreement=agreement,
            criterion=row,
            **form.cleaned_data,
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("“%(title)s” is saved.") % {"title": saved.title})
        if row is None:
            return redirect("write_level_words", round, saved.pk)
        return redirect("agreement_detail", round, pk)
    context = {"form": form, "round": agreement.round, "agreement": agreement, "criterion": row}
    return _page(request, "word_criterion", context)


@permitted(Permission.TAKE_PART)
def write_level_words(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Say what 0 to 5 mean for one criterion."""
    found = find_round(request, round)
    criteria = Criterion.objects.select_related("agreement").prefetch_related("levels")
    criterion = get_object_or_404(criteria, agreement__round=found, pk=pk)
    criterion.agreement.round = found
    rules.may_word(criterion.agreement, by=reader(request), on=clock.today()).require()
    initial = {
        key: value
        for row in criterion.levels.all()
        for key, value in (
            (f"word_{row.level}", row.word),
            (f"sentence_{row.level}", row.sentence),
        )
    }
    form = forms.LevelWords(posted(request), initial=initial)
    if form.is_valid():
        actions.write_level_words(
            criterion=criterion, words=form.words, by=reader(request), at=clock.now()
        )
        messages.success(request, _("The words for each score are saved."))
        return redirect("agreement_detail", found.slug, criterion.agreement_id)
    context = {"form": form, "round": found, "criterion": criterion}
    return _page(request, "write_level_words", context)


@permitted(Permission.TAKE_PART)
def add_priority(
    request: HttpRequest, round: str, pk: int, priority: int | None = None
) -> HttpResponse:
    """Word a kind of service to fund, with its most money."""
    agreement = _draft(request, round, pk, Suggestion.About.PRIORITIES)
    row = get_object_or_404(agreement.priorities, pk=priority) if priority else None
    form = forms.AddPriority(
        posted(request), round=agreement.round, initial=forms.told(row) if row else {}
    )
    if form.is_valid():
        saved = actions.add_priority(
            agreement=agreement,
            priority=row,
            **form.cleaned_data,
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("“%(title)s” is saved.") % {"title": saved.title})
        return redirect("agreement_detail", round, pk)
    context = {"form": form, "round": agreement.round, "agreement": agreement, "priority": row}
    return _page(request, "add_priority", context)


@permitted(Permission.TAKE_PART)
def add_must_have(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Add something every bid must have."""
    agreement = _draft(request, round, pk, Suggestion.About.CRITERIA)
    form = forms.AddMustHave(posted(request))
    if form.is_valid():
        actions.add_must_have(
            agreement=agreement, **form.cleaned_data, by=reader(request), at=clock.now()
        )
        messages.success(request, _("It is added."))
        return redirect("agreement_detail", round, pk)
    context = {"form": form, "round": agreement.round, "agreement": agreement}
    return _page(request, "add_must_have", context)


@permitted(Permission.TAKE_PART)
@require_POST
def take_out(request: HttpRequest, round: str, pk: int, what: str, row: int) -> HttpResponse:
    """Take a criterion, a kind of service or a must-have out of the draft."""
    agreement = find_agreement(request, round, pk)
    by, at = reader(request), clock.now()
    if what == "criterion":
        criterion = get_object_or_404(agreement.criteria, pk=row)
        actions.drop_criterion(criterion=criterion, by=by, at=at)
    elif what == "kind":
        priority = get_object_or_404(agreement.priorities, pk=row)
        actions.drop_priority(priority=priority, by=by, at=at)
    elif what == "must-have":
        must_have = get_object_or_404(agreement.must_haves, pk=row)
        actions.drop_must_have(must_have=must_have, by=by, at=at)
    else:
        raise Http404
    messages.success(request, _("It is taken out."))
    return redirect("agreement_detail", round, pk)


# ---- Agreements: voting ----------------------------------------------------------------------
@permitted(Permission.TAKE_PART)
def put_agreement(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Check, then put the draft to the vote of everyone taking part."""
    agreement = find_agreement(request, round, pk)
    rules.may_put(agreement, by=reader(request), on=clock.today()).require()
    form = forms.Sure(posted(request), label=_("Yes, ask everyone to vote on these words"))
    if form.is_valid():
        actions.put_agreement(agreement=agreement, by=reader(request), at=clock.now())
        messages.success(request, _("Everyone is asked to vote now."))
        return redirect("agreement_detail", round, pk)
    context = {
        "form": form,
        "round": agreement.round,
        "agreement": agreement,
        "entitled": Member.objects.here().filter(round=agreement.round).count(),
    }
    return _page(request, "put_agreement", context)


@permitted(Permission.TAKE_PART)
def vote_on_agreement(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Agree, live with it, or disagree: once."""
    agreement = with_words(find_agreement(request, round, pk))
    rules.may_vote(agreement, person=reader(request), on=clock.today()).require()
    form = forms.Vote(posted(request))
    if form.is_valid():
        actions.vote_on_agreement(
            agreement=agreement, **form.cleaned_data, by=reader(request), at=clock.now()
        )
        messages.success(request, _("Your vote is counted. Thank you."))
        return redirect("agreement_detail", round, pk)
    return _page(request, "vote_on_agreement", {"form": form, **_words_of(agreement)})


@permitted(Permission.TAKE_PART, Permission.SET_UP)
@require_POST
def count_votes(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """End the vote on its last day, when enough have voted."""
    agreement = find_agreement(request, round, pk)
    counted = actions.count_votes(agreement=agreement, by=reader(request), at=clock.now())
    said = _("It is agreed.") if counted.agreed_at else _("It is not agreed. Talk again.")
    messages.success(request, said)
    return redirect("agreement_detail", round, pk)


@permitted(Permission.TAKE_PART, Permission.TYPE_FOR)
def confirm_typed_vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether a typed vote is right: its owner, or a second facilitator with the sheet."""
    waiting = TypedVote.objects.select_related(
        "member__person", "typed_by", "agreement__round__programme"
    )
    typed = get_object_or_404(waiting, pk=pk)
    person = reader(request)
    if typed.member.person_id != person.pk and not holds(person, Permission.TYPE_FOR):
        raise Http404
    agreement = typed.agreement
    if request.method == "POST" and "wrong" in request.POST:
        actions.drop_typed_vote(typed=typed, by=person, at=clock.now())
        messages.success(request, _("It is taken back. Nothing was counted."))
        return redirect("agreement_detail", agreement.round.slug, agreement.pk)
    rules.may_confirm_typed_vote(typed, by=person, on=clock.today()).require()
    own = typed.member.person_id == person.pk
    label = _("Yes, this is my vote") if own else _("Yes, I hold the signed sheet and it says this")
    form = forms.Sure(posted(request), label=label)
    if form.is_valid():
        actions.confirm_typed_vote(typed=typed, by=person, at=clock.now())
        messages.success(request, _("The vote is counted now."))
        return redirect("agreement_detail", agreement.round.slug, agreement.pk)
    context = {"form": form, "typed": typed, "agreement": agreement, "own": own}
    return _page(request, "confirm_typed_vote", context)


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """A page with a form: 422 when it came back with mistakes."""
    status = 422 if request.method == "POST" else 200
    return render(request, f"commissioning/{name}.html", context, status=status)
