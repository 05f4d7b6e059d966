"""Somebody asks for their name and details to be taken away, and a second person does it."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.permissions import Refused
from commissioning.models import Member, Round, Stage
from decisions import actions, retention, rules
from decisions.models import Forgetting
from decisions.reading import report_of
from decisions.report import mark_of
from ledger import clock
from ledger.checking import troubles
from ledger.models import Entry, Letter, Sending
from panels.models import Assignment, Score, SheetScan
from support.models import Adjustment, Encouragement, Reference, SupportNote
from tests.conftest import Once
from tests.factories import decisions as deciding
from tests.factories.applications import make_open_round, make_sent_bid, photo
from tests.factories.unguarded import unguarded
from tests.faults.cells import fill

pytestmark = pytest.mark.django_db


@dataclass
class Past:
    """Joan's time on a panel is over; something of every kind is kept about her."""

    round: Round
    joan: Person
    member: Member


def make_past(cast) -> Past:
    facts = deciding.deciding_round(cast.joan, cast.harold, cast.priya, bids=2, by=cast.sam)
    deciding.decided(facts)
    member = Member.objects.get(round=facts.round, person=cast.joan)
    fill(SupportNote, member=member, text="Rang Joan. She is well.")
    fill(Adjustment, member=member, asked="Large print, for Joan", agreed="", agreed_at=None)
    fill(Encouragement, member=member, text="Thank you, Joan")
    fill(Reference, member=member, text="Joan sat on a panel.")
    Member.objects.filter(pk=member.pk).update(hopes="To be heard", may_be_named=True)
    joan = cast.joan
    joan.phone, joan.postal_address = "0113 496 0001", "1 Lane"
    joan.save(update_fields=["phone", "postal_address"])
    EmailAddress.objects.create(user=joan, email=joan.sign_in_email, primary=True)
    with unguarded():  # a whole round, over; and every letter has gone
        ago = timezone.now() - timedelta(days=30)
        Stage.objects.filter(round=facts.round).update(
            opened_at=ago, opened_by=cast.sam, closed_at=ago, closed_by=cast.sam
        )
        Sending.objects.all().update(state=Sending.State.SENT, sent_at=ago)
    return Past(facts.round, joan, member)


@pytest.fixture(scope="module")
def once_past(once: Once[Past]) -> Past:
    return once(make_past)


@pytest.fixture
def past(once_past: Past, db: None) -> Past:
    return deepcopy(once_past)


def all_gone() -> None:
    """Every letter has gone."""
    with unguarded():
        Sending.objects.all().update(state=Sending.State.SENT, sent_at=timezone.now())


def ask(person: Person, by: Person | None = None) -> Forgetting:
    """They asked, or a facilitator wrote it down, eight days ago."""
    ago = timezone.now() - timedelta(days=8)
    row = actions.ask_forgetting(person=person, by=by or person, at=ago)
    all_gone()
    return row


def do(row: Forgetting, by: Person) -> None:
    actions.do_forgetting(forgetting=row, by=by, at=timezone.now())


def words_of_all_tables(*marks: str) -> list[str]:
    """The tables in which one of these still stands, looked for in every text."""
    assert all(marks)
    found = []
    for model in apps.get_models():
        for values in model._default_manager.all().values():
            if any(mark in str(value) for value in values.values() for mark in marks):
                found.append(model._meta.label)
                break
    return sorted(found)


