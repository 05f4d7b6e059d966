"""Before the panel opens its scores: what one reader gets, in rounds drawn at random.

A round of some size; readers send, take back, cannot judge, take breaks, come to know people late,
and have paper typed for them, in any order, up to any moment. Then the same once more, and only
what the others scored and wrote is different. Whoever watches must be answered the same to the
last byte by every page, file, feed, letter and error of theirs, by answers of the same size.
`test_sight` reads one round for all its readers; here it is many rounds, and one reader in each.
`bench/test_sight_at_random.py` draws hundreds.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.actions import take_break
from accounts.models import Person, Role
from accounts.permissions import Refused, Verdict
from commissioning.models import StageKind
from decisions.tasks import ask_who_is_owed
from panels import actions
from panels.actions import Answer
from panels.models import Abstention, Assignment, Interest, Meeting, Proposal, Score, ScoreSheet
from panels.rules.visits import Visit, visit_of
from tests import matrix
from tests.factories.commissioning import make_person, make_volunteers
from tests.factories.meeting import everyone_says, move_to, seat_of, seats_of
from tests.factories.panels import Reading, form_questions, reading_round
from tests.matrix import OTHER, OWN, Pages, Side
from tests.test_sight import ADDRESSES, REACHED, Seen, letters_of, log_lines
from tests.test_sight import plain as without_tokens
from tests.test_sight import undone as taken_back

# What a page says does not hang on the database: read on one of them.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

NOT_THERE = SimpleNamespace(
    pk=999999, slug="nothing-here", uuid="00000000-0000-4000-8000-000000000000"
)
OF_A_READER = re.compile(r"$|my/|letters|panels/|proposals/|rounds/|decisions/|boards/|bids/")
OF_THE_PANEL = re.compile(r"panels/|my/reading/|readers/")
TELLING = re.compile(r"/$|/(panels|my/(reading|scores|diary)|letters|proposals)/|.*(trail/|feed)")
ONWARD = re.compile(r'href="(/[^"#]*)"')
LEFT_ALONE = re.compile(r"^/(static|account)/|\.pdf$")


# ---- What is drawn -----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Act:
    """What one reader does with one bid. `said`: how they score it in the one world and in the
    other (6: they cannot judge)."""

    what: str
    who: int
    bid: int
    said: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """A round: how big, what is done, who watches, and at which moment."""

    people: int
    bids: int
    acts: tuple[Act, ...]
    watcher: int
    moment: str
    part: int
    """Which third of the pages that say little of a panel's work is read."""


WHAT = (
    *("send",) * 6,
    *("write", "take_back", "send_again", "type", "say_yes", "second_pair") * 2,
    *("type_no", "notes", "later", "cannot_score", "hand_back", "break", "know", "know_well"),
)
MOMENTS = ("reading", "reading", "closed", "asked", "opened")
SAID = st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda two: two[0] != two[1])
ACTS = st.builds(Act, st.sampled_from(WHAT), st.integers(0, 5), st.integers(0, 2), SAID)
PLANS = st.builds(
    Plan,
    people=st.integers(4, 6),
    bids=st.integers(1, 3),
    acts=st.lists(ACTS, min_size=3, max_size=14).map(tuple),
    watcher=st.integers(0, 5),
    moment=st.sampled_from(MOMENTS),
    part=st.integers(0, 2),
)


