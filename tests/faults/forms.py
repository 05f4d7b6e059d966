"""Every form that saves while one types, filled in as its own page gives it."""

from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Person
from panels.models import BidDraft, InterviewDraft, ScoreDraft
from tests.factories import applications as bids
from tests.factories import meeting, panels

AUTOSAVE = {"X-Autosave": "1"}


class FormOnPage(HTMLParser):
    """The values of the form that saves by itself, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inside = False
        self.box = ""
        self.address = ""
        self.name = ""
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = "data-autosave" in said
            if self.inside:
                self.address, self.name = said["data-autosave"], said["data-key"]
        elif not self.inside or not said.get("name"):
            return
        elif tag == "textarea":
            self.box = said["name"]
            self.values[self.box] = ""
        elif tag == "input" and (
            said.get("type") not in ("radio", "checkbox") or "checked" in said
        ):
            self.values[said["name"]] = said.get("value", "")
        elif tag == "select":
            self.values.setdefault(said["name"], "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.box = ""
        elif tag == "form":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.box:
            self.values[self.box] += data


@dataclass
class SavingForm:
    """One such form: where it is, whose, the box that is typed in, and what is stored of it."""

    url: str
    person: Person
    box: str
    stored: Callable[[], tuple[str, int]]
    more: dict[str, str]

    def opened(self, client: Client) -> dict[str, str]:
        """Open the page, as one tab does; gives what the form holds."""
        page = client.get(self.url)
        assert page.status_code == 200, page.status_code
        form = FormOnPage(page.content.decode())
        assert form.address.split("?")[0] == self.url
        assert form.name
        values = {name: value for name, value in form.values.items() if "csrf" not in name}
        return {**values, **self.more}

    def save(self, client: Client, values: dict[str, str], words: str, edit: str = "") -> Any:
        """One save by the page's script."""
        typed = {**values, self.box: words, "client_id": edit}
        return client.post(self.url, typed, headers=AUTOSAVE)

    def signed_in(self) -> Client:
        client = Client()
        client.force_login(self.person)
        return client


def _of(model: Any, box: str) -> Callable[[], tuple[str, int]]:
    def stored() -> tuple[str, int]:
        row = model.objects.order_by("pk").first()
        return (getattr(row, box), row.version) if row else ("", 0)

    return stored


def _scoring(
    view: str, box: str, model: Any, column: str, **more: str
) -> Callable[..., SavingForm]:
    def make(joan: Person) -> SavingForm:
        reading = panels.reading_round(joan, bids=1)
        row = reading.assignments(joan)[0]
        panels.actions.start_reading(assignment=row, by=joan, at=panels.timezone.now())
        slug = reading.criteria[0].slug
        place = [row.pk, slug] if view == "score_criterion" else [row.pk]
        typed = box.replace("SLUG", slug)
        facts = {name.replace("SLUG", slug): value for name, value in more.items()}
        return SavingForm(reverse(view, args=place), joan, typed, _of(model, column), facts)

    return make


def _interview(joan: Person) -> SavingForm:
    reading = meeting.invited_round(joan, bids=1)
    bid, panel = reading.bids[0], reading.panel
    question = panel.interview_questions.order_by("order", "pk")[0]
    url = reverse("score_interview", args=[panel.pk, bid.pk, question.pk])
    return SavingForm(url, joan, "reason", _of(InterviewDraft, "reason"), {"score": "3"})


def _bid(view: str, box: str, read: Callable[[Any], tuple[str, int]], **more: str) -> Any:
    def make(joan: Person) -> SavingForm:
        round = bids.make_open_round()
        amina = bids.make_applicant("Amina Yusuf")
        bid = bids.make_draft_bid(round, amina)
        question = round.form_questions.order_by("order")[0]
        place = [bid.pk, question.key] if view == "answer_question" else [bid.pk]

        def stored() -> tuple[str, int]:
            bid.refresh_from_db()
            return read(bid)

        return SavingForm(reverse(view, args=place), amina, box, stored, dict(more))

    return make


def _answer(bid: Any) -> tuple[str, int]:
    row = bid.answers.first()
    return (row.text, row.version) if row else ("", 0)


def _budget(bid: Any) -> tuple[str, int]:
    row = bid.budget_lines.first()
    return (row.item if row else "", bid.version)


FORMS: dict[str, Callable[[Person], SavingForm]] = {
    "score_criterion": _scoring("score_criterion", "reason", ScoreDraft, "reason", score="3"),
    "score_all": _scoring("score_all", "reason_SLUG", ScoreDraft, "reason", score_SLUG="3"),
    "say_why": _scoring("say_why", "why", BidDraft, "why"),
    "read_bid": _scoring("read_bid", "notes", BidDraft, "notes"),
    "score_interview": _interview,
    "answer_question": _bid("answer_question", "text", _answer),
    "change_details": _bid("change_details", "area", lambda bid: (bid.area, bid.version)),
    "change_budget": _bid(
        "change_budget",
        "lines-0-item",
        _budget,
        **{"lines-0-cost": "100", "lines-0-asked": "50"},
    ),
}
