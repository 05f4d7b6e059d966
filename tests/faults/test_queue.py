"""The doorbell breaks or rings twice: what must be remembered is a row, so nothing is lost."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness import Installation, Report, installation, kill_redis_twice, two_beats
from tests.services import free_port

EACH = 10
INVITED = 40
KILLS = 2


@pytest.mark.pg
def test_redis_killed_twice_loses_no_letter(tmp_path: Path) -> None:
    """F6: it comes back once with what it had (AOF) and once with nothing."""
    port = free_port()
    with installation(tmp_path, redis_port=port) as site:
        took = kill_redis_twice(site, port, kept=(True, False), each=EACH)
        sys.stdout.write(f"F6: letters {5 * EACH}, kills 2, drained {took:.0f} s after the last\n")
        assert site.count("state = 'sent'") == 5 * EACH
        assert set(site.received().values()) == {1}
        assert len(site.received()) == 5 * EACH


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Two beats ring the same worker, which writes reminders and is killed while it does."""
    with installation(tmp_path_factory.mktemp("asked")) as site:
        two_beats(site, invited=INVITED, kills=KILLS)
        yield site


@pytest.fixture(scope="module")
def report(asked: Installation) -> Report:
    return asked.report()


def test_two_beats_and_a_killed_worker_write_each_reminder_once(report: Report) -> None:
    """F8, and F5 for the one who writes: one row, one copy in the inbox, for everybody."""
    assert len(report.of("tasks_due")) == INVITED
    assert len({letter["key"] for letter in report.letters}) == len(report.letters)
    # Each has the invitation and the reminder.
    assert report.inboxes == [2] * INVITED


def test_two_beats_send_nothing_twice(asked: Installation, report: Report) -> None:
    """Both tell two hands to send at the same instants; only a kill may double."""
    sys.stdout.write(report.figures("F8", asked))
    for kind in ("tasks_due", "round_invitation"):
        assert report.never(kind) == []
    twice = report.twice("tasks_due") + report.twice("round_invitation")
    assert len(twice) <= 2 * KILLS
    assert all(letter["doubts"] for letter in twice)
