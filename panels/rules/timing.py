"""The time of the panel's meetings about bids: which bids, what was pressed, and who may press."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.permissions import Permission, Verdict, holds, may
from applications.models import Application, ApplicationQuerySet
from commissioning.models import Stage, StageKind
from ledger.models import Entry
from panels.fair_time import BEFORE, Press, Sitting, What
from panels.models import Meeting, Panel, Shortlisting, StandingAside
from panels.rules.meeting import undecided
from panels.rules.visits import visit_of

TIMED = (Meeting.Kind.SHORTLIST, Meeting.Kind.DECISION)
"""Meetings that go from bid to bid."""

VERBS = {
    "turned_to_bid": What.TURN,
    "wanted_more_time": What.MORE,
    "stopped_talking": What.STOP,
}
"""The entries that say how a meeting's time was used: each press is one, and nothing else is kept.
"""


# ---- What a meeting is about ------------------------------------------------------------------
def to_decide(panel: Panel) -> ApplicationQuerySet:
    """The bids that the panel decides on: those it chose to meet, or all that meet the rules where
    the round has no shortlist."""
    met = Shortlisting.objects.filter(
        panel=panel, outcome=Shortlisting.Outcome.MEET, replaced_by=None
    )
    chosen_among = Stage.objects.filter(round=panel.round_id, kind=StageKind.SHORTLIST)
    return Application.objects.eligible().filter(
        Q(pk__in=met.values("application")) | ~Exists(chosen_among), lot=panel.lot_id
    )


def bids_for(panel: Panel, kind: str) -> QuerySet[Application]:
    """The bids that a meeting of this kind is there for: those not settled yet, or to decide on."""
    return undecided(panel) if kind == Meeting.Kind.SHORTLIST else to_decide(panel)


def may_come_to(panel: Panel, kind: str) -> ApplicationQuerySet:
    """The bids that a meeting of this kind may talk about, settled or not."""
    if kind == Meeting.Kind.DECISION:
        return to_decide(panel)
    return Application.objects.eligible().filter(lot=panel.lot_id)


def timed_meetings(meetings: Iterable[Meeting]) -> list[Meeting]:
    """Those of a panel's meetings that go from bid to bid, the first one first."""
    rows = [row for row in meetings if row.kind in TIMED and not row.called_off_at]
    return sorted(rows, key=lambda row: (row.starts_at, row.pk))


def sitting_of(meeting: Meeting, meetings: Collection[Meeting], *, at: datetime) -> Sitting:
    """A meeting's time, with that of later meetings of its kind while it is not over."""
    sitting = Sitting(meeting.starts_at, meeting.minutes_long, meeting.break_minutes)
    if sitting.is_over(at):
        return sitting
    later = [
        max(0, row.minutes_long - row.break_minutes)
        for row in meetings
        if row.kind == meeting.kind and row.starts_at > meeting.starts_at
    ]
    return Sitting(sitting.starts_at, sitting.minutes, sitting.rests, sum(later))


def meeting_at(meetings: Collection[Meeting], kind: str, *, at: datetime) -> Meeting | None:
    """The meeting of this kind that goes on, the last to begin; or else the next one."""
    rows = [row for row in meetings if row.kind == kind]
    here = [row for row in rows if sitting_of(row, (), at=at).goes_on(at)]
    begun = [row for row in here if row.starts_at <= at]
    coming = [row for row in rows if row.starts_at > at]
    return next(iter(begun[-1:] or here[:1] or coming[:1]), None)


def begun_by(panel: Panel, kind: str, *, at: datetime) -> QuerySet[Meeting]:
    """The meeting of this kind that began last, or is about to."""
    rows = Meeting.objects.filter(
        panel=panel, kind=kind, called_off_at=None, starts_at__lte=at + BEFORE
    )
    return rows.order_by("-starts_at", "-pk")[:1]


def on_the_table(panel: Panel, application: int) -> Exists:
    """In a query: whether this bid (id) is the last that the panel turned to, and did not leave."""
    pressed = Entry.objects.filter(
        chain=panel.round.chain_id,
        verb__in=("turned_to_bid", "stopped_talking"),
        data__panel=panel.pk,
    )
    last = pressed.order_by("-seq").values("pk")[:1]
    return Exists(
        Entry.objects.filter(pk=Subquery(last), verb="turned_to_bid", data__application=application)
    )


def presses_of(panel: Panel, meetings: Collection[Meeting]) -> dict[int, list[Press]]:
    """What was pressed in each of these meetings (id), in order (one query)."""
    entries = Entry.objects.filter(
        chain=panel.round.chain_id, verb__in=VERBS, data__meeting__in=[row.pk for row in meetings]
    )
    found: defaultdict[int, list[Press]] = defaultdict(list)
    for verb, at, data in entries.order_by("seq").values_list("verb", "at", "data"):
        found[data["meeting"]].append(Press(VERBS[verb], data["application"], at))
    return dict(found)


# ---- Who may press ----------------------------------------------------------------------------
def may_time(meeting: Meeting, application: Application, by: Person, *, at: datetime) -> Verdict:
    """Whether this person may say what the panel talks about: its members who see the scores and do
    not stand aside from the bid, and facilitators, who run the meeting at the panel's word."""
    if not holds(by, Permission.RUN_MEETINGS):
        allowed = may(by, Permission.VOTE)
        if not allowed:
            return allowed
    visit = visit_of(meeting.panel, by)
    if not visit.sees_scores:
        return visit.sees_scores
    if meeting.called_off_at:
        return Verdict.no(_("This meeting was called off."))
    if meeting.kind not in TIMED:
        return Verdict.no(_("This meeting does not go from bid to bid."))
    if not sitting_of(meeting, (), at=at).goes_on(at):
        return Verdict.no(_("You can do this while the panel meets."))
    bids = may_come_to(meeting.panel, meeting.kind)
    if not bids.filter(pk=application.pk).exists():
        return Verdict.no(_("Choose one of the bids that the panel talks about."))
    aside = StandingAside.objects.filter(member=visit.member, application=application)
    if visit.member and aside.exists():
        return Verdict.no(_("You are standing aside from this bid."))
    return Verdict.yes()


def breaks_fit(minutes_long: int, break_minutes: int) -> Verdict:
    """Whether a meeting has time left to talk beside its breaks."""
    if 0 <= break_minutes < minutes_long:
        return Verdict.yes()
    return Verdict.no(_("The breaks must be shorter than the meeting."))


def bids_with(panel: Panel, kind: str, also: Collection[int]) -> QuerySet[Application]:
    """The bids that a meeting of this kind is there for (each `waits`), and these others (ids) of
    the panel. Each with whether the meeting may come to it at all (`there`), settled or not."""
    waiting, there = bids_for(panel, kind), may_come_to(panel, kind)
    rows = Application.objects.filter(Q(pk__in=waiting.values("pk")) | Q(pk__in=list(also)))
    return (
        rows.filter(lot=panel.lot_id)
        .select_related("organisation")
        .annotate(
            waits=Exists(waiting.filter(pk=OuterRef("pk"))),
            there=Exists(there.filter(pk=OuterRef("pk"))),
        )
        .order_by("reference")
    )
