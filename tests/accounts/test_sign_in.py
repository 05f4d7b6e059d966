"""Signing in by an emailed code, from the first page to home, with what goes wrong on the way."""

import re
import smtplib
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import Person

CODE = re.compile(r"\b\d{4}-\d{4}\b")


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    cache.clear()


def newest_code() -> str:
    found = CODE.search(mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found.group()


def ask(client: Client, email: str, **more: Any) -> Any:
    return client.post(reverse("account_login"), {"login": email, **more})


def type_code(client: Client, code: str, **more: Any) -> Any:
    return client.post(reverse("account_confirm_login_code"), {"code": code, **more})


def signed_in_as(client: Client) -> Person | None:
    number = client.session.get("_auth_user_id")
    return Person.objects.filter(pk=number).first() if number else None


# ---- The way through -------------------------------------------------------------------------
def test_account_login_has_one_box_and_no_password(client: Client, db: None) -> None:
    page = client.get(reverse("account_login")).content.decode()
    assert 'type="password"' not in page
    assert 'name="login"' in page
    assert "placeholder" not in page


def test_account_login_by_code_without_an_email_row(client: Client, joan: Person) -> None:
    assert not EmailAddress.objects.exists()
    response = ask(client, "Joan@Example.org")
    assert response.url == reverse("account_confirm_login_code")
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == ["joan@example.org"]
    assert mail.outbox[0].subject == f"Your sign-in code is {newest_code()}"
    response = type_code(client, newest_code())
    assert response.url == reverse("home")
    assert signed_in_as(client) == joan
    address = EmailAddress.objects.get()
    assert (address.user_id, address.verified, address.primary) == (joan.pk, True, True)
    assert len(mail.outbox) == 1


def test_account_login_a_second_time(client: Client, joan: Person) -> None:
    for _turn in range(2):
        ask(client, "joan@example.org")
        type_code(client, newest_code())
        assert signed_in_as(client) == joan
        client.post(reverse("account_logout"))
        assert signed_in_as(client) is None
    assert EmailAddress.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        str,
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: f" {code.replace('-', ' ')} ",
    ],
)
def test_account_confirm_login_code_takes_it_with_and_without_the_dash(
    client: Client, joan: Person, change: Any
) -> None:
    ask(client, "joan@example.org")
    type_code(client, change(newest_code()))
    assert signed_in_as(client) == joan


def test_account_confirm_login_code_page_lets_the_device_fill_it_in(
    client: Client, joan: Person
) -> None:
    ask(client, "joan@example.org")
    page = client.get(reverse("account_confirm_login_code")).content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert "joan@example.org" in page
    assert "Send the code again" in page


def test_account_login_goes_on_to_the_page_asked_for(client: Client, joan: Person) -> None:
    target = reverse("letter_list")
    first = client.get(target)
    assert first.url == f"{reverse('account_login')}?next={target}"
    page = client.get(first.url).content.decode()
    assert f'name="next" value="{target}"' in page
    response = ask(client, "joan@example.org", next=target)
    assert f"next={target}" in response.url.replace("%2F", "/")
    response = type_code(client, newest_code(), next=target)
    assert response.url == target


def test_account_login_makes_a_new_session_key(client: Client, joan: Person) -> None:
    ask(client, "joan@example.org")
    before = client.session.session_key
    type_code(client, newest_code())
    assert client.session.session_key != before


def test_account_login_never_goes_on_to_another_site(client: Client, joan: Person) -> None:
    ask(client, "joan@example.org", next="https://evil.example")
    response = type_code(client, newest_code(), next="https://evil.example")
    assert response.url == reverse("home")


# ---- Mistakes --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "Type your email."), ("joan at home", "Type your whole email, like name@example.org.")],
)
def test_account_login_says_what_to_type(client: Client, db: None, typed: str, words: str) -> None:
    response = ask(client, typed)
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert "There is a problem" in page
    assert f'value="{typed}"' in page or not typed


