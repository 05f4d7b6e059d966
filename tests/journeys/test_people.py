"""The eyes of these journeys: what a browser refuses or a server breaks is a fault, not a blur."""

from accounts.models import Person
from tests.journeys.conftest import Newcomer

INLINE_SCRIPT = """() => {
  const script = document.createElement("script");
  script.textContent = "document.title = 'It ran'";
  document.body.append(script);
}"""


def test_a_blocked_script_is_a_fault(newcomer: Newcomer, joan: Person) -> None:
    reader = newcomer("Joan", "joan@example.org")
    reader.go("/account/login/")
    with reader.page.expect_event("console"):
        reader.page.evaluate(INLINE_SCRIPT)
    assert reader.page.title() != "It ran"
    assert "Content Security Policy" in reader.faults.pop()


def test_a_page_that_is_not_there_is_a_fault(newcomer: Newcomer, joan: Person) -> None:
    reader = newcomer("Joan", "joan@example.org")
    with reader.page.expect_event("console"):
        reader.go("/account/login/")
        reader.page.evaluate("() => fetch('/no-such-page/').then(() => console.error('done'))")
    assert "404 GET" in reader.faults.pop(0)
    assert "done" in reader.faults.pop()
