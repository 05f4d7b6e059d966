"""The scenes and the folders of letters are the same, and each question a letter is asked can be
answered with no."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import escape

import pytest
from django.conf import settings
from django.urls import Resolver404
from django.utils import timezone

from accounts.actions import give_role
from accounts.models import Person, Role
from ledger.models import Letter
from tests.conftest import Cast
from tests.factories.commissioning import join, make_round
from tests.letters import (
    reading,
    test_accounts,
    test_answers,
    test_applications,
    test_commissioning,
    test_decisions,
    test_panels,
    test_support,
)

APPS = (
    test_accounts,
    test_answers,
    test_applications,
    test_commissioning,
    test_decisions,
    test_panels,
    test_support,
)
ONE_SHEET = {"outcome_letter"}
"""No letter of its own: what the six `outcome_` letters look like in a mail program."""
IN_PLAIN_WORDS = {"encouragement"}
"""A few words from one person to another: it is sent without a sheet of HTML."""


def test_each_letter_has_its_scene() -> None:
    folders = {path.name for path in reading.TEMPLATES.iterdir() if path.is_dir()}
    scenes = [scene.letter for app in APPS for scene in app.LETTERS.values()]
    assert set(scenes) == folders - ONE_SHEET
    assert len({name for app in APPS for name in app.LETTERS}) == sum(
        len(app.LETTERS) for app in APPS
    )


def test_each_letter_is_three_files() -> None:
    def files(folder: str) -> set[str]:
        return {path.name for path in (reading.TEMPLATES / folder).iterdir()}

    all_three = {"subject.txt", "body.txt", "body.html"}
    for app in APPS:
        for scene in app.LETTERS.values():
            plain = scene.kind == "outcome_letter" or scene.letter in IN_PLAIN_WORDS
            assert files(scene.letter) == all_three - ({"body.html"} if plain else set())


# ---- Each question can be answered with no ----------------------------------------------------
SCENE = reading.Scene(
    name="stage_opened",
    happens=lambda begun, cast: None,
    begins=reading.nothing,
    about="“Reading” is open",
    says="Read when it suits you.",
    leads=frozenset({"my_bids"}),
    words=("I like tea.",),
    hides=("her stroke",),
    own_scores=False,
)
TEXT = f"""Dear Joan,

Read when it suits you. You wrote:

I like tea.

Your bids are here:
{settings.BASE_URL}/my/reading/