def test_account_login_of_an_unknown_address_looks_the_same(client: Client, joan: Person) -> None:
    known, unknown = Client(), Client()
    assert ask(known, "joan@example.org").url == ask(unknown, "nobody@example.org").url
    assert mail.outbox[-1].subject == "There is no account with this email"
    assert mail.outbox[-1].to == ["nobody@example.org"]
    assert not CODE.search(mail.outbox[-1].body)
    pages = [
        CODE.sub("", one.get(reverse("account_confirm_login_code")).content.decode()).replace(
            "joan@", "nobody@"
        )
        for one in (known, unknown)
    ]
    strip = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    assert strip.sub("", pages[0]) == strip.sub("", pages[1])
    assert type_code(unknown, "1234-5678").status_code == 422
    assert signed_in_as(unknown) is None


def test_account_login_of_somebody_no_longer_active(client: Client, joan: Person) -> None:
    joan.is_active = False
    joan.save(update_fields=["is_active"])
    ask(client, "joan@example.org")
    assert mail.outbox[-1].subject == "There is no account with this email"


def test_account_confirm_login_code_five_wrong_codes(client: Client, joan: Person) -> None:
    ask(client, "joan@example.org")
    code = newest_code()
    for _turn in range(4):
        response = type_code(client, "0000-0000")
        assert response.status_code == 422
        assert "This is not the code we sent." in response.content.decode()
    response = type_code(client, "0000-0000")
    assert response.url == reverse("account_request_login_code")
    page = client.get(response.url, follow=True).content.decode()
    assert "There were too many tries." in page
    type_code(client, code)
    assert signed_in_as(client) is None


def test_account_confirm_login_code_too_old(
    client: Client, joan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client, "joan@example.org")
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 16 * 60)
    response = type_code(client, newest_code())
    assert signed_in_as(client) is None
    page = client.get(response.url, follow=True).content.decode()
    assert "That code no longer works. Type your email" in page


def test_account_confirm_login_code_works_once(client: Client, joan: Person) -> None:
    ask(client, "joan@example.org")
    code = newest_code()
    type_code(client, code)
    client.post(reverse("account_logout"))
    type_code(client, code)
    assert signed_in_as(client) is None


def test_account_confirm_login_code_only_in_the_browser_that_asked(
    client: Client, joan: Person
) -> None:
    ask(client, "joan@example.org")
    other = Client()
    response = type_code(other, newest_code())
    assert response.url == reverse("account_request_login_code")
    assert signed_in_as(other) is None


# ---- Trap 3: a code is on its way already ----------------------------------------------------
def test_account_login_says_that_a_code_is_on_its_way(client: Client, joan: Person) -> None:
    ask(client, "joan@example.org")
    for response in (
        client.get(reverse("account_login"), follow=True),
        client.post(reverse("account_login"), {"login": "joan@example.org"}, follow=True),
    ):
        assert "We have already sent your code." in response.content.decode()
        assert response.redirect_chain[-1][0] == reverse("account_confirm_login_code")
    assert len(mail.outbox) == 1
    type_code(client, newest_code())
    assert signed_in_as(client) == joan


def test_account_login_with_another_email_after_a_slip(client: Client, joan: Person) -> None:
    ask(client, "jaon@example.org")
    ask(client, "joan@example.org")
    assert mail.outbox[-1].to == ["joan@example.org"]
    type_code(client, newest_code())
    assert signed_in_as(client) == joan


def test_use_another_email_forgets_the_code(client: Client, joan: Person) -> None:
    ask(client, "jaon@example.org")
    response = client.post(reverse("use_another_email"))
    assert response.url == reverse("account_login")
    assert client.get(response.url).status_code == 200
    assert client.get(reverse("use_another_email")).status_code == 405


def test_account_confirm_login_code_can_be_sent_again_twice(client: Client, joan: Person) -> None:
    ask(client, "joan@example.org")
    url = reverse("account_confirm_login_code")
    for turn in (2, 3):
        client.post(url, {"action": "resend"})
        assert len(mail.outbox) == turn
    assert "Send the code again" not in client.get(url).content.decode()
    client.post(url, {"action": "resend"})
    assert len(mail.outbox) == 3
    type_code(client, newest_code())
    assert signed_in_as(client) == joan


