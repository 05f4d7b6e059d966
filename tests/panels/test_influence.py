"""Staff's influence on the record: their lines after a meeting, and "I felt steered"."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Role, RoleHolding
from accounts.permissions import Refused
from decisions.reading import report_of
from ledger.models import Entry, Letter
from panels import actions
from panels.models import Meeting, Reflection, Steered
from tests.factories.commissioning import make_person
from tests.factories.panels import Reading, reading_round
from tests.factories.unguarded import unguarded

pytestmark = pytest.mark.django_db

SAID = "She told us twice which group she would take."
HEARD = "We talked with the staff. They will only ask from now on."


@pytest.fixture
def reading(joan: Person, harold: Person, sam: Person) -> Reading:
    return reading_round(joan, harold, by=sam)


@pytest.fixture
def hattie(db: None) -> Person:
    """Hears complaints, and is no facilitator."""
    return make_person("Hattie Hearer", Role.COMPLAINTS)


def meeting_of(reading: Reading, *, days: float = -1) -> Meeting:
    return Meeting.objects.create(
        panel=reading.panel,
        kind=Meeting.Kind.OTHER,
        starts_at=timezone.now() + timedelta(days=days),
        arranged_at=timezone.now(),
        arranged_by=reading.by,
    )


def say(reading: Reading, by: Person, *, named: bool = True) -> Steered:
    return actions.say_felt_steered(
        panel=reading.panel, text=SAID, named=named, by=by, at=timezone.now()
    )


# ---- After a meeting ------------------------------------------------------------------------
def test_reflect_on_meeting_is_written_once_and_read_by_the_panel(
    client: Client, reading: Reading, joan: Person, sam: Person, ruth: Person
) -> None:
    meeting = meeting_of(reading)
    url = reverse("reflect_on_meeting", args=[meeting.pk])
    client.force_login(sam)
    assert url in client.get(reverse("meeting_detail", args=[meeting.pk])).content.decode()
    assert client.post(url, {"text": " "}).status_code == 422
    assert client.post(url, {"text": "I talked too much."}).status_code == 302
    assert client.post(url, {"text": "I did not."}).status_code == 403
    page = client.get(reverse("meeting_detail", args=[meeting.pk])).content.decode()
    assert url not in page
    actions.reflect_on_meeting(meeting=meeting, text="Fair.", by=ruth, at=timezone.now())
    client.force_login(joan)
    page = client.get(reverse("meeting_detail", args=[meeting.pk])).content.decode()
    assert "I talked too much." in page
    assert "Fair." in page
    assert client.get(url).status_code == 404
    entry = Entry.objects.filter(verb="reflected_on_meeting").first()
    assert entry
    assert "talked" not in entry.payload


def test_reflect_on_meeting_only_once_it_began_and_only_staff(
    reading: Reading, joan: Person, sam: Person
) -> None:
    coming, held = meeting_of(reading, days=2), meeting_of(reading)
    with pytest.raises(Refused, match="on the day of the meeting, or after it"):
        actions.reflect_on_meeting(meeting=coming, text="So.", by=sam, at=timezone.now())
    with pytest.raises(Refused, match="does not include"):
        actions.reflect_on_meeting(meeting=held, text="So.", by=joan, at=timezone.now())
    assert not Reflection.objects.exists()


# ---- I felt steered -------------------------------------------------------------------------
def test_say_felt_steered_reaches_who_hears_it_and_no_facilitator(
    client: Client, reading: Reading, joan: Person, sam: Person, hattie: Person
) -> None:
    url = reverse("say_felt_steered", args=[reading.panel.pk])
    client.force_login(joan)
    assert url in client.get(reverse("panel_detail", args=[reading.panel.pk])).content.decode()
    page = client.get(url).content.decode()
    assert "Hattie Hearer" in page
    assert client.post(url, {"text": SAID}).status_code == 422
    assert client.post(url, {"text": SAID, "named": "yes"}).status_code == 302
    steered = Steered.objects.get()
    assert steered.said_by == joan
    letter = Letter.objects.get(kind="felt_steered")
    assert letter.to == hattie
    assert SAID not in letter.body_text
    theirs = [reverse("steered_list"), reverse("settle_steered", args=[steered.pk])]
    client.force_login(sam)
    assert [client.get(one).status_code for one in (url, *theirs)] == [404, 404, 404]
    assert b"felt-steered" not in client.get(reverse("outbox")).content
    client.force_login(hattie)
    home = client.get(reverse("home")).content.decode()
    assert theirs[1] in home
    assert "Joan Ibbotson" in client.get(theirs[1]).content.decode()
    assert theirs[1] in client.get(theirs[0]).content.decode()


def test_say_felt_steered_without_a_name_keeps_none(
    client: Client, reading: Reading, joan: Person, hattie: Person
) -> None:
    steered = say(reading, joan, named=False)
    assert steered.said_by is None
    entry = Entry.objects.get(verb="felt_steered")
    assert entry.by == Person.objects.machine()
    assert entry.data == {"steered": steered.pk}
    client.force_login(hattie)
    page = client.get(reverse("settle_steered", args=[steered.pk])).content.decode()
    assert "Somebody who gave no name writes:" in page
    assert "Joan" not in page
    actions.settle_steered(
        steered=steered, outcome="changed", words=HEARD, by=hattie, at=timezone.now()
    )
    assert not Letter.objects.filter(kind="steered_settled").exists()


def test_settle_steered_is_for_the_panel_to_read_and_stays(
    client: Client, reading: Reading, joan: Person, harold: Person, hattie: Person
) -> None:
    steered = say(reading, joan)
    client.force_login(hattie)
    url = reverse("settle_steered", args=[steered.pk])
    assert client.post(url, {"outcome": "changed"}).status_code == 422
    assert client.post(url, {"outcome": "changed", "words": HEARD}).status_code == 302
    assert client.post(url, {"outcome": "nothing", "words": "No."}).status_code == 403
    letter = Letter.objects.get(kind="steered_settled")
    assert letter.to == joan
    assert HEARD in letter.body_text
    client.force_login(harold)
    page = client.get(reverse("say_felt_steered", args=[reading.panel.pk])).content.decode()
    assert HEARD in page
    assert SAID not in page
    assert "Joan" not in page
    with pytest.raises(DatabaseError), transaction.atomic():
        Steered.objects.filter(pk=steered.pk).update(words="Nothing happened.")


def test_who_runs_meetings_hears_nothing(reading: Reading, joan: Person, sam: Person) -> None:
    """Even with both roles: the letter and the page are for somebody else."""
    both = make_person("Bo Both", Role.COMPLAINTS)
    with unguarded():
        RoleHolding.objects.create(
            person=both, role=Role.FACILITATOR, began_at=timezone.now(), began_by=sam
        )
    steered = say(reading, joan)
    assert not Letter.objects.filter(kind="felt_steered").exists()
    for person, words in ((both, "You run meetings yourself"), (sam, "does not include")):
        with pytest.raises(Refused, match=words):
            actions.settle_steered(
                steered=steered, outcome="nothing", words="No.", by=person, at=timezone.now()
            )


def test_say_felt_steered_with_nobody_to_hear_it_is_kept(
    client: Client, reading: Reading, joan: Person, sam: Person
) -> None:
    margaret = make_person("Margaret Dunn", Role.BOARD, phone="0113 496 0321")
    url = reverse("say_felt_steered", args=[reading.panel.pk])
    client.force_login(joan)
    page = client.get(url).text
    assert "Nobody is named yet to hear this." in page
    assert margaret.name in page and 'href="tel:01134960321"' in page
    done = client.post(url, {"text": SAID, "named": "no"}, follow=True).text
    assert "It is kept, and not shown to the staff." in done
    client.force_login(sam)
    named = "Nobody is named who hears it"
    assert named in client.get(reverse("home")).text
    hattie = make_person("Hattie Hearer", Role.COMPLAINTS)
    assert named not in client.get(reverse("home")).text
    client.force_login(hattie)
    waiting = reverse("settle_steered", args=[Steered.objects.get().pk])
    assert waiting in client.get(reverse("home")).text
    assert SAID in client.get(waiting).text
    client.force_login(joan)
    page = client.get(url).text
    assert hattie.name in page and margaret.name not in page


def test_say_felt_steered_is_for_those_who_sit_there(
    reading: Reading, priya: Person, sam: Person
) -> None:
    with pytest.raises(Refused, match="do not sit"):
        say(reading, priya)
    with pytest.raises(Refused, match="does not include"):
        say(reading, sam)


def test_the_report_counts_both(
    reading: Reading, joan: Person, harold: Person, sam: Person, hattie: Person
) -> None:
    held = meeting_of(reading)
    meeting_of(reading, days=3)
    actions.reflect_on_meeting(meeting=held, text="So.", by=sam, at=timezone.now())
    steered = say(reading, joan)
    say(reading, harold, named=False)
    actions.settle_steered(
        steered=steered, outcome="talked", words=HEARD, by=hattie, at=timezone.now()
    )
    found = report_of(reading.round, at=timezone.now()).influence
    assert (found.meetings, found.reflections) == (1, 1)
    assert (found.steered, found.steered_settled) == (2, 1)
