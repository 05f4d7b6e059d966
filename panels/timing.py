"""How the time of the panel's meetings is shared among its bids, in words, for one visitor."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.models import Application
from panels.fair_time import BEFORE, Account, Press, Sitting, account, share
from panels.models import Meeting
from panels.rules import timing as rules
from panels.rules.visits import Visit

MINUTE = timedelta(minutes=1)
IN_FIVES = 20
"""From so many minutes on, what is left is said in fives: nobody needs to watch it run."""


# ---- Lengths of time, as said -----------------------------------------------------------------
def length(minutes: int) -> str:
    """7 minutes, 2 hours, 2 hours and 5 minutes."""
    hours, rest = divmod(minutes, 60)
    in_hours = ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
    in_minutes = ngettext("%(count)s minute", "%(count)s minutes", rest) % {"count": rest}
    if hours and not rest:
        return in_hours
    if hours < 2:
        count = {"count": minutes}
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % count
    return _("%(hours)s and %(minutes)s") % {"hours": in_hours, "minutes": in_minutes}


def whole(span: timedelta) -> int:
    """Whole minutes, rounded down: no more is promised than there is."""
    return span // MINUTE


def about(span: timedelta) -> str:
    """About 7 minutes; less than a minute."""
    minutes = whole(span)
    return _("about %(length)s") % {"length": length(minutes)} if minutes else _("under a minute")


def had_words(span: timedelta) -> str:
    """8 minutes; under a minute. To the nearest minute, for the record."""
    minutes = (span + MINUTE / 2) // MINUTE
    return length(minutes) if minutes else _("under a minute")


# ---- For one visitor --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Timing:
    """A meeting's time as one visitor may see it. Of a bid they step out for, it says nothing."""

    meeting: Meeting
    sitting: Sitting
    account: Account
    bids: Mapping[int, Application]
    waiting: Sequence[int]
    """Bids (ids) that the visitor sees and that have not had their turn."""
    unseen: int
    """How many the visitor steps out for."""
    goes_on: bool
    over: bool
    kept_back: Collection[int | None] = ()
    """Bids (ids) not to be looked back on: for a screen that the whole room sees."""

    @property
    def begun(self) -> bool:
        """Whether the panel has turned to a bid in this meeting."""
        return bool(self.account.had)

    @property
    def on(self) -> Application | None:
        """The bid that the panel talks about now."""
        return self.bids.get(self.account.on) if self.account.on else None

    @property
    def for_each(self) -> timedelta | None:
        """What each bid gets by the plan, if every bid gets the same."""
        bids = len(self.waiting) + len(self.account.had) + self.unseen
        found = share(self.sitting.for_talk, bids)
        return None if found is None else timedelta(minutes=found)

    @property
    def each_words(self) -> str:
        """The same in words; nothing where it cannot be told."""
        return "" if self.for_each is None else about(self.for_each)

    @property
    def plan(self) -> str:
        """The honest sum before the meeting: bids, time, breaks, and what that gives to each."""
        count = len(self.waiting) + self.unseen
        if self.for_each is None or self.over or not count:
            return ""
        bids = ngettext("%(count)s bid", "%(count)s bids", count) % {"count": count}
        time = length(self.sitting.minutes + self.sitting.later)
        facts = {"bids": bids, "time": time, "each": about(self.for_each)}
        if self.sitting.rests:
            facts["rests"] = length(self.sitting.rests)
            sum_of = _("%(bids)s and %(time)s, with %(rests)s for breaks: %(each)s each.") % facts
        else:
            sum_of = _("%(bids)s and %(time)s: %(each)s each.") % facts
        later = _("That counts the meetings to come.") if self.sitting.later else ""
        return _joined(sum_of, later, self._unseen_words())

    @property
    def now(self) -> str:
        """What the bid on the table has had, what a fair share is, and what is left."""
        if self.on is None:
            return _joined(self._idle(), self._to_go(), self._unseen_words())
        had = whole(self.account.had[self.on.pk])
        begun = _("This bid has had %(length)s.") % {"length": length(had)}
        return _joined(
            begun if had else _("You have just begun with this bid."),
            self._fair(),
            self._to_go(),
            self._leaves(),
            self._unseen_words(),
        )

    @property
    def short(self) -> str:
        """Bids that had less than half of what was fair; while there is time, to come back to."""
        rows, each = self._short(), self.account.each
        if not rows or each is None:
            return ""
        said = [
            _("%(bid)s had %(had)s") % {"bid": row.reference, "had": self.had_by(row.pk)}
            for row in rows
        ]
        facts = {"said": _listed(said), "fair": had_words(each)}
        words = _("%(said)s; a fair share was %(fair)s.") % facts
        back = ngettext("You can come back to it.", "You can come back to them.", len(rows))
        return _joined(words, back if self.goes_on else "")

    @property
    def record(self) -> list[tuple[Application, str]]:
        """How long each bid was talked about, in the order the panel came to them."""
        return [
            (self.bids[bid], had_words(had))
            for bid, had in self.account.had.items()
            if bid in self.bids
        ]

    def bids_to_go(self) -> list[Application]:
        """The bids that have not had their turn and that the visitor sees."""
        return [self.bids[bid] for bid in self.waiting]

    def had_by(self, bid: int) -> str:
        """What one bid (id) has had so far; nothing when it had none."""
        had = self.account.had.get(bid)
        return had_words(had) if had else ""

    # ---- The sentences ------------------------------------------------------------------------
    def _idle(self) -> str:
        if self.unseen:
            return _("The panel rests just now, or talks about a bid that you step out for.")
        return _("The panel is not on a bid just now.")

    def _fair(self) -> str:
        fair, given = self.account.fair, self.account.given
        if not fair:
            return ""
        if self.account.added and given:
            return _("With the time you added it has %(length)s.") % {"length": about(given)}
        return _("A fair share is %(length)s.") % {"length": about(fair)}

    def _to_go(self) -> str:
        count, left = self.account.to_go, self.account.left
        bids = ngettext("There is %(count)s bid to go", "There are %(count)s bids to go", count)
        facts = {"count": count}
        if not count and not self.begun:
            return ""
        if left is None:
            return bids % facts + "." if count else _("No bid is left to go.")
        if not whole(left):
            used = _("The planned time is used. How long you go on is for you to say.")
            return _joined(bids % facts + "." if count else "", used)
        minutes = whole(left)
        minutes -= minutes % 5 if minutes > IN_FIVES else 0
        time = length(minutes)
        if not count:
            return _("No bid is left to go, and there are about %(time)s.") % {"time": time}
        return _("%(bids)s and about %(time)s.") % {"bids": bids % facts, "time": time}

    def _leaves(self) -> str:
        leaves, count = self.account.leaves, self.account.to_go
        if leaves is None or not self.account.added:
            return ""
        words = ngettext(
            "That leaves %(time)s for the other.", "That leaves %(time)s for each of them.", count
        )
        return words % {"time": about(leaves)}

    def _short(self) -> list[Application]:
        return [
            self.bids[bid]
            for bid in self.account.short
            if bid in self.bids and bid not in self.kept_back
        ]

    def _unseen_words(self) -> str:
        if not self.unseen:
            return ""
        words = ngettext(
            "That counts %(count)s bid that you step out for.",
            "That counts %(count)s bids that you step out for.",
            self.unseen,
        )
        return words % {"count": self.unseen}


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _listed(words: Sequence[str]) -> str:
    """One, two and three."""
    if len(words) < 2:
        return "".join(words)
    return _("%(all_but_one)s and %(last)s") % {
        "all_but_one": ", ".join(words[:-1]),
        "last": words[-1],
    }