# ---- Trap 2: the hall, and limits ------------------------------------------------------------
def test_account_login_of_a_hall_of_60_people(db: None) -> None:
    """From one address, each with a wrong code first, and nobody has to wait. The same minute here,
    so five minutes are plenty. Somebody who guesses is stopped, and stops nobody else."""
    people = [Person.objects.create_user(f"p{n}@example.org", name=f"P {n}") for n in range(60)]
    guesser = Client(REMOTE_ADDR="10.1.2.3")
    ask(guesser, people[0].sign_in_email or "")
    guesses = [type_code(guesser, f"0000-000{n}").status_code for n in range(5)]
    assert guesses == [422, 422, 422, 422, 302]
    assert signed_in_as(guesser) is None
    for person in people:
        one = Client(REMOTE_ADDR="10.1.2.3")
        assert ask(one, person.sign_in_email or "").status_code == 302
        assert type_code(one, "0000-0000").status_code == 422
        type_code(one, newest_code())
        assert signed_in_as(one) == person
    assert len(mail.outbox) == 61


def test_account_confirm_login_code_pressed_twice(client: Client, joan: Person) -> None:
    """A double click on the first page sends one code; on the second it signs in once."""
    for _press in range(2):
        assert ask(client, "joan@example.org").status_code == 302
    assert len(mail.outbox) == 1
    code = newest_code()
    assert type_code(client, code).status_code == 302
    again = type_code(client, code, follow=True)
    assert again.status_code == 302
    assert signed_in_as(client) == joan
    assert client.get(reverse("home"), follow=True).status_code == 200


def test_account_login_sends_three_codes_a_minute_to_one_address(joan: Person) -> None:
    answers = [ask(Client(), "joan@example.org").status_code for _turn in range(4)]
    assert answers == [302, 302, 302, 422]
    assert len(mail.outbox) == 3


def test_account_login_stops_a_flood_from_one_address(db: None) -> None:
    answers = [ask(Client(), f"p{n}@example.org").status_code for n in range(121)]
    assert set(answers[:120]) == {302}
    assert answers[120] in (422, 429)


def test_page_429_is_ours(db: None) -> None:
    for n in range(121):
        response = ask(Client(), f"p{n}@example.org.bad domain")
    assert response.status_code == 429
    assert "Please wait a minute" in response.content.decode()


def test_account_login_when_the_mail_server_is_down(
    client: Client, joan: Person, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall(*args: Any, **kwargs: Any) -> None:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", fall)
    response = ask(client, "joan@example.org")
    assert response.status_code == 503
    assert "We could not send the email" in response.content.decode()


# ---- Trap 1: a passkey never locks a volunteer out -------------------------------------------
def _passkey(person: Person) -> None:
    Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "My tablet", "credential": {}}
    )


def test_account_login_of_a_volunteer_with_a_lost_passkey(client: Client, joan: Person) -> None:
    _passkey(joan)
    ask(client, "joan@example.org")
    assert type_code(client, newest_code()).url == reverse("home")
    assert signed_in_as(client) == joan


def test_account_login_of_a_facilitator_with_a_passkey_asks_the_second_step(
    client: Client, sam: Person
) -> None:
    Authenticator.objects.create(
        user=sam, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"}
    )
    ask(client, "sam@example.org")
    assert type_code(client, newest_code()).url == reverse("mfa_authenticate")
    assert signed_in_as(client) is None
    page = client.get(reverse("mfa_authenticate")).content.decode()
    assert "One more step" in page
    response = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert response.status_code == 422
    assert signed_in_as(client) is None


def test_mfa_list_webauthn_says_what_a_lost_device_means(
    client: Client, sam: Person, joan: Person
) -> None:
    for person in (sam, joan):
        _passkey(person)
    Authenticator.objects.create(user=sam, type=Authenticator.Type.RECOVERY_CODES, data={})
    client.force_login(joan)
    assert "So a lost device never shuts you out." in client.get(reverse("mfa_list_webauthn")).text
    client.force_login(sam)
    page = client.get(reverse("mfa_list_webauthn")).text
    assert "one of your spare codes" in page and "never shuts you out" not in page


def test_mfa_add_webauthn_refused_shows_no_spare_codes(client: Client, sam: Person) -> None:
    """Somebody at a computer left open asks for one more device: that alone proves nothing."""
    _passkey(sam)
    RecoveryCodes.activate(sam)
    client.force_login(sam)
    assert client.post(reverse("mfa_add_webauthn"), {"name": "Mine"}).status_code == 302
    assert "reauthenticate" in client.get(reverse("mfa_view_recovery_codes")).url


