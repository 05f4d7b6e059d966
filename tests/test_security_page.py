"""`docs/security.md` names tests; each of them is there, and the log is as long as it says."""

import re

import pytest

from ledger import guards
from tests.test_conventions import ALL_TESTS, ROOT

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
