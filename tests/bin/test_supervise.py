"""The supervisor keeps two real programs alive, ends a stuck one, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services import free_port, wait_until

SUPERVISE = Path(__file__).resolve().parents[2] / "bin" / "supervise.py"
# A program with a child of its own, as gunicorn and Celery have. Each writes down who it is.
WORKER = """
    import os, pathlib, subprocess, sys, time
    helper = subprocess.Popen(["sleep", "600"])
    with open("pids", "a") as pids:
        pids.write(f"{os.getpid()} {helper.pid}\\n")
    while True:
        pathlib.Path("beat").touch()
        time.sleep(0.1)
"""
WEB = """
    import http.server, json, os, sys, time
    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            age = time.time() - os.path.getmtime("beat") if os.path.exists("beat") else None
            time.sleep(float(sys.argv[2]))
            self.send_response(503)  # red: the figures must be read all the same
            self.end_headers()
            self.wfile.write(json.dumps({"heartbeat_age_seconds": age}).encode())
        def log_message(self, *words):
            pass
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""


class Stage:
    """A folder with the two programs, and the supervisor running them."""

    def __init__(
        self, folder: Path, worker: str = WORKER, stale: str = "2", answers_in: str = "0"
    ) -> None:
        self.folder = folder
        (folder / "worker.py").write_text(textwrap.dedent(worker))
        (folder / "web.py").write_text(textwrap.dedent(WEB))
        self.output = folder / "output"
        port = free_port()
        command = [sys.executable, str(SUPERVISE), "--stale", stale]
        command += ["--health", f"http://127.0.0.1:{port}/health"]
        web = f"{sys.executable} web.py {port} {answers_in}"
        command += [f"worker={sys.executable} worker.py", f"web={web}"]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(command, cwd=folder, stdout=output)

    def workers(self) -> list[list[int]]:
        """Every worker started so far, each with its helper's number after its own."""
        pids = self.folder / "pids"
        lines = pids.read_text().splitlines() if pids.exists() else []
        return [[int(pid) for pid in line.split()] for line in lines]

    def stop(self, signum: int) -> None:
        self.process.send_signal(signum)
        self.process.wait(timeout=20)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return (
        not Path(f"/proc/{pid}/stat").exists() or " Z " not in Path(f"/proc/{pid}/stat").read_text()
    )


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    wait_until(lambda: len(stage.workers()) == 1, 10, "The first worker")
    wait_until((tmp_path / "beat").exists, 10, "Its first heartbeat")
    yield stage
    if stage.process.poll() is None:
        stage.stop(signal.SIGTERM)


def started_again(stage: Stage) -> Callable[[], bool]:
    return lambda: len(stage.workers()) == 2


def nobody_left(stage: Stage) -> Callable[[], bool]:
    return lambda: not any(alive(pid) for pair in stage.workers() for pid in pair)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stops_everything(stage: Stage, signum: int) -> None:
    stage.stop(signum)
    wait_until(nobody_left(stage), 2, "The end of every program")
    assert stage.process.returncode == 0
    assert stage.output.read_text() == "Stopping.\nStopped.\n"


def test_starts_a_killed_program_again_without_its_old_children(stage: Stage) -> None:
    worker, helper = stage.workers()[0]
    os.kill(worker, signal.SIGKILL)
    wait_until(started_again(stage), 10, "The second worker")
    wait_until(lambda: not alive(helper), 2, "The end of the first worker's helper")
    assert "worker ended (code -9). Starting it again in 0 seconds." in stage.output.read_text()


def test_starts_a_stuck_worker_again(stage: Stage) -> None:
    worker, _ = stage.workers()[0]
    os.kill(worker, signal.SIGSTOP)
    wait_until(started_again(stage), 30, "The second worker")
    assert not alive(worker)
    assert "worker has shown no heartbeat" in stage.output.read_text()


def test_a_slow_health_page_is_heard_and_keeps_nothing_else_waiting(tmp_path: Path) -> None:
    stage = Stage(tmp_path, answers_in="4")
    wait_until((tmp_path / "beat").exists, 30, "Its first heartbeat")
    worker, _ = stage.workers()[0]
    os.kill(worker, signal.SIGSTOP)
    wait_until(started_again(stage), 60, "The second worker")
    assert not alive(worker)
    os.kill(stage.workers()[1][0], signal.SIGKILL)
    wait_until(lambda: len(stage.workers()) == 3, 10, "The third worker")
    stage.stop(signal.SIGTERM)
    assert len(stage.workers()) == 3


def test_leaves_a_worker_alone_that_is_slow_to_start(tmp_path: Path) -> None:
    slow = textwrap.dedent(WORKER).replace("while True:", "time.sleep(3)\nwhile True:", 1)
    stage = Stage(tmp_path, worker=slow, stale="0.5")
    wait_until((tmp_path / "beat").exists, 30, "Its first heartbeat")
    stage.stop(signal.SIGTERM)
    assert len(stage.workers()) == 1


def test_stops_a_stuck_worker_too(stage: Stage) -> None:
    worker, _ = stage.workers()[0]
    os.kill(worker, signal.SIGSTOP)
    stage.stop(signal.SIGTERM)
    wait_until(nobody_left(stage), 2, "The end of every program")


def test_waits_longer_for_a_program_that_keeps_ending(tmp_path: Path) -> None:
    ending = subprocess.Popen(
        [sys.executable, str(SUPERVISE), f"broken={sys.executable} -c raise(SystemExit(3))"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert ending.stdout
    lines = [ending.stdout.readline() for _ in range(3)]
    ending.terminate()
    ending.communicate()
    assert lines == [
        f"broken ended (code 3). Starting it again in {pause} seconds.\n" for pause in (0, 1, 3)
    ]
