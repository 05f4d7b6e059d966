#!/usr/bin/env python3
"""Keep a few programs running: start them, start again any that ends, stop them all together.

    bin/supervise.py [--health URL] [--stale SECONDS] NAME="command line" ...

A program that ends is started again, at once the first time and later and later if it keeps
ending. TERM, INT or HUP stops every program with all its own children, and leaves none behind.

With --health, the program named "worker" is also started again when it is alive but stuck: when
the page at URL says that its last heartbeat (`heartbeat_age_seconds`) is older than SECONDS. One
that has not shown any since it was started is given longer.
"""

import argparse
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

LONGEST_PAUSE = 30.0  # seconds between two starts of a program that keeps ending
STEADY_AFTER = 60.0  # seconds a program must run for its earlier ends to be forgotten
TIME_TO_STOP = 8.0  # seconds a program has to end by itself when asked
TURN = 0.5  # seconds between two looks at the programs
SLOW_START = 120.0  # seconds a worker may take to show its first heartbeat
ANSWER_IN = 30.0  # seconds to wait for the health page: a stuck worker can make it slow


def say(words: str) -> None:
    """Print a line at once, even into a pipe."""
    print(words, flush=True)


@dataclass
class Program:
    """One program to keep running, in a process group of its own."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    ends: int = 0
    next_start: float = field(default_factory=time.monotonic)

    def start(self) -> None:
        """Start it, apart from our own group, so that Ctrl-C reaches it only through us."""
        self.process = subprocess.Popen(self.command, start_new_session=True)
        self.started = time.monotonic()

    def age(self) -> float:
        """Return for how many seconds it has run."""
        return time.monotonic() - self.started if self.process else 0.0

    def kill(self) -> None:
        """End it and whatever it left behind, now."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def look(self) -> None:
        """Start it if it is time to; notice that it has ended."""
        if self.process is None:
            if time.monotonic() >= self.next_start:
                self.start()
        elif self.process.poll() is not None:
            code, lived = self.process.returncode, self.age()
            self.kill()
            self.process = None
            self.ends = 1 if lived > STEADY_AFTER else self.ends + 1
            pause = min(2.0 ** (self.ends - 1) - 1, LONGEST_PAUSE)
            self.next_start = time.monotonic() + pause
            say(f"{self.name} ended (code {code}). Starting it again in {pause:.0f} seconds.")


def listens(url: str) -> bool:
    """Whether something accepts connections at the address."""
    parts = urllib.parse.urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=2).close()
    except OSError:
        return False
    return True


def heartbeat_age(url: str) -> float | None:
    """Return how old the health page says the heartbeat is, in seconds.

    A worker that never beat is infinitely old. None when the page cannot say.
    """
    request = urllib.request.Request(url, headers={"Host": "localhost"})
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_IN) as answer:
            body = answer.read()
    except urllib.error.HTTPError as red:  # a red page still carries its figures
        body = red.read()
    except OSError:
        return None
    try:
        age = json.loads(body)["heartbeat_age_seconds"]
    except (ValueError, KeyError):
        return None
    return float("inf") if age is None else float(age)


class Supervisor:
    """Runs the programs until a signal says stop."""

    def __init__(
        self,
        programs: list[Program],
        health: str = "",
        stale: float = 180.0,
        on_ready: Callable[[], None] = lambda: None,
        slow_start: float = SLOW_START,
    ) -> None:
        """`on_ready` is called once, when the web first accepts connections."""
        self.programs = programs
        self.health = health
        self.stale = stale
        self.slow_start = slow_start
        self.on_ready = on_ready
        self.ready = False
        self.next_check = 0.0
        self.asking = threading.Thread()
        self.stuck: subprocess.Popen[bytes] | None = None
        self.stopping = False

    def run(self) -> None:
        """Keep the programs running; return when all have been stopped."""
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, self._stop_soon)
        try:
            while not self.stopping:
                for program in self.programs:
                    program.look()
                if self.health:
                    self._check_health()
                time.sleep(TURN)
        finally:
            self._stop()

    def _stop_soon(self, *_signal: object) -> None:
        self.stopping = True

    def _check_health(self) -> None:
        """Say once that the web answers; start a stuck worker again."""
        if not self.ready and listens(self.health):
            self.ready = True
            self.on_ready()
        for worker in self.programs:
            if worker.name == "worker" and worker.age() >= self.stale:
                self._check_worker(worker)

    def _check_worker(self, worker: Program) -> None:
        """End a worker that was found stuck; look again every few seconds.

        The page is asked beside the turns: one that is slow to answer must not keep other
        programs from being started, nor all from being stopped.
        """
        if worker.process and self.stuck is worker.process:
            say(f"worker has shown no heartbeat for {self.stale:.0f} seconds. Ending it.")
            worker.kill()
        elif time.monotonic() >= self.next_check and not self.asking.is_alive():
            self.next_check = time.monotonic() + min(self.stale, 5)
            words = (worker.process, worker.age())
            self.asking = threading.Thread(target=self._ask, args=words, daemon=True)
            self.asking.start()

    def _ask(self, process: subprocess.Popen[bytes], ran: float) -> None:
        """Ask the health page about a worker that has run for so many seconds."""
        age = heartbeat_age(self.health)
        if age is None or age <= self.stale:
            return
        # One that has shown no heartbeat since it was started may only be slow to start.
        if age < ran or ran > max(self.stale, self.slow_start):
            self.stuck = process

    def _stop(self) -> None:
        """Ask each program to end, wait a little, then end what is left of every group."""
        say("Stopping.")
        running = [program for program in self.programs if program.process]
        for program in running:
            if program.process:
                program.process.terminate()
        end = time.monotonic() + TIME_TO_STOP
        while any(p.process and p.process.poll() is None for p in running):
            if time.monotonic() > end:
                break
            time.sleep(0.1)
        for program in running:
            program.kill()
        say("Stopped.")


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description="Keep a few programs running.")
    parser.add_argument("--health", default="", help="address of the health page")
    parser.add_argument("--stale", type=float, default=180.0, help="oldest heartbeat, in seconds")
    parser.add_argument(
        "--slow-start", type=float, default=SLOW_START, help="longest start of a worker, in seconds"
    )
    parser.add_argument("programs", nargs="+", metavar='NAME="command line"')
    options = parser.parse_args()
    programs = []
    for text in options.programs:
        name, equals, command = text.partition("=")
        if not (name and equals and command):
            sys.exit(f'Write each program as NAME="command line", not {text}')
        programs.append(Program(name, shlex.split(command)))
    Supervisor(programs, options.health, options.stale, slow_start=options.slow_start).run()


if __name__ == "__main__":
    main()
