"""Words typed after the session has ended: kept, shown to their writer only, and put back."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.kept import NEVER_SHOWN, words_in
from accounts.models import DraftKey, KeptWork, Person
from ledger import clock


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    cache.clear()


def sign_in(client: Client, email: str, **more: Any) -> Any:
    client.post(reverse("account_login"), {"login": email, **more})
    code = re.search(r"\d{4}-\d{4}", mail.outbox[-1].body)
    assert code
    return client.post(reverse("account_confirm_login_code"), {"code": code.group(), **more})


@pytest.fixture
def browser_of_joan(joan: Person) -> Client:
    """A browser on which Joan signed in once, and whose session has ended."""
    client = Client()
    sign_in(client, "joan@example.org")
    client.cookies.pop("sessionid")
    return client


TYPED = {
    "name": "Joan of the <b>long</b> name",
    "channel": "email",
    "text_size": "largest",
    "phone": "",
}


def test_keep_typed_work_and_put_it_back(browser_of_joan: Client, joan: Person) -> None:
    url = reverse("change_my_details")
    response = browser_of_joan.post(url, TYPED)
    assert response.status_code == 401
    page = response.content.decode()
    assert "You have been signed out" in page
    assert "Nothing is lost." in page
    assert "long" not in page
    kept = KeptWork.objects.get()
    assert (kept.person, kept.path) == (joan, url)
    assert "csrfmiddlewaretoken" not in kept.fields
    back = reverse("kept_work", args=[kept.pk])
    assert f"/account/login/?next={back}".replace("/", "%2F")[-20:] in page.replace("/", "%2F")
    assert sign_in(browser_of_joan, "joan@example.org", next=back).url == back
    page = browser_of_joan.get(back).content.decode()
    assert "Joan of the &lt;b&gt;long&lt;/b&gt; name" in page
    assert f'action="{url}"' in page
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert fields["text_size"] == "largest"
    response = browser_of_joan.post(url, TYPED)
    assert response.status_code == 302
    joan.refresh_from_db()
    assert joan.name == TYPED["name"]


def test_kept_work_is_for_its_writer_only(
    browser_of_joan: Client, joan: Person, harold: Person
) -> None:
    browser_of_joan.post(reverse("change_my_details"), TYPED)
    url = reverse("kept_work", args=[KeptWork.objects.get().pk])
    sign_in(browser_of_joan, "harold@example.org")
    assert browser_of_joan.get(url).status_code == 404
    assert browser_of_joan.post(url).status_code == 404
    other = Client()
    sign_in(other, "joan@example.org")
    assert other.get(url).status_code == 200


def test_kept_work_lasts_a_day(browser_of_joan: Client, joan: Person) -> None:
    browser_of_joan.post(reverse("change_my_details"), TYPED)
    url = reverse("kept_work", args=[KeptWork.objects.get().pk])
    sign_in(browser_of_joan, "joan@example.org")
    assert browser_of_joan.get(url).status_code == 200
    clock.move(days=1.01)
    assert browser_of_joan.get(url).status_code == 404


def test_kept_work_can_be_let_go(browser_of_joan: Client) -> None:
    browser_of_joan.post(reverse("change_my_details"), TYPED)
    url = reverse("kept_work", args=[KeptWork.objects.get().pk])
    sign_in(browser_of_joan, "joan@example.org")
    assert browser_of_joan.post(url).url == reverse("home")
    assert not KeptWork.objects.exists()


def test_keep_typed_work_leaves_files_out(browser_of_joan: Client) -> None:
    data = {**TYPED, "paper": SimpleUploadedFile("a.txt", b"secret words")}
    response = browser_of_joan.post(reverse("change_my_details"), data)
    assert "Files are not kept." in response.content.decode()
    assert "paper" not in KeptWork.objects.get().fields


def test_keep_typed_work_on_a_facilitators_page(sam: Person) -> None:
    client = Client()
    sign_in(client, "sam@example.org")
    client.cookies.pop("sessionid")
    response = client.post(reverse("invite_person"), {"name": "Nell Long Name"})
    assert response.status_code == 401
    assert KeptWork.objects.get().fields == {"name": ["Nell Long Name"]}


def test_keep_typed_work_of_an_unknown_browser_shows_it_to_copy(client: Client, db: None) -> None:
    response = client.post(reverse("change_my_details"), TYPED)
    assert response.status_code == 401
    page = response.content.decode()
    assert "Joan of the &lt;b&gt;long&lt;/b&gt; name" in page
    assert not KeptWork.objects.exists()


def test_keep_typed_work_believes_no_forged_cookie(client: Client, joan: Person) -> None:
    client.cookies["reader"] = f"{joan.pk}:forged"
    client.post(reverse("change_my_details"), TYPED)
    assert not KeptWork.objects.exists()


def test_keep_typed_work_answers_autosave_as_json(browser_of_joan: Client) -> None:
    response = browser_of_joan.post(
        reverse("change_my_details"), TYPED, headers={"X-Autosave": "1"}
    )
    assert response.status_code == 401
    assert response.json()["signed_out"] is True
    assert not KeptWork.objects.exists()


def test_keep_typed_work_still_asks_for_the_form_token(joan: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(reverse("change_my_details"), TYPED).status_code == 403


def test_keep_typed_work_leaves_reading_pages_alone(client: Client, db: None) -> None:
    response = client.get(reverse("change_my_details"))
    assert response.url == f"{reverse('account_login')}?next={reverse('change_my_details')}"


def test_confirmed_lately_keeps_what_was_typed(client: Client, joan: Person) -> None:
    client.force_login(joan)
    data = {"action_add": "1", "email": "joan2@example.org"}
    response = client.post(reverse("account_email"), data)
    kept = KeptWork.objects.get()
    assert kept.fields["email"] == ["joan2@example.org"]
    assert response.url == (
        f"{reverse('confirm_it_is_you')}?next=%2Fmy%2Fkept-words%2F{kept.pk}%2F"
    )


NOT_OURS = ("allauth.account", "django.contrib.auth", "tests")  # on no page of ours


def forms_of_ours(kind: type) -> Iterator[type]:
    for form in kind.__subclasses__():
        yield form
        yield from forms_of_ours(form)


def test_no_secret_and_nothing_that_the_page_put_there_is_shown_as_typed() -> None:
    assert get_resolver().url_patterns  # which loads every form
    textual = (forms.CharField, forms.JSONField)
    unseen = {
        name
        for form in forms_of_ours(forms.BaseForm)
        if not form.__module__.startswith(NOT_OURS)
        for name, field in getattr(form, "base_fields", {}).items()
        if type(field) in textual
        and (name == "code" or isinstance(field.widget, (forms.HiddenInput, forms.PasswordInput)))
    }
    assert {"code", "seen"} <= unseen
    assert unseen <= NEVER_SHOWN
    assert words_in({"code": ["1234 5678"], "text": ["my words"], "seen": ["a b"]}) == ["my words"]


def draft_key_on(client: Client) -> str:
    found = re.search(r'data-drafts-key="([^"]+)"', client.get(reverse("home")).content.decode())
    return found.group(1) if found else ""


def test_a_draft_key_is_ones_own_and_only_on_signed_in_pages(joan: Person, harold: Person) -> None:
    first, second, other = Client(), Client(), Client()
    assert draft_key_on(first) == ""
    for client, email in ((first, "joan"), (second, "joan"), (other, "harold")):
        sign_in(client, f"{email}@example.org")
    assert draft_key_on(first) == draft_key_on(second) == DraftKey.objects.get(person=joan).key
    assert draft_key_on(other) == DraftKey.objects.get(person=harold).key != draft_key_on(first)
    first.post(reverse("account_logout"))
    assert draft_key_on(first) == ""


def test_reading_a_page_makes_no_draft_key(client: Client, joan: Person) -> None:
    client.force_login(joan)
    assert draft_key_on(client) == ""
    assert not DraftKey.objects.exists()
