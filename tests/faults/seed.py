"""What an installation holds before its processes are killed. Run inside it: `site.run(...)`."""

import json
import sys
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Person, Role
from commissioning.models import Lot, Member, Round, StageKind
from decisions import actions
from decisions.models import Errand
from decisions.reading import report_of
from decisions.report import mark_of
from decisions.tasks import do_errands
from ledger.actions import Address, Words, write_letter
from ledger.models import Channel, Letter, Sending
from panels.actions import ask_for_sharing
from panels.models import Panel
from tests.factories import commissioning as make
from tests.factories import decisions as build
from tests.factories.applications import make_open_round
from tests.factories.panels import declare_all, reading_round, sharing_round


@transaction.atomic
def letters(reminders: int, decisions: int = 0, *, later: bool = False) -> None:
    """So many letters, each to a person of its own: reminders (which go again when in doubt), and
    decisions (which are held). They are due now, or `later`: when the test releases them."""
    by, now = Person.objects.machine(), timezone.now()
    kinds = _mixed(reminders, decisions)
    for number, on_doubt in enumerate(kinds):
        person = Person.objects.create_user(f"reader{number}@example.org", name=f"Reader {number}")
        write_letter(
            key=f"fault:{number}",
            kind=str(on_doubt),
            to=Address(person.name, Channel.EMAIL, f"reader{number}@example.org", person),
            words=Words(f"Letter {number}", "Dear reader\n"),
            by=by,
            at=now,
            when=Letter.When.ANSWER,  # these go by night too
            on_doubt=on_doubt,
            not_before=now + timedelta(days=later),
        )
    make.make_person("Sam", Role.FACILITATOR)


def _mixed(reminders: int, decisions: int) -> list[Letter.OnDoubt]:
    """Turn and turn about, so that a kill meets both kinds."""
    found: list[Letter.OnDoubt] = []
    while reminders or decisions:
        if reminders:
            found.append(Letter.OnDoubt.RESEND)
            reminders -= 1
        if decisions:
            found.append(Letter.OnDoubt.HOLD)
            decisions -= 1
    return found


@transaction.atomic
def invitations(number: int) -> None:
    """A round that so many volunteers are invited to join by today, asked long ago."""
    by = make.make_person("Sam", Role.FACILITATOR)
    round = make.make_round(by=by)
    stage = make.open_to(round, StageKind.JOIN)
    for person in make.make_volunteers(number):
        make.invite(round, person)
    Member.objects.filter(round=round).update(invited_at=timezone.now() - timedelta(days=20))
    stage.closes_on = timezone.localdate()
    stage.save(update_fields=["closes_on"])


@transaction.atomic
def agreed_report(projects: int) -> None:
    """A round of so many awards, decided and told, whose panel has agreed the report."""
    people = make.make_volunteers(3)
    by = make.make_person("Sam", Role.FACILITATOR)
    deciding = build.deciding_round(*people, by=by, bids=projects)
    build.decided(deciding)
    build.agreed_report(deciding)


def decided(projects: int) -> None:
    """A round of so many awards, decided; none of their letters is written."""
    by = make.make_person("Sam", Role.FACILITATOR)
    build.decided(build.deciding_round(*make.make_volunteers(3), by=by, bids=projects))


def ask_for_letters() -> None:
    """Ask for the letters of the one panel there is."""
    by, panel = Person.objects.get(name="Sam"), Panel.objects.get()
    actions.ask_for_letters(panel=panel, by=by, at=timezone.now())


@transaction.atomic
def agreed_letters(projects: int) -> None:
    """A round of so many bids, decided; the panel has agreed the letters, and they may go."""
    by = make.make_person("Sam", Role.FACILITATOR)
    deciding = build.deciding_round(*make.make_volunteers(3), by=by, bids=projects)
    build.decided(deciding)
    build.agreed_letters(deciding)


