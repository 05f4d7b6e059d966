"""Many people who write at once, each about the bid in their own hands."""

import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.urls import reverse
from django.utils import timezone

from panels.actions.scoring import start_reading
from panels.models import Assignment, ScoreDraft
from tests.factories.commissioning import make_volunteers
from tests.factories.panels import Reading, reading_round
from tests.faults.webserver import Site, Visitor, session_of

_edits = count(1)


@dataclass
class Writer:
    """One reader of one bid, who scores it all on one page."""

    assignment: Assignment
    session: str
    slugs: list[str]
    version: int = 0
    last: str = ""
    seconds: list[float] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return reverse("score_all", args=[self.assignment.pk])

    def form(self, words: str) -> dict[str, object]:
        fields: dict[str, object] = {"why": words, "version": self.version}
        for slug in self.slugs:
            fields |= {f"score_{slug}": len(words) % 6, f"reason_{slug}": f"{words} ({slug})"}
        return fields

    def saves(self, visitor: Visitor, words: str) -> int:
        """One autosave; the page remembers its new version."""
        began = time.monotonic()
        edit = {"client_id": f"edit-{next(_edits)}"}
        status, body = visitor.post(self.address, {**self.form(words), **edit})
        self.seconds.append(time.monotonic() - began)
        self.answers.append((status, body))
        if status == 200:
            self.version, self.last = json.loads(body)["version"], words
        return status

    def writes(self, site: Site, times: int, every: float = 0.0) -> None:
        """So many autosaves, so many seconds apart; else as fast as they are answered."""
        for turn in range(times):
            words = f"Turn {turn} of reader {self.assignment.pk}. " + "word " * turn
            with Visitor(site, self.session) as visitor:
                self.saves(visitor, words)
            time.sleep(max(0.0, every - self.seconds[-1]))

    def sends(self, site: Site) -> int:
        """Press the button: these are my own scores."""
        address = reverse("check_scores", args=[self.assignment.pk])
        with Visitor(site, self.session) as visitor:
            return visitor.post(address, {"sure": "on"}, by_itself=False)[0]

    def stored(self) -> list[str]:
        """What the database has of it: the reasons, then why."""
        rows = ScoreDraft.objects.filter(assignment=self.assignment).order_by("criterion__slug")
        why = Assignment.objects.get(pk=self.assignment.pk).bid_draft.why
        return [*(row.reason for row in rows), why]

    def meant(self) -> list[str]:
        """What it should have: the last words that were answered with 200."""
        words = self.last.strip()
        return [*(f"{self.last} ({slug})".strip() for slug in sorted(self.slugs)), words]


@dataclass
class Crowd:
    """All of them, and the round they read in."""

    reading: Reading
    writers: list[Writer]

    def write(self, site: Site, times: int, every: float = 0.0) -> None:
        """Everybody at once."""
        with ThreadPoolExecutor(len(self.writers)) as threads:
            list(threads.map(lambda writer: writer.writes(site, times, every), self.writers))

    def send(self, site: Site, writers: Iterable[Writer]) -> list[int]:
        """These press the button at once; gives what was answered."""
        with ThreadPoolExecutor(len(self.writers)) as threads:
            return list(threads.map(lambda writer: writer.sends(site), writers))

    @property
    def answers(self) -> list[tuple[int, str]]:
        return [answer for writer in self.writers for answer in writer.answers]

    def p95(self) -> float:
        """Of all autosaves, the seconds that 95 in a hundred stayed under."""
        every = sorted(second for writer in self.writers for second in writer.seconds)
        return every[int(len(every) * 0.95)]

    def entries(self, verb: str = "") -> list[Any]:
        """What the trail of the round tells, in order."""
        found = self.reading.round.chain.entries.order_by("seq")
        return [entry for entry in found if not verb or entry.verb == verb]


def make_crowd(people: int) -> Crowd:
    """A round with one bid that all these volunteers read, each signed in."""
    volunteers = make_volunteers(people)
    reading = reading_round(*volunteers, bids=1)
    slugs = [criterion.slug for criterion in reading.criteria]
    writers = []
    for person in volunteers:
        row = reading.assignments(person)[0]
        start_reading(assignment=row, by=person, at=timezone.now())
        writers.append(Writer(row, session_of(person), slugs))
    return Crowd(reading, writers)
