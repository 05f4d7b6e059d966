"""The long runs: 1,000 letters, eight kills of the worker, two of the mail server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness import (
    Installation,
    Report,
    installation,
    kill_redis_twice,
    kill_while_sending,
)
from tests.services import free_port

LETTERS = 1000
KILLS = 8
SINK_KILLS = 2


def run(site: Installation, reminders: int, decisions: int, *, sink_kills: int) -> Report:
    site.hands = 1
    site.run(f"seed.letters({reminders}, {decisions})")
    site.start_sink()
    every = (reminders + decisions) // (KILLS + 2)
    kill_while_sending(site, kills=KILLS, every=every, sink_kills=sink_kills)
    return site.report()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path) as site:
        yield site


def test_reminders_are_never_lost_and_rarely_doubled(site: Installation) -> None:
    """F1 and F5."""
    report = run(site, LETTERS, 0, sink_kills=SINK_KILLS)
    print(report.figures("F1", site))
    assert report.never("resend") == []
    assert report.doubled("resend") <= KILLS + SINK_KILLS
    assert all(letter["doubts"] for letter in report.twice("resend"))
    assert all(f"{letter['subject']}<" in report.outbox for letter in report.twice("resend"))
    assert report.inboxes == [1] * LETTERS


def test_decisions_are_never_doubled(site: Installation) -> None:
    """F2."""
    report = run(site, 0, LETTERS, sink_kills=SINK_KILLS)
    print(report.figures("F2", site))
    doubt = [letter for letter in report.letters if letter["state"] == "in_doubt"]
    sure = [letter for letter in report.letters if letter["state"] == "sent"]
    assert report.twice("hold") == []
    assert len(sure) + len(doubt) == LETTERS
    assert all(report.times(letter) == 1 for letter in sure)
    assert all(f"{letter['subject']}<" in report.outbox for letter in doubt)


def test_a_transport_that_can_be_asked_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """F3."""
    with installation(tmp_path, EMAIL_SPOOL=str(tmp_path / "spool")) as site:
        site.hands = 1
        site.run(f"seed.letters({LETTERS // 2}, {LETTERS // 2})")
        site.start_taker()
        site.start_worker()
        for _turn in range(KILLS):
            site.wait_received(LETTERS // (KILLS + 2))
            site.kill("worker")
            site.start_worker()
        site.wait_drained()
        site.wait(lambda: site.received().total() >= LETTERS, "The last letters")
        report = site.report()
        print(report.figures("F3", site))
    for kind in ("resend", "hold"):
        assert report.never(kind) == []
        assert report.twice(kind) == []


def test_the_naive_sender_doubles_in_this_harness(site: Installation) -> None:
    """F4."""
    site.app = "tests.faults.naive"
    report = run(site, LETTERS, 0, sink_kills=0)
    print(report.figures("F4", site))
    assert report.doubled("resend") > 100


@pytest.mark.pg
@pytest.mark.parametrize("append_only", [True, False])
def test_redis_killed_twice_loses_no_letter(tmp_path: Path, append_only: bool) -> None:
    """F6."""
    port = free_port()
    with installation(tmp_path, redis_port=port) as site:
        took = kill_redis_twice(site, port, kept=(append_only, append_only), each=50)
        print(f"F6 AOF {append_only}: letters 250, kills 2, drained {took:.0f} s after the last")
        assert took <= 120
        assert (len(site.received()), set(site.received().values())) == (250, {1})
