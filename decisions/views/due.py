"""What volunteers are asked to do by a day, who is late, who rests, and which notes will go."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from accounts import reminders
from accounts.models import Break
from accounts.permissions import Permission, permitted, reader
from accounts.reminders import Note, Task
from commissioning.models import Member, Round
from commissioning.reminders import UnderWay, as_under_way
from commissioning.rules import back_on, resting
from decisions.tasks import all_tasks
from ledger import clock

DAYS_AHEAD = 14
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Open:
    """One kind of thing that people are asked to do, and how many have not yet."""

    words: str
    last_day: date
    people: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day to come, and the notes that will go on it: one letter for each person."""

    day: date
    letters: Sequence[Sequence[Note]]

    @property
    def number(self) -> int:
        """How many letters."""
        return len(self.letters)


@permitted(Permission.LOOK_AFTER)
@require_safe
def what_is_due(request: HttpRequest, round: str) -> HttpResponse:
    """Who has not done yet what is asked of them, and what the site will write to them."""
    rounds = Round.objects.visible_to(reader(request)).select_related("programme", "chain")
    row, today = get_object_or_404(rounds.prefetch_related("stages"), slug=round), clock.today()
    here = as_under_way([row])
    tasks, back = all_tasks(here), _back(here[0], today)
    members = Member.objects.here().filter(round=row)
    breaks = reminders.breaks_from(today, person__in=members.values("person"))
    ahead = list(_ahead(tasks, breaks, today))
    late = sorted(
        (task for task in tasks if task.is_late(today)),
        key=lambda task: (task.last_day, task.person.name, task.key),
    )
    chosen = _day_of(request.GET.get("day", ""))
    shown = next((one for one in ahead if one.day == chosen), None)
    context = {
        "round": row,
        "open": _open(tasks, today),
        "late": Paginator(late, AT_ONCE).get_page(request.GET.get("page")),
        "resting": resting(row, on=today),
        "away": [
            one for rows in breaks.values() for one in rows if reminders.is_away([one], today)
        ],
        "back": [
            (member.person, back[member.person_id])
            for member in (members.filter(person__in=back).select_related("person") if back else ())
        ],
        "programme": row.programme,
        "ahead": ahead,
        "shown": shown,
        "letters": Paginator(shown.letters if shown else [], AT_ONCE).get_page(
            request.GET.get("letters")
        ),
    }
    return render(request, "decisions/what_is_due.html", context)


def _back(here: UnderWay, today: date) -> dict[int, date]:
    """Who rests longer than the others, or with another panel, and the day they are back."""
    return back_on(here.round, on=today, longer=here.longer, lots=here.lots)


def _day_of(text: str) -> date | None:
    """The day that an address names, or nothing where it names none."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _open(tasks: Sequence[Task], today: date) -> list[Open]:
    counts = Counter((task.last_day, task.words) for task in tasks if not task.is_late(today))
    return [Open(words, day, number) for (day, words), number in sorted(counts.items())]


def _ahead(tasks: Sequence[Task], breaks: Mapping[int, list[Break]], today: date) -> list[Ahead]:
    """The days with notes, asked of the very sum that the sender asks."""
    days = reminders.planned(
        today, DAYS_AHEAD, tasks, done=reminders.notes_gone(tasks), breaks=breaks
    )
    return [
        Ahead(day, sorted(notes.values(), key=lambda own: own[0].task.person.name))
        for day, notes in days
        if notes
    ]
