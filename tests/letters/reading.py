"""What every letter must be, asked of one that really went.

A scene is a function called as its letter. It does what writes the letter, and gives back whom the
letter is for: exactly these people get it. `Letters` is the table of an app's scenes, and
`read_through` asks the rest.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Max, QuerySet
from django.urls import resolve
from django.utils import timezone

from accounts.models import Person
from commissioning.plainwords import AIM, grade, look_over
from decisions.models import OutcomeLetter
from decisions.tasks import ask_who_is_owed
from ledger import clock
from ledger.models import Letter
from tests.conftest import Cast
from tests.test_paper import as_

TEMPLATES = Path(__file__).parents[2] / "templates" / "letters"
LONGEST_SUBJECT = 90
"""Letters in a subject: more is cut off in a list of letters, on a phone after the first 40."""

ANYBODYS = {
    # Pages that anybody may open, or that show each person only what is their own.
    "account_login",
    "ask_for_fewer_letters",
    "help_list",
    "home",
    "letter_list",
    "my_applications",
    "who_can_do_what",
}
ADDRESS = re.compile(r"https?://[^\s<>\"]+")
LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|\bNone\b(?! goes)|&\w+;|&#|<\w+|%\(|“”|\( ?\)|\[\]")
GAP = re.compile(r" [.,:;?!](\s|$)|\S  +\S|\n\s*\n\s*\n")
A_SCORE = re.compile(r"\b\d out of \d\b|\bscored? (it )?\d|\baverage\b|\bin total\b", re.IGNORECASE)
RING_INSTEAD = "Ring us, and we will do it with you"
NOTHING_TO_DO = re.compile(
    r"nothing (else |more )?(for )?you (need )?to do|ring (us|them)", re.IGNORECASE
)

Build = Callable[[Cast], Any]
Happens = Callable[[Any, Cast], "Person | Iterable[Person] | None"]


def nothing(cast: Cast) -> None:
    """What a scene begins from when it needs nobody's round."""


@dataclass(frozen=True)
class Scene:
    """How one letter comes to be written, and what it must say."""

    name: str
    happens: Happens
    begins: Build
    about: str
    """A piece of the subject: what it is about."""
    says: str
    """The sentence without which the letter's purpose would be lost."""
    leads: frozenset[str]
    """The pages it leads to, by name; without one there is nothing to do, or somebody to ring."""
    words: tuple[str, ...]
    """What people wrote themselves; it must all be there, and is not ours to make plain."""
    hides: tuple[str, ...]
    """What must not be in it."""
    own_scores: bool

    @property
    def letter(self) -> str:
        """Its folder: a second scene of the same letter adds `__` and a word to its name."""
        return self.name.split("__")[0]

    @property
    def kind(self) -> str:
        """As the letter is called once it is written."""
        return "outcome_letter" if self.letter.startswith("outcome_") else self.letter


class Letters(dict[str, Scene]):
    """The scenes of an app, by letter."""

    def scene(
        self,
        about: str,
        says: str,
        *,
        leads: Iterable[str] = (),
        words: Iterable[str] = (),
        hides: Iterable[str] = (),
        begins: Build = nothing,
        own_scores: bool = False,
    ) -> Callable[[Happens], Happens]:
        def add(happens: Happens) -> Happens:
            name = happens.__name__
            assert name not in self, f"two scenes of {name}"
            self[name] = Scene(
                name,
                happens,
                begins,
                about,
                says,
                frozenset(leads),
                tuple(words),
                tuple(hides),
                own_scores,
            )
            return happens

        return add

    def begun(self, cast: Cast) -> dict[Build, Any]:
        """What the scenes begin from, each built a single time."""
        return {build: build(cast) for build in dict.fromkeys(row.begins for row in self.values())}


def ask_each_day(at: datetime) -> None:
    """The question of the day, who is owed a letter, asked on that day."""
    on = timezone.localdate(at)
    with patch.object(clock, "now", lambda: at), patch.object(clock, "today", lambda: on):
        ask_who_is_owed()


def read_through(scene: Scene, begun: dict[Build, Any]) -> list[Letter]:
    """Let it happen, and read every letter of the kind that was written by it."""
    cast = Cast()
    newest = Letter.objects.aggregate(pk=Max("pk"))["pk"] or 0
    for_whom = scene.happens(deepcopy(begun[scene.begins]), cast)
    readers = [for_whom] if for_whom is None or isinstance(for_whom, Person) else list(for_whom)
    letters = list(written(scene).filter(pk__gt=newest).select_related("to").order_by("pk"))
    assert letters, "nothing was written"
    assert Counter(letter.to for letter in letters) == Counter(readers), "not whom it is for"
    for letter in letters:
        looks_right(scene, letter)
        says_the_same_twice(letter)
        leads_where_it_says(scene, letter, cast)
        is_in_plain_words(scene, letter)
        keeps_what_is_secret(scene, letter)
    return letters


