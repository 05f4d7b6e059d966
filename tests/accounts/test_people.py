"""Pages about people: my own, a facilitator's, an administrator's, and those for everybody."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Person, Role, RoleHolding
from accounts.permissions import MAY
from ledger import clock
from ledger.models import Channel, Sending
from tests.factories.accounts import a_letter

MY_PAGES = ["my_details", "change_my_details", "take_break", "letter_list"]
PEOPLE_PAGES = ["people_list", "invite_person", "letters_to_post", "print_letters", "call_list"]
STAFF_PAGES = ["staff_list", "invite_staff"]


def get(person: Person | None, page: str, /, *args: Any, **data: Any) -> Any:
    client = Client()
    if person:
        client.force_login(person)
    return client.get(reverse(page, args=args), data)


def post(person: Person, page: str, /, *args: Any, **data: Any) -> Any:
    client = Client()
    client.force_login(person)
    return client.post(reverse(page, args=args), data)


def words(response: Any) -> str:
    return response.content.decode()


# ---- Who sees which page ---------------------------------------------------------------------
@pytest.mark.parametrize("name", MY_PAGES)
def test_my_pages_are_for_everybody_signed_in(
    name: str, joan: Person, sam: Person, outsider: Person
) -> None:
    for person in (joan, sam, outsider):
        assert get(person, name).status_code == 200
    assert get(None, name).status_code == 302


@pytest.mark.parametrize("name", PEOPLE_PAGES)
def test_people_pages_are_for_facilitators(
    name: str, sam: Person, request: pytest.FixtureRequest
) -> None:
    assert get(sam, name).status_code == 200
    for who in ("joan", "amina", "margaret", "administrator", "outsider", "superuser"):
        assert get(request.getfixturevalue(who), name).status_code == 404, who


@pytest.mark.parametrize("name", STAFF_PAGES)
def test_staff_pages_are_for_administrators(
    name: str, administrator: Person, request: pytest.FixtureRequest
) -> None:
    assert get(administrator, name).status_code == 200
    for who in ("joan", "sam", "amina", "margaret", "outsider", "superuser"):
        assert get(request.getfixturevalue(who), name).status_code == 404, who


@pytest.mark.parametrize(
    "name", ["person_detail", "change_contact_details", "note_break", "note_return"]
)
def test_pages_of_one_person_are_not_there_for_others(
    name: str, joan: Person, harold: Person, outsider: Person, superuser: Person
) -> None:
    for person in (harold, outsider, superuser):
        assert get(person, name, joan.pk).status_code == 404
        assert post(person, name, joan.pk).status_code == 404


@pytest.mark.parametrize(
    "name", ["about_site", "who_can_do_what", "privacy_notice", "accessibility_statement"]
)
def test_public_pages_are_for_everybody(name: str, joan: Person) -> None:
    for person in (None, joan):
        response = get(person, name)
        assert response.status_code == 200
        assert words(response).count("<h1") == 1


def test_who_can_do_what_shows_the_very_table(db: None) -> None:
    page = words(get(None, "who_can_do_what"))
    for role in Role:
        assert str(role.label) in page
        for permission in MAY[role]:
            assert str(permission.value).replace("'", "&#x27;") in page


def test_home_for_somebody_signed_out_and_in(outsider: Person) -> None:
    assert "Sign in" in words(get(None, "home"))
    page = words(get(outsider, "home"))
    assert "Hello Olive" in page
    assert "There is nothing to do now." in page


# ---- My details ------------------------------------------------------------------------------
def test_change_my_details(joan: Person) -> None:
    response = post(
        joan,
        "change_my_details",
        name="Joan I",
        channel="post",
        postal_address="1 Lane",
        contact_email="",
        phone="",
        text_size="large",
    )
    assert response.status_code == 302
    joan.refresh_from_db()
    assert (joan.name, joan.channel, joan.text_size) == ("Joan I", "post", "large")
    assert 'class="text-large"' in words(get(joan, "my_details"))


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        ("post", "Type an address to post to, or choose another way."),
        ("phone", "Type a phone number to ring, or choose another way."),
        ("", "Choose by email, by post or by phone."),
    ],
)
def test_change_my_details_keeps_what_was_typed(joan: Person, channel: str, sentence: str) -> None:
    response = post(
        joan, "change_my_details", name="Joan Typed", channel=channel, text_size="large"
    )
    assert response.status_code == 422
    page = words(response)
    assert sentence in page
    assert "Joan Typed" in page
    assert "<title>Error:" in page
    joan.refresh_from_db()
    assert joan.name == "Joan Ibbotson"


def test_change_my_details_needs_an_email_to_write_to(joan: Person) -> None:
    joan.sign_in_email = None
    joan.save(update_fields=["sign_in_email"])
    response = post(joan, "change_my_details", name="J", channel="email", text_size="normal")
    assert "Type an email to write to, or choose another way." in words(response)


def _day(days: int = 0, name: str = "starts_on") -> dict[str, int]:
    day = clock.today() + timedelta(days=days)
    return {f"{name}_0": day.day, f"{name}_1": day.month, f"{name}_2": day.year}


def test_take_break_and_come_back(joan: Person) -> None:
    assert post(joan, "take_break", **_day()).status_code == 302
    assert joan.breaks.on(clock.today()).exists()
    assert "End my break" in words(get(joan, "my_details"))
    assert get(joan, "come_back").status_code == 405
    assert post(joan, "come_back").status_code == 302
    assert not joan.breaks.on(clock.today()).exists()
    assert post(joan, "come_back").status_code == 403


def test_take_break_mistakes(joan: Person) -> None:
    assert "Type the first day of your break." in words(post(joan, "take_break"))
    response = post(joan, "take_break", **_day(-2))
    assert response.status_code == 422
    assert "A break starts today or later." in words(response)
    response = post(joan, "take_break", **_day(4), **_day(2, "ends_on"))
    assert "Type a last day that is not before the first day." in words(response)


# ---- My letters ------------------------------------------------------------------------------
def test_letter_list_shows_notices_only_once_they_went(joan: Person, harold: Person) -> None:
    a_letter(joan, subject="Waiting notice")
    a_letter(joan, subject="Half way notice", state=Sending.State.SENDING)
    a_letter(joan, subject="Sent notice", state=Sending.State.SENT)
    a_letter(joan, subject="Failed notice", state=Sending.State.FAILED)
    a_letter(joan, subject="Waiting answer", when="answer")
    a_letter(joan, subject="Posted notice", channel=Channel.POST, state=Sending.State.SENT)
    a_letter(joan, subject="Unposted notice", channel=Channel.POST)
    a_letter(harold, subject="Not mine", when="answer")
    page = words(get(joan, "letter_list"))
    for subject in ("Sent notice", "Failed notice", "Waiting answer", "Posted notice"):
        assert subject in page
    for subject in ("Waiting notice", "Half way notice", "Unposted notice", "Not mine"):
        assert subject not in page


def test_letter_list_newest_first(joan: Person) -> None:
    for days in (3, 1, 2):
        at = clock.now() - timedelta(days=days)
        a_letter(joan, subject=f"Days {days}", when="answer", at=at)
    page = words(get(joan, "letter_list"))
    assert page.index("Days 1") < page.index("Days 2") < page.index("Days 3")


def test_letter_detail_is_for_its_reader(joan: Person, harold: Person, sam: Person) -> None:
    letter = a_letter(joan, state=Sending.State.SENT)
    page = words(get(joan, "letter_detail", letter.pk))
    assert "these are the words." in page
    assert letter.get_absolute_url() == reverse("letter_detail", args=[letter.pk])
    for other in (harold, sam):
        assert get(other, "letter_detail", letter.pk).status_code == 404
    waiting = a_letter(joan)
    assert get(joan, "letter_detail", waiting.pk).status_code == 404


# ---- People, for facilitators ----------------------------------------------------------------
def test_people_list_finds_by_name_role_and_channel(
    sam: Person, joan: Person, harold: Person, amina: Person
) -> None:
    harold.channel = Channel.POST
    harold.save(update_fields=["channel"])
    page = words(get(sam, "people_list"))
    assert all(name in page for name in ("Joan Ibbotson", "Amina Yusuf", "Sam Okafor"))
    assert "Common Purse</a></td>" not in page
    page = words(get(sam, "people_list", q="ibbot"))
    assert "Joan Ibbotson" in page
    assert "Amina Yusuf" not in page
    page = words(get(sam, "people_list", role="volunteer", channel="post"))
    assert "Harold Whitaker" in page
    assert "Joan Ibbotson" not in page
    assert "Nobody found." in words(get(sam, "people_list", q="nobody at all"))


def test_people_list_has_25_a_page(sam: Person) -> None:
    for n in range(30):
        Person.objects.create_user(f"p{n}@example.org", name=f"Person {n:02}")
    page = words(get(sam, "people_list", q="Person"))
    assert page.count('data-user-text><a href="/people/') == 25
    assert 'href="?q=Person&amp;page=2"' in page


def test_invite_person_page(sam: Person) -> None:
    response = post(sam, "invite_person", name="Nell", email="Nell@example.org", channel="email")
    nell = Person.objects.get(sign_in_email="nell@example.org")
    assert response.url == reverse("person_detail", args=[nell.pk])
    assert nell.held_roles == {"volunteer"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"channel": "email", "email": "n@example.org"}, "Type a name."),
        ({"name": "N", "channel": "email"}, "Type an email to write to, or choose another way."),
        ({"name": "N", "channel": "post"}, "Type an address to post to"),
        ({"name": "N", "channel": "phone"}, "Type a phone number to ring"),
        ({"name": "N", "channel": "email", "email": "x"}, "Type a whole email"),
        (
            {"name": "Ruth", "channel": "email", "email": "ruth@example.org"},
            "Ruth Bentley works for the fund.",
        ),
    ],
)
def test_invite_person_page_mistakes(
    sam: Person, ruth: Person, data: dict[str, str], sentence: str
) -> None:
    response = post(sam, "invite_person", **data)
    assert response.status_code == 422
    assert sentence in words(response)


def test_person_detail_shows_roles_and_envelopes_but_no_words(sam: Person, joan: Person) -> None:
    letter = a_letter(joan, subject="Thank you for your scores", state=Sending.State.SENT)
    page = words(get(sam, "person_detail", joan.pk))
    assert "Thank you for your scores" in page
    assert letter.body_text not in page
    assert "these are the words" not in page
    assert "End this role" in page
    assert get(sam, "person_detail", Person.objects.machine().pk).status_code == 404


def test_person_detail_hides_letters_about_worries(sam: Person, administrator: Person) -> None:
    lead = Person.objects.create_user("safe@example.org", name="Lead")
    RoleHolding.objects.create(
        person=lead, role=Role.SAFEGUARDING, began_at=clock.now(), began_by=sam
    )
    a_letter(lead, subject="A worry was reported")
    assert "A worry was reported" not in words(get(sam, "person_detail", lead.pk))
    assert "A worry was reported" not in words(get(sam, "outbox"))
    assert "A worry was reported" in words(get(administrator, "outbox"))


def test_change_contact_details_page(sam: Person, joan: Person) -> None:
    assert 'name="sign_in_email"' in words(get(sam, "change_contact_details", joan.pk))
    data = {"name": "Joan B", "channel": "phone", "phone": "0113", "sign_in_email": "j@example.org"}
    assert post(sam, "change_contact_details", joan.pk, **data).status_code == 302
    joan.refresh_from_db()
    assert (joan.name, joan.phone, joan.sign_in_email) == ("Joan B", "0113", "j@example.org")
    joan.last_login = clock.now()
    joan.save(update_fields=["last_login"])
    page = words(get(sam, "change_contact_details", joan.pk))
    assert 'name="sign_in_email"' not in page
    assert "Only they can change the email they sign in with." in page
    data["sign_in_email"] = "thief@example.org"
    post(sam, "change_contact_details", joan.pk, **data)
    joan.refresh_from_db()
    assert joan.sign_in_email == "j@example.org"


def test_change_contact_details_with_somebody_elses_email(
    sam: Person, joan: Person, harold: Person
) -> None:
    data = {"name": "J", "channel": "email", "sign_in_email": "harold@example.org"}
    response = post(sam, "change_contact_details", joan.pk, **data)
    assert response.status_code == 422
    assert "Somebody else signs in with this email." in words(response)


def test_change_contact_details_of_staff_is_refused_in_words(sam: Person, margaret: Person) -> None:
    response = get(sam, "change_contact_details", margaret.pk)
    assert response.status_code == 403
    assert "Staff and board members change their own details." in words(response)


def test_note_break_and_return(sam: Person, joan: Person) -> None:
    assert post(sam, "note_break", joan.pk, **_day()).status_code == 302
    assert joan.breaks.get().asked_by == sam
    assert post(sam, "note_break", joan.pk, **_day()).status_code == 422
    assert "They are back" in words(get(sam, "person_detail", joan.pk))
    assert post(sam, "note_return", joan.pk).status_code == 302
    assert not joan.breaks.exists()


# ---- Staff, for administrators ---------------------------------------------------------------
def test_staff_list_leaves_out_volunteers(administrator: Person, sam: Person, joan: Person) -> None:
    page = words(get(administrator, "staff_list"))
    assert "Sam Okafor" in page
    assert "Joan Ibbotson" not in page


def test_invite_staff_page(administrator: Person, joan: Person) -> None:
    data = {"name": "Fay", "email": "fay@example.org", "role": "facilitator"}
    assert post(administrator, "invite_staff", **data).url == reverse("staff_list")
    assert Person.objects.get(sign_in_email="fay@example.org").held_roles == {"facilitator"}
    response = post(administrator, "invite_staff", name="X", email="x@example.org")
    assert response.status_code == 422
    assert "Choose what they will be." in words(response)
    data["email"] = "joan@example.org"
    response = post(administrator, "invite_staff", **data)
    assert response.status_code == 422
    assert "End the volunteer role first." in words(response)
    assert post(administrator, "invite_staff", **{**data, "role": "volunteer"}).status_code == 422


def test_end_role_page_asks_for_a_tick(administrator: Person, sam: Person, ruth: Person) -> None:
    holding = ruth.roles.get()
    page = words(get(administrator, "end_role", holding.pk))
    assert "Ruth Bentley" in page
    assert "checked" not in page
    response = post(administrator, "end_role", holding.pk)
    assert response.status_code == 422
    assert "Tick the box to end this role." in words(response)
    assert post(administrator, "end_role", holding.pk, sure="on").status_code == 302
    assert Person.objects.get(pk=ruth.pk).held_roles == frozenset()
    assert get(administrator, "end_role", holding.pk).status_code == 404


def test_end_role_page_is_for_whoever_hands_it_out(
    administrator: Person, sam: Person, ruth: Person, joan: Person
) -> None:
    assert get(sam, "end_role", ruth.roles.get().pk).status_code == 404
    assert get(administrator, "end_role", joan.roles.get().pk).status_code == 404
    assert get(joan, "end_role", joan.roles.get().pk).status_code == 404
    assert get(sam, "end_role", joan.roles.get().pk).status_code == 200
    response = get(administrator, "end_role", administrator.roles.get().pk)
    assert response.status_code == 403


def test_end_role_page_leads_back_to_the_person(sam: Person, joan: Person) -> None:
    response = post(sam, "end_role", joan.roles.get().pk, sure="on")
    assert response.url == reverse("person_detail", args=[joan.pk])


# ---- Queries ---------------------------------------------------------------------------------
def _many(n: int, sam: Person) -> None:
    for number in range(n):
        slug = f"q{Person.objects.count()}x{number}"
        person = Person.objects.create_user(f"{slug}@example.org", name=slug, phone="0113")
        person.postal_address = "1 Lane"
        person.save(update_fields=["postal_address"])
        for role in (Role.BOARD, Role.SUPPORTER):
            RoleHolding.objects.create(person=person, role=role, began_at=clock.now(), began_by=sam)
        a_letter(person, channel=Channel.POST)
        a_letter(person, channel=Channel.PHONE)
        a_letter(person, state=Sending.State.IN_DOUBT)
        a_letter(sam, when="answer")


@pytest.mark.parametrize(
    "name",
    [
        "people_list",
        "outbox",
        "letters_to_post",
        "print_letters",
        "call_list",
        "letter_list",
        "staff_list",
        "person_detail",
    ],
)
def test_list_pages_ask_as_often_for_three_rows_as_for_one(
    name: str, sam: Person, administrator: Person, django_assert_max_num_queries: Any
) -> None:
    reader = administrator if name == "staff_list" else sam
    args = [sam.pk] if name == "person_detail" else []
    counts = []
    for more in (1, 2):
        _many(more, sam)
        client = Client()
        client.force_login(reader)
        with django_assert_max_num_queries(12) as asked:
            assert client.get(reverse(name, args=args)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
