"""The panel's agreements: putting something, answering, and what has been agreed."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.paper import on_paper, wants_paper
from accounts.permissions import Permission, permitted
from applications.models import AskBack
from applications.rules import newest_ruling
from commissioning.agreement import Choice as Said
from commissioning.agreement import tally
from commissioning.models import Choice
from commissioning.pace import lots_of, stages_of
from commissioning.rules import back_on, more_rest_days
from ledger import clock
from panels import actions, proposal_words
from panels.meeting_forms import (
    AimForm,
    BidBackForm,
    CombineForm,
    ProposalForm,
    StaffProposalForm,
    VoteForm,
)
from panels.models import Proposal, ProposalVote, ShareAim
from panels.rules import proposals as rules
from panels.rules import share
from panels.rules.visits import Visit
from panels.views.entering import enter, for_panel, own_seat, typed

PER_PAGE = 25


def _find(request: HttpRequest, pk: int) -> tuple[Visit, Proposal]:
    """One thing put to a panel, if this visitor may see it."""
    visit = enter(request, proposals=pk)
    proposal = get_object_or_404(proposal_words.in_sight(visit), pk=pk)
    proposal.panel = visit.panel
    return visit, proposal


# ---- Reading --------------------------------------------------------------------------------
@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def proposal_list(request: HttpRequest, pk: int) -> HttpResponse:
    """What is in front of the panel, and what it has settled."""
    visit = enter(request, pk=pk)
    rows = proposal_words.in_sight(visit)
    page = Paginator(
        rows.filter(settled_at__isnull=False).order_by("-settled_at", "-pk"), PER_PAGE
    ).get_page(request.GET.get("page"))
    waiting = list(rows.filter(settled_at=None))
    said = proposal_words.sentences([*waiting, *page.object_list])
    context = {
        "visit": visit,
        "panel": visit.panel,
        "waiting": [{"proposal": row, "sentence": said[row.pk]} for row in waiting],
        "settled": [{"proposal": row, "sentence": said[row.pk]} for row in page.object_list],
        "page": page,
    }
    return render(request, "panels/proposal_list.html", context)


@permitted(Permission.VOTE, Permission.RUN_MEETINGS)
@require_safe
@for_panel
def proposal_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One thing put to the panel. How others said shows once one has answered, or at the end."""
    visit, proposal = _find(request, pk)
    table = Table(proposal, on=clock.today())
    mine = visit.seat or 0
    open_now, answered = not proposal.settled_at, mine in table.counting
    context = {
        "visit": visit,
        "panel": visit.panel,
        "proposal": proposal,
        "sentence": proposal_words.sentences([proposal])[proposal.pk],
        "told": proposal_words.told_by_criterion(proposal),
        "table": table,
        "result": table.result() if proposal.settled_at or answered else None,
        "may_answer": open_now and mine in table.entitled and not answered,
        "to_confirm": table.typed.get(mine) if open_now and not answered else None,
        "may_count": open_now
        and table.enough
        and bool(rules.may_count(proposal, visit.person, on=clock.today())),
        "may_drop": bool(rules.may_drop(proposal, visit.person)),
        "may_carry_out": visit.staff and bool(rules.may_carry_out(proposal, visit.person)),
    }
    return render(request, "panels/proposal_detail.html", context)


class Table:
    """Who may answer something put to a panel, who has, and what was typed and waits."""

    def __init__(self, proposal: Proposal, *, on: date) -> None:
        seats = rules.entitled_to(proposal).select_related("member__person")
        self.seats = list(seats.annotate(more_rest_days=more_rest_days("member__")))
        self.entitled = {seat.pk for seat in self.seats}
        votes = list(proposal.votes.select_related("typed_by"))
        counts = [vote for vote in votes if not vote.typed_by_id or vote.confirmed_at]
        self.counting = {vote.seat_id: vote for vote in counts}
        self.typed = {vote.seat_id: vote for vote in votes if vote.seat_id not in self.counting}
        self.needed = rules.needed_for(proposal.panel, len(self.seats))
        round = proposal.panel.round
        rests = {
            (round.pk, seat.member.person_id): more
            for seat in self.seats
            if (more := vars(seat)["more_rest_days"])
        }
        lots = lots_of([round], people=[seat.member.person_id for seat in self.seats])
        self.back = back_on(round, on=on, longer=rests, lots=lots) if rests or lots else {}

    @property
    def enough(self) -> bool:
        """Whether enough have answered to settle it."""
        return len(self.entitled & self.counting.keys()) >= self.needed

    @property
    def too_few_seats(self) -> bool:
        """Whether it cannot be settled, however they answer."""
        return len(self.seats) < self.needed

    def people(self) -> list[dict[str, Any]]:
        """Each seat, whether it has answered, and the day they are back. Never how."""
        return [
            {
                "seat": seat,
                "answered": seat.pk in self.counting,
                "typed": self.typed.get(seat.pk),
                "back_on": self.back.get(seat.member.person_id),
            }
            for seat in self.seats
        ]

    def result(self) -> dict[str, Any]:
        """How many said each thing, and the words they wanted noted, without names."""
        votes = self.counting.values()
        counted = tally({vote.seat_id: Said(vote.choice) for vote in votes})
        return {
            "rows": [
                (Choice.AGREE.label, counted.agree),
                (Choice.LIVE_WITH.label, counted.live_with),
                (Choice.DISAGREE.label, counted.disagree),
            ],
            "words": sorted(vote.words for vote in votes if vote.words),
            "typed": sum(vote.typed_by_id is not None for vote in votes),
        }


