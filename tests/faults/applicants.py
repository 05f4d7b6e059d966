"""Many applicants in the last minutes before the deadline: all write, and some of them send."""

import html
import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from django.db import transaction
from django.db.models.base import ModelState
from django.urls import reverse

from accounts.models import Person, RoleHolding
from applications import content
from applications.models import Answer, Application, Colleague, FormQuestion, Organisation
from commissioning.models import Round
from ledger.models import Entry, Letter
from tests.factories.applications import fill, make_draft_bid, make_open_round
from tests.faults.webserver import BROKEN, Site, Visitor, session_of

SHOWN = 32
"""How many signs of a mark a receipt shows."""
_edits = count(1)


@dataclass
class Applicant:
    """Somebody with a bid in hand, who writes under one question after another."""

    bid: int
    reference: str
    session: str
    keys: Sequence[str]
    versions: dict[str, int]
    last: dict[str, str]
    saves: list[float] = field(default_factory=list)
    sends: list[float] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    receipt: str = ""

    def address(self, key: str) -> str:
        """The page of one question."""
        return reverse("answer_question", args=[self.bid, key])

    def works(self, site: Site, start: float, plan: Sequence[tuple[float, str]]) -> None:
        """Each thing at its second of the plan; whoever still waits for an answer comes later."""
        for due, what in plan:
            time.sleep(max(0.0, start + due - time.monotonic()))
            with Visitor(site, self.session) as visitor:
                if what == "send":
                    self.sends_it(visitor)
                else:
                    self.saves_one(visitor, what)

    def saves_one(self, visitor: Visitor, key: str) -> None:
        """One autosave, as the page's script sends it."""
        words = f"We asked {next(_edits)} neighbours, and {self.reference} is what they want."
        began = time.monotonic()
        fields = {"text": words, "version": self.versions[key]}
        status, body = tried(lambda: visitor.post(self.address(key), fields))
        self.saves.append(time.monotonic() - began)
        if status == 200:
            self.versions[key], self.last[key] = json.loads(body)["version"], words
        else:
            self.wrong.append((status, body[:500]))

    def sends_it(self, visitor: Visitor) -> None:
        """The page to check the answers, the button, and the receipt that it leads to."""
        check = reverse("check_application", args=[self.bid])
        steps = (
            (200, lambda: visitor.get(check)),
            (302, lambda: visitor.post(check, {"declared": "on"}, by_itself=False)),
            (200, lambda: visitor.get(reverse("application_sent", args=[self.bid]))),
        )
        self.receipt, self.sent = self.takes(steps), dict(self.last)

    def takes(self, steps: Iterable[tuple[int, Callable[[], tuple[int, str]]]]) -> str:
        """These steps one after the other, each with the status it should have; the last page."""
        body = ""
        for wanted, step in steps:
            began = time.monotonic()
            status, body = tried(step)
            self.sends.append(time.monotonic() - began)
            if status != wanted:
                self.wrong.append((status, body[:500]))
        return body


