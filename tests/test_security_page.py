"""`docs/security.md` names tests; each of them is there, and the log is as long as it says."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from ledger import guards
from tests.test_conventions import ALL_TESTS, ROOT, our_files

PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`(test_\w+)`", PAGE)))


def test_the_attack_log_has_its_forty_ways() -> None:
    numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 40


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_the_log_names_is_there(name: str) -> None:
    assert re.search(rf"def {name}\(", ALL_TESTS)


def test_a_guard_that_the_log_names_is_there() -> None:
    there = {guard.name for guard in guards.guards()}
    named = {
        name
        for cell in re.findall(r"Guards? ((?:`\w+`(?:, )?)+)", PAGE)
        for name in re.findall(r"`(\w+)`", cell)
    }
    assert len(named) > 20
    assert named - there == set()


# ---- The checks of ASVS ------------------------------------------------------------------------
CHECKS = re.findall(r"^\| ((?:\d+\.\d+\.\d+(?:, )?)+) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)


def test_each_check_of_the_standard_names_what_holds_it() -> None:
    assert len(CHECKS) == 40
    for numbers, _what, held in CHECKS:
        tests = re.findall(r"`test_\w+`", held)
        said = [name for name in re.findall(r"`([A-Z_]+)`", held) if hasattr(settings, name)]
        assert tests or said, numbers


def test_sql_of_our_own_is_in_the_guards_alone() -> None:
    """But for the health page, which tells SQLite how long to wait, and for questions that Django
    wrote and PostgreSQL is to remember; no word of others is in either."""
    found = {
        str(path.relative_to(ROOT))
        for path in our_files()
        if re.search(r"\.cursor\(|\.raw\(|RawSQL|\.extra\(", path.read_text())
        and "migrations" not in path.parts
    }
    own = ("grants", "guards", "health", "prepared")
    assert found == {f"ledger/{name}.py" for name in own}


@pytest.mark.django_db
def test_every_answer_carries_its_headers(client: Client, joan: Person) -> None:
    client.force_login(joan)
    answers = [
        Client().get(reverse("account_login")),
        Client().get("/nothing-here/"),
        client.get(reverse("home")),
        client.get(reverse("letter_detail", args=[999999])),
        client.post(reverse("take_break"), {}),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 200, 404, 422]
    for answer in answers:
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        for part in ("default-src 'none'", "object-src 'none'", "base-uri 'none'"):
            assert part in policy
        assert "frame-ancestors 'none'" in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Frame-Options"] == "DENY"
    for answer in answers[2:]:
        assert "no-store" in answer["Cache-Control"]