def test_what_is_about_them_goes_and_what_they_decided_stays(past: Past, ruth: Person) -> None:
    joan = Person.objects.get(pk=past.joan.pk)
    before = report_of(past.round, at=timezone.now())
    scores = list(Score.objects.order_by("pk").values())
    entries = list(Entry.objects.values_list("hash", flat=True))
    marks = (joan.name, joan.sign_in_email, joan.phone, "1 Lane", "Joan")
    assert {"accounts.Person", "ledger.Letter"} <= set(words_of_all_tables(*marks))

    row = ask(joan)
    do(row, ruth)

    now = Person.objects.get(pk=joan.pk)
    assert now.name == f"Person {joan.pk}"
    assert (now.sign_in_email, now.contact_email, now.phone, now.postal_address) == (
        None,
        "",
        "",
        "",
    )
    assert not now.is_active
    assert now.held_roles == frozenset()
    assert words_of_all_tables(*marks) == []
    assert Adjustment.objects.get().asked == ""
    member = Member.objects.get(pk=past.member.pk)
    assert (member.hopes, member.may_be_named) == ("", False)
    for model in (SupportNote, Encouragement, Reference):
        assert not model.objects.filter(member=member).exists(), model
    assert list(Score.objects.order_by("pk").values()) == scores
    after = report_of(past.round, at=timezone.now())
    assert mark_of(after) == mark_of(before)
    assert entries == list(Entry.objects.values_list("hash", flat=True))[: len(entries)]
    assert list(troubles()) == []


def test_a_second_person_does_it(past: Past, joan: Person, sam: Person, ruth: Person) -> None:
    row = ask(joan, by=sam)
    today = timezone.localdate()
    early = rules.may_do_forgetting(ruth, row, on=today - timedelta(days=2))
    assert early.sentence.startswith("They can still say that this is wrong.")
    assert rules.may_do_forgetting(sam, row, on=today).sentence == (
        "You wrote this down, so a second person must do it."
    )
    for who in (joan, sam):
        with pytest.raises(Refused):
            do(row, who)
    with pytest.raises(DatabaseError), transaction.atomic():
        Forgetting.objects.filter(pk=row.pk).update(done_at=timezone.now(), done_by=sam)
    with pytest.raises(DatabaseError), transaction.atomic():
        Forgetting.objects.filter(pk=row.pk).update(done_at=timezone.now(), done_by=joan)
    do(row, ruth)
    with pytest.raises(Refused, match="settled already"):
        do(row, ruth)


def test_the_database_lets_letters_go_only_for_who_asked(
    past: Past, joan: Person, harold: Person, ruth: Person
) -> None:
    row = ask(joan)
    letters = Letter.objects.filter(to=joan)
    with pytest.raises(DatabaseError), transaction.atomic():
        letters.update(**retention.LETTER_WORDS)
    do(row, ruth)
    assert not letters.exclude(**retention.LETTER_WORDS).exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        Letter.objects.filter(to=harold).update(**retention.LETTER_WORDS)
    with pytest.raises(DatabaseError), transaction.atomic():
        letters.update(subject="Other words")


def test_pictures_of_their_paper_sheets_go_with_their_files(
    past: Past, harold: Person, sam: Person, ruth: Person, django_capture_on_commit_callbacks
) -> None:
    theirs, others = (
        fill(SheetScan, assignment=given, kind="jpg", file="", added_by=sam)
        for given in (
            Assignment.objects.filter(member=past.member).first(),
            Assignment.objects.filter(member__person=harold).first(),
        )
    )
    with unguarded():
        for scan in (theirs, others):
            scan.file.save("sheet.jpg", ContentFile(photo()))
    row = ask(past.joan)
    assert ("picture of a score sheet", 1) in retention.kept_about(past.joan)
    with pytest.raises(DatabaseError), transaction.atomic():
        SheetScan.objects.filter(pk=theirs.pk).update(file="")
    with django_capture_on_commit_callbacks(execute=True):
        do(row, ruth)
    assert SheetScan.objects.get(pk=theirs.pk).file.name == ""
    assert not default_storage.exists(theirs.file.name)
    assert SheetScan.objects.get(pk=others.pk).file == others.file
    assert default_storage.exists(others.file.name)
    with pytest.raises(DatabaseError), transaction.atomic():
        SheetScan.objects.filter(pk=others.pk).update(file="")


