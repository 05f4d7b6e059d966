"""F1 to F9 with both ways of ringing, on the database of this run: one table.

A row for each fault and each of Redis and a folder. `make bench` runs it on SQLite and then on
PostgreSQL, so the four set-ups stand in one file, `.pytest_cache/faults.txt`, one after the other.
F9 asks nothing of the queue, since no time is ever put into it: see tests/faults/test_clock.py.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.careless import MOMENT
from tests.faults.harness import (
    Installation,
    careless,
    installation,
    kill_redis_twice,
    kill_while_sending,
    lose_the_queue,
    two_beats,
    wipe_queue_twice,
)
from tests.services import ROOT, free_port

EACH = 100
KILLS = 3
TABLE = ROOT / ".pytest_cache" / "faults.txt"
BROKERS = ["redis", "folder"]


@pytest.fixture(params=BROKERS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path, broker=request.param) as site:
        assert site.broker == request.param
        yield site


def row(what: str, site: Installation, *, letters: int, **found: float) -> None:
    """One line of the table."""
    numbers = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in found.items())
    seconds = time.monotonic() - site.began
    line = f"{what:10} {site.vendor:8} {site.broker:6} letters {letters:4}, {numbers}"
    line += f", kills {site.kills}, seconds {seconds:.0f}"
    print(line)
    TABLE.parent.mkdir(exist_ok=True)
    with TABLE.open("a") as lines:
        lines.write(line + "\n")


def test_f1_f2_f5_killed_worker_and_mail_server(site: Installation) -> None:
    site.hands = 1
    site.run(f"seed.letters({EACH}, {EACH})")
    site.start_sink()
    kill_while_sending(site, kills=KILLS, every=40, sink_kills=1)
    report = site.report()
    doubt = sum(letter["state"] == "in_doubt" for letter in report.of("hold"))
    never, twice = report.never("resend"), report.doubled("resend")
    row("F1", site, letters=EACH, never=len(never), doubled=twice)
    row("F2", site, letters=EACH, doubled=report.doubled("hold"), in_doubt=doubt)
    row("F5", site, letters=2 * EACH, copies_in_inboxes=sum(report.inboxes))
    assert never == []
    assert twice <= KILLS + 1
    assert all(letter["doubts"] for letter in report.twice("resend"))
    assert report.twice("hold") == []
    assert [one for one in report.never("hold") if one["state"] != "in_doubt"] == []
    assert report.inboxes == [1] * 2 * EACH


@pytest.mark.parametrize("broker", BROKERS)
def test_f3_a_transport_that_can_be_asked(tmp_path: Path, broker: str) -> None:
    with installation(tmp_path, broker=broker, EMAIL_SPOOL=str(tmp_path / "spool")) as site:
        site.run("seed.letters(60, 60)")
        site.start_taker()
        site.start_worker()
        for _turn in range(2):
            site.wait_received(25)
            site.kill("worker")
            site.start_worker()
        site.wait_drained()
        site.wait(lambda: site.received().total() >= 120, "The last letters")
        report = site.report()
        lost = sum(len(report.never(kind)) for kind in ("resend", "hold"))
        twice = sum(report.doubled(kind) for kind in ("resend", "hold"))
        row("F3", site, letters=120, never=lost, doubled=twice)
    assert (lost, twice) == (0, 0)


def test_f4_the_naive_sender_doubles(site: Installation) -> None:
    """The control of F1 to F3."""
    site.app, site.hands = "tests.faults.naive", 1
    site.run(f"seed.letters({EACH})")
    site.start_sink()
    kill_while_sending(site, kills=2, every=60)
    report = site.report()
    row("F4", site, letters=EACH, doubled=report.doubled("resend"))
    assert report.doubled("resend") > 50


def test_f6_redis_killed_twice(tmp_path: Path) -> None:
    port = free_port()
    with installation(tmp_path, redis_port=port, broker="redis") as site:
        took = kill_redis_twice(site, port, kept=(True, False), each=10)
        times = site.received()
        row(
            "F6",
            site,
            letters=50,
            never=50 - len(times),
            most_copies=max(times.values()),
            took=took,
        )
        assert took <= 120
        assert len(times) == 50
        assert set(times.values()) == {1}


def test_f6_the_folder_emptied_twice(tmp_path: Path) -> None:
    """What a killed Redis is to the others: all that was ringing is gone, and the worker too."""
    with installation(tmp_path, broker="folder") as site:
        took = wipe_queue_twice(site, each=10)
        times = site.received()
        twice = sum(number - 1 for number in times.values())
        row("F6", site, letters=30, never=30 - len(times), doubled=twice, took=took)
        assert took <= 120
        assert len(times) == 30
        assert twice <= site.kills


def test_f6_a_sender_whose_work_lies_in_the_queue_loses_it(site: Installation) -> None:
    """The control of F6: each letter is a message, and the queue is lost before it is read."""
    careless(site, "messages")
    site.run("seed.letters(30)")
    site.start_sink()
    site.run("from tests.faults import careless; careless.put_messages()")
    assert lose_the_queue(site) == 30
    site.start_worker()
    site.wait_beats(5)
    never = 30 - len(site.received())
    row("F6 control", site, letters=30, never=never)
    assert never == 30


def test_f7_nothing_rings_for_three_due_dates(site: Installation) -> None:
    """No beat and no worker while letters fall due three times; then both."""
    site.run("seed.letters(30, later=True)")
    site.start_sink()
    for _due in range(3):
        site.release(10)
    assert site.received().total() == 0
    site.start_worker()
    site.wait_drained()
    site.wait_beats(3)
    times = site.received()
    row("F7", site, letters=30, never=30 - len(times), most_copies=max(times.values()))
    assert len(times) == 30
    assert set(times.values()) == {1}


def test_f7_a_sender_that_asks_what_is_due_now_forgets(site: Installation) -> None:
    """The control of F7: what fell due while nothing rang is never asked for again."""
    careless(site, "moments")
    site.run("seed.letters(30, later=True)")
    site.start_sink()
    for _due in range(3):
        site.release(10)
    time.sleep(2 * MOMENT.total_seconds())  # the moment goes by, and nothing rings
    site.start_worker()
    site.wait_beats(5)
    never = 30 - len(site.received())
    row("F7 control", site, letters=30, never=never)
    assert never == 30


def test_f8_without_claims_two_beats_send_twice(site: Installation) -> None:
    """The control of F8: two hands are told to send at the same instants, and nobody is killed."""
    careless(site, "unclaimed")
    site.sink_seconds = 0.05
    site.run("seed.letters(60)")
    site.start_sink()
    site.start_beat()
    site.start_worker()
    site.wait_drained()
    site.wait_beats(3)
    twice = sum(number - 1 for number in site.received().values())
    row("F8 control", site, letters=60, doubled=twice)
    assert site.kills == 0
    assert twice > 0


def test_f8_two_beats_and_a_killed_worker(site: Installation) -> None:
    invited, kills = 40, 2
    two_beats(site, invited=invited, kills=kills)
    report = site.report()
    rows = len(report.of("tasks_due"))
    twice = report.twice("tasks_due") + report.twice("round_invitation")
    row("F8", site, letters=2 * invited, reminders=rows, doubled=len(twice))
    assert rows == invited
    assert len({letter["key"] for letter in report.letters}) == len(report.letters)
    assert report.inboxes == [2] * invited
    assert all(letter["doubts"] for letter in twice)
    assert len(twice) <= 2 * kills