@dataclass
class Rush:
    """All of them, and the round they bid in."""

    round: Round
    applicants: list[Applicant]

    def work(
        self, site: Site, *, seconds: float, every: float, senders: int, seed: int = 1
    ) -> float:
        """All write for so long, each so many seconds apart; so many send. Gives how long it took.

        Nobody keeps step with anybody else: each begins and sends at a moment of their own.
        """
        dice, plans = Random(seed), []
        for number, one in enumerate(self.applicants):
            first = dice.random() * every
            moments = [first + turn * every for turn in range(int((seconds - first) // every) + 1)]
            plan = [(due, dice.choice(one.keys)) for due in moments]
            if number < senders:
                plan.append((dice.random() * seconds, "send"))
            plans.append(sorted(plan))
        with ThreadPoolExecutor(len(self.applicants)) as threads:
            start = time.monotonic() + 1
            done = [
                threads.submit(one.works, site, start, plan)
                for one, plan in zip(self.applicants, plans, strict=True)
            ]
        for row in done:
            row.result()
        return time.monotonic() - start

    @property
    def senders(self) -> list[Applicant]:
        return [one for one in self.applicants if one.receipt]

    @property
    def wrong(self) -> list[tuple[int, str]]:
        return [answer for one in self.applicants for answer in one.wrong]

    @property
    def saves(self) -> list[float]:
        return [second for one in self.applicants for second in one.saves]

    @property
    def sends(self) -> list[float]:
        return [second for one in self.applicants for second in one.sends]


def tried(step: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    """What was answered; 0 and why where no answer came."""
    try:
        return step()
    except BROKEN as broken:
        return 0, repr(broken)


def p95(seconds: Sequence[float]) -> float:
    """What 95 in a hundred stayed under."""
    return sorted(seconds)[int(len(seconds) * 0.95)]


def make_rush(people: int) -> Rush:
    """So many groups, each with a whole bid that nobody has sent yet, and somebody signed in."""
    round = make_open_round()
    first = make_draft_bid(round)
    fill(first)
    texts = (FormQuestion.Kind.SHORT, FormQuestion.Kind.LONG)
    keys = [row.key for row in round.form_questions.all() if row.kind in texts]
    answers = {row.question.key: row for row in first.answers.select_related("question")}
    applicants = [
        Applicant(
            bid=bid.pk,
            reference=bid.reference,
            session=session_of(bid.made_by),
            keys=keys,
            versions={key: answers[key].version for key in keys},
            last={key: answers[key].text for key in keys},
        )
        for bid in [first, *_like(first, people - 1)]
    ]
    return Rush(round, applicants)


@transaction.atomic
def _like(first: Application, many: int) -> list[Application]:
    """So many more bids like this one, each of a group and a person of its own."""
    by, group = first.made_by, first.organisation
    numbers = range(1, many + 1)
    people = Person.objects.bulk_create(
        _again(by, name=f"Applicant no {n}", sign_in_email=f"no{n}@example.org") for n in numbers
    )
    RoleHolding.objects.bulk_create(_again(by.roles.get(), person=one) for one in people)
    groups = Organisation.objects.bulk_create(
        _again(group, name=f"Group no {n}", made_by=one)
        for n, one in zip(numbers, people, strict=True)
    )
    Colleague.objects.bulk_create(
        _again(group.colleagues.get(), organisation=row, person=one)
        for row, one in zip(groups, people, strict=True)
    )
    references = Application.objects.next_references(first.round, many)
    bids = Application.objects.bulk_create(
        _again(first, organisation=row, made_by=one, reference=reference)
        for row, one, reference in zip(groups, people, references, strict=True)
    )
    for rows in (list(first.answers.all()), list(first.budget_lines.all())):
        type(rows[0]).objects.bulk_create(
            _again(row, application=bid) for bid in bids for row in rows
        )
    return bids


def _again(row: Any, **other: Any) -> Any:
    """The same row once more, but for these fields."""
    made = copy(row)
    made.pk, made._state = None, ModelState()
    for name, value in other.items():
        setattr(made, name, value)
    return made


def check_what_is_stored(rush: Rush) -> None:
    """Every word that was answered with 200 is there; every receipt tells what is stored."""
    stored: dict[int, dict[str, str]] = {}
    for row in Answer.objects.filter(application__round=rush.round).select_related("question"):
        stored.setdefault(row.application_id, {})[row.question.key] = row.text
    bids = Application.objects.filter(round=rush.round).prefetch_related("versions")
    by_pk = {bid.pk: bid for bid in bids}
    entries = {
        row.data["application"]: row
        for row in Entry.objects.filter(chain=rush.round.chain, verb="bid_sent")
    }
    letters = dict(Letter.objects.filter(kind="bid_sent").values_list("key", "body_text"))
    for one in rush.applicants:
        bid = by_pk[one.bid]
        assert {key: stored[one.bid][key] for key in one.keys} == one.last
        if not one.receipt:
            assert (bid.submitted_at, list(bid.versions.all())) == (None, [])
            continue
        copy, entry = bid.versions.get(), entries.pop(one.bid)
        written = {row["key"]: row["text"] for row in copy.content["answers"]}
        written[content.SUMMARY] = copy.content["summary"]
        assert {key: written[key] for key in one.keys} == one.sent
        assert copy.digest == content.digest(copy.content) == entry.data["digest"]
        letter = letters.pop(f"bid_sent:{copy.pk}:{bid.made_by_id}")
        assert bid.reference in letter
        for words in (*one.sent.values(), bid.reference, copy.digest[:SHOWN], entry.hash[:SHOWN]):
            assert words in as_read(one.receipt)
    assert (entries, letters) == ({}, {}), "nobody else's bid was sent, and no letter is too many"


def as_read(page: str) -> str:
    """The words of a page without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
