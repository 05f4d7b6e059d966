"""The long measurements use the tests' own set-up: the cast, and databases that can be emptied."""

from tests.conftest import joan, real_time, slow_work
from tests.journeys.conftest import calendar, newcomer, site

__all__ = ["calendar", "joan", "newcomer", "real_time", "site", "slow_work"]
