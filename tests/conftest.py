"""The cast: the same people in every test, and an outsider who is refused nearly everywhere."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from django.core.management.commands.flush import Command as Flush
from django.db import transaction
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import Person, Role, RoleHolding
from ledger import clock, guards

_flush = Flush.handle


def _flush_without_guards(self: Flush, **options: Any) -> None:
    """Guards refuse an emptied table, so only the tests' own teardown may take them off."""
    guards.take_off(options["database"])
    try:
        _flush(self, **options)
    finally:
        guards.install(options["database"])


Flush.handle = _flush_without_guards  # type: ignore[method-assign]


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
    with django_db_blocker.unblock(), transaction.atomic():
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
