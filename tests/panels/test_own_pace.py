"""Two panels of one round at different speeds: days, rests, letters, tasks, guards and pages."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import panels.actions
from accounts.models import Break, Person
from accounts.permissions import Refused
from commissioning import pace, rules
from commissioning.actions import close_stage, give_own_days, open_stage, set_stage_dates
from commissioning.models import Lot, LotStage, Member, Round
from commissioning.reminders import as_under_way
from commissioning.rules import StageDays, stage_open
from config.views import home
from decisions.gates import gate
from decisions.tasks import all_tasks
from ledger import clock
from ledger.actions import Address, Words, write_letter
from ledger.models import Channel, Entry, Letter
from panels.calls import calls_today
from panels.models import Assignment, Panel, Proposal
from panels.rest import may_send
from panels.rules.meeting import may_arrange
from panels.rules.share import listed_bids, offers
from tests.factories.commissioning import (
    close,
    join,
    make_lot,
    make_round,
    make_volunteers,
    open_to,
)
from tests.factories.panels import Reading, agreed, make_bid, send

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@dataclass
class Two:
    """A round with two lots, each with its panel; Joan sits on both, and reads in both."""

    round: Round
    near: Reading
    far: Reading
    by: Person

    def fresh(self) -> Round:
        return Round.objects.get(pk=self.round.pk)

    def stage(self, kind: str, lot: Lot | None = None) -> pace.AnyStage:
        found = pace.stage_of(self.fresh(), kind, lot.pk if lot else 0)
        assert found
        return found

    def close(self, kind: str, lot: Lot | None = None) -> None:
        close_stage(stage=self.stage(kind, lot), by=self.by, at=clock.now(), agreed=True)

    def last_days(self) -> dict[str, date]:
        tasks = all_tasks(as_under_way([self.fresh()]))
        return {f"{one.person.name}{one.lot or ''}": one.last_day for one in tasks}


@pytest.fixture
def two(joan: Person, harold: Person, sam: Person) -> Two:
    """Reading is open for both panels until in 13 days."""
    round = make_round(by=sam)
    others = make_volunteers(5)
    members = join(round, joan, harold, *others, by=sam, bids=19)
    lots = [make_lot(round, "Near"), make_lot(round, "Far")]
    now = timezone.now()
    seated = [[members[0], members[1], *members[2:4]], [members[0], *members[4:7]]]
    panels_made = []
    for lot, of in zip(lots, seated, strict=True):
        panel = panels.actions.make_panel(lot=lot, name=f"{lot} panel", by=sam, at=now)
        for member in of:
            panels.actions.seat_member(panel=panel, member=member, by=sam, at=now)
        panels_made.append(panel)
    open_to(round, "sharing", on=timezone.localdate() - 11 * DAY, by=sam)
    readings = []
    for lot, panel, of in zip(lots, panels_made, seated, strict=True):
        bids = [make_bid(lot)]
        for member in of:
            panels.actions.declare(member=member, lot=lot, by=member.person, at=now)
        for bid in bids:
            for place, member in enumerate(of):
                Assignment.objects.create(
                    member=member,
                    application=bid,
                    order_key=place,
                    given_at=now,
                    given_by=sam,
                    version=bid.versions.get(),
                )
        readings.append(Reading(round, lot, panel, of, bids, sam))
    today = timezone.localdate()
    close(round.stages.get(kind="sharing"), on=today - 4 * DAY, by=sam)
    scoring = round.stages.get(kind="scoring")
    scoring.opens_on, scoring.closes_on = today, today + 13 * DAY
    scoring.opened_at, scoring.opened_by = now, sam
    scoring.save()
    return Two(round, *readings, sam)


@pytest.fixture
def apart(two: Two) -> Two:
    """The far lot has days of its own: a week more for reading."""
    give_own_days(lot=two.far.lot, by=two.by, at=clock.now())
    own = two.stage("scoring", two.far.lot)
    later = StageDays(own.opens_on, own.closes_on + 7 * DAY, own.recovery_days)
    others = {
        row.kind: StageDays(row.opens_on + 7 * DAY, row.closes_on + 7 * DAY, row.recovery_days)
        for row in pace.own_stages(two.fresh())
        if row.kind != "scoring"
    }
    set_stage_dates(
        round=two.fresh(),
        days={"scoring": later, **others},
        by=two.by,
        at=clock.now(),
        lot=two.far.lot.pk,
    )
    for reading in (two.near, two.far):
        agreed(reading.panel, Proposal.Kind.CLOSE_EARLY, stage="scoring")
    return two


def to(person: Person, day: date) -> bool:
    """Whether a notice to this person may go at noon of a day."""
    letter = write_letter(
        key=f"{person.pk}:{day}",
        kind="test",
        to=Address(person.name, Channel.EMAIL, "a@example.org", person),
        words=Words("Subject", "Text"),
        by=person,
        at=timezone.now(),
    )
    return may_send(letter, timezone.make_aware(datetime.combine(day, time(12))))


def page(person: Person, name: str, *args: object, query: str = "") -> str:
    browser = Client()
    browser.force_login(person)
    answer = browser.get(reverse(name, args=args) + query)
    assert answer.status_code == 200, answer.content.decode()[:300]
    return " ".join(answer.content.decode().split())


# ---- Giving a panel days of its own ------------------------------------------------------------
def test_give_own_days_copies_the_days_that_are_left(two, sam):
    rows = give_own_days(lot=two.far.lot, by=sam, at=clock.now())
    assert [row.kind for row in rows] == ["scoring", "shortlist", "interviews", "decision"]
    for row in rows:
        common = two.round.stages.get(kind=row.kind)
        assert (row.opens_on, row.closes_on, row.recovery_days) == (
            common.opens_on,
            common.closes_on,
            common.recovery_days,
        )
        assert row.opened_at == common.opened_at
    assert Entry.objects.filter(verb="gave_own_days", chain=two.round.chain).count() == 1
    near = two.near.lot
    near.round.refresh_from_db()
    with pytest.raises(Refused, match="One lot must keep"):
        give_own_days(lot=near, by=sam, at=clock.now())


def test_give_own_days_is_for_staff_who_set_up(two, joan):
    with pytest.raises(Refused):
        give_own_days(lot=two.far.lot, by=joan, at=clock.now())


def test_give_own_days_on_its_page(two, sam):
    slug, lot = two.round.slug, two.far.lot
    assert "Give “Far” days of its own" in page(sam, "set_stage_dates", slug)
    browser = Client()
    browser.force_login(sam)
    address = reverse("give_own_days", args=[slug, lot.slug])
    assert browser.post(address).status_code == 422, "the box is not ticked"
    answer = browser.post(address, {"sure": "on"})
    assert answer.status_code == 302, answer.content.decode()
    own = page(sam, "set_stage_dates", slug, query=f"?lot={lot.slug}")
    assert "Dates and rests of “Far”" in own
    assert own.count("<fieldset") == 4
    assert "Set the dates of “Far”" in page(sam, "set_stage_dates", slug)
    assert "has days of its own already" in page(sam, "give_own_days", slug, lot.slug)


# ---- One panel closes before the other -----------------------------------------------------------
def test_a_panel_rests_after_its_own_close_and_the_other_goes_on(apart, joan, harold):
    far_only = apart.far.members[1].person
    today = timezone.localdate()
    apart.close("scoring")
    told = set(Letter.objects.filter(kind="stage_closed").values_list("to", flat=True))
    assert told == {member.person_id for member in apart.near.members}
    assert not to(harold, today + DAY), "the near panel rests"
    assert not to(joan, today + DAY), "and so does she who sits on both"
    assert to(far_only, today + DAY), "the far panel reads on"
    round = apart.fresh()
    assert not stage_open(round, "scoring", on=today)
    assert stage_open(round, "scoring", on=today, lot=apart.far.lot.pk)
    clock.move(days=8)
    assert to(harold, timezone.localdate() + 8 * DAY)
    apart.close("scoring", apart.far.lot)
    told = Letter.objects.filter(kind="stage_closed", key__startswith="lotstage:")
    assert {letter.to_id for letter in told} == {one.person_id for one in apart.far.members}
    assert "Reading and scoring: Far" in told[0].body_text
    after = clock.today() + DAY
    assert (to(harold, after), to(joan, after), to(far_only, after)) == (True, False, False)


def test_nothing_is_due_to_somebody_on_two_panels_in_either_rest(apart, joan):
    far = apart.far.lot.pk
    closes = apart.stage("scoring", apart.far.lot).closes_on
    assert apart.last_days()[f"{joan.name}{far}"] == closes
    apart.close("scoring")
    days = apart.last_days()
    rest = apart.stage("scoring").recovery_days
    assert days[f"{joan.name}{far}"] == closes + rest * DAY, "as many days as the others have"
    assert days[f"{apart.far.members[1].person.name}{far}"] == closes
    assert joan.name not in days, "the near panel asks nothing more"


def test_a_task_stays_the_same_when_its_panel_gets_days_of_its_own(two, joan, sam):
    """So that nobody is reminded of it more often than before."""
    far_only = two.far.members[1].person

    def keys(person: Person) -> set[str]:
        tasks = all_tasks(as_under_way([two.fresh()]))
        return {one.key for one in tasks if one.person == person}

    before = keys(far_only)
    give_own_days(lot=two.far.lot, by=sam, at=clock.now())
    assert keys(far_only) == before
    assert len(keys(joan)) == 2, "one for each panel"


def test_a_stage_waits_for_the_days_of_somebody_on_two_panels(two, sam):
    give_own_days(lot=two.far.lot, by=sam, at=clock.now())
    agreed(two.near.panel, Proposal.Kind.CLOSE_EARLY, stage="scoring")
    two.close("scoring")
    far = two.stage("scoring", two.far.lot)
    until = far.closes_on + two.stage("scoring").recovery_days * DAY
    waits = gate(far, "close", on=far.closes_on)
    assert f"They have until {until:%A} {until.day} {until:%B}" in waits.sentence
    assert gate(far, "close", on=until)
    agreed(two.far.panel, Proposal.Kind.CLOSE_EARLY, stage="scoring")
    assert gate(far, "close", on=far.closes_on), "its own panel goes on without"


def test_each_panel_goes_on_by_itself_and_letters_wait_for_all(apart, sam):
    apart.close("scoring")
    clock.move(days=60)
    round, today = apart.fresh(), clock.today()
    assert rules.may_open_stage(apart.stage("shortlist"), on=today)
    own = apart.stage("shortlist", apart.far.lot)
    assert rules.may_open_stage(own, on=today).sentence == (
        "“Reading and scoring: Far” must close first."
    )
    waits = rules.may_open_stage(apart.stage("letters"), on=today)
    assert "must close first" in waits.sentence
    steps = [(str(move.stage), move.what) for move in rules.moves(round, on=today)]
    assert ("Choosing who to meet", "open") in steps
    assert ("Reading and scoring: Far", "close") in steps
    open_stage(stage=apart.stage("shortlist"), by=sam, at=clock.now())
    told = set(Letter.objects.filter(kind="stage_opened").values_list("to", flat=True))
    assert told == {member.person_id for member in apart.near.members}
    assert stage_open(apart.fresh(), "shortlist", on=today)
    assert not stage_open(apart.fresh(), "shortlist", on=today, lot=apart.far.lot.pk)


def test_scores_are_taken_while_the_readers_own_panel_is_open(apart):
    """By the rules, and by the database itself."""
    apart.close("scoring")
    far = apart.far.members[1]
    mine = Assignment.objects.get(member=far)
    send(apart.far, mine)
    theirs = Assignment.objects.get(member=apart.near.members[1])
    with pytest.raises(Refused, match="closed on"):
        send(apart.near, theirs)
    apart.close("scoring", apart.far.lot)
    with pytest.raises(Refused, match="closed on"):
        send(apart.far, Assignment.objects.get(member=apart.far.members[2]))


def test_the_database_keeps_closed_what_a_panel_closed(apart, sam):
    apart.close("scoring", apart.far.lot)
    rows = LotStage.objects.filter(kind="scoring")
    for wrong in ({"closed_at": None, "closed_by": None}, {"recovery_days": 0}, {"order": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=apart.round.pk).update(has_own_days=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows._raw_delete("default")
    near = LotStage(
        round=apart.round,
        lot=apart.near.lot,
        kind="scoring",
        order=8,
        opens_on=date(2026, 1, 1),
        closes_on=date(2026, 1, 2),
        opened_at=clock.now(),
        opened_by=sam,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        near.save()


def test_no_meeting_is_set_in_the_rest_of_somebody_on_two_panels(apart, sam):
    apart.close("scoring")

    def says(panel: Panel, days: int) -> str:
        at = clock.now()
        panel = Panel.objects.select_related("round").get(pk=panel.pk)
        return may_arrange(panel, at + days * DAY, sam, at=at).sentence

    assert "The panel rests" in says(apart.near.panel, 2)
    assert "sits on another panel too" in says(apart.far.panel, 2)
    assert says(apart.far.panel, 8) == ""


def test_a_panel_with_its_own_days_shortens_its_own_rest_alone(apart, sam):
    agreed_to = agreed(
        apart.far.panel, Proposal.Kind.SHORTEN_REST, stage="scoring", recovery_days=2
    )
    panels.actions.carry_out_proposal(proposal=agreed_to, by=sam, at=clock.now())
    assert apart.stage("scoring", apart.far.lot).recovery_days == 2
    assert apart.stage("scoring").recovery_days == 7


# ---- Pages ---------------------------------------------------------------------------------------
def feed(person: Person) -> str:
    shown = page(person, "my_diary")
    address = shown.split("<code>")[1].split("</code>")[0]
    return Client().get("/" + address.split("/", 3)[3]).content.decode()


def test_the_timeline_and_the_diary_follow_the_readers_own_panel(apart, joan, harold, sam):
    slug, far_only = apart.round.slug, apart.far.members[1].person
    near, far = apart.stage("scoring"), apart.stage("scoring", apart.far.lot)
    for person, rows in ((harold, [near]), (far_only, [far]), (joan, [near, far])):
        own = page(person, "round_timeline", slug)
        means = own.split("From the first day")[0]
        for row in (near, far):
            day = row.closes_on
            says = f"is open until {day:%A} {day.day} {day:%B} {day.year}"
            assert (says in means) == (row in rows), (person, row)
        lines = feed(person)
        for row in (near, far):
            which = f"-{row.for_lot}" if row.for_lot else ""
            assert (f"UID:last-{row.round_id}-scoring{which}@" in lines) == (row in rows)
    assert "“Far” goes at its own pace" in page(harold, "round_timeline", slug)
    assert "“Far” goes at its own pace" in page(sam, "round_detail", slug)


def test_the_pages_of_a_facilitator_follow_each_panel(apart, sam, joan):
    slug = apart.round.slug
    apart.close("scoring")
    due = page(sam, "what_is_due", slug)
    assert "Reading and scoring: Far" in page(sam, "run_round", slug)
    assert "Resting a little longer" not in due or joan.name in due
    clock.move(days=30)
    closing = page(sam, "close_stage", slug, "scoring", query=f"?lot={apart.far.lot.slug}")
    assert "Close “Reading and scoring: Far”" in closing
    assert "Everyone who reads for this lot" in closing
    assert f"scoring/close/?lot={apart.far.lot.slug}" in page(sam, "round_detail", slug)
    browser = Client()
    browser.force_login(sam)
    day = clock.today() + 30 * DAY
    shown = browser.post(
        reverse("what_if", args=[slug]),
        {
            "kind": f"scoring:{apart.far.lot.pk}",
            "closes_on_0": str(day.day),
            "closes_on_1": str(day.month),
            "closes_on_2": str(day.year),
        },
    ).content.decode()
    assert "Choosing who to meet: Far” moves" in " ".join(shown.split())


def test_home_asks_and_rests_by_the_readers_own_panel(apart, harold):
    far_only = apart.far.members[1].person
    apart.close("scoring")
    clock.move(days=1)
    assert "This is a time of rest" in page(harold, home.__name__)
    assert "This is a time of rest" not in page(far_only, home.__name__)
    assert reverse("my_bids") in page(far_only, home.__name__)


def test_bids_are_shared_by_the_days_of_each_panel(apart, harold, joan):
    """Away until the near panel has read: given nothing there, and the far lot's days still do."""
    near, far = apart.near.lot.pk, apart.far.lot.pk
    ends_on = apart.stage("scoring", apart.near.lot).closes_on
    Break.objects.create(
        person=joan, starts_on=clock.today(), ends_on=ends_on, asked_by=joan, asked_at=clock.now()
    )

    def open_lots(person: Person) -> frozenset[int]:
        bids = listed_bids(apart.fresh())
        found = {row.member.person: row for row in offers(apart.fresh(), bids, on=clock.today())}
        return found[person].open_lots

    assert open_lots(joan) == {far}
    assert open_lots(harold) == {near}


def test_who_may_need_a_call_is_told_by_the_days_of_their_own_panel(apart, harold):
    """Past the middle of the near lot's reading, the far lot's readers still have time."""
    day = apart.stage("scoring", apart.near.lot).opens_on + 7 * DAY
    at = timezone.now() + 7 * DAY
    hurried = {
        call.member
        for call in calls_today(apart.fresh(), on=day, at=at)
        if any("time is short" in why for why in call.reasons)
    }
    assert hurried == set(apart.near.members)


def test_export_sharing_gives_each_lot_its_own_days(apart):
    out = StringIO()
    call_command("export_sharing", apart.round.slug, stdout=out)
    windows = [lot["window"] for lot in json.loads(out.getvalue())["lots"]]
    assert [last - first for first, last in windows] == [13, 20]


def test_a_round_without_own_days_asks_nothing_more(two, django_assert_num_queries):
    round = two.fresh()
    list(round.stages.all())
    with django_assert_num_queries(0):
        assert pace.own_stages(round) == []
        assert pace.lots_of([round]) == {}
    assert Member.objects.filter(round=round).count() == 7
    assert Panel.objects.filter(round=round).count() == 2
