"""A volunteer's dates in their own calendar: last days, rests and meetings, and nothing else."""

from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import make_new_diary_address
from accounts.permissions import Refused
from commissioning.models import StageKind
from ledger.models import Entry
from panels import actions
from tests.factories import commissioning as make
from tests.factories.panels import reading_round

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def reading(joan, harold):
    return reading_round(joan, harold)


def address_of(person):
    client = Client()
    client.force_login(person)
    page = client.get(reverse("my_diary")).content.decode()
    return page.partition("<code>")[2].partition("</code>")[0]


def feed_of(person):
    """The feed, its folded lines put together, as a calendar without a session reads it."""
    response = Client().get("/" + address_of(person).split("/", 3)[3])
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/calendar")
    text = response.content.decode()
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "")


def test_diary_feed_tells_last_days_and_rests(reading, joan):
    stage = reading.round.stages.get(kind=StageKind.SCORING)
    feed = feed_of(joan)
    assert f"last day of “{stage.get_kind_display()}”" in feed
    assert f"DTSTART;VALUE=DATE:{stage.closes_on:%Y%m%d}" in feed
    assert feed.count("BEGIN:VEVENT") == feed.count("END:VEVENT") == feed.count("UID:") > 10
    assert len(set(uids(feed))) == len(uids(feed))


def uids(feed):
    return [line for line in feed.split("\r\n") if line.startswith("UID:")]


def test_diary_feed_moves_with_a_late_close_and_keeps_its_ids(reading, joan):
    before = feed_of(joan)
    stage = reading.round.stages.get(kind=StageKind.SCORING)
    stage.closes_on += 9 * DAY
    stage.save()
    after = feed_of(joan)
    assert uids(before) == uids(after)
    assert f"DTSTART;VALUE=DATE:{stage.closes_on:%Y%m%d}" in after
    rest = f"DTSTART;VALUE=DATE:{stage.closes_on + DAY:%Y%m%d}"
    assert rest in after


def test_diary_feed_has_the_meetings_of_ones_own_panels(reading, joan, sam, amina):
    at = timezone.now() + 5 * DAY
    meeting = actions.arrange_meeting(
        panel=reading.panel,
        kind="reading",
        starts_at=at,
        minutes_long=60,
        place="The library",
        by=sam,
        at=timezone.now(),
    )
    assert f"UID:meeting-{meeting.pk}@" in feed_of(joan)
    assert "LOCATION:The library" in feed_of(joan)
    browser = Client()
    browser.force_login(joan)
    own_file = browser.get(reverse("meeting_file", args=[meeting.pk])).content.decode()
    assert uids(own_file)[0] in uids(feed_of(joan)), "a calendar that has both shows it once"
    (nobody_here,) = make.make_volunteers(1)
    assert "UID:meeting-" not in feed_of(nobody_here)
    called_off = actions.call_off_meeting(meeting=meeting, by=sam, at=timezone.now())
    assert called_off.called_off_at
    assert "STATUS:CANCELLED" in feed_of(joan)


def test_diary_feed_names_no_bid_and_no_group(reading, joan):
    feed = feed_of(joan)
    for bid in reading.bids:
        assert bid.title not in feed
        assert bid.organisation.name not in feed


@pytest.mark.parametrize("token", ["1", "1:abc", "nobody", "1:" + "a" * 43])
def test_diary_feed_opens_for_no_other_key(reading, token):
    assert Client().get(reverse("diary_feed", args=[token])).status_code == 404


def test_diary_feed_ends_with_the_account(reading, joan):
    token = signing.Signer(salt="diary").sign(str(joan.pk))
    joan.is_active = False
    joan.save()
    assert Client().get(reverse("diary_feed", args=[token])).status_code == 404


def test_make_new_diary_address_ends_the_old_one_at_once(reading, joan, harold):
    old, other = address_of(joan), address_of(harold)
    client = Client()
    client.force_login(joan)
    page = client.get(reverse("my_diary")).content.decode()
    assert reverse("make_new_diary_address") in page
    assert client.get(reverse("make_new_diary_address")).status_code == 405
    answer = client.post(reverse("make_new_diary_address"), follow=True)
    assert "The old one opens nothing now." in answer.content.decode()
    new = address_of(joan)
    assert new != old
    status = {
        url: Client().get("/" + url.split("/", 3)[3]).status_code for url in (old, new, other)
    }
    assert status == {old: 404, new: 200, other: 200}
    entry = Entry.objects.get(verb="made_new_diary_address")
    assert (entry.by, entry.chain.key) == (joan, "house")
    assert new.split("/")[-2] not in entry.payload


def test_make_new_diary_address_is_for_ones_own_diary(joan, sam):
    with pytest.raises(Refused):
        make_new_diary_address(person=joan, by=sam, at=timezone.now())


def test_diary_feed_keeps_an_address_made_before_they_could_change(reading, joan):
    token = signing.Signer(salt="diary").sign(str(joan.pk))
    url = reverse("diary_feed", args=[token])
    assert Client().get(url).status_code == 200
    make_new_diary_address(person=joan, by=joan, at=timezone.now())
    assert Client().get(url).status_code == 404


def test_my_diary_is_for_volunteers(sam, amina, outsider):
    for person in (sam, amina, outsider):
        client = Client()
        client.force_login(person)
        assert client.get(reverse("my_diary")).status_code == 404
