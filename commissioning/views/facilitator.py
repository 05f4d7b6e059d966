"""A facilitator's pages: setting up, dates, stages, who takes part, and typing for people."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import workdays
from accounts.forms import posted
from accounts.paper import on_paper, wants_paper
from accounts.permissions import Permission, permitted, reader
from commissioning import actions, forms, limits, rules, stage_words, timetable
from commissioning.actions.rounds import ALWAYS, UNTIL_BIDS_OPEN
from commissioning.models import (
    Agreement,
    Lot,
    Member,
    Programme,
    Round,
    StageKind,
    Suggestion,
    TypedAnswer,
)
from commissioning.pace import AnyStage, all_stages, lots_apart, plan
from commissioning.views.finding import find_agreement, find_round, with_words
from commissioning.views.timeline import own_timelines, timeline_of
from commissioning.views.volunteer import hours_for
from ledger import clock
from ledger.models import Channel

SATURDAY = 5
HERE = Q(members__ended_at=None, members__confirmed_at__isnull=False)


# ---- Rounds ----------------------------------------------------------------------------------
@permitted(Permission.SET_UP)
def round_list(request: HttpRequest) -> HttpResponse:
    """Every round, with where it stands."""
    rounds = (
        Round.objects.visible_to(request.user)
        .select_related("programme")
        .prefetch_related("stages")
        .annotate(people=Count("members", filter=HERE, distinct=True))
    )
    rows = [{"round": one, "where": where_it_stands(one)} for one in rounds]
    return render(request, "commissioning/round_list.html", {"rows": rows})


def where_it_stands(round: Round) -> str:
    """A round's present stage in words."""
    resting = rules.resting(round, on=clock.today())
    if resting:
        return resting.sentence
    stages = all_stages(round)
    open_now = [str(row) for row in stages if row.opened_at and not row.closed_at]
    if open_now:
        return _("Open now: %(stages)s") % {"stages": ", ".join(open_now)}
    waiting = next((row for row in stages if not row.opened_at), None)
    if waiting is None:
        return _("All done")
    return _("Next: %(stage)s") % {"stage": waiting}


@permitted(Permission.SET_UP)
def set_up_round(request: HttpRequest) -> HttpResponse:
    """Begin a round: its name, money and first day. A new installation has no programme yet."""
    programme = Programme.objects.first()
    if programme is None:
        return redirect("set_up_programme")
    form = forms.SetUpRound(posted(request))
    if form.is_valid():
        made = actions.set_up_round(
            programme=programme, **form.cleaned_data, by=reader(request), at=clock.now()
        )
        messages.success(request, _("The round is set up. Its stages are laid out below."))
        return redirect("round_detail", made.slug)
    learned = Round.objects.filter(lessons__dropped_at=None, lessons__isnull=False)
    last = learned.order_by("-made_at").first()
    lessons = last.lessons.filter(dropped_at=None) if last else ()
    return _page(request, "set_up_round", form=form, last=last, lessons=lessons)


@permitted(Permission.SET_UP)
def round_detail(request: HttpRequest, round: str) -> HttpResponse:
    """The round's facts: what comes next, the money, the people, the dates."""
    found = find_round(request, round)
    today = clock.today()
    lots = list(found.lots.all())
    counts = found.members.aggregate(
        joined=Count("pk", filter=Q(ended_at=None, joined_at__isnull=False)),
        waiting=Count("pk", filter=Q(ended_at=None, joined_at__isnull=False, confirmed_at=None)),
        invited=Count("pk", filter=Q(ended_at=None, joined_at=None)),
    )
    return render(
        request,
        "commissioning/round_detail.html",
        {
            "round": found,
            "moves": rules.moves(found, on=today),
            "resting": rules.resting(found, on=today),
            "lots": lots,
            "given_out": sum(lot.limit for lot in lots),
            "rule_count": found.funder_rules.count(),
            "counts": counts,
            "agreements": _newest_agreements(found),
            "stages": timeline_of(found, on=today),
            "panels": own_timelines(found, on=today),
        },
    )


