"""A panel member's pages: the panel, its scores side by side, talking, and choosing who to meet.

A facilitator sees most of them too, to run a meeting. They never answer, score or choose.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, holds, permitted
from applications.models import Application
from commissioning.models import Criterion, LevelWord, StageKind
from commissioning.pace import AnyStage, stage_is, stages_of
from ledger import clock
from panels import actions, marking, proposal_words, sight, talk, timing
from panels import agenda as agenda_of
from panels.actions import NewScore
from panels.forms import SureForm
from panels.meeting_forms import ChangeScoreForm, ShortlistingForm
from panels.models import Assignment, Meeting, Phase, Proposal, Shortlisting
from panels.rules import conversation
from panels.rules import meeting as rules
from panels.rules import proposals as proposal_rules
from panels.rules import timing as timing_rules
from panels.rules.scoring import unsent
from panels.rules.visits import Visit, seats_with_facts
from panels.views.entering import enter, for_panel, own_seat, typed

PER_PAGE = 25


# ---- The panel ------------------------------------------------------------------------------
@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def panel_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is on the panel, what is in front of it, and when it meets."""
    visit = enter(request, pk=pk)
    panel = visit.panel
    stages = {row.kind: row for row in stages_of(panel.round, panel.lot_id)}
    waiting = list(proposal_words.in_sight(visit).filter(settled_at=None))
    # Today's stays to be found while the panel sits in it, and after it for the minutes.
    coming = Meeting.objects.filter(
        panel=panel, called_off_at=None, starts_at__date__gte=clock.today()
    )
    context = {
        "visit": visit,
        "panel": panel,
        "seats": seats_with_facts(panel),
        "waiting": _with_sentences(waiting),
        "letters": next((row for row in waiting if row.kind == Proposal.Kind.LETTERS), None),
        "meetings": coming[:3],
        "next": _next(visit, stages, waiting),
        "asked_back": _asked_back(visit, stages),
        "sharing": _is_open(stages, StageKind.SHARING),
        "shared": _was_opened(stages, StageKind.SHARING),
        "choosing": _is_open(stages, StageKind.SHORTLIST),
        "meeting_them": _was_opened(stages, StageKind.INTERVIEWS),
        "deciding": _is_open(stages, StageKind.DECISION),
    }
    return render(request, "panels/panel_detail.html", context)


def _asked_back(visit: Visit, stages: dict[str, AnyStage]) -> list[Application]:
    """Bids that the panel could vote to have back, while the funder's rules are checked."""
    if visit.staff or not _is_open(stages, StageKind.ELIGIBILITY):
        return []
    asked = proposal_rules.asked_back(visit.panel)
    put = Proposal.objects.filter(panel=visit.panel, kind=Proposal.Kind.RETURN_BID)
    return list(asked.exclude(pk__in=put.filter(settled_at=None).values("application")))


def _with_sentences(rows: list[Proposal]) -> list[dict[str, Any]]:
    said = proposal_words.sentences(rows)
    return [{"proposal": row, "sentence": said[row.pk]} for row in rows]


def _is_open(stages: dict[str, AnyStage], kind: str) -> bool:
    return kind in stages and bool(stages[kind].opened_at) and not stages[kind].closed_at


def _was_opened(stages: dict[str, AnyStage], kind: str) -> bool:
    return kind in stages and bool(stages[kind].opened_at)


def _next(visit: Visit, stages: dict[str, AnyStage], waiting: list[Proposal]) -> dict[str, str]:
    """The one thing to do next on the panel's page, or nothing."""
    if visit.staff:
        return {}
    panel = visit.panel
    todo = [row for row in waiting if not vars(row)["answered"]]
    choosing = _is_open(stages, StageKind.SHORTLIST)
    if todo:
        return {
            "sentence": _("Answer what is in front of the panel."),
            "button": _("Read and answer"),
            "url": reverse("proposal_detail", args=[todo[0].pk]),
        }
    if choosing and not panel.scores_opened_at:
        return {
            "sentence": _("The panel can open its scores now."),
            "button": _("Open the scores"),
            "url": reverse("open_scores", args=[panel.pk]),
        }
    if choosing:
        return {
            "sentence": _("Talk about the bids, and choose who to meet."),
            "button": _("Go to the agenda"),
            "url": reverse("agenda", args=[panel.pk]),
        }
    if _is_open(stages, StageKind.INTERVIEWS):
        if proposal_rules.counting_to_agree(panel):
            return {
                "sentence": _(
                    "Agree how reading and meeting count, before anybody sees a meeting’s scores."
                ),
                "button": _("Say how they should count"),
                "url": reverse("put_combine_rule", args=[panel.pk]),
            }
        return {
            "sentence": _("Meet the organisations, and score what they say."),
            "button": _("See the times"),
            "url": reverse("interview_list", args=[panel.pk]),
        }
    if _is_open(stages, StageKind.DECISION):
        return {
            "sentence": _("Decide who gets the money."),
            "button": _("Go to the money boards"),
            "url": reverse("board_list", args=[panel.pk]),
        }
    return {}


