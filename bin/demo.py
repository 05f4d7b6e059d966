"""Run Common Purse on this machine with an example round, until stopped. Use `make demo`.

Everything it keeps is in var/. The first run makes the database and loads the example; later runs
find things as they were left. `--fresh` starts over. `--shell` opens a Python prompt instead.
"""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import doctor
from supervise import Program, Supervisor, say

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
LOCK = VAR / "demo.lock"
LOADED = VAR / "example-loaded"
OLDEST_HEARTBEAT = 45.0  # seconds; the demo's worker shows one every few seconds


def set_environment(port: int) -> None:
    """Point every setting at this machine, whatever the shell had set before."""
    for name in ("DATABASE_OWNER_URL", "EMAIL_URL", "REDIS_URL", "TESTING", "PURSE_VAR"):
        os.environ.pop(name, None)
    key = VAR / "secret-key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(50))
    os.environ.update(
        ALLOWED_HOSTS="localhost,127.0.0.1",
        BASE_URL=f"http://localhost:{port}",
        DATABASE_URL=f"sqlite:///{VAR / 'purse.sqlite3'}",
        DEMO="1",
        DJANGO_SETTINGS_MODULE="config.settings",
        SECRET_KEY=key.read_text(),
    )
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    # Celery warns at length when it is run as root; on a machine of one's own that is no news.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker")


def stop(*_signal: object) -> None:
    """End here; a command that is still running is ended too."""
    sys.exit("Stopped before it was ready. Run it again to go on.")


def manage(*words: str) -> None:
    """Run one of the project's commands; end here, with what it said, if it fails."""
    # In a session of its own, so that Ctrl-C reaches it only through us, and without its traces.
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, check=False, start_new_session=True)
    if done.returncode:
        sys.exit(f"The demo could not start: `manage.py {words[0]}` failed. See above.")


def empty(folder: Path) -> None:
    """Forget what the demo kept, but for the lock we hold."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path != LOCK:
            path.unlink()


def prepare() -> None:
    """Bring the database up to date, with the example in it, and gather the page files."""
    if not LOADED.exists():
        # Either there is no database yet, or loading was stopped half way: nobody has used it.
        for path in VAR.glob("purse.sqlite3*"):
            path.unlink()
        say("Making the example round.")
    manage("migrate", "--verbosity=0")
    if not LOADED.exists():
        manage("load_example")
        LOADED.touch()
    manage("collectstatic", "--no-input", "--verbosity=0")


def programs(port: int) -> list[Program]:
    """Return the two programs of one small machine: the web, and the worker with its clock."""
    web = ["gunicorn", "config.wsgi", "--config=python:config.gunicorn"]
    web += [f"--bind=127.0.0.1:{port}", "--graceful-timeout=5", "--log-level=warning"]
    worker = ["celery", "--quiet", "--app=config.celery", "worker", "--beat", "--concurrency=2"]
    worker += ["--loglevel=WARNING", "--without-gossip", "--without-mingle"]
    return [
        Program("web", [sys.executable, "-m", *web]),
        Program("worker", [sys.executable, "-m", *worker]),
    ]


def main() -> None:
    """Prepare, then run until stopped."""
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, stop)
    os.chdir(ROOT)
    port = int(os.environ.get("PORT", "8000"))
    address = f"http://localhost:{port}"
    VAR.mkdir(exist_ok=True)
    if "--shell" in sys.argv:
        set_environment(port)
        os.execv(sys.executable, [sys.executable, "manage.py", "shell"])

    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("The demo is already running from this folder. Stop that one first.")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                sys.exit(f"Port {port} is taken. Try another: make demo PORT={port + 1}")

        if "--fresh" in sys.argv:
            empty(VAR)
        set_environment(port)
        if words := doctor.advice():
            say(words)
        prepare()
        say("Starting.")
        Supervisor(
            programs(port),
            health=f"http://127.0.0.1:{port}/health",
            stale=OLDEST_HEARTBEAT,
            on_ready=lambda: say(
                f"\nCommon Purse is running. Ctrl-C stops it.\n"
                f"  {address}       the front page\n"
                f"  {address}/demo/ choose whose eyes to see it with\n"
            ),
        ).run()


if __name__ == "__main__":
    main()
