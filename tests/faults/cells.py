"""What the guards are tried against: a world with somebody of every kind, and every way to write.

Everybody of the staff gets, with the guards off, what only a volunteer should have: a place in the
round, a seat, bids to read, a sheet of scores. So each table's own guard is what refuses them, and
not the first door alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, models, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import NewEmail, Person, Role, RoleHolding
from applications.models import (
    AskBack,
    Correction,
    Document,
    Eligibility,
    Extension,
    PlainWords,
)
from commissioning.models import (
    Agreement,
    AgreementVote,
    Confirmation,
    Criterion,
    HoursGiven,
    LevelWord,
    LotStage,
    Member,
    MustHave,
    Objection,
    Priority,
    Promise,
    TypedAnswer,
    TypedVote,
)
from decisions.models import (
    BoardChange,
    Clearing,
    Decision,
    Forgetting,
    MoneyBoard,
    Outcome,
    OutcomeLetter,
    Ratification,
    ReportApproval,
    ReportFile,
    RetentionRule,
    Signature,
)
from ledger import guards
from ledger.models import Chain, Sending
from panels.models import (
    Abstention,
    Assignment,
    Declaration,
    Interest,
    InterviewQuestion,
    Meeting,
    Panel,
    Phase,
    Proposal,
    Question,
    Reflection,
    Score,
    ScoreSheet,
    Seat,
    SeatChange,
    SeatRun,
    ShareChange,
    ShareReply,
    ShareRun,
    ShareUndo,
    SheetScan,
    Shortlisting,
    StandingAside,
    Steered,
    TakeBack,
    Void,
)
from support.models import AboutQuestion, AboutTable, Conduct, CountDay, Expense
from tests.factories.accounts import a_letter
from tests.factories.commissioning import make_lot, make_person, make_round
from tests.factories.panels import Reading, agreed, make_bid, reading_round, send
from tests.factories.unguarded import unguarded

VOLUNTEERS = ("volunteer", "other volunteer")
EVERYBODY = (
    *VOLUNTEERS,
    "facilitator",
    "second facilitator",
    "board member",
    "applicant",
    "administrator",
    "superuser",
    "standing aside",
    "member of another round",
    "ended member",
    "invited, never said yes",
    "newcomer, not confirmed",
    "became facilitator",
    "was facilitator in this round",
    "the program itself",
)
_numbers = count(1)


@dataclass
class World:
    """Everybody, with what each of them holds, rightly or planted."""

    reading: Reading
    people: dict[str, Person] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    sheets: dict[str, ScoreSheet] = field(default_factory=dict)
    rows: dict[str, models.Model] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


# ---- The world --------------------------------------------------------------------------------
def make_world() -> World:
    """A round that is being read, with somebody of every kind in it."""
    now = timezone.now()
    joan = make_person("Joan Ibbotson", Role.VOLUNTEER)
    harold = make_person("Harold Whitaker", Role.VOLUNTEER)
    priya = make_person("Priya Nair", Role.VOLUNTEER)
    sam = make_person("Sam Okafor", Role.FACILITATOR)
    reading = reading_round(joan, harold, priya, by=sam)
    world = World(reading)
    world.people = {
        "volunteer": joan,
        "other volunteer": harold,
        "standing aside": priya,
        "facilitator": sam,
        "second facilitator": make_person("Ruth Bentley", Role.FACILITATOR),
        "board member": make_person("Margaret Dunn", Role.BOARD),
        "applicant": make_person("Amina Yusuf", Role.APPLICANT),
        "administrator": make_person("Adele Keeper", Role.ADMINISTRATOR),
        "superuser": make_person("Una Super", Role.VOLUNTEER, is_superuser=True, is_staff=True),
        "member of another round": make_person("Otto Elsewhere", Role.VOLUNTEER),
        "ended member": make_person("Enid Ended", Role.VOLUNTEER),
        "invited, never said yes": make_person("Ivy Invited", Role.VOLUNTEER),
        "newcomer, not confirmed": make_person("Nell Newcomer", Role.VOLUNTEER),
        "became facilitator": make_person("Tess Turned", Role.VOLUNTEER),
        "was facilitator in this round": make_person("Rex Returned"),
        "the program itself": Person.objects.machine(),
    }
    for name, person in world.people.items():
        assert name in EVERYBODY
        assert person.pk
    _change_roles(world)
    world.more["sent"] = send(reading, reading.assignments(harold)[0])
    with unguarded():
        _plant_what_only_volunteers_hold(world)
        plant_rows(world)
    world.more["now"] = now
    return world


def _change_roles(world: World) -> None:
    now, machine = timezone.now(), Person.objects.machine()
    turned = world.people["became facilitator"]
    RoleHolding.objects.filter(person=turned).update(ended_at=now, ended_by=machine)
    for person, role, ended in (
        (turned, Role.FACILITATOR, None),
        (world.people["was facilitator in this round"], Role.FACILITATOR, now),
        (world.people["was facilitator in this round"], Role.VOLUNTEER, None),
        (world.people["the program itself"], Role.VOLUNTEER, None),
    ):
        RoleHolding.objects.create(
            person=person,
            role=role,
            began_at=now - timedelta(hours=1),
            began_by=machine,
            ended_at=ended,
            ended_by=machine if ended else None,
        )


def _plant_what_only_volunteers_hold(world: World) -> None:
    """A place, a seat, a bid to read and a sheet for everybody, whoever they are."""
    now, reading = timezone.now(), world.reading
    elsewhere = make_round(by=reading.by)
    lot = make_lot(elsewhere, "Elsewhere")
    panel_elsewhere = Panel.objects.create(
        round=elsewhere, lot=lot, name="Elsewhere", made_at=now, made_by=reading.by
    )
    bid = reading.bids[0]
    loose = make_bid(reading.lot, title="Given to nobody")
    world.more.update(loose=loose, bid=bid, elsewhere=elsewhere)
    for name, person in world.people.items():
        away = name == "member of another round"
        member = Member.objects.filter(person=person, round=reading.round).first()
        if member is None:
            gone = name == "ended member"
            joined = None if name == "invited, never said yes" else now
            counts = None if name == "newcomer, not confirmed" else joined
            member = Member.objects.create(
                round=elsewhere if away else reading.round,
                person=person,
                invited_at=now,
                invited_by=reading.by,
                joined_at=joined,
                joined_by=person if joined else None,
                confirmed_at=counts,
                confirmed_by=person if counts else None,
                ended_at=now if gone else None,
                ended_by=person if gone else None,
            )
        world.members[name] = member
        panel = panel_elsewhere if away else reading.panel
        seat = Seat.objects.filter(member=member, panel=panel).first()
        world.seats[name] = seat or Seat.objects.create(
            panel=panel, member=member, began_at=now, began_by=reading.by
        )
        given = Assignment.objects.filter(member=member, application=bid).first()
        world.assignments[name] = given or Assignment.objects.create(
            member=member,
            application=bid,
            version=bid.versions.get(),
            order_key=0.5,
            given_at=now,
            given_by=reading.by,
        )
        world.sheets[name] = ScoreSheet.objects.create(
            member=member,
            application=reading.bids[1],
            assignment=Assignment.objects.filter(
                member=member, application=reading.bids[1]
            ).first(),
            version=reading.bids[1].versions.get(),
            phase=Phase.READING,
            sent_at=now,
            sent_by=person,
        )
    tie = Interest.objects.create(
        member=world.members["standing aside"], application=bid, kind="direct", made_at=now
    )
    StandingAside.objects.create(member=tie.member, lot=reading.lot, interest=tie, began_at=now)
    world.rows["panels_interest"] = tie


def fill(model: type[models.Model], **given: Any) -> models.Model:
    """A row with something in every column that must have something."""
    number = next(_numbers)
    facts: dict[str, Any] = {}
    for column in model._meta.local_fields:
        skip = column.primary_key or column.null or column.blank or column.has_default()
        if column.name in given or skip:
            continue
        if isinstance(column, models.ForeignKey):
            facts[column.name] = column.related_model.objects.first()
        elif isinstance(column, models.DateTimeField):
            facts[column.name] = timezone.now()
        elif isinstance(column, models.DateField):
            facts[column.name] = timezone.localdate()
        elif isinstance(column, models.BooleanField):
            facts[column.name] = True
        elif isinstance(column, models.CharField | models.TextField | models.FileField):
            facts[column.name] = f"{number}"
        else:
            facts[column.name] = 1
    return model.objects.create(**{**facts, **given})


def a_question(programme: models.Model) -> models.Model:
    """A question about everybody, with two answers and no target."""
    return fill(AboutQuestion, programme=programme, options=["Yes", "No"], shares=[None, None])


def plant_rows(world: World) -> None:
    """At least one row in each guarded table, that nothing should be able to change."""
    reading, round, panel, bid = (
        world.reading,
        world.reading.round,
        world.reading.panel,
        world.reading.bids[0],
    )
    now, harold = timezone.now(), world.people["other volunteer"]
    member, seat = world.members["other volunteer"], world.seats["other volunteer"]
    criteria = Criterion.objects.filter(agreement__round=round)
    put = Agreement.objects.create(
        round=round, about="priorities", put_at=now, put_by=harold, version=1
    )
    vote_on = Agreement.objects.create(
        round=round, about="criteria", put_at=now, put_by=harold, version=9
    )
    draft = Agreement.objects.create(round=round, about="criteria", version=10)
    shortlist = agreed(panel, Proposal.Kind.SHORTLIST, application=bid)
    report = agreed(panel, Proposal.Kind.REPORT)
    letters = agreed(panel, Proposal.Kind.LETTERS)
    open_one = fill(Proposal, panel=panel, kind="other", words="Shall we?", put_by=harold)
    board = MoneyBoard.objects.create(panel=panel, name="One", made_at=now, made_by=harold)
    facts = {"panel": panel, "board": board, "put_at": now, "put_by": harold, "digest": "0" * 64}
    standing = Decision.objects.create(number=1, stands_at=now, **facts)
    waiting = Decision.objects.create(number=2, replaces=standing, reason="Anew", **facts)
    outcome = Outcome.objects.create(
        decision=standing,
        application=bid,
        kind="award",
        asked=1000,
        amount=1000,
        reason="Yes.",
        criterion=criteria.first(),
    )
    letter = a_letter(harold, state=Sending.State.SENT)
    typed = fill(TypedVote, agreement=vote_on, member=member, choice="agree", typed_by=reading.by)
    world.more.update(
        vote_on=vote_on,
        draft=draft,
        open_proposal=open_one,
        waiting=waiting,
        standing=standing,
        board=board,
        report=report,
        typed=typed,
    )
    sheet = world.sheets["other volunteer"]
    answer = {"seats": [], "reasons": {}, "short": {}}
    seat_run = fill(
        SeatRun, round=round, seed=1, answer=answer, confirmed_at=now, confirmed_by=reading.by
    )
    day = fill(CountDay, round=round, counted_at=now, counted_by=reading.by)
    elsewhere = world.more.get("elsewhere") or make_round(by=reading.by)
    rows: list[models.Model] = [
        round,
        round.chain,
        Chain.objects.get(pk=round.chain_id).entries.order_by("seq").first(),
        letter,
        letter.sending,
        harold,
        RoleHolding.objects.get(person=harold),
        member,
        seat,
        panel,
        reading.lot,
        round.stages.get(kind="criteria"),
        fill(
            LotStage,
            round=elsewhere,
            lot=elsewhere.lots.first() or make_lot(elsewhere, "Elsewhere"),
            kind="scoring",
            opened_at=now,
            opened_by=harold,
            closed_at=now,
            closed_by=harold,
        ),
        fill(round.funder_rules.model, round=round, text="In Leeds."),
        put,
        fill(Priority, agreement=put, limit=10, worded_by=member),
        fill(MustHave, agreement=put, worded_by=member),
        fill(Objection, agreement=put, funder_rule=round.funder_rules.first()),
        criteria.first(),
        LevelWord.objects.filter(criterion=criteria.first()).first(),
        AgreementVote.objects.filter(agreement__round=round, member=member).first(),
        typed,
        fill(Confirmation, member=member, confirmer=world.members["ended member"]),
        bid,
        bid.versions.get(),
        Eligibility.objects.get(application=bid),
        fill(AskBack, eligibility=Eligibility.objects.get(application=bid), member=member),
        fill(Extension, application=bid),
        fill(
            Correction,
            application=bid,
            kind="wished",
            part="area",
            value="Leeds",
            words="A slip.",
            answered_at=now,
            answered_by=harold,
            granted=False,
            reason="No.",
            settled_at=now,
            settled_by=reading.by,
        ),
        fill(PlainWords, application=bid, version=bid.versions.get(), part="bid"),
        fill(Document, application=bid, kind="pdf", file=ContentFile(b"%PDF-1.4", name="paper")),
        world.assignments["other volunteer"],
        Declaration.objects.get(member=member),
        world.rows["panels_interest"],
        StandingAside.objects.filter(lot=reading.lot).first(),
        reading.run,
        fill(ShareChange, run=reading.run, application=bid),
        fill(
            ShareUndo,
            run=fill(ShareRun, round=round, seed=1, confirmed_at=now, confirmed_by=harold),
        ),
        fill(ShareReply, member=member, answer="fine", bids_wanted=5),
        sheet,
        fill(
            SheetScan,
            assignment=world.assignments["other volunteer"],
            kind="jpg",
            file=ContentFile(b"A page", name="page"),
            added_by=reading.by,
        ),
        fill(Score, sheet=sheet, criterion=criteria.first(), value=2),
        fill(TakeBack, sheet=world.sheets["ended member"]),
        fill(Void, sheet=world.sheets["became facilitator"], why="interest"),
        fill(Abstention, assignment=world.assignments["ended member"], why="not_well"),
        shortlist,
        shortlist.votes.first(),
        fill(
            Shortlisting,
            panel=panel,
            application=bid,
            outcome="meet",
            proposal=shortlist,
            reason="Yes",
        ),
        fill(Question, panel=panel, member=member),
        fill(Reflection, meeting=fill(Meeting, panel=panel, kind="decision")),
        fill(Steered, panel=panel, text="Pushed."),
        fill(Meeting, panel=panel, kind="other"),
        fill(InterviewQuestion, panel=panel),
        standing,
        outcome,
        fill(Signature, decision=standing, seat=seat, choice="agree"),
        fill(Ratification, decision=standing, kind="confirmed"),
        fill(apps.get_model("decisions", "DueDiligence"), outcome=outcome, kind="bank"),
        fill(apps.get_model("decisions", "Acceptance"), outcome=outcome),
        fill(apps.get_model("decisions", "Description"), application=bid),
        fill(apps.get_model("decisions", "Complaint"), application=bid),
        Clearing.objects.filter(what="drafts").first() or fill(Clearing, what="drafts"),
        fill(apps.get_model("decisions", "Erasure"), application=bid),
        Forgetting.objects.waiting().first() or fill(Forgetting, person=harold),
        RetentionRule.objects.filter(programme=round.programme, what="drafts").first()
        or RetentionRule.objects.create(
            programme=round.programme,
            what="drafts",
            months=3,
            shorter=2,
            asked_at=now,
            asked_by=harold,
        ),
        fill(
            OutcomeLetter,
            kind="yes",
            application=bid,
            outcome=outcome,
            approved_by_proposal=letters,
            letter=letter,
        ),
        fill(ReportApproval, round=round, panel=panel, proposal=report),
        fill(
            ReportFile,
            round=round,
            format="csv",
            audience="board",
            file=ContentFile(b"a,b", name="report"),
        ),
        fill(BoardChange, board=board, application=bid),
        fill(apps.get_model("decisions", "BoardNote"), round=round, kind="question", text="Why?"),
        fill(NewEmail, person=harold, email="", asked_by=reading.by, agreed_at=None),
        Promise.objects.filter(member=member).first() or fill(Promise, member=member),
        fill(
            TypedAnswer,
            member=member,
            about="hours",
            said={"stage": "training", "hours": "3"},
            typed_by=reading.by,
        ),
        fill(HoursGiven, member=member, stage="training", said_by=harold),
        seat_run,
        fill(SeatChange, run=seat_run, panel=panel),
        fill(Conduct, round=round, person=world.people["other volunteer"], signed_by=harold),
        fill(Expense, member=member, kind="travel", amount=5),
        day,
        fill(AboutTable, day=day, question=a_question(round.programme), people=0, counts=[]),
    ]
    fill(Score, sheet=sheet, question=InterviewQuestion.objects.first(), value=2)
    world.rows = {row._meta.db_table: row for row in rows}
    for row in world.rows.values():
        row.refresh_from_db()


# ---- Ways to write ----------------------------------------------------------------------------
def columns_of(row: models.Model) -> dict[str, Any]:
    """What a row holds, by column, as the database takes it."""
    return {
        column.column: column.get_db_prep_save(getattr(row, column.attname), connection)
        for column in row._meta.local_fields
        if not (column.primary_key and row.pk is None)
    }


def run(sql: str, values: list[Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def insert(row: models.Model, verb: str = "INSERT", end: str = "") -> int:
    facts = columns_of(row)
    names = ", ".join(f'"{name}"' for name in facts)
    marks = ", ".join(["%s"] * len(facts))
    table = row._meta.db_table
    return run(f"{verb} INTO {table} ({names}) VALUES ({marks}){end}", list(facts.values()))


def over(row: models.Model) -> str:
    """The end of an upsert that puts every column of a row over the one that is there."""
    key = row._meta.pk.column
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in columns_of(row) if name != key)
    return f' ON CONFLICT ("{key}") DO UPDATE SET {sets}'


def _saved(row: models.Model) -> int:
    row.save(force_insert=True)
    return 1


def adding(vendor: str) -> dict[str, Callable[[models.Model], int]]:
    """Each way to add a row; they give how many rows they wrote."""
    ways: dict[str, Callable[[models.Model], int]] = {
        "create": _saved,
        "bulk_create": lambda row: len(type(row)._base_manager.bulk_create([row])),
        "INSERT": insert,
        "upsert": lambda row: insert(row, end=over(row)),
    }
    if vendor == "sqlite":
        ways["INSERT OR REPLACE"] = lambda row: insert(row, "INSERT OR REPLACE")
    return ways


def fresh(row: models.Model, **changes: Any) -> models.Model:
    """A row like this one, as if just read, with some fields changed."""
    copy = type(row)._base_manager.get(pk=row.pk)
    for name, value in changes.items():
        setattr(copy, name, value)
    return copy


def touching(
    row: models.Model, changes: dict[str, Any], vendor: str
) -> Iterator[tuple[str, Callable[[], int]]]:
    """Each way to change a row that is there, or to take it away."""
    model, table, key = type(row), row._meta.db_table, row._meta.pk.column
    here = model._base_manager.filter(pk=row.pk)

    def saved() -> int:
        fresh(row, **changes).save()
        return 1

    def raw_update(verb: str = "UPDATE") -> int:
        changed = fresh(row, **changes)
        names = [model._meta.get_field(name.removesuffix("_id")) for name in changes]
        facts = columns_of(changed)
        sets = ", ".join(f'"{name.column}" = %s' for name in names)
        values = [facts[name.column] for name in names]
        return run(f'{verb} {table} SET {sets} WHERE "{key}" = %s', [*values, row.pk])

    def replace_by_its_keys() -> int:
        copy = fresh(row, **changes)
        copy.pk = None
        return insert(copy, "INSERT OR REPLACE")

    yield "update()", lambda: here.update(**changes)
    yield "save()", saved
    yield (
        "bulk_update",
        lambda: model._base_manager.bulk_update([fresh(row, **changes)], list(changes)),
    )
    yield "UPDATE", raw_update
    yield (
        "another id",
        lambda: run(f'UPDATE {table} SET "{key}" = 987654 WHERE "{key}" = %s', [row.pk]),
    )
    yield "upsert", lambda: insert(fresh(row, **changes), end=over(row))
    yield "delete()", lambda: here.delete()[0]
    yield "_raw_delete", lambda: here._raw_delete("default")
    yield "DELETE", lambda: run(f'DELETE FROM {table} WHERE "{key}" = %s', [row.pk])
    if vendor == "sqlite":
        yield "INSERT OR REPLACE", lambda: insert(fresh(row, **changes), "INSERT OR REPLACE")
        yield "UPDATE OR REPLACE", lambda: raw_update("UPDATE OR REPLACE")
        if _has_other_key(model):
            yield "REPLACE by its keys", replace_by_its_keys
    else:
        yield "TRUNCATE", lambda: run(f"TRUNCATE {table} CASCADE")


def _has_other_key(model: type[models.Model]) -> bool:
    """Whether some other unique key than the id covers every row."""
    whole = [
        constraint
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and not constraint.condition
    ]
    unique = [one for one in model._meta.local_fields if one.unique and not one.primary_key]
    return bool(whole or [one for one in unique if not one.null])


# ---- Trying -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cell:
    """What became of one try: how many rows it wrote, or who refused it."""

    wrote: int
    refused_by: str = ""

    @property
    def mark(self) -> str:
        return self.refused_by or ("wrote" if self.wrote else "nothing")


def attempt(write: Callable[[], int]) -> Cell:
    """Try a write and take it back. Refused by a "guard", a "grant", a "key" or Django itself."""
    try:
        with transaction.atomic():
            wrote = write()
            transaction.set_rollback(True)
            return Cell(wrote)
    except ProtectedError:
        return Cell(0, "django")
    except DatabaseError as error:
        return Cell(0, _who(str(error)))


def _who(words: str) -> str:
    if "permission denied" in words:
        return "grant"
    first = words.splitlines()[0]
    return "guard" if first in _sentences() or first.endswith("is never emptied") else first


@cache
def _sentences() -> frozenset[str]:
    listed = [*guards.guards(), *guards.kept(connection.vendor)]
    return frozenset(guard.sentence for guard in listed)


def prepare_adding(world: World) -> None:
    """What the rows to be added hang on: a round, a panel and an outcome of their own."""
    reading, now = world.reading, timezone.now()
    with unguarded():
        bid = make_bid(make_lot_late(reading), title="In the other lot")
        panel = Panel.objects.create(
            round=reading.round, lot=bid.lot, name="Empty", made_at=now, made_by=reading.by
        )
        voter = world.seats["volunteer"]
        for member in world.members.values():
            proposal = Proposal.objects.create(
                panel=panel,
                kind="add_member",
                data={"member": member.pk},
                put_at=now,
                put_by=reading.by,
                outcome="agreed",
                settled_at=now,
            )
            proposal.votes.create(seat=voter, choice="agree", voted_at=now)
        aside = world.members["standing aside"]
        tie = Interest.objects.create(member=aside, application=bid, kind="direct", made_at=now)
        StandingAside.objects.create(member=aside, lot=bid.lot, interest=tie, began_at=now)
        world.more["a no"] = Outcome.objects.create(
            decision=world.more["standing"],
            application=reading.bids[2],
            kind="no",
            asked=10,
            reason="No.",
            criterion=reading.criteria[0],
        )
        world.more["a tie"] = Proposal.objects.create(
            panel=reading.panel,
            kind="interest",
            application=reading.bids[2],
            data={"member": world.members["volunteer"].pk},
            put_at=now,
            put_by=reading.by,
        )
    world.more["question"] = InterviewQuestion.objects.first()
    world.more["empty panel"] = panel
    world.more["new round"] = make_round(by=reading.by)
    world.more["elsewhere voted"] = make_round(by=reading.by)
    with unguarded():
        Agreement.objects.create(
            round=world.more["elsewhere voted"],
            about="priorities",
            put_at=now,
            put_by=reading.by,
        )


def make_lot_late(reading: Reading) -> Any:
    return reading.round.lots.create(name="Late", slug="late", limit=1)
