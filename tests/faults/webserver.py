"""The real web server on a private port, in processes of its own, on the tests' own database.

What stands in the database must be committed (`transactional_db`), for the server is another
program. Visitors are plain HTTP clients: nothing of Django runs on their side.
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test import Client

from accounts.models import Person
from tests.services import answers, free_port, running, wait_until

PATIENCE = 120  # seconds; a loaded machine is slow, and slow is no fault here
TOKEN = "t" * 32
BROKEN = (http.client.HTTPException, OSError)


def database_url() -> str:
    """The tests' own database, as another program reaches it."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    return f"postgres://{facts['USER']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


@dataclass
class Site:
    """A running web server: its port and the process that keeps its workers."""

    port: int
    master: int
    log: Path

    def workers(self) -> list[int]:
        """The processes that answer requests now."""
        found = subprocess.run(["pgrep", "-P", str(self.master)], capture_output=True, text=True)
        return [int(pid) for pid in found.stdout.split()]

    def kill_a_worker(self, turn: int = 0) -> bool:
        """Kill one worker outright, as a crash or the kernel would; False when none was there."""
        workers = self.workers()
        if not workers:
            return False
        try:
            os.kill(workers[turn % len(workers)], signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def health(self) -> tuple[int, dict[str, Any]]:
        """What /health says."""
        with Visitor(self) as visitor:
            status, body = visitor.get("/health")
        return status, json.loads(body)

    def words(self) -> str:
        """What the server wrote while it ran."""
        return self.log.read_text(errors="replace")


@dataclass
class Visitor:
    """Somebody signed in, at a plain HTTP client that holds its connection open."""

    site: Site
    session: str = ""
    connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_how: object) -> None:
        self.leave()

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path, None, {})

    def post(
        self, path: str, fields: Mapping[str, object], *, by_itself: bool = True
    ) -> tuple[int, str]:
        """Send a form; `by_itself` as a page's script does."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": TOKEN,
            **({"X-Autosave": "1"} if by_itself else {}),
        }
        return self._ask("POST", path, urlencode(fields), headers)

    def _ask(
        self, method: str, path: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[int, str]:
        """One request; raises one of BROKEN when the server went away in the middle."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                "127.0.0.1", self.site.port, timeout=PATIENCE
            )
        cookies = f"csrftoken={TOKEN}; sessionid={self.session}"
        try:
            self.connection.request(method, path, body, {**headers, "Cookie": cookies})
            answer = self.connection.getresponse()
            words = answer.read().decode(errors="replace")
        except BROKEN:
            self.leave()
            raise
        if answer.will_close:
            self.leave()
        return answer.status, words

    def leave(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None


def session_of(person: Person) -> str:
    """A session of this person's, made straight: signing in is tried elsewhere."""
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value


@contextmanager
def web(
    folder: Path,
    *,
    settings: str = "config.settings",
    database: str = "",
    workers: int = 2,
    **environment: str,
) -> Iterator[Site]:
    """Run gunicorn for the length of a block, on the tests' database or on another one."""
    port, log = free_port(), folder / f"web-{time.monotonic_ns()}.log"
    gunicorn = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config=python:config.gunicorn"]
    gunicorn += [f"--bind=127.0.0.1:{port}", f"--workers={workers}"]
    gunicorn += ["--graceful-timeout=5", f"--timeout={PATIENCE}", "--log-level=warning"]
    said = {
        "DATABASE_KEEP_OPEN": "60",  # as in production: this server is gone before the database
        "DATABASE_URL": database or database_url(),
        "DJANGO_SETTINGS_MODULE": settings,
        "TESTING": "1",
        **environment,
    }
    command = [shutil.which("env") or "env", *(f"{name}={value}" for name, value in said.items())]
    with running([*command, *gunicorn], log=log, stop=signal.SIGTERM) as master:
        wait_until(lambda: master.poll() is not None or answers(port), PATIENCE, "gunicorn")
        site = Site(port, master.pid, log)

        def ready() -> bool:
            try:
                return site.health()[0] in (200, 503)
            except BROKEN:
                return False

        wait_until(ready, PATIENCE, "the site")
        yield site