# ---- Putting --------------------------------------------------------------------------------
@permitted(Permission.VOTE)
@for_panel
def put_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Put something else to the panel, in one's own words."""
    visit = enter(request, pk=pk)
    form = ProposalForm(typed(request))
    if request.method == "POST" and form.is_valid():
        put = actions.put_to_panel(
            panel=visit.panel,
            kind=Proposal.Kind.OTHER,
            words=form.cleaned_data["words"],
            by=visit.person,
            at=clock.now(),
        )
        messages.success(request, _("You put this to the panel. Now answer it yourself."))
        return redirect("vote_on_proposal", put.pk)
    context = {"panel": visit.panel, "form": form}
    return render(request, "panels/put_proposal.html", context, status=422 if form.errors else 200)


@permitted(Permission.VOTE)
@for_panel
def put_bid_back(request: HttpRequest, pk: int, application: int) -> HttpResponse:
    """Have the panel vote on a bid that staff found outside the rules and a volunteer asked for."""
    visit = enter(request, pk=pk)
    bid = get_object_or_404(rules.asked_back(visit.panel), pk=application)
    kind, on = Proposal.Kind.RETURN_BID, clock.today()
    rules.may_put(visit.panel, kind, visit.person, on=on, application=bid).require()
    form = BidBackForm(typed(request))
    if request.method == "POST" and form.is_valid():
        put = actions.put_to_panel(
            panel=visit.panel,
            kind=kind,
            application=bid,
            words=form.cleaned_data["words"],
            by=visit.person,
            at=clock.now(),
        )
        messages.success(request, _("You put this to the panel. Now answer it yourself."))
        return redirect("vote_on_proposal", put.pk)
    ruling = newest_ruling(bid)
    context = {
        "panel": visit.panel,
        "bid": bid,
        "ruling": ruling,
        "asked": AskBack.objects.filter(eligibility__application=bid),
        "form": form,
    }
    return render(request, "panels/put_bid_back.html", context, status=422 if form.errors else 200)