# ---- Opening --------------------------------------------------------------------------------
@permitted(Permission.VOTE)
@for_panel
def open_scores(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the opening of the scores to the panel, and agree to it."""
    return _open(request, pk, Proposal.Kind.OPEN_SCORES, "panels/open_scores.html")


@permitted(Permission.VOTE)
@for_panel
def open_interview_scores(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for the interview scores."""
    return _open(request, pk, Proposal.Kind.OPEN_INTERVIEWS, "panels/open_interview_scores.html")


def _open(request: HttpRequest, pk: int, kind: Proposal.Kind, template: str) -> HttpResponse:
    visit = enter(request, pk=pk)
    there = Proposal.objects.filter(panel=visit.panel, kind=kind, settled_at=None).first()
    if there:
        return redirect("proposal_detail", there.pk)
    on = clock.today()
    proposal_rules.may_put(visit.panel, kind, visit.person, on=on).require()
    form = SureForm(
        typed(request),
        label=_("Open the scores: everyone will see them"),
        mistake=_("Tick the box to put this to the panel."),
    )
    if request.method == "POST" and form.is_valid():
        seat = own_seat(visit)
        put = actions.ask_to_open(seat=seat, kind=kind, by=visit.person, at=clock.now())
        messages.success(request, _("You put this to the panel, and you agreed."))
        return redirect("proposal_detail", put.pk)
    left = unsent(visit.panel.round).filter(application__lot=visit.panel.lot_id).exists()
    context = {
        "panel": visit.panel,
        "form": form,
        "some_are_out": left,
        "to_agree": proposal_rules.counting_to_agree(visit.panel),
    }
    return render(request, template, context, status=422 if form.errors else 200)


@permitted(Permission.SCORE)
@for_panel
def not_scoring(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one will not score what is left, so as to see what the others said."""
    visit = enter(request, pk=pk)
    on = clock.today()
    proposal_rules.may_say_not_scoring(visit.panel, visit.person, on=on).require()
    form = SureForm(
        typed(request),
        label=_("I will not score the bids that are left"),
        mistake=_("Tick the box to say that you will not score them."),
    )
    if request.method == "POST" and form.is_valid():
        actions.say_not_scoring(panel=visit.panel, by=visit.person, at=clock.now())
        messages.success(request, _("Thank you. Nothing is left for you to send."))
        return redirect("panel_detail", pk)
    context = {"panel": visit.panel, "form": form}
    return render(request, "panels/not_scoring.html", context, status=422 if form.errors else 200)


# ---- The agenda -----------------------------------------------------------------------------
def _look(visit: Visit, **which: Any) -> sight.Sight:
    """What the visitor may see of the scores; refused with the rule's sentence otherwise."""
    seen = sight.look(visit, **which)
    seen.verdict.require()
    return seen


def _time(
    visit: Visit, hidden: Collection[int], rows: Sequence[agenda_of.Row]
) -> timing.Timing | None:
    """The time of the meeting that this agenda is for: the one that goes on, or the next one."""
    at = clock.now()
    meetings = timing_rules.timed_meetings(visit.panel.meetings.all())
    return timing.timing_for(
        visit,
        hidden,
        at=at,
        meetings=meetings,
        meeting=timing_rules.meeting_at(meetings, Meeting.Kind.SHORTLIST, at=at),
        bids=timing.bids_in_rows(row.bid for row in rows),
    )


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """The bids in the order to talk about them: where readers differ most comes first."""
    visit = enter(request, pk=pk)
    if visit.reading_left and visit.panel.scores_opened_at and not visit.staff:
        return render(request, "panels/_agenda_later.html", {"panel": visit.panel}, status=403)
    seen = _look(visit)
    rows, sure = agenda_of.rows_for(visit, seen)
    context = {
        "visit": visit,
        "panel": visit.panel,
        "sure": agenda_of.sure_words(sure),
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "left": sum(not row.settled and not row.mine_out for row in rows),
        "out": [name for _member, name in seen.out.get(None, ())],
        "time": _time(visit, seen.hidden, rows),
    }
    return render(request, "panels/agenda.html", context)


@permitted(Permission.VOTE)
@require_safe
@for_panel
def my_marking(request: HttpRequest, pk: int) -> HttpResponse:
    """How one member marks beside the others on the same bids. Nobody else can see it."""
    visit = enter(request, pk=pk)
    seen = _look(visit)
    mine = visit.member or 0
    pictures = seen.pictures()
    both = {bid.pk: bid for bid in agenda_of.bids_of(visit.panel) if bid.pk in pictures}
    rows = [
        {"bid": both[pk], "mine": own, "others": others}
        for pk, own, others in marking.beside_others(mine, pictures)
        if pk in both
    ]
    found = marking.marking_of(mine, pictures)
    context = {"panel": visit.panel, "marking": found, "rows": rows}
    return render(request, "panels/my_marking.html", context)


@permitted(Permission.RUN_MEETINGS)
@require_safe
def big_screen(request: HttpRequest, pk: int) -> HttpResponse:
    """The agenda for a screen in a room: large, and nothing else on it. A bid opens as large."""
    visit = enter(request, pk=pk)
    seen = _look(visit)
    rows, _sure = agenda_of.rows_for(visit, seen, in_the_room=True)
    time = _time(visit, (), rows)
    context: dict[str, Any] = {
        "time": time and replace(time, kept_back=seen.out.keys()),
        "panel": visit.panel,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "left": sum(not row.settled for row in rows),
        "nav": [],
    }
    return render(request, "panels/big_screen.html", context)


# ---- One bid --------------------------------------------------------------------------------
def _bid(visit: Visit, application: int) -> Application:
    """One bid of the panel, with how far the panel has got; not there for who steps out."""
    own = Assignment.objects.current().filter(
        member__person=visit.person, application=OuterRef("pk")
    )
    open_now = stage_is(StageKind.SHORTLIST, round="round", lot="lot", opened=True, closed=False)
    typed_for = rules.typed_and_waiting().filter(
        member=visit.member, application=OuterRef("pk"), phase=Phase.TALK
    )
    begun = timing_rules.begun_by(visit.panel, Meeting.Kind.SHORTLIST, at=clock.now())
    bids = agenda_of.bids_of(visit.panel).annotate(
        own_reading=Subquery(own.values("pk")[:1]),
        typed_change=Subquery(typed_for.values("pk")[:1]),
        checked_change=Subquery(
            rules.checked_by_staff()
            .filter(member=visit.member, application=OuterRef("pk"))
            .values("pk")[:1]
        ),
        choosing=open_now,
        meeting_now=Subquery(begun.values("pk")),
        meeting_starts_at=Subquery(begun.values("starts_at")),
        meeting_minutes=Subquery(begun.values("minutes_long")),
        on_the_table=timing_rules.on_the_table(visit.panel, application),
    )
    return get_object_or_404(bids, pk=application)


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def talk_about_bid(request: HttpRequest, pk: int, application: int) -> HttpResponse:
    """One bid: every score as a dot, before and after talking, with what people wrote. For a
    screen in a room it is large, and what staff do about it is left out."""
    visit = enter(request, pk=pk)
    screen = visit.staff and "screen" in request.GET
    seen = _look(visit, application=application)
    bid = _bid(visit, application)
    if bid.pk in seen.hidden:
        return render(request, "panels/_step_out.html", {"panel": visit.panel, "bid": bid})
    levels = LevelWord.objects.filter(criterion__in=[row.pk for row in seen.criteria])
    counted = Q(votes__typed_by=None) | Q(votes__confirmed_at__isnull=False)
    proposals = list(
        proposal_words.in_sight(visit)
        .filter(application=bid, kind=Proposal.Kind.SHORTLIST)
        .annotate(said=Count("votes", filter=counted))
        .order_by("-put_at", "-pk")
    )
    context = {
        "meeting": timing.meeting_for(bid, at=clock.now()),
        "programme": visit.panel.round.programme,
        "visit": visit,
        "panel": visit.panel,
        "bid": bid,
        "status": agenda_of.status_of(bid),
        "sections": talk.sections(seen, bid.pk, list(levels), mine=visit.member),
        "whys": talk.whys(seen, bid.pk, mine=visit.member),
        "out": [name for _member, name in seen.out.get(bid.pk, ())],
        "asked_why": conversation.asked_why(bid),
        "may_ask": not screen and (not visit.staff or holds(visit.person, Permission.TYPE_FOR)),
        "open": next((row for row in proposals if row.settled_at is None), None),
        "titles": {row.pk: row.title for row in seen.criteria},
        "on_paper": rules.changes_on_paper(visit.panel, bid)
        if visit.staff
        and not screen
        and vars(bid)["choosing"]
        and holds(visit.person, Permission.TYPE_FOR)
        else (),
        "proposals": _with_sentences([row for row in proposals if row.settled_at]),
        "ways_on": agenda_of.split_again(bid, proposals) and not visit.staff,
        "screen": screen,
        **({"nav": []} if screen else {}),
    }
    return render(request, "panels/talk_about_bid.html", context)


@permitted(Permission.SCORE)
@for_panel
def change_score_after_talk(
    request: HttpRequest, pk: int, application: int, slug: str
) -> HttpResponse:
    """Change one own score after talking, with a reason. The first one is kept."""
    visit = enter(request, pk=pk)
    seen = _look(visit, application=application)
    bid, seat = _bid(visit, application), own_seat(visit)
    rules.may_change_after_talk(seat, bid, visit.person, on=clock.today()).require()
    criterion = next((row for row in seen.criteria if row.slug == slug), None)
    if criterion is None:
        raise Http404
    levels = list(LevelWord.objects.filter(criterion=criterion))
    form = ChangeScoreForm(typed(request), criterion=criterion, levels=levels)
    if request.method == "POST" and form.is_valid():
        new = NewScore(form.value(), form.cleaned_data["reason"])
        actions.change_score_after_talk(
            seat=seat, application=bid, changes={criterion: new}, by=visit.person, at=clock.now()
        )
        messages.success(request, _("Your new score counts. Your first one is kept beside it."))
        return redirect("talk_about_bid", pk, application)
    own = [row for row in seen.said if row.reader == visit.member and row.criterion == criterion.pk]
    now = talk.in_words(own[0].value, levels) if own else ""
    context = {"panel": visit.panel, "bid": bid, "criterion": criterion, "form": form, "now": now}
    return render(
        request, "panels/change_score_after_talk.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.VOTE)
@for_panel
def propose_shortlisting(request: HttpRequest, pk: int, application: int) -> HttpResponse:
    """Propose to meet an organisation, or not this time, with the reason it will be told."""
    visit = enter(request, pk=pk)
    seen = _look(visit, application=application)
    bid = _bid(visit, application)
    kind, on = Proposal.Kind.SHORTLIST, clock.today()
    proposal_rules.may_put(visit.panel, kind, visit.person, on=on, application=bid).require()
    form = ShortlistingForm(
        typed(request),
        round=visit.panel.round,
        criteria=seen.criteria,
        written=talk.written(seen.said, bid.pk),
    )
    if request.method == "POST" and form.is_valid():
        put = actions.propose_shortlisting(
            panel=visit.panel,
            application=bid,
            **form.cleaned_data,
            by=visit.person,
            at=clock.now(),
        )
        messages.success(request, _("You put this to the panel. Now answer it yourself."))
        return redirect("vote_on_proposal", put.pk)
    context = {"panel": visit.panel, "bid": bid, "form": form}
    return render(
        request, "panels/propose_shortlisting.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def shortlist_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Who the panel meets and who not, with the reasons."""
    visit = enter(request, pk=pk)
    visit.sees_scores.require()
    chosen = Shortlisting.objects.filter(replaced_by=None).select_related("criterion", "proposal")
    out = sight.steps_out(visit.panel)
    hidden = [bid for bid, rows in out.items() if visit.member in {pk for pk, _name in rows}]
    bids = (
        Application.objects.eligible()
        .filter(lot=visit.panel.lot_id)
        .exclude(pk__in=[bid for bid in hidden if bid])
        .select_related("organisation")
        .with_sent_name()
        .prefetch_related(Prefetch("shortlistings", chosen, to_attr="chosen"))
    )
    rows: dict[str, list[dict[str, Any]]] = {"meet": [], "no": [], "open": []}
    for bid in bids:
        choice: Shortlisting | None = next(iter(vars(bid)["chosen"]), None)
        rows[choice.outcome if choice else "open"].append({"bid": bid, "chosen": choice})
    told = [row["chosen"].by_criterion for row in (*rows["meet"], *rows["no"])]
    context = {
        "titles": Criterion.objects.titles_of(*told),
        "visit": visit,
        "panel": visit.panel,
        "meet": rows["meet"],
        "not_now": rows["no"],
        "open": rows["open"],
    }
    return render(request, "panels/shortlist_detail.html", context)
