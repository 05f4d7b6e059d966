"""Asking people in: what is involved, being interested on three ways, and what comes of it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Role
from accounts.permissions import Refused
from applications.models import FormQuestion
from commissioning import actions
from commissioning.actions.enquiries import EMPTY, KEPT_FOR
from commissioning.hours import estimates_before
from commissioning.models import Enquiry, Member, Round, StageKind
from commissioning.workload import estimate
from decisions.tasks import ask_who_is_owed
from ledger.models import Entry, Letter
from tests.factories.commissioning import join, make_round, open_to

NEW = {"name": "Nell New", "channel": "post", "postal_address": "1 Mill Lane"}
SECRET = "My husband is ill."


@pytest.fixture
def round(sam: Person) -> Round:
    made: Round = make_round(by=sam)
    open_to(made, StageKind.JOIN, by=sam)
    return Round.objects.get(pk=made.pk)


def asked(round: Round, by: Person | None = None, **facts: str) -> Enquiry:
    by = by or Person.objects.machine()
    return actions.ask_to_join(round=round, by=by, at=timezone.now(), **{**NEW, **facts})


def test_joining_list_and_joining_detail_say_hours_days_and_a_week(
    client: Client, round: Round
) -> None:
    assert round.name in client.get(reverse("joining_list")).content.decode()
    page = client.get(reverse("joining_detail", args=[round.slug])).content.decode()
    load = estimate(5).total
    assert f"{load.low:.0f} to {load.high:.0f} hours" in page
    assert "A week as an example" in page and "Monday" in page
    assert reverse("ask_to_join", args=[round.slug]) in page
    paper = client.get(reverse("joining_paper", args=[round.slug])).content.decode()
    assert "A week as an example" in paper and "By post. My address:" in paper


def test_what_is_involved_follows_the_word_limits_and_the_bids_expected(
    client: Client, round: Round, joan: Person, harold: Person, sam: Person
) -> None:
    FormQuestion.objects.create(round=round, key="idea", label="The idea", order=1, word_limit=3000)
    long = estimate(5, words=[3000]).total
    assert estimates_before(round, 5)[0].total == long
    join(round, joan, harold, by=sam)
    assert Member.objects.get(person=joan).hours_low == long.low
    Round.objects.filter(pk=round.pk).update(bids_expected=10)
    page = client.get(reverse("joining_detail", args=[round.slug])).content.decode()
    assert f"{long.low:.0f} to {long.high:.0f} hours" in page
    assert "about 10 bids" in page and "that would be 10 for each" in " ".join(page.split())


def test_a_round_that_nobody_was_told_of_is_not_there(client: Client, sam: Person) -> None:
    hidden = make_round(by=sam)
    for name in ("joining_detail", "ask_to_join", "asked_to_join", "joining_paper"):
        assert client.get(reverse(name, args=[hidden.slug])).status_code == 404
    assert hidden.name not in client.get(reverse("joining_list")).content.decode()
    with pytest.raises(Refused, match="yet"):
        asked(hidden)


def test_ask_to_join_then_asked_to_join_keep_nothing_in_the_address_or_the_trail(
    client: Client, round: Round
) -> None:
    url = reverse("ask_to_join", args=[round.slug])
    assert client.post(url, {"name": "Nell New"}).status_code == 422
    wrong = client.post(url, {**NEW, "postal_address": ""})
    assert wrong.status_code == 422
    answer = client.post(url, {**NEW, "words": SECRET})
    assert answer["Location"] == reverse("asked_to_join", args=[round.slug])
    thanks = client.get(answer["Location"]).content.decode()
    assert "Nell" not in thanks and "no promise" in thanks
    row = Enquiry.objects.get()
    assert (row.name, row.how, row.asked_by) == ("Nell New", "web", Person.objects.machine())
    entry = Entry.objects.get(verb="noted_enquiry")
    assert "Nell" not in entry.payload and "Mill" not in entry.payload


def test_it_is_not_taken_too_often_from_one_place(client: Client, round: Round) -> None:
    cache.clear()
    url = reverse("ask_to_join", args=[round.slug])
    answers = [client.post(url, {**NEW, "name": f"Nell {n}"}).status_code for n in range(22)]
    assert answers[:20] == [302] * 20
    assert answers[20:] == [429] * 2
    assert Enquiry.objects.count() == 20
    assert client.get(url).status_code == 200, "the page can still be read"
    cache.clear()


def test_type_enquiry_and_enquiry_list_and_invite_enquirer_by_post(
    client: Client, round: Round, sam: Person, joan: Person
) -> None:
    client.force_login(sam)
    typing = reverse("type_enquiry", args=[round.slug])
    assert client.post(typing, NEW).status_code == 422, "how they told us is asked"
    client.post(typing, {**NEW, "how": "phone", "words": SECRET})
    listed = reverse("enquiry_list", args=[round.slug])
    assert SECRET in client.get(listed).content.decode()
    row = Enquiry.objects.get()
    assert (row.how, row.asked_by) == ("phone", sam)
    client.force_login(joan)
    invite = reverse("invite_enquirer", args=[round.slug, row.pk])
    assert client.get(listed).status_code == client.post(invite).status_code == 404
    client.force_login(sam)
    client.post(invite)
    member = Member.objects.get(person__name="Nell New")
    assert member.person.sign_in_email is None and member.person.holds(Role.VOLUNTEER)
    letter = Letter.objects.get(kind="round_invitation")
    assert (letter.to, letter.channel) == (member.person, "post")
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in EMPTY} == EMPTY
    assert row.invited_by == sam and SECRET not in client.get(listed).content.decode()
    with pytest.raises(Refused, match="answered already"):
        actions.invite_enquirer(enquiry=row, by=sam, at=timezone.now())


def test_somebody_we_know_keeps_their_own_account(round: Round, sam: Person, joan: Person) -> None:
    email = str(joan.sign_in_email)
    row = asked(round, channel="email", email=email.upper())
    member = actions.invite_enquirer(enquiry=row, by=sam, at=timezone.now())
    assert member.person == joan
    assert Person.objects.filter(sign_in_email=email).count() == 1


def test_drop_enquiry_deletes_at_once(client: Client, round: Round, sam: Person) -> None:
    row = asked(round, words=SECRET)
    client.force_login(sam)
    client.post(reverse("drop_enquiry", args=[round.slug, row.pk]))
    row.refresh_from_db()
    assert row.cleared_by == sam and not row.name and not row.words
    assert not Person.objects.filter(name="Nell New").exists()


def test_what_waited_too_long_goes_by_itself_on_its_day(round: Round) -> None:
    old, new = asked(round), asked(round)
    Enquiry.objects.filter(pk=old.pk).update(asked_at=timezone.now() - KEPT_FOR)
    Enquiry.objects.filter(pk=new.pk).update(
        asked_at=timezone.now() - KEPT_FOR + timedelta(minutes=5)
    )
    ask_who_is_owed()
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.name, old.cleared_by) == ("", Person.objects.machine())
    assert new.name == "Nell New"


def test_nobody_is_asked_once_joining_is_over(client: Client, sam: Person) -> None:
    round = make_round(by=sam)
    open_to(round, StageKind.TRAINING, by=sam)
    page = client.get(reverse("joining_detail", args=[round.slug])).content.decode()
    assert "joined this round already" in page
    answer = client.post(reverse("ask_to_join", args=[round.slug]), NEW)
    assert answer.status_code == 403 and not Enquiry.objects.exists()
