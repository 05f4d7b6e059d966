"""What goes wrong at the door ends well: a lost email, a lost device, a wrong code, an old one."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core import mail

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


def adds_a_device(reader: Reader) -> Callable[[], None]:
    """A make-believe device that knows its owner is put in, and added; gives how to lose it."""
    tool = reader.context.new_cdp_session(reader.page)
    tool.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = tool.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    reader.go("/account/passkeys/add/")
    reader.fill("What do you call this device?", "My tablet")
    look(reader, "11-add-a-device")
    reader.page.get_by_role("button", name="Add this device").click()
    reader.page.get_by_role("heading", name="Your spare codes").wait_for()
    look(reader, "12-spare-codes")

    def lose_it() -> None:
        gone = {"authenticatorId": made["authenticatorId"]}
        tool.send("WebAuthn.removeVirtualAuthenticator", gone)

    return lose_it


def test_a_lost_device_ends_with_a_spare_code(newcomer: Newcomer, sam: Person) -> None:
    """A facilitator's role asks for a second step. The device is gone; a code on paper is not."""
    reader = newcomer("Sam", "sam@example.org")
    reader.signs_in()
    lose_it = adds_a_device(reader)
    spare = reader.page.locator("main code").all_inner_texts()
    reader.go("/account/passkeys/")
    look(reader, "13-devices")
    lose_it()

    again = newcomer("Sam", "sam@example.org")
    again.signs_in()
    again.heading("One more step")
    look(again, "14-second-step")
    again.fill("The code", "00000000")
    again.press("Sign in", answer=422)
    look(again, "15-wrong")
    again.fill("The code", spare[0])
    again.press("Sign in")
    again.heading("Hello Sam")
    again.go("/account/second-step/")
    look(again, "16-how-you-sign-in")
    again.sees(f"You have {len(spare) - 1} spare codes")


def test_a_button_pressed_twice_signs_in_once(newcomer: Newcomer, joan: Person) -> None:
    reader = newcomer("Joan", "joan@example.org")
    reader.go("/account/login/")
    reader.fill("Your email", reader.email)
    reader.page.get_by_role("button", name="Send me a code").dblclick()
    reader.page.get_by_label("The code").wait_for()
    look(reader, "17-asked-twice")
    assert len(mail.outbox) == 1
    reader.fill("The code", reader.code())
    reader.page.get_by_role("button", name="Sign in").dblclick()
    reader.page.get_by_role("heading", name="Hello Joan").wait_for()
    look(reader, "18-in")
