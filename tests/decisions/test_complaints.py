"""Complaints about how things were done: who makes them, who hears them, and by when."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, RoleHolding
from accounts.permissions import Refused
from applications import actions as actions_of_bids
from applications.models import Colleague
from decisions import actions, rules
from decisions.models import Complaint, Outcome
from decisions.reading import report_of
from decisions.reminders import owed
from decisions.tasks import ask_who_is_owed
from ledger import clock
from ledger.models import Entry, Letter
from tests.factories import decisions as build
from tests.factories.commissioning import make_person

pytestmark = pytest.mark.django_db

SAID = "Our interview was half an hour. The others had an hour."
FOUND = "You are right, and we are sorry. From now on a clock is on the table."
ANSWER = {"outcome": "wrong", "words": FOUND, "sure": "on"}


def begin(cast):
    deciding = build.deciding_round(cast.joan, cast.harold, cast.priya, by=cast.sam)
    for bid in deciding.bids:
        Colleague.objects.create(
            organisation=bid.organisation,
            person=cast.amina,
            added_at=timezone.now(),
            added_by=cast.amina,
        )
    build.decided(deciding)
    build.sent_letters(deciding)
    return deciding


@pytest.fixture(scope="module")
def begun(once):
    return once(begin)


@pytest.fixture
def told(begun, db):
    return deepcopy(begun)


@pytest.fixture
def hattie(db):
    """Hears complaints, and has no part in any round."""
    return make_person("Hattie Hearer", Role.COMPLAINTS)


def complain(told, by, at=None):
    return actions.complain(bid=told.bids[0], text=SAID, by=by, at=at or timezone.now())


def page(person, name, *args, status=200, **data):
    client = Client()
    client.force_login(person)
    address = reverse(name, args=args)
    response = client.post(address, data) if data else client.get(address)
    assert response.status_code == status, (name, response.status_code)
    return " ".join(response.content.decode().split())


def test_complain_and_hear_by_the_days_that_were_told(told, amina, hattie, sam, joan, rival):
    bid = told.bids[0]
    assert reverse("complain", args=[bid.pk]) in page(amina, "outcome_detail", bid.pk)
    assert "Hattie Hearer" in page(amina, "complain", bid.pk)
    page(amina, "complain", bid.pk, text=" ", status=422)
    page(amina, "complain", bid.pk, text=SAID, status=302)
    made = Complaint.objects.get()
    today = clock.today()
    assert (made.hear_on, made.answer_on) == (
        today + timedelta(days=7),
        today + timedelta(days=28),
    )
    receipt = Letter.objects.get(kind="complaint_received")
    assert receipt.to == amina
    assert SAID in receipt.body_text
    notice = Letter.objects.get(kind="complaint_made")
    assert notice.to == hattie
    assert SAID not in notice.body_text
    for person in (sam, joan, rival):
        page(person, "complain", bid.pk, status=404)
        page(person, "complaint_list", status=404)
        page(person, "answer_complaint", made.pk, status=404)
    assert "complaint" not in page(sam, "outbox")
    assert SAID in page(hattie, "answer_complaint", made.pk)
    assert reverse("answer_complaint", args=[made.pk]) in page(hattie, "home")
    page(hattie, "answer_complaint", made.pk, status=403, outcome="wrong", words=FOUND)
    page(hattie, "take_complaint", made.pk, status=302, go="1")
    assert "Hattie Hearer looks into it." in page(amina, "complain", bid.pk)
    page(hattie, "answer_complaint", made.pk, status=422, outcome="wrong")
    text = page(hattie, "answer_complaint", made.pk, status=422, outcome="wrong", words=FOUND)
    assert "Tick the box to send your answer." in text
    assert FOUND in text
    page(hattie, "answer_complaint", made.pk, status=302, **ANSWER)
    assert FOUND in Letter.objects.get(kind="complaint_answered").body_text
    assert FOUND in page(amina, "complain", bid.pk)
    assert FOUND not in page(joan, "trail_list", told.round.slug)


def typed_by(person, bid, status=302, **more):
    said = {"round": bid.round_id, "reference": bid.reference, "told_by": "Leon, by phone"}
    return page(person, "type_complaint", status=status, **(said | {"text": SAID} | more))


def test_type_complaint_for_a_group_that_rang(told, amina, hattie, sam):
    bid = told.bids[0]
    for missing in ({"text": " "}, {"told_by": ""}, {"reference": "GC-999"}, {"round": ""}):
        typed_by(hattie, bid, status=422, **missing)
    assert not Complaint.objects.exists()
    typed_by(hattie, bid, reference=f" {bid.reference.lower()} ")
    made = Complaint.objects.get()
    assert (made.application, made.made_by, made.told_by) == (bid, hattie, "Leon, by phone")
    assert made.answer_on == clock.today() + timedelta(days=28)
    assert [row.to for row in Letter.objects.filter(kind="complaint_received")] == [amina]
    assert not Letter.objects.filter(kind="complaint_made").exists(), "the only one knows already"
    assert "as “Leon, by phone” told it" in page(hattie, "answer_complaint", made.pk)
    assert "as “Leon, by phone” told it" in page(amina, "complain", bid.pk)
    page(hattie, "take_complaint", made.pk, status=302, go="1")
    page(hattie, "answer_complaint", made.pk, status=302, **ANSWER)
    assert FOUND in Letter.objects.get(kind="complaint_answered", to=amina).body_text
    assert "complaint" not in page(sam, "outbox")


def test_type_complaint_where_nobody_signs_in_is_told_by_hand(told, amina, hattie, sam):
    bid = told.bids[0]
    Colleague.objects.filter(organisation=bid.organisation).update(
        ended_at=timezone.now(), ended_by=sam
    )
    typed_by(hattie, bid)
    made = Complaint.objects.get()
    assert not Letter.objects.filter(kind="complaint_received").exists()
    assert "you tell them yourself" in page(hattie, "answer_complaint", made.pk)
    page(hattie, "take_complaint", made.pk, status=302, go="1")
    page(hattie, "answer_complaint", made.pk, status=302, **ANSWER)
    assert FOUND in page(hattie, "answer_complaint", made.pk)


def test_type_complaint_only_by_who_had_no_part(told, cast_deciding, hattie, joan, sam, amina):
    bid = told.bids[0]
    for person in (sam, joan, amina):
        typed_by(person, bid, status=404)
    other = cast_deciding.bids[0]
    assert "has not been told yet" in typed_by(hattie, other, status=422)
    typed_by(hattie, bid)
    assert "waits already" in typed_by(hattie, bid, status=422)
    once_staff = make_person("Nora Near", Role.COMPLAINTS)
    RoleHolding.objects.create(
        person=once_staff, role=Role.BOARD, began_at=timezone.now(), began_by=sam
    )
    assert "had a part" in typed_by(once_staff, told.bids[1], status=422)
    assert Complaint.objects.count() == 1


def test_complain_changes_no_decision_and_tells_the_trail_no_words(told, amina, hattie):
    before = list(Outcome.objects.values())
    made = complain(told, amina)
    actions.take_complaint(complaint=made, by=hattie, at=timezone.now())
    actions.answer_complaint(
        complaint=made, outcome="wrong", words=FOUND, by=hattie, at=timezone.now()
    )
    assert list(Outcome.objects.values()) == before
    verbs = ("complained", "took_complaint", "answered_complaint")
    entries = Entry.objects.filter(verb__in=verbs)
    assert {entry.verb for entry in entries} == set(verbs)
    assert not any("interview" in entry.payload or "clock" in entry.payload for entry in entries)
    assert entries.get(verb="complained").by_id != amina.pk


def test_complain_only_once_told_in_time_and_one_at_a_time(told, amina, rival, hattie):
    now, bid = timezone.now(), told.bids[0]
    last = rules.complain_until(bid)
    assert last == clock.today() + timedelta(days=28)
    late = now + timedelta(days=29)
    with pytest.raises(Refused, match="The last day to complain about this was"):
        complain(told, amina, at=late)
    with pytest.raises(Refused, match="Only somebody from the organisation"):
        complain(told, rival)
    complain(told, amina, at=now + timedelta(days=27))
    with pytest.raises(Refused, match="It has no answer yet"):
        complain(told, amina)


def test_complain_waits_until_the_group_has_been_told(cast_deciding, amina):
    with pytest.raises(Refused, match="Nothing has been decided about this bid yet"):
        actions.complain(bid=cast_deciding.bids[0], text=SAID, by=amina, at=timezone.now())


@pytest.fixture
def cast_deciding(joan, harold, priya, sam, amina):
    deciding = build.deciding_round(joan, harold, priya, by=sam)
    Colleague.objects.create(
        organisation=deciding.bids[0].organisation,
        person=amina,
        added_at=timezone.now(),
        added_by=amina,
    )
    return deciding


def acts_for(bid, person, by, **more):
    return Colleague.objects.create(
        organisation=bid.organisation, person=person, added_at=timezone.now(), added_by=by, **more
    )


@pytest.mark.parametrize(
    "part", ["facilitator", "board", "volunteer", "colleague", "rival", "helper", "rival before"]
)
def test_who_had_a_part_hears_nothing(part, told, amina, hattie, sam, joan):
    bid, other = told.bids[0], told.bids[1]
    if part == "colleague":
        acts_for(bid, hattie, amina, ended_at=timezone.now(), ended_by=amina)
    elif part == "rival":
        acts_for(other, hattie, amina)
    elif part == "rival before":
        acts_for(other, hattie, amina, ended_at=timezone.now(), ended_by=amina)
    elif part == "helper":
        told.seat(joan).member.helpers.create(
            supporter=hattie, began_at=timezone.now(), began_by=joan
        )
    elif part == "volunteer":
        hattie.roles.create(role=Role.VOLUNTEER, began_at=timezone.now(), began_by=sam)
        told.round.members.create(
            person=hattie, invited_at=timezone.now(), invited_by=sam, ended_at=None
        )
    else:
        held = hattie.roles.create(role=part, began_at=timezone.now(), began_by=sam)
        held.ended_at, held.ended_by = timezone.now(), sam
        held.save()
    made = complain(told, amina)
    assert not Letter.objects.filter(kind="complaint_made").exists()
    assert list(rules.who_hears_complaint(bid)) == []
    with pytest.raises(Refused, match="somebody else must hear it"):
        actions.take_complaint(complaint=made, by=hattie, at=timezone.now())
    with pytest.raises(Refused, match="somebody else must hear it"):
        actions.type_complaint(bid=bid, text=SAID, told_by="Leon", by=hattie, at=timezone.now())
    offered = told.round in rules.rounds_one_may_hear(hattie)
    assert offered == (part in ("facilitator", "board")), "who was staff is told why, on typing it"
    page(hattie, "answer_complaint", made.pk, status=404)
    assert "Nothing waits." in page(hattie, "complaint_list")
    with pytest.raises(DatabaseError), transaction.atomic():
        Complaint.objects.filter(pk=made.pk).update(taken_at=timezone.now(), taken_by=hattie)


def test_a_group_cannot_shut_out_who_hears_it(told, amina, hattie, rival):
    """Adding them as a colleague is refused; were it done, not once the group has complained."""
    bid = told.bids[0]
    with pytest.raises(Refused, match="helps to run the fund"):
        actions_of_bids.add_colleague(
            organisation=bid.organisation, email=hattie.sign_in_email, by=amina, at=timezone.now()
        )
    made = complain(told, amina)
    acts_for(bid, hattie, amina)
    assert list(rules.who_hears_complaint(bid, made.made_at)) == [hattie]
    actions.take_complaint(complaint=made, by=hattie, at=timezone.now())
    answer = {"complaint": made, "by": hattie, "at": timezone.now()}
    actions.answer_complaint(outcome="right", words=FOUND, **answer)
    assert Complaint.objects.get(pk=made.pk).answered_by == hattie


def test_a_complaint_stays_as_it_was_made_and_answered(told, amina, hattie):
    made = complain(told, amina)
    changes = {"text": "Other"}, {"answer_on": clock.today()}, {"made_by": hattie}
    for change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            Complaint.objects.filter(pk=made.pk).update(**change)
    actions.take_complaint(complaint=made, by=hattie, at=timezone.now())
    answer = {"complaint": made, "by": hattie, "at": timezone.now()}
    with pytest.raises(Refused, match="Write your answer"):
        actions.answer_complaint(outcome="right", words=" ", **answer)
    actions.answer_complaint(outcome="right", words=FOUND, **answer)
    with pytest.raises(Refused, match="It stays as it was written"):
        actions.answer_complaint(outcome="wrong", words="No.", **answer)
    for change in ({"words": "Other"}, {"outcome": "wrong"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Complaint.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Complaint.objects.filter(pk=made.pk)._raw_delete("default")


def test_who_hears_it_is_told_before_the_days_and_on_them(told, amina, hattie):
    made = complain(told, amina)
    days = [clock.today() + timedelta(days=ahead) for ahead in range(45)]

    def notes(day):
        return [row for row in owed(on=day) if row.name == "complaint_waits"]

    def told_of():
        return [day for day in days if notes(day)]

    assert told_of()[:2] == [made.hear_on - timedelta(days=1), made.hear_on]
    assert {row.person for row in notes(made.hear_on)} == {hattie}
    after = {row.key for day in days if day > made.hear_on for row in notes(day)}
    assert len(after) == 1, "once it is late, one more note"
    actions.take_complaint(complaint=made, by=hattie, at=timezone.now())
    assert told_of()[:2] == [made.answer_on - timedelta(days=1), made.answer_on]
    actions.answer_complaint(
        complaint=made, outcome="right", words=FOUND, by=hattie, at=timezone.now()
    )
    assert told_of() == []


def test_the_note_is_written_once_by_the_daily_question(told, amina, hattie):
    made = complain(told, amina)
    clock.put_right()
    ahead = timezone.now() + timedelta(days=7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: ahead)
        patch.setattr(clock, "today", lambda: made.hear_on)
        ask_who_is_owed()
        ask_who_is_owed()
    assert Letter.objects.filter(kind="complaint_waits").count() == 1


def test_the_report_counts_complaints_and_never_says_whose(told, amina, hattie):
    def counted():
        found = report_of(told.round, at=timezone.now()).complaints
        return found.made, found.waiting, found.part, found.late

    assert counted() == (0, 0, 0, 0)
    made = complain(told, amina)
    assert counted() == (1, 1, 0, 0)
    late = timezone.now() + timedelta(days=29)
    actions.take_complaint(complaint=made, by=hattie, at=late)
    actions.answer_complaint(complaint=made, outcome="part", words=FOUND, by=hattie, at=late)
    assert counted() == (1, 0, 1, 1)


def test_each_outcome_letter_states_how_long_there_is_to_complain(told):
    letters = Letter.objects.filter(outcome_letter__isnull=False)
    assert letters.count() > 2
    for letter in letters:
        bid = letter.outcome_letter.application
        assert "You have 28 days from this letter" in letter.body_text
        assert reverse("complain", args=[bid.pk]) in letter.body_text