@permitted(Permission.VOTE)
@for_panel
def put_share_aim(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the panel choose what comes first when the bids are shared out."""
    visit = enter(request, pk=pk)
    kind, round = Proposal.Kind.SHARE_AIM, visit.panel.round
    rules.may_put(visit.panel, kind, visit.person, on=clock.today()).require()
    form = AimForm(typed(request))
    if request.method == "POST" and form.is_valid():
        put = actions.put_to_panel(
            panel=visit.panel,
            kind=kind,
            words=form.cleaned_data["words"],
            data={"aim": form.cleaned_data["aim"]},
            by=visit.person,
            at=clock.now(),
        )
        messages.success(request, _("You put this to the panel. Now answer it yourself."))
        return redirect("vote_on_proposal", put.pk)
    context = {
        "panel": visit.panel,
        "form": form,
        "now": ShareAim(share.aim_of(round)).label,
        "panels": len(share.aims_by_panel(round)),
    }
    return render(request, "panels/put_share_aim.html", context, status=422 if form.errors else 200)


@permitted(Permission.VOTE)
@for_panel
def put_combine_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the panel agree how reading and meeting count, before anybody sees how it comes out."""
    visit = enter(request, pk=pk)
    kind = Proposal.Kind.COMBINE
    rules.may_put(visit.panel, kind, visit.person, on=clock.today()).require()
    form = CombineForm(typed(request))
    if request.method == "POST" and form.is_valid():
        put = actions.put_to_panel(
            panel=visit.panel,
            kind=kind,
            words=form.cleaned_data["words"],
            data={"rule": form.cleaned_data["rule"]},
            by=visit.person,
            at=clock.now(),
        )
        messages.success(request, _("You put this to the panel. Now answer it yourself."))
        return redirect("vote_on_proposal", put.pk)
    context = {"panel": visit.panel, "form": form, "now": rules.combine_rule(visit.panel).label}
    return render(
        request, "panels/put_combine_rule.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.SET_UP)
def put_for_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """A facilitator asks the panel about dates, or about a new member. They do not answer."""
    visit = enter(request, pk=pk)
    form = StaffProposalForm(
        typed(request),
        stages=[
            stage.kind
            for stage in stages_of(visit.panel.round, visit.panel.lot_id)
            if not stage.closed_at
        ],
        members=rules.could_join(visit.panel),
    )
    if request.method == "POST" and form.is_valid():
        put = actions.put_to_panel(
            panel=visit.panel,
            kind=form.cleaned_data["kind"],
            words=form.cleaned_data["words"],
            data=form.facts(),
            by=visit.person,
            at=clock.now(),
        )
        messages.success(request, _("The panel is asked, by letter."))
        return redirect("proposal_detail", put.pk)
    context = {"panel": visit.panel, "form": form}
    return render(request, "panels/put_for_panel.html", context, status=422 if form.errors else 200)


@permitted(Permission.VOTE, Permission.SET_UP)
@require_POST
@for_panel
def drop_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what one has put to the panel."""
    visit, proposal = _find(request, pk)
    actions.drop_proposal(proposal=proposal, by=visit.person, at=clock.now())
    messages.success(request, _("You took it off the table."))
    return redirect("proposal_list", visit.panel.pk)


# ---- Answering ------------------------------------------------------------------------------
@permitted(Permission.VOTE)
@for_panel
def vote_on_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer what was put to the panel: agree, live with it, or disagree."""
    visit, proposal = _find(request, pk)
    seat = own_seat(visit)
    rules.may_vote(proposal, seat, visit.person, on=clock.today()).require()
    form = VoteForm(typed(request))
    if request.method == "POST" and form.is_valid():
        actions.vote_on_proposal(
            proposal=proposal, seat=seat, **form.cleaned_data, by=visit.person, at=clock.now()
        )
        messages.success(request, _("Your answer is counted. Thank you."))
        if proposal.kind == Proposal.Kind.SHORTLIST and proposal.application_id:
            return redirect("talk_about_bid", visit.panel.pk, proposal.application_id)
        return redirect("proposal_detail", pk)
    context = {
        "panel": visit.panel,
        "proposal": proposal,
        "sentence": proposal_words.sentences([proposal])[pk],
        "criterion": proposal_words.criterion_of(proposal),
        "told": proposal_words.told_by_criterion(proposal),
        "form": form,
    }
    return render(
        request, "panels/vote_on_proposal.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.VOTE)
@require_POST
@for_panel
def count_answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Count the answers that are there."""
    visit, proposal = _find(request, pk)
    actions.count_answers(proposal=proposal, by=visit.person, at=clock.now())
    messages.success(request, _("The answers are counted."))
    return redirect("proposal_detail", pk)


@permitted(Permission.TYPE_FOR)
def type_vote_on_proposal(request: HttpRequest, pk: int, seat: int) -> HttpResponse:
    """A facilitator types the answer of somebody who is not online. It waits for a yes."""
    visit, proposal = _find(request, pk)
    seats = rules.entitled_to(proposal).select_related("member__person")
    theirs = get_object_or_404(seats, pk=seat)
    rules.may_vote(proposal, theirs, visit.person, on=clock.today()).require()
    form = VoteForm(typed(request))
    if wants_paper(request):
        facts: dict[str, Any] = {
            "proposal": proposal,
            "sentence": proposal_words.sentences([proposal])[pk],
            "told": proposal_words.told_by_criterion(proposal),
        }
        facts |= {"whose": f"{theirs.member.person.name}. {facts['sentence']}"}
        about = "panels/_paper_proposal.html"
        return on_paper(request, form, title=_("My vote"), about=about, facts=facts)
    if request.method == "POST" and form.is_valid():
        actions.vote_on_proposal(
            proposal=proposal, seat=theirs, **form.cleaned_data, by=visit.person, at=clock.now()
        )
        messages.success(request, _("Kept. It counts once they say that it is right."))
        return redirect("proposal_detail", pk)
    context = {
        "panel": visit.panel,
        "proposal": proposal,
        "seat": theirs,
        "sentence": proposal_words.sentences([proposal])[pk],
        "told": proposal_words.told_by_criterion(proposal),
        "form": form,
    }
    return render(
        request, "panels/type_vote_on_proposal.html", context, status=422 if form.errors else 200
    )


@permitted(Permission.VOTE, Permission.TYPE_FOR)
@for_panel
def confirm_vote(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that an answer typed for somebody is right: they themselves, or a second facilitator."""
    visit = enter(request, proposals__votes=pk)
    votes = ProposalVote.objects.select_related("seat__member__person", "typed_by", "proposal")
    vote = get_object_or_404(votes, pk=pk, proposal__in=proposal_words.in_sight(visit))
    if not visit.staff and vote.seat_id != visit.seat:
        return redirect("proposal_detail", vote.proposal_id)
    vote.proposal.panel = visit.panel
    rules.may_confirm_vote(vote, visit.person, on=clock.today()).require()
    if request.method == "POST":
        actions.confirm_vote(vote=vote, by=visit.person, at=clock.now())
        messages.success(request, _("The answer counts now. Thank you."))
        return redirect("proposal_detail", vote.proposal_id)
    sentence = proposal_words.sentences([vote.proposal])[vote.proposal_id]
    context = {
        "panel": visit.panel,
        "vote": vote,
        "sentence": sentence,
        "told": proposal_words.told_by_criterion(vote.proposal),
        "own": not visit.staff,
    }
    return render(request, "panels/confirm_vote.html", context)


@permitted(Permission.SET_UP)
@require_POST
def carry_out_proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what every panel has agreed about a stage."""
    visit, proposal = _find(request, pk)
    actions.carry_out_proposal(proposal=proposal, by=visit.person, at=clock.now())
    messages.success(request, _("Done as the panel agreed."))
    return redirect("proposal_detail", pk)