def _newest_agreements(round: Round) -> list[dict[str, Any]]:
    newest = {row.about: row for row in round.agreements.order_by("version")}
    return [
        {"label": label, "agreement": newest.get(about)}
        for about, label in Suggestion.About.choices
    ]


@permitted(Permission.SET_UP)
def change_round(request: HttpRequest, round: str) -> HttpResponse:
    """The round's words, and until bids open its money and choices."""
    found = find_round(request, round)
    keep = ALWAYS if found.frozen_at else ALWAYS + UNTIL_BIDS_OPEN
    form = forms.ChangeRound(posted(request), instance=Round.objects.get(pk=found.pk), keep=keep)
    if form.is_valid():
        actions.change_round(round=found, **form.cleaned_data, by=reader(request), at=clock.now())
        messages.success(request, _("The round is changed."))
        return redirect("round_detail", found.slug)
    return _page(request, "change_round", form=form, round=found)


@permitted(Permission.SET_UP)
def change_funder_rules(request: HttpRequest, round: str) -> HttpResponse:
    """The funder's rules, all on one page; fixed once bids open."""
    found = find_round(request, round)
    kept = list(found.funder_rules.all())
    looked = [
        {"rule": rule, "words": limits.in_words(rule.looks_for, rule.limits)} for rule in kept
    ]
    if found.frozen_at:
        return render(
            request, "commissioning/funder_rules_fixed.html", {"round": found, "rules": looked}
        )
    formset = forms.RuleRows(
        posted(request),
        initial=[
            {"rule": rule.pk, "text": rule.text, "only_tells": rule.only_tells} for rule in kept
        ],
        form_kwargs={"round": found},
    )
    if request.method == "POST" and formset.is_valid():
        _save_rules(request, found, formset)
        messages.success(request, _("The funder’s rules are saved."))
        return redirect("round_detail", found.slug)
    return _page(request, "change_funder_rules", formset=formset, round=found, rules=looked)


