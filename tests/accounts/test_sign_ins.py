"""Where somebody is signed in: they see it and end it, and an account that is ended is out."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.models import Person, SignIn
from accounts.permissions import Refused
from accounts.sign_ins import device_in_words
from ledger.models import Entry
from tests.accounts.test_sign_in import ask, newest_code, signed_in_as, type_code

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPAD = "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Safari/604"


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    cache.clear()


def signed_in(person: Person, agent: str) -> Client:
    """A browser in which this person has just signed in with a code."""
    client = Client(HTTP_USER_AGENT=agent)
    ask(client, person.sign_in_email or "")
    type_code(client, newest_code())
    assert signed_in_as(client) == person
    return client


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (IPAD, "Safari on iPad"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("curl/8.5", "A device we do not know"),
    ],
)
def test_device_in_words(agent: str, words: str) -> None:
    assert device_in_words(agent) == words


def test_sign_in_list_shows_ones_own_and_ends_them(joan: Person, harold: Person) -> None:
    laptop, tablet = signed_in(joan, FIREFOX), signed_in(joan, IPAD)
    signed_in(harold, "curl/8.5")
    page = laptop.get(reverse("sign_in_list")).content.decode()
    assert page.index("Firefox on Windows") < page.index("Safari on iPad")
    assert "A device we do not know" not in page
    row = joan.sign_ins.get(device="Safari on iPad")
    here = joan.sign_ins.get(device="Firefox on Windows")
    assert reverse("end_sign_in", args=[row.pk]) in page
    assert reverse("end_sign_in", args=[here.pk]) not in page
    response = laptop.post(reverse("end_sign_in", args=[row.pk]), follow=True)
    assert "That device is signed out." in response.content.decode()
    assert tablet.get(reverse("my_details")).status_code == 302
    assert laptop.get(reverse("my_details")).status_code == 200
    assert Entry.objects.filter(verb="ended_sign_in", by=joan).count() == 1


def test_end_sign_in_of_somebody_else_is_refused(joan: Person, harold: Person) -> None:
    laptop, phone = signed_in(joan, FIREFOX), signed_in(harold, IPAD)
    row = harold.sign_ins.get()
    assert laptop.post(reverse("end_sign_in", args=[row.pk])).status_code == 404
    with pytest.raises(Refused, match="somebody else"):
        actions.end_sign_in(sign_in=row, by=joan, at=timezone.now())
    assert phone.get(reverse("my_details")).status_code == 200


def test_sign_in_list_forgets_what_is_over(joan: Person) -> None:
    laptop, tablet = signed_in(joan, FIREFOX), signed_in(joan, IPAD)
    tablet.post(reverse("account_logout"))
    page = laptop.get(reverse("sign_in_list")).content.decode()
    assert "Safari on iPad" not in page
    signed_in(joan, "curl/8.5")
    assert set(joan.sign_ins.values_list("device", flat=True)) == {
        "Firefox on Windows",
        "A device we do not know",
    }


def test_an_account_that_is_ended_is_out_at_once(joan: Person) -> None:
    browsers = [signed_in(joan, FIREFOX), signed_in(joan, IPAD)]
    joan.is_active = False
    joan.save(update_fields=["is_active"])
    for browser in browsers:
        assert browser.get(reverse("my_details")).status_code == 302
        assert browser.post(reverse("take_break")).status_code == 401
    sent = len(mail.outbox)
    ask(browsers[0], "joan@example.org")
    assert mail.outbox[-1].subject == "There is no account with this email"
    assert len(mail.outbox) == sent + 1
    assert SignIn.objects.filter(person=joan).count() == 2