# ---- The round that is drawn -------------------------------------------------------------------
class World:
    """One of the two: what the others do is said in its own way, all else is the same."""

    def __init__(self, plan: Plan, reading: Reading, staff: list[Person], now: datetime) -> None:
        self.plan, self.reading, self.staff, self.now = plan, reading, staff, now
        self.watcher = reading.members[plan.watcher % plan.people].person
        self.which = 0
        self.done = Counter[str]()

    def play(self, which: int) -> None:
        """All that is drawn; what is refused is refused in both worlds."""
        self.which, self.done = which, Counter()
        for act in self.plan.acts:
            self.now += timedelta(minutes=7)
            self._try(act.what, lambda act=act: self._do(act))
        moment = self.plan.moment
        if moment != "reading":
            self.now += timedelta(hours=1)
            move_to(self.reading, StageKind.SHORTLIST)
        if moment in ("asked", "opened"):
            self._try(moment, self._ask_to_open)

    def _try(self, what: str, work: Callable[[], None]) -> None:
        try:
            with transaction.atomic():
                work()
        except Refused:
            self.done["refused"] += 1
        else:
            self.done[what] += 1

    def _do(self, act: Act) -> None:
        reading, at = self.reading, self.now
        member = reading.members[act.who % self.plan.people]
        by, bid = member.person, reading.bids[act.bid % self.plan.bids]
        if act.what == "break":
            take_break(person=by, starts_on=timezone.localdate(at), by=by, at=at)
        elif act.what in ("know", "know_well"):
            kind = Interest.Kind.DIRECT if act.what == "know_well" else Interest.Kind.INDIRECT
            actions.declare_late(member=member, application=bid, kind=kind, by=by, at=at)
        elif act.what in ("say_yes", "second_pair", "type_no"):
            sheet = ScoreSheet.objects.filter(member=member, typed_by__isnull=False).last()
            self._about_typed(act.what, sheet, by)
        else:
            row = Assignment.objects.current().filter(member=member, application=bid).first()
            if row is None:
                raise Refused("It is not in their hands.")
            self._with_bid(act, row, by)

    def _about_typed(self, what: str, sheet: ScoreSheet | None, by: Person) -> None:
        if sheet is None:
            raise Refused("Nothing was typed.")
        if what == "type_no":
            actions.refuse_typed_scores(sheet=sheet, words="No.", by=by, at=self.now)
        else:
            who = by if what == "say_yes" else self.staff[1]
            actions.confirm_typed_scores(sheet=sheet, by=who, at=self.now)

    def _with_bid(self, act: Act, row: Assignment, by: Person) -> None:
        facts: dict[str, Any] = {"assignment": row, "by": by, "at": self.now}
        own = by.pk == self.watcher.pk
        value = act.said[0 if own else self.which]
        mark = "" if own else ("quagga", "axolotl and more")[self.which]
        words = f"{mark} {value} made me choose this."
        if act.what in ("write", "send", "send_again", "notes", "later"):
            actions.start_reading(**facts)
        if act.what in ("write", "send"):
            actions.save_score_drafts(answers=self._answers(value, mark), why=words, **facts)
        if act.what == "notes":
            draft = actions.scoring.bid_draft(row)
            actions.save_bid_draft(notes=words, version=draft.version, **facts)
        elif act.what in ("send", "send_again"):
            actions.send_scores(**facts)
        elif act.what == "take_back":
            actions.take_back_scores(**facts)
        elif act.what == "later":
            actions.leave_for_later(**facts)
        elif act.what == "cannot_score":
            actions.abstain(why=Abstention.Why.NOT_MY_AREA, words=words, **facts)
        elif act.what == "hand_back":
            actions.hand_back(**facts)
        elif act.what == "type":
            facts["by"] = self.staff[0]
            actions.type_scores(answers=self._answers(value, mark), why=words, **facts)

    def _answers(self, value: int, mark: str) -> dict[Any, Answer]:
        """Different on each criterion; 6 is that they cannot judge it."""
        said = {}
        for place, row in enumerate(self.reading.criteria):
            level = (value + place * (value + 1)) % 7
            words = f"{mark} reason {level}"
            said[row] = Answer(None if level == 6 else level, level == 6, words)
        return said

    def _ask_to_open(self) -> None:
        """Asked and not settled yet; or opened, where whoever watches may still see nothing."""
        panel = self.reading.panel
        seats = [seat for seat in seats_of(panel) if visit_of(panel, seat.member.person).takes_part]
        proposal = actions.put_to_panel(
            panel=panel,
            kind=Proposal.Kind.OPEN_SCORES,
            by=seats[0].member.person,
            at=self.now,
        )
        visit = visit_of(panel, self.watcher)
        if self.plan.moment == "opened" and (visit.reading_left or visit.aside):
            everyone_says(proposal)


