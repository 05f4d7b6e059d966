"""A site on the air, a calendar that can be turned, and browsers for whoever is needed."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from ledger import clock
from tests.journeys.people import Reader

MORNING = time(10)


class Calendar:
    """The round's own clock. Every day begins at ten in the morning."""

    @property
    def today(self) -> date:
        return clock.today()

    def go_to(self, day: date, at: time = MORNING) -> None:
        """Turn to a day, in this process: the site's threads see it too."""
        wanted = timezone.make_aware(datetime.combine(day, at))
        clock.move(days=(wanted - clock.now()) / timedelta(days=1))

    def on(self, days: int = 1) -> None:
        """Let some days go by."""
        self.go_to(self.today + timedelta(days=days))


@pytest.fixture
def calendar() -> Calendar:
    """Begin on the Monday after today, so that working days fall the same way on every run."""
    calendar = Calendar()
    calendar.on(7 - calendar.today.weekday())
    return calendar


@pytest.fixture
def site(live_server: LiveServer, settings: Settings, calendar: Calendar) -> str:
    """The site's address, in letters too. Limits of an earlier test are forgotten."""
    settings.BASE_URL = live_server.url
    cache.clear()
    return str(live_server.url)


Newcomer = Callable[..., Reader]


@pytest.fixture
def newcomer(browser: Browser, site: str) -> Iterator[Newcomer]:
    """Make a person at a browser of their own: newcomer("Joan Ibbotson", "joan@example.org").

    `phone=True` gives them a small phone, on which no page may be wider than the glass.
    """
    here: list[Reader] = []

    def arrive(name: str, email: str = "", **how: bool) -> Reader:
        here.append(Reader(browser, site, name, email, **how))
        return here[-1]

    yield arrive
    for reader in here:
        reader.leaves()
