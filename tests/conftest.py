"""The cast: the same people in every test, and an outsider who is refused nearly everywhere."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management.commands.flush import Command as Flush
from django.utils import timezone

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


def _person(name: str, *roles: Role, **fields: object) -> Person:
    slug = name.split()[0].lower()
    person = Person.objects.create_user(f"{slug}@example.org", name=name, **fields)
    for role in roles:
        RoleHolding.objects.create(
            person=person,
            role=role,
            began_at=timezone.now() - timedelta(days=400),
            began_by=Person.objects.machine(),
        )
    return person


@pytest.fixture(autouse=True)
def real_time() -> Iterator[None]:
    yield
    clock.put_right()


@pytest.fixture
def joan(db: None) -> Person:
    return _person("Joan Ibbotson", Role.VOLUNTEER)


@pytest.fixture
def harold(db: None) -> Person:
    return _person("Harold Whitaker", Role.VOLUNTEER)


@pytest.fixture
def priya(db: None) -> Person:
    """A volunteer who knows people in one of the bids."""
    return _person("Priya Nair", Role.VOLUNTEER)


@pytest.fixture
def sam(db: None) -> Person:
    return _person("Sam Okafor", Role.FACILITATOR)


@pytest.fixture
def ruth(db: None) -> Person:
    return _person("Ruth Bentley", Role.FACILITATOR)


@pytest.fixture
def amina(db: None) -> Person:
    return _person("Amina Yusuf", Role.APPLICANT)


@pytest.fixture
def rival(db: None) -> Person:
    return _person("Rupert Rival", Role.APPLICANT)


@pytest.fixture
def margaret(db: None) -> Person:
    return _person("Margaret Dunn", Role.BOARD)


@pytest.fixture
def administrator(db: None) -> Person:
    return _person("Adele Keeper", Role.ADMINISTRATOR)


@pytest.fixture
def outsider(db: None) -> Person:
    return _person("Olive Outsider")


@pytest.fixture
def superuser(db: None) -> Person:
    return _person("Una Super", is_superuser=True, is_staff=True)