@permitted(Permission.SET_UP)
def set_rule_limits(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """What the computer looks at for one rule of the funder; fixed once bids open."""
    found = find_round(request, round)
    rule = get_object_or_404(found.funder_rules.breakable(), pk=pk)
    rules.may_change_money(found, by=reader(request)).require()
    first = limits.as_typed(rule.limits) | {"looks_for": rule.looks_for or None}
    form = forms.RuleLimits(posted(request), initial=first)
    if form.is_valid():
        actions.set_rule_limits(
            rule=rule,
            looks_for=form.chosen,
            limits=form.limits,
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("What the computer looks at is saved."))
        return redirect("change_funder_rules", found.slug)
    return _page(request, "set_rule_limits", form=form, round=found, rule=rule)


def _save_rules(request: HttpRequest, round: Round, formset: Any) -> None:
    by, at = reader(request), clock.now()
    for row in formset:
        rule, text = row.cleaned_data.get("rule"), row.cleaned_data.get("text", "")
        said = {"text": text, "only_tells": row.cleaned_data.get("only_tells", False)}
        if rule and text:
            actions.change_funder_rule(rule=rule, **said, by=by, at=at)
        elif rule:
            actions.remove_funder_rule(rule=rule, by=by, at=at)
        elif text:
            actions.add_funder_rule(round=round, **said, by=by, at=at)


@permitted(Permission.SET_UP)
def change_lots(request: HttpRequest, round: str) -> HttpResponse:
    """The lots that staff look after; those agreed by vote are only shown."""
    found = find_round(request, round)
    agreed = rules.agreed_lots(found)
    lots = list(found.lots.all())
    fixed = lots if found.frozen_at else [lot for lot in lots if lot.slug in agreed]
    ours = [lot for lot in lots if lot not in fixed]
    formset = forms.LotRows(
        posted(request),
        initial=[
            {"lot": lot.pk, "name": lot.name, "about": lot.about, "limit": lot.limit}
            for lot in ours
        ],
        form_kwargs={"round": found},
    )
    if request.method == "POST" and not found.frozen_at and formset.is_valid():
        trouble = _lots_trouble(found, formset)
        if not trouble:
            _save_lots(request, found, formset)
            messages.success(request, _("The lots are saved."))
            return redirect("round_detail", found.slug)
        formset.non_form_errors().append(trouble)
    return _page(request, "change_lots", formset=formset, round=found, fixed=fixed, lots=lots)


def _lots_trouble(round: Round, formset: Any) -> str:
    """Why these lots together do not do, in a sentence; nothing when they do."""
    limits, dropping = {}, []
    for row in formset:
        lot, name = row.cleaned_data.get("lot"), row.cleaned_data.get("name", "")
        if name:
            slug = lot.slug if lot else rules.lot_slug(name)
            if slug in limits or (not lot and round.lots.filter(slug=slug).exists()):
                return _("Two lots cannot have the same name. Choose another name.")
            limits[slug] = row.cleaned_data["limit"]
        elif lot:
            dropping.append(lot.slug)
    return rules.fits_the_money(round, limits=limits, dropping=dropping).sentence


def _save_lots(request: HttpRequest, round: Round, formset: Any) -> None:
    """Taken out and made smaller first, so that the sums never go past the money on the way."""
    by, at = reader(request), clock.now()
    rows = [row.cleaned_data for row in formset if row.cleaned_data]
    rows.sort(key=lambda row: row["limit"] - row["lot"].limit if _stays(row) else row["limit"] or 0)
    for row in rows:
        if row["lot"] and not row["name"]:
            actions.remove_lot(lot=row["lot"], by=by, at=at)
    for row in rows:
        name, about, limit = row["name"], row["about"], row["limit"]
        if _stays(row):
            actions.change_lot(lot=row["lot"], name=name, about=about, limit=limit, by=by, at=at)
        elif name:
            actions.add_lot(round=round, name=name, about=about, limit=limit, by=by, at=at)


def _stays(row: dict[str, Any]) -> bool:
    return bool(row["lot"] and row["name"])


@permitted(Permission.SET_UP)
def set_stage_dates(request: HttpRequest, round: str) -> HttpResponse:
    """All the stages that have not closed, with their days and rests, on one form."""
    found = find_round(request, round)
    lot = _lot_apart(request, found)
    formset = forms.StageRows(posted(request), round=found, lot=lot.pk if lot else 0)
    if request.method == "POST" and formset.is_valid():
        changed = actions.set_stage_dates(
            round=found, days=formset.days, by=reader(request), at=clock.now(), lot=formset.lot
        )
        said = _("The new dates are saved.") if changed else _("No date was changed.")
        messages.success(request, said)
        fresh = find_round(request, round)
        for sentence in rules.worth_a_look(fresh, kinds={stage.kind for stage in changed}):
            messages.info(request, sentence)
        return redirect("round_detail", found.slug)
    return _page(
        request,
        "set_stage_dates",
        formset=formset,
        round=found,
        lot=lot,
        apart=lots_apart(found),
        others=rules.could_go_apart(found),
        closed=[stage for stage in formset.rows if stage.closed_at],
        worth_a_look=rules.worth_a_look(found),
    )


def _lot_apart(request: HttpRequest, round: Round) -> Lot | None:
    """The lot with days of its own that the address names, if it names one."""
    wanted = request.GET.get("lot", "")
    found = next((lot for lot in lots_apart(round) if lot.slug == wanted), None)
    if wanted and found is None:
        raise Http404
    return found


@permitted(Permission.SET_UP)
def give_own_days(request: HttpRequest, round: str, lot: str) -> HttpResponse:
    """Let one panel go at its own pace; or say in one sentence why that cannot be."""
    found = find_round(request, round)
    row = get_object_or_404(found.lots, slug=lot)
    row.round = found
    verdict = rules.may_give_own_days(row, by=reader(request))
    form = forms.Sure(
        posted(request), label=_("Yes, give “%(lot)s” days of its own") % {"lot": row.name}
    )
    if verdict and form.is_valid():
        actions.give_own_days(lot=row, by=reader(request), at=clock.now())
        messages.success(
            request,
            _("“%(lot)s” has days of its own now. You can change them here.") % {"lot": row},
        )
        return redirect(f"{reverse('set_stage_dates', args=[found.slug])}?lot={row.slug}")
    return _page(
        request,
        "give_own_days",
        form=form,
        round=found,
        lot=row,
        verdict=verdict,
        stages=rules.to_be_own(found),
    )


@permitted(Permission.SET_UP)
def what_if(request: HttpRequest, round: str) -> HttpResponse:
    """What would move if a stage closed on another day. Nothing is changed here."""
    found = find_round(request, round)
    form = forms.WhatIf(posted(request), round=found, on=clock.today())
    context: dict[str, Any] = {"form": form, "round": found}
    if form.is_valid():
        day = form.cleaned_data["closes_on"]
        context |= {
            "day": day,
            "follows": [rules.in_words(sentence) for sentence in form.follows],
            "weekend": day.weekday() >= SATURDAY,
            "holiday": workdays.holiday(day),
        }
        return render(request, "commissioning/what_if.html", context)
    return _page(request, "what_if", **context)


# ---- Stages ----------------------------------------------------------------------------------
def _find_stage(request: HttpRequest, round: Round, kind: str) -> AnyStage:
    """The stage of this kind: the round's, or a panel's own where the address names its lot."""
    found = _lot_apart(request, round)
    stage = next(
        (
            row
            for row in all_stages(round)
            if row.kind == kind and row.for_lot == (found.pk if found else 0)
        ),
        None,
    )
    if stage is None:
        raise Http404
    return stage


@permitted(Permission.SET_UP)
def open_stage(request: HttpRequest, round: str, kind: str) -> HttpResponse:
    """Check, then open a stage; or say in one sentence why it cannot open yet."""
    found = find_round(request, round)
    stage = _find_stage(request, found, kind)
    name = str(stage)
    verdict = rules.may_open_stage(stage, on=clock.today())
    form = forms.Sure(posted(request), label=_("Yes, open “%(stage)s” now") % {"stage": name})
    if verdict and form.is_valid():
        actions.open_stage(stage=stage, by=reader(request), at=clock.now())
        messages.success(request, _("“%(stage)s” is open.") % {"stage": name})
        return redirect("round_detail", found.slug)
    return _page(
        request,
        "open_stage",
        form=form,
        round=found,
        stage=stage,
        verdict=verdict,
        means=stage_words.MEANS[kind],
        told=kind in actions.stages.TOLD_WHEN_OPEN,
        freezes=kind == StageKind.OPEN,
        days_late=max((clock.today() - stage.opens_on).days, 0),
    )


@permitted(Permission.SET_UP)
def close_stage(request: HttpRequest, round: str, kind: str) -> HttpResponse:
    """Check what closing leads to, then close; or say in one sentence why it cannot close yet."""
    found = find_round(request, round)
    stage = _find_stage(request, found, kind)
    name = str(stage)
    verdict = rules.may_close_stage(stage, on=clock.today())
    form = forms.Sure(posted(request), label=_("Yes, close “%(stage)s” now") % {"stage": name})
    if verdict and form.is_valid():
        closed = actions.close_stage(stage=stage, by=reader(request), at=clock.now())
        until = timetable.rest_until(plan(closed))
        said = _("“%(stage)s” is closed.") % {"stage": name}
        if until:
            said += " " + _("Rest until %(day)s.") % {"day": date_format(until, "l j F Y")}
        messages.success(request, said)
        return redirect("round_detail", found.slug)
    after = rules.after_close(stage, on=clock.today())
    return _page(
        request,
        "close_stage",
        form=form,
        round=found,
        stage=stage,
        verdict=verdict,
        after=after,
        following_name=rules.in_words(after.following.name) if after.following else "",
        moved=[{"label": rules.in_words(one.name), "plan": one} for one in after.moved],
    )


# ---- People ----------------------------------------------------------------------------------
@permitted(Permission.INVITE_VOLUNTEERS)
def member_list(request: HttpRequest, round: str) -> HttpResponse:
    """Who joined, who is invited, who left; what they promised; and whom to ring."""
    found = find_round(request, round)
    typed = Prefetch(
        "typed_answers", TypedAnswer.objects.waiting().order_by("pk"), to_attr="typed_waiting"
    )
    members = list(found.members.select_related("person").prefetch_related(typed))
    joined = [one for one in members if one.joined_at and not one.ended_at]
    invited = [one for one in members if not one.joined_at and not one.ended_at]
    return render(
        request,
        "commissioning/member_list.html",
        {
            "round": found,
            "joined": joined,
            "invited": invited,
            "waiting": [one for one in joined if not one.confirmed_at],
            "left": [one for one in members if one.ended_at],
            "may_end": bool(joined and rules.may_leave(joined[0], by=reader(request))),
            "to_ring": [one for one in joined + invited if one.person.channel != Channel.EMAIL],
            "bids_promised": sum(one.bids_wanted for one in joined),
            "hours_promised": sum(one.hours_low or 0 for one in joined),
        },
    )


@permitted(Permission.INVITE_VOLUNTEERS)
def invite_volunteers(request: HttpRequest, round: str) -> HttpResponse:
    """Choose whom to invite, from the volunteers who are not in the round yet."""
    found = find_round(request, round)
    could = rules.could_take_part(found)
    form = forms.InviteVolunteers(posted(request), could=could)
    if form.is_valid():
        for person in form.cleaned_data["people"]:
            actions.invite_volunteer(round=found, person=person, by=reader(request), at=clock.now())
        messages.success(request, _("The invitations are on their way."))
        return redirect("member_list", found.slug)
    return _page(request, "invite_volunteers", form=form, round=found, could=could)


@permitted(Permission.TYPE_FOR)
def type_yes(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Type the yes of somebody who answered on paper or by phone. They get a receipt."""
    found = find_round(request, round)
    member = get_object_or_404(found.members.select_related("person"), pk=pk)
    rules.may_join(member, by=reader(request)).require()
    form = forms.TypeYes(posted(request))
    if wants_paper(request):
        return _yes_paper(request, form, found)
    if form.is_valid():
        actions.join_round(member=member, **form.cleaned_data, by=reader(request), at=clock.now())
        said = (
            _("%(name)s takes part now.")
            if member.confirmed_at
            else _("%(name)s has said yes. Two volunteers of the round must confirm them now.")
        )
        messages.success(request, said % {"name": member.person.name})
        return redirect("member_list", found.slug)
    return _page(request, "type_yes", form=form, round=found, member=member)


@permitted(Permission.INVITE_VOLUNTEERS)
def end_place(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """End a place for somebody who rang to say they cannot take part. They get a receipt."""
    found = find_round(request, round)
    member = get_object_or_404(found.members.select_related("person"), pk=pk)
    rules.may_leave(member, by=reader(request)).require()
    label = _("%(name)s asked me to do this") % {"name": member.person.name}
    form = forms.Sure(posted(request), label=label)
    if form.is_valid():
        actions.leave_round(member=member, by=reader(request), at=clock.now())
        messages.success(request, _("The place has ended. A letter is on its way to them."))
        return redirect("member_list", found.slug)
    return _page(request, "end_place", form=form, round=found, member=member)


# ---- Typing for people, and the one say a facilitator has ------------------------------------
def _here(round: Round) -> QuerySet[Member]:
    return Member.objects.here().filter(round=round).select_related("person")


@permitted(Permission.TYPE_FOR)
def type_suggestion(request: HttpRequest, round: str, about: str) -> HttpResponse:
    """Type what a volunteer said on paper or by phone. Both names are kept."""
    found = find_round(request, round)
    if about not in Suggestion.About:
        raise Http404
    rules.open_for(found, about, on=clock.today()).require()
    form = forms.TypeSuggestion(posted(request), about=about, members=_here(found))
    if wants_paper(request):
        title, facts = _("What I suggest"), {"round": found}
        return on_paper(request, form, title=title, leave_out=["member"], facts=facts)
    if form.is_valid():
        given = form.cleaned_data
        actions.suggest(
            round=found,
            about=about,
            text=given["text"],
            member=given["member"],
            by=reader(request),
            at=clock.now(),
        )
        messages.success(request, _("Typed for %(name)s.") % {"name": given["member"].person.name})
        return redirect("suggestion_list", found.slug)
    return _page(request, "type_suggestion", form=form, round=found, about=about)


@permitted(Permission.TYPE_FOR)
def type_vote(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Type a vote given on paper or by phone. It counts once somebody else confirms it."""
    agreement = find_agreement(request, round, pk)
    rules.vote_under_way(agreement, on=clock.today()).require()
    without = (
        _here(agreement.round)
        .exclude(agreement_votes__agreement=agreement)
        .exclude(pk__in=agreement.typed_votes.filter(dropped_at=None).values("member"))
    )
    form = forms.TypeVote(posted(request), members=without)
    if wants_paper(request):
        return _vote_paper(request, form, with_words(agreement))
    if form.is_valid():
        typed = actions.type_vote(
            agreement=agreement, **form.cleaned_data, by=reader(request), at=clock.now()
        )
        messages.success(
            request,
            _("Typed for %(name)s. It counts once they, or a second person, confirm it.")
            % {"name": typed.member.person.name},
        )
        return redirect("agreement_detail", round, pk)
    return _page(request, "type_vote", form=form, round=agreement.round, agreement=agreement)


def _yes_paper(request: HttpRequest, form: forms.TypeYes, found: Round) -> HttpResponse:
    """With the hours, and the agreement that is signed below."""
    return on_paper(
        request,
        form,
        title=_("My yes"),
        about="commissioning/_paper_yes.html",
        facts={"round": found, "examples": hours_for(found, 2, 5, 8, 12, 19)},
        mine={
            "days_away": _("When are you away or busy?"),
            "hopes": _("What do you hope for?"),
            "experience": _("Is there something from your own life you would like to offer?"),
            "has_scored_before": _("Have you scored bids before?"),
            "may_be_named": _("May your name stand in the report at the end?"),
            "keeps_confidence": _("I read, or heard, the agreement above, and I agree to it"),
        },
    )


def _vote_paper(request: HttpRequest, form: forms.TypeVote, agreement: Agreement) -> HttpResponse:
    criteria = agreement.about == Suggestion.About.CRITERIA
    facts = {
        "round": agreement.round,
        "criteria": agreement.criteria.all() if criteria else (),
        "must_haves": agreement.must_haves.all() if criteria else (),
        "priorities": () if criteria else agreement.priorities.all(),
    }
    about = "commissioning/_paper_agreement.html"
    title = _("My vote")
    mine = {
        "choice": _("What do you say?"),
        "words": _("Which words would you like written down?"),
    }
    return on_paper(
        request, form, title=title, leave_out=["member"], about=about, facts=facts, mine=mine
    )


@permitted(Permission.SET_UP)
def object_to_agreement(request: HttpRequest, round: str, pk: int) -> HttpResponse:
    """Say in writing which funder rule a wording would break."""
    agreement = find_agreement(request, round, pk)
    rules.may_object(agreement, by=reader(request)).require()
    form = forms.Objection(posted(request), round=agreement.round)
    if form.is_valid():
        actions.object_to_agreement(
            agreement=agreement, **form.cleaned_data, by=reader(request), at=clock.now()
        )
        messages.success(request, _("Your objection stands beside the vote now."))
        return redirect("agreement_detail", round, pk)
    return _page(
        request, "object_to_agreement", form=form, round=agreement.round, agreement=agreement
    )


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    """A page with a form: 422 when it came back with mistakes."""
    asked = context.get("form", context.get("formset"))
    wrong = request.method == "POST" and asked is not None and asked.is_bound
    status = 422 if wrong else 200
    return render(request, f"commissioning/{name}.html", context, status=status)