def test_mfa_index_is_there_for_staff_only(client: Client, sam: Person) -> None:
    client.force_login(sam)
    assert "Set up the app" in client.get(reverse("mfa_index")).content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
    ],
)
def test_second_step_pages_are_not_there_for_volunteers(
    client: Client, joan: Person, name: str
) -> None:
    client.force_login(joan)
    assert client.get(reverse(name)).status_code == 404


# ---- A new account ---------------------------------------------------------------------------
def sign_up(client: Client, email: str = "new@example.org") -> None:
    client.post(reverse("account_signup"), {"email": email})


def test_account_signup_asks_for_a_code_and_then_the_name(client: Client, db: None) -> None:
    response = client.post(reverse("account_signup"), {"email": "New@example.org"})
    assert response.url == reverse("account_email_verification_sent")
    page = client.get(response.url).content.decode()
    assert "new@example.org" in page
    response = client.post(response.url, {"code": "1111-1111"})
    assert response.status_code == 422
    response = client.post(reverse("account_email_verification_sent"), {"code": newest_code()})
    assert response.url == f"{reverse('give_my_name')}?next=%2F"
    page = client.get(response.url).content.decode()
    assert "What is your name?" in page
    assert "You are signed in." in page
    assert "Hello" not in page, "its only name yet is made up from the email"
    assert "Hello new" not in client.get(reverse("home")).content.decode()
    wrong = client.post(response.url, {"name": ""})
    assert wrong.status_code == 422
    response = client.post(response.url, {"name": "Nell New"})
    assert response.url == reverse("home")
    person = signed_in_as(client)
    assert person is not None
    assert (person.name, person.sign_in_email) == ("Nell New", "new@example.org")
    assert person.held_roles == frozenset()
    client.post(reverse("account_logout"))
    ask(client, "new@example.org")
    assert type_code(client, newest_code()).url == reverse("home")


def test_account_signup_with_a_known_email_sends_no_code(client: Client, joan: Person) -> None:
    response = client.post(reverse("account_signup"), {"email": "joan@example.org"})
    assert response.url == reverse("account_email_verification_sent")
    assert mail.outbox[-1].subject == "You have an account already: sign in"
    assert not CODE.search(mail.outbox[-1].body)
    assert Person.objects.filter(sign_in_email="joan@example.org").count() == 1


def test_account_signup_says_what_to_type(client: Client, db: None) -> None:
    response = client.post(reverse("account_signup"), {"email": "x"})
    assert response.status_code == 422
    assert "Type your whole email" in response.content.decode()


def test_account_signup_unverified_can_sign_in_later(client: Client, db: None) -> None:
    sign_up(client)
    other = Client()
    ask(other, "new@example.org")
    response = type_code(other, newest_code())
    person = signed_in_as(other)
    assert response.status_code == 302
    assert person is not None
    assert person.sign_in_email == "new@example.org"


# ---- Signing out, and pages we do not have ---------------------------------------------------
def test_account_logout_by_get_asks_first(client: Client, joan: Person) -> None:
    client.force_login(joan)
    page = client.get(reverse("account_logout"))
    assert "Do you want to sign out?" in page.content.decode()
    assert signed_in_as(client) == joan


@pytest.mark.parametrize(
    "path",
    [
        "password/change/",
        "password/set/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/done/",
        "2fa/",
        "signup/passkey/",
    ],
)
def test_pages_about_passwords_are_not_there(client: Client, joan: Person, path: str) -> None:
    client.force_login(joan)
    assert client.get(f"/account/{path}").status_code == 404


