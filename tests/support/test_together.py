"""Coming together: arranged, moved and called off so that people know; who is here; buddies."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Member, Round
from ledger import clock
from ledger.models import Entry, Letter
from support import actions, rules
from support.models import Buddies, Gathering, GatheringReply, TrainingTopic
from support.rules import training_left
from tests.factories.commissioning import join, make_round


@pytest.fixture
def round(sam: Person, joan: Person, harold: Person, priya: Person) -> Round:
    made: Round = make_round(by=sam)
    join(made, joan, harold, priya, by=sam)
    actions.start_training(round=made, by=sam, at=timezone.now())
    return made


def member(round: Round, person: Person) -> Member:
    return Member.objects.get(round=round, person=person)


@pytest.fixture
def reading(round: Round, sam: Person) -> Gathering:
    """A time to read together, an hour from now."""
    now = timezone.now()
    return actions.arrange_gathering(
        round=round,
        kind="reading",
        starts_at=now + timedelta(hours=1),
        place="The hall",
        notes="Tea at ten. There is a ramp.",
        by=sam,
        at=now,
    )


def feed_of(client: Client, person: Person) -> str:
    """A person's own dates, as their calendar gets them."""
    client.force_login(person)
    page = client.get(reverse("my_diary")).content.decode()
    found = re.search(r"/my/dates/[^\s\"<]+/dates\.ics", page)
    assert found
    return client.get(found[0]).content.decode()


def address(name: str, gathering: Gathering, *more: int) -> str:
    return reverse(name, args=[gathering.round.slug, gathering.pk, *more])


def test_arrange_gathering_and_note_who_came(
    client: Client, round: Round, sam: Person, joan: Person
) -> None:
    """A session to learn: everybody is told, one comes, and what it went through is done."""
    client.force_login(sam)
    topic = TrainingTopic.objects.filter(round=round)[0]
    url = reverse("arrange_gathering", args=[round.slug])
    day = timezone.localdate() + timedelta(days=3)
    form = {
        "kind": "training",
        "day_0": day.day,
        "day_1": day.month,
        "day_2": day.year,
        "time": "2:30 pm",
        "minutes_long": 90,
        "place": "The library",
    }
    assert client.post(url, form).status_code == 422, "which topics?"
    assert client.post(url, {**form, "topics": [topic.pk], "day_2": 2001}).status_code == 422
    assert client.post(url, {**form, "topics": [topic.pk]}).status_code == 302
    made = Gathering.objects.get()
    letters = Letter.objects.filter(kind="gathering_arranged")
    assert letters.count() == 3 and topic.title in letters[0].body_text
    assert "The library" in client.get(address("gathering_detail", made)).content.decode()
    came = address("note_who_came", made)
    assert client.post(came, {}).status_code == 422
    assert client.post(came, {"members": [member(round, joan).pk]}).status_code == 302
    assert topic not in training_left(member(round, joan))
    assert GatheringReply.objects.get().came_by == sam


def test_change_gathering_tells_who_may_come(
    client: Client, reading: Gathering, sam: Person, joan: Person
) -> None:
    now = timezone.now()
    joans = member(reading.round, joan)
    actions.reply_to_gathering(gathering=reading, member=joans, coming=False, by=joan, at=now)
    client.force_login(sam)
    url = address("change_gathering", reading)
    assert client.get(url).status_code == 200
    here = timezone.localtime(reading.starts_at) + timedelta(days=1)
    form = {
        "day_0": here.day,
        "day_1": here.month,
        "day_2": here.year,
        "time": "11 am",
        "minutes_long": 60,
        "place": "The other hall",
    }
    assert client.post(url, {**form, "place": ""}).status_code == 422
    assert client.post(url, form).status_code == 302
    told = Letter.objects.filter(kind="gathering_changed")
    assert told.count() == 2 and "The other hall" in told[0].body_text
    assert joan not in [letter.to for letter in told]
    file = client.get(address("gathering_file", reading)).content.decode()
    assert f"together-{reading.pk}@" not in feed_of(client, joan), "she said that she cannot come"
    assert f"together-{reading.pk}@" in feed_of(
        client, Member.objects.exclude(pk=joans.pk)[0].person
    )
    client.force_login(sam)
    assert f"UID:together-{reading.pk}@" in file and "LOCATION:The other hall" in file


