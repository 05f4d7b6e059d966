"""The long measurements use the tests' own set-up: the cast, and databases that can be emptied."""

from tests.conftest import joan, real_time, slow_work

__all__ = ["joan", "real_time", "slow_work"]
