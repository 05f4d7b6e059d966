"""Minutes that write themselves: what a meeting settled and changed.

Nothing here is kept. It is read anew from what was pressed and sent, so it can never say anything
else than the record does; staff may add words of their own beside it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Case, Count, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commissioning.models import Choice
from panels.fair_time import AFTER, BEFORE
from panels.models import Meeting, Panel, Phase, Proposal, ProposalVote, Said, ScoreSheet
from panels.proposal_words import in_sight, sentences
from panels.rules.timing import meeting_at, sitting_of
from panels.rules.visits import Visit
from panels.sight import hidden_from

SETTLED = (Proposal.Outcome.AGREED, Proposal.Outcome.NOT_AGREED, Proposal.Outcome.TIE)
CHANGED, ASKED, ANSWERED = "changed", "asked", "answered"
StepsOut = Mapping[int | None, Sequence[tuple[int, str]]]


@dataclass(frozen=True, slots=True)
class Settled:
    """Something the panel settled: what was put, how it went, and how many said what."""

    sentence: str
    outcome: str
    answers: str
    out: Sequence[str]
    """Who stepped out for that bid."""


@dataclass(frozen=True, slots=True)
class Minutes:
    """What was done at one meeting, as far as one visitor may see it."""

    settled: Sequence[Settled]
    changed: Sequence[str]
    """A sentence for each bid whose scores somebody changed after talking."""
    decided: Sequence[str] = ()
    """A sentence for each decision on money that was put, stands or went off the table."""
    asked: Sequence[str] = ()
    """A sentence for each bid about whose scores somebody asked why: how often, never what."""

    def __bool__(self) -> bool:
        return bool(self.settled or self.changed or self.decided or self.asked)


def minutes_of(
    visit: Visit,
    meeting: Meeting,
    meetings: Collection[Meeting],
    out: StepsOut,
    *,
    at: datetime,
) -> Minutes:
    """What the panel settled and changed at this meeting (at most 3 queries): nothing for somebody
    who may not see its scores, and nothing of a bid that they step out for.

    `meetings`: those of the panel that go from bid to bid; `out`: who steps out for each bid."""
    sitting = sitting_of(meeting, (), at=at)
    first, last = sitting.starts_at - BEFORE, sitting.ends_at + AFTER
    if meeting not in meetings or not visit.sees_scores or at < first:
        return Minutes((), ())

    def here(moment: datetime) -> bool:
        return meeting_at(meetings, meeting.kind, at=moment) == meeting

    counted = ProposalVote.objects.counting().filter(proposal=OuterRef("pk"))
    rows = in_sight(visit).filter(outcome__in=SETTLED, settled_at__range=(first, last))
    rows = rows.annotate(**{choice.value: _how_many(counted, choice) for choice in Choice})
    proposals = [
        row for row in rows.order_by("settled_at", "pk") if row.settled_at and here(row.settled_at)
    ]
    settled = _settled(proposals, out)
    changes = (
        ScoreSheet.objects.counting()
        .filter(application__lot=visit.panel.lot_id, phase=Phase.TALK, sent_at__range=(first, last))
        .exclude(application__in=hidden_from(visit, out))
    )
    whys = Said.objects.filter(
        panel=visit.panel, application__isnull=False, said_at__range=(first, last)
    ).exclude(application__in=hidden_from(visit, out))
    done = _done(changes, whys, here)
    deciding = meeting.kind == Meeting.Kind.DECISION
    decided = _decided(visit.panel, first, last, here) if deciding else ()
    return Minutes(settled, _changed(done), decided=decided, asked=_asked(done))


def _decided(
    panel: Panel, first: datetime, last: datetime, here: Callable[[datetime], bool]
) -> list[str]:
    """What apps above this one have to say of the money: see `MINUTES` in the settings."""
    return [
        sentence
        for name in settings.MINUTES
        for moment, sentence in import_string(name)(panel, first, last)
        if here(moment)
    ]


def _how_many(answers: QuerySet[ProposalVote], choice: Choice) -> Coalesce:
    """In a query: how many of these answers are this one."""
    alike = answers.filter(choice=choice).order_by().values("proposal")
    return Coalesce(Subquery(alike.values(count=Count("pk"))), 0)


def _settled(proposals: Sequence[Proposal], out: StepsOut) -> list[Settled]:
    if not proposals:
        return []
    said = sentences(proposals)
    return [
        Settled(
            said[row.pk],
            row.get_outcome_display(),
            _counted({choice: vars(row)[choice.value] for choice in Choice}),
            [name for _member, name in out.get(row.application_id, ())]
            if row.application_id
            else (),
        )
        for row in proposals
    ]


def _counted(answers: Mapping[Choice, int]) -> str:
    """3 agree, 1 can live with it: each answer that somebody gave."""
    words = {
        Choice.AGREE: ngettext("%(count)s agrees", "%(count)s agree", answers[Choice.AGREE]),
        Choice.LIVE_WITH: ngettext(
            "%(count)s can live with it", "%(count)s can live with it", answers[Choice.LIVE_WITH]
        ),
        Choice.DISAGREE: ngettext(
            "%(count)s does not agree", "%(count)s do not agree", answers[Choice.DISAGREE]
        ),
    }
    return ", ".join(
        text % {"count": answers[choice]} for choice, text in words.items() if answers[choice]
    )


def _done(
    changes: QuerySet[ScoreSheet], whys: QuerySet[Said], here: Callable[[datetime], bool]
) -> list[tuple[str, str, int]]:
    """What was done about each bid at this meeting (one query): its reference, what, and by whom.
    What: a score changed, a question why, or an answer to one."""
    question = Case(When(answers=None, then=Value(ASKED)), default=Value(ANSWERED))
    rows = changes.order_by().values_list(
        "application__reference", Value(CHANGED), "member", F("sent_at"), "pk"
    )
    asked = whys.order_by().values_list(
        "application__reference", question, "member", F("said_at"), "pk"
    )
    return sorted(
        (reference, what, member)
        for reference, what, member, moment, _pk in rows.union(asked, all=True)
        if here(moment)
    )


def _changed(done: Sequence[tuple[str, str, int]]) -> list[str]:
    readers: dict[str, set[int]] = {}
    for reference, what, member in done:
        if what == CHANGED:
            readers.setdefault(reference, set()).add(member)
    return [
        ngettext(
            "%(count)s person changed a score of %(bid)s, and said why.",
            "%(count)s people changed a score of %(bid)s, and said why.",
            len(who),
        )
        % {"count": len(who), "bid": reference}
        for reference, who in readers.items()
    ]


def _asked(done: Sequence[tuple[str, str, int]]) -> list[str]:
    times = Counter((reference, what) for reference, what, _member in done if what != CHANGED)
    said = []
    for reference in sorted({reference for reference, _what in times}):
        asked, answered = times[reference, ASKED], times[reference, ANSWERED]
        if not asked:
            more = ngettext(
                "%(count)s more answer why about %(bid)s.",
                "%(count)s more answers why about %(bid)s.",
                answered,
            )
            said.append(more % {"count": answered, "bid": reference})
            continue
        questions = ngettext(
            "%(count)s question why about %(bid)s,", "%(count)s questions why about %(bid)s,", asked
        ) % {"count": asked, "bid": reference}
        answers = (
            ngettext("and %(count)s answer.", "and %(count)s answers.", answered)
            % {"count": answered}
            if answered
            else _("and no answer.")
        )
        said.append(f"{questions} {answers}")
    return said
