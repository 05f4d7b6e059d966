"""The question asked all day long: who is owed a letter?"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any

from celery import shared_task
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from accounts import reminders
from accounts.letters import write_to
from accounts.models import Person
from accounts.reminders import Owed, Task
from commissioning.actions import clear_old_enquiries
from commissioning.models import Round
from commissioning.reminders import UnderWay, rounds_under_way
from decisions import actions
from decisions.kept_report import keep_reports, kept_report, with_heads
from decisions.models import Errand
from ledger import clock
from ledger.models import Letter
from ledger.tasks import kept_up
from support.actions import count_what_is_due

LOOK_AGAIN_SECONDS = 60 * 60
"""How often the tick looks at what is old enough to be deleted."""


@shared_task
def ask_who_is_owed() -> int:
    """Ask each app who is owed a letter today and write those not yet written; gives how many.
    On a day of counting, answers about all of us are counted. What people told us who asked to
    take part, and heard nothing, is deleted in time; so are packs, and files of bids. The reports
    are read again where something has changed, ahead of their readers. What is old enough to be
    deleted is written down for those who may put it forward."""
    by, at = Person.objects.machine(), clock.now()
    owed = {row.key: row for row in all_owed()}
    there = set(Letter.objects.filter(key__in=owed).values_list("key", flat=True))
    new = [row for key, row in owed.items() if key not in there]
    for row in new:
        write_to(
            row.person,
            row.name,
            key=row.key,
            by=by,
            at=at,
            context=row.context,
            chain=row.chain,
        )
    today, tasks = clock.today(), all_tasks(rounds_under_way())
    notes = reminders.notes_on(
        today,
        tasks,
        done=reminders.notes_gone(tasks),
        breaks=reminders.breaks_from(today),
    )
    written = reminders.write_notes(notes, on=today, by=by, at=at)
    count_what_is_due(by=by, at=at, on=today)
    clear_old_enquiries(by=by, at=at)
    actions.clear_old_files(by=by, at=at)
    keep_reports(at=at)
    if cache.add("looked_at_what_is_due", 1, LOOK_AGAIN_SECONDS):
        actions.note_what_is_due(on=today)
    return len(new) + written


@shared_task
def read_report(round: int, mark: str) -> None:
    """Read a round's report, for a page that waits for it under this mark."""
    for row in with_heads(Round.objects.filter(pk=round)):
        kept_report(row, at=clock.now(), wanted=mark)


@shared_task
def do_errands() -> int:
    """Do what was asked for, one after another; gives how many. The database says what."""
    done = 0
    while errand := actions.take_up_errand(now=timezone.now()):
        with held(errand):
            actions.do_errand(errand=errand, by=errand.asked_by, at=clock.now())
        done += 1
    return done


def held(errand: Errand) -> AbstractContextManager[None]:
    """Hold an errand while it is done. A killed worker holds nothing: another takes over."""
    return kept_up(
        lambda: actions.hold_errand(errand=errand, now=timezone.now()),
        lasts=settings.SHARE_CLAIM_SECONDS,
    )


def all_owed() -> Iterator[Owed]:
    """What every app's `reminders.owed` yields for today."""
    for ask in _asked("owed"):
        yield from ask(on=clock.today())


def all_tasks(rounds: Sequence[UnderWay]) -> list[Task]:
    """What every app's `reminders.tasks` yields: all that people are asked to do by a day."""
    return [task for ask in _asked("tasks") for task in ask(rounds)]


def _asked(name: str) -> Iterator[Callable[..., Iterable[Any]]]:
    """The function of this name in each app's `reminders`, where there is one."""
    for config in apps.get_app_configs():
        if config.module and module_has_submodule(config.module, "reminders"):
            found = getattr(import_module(f"{config.name}.reminders"), name, None)
            if found is not None:
                yield found
