"""Somebody has lost their email: two people help, everybody hears of it, and they are in again."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.models import NewEmail, Person, Role
from accounts.permissions import Refused
from ledger.models import Letter
from tests.accounts.test_sign_in import ask, newest_code, signed_in_as, type_code
from tests.factories.commissioning import join, make_person, make_round
from tests.factories.unguarded import unguarded

pytestmark = pytest.mark.django_db
NEW, WHY = "joan.new@example.org", "She rang me, and I rang her back at home."


@pytest.fixture
def joans(client: Client, joan: Person) -> Client:
    """Joan's own browser, in which she is signed in."""
    cache.clear()  # how often codes were asked for in other tests is forgotten
    ask(client, "joan@example.org")
    type_code(client, newest_code())
    return client


def asked(joan: Person, sam: Person) -> NewEmail:
    return actions.ask_for_new_email(person=joan, email=NEW, why=WHY, by=sam, at=timezone.now())


def test_a_lost_email_ends_with_the_new_one(
    joans: Client, joan: Person, harold: Person, priya: Person, sam: Person, ruth: Person
) -> None:
    round = make_round(by=sam)
    join(round, joan, harold, priya)
    staff, second = Client(), Client()
    staff.force_login(sam)
    person_page = reverse("person_detail", args=[joan.pk])
    ask_page = reverse("ask_for_new_email", args=[joan.pk])
    assert ask_page in staff.get(person_page).text
    assert staff.post(ask_page, {"email": NEW}).status_code == 422
    staff.post(ask_page, {"email": NEW.title(), "why": WHY})
    new = NewEmail.objects.get()
    assert (new.email, new.person) == (NEW, joan)
    agree_page = reverse("agree_new_email", args=[new.pk])
    assert "A second person must look at it." in staff.get(agree_page).text
    assert agree_page not in staff.get(reverse("home")).text
    assert agree_page not in staff.get(person_page).text

    second.force_login(ruth)
    assert agree_page in second.get(reverse("home")).text
    page = second.get(agree_page).text
    assert WHY in page and NEW in page and " checked" not in page
    assert second.post(agree_page, {}).status_code == 422
    done = second.post(agree_page, {"answer": "yes"}, follow=True).text
    assert "They can sign in with the new email now." in done

    assert signed_in_as(joans) is None, "signed out everywhere"
    mail.outbox.clear()
    ask(joans, "joan@example.org")
    assert all("Your code" not in one.subject for one in mail.outbox), "the old one is nobody's"
    fresh = Client()
    ask(fresh, NEW)
    assert type_code(fresh, newest_code()).url == reverse("home")
    assert signed_in_as(fresh) == joan
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [NEW]

    to_her = Letter.objects.filter(kind="new_email").values_list("to_address", flat=True)
    assert sorted(to_her) == [NEW, "joan@example.org"]
    told = {row.to for row in Letter.objects.filter(kind="new_email_of_another")}
    assert told == {harold, priya}
    assert NEW not in Letter.objects.filter(kind="new_email_of_another")[0].body_text
    entry = round.chain.entries.get(verb="new_email_here")
    assert (entry.by, entry.data["asked_by"]) == (ruth, sam.pk)
    assert NEW not in entry.payload
    new.refresh_from_db()
    assert new.email == ""


@pytest.mark.parametrize(("days", "offered"), [(6, False), (8, True)])
def test_a_second_look_is_offered_only_to_whoever_may_give_it(
    joans: Client, joan: Person, sam: Person, days: int, offered: bool
) -> None:
    nora = make_person("Nora New", Role.FACILITATOR)
    began = timezone.now() - timedelta(days=days)
    with unguarded():
        nora.roles.update(began_at=began)
    new = asked(joan, sam)
    at_work = Client()
    at_work.force_login(nora)
    page = reverse("agree_new_email", args=[new.pk])
    assert (page in at_work.get(reverse("home")).text) is offered
    assert (page in at_work.get(reverse("person_detail", args=[joan.pk])).text) is offered
    status = at_work.post(page, {"answer": "no"}).status_code
    assert status == (302 if offered else 403)


def test_agree_new_email_with_a_no_changes_nothing(
    joans: Client, joan: Person, sam: Person, margaret: Person
) -> None:
    new, board = asked(joan, sam), Client()
    board.force_login(margaret)
    page = reverse("agree_new_email", args=[new.pk])
    assert "Nothing is changed." in board.post(page, {"answer": "no"}, follow=True).text
    joan.refresh_from_db()
    assert joan.sign_in_email == "joan@example.org"
    assert signed_in_as(joans) == joan
    assert "Somebody has looked at this already." in board.get(page).text
    assert asked(joan, sam), "it can be asked for again"


def test_agree_new_email_needs_another_person(
    joans: Client, joan: Person, harold: Person, sam: Person, superuser: Person
) -> None:
    new = asked(joan, sam)
    for by in (sam, joan, harold, superuser):
        with pytest.raises(Refused):
            actions.agree_new_email(new=new, by=by, at=timezone.now())
    with pytest.raises(IntegrityError, match="new_email_agreed_by_another"), transaction.atomic():
        NewEmail.objects.update(agreed_at=timezone.now(), agreed_by=sam)


def test_ask_for_new_email_is_refused_in_words(
    joans: Client, joan: Person, harold: Person, sam: Person, ruth: Person
) -> None:
    for person, words in ((harold, "They never signed in"), (ruth, "change their own details")):
        with pytest.raises(Refused, match=words):
            asked(person, sam)
    with pytest.raises(Refused, match="Somebody else signs in with this email"):
        actions.ask_for_new_email(
            person=joan, email="HAROLD@example.org", why=WHY, by=sam, at=timezone.now()
        )
    asked(joan, sam)
    with pytest.raises(Refused, match="waits already"):
        asked(joan, sam)


def test_agree_new_email_that_somebody_took_meanwhile(
    joans: Client, joan: Person, sam: Person, ruth: Person
) -> None:
    new = asked(joan, sam)
    make_person("Somebody Quick", Role.VOLUNTEER, sign_in_email=NEW)
    with pytest.raises(Refused, match="Somebody else signs in with this email"):
        actions.agree_new_email(new=new, by=ruth, at=timezone.now())
    joan.refresh_from_db()
    assert joan.sign_in_email == "joan@example.org"