def test_what_must_end_first(past: Past, joan: Person, ruth: Person, sam: Person) -> None:
    row = actions.ask_forgetting(person=joan, by=joan, at=timezone.now())
    assert rules.what_is_in_the_way(joan) == [
        "A letter to them is still on its way. Do this when it has gone."
    ]
    all_gone()
    with unguarded():
        last = past.round.stages.latest("order")
        Stage.objects.filter(pk=last.pk).update(closed_at=None, closed_by=None)
    (sentence,) = rules.what_is_in_the_way(joan)
    assert sentence == f"They still take part in “{past.round.name}”. They must leave it first."
    with pytest.raises(Refused, match="They still take part"):
        do(row, ruth)
    staff = ask(sam)
    assert (
        "Their role must end first"
        in rules.may_do_forgetting(ruth, staff, on=timezone.localdate()).sentence
    )


def test_a_group_that_waits_for_its_answer_keeps_its_hand(
    sam: Person, ruth: Person, amina: Person
) -> None:
    bid = make_sent_bid(make_open_round(), amina)
    row = ask(amina)
    assert rules.what_is_in_the_way(amina) == [
        f"They act for “{bid.organisation.name}”, which has bid {bid.reference}. "
        "Somebody else must take over first."
    ]
    with pytest.raises(Refused, match="Somebody else must take over"):
        do(row, ruth)


def test_ask_forgetting_says_what_goes_and_can_be_taken_back(past: Past, joan: Person) -> None:
    client = Client()
    client.force_login(joan)
    assert reverse("ask_forgetting") in client.get(reverse("my_details")).text
    page = client.get(reverse("ask_forgetting"))
    assert "A number stands in its place." in page.text
    assert client.post(reverse("ask_forgetting"), {}).status_code == 422
    page = client.post(reverse("ask_forgetting"), {"sure": "on"}, follow=True)
    assert "You asked for this on" in page.text
    letter = Letter.objects.get(kind="forgetting_asked")
    assert letter.to == joan
    assert "Please ring us before that day." in letter.body_text
    row = Forgetting.objects.get()
    assert client.post(reverse("drop_forgetting", args=[row.pk])).url == reverse("my_details")
    row.refresh_from_db()
    assert row.dropped_by == joan
    with pytest.raises(Refused, match="settled already"):
        actions.drop_forgetting(forgetting=row, by=joan, at=timezone.now())


def test_note_forgetting_and_do_forgetting(
    past: Past, joan: Person, harold: Person, sam: Person, ruth: Person
) -> None:
    desk, second, other = Client(), Client(), Client()
    desk.force_login(sam)
    second.force_login(ruth)
    other.force_login(harold)
    typed = reverse("note_forgetting", args=[joan.pk])
    assert typed in desk.get(reverse("person_detail", args=[joan.pk])).text
    assert desk.post(typed, {}).status_code == 422
    assert desk.post(typed, {"sure": "on"}).url == reverse("retention_list")
    all_gone()
    assert "This was asked for already." in desk.get(typed).text
    row = Forgetting.objects.get()
    page = reverse("do_forgetting", args=[row.pk])
    assert page in second.get(reverse("retention_list")).text
    assert "a second person must do it" in desk.get(page).text
    assert "They can still say that this is wrong." in second.get(page).text
    clock.move(days=7)
    with CaptureQueriesContext(connection) as asked:
        assert "support note: 1" in second.get(page).text
    assert len(asked) <= 12
    assert other.get(page).status_code == 404
    assert other.post(reverse("drop_forgetting", args=[row.pk])).status_code == 404
    joans = Client()
    joans.force_login(joan)
    assert second.post(page, {"sure": "on"}).url == reverse("retention_list")
    assert joans.get(reverse("my_details")).status_code == 302, "signed out everywhere"
    assert "Nobody waits for this." in second.get(reverse("retention_list")).text
    assert second.get(page).status_code == 404


def test_letters_page_and_people_page_still_open(past: Past, joan: Person, ruth: Person) -> None:
    do(ask(joan), ruth)
    client = Client()
    client.force_login(ruth)
    assert f"Person {joan.pk}" in client.get(reverse("people_list")).text
    assert client.get(reverse("person_detail", args=[joan.pk])).status_code == 200
    assert client.get(reverse("outbox")).status_code == 200
    with pytest.raises(Refused, match="not in use"):
        actions.ask_forgetting(person=joan, by=ruth, at=timezone.now())
