"""What was put to a panel, said in one plain sentence."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.purse import under_titles
from commissioning.models import Criterion, Member, StageKind
from panels.models import CombineRule, Proposal, ProposalVote, ShareAim, Shortlisting, StandingAside
from panels.rules.visits import Visit

Kind = Proposal.Kind


def in_sight(visit: Visit) -> QuerySet[Proposal]:
    """What was put to the panel, as far as this visitor may see it.

    Who to meet follows from the scores: nobody sees it who may not see those, nor where they
    step out. `answered` is true where the visitor has.
    """
    own = ProposalVote.objects.counting().filter(proposal=OuterRef("pk"), seat=visit.seat)
    rows = (
        Proposal.objects.filter(panel=visit.panel)
        .select_related("application__organisation", "put_by")
        .annotate(answered=Exists(own))
    )
    if not visit.sees_scores:
        return rows.exclude(kind=Kind.SHORTLIST)
    if visit.member is None:
        return rows
    aside = StandingAside.objects.filter(
        member=visit.member, application=OuterRef("application"), application__isnull=False
    )
    return rows.filter(~Q(kind=Kind.SHORTLIST) | ~Exists(aside))


def sentences(proposals: Iterable[Proposal]) -> dict[int, str]:
    """A sentence for each proposal (id); one query for the names in them, where there are any."""
    rows = list(proposals)
    wanted = {row.data["member"] for row in rows if "member" in row.data}
    names = (
        dict(Member.objects.filter(pk__in=wanted).values_list("pk", "person__name"))
        if wanted
        else {}
    )
    return {row.pk: _sentence(row, names) for row in rows}


def _sentence(proposal: Proposal, names: dict[int, str]) -> str:
    data, bid = proposal.data, proposal.application
    facts = {
        "bid": f"{bid.reference} {bid}" if bid else "",
        "organisation": bid.organisation.name if bid else "",
        "name": names.get(data.get("member", 0), ""),
        "stage": StageKind(data["stage"]).label if "stage" in data else "",
    }
    match proposal.kind:
        case Kind.OPEN_SCORES:
            return _("Open the scores, so that everyone on the panel sees them.")
        case Kind.OPEN_INTERVIEWS:
            return _("Open the interview scores, so that everyone on the panel sees them.")
        case Kind.SHORTLIST if data.get("outcome") == Shortlisting.Outcome.MEET:
            return _("Meet the people of %(bid)s.") % facts
        case Kind.SHORTLIST:
            return _("Say “not this time” to %(bid)s.") % facts
        case Kind.CLOSE_EARLY:
            return _("Close “%(stage)s” although work is not sent.") % facts
        case Kind.SHORTEN_REST:
            days = int(data.get("recovery_days", 0))
            words = ngettext(
                "Have %(days)s day of rest after “%(stage)s”.",
                "Have %(days)s days of rest after “%(stage)s”.",
                days,
            )
            return words % {**facts, "days": days}
        case Kind.ADD_MEMBER:
            return _("Add %(name)s to the panel.") % facts
        case Kind.INTEREST:
            return (
                _("%(name)s knows people in %(bid)s. Agree that they may still read and score it.")
                % facts
            )
        case Kind.RETURN_BID:  # nobody has declared yet, so its title is not told
            return _("Have the bid of %(organisation)s back in the round.") % facts
        case Kind.SHARE_AIM if data.get("aim") == ShareAim.LIVED:
            return _(
                "When bids are shared out, let it come first that each bid has somebody "
                "who has lived through what it is about."
            )
        case Kind.SHARE_AIM:
            return _("When bids are shared out, let it come first that nobody has too much.")
        case Kind.COMBINE:
            facts["rule"] = CombineRule(data["rule"]).label
            return _("How reading and meeting count together: “%(rule)s”.") % facts
        case Kind.LETTERS:
            return _("Send the panel’s letters as they are written.")
        case Kind.REPORT:
            return _("Agree the report.")
    return proposal.words


def criterion_of(proposal: Proposal) -> Criterion | None:
    """The criterion that a choice about a bid rests on."""
    return Criterion.objects.filter(pk=proposal.data.get("criterion")).first()


def told_by_criterion(proposal: Proposal) -> list[tuple[str, str]]:
    """What the group of a bid would be told about each criterion, each under its title."""
    kept = proposal.data.get("by_criterion", {})
    return under_titles(kept, Criterion.objects.titles_of(kept))
