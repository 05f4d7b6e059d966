"""Coming in: with a code from the mail, with a wrong code, and back to where one was going."""

from accounts.models import Person
from tests.journeys.conftest import Newcomer


def test_account_login_with_a_code_from_the_mail(newcomer: Newcomer, joan: Person) -> None:
    reader = newcomer("Joan", "joan@example.org")
    reader.signs_in()
    reader.heading("Hello Joan")
    reader.signs_out()
    reader.sees("Sign in")


def test_account_login_with_a_wrong_code(newcomer: Newcomer, joan: Person) -> None:
    reader = newcomer("Joan", "joan@example.org")
    reader.go("/account/login/")
    reader.fill("Your email", reader.email)
    reader.press("Send me a code")
    reader.fill("The code", "0000-0000")
    reader.press("Sign in", answer=422)
    reader.sees("This is not the code we sent.")
    reader.fill("The code", reader.code().replace("-", " "))
    reader.press("Sign in")
    reader.heading("Hello Joan")


def test_account_login_leads_back_to_where_one_was_going(newcomer: Newcomer, joan: Person) -> None:
    reader = newcomer("Joan", "joan@example.org")
    reader.go("/my/details/")
    reader.heading("Sign in")
    reader.gets_code()
    assert reader.page.url.endswith("/my/details/")


def test_account_login_tells_nobody_who_is_a_member(newcomer: Newcomer, joan: Person) -> None:
    known, unknown = newcomer("Joan", "joan@example.org"), newcomer("Eve", "eve@example.org")
    said = []
    for reader in (known, unknown):
        reader.go("/account/login/")
        reader.fill("Your email", reader.email)
        reader.press("Send me a code")
        said.append(reader.words().replace(reader.email, "…"))
    assert said[0] == said[1]
    assert [message.subject for message in unknown.letters()] == [
        "There is no account with this email"
    ]
