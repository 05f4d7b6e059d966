"""A person at their own browser. They find things by the words on the page, as people do.

Every step checks what the eye might miss: a page that broke, a script or style that was blocked,
a form that came back with mistakes. When a step fails, the message says who, where, and what the
page said.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from django.core import mail
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Download,
    Error,
    Locator,
    Page,
    Response,
    expect,
)

from accounts.models import Person
from tests.faults.webserver import session_of

PATIENCE_MS = 20_000
# How wide and high a small phone is, in CSS pixels.
PHONE = {"width": 360, "height": 740}
CODE = re.compile(r"\b\d{4}-\d{4}\b")
LINK = re.compile(r"https?://[^\s<>]+")
# The browser says so in its console for every answer of 400 and more. We look at answers ourselves.
ECHO = "Failed to load resource"


def squash(text: str) -> str:
    """A text with its spaces and line ends made one, as a browser shows it."""
    return " ".join(text.split())


def _begins(label: str) -> re.Pattern[str]:
    """A name that is these words, perhaps with hidden words for those who hear the page."""
    return re.compile(rf"^{_loosely(label)}( ?:? .+)?$")


def _loosely(label: str) -> str:
    """The words as a pattern. A browser may put a space before hidden words and their colon."""
    return re.escape(label).replace(r":\ ", r" ?:\ ")


class Reader:
    """One person, one browser of their own, one page open."""

    def __init__(
        self,
        browser: Browser,
        site: str,
        name: str,
        email: str = "",
        *,
        javascript: bool = True,
        phone: bool = False,
    ) -> None:
        self.name, self.email, self.site, self.phone = name, email, site, phone
        self.context = browser.new_context(
            base_url=site,
            locale="en-GB",
            timezone_id="Europe/London",
            java_script_enabled=javascript,
            **({"viewport": PHONE, "is_mobile": True, "has_touch": True} if phone else {}),
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.status = 0
        self.context.on("response", self._heard_answer)
        self.context.on("console", self._heard_console)
        self.context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def leaves(self) -> None:
        """Close the browser; what went wrong unseen comes out now."""
        # An answer still on its way when the browser closes can no longer be asked about.
        self.context.remove_listener("response", self._heard_answer)
        self.context.close()
        assert not self.faults, f"{self.name}: {self.faults}"

    # ---- Listening --------------------------------------------------------------------------
    def _heard_answer(self, response: Response) -> None:
        page = response.request.is_navigation_request()
        # Half a row of costs cannot be kept yet: the page says so, and the button will say why.
        half = response.status == 422 and "x-autosave" in response.request.headers
        if response.status >= 500 or (response.status >= 400 and not page and not half):
            self.faults.append(f"{response.status} {response.request.method} {response.url}")

    def _heard_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(ECHO):
            self.faults.append(f"console: {message.text} ({self.page.url})")

    def forgives(self, *statuses: int) -> None:
        """Forget answers that the story itself brought about; anything else is a fault still."""
        wanted = tuple(map(str, statuses))
        self.faults[:] = [fault for fault in self.faults if not fault.startswith(wanted)]

    # ---- Saying what went wrong -------------------------------------------------------------
    def words(self) -> str:
        """All the words of the page, as they are seen."""
        return squash(self.page.locator("body").inner_text())

    def fails(self, wanted: str) -> NoReturn:
        """Fail, saying who wanted what, where they were, and what stood there."""
        __tracebackhide__ = True
        main = self.page.locator("main")
        shown = (main if main.count() else self.page.locator("body")).first.inner_text()
        raise AssertionError(
            f"{self.name} {wanted}\nat {self.page.url} (answer {self.status})\n"
            f"faults: {self.faults}\n--- the page said ---\n{shown[:3000]}"
        ) from None

    # ---- Moving -----------------------------------------------------------------------------
    def _moves(self, act: Callable[[], Any], what: str, answer: int) -> None:
        __tracebackhide__ = True
        try:
            with self.page.expect_navigation(wait_until="domcontentloaded") as coming:
                act()
        except Error as error:
            self.fails(f"{what}, and no new page came: {error.message.splitlines()[0]}")
        came = coming.value
        self.status = came.status if came else 0
        if self.status != answer or self.faults:
            self.fails(f"{what}, and the answer should have been {answer}")
        if self.phone:
            self._fits_the_glass(what)

    def _fits_the_glass(self, what: str) -> None:
        """No page makes a phone move sideways. Before its styles have come, any page might."""
        __tracebackhide__ = True
        self.page.wait_for_load_state("load")
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > PHONE["width"]:
            self.fails(f"{what}, and the page is {wide} wide")

    def go(self, address: str, *, answer: int = 200) -> None:
        """Type an address, or open a link from a letter."""
        __tracebackhide__ = True
        self._moves(
            lambda: self.page.goto(address, wait_until="domcontentloaded"),
            f"went to {address}",
            answer,
        )

    def go_home(self) -> None:
        """Back to one's own start page."""
        __tracebackhide__ = True
        self.go("/")

    def follow(self, label: str, *, beside: str = "", answer: int = 200) -> None:
        """Follow a link in the page by its words; `beside` names something in the same row."""
        __tracebackhide__ = True
        link = self.finds("link", label, beside=beside)
        self._moves(link.click, f"followed “{label}”", answer)

    def go_back(self) -> None:
        """The browser's own way back."""
        __tracebackhide__ = True
        self._moves(self.page.go_back, "went back", 200)

    def menu(self, label: str) -> None:
        """Follow a link of the menu at the top."""
        __tracebackhide__ = True
        self.go_home() if not self.page.get_by_role("navigation").count() else None
        link = self.page.get_by_role("navigation").get_by_role("link", name=label, exact=True)
        self._moves(link.click, f"chose “{label}” in the menu", 200)

    def press(self, label: str, *, beside: str = "", answer: int = 200) -> None:
        """Press a button by its words, and see the page it leads to."""
        __tracebackhide__ = True
        button = self.finds("button", label, beside=beside)
        self._moves(button.click, f"pressed “{label}”", answer)

    def press_or_follow(self, label: str) -> None:
        """Take the one way on that has these words, be it a link or a button."""
        __tracebackhide__ = True
        either = self._called("link", label).or_(self._called("button", label))
        self._moves(self._only(either, f"“{label}”").click, f"took “{label}”", 200)

    def offers(self, label: str) -> bool:
        """Whether the page has a link or button with these words."""
        return bool(self._called("link", label).or_(self._called("button", label)).count())

    def follow_row(self, words: str) -> None:
        """Follow the one link in the row of a table or list that holds these words."""
        __tracebackhide__ = True
        rows = self._row(words).filter(has=self.page.get_by_role("link"))
        link = rows.last.get_by_role("link")
        self._moves(self._only(link, f"a link beside “{words}”").click, f"went to “{words}”", 200)

    def follow_first(self, label: str) -> None:
        """Follow the first of several links with these words."""
        __tracebackhide__ = True
        self._moves(self._called("link", label).first.click, f"followed the first “{label}”", 200)

    def unfolds(self, label: str) -> None:
        """Open the first part of the page that is folded away under these words."""
        self.page.locator("main summary").filter(has_text=label).first.click()

    def downloads(self, label: str, folder: Path, *, beside: str = "") -> Path:
        """Press or follow something that gives a file; gives where it was put."""
        __tracebackhide__ = True
        within = self._row(beside) if beside else self.page.locator("main")
        either = self._called("link", label, within).or_(self._called("button", label, within))
        control = self._only(either, f"“{label}”")
        with self.page.expect_download() as coming:
            control.click()
        download: Download = coming.value
        path = folder / download.suggested_filename
        download.save_as(path)
        return path

    def opens_file(self, label: str) -> Response:
        """Fetch what a link leads to as this person would, without leaving the page."""
        address = self.finds("link", label).get_attribute("href") or ""
        return self.fetches(address)

    def fetches(self, address: str) -> Any:
        """Ask for an address with this person's cookies; gives the answer."""
        return self.context.request.get(address)

    def is_refused(self, address: str, *, answer: int = 404, because: str = "") -> None:
        """The address is not for this person: not found, or one sentence that says why not."""
        __tracebackhide__ = True
        self.go(address, answer=answer)
        if because:
            self.sees(because)

    # ---- Finding ----------------------------------------------------------------------------
    def _called(self, role: Any, label: str, within: Locator | None = None) -> Locator:
        """What has exactly these words; where nothing has, what begins with them."""
        scope = within or self.page.locator("main")
        exactly = scope.get_by_role(role, name=re.compile(f"^{_loosely(label)}$"))
        return exactly if exactly.count() else scope.get_by_role(role, name=_begins(label))

    def _row(self, beside: str) -> Locator:
        """The smallest row, item or part of the page that holds these words."""
        return (
            self.page.locator("main")
            .locator("tr, li, p, fieldset, section, article, form, div, dd")
            .filter(has_text=beside)
        )

    def _only(self, found: Locator, what: str) -> Locator:
        __tracebackhide__ = True
        try:
            found.first.wait_for(timeout=PATIENCE_MS / 4)
        except Error:
            self.fails(f"looked for {what} and did not find it")
        if found.count() > 1:
            self.fails(f"looked for {what} and found {found.count()}")
        return found

    def finds(self, role: Any, label: str, *, beside: str = "", within: str = "") -> Locator:
        """The one thing of this kind with these words on the page."""
        __tracebackhide__ = True
        if beside:
            rows = self._row(beside).filter(has=self.page.get_by_role(role, name=_begins(label)))
            if not rows.count():
                self.fails(f"looked for the {role} “{label}” beside “{beside}”")
            # Inner parts stand after the outer ones, so the last is the smallest.
            found = self._called(role, label, rows.last)
            return self._only(found, f"the {role} “{label}” beside “{beside}”")
        scope = self._group(within) if within else None
        return self._only(self._called(role, label, scope), f"{role} “{label}”")

    def _group(self, legend: str) -> Locator:
        """The boxes that belong to one question or one row."""
        __tracebackhide__ = True
        groups = self.page.locator("main").get_by_role(
            "group", name=re.compile(rf"^{re.escape(legend)}")
        )
        return self._only(groups, f"the question “{legend}”")

    # ---- Filling in -------------------------------------------------------------------------
    def fill(self, label: str, text: object, *, within: str = "") -> None:
        """Type into the box with this label; `within` names the question it belongs to."""
        __tracebackhide__ = True
        scope = self._group(within) if within else self.page.locator("main")
        named = re.compile(rf"^{re.escape(label)}( \(optional\))?$")
        box = self._only(scope.get_by_role("textbox", name=named), f"the box “{label}”")
        box.fill(str(text))

    def writes(self, text: str) -> None:
        """Type into the one box there is."""
        __tracebackhide__ = True
        boxes = self.page.locator("main").get_by_role("textbox")
        self._only(boxes, "the box to write in").fill(text)

    def writes_under(self, label: str, text: str) -> None:
        """Type into the box whose label begins with these words."""
        __tracebackhide__ = True
        named = re.compile(rf"^{re.escape(label)}")
        box = self.page.locator("main").get_by_role("textbox", name=named)
        self._only(box, f"the box “{label}…”").fill(text)

    def fill_day(self, question: str, day: Any) -> None:
        """Type a day into its three boxes."""
        __tracebackhide__ = True
        for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            self.fill(label, number, within=question)

    def choose(self, answer: str, *, of: str = "") -> None:
        """Choose one answer; `of` names the question where the page has several."""
        __tracebackhide__ = True
        self._mark("radio", answer, of)

    def questions(self) -> list[str]:
        """What the questions with several answers ask, in order."""
        return [squash(words) for words in self.page.locator("main legend").all_inner_texts()]

    def chooses_the_first_of_each(self) -> None:
        """Choose the first answer of every question on the page."""
        for question in self.page.locator("main").get_by_role("group").all():
            question.get_by_role("radio").first.check()

    def tick(self, label: str, *, of: str = "", beside: str = "") -> None:
        """Tick a box; `beside` names something in the same row."""
        __tracebackhide__ = True
        if beside:
            self.finds("checkbox", label, beside=beside).check()
        else:
            self._mark("checkbox", label, of)

    def _mark(self, role: Any, label: str, group: str) -> None:
        __tracebackhide__ = True
        scope = self._group(group) if group else self.page.locator("main")
        # A choice may have a sentence under it, which is part of its name.
        choice = scope.get_by_role(role, name=re.compile(rf"^{re.escape(label)}"))
        self._only(choice, f"the choice “{label}”").check()

    def select(self, label: str, option: str) -> None:
        """Choose from a list that opens."""
        __tracebackhide__ = True
        box = self.page.locator("main").get_by_role(
            "combobox", name=re.compile(rf"^{re.escape(label)}")
        )
        self._only(box, f"the list “{label}”").select_option(label=option)

    def attach(self, label: str, path: Path) -> None:
        """Choose a file from the computer."""
        self.page.get_by_label(label).set_input_files(path)

    # ---- Reading ----------------------------------------------------------------------------
    def sees(self, *texts: str) -> None:
        """These words stand on the page."""
        __tracebackhide__ = True
        words = self.words()
        missing = [text for text in texts if squash(text) not in words]
        if missing:
            self.fails(f"looked for the words {missing}")

    def does_not_see(self, *texts: str) -> None:
        """These words stand nowhere on the page."""
        __tracebackhide__ = True
        words = self.words()
        there = [text for text in texts if squash(text) in words]
        if there:
            self.fails(f"should not have seen {there}")

    def waits_for(self, text: str) -> None:
        """These words come by themselves: for what a script writes after a while."""
        expect(self.page.locator("main")).to_contain_text(text, timeout=PATIENCE_MS)

    def finds_written(self, label: str, text: str) -> None:
        """The box with this label holds these words."""
        box = self.page.locator("main").get_by_role("textbox", name=_begins(label))
        expect(box).to_have_value(text, timeout=PATIENCE_MS)

    def heading(self, text: str) -> None:
        """The page's one heading begins with these words."""
        __tracebackhide__ = True
        if not squash(self.page.locator("h1").inner_text()).startswith(text):
            self.fails(f"looked for the heading “{text}”")

    # ---- Letters and signing in -------------------------------------------------------------
    def letters(self) -> list[Any]:
        """The emails that came to this person, oldest first."""
        return [message for message in mail.outbox if self.email in message.to]

    def subjects(self) -> list[str]:
        """What their emails are about, oldest first."""
        return [message.subject for message in self.letters()]

    def letter(self, subject: str) -> Any:
        """The newest email with these words in its subject."""
        __tracebackhide__ = True
        found = [message for message in self.letters() if subject in message.subject]
        if not found:
            raise AssertionError(f"{self.name} had no letter “{subject}”, only {self.subjects()}")
        return found[-1]

    def opens_letter(self, subject: str) -> None:
        """Read the newest letter with these words in its subject, and go where it leads."""
        __tracebackhide__ = True
        links = LINK.findall(self.letter(subject).body)
        assert links, f"The letter “{subject}” leads nowhere."
        self.go(links[0])

    def code(self) -> str:
        """The newest code that came by email."""
        found = [CODE.search(f"{message.subject} {message.body}") for message in self.letters()]
        return [match.group() for match in found if match][-1]

    def signs_in(self) -> None:
        """Sign in from the front page with a code read from the mail."""
        __tracebackhide__ = True
        self.go("/")
        self.follow("Sign in")
        self.gets_code()

    def is_signed_in_as(self, person: Person) -> None:
        """Signed in already, without the way there: that is tried elsewhere."""
        session = session_of(person)
        self.context.add_cookies([{"name": "sessionid", "value": session, "url": self.site}])

    def gets_code(self) -> None:
        """On the sign-in page: type one's email, read the mail, type the code."""
        __tracebackhide__ = True
        self.fill("Your email", self.email)
        self.press("Send me a code")
        self.fill("The code", self.code())
        self.press("Sign in")

    def signs_out(self) -> None:
        """Leave by the button at the top of every page."""
        button = self.page.get_by_role("banner").get_by_role("button", name="Sign out")
        self._moves(button.click, "signed out", 200)

    def shows_who_they_are(self) -> None:
        """Type one more code before something that matters, when the page asks for it."""
        __tracebackhide__ = True
        if "/account/confirm/" in self.page.url:
            self.press("Send me a code")
            self.fill("The code", self.code())
            self.press("Go on")
