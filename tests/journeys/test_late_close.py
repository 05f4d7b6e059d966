"""A stage closes late: the rest moves, all that follows moves, and calendars move with it."""

from datetime import date, timedelta

import pytest

from accounts.models import Person
from commissioning.models import Round, Stage, StageKind
from decisions.tasks import ask_who_is_owed
from ledger.tasks import send_due
from tests.factories import commissioning as make
from tests.journeys.conftest import Calendar, Newcomer
from tests.journeys.people import Reader

DAY = timedelta(days=1)
LATE = 5
pytestmark = pytest.mark.django_db(transaction=True)


def in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def feed_of(reader: Reader) -> dict[str, tuple[str, str]]:
    """Each event of this person's feed: its first day, and the first day after it."""
    reader.go("/my/dates/")
    address = reader.page.locator("main code").inner_text()
    text = reader.fetches(address).text().replace("\r\n ", "")
    found = {}
    for event in text.split("BEGIN:VEVENT")[1:]:
        lines = dict(line.split(":", 1) for line in event.split("\r\n") if ":" in line)
        found[lines["UID"]] = (lines["DTSTART;VALUE=DATE"], lines["DTEND;VALUE=DATE"])
    return found


def day_of(feed: dict[str, tuple[str, str]], what: str, stage: Stage) -> str:
    start = f"{what}-{stage.round_id}-{stage.kind}@"
    (found,) = (days[0] for uid, days in feed.items() if uid.startswith(start))
    return found


def tick() -> None:
    ask_who_is_owed()
    send_due()


def stages_of(round: Round) -> dict[str, Stage]:
    return {stage.kind: stage for stage in round.stages.all()}


def test_a_late_close_moves_the_rest_and_all_that_follows(
    newcomer: Newcomer, calendar: Calendar, joan: Person, harold: Person, sam: Person
) -> None:
    round = make.make_round(by=sam, first_day=calendar.today)
    make.join(round, joan, harold)
    make.open_to(round, StageKind.TRAINING, on=calendar.today, by=sam)
    tick()
    before = stages_of(round)
    last, rest = before["training"].closes_on, before["training"].recovery_days
    reader, staff = newcomer("Joan", "joan@example.org"), newcomer("Sam", "sam@example.org")

    # ---- Before: what Joan sees, and what her calendar has ----
    reader.signs_in()
    feed_before = feed_of(reader)
    assert day_of(feed_before, "last", before["training"]) == f"{last:%Y%m%d}"
    reader.go(f"/rounds/{round.slug}/timeline/")
    reader.sees(f"“Getting ready” is open until {in_words(last)}")
    reader.sees(in_words(before["criteria"].opens_on))

    # ---- It is late: nobody closes it for five days. The facilitator sees what would follow ----
    calendar.go_to(last + LATE * DAY)
    tick()
    staff.signs_in()
    staff.go(f"/rounds/{round.slug}/stages/training/close/")
    until = calendar.today + rest * DAY
    staff.sees(in_words(until))
    staff.tick("Yes, close “Getting ready” now")
    staff.press("Close the stage")
    staff.sees(f"Rest until {in_words(until)}.")
    tick()

    # ---- The same day: it is closed, rest well. In the rest: nothing at all ----
    assert f"until {in_words(until)}" in reader.letter("Have a rest now").body
    heard = reader.subjects()
    for _day in range(rest):
        calendar.on(1)
        tick()
        assert reader.subjects() == heard
    reader.go_home()
    reader.sees("This is a time of rest, until", "Nothing is due.")
    reader.go(f"/rounds/{round.slug}/timeline/")
    reader.sees("This is a time of rest, until", "Resting now")

    # ---- After it: what moved is told, once ----
    after = stages_of(round)
    assert after["criteria"].opens_on == until + DAY
    for kind in ("criteria", "open", "scoring", "decision"):
        moved = after[kind].opens_on - before[kind].opens_on
        assert moved == LATE * DAY, kind
        assert after[kind].closes_on - after[kind].opens_on == (
            before[kind].closes_on - before[kind].opens_on
        )
    for _day in range(3):
        calendar.on(1)
        tick()
        tick()
    new = reader.subjects()[len(heard) :]
    assert new == [f"Look at the new dates for {round.name}"]
    assert f"Agreeing the criteria: {in_words(until + DAY)}" in reader.letter("new dates").body

    # ---- The calendar that took the feed: the same events, moved ----
    feed_after = feed_of(reader)
    assert set(feed_after) == set(feed_before)
    for kind in ("criteria", "scoring", "interviews", "decision"):
        for what in ("last", "rest"):
            old, new_day = (day_of(feed, what, after[kind]) for feed in (feed_before, feed_after))
            assert new_day > old, (kind, what)
    assert day_of(feed_after, "last", after["training"]) == f"{last + LATE * DAY:%Y%m%d}"
    assert day_of(feed_after, "rest", after["training"]) == f"{last + (LATE + 1) * DAY:%Y%m%d}"
    reader.go(f"/rounds/{round.slug}/timeline/")
    reader.sees(in_words(after["criteria"].opens_on))
    reader.does_not_see(in_words(before["criteria"].opens_on))
