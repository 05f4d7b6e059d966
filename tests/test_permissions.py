"""Who reaches which page: every address is either for everybody or behind the permission table."""

import pytest
from django.test import Client
from django.urls import URLPattern

from accounts.models import Person, Role
from accounts.permissions import MAY, Permission
from tests.test_conventions import our_urls

EVERYBODY = {
    # pages anybody on the internet may read
    "home",
    "health",
    "gallery",
    "who_can_do_what",
    "privacy_notice",
    "accessibility_statement",
    "about_site",
    "glossary",
    "open_rounds",
    "joining_list",
    "joining_detail",
    "joining_paper",
    "ask_to_join",
    "asked_to_join",
    "round_public",
    "is_this_for_you",
    "help_list",
    "awards_public",
    "awards_open_data",
    "awards_open_table",
    "demo_door",
    "ask_for_fewer_letters",  # the address itself is the key, and opens nothing else
    "diary_feed",  # the same: a calendar cannot sign in
    "answer_about_us",  # the code on paper or screen is the key: nobody asks who answers
    "about_us_sent",
    "report_worry",  # whom to ring; the form itself is for whoever is signed in
    # the way in
    "account_login",
    "account_request_login_code",
    "account_email_verification_sent",
    "use_another_email",
}
ANYBODY_SIGNED_IN = {
    # a person's own page, or the way in for somebody new
    "my_details",
    "change_my_details",
    "give_my_name",
    "confirm_it_is_you",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "start_organisation",
    "take_break",
    "come_back",
    "choose_letters",
    "letter_list",
    "letter_detail",
    "kept_work",
    "sign_in_list",
    "end_sign_in",
    "ask_for_help",
    "start_application",
    "round_timeline",
    # their own, or who looks after them: the queryset says
    "ask_forgetting",
    "drop_forgetting",
}


def address(url: URLPattern) -> str:
    """The address with values that lead to nothing: a page must refuse before it looks."""
    route = str(url.pattern)
    for name, converter in url.pattern.converters.items():
        kind = type(converter).__name__
        value = {
            "IntConverter": "999999",
            "UUIDConverter": "00000000-0000-4000-8000-000000000000",
        }.get(kind, "nothing-here")
        route = route.replace(f"<{kind.removesuffix('Converter').lower()}:{name}>", value)
    return f"/{route}"


URLS = {str(url.name): url for url in our_urls()}
BEHIND_THE_TABLE = {name: url for name, url in URLS.items() if hasattr(url.callback, "permissions")}


def test_every_page_is_behind_the_table_or_listed_here() -> None:
    loose = set(URLS) - set(BEHIND_THE_TABLE) - EVERYBODY - ANYBODY_SIGNED_IN
    assert loose == set()


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(BEHIND_THE_TABLE))
def test_an_outsider_finds_no_page(name: str, client: Client, outsider: Person) -> None:
    url = address(BEHIND_THE_TABLE[name])
    assert client.get(url).status_code == 302, "somebody signed out is asked to sign in"
    client.force_login(outsider)
    assert client.get(url).status_code == 404
    assert client.post(url).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ANYBODY_SIGNED_IN & set(URLS)))
def test_somebody_signed_out_is_asked_to_sign_in(name: str, client: Client) -> None:
    answer = client.get(address(URLS[name]))
    assert answer.status_code in (302, 404, 405)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(BEHIND_THE_TABLE))
def test_a_superuser_gets_no_bypass(name: str, client: Client, superuser: Person) -> None:
    client.force_login(superuser)
    url = address(BEHIND_THE_TABLE[name])
    assert client.get(url).status_code == 404
    assert client.post(url).status_code == 404


PANELS_OWN = {
    Permission.TAKE_PART,
    Permission.DECLARE,
    Permission.READ_BIDS,
    Permission.SCORE,
    Permission.VOTE,
    Permission.DECIDE,
}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.VOLUNTEER])
def test_only_volunteers_score_vote_and_decide(role: Role) -> None:
    assert not MAY[role] & PANELS_OWN


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name, url in BEHIND_THE_TABLE.items()
        if set(url.callback.permissions) <= PANELS_OWN  # type: ignore[attr-defined]
    ),
)
def test_a_facilitator_finds_no_page_of_the_panel(name: str, client: Client, sam: Person) -> None:
    client.force_login(sam)
    url = address(BEHIND_THE_TABLE[name])
    assert client.get(url).status_code == 404
    assert client.post(url).status_code == 404
