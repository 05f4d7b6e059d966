"""An installation in processes of its own, that a test may kill: database, queue, mail, worker.

The database is a copy of the migrated one; the worker and the web are started with the very
commands of `bin/demo.py`. Short tests here and long ones in `bench/` use the same harness.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from redis import Redis

from tests.services import (
    PG_TEMPLATE,
    ROOT,
    _die_with_parent,
    answers,
    daytime_zone,
    free_port,
    redis,
    wait_until,
)

sys.path.insert(0, str(ROOT / "bin"))
from demo import programs  # the folder of commands is no package

DOORBELLS = {"sqlite": "folder", "postgres": "redis"}
"""What carries the ringing beside each database, unless a test wants the other one."""
PATIENCE = 300.0  # seconds; only to end a test that hangs on a busy machine


@dataclass
class Installation:
    """One private installation. Stop it with `close`; whatever was started is killed then."""

    folder: Path
    env: dict[str, str]
    database: str
    sink_port: int
    web_port: int
    hands: int = 2
    sink_seconds: float = 0.01
    app: str = "config.celery"
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    kills: int = 0
    began: float = field(default_factory=time.monotonic)

    # ---- Processes ---------------------------------------------------------------------------
    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a program in a process group of its own; what it says goes to a file."""
        with (self.folder / f"{name}.log").open("ab") as output:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent(signal.SIGTERM),
            )
        return self.processes[name]

    def start_python(self, name: str, *words: str) -> None:
        self.start(name, sys.executable, *words)

    def signal(self, name: str, signum: signal.Signals) -> None:
        """Send a signal to a program and to all its children at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.processes[name].pid, signum)

    def kill(self, name: str) -> None:
        """kill -9, the children too, as when the machine loses its power."""
        self.signal(name, signal.SIGKILL)
        self.processes.pop(name).wait()
        self.kills += 1

    def close(self) -> None:
        """End what is left."""
        for name in list(self.processes):
            self.signal(name, signal.SIGTERM)  # a supervisor ends its own programs
        for name, process in list(self.processes.items()):
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=12 if name == "supervisor" else 0.5)
            if process.poll() is None:
                self.kill(name)

    def command(self, name: str) -> list[str]:
        """The command that `make demo` starts this program with."""
        found = next(one for one in programs(self.web_port) if one.name == name)
        changed = {
            "--concurrency=2": f"--concurrency={self.hands}",
            "--workers=2": "--workers=1",
            "--app=config.celery": f"--app={self.app}",
        }
        return [changed.get(word, word) for word in found.command]

    def start_worker(self, name: str = "worker") -> None:
        self.start(name, *self.command("worker"))

    def start_beat(self) -> None:
        """A second beat beside the worker's own."""
        schedule = self.folder / "second-beat-schedule"
        words = ["celery", "--quiet", f"--app={self.app}", "beat", f"--schedule={schedule}"]
        self.start_python("beat", "-m", *words)

    def start_web(self) -> None:
        self.start("web", *self.command("web"))
        wait_until(lambda: answers(self.web_port), PATIENCE, "The web")

    def start_sink(self) -> None:
        words = [str(self.sink_port), str(self.log), str(self.sink_seconds)]
        self.start_python("sink", "-m", "tests.faults.sink", *words)
        wait_until(lambda: answers(self.sink_port), PATIENCE, "The mail server")

    def start_taker(self) -> None:
        """The mail program that takes letters from the spool folder."""
        self.start_python("sink", "-m", "tests.faults.taker", str(self.spool), str(self.log))

    def supervise(self, *names: str, stale: float = 15.0) -> None:
        """Run programs under the real supervisor."""
        wanted = [f"{name}={' '.join(self.command(name))}" for name in names]
        health = ["--health", f"http://127.0.0.1:{self.web_port}/health", "--stale", str(stale)]
        self.start_python("supervisor", "bin/supervise.py", *health, *wanted)

    def supervised(self) -> list[int]:
        """The process groups that the supervisor keeps now."""
        pid = self.processes["supervisor"].pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]

    # ---- Facts -------------------------------------------------------------------------------
    @property
    def vendor(self) -> str:
        """SQLite with a folder as the queue, or PostgreSQL with Redis."""
        return urlsplit(self.database).scheme

    @property
    def broker(self) -> str:
        """What carries the ringing."""
        return "redis" if "REDIS_URL" in self.env else "folder"

    @property
    def log(self) -> Path:
        return self.folder / "received"

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    def said(self, name: str) -> str:
        """What a program printed."""
        return (self.folder / f"{name}.log").read_text()[-3000:]

    def received(self) -> Counter[str]:
        """How often each letter arrived, by its Message-ID."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        taken = self.spool / "taken"
        files = list(taken.iterdir()) if taken.exists() else []
        return Counter(lines) + Counter(f"<{path.stem}>" for path in files)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database, past the program."""
        if self.database.startswith("sqlite"):
            path = self.database.removeprefix("sqlite:///")
            with closing(sqlite3.connect(path, timeout=60)) as connection:
                found = connection.execute(sql).fetchall()
                connection.commit()
                return found
        with closing(psycopg2.connect(self.database)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            connection.commit()
            return cursor.fetchall()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the file of the database (SQLite), as a program does that was stopped while it
        wrote."""
        path = self.database.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield

    def count(self, where: str = "1 = 1") -> int:
        """How many sendings there are like this."""
        return int(self.rows(f"SELECT count(*) FROM ledger_sending WHERE {where}")[0][0])

    def release(self, number: int) -> None:
        """Let so many letters fall due that were not due yet."""
        first = f"""
            UPDATE ledger_sending SET not_before = CURRENT_TIMESTAMP WHERE id IN (
                SELECT id FROM ledger_sending
                WHERE not_before > CURRENT_TIMESTAMP AND state = 'pending' AND attempts = 0
                ORDER BY id LIMIT {number}
            ) RETURNING id"""
        assert len(self.rows(first)) == number

    def run(self, code: str) -> str:
        """Run lines of Python inside the installation; gives what they print."""
        lines = f"import django; django.setup()\nfrom tests.faults import seed\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", lines], cwd=ROOT, env=self.env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def report(self) -> Report:
        """What the installation knows of its letters, beside what arrived."""
        told = json.loads(self.run("seed.report()").splitlines()[-1])
        return Report(told["letters"], told["inboxes"], told["outbox"], self.received())

    def last_beat(self) -> Any:
        """When the worker last showed that it is alive."""
        return self.rows("SELECT max(at) FROM ledger_heartbeat")[0][0]

    def health(self) -> tuple[int, dict[str, Any]]:
        """The status and the words of /health."""
        address = f"http://127.0.0.1:{self.web_port}/health"
        request = urllib.request.Request(address, headers={"Host": "localhost"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as red:
            return red.code, json.loads(red.read())

    # ---- Waiting -----------------------------------------------------------------------------
    def wait(self, ready: Callable[[], bool], what: str) -> None:
        wait_until(ready, PATIENCE, f"{what} ({self.folder})")

    def wait_green(self) -> None:
        self.wait(lambda: self.health()[0] == 200, "Green health")

    def wait_red(self) -> None:
        self.wait(lambda: self.health()[0] == 503, "Red health")

    def wait_drained(self) -> None:
        """Until no letter waits or is on its way."""
        self.wait(lambda: self.count("state IN ('pending', 'sending')") == 0, "An empty queue")

    def wait_beats(self, more: int) -> None:
        """Until a worker finished so many more ticks."""
        for _turn in range(more):
            last = self.last_beat()
            while self.last_beat() == last:
                time.sleep(0.1)

    def wait_received(self, more: int) -> None:
        """Until so many more letters arrived than now."""
        aim = self.received().total() + more
        self.wait(lambda: self.received().total() >= aim, f"The next {more} letters")


@dataclass(frozen=True)
class Report:
    """Letters as the installation knows them, and as they arrived."""

    letters: list[dict[str, Any]]
    inboxes: list[int]
    outbox: str
    received: Counter[str]

    def times(self, letter: dict[str, Any]) -> int:
        return self.received[f"<letter-{letter['pk']}@localhost>"]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [letter for letter in self.letters if letter["kind"] == kind]

    def never(self, kind: str) -> list[dict[str, Any]]:
        """Letters that did not arrive."""
        return [letter for letter in self.of(kind) if self.times(letter) == 0]

    def twice(self, kind: str) -> list[dict[str, Any]]:
        """Letters that arrived more than once."""
        return [letter for letter in self.of(kind) if self.times(letter) > 1]

    def doubled(self, kind: str) -> int:
        """How many copies were too many."""
        return sum(self.times(letter) - 1 for letter in self.twice(kind))

    def figures(self, what: str, site: Installation) -> str:
        """A line for each kind of letter, for people (`pytest -rP` shows it)."""
        return "".join(
            f"{what} {site.vendor} {site.broker} {kind}: letters {len(self.of(kind))}, "
            f"kills {site.kills}, "
            f"never {len(self.never(kind))}, doubled {self.doubled(kind)}, in doubt "
            f"{sum(letter['state'] == 'in_doubt' for letter in self.of(kind))}, "
            f"seconds {time.monotonic() - site.began:.0f}\n"
            for kind in sorted({letter["kind"] for letter in self.letters})
        )


# ---- Making one -------------------------------------------------------------------------------
@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """A private copy of the migrated database; gives its address."""
    address = os.environ["DATABASE_URL"]
    if address.startswith("sqlite"):
        shutil.copyfile(os.environ["PURSE_TEST_TEMPLATE"], folder / "purse.sqlite3")
        yield f"sqlite:///{folder}/purse.sqlite3"
        return
    server = urlsplit(address)
    name = f"faults_{os.getpid()}_{folder.name.replace('-', '_')}".lower()[:60]
    with closing(psycopg2.connect(f"{server.scheme}://{server.netloc}/postgres")) as owner:
        owner.autocommit = True
        with owner.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE {PG_TEMPLATE}')
            try:
                # The processes sign in as the role that cannot touch guards.
                yield f"postgres://purse_app@127.0.0.1:{server.port}/{name}"
            finally:
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def installation(
    folder: Path, *, redis_port: int | None = None, broker: str = "", **env: str
) -> Iterator[Installation]:
    """A private installation: nothing runs yet but its queue.

    `broker` is "redis" or "folder"; without it, what goes with the database: Redis beside
    PostgreSQL, a folder beside SQLite.
    """
    with ExitStack() as stack:
        database = stack.enter_context(_database(folder))
        sink_port, web_port = free_port(), free_port()
        dropped = ("DATABASE_OWNER_URL", "DEMO", "EMAIL_URL", "REDIS_URL", "PYTEST_CURRENT_TEST")
        settings = {name: value for name, value in os.environ.items() if name not in dropped}
        settings.update(
            BASE_URL=f"http://localhost:{web_port}",
            CLAIM_SECONDS="3",
            DATABASE_URL=database,
            DJANGO_SETTINGS_MODULE="config.settings",
            EMAIL_URL=f"smtp://127.0.0.1:{sink_port}",
            HEARTBEAT_SECONDS="3",
            LOG_LEVEL="WARNING",
            PURSE_VAR=str(folder),
            PYTHONWARNINGS="ignore",
            TESTING="1",
            TICK_SECONDS="1",
            TIME_ZONE=daytime_zone(),
        )
        if (broker or DOORBELLS[urlsplit(database).scheme]) == "redis":
            if redis_port is None:
                redis_port, _process = stack.enter_context(redis(folder))
            settings["REDIS_URL"] = f"redis://127.0.0.1:{redis_port}/0"
        site = Installation(folder, {**settings, **env}, database, sink_port, web_port)
        stack.callback(site.close)
        yield site


# ---- What is done to it -----------------------------------------------------------------------
def kill_while_sending(site: Installation, *, kills: int, every: int, sink_kills: int = 0) -> None:
    """Kill the worker again and again, each time when so many more letters arrived; kill the mail
    server too, the first times. Then let the queue run empty."""
    site.start_worker()
    for turn in range(kills):
        site.wait_received(every)
        if turn < sink_kills:
            site.kill("sink")
            site.start_sink()
            site.wait_received(1)
        site.kill("worker")
        site.start_worker()
    site.wait_drained()
    site.kill("worker")


def kill_redis_twice(site: Installation, port: int, *, kept: tuple[bool, bool], each: int) -> float:
    """Kill Redis under a supervised worker, twice; letters fall due while it is up and while it is
    down. `kept` says whether it keeps a file (AOF) each time. Gives the seconds that it took, once
    Redis was back for good, until all had gone."""
    site.run(f"seed.letters({5 * each}, later=True)")
    site.start_sink()
    site.start_web()
    for append_only in kept:
        with redis(site.folder, port=port, append_only=append_only) as (_port, process):
            if "supervisor" not in site.processes:
                site.supervise("worker")
            site.wait_green()
            site.release(each)
            site.wait_received(1)
            process.kill()
            process.wait()
        site.release(each)
        site.wait_red()
    with redis(site.folder, port=port, append_only=kept[-1]):
        back = time.monotonic()
        site.wait_green()
        site.release(each)
        site.wait_drained()
        took = time.monotonic() - back
        site.signal("supervisor", signal.SIGTERM)
        site.processes.pop("supervisor").wait()
    return took


def wipe_queue_twice(site: Installation, *, each: int) -> float:
    """Empty the folder that carries the ringing under a supervised worker, twice, and kill the
    worker with it the second time. Gives the seconds it took until all had gone."""
    site.run(f"seed.letters({3 * each}, later=True)")
    site.start_sink()
    site.start_web()
    site.supervise("worker")
    site.wait_green()
    for _turn in range(2):
        site.release(each)
        site.wait_received(1)
        for path in site.folder.rglob("*.msg"):
            path.unlink(missing_ok=True)
        for group in site.supervised():
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        site.kills += 1
    began = time.monotonic()
    site.release(each)
    site.wait_drained()
    took = time.monotonic() - began
    site.signal("supervisor", signal.SIGTERM)
    site.processes.pop("supervisor").wait()
    return took


def careless(site: Installation, which: str) -> None:
    """From now on the worker and the beat are those of a sender without the thing that saves ours
    (`tests.faults.careless`)."""
    site.app, site.env["CARELESS"] = "tests.faults.careless", which


def lose_the_queue(site: Installation) -> int:
    """All that lies in the queue is gone, as when Redis comes back with nothing or the folder is
    emptied; gives how much it was."""
    if site.broker == "redis":
        queue = Redis.from_url(site.env["REDIS_URL"])
        lost = int(queue.llen("celery"))
        queue.flushall()
        return lost
    waiting = list(site.folder.rglob("*.msg"))
    for path in waiting:
        path.unlink(missing_ok=True)
    return len(waiting)


def two_beats(site: Installation, *, invited: int, kills: int) -> None:
    """Two beats ring the same worker, which writes reminders and is killed while it does."""
    site.app = "tests.faults.brisk"
    site.run(f"seed.invitations({invited})")
    site.start_sink()
    site.start_beat()
    site.start_worker()
    written = "SELECT count(*) FROM ledger_letter WHERE kind = 'tasks_due'"
    for turn in range(1, kills + 1):
        aim = invited * turn // (kills + 1)
        site.wait(lambda aim=aim: site.rows(written)[0][0] >= aim, f"{aim} reminders")
        site.kill("worker")
        site.start_worker()
    site.wait(lambda: site.rows(written)[0][0] == invited, "All reminders")
    site.wait_drained()
    # Both beats go on ringing; a doubled row would show by now.
    site.wait_beats(3)