@contextmanager
def rounds_of(plan: Plan) -> Iterator[World]:
    """The round before anything is done in it, at a moment that stands still."""
    with taken_back(), pytest.MonkeyPatch.context() as still:
        staff = [make_person(name, Role.FACILITATOR) for name in ("Sam Okafor", "Ruth Bentley")]
        reading = reading_round(*make_volunteers(plan.people), by=staff[0], bids=plan.bids)
        form_questions(reading.round)
        actions.arrange_meeting(
            panel=reading.panel,
            kind=Meeting.Kind.SHORTLIST,
            starts_at=timezone.now() + timedelta(days=40),
            by=staff[0],
            at=timezone.now(),
        )
        world = World(plan, reading, staff, timezone.now())
        still.setattr(timezone, "now", lambda: world.now)
        yield world


# ---- Looking -----------------------------------------------------------------------------------
# The first places of the trail's newest mark, on a receipt.
OF_THE_TRAIL = re.compile(r"(record before them: )[0-9a-f]{16}")


def plain(text: str) -> str:
    """Without what is never the same twice."""
    return OF_THE_TRAIL.sub(r"\1*", without_tokens(text))


class Rows(dict[str, Any]):
    """The rows that addresses name; what a round has none of is not there."""

    def __missing__(self, which: str) -> Any:
        return NOT_THERE


def pages_for(world: World) -> Pages:
    """Addresses of what is the watcher's own, and of the same things of another member."""
    reading, me = world.reading, world.watcher
    another = next(row.person for row in reading.members if row.person.pk != me.pk)
    client = Client()
    client.force_login(me)
    sides = {kind: _side(reading, one) for kind, one in ((OWN, me), (OTHER, another))}
    return Pages({"volunteer": me}, {"volunteer": client}, sides, {})


def _side(reading: Reading, person: Person) -> Side:
    member = reading.member(person)
    sheets = ScoreSheet.objects.filter(member=member).order_by("-typed_by", "pk")
    found = {
        "panels_panel": reading.panel,
        "panels_seat": seat_of(reading.panel, person),
        "panels_assignment": Assignment.objects.filter(member=member).order_by("pk").first(),
        "panels_scoresheet": sheets.first(),
        "panels_meeting": reading.panel.meetings.first(),
        "open proposal": reading.panel.proposals.order_by("pk").last(),
        "commissioning_member": member,
        "commissioning_lot": reading.lot,
        "commissioning_criterion": reading.criteria[0],
        "accounts_person": person,
    }
    rows = Rows({which: row for which, row in found.items() if row is not None})
    return Side(reading, rows, reading.bids[0], reading.bids[0].organisation, person)


NAMES = [
    name
    for name in sorted(ADDRESSES.keys() & REACHED.keys())
    if OF_A_READER.match(ADDRESSES[name]) and not LEFT_ALONE.search(ADDRESSES[name])
    if "colleague" not in ADDRESSES[name]  # of those who bid
]
THEIRS = [
    name
    for name in NAMES
    if REACHED[name]["volunteer"][:3] in ("200", "403") or OF_THE_PANEL.match(ADDRESSES[name])
]
OF_ANOTHER = [name for name in THEIRS if re.match(r"my/reading|panels/seats", ADDRESSES[name])]


def told(client: Client, url: str, **asked: str) -> tuple[str, str]:
    """What is answered, with its size, and the same without what is never the same twice."""
    answer: Any = client.get(url, headers=asked)
    body = answer.getvalue() if answer.streaming else answer.content
    text = body.decode("utf-8", "backslashreplace")
    heads = [f"{name}: {value}" for name, value in sorted(answer.headers.items())]
    size = f"{answer.status_code}, {len(body)} bytes"
    return text, plain("\n".join([size, *heads, text]))


def _some(urls: set[str], part: int) -> list[str]:
    """All that tell of a panel's work, and a third of the others."""
    rest = sorted(url for url in urls if not TELLING.match(url))
    return sorted(urls - set(rest)) + rest[part::3]


