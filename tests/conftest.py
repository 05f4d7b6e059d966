"""The cast: the same people in every test, and an outsider who is refused nearly everywhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

import pytest
from django.core.mail import EmailMessage
from django.core.management.commands.flush import Command as Flush
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

from accounts import pdf
from accounts.models import Person, Role, RoleHolding
from config.celery import app as doorbell
from ledger import clock, guards

# No worker runs in the tests' own process, so whoever rings does the work.
doorbell.conf.task_always_eager = True

# Time says nothing about a property: the computer may be busy.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")

_flush = Flush.handle


def _flush_without_guards(self: Flush, **options: Any) -> None:
    """Guards refuse an emptied table, so only the tests' own teardown may take them off."""
    guards.take_off(options["database"])
    try:
        _flush(self, **options)
    finally:
        guards.install(options["database"])


Flush.handle = _flush_without_guards  # type: ignore[method-assign]


class InTransaction(AssertionError):
    """A PDF was made, or mail sent, while a transaction was open."""


@dataclass
class SlowWork:
    """What was done slowly while a transaction of ours was open; pytest's own does not count."""

    seen: list[str] = field(default_factory=list)

    def watched(self, work: Callable[..., Any], what: str) -> Callable[..., Any]:
        @wraps(work)
        def inner(*args: Any, **kwargs: Any) -> Any:
            if any(not block._from_testcase for block in connection.atomic_blocks):
                self.seen.append(what)
                raise InTransaction(f"{what} inside a transaction")
            return work(*args, **kwargs)

        return inner


@pytest.fixture(autouse=True)
def slow_work(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowWork]:
    """No test sees a PDF made or mail sent inside a transaction."""
    work = SlowWork()
    monkeypatch.setattr(pdf, "made", work.watched(pdf.made, "A PDF was made"))
    monkeypatch.setattr(EmailMessage, "send", work.watched(EmailMessage.send, "Mail was sent"))
    yield work
    assert work.seen == []


CAST: dict[str, tuple[str, tuple[Role, ...], dict[str, object]]] = {
    "joan": ("Joan Ibbotson", (Role.VOLUNTEER,), {}),
    "harold": ("Harold Whitaker", (Role.VOLUNTEER,), {}),
    "priya": ("Priya Nair", (Role.VOLUNTEER,), {}),
    "sam": ("Sam Okafor", (Role.FACILITATOR,), {}),
    "ruth": ("Ruth Bentley", (Role.FACILITATOR,), {}),
    "amina": ("Amina Yusuf", (Role.APPLICANT,), {}),
    "rival": ("Rupert Rival", (Role.APPLICANT,), {}),
    "margaret": ("Margaret Dunn", (Role.BOARD,), {}),
    "administrator": ("Adele Keeper", (Role.ADMINISTRATOR,), {}),
    "outsider": ("Olive Outsider", (), {}),
    "superuser": ("Una Super", (), {"is_superuser": True, "is_staff": True}),
}


class Cast:
    """The cast, each there from the first time they are named: cast.joan."""

    def __getattr__(self, slug: str) -> Person:
        name, roles, fields = CAST[slug]
        email = f"{name.split()[0].lower()}@example.org"
        here = Person.objects.filter(sign_in_email=email).first()
        if here:
            return here
        person = Person.objects.create_user(email, name=name, **fields)
        for role in roles:
            RoleHolding.objects.create(
                person=person,
                role=role,
                began_at=timezone.now() - timedelta(days=400),
                began_by=Person.objects.machine(),
            )
        return person


T = TypeVar("T")
Once = Callable[[Callable[[Cast], T]], T]


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Once[Any]]:
    """Build what many tests of a module begin from a single time: once(lambda cast: …).

    Each test's own changes are undone as ever, so the next one finds it as it was built; give
    each a deep copy of the objects. All of it is undone when the module is through.
    """
    standing = transaction.atomic()
    standing._from_testcase = True  # of the tests, not of the program: as Django marks its own
    with django_db_blocker.unblock(), standing:
        yield lambda build: build(Cast())
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    yield
    clock.put_right()


@pytest.fixture
def joan(db: None) -> Person:
    return Cast().joan


@pytest.fixture
def harold(db: None) -> Person:
    return Cast().harold


@pytest.fixture
def priya(db: None) -> Person:
    """A volunteer who knows people in one of the bids."""
    return Cast().priya


@pytest.fixture
def sam(db: None) -> Person:
    return Cast().sam


@pytest.fixture
def ruth(db: None) -> Person:
    return Cast().ruth


@pytest.fixture
def amina(db: None) -> Person:
    return Cast().amina


@pytest.fixture
def rival(db: None) -> Person:
    return Cast().rival


@pytest.fixture
def margaret(db: None) -> Person:
    return Cast().margaret


@pytest.fixture
def administrator(db: None) -> Person:
    return Cast().administrator


@pytest.fixture
def outsider(db: None) -> Person:
    return Cast().outsider


@pytest.fixture
def superuser(db: None) -> Person:
    return Cast().superuser
