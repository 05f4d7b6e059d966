"""A round of twelve weeks, day by day, through the real actions and the real sender.

The test clock walks from day to day. Each morning the site is asked who is owed what, and sends;
people do what they were asked early, late or never; stages close late; some take a break, some
leave, some rest longer, some have their letters by post. Every letter that goes is written down,
and `Log` then checks the promises against what it saw, not against the code that kept them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from django.core import mail
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import accounts.actions
import commissioning.actions
import panels.actions
import support.actions
from accounts import workdays
from accounts.models import Person, Reminder, Role
from accounts.reminders import Task
from commissioning.actions.stages import TOLD_WHEN_OPEN
from commissioning.models import Agreement, Member, StageKind
from commissioning.reminders import rounds_under_way
from commissioning.rules import StageDays
from decisions.tasks import all_tasks, ask_who_is_owed
from ledger import clock, sending
from ledger.models import Channel, Letter, Sending
from ledger.transport import message_id
from panels.models import Proposal
from tests.factories import commissioning as make
from tests.factories.panels import agreed, form_questions, make_bid

DAY = timedelta(days=1)
PLAN = {  # first day, last day, days late
    "setup": (0, 1, 0),
    "join": (5, 12, 0),
    "training": (16, 23, 4),
    "criteria": (31, 37, 0),
    "open": (41, 44, 1),  # the hour is past in the evening; it is closed the day after
    "eligibility": (46, 46, 0),
    "sharing": (50, 55, 2),
    "scoring": (61, 76, 2),
}
"""The stages of the twelve weeks. The days are those that come out, lateness counted."""
QUIET = range(62, 76)
"""A fortnight in which nobody does anything: the preview of its first morning must come true."""
DAYS = 84
MORE_REST = 4
CAP = 3


@dataclass(frozen=True, slots=True)
class Went:
    """One letter, when and how it left."""

    letter: int
    kind: str
    person: int
    key: str
    at: datetime
    channel: str
    notice: bool

    def line(self) -> str:
        return f"{self.at:%a %d %b %H:%M} {self.channel:5} {self.kind:18} to {self.person}"


@dataclass
class Log:
    """What was seen from outside, and the checks of it."""

    went: list[Went] = field(default_factory=list)
    mornings: dict[date, dict[tuple[int, str], Task]] = field(default_factory=dict)
    previews: dict[date, set[tuple[int, str]]] = field(default_factory=dict)
    written: dict[date, set[tuple[int, str]]] = field(default_factory=dict)
    letters: dict[date, Counter[int]] = field(default_factory=dict)
    """How many letters of reminders each person was written that day."""
    fortnight: set[tuple[date, int, str]] = field(default_factory=set)
    expected: list[str] = field(default_factory=list)
    """Keys of what everybody is told when a stage opens or closes."""
    breaks: list[tuple[int, date, date]] = field(default_factory=list)
    places: dict[int, tuple[date, date]] = field(default_factory=dict)
    """When each member joined, and when they left (or the end of time)."""
    rests: list[tuple[date, int]] = field(default_factory=list)
    """The day a stage really closed, and its days of rest."""
    longer: dict[int, tuple[int, date]] = field(default_factory=dict)
    """By how many days somebody's rests are longer, and since when."""
    by_post: set[int] = field(default_factory=set)

    def away(self, person: int, day: date) -> bool:
        """Whether somebody was on a break or at rest that day, by what was agreed with them."""
        if any(who == person and first <= day <= last for who, first, last in self.breaks):
            return True
        joined, left = self.places.get(person, (date.max, date.max))
        if not joined <= day < left:
            return False
        more, since = self.longer.get(person, (0, date.max))
        more = more if day >= since else 0
        return any(
            closed < day <= closed + (days + more) * DAY for closed, days in self.rests if days
        )

    # ---- The promises --------------------------------------------------------------------------
    def in_a_rest(self) -> list[Went]:
        """Notices that reached somebody in their rest or on their break: there must be none."""
        return [one for one in self.went if one.notice and self.away(one.person, one.at.date())]

    def by_night(self) -> list[Went]:
        """Notices by email outside the daytime."""
        return [
            one
            for one in self.went
            if one.notice and one.channel == Channel.EMAIL and not 9 <= one.at.hour < 20
        ]

    def over_the_cap(self) -> list[tuple[int, str]]:
        """Tasks that somebody got more letters about than a note before and one on the day.

        The third and last time is a call, so that nobody hears of a task more than three times.
        """
        counts = Counter((person, task) for _day, person, task in self.notes())
        return [who for who, number in counts.items() if number > CAP - 1]

    def letters_too_many(self) -> list[tuple[date, int]]:
        """Whoever was written more than one letter of reminders in a day, or one about nothing."""
        return [
            (day, person)
            for day, own in self.letters.items()
            for person, number in own.items()
            if number > ((person in {who for who, _task in self.written[day]}) and 1)
        ]

    def notes(self) -> list[tuple[date, int, str]]:
        """Each line of a reminder that was written: the day, the person, the task."""
        return [(day, *one) for day, own in sorted(self.written.items()) for one in sorted(own)]

    def wrongly_written(self) -> set[tuple[date, int, str]]:
        """Notes that are missing, or there without being owed, by the calendar alone."""
        return set(self.notes()) ^ set(self._owed())

    def _owed(self) -> Iterator[tuple[date, int, str]]:
        gone: set[tuple[int, str, str]] = set()
        for day, tasks in sorted(self.mornings.items()):
            for (person, key), task in tasks.items():
                kind = self._kind(task, day)
                if kind and not self.away(person, day) and (person, key, kind) not in gone:
                    gone.add((person, key, kind))
                    yield day, person, key

    def _kind(self, task: Task, day: date) -> str:
        """One before, one on the day; by post three working days sooner; never about the new."""
        days = [task.last_day - number * DAY for number in range(30)]
        last, before = days[0], days[3]
        if task.person.pk in self.by_post:
            last, before = (_three_working_days_before(one) for one in (last, before))
        on_its_day = day == last or last < day < task.last_day
        if on_its_day and task.asked_on < day:
            return "on the day"
        return "before" if before <= day < last and (day - task.asked_on).days >= 3 else ""

    def doubled(self) -> list[int]:
        """Letters that left twice."""
        return [pk for pk, times in Counter(one.letter for one in self.went).items() if times > 1]

    def not_told(self) -> set[str]:
        """What somebody should have been told of a stage and was not, or the reverse."""
        told = {one.key for one in self.went if one.key.startswith(("stage:", "round:"))}
        return told ^ set(self.expected)

    def surprises(self) -> set[date]:
        """Mornings on which not exactly that was written which the page had shown."""
        return {day for day, shown in self.previews.items() if shown != self.written[day]}

    def fortnight_went(self) -> set[tuple[date, int, str]]:
        """What was written in the quiet fortnight."""
        days = sorted(self.mornings)
        return {note for note in self.notes() if note[0] in days[QUIET.start : QUIET.stop]}

    def table(self) -> str:
        """How many letters of each kind went each week."""
        first = min(self.mornings)
        weeks = Counter(((one.at.date() - first).days // 7, one.kind) for one in self.went)
        kinds = sorted({kind for _week, kind in weeks})
        rows = [
            f"{kind:20}" + "".join(f"{weeks[week, kind]:7}" for week in range(14)) for kind in kinds
        ]
        return "\n".join(["week".ljust(20) + "".join(f"{n:7}" for n in range(1, 15)), *rows])


def _three_working_days_before(day: date) -> date:
    left = 3
    while left:
        day -= DAY
        left -= day.weekday() < 5 and not workdays.holiday(day)
    return day


class TwelveWeeks:
    """The round, its people, and the walk through the days."""

    def __init__(self, people: int, *, bids: int = 6, seed: int = 12) -> None:
        today = timezone.localdate()
        self.first = today + (14 - today.weekday()) * DAY  # a Monday
        self.random, self.log = Random(seed), Log()
        self.does: dict[tuple[int, str], int] = {}
        self.set_clock(0, time(8))
        self.staff = make.make_facilitator()
        self.round = make.make_round(by=self.staff, first_day=self.first, readers_per_bid=3)
        self.people = [self._person(number) for number in range(people)]
        self.by_id = {person.pk: person for person in self.people}
        self.bids = bids
        self.page = Client()
        self.page.force_login(self.staff)
        self._plan()

    def _person(self, number: int) -> Person:
        by_post = {"channel": "post", "postal_address": f"{number} Lane"} if number % 5 == 4 else {}
        person = make.make_person(f"Person {number:04}", Role.VOLUNTEER, **by_post)
        if by_post:
            self.log.by_post.add(person.pk)
        return person

    def _plan(self) -> None:
        """The days as they are planned before anything is late."""
        days, on, late_so_far = {}, 86, 0
        for stage in self.round.stages.order_by("order"):
            first, last, late = PLAN.get(stage.kind, (on, on + 3, 0))
            on += 0 if stage.kind in PLAN else 20
            days[stage.kind] = StageDays(
                self.day(first - late_so_far), self.day(last - late_so_far), stage.recovery_days
            )
            late_so_far += late
        commissioning.actions.set_stage_dates(
            round=self.round, days=days, by=self.staff, at=clock.now()
        )

    # ---- The clock -----------------------------------------------------------------------------
    def day(self, number: int) -> date:
        return self.first + number * DAY

    def set_clock(self, number: int, at: time) -> None:
        clock.put_right()
        to = timezone.make_aware(datetime.combine(self.day(number), at))
        clock.move(days=(to - timezone.now()) / DAY)

    # ---- A day ---------------------------------------------------------------------------------
    def walk(self, days: int = DAYS, *, then: int = 8) -> Log:
        """Walk the days; then some more, in which what still waited goes."""
        for number in range(days + then):
            self.set_clock(number, time(8, 30))
            if number < days:
                self.before_nine(number)
            self.set_clock(number, time(9, 5))
            self.look_and_send(number)
            if number < days and number not in QUIET:
                self.set_clock(number, time(12))
                self.people_act(number)
            self.set_clock(number, time(17))
            closed = number < days and self.closes(number)
            if closed or number % 7 == 0:
                self.set_clock(number, time(17, 5))
                self.tick(self.day(number), again=True)
        return self.log

    def before_nine(self, number: int) -> None:
        """Stages open; breaks are asked for well before; some leave; staff say a good word."""
        for kind, (first, _last, _late) in PLAN.items():
            if number == first:
                self._open(kind)
        if number == 5:
            for person in self.people:
                commissioning.actions.invite_volunteer(
                    round=self.round, person=person, by=self.staff, at=clock.now()
                )
        here = list(self.members()) if number in {*range(13, 85, 7), 20} else []
        for place, member in enumerate(here):
            self._live(number, place, member)

    def _open(self, kind: str) -> None:
        stage = self.round.stages.get(kind=kind)
        self._prepare(kind)
        commissioning.actions.open_stage(stage=stage, by=self.staff, at=clock.now())
        if kind in TOLD_WHEN_OPEN:
            self._expect(f"stage:{stage.pk}:opened")

    def _expect(self, start: str) -> None:
        self.log.expected += [f"{start}:{member.pk}" for member in self.members()]

    def _prepare(self, kind: str) -> None:
        by, at = self.staff, clock.now()
        if kind == StageKind.TRAINING:
            support.actions.start_training(round=self.round, by=by, at=at)
        elif kind == StageKind.OPEN:
            form_questions(self.round)
            self.lot = make.make_lot(self.round)
            panel = panels.actions.make_panel(lot=self.lot, name="The panel", by=by, at=at)
            for member in list(self.members())[:6]:
                panels.actions.seat_member(panel=panel, member=member, by=by, at=at)
            self.panel = panel
        elif kind == StageKind.SHARING:
            for _number in range(self.bids):
                make_bid(self.lot)

    def members(self) -> QuerySet[Member]:
        here = Member.objects.here().filter(round=self.round)
        return here.select_related("person", "round__chain").order_by("pk")

    def _live(self, number: int, place: int, member: Member) -> None:
        """What happens to one member, by their place among the others and the day."""
        person, at = member.person, clock.now()
        if number == 20 and place % 11 == 5:
            asked = support.actions.ask_for_adjustment(
                member=member, asked="Rest", by=person, at=at
            )
            support.actions.agree_adjustment(
                adjustment=asked, agreed="Yes", more_rest_days=MORE_REST, by=self.staff, at=at
            )
            self.log.longer[person.pk] = (MORE_REST, clock.today())
        elif number in (20, 48) and place % 7 == 2:
            first = self.day(number + self.random.randrange(2, 20))
            last = first + self.random.randrange(2, 12) * DAY
            self.on_break(person, first, last)
        elif number in (27, 55) and place % 9 == 8:
            commissioning.actions.leave_round(member=member, by=person, at=at)
            joined, _left = self.log.places[person.pk]
            self.log.places[person.pk] = (joined, self.day(number))
        elif number % 7 == 6 and place % 6 == 1:
            support.actions.encourage(member=member, text="Thank you.", by=self.staff, at=at)

    def on_break(self, person: Person, first: date, last: date) -> None:
        accounts.actions.take_break(
            person=person, starts_on=first, ends_on=last, by=person, at=clock.now()
        )
        self.log.breaks.append((person.pk, first, last))

    # ---- The site ------------------------------------------------------------------------------
    def look_and_send(self, number: int) -> None:
        """The facilitator's page first; then what the site does by itself; then the post."""
        today = self.day(number)
        tasks = all_tasks(rounds_under_way())
        self.log.mornings[today] = {(task.person.pk, task.key): task for task in tasks}
        address = reverse("what_is_due", args=[self.round.slug])
        ahead = self.page.get(address).context["ahead"]
        notes = {
            (one.day, note.task.person.pk, note.task.key)
            for one in ahead
            for own in one.letters
            for note in own
        }
        self.log.previews[today] = {(who, key) for day, who, key in notes if day == today}
        if number == QUIET[0]:
            self.log.fortnight = notes
        self.tick(today)
        self.post()

    def tick(self, today: date, *, again: bool = False) -> None:
        before = set(Reminder.objects.values_list("person", "task", "kind"))
        letters = set(Letter.objects.filter(kind="tasks_due").values_list("pk", flat=True))
        ask_who_is_owed()
        new = set(Reminder.objects.values_list("person", "task", "kind")) - before
        assert not (again and new), "what is owed this morning is written this morning"
        if not again:
            self.log.written[today] = {(person, task) for person, task, _kind in new}
            self.log.letters[today] = Counter(
                Letter.objects.filter(kind="tasks_due")
                .exclude(pk__in=letters)
                .values_list("to", flat=True)
            )
        while sending.send_due(on=clock.now(), most=10_000):
            pass
        self._note_mails()

    def _note_mails(self) -> None:
        ids = [str(one.extra_headers["Message-ID"]) for one in mail.outbox]
        rows = Letter.objects.in_bulk([int(one.split("-")[1].split("@")[0]) for one in ids])
        assert {message_id(pk) for pk in rows} == set(ids)
        for one in ids:
            self._note(rows[int(one.split("-")[1].split("@")[0])])
        mail.outbox.clear()

    def post(self) -> None:
        """A facilitator posts what the page shows: all that does not wait for a rest."""
        due = Sending.objects.filter(
            state=Sending.State.PENDING, letter__channel=Channel.POST, not_before__lte=clock.now()
        ).select_related("letter")
        rows = list(due)
        waiting = sending.held([row.letter for row in rows], clock.now())
        for row in rows:
            if row.letter_id not in waiting:
                assert sending.mark_done(row, by=self.staff, at=clock.now())
                self._note(row.letter)

    def _note(self, letter: Letter) -> None:
        self.log.went.append(
            Went(
                letter=letter.pk,
                kind=letter.kind,
                person=letter.to_id or 0,
                key=letter.key,
                at=timezone.localtime(clock.now()),
                channel=letter.channel,
                notice=letter.when == Letter.When.NOTICE,
            )
        )

    # ---- The people ----------------------------------------------------------------------------
    def people_act(self, number: int) -> None:
        """Each does what is asked of them on the day they happen to: early, late or never."""
        today, came = self.day(number), []
        for (pk, key), task in self.log.mornings[today].items():
            if (pk, key) not in self.does:
                days = (task.last_day - today).days
                self.does[pk, key] = number + self.random.choice(
                    [1, 2, max(days // 2, 1), days, days, days + 2, 1000]
                )
            if self.does[pk, key] > number or self.log.away(pk, today):
                continue
            if key.startswith("ready"):
                came.append(pk)
            else:
                self._do(key, self.by_id[pk])
        if came:
            members = list(self.members().filter(person__in=came))
            for topic in self.round.training_topics.filter(required=True):
                support.actions.note_attendance_at_training(
                    topic=topic, members=members, by=self.staff, at=clock.now()
                )
        if number == PLAN["criteria"][0] + 1:
            self._put_criteria()

    def _put_criteria(self) -> None:
        member = next(
            one for one in self.members() if not self.log.away(one.person_id, clock.today())
        )
        draft = make.make_draft(self.round)
        make.make_criterion(draft, member)
        commissioning.actions.put_agreement(agreement=draft, by=member.person, at=clock.now())

    def _do(self, key: str, person: Person) -> None:
        at = clock.now()
        if key.startswith("join"):
            member = Member.objects.get(round=self.round, person=person)
            commissioning.actions.join_round(
                member=member, bids_wanted=2, keeps_confidence=True, by=person, at=at
            )
            self.log.places[person.pk] = (clock.today(), date.max)
        elif key.startswith("vote"):
            row = Agreement.objects.get(pk=int(key.split(":")[1]))
            if not row.agreed_at:
                commissioning.actions.vote_on_agreement(
                    agreement=row, choice="agree", by=person, at=at
                )
        elif key.startswith("declare"):
            member = self.members().get(person=person)
            panels.actions.declare(member=member, lot=self.lot, by=person, at=at)

    # ---- Closing -------------------------------------------------------------------------------
    def closes(self, number: int) -> bool:
        """Close what is to close today; says whether anything was."""
        closed = False
        for kind, (_first, last, late) in PLAN.items():
            if number != last + late:
                continue
            stage = self.round.stages.get(kind=kind)
            if kind == StageKind.CRITERIA:
                self._all_vote()
            if kind in (StageKind.TRAINING, StageKind.SHARING):
                self._last_of_all(kind)
            if kind == StageKind.SHARING:
                self._share_out()
            if kind == StageKind.SCORING:
                agreed(self.panel, Proposal.Kind.CLOSE_EARLY, stage=StageKind.SCORING)
            at = clock.now()
            commissioning.actions.close_stage(stage=stage, by=self.staff, at=at)
            self.log.rests.append((self.day(number), stage.recovery_days))
            self._expect(f"stage:{stage.pk}:closed")
            if late:
                self._expect(f"round:{self.round.pk}:dates:{at.isoformat()}")
            closed = True
        return closed

    def _share_out(self) -> None:
        by, at = self.staff, clock.now()
        run = panels.actions.propose_sharing(round=self.round, by=by, at=at)
        panels.actions.confirm_sharing(run=run, by=by, at=at)

    def _all_vote(self) -> None:
        """Who has not voted is rung up on the last day, until the vote is through."""
        tasks = [task for task in all_tasks(rounds_under_way()) if task.key.startswith("vote")]
        for task in tasks:
            self._do(task.key, self.by_id[task.person.pk])

    def _last_of_all(self, kind: str) -> None:
        """Those whose rest is longer have done it by now: a stage waits for their days."""
        for task in all_tasks(rounds_under_way()):
            if not task.moved:
                continue
            if task.key.startswith("ready"):
                member = self.members().get(person=task.person)
                for topic in self.round.training_topics.filter(required=True):
                    support.actions.finish_topic(
                        topic=topic, member=member, by=task.person, at=clock.now()
                    )
            elif task.key.startswith("declare"):
                self._do(task.key, self.by_id[task.person.pk])


def chances(log: Log) -> dict[str, int]:
    """That the walk had what it promises to have: breaks, leavers, post, notes, longer rests."""
    found: defaultdict[str, int] = defaultdict(int)
    found["breaks"] = len(log.breaks)
    found["leavers"] = sum(left < date.max for _joined, left in log.places.values())
    found["by post"] = sum(one.channel == Channel.POST for one in log.went)
    found["notes"] = len(log.notes())
    found["longer rests"] = len(log.longer)
    found["in the fortnight"] = len(log.fortnight)
    return dict(found)
