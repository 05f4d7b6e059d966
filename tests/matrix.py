"""F19: every address × everybody × their own, another's, and nothing: what each is answered.

`tests/permissions.csv` is the table that is expected. An address that is not in it fails. After a
change that is meant: `PURSE_WRITE_MATRIX=1 python -m pytest tests/test_matrix.py`, and read the
difference line by line before it is committed.
"""

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection, models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import KeptWork, NewEmail, Person, Role
from applications.models import Colleague, Correction, FormQuestion, HelpQuestion
from commissioning.models import AwayDays, Enquiry, FunderRule
from decisions.models import BoardNote, Errand
from ledger.models import Heartbeat
from panels.models import (
    Assignment,
    Interest,
    InterviewSlot,
    Phase,
    ScoreSheet,
    Seat,
    StandingAside,
)
from support.models import (
    AboutQuestion,
    Adjustment,
    Buddies,
    Expense,
    Gathering,
    GatheringReply,
    Helper,
    Lesson,
    Outreach,
    TrainingTopic,
    Worry,
)
from tests.factories.accounts import a_letter
from tests.factories.commissioning import make_person
from tests.factories.panels import Reading, form_questions, reading_round
from tests.factories.unguarded import unguarded
from tests.faults.cells import World, fill, plant_rows
from tests.test_conventions import APPS

TABLE = Path(__file__).parent / "permissions.csv"
OWN, OTHER, NONE = "own", "other", "none"
KINDS = (OWN, OTHER, NONE)
EVERYBODY = (
    "nobody",
    "outsider",
    "volunteer",
    "standing aside",
    "facilitator",
    "applicant",
    "rival",
    "board",
    "administrator",
    "superuser",
)


HOLD_NOTHING = ("nobody", "outsider", "superuser")
"""Nothing is theirs, so one asking says it all; it is of what is the volunteer's."""