def ask_to_send() -> None:
    """Ask that the letters go of the one panel there is."""
    by, panel = Person.objects.get(name="Sam"), Panel.objects.get()
    actions.ask_to_send(panel=panel, by=by, at=timezone.now())


def ask_for_copy(format: str) -> None:
    """Ask for a copy of the report of the one round there is."""
    by, round, now = Person.objects.get(name="Sam"), Round.objects.get(), timezone.now()
    mark = mark_of(report_of(round, at=now))
    actions.ask_for_copy(round=round, format=format, audience="board", digest=mark, by=by, at=now)


@transaction.atomic
def on_paper(people: int, bids: int) -> None:
    """A round where so many people read so many bids each, on paper, and wait for their packs."""
    by = make.make_person("Sam", Role.FACILITATOR)
    reading_round(*make.make_volunteers(people), bids=bids, by=by)
    Person.objects.filter(roles__role=Role.VOLUNTEER).update(channel=Channel.POST)


def ask_for_packs(of: int | None = None) -> None:
    """Ask for the packs of all who wait for one, or for the pack of one reader, the n-th."""
    by, round, now = Person.objects.get(name="Sam"), Round.objects.get(), timezone.now()
    member = None if of is None else Member.objects.order_by("pk")[of]
    actions.ask_for_packs(round=round, member=member, by=by, at=now)


def packs() -> str:
    """Make all packs here and now; gives where they are kept."""
    ask_for_packs()
    do_errands()
    return str(Errand.objects.get().kept.name)


@transaction.atomic
def open_for_bids() -> None:
    """A round that is open for bids; nobody has sent one."""
    make_open_round(by=make.make_person("Sam", Role.FACILITATOR))


def ask_for_import(rows: int) -> None:
    """Have a file of so many bids, and one line in trouble, looked at; ask for the bids in it."""
    by, lot, now = Person.objects.get(name="Sam"), Lot.objects.get(), timezone.now()
    lines = ["outside_id,organisation,title,asked"]
    lines += [f"B{number},Tea and Talk {number % 4},Tea {number},1000" for number in range(rows)]
    upload = SimpleUploadedFile("bids.csv", "\n".join([*lines, "Bad,,,oops"]).encode())
    look = actions.ask_for_look(lot=lot, upload=upload, mapping="", by=by, at=now)
    do_errands()
    look.refresh_from_db()
    actions.ask_for_import(look=look, leave_out=True, by=by, at=now)


def copy_of_report(format: str) -> str:
    """Make a copy here and now; gives where it is kept."""
    by, round = Person.objects.get(name="Sam"), Round.objects.get()
    made = actions.export_report(round=round, format=format, by=by, at=timezone.now())
    return str(made.file.name)


def report() -> None:
    """Print, as JSON: every letter's sending, each inbox, and the page staff see."""
    rows = Sending.objects.select_related("letter", "letter__to").order_by("pk")
    client = Client(HTTP_HOST="localhost")
    client.force_login(Person.objects.holding(Role.FACILITATOR).order_by("pk")[0])
    shown: dict[str, Any] = {
        "letters": [
            {
                "pk": row.letter_id,
                "key": row.letter.key,
                "kind": row.letter.kind,
                "subject": row.letter.subject,
                "state": row.state,
                "attempts": row.attempts,
                "doubts": row.doubts,
            }
            for row in rows
        ],
        "inboxes": [
            Letter.objects.inbox_of(person).count()
            for person in Person.objects.get_queryset().filter(letters__isnull=False).distinct()
        ],
        "outbox": client.get("/outbox/").content.decode(),
    }
    sys.stdout.write(json.dumps(shown))


def sharing(people: int, bids: int) -> None:
    """A round where everybody has said whom they know, and somebody asked for a proposal."""
    by = make.make_person("Sam", Role.FACILITATOR)
    reading = sharing_round(*make.make_volunteers(people), by=by, bids=bids)
    declare_all(reading)
    ask_for_sharing(round=reading.round, by=by, at=timezone.now())