@pytest.mark.parametrize("name", ["account_reset_password", "account_change_password"])
def test_pages_about_passwords_have_no_name(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_account_inactive(client: Client, db: None) -> None:
    assert "not in use" in client.get(reverse("account_inactive")).content.decode()


# ---- Changing the email ----------------------------------------------------------------------
def signed_in(email: str) -> Client:
    client = Client()
    ask(client, email)
    type_code(client, newest_code())
    return client


def test_account_email_changes_after_a_code_to_the_new_one(joan: Person) -> None:
    client = signed_in("joan@example.org")
    assert client.get(reverse("account_email")).status_code == 200
    response = client.post(
        reverse("account_email"), {"action_add": "1", "email": "Joan2@example.org"}
    )
    assert response.url == reverse("account_email_verification_sent")
    assert mail.outbox[-1].to == ["joan2@example.org"]
    joan.refresh_from_db()
    assert joan.sign_in_email == "joan@example.org"
    client.post(response.url, {"code": newest_code()})
    joan.refresh_from_db()
    assert joan.sign_in_email == "joan2@example.org"
    assert mail.outbox[-1].to == ["joan@example.org"]
    assert mail.outbox[-1].subject == "Your email to sign in with has changed"
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["joan2@example.org"]
    entry = joan.entries.get(verb="sign_in_email_changed")
    assert entry.data == {"person": joan.pk}


def test_account_email_of_somebody_else_is_refused(joan: Person, harold: Person) -> None:
    client = signed_in("joan@example.org")
    client.post(reverse("account_email"), {"action_add": "1", "email": "harold@example.org"})
    code = newest_code()
    client.post(reverse("account_email_verification_sent"), {"code": code})
    joan.refresh_from_db()
    assert joan.sign_in_email == "joan@example.org"


def test_account_email_asks_for_a_code_after_a_while(
    joan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in("joan@example.org")
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 21 * 60)
    response = client.get(reverse("account_email"))
    assert response.url.startswith(reverse("confirm_it_is_you"))


# ---- A code again ----------------------------------------------------------------------------
def test_confirm_it_is_you_by_code(client: Client, joan: Person) -> None:
    client.force_login(joan)
    response = client.get(reverse("account_email"))
    page = client.get(response.url).content.decode()
    assert "We will send a code to joan@example.org" in page
    sent = client.post(response.url, {"send": "1"})
    assert "next=%2Faccount%2Femail%2F" in sent.url
    assert mail.outbox[-1].subject == f"Your code to show it is you is {newest_code()}"
    wrong = client.post(sent.url, {"code": "0000-0000"})
    assert wrong.status_code == 422
    assert client.post(sent.url, {"code": ""}).status_code == 422
    response = client.post(sent.url, {"code": newest_code()})
    assert response.url == reverse("account_email")
    assert client.get(response.url).status_code == 200


def test_confirm_it_is_you_five_wrong_codes(client: Client, joan: Person) -> None:
    client.force_login(joan)
    url = reverse("confirm_it_is_you")
    client.post(url, {"send": "1"})
    code = newest_code()
    for _turn in range(5):
        response = client.post(url, {"code": "0000-0000"})
    assert "There were too many tries." in response.content.decode()
    assert client.post(url, {"code": code}).status_code == 422
    assert client.get(reverse("account_email")).status_code == 302


def test_confirm_it_is_you_too_old(
    client: Client, joan: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(joan)
    url = reverse("confirm_it_is_you")
    client.post(url, {"send": "1"})
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 16 * 60)
    response = client.post(url, {"code": newest_code()})
    assert response.status_code == 422
    assert "This code is too old." in response.content.decode()


def test_confirm_it_is_you_sends_only_so_many(client: Client, joan: Person) -> None:
    client.force_login(joan)
    for _turn in range(4):
        response = client.post(reverse("confirm_it_is_you"), {"send": "1"}, follow=True)
    assert len(mail.outbox) == 3
    assert "We have sent several codes." in response.content.decode()


def test_confirm_it_is_you_never_leads_to_another_site(client: Client, joan: Person) -> None:
    client.force_login(joan)
    url = f"{reverse('confirm_it_is_you')}?next=https://evil.example/"
    sent = client.post(url, {"send": "1"})
    assert client.post(sent.url, {"code": newest_code()}).url == reverse("home")


def test_confirm_it_is_you_without_an_email(client: Client, joan: Person) -> None:
    joan.sign_in_email = None
    joan.save(update_fields=["sign_in_email"])
    client.force_login(joan)
    page = client.post(reverse("confirm_it_is_you"), {"send": "1"}, follow=True).content.decode()
    assert "We have no email of yours." in page
    assert not mail.outbox


# ---- Words of the emails ---------------------------------------------------------------------
def test_emails_of_sign_in_speak_plainly(client: Client, joan: Person) -> None:
    ask(client, "joan@example.org")
    body = mail.outbox[-1].body
    assert body.startswith("Hello,")
    assert "good for 15 minutes" in body
    assert "Never read the code out to anybody" in body
    assert "&#x27;" not in body