def everything_for(world: World, names: list[str]) -> Seen:
    """What the watcher can reach, one step onward from it too, and all that reaches them."""
    with log_lines() as lines:
        ask_who_is_owed()
        pages, seen = pages_for(world), Seen()
        client, onward, part = pages.clients["volunteer"], set[str](), world.plan.part
        urls = {matrix.filled(pages, ADDRESSES[name], OWN, "volunteer") for name in names}
        of_another = [name for name in OF_ANOTHER if name in names][part::3]
        urls |= {matrix.filled(pages, ADDRESSES[name], OTHER, "volunteer") for name in of_another}
        for url in _some(urls, part):
            text, seen.by_surface[url] = told(client, url)
            onward.update(ONWARD.findall(text))
            if "data-live" in text:  # it asks for itself every few seconds
                since = timezone.now().strftime("%a, %d %b %Y %H:%M:%S GMT")
                again = {"If-None-Match": '"as it was"', "If-Modified-Since": since}
                seen.by_surface[f"{url} again"] = told(client, url, **again)[1]
        further = {url for url in onward - urls if not LEFT_ALONE.search(url)}
        for url in _some(further, part):
            seen.by_surface[url] = told(client, url)[1]
        for name in ("check_scores", "take_back_scores", "open_scores", "propose_shortlisting"):
            url = matrix.filled(pages, ADDRESSES[name], OWN, "volunteer")
            with taken_back():  # what an empty form is answered
                seen.by_surface[f"POST {url}"] = plain(client.post(url).content.decode())
    letters = letters_of(world.watcher).by_surface
    seen.by_surface |= {key: plain(text) for key, text in letters.items()}
    # The queue's own first words are said once in each process.
    seen.by_surface["the log"] = plain("\n".join(x for x in lines if "DEBUG celery" not in x))
    return seen


def both(plan: Plan, names: list[str] = THEIRS) -> tuple[Seen, Seen, Counter[str]]:
    """What the watcher gets in the one world and in the other, and what was done in both."""
    with rounds_of(plan) as world:
        began, seen = world.now, []
        counts = []
        for which in (0, 1):
            with taken_back():
                world.now = began
                world.play(which)
                seen.append(everything_for(world, names))
                counts.append(world.done)
        assert counts[0] == counts[1], "whether something may be done hangs on what others said"
        return seen[0], seen[1], world.done


def look_at_rounds(examples: int) -> Counter[str]:
    """So many rounds, drawn anew each time; gives what was done in them and how much was read."""
    counts = Counter[str]()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # shrinking what was found would take minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(PLANS)
    def look(plan: Plan) -> None:
        one, other, done = both(plan)
        assert one.differs(other) == [], plan
        assert one.marked() == other.marked() == [], plan
        counts.update(done)
        counts.update({"rounds": 1, "surfaces": len(one.by_surface), f"at {plan.moment}": 1})

    look()
    return counts


# ---- What is held ------------------------------------------------------------------------------
def test_whoever_watches_learns_nothing_in_rounds_drawn_at_random() -> None:
    counts = look_at_rounds(2)
    assert counts["rounds"] >= 2
    assert counts["surfaces"] > 60 * counts["rounds"]


# ---- A leak that is planted is found -----------------------------------------------------------
def a_plan(moment: str = "closed") -> Plan:
    """The others send; whoever watches has still to."""
    acts = tuple(Act("send", who, 0, (1, 4)) for who in (1, 2))
    return Plan(people=4, bids=1, acts=acts, watcher=0, moment=moment, part=0)


A_FEW = ["agenda", "panel_detail", "shortlist_detail", "my_bids", "proposal_list"]


def test_an_open_door_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Visit, "sees_scores", Verdict.yes())
    one, other, done = both(a_plan(), A_FEW)
    assert done["send"] == 2
    assert any("/panels/" in line for line in one.differs(other))
    assert one.marked()


def mark_that_follows_scores(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Says whether a page changed, and changes with what others score."""

    def answer(request: HttpRequest) -> HttpResponse:
        found = get_response(request)
        found.headers["ETag"] = f'"{sum(row.value or 0 for row in Score.objects.all())}"'
        return found

    return answer


def size_that_follows_scores(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Is longer by a space for each point that others give: nothing that a person could read."""

    def answer(request: HttpRequest) -> HttpResponse:
        found = get_response(request)
        if not found.streaming:
            found.content += b" " * sum(row.value or 0 for row in Score.objects.all())
        return found

    return answer


@pytest.mark.parametrize("leak", [mark_that_follows_scores, size_that_follows_scores])
def test_a_page_that_tells_without_words_is_found(leak: Any, settings: Any) -> None:
    settings.MIDDLEWARE = [f"{__name__}.{leak.__name__}", *settings.MIDDLEWARE]
    one, other, _done = both(a_plan("reading"), A_FEW)
    assert len(one.differs(other)) >= len(A_FEW)
