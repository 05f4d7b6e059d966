"""Who is owed a letter: what each app's `reminders.py` yields, and the daily question writes.

`owed(on=…)` gives letters of any kind. `tasks()` gives what people are asked to do by a day. For a
task one gentle note goes before its last day and one on it; then somebody rings. All notes of one
person's day are one letter. Nobody is reminded in a rest or on a break. Posted notes leave three
working days sooner. The page that shows what will be sent asks the same functions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import workdays
from accounts.letters import address_of, write_each
from accounts.models import Break, Person, Reminder
from ledger.models import Chain, Channel
from ledger.trail import digest

DAY = timedelta(days=1)
BEFORE = 3 * DAY
"""How long before the last day the first note goes, and how long nobody is reminded of something
they were asked only now."""
POST_DAYS = 3
"""Working days that a letter by post is given to arrive."""
AT_ONCE = 100
"""How many people's notes are written in one transaction."""

Kind = Reminder.Kind
Done = tuple[int, str, str]
"""A note that went: person's id, task's key, kind."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A letter a person is owed: its template's name, its unique key, and what it tells.

    `chain` is the round's chain, or None for what belongs to no round.
    """

    person: Person
    chain: Chain | None
    name: str
    key: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person is asked to do by a day, and has not done."""

    person: Person
    chain: Chain
    key: str
    """The same for this task as long as it lasts; another for every other task."""
    words: str
    path: str
    asked_on: date
    last_day: date
    rests: tuple[tuple[date, date], ...] = ()
    """Days of rest of its round, each from the first to the last."""
    moved: bool = False
    """Whether its last day moved on, because longer rests are agreed with this person, or because
    they rest with another panel as well."""
    lot: int = 0
    """The lot whose stage it belongs to; 0 where it is the whole round's."""

    @property
    def link(self) -> str:
        """The whole address of the page where it is done."""
        return f"{settings.BASE_URL}{self.path}"

    def rests_on(self, day: date) -> bool:
        """Whether the round rests on this day."""
        return any(first <= day <= last for first, last in self.rests)

    def is_late(self, on: date) -> bool:
        """Whether its last day has gone."""
        return self.last_day < on


@dataclass(frozen=True, slots=True)
class Note:
    """One line of a letter: a task, and which of its two notes this is."""

    task: Task
    kind: Kind

    @property
    def done(self) -> Done:
        """What is kept of it once it has gone."""
        return (self.task.person.pk, self.task.key, str(self.kind))


# ---- What is due, as a sum ------------------------------------------------------------------
def kind_due(task: Task, *, on: date) -> Kind | None:
    """Which note about this task goes on this day, if none has gone before."""
    last, early = task.last_day, task.last_day - BEFORE
    if address_of(task.person).channel == Channel.POST:
        last, early = (workdays.before(day, POST_DAYS) for day in (last, early))
    if task.is_late(on) or task.rests_on(on):
        return None
    if last <= on and (on == last or on < task.last_day):
        return Kind.ON_DAY if task.asked_on < on else None
    near = early <= on < last
    return Kind.BEFORE if near and task.asked_on + BEFORE <= on else None


def notes_on(
    day: date, tasks: Iterable[Task], *, done: Collection[Done], breaks: Mapping[int, list[Break]]
) -> dict[int, list[Note]]:
    """The notes that go on a day, by person: each person's are one letter."""
    found: defaultdict[int, list[Note]] = defaultdict(list)
    for task in tasks:
        kind = kind_due(task, on=day)
        if kind is None or is_away(breaks.get(task.person.pk, ()), day):
            continue
        note = Note(task, kind)
        if note.done not in done:
            found[task.person.pk].append(note)
    return dict(found)


def is_away(breaks: Iterable[Break], day: date) -> bool:
    """Whether one of a person's breaks covers this day."""
    return any(
        row.starts_on <= day and (row.ends_on is None or day <= row.ends_on) for row in breaks
    )


def planned(
    first: date,
    days: int,
    tasks: Sequence[Task],
    *,
    done: Collection[Done],
    breaks: Mapping[int, list[Break]],
) -> Iterator[tuple[date, dict[int, list[Note]]]]:
    """What will go on each of these days if nobody does anything until then."""
    gone = set(done)
    for day in (first + number * DAY for number in range(days)):
        notes = notes_on(day, tasks, done=gone, breaks=breaks)
        gone |= {note.done for own in notes.values() for note in own}
        yield day, notes


# ---- The rows -------------------------------------------------------------------------------
def notes_gone(tasks: Iterable[Task]) -> set[Done]:
    """The notes that have gone in the rounds of these tasks (one query)."""
    chains = {task.chain.pk for task in tasks}
    rows = Reminder.objects.filter(chain__in=chains)
    return set(rows.values_list("person", "task", "kind"))


def breaks_from(day: date, **only: Any) -> dict[int, list[Break]]:
    """Breaks on this day or later, by person (one query). `only` may narrow whose."""
    found: defaultdict[int, list[Break]] = defaultdict(list)
    for row in Break.objects.unfinished(day).filter(**only).select_related("person"):
        found[row.person_id].append(row)
    return dict(found)


def write_notes(notes: Mapping[int, list[Note]], *, on: date, by: Person, at: datetime) -> int:
    """Write a day's letters of notes; gives how many are new. Two who write at once make one."""
    people, new = iter(notes.values()), 0
    while some := list(islice(people, AT_ONCE)):
        with transaction.atomic():
            new += _written(some, on, by=by, at=at)
    return new


def _written(people: Sequence[list[Note]], on: date, *, by: Person, at: datetime) -> int:
    rows, letters = [], defaultdict(list)
    for own in people:
        key = _letter_key(own, on)
        person, chains = own[0].task.person, {note.task.chain for note in own}
        chain = chains.pop() if len(chains) == 1 else None
        letters[chain].append((key, person, {"notes": own, "today": on}))
        rows += [
            Reminder(
                person=person,
                task=note.task.key,
                kind=note.kind,
                letter_key=key,
                chain=note.task.chain,
            )
            for note in own
        ]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    return sum(
        write_each(drafts, "tasks_due", by=by, at=at, chain=chain)
        for chain, drafts in letters.items()
    )


def _letter_key(own: Sequence[Note], on: date) -> str:
    """The same for the same notes, so that whoever writes them makes one letter."""
    lines = sorted(f"{note.task.key}:{note.kind}" for note in own)
    return f"tasks_due:{own[0].task.person.pk}:{on}:{digest(';'.join(lines))[:12]}"