def test_call_off_gathering_reaches_even_those_who_rest(
    client: Client, reading: Gathering, sam: Person, joan: Person
) -> None:
    joans = member(reading.round, joan)
    actions.reply_to_gathering(
        gathering=reading, member=joans, coming=True, by=joan, at=timezone.now()
    )
    client.force_login(sam)
    url = address("call_off_gathering", reading)
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"sure": "on"}).status_code == 302
    letters = {
        letter.to: letter.when for letter in Letter.objects.filter(kind="gathering_called_off")
    }
    assert letters.pop(joan) == Letter.When.ANSWER
    assert set(letters.values()) == {Letter.When.NOTICE}
    assert "STATUS:CANCELLED" in client.get(address("gathering_file", reading)).content.decode()
    with pytest.raises(Refused, match="called off"):
        actions.reply_to_gathering(
            gathering=reading, member=joans, coming=True, by=joan, at=timezone.now()
        )


def test_reply_to_gathering_keeps_needs_for_facilitators(
    client: Client, reading: Gathering, sam: Person, joan: Person, harold: Person
) -> None:
    client.force_login(joan)
    url = address("reply_to_gathering", reading)
    assert client.post(url, {}).status_code == 422
    client.post(url, {"coming": "yes", "needs": "I need a lift from Armley."})
    seen = {}
    for person in (joan, harold, sam):
        client.force_login(person)
        seen[person.pk] = client.get(address("gathering_detail", reading)).content.decode()
    assert "Joan Ibbotson" in seen[harold.pk] and "Armley" not in seen[harold.pk]
    assert "Armley" in seen[sam.pk]
    assert not [entry for entry in Entry.objects.all() if "Armley" in entry.payload]


def test_reply_to_gathering_is_not_asked_for_once_it_is_over(
    client: Client, reading: Gathering, joan: Person
) -> None:
    client.force_login(joan)
    url = address("reply_to_gathering", reading)
    detail = address("gathering_detail", reading)
    assert client.get(url).status_code == 200
    assert url in client.get(detail).text
    clock.move(days=(reading.starts_at - timezone.now()).days + 2)
    answer = client.get(url)
    assert answer.status_code == 403
    assert "This is over." in answer.content.decode()
    page = client.get(detail).text
    assert "This is over." in page
    assert url not in page


def test_type_gathering_reply_names_who_typed(
    client: Client, reading: Gathering, sam: Person, joan: Person
) -> None:
    client.force_login(sam)
    joans = member(reading.round, joan)
    url = address("type_gathering_reply", reading)
    assert client.post(url, {"member": joans.pk}).status_code == 422
    client.post(url, {"member": joans.pk, "coming": "yes", "needs": ""})
    assert GatheringReply.objects.get().replied_by == sam


def test_be_here_and_raise_hand_then_come_to_hand(
    client: Client, reading: Gathering, sam: Person, joan: Person, harold: Person
) -> None:
    """Who is here shows only while it is on, only if they said so, and ends by itself."""
    here, page = address("be_here", reading), address("gathering_detail", reading)
    client.force_login(joan)
    assert client.post(here).status_code == 403, "it has not begun"
    Gathering.objects.update(starts_at=timezone.now())
    assert "I am here now" in client.get(page).content.decode()
    client.get(page)
    assert not GatheringReply.objects.exists(), "looking is not being here"
    client.post(here)
    assert "You are here." in client.get(page).content.decode()
    before = Entry.objects.count()
    client.post(address("raise_hand", reading), {"hand": "up"})
    assert Entry.objects.count() == before, "presence is no entry"
    client.force_login(harold)
    others = client.get(page).content.decode()
    assert "Joan Ibbotson" in others and "would like a hand" not in others
    client.force_login(sam)
    assert "Joan Ibbotson would like a hand." in client.get(page).content.decode()
    client.post(address("come_to_hand", reading, GatheringReply.objects.get().pk))
    assert "would like a hand" not in client.get(page).content.decode()
    long_ago = timezone.now() - rules.HERE_FOR - timedelta(seconds=1)
    GatheringReply.objects.update(here_at=long_ago)
    assert "Nobody has said so yet" in client.get(page).content.decode()


