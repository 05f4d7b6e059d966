"""What this app asks people to do by a day: to answer an invitation, and to vote."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from accounts.reminders import Task
from commissioning import pace, rules
from commissioning.models import (
    Agreement,
    AgreementVote,
    LotStage,
    Member,
    Round,
    Stage,
    StageKind,
    Suggestion,
)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A round with an open stage, and by how much the rests agreed with some people are longer."""

    round: Round
    longer: rules.Longer = field(default_factory=dict)
    lots: pace.Lots = field(default_factory=dict)
    """For which lots people read or sit, where panels have days of their own."""
    _rests: dict[tuple[int, frozenset[int]], tuple[tuple[date, date], ...]] = field(
        default_factory=dict
    )
    _last: dict[tuple[date, date, int, frozenset[int], int], date] = field(default_factory=dict)

    def rests(
        self, more: int = 0, lots: frozenset[int] = frozenset()
    ) -> tuple[tuple[date, date], ...]:
        """Its days of rest for somebody with these lots, worked out once for each length."""
        key = (more, lots)
        if key not in self._rests:
            self._rests[key] = rules.rests(self.round, more=more, lots=lots)
        return self._rests[key]

    def open_stage(self, kind: str, lot: int = 0) -> pace.AnyStage | None:
        """The stage of this kind while it is open, as it stands for the panel of a lot."""
        found = pace.stage_of(self.round, kind, lot)
        return found if found and found.opened_at and not found.closed_at else None

    def open_stages(self, kind: str) -> list[pace.AnyStage]:
        """The round's stage of this kind and those of panels with their own, while open."""
        return [
            row
            for row in pace.all_stages(self.round)
            if row.kind == kind and row.opened_at and not row.closed_at
        ]

    def task(
        self,
        person: Person,
        *,
        key: str,
        words: str,
        path: str,
        asked_at: datetime,
        last_day: date,
        lot: int = 0,
        lot_name: str = "",
    ) -> Task:
        """Something asked of a person. Its words may name the round by `%(round)s`. `lot` is the
        one whose stage it belongs to; the words may name it by `%(lot)s`.

        Who rests longer, or with another panel as well, has as many days for it as everybody:
        their last day moves on.
        """
        who = (self.round.pk, person.pk)
        more, lots = self.longer.get(who, 0), self.lots.get(who, frozenset())
        asked_on = timezone.localdate(asked_at)
        same = (asked_on, last_day, more, lots, lot)
        if same not in self._last:
            self._last[same] = rules.own_last_day(
                self.round, asked_on, last_day, more=more, lots=lots, lot=lot
            )
        own = self._last[same]
        return Task(
            person=person,
            chain=self.round.chain,
            key=key,
            words=words % {"round": self.round.name, "lot": lot_name},
            path=path,
            asked_on=asked_on,
            last_day=own,
            rests=self.rests(more, lots),
            moved=own != last_day,
            lot=lot,
        )


def rounds_under_way() -> list[UnderWay]:
    """Rounds with an open stage, ready for `tasks` (three queries)."""
    now = {"round": OuterRef("pk"), "opened_at__isnull": False, "closed_at": None}
    under_way = Exists(Stage.objects.filter(**now)) | Exists(LotStage.objects.filter(**now))
    rounds = Round.objects.filter(under_way).select_related("programme", "chain")
    return as_under_way(list(rounds.prefetch_related("stages")))


def as_under_way(rounds: Collection[Round]) -> list[UnderWay]:
    """These rounds, ready for `tasks` (one query; three more where panels have own days)."""
    apart = [round for round in rounds if round.has_own_days]
    if apart:
        prefetch_related_objects(apart, "own_stages")
    longer, lots = rules.longer_rests(rounds), pace.lots_of(rounds)
    return [UnderWay(round, longer, lots) for round in rounds]


def tasks(rounds: Iterable[UnderWay]) -> Iterator[Task]:
    """Every open task of this app in these rounds, as things stand."""
    for here in rounds:
        yield from _to_join(here)
        yield from _to_vote(here)


def _to_join(here: UnderWay) -> Iterator[Task]:
    stage = here.open_stage(StageKind.JOIN)
    if not stage:
        return
    waiting = Member.objects.filter(round=here.round, joined_at=None, ended_at=None)
    for member in waiting.select_related("person"):
        yield here.task(
            member.person,
            key=f"join:{member.pk}",
            words=_("Say yes or no to taking part in “%(round)s”."),
            path=reverse("join_round", args=[here.round.slug]),
            asked_at=member.invited_at,
            last_day=stage.closes_on,
        )


def _to_vote(here: UnderWay) -> Iterator[Task]:
    if not any(here.open_stage(kind) for kinds in rules.OPEN_FOR.values() for kind in kinds):
        return
    under_way = Agreement.objects.filter(round=here.round, agreed_at=None, turned_down_at=None)
    for agreement in under_way.exclude(put_at=None):
        agreement.round = here.round
        stage = rules.last_stage_for(agreement)
        if not stage or not agreement.put_at:
            continue
        for member in _not_voted(agreement):
            yield here.task(
                member.person,
                key=f"vote:{agreement.pk}:{member.pk}",
                words=_("Vote on what makes a good bid, in “%(round)s”.")
                if agreement.about == Suggestion.About.CRITERIA
                else _("Vote on what to fund, in “%(round)s”."),
                path=reverse("vote_on_agreement", args=[here.round.slug, agreement.pk]),
                asked_at=agreement.put_at,
                last_day=stage.closes_on,
            )


def _not_voted(agreement: Agreement) -> list[Member]:
    """Members who have not voted, on the web or on paper that was typed (one query)."""
    own = AgreementVote.objects.filter(agreement=agreement, member=OuterRef("pk"))
    typed = agreement.typed_votes.filter(dropped_at=None, member=OuterRef("pk"))
    waiting = Member.objects.here().filter(~Exists(own), ~Exists(typed), round=agreement.round_id)
    return list(waiting.select_related("person"))