def written(scene: Scene) -> QuerySet[Letter]:
    """The letters of this name. Those to the groups of a decision are all of one kind."""
    if scene.kind != "outcome_letter":
        return Letter.objects.filter(kind=scene.kind)
    made = OutcomeLetter.objects.filter(kind=scene.letter.removeprefix("outcome_"))
    return Letter.objects.filter(pk__in=made.values("letter"))


def looks_right(scene: Scene, letter: Letter) -> None:
    subject, text = letter.subject, letter.body_text
    assert "\n" not in subject and subject == subject.strip()
    assert 10 <= len(subject) <= LONGEST_SUBJECT, f"{len(subject)}: {subject}"
    assert scene.about in subject, subject
    for words in (subject, text):
        assert not (found := LEFT_OVER.search(words)), f"left over: {around(words, found)}"
        assert not (found := GAP.search(words)), f"a gap: {around(words, found)}"
    greeting = text.splitlines()[0]
    assert re.fullmatch(r"Dear \w.*,", greeting), greeting
    if letter.to and not scene.kind.startswith("outcome"):
        assert greeting in (f"Dear {letter.to.get_short_name()},", f"Dear {letter.to.name},")
    assert squashed(scene.says) in squashed(text), f"{scene.says!r} is not in:\n{text}"
    for words in scene.words:
        assert squashed(words) in squashed(text), f"{words!r} is not in:\n{text}"


def says_the_same_twice(letter: Letter) -> None:
    """The plain text and the HTML say the same words and lead to the same places."""
    folder = TEMPLATES / letter.kind
    assert bool(letter.body_html) == (folder / "body.html").exists()
    if not letter.body_html:
        return  # sent in plain words only
    assert words_of(letter.body_text) == words_of(shown(letter.body_html))
    linked = {unescape(href) for href in re.findall(r'href="([^"]+)"', letter.body_html)}
    assert linked == set(addresses_in(letter.body_text))


def leads_where_it_says(scene: Scene, letter: Letter, cast: Cast) -> None:
    ours = [url for url in addresses_in(letter.body_text) if url.startswith(settings.BASE_URL)]
    paths = [urlsplit(url).path for url in ours if url != settings.BASE_URL]
    names = {resolve(path).url_name or "" for path in paths}
    assert names == scene.leads, letter.body_text
    if not names:
        own = letter.body_text.replace(RING_INSTEAD, "")
        kept = letter.subject.startswith("Keep this:")
        assert kept or NOTHING_TO_DO.search(own), f"neither a way nor rest:\n{own}"
    for path in paths:
        name = resolve(path).url_name
        if letter.to and letter.to.sign_in_email and name != "account_login":
            answer = as_(letter.to).get(path, follow=True)
            assert answer.status_code == 200, f"{letter.to} does not get to {path}"
        if name not in ANYBODYS:
            answer = as_(cast.outsider).get(path)
            assert answer.status_code in (403, 404), f"an outsider gets to {path}"


def is_in_plain_words(scene: Scene, letter: Letter) -> None:
    """As the pages are measured: our own words, without names and what people wrote."""
    text = squashed_lines(letter.body_text)
    for theirs in sorted((*scene.words, letter.to_name), key=len, reverse=True):
        text = text.replace(squashed(theirs), "")
    text = ADDRESS.sub("", re.sub(r"“[^”]*”", "it", text))
    hard = grade(text)
    assert hard is None or hard <= AIM, f"reads at grade {hard:.1f}:\n{text}"
    said = [(row.fault.name, row.text) for row in look_over(text)]
    assert said == [], text


def keeps_what_is_secret(scene: Scene, letter: Letter) -> None:
    everywhere = f"{letter.subject}\n{letter.body_text}\n{letter.body_html}"
    for secret in scene.hides:
        assert secret not in everywhere, f"tells {secret!r}"
    if not scene.own_scores:
        assert not (found := A_SCORE.search(letter.body_text)), around(letter.body_text, found)


# ---- Small helps ------------------------------------------------------------------------------
def around(text: str, found: re.Match[str]) -> str:
    return repr(text[max(0, found.start() - 40) : found.end() + 40])


def squashed(text: str) -> str:
    return " ".join(text.split())


def squashed_lines(text: str) -> str:
    """Without the first line, which greets. A line of a letter is a paragraph, or one fact."""
    return "\n".join(squashed(line) for line in text.splitlines()[1:] if line.strip())


def addresses_in(text: str) -> list[str]:
    return [found.rstrip(".,") for found in ADDRESS.findall(text)]


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", ADDRESS.sub(" ", text))


def shown(html: str) -> str:
    """What a mail program shows of a letter, without the name of the site above it."""
    body = re.sub(r"<head>.*?</head>|<p class=\"head\">.*?</p>", " ", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", body))