def test_only_oneself_is_here(reading: Gathering, joan: Person, harold: Person) -> None:
    Gathering.objects.update(starts_at=timezone.now())
    reading.refresh_from_db()
    with pytest.raises(Refused, match="for themselves"):
        actions.be_here(
            gathering=reading, member=member(reading.round, joan), by=harold, at=timezone.now()
        )


def test_gathering_list_is_for_the_round_only(
    client: Client, reading: Gathering, joan: Person, outsider: Person, sam: Person
) -> None:
    url = reverse("gathering_list", args=[reading.round.slug])
    for person, status in ((joan, 200), (sam, 200), (outsider, 404)):
        client.force_login(person)
        assert client.get(url).status_code == status
    clock.move(days=2)
    client.force_login(joan)
    assert "Nothing is arranged" in client.get(url).content.decode()


# ---- Buddies ------------------------------------------------------------------------------------
def test_my_buddy_asked_then_accept_buddy_then_end_buddies(
    client: Client, round: Round, joan: Person, harold: Person, priya: Person
) -> None:
    """A phone number is seen only once both have said yes, and no longer once it has ended."""
    Person.objects.filter(pk=joan.pk).update(phone="0113 496 0101")
    url = reverse("my_buddy", args=[round.slug])
    client.force_login(joan)
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"asked": member(round, joan).pk}).status_code == 422, "herself"
    client.post(url, {"asked": member(round, harold).pk})
    pair = Buddies.objects.get()
    assert Letter.objects.get(kind="buddy_asked").to == harold
    accept = reverse("accept_buddy", args=[round.slug, pair.pk])
    client.post(accept)
    assert not Buddies.objects.agreed().exists(), "she cannot say yes for him"
    client.force_login(priya)
    assert client.post(accept).status_code == 404
    client.force_login(harold)
    assert "0113 496 0101" not in client.get(url).content.decode()
    client.post(accept)
    assert "0113 496 0101" in client.get(url).content.decode()
    assert Letter.objects.filter(kind="buddy_agreed").count() == 2
    client.post(reverse("end_buddies", args=[round.slug, pair.pk]))
    assert "0113 496 0101" not in client.get(url).content.decode()
    assert Letter.objects.get(kind="buddy_ended").to == joan


def test_nobody_says_yes_for_another_volunteer(round: Round, joan: Person, harold: Person) -> None:
    pair = actions.ask_buddy(
        asker=member(round, joan), asked=member(round, harold), by=joan, at=timezone.now()
    )
    with pytest.raises(Refused):
        actions.accept_buddy(buddies=pair, by=joan, at=timezone.now())
    with pytest.raises(Refused, match="asked already"):
        actions.ask_buddy(
            asker=member(round, joan), asked=member(round, harold), by=joan, at=timezone.now()
        )


def test_buddy_list_types_what_was_told_by_phone(
    client: Client, round: Round, sam: Person, joan: Person, harold: Person
) -> None:
    client.force_login(sam)
    url = reverse("buddy_list", args=[round.slug])
    one, two = member(round, joan).pk, member(round, harold).pk
    assert client.post(url, {"asker": one, "asked": one}).status_code == 422
    client.post(url, {"asker": one, "asked": two})
    pair = Buddies.objects.get()
    client.post(reverse("accept_buddy", args=[round.slug, pair.pk]))
    pair.refresh_from_db()
    assert (pair.asked_by, pair.accepted_by) == (sam, sam)
    letters = Letter.objects.filter(kind="buddy_agreed")
    assert all("Sam Okafor" in letter.body_text for letter in letters)