def addresses(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Every address of ours: its name (numbered where a name has several) and its route."""
    seen: dict[str, int] = {}
    for name, route in _routes(resolver or get_resolver(), before):
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name} {seen[name]}"), route


def _routes(resolver: URLResolver, before: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route)
        elif isinstance(pattern, URLPattern) and _is_ours(pattern):
            yield str(pattern.name), route


def _is_ours(pattern: URLPattern) -> bool:
    return pattern.callback.__module__.split(".")[0] in APPS


# ---- Two rounds with everything in them -------------------------------------------------------
@dataclass
class Side:
    """One round and one row of each kind in it."""

    reading: Reading
    rows: dict[str, Any]
    bid: Any
    organisation: Any
    person: Person
    words: dict[str, str] = field(default_factory=dict)


@dataclass
class Pages:
    """Who reads, and what is theirs or another's."""

    people: dict[str, Person | None]
    clients: dict[str, Client]
    sides: dict[str, Side]
    private: dict[tuple[str, str], dict[str, int]]


def make_pages() -> Pages:
    """Two rounds, each with a row of everything, and somebody of every role."""
    people: dict[str, Person | None] = {
        "nobody": None,
        "outsider": make_person("Olive Outsider"),
        "volunteer": make_person("Joan Ibbotson", Role.VOLUNTEER),
        "standing aside": make_person("Priya Nair", Role.VOLUNTEER),
        "facilitator": make_person("Sam Okafor", Role.FACILITATOR),
        "applicant": make_person("Amina Yusuf", Role.APPLICANT),
        "rival": make_person("Rupert Rival", Role.APPLICANT),
        "board": make_person("Margaret Dunn", Role.BOARD),
        "administrator": make_person("Adele Keeper", Role.ADMINISTRATOR),
        "superuser": make_person("Una Super", is_superuser=True, is_staff=True),
    }
    staff = people["facilitator"]
    assert staff
    # Ahead of time: to ask all addresses may take longer than a worker may be silent.
    Heartbeat.objects.create(name="worker", at=timezone.now() + timedelta(hours=1))
    own = _side(staff, people["volunteer"], people["standing aside"], applicant=people["applicant"])
    other = _side(staff, make_person("Otto Elsewhere", Role.VOLUNTEER), applicant=people["rival"])
    clients = {name: Client() for name in people}
    for name, person in people.items():
        if person:
            clients[name].force_login(person)
    return Pages(people, clients, {OWN: own, OTHER: other}, _private(people, own, other))


def _side(staff: Person, *readers: Person | None, applicant: Person | None) -> Side:
    now = timezone.now()
    people = [person for person in readers if person]
    third = make_person("Third Reader", Role.VOLUNTEER)
    reading = reading_round(*people, third, by=staff)
    mine = reading.member(people[0])
    with unguarded():
        world = World(reading, people={"other volunteer": people[0]})
        for name, member in zip(
            ("other volunteer", "ended member", "became facilitator"),
            (mine, reading.member(third), reading.members[-1]),
            strict=True,
        ):
            world.members[name] = member
            world.seats[name] = Seat.objects.get(member=member, panel=reading.panel)
            given = Assignment.objects.filter(member=member).order_by("application").last()
            assert given
            world.assignments[name] = given
            world.sheets[name] = ScoreSheet.objects.create(
                member=member,
                application=given.application,
                assignment=given,
                version=given.version,
                phase=Phase.READING,
                sent_at=now,
                sent_by=member.person,
            )
        aside = reading.member(people[-1])
        tie = Interest.objects.create(
            member=aside, application=reading.bids[0], kind="direct", made_at=now
        )
        world.rows["panels_interest"] = tie
        if len(people) > 1:
            StandingAside.objects.create(member=aside, lot=reading.lot, interest=tie, began_at=now)
        else:  # a row of the kind, from whoever never reads here
            StandingAside.objects.create(
                member=reading.members[-1], lot=reading.lot, interest=tie, began_at=now
            )
        plant_rows(world)
    bid = reading.bids[0]
    Colleague.objects.create(
        organisation=bid.organisation, person=applicant, added_at=now, added_by=applicant
    )
    round = reading.round
    form_questions(round)
    rows = dict(world.rows)
    rows["panels_assignment"] = Assignment.objects.filter(member=mine, application=bid).get()
    rows["money board"] = world.more["board"]
    rows["waiting"] = world.more["waiting"]
    rows["open proposal"] = world.more["open_proposal"]
    rows["vote"] = fill_typed_vote(world, staff)
    trustee = make_person("Somebody on the board", Role.BOARD)
    rows["note"] = fill(BoardNote, round=round, kind="question", text="Why?", made_by=trustee)
    rows["errand"] = fill(Errand, kind="letters", round=round, panel=reading.panel, file=None)
    rows["packs"] = fill(Errand, kind="packs", round=round, member=mine)
    rows["look"] = fill(Errand, kind="look", round=round, lot=reading.lot)
    rows["wished"] = fill(
        Correction,
        application=bid,
        kind="wished",
        part="area",
        value="Leeds",
        words="A slip.",
        answered_at=now,
        answered_by=applicant,
    )
    rows["asked of them"] = fill(
        Correction,
        application=bid,
        kind="asked",
        part="area",
        words="Where is it?",
        rule=fill(FunderRule, round=round, text="In Leeds."),
        until_on=timezone.localdate(),
    )
    rows["slot"] = fill(InterviewSlot, panel=reading.panel, application=bid)
    rows["help"] = fill(HelpQuestion, round=round)
    rows["adjustment"] = fill(Adjustment, member=mine)
    rows["away"] = fill(AwayDays, member=mine)
    other = make_person("Second Facilitator", Role.FACILITATOR)
    lost = make_person("Somebody Without Email", Role.VOLUNTEER)
    rows["new email"] = fill(NewEmail, person=lost, email="new@example.org", asked_by=other)
    rows["topic"] = fill(TrainingTopic, round=round, slug="bias")
    rows["gathering"] = fill(Gathering, round=round, place="The hall", starts_at=now)
    rows["gathering reply"] = fill(GatheringReply, gathering=rows["gathering"], member=mine)
    rows["worry"] = fill(Worry, told_by=staff)
    rows["expense"] = fill(Expense, member=mine)
    rows["helper"] = fill(Helper, member=mine, supporter=staff)
    rows["enquiry"] = fill(
        Enquiry, round=round, name="Nell New", phone="0113 496 0199", channel="phone"
    )
    rows["lesson"] = fill(Lesson, round=round, stage="join", written_by=people[0])
    rows["buddies"] = fill(Buddies, asker=mine, asked=reading.members[-1])
    asked = AboutQuestion.objects.create(
        programme=round.programme,
        slug=f"pet-{round.pk}",
        text="A pet?",
        options=["Yes", "No"],
        shares=[None] * 2,
    )
    rows["asked"] = asked
    rows["outreach"] = fill(Outreach, round=round, question=asked, option=1)
    rows["draft"] = world.more["draft"]
    return Side(reading, rows, bid, bid.organisation, people[0])


def fill_typed_vote(world: World, staff: Person) -> models.Model:
    return world.more["open_proposal"].votes.create(
        seat=world.seats["other volunteer"],
        choice="agree",
        voted_at=timezone.now(),
        typed_by=staff,
    )


def _private(
    people: dict[str, Person | None], own: Side, other: Side
) -> dict[tuple[str, str], dict[str, int]]:
    """What is somebody's alone: a letter, kept words."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    everyone = {name: person for name, person in people.items() if person}
    for name, person in everyone.items():
        letter = a_letter(person)
        kept = KeptWork.objects.create(person=person, path="/", kept_at=timezone.now())
        found[name, "letters"] = {OWN: letter.pk}
        found[name, "kept"] = {OWN: kept.pk}
    names = list(everyone)
    for name in names:
        for what in ("letters", "kept"):
            next_one = names[(names.index(name) + 1) % len(names)]
            found[name, what][OTHER] = found[next_one, what][OWN]
    return found


# ---- Filling in an address --------------------------------------------------------------------
BY_PREFIX: tuple[tuple[str, str], ...] = (
    (r"apply/.*start/<int:pk>", "organisation"),
    (r"(my/)?bids/", "bid"),
    (r"board-questions/", "note"),
    (r"boards/", "money board"),
    (r"complaints/", "decisions_complaint"),
    (r"decisions/", "waiting"),
    (r"errands/<int:pk>/packs/", "packs"),
    (r"errands/<int:pk>/bring-in/", "look"),
    (r"errands/", "errand"),
    (r"my/organisations/", "organisation"),
    (r"my/reading/share/", "commissioning_member"),
    (r"my/reading/declare/", "commissioning_lot"),
    (r"my/reading/typed/", "panels_scoresheet"),
    (r"my/reading/", "panels_assignment"),
    (r"my/sign-ins/", "accounts_person"),
    (r"new-emails/", "new email"),
    (r"outbox/", "ledger_sending"),
    (r"outcome-letters/", "decisions_outcomeletter"),
    (r"outcomes/", "decisions_outcome"),
    (r"panels/answers/", "vote"),
    (r"panels/interview-questions/", "panels_interviewquestion"),
    (r"panels/meetings/", "panels_meeting"),
    (r"(panels/)?proposals/", "open proposal"),
    (r"panels/questions/", "panels_question"),
    (r"panels/seats/", "panels_seat"),
    (r"panels/times/", "slot"),
    (r"panels/", "panels_panel"),
    (r"people/", "accounts_person"),
    (r"readers/bids/", "panels_assignment"),
    (r"readers/sheets/", "panels_scoresheet"),
    (r"readers/", "commissioning_member"),
    (r"report-files/", "decisions_reportfile"),
    (r"roles/", "accounts_roleholding"),
    (r"rounds/[^/]+/(adjustments|what-helps)/", "adjustment"),
    (r"rounds/[^/]+/agreements/.*(criteria|kinds|must-haves|take-out|/put)", "draft"),
    (r"rounds/[^/]+/agreements/", "commissioning_agreement"),
    (r"rounds/[^/]+/together/", "gathering"),
    (r"worries/", "worry"),
    (r"spent/", "expense"),
    (r"helping/bids/", "panels_assignment"),
    (r"helping/", "helper"),
    (r"rounds/[^/]+/buddies/", "buddies"),
    (r"rounds/[^/]+/interested/", "enquiry"),
    (r"rounds/[^/]+/lessons/", "lesson"),
    (r"rounds/[^/]+/criteria/", "commissioning_criterion"),
    (r"rounds/[^/]+/rules/", "commissioning_funderrule"),
    (r"rounds/[^/]+/promise/away/", "away"),
    (r"rounds/[^/]+/panels/seats/", "panels_panel"),
    (r"rounds/[^/]+/people/", "commissioning_member"),
    (r"rounds/[^/]+/who-is-here/", "outreach"),
    (r"rounds/[^/]+/(bids|sharing/bids)/", "bid"),
    (r"rounds/[^/]+/corrections/", "wished"),
    (r"rounds/[^/]+/(eligibility|not-eligible)/", "applications_eligibility"),
    (r"rounds/[^/]+/help/", "help"),
    (r"signatures/", "decisions_signature"),
    (r"taking-away/", "decisions_forgetting"),
    (r"steered/", "panels_steered"),
    (r"typed-answers/", "commissioning_typedanswer"),
    (r"typed-votes/", "commissioning_typedvote"),
)
"""Which row the `pk` of an address means, by how the address begins: the first that fits."""

WORDS = {
    "kept": "drafts",
    "kind": "scoring",
    "about": "criteria",
    "step": "how-many",
    "what": "criterion",
    "token": "made-up",
    "option": "1",
    "when": "before",
    "part": "area",
}


def _row(side: Side, which: str) -> Any:
    if which in ("bid", "organisation"):
        return getattr(side, which)
    return side.rows[which]


def _value(route: str, name: str, side: Side) -> Any:
    """What a part of an address means on this side."""
    rows = side.rows
    if name == "pk":
        which = next(which for start, which in BY_PREFIX if re.match(start, route))
        return _row(side, which).pk
    if name in ("round", "programme") or (name == "slug" and "rounds/<slug:slug>" in route):
        round = side.reading.round
        return round.programme.slug if name == "programme" else round.slug
    if name == "slug":
        return (
            side.reading.round.slug if "apply/" in route else rows["commissioning_criterion"].slug
        )
    if name == "lot":
        return side.reading.lot.slug if "slug:lot" in route else side.reading.lot.pk
    if name == "uuid":
        which = (
            "panels_sheetscan" if route.startswith("readers/scans/") else "applications_document"
        )
        return rows[which].uuid
    if name == "key":
        return FormQuestion.objects.filter(round=side.reading.round).first().key  # type: ignore[union-attr]
    if name == "asked":
        return rows["asked"].pk
    if name == "topic":
        return rows["topic"].slug
    found = {
        "seat": rows["panels_seat"],
        "bid": side.bid,
        "application": side.bid,
        "question": rows["panels_interviewquestion"],
        "member": rows["commissioning_member"],
        "criterion": rows["commissioning_criterion"],
        "priority": rows["commissioning_priority"],
        "row": rows["commissioning_criterion"],
        "reply": rows["gathering reply"],
        "correction": rows["asked of them"],
        "colleague": Colleague.objects.filter(organisation=side.organisation).first(),
    }
    return WORDS[name] if name in WORDS else found[name].pk


OF_AN_APPLICANT = re.compile(r"(my/)?bids/|my/organisations/|files/|apply/.*start/<int:pk>")


def filled(pages: Pages, route: str, kind: str, who: str) -> str:
    """The address for this reader: of what is theirs, another's, or of nothing."""
    private = {"letters/<int:pk>": "letters", "my/kept-words/": "kept"}

    def value(found: re.Match[str]) -> str:
        converter, name = found[1], found[2]
        if kind == NONE:
            nothing = {"int": "999999", "uuid": "00000000-0000-4000-8000-000000000000"}
            return nothing.get(converter, "nothing-here")
        for start, what in private.items():
            if route.startswith(start):
                return str(pages.private.get((who, what), {OWN: 999999, OTHER: 999998})[kind])
        side = pages.sides[kind]
        if (
            who == "rival"
            and name in ("pk", "uuid", "colleague", "correction")
            and OF_AN_APPLICANT.match(route)
        ):
            side = pages.sides[OTHER if kind == OWN else OWN]
        return str(_value(route, name, side))

    return "/" + re.sub(r"<(\w+):(\w+)>", value, route)


# ---- Asking -----------------------------------------------------------------------------------
def ask(pages: Pages, route: str) -> dict[str, str]:
    """What everybody is answered at an address: "own other none", or one status without a row."""
    said = {}
    for who in EVERYBODY:
        kinds = KINDS if "<" in route and who not in HOLD_NOTHING else (OWN,)
        said[who] = " ".join(_status(pages, filled(pages, route, kind, who), who) for kind in kinds)
    return said


def _status(pages: Pages, address: str, who: str) -> str:
    answer = pages.clients[who].get(address)
    if answer.streaming:
        answer.getvalue()  # to its end, which shuts its file
    return str(answer.status_code)


def expected() -> dict[str, dict[str, str]]:
    """The table in `permissions.csv`."""
    with TABLE.open(newline="") as lines:
        return {row.pop("address"): row for row in csv.DictReader(lines)}


def refused_at() -> list[str]:
    """The addresses of pages that say why not to somebody."""
    return [name for name, row in expected().items() if "403" in " ".join(row.values())]


def refused(pages: Pages, name: str, route: str) -> Iterator[tuple[str, str]]:
    """Who is told why not at an address, and the address as it is for them."""
    for who, cell in expected()[name].items():
        for kind, status in zip(KINDS, cell.split(), strict=False):
            if status == "403" and who != "nobody":
                yield who, filled(pages, route, kind, who)


def write_table(found: dict[str, dict[str, str]]) -> None:
    with TABLE.open("w", newline="") as lines:
        out = csv.DictWriter(lines, ["address", *EVERYBODY], lineterminator="\n")
        out.writeheader()
        for name in sorted(found):
            out.writerow({"address": name, **found[name]})


def mark_of_everything() -> dict[str, str]:
    """A mark over all rows of each table of ours, so that any change shows where it was."""
    marks = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table.split("_")[0] in APPS:
                cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
                marks[table] = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
    return marks
