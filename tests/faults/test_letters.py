"""kill -9 of the worker and of the mail server while letters go: none lost, none doubled unseen."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness import Installation, Report, installation, kill_while_sending

KILLS = 3
EACH = 100


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("letters")


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Installation]:
    """200 letters: reminders and decisions turn and turn about, one worker with one hand."""
    with installation(folder) as site:
        site.hands = 1
        site.run(f"seed.letters({EACH}, {EACH})")
        site.start_sink()
        kill_while_sending(site, kills=KILLS, every=40, sink_kills=1)
        yield site


@pytest.fixture(scope="module")
def report(site: Installation) -> Report:
    return site.report()


def test_a_killed_worker_loses_no_letter(site: Installation, report: Report) -> None:
    """200 letters, kill -9 in the middle of them."""
    sys.stdout.write(report.figures("F1 F2", site))
    assert len(report.letters) == 2 * EACH
    sure = [letter for letter in report.letters if letter["state"] == "sent"]
    doubt = [letter for letter in report.letters if letter["state"] == "in_doubt"]
    assert len(sure) + len(doubt) == 2 * EACH
    assert [letter for letter in sure if report.times(letter) == 0] == []


def test_reminders_are_never_lost_and_rarely_doubled(report: Report) -> None:
    """F1: late is worse than twice, and each that may have come twice can be seen."""
    assert report.never("resend") == []
    assert report.doubled("resend") <= KILLS + 1
    for letter in report.twice("resend"):
        assert letter["attempts"] > 1
        assert letter["doubts"] > 0
        assert f"{letter['subject']}<" in report.outbox


def test_decisions_are_never_doubled(report: Report) -> None:
    """F2: what we cannot be sure of is held for a person to see."""
    held = [letter for letter in report.of("hold") if letter["state"] == "in_doubt"]
    assert report.twice("hold") == []
    assert {letter["state"] for letter in report.of("hold")} <= {"sent", "in_doubt"}
    assert [one for one in report.never("hold") if one["state"] != "in_doubt"] == []
    assert len(held) <= KILLS + 1
    for letter in held:
        assert f"{letter['subject']}<" in report.outbox
    assert report.outbox.count("Send again") >= len(held)


def test_the_inbox_holds_each_letter_once(report: Report) -> None:
    """F5: one copy each, whatever the mail did."""
    assert report.inboxes == [1] * 2 * EACH


def test_a_transport_that_can_be_asked_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """F3: the spool folder is asked which of the letters in doubt it has."""
    with installation(tmp_path, EMAIL_SPOOL=str(tmp_path / "spool")) as site:
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
    sys.stdout.write(report.figures("F3", site))
    assert {letter["state"] for letter in report.letters} == {"sent"}
    for kind in ("resend", "hold"):
        assert report.never(kind) == []
        assert report.twice(kind) == []


def test_the_naive_sender_doubles_in_this_harness(tmp_path: Path) -> None:
    """F4, the control: were nothing doubled here, the tests above would prove nothing."""
    with installation(tmp_path) as site:
        site.app, site.hands = "tests.faults.naive", 1
        site.run("seed.letters(100)")
        site.start_sink()
        kill_while_sending(site, kills=2, every=60)
        report = site.report()
    sys.stdout.write(report.figures("F4", site))
    assert report.doubled("resend") > 100
