"""Who is reminded on which day: a sum, so tried on thousands of made-up tasks."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import reminders, workdays
from accounts.models import Break, Person, Reminder, Role
from accounts.reminders import Kind, Task, kind_due, notes_on, planned
from ledger.models import Chain, Letter
from tests.factories.commissioning import make_person

DAY = timedelta(days=1)
FRIDAY = date(2026, 6, 12)
CHAIN = Chain(pk=1, key="round")


def a_task(person: Person | None = None, *, last: date = FRIDAY, **more: object) -> Task:
    person = person or Person(pk=1, name="Joan", sign_in_email="joan@example.org")
    facts = {"chain": CHAIN, "key": "score:1", "asked_on": last - 20 * DAY, **more}
    return Task(person=person, words="Send your scores.", path="/", last_day=last, **facts)


def by_post(pk: int = 1) -> Person:
    return Person(pk=pk, name="Harold", channel="post", postal_address="1 Lane")


# ---- One task --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "kind"),
    [(4, None), (3, Kind.BEFORE), (1, Kind.BEFORE), (0, Kind.ON_DAY), (-1, None)],
)
def test_one_note_before_the_last_day_and_one_on_it(days: int, kind: Kind | None) -> None:
    assert kind_due(a_task(), on=FRIDAY - days * DAY) == kind


def test_nobody_is_reminded_of_what_they_were_asked_only_now() -> None:
    task = a_task(asked_on=FRIDAY - 2 * DAY)
    assert kind_due(task, on=FRIDAY - DAY) is None
    assert kind_due(task, on=FRIDAY) == Kind.ON_DAY
    assert kind_due(a_task(asked_on=FRIDAY), on=FRIDAY) is None


def test_a_rest_is_kept_quiet() -> None:
    task = a_task(rests=((FRIDAY - 3 * DAY, FRIDAY - 2 * DAY),))
    quiet = [kind_due(task, on=FRIDAY - days * DAY) for days in (3, 2)]
    assert quiet == [None, None]
    assert kind_due(task, on=FRIDAY - DAY) == Kind.BEFORE


def test_post_leaves_three_working_days_sooner() -> None:
    task = a_task(by_post())
    went = [(day.day, kind) for day in june() if (kind := kind_due(task, on=day))]
    # Friday 12: three working days before it is Tuesday 9; before Tuesday 9, Thursday 4.
    assert went[0] == (4, Kind.BEFORE)
    assert [day for day, kind in went if kind == Kind.ON_DAY] == [9, 10, 11]


def june() -> list[date]:
    return [date(2026, 6, day) for day in range(1, 31)]


def test_working_days_leave_out_weekends_and_the_holidays_of_the_place() -> None:
    christmas = date(2026, 12, 25)
    assert workdays.holiday(christmas) == "Christmas Day"
    # Boxing Day is a Saturday, so Monday 28 is a holiday instead; then the weekend, and Christmas.
    assert workdays.before(date(2026, 12, 29), 1) == date(2026, 12, 24)
    assert workdays.before(date(2026, 6, 15), 1) == FRIDAY
    assert not workdays.is_workday(date(2026, 6, 13))


# ---- Many tasks ------------------------------------------------------------------------------
DAYS = st.integers(0, 40).map(lambda number: date(2026, 6, 1) + number * DAY)


@st.composite
def many_tasks(draw: st.DrawFn) -> list[Task]:
    people = [
        by_post(pk) if draw(st.booleans()) else Person(pk=pk, sign_in_email=f"{pk}@example.org")
        for pk in range(1, 5)
    ]
    return [
        a_task(
            draw(st.sampled_from(people)),
            last=draw(DAYS),
            key=f"task:{number}",
            asked_on=draw(DAYS),
            rests=tuple((first, first + 6 * DAY) for first in draw(st.lists(DAYS, max_size=2))),
        )
        for number in range(draw(st.integers(0, 8)))
    ]


@st.composite
def some_breaks(draw: st.DrawFn) -> dict[int, list[Break]]:
    ends = st.none() | st.integers(0, 20)
    found: dict[int, list[Break]] = {}
    for pk in draw(st.sets(st.integers(1, 4), max_size=2)):
        first, length = draw(DAYS), draw(ends)
        last = None if length is None else first + length * DAY
        found[pk] = [Break(starts_on=first, ends_on=last)]
    return found


@given(many_tasks(), some_breaks())
@settings(max_examples=300, deadline=None)
def test_what_is_planned_keeps_every_promise(
    tasks: list[Task], breaks: dict[int, list[Break]]
) -> None:
    gone: list[tuple[int, str, str]] = []
    for day, notes in planned(date(2026, 5, 20), 60, tasks, done=set(), breaks=breaks):
        for person, own in notes.items():
            assert not reminders.is_away(breaks.get(person, ()), day)
            for note in own:
                assert note.task.person.pk == person
                assert not note.task.rests_on(day)
                assert note.task.asked_on < day <= note.task.last_day
                gone.append(note.done)
    assert len(gone) == len(set(gone)), "each note goes once"
    assert len(gone) <= 2 * len(tasks), "then somebody rings"


@given(many_tasks(), some_breaks())
@settings(max_examples=100, deadline=None)
def test_what_is_planned_is_what_goes_day_by_day(
    tasks: list[Task], breaks: dict[int, list[Break]]
) -> None:
    first, done = date(2026, 5, 20), set()
    went = []
    for number in range(60):
        notes = notes_on(first + number * DAY, tasks, done=done, breaks=breaks)
        went.append((first + number * DAY, notes))
        done |= {note.done for own in notes.values() for note in own}
    assert went == list(planned(first, 60, tasks, done=set(), breaks=breaks))


# ---- Written ---------------------------------------------------------------------------------
@pytest.mark.django_db
def test_write_notes_puts_several_tasks_of_a_day_in_one_letter(joan: Person, sam: Person) -> None:
    chain = Chain.objects.create(key="one")
    tasks = [a_task(joan, chain=chain, key=f"task:{n}") for n in range(3)]
    notes = notes_on(FRIDAY, tasks, done=set(), breaks={})
    assert reminders.write_notes(notes, on=FRIDAY, by=sam, at=timezone.now()) == 1
    assert Letter.objects.get().body_text.count("Send your scores.") == 3
    assert Reminder.objects.count() == 3
    assert reminders.write_notes(notes, on=FRIDAY, by=sam, at=timezone.now()) == 0
    assert notes_on(FRIDAY, tasks, done=reminders.notes_gone(tasks), breaks={}) == {}


@pytest.mark.django_db
def test_write_notes_asks_the_database_the_same_for_three_and_thirty(
    sam: Person, django_assert_num_queries
) -> None:
    chain = Chain.objects.create(key="one")

    def tasks(first: int, number: int) -> list[Task]:
        return [
            a_task(make_person(f"P{n}", Role.VOLUNTEER), chain=chain, key=f"task:{n}")
            for n in range(first, first + number)
        ]

    for first, number in ((0, 3), (100, 30)):
        notes = notes_on(FRIDAY, tasks(first, number), done=set(), breaks={})
        with django_assert_num_queries(10):
            reminders.write_notes(notes, on=FRIDAY, by=sam, at=timezone.now())
    assert Letter.objects.count() == 33
