"""Longer rests agreed with one person: kept everywhere, and no duty is lost by them."""

from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from accounts.reminders import breaks_from, notes_gone, planned
from commissioning.actions import close_stage, open_stage, put_agreement
from commissioning.models import StageKind
from commissioning.reminders import as_under_way
from commissioning.rules import longer_rests, may_close_stage
from config.views import home
from decisions.tasks import all_tasks, ask_who_is_owed
from ledger import clock
from ledger.actions import Address, Words, write_letter
from ledger.models import Channel, Letter
from panels.models import Proposal
from panels.rest import may_send
from support import actions
from support.models import Adjustment
from tests.factories.commissioning import (
    close,
    join,
    make_criterion,
    make_draft,
    make_round,
    open_to,
)
from tests.factories.panels import (
    Reading,
    agreed,
    declare_all,
    open_scoring,
    share_out,
    sharing_round,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MORE = 5


def agree(reading: Reading, person: Person, days: int, by: Person) -> Adjustment:
    asked = actions.ask_for_adjustment(
        member=reading.member(person), asked="A longer rest", by=person, at=clock.now()
    )
    actions.agree_adjustment(
        adjustment=asked, agreed="Yes.", more_rest_days=days, by=by, at=clock.now()
    )
    return asked


@pytest.fixture
def rested(joan: Person, harold: Person, sam: Person) -> Reading:
    """Scoring opened today, the day after everybody's rest; Joan's rests are five days longer."""
    reading = sharing_round(joan, harold, by=sam, readers_per_bid=4, wanted=19)
    declare_all(reading)
    share_out(reading)
    today = timezone.localdate()
    sharing = reading.round.stages.get(kind="sharing")
    close(sharing, on=today - (sharing.recovery_days + 1) * DAY)
    open_scoring(reading)
    reading.round.stages.filter(kind="scoring").update(closes_on=today + 13 * DAY)
    agree(reading, joan, MORE, sam)
    return reading


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def round_of(reading: Reading) -> object:
    return type(reading.round).objects.get(pk=reading.round.pk)


def last_days(reading: Reading) -> dict[str, date]:
    return {
        task.person.name: task.last_day
        for task in all_tasks(as_under_way([round_of(reading)]))  # type: ignore[list-item]
        if task.key.startswith("score")
    }


def page(person: Person, name: str, *args: object) -> str:
    browser = Client()
    browser.force_login(person)
    return " ".join(browser.get(reverse(name, args=args)).content.decode().split())


# ---- What is agreed ---------------------------------------------------------------------------
def test_agree_adjustment_keeps_a_longer_rest_until_it_ends(rested, joan, sam):
    place = (rested.round.pk, joan.pk)
    assert longer_rests([rested.round]) == {place: MORE}
    short = agree(rested, joan, 2, sam)
    assert longer_rests([rested.round]) == {place: MORE}, "of two, the longer"
    for row in Adjustment.objects.exclude(pk=short.pk):
        actions.end_adjustment(adjustment=row, by=joan, at=clock.now())
    assert longer_rests([rested.round]) == {place: 2}
    actions.end_adjustment(adjustment=short, by=joan, at=clock.now())
    assert longer_rests([rested.round]) == {}


def test_agree_adjustment_refuses_a_rest_without_end(rested, joan, sam):
    with pytest.raises(Refused):
        agree(rested, joan, 15, sam)


def test_longer_rests_ask_nothing_when_no_rest_is_near(rested, django_assert_num_queries):
    round = round_of(rested)
    list(round.stages.all())
    day = timezone.localdate() + 60 * DAY
    with django_assert_num_queries(1):  # the stages
        assert longer_rests([round], on=day) == {}


def test_the_pages_of_adjustments_tell_it(rested, joan, harold, sam):
    slug = rested.round.slug
    assert "Each of your rests is 5 days longer." in page(joan, "ask_for_adjustment", slug)
    assert "Each rest is 5 days longer." in page(sam, "adjustment_list", slug)
    row = Adjustment.objects.get()
    browser = Client()
    browser.force_login(sam)
    address = reverse("agree_adjustment", args=[slug, row.pk])
    assert browser.post(address, {"agreed": "Yes", "more_rest_days": "15"}).status_code == 422
    browser.post(address, {"agreed": "Yes", "more_rest_days": "3"})
    row.refresh_from_db()
    assert row.more_rest_days == 3
    browser.post(address, {"agreed": "Yes", "more_rest_days": ""})
    row.refresh_from_db()
    assert row.more_rest_days == 0
    letters = Letter.objects.filter(kind="adjustment_agreed").order_by("pk")
    assert "Each of your rests is 5 days longer." in letters[0].body_text
    assert "longer" not in letters.last().body_text


# ---- Nothing is due in it, and nothing is lost --------------------------------------------------
def test_their_last_day_moves_on_and_nobody_elses(rested, joan, harold):
    days = last_days(rested)
    closes = rested.round.stages.get(kind="scoring").closes_on
    assert days.pop(joan.name) == closes + MORE * DAY
    assert set(days.values()) == {closes}


def test_nothing_is_planned_for_them_in_it(rested, joan):
    tasks = all_tasks(as_under_way([round_of(rested)]))
    today = timezone.localdate()
    plan = planned(today, 40, tasks, done=notes_gone(tasks), breaks=breaks_from(today))
    days = [day for day, notes in plan if joan.pk in notes]
    assert days == [today + (13 + MORE - 3) * DAY, today + (13 + MORE) * DAY]


def test_may_send_waits_for_the_longer_rest(rested, joan, harold):
    today = timezone.localdate()
    letters = {
        person: write_letter(
            key=person.name,
            kind="test",
            to=Address(person.name, Channel.EMAIL, "a@example.org", person),
            words=Words("Subject", "Text"),
            by=person,
            at=timezone.now(),
        )
        for person in (joan, harold)
    }
    for days in range(-1, MORE + 2):
        at = noon(today + days * DAY)
        assert may_send(letters[harold], at) == (days >= 0)
        assert may_send(letters[joan], at) == (days >= MORE)


def test_their_home_says_rest_and_asks_nothing(rested, joan, harold):
    assert reverse("my_bids") in page(harold, home.__name__)
    own = page(joan, home.__name__)
    until = timezone.localdate() + (MORE - 1) * DAY
    assert "This is a time of rest, until" in own
    assert f"{until:%A} {until.day} {until:%B}. Nothing is due." in own
    assert "Read your bids" not in own
    clock.move(days=MORE)
    assert "This is a time of rest" not in page(joan, home.__name__)


def test_the_timeline_says_what_it_means_for_them(rested, joan, harold):
    slug = rested.round.slug
    assert "time of rest" not in page(harold, "round_timeline", slug)
    own = page(joan, "round_timeline", slug)
    assert "This is a time of rest, until" in own
    assert "Each of your own rests is 5 days longer." in own
    clock.move(days=MORE)
    closes = rested.round.stages.get(kind="scoring").closes_on + MORE * DAY
    own = page(joan, "round_timeline", slug)
    assert f"is open until {closes:%A} {closes.day} {closes:%B} {closes.year}" in own


def test_their_diary_has_the_longer_rest_and_the_later_last_day(rested, joan, harold):
    feeds = {}
    for person in (joan, harold):
        shown = page(person, "my_diary")
        address = shown.split("<code>")[1].split("</code>")[0]
        feeds[person] = Client().get("/" + address.split("/", 3)[3]).content.decode()
    stage = rested.round.stages.get(kind="scoring")
    for person, more in ((joan, MORE), (harold, 0)):
        last, back = stage.closes_on + more * DAY, timezone.localdate() + more * DAY
        assert event(feeds[person], f"last-{stage.round_id}-scoring")["first"] == f"{last:%Y%m%d}"
        rest = event(feeds[person], f"rest-{stage.round_id}-sharing")
        assert rest["end"] == f"{back:%Y%m%d}"


def event(feed: str, uid: str) -> dict[str, str]:
    found = feed.split(f"UID:{uid}")[1].split("END:VEVENT")[0]
    lines = dict(line.split(":", 1) for line in found.split("\r\n") if ":" in line)
    return {"first": lines["DTSTART;VALUE=DATE"], "end": lines["DTEND;VALUE=DATE"]}


def test_the_letters_say_until_when_each_rests_and_has_time(joan, harold, sam):
    round = make_round(by=sam)
    member, _harold = join(round, joan, harold)
    joining = open_to(round, StageKind.JOIN, on=timezone.localdate() - 20 * DAY)
    asked = actions.ask_for_adjustment(member=member, asked="Rest", by=joan, at=clock.now())
    actions.agree_adjustment(
        adjustment=asked, agreed="Yes", more_rest_days=MORE, by=sam, at=clock.now()
    )
    close_stage(stage=joining, by=sam, at=clock.now())
    letters = {row.to: row.body_text for row in Letter.objects.filter(kind="stage_closed")}
    for person, days in ((joan, 3 + MORE), (harold, 3)):
        until = timezone.localdate() + days * DAY
        assert f"until {until:%A} {until.day} {until:%B} {until.year}" in letters[person]
    clock.move(days=4)
    stage = round.stages.get(kind=StageKind.TRAINING)
    open_stage(stage=stage, by=sam, at=clock.now())
    stage.refresh_from_db()
    letters = {row.to: row.body_text for row in Letter.objects.filter(kind="stage_opened")}
    closes = stage.closes_on + MORE * DAY
    own = f"you have until {closes:%A} {closes.day} {closes:%B}"
    assert own in letters[joan]
    assert "you have until" not in letters[harold]


def test_the_letter_about_a_vote_says_each_persons_own_last_day(joan, harold, sam):
    round = make_round(by=sam)
    member, other = join(round, joan, harold)
    stage = open_to(round, StageKind.CRITERIA)
    asked = actions.ask_for_adjustment(member=member, asked="Rest", by=joan, at=clock.now())
    actions.agree_adjustment(
        adjustment=asked, agreed="Yes", more_rest_days=MORE, by=sam, at=clock.now()
    )
    draft = make_draft(round)
    make_criterion(draft, other)
    put_agreement(agreement=draft, by=harold, at=clock.now())
    letters = {row.to: row.body_text for row in Letter.objects.filter(kind="agreement_put")}
    owed = {
        task.person: task.last_day
        for task in all_tasks(as_under_way([type(round).objects.get(pk=round.pk)]))
        if task.key.startswith("vote")
    }
    assert owed == {joan: stage.closes_on + MORE * DAY, harold: stage.closes_on}
    for person, last in owed.items():
        assert f"Please vote by {last:%A} {last.day} {last:%B} {last.year}." in letters[person]


def test_a_stage_does_not_close_over_their_days_unless_the_panels_agree(rested, joan):
    stage = rested.round.stages.get(kind="scoring")
    reading = rested
    for person in (member.person for member in reading.members):
        if person != joan:
            reading.member(person).assignments.update(
                ended_at=timezone.now(), ended_by=person, ended_why="handed_back"
            )
    clock.move(days=13)
    verdict = may_close_stage(fresh(stage), on=clock.today())
    assert "must agree" in verdict.sentence
    agreed(reading.panel, Proposal.Kind.CLOSE_EARLY, stage=StageKind.SCORING)
    assert may_close_stage(fresh(stage), on=clock.today())


def test_a_stage_waits_for_their_days_where_no_scores_are_asked(joan, sam):
    """Getting ready has no rule of its own about who is done, so that the day alone is kept."""
    round = make_round(by=sam)
    (member,) = join(round, joan)
    actions.start_training(round=round, by=sam, at=clock.now())
    training = open_to(round, StageKind.TRAINING)
    asked = actions.ask_for_adjustment(member=member, asked="Rest", by=joan, at=clock.now())
    actions.agree_adjustment(
        adjustment=asked, agreed="Yes", more_rest_days=MORE, by=sam, at=clock.now()
    )
    on, last = training.closes_on, training.closes_on + MORE * DAY
    verdict = may_close_stage(fresh(training), on=on)
    assert f"They have until {last:%A} {last.day} {last:%B}." in verdict.sentence
    assert joan.name not in verdict.sentence
    assert may_close_stage(fresh(training), on=last)
    for topic in round.training_topics.filter(required=True):
        actions.finish_topic(topic=topic, member=member, by=joan, at=clock.now())
    assert may_close_stage(fresh(training), on=on), "what is done needs no more days"


def fresh(stage):
    return type(stage).objects.select_related("round").get(pk=stage.pk)


def test_the_facilitator_and_the_panel_read_only_when_they_are_back(rested, joan, harold, sam):
    back = timezone.localdate() + MORE * DAY
    day = f"{back:%A} {back.day} {back:%B} {back.year}"
    due = page(sam, "what_is_due", rested.round.slug)
    assert f"{joan.name}</span>: back on {day}" in due
    row = Proposal.objects.create(
        panel=rested.panel, kind="other", put_at=timezone.now(), put_by=harold
    )
    shown = page(harold, "proposal_detail", row.pk)
    assert shown.count(f"Back on {day}.") == 1
    assert "longer" not in shown
    clock.move(days=MORE)
    assert "Back on" not in page(harold, "proposal_detail", row.pk)


def test_no_reminder_is_written_to_them_in_it_and_all_come_later(rested, joan, sam):
    """Day by day, as the site asks: what Joan gets, she gets after her rest."""
    today = timezone.localdate()
    for _day in range(25):
        ask_who_is_owed()
        clock.move(days=1)
    written = Letter.objects.filter(kind="tasks_due", to=joan).order_by("written_at")
    days = [timezone.localdate(letter.written_at) for letter in written]
    assert days == [today + (13 + MORE - 3) * DAY, today + (13 + MORE) * DAY]