def meeting_for(bid: Application, *, at: datetime) -> int | None:
    """The meeting (id) in which the panel may turn to this bid now, by what the bid was read with:
    `meeting_now`, when that begins, and how long it is."""
    facts = vars(bid)
    if facts["meeting_now"] is None:
        return None
    sitting = Sitting(facts["meeting_starts_at"], facts["meeting_minutes"])
    return facts["meeting_now"] if sitting.goes_on(at) else None


@dataclass(frozen=True, slots=True)
class Bids:
    """The bids that a meeting may come to."""

    rows: Mapping[int, Application]
    waiting: frozenset[int]
    """Those (ids) that it is there for: not settled, or to decide on."""
    there: frozenset[int]
    """Those (ids) that it may come to, settled or not."""


def bids_in_rows(rows: Iterable[Application]) -> Bids:
    """The same from bids that a page has read already (`agenda.bids_of`)."""
    found = {row.pk: row for row in rows}
    waiting = (pk for pk, row in found.items() if not vars(row)["chosen"])
    return Bids(found, frozenset(waiting), frozenset(found))


def timing_for(
    visit: Visit,
    hidden: Collection[int],
    *,
    at: datetime,
    meetings: Sequence[Meeting],
    meeting: Meeting | None,
    bids: Bids | None = None,
) -> Timing | None:
    """The time of one of the panel's `meetings` (2 queries, 1 with `bids`).

    `hidden`: bids (ids) that the visitor steps out for. None where they may not see the agenda, or
    where there is no such meeting.
    """
    if meeting is None or not visit.sees_scores:
        return None
    own = [row for row in meetings if row.kind == meeting.kind]
    begun = [row for row in own if row.starts_at - BEFORE <= at]
    presses = rules.presses_of(visit.panel, begun) if begun else {}
    if bids is None:
        bids = _bids(visit, meeting, presses, hidden)
    waiting = bids.waiting - set(hidden)
    if meeting.kind == Meeting.Kind.DECISION:
        # What an earlier meeting talked about need not come again, unless all of it was.
        earlier = [row for row in own if row.starts_at < meeting.starts_at]
        waiting = waiting - _pressed(presses, earlier) or waiting
    unseen = len(bids.there & set(hidden))
    sitting = rules.sitting_of(meeting, own, at=at)
    found = account(
        sitting,
        presses.get(meeting.pk, ()),
        waiting,
        at=at,
        steps_out=hidden,
        unseen=unseen,
    )
    seen = {pk: row for pk, row in bids.rows.items() if pk not in hidden}
    return Timing(
        meeting=meeting,
        sitting=sitting,
        account=found,
        bids=seen,
        waiting=[pk for pk in seen if pk in waiting and pk not in found.had],
        unseen=unseen,
        goes_on=sitting.goes_on(at),
        over=sitting.is_over(at),
    )


def _bids(
    visit: Visit,
    meeting: Meeting,
    presses: Mapping[int, Sequence[Press]],
    hidden: Collection[int],
) -> Bids:
    """What this meeting may come to, what was talked about, and what the visitor steps out for."""
    also = {press.bid for press in presses.get(meeting.pk, ())} | set(hidden)
    found = {row.pk: row for row in rules.bids_with(visit.panel, meeting.kind, also)}
    return Bids(
        rows=found,
        waiting=frozenset(pk for pk, row in found.items() if vars(row)["waits"]),
        there=frozenset(pk for pk, row in found.items() if vars(row)["there"]),
    )


def _pressed(presses: Mapping[int, Sequence[Press]], meetings: Iterable[Meeting]) -> set[int]:
    return {press.bid for row in meetings for press in presses.get(row.pk, ())}
