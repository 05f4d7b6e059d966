"""What people see and what starts again when the worker stops, or is alive but stuck."""

import os
import signal
from collections.abc import Iterator
from contextlib import nullcontext, suppress

import pytest

from tests.faults.harness import Installation, installation


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The web and the mail server run; each test starts its own worker."""
    with installation(tmp_path_factory.mktemp("worker")) as site:
        site.run("seed.letters(20)")
        site.start_sink()
        site.start_web()
        yield site


def test_health_is_red_without_a_worker_and_green_again(site: Installation) -> None:
    status, words = site.health()
    assert (status, words["heartbeat_age_seconds"]) == (503, None)
    site.start_worker()
    site.wait_green()
    site.kill("worker")
    site.wait_red()
    assert site.health()[1]["heartbeat_age_seconds"] > int(site.env["HEARTBEAT_SECONDS"])
    site.start_worker()
    site.wait_green()
    site.kill("worker")


@pytest.mark.parametrize("held", [False, pytest.param(True, marks=pytest.mark.sqlite)])
def test_a_stuck_worker_is_seen_and_started_again(site: Installation, held: bool) -> None:
    """F27: SIGSTOP, so that it is alive and does nothing; it may hold the file of the database."""
    before = site.last_beat()
    site.supervise("worker")
    site.wait(lambda: site.last_beat() != before, "Its first heartbeat")
    site.wait_green()
    first = site.supervised()
    for group in first:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGSTOP)
    with site.writing() if held else nullcontext():
        site.wait_red()
        site.wait(lambda: bool(set(site.supervised()) - set(first)), "A new worker")
    site.wait_green()
    site.wait_drained()
    assert site.received().total() == 20
    assert "worker has shown no heartbeat" in (site.folder / "supervisor.log").read_text()
    site.signal("supervisor", signal.SIGTERM)
    site.processes.pop("supervisor").wait()
