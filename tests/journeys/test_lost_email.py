"""What goes wrong at the door ends well: a lost email, a wrong code, a code that is too old."""

import os
import time
from pathlib import Path

import pytest

from accounts.models import NewEmail, Person
from tests.journeys.conftest import Newcomer
from tests.journeys.people import Reader

NEW = "joan.new@example.org"


def look(reader: Reader, name: str) -> None:
    """Pictures at three widths, where a folder is named for them."""
    folder = os.environ.get("PURSE_PICTURES")
    if not folder:
        return
    for width in (1280, 390, 320):
        reader.page.set_viewport_size({"width": width, "height": 900})
        reader.page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)


def test_a_lost_email_ends_signed_in_with_the_new_one(
    newcomer: Newcomer, joan: Person, sam: Person, ruth: Person
) -> None:
    before = newcomer("Joan", "joan@example.org")
    before.signs_in()
    first, second = newcomer("Sam", "sam@example.org"), newcomer("Ruth", "ruth@example.org")
    first.signs_in()
    first.go(f"/people/{joan.pk}/")
    first.follow("They lost their email")
    look(first, "1-ask")
    first.fill("Their new email", NEW)
    first.fill("How do you know that it is them?", "I rang her at home.")
    first.press("Ask for it")
    first.sees("Ask a second person to look at it.")
    look(first, "2-asked")
    second.signs_in()
    second.sees("A second person must look at the new one.")
    look(second, "3-home")
    second.go(f"/new-emails/{NewEmail.objects.get().pk}/")
    second.choose("Yes. They may sign in with the new email")
    look(second, "4-agree")
    second.press("Send my answer")
    second.sees("They can sign in with the new email now.")

    before.go("/my/details/")
    before.heading("Sign in")
    look(before, "5-signed-out")
    joan_again = newcomer("Joan", NEW)
    joan_again.signs_in()
    joan_again.heading("Hello Joan")
    look(joan_again, "6-in-again")


def test_wrong_codes_and_one_too_old_end_with_a_new_code(
    newcomer: Newcomer, joan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = newcomer("Joan", "joan@example.org")
    reader.go("/account/login/")
    look(reader, "7-door")
    reader.fill("Your email", reader.email)
    reader.press("Send me a code")
    reader.sees("Have you lost this email for good? Ask us.")
    look(reader, "8-code")
    reader.fill("The code", "0000-0000")
    reader.press("Sign in", answer=422)
    look(reader, "9-wrong")
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 16 * 60)
    reader.fill("The code", reader.code())
    reader.page.get_by_role("button", name="Sign in").click()
    reader.page.wait_for_load_state()
    look(reader, "10-too-old")
    monkeypatch.setattr(time, "time", real)
    reader.go("/account/login/")
    reader.gets_code()
    reader.heading("Hello Joan")
