"""A passkey in a real browser with a make-believe device: added, used, and never a lock-out."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Browser, Page

from accounts.models import Person


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A page whose browser has a device that knows its owner."""
    cache.clear()
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    tool = context.new_cdp_session(page)
    tool.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tool.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    yield page
    context.close()


def sign_in_by_code(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("Your email").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code").wait_for()
    code = re.search(r"\d{4}-\d{4}", mail.outbox[-1].body)
    assert code
    page.get_by_label("The code").fill(code.group())
    page.get_by_role("button", name="Sign in").click()


def test_mfa_add_webauthn_and_sign_in_with_it(page: Page, joan: Person) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    sign_in_by_code(page, "joan@example.org")
    page.get_by_role("heading", name="Hello Joan").wait_for()

    page.goto("/account/passkeys/add/")
    page.get_by_label("What do you call this device?").fill("My tablet")
    page.get_by_role("button", name="Add this device").click()
    page.get_by_role("rowheader", name="My tablet").wait_for()
    assert list(Authenticator.objects.values_list("user", "type")) == [(joan.pk, "webauthn")]
    assert mail.outbox[-1].subject == "A device was added that can sign in for you"

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").wait_for()
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with this device").click()
    page.get_by_role("heading", name="Hello Joan").wait_for()

    # The device is lost: the code by email is still enough.
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").wait_for()
    sign_in_by_code(page, "joan@example.org")
    page.get_by_role("heading", name="Hello Joan").wait_for()
    assert complaints == []


def test_mfa_add_webauthn_without_javascript_says_so(
    browser: Browser, live_server: Any, joan: Person
) -> None:
    cache.clear()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in_by_code(page, "joan@example.org")
    page.goto("/account/passkeys/add/")
    page.get_by_role("button", name="Add this device").click()
    page.get_by_text("This browser could not ask your device.").first.wait_for()
    page.goto("/account/login/")
    context.close()