Need a hand? Ring us.
"""


def a_letter(to: Person, *, subject: str = "“Reading” is open", text: str = TEXT) -> Letter:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())
    html = reading.ADDRESS.sub(r'<a href="\g<0>">\g<0></a>', paragraphs)
    return Letter(
        kind="stage_opened",
        subject=subject,
        body_text=text,
        body_html=html,
        to=to,
        to_name=to.name,
    )


def read(letter: Letter, scene: reading.Scene = SCENE) -> None:
    reading.looks_right(scene, letter)
    reading.says_the_same_twice(letter)
    reading.leads_where_it_says(scene, letter, Cast())
    reading.is_in_plain_words(scene, letter)
    reading.keeps_what_is_secret(scene, letter)


@pytest.fixture
def reader(joan: Person, sam: Person) -> Person:
    join(make_round(by=sam), joan, by=sam)
    return joan


@pytest.mark.django_db
def test_a_good_letter_is_let_through(reader: Person) -> None:
    read(a_letter(reader))


SPOILED = {
    "another greeting": ("Dear Joan,", "Dear Harold,", "Dear Harold"),
    "an empty greeting": ("Dear Joan,", "Dear ,", "a gap"),
    "a marker left over": ("I like tea.", "I like tea. {{ name }}", "left over"),
    "nothing where a name should be": ("I like tea.", "I like tea. None said so.", "left over"),
    "an apostrophe as HTML": ("I like tea.", "I like tea. It&#x27;s hot.", "left over"),
    "an ampersand as HTML": ("I like tea.", "I like tea &amp; talk. I like tea.", "left over"),
    "a gap": ("it suits you.", "it suits you .", "a gap"),
    "two spaces": ("it suits you.", "it suits you.  Or not.", "a gap"),
    "what it is for is lost": ("when it suits you", "when it suits us", "is not in"),
    "what somebody wrote is lost": ("I like tea.", "Tea.", "is not in"),
    "another page": ("/my/reading/", "/my/bids/", "my_applications"),
    "no page": (f"{settings.BASE_URL}/my/reading/", "On the shelf.", "my_bids"),
    "a hard word": ("Your bids are here", "Please utilise your bids here", "HARD_WORD"),
    "a short form": ("Your bids are here", "Your ABCD bids are here", "ACRONYM"),
    "a long sentence": ("Your bids are here", f"Here{' and there' * 14}", "LONG_SENTENCE"),
    "a secret": ("I like tea.", "I like tea. Since her stroke she sits.", "tells"),
    "a score": ("I like tea.", "I like tea. The bid has 3 out of 5.", "3 out of 5"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("spoiled", SPOILED)
def test_a_spoiled_letter_is_not(spoiled: str, reader: Person) -> None:
    old, new, why = SPOILED[spoiled]
    assert old in TEXT
    with pytest.raises(AssertionError, match=why):
        read(a_letter(reader, text=TEXT.replace(old, new)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("subject", "why"),
    [
        (f"“Reading” is open: {'and open, ' * 8}", "98: "),
        ("“Reading” {{ is }} open: “Reading” is open", "left over"),
        ("See what you can do now", "See what you can do now"),
    ],
)
def test_a_spoiled_subject_is_not(subject: str, why: str, reader: Person) -> None:
    with pytest.raises(AssertionError, match=re.escape(why)):
        read(a_letter(reader, subject=subject.strip()))


@pytest.mark.django_db
def test_a_page_that_is_not_there_is_not_let_through(reader: Person) -> None:
    with pytest.raises(Resolver404):
        read(a_letter(reader, text=TEXT.replace("/my/reading/", "/my/reading/9/nowhere/")))


@pytest.mark.django_db
def test_a_page_that_outsiders_get_to_is_not_let_through(reader: Person) -> None:
    scene = replace(SCENE, leads=frozenset({"about_site"}))
    with pytest.raises(AssertionError, match="an outsider gets to /about/"):
        read(a_letter(reader, text=TEXT.replace("/my/reading/", "/about/")), scene)


@pytest.mark.django_db
@pytest.mark.parametrize("lost", ["I like tea.", 'href="', "Your bids"])
def test_html_that_lacks_something_is_not_let_through(lost: str, reader: Person) -> None:
    letter = a_letter(reader)
    letter.body_html = letter.body_html.replace(lost, 'title="' if "=" in lost else "")
    with pytest.raises(AssertionError):
        read(letter)


@pytest.mark.django_db
def test_a_page_the_reader_cannot_open_is_not_let_through(outsider: Person) -> None:
    text = TEXT.replace("Dear Joan", "Dear Olive")
    with pytest.raises(AssertionError, match="does not get to"):
        read(a_letter(outsider, text=text))


@pytest.mark.django_db
@pytest.mark.parametrize("for_whom", [lambda cast: cast.harold, lambda cast: [cast.joan] * 2])
def test_a_letter_to_others_is_not_let_through(
    for_whom: Callable[[Cast], Person], reader: Person, sam: Person
) -> None:
    def role_given(begun: None, cast: Cast) -> Person:
        give_role(person=cast.outsider, role=Role.VOLUNTEER, by=sam, at=timezone.now())
        return for_whom(cast)

    table = reading.Letters()
    table.scene("role", "You have a new role")(role_given)
    with pytest.raises(AssertionError, match="not whom it is for"):
        reading.read_through(table["role_given"], {reading.nothing: None})


@pytest.mark.django_db
def test_a_scene_in_which_nothing_is_written_is_not_let_through(db: None) -> None:
    def role_given(begun: None, cast: Cast) -> Person:
        return cast.outsider

    table = reading.Letters()
    table.scene("role", "You have a new role")(role_given)
    with pytest.raises(AssertionError, match="nothing was written"):
        reading.read_through(table["role_given"], {reading.nothing: None})
