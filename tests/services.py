"""What the tests run against: a private PostgreSQL or SQLite file, a private Redis, Chromium.

Loaded by `-p tests.services` (pyproject.toml), because the addresses must stand in the environment
before Django reads its settings, which is earlier than any conftest. Run `python -m pytest`, so
that the project folder is importable by then.

`--db=sqlite` (the default) is the set-up of one small machine: SQLite and a folder as the queue.
`--db=pg` is the set-up of a real server: PostgreSQL and Redis. The process started by hand owns
the services and stops them; xdist workers find them in the environment, and each takes its own
database (pytest-django's suffix), its own Redis number and its own state folder.
"""

import ctypes
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PG_ROLES = """
CREATE ROLE purse_app LOGIN;
CREATE ROLE purse_owner LOGIN CREATEDB IN ROLE purse_app;
"""
PG_TEMPLATE = "purse_template"
ROOT = Path(__file__).resolve().parent.parent
TEMPLATES_KEPT = 3


class ServiceMissing(pytest.UsageError):
    """A program the tests need is not on this machine."""


# ---- Starting and stopping --------------------------------------------------------------------
def find_program(name: str, *folders: str) -> str:
    """Return where the program is: on the PATH, or in the last of the folders that has it."""
    places = [str(place) for folder in folders for place in sorted(Path("/").glob(folder))]
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(reversed(places)))
    if not found:
        raise ServiceMissing(f"The tests need {name}, and it is not here. Run: bin/test-needs")
    return found


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent(signum: int) -> Callable[[], None] | None:
    """Make a child end when the tests are killed outright (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, signum)  # 1 is PR_SET_PDEATHSIG


def daytime_zone() -> str:
    """A time zone where it is day: Europe/London, unless it is evening or night there now.

    Letters that only tell something wait for the morning; tests of them pass at any hour.
    """
    if 9 <= datetime.now(ZoneInfo("Europe/London")).hour < 18:
        return "Europe/London"
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"  # noon; its sign is the other way round


def wait_until(ready: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something to become true, and say what it was when it does not."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} was not ready after {seconds:g} seconds.")
        time.sleep(0.05)


def answers(port: int) -> bool:
    """Whether something on this machine accepts connections on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: list[str], *, log: Path, stop: int, user: str | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a service for the length of a block; `stop` is the signal that ends it."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            preexec_fn=_die_with_parent(stop),
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(stop)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def postgres(folder: Path) -> Iterator[int]:
    """Run a private PostgreSQL with its data in the folder; gives its port.

    PostgreSQL refuses to run as root, so root starts it as the postgres user.
    """
    user = "postgres" if os.geteuid() == 0 else None
    places = ("usr/lib/postgresql/*/bin", "opt/homebrew/opt/postgresql@*/bin")
    data, port = folder / "postgres", free_port()
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user, user)
    subprocess.run(
        [find_program("initdb", *places), "--no-sync", "--auth=trust", "--username=postgres"]
        + ["--encoding=UTF8", "--locale=C.UTF-8", f"--pgdata={data}"],
        check=True,
        capture_output=True,
        cwd=folder,
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 200,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    command = [find_program("postgres", *places), "-D", str(data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    # SIGINT is PostgreSQL's fast stop: it does not wait for open connections.
    with running(command, log=folder / "postgres.log", stop=signal.SIGINT, user=user):
        psql = [find_program("psql", *places), "-h", "127.0.0.1", "-p", str(port)]
        psql += ["-U", "postgres", "-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1"]

        def ready() -> bool:
            probe = subprocess.run([*psql, "-c", "SELECT 1"], capture_output=True)
            return probe.returncode == 0

        wait_until(ready, 60, "PostgreSQL")
        template = f"CREATE DATABASE {PG_TEMPLATE} OWNER purse_owner"
        subprocess.run([*psql, "-c", PG_ROLES, "-c", template], check=True)
        yield port


@contextmanager
def redis(
    folder: Path, *, port: int | None = None, append_only: bool = False
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run a private Redis; gives its port and its process, which a test may kill.

    Give the port of an earlier one, and append_only, to bring it back as it was.
    """
    port = port or free_port()
    command = [find_program("redis-server"), "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--dir", str(folder), "--save", "", "--databases", "32"]
    command += ["--appendonly", "yes" if append_only else "no"]
    log = folder / f"redis-{port}.log"
    with running(command, log=log, stop=signal.SIGTERM) as process:
        wait_until(lambda: answers(port), 30, "Redis")
        yield port, process


def find_chromium() -> str:
    """The system's Chromium, never one that Playwright downloads."""
    names = [os.environ.get("CHROMIUM", "chromium-headless-shell"), "chromium"]
    names += ["chromium-browser", "google-chrome"]
    return next(filter(None, map(shutil.which, names)), None) or find_program("chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium."""
    # Playwright runs an event loop in this thread, which Django takes for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for each process of the tests; make a context of it for each person."""
    with chromium() as started:
        yield started


# ---- pytest's hooks ---------------------------------------------------------------------------
def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the choice of database."""
    parser.addoption(
        "--db",
        choices=["sqlite", "pg"],
        default="sqlite",
        help="sqlite: one small machine. pg: PostgreSQL and Redis, as on a real server.",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Start the services and put their addresses where the settings look.

    A wrapper, because it must come before pytest-django's hook of the same name, which loads
    the settings. The process that starts services keeps them until pytest has ended.
    """
    options = early_config.known_args_namespace
    if not (options.help or options.version):
        worker = os.environ.get("PYTEST_XDIST_WORKER")
        if worker is None:
            _start_services(early_config, options.db)
        _take_own_share(worker or "gw0", options.db)
    return (yield)


def _start_services(config: pytest.Config, db: str) -> None:
    """Start what this database choice needs, until the end of the run."""
    stack = ExitStack()
    config.add_cleanup(stack.close)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stop as tidily as on Ctrl-C
    folder = Path(tempfile.mkdtemp(prefix="purse-tests-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o711)  # the postgres user must be able to walk through
    for name in ("DEMO", "DATABASE_OWNER_URL", "EMAIL_URL", "REDIS_URL", "PURSE_TEST_REDIS"):
        os.environ.pop(name, None)
    os.environ["TESTING"] = "1"
    os.environ["TIME_ZONE"] = daytime_zone()
    os.environ["DATABASE_APP_ROLE"] = "purse_app" if db == "pg" else ""
    os.environ["PURSE_TEST_FOLDER"] = str(folder)
    if db == "pg":
        pg_port = stack.enter_context(postgres(folder))
        address = f"postgres://purse_owner@127.0.0.1:{pg_port}"
        os.environ["DATABASE_URL"] = f"{address}/purse"
        redis_port, _ = stack.enter_context(redis(folder))
        os.environ["PURSE_TEST_REDIS"] = f"redis://127.0.0.1:{redis_port}"
        _migrate(f"{address}/{PG_TEMPLATE}", folder)
    else:
        os.environ["PURSE_TEST_TEMPLATE"] = str(_sqlite_template(folder))


def _migrate(database_url: str, folder: Path) -> None:
    """Migrate an empty database, from the first migration to the last."""
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, "PURSE_VAR": str(folder)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise pytest.UsageError(f"The migrations do not run:\n{done.stderr[-2000:]}")


def _sqlite_template(folder: Path) -> Path:
    """Return a migrated, empty SQLite file, kept from one run to the next.

    Migrating takes seconds and a copy takes none. The file is made again when a migration or a
    library has changed; guards are put back by the migrate of every run.
    """
    known = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        known.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    kept = ROOT / ".pytest_cache" / "migrated"
    template = kept / f"{known.hexdigest()[:16]}.sqlite3"
    if not template.exists():
        making = folder / "template.sqlite3"
        _migrate(f"sqlite:///{making}", folder)
        kept.mkdir(parents=True, exist_ok=True)
        for old in sorted(kept.iterdir(), key=lambda path: path.stat().st_mtime)[:-TEMPLATES_KEPT]:
            old.unlink(missing_ok=True)
        half = template.with_suffix(f".{os.getpid()}")
        shutil.copyfile(making, half)
        half.replace(template)  # at once, for another run may be reading
    return template


def _take_own_share(worker: str, db: str) -> None:
    """Give one process of the tests its own state folder, SQLite file and Redis number."""
    share = Path(os.environ["PURSE_TEST_FOLDER"]) / worker
    share.mkdir(exist_ok=True)
    os.environ["PURSE_VAR"] = str(share)
    if db == "pg":
        os.environ["REDIS_URL"] = f"{os.environ['PURSE_TEST_REDIS']}/{int(worker[2:])}"
    else:
        os.environ["DATABASE_URL"] = f"sqlite:///{share}/purse.sqlite3"


def pytest_configure(config: pytest.Config) -> None:
    """Start each test database as a copy of the migrated one, and leave it when the tests end.

    SQLite is kept in a file, as in real use: in memory it has no second connection and no WAL.
    Both go with the services' folder. To drop a PostgreSQL database first would fail whenever a
    web thread of the last test is still letting go of it.
    """
    if "PURSE_TEST_FOLDER" not in os.environ:  # --help, --version
        return
    from django.conf import settings

    config.option.reuse_db = True
    test = settings.DATABASES["default"].setdefault("TEST", {})
    if config.getoption("db") == "pg":
        test["TEMPLATE"] = PG_TEMPLATE
        return
    test["NAME"] = str(Path(os.environ["PURSE_VAR"]) / "test.sqlite3")
    worker = os.environ.get("PYTEST_XDIST_WORKER")  # pytest-django adds it to the name
    copy = f"{test['NAME']}_{worker}" if worker else test["NAME"]
    shutil.copyfile(os.environ["PURSE_TEST_TEMPLATE"], copy)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose the tests of this database; leave out those on real data unless asked for."""
    other = {"sqlite": "pg", "pg": "sqlite"}[config.getoption("db")]
    unwanted = {other} if "real" in config.getoption("markexpr") else {other, "real"}
    kept, left = [], []
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        marks = {mark.name for mark in item.iter_markers()}
        (left if marks & unwanted else kept).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def pytest_report_header(config: pytest.Config) -> str:
    """Say which set-up this run proves."""
    if config.getoption("db") == "pg":
        return "set-up: PostgreSQL and Redis (a real server)"
    return "set-up: SQLite and a folder as the queue (one small machine)"
