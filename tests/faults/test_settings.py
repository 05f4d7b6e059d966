"""F26: a real programme's settings raise no warning, and an unsafe start is refused."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT

OURS = {"SECRET_KEY", "DEMO", "TESTING", "ALLOWED_HOSTS", "BASE_URL", "DATABASE_URL", "REDIS_URL"}
OURS |= {
    "BEHIND_PROXY",
    "TRUSTED_PROXY_COUNT",
    "DATABASE_APP_ROLE",
    "DATABASE_OWNER_URL",
    "EMAIL_URL",
    "PURSE_VAR",
}
LONG_KEY = "3f8b1c0d9e7a6f5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b-of-our-own"
DEMO_KEY = "demo-key-for-a-machine-of-your-own-only-never-for-a-real-programme"


def start(folder: Path, *command: str, **said: str) -> subprocess.CompletedProcess[str]:
    """Run one of the project's commands with these settings and no others."""
    # A browser that ran in this process leaves a mark for Django behind (tests/services.py).
    ours = {*OURS, "DJANGO_ALLOW_ASYNC_UNSAFE"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**kept, "PURSE_VAR": str(folder), **said},
        capture_output=True,
        text=True,
    )


def real(**more: str) -> dict[str, str]:
    return {
        "SECRET_KEY": LONG_KEY,
        "ALLOWED_HOSTS": "purse.example.org",
        "BASE_URL": "https://purse.example.org",
        "DATABASE_URL": os.environ["DATABASE_URL"],
        **more,
    }


SERVER = {  # what docs/deploy.md asks of a server, with nothing of it running
    "ALLOWED_HOSTS": "purse.example.org,localhost",
    "DATABASE_URL": "postgres://purse_app:word@database/purse",
    "DATABASE_OWNER_URL": "postgres://purse_owner:word@database/purse",
    "REDIS_URL": "redis://queue:6379/0",
    "EMAIL_URL": "smtp+tls://name:word@mail.example.org:587",
    "BEHIND_PROXY": "1",
    "TRUSTED_PROXY_COUNT": "1",
}


@pytest.mark.parametrize("more", [{}, SERVER], ids=["one small machine", "a server"])
def test_a_real_programme_has_no_warning(tmp_path: Path, more: dict[str, str]) -> None:
    """As `bin/release` asks: no warning of Django's, and none of Python's on the way."""
    done = start(tmp_path, "check", "--deploy", "--fail-level=WARNING", **real(**more))
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout
    assert done.stderr == ""


def test_the_check_would_say_so(tmp_path: Path) -> None:
    """The negative control: the same command on a practice copy finds much to say."""
    done = start(tmp_path, "check", "--deploy", "--fail-level=WARNING", DEMO="1")
    assert done.returncode
    assert "security.W" in done.stderr


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (real(SECRET_KEY=DEMO_KEY), "SECRET_KEY is the demo key."),
        (real(SECRET_KEY=""), "Set SECRET_KEY to a long random text."),
        (real(DEMO="1"), "only run on this machine"),
        (real(DEMO="1", ALLOWED_HOSTS="*"), "only run on this machine"),
        (real(DEMO="1", ALLOWED_HOSTS="localhost,purse.example.org"), "only run on this machine"),
        (real(TESTING="1"), "only run on this machine"),
        (real(DATABASE_URL="mysql://u@localhost/purse"), "must start with"),
        (real(DEMO="maybe"), "DEMO must be 1 or 0."),
        (real(BEHIND_PROXY="ture"), "BEHIND_PROXY must be 1 or 0."),
    ],
)
def test_an_unsafe_start_is_refused(tmp_path: Path, said: dict[str, str], sentence: str) -> None:
    done = start(tmp_path, "check", **said)
    assert done.returncode
    assert sentence in done.stderr.splitlines()[-1]


def test_a_practice_copy_on_this_machine_starts(tmp_path: Path) -> None:
    local = {"ALLOWED_HOSTS": "localhost,127.0.0.1", "DEMO": "1"}
    assert start(tmp_path, "check", **local).returncode == 0


SAID = (
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE",
    "CSRF_COOKIE_NAME",
    "CSRF_COOKIE_SECURE",
    "SECURE_HSTS_SECONDS",
    "SECURE_SSL_REDIRECT",
    "DEBUG",
)


def test_cookies_and_headers_of_a_real_programme(tmp_path: Path) -> None:
    ask = f"from django.conf import settings as s; print([getattr(s, n) for n in {SAID}])"
    done = start(tmp_path, "shell", "--verbosity", "0", "-c", ask, **real())
    assert done.returncode == 0, done.stderr
    year = 365 * 24 * 60 * 60
    told = ["__Host-sessionid", True, True, "Lax", "__Host-csrftoken", True, year, True, False]
    assert done.stdout.strip() == str(told)
